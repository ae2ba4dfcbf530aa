"""Cells out of workbooks and CSV files: text decoded, workbooks opened behind a guard, values plain.

The guard knows the size unpacked, the ratio, the number of parts, macros and broken archives. calamine gives an empty cell for an
Excel error and for a formula that was never computed, and only the first of merged cells holds their value; all three would
turn into silent gaps, so the sheets' XML is searched for them.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html import unescape
from typing import Any

from chainsim.errors import ChainsimError

SHEET_TEMPLATES: Mapping[str, tuple[str, str, str, str]] = {
    "workbook_broken": (
        "the workbook cannot be opened: {reason}",
        "工作簿打不开：{reason}",
        "an .xlsx workbook",
        ".xlsx 工作簿",
    ),
    "workbook_too_large": (
        "unpacked, the workbook has {size} bytes, more than the limit of {limit}",
        "工作簿解压后有 {size} 字节，超过上限 {limit}",
        "a smaller workbook",
        "较小的工作簿",
    ),
    "workbook_ratio": (
        "the workbook unpacks to {ratio} times its size: not a planner’s workbook",
        "工作簿解压后膨胀 {ratio} 倍，不像正常工作簿",
        "at most {limit} times",
        "不超过 {limit} 倍",
    ),
    "workbook_members": (
        "the workbook holds {count} parts",
        "工作簿含 {count} 个部件",
        "at most {limit}",
        "不超过 {limit}",
    ),
    "workbook_macros": ("the workbook holds macros", "工作簿含宏", "an .xlsx without macros", "不含宏的 .xlsx"),
    "workbook_links": (
        "the workbook refers to other workbooks",
        "工作簿引用了其他工作簿",
        "values instead of external links (in Excel: Data, Edit Links, Break Link)",
        "用数值代替外部链接（Excel：数据 → 编辑链接 → 断开链接）",
    ),
    "error_cell": ("the cell holds an error", "单元格是错误值", "a value; correct the formula", "一个值；请改正公式"),
    "formula_not_computed": (
        "the cell holds a formula that was never computed",
        "单元格的公式没有计算结果",
        "open the workbook in Excel and save it",
        "在 Excel 中打开并保存一次",
    ),
    "wrong_encoding": (
        "the text is not UTF-8",
        "文本不是 UTF-8 编码",
        "UTF-8 (in Excel: save as “CSV UTF-8”)",
        "UTF-8（Excel 中另存为“CSV UTF-8”）",
    ),
    "utf16": (
        "the text is UTF-16 (Excel’s “Unicode text”)",
        "文本是 UTF-16（Excel 的“Unicode 文本”）",
        "UTF-8 (in Excel: save as “CSV UTF-8”)",
        "UTF-8（Excel 中另存为“CSV UTF-8”）",
    ),
    "control_character": ("a control character stands in the text", "文本中有控制字符", "plain text", "纯文本"),
    "unclosed_quote": (
        "a quotation mark is not closed before the end of the file",
        "引号直到文件末尾没有闭合",
        '"…"',
        '"…"',
    ),
    "cannot_read": ("the file cannot be read: {reason}", "文件无法读取：{reason}", "", ""),
}
"""Code of a ``SheetError`` → (message, message in Chinese, accepted, accepted in Chinese)."""

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)/?>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)/?>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]*)</(?:\w+:)?v>")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z0-9:]+)"')
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class SheetError(ChainsimError):
    """A file whose cells cannot be had; ``values`` fill the texts of ``SHEET_TEMPLATES[code]``."""

    def __init__(self, code: str, *, line: int = 0, column: int = 0, found: str = "", **values: Any) -> None:
        self.code = code
        self.line = line
        self.column = column
        self.found = found
        self.values = values
        super().__init__(SHEET_TEMPLATES[code][0].format_map(values))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a workbook may be, before it is unpacked."""

    unpacked_bytes: int = 256_000_000
    ratio: int = 200
    members: int = 2_000
    cells: int = 20_000_000
    """Cells of the smallest block that holds a sheet: calamine lays it out whole, also around one cell far out."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """Sheet name → its rows that are not blank, as (row number from 1, cells); and the cells that hold no value of their own."""

    sheets: Mapping[str, Sequence[tuple[int, list[Any]]]]
    hollow: Sequence[tuple[str, str, str]]
    """(sheet, cell, Excel's error); the error is empty for a formula that was never computed."""
    merged: Sequence[tuple[str, str]]
    """(sheet, range such as ``A2:A4``)."""


@dataclass(frozen=True, slots=True)
class CsvCells:
    """Rows that are not blank, as (line of the first character, cells); ``separator`` as found in the first line."""

    rows: Sequence[tuple[int, list[str]]]
    lines: Sequence[str]
    separator: str

    def column(self, line: int, index: int) -> int:
        """Where cell ``index`` begins in the line, from 1; 0 if it lies on a later line."""
        text, quoted = self.lines[line - 1], False
        for at, char in enumerate(text):
            if index == 0:
                return at + 1
            if char == '"':
                quoted = not quoted
            elif char == self.separator and not quoted:
                index -= 1
        return len(text.rstrip("\r\n")) + 1 if index == 0 else 0


def read_workbook_cells(data: bytes, limits: Limits = Limits()) -> Workbook:
    """The cells of an ``.xlsx``; ``SheetError`` where it must not or cannot be opened."""
    hollow, merged = _guarded_parts(data, limits)
    import python_calamine

    sheets: dict[str, list[tuple[int, list[Any]]]] = {}
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            for name in book.sheet_names:
                cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                rows = [(i, [_plain(c) for c in row]) for i, row in enumerate(cells, 1) if any(c != "" for c in row)]
                if rows:
                    sheets[name.strip()] = rows
    except (
        python_calamine.CalamineError,
        python_calamine.PasswordError,
        ValueError,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        raise _broken(str(error) or type(error).__name__) from None
    return Workbook(sheets, hollow, merged)


def decode(data: bytes) -> tuple[str, bool]:
    """``data`` as text, UTF-8 with or without BOM, else GB18030 (then True)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise SheetError("utf16")
    chinese = False
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = ""
        if b"\0" not in data:
            try:
                text, chinese = data.decode("gb18030"), True
            except UnicodeDecodeError:
                text = ""
        if not text:
            line = data.count(b"\n", 0, error.start) + 1
            column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
            found = " ".join(f"{byte:02x}" for byte in data[error.start : error.start + 4])
            raise SheetError("wrong_encoding", line=line, column=column, found=found) from None
    bad = _CONTROL.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - text.rfind("\n", 0, bad.start())
        raise SheetError("control_character", line=line, column=column, found=f"U+{ord(bad[0]):04X}")
    return text, chinese


def read_csv_cells(text: str, most_rows: int) -> CsvCells:
    """The cells of a CSV text with ``,``, ``;`` or tabs between them; reading ends after ``most_rows``."""
    lines = text.splitlines(keepends=True)
    separator = _separator(lines[0] if lines else "")
    reader = csv.reader(lines, delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell and not cell.isspace() for cell in cells):
                rows.append((line, cells))
                if len(rows) >= most_rows:
                    break
            line = reader.line_num + 1
    except csv.Error as error:
        code = "unclosed_quote" if "end of data" in str(error) else "cannot_read"
        raise SheetError(code, line=line, reason=str(error)) from None
    return CsvCells(rows, lines, separator)


def cell_name(row: int, index: int) -> str:
    """Excel's name of a cell; ``row`` counts from 1, ``index`` from 0.

    >>> cell_name(3, 27)
    'AB3'
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def cell_range(text: str) -> tuple[int, int, int, int]:
    """First and last row (from 1) and first and last column (from 0) of a range.

    >>> cell_range("B2:AA4")
    (2, 4, 1, 26)
    """
    corners = []
    for corner in text.split(":"):
        letters = corner.rstrip("0123456789")
        index = 0
        for letter in letters:
            index = index * 26 + ord(letter) - 64
        corners.append((int(corner[len(letters) :] or 0), index - 1))
    return corners[0][0], corners[-1][0], corners[0][1], corners[-1][1]


def _separator(head: str) -> str:
    """The sign between the cells of the first line: a comma if there is one outside quotes."""
    bare = re.sub(r'"[^"]*"', "", head)
    return next((sign for sign in ",;\t" if sign in bare), ",")


def _plain(cell: Any) -> Any:
    """A cell's value: None for empty; a date with midnight as a date; whole numbers as they are."""
    if cell == "" or cell is None:
        return None
    if isinstance(cell, datetime):
        if cell.microsecond:  # days are stored as floats: round to the second
            cell = (cell + timedelta(microseconds=500_000)).replace(microsecond=0)
        return cell.date() if cell.time() == time(0) else cell
    if isinstance(cell, (bool, int, float, str, date, time, timedelta)):
        return cell
    return str(cell)


def _guarded_parts(data: bytes, limits: Limits) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """Hollow and merged cells of a workbook that may be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > limits.members:
                raise SheetError("workbook_members", count=len(members), limit=limits.members)
            size = sum(member.file_size for member in members)
            if size > limits.unpacked_bytes:
                raise SheetError("workbook_too_large", size=size, limit=limits.unpacked_bytes)
            ratio = size // max(1, len(data))
            if size > 1_000_000 and ratio > limits.ratio:
                raise SheetError("workbook_ratio", ratio=ratio, limit=limits.ratio)
            names = {member.filename for member in members}
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise SheetError("workbook_macros")
            if any(name.lower().startswith("xl/externallinks/") for name in names):
                raise SheetError("workbook_links")
            if "xl/workbook.xml" not in names:
                raise _broken("xl/workbook.xml")
            broken = archive.testzip()  # also finds parts that unpack to more than they declare
            if broken is not None:
                raise _broken(broken, 60)
            return _marked_cells(archive, names, limits)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        NotImplementedError,  # zipfile's word for a compression it does not know
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise _broken(str(error) or type(error).__name__) from None


def _broken(reason: str, limit: int = 80) -> SheetError:
    """The error with its reason made printable and short; the reason may be a name out of the archive."""
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in reason)
    return SheetError("workbook_broken", reason=text if len(text) <= limit else text[: limit - 1] + "…")


def _marked_cells(
    archive: zipfile.ZipFile, names: set[str], limits: Limits
) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    relations = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for match in _RELATION.finditer(archive.read("xl/_rels/workbook.xml.rels")):
            given = _attributes(match[1])
            relations[given.get("Id", "")] = given.get("Target", "")
    hollow, merged = [], []
    for match in _SHEET.finditer(archive.read("xl/workbook.xml")):
        given = _attributes(match[1])
        target = relations.get(given.get("r:id", ""), "").lstrip("/")
        part = target if target.startswith("xl/") else f"xl/{target}"
        if part not in names:
            continue
        xml = archive.read(part)
        _require_dense(xml, limits.cells)
        sheet = given.get("name", "").strip()
        if xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise _broken(part)  # cells in another encoding could not be looked at twice
        if _ERROR.search(xml) or _FORMULA.search(xml):
            hollow += [(sheet, *cell) for cell in _hollow_in(xml)]
        if b"mergeCell" in xml:
            merged += [(sheet, ref.decode()) for ref in _MERGED.findall(xml)]
    return hollow, merged


def _require_dense(xml: bytes, most_cells: int) -> None:
    columns, rows = set(), 0
    for letters, row in _REFERENCE.findall(xml):
        columns.add(letters)
        rows = max(rows, int(row))
    if columns:
        last = max(columns, key=lambda letters: (len(letters), letters)).decode()
        if rows * (cell_range(f"{last}1")[3] + 1) > most_cells:
            raise _broken(f"cells as far out as {last}{rows}")


def _hollow_in(xml: bytes) -> list[tuple[str, str]]:
    out = []
    for match in _CELL.finditer(xml):
        given, inner = _attributes(match[1]), match[2]
        value = _VALUE.search(inner)
        if given.get("t") == "e":
            out.append((given.get("r", ""), unescape(value[1].decode("utf-8", "replace")) if value else "#?"))
        elif value is None and _FORMULA.search(inner) and b"is>" not in inner:
            out.append((given.get("r", ""), ""))
    return out


def _attributes(text: bytes) -> dict[str, str]:
    return {k.decode(): unescape((v or w).decode("utf-8", "replace")) for k, v, w in _ATTRIBUTE.findall(text)}
