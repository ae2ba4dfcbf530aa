"""The factors of an experiment file and the design over them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from chainsim.errors import InputError
from chainsim.experiments.addressing import MOVES, SCALED, NothingThereError, number_at, scale_row, spots
from chainsim.experiments.distributions import Spread
from chainsim.experiments.experiment import DRAWN, Design, DesignKind, Factor, FactorKind, Level
from chainsim.experiments.keys import Keys
from chainsim.experiments.messages import tell
from chainsim.experiments.varying import layered, with_level
from chainsim.files.quantities import BadValueError, read_share
from chainsim.files.sources import Sources
from chainsim.files.tree import Block, Items, Place, Report, path_text, written
from chainsim.files.variants import lies_over, read_overlay_tree, scenario_of
from chainsim.model.messages import name_list, nearest_name

_FACTOR = ("title", "unit", "set", "scale", "overlays", "levels", "low", "high", "distribution", "whole", "from", "to")
_KINDS: tuple[DesignKind, ...] = get_args(DesignKind)
LAYERS_PER_FACTOR = 100
FIRST_LAYER = 10


@dataclass(slots=True)
class FactorReader:
    """Reads the factors; every level is tried on the scenario, so that what cannot be is told before anything runs.

    ``adds_chance``: some level brings random disruptions with it.
    """

    path: Path
    base: Block
    base_named: str
    sources: Sources
    report: Report
    adds_chance: bool = False

    def read(self, keys: Keys) -> tuple[Factor, ...]:
        """The factors in the file's order."""
        inside = keys.inside("factors")
        if inside is None:
            return ()
        out = []
        for number, name in enumerate(inside.block):
            entry = inside.inside(name)
            if entry is not None:
                factor = self._factor(name, entry, FIRST_LAYER + number * LAYERS_PER_FACTOR)
                if factor is not None:
                    out.append(factor)
        return tuple(out)

    def _factor(self, name: str, keys: Keys, layer: int) -> Factor | None:
        keys.accept(_FACTOR)
        stated = [kind for kind in ("set", "scale", "overlays") if kind in keys.block]
        if len(stated) != 1:
            keys.tell("one_of_three", stated[1] if stated else "", ", ".join(stated) or None)
            return None
        told = len(self.report.problems)
        kind: FactorKind = "overlay" if stated[0] == "overlays" else stated[0]  # type: ignore[assignment]
        paths = () if kind == "overlay" else keys.names(stated[0])
        levels, spread = (self._overlays(keys, layer), None) if kind == "overlay" else self._values(keys, kind)
        factor = Factor(
            name=name,
            label=keys.label(),
            unit=keys.text("unit", "d" if paths and all(p.rpartition(".")[2] in MOVES for p in paths) else ""),
            kind=kind,
            paths=paths,
            levels=levels,
            spread=spread,
            whole=keys.flag("whole"),
            window=(keys.text("from"), keys.text("to")),
            place=keys.place(stated[0])._replace(layer=layer),
        )
        if len(self.report.problems) == told and self._leads_somewhere(factor, keys, stated[0]):
            self._try(factor)
        return factor if len(self.report.problems) == told else None

    def _values(self, keys: Keys, kind: FactorKind) -> tuple[tuple[Level, ...], Spread | None]:
        """Listed levels, or how the value is drawn."""
        ranged = "low" in keys.block or "high" in keys.block
        ways = [
            way
            for way, given in (
                ("levels", "levels" in keys.block),
                ("low", ranged),
                ("distribution", "distribution" in keys.block),
            )
            if given
        ]
        if len(ways) != 1:
            keys.tell("levels_twice" if ways else "no_levels", ways[1] if ways else "")
            return (), None
        if ways[0] == "distribution":
            return (), keys.spread("distribution")
        if ways[0] == "low":
            missing = [key for key in ("low", "high") if key not in keys.block]
            if missing:
                keys.tell("missing_key", "", accepted=f"{missing[0]}: …")
                return (), None
            low, high = (keys.read(key, read_share, 0.0) for key in ("low", "high"))
            if low > high:
                keys.tell("distribution_parameters", "low", low, kind="uniform", accepted="low ≤ high")
                return (), None
            return (_level(low), _level(high)), Spread("uniform", (low, high))
        return self._listed(keys, kind), None

    def _listed(self, keys: Keys, kind: FactorKind) -> tuple[Level, ...]:
        given = keys.block["levels"]
        if isinstance(given, Block):
            pairs: list[tuple[str, Any]] = list(given.items())
            places = {name: given.place_of(name) for name, _ in pairs}
        elif isinstance(given, Items):
            pairs = [(written(value, 30), value) for value in given]
            places = {name: given.place_of(i) for i, (name, _) in enumerate(pairs)}
        else:
            keys.tell("expected_list", "levels", given)
            return ()
        if not pairs:
            keys.tell("no_levels", "levels")
        out: dict[str, Level] = {}
        for name, value in pairs:
            number = _number(value)
            if kind == "scale" and number is None:
                self.report.add(
                    "not_a_number", places[name], path=keys.shown("levels"), found=written(value), suggestion="1.1"
                )
            elif name in out:
                tell(self.report, "level_twice", places[name], path=keys.shown("levels"), found=name)
            else:
                out[name] = Level(
                    name=name, given=number if kind == "scale" else value, number=number, place=places[name]
                )
        return tuple(out.values())

    def _overlays(self, keys: Keys, layer: int) -> tuple[Level, ...]:
        """Levels that are overlays: nothing, a file, an overlay written out, or a list of them."""
        given = keys.block["overlays"]
        if isinstance(given, Items):
            pairs = [(Path(v).stem if isinstance(v, str) and v else f"{i + 1}", v) for i, v in enumerate(given)]
            places = [given.place_of(i) for i in range(len(given))]
        elif isinstance(given, Block):
            pairs, places = list(given.items()), [given.place_of(name) for name in given]
        else:
            keys.tell("expected_mapping", "overlays", given)
            return ()
        out: dict[str, Level] = {}
        for (name, value), place in zip(pairs, places, strict=True):
            parts = value if isinstance(value, Items) else [] if value is None else [value]
            trees = [self._overlay(part, place, layer + i, keys) for i, part in enumerate(parts)]
            if name in out:
                tell(self.report, "level_twice", place, path=keys.shown("overlays"), found=name)
            elif None not in trees:
                out[name] = Level(name=name, given=tuple(trees))
        return tuple(out.values())

    def _overlay(self, given: Any, place: Place, layer: int, keys: Keys) -> Block | None:
        if isinstance(given, Block):
            tree: Block | None = layered(given, layer)
        else:
            path = Path(os.path.normpath(self.path.parent / str(given)))
            tree = read_overlay_tree(path, path.as_posix(), place, layer, self.sources, self.report)
            if tree is not None and not lies_over(self.path.parent / self.base_named, path, tree):
                where = tree.place_of("extends")
                tell(
                    self.report,
                    "overlay_of_another",
                    where,
                    path="extends",
                    found=str(tree["extends"]),
                    base=self.base_named,
                )
                return None
        if tree is None:
            return None
        tree.pop("extends", None)
        self.adds_chance = self.adds_chance or bool(tree.get("random_disruptions"))
        return tree

    def _leads_somewhere(self, factor: Factor, keys: Keys, key: str) -> bool:
        told = len(self.report.problems)
        for path in factor.paths:
            if factor.kind == "scale" and path.partition(".")[0] in SCALED:
                scale_row(self.base, path, factor.window, factor.place, self.report)
                continue
            try:
                spots(self.base, path)
            except NothingThereError as error:
                near = nearest_name(error.found, error.names)
                keys.tell("names_nothing", key, f"{error.found} ({path})" if error.found != path else path, nearest=near,
                          names=name_list(error.names, 20))  # fmt: skip
        return len(self.report.problems) == told

    def _try(self, factor: Factor) -> None:
        """Lay each level (of a drawn factor the ends of nearly all draws) over the base and check the whole scenario."""
        ends = [factor.level_at(share) for share in (0.001, 0.999)] if factor.spread is not None else []
        for level in (*factor.levels, *ends):
            report = Report()
            tree = with_level(self.base, factor, level, report)
            problems = list(report.problems)
            if not problems:
                try:
                    scenario_of(tree)
                except InputError as error:
                    problems = list(error.problems)
            for problem in problems:
                if problem not in self.report.problems:
                    self.report.problems.append(problem)


def _level(value: float) -> Level:
    return Level(name=f"{value:.6g}", given=value, number=value)


def _number(value: Any) -> float | None:
    try:
        return read_share(value)
    except BadValueError:
        return None


def read_design(keys: Keys, factors: Sequence[Factor]) -> Design:
    """The design: a word, or a mapping with its kind and points. Without one: a grid over the factors."""
    given = keys.block.get("design")
    if isinstance(given, Block):
        inside = Keys(given, ("design",), keys.report)
        inside.accept(("kind", "points"))
        if "kind" not in given:
            inside.tell("missing_key", "", accepted=f"kind: {name_list(_KINDS)}")
    else:
        inside = Keys(Block({} if given is None else {"kind": given}, place=keys.place("design"),
                            places={"kind": keys.place("design")}), ("design",), keys.report)  # fmt: skip
    kind: DesignKind = inside.choice("kind", _KINDS, "grid")  # type: ignore[assignment]
    if given is not None and not factors and kind != "monte_carlo" and "factors" not in keys.block:
        keys.tell("no_factors", "design", kind)
    if kind == "list":
        return Design(kind=kind, listed=_listed_points(inside, factors), place=keys.place("design"))
    if kind not in DRAWN:
        if "points" in inside.block:
            inside.tell("points_unused", "points", kind)
        for factor in factors:
            if not factor.levels:
                tell(keys.report, "levels_needed", factor.place, path=path_text(("factors", factor.name)),
                     found=factor.spread.text() if factor.spread else "")  # fmt: skip
        return Design(kind=kind, place=keys.place("design"))
    points = inside.count("points", 1)
    if points is None:
        if factors:
            inside.tell("no_points", "")
        points = 1
    if kind == "sobol" and points & (points - 1):
        low = 1 << (points.bit_length() - 1)
        inside.tell("sobol_points", "points", points, low=low, high=2 * low)
    return Design(kind=kind, points=points if factors else 1, place=keys.place("design"))


def _listed_points(keys: Keys, factors: Sequence[Factor]) -> tuple[tuple[tuple[str, int], ...], ...]:
    given = keys.block.get("points")
    if not isinstance(given, Items):
        keys.tell(
            "expected_list" if "points" in keys.block else "no_points", "points" if given is not None else "", given
        )
        return ()
    out = []
    for i, point in enumerate(given):
        if not isinstance(point, Block):
            tell(
                keys.report,
                "expected_mapping",
                given.place_of(i),
                path=keys.shown(f"points[{i}]"),
                found=written(point),
            )
            continue
        out.append(read_point(Keys(point, ("design", "points", i), keys.report), factors))
    return tuple(out)


def read_point(keys: Keys, factors: Sequence[Factor]) -> tuple[tuple[str, int], ...]:
    """A setting: factor → the position of its level; factors not named stay as they are."""
    by_name = {factor.name: factor for factor in factors}
    out = []
    for name in keys.block:
        factor = by_name.get(name)
        if factor is None:
            keys.tell("unknown_name", name, name, nearest=nearest_name(name, by_name), what="factor",
                      names=name_list(by_name))  # fmt: skip
            continue
        wanted = written(keys.block[name], 30)
        names = [level.name for level in factor.levels]
        number = _number(keys.block[name])
        matching = [i for i, level in enumerate(factor.levels)
                    if level.name == wanted or (number is not None and level.number == number)]  # fmt: skip
        if not matching:
            keys.tell("unknown_level", name, wanted, nearest=nearest_name(wanted, names), names=name_list(names))
            continue
        out.append((name, matching[0]))
    return tuple(out)


def base_number(base: Block, factor: Factor) -> float | None:
    """What a factor is in the base scenario, where that is one number; 1 for a factor that multiplies."""
    if factor.kind == "scale":
        return 1.0
    return number_at(base, factor.paths[0]) if factor.kind == "set" else None
