"""A workbook as the tree of its settings and the grids of its tables; guard and cells are those of ``chainsim.sheets``."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from chainsim.files.columns import SHEET_NAMES
from chainsim.files.headings import setting_named, setting_words, sheet_named
from chainsim.files.tables import KNOWN_TABLES, Grid
from chainsim.files.tree import Block, Place, Report
from chainsim.model.messages import name_list
from chainsim.sheets import SheetError, cell_name, read_workbook_cells

SETTINGS_SHEET = "scenario"
_HEADS = (("key", "value"), ("setting", "value"), ("项目", "值"))
"""How the first row of the sheet of settings may begin: it is left out."""


def read_workbook(data: bytes, file: str, layer: int, report: Report) -> tuple[Block | None, dict[str, Grid]]:
    """The settings of a workbook, and table → its cells (trailing blanks cut, blank rows skipped).

    The settings are None, with problems told, where the workbook cannot be opened or has no sheet of settings. Sheets are named
    like their table, or as it is called in either language; others are left alone, with a warning where the name is close to one.
    """
    place = Place(file, layer=layer)
    grids = _grids(data, place, report)
    if not grids:
        if not report.problems:
            report.add("empty_file", place)
        return None, {}
    known = [SETTINGS_SHEET, *KNOWN_TABLES]
    found: dict[str, Grid] = {}
    for sheet, grid in grids.items():
        table = sheet_named(sheet)
        if table not in known:
            near = mistaken_for(sheet, [*known, *(name for table in known for name in SHEET_NAMES[table])])
            if near:
                words = {"found": sheet, "nearest": near, "names": name_list(known, 30)}
                report.warn("unknown_sheet", place._replace(sheet=sheet), **words)
        elif table in found:
            report.add("sheet_twice", grid.origin._replace(cell=""), found=sheet, other=found[table].origin.sheet)
        else:
            found[table] = grid
    head = found.pop(SETTINGS_SHEET, None)
    if head is None:
        report.add("missing_sheet", place, sheet=SETTINGS_SHEET, names=name_list(known, 30))
        return None, {}
    return _settings_of(head, report), found


def mistaken_for(name: str, known: Sequence[str]) -> str:
    """The table that a file or sheet was probably meant to be, or "": told of ``plans`` and ``plan_2009``, not of ``facts``."""
    folded = name.casefold()
    near = get_close_matches(folded, known, n=1, cutoff=0.75)
    return near[0] if near else max((k for k in known if folded.startswith(k)), key=len, default="")


def _grids(data: bytes, place: Place, report: Report) -> dict[str, Grid]:
    """Sheet → its cells; empty with problems told where the workbook cannot be opened."""
    try:
        book = read_workbook_cells(data)
    except SheetError as error:
        report.add(error.code, place, **error.values)
        return {}
    for name, cell, found in book.hollow:
        code = "error_cell" if found else "formula_not_computed"
        report.add(code, place._replace(sheet=name, cell=cell), found=found)
    return {name: _grid(rows, name, place) for name, rows in book.sheets.items()}


def _grid(rows: Sequence[tuple[int, list[Any]]], sheet: str, place: Place) -> Grid:
    def find(row: int, index: int) -> Place:
        return place._replace(line=row, sheet=sheet, cell=cell_name(row, index) if index >= 0 else f"{row}:{row}")

    header = rows[0][1]
    while header and header[-1] is None:
        header.pop()
    return Grid(tuple(header), tuple(rows[1:]), find, find(rows[0][0], -1))


def _settings_of(grid: Grid, report: Report) -> Block:
    """The sheet of settings: two columns, key and value; ``title.zh`` is a key inside ``title``."""
    tree = Block(place=grid.origin, places={})
    rows = grid.rows
    if tuple(str(cell).strip().casefold() for cell in grid.header[:2]) not in _HEADS:
        rows = ((grid.origin.line, grid.header), *rows)
    words = setting_words()
    for number, cells in rows:
        if not cells or cells[0] is None or len(cells) < 2 or cells[1] is None:
            continue
        holder, key, place = tree, setting_named(str(cells[0])), grid.place(number, 1)
        value = words.get(key, {}).get(cells[1].strip(), cells[1]) if isinstance(cells[1], str) else cells[1]
        outer, dot, inner = key.partition(".")
        if dot:
            if not isinstance(tree.get(outer), Block):
                tree[outer] = Block(place=place, places={})
                assert isinstance(tree.places, dict)
                tree.places[outer] = place
            holder, key = tree[outer], inner
        assert isinstance(holder.places, dict)
        if key in holder:
            first = holder.places[key]
            report.add("duplicate_key", grid.place(number, 0), path=key, found=key, first=first.line)
            continue
        holder[key] = value
        holder.places[key] = place
    return tree
