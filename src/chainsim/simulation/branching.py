"""What if, from a day on: one run that stops there, and any number of others that go on from it with an outage or another plan.

By causality a run with an outage from day s on is the undisturbed run until s, so that part is simulated once. A branch is, to
the byte of its stocks, flows and accounts, the run of the scenario that has the outage among its disruptions
(``with_outage``): the trunk keeps an appointment at s, where that run would have one. Only the causes of what happened
before s may be told differently, for a train that is loaded knows of the closed paths ahead of it.

Likewise with an order that takes effect on day s: plans are not known before. Its trunk has an order of that day without lines,
for then both cut the plan's stretches there.
"""

from __future__ import annotations

import heapq
from dataclasses import replace

from chainsim.model import Disruption, Scenario
from chainsim.records import RunLog, Trunk
from chainsim.simulation import build
from chainsim.simulation.accounts import Vector
from chainsim.simulation.agenda import calendar
from chainsim.simulation.engine import Engine
from chainsim.simulation.ledger import Ledger
from chainsim.simulation.outages import stretches
from chainsim.simulation.rail import Rail
from chainsim.simulation.rates import INFINITY, Cell, Constraint, Flow, Tank
from chainsim.simulation.run import cell_logs, collector_paused, flow_log, freeze, log_of, thaw


def grow(scenario: Scenario, day: float) -> Trunk:
    """Simulate ``scenario`` up to ``day``, which lies from its as-of date to before its end. Raises ``FlowCycleError``."""
    assert scenario.as_of_day <= day < scenario.end_day, day
    with collector_paused():
        engine = Engine(scenario)
        engine.keep_appointment(day)
        if day > scenario.as_of_day:
            engine.start()
            engine.run(day)
        return Trunk(scenario, day, freeze(engine))


def with_outage(scenario: Scenario, outage: Disruption) -> Scenario:
    """The scenario that has ``outage`` among its disruptions."""
    return replace(scenario, disruptions=(*scenario.disruptions, outage))


class Branch:
    """One run that goes on from a trunk, with an outage more or as it is; it can be looked at on its way.

    Looking changes nothing but the numbers of the mixtures it is the first to name.
    """

    def __init__(
        self, trunk: Trunk, outage: Disruption | None = None, *, ordered: Scenario | None = None, causes: bool = True
    ) -> None:
        """``ordered`` is the trunk's scenario but for the lines of an order that takes effect on its day.

        Without ``causes`` nobody asks why tonnes are short, which is half of a run with long shortages. Stocks and accounts
        are the same but for kilograms (asking cuts intervals, and a blend renews itself at a threshold); the causes mean nothing.
        """
        self.scenario = trunk.scenario
        with collector_paused():
            self._engine = engine = thaw(trunk.state)
            if not causes:
                engine.ledger = _Tally.of(engine.ledger)
            if outage is not None:
                assert outage.start >= trunk.day, "an outage that began before the trunk's end was not in it"
                self.scenario = with_outage(trunk.scenario, outage)
                _disturb(engine, self.scenario, outage.asset)
            if ordered is not None:
                assert trunk.day > ordered.as_of_day, "what is in force from the beginning is no change"
                self.scenario = ordered
                _reorder(engine, ordered)
            if engine.event_count == 0:
                engine.start()

    @property
    def day(self) -> float:
        """How far it has come."""
        return self._engine.now

    def run(self, until: float) -> None:
        """Go on to ``until``; what happens at that very instant is in. Raises ``FlowCycleError``."""
        engine = self._engine
        with collector_paused():
            engine.run(min(until + _AT_THAT_INSTANT_DAYS, engine.end_day))

    @property
    def ended(self) -> bool:
        """Whether it has come to the end of the horizon."""
        return self._engine.now >= self._engine.end_day

    def so_far(self) -> RunLog:
        """Stocks, supplies and runs until now, and the accounts of the months that are closed; the rest is left empty."""
        engine = self._engine
        flows = [*(supply.flow for supply in engine.supplies), *(flow for runs in engine.runs for flow in runs.flows)]
        return RunLog(
            begin_day=engine.begin_day,
            end_day=engine.now,
            cells=cell_logs(engine),
            flows=tuple(flow_log(engine, flow) for flow in flows),
            mixtures=tuple(engine.mixtures),
            accounts=tuple(engine.account_records),
            lines=(),
            batches=(),
            trains=(),
            cash=(),
            events=(),
            balance=(),
            event_count=engine.event_count,
        )

    def finish(self) -> RunLog:
        """Run to the end of the horizon and freeze it; the branch is of no use afterwards."""
        with collector_paused():
            self._engine.run(self._engine.end_day)
            return log_of(self._engine)


_AT_THAT_INSTANT_DAYS = 1e-9
"""SimPy stops before what happens at the instant it is to stop at; a tenth of a millisecond later all of it is done."""


class _Tally(Ledger):
    """A ledger that counts what moved and what was delivered, and asks nobody why."""

    __slots__ = ()

    @classmethod
    def of(cls, ledger: Ledger) -> _Tally:
        """One that knows the same flows."""
        out = cls()
        out.feeders, out.takers, out.lanes = ledger.feeders, ledger.takers, ledger.lanes
        return out

    def post(self, flow: Flow, day: float) -> None:
        """Bring ``flow``'s tonnes up to ``day``."""
        books = flow.ledger
        days = day - books.since
        if days <= 0.0:
            return
        books.since = day
        books.moved += flow.rate * days
        for grade, share in books.leaving.items():
            books.left[grade] = books.left.get(grade, 0.0) + share * flow.rate * days
        if books.accounts:
            self._count(flow, books, days)

    def refresh(self, changed: list[Flow], held: list[Flow], day: float) -> None:
        """Nothing to find."""

    def why_empty(self, constraint: Constraint, day: float) -> Vector:
        """Not asked."""
        return ()

    def why_full(self, constraint: Constraint, day: float) -> Vector:
        """Not asked."""
        return ()

    def why_short_of_stock(self, cell: Cell, rate: float, day: float) -> Vector:
        """Not asked."""
        return ()

    def why_room_is_lacking(self, tank: Tank, short: float, day: float) -> Vector:
        """Not asked."""
        return ()


def _disturb(engine: Engine, scenario: Scenario, asset: str) -> None:
    """From now on ``asset`` is in the condition that ``scenario`` gives it; what was till now is the same in both."""
    now = engine.now
    engine.scenario = scenario
    condition = engine.conditions.get((asset, ""))
    if condition is None:  # a route over which nothing is planned
        return
    condition.take_over(stretches(scenario).get((asset, ""), ()), now)
    engine.renew_calendar(calendar(engine))
    for index, rail in enumerate(engine.rails):
        if condition in (rail.whole, rail.paths):
            _take_back_paths(rail, now)
            rail.assign_paths(engine)
            engine.rail_move_timers[index].set(rail.next_move())


def _reorder(engine: Engine, scenario: Scenario) -> None:
    """From now on the plan is that of ``scenario``; till now it was the same in both."""
    known = engine.timetable.stretches
    engine.scenario = scenario
    engine.timetable = build.plan_timetable(engine)
    past = sum(stretch.start_day < engine.now for stretch in engine.timetable.stretches)
    assert past == sum(stretch.start_day < engine.now for stretch in known), "the plan differs before the order"
    assert not any(key not in engine.accounts for stretch in engine.timetable.stretches for key in stretch.due), (
        "a new plan line"
    )
    engine.renew_calendar(calendar(engine))


def _take_back_paths(rail: Rail, now: float) -> None:
    """Trains that wait for a path they were given wait for the first that is open now."""
    waiting = sorted((t.departure or INFINITY, t.number, t) for _, _, t in rail.moving if (t.departure or 0.0) >= now)
    for _, _, train in reversed(waiting):
        train.departure = train.arrival = train.back = None
        rail.waiting_path.appendleft(train)
    rail.moving = [entry for entry in rail.moving if entry[2].departure is not None]
    heapq.heapify(rail.moving)
    gone = [t.departure for t in rail.trains if t.departure is not None]
    rail.last_slot = max(gone, default=-INFINITY)
