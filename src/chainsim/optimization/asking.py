"""What a planner asks of a re-plan, from words: the day, the lines that may not change, one customer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from chainsim.errors import InputError, Problem
from chainsim.mistakes import mistake
from chainsim.model import Label, Scenario
from chainsim.model.messages import name_list, nearest_name
from chainsim.model.plan import courses, months_of
from chainsim.optimization.opening import MonthKey
from chainsim.simulation.outages import drawn

LOTS = ("trains", "batches")
"""What may be asked to be planned in whole lots."""
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_COMPLETION = re.compile(r"(\d+(?:\.\d+)?)\s*([%％]?)")


def day_asked(scenario: Scenario, as_of: date | None) -> tuple[float, str]:
    """The day of the re-plan and where it comes from: ``asked``, ``scenario`` (its as-of date) or ``outage`` (the first).

    Raises ``InputError`` for a date outside the run, and where none is asked and neither of the others exists.
    """
    if as_of is not None:
        day = scenario.day_of(as_of)
        if not scenario.as_of_day <= day < scenario.end_day:
            last = scenario.calendar_date(scenario.end_day - 1)
            accepted = f"{scenario.calendar_date(scenario.as_of_day)} … {last}"
            raise InputError(
                [mistake("optimize-day", "ask.outside", path="--as-of", found=str(as_of), accepted=accepted)]
            )
        return day, "asked"
    if scenario.as_of_day > 0:
        return scenario.as_of_day, "scenario"
    begins = [d.start for d in (*scenario.disruptions, *drawn(scenario)) if d.start < scenario.end_day and d.end > 0]
    if not begins:
        raise InputError([mistake("optimize-day", "ask.no_day", path="--as-of")])
    first = scenario.calendar_date(max(0.0, min(begins)))
    return scenario.day_of(first), "outage"


def frozen_lines(scenario: Scenario, day: float, asked: Sequence[str]) -> frozenset[MonthKey]:
    """The plan lines that ``asked`` names: ``customer/grade/2008-07``, or any part of it, by name or label.

    Raises ``InputError`` with every unknown name, and for a set that names no line of the plan from ``day`` on.
    """
    months = [(number, start, first) for number, (start, end, first) in enumerate(months_of(scenario)) if end > day]
    planned = {
        (customer, grade, segment.month)
        for (customer, grade), segments in courses(scenario, scenario.end_day).items()
        for segment in segments
        if segment.tonnes > 0
    }
    customers = _names((c.name, c.label) for c in scenario.customers)
    grades = _names((g.name, g.label) for g in scenario.grades)
    problems: list[Problem] = []
    out: set[MonthKey] = set()
    for words in asked:
        wanted: tuple[set[str], set[str], set[int]] = (set(), set(), set())
        known = True
        for part in (part.strip() for part in words.split("/")):
            month = _MONTH.fullmatch(part)
            if month:
                first = date(int(month[1]), int(month[2]), 1) if 1 <= int(month[2]) <= 12 else None
                found = {number for number, _, begin in months if begin == first}
                if not found:
                    inside = f"{months[0][2]:%Y-%m} … {months[-1][2]:%Y-%m}"
                    problems.append(
                        mistake("optimize-freeze", "ask.no_month", path="--freeze", found=part, accepted=inside)
                    )
                    known = False
                wanted[2].update(found)
            elif part in customers and not wanted[0]:
                wanted[0].add(customers[part])
            elif part in grades:
                wanted[1].add(grades[part])
            else:
                every = [*customers, *grades]
                near = nearest_name(part, every)
                names = name_list([c.name for c in scenario.customers] + [g.name for g in scenario.grades], 40)
                problems.append(
                    mistake("optimize-freeze", "ask.unknown", path="--freeze", found=part, accepted=names, nearest=near)
                )
                known = False
        own = {
            key
            for key in planned
            if (not wanted[0] or key[0] in wanted[0])
            and (not wanted[1] or key[1] in wanted[1])
            and key[2] in (wanted[2] or {number for number, _, _ in months})
        }
        if known and not own:
            problems.append(mistake("optimize-freeze", "ask.nothing", path="--freeze", found=words))
        out |= own
    if problems:
        raise InputError(problems)
    return frozenset(out)


def lots_asked(asked: Sequence[str]) -> tuple[bool, bool]:
    """Whether trains, and whether batches, are to be whole. Raises ``InputError`` with every other word."""
    problems = []
    for words in asked:
        if words not in LOTS:
            near, lots = nearest_name(words, LOTS), name_list(LOTS)
            problems.append(
                mistake("optimize-whole", "ask.lots", path="--whole", found=words, accepted=lots, nearest=near)
            )
    if problems:
        raise InputError(problems)
    trains, batches = (lot in asked for lot in LOTS)
    return trains, batches


def customer_asked(scenario: Scenario, asked: str, option: str = "--explain") -> str:
    """The name of the customer called ``asked``, by name or label; ``InputError`` with the nearest if there is none."""
    customers = _names((c.name, c.label) for c in scenario.customers)
    if asked not in customers:
        names = name_list((c.name for c in scenario.customers), 40)
        near = nearest_name(asked, customers)
        raise InputError(
            [mistake("optimize-customer", "ask.unknown", path=option, found=asked, accepted=names, nearest=near)]
        )
    return customers[asked]


def completion_asked(scenario: Scenario, asked: str) -> tuple[str, float]:
    """(customer, completion) of ``yumen=98%`` or ``yumen=0.98``; ``InputError`` for an unknown name or no part of a plan."""
    name, equals, words = (part.strip() for part in asked.rpartition("="))
    number = _COMPLETION.fullmatch(words)
    completion = float(number[1]) / (100.0 if number[2] else 1.0) if number else 0.0
    if not equals or not number or not 0.0 < completion <= 1.0:
        raise InputError(
            [mistake("optimize-reach", "ask.completion", path="--reach", found=asked, accepted="yumen=98%")]
        )
    return customer_asked(scenario, name, "--reach"), completion


def _names(named: Iterable[tuple[str, Label]]) -> Mapping[str, str]:
    """Name or label → name."""
    out: dict[str, str] = {}
    for name, label in named:
        for called in (label.en, label.zh):
            if called:
                out.setdefault(called, name)
        out[name] = name
    return out
