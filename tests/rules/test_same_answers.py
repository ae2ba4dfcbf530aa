"""A run finds the same as ``rules eval`` finds in the tables it wrote, alone or among other runs, and in whatever order."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from chainsim import workflow
from chainsim.rules import apply_to_folders, load_rules

ROOT = Path(__file__).parents[2]
SCENARIOS = ("western", "trunk-outage.yaml")


@cache
def run_of(scenario: str) -> workflow.Run:
    return workflow.run(ROOT / "scenarios" / scenario)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Scenario → the folder of its tables."""
    base = tmp_path_factory.mktemp("runs")
    folders = {scenario: base / scenario.removesuffix(".yaml") for scenario in SCENARIOS}
    for scenario, folder in folders.items():
        workflow.write(run_of(scenario), folder)
    return folders


def plain(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as plain values, to be compared to the last bit; missing ones as None, whatever they were."""
    values = frame.astype(object).where(frame.notna(), None)
    return sorted(({str(k): v for k, v in row.items()} for row in values.to_dict("records")), key=lambda row: str(row))


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("threads", [1, 2])
def test_eval_finds_what_the_run_found(scenario: str, threads: int, written: dict[str, Path]) -> None:
    ran = run_of(scenario)
    found = apply_to_folders(load_rules().rules, [written[scenario]], threads=threads)
    assert not found.skipped
    assert plain(found.outcome.findings.drop(columns="run")) == plain(ran.findings)
    pd.testing.assert_frame_equal(found.outcome.results, ran.rule_results, check_exact=True)


def test_runs_side_by_side_find_what_each_found(written: dict[str, Path]) -> None:
    found = apply_to_folders(load_rules().rules, list(written.values())).outcome.findings
    for scenario, folder in written.items():
        own = found[found["run"] == folder.as_posix()].drop(columns="run")
        # Names and labels are the first run's, which both scenarios share.
        assert plain(own) == plain(run_of(scenario).findings)


def test_a_cause_is_the_same_in_shuffled_tables(written: dict[str, Path], tmp_path: Path) -> None:
    """Findings, in words and figures, do not hang on the order in which files have their rows."""
    folder = tmp_path / "shuffled"
    folder.mkdir()
    for path in written["trunk-outage.yaml"].glob("*.parquet"):
        frame = pd.read_parquet(path)
        if path.stem == "shortfalls":
            frame = frame.sample(frac=1.0, random_state=1)
        frame.to_parquet(folder / path.name, index=False)
    found = apply_to_folders(load_rules().rules, [folder]).outcome.findings
    texts = ["finding", "state", "cause", "cause_asset", "message_en", "message_zh", "members"]
    expected = run_of("trunk-outage.yaml").findings
    assert plain(found[texts]) == plain(expected[texts])
