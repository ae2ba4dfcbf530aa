"""From a path to one tree: read a folder, a YAML file or a workbook, then what it extends, and lay the one over the other."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

from chainsim.files.cases import case_overlay, case_rows, check_case_names, split_case
from chainsim.files.quantities import BadValueError, read_day, read_instant, read_period, read_text
from chainsim.files.reasons import with_notes
from chainsim.files.sources import Sources, text_of
from chainsim.files.statements import add_routes, place_statements
from chainsim.files.tables import (
    KNOWN_TABLES,
    ROUTES,
    SECTIONS,
    STATEMENTS,
    TABLES,
    Grid,
    Table,
    nest_orders,
    read_csv_grid,
    section_rows,
    table_rows,
)
from chainsim.files.tree import Block, Items, Place, Report, path_text, place_text, written
from chainsim.files.workbook import mistaken_for, read_workbook
from chainsim.files.yamltext import read_yaml
from chainsim.model.messages import name_list, nearest_name

DEEPEST_CHAIN = 10
_APPENDED = ("scale",)
_NAMED = ("disruptions", "random_disruptions", "orders")
"""Lists whose rows are appended, but for one called like an inherited row: it takes that row's place."""
OWN_KEYS = ("scenario", "title", "description", "color")
"""What an overlay says of itself, not of what it extends."""
_TWINS = ("capacity", "minimum", "production", "runs")


def read_layers(path: Path, sources: Sources, report: Report) -> Block | None:
    """The tree of the scenario at ``path``, laid over what it extends. None where there is nothing to go on with."""
    return _read(path, path.as_posix(), Place(path.as_posix()), sources, report, ())


def _read(
    path: Path, shown: str, asked_at: Place, sources: Sources, report: Report, chain: tuple[tuple[Path, str], ...]
) -> Block | None:
    layer = -len(chain)
    path, case = split_case(path)
    if case:
        return _read_case(path, shown, case, asked_at, sources, report, chain)
    if path.name == "scenario.yaml" and _exists(path, "is_file"):
        path, shown = path.parent, Path(shown).parent.as_posix()  # the folder is meant, with its tables
    real = Path(os.path.realpath(path))  # unlike Path.resolve, at peace with a circle of links
    if real in [seen for seen, _ in chain]:
        names = [name for _, name in chain] + [shown]
        report.add("extends_itself", asked_at, path="extends", found=shown, circle=" → ".join(names))
        return None
    if len(chain) >= DEEPEST_CHAIN:
        report.add("extends_too_deep", asked_at, path="extends", found=shown, limit=DEEPEST_CHAIN)
        return None
    tree = read_layer(path, shown, asked_at, layer, sources, report)
    if tree is None:
        return None
    if "scenario" not in tree:
        tree["scenario"] = real.name if path.is_dir() else real.stem
    check_case_names(tree, report)
    parent = tree.pop("extends", None)
    if parent is None:
        place_statements(tree, report)
        return tree
    base = path.parent if path.is_file() else path
    place = tree.place_of("extends")
    if not isinstance(parent, str) or not parent.strip() or not parent.isprintable():
        report.add("extends_missing", place, path="extends", found=written(parent))
        return None
    under_shown = os.path.normpath((Path(shown) if path.is_dir() else Path(shown).parent) / parent)
    under = _read(base / parent, Path(under_shown).as_posix(), place, sources, report, (*chain, (real, shown)))
    return None if under is None else lay_over(under, tree, report)


def _read_case(
    path: Path,
    shown: str,
    case: str,
    asked_at: Place,
    sources: Sources,
    report: Report,
    chain: tuple[tuple[Path, str], ...],
) -> Block | None:
    """The scenario at ``path`` under the overlay that its ``case`` is."""
    seen = (Path(f"{os.path.realpath(path)}#{case}"), shown)
    if seen[0] in [other for other, _ in chain]:
        report.add(
            "extends_itself", asked_at, path="extends", found=shown, circle=" → ".join([*(n for _, n in chain), shown])
        )
        return None
    under = _read(path, shown.removesuffix(f"#{case}"), asked_at, sources, report, (*chain, seen))
    if under is None:
        return None
    over = case_overlay(under, case, asked_at._replace(layer=-len(chain)), report)
    return None if over is None else lay_over(under, over, report)


def read_layer(path: Path, shown: str, asked_at: Place, layer: int, sources: Sources, report: Report) -> Block | None:
    """The tree of one folder, YAML file or workbook alone, without what it extends."""
    if _exists(path, "is_dir"):
        return _read_folder(path, shown, layer, sources, report)
    suffix = path.suffix.lower()
    if not _exists(path, "is_file"):
        near = nearest_name(path.name, _names_in(path.parent))
        code = "no_such_file" if layer == 0 else "extends_missing"
        report.add(code, asked_at, path="" if layer == 0 else "extends", found=shown, nearest=near)
        return None
    if suffix in (".xls", ".xlsm", ".xlsb", ".ods", ".et"):
        report.add("old_workbook", Place(shown), found=suffix)
        return None
    if suffix not in (".yaml", ".yml", ".xlsx"):
        report.add("unknown_format", Place(shown), found=suffix)
        return None
    data = sources.read(path, shown, layer, report)
    if data is None:
        return None
    if suffix == ".xlsx":
        return _from_workbook(data, shown, layer, report)
    text = text_of(data, Place(shown, layer=layer), report, allow_gb18030=False)
    return None if text is None else _from_yaml(text, shown, layer, report)


def _from_yaml(text: str, shown: str, layer: int, report: Report) -> Block | None:
    tree = read_yaml(text, shown, layer, report)
    return None if tree is None else with_notes(tree, text)


def _read_folder(path: Path, shown: str, layer: int, sources: Sources, report: Report) -> Block | None:
    head = path / "scenario.yaml"
    if not head.is_file():
        near = nearest_name("scenario.yaml", _names_in(path))
        report.add("no_scenario_yaml", Place(shown, layer=layer), nearest=near)
        return None
    name = f"{shown}/scenario.yaml"
    data = sources.read(head, name, layer, report)
    text = None if data is None else text_of(data, Place(name, layer=layer), report, allow_gb18030=False)
    tree = None if text is None else _from_yaml(text, name, layer, report)
    grids: dict[str, Grid] = {}
    for file in (path / found for found in _names_in(path)):
        if file.suffix.lower() != ".csv" or not _exists(file, "is_file"):
            continue
        place = Place(f"{shown}/{file.name}", layer=layer)
        if file.stem not in KNOWN_TABLES:
            near = mistaken_for(file.stem, KNOWN_TABLES)
            if near:
                names = name_list(KNOWN_TABLES, 30)
                report.warn("unused_table", place, found=file.name, nearest=f"{near}.csv", names=names)
            continue
        data = sources.read(file, place.file, layer, report)
        text = None if data is None else text_of(data, place, report, allow_gb18030=True)
        grid = None if text is None else read_csv_grid(text, place, report)
        if grid is not None:
            grids[file.stem] = grid
    if tree is None:
        for table, grid in grids.items():  # what is wrong in the tables is told even so
            if table in TABLES:
                table_rows(TABLES[table], grid, report)
        return None
    _add_tables(tree, grids, report)
    return tree


def _exists(path: Path, kind: Literal["is_dir", "is_file"]) -> bool:
    """Whether ``path`` is there; a name that the system refuses (too long, say) is not."""
    try:
        return path.is_dir() if kind == "is_dir" else path.is_file()
    except (OSError, ValueError):
        return False


def _names_in(folder: Path) -> list[str]:
    """The names in a folder, in order; none where it cannot be listed."""
    try:
        return sorted(entry.name for entry in folder.iterdir())[:1000]
    except (OSError, ValueError):
        return []


def _from_workbook(data: bytes, shown: str, layer: int, report: Report) -> Block | None:
    head, grids = read_workbook(data, shown, layer, report)
    if head is None:
        return None
    _add_tables(head, grids, report)
    return head


def _add_tables(tree: Block, grids: dict[str, Grid], report: Report) -> None:
    """Put the tables' rows into the tree, beside what the YAML states."""
    assert isinstance(tree.places, dict)
    for name in SECTIONS:
        if name in grids:
            _fill_in(tree, name, section_rows(name, grids[name], report), report)
    if ROUTES.name in grids:
        add_routes(tree, grids[ROUTES.name], report)
    for name in (*STATEMENTS, "cases"):
        if name in grids:
            read = case_rows if name == "cases" else partial(table_rows, STATEMENTS[name])
            tree[name] = read(grids[name], report)
            tree.places[name] = grids[name].origin
    for name, table in TABLES.items():
        if name not in grids:
            continue
        rows = table_rows(table, grids[name], report)
        if name == "orders":
            rows = nest_orders(rows, report)
        stated = tree.get(name)
        if isinstance(stated, Items):
            tree[name] = Items(
                [*stated, *rows], place=rows.place, places=[*stated.places, *(row.place for row in rows)]
            )
        elif stated is None:
            tree[name] = rows
            tree.places[name] = rows.place


def _fill_in(tree: Block, name: str, section: Block, report: Report) -> None:
    """A table's row fills in what the YAML leaves open about an asset."""
    assert isinstance(tree.places, dict)
    stated = tree.get(name)
    if stated is None:
        tree[name] = section
        tree.places[name] = section.place
        return
    if not isinstance(stated, Block):
        return
    assert isinstance(stated.places, dict)
    for asset, row in section.items():
        given = stated.get(asset)
        if given is None:
            stated[asset] = row
            stated.places[asset] = row.place
        elif isinstance(given, Block):
            assert isinstance(given.places, dict)
            for key, value in row.items():
                if key in given and key in ("note", "source"):
                    continue
                if key in given:
                    other = place_text(given.place_of(key))
                    words = {"path": path_text((name, asset, key)), "found": written(value), "other": other}
                    report.add("stated_twice", row.place_of(key), **words)
                else:
                    given[key] = value
                    given.places[key] = row.place_of(key)


def lay_over(under: Block, over: Block, report: Report) -> Block:
    """``over``'s statements on top of ``under``'s, which stays as it is."""
    place_statements(over, report, under)
    merged = Block(under, place=over.place, places=dict(under.places))  # type: ignore[call-overload]
    places = merged.places
    assert isinstance(places, dict)
    for key in OWN_KEYS:
        merged.pop(key, None)
    _same_units(under, over, report)
    _supersede_production(merged, over)
    _drop_removed(merged, over)
    for key, value in over.items():
        place = over.place_of(key)
        stated = merged.get(key)
        if key == "cases" and isinstance(stated, Items) and isinstance(value, Items):
            value = Items([*stated, *value], place=value.place)
        elif key in TABLES and isinstance(stated, Items) and isinstance(value, Items):
            value = _rows_over(TABLES[key], stated, value)
        elif key in SECTIONS and isinstance(stated, Block) and isinstance(value, Block):
            value = _mapping_over(stated, value, (key,), report)
            place = stated.place
        if value is None and key in TABLES:
            merged.pop(key, None)
            continue
        merged[key] = value
        places[key] = place
    return merged


def _same_units(under: Block, over: Block, report: Report) -> None:
    given, base = over.get("units"), under.get("units")
    if isinstance(given, Block):
        base = base if isinstance(base, Block) else {}
        for key, value in given.items():
            stated = base.get(key, "t" if key == "amount" else None)
            if str(value) != str(stated):
                report.add(
                    "units_differ", given.place_of(key), path=f"units.{key}", found=written(value), units=stated or "-"
                )
    elif given is None:
        over.pop("units", None)


def _supersede_production(merged: Block, over: Block) -> None:
    """A supplier's production is stated in one way: the overlay's way drops the other."""
    stated_rows = over.get("production")
    rows = stated_rows if isinstance(stated_rows, Items) else ()
    named = {str(row.get("supplier")) for row in rows if isinstance(row, Block)}
    suppliers = over.get("suppliers")
    stated = merged.get("suppliers")
    if named and isinstance(stated, Block):
        kept = Block(stated, place=stated.place, places=stated.places)
        for name in named & set(stated):
            if isinstance(stated[name], Block):
                values = {k: v for k, v in stated[name].items() if not k.startswith("production")}
                kept[name] = Block(values, place=stated[name].place, places=stated[name].places)
        merged["suppliers"] = kept
    if isinstance(suppliers, Block) and isinstance(merged.get("production"), Items):
        restated = {
            name
            for name, s in suppliers.items()
            if s is None or (isinstance(s, Block) and {"production", "production_per_year"} & set(s))
        }
        inherited = merged["production"]
        left = [row for row in inherited if not (isinstance(row, Block) and str(row.get("supplier")) in restated)]
        merged["production"] = Items(left, place=inherited.place)


_NAMED_BY = {
    "customers": ("customer", "asset"),
    "suppliers": ("supplier", "asset"),
    "grades": ("grade",),
    "farms": ("asset",),
    "pipelines": ("asset", "via"),
    "railways": ("asset", "via"),
}
"""Section → the columns by which rows of the tables name its entries."""


def _drop_removed(merged: Block, over: Block) -> None:
    """What the overlay removes with null takes its inherited rows and its rail routes with it."""
    for section, columns in _NAMED_BY.items():
        stated = over.get(section)
        removed = {name for name, value in stated.items() if value is None} if isinstance(stated, Block) else set()
        if not removed:
            continue
        for table in TABLES:
            if isinstance(merged.get(table), Items):
                merged[table] = _rows_without(merged[table], columns, removed)
        railways = merged.get("railways")
        if section != "customers" or not isinstance(railways, Block):
            continue
        merged["railways"] = kept = Block(railways, place=railways.place, places=railways.places)
        for name, railway in railways.items():
            routes = railway.get("routes") if isinstance(railway, Block) else None
            if isinstance(routes, Block) and removed & set(routes):
                left = {customer: route for customer, route in routes.items() if customer not in removed}
                routes = Block(left, place=routes.place, places=routes.places)
                kept[name] = Block(railway | {"routes": routes}, place=railway.place, places=railway.places)


def _rows_without(rows: Items, columns: tuple[str, ...], removed: set[str]) -> Items:
    """Rows that name none of ``removed``; of an order, its lines (and the order, if none is left)."""
    left, places = [], []
    for i, row in enumerate(rows):
        if isinstance(row, Block):
            if any(str(row.get(column)).partition(".")[0] in removed for column in columns):
                continue
            lines = row.get("lines")
            if isinstance(lines, Items):
                kept = _rows_without(lines, columns, removed)
                if lines and not kept:
                    continue
                row = Block(row | {"lines": kept}, place=row.place, places=row.places)
        left.append(row)
        places.append(rows.place_of(i))
    return Items(left, place=rows.place, places=places)


def _mapping_over(under: Block, over: Block, path: tuple[str, ...], report: Report) -> Block:
    """Keys of ``over`` replace, mappings merge, null removes."""
    merged = Block(under, place=under.place, places={key: under.place_of(key) for key in under})
    places = merged.places
    assert isinstance(places, dict)
    for key, value in over.items():
        stated = merged.get(key)
        if value is None:
            if key not in merged:
                values = {"nearest": nearest_name(key, under), "names": name_list(under)}
                report.add(
                    "removes_nothing", over.place_of(key), path=path_text((*path, key)), found=written(key), **values
                )
            merged.pop(key, None)
            continue
        twin = key[: -len("_per_year")] if key.endswith("_per_year") else f"{key}_per_year" if key in _TWINS else ""
        if twin and twin in merged and twin not in over:
            del merged[twin]
        if isinstance(stated, Block) and isinstance(value, Block):
            value = _mapping_over(stated, value, (*path, key), report)
        merged[key] = value
        places[key] = over.place_of(key)
    return merged


def _rows_over(table: Table, under: Items, over: Items) -> Items:
    """Rows appended, or replaced by key in the place of the parent's row."""
    rows = list(under)
    places = [under.place_of(i) for i in range(len(under))]
    if table.name in _APPENDED or (not table.key and table.name not in _NAMED):
        return Items([*rows, *over], place=over.place, places=[*places, *(over.place_of(i) for i in range(len(over)))])
    if table.name == "actual_stocks":  # a line's rows are an order of parcels: an asset is restated as a whole
        named = {_row_key(table, row) for row in over}
        kept = [i for i, row in enumerate(rows) if _row_key(table, row) not in named]
        rows, places = [rows[i] for i in kept], [places[i] for i in kept]
        return Items([*rows, *over], place=over.place, places=[*places, *(over.place_of(i) for i in range(len(over)))])
    index: dict[Any, int] = {}
    for i, row in enumerate(rows):
        index.setdefault(_row_key(table, row), i)
    inherited = len(rows)
    for i, row in enumerate(over):
        at = index.get(_row_key(table, row), inherited) if table.name not in _NAMED or _is_named(row) else inherited
        if at < inherited and rows[at].place.layer != over.place_of(i).layer:
            rows[at], places[at] = row, over.place_of(i)
        else:
            rows.append(row)
            places.append(over.place_of(i))
    return Items(rows, place=over.place, places=places)


_KEY_READERS: dict[str, Callable[[Any], Any]] = {
    "period": read_period,
    "from": read_day,
    "planned": read_day,
    "date": read_instant,
}


def _row_key(table: Table, row: Any) -> Any:
    """The row's key with its dates and periods understood; what cannot be read stays as it is."""
    if not isinstance(row, Block):
        return id(row)
    if table.name in _NAMED:
        return row_name(table.name, row)
    out: list[Any] = []
    for column in table.key:
        value = row.get(column)
        reader: Callable[[Any], Any] = _KEY_READERS.get(column) or read_text
        try:
            value = reader(value)
        except BadValueError:
            value = str(value)
        out.append(value)
    return tuple(out)


def row_name(table: str, row: Block) -> str:
    """What an outage or an order is called: its name or number, else (an outage) its asset and the day on which it begins."""
    stated = row.get("number" if table == "orders" else "name")
    if stated is not None or table != "disruptions":
        return "" if stated is None else str(stated).strip()
    try:
        return f"{row.get('asset')} {read_instant(row.get('from')):%Y-%m-%d}"
    except BadValueError:
        return ""


def _is_named(row: Any) -> bool:
    return isinstance(row, Block) and bool(str(row.get("name") or row.get("number") or "").strip())
