"""The use case of comparison: scenarios run now and runs of earlier, side by side. Of the kind of ``chainsim.workflow``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.errors import InputError, Problem
from chainsim.mistakes import mistake
from chainsim.results import Difference, difference
from chainsim.results.differences import READS
from chainsim.texts import both
from chainsim.workflow import Progress, Run, read, run_loaded

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.files import LoadedScenario
    from chainsim.reports.reading import StoredRun
    from chainsim.results import Labels
    from chainsim.rules import RuleBook

STORED = (*READS, "customer_months", "assets", "findings")
"""The tables an earlier run must have to be compared."""


@dataclass(frozen=True)
class Compared:
    """One side of a comparison. ``place`` is the scenario or the run's folder, as the caller named it."""

    name: str
    place: Path
    tables: Mapping[str, pd.DataFrame]
    findings: pd.DataFrame
    labels: Labels
    manifest: Mapping[str, Any]
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Several runs; ``differences`` and ``finding_changes`` are those of each but the first from the first."""

    runs: tuple[Compared, ...]
    differences: tuple[Difference, ...]
    finding_changes: tuple[pd.DataFrame, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the runs are called: no two alike."""
        return tuple(run.name for run in self.runs)

    def label(self, lang: str, name: str) -> str:
        """The title of an asset in the first run that has one for it."""
        titles = (run.labels.asset(lang, name) for run in self.runs)
        return next((title for title in titles if title != name), name)

    def tables(self) -> dict[str, pd.DataFrame]:
        """All differences by table, with the other run's name in the column ``run``."""
        import pandas as pd

        from chainsim.rules import FINDING_CHANGES

        parts: dict[str, list[pd.DataFrame]] = {}
        rows = zip(self.names[1:], self.differences, self.finding_changes, strict=True)
        for name, found, changes in rows:
            for table, frame in {**found.tables, FINDING_CHANGES.name: changes}.items():
                own = frame.copy()
                own.insert(0, "run", pd.Series([name] * len(frame), dtype="str"))
                parts.setdefault(table, []).append(own)
        return {table: pd.concat(frames, ignore_index=True) for table, frames in parts.items()}


def compare(
    paths: Sequence[Path], *, rules_folder: Path | None = None, progress: Progress = lambda stage: None
) -> Comparison:
    """Each of ``paths``, a scenario or the folder of an earlier run, and what differs from the first.

    Everything is read before anything runs, so that a mistake in the last costs no run. Raises ``InputError`` with all problems.
    """
    progress("read")
    problems: list[Problem] = []
    sides: list[StoredRun | tuple[LoadedScenario, RuleBook]] = []
    for path in paths:
        try:
            sides.append(_read_side(path, rules_folder))
        except InputError as error:
            problems += [p for p in error.problems if p not in problems]
    if problems:
        raise InputError(problems)
    runs: list[Compared] = []
    for path, side in zip(paths, sides, strict=True):
        if isinstance(side, tuple):
            runs.append(side_of(run_loaded(path, *side, rules_folder, progress), path))
        else:
            runs.append(Compared(side.name, path, side.tables, side.findings, side.labels, side.manifest))
    progress("compare")
    return compared(called_apart(runs))


def compared(runs: Sequence[Compared]) -> Comparison:
    """What differs between ``runs`` and the first of them."""
    from chainsim.rules import finding_changes

    first, *others = runs
    return Comparison(
        tuple(runs),
        tuple(difference(first.tables, other.tables) for other in others),
        tuple(finding_changes(first.findings, other.findings) for other in others),
    )


def side_of(outcome: Run, place: Path) -> Compared:
    """A run of now as a side of a comparison."""
    scenario = outcome.scenario
    return Compared(
        scenario.name, place, outcome.tables, outcome.findings, outcome.labels, outcome.manifest, outcome.warnings
    )


def remarks(first: Compared, other: Compared) -> Iterator[Problem]:
    """What makes a difference of ``other`` from ``first`` less than it seems: other rules, another version."""
    for key, said in (("chainsim", "compare.other_version"), ("rules", "compare.other_rules")):
        mine, theirs = first.manifest.get(key), other.manifest.get(key)
        if mine and theirs and mine != theirs:
            values = {"own": mine, "other": theirs} if key == "chainsim" else {}
            yield mistake(said, said, file=other.place.as_posix(), **values)


def write_comparison(
    comparison: Comparison, folder: Path | None, workbook: Path | None, lang: str, progress: Progress = lambda s: None
) -> None:
    """The tables of differences into ``folder`` and a workbook, whichever is asked for; both whole, or neither."""
    from chainsim.reports import whole_file, write_results

    progress("write")
    with ExitStack() as stack:
        if workbook is not None:
            temporary = stack.enter_context(whole_file(workbook))
            temporary.write_bytes(workbook_of(comparison, lang))
        if folder is not None:
            runs = {run.name: dict(run.manifest) for run in comparison.runs}
            manifest = {
                "chainsim": next(iter(runs.values())).get("chainsim", ""),
                "first": comparison.names[0],
                "runs": runs,
            }
            write_results(folder, comparison.tables(), manifest)


def workbook_of(comparison: Comparison, lang: str, colours: Sequence[str] = ()) -> bytes:
    """The comparison as a workbook in ``lang``, each run in its colour (#RRGGBB): its scenario's where no others are given."""
    from chainsim.charts.palette import scenario_colours
    from chainsim.reports.workbook_comparison import Side, comparison_workbook_bytes

    runs = comparison.runs
    faces = ((str(run.manifest.get("scenario") or run.name), str(run.manifest.get("color") or "")) for run in runs)
    own = colours or scenario_colours(faces)
    sides = [Side(run.name, run.tables, run.labels, colour) for run, colour in zip(runs, own, strict=False)]
    return comparison_workbook_bytes(sides, comparison.tables(), lang)


def _read_side(path: Path, rules_folder: Path | None) -> StoredRun | tuple[LoadedScenario, RuleBook]:
    """An earlier run, or the loaded scenario with the rules."""
    from chainsim.reports.reading import holds_run, stored_run

    if path.is_dir() and not (path / "scenario.yaml").is_file():
        if holds_run(path):
            return stored_run(path, STORED)
        accepted = both("compare.neither.accepted")
        raise InputError([mistake("compare-neither", "compare.neither", file=path.as_posix(), accepted=accepted)])
    return read(path, rules_folder)


def called_apart(runs: Sequence[Compared]) -> list[Compared]:
    """Runs of one name are told apart by their places, and those of one place counted."""
    names = Counter(run.name for run in runs)
    told = [run.name if names[run.name] == 1 else run.place.as_posix() for run in runs]
    return [replace(run, name=name) for run, name in zip(runs, apart(told), strict=True)]


def apart(names: Iterable[str]) -> tuple[str, ...]:
    """The names, those that came before counted, so that no two are alike.

    >>> apart(["a", "a", "a (2)"])
    ('a', 'a (2)', 'a (2) (2)')
    """
    out: dict[str, None] = {}
    for name in names:
        told, number = name, 1
        while told in out:
            number += 1
            told = f"{name} ({number})"
        out[told] = None
    return tuple(out)
