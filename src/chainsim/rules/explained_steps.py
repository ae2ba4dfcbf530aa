"""The tree of a condition for one row, as values: what every part of it came to, and where every name led.

Leaves are asked of the database (one query per place that names lead to), what stands above them is reckoned from these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Literal

from chainsim.results import Column, Labels
from chainsim.rules.decisions.cells import condition
from chainsim.rules.decisions.table import DecisionTable, Row, matching_rows
from chainsim.rules.explained_values import key_text, name_texts, value_texts
from chainsim.rules.language.reckoning import Trace, Value, known, leaves, reckon, traced
from chainsim.rules.language.sql import number_text, quoted
from chainsim.rules.language.tree import (
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
from chainsim.rules.language.writing import written
from chainsim.rules.periods import later, period_text
from chainsim.rules.rows import Link, Reference, Rows
from chainsim.rules.running.database import Database
from chainsim.rules.running.queries import values_query

NEAREST_ROWS = 3
"""Rows of a decision table that nearly matched, at most."""
_CONDITIONS = (Logic, Not, Compare, Member, IsUnknown)

StepKind = Literal["condition", "value", "column", "lookup", "measure", "group", "window", "decision", "flag", "period"]
"""What a step is: true or false; a value that was reckoned; one of the row's own; where a name led; a period within a window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """A row of a decision table: its number and line, the cells with their inputs' values, and what it gives.

    ``missed`` is the position of the first cell that is not true, None where the row matches.
    """

    number: int
    line: int
    cells: tuple[tuple[str, str, tuple[str, str]], ...]
    """(input, cell, the input's value in both languages)."""
    gives: tuple[tuple[str, tuple[str, str]], ...]
    """(output, its value in both languages)."""
    missed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """How a decision table came to its output."""

    table: str
    source: str
    hit: str
    matched: tuple[DecisionRow, ...]
    """Those that match, those that win first."""
    nearly: tuple[DecisionRow, ...]
    """Those of the others that lack least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A part of a condition and what it came to; ``value`` is None for unknown, ``shown`` its text in English and Chinese.

    ``meaning`` is what a name stands for in both languages, ``keys`` the row it led to, ``rows`` the number of rows an aggregate
    went over, ``found`` is false where there is no row to read.
    """

    kind: StepKind
    text: str
    value: Value
    shown: tuple[str, str]
    unit: str = ""
    meaning: tuple[str, str] = ("", "")
    keys: str = ""
    found: bool = True
    rows: int | None = None
    decided: Decided | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """The row that an expression is asked of: its ``keys`` among ``rows``, and what names reach from there."""

    rows: Rows
    references: Mapping[str, Reference]
    keys: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Explaining:
    """Where values come from and how they are named; ``told`` remembers what was explained in full before."""

    database: Database
    decisions: Mapping[str, DecisionTable]
    labels: Labels
    told: set[str] = field(default_factory=set)

    def tree(self, node: Node, spot: Spot) -> Step:
        """``node`` at ``spot``, with the value of every part."""
        needed = leaves(node)
        found = self._values(spot, needed.values())
        values = found or dict.fromkeys(needed)
        return self._step(traced(node, values), spot)

    def rows(self, spot: Spot, nodes: Iterable[Node]) -> list[dict[str, Value]]:
        """The values of ``nodes``, by their texts, and of the keys, in every row that has the spot's keys."""
        wanted = {f"v#{number}": node for number, node in enumerate(nodes)}
        several = self.database.several
        conditions, parameters = [], {}
        for number, (key, value) in enumerate(spot.keys.items()):
            literal = _literal(value)
            if literal is None:
                literal, parameters[f"k{number}"] = f"$k{number}", str(value)
            conditions.append(f"{quoted(key)} IS NOT DISTINCT FROM {literal}")
        where = " AND ".join(conditions) or "TRUE"
        query = values_query(spot.rows, spot.references, wanted, several=several, where=where)
        found = self.database.select(query.text, {**query.parameters.values, **parameters})
        columns = {
            written(wanted[name]) if name in wanted else name: found[name].to_pylist() for name in found.column_names
        }
        return [
            {name: known(value) for name, value in zip(columns, row, strict=True)}
            for row in zip(*columns.values(), strict=True)
        ]

    def _values(self, spot: Spot, nodes: Iterable[Node]) -> dict[str, Value] | None:
        """The values of ``nodes`` at ``spot``, ``None`` where there is no such row."""
        found = self.rows(spot, nodes)
        return found[0] if found else None

    def _step(self, trace: Trace, spot: Spot) -> Step:
        node = trace.node
        if isinstance(node, Name):
            return self._name(node.name, trace.value, spot)
        if isinstance(node, Call) and not trace.children and node.arguments:
            return self._window(node, trace.value, spot)
        # A ``between`` is read as one: its value once, not in two comparisons.
        parts = trace.children[0].children[:1] if _is_between(node) else trace.children
        steps = [self._step(part, spot) for part in parts if not isinstance(part.node, Number | Text | Bool | Date)]
        condition = isinstance(node, _CONDITIONS)
        unit = _unit(node, spot)
        return Step(
            kind="condition" if condition else "value",
            text=written(node),
            value=trace.value,
            unit=unit,
            shown=value_texts(trace.value, unit),
            steps=tuple(steps) if condition else _read_by(steps),
        )

    def _name(self, name: str, value: Value, spot: Spot) -> Step:
        column = spot.rows.columns[name] if name in spot.rows.columns else spot.references[name].column
        step = Step(
            kind="column",
            text=name,
            value=value,
            unit=column.unit,
            shown=self._shown(value, column),
            meaning=_meaning(name, column),
        )
        reference = spot.references.get(name) if name not in spot.rows.columns else None
        own = {measure.name: node for measure, node in spot.rows.measures}
        place = _place(spot, name)
        if place in self.told and (reference is not None or name in own):
            return step
        self.told.add(place)
        if reference is not None:
            return self._reference(step, name, reference, spot)
        if name not in own:
            return step
        if spot.rows.by:
            return replace(step, kind="group", keys=_grouped(spot.rows, own[name]), rows=self._count(spot))
        inside = Spot(Rows(table=spot.rows.table), spot.rows.inner, spot.keys)
        return replace(step, kind="measure", keys=written(own[name]), steps=(self.tree(own[name], inside),))

    def _reference(self, step: Step, name: str, reference: Reference, spot: Spot) -> Step:
        assert reference.rows is not None
        own_row = reference.node is not None and not reference.links
        keys = spot.keys if own_row else self._led_to(reference.links, spot)
        there = Spot(reference.rows, reference.rows.inner, keys)
        at = "; ".join(f"{key} = {key_text(value, key)}" for key, value in keys.items())
        if reference.kind == "flag":
            return replace(step, kind="flag", keys=at)
        if reference.kind == "decision":
            return self._decision(replace(step, kind="decision", keys=at), name, there)
        if reference.kind == "lookup":
            found = self._values(there, ()) is not None
            return replace(step, kind="lookup", keys=at, found=found)
        if reference.node is None:
            node = next(node for column, node in reference.rows.measures if column.name == reference.target)
            group = "; ".join(part for part in (_grouped(reference.rows, node), at) if part)
            return replace(step, kind="group", keys=group, rows=self._count(there))
        inside = self.tree(reference.node, there)
        return replace(step, kind="measure", keys="" if own_row else at, steps=(inside,))

    def _led_to(self, links: tuple[Link, ...], spot: Spot) -> dict[str, Value]:
        """The keys that a row's own columns lead to."""
        own = self._values(spot, [Name(0, link.own) for link in links]) or {}
        return {link.theirs: _start(own.get(link.own), link.period) for link in links}

    def _count(self, spot: Spot) -> int:
        """The number of rows in a group."""
        column = Column("rows#", "number", "", "", "", "", "")
        counted = replace(spot.rows, measures=(*spot.rows.measures, (column, Call(0, "count", (Bool(0, True),)))))
        found = self._values(replace(spot, rows=counted), [Name(0, column.name)])
        value = found[column.name] if found else 0.0
        return int(value) if isinstance(value, float) else 0

    def _window(self, node: Call, value: Value, spot: Spot) -> Step:
        """An aggregate over trailing periods, or the value one period earlier, with what it looked at."""
        unit = _unit(node, spot)
        argument, period = node.arguments[0], spot.rows.period
        now = spot.keys.get(period) if period else None
        step = Step(kind="window", text=written(node), value=value, unit=unit, shown=value_texts(value, unit))
        place = _place(spot, step.text)
        if place in self.told or not isinstance(now, datetime):
            return step
        self.told.add(place)
        back = 1 if node.window is None else node.window.periods - 1
        first = later(now, period, -back)
        subject = replace(spot, keys={key: value for key, value in spot.keys.items() if key != period})
        looked_at = []
        for row in self.rows(subject, [argument]):
            at = row[period]
            if isinstance(at, datetime) and first <= at <= now and (node.window is not None or at < now):
                found = row[written(argument)]
                shown = value_texts(found, _unit(argument, spot))
                looked_at.append((at, Step(kind="period", text=period_text(at, period), value=found, shown=shown)))
        return replace(step, steps=tuple(part for _, part in sorted(looked_at, key=lambda pair: pair[0])))

    def _decision(self, step: Step, name: str, there: Spot) -> Step:
        table = self.decisions[name.partition(".")[0]]
        needed = {key: node for column in table.inputs for key, node in leaves(column.operand.node).items()}
        found = self._values(there, needed.values())
        values = found or dict.fromkeys(needed)
        truths: dict[tuple[str, str], bool | None] = {}

        def truth(node: Node) -> bool | None:
            value = reckon(node, values)
            return value if isinstance(value, bool) else None

        matching = matching_rows(table, truth)

        def lacking(row: Row) -> list[int]:
            out = []
            for index, (column, cell) in enumerate(zip(table.inputs, row.cells, strict=True)):
                if cell is not None:
                    key = (column.text, cell.text)
                    if key not in truths:
                        truths[key] = truth(condition(cell, column.operand))
                    if truths[key] is not True:
                        out.append(index)
            return out

        missed = [(miss.row, lacking(miss.row)) for miss in matching.misses]
        least = min((len(lacks) for _, lacks in missed), default=0)
        nearest = [(row, lacks) for row, lacks in missed if len(lacks) == least][:NEAREST_ROWS]
        inputs = {column.text: self._step(traced(column.operand.node, values), there) for column in table.inputs}
        shown = {key: part.shown for key, part in inputs.items()}
        decided = Decided(
            table=table.id,
            source=PurePath(table.source).name + (f"[{table.sheet}]" if table.sheet else ""),
            hit=table.hit,
            matched=tuple(_decision_row(table, row, shown) for row in matching.rows),
            nearly=tuple(_decision_row(table, row, shown, lacks[0]) for row, lacks in nearest),
        )
        followed = tuple(part for part in inputs.values() if part.kind != "column")
        return replace(step, decided=decided, found=found is not None, steps=followed)

    def _shown(self, value: Value, column: Column) -> tuple[str, str]:
        """A column's value as a reader sees it: names by their labels."""
        if isinstance(value, str) and (column.values or column.domain):
            return name_texts(value, column, self.labels)
        if isinstance(value, datetime):
            return (period_text(value, column.name if column.name in {"month", "ten_days"} else "day"),) * 2
        return value_texts(value, column.unit)


def _is_between(node: Node) -> bool:
    """Whether ``node`` was written as ``x between low and high``."""
    match node:
        case Logic(operator="and", terms=(Compare(operator=">=") as low, Compare(operator="<=") as high)):
            return written(low.left) == written(high.left)
    return False


def _read_by(steps: Iterable[Step]) -> tuple[Step, ...]:
    """What a formula reads, each once: its parts in between say little to a reader."""
    flat = [inner for step in steps for inner in (step.steps if step.kind == "value" else (step,))]
    return tuple({step.text: step for step in reversed(flat)}.values())[::-1]


def _meaning(name: str, column: Column) -> tuple[str, str]:
    """The column's heading, where it says more than its name."""
    names = {name, column.name, name.rpartition(".")[2]}
    return (
        "" if column.header_en in names else column.header_en,
        "" if column.header_zh in names else column.header_zh,
    )


def _grouped(rows: Rows, node: Node) -> str:
    """An aggregate as it would be written with its ``by`` and ``where``."""
    by = f" by {', '.join(rows.keys)}" if rows.keys else ""
    where = f" where {written(rows.where)}" if rows.where is not None else ""
    return f"{written(node)}{by}{where}"


def _decision_row(
    table: DecisionTable, row: Row, shown: Mapping[str, tuple[str, str]], missed: int | None = None
) -> DecisionRow:
    cells = tuple(
        (column.text, "-" if cell is None else cell.text, shown[column.text])
        for column, cell in zip(table.inputs, row.cells, strict=True)
    )
    gives = tuple(
        (output.name, output.values[value] if value in output.values else value_texts(known(value), output.unit))  # type: ignore[index]
        for output, value in zip(table.outputs, row.values, strict=True)
    )
    return DecisionRow(number=row.number, line=row.line, cells=cells, gives=gives, missed=missed)


def _unit(node: Node, spot: Spot) -> str:
    """The unit of a tree's value, "" where it is not plain: a bare number may have been a change of units."""
    match node:
        case Number():
            return node.unit
        case Name():
            columns = spot.rows.columns
            return columns[node.name].unit if node.name in columns else spot.references[node.name].column.unit
        case Negative():
            return _unit(node.operand, spot)
        case Arithmetic():
            left, right = _unit(node.left, spot), _unit(node.right, spot)
            if node.operator in "+-":
                return left or right
            if node.operator == "/":
                return left if right == "1" else "1" if left == right != "" else ""
            return right if left == "1" else left if right == "1" else ""
        case Call(function="days_between"):
            return "d"
        case Call(function="count" | "distinct" | "month" | "year" | "days_after"):
            return ""
        case Call():
            return next((unit for part in node.arguments if (unit := _unit(part, spot))), "")
    return ""


def _start(value: Value, period: str) -> Value:
    """A date cut down to the first day of its period."""
    if not isinstance(value, datetime) or not period:
        return value
    day = value.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return day
    return day.replace(day=1 if period == "month" else 1 + 10 * min((day.day - 1) // 10, 2))


def _place(spot: Spot, text: str) -> str:
    """``text`` at this row, to be told once."""
    return f"{spot.rows.table.name}|{','.join(spot.rows.keys)}|{sorted(map(str, spot.keys.items()))}|{text}"


def _literal(value: Value) -> str | None:
    """A key's value as SQL; ``None`` for a text, which travels as a parameter."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
        case str():
            return None
    return number_text(value)
