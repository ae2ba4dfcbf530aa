"""A run's outcome for programs: JSON, GitHub annotations, JUnit XML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from chainsim.rules import SEVERITIES

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.workflow import Comparison, Run

_GITHUB_LEVELS = {"info": "notice", "warning": "warning", "error": "error"}


def json_text(outcome: Run, folder: Path, workbook: Path | None) -> str:
    """One object: what was run, key figures, completion, shortfalls, findings, and where the tables are."""
    return _dumped(
        {
            **_summary(outcome),
            "shortfalls": _records(outcome.tables["shortfalls"]),
            "outputs": {
                "folder": folder.as_posix(),
                "workbook": None if workbook is None else workbook.as_posix(),
            },
        }
    )


def comparison_json(comparison: Comparison) -> str:
    """The summaries of all runs, in order."""
    return _dumped({"runs": [_summary(outcome) for outcome in comparison.runs]})


def github_text(outcome: Run, lang: str) -> str:
    """One annotation per finding, on the rule's file and line."""
    lines = []
    for row in _records(outcome.findings):
        name, _, line = row["source"].rpartition(":")
        file = _from_here(outcome.rules_folder / name)
        level = _GITHUB_LEVELS[row["severity"]]
        message = row[f"message_{lang}"]
        place = f"file={_github_property(file)},line={line},title={_github_property(row['rule'])}"
        lines.append(f"::{level} {place}::{_github_data(message)}\n")
    return "".join(lines)


def junit_text(outcome: Run, lang: str, fail_on: str) -> str:
    """A test suite with a case per finding: a failure at or above ``fail_on`` (never: at warning), else a pass."""
    grades = list(SEVERITIES)
    floor = grades.index("warning" if fail_on == "never" else fail_on)
    cases, failures = [], 0
    for row in _records(outcome.findings):
        severity = row["severity"]
        message = row[f"message_{lang}"]
        action = row[f"action_{lang}"]
        since = row["since"] or ""
        name = " ".join(part for part in (row["subject"], row["grade"], since) if part)
        head = f"  <testcase classname={quoteattr(row['rule'])} name={quoteattr(name)}"
        if grades.index(severity) >= floor:
            failures += 1
            cases.append(
                f"{head}>\n    <failure type={quoteattr(severity)} message={quoteattr(message)}>{escape(action)}</failure>\n"
                "  </testcase>\n"
            )
        else:
            cases.append(f"{head}>\n    <system-out>{escape(message)}</system-out>\n  </testcase>\n")
    name = quoteattr(f"chainsim {outcome.scenario.name}")
    head = f'<testsuite name={name} tests="{len(cases)}" failures="{failures}" errors="0">\n'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{"".join(cases)}</testsuite>\n'


def _summary(outcome: Run) -> dict[str, Any]:
    kpis = outcome.tables["kpis"]
    figures = {row["name"]: {key: row[key] for key in ("value", "unit", "subject", "at")} for row in _records(kpis)}
    return {
        "manifest": outcome.manifest,
        "kpis": figures,
        "customer_months": _records(outcome.tables["customer_months"]),
        "findings": _records(outcome.findings),
        "warnings": [{"code": p.code, "place": p.place, "message": p.message} for p in outcome.warnings],
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values: dates as ISO texts, unknowns as null."""
    columns = {name: [_plain(value) for value in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    if hasattr(value, "isoformat"):
        stamp = value.isoformat()
        return stamp.removesuffix("T00:00:00")
    return value


def _dumped(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)


def _from_here(path: Path) -> str:
    """``path`` from the current folder, which in CI is the repository; as it is where it lies elsewhere."""
    whole = path.resolve()
    return (whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else path).as_posix()


def _github_data(message: str) -> str:
    """Escaped as GitHub's workflow commands ask."""
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(value: str) -> str:
    return _github_data(value).replace(":", "%3A").replace(",", "%2C")
