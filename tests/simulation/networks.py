"""Short-hand for the small networks of the tests: one call makes one asset, everything else has a plain default."""

from __future__ import annotations

from datetime import date
from typing import Any

from chainsim.model import (
    Customer,
    Disruption,
    Grade,
    Pipeline,
    PlanLine,
    Profile,
    PurchaseLine,
    Scenario,
    Supplier,
    TankFarm,
)
from chainsim.model.plan import next_month, period_bounds
from chainsim.records import RunLog
from chainsim.simulation import simulate

START = date(2026, 1, 1)
ALWAYS = Profile.constant


def grade(name: str = "g") -> Grade:
    return Grade(name=name, density_kg_per_m3=850.0)


def farm(name: str, limit: float = 1e9, storage: str = "shared", heel: float = 0.0, **opening: float) -> TankFarm:
    return TankFarm(
        name=name,
        storage=storage,  # type: ignore[arg-type]
        safe_fill_t=ALWAYS(limit),
        opening_t=opening,
        heel_t=dict.fromkeys(opening, heel) if heel else {},
    )


def supplier(name: str, at: str, rate: float | Profile, grade: str = "g") -> Supplier:
    profile = rate if isinstance(rate, Profile) else ALWAYS(rate)
    return Supplier(name=name, grade=grade, farm=at, production_t_per_day=profile)


def line(name: str, origin: str, destination: str, capacity: float | Profile = 1e6, **more: Any) -> Pipeline:
    profile = capacity if isinstance(capacity, Profile) else ALWAYS(capacity)
    return Pipeline(name=name, origin=origin, destination=destination, capacity_t_per_day=profile, **more)


def customer(name: str, limit: float = 1e9, grades: tuple[str, ...] = ("g",), **more: Any) -> Customer:
    more.setdefault("customer_class", "petrochina")
    return Customer(name=name, grades=grades, safe_fill_t=ALWAYS(limit), **more)


def month(customer: str, tonnes: float, grade: str = "g", when: date = START) -> PlanLine:
    return PlanLine(customer=customer, grade=grade, level="month", start=when, end=next_month(when), tonnes=tonnes)


def ten_days(customer: str, tonnes: float, when: date, grade: str = "g") -> PlanLine:
    start, end = period_bounds("ten_day", when)
    return PlanLine(customer=customer, grade=grade, level="ten_day", start=start, end=end, tonnes=tonnes)


def buy(supplier: str, tonnes: float, when: date = START) -> PurchaseLine:
    return PurchaseLine(supplier=supplier, level="month", start=when, end=next_month(when), tonnes=tonnes)


def outage(asset: str, start: float, end: float, cause: str, remaining: float = 0.0) -> Disruption:
    return Disruption(
        name=f"{asset} {start:g}",
        asset=asset,
        start=start,
        end=end,
        remaining=remaining,
        cause=cause,  # type: ignore[arg-type]
    )


def scenario(*parts: Any, days: float = 31.0, **more: Any) -> Scenario:
    """A scenario from assets in any order; the kind of each decides where it goes."""
    homes = {
        "Grade": "grades",
        "Supplier": "suppliers",
        "TankFarm": "farms",
        "Pipeline": "pipelines",
        "Railway": "railways",
        "Customer": "customers",
        "PlanLine": "plan",
        "PurchaseLine": "purchases",
        "AdjustmentOrder": "orders",
        "Price": "prices",
        "CashReceipt": "receipts",
        "Disruption": "disruptions",
    }
    fields: dict[str, list[Any]] = {home: [] for home in homes.values()}
    for part in parts:
        fields[homes[type(part).__name__]].append(part)
    if not fields["grades"]:
        fields["grades"] = [grade()]
    return Scenario(name="test", start=START, end_day=days, **{k: tuple(v) for k, v in fields.items()}, **more)


def stock(log: RunLog, holder: str, day: float, grade: str = "g") -> float:
    """The exact level at ``day`` (after any jump), from the breakpoints."""
    cell = next(c for c in log.cells if c.holder == holder and c.grade == grade)
    for a, b, x, y in reversed(list(zip(cell.days, cell.days[1:], cell.tonnes, cell.tonnes[1:], strict=False))):
        if a <= day <= b and b > a:
            return x + (y - x) * (day - a) / (b - a)
    return cell.tonnes[-1]


def rate(log: RunLog, asset: str, day: float, index: int = 0) -> float:
    """The rate of an asset's ``index``-th flow at ``day``."""
    flow = [f for f in log.flows if f.asset == asset][index]
    return next(r for d, r in reversed(list(zip(flow.days, flow.rate, strict=True))) if d <= day)


def account(log: RunLog, customer: str, month: int = 0, grade: str = "g") -> Any:
    return next(a for a in log.accounts if (a.customer, a.month, a.grade) == (customer, month, grade))


def causes(log: RunLog, customer: str, month: int = 0, grade: str = "g") -> dict[tuple[str, str], float]:
    return dict(account(log, customer, month, grade).causes)


def simulate_(*parts: Any, **more: Any) -> RunLog:
    """Simulate a scenario made of ``parts``."""
    return simulate(scenario(*parts, **more))
