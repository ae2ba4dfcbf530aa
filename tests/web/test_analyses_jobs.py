"""Jobs: answered in a process of their own, one at a time; cancelled, forgotten or crashed they leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.conftest import SMALL

from chainsim.web.jobs import Runner, Seen, Work
from chainsim.workflow_whatif import Base, base_of

PATIENCE_S = 90


@pytest.fixture(scope="module")
def base() -> Base:
    return base_of(SMALL)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    runner = Runner(yield_s=0.5, largest_kept=2_500_000, most_kept=6)
    yield runner
    runner.close()


def until(holds: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def ended(runner: Runner, work: Work) -> Seen:
    def found() -> Seen | None:
        seen = runner.ask(work.key)
        assert seen is not None
        return seen if seen.state not in ("waiting", "running") else None

    found_seen = until(found)
    assert isinstance(found_seen, Seen)
    return found_seen


def work_of(base: Base, task: str, **asked: str) -> Work:
    return Work(f"tests.web.tasks:{task}", base, {}, asked)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def at_work(runner: Runner, work: Work) -> tuple[int, Path]:
    """The process of an endless job, and its scratch folder, once it is at it."""

    def found() -> tuple[int, Path] | None:
        seen = runner.ask(work.key)
        assert seen is not None and seen.state in ("waiting", "running")
        return (seen.standing.done, Path(seen.standing.part)) if seen.standing.part else None

    process, scratch = until(found)
    return process, scratch


def test_a_job_is_answered_elsewhere_and_known_by_what_it_asks(runner: Runner, base: Base) -> None:
    work = work_of(base, "told", who="yumen")
    assert runner.ask(work.key) is None
    assert runner.begin(work).state in ("waiting", "running")
    seen = ended(runner, work_of(base, "told", who="yumen"))
    assert seen.state == "done"
    assert seen.answer["who"] == "yumen"
    assert seen.answer["process"] == runner.process_id != os.getpid()
    assert seen.answer["nice"] > os.nice(0)
    assert runner.begin(work).state == "done"
    other = work_of(base, "told", who="lanzhou")
    assert runner.begin(other).state != "done"
    assert ended(runner, other).answer["process"] == seen.answer["process"]


def test_only_so_many_bytes_of_answers_are_kept_the_newest(runner: Runner, base: Base) -> None:
    works = [work_of(base, "large", number=str(i)) for i in range(4)]
    for work in works:
        runner.begin(work)
        assert ended(runner, work).state == "done"
    assert [runner.ask(work.key) is not None for work in works] == [False, False, True, True]
    small = [work_of(base, "told", number=str(i)) for i in range(9)]
    for work in small:
        runner.begin(work)
        assert ended(runner, work).state == "done"
    assert [runner.ask(work.key) is not None for work in small] == [False] * 3 + [True] * 6


def test_a_cancelled_job_leaves_nothing_and_the_next_one_runs(runner: Runner, base: Base) -> None:
    work = work_of(base, "endless")
    runner.begin(work)
    process, scratch = at_work(runner, work)
    assert (scratch / "half").is_file()
    seen = runner.cancel(work.key)
    assert seen is not None and seen.state == "cancelled" and seen.answer is None
    until(lambda: not is_alive(process) and not scratch.exists())
    assert runner.process_id is None
    assert runner.begin(work).state in ("waiting", "running"), "what was cancelled can be asked again"
    runner.cancel(work.key)
    following = work_of(base, "told", after="cancelled")
    runner.begin(following)
    assert ended(runner, following).state == "done"


def test_two_who_ask_the_same_share_the_work_and_cancel_for_themselves(runner: Runner, base: Base) -> None:
    work = work_of(base, "endless", shared="yes")
    runner.begin(work, "one")
    assert runner.ask(work.key, "two") is None, "what another waits for is not one's own"
    seen = runner.cancel(work.key, "two")
    assert seen is None, "nor is it one's own to cancel"
    assert runner.begin(work, "two").state in ("waiting", "running")

    def process() -> int | None:
        seen = runner.ask(work.key, "two")
        return seen.standing.done if seen is not None and seen.standing.part else None

    shared = until(process)
    seen = runner.cancel(work.key, "one")
    assert seen is not None and seen.state == "cancelled"
    assert runner.ask(work.key, "one") == seen, "whoever cancelled sees it cancelled"
    seen = runner.ask(work.key, "two")
    assert seen is not None and seen.state == "running" and is_alive(shared)
    assert runner.begin(work, "one").state == "running", "one can wait again"
    assert process() == shared, "for the same work"
    runner.cancel(work.key, "one")
    runner.cancel(work.key, "two")
    until(lambda: not is_alive(shared))
    assert runner.ask(work.key, "three") is None
    done = work_of(base, "told", shared="yes")
    runner.begin(done, "one")
    until(lambda: (seen := runner.ask(done.key, "one")) and seen.state == "done")
    seen = runner.ask(done.key, "two")
    assert seen is not None and seen.state == "done", "an answer is anybody's who asks that"


def test_who_has_gone_holds_no_work(base: Base) -> None:
    runner = Runner(lease_s=0.5)
    work = work_of(base, "endless")
    runner.begin(work, "gone")
    runner.begin(work, "here")
    end = time.monotonic() + 0.7
    while time.monotonic() < end:
        assert runner.ask(work.key, "here") is not None
        time.sleep(0.05)
    runner.cancel(work.key, "here")
    until(lambda: runner.process_id is None)
    runner.close()


def test_what_goes_wrong_is_told_and_does_not_stop_the_others(runner: Runner, base: Base) -> None:
    found: dict[str, Seen] = {}
    for how in ("input", "plan", "ours", "death"):
        work = work_of(base, "wrong", how=how)
        runner.begin(work)
        found[how] = ended(runner, work)
        assert found[how].state == "wrong"
    wrong = {how: seen.wrong for how, seen in found.items()}
    assert all(wrong.values())
    assert [p.message for p in wrong["input"].problems] == ["no good"]  # type: ignore[union-attr]
    assert wrong["plan"].reasons == (("no oil", "没有油"),)  # type: ignore[union-attr]
    for how in ("ours", "death"):
        assert wrong[how].problems == wrong[how].reasons == ()  # type: ignore[union-attr]


def test_one_at_a_time_and_what_nobody_asks_for_gives_way_and_begins_anew(
    runner: Runner, base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = work_of(base, "endless", first="yes"), work_of(base, "told", second="yes")
    runner.begin(first)
    process, _ = at_work(runner, first)
    assert runner.begin(second).state == "waiting"
    assert runner.begin(second).ahead == 1
    monkeypatch.setattr("chainsim.web.jobs.MOST_WAITING", 1)
    assert runner.begin(work_of(base, "told", one="too many")).state == "refused"
    assert ended(runner, second).state == "done"  # only the second was asked for meanwhile
    until(lambda: not is_alive(process))
    again, _ = at_work(runner, first)
    assert again != process
    runner.cancel(first.key)


def test_a_job_that_nobody_asks_for_is_stopped_and_the_process_goes_and_comes_back(base: Base) -> None:
    runner = Runner(lease_s=1.0, idle_s=0.3)
    work = work_of(base, "endless")
    runner.begin(work)
    process, scratch = at_work(runner, work)
    until(lambda: not is_alive(process))
    until(lambda: not scratch.exists() and runner.process_id is None)
    seen = runner.ask(work.key)
    assert seen is not None and seen.state == "cancelled"
    other = work_of(base, "told")
    runner.begin(other)
    last = ended(runner, other).answer["process"]
    until(lambda: not is_alive(last))
    runner.close()


def test_a_job_dies_with_its_server(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(
        "import sys, time\nfrom pathlib import Path\nfrom chainsim.web.jobs import Runner, Work\n"
        "from chainsim.workflow_whatif import base_of\n"
        "if __name__ == '__main__':\n"
        "    runner = Runner()\n"
        f"    work = Work('tests.web.tasks:endless', base_of(Path({str(SMALL)!r})), {{}}, {{}})\n"
        "    runner.begin(work)\n"
        "    while not (seen := runner.ask(work.key)).standing.part:\n        time.sleep(0.05)\n"
        "    print(seen.standing.done, seen.standing.part, flush=True)\n    time.sleep(600)\n",
        encoding="utf-8",
    )
    root = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join(filter(None, (str(root), str(root / "src"), os.environ.get("PYTHONPATH", ""))))
    server = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
    )
    assert server.stdout
    process, scratch = server.stdout.readline().split()
    assert is_alive(int(process))
    server.send_signal(signal.SIGKILL)
    server.communicate(timeout=PATIENCE_S)
    until(lambda: not is_alive(int(process)) and not Path(scratch).exists())
