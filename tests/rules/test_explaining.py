"""Explanations: they say what the rules did, and follow every name to where its value came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.results.hand_made import log, scenario

from chainsim.errors import InputError
from chainsim.reports import write_results
from chainsim.results import TABLES, build_tables, labels_of
from chainsim.rules import Explanation, RuleBook, Wanted, apply, explain, labels_of_run, load_rules
from chainsim.rules.explained_steps import Step

S = scenario()
T = build_tables(S, log())
SHIPPED = load_rules()
FINDINGS = apply(SHIPPED.rules, T, labels_of(S)).findings

RULES = """\
measures:
  yearly_t: {table: customer_months, value: sum(plan_t), by: [customer], title: {en: Year's plan, zh: 年计划}}
  everybody_t: {table: customer_months, value: sum(plan_t), by: [all]}
  behind_t: {table: customer_months, value: plan_t - delivered_t}
decisions:
  - id: grading
    table: customer_months
    file: grading.csv
    hit: first
    outputs: {mark: {good: {en: good one, zh: 优}, fair: {en: fair one, zh: 中}, poor: {en: poor one, zh: 差}}}
rules:
  - id: low
    table: customer_months
    when: completion < 90%
    for: 2 months
    keep_for: 1 month
    severity: warning
    message: {en: "{customer} low in {span}", zh: "{customer} 偏低 {span}"}
  - id: low_and_small
    table: customer_months
    when: flag.low and customer.safe_fill_t < 5 kt
    severity: info
    message: {en: x, zh: 甲}
  - id: left
    table: customer_months
    when: behind_t > 10% * yearly_t and everybody_t > 0
    severity: info
    message: {en: x, zh: 甲}
  - id: falling
    table: customer_months
    when: completion < previous(completion) - 5% and sum(plan_t, 3 months) > 1 kt
    severity: info
    message: {en: x, zh: 甲}
  - id: poor
    table: customer_months
    when: grading.mark = 'poor'
    severity: info
    message: {en: x, zh: 甲}
  - id: often
    table: customer_months
    by: [customer]
    where: plan_t > 0
    measures: {low_months: count(completion < 90%)}
    when: low_months between 2 and 5
    severity: info
    message: {en: x, zh: 甲}
"""
GRADING = "completion,plan_t,-> mark\n>= 90%,-,good\n>= 70%,>= 1000,fair\n-,>= 500,poor\n"

MONTHS: list[dict[str, Any]] = [
    {"customer": "a", "month": "2008-01-01", "plan_t": 1000.0, "delivered_t": 800.0, "completion": 0.8},
    {"customer": "a", "month": "2008-02-01", "plan_t": 1000.0, "delivered_t": 850.0, "completion": 0.85},
    {"customer": "a", "month": "2008-03-01", "plan_t": 1000.0, "delivered_t": 990.0, "completion": 0.99},
    {"customer": "a", "month": "2008-04-01", "plan_t": 1000.0, "delivered_t": 500.0, "completion": 0.5},
    {"customer": "a", "month": "2008-05-01", "plan_t": 1000.0, "delivered_t": 600.0, "completion": 0.6},
    {"customer": "b", "month": "2008-01-01", "plan_t": 600.0, "delivered_t": 420.0, "completion": 0.7},
    {"customer": "b", "month": "2008-02-01", "plan_t": 0.0, "delivered_t": 0.0, "completion": None},
]


def frame(table: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows with the columns that matter, as the declared table."""
    empty = {
        "number": float("nan"),
        "integer": 0,
        "boolean": False,
        "date": None,
        "instant": None,
        "name": None,
        "text": None,
    }
    columns = {
        c.name: [row.get(c.name) if row.get(c.name) is not None else empty[c.type] for row in rows]
        for c in TABLES[table].columns
    }
    dtypes = {c.name: c.dtype for c in TABLES[table].columns}
    return pd.DataFrame({name: pd.Series(values, dtype=dtypes[name]) for name, values in columns.items()})


TABLES_OF_TWO = {
    "customer_months": frame("customer_months", MONTHS),
    "customers": frame("customers", [{"customer": "a", "safe_fill_t": 4000.0}]),
    "shortfalls": frame(
        "shortfalls",
        [
            {
                "month": "2008-01-01",
                "customer": "a",
                "grade": "g",
                "cause": "pipeline",
                "asset": "trunk",
                "shortfall_t": 150.0,
            },
            {
                "month": "2008-01-01",
                "customer": "a",
                "grade": "h",
                "cause": "source",
                "asset": "field",
                "shortfall_t": 50.0,
            },
        ],
    ),
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    (folder / "grading.csv").write_text(GRADING, encoding="utf-8")
    return load_rules(folder)


def told(book: RuleBook, rule: str, customer: str = "a", period: str = "") -> Explanation:
    return explain(book, rule, TABLES_OF_TWO, Wanted(customer=customer, period=period))


def steps(step: Step) -> dict[str, Step]:
    """Every step of a tree by its text."""
    out = {step.text: step}
    for part in step.steps:
        out = {**steps(part), **out}
    return out


# --- laws


@pytest.mark.parametrize("rule", SHIPPED.rules, ids=lambda rule: rule.id)
def test_explanations_agree_with_the_rules(rule: Any) -> None:
    found = FINDINGS[FINDINGS["rule"] == rule.id]
    try:
        explanation = explain(SHIPPED, rule.id, T, Wanted(), labels_of(S))
    except InputError:
        assert found.empty
        return
    messages = {row.finding.message_en for row in explanation.rows if row.finding and not row.finding.told_by}
    assert messages <= set(found["message_en"])
    assert found.empty or explanation.left_out or messages == set(found["message_en"])
    for row in explanation.rows:
        assert row.tree.value is row.holds


def test_a_folder_is_explained_like_the_tables_it_holds(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", T, {"chainsim": "x"}, ("parquet",))
    labels = labels_of_run(folder)
    assert labels.asset("zh", "alpha") == "甲炼厂"
    for rule in SHIPPED.rules[::5]:
        try:
            once = explain(SHIPPED, rule.id, T, Wanted(), labels_of(S))
        except InputError:
            continue
        assert explain(SHIPPED, rule.id, folder, Wanted(), labels) == once


# --- what is told


def test_an_episode_its_gap_and_what_is_short_of_one(book: RuleBook) -> None:
    (january,) = told(book, "low", period="2008-01").rows
    assert january.holds is True
    assert january.in_a_row == 2
    assert january.finding is not None
    assert (january.finding.since, january.finding.until, january.finding.periods) == ("2008-01", "2008-05", 4)
    assert january.finding.message_en == "a low in 2008-01 … 2008-05"
    (march,) = told(book, "low", period="2008-03").rows
    assert march.holds is False
    assert march.finding is not None
    assert march.finding.bridged
    (alone,) = told(book, "low", "b", "2008-01").rows
    assert (alone.holds, alone.in_a_row, alone.lacking, alone.finding) == (True, 1, 1, None)
    (unknown,) = told(book, "low", "b", "2008-02").rows
    assert unknown.holds is None
    assert unknown.tree.steps[0].shown == ("unknown", "未知")


def test_causes_of_the_month(book: RuleBook) -> None:
    (january,) = told(book, "low", period="2008-01").rows
    assert [(c.cause, c.asset, c.tonnes, c.share) for c in january.causes] == [
        ("pipeline", "trunk", 150.0, 0.75),
        ("source", "field", 50.0, 0.25),
    ]
    assert told(book, "low", period="2008-02").rows[0].causes == ()


def test_flags_and_lookups_say_where_they_were_read(book: RuleBook) -> None:
    (row,) = told(book, "low_and_small", period="2008-01").rows
    found = steps(row.tree)
    assert found["flag.low"].kind == "flag"
    assert found["flag.low"].value is True
    fill = found["customer.safe_fill_t"]
    assert (fill.kind, fill.found, fill.shown[0], fill.keys) == ("lookup", True, "4,000 t", "customer = a")
    missing = steps(told(book, "low_and_small", "b", "2008-01").rows[0].tree)["customer.safe_fill_t"]
    assert (missing.found, missing.value) == (False, None)


def test_measures_are_followed_into_their_expressions(book: RuleBook) -> None:
    (row,) = told(book, "left", period="2008-04").rows
    found = steps(row.tree)
    assert found["behind_t"].kind == "measure"
    assert found["plan_t - delivered_t"].shown == ("500 t", "500 t")
    assert found["delivered_t"].value == 500.0
    yearly = found["yearly_t"]
    assert (yearly.kind, yearly.value, yearly.rows) == ("group", 5000.0, 5)
    assert yearly.keys == "sum(plan_t) by customer; customer = a"
    assert (found["everybody_t"].value, found["everybody_t"].rows) == (5600.0, 7)
    assert yearly.meaning == ("Year's plan", "年计划")
    assert row.holds is False


def test_windows_list_the_periods_they_looked_at(book: RuleBook) -> None:
    (row,) = told(book, "falling", period="2008-04").rows
    found = steps(row.tree)
    assert [(part.text, part.value) for part in found["previous(completion)"].steps] == [("2008-03", 0.99)]
    window = found["sum(plan_t, 3 months)"]
    assert [part.text for part in window.steps] == ["2008-02", "2008-03", "2008-04"]
    assert window.value == 3000.0
    assert row.holds is True


def test_groups_have_their_aggregates_and_between_is_one_condition(book: RuleBook) -> None:
    explanation = told(book, "often")
    assert explanation.by == ("customer",)
    assert explanation.where == "plan_t > 0"
    (row,) = explanation.rows
    assert row.tree.text == "low_months between 2 and 5"
    (months,) = row.tree.steps
    assert (months.value, months.rows, months.keys) == (4.0, 5, "count(completion < 90%) by customer where plan_t > 0")


def test_decision_tables_tell_the_row_that_matched_and_what_others_lacked(book: RuleBook) -> None:
    (row,) = told(book, "poor", period="2008-04").rows
    decided = steps(row.tree)["grading.mark"].decided
    assert decided is not None
    assert (decided.table, decided.source, decided.hit) == ("grading", "grading.csv", "first")
    (matched,) = decided.matched
    assert matched.number == 3
    assert matched.gives == (("mark", ("poor one", "差")),)
    assert matched.cells[1] == ("plan_t", ">= 500", ("1,000 t", "1,000 t"))
    assert [(near.number, near.cells[near.missed or 0][:2]) for near in decided.nearly] == [
        (1, ("completion", ">= 90%")),
        (2, ("completion", ">= 70%")),
    ]
    assert row.holds is True
    nothing = steps(told(book, "poor", "b", "2008-02").rows[0].tree)["grading.mark"].decided
    assert nothing is not None
    assert nothing.matched == ()


def test_without_a_period_the_rows_that_findings_show(book: RuleBook) -> None:
    explanation = told(book, "low")
    assert [row.title[0] for row in explanation.rows] == ["a · 2008-05"]
    assert explanation.left_out == 0


def test_many_rows_are_counted(book: RuleBook) -> None:
    year = told(book, "low", customer="", period="2008")
    assert len(year.rows) == 6
    assert year.left_out == 1
    assert [row.holds for row in year.rows] == [True] * 5 + [None]


@pytest.mark.parametrize("period", ["2008-04", "2008-04-2", "2008-04-15"])
def test_a_month_is_meant_by_its_days(book: RuleBook, period: str) -> None:
    assert told(book, "low", period=period).rows[0].title == ("a · 2008-04", "a · 2008-04")


@pytest.mark.parametrize(
    ("rule", "wanted", "message", "nearest"),
    [
        ("lwo", Wanted(), "there is no rule 'lwo'", "low"),
        ("low", Wanted(customer="c"), "no customer here is called 'c'", ""),
        ("low", Wanted(asset="trunk"), "rule 'low' goes by month, customer: --asset means nothing here", ""),
        ("low", Wanted(customer="b", period="2008-03"), "there is no row for 2008-03", "2008-02"),
        ("low", Wanted(period="2008-13"), "'2008-13' is no period", ""),
        ("low", Wanted(period="2008-04-4"), "'2008-04-4' is no period", ""),
        ("often", Wanted(period="2008-04"), "the rows of rule 'often' have no period", ""),
    ],
)
def test_what_is_not_there_is_told(book: RuleBook, rule: str, wanted: Wanted, message: str, nearest: str) -> None:
    with pytest.raises(InputError) as caught:
        explain(book, rule, TABLES_OF_TWO, wanted)
    (problem,) = caught.value.problems
    assert problem.message == message
    assert problem.message_zh
    if nearest:
        assert problem.nearest == nearest


def test_a_rule_without_rows_says_why(book: RuleBook) -> None:
    empty = {name: table.head(0) for name, table in TABLES_OF_TWO.items()}
    for rule, told_so in (("low", "customer_months is empty"), ("often", "no row meets the where of the rule")):
        with pytest.raises(InputError) as caught:
            explain(book, rule, empty)
        assert told_so in caught.value.problems[0].message
