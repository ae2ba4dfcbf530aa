"""How much of the plan can flow at all, month by month, and which assets hold the rest back.

One grade to one group of customers is a maximum flow: production in, plan out, the month's mean capacities between; what holds
back is its minimum cut (L. R. Ford, D. R. Fulkerson, "Maximal flow through a network", Canadian Journal of Mathematics 8, 1956),
of several the one nearest to the customers. The algorithm is Dinitz's (E. A. Dinic, "Algorithm for solution of a problem of
maximum flow in networks with power estimation", Soviet Mathematics Doklady 11, 1970), among the fastest on networks so sparse.
networkx is exact on integers only, so flows are counted in grams; capacities are rounded up and plans down, so that rounding
makes no bottleneck.

All grades together are not one such flow, but no more can flow than with grades being alike and each grade's part within what
it can reach by itself: the figure for all grades is this upper bound, computed as one maximum flow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from chainsim.model import Scenario
from chainsim.model.plan import courses, months_of
from chainsim.network.graph import SINK, SOURCE, Graph, Span, graph_of

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


def _of_group(wanted: Demand, networks: Mapping[str, Graph], whole: Mapping[str, _Carried]) -> dict[str, _Carried]:
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


def _in_grams(scenario: Scenario, grade: str, span: Span) -> Graph:
    """The ways of ``grade`` with ``capacity`` in grams over the span and ``asset``, which limits; assets in a row as one edge.

    Joining what is in a row leaves a fraction of the edges, and the same flows and cuts.
    """
    import networkx as nx

    ways = graph_of(scenario, grade or None, span)
    reached = {SOURCE, *nx.descendants(ways, SOURCE)} if SOURCE in ways else {SOURCE}
    graph: Graph = nx.DiGraph()
    graph.add_node(SOURCE)
    graph.add_nodes_from(node for node in ways if node in reached)
    for tail, head in ways.edges:
        if tail in reached:
            limit = ways.edges[tail, head].get("capacity_t_per_day")
            grams = math.ceil(limit * (span[1] - span[0]) * GRAMS_PER_T) if limit is not None else None
            graph.add_edge(tail, head, **({} if grams is None else {"capacity": grams, "asset": head}))
    ends = {SOURCE, *(c.name for c in scenario.customers)}
    for node in [n for n in graph if n not in ends]:
        before, after = list(graph.predecessors(node)), list(graph.successors(node))
        if len(before) == len(after) == 1 and before != after and not graph.has_edge(before[0], after[0]):
            into, out = graph.edges[before[0], node], graph.edges[node, after[0]]
            narrower = out if out.get("capacity", math.inf) <= into.get("capacity", math.inf) else into
            graph.remove_node(node)
            graph.add_edge(before[0], after[0], **narrower)
    return graph


def _most(network: Graph, wanted: Demand) -> _Carried:
    """The most of one grade's demand that flows."""
    graph = network.copy()
    for (customer, _), grams in wanted.items():
        graph.add_edge(customer, SINK, capacity=grams)
    grams, cut = _minimum_cut(graph)
    if grams >= sum(wanted.values()):
        return _Carried(grams, True)
    return _Carried(grams, False, _assets(graph, cut))


def _most_of_all(network: Graph, wanted: Demand, by_grade: Mapping[str, _Carried]) -> _Carried:
    """The upper bound over all grades: alike in the network, each within what can flow of it by itself."""
    graph = network.copy()
    grade_of = {f".{grade}": grade for grade in by_grade}
    for (customer, grade), grams in wanted.items():
        graph.add_edge(customer, f".{grade}.{customer}", capacity=grams)
        graph.add_edge(f".{grade}.{customer}", f".{grade}")
    for node, grade in grade_of.items():
        graph.add_edge(node, SINK, capacity=by_grade[grade].grams)
    grams, cut = _minimum_cut(graph)
    if grams >= sum(wanted.values()):
        return _Carried(grams, True)
    assets = dict.fromkeys(_assets(graph, cut))
    missing = {grade: -alone.grams for grade, alone in by_grade.items()}
    for (_, grade), amount in wanted.items():
        missing[grade] += amount
    for grade in sorted((grade_of[tail] for tail, _ in cut if tail in grade_of), key=lambda grade: -missing[grade]):
        assets.update(dict.fromkeys(by_grade[grade].cut))
    return _Carried(grams, False, tuple(assets))


def _capacity(network: Graph, customers: Iterable[str]) -> tuple[float, tuple[str, ...]]:
    """Tonnes that the network could bring to ``customers`` if they took all, and the assets that limit it."""
    graph = network.copy()
    graph.add_edges_from((customer, SINK) for customer in customers)
    grams, cut = _minimum_cut(graph)
    return grams / GRAMS_PER_T, _assets(graph, cut)


def _minimum_cut(graph: Graph) -> tuple[int, list[tuple[str, str]]]:
    """The maximum flow from ``SOURCE`` to ``SINK`` and the edges of the minimum cut nearest to the sink."""
    import networkx as nx
    from networkx.algorithms.flow import dinitz

    grams, (near, far) = nx.minimum_cut(graph, SOURCE, SINK, flow_func=dinitz)
    return int(grams), [(tail, head) for tail, head in graph.edges if tail in near and head in far]


def _assets(graph: Graph, cut: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The assets that limit the edges of a cut; a customer's plan is none."""
    return tuple(graph.edges[edge]["asset"] for edge in cut if "asset" in graph.edges[edge])
