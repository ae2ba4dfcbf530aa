"""What the plan asks of a re-plan: its tonnes by month and bucket, arrears, and what is already bound to come."""

from __future__ import annotations

from collections.abc import Mapping

from chainsim.model import Scenario
from chainsim.model.plan import courses, months_of, next_month
from chainsim.optimization.grid import Grid
from chainsim.optimization.opening import MonthKey, Opening


def plan_of(
    scenario: Scenario, opening: Opening, grid: Grid
) -> tuple[dict[MonthKey, float], dict[tuple[str, str, int], float]]:
    """The plan by month (all of a month that has begun) and by bucket, with the approved orders that take effect later."""
    plan: dict[MonthKey, float] = {}
    due: dict[tuple[str, str, int], float] = {}
    months = set(grid.months)
    for (customer, grade), segments in courses(scenario, scenario.end_day).items():
        for segment in segments:
            if segment.month not in months:
                continue
            key = customer, grade, segment.month
            plan[key] = plan.get(key, 0.0) + segment.tonnes
            length = segment.end_day - segment.start_day
            for b in grid.of_month(segment.month):
                bucket = grid.buckets[b]
                shared = min(bucket.end, segment.end_day) - max(bucket.start, segment.start_day)
                if shared > 0:
                    at = customer, grade, b
                    due[at] = due.get(at, 0.0) + segment.tonnes * shared / length
    return plan, due


def arrears(
    plan: Mapping[MonthKey, float], opening: Opening, reference: Mapping[MonthKey, float]
) -> dict[MonthKey, float]:
    """Arrears at the months' ends: those of earlier months, and what the plan in force lacks of the reference."""
    out: dict[MonthKey, float] = {}
    owed = dict(opening.owed_t)
    for customer, grade, month in sorted(plan, key=lambda key: key[2]):
        key = customer, grade, month
        owed[customer, grade] = owed.get((customer, grade), 0.0) + reference.get(key, plan[key]) - plan[key]
        out[key] = owed[customer, grade]
    return out


def counted_under_way(scenario: Scenario, opening: Opening, grid: Grid) -> dict[tuple[str, str, int], float]:
    """(customer, grade, bucket) → what the plan counts there of trains that are under way or being loaded."""
    at_loading = {c.name for c in scenario.customers if c.delivery_point == "loading"}
    out: dict[tuple[str, str, int], float] = {}
    for train in opening.trains:
        counted = train.loading_t if train.customer in at_loading else train.tonnes
        day = train.loaded_day if train.customer in at_loading else train.arrival_day
        if counted > 0.0 and day < grid.buckets[-1].end:
            key = train.customer, train.grade, grid.at(day)
            out[key] = out.get(key, 0.0) + counted
    return out


def ordered_later(scenario: Scenario, day: float) -> frozenset[MonthKey]:
    """Plan lines that an approved order changes after ``day``: it would supersede what is drafted now."""
    months = months_of(scenario)
    return frozenset(
        (line.customer, line.grade, number)
        for order in scenario.orders
        if order.state == "approved" and order.effective_day > day
        for line in order.lines
        for number, (_, _, first) in enumerate(months)
        if line.start <= first < line.end or first <= line.start < next_month(first)
    )
