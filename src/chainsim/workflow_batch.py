"""The use case of batches: every scenario of a folder run and judged, by rules and against a baseline.

All inputs are read before anything runs. Scenarios run in processes of their own, so that one that crashes its process takes no
other with it; what they give is put in order of the scenarios, so that nothing depends on the number of workers.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from chainsim import __version__
from chainsim.errors import ChainsimError, InputError, NoFeasibleAnswerError, Problem
from chainsim.experiments.processes import interrupts_ignored
from chainsim.mistakes import mistake
from chainsim.results import Difference, difference
from chainsim.texts import text
from chainsim.workflow import Progress, Run, run_loaded, write
from chainsim.workflow_compare import STORED, Compared, remarks, side_of

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.files import LoadedScenario
    from chainsim.reports.reading import StoredRun
    from chainsim.results import Labels
    from chainsim.rules import RuleBook
    from chainsim.rules.regressions import Regression, Tolerances

_Answer = TypeVar("_Answer")
TOLERANCES = "tolerances.yaml"
"""Read from the baseline's folder where the caller names no other file."""
BATCH_MANIFEST = "batch.json"
_KEPT = ("kpis", "asset_figures", "completion", "customer_months", "shortfalls", "assets", "inputs")
"""The tables of a run that a baseline keeps, beside its findings; together they are ``STORED``."""
assert {*_KEPT, "findings"} == set(STORED)


@dataclass(frozen=True)
class Failure:
    """Why a scenario gave no result. ``kind``: ``input``, ``infeasible`` or ``internal``; ``said`` in English and Chinese."""

    kind: str
    said: tuple[str, str]


@dataclass(frozen=True)
class Judged:
    """A run beside its baseline: what differs, what of it is a regression, and what to think of when reading it."""

    difference: Difference
    finding_changes: pd.DataFrame
    regressions: tuple[Regression, ...]
    remarks: tuple[Problem, ...]


@dataclass(frozen=True)
class Item:
    """One scenario's outcome: its tables that a baseline keeps, findings and what each rule found; or why there is none."""

    name: str
    place: Path
    title: tuple[str, str] = ("", "")
    tables: Mapping[str, pd.DataFrame] | None = None
    findings: pd.DataFrame | None = None
    rule_results: pd.DataFrame | None = None
    labels: Labels | None = None
    manifest: Mapping[str, Any] | None = None
    warnings: tuple[Problem, ...] = ()
    judged: Judged | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Batch:
    """All scenarios' outcomes in order. ``new`` and ``gone`` are names of scenarios that only one of batch and baseline has."""

    items: tuple[Item, ...]
    rules_folder: Path
    baseline: Path | None = None
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    passed_over: tuple[Path, ...] = ()

    @property
    def failures(self) -> tuple[Item, ...]:
        """The scenarios that gave no result."""
        return tuple(item for item in self.items if item.failure is not None)

    @property
    def regressions(self) -> int:
        """How many regressions there are in all."""
        return sum(len(item.judged.regressions) for item in self.items if item.judged is not None)


@dataclass(frozen=True)
class _Task:
    """One scenario to run, as sent to a worker."""

    place: Path
    loaded: LoadedScenario
    rules_folder: Path | None
    out: Path | None
    baseline: Path | None
    tolerances: Tolerances


def batch(
    places: Sequence[Path],
    *,
    rules_folder: Path | None = None,
    baseline: Path | None = None,
    tolerances: Path | None = None,
    out: Path | None = None,
    workers: int = 0,
    keep_going: bool = False,
    progress: Progress = lambda stage: None,
    done: Callable[[int, int], None] = lambda done, of: None,
) -> Batch:
    """Run every scenario in ``places``, apply the rules, compare with ``baseline`` and write each run's tables below ``out``.

    ``workers`` processes (0: one for each processor) run at once; the outcome does not depend on their number. ``keep_going``
    runs the scenarios that can be read although others cannot. Raises ``InputError`` with the problems of all inputs, before
    anything runs.
    """
    from chainsim.files.discovery import scenarios_in
    from chainsim.files.tolerances import read_tolerances
    from chainsim.rules import load_rules, shipped_rules_folder
    from chainsim.rules.regressions import TolerancesByScenario

    progress("read")
    found = scenarios_in(places)
    problems: list[Problem] = []
    stored: dict[str, StoredRun] = {}
    if baseline is not None:
        stored = _collected(partial(_baseline_runs, baseline), problems) or {}
    _collected(partial(load_rules, rules_folder), problems)
    loaded, failed = _read_all(found.scenarios, problems, keep_going=keep_going)
    named = tuple(dict.fromkeys((*(one.scenario.name for one in loaded.values()), *stored)))
    own = tolerances or (baseline / TOLERANCES if baseline is not None and (baseline / TOLERANCES).is_file() else None)
    limits = TolerancesByScenario()
    if own is not None:
        limits = _collected(partial(read_tolerances, own, named), problems) or limits
    problems += _called_alike(loaded)
    if out is not None:
        _collected(partial(_refuse_foreign, out, [one.scenario.name for one in loaded.values()]), problems)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    tasks = [
        _Task(
            place=place,
            loaded=one,
            rules_folder=rules_folder,
            out=None if out is None else out / one.scenario.name,
            baseline=stored[one.scenario.name].folder if one.scenario.name in stored else None,
            tolerances=limits.of(one.scenario.name),
        )
        for place, one in loaded.items()
    ]
    progress("batch")
    items = {item.place: item for item in (*failed, *_run_all(tasks, workers or os.cpu_count() or 1, done))}
    ordered = tuple(items[place] for place in found.scenarios)
    names = [item.name for item in ordered]
    return Batch(
        items=ordered,
        rules_folder=rules_folder or shipped_rules_folder(),
        baseline=baseline,
        new=tuple(name for name in names if name not in stored) if baseline is not None else (),
        gone=tuple(name for name in stored if name not in names),
        passed_over=found.passed_over,
    )


def refuse_foreign_baseline(folder: Path) -> None:
    """Raise ``InputError`` if ``save_baseline`` would refuse ``folder`` for what it holds: better told before a long batch."""
    from chainsim.reports.whole import refuse_foreign

    refuse_foreign(folder, _is_baseline)


def save_baseline(outcome: Batch, folder: Path) -> None:
    """What a later batch compares with: a folder for each scenario; all appear or none. A file of tolerances there stays.

    The batch must be without failures: a baseline with gaps would hide what it lacks.
    """
    from chainsim.reports import write_results
    from chainsim.reports.whole import whole_folder

    assert not outcome.failures
    with whole_folder(folder, _is_baseline, _foreign_entries) as temporary:
        for item in outcome.items:
            assert item.tables is not None and item.findings is not None and item.manifest is not None
            tables = {**item.tables, "findings": item.findings}
            write_results(temporary / item.name, tables, item.manifest, formats=("parquet",))
        names = [item.name for item in outcome.items]
        told = json.dumps({"chainsim": __version__, "scenarios": names}, ensure_ascii=False, indent=2)
        (temporary / BATCH_MANIFEST).write_text(told + "\n", encoding="utf-8")


def _is_baseline(folder: Path) -> bool:
    return (folder / BATCH_MANIFEST).is_file() or {entry.name for entry in folder.iterdir()} <= {TOLERANCES}


def _foreign_entries(folder: Path) -> set[str]:
    """What in a baseline's folder an earlier batch did not write."""
    try:
        known = json.loads((folder / BATCH_MANIFEST).read_text(encoding="utf-8"))["scenarios"]
    except (OSError, ValueError, KeyError):
        known = []
    return {entry.name for entry in folder.iterdir()} - {BATCH_MANIFEST, *known}


def _collected(ask: Callable[[], _Answer], problems: list[Problem]) -> _Answer | None:
    """The answer, or ``None`` with its problems added to the others."""
    try:
        return ask()
    except InputError as error:
        problems += error.problems
        return None


def _read_all(
    places: Sequence[Path], problems: list[Problem], *, keep_going: bool
) -> tuple[dict[Path, LoadedScenario], list[Item]]:
    """The scenarios that can be read; the others as problems or, with ``keep_going``, as failed items."""
    from chainsim.files import load_scenario

    loaded: dict[Path, LoadedScenario] = {}
    failed = []
    for place in places:
        told: list[Problem] = []
        one = _collected(partial(load_scenario, place), told)
        if one is not None:
            loaded[place] = one
        elif keep_going:
            name = place.stem if place.is_file() else place.name
            failed.append(Item(name=name, place=place, failure=_failure_of(InputError(told))))
        else:
            problems += told
    return loaded, failed


def _baseline_runs(folder: Path) -> dict[str, StoredRun]:
    """Scenario → its earlier run, anywhere below ``folder``; ``InputError`` where one lacks what a comparison reads."""
    from chainsim.reports.reading import stored_run
    from chainsim.rules.run_folders import run_folders

    problems: list[Problem] = []
    out: dict[str, StoredRun] = {}
    for place in run_folders([folder]):
        run = _collected(partial(stored_run, place, STORED), problems)
        if run is not None:
            out.setdefault(run.name, run)
    if problems:
        raise InputError(problems)
    return out


def _called_alike(loaded: Mapping[Path, LoadedScenario]) -> Iterator[Problem]:
    """Scenarios that share a name, by which their outcomes are filed and compared."""
    first: dict[str, Path] = {}
    for place, one in loaded.items():
        name = one.scenario.name
        if name in first:
            other = first[name].as_posix()
            yield mistake("batch-alike", "batch.alike", file=place.as_posix(), path="scenario", name=name, other=other)
        first.setdefault(name, place)


def _refuse_foreign(out: Path, names: Sequence[str]) -> None:
    from chainsim.workflow import refuse_foreign_folder

    problems: list[Problem] = []
    for name in names:
        _collected(partial(refuse_foreign_folder, out / name), problems)
    if problems:
        raise InputError(problems)


# --- running


def _run_all(tasks: Sequence[_Task], workers: int, done: Callable[[int, int], None]) -> list[Item]:
    """Every task's item, in the tasks' order."""
    if workers <= 1 or len(tasks) <= 1:
        items = []
        for task in tasks:
            items.append(_work(task))
            done(len(items), len(tasks))
        return items
    finished: dict[int, Item] = {}
    for number, item in _pooled(tasks, min(workers, len(tasks))):
        finished[number] = item
        done(len(finished), len(tasks))
    # What was under way when a process died is run again, each alone, so that the one that kills its process is known.
    for number, task in enumerate(tasks):
        if number not in finished:
            alone = dict(_pooled([task], 1))
            finished[number] = alone.get(0) or _failed(task, Failure("internal", _both("batch.crashed")))
            done(len(finished), len(tasks))
    return [finished[number] for number in range(len(tasks))]


def _pooled(tasks: Sequence[_Task], workers: int) -> Iterator[tuple[int, Item]]:
    """(number, item) as they are finished, as far as the processes live."""
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        with interrupts_ignored():
            futures: dict[Future[Item], int] = {pool.submit(_work, task): number for number, task in enumerate(tasks)}
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                continue
    except BrokenProcessPool:  # while tasks were still being handed out
        return
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _work(task: _Task) -> Item:
    """Run one scenario and judge it; whatever goes wrong becomes its failure."""
    try:
        outcome = run_loaded(task.place, task.loaded, _rules(task.rules_folder), task.rules_folder)
        if task.out is not None:
            write(outcome, task.out)
        judged = (
            None if task.baseline is None else _judged(side_of(outcome, task.place), task.baseline, task.tolerances)
        )
        return _item(task, outcome, judged)
    except Exception as error:  # noqa: BLE001 - one bad scenario is told as such and does not stop the rest
        return _failed(task, _failure_of(error))


@cache
def _rules(folder: Path | None) -> RuleBook:
    from chainsim.rules import load_rules

    return load_rules(folder)


def _judged(side: Compared, baseline: Path, tolerances: Tolerances) -> Judged:
    from chainsim.reports.reading import stored_run
    from chainsim.rules import finding_changes
    from chainsim.rules.regressions import regressions

    earlier = stored_run(baseline, STORED)
    before = Compared(earlier.name, baseline, earlier.tables, earlier.findings, earlier.labels, earlier.manifest)
    found = difference(before.tables, side.tables)
    changes = finding_changes(before.findings, side.findings)
    return Judged(found, changes, regressions(found, changes, tolerances), tuple(remarks(before, side)))


def _item(task: _Task, outcome: Run, judged: Judged | None) -> Item:
    scenario = outcome.scenario
    return Item(
        name=scenario.name,
        place=task.place,
        title=_title(task),
        tables={name: outcome.tables[name] for name in _KEPT},
        findings=outcome.findings,
        rule_results=outcome.rule_results,
        labels=outcome.labels,
        manifest=outcome.manifest,
        warnings=outcome.warnings,
        judged=judged,
    )


def _failed(task: _Task, failure: Failure) -> Item:
    return Item(name=task.loaded.scenario.name, place=task.place, title=_title(task), failure=failure)


def _title(task: _Task) -> tuple[str, str]:
    scenario = task.loaded.scenario
    return scenario.label.text("en", scenario.name), scenario.label.text("zh", scenario.name)


def _failure_of(error: Exception) -> Failure:
    from chainsim.files import render_problem

    if isinstance(error, InputError):
        told = ["\n".join(render_problem(problem, lang) for problem in error.problems) for lang in ("en", "zh")]
        return Failure("input", (told[0], told[1]))
    if isinstance(error, NoFeasibleAnswerError):
        return Failure("infeasible", (error.said("en"), error.said("zh")))
    if isinstance(error, ChainsimError):
        return Failure("input", (str(error), str(error)))
    return Failure("internal", _both("error.internal", reason=f"{type(error).__name__}: {error}"))


def _both(key: str, **values: object) -> tuple[str, str]:
    return text("en", key, **values), text("zh", key, **values)
