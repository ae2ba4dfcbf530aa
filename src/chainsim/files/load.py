"""``load_scenario``: read, lay over, validate, convert, check; all problems at once, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

from chainsim.errors import InputError, Problem
from chainsim.files.cases import case_names, split_case
from chainsim.files.columns import choices_of
from chainsim.files.layers import read_layers
from chainsim.files.messages import FILE_TEMPLATES
from chainsim.files.quantities import BadValueError
from chainsim.files.sources import Sources
from chainsim.files.tables import TABLES
from chainsim.files.tree import Block, Items, Place, Report, at_place, locate, path_steps, path_text, value_at, written
from chainsim.model.checks import check
from chainsim.model.messages import name_list, nearest_name, problem_from
from chainsim.model.scenario import Scenario

_MOST_ROUNDS = 6
_KEPT_IN_STEP = ("plan", "purchases", "disruptions", "orders", "actual_deliveries")
"""Tables of which the conversion leaves the rows that became part of the scenario (of others only places)."""
_FROM_THE_WHOLE = ("no_route_brings", "no_grade_reaches", "via_does_not_bring")
"""What can only be told of a whole network: not where a key of it is missing or wrong."""
MOST_PROBLEMS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedScenario:
    """A scenario with its origin: every file read (name relative to the scenario's folder, SHA-256) and warnings."""

    scenario: Scenario
    inputs: tuple[tuple[str, str], ...]
    warnings: tuple[Problem, ...]
    amount_unit: str = "t"
    """What the files write amounts in: t, kt, wt or m3."""
    cases: tuple[str, ...] = ()
    """The cases that its table of cases describes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What the files of a scenario state, all layers laid over one another; ``loaded`` is the scenario they make."""

    tree: Block
    """Rows that became no part of the scenario (an overlay's horizon leaves them outside) are gone."""
    loaded: LoadedScenario


def load_scenario(path: Path, *, remarks: Callable[[Scenario], Iterable[Problem]] | None = None) -> LoadedScenario:
    """The scenario in the folder, YAML file or workbook at ``path``; ``remarks`` on it become warnings at their places.

    ``western.xlsx#dry`` is the scenario under its case ``dry``.

    Raises:
        InputError: with every problem found.
    """
    return _load(path, remarks)[1]


def load_statements(path: Path) -> Statements:
    """The scenario at ``path`` as its files state it, for writing it elsewhere. Raises as ``load_scenario``."""
    tree, loaded = _load(path, None)
    return Statements(tree=tree, loaded=loaded)


def _load(path: Path, remarks: Callable[[Scenario], Iterable[Problem]] | None) -> tuple[Block, LoadedScenario]:
    file, _ = split_case(path)
    report = Report()
    sources = Sources(file if file.is_dir() else file.parent)
    tree = read_layers(path, sources, report)
    if tree is None:
        raise InputError(in_order(report.problems))
    cases = case_names(tree)
    stated_cases = tree.pop("cases", None)
    stated = Block(tree, place=tree.place, places=tree.places)
    scenario = scenario_in(tree, report)
    if report.problems or scenario is None:
        raise InputError(in_order(report.problems))
    if remarks is not None:
        report.warnings += [_placed(problem, tree) for problem in remarks(scenario)]
    loaded = LoadedScenario(
        scenario=scenario,
        inputs=tuple(sources.inputs),
        warnings=tuple(report.warnings),
        amount_unit=amount_unit_of(tree),
        cases=cases,
    )
    kept = {name: tree[name] for name in _KEPT_IN_STEP if name in tree}
    cases_too = {} if stated_cases is None else {"cases": stated_cases}
    return Block({**stated, **kept, **cases_too}, place=tree.place, places=tree.places), loaded


def amount_unit_of(tree: Block) -> str:
    """What a scenario's files write amounts in: t, kt, wt or m3."""
    units = tree.get("units")
    return str(units.get("amount") or "t") if isinstance(units, Block) else "t"


def scenario_in(tree: Block, report: Report) -> Scenario | None:
    """Validate, convert and check ``tree``. Values told to be wrong are made harmless, so that the rest is still checked."""
    from chainsim.files.convert import to_scenario
    from chainsim.files.documents import ScenarioDocument, read_document

    tree.pop("cases", None)  # what-ifs on the scenario, no part of it
    known = len(report.problems)
    told: set[tuple[str | int, ...]] = set()
    for _ in range(_MOST_ROUNDS):
        read = read_document(tree)
        if isinstance(read, ScenarioDocument):
            break
        fatal = _tell(read, tree, report, told)
        if fatal:
            return None
    else:
        return None
    if not date(1900, 1, 1) <= read.start <= date(2200, 1, 1) or ("start",) in told or ("end",) in told:
        return None
    structural = len(report.problems) > known
    scenario = to_scenario(read, tree, report)
    silent = {path_text(path) for path in told if not _row_of(path)}
    for problem in check(scenario):
        if problem.code == "not_finite":
            continue  # no reader gives NaN but for a value already told
        if structural and (problem.code in _FROM_THE_WHOLE or _follows(problem.path, silent)):
            continue
        report.problems.append(_placed(problem, tree))
    return scenario


def _placed(problem: Problem, tree: Block) -> Problem:
    """``problem`` with the file and line of its path."""
    steps = path_steps(problem.path)
    place = locate(tree, steps)
    return at_place(replace(problem, path=_shown_path(steps, place)), place)


def _shown_path(steps: tuple[str | int, ...], place: Place) -> str:
    """The path inside the document; for a row of a table its line tells more than its index after merging."""
    tabular = place.sheet or place.file.lower().endswith(".csv")
    if tabular and steps and steps[0] in TABLES:
        steps = tuple(step for step in steps if isinstance(step, str))
    return path_text(steps)


def _follows(path: str, told: set[str]) -> bool:
    """Whether a problem at ``path`` may only echo one already told there, inside, or around."""
    return any(path == t or path.startswith((f"{t}.", f"{t}[")) or t.startswith((f"{path}.", f"{path}[")) for t in told)


def _tell(errors: list[dict[str, Any]], tree: Block, report: Report, told: set[tuple[str | int, ...]]) -> bool:
    """Tell the errors of one validation and make their values harmless. True where no scenario can be made of the rest."""
    from chainsim.files.documents import BAD, accepted_keys

    fatal = False
    dropped: dict[str, set[int]] = {}
    for error in errors:
        loc = tuple(step for step in error["loc"] if step != "[key]")
        path = _existing(tree, loc)
        value = value_at(tree, path)
        row_of = _row_of(path)
        again = loc in told
        told.add(loc)
        if not again:
            _tell_one(error, loc, path, tree, report, accepted_keys(loc[:-1]))
        kind = error["type"]
        if row_of:
            dropped.setdefault(row_of, set()).add(int(path[1]))
        elif kind == "extra_forbidden" or error["loc"][-1] == "[key]":
            mapping = value_at(tree, path[:-1])
            if isinstance(mapping, dict):
                mapping.pop(path[-1], None)
            else:
                fatal = True
        elif kind == "missing" and len(loc) > 1 and isinstance(value_at(tree, loc[:-1]), Block):
            value_at(tree, loc[:-1])[loc[-1]] = BAD
        elif value is BAD and kind == "list_type":
            value_at(tree, path[:-1])[path[-1]] = Items(place=locate(tree, path))
        elif value is BAD and kind in ("dict_type", "model_type"):
            value_at(tree, path[:-1])[path[-1]] = Block(place=locate(tree, path))
        elif kind == "value_error" and not isinstance(value, (dict, list)) and len(path) > 1:
            holder: Any = value_at(tree, path[:-1])
            if path == loc and isinstance(holder, (dict, list)):
                cast(Any, holder)[path[-1]] = BAD
            else:
                fatal = True
        elif kind == "value_error" and len(path) == 1 and path == loc and path[0] in ("as_of", "seed", "description"):
            del tree[str(path[0])]
        else:
            fatal = True
    for table, rows in dropped.items():
        stated = tree[table]
        left = [i for i in range(len(stated)) if i not in rows]
        tree[table] = Items([stated[i] for i in left], place=stated.place, places=[stated.place_of(i) for i in left])
    return fatal


def _row_of(path: tuple[str | int, ...]) -> str:
    """The table whose row is at or around ``path``: it is dropped as a whole, and the indices after it move up; else ""."""
    table = path[0] if len(path) > 1 and isinstance(path[1], int) else ""
    return str(table) if table in TABLES and table != "orders" else ""


def _tell_one(
    error: dict[str, Any],
    loc: tuple[str | int, ...],
    path: tuple[str | int, ...],
    tree: Block,
    report: Report,
    accepted: tuple[str, ...],
) -> None:
    place = locate(tree, path)
    kind, shown = error["type"], path_text(loc)
    if kind == "missing":
        holder = value_at(tree, loc[:-1])
        if isinstance(holder, Block) and loc[0] in TABLES and (cell := holder.places.get(str(loc[-1]))):
            if not any(
                (p.file, p.sheet, p.cell) == (cell.file, cell.sheet, cell.cell) and cell.cell for p in report.problems
            ):
                report.add("empty_cell", cell, path=_shown_path(loc, cell))
            return
        place = holder.place if isinstance(holder, (Block, Items)) else place
        report.add("missing_key", place, path=_shown_path(loc, place), accepted=loc[-1])
    elif kind == "extra_forbidden" or error["loc"][-1] == "[key]":
        place = _key_place(tree, loc) or place
        near = nearest_name(str(loc[-1]), accepted)
        report.add(
            "unknown_key", place, path=shown, found=written(loc[-1]), nearest=near, names=name_list(accepted, 40)
        )
    elif kind == "value_error":
        bad = error["ctx"]["error"]
        assert isinstance(bad, BadValueError)
        found = written(value_at(tree, path))
        values, nearest = bad.values, bad.nearest
        choices = choices_of(str(loc[0]), str(loc[-1])) if bad.code == "not_a_choice" else {}
        if choices:
            named = [f"{code}（{texts[1]}）" if texts[1] != code else code for code, texts in choices.items()]
            values = {**values, "choices_zh": "、".join(named)}
            words = {texts[1]: code for code, texts in choices.items()}
            nearest = nearest or words.get(nearest_name(found, words), "")
        report.add(bad.code, place, path=_shown_path(path, place), found=found, nearest=nearest, **values)
    elif kind in ("model_type", "model_attributes_type", "dict_type"):
        report.add("expected_mapping", place, path=shown, found=written(value_at(tree, path)))
    elif kind == "list_type":
        report.add("expected_list", place, path=shown, found=written(value_at(tree, path)))
    else:
        raise AssertionError(f"pydantic told {kind} at {loc}")


def _existing(tree: Block, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of ``loc`` that stands in the file: a number told as a step has no ``[0].value`` there."""
    node: Any = tree
    for i, step in enumerate(loc):
        try:
            node = cast(Any, node)[step] if isinstance(node, (dict, list)) else node.missing
        except (KeyError, IndexError, TypeError, AttributeError):
            return loc[:i]
    return loc


def _key_place(tree: Block, loc: tuple[str | int, ...]) -> Place | None:
    """Where a key stands; for a value that follows its key on the line, the value's place tells the line."""
    holder = value_at(tree, loc[:-1])
    return holder.place_of(str(loc[-1])) if isinstance(holder, Block) else None


def in_order(problems: list[Problem]) -> list[Problem]:
    """By file, line and column; the order of finding among equals; exact repetitions once."""
    files: dict[str, int] = {}
    for problem in problems:
        files.setdefault(problem.file, len(files))
    unique = list(dict.fromkeys(problems))
    ordered = sorted(unique, key=lambda p: (files[p.file], p.sheet, p.line, p.column))
    if len(ordered) <= MOST_PROBLEMS:
        return ordered
    values = {"count": len(ordered) - MOST_PROBLEMS, "limit": MOST_PROBLEMS}
    return [*ordered[:MOST_PROBLEMS], problem_from(FILE_TEMPLATES, "more_problems", values)]
