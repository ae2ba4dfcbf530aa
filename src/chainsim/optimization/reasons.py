"""Why each line of a draft order changes: what it mends, and what binds on the way to the customer.

What is mended comes from the simulation without the order: its shortfalls by cause are a pool from which increases take, first
month first. What binds comes from the program: a row's price, times what a tonne under way takes of the row, is what one more
tonne there is worth, in tonne-months of backlog. Both are facts of these two runs, not of the order's author.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import networkx as nx

from chainsim.optimization.case import Case
from chainsim.optimization.drafting import Change
from chainsim.optimization.opening import Key
from chainsim.optimization.pricing import Place, tonne_prices
from chainsim.optimization.replanning import Replanned
from chainsim.records import RunLog

Purpose = Literal["makes_up", "ahead", "takes_over", "cannot_come", "makes_room", "trains", "evens"]
PURPOSES: tuple[Purpose, ...] = ("makes_up", "ahead", "takes_over", "cannot_come", "makes_room", "trains", "evens")
_LEAST_T = 0.5
"""Less would print as 0 t."""
LEAST_LATE_T_MONTHS = 0.5
"""Who is less late is not late."""
_SAME_PRICE = 0.5
"""A bottleneck lasts while a tonne there is worth at least this part of what it is worth at its worst."""
_AS_DEAR = 0.99
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Loss:
    """Part of a shortfall as simulated: its cause, where, how much, in which months of the run."""

    cause: str
    asset: str
    tonnes: float
    months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """What holds oil back over [start_day, end_day): ``price`` is what a tonne more there is worth, in tonne-months."""

    kind: str
    asset: str
    start_day: float
    end_day: float
    price: float


@dataclass(frozen=True, slots=True)
class Why:
    """The reason of one change.

    ``mends`` is what an increase makes up (or what a cut could not have brought anyway), ``binds`` the row on the way with the
    largest price in the months up to the change's; ``None`` where there is no such thing. ``shifted`` are the months of the
    same plan line that move the other way, ``room_for`` the customers that a cut lets pass.
    """

    change: Change
    purpose: Purpose
    mends: Loss | None
    binds: Binding | None
    shifted: tuple[int, ...] = ()
    room_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """All that oil of one grade may pass on its way to a customer."""

    lines: frozenset[str]
    lanes: frozenset[str]
    """``railway.customer``."""
    railways: frozenset[str]
    holders: frozenset[str]
    suppliers: frozenset[str]

    def shares(self, binding: Binding) -> bool:
        """Whether ``binding`` lies on this way."""
        every = self.lines | self.lanes | self.railways | self.holders | self.suppliers
        return binding.asset in every


def reasons_of(replanned: Replanned) -> tuple[Why, ...]:
    """One reason for each change, in the order of the changes."""
    case, changes = replanned.case, replanned.changes
    prices = tonne_prices(case, replanned.answer.solved)
    pools = {key: _pool(replanned, key) for key in case.keys}
    ways = {key: way_of(case, key) for key in case.keys}
    trains = {lane.route.customer: lane.railway.train_t for lane in case.lanes}
    out = []
    for change in sorted(changes, key=lambda c: c.month):
        key = change.customer, change.grade
        others = tuple(c.month for c in changes if (c.customer, c.grade) == key and c.tonnes * change.tonnes < 0)
        if change.tonnes > 0:
            purpose, mends, pools[key] = _made_up(change, pools[key], bool(others))
        else:
            purpose, mends, pools[key] = _not_coming(change, pools[key])
        binding = bindings_on(case, prices, ways[key], *key, until=change.month)
        binds = _told_with(binding, mends)
        room = _room_for(change, changes, ways, binds) if purpose == "makes_room" else ()
        if purpose == "makes_room" and not room:
            purpose = "trains" if abs(change.tonnes) <= trains.get(change.customer, 0.0) else "evens"
        if purpose == "evens" and abs(change.tonnes) <= trains.get(change.customer, 0.0):
            purpose = "trains"
        out.append(Why(change, purpose, mends, binds, others, room))
    found = {why.change.key: why for why in out}
    return tuple(found[change.key] for change in changes)


def losses_of(log: RunLog, key: Key, months: Iterable[int]) -> tuple[Loss, ...]:
    """The shortfalls of a plan line as simulated, month by month, the largest first within a month."""
    wanted = set(months)
    return tuple(
        Loss(cause, asset, tonnes, (account.month,))
        for account in sorted(log.accounts, key=lambda a: a.month)
        if (account.customer, account.grade) == key and account.month in wanted
        for (cause, asset), tonnes in sorted(account.causes, key=lambda part: -part[1])
        if tonnes >= _LEAST_T
    )


def once_each(limits: Iterable[Binding]) -> list[tuple[Binding, int]]:
    """Each limit once, over its longest span and at its highest price, with how often it was named: the most named first."""
    once: dict[tuple[str, str], Binding] = {}
    count: dict[tuple[str, str], int] = {}
    for binding in limits:
        at = binding.kind, binding.asset
        known = once.get(at, binding)
        start, end = min(known.start_day, binding.start_day), max(known.end_day, binding.end_day)
        once[at] = Binding(*at, start, end, max(known.price, binding.price))
        count[at] = count.get(at, 0) + 1
    return sorted(((once[at], count[at]) for at in once), key=lambda found: (-found[1], -found[0].price))


def limits_of_the_late(replanned: Replanned) -> list[Binding]:
    """What binds on the way of each plan line whose customer is late where no order helps, dearest first in each."""
    late = replanned.before.lateness()
    case = replanned.case
    prices = tonne_prices(case, replanned.answer.solved)
    return [
        binding
        for customer, grade in case.keys
        if late[customer] >= LEAST_LATE_T_MONTHS
        for binding in bindings_on(
            case, prices, way_of(case, (customer, grade)), customer, grade, until=case.grid.months[-1]
        )[:1]
    ]


def main_loss(parts: Iterable[Loss]) -> Loss | None:
    """The cause and asset with the most tonnes, its tonnes and months together."""
    sums: dict[tuple[str, str], Loss] = {}
    for part in parts:
        at = part.cause, part.asset
        known = sums.get(at)
        months = part.months if known is None else tuple(dict.fromkeys((*known.months, *part.months)))
        sums[at] = Loss(*at, part.tonnes + (known.tonnes if known else 0.0), months)
    return max(sums.values(), key=lambda loss: loss.tonnes, default=None)


def way_of(case: Case, key: Key) -> Way:
    """All lines, trains, farms and suppliers from which a plan line can come."""
    customer, grade = key
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node(customer)
    for line in case.lines:
        if grade in line.grades:
            graph.add_edge(line.spec.origin, line.spec.destination, line.spec.name)
    for lane in case.lanes:
        if grade in lane.grades:
            graph.add_edge(lane.railway.terminal, lane.route.customer, f"{lane.railway.name}.{lane.route.customer}")
    holders = frozenset({customer, *nx.ancestors(graph, customer)})
    passed = {name for origin, end, name in graph.edges(keys=True) if end in holders and origin in holders}
    lanes = {f"{lane.railway.name}.{lane.route.customer}": lane.railway.name for lane in case.lanes}
    return Way(
        lines=frozenset(passed - set(lanes)),
        lanes=frozenset(passed & set(lanes)),
        railways=frozenset(lanes[name] for name in passed & set(lanes)),
        holders=holders,
        suppliers=frozenset(s.name for s in case.scenario.suppliers if s.grade == grade and s.farm in holders),
    )


def bindings_on(
    case: Case, prices: Mapping[Place, Mapping[int, float]], way: Way, customer: str, grade: str, *, until: int
) -> tuple[Binding, ...]:
    """What binds on a way in the months up to ``until``, the dearest first; each at its worst stretch of days."""
    buckets = case.grid.buckets
    out = []
    for (kind, asset, of), course in prices.items():
        if of not in ("", grade) or not _lies_on(kind, asset, way, customer):
            continue
        within = {b: price for b, price in course.items() if buckets[b].month <= until}
        if not within:
            continue
        worst = max(within, key=lambda b: (within[b], -b))
        first = last = worst
        while within.get(first - 1, 0.0) >= _SAME_PRICE * within[worst]:
            first -= 1
        while within.get(last + 1, 0.0) >= _SAME_PRICE * within[worst]:
            last += 1
        out.append(Binding(kind, asset, buckets[first].start, buckets[last].end, within[worst]))
    return tuple(sorted(out, key=lambda binding: -binding.price))


def _pool(replanned: Replanned, key: Key) -> tuple[Loss, ...]:
    """What increases may make up: the latest of the earlier losses, as far as they are still owed, and those to come."""
    months = replanned.case.grid.months
    owed = max(0.0, replanned.case.owed_t.get((*key, months[0]), 0.0))
    earlier, _ = _take(owed, losses_of(replanned.log_before, key, range(months[0]))[::-1])
    return (*earlier[::-1], *losses_of(replanned.log_before, key, months))


def _told_with(bindings: Sequence[Binding], mends: Loss | None) -> Binding | None:
    """The dearest; of those as dear, the one at the asset that caused the loss."""
    if not bindings:
        return None
    dearest = [binding for binding in bindings if binding.price >= _AS_DEAR * bindings[0].price]
    return next((b for b in dearest if mends is not None and b.asset == mends.asset), dearest[0])


def _lies_on(kind: str, asset: str, way: Way, customer: str) -> bool:
    match kind:
        case "capacity" | "minimum":
            return asset in way.lines
        case "rack" | "paths" | "wagons":
            return asset in way.railways
        case "route":
            return asset in way.lanes
        case "supply":
            return asset in way.suppliers
        case "safe_fill":
            return asset in way.holders
        case _:
            return asset == customer


def _made_up(change: Change, pool: Sequence[Loss], shifts: bool) -> tuple[Purpose, Loss | None, tuple[Loss, ...]]:
    """What an increase makes up of the losses so far, else of those to come, and what is left of the pool."""
    purpose: Purpose = "makes_up"
    candidates = [loss for loss in pool if loss.months[0] <= change.month]
    if not candidates:
        purpose, candidates = "ahead", list(pool)
    taken, rest = _take(change.tonnes, candidates)
    if not taken:
        return "takes_over" if shifts else "evens", None, tuple(pool)
    left = tuple(loss for loss in pool if loss not in candidates)
    return purpose, main_loss(taken), tuple(sorted((*rest, *left), key=lambda loss: loss.months))


def _not_coming(change: Change, pool: Sequence[Loss]) -> tuple[Purpose, Loss | None, tuple[Loss, ...]]:
    """Whether a cut only takes away what would not come in its month: then it is no loss. The pool stays for increases."""
    own = [loss for loss in pool if loss.months == (change.month,)]
    taken, _ = _take(-change.tonnes, own)
    total = sum(loss.tonnes for loss in taken)
    if total >= -change.tonnes / 2:
        return "cannot_come", main_loss(taken), tuple(pool)
    return "makes_room", None, tuple(pool)


def _take(tonnes: float, pool: Sequence[Loss]) -> tuple[list[Loss], list[Loss]]:
    """Take ``tonnes`` from a pool in its order: what was taken, what is left."""
    taken, rest = [], []
    for loss in pool:
        part = min(tonnes, loss.tonnes)
        if part > 0:
            taken.append(replace(loss, tonnes=part))
            tonnes -= part
        if loss.tonnes - part >= _LEAST_T:
            rest.append(replace(loss, tonnes=loss.tonnes - part))
    return taken, rest


def _room_for(
    cut: Change, changes: Sequence[Change], ways: Mapping[Key, Way], binds: Binding | None
) -> tuple[str, ...]:
    """Who gets more where the cut line's bottleneck is: in the cut's month first, else in any."""
    if binds is None:
        return ()
    gain: dict[str, float] = {}
    for same_month in (True, False):
        for other in changes:
            key = other.customer, other.grade
            timely = not same_month or other.month == cut.month
            if timely and other.tonnes > 0 and key != (cut.customer, cut.grade) and ways[key].shares(binds):
                gain[other.customer] = gain.get(other.customer, 0.0) + other.tonnes
        if gain:
            break
    others = [customer for customer in gain if customer != cut.customer] or list(gain)
    return tuple(sorted(others, key=lambda customer: -gain[customer]))[:_MOST_NAMED]
