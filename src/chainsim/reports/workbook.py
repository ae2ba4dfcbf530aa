"""The workbook: what a planner opens first, in Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.model import Scenario
from chainsim.records import CAUSES
from chainsim.reports.sheets import INSTANT, Book, Sheet, heading_of, list_sheet, write_list
from chainsim.reports.whole import whole_file
from chainsim.reports.workbook_texts import TEXTS
from chainsim.results import TABLES, labels_of
from chainsim.rules.findings import FINDINGS

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
BAND_COLOURS: dict[str, tuple[str, str]] = {
    "green": ("#C6E7CE", "#0B5A1E"),
    "watch": ("#FFF2B3", "#6B5200"),
    "low": ("#FFD3A6", "#7A3A00"),
    "severe": ("#F4A6A0", "#7A0C04"),
    "over_lift": ("#C3DDF5", "#0B3B66"),
    "unplanned": ("#E0D3F0", "#43216B"),
    "no_plan": ("#F2F2F2", "#808080"),
}
"""Band → (background, text)."""
_CUSTOMERS_SHOWN, _CAUSES_SHOWN, _FINDINGS_SHOWN = 12, 10, 12
_CHARTS_ACROSS, _CHART_ROWS, _CHART_COLUMNS = 2, 16, 8
_CHART_SIZE = {"width": 500, "height": 300}


def write_workbook(
    path: Path,
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    findings: pd.DataFrame | None,
    manifest: Mapping[str, Any],
    lang: str,
) -> Path:
    """Write the workbook in ``lang`` ("en" or "zh") and return ``path``; the file appears whole or not at all.

    ``findings`` is the rules' table, or ``None`` where no rules were run. Daily rows by grade stay in Parquet and CSV; here are
    daily totals per farm. Equal input gives equal bytes. Raises ``InputError`` if ``path`` cannot be written.
    """
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
    }
    with whole_file(path) as temporary, xlsxwriter.Workbook(str(temporary), options) as workbook:
        # A fixed date of creation, or equal input would not give equal bytes.
        created = datetime(scenario.start.year, scenario.start.month, scenario.start.day)
        title = scenario.label.text(lang, scenario.name)
        workbook.set_properties({"title": title, "author": "chainsim", "created": created})
        font = "Microsoft YaHei" if lang == "zh" else "Calibri"
        book = Book(workbook, lang, labels_of(scenario), font)
        _summary(book, scenario, tables, findings)
        _completion(book, tables["customer_months"])
        _shortfall_matrix(book, tables["shortfalls"])
        _list(book, "shortfalls", tables)
        _inventory(book, tables["inventory_totals"])
        for name in ("batches", "trains"):
            _list(book, name, tables)
        _curtailment(book, tables["curtailment"])
        if findings is not None:
            _findings(book, findings)
        _key_figures(book, tables["kpis"])
        _dictionary(book, with_findings=findings is not None)
        _metadata(book, scenario, manifest)
    return path


def _text(book: Book, name: str) -> str:
    return TEXTS[name][book.lang == "zh"]


def _list(book: Book, name: str, tables: Mapping[str, pd.DataFrame]) -> None:
    list_sheet(book, _text(book, f"sheet.{name}"), TABLES[name], tables[name])


# ---- summary -------------------------------------------------------------------------------------------------------


def _summary(book: Book, scenario: Scenario, tables: Mapping[str, pd.DataFrame], findings: pd.DataFrame | None) -> None:
    sheet = book.sheet(_text(book, "sheet.summary"), landscape=False)
    last = scenario.instant(scenario.end_day)
    row = sheet.title(
        scenario.label.text(book.lang, scenario.name),
        _text(book, "summary.period").format(start=scenario.start.isoformat(), end=f"{last:%Y-%m-%d}"),
    )
    row = _headlines(sheet, row, tables["kpis"])
    row = _worst_customers(sheet, row + 1, tables)
    row = _main_causes(sheet, row + 1, tables["shortfalls"])
    if findings is not None:
        _first_findings(sheet, row + 1, findings)
    sheet.fit({0: 30.0, 6: 34.0})


def _headlines(sheet: Sheet, row: int, kpis: pd.DataFrame) -> int:
    book = sheet.book
    row = sheet.section(row, _text(book, "summary.headlines"))
    known = kpis.set_index("name")
    for name in HEADLINES:
        kpi = known.loc[name]
        if kpi["value"] != kpi["value"]:
            continue
        sheet.put(row, 0, kpi[f"header_{book.lang}"], book.format())
        _put_figure(sheet, row, 1, kpi, bold=True)
        subject = _subject(book, kpi["subject"])
        when = f"{kpi['at']:%Y-%m-%d %H:%M}" if kpi["at"] == kpi["at"] else ""
        sheet.put(row, 3, "  ".join(part for part in (subject, when) if part), book.format(), fits=False)
        row += 1
    return row


def _put_figure(sheet: Sheet, row: int, column: int, kpi: pd.Series[Any], **properties: Any) -> None:
    """A key figure's value in ``column`` and its unit in the next."""
    book, unit = sheet.book, str(kpi["unit"])
    value = kpi["value"]
    sheet.put(row, column, None if value != value else float(value), book.number(unit, **properties))
    sheet.put(row, column + 1, "" if unit == "1" else unit, book.format(font_color="#666666"))


def _subject(book: Book, name: str) -> str:
    return CAUSES[name][book.lang == "zh"] if name in CAUSES else book.labels.asset(book.lang, name) if name else ""


def _worst_customers(sheet: Sheet, row: int, tables: Mapping[str, pd.DataFrame]) -> int:
    """The customers by completion over the run, lowest first."""
    book = sheet.book
    row = sheet.section(row, _text(book, "summary.customers"))
    months = tables["customer_months"]
    sums = months.groupby("customer", observed=True)[["plan_t", "delivered_t", "shortfall_t"]].sum()
    classes = months.groupby("customer", observed=True)["customer_class"].first()
    sums = sums[sums["plan_t"] > 0]
    sums["completion"] = sums["delivered_t"] / sums["plan_t"]
    causes = tables["shortfalls"].groupby(["customer", "cause"], observed=True)["shortfall_t"].sum()
    table = TABLES["customer_months"]
    names = ("customer", "customer_class", "plan_t", "delivered_t", "completion", "shortfall_t", "main_cause")
    columns = [table.column(name) for name in names]
    row = sheet.headings(row, [heading_of(c, book.lang) for c in columns])
    for customer, line in sums.sort_values(["completion", "shortfall_t"]).head(_CUSTOMERS_SHOWN).iterrows():
        mine = causes.loc[[customer]] if customer in causes.index.get_level_values(0) else causes.iloc[:0]
        main = mine.idxmax()[1] if len(mine) and line["shortfall_t"] > 0 else None
        values = (customer, classes[customer], *(float(line[c]) for c in names[2:6]), main)
        for index, (column, value) in enumerate(zip(columns, values, strict=True)):
            cell_format = book.number(column.unit) if column.type == "number" else book.format()
            sheet.put(row, index, book.shown(column, value), cell_format)
        row += 1
    return row


def _main_causes(sheet: Sheet, row: int, shortfalls: pd.DataFrame) -> int:
    """Shortfall by cause and asset, largest first."""
    book = sheet.book
    row = sheet.section(row, _text(book, "summary.causes"))
    table = TABLES["shortfalls"]
    row = sheet.headings(
        row, [heading_of(table.column(c), book.lang) for c in ("cause", "asset", "shortfall_t", "share")]
    )
    sums = shortfalls.groupby(["cause", "asset"], observed=True, dropna=False)["shortfall_t"].sum()
    total = float(sums.sum())
    for (cause, asset), tonnes in sums.sort_values(ascending=False, kind="stable").head(_CAUSES_SHOWN).items():
        sheet.put(row, 0, book.shown(table.column("cause"), cause), book.format())
        sheet.put(row, 1, book.shown(table.column("asset"), asset), book.format())
        sheet.put(row, 2, float(tonnes), book.number("t"))
        sheet.put(row, 3, float(tonnes) / total if total > 0 else None, book.number("1"))
        row += 1
    return row


def _first_findings(sheet: Sheet, row: int, findings: pd.DataFrame) -> int:
    """The gravest findings, in words."""
    book = sheet.book
    counts = findings["severity"].value_counts()
    severity = FINDINGS.column("severity")
    told = ", ".join(f"{severity.value_text(book.lang, str(name))} {n}" for name, n in counts.items() if n)
    heading = _text(book, "summary.findings")
    row = sheet.section(row, f"{heading}: {told}" if told else f"{heading}: {_text(book, 'none')}")
    for _, finding in findings.head(_FINDINGS_SHOWN).iterrows():
        sheet.put(row, 0, severity.value_text(book.lang, str(finding["severity"])), book.format())
        sheet.put(row, 1, str(finding[f"message_{book.lang}"]), book.format(), fits=False)
        row += 1
    if len(findings) > _FINDINGS_SHOWN:
        more = _text(book, "summary.more").format(count=len(findings) - _FINDINGS_SHOWN)
        sheet.put(row, 1, more, book.format(font_color="#666666"), fits=False)
    return row + 1


# ---- completion and shortfalls -------------------------------------------------------------------------------------


def _completion(book: Book, months: pd.DataFrame) -> None:
    """Customer × month, coloured by band."""
    sheet = book.sheet(_text(book, "sheet.completion"))
    table = TABLES["customer_months"]
    row = sheet.title(_text(book, "completion.title"), _text(book, "completion.note"))
    band = table.column("band")
    for index, (name, (back, ink)) in enumerate(BAND_COLOURS.items()):
        legend = book.format(bg_color=back, font_color=ink, align="center", border=1, border_color="#FFFFFF")
        sheet.put(row - 1, index + 2, band.value_text(book.lang, name), legend)
    stamps = sorted(months["month"].unique())
    header = [table.column(c).header(book.lang) for c in ("customer", "customer_class")]
    top = sheet.headings(row, [*header, *(f"{stamp:%Y-%m}" for stamp in stamps), _text(book, "total")])
    cells = {(r.customer, r.month): (r.completion, r.band) for r in months.itertuples()}
    classes = dict(zip(months["customer"], months["customer_class"], strict=True))
    sums = months.groupby("customer", observed=True)[["delivered_t", "plan_t"]].sum()
    row = top
    for customer, line in sums.iterrows():
        sheet.put(row, 0, book.labels.asset(book.lang, str(customer)), book.format())
        sheet.put(row, 1, book.shown(table.column("customer_class"), classes[customer]), book.format())
        for index, stamp in enumerate(stamps):
            _put_completion(sheet, row, index + 2, *cells.get((customer, stamp), (None, "no_plan")))
        total = line["delivered_t"] / line["plan_t"] if line["plan_t"] > 0 else None
        sheet.put(row, len(stamps) + 2, total, book.number("1", bold=True))
        row += 1
    by_month = months.groupby("month")[["delivered_t", "plan_t"]].sum()
    sheet.put(row, 0, _text(book, "all"), book.format(bold=True, top=1))
    sheet.put(row, 1, None, book.format(top=1))
    for index, stamp in enumerate(stamps):
        delivered, plan = by_month.loc[stamp]
        sheet.put(row, index + 2, delivered / plan if plan > 0 else None, book.number("1", bold=True, top=1))
    delivered, plan = by_month.sum()
    sheet.put(row, len(stamps) + 2, delivered / plan if plan > 0 else None, book.number("1", bold=True, top=1))
    sheet.worksheet.freeze_panes(top, 2)
    sheet.fit()


def _put_completion(sheet: Sheet, row: int, column: int, completion: Any, band: str) -> None:
    book = sheet.book
    back, ink = BAND_COLOURS[band]
    style = {"bg_color": back, "font_color": ink, "align": "center", "border": 1, "border_color": "#FFFFFF"}
    if band in ("unplanned", "no_plan"):
        text = TABLES["customer_months"].column("band").value_text(book.lang, band) if band == "unplanned" else "–"
        sheet.put(row, column, text, book.format(**style))
    else:
        sheet.put(row, column, float(completion), book.number("1", **style))


def _shortfall_matrix(book: Book, shortfalls: pd.DataFrame) -> None:
    """Customer × cause in tonnes, with a stacked bar per customer."""
    sheet = book.sheet(_text(book, "sheet.causes"))
    table = TABLES["shortfalls"]
    top = sheet.title(_text(book, "causes.title"), _text(book, "causes.note"))
    sums = shortfalls.pivot_table(
        index="customer", columns="cause", values="shortfall_t", aggfunc="sum", observed=True, fill_value=0.0
    )
    if sums.empty:
        sheet.put(top, 0, _text(book, "none"), book.format())
        sheet.fit()
        return
    causes = list(sums.sum().sort_values(ascending=False, kind="stable").index)
    cause_column = table.column("cause")
    head = [table.column("customer").header(book.lang), *(cause_column.value_text(book.lang, c) for c in causes)]
    row = first = sheet.headings(top, [*head, _text(book, "total")])
    for customer, line in sums.iterrows():
        sheet.put(row, 0, book.labels.asset(book.lang, str(customer)), book.format())
        for index, cause in enumerate(causes):
            tonnes = float(line[cause])
            sheet.put(row, index + 1, tonnes if tonnes else None, book.number("t"))
        sheet.put(row, len(causes) + 1, float(line.sum()), book.number("t", bold=True))
        row += 1
    sheet.put(row, 0, _text(book, "total"), book.format(bold=True, top=1))
    for index, cause in enumerate(causes):
        sheet.put(row, index + 1, float(sums[cause].sum()), book.number("t", bold=True, top=1))
    sheet.put(row, len(causes) + 1, float(sums.to_numpy().sum()), book.number("t", bold=True, top=1))
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
    chart.set_title({"name": _text(book, "causes.chart"), "name_font": {"size": 12}})
    chart.set_x_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}}})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 980, "height": 140 + 26 * len(sums)})
    assert sheet.worksheet.insert_chart(row + 2, 0, chart) == 0
    sheet.worksheet.freeze_panes(first, 1)
    sheet.fit()


# ---- network -------------------------------------------------------------------------------------------------------


def _inventory(book: Book, totals: pd.DataFrame) -> None:
    """A chart per farm with its limits; the daily totals behind them on the next sheet."""
    sheet = book.sheet(_text(book, "sheet.inventory"))
    data = book.sheet(_text(book, "sheet.inventory_data"))
    sheet.title(_text(book, "inventory.title"), _text(book, "inventory.note"))
    farms = totals[totals["holder_kind"] == "farm"]
    holders = list(dict.fromkeys(farms["holder"]))
    days = farms["day"].drop_duplicates().dt.to_pydatetime()
    table = TABLES["inventory_totals"]
    top = data.title(_text(book, "inventory.title"), _text(book, "inventory.data_note")) - 1
    names = ("closing_t", "safe_fill_t", "heel_t")
    headings = [
        f"{book.labels.asset(book.lang, h)} {heading_of(table.column(c), book.lang)}" for h in holders for c in names
    ]
    first = data.headings(top, [table.column("day").header(book.lang), *headings])
    data.worksheet.set_row(top, 58)
    series = [farms.loc[farms["holder"] == h, c].to_list() for h in holders for c in names]
    date_format, number_format = book.format(num_format="yyyy-mm-dd", align="center"), book.number("t")
    for offset, day in enumerate(days):
        data.put(first + offset, 0, day, date_format)
        for index, values in enumerate(series):
            data.put(first + offset, index + 1, values[offset], number_format)
    data.worksheet.freeze_panes(first, 1)
    data.worksheet.autofilter(top, 0, first + max(len(days) - 1, 0), len(headings))
    data.worksheet.repeat_rows(top)
    data.fit(dict.fromkeys(range(1, len(headings) + 1), 15.0))
    for number, holder in enumerate(holders):
        chart = _stock_chart(book, data.name, holder, (first, first + len(days) - 1), 1 + number * len(names))
        down, across = divmod(number, _CHARTS_ACROSS)
        at = (3 + down * _CHART_ROWS, across * _CHART_COLUMNS)
        assert sheet.worksheet.insert_chart(*at, chart) == 0


def _stock_chart(book: Book, data: str, holder: str, rows: tuple[int, int], column: int) -> Any:
    """Stock as a line between heel and safe fill."""
    first, last = rows
    chart = book.workbook.add_chart({"type": "line"})
    lines: tuple[tuple[str, dict[str, Any]], ...] = (
        ("chart.stock", {"color": "#1F6FA8", "width": 1.75}),
        ("chart.safe_fill", {"color": "#C0392B", "width": 1.25, "dash_type": "dash"}),
        ("chart.heel", {"color": "#7F8C8D", "width": 1.25, "dash_type": "dash"}),
    )
    for offset, (name, line) in enumerate(lines):
        assert not chart.add_series(
            {
                "name": _text(book, name),
                "categories": [data, first, 0, last, 0],
                "values": [data, first, column + offset, last, column + offset],
                "line": line,
            }
        )
    chart.set_title({"name": book.labels.asset(book.lang, holder), "name_font": {"size": 11}, "overlay": False})
    days = last - first + 1
    unit = {"major_unit": 1, "major_unit_type": "months"} if days > 62 else {"major_unit": 7, "major_unit_type": "days"}
    chart.set_x_axis(
        {
            "date_axis": True,
            "num_format": "yyyy-mm" if days > 62 else "mm-dd",
            "num_font": {"rotation": -45, "size": 8},
            **unit,
        }
    )
    chart.set_y_axis(
        {
            "num_format": "#,##0",
            "min": 0,
            "num_font": {"size": 8},
            "name": "t",
            "major_gridlines": {"visible": True, "line": {"color": "#E3E3E3"}},
        }
    )
    chart.set_legend({"position": "bottom"})
    chart.set_size(_CHART_SIZE)
    return chart


def _curtailment(book: Book, daily: pd.DataFrame) -> None:
    """Month × supplier; the daily rows stay in Parquet and CSV."""
    sheet = book.sheet(_text(book, "sheet.curtailment"))
    row = sheet.title(TABLES["curtailment"].title(book.lang), _text(book, "curtailment.note")) - 1
    months = daily.assign(month=daily["day"].dt.to_period("M").dt.to_timestamp())
    amounts = ["plan_t", "could_t", "supplied_t", "curtailed_t"]
    sums = months.groupby(["month", "supplier"], observed=True, sort=True)[amounts].sum().reset_index()
    table = TABLES["curtailment"]
    columns = [TABLES["completion"].column("month"), *(table.column(c) for c in ("supplier", *amounts))]
    first = write_list(sheet, row, columns, sums)
    sheet.worksheet.freeze_panes(first, 2)
    sheet.worksheet.autofilter(row, 0, row + max(len(sums), 1), len(columns) - 1)
    sheet.worksheet.repeat_rows(row)
    sheet.fit()


# ---- findings, key figures, what it all means ----------------------------------------------------------------------


def _findings(book: Book, findings: pd.DataFrame) -> None:
    names = ["severity", "rule", "subject", "grade", "since", "until", "periods", f"message_{book.lang}",
             f"action_{book.lang}", "cause", "cause_asset", "cause_t", "values", "source"]  # fmt: skip
    shown = findings.copy()
    shown["subject"] = [book.labels.asset(book.lang, str(s)) for s in findings["subject"]]
    shown["grade"] = [book.labels.grade(book.lang, str(g)) for g in findings["grade"]]
    shown["cause"] = [_subject(book, str(c)) for c in findings["cause"]]
    shown["cause_asset"] = [book.labels.asset(book.lang, str(a)) if a else "" for a in findings["cause_asset"]]
    wraps = {f"message_{book.lang}": 60.0, f"action_{book.lang}": 44.0, "values": 40.0}
    list_sheet(book, _text(book, "sheet.findings"), FINDINGS, shown, names, wraps=wraps)


def _key_figures(book: Book, kpis: pd.DataFrame) -> None:
    sheet = book.sheet(_text(book, "sheet.kpis"))
    table = TABLES["kpis"]
    top = sheet.title(table.title(book.lang), table.meaning(book.lang)) - 1
    names = (f"header_{book.lang}", "value", "unit", "subject", "at", f"meaning_{book.lang}", "name")
    row = first = sheet.headings(top, [_text(book, f"kpis.{n.removesuffix('_' + book.lang)}") for n in names])
    for _, kpi in kpis.iterrows():
        sheet.put(row, 0, kpi[names[0]], book.format())
        _put_figure(sheet, row, 1, kpi, bold=True)
        sheet.put(row, 3, _subject(book, kpi["subject"]), book.format())
        at = kpi["at"]
        sheet.put(row, 4, at.to_pydatetime() if at == at else None, book.format(num_format=INSTANT, align="center"))
        sheet.put(row, 5, kpi[names[5]], book.format(text_wrap=True))
        sheet.put(row, 6, kpi["name"], book.format(font_color="#666666"))
        row += 1
    sheet.worksheet.freeze_panes(first, 1)
    sheet.fit({5: 70.0})


def _dictionary(book: Book, *, with_findings: bool) -> None:
    """Every column of every table in this language."""
    sheet = book.sheet(_text(book, "sheet.dictionary"))
    top = sheet.title(_text(book, "dictionary.title"), _text(book, "dictionary.note")) - 1
    heads = ("table", "table_title", "column", "header", "type", "unit", "key", "meaning")
    row = first = sheet.headings(top, [_text(book, f"dictionary.{h}") for h in heads])
    plain, wrapped = book.format(valign="top"), book.format(text_wrap=True, valign="top")
    for table in (*TABLES.values(), *((FINDINGS,) if with_findings else ())):
        for column in table.columns:
            cells = (
                table.name,
                table.title(book.lang),
                column.name,
                column.header(book.lang),
                _text(book, f"type.{column.type}"),
                column.unit,
                "●" if column.key else "",
                column.meaning(book.lang),
            )
            for index, cell in enumerate(cells):
                sheet.put(row, index, cell, wrapped if index == len(cells) - 1 else plain)
            row += 1
    sheet.worksheet.freeze_panes(first, 3)
    sheet.worksheet.autofilter(top, 0, row - 1, len(heads) - 1)
    sheet.worksheet.repeat_rows(top)
    sheet.fit({7: 80.0})


def _metadata(book: Book, scenario: Scenario, manifest: Mapping[str, Any]) -> None:
    """What the run was made from."""
    sheet = book.sheet(_text(book, "sheet.metadata"), landscape=False)
    row = sheet.title(_text(book, "metadata.title"), scenario.description)
    for name, value in _flat(manifest):
        sheet.put(row, 0, name, book.format(bold=True))
        sheet.put(row, 1, value, book.format())
        row += 1
    sheet.fit({1: 70.0})


def _flat(manifest: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """A nested mapping as (dotted name, text)."""
    out: list[tuple[str, str]] = []
    for key, value in manifest.items():
        if isinstance(value, Mapping):
            out += _flat(value, f"{prefix}{key}.")
        else:
            out.append((f"{prefix}{key}", "" if value is None else str(value)))
    return out
