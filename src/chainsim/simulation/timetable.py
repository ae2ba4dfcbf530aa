"""The plan as the run will meet it: stretch by stretch, which rates it wants and what is due by when.

Everything here follows from the scenario alone (orders have known days of effect), so it is computed once, before the clock
starts. A *stretch* is a span in which no plan rate changes: it ends with a ten-day period, a month, an order's effect.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from chainsim.model import Scenario
from chainsim.model.plan import Segment, courses_at, months_of, purchase_rates
from chainsim.simulation.routing import Key, NominalFlows, Route

NEVER = float("-inf")
Course = dict[int, list[Segment]]
"""Segments by month."""
T = TypeVar("T")


class Due(NamedTuple):
    """What the plan wants of one customer and grade in a stretch.

    ``rate`` t/d; ``target_t`` is the month's cumulative plan at ``by_day``, the end of the current ten-day period or
    month; ``month_t`` the month's whole plan as known now.
    """

    rate: float
    target_t: float
    by_day: float
    month_t: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch: its span, its month's index, the dues, and the nominal rates of pipelines and supplies."""

    start_day: float
    end_day: float
    month: int
    opens_month: bool
    due: dict[Key, Due]
    pipelines: dict[Key, float]
    supplies: dict[str, float]
    queued_t: dict[Key, float]
    """(pipeline, grade) → tonnes that enter its batch queue now: a month's whole due, or an order's change of it."""
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timetable:
    """All stretches from ``begin_day`` on, and the accounting months (start_day, end_day)."""

    stretches: tuple[Stretch, ...]
    months: tuple[tuple[float, float], ...]
    due_before: dict[Key, float]
    """What the current month had made due before ``begin_day``."""
    original: dict[tuple[str, str, int], float]
    """(customer, grade, month) → tonnes in the original plan."""


def timetable(scenario: Scenario, ways: dict[Key, Route], gross: dict[Key, float]) -> Timetable:
    """The timetable of ``scenario``; ``gross`` turns a counted rate into that at the end of the pipelines."""
    begin, end = scenario.as_of_day, scenario.end_day
    months = tuple((a, b) for a, b, _ in months_of(scenario))
    orders = [o for o in scenario.orders if o.state == "approved" and begin < o.effective_day < end]
    effects = dict.fromkeys(o.effective_day for o in orders)
    approved = any(o.state == "approved" and o.effective_day <= begin for o in scenario.orders)
    first_day = NEVER if approved else begin
    versions = {day: _by_month(plan) for day, plan in courses_at(scenario, (first_day, begin, *effects)).items()}
    plan, first_plan = versions[begin], versions[first_day]
    keys = list(dict.fromkeys([*plan, *((line.customer, line.grade) for o in orders for line in o.lines)]))
    purchases = _by_month(purchase_rates(scenario))
    edges = {begin, *effects, *(a for a, _ in months)}
    for day in (begin, *effects):
        edges.update(_starts(versions[day]))
    edges.update(_starts(purchases))
    for supplier in scenario.suppliers:
        if supplier.name not in purchases:
            edges.update(d for d, _ in supplier.production_t_per_day.changes(begin, end))
    days = sorted(d for d in edges if begin <= d < end)
    nominal = NominalFlows(scenario, ways)
    first = _month_at(months, begin)
    due_sum = {key: _cumulative(plan.get(key, {}).get(first, ()), begin) for key in keys}
    before = dict(due_sum)
    out: list[Stretch] = []
    month = -1
    known = plan
    for index, day in enumerate(days):
        until = days[index + 1] if index + 1 < len(days) else end
        now_month = _month_at(months, day)
        opens = now_month != month
        if opens and month >= 0:
            due_sum = dict.fromkeys(keys, 0.0)
        month = now_month
        numbers: tuple[str, ...] = ()
        month_end = months[month][1]
        supplies = _supplies(scenario, purchases, month, day)
        old_rest: dict[Key, float] = {}
        if day in effects:
            if not opens:
                old_rest = _rest(nominal, known, keys, month, due_sum, day, month_end, supplies, gross)
            known = versions[day]
            numbers = tuple(o.number for o in scenario.orders if o.state == "approved" and o.effective_day == day)
        due: dict[Key, Due] = {}
        for key in keys:
            course = known.get(key, {}).get(month, ())
            segment = _segment_at(course, day)
            if segment is None:
                continue
            target = _cumulative(course, segment.end_day)
            rate = (target - due_sum[key]) / (segment.end_day - day)
            due[key] = Due(rate, target, segment.end_day, _cumulative(course, month_end))
            due_sum[key] += rate * (until - day)
        rates = {k: d.rate * gross.get(k, 1.0) for k, d in due.items()}
        pipelines = nominal.at(rates, supplies, day)
        queued: dict[Key, float] = {}
        if opens or day in effects or index == 0:
            if day not in effects and until == month_end:
                queued = {k: rate * (until - day) for k, rate in pipelines.items()}
                out.append(Stretch(day, until, month, opens, due, pipelines, supplies, queued, numbers))
                continue
            sums = {k: due_sum[k] - (due[k].rate * (until - day) if k in due else 0.0) for k in keys}
            rest = _rest(nominal, known, keys, month, sums, day, month_end, supplies, gross)
            queued = {k: rest.get(k, 0.0) - old_rest.get(k, 0.0) for k in dict.fromkeys([*rest, *old_rest])}
        out.append(Stretch(day, until, month, opens, due, pipelines, supplies, queued, numbers))
    original = {
        (customer, grade, m): sum(s.tonnes for s in segments)
        for (customer, grade), course in first_plan.items()
        for m, segments in course.items()
    }
    return Timetable(tuple(out), months, before, original)


def month_totals(scenario: Scenario, before: int) -> dict[tuple[str, str, int], float]:
    """(customer, grade, month) → tonnes of the plan in force at each month's end, for months before number ``before``."""
    out: dict[tuple[str, str, int], float] = {}
    ends = [end - 1e-9 for _, end, _ in months_of(scenario)[:before]]
    known = courses_at(scenario, ends)
    for month, end in enumerate(ends):
        for (customer, grade), course in _by_month(known[end]).items():
            out[customer, grade, month] = sum(s.tonnes for s in course.get(month, ()))
    return out


def _by_month(plan: dict[T, tuple[Segment, ...]]) -> dict[T, Course]:
    out: dict[T, Course] = {}
    for key, course in plan.items():
        months: dict[int, list[Segment]] = {}
        for segment in course:
            months.setdefault(segment.month, []).append(segment)
        out[key] = months
    return out


def _starts(plan: Mapping[T, Course]) -> set[float]:
    return {s.start_day for course in plan.values() for segments in course.values() for s in segments}


def _month_at(months: tuple[tuple[float, float], ...], day: float) -> int:
    starts = [a for a, _ in months]
    return max(0, bisect_right(starts, day) - 1)


def _segment_at(course: Sequence[Segment], day: float) -> Segment | None:
    return next((s for s in course if s.start_day <= day < s.end_day), None)


def _cumulative(course: Sequence[Segment], day: float) -> float:
    """What a month's segments make due up to ``day``."""
    total = 0.0
    for s in course:
        if s.end_day <= day:
            total += s.tonnes
        elif s.start_day < day:
            total += s.tonnes * (day - s.start_day) / (s.end_day - s.start_day)
    return total


def _supplies(scenario: Scenario, purchases: dict[str, Course], month: int, day: float) -> dict[str, float]:
    """The rate each supplier is planned to give; without a purchase plan, its production."""
    out = {}
    for supplier in scenario.suppliers:
        course = purchases.get(supplier.name)
        if course is None:
            out[supplier.name] = supplier.production_t_per_day.at(day)
        else:
            segment = _segment_at(course.get(month, ()), day)
            out[supplier.name] = segment.tonnes / (segment.end_day - segment.start_day) if segment else 0.0
    return out


def _rest(
    nominal: NominalFlows,
    known: dict[Key, Course],
    keys: list[Key],
    month: int,
    sums: dict[Key, float],
    day: float,
    month_end: float,
    supplies: dict[str, float],
    gross: dict[Key, float],
) -> dict[Key, float]:
    """(pipeline, grade) → tonnes the plan wants through it from ``day`` to the month's end."""
    span = month_end - day
    rates = {
        key: max(0.0, _cumulative(known.get(key, {}).get(month, ()), month_end) - sums[key])
        / span
        * gross.get(key, 1.0)
        for key in keys
    }
    return {key: rate * span for key, rate in nominal.at(rates, supplies, day).items()}
