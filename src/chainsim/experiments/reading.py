"""From an experiment file to an ``Experiment``: everything wrong with it at once, before anything runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chainsim.errors import InputError, Problem
from chainsim.experiments.about import baseline_of
from chainsim.experiments.designs import variant_count, variants
from chainsim.experiments.experiment import (
    NOISE_STEPS,
    STOCK_STEPS,
    Experiment,
    Noise,
    Questions,
    Recording,
    Until,
)
from chainsim.experiments.keys import Keys
from chainsim.experiments.messages import tell
from chainsim.experiments.reading_factors import FactorReader, read_design, read_point
from chainsim.experiments.varying import layered
from chainsim.files.load import in_order
from chainsim.files.quantities import BadValueError, read_share
from chainsim.files.sources import Sources, text_of
from chainsim.files.tree import Block, Items, Place, Report, written
from chainsim.files.variants import ScenarioTree, read_scenario_tree, scenario_of, settled, varied
from chainsim.files.yamltext import read_yaml
from chainsim.model import Scenario
from chainsim.model.messages import name_list
from chainsim.results import KPI_UNITS, KPIS, PLAN_FIGURES, TABLES

_TOP = ("experiment", "title", "description", "base", "overlay", "factors", "design", "noise", "replications", "seed",
        "record", "answers", "until", "most_runs")  # fmt: skip
_NOISES = ("production", "cash", "prices")
KNOWN = tuple(kpi.name for kpi in KPIS)
MOST_RUNS = 10_000
"""More runs than this are taken for a mistake unless the file (or the caller) says that they are meant."""
OVERLAY_LAYER = 1
_FEWEST = 2
"""Replications from which an interval can be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadExperiment:
    """An experiment with its origin: the scenario as it stands without any factor, every file read (name relative to the
    experiment's folder, SHA-256), and warnings."""

    experiment: Experiment
    scenario: Scenario
    inputs: tuple[tuple[str, str], ...]
    warnings: tuple[Problem, ...]


def read_experiment(path: Path) -> ReadExperiment:
    """The experiment in the YAML file at ``path``. Raises ``InputError`` with every problem found, at its place."""
    report = Report()
    sources = Sources(path.parent)
    shown = path.as_posix()
    data = sources.read(path, shown, 0, report)
    text = None if data is None else text_of(data, Place(shown), report, allow_gb18030=False)
    tree = None if text is None else read_yaml(text, shown, 0, report)
    if tree is None:
        raise InputError(in_order(report.problems))
    keys = Keys(settled(tree), (), report)
    keys.accept(_TOP)
    base = _base(path, keys, sources, report)
    if base is None:
        raise InputError(in_order(report.problems))
    try:
        scenario = scenario_of(base.tree)
    except InputError as error:
        raise InputError(in_order([*report.problems, *error.problems])) from None
    experiment = _experiment(path, keys, base.tree, scenario, sources, report)
    if not report.problems and variant_count(experiment) <= experiment.most_runs and not _has_baseline(experiment):
        keys.tell("no_such_variant", "answers")
    if report.problems:
        raise InputError(in_order(report.problems))
    inputs = tuple(dict(sources.inputs).items())
    return ReadExperiment(
        experiment=experiment, scenario=scenario, inputs=inputs, warnings=(*base.warnings, *report.warnings)
    )


def _base(path: Path, keys: Keys, sources: Sources, report: Report) -> ScenarioTree | None:
    """The base scenario with the experiment's own overlay; its files join ``sources``."""
    named = keys.text("base")
    if "base" not in keys.block:
        tell(report, "missing_key", keys.place(), path="base", accepted="base: ../western")
    if not named:
        return None
    try:
        base = read_scenario_tree(_shown(path, named))
    except InputError as error:
        report.problems += [
            replace(
                p, line=keys.place("base").line, column=keys.place("base").column, file=keys.place().file, path="base"
            )
            if p.code == "no_such_file"
            else p
            for p in error.problems
        ]
        return None
    folder = _shown(path, named)
    where = folder if folder.is_dir() else folder.parent
    for name, digest in base.inputs:
        sources.inputs.append((Path(os.path.relpath(where / name, path.parent)).as_posix(), digest))
    overlay = keys.inside("overlay")
    if overlay is None:
        return base
    told = len(report.problems)
    tree = varied(base.tree, layered(overlay.block, OVERLAY_LAYER), report)
    return replace(base, tree=tree) if len(report.problems) == told else None


def _shown(path: Path, named: str) -> Path:
    """A path in the file, seen from where the user stands."""
    return Path(os.path.normpath(path.parent / named))


def _experiment(
    path: Path, keys: Keys, base: Block, scenario: Scenario, sources: Sources, report: Report
) -> Experiment:
    reader = FactorReader(path, base, keys.text("base"), sources, report)
    factors = reader.read(keys)
    design = read_design(keys, factors)
    noise = _noises(keys, scenario)
    until = _until(keys)
    recording, questions = _recording(keys), _questions(keys, factors, [c.name for c in scenario.customers])
    asked = [*([] if until is None else [until.kpi]), *(name for name in questions.tornado if name in KNOWN)]
    if questions.against == "original":
        asked += ["completion_original", "delivered", "shortfall"]  # what its differences are told by
    recording = replace(recording, kpis=tuple(dict.fromkeys([*recording.kpis, *asked])))
    replications = keys.count("replications", 1)
    if until is not None and replications is not None:
        keys.tell("until_and_replications", "replications", keys.block["replications"])
    if (
        (until is not None or (replications or 1) > 1)
        and not keys.block.get("noise")  # where it is there and wrong, that is what is told
        and not scenario.random_disruptions
        and not reader.adds_chance
    ):
        keys.tell("no_chance", "until" if until is not None else "replications")
    return Experiment(
        name=keys.text("experiment", path.stem),
        label=keys.label(),
        description=keys.text("description"),
        base=base,
        base_path=keys.text("base"),
        factors=factors,
        design=design,
        noise=noise,
        replications=replications,
        seed=keys.count("seed", 0) or 0,
        recording=recording,
        questions=questions,
        until=until,
        most_runs=keys.count("most_runs", 1) or MOST_RUNS,
    )  # fmt: skip


def _noises(keys: Keys, scenario: Scenario) -> tuple[Noise, ...]:
    inside = keys.inside("noise")
    if inside is None:
        return ()
    known = {
        "production": [s.name for s in scenario.suppliers],
        "cash": [c.name for c in scenario.customers if c.offtake == "cash"],
        "prices": list(dict.fromkeys(price.grade for price in scenario.prices)),
    }
    out = []
    for name in inside.block:
        entry = inside.inside(name)
        if entry is None:
            continue
        entry.accept(("of", "names", "every", "together", "factor"))
        of = entry.choice("of", _NOISES, name if name in _NOISES else _NOISES[0])
        if "of" not in entry.block and name not in _NOISES:
            entry.tell("missing_key", "", accepted=f"of: {name_list(_NOISES)}")
        if not known[of]:
            entry.tell("noise_of_nothing", "of", of, what=of, accepted=name_list(o for o in _NOISES if known[o]) or "–")
            continue
        names = entry.names("names", known[of], of) or tuple(known[of])
        factor = entry.spread("factor")
        if "factor" not in entry.block:
            entry.tell("missing_key", "", accepted="factor: normal(mean=1; sd=0.05)")
        if factor is None:
            continue
        every = entry.choice("every", NOISE_STEPS, "month")
        out.append(
            Noise(name=name, of=of, names=names, every=every, together=entry.flag("together"), factor=factor)  # type: ignore[arg-type]
        )
    return tuple(out)


def _until(keys: Keys) -> Until | None:
    inside = keys.inside("until")
    if inside is None:
        return None
    inside.accept(("kpi", "half_width", "at_most", "every"))
    for key in ("kpi", "half_width", "at_most"):
        if key not in inside.block:
            inside.tell("missing_key", "", accepted=f"{key}: …")
    kpi = inside.choice("kpi", KNOWN, "completion")
    half_width = inside.read("half_width", read_share, 1.0)
    if half_width <= 0:
        inside.tell("above_zero", "half_width", half_width)
    elif half_width >= 1.0 and "half_width" in inside.block and KPI_UNITS[kpi] == "1":
        inside.tell("share_range", "half_width", inside.block["half_width"])
    at_most = inside.count("at_most", _FEWEST) or _FEWEST
    return Until(
        kpi=kpi, half_width=half_width, at_most=at_most, every=min(inside.count("every", _FEWEST) or 50, at_most)
    )


def _recording(keys: Keys) -> Recording:
    inside = keys.inside("record")
    if inside is None:
        return Recording(kpis=PLAN_FIGURES)
    inside.accept(("kpis", "stocks", "tables"))
    kpis = KNOWN if inside.block.get("kpis") == "all" else inside.names("kpis", KNOWN, "key figure")
    stocks = inside.choice("stocks", STOCK_STEPS, "none")
    tables = inside.names("tables", [name for name in TABLES if name != "kpis"], "table")
    return Recording(kpis=kpis or PLAN_FIGURES, stocks=stocks, tables=tables)  # type: ignore[arg-type]


def _questions(keys: Keys, factors: Iterable[Any], customers: Sequence[str]) -> Questions:
    inside = keys.inside("answers")
    if inside is None:
        return Questions()
    inside.accept(("confidence", "miss_below", "against", "baseline", "tornado"))
    given = inside.block.get("miss_below")
    thresholds = []
    for i, value in enumerate(given if isinstance(given, Items) else [] if given is None else [given]):
        place = given.place_of(i) if isinstance(given, Items) else inside.place("miss_below")
        try:
            threshold = read_share(value)
        except BadValueError as bad:
            values: dict[str, Any] = {"found": written(value), "nearest": bad.nearest, **bad.values}
            inside.report.add(bad.code, place, path=inside.shown("miss_below"), **values)
            continue
        if 0.0 < threshold <= 1.0:
            thresholds.append(threshold)
        else:
            tell(inside.report, "threshold_range", place, path=inside.shown("miss_below"), found=written(value))
    baseline = inside.inside("baseline")
    original = inside.choice("against", ("plan", "original"), "plan") == "original"
    tornado = inside.names("tornado", [*customers, *KNOWN], "customer or key figure")
    return Questions(
        confidence=inside.share("confidence", 0.95),
        thresholds=tuple(sorted(set(thresholds), reverse=True)) or (0.95,),
        against="original" if original else "plan",
        baseline=None if baseline is None else read_point(baseline, tuple(factors)),
        tornado=tornado or ("completion_original" if original else "completion",),
    )


def _has_baseline(experiment: Experiment) -> bool:
    return experiment.questions.baseline is None or baseline_of(experiment, variants(experiment)) is not None


def identity_of(read: ReadExperiment) -> str:
    """A hash of every file that the experiment was read from."""
    digest = hashlib.sha256()
    for name, sha in sorted(read.inputs):
        digest.update(f"{name}\0{sha}\n".encode())
    return digest.hexdigest()
