"""``chainsim experiment`` as a planner meets it."""

from __future__ import annotations

import json
import re
import resource
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from tests.cli.conftest import Chainsim
from tests.experiments.tiny import FAILING, NOISY, ORDERS, write_tiny

FEW = NOISY.replace("replications: 30", "replications: 3").replace(", tables: [customer_months]", "")


@pytest.fixture
def planner(chainsim: Chainsim) -> Chainsim:
    """The command line, in a folder that holds the experiment ``noisy.yaml``."""
    write_tiny(Path(), FEW)
    return chainsim


def test_check_tells_what_will_be_run(planner: Chainsim) -> None:
    outcome = planner("experiment", "check", "noisy.yaml")
    assert outcome.code == 0
    assert "disruptions.spur stop.days" in outcome.out
    assert "9 runs = outage 3 × 3 replications" in outcome.out
    assert "production: field, border" in outcome.out
    assert re.search(r"one run takes .* s; all of them about", outcome.out)
    assert not Path("results").exists()


def test_check_speaks_chinese(planner: Chainsim) -> None:
    outcome = planner("experiment", "check", "noisy.yaml", "--lang", "zh")
    assert "9 次运行 = outage 3 × 重复 3 次" in outcome.out
    # Names, paths and distributions stay as they stand in the file.
    names = "noisy|tiny|outage|spur stop|disruptions|days|production|cash|prices|field|border|mill|light|heavy|yaml"
    own = re.sub(rf"\w+\(.*?\)|{names}", "", outcome.out)
    assert not re.search(r"[A-Za-z]{2,}", own), own


def test_run_leaves_a_dataset_and_says_where(planner: Chainsim) -> None:
    outcome = planner("experiment", "run", "noisy.yaml", "--workers", "0")
    assert outcome.code == 0
    folder = Path("results/experiments/noisy")
    assert "9 runs in " in outcome.out and str(folder) in outcome.out
    assert (folder / "run_kpis.parquet").is_file()
    assert planner("experiment", "run", "noisy.yaml", "--workers", "0", "--resume").code == 0


def test_a_mistake_is_told_and_nothing_written(planner: Chainsim) -> None:
    Path("noisy.yaml").write_text(FEW.replace("spur stop.days", "spur stp.days"), encoding="utf-8")
    outcome = planner("experiment", "run", "noisy.yaml")
    assert outcome.code == 2
    assert "did you mean spur stop?" in outcome.err
    assert "noisy.yaml:6:" in outcome.err
    assert not Path("results").exists()


def test_too_many_runs_are_refused_unless_meant(planner: Chainsim) -> None:
    Path("noisy.yaml").write_text(FEW.replace("replications: 3", "replications: 4000"), encoding="utf-8")
    outcome = planner("experiment", "check", "noisy.yaml")
    assert outcome.code == 2
    assert "12,000 runs" in outcome.err and "outage 3 × 4,000 replications" in outcome.err
    assert planner("experiment", "check", "noisy.yaml", "--most-runs", "12000").code == 0


def test_a_finished_experiment_is_not_run_again_unasked(planner: Chainsim) -> None:
    planner("experiment", "run", "noisy.yaml", "--workers", "0", "--quiet", "--out", "what if")
    outcome = planner("experiment", "run", "noisy.yaml", "--workers", "0", "--out", "what if")
    assert outcome.code == 2
    assert "chainsim experiment show 'what if'" in outcome.err and "--restart" in outcome.err
    again = planner("experiment", "run", "noisy.yaml", "--workers", "0", "--out", "what if", "--resume")
    assert again.code == 0
    assert "already finished, nothing was left to do: 9 runs in what if" in again.out
    assert planner("experiment", "run", "noisy.yaml", "--workers", "0", "--out", "what if", "--restart").code == 0
    Path("other.yaml").write_text(FEW.replace("experiment: noisy", "experiment: other"), encoding="utf-8")
    outcome = planner("experiment", "run", "other.yaml", "--out", "what if", "--lang", "zh")
    assert outcome.code == 2
    assert "此文件夹中是另一个试验" in outcome.err and "写的是：noisy" in outcome.err and "--restart" in outcome.err


@pytest.mark.parametrize(
    ("left", "plain", "others"),
    [
        (b"", "--restart", "another experiment is in this folder"),
        (b"SQLite format 3" + 3000 * b"x", "cannot be written", "cannot be written"),
    ],
)
def test_a_journal_that_is_lost_loses_nothing_unasked(planner: Chainsim, left: bytes, plain: str, others: str) -> None:
    options = ("--workers", "0", "--quiet", "--out", "out")
    run = ("experiment", "run", "noisy.yaml", *options)
    planner(*run)
    before = Path("out/runs.parquet").read_bytes()
    Path("out/journal.sqlite").write_bytes(left)
    outcome = planner(*run)
    assert outcome.code == 2 and plain in outcome.err
    assert Path("out/runs.parquet").read_bytes() == before
    Path("other.yaml").write_text(FEW.replace("experiment: noisy", "experiment: other"), encoding="utf-8")
    for more in ((), ("--resume",)):
        outcome = planner("experiment", "run", "other.yaml", *options, *more)
        assert outcome.code == 2 and others in outcome.err
        assert Path("out/runs.parquet").read_bytes() == before
    if not left:
        assert planner(*run, "--resume").code == 0
        assert Path("out/runs.parquet").read_bytes() == before
        Path("out/journal.sqlite").write_bytes(left)
    assert planner(*run, "--restart").code == 0
    assert Path("out/runs.parquet").read_bytes() == before


@pytest.mark.parametrize("title", ["[/] [red]cap", ":car: a:100:b"])
def test_titles_are_printed_as_they_stand(planner: Chainsim, title: str) -> None:
    Path("noisy.yaml").write_text(
        FEW.replace("experiment: noisy", f"experiment: noisy\ntitle: '{title}'"), encoding="utf-8"
    )
    assert title in planner("experiment", "check", "noisy.yaml").out
    assert title in planner("experiment", "run", "noisy.yaml", "--workers", "0").out


def test_a_cluster_that_does_not_answer_leaves_nothing(planner: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    from chainsim.experiments import cluster

    monkeypatch.setattr(cluster, "PATIENCE_S", 0.3)
    outcome = planner("experiment", "run", "noisy.yaml", "--cluster", "tcp://127.0.0.1:9")
    assert outcome.code == 2
    assert "no scheduler answers" in outcome.err and "nothing was run or written" in outcome.err
    assert not Path("results").exists()


def test_the_way_on_keeps_every_option(planner: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    from chainsim.experiments import running
    from chainsim.experiments.work import Worker

    monkeypatch.setattr(running, "CHUNK_SECONDS", 1e-6)
    Path("my noisy.yaml").write_text(FEW, encoding="utf-8")
    words = ("experiment", "run", "my noisy.yaml", "--workers", "0", "--xlsx", "the answers.xlsx", "--charts",
             "--lang", "zh", "--most-runs", "20", "--out", "out 1", "--allow-unencrypted")  # fmt: skip
    worked = Worker.work
    calls: list[object] = []

    def until_ctrl_c(worker: Worker, chunk: Any) -> Any:
        calls.append(chunk)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return worked(worker, chunk)

    monkeypatch.setattr(Worker, "work", until_ctrl_c)
    outcome = planner(*words, "--restart")
    assert outcome.code == 130
    command = shlex.split(outcome.err.partition("继续：")[2])
    # Options come in the order of their help; each of them, with its value, and --resume in the place of --restart.
    assert command[:4] == ["chainsim", "experiment", "run", "my noisy.yaml"]
    assert sorted(command[1:]) == sorted([*words, "--resume"])
    assert planner(*command[1:]).code == 0
    assert Path("the answers.xlsx").is_file() and list(Path("out 1/answers").glob("tornado-*.svg"))


def test_what_stops_in_the_middle_says_what_is_kept(planner: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dataset's and the answers' writers meet a full disk: told, and gone on with once there is room."""
    from chainsim.experiments import dataset
    from chainsim.reports import export

    def cramped(write: Callable[..., None]) -> Callable[..., None]:
        """``write`` where no file can grow beyond 64 bytes; the system refuses, not a stand-in."""

        def written(*given: Any) -> None:
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
            try:
                write(*given)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)

        return written

    words = ("experiment", "run", "noisy.yaml", "--workers", "0", "--xlsx", "a.xlsx")
    folder = Path("results/experiments/noisy")
    for module, writer in ((dataset, "_write"), (export, "_write_parquet"), (export, "_write_csv")):
        with monkeypatch.context() as patched:
            patched.setattr(module, writer, cramped(getattr(module, writer)))
            outcome = planner(*words, *(("--resume",) if folder.exists() else ()))
        assert outcome.code == 2
        assert "File too large" in outcome.err and "Traceback" not in outcome.err
        assert "what is finished is kept; go on with: chainsim experiment run noisy.yaml --workers 0" in outcome.err
        assert "nothing was" not in outcome.err
        assert not list(Path("results").rglob("*.part")) and not (folder / "answers").exists()
        assert (folder / "manifest.json").is_file() == (module is export)
    outcome = planner(*words, "--resume")
    assert outcome.code == 0 and Path("a.xlsx").is_file()


def test_show_draws_and_writes_what_is_asked_for(planner: Chainsim) -> None:
    planner("experiment", "run", "noisy.yaml", "--workers", "0", "--quiet")
    folder = Path("results/experiments/noisy")
    assert not list(folder.rglob("*.svg"))
    outcome = planner("experiment", "show", str(folder), "--charts", "--xlsx", "answers.xlsx")
    assert outcome.code == 0
    assert f"pictures: {folder / 'answers'}" in outcome.out and "answers.xlsx" in outcome.out
    assert {path.name for path in folder.rglob("*.svg")} >= {"tornado-completion.svg", "stock-depot.svg"}
    assert Path("answers.xlsx").is_file()


def test_show_tells_the_answers_again(planner: Chainsim) -> None:
    planner("experiment", "run", "noisy.yaml", "--workers", "0", "--quiet")
    folder = "results/experiments/noisy"
    outcome = planner("experiment", "show", folder, "--baseline", "1", "--xlsx", "answers.xlsx")
    assert outcome.code == 0
    for words in (
        "9 runs, 3 variant(s)",
        "How likely completion stays below 95 %",
        "baseline: outage=4",
        "pipeline outage (spur)",
    ):
        assert words in outcome.out
    assert Path("answers.xlsx").is_file()
    chinese = planner("experiment", "show", folder, "--lang", "zh").out
    assert "完成率低于 95% 的概率" in chinese and "管线停输（spur）" in chinese
    told = json.loads(planner("experiment", "show", folder, "--json").out)
    assert told["runs"] == 9 and {row["kpi"] for row in told["answer_kpis"]} >= {"completion", "shortfall"}
    assert planner("experiment", "show", folder, "--xlsx", "answers.txt").code == 2
    assert planner("experiment", "show", "first").code == 2


def test_failed_runs_are_told(planner: Chainsim) -> None:
    Path("failing.yaml").write_text(FAILING, encoding="utf-8")
    outcome = planner("experiment", "run", "failing.yaml", "--workers", "0")
    assert outcome.code == 0
    assert "Failed runs: 8 of 32" in outcome.out
    assert "the opening stock is more than the safe fill" in outcome.out and "0, 1, 2, 3, 4, 5, …" in outcome.out
    assert "the baseline (opening=1.6; tanks=4000) itself failed" in outcome.out
    tornado = outcome.out.partition("What moves")[2]
    assert "0.0%" in tornado and "█" not in tornado and "none of the factors moves it" in tornado
    chinese = planner("experiment", "show", "results/experiments/failing", "--lang", "zh").out
    assert "失败的运行：32 次中 8 次" in chinese and "期初库存超过安全库容" in chinese and "本身失败" in chinese


def test_many_different_failures_are_counted(planner: Chainsim) -> None:
    levels = ", ".join(str(4000 - i) for i in range(10))
    Path("failing.yaml").write_text(
        FAILING.replace("replications: 8\n", "").replace("[6000, 4000]", f"[6000, {levels}]").replace(
            "answers: {baseline: {opening: 1.6, tanks: 4000}}\n", ""
        ),
        encoding="utf-8",
    )  # fmt: skip
    outcome = planner("experiment", "run", "failing.yaml", "--workers", "0")
    assert "Failed runs: 10 of 22" in outcome.out
    assert "… and 2 more; all in the table answer_failures" in outcome.out


def test_differences_under_two_plans_are_marked(planner: Chainsim) -> None:
    for recorded in ("", "record: {kpis: [shortfall]}\n"):  # deliveries stand beside, or are not recorded
        Path("orders.yaml").write_text(ORDERS + recorded, encoding="utf-8")
        outcome = planner("experiment", "run", "orders.yaml", "--workers", "0", "--restart")
        told = outcome.out.partition("Shortfall against the baseline")[2].partition("What moves")[0]
        assert [line.split()[0] for line in told.splitlines() if " † " in line and "=" in line] == [
            "outage=0.5;",
            "outage=12;",
        ]
        assert "deliveries compare like with like" in told
    Path("orders.yaml").write_text(ORDERS.replace("against: plan", "against: original"), encoding="utf-8")
    outcome = planner("experiment", "run", "orders.yaml", "--workers", "0", "--restart")
    told = outcome.out.partition("Deliveries against the baseline")[2].partition("What moves")[0]
    assert told.count("(another plan in force)") == 2 and told.count("pipeline outage (spur)") == 1
    assert "Delivered (t)" in outcome.out, "headings tell units"


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_figures_are_never_cut(planner: Chainsim, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    planner("experiment", "run", "noisy.yaml", "--workers", "0", "--quiet")
    wide = planner("experiment", "show", "results/experiments/noisy", "--lang", "zh").out
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = planner("experiment", "show", "results/experiments/noisy", "--lang", "zh").out
    first, count = "各方案", -1
    for line in narrow.partition(first)[2].partition("完成率低于")[0].splitlines()[2:]:
        figures = re.findall(r"[\d.,]+% ± [\d.,]+%|[\d.,]+ ± [\d.,]+", line)
        count = max(count, len(figures))
        assert all(figure in wide for figure in figures)
        assert cell_len(line.rstrip()) <= columns
    assert count >= 1
