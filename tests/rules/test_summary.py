"""Many findings in few lines: the hardest hit first, repetitions counted, notes only where there is nothing else."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chainsim.model.assets import Label
from chainsim.results import Labels
from chainsim.rules import SEVERITIES, digest

LABELS = Labels(assets={name: Label(name.upper(), f"{name}厂") for name in "abcdefghijklmnop"}, grades={})


def findings(*rows: tuple[str, str, str, float, int]) -> pd.DataFrame:
    """(rule, severity, subject, cause_t, periods), with messages that say subject and periods."""
    columns: dict[str, list[Any]] = {
        "rule": [r[0] for r in rows],
        "severity": [r[1] for r in rows],
        "subject": [r[2] for r in rows],
        "grade": ["" for _ in rows],
        "cause_t": [r[3] for r in rows],
        "periods": [r[4] for r in rows],
        "message_en": [f"{r[2]} for {r[4]}" for r in rows],
        "message_zh": [f"{r[2]}共{r[4]}" for r in rows],
    }
    return pd.DataFrame(columns).astype({"severity": pd.CategoricalDtype(list(SEVERITIES))})


def test_episodes_of_a_subject_are_one_line_at_the_worst() -> None:
    frame = findings(("r", "error", "a", 5.0, 1), ("r", "error", "a", 50.0, 3), ("r", "error", "b", 20.0, 9))
    assert digest(frame, LABELS, "en") == [("error", "a for 3 (+1 more)"), ("error", "b for 9")]
    assert digest(frame, LABELS, "zh") == [("error", "a共3（另有 1 次）"), ("error", "b共9")]


def test_of_many_subjects_the_others_are_named() -> None:
    unknown = float("nan")
    frame = findings(*(("r", "warning", name, unknown, i) for i, name in enumerate("abcdefghijklmnop", start=1)))
    lines = digest(frame, LABELS, "en")
    assert [text for _, text in lines[:3]] == ["p for 16", "o for 15", "n for 14"]
    assert lines[3][1] == "likewise 13 more: M · L · K · J · I · H · G · F …"
    assert len(lines) == 4


def test_a_fourth_subject_is_told_like_the_three() -> None:
    frame = findings(*(("r", "warning", name, 1.0, 1) for name in "abcd"))
    assert len(digest(frame, LABELS, "en")) == 4


def test_notes_are_told_only_alone() -> None:
    frame = findings(("r", "error", "a", 1.0, 1), ("s", "info", "b", 1.0, 1))
    assert digest(frame, LABELS, "en") == [("error", "a for 1")]
    assert digest(frame.iloc[1:], LABELS, "en") == [("info", "b for 1")]
