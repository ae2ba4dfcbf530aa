"""What a planner asks beside the order: what more capacity is worth, and how a customer can come to a completion.

Worth of capacity. Two measures, each minimised after safety, class by class: lateness (tonne-months of backlog, the order's own
completion levels) and what lacks at the horizon's end (tonnes). The price of a unit is the negative reduced cost of a column that
adds the unit to all its rows, summed over the measure's classes (LP duality: Bertsimas & Tsitsiklis, Introduction to
Linear Optimization, 1997, section 4.3): positive where more capacity makes the measure smaller. At a vertex where several
bases meet a price is one of many, and beyond the next vertex it is another; so the dearest are verified by solving again with one
unit more, which is the true effect of growing, never of shrinking.

Reaching a completion. The target is one more row; then, in this order: no tank overfilled, the least change, the least shut in,
the least lateness of the others, the least cost. The change is counted from what would come without an order where that is known
(as simulated), else from the plan in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pulp

from chainsim.optimization.case import Case
from chainsim.optimization.drafting import LEAST_CHANGE_T, Change
from chainsim.optimization.formulation import EQ, LE, Formulation, formulate
from chainsim.optimization.levels import completions, cost, safety
from chainsim.optimization.loosening import Place, Room, loosen, rooms_of
from chainsim.optimization.opening import Key, MonthKey
from chainsim.optimization.outcome import Outcome
from chainsim.optimization.solving import Infeasible, Session, Solution

VERIFIED = 3
"""Prices that are verified by solving again."""
_LEAST_WORTH = 1e-6
_LEAST_T = 0.5
_SLACK = 1e-6
"""A completion this near to its target has reached it."""

Cost = dict[pulp.LpVariable, float]


@dataclass(frozen=True, slots=True)
class AssetPrice:
    """What one more ``unit`` at ``place`` during its month is worth.

    ``completion_t`` in tonnes that no longer lack at the horizon's end, ``lateness_t_months`` in tonne-months of backlog;
    ``verified_t`` and ``verified_t_months`` are the true effects of one whole unit, ``None`` where not solved for.
    """

    place: Place
    unit: str
    completion_t: float
    lateness_t_months: float
    verified_t: float | None = None
    verified_t_months: float | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """Capacity to be added at a place: ``amount`` of ``unit`` during its month."""

    place: Place
    unit: str
    amount: float


@dataclass(frozen=True, slots=True)
class Reached:
    """How ``customer`` comes to ``target`` of its plan (arrears included).

    ``changes`` are the months' deliveries that differ from ``without``, the cheapest plan that does not ask for the target; what
    they cost others is ``costs``: customer → tonnes more that lack at the horizon's end. ``extra`` is the capacity it takes, none
    where the network as it is suffices.
    """

    customer: str
    target: float
    without: Outcome
    promise: Outcome
    changes: tuple[Change, ...]
    extra: tuple[Extra, ...]

    @property
    def costs(self) -> dict[str, float]:
        """What lacks more at the end than without the target, by customer; those who lose nothing are left out."""
        before, after = lacking(self.without), lacking(self.promise)
        worse = {c: after[c] - before[c] for c in after if c != self.customer}
        return {customer: tonnes for customer, tonnes in worse.items() if tonnes > _LEAST_T}


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """``customer`` cannot come to ``target``: ``possible`` is the most.

    ``binds`` are the places that hold it back, the dearest first, and ``extra`` the least capacity with which it would come there
    (``None`` where no capacity would do).
    """

    customer: str
    target: float
    possible: float
    binds: tuple[Place, ...]
    extra: tuple[Extra, ...] | None


def asset_prices(case: Case, *, verify: int = VERIFIED) -> tuple[AssetPrice, ...]:
    """What one more unit of each asset's capacity is worth, month by month, the dearest first; of ``verify`` assets verified.

    The dearest by completion, then by lateness. Raises ``Infeasible`` if the case has no plan at all.
    """
    completion, lateness = _measured(case, end_levels), _measured(case, lateness_levels)
    found = [
        AssetPrice(place, room.unit, completion.prices.get(place, 0.0), lateness.prices.get(place, 0.0))
        for place, room in completion.rooms.items()
    ]
    found = [price for price in found if max(price.completion_t, price.lateness_t_months) > _LEAST_WORTH]
    found.sort(key=lambda p: (-round(p.completion_t, 6), -round(p.lateness_t_months, 6), p.place))
    dearest = set(dearest_months(found)[:verify])
    return tuple(
        replace(
            price,
            verified_t=completion.value - _measured(case, end_levels, price.place).value,
            verified_t_months=lateness.value - _measured(case, lateness_levels, price.place).value,
        )
        if price in dearest
        else price
        for price in found
    )


def dearest_months(prices: Iterable[AssetPrice]) -> list[AssetPrice]:
    """Of each limit of each asset its dearest month, in the order of ``prices``, which is the dearest first."""
    once: dict[tuple[str, str, str], AssetPrice] = {}
    for price in prices:
        once.setdefault((price.place.kind, price.place.asset, price.place.grade), price)
    return list(once.values())


def cheapest_change(
    case: Case,
    customer: str,
    completion: float,
    *,
    expected: Mapping[MonthKey, float] | None = None,
    with_capacity: bool = False,
) -> Reached | OutOfReach:
    """The least change that brings ``customer`` to ``completion`` (a part of its plan), and what it costs the others.

    ``expected`` is what would be delivered without an order; changes count from there, else from the plan in force. With
    ``with_capacity`` the least capacity is added where the network does not suffice, else the answer is ``OutOfReach``. Raises
    ``Infeasible`` if the case has no plan at all.
    """
    without, overfilled_t = _least_change(case, expected)
    wanted = _Target(customer, completion)
    try:
        promise, more_overfilled_t = _least_change(case, expected, wanted)
        if more_overfilled_t > overfilled_t + _LEAST_T:
            raise Infeasible  # a target is no reason to overfill a tank
        extra: tuple[Extra, ...] = ()
    except Infeasible:
        nearest = _nearest(case, customer)
        more = _more_capacity(case, wanted)
        if not with_capacity or more is None:
            return OutOfReach(customer, completion, nearest.completion, nearest.binds, more)
        (promise, _), extra = _least_change(case, expected, wanted, more), more
    changes = tuple(
        Change(*key, round(without.delivered_t[key], 1), round(promise.delivered_t[key], 1))
        for key in sorted(case.plan_t, key=lambda key: (key[0] != customer, case.keys.index(key[:2]), key[2]))
        if abs(promise.delivered_t[key] - without.delivered_t[key]) > LEAST_CHANGE_T
    )
    return Reached(customer, completion, without, promise, changes, extra)


def lacking(outcome: Outcome) -> dict[str, float]:
    """Customer → tonnes that lack at the horizon's end, by grade: a surplus of one makes up for no other."""
    backlog = outcome.backlog_t()
    last: dict[Key, float] = {}
    for customer, grade, month in sorted(backlog, key=lambda key: key[2]):
        last[customer, grade] = backlog[customer, grade, month]
    out: dict[str, float] = {}
    for (customer, _), tonnes in last.items():
        out[customer] = out.get(customer, 0.0) + tonnes
    return out


def lateness_levels(program: Formulation) -> list[Cost]:
    """Σ_{c,g,m} back[c,g,m], class by class: backlogs at all months' ends."""
    return [objective.cost for objective in completions(program)]


def end_levels(program: Formulation) -> list[Cost]:
    """Σ_{c,g} back[c,g,last month], class by class: what lacks at the horizon's end."""
    last = {program.of("back")[*key, month] for key, month in _last_months(program.case).items()}
    return [{v: weight for v, weight in level.items() if v in last} for level in lateness_levels(program)]


@dataclass(frozen=True)
class _Measured:
    """A measure's least value, and what one more unit at each place takes off it."""

    value: float
    rooms: Mapping[Place, Room]
    prices: Mapping[Place, float]


def _measured(case: Case, levels: Callable[[Formulation], list[Cost]], larger: Place | None = None) -> _Measured:
    """The levels' sum after safety; with one unit more at ``larger``."""
    program = formulate(case)
    rooms = rooms_of(program)
    columns = loosen(program, rooms)
    if larger is not None:
        columns[larger].bounds(1.0, 1.0)
    session = _session(program)
    found = _in_turn(session, [safety(program).cost, *levels(program)])[1:]
    prices: dict[Place, float] = {}
    for level in found:
        for place, column in columns.items():
            price = -float(level.reduced[session.index[column]])
            if abs(price) > _LEAST_WORTH:
                prices[place] = prices.get(place, 0.0) + price
    return _Measured(sum(level.objective for level in found), rooms, prices)


@dataclass(frozen=True, slots=True)
class _Target:
    customer: str
    completion: float

    def require(self, program: Formulation) -> None:
        """Σ_g back[c,g,last] <= (1 − target)·plan[c]"""
        case = program.case
        plan = planned(case, self.customer)
        terms = [(program.of("back")[*key, m], 1.0) for key, m in _last_months(case).items() if key[0] == self.customer]
        program.require(terms, LE, max(0.0, 1.0 - self.completion) * plan + _SLACK * plan, "target", self.customer)


def _least_change(
    case: Case,
    expected: Mapping[MonthKey, float] | None,
    target: _Target | None = None,
    extra: Iterable[Extra] = (),
) -> tuple[Outcome, float]:
    """The plan nearest to what is expected that keeps to all limits and to the target; and Σ o, tonnes above safe fill."""
    program = formulate(case)
    more = {e.place: e.amount for e in extra}
    rooms = {place: room for place, room in rooms_of(program).items() if place in more}
    for place, column in loosen(program, rooms).items():
        column.bounds(0.0, more[place] * (1.0 + _SLACK))
    if target is not None:
        target.require(program)
    change = _change(program, expected)
    session = _session(program)
    own = {v for (customer, *_), v in program.of("back").items() if target and customer == target.customer}
    others = [{v: weight for v, weight in level.items() if v not in own} for level in lateness_levels(program)]
    shut_in = dict.fromkeys(program.of("s").values(), -1.0)
    levels = [_overfilled(program), change, shut_in, *others, cost(program).cost]
    last = _in_turn(session, levels)[-1]

    def value(variable: pulp.LpVariable) -> float:
        return float(last.columns[session.index[variable]])

    available = sum(sum(tonnes) for tonnes in case.supply_t.values())
    delivered = {
        key: tonnes + value(program.of("up")[key]) - value(program.of("down")[key])
        for key, tonnes in case.plan_t.items()
    }
    bought = sum(value(variable) for variable in program.of("s").values())
    outcome = Outcome(dict(case.plan_t), delivered, max(0.0, available - bought), dict(case.owed_t))
    return outcome, sum(value(variable) for variable in program.of("o").values())


def _change(program: Formulation, expected: Mapping[MonthKey, float] | None) -> Cost:
    """Σ |delivered − expected|: up + down where the plan is what is expected."""
    if expected is None:
        return {v: 1.0 for kind in ("up", "down") for v in program.of(kind).values()}
    change: Cost = {}
    for key, tonnes in program.case.plan_t.items():
        more, less = program.add("more", *key), program.add("less", *key)
        terms = [(program.of("up")[key], 1.0), (program.of("down")[key], -1.0), (more, -1.0), (less, 1.0)]
        program.require(terms, EQ, expected.get(key, 0.0) - tonnes, "expected", *key)
        change[more] = change[less] = 1.0
    return change


@dataclass(frozen=True, slots=True)
class _Nearest:
    completion: float
    binds: tuple[Place, ...]


def _nearest(case: Case, customer: str) -> _Nearest:
    """The most of its plan that ``customer`` can come to if all else gives way, and what then holds it back."""
    program = formulate(case)
    columns = loosen(program, rooms_of(program))
    session = _session(program)
    own = {program.of("back")[*key, m]: 1.0 for key, m in _last_months(case).items() if key[0] == customer}
    found = _in_turn(session, [_overfilled(program), own])[-1]
    prices = {place: -float(found.reduced[session.index[column]]) for place, column in columns.items()}
    tonnes = {place: room.tonnes for place, room in rooms_of(program).items()}
    worth = {place: price / tonnes[place] for place, price in prices.items() if price > _LEAST_WORTH and tonnes[place]}
    plan = planned(case, customer)
    return _Nearest(1.0 - found.objective / plan if plan else 1.0, tuple(sorted(worth, key=lambda p: (-worth[p], p))))


def _more_capacity(case: Case, target: _Target) -> tuple[Extra, ...] | None:
    """The least capacity, counted in tonnes that it can carry, with which the target is met; ``None`` if none helps."""
    program = formulate(case)
    rooms = {place: room for place, room in rooms_of(program).items() if place.kind != "minimum" and room.tonnes > 0}
    columns = loosen(program, rooms, most=None)
    target.require(program)
    session = _session(program)
    try:
        found = _in_turn(session, [_overfilled(program), {c: rooms[p].tonnes for p, c in columns.items()}])[-1]
    except Infeasible:
        return None
    amounts = {place: float(found.columns[session.index[column]]) for place, column in columns.items()}
    return tuple(
        Extra(place, rooms[place].unit, amount)
        for place, amount in sorted(amounts.items(), key=lambda item: (item[0].month, item[0]))
        if amount * rooms[place].tonnes > _LEAST_T
    )


def planned(case: Case, customer: str) -> float:
    """The customer's plan over the grid's months, arrears included, in tonnes."""
    ends = _last_months(case)
    plan = sum(tonnes for key, tonnes in case.plan_t.items() if key[0] == customer)
    return plan + sum(case.owed_t.get((*key, month), 0.0) for key, month in ends.items() if key[0] == customer)


def _last_months(case: Case) -> dict[Key, int]:
    """(customer, grade) → the last month with a plan."""
    out: dict[Key, int] = {}
    for customer, grade, month in case.plan_t:
        out[customer, grade] = max(month, out.get((customer, grade), month))
    return out


def _overfilled(program: Formulation) -> Cost:
    """Tonnes above safe fill, and composition that is not as expected, which is worth less than any tonne."""
    bought = set(program.of("s").values())
    return {variable: weight for variable, weight in safety(program).cost.items() if variable not in bought}


def _session(program: Formulation) -> Session:
    """The program in HiGHS, trains as parts where they need not be whole for a price."""
    return Session(program.problem, list(program.rows.values()), whole=False)


def _in_turn(session: Session, levels: Sequence[Cost]) -> list[Solution]:
    """Each level's solution, kept by the next."""
    out = []
    for level in levels:
        out.append(session.minimise(level))
        session.fix(out[-1], level)
    return out
