"""The report's sections, as values: words, tables and pictures, in the order of the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.charts import Chart, completion_chart, network_chart, stock_chart, waterfall_chart
from chainsim.charts.stocks import fillings
from chainsim.records import CAUSES
from chainsim.reports.grid import NOTHING, Cell, Grid, tonnes
from chainsim.reports.sheets import records
from chainsim.results import TABLES, Bands, Labels, Tables
from chainsim.results.catalogue import BANDS, CLASSES
from chainsim.rules import SEVERITIES, digest
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

NEEDED = (
    "kpis", "customer_months", "completion", "shortfalls", "inventory_totals", "flow_totals", "events", "curtailment", "assets",
)  # fmt: skip
"""Without these tables there is no report."""
WANTED = ("network", "trains", "orders", "findings", "work_orders")
"""Without one of these its section says so."""
MOST_CAUSES = 3
MOST_FINDINGS, MOST_ORDERS, MOST_CHARTS = 16, 12, 8
LEAST_SHOWN_T = 0.5
"""Less would print as 0 t."""
HIGH = 0.8
"""A farm that is never fuller needs no chart."""


@dataclass(frozen=True)
class Reported:
    """One run as the report reads it; ``name`` is what it is called where two are compared."""

    name: str
    tables: Mapping[str, pd.DataFrame]
    labels: Labels
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart with the caption below it."""

    chart: Chart
    caption: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its words, then its plots and its tables, or the other way about; ``key`` is where links lead."""

    key: str
    title: str
    words: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    grids: tuple[Grid, ...] = ()
    plots_first: bool = True


@dataclass(frozen=True, slots=True)
class Sums:
    """One customer over the whole run."""

    customer: str
    customer_class: str
    plan_t: float
    delivered_t: float
    shortfall_t: float
    causes: tuple[tuple[str, str, float], ...]
    """(cause, asset, tonnes), the largest first; they add up to the shortfall."""

    @property
    def completion(self) -> float:
        """Delivered over plan; NaN without a plan."""
        return self.delivered_t / self.plan_t if self.plan_t > 0 else math.nan


def figures_of(run: Reported) -> dict[str, float]:
    """Key figures by name; NaN where one has no meaning."""
    frame = run.tables["kpis"]
    return dict(zip(frame["name"], frame["value"].astype(float), strict=True))


def span_of(run: Reported) -> tuple[datetime, datetime]:
    """The first midnight, and the midnight after the last day."""
    if isinstance(run.tables, Tables):  # fresh from the run, which knows without making a table
        return run.tables.span
    days = run.tables["flow_totals"]["day"]
    return days.min().to_pydatetime(), days.max().to_pydatetime() + timedelta(days=1)


def customers_of(run: Reported) -> tuple[Sums, ...]:
    """Every customer's sums, the largest shortfall first."""
    causes: dict[str, dict[tuple[str, str], float]] = {}
    for line in records(run.tables["shortfalls"], "customer", "cause", "asset", "shortfall_t"):
        mine = causes.setdefault(line["customer"], {})
        why = (line["cause"], line["asset"] or "")
        mine[why] = mine.get(why, 0.0) + line["shortfall_t"]
    sums: dict[str, list[Any]] = {}
    for line in records(run.tables["customer_months"], "customer", "customer_class", "plan_t", "delivered_t"):
        entry = sums.setdefault(line["customer"], [line["customer_class"], 0.0, 0.0])
        entry[1] += line["plan_t"]
        entry[2] += line["delivered_t"]
    found = []
    for name, (kind, plan, delivered) in sums.items():
        own = sorted(causes.get(name, {}).items(), key=lambda item: -item[1])
        short = math.fsum(t for _, t in own)
        found.append(Sums(name, kind, plan, delivered, short, tuple((*why, t) for why, t in own if t > 0)))
    return tuple(sorted(found, key=lambda s: (-s.shortfall_t, -s.plan_t)))


def because(labels: Labels, lang: str, cause: str, asset: str, customer: str = "") -> str:
    """A cause and where it lies; the customer itself needs no second naming."""
    name = CAUSES[cause][lang == "zh"]
    if not asset or asset == customer:
        return name
    place = labels.asset(lang, asset)
    return f"{name}（{place}）" if lang == "zh" else f"{name} ({place})"


def headline(run: Reported, lang: str) -> tuple[str, ...]:
    """Who falls short, how much, because of what, in sentences."""
    kpis = figures_of(run)
    said = []
    figures = {name: kpis[name] for name in ("plan", "delivered", "completion", "shortfall")}
    if not kpis["plan"] > 0:
        said.append(text(lang, "report.no_plan", delivered=kpis["delivered"]))
    elif kpis["shortfall"] < LEAST_SHOWN_T:
        said.append(text(lang, "report.met", delivered=kpis["delivered"], plan=kpis["plan"]))
    else:
        said.append(text(lang, "report.short", **figures))
        sums: dict[tuple[str, str], float] = {}
        customers = customers_of(run)
        for customer in customers:
            for cause, asset, amount in customer.causes:
                sums[cause, asset] = sums.get((cause, asset), 0.0) + amount
        (cause, asset), amount = max(sums.items(), key=lambda item: item[1])
        why = because(run.labels, lang, cause, asset)
        said.append(text(lang, "report.because", cause=why, tonnes=amount, share=amount / math.fsum(sums.values())))
        low = sorted((c for c in customers if c.completion < Bands().green), key=lambda c: c.completion)[:3]
        if low:
            joint = "、" if lang == "zh" else ", "
            parts = joint.join(f"{run.labels.asset(lang, c.customer)} {c.completion:.1%}" for c in low)
            said.append(text(lang, "report.behind", parts=parts))
    said.append(_first_full(run, lang))
    curtailment = run.tables["curtailment"]
    held = curtailment[curtailment["curtailed_t"] >= LEAST_SHOWN_T]
    if len(held):
        said.append(text(lang, "report.curtailed", tonnes=held["curtailed_t"].sum(), days=held["day"].nunique()))
    return tuple(said)


def _first_full(run: Reported, lang: str) -> str:
    farms = _farms(run)
    filled = fillings(run.tables, run.labels, lang, *span_of(run))
    full = {farm: filled[farm] for farm in farms if farm in filled}
    if not full:
        return text(lang, "report.tanks_never")
    first = min(full, key=lambda farm: full[farm].at)
    name = run.labels.asset(lang, first)
    return text(lang, "report.tanks", count=len(full), farms=len(farms), farm=name, told=full[first].told)


def completion_section(run: Reported, lang: str) -> Section:
    """The heat map, and every customer with its causes."""
    rows = [_customer_row(run.labels, lang, c) for c in customers_of(run)]
    kpis = figures_of(run)
    share = kpis["completion"]
    foot = (
        Cell(text(lang, "report.all")), Cell(""), tonnes(kpis["plan"]), tonnes(kpis["delivered"]), _share(share),
        tonnes(kpis["shortfall"]), Cell(""),
    )  # fmt: skip
    heads = ("column.customer", "report.class", "report.plan", "report.delivered", "report.completion", "report.shortfall",
             "report.why")  # fmt: skip
    grid = Grid(
        text(lang, "report.completion.caption"), tuple(text(lang, key) for key in heads),
        (False, False, True, True, True, True, False), tuple(rows), foot,
    )  # fmt: skip
    plot = Plot(completion_chart(run.tables, run.labels, lang), text(lang, "report.completion.chart"))
    return Section("completion", text(lang, "report.section.completion"), plots=(plot,), grids=(grid,))


def _customer_row(labels: Labels, lang: str, sums: Sums) -> tuple[Cell, ...]:
    shown = sums.causes[:MOST_CAUSES]
    told = [f"{because(labels, lang, c, a, sums.customer)} {t:,.0f}\u00a0t" for c, a, t in shown if t >= LEAST_SHOWN_T]
    why = ("；" if lang == "zh" else "; ").join(told)
    rest = [t for *_, t in sums.causes[MOST_CAUSES:]]
    if math.fsum(rest) >= LEAST_SHOWN_T:
        why += text(lang, "report.and_more", count=len(rest), tonnes=math.fsum(rest))
    band = list(BANDS)[Bands().of(np.array([sums.plan_t]), np.array([sums.delivered_t]))[0]]
    return (
        Cell(labels.asset(lang, sums.customer)), Cell(CLASSES[sums.customer_class][lang == "zh"], "whole"), tonnes(sums.plan_t),
        tonnes(sums.delivered_t), Cell(_share(sums.completion).text, f"band-{band}"), tonnes(sums.shortfall_t), Cell(why),
    )  # fmt: skip


def causes_section(run: Reported, lang: str) -> Section:
    """The waterfall of all, and that of who falls short most."""
    plots = [Plot(waterfall_chart(run.tables, run.labels, lang), text(lang, "report.causes.all"))]
    for sums in customers_of(run)[:1]:
        if sums.shortfall_t >= LEAST_SHOWN_T:
            chart = waterfall_chart(run.tables, run.labels, lang, customer=sums.customer)
            name = run.labels.asset(lang, sums.customer)
            plots.append(Plot(chart, text(lang, "report.causes.one", customer=name)))
    return Section("causes", text(lang, "report.section.causes"), plots=tuple(plots))


def stocks_section(run: Reported, lang: str) -> Section:
    """Each farm's limits reached, and a chart of those that came near them."""
    filled = fillings(run.tables, run.labels, lang, *span_of(run))
    totals = run.tables["inventory_totals"]
    rows: list[tuple[Cell, ...]] = []
    charted: list[tuple[float, str]] = []
    left: list[tuple[float, str]] = []
    for farm in _farms(run):
        mine = totals[totals["holder"] == farm]
        highest = float(mine["utilisation"].max())
        found = filled.get(farm)
        look = "band-severe" if highest >= 0.95 else "band-low" if highest >= HIGH else ""
        rows.append((
            Cell(run.labels.asset(lang, farm)),
            Cell(f"{max(highest, 0.0):.0%}", look),
            Cell(found.told if found else NOTHING),
            Cell(f"{mine['hours_full'].sum() / 24:,.1f}"),
            Cell(f"{mine['hours_dry'].sum() / 24:,.1f}"),
            tonnes(float(mine["closing_t"].iloc[-1])),
            tonnes(float(mine["safe_fill_t"].iloc[-1])),
        ))  # fmt: skip
        (charted if highest >= HIGH or found else left).append((highest, farm))
    charted.sort(key=lambda item: -item[0])
    left += charted[MOST_CHARTS:]
    heads = (text(lang, "column.farm"), text(lang, "column.highest"), text(lang, "report.stocks.full"),
             text(lang, "report.stocks.full_days"), text(lang, "report.stocks.dry_days"), text(lang, "report.stocks.end"),
             text(lang, "report.stocks.safe_fill"))  # fmt: skip
    grid = Grid(
        text(lang, "report.stocks.caption"), heads, (False, True, False, True, True, True, True), tuple(rows)
    )  # fmt: skip
    plots = tuple(
        Plot(stock_chart(run.tables, run.labels, lang, farm), run.labels.asset(lang, farm))
        for _, farm in charted[:MOST_CHARTS]
    )
    joint = "、" if lang == "zh" else ", "
    names = joint.join(run.labels.asset(lang, farm) for _, farm in left)
    words = (text(lang, "report.stocks.rest", names=names),) if names else ()
    grids = [grid, *_curtailment_grid(run, lang)]
    return Section("stocks", text(lang, "report.section.stocks"), words, plots, tuple(grids), plots_first=False)


def _curtailment_grid(run: Reported, lang: str) -> list[Grid]:
    frame = run.tables["curtailment"]
    held = frame[frame["curtailed_t"] >= LEAST_SHOWN_T]
    if held.empty:
        return []
    rows = []
    for supplier in dict.fromkeys(held["supplier"].astype("str")):
        mine = held[held["supplier"] == supplier]
        rows.append(
            (Cell(run.labels.asset(lang, supplier)), tonnes(float(mine["curtailed_t"].sum())), Cell(str(len(mine))))
        )
    heads = tuple(text(lang, f"column.{key}") for key in ("supplier", "tonnes", "days"))
    return [Grid(text(lang, "report.curtailment.caption"), heads, (False, True, True), tuple(rows))]


def map_section(run: Reported, lang: str) -> Section:
    """The network over the whole run."""
    title = text(lang, "report.section.map")
    if lacking := [name for name in ("network", "trains") if name not in run.tables]:
        return Section("map", title, (missing(lang, lacking),))
    plot = Plot(network_chart(run.tables, run.labels, lang), text(lang, "report.map.note"))
    return Section("map", title, plots=(plot,))


def findings_section(run: Reported, lang: str) -> Section:
    """What the rules found, in few lines, and the work orders that are open."""
    title = text(lang, "report.section.findings")
    if "findings" not in run.tables:
        return Section("findings", title, (missing(lang, ["findings"]),))
    findings = run.tables["findings"]
    if findings.empty:
        return Section("findings", title, (text(lang, "none.findings"),))
    grades = findings["severity"].astype("str").value_counts()
    lines = digest(findings, run.labels, lang)
    shown = lines[:MOST_FINDINGS]
    rows = tuple((Cell(SEVERITIES[s][lang == "zh"], f"severity-{s}"), Cell(words)) for s, words in shown)
    heads = (text(lang, "column.severity"), text(lang, "column.finding"))
    key = "report.findings.more" if len(shown) == len(lines) else "report.findings.first"
    words = [
        text(lang, "counts", **{name: int(grades.get(name, 0)) for name in SEVERITIES})
        + ("。" if lang == "zh" else ".")
    ]
    if len(findings) > len(shown):
        words.append(text(lang, key, count=len(findings), shown=len(shown), lines=len(lines)))
    grids = [Grid(text(lang, "report.findings.caption"), heads, (False, False), rows)]
    if "work_orders" in run.tables:
        more, grid = _work_orders(run, lang)
        words += more
        grids += grid
    return Section("findings", title, tuple(words), grids=tuple(grids))


def _work_orders(run: Reported, lang: str) -> tuple[list[str], list[Grid]]:
    orders = records(run.tables["work_orders"])
    if not orders:
        return [], []
    open_ = [order for order in orders if order["state"] != "replied"]
    overdue = [order for order in open_ if order["overdue"]]
    words = [text(lang, "report.work.count", count=len(orders), open=len(open_), overdue=len(overdue))]
    rank = list(SEVERITIES)
    open_.sort(key=lambda o: (-rank.index(o["severity"]), -o["overdue_days"], o["due_on"] or datetime.max))
    rows = tuple(
        (
            Cell(SEVERITIES[order["severity"]][lang == "zh"], f"severity-{order['severity']}"),
            Cell(order[f"kind_{lang}"]),
            Cell(run.labels.asset(lang, order["subject"])),
            Cell(order[f"owner_{lang}"]),
            Cell(f"{order['due_on']:%Y-%m-%d}" if order["due_on"] else "", "whole"),
            Cell(str(order["overdue_days"] or "")),
        )
        for order in open_[:MOST_ORDERS]
    )
    heads = ("column.severity", "report.work.kind", "report.work.about", "report.work.owner", "report.work.due",
             "report.work.overdue")  # fmt: skip
    grid = Grid(
        text(lang, "report.work.caption"), tuple(text(lang, key) for key in heads),
        (False, False, False, False, False, True), rows,
    )  # fmt: skip
    return words, [grid] if rows else []


def _farms(run: Reported) -> list[str]:
    """The farms that have tanks, in order of declaration."""
    if isinstance(run.tables, Tables):  # fresh from the run, which knows without making a table
        return run.tables.farms
    totals = run.tables["inventory_totals"]
    farms = totals[(totals["holder_kind"] == "farm") & totals["utilisation"].notna()]
    return [str(name) for name in farms["holder"].unique()]


def missing(lang: str, names: Sequence[str]) -> str:
    """That these tables are not there, by their titles."""
    titles = ("、" if lang == "zh" else ", ").join(TABLES[n].title(lang) if n in TABLES else n for n in names)
    return text(lang, "report.missing", names=titles)


def _share(value: float) -> Cell:
    return Cell(NOTHING if math.isnan(value) else f"{value:.1%}")
