"""Values as readers of both languages see them: with units, by labels, months as months."""

from __future__ import annotations

from datetime import datetime

from chainsim.results import Column, Labels
from chainsim.rules.language.reckoning import Value
from chainsim.rules.periods import period_text
from chainsim.texts import text

_UNIT_TEXTS: dict[str, tuple[str, str]] = {
    "d": ("d", "天"),
    "h": ("h", "小时"),
    "month": ("months", "个月"),
    "point": ("points", "分"),
    "yuan": ("yuan", "元"),
    "yuan/t": ("yuan/t", "元/t"),
}


def name_texts(value: str, column: Column, labels: Labels) -> tuple[str, str]:
    """The name ``value`` as both languages write it."""
    if column.values:
        return column.value_text("en", value), column.value_text("zh", value)
    label = labels.grade if column.domain in ("grade", "grade_or_all") else labels.asset
    return label("en", value), label("zh", value)


def value_texts(value: Value, unit: str) -> tuple[str, str]:
    """``value`` with its unit, in English and Chinese.

    >>> value_texts(0.9325, "1"), value_texts(2.5, "d"), value_texts(None, "t")
    (('93.25%', '93.25%'), ('2.5 d', '2.5 天'), ('unknown', '未知'))
    """
    if value is None:
        return text("en", "unknown"), text("zh", "unknown")
    if isinstance(value, bool):
        word = "yes" if value else "no"
        return text("en", word), text("zh", word)
    if isinstance(value, datetime):
        return (f"{value:%Y-%m-%d}",) * 2
    if isinstance(value, str):
        return value, value
    if unit == "1":
        return (f"{figure(value * 100)}%",) * 2
    english, chinese = _UNIT_TEXTS.get(unit, (unit, unit))
    return f"{figure(value)} {english}".rstrip(), f"{figure(value)} {chinese}".rstrip()


def figure(value: float) -> str:
    """At most two decimals; of small numbers as many as they need, of what only rounding left none."""
    if 1e-6 < abs(value) < 0.01:
        return f"{value:.2g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".").replace("-0", "0", 1 if abs(value) <= 1e-6 else 0)


def key_text(value: Value, key: str) -> str:
    if isinstance(value, datetime):
        return period_text(value, key if key in {"month", "ten_days"} else "day")
    return "?" if value is None else str(value) if not isinstance(value, float) else figure(value)
