"""The condition language: what it says, what it refuses and where it points.

What the words of every mistake are, with excerpt and caret, is in ``tests/rules_invalid``; that three evaluators agree on random
conditions, in ``test_evaluators.py``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainsim.errors import InputError
from chainsim.results.declarations import Column, Table
from chainsim.rules import load_rules
from chainsim.rules.language.checking import Scope, Typed, check, table_scope
from chainsim.rules.language.parsing import parse
from chainsim.rules.language.reckoning import Value, known, reckon
from chainsim.rules.language.tree import MAX_DEPTH, MAX_LENGTH, Call, ExpressionError, Number, Window
from chainsim.rules.language.writing import written


def column(name: str, kind: Any, unit: str = "", **more: Any) -> Column:
    """A column without words."""
    return Column(name, kind, unit, "", "", "", "", **more)


FACTS = Table(
    "facts", "", "", "", "",
    (
        column("who", "text", key=True),
        column("month", "date", key=True),
        column("x", "number", "t"),
        column("y", "number", "t"),
        column("z", "number", "kt"),
        column("ratio", "number", "1"),
        column("hours", "number", "h"),
        column("visits", "integer"),
        column("kind", "name", values={"farm": ("", ""), "line": ("", "")}),
        column("day", "instant"),
        column("flag", "boolean"),
    ),
)  # fmt: skip
SCOPE = table_scope(FACTS)
GROUPS = replace(SCOPE, by=frozenset({"who"}), period="")
ROWS: list[dict[str, Value]] = [
    dict(zip((c.name for c in FACTS.columns), map(known, row), strict=True))
    for row in (
        ("a", datetime(2008, 1, 1), 1, 2, 0.001, 0.8, 24, 0, "farm", datetime(2008, 1, 1), True),
        ("b", datetime(2008, 2, 1), 2, 2, 1, 0.9, 48, 3, "line", datetime(2008, 2, 1, 6), False),
        (None, datetime(2008, 3, 1), None, 2, 0, None, 168, 1, None, None, True),
        ("d", datetime(2009, 3, 1), 0, None, None, 1, None, 2, "farm", datetime(2008, 3, 1), False),
    )
]


def typed(expression: str, scope: Scope = SCOPE) -> Typed:
    """A sound expression, checked."""
    value, errors = check(parse(expression), scope)
    assert not errors, [error.message for error in errors]
    assert value is not None
    return value


def outcome(expression: str) -> str:
    """T, F or ? (unknown) for each of ``ROWS``."""
    node = typed(expression).node
    return "".join({True: "T", False: "F", None: "?"}[reckon(node, row)] for row in ROWS)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x < y", "TF??"),
        ("x < 1.5 t", "TF?T"),
        ("x < 0.0015 kt", "TF?T"),
        ("x < 0.00015wt", "TF?T"),
        ("x = z", "TF??"),
        ("z = x", "TF??"),
        ("z != x", "FT??"),
        ("x < .5", "FF?T"),
        ("ratio >= 90%", "FT?T"),
        ("ratio >= 0.9", "FT?T"),
        ("ratio between 85% and 95%", "FT?F"),
        ("ratio not between 85% and 95%", "TF?T"),
        ("hours < 2 d", "TFF?"),
        ("hours <= 2 days", "TTF?"),
        ("2 d > hours", "TFF?"),
        ("hours < 48 hours", "TFF?"),
        ("hours in (1 d, 7 d)", "TFT?"),
        ("visits * 2 = 6", "FTFF"),
        ("kind = 'farm'", "TF?T"),
        ("kind != 'farm'", "FT?F"),
        ("kind <> 'farm'", "FT?F"),
        ("kind in ('farm', 'line')", "TT?T"),
        ("kind not in ('farm')", "FT?F"),
        ('who = "a"', "TF?F"),
        ("who == 'a'", "TF?F"),
        ("x in (-1, 1)", "TF?F"),
        ("x ≥ 1 and x ≤ 1 and x ≠ 2", "TF?F"),
        # dates
        ("day >= 2008-02", "FT?T"),
        ("day < 2008-01-02", "TF?F"),
        ("day - month < 6 h", "TF?T"),
        ("day - month = 0.25 d", "FT?F"),
        ("month + 6 h = day", "FT?F"),
        ("month + hours > day", "TT??"),
        ("month(month) = 3", "FFTT"),
        ("year(month) = 2009", "FFFT"),
        # what is not known
        ("flag", "TFTF"),
        ("not flag", "FTFT"),
        ("flag = false", "FTFT"),
        ("x is unknown", "FFTF"),
        ("x is not unknown", "TTFT"),
        ("x / y is unknown", "FFTT"),
        ("(x > 0) is unknown", "FFTF"),
        ("default(x, 7) = 7", "FFTF"),
        ("default(kind, 'line') = 'line'", "FTTF"),
        ("default(day, month) = month", "TFTF"),
        ("default(x > 1, true)", "FTTF"),
        # Kleene: false and unknown is false, true or unknown is true
        ("x > 5 and y > 5", "FFFF"),
        ("x > 5 or y = 2", "TTT?"),
        ("not (x > 5 and flag)", "TT?T"),
        # arithmetic
        ("x / y = 0.5", "TF??"),
        ("y / x > 0", "TT??"),
        ("x / z = 1", "TF??"),
        ("x + y * 2 = 5", "TF??"),
        ("(x + y) * 2 = 6", "TF??"),
        ("-x < 0", "TT?F"),
        ("- -x = x", "TT?T"),
        ("x - 1 - 1 = 0", "FT?F"),
        ("max(x, y) = 2", "TT??"),
        ("min(x, y, z) = 1", "TF??"),
        ("abs(x - 3) = 2", "TF?F"),
        ("x * 1e15 > 1", "TT?F"),
        ("true", "TTTT"),
        ("x = 1 or x = 2 and flag", "TF?F"),
    ],
)
def test_what_conditions_say(expression: str, expected: str) -> None:
    assert outcome(expression) == expected


@pytest.mark.parametrize(
    ("expression", "kind", "unit"),
    [
        ("x + z", "number", "t"),
        ("5 + x", "number", "t"),
        ("x * 2", "number", "t"),
        ("ratio * x", "number", "t"),
        ("x * y", "number", ""),
        ("x / z", "number", "1"),
        ("x / hours", "number", ""),
        ("x / ratio", "number", "t"),
        ("80%", "number", "1"),
        ("day - month", "number", "d"),
        ("day + 3 d", "date", ""),
        ("month(day)", "number", ""),
        ("max(z, x)", "number", "kt"),
        ("default(z, 5 t)", "number", "kt"),
        ("previous(kind)", "text", ""),
        ("previous(z)", "number", "kt"),
        ("mean(z, 3 months)", "number", "kt"),
        ("count(flag, 12 months)", "number", ""),
        ("distinct(who, 2 months)", "number", ""),
        ("x > 1", "boolean", ""),
    ],
)
def test_kinds_and_units(expression: str, kind: str, unit: str) -> None:
    value = typed(expression)
    assert (value.kind, value.unit) == (kind, unit)


def test_a_window_is_a_number_of_periods() -> None:
    node = parse("mean(x, 3 months)")
    assert isinstance(node, Call)
    assert node.window == Window(8, 3, "month")
    for text, period in (("2 ten-days", "ten_days"), ("30 days", "day"), ("1 day", "day"), ("1 month", "month")):
        node = parse(f"sum(x, {text})")
        assert isinstance(node, Call)
        assert node.window is not None
        assert (node.window.periods, node.window.period) == (int(text.split()[0]), period)


def test_known_texts_travel_through_functions() -> None:
    assert typed("default(kind, 'line')").values is None  # a literal may be anything
    assert typed("previous(kind)").values == {"farm", "line"}
    _, errors = check(parse("previous(kind) = 'fram'"), SCOPE)
    assert [error.nearest for error in errors] == ["farm"]


def first_error(expression: str, scope: Scope = SCOPE) -> ExpressionError | None:
    """What is wrong with a text first, if anything."""
    try:
        _, errors = check(parse(expression), scope)
    except ExpressionError as error:
        return error
    return errors[0] if errors else None


@pytest.mark.parametrize(
    ("expression", "at", "words", "nearest"),
    [
        ("", 0, "empty", ""),
        ("x <", 3, "ends too early", ""),
        ("x between 1 and", 15, "ends too early", ""),
        ("(x < 1", 6, "ends too early", ""),
        ("x < 1)", 5, "follows a complete condition", ""),
        ("x < 1 y", 6, "is no unit", ""),
        ("x < 5kg", 5, "'kg' is no unit", ""),
        ("x < 5 tons", 6, "'tons' is no unit", "t"),
        ("x < 5 t/y", 6, "is no unit", "t /"),
        ("x < < 1", 4, "cannot stand here", ""),
        ("1 < x < 2", 6, "cannot stand here", ""),
        ("x => 1", 2, "not of this language", ">="),
        ("x ~ 1", 2, "means nothing", ""),
        ("x ＜ 1", 2, "means nothing", "<"),
        ("who = ‘a’", 6, "means nothing", "'"),
        ("who = 'a", 6, "no partner", ""),
        ("x is missing", 5, "cannot stand here", ""),
        ("x is null", 5, "cannot stand here", "unknown"),
        ("x in (y)", 6, "list of values", ""),
        ("x AND flag", 2, "in lower case", "and"),
        ("NOT flag", 0, "in lower case", "not"),
        ("and flag", 0, "cannot stand here", ""),
        ("x != null", 5, "not of this language", "is unknown"),
        ("flag = True", 7, "not of this language", "true"),
        ("x < 10,000", 6, "no thousands separator", "10000"),
        ("x < 10 000", 7, "no thousands separator", "10000"),
        ("x < 1e16", 4, "larger than any figure", ""),
        ("day = 2008-13-01", 6, "no date", ""),
        ("day = 2007-02-29", 6, "no date", ""),
        ("ratoi > 1", 0, "no column 'ratoi'", "ratio"),
        ("kind = 'fram'", 7, "not among", "farm"),
        ("kind in ('farm', 'lien')", 17, "not among", "line"),
        ("x < 'a'", 2, "cannot be compared", ""),
        ("month > 2008", 6, "cannot be compared", ""),
        ("x < 3 d", 2, "do not measure the same", ""),
        ("x < 80%", 2, "do not measure the same", ""),
        ("x + hours > 1", 2, "do not measure the same", ""),
        ("max(x, hours) > 1", 0, "do not measure the same", ""),
        ("default(x, 3 d) > 1", 0, "do not measure the same", ""),
        ("x in (1 t, 2 d)", 11, "do not measure the same", ""),
        ("default(x, 'a') = 1", 0, "cannot be compared", ""),
        ("kind < 'farm'", 5, "no order", ""),
        ("flag < true", 5, "no order", ""),
        ("x and flag", 0, "a number stands where a condition", ""),
        ("flag + 1 > 2", 0, "a condition stands where a number", ""),
        ("-flag", 1, "a condition stands where a number", ""),
        ("month(x) = 1", 6, "a number stands where a date", ""),
        ("day + 3 t > day", 4, "no time to add", ""),
        ("day + day > day", 6, "a date stands where a number", ""),
        ("sin(x) > 1", 0, "no function 'sin'", "min"),
        ("abs(x, y) > 1", 0, "takes 1", ""),
        ("min(x) > 1", 0, "takes 2 … 9", ""),
        ("sum(x) > 1", 0, "needs a rule or measure with by:", ""),
        ("mean(x, 3) > 1", 0, "needs a rule or measure with by:", ""),
        ("mean(x, 3 days) > 1", 8, "count months", ""),
        ("mean(x, 0 months) > 1", 8, "no number of periods", ""),
        ("mean(x, 2.5 months) > 1", 8, "no number of periods", ""),
        ("mean(x, 401 months) > 1", 8, "no number of periods", ""),
        ("mean(kind, 3 months) > 1", 5, "a text stands where a number", ""),
        ("previous(mean(x, 3 months)) > 1", 9, "stands inside another", ""),
        ("mean(previous(x), 3 months) > 1", 5, "stands inside another", ""),
        ("x.__class__ = 1", 0, "no column 'x.__class__'", ""),
        ("__import__('os')", 0, "no function", ""),
        ("-" * (MAX_LENGTH + 1), 0, "longer than", ""),
        ("not " * 200 + "flag", 4 * MAX_DEPTH, "nested deeper", ""),
        ("+".join("x" for _ in range(300)) + " > 1", 519, "nested deeper", ""),
    ],
)
def test_refused_with_place(expression: str, at: int, words: str, nearest: str) -> None:
    error = first_error(expression)
    assert error is not None
    assert words in error.message
    assert (error.at, error.nearest) == (at, nearest)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in error.message_zh)


@pytest.mark.parametrize(
    ("expression", "at", "words"),
    [
        ("x > 1", 0, "many values in a group"),
        ("sum(x) > y", 9, "many values in a group"),
        ("sum(x, 3 months) > 1", 0, "goes with single rows"),
        ("sum(sum(x)) > 1", 4, "needs a rule or measure with by:"),
        ("previous(sum(x)) > 1", 0, "no periods"),
        ("count(x) > 1", 6, "a number stands where a condition"),
        ("mean(kind) > 1", 5, "a text stands where a number"),
        ("sum(x, y) > 1", 0, "takes one value"),
    ],
)
def test_refused_of_groups(expression: str, at: int, words: str) -> None:
    error = first_error(expression, GROUPS)
    assert error is not None
    assert words in error.message
    assert error.at == at


def test_groups_read_their_keys_and_aggregates() -> None:
    assert typed("who = 'a' and sum(x * ratio) / sum(x) > 1 and count(flag) > distinct(kind)", GROUPS).kind == "boolean"
    assert typed("default(sum(z), 0) + highest(x)", GROUPS).unit == "kt"


def test_every_mistake_is_told_at_once() -> None:
    _, errors = check(parse("ratoi > 1 and kind = 'fram' or sin(x) > 2"), SCOPE)
    assert [e.nearest for e in errors] == ["ratio", "farm", "min"]


def test_brackets_cost_no_depth_and_chains_of_terms_none() -> None:
    assert written(parse("(" * 200 + "flag" + ")" * 200)) == "flag"
    assert typed(" and ".join(["flag"] * 200)).kind == "boolean"


@pytest.mark.parametrize(
    "text",
    [
        "x between 1 and 2 and not (flag or x > 3)",
        "mean(x, 3 months) > 5 t and x not in (-1, 2 t)",
        "-(x + 1) * 2 / (3 - y) < 95%",
        "x - (y - z) > x - y - z",
        "x / (y / z) > -x / y / -z",
        "not not flag",
        "(flag and flag) and flag",
        "(x > 1) = flag",
        "not x not between 1 and 2",
        "who is not unknown or not (who is unknown) = true",
        'who in ("it\'s", \'say "so"\')',
        "day + 3 d > 2008-07-01 and count(x > 1 t, 10 ten-days) > 2",
        "distinct(x, 1 days) = 1",
    ],
)
def test_texts_are_printed_back_as_they_are(text: str) -> None:
    assert written(parse(text)) == text


def test_a_percentage_is_printed_as_written() -> None:
    for value in ("80%", "0.5%", "7%", "33.3%", "95%"):
        assert written(typed(f"ratio < {value}").node) == f"ratio < {value}"
    assert written(typed("ratio < 0.8").node) == "ratio < 0.8"
    assert written(Number(0, 0.8, "%")) == "0.8%"


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("xy 1.%'()<>=!+-*/andornotisbetweenunknown,kt"), max_size=60)
    | st.text(max_size=40)
)
def test_any_text_is_a_tree_or_an_expression_error(text: str) -> None:
    error = first_error(text)
    assert error is None or 0 <= error.at <= len(text)


WORDS = (
    "x", "y", "kind", "who", "flag", "day", "month", "ratio", "and", "or", "not", "in", "between", "is", "unknown", "true",
    "(", ")", ",", "<", "=", ">=", "!=", "+", "-", "*", "/", "1", "2.5", "80%", "3 d", "3 months", "5 t", "2008-01", "'farm'",
    "mean(", "default(", "min(", "previous(", "month(", "count(", "null", "10,000", "AND", "t", "=>",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_any_words_are_a_tree_or_an_expression_error(words: list[str]) -> None:
    text = " ".join(words)
    error = first_error(text)
    assert error is None or 0 <= error.at <= len(text)


# ------------------------------------------------------------------------------------------------------- names with dots

TABLES = {
    t.name: t
    for t in (
        FACTS,
        Table("whos", "", "", "", "", (column("who", "text", key=True), column("capacity", "number", "kt"))),
        Table("daily", "", "", "", "", (
            column("who", "text", key=True), column("day", "date", key=True), column("out", "number", "t"),
        )),
    )
}  # fmt: skip
FOLDER = """
measures:
  monthly: {{table: daily, by: [who, month], value: sum(out)}}
  half: {{table: facts, value: x / 2}}
rules:
  - {{id: earlier, table: daily, when: out > 1 t, severity: info, message: {{en: e, zh: 早}}}}
  - id: subject
    table: {table}
    when: {when}
    severity: info
    message: {{en: s, zh: 题}}
"""


def load(folder: Path, when: str, table: str = "facts") -> Any:
    """A folder with a rule whose condition is ``when``."""
    (folder / "r.yaml").write_text(FOLDER.format(when=when, table=table), encoding="utf-8")
    return load_rules(folder, TABLES)


@pytest.mark.parametrize(
    ("when", "table"),
    [
        ("who.capacity > x", "facts"),
        ("whos.capacity > x", "facts"),
        ("monthly > half", "facts"),
        ("flag.earlier and flag", "facts"),
        ("facts.x > out", "daily"),
        ("half > out", "daily"),
        ("mean(half, 3 months) > who.capacity", "facts"),
    ],
)
def test_names_reach_other_tables(tmp_path: Path, when: str, table: str) -> None:
    assert load(tmp_path, when, table).rule("subject").text == when


@pytest.mark.parametrize(
    ("when", "table", "column_", "words", "nearest"),
    [
        ("who.capacty > x", "facts", 15, "no column 'capacty'", "capacity"),
        ("whoz.capacity > x", "facts", 11, "nothing is called 'whoz'", "who"),
        ("who.capacity.t > x", "facts", 23, "one dot too many", ""),
        ("flag.earlyer", "facts", 16, "no rule 'earlyer'", "earlier"),
        ("flag.subject", "facts", 11, "circle", ""),
        ("facts.x > y", "facts", 11, "the table the rule reads anyway", "x"),
        ("daily.out > x", "facts", 11, "goes by day, which the rows here do not have", ""),
        ("monthly > 1 t", "whos", 11, "goes by month", ""),
        ("who.capacity > 3 d", "facts", 24, "do not measure the same", ""),
        ("halve > 1 t", "facts", 11, "no column 'halve'", "half"),
    ],
)
def test_names_that_reach_nothing(
    tmp_path: Path, when: str, table: str, column_: int, words: str, nearest: str
) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, when, table)
    (problem,) = caught.value.problems
    assert words in problem.message
    assert (problem.line, problem.column, problem.nearest or "") == (9, column_, nearest)
