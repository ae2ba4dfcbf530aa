"""A batch's outcome for programs: JUnit XML, GitHub annotations, JSON, and the Markdown summary of a CI job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chainsim.cli.batch_sections import (
    batch_sections,
    labels_of,
    regression_text,
    regression_what,
    regression_why,
)
from chainsim.cli.machine import (
    Case,
    dumped,
    figures_of,
    from_here,
    github_data,
    github_property,
    github_text,
    junit_text,
    records_of,
)
from chainsim.cli.markdown import sections_markdown
from chainsim.records import CAUSES
from chainsim.rules import SEVERITIES
from chainsim.rules.regressions import MEASURES
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.workflow_batch import Batch, Item


def batch_junit(batch: Batch, lang: str, fail_on: str) -> str:
    """A suite per scenario: a case per rule, and with a baseline one per tolerance; a scenario without result is an error.

    A rule fails where it has a finding at or above ``fail_on`` (never: at warning). Scenarios gone from the baseline are told in
    a suite of their own.
    """
    suites = {item.name: list(_cases(batch, item, lang, fail_on)) for item in batch.items}
    if batch.gone:
        suites["baseline"] = [Case("baseline", name, text(lang, "batch.is_gone", name=name)) for name in batch.gone]
    return junit_text(suites)


def batch_github(batch: Batch, lang: str, fail_on: str) -> str:
    """Annotations: scenarios without result and regressions on the scenario's file, then grave findings on their rules."""
    lines = []
    for item in batch.items:
        told = [regression_text(r, labels_of(item), lang) for r in (item.judged.regressions if item.judged else ())]
        if item.failure is not None:
            told.append(item.failure.said[lang == "zh"])
        place = item.place / "scenario.yaml" if item.place.is_dir() else item.place
        head = f"::error file={github_property(from_here(place))},line=1,title={github_property(item.name)}::"
        lines += [f"{head}{github_data(said)}\n" for said in told]
    for item in batch.items:
        if item.findings is not None:
            graver = _at_or_above(item.findings, "error" if fail_on == "never" else fail_on).copy()
            graver.insert(0, "run", item.name)
            lines.append(github_text(graver, batch.rules_folder, lang))
    return "".join(lines)


def batch_json(batch: Batch) -> str:
    """One object: every scenario with key figures, findings, regressions and changed inputs; new and gone ones."""
    return dumped(
        {
            "baseline": None if batch.baseline is None else batch.baseline.as_posix(),
            "scenarios": [_scenario(item) for item in batch.items],
            "new": list(batch.new),
            "gone": list(batch.gone),
        }
    )


def batch_markdown(batch: Batch, lang: str, fail_on: str) -> str:
    """The sections that the terminal shows, too."""
    return sections_markdown(batch_sections(batch, lang, fail_on))


def _cases(batch: Batch, item: Item, lang: str, fail_on: str) -> Iterator[Case]:
    if item.failure is not None:
        yield Case(item.name, "run", item.failure.said[lang == "zh"], error=text(lang, "batch.error"))
        return
    assert item.findings is not None and item.rule_results is not None
    for rule in item.rule_results["rule"]:
        yield _rule_case(item, str(rule), item.findings[item.findings["rule"] == rule], lang, fail_on)
    if item.judged is not None:
        for measure in MEASURES:
            yield _measure_case(item, measure, lang)
    elif item.name in batch.new:
        yield Case(f"{item.name}.baseline", "new", text(lang, "batch.is_new", name=item.name))


def _rule_case(item: Item, rule: str, findings: pd.DataFrame, lang: str, fail_on: str) -> Case:
    """What one rule found in one scenario: all findings with values, cause and action."""
    graver = _at_or_above(findings, "warning" if fail_on == "never" else fail_on)
    said = "\n".join(_finding_text(row, item, lang) for row in records_of(findings))
    if graver.empty:
        return Case(item.name, rule, said)
    first = str(graver[f"message_{lang}"].iloc[0])
    grades = list(SEVERITIES)
    gravest = max((str(grade) for grade in graver["severity"]), key=grades.index)
    more = len(graver) - 1
    failure = text(lang, "batch.more_findings", first=first, count=more) if more else first
    return Case(item.name, rule, said, failure, gravest)


def _finding_text(row: dict[str, Any], item: Item, lang: str) -> str:
    """A finding with the values it read, its cause, and what to do."""
    lines = [f"[{SEVERITIES[row['severity']][lang == 'zh']}] {row[f'message_{lang}']}"]
    if row["values"]:
        lines.append(text(lang, "batch.values", values=row["values"]))
    if row["cause"]:
        cause = CAUSES.get(row["cause"], (row["cause"],) * 2)[lang == "zh"]
        asset = labels_of(item).asset(lang, row["cause_asset"]) if row["cause_asset"] else ""
        tonnes = "" if row["cause_t"] is None else f"{row['cause_t']:,.0f} t"
        lines.append(text(lang, "batch.cause", cause=" · ".join(part for part in (cause, asset, tonnes) if part)))
    if row[f"action_{lang}"]:
        lines.append(text(lang, "batch.action", action=row[f"action_{lang}"]))
    return "\n  ".join(lines)


def _measure_case(item: Item, measure: str, lang: str) -> Case:
    """One tolerance: a failure with all that is beyond it."""
    assert item.judged is not None
    mine = [found for found in item.judged.regressions if found.measure == measure]
    group = f"{item.name}.baseline"
    if not mine:
        return Case(group, measure)
    labels = labels_of(item)
    worst = max(mine, key=lambda found: abs(found.after - found.before))
    told = regression_text(worst, labels, lang)
    failure = text(lang, "batch.more_findings", first=told, count=len(mine) - 1) if len(mine) > 1 else told
    return Case(
        group, measure, "\n".join(regression_text(found, labels, lang) for found in mine), failure, "regression"
    )


def _scenario(item: Item) -> dict[str, Any]:
    out: dict[str, Any] = {"name": item.name, "place": item.place.as_posix(), "failure": None}
    if item.failure is not None:
        said = {"en": item.failure.said[0], "zh": item.failure.said[1]}
        return {**out, "failure": {"kind": item.failure.kind, **said}}
    assert item.tables is not None and item.findings is not None and item.rule_results is not None
    out |= {
        "manifest": dict(item.manifest or {}),
        "kpis": figures_of(item.tables["kpis"]),
        "findings": records_of(item.findings),
        "rule_results": records_of(item.rule_results),
        "regressions": None,
    }
    if item.judged is not None:
        labels = labels_of(item)
        out["regressions"] = [
            {
                **{key: value for key, value in asdict(found).items() if key != "messages"},
                "what": {lang: regression_what(found, labels, lang) for lang in ("en", "zh")},
                "why": {lang: regression_why(found, labels, lang) for lang in ("en", "zh")},
            }
            for found in item.judged.regressions
        ]
        out |= {name: records_of(table) for name, table in item.judged.difference.tables.items()}
        out["finding_changes"] = records_of(item.judged.finding_changes)
        out["remarks"] = [remark.message for remark in item.judged.remarks]
    return out


def _at_or_above(findings: pd.DataFrame, floor: str) -> pd.DataFrame:
    grades = list(SEVERITIES)
    return findings[findings["severity"].isin(grades[grades.index(floor) :])]
