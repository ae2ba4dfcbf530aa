"""Every value of a scenario by its path, as text: what two scenarios differ in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

from chainsim.model.profile import Profile
from chainsim.model.scenario import Scenario

_UNTOLD = frozenset({"name", "label", "description", "note"})
"""What a thing is called, and what is remarked on it, changes no outcome."""
_INSTANTS = frozenset({"day", "effective_day", "as_of_day", "start", "end"})
"""Fields that hold days since the scenario's start where they hold a number."""
_KEYS: tuple[tuple[str, ...], ...] = (
    ("number",),
    ("work_order", "step"),
    ("customer", "planned"),
    ("customer", "on", "dimension"),
    ("customer", "grade", "level"),
    ("supplier", "level"),
    ("customer", "grade", "day"),
    ("grade", "day"),
    ("customer", "day"),
    ("asset", "grade"),
    ("name",),
    ("customer",),
)
"""What tells the members of a list apart: of these the first that it has whole. A level stands for its period."""


def values_of(scenario: Scenario) -> dict[str, str]:
    """Path → value, in the scenario's order. Names of fields are the model's, with their units; days are dates.

    Nothing is told twice: the scenario's own name, the labels and the description are left out, as are notes.
    """
    out: dict[str, str] = {}
    for path, value in _inside(scenario, scenario, "", ("end_day",)):
        text, number = path, 2
        while text in out:  # a second row of the same key
            text, number = f"{path}#{number}", number + 1
        out[text] = value
    out["end"] = scenario.instant(scenario.end_day).date().isoformat()
    return out


def _inside(thing: Any, scenario: Scenario, path: str, told: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The values inside ``thing``, but for the fields ``told`` in its path."""
    for name in _field_names(thing.__class__):
        if name in told:
            continue
        value = getattr(thing, name)
        if value is None or value == "" or value == ():
            continue
        inner = f"{path}.{name}" if path else name
        if isinstance(value, str):
            yield inner, value
        elif isinstance(value, float):
            yield inner, _moment(value, scenario) if name in _INSTANTS else f"{value:.12g}"
        elif isinstance(value, Profile):
            yield from _steps(value, scenario, inner)
        elif isinstance(value, dict):
            yield from ((f"{inner}.{key}" if key else inner, _text(part)) for key, part in value.items())
        elif isinstance(value, tuple) and is_dataclass(value[0]):
            key = _key_of(value[0].__class__)
            known = (*key, "start", "end") if "level" in key else key
            for member in value:
                yield from _inside(member, scenario, f"{inner}.{_name_of(member, key, scenario)}", known)
        else:
            yield inner, _text(value)


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name not in _UNTOLD)


@cache
def _key_of(kind: type) -> tuple[str, ...]:
    """The fields that name a ``kind`` within its list."""
    names = {field.name for field in fields(kind)}
    return next((key for key in _KEYS if names.issuperset(key)), ())


def _name_of(thing: Any, key: tuple[str, ...], scenario: Scenario) -> str:
    parts = []
    for name in key:
        value = getattr(thing, name)
        if name == "level":
            parts.append(_period(value, thing.start))
        else:
            parts.append(_moment(value, scenario) if name == "day" else str(value))
    return ".".join(parts)


def _period(level: str, start: date) -> str:
    """A calendar period as planners write it.

    >>> _period("quarter", date(2008, 7, 1)), _period("ten_day", date(2008, 7, 11))
    ('2008Q3', '2008-07-2')
    """
    match level:
        case "annual":
            return f"{start.year}"
        case "quarter":
            return f"{start.year}Q{(start.month + 2) // 3}"
        case "month":
            return f"{start:%Y-%m}"
        case _:
            return f"{start:%Y-%m}-{min(3, 1 + (start.day - 1) // 10)}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:.12g}"
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):  # a distribution
        parts = (getattr(value, field.name) for field in fields(value))
        return " ".join(_text(part) for part in parts)
    if isinstance(value, tuple):
        return " ".join(_text(part) for part in value)
    return str(value)


def _steps(profile: Profile, scenario: Scenario, path: str) -> Iterator[tuple[str, str]]:
    """A value from the start, under ``path`` itself, and one for each step after it, under ``path`` and its day."""
    yield path, f"{profile.at(0.0):.12g}"
    for day, value in profile.changes(0.0, scenario.end_day):
        yield f"{path}.{_moment(day, scenario)}", f"{value:.12g}"


def _moment(day: float, scenario: Scenario) -> str:
    """A day as a date, with the time where it is not midnight."""
    when = scenario.instant(day)
    return f"{when:%Y-%m-%d %H:%M}" if when.hour or when.minute else f"{when:%Y-%m-%d}"
