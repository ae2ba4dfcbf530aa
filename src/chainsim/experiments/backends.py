"""Where chunks are worked on: one thin interface, in this process or in a pool of the standard library's.

The pool is a row of single-process pools. When a process dies its own pool breaks and no other: it is known at
once which chunk it was at, and the others go on.
"""

from __future__ import annotations

import pickle
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Literal, Protocol

from chainsim.experiments import work as working
from chainsim.experiments.processes import interrupts_ignored
from chainsim.experiments.work import Chunk, Outcome, Plan, Worker

_IN_FLIGHT = 2
"""Chunks per process: the one at work and the one that waits, so that no process idles between two."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a chunk: its outcome; or its process died at it; or it was lost with a process that died at another."""

    chunk: Chunk
    outcome: Outcome | Literal["died", "lost"]


class Backend(Protocol):
    """Works on chunks, several at a time; the order of reports is nobody's promise."""

    @property
    def capacity(self) -> int:
        """Chunks that should be under way at a time."""

    def submit(self, chunk: Chunk) -> None:
        """Begin with a chunk, now or when there is room."""

    def next_report(self) -> Report:
        """Wait for a chunk that is finished or lost; some chunk must be under way."""

    def close(self) -> None:
        """Stop what is under way and let everything go."""


class Here:
    """Works in this very process, one chunk at a time: for small experiments, and to measure."""

    capacity = 1

    def __init__(self, plan: Plan) -> None:
        self._worker = Worker(plan)
        self._waiting: deque[Chunk] = deque()

    def submit(self, chunk: Chunk) -> None:
        """Work begins when its report is asked for."""
        self._waiting.append(chunk)

    def next_report(self) -> Report:
        """The next chunk's."""
        chunk = self._waiting.popleft()
        return Report(chunk, self._worker.work(chunk))

    def close(self) -> None:
        """Forget what waits."""
        self._waiting.clear()


@dataclass(slots=True)
class _Slot:
    """One process and the chunks handed to it, the one at work first."""

    pool: ProcessPoolExecutor
    chunks: deque[tuple[Chunk, Future[Outcome]]] = field(default_factory=deque)


class Processes:
    """A row of ``workers`` processes, started anew (spawn) so that they share nothing with this one."""

    def __init__(self, plan: Plan, workers: int) -> None:
        self.capacity = workers * _IN_FLIGHT
        self._plan = pickle.dumps(plan, protocol=pickle.HIGHEST_PROTOCOL)
        self._slots = [_Slot(self._pool()) for _ in range(workers)]
        self._reports: deque[Report] = deque()

    def submit(self, chunk: Chunk) -> None:
        """To the process with the fewest chunks."""
        slot = min(self._slots, key=lambda slot: len(slot.chunks))
        try:
            with interrupts_ignored():
                future = slot.pool.submit(working.work, chunk)
        except BrokenProcessPool:  # it died while idle, or its death is not yet reported
            self._reports.append(Report(chunk, "lost"))
            if slot.chunks:
                self._collect(slot)  # else this chunk would come here for ever, and nobody hear of the others
            else:
                self._renew(slot)
            return
        slot.chunks.append((chunk, future))

    def next_report(self) -> Report:
        """The first that is there."""
        while not self._reports:
            under_way = {future for slot in self._slots for _, future in slot.chunks}
            wait(under_way, return_when=FIRST_COMPLETED)
            for slot in self._slots:
                self._collect(slot)
        return self._reports.popleft()

    def close(self) -> None:
        """Processes are stopped, not asked: what they are at is done again some other time."""
        for slot in self._slots:
            _stop(slot.pool)

    def process_ids(self) -> list[int]:
        """The ids of the processes at work."""
        return [pid for slot in self._slots for pid in (slot.pool._processes or {})]

    def _collect(self, slot: _Slot) -> None:
        while slot.chunks and slot.chunks[0][1].done():
            chunk, future = slot.chunks.popleft()
            try:
                self._reports.append(Report(chunk, future.result()))
            except BrokenProcessPool:
                self._reports.append(Report(chunk, "died"))
                self._reports += [Report(waiting, "lost") for waiting, _ in slot.chunks]
                slot.chunks.clear()
                self._renew(slot)

    def _renew(self, slot: _Slot) -> None:
        _stop(slot.pool)
        slot.pool = self._pool()

    def _pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=working.begin, initargs=(self._plan,)
        )


def _stop(pool: ProcessPoolExecutor) -> None:
    processes = list((pool._processes or {}).values())
    for process in processes:
        with suppress(OSError, ValueError):
            process.kill()
    pool.shutdown(wait=True, cancel_futures=True)
