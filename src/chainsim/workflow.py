"""The use cases that the command line, the web page and Python callers share.

``run`` is the main job: load → simulate → tables → rules → findings; ``write`` puts the outcome into files. What each gives
is a value; nothing here prints, and the only clock is the one behind the ``progress`` the caller hands in.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim import __version__
from chainsim.errors import InputError, Problem
from chainsim.model import Scenario
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.files import LoadedScenario
    from chainsim.results import Labels
    from chainsim.rules import RuleBook

Progress = Callable[[str], None]
"""Called with a stage as it begins: read, simulate, tables, rules, write."""

STARTER = Path(__file__).parent / "starter"
"""The scenario that ``new`` writes."""


@dataclass(frozen=True)
class Run:
    """One run's outcome. ``tables`` holds the declared tables by name, made when first asked for."""

    scenario: Scenario
    tables: Mapping[str, pd.DataFrame]
    findings: pd.DataFrame
    labels: Labels
    warnings: tuple[Problem, ...]
    manifest: dict[str, Any]


@dataclass(frozen=True)
class Checked:
    """What a check found to be in order."""

    scenario: Scenario
    rules: int
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class Comparison:
    """Several runs; the first is what the others are compared with."""

    names: tuple[str, ...]
    runs: tuple[Run, ...]


def run(
    path: Path,
    *,
    seed: int | None = None,
    as_of: date | None = None,
    rules_folder: Path | None = None,
    progress: Progress = lambda stage: None,
) -> Run:
    """Simulate the scenario at ``path`` and apply the rules.

    Raises ``InputError`` with all problems of scenario *and* rules, before anything runs; ``NoFeasibleAnswerError``.
    """
    progress("read")
    loaded, book = _read(path, rules_folder, seed, as_of)
    return _run_loaded(path, loaded, book, rules_folder, progress)


def write(
    outcome: Run,
    folder: Path,
    *,
    workbook: Path | None = None,
    lang: str = "en",
    progress: Progress = lambda stage: None,
) -> None:
    """The run's tables and findings into ``folder``, and a workbook if asked for; whole files or none."""
    from chainsim.reports import write_results, write_workbook

    progress("write")
    tables = {**outcome.tables, "findings": outcome.findings}
    write_results(folder, tables, outcome.manifest, ("parquet", "csv"))
    if workbook is not None:
        write_workbook(workbook, outcome.scenario, outcome.tables, outcome.findings, outcome.manifest, lang)


def check(path: Path, *, rules_folder: Path | None = None) -> Checked:
    """Read the scenario and the rules; ``InputError`` with everything wrong with either."""
    loaded, book = _read(path, rules_folder, None, None)
    return Checked(scenario=loaded.scenario, rules=len(book.rules), warnings=loaded.warnings)


def compare(
    paths: Sequence[Path], *, rules_folder: Path | None = None, progress: Progress = lambda stage: None
) -> Comparison:
    """Run each scenario; their inputs are all read first, so that a mistake in the last costs no run."""
    progress("read")
    problems: list[Problem] = []
    read = []
    for path in paths:
        try:
            read.append((path, *_read(path, rules_folder, None, None)))
        except InputError as error:
            problems += [p for p in error.problems if p not in problems]
    if problems:
        raise InputError(problems)
    runs = tuple(_run_loaded(path, loaded, book, rules_folder, progress) for path, loaded, book in read)
    return Comparison(tuple(outcome.scenario.name for outcome in runs), runs)


def new(folder: Path) -> None:
    """Write the starter scenario to ``folder``, which must not exist; whole or not at all."""
    if folder.exists():
        message, message_zh = (text(lang, "error.not_empty", path=folder) for lang in ("en", "zh"))
        raise InputError([Problem(code="folder_exists", message=message, message_zh=message_zh)])
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(STARTER, partial)
    partial.rename(folder)


def _read(
    path: Path, rules_folder: Path | None, seed: int | None, as_of: date | None
) -> tuple[LoadedScenario, RuleBook]:
    """The loaded scenario with the caller's changes, and the rules; problems of both at once."""
    from chainsim.files import load_scenario
    from chainsim.model.checks import check as problems_of
    from chainsim.rules import RuleBook, load_rules

    problems: list[Problem] = []
    book = RuleBook((), ())
    try:
        book = load_rules(rules_folder)
    except InputError as error:
        problems += error.problems
    loaded = None
    try:
        loaded = load_scenario(path)
        scenario = loaded.scenario
        if seed is not None:
            scenario = replace(scenario, seed=seed)
        if as_of is not None:
            scenario = replace(scenario, as_of_day=scenario.day_of(as_of))
        if scenario is not loaded.scenario:
            problems += problems_of(scenario)
            loaded = replace(loaded, scenario=scenario)
    except InputError as error:
        problems = [*error.problems, *problems]
    if problems or loaded is None:
        raise InputError(problems)
    return loaded, book


def _run_loaded(
    path: Path, loaded: LoadedScenario, book: RuleBook, rules_folder: Path | None, progress: Progress
) -> Run:
    from chainsim.results import build_tables, labels_of
    from chainsim.rules import find
    from chainsim.simulation import simulate

    scenario = loaded.scenario
    progress("simulate")
    log = simulate(scenario)
    progress("tables")
    tables = build_tables(scenario, log)
    labels = labels_of(scenario)
    progress("rules")
    findings = find(book.rules, tables, labels)
    return Run(
        scenario=scenario,
        tables=tables,
        findings=findings,
        labels=labels,
        warnings=loaded.warnings,
        manifest=_manifest(path, scenario, loaded.inputs, rules_folder),
    )


def _manifest(
    path: Path, scenario: Scenario, inputs: Sequence[tuple[str, str]], rules_folder: Path | None
) -> dict[str, Any]:
    """What the outcome depends on, and how to get it again. No time of day: equal input gives equal bytes."""
    from chainsim.rules import shipped_rules_folder

    folder = rules_folder or shipped_rules_folder()
    rule_files = {p.name: _sha256(p) for p in sorted(folder.glob("*.yaml"))}
    digest = hashlib.sha256()
    for name, sha in sorted(inputs):
        digest.update(f"{name}\0{sha}\n".encode())
    libraries = ("networkx", "numpy", "pandas", "pyarrow", "simpy")
    return {
        "scenario": scenario.name,
        "scenario_path": path.as_posix(),
        "scenario_sha256": digest.hexdigest(),
        "inputs": dict(inputs),
        "rules": rule_files,
        "seed": scenario.seed,
        "as_of": scenario.calendar_date(scenario.as_of_day).isoformat() if scenario.as_of_day > 0 else None,
        "chainsim": __version__,
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in libraries},
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
