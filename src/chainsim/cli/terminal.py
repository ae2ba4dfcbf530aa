"""A run's outcome as a planner reads it on a terminal: headline, tables, findings, and how to get it again."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chainsim.records import CAUSES
from chainsim.results import KPIS
from chainsim.results.catalogue import CLASSES
from chainsim.rules import SEVERITIES
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.workflow import Comparison, Run

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
LEAST_SHOWN_T = 0.5
"""Less would print as 0 t."""
MOST_FINDINGS = 24
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
    console = console or _console()
    _headline(console, outcome, lang)
    if not quiet:
        _completion(console, outcome, lang)
        _shortfalls(console, outcome, lang)
        _tanks(console, outcome, lang)
        _curtailment(console, outcome, lang)
    _findings(console, outcome, lang, folder, most_findings)
    console.print(text(lang, "written", folder=folder), soft_wrap=True)
    if workbook is not None:
        console.print(text(lang, "workbook", file=workbook), soft_wrap=True)
    _reproduce(console, outcome, lang)


def show_comparison(comparison: Comparison, lang: str, *, console: Console | None = None) -> None:
    """Print what differs between runs: key figures, then completion by customer."""
    console = console or _console()
    table = _table(text(lang, "compare.kpis", name=comparison.names[0]))
    table.add_column(text(lang, "column.figure"))
    for name in comparison.names:
        table.add_column(name, justify="right")
    columns = [_kpi_values(outcome) for outcome in comparison.runs]
    for kpi in KPIS:
        values = [column[kpi.name] for column in columns]
        if all(math.isnan(v) for v in values):
            continue
        cells = [_amount(values[0], kpi.unit)]
        for value in values[1:]:
            change = value - values[0]
            same = math.isnan(change) or abs(change) < 1e-9 * max(1.0, abs(value))
            cells.append(_amount(value, kpi.unit) + ("" if same else f" ({_amount(change, kpi.unit, sign='+')})"))
        table.add_row(kpi.header_zh if lang == "zh" else kpi.header_en, *cells)
    console.print(table)

    table = _table(text(lang, "compare.customers"))
    table.add_column(text(lang, "column.customer"))
    completions = [_completions(outcome) for outcome in comparison.runs]
    for name in comparison.names:
        table.add_column(name, justify="right")
    labels = comparison.runs[0].labels
    for customer in dict.fromkeys(c for column in completions for c in column):
        values = [column.get(customer, math.nan) for column in completions]
        table.add_row(labels.asset(lang, customer), *(_percent_text(v) for v in values))
    console.print(table)
    for outcome in comparison.runs:
        console.print(f"{outcome.scenario.name}: {_identity(outcome, lang)}", style="dim", soft_wrap=True)


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def _table(title: str) -> Table:
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
    kpis = _kpi_values(outcome)
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
    completions = sorted(((v, c) for c, v in _completions(outcome).items() if v < 0.98))[:3]
    if completions:
        parts = [f"{outcome.labels.asset(lang, c)} {v:.1%}" for v, c in completions]
        console.print(text(lang, "worst", parts=" · ".join(parts)))
    console.print()


def _kpi_values(outcome: Run) -> dict[str, float]:
    frame = outcome.tables["kpis"]
    return dict(zip(frame["name"], frame["value"].astype(float), strict=True))


def _completions(outcome: Run) -> dict[str, float]:
    """Completion by customer over the run: tonnes over tonnes; customers without a plan are absent."""
    sums = outcome.tables["customer_months"].groupby("customer", observed=True)[["plan_t", "delivered_t"]].sum()
    return {
        str(name): float(delivered / plan)
        for name, plan, delivered in zip(sums.index, sums["plan_t"], sums["delivered_t"], strict=True)
        if plan > 0
    }


def _completion(console: Console, outcome: Run, lang: str) -> None:
    frame = outcome.tables["customer_months"]
    months = list(dict.fromkeys(frame["month"]))
    table = _table(text(lang, "title.completion"))
    table.padding = (0, 1, 0, 0)
    table.add_column(text(lang, "column.customer"), overflow="ellipsis", no_wrap=True)
    table.add_column(text(lang, "column.class"), no_wrap=True)
    for number, month in enumerate(months):
        new_year = number == 0 or month.month == 1
        table.add_column(
            f"{month:%y-%m}" if new_year and len(months) > 1 else f"{month:%m}", justify="right", no_wrap=True
        )
    table.add_column(text(lang, "column.to_date"), justify="right", no_wrap=True, min_width=6)
    whole = _completions(outcome)
    for customer, rows in frame.groupby("customer", observed=True, sort=False):
        by_month = {row.month: row for row in rows.itertuples()}
        cells = [_heat(by_month[month]) if month in by_month else Text("") for month in months]
        name = outcome.labels.asset(lang, str(customer))
        kind = CLASSES[str(rows["customer_class"].iloc[0])][lang == "zh"]
        table.add_row(name, kind, *cells, Text(_percent_text(whole.get(str(customer), math.nan)), style="bold"))
    console.print(table)
    console.print(text(lang, "legend"), style="dim", soft_wrap=True)
    console.print()


def _heat(row: Any) -> Text:
    band = str(row.band)
    shown = {"unplanned": "*", "no_plan": "–"}.get(band) or f"{row.completion * 100:.0f}"
    return Text(f"{shown:>4}", style=BAND_STYLES[band])


def _shortfalls(console: Console, outcome: Run, lang: str) -> None:
    frame = outcome.tables["shortfalls"]
    total = float(frame["shortfall_t"].sum())
    if total < LEAST_SHOWN_T:
        console.print(text(lang, "none.shortfalls"), "\n", style="green")
        return
    grouped = frame.groupby(["cause", "asset"], observed=True)
    sums = grouped["shortfall_t"].sum().sort_values(ascending=False, kind="stable")
    customers = grouped["customer"].nunique().loc[sums.index]
    table = _table(text(lang, "title.shortfalls"))
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


def _tanks(console: Console, outcome: Run, lang: str) -> None:
    totals = outcome.tables["inventory_totals"]
    farms = totals[totals["holder_kind"] == "farm"]
    highest = farms.groupby("holder", observed=True)["utilisation"].max()
    if highest.dropna().empty:
        return
    events = outcome.tables["events"]
    table = _table(text(lang, "title.tanks"))
    table.add_column(text(lang, "column.farm"))
    for key in ("highest", "first_full", "first_empty"):
        table.add_column(text(lang, f"column.{key}"), justify="right")
    for farm, utilisation in highest.dropna().items():
        own = events[events["asset"] == farm]
        table.add_row(
            outcome.labels.asset(lang, str(farm)),
            Text(f"{utilisation:.0%}", style="bold red" if utilisation >= 0.9 else ""),
            _first(own, "tank_full"),
            _first(own, "tank_at_heel"),
        )
    console.print(table)
    console.print()


def _first(events: pd.DataFrame, kind: str) -> str:
    times = events.loc[events["kind"] == kind, "at"]
    return f"{times.iloc[0]:%Y-%m-%d %H:%M}" if len(times) else "–"


def _curtailment(console: Console, outcome: Run, lang: str) -> None:
    frame = outcome.tables["curtailment"]
    grouped = frame[frame["curtailed_t"] >= LEAST_SHOWN_T].groupby("supplier", observed=True)["curtailed_t"]
    sums, days = grouped.sum(), grouped.count()
    if sums.empty:
        console.print(text(lang, "none.curtailment"), "\n", style="green")
        return
    table = _table(text(lang, "title.curtailment"))
    table.add_column(text(lang, "column.supplier"))
    for key in ("tonnes", "days"):
        table.add_column(text(lang, f"column.{key}"), justify="right")
    for (supplier, tonnes), count in zip(sums.items(), days, strict=True):
        table.add_row(outcome.labels.asset(lang, str(supplier)), f"{tonnes:,.0f}", str(count))
    console.print(table)
    console.print()


def _findings(console: Console, outcome: Run, lang: str, folder: Path, most: int) -> None:
    frame = outcome.findings
    if frame.empty:
        console.print(text(lang, "none.findings"), style="green")
        return
    grades = frame["severity"].value_counts()
    counts = text(lang, "counts", **{name: int(grades.get(name, 0)) for name in SEVERITIES})
    table = _table(f"{text(lang, 'title.findings')}: {counts}")
    table.add_column(text(lang, "column.severity"), no_wrap=True)
    table.add_column(text(lang, "column.finding"))
    for row in frame.head(most).itertuples():
        name = str(row.severity)
        message = row.message_zh if lang == "zh" else row.message_en
        table.add_row(Text(SEVERITIES[name][lang == "zh"], style=SEVERITY_STYLES[name]), Text(str(message)))
    console.print(table)
    if len(frame) > most:
        place = folder / "findings.csv"
        console.print(text(lang, "more", count=len(frame) - most, place=place), style="dim", soft_wrap=True)
    console.print()


def _reproduce(console: Console, outcome: Run, lang: str) -> None:
    console.print(text(lang, "reproduce", command=outcome.manifest["command"]), soft_wrap=True, markup=False)
    console.print(_identity(outcome, lang), style="dim", soft_wrap=True)


def _identity(outcome: Run, lang: str) -> str:
    manifest = outcome.manifest
    return text(
        lang,
        "identity",
        digest=manifest["scenario_sha256"][:16],
        seed=manifest["seed"],
        version=manifest["chainsim"],
    )


def _percent_text(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1%}"


def _amount(value: float, unit: str, *, sign: str = "") -> str:
    """A key figure in its unit; ``sign="+"`` for a difference (a ratio's in points)."""
    if math.isnan(value):
        return "–"
    if unit == "1":
        return f"{value * 100:{sign}.1f} %"
    if unit == "t":
        return f"{value:{sign},.0f} t"
    return f"{value:{sign},.1f} {unit}".rstrip()
