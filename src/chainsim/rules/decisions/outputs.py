"""The output columns of a decision table: their kind, unit and values, declared in the rule file or told by the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chainsim.model.messages import name_list, nearest_name
from chainsim.rules.decisions.cell_reading import UNKNOWN_WORDS, read_value, unit_of
from chainsim.rules.decisions.cells import KINDS_ZH, Kind, Operand, Value
from chainsim.rules.decisions.grid import Grid, Telling
from chainsim.rules.decisions.table import JOINED_HITS, RANKED_HITS, Hit, Output
from chainsim.rules.language.tree import UNITS, Bool, ExpressionError

OutputSpec = str | Mapping[str, tuple[str, str]]
"""What a rule file says of an output: a unit for numbers ("" for none), or its texts with their names (English, Chinese), the
highest priority first."""
_NO_INPUT = Bool(0, True)
_TEXT: Kind = "text"
_GUESSES: tuple[Kind, ...] = ("number", "boolean", "date")


class OutputColumn(NamedTuple):
    """Where an output stands and what it is called."""

    column: int
    name: str


def read_outputs(
    grid: Grid,
    rows: Sequence[tuple[int, Sequence[object]]],
    columns: Sequence[OutputColumn],
    hit: Hit,
    specs: Mapping[str, OutputSpec],
    telling: Telling,
) -> tuple[tuple[Output, ...], list[tuple[Value | None, ...]]]:
    """The outputs, and every row's values of them."""
    names = [column.name for column in columns]
    for name in specs:
        if name not in names:
            telling.fail(
                grid.at(grid.header_line), "decision-output", f"the sheet has no output column '{name}'",
                f"表中没有输出列“{name}”", accepted=name_list(f"-> {n}" for n in names), found=name,
                nearest=nearest_name(name, names),
            )  # fmt: skip
    outputs, values = [], []
    for column in columns:
        spec = specs.get(column.name)
        operand = _operand(grid, rows, column, spec, telling)
        read = [_value(grid, line, cells, column, operand, spec, telling) for line, cells in rows]
        values.append(read)
        output = _output(column.name, operand, spec, read)
        _require_fit(grid, column, output, hit, telling)
        outputs.append(_result(output, hit))
    _require_order(grid, outputs, hit, telling)
    return tuple(outputs), [tuple(row) for row in zip(*values, strict=True)] if values else [() for _ in rows]


def _operand(
    grid: Grid,
    rows: Sequence[tuple[int, Sequence[object]]],
    column: OutputColumn,
    spec: OutputSpec | None,
    telling: Telling,
) -> Operand:
    """The kind of an output's cells, as declared, or what all of them can be read as."""
    if isinstance(spec, Mapping):
        return Operand(_NO_INPUT, "text", "", tuple(spec))
    if spec is not None:
        if spec not in UNITS and spec != "":
            telling.fail(
                grid.at(grid.header_line, column.column), "decision-output", f"'{spec[:40]}' is no unit",
                f"“{spec[:40]}”不是单位", accepted=name_list(UNITS), nearest=nearest_name(spec, UNITS),
            )  # fmt: skip
            return Operand(_NO_INPUT, "number")
        return Operand(_NO_INPUT, "number", "1" if spec == "%" else spec)
    cells = [found for _, row in rows if not _is_empty(found := _cell(row, column.column)) and not _is_unknown(found)]
    kind: Kind = next((kind for kind in _GUESSES if cells and all(_can_be(found, kind) for found in cells)), _TEXT)
    units = (unit_of(found) for found in cells if isinstance(found, str)) if kind == "number" else iter(())
    return Operand(_NO_INPUT, kind, next((unit for unit in units if unit), ""))


def _can_be(found: object, kind: Kind) -> bool:
    if isinstance(found, bool):
        return kind == "boolean"
    try:
        read_value(found, Operand(_NO_INPUT, kind))
    except ExpressionError:
        return False
    return True


def _value(
    grid: Grid,
    line: int,
    cells: Sequence[object],
    column: OutputColumn,
    operand: Operand,
    spec: OutputSpec | None,
    telling: Telling,
) -> Value | None:
    found = _cell(cells, column.column)
    at = grid.at(line, column.column)
    if _is_empty(found):
        if not grid.is_hollow(line, column.column):
            telling.fail(
                at, "decision-output", f"the output '{column.name}' is empty", f"输出“{column.name}”为空",
                accepted="a value, or unknown", accepted_zh="一个值，或 未知",
            )  # fmt: skip
        return None
    try:
        return read_value(found, operand)
    except ExpressionError as error:
        text = str(found).strip()
        if isinstance(spec, Mapping):
            error.nearest = next((name for name, texts in spec.items() if text in texts), error.nearest)
        telling.error(grid.at(line, column.column, error.at), "decision-output", error, text)
        return None


def _output(name: str, operand: Operand, spec: OutputSpec | None, values: Sequence[Value | None]) -> Output:
    """An output as its cells are; texts that are not declared are those that occur."""
    texts: dict[str, tuple[str, str]] = {}
    if isinstance(spec, Mapping):
        texts = dict(spec)
    elif operand.kind == "text":
        texts = {value: (value, value) for value in values if isinstance(value, str)}
    order = texts if isinstance(spec, Mapping) else {}
    return Output(name, operand.kind, operand.unit, texts, order, operand.kind)


def _result(output: Output, hit: Hit) -> Output:
    """What the table gives for an output's cells: a count is a number, joined texts are none of the texts."""
    if hit == "collect count":
        return Output(output.name, "number", "", cells=output.cells)
    if hit in JOINED_HITS:
        return Output(output.name, output.kind, "", {}, output.order, output.cells)
    return output


def _require_fit(grid: Grid, column: OutputColumn, output: Output, hit: Hit, telling: Telling) -> None:
    wanted: Kind | None = "text" if hit in JOINED_HITS else "number" if hit in _REDUCED else None
    if wanted is not None and output.kind != wanted:
        telling.fail(
            grid.at(grid.header_line, column.column), "decision-hit",
            f"hit policy '{hit}' needs a {wanted}, and '{output.name}' is a {output.kind}",
            f"命中策略“{hit}”需要{KINDS_ZH[wanted]}，而“{output.name}”是{KINDS_ZH[output.kind]}",
            accepted="collect count, unique, first" if wanted == "number" else "texts",
        )  # fmt: skip


_REDUCED: tuple[Hit, ...] = ("collect sum", "collect min", "collect max")


def _require_order(grid: Grid, outputs: Sequence[Output], hit: Hit, telling: Telling) -> None:
    if hit in RANKED_HITS and outputs and not any(output.order for output in outputs):
        telling.fail(
            grid.at(grid.header_line), "decision-hit", f"hit policy '{hit}' needs the texts of an output in their order",
            f"命中策略“{hit}”需要按优先次序列出输出的取值", accepted=f"outputs: {{{outputs[0].name}: {{highest: …, lowest: …}}}}",
        )  # fmt: skip


def _cell(cells: Sequence[object], index: int) -> object:
    return cells[index] if index < len(cells) else None


def _is_empty(found: object) -> bool:
    return found is None or (isinstance(found, str) and not found.strip().strip("-–—－"))


def _is_unknown(found: object) -> bool:
    return isinstance(found, str) and found.strip() in UNKNOWN_WORDS
