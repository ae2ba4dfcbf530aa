"""Rows that say something about an asset which stands elsewhere: rail routes, opening stocks by grade, values in steps.

The tables ``stocks`` and ``steps`` wait in the tree until it is known what kind of asset a row names: in its own file, or, in
an overlay, in what that extends. There they become the keys that YAML would have stated (``opening``, ``contents``, …).
"""

from __future__ import annotations

from typing import Any

from chainsim.files.columns import COLUMNS
from chainsim.files.headings import column_named, nearest_heading
from chainsim.files.tables import ROUTES, STATEMENTS, Grid, name_in, table_rows
from chainsim.files.tree import Block, Items, Place, Report, path_text, place_text, written
from chainsim.model.messages import name_list, nearest_name

_HOLDERS = ("farms", "customers", "pipelines")
_ASSETS = ("suppliers", "farms", "pipelines", "railways", "customers")
_QUANTITIES = {"opening": "opening", "heel": "heel", "safe_fill": "grade_safe_fill"}
"""Column of ``stocks`` → the key of a farm or customer that it fills in by grade."""


def add_routes(tree: Block, grid: Grid, report: Report) -> None:
    """The rows of the table ``routes`` as the routes of their railways."""
    railways = tree.get("railways")
    for row in table_rows(ROUTES, grid, report):
        railway, customer = row.get("railway"), row.get("customer")
        for key in ("railway", "customer"):
            if row.get(key) is None:
                report.add("row_without_name", row.place, column=key)
        if railway is None or customer is None:
            continue
        railway, customer = name_in(railway), name_in(customer)
        if "extends" in tree:  # the railway may stand in what this extends
            railways = tree.setdefault("railways", Block(place=row.place, places={}))
            if isinstance(railways, Block):
                railways.setdefault(railway, Block(place=row.place, places={}))
        holder = railways.get(railway) if isinstance(railways, Block) else None
        if not isinstance(holder, Block):
            names = list(railways) if isinstance(railways, Block) else []
            values = {"nearest": nearest_name(railway, names), "names": name_list(names)}
            report.add("unknown_railway", row.place_of("railway"), path="routes", found=written(railway), **values)
            continue
        routes = holder.setdefault("routes", Block(place=row.place, places={}))
        if not isinstance(routes, Block):
            continue
        assert isinstance(routes.places, dict)
        if customer in routes:
            report.add(
                "row_twice", row.place_of("customer"), found=written(customer), first=routes[customer].place.line
            )
            continue
        values = {k: v for k, v in row.items() if k not in ("railway", "customer")}
        routes[customer] = Block(values, place=row.place, places=row.places)
        routes.places[customer] = row.place


def place_statements(tree: Block, report: Report, under: Block | None = None) -> None:
    """Turn the waiting rows of ``tree`` into keys of their assets, which stand in it or in ``under``, which it extends."""
    for name in STATEMENTS:
        rows = tree.pop(name, None)
        if not isinstance(rows, Items):
            continue
        made: set[tuple[str, ...]] = set()
        """What these rows themselves stated: a second row of the same grade is told as such."""
        for row in rows:
            section = _section_of(tree, under, row, _HOLDERS if name == "stocks" else _ASSETS, name, report)
            if not section:
                continue
            entry = _entry(tree, section, name_in(row["asset"]), row.place)
            if entry is None:
                continue
            if name == "steps":
                _add_step(entry, section, row, made, report)
            elif section == "pipelines":
                _add_parcel(entry, row, made, report)
            else:
                _add_stock(entry, section, row, made, report)


def _section_of(
    tree: Block, under: Block | None, row: Block, sections: tuple[str, ...], table: str, report: Report
) -> str:
    """The section that holds the row's asset; "" with a problem told where none does, or where the row lacks a value."""
    lacking = [column for column in STATEMENTS[table].required if row.get(column) is None]
    for column in lacking:
        report.add("empty_cell", row.places.get(column) or row.place, path=f"{table}.{column}")
    if lacking:
        return ""
    asset = name_in(row["asset"])
    names: list[str] = []
    for holder in (tree, under):
        for section in sections:
            stated = holder.get(section) if holder is not None else None
            if isinstance(stated, Block):
                if asset in stated:
                    return section
                names += stated
    values = {"nearest": nearest_name(asset, names), "names": name_list(names)}
    report.add("statement_of_nobody", row.place_of("asset"), path=f"{table}.asset", found=written(asset), **values)
    return ""


def _entry(tree: Block, section: str, asset: str, place: Place) -> Block | None:
    """The asset's own block in ``tree``, made where only what it extends has one; None where it is no mapping."""
    assert isinstance(tree.places, dict)
    if section not in tree:
        tree[section] = Block(place=place, places={})
        tree.places[section] = place
    stated = tree[section]
    if asset not in stated:
        stated[asset] = Block(place=place, places={})
        stated.places[asset] = place
    entry = stated[asset]
    return entry if isinstance(entry, Block) else None


def _add_stock(entry: Block, section: str, row: Block, made: set[tuple[str, ...]], report: Report) -> None:
    asset, grade = name_in(row["asset"]), name_in(row["grade"])
    assert isinstance(entry.places, dict)
    for column, key in _QUANTITIES.items():
        if row.get(column) is None:
            continue
        place = row.place_of(column)
        mapping = entry.get(key)
        if mapping is None:
            mapping = entry[key] = Block(place=place, places={})
            entry.places[key] = place
        if not isinstance(mapping, Block):
            _stated_twice(entry.place_of(key), place, (section, asset, key), row[column], report)
        elif grade in mapping:
            first = mapping.place_of(grade)
            if (asset, grade, key) in made:
                report.add("row_twice", row.place_of("grade"), path=f"stocks.{column}", found=grade, first=first.line)
            else:
                _stated_twice(first, place, (section, asset, key, grade), row[column], report)
        else:
            made.add((asset, grade, key))
            mapping[grade] = row[column]
            assert isinstance(mapping.places, dict)
            mapping.places[grade] = place


def _add_parcel(entry: Block, row: Block, made: set[tuple[str, ...]], report: Report) -> None:
    asset = name_in(row["asset"])
    for column in ("heel", "safe_fill"):
        if row.get(column) is not None:
            report.add("contents_only", row.place_of(column), path=f"stocks.{column}", found=written(row[column]))
    if row.get("opening") is None:
        report.add("empty_cell", row.places.get("opening") or row.place, path="stocks.opening")
        return
    parcels = _growing(
        entry, "contents", ("pipelines", asset, "contents"), row.place_of("opening"), row["opening"], made, report
    )
    if parcels is not None:
        places = {"grade": row.place_of("grade"), "amount": row.place_of("opening")}
        parcels.append(Block({"grade": row["grade"], "amount": row["opening"]}, place=row.place, places=places))


def _add_step(entry: Block, section: str, row: Block, made: set[tuple[str, ...]], report: Report) -> None:
    asset, accepted = name_in(row["asset"]), [c.name for c in COLUMNS[section] if c.kind == "steps"]
    key = column_named(section, name_in(row["key"]), accepted)
    if key not in accepted:
        near = nearest_heading(section, key, accepted)
        values = {"nearest": near, "names": name_list(accepted)}
        report.add("unknown_key", row.place_of("key"), path=path_text((section, asset)), found=written(key), **values)
        return
    steps = _growing(entry, key, (section, asset, key), row.place_of("amount"), row["amount"], made, report)
    if steps is not None:
        step = {"value": row["amount"]} | ({} if row.get("from") is None else {"from": row["from"]})
        places = {"value": row.place_of("amount"), "from": row.place_of("from")}
        steps.append(Block(step, place=row.place_of("amount"), places=places))


def _growing(
    entry: Block, key: str, path: tuple[str, ...], place: Place, value: Any, made: set[tuple[str, ...]], report: Report
) -> Items | None:
    """The list at ``key`` that these rows are filling; None with a problem told where it was stated otherwise."""
    assert isinstance(entry.places, dict)
    if path not in made:
        if key in entry:
            _stated_twice(entry.place_of(key), place, path, value, report)
            return None
        made.add(path)
        entry[key] = Items(place=place)
        entry.places[key] = place
    steps = entry[key]
    assert isinstance(steps, Items)
    return steps


def _stated_twice(first: Place, place: Place, path: tuple[str, ...], value: Any, report: Report) -> None:
    report.add("stated_twice", place, path=path_text(path), found=written(value), other=place_text(first))
