"""The network map: places with their tank levels, links as wide as what flows, outages; or any figure per asset as a colour."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.charts.chart import WIDTH, Chart, base, days_told, lines_of
from chainsim.charts.layout import Place, Point, laid_out
from chainsim.charts.network_parts import (
    MARGIN,
    SYMBOLS,
    Edge,
    Node,
    box_of,
    corners,
    drawn_figures,
    drawn_line,
    drawn_node,
)
from chainsim.charts.outages import Outage, outages_of
from chainsim.charts.palette import (
    BAND_COLOURS,
    BLUE,
    FONTS,
    INK,
    ORANGE,
    PAPER,
    VERMILION,
)
from chainsim.results.catalogue import BANDS
from chainsim.results.completion import Bands
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.results import Labels

HEIGHT = 560
_KEY_LINE = 15
_SCALE = ("#F7F7F7", "#FDDBC7", "#F4A582", "#D6604D", "#9C2C26")
"""White to dark red (ColorBrewer RdGy's red half), monotone in lightness."""


def ways_of(network: pd.DataFrame) -> dict[str, list[str]]:
    """Where oil may go next from every place and link; a railway by its own name."""
    ways: dict[str, list[str]] = {}
    for row in lines_of(network):
        asset = str(row.asset)
        if row.kind in ("pipeline", "railway"):
            ways.setdefault(str(row.origin), []).append(asset)
        if row.destination:
            ways.setdefault(asset if row.kind != "route" else str(row.origin), []).append(str(row.destination))
    return ways


def downstream(ways: Mapping[str, Sequence[str]], start: str) -> set[str]:
    """Every place and link that oil from ``start`` may go through, ``start`` left out."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for name in ways.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found - {start}


def network_chart(
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    lang: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    values: Mapping[str, float] | None = None,
    title: str = "",
    unit: str = "",
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Chart:
    """The network over [since, until) (default: the run): mean flows as widths, levels at the end, completion, outages.

    ``values`` gives a figure per asset (larger is darker; ``title`` and ``unit`` say what it is): places and links are then
    coloured by it, a link's width still being its flow. Positions do not depend on the span, so that pictures of two days lie on
    one another. Reads ``network``, ``flow_totals``, ``trains``, ``inventory_totals``, ``customer_months``, ``events``.
    """
    days = tables["flow_totals"]["day"]
    first = days.min().to_pydatetime()
    since, until = since or first, until or days.max().to_pydatetime() + timedelta(days=1)
    network = tables["network"]
    flows = _flows(tables, since, until)
    outages = [o for o in outages_of(tables) if o.during(since, until)]
    marks = {o: f"×{i}" for i, o in enumerate(outages, start=1)} if values is None else {}
    colours = _colours(values) if values is not None else None
    nodes = [
        _node(tables, labels, lang, str(row.asset), str(row.kind), flows, marks, since, until, colours, values, unit)
        for row in lines_of(network)
        if row.kind in SYMBOLS
    ]
    links = list(_links(network))
    at, height = _positions(network, nodes, [(a, b) for _, a, b in links], labels, lang, width, height)
    largest = max((flows.get(name, 0.0) for name, *_ in links), default=0.0)
    edges = [
        Edge(name, a, b, flows.get(name, 0.0), " ".join(m for o, m in marks.items() if o.asset == name))
        for name, a, b in links
    ]
    words = [text(lang, "chart.map_key") if values is None else f"{title} ({unit})" if unit else title]
    words += [f"{mark} {o.told(labels, lang)} {o.span(lang)}" for o, mark in marks.items()]
    below = _KEY_LINE * len(words) + 4
    alt = _alt(network, labels, lang, since, until, flows, outages, values, title)
    option = base(alt, legend=False) | {
        "graphic": [{
            "type": "text", "left": 4, "bottom": 2, "silent": True,
            "style": {"text": "\n".join(words), "fill": INK, "fontSize": 11, "lineHeight": _KEY_LINE, "fontFamily": FONTS},
        }],
        "series": [
            {
                "type": "graph", "layout": "none", "roam": True, "nodeScaleRatio": 0.5,
                "left": MARGIN, "top": MARGIN, "width": width - 2 * MARGIN, "height": height - 2 * MARGIN,
                "edgeSymbol": ["none", "arrow"], "label": {"show": True},
                "data": [*corners(width, height), *(drawn_node(n, at[n.name]) for n in nodes),
                         *drawn_figures(edges, nodes, at, largest, values, unit)],
                "links": [drawn_line(edge, largest, labels, lang, colours) for edge in edges],
            }
        ],
    }  # fmt: skip
    return Chart(option, alt, height=height + below, width=width)


def _links(network: pd.DataFrame) -> Iterable[tuple[str, str, str]]:
    """(name, from, to) of everything that is drawn as a line; a railway is a place, fed by its terminal."""
    for row in lines_of(network):
        asset = str(row.asset)
        match str(row.kind):
            case "supplier":
                yield asset, asset, str(row.destination)
            case "pipeline" | "route":
                yield asset, str(row.origin), str(row.destination)
            case "railway":
                yield asset, str(row.origin), asset


def _flows(tables: Mapping[str, pd.DataFrame], since: datetime, until: datetime) -> dict[str, float]:
    """Mean tonnes a day through each link: what entered it, of rail routes what left on trains."""
    length = max((until - since).total_seconds() / 86_400, 1e-9)
    totals = tables["flow_totals"]
    totals = totals[(totals["day"] >= since) & (totals["day"] < until)]
    sums = totals.groupby("asset", observed=True)["entered_t"].sum()
    flows = {str(name).removesuffix(".rack"): float(tonnes) / length for name, tonnes in sums.items()}
    trains = tables["trains"]
    gone = trains[(trains["departed_at"] >= since) & (trains["departed_at"] < until)]
    for train in lines_of(gone):
        route = f"{train.railway}.{train.customer}"
        flows[route] = flows.get(route, 0.0) + train.loaded_t / length
    return flows


def _node(
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    lang: str,
    name: str,
    kind: str,
    flows: Mapping[str, float],
    marks: Mapping[Outage, str],
    since: datetime,
    until: datetime,
    colours: Mapping[str, str] | None,
    values: Mapping[str, float] | None,
    unit: str,
) -> Node:
    words = [labels.asset(lang, name)]
    style: dict[str, Any] = {"color": PAPER, "borderColor": INK, "borderWidth": 1.2}
    symbol = {"supplier": "triangle", "farm": "rect", "customer": "circle", "railway": "diamond"}[kind]
    if kind == "farm":
        level, tonnes = _level(tables, name, until)
        if level is not None:
            style["color"] = _filled(level)
            words.append(text(lang, "chart.level", share=level, kt=tonnes / 1000))
        else:
            symbol = "roundRect"
    elif kind == "customer":
        share, band = _completed(tables, name, since, until)
        style["color"] = BAND_COLOURS[band][0]
        if share is not None:
            words.append(f"{share:.1%}")
    elif kind == "supplier":
        words.append(text(lang, "chart.flow", kt=flows.get(name, 0.0) / 1000))
    own = [m for o, m in marks.items() if o.asset in (name, f"{name}.rack", f"{name}.paths")]
    if colours is not None and values is not None:
        style["color"] = colours.get(name, PAPER)
        words[1:] = [f"{values[name]:,.3g} {unit}".strip()] if name in colours else []
    elif own:
        words[0] += " " + " ".join(own)
        style |= {"borderColor": VERMILION, "borderWidth": 2.5, "borderType": "dashed"}
    return Node(name, kind, tuple(words), style, symbol)


def _level(tables: Mapping[str, pd.DataFrame], farm: str, until: datetime) -> tuple[float | None, float]:
    """Utilisation (heel to safe fill) and tonnes at the end of the span."""
    stocks = tables["inventory_totals"]
    rows = stocks[(stocks["holder"] == farm) & (stocks["day"] < until)]
    if rows.empty or not float(rows["safe_fill_t"].iloc[-1]) > 0:
        return None, 0.0
    level = max(float(rows["utilisation"].iloc[-1]), 0.0)  # a grain below the heel is rounding
    return (None if math.isnan(level) else level), float(rows["closing_t"].iloc[-1])


def _filled(level: float) -> dict[str, Any]:
    """A tank as full as ``level``: a gradient with a hard edge."""
    full = min(max(level, 0.0), 1.0)
    colour = VERMILION if level >= 0.9 else ORANGE if level >= 0.8 else BLUE
    stops = [(0.0, colour), (full, colour), (full, PAPER), (1.0, PAPER)]
    return {
        "type": "linear", "x": 0, "y": 1, "x2": 0, "y2": 0,
        "colorStops": [{"offset": round(offset, 4), "color": shade} for offset, shade in stops],
    }  # fmt: skip


def _completed(
    tables: Mapping[str, pd.DataFrame], customer: str, since: datetime, until: datetime
) -> tuple[float | None, str]:
    """Completion and band of the months that the span touches."""
    months = tables["customer_months"]
    begins = since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = months[(months["customer"] == customer) & (months["month"] >= begins) & (months["month"] < until)]
    plan, delivered = float(rows["plan_t"].sum()), float(rows["delivered_t"].sum())
    band = list(BANDS)[Bands().of(np.array([plan]), np.array([delivered]))[0]]
    return (delivered / plan if plan > 0 else None), band


def _positions(
    network: pd.DataFrame,
    nodes: Sequence[Node],
    links: Sequence[tuple[str, str]],
    labels: Labels,
    lang: str,
    width: int,
    height: int,
) -> tuple[dict[str, Point], int]:
    """Where the places stand, and how high a sheet they need.

    By their names alone, with room for their figures and marks: these change over time, positions must not.
    """
    degrees = {
        str(row.asset): (float(row.latitude), float(row.longitude))
        for row in lines_of(network)
        if not math.isnan(row.latitude) and not math.isnan(row.longitude)
    }
    places = []
    for node in nodes:
        words = (f"{labels.asset(lang, node.name)} ×88", text(lang, "chart.level", share=1.0, kt=888))
        wide, high = box_of(Node(node.name, node.kind, words, {}, ""))
        lift = high / 2 - SYMBOLS[node.kind] / 2
        places.append(Place(node.name, wide, high, lift, *degrees.get(node.name, (None, None))))
    spots = laid_out(tuple(places), tuple(links), width - 2 * MARGIN, height - 2 * MARGIN)
    # The box was for name and one figure; what is drawn keeps its top edge.
    boxes = {p.name: p.height for p in places}
    top = min(y - boxes[name] / 2 for name, (_, y) in spots.items())
    spots = {name: (x, y - top) for name, (x, y) in spots.items()}
    bottom = max(y + boxes[name] / 2 for name, (_, y) in spots.items())
    at = {n.name: (spots[n.name][0], spots[n.name][1] - boxes[n.name] / 2 + box_of(n)[1] / 2) for n in nodes}
    return at, math.ceil(bottom) + 2 * MARGIN


def _colours(values: Mapping[str, float]) -> dict[str, str]:
    """Each value's colour on a scale of five steps from nought to the largest."""
    top = max((v for v in values.values() if not math.isnan(v)), default=0.0)
    if top <= 0:
        return dict.fromkeys(values, _SCALE[0])
    steps = len(_SCALE)
    return {
        name: _SCALE[min(int(max(v, 0.0) / top * steps), steps - 1)] for name, v in values.items() if not math.isnan(v)
    }


def _alt(
    network: pd.DataFrame,
    labels: Labels,
    lang: str,
    since: datetime,
    until: datetime,
    flows: Mapping[str, float],
    outages: Sequence[Outage],
    values: Mapping[str, float] | None,
    title: str,
) -> str:
    if values is not None:
        highest = sorted(values.items(), key=lambda item: -item[1])[:3]
        told = ", ".join(f"{labels.asset(lang, name)} {value:,.3g}" for name, value in highest)
        return text(lang, "chart.map_values_alt", title=title, highest=told or text(lang, "chart.none"))
    kinds = network["kind"].astype("str")
    lines = {str(a): flows.get(str(a), 0.0) for a in network.loc[kinds == "pipeline", "asset"]}
    top = max(lines, key=lambda name: lines[name], default=None)
    largest = text(lang, "chart.none")
    if top is not None:
        largest = f"{labels.asset(lang, top)} {text(lang, 'chart.flow', kt=lines[top] / 1000)}"
    stops = "; ".join(f"{o.told(labels, lang)} {o.span(lang)}" for o in outages) or text(lang, "chart.none")
    return text(
        lang, "chart.map_alt", span=days_told(since, until),
        suppliers=int((kinds == "supplier").sum()), farms=int((kinds == "farm").sum()),
        customers=int((kinds == "customer").sum()), largest=largest, outages=stops,
    )  # fmt: skip
