"""Stocks over time with the limits of the tanks, and a fan of quantiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from chainsim.charts.chart import Chart, base, days_told, lines_of, milliseconds, number, rows_of, time_axis, value_axis
from chainsim.charts.network import downstream, ways_of
from chainsim.charts.outages import Outage, outages_of
from chainsim.charts.palette import BLACK, BLUE, ORANGE, SOFT_INK, VERMILION
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.results import Labels

HIGH_HIGH = 0.95
"""Utilisation at which intake stops (高高液位); the planning limits of rules/inventory.yaml."""
_SHADE = "rgba(90,90,90,0.16)"
_NEAR = timedelta(days=60)
"""An outage is told as what filled the tanks only when it began no longer ago."""
_HOURS_TOLD = 240
"""Longer, and a date says more than hours."""


@dataclass(frozen=True, slots=True)
class Filling:
    """When tanks were full, and that in words."""

    at: datetime
    told: str


def stock_chart(
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    lang: str,
    holder: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Chart:
    """The stock of a farm or a customer between heel and safe fill, and when it is full.

    Reads ``inventory_totals``, ``events`` and ``network``; daily stocks at 24:00. The first filling within [since, until) is
    marked, with the hours from the outage behind it (one that holds the outlet at that moment), or from ``since`` if that is
    near.
    """
    rows = rows_of(tables, "inventory_totals", holder=holder).sort_values("day")
    first_day, last_day = rows["day"].iloc[0].to_pydatetime(), rows["day"].iloc[-1].to_pydatetime()
    since, until = since or first_day, until or last_day + timedelta(days=1)
    rows = rows[(rows["day"] >= since) & (rows["day"] < until)]
    days = [day.to_pydatetime() for day in rows["day"]]
    stock = [(days[0], rows["opening_t"].iloc[0])]
    stock += [(day + timedelta(days=1), tonnes) for day, tonnes in zip(days, rows["closing_t"], strict=True)]
    heel, safe_fill = rows["heel_t"].tolist(), rows["safe_fill_t"].tolist()
    high_high = [low + HIGH_HIGH * (high - low) for low, high in zip(heel, safe_fill, strict=True)]
    outages = _behind(tables, [o for o in outages_of(tables) if o.during(since, until)])(holder)
    at = _first_full(tables, since, until).get(holder)
    full = None if at is None else _filling(labels, lang, at, since, outages)
    name = labels.asset(lang, holder)
    lowest, highest = float(rows["lowest_t"].min()), float(rows["highest_t"].max())
    alt = text(
        lang, "chart.stock_alt", holder=name, span=days_told(since, until),
        first=stock[0][1], last=stock[-1][1], lowest=lowest, highest=highest, safe_fill=safe_fill[-1],
        told=text(lang, "chart.never_full") if full is None else full.told,
    )  # fmt: skip
    line: dict[str, Any] = {
        "type": "line",
        "name": text(lang, "chart.stock"),
        "symbol": "none",
        "data": [[milliseconds(day), number(tonnes)] for day, tonnes in stock],
        "lineStyle": {"color": BLUE, "width": 2},
        "itemStyle": {"color": BLUE},
        "areaStyle": {"color": BLUE, "opacity": 0.12},
        "markArea": {"silent": True, "data": [_shade(o, labels, lang, since, until) for o in outages]},
    }
    if full is not None:
        line["markPoint"] = _mark(full, highest, since, until)
    limits = (
        ("chart.safe_fill", safe_fill, VERMILION, "dashed"),
        ("chart.high_high", high_high, ORANGE, "dotted"),
        ("chart.heel", heel, SOFT_INK, [8, 3, 2, 3]),
    )
    option = base(alt) | {
        "grid": {"left": 8, "right": 16, "top": 44, "bottom": 4, "containLabel": True},
        "xAxis": time_axis(since, until),
        "yAxis": value_axis("t", min=0),
        "series": [line, *(_limit(text(lang, key), days, values, *style) for key, values, *style in limits)],
    }
    option["tooltip"] |= {"trigger": "axis"}
    # The lines' dashes tell them apart; the shade has a series of its own, for only series stand in a legend.
    option["legend"] |= {"itemStyle": {"opacity": 0}, "itemWidth": 20, "itemGap": 9}
    option["legend"]["textStyle"] |= {"fontSize": 11}
    if outages:
        shade = text(lang, "chart.shade")
        option["series"].append(
            {"type": "line", "name": shade, "data": [], "lineStyle": {"color": _SHADE, "width": 10}}
        )
    return Chart(option, alt, height=250, width=480)


def _limit(name: str, days: Sequence[datetime], values: Sequence[float], colour: str, dash: Any) -> dict[str, Any]:
    """A limit as steps: its corners only."""
    turns = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(values)) if a != b)]
    points = [[milliseconds(days[i]), number(values[i])] for i in turns]
    points.append([milliseconds(days[-1] + timedelta(days=1)), number(values[-1])])
    return {
        "type": "line", "name": name, "step": "end", "symbol": "none", "data": points,
        "lineStyle": {"color": colour, "type": dash, "width": 1.5}, "itemStyle": {"color": colour},
    }  # fmt: skip


def _behind(tables: Mapping[str, pd.DataFrame], outages: Sequence[Outage]) -> Callable[[str], list[Outage]]:
    """By holder: those of ``outages`` on the lines and railways that its oil goes through."""
    if "network" not in tables or not outages:  # without a network: results of an earlier version
        return lambda _: []
    network = tables["network"]
    ways, links = ways_of(network), set(network.loc[network["kind"].isin(("pipeline", "railway")), "asset"])

    def behind(holder: str) -> list[Outage]:
        passed = downstream(ways, holder) & links
        return [o for o in outages if o.asset.split(".")[0] in passed]

    return behind


def fillings(
    tables: Mapping[str, pd.DataFrame], labels: Labels, lang: str, since: datetime, until: datetime
) -> dict[str, Filling]:
    """When each holder's tanks are first full within [since, until), those that ever are: after an outage behind them, or after
    ``since`` if that is near.
    """
    first = _first_full(tables, since, until)
    behind = _behind(tables, [o for o in outages_of(tables) if o.during(since, until)] if first else ())
    return {holder: _filling(labels, lang, at, since, behind(holder)) for holder, at in first.items()}


def _first_full(tables: Mapping[str, pd.DataFrame], since: datetime, until: datetime) -> dict[str, datetime]:
    """When each holder's tanks are first full within [since, until), those that ever are."""
    first: dict[str, datetime] = {}
    for event in lines_of(rows_of(tables, "events", kind="tank_full")):
        if since <= event.at < until:
            first.setdefault(str(event.asset), event.at.to_pydatetime())
    return first


def _filling(labels: Labels, lang: str, at: datetime, since: datetime, outages: Sequence[Outage]) -> Filling:
    stamp = f"{at:%m-%d %H:%M}"
    holding = [o for o in outages if o.began <= at and (o.ended is None or o.ended >= at) and at - o.began <= _NEAR]
    if holding:
        last = max(holding, key=lambda o: o.began)
        hours = round((at - last.began).total_seconds() / 3600)
        return Filling(at, text(lang, "chart.full_after", at=stamp, hours=hours, what=last.told(labels, lang)))
    hours = round((at - since).total_seconds() / 3600)
    key = "chart.full_in" if hours <= _HOURS_TOLD else "chart.full"
    return Filling(at, text(lang, key, at=stamp, hours=hours))


def _mark(full: Filling, tonnes: float, since: datetime, until: datetime) -> dict[str, Any]:
    """A point with its words on the side where there is room."""
    late = (full.at - since) > 0.5 * (until - since)
    label = {
        "show": True, "formatter": full.told, "position": "left" if late else "right", "distance": 6, "offset": [0, 34],
        "color": BLACK, "width": 190, "overflow": "break", "lineHeight": 14, "fontSize": 11, "align": "right" if late else "left",
        "backgroundColor": "rgba(255,255,255,0.85)", "padding": [2, 4],
    }  # fmt: skip
    return {
        "symbol": "triangle", "symbolSize": 10, "symbolRotate": 180, "symbolOffset": [0, "-50%"], "silent": True,
        "itemStyle": {"color": VERMILION},
        "data": [{"coord": [milliseconds(full.at), number(tonnes)], "label": label}],
    }  # fmt: skip


def _shade(outage: Outage, labels: Labels, lang: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
    began, ended = max(outage.began, since), min(outage.ended or until, until)
    return [
        {"name": outage.told(labels, lang), "xAxis": milliseconds(began), "label": {"show": False},
         "itemStyle": {"color": _SHADE}},
        {"xAxis": milliseconds(ended)},
    ]  # fmt: skip


def fan_chart(
    times: Sequence[datetime],
    quantiles: Mapping[float, Sequence[float]],
    lang: str,
    *,
    name: str,
    unit: str,
    limits: Mapping[str, float] | None = None,
) -> Chart:
    """How a figure spreads over many runs: bands between the quantiles q and 1 − q, and the median.

    ``quantiles`` maps a share (0…1) to one value for each time; 0.5 must be among them. ``limits`` are level lines by name.
    """
    stamps = [milliseconds(t) for t in times]
    pairs = [(q, 1 - q) for q in sorted(quantiles) if q < 0.5 and _partner(quantiles, q) is not None]
    series: list[dict[str, Any]] = []
    for index, (low, high) in enumerate(pairs):
        lower, upper = quantiles[low], quantiles[_found(quantiles, high)]
        band = text(lang, "chart.quantiles", low=low, high=high)
        hidden = {"type": "line", "stack": band, "symbol": "none", "silent": True, "lineStyle": {"opacity": 0}}
        style = {"color": BLUE, "opacity": 0.15 + 0.18 * index}
        series += [
            {**hidden, "name": f"{band} ", "stackStrategy": "all", "tooltip": {"show": False},
             "data": [[t, number(v)] for t, v in zip(stamps, lower, strict=True)]},
            {**hidden, "name": band, "stackStrategy": "all", "areaStyle": style, "itemStyle": style,
             "data": [[t, number(b - a)] for t, a, b in zip(stamps, lower, upper, strict=True)]},
        ]  # fmt: skip
    median = quantiles[0.5]
    line: dict[str, Any] = {
        "type": "line", "name": text(lang, "chart.median"), "symbol": "none", "itemStyle": {"color": BLACK},
        "data": [[t, number(v)] for t, v in zip(stamps, median, strict=True)], "lineStyle": {"color": BLACK, "width": 2},
    }  # fmt: skip
    if limits:
        line["markLine"] = {
            "symbol": "none", "silent": True,
            "label": {"formatter": "{b}", "position": "insideEndTop", "color": VERMILION},
            "lineStyle": {"color": VERMILION, "type": "dashed"},
            "data": [{"name": called, "yAxis": number(value)} for called, value in limits.items()],
        }  # fmt: skip
    widest = pairs[0] if pairs else (0.5, 0.5)
    alt = text(
        lang, "chart.fan_alt", name=name, unit=unit, first=median[0], last=median[-1],
        low=quantiles[widest[0]][-1], high=quantiles[_found(quantiles, widest[1])][-1],
    )  # fmt: skip
    option = base(alt) | {
        "grid": {"left": 8, "right": 16, "top": 44, "bottom": 4, "containLabel": True},
        "xAxis": time_axis(times[0], times[-1]),
        "yAxis": value_axis(unit, scale=True),
        "series": [*series, line],
    }
    named = [{"name": text(lang, "chart.quantiles", low=a, high=b), "icon": "roundRect"} for a, b in pairs]
    option["legend"]["data"] = [text(lang, "chart.median"), *named]
    option["tooltip"] |= {"trigger": "axis"}
    return Chart(option, alt, height=300)


def _partner(quantiles: Mapping[float, Sequence[float]], low: float) -> float | None:
    return next((q for q in quantiles if abs(q - (1 - low)) < 1e-9), None)


def _found(quantiles: Mapping[float, Sequence[float]], share: float) -> float:
    return next(q for q in quantiles if abs(q - share) < 1e-9)
