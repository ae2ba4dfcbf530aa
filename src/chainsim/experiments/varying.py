"""A variant of the base scenario: the levels of its factors laid over it one after the other."""

from __future__ import annotations

from typing import Any

from chainsim.errors import InputError
from chainsim.experiments.addressing import with_factor, with_value
from chainsim.experiments.experiment import Experiment, Factor, Level, Variant
from chainsim.files.tree import Block, Items, Report
from chainsim.files.variants import scenario_of, varied
from chainsim.model import Scenario


def scenario_under(experiment: Experiment, variant: Variant) -> Scenario:
    """The scenario of ``variant``, before chance. Raises ``InputError`` with what its levels together make impossible."""
    tree = experiment.base
    report = Report()
    for factor, level in zip(experiment.factors, variant.levels, strict=True):
        if level is not None:
            tree = with_level(tree, factor, level, report)
    if report.problems:
        raise InputError(report.problems)
    return scenario_of(tree)


def with_level(tree: Block, factor: Factor, level: Level, report: Report) -> Block:
    """``tree`` with one factor at ``level``; what is wrong goes to ``report``."""
    if factor.kind == "overlay":
        for overlay in level.given:
            tree = varied(tree, overlay, report)
        return tree
    place = level.place._replace(layer=factor.place.layer) if level.place.file else factor.place
    for path in factor.paths:
        if factor.kind == "set":
            tree = with_value(tree, path, level.given, place, report)
        else:
            tree = with_factor(tree, path, level.given, factor.window, place, report)
    return tree


def layered(node: Any, layer: int) -> Any:
    """A part of the experiment file as an overlay of ``layer``: it stands above all files of the scenario."""
    if isinstance(node, Block):
        places = {key: node.place_of(key)._replace(layer=layer) for key in node}
        values = {key: layered(value, layer) for key, value in node.items()}
        return Block(values, place=node.place._replace(layer=layer), places=places)
    if isinstance(node, Items):
        members = [node.place_of(i)._replace(layer=layer) for i in range(len(node))]
        return Items([layered(v, layer) for v in node], place=node.place._replace(layer=layer), places=members)
    return node
