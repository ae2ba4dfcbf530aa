"""What the lint of a decision table tells its author: mistakes, and what is worth a look."""

from __future__ import annotations

from chainsim.rules.decisions.grid import Spot, Telling
from chainsim.rules.decisions.lint import Example, Gaps, gaps, is_checkable, overlaps, unreachable
from chainsim.rules.decisions.table import DecisionTable, Row

_ALWAYS_ANSWERS = "collect count"
"""The hit policy for which matching nothing is an answer."""
_MOST_NAMED = 8
"""Inputs named in one example."""


def findings(table: DecisionTable, telling: Telling) -> None:
    """Tell overlaps that the hit policy forbids as problems; gaps and rows that never decide as warnings."""
    if not is_checkable(table):
        telling.warn(
            _spot(table, table.header_line), "decision-large", "the table is too large to check for overlaps and gaps",
            "表太大，无法检查有无重叠和遗漏",
        )  # fmt: skip
        return
    if table.hit in ("unique", "any"):
        _tell_overlaps(table, telling)
    if table.hit != _ALWAYS_ANSWERS:
        _tell_gaps(table, gaps(table), telling)
    if table.hit in ("first", "priority"):
        _tell_unreachable(table, telling)


def _tell_overlaps(table: DecisionTable, telling: Telling) -> None:
    differing = table.hit == "any"
    for overlap in overlaps(table, differing=differing):
        first, second = _row_text(table, overlap.first), _row_text(table, overlap.second)
        what = "both match, with different outputs" if differing else "both match"
        what_zh = "同时成立而输出不同" if differing else "同时成立"
        telling.fail(
            _spot(table, overlap.second.line), "decision-overlap",
            f"{first[0]} and {second[0]} {what}: {_values(overlap.example, 'en')}",
            f"{first[1]}与{second[1]}{what_zh}：{_values(overlap.example, 'zh')}",
            accepted="rows apart from each other, or another hit policy: first, priority, collect …",
            accepted_zh="互不重叠的各行，或其他命中策略：first、priority、collect…",
        )  # fmt: skip


def _tell_gaps(table: DecisionTable, found: Gaps, telling: Telling) -> None:
    for example in found.examples:
        telling.warn(
            _spot(table, table.header_line), "decision-gap", f"no row covers {_values(example, 'en')}",
            f"没有任何一行包括：{_values(example, 'zh')}",
        )  # fmt: skip
    if not found.complete:
        telling.warn(
            _spot(table, table.header_line), "decision-large", "the table is too large to check completely for gaps",
            "表太大，无法完全检查有无遗漏",
        )  # fmt: skip


def _tell_unreachable(table: DecisionTable, telling: Telling) -> None:
    found = unreachable(table)
    for row in found.rows:
        text, text_zh = _row_text(table, row)
        telling.warn(
            _spot(table, row.line), "decision-unreachable", f"{text} can never decide: others always win",
            f"{text_zh}永不起作用：总有其他行优先",
        )  # fmt: skip
    if not found.complete:
        telling.warn(
            _spot(table, table.header_line), "decision-large",
            "the table is too large to check completely for rows that never decide", "表太大，无法完全检查有无不起作用的行",
        )  # fmt: skip


def _row_text(table: DecisionTable, row: Row) -> tuple[str, str]:
    """A row as the author finds it: the line of the file or the row of the sheet."""
    return (f"row {row.line}", f"第 {row.line} 行") if table.sheet else (f"line {row.line}", f"第 {row.line} 行")


def _values(example: Example, lang: str) -> str:
    if not example:
        return "any values" if lang == "en" else "任意取值"
    told = ", ".join(f"{name} = {texts[lang == 'zh']}" for name, texts in example[:_MOST_NAMED])
    return f"{told}, …" if len(example) > _MOST_NAMED else told


def _spot(table: DecisionTable, line: int) -> Spot:
    if table.sheet:
        return Spot(table.source, line, 0, table.sheet, f"{line}:{line}")
    return Spot(table.source, line)
