"""The use cases about experiments: check one, run one, and what its runs say."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chainsim.errors import InputError

if TYPE_CHECKING:
    from chainsim.experiments.answers import Answers
    from chainsim.experiments.backends import Backend
    from chainsim.experiments.cluster import Cluster
    from chainsim.experiments.reading import ReadExperiment
    from chainsim.experiments.running import Finished, Standing
    from chainsim.experiments.work import Plan


@dataclass(frozen=True, slots=True)
class CheckedExperiment:
    """An experiment in order, with what it takes: ``runs`` at most, and the seconds of one."""

    read: ReadExperiment
    variants: int
    runs: int
    run_seconds: float


def read_experiment(path: Path, *, most_runs: int | None = None) -> ReadExperiment:
    """The experiment at ``path``. Raises ``InputError`` with all problems, also where it makes more runs than are allowed."""
    from chainsim.experiments.counting import too_many_runs
    from chainsim.experiments.reading import read_experiment

    read = read_experiment(path)
    if most_runs is not None:
        read = replace(read, experiment=replace(read.experiment, most_runs=most_runs))
    problem = too_many_runs(read.experiment, path.as_posix())
    if problem is not None:
        raise InputError([problem])
    return read


def check_experiment(path: Path, *, most_runs: int | None = None) -> CheckedExperiment:
    """Read the experiment and try its first run, to tell how long all of them take."""
    from chainsim.experiments.designs import variant_count
    from chainsim.experiments.running import plan_of
    from chainsim.experiments.work import Span, Worker

    read = read_experiment(path, most_runs=most_runs)
    worker = Worker(plan_of(read.experiment))
    worker.work((Span(0, 0, 1),))  # libraries are loaded and compiled on first use
    started = time.perf_counter()
    worker.work((Span(0, 0, 1),))
    seconds = time.perf_counter() - started
    count = variant_count(read.experiment)
    return CheckedExperiment(read, count, count * read.experiment.fates, seconds)


def run_experiment(
    path: Path,
    folder: Path | None = None,
    *,
    workers: int | None = None,
    cluster: str = "",
    allow_unencrypted: bool = False,
    resume: bool = False,
    restart: bool = False,
    most_runs: int | None = None,
    told: Callable[[Standing], None] = lambda standing: None,
) -> Finished:
    """Run the experiment at ``path`` into ``folder`` with ``workers`` processes (0: in this one; None: one per CPU), or on the
    Dask ``cluster`` at an address.

    Results depend on neither. Raises ``InputError``; what was finished until then is kept.
    """
    from chainsim.experiments.backends import Here, Processes
    from chainsim.experiments.processes import usable_cpus
    from chainsim.experiments.running import run_experiment

    if cluster:  # what cannot be is told before anything is read
        from chainsim.experiments.addresses import refuse_open_address

        refuse_open_address(cluster, allow_unencrypted=allow_unencrypted)
        _cluster()
    read = read_experiment(path, most_runs=most_runs)
    count = usable_cpus() if workers is None else workers

    def backend(plan: Plan) -> Backend:
        if cluster:
            return _cluster()(plan, cluster)
        return Processes(plan, count) if count else Here(plan)

    return run_experiment(read, folder or default_folder(read), backend, resume=resume, restart=restart, told=told)


def answers_of(
    folder: Path,
    *,
    baseline: int | None = None,
    write: bool = True,
    workbook: Path | None = None,
    charts: bool = False,
    lang: str = "en",
) -> Answers:
    """What the finished experiment in ``folder`` says; its tables go to ``folder/answers`` (Parquet, CSV; with
    ``charts`` also pictures) and to a workbook."""
    from chainsim.experiments.answers import read_answers
    from chainsim.experiments.answers_catalogue import ANSWER_TABLES
    from chainsim.experiments.folders import ANSWERS
    from chainsim.reports import write_results

    answers = read_answers(folder, baseline=baseline)
    if write or charts:
        drawn = {}
        if charts:
            from chainsim.experiments.pictures import pictures

            drawn = pictures(answers, lang)
        manifest = {**answers.manifest, "baseline": answers.about.baseline}
        write_results(folder / ANSWERS, answers.tables, manifest, extra=drawn, declared=ANSWER_TABLES)
    if workbook is not None:
        from chainsim.experiments.workbook import write_answers

        write_answers(workbook, answers, lang)
    return answers


def default_folder(read: ReadExperiment) -> Path:
    """Where an experiment's dataset goes unless somebody says otherwise."""
    return Path("results") / "experiments" / read.experiment.name


def _cluster() -> type[Cluster]:
    from chainsim.experiments.addresses import cluster_problem

    try:
        from chainsim.experiments.cluster import Cluster
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("dask", "distributed"):
            raise
        raise InputError([cluster_problem("cluster.extra")]) from None
    return Cluster
