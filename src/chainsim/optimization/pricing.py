"""What one more tonne is worth at each place that binds, from the prices of the program's rows.

A row's price is by how many tonne-months the completion levels would improve if its bound were one unit larger (LP duality:
Bertsimas & Tsitsiklis, Introduction to Linear Optimization, 1997, section 4.3). It holds for small changes.
"""

from __future__ import annotations

from chainsim.optimization.case import Case
from chainsim.optimization.levels import Solved
from chainsim.optimization.opening import Key

_LEAST_PRICE = 1e-6
Place = tuple[str, str, str]
"""(kind, asset, grade; "" where the row is of all grades)."""


def tonne_prices(case: Case, solved: Solved) -> dict[Place, dict[int, float]]:
    """Bucket by bucket what a tonne more is worth at each place that binds, in tonne-months of backlog.

    A row's price is what one unit of its bound is worth; times the row's coefficient for a tonne under way (1 for capacities,
    wagon-trains per tonne for wagons, yuan per tonne for cash) it is the worth of a tonne, so that all rows compare.
    """
    out: dict[Place, dict[int, float]] = {}

    def put(kind: str, asset: str, grade: str, b: int, price: float) -> None:
        if abs(price) > _LEAST_PRICE:
            course = out.setdefault((kind, asset, grade), {})
            course[b] = max(course.get(b, 0.0), abs(price))

    buckets = case.grid.buckets
    cycles = {lane.railway.name: max(r.cycle_days for r in lane.railway.routes) for lane in case.lanes}
    trains = {lane.railway.name: lane.railway.train_t for lane in case.lanes}
    sources: dict[Key, list[str]] = {}
    for supplier in case.scenario.suppliers:
        sources.setdefault((supplier.farm, supplier.grade), []).append(supplier.name)
    for name, price in solved.prices.items():
        match name:
            case ("capacity" | "minimum" | "rack" | "paths" as kind, str(asset), int(b)):
                put(kind, asset, "", b, price)
            case ("wagons", str(asset), int(b)):
                out_for = min(1.0, cycles[asset] / buckets[b].days)
                put("wagons", asset, "", b, price * out_for / trains[asset])
            case ("route", str(railway), str(customer), int(b)):
                put("route", f"{railway}.{customer}", "", b, price)
            case ("safe_fill", str(asset), int(b), *own):
                put("safe_fill", asset, str(own[0]) if own else "", b, price)
            case ("runs", str(asset), str(grade), int(b)):
                put("runs", asset, grade, b, price)
            case ("cash", str(asset), int(b)):
                for customer, grade in case.keys:
                    if customer == asset:
                        put("cash", asset, grade, b, price * case.price_yuan_per_t[grade][b])
            case ("advance", str(asset), str(grade), int(month)):
                for b in case.grid.of_month(month):
                    put("advance", asset, grade, b, price)
            case ("balance", str(farm), str(grade), int(b)) if (farm, grade) in sources:
                for supplier_name in sources[farm, grade]:
                    put("supply", supplier_name, grade, b, price)
            case _:
                pass
    return out
