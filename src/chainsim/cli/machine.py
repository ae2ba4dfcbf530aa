"""Outcomes for programs: JSON, GitHub annotations, JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from chainsim.model.plan import months_of
from chainsim.rules import SEVERITIES, Evaluation, Explanation, RuleBook

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from chainsim.optimization.loosening import Place
    from chainsim.optimization.questions import Reached
    from chainsim.workflow import Run
    from chainsim.workflow_compare import Comparison
    from chainsim.workflow_orders import Optimized
    from chainsim.workflow_resilience import Resilience

_GITHUB_LEVELS = {"info": "notice", "warning": "warning", "error": "error"}


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a JUnit suite: passed unless ``failure`` or ``error`` says why not; ``said`` goes with it either way.

    A failure is an answer that is not as it should be; an error is no answer at all.
    """

    group: str
    name: str
    said: str = ""
    failure: str = ""
    grade: str = ""
    error: str = ""


def json_text(outcome: Run, folder: Path, workbook: Path | None) -> str:
    """One object: what was run, key figures, completion, shortfalls, findings, and where the tables are."""
    return dumped(
        {
            **_summary(outcome),
            "shortfalls": records_of(outcome.tables["shortfalls"]),
            "outputs": {
                "folder": folder.as_posix(),
                "workbook": None if workbook is None else workbook.as_posix(),
            },
        }
    )


def comparison_json(comparison: Comparison) -> str:
    """The runs in order, each with its key figures and findings, and the tables of differences from the first."""
    return dumped(
        {
            "runs": [
                {
                    "name": run.name,
                    "place": run.place.as_posix(),
                    "manifest": dict(run.manifest),
                    "kpis": figures_of(run.tables["kpis"]),
                    "customer_months": records_of(run.tables["customer_months"]),
                    "findings": records_of(run.findings),
                }
                for run in comparison.runs
            ],
            **{name: records_of(table) for name, table in comparison.tables().items()},
        }
    )


def evaluation_json(evaluation: Evaluation) -> str:
    """The runs, what every rule found in them, the findings, and the rules that could not be asked."""
    return dumped(
        {
            "runs": [run.as_posix() for run in evaluation.runs],
            "rules": records_of(evaluation.outcome.results),
            "findings": records_of(evaluation.outcome.findings),
            "skipped": {rule: list(tables) for rule, tables in evaluation.skipped.items()},
        }
    )


def rules_json(book: RuleBook, rules_folder: Path) -> str:
    """One object per rule: what it asks of which rows, and what follows."""
    return dumped(
        {
            "folder": rules_folder.as_posix(),
            "rules": [
                {
                    "id": rule.id,
                    "severity": rule.severity,
                    "table": rule.rows.table.name,
                    "by": list(rule.keys) if rule.rows.by else [],
                    "when": rule.text,
                    "for": {"periods": rule.periods, "period": rule.period or None},
                    "labels": dict(rule.labels),
                    "action": {
                        "en": rule.action.text_en,
                        "zh": rule.action.text_zh,
                        "kind": {"en": rule.action.kind[0], "zh": rule.action.kind[1]},
                        "owner": {"en": rule.action.owner[0], "zh": rule.action.owner[1]},
                        "within_days": rule.action.within_days or None,
                    },
                    "source": rule.source,
                }
                for rule in book.rules
            ],
        }
    )


def explanation_json(explanation: Explanation) -> str:
    """The explanation as it stands: rows with their trees, values as numbers, texts and ISO dates."""
    return dumped(_plain_deep(asdict(explanation)))


def replan_json(outcome: Optimized, files: Mapping[str, Path | None]) -> str:
    """The day, the draft order with its reasons, its proof, levels and prices, the customer asked for, and what was written."""
    from chainsim.optimization.explaining import story_of

    order = outcome.order("en")
    replanned, tables = outcome.replanned, outcome.tables
    chinese = outcome.order("zh")
    return dumped(
        {
            "manifest": outcome.manifest,
            "from": outcome.scenario.calendar_date(replanned.day).isoformat(),
            "chosen_by": outcome.chosen_by,
            "order": None
            if order is None or chinese is None
            else {
                "number": order.number,
                "issued": order.issued.isoformat(),
                "effective": outcome.scenario.instant(order.effective_day).isoformat(),
                "state": order.state,
                "reason": {"en": order.reason, "zh": chinese.reason},
                "lines": records_of(tables["draft_order"]),
            },
            "proof": records_of(tables["order_proof"]),
            "causes": records_of(tables["order_causes"]),
            "levels": records_of(tables["order_levels"]),
            "prices": None if outcome.prices is None else _prices(outcome),
            "reached": None if outcome.reached is None else _reached(outcome.reached, outcome),
            "explained": asdict(story_of(replanned, outcome.whys, outcome.explained)) if outcome.explained else None,
            "outputs": {name: None if path is None else path.as_posix() for name, path in files.items()},
        }
    )


def resilience_json(outcome: Resilience, files: Mapping[str, Path | None], maps: Sequence[Path]) -> str:
    """What was asked, both tables, the outages left out, and what was written."""
    return dumped(
        {
            "manifest": outcome.manifest,
            **{name: records_of(frame) for name, frame in outcome.tables.items()},
            "warnings": [{"code": p.code, "place": p.place, "message": p.message} for p in outcome.warnings],
            "outputs": {name: None if path is None else path.as_posix() for name, path in files.items()}
            | {"maps": [path.as_posix() for path in maps]},
        }
    )


def _prices(outcome: Optimized) -> list[dict[str, Any]]:
    months = months_of(outcome.scenario)
    return [
        {
            **_of_place(price.place, months),
            "unit": price.unit,
            "completion_t": price.completion_t,
            "lateness_t_months": price.lateness_t_months,
            "verified_t": price.verified_t,
            "verified_t_months": price.verified_t_months,
        }
        for price in outcome.prices or ()
    ]


def _reached(reached: Reached, outcome: Optimized) -> dict[str, Any]:
    months = months_of(outcome.scenario)
    return {
        "customer": reached.customer,
        "target": reached.target,
        "completion_without": reached.without.completion(),
        "completion": reached.promise.completion(),
        "changes": [
            {
                "customer": change.customer,
                "grade": change.grade,
                "month": months[change.month][2].isoformat(),
                "before_t": change.before_t,
                "after_t": change.after_t,
            }
            for change in reached.changes
        ],
        "costs_t": reached.costs,
    }


def _of_place(place: Place, months: Sequence[tuple[float, float, date]]) -> dict[str, Any]:
    month = months[place.month][2].isoformat()
    return {"kind": place.kind, "asset": place.asset, "grade": place.grade or None, "month": month}


def github_text(findings: pd.DataFrame, rules_folder: Path, lang: str) -> str:
    """One annotation per finding, on the rule's file and line."""
    lines = []
    for row in records_of(findings):
        name, _, line = row["source"].rpartition(":")
        file = from_here(rules_folder / name)
        level = _GITHUB_LEVELS[row["severity"]]
        message = ": ".join(part for part in (row.get("run", ""), row[f"message_{lang}"]) if part)
        place = f"file={github_property(file)},line={line},title={github_property(row['rule'])}"
        lines.append(f"::{level} {place}::{github_data(message)}\n")
    return "".join(lines)


def findings_junit(findings: pd.DataFrame, results: pd.DataFrame, title: str, lang: str, fail_on: str) -> str:
    """A case per finding: a failure at or above ``fail_on`` (never: at warning), else a pass; rules that found nothing pass.

    Of several runs each with findings is a suite of its own.
    """
    grades = list(SEVERITIES)
    floor = grades.index("warning" if fail_on == "never" else fail_on)
    suites: dict[str, list[Case]] = {title: []}
    for row in records_of(findings):
        fails = grades.index(row["severity"]) >= floor
        message, action = row[f"message_{lang}"], row[f"action_{lang}"]
        name = " ".join(part for part in (row["subject"], row["grade"], row["detail"], row["since"] or "") if part)
        case = Case(
            row["rule"], name, action if fails else message, message if fails else "", row["severity"] if fails else ""
        )
        suites.setdefault(row.get("run", title), []).append(case)
    quiet = results.loc[results["findings"] == 0, "rule"]
    suites[title] += [Case(str(rule), str(rule)) for rule in quiet]
    return junit_text({name: cases for name, cases in suites.items() if cases or len(suites) == 1})


def junit_text(suites: dict[str, list[Case]]) -> str:
    """JUnit XML of ``suites``; one alone is the document's root."""
    parts = [_suite(name, cases) for name, cases in suites.items()]
    body = parts[0] if len(parts) == 1 else f"<testsuites>\n{''.join(parts)}</testsuites>\n"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'


def _suite(name: str, cases: Sequence[Case]) -> str:
    failures = sum(bool(case.failure) for case in cases)
    errors = sum(bool(case.error) for case in cases)
    head = f'<testsuite name={_attribute(name)} tests="{len(cases)}" failures="{failures}" errors="{errors}">\n'
    return f"{head}{''.join(map(_case, cases))}</testsuite>\n"


def _case(case: Case) -> str:
    head = f"  <testcase classname={_attribute(case.group)} name={_attribute(case.name)}"
    if case.error:
        inside = f"    <error message={_attribute(case.error)}>{_xml(case.said)}</error>\n"
    elif case.failure:
        kind, message = _attribute(case.grade), _attribute(case.failure)
        inside = f"    <failure type={kind} message={message}>{_xml(case.said)}</failure>\n"
    elif case.said:
        inside = f"    <system-out>{_xml(case.said)}</system-out>\n"
    else:
        return f"{head}/>\n"
    return f"{head}>\n{inside}  </testcase>\n"


def _summary(outcome: Run) -> dict[str, Any]:
    return {
        "manifest": outcome.manifest,
        "kpis": figures_of(outcome.tables["kpis"]),
        "customer_months": records_of(outcome.tables["customer_months"]),
        "findings": records_of(outcome.findings),
        "work_orders": records_of(outcome.work_orders),
        "rule_results": records_of(outcome.rule_results),
        "warnings": [{"code": p.code, "place": p.place, "message": p.message} for p in outcome.warnings],
    }


def figures_of(kpis: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Key figure → value, unit, subject and moment."""
    return {row["name"]: {key: row[key] for key in ("value", "unit", "subject", "at")} for row in records_of(kpis)}


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
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


def _plain_deep(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain_deep(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_deep(part) for part in value]
    return _plain(value)


def dumped(value: dict[str, Any]) -> str:
    """JSON as we print it."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)


def from_here(path: Path) -> str:
    """``path`` from the current folder, which in CI is the repository; as it is where it lies elsewhere."""
    whole = path.resolve()
    return (whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else path).as_posix()


def github_data(message: str) -> str:
    """Escaped as GitHub's workflow commands ask."""
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def github_property(value: str) -> str:
    """``github_data`` for a property of a command, where colons and commas part things, too."""
    return github_data(value).replace(":", "%3A").replace(",", "%2C")


def _xml(text: str) -> str:
    """``text`` within XML 1.0, which has no control characters at all."""
    return escape(_printable(text))


def _attribute(text: str) -> str:
    return quoteattr(_printable(text))


def _printable(characters: Iterable[str]) -> str:
    return "".join(c if c >= " " or c in "\t\n\r" else "\N{REPLACEMENT CHARACTER}" for c in characters)
