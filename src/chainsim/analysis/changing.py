"""A scenario's tree with changes laid over it, as overlays are: the same readers, units, checks and messages.

A change's place is no line of a file but what wrote it, so that a message reads ``with_: pipelines.trunk.capacity: …``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chainsim.errors import Problem
from chainsim.experiments.addressing import with_factor, with_value
from chainsim.experiments.messages import tell
from chainsim.files.cases import split_case
from chainsim.files.sources import Sources
from chainsim.files.tree import Block, Items, Place, Report
from chainsim.files.variants import lies_over, read_overlay_tree, varied

FIRST_LAYER = 1
"""Above the files of the scenario: what is stated later holds."""


Changed = tuple[Block, list[Problem]]
"""The tree as far as it could be changed, and what could not: whoever has it tells the scenario's own problems as well."""


def with_values(tree: Block, values: Mapping[str, Any], layer: int) -> Changed:
    """``tree`` with each path's value."""
    report, place = Report(), Place("with_", layer=layer)
    for path, value in values.items():
        tree = with_value(tree, path, as_tree(value, place), place, report)
    return tree, report.problems


def with_factors(tree: Block, factors: Mapping[str, float], window: tuple[str, str], layer: int) -> Changed:
    """``tree`` with what each path names multiplied."""
    report, place = Report(), Place("scaled", layer=layer)
    for path, factor in factors.items():
        tree = with_factor(tree, path, factor, window, place, report)
    return tree, report.problems


def with_statements(tree: Block, statements: Mapping[str, Any], layer: int) -> Changed:
    """``tree`` with an overlay's statements, given as plain values."""
    report = Report()
    over = as_tree(statements, Place("with_overlay", layer=layer))
    return varied(tree, over, report), report.problems


def with_file(tree: Block, base: Path, path: Path, layer: int) -> tuple[Changed, tuple[tuple[str, str], ...]]:
    """``tree`` with the overlay at ``path``, which must extend ``base`` or something below it, and the files read for it."""
    report, sources = Report(), Sources(path.parent)
    over = read_overlay_tree(path, path.as_posix(), Place(path.as_posix()), layer, sources, report)
    if over is not None:
        if not lies_over(split_case(base)[0], path, over):
            tell(report, "overlay_of_another", over.place_of("extends"), path="extends", found=str(over["extends"]),
                 base=base.as_posix())  # fmt: skip
        over.pop("extends", None)
        if not report.problems:
            tree = varied(tree, over, report)
    return (tree, report.problems), tuple(sources.inputs)


def as_tree(value: Any, place: Place) -> Any:
    """Plain values as a tree at ``place``; numbers of numpy and pandas become Python's own."""
    if isinstance(value, Mapping):
        named = {str(key): as_tree(inner, place) for key, inner in value.items()}
        return Block(named, place=place, places=dict.fromkeys(named, place))
    if hasattr(value, "item") and callable(value.item):
        return value.item()
    if isinstance(value, Iterable) and not isinstance(value, str):
        members = [as_tree(inner, place) for inner in value]
        return Items(members, place=place, places=[place] * len(members))
    return value
