"""Variants side by side: what came of each, and which causes the difference from the first is made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chainsim.charts import Chart, variants_chart
from chainsim.reports.report import TILES
from chainsim.reports.sheets import records
from chainsim.results import Difference, difference, effects
from chainsim.results.catalogue_difference import EFFECTS
from chainsim.texts import text
from chainsim.workflow_whatif import Variant

FIGURES = (*TILES, "completion_original", "delivered")
"""The page's key figures, and those that an order's larger plan does not hide."""
MOST_CAUSES = 12
MOST_INPUTS = 24
_LEAST_T = 0.5
_LEAST_SHARE = 0.0005
"""Smaller differences would print as 0."""


@dataclass(frozen=True, slots=True)
class Named:
    """A variant under the name that the planner gave it."""

    name: str
    run: Variant


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: what it is about, and a cell for each variant."""

    title: str
    about: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with its change from the first variant; ``way`` is ``better``, ``worse`` or nothing."""

    figure: str
    change: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """All of the comparison, of ``customer`` (empty: all) where it is about causes.

    ``original``: completion is of the plan before orders, because their orders differ and an order raises the plan of whom it
    helps.
    """

    names: tuple[str, ...]
    customer: str
    original: bool
    kpis: tuple[Row, ...]
    customers: tuple[Row, ...]
    causes: tuple[Row, ...]
    total: Row | None
    inputs: tuple[Row, ...]
    inputs_rest: int
    chart: Chart


def side_by_side(variants: Sequence[Named], customer: str, lang: str) -> SideBySide:
    """The first of ``variants`` is what the others are compared with."""
    first, *others = (v.run for v in variants)
    found = [difference(first.tables, other.tables) for other in others]
    causes, total = _causes(found, first, customer, lang)
    inputs = _inputs(found, lang)
    ordered = [_ordered(v.run) for v in variants]
    original = any(abs(tonnes - ordered[0].get(who, 0.0)) >= _LEAST_T for own in ordered for who, tonnes in own.items())
    completions = {v.name: _completions(v.run, "original_plan_t" if original else "plan_t") for v in variants}
    titles = {name: first.labels.asset(lang, name) for figures in completions.values() for name in figures}
    shown = {
        name: {titles[who]: value for who, value in figures.items() if value == value}
        for name, figures in completions.items()
    }
    return SideBySide(
        names=tuple(v.name for v in variants),
        customer=first.labels.asset(lang, customer) if customer else "",
        original=original,
        kpis=tuple(_kpis([v.run for v in variants], lang)),
        customers=tuple(_customers(list(completions.values()), titles)),
        causes=causes,
        total=total,
        inputs=inputs[:MOST_INPUTS],
        inputs_rest=max(len(inputs) - MOST_INPUTS, 0),
        chart=variants_chart(shown, lang, name=text(lang, "page.completion"), ratio=True),
    )


def _kpis(runs: Sequence[Variant], lang: str) -> list[Row]:
    """The key figures side by side."""
    by_run = [{kpi["name"]: kpi for kpi in records(run.tables["kpis"])} for run in runs]
    rows = []
    for name in FIGURES:
        kpis = [kpis[name] for kpis in by_run if name in kpis]
        if len(kpis) < len(runs):
            continue
        figures = [math.nan if kpi["value"] is None else float(kpi["value"]) for kpi in kpis]
        if all(math.isnan(figure) for figure in figures):
            continue
        cells = []
        for kpi, figure, run in zip(kpis, figures, runs, strict=True):
            about = run.labels.asset(lang, kpi["subject"]) if kpi["subject"] else ""
            change = _change(figure - figures[0], kpi["unit"]) if kpi is not kpis[0] else ""
            cells.append(Cell(" ".join(filter(None, (_amount(figure, kpi["unit"]), about))), change))
        rows.append(Row(kpis[0][f"header_{lang}"], "", tuple(cells)))
    return rows


def _customers(completions: Sequence[dict[str, float]], titles: dict[str, str]) -> list[Row]:
    """Completion by customer, those first that differ most."""
    rows = []
    for name, title in titles.items():
        values = [figures.get(name, math.nan) for figures in completions]
        if all(math.isnan(value) for value in values):
            continue
        cells = [Cell(_amount(values[0], "1"))]
        cells += [Cell(_amount(v, "1"), _change(v - values[0], "1"), _way(v - values[0])) for v in values[1:]]
        weight = max((abs(v - values[0]) for v in values[1:] if not math.isnan(v - values[0])), default=0.0)
        rows.append((weight, Row(title, "", tuple(cells))))
    return [row for _, row in sorted(rows, key=lambda pair: -round(pair[0], 9))]


def _causes(
    found: Sequence[Difference], first: Variant, customer: str, lang: str
) -> tuple[tuple[Row, ...], Row | None]:
    """Tonnes of deliveries more or less by cause and asset, those of all other causes, and all together."""
    keyed: list[dict[tuple[str, str], float]] = []
    for one in found:
        causes = one.causes[one.causes["customer"] == customer] if customer else one.causes
        sums = effects(causes, "cause", "asset")
        keys = zip(sums["cause"].astype("str"), sums["asset"].astype("str"), strict=True)
        keyed.append(dict(zip(keys, sums["delivered_change_t"].astype(float), strict=True)))
    rows = []
    for key in dict.fromkeys(key for changes in keyed for key in changes):
        changes = [tonnes.get(key, 0.0) for tonnes in keyed]
        weight = max(map(abs, changes))
        if weight >= _LEAST_T:
            cause, asset = key
            about = first.labels.asset(lang, asset) if asset and asset != customer else ""
            rows.append((weight, changes, EFFECTS[cause][lang == "zh"], about))
    rows.sort(key=lambda row: -row[0])
    shown = [Row(title, about, _tonnes(changes)) for _, changes, title, about in rows[:MOST_CAUSES]]
    if len(rows) > MOST_CAUSES:
        left = [math.fsum(row[1][i] for row in rows[MOST_CAUSES:]) for i in range(len(keyed))]
        shown.append(Row(text(lang, "analyses.compare.other", count=len(rows) - MOST_CAUSES), "", _tonnes(left)))
    totals = [math.fsum(changes.values()) for changes in keyed]
    total = Row(text(lang, "analyses.compare.total"), "", _tonnes(totals)) if shown else None
    return tuple(shown), total


def _inputs(found: Sequence[Difference], lang: str) -> tuple[Row, ...]:
    """The inputs that differ from the first's, each with its value in every variant."""
    by_run = [{row["path"]: (row["before"], row["after"]) for row in records(one.inputs)} for one in found]
    rows = []
    for path in dict.fromkeys(path for rows in by_run for path in rows):
        before = next(rows[path][0] for rows in by_run if path in rows)
        values = [before, *(rows[path][1] if path in rows else before for rows in by_run)]
        cells = tuple(Cell(str(value) or text(lang, "compare.absent")) for value in values)
        rows.append(Row(str(path), "", cells))
    return tuple(rows)


def _ordered(run: Variant) -> dict[str, float]:
    """Customer → tonnes by which orders change its plan."""
    rows = run.tables["customer_months"]
    sums = (rows["plan_t"] - rows["original_plan_t"]).groupby(rows["customer"].astype("str")).sum()
    return {str(name): float(tonnes) for name, tonnes in sums.items()}


def _completions(run: Variant, plan: str) -> dict[str, float]:
    """Customer → delivered over ``plan``, over the run."""
    rows = run.tables["customer_months"]
    sums = rows.groupby("customer", observed=True, sort=False)[["delivered_t", plan]].sum()
    return {
        str(name): float(delivered / plan) if plan > 0 else math.nan
        for name, (delivered, plan) in zip(sums.index, sums.to_numpy(), strict=True)
    }


def _tonnes(changes: Sequence[float]) -> tuple[Cell, ...]:
    return tuple(Cell(_change(change, "t") or "–", "", _way(change, _LEAST_T)) for change in changes)


def _way(change: float, least: float = _LEAST_SHARE) -> str:
    if math.isnan(change) or abs(change) < least:
        return ""
    return "better" if change > 0 else "worse"


def _amount(value: float, unit: str) -> str:
    if math.isnan(value):
        return "–"
    if unit == "1":
        return f"{value:.1%}"
    return f"{value:,.0f} {unit}".strip() if unit in ("t", "") else f"{value:,.1f} {unit}"


def _change(change: float, unit: str) -> str:
    """The change with its sign; nothing where nothing differs to the digits shown. Of a ratio in points."""
    shown = "" if math.isnan(change) else f"{change * 100:+.1f}" if unit == "1" else f"{change:+,.0f}"
    if unit not in ("1", "t", "") and shown:
        shown = f"{change:+,.1f}"
    return shown.replace("-", "−") if shown.strip("+-0.,") else ""
