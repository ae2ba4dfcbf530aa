"""The file of tolerances: how much worse than its baseline a run may be, for all scenarios and for single ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from chainsim.errors import InputError
from chainsim.files.quantities import BadValueError, read_count, read_number
from chainsim.files.sources import Sources, text_of
from chainsim.files.tree import Block, Place, Report, path_text, value_at, written
from chainsim.files.yamltext import read_yaml
from chainsim.model.messages import name_list, nearest_name
from chainsim.rules.regressions import MEASURES, Tolerances, TolerancesByScenario

SCENARIOS = "scenarios"


def read_tolerances(path: Path, known: tuple[str, ...] = ()) -> TolerancesByScenario:
    """The tolerances in the YAML file at ``path``; ``known`` are the scenarios there are, for the nearest name.

    Raises ``InputError`` with all problems.
    """
    report = Report()
    shown = path.as_posix()
    place = Place(shown)
    data = Sources(path.parent).read(path, shown, 0, report)
    content = None if data is None else text_of(data, place, report, allow_gb18030=False)
    tree = None if content is None else read_yaml(content, shown, 0, report)
    out = TolerancesByScenario()
    if tree is not None:
        common = _tolerances(tree, (), Tolerances(), report)
        out = TolerancesByScenario(common=common, own=_own(tree, common, known, report))
    if report.problems:
        raise InputError(report.problems)
    return out


def _own(tree: Block, common: Tolerances, known: tuple[str, ...], report: Report) -> Mapping[str, Tolerances]:
    """Scenario → its tolerances: those of all with its own on top."""
    blocks = tree.get(SCENARIOS)
    if blocks is None:
        return {}
    if not isinstance(blocks, Block):
        report.add("expected_mapping", tree.place_of(SCENARIOS), path=SCENARIOS, found=written(blocks))
        return {}
    out = {}
    for name, block in blocks.items():
        place = blocks.place_of(name)
        path = path_text((SCENARIOS, name))
        if known and name not in known:
            report.add("unknown_scenario", place, path=path, nearest=nearest_name(name, known), names=name_list(known))
        elif not isinstance(block, Block):
            report.add("expected_mapping", place, path=path, found=written(block))
        else:
            out[name] = _tolerances(block, (SCENARIOS, name), common, report)
    return out


def _tolerances(block: Block, path: tuple[str, ...], base: Tolerances, report: Report) -> Tolerances:
    stated = {}
    for key in block:
        if key in MEASURES:
            value = _amount(block, key, path, report)
            if value is not None:
                stated[key] = value
        elif path or key != SCENARIOS:
            accepted = MEASURES if path else (*MEASURES, SCENARIOS)
            near = nearest_name(key, accepted)
            report.add(
                "unknown_key", block.place_of(key), path=path_text((*path, key)), found=key, nearest=near,
                names=name_list(accepted),
            )  # fmt: skip
    return replace(base, **stated)


def _amount(block: Block, key: str, path: tuple[str, ...], report: Report) -> float | None:
    """A tolerance, which is not negative; findings are counted in whole numbers."""
    value: Any = value_at(block, (key,))
    told = path_text((*path, key))
    try:
        number = float(read_count(value)) if key.startswith("new_") else read_number(value)
    except BadValueError as bad:
        report.add(bad.code, block.place_of(key), path=told, found=written(value), nearest=bad.nearest, **bad.values)
        return None
    if number < 0:
        report.add("negative_tolerance", block.place_of(key), path=told, found=written(value))
        return None
    return number
