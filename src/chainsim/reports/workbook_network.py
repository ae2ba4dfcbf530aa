"""The workbook's pages about the network: inventory curves with their limits, and curtailment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainsim.reports.sheets import DATE, Book, heading_of, write_list
from chainsim.results import TABLES

if TYPE_CHECKING:
    import pandas as pd


_CHARTS_ACROSS, _CHART_ROWS, _CHART_COLUMNS = 2, 16, 8
_CHART_SIZE = {"width": 500, "height": 300}


_STOCKS = ("closing_t", "safe_fill_t", "heel_t")
_DATA_ROW = 3
"""The first day's row on the sheet of data, to which the charts point."""


def inventory_sheet(book: Book, totals: pd.DataFrame) -> None:
    """A chart per farm with its limits; the daily totals behind them stand on the sheet of data."""
    sheet = book.sheet(book.text("sheet.inventory"), landscape=False)
    sheet.title(book.text("inventory.title"), book.text("inventory.note"))
    farms = totals[totals["holder_kind"] == "farm"]
    last = _DATA_ROW + farms["day"].nunique() - 1
    for number, holder in enumerate(dict.fromkeys(farms["holder"])):
        chart = _stock_chart(book, book.text("sheet.inventory_data"), holder, last, 1 + number * len(_STOCKS))
        down, across = divmod(number, _CHARTS_ACROSS)
        at = (3 + down * _CHART_ROWS, across * _CHART_COLUMNS)
        assert sheet.worksheet.insert_chart(*at, chart) == 0


def inventory_data_sheet(book: Book, totals: pd.DataFrame) -> None:
    """What the charts draw: stock, safe fill and heel of each farm, a row per day."""
    sheet = book.sheet(book.text("sheet.inventory_data"))
    top = sheet.title(book.text("inventory.title"), book.text("inventory.data_note")) - 1
    farms = totals[totals["holder_kind"] == "farm"]
    holders = list(dict.fromkeys(farms["holder"]))
    table = TABLES["inventory_totals"]
    headings = [
        f"{book.labels.asset(book.lang, h)} {heading_of(table.column(c), book.lang)}" for h in holders for c in _STOCKS
    ]
    first = sheet.headings(top, [table.column("day").header(book.lang), *headings], points=58.0)
    assert first == _DATA_ROW
    days = farms["day"].drop_duplicates().dt.to_pydatetime()
    series = [farms.loc[farms["holder"] == h, c].to_list() for h in holders for c in _STOCKS]
    date_format, number_format = book.format(num_format=DATE, align="center"), book.number("t")
    for offset, day in enumerate(days):
        sheet.put(first + offset, 0, day, date_format)
        for index, values in enumerate(series):
            sheet.put(first + offset, index + 1, values[offset], number_format)
    sheet.worksheet.freeze_panes(first, 1)
    sheet.worksheet.autofilter(top, 0, first + max(len(days) - 1, 0), len(headings))
    sheet.worksheet.repeat_rows(top)
    sheet.fit(dict.fromkeys(range(1, len(headings) + 1), 15.0))


def _stock_chart(book: Book, data: str, holder: str, last: int, column: int) -> Any:
    """Stock as a line between heel and safe fill."""
    first = _DATA_ROW
    chart = book.workbook.add_chart({"type": "line"})
    lines: tuple[tuple[str, dict[str, Any]], ...] = (
        ("chart.stock", {"color": "#1F6FA8", "width": 1.75}),
        ("chart.safe_fill", {"color": "#C0392B", "width": 1.25, "dash_type": "dash"}),
        ("chart.heel", {"color": "#7F8C8D", "width": 1.25, "dash_type": "dash"}),
    )
    for offset, (name, line) in enumerate(lines):
        assert not chart.add_series(
            {
                "name": book.text(name),
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


def curtailment_sheet(book: Book, daily: pd.DataFrame) -> None:
    """Month × supplier; the daily rows stay in Parquet and CSV."""
    sheet = book.sheet(book.text("sheet.curtailment"))
    row = sheet.title(TABLES["curtailment"].title(book.lang), book.text("curtailment.note")) - 1
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
