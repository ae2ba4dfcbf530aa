"""The work of one process: a chunk of runs in, the chunk's tables out, as bytes that any process can carry.

The plan is handed over once per process and is all that the runs depend on: no file is read again, so that what is edited while
an experiment runs changes nothing.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainsim.errors import ChainsimError, InputError, NoFeasibleAnswerError
from chainsim.experiments.chance import fate_seed, under_fate
from chainsim.experiments.experiment import Experiment, Variant
from chainsim.experiments.recording import Record, plan_marks
from chainsim.experiments.varying import scenario_under
from chainsim.model import Scenario
from chainsim.simulation import simulate
from chainsim.texts import both

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Span:
    """Replications ``first`` to before ``last`` of one variant."""

    variant: int
    first: int
    last: int

    @property
    def runs(self) -> int:
        """How many runs these are."""
        return self.last - self.first


Chunk = tuple[Span, ...]
"""What one process does at a time, in the dataset's order."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that runs depend on."""

    experiment: Experiment
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A chunk's tables as Arrow streams by name; ``watched`` the figure that decides when to stop, by (variant, replication)."""

    tables: dict[str, bytes]
    watched: tuple[tuple[int, int, float], ...]
    failed: int
    seconds: float


def runs_in(chunk: Chunk) -> int:
    """How many runs a chunk has."""
    return sum(span.runs for span in chunk)


class Worker:
    """A process's own state: the plan, the scenario of the variant it was last asked for, and the marks of its plans, which no
    fate changes."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._variant = -1
        self._scenario: Scenario | InputError | None = None
        self._plans: tuple[int, int] | None = None

    def work(self, chunk: Chunk) -> Outcome:
        """Run the chunk. A run that cannot be is kept with its error; our own mistakes too, so that the others go on."""
        started = time.perf_counter()
        experiment = self.plan.experiment
        record = Record(experiment.recording)
        until = experiment.until
        watched, failed = [], 0
        for span in chunk:
            base = self._base(span.variant)
            for replication in range(span.first, span.last):
                if isinstance(base, InputError):
                    record.add_run(span.variant, replication, 0, "failed", error=_error_texts(base))
                    failed += 1
                    continue
                seed = fate_seed(experiment, replication, base.seed)
                try:
                    scenario = under_fate(base, experiment, replication)
                    log = simulate(scenario)
                    figures = record.add_outcome(span.variant, replication, scenario, log)
                except Exception as error:  # noqa: BLE001 - one bad scenario is told and does not stop the rest
                    record.add_run(span.variant, replication, seed, "failed", error=_error_texts(error))
                    failed += 1
                    continue
                self._plans = self._plans or plan_marks(log)
                record.add_run(span.variant, replication, seed, "done", plans=self._plans)
                if until is not None:
                    watched.append((span.variant, replication, figures[until.kpi].value))
        tables = {name: to_bytes(table) for name, table in record.take().items()}
        return Outcome(tables, tuple(watched), failed, time.perf_counter() - started)

    def _base(self, variant: int) -> Scenario | InputError:
        if variant != self._variant or self._scenario is None:
            try:
                self._scenario = scenario_under(self.plan.experiment, self.plan.variants[variant])
            except InputError as error:
                self._scenario = error
            self._variant, self._plans = variant, None
        return self._scenario


def crashed(plan: Plan, span: Span) -> Outcome:
    """The outcome of a run that took its process down twice, alone."""
    assert span.runs == 1
    record = Record(plan.experiment.recording)
    seed = fate_seed(plan.experiment, span.first, 0)
    record.add_run(span.variant, span.first, seed, "crashed", error=both("experiment.crashed"))
    tables = {name: to_bytes(table) for name, table in record.take().items()}
    return Outcome(tables, (), 1, 0.0)


def to_bytes(table: pa.Table) -> bytes:
    """An Arrow table as a compressed stream. Equal tables give equal bytes."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


def _error_texts(error: Exception) -> tuple[str, str]:
    """One line in each language that says what was wrong; of several problems the first, and how many more."""
    if isinstance(error, InputError) and error.problems:
        first = error.problems[0]
        more = f" (+{len(error.problems) - 1})" if len(error.problems) > 1 else ""
        english, chinese = f" ({first.found})" if first.found else "", f"（{first.found}）" if first.found else ""
        return (
            f"{first.path}: {first.message}{english}{more}",
            f"{first.path}：{first.message_zh or first.message}{chinese}{more}",
        )
    if isinstance(error, NoFeasibleAnswerError):
        return error.said("en").replace("\n", ""), error.said("zh").replace("\n", "")
    told = str(error) if isinstance(error, ChainsimError) else f"{type(error).__name__}: {error}"
    return told, told


_worker: Worker | None = None


def begin(plan_bytes: bytes) -> None:
    """Make this process a worker for the plan; it ignores Ctrl-C, which its parent answers, and ends when its parent does."""
    import multiprocessing
    import pickle
    import signal

    global _worker  # noqa: PLW0603 - a worker process has one plan, handed over when it begins
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = Worker(pickle.loads(plan_bytes))  # noqa: S301 - bytes that the parent process made, never a file's
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()


def work(chunk: Chunk) -> Outcome:
    """The chunk's outcome, by the worker that ``begin`` made of this process."""
    assert _worker is not None
    return _worker.work(chunk)


def merged_spans(spans: Sequence[Span]) -> Chunk:
    """Spans of one variant that follow one another, made one."""
    out: list[Span] = []
    for span in spans:
        if out and out[-1].variant == span.variant and out[-1].last == span.first:
            out[-1] = Span(span.variant, out[-1].first, span.last)
        else:
            out.append(span)
    return tuple(out)
