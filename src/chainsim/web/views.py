"""The page's parts, as values for its templates, and its charts. Each reads only the tables that it shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainsim.charts import Chart, network_chart, stock_chart, waterfall_chart, waterfall_steps
from chainsim.charts.stocks import fillings
from chainsim.reports.report import TILES
from chainsim.reports.report_sections import Reported, headline, span_of
from chainsim.reports.sheets import records
from chainsim.results import Bands
from chainsim.results.catalogue import BANDS
from chainsim.texts import text
from chainsim.workflow_whatif import Variant

_HIGH, _HIGH_HIGH = 0.8, 0.95


@dataclass(frozen=True)
class Shown:
    """A what-if's run beside that of the scenario as filed; ``selected`` is what the reader has clicked."""

    run: Variant
    filed: Variant
    lang: str
    cell: tuple[str, str] = ("", "")
    """Customer and month (``2008-04``); empty: all."""
    tank: str = ""
    day: int = 0
    """Day of the map, from 1; 0 is the whole run."""
    month: str = ""
    """Month of the moves (``2008-04``), ``all`` of them; empty: the cell's."""
    by_grade: bool = False
    width: int = 960
    """Pixels that the page has for the map."""

    @property
    def changed(self) -> bool:
        """Whether there is a difference to tell."""
        return self.run is not self.filed

    def asset(self, name: str) -> str:
        """An asset's title."""
        return self.run.labels.asset(self.lang, name)


def headline_part(shown: Shown) -> dict[str, Any]:
    """Sentences, and tiles with what they are in the scenario as filed."""
    columns = ("name", "value", "unit", "subject", f"header_{shown.lang}")
    before = {kpi["name"]: kpi for kpi in records(shown.filed.tables["kpis"], *columns)}
    tiles = []
    for kpi in records(shown.run.tables["kpis"], *columns):
        if kpi["name"] not in TILES:
            continue
        own, filed = _figure(kpi), _figure(before[kpi["name"]])
        tiles.append({
            "name": kpi[f"header_{shown.lang}"],
            "key": kpi["name"],
            "figure": own,
            "about": shown.asset(kpi["subject"]) if kpi["subject"] else "",
            "filed": filed if shown.changed and filed != own else "",
        })  # fmt: skip
    tiles.sort(key=lambda tile: TILES.index(tile["key"]))
    first, *others = headline(reported(shown.run), shown.lang)
    return {"first": first, "others": others, "tiles": tiles}


def completion_part(shown: Shown) -> dict[str, Any]:
    """The heat map as a table: a row for each customer (and grade), a cell for each month, the whole and its change."""
    table = "completion" if shown.by_grade else "customer_months"
    months, rows = _books(shown.run, table)
    _, before = _books(shown.filed, table)
    wholes = {key: _whole(cells) for key, cells in rows.items()}
    amounts = np.array(
        [[*(cells.get(month, (0.0, 0.0)) for month in months), wholes[key]] for key, cells in rows.items()]
    )
    bands = _band_names(amounts)
    out = []
    for (key, cells), own in zip(rows.items(), bands, strict=True):
        customer, *grade = key
        name = shown.asset(customer)
        *each, last = own
        out.append({
            "name": name,
            "grade": shown.run.labels.grade(shown.lang, grade[0]) if grade else "",
            "cells": [
                _cell(shown, name, customer, month, band, *cells.get(month, (0.0, 0.0)))
                for month, band in zip(months, each, strict=True)
            ],
            "whole": _cell(shown, name, customer, "", last, *wholes[key]),
            "change": _points(_share(*wholes[key]), _share(*_whole(before.get(key, {})))),
        })  # fmt: skip
    return {"months": [m[2:] for m in months], "rows": out, "changed": shown.changed, "bands": _bands(shown.lang)}


def why_part(shown: Shown) -> tuple[dict[str, Any], Chart]:
    """The waterfall of the cell that is chosen, in words and as a chart."""
    customer, month = shown.cell
    when = datetime.strptime(month, "%Y-%m").date() if month else None
    choice: dict[str, Any] = {"customer": customer or None, "month": when}
    steps = waterfall_steps(shown.run.tables, shown.run.labels, shown.lang, **choice)
    lost = [step for step in steps if step.kind == "cause"]
    total = math.fsum(step.change_t for step in lost)
    who = shown.asset(customer) if customer else text(shown.lang, "page.why.all")
    causes = [{"name": s.name, "tonnes": f"{-s.change_t:,.0f}", "share": f"{s.change_t / total:.0%}"} for s in lost]
    span = month or text(shown.lang, "page.map.whole")
    values = {
        "title": text(shown.lang, "page.why.of", customer=who, month=span),
        "causes": causes,
        "chosen": bool(customer),
    }
    return values, waterfall_chart(shown.run.tables, shown.run.labels, shown.lang, **choice)


def tanks_part(shown: Shown) -> tuple[dict[str, Any], Chart | None]:
    """Every farm with its highest level and when it is full; the chart of the one that is chosen."""
    run, lang = shown.run, shown.lang
    totals = run.tables["inventory_totals"]
    farms = totals[totals["holder_kind"].astype("str") == "farm"]
    filled = fillings(run.tables, run.labels, lang, *span_of(reported(run)))
    rows: list[dict[str, Any]] = []
    for farm, mine in farms.groupby("holder", observed=True, sort=False):
        name = str(farm)
        if not float(mine["safe_fill_t"].max()) > 0:
            continue
        highest = max(float(mine["utilisation"].max()), 0.0)
        full = filled.get(name)
        rows.append({
            "name": name, "title": shown.asset(name), "level": f"{highest:.0%}", "share": min(round(highest * 100), 100),
            "look": "full" if highest >= _HIGH_HIGH else "high" if highest >= _HIGH else "fine",
            "told": full.told if full else "", "full_days": _days(mine["hours_full"]), "dry_days": _days(mine["hours_dry"]),
        })  # fmt: skip
    names = [row["name"] for row in rows]
    fullest = max(rows, key=lambda row: row["share"], default={"name": ""})
    chosen = str(shown.tank if shown.tank in names else fullest["name"])
    for row in rows:
        row["chosen"] = row["name"] == chosen
    chart = stock_chart(run.tables, run.labels, lang, chosen) if chosen else None
    return {"rows": rows, "title": shown.asset(chosen) if chosen else ""}, chart


def map_part(shown: Shown) -> tuple[dict[str, Any], Chart]:
    """The network over the whole run or on one day."""
    begin, end = span_of(reported(shown.run))
    days = (end - begin).days
    day = min(max(shown.day, 0), days)
    since, until = (begin, end) if day == 0 else (begin + timedelta(days=day - 1), begin + timedelta(days=day))
    told = text(shown.lang, "page.map.whole") if day == 0 else f"{since:%Y-%m-%d}"
    width = max(min(shown.width, 1400), 640)
    chart = network_chart(shown.run.tables, shown.run.labels, shown.lang, since=since, until=until, width=width)
    return {"days": days, "day": day, "told": told}, chart


def drawn(chart: Chart) -> dict[str, Any]:
    """A chart as the page's scripts draw it."""
    return {"option": chart.option, "alt": chart.alt, "height": chart.height, "width": chart.width}


def reported(run: Variant) -> Reported:
    """A run as the report's sections read it."""
    return Reported(run.scenario.name, run.tables, run.labels, {})


def _figure(kpi: Mapping[str, Any]) -> str:
    value = kpi["value"]
    if value is None:
        return "–"
    return f"{value:.1%}" if kpi["unit"] == "1" else f"{value:,.0f} {kpi['unit']}".strip()


def _books(run: Variant, table: str) -> tuple[list[str], dict[tuple[str, ...], dict[str, tuple[float, float]]]]:
    """Months in order, and customer (and grade) → month → (plan, delivered)."""
    frame = run.tables[table]
    keys = ["customer", "grade"] if table == "completion" else ["customer"]
    months = frame["month"].dt.strftime("%Y-%m")
    rows: dict[tuple[str, ...], dict[str, tuple[float, float]]] = {}
    columns = [*(frame[key].astype("str") for key in keys), months, frame["plan_t"], frame["delivered_t"]]
    for *key, month, plan, delivered in zip(*columns, strict=True):
        rows.setdefault(tuple(key), {})[month] = (float(plan), float(delivered))
    return sorted(set(months)), rows


def _whole(cells: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    plan, delivered = (sum(cell[i] for cell in cells.values()) for i in (0, 1))
    return plan, delivered


def _band_names(amounts: NDArray[np.float64]) -> list[list[str]]:
    """The bands of (plan, delivered), by row and column."""
    if not amounts.size:
        return []
    names = list(BANDS)
    plan, delivered = amounts[..., 0], amounts[..., 1]
    codes = Bands().of(plan.ravel(), delivered.ravel()).reshape(plan.shape)
    return [[names[code] for code in row] for row in codes]


def _cell(
    shown: Shown, name: str, customer: str, month: str, band: str, plan: float, delivered: float
) -> dict[str, Any]:
    share = _share(plan, delivered)
    sign = {"unplanned": "*", "no_plan": "–"}.get(band)
    figure = sign or f"{share * 100:.0f}" if month else sign or f"{share * 100:.1f}"
    told = text(
        shown.lang, "page.cell", customer=name, month=month or text(shown.lang, "page.total"),
        share=sign or f"{share:.1%}", delivered=delivered, plan=plan,
    )  # fmt: skip
    return {"key": f"{customer}/{month}", "band": band, "figure": figure, "told": told,
            "chosen": shown.cell == (customer, month) and bool(customer)}  # fmt: skip


def _share(plan: float, delivered: float) -> float:
    return delivered / plan if plan > 0 else math.nan


def _points(own: float, filed: float) -> str:
    change = round((own - filed) * 100, 1)
    return "" if math.isnan(change) else "0.0" if change == 0 else f"{change:+.1f}".replace("-", "−")


def _days(hours: Any) -> str:
    days = float(hours.sum()) / 24
    return f"{days:,.1f}" if days >= 0.05 else ""


def _bands(lang: str) -> list[tuple[str, str]]:
    limits = Bands()
    bounds = {"green": f"≥ {limits.green:.0%}", "watch": f"≥ {limits.watch:.0%}", "low": f"≥ {limits.low:.0%}",
              "severe": f"< {limits.low:.0%}", "over_lift": f"> {limits.over_lift:.0%}"}  # fmt: skip
    return [(band, f"{BANDS[band][lang == 'zh']} {bound}") for band, bound in bounds.items()]
