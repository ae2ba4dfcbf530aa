"""From a factor's path to places in a scenario's tree, and a level's value put there.

A path reads as in messages: ``pipelines.trunk.capacity``, ``customers.yumen.opening.tarim``; rows of tables are named by their
key, disruptions and orders by name: ``disruptions.trunk stop.days``. ``*`` and ``?`` stand for any name. Mappings are laid over
the scenario as an overlay's would be; rows are replaced where they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from chainsim.experiments.messages import tell
from chainsim.files.documents import accepted_keys
from chainsim.files.quantities import (
    BadValueError,
    read_instant,
    read_number,
    read_period,
    read_share,
    read_text,
    split_compact,
)
from chainsim.files.tables import TABLES
from chainsim.files.tree import Block, Items, Place, Report, value_at, written
from chainsim.files.variants import varied
from chainsim.model.messages import name_list, nearest_name

SCALED: dict[str, tuple[str, ...]] = {
    "plan": ("customer", "grade"),
    "purchases": ("supplier",),
    "production": ("supplier",),
    "prices": ("grade",),
    "receipts": ("customer",),
}
"""Tables whose rows an overlay's ``scale`` multiplies → the columns a path may choose them by."""
_NAMED: dict[str, tuple[str, ...]] = {
    "disruptions": ("name", "asset"),
    "random_disruptions": ("name", "asset"),
    "orders": ("number",),
}
"""Lists whose rows have names."""
_VALUE = {"plan": "amount", "purchases": "amount", "production": "rate", "prices": "price", "receipts": "yuan",
          "actual_deliveries": "amount", "actual_stocks": "amount", "surveys": "score", "invoices": "yuan"}  # fmt: skip
"""The column that is meant where a path names a row and no column."""
MOVES = ("days", "shift_days")
"""What a disruption has besides its columns: how long it lasts from its beginning, and by how much it comes later."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the tree: the steps of a mapping, or rows of a table and the column meant."""

    steps: tuple[str, ...]
    rows: tuple[int, ...] = ()
    column: str = ""


class NothingThereError(Exception):
    """A path names nothing: ``found`` is the part that does not fit, ``names`` what would."""

    def __init__(self, found: str, names: Iterable[str]) -> None:
        self.found = found
        self.names = tuple(dict.fromkeys(names))
        super().__init__(found)


def spots(tree: Block, path: str) -> tuple[Spot, ...]:
    """Where ``path`` leads in ``tree``, at least one place; raises ``NothingThereError``."""
    sections = dict.fromkeys([*tree, *accepted_keys(()), *TABLES])
    out: list[Spot] = []
    for section, rest in _heads(path, sections):
        if section not in TABLES:
            out += _in_mapping(tree.get(section), rest, (section,))
        elif section != "scale" and rest:
            out += _in_table(tree, section, rest)
    if not out:
        raise NothingThereError(path.partition(".")[0], [name for name in sections if name != "scale"])
    return tuple(out)


def stated_steps(tree: Block, steps: tuple[str, ...]) -> tuple[str, ...]:
    """``steps`` with their last key's ``_per_year`` twin where that is what the scenario states."""
    holder = value_at(tree, steps[:-1])
    twin = f"{steps[-1]}_per_year"
    return (*steps[:-1], twin) if isinstance(holder, Block) and steps[-1] not in holder and twin in holder else steps


def with_value(tree: Block, path: str, value: Any, place: Place, report: Report) -> Block:
    """``tree`` with ``value`` at ``path``."""
    found = _found(tree, path, place, report)
    for spot in found:
        if spot.column:
            tree = _with_rows(tree, spot, value, place)
        else:
            tree = varied(tree, _nested(spot.steps, value, place), report)
    return tree


def with_factor(tree: Block, path: str, factor: float, window: tuple[str, str], place: Place, report: Report) -> Block:
    """``tree`` with what ``path`` names multiplied by ``factor``."""
    section = path.partition(".")[0]
    if section in SCALED:
        row = scale_row(tree, path, window, place, report)
        return tree if row is None else _scaled_rows(tree, row, factor, place, report)
    for spot in _found(tree, path, place, report):
        if spot.column:
            old = [tree[spot.steps[0]][i].get(spot.column) for i in spot.rows]
            for i, value in zip(spot.rows, old, strict=True):
                new = _multiplied(value, factor)
                if new is None:
                    tell(report, "nothing_to_scale", place, path=path, found=written(value))
                    return tree
                tree = _with_rows(tree, Spot(spot.steps, (i,), spot.column), new, place)
            continue
        steps = stated_steps(tree, spot.steps)
        value = value_at(tree, steps)
        if value is None and steps[0] == "suppliers" and steps[-1] == "production":
            row = Block({"table": "production", "where": Block({"supplier": steps[1]}, place=place)}, place=place)
            tree = _scaled_rows(tree, row, factor, place, report)
            continue
        new = _multiplied(value, factor)
        if new is None:
            tell(report, "nothing_to_scale", place, path=path, found=written(value))
            return tree
        tree = varied(tree, _nested(steps, new, place), report)
    return tree


def number_at(tree: Block, path: str) -> float | None:
    """The number that ``path`` names, where it names one alone."""
    try:
        found = spots(tree, path)
    except NothingThereError:
        return None
    spot = found[0]
    if len(found) > 1 or len(spot.rows) > 1:
        return None
    if spot.column in MOVES:
        row = tree[spot.steps[0]][spot.rows[0]]
        return _days_of(row) if spot.column == "days" else 0.0
    value = (
        tree[spot.steps[0]][spot.rows[0]].get(spot.column)
        if spot.column
        else value_at(tree, stated_steps(tree, spot.steps))
    )
    try:
        return read_share(value)
    except (BadValueError, TypeError):
        return None


def scale_row(tree: Block, path: str, window: tuple[str, str], place: Place, report: Report) -> Block | None:
    """The row of an overlay's ``scale`` that ``path`` means, without its factor: ``plan.local_*``, ``prices.tarim.2008-07``."""
    table, *parts = path.split(".")
    columns = SCALED[table]
    start, end = window
    if parts and parts[-1][:4].isdigit():
        try:
            period = read_period(parts[-1])
        except BadValueError:
            tell(report, "names_nothing", place, path=path, found=parts[-1], names=name_list(columns))
            return None
        start, end = str(period.start), str(period.end)
        parts = parts[:-1]
    if len(parts) > len(columns):
        tell(
            report, "names_nothing", place, path=path, found=parts[len(columns)], names=name_list((*columns, "period"))
        )
        return None
    where = Block(place=place)
    for column, name in zip(columns, parts, strict=False):
        known = _names_in(tree, table, column)
        if not any(fnmatchcase(other, name) for other in known):
            tell(report, "names_nothing", place, path=path, found=name, nearest=nearest_name(name, known),
                 names=name_list(known))  # fmt: skip
            return None
        where[column] = name
    row = Block({"table": table, "where": where}, place=place)
    row.update({key: value for key, value in (("from", start), ("to", end)) if value})
    return row


def _names_in(tree: Block, table: str, column: str) -> list[str]:
    rows = tree.get(table)
    names = [str(row.get(column)) for row in rows if isinstance(row, Block)] if isinstance(rows, Items) else []
    suppliers = tree.get("suppliers")
    if table == "production" and isinstance(suppliers, Block):
        names += [
            name
            for name, s in suppliers.items()
            if isinstance(s, Block) and {"production", "production_per_year"} & set(s)
        ]
    return list(dict.fromkeys(names))


def _scaled_rows(tree: Block, row: Block, factor: float, place: Place, report: Report) -> Block:
    row = Block({**row, "factor": factor}, place=place)
    return varied(tree, Block({"scale": Items([row], place=place, places=[place])}, place=place), report)


def _found(tree: Block, path: str, place: Place, report: Report) -> tuple[Spot, ...]:
    try:
        return spots(tree, path)
    except NothingThereError as error:
        near = nearest_name(error.found, error.names)
        tell(
            report, "names_nothing", place, path=path, found=error.found, nearest=near, names=name_list(error.names, 20)
        )
        return ()


def _heads(rest: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """The names that ``rest`` begins with and what follows them; a name may hold dots, so the longest that fits."""
    known = list(names)
    exact = [name for name in known if rest == name or rest.startswith(f"{name}.")]
    if exact:
        name = max(exact, key=len)
        return [(name, rest[len(name) + 1 :])]
    head, _, tail = rest.partition(".")
    if any(sign in head for sign in "*?["):
        return [(name, tail) for name in known if fnmatchcase(name, head)]
    return []


def _in_mapping(node: Any, rest: str, steps: tuple[str, ...]) -> Iterator[Spot]:
    if not rest:
        yield Spot(steps)
        return
    if isinstance(node, str) and "=" in node:
        node = dict(split_compact(node))
    if node is not None and not isinstance(node, Mapping):
        raise NothingThereError(rest, ())
    stated = node or {}
    heads = _heads(rest, stated)
    if not heads:
        accepted = accepted_keys(steps)
        if rest in accepted:
            yield Spot((*steps, rest))
            return
        raise NothingThereError(rest.partition(".")[0], [*stated, *accepted])
    for name, tail in heads:
        yield from _in_mapping(stated[name], tail, (*steps, name))


def _in_table(tree: Block, table: str, path: str) -> Iterator[Spot]:
    rows = tree.get(table)
    if not isinstance(rows, Items):
        raise NothingThereError(path.partition(".")[0], ())
    columns = [*TABLES[table].columns, *(MOVES if table == "disruptions" else ())]
    chosen: dict[tuple[int, ...], str] = {}
    for key in _NAMED.get(table, ()) or (None,):
        chosen = _chosen(rows, TABLES[table].key if key is None else (key,), path)
        if chosen:
            break
    if not chosen:
        keys = _NAMED.get(table) or TABLES[table].key
        raise NothingThereError(path.partition(".")[0], [_text(row, keys[0]) or _text(row, keys[-1]) for row in rows])
    for indices, rest in chosen.items():
        column = rest or _VALUE.get(table, "")
        if column not in columns:
            raise NothingThereError(column, columns)
        yield Spot((table,), indices, column)


def _chosen(rows: Items, keys: tuple[str, ...], path: str) -> dict[tuple[int, ...], str]:
    """Row numbers → what of ``path`` follows their key."""
    found: list[tuple[tuple[int, ...], str]] = [(tuple(range(len(rows))), path)]
    for key in keys:
        further = []
        for indices, rest in found:
            if not rest:
                continue
            by_name: dict[str, list[int]] = {}
            for i in indices:
                by_name.setdefault(_text(rows[i], key), []).append(i)
            by_name.pop("", None)
            further += [(tuple(by_name[name]), tail) for name, tail in _heads(rest, by_name)]
        found = further
    return dict(found)


def _text(row: Any, column: str) -> str:
    try:
        return read_text(row.get(column)) if isinstance(row, Block) and row.get(column) is not None else ""
    except BadValueError:
        return ""


def _with_rows(tree: Block, spot: Spot, value: Any, place: Place) -> Block:
    """The rows of ``spot`` with ``value`` in its column; they stand in the factor's layer from then on."""
    table = spot.steps[0]
    rows = tree[table]
    values, places = list(rows), [rows.place_of(i) for i in range(len(rows))]
    for i in spot.rows:
        changed = _moved(values[i], spot.column, value) if spot.column in MOVES else {spot.column: value}
        where = {key: values[i].place_of(key) for key in values[i]} | dict.fromkeys(changed, place)
        values[i] = Block({**values[i], **changed}, place=places[i]._replace(layer=place.layer), places=where)
        places[i] = values[i].place
    copy = Block(tree, place=tree.place, places={key: tree.place_of(key) for key in tree})
    copy[table] = Items(values, place=rows.place, places=places)
    return copy


def _moved(row: Block, column: str, value: Any) -> dict[str, Any]:
    """The instants that ``days`` or ``shift_days`` mean; what cannot be read is left for the schema to tell, at its place."""
    try:
        days = timedelta(days=read_number(value))
        start, end = read_instant(row.get("from")), read_instant(row.get("to"))
    except (BadValueError, OverflowError):
        return {"to": value}
    return {"to": start + days} if column == "days" else {"from": start + days, "to": end + days}


def _days_of(row: Block) -> float | None:
    try:
        return (read_instant(row.get("to")) - read_instant(row.get("from"))) / timedelta(days=1)
    except BadValueError:
        return None


def _nested(steps: tuple[str, ...], value: Any, place: Place) -> Block:
    for step in reversed(steps):
        value = Block({step: value}, place=place, places={step: place})
    assert isinstance(value, Block)
    return value


def _multiplied(value: Any, factor: float) -> Any:
    """A number, steps, or amounts by name times ``factor``; None where there is no number."""
    if isinstance(value, Items):
        parts = [_multiplied(part, factor) for part in value]
        return None if None in parts else Items(parts, place=value.place)
    if isinstance(value, Block):
        inside = [key for key in ("value", "amount") if key in value] or list(value)
        changed = {key: _multiplied(value[key], factor) for key in inside}
        return None if None in changed.values() else Block({**value, **changed}, place=value.place, places=value.places)
    try:
        if isinstance(value, str) and "=" in value:
            return "; ".join(f"{name}={read_share(amount) * factor!r}" for name, amount in split_compact(value))
        return read_share(value) * factor
    except BadValueError:
        return None
