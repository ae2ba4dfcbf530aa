"""Decision tables read from the sheet beside a rule file and checked: ``read_decision``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from chainsim.errors import Problem
from chainsim.rules.decisions.axes import axis
from chainsim.rules.decisions.cell_reading import read_cell
from chainsim.rules.decisions.cells import KINDS_ZH, Cell, Operand
from chainsim.rules.decisions.findings import findings
from chainsim.rules.decisions.grid import Grid, Telling, read_grid
from chainsim.rules.decisions.outputs import OutputColumn, OutputSpec, read_outputs
from chainsim.rules.decisions.table import HITS, DecisionTable, Hit, Input, Row
from chainsim.rules.language.tree import ExpressionError

Check = Callable[[str], "Operand | Sequence[ExpressionError]"]
"""The meaning of a header expression over the table's rows, or what is wrong with it."""

IGNORED_HEADERS = frozenset({"note", "notes", "备注", "source", "来源", "#", "no", "no.", "序号"})
_ARROWS = ("->", "→", "=>", "－＞", "-＞", "⇒")
MOST_CHARACTERS = 250_000
"""Of all different cells; hundreds of rows over a dozen inputs need a tenth of it."""
_DECIMAL_COMMA = re.compile(r"\d,\d")
_HIT_LETTERS: dict[str, Hit] = {
    "u": "unique", "f": "first", "a": "any", "p": "priority", "o": "output order", "r": "rule order",
    "c#": "collect count", "c+": "collect sum", "c<": "collect min", "c>": "collect max",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSpec:
    """What a rule file says about a decision table beside its file: the rows it speaks of, its hit policy, its outputs."""

    id: str
    table: str
    hit: Hit = "unique"
    outputs: Mapping[str, OutputSpec] = field(default_factory=dict)


class DecisionReading(NamedTuple):
    """A table, if it is sound, everything wrong with it, and what is worth telling (gaps, rows that never decide)."""

    table: DecisionTable | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def hit_policy(text: str) -> Hit | None:
    """The hit policy that ``text`` names, in words or DMN's letters; None if there is none.

    >>> hit_policy("unique"), hit_policy("C+"), hit_policy("best")
    ('unique', 'collect sum', None)
    """
    folded = " ".join(text.casefold().replace("_", " ").split())
    return next((hit for hit in HITS if hit == folded), _HIT_LETTERS.get(folded))


def read_decision(folder: Path, file: str, spec: DecisionSpec, check: Check, *, sheet: str = "") -> DecisionReading:
    """The decision table in ``file`` (a plain file name) beside the rule file in ``folder``, read, checked and linted."""
    telling = Telling(path=f"decisions.{spec.id}")
    table = None
    grid = read_grid(folder, file, sheet, telling)
    if grid is not None:
        table = _table(grid, spec, check, telling)
    if table is not None and not telling.problems:
        findings(table, telling)
    return DecisionReading(None if telling.problems else table, telling.told_problems(), telling.told_warnings())


def _table(grid: Grid, spec: DecisionSpec, check: Check, telling: Telling) -> DecisionTable | None:
    inputs, outputs = _columns(grid, check, telling)
    if grid.rows and not outputs and not telling.problems:
        telling.fail(
            grid.at(grid.header_line), "decision-no-output", "the table has no output column", "没有输出列",
            accepted="a header such as: -> tier", accepted_zh="如 -> tier 的表头",
        )  # fmt: skip
    rows = [
        (line, cells) for line, cells in grid.rows if any(_filled(cells, index) for index, _ in (*inputs, *outputs))
    ]
    if not grid.rows or (not rows and (inputs or outputs)):
        telling.fail(
            grid.at(grid.header_line),
            "decision-empty",
            "the table has no rows",
            "没有规则行",
            accepted="a header, then rows",
            accepted_zh="首行表头，其下各行规则",
        )
    _refuse_merged(grid, {i for i, _ in (*inputs, *outputs)}, telling)
    conditions = _cells(grid, rows, inputs, telling)
    known, values = read_outputs(
        grid, rows, [OutputColumn(i, name) for i, name in outputs], spec.hit, spec.outputs, telling
    )
    if telling.problems or not inputs:
        if not telling.problems:
            telling.fail(
                grid.at(grid.header_line), "decision-no-input", "the table has no input column", "没有输入列",
                accepted="a header that is a column or an expression", accepted_zh="以列名或表达式为表头",
            )  # fmt: skip
        return None
    return DecisionTable(
        id=spec.id,
        table=spec.table,
        hit=spec.hit,
        inputs=tuple(column for _, column in inputs),
        outputs=known,
        rows=tuple(
            Row(number, line, conditions[number - 1], values[number - 1]) for number, (line, _) in enumerate(rows, 1)
        ),
        source=grid.file,
        sheet=grid.sheet,
        header_line=grid.header_line,
    )


def _columns(grid: Grid, check: Check, telling: Telling) -> tuple[list[tuple[int, Input]], list[tuple[int, str]]]:
    """Input and output columns by their index; a header that is wrong leaves its column out."""
    inputs: list[tuple[int, Input]] = []
    outputs: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for index, found in enumerate(grid.header):
        text = "" if found is None else str(found).strip()
        at = grid.at(grid.header_line, index)
        if not text:
            if any(_filled(cells, index) for _, cells in grid.rows):
                telling.fail(
                    at, "decision-header", "a column with cells has no header", "有内容的列没有表头",
                    accepted="an expression, '-> output' or 'note'", accepted_zh="表达式、“-> 输出名”或“备注”",
                )  # fmt: skip
            continue
        if text.casefold() in IGNORED_HEADERS:
            continue
        if text in seen:
            telling.fail(
                at, "decision-header", f"the header '{text[:60]}' is there twice", f"表头“{text[:60]}”出现两次"
            )
            continue
        seen[text] = index
        arrow = next((sign for sign in _ARROWS if text.startswith(sign)), None)
        if arrow is not None:
            name = text[len(arrow) :].strip()
            if not (name.isascii() and name.isidentifier() and name.islower() and len(name) <= 60):
                telling.fail(
                    at, "decision-header", f"'{name[:60]}' is no name for an output", f"“{name[:60]}”不能作输出名",
                    accepted="a-z 0-9 _",
                )  # fmt: skip
                continue
            if any(name == other for _, other in outputs):
                telling.fail(at, "decision-header", f"the output '{name}' is there twice", f"输出“{name}”出现两次")
                continue
            outputs.append((index, name))
            continue
        checked = check(text)
        if not isinstance(checked, Operand):
            for error in checked:
                telling.error(grid.at(grid.header_line, index, error.at), "decision-header", error, text)
            continue
        inputs.append((index, Input(text, checked)))
    return inputs, outputs


def _cells(
    grid: Grid, rows: Sequence[tuple[int, Sequence[object]]], inputs: Sequence[tuple[int, Input]], telling: Telling
) -> list[tuple[Cell | None, ...]]:
    """Every row's conditions; the same text in one column is read once."""
    read: dict[tuple[int, type, object], Cell | ExpressionError | None] = {}
    out: list[tuple[Cell | None, ...]] = []
    room = MOST_CHARACTERS
    for line, cells in rows:
        if len(cells) > len(grid.header) and any(_filled(cells, i) for i in range(len(grid.header), len(cells))):
            telling.fail(
                grid.at(line, len(grid.header)),
                "decision-cells",
                f"the row has more cells than the header ({len(grid.header)})",
                f"该行的单元格多于表头（{len(grid.header)}）",
                accepted='quotes around a cell that holds a comma: "a, b"',
                accepted_zh='含逗号的单元格加引号："a, b"',
            )
            out.append((None,) * len(inputs))
            continue
        row: list[Cell | None] = []
        for index, column in inputs:
            found = cells[index] if index < len(cells) else None
            key = (index, type(found), found)
            if key not in read:
                room -= len(found) if isinstance(found, str) else 1
                if room < 0:
                    telling.fail(
                        grid.at(line, index),
                        "decision-file",
                        f"the cells hold more than {MOST_CHARACTERS} different characters of conditions",
                        f"条件单元格的内容超过 {MOST_CHARACTERS} 个字符",
                        accepted="fewer or shorter rows",
                        accepted_zh="减少行数或缩短内容",
                    )
                    return []
                try:
                    _refuse_decimal_comma(grid, found, column)
                    read[key] = _sensible(read_cell(found, column.operand), column)
                except ExpressionError as error:
                    read[key] = error
            cell = read[key]
            if isinstance(cell, ExpressionError):
                if not grid.is_hollow(line, index):
                    telling.error(grid.at(line, index, cell.at), "decision-cell", cell, str(found))
                cell = None
            row.append(cell)
        out.append(tuple(row))
    return out


def _sensible(cell: Cell | None, column: Input) -> Cell | None:
    """``cell``, unless it asks for nothing or for everything, which nobody means."""
    if cell is None or not cell.parts:
        return cell
    if len(cell.parts) == 1 and not cell.negated and column.operand.kind == "number" and not column.operand.whole:
        return cell
    cut = axis(column.operand, [cell])
    slices = cut.slices(cell)
    if not cut.holds(slices):
        kind = column.operand.kind
        raise ExpressionError(
            0, f"no {kind} fits this cell: its row could never match", f"没有{KINDS_ZH[kind]}符合此单元格：该行永不成立"
        )
    if len(cell.parts) > 1 and not cell.negated and cut.holds_all(slices) and column.operand.kind != "boolean":
        ordered = column.operand.kind in ("number", "date")
        named_all = all(getattr(part, "equal", False) for part in cell.parts)
        if not named_all:
            raise ExpressionError(
                0, "a comma means 'or': together these are every value", "逗号表示“或”：合起来包括了所有取值",
                accepted="for both at once a range such as [5..7)" if ordered else "for neither of them: not(a, b)",
                accepted_zh="同时满足用区间，如 [5..7)" if ordered else "都不是则写 not(a, b)",
            )  # fmt: skip
    return cell


def _refuse_decimal_comma(grid: Grid, found: object, column: Input) -> None:
    """Where cells are separated by semicolons, a spreadsheet writes 0.8 as ``0,8``."""
    if grid.csv is None or grid.csv.separator != ";" or column.operand.kind != "number" or not isinstance(found, str):
        return
    comma = _DECIMAL_COMMA.search(found)
    if comma is not None:
        raise ExpressionError(
            comma.start() + 1, "a comma in a number: decimals, or a list?", "数字中有逗号：是小数还是列表？",
            accepted="0.8, or a list with spaces: 0, 8", accepted_zh="0.8；列表则逗号后加空格：0, 8",
        )  # fmt: skip


def _refuse_merged(grid: Grid, columns: set[int], telling: Telling) -> None:
    for text, (first, last, left, right) in grid.merged:
        if any(left <= index <= right for index in columns) and last >= grid.header_line:
            telling.fail(
                grid.at(first, left),
                "decision-merged",
                f"the cells {text} are merged: only the first holds the value",
                f"单元格 {text} 已合并：只有第一格有值",
                accepted="a value in every cell; an empty cell means anything",
                accepted_zh="每格都写值；空格表示任意",
            )


def _filled(cells: Sequence[object], index: int) -> bool:
    found: object = cells[index] if index < len(cells) else None
    return found is not None and (not isinstance(found, str) or bool(found.strip()))
