"""The common workload W as one would write it in SimPy, twice; both ship what ``plain_loop`` ships, to rounding.

``naive`` is what SimPy's documentation teaches: a Container per tank, a process per node and per shipment. ``lean`` is what
profiling leaves of it: tanks are floats, a shipment is one Timeout with a callback, and only the nodes are processes. Both
step by days; the times of day below keep the plain loop's order (and are exact in binary).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy
from simpy.events import Event

from benchmarks.plain import (
    BRANCH_CAPACITY,
    BRANCH_DAYS,
    HUB_LINE_CAPACITY,
    HUB_LINE_DAYS,
    LOSS,
    PLAN_FACTOR,
    PRODUCTION,
    RUNS,
    SHUT,
    SOURCE_LIMIT,
    SOURCE_OPENING,
    TRUNK_CAPACITY,
    TRUNK_DAYS,
    months,
)

TRUNKS_AT, HUB_A_AT, HUB_B_AT, REFINERIES_AT = 0.125, 0.25, 0.5, 0.75
"""When in the day they act; sources act at 0."""
HUB_A_LIMIT, HUB_A_OPENING = 600.0, 150.0
HUB_B_LIMIT, HUB_B_OPENING = 200.0, 60.0
DIRECT = 7
"""Refineries served by hub A; hub B serves the others."""

Moves = Generator[Event, Any, None]


class Month:
    """The plan of one block in the month that runs: what remains of it by refinery, and the days left, today included."""

    def __init__(self, days: int) -> None:
        self._lengths = iter([length for _, length in months(days)])
        self.remaining = [0.0] * len(RUNS)
        self.days_left = 0
        self.through = 0.0

    def next_day(self) -> None:
        """A day begins; maybe a month."""
        self.days_left -= 1
        if self.days_left <= 0:
            self.days_left = length = next(self._lengths)
            self.remaining = [runs * length * part for runs, part in zip(RUNS, PLAN_FACTOR, strict=True)]
            self.through = min(HUB_LINE_CAPACITY, sum(self.remaining[DIRECT:]) / length)

    def wish(self, refinery: int) -> float:
        """What ``refinery`` should be sent today, kt."""
        return min(self.remaining[refinery] / self.days_left, BRANCH_CAPACITY[refinery])


def naive(blocks: int = 1, days: int = 365) -> list[float]:
    """W with Containers and a process per shipment: kt shipped, by block and refinery."""
    env = simpy.Environment()
    shipped = [0.0] * (len(RUNS) * blocks)
    for block in range(blocks):
        _naive_block(env, Month(days), shipped, len(RUNS) * block)
    env.run(until=days)
    return shipped


def _naive_block(env: simpy.Environment, month: Month, shipped: list[float], first: int) -> None:
    tanks = [simpy.Container(env, limit, level) for limit, level in zip(SOURCE_LIMIT, SOURCE_OPENING, strict=True)]
    hub_a = simpy.Container(env, HUB_A_LIMIT, HUB_A_OPENING)
    hub_b = simpy.Container(env, HUB_B_LIMIT, HUB_B_OPENING)
    refineries = [simpy.Container(env, runs * 15, runs * 7) for runs in RUNS]

    def source(i: int) -> Moves:
        tank = tanks[i]
        while True:
            produced = min(PRODUCTION[i], tank.capacity - tank.level)
            if produced > 0:
                yield tank.put(produced)
            yield env.timeout(1)

    def trunk(i: int) -> Moves:
        yield env.timeout(TRUNKS_AT)
        while True:
            shut = i == 0 and SHUT[0] <= env.now < SHUT[1]
            moved = min(0.0 if shut else TRUNK_CAPACITY[i], tanks[i].level)
            if moved > 0:
                yield tanks[i].get(moved)
                env.process(shipment(moved * (1 - LOSS), TRUNK_DAYS[i], hub_a))
            yield env.timeout(1)

    def shipment(amount: float, transit_days: int, tank: simpy.Container) -> Moves:
        yield env.timeout(transit_days)
        amount = min(amount, tank.capacity - tank.level)
        if amount > 0:
            yield tank.put(amount)

    def hub(tank: simpy.Container, served: range, at: float) -> Moves:
        yield env.timeout(at)
        while True:
            if tank is hub_a:
                month.next_day()
            wishes = [month.wish(r) for r in served]
            through = month.through if tank is hub_a else 0.0
            asked = sum(wishes) + through
            part = 1.0 if asked <= tank.level else tank.level / asked
            for r, wish in zip(served, wishes, strict=True):
                moved = min(wish * part, tank.level)
                if moved > 0:
                    yield tank.get(moved)
                    month.remaining[r] -= moved
                    shipped[first + r] += moved
                    env.process(shipment(moved, BRANCH_DAYS[r], refineries[r]))
            moved = min(through * part, tank.level)
            if moved > 0:
                yield tank.get(moved)
                env.process(shipment(moved, HUB_LINE_DAYS, hub_b))
            yield env.timeout(1)

    def refinery(r: int) -> Moves:
        yield env.timeout(REFINERIES_AT)
        while True:
            used = min(RUNS[r], refineries[r].level)
            if used > 0:
                yield refineries[r].get(used)
            yield env.timeout(1)

    for i in range(len(PRODUCTION)):
        env.process(source(i))
        env.process(trunk(i))
    env.process(hub(hub_a, range(DIRECT), HUB_A_AT))
    env.process(hub(hub_b, range(DIRECT, len(RUNS)), HUB_B_AT))
    for r in range(len(RUNS)):
        env.process(refinery(r))


def lean(blocks: int = 1, days: int = 365) -> list[float]:
    """W with floats for tanks and a callback per shipment: kt shipped, by block and refinery."""
    env = simpy.Environment()
    shipped = [0.0] * (len(RUNS) * blocks)
    for block in range(blocks):
        _lean_block(env, Month(days), shipped, len(RUNS) * block)
    env.run(until=days)
    return shipped


def _lean_block(env: simpy.Environment, month: Month, shipped: list[float], first: int) -> None:
    hubs = [HUB_A_OPENING, HUB_B_OPENING]
    refineries = [runs * 7 for runs in RUNS]
    limits = [runs * 15 for runs in RUNS]

    def source_and_trunk(i: int) -> Moves:
        stock, day = SOURCE_OPENING[i], 0
        produced, limit, capacity, transit_days = PRODUCTION[i], SOURCE_LIMIT[i], TRUNK_CAPACITY[i], TRUNK_DAYS[i]
        yield env.timeout(TRUNKS_AT)
        while True:
            stock = min(limit, stock + produced)
            moved = 0.0 if i == 0 and SHUT[0] <= day < SHUT[1] else min(capacity, stock)
            if moved > 0:
                stock -= moved
                ship(transit_days, moved * (1 - LOSS), into_hub_a)
            day += 1
            yield env.timeout(1)

    def ship(transit_days: int, amount: float, arrive: Callable[[Event], None]) -> None:
        env.timeout(transit_days, amount).callbacks.append(arrive)

    def into_hub_a(event: Event) -> None:
        hubs[0] = min(HUB_A_LIMIT, hubs[0] + event._value)

    def into_hub_b(event: Event) -> None:
        hubs[1] = min(HUB_B_LIMIT, hubs[1] + event._value)

    def into_refinery(r: int) -> Callable[[Event], None]:
        limit = limits[r]

        def arrive(event: Event) -> None:
            refineries[r] = min(limit, refineries[r] + event._value)

        return arrive

    arrivals = [into_refinery(r) for r in range(len(RUNS))]

    def allot(served: range, wishes: list[float], part: float) -> None:
        remaining = month.remaining
        for r, wish in zip(served, wishes, strict=True):
            moved = wish * part
            if moved > 0:
                remaining[r] -= moved
                shipped[first + r] += moved
                ship(BRANCH_DAYS[r], moved, arrivals[r])

    def hub_a() -> Moves:
        served = range(DIRECT)
        yield env.timeout(HUB_A_AT)
        while True:
            month.next_day()
            wishes = [month.wish(r) for r in served]
            asked = sum(wishes) + month.through
            part = 1.0 if asked <= hubs[0] else hubs[0] / asked
            allot(served, wishes, part)
            if part > 0:
                ship(HUB_LINE_DAYS, month.through * part, into_hub_b)
            hubs[0] -= asked * part
            yield env.timeout(1)

    def hub_b() -> Moves:
        served = range(DIRECT, len(RUNS))
        yield env.timeout(HUB_B_AT)
        while True:
            wishes = [month.wish(r) for r in served]
            asked = sum(wishes)
            part = 1.0 if asked <= hubs[1] else hubs[1] / asked
            allot(served, wishes, part)
            hubs[1] -= asked * part
            yield env.timeout(1)

    def refinery(r: int) -> Moves:
        yield env.timeout(REFINERIES_AT)
        while True:
            refineries[r] -= min(RUNS[r], refineries[r])
            yield env.timeout(1)

    nodes: list[Moves] = [source_and_trunk(i) for i in range(len(PRODUCTION))]
    nodes += [hub_a(), hub_b(), *(refinery(r) for r in range(len(RUNS)))]
    for node in nodes:
        env.process(node)
