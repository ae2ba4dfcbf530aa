"""The common workload W as the plainest daily loop, and the yardstick made of it. Standard library only: peers run in other venvs.

W, per block: four sources (29, 24, 19.5, 14.5 kt/d) with small tanks push through trunks (1.2 % loss) into hub A (600 kt), which serves
seven refineries and, by a line, hub B (200 kt) with three more; monthly plans; trunk 0 is shut on days 64–73. Everything moves by whole
days and is delayed by whole days. Amounts are kt, rates kt/d.
"""

from __future__ import annotations

import calendar
import gc
import time
from collections.abc import Callable
from datetime import date

PRODUCTION = (29.0, 24.0, 19.5, 14.5)
SOURCE_LIMIT = (100.0, 80.0, 60.0, 50.0)
SOURCE_OPENING = (20.0, 16.0, 12.0, 10.0)
TRUNK_CAPACITY = (32.0, 26.5, 21.5, 16.0)
TRUNK_DAYS = (5, 4, 3, 2)
LOSS = 0.012
RUNS = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 8.0, 7.5, 7.0)
BRANCH_CAPACITY = (*(c * 1.25 for c in RUNS[:7]), 9.0, 9.0, 9.0)
BRANCH_DAYS = (1, 1, 2, 2, 3, 3, 2, 3, 3, 3)
PLAN_FACTOR = (1.0, 1.02, 0.98, 1.0, 1.03, 0.97, 1.0, 1.0, 1.02, 0.98)
HUB_LINE_CAPACITY, HUB_LINE_DAYS = 28.0, 2
SHUT = (64, 74)
START = date(2026, 1, 1)


def months(days: int) -> list[tuple[date, int]]:
    """(first day, length) of the months in ``days``; every February has 28 days, as in the peers' runs."""
    out, when, total = [], START, 0
    while total < days:
        length = 28 if when.month == 2 else calendar.monthrange(when.year, when.month)[1]
        out.append((when, length))
        total += (_next_month(when) - when).days
        when = _next_month(when)
    return out


def plain_loop(days: int = 365) -> list[float]:
    """One block of W as the plainest daily loop: floats, lists, whole-day delays. Returns tonnes shipped by refinery.

    Order of a day: produce, pump the trunks, arrive at the hubs, allot pro rata to what remains of the plan, process.
    """
    source, hub_a, hub_b = list(SOURCE_OPENING), 150.0, 60.0
    refinery = [r * 7 for r in RUNS]
    limit = [r * 15 for r in RUNS]
    window = 6
    trunk = [[0.0] * 4 for _ in range(window)]
    branch = [[0.0] * 10 for _ in range(window)]
    between = [0.0] * window
    shipped = [0.0] * 10
    history = []
    day = 0
    lost = curtailed = short = 0.0
    for _, length in months(days):
        remaining = [RUNS[r] * length * PLAN_FACTOR[r] for r in range(10)]
        through = min(HUB_LINE_CAPACITY, sum(remaining[7:]) / length)
        for of_month in range(length):
            if day >= days:
                break
            left, slot = length - of_month, day % window
            for i in range(4):
                stock = source[i] + PRODUCTION[i]
                if stock > SOURCE_LIMIT[i]:
                    curtailed += stock - SOURCE_LIMIT[i]
                    stock = SOURCE_LIMIT[i]
                capacity = 0.0 if i == 0 and SHUT[0] <= day < SHUT[1] else TRUNK_CAPACITY[i]
                moved = min(capacity, stock)
                source[i] = stock - moved
                trunk[(day + TRUNK_DAYS[i]) % window][i] += moved
            arriving = 0.0
            for i in range(4):
                arriving += trunk[slot][i]
                trunk[slot][i] = 0.0
            lost += arriving * LOSS
            hub_a = min(600.0, hub_a + arriving * (1 - LOSS))
            wants, asked = [], 0.0
            for r in range(7):
                want = min(remaining[r] / left, BRANCH_CAPACITY[r])
                wants.append(want)
                asked += want
            asked += through
            part = 1.0 if asked <= hub_a else hub_a / asked
            for r in range(7):
                moved = wants[r] * part
                remaining[r] -= moved
                shipped[r] += moved
                branch[(day + BRANCH_DAYS[r]) % window][r] += moved
            between[(day + HUB_LINE_DAYS) % window] += through * part
            hub_a -= asked * part
            hub_b = min(200.0, hub_b + between[slot])
            between[slot] = 0.0
            wants, asked = [], 0.0
            for r in range(7, 10):
                want = min(remaining[r] / left, BRANCH_CAPACITY[r])
                wants.append(want)
                asked += want
            part = 1.0 if asked <= hub_b else hub_b / asked
            for j in range(3):
                moved = wants[j] * part
                remaining[7 + j] -= moved
                shipped[7 + j] += moved
                branch[(day + BRANCH_DAYS[7 + j]) % window][7 + j] += moved
            hub_b -= asked * part
            arrivals = branch[slot]
            for r in range(10):
                stock = min(limit[r], refinery[r] + arrivals[r])
                arrivals[r] = 0.0
                used = RUNS[r]
                if stock < used:
                    short += used - stock
                    used = stock
                refinery[r] = stock - used
            history.append((hub_a, hub_b, source[0], refinery[0]))
            day += 1
    return shipped


class Yardstick:
    """Times a call as a ratio to ``plain_loop`` (CPU time), measured right before and after it: holds on a noisy machine."""

    def __init__(self) -> None:
        self._unit()
        self._unit()

    def ratio(self, call: Callable[[], object], repeats: int = 5) -> float:
        """The median ratio of ``repeats`` calls."""
        ratios = []
        for _ in range(repeats):
            gc.collect()
            before = self._unit()
            started = time.process_time()
            call()
            spent = time.process_time() - started
            ratios.append(spent / ((before + self._unit()) / 2))
        return sorted(ratios)[len(ratios) // 2]

    @staticmethod
    def _unit() -> float:
        times = []
        for _ in range(3):
            started = time.process_time()
            plain_loop()
            times.append(time.process_time() - started)
        return min(times)


def _next_month(when: date) -> date:
    return date(when.year + when.month // 12, when.month % 12 + 1, 1)
