"""A run's outcome as a planner reads it on a terminal: headline, tables, findings, and how to get it again."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chainsim.records import CAUSES
from chainsim.results.catalogue import CLASSES
from chainsim.rules import SEVERITIES, digest
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.results import Labels
    from chainsim.workflow import Run
    from chainsim.workflow_compare import Compared

BAND_STYLES = {
    "green": "#0b2e13 on #7ccf8a",
    "watch": "#3d3200 on #f5e08a",
    "low": "#402000 on #f5b56b",
    "severe": "#ffffff on #c0392b",
    "over_lift": "#ffffff on #2f6fb5",
    "unplanned": "#ffffff on #2f6fb5",
    "no_plan": "bright_black",
}
"""Fixed colours, not a terminal's own sixteen: text and ground must contrast in every theme."""
SEVERITY_STYLES = {"info": "cyan", "warning": "yellow", "error": "bold red"}
MOST_CAUSES = 12
MOST_ROWS = 24
"""Customers and farms; a plan of hundreds must still be read on a screen."""
LEAST_SHOWN_T = 0.5
"""Less would print as 0 t."""
MOST_FINDINGS = 16
NARROW = 110
"""Below this many columns the customers' class is left out and long names are cut."""
PLAIN_WIDTH = 140
"""Columns where the output goes to a file or a pipe, which have no width."""


def show_run(
    outcome: Run,
    lang: str,
    *,
    folder: Path,
    workbook: Path | None,
    quiet: bool,
    console: Console | None = None,
    most_findings: int = MOST_FINDINGS,
) -> None:
    """Print the outcome of one run; ``quiet`` leaves out the tables."""
    console = console or console_here()
    _headline(console, outcome, lang)
    if not quiet:
        _completion(console, outcome, lang, folder)
        _shortfalls(console, outcome, lang)
        _tanks(console, outcome, lang, folder)
        _curtailment(console, outcome, lang)
    _findings(console, outcome, lang, folder, most_findings)
    _work_orders(console, outcome, lang)
    console.print(text(lang, "written", folder=folder), soft_wrap=True)
    if workbook is not None:
        console.print(text(lang, "workbook", file=workbook), soft_wrap=True)
    _reproduce(console, outcome, lang)


def plain_console(**more: Any) -> Console:
    """Prints what it is given as it stands: a bracket in a title is no markup, ``:car:`` no emoji; ``more`` is Rich's."""
    return Console(highlight=False, markup=False, emoji=False, **more)


def console_here() -> Console:
    """As wide as the terminal or as COLUMNS says."""
    fits = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return plain_console(width=None if fits else PLAIN_WIDTH)


def plain_table(title: str) -> Table:
    """A table without lines, its title above."""
    return Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, padding=(0, 1))


def _headline(console: Console, outcome: Run, lang: str) -> None:
    scenario = outcome.scenario
    title = scenario.label.text(lang, scenario.name)
    last = scenario.calendar_date(scenario.end_day - 1)
    console.print(
        text(lang, "horizon", title=title, start=scenario.start, end=last, seed=scenario.seed),
        style="bold",
        soft_wrap=True,
    )
    kpis = figures_of(outcome)
    key = "headline" if kpis["plan"] > 0 else "headline.no_plan"
    figures = {name: kpis[name] for name in ("delivered", "plan", "completion", "shortfall")}
    console.print(text(lang, key, **figures), soft_wrap=True)
    classes = [
        f"{texts[lang == 'zh']} {kpis[f'completion_{name}']:.1%}"
        for name, texts in CLASSES.items()
        if not math.isnan(kpis[f"completion_{name}"])
    ]
    if classes:
        console.print(text(lang, "by_class", parts=" · ".join(classes)), soft_wrap=True)
    completions = sorted(((v, c) for c, v in completions_of(outcome).items() if v < 0.98))[:3]
    if completions:
        parts = [f"{outcome.labels.asset(lang, c)} {v:.1%}" for v, c in completions]
        console.print(text(lang, "worst", parts=" · ".join(parts)))
    console.print()


def figures_of(outcome: Run) -> dict[str, float]:
    frame = outcome.tables["kpis"]
    return dict(zip(frame["name"], frame["value"].astype(float), strict=True))


def completions_of(outcome: Run) -> dict[str, float]:
    """Completion by customer over the run: tonnes over tonnes; customers without a plan are absent."""
    sums = outcome.tables["customer_months"].groupby("customer", observed=True)[["plan_t", "delivered_t"]].sum()
    return {
        str(name): float(delivered / plan)
        for name, plan, delivered in zip(sums.index, sums["plan_t"], sums["delivered_t"], strict=True)
        if plan > 0
    }


def _completion(console: Console, outcome: Run, lang: str, folder: Path) -> None:
    """Customers by month, in as many blocks of months as the width asks for; of very many customers the lowest."""
    frame = outcome.tables["customer_months"]
    whole = completions_of(outcome)
    customers = list(dict.fromkeys(str(name) for name in frame["customer"]))
    if left := len(customers) - MOST_ROWS if len(customers) > MOST_ROWS else 0:
        customers = sorted(customers, key=lambda name: whole.get(name, math.inf))[:MOST_ROWS]
    cells_of: dict[str, dict[Any, Text]] = {}
    class_of: dict[str, str] = {}
    shown = frame[["customer", "customer_class", "month", "band", "completion"]]
    for name, kind, month, band, completion in shown.itertuples(index=False, name=None):
        cells_of.setdefault(name, {})[month] = _heat(band, completion)
        class_of[name] = kind
    kinds = {name: CLASSES[class_of[name]][lang == "zh"] for name in customers}
    names = {name: outcome.labels.asset(lang, name) for name in customers}
    narrow = console.width < NARROW
    width = min(max(cell_len(name) for name in names.values()), 24 if narrow else 40)
    width += 0 if narrow else 1 + max(cell_len(kind) for kind in kinds.values())
    blocks = _blocks(list(dict.fromkeys(frame["month"])), max(3, (console.width - width - 9) // 5))
    for number, months in enumerate(blocks):
        table = plain_table(text(lang, "title.completion") if number == 0 else "")
        table.padding = (0, 1, 0, 0)
        table.add_column(
            text(lang, "column.customer"), overflow="ellipsis", no_wrap=True, max_width=24 if narrow else 40
        )
        if not narrow:
            table.add_column(text(lang, "column.class"), no_wrap=True)
        for month in months:
            year = len(frame) and (month == months[0] or month.month == 1)
            table.add_column(f"{month:%y-%m}" if year else f"{month:%m}", justify="right", no_wrap=True, min_width=4)
        last = number == len(blocks) - 1
        if last:
            table.add_column(text(lang, "column.to_date"), justify="right", no_wrap=True, min_width=6)
        for customer in customers:
            cells = [cells_of[customer].get(month, Text("")) for month in months]
            classed = [] if narrow else [kinds[customer]]
            total = [Text(percent_text(whole.get(customer, math.nan)), style="bold")] if last else []
            table.add_row(names[customer], *classed, *cells, *total)
        console.print(table)
    if left:
        _say_more(console, lang, left, folder / "customer_months.csv")
    console.print(text(lang, "legend"), style="dim", soft_wrap=True)
    console.print()


def _blocks(months: list[Any], most: int) -> list[list[Any]]:
    """The months in runs of about equal length, ``most`` at most."""
    count = math.ceil(len(months) / most)
    size = math.ceil(len(months) / count)
    return [months[start : start + size] for start in range(0, len(months), size)]


def _say_more(console: Console, lang: str, count: int, place: Path) -> None:
    console.print(text(lang, "more", count=count, place=place), style="dim", soft_wrap=True)


def _heat(band: str, completion: float) -> Text:
    shown = {"unplanned": "*", "no_plan": "–"}.get(band) or f"{completion * 100:.0f}"
    return Text(f"{shown:>4}", style=BAND_STYLES[band])


def _shortfalls(console: Console, outcome: Run, lang: str) -> None:
    frame = outcome.tables["shortfalls"]
    total = float(frame["shortfall_t"].sum())
    if total < LEAST_SHOWN_T:
        console.print(text(lang, "none.shortfalls") + "\n", style="green")
        return
    grouped = frame.groupby(["cause", "asset"], observed=True)
    sums = grouped["shortfall_t"].sum().sort_values(ascending=False, kind="stable")
    customers = grouped["customer"].nunique().loc[sums.index]
    table = plain_table(text(lang, "title.shortfalls"))
    table.add_column(text(lang, "column.cause"))
    table.add_column(text(lang, "column.asset"))
    for column in ("tonnes", "share", "customers"):
        table.add_column(text(lang, f"column.{column}"), justify="right")
    shown = [row for row in zip(sums.items(), customers, strict=True) if row[0][1] >= LEAST_SHOWN_T]
    for (key, tonnes), count in shown[:MOST_CAUSES]:
        cause, asset = cast("tuple[str, str]", key)
        table.add_row(
            CAUSES[cause][lang == "zh"],
            outcome.labels.asset(lang, asset),
            f"{tonnes:,.0f}",
            f"{tonnes / total:.1%}",
            str(count),
        )
    console.print(table)
    console.print()


def _tanks(console: Console, outcome: Run, lang: str, folder: Path) -> None:
    """Each farm's highest use and when it was first full and first at its heel; of very many farms the fullest."""
    totals = outcome.tables["inventory_totals"]
    farms = totals[totals["holder_kind"] == "farm"]
    highest = farms.groupby("holder", observed=True)["utilisation"].max().dropna()
    if highest.empty:
        return
    events = outcome.tables["events"]
    events = events[events["kind"].isin(["tank_full", "tank_at_heel"])].drop_duplicates(["asset", "kind"])
    first = {(str(e.asset), str(e.kind)): f"{e.at:%Y-%m-%d %H:%M}" for e in events.itertuples()}
    table = plain_table(text(lang, "title.tanks"))
    table.add_column(text(lang, "column.farm"))
    for key in ("highest", "first_full", "first_empty"):
        table.add_column(text(lang, f"column.{key}"), justify="right")
    shown = highest if len(highest) <= MOST_ROWS else highest.nlargest(MOST_ROWS)
    for farm, utilisation in shown.items():
        table.add_row(
            outcome.labels.asset(lang, str(farm)),
            Text(f"{utilisation:.0%}", style="bold red" if utilisation >= 0.9 else ""),
            first.get((str(farm), "tank_full"), "–"),
            first.get((str(farm), "tank_at_heel"), "–"),
        )
    console.print(table)
    if len(shown) < len(highest):
        _say_more(console, lang, len(highest) - len(shown), folder / "inventory_totals.csv")
    console.print()


def _curtailment(console: Console, outcome: Run, lang: str) -> None:
    frame = outcome.tables["curtailment"]
    grouped = frame[frame["curtailed_t"] >= LEAST_SHOWN_T].groupby("supplier", observed=True)["curtailed_t"]
    sums, days = grouped.sum(), grouped.count()
    if sums.empty:
        console.print(text(lang, "none.curtailment") + "\n", style="green")
        return
    table = plain_table(text(lang, "title.curtailment"))
    table.add_column(text(lang, "column.supplier"))
    for key in ("tonnes", "days"):
        table.add_column(text(lang, f"column.{key}"), justify="right")
    for (supplier, tonnes), count in zip(sums.items(), days, strict=True):
        table.add_row(outcome.labels.asset(lang, str(supplier)), f"{tonnes:,.0f}", str(count))
    console.print(table)
    console.print()


def _findings(console: Console, outcome: Run, lang: str, folder: Path, most: int) -> None:
    show_digest(console, outcome.findings, outcome.labels, lang, most, place=folder / "findings.csv")


def show_digest(
    console: Console, findings: pd.DataFrame, labels: Labels, lang: str, most: int, *, place: Path | None
) -> None:
    """How many findings there are, and ``most`` lines of their digest; ``place`` is where all of them are."""
    if findings.empty:
        console.print(text(lang, "none.findings"), style="green")
        return
    grades = findings["severity"].value_counts()
    counts = text(lang, "counts", **{name: int(grades.get(name, 0)) for name in SEVERITIES})
    table = plain_table(f"{text(lang, 'title.findings')}: {counts}")
    table.add_column(text(lang, "column.severity"), no_wrap=True)
    table.add_column(text(lang, "column.finding"))
    lines = digest(findings, labels, lang)
    for severity, message in lines[:most]:
        table.add_row(Text(SEVERITIES[severity][lang == "zh"], style=SEVERITY_STYLES[severity]), message)
    console.print(table)
    if len(lines) > most or len(lines) < len(findings):
        shown = (
            text(lang, "all", count=len(findings), place=place)
            if place
            else text(lang, "all.nowhere", count=len(findings))
        )
        console.print(shown, style="dim", soft_wrap=True)
    console.print()


def _work_orders(console: Console, outcome: Run, lang: str) -> None:
    """How many there are and how many of them are overdue; nothing where no rule asks for any."""
    orders = outcome.work_orders
    if len(orders):
        overdue = int(orders["overdue"].sum())
        console.print(text(lang, "work_orders", count=len(orders), overdue=overdue), soft_wrap=True)


def _reproduce(console: Console, outcome: Run, lang: str) -> None:
    console.print(text(lang, "reproduce", command=outcome.manifest["command"]), soft_wrap=True)
    console.print(identity_of(outcome, lang), style="dim", soft_wrap=True)


def identity_of(outcome: Run | Compared, lang: str) -> str:
    """The hash of a run's inputs, its seed and chainsim's version."""
    manifest = outcome.manifest
    return text(
        lang,
        "identity",
        digest=manifest["scenario_sha256"][:16],
        seed=manifest["seed"],
        version=manifest["chainsim"],
    )


def percent_text(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1%}"
