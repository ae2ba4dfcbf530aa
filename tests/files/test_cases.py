"""Cases: a table of overrides is an overlay like any other."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from tests.files.conftest import SMALL
from tests.files.test_exporting import SCENARIOS

from chainsim import workflow
from chainsim.errors import InputError
from chainsim.files import input_forms, load_scenario, load_statements, split_case
from chainsim.model import Scenario
from chainsim.reports.input_workbook import input_workbook_bytes

CASES: dict[str, tuple[list[tuple[str, object]], str]] = {
    "assets": (
        [("pipelines.trunk.capacity", 3000.0), ("客户.works.期初库存.tarim", 5000.0), ("customers.north.archive.owner", "state")],
        """
pipelines: {trunk: {capacity: 3000}}
customers: {works: {opening: {tarim: 5000}}, north: {archive: {owner: state}}}
""",
    ),
    "routes": ([("railways.rail.routes.north.tariff", "100")], "railways: {rail: {routes: {north: {tariff: 100}}}}"),
    "removed": ([("customers.south", "null"), ("pipelines.trunk.contents", "删除")],
                "customers: {south: null}\npipelines: {trunk: {contents: null}}"),
    "rows": (
        [("plan.works.tarim.2008-02", 21_000.0), ("prices.tarim.2008-02-01", 5100), ("receipts.north.2008-02-05", "11000000"),
         ("production.field_a.2008-02-15", 2500.0)],
        """
plan: [{customer: works, grade: tarim, period: 2008-02, amount: 21000}]
prices: [{grade: tarim, from: 2008-02-01, price: 5100}]
receipts: [{customer: north, date: 2008-02-05, yuan: 11000000}]
production: [{supplier: field_a, from: 2008-02-15, rate: 2500}]
""",
    ),
    "new_outage": (
        [("disruptions.second.asset", "spur"), ("disruptions.second.from", "2008-03-01"), ("停输与限制.second.cause", "管道"),
         ("disruptions.second.to", "2008-03-03 12:00"), ("disruptions.second.remaining", 0.5)],
        "disruptions: [{name: second, asset: spur, from: 2008-03-01, to: 2008-03-03 12:00, remaining: 0.5, cause: pipeline}]",
    ),
    "scaled": (
        [("scale.plan.*.tarim.2008-02", "90%"), ("scale.prices", 1.1)],
        """
scale:
  - {table: plan, where: {grade: tarim}, from: 2008-02, to: 2008-03, factor: 90%}
  - {table: prices, factor: 1.1}
""",
    ),
    "settings": ([("seed", 11.0), ("end", "2008-03-21")], "seed: 11\nend: 2008-03-21"),
}  # fmt: skip


def with_cases(folder: Path, rows: list[tuple[str, str, object]]) -> Path:
    lines = "".join(f'{case},"{path}",{value}\n' for case, path, value in rows)
    folder.joinpath("cases.csv").write_text(f"case,path,value\n{lines}", encoding="utf-8")
    return folder


def case_of(folder: Path, case: str) -> Scenario:
    return load_scenario(Path(f"{folder}#{case}")).scenario


def bare(scenario: Scenario) -> Scenario:
    """Without what a case names itself."""
    return replace(scenario, name="", label=type(scenario.label)(), description="")


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_the_overlay_that_says_the_same(case: str, small: Path) -> None:
    rows, text = CASES[case]
    folder = with_cases(small, [(case, path, value) for path, value in rows])
    overlay = small.parent / "overlay.yaml"
    overlay.write_text(f"extends: small\n{text}", encoding="utf-8")
    assert bare(case_of(folder, case)) == bare(load_scenario(overlay).scenario)


def test_a_case_has_its_own_name_and_title(small: Path) -> None:
    folder = with_cases(small, [("dry", "seed", 1), ("高价", "prices.tarim.2008-01-01", 9000)])
    assert load_scenario(folder).cases == ("dry", "高价")
    assert load_scenario(folder).scenario.name == "small"
    dry = case_of(folder, "dry")
    assert (dry.name, dry.label.zh, dry.label.en) == ("small-dry", "小型管网：dry", "Small network: dry")
    assert dry.description == load_scenario(small).scenario.description


def test_what_a_case_does_not_mention_stays(small: Path) -> None:
    """An outage made longer, a draft order approved: the rest of the row is the scenario's."""
    folder = with_cases(
        small, [("late", "disruptions.trunk repair.to", "2008-02-20"), ("late", "orders.2008-02.状态", "approved")]
    )
    before, late = load_scenario(small).scenario, case_of(folder, "late")
    assert late.disruptions == (replace(before.disruptions[0], end=50.0),)
    assert [order.state for order in late.orders] == ["approved", "approved"]
    gone = with_cases(small, [("calm", "disruptions.trunk repair", "null"), ("calm", "orders.2008-02", "null")])
    assert (case_of(gone, "calm").disruptions, len(case_of(gone, "calm").orders)) == ((), 1)
    assert load_scenario(gone).scenario == before


def test_coarser_plan_lines_follow(small: Path) -> None:
    plan = "customer,grade,2008Q1,2008-01,2008-02,2008-03\nworks,tarim,71000,24000,22000,25000\n"
    small.joinpath("plan.csv").write_text(plan, encoding="utf-8")
    small.joinpath("orders.csv").unlink()
    line = "plan.works.tarim.2008"
    more = [("more", f"{line}-01", 25_000), ("more", f"{line}-03", 24_500)]
    with_cases(small, [*more, ("stated", f"{line}-01", 25_000), ("stated", f"{line}Q1", 72_000)])
    assert [line.tonnes for line in case_of(small, "more").plan] == [71_500.0, 25_000.0, 22_000.0, 24_500.0]
    assert [line.tonnes for line in case_of(small, "stated").plan] == [72_000.0, 25_000.0, 22_000.0, 25_000.0]


def test_one_actual_stock_changes_and_the_others_stay(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SCENARIOS / "mid-july", tmp_path / "mid-july"))
    shutil.copytree(SCENARIOS / "western", tmp_path / "western")
    rows = {("shanshan", "tarim"): 90_000.0, ("shanshan", "tuha"): 20_000.0}
    with_cases(folder, [("full", f"actual_stocks.{asset}.{grade}", tonnes) for (asset, grade), tonnes in rows.items()])
    before, after = (load_scenario(Path(f"{folder}{case}")).scenario.actual_stocks for case in ("", "#full"))
    there = {(s.asset, s.grade): s.tonnes for s in before if s.asset == "shanshan"}
    assert {(s.asset, s.grade): s.tonnes for s in after if s.asset == "shanshan"} == there | rows
    assert [s for s in after if s.asset != "shanshan"] == [s for s in before if s.asset != "shanshan"]


def test_a_wide_table_has_a_column_per_case(small: Path, tmp_path: Path) -> None:
    small.joinpath("cases.csv").write_text(
        "路径,备注,low,high\npipelines.trunk.capacity,t/d,3000,5000\nseed,,,9\n", encoding="utf-8"
    )
    assert load_scenario(small).cases == ("low", "high")
    assert case_of(small, "high").seed == 9
    assert case_of(small, "low").pipelines[0].capacity_t_per_day.values == (3000.0,)
    workbook = tmp_path / "x.xlsx"
    workbook.write_bytes(input_workbook_bytes(input_forms(load_statements(small), "en")))
    assert case_of(workbook, "high") == case_of(small, "high")


def test_cases_run_compare_and_extend(small: Path, tmp_path: Path) -> None:
    folder = with_cases(small, [("slow", "pipelines.trunk.capacity", 2500.0)])
    outcome = workflow.run(Path(f"{folder}#slow"))
    assert outcome.manifest["scenario_path"].endswith("small#slow")
    assert set(outcome.manifest["inputs"]) >= {"scenario.yaml", "cases.csv"}
    overlay = tmp_path / "top.yaml"
    overlay.write_text("extends: small#slow\nseed: 3\n", encoding="utf-8")
    assert load_scenario(overlay).scenario.pipelines == case_of(folder, "slow").pipelines
    assert load_scenario(overlay).cases == ("slow",)


def test_check_reads_every_case(small: Path) -> None:
    folder = with_cases(
        small, [("good", "seed", 1), ("bad", "pipelines.trunk.capacity", -1.0), ("worse", "pipes.x", 1)]
    )
    with pytest.raises(InputError) as caught:
        workflow.check(folder)
    assert [(p.code, p.line) for p in caught.value.problems] == [("negative", 3), ("case_path", 4)]
    assert workflow.run(folder).scenario.name == "small"


def test_a_file_with_the_sign_in_its_name_is_that_file(tmp_path: Path) -> None:
    odd = tmp_path / "odd#1.yaml"
    odd.write_text(yaml.safe_dump({"extends": str(SMALL)}), encoding="utf-8")
    assert split_case(odd) == (odd, "")
    assert load_scenario(odd).scenario.name == "odd#1"
    assert split_case(tmp_path / "west.xlsx#dry") == (tmp_path / "west.xlsx", "dry")
