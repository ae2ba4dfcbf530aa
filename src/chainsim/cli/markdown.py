"""Findings as a page of Markdown: for the summary of a CI job or a note to a colleague."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chainsim.cli.comparison_sections import Section, sections
from chainsim.cli.tallies import by_run, rule_tallies
from chainsim.rules import SEVERITIES, digest
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.results import Labels
    from chainsim.rules import Evaluation
    from chainsim.workflow import Run
    from chainsim.workflow_compare import Comparison

MOST_FINDINGS = 60
"""Lines in words; a summary is read, and GitHub cuts it at a megabyte."""
MOST_RUNS = 50
_MARKS = {"info": "🔵", "warning": "🟡", "error": "🔴"}


def run_markdown(outcome: Run, lang: str) -> str:
    """One run: its headline, findings, what each rule found, and how to get it again."""
    scenario = outcome.scenario
    kpis = dict(zip(outcome.tables["kpis"]["name"], outcome.tables["kpis"]["value"].astype(float), strict=True))
    figures = {name: kpis[name] for name in ("delivered", "plan", "completion", "shortfall")}
    parts = [
        f"# {_escaped(scenario.label.text(lang, scenario.name))}",
        _escaped(text(lang, "headline" if kpis["plan"] > 0 else "headline.no_plan", **figures)),
        *_findings(outcome.findings, outcome.labels, lang),
        *_rules(outcome.findings, outcome.rule_results, lang, several=False),
        f"`{outcome.manifest['command']}`",
    ]
    return "\n\n".join(parts) + "\n"


def evaluation_markdown(evaluation: Evaluation, lang: str) -> str:
    """Rules over earlier runs: what each found; of several runs the worst, of one the findings in words."""
    outcome = evaluation.outcome
    several = len(evaluation.runs) > 1
    parts = [f"# {text(lang, 'eval.title', count=len(evaluation.runs))}"]
    if several:
        parts += _runs(evaluation, lang)
    else:
        parts += _findings(outcome.findings, evaluation.labels, lang)
    parts += _rules(outcome.findings, outcome.results, lang, several=several)
    if evaluation.skipped:
        lines = [
            f"- `{rule}`: {', '.join(f'`{table}.parquet`' for table in tables)}"
            for rule, tables in evaluation.skipped.items()
        ]
        parts += [f"## {text(lang, 'title.skipped')}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def comparison_markdown(comparison: Comparison, lang: str) -> str:
    """Several runs side by side: the sections that the terminal shows, too."""
    title = f"# {text(lang, 'compare.title', name=_escaped(comparison.names[0]))}\n\n"
    found = sections(comparison, lang)
    return title + (sections_markdown(found) if found else text(lang, "compare.no_differences") + "\n")


def sections_markdown(found: Sequence[Section]) -> str:
    """Sections one below the other."""
    return "\n\n".join(part for section in found for part in _section(section)) + "\n"


def _section(section: Section) -> list[str]:
    """One section: its title, its table, its notes."""
    rows = [[_escaped(cell) for cell in row] for row in section.rows]
    if section.total:
        rows[-1] = [f"**{cell}**" if cell else "" for cell in rows[-1]]
    head = [_escaped(cell) for cell in section.head]
    table = _table(head, rows, numbers=section.names, last_is_text=section.reasons)
    return [f"## {_escaped(section.title)}", table, *map(_escaped, section.notes)]


def _findings(findings: pd.DataFrame, labels: Labels, lang: str) -> list[str]:
    if findings.empty:
        return [text(lang, "none.findings")]
    grades = findings["severity"].value_counts()
    counts = text(lang, "counts", **{name: int(grades.get(name, 0)) for name in SEVERITIES})
    lines = digest(findings, labels, lang)
    rows = [
        (f"{_MARKS[grade]} {SEVERITIES[grade][lang == 'zh']}", _escaped(words))
        for grade, words in lines[:MOST_FINDINGS]
    ]
    head = [text(lang, f"column.{name}") for name in ("severity", "finding")]
    out = [f"## {text(lang, 'title.findings')}: {counts}", _table(head, rows)]
    if len(lines) > MOST_FINDINGS:
        out.append(text(lang, "more.lines", count=len(lines) - MOST_FINDINGS))
    return out


def _rules(findings: pd.DataFrame, results: pd.DataFrame, lang: str, *, several: bool) -> list[str]:
    tallies = rule_tallies(findings, results)
    columns = ("severity", "rule", "findings", *(("runs",) if several else ()), "unknown")
    rows = [
        (
            f"{_MARKS[t.severity]} {SEVERITIES[t.severity][lang == 'zh']}" if t.findings else "",
            f"`{t.rule}`",
            f"{t.findings:,}",
            *((f"{t.runs:,}",) if several else ()),
            f"{t.unknown:,}" if t.unknown else "",
        )
        for t in tallies
    ]
    out = [f"## {text(lang, 'title.rules')}"]
    if rows:
        out.append(_table([text(lang, f"column.{name}") for name in columns], rows, numbers=2))
    if quiet := len(results) - len(tallies):
        out.append(text(lang, "eval.quiet", count=quiet))
    return out


def _runs(evaluation: Evaluation, lang: str) -> list[str]:
    tallies = by_run(evaluation)
    if not tallies:
        return [text(lang, "none.findings")]
    head = [text(lang, "column.run"), *(f"{_MARKS[n]} {SEVERITIES[n][lang == 'zh']}" for n in reversed(SEVERITIES))]
    rows = [(f"`{t.run}`", *(f"{t.counts[name]:,}" for name in reversed(SEVERITIES))) for t in tallies[:MOST_RUNS]]
    out = [f"## {text(lang, 'title.runs')}", _table(head, rows, numbers=1)]
    if len(tallies) > MOST_RUNS:
        out.append(text(lang, "eval.more_runs", count=len(tallies) - MOST_RUNS))
    return out


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 99, last_is_text: bool = False) -> str:
    """A table; columns from ``numbers`` on are set to the right, but for the last where it is text."""
    rules = ["---:" if index >= numbers else "---" for index in range(len(head))]
    if last_is_text:
        rules[-1] = "---"
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rules, *rows))


def _escaped(words: str) -> str:
    """Text that Markdown takes for text: a planner's label is no table, tag or link."""
    out = " ".join(words.split())
    for sign in "\\`*_[]<>|#":
        out = out.replace(sign, f"\\{sign}")
    return out
