"""The variable time grid: days first, then ten-day periods, then months.

A year by days is twenty times larger than what a plan needs and finds the same shortfall; what is near matters by the day,
what is far by the month. Every bucket lies within one calendar month, so that monthly plans are sums of buckets.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from chainsim.model import Profile, Scenario
from chainsim.model.plan import months_of, period_bounds

DAILY_DAYS = 31
TEN_DAY_DAYS = 92
"""From here on whole months."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """[start, end) in days since the scenario's start, within accounting month ``month`` (index of the run)."""

    start: float
    end: float
    month: int

    @property
    def days(self) -> float:
        """Its length."""
        return self.end - self.start


@dataclass(frozen=True)
class Grid:
    """Buckets in order of time, without gaps."""

    buckets: tuple[Bucket, ...]

    @property
    def months(self) -> tuple[int, ...]:
        """The months it touches, in order."""
        return tuple(self._by_month)

    def of_month(self, month: int) -> tuple[int, ...]:
        """The buckets of a month."""
        return self._by_month.get(month, ())

    def at(self, day: float) -> int:
        """The bucket that holds ``day``; the last one for the end."""
        return max(0, bisect_right(self.buckets, day, key=lambda bucket: bucket.start) - 1)

    @cached_property
    def _by_month(self) -> dict[int, tuple[int, ...]]:
        """Asked for at every row of the program."""
        out: dict[int, tuple[int, ...]] = {}
        for b, bucket in enumerate(self.buckets):
            out[bucket.month] = (*out.get(bucket.month, ()), b)
        return out


def variable_grid(
    scenario: Scenario, begin: float, *, daily_days: float = DAILY_DAYS, ten_day_days: float = TEN_DAY_DAYS
) -> Grid:
    """The grid from ``begin`` to the scenario's end."""
    edges = {begin}
    day = begin
    while day < min(begin + daily_days, scenario.end_day):
        day = float(int(day) + 1)
        edges.add(min(day, scenario.end_day))
    for start, end, _ in months_of(scenario):
        if end > begin:
            edges.update(edge for edge in (start, end) if edge > begin)
    date = scenario.calendar_date(begin)
    while scenario.day_of(date) < min(begin + ten_day_days, scenario.end_day):
        _, after = period_bounds("ten_day", date)
        if begin < scenario.day_of(after) < scenario.end_day:
            edges.add(scenario.day_of(after))
        date = after if after > date else date + timedelta(days=1)
    ordered = sorted(edges)
    months = [(start, end) for start, end, _ in months_of(scenario)]
    buckets = []
    for a, b in zip(ordered, ordered[1:], strict=False):
        month = next(m for m, (start, end) in enumerate(months) if start <= a < end)
        buckets.append(Bucket(a, b, month))
    return Grid(tuple(buckets))


@dataclass(frozen=True, slots=True)
class Steps:
    """A quantity per day that changes in steps: what a profile or an outage leaves of an asset."""

    days: tuple[float, ...]
    values: tuple[float, ...]

    def integral(self, start: float, end: float) -> float:
        """∫ over [start, end)."""
        total = 0.0
        for a, b, value in self.pieces(start, end):
            total += value * (b - a)
        return total

    def lowest(self, start: float, end: float) -> float:
        """The smallest value within [start, end)."""
        return min(value for _, _, value in self.pieces(start, end))

    def pieces(self, start: float, end: float) -> list[tuple[float, float, float]]:
        """(from, to, value) over [start, end)."""
        first = max(0, bisect_right(self.days, start) - 1)
        out = []
        for i in range(first, len(self.days)):
            a = start if i == first else max(start, self.days[i])
            b = min(end, self.days[i + 1] if i + 1 < len(self.days) else end)
            if a < b:
                out.append((a, b, self.values[i]))
            if b >= end:
                break
        return out or [(start, end, self.values[first])]


def product_of(profile: Profile, remaining: Sequence[tuple[float, float]]) -> Steps:
    """``profile`` times what (day, remaining) steps leave of it."""
    days = sorted({*profile.days, *(day for day, _ in remaining)})
    left = Steps(tuple(d for d, _ in remaining), tuple(v for _, v in remaining)) if remaining else None
    values = [profile.at(day) * (_at(left, day) if left else 1.0) for day in days]
    return Steps(tuple(days), tuple(values))


def _at(steps: Steps, day: float) -> float:
    index = bisect_right(steps.days, day) - 1
    return steps.values[index] if index >= 0 else 1.0
