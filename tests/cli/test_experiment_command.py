"""``chainsim experiment`` as a planner meets it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.cli.conftest import Chainsim
from tests.experiments.tiny import NOISY, write_tiny

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
    assert "完成率低于 95% 的概率" in chinese and "管线停输(spur)" in chinese
    told = json.loads(planner("experiment", "show", folder, "--json").out)
    assert told["runs"] == 9 and {row["kpi"] for row in told["answer_kpis"]} >= {"completion", "shortfall"}
    assert planner("experiment", "show", folder, "--xlsx", "answers.txt").code == 2
    assert planner("experiment", "show", "first").code == 2
