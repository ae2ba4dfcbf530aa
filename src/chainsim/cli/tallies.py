"""Findings of one or many runs, counted by rule and by run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainsim.rules import SEVERITIES

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.rules import Evaluation


@dataclass(frozen=True, slots=True)
class RuleTally:
    """What one rule found: its gravest finding's severity, how many, in how many runs, and rows where it could not tell."""

    rule: str
    severity: str
    findings: int
    runs: int
    unknown: int


@dataclass(frozen=True, slots=True)
class RunTally:
    """How many findings of each severity a run has."""

    run: str
    counts: Mapping[str, int]


def by_rule(evaluation: Evaluation) -> list[RuleTally]:
    """The rules that found something or could not tell somewhere: gravest first, then most findings, then as they stand."""
    findings = evaluation.outcome.findings
    return rule_tallies(findings, evaluation.outcome.results)


def rule_tallies(findings: pd.DataFrame, results: pd.DataFrame) -> list[RuleTally]:
    """As ``by_rule``; findings of a single run may lack the column ``run``."""
    grades = list(SEVERITIES)
    gravest: dict[str, int] = {}
    runs: dict[str, set[str]] = {}
    of_run = findings["run"].tolist() if "run" in findings.columns else [""] * len(findings)
    for rule, severity, run in zip(findings["rule"].tolist(), findings["severity"].tolist(), of_run, strict=True):
        gravest[rule] = max(gravest.get(rule, 0), grades.index(severity))
        runs.setdefault(rule, set()).add(run)
    tallies = [
        RuleTally(rule, grades[gravest.get(rule, 0)], count, len(runs.get(rule, ())), unknown)
        for rule, count, unknown in zip(
            results["rule"].tolist(), results["findings"].tolist(), results["unknown_rows"].tolist(), strict=True
        )
        if count or unknown
    ]
    return sorted(tallies, key=lambda tally: (not tally.findings, -grades.index(tally.severity), -tally.findings))


def by_run(evaluation: Evaluation) -> list[RunTally]:
    """The runs with findings: those with the most errors first, then warnings, then notes, then by name."""
    findings = evaluation.outcome.findings
    counts: dict[str, dict[str, int]] = {}
    for run, severity in zip(findings["run"].tolist(), findings["severity"].tolist(), strict=True):
        counts.setdefault(run, dict.fromkeys(SEVERITIES, 0))[severity] += 1
    tallies = [RunTally(run, count) for run, count in counts.items()]
    return sorted(tallies, key=lambda tally: ([-tally.counts[name] for name in reversed(SEVERITIES)], tally.run))
