"""Which grades a link may have to carry: those on a path from a source of the grade to a customer that wants it."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from chainsim.model import Scenario
from chainsim.optimization.opening import MonthKey, Opening


def grades_carried(scenario: Scenario, opening: Opening, plan: Mapping[MonthKey, float]) -> dict[str, tuple[str, ...]]:
    """Link (pipeline, or railway.customer) → the grades that can come to it and are wanted beyond it, or lie in it now."""
    found: dict[str, dict[str, None]] = {}
    wanted = dict.fromkeys((customer, grade) for customer, grade, _ in plan)
    farms = {f.name for f in scenario.farms}
    accepts = {c.name: set(c.grades) for c in scenario.customers}
    for grade in (g.name for g in scenario.grades):
        graph: nx.DiGraph[str] = nx.DiGraph()
        sources = {s.farm for s in scenario.suppliers if s.grade == grade}
        sources |= {holder for (holder, of), tonnes in opening.stock_t.items() if of == grade and tonnes > 0.0}
        ends: list[tuple[str, str, str]] = []
        for line in scenario.pipelines:
            if not line.grades or grade in line.grades:
                if line.destination in farms or grade in accepts.get(line.destination, ()):
                    ends.append((line.name, line.origin, line.destination))
                if any(of == grade for of, _ in opening.contents_t.get(line.name, ())):
                    sources.add(line.destination)
        for railway in scenario.railways:
            ends += [
                (f"{railway.name}.{r.customer}", railway.terminal, r.customer)
                for r in railway.routes
                if grade in accepts.get(r.customer, ())
            ]
        graph.add_nodes_from((*farms, *accepts))
        graph.add_edges_from((origin, end) for _, origin, end in ends)
        reached = set(sources).union(*(nx.descendants(graph, source) for source in sources if source in graph))
        sinks = {customer for customer, of in wanted if of == grade}
        useful = set(sinks).union(*(nx.ancestors(graph, sink) for sink in sinks if sink in graph))
        for name, origin, end in ends:
            lies_in_it = any(of == grade and t > 0 for of, t in opening.contents_t.get(name, ()))
            if (origin in reached and end in useful) or lies_in_it:
                found.setdefault(name, {})[grade] = None
    return {name: tuple(grades) for name, grades in found.items()}
