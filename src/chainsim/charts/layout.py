"""Where the places of a network stand on a sheet: by their coordinates, or in layers from the sources to the customers.

All of it is deterministic: equal networks give equal sheets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

Point = tuple[float, float]
_ROUNDS = 400
_SWEEPS = 8
_GATE = 0.04
"""Of the network's extent: an end that is nearer to its only neighbour stands beside it, whatever its coordinates."""
_GAPS = (0.0, 16.0)
"""Pixels between the places with coordinates, for a line and a word on it: what is tried."""
_CROSSING = 60.0
"""Pixels of line through a box that two lines crossing are as bad as."""
_EDGE_X, _EDGE_Y = 110.0, 66.0
"""Left free at the sheet's edges for what is put beside the outermost places."""


@dataclass(frozen=True, slots=True)
class Place:
    """A thing to be placed: its box in pixels (symbol and words), and its coordinates in degrees where they are known.

    ``lift`` is by how much the symbol's middle, where lines end, stands above the box's.
    """

    name: str
    width: float
    height: float
    lift: float = 0.0
    latitude: float | None = None
    longitude: float | None = None


@lru_cache(maxsize=16)  # the page draws the same network again and again
def laid_out(
    places: tuple[Place, ...], links: tuple[tuple[str, str], ...], width: float, height: float
) -> Mapping[str, Point]:
    """The middle of each place's box on a sheet of ``width`` × ``height`` pixels, boxes apart from one another.

    By coordinates where at least half of the places have some (those without stand beside their neighbours), else in layers.
    """
    known = [p for p in places if p.latitude is not None and p.longitude is not None]
    if len(known) < 3 or 2 * len(known) < len(places):
        spots = layered([p.name for p in places], links, width, height)
        return MappingProxyType(_apart(places, spots, width, height))
    # No one order and spacing suits every network: the clearest of a few is taken.
    drafts = [
        _apart(places, _by_coordinates(places, links, width, height, gap, by_claim=by_claim), width, height)
        for gap in _GAPS
        for by_claim in (False, True)
    ]
    scores = [round(clutter(places, links, draft), 3) for draft in drafts]
    return MappingProxyType(drafts[scores.index(min(scores))])


def clutter(places: Sequence[Place], links: Sequence[tuple[str, str]], spots: Mapping[str, Point]) -> float:
    """How hard a sheet is to read, in pixels: lines through other places' boxes, crossings, and a little for length."""
    by_name = {p.name: p for p in places}
    lines = [(a, b, _port(by_name[a], spots[a]), _port(by_name[b], spots[b])) for a, b in links if a != b]
    total = 0.0
    for index, (a, b, start, end) in enumerate(lines):
        total += 0.2 * math.dist(start, end)
        total += sum(length_in_box((start, end), spots[p.name], p) for p in places if p.name not in (a, b))
        for c, d, first, last in lines[index + 1 :]:
            if not {a, b} & {c, d} and _cross(start, end, first, last):
                total += _CROSSING
    return total


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def layered(names: Sequence[str], links: Sequence[tuple[str, str]], width: float, height: float) -> dict[str, Point]:
    """Left to right by the longest way from a source; within a layer near to what it is joined with."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from((a, b) for a, b in links if a != b)
    loops = nx.condensation(graph)  # places that feed one another share a layer
    layers = [
        [name for loop in generation for name in sorted(loops.nodes[loop]["members"], key=list(names).index)]
        for generation in nx.topological_generations(loops)
    ]
    layers = _pulled(layers, graph)
    for sweep in range(_SWEEPS):
        order = layers if sweep % 2 == 0 else layers[::-1]
        for before, layer in zip(order, order[1:], strict=False):
            seat = {name: (i + 0.5) / len(before) for i, name in enumerate(before)}
            own = {name: (i + 0.5) / len(layer) for i, name in enumerate(layer)}
            layer.sort(key=lambda name, seat=seat, own=own: _mean(_joined(graph, name, seat), own[name]))  # type: ignore[misc]
    step = width / max(len(layers), 1)
    return {
        name: ((column + 0.5) * step, (i + 0.5) * height / len(layer))
        for column, layer in enumerate(layers)
        for i, name in enumerate(layer)
    }


def _pulled(layers: list[list[str]], graph: object) -> list[list[str]]:
    """A source stands right before what it feeds, not at the far left."""
    import networkx as nx

    assert isinstance(graph, nx.DiGraph)
    column = {name: i for i, layer in enumerate(layers) for name in layer}
    for layer in layers[::-1]:
        for name in layer:
            after = [column[other] for other in graph.successors(name)]
            if after and not list(graph.predecessors(name)):
                column[name] = max(column[name], min(after) - 1)
    moved: list[list[str]] = [[] for _ in layers]
    for layer in layers:
        for name in layer:
            moved[column[name]].append(name)
    return [layer for layer in moved if layer]


def _joined(graph: object, name: str, seat: Mapping[str, float]) -> list[float]:
    import networkx as nx

    assert isinstance(graph, nx.DiGraph)
    return [seat[other] for other in (*graph.predecessors(name), *graph.successors(name)) if other in seat]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _by_coordinates(
    places: Sequence[Place],
    links: Sequence[tuple[str, str]],
    width: float,
    height: float,
    gap: float,
    *,
    by_claim: bool,
) -> dict[str, Point]:
    """East to the right, north up; half by distance and half by rank, so that a dense corner of the country opens up.

    What has no coordinates, and an end of the network that stands at its neighbour's gate, is put beside the neighbour where
    there is most room.
    """
    joined: dict[str, list[str]] = {p.name: [] for p in places}
    for origin, destination in links:
        joined[origin].append(destination)
        joined[destination].append(origin)
    at = {p.name: (p.longitude, -p.latitude) for p in places if p.latitude is not None and p.longitude is not None}
    span = max(max(v[k] for v in at.values()) - min(v[k] for v in at.values()) for k in (0, 1)) or 1.0

    def at_the_gate(name: str) -> bool:
        others = joined[name]
        return len(others) == 1 and others[0] in at and math.dist(at[name], at[others[0]]) < _GATE * span

    anchors = {name: point for name, point in at.items() if not at_the_gate(name)}
    if not anchors:
        anchors = at
    columns, rows = (_spread([point[k] for point in anchors.values()]) for k in (0, 1))
    spots = {
        name: (_EDGE_X + x * (width - 2 * _EDGE_X), _EDGE_Y + y * (height - 2 * _EDGE_Y))
        for name, x, y in zip(anchors, columns, rows, strict=True)
    }
    by_name = {p.name: p for p in places}
    roomy = [replace(by_name[n], width=by_name[n].width + gap, height=by_name[n].height + gap) for n in spots]
    spots = _apart(roomy, spots, width, height)
    waiting = [p for p in places if p.name not in spots]
    while waiting:
        reached = [p for p in waiting if any(o in spots for o in joined[p.name])]
        if not reached:  # joined to nothing that stands anywhere
            spots[waiting[0].name] = (width / 2, height - waiting[0].height / 2)
            del waiting[0]
            continue
        lines = [
            (_port(by_name[a], spots[a]), _port(by_name[b], spots[b])) for a, b in links if a in spots and b in spots
        ]
        # Who is joined with many first; then, ``by_claim``, who would lose most if another took the best place.
        chosen: tuple[tuple[int, float], Place, Point] | None = None
        for place in reached:
            near = [o for o in joined[place.name] if o in spots]
            (best, spot), (next_best, _) = _beside(place, near, by_name, spots, lines, width, height)
            claim = (len(near), next_best - best if by_claim else 0.0)
            if chosen is None or claim > chosen[0]:
                chosen = (claim, place, spot)
        assert chosen is not None
        _, place, spots[place.name] = chosen
        waiting.remove(place)
    return spots


def _spread(values: Sequence[float]) -> list[float]:
    """Positions 0…1: half the distance, half the rank (equal values share theirs)."""
    low, high = min(values), max(values)
    ranks = {value: i for i, value in enumerate(sorted(set(values)))}
    top = max(len(ranks) - 1, 1)
    return [0.5 * (v - low) / ((high - low) or 1.0) + 0.5 * ranks[v] / top for v in values]


def _beside(
    place: Place,
    near: Sequence[str],
    by_name: Mapping[str, Place],
    spots: Mapping[str, Point],
    lines: Sequence[tuple[Point, Point]],
    width: float,
    height: float,
) -> list[tuple[float, Point]]:
    """Of the spots around the first neighbour the best two, each with its cost: off the sheet, on boxes, on lines, far from the
    other neighbours count against one, in this order."""
    host = by_name[near[0]]
    x, y = spots[host.name]
    dx, dy = (host.width + place.width) / 2 + 10, (host.height + place.height) / 2 + 10
    found: list[tuple[float, Point]] = []
    for far in (1.0, 1.5):
        for across, down in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)):
            spot = (x + far * across * dx, y + far * down * dy)
            # Words stand below a symbol: a line that leaves or comes from straight below runs through them.
            cost = 60 * (far - 1) + (8 if across and down else 25 if down else 0)
            cost += 20 * max(0.0, place.width / 2 - spot[0], spot[0] + place.width / 2 - width)
            cost += 20 * max(0.0, place.height / 2 - spot[1], spot[1] + place.height / 2 - height)
            for name, other in spots.items():
                over_x = (place.width + by_name[name].width) / 2 - abs(spot[0] - other[0])
                over_y = (place.height + by_name[name].height) / 2 - abs(spot[1] - other[1])
                cost += over_x * over_y / 5 if over_x > 0 and over_y > 0 else 0
                if name != host.name:
                    cost += length_in_box((_port(host, (x, y)), _port(place, spot)), other, by_name[name])
                for end in near[1:]:
                    if name != end:
                        way = (_port(place, spot), _port(by_name[end], spots[end]))
                        cost += 0.5 * length_in_box(way, other, by_name[name])
            cost += sum(length_in_box(line, spot, place) for line in lines)
            cost += 0.05 * sum(math.dist(spot, spots[o]) for o in near[1:])
            found.append((round(cost, 6), spot))
    return sorted(found, key=lambda option: option[0])[:2]


def _port(place: Place, spot: Point) -> Point:
    return spot[0], spot[1] - place.lift


def length_in_box(line: tuple[Point, Point], middle: Point, place: Place) -> float:
    """How much of ``line`` runs through the place's box, in pixels (Liang and Barsky 1984)."""
    (x0, y0), (x1, y1) = line
    enter, leave = 0.0, 1.0
    for start, delta, centre, size in ((x0, x1 - x0, middle[0], place.width), (y0, y1 - y0, middle[1], place.height)):
        low, high = centre - size / 2 - start, centre + size / 2 - start
        if abs(delta) < 1e-9:
            if low > 0 or high < 0:
                return 0.0
            continue
        first, second = sorted((low / delta, high / delta))
        enter, leave = max(enter, first), min(leave, second)
    return max(0.0, leave - enter) * math.dist((x0, y0), (x1, y1))


def _apart(places: Sequence[Place], spots: Mapping[str, Point], width: float, height: float) -> dict[str, Point]:
    """Boxes that overlap are pushed apart along the shorter way, half each, and all kept on the sheet."""
    x = [spots[p.name][0] for p in places]
    y = [spots[p.name][1] for p in places]
    for _ in range(_ROUNDS):
        moved = False
        for i in range(len(places)):
            for j in range(i + 1, len(places)):
                over_x = (places[i].width + places[j].width) / 2 - abs(x[i] - x[j])
                over_y = (places[i].height + places[j].height) / 2 - abs(y[i] - y[j])
                if over_x <= 0.5 or over_y <= 0.5:
                    continue
                moved = True
                if over_x < over_y:
                    sign = 1.0 if x[i] < x[j] or (x[i] == x[j] and i < j) else -1.0
                    x[i] -= sign * over_x / 2
                    x[j] += sign * over_x / 2
                else:
                    sign = 1.0 if y[i] < y[j] or (y[i] == y[j] and i < j) else -1.0
                    y[i] -= sign * over_y / 2
                    y[j] += sign * over_y / 2
        for i, place in enumerate(places):
            x[i] = min(max(x[i], place.width / 2), width - place.width / 2)
            y[i] = min(max(y[i], place.height / 2), height - place.height / 2)
        if not moved:
            break
    return {p.name: (round(x[i], 1), round(y[i], 1)) for i, p in enumerate(places)}
