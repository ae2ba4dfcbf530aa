"""An overlay as plain values: what a person would have written in a file of the kind, made into a tree or into that file.

``Changes`` has the shape of a scenario document without its head: sections map assets to what is stated of them, tables are lists
of rows, every scalar is text as it would stand in YAML. A value knows its place by its path (``plan.yumen.tarim.2008-04.amount``)
instead of a line, so that whoever shows the values can show what is wrong beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from chainsim.files.documents import accepted_keys
from chainsim.files.layers import row_name
from chainsim.files.tables import TABLES
from chainsim.files.tree import Block, Items, Place

Changes = dict[str, Any]
"""An overlay's statements: text, ``None`` (removes), mappings and lists of these."""
LAYER = 1
"""Above the file asked for, which is layer 0."""
_PLAIN = re.compile(r"-?[\w.](?:[\w .%+/-]|:(?=\d\d\b))*(?<! )")
"""Scalars that mean themselves in YAML, also between braces."""
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_HEAD = ("title", "description", "color", "start", "end", "as_of", "seed", "units")


def overlay_tree(changes: Mapping[str, Any]) -> Block:
    """``changes`` as the tree that their file would be read to, each value at the place that its path names."""
    tree = _block(changes, "")
    for table in changes.keys() & TABLES.keys():
        rows = changes[table]
        names = [row_path(table, row) for row in rows]
        tree[table] = Items(
            [_block(row, name) for row, name in zip(rows, names, strict=True)],
            place=_at(table),
            places=[_at(name) for name in names],
        )
    return tree


def row_path(table: str, row: Mapping[str, Any]) -> str:
    """A row by its table and its key: ``plan.yumen.tarim.2008-04``, ``disruptions.trunk stop``."""
    if table in ("disruptions", "random_disruptions", "orders"):
        return f"{table}.{row_name(table, Block(row, place=_at(table)))}"
    if table == "scale":
        where = row.get("where")
        pairs = where.items() if isinstance(where, Mapping) else ()  # whatever a link says there
        return ".".join([table, str(row.get("table")), *(str(part) for pair in pairs for part in pair)])
    return ".".join([table, *(str(row.get(column)) for column in TABLES[table].key)])


def overlay_text(changes: Mapping[str, Any], *, extends: str) -> str:
    """The YAML file that says ``changes`` over the scenario at ``extends``, in the order of the format's description."""
    lines = [f"extends: {_scalar(extends)}"]
    order = [key for key in accepted_keys(()) if key in changes]
    for key in order:
        value = changes[key]
        if isinstance(value, list):
            lines.append(f"{key}:")
            for row in value:
                lines += _order(row) if key == "orders" else [f"  - {_flow(row)}"]
        elif isinstance(value, Mapping) and key not in _HEAD:
            lines.append(f"{key}:")
            lines += [f"  {_scalar(name)}: {_flow(stated)}" for name, stated in value.items()]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def plain(value: Any) -> Any:
    """A part of a tree as ``Changes`` hold it: scalars as text, dates as a person writes them, empty cells left out.

    >>> plain(datetime(2008, 4, 10, 8)), plain(40000.0), plain(datetime(2008, 5, 1))
    ('2008-04-10 08:00', '40000', '2008-05-01')
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        if value.time() == time():
            return f"{value:%Y-%m-%d}"
        return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:.15g}"
    return value


def _at(path: str) -> Place:
    return Place(path, layer=LAYER)


def _block(values: Mapping[str, Any], path: str) -> Block:
    inner = {key: f"{path}.{key}" if path else key for key in values}
    return Block(
        {key: _value(value, inner[key]) for key, value in values.items()},
        place=_at(path),
        places={key: _at(name) for key, name in inner.items()},
    )


def _value(value: Any, path: str) -> Any:
    if isinstance(value, Mapping):
        return _block(value, path)
    if isinstance(value, list):
        return Items([_value(inner, path) for inner in value], place=_at(path), places=[_at(path)] * len(value))
    return value


def _order(order: Mapping[str, Any]) -> list[str]:
    """An order's head key by key, then its lines."""
    lines, first = [], "  - "
    for key, value in order.items():
        if key == "lines":
            lines += [f"{first}lines:", *(f"      - {_flow(line)}" for line in value)]
        else:
            lines.append(f"{first}{key}: {_flow(value)}")
        first = "    "
    return lines


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(inner) for inner in value) + "]"
    return "null" if value is None else _scalar(value)


def _scalar(words: str) -> str:
    """A YAML scalar that is read as ``words``: bare where that is safe."""
    if words not in _NULLS and _PLAIN.fullmatch(words) and not words.startswith(("---", "...")):
        return words
    return '"' + "".join(map(_escaped, words)) + '"'


def _escaped(sign: str) -> str:
    """A sign between double quotes."""
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"
