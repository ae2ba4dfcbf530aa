"""The workbook that planners fill in: forms with comments, lists to choose from, frozen headings and filters.

Numbers are written with every digit they have, so that what is read back is the very number; texts are texts, whatever they begin
with. What a spreadsheet would not take is an error here, never a gap in the file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from chainsim.forms import Cell, Form, FormBook, FormColumn
from chainsim.reports.sheets import text_width
from chainsim.texts import text

_FONTS = {"en": "Calibri", "zh": "Microsoft YaHei"}
_TABS = {
    "settings": "#1F3B4D",
    "plan": "#2E75B6",
    "actuals": "#3A8F6B",
    "cases": "#C55A11",
    "network": "#7F7F7F",
    "service": "#8064A2",
}
_HEAD = {
    "bold": True,
    "bg_color": "#1F3B4D",
    "font_color": "#FFFFFF",
    "text_wrap": True,
    "align": "center",
    "border": 1,
}
_READ_ONLY = {"bg_color": "#EDEDED", "font_color": "#595959"}
_SPARE_ROWS = 200
"""Rows below the last that have their lists of choices and formats ready."""
_MOST_ROWS = 1_048_576
_INLINE_CHOICES = 250
"""Characters of a list of choices that may stand in the validation itself."""
_WIDTHS = (9.0, 44.0)


class ExactFloat(float):
    """A number that XlsxWriter writes with all its digits, not with sixteen."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def input_workbook_bytes(book: FormBook) -> bytes:
    """The workbook of ``book``. Equal input gives equal bytes."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        day = book.created
        workbook.set_properties(
            {"title": book.title, "author": "chainsim", "created": datetime(day.year, day.month, day.day)}
        )
        _Writing(workbook, book).all_sheets()
    return out.getvalue()


class _Writing:
    """One workbook as it is written."""

    def __init__(self, workbook: Any, book: FormBook) -> None:
        self.workbook, self.book = workbook, book
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.lists: dict[tuple[str, ...], str] = {}
        """Sheets that names may come from → the reference to the column of all of them."""

    def all_sheets(self) -> None:
        """Every sheet, the explanation first."""
        contents = self._sheet(text(self.book.lang, "forms.contents"), _TABS["settings"])
        sheets = {form.sheet: self._sheet(form.sheet, _TABS[form.group]) for form in self.book.forms}
        dictionary = self._sheet(text(self.book.lang, "forms.dictionary"), _TABS["settings"])
        self._lists()
        self._contents(contents)
        for form in self.book.forms:
            self._form(sheets[form.sheet], form)
        self._dictionary(dictionary)
        contents.activate()

    def format(self, **properties: Any) -> Any:
        """The cell format with these properties; formats are shared."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            base = {"font_name": _FONTS[self.book.lang], "font_size": 10, "valign": "vcenter"}
            self.formats[key] = self.workbook.add_format(base | properties)
        return self.formats[key]

    def _sheet(self, name: str, colour: str) -> Any:
        worksheet = self.workbook.add_worksheet(name)
        worksheet.set_tab_color(colour)
        worksheet.set_paper(9)
        worksheet.set_landscape()
        worksheet.fit_to_pages(1, 0)
        worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        worksheet.set_footer("&L&A&R&P / &N")
        return worksheet

    def _contents(self, worksheet: Any) -> None:
        lang = self.book.lang
        _done(worksheet.set_column(0, 0, 22))
        _done(worksheet.set_column(1, 1, 9))
        _done(worksheet.set_column(2, 2, 90))
        worksheet.hide_gridlines(2)
        self._put(worksheet, 0, 0, self.book.title, self.format(bold=True, font_size=15, font_color="#1F3B4D"))
        row = 2
        for paragraph in self.book.how:
            lines = -(-text_width(paragraph) // 112)
            _done(worksheet.set_row(row, 15.0 * lines + 3))
            wrapped = self.format(text_wrap=True, valign="top")
            _done(worksheet.merge_range(row, 0, row, 2, "", wrapped))
            self._put(worksheet, row, 0, paragraph, wrapped)
            row += 1
        row += 1
        for column, name in enumerate(("sheet", "rows", "holds")):
            self._put(worksheet, row, column, text(lang, f"forms.{name}"), self.format(**_HEAD))
        for form in self.book.forms:
            row += 1
            quoted = form.sheet.replace("'", "''")
            link = self.format(font_color="#1F6FA8", underline=1)
            _done(worksheet.write_url(row, 0, f"internal:'{quoted}'!A1", link, form.sheet))
            self._put(worksheet, row, 1, float(len(form.rows)), self.format(num_format="0", align="center"))
            self._put(worksheet, row, 2, form.meaning, self.format())

    def _form(self, worksheet: Any, form: Form) -> None:
        assert len(form.rows) < _MOST_ROWS
        _done(worksheet.set_row(0, 32))
        worksheet.freeze_panes(1, _frozen(form))
        worksheet.repeat_rows(0)
        last = max(len(form.rows), 1)
        if len(form.columns) > 1 and form.group != "settings":
            _done(worksheet.autofilter(0, 0, last, len(form.columns) - 1))
        worksheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for index, column in enumerate(form.columns):
            values = [row[index] for row in form.rows]
            look = self._look(column, values)
            head = _HEAD | ({"bg_color": "#8A8A8A"} if column.read_only else {})
            self._put(worksheet, 0, index, column.heading, self.format(**head))
            if column.comment:
                lines = sum(1 + int(text_width(line) // 38) for line in column.comment.split("\n"))
                size = {"width": 250, "height": 24 + 17 * lines, "author": "chainsim", "font_size": 9}
                _done(worksheet.write_comment(0, index, column.comment, size))
            _done(worksheet.set_column(index, index, _width(column, values), self.format(**look)))
            self._validate(worksheet, index, column, last + _SPARE_ROWS)
        for number, choices in enumerate(form.choices_of_rows, 1):
            if choices:
                _done(worksheet.data_validation(number, 1, number, 1, {"validate": "list", "source": list(choices)}))
        for number, row in enumerate(form.rows, 1):
            for index, (column, value) in enumerate(zip(form.columns, row, strict=True)):
                if value is None:
                    continue
                look = self._look(column, [value])
                if form.choices_of_rows:
                    look |= {"align": "left", "indent": 1, "text_wrap": True, "valign": "top"}
                    look |= {"num_format": "General"} if isinstance(value, float) else {}
                self._put(worksheet, number, index, value, self.format(**look))

    def _look(self, column: FormColumn, values: Sequence[Cell]) -> dict[str, Any]:
        """The format of a column's cells, or of one cell."""
        look: dict[str, Any] = dict(_READ_ONLY) if column.read_only else {}
        several = isinstance(values[0], str) and "\n" in values[0] if len(values) == 1 else False
        if several:
            look["text_wrap"] = True
        kind = _kind_of(values[0]) if len(values) == 1 and column.kind == "text" else column.kind
        match kind:
            case "number":
                numbers = [v for v in values if isinstance(v, float)]
                return look | {"num_format": _number_format(numbers)}
            case "share":
                return look | {"num_format": "0.00####%" if any(_fine(v) for v in values) else "0.00%"}
            case "day":
                return look | {"num_format": "yyyy-mm-dd", "align": "center"}
            case "instant":
                return look | {
                    "num_format": "yyyy-mm-dd hh:mm:ss" if _seconds(values) else "yyyy-mm-dd hh:mm",
                    "align": "center",
                }
            case "flag":
                return look | {"align": "center"}
            case _:
                return look | {"num_format": "@", "indent": 1}

    def _validate(self, worksheet: Any, index: int, column: FormColumn, last: int) -> None:
        """A list of choices on the column's cells: closed choices are kept to, names only proposed."""
        rule: dict[str, Any] = {"validate": "list", "ignore_blank": True}
        if column.kind == "flag":
            rule |= {"source": ["TRUE", "FALSE"], "error_type": "stop"}
        elif column.choices and len(",".join(column.choices)) <= _INLINE_CHOICES:
            rule |= {"source": list(column.choices), "error_type": "stop"}
        elif column.names_of in self.lists:
            rule |= {"source": self.lists[column.names_of], "error_type": "warning"}
        else:
            return
        _done(worksheet.data_validation(1, index, last, index, rule))

    def _lists(self) -> None:
        """A sheet of names for every set of sheets that some column chooses from, with room for those that a planner adds."""
        wanted = dict.fromkeys(c.names_of for form in self.book.forms for c in form.columns if c.names_of)
        first = {form.sheet: [row[0] for row in form.rows] for form in self.book.forms}
        name = text(self.book.lang, "forms.names")
        worksheet = self._sheet(name, _TABS["settings"])
        worksheet.freeze_panes(1, 0)
        for index, sheets in enumerate(wanted):
            self._put(worksheet, 0, index, " + ".join(sheets), self.format(**_HEAD))
            names = [cell for sheet in sheets for cell in first.get(sheet, ())]
            for row, cell in enumerate(names, 1):
                self._put(worksheet, row, index, cell, self.format(num_format="@"))
            _done(worksheet.set_column(index, index, 24))
            letter = chr(ord("A") + index)
            if (
                len(sheets) == 1
            ):  # the sheet itself, as far as it is filled in: a name added there may be chosen at once
                quoted = sheets[0].replace("'", "''")
                self.lists[sheets] = f"=OFFSET('{quoted}'!$A$2,0,0,MAX(1,COUNTA('{quoted}'!$A$2:$A$5000)),1)"
            elif names:
                self.lists[sheets] = f"='{name}'!${letter}$2:${letter}${len(names) + 1}"

    def _dictionary(self, worksheet: Any) -> None:
        head, *rows = self.book.dictionary
        for column, heading in enumerate(head):
            self._put(worksheet, 0, column, heading, self.format(**_HEAD))
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                self._put(worksheet, number, column, cell, self.format(text_wrap=column >= 4, valign="top"))
        for column, width in enumerate((18, 22, 28, 12, 46, 70)):
            _done(worksheet.set_column(column, column, width))
        worksheet.freeze_panes(1, 3)
        _done(worksheet.autofilter(0, 0, len(rows), len(head) - 1))
        worksheet.repeat_rows(0)

    def _put(self, worksheet: Any, row: int, column: int, value: Cell, look: Any) -> None:
        if isinstance(value, bool):
            code = worksheet.write_boolean(row, column, value, look)
        elif isinstance(value, (int, float)):
            code = worksheet.write_number(row, column, ExactFloat(value), look)
        elif isinstance(value, date):
            code = worksheet.write_datetime(row, column, value, look)
        elif value is None:
            code = worksheet.write_blank(row, column, None, look)
        else:
            code = worksheet.write_string(row, column, value, look)
        _done(code, f"{worksheet.get_name()} ({row}, {column})")


def _done(code: Any, where: str = "") -> None:
    """XlsxWriter returns a negative number for what it leaves out: here that is our mistake."""
    assert code is None or code == 0, f"XlsxWriter left something out: {code} {where}"


def _kind_of(value: Cell) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, datetime):
        return "instant"
    return "day" if isinstance(value, date) else "text"


def _number_format(numbers: Sequence[float]) -> str:
    if all(number == int(number) for number in numbers):
        return "#,##0"
    return "#,##0.0#####" if max(abs(number) for number in numbers) >= 1000 else "0.0#####"


def _fine(value: Cell) -> bool:
    """Whether a share shows more than two decimals of a percent."""
    return isinstance(value, float) and abs(value * 1e4 - round(value * 1e4)) > 1e-9


def _seconds(values: Sequence[Cell]) -> bool:
    return any(isinstance(v, datetime) and v.time().replace(hour=0, minute=0) != time(0) for v in values)


def _width(column: FormColumn, values: Sequence[Cell]) -> float:
    heading = max((text_width(part) for part in column.heading.replace("（", " ").split()), default=0.0) + 4
    shown = max((_shown(value) for value in values), default=0.0) + 2
    return min(max(heading, shown, _WIDTHS[0]), _WIDTHS[1])


def _shown(value: Cell) -> float:
    if isinstance(value, str):
        return max((text_width(line) for line in value.split("\n")), default=0.0)
    if isinstance(value, datetime):
        return 16.0
    if isinstance(value, date):
        return 10.0
    return len(f"{value:,.10g}") if isinstance(value, float) else 6.0


def _frozen(form: Form) -> int:
    """The leading columns of names stay in view, three at most."""
    count = 0
    for column in form.columns[:3]:
        if not (column.names_of or column.read_only or (column.required and count == 0)):
            break
        count += 1
    return count
