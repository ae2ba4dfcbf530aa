"""Tables as planners keep them: declared columns, long or wide, from CSV text or from a sheet's cells.

A table becomes rows (``Items`` of ``Block``) in the shape that the same rows have in YAML, so that all meet in one tree.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainsim.files.headings import READ_ONLY, choice_words, column_named, nearest_heading
from chainsim.files.quantities import BadValueError, read_period, read_text, split_compact
from chainsim.files.tree import Block, Items, Place, Report, written
from chainsim.model.messages import name_list
from chainsim.model.service import KNOWN_ATTRIBUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A declared table: its columns, and the key by which an overlay's row replaces its parent's."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    wide: bool = False
    """Whether columns named by periods may stand in place of ``period`` and ``amount``."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, required first; ``note`` and ``source`` are free remarks that every table may have."""
        return (*self.required, *self.optional, *(c for c in ("note", "source") if c not in self.optional))


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            name="plan",
            required=("customer", "grade", "period", "amount"),
            optional=("via",),
            key=("customer", "grade", "period"),
            wide=True,
        ),
        Table(name="purchases", required=("supplier", "period", "amount"), key=("supplier", "period"), wide=True),
        Table(name="production", required=("supplier", "from", "rate"), key=("supplier", "from")),
        Table(name="prices", required=("grade", "from", "price"), optional=("reason",), key=("grade", "from")),
        Table(name="receipts", required=("customer", "date", "yuan"), key=("customer", "date")),
        Table(name="disruptions", required=("asset", "from", "to", "remaining", "cause"), optional=("name", "note")),
        Table(
            name="random_disruptions",
            required=("asset", "remaining", "cause", "time_to_failure", "time_to_repair"),
            optional=("name", "note"),
        ),
        Table(
            name="orders",
            required=("number", "issued", "effective", "customer", "grade", "period"),
            optional=("amount", "change", "state", "reason"),
        ),
        Table(
            name="actual_deliveries",
            required=("date", "customer", "grade", "amount"),
            optional=("measured",),
            key=("date", "customer", "grade"),
        ),
        Table(name="actual_stocks", required=("asset", "grade", "amount"), key=("asset",)),
        Table(name="scale", required=("table", "factor"), optional=("where", "from", "to")),
        Table(
            name="visits",
            required=("customer", "planned"),
            optional=("visited", "report", "purpose", "visitor"),
            key=("customer", "planned"),
        ),
        Table(
            name="complaints",
            required=("number", "customer", "received", "kind", "text"),
            optional=("unit", "answered", "result", "closed"),
            key=("number",),
        ),
        Table(
            name="surveys",
            required=("customer", "date", "dimension", "score"),
            key=("customer", "date", "dimension"),
        ),
        Table(
            name="invoices",
            required=("number", "customer", "due", "yuan"),
            optional=("paid",),
            key=("number",),
        ),
        Table(
            name="work_order_log",
            required=("work_order", "step", "date"),
            optional=("by", "text"),
            key=("work_order", "step", "date"),
        ),
    )
}

SECTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "grades": ("grade", ("density",)),
    "farms": (
        "farm",
        ("storage", "safe_fill", "grade_safe_fill", "heel", "opening", "at"),
    ),
    "suppliers": ("supplier", ("grade", "farm", "production", "production_per_year")),
    "pipelines": (
        "pipeline",
        (
            *("from", "to", "capacity", "capacity_per_year", "mode", "dispatch", "carry_over", "grades"),
            *("minimum", "minimum_per_year", "minimum_batch", "line_fill", "contents", "schedule"),
            *("loss", "tariff", "priority", "length_km", "carrier"),
        ),
    ),
    "railways": (
        "railway",
        (
            *("from", "spots", "hours_per_train", "paths_per_day", "wagons", "wagons_per_train"),
            *("tonnes_per_wagon", "carrier"),
        ),
    ),
    "customers": (
        "customer",
        (
            *("class", "grades", "storage", "safe_fill", "grade_safe_fill", "heel", "opening", "runs", "runs_per_year"),
            *("slate", "offtake", "cash", "income_per_day", "priority", "delivery_point", "settlement", "at"),
        ),
    ),
}
"""Asset tables: section → (the column that names the asset, the keys its other columns may state)."""

ROUTES = Table(
    name="routes", required=("railway", "customer", "transit_days", "cycle_days"), optional=("loss", "tariff")
)
STATEMENTS: dict[str, Table] = {
    "stocks": Table(name="stocks", required=("asset", "grade"), optional=("opening", "heel", "safe_fill")),
    "steps": Table(name="steps", required=("asset", "key", "amount"), optional=("from",)),
}
"""Tables whose rows say something about an asset that stands elsewhere: see ``chainsim.files.statements``."""
KNOWN_TABLES = (*TABLES, *SECTIONS, ROUTES.name, *STATEMENTS, "cases")
"""Everything that may be a CSV file or a sheet."""
ARCHIVE = "archive."
"""Begins the heading of an archive column whose own name is one of the table's columns, or means one."""
_COMPACT = ("opening", "grade_safe_fill", "heel", "slate")
"""Keys of assets whose small mapping may stand in one cell."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells as read: a header, and rows of (line or sheet row number, cells); ``place`` finds a cell."""

    header: tuple[Any, ...]
    rows: tuple[tuple[int, Sequence[Any]], ...]
    place: Callable[[int, int], Place]
    """(row number, column index) → place; index -1: the row as a whole."""
    origin: Place


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """Where the cells of one row stand, worked out only when asked."""

    grid: Grid
    row: int
    columns: dict[str, int]

    def get(self, key: str, /) -> Place | None:
        """The place of the cell in column ``key``."""
        index = self.columns.get(key)
        return None if index is None else self.grid.place(self.row, index)


def read_csv_grid(text: str, place: Place, report: Report) -> Grid | None:
    """The cells of a CSV text; blank lines are skipped."""
    lines = text.splitlines(keepends=True)
    head = lines[0] if lines else ""
    for sign, name in ((";", "“;”"), ("\t", "TAB")):
        if sign in head and "," not in head:
            report.add("delimiter", place._replace(line=1), sign=name, found=written(head.strip("\r\n")))
            return None
    reader = csv.reader(lines, strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell and not cell.isspace() for cell in cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        quote = "end of data" in str(error)
        code = "unclosed_quote" if quote else "cannot_read"
        report.add(code, place._replace(line=line), reason=str(error))
        return None
    if not rows:
        report.add("empty_file", place)
        return None

    def find(row: int, index: int) -> Place:
        return place._replace(line=row, column=_csv_column(lines[row - 1], index) if index >= 0 else 0)

    return Grid(tuple(rows[0][1]), tuple(rows[1:]), find, find(rows[0][0], -1))


def _csv_column(line: str, index: int) -> int:
    """Where cell ``index`` begins in a line of CSV, from 1; 0 if it lies on a later line."""
    if '"' not in line:
        cells = line.split(",", index)
        return len(line) - len(cells[-1]) + 1 if len(cells) > index else 0
    quoted = False
    for at, char in enumerate(line):
        if index == 0:
            return at + 1
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            index -= 1
    return len(line.rstrip("\r\n")) + 1 if index == 0 else 0


def table_rows(table: Table, grid: Grid, report: Report) -> Items:
    """The rows of a declared table; wide ones made long. Empty cells are left out of a row."""
    names = _header(grid, table.name, table.columns, report)
    columns = {name: i for i, name in names.items()}
    periods = [i for i, name in names.items() if table.wide and name not in table.columns and _is_period(name)]
    required = [c for c in table.required if not (periods and c in ("period", "amount"))]
    for i, name in names.items():
        if name not in table.columns and i not in periods:
            options = table.columns
            nearest = nearest_heading(table.name, name, options)
            report.add(
                "unknown_column",
                _header_place(grid, i),
                found=written(name),
                nearest=nearest,
                names=name_list(options, 20),
            )
            columns.pop(name, None)
    for column in required:
        if column not in columns:
            report.add("missing_column", grid.origin, column=column, names=name_list(table.required, 20))
    if any(column not in columns for column in required):
        return Items(place=grid.origin)
    if periods and "amount" in columns:
        report.add("long_and_wide", _header_place(grid, columns["amount"]))
        return Items(place=grid.origin)
    known = [(name, i) for name, i in columns.items() if i not in periods]
    words = choice_words(table.name)
    rows: list[Block] = []
    for number, cells in grid.rows:
        _too_many(grid, number, cells, report)
        values = _values(known, cells, words)
        places = RowPlaces(grid, number, columns)
        if not periods:
            rows.append(Block(values, place=grid.place(number, -1), places=places))
            continue
        for i in periods:
            if i < len(cells) and not is_empty(cells[i]):
                long = {**values, "period": names[i], "amount": cells[i]}
                where = RowPlaces(grid, number, {**columns, "amount": i, "period": i})
                rows.append(Block(long, place=grid.place(number, i), places=where))
    return Items(rows, place=grid.origin)


def section_rows(name: str, grid: Grid, report: Report) -> Block:
    """An asset table as the section of the same name: asset → its keys. Further columns of customers are their archive."""
    naming, keys = SECTIONS[name]
    archive = KNOWN_ATTRIBUTES if name == "customers" else ()
    allowed = (naming, "title_zh", "title_en", *keys, "note", "source")
    names = _header(grid, name, (*allowed, *archive), report)
    for i, column in list(names.items()):
        if column in allowed or column in archive:
            continue
        nearest = nearest_heading(name, column, (*allowed, *archive))
        if name != "customers":
            words = {"nearest": nearest, "names": name_list(allowed, 30)}
            report.add("unknown_column", _header_place(grid, i), found=written(column), **words)
            del names[i]
        elif nearest and _looks_like(column, nearest):
            words = {"nearest": nearest, "names": name_list(allowed, 30)}
            report.warn("archive_column", _header_place(grid, i), found=written(column), **words)
    columns = {column: i for i, column in names.items()}
    section = Block(place=grid.origin, places={})
    if naming not in columns:
        report.add("missing_column", grid.origin, column=naming, names=name_list(allowed, 30))
        return section
    lines: dict[str, int] = {}
    choices = choice_words(name)
    for number, cells in grid.rows:
        _too_many(grid, number, cells, report)
        values = _values(list(columns.items()), cells, choices)
        asset = values.pop(naming, None)
        place = grid.place(number, columns[naming])
        if asset is None:
            report.add("row_without_name", place, column=naming)
        elif (asset := name_in(asset)) in lines:
            report.add("row_twice", place, found=written(asset), first=lines[asset])
        else:
            lines[asset] = number
            section[asset] = _asset(values, keys, grid, number, columns, place)
            assert isinstance(section.places, dict)
            section.places[asset] = place
    return section


def _asset(
    values: dict[str, Any], keys: tuple[str, ...], grid: Grid, number: int, columns: dict[str, int], place: Place
) -> Block:
    entry = Block(place=place, places={})
    assert isinstance(entry.places, dict)
    title = Block(
        place=place, places=RowPlaces(grid, number, {k[6:]: i for k, i in columns.items() if k[:6] == "title_"})
    )
    archive = Block(place=place, places=RowPlaces(grid, number, columns))
    for key, value in values.items():
        if key in ("title_zh", "title_en"):
            title[key[6:]] = value
        elif key in keys or key in ("note", "source"):
            where = grid.place(number, columns[key])
            entry[key] = _mapping_in(value, where) if key in _COMPACT else value
            entry.places[key] = where
        else:
            archive[key.removeprefix(ARCHIVE)] = value
    if title:
        entry["title"] = title
    if archive:
        entry["archive"] = archive
    return entry


def _mapping_in(value: Any, place: Place) -> Any:
    """A small mapping in one cell as a block, so that an overlay may change one of its entries; anything else as it is."""
    if not isinstance(value, str) or "=" not in value:
        return value
    try:
        pairs = split_compact(value)
    except BadValueError:
        return value  # the schema tells what is wrong with it
    return Block(pairs, place=place, places=dict.fromkeys(dict(pairs), place))


def name_in(cell: Any) -> str:
    """The name in a cell; a workbook's number is written out plainly."""
    try:
        return read_text(cell)
    except BadValueError:
        return str(cell)


def nest_orders(rows: Items, report: Report) -> Items:
    """Rows of the orders table as orders with lines: rows of one number belong together."""
    head = ("issued", "effective", "state", "reason")
    orders: dict[str, Block] = {}
    for row in rows:
        place = row.place_of("number")
        number = row.get("number")
        if number is None:
            report.add("row_without_name", row.place, column="number")
            continue
        order = orders.get(name_in(number))
        if order is None:
            order = Block(
                {"number": number, "lines": Items(place=row.place)}, place=row.place, places={"number": place}
            )
            orders[name_in(number)] = order
        assert isinstance(order.places, dict)
        for key in head:
            if key not in row:
                continue
            if key not in order:
                order[key] = row[key]
                order.places[key] = row.place_of(key)
            elif order[key] != row[key]:
                report.add("order_rows_differ", row.place_of(key), found=written(row[key]), number=number, key=key)
        line = {k: v for k, v in row.items() if k not in (*head, "number")}
        order["lines"].append(Block(line, place=row.place, places=row.places))
    return Items(orders.values(), place=rows.place)


def _header(grid: Grid, table: str, known: tuple[str, ...], report: Report) -> dict[int, str]:
    """Column index → column name; headings in either language of ``known`` columns told in their column's name."""
    names: dict[int, str] = {}
    for i, cell in enumerate(grid.header):
        if is_empty(cell):
            if any(i < len(cells) and not is_empty(cells[i]) for _, cells in grid.rows):
                report.add("empty_column_name", _header_place(grid, i))
            continue
        text = f"{cell:.15g}" if isinstance(cell, float) else str(cell).strip()
        if text.endswith(READ_ONLY):
            continue
        name = column_named(table, text, known)
        if name in names.values():
            report.add("duplicate_column", _header_place(grid, i), found=written(text))
            continue
        names[i] = name
    return names


def _header_place(grid: Grid, index: int) -> Place:
    return grid.place(grid.origin.line, index)


def _too_many(grid: Grid, number: int, cells: Sequence[Any], report: Report) -> None:
    width = len(grid.header)
    if len(cells) > width:
        for i in range(width, len(cells)):
            if not is_empty(cells[i]):
                report.add("too_many_cells", grid.place(number, i), found=written(cells[i]), limit=width)
                return


def _values(
    columns: list[tuple[str, int]], cells: Sequence[Any], words: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Column → cell, the empty ones left out; Chinese words of a closed choice told as the choice."""
    width = len(cells)
    values = {name: cells[i] for name, i in columns if i < width and not is_empty(cells[i])}
    for name in values.keys() & words.keys():
        if isinstance(values[name], str):
            values[name] = words[name].get(values[name].strip(), values[name])
    return values


def is_empty(cell: Any) -> bool:
    """Whether a cell states nothing."""
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def _is_period(name: str) -> bool:
    try:
        read_period(name)
    except BadValueError:
        return name[:4].isdigit()  # meant as a period: the schema tells what is wrong with it
    return True


def _looks_like(name: str, other: str) -> bool:
    """Close enough for a slip of the hand (the archive may well have columns that only resemble a key)."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, name.casefold(), other).ratio() >= 0.8
