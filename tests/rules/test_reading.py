"""Rule files: what is refused, with its place; all problems at once; nothing that can grow or reach out."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chainsim.errors import InputError, Problem
from chainsim.rules import load_rules, run_test

RULE = """rules:
  - id: low
    table: customer_months
    when: completion < 95%
    severity: warning
    message: {en: "{customer}: {completion:%}", zh: "{customer}:{completion:%}"}
"""


def problems(folder: Path, content: str | bytes) -> tuple[Problem, ...]:
    """Everything wrong with one rule file."""
    data = content.encode() if isinstance(content, str) else content
    (folder / "rules.yaml").write_bytes(data)
    with pytest.raises(InputError) as caught:
        load_rules(folder)
    return caught.value.problems


def test_a_minimal_rule_loads(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULE, encoding="utf-8")
    (rule,) = load_rules(tmp_path).rules
    assert rule.id == "low"
    assert rule.periods == 1
    assert rule.source.endswith("rules.yaml:2")


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "words"),
    [
        ("completion < 95%", "completoin < 95%", 4, 11, "no column 'completoin'"),
        ("completion < 95%", "plan_t > 0 and completoin < 95%", 4, 26, "no column 'completoin'"),
        ("completion < 95%", '"completion < 95 d"', 4, 23, "do not measure the same"),
        ("completion < 95%", ">\n      plan_t > 0\n      and completoin < 95%", 6, 11, "no column 'completoin'"),
        ("completion < 95%", "plan_t > 0\n      and completoin < 95%", 5, 11, "no column 'completoin'"),
        ("completion < 95%", "[a, b]", 4, 11, "an expression is one text"),
        ("completion < 95%", "completion", 4, 11, "a number, where a condition is needed"),
        ("table: customer_months", "table: customers_months", 3, 12, "'customers_months' is not known"),
        ("severity: warning", "severity: warn", 5, 15, "'warn' is not known"),
        ("severity: warning", "severity: warning\n    severity: error", 6, 5, "given twice"),
        ("severity: warning", "severity: warning\n    fro: 2 months", 6, 5, "'fro' means nothing here"),
        ("severity: warning", "severity: warning\n    for: 2 days", 6, 10, "the rows here count months"),
        ("severity: warning", "severity: warning\n    for: two months", 6, 10, "no duration"),
        ("severity: warning", "severity: warning\n    for: 0 months", 6, 10, "no duration"),
        ("severity: warning", "severity: warning\n    show: lowest month", 6, 18, "no number here"),
        ("severity: warning", "severity: warning\n    show: best", 6, 11, "which row to show"),
        ("severity: warning", "severity: warning\n    measures: {completion: plan_t}", 6, 28, "no free name"),
        ("id: low", "id: Low Completion", 2, 9, "cannot be a name"),
        ("    severity: warning\n", "", 2, 5, "'severity' is missing"),
        ('{completion:%}", zh', '{completoin:%}", zh', 6, 33, "'completoin'"),
        ('{completion:%}", zh', '{completion:%%}", zh', 6, 44, "'%%' is no format"),
        ('{completion:%}", zh', '{completion.real}", zh', 6, 44, "no column 'real'"),
        (', zh: "{customer}:{completion:%}"', "", 6, 14, "'zh' is missing"),
    ],
)
def test_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, line: int, column: int, words: str) -> None:
    assert old in RULE
    (problem,) = problems(tmp_path, RULE.replace(old, new))
    assert words in problem.message
    assert (problem.line, problem.column) == (line, column)
    assert problem.message_zh


def test_all_problems_of_all_files_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULE.replace("warning", "bad"), encoding="utf-8")
    found = problems(
        tmp_path, RULE.replace("id: low", "id: lower").replace("< 95%", "< 'x'").replace("customer}", "custmer}")
    )
    assert [Path(p.file).name for p in found] == ["a.yaml", "rules.yaml", "rules.yaml", "rules.yaml"]
    assert found[-1].nearest == "customer"


def test_the_same_rule_twice(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULE, encoding="utf-8")
    (problem,) = problems(tmp_path, RULE)
    assert "already defined in" in problem.message
    assert "a.yaml:2" in problem.message


def test_a_folder_without_rules(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_rules(tmp_path)
    assert "no rule file" in caught.value.problems[0].message


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [" + ",".join(f"*{a}" for _ in range(9)) + "]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "aliases"),
        ("[" * 100_000, "nested deeper"),
        ("rules: " + "[a]," * 10, "not YAML"),
        ("rules:\n\t- id: a\n", "not YAML"),
        ("rules: [\x00]", "not YAML"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("# " + "x" * 1_100_000, "larger than"),
        ("", "empty"),
        ("rules: []\n---\nrules: []\n", "second document"),
        ("rules: " + "[" + "1," * 120_000 + "1]", "more than"),
        ("!!python/object/apply:os.system ['echo hi']", "'key: value' is needed"),
        ("rules: !!python/name:os.system", "a list is needed"),
        (RULE.replace("completion < 95%", "'" + "not " * 400 + "flag'"), "nested deeper"),
        (RULE.replace("completion < 95%", " and ".join(["completion < 1"] * 20_000)), "longer than"),
        (RULE.replace("{completion:%}", "{customer.__class__}"), "no column '__class__'"),
        (RULE.replace("{completion:%}", "{completion:>9999999999}"), "no format"),
        (RULE.replace("completion < 95%", "completion < 1e999999"), "larger than any figure"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_hostile_file_ends_soon_with_a_clear_error(tmp_path: Path, content: str | bytes, words: str) -> None:
    began = time.monotonic()
    assert any(words in p.message for p in problems(tmp_path, content))
    assert time.monotonic() - began < 5


def test_a_rule_test_that_fails_says_how(tmp_path: Path) -> None:
    tests = """
tests:
  - name: wrong on purpose
    rule: low
    rows:
      - {customer: a, month: 2008-01, completion: 90%}
    expect:
      - {subject: b}
"""
    (tmp_path / "rules.yaml").write_text(RULE + tests, encoding="utf-8")
    (test,) = load_rules(tmp_path).tests
    assert run_test(test) == "expected, not found: {subject: b}; found, not expected: a since 2008-01: a: 90.0%"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{customer: a, month: 2008-01, completoin: 1}", "'completoin' means nothing here"),
        ("{customer: a, month: January, completion: 1}", "'January' is no date"),
        ("{customer: a, month: 2008-01, completion: much}", "'much' is no number"),
    ],
)
def test_mistakes_in_tests_are_told(tmp_path: Path, row: str, words: str) -> None:
    content = RULE + f"tests:\n  - name: n\n    rule: low\n    rows:\n      - {row}\n    expect: []\n"
    (problem,) = problems(tmp_path, content)
    assert words in problem.message
    assert problem.line == 11
