"""Runs, comparisons and orders: the frames as declared, causes that add up, files as the command line writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import chainsim
from chainsim import InputError, workflow, workflow_orders, workflow_report
from chainsim.analysis.proposals import Proposal
from chainsim.analysis.runs import Run
from chainsim.files import load_scenario
from chainsim.results import TABLES, check_frame


def test_tables_by_attribute_by_item_and_by_tab(run: Run) -> None:
    assert run.tables.completion is run.tables["completion"]
    check_frame(TABLES["completion"], run.tables.completion)
    assert {*TABLES, "findings", "work_orders", "rule_results"} == set(run.tables) <= set(dir(run.tables))
    assert run.findings is run.tables.findings
    with pytest.raises(AttributeError, match="did you mean completion"):
        _ = run.tables.completon
    with pytest.raises(KeyError, match="inventori"):
        _ = run.tables["inventori"]
    about = run.tables.about("completion")
    assert about.loc["plan_t", "unit"] == "t" and list(about.index) == list(run.tables.completion.columns)
    assert "completion" in run.tables._repr_html_()


def test_findings_are_those_of_the_command_line(run: Run) -> None:
    outcome = workflow.run(workflow.STARTER)
    pd.testing.assert_frame_equal(run.findings, outcome.findings)
    assert run.outcome.manifest == outcome.manifest


def test_causes_add_up_for_whoever_is_asked_about(longer: chainsim.Study) -> None:
    run = longer.simulate()
    books = run.tables.completion
    assert run.causes()["shortfall_t"].sum() == pytest.approx(run.kpis["shortfall"], abs=1e-6)
    for (customer, month, grade), rows in books.groupby(["customer", "month", "grade"], observed=True):
        causes = run.causes(customer, month=month, grade=grade)
        assert causes["shortfall_t"].sum() == pytest.approx(rows["shortfall_t"].sum(), abs=1e-6)
    assert run.causes("city_refinery")["share"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("ask", "nearest"),
    [
        (lambda run: run.causes("city_refinry"), "city_refinery"),
        (lambda run: run.plot.stocks("dpot"), "depot"),
        (lambda run: run.plot.waterfall("city_refinery", grade="ligt"), "light"),
        (lambda run: run.plot.trains("depot_rai"), "depot_rail"),
        (lambda run: run.plot.network(since="soon"), ""),
    ],
)
def test_a_name_that_is_none_is_told_with_the_nearest(run: Run, ask: object, nearest: str) -> None:
    with pytest.raises(InputError) as raised:
        ask(run)  # type: ignore[operator]
    assert raised.value.problems[0].nearest == nearest


def test_pictures(run: Run, tmp_path: Path) -> None:
    pictures = [
        run.plot.stocks("depot", since="2025-02-01", until="2025-03-01"), run.plot.completion(),
        run.plot.completion(by_grade=True, customer="city_refinery"), run.plot.waterfall("hill_refinery", month="2025-02"),
        run.plot.network(), run.plot.batches(), run.plot.trains("depot_rail"),
    ]  # fmt: skip
    shown = [picture._repr_html_() for picture in pictures]
    assert len({html.split("id=", 1)[1][:12] for html in shown}) == len(shown), "ids clash in one document"
    assert shown[0] == run.plot.stocks("depot", since="2025-02-01", until="2025-03-01")._repr_html_()
    json.dumps([picture.option for picture in pictures])
    assert pictures[0].save(tmp_path / "depot.svg").read_text(encoding="utf-8").startswith("<svg")
    assert pictures[0].save(tmp_path / "depot.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match=r"\*\.svg"):
        pictures[0].save(tmp_path / "depot.gif")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["depot.png", "depot.svg"]


def test_files_are_those_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = chainsim.new("first").simulate()
    run.write("mine")
    run.to_excel("mine.xlsx", lang="zh")
    run.report("mine.html", lang="zh")
    outcome = workflow.run(Path("first"))  # the command line's own outcome, but for the command it was
    workflow.write(outcome, Path("theirs"), workbook=Path("theirs.xlsx"), lang="zh")
    workflow_report.write_report(workflow_report.report(Path("first"), lang="zh")[1], Path("theirs.html"))
    names = sorted(path.name for path in Path("theirs").iterdir())
    assert names == sorted(path.name for path in Path("mine").iterdir())
    for name in (*(f"{{}}/{name}" for name in names), "{}.xlsx", "{}.html"):
        assert Path(name.format("mine")).read_bytes() == Path(name.format("theirs")).read_bytes(), name


def test_a_changed_study_says_so_in_its_manifest(longer: chainsim.Study, tmp_path: Path) -> None:
    folder = longer.simulate().write(tmp_path / "longer")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["changes"] == ["disruptions.trunk repair.days = 12"]


def test_a_difference_is_made_of_causes(run: Run, longer: chainsim.Study, tmp_path: Path) -> None:
    other = longer.simulate()
    comparison = run.compare(other, other)
    assert comparison.names == ("starter", "12 days", "12 days (2)")
    change = other.kpis["delivered"] - run.kpis["delivered"]
    for _, effects in comparison.causes().groupby("run"):
        assert effects["delivered_change_t"].sum() == pytest.approx(change, abs=1e-5)
    completion = comparison.completion()
    ours = comparison.causes("city_refinery").query("run == '12 days'")["completion_change"].sum()
    assert ours == pytest.approx(completion["12 days"]["city_refinery"] - completion["starter"]["city_refinery"])
    assert list(comparison.tables) == ["differences", "difference_causes", "input_changes", "finding_changes"]
    assert "run" in comparison.tables.about("differences").index
    assert "12 days" in comparison._repr_html_() and comparison.plot.completion().svg()
    assert comparison.write(tmp_path / "tables").is_dir() and comparison.to_excel(tmp_path / "c.xlsx").stat().st_size
    with pytest.raises(InputError, match="did you mean city_refinery"):
        comparison.causes("city_refiner")


def test_an_order_in_force_is_the_approved_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chainsim.new("first")
    file = Path("first", "scenario.yaml")
    file.write_text(file.read_text(encoding="utf-8").replace("2025-02-16 20:00", "2025-02-22 08:00"), encoding="utf-8")
    proposal = chainsim.load("first").optimize("2025-02-10")
    assert proposal.document is not None
    workflow_orders.approve(proposal.save("order.yaml"))
    assert proposal.apply().scenario.orders == load_scenario(Path("order.yaml")).scenario.orders
    assert proposal.apply().changes == ((f"orders.{proposal.document.number}", "approved"),)
    Path("mine.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="draft"):
        proposal.save("mine.yaml")


def test_the_proof_is_what_the_applied_study_does(proposal: Proposal) -> None:
    run = proposal.apply().simulate()
    delivered = run.tables.completion.groupby("customer", observed=True)["delivered_t"].sum()
    before = proposal.study.simulate().tables.completion.groupby("customer", observed=True)["delivered_t"].sum()
    gained = proposal.proof.set_index("customer")
    gained = gained["delivered_after_t"] - gained["delivered_before_t"]
    for customer, tonnes in gained.items():
        assert delivered[customer] - before[customer] == pytest.approx(tonnes, abs=1e-3)
    assert proposal.order["change_t"].abs().sum() > 0 and len(proposal.levels) and len(proposal.causes)


def test_an_order_over_changes_has_no_file(proposal: Proposal, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"apply\(\)"):
        proposal.save(tmp_path / "order.yaml")
    assert not list(tmp_path.iterdir())


def test_no_order_where_none_does_better(study: chainsim.Study, tmp_path: Path) -> None:
    proposal = study.optimize("2025-02-10")
    assert proposal.document is None and proposal.order.empty and proposal.apply() is study
    assert "no order does better" in proposal._repr_html_()
    with pytest.raises(InputError, match="no order does better"):
        proposal.save(tmp_path / "order.yaml")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_notebooks_show(lang: str) -> None:
    study = chainsim.starter(lang=lang).with_({"disruptions.trunk repair.days": 9})
    run = study.simulate()
    proposal = study.optimize()
    for shown in (run._repr_html_(), proposal._repr_html_(), run.compare(run)._repr_html_()):
        assert shown.startswith(f'<div lang="{"zh-CN" if lang == "zh" else "en"}">')
        assert len(shown) < 9000
    assert ("管线停输" in run._repr_html_()) == (lang == "zh")
    assert (run.causes()["cause_text"][0] == "管线停输") == (lang == "zh")
    assert proposal.plot.order().svg() and proposal.plot.proof().svg()
    assert repr(proposal).startswith("<Proposal for starter: disruptions") and repr(run).startswith(
        "<Run of starter: dis"
    )
