"""Which replications are to be done, round by round: all at once, or until the answer is narrow enough.

A round is decided when all runs before it are finished, from all their figures in the order of replications: so it is the same
round whoever worked on them, and in whatever order they came.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import stdev

from chainsim.experiments.intervals import t_quantile
from chainsim.experiments.journal import Part
from chainsim.experiments.work import Plan, Span


class Rounds:
    """The rounds of one experiment; ``total`` is the number of runs as far as it is known."""

    def __init__(self, plan: Plan, folder: Path, parts: Sequence[Part]) -> None:
        self._plan = plan
        self._until = plan.experiment.until
        self._round = 0
        self._open = [variant.number for variant in plan.variants]
        self._closed_runs = 0
        self._figures: dict[int, dict[int, float]] = {number: {} for number in self._open}
        if self._until is not None and parts:
            self._read(folder, parts, self._until.kpi)

    @property
    def total(self) -> int:
        """All runs there can still be, and those there have been."""
        return len(self._open) * self._plan.experiment.fates + self._closed_runs

    def next_spans(self) -> list[Span] | None:
        """The runs of the next round, the variants in order; None after the last."""
        until = self._until
        every = self._plan.experiment.fates if until is None else until.every
        first = self._round * every
        if until is not None and self._round:
            narrow = {v for v in self._open if self._narrow(v, first)}
            self._open = [v for v in self._open if v not in narrow]
            self._closed_runs += len(narrow) * first
        if first >= self._plan.experiment.fates or not self._open:
            return None
        self._round += 1
        return [Span(v, first, min(first + every, self._plan.experiment.fates)) for v in self._open]

    def later(self, spans: Sequence[Span]) -> int:
        """Runs that rounds after this one may still bring."""
        return sum(self._plan.experiment.fates - span.last for span in spans)

    def watched(self, figures: Iterable[tuple[int, int, float]]) -> None:
        """The figure that decides, of runs that have just finished."""
        for variant, replication, value in figures:
            self._figures[variant][replication] = value

    def _narrow(self, variant: int, before: int) -> bool:
        """Whether the mean over replications below ``before`` is known well enough; a failed run has no figure."""
        until = self._until
        assert until is not None
        values = [v for r, v in sorted(self._figures[variant].items()) if r < before and not math.isnan(v)]
        if len(values) < 2:
            return False
        spread = t_quantile(self._plan.experiment.questions.confidence, len(values) - 1)
        return spread * stdev(values) / math.sqrt(len(values)) <= until.half_width

    def _read(self, folder: Path, parts: Sequence[Part], kpi: str) -> None:
        """The figures of runs that an earlier session finished."""
        import pyarrow.compute as pc

        from chainsim.experiments.dataset import read_part

        for part in parts:
            rows = read_part(folder, part, "run_kpis")
            rows = rows.filter(pc.equal(rows.column("kpi"), kpi))
            columns = (rows.column(name).to_pylist() for name in ("variant", "replication", "value"))
            self.watched(zip(*columns, strict=True))
