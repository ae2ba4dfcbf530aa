"""Types and units of an expression, checked against a declared table before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeGuard

from chainsim.model.messages import name_list, nearest_name
from chainsim.results.declarations import Column, Table
from chainsim.rules.language.tree import (
    AGGREGATES,
    FUNCTIONS,
    PERIODS,
    UNITS,
    Arithmetic,
    Bool,
    Call,
    Case,
    Collect,
    Compare,
    Date,
    ExpressionError,
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
)
from chainsim.rules.language.units import in_unit, measure_of, unit_en, unit_zh

Kind = Literal["number", "text", "date", "boolean"]

KINDS: dict[str, Kind] = {
    "date": "date",
    "instant": "date",
    "name": "text",
    "text": "text",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
}
_KIND_EN: dict[Kind, str] = {"number": "number", "text": "text", "date": "date", "boolean": "condition"}
_KIND_ZH: dict[Kind, str] = {"number": "数", "text": "文本", "date": "日期", "boolean": "条件"}
_WRITTEN: dict[Kind, str] = {
    "number": "12.5, 80%",
    "text": "'text'",
    "date": "2008-07-01, 2008-07",
    "boolean": "x > 5, x = 'a'",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A checked tree: literals and operands brought to one unit, so that it can be computed as it stands.

    ``unit`` is "" where none is known (such a number goes with any unit).
    """

    node: Node
    kind: Kind
    unit: str = ""
    values: frozenset[str] | None = None
    """For a text: all it can be, where that is declared."""


_MOST_RATIO = 10.0  # no threshold of a ratio is ten times the whole
_ELSEWHERE = {
    "average": "mean", "avg": "mean", "minimum": "lowest", "maximum": "highest", "coalesce": "default", "lag": "previous",
    "if": "default", "count_if": "count", "countif": "count", "sumif": "sum",
}  # fmt: skip
"""Functions as SQL and spreadsheets call them."""

Reach = Callable[[str], Column]
"""What a dotted name or a measure stands for; raises ``ExpressionError`` (its place counted within the name)."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can read.

    ``columns`` are plain names; ``described`` says whose they are, in both languages. ``period`` is the one the rows are counted
    in ("" for none). With ``by`` the expression speaks of groups of rows: columns other than these stand inside an aggregate.
    """

    columns: Mapping[str, Column]
    described: tuple[str, str]
    period: str = ""
    by: frozenset[str] | None = None
    reach: Reach | None = field(default=None, compare=False)


def table_scope(table: Table) -> Scope:
    """The rows of ``table`` and nothing else."""
    return Scope(
        columns={c.name: c for c in table.columns},
        described=(f"table '{table.name}'", f"表“{table.name}”"),
        period=next((period for period in PERIODS if period in table.keys), ""),
    )


def check(node: Node, scope: Scope) -> tuple[Typed | None, list[ExpressionError]]:
    """``node`` typed over what ``scope`` holds, and everything wrong with it; ``None`` if it has no type."""
    checker = _Checker(scope)
    typed = checker.typed(node, inside=scope.by is None)
    return typed, checker.errors


def column_values(column: Column) -> frozenset[str] | None:
    """The texts a column can hold, where its declaration lists them."""
    return frozenset(column.values) if column.values else None


class _Checker:
    """Collects errors while it types; a part that failed is ``None`` and silences what depends on it."""

    def __init__(self, scope: Scope) -> None:
        self.errors: list[ExpressionError] = []
        self._scope = scope

    def typed(self, node: Node, *, inside: bool) -> Typed | None:
        """``inside``: row values may be read here (no groups, or within an aggregate)."""
        match node:
            case Number():
                if node.unit == "%":
                    return Typed(Number(node.at, node.value / 100.0, "1"), "number", "1")
                return Typed(node, "number", node.unit)
            case Text():
                return Typed(node, "text")
            case Date():
                return Typed(node, "date")
            case Bool():
                return Typed(node, "boolean")
            case Name():
                return self._name(node, inside)
            case Negative():
                operand = self._of_kind(node.operand, "number", inside)
                return operand and replace(operand, node=replace(node, operand=operand.node))
            case Arithmetic():
                return self._arithmetic(node, inside)
            case Compare():
                return self._compare(node, inside)
            case Member():
                return self._member(node, inside)
            case IsUnknown():
                operand = self.typed(node.operand, inside=inside)
                return operand and Typed(replace(node, operand=operand.node), "boolean")
            case Logic():
                terms = [self._of_kind(term, "boolean", inside) for term in node.terms]
                whole = [t.node for t in terms if t is not None]
                return Typed(replace(node, terms=tuple(whole)), "boolean") if len(whole) == len(terms) else None
            case Not():
                operand = self._of_kind(node.operand, "boolean", inside)
                return operand and Typed(replace(node, operand=operand.node), "boolean")
            case Call():
                return self._call(node, inside)
            case Case() | Collect() | Joined():  # made of checked trees, after the check
                raise AssertionError("not written in rules")

    def _fail(self, at: int, message: str, message_zh: str, accepted: str = "", nearest: str = "") -> None:
        self.errors.append(ExpressionError(at, message, message_zh, accepted=accepted, nearest=nearest))

    def _of_kind(self, node: Node, kind: Kind, inside: bool) -> Typed | None:
        typed = self.typed(node, inside=inside)
        if typed is not None and typed.kind != kind:
            self._wrong_kind(typed, kind)
            return None
        return typed

    def _wrong_kind(self, typed: Typed, kind: Kind) -> None:
        self._fail(
            typed.node.at,
            f"a {_KIND_EN[typed.kind]} stands where a {_KIND_EN[kind]} is needed",
            f"此处需要{_KIND_ZH[kind]}，而不是{_KIND_ZH[typed.kind]}",
            accepted=_WRITTEN[kind],
        )

    def _name(self, node: Name, inside: bool) -> Typed | None:
        scope = self._scope
        column = scope.columns.get(node.name)
        if column is None and scope.reach is not None:
            try:
                column = scope.reach(node.name)
            except ExpressionError as error:
                error.at += node.at
                self.errors.append(error)
                return None
        if column is None:
            whose, whose_zh = scope.described
            self._fail(
                node.at,
                f"{whose} has no column '{node.name}'",
                f"{whose_zh}没有列“{node.name}”",
                accepted=name_list(scope.columns),
                nearest=nearest_name(node.name, scope.columns),
            )
            return None
        if not inside and scope.by is not None and node.name not in scope.by:
            self._fail(
                node.at,
                f"'{node.name}' has many values in a group: put it in an aggregate or in by:",
                f"“{node.name}”在一组中有多个值：请用汇总函数或写入 by:",
                accepted=", ".join(sorted(AGGREGATES)),
            )
            return None
        return Typed(node, KINDS[column.type], column.unit, column_values(column))

    def _arithmetic(self, node: Arithmetic, inside: bool) -> Typed | None:
        left, right = self.typed(node.left, inside=inside), self.typed(node.right, inside=inside)
        if left is None or right is None:
            return None
        if left.kind == "date" and node.operator in "+-":
            return self._date_arithmetic(node, left, right)
        for side in (left, right):
            if side.kind != "number":
                self._wrong_kind(side, "number")
                return None
        if node.operator in "+-":
            same = self._same_unit(node.at, left, right)
            return same and Typed(
                replace(node, left=same[0].node, right=same[1].node), "number", same[0].unit or same[1].unit
            )
        if node.operator == "/" and left.unit and right.unit and measure_of(left.unit) == measure_of(right.unit):
            return Typed(replace(node, left=left.node, right=_scaled(right, left.unit).node), "number", "1")
        unit = ""
        if right.unit in {"", "1"}:
            unit = left.unit
        elif node.operator == "*" and left.unit in {"", "1"}:
            unit = right.unit
        return Typed(replace(node, left=left.node, right=right.node), "number", unit)

    def _date_arithmetic(self, node: Arithmetic, left: Typed, right: Typed) -> Typed | None:
        """Two dates are so many days apart; a date and a time make another date."""
        if right.kind == "date" and node.operator == "-":
            return Typed(Call(node.at, "days_between", (left.node, right.node)), "number", "d")
        if right.kind != "number":
            self._wrong_kind(right, "number")
            return None
        if right.unit and measure_of(right.unit) != "time":
            self._fail(
                node.at, f"'{right.unit}' is no time to add to a date", f"“{right.unit}”不是可与日期相加的时间", "d, h"
            )
            return None
        days = _scaled(right, "d").node if right.unit else right.node
        if node.operator == "-":
            days = Negative(node.at, days)
        return Typed(Call(node.at, "days_after", (left.node, days)), "date")

    def _compare(self, node: Compare, inside: bool) -> Typed | None:
        left, right = self.typed(node.left, inside=inside), self.typed(node.right, inside=inside)
        if left is None or right is None or not self._comparable(node.at, left, right):
            return None
        if node.operator not in {"=", "!="} and left.kind in {"text", "boolean"}:
            self._fail(
                node.at,
                f"a {_KIND_EN[left.kind]} has no order: use = or !=",
                f"{_KIND_ZH[left.kind]}没有大小：请用 = 或 !=",
                accepted="=, !=",
            )
            return None
        for ratio, plain in ((left, right), (right, left)):
            if isinstance(ratio.node, Name) and ratio.unit == "1" and _is_forgotten_percent(plain.node):
                name, value, whole = ratio.node.name, f"{plain.node.value:g}", f"{plain.node.value:.0%}"
                message, message_zh = f"'{name}' is a ratio: {value} is {whole}", f"“{name}”是比率：{value} 即 {whole}"
                self._fail(plain.node.at, message, message_zh, nearest=f"{value}%")
                return None
        same = self._same_unit(node.at, left, right)
        return same and Typed(replace(node, left=same[0].node, right=same[1].node), "boolean")

    def _member(self, node: Member, inside: bool) -> Typed | None:
        operand = self.typed(node.operand, inside=inside)
        literals = []
        for literal in node.literals:
            value = self.typed(literal, inside=True)
            if operand is None or value is None or not self._comparable(literal.at, operand, value):
                return None
            same = self._same_unit(literal.at, operand, value)
            if same is None:
                return None
            literals.append(same[1].node)
        return operand and Typed(replace(node, operand=operand.node, literals=tuple(literals)), "boolean")

    def _comparable(self, at: int, left: Typed, right: Typed) -> bool:
        if left.kind != right.kind:
            self._fail(
                at,
                f"a {_KIND_EN[left.kind]} cannot be compared with a {_KIND_EN[right.kind]}",
                f"{_KIND_ZH[left.kind]}不能与{_KIND_ZH[right.kind]}比较",
                accepted=_WRITTEN[left.kind],
            )
            return False
        for values, literal in ((left.values, right.node), (right.values, left.node)):
            if values is not None and isinstance(literal, Text) and literal.value not in values:
                self._fail(
                    literal.at,
                    f"'{literal.value}' is not among the column's values",
                    f"“{literal.value}”不是该列的取值",
                    accepted=", ".join(sorted(values)),
                    nearest=nearest_name(literal.value, values),
                )
                return False
        return True

    def _same_unit(self, at: int, left: Typed, right: Typed) -> tuple[Typed, Typed] | None:
        if not left.unit or not right.unit:
            return left, right
        if measure_of(left.unit) != measure_of(right.unit):
            self._fail(
                at,
                f"{unit_en(left.unit)} and {unit_en(right.unit)} do not measure the same",
                f"{unit_zh(left.unit)}与{unit_zh(right.unit)}不是同一种量",
                accepted=", ".join(unit for unit in UNITS if measure_of(unit) == measure_of(left.unit) and unit != "1"),
            )
            return None
        return left, _scaled(right, left.unit)

    def _call(self, node: Call, inside: bool) -> Typed | None:
        if node.function in AGGREGATES:
            return self._aggregate(node, inside)
        if node.function not in FUNCTIONS:
            known = sorted({*FUNCTIONS, *AGGREGATES})
            self._fail(
                node.at,
                f"there is no function '{node.function}'",
                f"没有函数“{node.function}”",
                accepted=", ".join(known),
                nearest=_ELSEWHERE.get(node.function.lower(), "") or nearest_name(node.function, known),
            )
            return None
        fewest, most = FUNCTIONS[node.function]
        if not fewest <= len(node.arguments) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} … {most}"
            self._fail(
                node.at,
                f"{node.function} takes {wanted} value(s), not {len(node.arguments)}",
                f"{node.function} 需要 {wanted} 个值，而不是 {len(node.arguments)} 个",
            )
            return None
        typed = [self.typed(argument, inside=inside) for argument in node.arguments]
        arguments = [argument for argument in typed if argument is not None]
        if len(arguments) < len(typed):
            return None
        match node.function:
            case "month" | "year":
                return self._with_kind(node, arguments, "date", result="number")
            case "previous":
                if not self._has_period(node.at, self._scope.period) or not self._is_of_one_row(arguments[0].node):
                    return None
                return replace(arguments[0], node=replace(node, arguments=(arguments[0].node,)))
            case "default":
                return self._default(node, *arguments)
        return self._with_kind(node, arguments, "number", result="number")

    def _with_kind(self, node: Call, arguments: list[Typed], kind: Kind, *, result: Kind) -> Typed | None:
        """A call whose arguments are all of one ``kind`` and, if numbers, brought to one unit."""
        unit = ""
        nodes = []
        for argument in arguments:
            if argument.kind != kind:
                self._wrong_kind(argument, kind)
                return None
            same = self._same_unit(node.at, replace(arguments[0], unit=unit), argument)
            if same is None:
                return None
            unit = unit or argument.unit
            nodes.append(same[1].node)
        return Typed(replace(node, arguments=tuple(nodes)), result, unit)

    def _default(self, node: Call, value: Typed, instead: Typed) -> Typed | None:
        if not self._comparable(node.at, value, instead):
            return None
        same = self._same_unit(node.at, value, instead)
        values = None if value.values is None or instead.values is None else value.values | instead.values
        return same and Typed(
            replace(node, arguments=(same[0].node, same[1].node)), value.kind, same[0].unit or same[1].unit, values
        )

    def _aggregate(self, node: Call, inside: bool) -> Typed | None:
        if node.window is None and inside:
            self._fail(
                node.at,
                f"{node.function}() needs a rule or measure with by:, or a number of periods: {node.function}(x, 3 months)",
                f"{node.function}() 只能用于带 by: 的规则或指标，或写明期数：{node.function}(x, 3 months)",
            )
            return None
        if node.window is not None:
            if not inside:
                self._fail(
                    node.at,
                    "a number of periods goes with single rows, not with by:",
                    "期数只用于逐行条件，不能与 by: 同用",
                )
                return None
            if not self._has_period(node.window.at, node.window.period):
                return None
        if len(node.arguments) != 1:
            self._fail(node.at, f"{node.function} takes one value", f"{node.function} 只需要一个值")
            return None
        if node.function == "distinct":
            argument = self.typed(node.arguments[0], inside=True)
        else:
            kind: Kind = "boolean" if node.function == "count" else "number"
            argument = self._of_kind(node.arguments[0], kind, inside=True)
        if argument is not None and node.window is not None and not self._is_of_one_row(argument.node):
            return None
        counted = node.function in {"count", "distinct"}
        return argument and Typed(replace(node, arguments=(argument.node,)), "number", "" if counted else argument.unit)

    def _is_of_one_row(self, node: Node) -> bool:
        """Whether ``node`` looks at no other periods; what does is computed first, as a measure."""
        stack = [node]
        while stack:
            top = stack.pop()
            if isinstance(top, Call) and (top.function == "previous" or top.window is not None):
                self._fail(
                    top.at,
                    f"{top.function}() over periods stands inside another: give it a name under measures: first",
                    f"按期计算的 {top.function}() 不能嵌套：请先在 measures: 中命名",
                )
                return False
            stack.extend(children(top))
        return True

    def _has_period(self, at: int, period: str) -> bool:
        own = self._scope.period
        if own and own == period:
            return True
        counted = f"{own.replace('_', ' ')}s" if own and own != "ten_days" else (own.replace("_", "-") or "no periods")
        own_unit = {"month": "months", "ten_days": "ten-days", "day": "days"}.get(own, "")
        self._fail(
            at, f"the rows here count {counted}", "此处的行不按该周期计" if own else "此处的行不计期",
            accepted=f"3 {own_unit}" if own else "month, ten_days, day",
        )  # fmt: skip
        return False


def _scaled(typed: Typed, unit: str) -> Typed:
    """``typed`` in ``unit`` (of the same measure)."""
    return typed if typed.unit == unit else replace(typed, node=in_unit(typed.node, typed.unit, unit), unit=unit)


def _is_forgotten_percent(node: Node) -> TypeGuard[Number]:
    """Whether ``node`` is a number too large to be compared with a ratio, written without a percent sign."""
    return isinstance(node, Number) and not node.unit and node.value >= _MOST_RATIO
