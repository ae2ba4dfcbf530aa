"""What an outage of a given length costs, and how long after the repair everything is as it would have been.

Recovery is read at midnights. A customer's *backlog* is what its open account lacks more than in the undisturbed run: delivered
there less delivered here, since the month began. At the month's end what is open lapses: it is lost, and counted as tonnes short,
and no longer a backlog. A farm's *stock* is back when it is within a band around what it would have been (a refinery's own is
its own affair: what it misses is told in tonnes). Both count as recovered from the first midnight from which on they stay so
for two months (or to the horizon), in which a gap comes through the longest lines; what differs later differs for a small cause
in the order of batches and trains. By rail not closer than one train: trains are whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chainsim.experiments.resilience.harm import LEAST_T, Performance, Subject, Undisturbed
from chainsim.model import Scenario
from chainsim.results.integrals import Floats

NEVER = float("inf")
HOLD_DAYS = 61.0


@dataclass(frozen=True, slots=True)
class Recovered:
    """``days`` after the repair (``NEVER``: not within the horizon), and whose recovery was the last; "" if nothing lagged."""

    days: float
    last: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What one customer lost, t: short of plan at month ends, not delivered by the horizon, not processed by the horizon."""

    short_t: float
    lost_t: float
    runs_lost_t: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """One outage against the undisturbed run. ``costs`` is by customer."""

    costs: Mapping[str, Cost]
    curtailed_t: float
    backlog: Recovered
    stocks: Recovered

    @property
    def short_t(self) -> float:
        """The performance impact: tonnes of all customers short of plan."""
        return sum(cost.short_t for cost in self.costs.values())


def impact_of(undisturbed: Undisturbed, after: Performance, repaired: float, *, band: float) -> Impact:
    """What the outage in ``after``, over on day ``repaired``, cost against the undisturbed run."""
    before = undisturbed.performance
    scenario = before.scenario
    costs = {}
    for customer in (c.name for c in scenario.customers):
        months = [month for name, month in after.short_t if name == customer]
        short = sum(after.short_t[customer, m] - before.short_t.get((customer, m), 0.0) for m in months)
        lost = before.run.customer_totals[customer].delivered_t - after.run.customer_totals[customer].delivered_t
        runs = Subject("runs", customer)
        unprocessed = _last(before, runs) - _last(after, runs)
        costs[customer] = Cost(*(_rounded(tonnes) for tonnes in (short, lost, unprocessed)))
    suppliers = (Subject("tank", supplier.name) for supplier in scenario.suppliers)
    return Impact(
        costs=costs,
        curtailed_t=_rounded(sum(_last(after, s) - _last(before, s) for s in suppliers)),
        backlog=_backlog(undisturbed, after, repaired),
        stocks=_stocks(before, after, repaired, band),
    )


def _backlog(undisturbed: Undisturbed, after: Performance, repaired: float) -> Recovered:
    before = undisturbed.performance
    trains = _trains(before.scenario)
    ends = np.append(np.arange(1.0, len(next(iter(before.to_date_t.values()), []))), before.log.end_day)
    latest = Recovered(0.0, "")
    for customer, row in before.to_date_t.items():
        allowed = max(undisturbed.tolerances[Subject("plan", customer)], trains.get(customer, 0.0))
        lacking = row - after.to_date_t.get(customer, np.zeros(len(row)))
        latest = _later(latest, customer, lacking > allowed, ends, repaired)
    return latest


def _stocks(before: Performance, after: Performance, repaired: float, band: float) -> Recovered:
    trains = _trains(before.scenario)
    latest = Recovered(0.0, "")
    edges = before.run.edges
    for name, tanks in before.farms.items():
        room = float(tanks.safe_fill.values.max()) - tanks.heel_t
        allowed = max(band * room, trains.get(name, 0.0), LEAST_T)
        away = np.abs(after.farms[name].total.at(edges) - tanks.total.at(edges)) > allowed
        latest = _later(latest, name, away, edges, repaired)
    return latest


def _later(latest: Recovered, name: str, amiss: NDArray[np.bool_], days: Floats, repaired: float) -> Recovered:
    """The later of two recoveries; this one's is the first of ``days`` in order, and all in ``HOLD_DAYS`` after it."""
    wrong = days[amiss]
    if not len(wrong):
        return latest
    # After each day that is amiss, and after the repair: is the next one further away than must be waited for?
    since = np.concatenate([[repaired], wrong[wrong >= repaired]])
    until = np.append(since[1:], NEVER)
    last = since[np.flatnonzero(until - since > HOLD_DAYS)[0]]
    later = days[(days > last) & ~amiss]
    days_after = 0.0 if last == repaired else float(later[0]) - repaired if len(later) else NEVER
    return Recovered(days_after, name) if days_after > latest.days or not latest.last else latest


def _trains(scenario: Scenario) -> Mapping[str, float]:
    """Customer or terminal farm → its railways' largest train, t."""
    out: dict[str, float] = {}
    for railway in scenario.railways:
        for name in (railway.terminal, *(route.customer for route in railway.routes)):
            out[name] = max(out.get(name, 0.0), railway.train_t)
    return out


def _last(performance: Performance, subject: Subject) -> float:
    curve = performance.curves.get(subject)
    return float(curve.total[-1]) if curve is not None else 0.0


def _rounded(tonnes: float) -> float:
    """Rounding of two long sums is no loss."""
    return 0.0 if abs(tonnes) < LEAST_T else tonnes
