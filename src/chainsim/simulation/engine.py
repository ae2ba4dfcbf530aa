"""The run: SimPy's clock, the calendar of known changes, and the settling of rates after every event.

Between events all rates are constant, so stocks, line fronts, loads and balances move linearly and the next thing to happen is
computed, never searched for by steps. An instant goes: everything that happens now marks what it touched; then the rates around
it are solved, what changed is logged and posted, and the touched parts schedule their next event. Wake-ups that became
pointless are left in the clock's queue and ignored when they come (their day is no longer the timer's).

The same scenario gives the same bytes: ties are broken by order of declaration; nothing reads a clock or a hash order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import simpy
from simpy.events import NORMAL, Event

from chainsim.model import Customer, Scenario
from chainsim.records import EventRecord
from chainsim.simulation import build
from chainsim.simulation.cash import CENT, Purse
from chainsim.simulation.ledger import Account, FlowBooks, Ledger
from chainsim.simulation.lines import Line, MixedLine, ParallelLine
from chainsim.simulation.outages import Condition
from chainsim.simulation.rail import Rail, Spot
from chainsim.simulation.rates import (
    INFINITY,
    RATE_TOLERANCE_T_PER_DAY,
    STOCK_TOLERANCE_T,
    Cell,
    Constraint,
    Flow,
    RateSolver,
    Tank,
)
from chainsim.simulation.routing import Route
from chainsim.simulation.timetable import Stretch

_DRIFT = 0.01
"""A blended tank's outgoing composition is renewed when it is off by this much (and at every midnight)."""
_MIXING_DAYS = 1.0 / 1440
"""Blended tanks are mixed within a minute: nothing about a blend is renewed more often."""
_MOST_EVENTS_AT_ONE_INSTANT = 10_000


class Timer:
    """One owner's next appointment.

    An appointment that moves to later leaves the clock's event where it is (``queued``): when that comes too early, it is
    put off to ``due`` then. Stocks that oscillate thus cost few events.
    """

    __slots__ = ("due", "engine", "handler", "queued", "sequence")

    def __init__(self, engine: Engine, handler: Callable[[], None]) -> None:
        self.engine = engine
        self.handler = handler
        self.sequence = 0
        self.due = INFINITY
        self.queued = INFINITY

    def set(self, day: float) -> None:
        """Make the appointment for ``day`` (``inf``: none)."""
        if day == self.due:
            return
        engine = self.engine
        if day < engine.now:
            day = engine.now
        self.due = day
        if day < self.queued and day < engine.end_day:
            self.queued = day
            engine.schedule(self)

    def __call__(self, event: Event) -> None:
        """SimPy's callback."""
        day = event._value
        engine = self.engine
        if day == self.queued:
            self.queued = INFINITY
            if day == self.due:
                self.due = INFINITY
                engine.at(day, self.handler)
                return
            if self.due < engine.end_day:
                self.queued = self.due
                engine.schedule(self)
        if engine.unsettled:
            engine.at(engine.now, _nothing)


class _Wake(Event):
    """A SimPy event at a day, for one timer."""

    def __init__(self, env: simpy.Environment, timer: Timer) -> None:
        self.env = env
        self.callbacks = [timer]
        self._value = timer.queued
        self._ok = True
        self._defused = False


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
        self.supplies: list[build.Supply] = []
        self.runs: list[build.Runs] = []
        self.accounts: dict[tuple[str, str], Account] = {}
        self.purses: dict[str, Purse] = {}
        self.purse_of: dict[Flow, Purse] = {}
        self.prices: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {}
        self.dirty_flows: dict[Flow, None] = {}
        self.dirty_constraints: dict[Constraint, None] = {}
        self.dirty_cells: dict[Cell, None] = {}
        self.dirty_purses: dict[Purse, None] = {}
        self._renamed: dict[Flow, None] = {}
        self._to_tell: dict[Flow, None] = {}
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
        self.account_records: list[build.ClosedAccount] = []
        self.starved_runs: set[Flow] = set()
        self.curtailed: set[Flow] = set()
        self.event_count = 0
        self._same_instant = 0
        self.unsettled = False
        self._rails_called: dict[int, None] = {}
        self._timers: list[Timer] = []
        self._sequence = 0
        build.build(self)
        self.timetable = build.plan_timetable(self)
        self.stretch: Stretch = self.timetable.stretches[0]
        self._stretch_index = -1
        self.month_end = self.timetable.months[self.stretch.month][1]
        self._calendar = build.calendar(self)
        self._calendar_next = 0
        self._calendar_timer = self.timer(self._on_calendar)

    def __getstate__(self) -> dict[str, object]:
        """Everything but SimPy's clock, which is made anew from the timers' appointments."""
        state = dict(self.__dict__)
        state["env"] = self.env.now
        return state

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        now = state["env"]
        assert isinstance(now, float | int)
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
        env.schedule(_Wake(env, timer), NORMAL, max(0.0, timer.queued - env.now))

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
            self.settle()

    def start(self) -> None:
        """Begin: the first stretch, the first outages, the first rates."""
        self._on_calendar()
        self.settle()

    def run(self, until: float) -> None:
        """Let the clock run to ``until``."""
        if until > self.env.now:
            self.env.run(until=until)
        self.now = max(self.now, until)

    # ---- calendar ----------------------------------------------------------------------------------------------

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
            assert isinstance(line, ParallelLine | MixedLine)
            line.begin_stretch(self)
        for runs in self.runs:
            runs.begin_stretch(self)
        for index, rail in enumerate(self.rails):
            rail.begin_stretch(self)
            self._rails_called[index] = None

    def midnight(self) -> None:
        """Daily nominations: whoever fell behind asks for more; blends are renewed; trains that waited try again.

        A flow that shares its bottleneck with nobody would gain nothing by asking for more; it asks when it is released.
        """
        for flow in sorted(self.behind, key=_by_index):
            reason = flow.bound_by
            if reason is not None and len(reason.shares) == 1:
                self.silent[flow] = None
            else:
                line = self.line_of[flow]
                assert isinstance(line, ParallelLine | MixedLine)
                line.request(self)
        for tank in self.blended:
            self.renew_blend(tank)
        self.call_rails()

    def close_month(self, month: int) -> None:
        """Close every account of the month that just ended."""
        self.post_all_accounts()
        self.account_records.extend(build.close(self, month))

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
        self.events.append(
            EventRecord(day=self.now, kind=kind, asset=asset, grade=grade, detail=detail, value=value)
        )

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
        key = tuple((g, x) for g, x in sorted(fractions.items(), key=lambda item: self.grade_rank[item[0]]) if x > 0.0)
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
        books.total = sum(nominal.values())
        self._renamed[flow] = None

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
            self.dirty_cells[cell] = None
            for constraint in (cell.dry, cell.full):
                if constraint is not None and constraint.active:
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
            self.dirty_cells[cell] = None
            for constraint in (cell.dry, cell.full):
                if constraint is not None and constraint.active:
                    constraint.shares.pop(flow, None)
                    self.dirty_constraints[constraint] = None
        books.leaving = dict(mixture)
        out = self.mixture(mixture)
        books.mixtures = (books.mixtures[0] if books.entering else out, out)
        flow.gives = tuple((destinations[g], x * books.kept) for g, x in mixture.items() if g in destinations)
        for cell, weight in flow.gives:
            cell.inflows[flow] = weight
        self._after_mixture(flow)

    def _after_mixture(self, flow: Flow) -> None:
        self._renamed[flow] = None
        self.dirty_flows[flow] = None
        for cell, _ in (*flow.draws, *flow.gives):
            self.dirty_cells[cell] = None
            for constraint in (cell.dry, cell.full):
                if constraint is not None and constraint.active:
                    self.dirty_constraints[constraint] = None

    def jump(self, cell: Cell, tonnes: float) -> None:
        """A stock changes at once (a train is unloaded)."""
        cell.advance(self.now)
        cell.log_days.append(self.now)
        cell.log_tonnes.append(cell.level)
        cell.level += tonnes
        cell.log_days.append(self.now)
        cell.log_tonnes.append(cell.level)
        self.dirty_cells[cell] = None
        if cell.tank.storage == "blended":
            self.renew_blend(cell.tank)

    def composition(self, tank: Tank) -> dict[str, float]:
        """The fractions of the grades in a blended tank now, with what flows in within the mixing time.

        The latter makes a (nearly) empty tank pass its inflow through; in a filled one it is nothing.
        """
        day = self.now
        amounts = {}
        for cell in tank.cells:
            coming = sum(w * f.rate for f, w in cell.inflows.items())
            amounts[cell.grade] = max(0.0, cell.at(day)) + coming * _MIXING_DAYS
        total = sum(amounts.values())
        if total <= 0.0:
            return {c.grade: 1.0 / len(tank.cells) for c in tank.cells}
        return {g: t / total for g, t in amounts.items() if t > 0.0}

    def _blend_is_off(self, tank: Tank) -> bool:
        """Whether what leaves a blended tank differs from its content by more than the tolerance."""
        now = self.composition(tank)
        for flow in self.ledger.takers.get(tank, ()):
            held = flow.ledger.entering
            if flow.rate > 0.0 and any(abs(now.get(g, 0.0) - held.get(g, 0.0)) > _DRIFT for g in {**now, **held}):
                return True
            if any(c.net < 0.0 and c.at(self.now) <= STOCK_TOLERANCE_T for c in tank.cells):
                return held != now
        return False

    def renew_blend(self, tank: Tank) -> None:
        """Give everything that leaves a blended tank its present composition."""
        for flow in self.ledger.takers.get(tank, ()):
            line = self.line_of.get(flow)
            if isinstance(line, MixedLine):
                line.remix(self)
            elif flow.kind == "runs":
                origins = {c.grade: c for c in tank.cells}
                mixture = self.composition(tank)
                books = flow.ledger
                if mixture != books.entering:
                    self.set_entrance(flow, mixture, origins)

    # ---- settling ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Solve the rates around everything that was touched, until nothing more happens at this instant."""
        self.event_count += 1
        for _ in range(_MOST_EVENTS_AT_ONE_INSTANT):
            self._dispatch_rails()
            self._activate()
            if not (self.dirty_flows or self.dirty_constraints):
                if not self.dirty_cells and not self.dirty_purses and not self._renamed:
                    break
            self._rates()
            if not self._follow_up():
                break
        else:
            raise AssertionError(f"the rates on day {self.now} do not settle")
        self._tell()

    def _dispatch_rails(self) -> None:
        """Let the called railways start what trains they can."""
        while self._rails_called:
            index = next(iter(sorted(self._rails_called)))
            del self._rails_called[index]
            rail = self.rails[index]
            rail.dispatch(self)
            self.rail_due_timers[index].set(rail.next_due(self.now))
            self.rail_move_timers[index].set(rail.next_move())

    def _activate(self) -> None:
        """Make the constraints of touched stocks and purses active where they are at their limits, inactive elsewhere."""
        day = self.now
        tanks: dict[Tank, None] = {}
        for cell in self.dirty_cells:
            tanks[cell.tank] = None
            if cell.dry is not None and cell.tank.storage != "blended":
                self._toggle(cell.dry, cell.at(day) <= cell.heel + STOCK_TOLERANCE_T)
            if cell.full is not None and cell.full.owner is cell:
                self._toggle(cell.full, cell.at(day) >= cell.limit - STOCK_TOLERANCE_T)
        for tank in tanks:
            if tank.dry is not None:
                self._toggle(tank.dry, tank.total_at(day) <= tank.heel + STOCK_TOLERANCE_T)
            if tank.full is not None:
                self._toggle(tank.full, tank.total_at(day) >= tank.limit - STOCK_TOLERANCE_T)
        for purse in self.dirty_purses:
            if purse.limit.members:
                was = purse.limit.active
                self._toggle(purse.limit, purse.at(day) <= CENT)
                if purse.limit.active and not was:
                    self.note("cash_exhausted", purse.customer.name)

    def _toggle(self, constraint: Constraint, active: bool) -> None:
        if constraint.active != active:
            constraint.active = active
            if active or constraint.shares:
                self.dirty_constraints[constraint] = None

    def _rates(self) -> None:
        """Solve, then post and log what changed, and move on the stocks it touches."""
        day = self.now
        touched: dict[Flow, float] = {}
        if self.dirty_flows or self.dirty_constraints:
            touched = self.solver.solve(self.dirty_flows, self.dirty_constraints, day)
            self.dirty_flows.clear()
            self.dirty_constraints.clear()
        cells = self.dirty_cells
        changed: list[Flow] = []
        held: list[Flow] = []
        moved = [(flow, before, flow.rate) for flow, before in touched.items() if flow.rate != before]
        for flow, before, _ in moved:  # all at their old rates first: posting one may post its neighbours
            flow.rate = before
        for flow, _, _ in moved:
            self.ledger.post(flow, day)
        for flow, _, after in moved:
            flow.rate = after
            for cell, _ in flow.draws:
                cells[cell] = None
            for cell, _ in flow.gives:
                cells[cell] = None
        for flow, before in touched.items():
            if flow.rate != before or flow in self._renamed:
                changed.append(flow)
            elif flow.ledger.total > flow.rate or flow.bound_by is not None or flow.ledger.vector:
                held.append(flow)
            self._log(flow)
        for flow in self._renamed:
            if flow not in touched:
                changed.append(flow)
                self._log(flow)
        self._renamed.clear()
        for cell in cells:
            self._renew_net(cell)
        if changed or held:
            self.ledger.refresh(changed, held, day)
        for flow in changed:
            self._watch_flow(flow)
        for flow in held:
            self._watch_flow(flow)
        if self.purse_of:
            for flow in touched:
                if flow in self.purse_of:
                    self.dirty_purses[self.purse_of[flow]] = None
        for purse in self.dirty_purses:
            purse.settle(self)
        self.touched = touched

    def _renew_net(self, cell: Cell) -> None:
        net = 0.0
        for flow, weight in cell.inflows.items():
            net += weight * flow.rate
        for flow, weight in cell.outflows.items():
            net -= weight * flow.rate
        if -RATE_TOLERANCE_T_PER_DAY < net < RATE_TOLERANCE_T_PER_DAY:
            net = 0.0
        if net != cell.net:
            cell.advance(self.now)
            cell.log_days.append(self.now)
            cell.log_tonnes.append(cell.level)
            cell.net = net

    def _log(self, flow: Flow) -> None:
        """Append to the flow's log where anything it shows has changed."""
        log, books = self.flow_logs[flow], flow.ledger
        entry = (self.now, flow.rate, flow.request, books.total, *books.mixtures)
        if not log:
            log.append(entry)
        elif log[-1][0] == entry[0]:
            log[-1] = entry
        elif log[-1][1:] != entry[1:]:
            log.append(entry)

    def _watch_flow(self, flow: Flow) -> None:
        """Remember who fell behind, who is curtailed, whose runs are cut, whose line is slow; set the flow's timer."""
        books = flow.ledger
        kind = flow.kind
        if kind == "line":
            line = self.line_of[flow]
            short = flow.rate < flow.nomination * (1 - 1e-12)
            if line.spec.dispatch == "plan":
                if short:
                    self.behind[flow] = None
                elif flow.rate >= books.total:
                    self.behind.pop(flow, None)
            if isinstance(line, MixedLine):
                self._set_line_timer(line)
            self._to_tell[flow] = None
        elif kind in ("supply", "runs"):
            self._to_tell[flow] = None
        elif kind == "loading":
            rail, spot = self.spot_of[flow]
            if spot.train is None or flow.rate <= 0.0:
                self.flow_timers[flow].set(INFINITY)
            else:
                left = spot.train.tonnes - (self.moved(flow) - spot.loaded_base)
                self.flow_timers[flow].set(self.now + max(0.0, left) / flow.rate)

    def _tell(self) -> None:
        """Note what this instant changed for good: lines, curtailment, runs."""
        for flow in self._to_tell:
            if flow.kind == "line":
                self._note_line(self.line_of[flow])
            elif flow.kind == "supply":
                self._note_change(flow, self.curtailed, "curtailed", "curtailment_ended")
            else:
                self._note_change(flow, self.starved_runs, "run_cut", "runs_restored")
        self._to_tell.clear()

    def _note_change(self, flow: Flow, members: set[Flow], began: str, ended: str) -> None:
        short = flow.rate < flow.request * (1 - 1e-9) - RATE_TOLERANCE_T_PER_DAY
        grade = flow.draws[0][0].grade if flow.draws else flow.gives[0][0].grade if flow.gives else ""
        if short and flow not in members:
            members.add(flow)
            self.note(began, flow.name, grade, value=flow.request - flow.rate)
        elif not short and flow in members:
            members.discard(flow)
            self.note(ended, flow.name, grade)

    def _note_line(self, line: Line) -> None:
        rate = sum(f.rate for f in line.flows)
        minimum = line.spec.minimum_t_per_day
        stopped = rate <= RATE_TOLERANCE_T_PER_DAY and line.spec.line_fill_t > 0.0
        if stopped != line.stopped:
            line.stopped = stopped
            self.note("line_stopped" if stopped else "line_restarted", line.spec.name)
        if minimum > 0.0:
            below = rate < minimum * (1 - 1e-9)
            if below != line.below_minimum:
                line.below_minimum = below
                kind = "line_below_minimum" if below else "line_minimum_restored"
                self.note(kind, line.spec.name, value=rate)

    def _set_line_timer(self, line: MixedLine) -> None:
        flow = line.flow
        moved = self.moved(flow)
        if flow.rate <= 0.0:
            self.flow_timers[flow].set(INFINITY)
        else:
            left = line.next_coordinate() - moved
            self.flow_timers[flow].set(self.now + max(0.0, left) / flow.rate)

    def _follow_up(self) -> bool:
        """Schedule what the touched stocks and purses do next; whether more must be solved at this very instant."""
        again = False
        if self.silent:
            again = self._let_speak()
        cells = list(self.dirty_cells)
        self.dirty_cells.clear()
        tanks: dict[Tank, None] = {}
        for cell in cells:
            tanks[cell.tank] = None
            self._leave_limits(cell)
            day = self._cell_day(cell) if cell.net != 0.0 else INFINITY
            if day != cell.timer.due:
                cell.timer.set(day)
        for tank in tanks:
            if tank.storage == "blended" and self._blend_is_off(tank):
                self.renew_blend(tank)
                again = True
            day = self._tank_day(tank)
            if day != tank.timer.due:
                tank.timer.set(day)
        purses = list(self.dirty_purses)
        self.dirty_purses.clear()
        for purse in purses:
            self.purse_timers[purse].set(purse.next_day(self.now))
        for flow in self.touched:
            if flow.bound_by is not None and flow.bound_by.kind == "dry" and flow.kind == "line":
                line = self.line_of[flow]
                if isinstance(line, MixedLine) and line.starved(self):
                    self.ledger.post(flow, self.now)
                    line.interrupt(self)
                    again = True
        return again or bool(self.dirty_flows or self.dirty_constraints or self._rails_called)

    def _let_speak(self) -> bool:
        """Let flows nominate that were released, or have to share from now on."""
        spoke = False
        for flow in self.touched:
            if flow in self.silent and (flow.bound_by is None or len(flow.bound_by.shares) != 1):
                del self.silent[flow]
                line = self.line_of[flow]
                assert isinstance(line, ParallelLine | MixedLine)
                line.request(self)
                spoke = True
        return spoke

    def _leave_limits(self, cell: Cell) -> None:
        """A stock that rises from its heel, or sinks from its limit, is not held there any more."""
        tank = cell.tank
        if tank.storage == "junction" or cell.net == 0.0:
            return
        if cell.net > 0.0:
            dry = cell.dry
            if dry is not None and dry.active and (dry.owner is cell or tank.net > RATE_TOLERANCE_T_PER_DAY):
                self._toggle(dry, active=False)
        else:
            full = cell.full
            if full is not None and full.active and (full.owner is cell or tank.net < -RATE_TOLERANCE_T_PER_DAY):
                self._toggle(full, active=False)

    def _cell_day(self, cell: Cell) -> float:
        """When this stock next meets its heel, its own limit, or a level someone waits for."""
        day, net = self.now, cell.net
        level = cell.at(day)
        soonest = INFINITY
        if net < 0.0:
            if cell.tank.storage != "blended":
                if not (cell.dry is not None and cell.dry.active):
                    soonest = day + max(0.0, level - cell.heel) / -net
            elif level > 0.0:
                soonest = day + level / -net
        elif net > 0.0:
            if cell.full is not None and cell.full.owner is cell and not cell.full.active:
                soonest = day + max(0.0, cell.limit - level) / net
            for wanted in cell.watch_up.values():
                if level < wanted - STOCK_TOLERANCE_T:
                    soonest = min(soonest, day + (wanted - level) / net)
        if net < 0.0 and cell.tank.watch_down and cell.full is not None and cell.full.owner is cell:
            for wanted in cell.tank.watch_down.values():
                if level > wanted + STOCK_TOLERANCE_T:
                    soonest = min(soonest, day + (level - wanted) / -net)
        return soonest

    def _tank_day(self, tank: Tank) -> float:
        """When this tank as a whole is next full or (blended) at its heel, has room for a train, or has drifted."""
        if tank.full is None and tank.dry is None:
            return INFINITY
        day, net = self.now, 0.0
        for cell in tank.cells:
            net += cell.net
        soonest = INFINITY
        if -RATE_TOLERANCE_T_PER_DAY <= net <= RATE_TOLERANCE_T_PER_DAY and tank.storage != "blended":
            return INFINITY
        level = tank.total_at(day)
        if net > RATE_TOLERANCE_T_PER_DAY and tank.full is not None and not tank.full.active:
            soonest = day + max(0.0, tank.limit - level) / net
        elif net < -RATE_TOLERANCE_T_PER_DAY:
            if tank.dry is not None and not tank.dry.active:
                soonest = day + max(0.0, level - tank.heel) / -net
            for wanted in tank.watch_down.values():
                if level > wanted + STOCK_TOLERANCE_T:
                    soonest = min(soonest, day + (level - wanted) / -net)
        if tank.storage == "blended" and level > STOCK_TOLERANCE_T:
            soonest = min(soonest, self._drift_day(tank, level, net))
        return soonest

    def _drift_day(self, tank: Tank, level: float, net: float) -> float:
        """When the composition of a blended tank will be ``_DRIFT`` off what its outflows carry."""
        held = self.composition(tank)
        soonest = INFINITY
        for cell in tank.cells:
            for sign in (1.0, -1.0):
                target = held.get(cell.grade, 0.0) + sign * _DRIFT
                slope = cell.net - target * net
                gap = target * level - cell.at(self.now)
                if slope * gap > 0.0:
                    soonest = min(soonest, self.now + max(gap / slope, _MIXING_DAYS))
        return soonest

    # ---- wake-ups ----------------------------------------------------------------------------------------------

    def on_cell(self, cell: Cell) -> None:
        """A stock met a level."""
        self.dirty_cells[cell] = None
        if cell.at(self.now) <= cell.heel + STOCK_TOLERANCE_T:
            if cell.net < 0.0 and cell.tank.storage not in ("junction", "blended"):
                self.note("tank_at_heel", cell.tank.name, cell.grade)
        elif cell.full is not None and cell.full.owner is cell and cell.at(self.now) >= cell.limit - STOCK_TOLERANCE_T:
            self.note("tank_full", cell.tank.name, cell.grade)
        for waiting in list(cell.watch_up):
            if isinstance(waiting, MixedLine):
                self.touch_line(waiting)
        if cell.watch_up or cell.tank.watch_down:
            self._serve_gate(cell.tank)
            self.call_rails()
        if cell.tank.storage == "blended":
            self.renew_blend(cell.tank)

    def on_tank(self, tank: Tank) -> None:
        """A tank as a whole met a level."""
        for cell in tank.cells:
            self.dirty_cells[cell] = None
        if tank.full is not None and tank.total_at(self.now) >= tank.limit - STOCK_TOLERANCE_T:
            self.note("tank_full", tank.name)
        elif tank.dry is not None and tank.total_at(self.now) <= tank.heel + STOCK_TOLERANCE_T:
            self.note("tank_at_heel", tank.name)
        if tank.watch_down:
            self._serve_gate(tank)
            self.call_rails()
        if tank.storage == "blended":
            self.renew_blend(tank)

    def _serve_gate(self, tank: Tank) -> None:
        for index, rail in enumerate(self.rails):
            for lane in rail.lanes:
                if lane.tank is tank and lane.unloading:
                    rail.unload(self, lane)
                    self._rails_called[index] = None

    def touch_line(self, line: MixedLine) -> None:
        """Look at a line again in this instant's settling."""
        self.dirty_flows[line.flow] = None

    def call_rail(self, index: int) -> None:
        """Look at a railway's due trains at the end of this instant."""
        self._rails_called[index] = None

    def call_rails(self) -> None:
        """Look at every railway on which a train waits."""
        for index, rail in enumerate(self.rails):
            if any(lane.waiting for lane in rail.lanes):
                self._rails_called[index] = None

    def on_flow(self, flow: Flow) -> None:
        """A line reached a coordinate, or a train is loaded."""
        self.ledger.post(flow, self.now)
        line = self.line_of.get(flow)
        if isinstance(line, MixedLine):
            line.reached(self)
            self._renamed[flow] = None
            return
        rail, spot = self.spot_of[flow]
        if spot.train is not None:
            rail.loaded(self, spot)
        self._rails_called[self.rails.index(rail)] = None

    def on_rail_due(self, index: int) -> None:
        """A train falls due."""
        self._rails_called[index] = None

    def on_rail_move(self, index: int) -> None:
        """A train arrives, or wagons are back."""
        rail = self.rails[index]
        rail.move(self)
        if rail.short_of_wagons:
            self._rails_called[index] = None
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
    supply_by_name: dict[str, build.Supply]
    runs_by_name: dict[str, build.Runs]
    customers: dict[str, Customer]
    best_class: dict[str, int]
    delivering: dict[tuple[str, str], list[Flow]]
    rail_served: set[tuple[str, str]]
    grade_rank: dict[str, int]
    touched: dict[Flow, float]


def _nothing() -> None:
    """A stale wake-up that is the last of its instant: only the settling is left to do."""


def _by_index(flow: Flow) -> int:
    return flow.index


