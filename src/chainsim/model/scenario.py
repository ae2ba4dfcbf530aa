"""The whole of what a run is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from chainsim.model.assets import Customer, Grade, Label, Pipeline, Railway, Supplier, TankFarm
from chainsim.model.plan import AdjustmentOrder, PlanLine, PurchaseLine
from chainsim.model.service import Complaint, Invoice, SurveyScore, Visit, WorkOrderStep

CauseCode = Literal["pipeline", "railway", "loading", "source", "tank", "customer_cash", "customer_runs", "quality"]
"""Causes a disruption may be given; the engine adds its own (see ``chainsim.records.CAUSES``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The unified price of a grade from a day on, yuan per tonne; a price taker's input."""

    grade: str
    day: float
    yuan_per_t: float
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CashReceipt:
    """Money that reaches a customer at an instant."""

    customer: str
    day: float
    yuan: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disruption:
    """An asset works at ``remaining`` (0…1) of itself during [start, end).

    On a pipeline: its capacity; railway: see ``Railway``; supplier: production; farm: safe fill; customer: runs for
    cause ``customer_runs``, income *and* receipts for ``customer_cash``. Where windows on one asset overlap, the smallest
    remainder holds, and among equals the one that began first is the cause.
    """

    name: str
    asset: str
    start: float
    end: float
    remaining: float
    cause: CauseCode
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A named distribution of a duration in days.

    ``constant`` (value), ``uniform`` (low, high), ``exponential`` (mean), ``lognormal`` (median, sigma of the logarithm),
    ``weibull`` (scale, shape), ``triangular`` (low, mode, high).
    """

    kind: Literal["constant", "uniform", "exponential", "lognormal", "weibull", "triangular"]
    parameters: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomDisruption:
    """Failures of an asset drawn from the scenario's seed: alternating time to failure and time to repair."""

    name: str
    asset: str
    remaining: float
    cause: CauseCode
    time_to_failure_days: Distribution
    time_to_repair_days: Distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualDelivery:
    """Tonnes really delivered to a customer on the day that begins at ``day``; before the as-of date."""

    day: float
    customer: str
    grade: str
    tonnes: float
    measured: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualStock:
    """What was really in a farm or at a customer on the as-of date, or, for a line, its content.

    For a line the rows' order is the order in the line, from the exit back to the entrance.
    """

    asset: str
    grade: str
    tonnes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything a run depends on. A what-if is ``dataclasses.replace(scenario, …)``.

    ``start`` is the first midnight, ``end_day`` the horizon in days. With ``as_of_day`` > 0 the run begins there, from
    ``actual_stocks`` and ``actual_deliveries``. Declaration order breaks every tie; names never do. The records of customer
    service, from ``visits`` on, are for rules and reports: no run depends on them.
    """

    name: str
    start: date
    end_day: float
    grades: tuple[Grade, ...]
    suppliers: tuple[Supplier, ...]
    farms: tuple[TankFarm, ...]
    pipelines: tuple[Pipeline, ...]
    railways: tuple[Railway, ...] = ()
    customers: tuple[Customer, ...]
    plan: tuple[PlanLine, ...]
    purchases: tuple[PurchaseLine, ...] = ()
    orders: tuple[AdjustmentOrder, ...] = ()
    prices: tuple[Price, ...] = ()
    receipts: tuple[CashReceipt, ...] = ()
    disruptions: tuple[Disruption, ...] = ()
    random_disruptions: tuple[RandomDisruption, ...] = ()
    seed: int = 0
    as_of_day: float = 0.0
    actual_deliveries: tuple[ActualDelivery, ...] = ()
    actual_stocks: tuple[ActualStock, ...] = ()
    label: Label = Label()
    description: str = ""
    color: str = ""
    """``#rrggbb``; empty: whoever shows the scenario chooses one by its name."""
    visits: tuple[Visit, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    surveys: tuple[SurveyScore, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    work_order_log: tuple[WorkOrderStep, ...] = ()

    def day_of(self, when: date | datetime) -> float:
        """Days from the scenario's start to ``when`` (a date means its midnight)."""
        if isinstance(when, datetime):
            delta = when - datetime(self.start.year, self.start.month, self.start.day)
            return delta.days + delta.seconds / 86_400 + delta.microseconds / 86_400e6
        return float((when - self.start).days)

    def instant(self, day: float) -> datetime:
        """The wall-clock instant of ``day``, to the nearest second."""
        start = datetime(self.start.year, self.start.month, self.start.day)
        return start + timedelta(seconds=round(day * 86_400))

    def calendar_date(self, day: float) -> date:
        """The date on which ``day`` falls; a hair before midnight counts as that midnight (rounded to the second)."""
        return self.instant(day).date()
