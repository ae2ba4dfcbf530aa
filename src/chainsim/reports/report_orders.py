"""The report's section on adjustment orders: drafts before and after, the approved ones by number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chainsim.charts import order_chart
from chainsim.reports.grid import NOTHING, Cell, Grid, signed, tonnes
from chainsim.reports.report_sections import Plot, Reported, Section, missing
from chainsim.reports.sheets import records
from chainsim.texts import text

MOST_ORDER_LINES, MOST_BARS = 20, 10


@dataclass(frozen=True, slots=True)
class Change:
    """A line of an order, and the plan in force that it would change; ``None`` where the tables know none of that period."""

    line: Mapping[str, Any]
    before_t: float | None

    @property
    def size(self) -> float:
        """Tonnes up or down."""
        return math.inf if self.before_t is None else abs(self.line["plan_t"] - self.before_t)


def orders_section(run: Reported, lang: str) -> Section:
    """Drafts with their lines before and after; the approved ones by number."""
    title = text(lang, "report.section.orders")
    if "orders" not in run.tables:
        return Section("orders", title, (missing(lang, ["orders"]),))
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in records(run.tables["orders"]):
        lines.setdefault(line["number"], []).append(line)
    drafts = {number: rows for number, rows in lines.items() if rows[0]["state"] == "draft"}
    plots, grids, words = [], [], []
    in_force = {
        (row["customer"], row["grade"], row["month"]): row["plan_t"] for row in records(run.tables["completion"])
    }
    for number, rows in drafts.items():
        changes = [Change(row, in_force.get(_month_of(row))) for row in rows]
        changes.sort(key=lambda change: -change.size)
        grids.append(_draft_grid(run, lang, number, changes))
        if rows[0]["reason"]:
            words.append(f"{number}: {rows[0]['reason']}" if lang == "en" else f"{number}：{rows[0]['reason']}")
        bars = [
            (_line_name(run, lang, c.line), c.before_t, c.line["plan_t"]) for c in changes if c.before_t is not None
        ]
        if bars:
            caption = text(lang, "report.orders.chart", number=number)
            plots.append(Plot(order_chart(bars[:MOST_BARS], lang), caption))
    others = {number: rows for number, rows in lines.items() if number not in drafts}
    if others:
        grids.append(_approved_grid(lang, others))
    for number, rows in others.items():
        if any(row["line_reason"] for row in rows):
            grids.append(_reasons_grid(run, lang, number, rows))
    if not lines:
        words.append(text(lang, "report.orders.none"))
    return Section("orders", title, tuple(words), tuple(plots), tuple(grids), plots_first=False)


def _month_of(row: Mapping[str, Any]) -> tuple[str, str, datetime | None]:
    """The key of the plan that a line changes; lines of other periods have none in the tables."""
    return row["customer"], row["grade"], row["start"] if row["level"] == "month" else None


def _line_name(run: Reported, lang: str, row: Mapping[str, Any]) -> str:
    customer, grade = run.labels.asset(lang, row["customer"]), run.labels.grade(lang, row["grade"])
    return f"{customer} · {grade} {row['start']:%Y-%m}"


def _approved_grid(lang: str, orders: Mapping[str, Sequence[Mapping[str, Any]]]) -> Grid:
    heads = ("report.orders.number", "report.orders.effective", "report.orders.lines", "report.reason")
    told = tuple(
        (
            Cell(number, "whole"),
            Cell(f"{rows[0]['effective_at']:%Y-%m-%d}", "whole"),
            Cell(str(len(rows))),
            Cell(rows[0]["reason"]),
        )
        for number, rows in orders.items()
    )
    caption = text(lang, "report.orders.approved")
    return Grid(caption, tuple(text(lang, key) for key in heads), (False, False, True, False), told)


def _reasons_grid(run: Reported, lang: str, number: str, rows: Sequence[Mapping[str, Any]]) -> Grid:
    """The lines of an order in force, each with its reason: of what was before it the tables know no more."""
    cells = tuple(
        (*_about(run, lang, row), tonnes(row["plan_t"]), Cell(row["line_reason"] or NOTHING))
        for row in rows[:MOST_ORDER_LINES]
    )
    heads = ("column.customer", "report.orders.grade", "report.orders.period", "report.orders.after",
             "report.orders.line_why")  # fmt: skip
    caption = text(lang, "report.orders.approved_lines", number=number, at=f"{rows[0]['effective_at']:%Y-%m-%d}")
    if len(rows) > len(cells):
        caption += text(lang, "report.orders.first", shown=len(cells), count=len(rows))
    return Grid(caption, tuple(text(lang, key) for key in heads), (False, False, False, True, False), cells)


def _draft_grid(run: Reported, lang: str, number: str, changes: Sequence[Change]) -> Grid:
    """The order's lines with their reasons, the largest changes first; at the foot all of them, where there is a before."""
    shown = changes[:MOST_ORDER_LINES]
    why = any(change.line["line_reason"] for change in changes)
    cells = [
        (
            *_about(run, lang, change.line),
            *_before_and_after(lang, change.before_t, change.line["plan_t"]),
            *([Cell(change.line["line_reason"])] if why else []),
        )
        for change in shown
    ]
    heads = ["column.customer", "report.orders.grade", "report.orders.period", "report.orders.before", "report.orders.after",
             "report.orders.change", *(["report.orders.line_why"] if why else [])]  # fmt: skip
    caption = text(lang, "report.orders.draft", number=number, at=f"{changes[0].line['effective_at']:%Y-%m-%d}")
    if len(changes) > len(cells):
        caption += text(lang, "report.orders.largest", shown=len(cells), count=len(changes))
    known = [c.before_t for c in changes if c.before_t is not None]
    before = math.fsum(known) if len(known) == len(changes) else None
    after = math.fsum(c.line["plan_t"] for c in changes)
    foot = (
        Cell(text(lang, "report.changes.total")), Cell(""), Cell(""), *_before_and_after(lang, before, after),
        *([Cell("")] if why else []),
    )  # fmt: skip
    numeric = (False, False, False, True, True, True, *([False] if why else []))
    return Grid(caption, tuple(text(lang, key) for key in heads), numeric, tuple(cells), foot)


def _about(run: Reported, lang: str, row: Mapping[str, Any]) -> tuple[Cell, Cell, Cell]:
    """Whose plan of what a line changes, and when."""
    last = row["end"] - timedelta(days=1)
    when = f"{row['start']:%Y-%m}" if row["level"] == "month" else f"{row['start']:%Y-%m-%d}…{last:%m-%d}"
    return (
        Cell(run.labels.asset(lang, row["customer"])),
        Cell(run.labels.grade(lang, row["grade"])),
        Cell(when, "whole"),
    )


def _before_and_after(lang: str, before: float | None, after: float) -> tuple[Cell, Cell, Cell]:
    if before is None:
        nothing = Cell(NOTHING)
        return nothing, tonnes(after), nothing
    return tonnes(before), tonnes(after), signed(after - before)
