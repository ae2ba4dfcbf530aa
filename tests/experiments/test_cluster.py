"""Chunks on a Dask cluster: the same dataset, whoever is killed, and nobody who is not one of us."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask
import pandas as pd
import pytest
from distributed import Client, LocalCluster
from tests.cli.conftest import Chainsim
from tests.cli.conftest import chainsim as chainsim
from tests.experiments.poison import poisoned
from tests.experiments.test_running import LONG, SHORT, hashes, here, started, wait_for_parts
from tests.experiments.tiny import write_tiny

from chainsim.errors import InputError
from chainsim.experiments import cluster as on_cluster
from chainsim.experiments import running
from chainsim.experiments.addresses import refuse_open_address
from chainsim.experiments.cluster import Cluster
from chainsim.experiments.identity import versions
from chainsim.experiments.reading import read_experiment
from chainsim.experiments.running import Standing, run_experiment

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own


@pytest.fixture
def threads() -> Iterator[str]:
    """A cluster on loopback whose two workers are threads of this process; its address."""
    local: Any = LocalCluster
    with local(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp://", host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def test_a_cluster_gives_the_same_dataset(threads: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK_SECONDS", 0.05)
    read = read_experiment(write_tiny(tmp_path, SHORT))
    run_experiment(read, tmp_path / "cluster", lambda plan: Cluster(plan, threads))
    here(read, tmp_path / "here")
    assert hashes(tmp_path / "cluster") == hashes(tmp_path / "here")


def test_a_worker_that_is_not_like_us_is_named_before_anything_runs(
    threads: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_experiment(write_tiny(tmp_path, SHORT))
    # The workers live in this process, so what this one expects is what has to differ.
    monkeypatch.setattr(on_cluster, "differences", lambda ours, theirs: ["numpy 1.0 → 2.0"])
    with pytest.raises(InputError) as caught:
        run_experiment(read, tmp_path / "out", lambda plan: Cluster(plan, threads))
    assert [p.message for p in caught.value.problems] == [
        "this worker would not give the same results: numpy 1.0 → 2.0"
    ] * 2
    assert not hashes(tmp_path / "out")


def test_a_worker_that_joins_later_is_asked_too() -> None:
    expected = versions() | {"numpy": "1.0"}
    with pytest.raises(on_cluster.StrangerError) as caught:
        on_cluster.work_on("", expected, ())
    assert caught.value.differences == f"numpy {versions()['numpy']} → 1.0"


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_cluster, "PATIENCE_S", 0.5)
    read = read_experiment(write_tiny(tmp_path, SHORT))
    with pytest.raises(InputError) as caught:
        run_experiment(read, tmp_path / "out", lambda plan: Cluster(plan, "tcp://127.0.0.1:9"))
    assert "no scheduler answers" in caught.value.problems[0].message
    here(read, tmp_path / "out")  # what was never begun need not be given up
    assert hashes(tmp_path / "out")


BARE = """
import sys
sys.modules["chainsim"] = None  # as if it were not installed
from distributed.cli.dask_worker import main
main()
"""


def test_a_worker_without_chainsim_is_named(threads: str, tmp_path: Path) -> None:
    words = (threads, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1", "--name", "bare")
    bare = subprocess.Popen(
        [sys.executable, "-c", BARE, *words], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        connect: Any = Client
        with connect(threads, set_as_default=False) as client:
            client.wait_for_workers(3, timeout=60)
        read = read_experiment(write_tiny(tmp_path, SHORT))
        with pytest.raises(InputError) as caught:
            run_experiment(read, tmp_path / "out", lambda plan: Cluster(plan, threads))
    finally:
        bare.kill()
        bare.wait()
    (problem,) = caught.value.problems
    assert problem.message == "this worker has no chainsim with experiments" and problem.found.startswith(
        "tcp://127.0.0.1"
    )
    assert not (tmp_path / "out").exists()


def test_encryption_that_cannot_be_is_told(
    threads: str, tmp_path: Path, chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_cluster, "PATIENCE_S", 2.0)
    write_tiny(tmp_path, SHORT)
    address = threads.replace("tcp:", "tls:")
    (tmp_path / "junk.pem").write_text("junk", encoding="utf-8")
    tls = "distributed.comm.tls"
    for settings in (
        {},
        {f"{tls}.ca-file": "nowhere.pem", f"{tls}.client.cert": "nowhere.pem", f"{tls}.client.key": "nowhere.pem"},
        {f"{tls}.ca-file": "junk.pem", f"{tls}.client.cert": "junk.pem", f"{tls}.client.key": "junk.pem"},
    ):
        with dask.config.set(settings):
            outcome = chainsim("experiment", "run", "noisy.yaml", "--out", "out", "--cluster", address)
        assert outcome.code == 2, outcome
        assert "no encrypted connection to a scheduler" in outcome.err and "Traceback" not in outcome.err
        assert not Path("out").exists()


@pytest.mark.parametrize(
    "address",
    ["tcp://127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786", "tls://10.0.0.1:8786", "tls://host:1"],
)
def test_addresses_that_are_let_through(address: str) -> None:
    refuse_open_address(address, allow_unencrypted=False)


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "tcp://scheduler:8786", "tcp://0.0.0.0:8786"])
def test_addresses_in_the_clear_want_a_word(address: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse_open_address(address, allow_unencrypted=False)
    assert "--allow-unencrypted" in caught.value.problems[0].message
    refuse_open_address(address, allow_unencrypted=True)


@pytest.mark.parametrize(
    "address", ["8786", "127.0.0.1:8786", "http://127.0.0.1:8786", "tcp://127.0.0.1", "tcp://:1", "tcp://a:b"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse_open_address(address, allow_unencrypted=True)
    assert "not the address" in caught.value.problems[0].message


@contextmanager
def processes(
    folder: Path, workers: int, *, nanny: bool = False, **environment: str
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and ``workers`` in processes of their own, on loopback: the address, and the workers' processes.

    With ``nanny`` a worker that dies is begun anew.
    """
    file = folder / "scheduler.json"

    def started(*words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        )  # fmt: skip

    begun = [started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                     "--scheduler-file", str(file))]  # fmt: skip
    try:
        worker = ("distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard",
                  "--host", "127.0.0.1")  # fmt: skip
        begun += [started(*worker, "--nanny" if nanny else "--no-nanny") for _ in range(workers)]
        deadline = time.monotonic() + 120
        while not file.is_file():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        connect: Any = Client
        with connect(address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)
        yield address, begun[1:]
    finally:
        for process in reversed(begun):
            process.terminate() if nanny else process.kill()  # a nanny takes its worker along
            process.wait()


@pytest.mark.slow
def test_one_of_two_workers_is_killed_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK_SECONDS", 0.1)
    read = read_experiment(write_tiny(tmp_path, SHORT.replace("replications: 8", "replications: 60")))
    killed: list[int] = []
    with processes(tmp_path, 2) as (address, workers):

        def told(standing: Standing) -> None:
            if standing.done >= 60 and not killed:
                killed.append(workers[-1].pid)
                os.kill(killed[0], signal.SIGKILL)

        finished = run_experiment(read, tmp_path / "cluster", lambda plan: Cluster(plan, address), told=told)
        assert killed and finished.failed == 0
    here(read, tmp_path / "here")
    assert hashes(tmp_path / "cluster") == hashes(tmp_path / "here")


@pytest.mark.slow
def test_a_run_that_kills_its_worker_is_named(tmp_path: Path) -> None:
    """Two workers that are begun anew when they die; one run takes down every worker that tries it, twice alone."""
    text = SHORT.replace("[0.5, 4, 12]", "[4]").replace("replications: 8", "replications: 12")
    read = poisoned(read_experiment(write_tiny(tmp_path, text)), replication=7)
    with processes(tmp_path, 2, nanny=True, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as (address, _):
        finished = run_experiment(read, tmp_path / "out", lambda plan: Cluster(plan, address))
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet")
    assert list(runs[runs["status"] == "crashed"]["replication"]) == [7]
    assert (finished.runs, finished.failed, finished.crashed) == (12, 1, 1)


@pytest.mark.slow
def test_the_parent_is_killed_and_another_goes_on_with_the_cluster(tmp_path: Path) -> None:
    path = write_tiny(tmp_path, LONG)
    with processes(tmp_path, 1) as (address, _):
        process = started(tmp_path, "--cluster", address)
        wait_for_parts(tmp_path, process, 3)
        process.kill()
        process.communicate()
        assert not hashes(tmp_path / "out")
        read = read_experiment(path)
        finished = run_experiment(read, tmp_path / "out", lambda plan: Cluster(plan, address), resume=True)
    assert finished.runs == 120
    here(read, tmp_path / "here")
    assert hashes(tmp_path / "out") == hashes(tmp_path / "here")
