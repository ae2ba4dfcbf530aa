"""Running an experiment: what is still to do, cut into chunks, worked on, journalled, and made one dataset at the end.

A chunk whose process dies is cut into single runs; a run that takes its process down twice, alone, is named and kept as crashed.
All else goes on.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainsim.errors import InputError, StoppedError
from chainsim.experiments.about import about_json
from chainsim.experiments.backends import Backend
from chainsim.experiments.dataset import build_dataset
from chainsim.experiments.designs import variants
from chainsim.experiments.experiment import Experiment
from chainsim.experiments.folders import MANIFEST, identity, is_ours, prepare, refuse_folder
from chainsim.experiments.identity import versions
from chainsim.experiments.journal import Journal, Part, as_problem
from chainsim.experiments.reading import ReadExperiment
from chainsim.experiments.stopping import Rounds
from chainsim.experiments.work import Chunk, Plan, Span, crashed, merged_spans, runs_in
from chainsim.mistakes import mistake

CHUNK_SECONDS = 1.0
"""A chunk takes about this long: what it costs to pass and journal is then beneath notice, and little is lost with a process."""
CHUNK_RUNS = 500
"""Nor has it more runs than these: its tables stay small in memory, here and where the dataset is made of them."""
_DEATHS = 2
_STILLBORN = 8
"""So many deaths before any run is done are not the runs' fault: processes cannot begin here."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an experiment is. ``rate`` in runs per second of this session, ``seconds_left`` at that rate; None at first."""

    done: int
    total: int
    failed: int
    rate: float | None
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished experiment: where it is, and how its runs went. ``already``: nothing was left to do."""

    folder: Path
    runs: int
    failed: int
    crashed: int
    redone: int
    already: bool
    seconds: float
    manifest: dict[str, Any]


def plan_of(experiment: Experiment) -> Plan:
    """All that the runs depend on."""
    return Plan(experiment, variants(experiment))


def run_experiment(
    read: ReadExperiment,
    folder: Path,
    backend_of: Callable[[Plan], Backend],
    *,
    resume: bool = False,
    restart: bool = False,
    told: Callable[[Standing], None] = lambda standing: None,
) -> Finished:
    """Run ``read`` into ``folder`` with the backend that ``backend_of`` makes.

    ``resume`` goes on where an earlier session ended; ``restart`` gives up what is there. Raises ``InputError`` where
    ``folder`` cannot be used so, or written, ``StoppedError`` where something is finished by then, which stays.
    """
    refuse_folder(folder, resume=resume)
    plan = plan_of(read.experiment)
    with closing(_Workers(backend_of, plan)) as workers:
        if not is_ours(folder):
            workers.backend()  # what cannot work is told before anything is written
        with closing(Journal.open(folder, anew=restart)) as journal:
            redone = prepare(journal, read, workers.backend, resume=resume, restart=restart)
            session = _Session(journal, plan, told)
            try:
                session.run(workers.backend)
                workers.close()
                return _finish(session, read, redone)
            except InputError as error:
                if not session.parts:
                    raise
                raise StoppedError(error.problems) from error


class _Workers:
    """The backend, made when it is first needed and let go in the end."""

    def __init__(self, backend_of: Callable[[Plan], Backend], plan: Plan) -> None:
        self._backend_of = backend_of
        self._plan = plan
        self._made: Backend | None = None

    def backend(self) -> Backend:
        """The one backend."""
        if self._made is None:
            self._made = self._backend_of(self._plan)
        return self._made

    def close(self) -> None:
        """Let it go, if it was made."""
        if self._made is not None:
            self._made.close()
            self._made = None


@dataclass(slots=True)
class _Session:
    """The state of one session's run."""

    journal: Journal
    plan: Plan
    told: Callable[[Standing], None]
    parts: list[Part] = field(default_factory=list)
    waiting: deque[Span] = field(default_factory=deque)
    singles: deque[Chunk] = field(default_factory=deque)
    deaths: dict[tuple[int, int], int] = field(default_factory=dict)
    fallen: int = 0
    under_way: int = 0
    total: int = 0
    done: int = 0
    failed: int = 0
    began: float = 0.0
    worked_runs: int = 0
    worked_seconds: float = 0.0

    def run(self, backend: Callable[[], Backend]) -> None:
        """All rounds; the backend is asked for where something is left to do."""
        self.began = time.monotonic()
        if self.journal.about("complete") is not None:
            return
        self.parts = list(self.journal.parts())
        self.failed = sum(part.failed for part in self.parts)
        rounds = Rounds(self.plan, self.journal.folder, self.parts)
        while (spans := rounds.next_spans()) is not None:
            self.total = rounds.total
            left = _without(spans, [span for part in self.parts for span in part.chunk])
            self.done = self.total - _count(left) - rounds.later(spans)
            self.waiting.extend(left)
            if left:
                self._work(backend(), rounds)

    def _work(self, backend: Backend, rounds: Rounds) -> None:
        self.told(self._standing())
        while self.waiting or self.singles or self.under_way:
            while (self.waiting or self.singles) and self.under_way < backend.capacity:
                backend.submit(self.singles.popleft() if self.singles else self._chunk(backend.capacity))
                self.under_way += 1
            report = backend.next_report()
            self.under_way -= 1
            if report.outcome == "lost":
                self.singles.appendleft(report.chunk)
            elif report.outcome == "died":
                self._died(report.chunk)
            else:
                outcome = report.outcome
                self._keep(report.chunk, outcome.tables, failed=outcome.failed, died=False, seconds=outcome.seconds)
                rounds.watched(outcome.watched)
                self.worked_runs += runs_in(report.chunk)
                self.worked_seconds += outcome.seconds
            self.told(self._standing())

    def _chunk(self, capacity: int) -> Chunk:
        """The next runs, about ``CHUNK_SECONDS`` of them; fewer towards the end, so that all processes end together."""
        left = _count(self.waiting)
        size = 1
        if self.worked_runs:
            size = int(CHUNK_SECONDS * self.worked_runs / max(self.worked_seconds, 1e-9))
        size = max(1, min(size, CHUNK_RUNS, -(-left // capacity) if capacity > 1 else left))
        taken: list[Span] = []
        while size and self.waiting:
            span = self.waiting.popleft()
            if span.runs > size:
                cut = span.first + size
                self.waiting.appendleft(Span(span.variant, cut, span.last))
                span = Span(span.variant, span.first, cut)
            taken.append(span)
            size -= span.runs
        return merged_spans(taken)

    def _died(self, chunk: Chunk) -> None:
        """Its runs get a process of their own; the one that does not survive that twice is the culprit."""
        self.fallen += 1
        if self.fallen >= _STILLBORN and not self.worked_runs:
            raise InputError([mistake("experiment-stillborn", "experiment.stillborn", file=str(self.journal.folder))])
        if runs_in(chunk) > 1:
            self.singles.extend((Span(span.variant, r, r + 1),) for span in chunk for r in range(span.first, span.last))
            return
        span = chunk[0]
        key = span.variant, span.first
        self.deaths[key] = self.deaths.get(key, 0) + 1
        if self.deaths[key] < _DEATHS:
            self.singles.append(chunk)
            return
        outcome = crashed(self.plan, span)
        self._keep(chunk, outcome.tables, failed=1, died=True, seconds=0.0)

    def _keep(self, chunk: Chunk, tables: Mapping[str, bytes], *, failed: int, died: bool, seconds: float) -> None:
        self.parts.append(self.journal.add(chunk, tables, failed=failed, crashed=died, seconds=seconds))
        self.done += runs_in(chunk)
        self.failed += failed

    def _standing(self) -> Standing:
        spent = time.monotonic() - self.began
        rate = self.worked_runs / spent if self.worked_runs and spent > 0 else None
        left = None if rate is None else (self.total - self.done) / rate
        return Standing(self.done, self.total, self.failed, rate, left)


def _finish(session: _Session, read: ReadExperiment, redone: int) -> Finished:
    journal, folder = session.journal, session.journal.folder
    complete = journal.about("complete")
    already = complete is not None
    if complete is None:
        with as_problem(folder):
            files = build_dataset(folder, session.plan.experiment, session.plan.variants, session.parts)
        complete = {
            "runs": sum(runs_in(part.chunk) for part in session.parts),
            "failed": session.failed,
            "crashed": sum(part.failed for part in session.parts if part.crashed),
            "files": files,
        }
        plan = session.plan
        manifest = {
            "chainsim": versions()["chainsim"],
            **identity(read),
            "seed": read.experiment.seed,
            "variants": len(plan.variants),
            **complete,
            "about": about_json(plan.experiment, read.scenario, plan.variants),
        }
        with as_problem(folder):
            temporary = folder / f".{MANIFEST}.part"
            temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            temporary.replace(folder / MANIFEST)
        journal.note("complete", complete)
        journal.forget_parts()
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return Finished(
        folder=folder,
        runs=complete["runs"],
        failed=complete["failed"],
        crashed=complete["crashed"],
        redone=redone,
        already=already,
        seconds=time.monotonic() - session.began,
        manifest=manifest,
    )


def _without(spans: Iterable[Span], done: Sequence[Span]) -> list[Span]:
    """``spans`` less what is done already."""
    by_variant: dict[int, list[Span]] = {}
    for span in done:
        by_variant.setdefault(span.variant, []).append(span)
    out = []
    for span in spans:
        first = span.first
        for other in sorted(by_variant.get(span.variant, ()), key=lambda s: s.first):
            if other.last <= first or other.first >= span.last:
                continue
            if first < other.first:
                out.append(Span(span.variant, first, other.first))
            first = max(first, other.last)
        if first < span.last:
            out.append(Span(span.variant, first, span.last))
    return out


def _count(spans: Iterable[Span]) -> int:
    return sum(span.runs for span in spans)
