"""Lines in which grades follow one another: line fill in FIFO order, and the batches that the plan cuts.

A line is always full: what enters pushes the same tonnes out, so its content is a queue of parcels in the coordinate of
tonnes pumped. A parcel that enters at coordinate c leaves when ``pumped − line fill`` reaches c, at whatever speed:
transit time follows from flow and is never sampled.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from chainsim.model import Pipeline
from chainsim.records import BatchRecord
from chainsim.simulation import blends
from chainsim.simulation.accounts import BATCHING, Vector
from chainsim.simulation.ledger import FlowBooks
from chainsim.simulation.lines import Line
from chainsim.simulation.outages import Condition
from chainsim.simulation.rates import INFINITY, STOCK_TOLERANCE_T, Cell, Flow

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine

_LOT_DAYS = 0.5
"""A batch line without a stated minimum batch cuts lots of half a day at capacity."""
_MOST_ROUNDS_PER_DAY = 4
"""Nobody schedules rounds of all grades shorter than six hours, however small the minimum batch."""
_SETTLED_T = 1e-6
"""A batch or parcel with less than this to go is done: a gram."""


class Parcel:
    """A length of one composition in a line, from coordinate ``start`` to the next parcel's, and its batch's times."""

    __slots__ = ("entry_end", "entry_start", "exit_end", "exit_start", "mixture", "pumped", "scheduled", "start")

    def __init__(self, start: float, mixture: int) -> None:
        self.start = start
        self.mixture = mixture
        self.scheduled = 0.0
        self.pumped = 0.0
        self.entry_start: float | None = None
        self.entry_end: float | None = None
        self.exit_start: float | None = None
        self.exit_end: float | None = None


class MixedLine(Line):
    """One flow whose composition changes along the line: batches, or a blend."""

    def __init__(
        self, spec: Pipeline, condition: Condition, origins: dict[str, Cell], destinations: dict[str, Cell]
    ) -> None:
        super().__init__(spec, condition)
        self.flow: Flow
        self.books: FlowBooks
        self.origins = origins
        self.destinations = destinations
        self.parcels: deque[Parcel] = deque()
        self.finished: list[Parcel] = []
        self.queue: list[tuple[str, float]] = []  # batches to pump: (grade, tonnes)
        self.small: dict[str, float] = {}
        """Tonnes due of grades that do not make a minimum batch yet."""
        self.current: str | None = None
        self.batch_end = INFINITY
        self.scheduled = 0.0
        self.planned_left = 0.0
        self.given = list(spec.schedule)
        self.given_next = 0
        self.carried: deque[tuple[float, str, Vector, float]] = deque()
        """Put-off tonnes travelling with the oil: (entry coordinate, grade, causes, tonnes; negative: made up)."""
        self.due_total = 0.0
        self.due_since = 0.0

    @property
    def lot_t(self) -> float:
        """The least tonnage worth a batch."""
        return self.spec.minimum_batch_t or max(self.spec.capacity_t_per_day.values) * _LOT_DAYS or 1.0

    def open(self, engine: Engine, contents: tuple[tuple[str, float], ...]) -> None:
        """Fill the line at the start of the run, from the exit back."""
        coordinate = -self.spec.line_fill_t
        for grade, tonnes in contents:
            if tonnes <= 0.0:
                continue
            parcel = Parcel(coordinate, engine.mixture({grade: 1.0}))
            parcel.scheduled = parcel.pumped = tonnes
            self.parcels.append(parcel)
            coordinate += tonnes
        if self.parcels:
            self.parcels[0].exit_start = engine.now
        self.due_since = engine.now

    # ---- requests ----------------------------------------------------------------------------------------------

    def begin_stretch(self, engine: Engine) -> None:
        """Take over the stretch's nominal rates and what enters the queue."""
        stretch, name = engine.stretch, self.spec.name
        engine.ledger.post(self.flow, engine.now)
        self._settle_due(engine.now)
        nominal = {g: r for g in self.origins if (r := stretch.pipelines.get((name, g), 0.0)) > 0.0}
        for grade, account in self.books.accounts.items():  # a push line may bring more; the books are the plan's
            nominal[grade] = account.rate / self.books.counted
        engine.set_nominal(self.flow, {g: r for g, r in nominal.items() if r > 0.0})
        queued = {g: t for g in self.origins if (t := stretch.queued_t.get((name, g), 0.0)) != 0.0}
        if stretch.opens_month and not self.spec.carry_over:
            self.queue = []
            self.due_total = self.books.moved
        if stretch.opens_month or stretch.start_day == engine.begin_day:
            self.planned_left = 0.0
        if queued or stretch.opens_month:
            self.planned_left += sum(queued.values())
            if self.spec.mode == "batch" and self.spec.dispatch == "plan" and not self.given:
                self._enqueue(queued, engine.month_end - engine.now)
        if self.spec.mode == "blend":
            self.remix(engine)
        elif self.current is None:
            self.next_batch(engine)
        self.request(engine)

    def _settle_due(self, day: float) -> None:
        days = day - self.due_since
        self.due_since = day
        self.due_total += self.books.total * days
        self.planned_left -= self.books.total * days

    def _enqueue(self, added: dict[str, float], days: float) -> None:
        """Cut what is due into batches: as many rounds as the scarcest grade makes minimum batches."""
        due = dict.fromkeys(self.origins, 0.0)
        for grade, tonnes in self.small.items():
            due[grade] += tonnes
        for grade, tonnes in added.items():
            due[grade] += tonnes
        for grade, tonnes in self.queue:
            due[grade] += tonnes
        if self.current is not None and self.batch_end < INFINITY:
            left = max(0.0, self.batch_end - self.books.moved)
            due[self.current] += left
            self.batch_end = self.books.moved  # cut here; the new round begins with the same grade
        self.small = {g: t for g, t in due.items() if 0.0 < t < self.lot_t or t < 0.0}
        worth = {g: t for g, t in due.items() if t >= self.lot_t}
        self.queue = []
        if not worth:
            return
        most = math.ceil(_MOST_ROUNDS_PER_DAY * max(1.0, days)) if len(worth) > 1 else 1
        rounds = max(1, min(most, int(min(worth.values()) / self.lot_t * (1 + 1e-12))))
        order = list(worth)
        if self.current in worth:
            at = order.index(self.current)
            order = order[at:] + order[:at]
        for _ in range(rounds):
            self.queue.extend((grade, worth[grade] / rounds) for grade in order)

    def queued_t(self) -> float:
        """Tonnes in the queue, the batch under way included."""
        left = max(0.0, self.batch_end - self.books.moved) if self.batch_end < INFINITY else 0.0
        return left + sum(t for _, t in self.queue)

    def request(self, engine: Engine) -> None:
        """Set the line's request for now."""
        day, books, flow = engine.now, self.books, self.flow
        engine.ledger.post(flow, day)
        self._settle_due(day)
        available = self.available(day)
        books.own_cause = None
        if self.spec.dispatch == "push":
            want = available
            flow.nomination = books.total if books.total > 0.0 else available
        else:
            want = self._wanted(engine, day)
            want = max(want, min(self.spec.minimum_t_per_day, available))
            flow.nomination = want
        flow.capacity_bound = want > available
        if want > available or books.total > available:
            want = min(want, available)
            books.own_cause = self.capacity_cause(books.total, day)
        if self.current is None and self.spec.mode == "batch":
            want = 0.0
        flow.request = want
        engine.dirty_flows[flow] = None

    def _wanted(self, engine: Engine, day: float) -> float:
        total = self.books.total
        left = engine.month_end - day
        if left <= 0.0:
            return total
        if self.spec.mode == "batch" and not self.given:
            queued = self.queued_t()
            if queued <= _SETTLED_T:
                return 0.0
            if self.planned_left > _SETTLED_T and total > 0.0:
                want = queued * total / self.planned_left
            else:
                want = queued / left
        else:
            want = total + (self.due_total - self.books.moved) / left
        return total if abs(want - total) <= 1e-9 * total else max(0.0, want)

    # ---- entrance ----------------------------------------------------------------------------------------------

    def next_batch(self, engine: Engine) -> None:
        """End the batch under way and begin the next whose grade is there; ``current`` is ``None`` if none is due."""
        self._close_batch(engine)
        choice: tuple[str, float] | None
        if self.spec.dispatch == "push":
            choice = self._fullest(engine)
        elif self.given:
            choice = self.given[self.given_next % len(self.given)]
            self.given_next += 1
        else:
            choice = self._from_queue(engine)
        if choice is None:
            self.current = None
            self.batch_end = INFINITY
            engine.dirty_flows[self.flow] = None
            return
        grade, tonnes = choice
        self._begin(engine, grade, tonnes)

    def _begin(self, engine: Engine, grade: str, tonnes: float) -> None:
        moved = self.books.moved
        self.current = grade
        self.batch_end = moved + tonnes
        parcel = Parcel(moved, engine.mixture({grade: 1.0}))
        parcel.scheduled = tonnes
        parcel.entry_start = engine.now
        self.parcels.append(parcel)
        engine.set_entrance(self.flow, {grade: 1.0}, self.origins)
        if self.spec.line_fill_t <= 0.0:
            if len(self.parcels) == 1:
                parcel.exit_start = engine.now
            self.at_exit(engine)
        self._watch(engine)

    def _close_batch(self, engine: Engine) -> None:
        if self.current is None or not self.parcels:
            return
        last = self.parcels[-1]
        if last.entry_start is None or last.entry_end is not None:
            return
        last.pumped = self.books.moved - last.start
        last.entry_end = engine.now
        if last.pumped <= _SETTLED_T and len(self.parcels) > 1:
            self.parcels.pop()

    def _from_queue(self, engine: Engine) -> tuple[str, float] | None:
        """The first batch whose grade is there in a worthwhile amount; earlier ones are put off, with their reason."""
        self.queue = [(grade, tonnes) for grade, tonnes in self.queue if tonnes > _SETTLED_T]
        for place, (grade, tonnes) in enumerate(self.queue):
            if self._stock(engine, grade) >= min(self.lot_t, tonnes) - STOCK_TOLERANCE_T:
                passed_over: dict[str, float] = {}
                for skipped, amount in self.queue[:place]:
                    passed_over[skipped] = passed_over.get(skipped, 0.0) + amount
                for skipped, amount in passed_over.items():
                    self._put_off(engine, skipped, amount)
                del self.queue[place]
                self._make_up(grade, tonnes)
                return grade, tonnes
        return self.queue.pop(0) if self.queue else None

    def _put_off(self, engine: Engine, grade: str, tonnes: float) -> None:
        """Enter, at this place in the line, that ``tonnes`` of ``grade`` are not in it, and why."""
        already = self.books.put_off.setdefault(grade, {})
        amount = tonnes - sum(already.values())
        if amount <= _SETTLED_T:
            return
        nominal = self.books.nominal.get(grade, 0.0)
        vector = engine.ledger.why_short_of_stock(self.origins[grade], nominal, engine.now)
        already[vector] = already.get(vector, 0.0) + amount
        self._carry(grade, vector, amount)

    def _make_up(self, grade: str, tonnes: float) -> None:
        """A put-off batch is pumped after all: its entries are reversed at this place in the line."""
        open_entries = self.books.put_off.get(grade, {})
        for vector in list(open_entries):
            back = min(open_entries[vector], tonnes)
            tonnes -= back
            open_entries[vector] -= back
            if open_entries[vector] <= _SETTLED_T:
                del open_entries[vector]
            if back > _SETTLED_T:
                self._carry(grade, vector, -back)

    def _carry(self, grade: str, vector: Vector, tonnes: float) -> None:
        self.carried.append((self.books.moved, grade, vector, tonnes))
        origin = self.origins[grade]
        rhythm = (BATCHING, self.spec.name)
        for cause, share in vector:
            origin.missing[cause] = origin.missing.get(cause, 0.0) - share * tonnes
        origin.missing[rhythm] = origin.missing.get(rhythm, 0.0) + tonnes

    def _stock(self, engine: Engine, grade: str) -> float:
        cell = self.origins[grade]
        return cell.at(engine.now) - cell.heel

    def _fullest(self, engine: Engine) -> tuple[str, float] | None:
        """For a push line: the grade with the most working stock, and at least a lot of it."""
        best = max(self.origins, key=lambda g: self._stock(engine, g))
        if self._stock(engine, best) <= STOCK_TOLERANCE_T:
            coming = {g: sum(w * f.rate for f, w in c.inflows.items()) for g, c in self.origins.items()}
            best = max(self.origins, key=lambda g: coming[g])
        return best, max(self.lot_t, self._stock(engine, best))

    def _watch(self, engine: Engine) -> None:
        """Ask to be woken when another grade's stock is worth a batch (matters while this one's is empty)."""
        for grade, cell in self.origins.items():
            if grade == self.current:
                cell.watch_up.pop(self, None)
            else:
                wanted = self.lot_t
                if self.spec.dispatch == "plan" and not self.given:
                    mine = [t for g, t in self.queue if g == grade]
                    if not mine:
                        cell.watch_up.pop(self, None)
                        continue
                    wanted = min(wanted, mine[0])
                cell.watch_up[self] = cell.heel + wanted
            engine.touch_cell(cell)

    def starved(self, engine: Engine) -> bool:
        """Whether the batch under way waits for its grade while another grade's batch is there."""
        reason = self.flow.bound_by
        if self.spec.mode != "batch" or self.given or self.current is None:
            return False
        if reason is None or reason.kind != "dry":
            return False
        if self.spec.dispatch == "push":
            others = [g for g in self.origins if g != self.current]
            return any(self._stock(engine, g) >= self.lot_t - STOCK_TOLERANCE_T for g in others)
        return any(
            g != self.current and self._stock(engine, g) >= min(self.lot_t, t) - STOCK_TOLERANCE_T
            for g, t in self.queue
        )

    def interrupt(self, engine: Engine) -> None:
        """Cut the starved batch short; what is left of it goes back to the head of the queue."""
        left = self.batch_end - self.books.moved
        grade = self.current
        if self.spec.dispatch == "plan" and grade is not None and left > _SETTLED_T:
            self.queue.insert(0, (grade, left))
        self.next_batch(engine)
        self.request(engine)

    def remix(self, engine: Engine) -> None:
        """A blend's composition now: that of a blended farm, else the plan's recipe."""
        engine.ledger.post(self.flow, engine.now)
        any_cell = next(iter(self.origins.values()))
        if any_cell.tank.storage == "blended":
            mixture = blends.composition(any_cell.tank, engine.now)
        else:
            total = self.books.total
            mixture = {g: r / total for g, r in self.books.nominal.items()} if total > 0.0 else {}
            if not mixture:
                mixture = dict(self.books.entering)
            if not mixture:
                mixture = {next(iter(self.origins)): 1.0}
        if mixture == self.books.entering and self.parcels and self.parcels[-1].entry_start is not None:
            return
        moved = self.books.moved
        if self.parcels and self.parcels[-1].entry_start is not None and moved - self.parcels[-1].start <= _SETTLED_T:
            self.parcels.pop()
        parcel = Parcel(moved, engine.mixture(mixture))
        parcel.entry_start = engine.now
        if not self.parcels:
            parcel.exit_start = engine.now
        self.parcels.append(parcel)
        engine.set_entrance(self.flow, mixture, self.origins)
        if self.spec.line_fill_t <= 0.0:
            self.at_exit(engine)

    # ---- exit --------------------------------------------------------------------------------------------------

    def at_exit(self, engine: Engine) -> None:
        """Let the parcels that have left go, post what travelled with them, and set the composition at the exit."""
        gone = self.books.moved - self.spec.line_fill_t
        while len(self.parcels) > 1 and self.parcels[1].start <= gone + _SETTLED_T:
            parcel = self.parcels.popleft()
            parcel.exit_end = engine.now
            if parcel.entry_end is None and parcel.entry_start is not None:
                parcel.pumped, parcel.entry_end = self.parcels[0].start - parcel.start, engine.now
            self.finished.append(parcel)
            self.parcels[0].exit_start = engine.now
        while self.carried and self.carried[0][0] <= gone + _SETTLED_T:
            _, grade, vector, tonnes = self.carried.popleft()
            cell = self.destinations.get(grade)
            account = self.books.accounts.get(grade)
            rhythm = (BATCHING, self.spec.name)
            kept = self.books.kept
            for books in (cell.missing if cell else None, account.books if account else None):
                if books is None:
                    continue
                for cause, share in vector:
                    books[cause] = books.get(cause, 0.0) + share * tonnes * kept
                books[rhythm] = books.get(rhythm, 0.0) - tonnes * kept
        if self.parcels:
            engine.set_exit(self.flow, dict(engine.mixtures[self.parcels[0].mixture]), self.destinations)

    def next_coordinate(self) -> float:
        """The tonnes pumped at which something happens next: a batch ends, a front or a posting comes out."""
        fill = self.spec.line_fill_t
        soonest = self.batch_end
        if len(self.parcels) > 1:
            soonest = min(soonest, self.parcels[1].start + fill)
        if self.carried:
            soonest = min(soonest, self.carried[0][0] + fill)
        return soonest

    def reached(self, engine: Engine) -> None:
        """Something of ``next_coordinate`` has come."""
        ended = self.books.moved >= self.batch_end - _SETTLED_T
        if ended:
            self.next_batch(engine)
        self.at_exit(engine)
        if ended:
            self.request(engine)

    def contents(self, engine: Engine) -> tuple[tuple[str, float], ...]:
        """(grade, tonnes) in the line now, from the exit back to the entrance; a mixture's grades follow one another."""
        out: list[tuple[str, float]] = []
        moved = self.books.moved
        low = moved - self.spec.line_fill_t
        bounds = [p.start for p in self.parcels] + [moved]
        for index, parcel in enumerate(self.parcels):
            tonnes = max(0.0, bounds[index + 1] - max(low, bounds[index]))
            if tonnes > 0.0:
                out += [(grade, share * tonnes) for grade, share in engine.mixtures[parcel.mixture]]
        return tuple(out)

    def batch_records(self, engine: Engine) -> list[BatchRecord]:
        """All batches so far, in pumping order (empty for a blend)."""
        if self.spec.mode != "batch":
            return []
        out = []
        for number, parcel in enumerate([*self.finished, *self.parcels], start=1):
            pumped = parcel.pumped
            if parcel.entry_start is not None and parcel.entry_end is None:
                pumped = self.books.moved - parcel.start
            out.append(
                BatchRecord(
                    pipeline=self.spec.name,
                    number=number,
                    grade=engine.mixtures[parcel.mixture][0][0],
                    scheduled_t=parcel.scheduled,
                    pumped_t=pumped,
                    entry_start_day=parcel.entry_start,
                    entry_end_day=parcel.entry_end,
                    exit_start_day=parcel.exit_start,
                    exit_end_day=parcel.exit_end,
                )
            )
        return out
