"""Years to re-plan, drawn from a seed: gathering, a tree of hubs, branches and rail, and a trunk that stops for weeks.

Sources of one grade each push into gathering hubs; batch lines carry all grades from there to the first hub and on, hub by hub,
down a tree; parallel branches and rail routes lead to refineries with a slate of their own. An *arc* is a pipeline or a rail
route. Capacities are what the plan needs and a little more, so that what the stopped trunk loses takes months to make up, and not
everybody can have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil
from random import Random

from chainsim.model import (
    Customer,
    Disruption,
    Grade,
    Pipeline,
    PlanLine,
    Profile,
    RailRoute,
    Railway,
    Scenario,
    Supplier,
    TankFarm,
)
from chainsim.model.plan import next_month

START = date(2026, 1, 1)
DAYS = 365
OUTAGE = (100.0, 121.0)
"""Days on which the trunk from the first hub to the second runs at a third."""
_SPARE = 1.12
"""Capacity, beside what the plan needs of it."""
_SUPPLY_SPARE = 1.01
_TRUNK_LOSS = 0.001


@dataclass(frozen=True)
class _Demand:
    """What one customer processes by grade, t/d, the hub it hangs on and the link it is planned to be served by."""

    name: str
    hub: int
    by_grade: dict[str, float]
    link: str
    by_rail: bool

    @property
    def total(self) -> float:
        """All grades."""
        return sum(self.by_grade.values())


def network(arcs: int, grades: int, seed: int = 1) -> Scenario:
    """A year of a network with ``arcs`` arcs and ``grades`` grades; the same for the same arguments."""
    rng = Random(f"network {arcs} {grades} {seed}")
    names = [f"g{i}" for i in range(grades)]
    source_count = max(grades, arcs // 8)
    gathering = max(1, source_count // 8)
    hubs = max(2, arcs // 15)
    routes = arcs // 8
    branches = arcs - source_count - gathering - (hubs - 1) - routes
    assert branches > 0, f"{arcs} arcs are too few for {grades} grades"
    parents = [0, *(rng.randrange(max(0, h - 3), h) for h in range(1, hubs))]
    # Two branches in three end at a refinery of their own; the others are second ways to one.
    firsts = branches - branches // 3
    demands = [_demand(rng, f"R{i}", i % hubs, names, f"L{i}", by_rail=False) for i in range(firsts)]
    demands += [_demand(rng, f"T{i}", i % hubs, names, f"W{i % hubs}", by_rail=True) for i in range(routes)]
    through = _through(demands, parents)
    by_grade = {g: sum(d.by_grade.get(g, 0.0) for d in demands) for g in names}

    farms = [_farm(f"H{h}", sum(through[h].values()), through[h]) for h in range(hubs)]
    suppliers: list[Supplier] = []
    lines: list[Pipeline] = []
    gathered: list[dict[str, float]] = [{} for _ in range(gathering)]
    for i in range(source_count):
        grade = names[i % grades]
        rate = by_grade[grade] * _SUPPLY_SPARE / len(range(i % grades, source_count, grades))
        at = gathered[i % gathering]
        at[grade] = at.get(grade, 0.0) + rate
        farms.append(_farm(f"S{i}", rate, {grade: rate}))
        suppliers.append(Supplier(name=f"F{i}", grade=grade, farm=f"S{i}", production_t_per_day=Profile.constant(rate)))
        lines.append(
            _line(f"A{i}", f"S{i}", f"G{i % gathering}", {grade: rate}, rng.uniform(0.5, 2.0), dispatch="push")
        )
    for i, rates in enumerate(gathered):
        farms.append(_farm(f"G{i}", sum(rates.values()), rates))
        lines.append(_line(f"B{i}", f"G{i}", "H0", rates, rng.uniform(1.0, 4.0), mode="batch", loss=_TRUNK_LOSS))
    for h in range(1, hubs):
        days = rng.uniform(1.0, 5.0)
        lines.append(_line(f"C{h}", f"H{parents[h]}", f"H{h}", through[h], days, mode="batch", loss=_TRUNK_LOSS))
    for i in range(branches):
        demand = demands[i] if i < firsts else demands[(i - firsts) * 2]
        hub = demand.hub if i < firsts else parents[demand.hub] if demand.hub else hubs - 1
        part = 1.0 if i < firsts else 0.3
        rates = {g: part * r for g, r in demand.by_grade.items()}
        lines.append(_line(f"L{i}", f"H{hub}", demand.name, rates, rng.uniform(0.2, 1.5)))
    by_rail = [d for d in demands if d.by_rail]
    return Scenario(
        name=f"network-{arcs}-{grades}-{seed}",
        start=START,
        end_day=float(DAYS),
        grades=tuple(Grade(name=g, density_kg_per_m3=rng.uniform(820.0, 900.0)) for g in names),
        suppliers=tuple(suppliers),
        farms=tuple(farms),
        pipelines=tuple(lines),
        railways=tuple(_railway(rng, h, own) for h in range(hubs) if (own := [d for d in by_rail if d.hub == h])),
        customers=tuple(_customer(d) for d in demands),
        plan=tuple(line for d in demands for line in _plan(rng, d)),
        disruptions=(
            Disruption(name="trunk", asset="C1", start=OUTAGE[0], end=OUTAGE[1], remaining=1 / 3, cause="pipeline"),
        ),
    )


def arcs_of(scenario: Scenario) -> int:
    """Pipelines and rail routes."""
    return len(scenario.pipelines) + sum(len(railway.routes) for railway in scenario.railways)


def _demand(rng: Random, name: str, hub: int, grades: list[str], link: str, *, by_rail: bool) -> _Demand:
    wanted = rng.sample(grades, min(len(grades), rng.choice((1, 2, 2, 3))))
    total = rng.uniform(800.0, 2_500.0) if by_rail else rng.uniform(1_500.0, 12_000.0)
    weights = [rng.uniform(0.5, 1.5) for _ in wanted]
    by_grade = {grade: total * w / sum(weights) for grade, w in zip(wanted, weights, strict=True)}
    return _Demand(name, hub, by_grade, link, by_rail)


def _through(demands: list[_Demand], parents: list[int]) -> list[dict[str, float]]:
    """What comes to each hub by grade: its own customers' and that of the hubs below it."""
    out: list[dict[str, float]] = [{} for _ in parents]
    for demand in demands:
        at = demand.hub
        while True:
            for grade, rate in demand.by_grade.items():
                out[at][grade] = out[at].get(grade, 0.0) + rate
            if at == 0:
                break
            at = parents[at]
    return out


def _farm(name: str, rate: float, rates: dict[str, float]) -> TankFarm:
    return TankFarm(
        name=name,
        storage="shared",
        safe_fill_t=Profile.constant(12.0 * rate),
        opening_t={grade: 5.0 * r for grade, r in rates.items()},
    )


def _line(
    name: str,
    origin: str,
    destination: str,
    rates: dict[str, float],
    days: float,
    *,
    mode: str = "parallel",
    dispatch: str = "plan",
    loss: float = 0.0,
) -> Pipeline:
    contents = tuple((grade, rate * days) for grade, rate in rates.items())
    capacity = _SPARE * sum(rates.values())
    return Pipeline(
        name=name,
        origin=origin,
        destination=destination,
        capacity_t_per_day=Profile.constant(capacity),
        mode=mode,  # type: ignore[arg-type]
        dispatch=dispatch,  # type: ignore[arg-type]
        grades=tuple(rates),
        line_fill_t=sum(tonnes for _, tonnes in contents),
        contents_t=contents,
        loss_fraction=loss,
        tariff_yuan_per_t=round(8.0 * days, 1),
    )


def _railway(rng: Random, hub: int, demands: list[_Demand]) -> Railway:
    train_t = 50 * 60.0
    trains = sum(d.total for d in demands) / train_t * _SPARE
    routes = []
    for demand in demands:
        transit = rng.uniform(2.0, 6.0)
        routes.append(
            RailRoute(
                customer=demand.name,
                transit_days=transit,
                cycle_days=2 * transit + 2.0,
                tariff_yuan_per_t=round(30 * transit, 1),
            )
        )
    out = max(route.cycle_days for route in routes) * trains
    return Railway(
        name=f"W{hub}",
        terminal=f"H{hub}",
        spots=max(1, round(trains * 6.0 / 24.0 + 0.5)),
        hours_per_train=6.0,
        paths_per_day=Profile.constant(float(ceil(trains))),
        wagons=50 * (int(out) + 2),
        wagons_per_train=50,
        tonnes_per_wagon=60.0,
        routes=tuple(routes),
    )


def _customer(demand: _Demand) -> Customer:
    total = demand.total
    return Customer(
        name=demand.name,
        customer_class="petrochina" if demand.hub % 2 == 0 else "private",
        grades=tuple(demand.by_grade),
        safe_fill_t=Profile.constant(18.0 * total),
        opening_t={grade: 8.0 * rate for grade, rate in demand.by_grade.items()},
        runs_t_per_day=Profile.constant(1.08 * total),
        priority=1 + demand.hub % 3,
    )


def _plan(rng: Random, demand: _Demand) -> list[PlanLine]:
    out, month = [], START
    while month.year == START.year:
        after = next_month(month)
        for grade, rate in demand.by_grade.items():
            tonnes = round(rate * (after - month).days * rng.uniform(0.93, 1.03))
            out.append(
                PlanLine(
                    customer=demand.name,
                    grade=grade,
                    level="month",
                    start=month,
                    end=after,
                    tonnes=float(tonnes),
                    via=demand.link,
                )
            )
        month = after
    return out
