"""The rules that come with chainsim: each is seen to fire and to hold back, speaks both languages, and tells western's planner
what is true there, once."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from chainsim import workflow
from chainsim.rules import Rule, RuleTest, load_rules, read_rules, run_test
from chainsim.rules.templates import Template

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
BOOK = load_rules()

WESTERN = {
    "cash_limited": 5,
    "low_completion": 1,
    "pace_behind": 3,
    "orders_move_year": 1,
    "completion_spread": 2,
    "invoice_overdue": 2,
    "invoice_overdue_30_days": 1,
    "inventory_build_up": 1,
    "supply_below_plan": 1,
    "supply_concentrated": 1,
    "line_bottleneck": 2,
    "line_stopped": 1,
    "batches_late": 1,
    "tier_shares": 1,
    "lifecycle_decline": 4,
    "loyalty_low": 1,
    "visit_overdue": 3,
    "visit_without_report": 2,
    "complaint_unanswered": 2,
    "complaint_without_result": 1,
    "survey_low": 3,
    "survey_dimension_low": 1,
}
"""Rule → findings of the base case. Read all of them before changing a number here."""


@cache
def findings_of(scenario: str) -> pd.DataFrame:
    return workflow.run(SCENARIOS / scenario).findings


def about(scenario: str, rule: str) -> pd.DataFrame:
    findings = findings_of(scenario)
    return findings[findings["rule"] == rule]


def cases_of(rule: Rule) -> list[RuleTest]:
    return [test for test in BOOK.tests if test.rule.id == rule.id]


def words(template: Template) -> str:
    return "".join(part for part in template.parts if isinstance(part, str))


# --- the files


@pytest.mark.parametrize("test", BOOK.tests, ids=lambda t: f"{t.rule.id}: {t.name}")
def test_rule_test(test: RuleTest) -> None:
    assert run_test(test) == "", test.source


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda r: r.id)
def test_every_rule_is_seen_to_fire_and_to_hold_back(rule: Rule) -> None:
    assert {bool(test.expected) for test in cases_of(rule)} == {True, False}


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda r: r.id)
def test_what_nearly_fires_states_the_columns_that_fire(rule: Rule) -> None:
    """A near test that left a column out would hold for want of data, not for the threshold."""
    table = rule.rows.table.name
    firing = [set(row) for test in cases_of(rule) if test.expected for row in test.tables[table]]
    near = [set(row) for test in cases_of(rule) if not test.expected for row in test.tables[table]]
    assert any(ours <= theirs for ours in firing for theirs in near), [sorted(row) for row in near]


def test_names_are_unique_and_every_part_is_sound() -> None:
    _, problems, warnings = read_rules()
    assert not problems
    assert not warnings
    assert len({rule.id for rule in BOOK.rules}) == len(BOOK.rules)
    names = [(test.rule.id, test.name) for test in BOOK.tests]
    assert [name for name, count in Counter(names).items() if count > 1] == []


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda r: r.id)
def test_every_rule_speaks_both_languages_and_says_what_to_do(rule: Rule) -> None:
    chinese, english = words(rule.message_zh), words(rule.message_en)
    assert any("一" <= char <= "鿿" for char in chinese + rule.action.text_zh)
    assert not any("一" <= char <= "鿿" for char in english + rule.action.text_en)
    assert rule.action.text_en
    assert rule.action.text_zh
    assert {f.name for f in rule.message_en.parts if not isinstance(f, str)} <= (
        {f.name for f in rule.message_zh.parts if not isinstance(f, str)} | {"low"}
    )
    assert all(rule.action.kind) == all(rule.action.owner) == (rule.action.within_days > 0)


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda r: r.id)
def test_what_is_graver_than_a_note_is_somebodys_work(rule: Rule) -> None:
    assert (rule.severity == "info") != bool(rule.action.kind[0])


def test_the_docs_list_every_rule_with_its_grade() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    rows = {
        cells[0].strip("` "): cells[-1].strip()
        for line in page.splitlines()
        if line.startswith("| `") and len(cells := line.strip("|").split(" | ")) == 3
    }
    assert rows == {rule.id: rule.severity for rule in BOOK.rules}


def test_the_first_rule_of_the_docs_works(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    (tmp_path / "completion.yaml").write_text(
        page.split("```yaml file=my-rules/completion.yaml\n")[1].split("```")[0], encoding="utf-8"
    )
    book = load_rules(tmp_path)
    assert [run_test(test) for test in book.tests] == ["", ""]


# --- the base case and its overlays


def test_western_is_told_in_few_findings() -> None:
    findings = findings_of("western")
    assert dict(Counter(findings["rule"])) == WESTERN
    assert (findings["severity"] == "error").sum() <= 5, "what is an error must be read at once"


def test_western_tells_each_local_refinerys_cash_once() -> None:
    cash = about("western", "cash_limited")
    assert sorted(cash["subject"]) == [
        "local_daibei", "local_hanlu", "local_shuoyuan", "local_weiquan", "local_xiaoling",
    ]  # fmt: skip
    assert set(cash["severity"]) == {"error"}, "as grave as the low completion that it tells"
    assert about("western", "severe_completion").empty
    assert about("western", "customer_not_taking").empty


def test_the_trunk_outage_is_one_finding_for_all_it_hit() -> None:
    common = about("trunk-outage.yaml", "common_cause")
    assert len(common) == 1
    outage = common.iloc[0]
    assert (outage["subject"], outage["detail"], outage["severity"]) == ("trunk_east", "pipeline", "error")
    assert {"lanzhou", "luoyang", "xian", "local_weiquan", "local_shuoyuan"} <= set(outage["members"].split("; "))
    left = about("trunk-outage.yaml", "severe_completion")
    assert list(left["customer"]) == ["yumen"], "hit by the other half of the trunk, alone"


def test_nobody_whose_line_was_down_refused_oil_or_lost_loyalty() -> None:
    findings = findings_of("trunk-outage.yaml")
    hit = {"lanzhou", "luoyang", "xian", "yumen"}
    blaming = findings["rule"].isin(["customer_not_taking", "cash_limited", "loyalty_low", "lifecycle_decline"])
    assert not hit & set(findings[blaming]["customer"])


@pytest.mark.parametrize(
    ("scenario", "rule", "subject"),
    [
        ("trunk-outage.yaml", "outlet_not_clear", ""),
        ("trunk-outage.yaml", "line_held_up", ""),
        ("trunk-outage.yaml", "intake_curtailed", "lunnan_intake"),
        ("trunk-outage.yaml", "hours_to_full", "shanshan"),
        ("trunk-outage.yaml", "near_heel", "lanzhou_depot"),
        ("olympics.yaml", "rack_busy", "lanzhou_rail.rack"),
        ("olympics.yaml", "common_cause", "lanzhou_rail.rack"),
        ("kazakh-offspec.yaml", "source_shortage", "alashankou_intake"),
        ("crisis.yaml", "customer_not_taking", "local_shuoyuan"),
    ],
)
def test_each_overlay_is_seen_for_what_it_is(scenario: str, rule: str, subject: str) -> None:
    assert subject in set(about(scenario, rule)["subject"])
    assert subject not in set(about("western", rule)["subject"])
