"""What ``compare`` prints: what differs, and only that."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from chainsim import workflow
from chainsim.cli.comparison import show_comparison
from chainsim.workflow import Comparison


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter, one with a poorer customer, one with a new line's outage."""
    folder = tmp_path_factory.mktemp("compare")
    workflow.new(folder / "first")
    poor = "extends: first\nscenario: poor\ncustomers:\n  hill_refinery: {income_per_day: 2000000}\n"
    (folder / "poor.yaml").write_text(poor, encoding="utf-8")
    cut = (
        "extends: first\nscenario: cut\ndisruptions:\n"
        "  - {asset: branch, from: 2025-02-01, to: 2025-02-25, remaining: 0, cause: pipeline}\n"
    )
    (folder / "cut.yaml").write_text(cut, encoding="utf-8")
    return folder


def shown(folder: Path, *names: str, lang: str = "en", width: int = 160) -> str:
    comparison: Comparison = workflow.compare([folder / name for name in names])
    stream = io.StringIO()
    show_comparison(comparison, lang, console=Console(file=stream, width=width, highlight=False))
    return stream.getvalue()


def test_differences_have_their_unit_and_causes_are_named(runs: Path) -> None:
    out = shown(runs, "first", "poor.yaml")
    assert re.search(r"Plan completion +[\d.]+% +[\d.]+% \(-[\d.]+ pp\)", out)
    assert re.search(r"Shortfall +[\d,]+ t +[\d,]+ t \(\+[\d,]+ t\)", out)
    assert re.search(r"customer's cash +Hill refinery +[\d,]+ +[\d,]+ \(\+[\d,]+ t\)", out)
    assert re.search(r"Hill refinery +[\d.]+% +[\d.]+% \(-[\d.]+ pp\)", out)


def test_an_outage_shows_as_a_new_cause(runs: Path) -> None:
    out = shown(runs, "first", "cut.yaml")
    row = re.search(r"^ *pipeline outage +\S.*? +0 +[\d,]+ \(\+[\d,]+ t\)", out, re.M)
    assert row, out


def test_equal_runs_say_so(runs: Path) -> None:
    out = shown(runs, "first", "first")
    assert out.count("differ little or not at all") == 3
    assert "pp)" not in out


def test_many_runs_are_a_row_each(runs: Path) -> None:
    out = shown(runs, "first", "poor.yaml", "cut.yaml", "first", lang="zh", width=140)
    rows = [line for line in out.splitlines() if re.match(r" *(first|poor|cut) .*%", line)]
    assert len(rows) == 4
    assert "百分点" in rows[1]
    assert all(len(line) <= 140 for line in out.splitlines() if "sha256" not in line)
