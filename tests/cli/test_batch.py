"""``chainsim batch``: what is run, what is judged, what is written, and what a mistake costs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from tests.cli.conftest import Chainsim

from chainsim import workflow, workflow_batch
from chainsim.cli.batch_machine import batch_json, batch_junit, batch_markdown
from chainsim.cli.markdown import comparison_markdown
from chainsim.errors import FlowCycleError, InputError
from chainsim.files.discovery import scenarios_in
from chainsim.workflow_batch import Batch, batch, save_baseline
from chainsim.workflow_compare import compare

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"
POOR = "extends: first\nscenario: poor\ncustomers:\n  hill_refinery: {{income_per_day: {income}}}\n"
CUT = (
    "extends: first\nscenario: cut\ndisruptions:\n"
    "  - {name: burst, asset: branch, from: 2025-02-01, to: 2025-02-25, remaining: 0, cause: pipeline}\n"
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``scenarios`` as of now (first, poor, cut), ``baseline`` as of earlier (first, poor with more money, old)."""
    top = tmp_path_factory.mktemp("batch")
    folder = top / "scenarios"
    workflow.new(folder / "first")
    (folder / "poor.yaml").write_text(POOR.format(income=4000000), encoding="utf-8")
    (folder / "old.yaml").write_text("extends: first\nscenario: old\n", encoding="utf-8")
    save_baseline(batch([folder], workers=1), top / "baseline")
    (folder / "old.yaml").unlink()
    (folder / "poor.yaml").write_text(POOR.format(income=2000000), encoding="utf-8")
    (folder / "cut.yaml").write_text(CUT, encoding="utf-8")
    (folder / "experiments").mkdir()
    (folder / "experiments" / "length.yaml").write_text(
        "experiment: x\nbase: ../first\ndesign: grid\n", encoding="utf-8"
    )
    (folder / "notes.yaml").write_text("remember: milk\n", encoding="utf-8")
    return top


@pytest.fixture
def here(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shelf to work in."""
    shutil.copytree(shelf, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def outcome(shelf: Path) -> Iterator[Batch]:
    before = Path.cwd()
    os.chdir(shelf)
    try:
        yield batch([Path("scenarios")], baseline=Path("baseline"), workers=1)
    finally:
        os.chdir(before)


def told(content: str, name: str) -> None:
    """Compare with a golden file."""
    path = GOLDEN / name
    if os.environ.get("CHAINSIM_REGENERATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert content == path.read_text(encoding="utf-8")


# --- what is run


def test_scenarios_are_found_and_nothing_else(here: Path) -> None:
    found = scenarios_in([Path("scenarios"), Path("scenarios/first"), Path("scenarios/notes.yaml")])
    assert [path.as_posix() for path in found.scenarios] == [
        "scenarios/cut.yaml", "scenarios/first", "scenarios/poor.yaml", "scenarios/notes.yaml",
    ]  # fmt: skip
    assert found.passed_over == ()
    assert [p.name for p in scenarios_in([Path("scenarios")]).passed_over] == ["notes.yaml"]


def test_a_file_that_cannot_be_read_counts_as_a_scenario(here: Path) -> None:
    Path("scenarios/broken.yaml").write_text("extends: [\n", encoding="utf-8")
    assert Path("scenarios/broken.yaml") in scenarios_in([Path("scenarios")]).scenarios


def test_the_shipped_scenarios_are_all_found() -> None:
    found = scenarios_in([ROOT / "scenarios"])
    assert {"western", "crisis.yaml", "mid-july"} <= {path.name for path in found.scenarios}
    assert found.passed_over == ()


# --- what it says


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_summary(outcome: Batch, lang: str) -> None:
    told(batch_markdown(outcome, lang, "error"), f"batch.{lang}.md")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_comparison(shelf: Path, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shelf)
    comparison = compare([Path("baseline/poor"), Path("baseline/first")])
    told(comparison_markdown(comparison, lang), f"comparison.{lang}.md")


def test_a_regression_says_what_changed_and_why(outcome: Batch) -> None:
    poor = next(item for item in outcome.items if item.name == "poor")
    assert poor.judged is not None
    measures = [found.measure for found in poor.judged.regressions]
    assert set(measures) == {"completion_points", "curtailed_t", "days_full", "new_warnings"}
    hill = next(found for found in poor.judged.regressions if found.subject == "hill_refinery")
    part = hill.parts[0]
    assert (part.cause, part.asset) == ("customer_cash", "hill_refinery")
    assert part.change_t == pytest.approx(48_047, abs=1)
    assert hill.after < hill.before
    assert poor.judged.difference.inputs["path"].tolist() == ["customers.hill_refinery.income_yuan_per_day"]


def test_an_unchanged_scenario_is_no_regression(outcome: Batch) -> None:
    first = next(item for item in outcome.items if item.name == "first")
    assert first.judged is not None
    assert first.judged.regressions == ()
    assert [len(table) for table in first.judged.difference.tables.values()] == [0, 0, 0]
    assert outcome.new == ("cut",)
    assert outcome.gone == ("old",)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_junit_has_a_case_for_each_scenario_and_rule(outcome: Batch, lang: str) -> None:
    root = ElementTree.fromstring(batch_junit(outcome, lang, "error"))  # noqa: S314 - our own output
    suites = {suite.attrib["name"]: suite for suite in root}
    assert list(suites) == ["cut", "first", "poor", "baseline"]
    for item in outcome.items:
        assert item.rule_results is not None and item.findings is not None
        cases = {(case.attrib["classname"], case.attrib["name"]): case for case in suites[item.name]}
        assert len(cases) == len(suites[item.name])
        for rule in item.rule_results["rule"]:
            mine = item.findings[item.findings["rule"] == rule]
            failure = cases[item.name, rule].find("failure")
            assert (failure is not None) == bool((mine["severity"] == "error").any())
            if failure is not None:
                assert all(message in (failure.text or "") for message in mine[f"message_{lang}"])
    worse = next(c for c in suites["poor"] if c.attrib["name"] == "completion_points").find("failure")
    assert worse is not None
    assert ("lost to customer's cash" if lang == "en" else "客户资金欠量") in worse.attrib["message"] + (
        worse.text or ""
    )
    assert suites["cut"][-1].attrib == {"classname": "cut.baseline", "name": "new"}


def test_json_and_github(chainsim: Chainsim, here: Path) -> None:
    ran = chainsim("batch", "scenarios", "--baseline", "baseline", "--format", "github", "--workers", "1", "--quiet")
    lines = ran.out.splitlines()
    assert all(re.fullmatch(r"::(error|warning|notice) file=[^,]+,line=\d+,title=\w+::.+", line) for line in lines)
    assert lines[0].startswith(
        "::error file=scenarios/poor.yaml,line=1,title=poor::the whole network: completion 95.6%25"
    )
    assert ran.code == 1
    assert "notes.yaml: not a scenario, passed over" in ran.err
    data = json.loads(batch_json(batch([Path("scenarios")], baseline=Path("baseline"), workers=1)))
    assert [one["name"] for one in data["scenarios"]] == ["cut", "first", "poor"]
    assert data["gone"] == ["old"]
    poor = data["scenarios"][2]
    assert poor["regressions"][0]["parts"][0]["cause"] == "customer_cash"
    assert "customer's cash" in poor["regressions"][0]["why"]["en"]


# --- what it depends on


def test_the_number_of_workers_changes_no_byte(chainsim: Chainsim, here: Path) -> None:
    written: list[dict[str, bytes]] = []
    for workers in ("1", "2"):
        ran = chainsim(
            "batch", "scenarios", "--baseline", "baseline", "--workers", workers, "--out", "out", "--junit", "j.xml",
            "--summary", "s.md", "--save-baseline", "again", "--fail-on", "error", "--format", "json", "--quiet",
        )  # fmt: skip
        assert ran.code == 1
        files = {
            p.as_posix(): p.read_bytes()
            for top in ("out", "again")
            for p in sorted(Path(top).rglob("*"))
            if p.is_file()
        }
        written.append(
            {**files, "j.xml": Path("j.xml").read_bytes(), "s.md": Path("s.md").read_bytes(), "-": ran.out.encode()}
        )
        shutil.rmtree("out")
        shutil.rmtree("again")
    assert written[0] == written[1]
    assert "out/poor/completion.csv" in written[0]
    assert "again/poor/shortfalls.parquet" in written[0]


def test_a_saved_baseline_is_met_by_the_same_scenarios(chainsim: Chainsim, here: Path) -> None:
    Path("baseline/tolerances.yaml").write_text("days_full: 2\n", encoding="utf-8")
    saved = chainsim("batch", "scenarios", "--save-baseline", "baseline", "--workers", "1", "--quiet")
    assert saved.code == 0
    assert Path("baseline/tolerances.yaml").exists()
    assert not Path("baseline/old").exists()
    again = chainsim("batch", "scenarios", "--baseline", "baseline", "--workers", "1", "--quiet")
    assert again.code == 0
    assert "worse" not in again.out
    assert "not in the baseline" not in again.out


def test_a_baseline_may_be_the_results_of_an_earlier_batch(chainsim: Chainsim, here: Path) -> None:
    chainsim("batch", "scenarios/first", "--out", "results", "--workers", "1", "--quiet")
    assert chainsim("batch", "scenarios/first", "--baseline", "results", "--workers", "1", "--quiet").code == 0


def test_tolerances_decide(chainsim: Chainsim, here: Path) -> None:
    lax = (
        "scenarios:\n  poor: {completion_points: 50, curtailed_t: 1e6, days_full: 60, new_errors: 9, new_warnings: 9}\n"
    )
    Path("lax.yaml").write_text(lax, encoding="utf-8")
    words = ("batch", "scenarios", "--baseline", "baseline", "--workers", "1", "--quiet")
    assert chainsim(*words).code == 1
    assert chainsim(*words, "--tolerances", "lax.yaml").code == 0
    Path("baseline/tolerances.yaml").write_text(lax.replace("9}", "0}"), encoding="utf-8")
    ran = chainsim(*words, "--lang", "zh")
    assert ran.code == 1
    assert "新增警告 2 条（允许 0）" in ran.out
    assert "百分点，允许" not in ran.out


# --- mistakes


def test_all_mistakes_of_all_inputs_are_told_before_anything_runs(chainsim: Chainsim, here: Path) -> None:
    Path("scenarios/bad.yaml").write_text("extends: first\ncustmers: {}\n", encoding="utf-8")
    Path("scenarios/worse.yaml").write_text("extends: frist\n", encoding="utf-8")
    Path("scenarios/twin.yaml").write_text("extends: first\nscenario: poor\n", encoding="utf-8")
    Path("rules").mkdir()
    Path("rules/x.yaml").write_text("rules:\n  - {id: x, table: nothing, when: a > 1}\n", encoding="utf-8")
    Path("t.yaml").write_text(
        "completion_point: 1\ndays_full: -1\nscenarios: {pore: {curtailed_t: much}}\n", encoding="utf-8"
    )
    ran = chainsim(
        "batch", "scenarios", "--baseline", "baseline", "--rules", "rules", "--tolerances", "t.yaml", "--out", "out",
        "--junit", "j.xml",
    )  # fmt: skip
    assert ran.code == 2
    assert not Path("out").exists() and not Path("j.xml").exists()
    for words in (
        "did you mean customers?", "scenarios/worse.yaml:1:10: extends", "'poor' is also the name of scenarios/poor.yaml",
        "rules/x.yaml", "did you mean completion_points?", "a tolerance is not negative", "did you mean poor?",
    ):  # fmt: skip
        assert words in ran.err, ran.err
    assert "nothing was run or written" in ran.err


def test_keep_going_runs_what_can_be_read(chainsim: Chainsim, here: Path) -> None:
    Path("scenarios/bad.yaml").write_text("extends: first\ncustmers: {}\n", encoding="utf-8")
    ran = chainsim(
        "batch", "scenarios", "--keep-going", "--junit", "j.xml", "--save-baseline", "b", "--workers", "1", "--quiet"
    )
    assert ran.code == 2
    assert not Path("b").exists()
    assert "the baseline was not saved: 1 scenario(s) failed" in ran.err
    root = ElementTree.parse("j.xml").getroot()  # noqa: S314 - our own output
    error = root.find(".//testcase[@classname='bad']/error")
    assert error is not None and "did you mean customers?" in (error.text or "")
    assert root.find(".//testsuite[@name='first']") is not None


@pytest.mark.parametrize(("words", "said"), [
    (["nowhere"], "no such file"),
    (["empty"], "holds no scenario"),
    (["scenarios", "--baseline", "nowhere"], "does not exist"),
    (["scenarios", "--baseline", "empty"], "holds no result tables"),
    (["scenarios", "--save-baseline", "scenarios"], "holds no chainsim results"),
    (["scenarios", "--tolerances", "nowhere.yaml"], "cannot be read"),
    (["scenarios", "--workers", "0"], "workers"),
])  # fmt: skip
def test_wrong_input(chainsim: Chainsim, here: Path, words: list[str], said: str) -> None:
    Path("empty").mkdir()
    ran = chainsim("batch", *words)
    assert ran.code == 2
    assert said in ran.err
    assert ran.out == ""


def test_a_baseline_of_other_tables_is_told(chainsim: Chainsim, here: Path) -> None:
    Path("baseline/poor/asset_figures.parquet").unlink()
    ran = chainsim("batch", "scenarios", "--baseline", "baseline", "--quiet")
    assert ran.code == 2
    assert "baseline/poor/asset_figures.parquet: this table of the run is not there" in ran.err


def test_a_baseline_of_another_version_is_told_and_compared(chainsim: Chainsim, here: Path) -> None:
    manifest = Path("baseline/poor/manifest.json")
    manifest.write_text(
        re.sub(r'"chainsim": "[^"]+"', '"chainsim": "0.0.1"', manifest.read_text("utf-8")), encoding="utf-8"
    )
    ran = chainsim("batch", "scenarios/poor.yaml", "--baseline", "baseline", "--workers", "1", "--quiet")
    assert ran.code == 1
    assert "poor: made by chainsim" in ran.out
    assert "old: in the baseline, and no longer among the scenarios" in ran.out


# --- scenarios that fail


def test_one_that_fails_does_not_stop_the_rest(here: Path, monkeypatch: pytest.MonkeyPatch, chainsim: Chainsim) -> None:
    real = workflow_batch.run_loaded

    def run_loaded(place: Path, *rest: Any) -> workflow.Run:
        if place.stem == "cut":
            raise FlowCycleError(3.0, ["a", "b"])
        if place.stem == "poor":
            raise ValueError("our mistake")
        return real(place, *rest)

    monkeypatch.setattr(workflow_batch, "run_loaded", run_loaded)
    ran = chainsim("batch", "scenarios", "--workers", "1", "--junit", "j.xml", "--quiet")
    assert ran.code == 4
    assert "on day 3 the flows through a → b have no stable solution" in " ".join(ran.out.split())
    assert re.search(r"first +ok +98\.5%", ran.out)
    errors = ElementTree.parse("j.xml").getroot().findall(".//error")  # noqa: S314 - our own output
    assert ["a → b" in (e.text or "") for e in errors] == [True, False]
    assert "ValueError: our mistake" in (errors[1].text or "")
    assert chainsim("batch", "scenarios/cut.yaml", "--workers", "1", "--quiet").code == 3


class _Deadly:
    """A scenario that ends the process which opens it."""

    scenario = SimpleNamespace(name="deadly", label=SimpleNamespace(text=lambda lang, name: name))

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


def test_one_that_kills_its_process_is_named(shelf: Path) -> None:
    from chainsim.files import load_scenario
    from chainsim.rules.regressions import Tolerances

    place = shelf / "scenarios" / "first"
    good = workflow_batch._Task(place, load_scenario(place), None, None, None, Tolerances())
    deadly = workflow_batch._Task(place, _Deadly(), None, None, None, Tolerances())  # type: ignore[arg-type]
    heard: list[int] = []
    items = workflow_batch._run_all([good, deadly, good], 2, lambda done, of: heard.append(done))
    assert [item.failure is None for item in items] == [True, False, True]
    assert items[1].failure is not None and "ended abruptly" in items[1].failure.said[0]
    assert heard == [1, 2, 3]


# --- the workflow in the docs


def steps() -> list[dict[str, Any]]:
    """The steps of the workflow in docs/batch.md."""
    page = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    block = re.search(r"```yaml[^\n]*\n(name: chainsim\n.*?)```", page, re.S)
    assert block
    job: dict[str, Any] = yaml.safe_load(block[1])["jobs"]["scenarios"]
    return list(job["steps"])


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run as GitHub runs a step."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src"), "GITHUB_STEP_SUMMARY": str(folder / "step.md")}
    return subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def checkout(shelf: Path, tmp_path: Path) -> Path:
    """What a repository holds: scenarios, rules of its own, a baseline."""
    shutil.copytree(shelf / "scenarios" / "first", tmp_path / "scenarios" / "first")
    (tmp_path / "rules").mkdir()
    rule = (
        "rules:\n  - {id: hungry, table: customer_months, when: completion < 50%, severity: error,\n"
        '     message: {en: "{customer} starves", zh: "{customer}断供"}}\n'
    )
    (tmp_path / "rules" / "own.yaml").write_text(rule, encoding="utf-8")
    page = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    saved = shell(re.findall(r"```sh\n(.*?)```", page, re.S)[-1], tmp_path)
    assert saved.returncode == 0, saved.stderr
    return tmp_path


def test_the_workflow_runs(checkout: Path) -> None:
    ran = [shell(step["run"], checkout) for step in steps() if "run" in step and step["name"] != "Install chainsim"]
    assert len(ran) == 3
    assert [one.returncode for one in ran] == [0, 0, 0], ran
    assert "| first | ok |" in (checkout / "step.md").read_text(encoding="utf-8")
    (artifacts,) = [step["with"]["path"].split() for step in steps() if "upload-artifact" in step.get("uses", "")]
    assert all((checkout / name).exists() for name in artifacts)


def test_the_shell_of_any_ci_ends_as_the_batch_does(checkout: Path) -> None:
    page = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    script = next(block for block in re.findall(r"```sh[^\n]*\n(.*?)```", page, re.S) if block.startswith("#!/bin/sh"))
    (checkout / "ci.sh").write_text(script, encoding="utf-8")
    assert shell("sh ci.sh", checkout).returncode == 0
    (checkout / "scenarios" / "cut.yaml").write_text(CUT, encoding="utf-8")
    ran = shell("sh ci.sh", checkout)
    assert ran.returncode == 1
    assert "chainsim ended with 1" in ran.stdout
    assert "City refinery starves" in (checkout / "chainsim.md").read_text(encoding="utf-8")


def test_the_tolerances_in_the_docs_are_the_defaults(tmp_path: Path) -> None:
    from chainsim.files.tolerances import read_tolerances
    from chainsim.rules.regressions import Tolerances

    page = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    block = re.search(r"```yaml\n(completion_points.*?)```", page, re.S)
    assert block
    (tmp_path / "t.yaml").write_text(block[1], encoding="utf-8")
    read = read_tolerances(tmp_path / "t.yaml")
    assert read.common == Tolerances()
    assert read.of("crisis") == Tolerances(completion_points=2.0, new_warnings=3.0)
    with pytest.raises(InputError):
        read_tolerances(tmp_path / "t.yaml", ("western",))
