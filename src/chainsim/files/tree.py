"""What a file holds before it is understood: plain values that remember where they stood.

Scalars stay text (YAML, CSV) or what a cell holds (workbook): the schema decides what a value must be, so that ``no``, ``017``
or ``1:30`` never turn into something else on the way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from chainsim.errors import Problem
from chainsim.files.messages import FILE_TEMPLATES
from chainsim.model.messages import problem_from


class Place(NamedTuple):
    """A position in a file; ``layer`` is 0 for the file asked for, -1 for what it extends, and so on."""

    file: str
    line: int = 0
    column: int = 0
    sheet: str = ""
    cell: str = ""
    layer: int = 0


class PlaceMap(Protocol):
    """Where the values of a block stand (a dict will do)."""

    def get(self, key: str, /) -> Place | None:
        """The place of the value of ``key``, if known."""


class Block(dict[str, Any]):
    """A mapping that knows where it and its values stand."""

    __slots__ = ("place", "places")

    def __init__(self, values: Any = (), *, place: Place, places: PlaceMap | None = None) -> None:
        super().__init__(values)
        self.place = place
        self.places: PlaceMap = {} if places is None else places

    def place_of(self, key: str) -> Place:
        """Where the value of ``key`` stands, or the block itself."""
        return self.places.get(key) or self.place


class Items(list[Any]):
    """A sequence that knows where it and its members stand."""

    __slots__ = ("place", "places")

    def __init__(self, values: Iterable[Any] = (), *, place: Place, places: list[Place] | None = None) -> None:
        super().__init__(values)
        self.place = place
        self.places = [] if places is None else places

    def place_of(self, index: int) -> Place:
        """Where member ``index`` stands, or the sequence itself."""
        return self.places[index] if index < len(self.places) else getattr(self[index], "place", self.place)


@dataclass(slots=True)
class Report:
    """Everything found so far; a load goes on after a problem so that all are told at once."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def add(
        self, code: str, place: Place, *, path: str = "", found: str = "", nearest: str = "", **values: object
    ) -> None:
        """A problem from the table of messages at ``place``; ``values`` fill its texts."""
        problem = problem_from(FILE_TEMPLATES, code, values, path=path, found=found, nearest=nearest)
        self.problems.append(at_place(problem, place))

    def warn(self, code: str, place: Place, *, found: str = "", nearest: str = "", **values: object) -> None:
        """Something worth telling that is no mistake."""
        self.warnings.append(at_place(problem_from(FILE_TEMPLATES, code, values, found=found, nearest=nearest), place))


def at_place(problem: Problem, place: Place) -> Problem:
    """``problem`` with its file, line and column (or sheet and cell)."""
    return replace(problem, file=place.file, line=place.line, column=place.column, sheet=place.sheet, cell=place.cell)


def place_text(place: Place) -> str:
    """A place as it is named inside a message: ``plan.csv:3`` or ``western.xlsx[Plan!D3]``."""
    return f"{place.file}[{place.sheet}!{place.cell}]" if place.cell else f"{place.file}:{place.line}"


def locate(tree: Any, path: Iterable[str | int]) -> Place:
    """The place of ``path`` inside ``tree``, as deep as it goes. A key also matches its ``_per_year`` twin."""
    place: Place = tree.place
    for step in path:
        if isinstance(tree, Block) and isinstance(step, str):
            key = step if step in tree else f"{step}_per_year"
            if key not in tree:
                return place
            place, tree = tree.place_of(key), tree[key]
        elif isinstance(tree, Items) and isinstance(step, int) and step < len(tree):
            place, tree = tree.place_of(step), tree[step]
        else:
            return place
    return place


def value_at(tree: Any, path: Iterable[str | int]) -> Any:
    """The value at ``path``, or None where there is none."""
    for step in path:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return None
    return tree


def written(value: Any, limit: int = 60) -> str:
    """A value as the user wrote it, shortened, for a message."""
    if isinstance(value, dict):
        text = (
            "{"
            + ", ".join(
                f"{key}: …" if isinstance(v, (dict, list)) else f"{key}: {v}" for key, v in list(value.items())[:6]
            )
            + "}"
        )
    elif isinstance(value, list):
        text = "[" + ", ".join("…" if isinstance(v, (dict, list)) else str(v) for v in value[:6]) + "]"
    elif value is None:
        text = "(empty)"
    elif isinstance(value, float):
        text = f"{value:.15g}"
    else:
        text = str(value)
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def path_text(path: Iterable[str | int]) -> str:
    """``("plan", 3, "amount")`` as ``plan[3].amount``."""
    out = ""
    for step in path:
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else str(step)
    return out


def path_steps(text: str) -> tuple[str | int, ...]:
    """The inverse of ``path_text``.

    >>> path_steps("orders[0].lines[2].amount")
    ('orders', 0, 'lines', 2, 'amount')
    """
    steps: list[str | int] = []
    for part in text.split("."):
        name, *indices = part.split("[")
        if name:
            steps.append(name)
        steps += [int(index[:-1]) if index[:-1].isdigit() else index for index in indices]
    return tuple(steps)
