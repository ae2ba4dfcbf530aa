"""What was asked beside the order, on a terminal: worth of capacity, a completion to reach, what cannot be delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from chainsim.cli.rules_terminal import indented
from chainsim.cli.terminal import plain_table
from chainsim.model.plan import months_of
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.optimization.questions import Reached
    from chainsim.optimization.wording import Words
    from chainsim.workflow_orders import Optimized

MOST_PRICES = 15
MOST_SHORTFALLS = 12


def show_prices(console: Console, outcome: Optimized, words: Words) -> None:
    """A table of the dearest capacities, each in its dearest month; those solved again show the true effect of a whole unit."""
    from chainsim.optimization.findings import room_in_words
    from chainsim.optimization.questions import dearest_months

    lang = words.lang
    if not outcome.prices:
        console.print(text(lang, "prices.none"))
        return
    table = plain_table(text(lang, "title.prices"))
    table.add_column(text(lang, "column.month"), no_wrap=True)
    table.add_column(text(lang, "column.more"))
    for column in ("worth_t", "worth_t_months", "solved_again"):
        table.add_column(text(lang, f"column.{column}"), justify="right")
    months = months_of(outcome.scenario)
    dearest = dearest_months(outcome.prices)
    for price in dearest[:MOST_PRICES]:
        again = (
            ""
            if price.verified_t is None
            else f"{round(price.verified_t):,} / {round(price.verified_t_months or 0.0):,}"
        )
        table.add_row(
            f"{months[price.place.month][2]:%y-%m}",
            room_in_words(words, price.place, price.unit, 1.0),
            f"{price.completion_t:,.0f}",
            f"{price.lateness_t_months:,.0f}",
            Text(again, style="dim"),
        )
    console.print(table)
    if len(dearest) > MOST_PRICES:
        console.print(text(lang, "more.lines", count=len(dearest) - MOST_PRICES), style="dim")
    console.print()


def show_reached(console: Console, outcome: Optimized, reached: Reached, words: Words) -> None:
    """The least change that brings the customer to the completion asked for, and what it costs the others."""
    lang = words.lang
    customer = words.labels.asset(lang, reached.customer)
    before, after = (found.completion()[reached.customer] for found in (reached.without, reached.promise))
    if not reached.changes:
        console.print(text(lang, "reached.already", customer=customer, completion=before), soft_wrap=True)
        console.print()
        return
    table = plain_table(text(lang, "title.reached", customer=customer, target=reached.target))
    table.add_column(text(lang, "column.customer"), overflow="ellipsis", no_wrap=True, max_width=26)
    table.add_column(text(lang, "column.grade"), overflow="ellipsis", no_wrap=True, max_width=16)
    table.add_column(text(lang, "column.month"), no_wrap=True)
    for column in ("comes", "then", "change"):
        table.add_column(text(lang, f"column.{column}"), justify="right")
    months = months_of(outcome.scenario)
    for change in reached.changes:
        table.add_row(
            words.labels.asset(lang, change.customer),
            words.labels.grade(lang, change.grade),
            f"{months[change.month][2]:%y-%m}",
            f"{change.before_t:,.0f}",
            f"{change.after_t:,.0f}",
            f"{change.tonnes:+,.0f}",
        )
    console.print(table)
    console.print(text(lang, "reached.from", customer=customer, before=before, after=after), soft_wrap=True)
    parts = [
        text(lang, "reached.less", customer=words.labels.asset(lang, name), tonnes=tonnes)
        for name, tonnes in reached.costs.items()
    ]
    told = text(lang, "reached.costs", parts=" · ".join(parts)) if parts else text(lang, "reached.costs_nobody")
    console.print(told, soft_wrap=True)
    console.print()


def show_shortfalls(console: Console, outcome: Optimized, words: Words) -> None:
    """What even the best plan cannot deliver, a sentence for each month and limit."""
    from chainsim.optimization.diagnosis import shortfalls_in_words

    found = shortfalls_in_words(outcome.replanned.first)
    if not found:
        return
    console.print(text(words.lang, "title.short"), style="bold")
    for finding in found[:MOST_SHORTFALLS]:
        console.print(indented(finding.zh if words.lang == "zh" else finding.en, 2))
    if len(found) > MOST_SHORTFALLS:
        console.print(text(words.lang, "more.lines", count=len(found) - MOST_SHORTFALLS), style="dim")
    console.print()
