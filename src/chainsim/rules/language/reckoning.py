"""Checked trees computed for one row in plain Python: what ``sql`` says of many rows at once, said again in another way.

``rules explain`` shows every condition with its value, and the tests hold the two against each other. A row is a mapping of texts
to values: names under their own, and functions that look at other rows (trailing windows, ``previous``, aggregates of a group)
under the text of the whole call; ``leaves`` lists what is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chainsim.rules.language.tree import (
    AGGREGATES,
    LARGEST_RESULT,
    MEMBERS_OF,
    Arithmetic,
    Bool,
    Call,
    Case,
    Collect,
    Compare,
    Date,
    IsUnknown,
    Joined,
    Logic,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
    children,
    is_change_of_units,
    is_checked_product,
)
from chainsim.rules.language.writing import written

Value = float | str | datetime | bool | None
"""``None`` is unknown."""

_MICROSECONDS_PER_DAY = 864e8
_OTHER_ROWS = AGGREGATES | {MEMBERS_OF, "previous"}


@dataclass(frozen=True, slots=True)
class Trace:
    """A node, its value, and the traces of what that value is made of (none for what the row gives)."""

    node: Node
    value: Value
    children: tuple[Trace, ...] = ()


def reckon(node: Node, values: Mapping[str, Value]) -> Value:
    """The value of a checked tree where the row's are ``values``; ``KeyError`` for what they lack."""
    if _is_leaf(node):
        return values[written(node)]
    return _value(node, [reckon(child, values) for child in children(node)])


def traced(node: Node, values: Mapping[str, Value]) -> Trace:
    """As ``reckon``, with the value of every part (a part brought to another unit is told once, in that unit)."""
    if _is_leaf(node):
        return Trace(node, values[written(node)])
    parts = tuple(traced(child, values) for child in children(node))
    if is_change_of_units(node):
        return Trace(node, _value(node, [part.value for part in parts]), parts[0].children)
    return Trace(node, _value(node, [part.value for part in parts]), parts)


def leaves(node: Node) -> dict[str, Node]:
    """What a row must give for ``node`` to be computed: text → name or call, in order of appearance."""
    found: dict[str, Node] = {}
    stack = [node]
    while stack:
        top = stack.pop()
        if _is_leaf(top):
            found[written(top)] = top
        else:
            stack.extend(reversed(children(top)))
    return found


def known(found: object) -> Value:
    """A value of a table or a query as the language's: whole numbers as numbers, dates as midnights, NaN and NaT as unknown."""
    match found:
        case None | bool() | str():
            return found
        case datetime():  # NaT is one that is not itself; a frame's own kind of datetime has another calendar
            return datetime.combine(found.date(), found.time()) if found == found else None
        case date():
            return datetime.combine(found, time())
    number = float(found)  # type: ignore[arg-type]
    return None if math.isnan(number) else number


def _is_leaf(node: Node) -> bool:
    return isinstance(node, Name) or (isinstance(node, Call) and node.function in _OTHER_ROWS)


def _value(node: Node, parts: Sequence[Value]) -> Value:
    """The value of ``node`` given those of its children."""
    match node:
        case Number() | Text() | Bool():
            return node.value
        case Date():
            return datetime.combine(node.value, time())
        case IsUnknown():
            return parts[0] is None
        case Logic():
            decisive = node.operator == "or"
            return decisive if decisive in parts else None if None in parts else not decisive
        case Case():
            branches = zip(parts[::2], parts[1::2], strict=True)
            return next((then for when, then in branches if when is True), None)
        case Collect():
            return _collected(node.function, [part for part in parts if isinstance(part, float)])
        case Joined():
            return node.separator.join(part for part in parts if isinstance(part, str)) or None
        case Call(function="default"):
            return parts[1] if parts[0] is None else parts[0]
    if None in parts:
        return None
    match node:
        case Not():
            return not parts[0]
        case Member():
            return parts[0] in parts[1:]
        case Compare():
            return _compared(node.operator, parts[0], parts[1])
        case Negative():
            return -_number(parts[0])
        case Arithmetic():
            return _arithmetic(node, _number(parts[0]), _number(parts[1]))
        case Call():
            return _called(node.function, parts)
    raise AssertionError(f"{node} is given, not computed")


def _compared(operator: str, left: Value, right: Value) -> bool:
    match operator:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right  # type: ignore[operator]
        case "<=":
            return left <= right  # type: ignore[operator]
        case ">":
            return left > right  # type: ignore[operator]
    return left >= right  # type: ignore[operator]


def _arithmetic(node: Arithmetic, left: float, right: float) -> float | None:
    match node.operator:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case _:
            result = left / right if right else math.nan
    if is_checked_product(node) and abs(result) > LARGEST_RESULT:
        return None
    return result if math.isfinite(result) else None


def _called(function: str, parts: Sequence[Value]) -> Value:
    match function, *parts:
        case "abs", x:
            return abs(_number(x))
        case "min", *_:
            return min(map(_number, parts))
        case "max", *_:
            return max(map(_number, parts))
        case "month", datetime() as day:
            return float(day.month)
        case "year", datetime() as day:
            return float(day.year)
        case "days_between", datetime() as day, datetime() as other:
            return (day - other) // timedelta(microseconds=1) / _MICROSECONDS_PER_DAY
        case "days_after", datetime() as day, days:
            return _days_after(day, _number(days))
    raise AssertionError(f"{function} was not checked")


def _days_after(day: datetime, days: float) -> datetime | None:
    """To the microsecond, halves away from zero; unknown where the calendar ends."""
    exact = abs(days * _MICROSECONDS_PER_DAY)
    if not math.isfinite(exact):
        return None
    whole = math.floor(exact) + (exact - math.floor(exact) >= 0.5)
    try:
        return day + timedelta(microseconds=whole if days > 0 else -whole)
    except OverflowError:
        return None


def _collected(function: str, found: Sequence[float]) -> float | None:
    if not found:
        return None
    match function:
        case "sum":
            total = 0.0
            for part in found:  # in order, as the database adds; sum() compensates from Python 3.12 on
                total += part
            return total if math.isfinite(total) else None
        case "min":
            return min(found)
    return max(found)


def _number(value: Value) -> float:
    assert isinstance(value, float | int), f"{value!r} is no number"
    return value
