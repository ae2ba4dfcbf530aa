"""Completion of the plan: who, when, and the waterfall from plan over causes to what was delivered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.charts.chart import (
    Chart,
    base,
    lines_of,
    months_told,
    name_axis,
    number,
    row_height,
    rows_of,
    text_width,
    value_axis,
)
from chainsim.charts.palette import BAND_COLOURS, BLUE, CAUSE_COLOURS, GREEN, HATCH, INK, OTHER_CAUSE, PAPER, SKY
from chainsim.records import CAUSES
from chainsim.results.catalogue import BANDS
from chainsim.results.completion import Bands
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.results import Labels

MOST_STEPS = 8
"""Causes with a bar of their own; the rest is one."""
_NAMES_ROOM = 190
_CUT_BELOW = 0.25
"""Causes that are less than this share of the plan are shown larger, on an axis that does not begin at zero and says so."""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a waterfall: ``change_t`` from what was before it; ``kind`` is plan, cause, gain or delivered."""

    kind: str
    name: str
    change_t: float
    cause: str = ""


def completion_chart(
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    lang: str,
    *,
    by_grade: bool = False,
    customer: str | None = None,
) -> Chart:
    """Customer × month, each cell the completion in per cent on its band's colour; a last column for the whole time.

    ``by_grade`` gives a row for each customer and grade. Reads ``customer_months``, or ``completion``.
    """
    rows = rows_of(tables, "completion" if by_grade else "customer_months", customer=customer)
    months = sorted(set(rows["month"]))
    keys = ["customer", "grade"] if by_grade else ["customer"]
    lines = list(dict.fromkeys(zip(*(rows[k].astype("str") for k in keys), strict=True)))
    names = [" · ".join([labels.asset(lang, key[0]), *(labels.grade(lang, g) for g in key[1:])]) for key in lines]
    row_of = {key: index for index, key in enumerate(lines)}
    data: dict[str, list[dict[str, Any]]] = {band: [] for band in BANDS}
    column_of = {month: index for index, month in enumerate(months)}
    for row in lines_of(rows):
        key = tuple(str(getattr(row, k)) for k in keys)
        index, band = row_of[key], str(row.band)
        told = f"{names[index]} {row.month:%Y-%m}: {row.delivered_t:,.0f} / {row.plan_t:,.0f} t"
        data[band].append(_cell(column_of[row.month], index, float(row.completion), told))
    totals: dict[tuple[str, ...], tuple[float, float]] = dict.fromkeys(lines, (0.0, 0.0))
    for row in lines_of(rows):
        key = tuple(str(getattr(row, k)) for k in keys)
        totals[key] = (totals[key][0] + row.delivered_t, totals[key][1] + row.plan_t)
    whole = {key: delivered / plan for key, (delivered, plan) in totals.items() if plan > 0}
    for key, index in row_of.items():
        delivered, plan = totals[key]
        band = list(BANDS)[Bands().of(np.array([plan]), np.array([delivered]))[0]]
        told = f"{names[index]} {text(lang, 'chart.total')}: {delivered:,.0f} / {plan:,.0f} t"
        data[band].append(_cell(len(months), index, whole.get(key, math.nan), told))
    heights = row_height(names, _NAMES_ROOM)
    worst = sorted(whole.items(), key=lambda item: item[1])[:3]
    alt = text(
        lang, "chart.completion_alt", span=months_told(months[0], months[-1]),
        worst=", ".join(f"{names[row_of[key]]} {share:.1%}" for key, share in worst),
    )  # fmt: skip
    legend = {band: _band_text(band, lang) for band, cells in data.items() if cells}
    option = base(alt) | {
        "grid": {"left": _NAMES_ROOM + 24, "right": 8, "top": 62, "bottom": 4},
        "xAxis": name_axis(
            [*(f"{m:%y-%m}" for m in months), text(lang, "chart.total")], position="top", axisLine={"show": False}
        ),
        "yAxis": name_axis(names, room=_NAMES_ROOM, inverse=True, axisLine={"show": False}),
        # One series per band: the legend names the bands, and a reader may switch one off.
        "series": [
            {
                "type": "custom", "renderItem": "chainsim.cell", "name": legend[band], "data": cells,
                "encode": {"x": 0, "y": 1, "tooltip": 2},
                "itemPayload": {"ink": BAND_COLOURS[band][1], "texts": _figures(band, cells)},
                "itemStyle": {"color": BAND_COLOURS[band][0], "borderColor": PAPER, "borderWidth": 1},
            }
            for band, cells in data.items() if cells
        ],
    }  # fmt: skip
    option["legend"]["data"] = list(legend.values())
    return Chart(option, alt, height=70 + heights * len(lines))


def _cell(column: int, row: int, share: float, told: str) -> dict[str, Any]:
    return {"value": [column, row, number(share, 6)], "name": told}


def _figures(band: str, cells: list[dict[str, Any]]) -> list[str]:
    """What stands in the cells of a band: per cent, or a sign where there is no plan to compare with."""
    sign = {"unplanned": "*", "no_plan": "–"}.get(band)
    return [sign or f"{cell['value'][2] * 100:.0f}" for cell in cells]


def _band_text(band: str, lang: str) -> str:
    limits = Bands()
    bounds = {
        "green": f" ≥ {limits.green:.0%}", "watch": f" ≥ {limits.watch:.0%}", "low": f" ≥ {limits.low:.0%}",
        "severe": f" < {limits.low:.0%}", "over_lift": f" > {limits.over_lift:.0%}", "unplanned": " *", "no_plan": " –",
    }  # fmt: skip
    return BANDS[band][lang == "zh"] + bounds[band]


def waterfall_steps(
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    lang: str,
    *,
    customer: str | None = None,
    month: date | None = None,
    grade: str | None = None,
    most: int = MOST_STEPS,
) -> tuple[Step, ...]:
    """Plan, each cause by its tonnes, what came beyond the plan, delivered; ``None`` means all. The changes add up.

    Reads ``completion`` and ``shortfalls``.
    """
    when = None if month is None else f"{month:%Y-%m-%d}"
    plan = rows_of(tables, "completion", customer=customer, grade=grade, month=when)
    causes = rows_of(tables, "shortfalls", customer=customer, grade=grade, month=when)
    sums: dict[tuple[str, str], float] = {}
    for row in lines_of(causes):
        why = (str(row.cause), str(row.asset))
        sums[why] = sums.get(why, 0.0) + row.shortfall_t
    lost = [(*why, tonnes) for why, tonnes in sorted(sums.items(), key=lambda item: -item[1]) if tonnes > 0]
    shown, rest = (lost, []) if len(lost) <= most else (lost[: most - 1], lost[most - 1 :])
    steps = [Step("plan", text(lang, "chart.plan"), float(plan["plan_t"].sum()))]
    for cause, asset, tonnes in shown:
        name = CAUSES[cause][lang == "zh"]
        if asset not in ("", "nan"):
            name = f"{name} · {labels.asset(lang, asset)}"
        steps.append(Step("cause", name, -tonnes, cause))
    if rest:
        name = text(lang, "chart.other_causes", count=len(rest))
        steps.append(Step("cause", name, -sum(tonnes for *_, tonnes in rest)))
    for key, column in (("chart.over_lift", "over_lift_t"), ("chart.unplanned", "unplanned_t")):
        if (tonnes := float(plan[column].sum())) > 0:
            steps.append(Step("gain", text(lang, key), tonnes))
    steps.append(Step("delivered", text(lang, "chart.delivered"), float(plan["delivered_t"].sum())))
    return tuple(steps)


def waterfall_chart(
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    lang: str,
    *,
    customer: str | None = None,
    month: date | None = None,
    grade: str | None = None,
) -> Chart:
    """``waterfall_steps`` as bars, the plan on top and what was delivered at the foot."""
    steps = waterfall_steps(tables, labels, lang, customer=customer, month=month, grade=grade)
    bars = _bars(steps)
    plan, delivered = steps[0].change_t, steps[-1].change_t
    lowest = min((low for low, _ in bars[1:-1]), default=0.0)
    highest = max(high for _, high in bars)
    spread = highest - min(lowest, delivered)
    cut = 0.0
    if len(steps) > 2 and 0 < spread < _CUT_BELOW * highest:
        unit = 10.0 ** math.floor(math.log10(spread))
        cut = max(0.0, math.floor((highest - 1.6 * spread) / unit) * unit)
    names = [step.name for step in steps]
    room = min(260, max(round(max(map(text_width, names))) + 8, 60))
    data = [
        {"value": number(high - low), "itemStyle": _step_style(step), "label": {"formatter": _figure(step)}}
        for step, (low, high) in zip(steps, bars, strict=True)
    ]
    who = text(lang, "chart.all_customers") if customer is None else labels.asset(lang, customer)
    if grade is not None:
        who += f" · {labels.grade(lang, grade)}"
    stamps = tables["completion"]["month"]
    period = f"{month:%Y-%m}" if month is not None else months_told(stamps.min(), stamps.max())
    told = "; " if lang == "en" else "；"
    said = told.join(f"{s.name} {_figure(s)} t" for s in steps[1:-1]) or text(lang, "chart.no_shortfall")
    alt = text(lang, "chart.waterfall_alt", who=who, period=period, plan=plan, delivered=delivered, steps=said)
    high = highest + 0.16 * (highest - cut)
    option = base(alt, legend=False) | {
        "grid": {"left": room + 14, "right": 24, "top": 8, "bottom": 44},
        "xAxis": value_axis(
            text(lang, "chart.axis_cut", start=cut) if cut else "t", nameLocation="middle", nameGap=26, min=cut,
            max=number(high), axisLabel={"hideOverlap": True, "showMaxLabel": False},
        ),
        "yAxis": name_axis(names, room=room, inverse=True),
        "series": [
            {"type": "bar", "stack": "steps", "silent": True, "itemStyle": {"color": "transparent"},
             "tooltip": {"show": False}, "data": [number(low) for low, _ in bars]},
            {"type": "bar", "stack": "steps", "barCategoryGap": "30%", "data": data,
             "label": {"show": True, "position": "right", "color": INK}},
        ],
    }  # fmt: skip
    return Chart(option, alt, height=60 + row_height(names, room) * len(steps))


def _bars(steps: tuple[Step, ...]) -> list[tuple[float, float]]:
    """(low, high) of each bar."""
    bars = [(0.0, steps[0].change_t)]
    level = steps[0].change_t
    for step in steps[1:-1]:
        bars.append((min(level, level + step.change_t), max(level, level + step.change_t)))
        level += step.change_t
    return [*bars, (0.0, steps[-1].change_t)]


def _figure(step: Step) -> str:
    if step.kind in ("plan", "delivered"):
        return f"{step.change_t:,.0f}"
    return f"{step.change_t:+,.0f}".replace("-", "−")


def _step_style(step: Step) -> dict[str, Any]:
    match step.kind:
        case "plan":
            return {"color": SKY}
        case "delivered":
            return {"color": BLUE}
        case "gain":
            return {"color": GREEN}
    return {
        "color": CAUSE_COLOURS.get(step.cause, OTHER_CAUSE),
        "decal": HATCH,
    }  # fmt: skip
