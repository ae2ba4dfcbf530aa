"""The engine's rates at an instant against two oracles that share no code with it.

*An LP* (HiGHS): the lexicographic max-min rates, class by class, each class filled evenly on its nominations until some flow can
go no further, that one fixed, the rest filled on. Node by node in the direction scarcity travels: downstream where stocks are
dry, upstream where tanks are full, both sides of one tank at once where it is full and dry.

*The bottleneck condition* for any network: rates are feasible, and whoever gets less than it asks for is held back by a
constraint that is used up, in which no lower class gets anything and no equal gets more per tonne nominated. Where constraints
only pack, this is lexicographic max-min fairness (Bertsekas & Gallager, Data Networks, 1992, section 6.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.simulation.strategies import Dice, scenarios

from chainsim.model import Scenario
from chainsim.simulation.engine import Engine
from chainsim.simulation.rates import Cell, Constraint, Flow, RateSolver, Tank

FAST = settings(
    max_examples=200,
    derandomize=True,
    deadline=5_000,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # a breach is told at once; the slow lane makes it small
)
SLOW = settings(FAST, max_examples=2_000, phases=tuple(Phase))
TOLERANCE = 1e-6
"""Of the greatest request: what an LP solver's own tolerance leaves."""


# ---- a small network of the engine's own parts ---------------------------------------------------------------------


@dataclass
class Network:
    """Tanks in flow order, flows between them, capacities and purses."""

    tanks: list[Tank] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    packs: list[Constraint] = field(default_factory=list)

    def tank(
        self, grades: Sequence[str], storage: str = "shared", *, dry: Iterable[str] = (), full: Iterable[str] = ()
    ) -> Tank:
        """A tank whose ``dry`` grades are at their heel; ``full``: "" for the whole of it, else grade by grade."""
        tank = Tank(len(self.tanks), f"t{len(self.tanks)}", storage, 100.0, is_customer=False)
        self.tanks.append(tank)
        for grade in grades:
            tank.cells.append(Cell(0, tank, grade, 10.0, 0.0, 100.0, 0.0))
        if storage == "blended":
            tank.dry = self._stock("dry", None, tank, active=bool(list(dry)))
        if storage in ("shared", "blended"):
            tank.full = self._stock("full", None, tank, active="" in full)
        for cell in tank.cells:
            cell.dry = tank.dry or self._stock("dry", [cell], None, active=cell.grade in dry)
            cell.full = tank.full or self._stock("full", [cell], None, active=cell.grade in full)
        return tank

    def _stock(self, kind: str, cells: list[Cell] | None, tank: Tank | None, *, active: bool) -> Constraint:
        constraint = Constraint(0, kind, "stock", cells, tank)
        constraint.active = active
        return constraint

    def flow(
        self,
        draws: Sequence[tuple[Cell, float]],
        gives: Sequence[tuple[Cell, float]],
        request: float,
        nomination: float,
        priority: int = 1,
    ) -> Flow:
        """A flow from the ``draws`` (none: a field) to the ``gives`` (none: a refinery's runs)."""
        flow = Flow(len(self.flows), "line", f"q{len(self.flows)}", priority)
        flow.request, flow.nomination = request, nomination
        flow.draws, flow.gives = tuple(draws), tuple(gives)
        for cell, weight in draws:
            cell.outflows[flow] = weight
        for cell, weight in gives:
            cell.inflows[flow] = weight
        self.flows.append(flow)
        return flow

    def pack(self, members: dict[Flow, float], room: float, kind: str = "capacity") -> Constraint:
        """Flows that share a line's capacity, or a purse."""
        constraint = Constraint(0, kind, "pack")
        constraint.active, constraint.room, constraint.members = True, room, members
        for flow in members:
            flow.constraints.append(constraint)
        self.packs.append(constraint)
        return constraint

    def stocks(self) -> list[Constraint]:
        """Every stock's constraint, each once."""
        found = [c for t in self.tanks for x in (t, *t.cells) for c in (x.dry, x.full) if c is not None]
        return list(dict.fromkeys(found))

    def solve(self) -> None:
        """Have the engine find the rates."""
        RateSolver().solve(self.flows, [*self.stocks(), *self.packs], 0.0)


def rows_of(flows: Sequence[Flow], stocks: Iterable[Constraint], packs: Iterable[Constraint]) -> list[Row]:
    """Every active constraint as Σ members·rate − Σ feeders·rate ≤ room, read from the flows' own ends."""
    rows = []
    for stock in stocks:
        if not stock.active:
            continue
        cells = set(map(id, stock.cells))
        leaving = {f: w for f in flows if (w := sum(x for c, x in f.draws if id(c) in cells)) > 0}
        entering = {f: w for f in flows if (w := sum(x for c, x in f.gives if id(c) in cells)) > 0}
        members, feeders = (leaving, entering) if stock.kind == "dry" else (entering, leaving)
        rows.append(Row(stock.kind, members, feeders, 0.0, stock))
    rows.extend(Row(p.kind, {f: w for f, w in p.members.items() if w > 0}, {}, p.room, p) for p in packs if p.active)
    return rows


@dataclass
class Row:
    kind: str
    members: dict[Flow, float]
    feeders: dict[Flow, float]
    room: float
    constraint: Constraint

    def slack(self, rates: dict[Flow, float]) -> float:
        fed = sum(w * rates[f] for f, w in self.feeders.items())
        return self.room + fed - sum(w * rates[f] for f, w in self.members.items())


# ---- oracle one: the LP --------------------------------------------------------------------------------------------


def maximise(
    costs: Sequence[float], rows: Sequence[tuple[Sequence[float], float]], bounds: Sequence[tuple[float, float]]
) -> list[float]:
    """max costs·x, rows·x ≤ right, low ≤ x ≤ high, by HiGHS."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("primal_feasibility_tolerance", 1e-9)
    solver.setOptionValue("dual_feasibility_tolerance", 1e-9)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(costs), len(rows)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.array(costs, dtype=float)
    lp.col_lower_ = np.array([b[0] for b in bounds], dtype=float)
    lp.col_upper_ = np.array([b[1] for b in bounds], dtype=float)
    lp.row_lower_ = np.full(len(rows), -highspy.kHighsInf)
    lp.row_upper_ = np.array([r[1] for r in rows], dtype=float)
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.arange(0, (len(rows) + 1) * len(costs), len(costs))[: len(rows) + 1]
    matrix.index_ = np.tile(np.arange(len(costs)), len(rows))
    matrix.value_ = np.array([x for r, _ in rows for x in r], dtype=float)
    solver.passModel(lp)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, solver.getModelStatus()
    return [float(x) for x in solver.getSolution().col_value]


def fair_rates(
    flows: Sequence[Flow], rows: Sequence[Row], known: dict[Flow, float], free: Sequence[Flow] = ()
) -> dict[Flow, float]:
    """Max-min rates of ``flows`` by class; ``known`` rates are given, ``free`` flows take whatever value helps."""
    columns = [*flows, *free]
    place = {f: i for i, f in enumerate(columns)}
    base = []
    for row in rows:
        left = [0.0] * (len(columns) + 1)
        right = row.room
        for sign, part in ((1.0, row.members), (-1.0, row.feeders)):
            for f, w in part.items():
                if f in place:
                    left[place[f]] += sign * w
                else:
                    right -= sign * w * known[f]
        base.append((left, right + 1e-7 * (1.0 + abs(right))))  # what is fixed was fixed with rounding
    fixed: dict[Flow, float] = {}
    for priority in sorted({f.priority for f in flows}):
        rising = [f for f in flows if f.priority == priority and f.request > 0 and f.nomination > 0]
        later = {f for f in flows if f.priority > priority}
        while rising:
            bounds = []
            for f in columns:
                if f in fixed:
                    bounds.append((fixed[f], fixed[f]))
                elif f in later or (f not in rising and f in flows):
                    bounds.append((0.0, 0.0))
                else:
                    bounds.append((0.0, f.request))
            even = []
            for f in rising:  # rate = level x nomination
                for sign in (1.0, -1.0):
                    left = [0.0] * (len(columns) + 1)
                    left[place[f]], left[-1] = sign, -sign * f.nomination
                    even.append((left, 0.0))
            level = maximise([*([0.0] * len(columns)), 1.0], [*base, *even], [*bounds, (0.0, 1e9)])[-1]
            floors = [
                (max(b[0], level * f.nomination - 1e-7) if f in rising else b[0], b[1])
                for f, b in zip(columns, bounds, strict=True)
            ]
            stuck = []
            for f in rising:
                costs = [0.0] * (len(columns) + 1)
                costs[place[f]] = 1.0
                most = maximise(costs, base, [*floors, (0.0, 0.0)])[place[f]]
                if most <= level * f.nomination + TOLERANCE * (1.0 + f.request):
                    stuck.append(f)
            assert stuck, "the filling stopped though everyone could go on"
            for f in stuck:
                fixed[f] = max(0.0, min(f.request, level * f.nomination) - 1e-7)  # never beyond what rounding left
            rising = [f for f in rising if f not in stuck]
        for f in flows:
            if f.priority == priority:
                fixed.setdefault(f, 0.0)
    return fixed


# ---- oracle two: the bottleneck condition --------------------------------------------------------------------------


def assert_bottlenecks(flows: Sequence[Flow], rows: Sequence[Row]) -> None:
    """Feasible, and nobody held back without a reason."""
    rates = {f: f.rate for f in flows}
    scale = 1.0 + max((f.request for f in flows), default=0.0)
    tolerance = TOLERANCE * scale
    for f in flows:
        assert -tolerance <= rates[f] <= f.request + tolerance, (f.name, f.rate, f.request)
    for row in rows:
        # a full or dry stock with nothing to share: members and feeders may all be zero
        assert row.slack(rates) >= -tolerance * (1 + len(row.members)), (
            row.kind,
            row.constraint.name,
            row.slack(rates),
        )

    dry_of = {id(c): row for row in rows if row.kind == "dry" for c in row.constraint.cells}

    def tight(row: Row) -> bool:
        return row.slack(rates) <= tolerance * (1 + sum(row.members.values()))

    def level(f: Flow) -> float:
        return rates[f] / f.nomination if f.nomination > 0 else 0.0

    def holds(row: Row, f: Flow) -> bool:
        """Whether ``row`` is used up and gives no one an advantage over ``f``."""
        if f not in row.members or not tight(row):
            return False
        for g in row.members:
            if g is f or rates[g] <= tolerance / row.members[g]:
                continue
            if row.kind == "full" and passes(row, g):
                continue  # takes no room
            if g.priority > f.priority:
                return False
            if g.priority == f.priority and level(g) > level(f) + tolerance / f.nomination:
                return False
        return True

    def passes(row: Row, g: Flow) -> bool:
        """Whether all that ``g`` brings goes to grades that wait for it: no more enters them than was asked of them."""
        for c, _ in g.gives:
            if id(c) not in set(map(id, row.constraint.cells)):
                continue
            dry = dry_of.get(id(c))
            if dry is None or not tight(dry):
                return False
        return True

    def hungry(row: Row, f: Flow) -> bool:
        """Whether more of ``f`` would go straight through the full tank of ``row``."""
        for c, _ in f.gives:
            dry = dry_of.get(id(c))
            if dry is None:
                return False
            waiting = [
                o
                for o in dry.members
                if rates[o] < o.request - tolerance
                and not any(r is not dry and holds(r, o) for r in rows if o in r.members)
            ]
            if not waiting:
                return False
        return True

    for f in flows:
        if rates[f] >= f.request - tolerance or f.nomination <= 0:
            continue
        reasons = [row for row in rows if holds(row, f) and not (row.kind == "full" and hungry(row, f))]
        assert reasons, (
            f"{f.name} gets {rates[f]:g} of {f.request:g} (nomination {f.nomination:g}, class {f.priority}) without a reason:"
            f" {[(r.kind, r.constraint.name, r.slack(rates)) for r in rows if f in r.members]}"
        )


# ---- networks drawn ------------------------------------------------------------------------------------------------

REQUESTS = (10.0, 20.0, 5.0, 30.0, 7.3, 100.0, 0.0, 1.0)
ROOMS = (10.0, 25.0, 0.0, 3.0, 50.0)


def _ask(dice: Dice) -> tuple[float, float, int]:
    request = dice.one(REQUESTS)
    return request, dice.one((request, 10.0, 40.0)) or 10.0, dice.upto(3, 1)


def _chain(dice: Dice, *, dry: bool, full: bool, mixtures: bool = True) -> Network:
    """One to four tanks, with every flow from a tank to a later one (or in from a field, out to a refinery)."""
    net = Network()
    grades = "xyz"[: dice.upto(3, 1)]
    for _ in range(dice.upto(4, 1)):
        storage = dice.one(("shared", "own", "junction", "blended") if mixtures else ("shared", "own", "junction"))
        if storage == "junction" and not (dry and full):
            storage = "own"
        everything = storage == "junction"
        net.tank(
            grades,
            storage,
            dry=[g for g in grades if dry and (everything or dice.chance(60))],
            full=[g for g in (*grades, "") if full and (everything or dice.chance(50))],
        )
    last = len(net.tanks) - 1
    for tank in net.tanks:
        for cell in tank.cells:
            if dice.chance(70):
                net.flow([], [(cell, 1.0)], *_ask(dice))
    for index, tank in enumerate(net.tanks):
        for _ in range(dice.upto(3, 1)):
            goal = net.tanks[dice.upto(last, index)] if dice.chance(60) else tank
            kept = dice.one((1.0, 0.9))
            mixed = tank.storage == "blended" or (mixtures and dice.chance(25))
            found = []
            if mixed:
                share = 1.0 / len(grades)
                gives = [(c, share * kept) for c in goal.cells] if goal is not tank else []
                found.append(net.flow([(c, share) for c in tank.cells], gives, *_ask(dice)))
            else:
                priority = dice.upto(3, 1)
                for cell, end in zip(tank.cells, goal.cells, strict=True):
                    if not found or dice.chance(70):
                        request, nomination, _ = _ask(dice)
                        gives = [(end, kept)] if goal is not tank else []
                        found.append(net.flow([(cell, 1.0)], gives, request, nomination, priority))
            if len(found) > 1 or dice.chance(20):
                net.pack(dict.fromkeys(found, 1.0), dice.one(ROOMS))
            if goal is tank and dice.chance(20):
                net.pack({f: dice.one((100.0, 37.5)) for f in found}, dice.one((500.0, 0.0, 2_000.0)), "cash")
    return net


@st.composite
def networks(draw: object, **kinds: bool) -> Network:
    return _chain(Dice(draw), **kinds)  # type: ignore[arg-type]


def _agree(net: Network, expected: dict[Flow, float]) -> None:
    scale = 1.0 + max((f.request for f in net.flows), default=0.0)
    wrong = {f.name: (f.rate, expected[f]) for f in expected if abs(f.rate - expected[f]) > 10 * TOLERANCE * scale}
    assert not wrong, wrong


def _downstream(net: Network) -> dict[Flow, float]:
    """The rates where only stocks are dry: fields first, then tank by tank."""
    rows = rows_of(net.flows, net.stocks(), net.packs)
    known = {f: f.request for f in net.flows if not f.draws}
    for tank in net.tanks:
        mine = [f for f in net.flows if f.draws and f.draws[0][0].tank is tank]
        here = [r for r in rows if any(f in r.members for f in mine)]
        known.update(fair_rates(mine, here, known))
    return known


def _upstream(net: Network) -> dict[Flow, float]:
    """The rates where only tanks are full: last tank first. A flow is settled where it ends; runs are settled first."""
    rows = rows_of(net.flows, net.stocks(), net.packs)
    outs = [f for f in net.flows if not f.gives]
    known = fair_rates(outs, [r for r in rows if any(f in r.members for f in outs)], dict.fromkeys(net.flows, 0.0))
    for tank in reversed(net.tanks):
        mine = [f for f in net.flows if f.gives and f.gives[0][0].tank is tank]
        here = [r for r in rows if any(f in r.members for f in mine)]
        known.update(fair_rates(mine, here, known))
    return known


def _dry_against_the_lp(net: Network) -> None:
    net.solve()
    _agree(net, _downstream(net))


def _full_against_the_lp(net: Network) -> None:
    net.solve()
    _agree(net, _upstream(net))


def _mixed_against_the_condition(net: Network) -> None:
    net.solve()
    assert_bottlenecks(net.flows, rows_of(net.flows, net.stocks(), net.packs))


def _one_tank(dice: Dice) -> Network:
    """A full tank of up to three grades, some at their heel: what comes in must go out, and what goes out must come in."""
    net = Network()
    grades = "xyz"[: dice.upto(3, 1)]
    tank = net.tank(grades, "shared", dry=[g for g in grades if dice.chance(60)], full=[""])
    for cell in tank.cells:
        for _ in range(dice.upto(2)):
            net.flow([], [(cell, dice.one((1.0, 0.9)))], *_ask(dice))
        for _ in range(dice.upto(2)):
            net.flow([(cell, 1.0)], [], *_ask(dice))
    ins = [f for f in net.flows if f.gives]
    if len(ins) > 1 and dice.chance(40):
        net.pack(dict.fromkeys(ins[:2], 1.0), dice.one(ROOMS))
    return net


def _one_tank_against_the_lp(net: Network) -> None:
    """First the inflows, with outflows helping as they can; then the outflows of what is there."""
    net.solve()
    rows = rows_of(net.flows, net.stocks(), net.packs)
    ins, outs = [f for f in net.flows if f.gives], [f for f in net.flows if f.draws]
    expected = fair_rates(ins, rows, {}, outs)
    expected |= fair_rates(outs, [r for r in rows if r.kind == "dry"], expected)
    _agree(net, expected)


def rates_have_reasons(scenario: Scenario, days: Iterable[float]) -> None:
    """In a real run, at any instant: limits read from the levels, rates held against the bottleneck condition."""
    engine = Engine(scenario)
    engine.start()
    for day in sorted(days):
        engine.run(day)
        stocks = []
        for tank in engine.tanks:
            for cell in tank.cells:
                if tank.storage != "blended":
                    assert cell.dry is not None
                    near = cell.at(day) <= cell.heel + 1e-6
                    if cell.dry.active or not near or cell.net > 0:
                        stocks.append(cell.dry)
                    assert cell.dry.active or not near or cell.net >= -1e-9, (tank.name, cell.grade, cell.net)
                if cell.full is not None and cell.full.tank is None:
                    stocks.append(cell.full)
            stocks.extend(c for c in (tank.dry, tank.full) if c is not None)
        packs = [line.capacity for line in engine.lines if line.capacity is not None]
        packs += [purse.limit for purse in engine.purses.values()]
        rows = rows_of(engine.flows, dict.fromkeys(stocks), packs)
        assert_bottlenecks(engine.flows, rows)


# ---- the tests -----------------------------------------------------------------------------------------------------


@settings(FAST, max_examples=80)
@given(networks(dry=True, full=False))
def test_dry_networks_equal_the_lp(net: Network) -> None:
    _dry_against_the_lp(net)


@settings(FAST, max_examples=80)
@given(networks(dry=False, full=True))
def test_full_networks_equal_the_lp(net: Network) -> None:
    _full_against_the_lp(net)


@settings(FAST, max_examples=80)
@given(st.composite(lambda draw: _one_tank(Dice(draw)))())
def test_a_tank_full_and_dry_at_once_equals_the_lp(net: Network) -> None:
    _one_tank_against_the_lp(net)


@settings(FAST, max_examples=200)
@given(networks(dry=True, full=True))
def test_in_any_network_whoever_goes_short_has_a_reason(net: Network) -> None:
    _mixed_against_the_condition(net)


@settings(FAST, max_examples=60)
@given(scenarios(), st.lists(st.floats(0.0, 100.0).map(lambda d: round(d, 3)), min_size=1, max_size=3))
def test_in_any_run_whoever_goes_short_has_a_reason(scenario: Scenario, days: list[float]) -> None:
    rates_have_reasons(scenario, [min(d, scenario.end_day) for d in days])


@pytest.mark.slow
@settings(SLOW, max_examples=700)
@given(networks(dry=True, full=False), networks(dry=False, full=True))
def test_networks_equal_the_lp_at_length(dry: Network, full: Network) -> None:
    _dry_against_the_lp(dry)
    _full_against_the_lp(full)


@pytest.mark.slow
@SLOW
@given(networks(dry=True, full=True))
def test_in_any_network_whoever_goes_short_has_a_reason_at_length(net: Network) -> None:
    _mixed_against_the_condition(net)


@pytest.mark.slow
@settings(SLOW, max_examples=500)
@given(scenarios(), st.lists(st.floats(0.0, 100.0).map(lambda d: round(d, 3)), min_size=1, max_size=3))
def test_in_any_run_whoever_goes_short_has_a_reason_at_length(scenario: Scenario, days: list[float]) -> None:
    rates_have_reasons(scenario, [min(d, scenario.end_day) for d in days])


def test_a_grade_that_passes_straight_through_needs_no_room() -> None:
    """x is at its heel and wanted, y is not: the tank is full, so y gets nothing and x all of its 10 (LP: x 10, y 0)."""
    net = Network()
    tank = net.tank("xy", dry=["x"], full=[""])
    x, y = tank.cells
    wanted = net.flow([], [(x, 1.0)], 10.0, 10.0)
    unwanted = net.flow([], [(y, 1.0)], 10.0, 10.0)
    out = net.flow([(x, 1.0)], [], 100.0, 100.0)
    net.solve()
    assert (wanted.rate, unwanted.rate, out.rate) == (10.0, 0.0, 10.0)
