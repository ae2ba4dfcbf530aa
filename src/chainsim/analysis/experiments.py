"""Experiments from a notebook: check one, run it, and ask its answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from chainsim.analysis.display import card
from chainsim.analysis.frames import Frames
from chainsim.errors import StoppedError, told_in
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.experiments.answers import Answers as Answered
    from chainsim.experiments.reading import ReadExperiment


def experiment(path: str | Path, *, lang: str = "en", most_runs: int | None = None) -> Experiment:
    """The experiment in the YAML file at ``path``. Raises ``InputError`` with every problem; every level is tried."""
    from chainsim.workflow_experiments import read_experiment

    language = "zh" if lang == "zh" else "en"
    with told_in(language):
        read = read_experiment(Path(path), most_runs=most_runs)
    return Experiment(Path(path), language, read, most_runs)


@dataclass(frozen=True)
class Experiment:
    """An experiment in order: which runs, and what is asked of them."""

    path: Path
    lang: str
    _read: ReadExperiment = field(repr=False, compare=False)
    _most_runs: int | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """As its file says."""
        return self._read.experiment.name

    @property
    def variants(self) -> int:
        """Settings of all factors."""
        from chainsim.experiments.designs import variant_count

        return variant_count(self._read.experiment)

    @property
    def runs(self) -> int:
        """Variants times fates."""
        return self.variants * self._read.experiment.fates

    def run(
        self,
        folder: str | Path | None = None,
        *,
        workers: int | None = None,
        resume: bool = False,
        restart: bool = False,
    ) -> Answers:
        """Run it into ``folder`` (default: ``results/experiments/NAME``) and read its answers.

        ``workers`` processes share the work: 0 is this one, the default one per CPU. A script that asks for more than 0 keeps its
        own statements under ``if __name__ == "__main__":``, for the processes read it again. Results depend on neither. What is
        finished in ``folder`` is not run again: a cell can be executed twice; ``restart`` does. Work that cannot go on raises
        ``InputError``; what is finished of it is kept, and ``resume`` goes on from there.
        """
        from chainsim.experiments.folders import is_finished
        from chainsim.workflow_experiments import default_folder, run_experiment

        target = default_folder(self._read) if folder is None else Path(folder)
        with told_in(self.lang):
            if not restart and is_finished(self._read, target):
                return answers(target, lang=self.lang)
            try:
                finished = run_experiment(
                    self.path,
                    target,
                    workers=workers,
                    resume=resume,
                    restart=restart,
                    most_runs=self._most_runs,
                )
            except StoppedError as error:
                place = "" if folder is None else f"{str(folder)!r}, "
                raise StoppedError(error.problems, f"run({place}resume=True)") from error
        return answers(finished.folder, lang=self.lang)

    def _repr_html_(self) -> str:
        own = self._read.experiment
        factors = ", ".join(factor.label.text(self.lang, factor.name) for factor in own.factors)
        lines = [text(self.lang, "analysis.runs", variants=self.variants, fates=own.fates, runs=self.runs)]
        if factors:
            lines.append(text(self.lang, "analysis.factors", factors=factors))
        return card(own.label.text(self.lang, own.name), lines, self.lang)


def answers(folder: str | Path, *, lang: str = "en", baseline: int | None = None) -> Answers:
    """The answers of a finished experiment's folder; ``baseline`` is the number of the variant to compare with."""
    from chainsim.experiments.answers import read_answers

    with told_in(lang):
        return Answers(read_answers(Path(folder), baseline=baseline), lang)


@dataclass(frozen=True)
class Answers:
    """What the runs of an experiment say together."""

    outcome: Answered
    lang: str

    @cached_property
    def tables(self) -> Frames:
        """``answer_kpis``, ``answer_customers``, ``answer_differences``, ``answer_causes``, ``answer_tornado``, …"""
        from chainsim.experiments.answers_catalogue import ANSWER_TABLES

        return Frames(self.outcome.tables, ANSWER_TABLES, self.lang)

    def to_excel(self, path: str | Path) -> Path:
        """The workbook that ``chainsim experiment report --xlsx`` writes."""
        from chainsim.experiments.workbook import write_answers

        with told_in(self.lang):
            write_answers(Path(path), self.outcome, self.lang)
        return Path(path)

    def __repr__(self) -> str:
        return f"<Answers of {self.outcome.about.name}: {self.outcome.runs} runs>"

    def _repr_html_(self) -> str:
        about = self.outcome.about
        told = text(self.lang, "analysis.answers", runs=self.outcome.runs, failed=self.outcome.failed)
        return card(about.label.text(self.lang, about.name), [told], self.lang, self.tables._repr_html_())
