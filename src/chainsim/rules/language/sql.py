"""Checked trees as SQL for DuckDB.

The text of a rule never gets into the SQL: numbers and dates are written anew from their values, texts travel as parameters, and
names are looked up in a table of columns that the caller has made. SQL's three-valued logic is the language's own; what differs
is written out: divisions by zero, numbers out of all proportion, dates off the calendar, and ``min`` and ``max`` with an unknown
argument are unknown, and whole numbers are reckoned like all others, so that they cannot overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

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
    is_checked_product,
)

_MICROSECONDS_PER_DAY = "864e8"
_AGGREGATES = {"sum": "sum", "mean": "avg", "lowest": "min", "highest": "max"}
_COLLECTED = {"sum": "list_sum", "min": "list_min", "max": "list_max"}
_CALENDAR = "TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
_MOST_DAYS = "4e6"  # more than the calendar has
_NEARLY_INFINITE = 1e300
_MOST_ROWS = 1e12
_LONG = 1_000
"""Characters of SQL from which on a value is written once."""


class Parameters:
    """The texts of one query, by the names the query knows them by."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def name(self, text: str) -> str:
        """The placeholder that stands for ``text``."""
        if text not in self._names:
            name = f"p{len(self._names)}"
            self._names[text] = name
            self.values[name] = text
        return f"${self._names[text]}"


class Printer:
    """Prints trees over ``columns`` (name → SQL). ``subject`` and ``period`` (SQL) say what a trailing window runs over."""

    def __init__(
        self,
        columns: Mapping[str, str],
        parameters: Parameters,
        subject: Sequence[str] = (),
        period: str = "",
        *,
        made: Mapping[str, str] | None = None,
    ) -> None:
        """``made`` says which windows and aggregates, by their SQL, are columns already."""
        self._columns = columns
        self._made = made or {}
        self._parameters = parameters
        self._subject = subject
        self._period = period
        self._bindings = 0
        self.windowed = False
        """Whether something printed so far needs ``QUALIFY`` instead of ``WHERE``."""

    def text(self, node: Node) -> str:
        """``node`` as an SQL expression."""
        match node:
            case Number():
                return number_text(node.value)
            case Text():
                return self._parameters.name(node.value)
            case Date():
                return f"TIMESTAMP '{node.value.isoformat()} 00:00:00'"
            case Bool():
                return "TRUE" if node.value else "FALSE"
            case Name():
                return self._columns[node.name]
            case Negative():
                return f"(-{self._double(node.operand)})"
            case Arithmetic():
                return self._arithmetic(node)
            case Compare():
                sign = "<>" if node.operator == "!=" else node.operator
                return f"({self.text(node.left)} {sign} {self.text(node.right)})"
            case Member():
                return f"({self.text(node.operand)} IN ({', '.join(map(self.text, node.literals))}))"
            case IsUnknown():
                return f"({self.text(node.operand)} IS NULL)"
            case Logic():
                return f"({f' {node.operator.upper()} '.join(map(self.text, node.terms))})"
            case Not():
                return f"(NOT {self.text(node.operand)})"
            case Case():
                branches = " ".join(f"WHEN {self.text(when)} THEN {self.text(then)}" for when, then in node.branches)
                return f"(CASE {branches} END)"
            case Collect():
                return f"{_COLLECTED[node.function]}([{', '.join(map(self.text, node.terms))}])"
            case Joined():
                terms = ", ".join(map(self.text, node.terms))
                return f"nullif(concat_ws({self._parameters.name(node.separator)}, {terms}), '')"
            case Call():
                return self._call(node)

    def _arithmetic(self, node: Arithmetic) -> str:
        left, right = self._double(node.left), self._double(node.right)
        if node.operator == "/":
            right = f"nullif({right}, 0)"
        value = f"({left} {node.operator} {right})"
        if is_checked_product(node):
            return self._once([value], lambda v: f"(CASE WHEN abs({v}) <= {LARGEST_RESULT!r} THEN {v} END)")
        if _bound(node) > _NEARLY_INFINITE:
            return self._once([value], lambda v: f"(CASE WHEN isfinite({v}) THEN {v} END)")
        # No sum and no change of units of what is checked can leave the numbers: more checks would cost and find nothing.
        return value

    def _once(self, values: Sequence[str], body: Callable[..., str]) -> str:
        """``body`` of ``values``, which it may mention more than once: long ones are written once nevertheless.

        Without that the text doubles with every level. A list of one is how DuckDB has a name for a value within an expression;
        it is slower than to compute a short one again.
        """
        names, bound = [], []
        for value in values:
            if len(value) > _LONG:
                self._bindings += 1
                bound.append((f'"value#{self._bindings}"', value))
            names.append(bound[-1][0] if len(value) > _LONG else value)
        text = body(*names)
        for name, value in bound:
            text = f"list_transform([{value}], lambda {name}: {text})[1]"
        return text

    def _double(self, node: Node) -> str:
        """A number, of a column of whole numbers too, as DuckDB's DOUBLE (no cost where it is one)."""
        text = self.text(node)
        return text if isinstance(node, Number | Arithmetic | Negative) else f"CAST({text} AS DOUBLE)"

    def _call(self, node: Call) -> str:
        if node.function == MEMBERS_OF:
            value = f"array_to_string(list_sort(list(DISTINCT {self.text(node.arguments[0])})), '; ')"
            return self._found(value, windowed=False)
        if node.function in AGGREGATES:
            counted = node.function in {"count", "distinct"}
            value = _aggregate(node.function, (self.text if counted else self._double)(node.arguments[0]))
            if node.window is not None:
                value = self._over(value, f"{node.window.periods - 1} PRECEDING", "CURRENT ROW")
            value = f"CAST({value} AS DOUBLE)" if counted else value
            return self._found(value, windowed=node.window is not None)
        numbers = node.function in {"abs", "min", "max"}
        arguments = [(self._double if numbers else self.text)(argument) for argument in node.arguments]
        match node.function:
            case "abs":
                return f"abs({arguments[0]})"
            case "min" | "max":
                return self._once(arguments, partial(_chosen, "least" if node.function == "min" else "greatest"))
            case "default":
                return f"coalesce({', '.join(arguments)})"
            case "month" | "year":
                return f"CAST(date_part('{node.function}', {arguments[0]}) AS DOUBLE)"
            case "days_between":
                return f"((epoch_us({arguments[0]}) - epoch_us({arguments[1]})) / {_MICROSECONDS_PER_DAY})"
            case "days_after":
                day = self._once(arguments, _days_after)
                return self._once([day], lambda v: f"(CASE WHEN {v} BETWEEN {_CALENDAR} THEN {v} END)")
            case "previous":
                value = self._over(f"first_value({arguments[0]})", "1 PRECEDING", "1 PRECEDING")
                return self._found(value, windowed=True)
        raise AssertionError(f"{node.function} was not checked")

    def _over(self, function: str, first: str, last: str) -> str:
        partition = f"PARTITION BY {', '.join(self._subject)} " if self._subject else ""
        return f"({function} OVER ({partition}ORDER BY {self._period} RANGE BETWEEN {first} AND {last}))"

    def _found(self, value: str, *, windowed: bool) -> str:
        """``value`` as it is, or the column that has it already."""
        if value in self._made:
            return self._made[value]
        self.windowed = self.windowed or windowed
        return value


def _chosen(function: str, *arguments: str) -> str:
    unknown = " OR ".join(f"{a} IS NULL" for a in arguments)
    return f"(CASE WHEN {unknown} THEN NULL ELSE {function}({', '.join(arguments)}) END)"


def _days_after(day: str, days: str) -> str:
    # Bounded before the cast, which would stop the query; TRY would not help: nested in another it fails.
    bounded = f"CASE WHEN abs({days}) <= {_MOST_DAYS} THEN {days} END"
    return f"({day} + to_microseconds(CAST(round(({bounded}) * {_MICROSECONDS_PER_DAY}) AS BIGINT)))"


def _bound(node: Node) -> float:
    """What the number ``node`` cannot exceed, given that no value of a table exceeds ``LARGEST_RESULT``."""
    match node:
        case Number():
            return abs(node.value)
        case Negative():
            return _bound(node.operand)
        case Arithmetic() if not is_checked_product(node):
            left, right = _bound(node.left), _bound(node.right)
            if node.operator in "+-":
                return left + right
            if node.operator == "*":
                return left * right
            return left / right if right else 0.0
        case Call() if node.function not in {"days_between", "month", "year"}:
            most = max(map(_bound, node.arguments))
            return most * _MOST_ROWS if node.function in AGGREGATES else most
    return LARGEST_RESULT


def looks_at_other_rows(node: Node) -> bool:
    """Whether ``node`` is a window over its subject's rows: a trailing aggregate or ``previous``."""
    return isinstance(node, Call) and (node.window is not None or node.function == "previous")


def may_be_nothing(node: Arithmetic) -> bool:
    """Whether the result may be unknown though both sides are known."""
    divides = node.operator == "/" and not (isinstance(node.right, Number) and node.right.value)
    return divides or is_checked_product(node) or _bound(node) > _NEARLY_INFINITE


def number_text(value: float) -> str:
    """A number as DuckDB reads it back bit for bit (without an exponent it would be a DECIMAL)."""
    written = repr(float(value))
    return written if "e" in written else f"{written}e0"


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def period_number(column: str, period: str) -> str:
    """SQL for consecutive periods as consecutive whole numbers; ``column`` holds dates."""
    if period == "day":
        return f"(CAST({column} AS DATE) - DATE '1970-01-01')"
    months = f"((date_part('year', {column}) - 1970) * 12 + date_part('month', {column}) - 1)"
    if period == "month":
        return months
    return f"({months} * 3 + least((date_part('day', {column}) - 1) // 10, 2))"


def period_start(column: str, period: str) -> str:
    """SQL for the first day of the period that a date lies in."""
    if period == "ten_days":
        offset = f"least((date_part('day', {column}) - 1) // 10, 2) * 10"
        return f"(date_trunc('month', {column}) + to_days(CAST({offset} AS INTEGER)))"
    return f"CAST(date_trunc('{period}', {column}) AS TIMESTAMP)"


def _aggregate(function: str, argument: str) -> str:
    if function == "count":
        return f"count(CASE WHEN {argument} THEN 1 END)"
    if function == "distinct":
        return f"count(DISTINCT {argument})"
    return f"{_AGGREGATES[function]}({argument})"
