"""Sharing a scarcity: by priority class, then pro rata on nominations, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainsim.simulation.rates import Cell, Flow

ROUNDING = 1e-13
"""Relative differences below this are rounding."""


def waterfill(members: Iterable[tuple[Flow, float, float]], room: float) -> tuple[dict[Flow, float], bool]:
    """Share ``room`` among (flow, weight, bound) by priority class, then pro rata on nominations.

    Returns the shares of the members that the constraint may hold back (members of classes served in full are absent),
    and whether anything is held back at all. Shares times weights sum to ``room`` exactly when something is.
    """
    classes: dict[int, list[tuple[Flow, float, float]]] = {}
    for member in members:
        classes.setdefault(member[0].priority, []).append(member)
    shares: dict[Flow, float] = {}
    left = room
    for priority in sorted(classes):
        group = classes[priority]
        if left <= 0.0:
            for flow, _, _ in group:
                shares[flow] = 0.0
            continue
        asked = 0.0
        for _, weight, bound in group:
            asked += weight * bound
        if asked <= left * (1 + ROUNDING):
            left -= asked
            continue
        level = _level(group, left)
        for flow, _, _ in group:
            shares[flow] = level * flow.nomination
        left = 0.0
    return shares, bool(shares)


def _level(group: list[tuple[Flow, float, float]], room: float) -> float:
    """λ with Σ weight · min(bound, λ · nomination) = room; the caller has made sure that the bounds exceed the room."""
    left, open_weight = room, 0.0
    for flow, weight, _ in group:
        open_weight += weight * flow.nomination
    todo = group
    while open_weight > 0.0:
        level = left / open_weight
        held = [m for m in todo if m[2] > level * m[0].nomination]
        if len(held) == len(todo):
            return level
        for flow, weight, bound in todo:
            if bound <= level * flow.nomination:
                left -= weight * bound
                open_weight -= weight * flow.nomination
        todo = held
        if not todo:
            return level
        open_weight = 0.0
        for flow, weight, _ in todo:
            open_weight += weight * flow.nomination
    return 0.0


def passing_shares(
    members: list[tuple[Flow, float, float]],
    cells: list[Cell],
    absorbs: list[tuple[dict[Flow, float], float]],
    leaving: float,
) -> dict[Flow, float]:
    """Progressive filling where each dry grade absorbs inflow up to the demand on it before it needs room.

    Class by class λ rises; when the room is used up, those stop whose further rise would need more of it, the others go on while
    their grades pass straight through. The need for room is nondecreasing and piecewise linear in λ, so halving the
    interval until two neighbouring floats remain is exact.
    """
    direct = [c.inflows for c in cells if not any(c.inflows is a for a, _ in absorbs)]

    def need(rates: dict[Flow, float]) -> float:
        total = sum(w * rates.get(f, 0.0) for inflows in direct for f, w in inflows.items())
        for inflows, demand in absorbs:
            total += max(0.0, sum(w * rates.get(f, 0.0) for f, w in inflows.items()) - demand)
        return total

    def needs_room(flow: Flow, rates: dict[Flow, float]) -> bool:
        if any(flow in inflows for inflows in direct):
            return True
        return any(
            flow in inflows and sum(w * rates.get(f, 0.0) for f, w in inflows.items()) >= demand - _slack(demand)
            for inflows, demand in absorbs
        )

    shares: dict[Flow, float] = {}
    rates: dict[Flow, float] = {}
    for priority in sorted({m[0].priority for m in members}):
        rising = [m for m in members if m[0].priority == priority]
        low = 0.0
        while rising:
            full = {**rates, **{f: b for f, _, b in rising}}
            if need(full) <= leaving + _slack(leaving):
                rates = full
                break
            low = _last_level(rising, rates, low, lambda r: need(r) <= leaving)
            rates = {**rates, **{f: min(b, low * f.nomination) for f, _, b in rising}}
            stopped = [m for m in rising if needs_room(m[0], rates)] or rising
            for flow, _, _ in stopped:
                shares[flow] = low * flow.nomination
            rising = [m for m in rising if m not in stopped]
    return shares


def _slack(amount: float) -> float:
    """Rounding of a sum of rates of this size."""
    return ROUNDING * max(1.0, amount)


def _last_level(
    rising: list[tuple[Flow, float, float]],
    rates: dict[Flow, float],
    low: float,
    fits: Callable[[dict[Flow, float]], bool],
) -> float:
    """The highest λ ≥ ``low`` that still fits."""
    high = max((b / f.nomination for f, _, b in rising if f.nomination > 0.0), default=low)
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if fits({**rates, **{f: min(b, middle * f.nomination) for f, _, b in rising}}):
            low = middle
        else:
            high = middle
    return low
