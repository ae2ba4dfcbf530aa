"""Minimum cuts in whole numbers, and dominators, against networkx on random networks."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.algorithms.flow import dinitz

from chainsim.network.cuts import Edge, minimum_cut
from chainsim.network.graph import SINK, SOURCE, Ways
from chainsim.network.ways import _dominators

NODES = ("a", "b", "c", "d", "e")
EDGES = st.tuples(st.sampled_from((SOURCE, *NODES)), st.sampled_from((*NODES, SINK))).filter(lambda e: e[0] != e[1])
CAPACITIES = st.sampled_from((0, 1, 2, 3, 10**12, None))


@given(st.dictionaries(EDGES, CAPACITIES, max_size=20))
@settings(max_examples=400, derandomize=True, deadline=None, database=None)
def test_flow_and_cut_are_those_of_networkx(drawn: dict[Edge, int | None]) -> None:
    capacities = {edge: 7 if SOURCE in edge and capacity is None else capacity for edge, capacity in drawn.items()}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from((SOURCE, SINK))
    for (tail, head), capacity in capacities.items():
        graph.add_edge(tail, head, **({} if capacity is None else {"capacity": capacity}))
    value, (near, far) = nx.minimum_cut(graph, SOURCE, SINK, flow_func=dinitz)
    flow, cut = minimum_cut(capacities)
    assert flow == value
    assert cut == [(tail, head) for tail, head in capacities if tail in near and head in far]
    assert sum(capacities[edge] or 0 for edge in cut) == flow


def test_a_way_without_any_limit_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError, match="without any limit"):
        minimum_cut({(SOURCE, "a"): None, ("a", SINK): None})


@given(st.sets(EDGES, max_size=20))
@settings(max_examples=400, derandomize=True, deadline=None, database=None)
def test_dominators_are_those_of_networkx(edges: set[Edge]) -> None:
    ways = Ways()
    for tail, head in sorted(edges):
        ways.add_edge(tail, head)
    ways.leaving.setdefault(SOURCE, {})
    graph: nx.DiGraph[str] = nx.DiGraph(sorted(edges))
    graph.add_node(SOURCE)
    expected = nx.immediate_dominators(graph, SOURCE)
    assert _dominators(ways) == {node: above for node, above in expected.items() if node != SOURCE}
