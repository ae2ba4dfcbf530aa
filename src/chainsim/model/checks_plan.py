"""Checks on what is planned: plan and purchase lines, adjustment orders, prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from math import isfinite

from chainsim.errors import Problem
from chainsim.model.checks_network import reachable_grades
from chainsim.model.messages import name_list, nearest_name
from chainsim.model.plan import LEVELS, Level, OrderLine, PlanLine, period_bounds
from chainsim.model.problems import problem as _problem
from chainsim.model.problems import unknown as _unknown
from chainsim.model.scenario import Scenario

LEVEL_WORDS: dict[Level, tuple[str, str]] = {
    "annual": ("year", "年"),
    "quarter": ("quarter", "季"),
    "month": ("month", "月"),
    "ten_day": ("ten-day period", "旬"),
}
Line = tuple[Level, date, date, float, int]
"""(level, start, end, tonnes, index in the table)."""


def check_plan(scenario: Scenario) -> Iterator[Problem]:
    """Problems of the plan, purchases, orders, prices and receipts."""
    yield from _plan_lines(scenario)
    yield from _purchases(scenario)
    yield from _orders(scenario)
    yield from _prices(scenario)
    yield from _receipts(scenario)


def period_text(level: Level, start: date) -> str:
    """How a period is written in a file.

    >>> period_text("ten_day", date(2008, 7, 11))
    '2008-07-2'
    """
    if level == "annual":
        return f"{start.year}"
    if level == "quarter":
        return f"{start.year}Q{(start.month + 2) // 3}"
    month = f"{start.year}-{start.month:02}"
    return month if level == "month" else f"{month}-{min(3, (start.day + 9) // 10)}"


def _amount(path: str, tonnes: float) -> Iterator[Problem]:
    if not isfinite(tonnes):
        yield _problem("not_finite", path, tonnes)
    elif tonnes < 0:
        yield _problem("negative", path, tonnes)


def _period(scenario: Scenario, path: str, level: Level, start: date, end: date) -> Iterator[Problem]:
    if period_bounds(level, start) != (start, end):
        yield _problem("period_not_calendar", path, f"{start} … {end}")
    elif scenario.day_of(end) <= 0 or scenario.day_of(start) >= scenario.end_day:
        last = scenario.calendar_date(scenario.end_day)
        yield _problem("period_outside", path, period_text(level, start), start=scenario.start, end=last)


def _plan_lines(scenario: Scenario) -> Iterator[Problem]:
    grades = [g.name for g in scenario.grades]
    customers = {c.name: c for c in scenario.customers}
    brought = reachable_grades(scenario)
    grouped: dict[tuple[str, str], list[Line]] = {}
    unreachable: set[tuple[str, str, str]] = set()
    for i, line in enumerate(scenario.plan):
        path = f"plan[{i}]"
        yield from _amount(f"{path}.amount", line.tonnes)
        yield from _period(scenario, f"{path}.period", line.level, line.start, line.end)
        if line.customer not in customers:
            yield _unknown("customer", f"{path}.customer", line.customer, list(customers))
        if line.grade not in grades:
            yield _unknown("grade", f"{path}.grade", line.grade, grades)
        if line.customer in customers and line.grade in grades:
            accepted, arriving = customers[line.customer].grades, brought.get(line.customer, {})
            for problem in _can_be_brought(scenario, path, line, accepted, arriving):
                pair = (problem.code, line.customer, line.grade)  # told once, not for every month
                if problem.path.endswith("via") or pair not in unreachable:
                    unreachable.add(pair)
                    yield problem
        grouped.setdefault((line.customer, line.grade), []).append((line.level, line.start, line.end, line.tonnes, i))
    for (customer, grade), lines in grouped.items():
        yield from _reconcile("plan", ("customer and grade", "客户与油种"), f"{customer}, {grade}", lines)


def _can_be_brought(
    scenario: Scenario, path: str, line: PlanLine | OrderLine, accepted: Sequence[str], brought: dict[str, set[str]]
) -> Iterator[Problem]:
    """Whether the customer takes the grade and something brings it. Lines of 0 t ask for nothing."""
    if not line.tonnes > 0:
        return
    words = {"customer": line.customer, "grade": line.grade}
    if line.grade not in accepted:
        yield _problem("not_accepted", f"{path}.grade", line.grade, names=name_list(accepted), **words)
        return
    ways = sorted(way for way in brought.get(line.grade, ()) if way)
    if not ways:
        yield _problem("no_route_brings", f"{path}.grade", line.grade, names=name_list(sorted(brought)), **words)
        return
    via = line.via if isinstance(line, PlanLine) else ""
    if not via or via in ways:
        return
    arriving = [p.name for p in scenario.pipelines if p.destination == line.customer]
    arriving += [r.name for r in scenario.railways if any(route.customer == line.customer for route in r.routes)]
    if via in arriving:
        yield _problem("via_does_not_bring", f"{path}.via", via, via=via, names=name_list(ways), **words)
    else:
        problem = _problem("unknown_route", f"{path}.via", via, customer=line.customer, names=name_list(ways))
        yield replace(problem, nearest=nearest_name(via, ways))


def _purchases(scenario: Scenario) -> Iterator[Problem]:
    suppliers = [s.name for s in scenario.suppliers]
    grouped: dict[str, list[Line]] = {}
    for i, line in enumerate(scenario.purchases):
        path = f"purchases[{i}]"
        if line.supplier not in suppliers:
            yield _unknown("supplier", f"{path}.supplier", line.supplier, suppliers)
        yield from _amount(f"{path}.amount", line.tonnes)
        yield from _period(scenario, f"{path}.period", line.level, line.start, line.end)
        grouped.setdefault(line.supplier, []).append((line.level, line.start, line.end, line.tonnes, i))
    for supplier, lines in grouped.items():
        yield from _reconcile("purchases", ("supplier", "油源"), supplier, lines)


def _reconcile(table: str, what: tuple[str, str], name: str, lines: list[Line]) -> Iterator[Problem]:
    """Duplicate periods, and parents whose children do not add up to them."""
    by: dict[Level, dict[date, Line]] = {level: {} for level in LEVELS}
    for line in lines:
        first = by[line[0]].setdefault(line[1], line)
        if first is not line:
            found = f"{name}, {period_text(line[0], line[1])}"
            yield _problem("plan_line_twice", f"{table}[{line[4]}]", found, what=what[0], what_zh=what[1])
    for level in LEVELS[:-1]:
        for line in by[level].values():
            covered, total = _children(by, level, line[1], line[2])
            limit = line[3]
            words = {
                "total": _t(total),
                "limit": _t(limit),
                "level": LEVEL_WORDS[level][0],
                "level_zh": LEVEL_WORDS[level][1],
            }
            path = f"{table}[{line[4]}].amount"
            tolerance = max(0.5, 1e-6 * abs(limit))
            if covered == (line[2] - line[1]).days:
                if abs(total - limit) > tolerance:
                    yield _problem("plan_does_not_reconcile", path, limit, **words)
            elif covered and total > limit + tolerance:
                yield _problem("plan_children_exceed", path, limit, **words)


def _children(by: dict[Level, dict[date, Line]], level: Level, start: date, end: date) -> tuple[int, float]:
    """Days and tonnes of [start, end) stated below ``level``, each stretch by its coarsest line there."""
    finer = LEVELS[LEVELS.index(level) + 1]
    if not any(by[below] for below in LEVELS[LEVELS.index(finer) :]):
        return 0, 0.0
    covered, total, day = 0, 0.0, start
    while day < end:
        first, after = period_bounds(finer, day)
        line = by[finer].get(first)
        if line is not None:
            covered, total = covered + (after - first).days, total + line[3]
        elif finer != LEVELS[-1]:
            days, tonnes = _children(by, finer, first, after)
            covered, total = covered + days, total + tonnes
        day = after
    return covered, total


def _orders(scenario: Scenario) -> Iterator[Problem]:
    grades = [g.name for g in scenario.grades]
    customers = {c.name: c for c in scenario.customers}
    brought = reachable_grades(scenario) if scenario.orders else {}
    numbers: set[str] = set()
    changed: dict[tuple[float, str, str, Level, date], tuple[int, str]] = {}
    for i, order in enumerate(scenario.orders):
        path = f"orders[{i}]"
        if order.number in numbers:
            yield _problem("order_number_twice", f"{path}.number", order.number, number=order.number)
        numbers.add(order.number)
        if order.effective_day < scenario.day_of(order.issued):
            when = f"{scenario.instant(order.effective_day):%Y-%m-%d %H:%M}"
            yield _problem("order_before_issue", f"{path}.effective", when, issued=order.issued)
        if not order.lines:
            yield _problem("order_empty", f"{path}.lines")
        for j, line in enumerate(order.lines):
            place = f"{path}.lines[{j}]"
            yield from _amount(f"{place}.amount", line.tonnes)
            yield from _period(scenario, f"{place}.period", line.level, line.start, line.end)
            if line.customer not in customers:
                yield _unknown("customer", f"{place}.customer", line.customer, list(customers))
            if line.grade not in grades:
                yield _unknown("grade", f"{place}.grade", line.grade, grades)
            if line.customer in customers and line.grade in grades:
                accepted = customers[line.customer].grades
                yield from _can_be_brought(scenario, place, line, accepted, brought.get(line.customer, {}))
            if order.state != "approved":
                continue
            key = (order.effective_day, line.customer, line.grade, line.level, line.start)
            first, number = changed.setdefault(key, (i, order.number))
            if first != i:
                words = {"first": number, "second": order.number, "customer": line.customer, "grade": line.grade}
                yield _problem("orders_clash", place, order.number, start=period_text(line.level, line.start), **words)
        yield from _lines_twice(path, order.lines)


def _lines_twice(path: str, lines: Sequence[OrderLine]) -> Iterator[Problem]:
    seen = set()
    for j, line in enumerate(lines):
        key = (line.customer, line.grade, line.level, line.start)
        if key in seen:
            found = f"{line.customer}, {line.grade}, {period_text(line.level, line.start)}"
            yield _problem("order_line_twice", f"{path}.lines[{j}]", found)
        seen.add(key)


def _prices(scenario: Scenario) -> Iterator[Problem]:
    grades = [g.name for g in scenario.grades]
    first: dict[str, float] = {}
    seen = set()
    for i, price in enumerate(scenario.prices):
        path = f"prices[{i}]"
        if price.grade not in grades:
            yield _unknown("grade", f"{path}.grade", price.grade, grades)
        yield from _amount(f"{path}.price", price.yuan_per_t)
        if (price.grade, price.day) in seen:
            yield _problem("price_twice", path, f"{price.grade}, {scenario.calendar_date(price.day)}")
        seen.add((price.grade, price.day))
        first[price.grade] = min(price.day, first.get(price.grade, price.day))
    if not 0 <= scenario.as_of_day < scenario.end_day:
        return  # told already; prices on that day are beside the point
    day = scenario.calendar_date(scenario.as_of_day)
    planned = {(line.customer, line.grade) for line in scenario.plan if line.tonnes > 0}
    for customer in scenario.customers:
        if customer.offtake != "cash":
            continue
        for grade in customer.grades:
            if (customer.name, grade) in planned and not first.get(grade, float("inf")) <= scenario.as_of_day:
                yield _problem(
                    "price_missing",
                    f"customers.{customer.name}.offtake",
                    "cash",
                    customer=customer.name,
                    grade=grade,
                    day=day,
                )


def _receipts(scenario: Scenario) -> Iterator[Problem]:
    customers = [c.name for c in scenario.customers]
    for i, receipt in enumerate(scenario.receipts):
        if receipt.customer not in customers:
            yield _unknown("customer", f"receipts[{i}].customer", receipt.customer, customers)
        yield from _amount(f"receipts[{i}].yuan", receipt.yuan)


def _t(tonnes: float) -> str:
    return f"{tonnes:.3f}".rstrip("0").rstrip(".")
