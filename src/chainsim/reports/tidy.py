"""Tidy sheets for analysts: every declared table, and one long table of facts to pivot, in constant memory.

A sheet holds 1,048,576 rows, the title and headings among them: what is more goes on to the sheets ``… 2``, ``… 3``, each an
Excel table of its own with the same headings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from chainsim.reports.sheets import (
    CELL_CHARACTERS,
    Book,
    Sheet,
    column_format,
    frozen_columns,
    headings_of,
    text_width,
    values_of,
)
from chainsim.results import Column, Table

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 1_048_576
"""Rows of a sheet, in every spreadsheet of the kind."""
_CHUNK = 20_000
"""Rows that are plain Python values at a time."""
_LOOKED_AT = 300
"""Rows from which the columns' widths are taken."""
_TOP = 2
"""The row of the headings, below the title and what a row says."""


def tidy_sheets(book: Book, name: str, table: Table, frame: pd.DataFrame, most_rows: int = MOST_ROWS) -> None:
    """The table on a sheet ``name``, on as many as its rows need; labels for names, dates as dates, amounts as numbers."""
    columns = columns_in(table, book.lang)
    room = most_rows - _TOP - 1
    for part in range(max(1, -(-len(frame) // room))):
        rows = frame.iloc[part * room : (part + 1) * room]
        sheet = book.sheet(name)
        sheet.title(table.title(book.lang), table.meaning(book.lang))
        headings = headings_of(columns, book.lang)
        sheet.headings(_TOP, headings)
        sheet.table(table.name, _TOP, _TOP + max(len(rows), 1), headings)
        write_rows(sheet, _TOP + 1, columns, rows)
        sheet.worksheet.freeze_panes(_TOP + 1, frozen_columns(columns))
        sheet.worksheet.repeat_rows(_TOP)


def columns_in(table: Table, lang: str) -> list[Column]:
    """The table's columns for readers of ``lang``: of a text told in both languages, theirs."""
    other = "_en" if lang == "zh" else "_zh"
    names = {column.name for column in table.columns}
    return [c for c in table.columns if not (c.name.endswith(other) and f"{c.name[:-3]}_{lang}" in names)]


def write_rows(sheet: Sheet, first: int, columns: Sequence[Column], frame: pd.DataFrame) -> None:
    """The frame's rows from row ``first`` on, and the columns' widths; only a few thousand rows are in memory at a time."""
    writers = [_writer(sheet, column) for column in columns]
    row = first
    for chunk in _chunks(frame):
        series = [_shown(sheet.book, column, chunk[column.name]) for column in columns]
        if row == first:
            _fit(sheet, columns, series)
        for values in zip(*series, strict=True):
            for index, value in enumerate(values):
                if value is not None:
                    code = writers[index](row, index, value)
                    assert code == 0, f"{sheet.name}: cell ({row}, {index}) was not written: {code}"
            row += 1
    if row == first:
        sheet.put(first, 0, "（无）" if sheet.book.lang == "zh" else "(none)", sheet.book.format(font_color="#666666"))
        sheet.fit()


def _chunks(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for start in range(0, len(frame), _CHUNK):
        yield frame.iloc[start : start + _CHUNK]


def _writer(sheet: Sheet, column: Column) -> Callable[[int, int, Any], int]:
    """How a cell of the column is written."""
    worksheet, look = sheet.worksheet, column_format(sheet.book, column)
    write: Callable[..., int]
    match column.type:
        case "date" | "instant":
            write = worksheet.write_datetime
        case "number" | "integer":
            write = worksheet.write_number
        case "boolean":
            write = worksheet.write_boolean
        case _:
            write = worksheet.write_string
    return lambda row, index, value: write(row, index, value, look)


def _shown(book: Book, column: Column, series: pd.Series[Any]) -> list[Any]:
    """A column's values as a reader sees them; each label of a set is looked up once."""
    if column.type != "name":
        values = values_of(series)
        return [_cut(value) for value in values] if column.type == "text" else values
    labels = [_cut(str(book.shown(column, name))) for name in series.cat.categories]
    return [labels[code] if code >= 0 else None for code in series.cat.codes]


def _cut(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"


def _fit(sheet: Sheet, columns: Sequence[Column], series: Sequence[Sequence[Any]]) -> None:
    for index, (column, values) in enumerate(zip(columns, series, strict=True)):
        for value in values[:_LOOKED_AT]:
            sheet.needs(index, value, short_date=column.type == "date")
        if column.type in ("name", "text"):
            longest = max((text_width(v) for v in set(values[:_CHUNK]) if v is not None), default=0.0)
            sheet.needs(index, "x" * int(longest))
    sheet.fit()
