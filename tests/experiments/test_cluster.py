"""Chunks on a Dask cluster: the same dataset, whoever is killed, and nobody who is not one of us."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster
from tests.experiments.test_running import SHORT, hashes, here
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


@pytest.mark.slow
def test_one_of_two_workers_is_killed_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK_SECONDS", 0.1)
    file = tmp_path / "scheduler.json"

    def started(*words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *words], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    processes = [started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                         "--scheduler-file", str(file))]  # fmt: skip
    try:
        worker = ("distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard",
                  "--no-nanny", "--host", "127.0.0.1")  # fmt: skip
        processes += [started(*worker), started(*worker)]
        deadline = time.monotonic() + 120
        while not file.is_file():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        connect: Any = Client
        with connect(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        read = read_experiment(write_tiny(tmp_path, SHORT.replace("replications: 8", "replications: 60")))
        killed: list[int] = []

        def told(standing: Standing) -> None:
            if standing.done >= 60 and not killed:
                killed.append(processes[-1].pid)
                os.kill(killed[0], signal.SIGKILL)

        finished = run_experiment(read, tmp_path / "cluster", lambda plan: Cluster(plan, address), told=told)
        assert killed and finished.failed == 0
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()
    here(read, tmp_path / "here")
    assert hashes(tmp_path / "cluster") == hashes(tmp_path / "here")
