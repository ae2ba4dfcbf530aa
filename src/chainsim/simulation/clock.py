"""Appointments on SimPy's clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import simpy
from simpy.events import Event

from chainsim.simulation.rates import INFINITY

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine


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


class Wake(Event):
    """A SimPy event at a day, for one timer."""

    def __init__(self, env: simpy.Environment, timer: Timer) -> None:
        self.env = env
        self.callbacks = [timer]
        self._value = timer.queued
        self._ok = True
        self._defused = False


def _nothing() -> None:
    """A stale wake-up that is the last of its instant: only the settling is left to do."""
