"""Types and units of an expression, checked against a declared table before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chainsim.model.messages import name_list, nearest_name
from chainsim.results.declarations import Column
from chainsim.rules.expressions import (
    AGGREGATES,
    FUNCTIONS,
    UNITS,
    Arithmetic,
    Bool,
    Call,
    Compare,
    Date,
    ExpressionError,
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
_KIND_ZH: dict[Kind, str] = {"number": "数", "text": "文本", "date": "日期", "boolean": "真假值"}


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


def check(
    node: Node, columns: Mapping[str, Column], table: str, by: Sequence[str] = ()
) -> tuple[Typed | None, list[ExpressionError]]:
    """``node`` typed over ``columns`` of ``table``, and everything wrong with it; ``None`` if it has no type.

    With ``by`` the expression speaks of groups of rows: columns other than these stand inside an aggregate.
    """
    checker = _Checker(columns, table, frozenset(by))
    typed = checker.typed(node, inside=not by)
    return typed, checker.errors


def column_values(column: Column) -> frozenset[str] | None:
    """The texts a column can hold, where its declaration lists them."""
    return frozenset(column.values) if column.values else None


class _Checker:
    """Collects errors while it types; a part that failed is ``None`` and silences what depends on it."""

    def __init__(self, columns: Mapping[str, Column], table: str, by: frozenset[str]) -> None:
        self.errors: list[ExpressionError] = []
        self._columns = columns
        self._table = table
        self._by = by

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

    def _fail(self, at: int, message: str, message_zh: str, accepted: str = "", nearest: str = "") -> None:
        self.errors.append(ExpressionError(at, message, message_zh, accepted=accepted, nearest=nearest))

    def _of_kind(self, node: Node, kind: Kind, inside: bool) -> Typed | None:
        typed = self.typed(node, inside=inside)
        if typed is not None and typed.kind != kind:
            self._fail(
                node.at,
                f"a {typed.kind} stands where a {kind} is needed",
                f"此处需要{_KIND_ZH[kind]},而不是{_KIND_ZH[typed.kind]}",
            )
            return None
        return typed

    def _name(self, node: Name, inside: bool) -> Typed | None:
        column = self._columns.get(node.name)
        if column is None:
            self._fail(
                node.at,
                f"table '{self._table}' has no column '{node.name}'",
                f"表“{self._table}”没有列“{node.name}”",
                accepted=name_list(self._columns),
                nearest=nearest_name(node.name, self._columns),
            )
            return None
        if not inside and node.name not in self._by:
            self._fail(
                node.at,
                f"'{node.name}' has many values in a group: put it in an aggregate or in by:",
                f"“{node.name}”在一组中有多个值:请用汇总函数或写入 by:",
                accepted=", ".join(sorted(AGGREGATES)),
            )
            return None
        return Typed(node, KINDS[column.type], column.unit, column_values(column))

    def _arithmetic(self, node: Arithmetic, inside: bool) -> Typed | None:
        left = self._of_kind(node.left, "number", inside)
        right = self._of_kind(node.right, "number", inside)
        if left is None or right is None:
            return None
        if node.operator in "+-":
            same = self._same_unit(node.at, left, right)
            return same and Typed(
                replace(node, left=same[0].node, right=same[1].node), "number", same[0].unit or same[1].unit
            )
        if node.operator == "/" and left.unit and right.unit and _measure(left.unit) == _measure(right.unit):
            return Typed(replace(node, left=left.node, right=_scaled(right, left.unit).node), "number", "1")
        unit = ""
        if right.unit in {"", "1"}:
            unit = left.unit
        elif node.operator == "*" and left.unit in {"", "1"}:
            unit = right.unit
        return Typed(replace(node, left=left.node, right=right.node), "number", unit)

    def _compare(self, node: Compare, inside: bool) -> Typed | None:
        left, right = self.typed(node.left, inside=inside), self.typed(node.right, inside=inside)
        if left is None or right is None or not self._comparable(node.at, left, right):
            return None
        if node.operator not in {"=", "!="} and left.kind in {"text", "boolean"}:
            self._fail(
                node.at, f"a {left.kind} has no order: use = or !=", f"{_KIND_ZH[left.kind]}没有大小:请用 = 或 !="
            )
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
            scaled = same[1].node
            if isinstance(scaled, Arithmetic):  # a literal in another unit: bring it to the operand's now
                assert isinstance(scaled.left, Number)
                assert isinstance(scaled.right, Number)
                scaled = Number(literal.at, scaled.left.value * scaled.right.value, operand.unit)
            literals.append(scaled)
        return operand and Typed(replace(node, operand=operand.node, literals=tuple(literals)), "boolean")

    def _comparable(self, at: int, left: Typed, right: Typed) -> bool:
        if left.kind != right.kind:
            self._fail(
                at,
                f"a {left.kind} cannot be compared with a {right.kind}",
                f"{_KIND_ZH[left.kind]}不能与{_KIND_ZH[right.kind]}比较",
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
        if _measure(left.unit) != _measure(right.unit):
            self._fail(
                at,
                f"'{left.unit}' and '{right.unit}' do not measure the same",
                f"“{left.unit}”与“{right.unit}”不是同一种量",
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
                nearest=nearest_name(node.function, known),
            )
            return None
        wanted = FUNCTIONS[node.function]
        if len(node.arguments) != wanted:
            self._fail(
                node.at,
                f"{node.function} takes {wanted} value(s), not {len(node.arguments)}",
                f"{node.function} 需要 {wanted} 个值,而不是 {len(node.arguments)} 个",
            )
            return None
        arguments = [self._of_kind(a, "number", inside) for a in node.arguments]
        first = arguments[0]
        if first is None:
            return None
        if wanted == 1:
            return replace(first, node=replace(node, arguments=(first.node,)))
        second = arguments[1]
        same = second and self._same_unit(node.at, first, second)
        return same and Typed(
            replace(node, arguments=(same[0].node, same[1].node)), "number", same[0].unit or same[1].unit
        )

    def _aggregate(self, node: Call, inside: bool) -> Typed | None:
        if inside:
            self._fail(
                node.at,
                f"{node.function}() needs a rule with by:, and no aggregate around it",
                f"{node.function}() 只能用于带 by: 的规则,且不能嵌套",
            )
            return None
        if len(node.arguments) != 1:
            self._fail(node.at, f"{node.function} takes one value", f"{node.function} 只需要一个值")
            return None
        counted = node.function == "count"
        argument = self._of_kind(node.arguments[0], "boolean" if counted else "number", inside=True)
        return argument and Typed(replace(node, arguments=(argument.node,)), "number", "" if counted else argument.unit)


def _measure(unit: str) -> str:
    return UNITS[unit][0] if unit in UNITS else unit


def _scaled(typed: Typed, unit: str) -> Typed:
    """``typed`` in ``unit`` (of the same measure)."""
    if typed.unit == unit:
        return typed
    factor = UNITS[typed.unit][1] / UNITS[unit][1]
    return Typed(
        Arithmetic(typed.node.at, "*", typed.node, Number(typed.node.at, factor)), typed.kind, unit, typed.values
    )
