"""A re-plan as a planner reads it on a terminal: what the order does, line by line, what binds, and the proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from chainsim.cli.optimize_questions import show_prices, show_reached, show_shortfalls
from chainsim.cli.rules_terminal import indented
from chainsim.cli.terminal import LEAST_SHOWN_T, NARROW, console_here, plain_table
from chainsim.model.plan import months_of
from chainsim.optimization.explaining import Story, matters, story_of
from chainsim.optimization.gaps import gaps_of
from chainsim.optimization.reasons import LEAST_LATE_T_MONTHS, Binding, limits_of_the_late, once_each
from chainsim.optimization.wording import Words, level_in_words
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.optimization.explaining import MonthOf
    from chainsim.optimization.tables import Proven
    from chainsim.workflow_orders import Optimized

MOST_LIMITS = 8


def show_replan(
    outcome: Optimized, lang: str, *, files: Mapping[str, Path | None], quiet: bool, console: Console | None = None
) -> None:
    """Print a re-plan; ``files``: where ``order``, ``folder`` and ``workbook`` were written; ``quiet`` leaves out the tables."""
    console = console or console_here()
    words = Words(outcome.scenario, outcome.labels, lang)
    _headline(console, outcome, words)
    if not outcome.replanned.complete:
        console.print(text(lang, "optimize.incomplete"), style="yellow", soft_wrap=True)
    if outcome.replanned.order is None:
        _no_order(console, outcome, words)
    elif not quiet:
        _lines(console, outcome, words)
        limits = [why.binds for why in outcome.whys if why.binds is not None and why.purpose != "trains"]
        _limits(console, limits, words, counted=True)
        _proof(console, outcome, words)
        _levels(console, outcome, words)
    if outcome.explained:
        _story(console, outcome, words)
    if outcome.prices is not None:
        show_prices(console, outcome, words)
    if outcome.reached is not None:
        show_reached(console, outcome, outcome.reached, words)
    _written(console, outcome, lang, files)


def _headline(console: Console, outcome: Optimized, words: Words) -> None:
    lang, replanned = words.lang, outcome.replanned
    title = outcome.scenario.label.text(lang, outcome.scenario.name)
    day = outcome.scenario.calendar_date(replanned.day)
    console.print(text(lang, f"optimize.day.{outcome.chosen_by}", title=title, day=day), style="bold", soft_wrap=True)
    order = outcome.order(lang)
    if order is None:
        console.print()
        return
    up = sum(change.tonnes for change in replanned.changes if change.tonnes > 0)
    cut = -sum(change.tonnes for change in replanned.changes if change.tonnes < 0)
    console.print(
        text(lang, "optimize.order", number=order.number, lines=len(order.lines), tonnes=up, cut=cut), soft_wrap=True
    )
    console.print(order.reason, soft_wrap=True)
    plan = sum(p.plan_t for p in outcome.proof)
    before, after = (sum(p.completion[when] * p.plan_t for p in outcome.proof) / plan for when in (0, 1))
    console.print(
        text(lang, "optimize.worst", worst=words.worst(outcome.proof), before=before, after=after), soft_wrap=True
    )
    console.print()


def _no_order(console: Console, outcome: Optimized, words: Words) -> None:
    """Why none is proposed: nobody is late, or what holds those back who are."""
    lang, replanned = words.lang, outcome.replanned
    console.print(text(lang, "optimize.none"), style="bold")
    late = replanned.before.lateness()
    if max(late.values(), default=0.0) < LEAST_LATE_T_MONTHS:
        console.print(text(lang, "optimize.none.well"), soft_wrap=True)
        return
    if frozen := outcome.manifest["frozen"]:
        console.print(text(lang, "optimize.none.frozen", count=len(frozen)), soft_wrap=True)
    console.print(text(lang, "optimize.none.tried"), soft_wrap=True)
    console.print()
    _limits(console, limits_of_the_late(replanned), words, counted=True)
    show_shortfalls(console, outcome, words)
    _proof(console, outcome, words)


def _lines(console: Console, outcome: Optimized, words: Words) -> None:
    lang, narrow = words.lang, console.width < NARROW
    months = months_of(outcome.scenario)
    table = plain_table(text(lang, "title.order"))
    table.padding = (0, 1, 0, 0)
    table.add_column(text(lang, "column.customer"), overflow="ellipsis", no_wrap=True, max_width=16 if narrow else 26)
    table.add_column(text(lang, "column.grade"), overflow="ellipsis", no_wrap=True, max_width=8 if narrow else 16)
    table.add_column(text(lang, "column.month"), no_wrap=True)
    for key in ("before", "after"):
        table.add_column(text(lang, f"column.{key}"), justify="right", no_wrap=True)
    if not narrow:
        table.add_column(text(lang, "column.change"), justify="right", no_wrap=True)
    table.add_column(text(lang, "column.why"), min_width=24)
    last = ("", "")
    for why in outcome.whys:
        change = why.change
        here = change.customer, change.grade
        table.add_row(
            outcome.labels.asset(lang, change.customer) if here[0] != last[0] else "",
            outcome.labels.grade(lang, change.grade) if here != last else "",
            f"{months[change.month][2]:%y-%m}",
            f"{change.before_t:,.0f}",
            f"{change.after_t:,.0f}",
            *([] if narrow else [f"{change.tonnes:+,.0f}"]),
            words.why(why, brief=True),
        )
        last = here
    console.print(table)
    console.print()


def _limits(console: Console, limits: Sequence[Binding], words: Words, *, counted: bool) -> None:
    """Each limit once, over its longest span, at its highest price; how many plan lines it holds back."""
    if not limits:
        return
    lang = words.lang
    table = plain_table(text(lang, "title.limits"))
    table.padding = (0, 1, 0, 0)
    table.add_column(text(lang, "column.limit"))
    table.add_column(text(lang, "column.when"))
    table.add_column(text(lang, "column.price"), justify="right")
    if counted:
        table.add_column(text(lang, "column.lines"), justify="right")
    shown = once_each(limits)
    for binding, count in shown[:MOST_LIMITS]:
        table.add_row(
            words.limit(binding),
            words.span(binding.start_day, binding.end_day),
            f"{binding.price:,.2f}",
            *([str(count)] if counted else []),
        )
    console.print(table)
    if len(shown) > MOST_LIMITS:
        console.print(text(lang, "more.lines", count=len(shown) - MOST_LIMITS), style="dim")
    console.print()


def _proof(console: Console, outcome: Optimized, words: Words) -> None:
    lang, narrow = words.lang, console.width < NARROW
    table = plain_table(text(lang, "title.proof"))
    table.padding = (0, 1, 0, 0)
    table.add_column(text(lang, "column.customer"), overflow="ellipsis", no_wrap=True, max_width=20 if narrow else 36)
    columns = ["before", "after", "promised", "late_before", "late_after", "late_promised"]
    if not narrow:
        columns.insert(0, "plan")
    for column in columns:
        table.add_column(text(lang, f"column.{column}"), justify="right")
    for proven in outcome.proof:
        before, after = (f"{value:.1%}" for value in proven.completion[:2])
        better = proven.completion[1] - proven.completion[0]
        style = "" if before == after else "green" if better > 0 else "red"
        cells: list[str | Text] = [
            before,
            Text(after, style=style),
            Text(f"{proven.completion[2]:.1%}", style="dim"),
            *(Text(f"{late:,.0f}", style="dim" if i == 2 else "") for i, late in enumerate(proven.lateness_t_months)),
        ]
        if not narrow:
            cells.insert(0, f"{proven.plan_t:,.0f}")
        table.add_row(outcome.labels.asset(lang, proven.customer), *cells)
    console.print(table)
    gaps = gaps_of(outcome.replanned).values()
    if gaps:
        parts = [
            text(
                lang,
                "optimize.gap.of",
                customer=outcome.labels.asset(lang, gap.customer),
                part=gap.part,
                why=words.gap(gap),
            )
            for gap in gaps
        ]
        console.print(text(lang, "optimize.gap", parts=" · ".join(parts)), style="dim")
    console.print()


def _levels(console: Console, outcome: Optimized, words: Words) -> None:
    table = plain_table(text(words.lang, "title.levels"))
    table.padding = (0, 1, 0, 0)
    table.add_column(text(words.lang, "column.level"))
    for column in ("value", "unit", "seconds"):
        table.add_column(text(words.lang, f"column.{column}"), justify="left" if column == "unit" else "right")
    for level in outcome.replanned.answer.solved.levels:
        unit = level.unit if level.unit == "t" else text(words.lang, f"unit.{level.unit}")
        value = f"{level.value:,.2f}" if level.unit == "month" else f"{level.value:,.0f}"
        table.add_row(level_in_words(level.name, words.lang), value, unit, f"{level.seconds:.2f}")
    console.print(table)
    console.print()


def _story(console: Console, outcome: Optimized, words: Words) -> None:
    """Everything about the customer asked for."""
    lang = words.lang
    story = story_of(outcome.replanned, outcome.whys, outcome.explained)
    customer = outcome.labels.asset(lang, story.customer)
    if not story.months:
        console.print(text(lang, "story.no_plan", customer=customer))
        return
    proven: Proven = next(p for p in outcome.proof if p.customer == story.customer)
    before, after, promised = proven.completion
    lacks = proven.plan_t * (1.0 - after)
    key = "story.total"
    told = text(lang, key, customer=customer, before=before, after=after, promised=promised, lacks=lacks)
    console.print(told, style="bold", soft_wrap=True)
    shown = [month for month in story.months if matters(month)]
    if not shown:
        console.print(text(lang, "story.well", customer=customer))
        return
    _months(console, story, shown, outcome, words)
    if outcome.replanned.order is not None:
        console.print(text(lang, "title.lines"), style="bold")
        for line in _story_lines(story, outcome, words):
            console.print(indented(line, 2))
        console.print()
    _limits(console, story.bindings, words, counted=False)


def _story_lines(story: Story, outcome: Optimized, words: Words) -> list[Text]:
    """The order's lines for the customer, with their reasons."""
    months = months_of(outcome.scenario)
    lines = []
    for why in story.whys:
        change = why.change
        grade = outcome.labels.grade(words.lang, change.grade)
        head = f"{months[change.month][2]:%Y-%m} {grade} {change.tonnes:+,.0f} t"
        lines.append(Text.assemble((head, "bold"), "  ", words.why(why, brief=True)))
    return lines or [Text(text(words.lang, "story.no_lines"))]


def _months(console: Console, story: Story, shown: Sequence[MonthOf], outcome: Optimized, words: Words) -> None:
    lang = words.lang
    months = months_of(outcome.scenario)
    table = plain_table(text(lang, "title.story", customer=outcome.labels.asset(lang, story.customer)))
    table.padding = (0, 1, 0, 0)
    table.add_column(text(lang, "column.grade"), overflow="ellipsis", no_wrap=True, max_width=10)
    table.add_column(text(lang, "column.month"), no_wrap=True)
    for column in ("plan", "given", "ordered", "simulated", "behind"):
        table.add_column(text(lang, f"column.{column}"), justify="right")
    table.add_column(text(lang, "column.lost"))
    last = ""
    for month in shown:
        changed = abs(month.ordered_t - month.plan_t) > LEAST_SHOWN_T
        losses = [loss for loss in (month.lost, month.lacks) if loss is not None]
        causes = dict.fromkeys(words.cause(loss.cause, loss.asset, story.customer) for loss in losses)
        table.add_row(
            outcome.labels.grade(lang, month.grade) if month.grade != last else "",
            f"{months[month.month][2]:%y-%m}",
            f"{month.plan_t:,.0f}",
            f"{month.before_t:,.0f}",
            Text(f"{month.ordered_t:,.0f}" if changed else "–", style="bold" if changed else "dim"),
            f"{month.after_t:,.0f}",
            f"{month.behind_after_t:,.0f}",
            " → ".join(causes),
        )
        last = month.grade
    console.print(table)
    console.print()


def _written(console: Console, outcome: Optimized, lang: str, files: Mapping[str, Path | None]) -> None:
    order = files["order"]
    if outcome.replanned.order is not None:
        told = text(lang, "optimize.written", file=order) if order else text(lang, "optimize.not_written")
        console.print(told, soft_wrap=True)
    elif order is not None:
        console.print(text(lang, "optimize.no_file", file=order), soft_wrap=True)
    for key, name in (("folder", "written"), ("workbook", "workbook")):
        if files[key] is not None:
            console.print(text(lang, name, folder=files[key], file=files[key]), soft_wrap=True)
