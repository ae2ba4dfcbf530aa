"""Which rows of a rule to explain: found by the names and periods that a planner types, told what there is where nothing fits."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chainsim.errors import InputError, Problem
from chainsim.model.messages import name_list, nearest_name
from chainsim.results import Column, Labels
from chainsim.rules.explained_steps import Explaining, Spot
from chainsim.rules.explained_values import name_texts
from chainsim.rules.language.reckoning import Value
from chainsim.rules.language.writing import written
from chainsim.rules.periods import later, period_text
from chainsim.rules.rule import Rule
from chainsim.rules.running.database import ROW

MOST_ROWS = 6
"""Rows that are explained in full; the others are counted."""
_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{1,2}))?)?")
_PLACES = ("asset", "holder", "pipeline", "railway", "supplier")
"""Key columns that name an asset."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a rule's rows to explain; "" asks for all. ``period`` is a year, a month, ``2008-07-2`` for ten days, or a day."""

    customer: str = ""
    asset: str = ""
    grade: str = ""
    period: str = ""


def subject_rows(explaining: Explaining, rule: Rule, wanted: Wanted, labels: Labels) -> list[dict[str, Value]]:
    """The rows of the wanted subjects in order of time, with the condition's value under its text."""
    everything = Spot(rule.rows, rule.references, {})
    names = explaining.rows(everything, ())
    keys: dict[str, Value] = {}
    for value, candidates, option in (
        (wanted.customer, ("customer", "holder", "asset"), "--customer"),
        (wanted.asset, _PLACES, "--asset"),
        (wanted.grade, ("grade",), "--grade"),
    ):
        if value:
            key = next((key for key in candidates if key in rule.subject_keys and key not in keys), "")
            if not key:
                own = ", ".join(rule.keys) or "–"
                raise refused(
                    f"rule '{rule.id}' goes by {own}: {option} means nothing here",
                    f"规则“{rule.id}”按 {own} 区分，{option} 在此无意义",
                )
            keys[key] = _named(value, rule.columns[key], [row[key] for row in names], labels)
    rows = explaining.rows(replace(everything, keys=keys), [rule.when])
    if not rows and keys:
        asked = ", ".join(f"{key} {value}" for key, value in keys.items())
        raise refused(f"the rule has no row for {asked}", f"规则没有 {asked} 的行")
    if not rows:
        table = rule.rows.table.name
        limited = rule.rows.where is not None
        raise refused(
            f"nothing to explain: {'no row meets the where of the rule' if limited else f'the table {table} is empty'}",
            f"无可解释：{'没有满足 where 的行' if limited else f'表 {table} 为空'}",
            written(rule.rows.where) if rule.rows.where is not None else "",
        )
    first = datetime.min
    return sorted(rows, key=lambda row: (at if isinstance(at := row.get(rule.period), datetime) else first, row[ROW]))


def _named(value: str, column: Column, found: Iterable[Value], labels: Labels) -> str:
    """The name that ``value`` is, or is the label of."""
    names = list(dict.fromkeys(str(name) for name in found if name is not None))
    if value in names:
        return value
    called = {label.casefold(): name for name in names for label in name_texts(name, column, labels)}
    if value.casefold() in called:
        return called[value.casefold()]
    nearest = nearest_name(value, names) or nearest_name(value.casefold(), called)
    raise refused(
        f"no {column.header_en.lower()} here is called '{value}'", f"没有名为“{value}”的{column.header_zh}",
        name_list(names, 40), nearest if nearest in names else called.get(nearest, ""),
    )  # fmt: skip


def chosen_rows(
    rule: Rule, rows: list[dict[str, Value]], period: str, shown: Container[Value]
) -> tuple[list[dict[str, Value]], int]:
    """The rows of the wanted period, those first where the condition held; without one those that findings show, or else those
    where it held, or else was unknown, or else the last."""
    held = written(rule.when)
    if period:
        rank: dict[Value, int] = {True: 0, None: 1, False: 2}
        found = sorted(_in_period(rule, rows, period), key=lambda row: rank[row[held]])
    else:
        found = [row for row in rows if row[ROW] in shown] or [row for row in rows if row[held] is True]
        found = found or [row for row in rows if row[held] is None] or rows[-1:]
    return found[:MOST_ROWS], max(0, len(found) - MOST_ROWS)


def _in_period(rule: Rule, rows: list[dict[str, Value]], period: str) -> list[dict[str, Value]]:
    if not rule.period:
        raise refused(f"the rows of rule '{rule.id}' have no period", f"规则“{rule.id}”的行不分周期")
    first, end = _span(period)
    found = []
    for row in rows:
        at = row[rule.period]
        # A day asked of monthly rows is answered by its month.
        if isinstance(at, datetime) and at < end and later(at, rule.period) > first:
            found.append(row)
    if not found:
        times = list(
            dict.fromkeys(period_text(at, rule.period) for row in rows if isinstance(at := row[rule.period], datetime))
        )
        there = ", ".join(times) if len(times) <= 24 else f"{times[0]} … {times[-1]} ({len(times)})"
        raise refused(f"there is no row for {period}", f"{period} 没有行", there, nearest_name(period, times))
    return found


def _span(period: str) -> tuple[datetime, datetime]:
    """The first day of a year, month, ten-day period or day, and the first after it."""
    match = _PERIOD.fullmatch(period)
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else 0 for part in match.groups())
        if not day:
            first = datetime(year, month or 1, 1)
            return first, later(first, "month", 1 if month else 12)
        if len(match[3]) == 1:
            first = datetime(year, month, 1 + 10 * (day - 1)) if day in {1, 2, 3} else datetime.max
            return first, later(first, "ten_days")
        first = datetime(year, month, day)
        return first, later(first, "day")
    except (ValueError, OverflowError):
        raise refused(
            f"'{period}' is no period", f"“{period}”不是周期", "2008, 2008-07, 2008-07-2 (11th to 20th), 2008-07-15"
        ) from None


def refused(message: str, message_zh: str, accepted: str = "", nearest: str = "") -> InputError:
    return InputError(
        [
            Problem(
                code="explain",
                message=message,
                message_zh=message_zh,
                accepted=accepted,
                accepted_zh=accepted,
                nearest=nearest,
            )
        ]
    )
