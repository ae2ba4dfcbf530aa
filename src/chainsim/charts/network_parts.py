"""The parts of the network map: what a place, a link and the words on it look like."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chainsim.charts.chart import number, text_width
from chainsim.charts.layout import Place, Point
from chainsim.charts.palette import INK, LINE, SOFT_INK, VERMILION
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.results import Labels

MARGIN = 16
_LABEL_ROOM = 128
_LINE_HEIGHT = 13
_WIDEST = 13.0
"""Pixels of the largest flow's line."""
_LABELLED = 0.02
"""Flows smaller than this share of the largest bear no figure."""
SYMBOLS = {"supplier": 22, "farm": 30, "customer": 20, "railway": 24}
_FLOW, _RAIL, _QUIET = "#5B7FA3", "#6B6B6B", "#D0D4D9"


@dataclass(frozen=True, slots=True)
class Node:
    """A place: ``lines`` are its name and its figures, ``symbol`` one of ECharts' shapes."""

    name: str
    kind: str
    lines: tuple[str, ...]
    style: dict[str, Any]
    symbol: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A link with its mean flow (t/d) and the marks of its outages."""

    name: str
    origin: str
    destination: str
    flow: float
    mark: str


def drawn_node(node: Node, at: Point) -> dict[str, Any]:
    """A node whose symbol stands at the top of its box and whose words stand below."""
    size = SYMBOLS[node.kind]
    top = at[1] - box_of(node)[1] / 2
    return {
        # The name is what a tooltip shows, which escapes it; links refer to the id.
        "id": node.name, "name": " · ".join(node.lines), "x": at[0], "y": round(top + size / 2, 1),
        "symbol": node.symbol, "symbolSize": size, "itemStyle": node.style,
        "label": {
            "position": "bottom", "distance": 3, "formatter": "\n".join(_literal(line) for line in _wrapped(node)),
            "color": INK, "fontSize": 11, "lineHeight": _LINE_HEIGHT, "align": "center",
            "backgroundColor": "rgba(255,255,255,0.8)", "padding": [1, 3],
        },
    }  # fmt: skip


def drawn_line(
    edge: Edge,
    largest: float,
    labels: Labels,
    lang: str,
    colours: Mapping[str, str] | None,
) -> dict[str, Any]:
    wide = 1.0 + (_WIDEST - 1.0) * edge.flow / largest if largest > 0 else 1.0
    rail = "." in edge.name or edge.name == edge.destination
    style: dict[str, Any] = {
        "width": round(wide, 2),
        "opacity": 1,
        "color": LINE if edge.flow <= 0 else _RAIL if rail else _FLOW,
    }
    if rail:
        style["type"] = [6, 3]
    if colours is not None:
        style["color"] = colours.get(edge.name, _QUIET)
    elif edge.mark:
        style |= {"color": VERMILION, "type": [3, 3], "width": max(style["width"], 3.0)}
    told = f"{labels.asset(lang, edge.name)}: {text(lang, 'chart.flow', kt=edge.flow / 1000)}"
    return {
        "source": edge.origin, "target": edge.destination, "value": number(edge.flow), "name": told, "lineStyle": style,
        "symbolSize": [0, round(max(6.0, min(wide * 1.6, 16.0)), 1)], "emphasis": {"disabled": True},
    }  # fmt: skip


def drawn_figures(
    edges: Sequence[Edge],
    nodes: Sequence[Node],
    at: Mapping[str, Point],
    largest: float,
    values: Mapping[str, float] | None,
    unit: str,
) -> list[dict[str, Any]]:
    """The words on lines, each where it covers no place and no other word; outages and values stand in any case."""
    taken = [(at[n.name], Place(n.name, *box_of(n))) for n in nodes]
    symbols = {n.name: (at[n.name][0], at[n.name][1] - box_of(n)[1] / 2 + SYMBOLS[n.kind] / 2) for n in nodes}
    drawn = []
    for edge in edges:
        if values is not None:
            words = (
                f"{values[edge.name]:,.3g} {unit}".strip() if edge.name in values and edge.origin != edge.name else ""
            )
        else:
            words = edge.mark or (f"{edge.flow / 1000:,.1f}" if edge.flow >= _LABELLED * largest > 0 else "")
        if not words or (edge.origin == edge.name and not edge.mark):  # a supplier's own figure stands below it
            continue
        must = bool(edge.mark) or values is not None
        box = Place(edge.name, text_width(words, 12) + 6, 16)
        (x0, y0), (x1, y1) = symbols[edge.origin], symbols[edge.destination]
        spots = [(x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)]
        spot = min(spots, key=lambda s, box=box: _covered(s, box, taken))  # type: ignore[misc]
        if not must and _covered(spot, box, taken) > 0:
            continue
        taken.append((spot, box))
        drawn.append({
            "id": f".figure/{edge.name}", "name": words, "x": round(spot[0], 1), "y": round(spot[1], 1), "symbolSize": 0,
            "tooltip": {"show": False},
            "label": {
                "position": "inside", "formatter": words, "color": INK if must else SOFT_INK, "fontSize": 12 if must else 11,
                "fontWeight": "bold" if must else "normal", "backgroundColor": "rgba(255,255,255,0.85)", "padding": [1, 2],
            },
        })  # fmt: skip
    return drawn


def box_of(node: Node) -> tuple[float, float]:
    lines = _wrapped(node)
    wide = max([SYMBOLS[node.kind], *(text_width(line, 11) for line in lines)])
    return wide + 10, SYMBOLS[node.kind] + 3 + _LINE_HEIGHT * len(lines) + 6


def corners(width: int, height: int) -> list[dict[str, Any]]:
    """Invisible nodes that hold the sheet's size, so that a graph is neither stretched nor shifted."""
    return [
        {
            "id": f".corner{i}",
            "name": "",
            "x": x,
            "y": y,
            "symbolSize": 0,
            "label": {"show": False},
            "tooltip": {"show": False},
        }
        for i, (x, y) in enumerate(((0, 0), (width - 2 * MARGIN, height - 2 * MARGIN)))
    ]


def _covered(spot: Point, box: Place, taken: Sequence[tuple[Point, Place]]) -> float:
    """Square pixels of ``taken`` that the box would cover."""
    total = 0.0
    for (x, y), other in taken:
        over_x = (box.width + other.width) / 2 - abs(spot[0] - x)
        over_y = (box.height + other.height) / 2 - abs(spot[1] - y)
        total += over_x * over_y if over_x > 0 and over_y > 0 else 0.0
    return total


def _wrapped(node: Node) -> list[str]:
    """The name in lines of at most ``_LABEL_ROOM`` pixels, the figures on their own."""
    return [line for words in node.lines for line in _broken(words)]


def _broken(words: str) -> list[str]:
    """``words`` in as few lines as the room asks for, of about equal length: Chinese anywhere, other text at its spaces."""
    whole = text_width(words, 11)
    count = math.ceil(whole / _LABEL_ROOM)
    lines = [words]
    room = whole / max(count, 1)
    while room <= _LABEL_ROOM + 4:
        lines = _filled(words, room)
        if len(lines) <= count:
            break
        room += 4
    return lines


def _filled(words: str, room: float) -> list[str]:
    joint = " " if " " in words else ""
    lines = [""]
    for part in words.split(" ") if joint else list(words):
        longer = f"{lines[-1]}{joint}{part}" if lines[-1] else part
        if lines[-1] and text_width(longer, 11) > room:
            lines.append(part)
        else:
            lines[-1] = longer
    return lines


def _literal(words: str) -> str:
    """Braces of a name are no placeholder: a sign without width keeps ECharts from reading one."""
    return words.replace("{", "{\u200b")
