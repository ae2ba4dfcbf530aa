"""A scenario's statements with its ``scale`` worked in: the rows as they count, for formats that know no layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from chainsim.files.columns import COLUMNS
from chainsim.files.conversion import Conversion
from chainsim.files.load import Statements
from chainsim.files.quantities import read_number, read_text, split_compact
from chainsim.files.tables import SECTIONS
from chainsim.files.tree import Block, Items, Report
from chainsim.model import Profile, Scenario


def without_scale(statements: Statements) -> Block:
    """The tree with the factors of ``scale`` worked into its rows; it then speaks in tonnes, whatever unit it had.

    A factor holds for its own layer and those below, which a single layer could not say; and an amount times a factor is exact
    only in the unit of the model.
    """
    tree, scenario = statements.tree, statements.loaded.scenario
    if not tree.get("scale"):
        return tree
    tree = _in_tonnes(tree, scenario)
    del tree["scale"]
    _amounts(tree, "plan", "amount", [line.tonnes for line in scenario.plan])
    _amounts(tree, "purchases", "amount", [line.tonnes for line in scenario.purchases])
    _amounts(tree, "receipts", "yuan", [receipt.yuan for receipt in scenario.receipts])
    if "prices" in tree:
        rows: list[Any] = [
            {"grade": p.grade, "from": scenario.calendar_date(p.day), "price": p.yuan_per_t, "reason": p.reason or None}
            for p in scenario.prices
        ]
        tree["prices"] = _items(rows, tree)
    _production(tree, scenario)
    return tree


def _amounts(tree: Block, table: str, column: str, amounts: Sequence[float]) -> None:
    stated = tree.get(table)
    if isinstance(stated, Items):
        rows = [{**row, column: amount} for row, amount in zip(stated, amounts, strict=True)]
        tree[table] = _items(rows, tree)


def _production(tree: Block, scenario: Scenario) -> None:
    """Where it was stated as rows it stays rows, else steps of the supplier."""
    rows = tree.get("production")
    by_rows = {read_text(row["supplier"]) for row in rows} if isinstance(rows, Items) else set()
    out: list[Any] = []
    suppliers = Block(tree["suppliers"], place=tree.place, places={})
    for supplier in scenario.suppliers:
        profile = supplier.production_t_per_day
        if supplier.name in by_rows:
            days = [scenario.start + timedelta(days=day) for day in profile.days]
            pairs = zip(days, profile.values, strict=True)
            out += [{"supplier": supplier.name, "from": day, "rate": value} for day, value in pairs]
            continue
        stated = {k: v for k, v in suppliers[supplier.name].items() if k != "production_per_year"}
        steps = _items(_steps(profile, scenario), tree)
        suppliers[supplier.name] = Block({**stated, "production": steps}, place=tree.place, places={})
    tree["suppliers"] = suppliers
    if out:
        tree["production"] = _items(out, tree)


def _steps(profile: Profile, scenario: Scenario) -> list[dict[str, Any]]:
    first, *later = zip(profile.days, profile.values, strict=True)
    out: list[dict[str, Any]] = [{"value": first[1]}]
    return out + [{"from": scenario.start + timedelta(days=day), "value": value} for day, value in later]


def _items(rows: Sequence[dict[str, Any]], tree: Block) -> Items:
    blocks = [Block({k: v for k, v in row.items() if v is not None}, place=tree.place) for row in rows]
    return Items(blocks, place=tree.place)


# ----------------------------------------------------------------------------------------------------- in tonnes


def _in_tonnes(tree: Block, scenario: Scenario) -> Block:
    """The tree with every amount in tonnes, multiplied just as the conversion to the model multiplies."""
    out = Block(tree, place=tree.place, places={})
    units = tree.get("units")
    unit = str(units.get("amount") or "t") if isinstance(units, Block) else "t"
    if unit == "t":
        return out
    densities = {grade.name: grade.density_kg_per_m3 for grade in scenario.grades}
    if isinstance(units, Block) and units.get("density") is not None:
        densities[""] = read_number(units["density"])
    elif len(set(densities.values())) == 1:
        densities[""] = next(iter(densities.values()))
    context = Conversion(tree, Report(), scenario.start, scenario.end_day, 0, unit, densities)
    del out["units"]
    grades = {supplier.name: supplier.grade for supplier in scenario.suppliers}
    for section in SECTIONS:
        if isinstance(tree.get(section), Block):
            entries = {
                name: _asset(context, section, entry, grades.get(name, "")) for name, entry in tree[section].items()
            }
            out[section] = Block(entries, place=tree.place, places={})
    for table, columns in _ROWS.items():
        if isinstance(tree.get(table), Items):
            out[table] = Items([_row(context, table, row, columns, grades) for row in tree[table]], place=tree.place)
    return out


_ROWS = {
    "plan": ("amount",),
    "purchases": ("amount",),
    "production": ("rate",),
    "orders": ("amount", "change"),
    "actual_deliveries": ("amount",),
    "actual_stocks": ("amount",),
}


def _row(context: Conversion, table: str, row: Block, columns: Sequence[str], grades: dict[str, str]) -> Block:
    if table == "orders":
        lines = [_row(context, "", line, columns, grades) for line in row["lines"]]
        return Block({**row, "lines": Items(lines, place=row.place)}, place=row.place, places={})
    grade = grades[read_text(row["supplier"])] if "supplier" in row else read_text(row["grade"])
    values = dict(row)
    for column in columns:
        if values.get(column) is not None:
            amount = read_number(values[column])
            values[column] = amount * context.tonnes(1.0, grade) if column == "rate" else context.tonnes(amount, grade)
    return Block(values, place=row.place, places={})


def _asset(context: Conversion, section: str, entry: Block, grade: str) -> Block:
    values = dict(entry)
    for column in COLUMNS[section]:
        value = values.get(column.name)
        if value is None or not column.unit.startswith("amount"):
            continue
        match column.kind:
            case "steps" | "number":
                values[column.name] = _each_step(value, lambda v: read_number(v) * context.tonnes(1.0, grade))
            case "parcels":
                values[column.name] = "; ".join(f"{g}={context.tonnes(a, g)!r}" for g, a in parcels_of(value))
            case _:
                values[column.name] = _by_grade(context, value)
    return Block(values, place=entry.place, places={})


def _each_step(value: Any, change: Callable[[Any], float]) -> Any:
    if isinstance(value, Items):
        return Items(
            [Block({**step, "value": change(step["value"])}, place=value.place) for step in value], place=value.place
        )
    if isinstance(value, str) and "=" in value:
        return "; ".join(f"{day}={change(amount)!r}" for day, amount in split_compact(value))
    return value if isinstance(value, str) and value.strip().lower() == "plan" else change(value)


def _by_grade(context: Conversion, value: Any) -> Any:
    if isinstance(value, str) and "=" in value:
        value = dict(split_compact(value))
    if not isinstance(value, dict):
        return context.tonnes(read_number(value))
    place = context.tree.place
    return Block({g: context.tonnes(read_number(a), g) for g, a in value.items()}, place=place, places={})


def parcels_of(value: Any) -> list[tuple[str, float]]:
    """(grade, amount) of a list of parcels, stated as a list or in one cell."""
    if isinstance(value, str):
        return [(grade, read_number(amount)) for grade, amount in split_compact(value)]
    return [(read_text(parcel["grade"]), read_number(parcel["amount"])) for parcel in value]
