"""Studies: changes by value, the same scenario as files give, mistakes as the command line tells them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import chainsim
from chainsim import InputError
from chainsim.files import load_scenario, render_problem

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"
HEAVY = ("pandas", "numpy", "yaml", "pydantic", "simpy", "duckdb", "pyarrow", "click", "chainsim.analysis")


def test_import_is_light() -> None:
    told = f"import sys, chainsim; print([m for m in {HEAVY!r} if m in sys.modules])"
    outcome = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == "[]"


def test_the_package_shows_what_it_offers() -> None:
    assert {"load", "starter", "experiment", "InputError"} <= set(dir(chainsim))
    assert all(getattr(chainsim, name) for name in chainsim.__all__)
    with pytest.raises(AttributeError, match="'lod'"):
        _ = chainsim.lod


@pytest.mark.parametrize("name", ["western", "trunk-outage.yaml"])
def test_loaded_is_what_the_command_line_loads(name: str) -> None:
    assert chainsim.load(SCENARIOS / name).scenario == load_scenario(SCENARIOS / name).scenario


def test_overlays_on_top_are_what_their_files_say(tmp_path: Path) -> None:
    chainsim.new(tmp_path / "first")
    overlay = tmp_path / "stop.yaml"
    overlay.write_text(
        "extends: first\nfarms: {depot: {safe_fill: 80000}}\n"
        "disruptions:\n  - {asset: branch, from: 2025-03-01, to: 2025-03-04, remaining: 0, cause: pipeline}\n",
        encoding="utf-8",
    )
    expected = load_scenario(overlay).scenario
    study = chainsim.load(tmp_path / "first")
    statements = {
        "farms": {"depot": {"safe_fill": np.int64(80000)}},
        "disruptions": [
            {"asset": "branch", "from": "2025-03-01", "to": "2025-03-04", "remaining": 0, "cause": "pipeline"}
        ],
    }
    for changed in (study.with_overlay(overlay), study.with_overlay(statements)):
        assert changed.scenario.disruptions == expected.disruptions
        assert changed.scenario.farms == expected.farms
    assert study.scenario == load_scenario(tmp_path / "first").scenario


def test_a_case_is_a_scenario_of_its_own(tmp_path: Path) -> None:
    chainsim.new(tmp_path / "first")
    (tmp_path / "first" / "cases.csv").write_text(
        "case,path,value\nwide,pipelines.trunk.capacity,20000\n", encoding="utf-8"
    )
    study = chainsim.load(f"{tmp_path / 'first'}#wide")
    assert study.scenario == load_scenario(Path(f"{tmp_path / 'first'}#wide")).scenario
    assert study.loaded.inputs == load_scenario(Path(f"{tmp_path / 'first'}#wide")).inputs
    (tmp_path / "stop.yaml").write_text("extends: first\nseed: 9\n", encoding="utf-8")
    assert study.with_overlay(tmp_path / "stop.yaml").scenario.seed == 9


def test_an_overlay_of_another_scenario_is_refused(study: chainsim.Study) -> None:
    with pytest.raises(InputError, match="extends a scenario that is not") as raised:
        study.with_overlay(SCENARIOS / "quake.yaml")
    assert [problem.path for problem in raised.value.problems] == ["extends"]


def test_changes_give_another_study(study: chainsim.Study) -> None:
    more = study.with_({"pipelines.trunk.capacity": np.float64(13000), "seed": 7}).scaled({"plan.hill_*": 1.1})
    assert study.changes == () and study.scenario.seed == 1
    assert more.scenario.seed == 7 and more.changes[2] == ("plan.hill_*", "× 1.1")
    assert more.name == "starter: pipelines.trunk.capacity = 13000.0; seed = 7; plan…"
    assert more.named("more").name == "more"
    planned = [sum(line.tonnes for line in s.scenario.plan if line.customer == "hill_refinery") for s in (study, more)]
    assert planned[1] == pytest.approx(1.1 * planned[0])


def test_what_is_stated_later_holds(study: chainsim.Study) -> None:
    path = "pipelines.trunk.capacity"
    again = study.with_({path: 13000}).with_({path: 14000}).with_overlay({"pipelines": {"trunk": {"capacity": 15000}}})
    assert again.with_({path: 12500}).scenario == study.with_({path: 12500}).scenario
    assert again.scenario == study.with_({path: 15000}).scenario


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_mistakes_at_once_as_the_command_line_tells_them(lang: str) -> None:
    study = chainsim.starter(lang=lang)
    with pytest.raises(InputError) as raised:
        study.with_({"pipelines.trnk.capacity": 1, "customers.city_refinery.safe_fill": "many", "seed": "x"})
    problems = raised.value.problems
    assert {p.path for p in problems} == {"pipelines.trnk.capacity", "seed", "customers.city_refinery.safe_fill"}
    assert problems[0].nearest == "trunk" and problems[0].place == "with_"
    told = "\n".join(render_problem(problem, lang) for problem in problems)
    assert str(raised.value) == told
    assert raised.value._render_traceback_() == f"InputError: {told}".splitlines()
    assert ("是否想写" in told) == (lang == "zh")


def test_what_is_no_study_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有这个文件或文件夹") as raised:
        chainsim.load(tmp_path / "nothing", lang="zh")
    assert raised.value.lang == "zh"
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "bad.yaml").write_text("rules:\n  - id: x\n", encoding="utf-8")
    with pytest.raises(InputError):
        chainsim.load(SCENARIOS / "western", rules=rules)
    chainsim.new(tmp_path / "first")
    with pytest.raises(InputError, match="exists"):
        chainsim.new(tmp_path / "first")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_study_is_shown_escaped_and_short(lang: str) -> None:
    title = "<script>alert(1)</script> & 油"
    study = chainsim.starter(lang=lang).with_({"title": {"en": title, "zh": title}, "seed": 3})
    shown = study._repr_html_()
    assert "<script" not in shown and "&lt;script&gt;" in shown and "seed = 3" in shown
    assert len(shown) < 1500
    assert f'lang="{"zh-CN" if lang == "zh" else "en"}"' in shown
    assert ("客户 2 家" in shown) == (lang == "zh")
