"""``chainsim rules …`` as a planner and as CI meet it: what is printed where, and with which exit code."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import click
import pandas as pd
import pytest
import yaml
from tests.cli.conftest import Chainsim

from chainsim.cli.commands import commands
from chainsim.rules import load_rules, read_rules, shipped_rules_folder
from chainsim.rules.schema import rules_schema
from chainsim.rules.yaml_nodes import Reader

ROOT = Path(__file__).resolve().parents[2]

RULES = """\
measures:
  late_t: {table: customer_months, value: plan_t - delivered_t, title: {en: Left, zh: 未完成}}
rules:
  - id: short
    table: customer_months
    when: late_t > 10 t
    severity: error
    message: {en: "{customer}: {late_t:,} t short ({span})", zh: "{customer}：欠 {late_t:,} t（{span}）"}
    action: {en: Ask., zh: 询问。}
    labels: {measure: completion}
  - id: long_line
    table: flow_totals
    when: utilisation > 200%
    for: 2 days
    severity: info
    message: {en: "{asset} is full", zh: "{asset} 满"}
tests:
  - name: eleven tonnes
    rule: short
    rows: [{customer: a, month: 2008-01, plan_t: 11, delivered_t: 0}]
    expect: [{subject: a, since: 2008-01}]
  - name: ten tonnes
    rule: short
    rows: [{customer: a, month: 2008-01, plan_t: 10, delivered_t: 0}]
    expect: []
"""


@pytest.fixture
def mine(chainsim: Chainsim) -> Path:
    """A folder of rules beside the scenario ``first``."""
    folder = Path("mine")
    folder.mkdir()
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    return folder


@pytest.fixture
def runs(chainsim: Chainsim, mine: Path) -> Path:
    """Two runs below ``runs``, the second of a scenario where less is short."""
    assert chainsim("run", "first", "--rules", "mine", "--out", "runs/a/first", "--quiet").code == 0
    Path("rich.yaml").write_text(
        "extends: first\nscenario: rich\ncustomers:\n  hill_refinery: {income_per_day: 90000000}\n", encoding="utf-8"
    )
    assert chainsim("run", "rich.yaml", "--rules", "mine", "--out", "runs/b", "--quiet").code == 0
    return Path("runs")


# --- check, list, schema


def test_check_counts_what_it_read(chainsim: Chainsim, mine: Path) -> None:
    outcome = chainsim("rules", "check", "mine")
    assert outcome == (0, "mine: no problem found (2 rules, 1 measures, 0 decision tables, 2 tests)\n", "")
    assert chainsim("rules", "check").code == 0
    assert "规则 2，指标 1，决策表 0，测试 2" in chainsim("rules", "check", "mine", "--lang", "zh").out


def test_check_tells_everything_at_once(chainsim: Chainsim, mine: Path) -> None:
    text = RULES.replace("severity: error", "severity: eror").replace("utilisation", "utilization")
    (mine / "rules.yaml").write_text(text, encoding="utf-8")
    outcome = chainsim("rules", "check", "mine")
    assert outcome.code == 2
    assert outcome.out == ""
    for words in ("did you mean error?", "did you mean utilisation?", "problems: 2"):
        assert words in outcome.err


def test_check_warns_of_gaps(chainsim: Chainsim, mine: Path) -> None:
    decisions = "decisions:\n  - {id: grading, table: customer_months, file: grading.csv, hit: unique}\n"
    (mine / "rules.yaml").write_text(decisions + RULES, encoding="utf-8")
    (mine / "grading.csv").write_text("completion,-> grade\n>= 50%,good\n< 40%,bad\n", encoding="utf-8")
    outcome = chainsim("rules", "check", "mine")
    assert outcome.code == 0
    assert "1 decision tables" in outcome.out
    assert outcome.err.startswith("warning: ")


def test_list_shows_every_rule(chainsim: Chainsim, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = chainsim("rules", "list", "mine").out
    for words in ("rules.yaml", "short", ":4", "late_t > 10 t", "Ask.", "measure=completion", "2 day(s) running"):
        assert words in out
    assert out.endswith("2 rules: 1 errors, 0 warnings, 1 notes\n")
    assert all(len(line) <= 80 for line in out.splitlines())
    zh = chainsim("rules", "list", "mine", "--lang", "zh").out
    assert "询问。" in zh
    assert "连续 2 天" in zh
    data = json.loads(chainsim("rules", "list", "mine", "--json").out)
    assert [rule["id"] for rule in data["rules"]] == ["short", "long_line"]
    assert data["rules"][1]["for"] == {"periods": 2, "period": "day"}
    assert data["rules"][0]["source"] == "rules.yaml:4"


def test_schema_is_a_json_schema(chainsim: Chainsim) -> None:
    schema = json.loads(chainsim("rules", "schema").out)
    assert schema == rules_schema()
    assert schema["$schema"].startswith("https://json-schema.org")


def accepted(schema: dict[str, object], path: str) -> set[str] | None:
    """The keys that the schema has at a place of a document; ``None``: any."""
    at: object = schema
    for part in re.sub(r"\[\d+\]", ".[]", path).split(".") if path else []:
        assert isinstance(at, dict)
        at = next((choice for choice in at.get("anyOf", ()) if choice["type"] == "object"), at)
        if part == "[]":
            at = at["items"]
        elif part in at.get("properties", {}):
            at = at["properties"][part]
        else:
            at = at["additionalProperties"]
    assert isinstance(at, dict)
    if "anyOf" in at:
        at = next(choice for choice in at["anyOf"] if choice["type"] == "object")
    return set(at["properties"]) if "properties" in at else None


def test_the_schema_has_every_key_that_the_reader_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[str] | None] = {}
    read = Reader.fields

    def fields(self, node, path, *, required=(), optional=()):
        # An entry of a list goes by its id; the schema knows it as an item.
        place = re.sub(r"^(rules|decisions)\.\w+", r"\1[1]", path)
        seen[place] = None if optional is None else {*required, *optional}
        return read(self, node, path, required=required, optional=optional)

    monkeypatch.setattr(Reader, "fields", fields)
    _, problems, _ = read_rules()
    assert not problems
    schema = rules_schema()
    for path, keys in seen.items():
        known = accepted(schema, path)
        if re.fullmatch(r"tests\[\d+\]\.(rows|flags).*", path):
            assert known is None, path  # which columns there are depends on the rule
        else:
            assert known == keys, path
    assert {path.partition("[")[0].partition(".")[0] for path in seen} >= {"", "rules", "measures", "tests"}


def check(value: object, schema: dict[str, object], path: str) -> None:
    """The part of JSON Schema that ours uses, on a document as an editor reads it."""
    if "anyOf" in schema:
        choices = schema["anyOf"]
        assert isinstance(choices, list)
        names = {dict: "object", list: "array"}
        fitting = [c for c in choices if c["type"] == names.get(type(value)) or isinstance(c["type"], list)]
        check(value, fitting[-1] if isinstance(value, dict | list) else choices[0], path)
        return
    if "enum" in schema:
        assert value in schema["enum"], path  # type: ignore[operator]
        return
    match schema["type"]:
        case "object":
            assert isinstance(value, dict), path
            assert set(schema.get("required", ())) <= set(value), path  # type: ignore[call-overload]
            for key, part in value.items():
                properties = schema.get("properties", {})
                if "pattern" in schema.get("propertyNames", {}):  # type: ignore[operator]
                    assert re.search(schema["propertyNames"]["pattern"], key), path  # type: ignore[index]
                inner = properties.get(key, schema.get("additionalProperties", True))  # type: ignore[attr-defined]
                assert inner is not False, f"{path}.{key}"
                check(part, inner, f"{path}.{key}")
        case "array":
            assert isinstance(value, list), path
            for part in value:
                check(part, schema["items"], path)  # type: ignore[arg-type]
        case "string":
            assert isinstance(value, str), path
            assert re.search(str(schema.get("pattern", "")), value), path
        case _:
            assert not isinstance(value, dict | list), path


@pytest.mark.parametrize("path", sorted(shipped_rules_folder().glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_rules_fit_the_schema(path: Path) -> None:
    check(yaml.safe_load(path.read_text(encoding="utf-8")), rules_schema(), path.stem)


# --- test


def test_tests_that_pass(chainsim: Chainsim, mine: Path) -> None:
    outcome = chainsim("rules", "test", "mine")
    assert outcome.code == 0
    assert "no test in which it fires: long_line" in outcome.out
    assert "no test in which it must not fire: long_line" in outcome.out
    assert outcome.out.endswith("2 tests of 2 rules: all as expected\n")


def test_tests_that_fail_say_what_was_expected_and_found(chainsim: Chainsim, mine: Path) -> None:
    (mine / "rules.yaml").write_text(
        RULES.replace("plan_t: 11", "plan_t: 9").replace("plan_t: 10,", "plan_t: 12,"), "utf-8"
    )
    outcome = chainsim("rules", "test", "mine", "--junit", "deep/tests.xml")
    assert outcome.code == 1
    for words in (
        "rules.yaml:18: short: eleven tonnes",
        "expected, not found: subject: a, since: 2008-01",
        "found, not expected: subject: a, since: 2008-01, until: 2008-01, periods: 1, severity: error",
        "message_en: a: 12 t short (2008-01)",
        "2 of 2 tests failed",
    ):
        assert words in outcome.out
    suite = ElementTree.parse("deep/tests.xml").getroot()  # noqa: S314 - our own output
    assert suite.attrib["failures"] == "2"
    assert "预期而未出现" in chainsim("rules", "test", "mine", "--lang", "zh").out


# --- explain


def test_explain_an_earlier_run(chainsim: Chainsim, runs: Path) -> None:
    outcome = chainsim(
        "rules", "explain", "short", "--rules", "mine", "--run", "runs/a/first", "--customer", "Hill refinery"
    )
    assert outcome.code == 0
    for words in (
        "short  error  rules.yaml:4",
        "Hill refinery · 2025-",
        ": the condition holds",
        "✓ late_t > 10 t",
        "plan_t - delivered_t = ",
        "part of an episode",
        "Shortfall by cause",
        "customer's cash",
    ):
        assert words in outcome.out, words
    zh = chainsim(
        "rules",
        "explain",
        "short",
        "--rules",
        "mine",
        "--run",
        "runs/a/first",
        "--customer",
        "hill_refinery",
        "--lang",
        "zh",
    )
    for words in ("山区炼厂 · 2025-", "条件成立", "计划量", "客户资金"):
        assert words in zh.out, words


def test_explain_a_scenario_and_the_last_run_agree(chainsim: Chainsim, mine: Path) -> None:
    chainsim("run", "first", "--rules", "mine", "--quiet")
    words = ["rules", "explain", "short", "--rules", "mine", "--json"]
    told = json.loads(chainsim(*words).out)
    assert told == json.loads(chainsim(*words, "--scenario", "first").out)
    row = told["rows"][0]
    assert row["holds"] is True
    assert row["tree"]["text"] == "late_t > 10 t"
    assert row["finding"]["message_en"].startswith("Hill refinery: ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["shrot"], "did you mean short?"),
        (["short", "--customer", "hill_refinary"], "did you mean hill_refinery?"),
        (["short", "--customer", "Hill refinary"], "did you mean hill_refinery?"),
        (["short", "--period", "2024-12"], "accepted: 2025-01, 2025-02"),
        (["short", "--period", "soon"], "'soon' is no period"),
        (["short", "--grade", "light"], "rule 'short' goes by month, customer: --grade means nothing here"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_explain_refuses_what_is_not_there(chainsim: Chainsim, mine: Path, words: list[str], told: str) -> None:
    outcome = chainsim("rules", "explain", *words, "--rules", "mine", "--scenario", "first", "--quiet")
    assert outcome.code == 2
    assert outcome.out == ""
    assert told in outcome.err


def test_explain_needs_something_to_look_at(chainsim: Chainsim, mine: Path) -> None:
    assert "there is no earlier run" in chainsim("rules", "explain", "short", "--rules", "mine").err
    outcome = chainsim("rules", "explain", "short", "--scenario", "first", "--run", "first")
    assert outcome.code == 2
    assert "exclude each other" in outcome.err
    outcome = chainsim("rules", "explain", "short", "--rules", "mine", "--run", "first")
    assert outcome.code == 2
    assert "customer_months.parquet: the rule needs this table" in outcome.err


# --- eval


def test_eval_of_one_run_tells_findings_in_words(chainsim: Chainsim, runs: Path) -> None:
    outcome = chainsim("rules", "eval", "runs/a", "--rules", "mine")
    assert outcome.code == 0
    assert outcome.err == ""
    assert "Hill refinery: " in outcome.out
    assert re.search(r"error +short +\d", outcome.out)
    assert re.search(r"long_line +0 +\d", outcome.out), "rows in which a rule cannot tell are shown"


def test_eval_finds_the_same_as_the_run(chainsim: Chainsim, runs: Path) -> None:
    chainsim("rules", "eval", "runs", "runs/b", "--rules", "mine", "--out", "all/found.parquet")
    found = pd.read_parquet("all/found.parquet")
    assert set(found["run"]) == {"runs/a/first", "runs/b"}
    for run, rows in found.groupby("run"):
        once = pd.read_parquet(Path(str(run)) / "findings.parquet")
        pd.testing.assert_frame_equal(
            rows.drop(columns="run").reset_index(drop=True), once, check_categorical=False, check_dtype=False
        )


def test_eval_of_several_runs_counts(chainsim: Chainsim, runs: Path) -> None:
    outcome = chainsim(
        "rules", "eval", "runs", "--rules", "mine", "--summary", "s.md", "--junit", "j.xml", "--out", "f.csv"
    )
    assert "Rules over the tables of 2 run(s)" in outcome.out
    assert outcome.out.index("runs/a/first") < outcome.out.index("runs/b")
    assert "| 🔴 error | `short` |" in Path("s.md").read_text(encoding="utf-8")
    assert ElementTree.parse("j.xml").getroot().tag == "testsuites"  # noqa: S314 - our own output
    assert (
        Path("f.csv").read_text(encoding="utf-8-sig").startswith("run,finding,") or "run," in Path("f.csv").read_text()
    )
    assert "对 2 个运行" in chainsim("rules", "eval", "runs", "--rules", "mine", "--lang", "zh").out


@pytest.mark.parametrize(("floor", "code"), [("never", 0), ("error", 1)])
def test_eval_fails_when_asked_to(chainsim: Chainsim, runs: Path, floor: str, code: int) -> None:
    assert chainsim("rules", "eval", "runs", "--rules", "mine", "--fail-on", floor).code == code


def test_eval_for_programs(chainsim: Chainsim, runs: Path) -> None:
    words = ["rules", "eval", "runs", "--rules", "mine", "--format"]
    data = json.loads(chainsim(*words, "json").out)
    assert data["runs"] == ["runs/a/first", "runs/b"]
    assert {row["rule"] for row in data["rules"]} == {"short", "long_line"}
    assert chainsim(*words, "github").out.startswith(
        "::error file=mine/rules.yaml,line=4,title=short::runs/a/first: Hill"
    )
    assert ElementTree.fromstring(chainsim(*words, "junit").out).tag == "testsuites"  # noqa: S314 - our own output
    assert chainsim(*words, "markdown").out.startswith("# Rules over the tables of 2 run(s)\n")


def test_eval_tells_which_rules_need_a_table_that_is_not_there(chainsim: Chainsim, runs: Path) -> None:
    Path("part").mkdir()
    shutil.copy("runs/b/customer_months.parquet", "part")
    outcome = chainsim("rules", "eval", "part", "--rules", "mine")
    assert outcome.code == 0
    assert outcome.err == "warning: without flow_totals.parquet these rules cannot be asked: long_line\n"
    assert re.search(r"error +short", outcome.out)


def test_eval_refuses_what_it_cannot_read(chainsim: Chainsim, runs: Path) -> None:
    Path("empty").mkdir()
    assert "the folder holds no result tables" in chainsim("rules", "eval", "empty", "--rules", "mine").err
    Path("runs/b/flow_totals.parquet").unlink()
    outcome = chainsim("rules", "eval", "runs", "--rules", "mine")
    assert outcome.code == 2
    assert "runs/b: 1 of 2 runs have no table 'flow_totals'" in outcome.err
    Path("runs/b/flow_totals.parquet").write_bytes(b"PAR1 but not really")
    outcome = chainsim("rules", "eval", "runs", "--rules", "mine")
    assert outcome.code == 2
    assert "runs/b/flow_totals.parquet: is no Parquet table" in outcome.err
    frame = pd.read_parquet("runs/a/first/flow_totals.parquet")
    frame.drop(columns="utilisation").to_parquet("runs/b/flow_totals.parquet")
    assert "the table lacks utilisation" in chainsim("rules", "eval", "runs", "--rules", "mine").err
    frame.assign(utilisation="much").to_parquet("runs/b/flow_totals.parquet")
    assert "column 'utilisation' is no number" in chainsim("rules", "eval", "runs", "--rules", "mine").err


@pytest.mark.parametrize(
    "words",
    [["eval"], ["eval", "nowhere"], ["eval", "first", "--out", "x.txt"], ["explain"], ["fly"], ["check", "nowhere"]],
    ids=" ".join,
)
def test_usage_errors(chainsim: Chainsim, words: list[str]) -> None:
    outcome = chainsim("rules", *words)
    assert outcome.code == 2
    assert "Error" in outcome.err


def test_run_prints_markdown(chainsim: Chainsim) -> None:
    path = Path("first/scenario.yaml")
    path.write_text(path.read_text("utf-8").replace("A first scenario", "A | <b>first*"), encoding="utf-8")
    out = chainsim("run", "first", "--format", "markdown").out
    assert out.startswith("# A \\| \\<b\\>first\\*\n\nDelivered ")
    assert "| Level | Finding |" in out
    assert "## What each rule found" in out
    assert "`chainsim run first`" in out


def test_run_writes_what_each_rule_did(chainsim: Chainsim) -> None:
    chainsim("run", "first", "--quiet")
    results = pd.read_parquet("results/first/rule_results.parquet")
    assert list(results["rule"]) == [rule.id for rule in load_rules().rules]
    assert results["findings"].sum() == len(pd.read_parquet("results/first/findings.parquet"))
    manifest = json.loads(Path("results/first/manifest.json").read_text(encoding="utf-8"))
    assert set(load_rules().files) == set(manifest["rules"])


# --- the help, and the page about it


def subcommands() -> dict[str, click.Command]:
    group = commands("en").commands["rules"]
    assert isinstance(group, click.Group)
    return group.commands


@pytest.mark.parametrize("name", subcommands())
def test_every_option_has_help_and_is_documented_and_no_other(name: str) -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    match = re.search(rf"^## chainsim rules {name}\b(.*?)(?=^## |\Z)", page, re.M | re.S)
    assert match, f"docs/cli.md has no section on rules {name}"
    real = set()
    for parameter in subcommands()[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.help
            real.update(parameter.opts)
    assert set(re.findall(r"`(--[a-z][a-z-]*)", match[1])) == real


def test_help_in_chinese(chainsim: Chainsim) -> None:
    for name in subcommands():
        assert re.search(r"[\u4e00-\u9fff]", chainsim("rules", name, "--help", "--lang", "zh").out)
