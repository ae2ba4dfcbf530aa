"""A scenario as the tree of its files, to be varied many times: read once, laid over by overlays that need not be files.

What a variation states goes the way of an overlay's statements: the same readers, units, checks and messages, each with its
place. Trees here are never changed; what is laid over them gives a new one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainsim.errors import InputError, Problem
from chainsim.files.cases import split_case
from chainsim.files.layers import DEEPEST_CHAIN, OWN_KEYS, lay_over, read_layer, read_layers
from chainsim.files.load import LoadedScenario, amount_unit_of, in_order, scenario_in
from chainsim.files.sources import Sources
from chainsim.files.tables import TABLES
from chainsim.files.tree import Block, Items, Place, Report
from chainsim.model import Scenario


@dataclass(frozen=True, slots=True)
class ScenarioTree:
    """A scenario's tree with its origin: every file read (name relative to its folder, SHA-256) and warnings."""

    tree: Block
    inputs: tuple[tuple[str, str], ...]
    warnings: tuple[Problem, ...]

    def loaded(self, scenario: Scenario) -> LoadedScenario:
        """``scenario``, which this tree or a variation of it made, as ``load_scenario`` would give it."""
        return LoadedScenario(
            scenario=scenario, inputs=self.inputs, warnings=self.warnings, amount_unit=amount_unit_of(self.tree)
        )


def read_scenario_tree(path: Path) -> ScenarioTree:
    """The scenario at ``path`` as one tree, which can be pickled. Raises ``InputError`` where it cannot be read."""
    file, _ = split_case(path)
    report = Report()
    sources = Sources(file if file.is_dir() else file.parent)
    tree = read_layers(path, sources, report)
    if tree is None or report.problems:
        raise InputError(in_order(report.problems))
    return ScenarioTree(settled(tree), tuple(sources.inputs), tuple(report.warnings))


def read_overlay_tree(
    path: Path, shown: str, asked_at: Place, layer: int, sources: Sources, report: Report
) -> Block | None:
    """An overlay's own statements as a tree of ``layer``; its name stays behind, and what it extends stands under ``extends``."""
    tree = read_layer(path, shown, asked_at, layer, sources, report)
    if tree is None:
        return None
    for key in OWN_KEYS:
        tree.pop(key, None)
    return _settled_block(tree)


def varied(under: Block, over: Block, report: Report) -> Block:
    """``over`` laid over ``under``, under whose name it stays."""
    merged = lay_over(under, Block(over, place=over.place, places=over.places), report)
    assert isinstance(merged.places, dict)
    for key in OWN_KEYS:
        if key in under and key not in over:
            merged[key] = under[key]
            merged.places[key] = under.place_of(key)
    return merged


def scenario_of(tree: Block) -> Scenario:
    """The scenario that ``tree`` states. Raises ``InputError`` with every problem found, at its place."""
    report = Report()
    scenario = scenario_in(_own_copy(tree), report)
    if report.problems or scenario is None:
        raise InputError(in_order(report.problems))
    return scenario


def settled(tree: Any) -> Any:
    """``tree`` with all its places worked out, so that it can be pickled."""
    if isinstance(tree, Block):
        return _settled_block(tree)
    if isinstance(tree, Items):
        places = [tree.place_of(i) for i in range(len(tree))]
        return Items([settled(value) for value in tree], place=tree.place, places=places)
    return tree


def extended_by(path: Path, overlay: Block) -> Path | None:
    """The file or folder that ``overlay``, read from ``path``, says it extends; ``None`` where it says nothing."""
    parent = overlay.get("extends")
    if not isinstance(parent, str) or not parent.strip():
        return None
    found = Path(os.path.realpath((path if path.is_dir() else path.parent) / parent))
    return found.parent if found.name == "scenario.yaml" else found


def lies_over(base: Path, path: Path, overlay: Block) -> bool:
    """Whether what ``overlay``, read from ``path``, extends is the scenario at ``base`` or something that this extends."""
    parent = extended_by(path, overlay)
    if parent is None:
        return True
    current: Path | None = Path(os.path.realpath(base))
    report = Report()
    for _ in range(DEEPEST_CHAIN + 2):
        if current is None or current == parent:
            return current is not None
        layer = read_overlay_tree(current, current.as_posix(), Place(""), 0, Sources(current.parent), report)
        current = None if layer is None else extended_by(current, layer)
    return False


def _settled_block(block: Block) -> Block:
    places = {key: block.place_of(key) for key in block}
    return Block({key: settled(value) for key, value in block.items()}, place=block.place, places=places)


def _own_copy(tree: Block) -> Block:
    """A copy of all that reading a scenario out of a tree may change: rows of tables it leaves alone, but for orders."""
    places = {key: tree.place_of(key) for key in tree}
    rows = TABLES.keys() - {"orders"}
    values = {key: value if key in rows else settled(value) for key, value in tree.items()}
    return Block(values, place=tree.place, places=places)
