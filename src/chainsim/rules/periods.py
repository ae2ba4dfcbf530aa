"""The periods in which rules count: months, ten-day periods 旬 (1-10, 11-20, 21-end), days."""

from __future__ import annotations

from datetime import datetime, timedelta


def later(start: datetime, period: str, count: int = 1) -> datetime:
    """The first day of the period that comes ``count`` periods after the one that begins with ``start``.

    >>> later(datetime(2008, 12, 1), "month"), later(datetime(2008, 1, 21), "ten_days", 2)
    (datetime.datetime(2009, 1, 1, 0, 0), datetime.datetime(2008, 2, 11, 0, 0))
    """
    if period == "day":
        return start + timedelta(days=count)
    parts = 3 if period == "ten_days" else 1
    number = (start.year * 12 + start.month - 1) * parts + _part(start, period) + count
    months, part = divmod(number, parts)
    return datetime(months // 12, months % 12 + 1, 1 + 10 * part)


def last_day(start: datetime, period: str, count: int = 1) -> datetime:
    """The last day of ``count`` periods of which the first begins with ``start``.

    >>> last_day(datetime(2008, 2, 1), "month"), last_day(datetime(2008, 2, 21), "ten_days")
    (datetime.datetime(2008, 2, 29, 0, 0), datetime.datetime(2008, 2, 29, 0, 0))
    """
    return later(start, period, count) - timedelta(days=1)


def period_text(start: datetime | None, period: str) -> str:
    """``2008-03`` for a month, ``2008-03-2`` for its second ten days, ``2008-03-05`` for a day, "?" for none."""
    if start is None:
        return "?"
    if period == "ten_days":
        return f"{start:%Y-%m}-{1 + _part(start, period)}"
    return f"{start:%Y-%m}" if period == "month" else f"{start:%Y-%m-%d}"


def _part(day: datetime, period: str) -> int:
    """Which third of its month a day lies in, counted from 0."""
    return min((day.day - 1) // 10, 2) if period == "ten_days" else 0
