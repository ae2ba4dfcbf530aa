"""A resilience scan as a manager reads it on a terminal: which asset hurts most, and how long all survive."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from chainsim.cli.terminal import LEAST_SHOWN_T, MOST_ROWS, console_here, plain_table
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.experiments.resilience import Exposure, Recovered, Survival
    from chainsim.workflow_resilience import Resilience


def show_resilience(
    outcome: Resilience,
    lang: str,
    *,
    files: Mapping[str, Path | None],
    maps: Sequence[Path],
    quiet: bool,
    console: Console | None = None,
) -> None:
    """Print a headline per start and (unless ``quiet``) the assets, the gravest first."""
    console = console or console_here()
    scenario, terms = outcome.scan.scenario, outcome.scan.terms
    for start in terms.starts:
        title = scenario.label.text(lang, scenario.name)
        when = scenario.calendar_date(start)
        console.print(text(lang, "resilience.title", title=title, start=when), style="bold", soft_wrap=True)
        ranked = outcome.scan.ranked(start)
        _headline(console, outcome, ranked, lang)
        if not quiet:
            _table(console, outcome, ranked, lang)
        console.print()
    if (folder := files["folder"]) is not None:
        console.print(text(lang, "written", folder=folder), soft_wrap=True)
    for drawn in maps:
        console.print(text(lang, "resilience.map_written", file=drawn), soft_wrap=True)
    if (workbook := files["workbook"]) is not None:
        console.print(text(lang, "workbook", file=workbook), soft_wrap=True)


def _headline(console: Console, outcome: Resilience, ranked: Sequence[Exposure], lang: str) -> None:
    terms = outcome.scan.terms
    worst = max(ranked, key=lambda e: e.impact.short_t, default=None)
    if worst is None:
        return
    if worst.impact.short_t >= LEAST_SHOWN_T:
        told = {"asset": outcome.labels.asset(lang, worst.asset.name), "tonnes": worst.impact.short_t}
        console.print(text(lang, "resilience.gravest", days=terms.outage_days, **told), soft_wrap=True)
    else:
        console.print(text(lang, "resilience.harmless", days=terms.outage_days), soft_wrap=True)
    first = min(ranked, key=lambda e: e.survived_days)
    if math.isinf(first.survived_days):
        console.print(text(lang, "resilience.endured", days=terms.longest_days), soft_wrap=True)
        return
    kinds = (("plan", first.plan), ("runs", first.runs), ("tank", first.tank))
    kind, survival = min(((k, s) for k, s in kinds if s is not None), key=lambda kind: kind[1].days)
    told = {
        "asset": outcome.labels.asset(lang, first.asset.name),
        "what": text(lang, f"resilience.soonest.{kind}"),
        "whom": outcome.labels.asset(lang, survival.first),
    }
    console.print(text(lang, "resilience.soonest", days=survival.days, **told), soft_wrap=True)


def _table(console: Console, outcome: Resilience, ranked: Sequence[Exposure], lang: str) -> None:
    terms, scan = outcome.scan.terms, outcome.scan
    moved = [e for e in ranked if math.isfinite(e.survived_days) or e.impact.short_t > LEAST_SHOWN_T]
    table = plain_table(text(lang, "resilience.table", days=terms.outage_days))
    table.add_column(text(lang, "column.resilience_index"), justify="right")
    table.add_column(text(lang, "column.resilience_asset"))
    for column in ("plan", "runs", "tank"):
        table.add_column(text(lang, f"column.resilience_{column}"))
    for column in ("short", "unprocessed", "curtailed", "backlog", "stocks"):
        table.add_column(text(lang, f"column.resilience_{column}"), justify="right")
    longest = min(terms.longest_days, scan.scenario.end_day - ranked[0].start) if ranked else terms.longest_days
    for exposure in moved[:MOST_ROWS]:
        impact = exposure.impact
        table.add_row(
            f"{scan.index_of(exposure):.2f}",
            outcome.labels.asset(lang, exposure.asset.name),
            *(
                _survived(outcome, survival, longest, lang)
                for survival in (exposure.plan, exposure.runs, exposure.tank)
            ),
            _tonnes(impact.short_t),
            _tonnes(sum(cost.runs_lost_t for cost in impact.costs.values())),
            _tonnes(impact.curtailed_t),
            _recovered(impact.backlog, lang),
            _recovered(impact.stocks, lang),
        )
    console.print()
    console.print(table)
    if left := len(moved) - MOST_ROWS if len(moved) > MOST_ROWS else 0:
        console.print(text(lang, "more.lines", count=left))
    if unmoved := len(ranked) - len(moved):
        console.print(text(lang, "resilience.unmoved", count=unmoved, days=longest))
    console.print(text(lang, "resilience.legend", longest=longest), style="bright_black")


def _survived(outcome: Resilience, survival: Survival | None, longest: float, lang: str) -> str:
    if survival is None:
        return f">{longest:g}"
    return f"{survival.days:g} {outcome.labels.asset(lang, survival.first)}"


def _recovered(recovered: Recovered, lang: str) -> str:
    return f"{recovered.days:.0f}" if math.isfinite(recovered.days) else text(lang, "resilience.never")


def _tonnes(tonnes: float) -> str:
    return f"{tonnes:,.0f}" if abs(tonnes) >= LEAST_SHOWN_T else "–"
