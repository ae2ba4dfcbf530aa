"""Directive plans: nested plan lines, adjustment orders, and the plan in force on a date.

A line gives tonnes for a customer and a grade over a calendar period. Levels nest: annual ⊃ quarter ⊃ month ⊃ ten-day (旬:
1–10, 11–20, 21–end). Where only a coarse line exists it is split over the months by days; where finer ones exist
they rule, and must sum to their parent (checked on load). Completion is accounted by calendar month, the
coarsest period in which a make-up volume 补量 may still be lifted; ten-day lines shape the month's course.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from chainsim.model.scenario import Scenario

Level = Literal["annual", "quarter", "month", "ten_day"]
LEVELS: tuple[Level, ...] = ("annual", "quarter", "month", "ten_day")
TONNES_PER = {"t": 1.0, "kt": 1e3, "wt": 1e4}
"""Tonnes in a unit that planners write amounts in (wt: 万吨); cubic metres have no one weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """``tonnes`` of ``grade`` for ``customer`` over [start, end), a whole calendar period of ``level``.

    ``via`` names the pipeline or railway that brings it; empty: the cheapest route by tariff.
    """

    customer: str
    grade: str
    level: Level
    start: date
    end: date
    tonnes: float
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLine:
    """``tonnes`` to be bought from ``supplier`` over [start, end)."""

    supplier: str
    level: Level
    start: date
    end: date
    tonnes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """The whole period's new tonnes (not a difference) for one customer, grade and month or ten-day period."""

    customer: str
    grade: str
    level: Level
    start: date
    end: date
    tonnes: float
    note: str = ""
    """Why, in the words of whoever wrote the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentOrder:
    """调整令: changes the plan from ``effective_day`` on. Drafts are carried along but change nothing."""

    number: str
    issued: date
    effective_day: float
    state: Literal["draft", "approved"]
    lines: tuple[OrderLine, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a course: ``tonnes`` evenly over [start_day, end_day), in calendar month ``month`` of the run."""

    month: int
    start_day: float
    end_day: float
    tonnes: float


Courses = dict[tuple[str, str], tuple[Segment, ...]]
"""(customer, grade) → segments in time order."""


def month_starts(start: date, end: date) -> tuple[date, ...]:
    """The first days of the calendar months that touch [start, end), the first cut to ``start`` only by callers."""
    out = []
    year, month = start.year, start.month
    while date(year, month, 1) < end:
        out.append(date(year, month, 1))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return tuple(out)


def next_month(day: date) -> date:
    """The first day of the month after ``day``'s."""
    return date(day.year + (day.month == 12), day.month % 12 + 1, 1)


def period_bounds(level: Level, day: date) -> tuple[date, date]:
    """The calendar period of ``level`` that contains ``day``."""
    if level == "annual":
        return date(day.year, 1, 1), date(day.year + 1, 1, 1)
    if level == "quarter":
        first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        return first, next_month(next_month(next_month(first)))
    first = date(day.year, day.month, 1)
    if level == "month":
        return first, next_month(first)
    if day.day <= 10:
        return first, first + timedelta(days=10)
    if day.day <= 20:
        return first + timedelta(days=10), first + timedelta(days=20)
    return first + timedelta(days=20), next_month(first)


def amounts_by_month(lines: Sequence[tuple[Level, date, float]], months: Sequence[date]) -> list[float]:
    """What ``lines`` (level, first day, amount) of one customer and grade plan for each of ``months``, named by first days.

    Amounts may be in any unit; they come back in it.
    """
    whole = [(level, start, start, amount) for level, start, amount in lines]
    shapes = _month_shapes(whole, tuple((month, next_month(month)) for month in months))
    return [sum(amount for _, _, amount in shape) for shape in shapes]


def _months(scenario: Scenario) -> tuple[tuple[date, date], ...]:
    end = scenario.calendar_date(scenario.end_day)
    if scenario.day_of(end) < scenario.end_day:  # the horizon ends within that day
        end += timedelta(days=1)
    return tuple((m, next_month(m)) for m in month_starts(scenario.start, end))


def months_of(scenario: Scenario) -> tuple[tuple[float, float, date], ...]:
    """The accounting months: (start_day, end_day, first of the month), cut to the horizon."""
    return tuple(
        (max(0.0, scenario.day_of(a)), min(scenario.end_day, scenario.day_of(b)), a) for a, b in _months(scenario)
    )


def _month_shapes(
    lines: list[tuple[Level, date, date, float]], months: tuple[tuple[date, date], ...]
) -> list[list[tuple[date, date, float]]]:
    """For each month, its stretches (start, end, tonnes), from lines of one customer and grade, finest level first."""
    by: dict[Level, dict[date, float]] = {level: {} for level in LEVELS}
    for level, start, _end, tonnes in lines:
        by[level][start] = tonnes
    shapes: list[list[tuple[date, date, float]]] = []
    for first, after in months:
        tens = [period_bounds("ten_day", first + timedelta(days=k)) for k in (0, 10, 20)] if by["ten_day"] else []
        if any(a in by["ten_day"] for a, _ in tens):
            known = [(a, b, by["ten_day"].get(a)) for a, b in tens]
            missing = [(a, b) for a, b, t in known if t is None]
            rest = by["month"].get(first, 0.0) - sum(t for _, _, t in known if t is not None)
            days = sum((b - a).days for a, b in missing)
            shapes.append([(a, b, max(0.0, rest) * (b - a).days / days if t is None else t) for a, b, t in known])
        elif first in by["month"]:
            shapes.append([(first, after, by["month"][first])])
        else:
            shapes.append([(first, after, _from_parents(by, first, after))])
    return shapes


def _from_parents(by: dict[Level, dict[date, float]], first: date, after: date) -> float:
    """A month's tonnes where it has no line: its share by days of what the quarter (then the year) leaves open."""
    quarter = period_bounds("quarter", first)[0]
    if quarter in by["quarter"]:
        stated = {month: _stated(by, month) for month in _months_from(quarter, 3)}
        return _share(by["quarter"][quarter], stated, first, after)
    year = period_bounds("annual", first)[0]
    if year not in by["annual"]:
        return 0.0
    stated = {}
    for start in (year.replace(month=m) for m in (1, 4, 7, 10)):
        inner = {month: _stated(by, month) for month in _months_from(start, 3)}
        if start in by["quarter"]:  # which tells its months: its tonnes stand here in the first one's place
            inner.update(dict.fromkeys(inner, 0.0))
            inner[start] = by["quarter"][start]
        stated.update(inner)
    return _share(by["annual"][year], stated, first, after)


def _stated(by: dict[Level, dict[date, float]], month: date) -> float | None:
    """What the month's own lines say of it; None without any."""
    if month in by["month"]:
        return by["month"][month]
    tens = [period_bounds("ten_day", month + timedelta(days=k))[0] for k in (0, 10, 20)] if by["ten_day"] else []
    known = [by["ten_day"][start] for start in tens if start in by["ten_day"]]
    return sum(known) if known else None


def _months_from(first: date, count: int) -> list[date]:
    out = [first]
    while len(out) < count:
        out.append(next_month(out[-1]))
    return out


def _share(whole: float, stated: dict[date, float | None], first: date, after: date) -> float:
    """By days, of what ``stated`` leaves of the ``whole`` to the months that state nothing."""
    rest = whole - sum(tonnes for tonnes in stated.values() if tonnes is not None)
    open_days = sum((next_month(month) - month).days for month, tonnes in stated.items() if tonnes is None)
    return max(0.0, rest) * (after - first).days / open_days if open_days else 0.0


def courses(scenario: Scenario, known_at: float) -> Courses:
    """The plan as in force at ``known_at``, over the whole horizon.

    Approved orders effective at or before ``known_at`` are applied in order of effect; a later one supersedes an
    earlier one line by line. ``known_at = -inf`` gives the original plan. A month that the horizon cuts keeps the
    part of each stretch inside, in proportion to its days.
    """
    return courses_at(scenario, (known_at,))[known_at]


def courses_at(scenario: Scenario, known_at: Iterable[float]) -> dict[float, Courses]:
    """``courses`` for each of several days. An order works out anew only what it changes."""
    months = _months(scenario)
    grouped: dict[tuple[str, str], list[tuple[Level, date, date, float]]] = {}
    for line in scenario.plan:
        grouped.setdefault((line.customer, line.grade), []).append((line.level, line.start, line.end, line.tonnes))
    shapes = {key: _month_shapes(lines, months) for key, lines in grouped.items()}
    known = {key: _segments(scenario, shape) for key, shape in shapes.items()}
    approved = (order for order in scenario.orders if order.state == "approved")
    waiting = deque(sorted(approved, key=lambda order: order.effective_day))
    out: dict[float, Courses] = {}
    for day in sorted(set(known_at)):
        changed: dict[tuple[str, str], None] = {}
        while waiting and waiting[0].effective_day <= day:
            for change in waiting.popleft().lines:
                key = change.customer, change.grade
                if key not in shapes:
                    shapes[key] = _month_shapes([], months)
                _apply(shapes[key], months, change)
                changed[key] = None
        known = {**known, **{key: _segments(scenario, shapes[key]) for key in changed}}
        out[day] = known
    return out


def tonnes_in_force(
    scenario: Scenario,
    known_at: float,
    customer: str,
    grade: str,
    start_day: float,
    end_day: float,
    *,
    without: str = "",
) -> float:
    """Tonnes of the plan in force at ``known_at`` that fall into [start_day, end_day); the order ``without`` is left out."""
    # Every customer's and grade's course is its own: the others need not be worked out.
    plan = tuple(line for line in scenario.plan if (line.customer, line.grade) == (customer, grade))
    orders = tuple(order for order in scenario.orders if not without or order.number != without)
    scenario = replace(scenario, plan=plan, orders=orders)
    segments = courses(scenario, known_at).get((customer, grade), ())
    return sum(
        s.tonnes * max(0.0, min(end_day, s.end_day) - max(start_day, s.start_day)) / (s.end_day - s.start_day)
        for s in segments
    )


def _apply(
    shapes: list[list[tuple[date, date, float]]], months: tuple[tuple[date, date], ...], change: OrderLine
) -> None:
    """Put an order line's tonnes in place of the period's, keeping the shape within it."""
    inside = [
        (i, j)
        for i in range(len(months))
        for j, (a, b, _) in enumerate(shapes[i])
        if change.start <= a and b <= change.end
    ]
    if not inside and change.level == "ten_day":
        for i, (first, after) in enumerate(months):
            if first <= change.start < after:  # the month has no ten-day shape yet: give it one by days
                total = sum(t for _, _, t in shapes[i])
                days = (after - first).days
                tens = [period_bounds("ten_day", first + timedelta(days=k)) for k in (0, 10, 20)]
                shapes[i] = [(a, b, total * (b - a).days / days) for a, b in tens]
                _apply(shapes, months, change)
        return
    old = sum(shapes[i][j][2] for i, j in inside)
    days = sum((shapes[i][j][1] - shapes[i][j][0]).days for i, j in inside)
    for i, j in inside:
        a, b, tonnes = shapes[i][j]
        share = tonnes / old if old > 0 else (b - a).days / days
        shapes[i][j] = (a, b, change.tonnes * share)


def _segments(scenario: Scenario, shapes: list[list[tuple[date, date, float]]]) -> tuple[Segment, ...]:
    out = []
    for month, stretches in enumerate(shapes):
        for start, end, tonnes in stretches:
            a, b = scenario.day_of(start), scenario.day_of(end)
            low, high = max(0.0, a), min(scenario.end_day, b)
            if low < high:
                out.append(Segment(month, low, high, tonnes * (high - low) / (b - a)))
    return tuple(out)


def purchase_rates(scenario: Scenario) -> dict[str, tuple[Segment, ...]]:
    """The purchase plan by supplier as segments; suppliers without lines are absent (their plan is their production)."""
    months = _months(scenario)
    grouped: dict[str, list[tuple[Level, date, date, float]]] = {}
    for line in scenario.purchases:
        grouped.setdefault(line.supplier, []).append((line.level, line.start, line.end, line.tonnes))
    return {name: _segments(scenario, _month_shapes(lines, months)) for name, lines in grouped.items()}
