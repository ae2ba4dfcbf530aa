"""A workbook's sheets as grids of cells, behind a guard: size unpacked, ratio, number of parts, no macros.

calamine gives an empty cell for an Excel error and for a formula that was never computed; both would turn into silent gaps, so
the sheets' XML is searched for them.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from html import unescape
from typing import Any

from chainsim.files.tables import Grid
from chainsim.files.tree import Place, Report, written

LARGEST_UNPACKED_BYTES = 256_000_000
LARGEST_RATIO = 200
MOST_MEMBERS = 2_000
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)/?>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)/?>")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_CELL = re.compile(rb"<c\b([^>]*)(?<!/)>(.*?)</c>", re.DOTALL)
_VALUE = re.compile(rb"<v[^>]*>([^<]*)</v>")


def read_workbook(data: bytes, file: str, layer: int, report: Report) -> dict[str, Grid]:
    """Sheet name → its cells (trailing blanks cut, blank rows skipped); empty with problems told where it cannot be opened."""
    place = Place(file, layer=layer)
    parts = _guarded_parts(data, place, report)
    if parts is None:
        return {}
    import python_calamine

    grids = {}
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            for name in book.sheet_names:
                grid = _grid(book.get_sheet_by_name(name).to_python(skip_empty_area=False), name, place)
                if grid is not None:
                    grids[name.strip()] = grid
    except (
        python_calamine.CalamineError,
        python_calamine.PasswordError,
        ValueError,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        report.add("workbook_broken", place, reason=written(str(error) or type(error).__name__, 80))
        return {}
    for name, (cell, found) in parts:
        report.add(
            "error_cell" if found else "formula_not_computed", place._replace(sheet=name, cell=cell), found=found
        )
    return grids


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


def _grid(cells: list[list[Any]], name: str, place: Place) -> Grid | None:
    rows = [(i, [_plain(cell) for cell in row]) for i, row in enumerate(cells, 1) if any(c != "" for c in row)]
    if not rows:
        return None
    sheet = name.strip()

    def find(row: int, index: int) -> Place:
        return place._replace(line=row, sheet=sheet, cell=cell_name(row, index) if index >= 0 else f"{row}:{row}")

    header = rows[0][1]
    while header and header[-1] is None:
        header.pop()
    return Grid(tuple(header), tuple(rows[1:]), find, find(rows[0][0], -1))


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


def _guarded_parts(data: bytes, place: Place, report: Report) -> list[tuple[str, tuple[str, str]]] | None:
    """None if the workbook must not be opened; else its cells that hold no value: (sheet, (cell, error or ""))."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                report.add("workbook_members", place, count=len(members), limit=MOST_MEMBERS)
                return None
            size = sum(member.file_size for member in members)
            if size > LARGEST_UNPACKED_BYTES:
                report.add("workbook_too_large", place, size=size, limit=LARGEST_UNPACKED_BYTES)
                return None
            ratio = size // max(1, len(data))
            if size > 1_000_000 and ratio > LARGEST_RATIO:
                report.add("workbook_ratio", place, ratio=ratio, limit=LARGEST_RATIO)
                return None
            names = {member.filename for member in members}
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                report.add("workbook_macros", place)
                return None
            if "xl/workbook.xml" not in names:
                report.add("workbook_broken", place, reason="xl/workbook.xml")
                return None
            broken = archive.testzip()  # also finds parts that unpack to more than they declare
            if broken is not None:
                report.add("workbook_broken", place, reason=written(broken))
                return None
            return _hollow_cells(archive, names)
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
        report.add("workbook_broken", place, reason=written(str(error) or type(error).__name__, 80))
    return None


def _hollow_cells(archive: zipfile.ZipFile, names: set[str]) -> list[tuple[str, tuple[str, str]]]:
    relations = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for match in _RELATION.finditer(archive.read("xl/_rels/workbook.xml.rels")):
            given = _attributes(match[1])
            relations[given.get("Id", "")] = given.get("Target", "")
    out = []
    for match in _SHEET.finditer(archive.read("xl/workbook.xml")):
        given = _attributes(match[1])
        target = relations.get(given.get("r:id", ""), "").lstrip("/")
        part = target if target.startswith("xl/") else f"xl/{target}"
        if part not in names:
            continue
        xml = archive.read(part)
        if b't="e"' in xml or b"<f" in xml:
            out += [(given.get("name", "").strip(), hollow) for hollow in _hollow_in(xml)]
    return out


def _hollow_in(xml: bytes) -> list[tuple[str, str]]:
    out = []
    for match in _CELL.finditer(xml):
        given, inner = _attributes(match[1]), match[2]
        value = _VALUE.search(inner)
        if given.get("t") == "e":
            out.append((given.get("r", ""), unescape(value[1].decode("utf-8", "replace")) if value else "#?"))
        elif b"<f" in inner and value is None and b"<is>" not in inner:
            out.append((given.get("r", ""), ""))
    return out


def _attributes(text: bytes) -> dict[str, str]:
    return {k.decode(): unescape(v.decode("utf-8", "replace")) for k, v in _ATTRIBUTE.findall(text)}
