"""What an input column is: its headings, unit, meaning and what its cells accept, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Texts = Mapping[str, tuple[str, str]]
"""A closed choice: code → (English, Chinese)."""
Kind = Literal[
    "name", "text", "number", "count", "share", "flag", "day", "instant", "period", "edge", "choice",
    "steps", "heel", "by_grade", "shares", "parcels", "names", "place", "distribution", "any",
]  # fmt: skip
"""``steps``: a number, or several from a day on; ``heel``: a number, or one by grade; ``parcels``: grade=amount in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of an input table.

    ``unit`` is as shown; "amount", "amount/d" and "amount/a" stand for the scenario's own unit of amounts. ``of`` names the
    sheets whose names a cell may hold. ``usual``: shown in a new workbook even where nothing is stated.
    """

    name: str
    en: str
    zh: str
    kind: Kind
    unit: str = ""
    meaning_en: str = ""
    meaning_zh: str = ""
    of: tuple[str, ...] = ()
    choices: Texts = field(default_factory=dict)
    usual: bool = True
    required: bool = False

    def heading(self, lang: str) -> str:
        """How the column is headed in ``lang`` ("en" or "zh"), without its unit."""
        return self.zh if lang == "zh" else self.en

    def meaning(self, lang: str) -> str:
        """What the column says, in ``lang``."""
        return self.meaning_zh if lang == "zh" else self.meaning_en


def declared(
    name: str,
    headings: tuple[str, str],
    kind: Kind,
    unit: str = "",
    meaning: tuple[str, str] = ("", ""),
    *,
    of: tuple[str, ...] = (),
    choices: Texts | None = None,
    usual: bool = True,
    required: bool = False,
) -> Column:
    """A column in few words: pairs are English and Chinese."""
    return Column(
        name=name,
        en=headings[0],
        zh=headings[1],
        kind=kind,
        unit=unit,
        meaning_en=meaning[0],
        meaning_zh=meaning[1],
        of=of,
        choices=choices or {},
        usual=usual,
        required=required,
    )
