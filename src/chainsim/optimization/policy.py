"""Closed loop: a run in which the optimizer is asked at given events and its order takes effect when approved.

Time goes on event by event. At each, the optimizer is told only what is known then: with ``begun``, the outages that have begun,
each with its end; it plans for the day on which its order can take effect, from where the simulation of what is known is then.
The order goes into force in the real run, of which later outages are part, and later askings build on it. All policies
are measured by the months' plans that the scenario itself has in force, so that no policy looks better by ordering less.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from chainsim.model import Disruption, Scenario
from chainsim.model.plan import AdjustmentOrder, months_of, period_bounds
from chainsim.optimization.case import MonthKey, Settings
from chainsim.optimization.drafting import draft_number, with_order
from chainsim.optimization.outcome import Outcome
from chainsim.optimization.replanning import replan
from chainsim.optimization.solving import Infeasible
from chainsim.records import RunLog
from chainsim.simulation import simulate
from chainsim.simulation.outages import drawn
from chainsim.simulation.timetable import month_totals

Event = Literal["start", "outage_begins", "outage_ends", "ten_day", "stock"]
Progress = Callable[[str], None]
ROUNDS = 2
"""Programs solved at each asking: a policy asks often, and what one order misses the next mends."""
_SAME_DAY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """When the optimizer is asked, what it knows, and how long approval takes.

    ``asks`` at: the run's ``start``, an outage's begin or end, a ``ten_day`` period's start, or when a farm's ``stock`` rises
    through ``fill`` (a part of its safe fill). ``shortest_outage_days``: shorter outages are not asked about. ``known``: outages
    that have ``begun``, with their end, or ``all`` (perfect foresight). ``pause_days`` is the least time between two askings
    about the stock of the same farm.
    """

    name: str
    asks: tuple[Event, ...] = ("outage_begins", "outage_ends")
    approval_days: float = 3.0
    known: Literal["begun", "all"] = "begun"
    fill: float = 0.9
    shortest_outage_days: float = 0.0
    pause_days: float = 10.0


NO_ORDER = Policy(name="no order", asks=())
AFTER_3_DAYS = Policy(name="order after 3 days")
PERFECT_FORESIGHT = Policy(
    name="perfect foresight", asks=("start", "outage_begins", "outage_ends"), approval_days=0.0, known="all"
)
STANDARD = (NO_ORDER, AFTER_3_DAYS, PERFECT_FORESIGHT)
"""What ``compare_policies`` compares unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One call of the optimizer: ``order`` is ``None`` where no order did better than none, or no plan was found."""

    day: float
    event: Event
    asset: str
    effective_day: float
    order: AdjustmentOrder | None


@dataclass(frozen=True)
class PolicyRun:
    """A policy's run: ``scenario`` with the orders it put in force, what happened, and how that measures up."""

    policy: Policy
    scenario: Scenario
    askings: tuple[Asking, ...]
    log: RunLog
    outcome: Outcome

    @property
    def orders(self) -> tuple[AdjustmentOrder, ...]:
        """The orders in force by the end, in order of time."""
        return tuple(asking.order for asking in self.askings if asking.order is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A row of the table ``policy_comparison``: a policy and a customer, or all of them (``customer`` empty).

    ``worst_customer``, ``curtailed_t`` and the counts stand in the row of all customers only.
    """

    policy: str
    customer: str
    completion: float
    lateness_t_months: float
    worst_customer: str = ""
    worst_completion: float | None = None
    curtailed_t: float | None = None
    asked: int | None = None
    orders: int | None = None


def run_policy(
    scenario: Scenario,
    policy: Policy,
    settings: Settings | None = None,
    *,
    progress: Progress = lambda stage: None,
) -> PolicyRun:
    """Run ``scenario`` with ``policy`` deciding when the optimizer is asked; its orders count as approved after the delay."""
    reference = plan_of_reference(scenario)
    given = _given_events(scenario, policy)
    run, askings = scenario, list[Asking]()
    last_stock: dict[str, float] = {}
    day = scenario.as_of_day - 1.0
    while True:
        event = _next_event(run, policy, given, day, last_stock)
        if event is None:
            break
        day, kind, asset = event
        if kind == "stock":
            last_stock[asset] = day
        effective = day + policy.approval_days
        if effective >= scenario.end_day:
            continue
        progress(f"{kind} {asset} {scenario.calendar_date(day)}")
        order = _asked(_as_known(run, policy, day), effective, settings, reference)
        askings.append(Asking(day, kind, asset, effective, order))
        if order is not None:
            run = with_order(run, order)
    log = simulate(run)
    return PolicyRun(policy, run, tuple(askings), log, _measured(scenario, reference, log))


def compare_policies(
    scenario: Scenario,
    policies: Sequence[Policy] = STANDARD,
    settings: Settings | None = None,
    *,
    progress: Progress = lambda stage: None,
) -> tuple[PolicyRun, ...]:
    """Each policy's run of the same scenario."""
    return tuple(run_policy(scenario, policy, settings, progress=progress) for policy in policies)


def comparison_rows(runs: Iterable[PolicyRun]) -> tuple[PolicyRow, ...]:
    """The table ``policy_comparison``: for each policy all customers together, then each."""
    out: list[PolicyRow] = []
    for run in runs:
        completion, late = run.outcome.completion(), run.outcome.lateness()
        plan: dict[str, float] = {}
        for (customer, _, _), tonnes in run.outcome.plan_t.items():
            plan[customer] = plan.get(customer, 0.0) + tonnes
        total = sum(plan.values())
        worst = min(completion, key=lambda c: completion[c], default="")
        out.append(
            PolicyRow(
                policy=run.policy.name,
                customer="",
                completion=sum(completion[c] * plan[c] for c in completion) / total if total > 0 else 1.0,
                lateness_t_months=sum(late.values()),
                worst_customer=worst,
                worst_completion=completion.get(worst, 1.0),
                curtailed_t=run.outcome.curtailed_t,
                asked=len(run.askings),
                orders=len(run.orders),
            )
        )
        out += [
            PolicyRow(policy=run.policy.name, customer=c, completion=completion[c], lateness_t_months=late[c])
            for c in completion
        ]
    return tuple(out)


def plan_of_reference(scenario: Scenario) -> Mapping[MonthKey, float]:
    """The plan that the scenario itself has in force at each month's end."""
    return month_totals(scenario, len(months_of(scenario)))


def _asked(
    known: Scenario, day: float, settings: Settings | None, reference: Mapping[MonthKey, float]
) -> AdjustmentOrder | None:
    try:
        found = replan(known, day, settings, number=draft_number(known, day), reference=reference, rounds=ROUNDS)
    except Infeasible:
        return None
    return found.order


def _as_known(run: Scenario, policy: Policy, day: float) -> Scenario:
    """The scenario with the outages that are known on ``day``; those drawn at random become given ones."""
    if policy.known == "all":
        return run
    begun = tuple(d for d in _outages(run) if d.start <= day + _SAME_DAY)
    return replace(run, disruptions=begun, random_disruptions=())


def _outages(scenario: Scenario) -> tuple[Disruption, ...]:
    return (*scenario.disruptions, *drawn(scenario))


def _given_events(scenario: Scenario, policy: Policy) -> tuple[tuple[float, Event, str], ...]:
    """Events whose days do not depend on what is ordered, one a day: what comes first in ``asks`` counts."""
    events: list[tuple[float, Event, str]] = []
    begin, end = scenario.as_of_day, scenario.end_day
    for ask in policy.asks:
        if ask == "start":
            events.append((begin, ask, ""))
        elif ask == "ten_day":
            day = scenario.calendar_date(begin)
            while scenario.day_of(day := period_bounds("ten_day", day)[1]) < end:
                events.append((scenario.day_of(day), ask, ""))
        elif ask in ("outage_begins", "outage_ends"):
            events += [
                (outage.start if ask == "outage_begins" else outage.end, ask, outage.asset)
                for outage in _outages(scenario)
                if outage.end - outage.start >= policy.shortest_outage_days
            ]
    rank = {ask: i for i, ask in enumerate(policy.asks)}
    out: list[tuple[float, Event, str]] = []
    for event in sorted(events, key=lambda e: (e[0], rank[e[1]])):
        if begin <= event[0] < end and (not out or event[0] - out[-1][0] > _SAME_DAY):
            out.append(event)
    return tuple(out)


def _next_event(
    run: Scenario,
    policy: Policy,
    given: tuple[tuple[float, Event, str], ...],
    day: float,
    last_stock: Mapping[str, float],
) -> tuple[float, Event, str] | None:
    """The first event after ``day``; a stock's crossing before a given event of the same day."""
    soonest = next((event for event in given if event[0] > day + _SAME_DAY), None)
    if "stock" not in policy.asks:
        return soonest
    log = simulate(run)
    for farm in run.farms:
        ready = max(day, last_stock.get(farm.name, float("-inf")) + policy.pause_days)
        crossing = _crossing(log, farm.name, policy.fill, run, ready)
        if crossing is not None and (soonest is None or crossing < soonest[0]):
            soonest = crossing, "stock", farm.name
    return soonest


def _crossing(log: RunLog, farm: str, fill: float, scenario: Scenario, after: float) -> float | None:
    """The first day after ``after`` on which the farm's content rises through ``fill`` of its safe fill."""
    cells = [cell for cell in log.cells if cell.holder == farm]
    limit = next(f.safe_fill_t for f in scenario.farms if f.name == farm)
    days = sorted({day for cell in cells for day in cell.days})
    levels = [sum(_at(cell.days, cell.tonnes, day) for cell in cells) - fill * limit.at(day) for day in days]
    for (a, low), (b, high) in pairwise(zip(days, levels, strict=True)):
        if low < 0.0 <= high and b > a:
            crossing = a + (b - a) * -low / (high - low)
            if crossing > after + _SAME_DAY:
                return crossing
    return None


def _at(days: Sequence[float], tonnes: Sequence[float], day: float) -> float:
    i = max(0, bisect_right(days, day) - 1)
    if i + 1 >= len(days) or days[i + 1] <= days[i]:
        return tonnes[i]
    return tonnes[i] + (tonnes[i + 1] - tonnes[i]) * (day - days[i]) / (days[i + 1] - days[i])


def _measured(scenario: Scenario, reference: Mapping[MonthKey, float], log: RunLog) -> Outcome:
    """What was delivered in every month of the run, against the plan of reference."""
    delivered: dict[MonthKey, float] = {}
    for a in log.accounts:
        key = a.customer, a.grade, a.month
        delivered[key] = delivered.get(key, 0.0) + a.delivered_t
    first = min((a.month for a in log.accounts), default=0)
    plan = {key: tonnes for key, tonnes in reference.items() if key[2] >= first}
    return Outcome(plan, delivered, sum(balance.curtailed_t for balance in log.balance))
