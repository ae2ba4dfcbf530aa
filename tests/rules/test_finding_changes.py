"""Which findings are new, gone, graver, milder or merely begun on another day."""

from __future__ import annotations

import pandas as pd
import pytest

from chainsim.results import check_frame
from chainsim.rules import FINDING_CHANGES, FINDINGS, finding_changes
from chainsim.rules.findings import frame_of


def findings(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """(rule, subject, since, severity) each."""
    blank = {c.name: "" for c in FINDINGS.columns} | {
        "until": None, "resolved_on": None, "shown_at": None, "cause_t": float("nan"), "periods": 1, "state": "firing",
    }  # fmt: skip
    return frame_of(
        FINDINGS.columns,
        [
            blank
            | {
                "finding": f"{rule}/{subject}/{since}", "rule": rule, "subject": subject, "since": pd.Timestamp(since),
                "severity": severity, "message_en": f"{rule} of {subject}",
            }
            for rule, subject, since, severity in rows
        ],
    )  # fmt: skip


def changes(before: pd.DataFrame, after: pd.DataFrame) -> list[tuple[str, str]]:
    frame = finding_changes(before, after)
    check_frame(FINDING_CHANGES, frame)
    return list(zip(frame["change"].astype(str), frame["finding"], strict=True))


BASE = findings(("late", "a", "2008-01-01", "warning"), ("late", "b", "2008-01-01", "error"))


def test_a_run_and_itself() -> None:
    assert changes(BASE, BASE) == []
    assert changes(findings(), findings()) == []


def test_new_and_gone_the_gravest_first() -> None:
    more = findings(
        ("late", "a", "2008-01-01", "warning"), ("late", "b", "2008-01-01", "error"), ("full", "x", "2008-02-01", "info"),
        ("late", "c", "2008-01-01", "error"),
    )  # fmt: skip
    assert changes(BASE, more) == [("new", "late/c/2008-01-01"), ("new", "full/x/2008-02-01")]
    assert changes(more, BASE) == [("gone", "late/c/2008-01-01"), ("gone", "full/x/2008-02-01")]


@pytest.mark.parametrize(("since", "severity", "change"), [
    ("2008-01-01", "error", "graver"), ("2008-01-01", "info", "milder"), ("2008-01-03", "warning", "moved"),
    ("2008-01-03", "error", "graver"),
])  # fmt: skip
def test_the_same_fault_is_neither_new_nor_gone(since: str, severity: str, change: str) -> None:
    now = findings(("late", "a", since, severity), ("late", "b", "2008-01-01", "error"))
    assert changes(BASE, now) == [(change, f"late/a/{since}")]


def test_a_second_episode_is_new_the_first_one_moved() -> None:
    now = findings(
        ("late", "a", "2008-03-01", "warning"), ("late", "a", "2008-02-01", "warning"),
        ("late", "b", "2008-01-01", "error"),
    )  # fmt: skip
    assert changes(BASE, now) == [("new", "late/a/2008-03-01"), ("moved", "late/a/2008-02-01")]
    assert changes(now, BASE) == [("moved", "late/a/2008-01-01"), ("gone", "late/a/2008-03-01")]
