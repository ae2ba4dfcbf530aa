"""What a run does worse than its baseline, beyond stated tolerances, and because of what."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from chainsim.results import Difference, effects

if TYPE_CHECKING:
    import pandas as pd

ROUNDING = 1e-9
"""A change by as much as the tolerance is within it, however it was added up."""
MOST_PARTS = 3
LEAST_T = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """How much worse a run may be than its baseline.

    ``completion_points``: percentage points of completion lost, by the whole or by any customer. ``curtailed_t``: tonnes more
    shut in, all suppliers together. ``days_full``: days longer with full tanks, any farm. ``new_errors`` and
    ``new_warnings``: findings of that severity that are new or have become so grave.
    """

    completion_points: float = 0.5
    curtailed_t: float = 1000.0
    days_full: float = 1.0
    new_errors: float = 0.0
    new_warnings: float = 0.0


MEASURES = tuple(f.name for f in fields(Tolerances))


@dataclass(frozen=True, slots=True, kw_only=True)
class TolerancesByScenario:
    """Tolerances for all scenarios, and those of single ones by name."""

    common: Tolerances = Tolerances()
    own: Mapping[str, Tolerances] = field(default_factory=dict)

    def of(self, scenario: str) -> Tolerances:
        """Those that hold for ``scenario``."""
        return self.own.get(scenario, self.common)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Tonnes more lost to a cause at an asset; or, without a cause, tonnes more at an asset."""

    cause: str
    asset: str
    change_t: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """One figure that is worse beyond its tolerance. ``subject`` is a customer or farm, or empty for the whole.

    ``before`` and ``after`` are a ratio for completion, else tonnes, days or numbers; ``parts`` explain it, ``messages`` are
    those of new findings in (English, Chinese).
    """

    measure: str
    subject: str
    before: float
    after: float
    tolerance: float
    parts: tuple[Part, ...] = ()
    messages: tuple[tuple[str, str], ...] = ()


def regressions(found: Difference, changes: pd.DataFrame, tolerances: Tolerances) -> tuple[Regression, ...]:
    """What is worse beyond ``tolerances`` in the second run of ``found``; ``changes`` are the two runs' ``finding_changes``."""
    return (
        *_completion(found, tolerances),
        *_curtailed(found, tolerances),
        *_days_full(found, tolerances),
        *_findings(changes, tolerances),
    )


def _completion(found: Difference, tolerances: Tolerances) -> Iterator[Regression]:
    limit = tolerances.completion_points / 100
    for row in sorted(_rows(found.figures, "completion"), key=lambda row: (bool(row.subject), row.change)):
        if row.change < -limit - ROUNDING:
            mine = found.causes[found.causes["customer"] == row.subject] if row.subject else found.causes
            yield Regression(
                measure="completion_points", subject=row.subject, before=row.before, after=row.after,
                tolerance=tolerances.completion_points, parts=lost_to(mine),
            )  # fmt: skip


def _curtailed(found: Difference, tolerances: Tolerances) -> Iterator[Regression]:
    rows = _rows(found.figures, "curtailed")
    whole = next((row for row in rows if not row.subject), None)
    if whole is None or not whole.change > tolerances.curtailed_t + ROUNDING:
        return
    suppliers = sorted((row for row in rows if row.subject and row.change > LEAST_T), key=lambda row: -row.change)
    parts = tuple(Part(cause="", asset=row.subject, change_t=row.change) for row in suppliers[:MOST_PARTS])
    yield Regression(
        measure="curtailed_t", subject="", before=whole.before, after=whole.after, tolerance=tolerances.curtailed_t,
        parts=(*parts, *lost_to(found.causes)[:1]),
    )  # fmt: skip


def _days_full(found: Difference, tolerances: Tolerances) -> Iterator[Regression]:
    for row in _rows(found.figures, "days_full"):
        if row.change > tolerances.days_full + ROUNDING:
            yield Regression(
                measure="days_full", subject=row.subject, before=row.before, after=row.after,
                tolerance=tolerances.days_full, parts=lost_to(found.causes)[:1],
            )  # fmt: skip


def _findings(changes: pd.DataFrame, tolerances: Tolerances) -> Iterator[Regression]:
    worse = changes[changes["change"].isin(["new", "graver"])]
    for measure, severity in (("new_errors", "error"), ("new_warnings", "warning")):
        mine = worse[worse["after"] == severity]
        limit = getattr(tolerances, measure)
        if len(mine) > limit:
            messages = tuple(zip(mine["message_en"], mine["message_zh"], strict=True))
            yield Regression(
                measure=measure, subject="", before=0.0, after=float(len(mine)), tolerance=limit, messages=messages
            )  # fmt: skip


def lost_to(causes: pd.DataFrame) -> tuple[Part, ...]:
    """What took most from deliveries by a table ``difference_causes``: the causes that grew, largest first."""
    sums: list[Any] = list(effects(causes, "cause", "asset").itertuples())
    return tuple(
        Part(cause=str(row.cause), asset=str(row.asset), change_t=row.change_t)
        for row in [row for row in sums if row.delivered_change_t < -LEAST_T][:MOST_PARTS]
    )


def _rows(figures: pd.DataFrame, figure: str) -> list[Any]:
    """The rows of one figure that have a change."""
    rows: list[Any] = list(figures[figures["figure"] == figure].itertuples())
    return [row for row in rows if not math.isnan(row.change)]
