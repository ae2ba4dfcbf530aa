"""Checked expressions computed over whole columns, in three-valued logic.

A number, text or date that is not known is NaN, ``None`` or NaT. A condition is two masks, *true* and *false*; a row in
neither is unknown: ``not`` leaves it so, ``and`` with a false makes it false, ``or`` with a true makes it true (SQL, Kleene).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.rules.expressions import (
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

if TYPE_CHECKING:
    import pandas as pd

Values = np.ndarray[Any, np.dtype[Any]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition over rows; where both masks are false it is unknown."""

    true: Mask
    false: Mask


class Rows:
    """The columns of a frame as arrays, converted once; ``frame`` is only read."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.count = len(frame)
        self._columns: dict[str, Values | Truth] = {}

    def column(self, name: str) -> Values | Truth:
        """The column as float64, datetime64 or object values, or as a ``Truth``."""
        if name not in self._columns:
            self._columns[name] = _column(self.frame[name])
        return self._columns[name]

    def condition(self, node: Node) -> Truth:
        """A checked boolean tree over these rows."""
        truth = self.value(node)
        assert isinstance(truth, Truth)
        return truth

    def value(self, node: Node) -> Values | Truth:
        """A checked tree over these rows."""
        match node:
            case Number():
                return np.full(self.count, node.value)
            case Text():
                return np.full(self.count, node.value, dtype=object)
            case Date():
                return np.full(self.count, np.datetime64(node.value, "us"))
            case Bool():
                mask = np.full(self.count, node.value)
                return Truth(mask, ~mask)
            case Name():
                return self.column(node.name)
            case Negative():
                return -self._array(node.operand)
            case Arithmetic():
                return _arithmetic(node.operator, self._array(node.left), self._array(node.right))
            case Compare():
                return _compare(node.operator, self.value(node.left), self.value(node.right))
            case Member():
                return self._member(node)
            case IsUnknown():
                unknown = _unknown(self.value(node.operand))
                return Truth(unknown, ~unknown)
            case Logic():
                return self._logic(node)
            case Not():
                truth = self.condition(node.operand)
                return Truth(truth.false, truth.true)
            case Call():
                return self._call(node)

    def _array(self, node: Node) -> Values:
        values = self.value(node)
        assert isinstance(values, np.ndarray)
        return values

    def _member(self, node: Member) -> Truth:
        values = self._array(node.operand)
        true = np.zeros(self.count, dtype=bool)
        for literal in node.literals:
            true |= _compare("=", values, self._array(literal)).true
        return Truth(true, ~true & ~_unknown(values))

    def _logic(self, node: Logic) -> Truth:
        terms = [self.condition(term) for term in node.terms]
        true, false = terms[0].true, terms[0].false
        for term in terms[1:]:
            if node.operator == "and":
                true, false = true & term.true, false | term.false
            else:
                true, false = true | term.true, false & term.false
        return Truth(true, false)

    def _call(self, node: Call) -> Values:
        arguments = [self._array(a) for a in node.arguments]
        functions: dict[str, Callable[..., Values]] = {"abs": np.abs, "min": np.minimum, "max": np.maximum}
        return functions[node.function](*arguments)


class Groups(Rows):
    """Rows grouped ``by`` columns: a row of this is one group, in order of first appearance.

    Aggregates skip what is unknown; over nothing known they are unknown themselves (``count`` is then 0).
    """

    def __init__(self, frame: pd.DataFrame, by: Sequence[str]) -> None:
        grouped = frame.groupby(list(by), sort=False, observed=True, dropna=False)
        self._codes: Values = grouped.ngroup().to_numpy()
        self._rows = Rows(frame)
        super().__init__(frame[list(by)].drop_duplicates().reset_index(drop=True))

    def _call(self, node: Call) -> Values:
        if node.function not in {"sum", "mean", "lowest", "highest", "count"}:
            return super()._call(node)
        if node.function == "count":
            true = self._rows.condition(node.arguments[0]).true
            return np.bincount(self._codes[true], minlength=self.count).astype(float)
        values = self._rows.value(node.arguments[0])
        assert isinstance(values, np.ndarray)
        known = ~np.isnan(values)
        codes, values = self._codes[known], values[known]
        size = np.bincount(codes, minlength=self.count)
        if node.function in {"sum", "mean"}:
            total = np.bincount(codes, weights=values, minlength=self.count)
            out = total if node.function == "sum" else total / np.maximum(size, 1)
        else:
            out = np.full(self.count, np.inf if node.function == "lowest" else -np.inf)
            (np.minimum if node.function == "lowest" else np.maximum).at(out, codes, values)
        return np.where(size > 0, out, np.nan)


def _column(series: pd.Series[Any]) -> Values | Truth:
    kind = series.dtype.kind if isinstance(series.dtype, np.dtype) else "O"
    if kind == "b":
        mask = series.to_numpy()
        return Truth(mask, ~mask)
    if kind in "iuf":
        return series.to_numpy(dtype=float)
    if kind == "M":
        return series.to_numpy(dtype="datetime64[us]")
    values = series.astype(object).to_numpy(dtype=object, copy=True)
    values[series.isna().to_numpy()] = None
    return values


def _unknown(values: Values | Truth) -> Mask:
    if isinstance(values, Truth):
        return ~(values.true | values.false)
    if values.dtype.kind == "f":
        return np.isnan(values)
    if values.dtype.kind == "M":
        return np.isnat(values)
    return np.asarray(values == None, dtype=bool)  # noqa: E711 - elementwise


def _arithmetic(sign: str, left: Values, right: Values) -> Values:
    with np.errstate(all="ignore"):
        if sign == "/":
            # Unknown, not infinite: a ratio to a zero plan says nothing.
            out = np.divide(left, np.where(right == 0, np.nan, right))
        else:
            out = {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign](left, right)
    return np.where(np.isfinite(out), out, np.nan)


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


def _compare(sign: str, left: Values | Truth, right: Values | Truth) -> Truth:
    known = ~(_unknown(left) | _unknown(right))
    if isinstance(left, Truth):
        assert isinstance(right, Truth)
        left, right = left.true, right.true
    assert isinstance(right, np.ndarray)
    true = np.asarray(_COMPARISONS[sign](left, right), dtype=bool) & known
    return Truth(true, known & ~true)
