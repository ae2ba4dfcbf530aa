"""What moves when: batches in the lines as parcels from entrance to exit, trains as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from chainsim.charts.chart import (
    Chart,
    base,
    days_told,
    lines_of,
    milliseconds,
    name_axis,
    number,
    row_height,
    time_axis,
    value_axis,
)
from chainsim.charts.palette import BLUE, HATCH, INK, PAPER, PLAIN, SERIES, VERMILION, ink_on, series_style
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.results import Labels

_LANE = 110
"""Pixels of a pipeline's lane."""
_LATE_DAYS = 1.0
_LANES = 3
"""Trains of one customer that may be under way at once before their bars overlap."""


def batches_chart(
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    lang: str,
    *,
    pipelines: Sequence[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Chart:
    """The batches of each line as they travel: the upper edge of a lane is the line's entrance, the lower its exit.

    ``pipelines`` default to all that run in batches, in order of the table. Where a line stands, its parcels lean on longer.
    Reads ``batches``, ``flow_totals`` (for the run's days).
    """
    batches = tables["batches"]
    days = tables["flow_totals"]["day"]
    begin, end = days.min().to_pydatetime(), days.max().to_pydatetime() + timedelta(days=1)
    since, until = since or begin, until or end
    lines = list(pipelines) if pipelines is not None else list(dict.fromkeys(batches["pipeline"].astype("str")))
    grades = [g for g in batches["grade"].cat.categories if (batches["grade"] == g).any()]
    parcels: dict[str, list[list[float | None]]] = {g: [] for g in grades}
    count = 0
    for lane, line in enumerate(lines):
        for grade, corners in _parcels(batches[batches["pipeline"] == line], begin, end):
            (front_in, _), (tail_out, _) = corners[0], corners[2]
            if tail_out <= since or front_in >= until:
                continue
            count += 1
            flat = [v for at, place in corners for v in (milliseconds(at), number(lane + 0.06 + 0.88 * place))]
            parcels[str(grade)].append(flat)
    names = {g: labels.grade(lang, g) for g in grades}
    told = ", ".join(f"{names[g]} {len(parcels[g])}" for g in grades if parcels[g])
    alt = text(
        lang, "chart.batches_alt", lines=", ".join(labels.asset(lang, line) for line in lines), count=count,
        span=days_told(since, until), grades=told or text(lang, "chart.none"),
    )  # fmt: skip
    room = 150
    option = base(alt) | {
        "grid": {"left": room + 12, "right": 16, "top": 34, "bottom": 28},
        "xAxis": time_axis(since, until),
        "yAxis": [
            value_axis("", min=0, max=len(lines), inverse=True, interval=1, axisLabel={"show": False}),
            name_axis([labels.asset(lang, line) for line in lines], room=room, inverse=True, position="left",
                      axisLine={"show": False}),
        ],
        "series": [
            {
                "type": "custom", "renderItem": "chainsim.parcel", "name": names[g], "data": parcels[g],
                "encode": {"x": [0, 2, 4, 6], "y": [1, 3, 5, 7], "tooltip": [0]}, "yAxisIndex": 0,
                "itemStyle": series_style(index), "clip": True,
                "itemPayload": {"texts": [names[g]] * len(parcels[g]), "ink": ink_on(SERIES[index % len(SERIES)])},
            }
            for index, g in enumerate(grades) if parcels[g]
        ],
    }  # fmt: skip
    option["aria"]["decal"] = {"show": True}
    return Chart(option, alt, height=62 + _LANE * len(lines))


_Corner = tuple[datetime, float]
"""When and where in the line: 0 at the entrance, 1 at the exit."""
_Corners = tuple[_Corner, _Corner, _Corner, _Corner]


def _parcels(batches: pd.DataFrame, begin: datetime, end: datetime) -> list[tuple[str, _Corners]]:
    """Grade and corners of each batch of one line: front in, tail in, tail out, front out.

    What was in the line at the run's beginning, or is at its end, begins or ends inside, where its tonnes lie.
    """
    rows = batches.sort_values("number")
    opening = rows[rows["entry_started_at"].isna()]
    fill = float(opening["scheduled_t"].sum())
    found = []
    ahead = 0.0
    entered = rows[rows["entry_started_at"].notna()]["pumped_t"].sum() + fill
    behind = float(entered)
    for row in lines_of(rows):
        tonnes = float(row.scheduled_t if pd.isna(row.entry_started_at) else row.pumped_t)
        behind -= tonnes
        if tonnes <= 0 or fill <= 0:
            continue
        if pd.isna(row.entry_started_at):
            front_in, tail_in = (begin, 1 - ahead / fill), (begin, 1 - (ahead + tonnes) / fill)
            ahead += tonnes
        else:
            front_in = (row.entry_started_at.to_pydatetime(), 0.0)
            tail_in = (end if pd.isna(row.entry_ended_at) else row.entry_ended_at.to_pydatetime(), 0.0)
        front_out = _out(row.exit_started_at, (behind + tonnes) / fill, end)
        tail_out = _out(row.exit_ended_at, behind / fill, end)
        found.append((str(row.grade), (front_in, tail_in, tail_out, front_out)))
    return found


def _out(at: Any, place: float, end: datetime) -> _Corner:
    return (end, min(max(place, 0.0), 1.0)) if pd.isna(at) else (at.to_pydatetime(), 1.0)


def _lane(free: list[datetime], began: datetime, ended: datetime) -> float:
    """Where in its row a bar stands, −0.5…0.5: in the first lane that is free by then, else the one that is free soonest.

    ``free`` says from when each lane is, and is brought up to date.
    """
    lane = next((i for i, at in enumerate(free) if at <= began), min(range(len(free)), key=free.__getitem__))
    free[lane] = max(free[lane], ended)
    return (lane + 0.5) / len(free) - 0.5


def trains_chart(
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    lang: str,
    *,
    railway: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Chart:
    """Every train from the beginning of its loading to its arrival, a row for each customer; late ones stand out.

    Reads ``trains`` and ``flow_totals`` (for the run's days).
    """
    days = tables["flow_totals"]["day"]
    since = since or days.min().to_pydatetime()
    until = until or days.max().to_pydatetime() + timedelta(days=1)
    trains = tables["trains"]
    trains = trains[trains["loading_started_at"].notna() & (trains["loading_started_at"] < until)]
    trains = trains[trains["arrived_at"].isna() | (trains["arrived_at"] > since)]
    if railway is not None:
        trains = trains[trains["railway"] == railway]
    customers = [c for c in trains["customer"].cat.categories if (trains["customer"] == c).any()]
    row_of = {name: index for index, name in enumerate(customers)}
    bars: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    free = {name: [since] * _LANES for name in customers}
    for row in lines_of(trains.sort_values("loading_started_at", kind="stable")):
        arrived = until if pd.isna(row.arrived_at) else row.arrived_at.to_pydatetime()
        late = bool(row.delay_days >= _LATE_DAYS)
        lane = row_of[str(row.customer)] + _lane(
            free[str(row.customer)], row.loading_started_at.to_pydatetime(), arrived
        )
        bars[late].append({
            "name": f"{labels.asset(lang, str(row.customer))} · {labels.grade(lang, str(row.grade))} · {row.loaded_t:,.0f} t · "
                    f"{row.loading_started_at:%m-%d %H:%M}…{arrived:%m-%d %H:%M}",
            "value": [milliseconds(row.loading_started_at.to_pydatetime()), milliseconds(arrived), number(lane), 0.8 / _LANES],
        })  # fmt: skip
    names = [labels.asset(lang, c) for c in customers]
    room = 150
    high = row_height(names, room, least=40)
    alt = text(
        lang, "chart.trains_alt", span=days_told(since, until),
        count=len(trains), late=len(bars[True]),
    )  # fmt: skip
    styles: dict[bool, dict[str, Any]] = {
        False: {"color": BLUE, "decal": PLAIN, "borderColor": PAPER, "borderWidth": 0.5},
        True: {"color": VERMILION, "borderColor": PAPER, "borderWidth": 0.5, "decal": HATCH},
    }  # fmt: skip
    option = base(alt) | {
        "grid": {"left": room + 12, "right": 16, "top": 34, "bottom": 28},
        "xAxis": time_axis(since, until),
        "yAxis": [
            value_axis("", min=-0.5, max=max(len(names), 1) - 0.5, inverse=True, show=False),
            name_axis(names, room=room, inverse=True, position="left", axisLine={"show": False}, splitLine={"show": True}),
        ],
        "series": [
            {
                "type": "custom", "renderItem": "chainsim.bar", "data": data, "clip": True,
                "name": text(lang, "chart.late" if late else "chart.on_time"),
                "encode": {"x": [0, 1], "y": 2, "tooltip": [0, 1]}, "itemStyle": styles[late], "yAxisIndex": 0,
                "itemPayload": {"ink": INK},
            }
            for late, data in bars.items() if data
        ],
    }  # fmt: skip
    option["aria"]["decal"] = {"show": True}
    return Chart(option, alt, height=64 + high * max(len(names), 1))
