"""A workbook's sheets, written row by row: formats, widths, and declared tables as lists.

In XlsxWriter's constant-memory mode a row is on disk once the next begins, so everything is written top to bottom. Texts are
always written as texts: nothing a planner typed is ever read as a formula or a link.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chainsim.charts.palette import SERIES
from chainsim.records import CAUSES
from chainsim.reports.workbook_texts import TEXTS
from chainsim.results import Column, Labels, Table
from chainsim.sheets import cell_name

if TYPE_CHECKING:
    import pandas as pd

CELL_CHARACTERS = 32_767
"""The longest text a cell can hold."""
_WIDTH_LIMITS = (7, 46)
_LINE_POINTS = 14.0
_WRAP_SLACK = 1.05
"""Lines break between words, so a wrapped text needs somewhat more room than its letters."""
_NUMBER_FORMATS: dict[str, str] = {
    "t": "#,##0",
    "t/d": "#,##0",
    "t/a": "#,##0",
    "1": "0.0%",
    "h": "#,##0.0",
    "d": "#,##0.0",
    "month": "#,##0.0",
    "point": "#,##0.0",
    "yuan": "#,##0",
    "t·month": "#,##0",
    "s": "0.000",
    "yuan/t": "#,##0.0",
    "°": "0.00",
    "": "#,##0.##",
}
_UNIT_TEXTS: dict[str, tuple[str, str]] = {
    "yuan": ("yuan", "元"),
    "yuan/t": ("yuan/t", "元/t"),
    "month": ("months", "月"),
    "point": ("points", "分"),
    "t·month": ("t·months", "t·月"),
    "s": ("s", "秒"),
}
Mark = tuple[str, str]
"""Background and ink of a cell that stands out."""
DATE, MONTH, INSTANT = "yyyy-mm-dd", "yyyy-mm", "yyyy-mm-dd hh:mm"


@dataclass(frozen=True)
class Book:
    """The workbook in one language; formats are shared, as a file may hold only some thousands of them.

    ``tab`` is the colour of the tabs: its scenario's.
    """

    workbook: Any
    lang: str
    labels: Labels
    font: str
    tab: str = SERIES[0]
    formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)
    names: set[tuple[str, str]] = field(default_factory=set)
    """Kind and folded name of the sheets and tables so far: a spreadsheet takes each once."""

    def format(self, **properties: Any) -> Any:
        """The cell format with these XlsxWriter properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(
                {"font_name": self.font, "font_size": 10, "valign": "vcenter", **properties}
            )
        return self.formats[key]

    def number(self, unit: str, **properties: Any) -> Any:
        """The format of a number in ``unit``."""
        return self.format(num_format=_NUMBER_FORMATS[unit], **properties)

    def heading(self, mark: Mark = ("#1F3B4D", "#FFFFFF")) -> Any:
        """The format of a column's heading."""
        return self.format(bold=True, bg_color=mark[0], font_color=mark[1], text_wrap=True, align="center", border=1)

    def sheet(self, name: str, *, landscape: bool = True) -> Sheet:
        """A new sheet, set up to print on A4, one page wide."""
        name = self.new_name("sheet", sheet_name(name), 31)
        worksheet = self.workbook.add_worksheet(name)
        worksheet.set_tab_color(self.tab)
        worksheet.set_paper(9)
        if landscape:
            worksheet.set_landscape()
        worksheet.fit_to_pages(1, 0)
        worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        worksheet.set_footer("&L&A&R&P / &N")
        worksheet.hide_gridlines(2)
        return Sheet(self, worksheet, name)

    def new_name(self, kind: str, name: str, longest: int) -> str:
        """``name``, or where it is taken the first free one of ``name 2``, ``name 3``, …, within ``longest`` signs."""
        wanted, number = name[:longest], 1
        while (kind, wanted.casefold()) in self.names:
            number += 1
            wanted = f"{name[: longest - 1 - len(str(number))]} {number}"
        self.names.add((kind, wanted.casefold()))
        return wanted

    def text(self, name: str) -> str:
        """One of the workbook's own texts in this language."""
        return TEXTS[name][self.lang == "zh"]

    def subject(self, name: str) -> str:
        """What a figure is about, as a reader sees it: an asset, a customer or a cause."""
        return CAUSES[name][self.lang == "zh"] if name in CAUSES else self.labels.asset(self.lang, name)

    def shown(self, column: Column, value: Any) -> Any:
        """A value as a reader of this language sees it: labels for names, ``None`` for null."""
        if value is None or value != value:  # NaN and NaT differ from themselves
            return None
        if column.type == "name":
            if column.values:
                return column.value_text(self.lang, value)
            return (
                self.labels.grade(self.lang, value) if column.domain == "grade" else self.labels.asset(self.lang, value)
            )
        return value


class Sheet:
    """One sheet and the widths its columns have come to need."""

    def __init__(self, book: Book, worksheet: Any, name: str) -> None:
        self.book = book
        self.worksheet = worksheet
        self.name = name
        self._widths: dict[int, float] = {}

    def put(self, row: int, column: int, value: Any, cell_format: Any = None, *, fits: bool = True) -> None:
        """Write one cell; ``None`` is an empty formatted one. ``fits``: the column is made wide enough for it."""
        import datetime

        worksheet = self.worksheet
        if value is None:
            code = worksheet.write_blank(row, column, None, cell_format)
        elif isinstance(value, str):
            text = value if len(value) <= CELL_CHARACTERS else value[: CELL_CHARACTERS - 1] + "…"
            code = worksheet.write_string(row, column, text, cell_format)
        elif isinstance(value, datetime.date):
            code = worksheet.write_datetime(row, column, value, cell_format)
        elif isinstance(value, bool):
            code = worksheet.write_boolean(row, column, value, cell_format)
        else:
            code = worksheet.write_number(row, column, value, cell_format)
        assert code == 0, f"{self.name}: cell ({row}, {column}) was not written: {code}"
        if fits:
            short = cell_format is not None and "h" not in cell_format.num_format
            self.needs(column, value, short_date=short)

    def needs(self, column: int, value: Any, *, short_date: bool = False) -> None:
        """Let ``column`` be wide enough for ``value``."""
        import datetime

        width = 10.0 if short_date and isinstance(value, datetime.date) else _shown_width(value)
        self._widths[column] = max(self._widths.get(column, 0.0), width)

    def title(self, text: str, below: str = "") -> int:
        """A title and a line below it; returns the next free row."""
        self.put(0, 0, text, self.book.format(bold=True, font_size=15, font_color="#1F3B4D"), fits=False)
        if below:
            self.put(1, 0, below, self.book.format(font_color="#666666"), fits=False)
        return 3

    def section(self, row: int, text: str) -> int:
        """A section's heading; returns the row after it."""
        self.put(row, 0, text, self.book.format(bold=True, font_size=12, font_color="#1F3B4D"), fits=False)
        return row + 1

    def headings(
        self, row: int, headings: Sequence[str], *, points: float = 31.0, marks: Mapping[int, Mark] | None = None
    ) -> int:
        """A row of column headings, ``points`` high, some with colours of their own; returns the row after it."""
        self.worksheet.set_row(row, points)
        marked = {column: self.book.heading(mark) for column, mark in (marks or {}).items()}
        for column, text in enumerate(headings):
            self.put(row, column, text, marked.get(column) or self.book.heading(), fits=False)
            self._widths[column] = max(self._widths.get(column, 0.0), _heading_width(text))
        return row + 1

    def table(self, name: str, top: int, last: int, headings: Sequence[str]) -> None:
        """Make the rows from the headings at ``top`` to ``last`` an Excel table with filters; before the rows below are written.

        XlsxWriter makes no tables in constant memory: it would remember every cell of one. Only its two first rows are told
        to it, and the range is set right afterwards; the headings are then written again, as texts of this row.
        """
        worksheet, end = self.worksheet, len(headings) - 1
        worksheet.constant_memory = False
        heading = self.book.heading()
        columns = [{"header": text, "header_format": heading} for text in headings]
        options = {
            "name": self.book.new_name("table", name, 250).replace(" ", "_"),
            "columns": columns,
            "style": "Table Style Light 1",
        }
        code = worksheet.add_table(top, 0, top + 1, end, options)
        worksheet.constant_memory = True
        assert code == 0, f"{self.name}: no table: {code}"
        cells = f"{cell_name(top + 1, 0)}:{cell_name(last + 1, end)}"
        worksheet.tables[-1].update({"range": cells, "a_range": cells, "autofilter": cells})
        for column, text in enumerate(headings):
            self.put(top, column, text, heading, fits=False)

    def fit(self, most: Mapping[int, float] | None = None) -> None:
        """Set the columns' widths from what was written; ``most`` caps single columns."""
        for column, width in self._widths.items():
            low, high = _WIDTH_LIMITS[0], (most or {}).get(column, _WIDTH_LIMITS[1])
            assert self.worksheet.set_column(column, column, min(max(width + 1.5, low), high)) == 0


def heading_of(column: Column, lang: str) -> str:
    """The column's header with its unit."""
    text = column.header(lang)
    unit = _UNIT_TEXTS.get(column.unit, (column.unit,) * 2)[lang == "zh"]
    return f"{text} ({unit})" if unit not in ("", "1") else text


def headings_of(columns: Sequence[Column], lang: str) -> list[str]:
    """The columns' headings; where two would be the same, the later one has its name behind it."""
    out: list[str] = []
    for column in columns:
        text = heading_of(column, lang)
        out.append(f"{text} [{column.name}]" if text.casefold() in {other.casefold() for other in out} else text)
    return out


def sheet_name(text: str) -> str:
    """``text`` as the name of a sheet: at most 31 signs, none that a spreadsheet refuses.

    >>> sheet_name("流量/能力: [日]"), sheet_name("'x" * 20)
    ('流量·能力· ·日', 'x·x·x·x·x·x·x·x·x·x·x·x·x·x·x·x')
    """
    return re.sub(r"[\[\]:*?/\\\x00-\x1f']", "·", text).strip("· ")[:31].strip() or "·"


def list_sheet(
    book: Book,
    name: str,
    table: Table,
    frame: pd.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    wraps: Mapping[str, float] | None = None,
    marks: Mapping[str, Sequence[Mark | None]] | None = None,
) -> None:
    """A declared table as a list: an Excel table with frozen headings and filters.

    ``wraps`` gives widths of wrapped text columns, ``marks`` the colours of single cells, by column.
    """
    sheet = book.sheet(name)
    shown = [table.column(c) for c in columns] if columns is not None else list(table.columns)
    row = sheet.title(table.title(book.lang), table.meaning(book.lang)) - 1
    first = write_list(sheet, row, shown, frame, wraps=wraps, marks=marks, table=table.name)
    sheet.worksheet.freeze_panes(first, frozen_columns(shown))
    sheet.worksheet.repeat_rows(row)
    position = {c.name: i for i, c in enumerate(shown)}
    sheet.fit({position[c]: width for c, width in (wraps or {}).items()})


def write_list(
    sheet: Sheet,
    row: int,
    columns: Sequence[Column],
    frame: pd.DataFrame,
    *,
    wraps: Mapping[str, float] | None = None,
    marks: Mapping[str, Sequence[Mark | None]] | None = None,
    table: str = "",
) -> int:
    """Headings at ``row`` and the frame's rows below, as the Excel table ``table``; the first row below the headings."""
    book, wraps, marks = sheet.book, wraps or {}, marks or {}
    headings = headings_of(columns, book.lang)
    first = sheet.headings(row, headings)
    if table:
        sheet.table(table, row, row + max(len(frame), 1), headings)
    formats = [column_format(book, c, wraps=c.name in wraps) for c in columns]
    values = [values_of(frame[c.name]) for c in columns]
    for offset in range(len(frame)):
        lines = [
            math.ceil(text_width(str(values[index][offset])) * _WRAP_SLACK / wraps[column.name])
            for index, column in enumerate(columns)
            if column.name in wraps
        ]
        if max(lines, default=1) > 1:  # not every program fits rows to wrapped text by itself
            sheet.worksheet.set_row(first + offset, _LINE_POINTS * max(lines))
        for index, column in enumerate(columns):
            mark = marks[column.name][offset] if column.name in marks else None
            cell_format = (
                formats[index] if mark is None else column_format(book, column, wraps=column.name in wraps, mark=mark)
            )
            sheet.put(first + offset, index, book.shown(column, values[index][offset]), cell_format)
    if not len(frame):
        sheet.put(first, 0, "（无）" if book.lang == "zh" else "(none)", book.format(font_color="#666666"))
    return first


def number_format(unit: str) -> str:
    """The number format of amounts in ``unit``."""
    return _NUMBER_FORMATS[unit]


def put_figure(sheet: Sheet, row: int, column: int, kpi: Mapping[str, Any], **properties: Any) -> None:
    """A key figure's value in ``column`` and its unit in the next."""
    book, unit = sheet.book, kpi["unit"]
    sheet.put(row, column, kpi["value"], book.number(unit, **properties))
    shown_unit = "" if unit == "1" or kpi["value"] is None else unit
    sheet.put(row, column + 1, shown_unit, book.format(font_color="#666666", indent=1))


def column_format(book: Book, column: Column, *, wraps: bool = False, mark: Mark | None = None) -> Any:
    """The cell format of a declared column."""
    colours = {} if mark is None else {"bg_color": mark[0], "font_color": mark[1]}
    match column.type:
        case "date":
            return book.format(num_format=MONTH if column.name == "month" else DATE, align="center", **colours)
        case "instant":
            return book.format(num_format=INSTANT, align="center", **colours)
        case "number":
            return book.number(column.unit, **colours)
        case "integer":
            return book.format(num_format="0", **colours)
        case _:
            return book.format(**({"text_wrap": True} if wraps else {}), indent=1, **colours)


def records(frame: pd.DataFrame, *names: str) -> list[dict[str, Any]]:
    """A frame's rows as plain Python values, of all columns unless some are named; null is ``None``."""
    names = names or tuple(str(name) for name in frame.columns)
    columns = [values_of(frame[name]) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def values_of(series: pd.Series[Any]) -> list[Any]:
    missing = series.isna().to_list()
    values = series.dt.to_pydatetime() if str(series.dtype).startswith("datetime64") else series.to_list()
    return [None if none else value for value, none in zip(values, missing, strict=True)]


def frozen_columns(columns: Sequence[Column]) -> int:
    """The leading key columns stay in view, two at most."""
    keys = 0
    for column in columns:
        if not column.key:
            break
        keys += 1
    return min(keys, 2)


def text_width(text: str) -> float:
    """Width in characters; Chinese ones count twice."""
    return sum(2.0 if unicodedata.east_asian_width(c) in "WF" else 1.0 for c in text)


def _heading_width(text: str) -> float:
    """Headings wrap onto two lines, but not within a word."""
    words = text.split()
    longest = max((text_width(w) for w in words), default=0.0)
    return max(longest, text_width(text) / 2.0 + 1.0) + 2.5


def _shown_width(value: Any) -> float:
    if value is None:
        return 0.0
    if isinstance(value, str):
        return text_width(value)
    if isinstance(value, (int, float)):
        return len(f"{abs(value):,.0f}") + 1.5 if abs(value) >= 100 else 6.0
    return 15.0
