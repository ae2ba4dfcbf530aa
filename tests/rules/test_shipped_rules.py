"""The rules that come with chainsim: each has a test that fires and one that nearly fires, and all hold."""

from __future__ import annotations

import pytest

from chainsim.rules import RuleTest, load_rules, run_test

BOOK = load_rules()


@pytest.mark.parametrize("test", BOOK.tests, ids=lambda t: f"{t.rule.id}: {t.name}")
def test_rule_test(test: RuleTest) -> None:
    assert run_test(test) == "", test.source


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda r: r.id)
def test_every_rule_is_seen_to_fire_and_to_hold_back(rule) -> None:
    outcomes = {bool(test.expected) for test in BOOK.tests if test.rule.id == rule.id}
    assert outcomes == {True, False}


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda r: r.id)
def test_every_rule_speaks_both_languages_and_says_what_to_do(rule) -> None:
    assert rule.action_en
    assert rule.action_zh
    assert rule.message_en != rule.message_zh
