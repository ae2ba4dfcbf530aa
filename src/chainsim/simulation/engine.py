"""The run: SimPy's clock, the calendar of known changes, and the settling of rates after every event.

Between events all rates are constant, so stocks, line fronts, loads and balances move linearly and the next thing to happen is
computed, never searched for by steps. An instant goes: everything that happens now marks what it touched; then the rates around
it are solved, what changed is logged and posted, and the touched parts schedule their next event. Wake-ups that became
pointless are left in the clock's queue and ignored when they come (their day is no longer the timer's).

The same scenario gives the same bytes: ties are broken by order of declaration; nothing reads a clock or a hash order.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable

import simpy
from simpy.events import NORMAL

from chainsim.model import Customer, Scenario
from chainsim.records import AccountRecord, EventRecord
from chainsim.simulation import blends, build
from chainsim.simulation.accounts import Account
from chainsim.simulation.agenda import Change, calendar
from chainsim.simulation.batches import MixedLine
from chainsim.simulation.cash import Purse
from chainsim.simulation.clock import Timer, Wake
from chainsim.simulation.closing import close, take_over_actuals
from chainsim.simulation.freezing import held
from chainsim.simulation.ledger import Ledger
from chainsim.simulation.lines import Line
from chainsim.simulation.outages import Condition
from chainsim.simulation.parts import Runs, Supply
from chainsim.simulation.rail import Rail, Spot
from chainsim.simulation.rates import (
    INFINITY,
    STOCK_TOLERANCE_T,
    Cell,
    Constraint,
    Flow,
    RateSolver,
    Tank,
)
from chainsim.simulation.routing import Route
from chainsim.simulation.settling import settle
from chainsim.simulation.timetable import Stretch

_MOST_EVENTS_AT_ONE_INSTANT = 1_000


class Engine:
    """The mutable state of one run. Built by ``build.build``; everyone else reads the ``RunLog`` it leaves."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.begin_day = scenario.as_of_day
        self.end_day = scenario.end_day
        self.now = self.begin_day
        self.env = simpy.Environment(initial_time=self.begin_day)
        self.solver = RateSolver()
        self.ledger = Ledger()
        self.mixtures: list[tuple[tuple[str, float], ...]] = []
        self._mixture_index: dict[tuple[tuple[str, float], ...], int] = {}
        self.tanks: list[Tank] = []
        self.cells: list[Cell] = []
        self.flows: list[Flow] = []
        self.lines: list[Line] = []
        self.rails: list[Rail] = []
        self.supplies: list[Supply] = []
        self.runs: list[Runs] = []
        self.accounts: dict[tuple[str, str], Account] = {}
        self.purses: dict[str, Purse] = {}
        self.purse_of: dict[Flow, Purse] = {}
        self.prices: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {}
        self.dirty_flows: dict[Flow, None] = {}
        self.dirty_constraints: dict[Constraint, None] = {}
        self.dirty_cells: dict[Cell, bool] = {}
        """Stocks to look at in this instant's settling, and whether anything that fills or empties them changed."""
        self.dirty_purses: dict[Purse, None] = {}
        self.renewed: dict[Flow, None] = {}
        self.to_tell: dict[Flow, None] = {}
        self.behind: dict[Flow, None] = {}
        self.silent: dict[Flow, None] = {}
        """Flows behind that were not asked at midnight: they nominate when their bottleneck lets go."""
        self.line_of: dict[Flow, Line] = {}
        self.spot_of: dict[Flow, tuple[Rail, Spot]] = {}
        self.flow_timers: dict[Flow, Timer] = {}
        self.purse_timers: dict[Purse, Timer] = {}
        self.rail_due_timers: list[Timer] = []
        self.rail_move_timers: list[Timer] = []
        self.flow_logs: dict[Flow, list[tuple[float, float, float, float, int, int]]] = {}
        self.events: list[EventRecord] = []
        self.account_records: list[AccountRecord] = []
        self.starved_runs: set[Flow] = set()
        self.curtailed: set[Flow] = set()
        self.event_count = 0
        self._same_instant = 0
        self.unsettled = False
        self.called_rails: dict[int, None] = {}
        self._timers: list[Timer] = []
        self._sequence = 0
        build.build(self)
        self.timetable = build.plan_timetable(self)
        take_over_actuals(self, self.timetable)
        self.stretch: Stretch = self.timetable.stretches[0]
        self._stretch_index = -1
        self.month_end = self.timetable.months[self.stretch.month][1]
        self._calendar = calendar(self)
        self._calendar_next = 0
        self._calendar_timer = self.timer(self._on_calendar)
        self._midnight_timer = self.timer(self.midnight)

    def __getstate__(self) -> dict[str, object]:
        """Everything but SimPy's clock, which is made anew from the timers' appointments."""
        return {**held(self), "env": self.env.now}

    def __setstate__(self, state: dict[str, object]) -> None:
        now = state.pop("env")
        assert isinstance(now, float | int)
        for name, value in state.items():
            setattr(self, name, value)
        self.env = simpy.Environment(initial_time=now)
        waiting = [t for t in self._timers if t.queued < self.end_day]
        for timer in sorted(waiting, key=lambda t: t.sequence):
            self.schedule(timer)

    # ---- clock -------------------------------------------------------------------------------------------------

    def timer(self, handler: Callable[[], None]) -> Timer:
        """A new timer that calls ``handler``."""
        timer = Timer(self, handler)
        self._timers.append(timer)
        return timer

    def schedule(self, timer: Timer) -> None:
        """Put ``timer``'s appointment into SimPy's queue."""
        self._sequence += 1
        timer.sequence = self._sequence
        env = self.env
        env.schedule(Wake(env, timer), NORMAL, max(0.0, timer.queued - env.now))

    def at(self, day: float, handler: Callable[[], None]) -> None:
        """One event: let it mark what it touches, and settle when nothing else happens at this instant."""
        if day > self.now:
            self.now = day
            self._same_instant = 0
        self._same_instant += 1
        assert self._same_instant < _MOST_EVENTS_AT_ONE_INSTANT, f"the run stands still on day {self.now}"
        handler()
        self.unsettled = self.env.peek() <= self.env.now
        if not self.unsettled:
            settle(self)

    def start(self) -> None:
        """Begin: the first stretch, the first outages, the first rates."""
        self._on_calendar()
        settle(self)

    def run(self, until: float) -> None:
        """Let the clock run to ``until``."""
        if until > self.env.now:
            self.env.run(until=until)
        self.now = max(self.now, until)

    # ---- calendar ----------------------------------------------------------------------------------------------

    def keep_appointment(self, day: float) -> None:
        """Stop for an instant at ``day`` even if nothing is known to happen then; before ``start``."""
        index = bisect_left(self._calendar, day, key=lambda entry: entry[0])
        if index == len(self._calendar) or self._calendar[index][0] != day:
            self._calendar.insert(index, (day, []))

    def renew_calendar(self, entries: list[tuple[float, list[Change]]]) -> None:
        """Go by these entries from now on; what is due this very instant has not been done."""
        self._calendar = entries
        self._calendar_next = bisect_left(entries, self.now, key=lambda entry: entry[0])
        if self.event_count and self._calendar_next < len(entries):
            self._calendar_timer.set(entries[self._calendar_next][0])

    def _on_calendar(self) -> None:
        """Everything that was known to happen at this instant, in the order of its kinds."""
        calendar = self._calendar
        day = calendar[self._calendar_next][0] if self._calendar_next < len(calendar) else INFINITY
        if day <= self.now:
            for change in calendar[self._calendar_next][1]:
                change()
            self._calendar_next += 1
        if self._calendar_next < len(calendar):
            self._calendar_timer.set(calendar[self._calendar_next][0])

    def next_stretch(self) -> None:
        """A stretch of the plan begins: close the month if it ended, take over rates, nominate anew."""
        self._stretch_index += 1
        before = self.stretch
        self.stretch = stretch = self.timetable.stretches[self._stretch_index]
        if stretch.opens_month and self._stretch_index > 0:
            self.close_month(before.month)
        self.month_end = self.timetable.months[stretch.month][1]
        for number in stretch.orders:
            self.note("order_effective", number)
        for supply in self.supplies:
            self.set_nominal(supply.flow, {supply.spec.grade: stretch.supplies.get(supply.spec.name, 0.0)})
            supply.request(self)
        self.behind.clear()
        self.silent.clear()
        for (customer, grade), account in self.accounts.items():
            due = stretch.due.get((customer, grade))
            if (customer, grade) not in self.rail_served:
                self.post_account(customer, grade)
                account.rate = due.rate if due is not None else 0.0
        for line in self.lines:
            line.begin_stretch(self)
        for runs in self.runs:
            runs.begin_stretch(self)
        for index, rail in enumerate(self.rails):
            rail.begin_stretch(self)
            self.called_rails[index] = None

    def await_midnight(self) -> None:
        """Set the next midnight's appointment if anything waits for one."""
        if self._midnight_timer.due < INFINITY:
            return
        if self.behind or self.blended or any(rail.waiting_lanes for rail in self.rails):
            self._midnight_timer.set(math.floor(self.now) + 1.0)

    def midnight(self) -> None:
        """Daily nominations: whoever fell behind asks for more; blends are renewed; trains that waited try again.

        A flow that shares its bottleneck with nobody would gain nothing by asking for more; it asks when it is released.
        """
        for flow in sorted(self.behind, key=_by_index):
            reason = flow.bound_by
            if reason is not None and len(reason.shares) == 1:
                self.silent[flow] = None
                continue
            self.line_of[flow].request(self)
            if reason is None and not flow.capacity_bound:
                del self.behind[flow]  # it asks for all it lacks now; if it is held back again it will be here again
        for tank in self.blended:
            blends.renew(self, tank)
        self.call_rails()

    def close_month(self, month: int) -> None:
        """Close every account of the month that just ended."""
        self.post_all_accounts()
        self.account_records.extend(close(self, month))

    def post_account(self, customer: str, grade: str) -> None:
        """Bring one pipeline-served account up to now."""
        for flow in self.delivering.get((customer, grade), ()):
            self.ledger.post(flow, self.now)

    def post_all_accounts(self) -> None:
        """Bring every account up to now."""
        for flows in self.delivering.values():
            for flow in flows:
                self.ledger.post(flow, self.now)
        for rail in self.rails:
            for lane in rail.lanes:
                lane.post(self.now)

    # ---- what parts ask of the run -----------------------------------------------------------------------------

    def note(self, kind: str, asset: str, grade: str = "", detail: str = "", value: float = 0.0) -> None:
        """Record an event worth telling."""
        self.events.append(EventRecord(day=self.now, kind=kind, asset=asset, grade=grade, detail=detail, value=value))

    def price(self, grade: str) -> float:
        """Yuan per tonne now; 0 where the scenario gives none."""
        steps = self.prices.get(grade)
        if steps is None:
            return 0.0
        return steps[1][max(0, bisect_right(steps[0], self.now) - 1)]

    def moved(self, flow: Flow) -> float:
        """Tonnes that entered ``flow`` since the run began."""
        self.ledger.post(flow, self.now)
        books = flow.ledger
        return books.moved

    def mixture(self, fractions: dict[str, float]) -> int:
        """The index of a composition."""
        given = tuple(fractions.items())
        index = self._mixture_index.get(given)
        if index is not None:
            return index  # most are single grades, or given as they were noted
        key = tuple((g, x) for g, x in sorted(given, key=lambda item: self.grade_rank[item[0]]) if x > 0.0)
        index = self._mixture_index.get(key)
        if index is None:
            index = self._mixture_index[key] = len(self.mixtures)
            self.mixtures.append(key)
        return index

    def set_nominal(self, flow: Flow, nominal: dict[str, float]) -> None:
        """Give ``flow`` its plan rates by grade from now on."""
        books = flow.ledger
        if books.nominal == nominal:
            return
        self.ledger.post(flow, self.now)
        books.nominal = nominal
        books.rhythms.clear()
        books.total = sum(nominal.values())
        self.renewed[flow] = None

    def set_entrance(self, flow: Flow, mixture: dict[str, float], origins: dict[str, Cell]) -> None:
        """From now on ``flow`` takes ``mixture``."""
        books = flow.ledger
        self.ledger.post(flow, self.now)
        self._leave_stocks(flow)
        books.entering = dict(mixture)
        into = self.mixture(mixture)
        if flow.kind == "runs":
            books.leaving = books.entering
        books.mixtures = (into, books.mixtures[1] if books.leaving and flow.kind != "runs" else into)
        flow.draws = tuple((origins[g], x) for g, x in mixture.items() if g in origins)
        for cell, weight in flow.draws:
            cell.outflows[flow] = weight
        self._after_mixture(flow)

    def set_spot(self, spot: Spot, cell: Cell) -> None:
        """A train begins to load from ``cell``."""
        flow = spot.flow
        self.ledger.post(flow, self.now)
        if flow.draws != ((cell, 1.0),):
            self._leave_stocks(flow)
            flow.draws = ((cell, 1.0),)
            cell.outflows[flow] = 1.0
            books = flow.ledger
            index = self.mixture({cell.grade: 1.0})
            books.mixtures = (index, index)
        self._after_mixture(flow)

    def _leave_stocks(self, flow: Flow) -> None:
        for cell, _ in flow.draws:
            cell.outflows.pop(flow, None)
            self.dirty_cells[cell] = True
            for constraint in (cell.dry, cell.full):
                if constraint.active:
                    constraint.shares.pop(flow, None)
                    self.dirty_constraints[constraint] = None

    def set_exit(self, flow: Flow, mixture: dict[str, float], destinations: dict[str, Cell]) -> None:
        """From now on ``mixture`` comes out of ``flow``."""
        books = flow.ledger
        if mixture == books.leaving:
            return
        self.ledger.post(flow, self.now)
        for cell, _ in flow.gives:
            cell.inflows.pop(flow, None)
            self.dirty_cells[cell] = True
            for constraint in (cell.dry, cell.full):
                if constraint.active:
                    constraint.shares.pop(flow, None)
                    self.dirty_constraints[constraint] = None
        if not books.leaving:
            books.rhythms.clear()  # until now nothing came out: the rhythms knew the entrance only
        books.leaving = dict(mixture)
        out = self.mixture(mixture)
        books.mixtures = (books.mixtures[0] if books.entering else out, out)
        flow.gives = tuple((destinations[g], x * books.kept) for g, x in mixture.items() if g in destinations)
        for cell, weight in flow.gives:
            cell.inflows[flow] = weight
        if flow in self.purse_of:
            self.purse_of[flow].reprice(self)
        self._after_mixture(flow)

    def _after_mixture(self, flow: Flow) -> None:
        """Look at the stocks at both ends again; at the rate only where something holds it back, or may."""
        self.renewed[flow] = None
        held = flow.bound_by is not None
        for cell, _ in (*flow.draws, *flow.gives):
            self.dirty_cells[cell] = True
            for constraint in (cell.dry, cell.full):
                if constraint.active:
                    self.dirty_constraints[constraint] = None
                    held = True
        if held:
            self.dirty_flows[flow] = None

    def jump(self, cell: Cell, tonnes: float) -> None:
        """A stock changes at once (a train is unloaded)."""
        cell.advance(self.now)
        cell.log_days.append(self.now)
        cell.log_tonnes.append(cell.level)
        cell.level += tonnes
        cell.log_days.append(self.now)
        cell.log_tonnes.append(cell.level)
        self.touch_cell(cell)
        if cell.tank.storage == "blended":
            blends.renew(self, cell.tank)

    # ---- wake-ups ----------------------------------------------------------------------------------------------

    def on_cell(self, cell: Cell) -> None:
        """A stock met a level."""
        self.touch_cell(cell)
        if cell.at(self.now) <= cell.heel + STOCK_TOLERANCE_T:
            if cell.net < 0.0 and cell.tank.storage not in ("junction", "blended"):
                self.note("tank_at_heel", cell.tank.name, cell.grade)
        elif cell.full.tank is None and cell.at(self.now) >= cell.limit - STOCK_TOLERANCE_T:
            self.note("tank_full", cell.tank.name, cell.grade)
        for waiting in list(cell.watch_up):
            if isinstance(waiting, MixedLine):
                self.touch_line(waiting)
        if cell.watch_up or cell.tank.watch_down:
            self._serve_gate(cell.tank)
            self.call_rails()
        if cell.tank.storage == "blended":
            blends.renew(self, cell.tank)

    def on_tank(self, tank: Tank) -> None:
        """A tank as a whole met a level."""
        for cell in tank.cells:
            self.touch_cell(cell)
        if tank.full is not None and tank.total_at(self.now) >= tank.limit - STOCK_TOLERANCE_T:
            self.note("tank_full", tank.name)
        elif tank.dry is not None and tank.total_at(self.now) <= tank.heel + STOCK_TOLERANCE_T:
            self.note("tank_at_heel", tank.name)
        if tank.watch_down:
            self._serve_gate(tank)
            self.call_rails()
        if tank.storage == "blended":
            blends.renew(self, tank)

    def _serve_gate(self, tank: Tank) -> None:
        for index, rail in enumerate(self.rails):
            for lane in rail.lanes:
                if lane.tank is tank and lane.unloading:
                    rail.unload(self, lane)
                    self.called_rails[index] = None

    def touch_cell(self, cell: Cell) -> None:
        """Look at a stock in this instant's settling, though its flows are what they were."""
        self.dirty_cells.setdefault(cell, False)

    def touch_line(self, line: MixedLine) -> None:
        """Look at a line again in this instant's settling."""
        self.dirty_flows[line.flow] = None

    def call_rail(self, index: int) -> None:
        """Look at a railway's due trains at the end of this instant."""
        self.called_rails[index] = None

    def call_rails(self) -> None:
        """Look at every railway on which a train waits."""
        for index, rail in enumerate(self.rails):
            if rail.waiting_lanes:
                self.called_rails[index] = None

    def on_flow(self, flow: Flow) -> None:
        """A line reached a coordinate, or a train is loaded."""
        self.ledger.post(flow, self.now)
        line = self.line_of.get(flow)
        if isinstance(line, MixedLine):
            line.reached(self)
            self.renewed[flow] = None
            return
        rail, spot = self.spot_of[flow]
        if spot.train is not None:
            rail.loaded(self, spot)
        self.called_rails[self.rails.index(rail)] = None

    def on_rail_due(self, index: int) -> None:
        """A train falls due."""
        self.called_rails[index] = None

    def on_rail_move(self, index: int) -> None:
        """A train arrives, or wagons are back."""
        rail = self.rails[index]
        rail.move(self)
        if rail.short_of_wagons:
            self.called_rails[index] = None
        else:
            self.rail_move_timers[index].set(rail.next_move())

    def on_purse(self, purse: Purse) -> None:
        """A balance reached zero or an awaited sum."""
        purse.wake_balance = INFINITY
        self.dirty_purses[purse] = None
        self.call_rails()

    # ---- filled in by ``build`` --------------------------------------------------------------------------------

    blended: list[Tank]
    ways: dict[tuple[str, str], Route]
    conditions: dict[tuple[str, str], Condition]
    tank_of: dict[str, Tank]
    line_by_name: dict[str, Line]
    supply_by_name: dict[str, Supply]
    runs_by_name: dict[str, Runs]
    customers: dict[str, Customer]
    best_class: dict[str, int]
    delivering: dict[tuple[str, str], list[Flow]]
    rail_served: set[tuple[str, str]]
    grade_rank: dict[str, int]
    touched: dict[Flow, float]


def _by_index(flow: Flow) -> int:
    return flow.index
