"""Many findings in few lines, as the first page of a report shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chainsim.results import Labels
from chainsim.rules.finding_changes import CHANGES
from chainsim.rules.rule import SEVERITIES
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

MOST_OF_A_RULE = 3
"""Subjects of one rule that are told in words; the others are named."""
MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the digest; ``subject`` is empty where it speaks of several."""

    severity: str
    words: str
    rule: str
    subject: str


def digest(findings: pd.DataFrame, labels: Labels, lang: str) -> list[tuple[str, str]]:
    """``digest_lines`` as (severity, words)."""
    return [(line.severity, line.words) for line in digest_lines(findings, labels, lang)]


def digest_lines(findings: pd.DataFrame, labels: Labels, lang: str) -> list[Line]:
    """The gravest first. Of one rule the subjects hit hardest are told, each once, at its worst.

    Notes are left out unless there is nothing graver.
    """
    graver = findings[findings["severity"] != "info"]
    told = findings if graver.empty else graver
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in told.itertuples():
        groups.setdefault((str(row.severity), str(row.rule)), []).append(row)
    rank = list(SEVERITIES)
    # Of equal severity, what cost most comes first; the others stay as the rules stand.
    ordered = sorted(groups.values(), key=lambda rows: (-rank.index(str(rows[0].severity)), -max(map(_tonnes, rows))))
    return [line for rows in ordered for line in _lines(rows, labels, lang)]


def changed_lines(
    changes: pd.DataFrame, sides: Sequence[tuple[pd.DataFrame, Labels]], lang: str
) -> dict[str, list[Line]]:
    """What is ``new`` and ``graver`` in the second of two runs' findings, and ``gone`` from the first's, each in few lines.

    ``changes`` are their ``finding_changes``; each of the two ``sides`` is (its findings, its labels).
    """
    first, other = sides
    out = {}
    for change, (findings, labels) in (("new", other), ("graver", other), ("gone", first)):
        ids = set(changes.loc[changes["change"] == change, "finding"])
        out[change] = digest_lines(findings[findings["finding"].isin(ids)], labels, lang) if ids else []
    return out


def counted_changes(changes: pd.DataFrame, lang: str) -> str:
    """How many of two runs' ``finding_changes`` there are of each kind, in words."""
    counts = changes["change"].value_counts()
    told = (
        text(lang, "compare.count", count=int(counts[change]), change=words[lang == "zh"])
        for change, words in CHANGES.items()
        if counts.get(change, 0)
    )
    return ("、" if lang == "zh" else ", ").join(told)


def _lines(findings: list[Any], labels: Labels, lang: str) -> list[Line]:
    subjects: dict[tuple[str, str], list[Any]] = {}
    for row in findings:
        subjects.setdefault((str(row.subject), str(row.grade)), []).append(row)
    groups = sorted(subjects.values(), key=lambda rows: max(map(_weight, rows)), reverse=True)
    severity, rule = str(groups[0][0].severity), str(groups[0][0].rule)
    in_words = MOST_OF_A_RULE if len(groups) > MOST_OF_A_RULE + 1 else len(groups)
    lines = []
    for rows in groups[:in_words]:
        worst = max(rows, key=_weight)
        message = str(worst.message_zh if lang == "zh" else worst.message_en)
        again = text(lang, "again", count=len(rows) - 1) if len(rows) > 1 else ""
        lines.append(Line(severity, message + again, rule, str(worst.subject)))
    if others := [labels.asset(lang, str(rows[0].subject)) for rows in groups[in_words:]]:
        named = " · ".join(others[:MOST_NAMED]) + (" …" if len(others) > MOST_NAMED else "")
        lines.append(Line(severity, text(lang, "likewise", count=len(others), subjects=named), rule, ""))
    return lines


def _weight(finding: Any) -> tuple[float, int]:
    """Tonnes of the main cause, where there is one, then length."""
    return _tonnes(finding), int(finding.periods)


def _tonnes(finding: Any) -> float:
    return 0.0 if math.isnan(finding.cause_t) else float(finding.cause_t)
