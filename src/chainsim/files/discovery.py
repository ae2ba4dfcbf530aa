"""Which scenarios there are in a folder: those in folders with ``scenario.yaml``, and overlays; no experiments, no other YAML."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chainsim.errors import InputError, Problem
from chainsim.files.messages import FILE_TEMPLATES
from chainsim.files.quantities import BadValueError, read_color
from chainsim.files.tree import Report
from chainsim.files.yamltext import read_yaml
from chainsim.model.messages import nearest_name, problem_from

_SUFFIXES = (".yaml", ".yml")
_SCENARIO_KEYS = frozenset({"extends", "start", "grades", "farms", "customers"})
"""A YAML file with one of these at its top is a scenario, and so is one that cannot be read: its mistakes are told."""
_EXPERIMENT_KEYS = frozenset({"experiment", "factors", "design"})


@dataclass(frozen=True, slots=True)
class Found:
    """Paths of scenarios in order of name, and of YAML files that were passed over without being experiments."""

    scenarios: tuple[Path, ...]
    passed_over: tuple[Path, ...]


def scenarios_in(places: Sequence[Path]) -> Found:
    """The scenarios at or below ``places``, each once. A file among them is a scenario whatever it holds.

    Below a scenario's folder nothing is looked for, nor in folders whose names begin with a dot; workbooks are taken only
    where they are named. Raises ``InputError`` for a place that is not there or holds no scenario.
    """
    found: dict[str, Path] = {}
    passed: dict[str, Path] = {}
    problems: list[Problem] = []
    for place in places:
        if not place.exists():
            near = nearest_name(place.name, _names_beside(place))
            problems.append(_problem("no_such_file", place, near))
            continue
        here = [place] if not place.is_dir() or _is_scenario_folder(place) else list(_below(place, passed))
        if not here:
            problems.append(_problem("no_scenario_here", place))
        for path in here:
            found.setdefault(os.path.realpath(path), path)
    if problems:
        raise InputError(problems)
    return Found(tuple(found.values()), tuple(path for real, path in passed.items() if real not in found))


def overlays_in(folder: Path) -> list[Path]:
    """The YAML files in ``folder`` itself that extend another scenario, in order of name; the head of a folder is none."""
    found = []
    for entry in sorted(folder.iterdir()):
        named = entry.suffix.lower() in _SUFFIXES and not entry.name.startswith(".") and entry.name != "scenario.yaml"
        if named and entry.is_file() and "extends" in (_keys(entry) or ()):
            found.append(entry)
    return found


@dataclass(frozen=True, slots=True)
class Face:
    """What a scenario looks like in a list: its name, its title by language and its colour, empty where it states none."""

    name: str
    title: dict[str, str]
    color: str


def face_of(path: Path) -> Face:
    """What the scenario at ``path`` says of itself; nothing where it cannot be read."""
    name = path.resolve().name if path.is_dir() else path.stem
    file = path / "scenario.yaml" if path.is_dir() else path
    try:
        content = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return Face(name, {}, "")
    tree = read_yaml(content, file.as_posix(), 0, Report()) if file.suffix.lower() in _SUFFIXES else None
    if tree is None:
        return Face(name, {}, "")
    title = tree.get("title")
    titles = {"en": title, "zh": title} if isinstance(title, str) else title if isinstance(title, dict) else {}
    try:
        color = read_color(tree["color"]) if "color" in tree else ""
    except BadValueError:
        color = ""
    stated = tree.get("scenario")
    return Face(str(stated) if stated else name, {str(lang): str(words) for lang, words in titles.items()}, color)


def _below(folder: Path, passed: dict[str, Path]) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if _is_scenario_folder(entry):
                yield entry
            else:
                yield from _below(entry, passed)
        elif entry.suffix.lower() in _SUFFIXES:
            keys = _keys(entry)
            if keys is None or keys & _SCENARIO_KEYS:
                yield entry
            elif not keys & _EXPERIMENT_KEYS:
                passed[os.path.realpath(entry)] = entry


def _is_scenario_folder(folder: Path) -> bool:
    return (folder / "scenario.yaml").is_file()


def _keys(path: Path) -> set[str] | None:
    """The keys at the top of a YAML file; ``None`` where it cannot be read."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    tree = read_yaml(content, path.as_posix(), 0, Report())
    return None if tree is None else set(tree)


def _names_beside(place: Path) -> list[str]:
    return sorted(entry.name for entry in place.parent.iterdir()) if place.parent.is_dir() else []


def _problem(code: str, place: Path, nearest: str = "") -> Problem:
    return replace(problem_from(FILE_TEMPLATES, code, {}, nearest=nearest), file=place.as_posix())
