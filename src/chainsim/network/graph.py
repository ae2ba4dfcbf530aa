"""The network as a directed graph: every asset is a node, and what limits it stands on the one edge that enters it.

Lines may run side by side between the same two farms, and the customers of a railway share its wagons, rack and paths. So a
link is a node too, and a limit that several customers share is one edge that counts once:

    SOURCE → supplier → farm → pipeline → farm → railway → railway.rack → railway.paths → railway.customer → customer

Edges without ``capacity_t_per_day`` join assets and limit nothing. Stocks are neither drawn nor built, losses are left out, a
fleet's trains are counted on its shortest cycle: what a flow in this graph cannot carry, the real network cannot carry either
but by drawing on stocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from chainsim.model import Profile, Railway, Scenario

if TYPE_CHECKING:
    import networkx as nx

Graph: TypeAlias = "nx.DiGraph[str]"
Span = tuple[float, float]
"""[start, end) in days."""

SOURCE = ".source"
"""The node before all suppliers: no asset's name has a dot but a railway's parts, and none begins with one."""
SINK = ".sink"


@dataclass(frozen=True, slots=True)
class Ways:
    """The graph as plain values, for what is asked hundreds of times in a run, and before networkx is imported.

    ``leaving`` is node → head of each edge that leaves it → ``capacity_t_per_day`` (``None``: no limit); ``of`` is node → its
    asset (for the parts of a railway its name) and kind; ``SOURCE`` is in neither's values and has no asset.
    """

    of: dict[str, tuple[str, str]] = field(default_factory=dict)
    leaving: dict[str, dict[str, float | None]] = field(default_factory=dict)

    def add_node(self, node: str, asset: str, kind: str) -> None:
        """A node; what it is stays if it is there already."""
        self.of[node] = asset, kind
        self.leaving.setdefault(node, {})

    def add_edge(self, tail: str, head: str, capacity_t_per_day: float | None = None) -> None:
        """An edge, which limits where a capacity is given."""
        self.leaving.setdefault(tail, {})[head] = capacity_t_per_day
        self.leaving.setdefault(head, {})


def graph_of(scenario: Scenario, grade: str | None, span: Span | None = None, *, outages: bool = True) -> Graph:
    """``ways_of`` as a graph of networkx: nodes have ``asset`` and ``kind``, edges that limit ``capacity_t_per_day``."""
    import networkx as nx

    ways = ways_of(scenario, grade, span, outages=outages)
    graph: Graph = nx.DiGraph()
    for node in ways.leaving:
        asset, kind = ways.of.get(node, ("", ""))
        graph.add_node(node, **({"asset": asset, "kind": kind} if kind else {}))
    for tail, heads in ways.leaving.items():
        for head, capacity in heads.items():
            graph.add_edge(tail, head, **({} if capacity is None else {"capacity_t_per_day": capacity}))
    return graph


def ways_of(scenario: Scenario, grade: str | None, span: Span | None = None, *, outages: bool = True) -> Ways:
    """The ways of ``grade`` (``None``: of any oil, grades being alike) from ``SOURCE`` to the customers that accept it.

    Capacities are means over ``span`` (default: the horizon) in t/d, net of the scenario's dated disruptions if ``outages``.
    Kinds are supplier, farm, pipeline, railway or customer.
    """
    start, end = span or (0.0, scenario.end_day)
    assert start < end
    graph = Ways()

    def mean(profile: Profile, *assets: str) -> float:
        return mean_over(profile, _windows(scenario, assets) if outages else [], start, end)

    for farm in scenario.farms:
        graph.add_node(farm.name, asset=farm.name, kind="farm")
    for customer in scenario.customers:
        graph.add_node(customer.name, asset=customer.name, kind="customer")
    accepting = {c.name for c in scenario.customers if grade is None or grade in c.grades}
    takers = accepting | {f.name for f in scenario.farms}
    for supplier in scenario.suppliers:
        if grade in (None, supplier.grade):
            graph.add_node(supplier.name, asset=supplier.name, kind="supplier")
            produced = mean(supplier.production_t_per_day, supplier.name)
            graph.add_edge(SOURCE, supplier.name, capacity_t_per_day=produced)
            graph.add_edge(supplier.name, supplier.farm)
    for line in scenario.pipelines:
        if line.destination in takers and (grade is None or not line.grades or grade in line.grades):
            graph.add_node(line.name, asset=line.name, kind="pipeline")
            graph.add_edge(line.origin, line.name, capacity_t_per_day=mean(line.capacity_t_per_day, line.name))
            graph.add_edge(line.name, line.destination)
    for railway in scenario.railways:
        routes = [r for r in railway.routes if r.customer in accepting]
        rack, paths = f"{railway.name}.rack", f"{railway.name}.paths"
        for node in (railway.name, rack, paths, *(f"{railway.name}.{r.customer}" for r in routes)):
            graph.add_node(node, asset=railway.name, kind="railway")
        per_day = _wagons_t_per_day(railway, (r.cycle_days for r in routes))
        graph.add_edge(railway.terminal, railway.name, capacity_t_per_day=per_day)
        loaded = Profile.constant(railway.spots * 24.0 / railway.hours_per_train)
        at_rack = mean(loaded, railway.name, rack) * railway.train_t
        graph.add_edge(railway.name, rack, capacity_t_per_day=at_rack)
        on_paths = mean(railway.paths_per_day, railway.name, paths) * railway.train_t
        graph.add_edge(rack, paths, capacity_t_per_day=on_paths)
        for route in routes:
            node = f"{railway.name}.{route.customer}"
            # A route's own stop is not of the wagons: they go elsewhere meanwhile.
            left = mean(Profile.constant(1.0), node)
            per_day = left * _wagons_t_per_day(railway, [route.cycle_days])
            graph.add_edge(paths, node, capacity_t_per_day=per_day)
            graph.add_edge(node, route.customer)
    return graph


def is_open(graph: Graph, tail: str, head: str) -> bool:
    """Whether anything at all can pass the edge."""
    return bool(graph.edges[tail, head].get("capacity_t_per_day", 1.0) > 0.0)


def open_part(ways: Ways) -> Ways:
    """The ways without the edges that carry nothing within the span."""
    kept = {
        tail: {head: limit for head, limit in heads.items() if limit is None or limit > 0.0}
        for tail, heads in ways.leaving.items()
    }
    return Ways(ways.of, kept)


def reached(ways: Ways) -> set[str]:
    """What oil can come to, ``SOURCE`` among it."""
    found = {SOURCE}
    queue = [SOURCE]
    for node in queue:
        for head in ways.leaving.get(node, ()):
            if head not in found:
                found.add(head)
                queue.append(head)
    return found


def mean_over(profile: Profile, windows: Iterable[tuple[float, float, float]], start: float, end: float) -> float:
    """The mean of ``profile`` over [start, end) times what (start, end, remaining) windows leave; the smallest remainder holds.

    >>> mean_over(Profile.constant(10.0), [(0.0, 2.0, 0.5), (1.0, 3.0, 0.0)], 0.0, 10.0)
    7.5
    """
    inside = [window for window in windows if window[0] < end and window[1] > start]
    edges = {start, end, *(day for day, _ in profile.changes(start, end))}
    edges.update(day for a, b, _ in inside for day in (a, b) if start < day < end)
    ordered = sorted(edges)
    total = 0.0
    for a, b in zip(ordered, ordered[1:], strict=False):
        left = min((remaining for s, e, remaining in inside if s <= a < e), default=1.0)
        total += profile.at(a) * left * (b - a)
    return total / (end - start)


def _windows(scenario: Scenario, assets: tuple[str, ...]) -> list[tuple[float, float, float]]:
    return [(d.start, d.end, d.remaining) for d in scenario.disruptions if d.asset in assets]


def _wagons_t_per_day(railway: Railway, cycles_days: Iterable[float]) -> float:
    """What the whole fleet carries on the shortest of the cycles."""
    shortest = min(cycles_days, default=0.0)
    trains = railway.wagons // railway.wagons_per_train
    return trains * railway.train_t / shortest if shortest > 0 else 0.0
