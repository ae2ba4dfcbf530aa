"""Decision tables as values, and their outputs as trees of the condition language.

Hit policies are those of DMN 1.3, section 8.2.10: a single hit (unique, any, first, priority), several hits told in an order
(output order, rule order) and several hits gathered into one number (collect). A comparison with an unknown value is not true,
so the row does not match; where nothing matches the output is unknown, a count 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from chainsim.rules.decisions.cells import Cell, Kind, Operand, Value, condition, literal
from chainsim.rules.language.tree import Bool, Case, Collect, Joined, Logic, Node, Number, Text

Hit = Literal[
    "unique", "first", "any", "priority", "output order", "rule order",
    "collect count", "collect sum", "collect min", "collect max",
]  # fmt: skip
HITS: tuple[Hit, ...] = get_args(Hit)
SINGLE_HITS: tuple[Hit, ...] = ("unique", "first", "any", "priority")
RANKED_HITS: tuple[Hit, ...] = ("priority", "output order")
"""Hit policies that go by the declared order of an output's texts."""
JOINED_HITS: tuple[Hit, ...] = ("output order", "rule order")
SEPARATOR = "; "


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions: its header as written, and what the header means."""

    text: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class Output:
    """What an output gives to the conditions that read it: its kind and unit, and for a text all it can be.

    ``values`` is empty for numbers, and for hits joined into one text. ``order`` holds the texts from the highest priority to the
    lowest, with their names in English and Chinese.
    """

    name: str
    kind: Kind
    unit: str = ""
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    order: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    cells: Kind = "text"
    """The kind of what its cells hold; a count of texts is a number."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number from 1 and the line of the sheet; ``cells`` and ``values`` in the order of inputs and outputs."""

    number: int
    line: int
    cells: tuple[Cell | None, ...]
    values: tuple[Value | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """A sheet of conditions and conclusions about the rows of ``table``; ``source`` and ``sheet`` say where it was read."""

    id: str
    table: str
    hit: Hit
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]
    source: str = ""
    sheet: str = ""
    header_line: int = 1

    def output(self, name: str) -> Output:
        """The output called ``name``; ``KeyError`` if there is none."""
        for output in self.outputs:
            if output.name == name:
                return output
        raise KeyError(f"{self.id} has no output {name}")

    @property
    def ranked_rows(self) -> tuple[Row, ...]:
        """The rows, those that win first: by declared order of the outputs for ranked policies, else as they stand."""
        if self.hit not in RANKED_HITS:
            return self.rows
        return tuple(sorted(self.rows, key=self.rank))

    def rank(self, row: Row) -> tuple[int, ...]:
        """How far down the declared orders a row's outputs stand, output by output; unknown stands last."""
        places = []
        for output, value in zip(self.outputs, row.values, strict=True):
            if output.order:
                order = list(output.order)
                places.append(order.index(value) if isinstance(value, str) else len(order))
        return tuple(places)


@dataclass(frozen=True, slots=True)
class Miss:
    """A row that does not match: the first input whose cell is not true, and that cell's text."""

    row: Row
    input: Input
    cell: Cell


@dataclass(frozen=True, slots=True)
class Matching:
    """What matched for one row of data: ``rows`` that match, those that win first, and why the others do not."""

    rows: tuple[Row, ...]
    misses: tuple[Miss, ...]


def output_node(table: DecisionTable, output: Output) -> Node:
    """The value of ``output`` as a tree over the inputs' expressions."""
    index = table.outputs.index(output)
    operand = Operand(Bool(0, True), output.cells, output.unit)
    if table.hit in SINGLE_HITS:
        return Case(
            0, tuple((row_condition(table, row), literal(row.values[index], operand)) for row in table.ranked_rows)
        )
    if table.hit in JOINED_HITS:
        return Joined(0, SEPARATOR, _joined_terms(table, index))
    if table.hit == "collect count":
        none = (Bool(0, True), Number(0, 0.0))
        return Collect(
            0, "sum", tuple(Case(0, ((row_condition(table, row), Number(0, 1.0)), none)) for row in table.rows)
        )
    function = table.hit.removeprefix("collect ")
    return Collect(
        0,
        function,
        tuple(Case(0, ((row_condition(table, row), literal(row.values[index], operand)),)) for row in table.rows),
    )


def row_condition(table: DecisionTable, row: Row) -> Node:
    """When ``row`` matches: all its cells are true."""
    terms = [
        condition(cell, column.operand)
        for column, cell in zip(table.inputs, row.cells, strict=True)
        if cell is not None
    ]
    if not terms:
        return Bool(0, True)
    return terms[0] if len(terms) == 1 else Logic(0, "and", tuple(terms))


def matching_rows(table: DecisionTable, truth: Callable[[Node], bool | None]) -> Matching:
    """Which rows match, where ``truth`` gives the value of a condition for the row of data at hand."""
    hits, misses = [], []
    for row in table.ranked_rows:
        failed = next(
            (
                (column, cell)
                for column, cell in zip(table.inputs, row.cells, strict=True)
                if cell is not None and truth(condition(cell, column.operand)) is not True
            ),
            None,
        )
        if failed is None:
            hits.append(row)
        else:
            misses.append(Miss(row, *failed))
    return Matching(tuple(hits), tuple(misses))


def _joined_terms(table: DecisionTable, index: int) -> tuple[Node, ...]:
    """What each row gives, in their order; for ``output order`` each text once, in the order declared, then of appearance."""
    operand = Operand(Bool(0, True), "text")
    if table.hit == "rule order":
        return tuple(Case(0, ((row_condition(table, row), literal(row.values[index], operand)),)) for row in table.rows)
    given: dict[str, list[Node]] = {text: [] for text in table.outputs[index].order}
    for row in table.rows:
        value = row.values[index]
        if isinstance(value, str):
            given.setdefault(value, []).append(row_condition(table, row))
    terms = tuple(
        Case(0, ((conditions[0] if len(conditions) == 1 else Logic(0, "or", tuple(conditions)), Text(0, text)),))
        for text, conditions in given.items()
        if conditions
    )
    return terms or (literal(None, operand),)
