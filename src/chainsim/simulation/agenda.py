"""Everything that is known beforehand to happen: outages, capacities, the plan's stretches, prices, money, midnights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from chainsim.simulation.outages import Condition
from chainsim.simulation.parts import holders
from chainsim.simulation.rates import Tank

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine

Change = Callable[[], None]


def calendar(engine: Engine) -> list[tuple[float, list[Change]]]:
    """Everything known beforehand, by day: outages, capacities, the plan's stretches, prices, money, midnights."""
    entries: list[tuple[float, int, Change]] = []
    begin, end = engine.begin_day, engine.end_day
    scenario = engine.scenario

    def add(day: float, phase: int, change: Change) -> None:
        if begin <= day < end:
            entries.append((day, phase, change))
        elif day < begin and phase == 0:
            entries.append((begin, phase, change))

    for (asset, aspect), condition in engine.conditions.items():
        for edge in condition.edges():
            add(edge, 0, partial(_advance, engine, condition, asset))
            add(max(edge, begin), 2, partial(_refresh, engine, asset, aspect))
    for stretch in engine.timetable.stretches:
        add(stretch.start_day, 1, engine.next_stretch)
    for line in scenario.pipelines:
        for day, _ in line.capacity_t_per_day.changes(begin, end):
            add(day, 2, partial(_refresh, engine, line.name, ""))
    for supplier in scenario.suppliers:
        for day, _ in supplier.production_t_per_day.changes(begin, end):
            add(day, 2, partial(_refresh, engine, supplier.name, ""))
    for holder in holders(scenario):
        for day, _ in holder.safe_fill_t.changes(begin, end):
            add(day, 2, partial(_refresh, engine, holder.name, ""))
    for customer in scenario.customers:
        if customer.runs_t_per_day is not None:
            for day, _ in customer.runs_t_per_day.changes(begin, end):
                add(day, 2, partial(_refresh, engine, customer.name, "runs"))
        for day, _ in customer.income_yuan_per_day.changes(begin, end):
            add(day, 2, partial(_refresh, engine, customer.name, "cash"))
    for railway in scenario.railways:
        for day, _ in railway.paths_per_day.changes(begin, end):
            add(day, 2, partial(_refresh, engine, railway.name, ""))
    if engine.purses:
        add(begin, 2, partial(_reprice, engine))
        for price in scenario.prices:
            if price.day > begin:
                add(price.day, 2, partial(_reprice, engine))
        for receipt in scenario.receipts:
            if receipt.day > begin or receipt.day == 0.0:
                add(receipt.day, 3, partial(_receive, engine, receipt.customer, receipt.yuan))
    entries.sort(key=lambda e: (e[0], e[1]))
    out: list[tuple[float, list[Change]]] = []
    for day, _, change in entries:
        if not out or out[-1][0] != day:
            out.append((day, []))
        out[-1][1].append(change)
    return out


def _advance(engine: Engine, condition: Condition, asset: str) -> None:
    before = condition.remaining
    condition.advance(engine.now)
    if condition.remaining < 1.0 and condition.remaining != before:
        code = condition.cause[0] if condition.cause else ""
        engine.note("outage_began", asset, detail=code, value=condition.remaining)
    elif condition.remaining >= 1.0 and before < 1.0:
        engine.note("outage_ended", asset)


def _refresh(engine: Engine, asset: str, aspect: str) -> None:
    """An asset's capacity, production, tankage, runs or income changed: ask anew."""
    if aspect == "cash":
        purse = engine.purses.get(asset)
        if purse is not None:
            purse.reprice(engine)
            engine.call_rails()
        return
    line = engine.line_by_name.get(asset)
    if line is not None:
        line.request(engine)
        for flow in line.flows:
            engine.renewed[flow] = None
    if asset in engine.supply_by_name:
        engine.supply_by_name[asset].request(engine)
    runs = engine.runs_by_name.get(asset)
    if runs is not None:
        if aspect == "runs":
            runs.begin_stretch(engine)
        runs.request(engine)
    tank = engine.tank_of.get(asset)
    if tank is not None and aspect == "":
        _resize(engine, tank)
    for index, rail in enumerate(engine.rails):
        if asset == rail.spec.name or asset.startswith(f"{rail.spec.name}."):
            for spot in rail.spots:
                rail.request_spot(engine, spot)
            rail.assign_paths(engine)
            engine.call_rail(index)


def _resize(engine: Engine, tank: Tank) -> None:
    """Safe fill changed, or tanks are out of service (for customers an outage means runs, not tanks)."""
    scenario = engine.scenario
    holder = next(h for h in holders(scenario) if h.name == tank.name)
    condition = engine.conditions.get((tank.name, ""))
    working = 1.0 if condition is None or tank.is_customer else condition.remaining
    tank.limit = holder.safe_fill_t.at(engine.now) * working
    for cell in tank.cells:
        if tank.storage == "own":
            cell.limit = holder.grade_safe_fill_t.get(cell.grade, holder.safe_fill_t.at(engine.now)) * working
        engine.touch_cell(cell)


def _reprice(engine: Engine) -> None:
    for purse in engine.purses.values():
        purse.reprice(engine)
    engine.call_rails()


def _receive(engine: Engine, customer: str, yuan: float) -> None:
    purse = engine.purses.get(customer)
    if purse is not None:
        purse.pay(engine, -yuan * purse.condition.remaining)
        engine.call_rails()
