"""What counts as worse than the baseline: only beyond the tolerance, only for the worse, and with the cause that grew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from tests.results.hand_made import scenario

from chainsim.errors import InputError
from chainsim.files.tolerances import read_tolerances
from chainsim.model import Scenario
from chainsim.model.scenario import Disruption
from chainsim.results import Difference, build_tables, difference
from chainsim.rules import FINDING_CHANGES
from chainsim.rules.findings import frame_of
from chainsim.rules.regressions import Tolerances, lost_to, regressions
from chainsim.simulation import simulate

NOTHING = frame_of(FINDING_CHANGES.columns, [])


def between(before: Scenario, after: Scenario) -> Difference:
    return difference(*(build_tables(given, simulate(given)) for given in (before, after)))


def with_outage(days: float) -> Scenario:
    outage = Disruption(name="burst", asset="trunk", start=8.0, end=8.0 + days, remaining=0.0, cause="pipeline")
    return replace(scenario(), disruptions=(outage,))


@pytest.fixture(scope="module")
def worse() -> Difference:
    return between(replace(scenario(), disruptions=()), with_outage(25.0))


@pytest.fixture(scope="module")
def better() -> Difference:
    return between(with_outage(25.0), replace(scenario(), disruptions=()))


def change_of(found: Difference, figure: str, subject: str = "") -> float:
    rows = found.figures.set_index(["figure", "subject"])["change"]
    return float(rows[figure, subject])


def test_a_fall_is_told_with_the_cause_that_grew(worse: Difference) -> None:
    found = regressions(worse, NOTHING, Tolerances(completion_points=0.0))
    whole = next(r for r in found if r.measure == "completion_points" and not r.subject)
    assert (whole.parts[0].cause, whole.parts[0].asset) == ("pipeline", "trunk")
    assert whole.after - whole.before == pytest.approx(change_of(worse, "completion"))
    assert next(r.subject for r in found if r.measure == "completion_points") == ""
    assert lost_to(worse.causes)[0].change_t > 0


def test_what_is_better_is_no_regression(better: Difference) -> None:
    tight = Tolerances(completion_points=0.0, curtailed_t=0.0, days_full=0.0)
    told = {(r.measure, r.subject) for r in regressions(better, NOTHING, tight)}
    fallen = better.figures[(better.figures["figure"] == "completion") & (better.figures["change"] < 0)]
    assert {subject for measure, subject in told if measure == "completion_points"} == set(fallen["subject"])
    assert ("completion_points", "") not in told


def test_a_change_by_the_tolerance_is_within_it(worse: Difference) -> None:
    fall = -change_of(worse, "completion") * 100
    for slack, told in ((0.0, False), (-1e-6, True), (1.0, False)):
        found = regressions(worse, NOTHING, Tolerances(completion_points=fall + slack))
        assert any(r.measure == "completion_points" and not r.subject for r in found) == told


def test_new_and_graver_findings_count_by_what_they_are_now() -> None:
    blank = {c.name: "" for c in FINDING_CHANGES.columns} | {"since": pd.NaT, "cause_t": float("nan"), "before": None}
    rows = [
        blank | {"finding": f"r/{number}", "change": change, "after": after, "message_en": f"said {number}"}
        for number, (change, after) in enumerate(
            [("new", "error"), ("graver", "error"), ("moved", "error"), ("milder", "warning"), ("new", "info"),
             ("gone", None), ("new", "warning")]
        )
    ]  # fmt: skip
    changes = frame_of(FINDING_CHANGES.columns, rows)
    same = between(scenario(), scenario())
    found = {r.measure: r for r in regressions(same, changes, Tolerances())}
    assert {name: r.after for name, r in found.items()} == {"new_errors": 2.0, "new_warnings": 1.0}
    assert [said[0] for said in found["new_errors"].messages] == ["said 0", "said 1"]
    assert set(regressions(same, changes, Tolerances(new_errors=2, new_warnings=1))) == set()


@pytest.mark.parametrize(("content", "codes"), [
    ("completion_point: 1\n", ["unknown_key"]),
    ("days_full: -1\ncurtailed_t: lots\n", ["negative_tolerance", "not_a_number"]),
    ("new_errors: 1.5\n", ["not_whole"]),
    ("scenarios: [a]\n", ["expected_mapping"]),
    ("scenarios: {west: {days_full: 1}}\n", ["unknown_scenario"]),
    ("scenarios: {western: 3}\n", ["expected_mapping"]),
    ("scenarios: {western: {scenarios: {}}}\n", ["unknown_key"]),
    ("- 1\n", ["expected_mapping"]),
    ("days_full: &a 1\n", ["yaml_alias"]),
])  # fmt: skip
def test_mistakes_in_tolerances_are_told_with_their_place(tmp_path: Path, content: str, codes: list[str]) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_tolerances(path, ("western",))
    assert [problem.code for problem in caught.value.problems] == codes
    assert all(problem.line and problem.file.endswith("t.yaml") for problem in caught.value.problems)


def test_a_scenario_s_own_tolerances_stand_on_the_common_ones(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("days_full: 3\nscenarios: {western: {new_errors: 2}}\n", encoding="utf-8")
    read = read_tolerances(path, ("western",))
    assert read.of("western") == Tolerances(days_full=3.0, new_errors=2.0)
    assert read.of("other") == Tolerances(days_full=3.0)
