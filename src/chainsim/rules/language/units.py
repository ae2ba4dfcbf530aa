"""Units of an expression: what they measure, how they are named, and how a number gets from one to another."""

from __future__ import annotations

from chainsim.rules.language.tree import PER, UNITS, Arithmetic, Node, Number


def measure_of(unit: str) -> str:
    """What ``unit`` measures; a unit of no known measure measures itself."""
    return UNITS[unit][0] if unit in UNITS else unit


def unit_en(unit: str) -> str:
    """``unit`` in an English message."""
    return "a ratio (%)" if unit == "1" else f"'{unit}'"


def unit_zh(unit: str) -> str:
    """``unit`` in a Chinese message."""
    return "比率（%）" if unit == "1" else f"“{unit}”"


def in_unit(node: Node, own: str, unit: str) -> Node:
    """``node``, a number in ``own``, in another ``unit`` of the same measure; a literal at once."""
    factor = UNITS[own][1] / UNITS[unit][1]
    if isinstance(node, Number):
        return Number(node.at, node.value * factor, unit)
    return Arithmetic(node.at, "*", node, Number(node.at, factor, f"{unit}{PER}{own}"))
