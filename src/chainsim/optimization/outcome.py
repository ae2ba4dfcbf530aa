"""What a run or a program gives each plan line, month by month, against the plan that was in force before any new order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chainsim.model import Scenario
from chainsim.optimization.case import Case, Key, MonthKey
from chainsim.optimization.formulation import Formulation
from chainsim.optimization.levels import Solved
from chainsim.records import RunLog

_WHOLE = 0.02
"""A train that lacks less than this part of its load counts as whole: the program's months are averages."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tonnes delivered by (customer, grade, month), beside the plan ``plan_t``; ``curtailed_t`` is what fields shut in."""

    plan_t: Mapping[MonthKey, float]
    delivered_t: Mapping[MonthKey, float]
    curtailed_t: float
    owed_t: Mapping[MonthKey, float] = field(default_factory=dict)
    """Arrears at the months' ends if ``plan_t`` is met exactly; none where not stated."""

    def backlog_t(self) -> dict[MonthKey, float]:
        """How far behind the cumulative plan each line is at each month's end; never below 0."""
        out: dict[MonthKey, float] = {}
        behind: dict[Key, float] = {}
        for key in sorted(self.plan_t, key=lambda k: k[2]):
            line = key[:2]
            behind[line] = behind.get(line, 0.0) + self.plan_t[key] - self.delivered_t.get(key, 0.0)
            out[key] = max(0.0, behind[line] + self.owed_t.get(key, 0.0))
        return out

    def completion(self) -> dict[str, float]:
        """Customer → Σ min(delivered, plan) by grade over the whole span, as a part of the plan; 1 without a plan.

        Arrears of earlier months are part of the plan. A month's surplus makes up for an earlier month of the same grade, never
        for another grade.
        """
        plan: dict[Key, float] = {}
        done: dict[Key, float] = {}
        for (customer, grade, month), tonnes in self.plan_t.items():
            plan[customer, grade] = plan.get((customer, grade), 0.0) + tonnes
            done[customer, grade] = done.get((customer, grade), 0.0) + self.delivered_t.get(
                (customer, grade, month), 0.0
            )
        last = {(customer, grade): month for customer, grade, month in sorted(self.plan_t, key=lambda k: k[2])}
        for line, month in last.items():
            plan[line] += self.owed_t.get((*line, month), 0.0)
        customers = dict.fromkeys(customer for customer, _ in plan)
        out = {}
        for customer in customers:
            own = [key for key in plan if key[0] == customer]
            total = sum(plan[key] for key in own)
            out[customer] = sum(min(plan[key], done[key]) for key in own) / total if total > 0 else 1.0
        return out

    def lateness(self) -> dict[str, float]:
        """Customer → tonnes·months: the sum of the backlogs at all months' ends."""
        out: dict[str, float] = {}
        for (customer, _, _), tonnes in self.backlog_t().items():
            out[customer] = out.get(customer, 0.0) + tonnes
        return out


def promised(program: Formulation, solved: Solved) -> Outcome:
    """What the program believes."""
    case = program.case
    bought = sum(solved.value(variable) for variable in program.of("s").values())
    available = sum(sum(tonnes) for tonnes in case.supply_t.values())
    return Outcome(
        dict(case.plan_t),
        {
            key: tonnes + solved.value(program.of("up")[key]) - solved.value(program.of("down")[key])
            for key, tonnes in case.plan_t.items()
        },
        max(0.0, available - bought),
        dict(case.owed_t),
    )


def in_whole_trains(case: Case, promise: Outcome) -> Outcome:
    """The promise as an order can put it: what comes by rail differs from the plan in force by whole trains, month by month.

    The nearest whole number counts, since what one gives up another has; the difference stays for the next month. Months held by
    a simulation stay within what it found.
    """
    train_t = {}
    for lane in case.lanes:
        at_loading = counted_at_loading(case.scenario)[lane.route.customer]
        train_t[lane.route.customer] = lane.railway.train_t * (1.0 if at_loading else lane.kept)
    delivered = dict(promise.delivered_t)
    for customer, grade in case.keys:
        train = train_t.get(customer, 0.0)
        if train <= 0.0:
            continue
        left = 0.0
        for month in case.grid.months:
            key = customer, grade, month
            if key not in case.plan_t:
                continue
            wanted = promise.delivered_t[key] - case.plan_t[key] + left
            trains = math.floor(wanted / train + 0.5)
            if key in case.reached_t:
                trains = min(trains, math.floor((case.reached_t[key] - case.plan_t[key]) / train + _WHOLE))
            trains = max(trains, -math.floor(case.plan_t[key] / train + _WHOLE))
            if key in case.settings.frozen:
                trains = min(trains, 0)
            delivered[key] = case.plan_t[key] + trains * train
            left = wanted - trains * train
    for customer in case.income_yuan:
        if train_t.get(customer, 0.0) > 0.0:
            _leave_unpaid(customer, train_t[customer], promise.delivered_t, delivered)
    return replace(promise, delivered_t=delivered)


def _leave_unpaid(
    customer: str, train: float, promised: Mapping[MonthKey, float], delivered: dict[MonthKey, float]
) -> None:
    """A train that is paid for only in part does not go: the last ones of the grade that was rounded up most are taken away."""
    own = sorted((key for key in delivered if key[0] == customer), key=lambda key: key[2])
    over = sum(delivered[key] - promised[key] for key in own)
    while over > _WHOLE * train:
        up = {grade: 0.0 for _, grade, _ in own}
        for key in own:
            up[key[1]] += delivered[key] - promised[key]
        grades = sorted(up, key=lambda grade: -up[grade])
        last = next((k for grade in grades for k in reversed(own) if k[1] == grade and delivered[k] >= train), None)
        if last is None:
            return
        delivered[last] -= train
        over -= train


def simulated(case: Case, log: RunLog) -> Outcome:
    """What the engine gives, over the months that ``case`` covers, against the plan in force before."""
    months = set(case.grid.months)
    delivered = {
        (a.customer, a.grade, a.month): a.delivered_t
        for a in log.accounts
        if a.month in months and (a.customer, a.grade, a.month) in case.plan_t
    }
    curtailed = sum(balance.curtailed_t for balance in log.balance) - case.opening.curtailed_t
    return Outcome(dict(case.plan_t), delivered, curtailed, dict(case.owed_t))


def counted_at_loading(scenario: Scenario) -> dict[str, bool]:
    """Customer → whether its plan counts a tonne at loading."""
    return {customer.name: customer.delivery_point == "loading" for customer in scenario.customers}


def classes_of(scenario: Scenario) -> dict[str, int]:
    """Customer → its priority class."""
    return {customer.name: customer.priority for customer in scenario.customers}
