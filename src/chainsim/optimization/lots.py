"""Whole lots, where asked: trains by the month, batches by their smallest size."""

from __future__ import annotations

import math
from collections.abc import Callable

import pulp

from chainsim.optimization.program import EQ, GE, LE, Formulation, Terms

_WHOLE = 1e-6
"""So near to a whole number, one is meant."""


def whole_trains(program: Formulation) -> None:
    """Σ_{b in m} l[r,g,b] = train · n[r,g,m] + rest[r,g,m], n whole; the rest: at most what the plan has beside whole trains"""
    case = program.case
    if not case.settings.whole_trains:
        return
    for lane in case.lanes:
        name, customer, train = lane.railway.name, lane.route.customer, lane.railway.train_t
        for grade in lane.grades:
            for month in case.grid.months:
                planned = case.plan_t.get((customer, grade, month), 0.0)
                count = program.add("n", name, customer, grade, month, whole=True)
                rest = program.add("rest", name, customer, grade, month, high=planned % train)
                terms: Terms = [(program.of("l")[name, customer, grade, b], 1.0) for b in case.grid.of_month(month)]
                program.require(
                    [*terms, (count, -train), (rest, -1.0)], EQ, 0.0, "trains", name, customer, grade, month
                )


def whole_batches(program: Formulation) -> None:
    """smallest batch · on[a,g,m] <= Σ_{b in m} x[a,g,b] <= ∫ capacity · on[a,g,m], on 0 or 1

    Without it a month may promise a part of a batch; the engine carries such a part on until a batch is together, so that what is
    late is less than one batch for each line and grade.
    """
    case = program.case
    if not case.settings.whole_batches:
        return
    for line in case.lines:
        smallest = line.spec.minimum_batch_t
        if line.spec.mode != "batch" or smallest <= 0.0:
            continue
        for grade in line.grades:
            for month in case.grid.months:
                buckets = case.grid.of_month(month)
                most = sum(line.capacity_t[b] for b in buckets)
                # A month too short (or a line too long out) for a batch goes on with one that has begun.
                least = min(smallest, most)
                on = program.add("on", line.spec.name, grade, month, high=1.0, whole=True)
                terms: Terms = [(program.of("x")[line.spec.name, grade, b], 1.0) for b in buckets]
                program.require([*terms, (on, -least)], GE, 0.0, "batch", line.spec.name, grade, month)
                program.require([*terms, (on, -most)], LE, 0.0, "batch_most", line.spec.name, grade, month)


def lots_near(
    program: Formulation, value: Callable[[pulp.LpVariable], float]
) -> dict[pulp.LpVariable, tuple[float, float]]:
    """(lowest, highest) of every lot beside what a solution in parts makes of it.

    Trains: the whole numbers on both sides. Batches: none where nothing is pumped, one where enough is, either in between.
    """
    out: dict[pulp.LpVariable, tuple[float, float]] = {}
    for count in program.of("n").values():
        out[count] = float(math.floor(value(count) + _WHOLE)), float(math.ceil(value(count) - _WHOLE))
    for (name, grade, month), on in program.of("on").items():
        assert isinstance(month, int)
        pumped = sum(value(program.of("x")[name, grade, b]) for b in program.case.grid.of_month(month))
        least = -program.rows["batch", name, grade, month][on]
        out[on] = (0.0, 0.0) if pumped < _WHOLE else (1.0, 1.0) if pumped >= least - _WHOLE else (0.0, 1.0)
    return out
