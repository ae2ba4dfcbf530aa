"""Maximum flows and minimum cuts of small networks in whole numbers.

A run asks for hundreds of flows over a few dozen edges (twelve months, by class and grade). networkx answers each within a
millisecond, of which nine tenths go into copying graphs of dictionaries; here a network is a handful of lists. The algorithm is
Dinitz's (E. A. Dinic, "Algorithm for solution of a problem of maximum flow in networks with power estimation", Soviet Mathematics
Doklady 11, 1970): layers by distance to the sink, and in each layering a flow that leaves no way open. When no layering reaches
the source any more, what still reaches the sink is the far side of the minimum cut nearest to the sink (L. R. Ford,
D. R. Fulkerson, "Maximal flow through a network", Canadian Journal of Mathematics 8, 1956), which is the same whatever the
algorithm. Tests hold it against networkx.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from chainsim.network.graph import SINK, SOURCE

Edge: TypeAlias = tuple[str, str]


def minimum_cut(capacities: Mapping[Edge, int | None]) -> tuple[int, list[Edge]]:
    """The most that flows from ``SOURCE`` to ``SINK``, and the edges of the minimum cut nearest to the sink, in their order.

    ``capacities`` are by edge; ``None`` limits nothing, and no way may consist of such edges alone.
    """
    unlimited = 1 + sum(capacity for capacity in capacities.values() if capacity is not None)
    number = {SOURCE: 0, SINK: 1}
    leaving: list[list[int]] = [[], []]
    heads: list[int] = []
    left: list[int] = []  # arc 2k is the k-th edge, arc 2k + 1 its reverse: what may be taken back
    for (tail, head), capacity in capacities.items():
        for node in (tail, head):
            if node not in number:
                number[node] = len(leaving)
                leaving.append([])
        leaving[number[tail]].append(len(heads))
        leaving[number[head]].append(len(heads) + 1)
        heads += (number[head], number[tail])
        left += (unlimited if capacity is None else capacity, 0)
    flow = 0
    while True:
        layers = _layers(leaving, heads, left)
        if layers[0] < 0:
            break
        flow += _fill(leaving, heads, left, layers)
    assert flow < unlimited, "a way without any limit"
    far = {node for node, k in number.items() if layers[k] >= 0}
    return flow, [(tail, head) for tail, head in capacities if tail not in far and head in far]


def _layers(leaving: list[list[int]], heads: list[int], left: list[int]) -> list[int]:
    """By node, how many arcs with something left lie between it and the sink; −1 where no way leads there."""
    layers = [-1] * len(leaving)
    layers[1] = 0
    queue = [1]
    for node in queue:
        for arc in leaving[node]:
            before = heads[arc]
            if layers[before] < 0 and left[arc ^ 1] > 0:
                layers[before] = layers[node] + 1
                queue.append(before)
    return layers


def _fill(leaving: list[list[int]], heads: list[int], left: list[int], layers: list[int]) -> int:
    """Push what goes from layer to layer until every way is closed; the amount."""
    following = [0] * len(leaving)  # by node, the first of its arcs that may still lead on
    total = 0
    way: list[int] = []
    node = 0
    while True:
        if node == 1:
            amount = min(left[arc] for arc in way)
            for arc in way:
                left[arc] -= amount
                left[arc ^ 1] += amount
            total += amount
            way.clear()
            node = 0
            continue
        arcs = leaving[node]
        while following[node] < len(arcs):
            arc = arcs[following[node]]
            if left[arc] > 0 and layers[heads[arc]] == layers[node] - 1:
                break
            following[node] += 1
        else:
            if node == 0:
                return total
            node = heads[way.pop() ^ 1]
            following[node] += 1
            continue
        way.append(arc)
        node = heads[arc]
