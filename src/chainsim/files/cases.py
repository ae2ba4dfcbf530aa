"""Cases 案例: what-ifs in a table of overrides only, as planners know them from the CASE table of refinery planning models.

A row says, for one case, which value of the scenario changes: a path and the new value. The rows of a case become an overlay in
the tree's own terms, laid over the scenario as ``extends`` would: there is no second way for a what-if to work. Whole rows may
be new (an outage, a price); a row that exists keeps what the case does not mention.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chainsim.files.columns import COLUMNS, SETTINGS
from chainsim.files.headings import choice_words, column_named, nearest_heading, setting_named, sheet_named
from chainsim.files.quantities import BadValueError, Period, read_instant, read_number, read_period, read_text
from chainsim.files.tables import SECTIONS, Grid, Table, is_empty, name_in, table_rows
from chainsim.files.tree import Block, Items, Place, Report, written
from chainsim.model.checks import FORBIDDEN_IN_NAMES
from chainsim.model.messages import name_list, nearest_name

_COLUMNS = Table(name="cases", required=("case", "path", "value"))
_KEYED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "plan": (("customer", "grade", "period"), "amount"),
    "purchases": (("supplier", "period"), "amount"),
    "production": (("supplier", "from"), "rate"),
    "prices": (("grade", "from"), "price"),
    "receipts": (("customer", "date"), "yuan"),
    "actual_deliveries": (("date", "customer", "grade"), "amount"),
    "actual_stocks": (("asset", "grade"), "amount"),
}
"""Table → the columns that a path names, one after the other, and the column whose value it gives."""
_NAMED: Mapping[str, str] = {"disruptions": "name", "random_disruptions": "name", "orders": "number"}
"""Table whose rows a path names → the column of the name; the path's last step is a column."""
_SCALED: Mapping[str, tuple[str, ...]] = {
    "plan": ("customer", "grade"),
    "purchases": ("supplier",),
    "production": ("supplier",),
    "prices": ("grade",),
    "receipts": ("customer",),
}
_SETTABLE = ("start", "end", "as_of", "seed", "description")
_REMOVED = ("null", "~", "none", "删除", "无")
_HEADS = (*SECTIONS, *_KEYED, *_NAMED, "scale", *_SETTABLE)


def split_case(path: Path) -> tuple[Path, str]:
    """``western.xlsx#dry`` as the scenario's path and the case; the case is "" where none is named, or such a file exists."""
    name, sign, case = path.name.rpartition("#")
    if not sign or not name or os.path.lexists(path):
        return path, ""
    return path.with_name(name), case


def case_rows(grid: Grid, report: Report) -> Items:
    """The rows (case, path, value) of a table of cases.

    The table is long, with these columns, or wide: a column ``path`` and one column for each case.
    """
    header = [
        column_named("cases", str(cell).strip(), ("case", "path", "value", "note", "source")) for cell in grid.header
    ]
    if "path" not in header or "case" in header or "value" in header:
        return table_rows(_COLUMNS, grid, report)
    names = {i: name for i, name in enumerate(header) if name not in ("", "None", "path", "note", "source")}
    at = header.index("path")
    rows = []
    for number, cells in grid.rows:
        for i, case in names.items():
            if at < len(cells) and i < len(cells) and not is_empty(cells[i]):
                places = {
                    "path": grid.place(number, at),
                    "value": grid.place(number, i),
                    "case": grid.place(grid.origin.line, i),
                }
                rows.append(
                    Block({"case": case, "path": cells[at], "value": cells[i]}, place=places["value"], places=places)
                )
    return Items(rows, place=grid.origin)


def case_names(tree: Block) -> tuple[str, ...]:
    """The cases of a scenario, in the order of their first rows."""
    rows = tree.get("cases")
    stated = rows if isinstance(rows, Items) else ()
    return tuple(dict.fromkeys(name_in(row["case"]) for row in stated if row.get("case") is not None))


def case_overlay(under: Block, case: str, place: Place, report: Report) -> Block | None:
    """The overlay that ``case`` is on ``under``; None with a problem told where there is no such case.

    ``under`` is left as it is, but for rows that the case changes and that no overlay can replace by a key: its lists of
    disruptions and orders are then exchanged for changed copies.
    """
    names = case_names(under)
    if case not in names:
        values = {"nearest": nearest_name(case, names), "names": name_list(names, 30) or "-"}
        report.add("no_such_case", place, found=written(case), **values)
        return None
    over = _Overlay(under, case, place.layer, report)
    for row in under["cases"]:
        if row.get("case") is None or name_in(row["case"]) != case:
            continue
        if row.get("path") is None or row.get("value") is None:
            missing = "path" if row.get("path") is None else "value"
            report.add("empty_cell", row.places.get(missing) or row.place, path=f"cases.{missing}")
            continue
        over.take(row)
    return over.tree


class _Overlay:
    """The overlay as it grows row by row."""

    def __init__(self, under: Block, case: str, layer: int, report: Report) -> None:
        self.under, self.case, self.layer, self.report = under, case, layer, report
        place = under.place._replace(layer=layer)
        self.tree = Block(place=place, places={})
        self.said: set[tuple[Any, ...]] = set()
        """Lines (table, names, period) that the case itself states: they stand as stated."""
        self._set(self.tree, "scenario", f"{under.get('scenario', '')}-{case}", place)
        self._set(self.tree, "title", self._title(), place)
        if "description" in under:
            self._set(self.tree, "description", under["description"], place)

    def take(self, row: Block) -> None:
        """Add what one row says."""
        place = row.place_of("value")._replace(layer=self.layer)
        where = row.place_of("path")
        text = name_in(row["path"])
        head, _, rest = text.partition(".")
        table = sheet_named(head.strip())
        value = row["value"]
        if isinstance(value, str) and value.strip().lower() in _REMOVED:
            value = None
        if table in SECTIONS:
            self._asset(table, rest, value, place, where)
        elif table in _KEYED:
            self._row(table, rest, value, place, where)
        elif table in _NAMED:
            self._named(table, rest, value, place, where)
        elif table == "scale":
            self._scale(rest, value, place, where)
        elif setting_named(head) in _SETTABLE and not rest:
            self._set(self.tree, setting_named(head), value, place)
        else:
            names = (*_HEADS, *(c.zh for c in SETTINGS if c.name in _SETTABLE))
            self._wrong(where, text, nearest_name(head, names), _HEADS)

    def _title(self) -> Block | str:
        stated = self.under.get("title")
        if isinstance(stated, Block):
            place = stated.place._replace(layer=self.layer)
            joint = {"zh": "：", "en": ": "}
            return Block({k: f"{v}{joint.get(k, ': ')}{self.case}" for k, v in stated.items()}, place=place, places={})
        return f"{stated or self.under.get('scenario', '')}: {self.case}"

    def _asset(self, section: str, rest: str, value: Any, place: Place, where: Place) -> None:
        steps = [step.strip() for step in rest.split(".")] if rest else []
        known = self.under.get(section)
        names = list(known) if isinstance(known, Block) else []
        if not steps or steps[0] not in names:
            self._wrong(where, rest, nearest_name(steps[0], names) if steps else "", names)
            return
        if len(steps) > 1:
            accepted = (*SECTIONS[section][1], "title", "archive", "routes", "note", "source")
            steps[1] = column_named(section, steps[1], accepted)
        elif value is not None:
            keys = SECTIONS[section][1]
            self._wrong(where, f"{section}.{rest}", "", [f"{section}.{rest}.{key}" for key in keys])
            return
        if len(steps) == 2:
            value = _choice(section, steps[1], value)
        holder = self._block(self.tree, section, place)
        for step in steps[:-1]:
            holder = self._block(holder, step, place)
        self._set(holder, steps[-1], value, place)

    def _row(self, table: str, rest: str, value: Any, place: Place, where: Place) -> None:
        columns, valued = _KEYED[table]
        parts = [part.strip() for part in rest.split(".")]
        if len(parts) != len(columns) or not all(parts):
            self._wrong(where, f"{table}.{rest}", "", [".".join((table, *(c.upper() for c in columns)))])
            return
        keys = dict(zip(columns, parts, strict=True))
        found = [row for row in self._stated(table) if _same(row, keys)]
        if "period" in keys:
            names = [name for column, name in keys.items() if column != "period"]
            self.said.add((table, *names, _meant("period", keys["period"])))
        if table == "actual_stocks":  # an asset's stocks are restated as a whole: its other rows go along
            own = self.tree.get(table)
            if not any(_same(row, {"asset": parts[0]}) for row in (own or ())):
                for row in self._stated(table):
                    if _same(row, {"asset": parts[0]}):
                        self._append(table, Block(row, place=row.place._replace(layer=self.layer), places=row.places))
            for row in self.tree.get(table, ()):
                if _same(row, keys):
                    row[valued] = value
                    row.places = dict.fromkeys(row, place)
                    return
        if found and "period" in keys:
            self._carry_up(table, keys, found[-1].get(valued), value, place)
        for row in self.tree.get(table, ()):
            if _same(row, keys):  # made by a finer row of this case: what the case itself says holds
                self._set(row, valued, value, place)
                return
        changed = {**(found[-1] if found else keys), valued: value}
        places = {key: found[-1].place_of(key) for key in found[-1]} if found else dict.fromkeys(keys, where)
        self._append(table, Block(changed, place=place, places=places | {valued: place}))

    def _carry_up(self, table: str, keys: Mapping[str, str], before: Any, after: Any, place: Place) -> None:
        """Change the coarser lines around a line by as much as it changes, as ``scale`` does: a quarter holds its months."""
        try:
            more, inner = read_number(after) - read_number(before), read_period(keys["period"])
        except BadValueError:
            return  # told where the row is read
        names = {column: name for column, name in keys.items() if column != "period"}
        for row in self._stated(table):
            outer = _meant("period", row.get("period"))
            if not (
                isinstance(outer, Period)
                and _same(row, names)
                and outer.start <= inner.start
                and inner.end <= outer.end
            ):
                continue
            if outer.level == inner.level or (table, *names.values(), outer) in self.said:
                continue
            own = [
                made
                for made in self.tree.get(table, ())
                if _same(made, names) and _meant("period", made.get("period")) == outer
            ]
            if own:
                own[-1]["amount"] = read_number(own[-1]["amount"]) + more
            else:
                changed = {**row, "amount": read_number(row.get("amount")) + more}
                places = {key: row.place_of(key) for key in row} | {"amount": place}
                self._append(table, Block(changed, place=place, places=places))

    def _named(self, table: str, rest: str, value: Any, place: Place, where: Place) -> None:
        name_column = _NAMED[table]
        accepted = [c.name for c in COLUMNS[table] if c.name != name_column]
        rows = self._stated(table)
        names = [_name_of(row, name_column) for row in rows]
        if rest in names and value is None:
            self._exchange(table, [row for row, name in zip(rows, names, strict=True) if name != rest])
            return
        name, _, column = rest.rpartition(".")
        column = column_named(table, column.strip(), accepted)
        if not name or column not in accepted:
            near = nearest_name(rest, names) if not name else nearest_heading(table, column, accepted)
            self._wrong(where, rest, near, [f"{table}.{name or 'NAME'}.{c}" for c in accepted])
            return
        value = _choice(table, column, value)
        if name in names:
            self._exchange(
                table,
                [
                    _changed(row, column, value, place) if own == name else row
                    for row, own in zip(rows, names, strict=True)
                ],
            )
            return
        for row in self.tree.get(table, ()):
            if row.get(name_column) == name:
                self._set(row, column, value, place)
                return
        if table == "orders":  # a whole order does not fit into rows of one value
            self._wrong(where, f"orders.{rest}", nearest_name(name, names), names)
            return
        self._append(
            table, Block({name_column: name, column: value}, place=place, places={name_column: where, column: place})
        )

    def _scale(self, rest: str, value: Any, place: Place, where: Place) -> None:
        head, _, rest = rest.partition(".")
        table = sheet_named(head.strip())
        parts = [part.strip() for part in rest.split(".")] if rest else []
        if table not in _SCALED or len(parts) > len(_SCALED[table]) + 1:
            names = [
                ".".join(("scale", name, *(c.upper() for c in columns), "PERIOD")) for name, columns in _SCALED.items()
            ]
            self._wrong(where, f"scale.{head}", nearest_name(head, _SCALED), names)
            return
        row: dict[str, Any] = {"table": table, "factor": value}
        chosen = {c: part for c, part in zip(_SCALED[table], parts, strict=False) if part != "*"}
        if chosen:
            row["where"] = Block(chosen, place=where, places=dict.fromkeys(chosen, where))
        if len(parts) > len(_SCALED[table]) and parts[-1] != "*":
            try:
                period = read_period(parts[-1])
            except BadValueError as bad:
                self.report.add(
                    bad.code, where, path="cases.path", found=written(parts[-1]), nearest=bad.nearest, **bad.values
                )
                return
            row |= {"from": period.start, "to": period.end}
        self._append("scale", Block(row, place=place, places=dict.fromkeys(row, where) | {"factor": place}))

    def _stated(self, table: str) -> Sequence[Block]:
        rows = self.under.get(table)
        return [row for row in rows if isinstance(row, Block)] if isinstance(rows, Items) else []

    def _exchange(self, table: str, rows: Sequence[Block]) -> None:
        stated = self.under[table]
        self.under[table] = Items(rows, place=stated.place, places=[row.place for row in rows])

    def _append(self, table: str, row: Block) -> None:
        if table not in self.tree:
            self._set(self.tree, table, Items(place=row.place), row.place)
        self.tree[table].append(row)
        self.tree[table].places.append(row.place)

    def _block(self, holder: Block, key: str, place: Place) -> Block:
        inner = holder.get(key)
        if not isinstance(inner, Block):
            inner = Block(place=place, places={})
            self._set(holder, key, inner, place)
        return inner

    def _set(self, holder: Block, key: str, value: Any, place: Place) -> None:
        assert isinstance(holder.places, dict)
        holder[key] = value
        holder.places[key] = place

    def _wrong(self, where: Place, found: str, nearest: str, names: Sequence[str]) -> None:
        self.report.add(
            "case_path", where, path="cases.path", found=written(found), nearest=nearest, names=name_list(names, 30)
        )


def check_case_names(tree: Block, report: Report) -> None:
    """Tell cases whose name could not be part of a path or of a scenario's name."""
    told: set[str] = set()
    for row in tree.get("cases", ()):
        name = name_in(row["case"]) if row.get("case") is not None else ""
        if name not in told and set(name) & (FORBIDDEN_IN_NAMES | {"#"}):
            report.add("bad_case_name", row.place_of("case"), path="cases.case", found=written(name))
        told.add(name)


def _choice(table: str, column: str, value: Any) -> Any:
    """A Chinese word of a closed choice as the choice; anything else as it is."""
    return choice_words(table).get(column, {}).get(value.strip(), value) if isinstance(value, str) else value


def _changed(row: Block, column: str, value: Any, place: Place) -> Block:
    """A copy of ``row`` with one value changed; the others keep their places, where mistakes in them are told."""
    places = {key: row.place_of(key) for key in row} | {column: place}
    out = Block(row, place=row.place, places=places)
    if value is None:
        out.pop(column, None)
    else:
        out[column] = value
    return out


def _name_of(row: Block, column: str) -> str:
    """How a path names a row: its name, or what it is called where it has none."""
    if row.get(column) is not None:
        return name_in(row[column])
    try:
        return f"{name_in(row.get('asset', ''))} {read_instant(row.get('from')):%Y-%m-%d}"
    except BadValueError:
        return ""


def _same(row: Block, keys: Mapping[str, str]) -> bool:
    """Whether a row has these keys; dates and periods are compared as what they mean."""
    return all(_meant(column, row.get(column)) == _meant(column, value) for column, value in keys.items())


def _meant(column: str, value: Any) -> Any:
    reader = {"period": read_period, "from": read_instant, "date": read_instant}.get(column, read_text)
    try:
        return reader(value)
    except BadValueError:
        return str(value)
