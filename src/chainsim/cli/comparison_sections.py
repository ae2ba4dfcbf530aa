"""Several runs side by side as sections of text cells: what differs from the first, and because of what.

Terminal and Markdown show the same sections; nothing here knows how they look.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chainsim.records import CAUSES
from chainsim.results import KPIS, effects
from chainsim.results.catalogue_difference import EFFECTS, FIGURE_TEXTS, FIGURES
from chainsim.rules import SEVERITIES, changed_lines, counted_changes
from chainsim.rules.finding_changes import CHANGES
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.workflow_compare import Compared, Comparison

MOST_SIDE_BY_SIDE = 3
"""Of more runs the differences alone are shown: with the amounts they do not fit beside each other."""
MOST_ROWS = 16
MOST_FINDINGS = 8
MOST_INPUTS = 16
LEAST_T = 0.5
LEAST_SHARE = 0.0005
LEAST_DAYS = 0.05
"""Smaller differences would print as 0."""
_LEAST = {"t": LEAST_T, "d": LEAST_DAYS, "1": LEAST_SHARE}
STOCK_FIGURES = ("days_full", "days_dry", "curtailed", "days_curtailed")
_COMMA = {"en": ", ", "zh": "，"}
_STOCK_KINDS = ("farm", "supplier")


@dataclass(frozen=True, slots=True)
class Section:
    """One table. The first ``names`` columns are text, those after it numbers; ``reasons``: the last is text again."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    names: int = 1
    reasons: bool = False
    total: bool = False
    """The last row sums up those above."""


def sections(comparison: Comparison, lang: str) -> list[Section]:
    """What differs, in the order in which a planner asks; nothing of what does not."""
    others = zip(comparison.runs[1:], comparison.finding_changes, strict=True)
    parts = [
        _figures(comparison, lang),
        _causes(comparison, lang),
        _customers(comparison, lang),
        _stocks(comparison, lang),
        *(_findings(comparison.runs[0], other, changes, lang) for other, changes in others),
        _inputs(comparison, lang),
    ]
    return [part for part in parts if part.rows]


def changed_parts(
    causes: pd.DataFrame, label: Callable[[str, str], str], lang: str, *, customer: str = "", most: int = 2
) -> str:
    """The causes that moved deliveries most, in words: ``+42,780 t pipeline outage (Western trunk)``.

    Only those that moved them the way they went; with ``customer``, its own.
    """
    mine = causes[causes["customer"] == customer] if customer else causes
    sums = effects(mine, "cause", "asset")
    total = float(sums["delivered_change_t"].sum())
    rows: Iterator[Any] = sums.itertuples()
    told = [
        row
        for row in rows
        if abs(row.delivered_change_t) >= LEAST_T
        and math.copysign(1.0, row.delivered_change_t) == math.copysign(1.0, total)
    ]
    return _COMMA[lang].join(_part(row, label, lang, customer) for row in told[:most])


def _part(row: Any, label: Callable[[str, str], str], lang: str, customer: str) -> str:
    cause = EFFECTS[str(row.cause)][lang == "zh"]
    if not row.asset or row.asset == customer:
        return text(lang, "compare.part.own", tonnes=row.change_t, cause=cause)
    return text(lang, "compare.part", tonnes=row.change_t, cause=cause, asset=label(lang, str(row.asset)))


def _figures(comparison: Comparison, lang: str) -> Section:
    """The key figures that differ."""
    columns = [_kpis(run) for run in comparison.runs]
    weights = _weights(comparison)
    rows, alike = [], 0
    for kpi in KPIS:
        found = [column[kpi.name] for column in columns]
        if all(math.isnan(row["value"]) for row in found):
            continue
        cells = [_figure(row, kpi.unit, run, lang) for row, run in zip(found, comparison.runs, strict=True)]
        if len(set(cells)) == 1:
            alike += 1
            continue
        for number, row in enumerate(found[1:], start=1):
            if weights.get((kpi.name, "")) is not None:
                cells[number] += difference_text(row["value"] - found[0]["value"], kpi.unit, lang)
        rows.append((weights.get((kpi.name, ""), 0.0), (kpi.header_zh if lang == "zh" else kpi.header_en, *cells)))
    return Section(
        text(lang, "compare.kpis", name=comparison.names[0]),
        (text(lang, "column.figure"), *comparison.names),
        *_most(rows, MOST_ROWS, alike, lang),
    )


def _causes(comparison: Comparison, lang: str) -> Section:
    """Cause and asset by run: tonnes of deliveries more or less; with one other run, the tonnes lost to it then and now, too."""
    by_run = [effects(found.causes, "cause", "asset") for found in comparison.differences]
    keyed: list[dict[Any, Any]] = [{(row.cause, row.asset): row for row in sums.itertuples()} for sums in by_run]
    rows = []
    for key in dict.fromkeys(key for found in keyed for key in found):
        changes = [float(found[key].delivered_change_t) if key in found else 0.0 for found in keyed]
        if max(map(abs, changes)) < LEAST_T:
            continue
        names = (EFFECTS[str(key[0])][lang == "zh"], comparison.label(lang, str(key[1])) if key[1] else "")
        amounts = [f"{keyed[0][key].before_t:,.0f}", f"{keyed[0][key].after_t:,.0f}"] if len(keyed) == 1 else []
        rows.append((max(map(abs, changes)), (*names, *amounts, *(_signed(change) for change in changes))))
    shown, notes = _most(rows, MOST_ROWS, 0, lang)
    head = [text(lang, "column.cause"), text(lang, "column.asset")]
    head += [*comparison.names, text(lang, "compare.deliveries")] if len(keyed) == 1 else list(comparison.names[1:])
    if shown:
        totals = [_signed(float(sums["delivered_change_t"].sum())) for sums in by_run]
        blanks = [""] * (len(head) - 1 - len(totals))
        shown = (*shown, (text(lang, "compare.deliveries"), *blanks, *totals))
    title = text(lang, "compare.causes", name=comparison.names[0])
    return Section(title, tuple(head), shown, notes, names=2, total=bool(shown))


def _customers(comparison: Comparison, lang: str) -> Section:
    """Completion by customer, where it differs; with one other run because of what."""
    columns = [_of_assets(run, "completion") for run in comparison.runs]
    rows, alike = [], 0
    reasons = len(comparison.runs) == 2
    for customer in dict.fromkeys(name for column in columns for name in column):
        values = [column.get(customer, math.nan) for column in columns]
        if all(math.isnan(value) for value in values):
            continue
        changes = [abs(value - values[0]) for value in values[1:]]
        weight = max((change for change in changes if not math.isnan(change)), default=0.0)
        if weight < LEAST_SHARE and len({math.isnan(value) for value in values}) == 1:
            alike += 1
            continue
        cells = _cells(values, "1", lang)
        because = (
            [changed_parts(comparison.differences[0].causes, comparison.label, lang, customer=customer)]
            if reasons
            else []
        )
        rows.append((weight, (comparison.label(lang, customer), *cells, *because)))
    head = (text(lang, "column.customer"), *comparison.names)
    return Section(
        text(lang, "compare.customers"),
        (*head, text(lang, "compare.because")) if reasons else head,
        *_most(rows, MOST_ROWS, alike, lang),
        reasons=reasons,
    )


def _stocks(comparison: Comparison, lang: str) -> Section:
    """Days full and at heel of farms, curtailment of suppliers, where they differ."""
    weights = _weights(comparison)
    rows = []
    for figure in STOCK_FIGURES:
        columns = [_of_assets(run, figure, _STOCK_KINDS) for run in comparison.runs]
        unit = FIGURES[figure][0]
        for subject in dict.fromkeys(name for column in columns for name in column):
            values = [column.get(subject, math.nan) for column in columns]
            if all(not abs(value - values[0]) >= _LEAST[unit] for value in values):
                continue
            names = (FIGURE_TEXTS[figure][lang == "zh"], comparison.label(lang, subject))
            rows.append((weights.get((figure, subject), 0.0), (*names, *_cells(values, unit, lang))))
    head = (text(lang, "compare.new_figure"), text(lang, "compare.where"), *comparison.names)
    return Section(text(lang, "compare.stocks"), head, *_most(rows, MOST_ROWS, 0, lang), names=2)


def _findings(first: Compared, other: Compared, changes: pd.DataFrame, lang: str) -> Section:
    """What is new and graver in ``other``, and what is gone, in few lines."""
    rows = []
    left = 0
    sides = [(run.findings, run.labels) for run in (first, other)]
    for change, lines in changed_lines(changes, sides, lang).items():
        rows += [
            (CHANGES[change][lang == "zh"], SEVERITIES[line.severity][lang == "zh"], line.words)
            for line in lines[:MOST_FINDINGS]
        ]
        left += len(lines) - len(lines[:MOST_FINDINGS])
    head = tuple(text(lang, key) for key in ("compare.change", "column.severity", "column.finding"))
    notes = (text(lang, "compare.more", count=left),) if left else ()
    title = text(lang, "compare.findings", name=other.name, counts=counted_changes(changes, lang))
    return Section(title, head, tuple(rows), notes, names=2, reasons=True)


def _inputs(comparison: Comparison, lang: str) -> Section:
    """The values of the scenarios that differ from the first's, each with its value in every run."""
    by_run = [
        {row.path: (row.before, row.after) for row in found.inputs.itertuples()} for found in comparison.differences
    ]
    rows = []
    none = text(lang, "compare.absent")
    for path in dict.fromkeys(path for found in by_run for path in found):
        before = next(found[path][0] for found in by_run if path in found)
        values = [before, *(found[path][1] if path in found else before for found in by_run)]
        rows.append((0.0, (str(path), *(str(value) or none for value in values))))
    head = (text(lang, "compare.value"), *comparison.names)
    return Section(text(lang, "compare.inputs"), head, *_most(rows, MOST_INPUTS, 0, lang))


def _most(
    rows: Sequence[tuple[float, tuple[str, ...]]], most: int, alike: int, lang: str
) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The heaviest rows, and what is said of the others."""
    ordered = [cells for _, cells in sorted(rows, key=lambda row: -row[0])]
    notes = []
    if len(ordered) > most:
        notes.append(text(lang, "compare.more", count=len(ordered) - most))
    if alike:
        notes.append(text(lang, "compare.alike", count=alike))
    return tuple(ordered[:most]), tuple(notes)


def _cells(values: Sequence[float], unit: str, lang: str) -> list[str]:
    """Each value with its difference from the first; of many runs without."""
    cells = [amount_text(value, unit) for value in values]
    if len(values) > MOST_SIDE_BY_SIDE:
        return cells
    changes = (difference_text(value - values[0], unit, lang) for value in values[1:])
    return [cells[0], *(cell + change for cell, change in zip(cells[1:], changes, strict=True))]


def _weights(comparison: Comparison) -> dict[tuple[str, str], float]:
    """(figure, subject) → its largest weight in any of the differences."""
    out: dict[tuple[str, str], float] = {}
    for found in comparison.differences:
        rows = found.figures
        for figure, subject, weight in zip(rows["figure"], rows["subject"], rows["weight"], strict=True):
            out[figure, subject] = max(out.get((figure, subject), 0.0), float(weight))
    return out


def _of_assets(run: Compared, figure: str, kinds: Sequence[str] = ()) -> dict[str, float]:
    """Subject → one figure of the run."""
    rows = run.tables["asset_figures"]
    rows = rows[rows["figure"] == figure]
    if kinds:
        rows = rows[rows["kind"].isin(kinds)]
    return {str(name): float(value) for name, value in zip(rows["subject"], rows["value"], strict=True)}


def _kpis(run: Compared) -> dict[str, dict[str, Any]]:
    """Key figure → its row."""
    return {str(row["name"]): row for row in run.tables["kpis"].to_dict("records")}  # type: ignore[misc]


def _figure(row: dict[str, Any], unit: str, run: Compared, lang: str) -> str:
    """A key figure with what it is about: a moment instead of days since the start, a cause or an asset by name."""
    value = float(row["value"])
    at = row["at"]
    shown = f"{at:%Y-%m-%d %H:%M}" if unit == "d" and at == at and at is not None else amount_text(value, unit)
    subject = str(row["subject"] or "")
    if not subject or math.isnan(value):
        return shown
    name = CAUSES[subject][lang == "zh"] if subject in CAUSES else run.labels.asset(lang, subject)
    return f"{name} {shown}"


def _signed(change: float) -> str:
    shown = f"{change:+,.0f}"
    return shown if shown.strip("+-0") else "–"


def difference_text(change: float, unit: str, lang: str) -> str:
    """`` (+12 t)``; nothing where nothing differs to the digits shown; of a ratio in points."""
    if math.isnan(change):
        return ""
    whole = unit == "t" or change == round(change)
    shown = f"{change * 100:+.1f}" if unit == "1" else f"{change:+,.0f}" if whole else f"{change:+,.1f}"
    if not shown.strip("+-0.,"):
        return ""
    told = f"{shown} {text(lang, 'points') if unit == '1' else unit}".rstrip()
    return f"（{told}）" if lang == "zh" else f" ({told})"


def amount_text(value: float, unit: str) -> str:
    """An amount in its unit."""
    if math.isnan(value):
        return "–"
    if unit == "1":
        return f"{value:.1%}"
    if unit == "t":
        return f"{value:,.0f} t"
    return f"{value:,.1f} {unit}".rstrip() if value != round(value) else f"{value:,.0f} {unit}".rstrip()
