"""Which plan lines no oil can reach, and what is in the way.

A plan line is reached if oil of its grade, from a supplier or from what lies in a farm or a line at the start, may come to the
customer within the line's period over links that are open at some time. Times are read in the line's favour: a link further up
may have been open at any time until the period's end, so a line that is called unreached is so whatever the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chainsim.model import PlanLine, Scenario
from chainsim.network.graph import SOURCE, Graph, Span, graph_of, is_open

Reason = Literal["no_source", "no_way", "other_grades", "not_accepted", "closed"]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """The first thing in the way, seen from the oil, on the way with the fewest obstacles.

    ``asset`` is the link that is missing (``no_way``: the customer that no link leads to; ``no_source``: the grade's name;
    ``not_accepted``: the customer). ``before`` is the place that oil still reaches, "" where there is none.
    """

    reason: Reason
    asset: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Unreached:
    """A plan line that no oil can reach; ``index`` is its place in ``Scenario.plan``."""

    index: int
    line: PlanLine
    obstacle: Obstacle


def unreached(scenario: Scenario) -> tuple[Unreached, ...]:
    """The plan lines that ask for oil after the as-of date and that none can reach, in plan order."""
    graphs: dict[Span, Graph] = {}

    def over(span: Span) -> Graph:
        if span not in graphs:
            graphs[span] = graph_of(scenario, None, span)
        return graphs[span]

    found: dict[tuple[str, str, str, Span], Obstacle | None] = {}
    out = []
    for index, line in enumerate(scenario.plan):
        start, end = scenario.day_of(line.start), scenario.day_of(line.end)
        span = max(start, scenario.as_of_day), min(end, scenario.end_day)
        if not line.tonnes > 0.0 or span[0] >= span[1]:
            continue
        key = line.customer, line.grade, line.via, span
        if key not in found:
            found[key] = _obstacle(scenario, line, _all_ways(scenario, line, span, over))
        obstacle = found[key]
        if obstacle is not None:
            out.append(Unreached(index, line, obstacle))
    return tuple(out)


def _obstacle(scenario: Scenario, line: PlanLine, ways: Graph) -> Obstacle | None:
    """What is in the way of ``line``; ``None`` if oil can come.

    Shortest path with weights 0 and 1 (E. W. Dijkstra, "A note on two problems in connexion with graphs", Numerische Mathematik
    1, 1959): a blocked edge counts 1, so the path found has the fewest obstacles, and its first blocked edge is the nearest.
    """
    import networkx as nx

    if SOURCE not in ways:
        return Obstacle("no_source", line.grade)
    if not nx.has_path(ways, SOURCE, line.customer):
        return Obstacle("no_way", line.customer)
    path = nx.dijkstra_path(ways, SOURCE, line.customer, weight="blocked")
    asset_of = nx.get_node_attributes(ways, "asset")
    for tail, head in zip(path, path[1:], strict=False):
        if ways.edges[tail, head]["blocked"]:
            carried = next((p.grades for p in scenario.pipelines if p.name == head), ())
            reason: Reason = "other_grades" if carried and line.grade not in carried else "closed"
            return Obstacle(reason, asset_of[head], asset_of.get(tail, ""))
    customer = next(c for c in scenario.customers if c.name == line.customer)
    return None if line.grade in customer.grades else Obstacle("not_accepted", line.customer, asset_of[path[-2]])


def _all_ways(scenario: Scenario, line: PlanLine, span: Span, over: Callable[[Span], Graph]) -> Graph:
    """Every way to the line's customer, ``blocked`` (1) standing on the edges into what is closed or carries other grades.

    The delivering link must be open within ``span`` (a train may have left a transit earlier), the others by its end.
    """
    import networkx as nx

    begin, (start, end) = scenario.as_of_day, span
    until = over((begin, end))
    last = {name: over((max(begin, start - transit), end)) for name, transit in _last_legs(line, scenario)}
    others = {s.name for s in scenario.suppliers if s.grade != line.grade}
    others |= {p.name for p in scenario.pipelines if p.grades and line.grade not in p.grades}
    foreign = {s.name for s in scenario.suppliers} & others
    foreign |= {c.name for c in scenario.customers if c.name != line.customer}
    foreign |= {node for node in until.predecessors(line.customer) if node not in last}
    ways: Graph = nx.DiGraph()
    ways.add_nodes_from((node, data) for node, data in until.nodes(data=True) if node not in foreign and node != SOURCE)
    closed = set()
    for tail, head in until.edges:
        if tail in foreign or head in foreign:
            continue
        if not is_open(last.get(head, until), tail, head):
            closed.add(head)
        ways.add_edge(tail, head, blocked=int(head in closed or head in others))
    for node in _filled(scenario, line.grade):
        if node in ways:
            ways.add_edge(SOURCE, node, blocked=int(node in closed))
    return ways


def _last_legs(line: PlanLine, scenario: Scenario) -> list[tuple[str, float]]:
    """(node, transit in days) of each link that may deliver ``line``."""
    legs = [(p.name, 0.0) for p in scenario.pipelines if p.destination == line.customer and line.via in ("", p.name)]
    legs += [
        (f"{railway.name}.{route.customer}", route.transit_days)
        for railway in scenario.railways
        for route in railway.routes
        if route.customer == line.customer and line.via in ("", railway.name)
    ]
    return legs


def _filled(scenario: Scenario, grade: str) -> list[str]:
    """The farms and lines that hold ``grade`` at the beginning."""
    if scenario.as_of_day > 0.0:
        customers = {c.name for c in scenario.customers}
        held = [s.asset for s in scenario.actual_stocks if s.grade == grade and s.tonnes > 0.0]
        return [asset for asset in held if asset not in customers]
    farms = [f.name for f in scenario.farms if f.opening_t.get(grade, 0.0) > 0.0]
    return farms + [p.name for p in scenario.pipelines if any(g == grade and t > 0.0 for g, t in p.contents_t)]
