"""Random conditions that pass the check, and rows to ask them of."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from chainsim.results.declarations import Column, Table
from chainsim.rules.language import tree
from chainsim.rules.language.tree import (
    Arithmetic,
    Bool,
    Call,
    Compare,
    Date,
    IsUnknown,
    Logic,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
)

KINDS = ("farm", "line", "rack")
WORDS = ("a", "A", "", "it's", 'say "so"', "甲厂", "b; c")


def column(name: str, kind: Any, unit: str = "", **more: Any) -> Column:
    """A column without words."""
    return Column(name, kind, unit, "", "", "", "", **more)


TABLE = Table(
    "facts", "", "", "", "",
    (
        column("subject", "text", key=True),
        column("month", "date", key=True),
        column("x_t", "number", "t"),
        column("y_t", "number", "t"),
        column("z_kt", "number", "kt"),
        column("share", "number", "1"),
        column("lag_h", "number", "h"),
        column("wait_d", "number", "d"),
        column("paid_yuan", "number", "yuan"),
        column("pace_t_per_day", "number", "t/d"),
        column("figure", "number"),
        column("visits", "integer"),
        column("kind", "name", values=dict.fromkeys(KINDS, ("", ""))),
        column("who", "text"),
        column("day", "date"),
        column("moment", "instant"),
        column("urgent", "boolean"),
        column("paid", "boolean"),
    ),
)  # fmt: skip

_MOMENTS = [
    *(datetime(2008, m, d) for m, d in [(1, 1), (2, 29), (7, 1), (7, 10), (12, 31)]),
    datetime(2008, 7, 1, 12, 30, 15),
    datetime(1, 1, 1),
    datetime(9999, 12, 31, 23, 59, 59),
    datetime(1969, 12, 31, 18),
]
_FIGURES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    0.1,
    0.3,
    2.0,
    24.0,
    100.0,
    1e-9,
    7.25,
    -3e4,
    123456.789,
    1e15,
    1e120,
    -1e150,
    1e199,
    1e-199,
]


def rows(seed: int, count: int = 20) -> pd.DataFrame:
    """``count`` rows of ``TABLE``: a third of the values unknown where they can be, the others apt to be equal or to overflow."""
    draw = random.Random(seed)
    pools: dict[str, Sequence[object]] = {
        "number": _FIGURES, "integer": (0, 1, 2, 3, -7, 2**40, 2**62), "name": KINDS, "text": WORDS, "instant": _MOMENTS,
        "date": [datetime(m.year, m.month, m.day) for m in _MOMENTS], "boolean": (True, False),
    }  # fmt: skip
    data = {}
    for c in TABLE.columns:
        never = c.key or c.type in {"boolean", "integer"}
        values = [None if not never and draw.random() < 0.33 else draw.choice(pools[c.type]) for _ in range(count)]
        if c.type == "name":
            data[c.name] = pd.Series(pd.Categorical(values, categories=list(KINDS)))
        else:
            data[c.name] = pd.Series(values, dtype=c.dtype)
    return pd.DataFrame(data)


@dataclass(frozen=True)
class _Draw:
    """Draws trees of a kind; every function ends in a leaf when ``depth`` is used up."""

    draw: st.DrawFn

    def one(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def number(self, measure: str, depth: int) -> Node:
        """A number that goes with ``measure``; "" is a number without unit."""
        if depth <= 0 or self.one(True, False, False):
            return self._number_leaf(measure)
        less = depth - 1
        match self.one("sum", "scaled", "negative", "call", "default", "special"):
            case "sum":
                return Arithmetic(0, self.one("+", "-"), self.number(measure, less), self.number(measure, less))
            case "scaled":
                return self._scaled(measure, less)
            case "negative":
                return Negative(0, self.number(measure, less))
            case "call":
                function = self.one("abs", "min", "max")
                count = 1 if function == "abs" else self.one(2, 3)
                return Call(0, function, tuple(self.number(measure, less) for _ in range(count)))
            case "default":
                return Call(0, "default", (self.number(measure, less), self.number(measure, less)))
        return self._special(measure, less)

    def _scaled(self, measure: str, depth: int) -> Node:
        """Times or over a number without unit, or a ratio (which gives a number without unit its own)."""
        by = self.one("", "ratio") if measure else ""
        factor = self.number(by, depth)
        if self.one(True, False):
            return Arithmetic(0, "/", self.number(measure, depth), factor)
        whole = self._united(measure, depth) if by else self.number(measure, depth)
        return Arithmetic(0, "*", *self.one((factor, whole), (whole, factor)))

    def _united(self, measure: str, depth: int) -> Node:
        """A number that is known to have a unit of ``measure``."""
        named = Name(0, self.one(*(c.name for c in TABLE.columns if c.unit and _measure(c.unit) == measure)))
        return self.one(named, Arithmetic(0, "+", named, self.number(measure, depth)))

    def _number_leaf(self, measure: str) -> Node:
        columns = [c for c in TABLE.columns if c.type in {"number", "integer"} and _measure(c.unit) == measure]
        if columns and self.one(True, True, False):
            return Name(0, self.one(*columns).name)
        # A figure with a % is not "number without unit": it would bring its measure with it.
        units = [unit for unit in (*tree.UNITS, "%") if unit != "1" and _measure(unit) == measure]
        return Number(0, self.one(0.0, 1.0, 2.0, 0.5, 95.0, 1e-3, 0.07, 24.0, 3e9 / 7, 1e9), self.one("", *units))

    def _special(self, measure: str, depth: int) -> Node:
        match measure:
            case "ratio":
                of = self.one("mass", "time", "money")
                return Arithmetic(0, "/", self._united(of, depth), self._united(of, depth))
            case "time":
                return Arithmetic(0, "-", self.moment(depth), self.moment(depth))
            case "":
                if self.one(True, False):
                    return Call(0, self.one("month", "year"), (self.moment(depth),))
                return Arithmetic(0, self.one("*", "/"), self._united("mass", depth), self._united("money", depth))
        return self._number_leaf(measure)

    def moment(self, depth: int) -> Node:
        """A date or instant."""
        less = depth - 1
        match self.one("leaf", "moved", "default") if depth > 0 else "leaf":
            case "moved":
                return Arithmetic(0, self.one("+", "-"), self.moment(less), self.number(self.one("time", ""), less))
            case "default":
                return Call(0, "default", (self.moment(less), self.moment(less)))
        return self.one(
            Name(0, "day"), Name(0, "moment"), Date(0, self.one(date(2008, 7, 1), date(1, 1, 1), date(2024, 2, 29)))
        )

    def text(self, depth: int, *, literal: bool = True) -> tuple[Node, bool]:
        """A text, and whether it is one of ``KINDS``."""
        of_kind = bool(self.one(True, False))
        return self.text_of(of_kind, depth, literal=literal), of_kind

    def text_of(self, of_kind: bool, depth: int, *, literal: bool = True) -> Node:
        """A text that goes with others of its sort."""
        if depth > 0 and self.one(True, False, False):
            return Call(
                0, "default", (self.text_of(of_kind, depth - 1, literal=False), self.text_of(of_kind, depth - 1))
            )
        if literal and self.one(True, False):
            return Text(0, self.one(*(KINDS if of_kind else WORDS)))
        return Name(0, "kind" if of_kind else "who")

    def boolean(self, depth: int) -> Node:
        """A condition."""
        less = depth - 1
        if depth <= 0:
            return self.one(Name(0, "urgent"), Name(0, "paid"), Bool(0, True), Bool(0, False))
        kinds = (
            "logic",
            "not",
            "compare",
            "compare",
            "compare",
            "member",
            "between",
            "unknown",
            "leaf",
            "same",
            "default",
        )
        match self.one(*kinds):
            case "logic":
                return Logic(0, self.one("and", "or"), tuple(self.boolean(less) for _ in range(self.one(2, 2, 3))))
            case "not":
                return Not(0, self.boolean(less))
            case "compare":
                return self._compare(less)
            case "member":
                return self._member(less)
            case "between":
                measure = self._measure()
                value, low, high = (self.number(measure, less) for _ in range(3))
                return Logic(0, "and", (Compare(0, ">=", value, low), Compare(0, "<=", value, high)))
            case "unknown":
                what = (
                    lambda: self.number(self._measure(), less),
                    lambda: self.boolean(less),
                    lambda: self.moment(less),
                )
                node = IsUnknown(0, self.one(*what, lambda: self.text(less)[0])())
                return self.one(node, Not(0, node))
            case "same":
                return Compare(0, self.one("=", "!="), self.boolean(less), self.boolean(less))
            case "default":
                return Call(0, "default", (self.boolean(less), self.boolean(less)))
        return self.boolean(0)

    def _measure(self) -> str:
        return str(self.one("mass", "ratio", "time", "money", "rate", ""))

    def _compare(self, depth: int) -> Node:
        order = self.one("<", "<=", ">", ">=", "=", "!=")
        match self.one("number", "number", "moment", "text"):
            case "number":
                measure = self._measure()
                return Compare(0, order, self.number(measure, depth), self.number(measure, depth))
            case "moment":
                return Compare(0, order, self.moment(depth), self.moment(depth))
        left, of_kind = self.text(depth)
        return Compare(0, self.one("=", "!="), left, self.text_of(of_kind, depth))

    def _member(self, depth: int) -> Node:
        some = range(self.one(1, 2, 3))
        if self.one(True, False):
            operand, of_kind = self.text(depth, literal=False)
            return Member(0, operand, tuple(Text(0, self.one(*(KINDS if of_kind else WORDS))) for _ in some))
        units = ("", "t", "kt", "wt")
        literals = tuple(Number(0, self.one(0.0, 1.0, -1.0, 0.5, 100.0), self.one(*units)) for _ in some)
        return Member(0, self.number("mass", depth), literals)


def _measure(unit: str) -> str:
    return "ratio" if unit == "%" else tree.UNITS[unit][0] if unit else ""


@st.composite
def conditions(draw: st.DrawFn, depth: int = 4) -> Node:
    """A tree as ``parse`` makes them (all positions 0) that is a condition over ``TABLE``."""
    return _Draw(draw).boolean(depth)


@st.composite
def values(draw: st.DrawFn, depth: int = 4) -> Node:
    """As ``conditions``, of any kind."""
    one = _Draw(draw)
    match one.one("number", "moment", "text", "boolean"):
        case "number":
            return one.number(one.one("mass", "ratio", "time", "money", "rate", ""), depth)
        case "moment":
            return one.moment(depth)
        case "text":
            return one.text(depth, literal=False)[0]
    return one.boolean(depth)


def without_positions(part: Any) -> Any:
    """A tree with every ``at`` 0, to be compared."""
    if isinstance(part, tuple):
        return tuple(map(without_positions, part))
    if not dataclasses.is_dataclass(part) or isinstance(part, type):
        return part
    fields = {f.name: without_positions(getattr(part, f.name)) for f in dataclasses.fields(part)}
    return type(part)(**(fields | {"at": 0}))
