"""Forms: sheets for people to fill in, as plain values between those who know what they mean and those who write workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Cell = str | float | bool | date | None
"""What a cell holds; a ``datetime`` is a date with its time of day."""
CellKind = Literal["text", "number", "share", "day", "instant", "flag"]
Group = Literal["settings", "plan", "network", "actuals", "service", "cases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormColumn:
    """One column: its heading, what a comment on it says, and what its cells accept."""

    heading: str
    comment: str = ""
    kind: CellKind = "text"
    choices: tuple[str, ...] = ()
    """A closed choice; empty where any value may stand."""
    names_of: tuple[str, ...] = ()
    """Sheets whose first columns hold the names to choose from."""
    read_only: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One sheet: headings in the first row, then the rows."""

    sheet: str
    meaning: str
    group: Group
    columns: tuple[FormColumn, ...]
    rows: Sequence[Sequence[Cell]]
    choices_of_rows: tuple[tuple[str, ...], ...] = ()
    """Of a sheet of key and value: what each row's value may be, empty for anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormBook:
    """All sheets of a workbook to be filled in, what explains them, and a dictionary of every column they accept."""

    title: str
    how: tuple[str, ...]
    """Paragraphs of the first sheet."""
    forms: tuple[Form, ...]
    dictionary: tuple[tuple[str, ...], ...]
    """Rows (sheet, heading, name, unit, accepted, meaning), the headings of these first."""
    created: date
    """A fixed date, so that equal input gives equal bytes."""
    lang: str
