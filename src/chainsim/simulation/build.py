"""From a frozen scenario to the parts of a run, and from the run's parts back to frozen records."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chainsim.model import Customer, Pipeline, Scenario, TankFarm
from chainsim.simulation import blends, routing, timetable
from chainsim.simulation.accounts import Account
from chainsim.simulation.batches import MixedLine
from chainsim.simulation.cash import Purse
from chainsim.simulation.ledger import FlowBooks
from chainsim.simulation.lines import Line, ParallelLine
from chainsim.simulation.outages import Condition, Stretch, stretches
from chainsim.simulation.parts import Runs, Supply, holders
from chainsim.simulation.rail import Rail, RailLane, Spot
from chainsim.simulation.rates import Cell, Constraint, Flow, Tank

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine


def build(engine: Engine) -> None:
    """Make tanks, flows, lines, railways, refineries and purses, in order of declaration."""
    scenario = engine.scenario
    engine.grade_rank = {g.name: i for i, g in enumerate(scenario.grades)}
    engine.ways = routing.routes(scenario)
    engine.customers = {c.name: c for c in scenario.customers}
    engine.best_class = {}
    for (name, _), way in engine.ways.items():
        for pipeline in way.pipelines:
            best = engine.best_class.get(pipeline, engine.customers[name].priority)
            engine.best_class[pipeline] = min(best, engine.customers[name].priority)
    conditions = _Conditions(scenario)
    engine.conditions = conditions.by_key
    for price in sorted(scenario.prices, key=lambda p: p.day):
        days, values = engine.prices.setdefault(price.grade, ((), ()))
        engine.prices[price.grade] = ((*days, price.day), (*values, price.yuan_per_t))
    needed = _grades_by_holder(scenario, engine.ways)
    tanks: dict[str, Tank] = {}
    opening = _openings(scenario)
    for holder in holders(scenario):
        tanks[holder.name] = _tank(engine, holder, needed[holder.name], opening)
    engine.tank_of = tanks
    for farm in scenario.farms:
        conditions.of(farm.name)
    for key in dict.fromkeys([*((p.customer, p.grade) for p in scenario.plan), *engine.ways]):
        engine.accounts[key] = Account(len(engine.accounts), *key)
    for supplier in scenario.suppliers:
        cell = _cell(tanks[supplier.farm], supplier.grade)
        flow = _flow(engine, "supply", supplier.name, 1)
        flow.gives = ((cell, 1.0),)
        cell.inflows[flow] = 1.0
        flow.ledger.destinations = {supplier.grade: cell}
        engine.ledger.feeders.setdefault(cell, []).append(flow)
        engine.supplies.append(Supply(supplier, conditions.of(supplier.name), flow))
    engine.delivering = {}
    for line in scenario.pipelines:
        engine.lines.append(_line(engine, line, tanks, conditions.of(line.name)))
    engine.line_by_name = {line.spec.name: line for line in engine.lines}
    engine.supply_by_name = {supply.spec.name: supply for supply in engine.supplies}
    for customer in scenario.customers:
        _runs(engine, customer, tanks[customer.name], conditions.of(customer.name))
    engine.runs_by_name = {runs.spec.name: runs for runs in engine.runs}
    _purses(engine, conditions)
    engine.rail_served = set()
    for railway in scenario.railways:
        _rail(engine, railway.name, tanks, conditions)
    engine.blended = [t for t in engine.tanks if t.storage == "blended"]
    for cell in engine.cells:
        cell.timer = engine.timer(partial(engine.on_cell, cell))
    for tank in engine.tanks:
        tank.timer = engine.timer(partial(engine.on_tank, tank))
    for purse in engine.purses.values():
        engine.purse_timers[purse] = engine.timer(partial(engine.on_purse, purse))
    for cell in engine.cells:
        engine.dirty_cells[cell] = True


class _Conditions:
    """One cursor per disrupted asset; whole assets share the empty one."""

    def __init__(self, scenario: Scenario) -> None:
        self.by_key: dict[tuple[str, str], Condition] = {}
        self._stretches: dict[tuple[str, str], tuple[Stretch, ...]] = stretches(scenario)

    def of(self, asset: str, aspect: str = "") -> Condition:
        key = (asset, aspect)
        if key not in self.by_key:
            self.by_key[key] = Condition(self._stretches.get(key, ()))
        return self.by_key[key]


def _openings(scenario: Scenario) -> dict[str, dict[str, float]]:
    """Holder → grade → tonnes at the begin: the actual stocks on the as-of date where given, else the opening."""
    out: dict[str, dict[str, float]] = {}
    for holder in holders(scenario):
        out[holder.name] = dict(holder.opening_t)
    if scenario.as_of_day > 0:
        seen: set[str] = set()
        for stock in scenario.actual_stocks:
            if stock.asset in out:
                if stock.asset not in seen:
                    out[stock.asset] = {}
                    seen.add(stock.asset)
                out[stock.asset][stock.grade] = out[stock.asset].get(stock.grade, 0.0) + stock.tonnes
    return out


def _grades_by_holder(scenario: Scenario, ways: dict[routing.Key, routing.Route]) -> dict[str, list[str]]:
    """The grades that may ever be in each farm and customer, in order of declaration."""
    found: dict[str, set[str]] = {h.name: set(h.opening_t) for h in holders(scenario)}
    for stock in scenario.actual_stocks:
        if stock.asset in found:
            found[stock.asset].add(stock.grade)
    for farm in scenario.farms:
        found[farm.name].update(farm.heel_t, farm.grade_safe_fill_t)
        found[farm.name].discard("")
    for supplier in scenario.suppliers:
        found[supplier.farm].add(supplier.grade)
    for customer in scenario.customers:
        found[customer.name].update(customer.grades)
    for (name, grade), way in ways.items():
        found[name].add(grade)
        found[way.origin].add(grade)
    customers = {c.name for c in scenario.customers}
    changed = True
    while changed:
        changed = False
        for line in scenario.pipelines:
            moving = {g for g in found[line.origin] if not line.grades or g in line.grades}
            moving |= {g for g, _ in line.contents_t}
            if line.destination in customers and not line.grades:
                moving &= found[line.destination]
            if not moving <= found[line.destination]:
                found[line.destination] |= moving
                changed = True
    order = [g.name for g in scenario.grades]
    return {name: [g for g in order if g in grades] for name, grades in found.items()}


def _tank(
    engine: Engine, holder: TankFarm | Customer, grades: list[str], openings: dict[str, dict[str, float]]
) -> Tank:
    storage = holder.storage
    tank = Tank(
        len(engine.tanks), holder.name, storage, holder.safe_fill_t.at(engine.begin_day), isinstance(holder, Customer)
    )
    engine.tanks.append(tank)
    tank.heel = holder.heel_t.get("", 0.0) if storage == "blended" else 0.0
    for grade in grades:
        level = openings[holder.name].get(grade, 0.0)
        heel = 0.0 if storage == "blended" else holder.heel_t.get(grade, 0.0)
        limit = 0.0 if storage == "junction" else holder.grade_safe_fill_t.get(grade, tank.limit)
        cell = Cell(len(engine.cells), tank, grade, level, heel, limit, engine.begin_day)
        engine.cells.append(cell)
        tank.cells.append(cell)
    count = 3 * len(engine.cells)
    if storage == "blended":
        tank.dry = Constraint(count, "dry", tank.name, tank=tank)
        for cell in tank.cells:
            cell.dry = tank.dry
    else:
        for cell in tank.cells:
            cell.dry = Constraint(count + cell.index, "dry", tank.name, [cell])
            cell.dry.active = storage == "junction"
    if storage in ("own", "junction"):
        for cell in tank.cells:
            cell.full = Constraint(count + cell.index, "full", tank.name, [cell])
            cell.full.active = storage == "junction"
    else:
        tank.full = Constraint(count, "full", tank.name, tank=tank)
        for cell in tank.cells:
            cell.full = tank.full
    engine.ledger.takers[tank] = []
    return tank


def _cell(tank: Tank, grade: str) -> Cell:
    return next(c for c in tank.cells if c.grade == grade)


def _flow(engine: Engine, kind: str, name: str, priority: int) -> Flow:
    flow = Flow(len(engine.flows), kind, name, priority)
    flow.ledger = FlowBooks(engine.begin_day)
    engine.flows.append(flow)
    engine.flow_logs[flow] = []
    return flow


def _line(engine: Engine, spec: Pipeline, tanks: dict[str, Tank], condition: Condition) -> Line:
    origin, destination = tanks[spec.origin], tanks[spec.destination]
    known = {c.grade for c in origin.cells} & {c.grade for c in destination.cells}
    grades = [c.grade for c in origin.cells if c.grade in known and (not spec.grades or c.grade in spec.grades)]
    accounts = {
        g: engine.accounts[destination.name, g]
        for g in grades
        if (way := engine.ways.get((destination.name, g))) is not None and way.delivering == spec.name
    }
    priority = _priority(engine, spec)
    kept = 1.0 - spec.loss_fraction
    customer = engine.customers.get(spec.destination)
    counted = 1.0 if customer is not None and customer.delivery_point == "loading" else kept
    ends = {c.grade: c for c in destination.cells}
    if spec.mode == "parallel":
        line: Line = ParallelLine(spec, condition)
        for grade in grades:
            flow = _flow(engine, "line", spec.name, priority)
            cell, end = _cell(origin, grade), ends[grade]
            flow.draws, flow.gives = ((cell, 1.0),), ((end, kept),)
            cell.outflows[flow] = 1.0
            end.inflows[flow] = kept
            _register(engine, flow, line, {grade: cell}, {grade: end}, kept, counted)
            if grade in accounts:
                flow.ledger.accounts = {grade: accounts[grade]}
                engine.delivering.setdefault((destination.name, grade), []).append(flow)
        if len(line.flows) > 1:
            line.capacity = Constraint(len(engine.flows) + 10_000_000, "capacity", spec.name)
            line.capacity.active = True
            line.capacity.members = dict.fromkeys(line.flows, 1.0)
            for flow in line.flows:
                flow.constraints.append(line.capacity)
        return line
    origins = {g: _cell(origin, g) for g in grades}
    mixed = MixedLine(spec, condition, origins, ends)
    flow = _flow(engine, "line", spec.name, priority)
    _register(engine, flow, mixed, origins, ends, kept, counted)
    mixed.flow, mixed.books = flow, flow.ledger
    flow.ledger.own_line = spec.name
    flow.ledger.accounts = accounts
    for grade in accounts:
        engine.delivering.setdefault((destination.name, grade), []).append(flow)
    contents = spec.contents_t
    if engine.scenario.as_of_day > 0:
        actual = tuple((s.grade, s.tonnes) for s in engine.scenario.actual_stocks if s.asset == spec.name)
        contents = actual or contents
    mixed.open(engine, contents)
    if mixed.parcels:
        engine.set_exit(flow, dict(engine.mixtures[mixed.parcels[0].mixture]), ends)
    engine.flow_timers[flow] = engine.timer(partial(engine.on_flow, flow))
    return mixed


def _register(
    engine: Engine, flow: Flow, line: Line, origins: dict[str, Cell], ends: dict[str, Cell], kept: float, counted: float
) -> None:
    books = flow.ledger
    books.origins, books.destinations = origins, ends
    books.kept, books.counted = kept, counted
    line.flows.append(flow)
    engine.line_of[flow] = line
    for cell in ends.values():
        engine.ledger.feeders.setdefault(cell, []).append(flow)
    for tank in {id(c.tank): c.tank for c in origins.values()}.values():
        engine.ledger.takers[tank].append(flow)


def _priority(engine: Engine, spec: Pipeline) -> int:
    if spec.priority is not None:
        return spec.priority
    if spec.destination in engine.customers:
        return engine.customers[spec.destination].priority
    return engine.best_class.get(spec.name, 1)


def _runs(engine: Engine, spec: Customer, tank: Tank, condition: Condition) -> None:
    arriving: dict[str, float] = {}
    for grade in (c.grade for c in tank.cells):
        way = engine.ways.get((spec.name, grade))
        if way is not None and spec.delivery_point == "loading":
            arriving[grade] = 1.0 - way.loss_fraction
    cells = {c.grade: c for c in tank.cells}
    flows: list[Flow] = []
    if spec.storage == "blended" and cells:
        flow = _flow(engine, "runs", spec.name, 1)
        mixture = blends.composition(tank, engine.begin_day)
        flow.draws = tuple((cells[g], x) for g, x in mixture.items())
        for cell, weight in flow.draws:
            cell.outflows[flow] = weight
        flow.ledger.entering = flow.ledger.leaving = mixture
        index = engine.mixture(mixture)
        flow.ledger.mixtures = (index, index)
        flow.ledger.origins = cells
        flows.append(flow)
    elif spec.storage != "blended":
        for grade, cell in cells.items():
            flow = _flow(engine, "runs", spec.name, 1)
            flow.draws = ((cell, 1.0),)
            cell.outflows[flow] = 1.0
            flow.ledger.origins = {grade: cell}
            flows.append(flow)
    engine.ledger.takers[tank].extend(flows)
    even = {g: 1.0 / len(spec.grades) for g in spec.grades} if spec.grades else {}
    engine.runs.append(Runs(spec, condition, flows, cells, arriving, spec.slate or even))


def _purses(engine: Engine, conditions: _Conditions) -> None:
    for customer in engine.scenario.customers:
        if customer.offtake != "cash":
            continue
        limit = Constraint(20_000_000 + len(engine.purses), "cash", customer.name)
        purse = Purse(customer, conditions.of(customer.name, "cash"), limit, engine.begin_day)
        for line in engine.lines:
            if line.spec.destination == customer.name:
                for flow in line.flows:
                    purse.spending.append(flow)
                    flow.constraints.append(limit)
                    engine.purse_of[flow] = purse
        engine.purses[customer.name] = purse


def _rail(engine: Engine, name: str, tanks: dict[str, Tank], conditions: _Conditions) -> None:
    spec = next(r for r in engine.scenario.railways if r.name == name)
    rail = Rail(spec, conditions.of(name), conditions.of(f"{name}.rack"), conditions.of(f"{name}.paths"))
    rail.wagons_free = spec.wagons
    customers = {c.name: c for c in engine.scenario.customers}
    terminal = tanks[spec.terminal]
    for route in spec.routes:
        customer = customers[route.customer]
        for cell in terminal.cells:
            way = engine.ways.get((customer.name, cell.grade))
            if way is None or way.delivering != name:
                continue
            account = engine.accounts[customer.name, cell.grade]
            condition = conditions.of(f"{name}.{customer.name}")
            tank = tanks[customer.name]
            lane = RailLane(len(rail.lanes), name, route, customer, cell.grade, account, cell, tank, condition)
            lane.since = engine.begin_day
            rail.lanes.append(lane)
            engine.ledger.lanes.setdefault(cell, []).append(lane)
            engine.rail_served.add((customer.name, cell.grade))
    for lane in rail.lanes:
        lane.same_tank = [other for other in rail.lanes if other.tank is lane.tank]
    for index in range(spec.spots):
        flow = _flow(engine, "loading", f"{name}.rack", 1)
        flow.ledger.origins = {}
        spot = Spot(flow, index)
        rail.spots.append(spot)
        engine.spot_of[flow] = (rail, spot)
        engine.flow_timers[flow] = engine.timer(partial(engine.on_flow, flow))
    number = len(engine.rails)
    engine.rails.append(rail)
    engine.rail_due_timers.append(engine.timer(partial(engine.on_rail_due, number)))
    engine.rail_move_timers.append(engine.timer(partial(engine.on_rail_move, number)))


def plan_timetable(engine: Engine) -> timetable.Timetable:
    """The run's timetable; tonnes by rail are grossed up to the rack here, those by pipeline on their way up."""
    kept: dict[routing.Key, float] = {}
    points = {c.name: c.delivery_point for c in engine.scenario.customers}
    rails = {r.name for r in engine.scenario.railways}
    for (customer, grade), way in engine.ways.items():
        if points.get(customer) == "arrival":
            factor = 1.0 / (1.0 - way.loss_fraction) if way.delivering in rails else 1.0
        else:
            factor = 1.0 if way.delivering in rails else 1.0 - way.loss_fraction
        kept[customer, grade] = factor
    return timetable.timetable(engine.scenario, engine.ways, kept)
