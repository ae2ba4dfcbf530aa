"""The colours and patterns of every chart, page and sheet: one place.

Series colours are those of Okabe and Ito (2008, "Color Universal Design"), told apart by every common kind of colour vision;
their order here also alternates dark and light, so that neighbours differ in a grey print. Bands of completion grow darker with
the distance from plan. Patterns, dashes and figures repeat what a colour says: colour is never the only carrier.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from typing import Any

INK = "#1F2328"
"""Text. On white its contrast is 15.8."""
SOFT_INK = "#57606A"
"""Secondary text, 6.4 on white."""
LINE = "#8C959F"
GRID = "#E3E6EA"
PAPER = "#FFFFFF"
BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, YELLOW, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#000000",
)  # fmt: skip
SERIES: tuple[str, ...] = (BLUE, ORANGE, GREEN, SKY, VERMILION, YELLOW, PURPLE, "#5C5C5C")
"""Colours of things that have no colour of their own: grades, scenarios."""

SCENARIO_COLOURS: tuple[str, ...] = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, "#5C5C5C", "#7A4B00")
"""Colours of scenarios that name none: those of ``SERIES`` that stand out on white, and brown."""


def scenario_colour(name: str, own: str = "") -> str:
    """A scenario's colour: its own if that is one (#RRGGBB), else always the same one for the same name.

    >>> scenario_colour("western", "#c0392b"), scenario_colour("western") == scenario_colour("western", "red")
    ('#c0392b', True)
    """
    if re.fullmatch("#[0-9A-Fa-f]{6}", own):
        return own
    return SCENARIO_COLOURS[zlib.crc32(name.encode()) % len(SCENARIO_COLOURS)]


def scenario_colours(faces: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The colours of scenarios that stand side by side, (name, own colour) each: no two alike as long as there are others.

    Each has its own, or where one before it has that, the next of ``SCENARIO_COLOURS`` that is free.

    >>> scenario_colours([("western", "#c0392b"), ("western", "#c0392b"), ("dry", "")])
    ('#c0392b', '#0072B2', '#009E73')
    """
    out: list[str] = []
    for name, own in faces:
        wanted = scenario_colour(name, own)
        taken = {colour.upper() for colour in out}
        free = (colour for colour in SCENARIO_COLOURS if colour.upper() not in taken)
        out.append(next(free, wanted) if wanted.upper() in taken else wanted)
    return tuple(out)


BAND_COLOURS: dict[str, tuple[str, str]] = {
    "green": ("#E4F2EC", "#12492F"),
    "watch": ("#FFF0B8", "#5C4600"),
    "low": ("#FBC277", "#5A2C00"),
    "severe": ("#B5391F", "#FFFFFF"),
    "over_lift": ("#BBDDF5", "#08395F"),
    "unplanned": ("#DCD3EE", "#3E2266"),
    "no_plan": ("#F3F4F6", "#57606A"),
}
"""Completion band → (background, text)."""
SEVERITY_COLOURS: dict[str, tuple[str, str]] = {
    "error": ("#B5391F", "#FFFFFF"),
    "warning": ("#FBC277", "#5A2C00"),
    "info": ("#E4ECF5", "#1F3B57"),
}
"""Severity of a finding → (background, text)."""

CAUSE_COLOURS: dict[str, str] = {
    **dict.fromkeys(("pipeline", "railway", "loading", "source", "quality", "tank"), VERMILION),
    **dict.fromkeys(("line_capacity", "rack_capacity", "path_capacity", "wagons"), ORANGE),
    **dict.fromkeys(("customer_cash", "customer_runs", "customer_room"), PURPLE),
    **dict.fromkeys(("supply_below_plan", "plan_unbalanced"), BLUE),
}
"""What broke, what is too small, what lies with the customer, what was never there; the rest (batches, transit) is grey."""
OTHER_CAUSE = "#9AA3AD"

FONTS = (
    "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','Hiragino Sans GB',"
    "'WenQuanYi Zen Hei',Arial,'DejaVu Sans','Liberation Sans',sans-serif"
)
"""Those that have Chinese first; the first one that a machine has is used."""

_STRIPES: tuple[dict[str, Any] | None, ...] = (
    None,
    {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [2, 5], "rotation": -0.7854},
    {"symbol": "circle", "dashArrayX": [[8, 8], [0, 8, 8, 0]], "dashArrayY": [6, 0], "symbolSize": 0.5},
    {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [4, 3], "rotation": 0},
    {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [2, 5], "rotation": 0.7854},
    {"symbol": "rect", "dashArrayX": [[1, 0], [1, 6]], "dashArrayY": [1, 0, 6, 0], "rotation": 0.7854},
    {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [1, 3], "rotation": 1.5708},
    {"symbol": "triangle", "dashArrayX": [[9, 9], [0, 9, 9, 0]], "dashArrayY": [7, 2], "symbolSize": 0.75},
)


HATCH: dict[str, Any] = {
    "symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [2, 5], "rotation": -0.7854, "color": "rgba(255,255,255,0.55)",
}  # fmt: skip
"""A pattern for the one of two things that stands out."""
PLAIN: dict[str, Any] = {"symbol": "none"}
"""No pattern, where ECharts would choose one."""


def series_style(index: int) -> dict[str, Any]:
    """The item style of the ``index``-th thing of its kind: a colour, and a pattern that survives a grey print."""
    stripe = _STRIPES[index % len(_STRIPES)]
    style: dict[str, Any] = {"color": SERIES[index % len(SERIES)], "borderColor": PAPER, "borderWidth": 0.5}
    style["decal"] = PLAIN if stripe is None else {"color": "rgba(255,255,255,0.6)", **stripe}
    return style


def ink_on(colour: str) -> str:
    """Black or white, whichever contrasts more with ``colour`` (#RRGGBB), by WCAG 2's relative luminance.

    >>> ink_on("#F0E442"), ink_on("#0072B2")
    ('#000000', '#FFFFFF')
    """
    light = luminance(colour)
    return BLACK if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else PAPER


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB, 0 to 1 (WCAG 2.2, "relative luminance")."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
