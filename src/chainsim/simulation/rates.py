"""Rates at an instant: what every flow carries, given requests, empty and full tanks, capacities and cash.

Theory
------
A flow *f* asks for ``request`` and may be held back by constraints of one form::

    Σ_members  weight · rate  ≤  room + Σ_feeders  weight · rate

* **dry**: a stock at its heel gives no more than it gets (members leave it, feeders enter it);
* **full**: a tank at safe fill takes no more than it gives (members enter it, feeders leave it);
* **capacity**: flows sharing one line; **cash**: a customer at zero balance spends no more than it earns.

Scarcity is shared by priority class, then pro rata on nominations, by *water-filling*: within the class that cannot be served in
full every member gets ``min(its bound, λ · nomination)`` with one λ, found exactly. A member's bound is what everything *but*
this constraint leaves it. Only constraints whose inputs changed are solved again, until nothing changes: on a network
without circulation this ends after a few steps; a cycle without a stable solution is an error that names it.

A grade at its heel in a full tank passes straight through: of its inflow only what exceeds the demand on it needs room.
Solving that inside the full tank's own equation, rather than by turns with the dry stock's, is what keeps a tank that is full and
empty at once from converging by halves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from chainsim.errors import FlowCycleError
from chainsim.simulation.filling import ROUNDING, passing_shares, waterfill

if TYPE_CHECKING:
    from chainsim.simulation.clock import Timer
    from chainsim.simulation.ledger import FlowBooks

INFINITY = float("inf")
STOCK_TOLERANCE_T = 1e-6
"""A stock this near a limit is at it: a gram, a thousand times the rounding of a level in a million-tonne tank."""
RATE_TOLERANCE_T_PER_DAY = 1e-9
"""A net rate this small is rounding: over a century it moves less than a stock's tolerance times forty."""
_MOST_EVALUATIONS_PER_CONSTRAINT = 1500
_PATIENCE = 30
"""After so many evaluations of one constraint it moves only half-way to its new shares: a full tank, a dry grade and a shared
line may otherwise throw the same tonnes to and fro."""


class Constraint:
    """One inequality of the form above. ``shares`` holds what it leaves to each member while it binds.

    ``kind``: dry, full, capacity or cash. A dry or full stock's constraint stands over ``cells``; over all of ``tank``'s
    together where that is given. The others list their ``members`` with weights, and their ``room``.
    """

    __slots__ = ("active", "cells", "index", "kind", "members", "name", "queued", "room", "shares", "tank")

    def __init__(
        self, index: int, kind: str, name: str, cells: list[Cell] | None = None, tank: Tank | None = None
    ) -> None:
        self.index = index
        self.kind = kind
        self.name = name
        self.tank = tank
        self.cells: list[Cell] = tank.cells if tank is not None else cells or []
        self.active = False
        self.queued = False
        self.room = 0.0
        self.members: dict[Flow, float] = {}
        self.shares: dict[Flow, float] = {}


class Flow:
    """A stream with one rate in t/d, measured where it enters.

    ``draws`` are the stocks it leaves (fraction of its rate each), ``gives`` those it enters (after loss). ``nomination`` is
    its weight in a shared scarcity, ``priority`` its class (1 first).
    """

    __slots__ = (
        "bound_by",
        "capacity_bound",
        "constraints",
        "draws",
        "gives",
        "index",
        "kind",
        "ledger",
        "name",
        "nomination",
        "priority",
        "rate",
        "request",
    )

    def __init__(self, index: int, kind: str, name: str, priority: int) -> None:
        self.index = index
        self.kind = kind
        self.name = name
        self.priority = priority
        self.request = 0.0
        self.nomination = 0.0
        self.rate = 0.0
        self.capacity_bound = False
        self.draws: tuple[tuple[Cell, float], ...] = ()
        self.gives: tuple[tuple[Cell, float], ...] = ()
        self.constraints: list[Constraint] = []  # capacity and cash; stocks' own are found through draws and gives
        self.bound_by: Constraint | None = None
        self.ledger: FlowBooks


class Cell:
    """The stock of one grade in one tank: ``level`` at ``since`` and ``net`` t/d from then on."""

    __slots__ = (
        "dry",
        "full",
        "grade",
        "heel",
        "index",
        "inflows",
        "level",
        "limit",
        "log_days",
        "log_tonnes",
        "missing",
        "net",
        "outflows",
        "since",
        "tank",
        "timer",
        "watch_up",
    )

    def __init__(
        self, index: int, tank: Tank, grade: str, level: float, heel: float, limit: float, since: float
    ) -> None:
        self.index = index
        self.tank = tank
        self.grade = grade
        self.level = level
        self.heel = heel
        self.limit = limit
        self.since = since
        self.net = 0.0
        self.inflows: dict[Flow, float] = {}
        self.outflows: dict[Flow, float] = {}
        self.dry: Constraint
        self.full: Constraint
        self.timer: Timer
        self.missing: dict[tuple[str, str], float] = {}
        self.watch_up: dict[object, float] = {}
        self.log_days: list[float] = [since]
        self.log_tonnes: list[float] = [level]

    def at(self, day: float) -> float:
        """The level in tonnes at ``day`` ≥ ``since``, rates unchanged."""
        return self.level + self.net * (day - self.since)

    def advance(self, day: float) -> None:
        """Bring the level up to ``day``."""
        if self.since != day:
            self.level += self.net * (day - self.since)
            self.since = day


class Tank:
    """The cells at one place. ``blended`` tanks run dry as a whole; ``own`` ones fill up grade by grade."""

    __slots__ = (
        "cells",
        "dry",
        "full",
        "heel",
        "index",
        "is_customer",
        "limit",
        "name",
        "storage",
        "timer",
        "watch_down",
    )

    def __init__(self, index: int, name: str, storage: str, limit: float, is_customer: bool) -> None:
        self.index = index
        self.name = name
        self.storage = storage
        self.limit = limit
        self.is_customer = is_customer
        self.heel = 0.0  # of a blended tank
        self.timer: Timer
        self.cells: list[Cell] = []
        self.dry: Constraint | None = None
        self.full: Constraint | None = None
        self.watch_down: dict[object, float] = {}

    def total_at(self, day: float) -> float:
        """Content in tonnes at ``day``."""
        total = 0.0
        for c in self.cells:
            total += c.level + c.net * (day - c.since)
        return total

    @property
    def net(self) -> float:
        """Net rate of all cells together, t/d."""
        return sum(c.net for c in self.cells)


class RateSolver:
    """Finds the rates after some flows or constraints changed, and tells which flows changed rate or reason."""

    __slots__ = ("_changed", "_queue", "day")

    def __init__(self) -> None:
        self.day = 0.0
        self._queue: deque[Constraint] = deque()
        self._changed: dict[Flow, float] = {}

    def solve(self, flows: Iterable[Flow], constraints: Iterable[Constraint], day: float) -> dict[Flow, float]:
        """Settle the neighbourhood of ``flows`` (new request, nomination or mixture) and ``constraints`` (new room,
        active or not). Returns the touched flows with their rates before."""
        self.day = day
        self._changed = {}
        for constraint in constraints:
            self._push(constraint)
        for flow in flows:
            self._changed.setdefault(flow, flow.rate)
            memberships = self._memberships(flow)
            for constraint in memberships:
                self._push(constraint)
            self._wake_full_behind(flow)
            self._set_rate(flow, memberships)
        queue = self._queue
        budget = _MOST_EVALUATIONS_PER_CONSTRAINT
        spent: dict[Constraint, int] = {}
        while queue:
            constraint = queue.popleft()
            constraint.queued = False
            times = spent.get(constraint, 0) + 1
            spent[constraint] = times
            if times > budget:
                self._give_up(spent)
            self._evaluate(constraint, times)
        return self._changed

    def _give_up(self, spent: dict[Constraint, int]) -> None:
        worst = max(spent.values())
        names = [c.name for c in sorted(spent, key=lambda c: c.index) if spent[c] * 2 > worst]
        for constraint in self._queue:
            constraint.queued = False
        self._queue.clear()
        raise FlowCycleError(self.day, names)

    def _push(self, constraint: Constraint) -> None:
        if not constraint.queued:
            constraint.queued = True
            self._queue.append(constraint)

    @staticmethod
    def _memberships(flow: Flow) -> list[Constraint]:
        """The active constraints that ``flow`` is a member of."""
        found = [c for c in flow.constraints if c.active] if flow.constraints else []
        for cell, _ in flow.draws:
            dry = cell.dry
            if dry.active and dry not in found:
                found.append(dry)
        for cell, _ in flow.gives:
            full = cell.full
            if full.active and full not in found:
                found.append(full)
        return found

    def _set_rate(self, flow: Flow, memberships: list[Constraint]) -> None:
        """Recompute the rate from request and shares; wake those that feed on it where it changed."""
        rate, reason = flow.request, None
        for constraint in memberships:
            share = constraint.shares.get(flow)
            if share is not None and share < rate:
                rate, reason = share, constraint
        if flow not in self._changed:
            self._changed[flow] = flow.rate
        flow.bound_by = reason
        if rate == flow.rate:
            return
        flow.rate = rate
        for cell, _ in flow.gives:
            dry = cell.dry
            if dry.active:
                self._push(dry)
            if cell.full.active and dry.active:
                self._push(cell.full)
        for cell, _ in flow.draws:
            full = cell.full
            if full.active:
                self._push(full)

    def _bound(self, flow: Flow, but: Constraint) -> float:
        """What request and every other active constraint leave ``flow``."""
        bound = flow.request
        for constraint in self._memberships(flow):
            if constraint is not but:
                share = constraint.shares.get(flow)
                if share is not None and share < bound:
                    bound = share
        return bound

    def _demand(self, flow: Flow, cell: Cell) -> float:
        """What ``flow`` would carry if only ``cell``'s grade came in freely.

        A flow that draws several grades by recipe is held back by the others; where those pass straight through as well,
        by what could come in of them, not by what now does: each would wait for the other.
        """
        if len(flow.draws) == 1:
            return self._bound(flow, cell.dry)
        own = [c.dry for c in cell.tank.cells]
        bound = flow.request
        for constraint in self._memberships(flow):
            share = constraint.shares.get(flow) if constraint not in own else None
            if share is not None and share < bound:
                bound = share
        for other, part in flow.draws:
            if other is cell or other.tank is not cell.tank or not other.dry.active:
                continue
            if len(other.outflows) == 1 and other.full.active and other.full.tank is None:
                coming = sum(w * self._bound(f, other.full) for f, w in other.inflows.items())
                bound = min(bound, coming / part)
            else:
                bound = min(bound, other.dry.shares.get(flow, bound))
        return bound

    def _evaluate(self, constraint: Constraint, times: int) -> None:
        """Solve one constraint's sharing and hand the new shares to its members."""
        if not constraint.active:
            shares: dict[Flow, float] = {}
        elif constraint.kind == "dry":
            shares = self._dry_shares(constraint)
        elif constraint.kind == "full":
            shares = self._full_shares(constraint)
        else:
            members = [(f, w, b) for f, w in constraint.members.items() if (b := self._bound(f, constraint)) > 0.0]
            shares, _ = waterfill(members, constraint.room)
        old = constraint.shares
        if times > _PATIENCE:
            shares = self._half_way(constraint, old, shares)
        constraint.shares = shares
        for flow in {**old, **shares}:
            before, after = old.get(flow, INFINITY), shares.get(flow, INFINITY)
            if before == after:
                continue
            if INFINITY not in (before, after) and abs(before - after) <= ROUNDING * max(before, after, 1.0):
                shares[flow] = before  # rounding: keep the old value, so that it comes to rest
                continue
            memberships = self._memberships(flow)
            self._set_rate(flow, memberships)
            for other in memberships:
                if other is not constraint:
                    self._push(other)
            self._wake_full_behind(flow)
            self._wake_passing_siblings(flow)

    def _wake_passing_siblings(self, flow: Flow) -> None:
        """What could come in of one grade decides what a recipe takes of the others that pass through beside it."""
        for cell, _ in flow.gives:
            if cell.full.active and cell.full.tank is None and cell.dry.active:
                for taker in cell.outflows:
                    for other, _ in taker.draws if len(taker.draws) > 1 else ():
                        if other is not cell and other.tank is cell.tank and other.full.active:
                            self._push(other.full)

    def _half_way(self, constraint: Constraint, old: dict[Flow, float], new: dict[Flow, float]) -> dict[Flow, float]:
        """Shares between ``old`` and ``new``; where one of them does not bind, the flow's bound stands for it."""
        out = {}
        for flow in {**old, **new}:
            bound = self._bound(flow, constraint)
            share = 0.5 * (old.get(flow, bound) + new.get(flow, bound))
            if flow in new or share < bound * (1.0 - 1e-12):
                out[flow] = share
        return out

    def _wake_full_behind(self, flow: Flow) -> None:
        """A demand on a dry grade in a full tank decides what may pass through it."""
        for cell, _ in flow.draws:
            if cell.full.active:
                self._push(cell.full)

    def _dry_shares(self, constraint: Constraint) -> dict[Flow, float]:
        coming = 0.0
        weights: dict[Flow, float] = {}
        for cell in constraint.cells:
            for flow, weight in cell.inflows.items():
                coming += weight * flow.rate
            for flow, weight in cell.outflows.items():
                weights[flow] = weights.get(flow, 0.0) + weight
        members = [(f, w, b) for f, w in weights.items() if (b := self._bound(f, constraint)) > 0.0]
        return waterfill(members, coming)[0]

    def _full_shares(self, constraint: Constraint) -> dict[Flow, float]:
        """Inflows of a full tank (or of one full grade of it), grades at their heel passing straight through."""
        tank, cells = constraint.tank, constraint.cells
        leaving = 0.0
        absorbs: list[tuple[dict[Flow, float], float]] = []
        weights: dict[Flow, float] = {}
        if tank is not None and tank.storage == "blended":
            out: dict[Flow, float] = {}
            for cell in cells:
                for flow, weight in cell.inflows.items():
                    weights[flow] = weights.get(flow, 0.0) + weight
                for flow, weight in cell.outflows.items():
                    out[flow] = out.get(flow, 0.0) + weight
            dry = tank.dry
            passing = dry is not None and dry.active
            leaving = sum(w * (self._bound(f, dry) if passing and dry else f.rate) for f, w in out.items())
        else:
            for cell in cells:
                dry = cell.dry
                if dry.active:
                    demand = sum(w * self._demand(f, cell) for f, w in cell.outflows.items())
                    absorbs.append((cell.inflows, demand))
                else:
                    for flow, weight in cell.outflows.items():
                        leaving += weight * flow.rate
                for flow, weight in cell.inflows.items():
                    weights[flow] = weights.get(flow, 0.0) + weight
        members = [(f, w, b) for f, w in weights.items() if (b := self._bound(f, constraint)) > 0.0]
        if not absorbs:
            return waterfill(members, leaving)[0]
        if len(cells) == 1:
            return waterfill(members, leaving + absorbs[0][1])[0]
        return passing_shares(members, cells, absorbs, leaving)
