"""When an outage begins to hurt: who is worse off than in the undisturbed run, by more than counts, and from when on.

Three kinds of harm are told apart, for they come at different times and to different people:

* ``plan``: a customer's month closes with more tonnes short of its plan (make-up within the month is no harm);
* ``runs``: a refinery has processed less by then: its own tanks are used up too;
* ``tank``: a farm has stood full longer, or a field has had more curtailed.

Each is a difference of two cumulative, piecewise linear curves (or of closed accounts), so the instant at which it exceeds
its tolerance is exact. The tolerance is one span of time: tonnes count from that span of the customer's mean plan or runs, or
of the field's mean production, on. An asset that is out is not its own victim: its own full tanks, or its own runs, do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from chainsim.model import Scenario
from chainsim.records import FlowLog, RunLog
from chainsim.results.deliveries import Deliveries
from chainsim.results.integrals import Floats, Steps
from chainsim.results.run import Run
from chainsim.results.stocks import TOUCH_T, Tanks, all_tanks

HarmKind = Literal["plan", "runs", "tank"]
LEAST_T = 1e-3
"""A kilogram: less is rounding, whatever the tolerance."""
LEAST_DAYS = 1e-6


class Subject(NamedTuple):
    """Who can be harmed, and how: a customer (``plan``, ``runs``), a farm or a supplier (``tank``)."""

    kind: HarmKind
    name: str


class Harm(NamedTuple):
    """``day``: when somebody is worse off by more than counts; ``since``: since when they were worse off at all."""

    day: float
    since: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A cumulative quantity: linear between ``days``, constant after them."""

    days: Floats
    total: Floats

    def at(self, when: Floats) -> Floats:
        """Its value at each of ``when``."""
        return np.interp(when, self.days, self.total)


@dataclass(frozen=True)
class Performance:
    """What one run, or the part of it so far, did for everyone: the curves and closed accounts that harm is read from."""

    scenario: Scenario
    log: RunLog

    @cached_property
    def run(self) -> Run:
        """The same, prepared for what result tables show."""
        return Run(self.scenario, self.log)

    @cached_property
    def farms(self) -> Mapping[str, Tanks]:
        """The farms' tanks, by name."""
        return {tanks.holder.name: tanks for tanks in all_tanks(self.run) if tanks.kind == "farm"}

    @cached_property
    def to_date_t(self) -> Mapping[str, Floats]:
        """Customer → delivered since its month began, all grades, at the end of each day."""
        deliveries = Deliveries(self.run)
        grid, counted = deliveries.grid, deliveries.counted
        to_date = counted[:, 1:] - counted[:, grid.first_edge[grid.month]]
        out: dict[str, Floats] = {}
        for (customer, _), row in zip(deliveries.pairs, to_date, strict=True):
            out[customer] = out.get(customer, np.zeros(len(row))) + row
        return out

    @cached_property
    def short_t(self) -> Mapping[tuple[str, int], float]:
        """(customer, month) → tonnes short of its plan, all grades, where the month is closed."""
        out: dict[tuple[str, int], float] = {}
        for account in self.log.accounts:
            key = account.customer, account.month
            out[key] = out.get(key, 0.0) + max(0.0, account.plan_t - account.delivered_t)
        return out

    @cached_property
    def closed(self) -> Mapping[int, float]:
        """Month → the day on which its accounts were closed."""
        return {account.month: account.end_day for account in self.log.accounts}

    @cached_property
    def curves(self) -> Mapping[Subject, Curve]:
        """Tonnes processed by each customer, tonnes curtailed of each supplier, days that each farm was full."""
        flows: dict[Subject, list[tuple[FlowLog, Floats]]] = {}
        for flow in self.log.flows:
            if flow.kind == "runs":
                flows.setdefault(Subject("runs", flow.asset), []).append((flow, np.array(flow.rate)))
            elif flow.kind == "supply":
                lacking = np.array(flow.request) - np.array(flow.rate)
                flows.setdefault(Subject("tank", flow.asset), []).append((flow, lacking))
        out = {subject: self._integral(parts) for subject, parts in flows.items()}
        return out | {Subject("tank", farm): self._full(tanks) for farm, tanks in self.farms.items()}

    def _integral(self, parts: Sequence[tuple[FlowLog, Floats]]) -> Curve:
        curves = []
        for flow, rates in parts:
            days = np.array((*flow.days, self.log.end_day))
            curves.append(Curve(days, np.concatenate([[0.0], np.cumsum(rates * np.diff(days))])))
        if len(curves) == 1:
            return curves[0]
        days = np.unique(np.concatenate([curve.days for curve in curves]))
        return Curve(days, np.sum([curve.at(days) for curve in curves], axis=0))

    def _full(self, tanks: Tanks) -> Curve:
        """Days that a farm stood full. Most never come near it: then their total need not be made."""
        highest = sum(float(stock.tonnes.max()) for stock in tanks.cells.values())
        if tanks.holder.storage != "own" and highest < float(tanks.safe_fill.values.min()) - TOUCH_T:
            return Curve(np.array([self.log.begin_day, self.log.end_day]), np.zeros(2))
        days = tanks.total.days
        full = (tanks.full[:-1] & tanks.full[1:]) * np.diff(days)
        return Curve(days, np.concatenate([[0.0], np.cumsum(full)]))


@dataclass(frozen=True)
class Undisturbed:
    """The run that outages are compared with, and how much worse counts as harm."""

    performance: Performance
    tolerance_hours: float

    @cached_property
    def farms(self) -> frozenset[str]:
        """The farms' names."""
        return frozenset(farm.name for farm in self.performance.scenario.farms)

    @cached_property
    def tolerances(self) -> Mapping[Subject, float]:
        """Subject → what counts, in its curve's unit (t; days for a farm)."""
        scenario, log = self.performance.scenario, self.performance.log
        share = self.tolerance_hours / 24.0
        days = log.end_day - log.begin_day
        out: dict[Subject, float] = {}
        span = log.end_day or 1.0
        for customer in scenario.customers:
            plan = self.performance.run.customer_totals[customer.name].plan_t / span
            out[Subject("plan", customer.name)] = max(LEAST_T, share * plan)
            processed = self.performance.curves.get(Subject("runs", customer.name))
            mean = float(processed.total[-1]) / days if processed is not None else 0.0
            out[Subject("runs", customer.name)] = max(LEAST_T, share * mean)
        for farm in scenario.farms:
            out[Subject("tank", farm.name)] = max(LEAST_DAYS, share)
        for flow in log.flows:
            if flow.kind == "supply":
                steps = Steps(np.array(flow.days), np.array(flow.request))
                could = float(steps.integral_at(np.array([log.end_day]), log.end_day)[0])
                out[Subject("tank", flow.asset)] = max(LEAST_T, share * could / days)
        return out

    def harms(self, other: Performance, *, but_for: str) -> dict[Subject, Harm]:
        """Subject → its first harm in ``other``, which is worse than this run by more than counts; not of the asset out."""
        out: dict[Subject, Harm] = {}
        own = self.performance
        for (customer, month), short in other.short_t.items():
            subject = Subject("plan", customer)
            if short - own.short_t.get((customer, month), 0.0) > self.tolerances[subject]:
                harm = Harm(other.closed[month], other.closed[month])
                out[subject] = min(out.get(subject, harm), harm)
        for subject, curve in other.curves.items():
            if subject.name == but_for and subject.kind in ("runs", "tank"):
                continue
            sign = -1.0 if subject.kind == "runs" else 1.0
            least = LEAST_DAYS if subject.name in self.farms else LEAST_T
            limits = (least, self.tolerances[subject])
            first = _first_above(own.curves[subject], curve, sign, limits, other.log.end_day)
            if first is not None:
                out[subject] = first
        return out


def _first_above(base: Curve, other: Curve, sign: float, limits: tuple[float, float], end: float) -> Harm | None:
    """When until ``end`` ``sign × (other − base)`` first exceeds the larger of ``limits``, and since when the smaller."""
    if len(base.days) == len(other.days) == 2 and not base.total.any() and not other.total.any():
        return None
    days = np.unique(np.concatenate([base.days[base.days <= end], other.days]))
    worse = sign * (other.at(days) - base.at(days))
    above = np.flatnonzero(worse > limits[1])
    if not len(above):
        return None
    i = int(above[0])
    before = np.flatnonzero(worse[:i] <= limits[0])
    return Harm(
        _crossing(days, worse, i, limits[1]),
        _crossing(days, worse, int(before[-1]) + 1 if len(before) else 0, limits[0]),
    )


def _crossing(days: Floats, worse: Floats, i: int, limit: float) -> float:
    """When the line that ends in point ``i`` reaches ``limit``."""
    if i == 0:
        return float(days[0])
    share = (limit - worse[i - 1]) / (worse[i] - worse[i - 1])
    return float(days[i - 1] + share * (days[i] - days[i - 1]))
