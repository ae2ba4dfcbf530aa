"""Three evaluators that share nothing but the checked tree agree on what a condition is of a row.

DuckDB over the printed SQL, as rules run; Polars, an engine of its own; and the plain Python interpreter that explains findings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from tests.rules.expressions import TABLE, WORDS, conditions, rows, values, without_positions

from chainsim.rules import Rule, apply
from chainsim.rules.language.checking import check, table_scope
from chainsim.rules.language.parsing import parse
from chainsim.rules.language.reckoning import Trace, Value, known, leaves, reckon, traced
from chainsim.rules.language.tree import (
    FUNCTIONS,
    LARGEST_RESULT,
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
    children,
)
from chainsim.rules.language.writing import written
from chainsim.rules.rows import Rows
from chainsim.rules.running.database import ROW, Database
from chainsim.rules.running.queries import values_query
from chainsim.rules.templates import Template

SEEDS = 16
PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
_SHEETS = [replace(TABLE, name=f"facts_{seed}") for seed in range(SEEDS)]
_frame = cache(rows)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Every sheet of random rows, in the engine as rules meet it."""
    with Database() as opened:
        opened.add_frames({sheet.name: _frame(seed) for seed, sheet in enumerate(_SHEETS)}, _SHEETS)
        opened.lock()
        yield opened


def checked(node: Node) -> Node:
    """``node`` typed over ``TABLE``."""
    typed, errors = check(node, table_scope(TABLE))
    if any("is a ratio" in error.message for error in errors):
        reject()  # a figure drawn beside a ratio may be read as thousands of percent
    assert not errors, [error.message for error in errors]
    assert typed is not None
    return typed.node


def by_duckdb(database: Database, node: Node, seed: int) -> list[Value]:
    """What a rule would see."""
    query = values_query(Rows(table=_SHEETS[seed]), {}, {"value": node}, several=False)
    found = database.select(query.text, query.parameters.values)
    at = found[ROW].to_pylist()
    cells = found["value"].to_pylist()
    return [known(cells[i]) for i in sorted(range(len(at)), key=at.__getitem__)]


def by_python(node: Node, seed: int) -> list[Value]:
    """Row by row."""
    return [reckon(node, {str(k): known(v) for k, v in row.items()}) for row in _plain_rows(seed)]


def by_polars(node: Node, seed: int) -> list[Value]:
    """Over Polars expressions written for this test alone."""
    frame = pl.DataFrame(_plain_rows(seed), schema={c.name: _TYPES[c.type] for c in TABLE.columns})
    # Literals are made columns: a scalar is not always broadcast, and dividing by one Polars takes its inexact reciprocal.
    frame = frame.with_columns(pl.Series("one", [1.0] * frame.height))
    found = frame.with_columns(polars_of(node).alias("value"))
    return [known(v) for v in found["value"].to_list()]


_TYPES = {
    "number": pl.Float64, "integer": pl.Float64, "name": pl.String, "text": pl.String, "boolean": pl.Boolean,
    "date": pl.Datetime("us"), "instant": pl.Datetime("us"),
}  # fmt: skip


@cache
def _plain_rows(seed: int) -> list[dict[str, Value]]:
    return [{str(k): known(v) for k, v in row.items()} for row in _frame(seed).astype(object).to_dict("records")]


def polars_of(node: Node) -> pl.Expr:
    """A checked tree as a Polars expression."""
    parts = [polars_of(child) for child in children(node)]
    match node:
        case Number():
            return pl.col("one") * node.value
        case Bool():
            return _everywhere(pl.lit(node.value))
        case Text():
            return _everywhere(pl.lit(node.value, dtype=pl.String))
        case Date():
            return _everywhere(pl.lit(datetime.combine(node.value, time()), dtype=pl.Datetime("us")))
        case Name():
            return pl.col(node.name)
        case Negative():
            return -parts[0]
        case Arithmetic():
            return _polars_arithmetic(node, *parts)
        case Compare():
            signs = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "=": "eq", "!=": "ne"}
            compared: pl.Expr = getattr(parts[0], signs[node.operator])(parts[1])
            return compared
        case Member():
            return pl.any_horizontal(parts[0] == part for part in parts[1:])
        case IsUnknown():
            return parts[0].is_null()
        case Logic():
            return pl.all_horizontal(parts) if node.operator == "and" else pl.any_horizontal(parts)
        case Not():
            return ~parts[0]
        case Call(function="min" | "max" as function):
            chosen = pl.min_horizontal(parts) if function == "min" else pl.max_horizontal(parts)
            return pl.when(pl.all_horizontal(part.is_not_null() for part in parts)).then(chosen)
        case Call(function="default"):
            return pl.coalesce(parts)
        case Call(function="abs"):
            return parts[0].abs()
        case Call(function="month"):
            return parts[0].dt.month().cast(pl.Float64)
        case Call(function="year"):
            return parts[0].dt.year().cast(pl.Float64)
        case Call(function="days_between"):
            return (parts[0].to_physical() - parts[1].to_physical()).cast(pl.Float64) / (pl.col("one") * 864e8)
        case Call(function="days_after"):
            return _polars_days_after(*parts)
        case Case():
            value = pl.lit(None)
            for when, then in reversed(list(zip(parts[::2], parts[1::2], strict=True))):
                value = pl.when(when).then(then).otherwise(value)
            return value
        case Collect():
            none = pl.all_horizontal(part.is_null() for part in parts)
            over = {"sum": pl.sum_horizontal, "min": pl.min_horizontal, "max": pl.max_horizontal}[node.function]
            return pl.when(~none).then(over(parts))
        case Joined():
            joined = pl.concat_str(parts, separator=node.separator, ignore_nulls=True)
            return pl.when(joined != "").then(joined)
    raise AssertionError(f"{node} is not in this test")


def _everywhere(literal: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("one") > 0).then(literal)


def _polars_arithmetic(node: Arithmetic, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match node.operator:
        case "+":
            return _finite(left + right)
        case "-":
            return _finite(left - right)
        case "*":
            literal = isinstance(node.left, Number) or isinstance(node.right, Number)
            return _finite(left * right, math.inf if literal else LARGEST_RESULT)
    limit = math.inf if isinstance(node.right, Number) else LARGEST_RESULT
    return _finite(pl.when(right != 0.0).then(left / right), limit)


def _finite(value: pl.Expr, limit: float = math.inf) -> pl.Expr:
    return pl.when(value.is_finite() & (value.abs() <= limit)).then(value)


def _polars_days_after(day: pl.Expr, days: pl.Expr) -> pl.Expr:
    exact = days * 864e8
    whole = exact.abs().floor()
    whole = (whole + (exact.abs() - whole >= 0.5).cast(pl.Float64)) * exact.sign()
    whole = pl.when(whole.abs() < 4e17).then(whole).cast(pl.Int64)  # the whole calendar has 3.2e17 microseconds
    moved = day.to_physical() + whole
    first, last = ((end - datetime(1970, 1, 1)) // timedelta(microseconds=1) for end in (datetime.min, datetime.max))
    return pl.when(moved.is_between(first, last)).then(moved).cast(pl.Datetime("us"))


def agree(database: Database, node: Node, seed: int) -> None:
    """All three evaluators give the same values, bit for bit."""
    tree = checked(node)
    ours = by_python(tree, seed)
    assert by_duckdb(database, tree, seed) == ours, written(node)
    assert by_polars(tree, seed) == ours, written(node)


@settings(max_examples=150, **PATIENT)
@given(conditions(), st.integers(0, SEEDS - 1))
def test_three_evaluators_agree_on_conditions(database: Database, node: Node, seed: int) -> None:
    agree(database, node, seed)


@settings(max_examples=150, **PATIENT)
@given(values(), st.integers(0, SEEDS - 1))
def test_three_evaluators_agree_on_values(database: Database, node: Node, seed: int) -> None:
    agree(database, node, seed)


@settings(max_examples=100, **PATIENT)
@given(
    st.lists(conditions(2), min_size=1, max_size=4), st.sampled_from(["case", "sum", "min", "max", "joined"]), st.data()
)
def test_three_evaluators_agree_on_what_decision_tables_become(
    database: Database, rules: list[Node], shape: str, data: st.DataObject
) -> None:
    """Conditions are the rows of a table whose outputs are random literals."""
    # Halves: Polars adds in an order of its own.
    literal = st.sampled_from(WORDS if shape == "joined" else [0.5, 1.0, 2.0, -3.0, 0.125])
    outputs: list[Node] = [_literal(data.draw(literal)) for _ in rules]
    whens = [checked(rule) for rule in rules]
    cases: tuple[Node, ...] = tuple(Case(0, ((when, then),)) for when, then in zip(whens, outputs, strict=True))
    node: Node
    match shape:
        case "case":
            node = Case(0, tuple(zip(whens, outputs, strict=True)))
        case "joined":
            node = Joined(0, "; ", cases)
        case _:
            node = Collect(0, shape, cases)
    ours = by_python(node, 0)
    if isinstance(ours, float):  # a sum of many depends on its order in the last bit
        ours = pytest.approx(ours, rel=1e-12)
    assert by_duckdb(database, node, 0) == ours
    assert by_polars(node, 0) == ours


def _literal(value: str | float) -> Node:
    return Text(0, value) if isinstance(value, str) else Number(0, value)


@settings(max_examples=60, **PATIENT)
@given(conditions(3), st.integers(0, SEEDS - 1))
def test_rules_count_their_true_and_unknown_rows(node: Node, seed: int) -> None:
    """Whatever short cuts a rule's query takes to find them."""
    when = checked(node)
    rule = Rule(
        id="r", rows=Rows(table=TABLE), when=when, references={}, periods=1, keep_periods=0, severity="info",
        message_en=Template(()), message_zh=Template(()),
    )  # fmt: skip
    results = apply([rule], {TABLE.name: _frame(seed)}).results
    ours = by_python(when, seed)
    counts = (sum(truth is True for truth in ours), sum(truth is None for truth in ours))
    assert (results["true_rows"][0], results["unknown_rows"][0]) == counts, written(node)


@pytest.mark.slow
@settings(max_examples=2_500, **PATIENT)
@given(conditions(5) | values(5), st.integers(0, SEEDS - 1))
def test_three_evaluators_agree_on_thousands(database: Database, node: Node, seed: int) -> None:
    agree(database, node, seed)


def test_random_trees_cover_the_language() -> None:
    """Functions over several rows aside, which ``test_episodes.py`` tries."""
    met: set[str] = set()

    @settings(max_examples=200, derandomize=True, database=None, **PATIENT)
    @given(conditions(5) | values(5))
    def collect(node: Node) -> None:
        stack = [checked(node)]
        while stack:
            top = stack.pop()
            met.add(top.function if isinstance(top, Call) else type(top).__name__)
            met.update([top.operator] if isinstance(top, Arithmetic | Compare | Logic) else [])
            stack.extend(children(top))

    collect()
    nodes = {
        "Number",
        "Text",
        "Date",
        "Bool",
        "Name",
        "Negative",
        "Arithmetic",
        "Compare",
        "Member",
        "IsUnknown",
        "Logic",
        "Not",
    }
    assert met == nodes | (set(FUNCTIONS) - {"previous"}) | {"days_between", "days_after"} | {
        *"+-*/", "<", "<=", ">", ">=", "=", "!=", "and", "or",
    }  # fmt: skip


@settings(max_examples=200, **PATIENT)
@given(values(5))
def test_a_tree_printed_back_parses_to_itself(node: Node) -> None:
    assert without_positions(parse(written(node))) == node
    assert written(parse(written(node))) == written(node)


@settings(max_examples=100, **PATIENT)
@given(values())
def test_a_checked_tree_printed_back_means_the_same(node: Node) -> None:
    tree = checked(node)
    again = checked(parse(written(tree)))
    assert by_python(again, 0) == by_python(tree, 0), written(tree)


def test_a_trace_shows_every_part_with_its_value() -> None:
    row: dict[str, Value] = {"x_t": 40.0, "y_t": None, "mean(z_kt, 3 months)": 0.5, "urgent": False}
    tree = checked(parse("x_t < mean(z_kt, 3 months) * 50% and (y_t > 1 kt or not urgent)"))
    assert list(leaves(tree)) == ["x_t", "mean(z_kt, 3 months)", "y_t", "urgent"]
    trace = traced(tree, row)
    assert trace.value is reckon(tree, row) is True

    def told(part: Trace, level: int = 0) -> list[str]:
        line = f"{'  ' * level}{written(part.node)}: {part.value}"
        return [line, *(line for child in part.children for line in told(child, level + 1))]

    assert told(trace) == [
        "x_t < mean(z_kt, 3 months) * 50% and (y_t > 1000 t or not urgent): True",
        "  x_t < mean(z_kt, 3 months) * 50%: True",
        "    x_t: 40.0",
        "    mean(z_kt, 3 months) * 50%: 250.0",
        "      mean(z_kt, 3 months): 0.5",
        "      50%: 0.5",
        "  y_t > 1000 t or not urgent: True",
        "    y_t > 1000 t: None",
        "      y_t: None",
        "      1000 t: 1000.0",
        "    not urgent: True",
        "      urgent: False",
    ]
