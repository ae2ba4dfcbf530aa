"""Rules as a planner reads them on a terminal: the list of them, how their tests went, what they found in earlier runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chainsim.cli.machine import Case, junit_text
from chainsim.cli.tallies import RunTally, by_rule, by_run
from chainsim.cli.terminal import MOST_FINDINGS, SEVERITY_STYLES, console_here, plain_table, show_digest
from chainsim.rules import SEVERITIES
from chainsim.rules.language.tree import MEMBERS_OF
from chainsim.rules.language.writing import written
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.rules import Evaluation, Rule, RuleBook, Tested

PERIODS = {"month": "periods.month", "ten_days": "periods.ten_days", "day": "periods.day"}
"""The texts for counted periods."""
MOST_RUNS = 12
"""Runs that are named, the worst first."""


def show_rules(book: RuleBook, lang: str, console: Console | None = None) -> None:
    """Every rule in a few lines, file by file: level, id, what it asks of which rows, what follows."""
    console = console or console_here()
    file = ""
    for rule in book.rules:
        own, _, line = rule.source.rpartition(":")
        if own != file:
            if file:
                console.print()
            file = own
            console.print(file, style="bold")
        _rule(console, rule, line, lang)
    counts = {name: sum(rule.severity == name for rule in book.rules) for name in SEVERITIES}
    console.print()
    console.print(text(lang, "rules.count", count=len(book.rules), **counts), soft_wrap=True)


def _rule(console: Console, rule: Rule, line: str, lang: str) -> None:
    head = Text.assemble(
        (f"{SEVERITIES[rule.severity][lang == 'zh']:<7} ", SEVERITY_STYLES[rule.severity]),
        (rule.id, "bold"),
        (f"  :{line}", "dim"),
    )
    console.print(indented(head, 2))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column()
    grid.add_row(text(lang, "rules.when"), rule.text)
    for column, node in rule.rows.measures:
        if column.name != MEMBERS_OF:
            grid.add_row("", Text(f"{column.name} = {written(node)}", style="dim"))
    where = written(rule.rows.where) if rule.rows.where is not None else ""
    by = rule.keys if rule.rows.by else ()
    grid.add_row(text(lang, "rules.table"), rows_text(rule.rows.table.name, by, where, rule.periods, rule.period, lang))
    action = rule.action.text_zh if lang == "zh" else rule.action.text_en
    if action:
        owner = rule.action.owner[lang == "zh"]
        due = text(lang, "rules.due", owner=owner, days=rule.action.within_days) if owner else ""
        grid.add_row(text(lang, "rules.action"), action + due)
    if rule.labels:
        grid.add_row(text(lang, "rules.labels"), ", ".join(f"{k}={v}" for k, v in rule.labels.items()))
    console.print(indented(grid, 10))


def indented(part: RenderableType, columns: int) -> Padding:
    """``part`` moved to the right, without blanks up to the terminal's edge behind it."""
    return Padding(part, (0, 0, 0, columns), expand=False)


def rows_text(table: str, by: Sequence[str], where: str, periods: int, period: str, lang: str) -> str:
    """``shortfalls by asset, month where share >= 50%, 2 months running``."""
    out = table
    if by:
        out += text(lang, "rules.by", keys=", ".join(by))
    if where:
        out += text(lang, "rules.where", condition=where)
    if periods > 1:
        out += text(lang, "rules.for", count=periods, period=text(lang, PERIODS[period]))
    return out


# --- tests


def show_tests(book: RuleBook, outcomes: Sequence[Tested], lang: str, console: Console | None = None) -> None:
    """What failed and how, which rules lack a test, and the count."""
    console = console or console_here()
    failed = [(test, outcome) for test, outcome in zip(book.tests, outcomes, strict=True) if not outcome.passed]
    for test, outcome in failed:
        console.print(
            Text.assemble((f"{test.source}: ", "bold"), (f"{test.rule.id}: {test.name}", "bold red")), soft_wrap=True
        )
        for line in _differences(outcome, lang):
            console.print(indented(line, 4))
    for key, rules in (
        ("tests.no_firing", _untested(book, firing=True)),
        ("tests.no_near", _untested(book, firing=False)),
    ):
        if rules:
            console.print(text(lang, key, rules=", ".join(rules)), style="yellow")
    key = "tests.failed" if failed else "tests.passed"
    told = text(lang, key, tests=len(book.tests), rules=len(book.rules), failed=len(failed))
    console.print(told, style="bold red" if failed else "green", soft_wrap=True)


def tests_junit(book: RuleBook, outcomes: Sequence[Tested], lang: str) -> str:
    """The tests as a JUnit suite."""
    cases = []
    for test, outcome in zip(book.tests, outcomes, strict=True):
        lines = _differences(outcome, lang)
        failure = text(lang, "tests.failure", source=test.source) if lines else ""
        cases.append(Case(test.rule.id, test.name, "\n".join(lines), failure, "test" if lines else ""))
    return junit_text({text(lang, "tests.title"): cases})


def _differences(outcome: Tested, lang: str) -> list[str]:
    expected = [text(lang, "tests.expected", finding=_listed(wanted)) for wanted in outcome.missing]
    columns = list(dict.fromkeys(name for wanted in outcome.missing for name in wanted))
    shown = ("subject", "since", "until", "periods", "severity", *columns, f"message_{lang}")
    found = [
        text(
            lang,
            "tests.found",
            finding=_listed({name: finding[name] for name in dict.fromkeys(shown) if finding[name]}),
        )
        for finding in outcome.unexpected
    ]
    return expected + (found or [text(lang, "tests.found_nothing")] if expected else found)


def _listed(finding: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in finding.items())


def _untested(book: RuleBook, *, firing: bool) -> list[str]:
    """The rules without a test that expects findings, or without one that expects none."""
    seen = {test.rule.id for test in book.tests if bool(test.expected) is firing}
    return [rule.id for rule in book.rules if rule.id not in seen]


# --- earlier runs


def show_evaluation(evaluation: Evaluation, lang: str, *, out: Path | None, console: Console | None = None) -> None:
    """How much was found, by rule and by run; of a single run the findings in words."""
    console = console or console_here()
    findings = evaluation.outcome.findings
    several = len(evaluation.runs) > 1
    console.print(text(lang, "eval.title", count=len(evaluation.runs)), style="bold", soft_wrap=True)
    tallies = by_rule(evaluation)
    table = plain_table("")
    table.add_column(text(lang, "column.severity"), no_wrap=True)
    table.add_column(text(lang, "column.rule"), no_wrap=True)
    columns = ("findings", "runs", "unknown") if several else ("findings", "unknown")
    for column in columns:
        table.add_column(text(lang, f"column.{column}"), justify="right")
    for tally in tallies:
        level = (
            Text(SEVERITIES[tally.severity][lang == "zh"], style=SEVERITY_STYLES[tally.severity])
            if tally.findings
            else ""
        )
        cells = [
            f"{tally.findings:,}",
            *([f"{tally.runs:,}"] if several else []),
            f"{tally.unknown:,}" if tally.unknown else "",
        ]
        table.add_row(level, tally.rule, *cells)
    if tallies:
        console.print(table)
    quiet = len(evaluation.outcome.results) - len(tallies)
    if quiet:
        console.print(text(lang, "eval.quiet", count=quiet), style="dim", soft_wrap=True)
    console.print()
    if several:
        _runs(console, by_run(evaluation), lang)
    else:
        show_digest(console, findings, evaluation.labels, lang, MOST_FINDINGS, place=out)
    if out is not None:
        console.print(text(lang, "eval.written", file=out), soft_wrap=True)


def _runs(console: Console, tallies: Sequence[RunTally], lang: str) -> None:
    if not tallies:
        console.print(text(lang, "none.findings"), style="green")
        return
    table = plain_table(text(lang, "title.runs"))
    table.add_column(text(lang, "column.run"), overflow="fold")
    for name in reversed(SEVERITIES):
        table.add_column(SEVERITIES[name][lang == "zh"], justify="right")
    for tally in tallies[:MOST_RUNS]:
        table.add_row(tally.run, *(f"{tally.counts[name]:,}" for name in reversed(SEVERITIES)))
    console.print(table)
    if len(tallies) > MOST_RUNS:
        console.print(text(lang, "eval.more_runs", count=len(tallies) - MOST_RUNS), style="dim", soft_wrap=True)
