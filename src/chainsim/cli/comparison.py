"""Several runs side by side, as a planner reads them on a terminal: what differs from the first."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from chainsim.cli.terminal import completions_of, console_here, identity_of, percent_text, plain_table
from chainsim.records import CAUSES
from chainsim.results import KPIS
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.workflow import Comparison, Run

MOST_SIDE_BY_SIDE = 3
"""More runs are shown as a row each: their key figures with differences do not fit beside each other."""
MOST_CAUSES = 14
LEAST_T = 0.5
LEAST_SHARE = 0.0005
"""Smaller differences would print as 0.0."""
MATRIX = (
    "completion",
    "completion_petrochina",
    "completion_sinopec",
    "completion_local",
    "shortfall",
    "curtailed",
    "farms_full",
)
"""The key figures of many runs."""
MAIN = ("main_cause", "main_asset")


def show_comparison(comparison: Comparison, lang: str, *, console: Console | None = None) -> None:
    """Print what differs between runs: key figures, causes of shortfall, completion by customer."""
    console = console or console_here()
    if len(comparison.runs) > MOST_SIDE_BY_SIDE:
        _matrix(console, comparison, lang)
    else:
        _figures(console, comparison, lang)
    _causes(console, comparison, lang)
    _customers(console, comparison, lang)
    for name, outcome in zip(comparison.names, comparison.runs, strict=True):
        console.print(f"{name}: {identity_of(outcome, lang)}", style="dim", soft_wrap=True)


def _figures(console: Console, comparison: Comparison, lang: str) -> None:
    """The key figures that differ, a column per run."""
    table = plain_table(text(lang, "compare.kpis", name=comparison.names[0]))
    table.add_column(text(lang, "column.figure"))
    for name in comparison.names:
        table.add_column(name, justify="right")
    columns = [_kpis(outcome) for outcome in comparison.runs]
    alike = 0
    for kpi in KPIS:
        rows = [column[kpi.name] for column in columns]
        if all(math.isnan(row["value"]) for row in rows):
            continue
        cells = [_figure(row, kpi.unit, outcome, lang) for row, outcome in zip(rows, comparison.runs, strict=True)]
        if len(set(cells)) == 1:
            alike += 1
            continue
        for number, row in enumerate(rows[1:], start=1):
            if kpi.name in MAIN and row["subject"] != rows[0]["subject"]:
                continue  # the tonnes of one cause less those of another say nothing
            cells[number] += _difference(row["value"] - rows[0]["value"], kpi.unit, lang)
        table.add_row(kpi.header_zh if lang == "zh" else kpi.header_en, *cells)
    _print_with_rest(console, table, alike, lang)


def _matrix(console: Console, comparison: Comparison, lang: str) -> None:
    """A row per run with the figures that matter most, and its largest cause of shortfall."""
    table = plain_table(text(lang, "compare.kpis", name=comparison.names[0]))
    table.add_column(text(lang, "column.scenario"))
    kpis = [kpi for kpi in KPIS if kpi.name in MATRIX]
    for kpi in kpis:
        table.add_column(kpi.header_zh if lang == "zh" else kpi.header_en, justify="right")
    table.add_column(text(lang, "column.cause"))
    first = _kpis(comparison.runs[0])
    for name, outcome in zip(comparison.names, comparison.runs, strict=True):
        own = _kpis(outcome)
        cells = []
        for kpi in kpis:
            change = (
                own[kpi.name]["value"] - first[kpi.name]["value"] if kpi.name in {"completion", "shortfall"} else 0.0
            )
            cells.append(
                _amount(own[kpi.name]["value"], kpi.unit) + _difference(change, kpi.unit, lang).replace(" t)", ")")
            )
        cause = str(own["main_cause"]["subject"])
        table.add_row(name, *cells, CAUSES[cause][lang == "zh"] if cause in CAUSES else "–")
    console.print(table)
    console.print()


def _causes(console: Console, comparison: Comparison, lang: str) -> None:
    """Shortfall by cause and asset (of many runs by cause alone), where it differs; the largest differences first."""
    by_asset = len(comparison.runs) <= MOST_SIDE_BY_SIDE
    columns = [_shortfalls(outcome, by_asset=by_asset) for outcome in comparison.runs]
    found = {key: [column.get(key, 0.0) for column in columns] for key in dict.fromkeys(k for c in columns for k in c)}
    spread = {key: max(tonnes) - min(tonnes) for key, tonnes in found.items()}
    differing = sorted((key for key in found if spread[key] >= LEAST_T), key=lambda key: -spread[key])
    table = plain_table(text(lang, "compare.causes"))
    table.add_column(text(lang, "column.cause"))
    if by_asset:
        table.add_column(text(lang, "column.asset"))
    _add_runs(table, comparison)
    for key in differing[:MOST_CAUSES]:
        labels = [_label(comparison, lang, name) for name in key[1:]]
        cells = _cells(found[key], lambda tonnes: f"{tonnes:,.0f}", "t", lang, bare=not by_asset)
        table.add_row(CAUSES[key[0]][lang == "zh"], *labels, *cells)
    _print_with_rest(console, table, len(found) - len(differing[:MOST_CAUSES]), lang)


def _shortfalls(outcome: Run, *, by_asset: bool) -> dict[tuple[str, ...], float]:
    """Tonnes by cause, or by cause and asset."""
    frame = outcome.tables["shortfalls"]
    sums: dict[tuple[str, ...], float] = {}
    for cause, asset, tonnes in zip(frame["cause"], frame["asset"], frame["shortfall_t"], strict=True):
        key = (str(cause), str(asset)) if by_asset else (str(cause),)
        sums[key] = sums.get(key, 0.0) + float(tonnes)
    return sums


def _label(comparison: Comparison, lang: str, name: str) -> str:
    """The title of an asset in the first run that has one for it."""
    titles = (outcome.labels.asset(lang, name) for outcome in comparison.runs)
    return next((title for title in titles if title != name), name)


def _customers(console: Console, comparison: Comparison, lang: str) -> None:
    """Completion by customer, where it differs."""
    columns = [completions_of(outcome) for outcome in comparison.runs]
    table = plain_table(text(lang, "compare.customers"))
    table.add_column(text(lang, "column.customer"))
    _add_runs(table, comparison)
    customers = list(dict.fromkeys(customer for column in columns for customer in column))
    for customer in customers:
        values = [column.get(customer, math.nan) for column in columns]
        if all(abs(value - values[0]) < LEAST_SHARE for value in values):
            continue
        label = _label(comparison, lang, customer)
        table.add_row(label, *_cells(values, percent_text, "1", lang, bare=len(values) > MOST_SIDE_BY_SIDE))
    _print_with_rest(console, table, len(customers) - table.row_count, lang)


def _add_runs(table: Table, comparison: Comparison) -> None:
    for name in comparison.names:
        table.add_column(name, justify="right", overflow="fold")
    if len(comparison.names) > MOST_SIDE_BY_SIDE:
        table.padding = (0, 1, 0, 0)


def _print_with_rest(console: Console, table: Table, alike: int, lang: str) -> None:
    """The table, if it says anything, and how many rows it leaves out."""
    if table.row_count:
        console.print(table)
    else:
        console.print(str(table.title), style="bold")
    if alike:
        console.print(text(lang, "compare.alike", count=alike), style="dim", soft_wrap=True)
    console.print()


def _cells(values: Sequence[float], shown: Callable[[float], str], unit: str, lang: str, *, bare: bool) -> list[str]:
    """Each value with its difference from the first, or ``bare``."""
    cells = [shown(value) for value in values]
    if bare:
        return cells
    return [
        cells[0],
        *(cell + _difference(v - values[0], unit, lang) for cell, v in zip(cells[1:], values[1:], strict=True)),
    ]


def _kpis(outcome: Run) -> dict[str, dict[str, Any]]:
    """Key figure → its row."""
    return {str(row["name"]): row for row in outcome.tables["kpis"].to_dict("records")}  # type: ignore[misc]


def _figure(row: dict[str, Any], unit: str, outcome: Run, lang: str) -> str:
    """A key figure with what it is about: a moment instead of days since the start, a cause or an asset by name."""
    value = float(row["value"])
    at = row["at"]
    shown = f"{at:%Y-%m-%d %H:%M}" if unit == "d" and at == at and at is not None else _amount(value, unit)
    subject = str(row["subject"] or "")
    if not subject or math.isnan(value):
        return shown
    name = CAUSES[subject][lang == "zh"] if subject in CAUSES else outcome.labels.asset(lang, subject)
    return f"{name} {shown}"


def _difference(change: float, unit: str, lang: str) -> str:
    """`` (+12 t)``; nothing where nothing differs to the digits shown; of a ratio in points."""
    if math.isnan(change):
        return ""
    whole = unit == "t" or change == round(change)
    shown = f"{change * 100:+.1f}" if unit == "1" else f"{change:+,.0f}" if whole else f"{change:+,.1f}"
    if not shown.strip("+-0.,"):
        return ""
    return f" ({shown} {text(lang, 'points') if unit == '1' else unit}".rstrip() + ")"


def _amount(value: float, unit: str) -> str:
    """A key figure in its unit."""
    if math.isnan(value):
        return "–"
    if unit == "1":
        return f"{value:.1%}"
    if unit == "t":
        return f"{value:,.0f} t"
    return f"{value:,.1f} {unit}".rstrip() if value != round(value) else f"{value:,.0f} {unit}".rstrip()
