"""The draft order: which plan lines change, from what to what, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chainsim.model import Scenario
from chainsim.model.plan import AdjustmentOrder, OrderLine, months_of, next_month
from chainsim.optimization.case import Case
from chainsim.optimization.levels import LEAST_CHANGE_T as LEAST_CHANGE_T
from chainsim.optimization.opening import Key, MonthKey
from chainsim.optimization.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a draft: the month's plan of a customer and grade, before and after."""

    customer: str
    grade: str
    month: int
    before_t: float
    after_t: float

    @property
    def key(self) -> MonthKey:
        """Its plan line and month."""
        return self.customer, self.grade, self.month

    @property
    def tonnes(self) -> float:
        """What is added (or taken away, negative)."""
        return self.after_t - self.before_t


def changes_of(case: Case, promise: Outcome) -> tuple[Change, ...]:
    """The changes that make the plan what ``promise`` says."""
    out = []
    for key in case.keys:
        for month in case.grid.months:
            line = (*key, month)
            if line not in case.plan_t:
                continue
            before, after = case.plan_t[line], promise.delivered_t[line]
            if abs(after - before) > LEAST_CHANGE_T and line not in case.settings.frozen:
                out.append(Change(*key, month, before, round(after, 1)))
    return tuple(out)


def order_of(
    scenario: Scenario, changes: Iterable[Change], *, number: str, effective_day: float, reason: str
) -> AdjustmentOrder:
    """The changes as a draft order, issued on the day it takes effect; never applied by itself."""
    months = months_of(scenario)
    lines = tuple(
        OrderLine(
            customer=change.customer,
            grade=change.grade,
            level="month",
            start=months[change.month][2],
            end=next_month(months[change.month][2]),
            tonnes=change.after_t,
        )
        for change in changes
    )
    return AdjustmentOrder(
        number=number,
        issued=scenario.calendar_date(effective_day),
        effective_day=effective_day,
        state="draft",
        lines=lines,
        reason=reason,
    )


def with_order(scenario: Scenario, order: AdjustmentOrder) -> Scenario:
    """The scenario as it would be if the order were approved."""
    return replace(scenario, orders=(*scenario.orders, replace(order, state="approved")))


def draft_number(scenario: Scenario, day: float) -> str:
    """A number that no order has yet: ``2008-07-12-D1``."""
    taken = {order.number for order in scenario.orders}
    stem = f"{scenario.calendar_date(day):%Y-%m-%d}-D"
    return next(name for i in range(1, len(taken) + 2) if (name := f"{stem}{i}") not in taken)


def by_customer(changes: Iterable[Change]) -> Mapping[Key, tuple[Change, ...]]:
    """Changes by (customer, "up" or "cut")."""
    out: dict[Key, list[Change]] = {}
    for change in changes:
        out.setdefault((change.customer, "up" if change.tonnes > 0 else "cut"), []).append(change)
    return {key: tuple(group) for key, group in out.items()}
