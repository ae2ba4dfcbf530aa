"""The common workload W as the plainest daily loop, and the yardstick made of it. Standard library only: peers run elsewhere.

W, per block: four sources (29, 24, 19.5, 14.5 kt/d) with small tanks push through trunks (1.2 % loss) into hub A (600 kt),
which serves seven refineries and, by a line, hub B (200 kt) with three more; monthly plans; trunk 0 is shut on days 64–73.
Everything moves by whole days and is delayed by whole days. Amounts are kt, rates kt/d. Blocks are independent copies.
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


def plain_loop(days: int = 365, blocks: int = 1) -> list[float]:
    """W as the plainest daily loop: floats, lists, whole-day delays. Returns kt shipped, by block and refinery.

    Order of a day: produce, pump the trunks, arrive at the hubs, allot pro rata to what remains of the plan, process. One year
    of one block is the unit of every speed figure, so its cost must stay what it is: as general as its peers (blocks, months),
    every account kept, and no slower than that asks for (comparisons instead of ``min``, lists bound to locals).
    """
    production, source_limit = PRODUCTION * blocks, SOURCE_LIMIT * blocks
    trunk_capacity, trunk_days = TRUNK_CAPACITY * blocks, TRUNK_DAYS * blocks
    runs, branch_capacity, branch_days = RUNS * blocks, BRANCH_CAPACITY * blocks, BRANCH_DAYS * blocks
    sources, customers, kept, window = 4 * blocks, 10 * blocks, 1.0 - LOSS, 6
    lengths = [length for _, length in months(days)]
    of_day = [(m, left) for m, length in enumerate(lengths) for left in range(length, 0, -1)][:days]
    plan = [[runs[r] * length * PLAN_FACTOR[r % 10] for length in lengths] for r in range(customers)]
    source, hub_a, hub_b = list(SOURCE_OPENING * blocks), [150.0] * blocks, [60.0] * blocks
    refinery, limit = [r * 7 for r in runs], [r * 15 for r in runs]
    trunk = [[0.0] * sources for _ in range(window)]
    branch = [[0.0] * customers for _ in range(window)]
    between = [[0.0] * blocks for _ in range(window)]
    shipped = [[0.0] * len(lengths) for _ in range(customers)]
    remaining = [0.0] * customers
    history = []
    produced = lost = curtailed = spilt = used = short = 0.0
    month_before = -1
    for day in range(days):
        month, left = of_day[day]
        if month != month_before:
            for r in range(customers):
                remaining[r] = plan[r][month]
            month_before = month
        slot = day % window
        shut = SHUT[0] <= day < SHUT[1]
        for i in range(sources):
            amount = production[i]
            produced += amount
            stock = source[i] + amount
            if stock > source_limit[i]:
                curtailed += stock - source_limit[i]
                stock = source_limit[i]
            capacity = trunk_capacity[i]
            if i % 4 == 0 and shut:
                capacity = 0.0
            moved = capacity if capacity < stock else stock
            source[i] = stock - moved
            trunk[(day + trunk_days[i]) % window][i] += moved
        arrivals = trunk[slot]
        for block in range(blocks):
            arriving = 0.0
            for i in range(4 * block, 4 * block + 4):
                arriving += arrivals[i]
                arrivals[i] = 0.0
            lost += arriving * LOSS
            stock = hub_a[block] + arriving * kept
            if stock > 600.0:
                spilt += stock - 600.0
                stock = 600.0
            first = 10 * block
            wishes, asked = [], 0.0
            for r in range(first, first + 7):
                wish = remaining[r] / left
                if wish > branch_capacity[r]:
                    wish = branch_capacity[r]
                wishes.append(wish)
                asked += wish
            through = 0.0
            for r in range(first + 7, first + 10):
                through += plan[r][month] / lengths[month]
            if through > HUB_LINE_CAPACITY:
                through = HUB_LINE_CAPACITY
            asked += through
            part = 1.0 if asked <= stock else stock / asked
            for j in range(7):
                moved = wishes[j] * part
                r = first + j
                remaining[r] -= moved
                shipped[r][month] += moved
                branch[(day + branch_days[r]) % window][r] += moved
            between[(day + HUB_LINE_DAYS) % window][block] += through * part
            hub_a[block] = stock - asked * part
            stock = hub_b[block] + between[slot][block]
            between[slot][block] = 0.0
            if stock > 200.0:
                spilt += stock - 200.0
                stock = 200.0
            wishes, asked = [], 0.0
            for r in range(first + 7, first + 10):
                wish = remaining[r] / left
                if wish > branch_capacity[r]:
                    wish = branch_capacity[r]
                wishes.append(wish)
                asked += wish
            part = 1.0 if asked <= stock else stock / asked
            for j in range(3):
                moved = wishes[j] * part
                r = first + 7 + j
                remaining[r] -= moved
                shipped[r][month] += moved
                branch[(day + branch_days[r]) % window][r] += moved
            hub_b[block] = stock - asked * part
        arrivals = branch[slot]
        for r in range(customers):
            stock = refinery[r] + arrivals[r]
            arrivals[r] = 0.0
            if stock > limit[r]:
                spilt += stock - limit[r]
                stock = limit[r]
            need = runs[r]
            if stock < need:
                short += need - stock
                need = stock
            used += need
            refinery[r] = stock - need
        history.append((hub_a[0], hub_b[0], source[0], refinery[0]))
    return [sum(by_month) for by_month in shipped]


class Yardstick:
    """Times a call in multiples of ``plain_loop`` (CPU time), timed right before and after it: holds on a noisy machine."""

    def __init__(self) -> None:
        self._unit()
        self.seconds = self._unit()
        """The plain loop's CPU time when this began."""

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
