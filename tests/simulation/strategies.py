"""Random scenarios that a planner could have written: small networks of every kind of asset, with plans and trouble.

Everything drawn passes ``chainsim.model.checks.check``. Amounts come from few round values, so that events coincide,
tanks fill and empty at the same instant and nominations tie: where an engine breaks, if it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st

from chainsim.model import (
    AdjustmentOrder,
    CashReceipt,
    Customer,
    Disruption,
    Grade,
    OrderLine,
    Pipeline,
    PlanLine,
    Price,
    Profile,
    PurchaseLine,
    RailRoute,
    Railway,
    Scenario,
    Supplier,
    TankFarm,
)
from chainsim.model.checks import asset_names
from chainsim.model.plan import month_starts, next_month, period_bounds

T = TypeVar("T")
START = date(2026, 1, 1)
RATES = (10.0, 20.0, 30.0, 5.0, 12.5, 7.3, 40.0, 0.0)
ROOMS = (1e5, 40.0, 100.0, 300.0, 15.0, 1000.0, 0.7)
SHARES = (0.0, 0.5, 1.0, 0.25, 0.013)
FILLS = (0.0, 50.0, 200.0, 33.3, 700.0)
LOSSES = (0.0, 0.01, 0.1, 0.0025)


class Dice:
    """Draws with few words; 0 and the first of a row are what hypothesis shrinks to."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def upto(self, most: int, least: int = 0) -> int:
        """An integer in [least, most]."""
        return int(self._draw(st.integers(least, most)))

    def one(self, row: Sequence[T]) -> T:
        """One of ``row``."""
        return row[self.upto(len(row) - 1)]

    def chance(self, percent: int) -> bool:
        """True with about this probability; shrinks to false."""
        return self.upto(99) >= 100 - percent

    def some(self, row: Sequence[T], percent: int = 60) -> list[T]:
        """A part of ``row``, at least its first."""
        return [x for i, x in enumerate(row) if i == 0 or self.chance(percent)]

    def day(self, end: float) -> float:
        """An instant in [0, end), often at midnight, often odd."""
        whole = self.upto(max(0, int(end) - 1))
        return whole + self.one((0.0, 0.0, 0.5, 0.375, 1 / 3, 0.7123))

    def profile(self, row: Sequence[float], end: float) -> Profile:
        """A value of ``row``, sometimes changing once or twice."""
        first = self.one(row)
        if not self.chance(15):
            return Profile.constant(first)
        days = sorted({d for _ in range(self.upto(2, 1)) if 0 < (d := self.day(end)) < end})
        return Profile((0.0, *days), (first, *(self.one(row) for _ in days)))


@st.composite
def scenarios(draw: Callable[[st.SearchStrategy[Any]], Any], **subjects: Any) -> Scenario:
    """Valid scenarios; ``subjects`` as for ``roll``."""
    return roll(Dice(draw), **subjects)


def roll(
    dice: Dice,
    *,
    rail: bool = True,
    cash: bool = True,
    mixed_lines: bool = True,
    trouble: bool = True,
    most_days: int = 100,
    most_farms: int = 5,
    most_customers: int = 5,
) -> Scenario:
    """A valid scenario. The switches leave out whole subjects, for laws that hold without them only."""
    end = float(dice.upto(most_days, min(20, most_days))) + dice.one((0.0, 0.0, 0.25))
    grades = tuple(Grade(name=g, density_kg_per_m3=850.0) for g in "xyz"[: dice.upto(3, 1)])
    names = [g.name for g in grades]
    farm_count = dice.upto(most_farms, 1)
    kinds = (
        ("shared", "shared", "own", "blended", "junction") if mixed_lines else ("shared", "shared", "own", "junction")
    )
    storages = [dice.one(kinds) for _ in range(farm_count)]
    suppliers = tuple(
        Supplier(
            name=f"s{i}",
            grade=dice.one(names),
            farm=f"f{0 if i == 0 else dice.upto(farm_count - 1)}",
            production_t_per_day=dice.profile(RATES, end),
        )
        for i in range(dice.upto(4, 1))
    )
    held: list[list[str]] = [
        [g for g in names if any(s.grade == g and s.farm == f"f{i}" for s in suppliers)] for i in range(farm_count)
    ]
    pipelines: list[Pipeline] = []
    for j in range(1, farm_count):
        sources = [i for i in range(j) if held[i]]
        for i in [dice.one(sources), *(k for k in sources if dice.chance(12))]:
            line = _pipeline(dice, f"l{len(pipelines)}", f"f{i}", f"f{j}", held[i], end, mixed_lines, storages[i])
            pipelines.append(line)
            held[j] = [g for g in names if g in held[j] or g in line.grades]
    farms = tuple(_farm(dice, f"f{i}", storages[i], held[i], end) for i in range(farm_count))
    customers: list[Customer] = []
    routes: dict[str, list[RailRoute]] = {}
    served = [i for i in range(farm_count) if held[i]]
    for number in range(dice.upto(most_customers, 1)):
        name = f"c{number}"
        got: list[str] = []
        by_rail = rail and dice.chance(30)
        if by_rail:
            terminals = [i for i in served if farms[i].storage not in ("junction", "blended")]
            if terminals:
                terminal = terminals[-1]
                got = list(held[terminal])
                transit = dice.one((2.0, 0.0, 0.5, 4.7))
                route = RailRoute(
                    customer=name,
                    transit_days=transit,
                    cycle_days=transit + dice.one((1.0, 3.0, 0.25)),
                    loss_fraction=dice.one(LOSSES),
                    tariff_yuan_per_t=dice.one((0.0, 50.0)),
                )
                routes.setdefault(f"f{terminal}", []).append(route)
        if not got or dice.chance(15):
            for i in dict.fromkeys([dice.one(served), *(k for k in served if dice.chance(10))]):
                line = _pipeline(dice, f"l{len(pipelines)}", f"f{i}", name, held[i], end, mixed_lines, storages[i])
                pipelines.append(line)
                got = [g for g in names if g in got or g in line.grades]
        customers.append(_customer(dice, name, got, end, cash))
    railways = tuple(_railway(dice, f"r{i}", farm, found, end) for i, (farm, found) in enumerate(routes.items()))
    biggest = max((r.train_t for r in railways), default=0.0)
    customers = [
        _with_room(c, biggest) if any(r.customer == c.name for found in routes.values() for r in found) else c
        for c in customers
    ]
    farms = tuple(_with_room(f, biggest) if f.name in routes else f for f in farms)
    rooms = {f.name: max(f.safe_fill_t.values) for f in farms if f.storage != "junction"}
    pipelines = [replace(p, minimum_batch_t=min(p.minimum_batch_t, rooms.get(p.origin, 1e9))) for p in pipelines]
    months = month_starts(START, START + timedelta(days=int(end + 0.999)))
    plan = tuple(line for c in customers for g in c.grades for line in _plan(dice, c.name, g, months))
    prices = [Price(grade=g, day=0.0, yuan_per_t=dice.one((100.0, 37.5))) for g in names]
    prices += [Price(grade=g, day=dice.day(end) + 0.001, yuan_per_t=250.0) for g in names if dice.chance(15)]
    scenario = Scenario(
        name="random",
        start=START,
        end_day=end,
        grades=grades,
        suppliers=suppliers,
        farms=farms,
        pipelines=tuple(pipelines),
        railways=railways,
        customers=tuple(customers),
        plan=plan,
        purchases=tuple(p for s in suppliers if dice.chance(30) for p in _purchases(dice, s.name, months)),
        orders=_orders(dice, plan, months, end) if trouble else (),
        prices=tuple(prices),
        receipts=tuple(
            CashReceipt(customer=c.name, day=dice.day(end), yuan=dice.one((5_000.0, 100.0)))
            for c in customers
            if c.offtake == "cash" and dice.chance(50)
        ),
    )
    if not trouble:
        return scenario
    return _disrupted(dice, scenario)


def _pipeline(
    dice: Dice, name: str, origin: str, destination: str, held: list[str], end: float, mixed: bool, storage: str
) -> Pipeline:
    blended = storage == "blended"
    grades = tuple(held if blended else dice.some(held, 80))
    mode = dice.one(("parallel", "parallel", "batch", "blend")) if mixed else "parallel"
    if blended:
        mode = "blend"  # nothing else can leave a mixture
    fill = dice.one(FILLS) if dice.chance(50) else 0.0
    contents: tuple[tuple[str, float], ...] = ()
    if fill > 0:
        parts = [dice.one(grades) for _ in range(1 if mode == "parallel" else dice.upto(4, 1))]
        contents = tuple((g, fill / len(parts)) for g in parts)
    capacity = dice.profile((1e5, 20.0, 50.0, 10.0, 33.0), end)
    schedule: tuple[tuple[str, float], ...] = ()
    if mode == "batch" and dice.chance(15):
        schedule = tuple((g, dice.one((20.0, 5.0, 100.0))) for g in grades)
    return Pipeline(
        name=name,
        origin=origin,
        destination=destination,
        capacity_t_per_day=capacity,
        mode=mode,  # type: ignore[arg-type]
        dispatch="push" if dice.chance(25) else "plan",
        grades=grades,
        carry_over=dice.chance(40),
        minimum_t_per_day=min(capacity.values) * 0.1 if dice.chance(20) else 0.0,
        minimum_batch_t=dice.one((10.0, 5.0, 40.0, 0.5)) if mode == "batch" else 0.0,
        line_fill_t=fill,
        contents_t=contents,
        schedule=schedule,
        loss_fraction=dice.one(LOSSES),
        tariff_yuan_per_t=dice.one((0.0, 10.0, 20.0)),
        priority=dice.one((None, None, 1, 2)),
    )


def _tanks(dice: Dice, storage: str, grades: list[str], end: float) -> dict[str, Any]:
    """Safe fill, heels and an opening within them."""
    if storage == "junction" or not grades:
        return {"safe_fill_t": Profile.constant(dice.one(ROOMS))}
    safe_fill = dice.profile(ROOMS, end) if dice.chance(40) else Profile.constant(dice.one(ROOMS))
    limit = safe_fill.at(0.0)
    share = dice.one((0.0, 0.5, 1.0, 0.9))
    opening = {g: share * limit / len(grades) for g in grades if share > 0}
    if not opening and dice.chance(50):
        opening = {grades[0]: 0.0}
    heel_share = dice.one((0.0, 0.0, 0.1, 1.0)) if len(safe_fill.values) == 1 and share < 1 else 0.0
    heel = {g: t * heel_share for g, t in opening.items() if t > 0 and heel_share > 0}
    if storage == "blended" and heel:
        heel = {"": sum(heel.values())}
    own = {g: limit / len(grades) for g in grades} if storage == "own" else {}
    return {"safe_fill_t": safe_fill, "grade_safe_fill_t": own, "heel_t": heel, "opening_t": opening}


def _farm(dice: Dice, name: str, storage: str, grades: list[str], end: float) -> TankFarm:
    return TankFarm(name=name, storage=storage, **_tanks(dice, storage, grades, end))  # type: ignore[arg-type]


def _customer(dice: Dice, name: str, grades: list[str], end: float, cash: bool) -> Customer:
    storage = dice.one(("shared", "shared", "own", "blended"))
    fields = _tanks(dice, storage, grades, end)
    pays = cash and dice.chance(30)
    slate = {g: 1.0 / len(grades) for g in grades} if dice.chance(25) else {}
    return Customer(
        name=name,
        customer_class=dice.one(("petrochina", "sinopec", "local")),  # type: ignore[arg-type]
        grades=tuple(grades),
        storage=storage,  # type: ignore[arg-type]
        runs_t_per_day=dice.profile(RATES, end) if dice.chance(35) else None,
        slate=slate,
        offtake="cash" if pays else "plan",
        cash_yuan=dice.one((1e9, 0.0, 10_000.0, 100.0)),
        income_yuan_per_day=dice.profile((0.0, 500.0, 2_000.0), end),
        priority=dice.upto(3, 1),
        delivery_point=dice.one(("arrival", "loading")),  # type: ignore[arg-type]
        **fields,
    )


def _railway(dice: Dice, name: str, terminal: str, routes: list[RailRoute], end: float) -> Railway:
    per_train = dice.one((5, 2, 10))
    return Railway(
        name=name,
        terminal=terminal,
        spots=dice.upto(3, 1),
        hours_per_train=dice.one((6.0, 24.0, 3.5)),
        paths_per_day=dice.profile((4.0, 1.0, 0.3, 2.5), end),
        wagons=per_train * dice.one((10, 1, 3)),
        wagons_per_train=per_train,
        tonnes_per_wagon=dice.one((5.0, 10.0, 3.3)),
        routes=tuple(routes),
    )


def _with_room(holder: Any, train_t: float) -> Any:
    """Tanks that could take one whole train (the checks ask for it), own ones grade by grade."""
    need = train_t + sum(holder.heel_t.values())
    if holder.storage == "junction" or not 0 < max(holder.safe_fill_t.values) - sum(holder.heel_t.values()) < train_t:
        return holder
    return replace(holder, safe_fill_t=Profile.constant(max(need, *holder.safe_fill_t.values)))


def _plan(dice: Dice, customer: str, grade: str, months: Sequence[date]) -> list[PlanLine]:
    kind = dice.one(("same", "months", "ten_days", "none"))
    rate = dice.one(RATES)
    lines: list[PlanLine] = []
    if kind == "none":
        return lines
    for first in months:
        after = next_month(first)
        if kind == "months":
            rate = dice.one(RATES)
        tonnes = rate * (after - first).days
        if kind == "ten_days":
            for k in (0, 10, 20):
                a, b = period_bounds("ten_day", first + timedelta(days=k))
                part = dice.one(RATES) * (b - a).days
                lines.append(PlanLine(customer=customer, grade=grade, level="ten_day", start=a, end=b, tonnes=part))
            tonnes = sum(p.tonnes for p in lines[-3:])
        lines.append(PlanLine(customer=customer, grade=grade, level="month", start=first, end=after, tonnes=tonnes))
    horizon_end = months[-1]
    return [p for p in lines if p.level == "month" or p.start <= horizon_end]


def _purchases(dice: Dice, supplier: str, months: Sequence[date]) -> list[PurchaseLine]:
    return [
        PurchaseLine(supplier=supplier, level="month", start=m, end=next_month(m), tonnes=30 * dice.one(RATES))
        for m in months
    ]


def _orders(dice: Dice, plan: Sequence[PlanLine], months: Sequence[date], end: float) -> tuple[AdjustmentOrder, ...]:
    pairs = list(dict.fromkeys((p.customer, p.grade) for p in plan if p.tonnes > 0))
    orders = []
    for number in range(dice.one((0, 0, 1, 2)) if pairs else 0):
        day = dice.day(end)
        first = dice.one(months)
        level = "ten_day" if dice.chance(25) else "month"
        start, after = period_bounds(level, first)  # type: ignore[arg-type]
        lines = tuple(
            OrderLine(
                customer=c, grade=g, level=level, start=start, end=after, tonnes=dice.one(RATES) * (after - start).days
            )  # type: ignore[arg-type]
            for c, g in [pairs[(number + k) % len(pairs)] for k in range(min(dice.upto(2, 1), len(pairs)))]
        )
        issued = START - timedelta(days=5)
        orders.append(
            AdjustmentOrder(number=f"o{number}", issued=issued, effective_day=day, state="approved", lines=lines)
        )
    days = [o.effective_day for o in orders]
    return tuple(orders) if len(set(days)) == len(days) else tuple(orders[:1])


def _disrupted(dice: Dice, scenario: Scenario) -> Scenario:
    assets = asset_names(scenario)
    customers = {c.name for c in scenario.customers}
    end = scenario.end_day
    out = []
    for number in range(dice.one((1, 0, 2, 4, 8))):
        asset = dice.one(assets)
        start = dice.day(end)
        length = dice.one((5.0, 0.01, 1.0, 10.5, 200.0, end - start))
        kinds = ("customer_runs", "customer_cash") if asset in customers else ("pipeline", "source", "tank", "quality")
        out.append(
            Disruption(
                name=f"d{number}",
                asset=asset,
                start=start,
                end=start + max(length, 0.01),
                remaining=dice.one((0.0, 0.5, 0.9, 1.0)),
                cause=dice.one(kinds),  # type: ignore[arg-type]
            )
        )
    return replace(scenario, disruptions=tuple(out))
