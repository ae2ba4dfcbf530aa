"""Trains: discrete, on a rack, paths and a wagon fleet that all customers of a terminal share.

A lane is one customer and grade on one railway. The month's plan is cut into trains (the last one shorter, in whole
wagons), each due at the middle of its share of the plan's course. A due train needs, all at once: its route open, a
working rack, the customer's money if it prepays, room for it there by the time it arrives, its load in the tank, its
wagons, a free spot. While it lacks one of these, the first it lacks in that order is why it waits, and the plan's tonnes
that become due meanwhile are charged to that. Loaded, it takes the first free path, travels, and waits before the
refinery while the tanks are full.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chainsim.model import Customer, RailRoute, Railway
from chainsim.records import TrainRecord
from chainsim.simulation.accounts import AHEAD, WHOLE_TRAINS, Account, Vector, post_deficit, post_make_up
from chainsim.simulation.cash import CENT
from chainsim.simulation.ledger import Lane
from chainsim.simulation.outages import Condition
from chainsim.simulation.rates import INFINITY, STOCK_TOLERANCE_T, Cell, Flow, Tank

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine

_DONE_T = 1e-6
"""A load with less than this to go is complete: a gram."""
_SAME_INSTANT_DAYS = 1e-9
"""A path this little before the end of loading still counts as after it: rounding of the clock."""


@dataclass(slots=True)
class Train:
    """A train on its way; its times fill in as it goes."""

    number: int
    lane: RailLane
    wagons: int
    tonnes: float
    due: float
    loading_start: float
    loading_end: float | None = None
    departure: float | None = None
    arrival: float | None = None
    unloaded: float | None = None
    back: float | None = None

    @property
    def arriving_t(self) -> float:
        """What is left of the load on arrival."""
        return self.tonnes * (1.0 - self.lane.route.loss_fraction)


class RailLane(Lane):
    """One customer and grade on one railway: trains due, tonnes on the way, why it waits."""

    __slots__ = (
        "account",
        "cell",
        "condition",
        "counted",
        "customer",
        "dues",
        "grade",
        "head",
        "in_transit",
        "index",
        "loading",
        "route",
        "same_tank",
        "since",
        "tank",
        "unloading",
    )

    def __init__(
        self,
        index: int,
        railway: str,
        route: RailRoute,
        customer: Customer,
        grade: str,
        account: Account,
        cell: Cell,
        tank: Tank,
        condition: Condition,
    ) -> None:
        super().__init__()
        self.index = index
        self.route = route
        self.customer = customer
        self.grade = grade
        self.account = account
        self.cell = cell
        self.tank = tank
        self.condition = condition
        self.counted = 1.0 if customer.delivery_point == "loading" else 1.0 - route.loss_fraction
        self.same_tank: list[RailLane] = []
        """The railway's lanes into the same customer's tanks, this one included."""
        self.dues: deque[tuple[float, float]] = deque()
        self.head = INFINITY
        """The day of the first of ``dues``."""
        self.in_transit = 0.0
        self.loading = 0.0
        self.unloading: deque[Train] = deque()
        self.since = 0.0
        self.vector: Vector = (((WHOLE_TRAINS, railway), 1.0),)

    def post(self, day: float) -> None:
        """Charge what became due since the last posting to what the lane waited for."""
        days = day - self.since
        self.since = day
        if days <= 0.0 or self.account.rate == 0.0:
            return
        tonnes = self.account.rate * days
        self.account.due += tonnes
        entered = post_deficit(self.account.books, [(c, s * tonnes) for c, s in self.vector])
        for cause, amount in entered:
            self.cell.missing[cause] = self.cell.missing.get(cause, 0.0) - amount / self.counted

    def deliver(self, tonnes: float) -> None:
        """Count ``tonnes`` (at the delivery point) as delivered."""
        self.account.served += tonnes
        for cause, amount in post_make_up(self.account.books, tonnes):
            self.cell.missing[cause] = self.cell.missing.get(cause, 0.0) + amount / self.counted


@dataclass(slots=True)
class Spot:
    """A loading spot: a flow out of the terminal's stock into the train that stands there."""

    flow: Flow
    index: int
    train: Train | None = None
    loaded_base: float = 0.0


@dataclass(slots=True)
class Rail:
    """A railway in the run."""

    spec: Railway
    whole: Condition
    rack: Condition
    paths: Condition
    lanes: list[RailLane] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    wagons_free: int = 0
    trains: list[Train] = field(default_factory=list)
    moving: list[tuple[float, int, Train]] = field(default_factory=list)
    """(arrival, number, train) of the trains on their way: a heap."""
    returning: list[tuple[float, int]] = field(default_factory=list)
    """(day, wagons) that will be back at the rack: a heap."""
    short_of_wagons: bool = False
    waiting_path: deque[Train] = field(default_factory=deque)
    waiting_lanes: int = 0
    soonest_due: float = -INFINITY
    """The next day a train falls due, as last computed; ``-inf``: not known."""
    last_slot: float = -INFINITY
    paths_cause: tuple[str, str] | None = None

    # ---- plan --------------------------------------------------------------------------------------------------

    def begin_stretch(self, engine: Engine) -> None:
        """Take over the stretch's plan; where the month's plan changed, cut it into trains again."""
        stretch, day = engine.stretch, engine.now
        for lane in self.lanes:
            due = stretch.due.get((lane.customer.name, lane.grade))
            rate = due.rate if due is not None else 0.0
            if rate != lane.account.rate or stretch.opens_month:
                lane.post(day)
                lane.account.rate = rate
                lane.nominal = rate / lane.counted
            month = due.month_t if due is not None else 0.0
            if stretch.opens_month or stretch.orders or day == engine.begin_day:
                self._cut(engine, lane, month)

    def _cut(self, engine: Engine, lane: RailLane, month_t: float) -> None:
        """Cut the month's open tonnes into trains due evenly over what is left of it."""
        open_t = month_t - lane.account.served - lane.loading * lane.counted
        if lane.customer.delivery_point == "arrival":
            open_t -= lane.in_transit * lane.counted
        open_t /= lane.counted
        lane.dues.clear()
        self.soonest_due = -INFINITY
        day, end = engine.now, engine.month_end
        whole = self.spec.train_t
        count = math.ceil(open_t / whole - 1e-9)
        for k in range(count):
            tonnes = min(whole, open_t - k * whole)
            if tonnes > _DONE_T:
                lane.dues.append((day + (k + 0.5) / count * (end - day), tonnes))
        lane.head = lane.dues[0][0] if lane.dues else INFINITY

    def next_due(self, day: float) -> float:
        """The next day a train falls due."""
        if self.soonest_due > day:
            return self.soonest_due
        soonest = INFINITY
        for lane in self.lanes:
            for due, _ in lane.dues:
                if due > day:
                    if due < soonest:
                        soonest = due
                    break
        self.soonest_due = soonest
        return soonest

    # ---- loading -----------------------------------------------------------------------------------------------

    def dispatch(self, engine: Engine) -> None:
        """Start every due train that lacks nothing; note for the others what they lack."""
        day = engine.now
        self._take_back_wagons(day)
        self.short_of_wagons = False
        due = [lane for lane in self.lanes if lane.head <= day]
        if len(due) > 1:
            due.sort(key=lambda lane: (lane.customer.priority, lane.head, lane.index))
        for lane in due:
            while lane.head <= day:
                lack = self._lacking(engine, lane)
                if lack is not None:
                    self._wait(lane, lack, day)
                    break
                self._start(engine, lane)
        if self.waiting_lanes:
            for lane in self.lanes:
                if lane.waiting and lane.head > day:
                    self._wait(lane, self._between_trains, day, waiting=False)

    @property
    def _between_trains(self) -> Vector:
        return (((WHOLE_TRAINS, self.spec.name), 1.0),)

    def _take_back_wagons(self, day: float) -> None:
        """Wagons that are back count as free when somebody looks."""
        while self.returning and self.returning[0][0] <= day:
            self.wagons_free += heapq.heappop(self.returning)[1]

    def _wait(self, lane: RailLane, vector: Vector, day: float, *, waiting: bool = True) -> None:
        if lane.waiting != waiting or vector != lane.vector:
            lane.post(day)
            lane.vector = vector
            self.waiting_lanes += waiting - lane.waiting
            lane.waiting = waiting

    def _lacking(self, engine: Engine, lane: RailLane) -> Vector | None:
        """The first thing the lane's next train lacks, as its causes; ``None``: nothing."""
        name, day = self.spec.name, engine.now
        _, tonnes = lane.dues[0]
        for condition in (lane.condition, self.whole, self.rack):
            if condition.remaining <= 0.0 and condition.cause is not None:
                return ((condition.cause, 1.0),)
        vector = self._lacking_at_customer(engine, lane, tonnes)
        if vector is not None:
            return vector
        cell = lane.cell
        cell.watch_up.pop(lane, None)
        if cell.at(day) - cell.heel < tonnes - STOCK_TOLERANCE_T:
            cell.watch_up[lane] = cell.heel + tonnes
            engine.touch_cell(cell)
            return engine.ledger.why_short_of_stock(cell, lane.nominal, day)
        if math.ceil(tonnes / self.spec.tonnes_per_wagon - 1e-9) > self.wagons_free:
            self.short_of_wagons = True
            held = self.waiting_path and self.paths_cause
            return (((held or ("wagons", name)), 1.0),)
        for spot in self.spots:
            if spot.train is None:
                return None
        rack_cause = self.rack.cause if self.rack.remaining < 1.0 else None
        return ((rack_cause or ("rack_capacity", f"{name}.rack"), 1.0),)

    def _lacking_at_customer(self, engine: Engine, lane: RailLane, tonnes: float) -> Vector | None:
        """Money now, and room by the time it arrives."""
        day, tank = engine.now, lane.tank
        purse = engine.purses.get(lane.customer.name)
        if purse is not None:
            cost = engine.price(lane.grade) * tonnes
            if purse.at(day) < cost - CENT:
                purse.wake_at_balance(engine, cost)
                cause = purse.condition.cause if purse.condition.remaining < 1.0 else None
                return (((cause or ("customer_cash", lane.customer.name)), 1.0),)
        kept, transit_days = 1.0 - lane.route.loss_fraction, lane.route.transit_days
        then = tonnes * kept
        for other in lane.same_tank:
            then += (other.in_transit + other.loading) * (1.0 - other.route.loss_fraction)
        for flow in engine.ledger.takers[tank]:
            then -= flow.rate * transit_days
        if tank.storage == "own":
            cell = next(c for c in tank.cells if c.grade == lane.grade)
            limit = cell.limit
            then += cell.at(day)
        else:
            limit = tank.limit
            then += tank.total_at(day)
        if then > limit + STOCK_TOLERANCE_T and tonnes * kept <= limit:
            return engine.ledger.why_room_is_lacking(tank, lane.nominal, day)
        return None

    def _start(self, engine: Engine, lane: RailLane) -> None:
        due, tonnes = lane.dues.popleft()
        lane.head = lane.dues[0][0] if lane.dues else INFINITY
        spot = next(s for s in self.spots if s.train is None)
        wagons = math.ceil(tonnes / self.spec.tonnes_per_wagon - 1e-9)
        train = Train(len(self.trains) + 1, lane, wagons, tonnes, due, engine.now)
        self.trains.append(train)
        self.wagons_free -= wagons
        lane.loading += tonnes
        purse = engine.purses.get(lane.customer.name)
        if purse is not None:
            purse.pay(engine, engine.price(lane.grade) * tonnes)
        spot.train = train
        engine.set_spot(spot, lane.cell)
        spot.loaded_base = engine.moved(spot.flow)
        self.request_spot(engine, spot)

    def request_spot(self, engine: Engine, spot: Spot) -> None:
        """The loading rate now: a full train in the stated hours, less what the rack is limited to."""
        working = min(self.rack.remaining, self.whole.remaining)
        rate = self.spec.train_t * 24.0 / self.spec.hours_per_train * working if spot.train else 0.0
        spot.flow.request = rate
        spot.flow.nomination = max(rate, 1e-9)
        if spot.train is not None:
            spot.flow.priority = spot.train.lane.customer.priority
        engine.dirty_flows[spot.flow] = None

    def loaded(self, engine: Engine, spot: Spot) -> None:
        """Loading at ``spot`` is complete: the train waits for its path, the spot is free."""
        train = spot.train
        assert train is not None
        lane, day = train.lane, engine.now
        lane.post(day)
        spot.train = None
        self.request_spot(engine, spot)
        train.loading_end = day
        lane.loading -= train.tonnes
        lane.in_transit += train.tonnes
        lane.account.loaded += train.tonnes
        if lane.customer.delivery_point == "loading":
            lane.deliver(train.tonnes)
        self.waiting_path.append(train)
        self.assign_paths(engine)

    # ---- travelling --------------------------------------------------------------------------------------------

    def assign_paths(self, engine: Engine) -> None:
        """Give waiting trains the next free paths, first come first served."""
        while self.waiting_path:
            train = self.waiting_path[0]
            slot = self._slot(engine, max(engine.now, train.loading_end or 0.0))
            if slot is None:
                return
            self.waiting_path.popleft()
            self.last_slot = slot
            train.departure = slot
            train.arrival = slot + train.lane.route.transit_days
            train.back = slot + train.lane.route.cycle_days
            heapq.heappush(self.moving, (train.arrival, train.number, train))

    def _slot(self, engine: Engine, day: float) -> float | None:
        """The first path not before ``day`` that is free and open; ``None`` if none is in sight.

        Paths are evenly spaced; a limited line keeps its share of them, spread as evenly as whole paths can be.
        """
        position = max(day, engine.begin_day)
        for _ in range(2000):
            per_day = self.spec.paths_per_day.at(position) * min(
                _remaining_at(self.paths, position), _remaining_at(self.whole, position)
            )
            changes = [
                e for e in (*self.paths.edges(), *self.whole.edges(), *self.spec.paths_per_day.days) if e > position
            ]
            border = min(changes, default=INFINITY)
            if per_day <= 0.0:
                if not math.isfinite(border) or border >= engine.end_day:
                    self.paths_cause = self.paths.cause or self.whole.cause
                    return None
                self.paths_cause = _cause_at(self.paths, position) or _cause_at(self.whole, position)
                position = border
                continue
            k = math.ceil(position * per_day - 0.5 - _SAME_INSTANT_DAYS)
            while (slot := (k + 0.5) / per_day) <= self.last_slot + _SAME_INSTANT_DAYS:
                k += 1
            if slot < border:
                limited = _cause_at(self.paths, position) or _cause_at(self.whole, position)
                self.paths_cause = limited or self.paths_cause
                return max(slot, day)
            position = border
        return None

    def next_move(self) -> float:
        """When the next train arrives, or, if a train waits for them, the next wagons are back."""
        soonest = self.moving[0][0] if self.moving else INFINITY
        if self.short_of_wagons and self.returning:
            soonest = min(soonest, self.returning[0][0])
        return soonest

    def move(self, engine: Engine) -> None:
        """Handle every arrival that is due."""
        while self.moving and self.moving[0][0] <= engine.now:
            train = heapq.heappop(self.moving)[2]
            train.lane.unloading.append(train)
            self.unload(engine, train.lane)

    def unload(self, engine: Engine, lane: RailLane) -> None:
        """Unload the trains before ``lane``'s refinery, in order, as far as there is room."""
        day, tank = engine.now, lane.tank
        while lane.unloading:
            train = lane.unloading[0]
            tonnes = train.arriving_t
            own = tank.storage == "own"
            cell = next(c for c in tank.cells if c.grade == lane.grade)
            limit = cell.limit if own else tank.limit
            content = cell.at(day) if own else tank.total_at(day)
            if content + tonnes > limit + STOCK_TOLERANCE_T and tonnes <= limit:
                tank.watch_down[lane] = limit - tonnes
                engine.touch_cell(cell)
                return
            tank.watch_down.pop(lane, None)
            lane.unloading.popleft()
            train.unloaded = day
            lane.in_transit -= train.tonnes
            lane.account.arrived += tonnes
            engine.jump(cell, tonnes)
            if lane.customer.delivery_point == "arrival":
                lane.post(day)
                lane.deliver(tonnes)
            late = day - (train.arrival or day)
            assert train.back is not None
            train.back += late
            heapq.heappush(self.returning, (train.back, train.wagons))

    def records(self) -> list[TrainRecord]:
        """All trains so far; times beyond the run's end are left out by the caller."""
        return [
            TrainRecord(
                railway=self.spec.name,
                number=t.number,
                customer=t.lane.customer.name,
                grade=t.lane.grade,
                wagons=t.wagons,
                loaded_t=t.tonnes if t.loading_end is not None else 0.0,
                arrived_t=t.arriving_t if t.unloaded is not None else 0.0,
                due_day=t.due,
                loading_start_day=t.loading_start,
                loading_end_day=t.loading_end,
                departure_day=t.departure,
                arrival_day=t.arrival,
                unloaded_day=t.unloaded,
                wagons_back_day=t.back,
            )
            for t in self.trains
        ]


def _remaining_at(condition: Condition, day: float) -> float:
    return condition.at(day)[0]


def _cause_at(condition: Condition, day: float) -> tuple[str, str] | None:
    return condition.at(day)[1]


def month_end_causes(lane: RailLane, causes: Vector) -> Vector:
    """For plans counted on arrival: what is loaded but under way is short because it is in transit."""
    if lane.customer.delivery_point != "arrival" or lane.in_transit <= 0.0:
        return causes
    short = sum(t for _, t in causes)
    moving = min(short, lane.in_transit * lane.counted)
    if moving <= 0.0:
        return causes
    scaled = [(c, t * (1.0 - moving / short)) for c, t in causes if moving < short and c != AHEAD]
    return (*scaled, (("in_transit", lane.route.customer), moving))
