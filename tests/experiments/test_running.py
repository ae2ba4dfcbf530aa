"""Nothing is lost: whatever is killed, cut off or damaged, the dataset is that of an undisturbed run, byte for byte."""

from __future__ import annotations

import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
from tests.experiments.poison import poisoned
from tests.experiments.tiny import NOISY, write_tiny

from chainsim.errors import InputError
from chainsim.experiments import running
from chainsim.experiments.addresses import cluster_problem
from chainsim.experiments.answers import read_answers
from chainsim.experiments.backends import Backend, Here, Processes, Report
from chainsim.experiments.folders import changes
from chainsim.experiments.identity import SOURCE
from chainsim.experiments.intervals import t_quantile
from chainsim.experiments.journal import PARTS, Journal
from chainsim.experiments.processes import interrupts_ignored
from chainsim.experiments.reading import ReadExperiment, read_experiment
from chainsim.experiments.running import Finished, Standing, plan_of, run_experiment
from chainsim.experiments.work import Chunk, Plan, Span
from chainsim.workflow_experiments import answers_of

Folder = Path
RUNS = 90
SHORT = NOISY.replace("replications: 30", "replications: 8").replace(
    "record: {stocks: week, tables: [customer_months]}", ""
)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.parquet"))}


def here(
    read: ReadExperiment, folder: Path, told: Callable[[Standing], None] = lambda s: None, **more: bool
) -> Finished:
    return run_experiment(read, folder, Here, told=told, **more)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK_SECONDS", 0.05)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReadExperiment, dict[str, str]]:
    """The short experiment, and the hashes of its dataset when nothing disturbs it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    read = read_experiment(write_tiny(folder, SHORT))
    here(read, folder / "out")
    return read, hashes(folder / "out")


def interrupted(after: int) -> Callable[[Standing], None]:
    """Ctrl-C once so many runs are done."""

    def told(standing: Standing) -> None:
        if standing.done >= after:
            raise KeyboardInterrupt

    return told


# --- the dataset


def test_the_dataset_has_every_run_in_order(tmp_path: Path) -> None:
    finished = here(read_experiment(write_tiny(tmp_path)), tmp_path / "out")
    assert (finished.runs, finished.failed) == (RUNS, 0)
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet")
    assert list(zip(runs["variant"], runs["replication"], strict=True)) == [(v, r) for v in range(3) for r in range(30)]
    assert runs.groupby("replication")["seed"].nunique().eq(1).all(), "a replication is one fate for every variant"
    assert set(finished.manifest["files"]) == {
        f"{name}.parquet"
        for name in (
            "runs",
            "run_kpis",
            "run_customers",
            "run_causes",
            "run_stocks",
            "runs_customer_months",
            "variants",
        )
    }
    assert finished.manifest["files"] == hashes(tmp_path / "out")
    assert not list((tmp_path / "out" / PARTS).iterdir())
    stocks = pd.read_parquet(tmp_path / "out" / "run_stocks.parquet")
    assert len(stocks) == RUNS * 3 * 10  # three holders; the first day, every seventh, the last
    months = pd.read_parquet(tmp_path / "out" / "runs_customer_months.parquet")
    assert list(months.columns[:4]) == ["variant", "replication", "month", "customer"]
    kpis = pd.read_parquet(tmp_path / "out" / "run_kpis.parquet").query("kpi == 'shortfall'")["value"]
    customers = pd.read_parquet(tmp_path / "out" / "run_customers.parquet")
    causes = pd.read_parquet(tmp_path / "out" / "run_causes.parquet")
    every_run = pd.MultiIndex.from_frame(runs[["variant", "replication"]])
    for table in (customers, causes):
        by_run = table.groupby(["variant", "replication"])["shortfall_t"].sum().reindex(every_run, fill_value=0.0)
        assert by_run.to_numpy() == pytest.approx(kpis.to_numpy(), abs=1e-5)


def test_chunks_do_not_show(
    undisturbed: tuple[ReadExperiment, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_SECONDS", 1e-6)
    here(undisturbed[0], tmp_path)
    assert hashes(tmp_path) == undisturbed[1]


def test_ctrl_c_leaves_what_can_be_resumed(undisturbed: tuple[ReadExperiment, dict[str, str]], tmp_path: Path) -> None:
    read, expected = undisturbed
    with pytest.raises(KeyboardInterrupt):
        here(read, tmp_path, interrupted(after=3))
    assert not hashes(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        here(read, tmp_path, interrupted(after=10), resume=True)
    first: list[Standing] = []
    here(read, tmp_path, lambda s: first.append(s), resume=True)
    assert first[0].done >= 10, "what was done is not done again"
    assert hashes(tmp_path) == expected


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_file_is_noticed_and_its_runs_done_again(
    undisturbed: tuple[ReadExperiment, dict[str, str]], tmp_path: Path, damage: str
) -> None:
    read, expected = undisturbed
    with pytest.raises(KeyboardInterrupt):
        here(read, tmp_path, interrupted(after=12))
    part = sorted((tmp_path / PARTS).glob("*.arrow"))[1]
    data = bytearray(part.read_bytes())
    if damage == "gone":
        part.unlink()
    elif damage == "cut":
        part.write_bytes(data[: len(data) // 2])
    else:
        data[len(data) // 2] ^= 1
        part.write_bytes(data)
    finished = here(read, tmp_path, resume=True)
    assert finished.redone > 0
    assert hashes(tmp_path) == expected


def test_a_damaged_dataset_is_made_again(undisturbed: tuple[ReadExperiment, dict[str, str]], tmp_path: Path) -> None:
    read, expected = undisturbed
    here(read, tmp_path)
    path = tmp_path / "run_kpis.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    assert here(read, tmp_path, resume=True).redone == 24
    assert hashes(tmp_path) == expected
    assert here(read, tmp_path, resume=True).redone == 0


def test_what_fails_is_told_and_stops_nothing(tmp_path: Path) -> None:
    # Each level is possible, the two last together are not: more than the tanks hold.
    path = write_tiny(tmp_path, """base: tiny.yaml
factors:
  opening: {scale: farms.depot.opening, levels: [1, 1.6]}
  tanks: {set: farms.depot.safe_fill, levels: [6000, 4000]}
""")  # fmt: skip
    finished = here(read_experiment(path), tmp_path / "out")
    assert (finished.runs, finished.failed, finished.crashed) == (4, 1, 0)
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet")
    assert list(runs["status"]) == ["done", "done", "done", "failed"]
    assert runs["error_en"][3].startswith("farms.depot") and "opening" in runs["error_en"][3]
    assert runs["error_zh"][3].startswith("farms.depot") and re.search("[\u4e00-\u9fff]", runs["error_zh"][3])
    assert runs["plan_id"].isna().tolist() == [False, False, False, True] and runs["plan_id"].nunique() == 1
    assert set(pd.read_parquet(tmp_path / "out" / "run_kpis.parquet")["variant"]) == {0, 1, 2}


def test_without_replications_a_run_is_what_chainsim_run_gives(tmp_path: Path) -> None:
    from chainsim import workflow

    path = write_tiny(tmp_path, "base: tiny.yaml\nrecord: {kpis: all}\n")
    here(read_experiment(path), tmp_path / "out")
    kpis = pd.read_parquet(tmp_path / "out" / "run_kpis.parquet")
    expected = workflow.run(tmp_path / "tiny.yaml").tables["kpis"]
    assert list(kpis["value"].fillna(-1)) == list(expected["value"].fillna(-1))
    assert list(kpis["subject"]) == list(expected["subject"])


# --- folders


def test_resume_refuses_what_has_changed(tmp_path: Path) -> None:
    path = write_tiny(tmp_path, SHORT)
    with pytest.raises(KeyboardInterrupt):
        here(read_experiment(path), tmp_path / "out", interrupted(after=3))
    scenario = tmp_path / "tiny.yaml"
    scenario.write_text(
        scenario.read_text(encoding="utf-8").replace("capacity: 140", "capacity: 141"), encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        here(read_experiment(path), tmp_path / "out", resume=True)
    assert "(tiny.yaml)" in caught.value.problems[0].message
    here(read_experiment(path), tmp_path / "out", restart=True)
    assert hashes(tmp_path / "out")


def test_changes_are_named() -> None:
    def identity(inputs: str, **versions: str) -> dict[str, dict[str, str]]:
        return {"inputs": {name: name for name in inputs} | {"same": inputs}, "versions": {"chainsim": "1", **versions}}

    before = identity("ab", Python="3.11", numpy="2", **{SOURCE: "x"})
    now = identity("bc", Python="3.12", numpy="2", **{SOURCE: "y"})
    assert changes(before, now) == ["a", "c", "same", "Python 3.11 → 3.12", SOURCE]


def test_folders_are_not_mixed_up(undisturbed: tuple[ReadExperiment, dict[str, str]], tmp_path: Path) -> None:
    read, expected = undisturbed
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.txt").touch()

    def code(folder: str, **more: bool) -> str:
        with pytest.raises(InputError) as caught:
            here(read, tmp_path / folder, **more)
        return caught.value.problems[0].code

    assert code("foreign") == "output-folder-not-ours"
    assert code("nowhere", resume=True) == "experiment-resume"
    with pytest.raises(KeyboardInterrupt):
        here(read, tmp_path / "out", interrupted(after=3))
    assert code("out") == "experiment-unfinished"
    journal = Journal.open(tmp_path / "out")
    assert code("out", resume=True) == "experiment-held"
    journal.close()
    here(read, tmp_path / "out", resume=True)
    assert code("out") == "experiment-finished"
    assert here(read, tmp_path / "out", resume=True).already
    assert not here(read, tmp_path / "out", restart=True).already
    assert hashes(tmp_path / "out") == expected


def test_another_experiment_is_not_overwritten(
    undisturbed: tuple[ReadExperiment, dict[str, str]], tmp_path: Path
) -> None:
    read, expected = undisturbed
    other = read_experiment(write_tiny(tmp_path, SHORT.replace("experiment: noisy", "experiment: other"), "other.yaml"))
    here(read, tmp_path / "out")
    for more in ({}, {"resume": True}):
        with pytest.raises(InputError) as caught:
            here(other, tmp_path / "out", **more)
        problem = caught.value.problems[0]
        assert (problem.code, problem.found) == ("experiment-another", "noisy")
        assert "--restart to put other in its place" in problem.accepted
    assert hashes(tmp_path / "out") == expected
    edited = read_experiment(write_tiny(tmp_path, SHORT.replace("seed: 11", "seed: 12")))
    with pytest.raises(InputError) as caught:
        here(edited, tmp_path / "out")
    assert "(noisy.yaml)" in caught.value.problems[0].message
    assert hashes(tmp_path / "out") == expected
    assert here(other, tmp_path / "out", restart=True).manifest["experiment"] == "other"


def test_nothing_of_an_earlier_run_becomes_an_answer(tmp_path: Path) -> None:
    here(read_experiment(write_tiny(tmp_path)), tmp_path / "out")  # this one keeps stocks
    answers_of(tmp_path / "out", charts=True)
    assert list((tmp_path / "out" / "answers").glob("stock-*.svg"))
    (tmp_path / "out" / "answers" / "notes.txt").write_text("mine", encoding="utf-8")
    finished = here(read_experiment(write_tiny(tmp_path, SHORT)), tmp_path / "out", restart=True)
    assert hashes(tmp_path / "out") == finished.manifest["files"]
    assert [path.name for path in (tmp_path / "out" / "answers").iterdir()] == ["notes.txt"]
    # A stranger among the files says nothing either.
    (tmp_path / "out" / "run_stocks.parquet").write_bytes((tmp_path / "out" / "runs.parquet").read_bytes())
    assert "answer_stocks" not in read_answers(tmp_path / "out").tables
    assert len(read_answers(tmp_path / "out").tables["answer_kpis"])


def test_what_cannot_work_gives_nothing_up(undisturbed: tuple[ReadExperiment, dict[str, str]], tmp_path: Path) -> None:
    read, expected = undisturbed

    def unreachable(plan: Plan) -> Backend:
        raise InputError([cluster_problem("cluster.no_workers", "tcp://127.0.0.1:9")])

    with pytest.raises(InputError):
        run_experiment(read, tmp_path / "new", unreachable)
    assert not (tmp_path / "new").exists()
    here(read, tmp_path / "out")
    with pytest.raises(InputError):
        run_experiment(read, tmp_path / "out", unreachable, restart=True)
    assert hashes(tmp_path / "out") == expected
    assert here(read, tmp_path / "out", resume=True).already


# --- until narrow enough

UNTIL = SHORT.replace("replications: 8", "until: {kpi: completion, half_width: 2.5%, at_most: 32, every: 8}")


def test_it_stops_when_the_answer_is_narrow_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = read_experiment(write_tiny(tmp_path, UNTIL))
    here(read, tmp_path / "a")
    runs = pd.read_parquet(tmp_path / "a" / "runs.parquet").groupby("variant").size()
    kpis = pd.read_parquet(tmp_path / "a" / "run_kpis.parquet").query("kpi == 'completion'")
    for variant, values in kpis.groupby("variant")["value"]:
        count = int(runs[variant])
        halves = [t_quantile(0.95, n - 1) * values.iloc[:n].sem() for n in range(8, count + 1, 8)]
        assert count % 8 == 0
        assert halves[-1] <= 0.025 or count == 32
        assert all(half > 0.025 for half in halves[:-1]), "it went on although it knew enough"
    assert runs.max() > 8
    assert runs.min() < 32
    monkeypatch.setattr(running, "CHUNK_SECONDS", 1e-6)
    with pytest.raises(KeyboardInterrupt):
        here(read, tmp_path / "b", interrupted(after=30))
    here(read, tmp_path / "b", resume=True)
    assert hashes(tmp_path / "b") == hashes(tmp_path / "a")


# --- processes


@dataclass
class Pair:
    """Two processes, one of which is killed once a few runs are done."""

    processes: list[Processes] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)

    def begin(self, plan: Plan) -> Backend:
        self.processes.append(Processes(plan, 2))
        return self.processes[0]

    def told(self, standing: Standing) -> None:
        if not self.killed and standing.done >= 4:
            self.killed.append(self.at_work()[0])
            os.kill(self.killed[0], signal.SIGKILL)

    def at_work(self) -> list[int]:
        return self.processes[0].process_ids()


def test_a_killed_process_and_a_poisoned_run(tmp_path: Path) -> None:
    """One run kills every process that tries it; another process is killed from outside: only the first is at fault."""
    text = SHORT.replace("[0.5, 4, 12]", "[4]").replace("replications: 8", "replications: 24")
    read = poisoned(read_experiment(write_tiny(tmp_path, text)), replication=17)
    pair = Pair()
    finished = run_experiment(read, tmp_path / "out", pair.begin, told=pair.told)
    assert pair.killed
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet")
    assert list(runs[runs["status"] == "crashed"]["replication"]) == [17]
    assert (finished.runs, finished.failed, finished.crashed) == (24, 1, 1)
    assert not [pid for pid in (*pair.killed, *pair.at_work()) if _alive(pid)]


def test_a_worker_of_two_is_killed_and_the_dataset_is_the_same(
    undisturbed: tuple[ReadExperiment, dict[str, str]], tmp_path: Path
) -> None:
    read, expected = undisturbed
    pair = Pair()
    finished = run_experiment(read, tmp_path / "out", pair.begin, told=pair.told)
    assert pair.killed and pair.killed[0] not in pair.at_work()
    assert (finished.failed, finished.crashed) == (0, 0)
    assert hashes(tmp_path / "out") == expected


def test_a_death_that_nobody_has_heard_of_stops_nothing(undisturbed: tuple[ReadExperiment, dict[str, str]]) -> None:
    """A process dies with a chunk, and the next one goes to it before its death is asked for: all are worked on in the end."""
    chunks = deque((Span(0, number, number + 1),) for number in range(4))
    processes = Processes(plan_of(undisturbed[0].experiment), 2)
    try:
        for _ in range(3):
            processes.submit(chunks.popleft())
        alone = min(processes._slots, key=lambda slot: len(slot.chunks))
        _, future = alone.chunks[0]
        while not alone.pool._processes:
            time.sleep(0.01)
        (pid,) = alone.pool._processes
        os.kill(pid, signal.SIGKILL)
        wait({future}, timeout=60)
        done, under_way = [], 3
        for _ in range(40):
            while chunks and under_way < processes.capacity:
                processes.submit(chunks.popleft())
                under_way += 1
            report = processes.next_report()
            under_way -= 1
            if isinstance(report.outcome, str):
                chunks.appendleft(report.chunk)
            else:
                done.append(report.chunk)
            if len(done) == 4:
                break
    finally:
        processes.close()
    assert sorted(done, key=lambda chunk: chunk[0].first) == [(Span(0, number, number + 1),) for number in range(4)]


class Stillborn:
    """A backend whose processes never live to work."""

    capacity = 2

    def __init__(self) -> None:
        self._chunks: list[Chunk] = []

    def submit(self, chunk: Chunk) -> None:
        self._chunks.append(chunk)

    def next_report(self) -> Report:
        return Report(self._chunks.pop(0), "died")

    def close(self) -> None:
        pass


def test_processes_that_cannot_begin_are_not_the_runs_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run_experiment(read_experiment(write_tiny(tmp_path, SHORT)), tmp_path / "out", lambda plan: Stillborn())
    assert "--workers 0" in caught.value.problems[0].message


SCRIPT = """
import resource, signal, sys, time
from chainsim.cli import main
from chainsim.cli.progress import Stages
from chainsim.experiments import running
running.CHUNK_SECONDS = 0.03
Stages.part = lambda stages, told: time.sleep(0.04)  # whoever wants to kill it has time to
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who is started in the background ignores it
    if {limit}:
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    main(sys.argv[1:])
"""
LONG = SHORT.replace("replications: 8", "replications: 60").replace("levels: [0.5, 4, 12]", "levels: [0.5, 4]")


def started(folder: Path, *words: str, limit: int | None = None, workers: int = 1) -> subprocess.Popen[str]:
    """``chainsim experiment run`` in a process group of its own, as a terminal starts it."""
    (folder / "start.py").write_text(SCRIPT.format(limit=limit), encoding="utf-8")
    options = ["--out", "out", "--workers", str(workers), *words]
    return subprocess.Popen(
        [sys.executable, "start.py", "experiment", "run", "noisy.yaml", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_parts(folder: Path, process: subprocess.Popen[str], count: int) -> None:
    deadline = time.monotonic() + 120
    while len(list((folder / "out" / PARTS).glob("*.arrow"))) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]


def expected_of(folder: Path) -> dict[str, str]:
    here(read_experiment(folder / "noisy.yaml"), folder / "undisturbed")
    return hashes(folder / "undisturbed")


def test_the_parent_is_killed_and_another_goes_on(tmp_path: Path) -> None:
    path = write_tiny(tmp_path, LONG)
    process = started(tmp_path)
    wait_for_parts(tmp_path, process, 3)
    workers = children(process.pid)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 30
    while any(_alive(pid) for pid in workers):  # nobody is left behind
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not hashes(tmp_path / "out")
    finished = here(read_experiment(path), tmp_path / "out", resume=True)
    assert finished.runs == 120
    assert hashes(tmp_path / "out") == expected_of(tmp_path)


def test_ctrl_c_says_how_to_go_on(tmp_path: Path) -> None:
    write_tiny(tmp_path, LONG)
    process = started(tmp_path)
    wait_for_parts(tmp_path, process, 2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: everybody gets it
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err + out
    assert "chainsim experiment run noisy.yaml --out out --workers 1 --resume" in err
    here(read_experiment(tmp_path / "noisy.yaml"), tmp_path / "out", resume=True)
    assert hashes(tmp_path / "out") == expected_of(tmp_path)


def test_ctrl_c_is_not_lost_while_a_process_begins() -> None:
    begun: list[bool] = []

    def begin() -> None:
        with interrupts_ignored():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            begun.append(True)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests begun in the background ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            begin()
    finally:
        signal.signal(signal.SIGINT, before)
    assert begun, "it waits until the process is begun"


def test_a_full_disk_is_told_and_can_be_mended(tmp_path: Path) -> None:
    write_tiny(tmp_path, LONG)
    process = started(tmp_path, limit=60_000, workers=0)  # the journal grows beyond it
    out, err = process.communicate(timeout=120)
    assert process.returncode == 2, err
    assert "Traceback" not in err + out
    assert "chainsim experiment run noisy.yaml --out out --workers 0 --resume" in err and "problem" not in err
    done = len(list((tmp_path / "out" / PARTS).glob("*.arrow")))
    assert not hashes(tmp_path / "out")
    finished = here(read_experiment(tmp_path / "noisy.yaml"), tmp_path / "out", resume=True)
    assert (finished.runs, done > 0) == (120, True)
    assert hashes(tmp_path / "out") == expected_of(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_whoever_is_killed_whenever(tmp_path: Path, seed: int) -> None:
    """Parents and workers are killed at random until the experiment gets through."""
    chance = random.Random(seed)
    write_tiny(tmp_path, LONG.replace("replications: 60", "replications: 400"))
    words: tuple[str, ...] = ()
    for attempt in range(30):
        process = started(tmp_path, *words, workers=2)
        deadline = time.monotonic() + chance.uniform(2.0, 6.0) * (1 + attempt / 5)
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.2)
            if chance.random() < 0.1 and process.poll() is None:
                for pid in children(process.pid)[1:2]:
                    os.kill(pid, signal.SIGKILL)
        if process.poll() is None:
            process.kill()
        _, err = process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, err
        words = ("--resume",) if (tmp_path / "out" / "journal.sqlite").is_file() else ()
    assert process.returncode == 0
    assert hashes(tmp_path / "out") == expected_of(tmp_path)


@pytest.mark.slow
def test_any_number_of_processes_gives_the_same_dataset(tmp_path: Path) -> None:
    read = read_experiment(write_tiny(tmp_path))
    here(read, tmp_path / "here")
    for workers in (1, 2, 3):
        run_experiment(read, tmp_path / str(workers), lambda plan, n=workers: Processes(plan, n))  # type: ignore[misc]
        assert hashes(tmp_path / str(workers)) == hashes(tmp_path / "here")
