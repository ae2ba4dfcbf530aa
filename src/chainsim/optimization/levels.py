"""The objective, level by level: safety, completion by class, evenness among equals, least change, least cost.

Each level is minimised among the solutions that are best for all levels before it (lexicographic order); its value is reported.
Evenness is max-min in the same sense (leximin): the worst-off plan line of a class is made as well off as can be, then
the next, and so on (Nace & Orlin, Operations Research Letters 2007: solve, hold what binds, go on).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pulp

from chainsim.optimization.formulation import LE, Formulation
from chainsim.optimization.lots import lots_near
from chainsim.optimization.opening import Key
from chainsim.optimization.solving import Infeasible, OutOfTime, Session, Solution

_OVERFILL = 1_000.0
"""An overfilled tonne is worse than any number of tonnes shut in that could prevent it."""
_BELOW_MINIMUM = 0.5
_COMPOSITION = 1e-3
"""Unexpected composition at an exit is a fault of the linearisation: never worth a curtailed tonne, but not free."""
_BLENDED_OVERFILL, _BLENDED_BACKLOG, _BLENDED_CHANGE, _BLENDED_YUAN = 10.0, 0.3, 3e-2, 1e-4
"""What a tonne (a tonne·month, a yuan) weighs in the blend, where a curtailed tonne weighs 1. Of eight sets of weights tried on
four programs, the one with which the interior point always came near enough for its crossover; lighter money cost it that."""
_FEW_WHOLE = 24
"""So many whole numbers are searched through as they are; of more, those near the program in parts."""
_SEARCH_PART = 0.7
"""What a search for whole numbers may take of the time that is left."""
_EVEN = 1e-7
"""Lags nearer than this (in months of plan) are equal: a tonne in ten million of a month's plan."""
_ROUNDS_OF_FEW = 4
"""Rounds of weighing: after three the lines hardly change."""
LEAST_CHANGE_T = 50.0
"""Smaller changes are not worth a line of an order."""
_BINDS = 1e-6
"""A round's row prices sum to 1 (there are at most some thousand rows, so one is far above this); what is below it is noise."""


@dataclass(frozen=True, slots=True)
class Level:
    """What a level reached: ``value`` in ``unit``, and how long it took."""

    name: str
    value: float
    unit: str
    seconds: float
    iterations: int


@dataclass(frozen=True, slots=True)
class Objective:
    """One linear level: minimise ``cost`` · variables + ``constant``, told in ``unit``."""

    name: str
    cost: dict[pulp.LpVariable, float]
    unit: str
    constant: float = 0.0


@dataclass(frozen=True, slots=True)
class Solved:
    """The last level's solution and what each level reached. ``prices`` are of the completion levels, by row: what one more
    tonne of the row's bound is worth in tonnes·months of backlog. Not ``complete`` where the time limit left levels out."""

    solution: Solution
    levels: tuple[Level, ...]
    prices: dict[tuple[object, ...], float]
    session: Session
    complete: bool = True

    def value(self, variable: pulp.LpVariable | None) -> float:
        """A variable's value (0 for none, and for one that stands in no row)."""
        at = None if variable is None else self.session.index.get(variable)
        return 0.0 if at is None else float(self.solution.columns[at])


def prepare_evenness(program: Formulation) -> None:
    """lag[c,g] = Σ_m weight·back[c,g,m] / mean monthly plan[c,g] <= t[class], one row for each plan line"""
    classes = _classes(program)
    for (customer, grade), weights in lag_weights(program).items():
        priority = classes[customer]
        ceiling = program.get("t", priority)
        if ceiling is None:  # (a variable without a value is false to PuLP: never `or`)
            ceiling = program.add("t", priority)
        terms = [(program.of("back")[customer, grade, month], weight) for month, weight in weights.items()]
        program.require([*terms, (ceiling, -1.0)], LE, 0.0, "lag", customer, grade)


def lag_weights(program: Formulation) -> dict[Key, dict[int, float]]:
    """Month → the weight of its closing backlog in a plan line's lag: months of plan, times months late."""
    case = program.case
    months = case.grid.months
    out: dict[Key, dict[int, float]] = {}
    for key in case.keys:
        plan = [case.plan_t.get((*key, month), 0.0) for month in months]
        mean = sum(plan) / len(plan)
        if mean > 0:
            own = [month for month in months if (*key, month) in case.plan_t]
            out[key] = dict.fromkeys(own, 1.0 / mean)
    return out


def solve_levels(program: Formulation, session: Session, told: Callable[[Level], None] = lambda level: None) -> Solved:
    """All levels, in order; ``told`` hears of each as it is reached.

    Raises ``Infeasible`` if there is no plan at all and ``OutOfTime`` if there is none yet at the session's time limit; a limit
    that comes later leaves out the levels not yet reached. Before any, the plan is that of all levels at once, weighed.

    Where lots must be whole, the program in parts tells near what numbers to search (Danna, Rothberg & Le Pape, Math. Program.
    2005); the numbers are found by safety and completion, and within them every level is linear again. Prices are those in parts:
    of whole trains a tonne more of a rack is worth nothing. Where time ends before any whole numbers are found, parts are left.
    """
    if not session.whole:
        return _levels(program, session, told)
    parts = _levels(program, session.relaxed(), lambda level: None)
    session.seconds = parts.session.seconds
    if not parts.complete:
        return parts
    limit = session.time_limit
    if limit is not None:  # some is left for the levels within the whole numbers
        session.time_limit = session.seconds + _SEARCH_PART * (limit - session.seconds)
    whole, proven = _whole_lots(program, session, parts)
    session.time_limit = limit
    parts.session.seconds = session.seconds
    if whole is None:
        return replace(parts, complete=False)
    within = session.relaxed(whole)
    try:
        solved = _levels(program, within, told)
    except (OutOfTime, Infeasible):
        # Infeasible where only the roundings of whole numbers stand in the way: there is a plan, in parts.
        parts.session.seconds = within.seconds
        return replace(parts, complete=False)
    return replace(solved, prices=parts.prices, complete=solved.complete and proven)


def _whole_lots(
    program: Formulation, session: Session, parts: Solved
) -> tuple[dict[pulp.LpVariable, float] | None, bool]:
    """The whole numbers that safety and completion ask for, ``None`` if there was no time to find any; whether time sufficed."""
    near = lots_near(program, parts.value) if len(session.whole) > _FEW_WHOLE else {}
    session.narrow(near)
    found: Solution | None = None
    try:
        try:
            found = session.minimise(_blend(program))
        except Infeasible:
            session.narrow({lot: (0.0, math.inf if lot.upBound is None else lot.upBound) for lot in near})
            found = session.minimise(_blend(program))
        for objective in (safety(program), *completions(program)):
            found = session.minimise(objective.cost)
            session.fix(found, objective.cost)
    except (OutOfTime, Infeasible):
        found = session.incumbent or found
        return None if found is None else session.whole_in(found), False
    return session.whole_in(found), True


def _levels(program: Formulation, session: Session, told: Callable[[Level], None]) -> Solved:
    """All levels of a linear program."""
    levels: list[Level] = []
    prices: dict[tuple[object, ...], float] = {}
    try:
        found = session.minimise(_blend(program))
    except OutOfTime:
        if session.interior is None:
            raise
        return Solved(session.interior, (), prices, session, complete=False)

    def reach(objective: Objective) -> None:
        nonlocal found
        found = session.minimise(objective.cost)
        value = found.objective + objective.constant
        levels.append(Level(objective.name, value, objective.unit, found.seconds, found.iterations))
        told(levels[-1])

    try:
        for objective in (safety(program), *completions(program)):
            reach(objective)
            session.fix(found, objective.cost)
            if objective.name != "safety":
                _add_prices(program, session, found, prices)
        for priority in _priorities(program):
            even, found = _even(program, session, priority, found)
            levels += even
            for level in even:
                told(level)
        if program.case.settings.few_lines:
            found, few = _few_lines(program, session)
            levels.append(few)
            told(few)
        for objective in (change(program), cost(program)):
            reach(objective)
            session.fix(found, objective.cost)
    except OutOfTime:
        return Solved(found, tuple(levels), prices, session, complete=False)
    return Solved(found, tuple(levels), prices, session)


def safety(program: Formulation) -> Objective:
    """Overfilled, curtailed and below-minimum tonnes."""
    tonnes, available = safety_cost(program)
    return Objective("safety", tonnes, "t", available)


def completions(program: Formulation) -> tuple[Objective, ...]:
    """Σ back[c,g,m] of each priority class, the first first."""
    classes = _classes(program)
    return tuple(
        Objective(
            f"completion {priority}",
            {v: 1.0 for (customer, *_), v in program.of("back").items() if classes[str(customer)] == priority},
            "t·month",
        )
        for priority in _priorities(program)
    )


def _few_lines(program: Formulation, session: Session) -> tuple[Solution, Level]:
    """As few changed plan lines as can be found; from here on the others change no more than they do there.

    The fewest is a question of whole numbers; a sum of changes, each divided by what it was in the round before, comes near it
    with linear programs alone (Candès, Wakin & Boyd, J. Fourier Anal. Appl. 2008: reweighted l1).
    """
    changes = list(change(program).cost)
    at = np.array([session.index[variable] for variable in changes if variable in session.index], dtype=np.int32)
    inside = [variable for variable in changes if variable in session.index]
    seconds, iterations = 0.0, 0
    weights = np.ones(len(at))
    best: Solution | None = None
    fewest = len(at) + 1
    for _ in range(_ROUNDS_OF_FEW):
        found = session.minimise(dict(zip(inside, weights.tolist(), strict=True)))
        seconds, iterations = seconds + found.seconds, iterations + found.iterations
        lines = int(np.count_nonzero(found.columns[at] > LEAST_CHANGE_T))
        if lines >= fewest:
            break
        best, fewest = found, lines
        weights = LEAST_CHANGE_T / (found.columns[at] + LEAST_CHANGE_T)
    assert best is not None
    values = best.columns[at].tolist()
    session.cap({v: tonnes for v, tonnes in zip(inside, values, strict=True) if tonnes <= LEAST_CHANGE_T})
    return best, Level("lines", float(fewest), "lines", seconds, iterations)


def change(program: Formulation) -> Objective:
    """Σ up + down."""
    return Objective("change", {v: 1.0 for kind in ("up", "down") for v in program.of(kind).values()}, "t")


def cost(program: Formulation) -> Objective:
    """Tariffs and holding."""
    return Objective("cost", cost_of_carrying(program), "yuan")


def safety_cost(program: Formulation) -> tuple[dict[pulp.LpVariable, float], float]:
    """What a tonne of each fault weighs, and the constant to add: curtailed = available − bought."""
    tonnes = dict.fromkeys(program.of("o").values(), _OVERFILL)
    tonnes |= dict.fromkeys(program.of("s").values(), -1.0)
    tonnes |= dict.fromkeys(program.of("u").values(), _BELOW_MINIMUM)
    tonnes |= {variable: _COMPOSITION for kind in ("w+", "w-") for variable in program.of(kind).values()}
    return tonnes, sum(sum(available) for available in program.case.supply_t.values())


def cost_of_carrying(program: Formulation) -> dict[pulp.LpVariable, float]:
    """Tariffs of what is carried, and a holding cost of what lies in tanks."""
    case = program.case
    yuan: dict[pulp.LpVariable, float] = {}
    for line in case.lines:
        for b in range(len(case.grid.buckets)):
            for grade in line.grades:
                yuan[program.of("x")[line.spec.name, grade, b]] = line.spec.tariff_yuan_per_t
    for lane in case.lanes:
        for b in range(len(case.grid.buckets)):
            for grade in lane.grades:
                yuan[program.of("l")[lane.railway.name, lane.route.customer, grade, b]] = lane.route.tariff_yuan_per_t
    for holder in (*case.farms, *case.customers):
        for b, bucket in enumerate(case.grid.buckets):
            for grade in holder.grades:
                yuan[program.of("z")[holder.spec.name, grade, b]] = case.settings.holding_yuan_per_t_day * bucket.days
    return yuan


def priority_of(program: Formulation, customer: str) -> int:
    """A customer's priority class."""
    return next(c.priority for c in program.case.scenario.customers if c.name == customer)


def _blend(program: Formulation) -> dict[pulp.LpVariable, float]:
    """All levels at once, each worth less than the one before: not the order asked for, but a vertex near its answer, from where
    every level takes few steps. The weights span five powers of ten and no more, or solvers lose digits and time."""
    blend = safety_cost(program)[0]
    blend |= dict.fromkeys(program.of("o").values(), _BLENDED_OVERFILL)
    for rank, objective in enumerate(completions(program)):
        blend |= dict.fromkeys(objective.cost, _BLENDED_BACKLOG / 2**rank)
    blend |= dict.fromkeys(change(program).cost, _BLENDED_CHANGE)
    for variable, yuan in cost_of_carrying(program).items():
        blend[variable] = blend.get(variable, 0.0) + _BLENDED_YUAN * yuan
    return blend


def _add_prices(
    program: Formulation, session: Session, found: Solution, prices: dict[tuple[object, ...], float]
) -> None:
    for name, row in program.rows.items():
        price = float(found.prices[session.row_index[id(row)]])
        if abs(price) > 1e-9:
            prices[name] = prices.get(name, 0.0) + price


def _even(program: Formulation, session: Session, priority: int, found: Solution) -> tuple[list[Level], Solution]:
    """Leximin of the class's lags; the level's value is the worst lag. A program out of time raises ``OutOfTime``.

    Every optimal solution of a round keeps the rows with a price at the ceiling, so they are held there for good. The prices sum
    to 1 while the ceiling is above 0, so each round holds at least one row; a row that binds without a price (degeneracy) comes
    up again in the next round, at the same ceiling.
    """
    ceiling = program.get("t", priority)
    if ceiling is None:
        return [], found
    classes = _classes(program)
    left = {name: row for name, row in program.rows.items() if name[0] == "lag" and classes[str(name[1])] == priority}
    worst: float | None = None
    seconds, iterations = 0.0, 0
    while left:
        found = session.minimise({ceiling: 1.0})
        seconds, iterations = seconds + found.seconds, iterations + found.iterations
        value = found.objective
        worst = value if worst is None else worst
        held = [name for name, row in left.items() if abs(found.prices[session.row_index[id(row)]]) > _BINDS]
        if value <= _EVEN:
            held = list(left)
        assert held, "the prices of the lags sum to 1"
        for name in held:
            session.release(left.pop(name), ceiling, max(value, 0.0))
    return [] if worst is None else [Level(f"evenness {priority}", worst, "month", seconds, iterations)], found


def _classes(program: Formulation) -> dict[str, int]:
    """Customer → its priority class."""
    return {customer.name: customer.priority for customer in program.case.scenario.customers}


def _priorities(program: Formulation) -> list[int]:
    """The classes that have a plan, the first first."""
    classes = _classes(program)
    return sorted({classes[customer] for customer, _ in program.case.keys})
