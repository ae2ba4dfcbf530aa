"""Trees printed back as the language: with no more brackets than needed, so that a reader knows the condition again.

``parse(written(tree))`` is the same tree (positions aside) for every tree that ``parse`` made. What a check has turned into days
is printed as dates again, changes of units are left out; what only decision tables make (``Case``, ``Collect``, ``Joined``) has
no text in the language and is described.
"""

from __future__ import annotations

from math import inf, nextafter
from typing import Final

from chainsim.rules.language.tree import (
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
    Window,
    is_change_of_units,
)

# How tightly a text holds together, loosest first: the levels of grammar.lark.
_OR, _AND, _NOT, _PREDICATE, _SUM, _PRODUCT, _SIGNED, _ATOM = range(8)
_PERIODS: Final = {"month": "months", "ten_days": "ten-days", "day": "days"}


def written(node: Node) -> str:
    """``node`` as it could be written in a rule."""
    return _at_least(node, _OR)


def _at_least(node: Node, level: int) -> str:
    """``node``'s text, in brackets if it holds together less tightly than ``level``."""
    own, text = _text(node)
    return text if own >= level else f"({text})"


def _text(node: Node) -> tuple[int, str]:
    """``node``'s level and text."""
    match node:
        case Number():
            return (_ATOM if node.value >= 0 else _SIGNED), _number(node)
        case Text():
            return _ATOM, f'"{node.value}"' if "'" in node.value else f"'{node.value}'"
        case Date():
            return _ATOM, node.value.isoformat()
        case Bool():
            return _ATOM, "true" if node.value else "false"
        case Name():
            return _ATOM, node.name
        case Negative():
            return _SIGNED, f"-{_at_least(node.operand, _SIGNED)}"
        case Arithmetic():
            if is_change_of_units(node):
                return _text(node.left)
            return _arithmetic(node.operator, node.left, node.right)
        case Compare():
            return _PREDICATE, f"{_at_least(node.left, _SUM)} {node.operator} {_at_least(node.right, _SUM)}"
        case Member():
            return _member(node, "in")
        case IsUnknown():
            return _PREDICATE, f"{_at_least(node.operand, _SUM)} is unknown"
        case Not():
            return _negated(node.operand)
        case Logic():
            if (ends := _ends(node)) is not None:
                return _between(ends, "between")
            own = _OR if node.operator == "or" else _AND
            return own, f" {node.operator} ".join(_at_least(term, own + 1) for term in node.terms)
        case Call():
            return _call(node)
        case Case():
            branches = "; ".join(f"{written(then)} if {written(when)}" for when, then in node.branches)
            return _ATOM, f"first({branches})"
        case Collect():
            return _ATOM, f"{node.function} of known({', '.join(map(written, node.terms))})"
        case Joined():
            return _ATOM, f"known({', '.join(map(written, node.terms))})"


def _number(node: Number) -> str:
    if node.unit == "1" and (percent := _percent(node.value)):
        return f"{percent}%"
    figure = repr(node.value).removesuffix(".0")
    if node.unit in {"", "1"}:
        return figure
    return f"{figure}%" if node.unit == "%" else f"{figure} {node.unit}"


def _percent(value: float) -> str:
    """The shortest figure that is ``value`` when divided by 100, "" if there is none."""
    near = value * 100
    figures = (f"{near:.12g}", *(repr(p).removesuffix(".0") for p in (near, nextafter(near, 0), nextafter(near, inf))))
    return next((figure for figure in figures if float(figure) / 100 == value), "")


def _arithmetic(operator: str, left: Node, right: Node) -> tuple[int, str]:
    own = _SUM if operator in "+-" else _PRODUCT
    return own, f"{_at_least(left, own)} {operator} {_at_least(right, own + 1)}"


def _negated(operand: Node) -> tuple[int, str]:
    if isinstance(operand, IsUnknown):
        return _PREDICATE, f"{_at_least(operand.operand, _SUM)} is not unknown"
    if isinstance(operand, Member):
        return _member(operand, "not in")
    if isinstance(operand, Logic) and (ends := _ends(operand)) is not None:
        return _between(ends, "not between")
    return _NOT, f"not {_at_least(operand, _NOT)}"


def _member(node: Member, word: str) -> tuple[int, str]:
    return _PREDICATE, f"{_at_least(node.operand, _SUM)} {word} ({', '.join(map(written, node.literals))})"


def _ends(node: Logic) -> tuple[Node, Node, Node] | None:
    """The value and the two ends of what was a ``between``."""
    match node:
        case Logic(operator="and", terms=(Compare(operator=">=") as low, Compare(operator="<=") as high)):
            if written(low.left) == written(high.left):
                return low.left, low.right, high.right
    return None


def _between(ends: tuple[Node, Node, Node], word: str) -> tuple[int, str]:
    value, low, high = (_at_least(part, _SUM) for part in ends)
    return _PREDICATE, f"{value} {word} {low} and {high}"


def _call(node: Call) -> tuple[int, str]:
    match node.function, node.arguments:
        case "days_between", (day, other):
            return _arithmetic("-", day, other)
        case "days_after", (day, Negative(operand=days)):
            return _arithmetic("-", day, days)
        case "days_after", (day, days):
            return _arithmetic("+", day, days)
    return _ATOM, f"{node.function}({', '.join([*map(written, node.arguments), *_window(node.window)])})"


def _window(window: Window | None) -> tuple[str, ...]:
    return () if window is None else (f"{window.periods} {_PERIODS[window.period]}",)
