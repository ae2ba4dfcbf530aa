"""Laws of decision tables: a table says what its cells say, and the lint finds exactly what a search over a grid finds."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from chainsim.rules.decisions import (
    HITS,
    DecisionSpec,
    DecisionTable,
    Hit,
    Operand,
    matching_rows,
    output_node,
    read_decision,
    row_condition,
)
from chainsim.rules.decisions.lint import Example, gaps, overlaps, unreachable
from chainsim.rules.language.reckoning import reckon
from chainsim.rules.language.sql import Parameters, Printer
from chainsim.rules.language.tree import Bool, ExpressionError, Name, Node

COLORS = ("red", "green", "blue")
OPERANDS = {
    "x": Operand(Name(0, "x"), "number"),
    "days": Operand(Name(0, "days"), "number", "d", whole=True),
    "color": Operand(Name(0, "color"), "text", "", COLORS),
    "word": Operand(Name(0, "word"), "text"),
    "flag": Operand(Name(0, "flag"), "boolean"),
}
GRID: dict[str, list[Any]] = {
    "x": [None, *(i / 2 for i in range(-1, 18))],
    "days": [None, *(float(i) for i in range(-1, 10))],
    "color": [None, *COLORS],
    "word": [None, "ab", "cd", "other"],
    "flag": [None, True, False],
}
"""Every value that cells over 0 … 8, the colours and the words 'ab' and 'cd' can tell apart."""
TIERS = ("key", "ordinary", "prospect")


@dataclass(frozen=True)
class Asked:
    """A cell's text and what it means, said independently of the reader."""

    text: str
    holds: Callable[[Any], bool]


def value_cells(name: str) -> st.SearchStrategy[Asked]:
    """One element of a cell's list."""
    if name in ("x", "days"):
        bound = st.integers(0, 5)
        compare = st.builds(_compared, st.sampled_from(["<", "<=", ">", ">=", "=", "!=", "≥", "＜"]), bound)
        span = st.builds(
            _spanned, st.sampled_from("[(]（【"), bound, st.integers(1, 3), st.sampled_from("])[）】"), st.booleans()
        )
        return st.one_of(compare, span, st.builds(lambda v: Asked(str(v), lambda got: got == v), bound))
    texts = {"color": COLORS, "word": ("ab", "cd"), "flag": ("true", "false")}[name]
    quote = st.sampled_from(
        ["{}", "= {}", " {} "] if name == "flag" else ["{}", "'{}'", '"{}"', "“{}”", "= {}", "‘{}’ "]
    )
    return st.builds(
        lambda text, how: Asked(how.format(text), lambda got: got == _meant(text)), st.sampled_from(texts), quote
    )


def _meant(text: str) -> object:
    return {"true": True, "false": False}.get(text, text)


def _compared(sign: str, bound: int) -> Asked:
    tests: dict[str, Callable[[Any], bool]] = {
        "<": lambda v: v < bound, "＜": lambda v: v < bound, "<=": lambda v: v <= bound, ">": lambda v: v > bound,
        ">=": lambda v: v >= bound, "≥": lambda v: v >= bound, "=": lambda v: v == bound, "!=": lambda v: v != bound,
    }  # fmt: skip
    return Asked(f"{sign} {bound}", tests[sign])


def _spanned(opening: str, low: int, width: int, closing: str, wide: bool) -> Asked:
    high = low + width
    with_low, with_high = opening in "[【", closing in "]】"
    return Asked(
        f"{opening}{low}{' … ' if wide else '..'}{high}{closing}",
        lambda v: (v > low or (with_low and v == low)) and (v < high or (with_high and v == high)),
    )


def cells(name: str) -> st.SearchStrategy[Asked]:
    """A whole cell."""
    anything = st.sampled_from(["-", "", "—", " "]).map(lambda text: Asked(text, lambda _: True))
    unknown = st.sampled_from(["unknown", "未知"]).map(lambda text: Asked(text, lambda v: v is None))
    known = st.just(Asked("not unknown", lambda v: v is not None))
    one = value_cells(name).map(lambda a: Asked(a.text, lambda v: v is not None and a.holds(v)))
    several = st.lists(st.one_of(one, one, one, unknown), min_size=1, max_size=3)
    listed = several.map(
        lambda parts: Asked(", ".join(p.text for p in parts), lambda v: any(p.holds(v) for p in parts))
    )
    without = several.map(
        lambda parts: Asked(
            f"not({'， '.join(p.text for p in parts)})", lambda v: v is not None and not any(p.holds(v) for p in parts)
        )
    )
    return st.one_of(anything, anything, one, one, listed, without, unknown, known)


@dataclass(frozen=True)
class Drawn:
    """A drawn table: its inputs, its rows' cells and the text and number each row gives."""

    names: tuple[str, ...]
    rows: tuple[tuple[tuple[Asked, ...], str, int], ...]


@st.composite
def tables(draw: st.DrawFn) -> Drawn:
    names = tuple(draw(st.lists(st.sampled_from(list(OPERANDS)), min_size=1, max_size=3, unique=True)))
    row = st.tuples(st.tuples(*(cells(name) for name in names)), st.sampled_from(TIERS), st.integers(-3, 3))
    return Drawn(names, tuple(draw(st.lists(row, min_size=1, max_size=6))))


def read(drawn: Drawn, hit: Hit, separator: str = ",") -> DecisionTable | None:
    """The table through a file; None where a cell was refused for meaning nothing or everything."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    numeric = hit.startswith("collect") and hit != "collect count"
    writer.writerow([*drawn.names, "-> score" if numeric else "-> tier"])
    for asked, tier, score in drawn.rows:
        writer.writerow([*(a.text for a in asked), score if numeric else tier])
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "t.csv").write_text(text.getvalue(), encoding="utf-8")
        outputs = {} if numeric else {"tier": {tier: (tier, tier) for tier in TIERS}}
        spec = DecisionSpec(id="d", table="x", hit=hit, outputs=outputs)
        reading = read_decision(
            Path(folder), "t.csv", spec, lambda text: OPERANDS.get(text, [ExpressionError(0, "", "")])
        )
    refused = [p.message for p in reading.problems if p.code != "decision-overlap"]
    assert all("never match" in m or "every value" in m for m in refused), refused
    assert reading.table is None or not reading.problems
    return reading.table


def points(names: Iterable[str]) -> list[dict[str, Any]]:
    names = list(names)
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*(GRID[name] for name in names))]


def hits(drawn: Drawn, point: dict[str, Any]) -> list[int]:
    """The rows that match, by their cells alone."""
    return [
        i
        for i, (asked, _, _) in enumerate(drawn.rows)
        if all(a.holds(point[name]) for a, name in zip(asked, drawn.names, strict=True))
    ]


def expected(drawn: Drawn, hit: Hit, point: dict[str, Any]) -> Any:
    """What the hit policy makes of the rows that match."""
    found = [drawn.rows[i] for i in hits(drawn, point)]
    if hit == "collect count":
        return float(len(found))
    if not found:
        return None
    tiers, scores = [tier for _, tier, _ in found], [float(score) for *_, score in found]
    match hit:
        case "unique" | "first" | "any":
            return tiers[0]
        case "priority":
            return min(tiers, key=TIERS.index)
        case "output order":
            return "; ".join(sorted(set(tiers), key=TIERS.index))
        case "rule order":
            return "; ".join(tiers)
        case "collect sum":
            return sum(scores)
        case "collect min":
            return min(scores)
    return max(scores)


def in_duckdb(node: Node, rows: list[dict[str, Any]]) -> list[Any]:
    """The value of a tree for every row, by the database."""
    parameters = Parameters()
    types = {"x": "DOUBLE", "days": "DOUBLE", "color": "VARCHAR", "word": "VARCHAR", "flag": "BOOLEAN"}
    columns = {name: f'CAST("{name}" AS {types[name]})' for name in rows[0]}
    with duckdb.connect() as database:
        table = f"data({', '.join(f'{name} {types[name]}' for name in rows[0])})"
        database.execute(f"CREATE TABLE {table.replace('(', '(i INTEGER, ', 1)}")
        marks = ", ".join(["?"] * (len(rows[0]) + 1))
        database.executemany(f"INSERT INTO data VALUES ({marks})", [[i, *row.values()] for i, row in enumerate(rows)])  # noqa: S608 - marks only
        query = f"SELECT {Printer(columns, parameters).text(node)} FROM data ORDER BY i"  # noqa: S608 - the text under test
        return [value for (value,) in database.execute(query, parameters.values or None).fetchall()]


@settings(max_examples=150, deadline=None)
@given(
    drawn=tables(),
    hit=st.sampled_from(HITS),
    separator=st.sampled_from(",;\t"),
)  # fmt: skip
def test_a_table_says_what_its_cells_say(drawn: Drawn, hit: Hit, separator: str) -> None:
    table = read(drawn, hit, separator)
    if table is None:
        return
    node = output_node(table, table.outputs[0])
    for point in points(drawn.names):
        assert reckon(node, point) == expected(drawn, hit, point), point
        matching = matching_rows(table, lambda condition, point=point: reckon(condition, point))
        assert sorted(row.number - 1 for row in matching.rows) == hits(drawn, point)
        assert len(matching.rows) + len(matching.misses) == len(table.rows)
        for miss in matching.misses:
            column = drawn.names.index(miss.input.text)
            asked = drawn.rows[miss.row.number - 1][0]
            assert not asked[column].holds(point[miss.input.text])
            assert all(asked[i].holds(point[drawn.names[i]]) for i in range(column))


@settings(max_examples=25, deadline=None)
@given(drawn=tables(), hit=st.sampled_from(HITS))
def test_the_database_says_the_same(drawn: Drawn, hit: Hit) -> None:
    table = read(drawn, hit)
    if table is None:
        return
    rows = points(drawn.names)[:400]
    assert in_duckdb(output_node(table, table.outputs[0]), rows) == [expected(drawn, hit, row) for row in rows]


@settings(max_examples=150, deadline=None)
@given(drawn=tables())
def test_gaps_are_those_of_a_search(drawn: Drawn) -> None:
    table = read(drawn, "first")
    if table is None:
        return
    found = gaps(table)
    assert found.complete
    every = told_points(table, drawn)
    uncovered = [point for point in every if not hits(drawn, point)]
    assert bool(found.examples) == bool(uncovered)
    for example in found.examples:
        assert not any(hits(drawn, point) for point in example_points(table, drawn, example))


@settings(max_examples=150, deadline=None)
@given(drawn=tables())
def test_overlaps_are_those_of_a_search(drawn: Drawn) -> None:
    table = read(drawn, "first")
    if table is None:
        return
    every = told_points(table, drawn)
    matched = [hits(drawn, point) for point in every]
    found = {overlap.second.number - 1: overlap for overlap in overlaps(table)}
    for j in range(len(table.rows)):
        rivals = [i for i in range(j) if any(i in rows and j in rows for rows in matched)]
        assert (j in found) == bool(rivals)
        if rivals:
            assert found[j].first.number - 1 == rivals[0]
            shared = [hits(drawn, point) for point in example_points(table, drawn, found[j].example)]
            assert all(rivals[0] in rows and j in rows for rows in shared)
    differing = {overlap.second.number for overlap in overlaps(table, differing=True)}
    assert differing == {
        j + 1
        for j in range(len(table.rows))
        if any(i < j and drawn.rows[i][1] != drawn.rows[j][1] for rows in matched if j in rows for i in rows)
    }


@settings(max_examples=150, deadline=None)
@given(drawn=tables(), hit=st.sampled_from(["first", "priority"]))
def test_rows_that_never_decide_are_those_of_a_search(drawn: Drawn, hit: Hit) -> None:
    table = read(drawn, hit)
    if table is None:
        return
    found = unreachable(table)
    assert found.complete
    needed = set()
    for point in told_points(table, drawn):
        rows = hits(drawn, point)
        if rows and hit == "first":
            needed.add(rows[0])
        elif rows:
            best = min(TIERS.index(drawn.rows[i][1]) for i in rows)
            needed |= {i for i in rows if TIERS.index(drawn.rows[i][1]) == best}
    assert {row.number - 1 for row in found.rows} == set(range(len(table.rows))) - needed


def told_points(table: DecisionTable, drawn: Drawn) -> list[dict[str, Any]]:
    """The points of the grid that the lint speaks of: unknown only where some cell of the column names it."""
    names_unknown = {
        column.text
        for index, column in enumerate(table.inputs)
        if any(cell is not None and cell.unknown for row in table.rows for cell in [row.cells[index]])
    }
    return [p for p in points(drawn.names) if all(v is not None or n in names_unknown for n, v in p.items())]


def example_points(table: DecisionTable, drawn: Drawn, example: Example) -> list[dict[str, Any]]:
    """The points with the example's values, and any value of the inputs that it does not name."""
    given_values = {}
    for name, (english, _) in example:
        plain = {"unknown": None, "another value": "other", "true": True, "false": False}.get(english, english)
        given_values[name] = float(english.removesuffix(" d")) if name in ("x", "days") and plain is not None else plain
    return list({tuple((p | given_values).items()): p | given_values for p in told_points(table, drawn)}.values())


def test_the_rows_condition_of_an_open_row_is_true() -> None:
    table = read(Drawn(("x",), (((Asked("-", lambda _: True),), "key", 1),)), "unique")
    assert table is not None
    assert row_condition(table, table.rows[0]) == Bool(0, True)
