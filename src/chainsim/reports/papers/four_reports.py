"""The four customer reports as sheets: financial statistics, credit analysis, sales dynamics, complaint analysis.

They are the reports that a customer archive is kept for (财务统计、信用分析、销售动态、投诉分析), made of a run's tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chainsim.model import Scenario
from chainsim.model.service import COMPLAINT_KINDS
from chainsim.reports.papers.texts import say
from chainsim.reports.sheets import Book, Sheet, records
from chainsim.reports.workbook import made_workbook
from chainsim.results import TABLES

if TYPE_CHECKING:
    import pandas as pd

_AGES = (30.0, 60.0, 90.0)
"""Ends of the classes of age of what is unpaid, in days."""
_TREND_MONTHS = 3
_SOME_LATE, _MANY_LATE = 0.2, 0.5
"""Late shares up to which a customer is graded B, and C."""


def four_reports_bytes(scenario: Scenario, tables: Mapping[str, pd.DataFrame], lang: str) -> bytes:
    """The workbook of the four reports. Equal input gives equal bytes."""

    def fill(book: Book) -> None:
        _financial(book, tables)
        _credit(book, tables)
        _dynamics(book, tables)
        _complaints(book, tables)

    return made_workbook(scenario, lang, fill)


def _financial(book: Book, tables: Mapping[str, pd.DataFrame]) -> None:
    settled = _sums(tables["settlement"], ("delivered_t", "amount_yuan", "tariff_yuan"))
    cash = {row["customer"]: row["closing_yuan"] for row in records(tables["cash"])}  # the last month's stays
    rows = []
    for customer in _customers(tables):
        name = customer["customer"]
        tonnes, amount, tariff = (
            settled.get(name, {}).get(c, 0.0) for c in ("delivered_t", "amount_yuan", "tariff_yuan")
        )
        invoices = _of(tables["invoices"], name)
        rows.append(
            [
                *_who(book, customer),
                tonnes,
                amount,
                amount / tonnes if tonnes else None,
                tariff,
                sum(row["amount_yuan"] for row in invoices),
                sum(row["amount_yuan"] for row in invoices if row["paid"]),
                sum(row["amount_yuan"] for row in invoices if _overdue(row)),
                cash.get(name),
            ]
        )
    keys = ("amount", "price", "tariff", "invoiced", "paid", "overdue", "cash")
    heads = [*_heads(book), say(book.lang, "bulletin.delivered_t"), *(say(book.lang, f"four.{key}") for key in keys)]
    _report(
        book,
        "financial",
        heads,
        rows,
        ["t", "yuan", "yuan/t", "yuan", "yuan", "yuan", "yuan", "yuan"],
        total=(2, 3, 5, 6, 7, 8),
    )


def _credit(book: Book, tables: Mapping[str, pd.DataFrame]) -> None:
    service = {row["customer"]: row for row in records(tables["customer_service"])}
    rows = []
    for customer in _customers(tables):
        mine = service[customer["customer"]]
        open_invoices = [row for row in _of(tables["invoices"], customer["customer"]) if _overdue(row)]
        ages = [0.0] * (len(_AGES) + 1)
        for row in open_invoices:
            ages[sum(row["late_days"] > end for end in _AGES)] += row["amount_yuan"]
        overdue = sum(ages)
        rows.append(
            [
                *_who(book, customer),
                mine["invoices"],
                mine["late_invoices"],
                mine["late_share"],
                mine["mean_late_days"],
                overdue,
                *ages,
                credit_grade(mine["late_share"], overdue) if mine["invoices"] else None,
            ]
        )
    keys = ("invoices", "late", "late_share", "late_days", "overdue", "age_30", "age_60", "age_90", "age_more", "grade")
    heads = [*_heads(book), *(say(book.lang, f"four.{key}") for key in keys)]
    _report(book, "credit", heads, rows, ["", "", "1", "d", *["yuan"] * 5, "text"], total=(2, 3, 6, 7, 8, 9, 10))


def credit_grade(late_share: float | None, overdue_yuan: float) -> str:
    """A: nothing late; B: late up to a fifth; C: up to half, or something overdue; D: worse.

    >>> [credit_grade(share, overdue) for share, overdue in ((0.0, 0), (0.2, 0), (0.1, 1e6), (0.6, 0))]
    ['A', 'B', 'C', 'D']
    """
    share = late_share or 0.0
    if share > _MANY_LATE:
        return "D"
    if overdue_yuan > 0 or share > _SOME_LATE:
        return "C"
    return "B" if share > 0 else "A"


def _dynamics(book: Book, tables: Mapping[str, pd.DataFrame]) -> None:
    months = sorted({row["month"] for row in records(tables["customer_months"])})
    delivered: dict[str, dict[Any, float]] = {}
    plan: dict[str, float] = {}
    for row in records(tables["customer_months"]):
        delivered.setdefault(row["customer"], {})[row["month"]] = row["delivered_t"]
        plan[row["customer"]] = plan.get(row["customer"], 0.0) + row["plan_t"]
    rows = []
    for customer in _customers(tables):
        amounts = [delivered.get(customer["customer"], {}).get(month, 0.0) for month in months]
        latest, before = sum(amounts[-_TREND_MONTHS:]), sum(amounts[-2 * _TREND_MONTHS : -_TREND_MONTHS])
        trend = latest / before - 1.0 if before > 0 and len(amounts) >= 2 * _TREND_MONTHS else None
        planned = plan.get(customer["customer"], 0.0)
        rows.append([*_who(book, customer), *amounts, sum(amounts), sum(amounts) / planned if planned else None, trend])
    heads = [*_heads(book), *(f"{month:%Y-%m}" for month in months), book.text("total")]
    heads += [say(book.lang, "bulletin.completion"), say(book.lang, "four.trend")]
    units = ["t"] * (len(months) + 1) + ["1", "1"]
    sheet, first = _report(book, "dynamics", heads, rows, units, total=tuple(range(2, len(months) + 3)))
    if rows:
        chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
        for number in range(len(rows)):
            series = {
                "name": [sheet.name, first + number, 0],
                "categories": [sheet.name, first - 1, 2, first - 1, len(months) + 1],
                "values": [sheet.name, first + number, 2, first + number, len(months) + 1],
                "gap": 60,
            }
            assert not chart.add_series(series)
        chart.set_title({"name": say(book.lang, "four.chart"), "name_font": {"size": 12}})
        chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}}})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 980, "height": 380})
        assert sheet.worksheet.insert_chart(first + len(rows) + 2, 0, chart) == 0


def _complaints(book: Book, tables: Mapping[str, pd.DataFrame]) -> None:
    rows = []
    for customer in _customers(tables):
        mine = _of(tables["complaints"], customer["customer"])
        days = [row["answer_days"] for row in mine if row["answer_days"] is not None]
        counts = [sum(row["kind"] == kind for row in mine) for kind in COMPLAINT_KINDS]
        open_ones = sum(row["state"] != "closed" for row in mine)
        rows.append([*_who(book, customer), *counts, len(mine), open_ones, sum(days) / len(days) if days else None])
    heads = [*_heads(book), *(texts[book.lang == "zh"] for texts in COMPLAINT_KINDS.values()), book.text("total")]
    heads += [say(book.lang, "summary.open_count"), say(book.lang, "summary.days")]
    count = len(COMPLAINT_KINDS)
    _report(book, "complaints", heads, rows, ["count"] * (count + 2) + ["d"], total=tuple(range(2, count + 4)))


def _report(
    book: Book,
    key: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    units: Sequence[str],
    *,
    total: Sequence[int],
) -> tuple[Sheet, int]:
    """One report: a table of the customers and a row of sums below it; the sheet and the first customer's row."""
    sheet = book.sheet(say(book.lang, f"four.{key}"))
    top = sheet.title(say(book.lang, f"four.{key}"), say(book.lang, f"four.{key}_note")) - 1
    sheet.headings(top, heads)
    sheet.table(f"report_{key}", top, top + max(len(rows), 1), heads)
    looks = [book.format(indent=1), book.format(indent=1), *(_look(book, unit) for unit in units)]
    row = first = top + 1
    for cells in rows:
        for index, value in enumerate(cells):
            sheet.put(row, index, value, looks[index])
        row += 1
    if not rows:
        sheet.put(row, 0, book.text("none"), book.format())
        row += 1
    sheet.put(row, 0, book.text("total"), book.format(bold=True, top=1))
    for index in range(1, len(heads)):
        summed = sum(cells[index] or 0.0 for cells in rows) if index in total else None
        sheet.put(row, index, summed, _look(book, ["", "", *units][index], bold=True, top=1))
    sheet.worksheet.freeze_panes(first, 1)
    sheet.worksheet.repeat_rows(top)
    sheet.fit()
    return sheet, first


def _look(book: Book, unit: str, **more: Any) -> Any:
    if unit in ("text", "count", ""):
        return book.format(align="center", num_format="0" if unit != "text" else "General", **more)
    return book.number(unit, **more)


def _heads(book: Book) -> list[str]:
    return [say(book.lang, "customer"), say(book.lang, "plan.class")]


def _who(book: Book, customer: Mapping[str, Any]) -> list[str]:
    column = TABLES["customers"].column("customer_class")
    return [
        book.labels.asset(book.lang, customer["customer"]),
        column.value_text(book.lang, customer["customer_class"]),
    ]


def _customers(tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    return records(tables["customers"])


def _of(frame: pd.DataFrame, customer: str) -> list[dict[str, Any]]:
    return [row for row in records(frame) if row["customer"] == customer]


def _overdue(invoice: Mapping[str, Any]) -> bool:
    """Unpaid after its day."""
    return not invoice["paid"] and (invoice["late_days"] or 0.0) > 0


def _sums(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {}
    for row in records(frame):
        mine = out.setdefault(row["customer"], dict.fromkeys(columns, 0.0))
        for column in columns:
            mine[column] += row[column] or 0.0
    return out
