"""A whole scenario as forms to be filled in: every statement of its files in the tables of a workbook, ready to be read back.

What was left open stays open (a default follows the planner's edits as it would in the files), notes and sources come along, and
numbers are the very numbers: reading the workbook gives the same scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chainsim.errors import InputError
from chainsim.files.column import Column, Texts
from chainsim.files.columns import COLUMNS, SETTINGS, SHEET_MEANINGS, SHEET_NAMES, UNIT_TEXTS
from chainsim.files.headings import READ_ONLY, column_named
from chainsim.files.load import Statements
from chainsim.files.messages import FILE_TEMPLATES
from chainsim.files.quantities import (
    BadValueError,
    read_choice,
    read_day,
    read_flag,
    read_instant,
    read_number,
    read_period,
    read_share,
    read_text,
    split_compact,
)
from chainsim.files.tables import ARCHIVE, SECTIONS
from chainsim.files.tree import Block, Items
from chainsim.files.unscaled import without_scale
from chainsim.forms import Cell, CellKind, Form, FormBook, FormColumn, Group
from chainsim.model import Scenario
from chainsim.model.messages import problem_from
from chainsim.model.service import KNOWN_ATTRIBUTES
from chainsim.texts import text

_ORDER: Mapping[Group, tuple[str, ...]] = {
    "plan": (
        *(
            "plan",
            "purchases",
            "orders",
            "disruptions",
            "stocks",
            "production",
            "prices",
            "receipts",
            "random_disruptions",
        ),
    ),
    "actuals": ("actual_deliveries", "actual_stocks"),
    "cases": ("cases",),
    "network": ("customers", "grades", "farms", "suppliers", "pipelines", "railways", "routes", "steps"),
    "service": ("visits", "complaints", "surveys", "invoices", "work_order_log"),
}
"""The sheets behind that of settings."""
_WIDE = {"plan": ("customer", "grade"), "purchases": ("supplier",)}
_LABELLED = ("customer", "supplier", "asset", "railway")
_CELL_KINDS: Mapping[str, CellKind] = {
    "number": "number", "count": "number", "steps": "number", "heel": "number",
    "share": "share", "flag": "flag", "day": "day", "instant": "instant",
}  # fmt: skip
_LONGEST = 32_767
"""Characters that fit into a cell."""
_DATES_FROM = 1901
"""Spreadsheets disagree on the first weeks of 1900."""


def input_forms(statements: Statements, lang: str) -> FormBook:
    """The workbook of the scenario that ``statements`` make, headings and choices in ``lang``.

    Raises ``InputError`` where a text is longer than a cell can hold.
    """
    tree, scenario = without_scale(statements), statements.loaded.scenario
    writer = _Writer(tree, scenario, lang)
    forms = [writer.settings()]
    forms += [writer.form(table, group) for group, tables in _ORDER.items() for table in tables]
    if writer.too_long:
        problems = [
            problem_from(FILE_TEMPLATES, "longer_than_a_cell", {"limit": _LONGEST}, path=where, found=f"{found[:40]}…")
            for where, found in writer.too_long
        ]
        raise InputError(problems)
    return FormBook(
        title=scenario.label.text(lang, scenario.name),
        how=tuple(text(lang, f"forms.how_{number}") for number in range(1, 6)),
        forms=tuple(forms),
        dictionary=_dictionary(writer),
        created=scenario.start,
        lang=lang,
    )


class _Writer:
    """Makes the forms of one tree; remembers what does not fit."""

    def __init__(self, tree: Block, scenario: Scenario, lang: str) -> None:
        self.tree, self.lang = tree, lang
        self.too_long: list[tuple[str, str]] = []
        units = tree.get("units")
        self.unit = str(units.get("amount") or "t") if isinstance(units, Block) else "t"
        sections = (scenario.suppliers, scenario.farms, scenario.pipelines, scenario.railways, scenario.customers)
        self.labels = {asset.name: asset.label.text(lang, asset.name) for section in sections for asset in section}

    def settings(self) -> Form:
        """The sheet of settings: key, value, meaning."""
        rows: list[list[Cell]] = []
        choices: list[tuple[str, ...]] = []
        for setting in SETTINGS:
            outer, _, inner = setting.name.partition(".")
            value = self.tree.get(outer)
            if inner:
                value = value.get(inner) if isinstance(value, Block) else value if outer == "title" else None
            if value is None and not setting.usual:
                continue
            key = setting.heading(self.lang)
            rows.append([key, self.cell(setting, value, setting.name), self.meaning(setting)])
            choices.append(self.choices(setting))
        key, value, meaning = (text(self.lang, f"forms.{name}") for name in ("setting", "value", "meaning"))
        columns = (
            FormColumn(heading=key, read_only=True),
            FormColumn(heading=value, kind="text"),
            FormColumn(heading=f"{meaning}{READ_ONLY[self.lang == 'zh']}", read_only=True),
        )
        return Form(
            sheet=self.sheet("scenario"), meaning=self.about("scenario"), group="settings", columns=columns, rows=rows
        )

    def form(self, table: str, group: Group) -> Form:
        """The sheet of one table."""
        stated = _stated_rows(self.tree, table)
        if table in _WIDE and (wide := self._wide(table, stated)) is not None:
            columns, rows = wide
        else:
            columns, rows = self._long(table, stated)
        return Form(sheet=self.sheet(table), meaning=self.about(table), group=group, columns=columns, rows=rows)

    def sheet(self, table: str) -> str:
        """What the table's sheet is called."""
        return SHEET_NAMES[table][self.lang == "zh"]

    def about(self, table: str) -> str:
        """What the table's sheet holds."""
        return SHEET_MEANINGS[table][self.lang == "zh"]

    def _long(self, table: str, stated: Sequence[dict[str, Any]]) -> tuple[tuple[FormColumn, ...], list[list[Cell]]]:
        used = dict.fromkeys(key for row in stated for key in row)
        columns = [column for column in COLUMNS[table] if column.usual or column.required or column.name in used]
        attributes = {column.name: column for column in COLUMNS[table] if column.name in KNOWN_ATTRIBUTES}
        shown: list[FormColumn] = []
        makers: list[Callable[[dict[str, Any]], Cell]] = []
        for column in columns:
            shown.append(self.column(column))
            makers.append(lambda row, c=column: self.cell(c, row.get(c.name), f"{table}.{c.name}"))  # type: ignore[misc]
            if column.name in _LABELLED and column.of and table not in ("steps", "cases"):
                shown.append(self._label_column())
                makers.append(lambda row, c=column: self._label(row.get(c.name)))  # type: ignore[misc]
        for key in used:
            if not key.startswith(ARCHIVE):
                continue
            name, where = key.removeprefix(ARCHIVE), f"{table}.{key}"
            if name in attributes:
                shown.append(self.column(attributes[name]))
                makers.append(lambda row, k=key, c=attributes[name], w=where: self.cell(c, row.get(k), w))  # type: ignore[misc]
            else:
                shown.append(FormColumn(heading=_archive_heading(name), comment=text(self.lang, "forms.archive")))
                makers.append(lambda row, k=key, w=where: self._text(row.get(k), w))  # type: ignore[misc]
        return tuple(shown), [[make(row) for make in makers] for row in stated]

    def _wide(
        self, table: str, stated: Sequence[dict[str, Any]]
    ) -> tuple[tuple[FormColumn, ...], list[list[Cell]]] | None:
        """A row per customer and grade, a column per period; None where the rows' order would not survive in few rows."""
        if not stated:
            return None
        keys = [column for column in COLUMNS[table] if column.name not in ("period", "amount")]
        keys = [c for c in keys if c.required or any(row.get(c.name) is not None for row in stated)]
        bounds = {name: read_period(name) for name in dict.fromkeys(read_text(row["period"]) for row in stated)}
        periods = sorted(bounds, key=lambda name: (bounds[name].start, -bounds[name].end.toordinal()))
        if len({bounds[name] for name in periods}) < len(periods):
            return None  # one period written in two ways
        place = {name: i for i, name in enumerate(periods)}
        lines: list[tuple[dict[str, Any], dict[int, Any]]] = []
        before: dict[str, Any] = {}
        last = -1
        for row in stated:
            own, at = {c.name: row.get(c.name) for c in keys}, place[read_text(row["period"])]
            if own != before or at <= last:
                lines.append((own, {}))
            lines[-1][1][at] = row["amount"]
            before, last = own, at
        distinct = {tuple(str(line.get(name)) for name in _WIDE[table]) for line, _ in lines}
        if len(lines) > 3 * len(distinct):
            return None
        amount = next(column for column in COLUMNS[table] if column.name == "amount")
        shown: list[FormColumn] = []
        for column in keys:
            shown.append(self.column(column))
            if column.name in _LABELLED:
                shown.append(self._label_column())
        shown += [FormColumn(heading=name, comment=self.comment(amount), kind="number") for name in periods]
        rows: list[list[Cell]] = []
        for line, amounts in lines:
            cells: list[Cell] = []
            for column in keys:
                cells.append(self.cell(column, line[column.name], f"{table}.{column.name}"))
                if column.name in _LABELLED:
                    cells.append(self._label(line[column.name]))
            rows.append([*cells, *(self.cell(amount, amounts.get(i), f"{table}.amount") for i in range(len(periods)))])
        return tuple(shown), rows

    def column(self, column: Column) -> FormColumn:
        """A declared column as a form shows it."""
        unit = self.unit_of(column)
        heading = column.heading(self.lang)
        if unit:
            heading += f"（{unit}）" if self.lang == "zh" else f" ({unit})"
        return FormColumn(
            heading=heading,
            comment=self.comment(column),
            kind=_CELL_KINDS.get(column.kind, "text"),
            choices=self.choices(column),
            names_of=tuple(self.sheet(name) for name in column.of) if column.kind == "name" else (),
            required=column.required,
        )

    def comment(self, column: Column) -> str:
        """What a column's comment says: its meaning, unit and what it accepts."""
        unit, accepted = self.unit_of(column), text(self.lang, f"forms.kind.{column.kind}")
        choices = self.choices(column)
        lines = [
            f"{column.name}{text(self.lang, 'forms.required') if column.required else ''}",
            column.meaning(self.lang),
            text(self.lang, "forms.unit", unit=unit) if unit else "",
            text(self.lang, "forms.accepts", accepted=" / ".join(choices) if choices else accepted),
        ]
        return "\n".join(line for line in lines if line)

    def meaning(self, column: Column) -> str:
        """What a setting means and accepts, in one line."""
        choices = self.choices(column)
        accepted = " / ".join(choices) if choices else text(self.lang, f"forms.kind.{column.kind}")
        stop = "；" if self.lang == "zh" else "; "
        return stop.join(part for part in (column.meaning(self.lang), accepted, self.unit_of(column)) if part)

    def unit_of(self, column: Column) -> str:
        """The column's unit as shown, the scenario's own for amounts; "" for none and for shares."""
        unit = column.unit.replace("amount", UNIT_TEXTS[self.unit][0])
        unit = next((code for code, texts in UNIT_TEXTS.items() if texts[0] == unit), unit)
        return "" if unit == "1" else UNIT_TEXTS.get(unit, (unit, unit))[self.lang == "zh"]

    def cell(self, column: Column, value: Any, where: str) -> Cell:
        """A stated value as the cell that says it."""
        if value is None:
            return None
        match column.kind:
            case "number" | "count":
                return read_number(value)
            case "steps" | "heel" if not (isinstance(value, str) and not _is_number(value)):
                return read_number(value)
            case "share":
                return read_share(value)
            case "flag":
                return read_flag(value)
            case "day" if read_day(value).year >= _DATES_FROM:
                return read_day(value)
            case "instant" if read_instant(value).year >= _DATES_FROM:
                return read_instant(value)
            case "choice":
                return self._word(column.choices, value)
            case "any" if not isinstance(value, str):
                return value  # type: ignore[no-any-return]
            case _:
                return self._text(value, where)

    def _word(self, choices: Texts, value: Any) -> str:
        code = read_choice(value, tuple(choices))
        return choices[code][1] if self.lang == "zh" else code

    def choices(self, column: Column) -> tuple[str, ...]:
        """The words of a closed choice, in the language of the forms."""
        if column.kind == "flag":
            return ()
        return tuple(texts[1] if self.lang == "zh" else code for code, texts in column.choices.items())

    def _text(self, value: Any, where: str) -> Cell:
        if value is None:
            return None
        written = compact(value)
        if len(written) > _LONGEST:
            self.too_long.append((where, written))
        return written

    def _label_column(self) -> FormColumn:
        return FormColumn(heading=text(self.lang, "forms.label") + READ_ONLY[self.lang == "zh"], read_only=True)

    def _label(self, name: Any) -> Cell:
        asset, _, part = read_text(name).partition(".") if name is not None else ("", "", "")
        label = self.labels.get(asset)
        return None if label is None else f"{label}.{self.labels.get(part, part)}" if part else label


def compact(value: Any) -> str:
    """A small mapping or list as it stands in one cell; a scalar as text.

    >>> compact({"tarim": "60%", "tuha": "40%"}), compact(["a", "b"]), compact({"exponential": {"mean": "200"}})
    ('tarim=60%; tuha=40%', 'a; b', 'exponential(mean=200)')
    """
    if isinstance(value, dict):
        inner = next(iter(value.values()), None)
        if isinstance(inner, dict):
            return f"{next(iter(value))}({compact(inner)})"
        return "; ".join(f"{key}={_scalar(amount)}" for key, amount in value.items())
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return "; ".join(f"{_scalar(parcel['grade'])}={_scalar(parcel['amount'])}" for parcel in value)
        return "; ".join(_scalar(part) for part in value)
    return _scalar(value)


def _scalar(value: Any) -> str:
    return repr(value) if isinstance(value, float) else read_text(value)


def _is_number(value: str) -> bool:
    try:
        read_number(value)
    except BadValueError:
        return False
    return True


def _archive_heading(name: str) -> str:
    """An archive column's heading, told apart from the table's own columns where it would be taken for one of them."""
    own = [column.name for column in COLUMNS["customers"]]
    plain = name not in own and column_named("customers", name, own) == name
    return name if plain and not name.endswith(READ_ONLY) and not name.startswith(ARCHIVE) else f"{ARCHIVE}{name}"


# -------------------------------------------------------------------------------------------------- rows of a table


def _stated_rows(tree: Block, table: str) -> list[dict[str, Any]]:
    """What the tree says in the rows of a table of the workbook."""
    if table in SECTIONS:
        return [_asset_row(table, name, entry) for name, entry in _section(tree, table).items()]
    match table:
        case "routes":
            return [
                {"railway": railway, "customer": customer, **route}
                for railway, entry in _section(tree, "railways").items()
                for customer, route in (entry.get("routes") or {}).items()
            ]
        case "stocks":
            return list(_stocks(tree))
        case "steps":
            return list(_steps(tree))
        case "orders":
            return [_order_row(order, line) for order in tree.get(table) or () for line in order["lines"]]
        case _:
            return [dict(row) for row in tree.get(table) or ()]


def _section(tree: Block, section: str) -> Mapping[str, Any]:
    stated = tree.get(section)
    return stated if isinstance(stated, Block) else {}


def _asset_row(section: str, name: str, entry: Block) -> dict[str, Any]:
    """An asset's keys as columns; what has rows of its own (routes, stocks, steps) is left out."""
    naming, _ = SECTIONS[section]
    title = entry.get("title")
    titles = dict(title) if isinstance(title, Block) else {"zh": title, "en": title}
    row: dict[str, Any] = {naming: name} | {
        f"title_{lang}": words for lang, words in titles.items() if words is not None
    }
    for key, value in entry.items():
        if key in ("title", "archive", "routes") or value is None or _stands_elsewhere(section, key, value):
            continue
        row[key] = value
    return row | {f"{ARCHIVE}{key}": value for key, value in (entry.get("archive") or {}).items()}


def _stands_elsewhere(section: str, key: str, value: Any) -> bool:
    """Whether a key of an asset goes to the sheet of stocks or of steps."""
    if key in ("opening", "grade_safe_fill", "contents"):
        return True
    if key == "heel":
        return isinstance(value, Block) or (isinstance(value, str) and "=" in value)
    return _kind(section, key) == "steps" and (isinstance(value, Items) or (isinstance(value, str) and "=" in value))


def _kind(section: str, key: str) -> str:
    return next((column.kind for column in COLUMNS[section] if column.name == key), "")


def _order_row(order: Block, line: Block) -> dict[str, Any]:
    head = {
        key: order[key] for key in ("number", "issued", "effective", "state", "reason") if order.get(key) is not None
    }
    return head | dict(line)


def _stocks(tree: Block) -> Iterable[dict[str, Any]]:
    """Opening stocks, heels and limits by grade, in an order of rows that keeps the order of each."""
    for section in ("farms", "customers"):
        for asset, entry in _section(tree, section).items():
            stated = {
                column: _pairs(entry.get(key))
                for column, key in (("opening", "opening"), ("heel", "heel"), ("safe_fill", "grade_safe_fill"))
            }
            rows: dict[str, dict[str, Any]] = {}
            for column, amounts in stated.items():
                order = list(dict.fromkeys((*rows, *amounts)))
                if [grade for grade in order if grade in amounts] != list(amounts):
                    yield from rows.values()  # the order of these grades is another: rows of their own
                    rows = {}
                for grade, amount in amounts.items():
                    row = rows.setdefault(grade, {"asset": asset, "grade": grade})
                    row[column] = amount
            yield from rows.values()
    for asset, entry in _section(tree, "pipelines").items():
        contents = entry.get("contents")
        parcels = split_compact(contents) if isinstance(contents, str) else contents or ()
        for parcel in parcels:
            grade, amount = parcel if isinstance(parcel, tuple) else (parcel["grade"], parcel["amount"])
            yield {"asset": asset, "grade": grade, "opening": amount}


def _pairs(value: Any) -> dict[str, Any]:
    """Amounts by grade, as a mapping or in one cell; nothing for a number of all grades together."""
    if isinstance(value, Block):
        return dict(value)
    return dict(split_compact(value)) if isinstance(value, str) and "=" in value else {}


def _steps(tree: Block) -> Iterable[dict[str, Any]]:
    for section in SECTIONS:
        for asset, entry in _section(tree, section).items():
            for key, value in entry.items():
                if _kind(section, key) != "steps" or not _stands_elsewhere(section, key, value):
                    continue
                steps = (
                    value if isinstance(value, Items) else [{"from": d, "value": a} for d, a in split_compact(value)]
                )
                for step in steps:
                    yield {"asset": asset, "key": key, "from": step.get("from"), "amount": step["value"]}


def _dictionary(writer: _Writer) -> tuple[tuple[str, ...], ...]:
    """Every column that the sheets accept."""
    lang = writer.lang
    head = tuple(
        text(lang, f"forms.{name}") for name in ("sheet", "heading", "name", "unit_heading", "accepted", "meaning")
    )
    rows = []
    for table in (*SECTIONS, *(t for t in COLUMNS if t not in SECTIONS and t != "scale")):
        for column in COLUMNS[table]:
            choices = writer.choices(column)
            accepted = " / ".join(choices) if choices else text(lang, f"forms.kind.{column.kind}")
            names = (writer.sheet(table), column.heading(lang), column.name, writer.unit_of(column))
            rows.append((*names, accepted, column.meaning(lang)))
    return (head, *rows)
