"""One thing beside another: levers of a tornado, an order's lines before and after, variants of a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainsim.charts.chart import Chart, base, name_axis, number, row_height, text_width, value_axis
from chainsim.charts.palette import BLUE, HATCH, INK, ORANGE, PLAIN, SKY, series_style
from chainsim.texts import text

_ROOM = 220


@dataclass(frozen=True, slots=True)
class Lever:
    """What a figure becomes when one thing is moved to its low and its high end; ``low_text`` and ``high_text`` say how far."""

    name: str
    low: float
    high: float
    low_text: str = ""
    high_text: str = ""


def tornado_chart(
    levers: Sequence[Lever], value: float, lang: str, *, name: str, unit: str, ratio: bool = False
) -> Chart:
    """The levers' bars about ``value``, the widest first; ``ratio``: the figures are shares, shown in per cent."""
    ordered = sorted(levers, key=lambda lever: -abs(lever.high - lever.low))
    scale = 100.0 if ratio else 1.0
    unit = "%" if ratio else unit

    def shown(figure: float) -> str:
        return f"{figure * scale:,.1f}" if ratio else f"{figure:,.4g}"

    ends = [
        (
            text(lang, "chart.tornado_low"),
            BLUE,
            [lever.low for lever in ordered],
            [lever.low_text for lever in ordered],
        ),
        (
            text(lang, "chart.tornado_high"),
            ORANGE,
            [lever.high for lever in ordered],
            [lever.high_text for lever in ordered],
        ),
    ]
    told = "; ".join(f"{lever.name} {shown(lever.low)}…{shown(lever.high)} {unit}" for lever in ordered[:5])
    alt = text(lang, "chart.tornado_alt", name=name, levers=told, value=f"{shown(value)} {unit}")
    figures = [value, *(lever.low for lever in levers), *(lever.high for lever in levers)]
    least, most = min(figures) * scale, max(figures) * scale
    # Words stand outside the bars' ends: a quarter of the span on either side.
    spread = (most - least) or abs(most) or 1.0
    names = [lever.name for lever in ordered]
    room = min(_ROOM, max(round(max(map(text_width, names), default=0)) + 8, 60))
    decals = (PLAIN, HATCH)  # fmt: skip
    option = base(alt) | {
        "grid": {"left": room + 14, "right": 24, "top": 34, "bottom": 44},
        "xAxis": value_axis(
            f"{name} ({unit})", nameLocation="middle", nameGap=28, min=number(least - 0.3 * spread, 2),
            max=number(most + 0.3 * spread, 2), axisLabel={"showMinLabel": False, "showMaxLabel": False},
        ),
        "yAxis": name_axis(names, room=room, inverse=True, axisLine={"show": False}),
        "series": [
            {
                "type": "custom", "renderItem": "chainsim.bar", "name": called,
                "encode": {"x": [0, 1], "y": 2, "tooltip": [0, 1]},
                "itemStyle": {"color": colour, "decal": decal},
                "data": [[*sorted((number(value * scale) or 0.0, number(end * scale) or 0.0)), row, 0.6]
                         for row, end in enumerate(figures_of)],
                "itemPayload": {"ends": [" ".join(filter(None, (words, shown(end)))) for words, end in
                                         zip(words_of, figures_of, strict=True)],
                                "towards": [_towards(end, other, value) for end, other in
                                            zip(figures_of, others, strict=True)], "ink": INK},
            }
            for (called, colour, figures_of, words_of), (_, _, others, _), decal in
            zip(ends, reversed(ends), decals, strict=True)
        ],
    }  # fmt: skip
    option["series"][0]["markLine"] = {
        "symbol": "none", "silent": True, "lineStyle": {"color": INK, "type": "solid", "width": 1.5},
        "label": {"formatter": shown(value), "position": "start", "color": INK}, "data": [{"xAxis": number(value * scale)}],
    }  # fmt: skip
    option["aria"]["decal"] = {"show": True}
    return Chart(option, alt, height=86 + row_height(names, room, least=30) * len(names))


def _towards(end: float, other: float, value: float) -> int:
    """The side of the bar on which its words stand; where nothing moves, the one that the other end leaves free."""
    return (1 if end > value else -1) if end != value else 1 if other < value else -1


def order_chart(lines: Sequence[tuple[str, float, float]], lang: str) -> Chart:
    """An order's lines: (what, tonnes before, tonnes after), two bars each, the change written at their end."""
    names = [name for name, *_ in lines]
    told = "; ".join(f"{name} {before:,.0f} → {after:,.0f} t" for name, before, after in lines)
    alt = text(lang, "chart.order_alt", lines=told or text(lang, "chart.none"))
    room = min(_ROOM, max(round(max(map(text_width, names), default=0)) + 8, 60))
    highest = max((max(before, after) for _, before, after in lines), default=0.0)
    option = base(alt) | {
        "grid": {"left": room + 14, "right": 24, "top": 34, "bottom": 24},
        "xAxis": value_axis(
            "", min=0, max=number(1.25 * highest),
            axisLabel={"formatter": "{value} t", "showMaxLabel": False, "hideOverlap": True},
        ),
        "yAxis": name_axis(names, room=room, inverse=True),
        "series": [
            {
                "type": "bar", "name": text(lang, "chart.before"), "itemStyle": {"color": SKY, "decal": PLAIN},
                "barGap": "0%", "barCategoryGap": "30%", "data": [number(before) for _, before, _ in lines],
            },
            {
                "type": "bar", "name": text(lang, "chart.after"),
                "itemStyle": {"color": BLUE, "decal": HATCH},
                "label": {"show": True, "position": "right", "color": INK},
                "data": [{"value": number(after), "label": {"formatter": f"{after - before:+,.0f}".replace("-", "−")}}
                         for _, before, after in lines],
            },
        ],
    }  # fmt: skip
    option["aria"]["decal"] = {"show": True}
    return Chart(option, alt, height=70 + row_height(names, room, least=40) * max(len(names), 1))


def variants_chart(
    variants: Mapping[str, Mapping[str, float]], lang: str, *, name: str, unit: str = "", ratio: bool = False
) -> Chart:
    """The same figures (customers' completion, say) in several variants, a colour and a pattern for each; the first is the base.

    ``variants`` maps a variant's name to its figures by what they are about; a figure that one lacks is left out there.
    """
    subjects = list(dict.fromkeys(subject for figures in variants.values() for subject in figures))
    scale, unit = (100.0, "%") if ratio else (1.0, unit)
    told = "; ".join(
        f"{subject} " + ", ".join(f"{f[subject] * scale:,.4g}" if subject in f else "–" for f in variants.values())
        for subject in subjects
    )
    alt = text(lang, "chart.variants_alt", name=name, variants=", ".join(variants), told=f"{told} {unit}".strip())
    room = min(_ROOM, max(round(max(map(text_width, subjects), default=0)) + 8, 60))
    option = base(alt) | {
        "grid": {"left": room + 14, "right": 40, "top": 34, "bottom": 40},
        "xAxis": value_axis(f"{name} ({unit})" if unit else name, nameLocation="middle", nameGap=26),
        "yAxis": name_axis(subjects, room=room, inverse=True),
        "series": [
            {
                "type": "bar", "name": called, "itemStyle": series_style(index), "barGap": "0%", "barCategoryGap": "25%",
                "label": {"show": True, "position": "right", "color": INK, "fontSize": 10},
                "data": [
                    {"value": number(figures[s] * scale, 6), "label": {"formatter": f"{figures[s] * scale:,.4g}"}}
                    if s in figures else None
                    for s in subjects
                ],
            }
            for index, (called, figures) in enumerate(variants.items())
        ],
    }  # fmt: skip
    option["aria"]["decal"] = {"show": True}
    height = max(row_height(subjects, room), 12 + 14 * len(variants))
    return Chart(option, alt, height=80 + height * max(len(subjects), 1))
