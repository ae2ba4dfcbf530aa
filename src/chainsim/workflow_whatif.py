"""The use case of the what-if: a scenario, what is changed in it, and what comes of that. Of the kind of ``chainsim.workflow``.

A change is a statement of an overlay and goes the way of an overlay's file: the same readers, units, checks and messages. So
what is saved is what was simulated, and what a hand would have written.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim import workflow
from chainsim.errors import InputError, Problem
from chainsim.experiments.addressing import NothingThereError, spots, stated_steps
from chainsim.files.layers import row_name
from chainsim.files.load import LoadedScenario, amount_unit_of
from chainsim.files.overlays import Changes, overlay_text, overlay_tree, plain, row_path
from chainsim.files.quantities import BadValueError, plain_number, read_instant, read_number, read_share
from chainsim.files.tables import TABLES
from chainsim.files.tree import Block, Report, value_at
from chainsim.files.variants import ScenarioTree, read_scenario_tree, scenario_of, varied
from chainsim.mistakes import mistake
from chainsim.model import Scenario
from chainsim.model.messages import name_list, nearest_name
from chainsim.texts import both

if TYPE_CHECKING:
    from chainsim.records import Trunk
    from chainsim.results import Labels
    from chainsim.results.tables import Tables


@dataclass(frozen=True)
class Base:
    """A scenario as it stands in its files, ready to be varied many times."""

    path: Path
    read: ScenarioTree

    @property
    def tree(self) -> Block:
        """What the files state."""
        return self.read.tree

    @property
    def amount_unit(self) -> str:
        """What its files write amounts in: t, kt, wt or m3."""
        return amount_unit_of(self.tree)


@dataclass(frozen=True, eq=False)
class Variant:
    """What came of a what-if: the tables are made when first asked for. One is another one even where they look alike."""

    scenario: Scenario
    tables: Tables
    labels: Labels


def base_of(path: Path) -> Base:
    """The scenario at ``path``; raises ``InputError`` with everything wrong with it."""
    read = read_scenario_tree(path)
    scenario_of(read.tree)
    return Base(path, read)


def stated(base: Base, changes: Mapping[str, Any]) -> Block:
    """The tree of the base with ``changes`` laid over it. Raises ``InputError`` where they cannot be."""
    if not changes:
        return base.tree
    report = Report()
    tree = varied(base.tree, overlay_tree(changes), report)
    if report.problems:
        raise InputError(report.problems)
    return tree


def scenario_with(base: Base, changes: Mapping[str, Any]) -> Scenario:
    """The scenario under ``changes``; raises ``InputError``, each problem with the path of its value as its ``file``."""
    return scenario_of(stated(base, changes))


def with_outages(base: Base, changes: Mapping[str, Any], scenario: Scenario) -> Scenario:
    """As ``scenario_with``, where ``scenario`` differs from it in outages alone: then plans and archives are not read again."""
    tree = stated(base, changes)
    read = [key for key in tree if key not in TABLES or key in ("disruptions", "production")]
    few = Block({key: tree[key] for key in read}, place=tree.place, places={key: tree.place_of(key) for key in read})
    try:
        return replace(scenario, disruptions=scenario_of(few).disruptions)
    except InputError:  # all there is to tell, and nothing that only seems wrong in what was read
        return scenario_of(tree)


def loaded_with(base: Base, changes: Mapping[str, Any]) -> LoadedScenario:
    """As ``load_scenario`` would give it from the file that says ``changes``."""
    return base.read.loaded(scenario_with(base, changes))


def outcome_of(base: Base, changes: Changes, variant: Variant, rules_folder: Path | None) -> workflow.Run:
    """What ``chainsim run`` would give of the file that says ``changes``, whose scenario came to ``variant``.

    Raises ``InputError`` with what is wrong with the rules.
    """
    from chainsim.rules import load_rules

    loaded = loaded_with(base, changes)
    if changes:
        words = overlay_text(changes, extends=base.path.name)
        inputs = (*loaded.inputs, ("what-if.yaml", hashlib.sha256(words.encode()).hexdigest()))
        loaded = replace(loaded, inputs=inputs)
    return workflow.judged(base.path, loaded, variant.tables, load_rules(rules_folder), rules_folder)


def files_under(base: Base) -> set[Path]:
    """The files that the scenario is read from."""
    home = base.path if base.path.is_dir() else base.path.parent
    return {(home / name).resolve() for name, _ in base.read.inputs}


def simulated(scenario: Scenario) -> Variant:
    """Run ``scenario``; raises ``NoFeasibleAnswerError``."""
    from chainsim.results import build_tables, labels_of
    from chainsim.simulation import simulate

    return Variant(scenario, build_tables(scenario, simulate(scenario)), labels_of(scenario))


def with_value(base: Base, changes: Changes, path: str, value: str) -> Changes:
    """``changes`` with ``value`` stated at ``path``; where it is what the base states anyway, with nothing stated there.

    Paths are those of experiments (``pipelines.trunk.capacity``, ``disruptions.trunk stop.remaining``); a plan line that is
    not there yet is added. Raises ``InputError`` for a path that names nothing. The value itself is judged with the scenario.
    """
    new = deepcopy(changes)
    tree = stated(base, _readable(base, changes))
    table, *key = path.split(".")
    try:
        found = spots(tree, path)
    except NothingThereError as error:
        if table == "plan" and len(key) == 3:
            row = dict(zip(("customer", "grade", "period", "amount"), (*key, value), strict=True))
            return with_rows(base, new, "plan", [row])
        near = nearest_name(error.found, error.names)
        raise InputError([_unknown(path, error.found, near, name_list(error.names, 20))]) from None
    for spot in found:
        if not spot.column:
            _state(new, base.tree, stated_steps(tree, spot.steps), value)
            continue
        for index in spot.rows:
            row = {**plain(tree[spot.steps[0]][index]), spot.column: value}
            new = with_rows(base, new, spot.steps[0], [row])
    return new


def with_outage(
    base: Base, changes: Changes, name: str, *, begin: str | None = None, days: str | None = None, **columns: str
) -> Changes:
    """``changes`` with the outage ``name`` moved, lengthened or stated otherwise; it keeps its length when only moved."""
    row = outage_row(base, changes, name)
    if begin is not None:
        row["to"] = _moved(row, begin) or row["to"]
        row["from"] = begin
    if days is not None:
        row["to"] = _end_of(name, row["from"], days)
    row.update(columns)
    return with_rows(base, changes, "disruptions", [row])


def with_new_outage(base: Base, changes: Changes, asset: str, begin: str, days: str, cause: str) -> tuple[Changes, str]:
    """``changes`` with one more outage, a whole one; and its name."""
    taken = {row_name("disruptions", row) for row in stated(base, _readable(base, changes)).get("disruptions") or ()}
    taken |= {str(row.get("name")) for row in changes.get("disruptions", ())}
    number = next(n for n in range(1, len(taken) + 2) if f"{asset} {n}" not in taken)
    name = f"{asset} {number}"
    row = {
        "name": name,
        "asset": asset,
        "from": begin,
        "to": _end_of(name, begin, days),
        "remaining": "0",
        "cause": cause,
    }
    return with_rows(base, changes, "disruptions", [row]), name


def outage_row(base: Base, changes: Changes, name: str) -> dict[str, Any]:
    """The row of the outage ``name`` as it now stands, by name; raises ``InputError`` if there is none."""
    row = _row_of(base, changes, "disruptions", name)
    return {"name": name, **{key: value for key, value in row.items() if key != "name"}}


def with_scale(changes: Changes, table: str, where: Mapping[str, str], factor: str) -> Changes:
    """``changes`` with the rows of ``table`` chosen by ``where`` multiplied by ``factor`` (``90%``); 1 states nothing."""
    new = deepcopy(changes)
    path = row_path("scale", {"table": table, "where": where})
    rows = [row for row in new.get("scale", []) if row_path("scale", row) != path]
    if not _same_number(factor, "1"):
        rows.append({"table": table, **({"where": dict(where)} if where else {}), "factor": factor})
    return _with_rows(new, "scale", rows)


def with_order(base: Base, changes: Changes, number: str, state: str) -> Changes:
    """``changes`` with the order ``number`` in another state: a draft has no effect."""
    row = _row_of(base, changes, "orders", number)
    return with_rows(base, changes, "orders", [{**row, "state": state}])


def with_new_order(base: Base, changes: Changes, order: Mapping[str, Any]) -> Changes:
    """``changes`` with an order in the shape of the document."""
    return with_rows(base, changes, "orders", [plain(order)])


def without(changes: Changes, path: str) -> Changes:
    """``changes`` without what is stated at ``path``, which is one of ``statements``."""
    new = deepcopy(changes)
    for found, steps, index in _statements(new):
        if found != path:
            continue
        if index is not None:
            return _with_rows(new, steps[0], [row for i, row in enumerate(new[steps[0]]) if i != index])
        _drop(new, steps)
        return new
    return new


def statements(changes: Changes) -> list[tuple[str, Any]]:
    """Every statement by its path: a value of a mapping, or a row of a table."""
    out = []
    for path, steps, index in _statements(changes):
        out.append((path, changes[steps[0]][index] if index is not None else value_at(changes, steps)))
    return out


def whatif_text(base: Base, changes: Changes, file: Path, title: str = "", color: str = "") -> str:
    """The overlay that says ``changes``, as it will stand in ``file``."""
    extends = Path(os.path.relpath(base.path, file.parent)).as_posix()
    head = {key: words for key, words in (("title", title), ("color", color)) if words}
    return overlay_text({**head, **changes}, extends=extends)


def save_whatif(base: Base, changes: Changes, file: Path, title: str = "", color: str = "") -> str:
    """Write the overlay to ``file``, whole or not at all; what was written. Raises ``InputError`` where it is wrong."""
    from chainsim.reports import whole_file

    scenario_with(base, changes)
    content = whatif_text(base, changes, file, title, color)
    with whole_file(file) as temporary:
        temporary.write_text(content, encoding="utf-8")
    return content


def simulated_from(trunk: Trunk | None, scenario: Scenario, outage: str) -> tuple[Variant, Trunk | None]:
    """As ``simulated`` to the byte of stocks, flows and accounts; what comes before the outage is taken over from ``trunk``.

    Also a trunk for the next run in which nothing but this outage differs, where its kind and beginning allow one. Causes of
    what happened before the outage may be told differently, hence this is for a look while a slider moves.
    """
    from chainsim.results import build_tables, labels_of
    from chainsim.simulation.branching import Branch, grow

    own = next((o for o in scenario.disruptions if o.name == outage), None)
    if own is None or own.cause == "customer_cash" or not scenario.as_of_day < own.start < scenario.end_day:
        return simulated(scenario), None
    rest = replace(scenario, disruptions=tuple(other for other in scenario.disruptions if other is not own))
    if trunk is None or trunk.day != own.start or trunk.scenario != rest:
        trunk = grow(rest, own.start)
    log = Branch(trunk, own).finish()
    return Variant(scenario, build_tables(scenario, log), labels_of(scenario)), trunk


def _statements(changes: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...], int | None]]:
    out: list[tuple[str, tuple[str, ...], int | None]] = []
    for key, value in changes.items():
        if isinstance(value, list):
            out += [(row_path(key, row), (key,), index) for index, row in enumerate(value)]
        else:
            out += [(".".join(steps), steps, None) for steps in _leaves(value, (key,))]
    return out


def _leaves(value: Any, steps: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not isinstance(value, Mapping):
        return [steps]
    return [leaf for key, inner in value.items() for leaf in _leaves(inner, (*steps, key))]


def _row_of(base: Base, changes: Changes, table: str, name: str) -> dict[str, Any]:
    """The row ``name`` of a table whose rows have names, as it now stands; raises ``InputError`` if there is none."""
    path = f"{table}.{name}"
    for row in (*changes.get(table, ()), *(base.tree.get(table) or ())):
        if row_path(table, row) == path:
            return dict(plain(row))
    raise InputError([_unknown(path, name, "", "")])


def with_rows(base: Base, changes: Changes, table: str, rows: Iterable[Mapping[str, Any]]) -> Changes:
    """``changes`` with each of ``rows`` in place of the one with its key; where the base has it word for word, without."""
    at = {row_path(table, row): row for row in changes.get(table, ())}
    filed = {row_path(table, row): row for row in map(plain, base.tree.get(table) or ())}
    for row in rows:
        path = row_path(table, row)
        own = filed.get(path)
        if own is not None and _same({"name": row.get("name"), **own}, {"name": None, **row}):
            at.pop(path, None)
        else:
            at[path] = dict(row)
    return _with_rows(deepcopy(changes), table, list(at.values()))


def _with_rows(changes: Changes, table: str, rows: list[Any]) -> Changes:
    if rows:
        changes[table] = rows
    else:
        changes.pop(table, None)
    return changes


def _state(changes: Changes, tree: Block, steps: tuple[str, ...], value: str) -> None:
    own = plain(value_at(tree, steps))
    if _same(own, value):
        _drop(changes, steps)
        return
    holder = changes
    for step in steps[:-1]:
        holder = holder.setdefault(step, {})
    holder[steps[-1]] = value


def _drop(changes: Changes, steps: tuple[str, ...]) -> None:
    """Leave out what is stated at ``steps``, and mappings that are empty then."""
    holders: list[Any] = [changes]
    for step in steps[:-1]:
        inner = holders[-1].get(step)
        if not isinstance(inner, dict):
            return
        holders.append(inner)
    for holder, step in zip(reversed(holders), reversed(steps), strict=True):
        holder.pop(step, None)
        if holder:
            return


def _readable(base: Base, changes: Changes) -> Changes:
    """``changes``, or none where they cannot be laid over the base (a link made by hand)."""
    try:
        stated(base, changes)
    except InputError:
        return {}
    return changes


def _moved(row: Mapping[str, Any], begin: str) -> str:
    """When the outage ends that begins at ``begin`` and lasts as long as it did; empty where that cannot be read."""
    try:
        lasts = read_instant(row.get("to")) - read_instant(row.get("from"))
        return str(plain(read_instant(begin) + lasts))
    except (BadValueError, OverflowError):
        return ""


def _end_of(name: str, begin: Any, days: str) -> str:
    """When the outage ``name`` ends that begins at ``begin`` and lasts ``days``; as ``days`` says where ``begin`` is no date.

    Raises ``InputError`` where ``days`` is no number, however people write one.
    """
    words = days.strip().removesuffix("天").removesuffix("d").strip()
    try:
        lasts = timedelta(days=read_number(plain_number(words) or words))
    except (BadValueError, OverflowError) as bad:
        where, accepted = f"disruptions.{name}.to", both("page.days_accepted")
        raise InputError([mistake("whatif-days", "page.not_days", file=where, found=days, accepted=accepted)]) from bad
    try:
        return str(plain(read_instant(begin) + lasts))
    except (BadValueError, OverflowError):
        return days


def _same(one: Any, other: Any) -> bool:
    """Whether two parts of changes say the same: numbers by their value."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    return one == other or (isinstance(one, str) and isinstance(other, str) and _same_number(one, other))


def _same_number(one: str, other: str) -> bool:
    try:
        return read_share(one) == read_share(other)
    except BadValueError:
        return False


def _unknown(path: str, found: str, near: str, names: str) -> Problem:
    return mistake("whatif-path", "page.names_nothing", path=path, found=found, accepted=names, nearest=near)
