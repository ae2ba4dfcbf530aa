"""The workbook's pages about plan and customers: the summary, the heat map of completion, why oil is short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chainsim.charts.palette import BAND_COLOURS
from chainsim.model import Scenario
from chainsim.reports.sheets import Book, Sheet, column_format, heading_of, number_format, records
from chainsim.results import TABLES
from chainsim.rules import FINDINGS, digest

if TYPE_CHECKING:
    import pandas as pd


HEADLINES = (
    "completion",
    "completion_by_grade",
    "completion_petrochina",
    "completion_sinopec",
    "completion_local",
    "shortfall",
    "main_cause",
    "main_asset",
    "lowest_completion",
    "jain_fairness_local",
    "curtailed",
    "outlet_clear_days",
    "highest_utilisation",
    "first_full",
)
"""Key figures on the summary; the others stand on their own sheet."""
_CUSTOMERS_SHOWN, _CAUSES_SHOWN, _FINDINGS_SHOWN = 12, 10, 16


def summary_sheet(
    book: Book, scenario: Scenario, tables: Mapping[str, pd.DataFrame], findings: pd.DataFrame | None
) -> None:
    sheet = book.sheet(book.text("sheet.summary"), landscape=False)
    last = scenario.instant(scenario.end_day - 1)
    row = sheet.title(
        scenario.label.text(book.lang, scenario.name),
        book.text("summary.period").format(start=scenario.start.isoformat(), end=f"{last:%Y-%m-%d}"),
    )
    row = _headlines(sheet, row, tables["kpis"])
    first = row + 3
    row = _worst_customers(sheet, row + 1, tables)
    customers = row - first
    row = _main_causes(sheet, row + 1, tables["shortfalls"])
    if findings is not None:
        row = _first_findings(sheet, row + 1, findings)
    if customers:
        _completion_chart(sheet, row + 1, first, customers)
    sheet.fit({0: 32.0, 1: 36.0})


def _completion_chart(sheet: Sheet, row: int, first: int, count: int) -> None:
    """A bar for each customer of the list, the furthest behind on top."""
    chart = sheet.book.workbook.add_chart({"type": "bar"})
    last, completion = first + count - 1, 4
    assert not chart.add_series(
        {
            "name": sheet.book.text("summary.chart"),
            "categories": [sheet.name, first, 0, last, 0],
            "values": [sheet.name, first, completion, last, completion],
            "fill": {"color": "#1F6FA8"},
            "gap": 50,
            "data_labels": {"value": True, "num_format": "0.0%", "font": {"size": 8}},
        }
    )
    chart.set_title({"name": sheet.book.text("summary.chart"), "name_font": {"size": 12}})
    grid = {"visible": True, "line": {"color": "#DDDDDD"}}
    chart.set_x_axis({"min": 0, "num_format": "0%", "major_gridlines": grid, "label_position": "high"})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    chart.set_legend({"none": True})
    chart.set_size({"width": 900, "height": 110 + 24 * count})
    assert sheet.worksheet.insert_chart(row, 0, chart) == 0


def _headlines(sheet: Sheet, row: int, kpis: pd.DataFrame) -> int:
    book = sheet.book
    row = sheet.section(row, book.text("summary.headlines"))
    known = {kpi["name"]: kpi for kpi in records(kpis)}
    for name in HEADLINES:
        kpi = known[name]
        if kpi["value"] is None:
            continue
        sheet.put(row, 0, kpi[f"header_{book.lang}"], book.format())
        unit = {"1": "", "": ""}.get(kpi["unit"], f'" {kpi["unit"]}"')
        figure = book.format(num_format=number_format(kpi["unit"]) + unit, bold=True, align="left", indent=1)
        sheet.put(row, 1, kpi["value"], figure)
        when = f"{kpi['at']:%Y-%m-%d %H:%M}" if kpi["at"] else ""
        about = "  ".join(part for part in (book.subject(kpi["subject"]), when) if part)
        sheet.put(row, 2, about, book.format(), fits=False)
        row += 1
    return row


def _worst_customers(sheet: Sheet, row: int, tables: Mapping[str, pd.DataFrame]) -> int:
    """The customers by completion over the run, lowest first."""
    book = sheet.book
    row = sheet.section(row, book.text("summary.customers"))
    sums: dict[str, dict[str, Any]] = {}
    for month in records(tables["customer_months"]):
        line = sums.setdefault(month["customer"], {"customer_class": month["customer_class"]})
        for name in ("plan_t", "delivered_t", "shortfall_t"):
            line[name] = line.get(name, 0.0) + month[name]
    causes = _added(tables["shortfalls"], "customer", "cause")
    for customer, line in sums.items():
        mine = {cause: tonnes for (who, cause), tonnes in causes.items() if who == customer}
        line["customer"] = customer
        line["completion"] = line["delivered_t"] / line["plan_t"] if line["plan_t"] > 0 else None
        line["main_cause"] = max(mine, key=lambda cause: mine[cause]) if line["shortfall_t"] > 0 and mine else None
    names = ("customer", "main_cause", "plan_t", "delivered_t", "completion", "shortfall_t", "customer_class")
    columns = [TABLES["customer_months"].column(name) for name in names]
    row = sheet.headings(row, [heading_of(c, book.lang) for c in columns])
    planned = [line for line in sums.values() if line["completion"] is not None]
    for line in sorted(planned, key=lambda line: (line["completion"], -line["shortfall_t"]))[:_CUSTOMERS_SHOWN]:
        for index, column in enumerate(columns):
            sheet.put(row, index, book.shown(column, line[column.name]), column_format(book, column))
        row += 1
    return row


def _main_causes(sheet: Sheet, row: int, shortfalls: pd.DataFrame) -> int:
    """Shortfall by cause and asset, largest first."""
    book = sheet.book
    row = sheet.section(row, book.text("summary.causes"))
    columns = [TABLES["shortfalls"].column(c) for c in ("cause", "asset", "shortfall_t", "share")]
    row = sheet.headings(row, [heading_of(c, book.lang) for c in columns])
    sums = _added(shortfalls, "cause", "asset")
    total = sum(sums.values())
    for (cause, asset), tonnes in list(sums.items())[:_CAUSES_SHOWN]:
        for index, (column, value) in enumerate(zip(columns, (cause, asset, tonnes, tonnes / total), strict=True)):
            sheet.put(row, index, book.shown(column, value), column_format(book, column))
        row += 1
    return row


def _first_findings(sheet: Sheet, row: int, findings: pd.DataFrame) -> int:
    """How many findings there are, and their digest."""
    book = sheet.book
    severity = FINDINGS.column("severity")
    grades = [severity.value_text(book.lang, line["severity"]) for line in records(findings)]
    told = ", ".join(f"{grade} {grades.count(grade)}" for grade in dict.fromkeys(grades)) or book.text("none")
    row = sheet.section(row, f"{book.text('summary.findings')}: {told}")
    lines = digest(findings, book.labels, book.lang)
    for name, words in lines[:_FINDINGS_SHOWN]:
        sheet.put(row, 0, severity.value_text(book.lang, name), book.format())
        sheet.put(row, 1, words, book.format(indent=1), fits=False)
        row += 1
    if len(lines[:_FINDINGS_SHOWN]) < len(findings):
        sheet.put(
            row, 1, book.text("summary.more").format(count=len(findings)), book.format(font_color="#666666"), fits=False
        )
    return row + 1


def _added(shortfalls: pd.DataFrame, *keys: str) -> dict[tuple[Any, ...], float]:
    """Tonnes of shortfall by ``keys``, the largest first."""
    sums: dict[tuple[Any, ...], float] = {}
    for line in records(shortfalls):
        key = tuple(line[k] for k in keys)
        sums[key] = sums.get(key, 0.0) + line["shortfall_t"]
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def completion_sheet(book: Book, months: pd.DataFrame) -> None:
    """Customer × month, coloured by band."""
    sheet = book.sheet(book.text("sheet.completion"))
    table = TABLES["customer_months"]
    row = sheet.title(book.text("completion.title"), book.text("completion.note"))
    band = table.column("band")
    for index, (name, (back, ink)) in enumerate(BAND_COLOURS.items()):
        legend = book.format(bg_color=back, font_color=ink, align="center", border=1, border_color="#FFFFFF")
        sheet.put(row - 1, index + 2, band.value_text(book.lang, name), legend)
    lines = records(months)
    stamps = sorted({line["month"] for line in lines})
    customers = list(dict.fromkeys(line["customer"] for line in lines))
    cells = {(line["customer"], line["month"]): line for line in lines}
    header = [table.column(c).header(book.lang) for c in ("customer", "customer_class")]
    top = sheet.headings(row, [*header, *(f"{stamp:%Y-%m}" for stamp in stamps), book.text("total")])
    row = top
    for customer in customers:
        mine = [line for line in lines if line["customer"] == customer]
        sheet.put(row, 0, book.labels.asset(book.lang, customer), book.format())
        sheet.put(row, 1, book.shown(table.column("customer_class"), mine[0]["customer_class"]), book.format())
        for index, stamp in enumerate(stamps):
            cell = cells.get((customer, stamp), {"completion": None, "band": "no_plan"})
            _put_completion(sheet, row, index + 2, cell["completion"], cell["band"])
        sheet.put(row, len(stamps) + 2, _completed(mine), book.number("1", bold=True, align="center"))
        row += 1
    foot = {"bold": True, "top": 1}
    sheet.put(row, 0, book.text("all"), book.format(**foot))
    sheet.put(row, 1, None, book.format(**foot))
    for index, stamp in enumerate(stamps):
        completed = _completed([line for line in lines if line["month"] == stamp])
        sheet.put(row, index + 2, completed, book.number("1", align="center", **foot))
    sheet.put(row, len(stamps) + 2, _completed(lines), book.number("1", align="center", **foot))
    sheet.worksheet.freeze_panes(top, 2)
    sheet.fit()


def _completed(lines: list[dict[str, Any]]) -> float | None:
    plan = sum(line["plan_t"] for line in lines)
    return sum(line["delivered_t"] for line in lines) / plan if plan > 0 else None


def _put_completion(sheet: Sheet, row: int, column: int, completion: float | None, band: str) -> None:
    book = sheet.book
    back, ink = BAND_COLOURS[band]
    style = {"bg_color": back, "font_color": ink, "align": "center", "border": 1, "border_color": "#FFFFFF"}
    if completion is None:
        text = TABLES["customer_months"].column("band").value_text(book.lang, band) if band == "unplanned" else "–"
        sheet.put(row, column, text, book.format(**style))
    else:
        sheet.put(row, column, completion, book.number("1", **style))


def shortfall_matrix_sheet(book: Book, shortfalls: pd.DataFrame) -> None:
    """Customer × cause in tonnes, with a stacked bar per customer."""
    sheet = book.sheet(book.text("sheet.causes"))
    table = TABLES["shortfalls"]
    top = sheet.title(book.text("causes.title"), book.text("causes.note"))
    sums = _added(shortfalls, "customer", "cause")
    if not sums:
        sheet.put(top, 0, book.text("none"), book.format())
        sheet.fit()
        return
    totals: dict[str, float] = {}
    for (_, cause), tonnes in sums.items():
        totals[cause] = totals.get(cause, 0.0) + tonnes
    causes = sorted(totals, key=lambda cause: -totals[cause])
    customers = sorted({who for who, _ in sums}, key=list(shortfalls["customer"].cat.categories).index)
    head = [table.column("customer").header(book.lang)]
    head += [table.column("cause").value_text(book.lang, cause) for cause in causes]
    row = first = sheet.headings(top, [*head, book.text("total")])
    for customer in customers:
        sheet.put(row, 0, book.labels.asset(book.lang, customer), book.format())
        for index, cause in enumerate(causes):
            sheet.put(row, index + 1, sums.get((customer, cause)), book.number("t"))
        whole = sum(tonnes for (who, _), tonnes in sums.items() if who == customer)
        sheet.put(row, len(causes) + 1, whole, book.number("t", bold=True))
        row += 1
    sheet.put(row, 0, book.text("total"), book.format(bold=True, top=1))
    for index, tonnes in enumerate([*(totals[cause] for cause in causes), sum(totals.values())]):
        sheet.put(row, index + 1, tonnes, book.number("t", bold=True, top=1))
    chart = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    for index in range(len(causes)):
        assert not chart.add_series(
            {
                "name": [sheet.name, top, index + 1],
                "categories": [sheet.name, first, 0, row - 1, 0],
                "values": [sheet.name, first, index + 1, row - 1, index + 1],
                "gap": 60,
            }
        )
    chart.set_title({"name": book.text("causes.chart"), "name_font": {"size": 12}})
    grid = {"visible": True, "line": {"color": "#DDDDDD"}}
    chart.set_x_axis({"label_position": "high", "num_format": "#,##0", "major_gridlines": grid})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 980, "height": 160 + 26 * len(customers)})
    assert sheet.worksheet.insert_chart(row + 2, 0, chart) == 0
    sheet.worksheet.freeze_panes(first, 1)
    sheet.fit()
