"""Experiments as a planner reads them on a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from chainsim.cli.terminal import console_here, plain_table
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.experiments.experiment import Experiment, Factor
    from chainsim.experiments.running import Finished, Standing
    from chainsim.workflow_experiments import CheckedExperiment

MOST_LEVELS = 8
"""More levels of a factor than these are counted instead of shown."""


def show_checked(checked: CheckedExperiment, path: Path, lang: str, *, console: Console | None = None) -> None:
    """Print what the experiment will run, and how long that takes."""
    from chainsim.experiments.counting import count_parts
    from chainsim.experiments.processes import usable_cpus

    console = console or console_here()
    experiment = checked.read.experiment
    title = experiment.label.text(lang, experiment.name)
    console.print(text(lang, "experiment.head", path=path, title=title, base=experiment.base_path), soft_wrap=True)
    if experiment.factors:
        _factors(console, experiment, lang)
    if experiment.noise:
        _noise(console, experiment, lang)
    key = "experiment.count" if experiment.until is None else "experiment.count.until"
    console.print(text(lang, key, runs=checked.runs, parts=" × ".join(count_parts(experiment, lang))), soft_wrap=True)
    workers = usable_cpus()
    console.print(
        text(lang, "experiment.estimate", run=duration(checked.run_seconds, lang), workers=workers,
             total=duration(checked.run_seconds * checked.runs / workers, lang)), soft_wrap=True
    )  # fmt: skip


def _factors(console: Console, experiment: Experiment, lang: str) -> None:
    from chainsim.experiments.reading_factors import base_number

    table = plain_table("")
    for key in ("experiment.factor", "experiment.paths", "experiment.levels", "experiment.base"):
        table.add_column(text(lang, key), overflow="fold")
    for factor in experiment.factors:
        unit = f" ({factor.unit})" if factor.unit else ""
        what = ", ".join(factor.paths) or text(lang, "experiment.overlay")
        asis = base_number(experiment.base, factor)
        table.add_row(
            factor.label.text(lang, factor.name) + unit, f"× {what}" if factor.kind == "scale" else what, _levels(factor),
            "–" if asis is None else f"{asis:g}",
        )  # fmt: skip
    console.print(table)


def _levels(factor: Factor) -> str:
    if factor.spread is not None:
        return factor.spread.text()
    names = [level.name for level in factor.levels]
    return ", ".join(names) if len(names) <= MOST_LEVELS else f"{names[0]}, {names[1]} … {names[-1]} ({len(names)})"


def _noise(console: Console, experiment: Experiment, lang: str) -> None:
    table = plain_table("")
    for key in ("experiment.noise", "experiment.of", "experiment.spread", "experiment.every"):
        table.add_column(text(lang, key), overflow="fold")
    for noise in experiment.noise:
        every = text(lang, f"experiment.every.{noise.every}")
        of = text(lang, f"experiment.of.{noise.of}")
        table.add_row(noise.name, f"{of}: {', '.join(noise.names)}", noise.factor.text(), every)
    console.print(table)


def show_finished(finished: Finished, lang: str, *, console: Console | None = None) -> None:
    """Print where the dataset is and how the runs went."""
    console = console or console_here()
    if finished.redone:
        console.print(text(lang, "experiment.redone", runs=finished.redone), soft_wrap=True)
    if finished.failed:
        console.print(text(lang, "experiment.failed", failed=finished.failed, crashed=finished.crashed), soft_wrap=True)
    if finished.already:
        console.print(text(lang, "experiment.already", runs=finished.runs, folder=finished.folder), soft_wrap=True)
        return
    taken = duration(finished.seconds, lang)
    console.print(
        text(lang, "experiment.done", runs=finished.runs, seconds=taken, folder=finished.folder), soft_wrap=True
    )


def progress_text(standing: Standing, lang: str) -> str:
    """How far it is: runs, rate, time left."""
    values = {"done": standing.done, "total": standing.total}
    if standing.rate is None or standing.seconds_left is None:
        told = text(lang, "experiment.progress.first", **values)
    else:
        left = duration(standing.seconds_left, lang)
        told = text(lang, "experiment.progress", **values, rate=standing.rate, left=left)
    return told + (text(lang, "experiment.progress.failed", failed=standing.failed) if standing.failed else "")


def duration(seconds: float, lang: str) -> str:
    """A length of time in its natural unit."""
    for key, size, least in (("duration.hours", 3600.0, 5400.0), ("duration.minutes", 60.0, 100.0)):
        if seconds >= least:
            return text(lang, key, n=seconds / size)
    return text(lang, "duration.seconds", n=seconds)
