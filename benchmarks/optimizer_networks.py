"""Years to re-plan, drawn from a seed: gathering, a tree of hubs, branches and rail, and a trunk that stops for weeks.

Sources of one grade each push into gathering hubs; batch lines carry all grades from there to the first hub and on, hub by hub,
down a tree; parallel branches and rail routes lead to refineries with a slate of their own. An *arc* is a pipeline or a rail
route. Capacities are what the plan needs and a little more, so that what the stopped trunk loses takes months to make up, and not
everybody can have it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
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
"""Days on which the first district's trunk from its first hub to the second runs at a third."""
_DISTRICT_ARCS = 62
_DISTRICT_GRADES = 4
_NEW_GRADES = 2
"""Of a district's grades, those that the one before does not have."""
_LINKED = 0.1
"""What a line between districts carries of what both need of a grade."""
_LINK_TARIFF = 200.0
_SPARE = 1.06
"""Capacity, beside what the plan needs of it."""
_SUPPLY_PART = 0.88
"""Production, as a part of what refineries process: not everybody can have all of the plan."""
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
    count = max(1, round(arcs / _DISTRICT_ARCS))
    districts: list[_District] = []
    for d in range(count):
        own = arcs * (d + 1) // count - arcs * d // count
        known = [names[(d * _NEW_GRADES + i) % grades] for i in range(min(grades, _DISTRICT_GRADES))]
        districts.append(_district(rng, str(d), known, own - (d > 0)))
    return Scenario(
        name=f"network-{arcs}-{grades}-{seed}",
        start=START,
        end_day=float(DAYS),
        grades=tuple(Grade(name=g, density_kg_per_m3=rng.uniform(820.0, 900.0)) for g in names),
        suppliers=tuple(supplier for district in districts for supplier in district.suppliers),
        farms=tuple(farm for district in districts for farm in district.farms),
        pipelines=(
            *(line for district in districts for line in district.lines),
            *(_link(one, other) for one, other in pairwise(districts)),
        ),
        railways=tuple(railway for district in districts for railway in district.railways),
        customers=tuple(_customer(demand) for district in districts for demand in district.demands),
        plan=tuple(line for district in districts for demand in district.demands for line in _plan(rng, demand)),
        disruptions=tuple(
            Disruption(
                name=f"{district.name}trunk",
                asset=f"{district.name}C1",
                start=OUTAGE[0],
                end=OUTAGE[1],
                remaining=1 / 3,
                cause="pipeline",
            )
            for district in districts[:1]
        ),
    )


def arcs_of(scenario: Scenario) -> int:
    """Pipelines and rail routes."""
    return len(scenario.pipelines) + sum(len(railway.routes) for railway in scenario.railways)


@dataclass(frozen=True)
class _District:
    """A part of the network that hangs together, with names of its own."""

    name: str
    suppliers: list[Supplier]
    farms: list[TankFarm]
    lines: list[Pipeline]
    railways: list[Railway]
    demands: list[_Demand]
    by_grade: dict[str, float]


def _district(rng: Random, k: str, names: list[str], arcs: int) -> _District:
    source_count = max(len(names), arcs // 8)
    gathering = max(1, source_count // 8)
    hubs = max(2, arcs // 15)
    routes = arcs // 8
    branches = arcs - source_count - gathering - (hubs - 1) - routes
    assert branches > 0, f"{arcs} arcs are too few for {len(names)} grades"
    parents = [0, *(rng.randrange(max(0, h - 3), h) for h in range(1, hubs))]
    # Two branches in three end at a refinery of their own; the others are second ways to one.
    firsts = branches - branches // 3
    demands = [_demand(rng, f"{k}R{i}", i % hubs, names, f"{k}L{i}", by_rail=False) for i in range(firsts)]
    demands += [_demand(rng, f"{k}T{i}", i % hubs, names, f"{k}W{i % hubs}", by_rail=True) for i in range(routes)]
    through = _through(demands, parents)
    by_grade = {g: sum(d.by_grade.get(g, 0.0) for d in demands) for g in names}

    farms = [_farm(f"{k}H{h}", sum(through[h].values()), through[h]) for h in range(hubs)]
    suppliers: list[Supplier] = []
    lines: list[Pipeline] = []
    gathered: list[dict[str, float]] = [{} for _ in range(gathering)]
    for i in range(source_count):
        grade = names[i % len(names)]
        rate = by_grade[grade] * _SUPPLY_PART / len(range(i % len(names), source_count, len(names)))
        at = gathered[i % gathering]
        at[grade] = at.get(grade, 0.0) + rate
        source, days = f"{k}S{i}", rng.uniform(0.5, 2.0)
        farms.append(_farm(source, rate, {grade: rate}))
        production = Profile.constant(rate)
        suppliers.append(Supplier(name=f"{k}F{i}", grade=grade, farm=source, production_t_per_day=production))
        lines.append(_line(f"{k}A{i}", source, f"{k}G{i % gathering}", {grade: rate}, days, dispatch="push"))
    for i, rates in enumerate(gathered):
        farms.append(_farm(f"{k}G{i}", sum(rates.values()), rates))
        days = rng.uniform(1.0, 4.0)
        lines.append(_line(f"{k}B{i}", f"{k}G{i}", f"{k}H0", rates, days, mode="batch", loss=_TRUNK_LOSS))
    for h in range(1, hubs):
        ends, days = (f"{k}H{parents[h]}", f"{k}H{h}"), rng.uniform(1.0, 5.0)
        lines.append(_line(f"{k}C{h}", *ends, through[h], days, mode="batch", loss=_TRUNK_LOSS))
    for i in range(branches):
        demand = demands[i] if i < firsts else demands[(i - firsts) * 2]
        hub = demand.hub if i < firsts else parents[demand.hub] if demand.hub else hubs - 1
        part = 1.0 if i < firsts else 0.3
        rates = {g: part * r for g, r in demand.by_grade.items()}
        lines.append(_line(f"{k}L{i}", f"{k}H{hub}", demand.name, rates, rng.uniform(0.2, 1.5)))
    by_rail = {h: [d for d in demands if d.by_rail and d.hub == h] for h in range(hubs)}
    railways = [_railway(rng, k, h, own) for h, own in by_rail.items() if own]
    return _District(k, suppliers, farms, lines, railways, demands, by_grade)


def _link(one: _District, other: _District) -> Pipeline:
    """From one district's first hub to the next one's: dear, so that the plan leaves it empty, but there for those in need."""
    rates = {g: _LINKED * min(r, other.by_grade[g]) for g, r in one.by_grade.items() if g in other.by_grade}
    line = _line(f"{one.name}X", f"{one.name}H0", f"{other.name}H0", rates, 4.0)
    return replace(line, tariff_yuan_per_t=_LINK_TARIFF)


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


def _railway(rng: Random, district: str, hub: int, demands: list[_Demand]) -> Railway:
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
        name=f"{district}W{hub}",
        terminal=f"{district}H{hub}",
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
