"""The use case of the plan grid: a plan as a table of months, and cells of it changed or pasted from a spreadsheet.

A plan's lines nest (year ⊃ quarter ⊃ month ⊃ ten days) and must add up. So a month that is changed takes with it what a hand
would restate: the coarser lines by the difference, the ten-day lines inside in proportion.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from chainsim.errors import InputError, Problem
from chainsim.files.overlays import Changes, plain, row_path
from chainsim.files.quantities import BadValueError, plain_number, read_number, read_period
from chainsim.files.tree import Block, Place, at_place
from chainsim.mistakes import mistake
from chainsim.model import Scenario
from chainsim.model.checks_network import reachable_grades
from chainsim.model.messages import name_list, nearest_name
from chainsim.model.plan import LEVELS, TONNES_PER, Level, amounts_by_month, month_starts, period_bounds
from chainsim.texts import both
from chainsim.workflow_whatif import Base, scenario_with, stated, with_rows, without

Cell = tuple[str, str, str]
"""Customer, grade, month (``2008-04``)."""
_TONNES = {**TONNES_PER, "吨": 1.0, "千吨": 1e3, "万t": 1e4, "万吨": 1e4, "萬噸": 1e4}
_WITH_UNIT = re.compile(r"(.*?)\s*(t|kt|wt|吨|千吨|万t|万吨|萬噸)")
_DIGITS = 6
"""Places after the point that are kept of what is worked out: a gram, where amounts are in tonnes."""


@dataclass(frozen=True)
class PlanRow:
    """A customer's plan of a grade: an amount for each month of the grid, in the scenario's unit."""

    customer: str
    grade: str
    amounts: tuple[float, ...]
    filed: tuple[float, ...]
    """As the files state it."""


@dataclass(frozen=True)
class PlanGrid:
    """The directive plan by month, without adjustment orders."""

    months: tuple[str, ...]
    rows: tuple[PlanRow, ...]
    free: dict[str, tuple[str, ...]]
    """Customer → grades that it takes, that something brings to it, and of which nothing is planned yet; only those with any."""


def plan_grid(base: Base, changes: Changes, scenario: Scenario) -> PlanGrid:
    """The plan under ``changes``, whose scenario is ``scenario``, over the months that are simulated."""
    months = month_starts(scenario.start, scenario.calendar_date(scenario.end_day - 1) + timedelta(days=1))
    now, filed = _lines(stated(base, changes)), _lines(base.tree)
    rows = []
    keys = dict.fromkeys((*filed, *now))
    together = {customer: place for place, customer in enumerate(dict.fromkeys(customer for customer, _ in keys))}
    for key in sorted(keys, key=lambda key: together[key[0]]):  # a new line stands with its customer's others
        sides = (amounts_by_month(_amounts(lines.get(key, {})), months) for lines in (now, filed))
        amounts, before = (tuple(round(amount, _DIGITS) for amount in side) for side in sides)
        rows.append(PlanRow(*key, amounts, before))
    possible = plannable(scenario)
    free = {who: tuple(g for g in grades if (who, g) not in keys) for who, grades in possible.items()}
    return PlanGrid(
        tuple(f"{month:%Y-%m}" for month in months),
        tuple(rows),
        {who: grades for who, grades in free.items() if grades},
    )


def plannable(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Customer → the grades that can be planned for it: it takes them, and a line or a railway brings them."""
    brought = reachable_grades(scenario)
    return {
        customer.name: tuple(g for g in customer.grades if any(brought.get(customer.name, {}).get(g, ())))
        for customer in scenario.customers
    }


def with_cells(base: Base, changes: Changes, cells: Mapping[Cell, str]) -> tuple[Changes, list[Problem]]:
    """``changes`` with the months in ``cells`` planned as their texts say, and what is wrong with the others.

    Each cell is answered by itself: a problem has its cell's path (``plan.yumen.tarim.2008-04``) as its ``file``, and the other
    cells are as if it had not been there. Cells without text are left as they are. A customer and grade of which nothing is
    planned become a new line, where the grade can come to the customer. Raises ``InputError`` for what lies elsewhere.
    """
    problems: list[Problem] = []
    wanted: dict[Cell, float] = {}
    known = _lines(base.tree).keys() | _lines(stated(base, changes)).keys()
    scenario = scenario_with(base, changes) if any(cell[:2] not in known for cell in cells) else None
    possible = plannable(scenario) if scenario is not None else {}
    for cell, words in cells.items():
        try:
            amount = amount_of(words, base.amount_unit)
        except BadValueError as bad:
            problems.append(_not_an_amount(cell, words, bad))
            continue
        if amount is None:
            continue
        if scenario is not None and cell[:2] not in known and (problem := _not_plannable(scenario, possible, cell)):
            problems.append(problem)
            continue
        wanted[cell] = amount
    return _taken(base, changes, wanted, problems), problems


def _taken(base: Base, changes: Changes, wanted: Mapping[Cell, float], problems: list[Problem]) -> Changes:
    """``changes`` with those of ``wanted`` that the scenario bears, in order; what is wrong with the others into ``problems``."""
    new = _with_amounts(base, changes, wanted)
    try:
        scenario_with(base, new)
        return new
    except InputError as error:
        named = {cell: p for p in error.problems for cell in wanted if _is_about(p.file, cell)}
        if len(wanted) <= 1 and not named:  # told elsewhere: at an order that takes more off than is now planned
            if not wanted:
                raise
            named = dict.fromkeys(wanted, error.problems[0])
    problems += [_at(problem, cell) for cell, problem in named.items()]
    left = [(cell, amount) for cell, amount in wanted.items() if cell not in named]
    if named:
        return _taken(base, changes, dict(left), problems)
    middle = len(left) // 2
    return _taken(base, _taken(base, changes, dict(left[:middle]), problems), dict(left[middle:]), problems)


def amount_of(words: str, unit: str) -> float | None:
    """The amount that a spreadsheet's cell means, in ``unit``; None for a cell without anything in it.

    Full-width digits, thousands separators, 万 and 亿, numbers in Chinese characters and a unit of weight are understood, and
    the dash that spreadsheets show for nought. Raises ``BadValueError``.

    >>> [amount_of(words, "t") for words in ("1,300", "１２００", "1.2万", "1.2万吨", "3 kt", "-", " ")]
    [1300.0, 1200.0, 12000.0, 12000.0, 3000.0, 0.0, None]
    >>> amount_of("1.2万吨", "wt"), amount_of("12,000 t", "kt")
    (1.2, 12.0)
    """
    narrow = unicodedata.normalize("NFKC", words).replace("\u00a0", " ").replace("−", "-").strip()
    if not narrow:
        return None
    if narrow in ("-", "–", "—"):
        return 0.0
    factor = 1.0
    match = _WITH_UNIT.fullmatch(narrow)
    if match and unit in TONNES_PER:
        narrow, factor = match[1], _TONNES[match[2]] / TONNES_PER[unit]
    sure = "" if re.search(r"[A-DF-Za-df-z]", narrow) else plain_number(narrow)
    amount = read_number(sure or words.strip()) * factor
    if amount < 0:
        raise BadValueError("negative_amount")
    return round(amount, _DIGITS)


_Key = tuple[Level, date]
_COARSER: tuple[Level, ...] = ("quarter", "annual")
_Lines = dict[_Key, tuple[Block, float]]


def _lines(tree: Block) -> dict[tuple[str, str], _Lines]:
    """Plan lines that can be read, by customer and grade, then by level and first day: the row and its amount."""
    out: dict[tuple[str, str], _Lines] = {}
    for row in tree.get("plan") or ():
        try:
            period, amount = read_period(row.get("period")), read_number(row.get("amount"))
        except BadValueError:
            continue
        key = (str(row.get("customer")), str(row.get("grade")))
        out.setdefault(key, {})[period.level, period.start] = (row, amount)
    return out


def _amounts(lines: _Lines) -> list[tuple[Level, date, float]]:
    return [(level, start, amount) for (level, start), (_, amount) in lines.items()]


def _with_amounts(base: Base, changes: Changes, wanted: Mapping[Cell, float]) -> Changes:
    """``changes`` with the months' amounts, and the lines above and below them."""
    by_line: dict[tuple[str, str], dict[date, float]] = {}
    for (customer, grade, period), amount in wanted.items():
        by_line.setdefault((customer, grade), {})[read_period(period).start] = amount
    known = _lines(stated(base, changes))
    rows: list[dict[str, Any]] = []
    for key, months in by_line.items():
        lines = known.get(key, {})
        before = dict(zip(months, amounts_by_month(_amounts(lines), tuple(months)), strict=True))
        new: dict[_Key, float] = {}
        for month, amount in months.items():
            if round(before[month], _DIGITS) == amount:
                continue
            new |= _of_a_month(lines, month, before[month], amount)
            for level in _COARSER:
                line: _Key = (level, period_bounds(level, month)[0])
                if line in lines:
                    new[line] = new.get(line, lines[line][1]) + amount - before[month]
        rows += [_restated(key, line, lines, amount) for line, amount in sorted(new.items(), key=_in_order)]
    changes = with_rows(base, changes, "plan", rows)
    filed = _lines(base.tree)
    for row in rows:  # a month of a new line that is taken back states nothing, unless a coarser line stands above it
        key = (row["customer"], row["grade"])
        coarser = any(level != "month" for level, _ in known.get(key, ()))
        if row["amount"] == "0" and key not in filed and not coarser:
            changes = without(changes, row_path("plan", row))
    return changes


def _of_a_month(lines: _Lines, month: date, before: float, amount: float) -> dict[_Key, float]:
    """The month's own line, where it has one or has none at all, and its ten-day lines in proportion."""
    starts = [period_bounds("ten_day", month + timedelta(days=days)) for days in (0, 10, 20)]
    tens: list[tuple[_Key, int]] = [(("ten_day", a), (b - a).days) for a, b in starts if ("ten_day", a) in lines]
    out: dict[_Key, float] = {}
    if ("month", month) in lines or not tens:
        out["month", month] = amount
    stated_tens = sum(lines[key][1] for key, _ in tens)
    left = amount * stated_tens / before if before > 0 else amount
    days_left = sum(days for _, days in tens)
    for key, days in tens:
        share = lines[key][1] / stated_tens if stated_tens > 0 else days / days_left
        out[key] = round(left * share, 0 if amount >= 1000 else _DIGITS)
    if tens:  # the last takes what rounding left
        out[tens[-1][0]] += left - sum(out[key] for key, _ in tens)
    return out


def _in_order(item: tuple[_Key, float]) -> tuple[date, int]:
    (level, start), _ = item
    return start, LEVELS.index(level)


def _restated(key: tuple[str, str], line: _Key, lines: _Lines, amount: float) -> dict[str, Any]:
    level, start = line
    known = plain(lines[line][0]) if line in lines else {"period": _period(level, start)}
    words = f"{round(amount, _DIGITS):.15g}"
    return {"customer": key[0], "grade": key[1], **known, "amount": words}


def _period(level: Level, start: date) -> str:
    assert level == "month", "only months are stated anew"
    return f"{start:%Y-%m}"


def _is_about(path: str, cell: Cell) -> bool:
    whole = row_path("plan", dict(zip(("customer", "grade", "period"), cell, strict=True)))
    return path == whole or path.startswith((f"{whole}.", f"{whole}-"))


def _at(problem: Problem, cell: Cell) -> Problem:
    return at_place(replace(problem, path=""), Place(".".join(("plan", *cell))))


def _not_an_amount(cell: Cell, words: str, bad: BadValueError) -> Problem:
    key = {"negative_amount": "plan.negative", "error_cell": "plan.error_cell"}
    return mistake(
        "plan-cell", key.get(bad.code, "plan.not_a_number"), file=".".join(("plan", *cell)), found=words.strip()[:40],
        accepted=both("plan.accepted"), nearest=bad.nearest,
    )  # fmt: skip


def _not_plannable(scenario: Scenario, possible: Mapping[str, Sequence[str]], cell: Cell) -> Problem | None:
    """Why nothing of the cell's grade can be planned for its customer; ``None`` where it can, by what is ``plannable``."""
    name, grade, _ = cell
    if grade in possible.get(name, ()):
        return None
    customers = {customer.name: customer for customer in scenario.customers}
    grades = {grade.name: grade.label for grade in scenario.grades}
    file = ".".join(("plan", *cell))
    if name not in customers:
        near, known = nearest_name(name, customers), name_list(customers)
        return mistake("plan-cell", "plan.no_customer", file=file, found=name[:40], accepted=known, nearest=near)
    said = [name_list(grades[one].text(lang, one) for one in possible[name]) for lang in ("en", "zh")]
    accepted = (said[0], said[1].replace(", ", "、"))
    if grade not in grades:
        near = nearest_name(grade, grades)
        return mistake("plan-cell", "plan.no_grade", file=file, found=grade[:40], accepted=accepted, nearest=near)
    key = "plan.not_brought" if grade in customers[name].grades else "plan.not_taken"
    return mistake("plan-cell", key, file=file, found=grade, accepted=accepted)
