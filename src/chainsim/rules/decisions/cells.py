"""What a cell of a decision table asks of its input: values, and the condition they stand for."""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from chainsim.rules.language.tree import (
    Bool,
    Case,
    Compare,
    Date,
    IsUnknown,
    Logic,
    Member,
    Node,
    Not,
    Number,
    Text,
)

Kind = Literal["number", "text", "date", "boolean"]
Value = float | str | date | bool

KINDS_ZH: dict[Kind, str] = {"number": "数", "text": "文本", "date": "日期", "boolean": "真假值"}


class Operand(NamedTuple):
    """The input that a column's cells speak of, as its header says: a checked expression and what is known of its values."""

    node: Node
    kind: Kind
    unit: str = ""
    values: Collection[str] | None = None
    """For a text: all it can be, where that is declared."""
    whole: bool | None = None
    """Whether there are no values between whole numbers, or whole days; None: days yes, numbers no."""

    @property
    def known_values(self) -> tuple[str, ...] | None:
        """``values`` in their order; a set's in that of the alphabet."""
        if self.values is None:
            return None
        return tuple(sorted(self.values)) if isinstance(self.values, Set) else tuple(self.values)


@dataclass(frozen=True, slots=True)
class Choice:
    """Equal (or not equal) to one value."""

    at: int
    value: Value
    equal: bool = True


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, None for no end; numbers are in the input's unit."""

    at: int
    low: float | date | None
    high: float | date | None
    with_low: bool = False
    with_high: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell asks: one of ``parts``, or (``unknown``) no value at all; ``negated``: a value that is none of these."""

    text: str
    parts: tuple[Choice | Interval, ...]
    unknown: bool = False
    negated: bool = False


def condition(cell: Cell, operand: Operand) -> Node:
    """``cell`` as a condition on its input: true where the row matches, false or unknown where it does not."""
    subject = operand.node
    equals = [_literal(p.at, p.value, operand) for p in cell.parts if isinstance(p, Choice) and p.equal]
    terms: list[Node] = []
    if len(equals) == 1:
        terms.append(Compare(equals[0].at, "=", subject, equals[0]))
    elif equals:
        terms.append(Member(equals[0].at, subject, tuple(equals)))
    for part in cell.parts:
        if isinstance(part, Interval):
            terms.append(_within(part, operand))
        elif not part.equal:
            terms.append(Compare(part.at, "!=", subject, _literal(part.at, part.value, operand)))
    if cell.unknown:
        terms.append(IsUnknown(0, subject))
    whole = terms[0] if len(terms) == 1 else Logic(0, "or", tuple(terms))
    return Not(0, whole) if cell.negated else whole


def literal(value: Value | None, operand: Operand) -> Node:
    """A value as a node; an unknown one as a case that never holds."""
    if value is not None:
        return _literal(0, value, operand)
    stand_ins: dict[Kind, Value] = {"number": 0.0, "text": "", "date": date(2000, 1, 1), "boolean": False}
    stand_in = stand_ins[operand.kind]
    return Case(0, ((Bool(0, False), _literal(0, stand_in, operand)),))


def _literal(at: int, value: Value, operand: Operand) -> Node:
    match value:
        case bool():
            return Bool(at, value)
        case str():
            return Text(at, value)
        case date():
            return Date(at, value)
    return Number(at, value, operand.unit)


def _within(part: Interval, operand: Operand) -> Node:
    sides: list[Node] = []
    if part.low is not None:
        sides.append(
            Compare(part.at, ">=" if part.with_low else ">", operand.node, _literal(part.at, part.low, operand))
        )
    if part.high is not None:
        sides.append(
            Compare(part.at, "<=" if part.with_high else "<", operand.node, _literal(part.at, part.high, operand))
        )
    return sides[0] if len(sides) == 1 else Logic(part.at, "and", tuple(sides))
