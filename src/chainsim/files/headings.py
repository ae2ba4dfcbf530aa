"""Which column, sheet or choice a planner's words mean: the declared headings of either language, and further Chinese ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from chainsim.files.columns import COLUMNS, SETTINGS, SHEET_NAMES
from chainsim.model.messages import nearest_name

HEADINGS_ZH: dict[str, str] = {"品种": "grade", "时段": "period", "自": "from"}
"""Further Chinese headings that planners' sheets use, and the columns they mean, where the table has them."""

READ_ONLY = ("(read-only)", "（只读）")
"""How the heading of a column ends that is there to be looked at, in English and Chinese: it is not read."""
_UNIT = re.compile(r"\s*[(（][^()（）]*[)）]$")


def column_named(table: str, text: str, known: Iterable[str]) -> str:
    """The column of ``table`` that a heading means, if it is one of ``known``; else the heading itself.

    Headings are the column's name, or its heading in either language, with or without a unit behind it.

    >>> known = ("customer", "amount")
    >>> [column_named("plan", text, known) for text in ("amount", "数量（万吨）", "Customer", "2008-07")]
    ['amount', 'amount', 'customer', '2008-07']
    """
    known = tuple(known)
    if text in known:
        return text
    for written in (text, _UNIT.sub("", text)):
        for name in (_headings(table).get(written.casefold(), ""), HEADINGS_ZH.get(written, "")):
            if name in known:
                return name
    return text


def nearest_heading(table: str, text: str, known: Iterable[str]) -> str:
    """The name or heading of ``table``'s columns closest to ``text``, or ""."""
    known = tuple(known)
    return nearest_name(text, (*known, *(c.zh for c in COLUMNS.get(table, ()) if c.name in known)))


def sheet_named(text: str) -> str:
    """The table that a sheet's name means, or the name itself.

    >>> sheet_named("计划"), sheet_named("Plan"), sheet_named("plan"), sheet_named("Notes")
    ('plan', 'plan', 'plan', 'Notes')
    """
    return _sheets().get(text.strip().casefold(), text)


def setting_named(text: str) -> str:
    """The key that a row of the sheet of settings means, or the text itself.

    >>> setting_named("开始"), setting_named("title_zh"), setting_named("As of")
    ('start', 'title.zh', 'as_of')
    """
    text = text.strip()
    return _settings().get(text.casefold(), text.replace("title_", "title."))


@cache
def choice_words(table: str) -> Mapping[str, Mapping[str, str]]:
    """Column → Chinese word → the choice it means, for the columns of ``table`` that are a closed choice."""
    return {
        column.name: {texts[1]: code for code, texts in column.choices.items()}
        for column in COLUMNS.get(table, ())
        if column.choices
    }


@cache
def setting_words() -> Mapping[str, Mapping[str, str]]:
    """As ``choice_words``, for the sheet of settings."""
    return {c.name: {texts[1]: code for code, texts in c.choices.items()} for c in SETTINGS if c.choices}


@cache
def _headings(table: str) -> dict[str, str]:
    return {heading.casefold(): c.name for c in COLUMNS.get(table, ()) for heading in (c.en, c.zh, c.name)}


@cache
def _sheets() -> dict[str, str]:
    return {name.casefold(): table for table, names in SHEET_NAMES.items() for name in (*names, table)}


@cache
def _settings() -> dict[str, str]:
    return {heading.casefold(): c.name for c in SETTINGS for heading in (c.en, c.zh, c.name)}
