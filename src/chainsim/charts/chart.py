"""What a chart is: an ECharts option as plain values, and what goes with it."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from chainsim.charts.palette import FONTS, GRID, INK, LINE, SOFT_INK

if TYPE_CHECKING:
    import pandas as pd

Option = dict[str, Any]
"""An ECharts option of JSON's own types only: no functions, so that it travels to any page as it is."""
WIDTH = 960
"""Pixels; a chart is drawn for this width unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Chart:
    """``option`` for ECharts; ``alt`` says in words what it shows; ``width`` and ``height`` in pixels are what it wants."""

    option: Option
    alt: str
    height: int
    width: int = WIDTH


def base(alt: str, *, legend: bool = True) -> Option:
    """What all charts have in common. Times are UTC so that a picture does not depend on where it is made."""
    option: Option = {
        "animation": False,
        "useUTC": True,
        "aria": {"enabled": True, "label": {"description": alt}},
        "textStyle": {"fontFamily": FONTS, "fontSize": 12, "color": INK},
        "tooltip": {"confine": True},
    }
    if legend:
        option["legend"] = {
            "top": 0, "left": 0, "itemWidth": 26, "itemHeight": 12, "itemGap": 14,
            "textStyle": {"color": INK, "fontSize": 12, "fontFamily": FONTS},
        }  # fmt: skip
    return option


def time_axis(since: datetime, until: datetime, **more: Any) -> Option:
    """A horizontal axis of time whose ticks read alike in both languages."""
    return {
        "type": "time",
        "min": milliseconds(since),
        "max": milliseconds(until),
        "axisLabel": {
            "color": SOFT_INK,
            "hideOverlap": True,
            "formatter": {
                "year": "{yyyy}-{MM}",
                "month": "{yyyy}-{MM}",
                "day": "{MM}-{dd}",
                "hour": "{MM}-{dd} {HH}:{mm}",
            },
        },
        "axisLine": {"onZero": False, "lineStyle": {"color": LINE}},
        "position": "bottom",
        "splitLine": {"show": False},
        **more,
    }


def value_axis(name: str, **more: Any) -> Option:
    """An axis of amounts with its unit."""
    return {
        "type": "value",
        "name": name,
        "nameTextStyle": {"color": SOFT_INK},
        "axisLabel": {"color": SOFT_INK, "hideOverlap": True},
        "axisLine": {"show": False},
        "splitLine": {"lineStyle": {"color": GRID}},
        **more,
    }


def name_axis(names: Sequence[str], *, room: int | None = None, **more: Any) -> Option:
    """An axis of names; longer than ``room`` pixels they are broken into lines."""
    label: Option = {"color": INK, "interval": 0}
    if room is not None:
        label |= {"width": room, "overflow": "break", "lineHeight": 14}
    return {
        "type": "category",
        "data": list(names),
        "axisLabel": label,
        "axisLine": {"lineStyle": {"color": LINE}},
        "axisTick": {"show": False},
        **more,
    }


def milliseconds(when: datetime) -> int:
    """Milliseconds from 1970 to ``when``, read as UTC."""
    return round((when - datetime(1970, 1, 1)).total_seconds() * 1000)


def number(value: float, digits: int = 3) -> float | None:
    """A value for JSON: rounded to what matters (a kilogram of a tonne), ``None`` where there is none."""
    if math.isnan(value):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded


def text_width(text: str, size: float = 12.0) -> float:
    """How wide ``text`` runs in a sans-serif font of ``size`` pixels, about: a Chinese sign is a square.

    >>> text_width("油库", 10), text_width("ab", 10)
    (20, 11.0)
    """
    return sum(size if ord(sign) > 0x2E7F else size * 0.55 for sign in text)


def row_height(names: Sequence[str], room: float, least: int = 26) -> int:
    """The height of a row whose names break into lines of ``room`` pixels."""
    lines = max((math.ceil(text_width(name) / room) for name in names), default=1)
    return max(least, 6 + 14 * lines)


def rows_of(tables: Mapping[str, pd.DataFrame], name: str, **equal: object) -> pd.DataFrame:
    """The rows of a table whose columns equal the values given; ``None`` asks for all."""
    frame = tables[name]
    for column, value in equal.items():
        if value is not None:
            cells = frame[column]
            frame = frame[(cells if cells.dtype == "category" else cells.astype("str")) == str(value)]
    return frame


def lines_of(frame: pd.DataFrame) -> Iterable[Any]:
    """The rows as named tuples; their types are the declaration's business."""
    columns = tuple(str(name) for name in frame.columns)
    return map(_row_type(columns)._make, zip(*(frame[name] for name in columns), strict=True))


@cache
def _row_type(columns: tuple[str, ...]) -> Any:
    """Making one takes longer than reading a small table."""
    return namedtuple("Row", columns)


def months_told(first: datetime, last: datetime) -> str:
    """From month to month: ``2008-01…2008-12``."""
    return f"{first:%Y-%m}…{last:%Y-%m}"


def days_told(since: datetime, until: datetime) -> str:
    """From day to day, the last one within: ``2008-01-01…2008-12-31``."""
    return f"{since:%Y-%m-%d}…{until - timedelta(seconds=1):%Y-%m-%d}"
