"""The command line as a planner and as a script meet it: what is printed where, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.cli.conftest import Chainsim, Outcome

from chainsim import __version__
from chainsim.errors import FlowCycleError


def test_run_says_who_falls_short_and_writes_the_tables(chainsim: Chainsim) -> None:
    outcome = chainsim("run", "first")
    assert outcome.code == 0
    assert outcome.err == "" or "…" in outcome.err
    for words in (
        "A first scenario",
        "completion",
        "Hill refinery",
        "customer's cash",
        "City depot",
        "tables: results/first",
    ):
        assert words in outcome.out
    assert "reproduce with: chainsim run first\n" in outcome.out
    assert f"seed 1 · chainsim {__version__}" in outcome.out
    written = {path.name for path in Path("results/first").iterdir()}
    assert {"completion.csv", "completion.parquet", "findings.csv", "manifest.json"} <= written


def test_run_in_chinese(chainsim: Chainsim) -> None:
    outcome = chainsim("run", "first", "--lang", "zh")
    for words in ("入门情景", "完成率", "山区炼厂", "客户资金", "城郊油库", "重现命令：chainsim run first"):
        assert words in outcome.out


def test_language_follows_the_environment(chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "未发现问题" in chainsim("check", "first").out
    assert "no problem found" in chainsim("check", "first", "--lang", "en").out
    assert "检查情景与规则" in chainsim("check", "--help").out


def test_equal_runs_leave_equal_bytes(chainsim: Chainsim) -> None:
    first = chainsim("run", "first", "--out", "a", "--xlsx", "a.xlsx")
    second = chainsim("run", "first", "--out", "b", "--xlsx", "b.xlsx")
    assert re.sub(r"\ba(?=\.xlsx|/findings|$)", "b", first.out, flags=re.M) == second.out
    assert Path("a.xlsx").read_bytes() == Path("b.xlsx").read_bytes()
    names = sorted(path.name for path in Path("a").iterdir())
    assert names == sorted(path.name for path in Path("b").iterdir())
    for name in names:
        assert (Path("a") / name).read_bytes() == (Path("b") / name).read_bytes(), name


def test_the_reproduction_line_reproduces(chainsim: Chainsim) -> None:
    first = chainsim("run", "first", "--seed", "7", "--out", "a")
    command = re.search(r"^reproduce with: chainsim (.*)$", first.out, re.M)
    assert command
    assert command[1] == "run first --seed 7"
    chainsim(*command[1].split(), "--out", "b")
    assert Path("a/manifest.json").read_bytes() == Path("b/manifest.json").read_bytes()


def test_json_is_one_object_on_stdout(chainsim: Chainsim) -> None:
    outcome = chainsim("run", "first", "--json")
    data = json.loads(outcome.out)
    assert data["manifest"]["scenario"] == "first"
    assert 0.5 < data["kpis"]["completion"]["value"] <= 1
    assert {row["customer"] for row in data["customer_months"]} == {"city_refinery", "hill_refinery"}
    short = sum(row["shortfall_t"] for row in data["shortfalls"])
    assert short == pytest.approx(data["kpis"]["shortfall"]["value"])
    assert data["findings"][0]["since"].startswith("2025-")
    assert data["outputs"]["folder"] == "results/first"


def test_github_annotations(chainsim: Chainsim) -> None:
    lines = chainsim("run", "first", "--format", "github").out.splitlines()
    assert lines
    for line in lines:
        assert re.fullmatch(r"::(notice|warning|error) file=[^,]+\.yaml,line=\d+,title=\w+::.+", line)


def test_junit_fails_what_is_at_or_above_the_floor(chainsim: Chainsim) -> None:
    outcome = chainsim("run", "first", "--format", "junit", "--fail-on", "error")
    suite = ElementTree.fromstring(outcome.out)  # noqa: S314 - our own output
    errors = [case for case in suite if case.find("failure") is not None]
    assert int(suite.attrib["failures"]) == len(errors) > 0
    assert int(suite.attrib["tests"]) == len(suite) > len(errors)
    assert all(case.find("failure").attrib["type"] == "error" for case in errors)  # type: ignore[union-attr]


def test_quiet_has_findings_but_no_tables(chainsim: Chainsim) -> None:
    outcome = chainsim("run", "first", "--quiet")
    assert "Findings" in outcome.out
    assert "Shortfall by cause" not in outcome.out
    assert outcome.err == ""


# --- exit codes


@pytest.mark.parametrize(("floor", "code"), [("never", 0), ("error", 1), ("warning", 1), ("info", 1)])
def test_fail_on(chainsim: Chainsim, floor: str, code: int) -> None:
    assert chainsim("run", "first", "--fail-on", floor, "--quiet").code == code


def test_fail_on_without_findings(chainsim: Chainsim) -> None:
    calm = Path("rules/calm.yaml")
    calm.parent.mkdir()
    calm.write_text(
        "rules:\n  - {id: never, table: customer_months, when: completion > 900%, severity: error,\n"
        '     message: {en: "x", zh: "无"}}\n',
        encoding="utf-8",
    )
    outcome = chainsim("run", "first", "--rules", "rules", "--fail-on", "info")
    assert outcome.code == 0
    assert "No rule fired." in outcome.out
    assert "--rules rules" in outcome.out


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "nowhere"],
        ["run", "first", "--seed", "x"],
        ["run", "first", "--seed", "-1"],
        ["run", "first", "--as-of", "tomorrow"],
        ["run", "first", "--format", "pdf"],
        ["run", "first", "--fail-on", "always"],
        ["run", "first", "--lang", "fr"],
        ["run", "first", "--no-such-option"],
        ["compare"],
        ["fly"],
    ],
)
def test_usage_errors(chainsim: Chainsim, words: list[str]) -> None:
    outcome = chainsim(*words)
    assert outcome.code == 2
    assert outcome.out == ""
    assert "Error" in outcome.err
    assert not Path("results").exists()


def test_all_problems_of_scenario_and_rules_at_once_and_nothing_written(chainsim: Chainsim) -> None:
    path = Path("first/scenario.yaml")
    text = (
        path.read_text(encoding="utf-8")
        .replace("grade: light", "grade: lihgt")
        .replace("capacity: 12000", "capacity: -1")
    )
    path.write_text(text, encoding="utf-8")
    Path("rules").mkdir()
    Path("rules/r.yaml").write_text(
        "rules:\n  - {id: a, table: completion, when: completoin < 1, severity: error, message: {en: x, zh: x}}\n",
        encoding="utf-8",
    )
    outcome = chainsim("run", "first", "--rules", "rules", "--xlsx", "x.xlsx")
    assert outcome.code == 2
    assert outcome.out == ""
    for words in ("lihgt", "light", "trunk", "completoin", "did you mean completion?", "nothing was run or written"):
        assert words in outcome.err
    assert re.search(r"r\.yaml:2:38: .*\n", outcome.err)
    assert "\n    " + " " * 37 + "^\n" in outcome.err, "a caret below the place"
    assert not Path("results").exists()
    assert not Path("x.xlsx").exists()


def test_as_of_without_actuals_is_an_input_problem(chainsim: Chainsim) -> None:
    outcome = chainsim("run", "first", "--as-of", "2025-02-01")
    assert outcome.code == 2
    assert "actual_stocks" in outcome.err


def test_no_feasible_answer(chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(scenario: object) -> None:
        raise FlowCycleError(3.5, ["a", "b", "a"])

    monkeypatch.setattr("chainsim.simulation.simulate", stuck)
    outcome = chainsim("run", "first")
    assert outcome.code == 3
    assert "a → b → a" in outcome.err


def test_own_mistake_is_told_shortly_and_fully_with_debug(chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(scenario: object) -> None:
        raise AssertionError("conservation")

    monkeypatch.setattr("chainsim.simulation.simulate", broken)
    short = chainsim("run", "first")
    assert short.code == 4
    assert "chainsim itself failed: AssertionError: conservation" in short.err
    assert "Traceback" not in short.err
    full = chainsim("run", "first", "--debug")
    assert full.code == 4
    assert "Traceback" in full.err
    assert not Path("results").exists()


def test_interrupted(chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(scenario: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chainsim.simulation.simulate", interrupted)
    outcome = chainsim("run", "first")
    assert outcome.code == 130
    assert not Path("results").exists()


def test_results_do_not_replace_a_folder_of_something_else(chainsim: Chainsim) -> None:
    outcome = chainsim("run", "first", "--out", "first")
    assert outcome.code == 2
    assert Path("first/scenario.yaml").exists()


def test_a_foreign_folder_is_refused_before_the_run(chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(scenario: object) -> None:
        raise AssertionError("must not be reached")

    monkeypatch.setattr("chainsim.simulation.simulate", never)
    outcome = chainsim("run", "first", "--out", "first")
    assert outcome.code == 2
    assert outcome.err.splitlines()[0] == "first: this folder is not empty and holds no chainsim results"


def test_a_workbook_that_cannot_be_written_leaves_no_tables_either(chainsim: Chainsim) -> None:
    Path("file").write_text("in the way")
    outcome = chainsim("run", "first", "--xlsx", "file/x.xlsx")
    assert outcome.code == 2
    assert "file/x.xlsx: cannot be written" in outcome.err
    assert not Path("results").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_to_a_full_disk(chainsim: Chainsim) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "chainsim", "run", "first", "--quiet"]
        outcome = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert outcome.returncode == 2
    assert outcome.stderr.startswith("cannot print the results: ")


def test_a_terminal_that_cannot_show_chinese_is_no_mistake(chainsim: Chainsim) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-m", "chainsim", "run", "first", "--lang", "zh", "--quiet"]
    outcome = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert outcome.returncode == 0
    command[-1:] = ["--format", "junit"]
    outcome = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert "山区炼厂" in outcome.stdout.decode("utf-8"), "what programs read is UTF-8"


def test_github_names_the_rule_file_from_here(chainsim: Chainsim) -> None:
    mine = Path("mine/rules.yaml")
    mine.parent.mkdir()
    mine.write_text(
        "rules:\n  - {id: any, table: customer_months, when: plan_t >= 0, severity: info,\n"
        '     message: {en: "x", zh: "有"}}\n',
        encoding="utf-8",
    )
    outcome = chainsim("run", "first", "--rules", str(mine.parent.resolve()), "--format", "github")
    assert outcome.out.startswith("::notice file=mine/rules.yaml,line=2,title=any::x")


def test_results_do_not_tell_where_the_rules_lay(chainsim: Chainsim) -> None:
    chainsim("run", "first", "--quiet")
    sources = {
        line.rsplit(",", 1)[-1] for line in Path("results/first/findings.csv").read_text("utf-8").splitlines()[1:]
    }
    assert sources
    assert all(re.fullmatch(r'"\w+\.yaml:\d+"', source) for source in sources), sources


def test_another_as_of_date_than_the_stocks_is_warned_of(chainsim: Chainsim) -> None:
    holders = ("head_station", "depot", "city_refinery", "hill_refinery")
    rows = "".join(f"  - {{asset: {h}, grade: {g}, amount: 5000}}\n" for h in holders for g in ("light", "heavy"))
    Path("now.yaml").write_text(f"extends: first\nas_of: 2025-02-01\nactual_stocks:\n{rows}", encoding="utf-8")
    assert chainsim("run", "now.yaml", "--quiet").err == ""
    outcome = chainsim("run", "now.yaml", "--as-of", "2025-03-01", "--quiet")
    assert "are those of 2025-02-01, and are taken as the stocks of 2025-03-01" in outcome.err


@pytest.mark.parametrize(("columns", "blocks"), [("80", 2), ("140", 1)])
def test_the_heat_map_fits_the_width(
    chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch, columns: str, blocks: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    Path("year.yaml").write_text("extends: first\nend: 2026-01-01\n", encoding="utf-8")
    out = chainsim("run", "year.yaml").out
    assert len(re.findall(r"^Customer .*\d\d-\d\d", out, re.M)) == blocks
    assert "…" not in re.search(r"Completion by customer.*?green", out, re.S)[0]  # type: ignore[index]


# --- the other commands


def test_check(chainsim: Chainsim) -> None:
    outcome = chainsim("check", "first")
    assert outcome == Outcome(0, outcome.out, "")
    assert outcome.out.startswith("first: no problem found (2 customers, 7 assets")
    assert not Path("results").exists()


def test_compare_shows_what_a_change_does(chainsim: Chainsim) -> None:
    Path("poor.yaml").write_text(
        "extends: first\nscenario: poor\ncustomers:\n  hill_refinery: {income_per_day: 2000000}\n", encoding="utf-8"
    )
    outcome = chainsim("compare", "first", "poor.yaml")
    assert outcome.code == 0
    row = re.search(r"^ *Hill refinery +([\d.]+)% +([\d.]+)%", outcome.out, re.M)
    assert row
    assert float(row[2]) < float(row[1]) - 10
    data = json.loads(chainsim("compare", "first", "poor.yaml", "--json").out)
    assert [r["manifest"]["scenario"] for r in data["runs"]] == ["first", "poor"]


def test_compare_reads_all_inputs_first(chainsim: Chainsim) -> None:
    for name in ("a", "b"):
        Path(f"{name}.yaml").write_text(f"extends: first\nscenario: {name}\nsede: 1\n", encoding="utf-8")
    outcome = chainsim("compare", "first", "a.yaml", "b.yaml")
    assert outcome.code == 2
    assert "a.yaml:3" in outcome.err
    assert "b.yaml:3" in outcome.err


def test_new_does_not_write_over_anything(chainsim: Chainsim) -> None:
    outcome = chainsim("new", "first")
    assert outcome.code == 2
    assert "exists already" in outcome.err
    assert chainsim("new", "deep/er/second").code == 0
    assert chainsim("check", "deep/er/second").code == 0


def test_schema_is_a_json_schema(chainsim: Chainsim) -> None:
    schema = json.loads(chainsim("schema").out)
    assert schema["$schema"].startswith("https://json-schema.org")
    assert "customers" in json.dumps(schema)


def test_version(chainsim: Chainsim) -> None:
    assert chainsim("--version").out == f"chainsim, version {__version__}\n"


def test_a_reader_that_goes_away_is_no_mistake(chainsim: Chainsim) -> None:
    command = f"{sys.executable} -m chainsim run first --json | head -n 1"
    outcome = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    assert outcome.stdout == "{\n"
    assert "Traceback" not in outcome.stderr
    assert "failed" not in outcome.stderr


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from chainsim.cli import _exit_code\n"
        "_exit_code(['--help'])\n"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'rich', 'yaml', 'pydantic', 'simpy', 'networkx', 'xlsxwriter'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert outcome.stdout.splitlines()[-1] == "[]"
