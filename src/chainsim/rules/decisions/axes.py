"""The values of one input cut where some cell's answer changes: what can be said of all values is said of these.

A number or a date falls on a bound that some cell names or strictly between two of them, a text or a truth value is one that is
named (or declared), or another; unknown is a value of its own where some cell names it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chainsim.rules.decisions.cells import Cell, Choice, Operand, Value
from chainsim.rules.language.tree import UNITS

OTHER = ("another value", "其他值")
UNKNOWN = ("unknown", "未知")

Range = tuple[int, int]
"""Slices from the first up to, not including, the second; half open like Python's own."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The slices of one input's values in order; ``known`` of them hold values, one more may stand for unknown.

    Slices of ordered values alternate: below the first bound, at it, between it and the next … ``empty`` slices hold no
    value at all (nothing lies between 1 and 2 among whole numbers).
    """

    operand: Operand
    values: tuple[Value, ...]
    ordered: bool
    known: int
    size: int
    empty: frozenset[int]

    def slices(self, cell: Cell | None) -> list[Range]:
        """The slices that a cell takes in, as disjoint ranges in order."""
        if cell is None:
            return [(0, self.size)]
        ranges: list[Range] = []
        for part in cell.parts:
            if isinstance(part, Choice):
                here = self._at(part.value)
                ranges += [(here, here + 1)] if part.equal else [(0, here), (here + 1, self.known)]
            else:
                low = 0 if part.low is None else self._at(part.low) + (not part.with_low)
                high = self.known if part.high is None else self._at(part.high) + part.with_high
                ranges.append((low, high))
        merged = _merged(ranges)
        if cell.negated:
            bounds = [0, *(end for span in merged for end in span), self.known]
            return [(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=True) if a < b]
        if cell.unknown and self.size > self.known:
            merged = _merged([*merged, (self.known, self.size)])
        return merged

    def holds(self, slices: Sequence[Range]) -> bool:
        """Whether any value lies in the slices."""
        return any(i not in self.empty for a, b in slices for i in range(a, b))

    def holds_all(self, slices: Sequence[Range]) -> bool:
        """Whether every known value lies in the slices."""
        taken = {i for a, b in slices for i in range(a, b)}
        return all(i in taken or i in self.empty for i in range(self.known))

    def example(self, index: int) -> tuple[str, str]:
        """A value of slice ``index`` as a planner writes it, in English and Chinese."""
        if index >= self.known:
            return UNKNOWN
        if not self.ordered:
            if index >= len(self.values):
                return OTHER
            value = self.values[index]
            text = str(value).lower() if isinstance(value, bool) else str(value)
            return text, text
        text = shown(_between(self.values, index, self.operand), self.operand.unit)
        return text, text

    def _at(self, value: Value) -> int:
        index = bisect_left(self.values, value) if self.ordered else self.values.index(value)
        return 2 * index + 1 if self.ordered else index


def axis(operand: Operand, cells: Iterable[Cell | None]) -> Axis:
    """The slices that ``cells`` over ``operand`` tell apart."""
    given = [cell for cell in cells if cell is not None]
    named: set[Value] = set()
    for part in (part for cell in given for part in cell.parts):
        if isinstance(part, Choice):
            named.add(part.value)
        else:
            named.update(end for end in (part.low, part.high) if end is not None)
    unknown = any(cell.unknown for cell in given)
    values: tuple[Value, ...]
    if operand.kind in ("number", "date"):
        values = tuple(sorted(named))
        known = 2 * len(values) + 1
        empty = _hollow(values, operand)
        return Axis(operand, values, True, known, known + unknown, empty)
    if operand.kind == "boolean":
        values = (False, True)
    elif operand.known_values is not None:
        values = operand.known_values
    else:
        values = tuple(sorted(named, key=str))
    known = len(values) + (operand.kind == "text" and operand.values is None)
    return Axis(operand, values, False, known, known + unknown, frozenset())


def shown(value: Value, unit: str) -> str:
    """A value as a planner writes it.

    >>> shown(0.95, "1"), shown(7.0, "d")
    ('95%', '7 d')
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if unit == "1":
        return f"{value * 100:.10g}%"
    return f"{value:.10g} {unit}" if unit in UNITS else f"{value:.10g}"


def _merged(ranges: list[Range]) -> list[Range]:
    out: list[Range] = []
    for a, b in sorted(ranges):
        if a >= b:
            continue
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        else:
            out.append((a, b))
    return out


def _is_whole(operand: Operand) -> bool:
    return operand.kind == "date" if operand.whole is None else operand.whole


def _hollow(values: Sequence[Value], operand: Operand) -> frozenset[int]:
    """Slices without a value: between neighbours where only whole ones exist."""
    if not _is_whole(operand):
        return frozenset()
    out = set()
    for i, value in enumerate(values):
        if isinstance(value, float) and not value.is_integer():
            out.add(2 * i + 1)
        if i and _first_whole_after(values[i - 1]) >= value:  # type: ignore[operator]
            out.add(2 * i)
    return frozenset(out)


def _first_whole_after(value: Value) -> float | date:
    if isinstance(value, date):
        return value + timedelta(days=1) if value < date.max else value
    assert isinstance(value, float)
    return math.floor(value) + 1.0


def _between(values: Sequence[Value], index: int, operand: Operand) -> Value:
    """A short value in the slice of ordered values."""
    if index % 2:
        return values[index // 2]
    if not values:
        return 0.0 if operand.kind == "number" else date(2008, 1, 1)
    low = values[index // 2 - 1] if index else None
    high = values[index // 2] if index // 2 < len(values) else None
    if isinstance(low, date) or isinstance(high, date):
        if low is None:
            assert isinstance(high, date)
            return high - timedelta(days=1) if high > date.min else high
        assert isinstance(low, date)
        return _first_whole_after(low)
    step = 0.01 if operand.unit == "1" and not _is_whole(operand) else 1.0
    if low is None:
        assert isinstance(high, float)
        return math.ceil(high) - 1.0 if step == 1.0 else round(high - step, 4)
    assert isinstance(low, float)
    if high is None:
        return math.floor(low) + 1.0 if step == 1.0 else round(low + step, 4)
    assert isinstance(high, float)
    if _is_whole(operand):
        return _first_whole_after(low)
    middle = (low + high) / 2
    for digits in range(-12, 16):
        short = round(middle, digits)
        if low < short < high:
            return short
    return middle
