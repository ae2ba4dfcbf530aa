"""The calendar and the plan in force on it, as arrays: months, ten-day periods, time progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from chainsim.model.plan import Segment, courses_at, period_bounds
from chainsim.results.frames import Codes
from chainsim.results.integrals import Floats
from chainsim.results.run import Run

Pair = tuple[str, str]
"""A customer and a grade."""


@dataclass(frozen=True)
class MonthGrid:
    """Where the days of the horizon lie in its accounting months."""

    month: Codes
    """Month of each day."""
    first_edge: Codes
    last_edge: Codes
    """Per month: the edges at which it begins and ends."""
    progress: Floats
    """Per day, at its end: the share of its month gone by."""
    day_of_month: Codes
    """Per day: 1…31."""
    dates: NDArray[np.datetime64]


def month_grid(run: Run, edges: Floats) -> MonthGrid:
    """The grid of the whole horizon."""
    first = np.array([int(np.floor(start)) for start, _, _ in run.months], dtype=np.intp)
    last = np.array([int(np.ceil(end)) for _, end, _ in run.months], dtype=np.intp)
    days = len(edges) - 1
    month = np.searchsorted(first, np.arange(days), side="right") - 1
    dates = np.datetime64(run.scenario.start, "D") + np.arange(days)
    began, ended = edges[first], edges[last]
    return MonthGrid(
        month=month,
        first_edge=first,
        last_edge=last,
        progress=(edges[1:] - began[month]) / (ended - began)[month],
        day_of_month=(dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.intp) + 1,
        dates=dates.astype("datetime64[us]"),
    )


def month_plans(run: Run, pairs: tuple[Pair, ...]) -> Floats:
    """Plan in force by (pair, month), from the accounts."""
    plans = np.zeros((len(pairs), len(run.months)))
    position = {pair: i for i, pair in enumerate(pairs)}
    for account in run.log.accounts:
        plans[position[account.customer, account.grade], account.month] = account.plan_t
    return plans


def ten_day_plans(run: Run, pairs: tuple[Pair, ...]) -> Floats:
    """Plan in force at each month's end by (pair, month, ten-day period); sums to the accounts' plans."""
    plans = np.zeros((len(pairs), len(run.months), 3))
    totals = {(a.customer, a.grade, a.month): a.plan_t for a in run.log.accounts}
    effects = [o.effective_day for o in run.scenario.orders if o.state == "approved"]
    known_at = [max((d for d in effects if d < end), default=float("-inf")) for _, end, _ in run.months]
    known = {day: _by_month(course) for day, course in courses_at(run.scenario, known_at).items()}
    for month, (_, _, first) in enumerate(run.months):
        segments_of = known[known_at[month]]
        bounds = ten_day_edges(run, first)
        for row, (customer, grade) in enumerate(pairs):
            total = totals.get((customer, grade, month), 0.0)
            if total <= 0.0:
                continue
            segments = segments_of.get((customer, grade, month), ())
            parts = [_within(segments, low, high) for low, high in bounds]
            if sum(parts) <= 0.0:
                parts = [high - low for low, high in bounds]
            scale = total / sum(parts)
            plans[row, month] = [part * scale for part in parts]
    return plans


def _by_month(course: Mapping[Pair, tuple[Segment, ...]]) -> dict[tuple[str, str, int], list[Segment]]:
    """(customer, grade, month) → the segments that ask for something."""
    out: dict[tuple[str, str, int], list[Segment]] = {}
    for (customer, grade), segments in course.items():
        for segment in segments:
            if segment.tonnes > 0:
                out.setdefault((customer, grade, segment.month), []).append(segment)
    return out


def ten_day_edges(run: Run, first: date) -> list[tuple[float, float]]:
    """The month's three ten-day periods in days, cut to the horizon."""
    out = []
    for offset in (0, 10, 20):
        start, end = period_bounds("ten_day", first + timedelta(days=offset))
        low, high = run.scenario.day_of(start), run.scenario.day_of(end)
        out.append((min(max(low, 0.0), run.log.end_day), min(max(high, 0.0), run.log.end_day)))
    return out


def _within(segments: Sequence[Segment], low: float, high: float) -> float:
    return sum(
        s.tonnes * max(0.0, min(high, s.end_day) - max(low, s.start_day)) / (s.end_day - s.start_day) for s in segments
    )
