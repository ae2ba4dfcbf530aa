"""The double-entry ledger of missing oil: why every tonne of a shortfall is short.

Theory
------
The plan itself wants a *nominal* rate p through every flow. A flow that carries f leaves a deficit p − f, and the ledger
asks at every instant for its **cause**: a vector of (code, asset) shares that sums to one.

* Held back by its own capacity, an outage, cash: that is the cause.
* Held back by an **empty** stock: what the stock's inflows lack now, by *their* causes; if more is short than that, what has been
  missing from the stock since before, in proportion; if nothing is missing there, the plan never balanced.
* Held back by a **full** tank: the same, downstream: what its outflows fail to take now, then the surplus piled up there.

A deficit is posted twice: the destination *misses* the tonnes (+), the origin has them *left over* (−). Thus an outage's tonnes
wait in the stock that buffered it until the stock runs dry, days or weeks later, and only then pass on to those who go short.
A flow that catches up (f > p) takes its tonnes out of the destination's books again and gives them back to the origin.
At a customer the books are its monthly account: they sum to plan minus delivered by construction.

A batched line delivers grades in another rhythm than the plan's even rates. That rhythm is posted as *batching*, which
sums to zero over the grades; and where a batch was put off because its grade was not there, the reason travels with the
oil: it is entered at that place in the line and comes out, weeks later, where the missing batch would have.
"""

from __future__ import annotations

from collections.abc import Iterable

from chainsim.simulation.accounts import (
    AHEAD,
    BATCHING,
    NOTHING_T,
    WHOLE_TRAINS,
    Account,
    Books,
    Cause,
    Vector,
    post_deficit,
    post_make_up,
)
from chainsim.simulation.rates import Cell, Constraint, Flow, Tank

_STOCKS = frozenset({"dry", "full"})
"""The kinds of constraints that are a stock's."""
_NEVER_STORED = frozenset({"plan_unbalanced", "customer_room", AHEAD[0]})
"""Codes that a stock passes on whatever its books hold."""
_SHORT = 1e-12
"""A deficit below this part of the nominal rate is rounding."""


class FlowBooks:
    """What the ledger knows of one flow: nominal rates by grade, the books at both ends, the cause of its deficit."""

    __slots__ = (
        "accounts",
        "counted",
        "destinations",
        "entering",
        "kept",
        "leaving",
        "left",
        "mixtures",
        "moved",
        "nominal",
        "origins",
        "own_cause",
        "own_line",
        "put_off",
        "rhythms",
        "since",
        "total",
        "vector",
    )

    def __init__(self, since: float) -> None:
        self.since = since
        self.nominal: dict[str, float] = {}
        self.total = 0.0
        self.origins: dict[str, Cell] = {}
        self.destinations: dict[str, Cell] = {}
        self.accounts: dict[str, Account] = {}
        self.entering: dict[str, float] = {}
        """Composition at the entrance; empty for a flow of one grade."""
        self.mixtures = (-1, -1)  # the indices of ``entering`` and ``leaving`` among the run's compositions
        self.leaving: dict[str, float] = {}
        self.counted = 1.0  # tonnes counted by the plan (or, between farms, arriving) per tonne of rate
        self.kept = 1.0  # tonnes arriving per tonne of rate
        self.own_cause: Cause | None = None
        """Why the request itself is below the nominal rate (``None``: because the flow is ahead)."""
        self.own_line = ""  # the pipeline a batching rhythm is charged to
        self.put_off: dict[str, dict[Vector, float]] = {}
        """Of a batch line: tonnes not pumped in their turn and not made up yet, by grade and causes."""
        self.rhythms: dict[tuple[int, int], list[tuple[Books, Cause, float]]] = {}
        """Of the present nominal rates, by ``mixtures``."""
        self.vector: Vector = ()
        self.moved = 0.0  # tonnes entered since the run began
        self.left: dict[str, float] = {}  # of a mixed flow: tonnes pushed out (before loss), by grade


class Ledger:
    """Posts deficits and keeps every short flow's cause vector up to date."""

    __slots__ = ("_busy", "feeders", "lanes", "takers")

    def __init__(self) -> None:
        self.feeders: dict[Cell, list[Flow]] = {}
        """Every flow that may ever enter a stock (a mixed line enters many)."""
        self.takers: dict[Tank, list[Flow]] = {}
        """Every flow that may ever leave a tank."""
        self.lanes: dict[Cell, list[Lane]] = {}
        """Rail lanes that load from a stock: discrete takers."""
        self._busy: set[Flow] = set()

    # ---- posting -----------------------------------------------------------------------------------------------

    def post(self, flow: Flow, day: float) -> None:
        """Bring ``flow``'s postings up to ``day`` at its present rate, nominal rate and cause."""
        books = flow.ledger
        days = day - books.since
        if days <= 0.0:
            return
        books.since = day
        rate, nominal = flow.rate, books.total
        tonnes = rate * days
        books.moved += tonnes
        left = books.left
        for grade, share in books.leaving.items():
            left[grade] = left.get(grade, 0.0) + share * rate * days
        if books.accounts:
            self._count(flow, books, days)
        deficit = nominal - rate
        if books.own_line and books.entering:
            self._post_rhythm(books, tonnes)
            if books.accounts:
                _post_beside_plan(books, rate, days)
        if -_SHORT * nominal <= deficit <= _SHORT * nominal:
            return
        if len(books.nominal) <= 1 and not books.entering:
            grade = next(iter(books.nominal), "")
            self._post_grade(flow, books, grade, deficit * days, day)
            return
        for grade, own in books.nominal.items():
            share = own / nominal if nominal > 0.0 else books.entering.get(grade, 0.0)
            if share > 0.0:
                self._post_grade(flow, books, grade, deficit * share * days, day)

    @staticmethod
    def _count(flow: Flow, books: FlowBooks, days: float) -> None:
        """Count deliveries and what has become due."""
        mixed = books.leaving
        for grade, account in books.accounts.items():
            part = flow.rate * days * (mixed.get(grade, 0.0) if mixed else 1.0)
            account.served += part * books.counted
            account.arrived += part * books.kept
            account.loaded += flow.rate * days * (books.entering.get(grade, 0.0) if books.entering else 1.0)
            account.due += account.rate * days

    @staticmethod
    def _post_rhythm(books: FlowBooks, tonnes: float) -> None:
        """The grades' rhythm in a batched line, against even rates: sums to zero over the grades at each end."""
        rhythm = books.rhythms.get(books.mixtures)
        if rhythm is None:
            rhythm = books.rhythms[books.mixtures] = _rhythm(books)
        for entries, cause, share in rhythm:
            entries[cause] = entries.get(cause, 0.0) + share * tonnes

    def _post_grade(self, flow: Flow, books: FlowBooks, grade: str, tonnes: float, day: float) -> None:
        """Post ``tonnes`` (at the entrance; negative: made up) of one grade at both ends of ``flow``."""
        origin, destination = books.origins.get(grade), books.destinations.get(grade)
        account = books.accounts.get(grade)
        there = account.books if account is not None else destination.missing if destination is not None else None
        kept = books.counted
        if tonnes < 0.0:
            if there is None:
                moved = [(AHEAD, -tonnes)]
            else:
                moved = post_make_up(there, -tonnes * kept)
                if kept != 1.0:
                    moved = [(c, t / kept) for c, t in moved]
            if account is not None and destination is not None:
                missing = destination.missing
                for cause, amount in moved:
                    missing[cause] = missing.get(cause, 0.0) - amount * kept
            if origin is not None:
                missing = origin.missing
                for cause, amount in moved:
                    missing[cause] = missing.get(cause, 0.0) + amount
            return
        vector = [(c, s * tonnes) for c, s in books.vector]
        reason = flow.bound_by
        if reason is not None and reason.kind in _STOCKS and flow not in self._busy:
            vector = self._available(flow, books, grade, vector, day)
        if there is not None and account is None and origin is not None and there.get(AHEAD, 0.0) >= 0.0:
            missing = origin.missing  # between stocks, and nothing ahead to use up: both ends in one go
            for cause, amount in vector:
                arriving = amount * kept
                there[cause] = there.get(cause, 0.0) + arriving
                missing[cause] = missing.get(cause, 0.0) - arriving / kept
            return
        if there is not None:
            vector = [(c, t / kept) for c, t in post_deficit(there, [(c, t * kept) for c, t in vector])]
            if account is not None and destination is not None:
                missing = destination.missing
                for cause, amount in vector:
                    missing[cause] = missing.get(cause, 0.0) + amount * kept
        if origin is not None:
            missing = origin.missing
            for cause, amount in vector:
                missing[cause] = missing.get(cause, 0.0) - amount

    def _available(
        self, flow: Flow, books: FlowBooks, grade: str, vector: list[tuple[Cause, float]], day: float
    ) -> list[tuple[Cause, float]]:
        """What an empty or full tank can really pass on: never more of a cause than its books hold."""
        reason = flow.bound_by
        assert reason is not None
        if reason.kind == "dry" and books.put_off and _why_put_off(books):
            return vector  # the stock that is empty is not the one whose oil is missing
        self._busy.add(flow)
        if reason.kind == "dry":
            for cell in reason.cells:
                self._post_all(self.feeders.get(cell, ()), day)
            end = books.origins.get(grade)
        else:
            self._post_all(self.takers.get(reason.cells[0].tank, ()), day)
            end = books.destinations.get(grade)
        self._busy.discard(flow)
        if end is None:
            return vector
        return _passed_on(end, vector) if reason.kind == "dry" else _left_over(end.tank, vector)

    def _post_all(self, flows: Iterable[Flow], day: float) -> None:
        for flow in flows:
            if flow.ledger.since < day:
                self.post(flow, day)

    # ---- causes ------------------------------------------------------------------------------------------------

    def refresh(self, changed: list[Flow], held: list[Flow], day: float) -> None:
        """Find anew the causes of ``changed`` flows (rate, nominal rate or mixture; posted up to ``day``), of ``held`` ones
        (which may only be held back by something else now), and of all whose causes hang on theirs."""
        queue = [*held, *changed]
        spread = set(changed)
        budget = 60 * (len(queue) + 20)
        known: dict[Constraint, Vector] = {}
        while queue and budget > 0:
            budget -= 1
            flow = queue.pop()
            books = flow.ledger
            reason = flow.bound_by
            if reason is not None and reason.kind == "full" and reason in known:
                vector = known[reason] if books.total - flow.rate > _SHORT * books.total else ()
            else:
                vector = self._cause_of(flow, books, day)
                if reason is not None and reason.kind == "full" and vector:
                    known[reason] = vector
            same = _alike(vector, books.vector)
            if same and flow not in spread:
                continue
            spread.discard(flow)
            if not same:
                self.post(flow, day)
                books.vector = vector
                known.clear()
            for cell in books.destinations.values():
                dry = cell.dry
                if dry.active:
                    queue += [f for f in cell.outflows if f.bound_by is dry and f is not flow]
            for cell in books.origins.values():
                full = cell.full
                if full.active:
                    for other in full.cells:
                        queue += [f for f in other.inflows if f.bound_by is full and f is not flow]

    def _cause_of(self, flow: Flow, books: FlowBooks, day: float) -> Vector:
        deficit = books.total - flow.rate
        if deficit <= _SHORT * books.total:
            return ()
        reason = flow.bound_by
        if reason is None:
            return ((books.own_cause or AHEAD, 1.0),)
        if reason.kind == "dry":
            return _why_put_off(books) or self.why_empty(reason, day)
        if reason.kind == "full":
            return self.why_full(reason, day)
        if reason.kind == "cash":
            return ((("customer_cash", reason.name), 1.0),)
        return ((books.own_cause or ("line_capacity", reason.name), 1.0),)

    def why_empty(self, constraint: Constraint, day: float) -> Vector:
        """The causes of what an empty stock fails to give, as shares."""
        short = 0.0
        for cell in constraint.cells:
            for flow, weight in cell.outflows.items():
                if flow.bound_by is constraint and (deficit := flow.ledger.total - flow.rate) > 0.0:
                    short += weight * deficit
        return self._missing_at(constraint.cells, short, day)

    def _missing_at(self, cells: list[Cell], short: float, day: float) -> Vector:
        now: Books = {}
        for cell in cells:
            for feeder in self.feeders.get(cell, ()):
                self._add_deficit(now, feeder, cell, day)
                self.post(feeder, day)
        return _compose(now, cells, 1.0, short, "plan_unbalanced")

    def why_short_of_stock(self, cell: Cell, rate: float, day: float) -> Vector:
        """The causes of a train's load not being there, for a lane that wants ``rate`` t/d."""
        return self._missing_at([cell], rate, day)

    def why_full(self, constraint: Constraint, day: float) -> Vector:
        """The causes of what a full tank fails to take, as shares."""
        short = 0.0
        entering: dict[Flow, float] = {}
        for cell in constraint.cells:
            for flow, weight in cell.inflows.items():
                entering[flow] = entering.get(flow, 0.0) + weight
        for flow, weight in entering.items():
            if flow.bound_by is constraint and (deficit := flow.ledger.total - flow.rate) > 0.0:
                short += weight * deficit
        return self.why_room_is_lacking(constraint.cells[0].tank, short, day)

    def why_room_is_lacking(self, tank: Tank, short: float, day: float) -> Vector:
        """The causes of ``short`` t/d that a tank has no room for, as shares."""
        now: Books = {}
        for taker in self.takers.get(tank, ()):
            books = taker.ledger
            if books.since < day:
                self.post(taker, day)
            reason = taker.bound_by
            if reason is not None and reason.kind == "dry" and _holds(reason, tank):
                continue  # short of a grade, not a reason for being full
            deficit = books.total - taker.rate
            if deficit > _SHORT * books.total:
                for cause, share in books.vector:
                    now[cause] = now.get(cause, 0.0) + share * deficit
        for cell in tank.cells:
            for lane in self.lanes.get(cell, ()):
                if lane.waiting:
                    for cause, share in lane.vector:
                        now[cause] = now.get(cause, 0.0) + share * lane.nominal
        return _compose(now, tank.cells, -1.0, short, "customer_room" if tank.is_customer else "plan_unbalanced")

    def _add_deficit(self, now: Books, feeder: Flow, cell: Cell, day: float) -> None:
        books = feeder.ledger
        deficit = books.total - feeder.rate
        if deficit <= _SHORT * books.total:
            return
        share = books.nominal.get(cell.grade, 0.0) / books.total if books.total > 0.0 else 0.0
        vector = books.vector
        if not vector and feeder.bound_by is None:  # its request is new at this very instant
            vector = self._cause_of(feeder, books, day)
        for cause, part in vector:
            now[cause] = now.get(cause, 0.0) + part * deficit * share * books.counted


def _rhythm(books: FlowBooks) -> list[tuple[Books, Cause, float]]:
    """(books, cause, tonnes per tonne moved) of the rhythm, while neither nominal rates nor compositions change."""
    out: list[tuple[Books, Cause, float]] = []
    if books.total <= 0.0:
        return out
    cause = (BATCHING, books.own_line)
    for grade in {**books.nominal, **books.entering, **books.leaving}:
        even = books.nominal.get(grade, 0.0) / books.total
        origin, destination = books.origins.get(grade), books.destinations.get(grade)
        account = books.accounts.get(grade)
        entering = even - books.entering.get(grade, 0.0)
        leaving = (even - books.leaving.get(grade, 0.0)) * books.counted
        if origin is not None and entering != 0.0:
            out.append((origin.missing, cause, -entering))
        if destination is not None and leaving != 0.0:
            out.append((destination.missing, cause, leaving))
        if account is not None and leaving != 0.0:
            out.append((account.books, cause, leaving))
    return out


def _post_beside_plan(books: FlowBooks, rate: float, days: float) -> None:
    """A mixed line's nominal rates are never negative and know only what the plan asks for; accounts also see tonnes that
    come unasked (a minimum rate) and orders that take back what was due: post the difference, so that they balance."""
    for grade, account in books.accounts.items():
        planned = books.nominal.get(grade, 0.0) * books.counted if books.total > 0.0 else 0.0
        unasked = rate * books.leaving.get(grade, 0.0) * books.counted if books.total <= 0.0 else 0.0
        tonnes = (account.rate - planned - unasked) * days
        if tonnes < 0.0:
            post_make_up(account.books, -tonnes)
        elif tonnes > 0.0:
            post_deficit(account.books, [(("plan_unbalanced", account.customer), tonnes)])


class Lane:
    """What the ledger sees of a rail lane: its plan rate at the rack, whether a train is due and waits, and why."""

    __slots__ = ("nominal", "vector", "waiting")

    def __init__(self) -> None:
        self.nominal = 0.0
        self.waiting = False
        self.vector: Vector = ()


def _why_put_off(books: FlowBooks) -> Vector:
    """A batch line that pumps what there is, out of turn, is slow because of the batches that were not there."""
    amounts: Books = {}
    for entries in books.put_off.values():
        for vector, tonnes in entries.items():
            for cause, share in vector:
                amounts[cause] = amounts.get(cause, 0.0) + share * tonnes
    whole = sum(amounts.values())
    return tuple((c, t / whole) for c, t in amounts.items()) if whole > 0.0 else ()


def _holds(constraint: Constraint, tank: Tank) -> bool:
    return constraint.cells[0].tank is tank


def _passed_on(stock: Cell, vector: list[tuple[Cause, float]]) -> list[tuple[Cause, float]]:
    """Of what an empty ``stock`` fails to give, what is really missing in it; batching, then the plan, for the rest."""
    out: list[tuple[Cause, float]] = []
    beyond = 0.0
    missing = stock.missing
    for entry in vector:
        cause, tonnes = entry
        if cause[0] in _NEVER_STORED:
            out.append(entry)
            continue
        passed = min(tonnes, max(0.0, missing.get(cause, 0.0)))
        beyond += tonnes - passed
        out.append((cause, passed))
    for cause, tonnes in missing.items():
        if cause[0] == BATCHING and tonnes > 0.0:
            used = min(beyond, tonnes)
            beyond -= used
            out.append((cause, used))
    if beyond > 0.0:
        out.append((("plan_unbalanced", stock.tank.name), beyond))
    return out


def _left_over(tank: Tank, vector: list[tuple[Cause, float]]) -> list[tuple[Cause, float]]:
    """Of what a full ``tank`` fails to take, what is really left over in it; what exceeds that is the tank's own."""
    out: list[tuple[Cause, float]] = []
    beyond = 0.0
    books = [cell.missing for cell in tank.cells]
    for entry in vector:
        cause, tonnes = entry
        if cause[0] in _NEVER_STORED:
            out.append(entry)
            continue
        short = 0.0
        for missing in books:
            short += missing.get(cause, 0.0)
        if -short >= tonnes:
            out.append(entry)
            continue
        passed = max(0.0, -short)
        beyond += tonnes - passed
        out.append((cause, passed))
    if beyond > 0.0:
        out.append((("customer_room" if tank.is_customer else "plan_unbalanced", tank.name), beyond))
    return out


def _compose(now: Books, cells: list[Cell], sign: float, short: float, fallback: str) -> Vector:
    """Shares: what is lacking now first; beyond that what was stored in ``cells`` (missing, or with ``sign`` −1 left over),
    batching only where nothing else was; where there is nothing, ``fallback``."""
    lacking = sum(now.values())
    if lacking > 0.0 and lacking >= short * (1.0 - 1e-9):
        return tuple([(c, r / lacking) for c, r in now.items()])
    rest = short - lacking
    stored: Books = {}
    for cell in cells:
        for cause, tonnes in cell.missing.items():
            stored[cause] = stored.get(cause, 0.0) + sign * tonnes
    pool: Books = {}
    batching: Books = {}
    for cause, tonnes in stored.items():
        if tonnes > NOTHING_T:
            if cause[0] == BATCHING:
                batching[cause] = tonnes
            elif cause != AHEAD and cause[0] != WHOLE_TRAINS:
                pool[cause] = tonnes
    pool = pool or batching
    total = sum(pool.values())
    name = cells[0].tank.name
    amounts = now
    if total > 0.0:
        for cause, tonnes in pool.items():
            amounts[cause] = amounts.get(cause, 0.0) + rest * tonnes / total
    else:
        amounts[fallback, name] = amounts.get((fallback, name), 0.0) + rest
    whole = sum(amounts.values())
    return tuple([(c, r / whole) for c, r in amounts.items()]) if whole > 0.0 else (((fallback, name), 1.0),)


def _alike(one: Vector, other: Vector) -> bool:
    if one == other:
        return True
    if len(one) != len(other):
        return False
    for (cause, share), (other_cause, other_share) in zip(one, other, strict=True):
        if not -1e-12 <= share - other_share <= 1e-12 or cause != other_cause:
            return False
    return True
