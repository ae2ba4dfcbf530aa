"""Longer questions, answered in a process of their own while the page goes on answering sliders.

One job runs at a time, in one process, which is begun with the first job and ended when none has come for a while. A job is
known by what it asks: tabs that ask the same share the work, and nothing else. Until it is done each of them sees only what it
asked for itself, and cancels only for itself: the work ends when nobody waits for it any more. It lives as long as somebody
asks how it is; its answer is kept until newer ones need the room, for whoever asks that. What is stopped is stopped by ending
its process.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import pickle
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, NamedTuple

from chainsim.errors import InputError, NoFeasibleAnswerError, NoPlanError
from chainsim.files.overlays import Changes
from chainsim.workflow_whatif import Base

LEASE_S = 150.0
"""A job that nobody has asked for so long is stopped: browsers let a hidden tab's clock tick once a minute."""
YIELD_S = 8.0
"""Where another waits, a job that nobody has asked for so long gives way, and begins anew afterwards."""
IDLE_S = 60.0
"""The process ends when no job has come for so long: its memory is given back."""
LARGEST_KEPT = 24_000_000
"""Bytes of answers that are kept."""
MOST_KEPT = 100
"""Jobs that have ended, whatever the size of their answers."""
MOST_WAITING = 12
"""Jobs beyond these are refused."""
_LOOK_S = 0.2
_NICENESS = 10
"""The page itself goes first."""

State = Literal["waiting", "running", "done", "wrong", "cancelled", "refused"]


class Standing(NamedTuple):
    """How far a job is: a text's key after ``stage.``, and parts done of how many (0: not known)."""

    stage: str = ""
    done: int = 0
    of: int = 0
    part: str = ""


BEGINNING = Standing()
Told = Callable[[Standing], None]
Task = Callable[["Work", Told], Any]
"""Answers a work in the worker process; what it returns must be a value that can be pickled."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be answered: ``task`` is the address of a ``Task`` (``module:function``), ``asked`` what the form said.

    ``scratch`` is a folder of the job's own that is gone when it ends, however it ends.
    """

    task: str
    base: Base
    changes: Changes
    asked: Mapping[str, str]
    scratch: Path = Path()

    @property
    def key(self) -> str:
        """Equal for equal questions about equal files."""
        content = [self.task, self.base.path.as_posix(), self.base.read.inputs, self.changes, dict(self.asked)]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class Wrong(NamedTuple):
    """Why there is no answer: problems with the input, or reasons as (English, Chinese); both empty: our own fault."""

    problems: tuple[Any, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A job as it stands when somebody asks."""

    state: State
    standing: Standing = BEGINNING
    seconds: float = 0.0
    ahead: int = 0
    answer: Any = None
    wrong: Wrong | None = None


@dataclass(slots=True)
class _Job:
    work: Work
    state: State = "waiting"
    standing: Standing = BEGINNING
    began_at: float = 0.0
    outcome: bytes = b""
    wrong: Wrong | None = None
    askers: dict[str, float] = field(default_factory=dict)
    """Who waits for it → when it last asked."""
    left: set[str] = field(default_factory=set)
    """Who has cancelled while others went on waiting."""

    @property
    def asked_at(self) -> float:
        """When anybody who waits for it last asked; of an open job somebody always does."""
        return max(self.askers.values())

    @property
    def is_open(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ("waiting", "running")


@dataclass
class Runner:
    """The jobs of one served folder. All its methods may be called from any thread."""

    lease_s: float = LEASE_S
    yield_s: float = YIELD_S
    idle_s: float = IDLE_S
    largest_kept: int = LARGEST_KEPT
    most_kept: int = MOST_KEPT
    _jobs: OrderedDict[str, _Job] = field(default_factory=OrderedDict)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None
    _process: _Process | None = None
    _closed: bool = False

    def begin(self, work: Work, asker: str = "") -> Seen:
        """Begin ``work`` for ``asker``, or let it wait with others; one that was cancelled or went wrong begins anew."""
        key = work.key
        with self._changed:
            job = self._jobs.get(key)
            if job is None or job.state in ("cancelled", "wrong"):
                if sum(j.state == "waiting" for j in self._jobs.values()) >= MOST_WAITING or self._closed:
                    return Seen("refused")
                self._jobs[key] = job = _Job(work)
                self._jobs.move_to_end(key)
                if self._thread is None:
                    self._begin_thread()
                self._changed.notify_all()
            job.left.discard(asker)
            job.askers[asker] = time.monotonic()
            return self._seen(job, asker)

    def ask(self, key: str, asker: str = "") -> Seen | None:
        """How the job is, or its answer; ``None`` if it is not known (any more), or goes on for others only."""
        with self._changed:
            job = self._jobs.get(key)
            if job is None:
                return None
            if job.state not in ("done", "wrong") and asker not in job.askers:
                return Seen("cancelled") if asker in job.left else None
            return self._seen(job, asker)

    def cancel(self, key: str, asker: str = "") -> Seen | None:
        """``asker`` waits no longer: where nobody else does, the job is stopped. One that is done stays as it is."""
        with self._changed:
            job = self._jobs.get(key)
            if job is not None and job.is_open and asker in job.askers:
                del job.askers[asker]
                job.left.add(asker)
                since = time.monotonic() - self.lease_s
                if not any(last > since for last in job.askers.values()):
                    job.state = "cancelled"
                    self._changed.notify_all()
        return self.ask(key, asker)

    def close(self) -> None:
        """Stop everything."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    @property
    def process_id(self) -> int | None:
        """The worker's, while there is one."""
        process = self._process
        return None if process is None else process.process.pid

    def _seen(self, job: _Job, asker: str) -> Seen:
        now = time.monotonic()
        if asker in job.askers:
            job.askers[asker] = now
        ahead = 0
        if job.state == "waiting":
            others = list(self._jobs.values())
            ahead = sum(j.state == "running" for j in others)
            ahead += sum(j.state == "waiting" for j in others[: next(i for i, j in enumerate(others) if j is job)])
        answer = pickle.loads(job.outcome) if job.outcome else None  # noqa: S301 - our own worker's bytes
        seconds = now - job.began_at if job.state == "running" else 0.0
        return Seen(job.state, job.standing, seconds, ahead, answer, job.wrong)

    # --- the thread that waits for the worker

    def _begin_thread(self) -> None:
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                try:
                    self._work(job)
                except Exception:  # noqa: BLE001 - no room for a scratch, say: this job is told as failed, the others go on
                    traceback.print_exc(file=sys.stderr)
                    self._end(job, "wrong", Wrong())
        finally:
            self._end_process()
            with self._changed:
                self._thread = None
                # One may have come in just as this thread had given up waiting.
                if not self._closed and any(j.state == "waiting" for j in self._jobs.values()):
                    self._begin_thread()

    def _next(self) -> _Job | None:
        """The next job, waited for; ``None`` when none has come for a while."""
        until = time.monotonic() + self.idle_s
        with self._changed:
            while not self._closed:
                self._drop_forgotten()
                job = next((j for j in self._jobs.values() if j.state == "waiting"), None)
                if job is not None:
                    job.state, job.began_at, job.standing = "running", time.monotonic(), BEGINNING
                    return job
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)
        return None

    def _work(self, job: _Job) -> None:
        with tempfile.TemporaryDirectory(prefix="chainsim-", ignore_cleanup_errors=True) as scratch:
            process = self._process
            if process is None or not process.process.is_alive():
                self._process = process = _Process.begun()
            kind: str = "lost"
            content: Any = None
            try:
                process.pipe.send_bytes(pickle.dumps(replace(job.work, scratch=Path(scratch))))
                while kind not in ("done", "wrong"):
                    if self._is_over(job):
                        self._end_process()
                        return
                    if process.pipe.poll(_LOOK_S):
                        kind, content = pickle.loads(process.pipe.recv_bytes())  # noqa: S301 - our own worker's bytes
                        if kind == "told":
                            with self._changed:
                                job.standing = content
            except (EOFError, OSError):  # it died
                kind, content = "wrong", Wrong()
                self._end_process()
        self._end(job, kind, content)

    def _end(self, job: _Job, kind: str, content: Any) -> None:
        """Keep what came of the job, unless it was cancelled meanwhile."""
        with self._changed:
            if job.state != "running":
                return
            if kind == "done":
                job.state, job.outcome = "done", content
            else:
                job.state, job.wrong = "wrong", content
            self._make_room()

    def _is_over(self, job: _Job) -> bool:
        """Whether the running job must stop: cancelled, forgotten, or in the way of one that somebody waits for."""
        now = time.monotonic()
        with self._changed:
            if self._closed or job.state != "running":
                return True
            unasked = now - job.asked_at
            if unasked > self.lease_s:
                job.state = "cancelled"
                return True
            wanted = any(j.state == "waiting" and now - j.asked_at < self.yield_s for j in self._jobs.values())
            if unasked > self.yield_s and wanted:
                job.state = "waiting"
                self._jobs.move_to_end(job.work.key)
                return True
        return False

    def _drop_forgotten(self) -> None:
        """Jobs that wait for nobody."""
        now = time.monotonic()
        for job in self._jobs.values():
            if job.state == "waiting" and now - job.asked_at > self.lease_s:
                job.state = "cancelled"

    def _make_room(self) -> None:
        """Forget the oldest answers beyond what may be kept, and all that was cancelled before them."""
        ended = deque(key for key, job in self._jobs.items() if not job.is_open)
        kept = sum(len(self._jobs[key].outcome) for key in ended)
        while len(ended) > 1 and (kept > self.largest_kept or len(ended) > self.most_kept):
            kept -= len(self._jobs.pop(ended.popleft()).outcome)

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.process.kill()
            process.process.join()
            process.process.close()
            process.pipe.close()


@dataclass(frozen=True, slots=True)
class _Process:
    """The worker process and our end of the pipe to it."""

    process: Any
    pipe: Connection

    @classmethod
    def begun(cls) -> _Process:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_worker, args=(theirs,), name="chainsim jobs", daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours)


def _worker(pipe: Connection) -> None:
    """Answer works until the pipe ends: one after the other, in a process that ends when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    scratch = [Path()]
    threading.Thread(target=_follow_parent, args=(scratch,), daemon=True).start()
    with suppress(EOFError, OSError, _NobodyThereError):
        while True:
            work: Work = pickle.loads(pipe.recv_bytes())  # noqa: S301 - bytes of the parent process
            scratch[0] = work.scratch
            pipe.send_bytes(pickle.dumps(answered(work, lambda standing: _send(pipe, "told", standing))))
    _leave_nothing(scratch)  # the pipe may tell of the end before the thread that waits for it has cleared up


class _NobodyThereError(BaseException):
    """The parent went while a task told how far it is: no task's mistake, so none may catch it."""


def _send(pipe: Connection, kind: str, content: Any) -> None:
    try:
        pipe.send_bytes(pickle.dumps((kind, content)))
    except OSError:
        raise _NobodyThereError from None


def _follow_parent(scratch: list[Path]) -> None:
    """End with the parent, however it ended, and leave nothing."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    _leave_nothing(scratch)
    os._exit(1)


def _leave_nothing(scratch: list[Path]) -> None:
    if scratch[0] != Path():
        shutil.rmtree(scratch[0], ignore_errors=True)


def answered(work: Work, told: Told) -> tuple[str, Any]:
    """``("done", the pickled answer)`` or ``("wrong", why)``."""
    import importlib

    module, _, name = work.task.partition(":")
    try:
        task: Task = getattr(importlib.import_module(module), name)
        return "done", pickle.dumps(task(work, told), protocol=pickle.HIGHEST_PROTOCOL)
    except InputError as error:
        return "wrong", Wrong(problems=error.problems)
    except NoPlanError as error:
        return "wrong", Wrong(reasons=error.reasons)
    except NoFeasibleAnswerError as error:
        return "wrong", Wrong(reasons=((error.said("en"), error.said("zh")),))
    except Exception:  # noqa: BLE001 - our own mistake: told as one, and the page goes on
        traceback.print_exc(file=sys.stderr)
        return "wrong", Wrong()
