"""Episodes, causes and messages of findings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainsim.model import Label
from chainsim.results import Labels, check_frame
from chainsim.rules import FINDINGS, find, grave, load_rules
from chainsim.rules.rule import Rule

RULES = """rules:
  - id: low
    table: customer_months
    when: completion < 90%
    for: {periods} months
    keep_for: {keep} months
    severity: error
    show: lowest completion
    message: {{en: "{{customer}} {{completion:%}} {{span}}{{because}}", zh: "{{customer}} {{completion:%}} {{span}}{{because}}"}}
"""


def rule(folder: Path, periods: int = 1, keep: int = 1) -> Rule:
    """A rule on completion below 90 %; ``keep`` counts from 1."""
    (folder / "r.yaml").write_text(RULES.format(periods=periods, keep=keep), encoding="utf-8")
    return load_rules(folder).rules[0]


def months(completions: dict[str, dict[str, float]]) -> pd.DataFrame:
    """customer → month → completion as a frame with what the rule reads."""
    rows = [(m, c, v) for c, by_month in completions.items() for m, v in by_month.items()]
    frame = pd.DataFrame(rows, columns=["month", "customer", "completion"])
    return frame.assign(month=pd.to_datetime(frame["month"]).astype("datetime64[us]"))


def test_episode_takes_its_values_from_the_worst_month(tmp_path: Path) -> None:
    frame = months({"a": {"2008-11": 0.8, "2008-12": 0.7, "2009-01": 0.85, "2009-05": 0.1}})
    findings = find([rule(tmp_path)], {"customer_months": frame})
    check_frame(FINDINGS, findings)
    assert findings["message_en"].tolist() == ["a 70.0% 2008-11 … 2009-01", "a 10.0% 2009-05"]
    assert findings["values"].tolist() == ["completion=0.7", "completion=0.1"]
    assert findings["shown_at"].tolist() == [pd.Timestamp("2008-12-01"), pd.Timestamp("2009-05-01")]


def test_main_cause_is_summed_over_the_episode_and_labelled(tmp_path: Path) -> None:
    shortfalls = pd.DataFrame(
        {
            "month": pd.to_datetime(["2008-01-01", "2008-01-01", "2008-02-01", "2008-03-01"]).astype("datetime64[us]"),
            "customer": ["a", "a", "a", "a"],
            "grade": ["x", "x", "y", "x"],
            "cause": ["pipeline", "loading", "loading", "pipeline"],
            "asset": ["trunk", "rail.rack", "rail.rack", "trunk"],
            "shortfall_t": [60.0, 30.0, 50.0, 1000.0],
        }
    )
    tables = {"customer_months": months({"a": {"2008-01": 0.8, "2008-02": 0.7}}), "shortfalls": shortfalls}
    labels = Labels(assets={"a": Label("Alpha", "甲厂"), "rail": Label("Railway", "铁路")}, grades={})
    findings = find([rule(tmp_path)], tables, labels)
    row = findings.iloc[0]
    assert (row["cause"], row["cause_asset"], row["cause_t"]) == ("loading", "rail.rack", 80.0)
    assert row["message_en"] == (
        "Alpha 70.0% 2008-01 … 2008-02; mainly loading rack outage or limit (Railway rack), 57% of 140 t short"
    )
    assert row["message_zh"] == "甲厂 70.0% 2008-01 … 2008-02;主要原因:装车受限(铁路栈桥),占欠量 140 t 的 57%"


def test_nothing_fires_on_nothing(tmp_path: Path) -> None:
    findings = find([rule(tmp_path)], {"customer_months": months({"a": {"2008-01": 1.0}})})
    check_frame(FINDINGS, findings)
    assert findings.empty
    assert not grave(findings, "info")


def test_grave_counts_from_the_floor_up(tmp_path: Path) -> None:
    findings = find([rule(tmp_path)], {"customer_months": months({"a": {"2008-01": 0.5}})})
    assert all(grave(findings, floor) for floor in ("info", "warning", "error"))


def brute_force(held: list[bool | None], periods: int, keep: int) -> list[tuple[int, int, int]]:
    """(first, last, number true) of each episode, month by month: the oracle of ``for`` and ``keep_for``."""
    runs: list[list[int]] = []
    for month, true in enumerate(held):
        if not true:
            continue
        if runs and runs[-1][-1] == month - 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    episodes: list[list[int]] = []
    for run in (r for r in runs if len(r) >= periods):
        if episodes and run[0] - episodes[-1][-1] - 1 <= keep:
            episodes[-1] += run
        else:
            episodes.append(list(run))
    return [(e[0], e[-1], len(e)) for e in episodes]


@pytest.fixture(scope="module")
def rules_by_shape(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, int], Rule]:
    shapes = [(p, k) for p in (1, 2, 3) for k in (1, 2)]
    return {shape: rule(tmp_path_factory.mktemp("rules"), *shape) for shape in shapes}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([True, False, None]), max_size=14), min_size=1, max_size=3),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([1, 2]),
    st.randoms(use_true_random=False),
)
def test_episodes_agree_with_brute_force(rules_by_shape, held, periods, keep, random) -> None:
    """``None`` is a month without a row: it breaks a run like a month in which the rule did not hold."""
    rows = [
        (np.datetime64("2008-01", "M") + m, f"c{c}", 0.5 if true else 1.0)
        for c, months_held in enumerate(held)
        for m, true in enumerate(months_held)
        if true is not None
    ]
    random.shuffle(rows)
    frame = pd.DataFrame(rows, columns=["month", "customer", "completion"])
    frame["month"] = frame["month"].to_numpy(dtype="datetime64[us]")
    findings = find([rules_by_shape[periods, keep]], {"customer_months": frame})
    start = np.datetime64("2008-01", "M")
    found = sorted(
        (row["subject"], *(int(np.datetime64(row[c], "M") - start) for c in ("since", "until")), row["periods"])
        for row in findings.to_dict("records")
    )
    expected = sorted((f"c{c}", *e) for c, h in enumerate(held) for e in brute_force(h, periods, keep))
    assert [tuple(map(str, f)) for f in found] == [tuple(map(str, e)) for e in expected]
