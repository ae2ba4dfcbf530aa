"""What is not one number: intervals of a figure over many runs, and a figure along the positions of a lever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chainsim.charts.chart import Chart, Option, base, name_axis, number, row_height, text_width, value_axis
from chainsim.charts.palette import BLACK, BLUE, INK, SKY, VERMILION
from chainsim.texts import text

_ROOM = 200
_WIDE, _NARROW, _MIDDLE = 0.5, 0.5, 0.75
"""Shares of a row's height: of the wide band, the narrow band and the median's stroke."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure's spread: quantiles 5, 25, 50, 75 and 95 per cent."""

    name: str
    quantiles: tuple[float, float, float, float, float]


def intervals_chart(rows: Sequence[Interval], threshold: float, lang: str, *, name: str) -> Chart:
    """Shares over many runs, one row each: nine in ten runs lie within the light band, half within the dark one."""
    names = [row.name for row in rows]
    room = min(_ROOM, max(round(max(map(text_width, names), default=0)) + 8, 60))
    told = "; ".join(
        f"{r.name} {r.quantiles[0]:.1%}…{r.quantiles[4]:.1%}, {text(lang, 'chart.median')} {r.quantiles[2]:.1%}"
        for r in rows
    )
    alt = text(lang, "chart.intervals_alt", name=name, told=told)
    figures = [100 * value for row in rows for value in row.quantiles] + [100 * threshold]
    least, most = min(figures, default=0.0), max(figures, default=100.0)
    margin = max(0.06 * (most - least), 0.5)
    bands = ((0, 4, SKY, _WIDE, "chart.nine_in_ten"), (1, 3, BLUE, _NARROW, "chart.half_of_runs"))
    series: list[dict[str, Any]] = [
        {
            "type": "custom", "renderItem": "chainsim.bar", "name": text(lang, key), "itemStyle": {"color": colour},
            "encode": {"x": [0, 1], "y": 2, "tooltip": [0, 1]},
            "data": [[number(100 * row.quantiles[low]), number(100 * row.quantiles[high]), at, height]
                     for at, row in enumerate(rows)],
        }
        for low, high, colour, height, key in bands
    ]  # fmt: skip
    series.append(
        {
            "type": "scatter", "name": text(lang, "chart.median"), "symbol": "rect", "symbolSize": [3, 18],
            "itemStyle": {"color": BLACK}, "z": 5,
            "data": [[number(100 * row.quantiles[2]), at] for at, row in enumerate(rows)],
        }
    )  # fmt: skip
    series[0]["markLine"] = _limit("xAxis", threshold, "start")
    option = base(alt) | {
        "grid": {"left": room + 14, "right": 24, "top": 50, "bottom": 44},
        "xAxis": value_axis(
            f"{name} (%)", nameLocation="middle", nameGap=28, min=number(least - margin, 1), max=number(most + margin, 1),
            axisLabel={"showMinLabel": False, "showMaxLabel": False, "hideOverlap": True},
        ),
        "yAxis": name_axis(names, room=room, inverse=True, axisLine={"show": False}),
        "series": series,
    }  # fmt: skip
    return Chart(option, alt, height=102 + row_height(names, room) * max(len(rows), 1))


def lever_chart(
    points: Sequence[tuple[str, float]], at: int, threshold: float, lang: str, *, lever: str, name: str
) -> Chart:
    """A share (completion) along a lever: ``points`` are positions in words with the share there, ``at`` the one that stands."""
    told = "; ".join(f"{position} {value:.1%}" for position, value in points)
    alt = text(lang, "chart.lever_alt", name=name, lever=lever, told=told)
    positions = [float(position) for position, _ in points]
    values = [100 * value for _, value in points]
    least, most = min([*values, 100 * threshold]), max([*values, 100 * threshold])
    margin = max(0.08 * (most - least), 0.5)
    line = {
        "type": "line", "name": name, "symbolSize": 5, "data": [[x, number(y)] for x, y in zip(positions, values, strict=True)],
        "itemStyle": {"color": BLUE}, "lineStyle": {"color": BLUE, "width": 2},
        "markLine": _limit("yAxis", threshold, "insideEndTop"),
        "markPoint": {
            "symbol": "triangle", "symbolSize": 11, "symbolRotate": 180, "symbolOffset": [0, "-80%"], "silent": True,
            "itemStyle": {"color": INK}, "data": [{"coord": [positions[at], number(values[at])]}], "label": {"show": False},
        },
    }  # fmt: skip
    option = base(alt, legend=False) | {
        "grid": {"left": 8, "right": 24, "top": 34, "bottom": 26, "containLabel": True},
        "xAxis": value_axis(lever, nameLocation="middle", nameGap=26, min="dataMin", max="dataMax"),
        "yAxis": value_axis(f"{name} (%)", min=number(least - margin, 1), max=number(most + margin, 1),
                            axisLabel={"showMinLabel": False, "showMaxLabel": False},
                            nameTextStyle={"align": "left", "color": INK}),
        "series": [line],
    }  # fmt: skip
    option["tooltip"] |= {"trigger": "axis"}
    return Chart(option, alt, height=240, width=640)


def _limit(axis: str, threshold: float, position: str) -> Option:
    """The dashed line at a share on ``axis``, its label at ``position``."""
    return {
        "symbol": "none", "silent": True, "lineStyle": {"color": VERMILION, "type": "dashed"},
        "label": {"formatter": f"{100 * threshold:g}%", "color": INK, "position": position},
        "data": [{axis: number(100 * threshold)}],
    }  # fmt: skip
