"""What the runs say together, against the same reckoned by hand."""

from __future__ import annotations

import io
import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from scipy import stats
from tests.experiments.test_running import here
from tests.experiments.tiny import FAILING, NOISY, ORDERS, write_tiny

from chainsim.errors import InputError
from chainsim.experiments.answers import Answers, baseline_note, read_answers
from chainsim.experiments.answers_catalogue import ANSWER_TABLES
from chainsim.experiments.chance import fate_seed
from chainsim.experiments.distributions import Spread
from chainsim.experiments.experiment import Noise
from chainsim.experiments.pictures import pictures
from chainsim.experiments.reading import ReadExperiment, read_experiment
from chainsim.experiments.workbook import answers_workbook
from chainsim.results import Table
from chainsim.simulation.outages import stream_of
from chainsim.texts import text
from chainsim.workflow_experiments import answers_of

ASKED = (
    NOISY.replace("replications: 30", "replications: 12").replace(", tables: [customer_months]", ", kpis: all")
    + "answers: {baseline: {outage: 4}, miss_below: [95%, 80%], tornado: [completion, shortfall], confidence: 90%}\n"
)
RUNS = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("answers")
    here(read_experiment(write_tiny(made, ASKED)), made / "out")
    return made / "out"


@pytest.fixture(scope="module")
def answers(folder: Path) -> Answers:
    return read_answers(folder)


def kept(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def figures(folder: Path, kpi: str) -> dict[int, np.ndarray]:
    """Variant → the figure by replication."""
    own = kept(folder, "run_kpis").query("kpi == @kpi")
    return {int(v): rows.sort_values("replication")["value"].to_numpy() for v, rows in own.groupby("variant")}


def test_figures_with_their_intervals_and_quantiles(answers: Answers, folder: Path) -> None:
    for kpi in ("completion", "shortfall", "highest_utilisation"):
        rows = answers.tables["answer_kpis"].query("kpi == @kpi").set_index("variant")
        for variant, values in figures(folder, kpi).items():
            row = rows.loc[variant]
            half = stats.t.ppf(0.95, RUNS - 1) * values.std(ddof=1) / math.sqrt(RUNS)
            assert (row["runs"], row["least"], row["most"]) == (RUNS, values.min(), values.max())
            assert row["mean"] == pytest.approx(values.mean())
            assert (row["low"], row["high"]) == pytest.approx((values.mean() - half, values.mean() + half))
            for share in (5, 25, 50, 75, 95):
                assert row[f"p{share:02d}"] == pytest.approx(np.quantile(values, share / 100))


def test_chances_of_missing(answers: Answers, folder: Path) -> None:
    customers = kept(folder, "run_customers")
    table = answers.tables["answer_customers"]
    assert list(table["threshold"].unique()) == [0.95, 0.8]
    for row in table.itertuples():
        own = customers[(customers["variant"] == row.variant) & (customers["customer"] == row.customer)]
        hits = int((own["completion"] < row.threshold).sum())
        assert (row.runs, row.misses, row.probability) == (RUNS, hits, hits / RUNS)
        interval = stats.binomtest(hits, RUNS).proportion_ci(0.9, "wilson")
        assert (row.low, row.high) == pytest.approx((interval.low, interval.high), abs=1e-12)


def test_differences_are_of_pairs(answers: Answers, folder: Path) -> None:
    by_variant = figures(folder, "shortfall")
    table = answers.tables["answer_differences"].query("kpi == 'shortfall'").set_index("variant")
    assert set(table.index) == {0, 2}, "the baseline, variant 1, is not compared with itself"
    for variant in (0, 2):
        change = by_variant[variant] - by_variant[1]
        half = stats.t.ppf(0.95, RUNS - 1) * change.std(ddof=1) / math.sqrt(RUNS)
        row = table.loc[variant]
        assert row["difference"] == pytest.approx(change.mean())
        assert (row["low"], row["high"]) == pytest.approx((change.mean() - half, change.mean() + half))
        assert row["share_higher"] == (change > 0).mean()
        alone = stats.t.ppf(0.95, RUNS - 1) * by_variant[variant].std(ddof=1) / math.sqrt(RUNS)
        assert half < alone / 2, "common random numbers are of no use here"


def test_changes_of_causes_add_up_to_the_change_of_shortfall(answers: Answers, folder: Path) -> None:
    causes = answers.tables["answer_causes"]
    for variant, change in (
        answers.tables["answer_differences"].query("kpi == 'shortfall'").set_index("variant")["difference"].items()
    ):
        own = causes[causes["variant"] == variant]
        assert own["change_t"].sum() == pytest.approx(change)
        assert own["change_t"].to_numpy() == pytest.approx((own["shortfall_t"] - own["baseline_t"]).to_numpy())
    runs = kept(folder, "run_causes").query("variant in (1, 2) and cause == 'pipeline' and asset == 'spur'")
    wide = (
        runs.groupby(["replication", "variant"])["shortfall_t"]
        .sum()
        .unstack(fill_value=0.0)
        .reindex(range(RUNS), fill_value=0.0)
    )
    change = (wide[2] - wide[1]).to_numpy()
    row = causes.query("variant == 2 and cause == 'pipeline' and asset == 'spur'").iloc[0]
    half = stats.t.ppf(0.95, RUNS - 1) * change.std(ddof=1) / math.sqrt(RUNS)
    assert (row["low_t"], row["high_t"]) == pytest.approx((change.mean() - half, change.mean() + half))


def test_fans_of_stocks(answers: Answers, folder: Path) -> None:
    table = answers.tables["answer_stocks"]
    stocks = kept(folder, "run_stocks")
    assert len(table) == 3 * 3 * 10  # variants, holders, days
    row = table[(table["variant"] == 0) & (table["holder"] == "depot")].iloc[4]
    own = stocks[(stocks["variant"] == 0) & (stocks["holder"] == "depot") & (stocks["day"] == row["day"])]["stock_t"]
    assert row["p05_t"] == pytest.approx(np.quantile(own, 0.05))
    assert row["p50_t"] == pytest.approx(np.quantile(own, 0.5))
    assert list(table["holder"].unique()) == ["depot", "works", "mill"]
    assert table[(table["variant"] == 1) & (table["holder"] == "mill")]["day"].is_monotonic_increasing


def test_tornado_of_a_grid(answers: Answers, folder: Path) -> None:
    table = answers.tables["answer_tornado"]
    means = {v: values.mean() for v, values in figures(folder, "completion").items()}
    row = table.query("kpi == 'completion'").iloc[0]
    assert (row["low_level"], row["high_level"]) == ("0.5", "12")
    assert (row["at_low"], row["at_high"]) == pytest.approx((means[0], means[2]))
    assert row["swing"] == pytest.approx(max(means.values()) - min(means.values()))
    assert list(table["kpi"]) == ["completion", "shortfall"]


TWO = """\
base: tiny.yaml
factors:
  capacity: {scale: pipelines.spur.capacity, levels: [0.5, 0.8]}
  idle: {set: pipelines.spur.tariff, levels: [1, 9]}
design: one_at_a_time
"""


def test_tornado_one_at_a_time_compares_with_the_scenario_as_it_is(tmp_path: Path) -> None:
    here(read_experiment(write_tiny(tmp_path, TWO)), tmp_path / "out")
    table = read_answers(tmp_path / "out").tables["answer_tornado"].set_index("factor")
    values = figures(tmp_path / "out", "completion")
    assert table.loc["idle", "swing"] == 0.0
    assert list(table.index) == ["capacity", "idle"], "the widest first"
    assert table.loc["capacity", "swing"] == pytest.approx(values[0][0] - values[1][0])
    assert table.loc["capacity", "at_high"] == values[2][0]


def test_draws_of_one_design_are_answered_together(tmp_path: Path) -> None:
    text = TWO.replace("levels: [0.5, 0.8]", "low: 0.3, high: 1").replace("levels: [1, 9]", "low: 1, high: 9")
    text = text.replace("design: one_at_a_time", "design: {kind: latin_hypercube, points: 24}")
    here(read_experiment(write_tiny(tmp_path, text)), tmp_path / "out")
    answers = read_answers(tmp_path / "out")
    kpis = answers.tables["answer_kpis"]
    assert set(kpis["variant"]) == {0} and set(kpis["runs"]) == {24} and set(kpis["name"]) == {""}
    assert answers.tables["answer_differences"].empty
    tornado = answers.tables["answer_tornado"].set_index("factor")
    drawn = kept(tmp_path / "out", "variants").query("factor == 'capacity'")["value"]
    values = [v[0] for v in figures(tmp_path / "out", "completion").values()]
    assert tornado.loc["capacity", "correlation"] == pytest.approx(stats.spearmanr(drawn, values).statistic)
    assert tornado.loc["capacity", "correlation"] > 0.9
    assert abs(tornado.loc["idle", "correlation"]) < 0.5
    assert " … " in tornado.loc["capacity", "low_level"]


def test_single_runs_have_no_intervals(tmp_path: Path) -> None:
    here(read_experiment(write_tiny(tmp_path, "base: tiny.yaml\n")), tmp_path / "out")
    row = read_answers(tmp_path / "out").tables["answer_kpis"].iloc[0]
    assert row["runs"] == 1 and math.isnan(row["low"]) and row["mean"] == row["p95"]


@pytest.mark.parametrize("name", ANSWER_TABLES)
def test_tables_are_as_declared(answers: Answers, name: str) -> None:
    table: Table = ANSWER_TABLES[name]
    frame = answers.tables[name]
    assert bool(len(frame)) == (name != "answer_failures")
    assert not frame.duplicated(list(table.keys)).any()
    assert not frame[list(table.keys)].drop(columns="asset", errors="ignore").isna().any().any()


def test_answers_are_the_same_bytes_again(folder: Path, tmp_path: Path) -> None:
    answers_of(folder, workbook=tmp_path / "a.xlsx", lang="zh")
    first = {p.name: p.read_bytes() for p in (folder / "answers").iterdir()}
    answers_of(folder, workbook=tmp_path / "b.xlsx", lang="zh")
    assert {p.name: p.read_bytes() for p in (folder / "answers").iterdir()} == first
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert {"answer_kpis.csv", "answer_stocks.parquet", "manifest.json"} <= set(first)


def test_another_baseline_may_be_asked_for(folder: Path) -> None:
    table = read_answers(folder, baseline=0).tables["answer_differences"]
    assert set(table["variant"]) == {1, 2}
    with pytest.raises(InputError) as caught:
        read_answers(folder, baseline=3)
    assert "0 to 2" in caught.value.problems[0].message


def test_folders_without_a_finished_experiment(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_answers(tmp_path)
    (tmp_path / "manifest.json").write_text((folder / "manifest.json").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError):
        read_answers(tmp_path)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_workbook_has_a_sheet_for_each_table(answers: Answers, lang: str) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(answers_workbook(answers, lang)))
    tables = [name for name in answers.tables if name != "answer_failures"]  # nothing failed
    assert book.sheet_names[: len(tables)] == [text(lang, f"answers.sheet.{name}") for name in tables]
    rows = book.get_sheet_by_name(text(lang, "answers.sheet.answer_kpis")).to_python()
    heading = next(i for i, row in enumerate(rows) if ("Mean" if lang == "en" else "均值") in row)
    shares = [row for row in rows[heading + 1 :] if row[rows[heading].index("Unit" if lang == "en" else "单位")] == "1"]
    assert 0 < shares[0][rows[heading].index("Mean" if lang == "en" else "均值")] < 1.2


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    made = tmp_path_factory.mktemp("failing")
    here(read_experiment(write_tiny(made, FAILING)), made / "out")
    return read_answers(made / "out")


def test_failed_runs_are_named_in_both_languages(failing: Answers) -> None:
    frame = failing.tables["answer_failures"]
    assert list(zip(frame["variant"], frame["replication"], strict=True)) == [(3, r) for r in range(8)]
    assert set(frame["name"]) == {"opening=1.6; tanks=4000"} and set(frame["status"]) == {"failed"}
    assert frame["error_en"].str.contains("the opening stock is more than the safe fill").all()
    assert frame["error_zh"].str.contains("期初库存超过安全库容").all()
    answers_of(failing.folder)
    written = pd.read_csv(failing.folder / "answers" / "answer_failures.csv")
    assert list(written["error_zh"]) == list(frame["error_zh"])


@pytest.mark.parametrize(
    ("lang", "error", "note"),
    [("en", "the opening stock is more", "itself failed"), ("zh", "期初库存超过安全库容", "本身失败")],
)
def test_the_workbook_names_failed_runs(failing: Answers, lang: str, error: str, note: str) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(answers_workbook(failing, lang)))
    failed = book.get_sheet_by_name(text(lang, "answers.sheet.answer_failures")).to_python()
    assert sum(error in str(cell) for row in failed for cell in row) == 8
    differences = book.get_sheet_by_name(text(lang, "answers.sheet.answer_differences")).to_python()
    assert any(note in str(cell) for row in differences for cell in row)


def test_a_baseline_that_failed_is_told(failing: Answers, tmp_path: Path) -> None:
    assert failing.tables["answer_differences"].empty
    assert "opening=1.6; tanks=4000) itself failed" in baseline_note(failing, "en")
    assert not baseline_note(read_answers(failing.folder, baseline=0), "en")
    # Noise that takes the tanks' room in some fates only.
    some = FAILING.replace("[1, 1.6]", "[1, 1.1]").replace("opening: 1.6, ", "opening: 1.1, ")
    read = read_experiment(write_tiny(tmp_path, some))
    here(_failing_in(read, replication=3), tmp_path / "out")
    answers = read_answers(tmp_path / "out")
    assert "1 run(s) of the baseline" in baseline_note(answers, "en")
    assert set(answers.tables["answer_differences"]["pairs"]) == {7}


def _failing_in(read: ReadExperiment, replication: int) -> ReadExperiment:
    """``read`` with a distribution that cannot be asked in one fate."""
    experiment = read.experiment
    draw = stream_of(fate_seed(experiment, replication, 0), "noise", "x/field").random()
    spread = UnaskableSpread("constant", (1.0, draw))
    noise = Noise(name="x", of="production", names=("field",), every="month", together=False, factor=spread)
    return replace(read, experiment=replace(experiment, noise=(noise,)))


class UnaskableSpread(Spread):
    """Fails at the draw ``parameters[-1]``."""

    __slots__ = ()

    def quantiles(self, shares: Iterable[float]) -> list[float]:
        if self.parameters[-1] in shares:
            raise RuntimeError("not this one")
        return [1.0 for _ in shares]


def test_two_plans_are_not_silently_subtracted(tmp_path: Path) -> None:
    here(read_experiment(write_tiny(tmp_path, ORDERS)), tmp_path / "out")
    frame = read_answers(tmp_path / "out").tables["answer_differences"].set_index(["kpi", "variant"])
    # 0: short outage; 1: with the order; 2: long outage; 3: with the order
    assert frame.loc["shortfall", "comparable"].to_dict() == {1: False, 2: True, 3: False}
    assert frame.loc["completion", "comparable"].to_dict() == {1: False, 2: True, 3: False}
    assert frame.loc["delivered", "comparable"].all() and frame.loc["completion_original", "comparable"].all()
    change = frame["difference"]
    assert change["shortfall", 2] - change["shortfall", 3] == pytest.approx(1000, abs=1), "the plan's, not the order's"
    assert change["delivered", 2] == pytest.approx(change["delivered", 3], abs=1)
    # Where the plans themselves are varied, not even the original is the same.
    other = "base: tiny.yaml\nfactors: {plan: {scale: plan.works, levels: [1, 1.2]}}\n"
    here(read_experiment(write_tiny(tmp_path, other)), tmp_path / "other")
    frame = read_answers(tmp_path / "other").tables["answer_differences"].set_index("kpi")
    assert not frame.loc["completion_original", "comparable"] and frame.loc["delivered", "comparable"]


def test_against_the_original_plan_the_tornado_asks_of_it(tmp_path: Path) -> None:
    path = write_tiny(tmp_path, ORDERS.replace("against: plan", "against: original") + "record: {kpis: [curtailed]}\n")
    here(read_experiment(path), tmp_path / "out")
    tables = read_answers(tmp_path / "out").tables
    assert set(tables["answer_tornado"]["kpi"]) == {"completion_original"}
    assert {"delivered", "completion_original", "shortfall"} <= set(tables["answer_differences"]["kpi"])


def test_pictures_of_tornados_and_of_every_tank(answers: Answers, folder: Path) -> None:
    answers_of(folder, charts=True, lang="zh")
    drawn = {path.name: path.read_text(encoding="utf-8") for path in (folder / "answers").glob("*.svg")}
    assert set(drawn) == {
        "tornado-completion.svg",
        "tornado-shortfall.svg",
        "stock-depot.svg",
        "stock-works.svg",
        "stock-mill.svg",
    }
    assert "<title" in drawn["stock-depot.svg"] and "安全库容" in drawn["stock-depot.svg"]
    assert "计划完成率" in drawn["tornado-completion.svg"]
    for text_of_it in drawn.values():
        ElementTree.fromstring(text_of_it)  # noqa: S314 - our own pictures
    answers_of(folder, charts=True, lang="zh")
    assert {p.name: p.read_text(encoding="utf-8") for p in (folder / "answers").glob("*.svg")} == drawn


def test_what_moves_nothing_is_not_drawn(failing: Answers) -> None:
    assert failing.tables["answer_tornado"]["swing"].max() < 1e-6
    assert not [name for name in pictures(failing, "en") if name.startswith("tornado")]
