"""Blended tanks: what leaves one has the composition of what is in it.

Mixing would make compositions exponential in time. Here an outflow keeps the composition it had when last renewed, so that stocks
stay linear and every grade is conserved exactly; it is renewed at every midnight, when a train is unloaded, and when it is off by
``DRIFT``, but never more often than the mixing time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainsim.simulation.rates import INFINITY, STOCK_TOLERANCE_T, Tank

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine

DRIFT = 0.01
"""A fraction of an outgoing composition may be off by this much."""
MIXING_DAYS = 1.0 / 1440
"""Tanks are mixed within a minute."""


def composition(tank: Tank, day: float) -> dict[str, float]:
    """The fractions of the grades in a blended tank now, with what flows in within the mixing time.

    The latter makes a (nearly) empty tank pass its inflow through; in a filled one it is nothing. In a tank that will be empty
    sooner than mixed, that span counts instead: then all grades run out together.
    """
    levels, coming, leaving = {}, {}, 0.0
    for cell in tank.cells:
        level = cell.at(day)
        levels[cell.grade] = level if level > STOCK_TOLERANCE_T else 0.0
        coming[cell.grade] = sum(w * f.rate for f, w in cell.inflows.items())
        leaving += sum(w * f.rate for f, w in cell.outflows.items())
    span, draining = MIXING_DAYS, leaving - sum(coming.values())
    if draining > 0.0:
        span = min(span, sum(levels.values()) / draining)
    amounts = {g: t + coming[g] * span for g, t in levels.items()}
    total = sum(amounts.values())
    if total <= 0.0:
        amounts, total = coming, sum(coming.values())
    if total <= 0.0:
        return {c.grade: 1.0 / len(tank.cells) for c in tank.cells}
    return {g: t / total for g, t in amounts.items() if t > 0.0}


def is_off(engine: Engine, tank: Tank) -> bool:
    """Whether what leaves a blended tank differs from its content by more than the tolerance."""
    now = composition(tank, engine.now)
    for flow in engine.ledger.takers.get(tank, ()):
        held = flow.ledger.entering
        if flow.rate > 0.0 and any(abs(now.get(g, 0.0) - held.get(g, 0.0)) > DRIFT for g in {**now, **held}):
            return True
        if any(c.net < 0.0 and c.at(engine.now) <= STOCK_TOLERANCE_T for c in tank.cells):
            return held != now
    return False


def renew(engine: Engine, tank: Tank) -> None:
    """Give everything that leaves a blended tank its present composition."""
    for flow in engine.ledger.takers.get(tank, ()):
        if flow in engine.line_of:
            engine.line_of[flow].remix(engine)
        elif flow.kind == "runs":
            origins = {c.grade: c for c in tank.cells}
            mixture = composition(tank, engine.now)
            books = flow.ledger
            if mixture != books.entering:
                engine.set_entrance(flow, mixture, origins)


def drift_day(tank: Tank, day: float, level: float, net: float) -> float:
    """When the composition of a blended tank will be ``DRIFT`` off what its outflows carry."""
    held = composition(tank, day)
    soonest = INFINITY
    for cell in tank.cells:
        for sign in (1.0, -1.0):
            target = held.get(cell.grade, 0.0) + sign * DRIFT
            slope = cell.net - target * net
            gap = target * level - cell.at(day)
            if slope * gap > 0.0:
                soonest = min(soonest, day + max(gap / slope, MIXING_DAYS))
    return soonest
