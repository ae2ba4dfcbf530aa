"""What a page's tables are made of: cells as text, with a class that says how they look."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = "–"
"""What stands where there is no figure."""


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` is shown as it is (the template escapes it); ``look`` names a class of the style sheet."""

    text: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: the first column heads its rows; ``numeric`` says which columns are set to the right."""

    caption: str
    heads: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[Cell, ...] = ()


def tonnes(value: float) -> Cell:
    """Whole tonnes; a change has its sign elsewhere."""
    return Cell(f"{value:,.0f}".replace("-", "−"))


def signed(value: float, digits: int = 0, unit: str = "") -> Cell:
    """A change, with its sign."""
    return Cell(f"{value:+,.{digits}f}{unit}".replace("-", "−"))
