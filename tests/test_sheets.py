"""The one guard before every workbook and CSV file: what it refuses, and what it makes of cells."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time

import pytest
import xlsxwriter

from chainsim.files.messages import FILE_TEMPLATES
from chainsim.sheets import (
    SHEET_TEMPLATES,
    Limits,
    SheetError,
    cell_range,
    decode,
    read_csv_cells,
    read_workbook_cells,
)


def workbook(write: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        write(book)
    return out.getvalue()


def small(book: xlsxwriter.Workbook) -> None:
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    page = book.add_worksheet(" first ")
    page.write_row(1, 0, ["name", "amount"])
    page.write_row(3, 0, ["a", 7, True, 0.5])
    page.write_datetime(4, 0, datetime(2008, 7, 1), day)
    page.write_datetime(4, 1, datetime(2008, 7, 1, 12, 30), day)
    page.merge_range("C6:D7", "both")
    page.write_formula("A9", "=1/0", None, "#DIV/0!")
    book.add_worksheet("empty")


def test_cells_are_plain_values_with_their_rows() -> None:
    book = read_workbook_cells(workbook(small))
    assert list(book.sheets) == ["first"]
    rows = dict(book.sheets["first"])
    assert list(rows) == [2, 4, 5, 6]
    assert rows[4] == ["a", 7, True, 0.5]
    assert rows[5][:2] == [date(2008, 7, 1), datetime(2008, 7, 1, 12, 30)]
    assert book.merged == [("first", "C6:D7")]
    assert book.hollow == [("first", "A9", "#DIV/0!")]


def test_ranges_have_corners() -> None:
    assert cell_range("C6:D7") == (6, 7, 2, 3)
    assert cell_range("AA1") == (1, 1, 26, 26)


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name, data)
    return out.getvalue()


def far(book: xlsxwriter.Workbook) -> None:
    page = book.add_worksheet("t")
    page.write(0, 0, "x")
    page.write(1_048_575, 16_383, "y")


REFUSED: dict[str, tuple[bytes, str]] = {
    "no archive": (b"name,amount\n", "workbook_broken"),
    "cut off": (workbook(small)[:-200], "workbook_broken"),
    "no workbook": (archive({"a.txt": b"x"}), "workbook_broken"),
    "macros": (archive({"xl/workbook.xml": b"", "xl/vbaProject.bin": b""}), "workbook_macros"),
    "bomb": (archive({"xl/workbook.xml": b"0" * 30_000_000}), "workbook_ratio"),
    "too large": (archive({f"{i}": b"0" * 30_000_000 for i in range(9)}), "workbook_too_large"),
    "parts": (archive({f"{i}": b"" for i in range(2_001)}), "workbook_members"),
    "a cell far out": (workbook(far), "workbook_broken"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_be_opened_is_refused(name: str) -> None:
    data, code = REFUSED[name]
    with pytest.raises(SheetError) as caught:
        read_workbook_cells(data)
    assert caught.value.code == code
    for text in SHEET_TEMPLATES[code]:
        text.format_map(caught.value.values)


def test_limits_may_be_tighter() -> None:
    data = workbook(small)
    for limits in (Limits(unpacked_bytes=1_000), Limits(members=3), Limits(cells=10)):
        with pytest.raises(SheetError):
            read_workbook_cells(data, limits)


@pytest.mark.parametrize("reference", [b'r="XFD1048576"', b"r='XFD1048576'", b'r = "XFD1048576"'])
def test_a_cell_far_out_is_found_however_it_is_written(reference: bytes) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(far))) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.namelist():
            target.writestr(part, source.read(part).replace(b'r="XFD1048576"', reference))
    with pytest.raises(SheetError, match="XFD1048576"):
        read_workbook_cells(out.getvalue())


@pytest.mark.parametrize(
    ("data", "text", "chinese"),
    [
        ("油种,a\n".encode(), "油种,a\n", False),
        ("\ufeff油种".encode(), "油种", False),
        ("油种".encode("gb18030"), "油种", True),
        (b"", "", False),
    ],
)
def test_text_is_utf8_or_gb18030(data: bytes, text: str, chinese: bool) -> None:
    assert decode(data) == (text, chinese)


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        ("油种".encode("utf-16"), "utf16", 0, 0),
        (b"a\nbc\xff\xff", "wrong_encoding", 2, 3),
        (b"a\nb\x07", "control_character", 2, 2),
        (b"\0\xff", "wrong_encoding", 1, 2),
    ],
)
def test_other_bytes_are_told_with_their_place(data: bytes, code: str, line: int, column: int) -> None:
    with pytest.raises(SheetError) as caught:
        decode(data)
    assert (caught.value.code, caught.value.line, caught.value.column) == (code, line, column)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_cells_know_their_columns(separator: str) -> None:
    text = '\na,"b,;\t",c\n\n"x\ny",z,w\n'.replace(",", separator).replace(f"b{separator};", "b,;")
    cells = read_csv_cells(text.lstrip("\n"), 10)
    assert cells.separator == separator
    assert [line for line, _ in cells.rows] == [1, 3]
    assert cells.rows[0][1] == ["a", "b,;" + "\t", "c"] if separator != "\t" else True
    assert (cells.column(1, 0), cells.column(1, 1)) == (1, 3)
    assert cells.column(3, 1) == 0  # on the next line


def test_csv_reading_ends_at_its_limit() -> None:
    assert len(read_csv_cells("a,b\n" * 100_000, 10).rows) == 10
    with pytest.raises(SheetError) as caught:
        read_csv_cells('a,b\n1,"2\n3,4\n', 10)
    assert (caught.value.code, caught.value.line) == ("unclosed_quote", 2)


def test_scenarios_and_rules_say_the_same() -> None:
    assert {code: FILE_TEMPLATES[code] for code in SHEET_TEMPLATES} == dict(SHEET_TEMPLATES)


def test_the_reader_of_workbooks_is_loaded_when_it_is_needed() -> None:
    code = "import sys, chainsim.sheets, chainsim.rules.decisions; sys.exit('python_calamine' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_times_of_day_stay_what_they_are() -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("t").write_datetime(0, 0, time(1, 30), book.add_format({"num_format": "hh:mm"}))

    ((_, cells),) = read_workbook_cells(workbook(write)).sheets["t"]
    assert cells == [time(1, 30)]
