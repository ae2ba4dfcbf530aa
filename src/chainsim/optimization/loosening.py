"""How the program's rows give way: what one more unit of an asset's capacity, all month long, adds to which rows.

As a column such a unit has a price (its reduced cost), and capacities can grow by it: by one, to see what a unit truly does, or
by as much as would be needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pulp

from chainsim.model import Customer
from chainsim.optimization.case import Case
from chainsim.optimization.formulation import Formulation

KT = 1_000.0
TEN_THOUSAND_YUAN = 10_000.0


class Place(NamedTuple):
    """What can grow: a kind of limit, the asset it is of, the month of the run; ``grade`` where the limit is a grade's own."""

    kind: str
    asset: str
    month: int
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """One more ``unit`` at a place during its whole month.

    ``rows`` is what it adds to the right-hand side of the program's rows; ``tonnes`` is what it can carry, hold or pay for.
    """

    place: Place
    unit: str
    rows: Mapping[tuple[object, ...], float] = field(default_factory=dict)
    tonnes: float = 0.0


def rooms_of(program: Formulation) -> dict[Place, Room]:
    """All places with the rows of ``program`` that a unit there loosens; where nothing can pass there is no place."""
    case = program.case
    trains = {railway.name: railway for railway in case.scenario.railways}
    racks = {rack.railway.name: rack for rack in case.racks}
    units: dict[Place, str] = {}
    rows: dict[Place, dict[tuple[object, ...], float]] = {}
    tonnes: dict[Place, float] = {}

    def add(
        kind: str, asset: str, b: int, unit: str, adds: float, carries: float, name: tuple[object, ...], grade: str = ""
    ) -> None:
        if adds != 0.0:
            place = Place(kind, asset, case.grid.buckets[b].month, grade)
            units[place] = unit
            rows.setdefault(place, {})[name] = adds
            tonnes[place] = tonnes.get(place, 0.0) + carries

    for name in program.rows:
        match name:
            case ("capacity", str(asset), int(b)):
                days = case.grid.buckets[b].days
                add("capacity", asset, b, "t/d", days, days, name)
            case ("minimum", str(asset), int(b)):
                days = case.grid.buckets[b].days
                add("minimum", asset, b, "t/d", -days, days, name)
            case ("rack", str(asset), int(b)):
                railway = trains[asset]
                spot_t = racks[asset].rack_trains[b] * railway.train_t / railway.spots if railway.spots else 0.0
                add("rack", asset, b, "spot", spot_t, spot_t, name)
            case ("paths", str(asset), int(b)):
                path_t = trains[asset].train_t * case.grid.buckets[b].days * racks[asset].factor[b]
                add("paths", asset, b, "path/d", path_t, path_t, name)
            case ("wagons", str(asset), int(b)):
                cycle = min(route.cycle_days for route in trains[asset].routes)
                carried = trains[asset].train_t * case.grid.buckets[b].days / cycle
                add("wagons", asset, b, "train set", 1.0, carried, name)
            case ("route", str(railway_name), str(customer), int(b)):
                days = case.grid.buckets[b].days
                add("route", f"{railway_name}.{customer}", b, "t/d", days, days, name)
                lane = next(x for x in case.lanes if (x.railway.name, x.route.customer) == (railway_name, customer))
                # A route takes its part of the paths: another path is another chance for it too.
                path_t = trains[railway_name].train_t * lane.open_days[b]
                add("paths", railway_name, b, "path/d", path_t, 0.0, name)
            case ("safe_fill", str(asset), int(b), *own):
                days = case.grid.buckets[b].days
                share = days / sum(case.grid.buckets[o].days for o in case.grid.of_month(case.grid.buckets[b].month))
                add("safe_fill", asset, b, "kt", KT, KT * share, name, str(own[0]) if own else "")
            case ("runs", str(asset), str(grade), int(b)):
                days = case.grid.buckets[b].days
                share, of = _runs(case, asset, grade)
                add("runs", asset, b, "t/d", share * days, share * days, name, of)
            case ("cash", str(asset), int(b)):
                yuan = TEN_THOUSAND_YUAN * case.grid.buckets[b].days
                prices = [case.price_yuan_per_t[grade][b] for of, grade in case.keys if of == asset]
                dearest = max(prices, default=0.0)
                add("cash", asset, b, "10⁴ yuan/d", yuan, yuan / dearest if dearest > 0 else 0.0, name)
            case ("balance", str(farm), str(grade), int(b)):
                days = case.grid.buckets[b].days
                for supplier in case.scenario.suppliers:
                    if (supplier.farm, supplier.grade) == (farm, grade):
                        add("supply", supplier.name, b, "t/d", days, days, name)
            case _:
                pass
    return {place: Room(place, units[place], own, tonnes[place]) for place, own in rows.items()}


def loosen(
    program: Formulation, rooms: Mapping[Place, Room], *, most: float | None = 0.0
) -> dict[Place, pulp.LpVariable]:
    """A column for each place: units there, from 0 to ``most`` (``None``: any number). Changes ``program``."""
    columns: dict[Place, pulp.LpVariable] = {}
    for place, room in rooms.items():
        columns[place] = program.add("room", *place, high=most)
        for name, adds in room.rows.items():
            program.rows[name].expr.addterm(columns[place], -adds)
    return columns


def _runs(case: Case, customer: str, grade: str) -> tuple[float, str]:
    """The part of a unit of runs that a row of ``grade`` gets, and the grade the unit is of ("" where a slate shares it out)."""
    spec = next(holder.spec for holder in case.customers if holder.spec.name == customer)
    assert isinstance(spec, Customer)
    if customer in case.runs_t:
        return (spec.slate.get(grade, 0.0) if spec.slate else 1.0), ""
    return 1.0, grade
