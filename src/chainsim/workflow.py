"""The use cases that the command line, the web page and Python callers share.

``run`` is the main job: load → simulate → tables → rules → findings; ``write`` puts the outcome into files. What each gives
is a value; nothing here prints, and the only clock is the one behind the ``progress`` the caller hands in.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim import __version__
from chainsim.errors import InputError, Problem
from chainsim.mistakes import mistake
from chainsim.model import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.files import LoadedScenario
    from chainsim.network import Bottleneck, Dependency
    from chainsim.results import Labels, Tables
    from chainsim.rules import Evaluation, Explanation, RuleBook, Wanted

Progress = Callable[[str], None]
"""Called with a stage as it begins: read, simulate, tables, rules, write, explain."""

LIBRARIES = ("duckdb", "lark", "networkx", "numpy", "pandas", "pyarrow", "simpy")
"""Those whose versions a run's outcome may depend on."""
STARTER = Path(__file__).parent / "starter"
"""The scenario that ``new`` writes."""


@dataclass(frozen=True)
class Run:
    """One run's outcome. ``tables`` holds the declared tables by name, made when first asked for."""

    scenario: Scenario
    tables: Mapping[str, pd.DataFrame]
    findings: pd.DataFrame
    work_orders: pd.DataFrame
    rule_results: pd.DataFrame
    labels: Labels
    warnings: tuple[Problem, ...]
    manifest: dict[str, Any]
    rules_folder: Path

    @property
    def told(self) -> dict[str, pd.DataFrame]:
        """The tables that rules made, by name."""
        return {"findings": self.findings, "work_orders": self.work_orders, "rule_results": self.rule_results}


@dataclass(frozen=True)
class Checked:
    """What a check found to be in order."""

    scenario: Scenario
    rules: int
    warnings: tuple[Problem, ...]
    labels: Labels
    cases: tuple[str, ...]
    floor: float
    short_months: tuple[Bottleneck, ...]
    """Months of which the network carries less than ``floor`` by itself, all customers and grades together."""
    dependencies: tuple[Dependency, ...]


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
    loaded, book = read(path, rules_folder, seed, as_of)
    return run_loaded(path, loaded, book, rules_folder, progress)


def write(
    outcome: Run,
    folder: Path,
    *,
    workbook: Path | None = None,
    daily: bool = False,
    lang: str = "en",
    progress: Progress = lambda stage: None,
) -> None:
    """The run's tables and findings into ``folder``, and a workbook if asked for: both whole, or neither.

    ``daily``: the workbook also holds the tables with a row per day.
    """
    from chainsim.reports import whole_file, write_results

    progress("write")
    tables = {**outcome.tables, **outcome.told}
    if workbook is None:
        write_results(folder, tables, outcome.manifest)
        return
    from chainsim.reports.workbook import workbook_bytes

    with whole_file(workbook) as temporary:
        content = workbook_bytes(outcome.scenario, outcome.tables, outcome.told, outcome.manifest, lang, daily=daily)
        temporary.write_bytes(content)
        write_results(folder, tables, outcome.manifest)


def refuse_foreign_folder(folder: Path) -> None:
    """Raise ``InputError`` if ``write`` would refuse ``folder`` for what it holds: better told before a long run."""
    from chainsim.reports import refuse_foreign_folder

    refuse_foreign_folder(folder)


def check(path: Path, *, rules_folder: Path | None = None) -> Checked:
    """Read the scenario, its cases and the rules; ``InputError`` with everything wrong. What the network lacks is no problem."""
    from chainsim.network import bottlenecks, dependencies, unreached_problems
    from chainsim.results import Bands, labels_of

    loaded, book = read(path, rules_folder, remarks=unreached_problems)
    _check_cases(path, loaded.cases)
    months = [b for b in bottlenecks(loaded.scenario) if not b.customer_class and not b.grade]
    floor = Bands().green
    return Checked(
        scenario=loaded.scenario,
        rules=len(book.rules),
        warnings=loaded.warnings,
        labels=labels_of(loaded.scenario),
        cases=loaded.cases,
        floor=floor,
        short_months=tuple(b for b in months if b.flow_t < floor * b.plan_t),
        dependencies=dependencies(loaded.scenario),
    )


def _check_cases(path: Path, cases: Sequence[str]) -> None:
    """Raise ``InputError`` with everything wrong with the cases of a scenario that is sound without them."""
    from chainsim.files import load_scenario

    problems: list[Problem] = []
    for case in cases:
        try:
            load_scenario(Path(f"{path}#{case}"))
        except InputError as error:
            problems += [p for p in error.problems if p not in problems]
    if problems:
        raise InputError(problems)


def cases_of(path: Path) -> tuple[str, ...]:
    """The cases of the scenario at ``path``; ``InputError`` with everything wrong with it, or where it describes none."""
    from chainsim.files import load_scenario

    cases = load_scenario(path).cases
    if not cases:
        raise InputError([mistake("no_cases", "error.no_cases", file=path.as_posix())])
    return cases


def evaluate_rules(
    folders: Sequence[Path],
    *,
    rules_folder: Path | None = None,
    done: Callable[[int, int], None] = lambda done, of: None,
) -> Evaluation:
    """The rules over the tables of earlier runs, in ``folders`` or anywhere below; ``done`` hears how many rules are finished.

    Raises ``InputError`` with all problems of the rules, or of the folders.
    """
    from chainsim.rules import apply_to_folders, load_rules

    return apply_to_folders(load_rules(rules_folder).rules, folders, done=done)


def write_findings(path: Path, findings: pd.DataFrame) -> None:
    """Findings of several runs as one Parquet or CSV file, as ``path`` ends."""
    from chainsim.reports import write_table
    from chainsim.rules import FINDINGS, RUN_COLUMN

    write_table(path, replace(FINDINGS, columns=(RUN_COLUMN, *FINDINGS.columns)), findings)


def explain_rule(
    rule_id: str,
    wanted: Wanted,
    *,
    scenario: Path | None = None,
    run_folder: Path | None = None,
    rules_folder: Path | None = None,
    progress: Progress = lambda stage: None,
) -> Explanation:
    """How a rule came to its answers over a scenario, simulated now, or over the tables of an earlier run: one of the two."""
    from chainsim.rules import explain, labels_of_run, load_rules, rule_called

    assert (scenario is None) != (run_folder is None)
    if run_folder is not None:
        book = load_rules(rules_folder)
        progress("explain")
        return explain(book, rule_id, run_folder, wanted, labels_of_run(run_folder))
    assert scenario is not None
    progress("read")
    loaded, book = read(scenario, rules_folder)
    rule_called(book, rule_id)  # a misspelt name costs no run
    outcome = run_loaded(scenario, loaded, book, rules_folder, progress)
    progress("explain")
    return explain(book, rule_id, outcome.tables, wanted, outcome.labels)


def new(folder: Path) -> None:
    """Write the starter scenario to ``folder``, which must not exist; whole or not at all."""
    if folder.exists():
        raise InputError([mistake("output-folder-exists", "error.not_empty", file=str(folder))])
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(STARTER, partial)
    partial.rename(folder)


def read(
    path: Path,
    rules_folder: Path | None,
    seed: int | None = None,
    as_of: date | None = None,
    remarks: Callable[[Scenario], Iterable[Problem]] | None = None,
) -> tuple[LoadedScenario, RuleBook]:
    """The loaded scenario with the caller's changes, and the rules; problems of both at once."""
    from chainsim.files import load_scenario
    from chainsim.model.checks import check as problems_of
    from chainsim.rules import RuleBook, load_rules

    problems: list[Problem] = []
    book = RuleBook()
    try:
        book = load_rules(rules_folder)
    except InputError as error:
        problems += error.problems
    loaded = None
    try:
        loaded = load_scenario(path, remarks=remarks)
        scenario = loaded.scenario
        if seed is not None:
            scenario = replace(scenario, seed=seed)
        if as_of is not None:
            if scenario.as_of_day not in (0.0, scenario.day_of(as_of)) and scenario.actual_stocks:
                loaded = replace(loaded, warnings=(*loaded.warnings, _moved(scenario, as_of)))
            scenario = replace(scenario, as_of_day=scenario.day_of(as_of))
        if scenario is not loaded.scenario:
            problems += problems_of(scenario)
            loaded = replace(loaded, scenario=scenario)
    except InputError as error:
        problems = [*error.problems, *problems]
    if problems or loaded is None:
        raise InputError(problems)
    return loaded, book


def _moved(scenario: Scenario, as_of: date) -> Problem:
    """A warning: stocks bear no date, so the scenario's own as-of date says when they were measured."""
    own = scenario.calendar_date(scenario.as_of_day)
    return mistake("as_of_moved", "warning.as_of", path="actual_stocks", own=own, asked=as_of)


def run_loaded(
    path: Path,
    loaded: LoadedScenario,
    book: RuleBook,
    rules_folder: Path | None,
    progress: Progress = lambda stage: None,
) -> Run:
    """Simulate what ``read`` gave and apply the rules; raises ``NoFeasibleAnswerError``."""
    from chainsim.results import build_tables
    from chainsim.simulation import simulate

    progress("simulate")
    log = simulate(loaded.scenario)
    progress("tables")
    return judged(path, loaded, build_tables(loaded.scenario, log), book, rules_folder, progress)


def judged(
    path: Path,
    loaded: LoadedScenario,
    tables: Tables,
    book: RuleBook,
    rules_folder: Path | None,
    progress: Progress = lambda stage: None,
) -> Run:
    """Apply the rules to the tables of a scenario that was simulated."""
    from chainsim.results import labels_of
    from chainsim.rules import apply, log_warnings, shipped_rules_folder, work_orders

    scenario = loaded.scenario
    labels = labels_of(scenario)
    progress("rules")
    told = apply(book.rules, tables, labels)
    reported = tables.work_order_log
    orders = work_orders(told.findings, book.rules, reported, tables.last_day)
    folder = rules_folder or shipped_rules_folder()
    return Run(
        scenario=scenario,
        tables=tables,
        findings=told.findings,
        work_orders=orders,
        rule_results=told.results,
        labels=labels,
        warnings=(*loaded.warnings, *log_warnings(orders, reported)),
        manifest=manifest_of(path, scenario, loaded.inputs, folder, book.files),
        rules_folder=folder,
    )


def manifest_of(
    path: Path,
    scenario: Scenario,
    inputs: Sequence[tuple[str, str]],
    rules_folder: Path,
    rule_files: Sequence[str],
    libraries: Sequence[str] = LIBRARIES,
) -> dict[str, Any]:
    """What the outcome depends on, and how to get it again. No time of day: equal input gives equal bytes."""
    digest = hashlib.sha256()
    for name, sha in sorted(inputs):
        digest.update(f"{name}\0{sha}\n".encode())
    return {
        "scenario": scenario.name,
        "title": {lang: scenario.label.text(lang, scenario.name) for lang in ("en", "zh")},
        "color": scenario.color,
        "scenario_path": path.as_posix(),
        "scenario_sha256": digest.hexdigest(),
        "inputs": dict(inputs),
        "rules": {name: _sha256(rules_folder / name) for name in rule_files},
        "seed": scenario.seed,
        "as_of": scenario.calendar_date(scenario.as_of_day).isoformat() if scenario.as_of_day > 0 else None,
        "chainsim": __version__,
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in sorted(libraries)},
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
