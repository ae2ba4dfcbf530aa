"""Why a rule fired, as a planner reads it on a terminal: for each row the tree of the condition, the episode, the causes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from chainsim.cli.rules_terminal import PERIODS, indented, rows_text
from chainsim.cli.terminal import LEAST_SHOWN_T, SEVERITY_STYLES, console_here, plain_table
from chainsim.rules import SEVERITIES
from chainsim.rules.findings import STATES
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.rules import Explanation
    from chainsim.rules.explained_steps import Decided, DecisionRow, Step
    from chainsim.rules.explaining import CauseShare, ExplainedRow

_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}
_MOST_PERIODS = 12
"""Periods of a window that are listed; of longer ones the last."""


def show_explanation(
    explanation: Explanation, lang: str, *, seen_in: Path | None = None, console: Console | None = None
) -> None:
    """Print what the rule asks, then each row with its tree."""
    console = console or console_here()
    head = Text.assemble(
        (explanation.rule, "bold"),
        "  ",
        (SEVERITIES[explanation.severity][lang == "zh"], SEVERITY_STYLES[explanation.severity]),
        (f"  {explanation.source}", "dim"),
    )
    console.print(head, soft_wrap=True)
    console.print(indented(explanation.condition, 2))
    rows = rows_text(
        explanation.table, explanation.by, explanation.where, explanation.periods, explanation.period, lang
    )
    if seen_in is not None:
        rows += text(lang, "explain.seen_in", place=seen_in)
    console.print(indented(Text(rows, style="dim"), 2))
    for row in explanation.rows:
        console.print()
        _row(console, explanation, row, lang)
    if explanation.left_out:
        console.print()
        console.print(text(lang, "explain.left_out", count=explanation.left_out), style="dim", soft_wrap=True)


def _row(console: Console, explanation: Explanation, row: ExplainedRow, lang: str) -> None:
    index = int(lang == "zh")
    key = {True: "explain.holds", False: "explain.holds_not", None: "explain.unknown"}[row.holds]
    console.print(
        Text.assemble(
            (row.title[index] or text(lang, "explain.whole"), "bold"), ": ", (text(lang, key), _MARKS[row.holds][1])
        ),
        soft_wrap=True,
    )
    tree = Tree(_line(row.tree, lang), guide_style="dim")
    _grow(tree, row.tree, lang)
    console.print(tree)
    _episode(console, explanation, row, lang)
    if row.causes:
        _causes(console, row.causes, lang)


def _grow(tree: Tree, step: Step, lang: str) -> None:
    if step.decided is not None:
        _decided(tree, step.decided, lang)
    if step.kind != "window":
        for part in step.steps:
            _grow(tree.add(_line(part, lang)), part, lang)


def _line(step: Step, lang: str) -> Text:
    index = int(lang == "zh")
    if step.kind == "condition":
        mark, style = _MARKS[step.value if isinstance(step.value, bool) else None]
        return Text.assemble((f"{mark} ", style), step.text)
    line = Text.assemble(step.text, " = ", (step.shown[index], "bold" if step.value is not None else "yellow"))
    notes = [step.meaning[index]]
    match step.kind:
        case "lookup":
            notes.append(text(lang, "explain.row_of" if step.found else "explain.no_row", keys=step.keys))
        case "window":
            periods = [f"{part.text}: {part.shown[index]}" for part in step.steps]
            notes += [*(["…"] if len(periods) > _MOST_PERIODS else []), *periods[-_MOST_PERIODS:]]
        case "group":
            notes += [step.keys, text(lang, "explain.group_rows", count=step.rows)]
        case "measure" if step.keys:
            notes.append(step.keys)
        case "flag":
            notes.append(text(lang, "explain.raised" if step.value else "explain.not_raised", keys=step.keys))
        case "decision" if not step.found:
            notes.append(text(lang, "explain.no_row", keys=step.keys))
    if told := " · ".join(note for note in notes if note):
        line.append(f"   {told}", "dim")
    return line


def _decided(tree: Tree, decided: Decided, lang: str) -> None:
    place = Text(f"{decided.table} ({decided.source}, {text(lang, 'explain.hit', policy=decided.hit)})", style="dim")
    branch = tree.add(place)
    for row in decided.matched:
        branch.add(_decision_line(row, lang))
    if not decided.matched:
        branch.add(Text(text(lang, "explain.no_match"), style="yellow"))
    for row in decided.nearly:
        branch.add(_decision_line(row, lang))


def _decision_line(row: DecisionRow, lang: str) -> Text:
    """``✓ row 3: grade A``, or the first cell that is not true with the value it met."""
    comma, around = ("，", "（{}）") if lang == "zh" else (", ", " ({})")
    gives = comma.join(f"{name} {value[lang == 'zh']}" for name, value in row.gives)
    if row.missed is None:
        cells = comma.join(
            f"{name} {cell}" + around.format(shown[lang == "zh"]) for name, cell, shown in row.cells if cell != "-"
        )
        line = text(lang, "explain.matched", number=row.number, gives=gives)
        return Text.assemble(("✓ ", "green"), line, (f"   {cells}", "dim"))
    name, cell, shown = row.cells[row.missed]
    told = text(
        lang, "explain.missed", number=row.number, gives=gives, input=name, cell=cell, value=shown[lang == "zh"]
    )
    return Text.assemble(("✗ ", "red"), (told, "dim"))


def _episode(console: Console, explanation: Explanation, row: ExplainedRow, lang: str) -> None:
    lines = []
    finding = row.finding
    period = text(lang, PERIODS[explanation.period]) if explanation.period else ""
    if finding is not None:
        if explanation.period:
            span = finding.since if finding.since == finding.until else f"{finding.since} … {finding.until}"
            key = "explain.bridged" if finding.bridged else "explain.episode"
            state = STATES[finding.state][lang == "zh"]
            lines.append(text(lang, key, span=span, count=finding.periods, period=period, state=state))
        lines.append(finding.message_zh if lang == "zh" else finding.message_en)
        if action := finding.action_zh if lang == "zh" else finding.action_en:
            lines.append(f"→ {action}")
        if finding.told_by:
            lines.append(text(lang, "explain.told_by", rule=finding.told_by))
    elif row.lacking:
        lines.append(
            text(
                lang,
                "explain.lacking",
                count=row.in_a_row,
                needed=explanation.periods,
                lacking=row.lacking,
                period=period,
            )
        )
    for line in lines:
        console.print(indented(line, 2))


def _causes(console: Console, causes: tuple[CauseShare, ...], lang: str) -> None:
    index = int(lang == "zh")
    shown = [cause for cause in causes if cause.tonnes >= LEAST_SHOWN_T]
    if not shown:
        return
    table = plain_table(text(lang, "title.shortfalls"))
    table.add_column(text(lang, "column.cause"))
    table.add_column(text(lang, "column.asset"))
    for column in ("tonnes", "share"):
        table.add_column(text(lang, f"column.{column}"), justify="right")
    for cause in shown:
        table.add_row(cause.cause_texts[index], cause.asset_texts[index], f"{cause.tonnes:,.0f}", f"{cause.share:.1%}")
    console.print(indented(table, 1))
