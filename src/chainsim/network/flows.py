"""How much of the plan can flow at all, month by month, and which assets hold the rest back.

One grade to one group of customers is a maximum flow: production in, plan out, the month's mean capacities between; what holds
back is its minimum cut, of several the one nearest to the customers (``cuts.py``). Flows are counted in grams, so that they are
exact; capacities are rounded up and plans down, so that rounding makes no bottleneck.

All grades together are not one such flow, but no more can flow than with grades being alike and each grade's part within what
it can reach by itself: the figure for all grades is this upper bound, computed as one maximum flow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from chainsim.model import Scenario
from chainsim.model.plan import courses, months_of
from chainsim.network.cuts import Edge, minimum_cut
from chainsim.network.graph import SINK, SOURCE, Span, reached, ways_of

GRAMS_PER_T = 1_000_000
Demand = Mapping[tuple[str, str], int]
"""(customer, grade) → grams in the month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """What a month's network carries of the plan of one class of customers and one grade; "" means all of them.

    ``flow_t`` ≤ ``plan_t`` is the most that can flow without drawing on stocks. ``limiting`` are the assets that hold the rest
    back: none where all can flow, nor where no way leads. ``capacity_t`` is what the network could carry for these customers if
    nobody else used it and they took all; ``narrowest`` are the assets that limit that. Assets may be parts of a railway.
    """

    month: date
    customer_class: str
    grade: str
    plan_t: float
    flow_t: float
    limiting: tuple[str, ...]
    capacity_t: float
    narrowest: tuple[str, ...]

    @property
    def missing_t(self) -> float:
        """The part of the plan that cannot flow."""
        return self.plan_t - self.flow_t


def bottlenecks(scenario: Scenario) -> tuple[Bottleneck, ...]:
    """For each month that ends after the as-of date: all customers, then each class; all grades, then each grade with a plan."""
    plan = _plan_by_month(scenario)
    out: list[Bottleneck] = []
    for index, (start, end, first) in enumerate(months_of(scenario)):
        if end > scenario.as_of_day and plan.get(index):
            out += _of_month(scenario, first, (start, end), plan[index])
    return tuple(out)


def _plan_by_month(scenario: Scenario) -> dict[int, dict[tuple[str, str], float]]:
    """Month → (customer, grade) → tonnes of the plan with all approved orders, where there are any."""
    plan: dict[int, dict[tuple[str, str], float]] = {}
    for key, segments in courses(scenario, math.inf).items():
        for segment in segments:
            if segment.tonnes > 0.0:
                month = plan.setdefault(segment.month, {})
                month[key] = month.get(key, 0.0) + segment.tonnes
    return plan


@dataclass(frozen=True, slots=True)
class _Carried:
    """A flow in grams, whether it is all that was wanted, and otherwise the assets of its cut, what they miss falling."""

    grams: int
    whole: bool
    cut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Network:
    """The ways of a grade in one month: what may pass each edge, in grams (``None``: anything), and which asset limits it."""

    capacities: Mapping[Edge, int | None]
    assets: Mapping[Edge, str]

    def limited(self, cut: Iterable[Edge]) -> tuple[str, ...]:
        """The assets that limit the edges of a cut; a customer's plan is none."""
        return tuple(self.assets[edge] for edge in cut if edge in self.assets)


_Limit: TypeAlias = tuple[float, str]
"""Grams (or infinity) that may pass an edge, and the asset that says so."""


def _of_month(scenario: Scenario, month: date, span: Span, plan: Mapping[tuple[str, str], float]) -> list[Bottleneck]:
    class_of = {c.name: str(c.customer_class) for c in scenario.customers}
    grades = [g.name for g in scenario.grades if any(grade == g.name for _, grade in plan)]
    networks = {grade: _in_grams(scenario, grade, span) for grade in ("", *grades)}
    groups = {"": list(plan)}
    for key in plan:
        groups.setdefault(class_of[key[0]], []).append(key)
    wanted = {key: math.floor(tonnes * GRAMS_PER_T) for key, tonnes in plan.items()}
    whole: dict[str, _Carried] = {}
    out = []
    for name, group in groups.items():
        carried = _of_group({key: wanted[key] for key in group}, networks, whole)
        whole = whole or carried
        for grade, flow in carried.items():
            pairs = [key for key in group if grade in ("", key[1])]
            plan_t = sum(plan[key] for key in pairs)
            capacity_t, narrowest = _capacity(networks[grade], (customer for customer, _ in pairs))
            out.append(
                Bottleneck(
                    month=month,
                    customer_class=name,
                    grade=grade,
                    plan_t=plan_t,
                    flow_t=plan_t if flow.whole else min(plan_t, flow.grams / GRAMS_PER_T),
                    limiting=flow.cut,
                    capacity_t=capacity_t,
                    narrowest=narrowest,
                )
            )
    return out


def _of_group(wanted: Demand, networks: Mapping[str, _Network], whole: Mapping[str, _Carried]) -> dict[str, _Carried]:
    """Grade → what flows of a group's demand, all grades ("") first; where all of ``whole`` flows, so does any part of it."""

    def part_of(grade: str) -> dict[tuple[str, str], int]:
        return {key: grams for key, grams in wanted.items() if grade in ("", key[1])}

    def flows_whole(grade: str) -> bool:
        return grade in whole and whole[grade].whole

    by_grade = {}
    for grade in networks:
        if grade and (part := part_of(grade)):
            by_grade[grade] = _Carried(sum(part.values()), True) if flows_whole(grade) else _most(networks[grade], part)
    if flows_whole(""):
        return {"": _Carried(sum(wanted.values()), True), **by_grade}
    return {"": _most_of_all(networks[""], wanted, by_grade), **by_grade}


def _in_grams(scenario: Scenario, grade: str, span: Span) -> _Network:
    """The ways of ``grade`` over the span; assets in a row as one edge, which the narrowest limits.

    Joining what is in a row leaves a fraction of the edges, and the same flows and cuts.
    """
    ways = ways_of(scenario, grade or None, span)
    come_to = reached(ways)
    into: dict[str, dict[str, _Limit]] = {node: {} for node in (SOURCE, *ways.leaving) if node in come_to}
    leaving: dict[str, dict[str, _Limit]] = {node: {} for node in into}
    for tail, heads in ways.leaving.items():
        if tail in come_to:
            for head, limit in heads.items():
                grams = (
                    (math.inf, "") if limit is None else (math.ceil(limit * (span[1] - span[0]) * GRAMS_PER_T), head)
                )
                leaving[tail][head] = into[head][tail] = grams
    ends = {SOURCE, *(c.name for c in scenario.customers)}
    for node in [n for n in leaving if n not in ends]:
        if len(into[node]) == len(leaving[node]) == 1:
            (before, first), (after, second) = *into[node].items(), *leaving[node].items()
            if before != after and after not in leaving[before]:
                del leaving[before][node], into[after][node], leaving[node], into[node]
                leaving[before][after] = into[after][before] = second if second[0] <= first[0] else first
    edges = {(tail, head): limit for tail, heads in leaving.items() for head, limit in heads.items()}
    return _Network(
        {edge: int(grams) if asset else None for edge, (grams, asset) in edges.items()},
        {edge: asset for edge, (_, asset) in edges.items() if asset},
    )


def _most(network: _Network, wanted: Demand) -> _Carried:
    """The most of one grade's demand that flows."""
    plan = {(customer, SINK): grams for (customer, _), grams in wanted.items()}
    grams, cut = minimum_cut({**network.capacities, **plan})
    if grams >= sum(wanted.values()):
        return _Carried(grams, True)
    return _Carried(grams, False, network.limited(cut))


def _most_of_all(network: _Network, wanted: Demand, by_grade: Mapping[str, _Carried]) -> _Carried:
    """The upper bound over all grades: alike in the network, each within what can flow of it by itself."""
    grade_of = {f".{grade}": grade for _, grade in wanted}
    capacities = dict(network.capacities)
    for (customer, grade), grams in wanted.items():
        capacities[customer, f".{grade}.{customer}"] = grams
        capacities[f".{grade}.{customer}", f".{grade}"] = None
    for node, grade in grade_of.items():
        capacities[node, SINK] = by_grade[grade].grams
    grams, cut = minimum_cut(capacities)
    if grams >= sum(wanted.values()):
        return _Carried(grams, True)
    assets = dict.fromkeys(network.limited(cut))
    missing = {grade: -alone.grams for grade, alone in by_grade.items()}
    for (_, grade), amount in wanted.items():
        missing[grade] += amount
    for grade in sorted((grade_of[tail] for tail, _ in cut if tail in grade_of), key=lambda grade: -missing[grade]):
        assets.update(dict.fromkeys(by_grade[grade].cut))
    return _Carried(grams, False, tuple(assets))


def _capacity(network: _Network, customers: Iterable[str]) -> tuple[float, tuple[str, ...]]:
    """Tonnes that the network could bring to ``customers`` if they took all, and the assets that limit it."""
    grams, cut = minimum_cut(
        {**network.capacities, **dict.fromkeys(((customer, SINK) for customer in customers), None)}
    )
    return grams / GRAMS_PER_T, network.limited(cut)
