"""A workbook's sheets as grids of cells with their places; the guard and the cells are those of ``chainsim.sheets``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainsim.files.tables import Grid
from chainsim.files.tree import Place, Report
from chainsim.sheets import SheetError, cell_name, read_workbook_cells


def read_workbook(data: bytes, file: str, layer: int, report: Report) -> dict[str, Grid]:
    """Sheet name → its cells (trailing blanks cut, blank rows skipped); empty with problems told where it cannot be opened."""
    place = Place(file, layer=layer)
    try:
        book = read_workbook_cells(data)
    except SheetError as error:
        report.add(error.code, place, **error.values)
        return {}
    for name, cell, found in book.hollow:
        report.add(
            "error_cell" if found else "formula_not_computed", place._replace(sheet=name, cell=cell), found=found
        )
    return {name: _grid(rows, name, place) for name, rows in book.sheets.items()}


def _grid(rows: Sequence[tuple[int, list[Any]]], sheet: str, place: Place) -> Grid:
    def find(row: int, index: int) -> Place:
        return place._replace(line=row, sheet=sheet, cell=cell_name(row, index) if index >= 0 else f"{row}:{row}")

    header = rows[0][1]
    while header and header[-1] is None:
        header.pop()
    return Grid(tuple(header), tuple(rows[1:]), find, find(rows[0][0], -1))
