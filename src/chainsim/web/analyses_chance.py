"""What chance makes of a what-if: replications of its unplanned outages and of noise, as an experiment.

The page writes the experiment as a hand would and has it run as ``chainsim experiment run`` runs it; so its answers are the
command's, and the file can be taken home.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.files.overlays import Changes, overlay_text
from chainsim.model import Scenario
from chainsim.web.jobs import Standing, Told, Work
from chainsim.workflow_whatif import Base, scenario_with

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
CONFIDENCE = 0.95
PRODUCTION_SIGMA, CASH_SIGMA = 0.05, 0.10
"""Of the logarithm of a month's factor: an assumption, near the spread of monthly field reports against plan."""
LINE_FAILURE_DAYS, LINE_REPAIR_DAYS = 365, 3
"""Mean time to a pipeline's unplanned outage and its median length: an assumption where the scenario states none."""
PATHS_FAILURE_DAYS, PATHS_REPAIR_DAYS = 90, 5
"""Of a railway's limits to half its train paths: an assumption too."""
_DAILY_UP_TO = 130
"""Days of a run whose stocks are kept by the day; those of longer runs by the week."""
WHATIF, EXPERIMENT = "whatif.yaml", "experiment.yaml"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer's completion over the runs: quantiles as in ``QUANTILES``, and the chance to miss the threshold."""

    name: str
    mean: float
    quantiles: tuple[float, ...]
    missed: float
    missed_low: float
    missed_high: float


@dataclass(frozen=True, slots=True)
class Fan:
    """The stocks of a farm or a customer: for each of ``days`` a row of ``QUANTILES``, in tonnes."""

    days: tuple[datetime, ...]
    quantiles: tuple[tuple[float, ...], ...]
    heel_t: float
    safe_fill_t: float


@dataclass(frozen=True, slots=True)
class Spread:
    """What the runs say: the completion of all customers together and of each, and fans of stocks by holder."""

    runs: int
    failed: int
    completion: tuple[float, float, float, float]
    """Mean, the ends of its interval of confidence, and the standard deviation."""
    quantiles: tuple[float, ...]
    customers: tuple[Customer, ...]
    fans: dict[str, Fan]
    outages: int
    """Random outages that the scenario states itself; 0: the page's own were taken."""
    files: dict[str, str]


def spread(work: Work, told: Told) -> Spread:
    """The job: ``asked["runs"]`` replications; ``asked["outages"]`` and ``asked["noise"]`` say what varies (on or nothing)."""
    from chainsim.workflow_experiments import answers_of, run_experiment

    files = experiment_files(work.base, work.changes, work.asked, work.scratch)
    for name, content in files.items():
        (work.scratch / name).write_text(content, encoding="utf-8")
    folder = work.scratch / "runs"
    finished = run_experiment(
        work.scratch / EXPERIMENT, folder, workers=0, told=lambda now: told(Standing("experiment", now.done, now.total))
    )
    told(Standing("answers"))
    answers = answers_of(folder, write=False)
    kpis = answers.tables["answer_kpis"]
    whole = kpis[kpis["kpi"] == "completion"].iloc[0]
    return Spread(
        runs=finished.runs - finished.failed,
        failed=finished.failed,
        completion=(float(whole["mean"]), float(whole["low"]), float(whole["high"]), float(whole["sd"])),
        quantiles=_quantiles(whole),
        customers=_customers(folder, answers.tables["answer_customers"]),
        fans=_fans(answers.tables["answer_stocks"], answers.about.limits),
        outages=len(scenario_with(work.base, work.changes).random_disruptions),
        files=experiment_files(work.base, work.changes, work.asked),
    )


def experiment_files(base: Base, changes: Changes, asked: Any, folder: Path | None = None) -> dict[str, str]:
    """The what-if and the experiment over it as files by name; without ``folder`` as files beside the scenario."""
    extends = asked["extends"] if folder is None else Path(os.path.relpath(base.path, folder)).as_posix()
    scenario = scenario_with(base, changes)
    return {
        WHATIF: overlay_text(changes, extends=extends),
        EXPERIMENT: experiment_text(scenario, asked),
    }


def experiment_text(scenario: Scenario, asked: Any) -> str:
    """The experiment file: what is random of its own, what the page adds, how often, and what is asked."""
    step = "day" if scenario.end_day - scenario.as_of_day <= _DAILY_UP_TO else "week"
    lines = [f"base: {WHATIF}"]
    if asked["outages"] and not scenario.random_disruptions:
        rows = overlay_text({"random_disruptions": _outages(scenario)}, extends="x").splitlines()[1:]
        lines += ["overlay:", *(f"  {row}" for row in rows)]
    noise = []
    if asked["noise"]:
        noise.append(f"  production: {{factor: lognormal(median=1; sigma={PRODUCTION_SIGMA:g})}}")
        if any(customer.offtake == "cash" for customer in scenario.customers):
            noise.append(f"  cash: {{factor: lognormal(median=1; sigma={CASH_SIGMA:g})}}")
    lines += ["noise:", *noise] if noise else []
    lines += [
        f"replications: {int(asked['runs'])}",
        f"seed: {scenario.seed}",
        f"record: {{kpis: [completion], stocks: {step}}}",
        f"answers: {{miss_below: [{float(asked['threshold']):g}%], confidence: {CONFIDENCE:g}}}",
    ]
    return "\n".join(lines) + "\n"


def _outages(scenario: Scenario) -> list[dict[str, str]]:
    """What the page assumes where the scenario states no random outages: its pipelines fail, its railways are limited."""
    lines = [
        {"asset": line.name, "remaining": "0", "cause": "pipeline",
         "time_to_failure": f"exponential(mean={LINE_FAILURE_DAYS})",
         "time_to_repair": f"lognormal(median={LINE_REPAIR_DAYS}; sigma=0.8)"}
        for line in scenario.pipelines
    ]  # fmt: skip
    paths = [
        {"asset": f"{rail.name}.paths", "remaining": "50%", "cause": "railway",
         "time_to_failure": f"exponential(mean={PATHS_FAILURE_DAYS})",
         "time_to_repair": f"triangular(low=2; mode={PATHS_REPAIR_DAYS}; high=15)"}
        for rail in scenario.railways
    ]  # fmt: skip
    return [*lines, *paths]


def varies(scenario: Scenario, asked: Any) -> bool:
    """Whether anything is left to chance: without, all runs are the same."""
    return bool(asked["noise"] or asked["outages"] or scenario.random_disruptions)


def _customers(folder: Path, misses: pd.DataFrame) -> tuple[Customer, ...]:
    import numpy as np
    import pandas as pd

    runs = pd.read_parquet(folder / "run_customers.parquet", columns=["customer", "completion"])
    out = []
    for row in misses.itertuples():
        own = runs.loc[runs["customer"].astype("str") == str(row.customer), "completion"].to_numpy(dtype=float)
        values = np.quantile(own[np.isfinite(own)], QUANTILES)
        name = str(row.customer)
        chances = float(row.probability), float(row.low), float(row.high)  # type: ignore[arg-type]
        out.append(Customer(name, float(row.completion), tuple(map(float, values)), *chances))  # type: ignore[arg-type]
    return tuple(out)


def _fans(stocks: pd.DataFrame, limits: Any) -> dict[str, Fan]:
    out = {}
    for holder, rows in stocks.groupby("holder", sort=False, observed=True):
        columns = [rows[f"p{round(100 * share):02d}_t"].round(1).tolist() for share in QUANTILES]
        heel, safe_fill = limits.get(str(holder), (0.0, 0.0))
        days = tuple(day.to_pydatetime() for day in rows["day"])
        out[str(holder)] = Fan(days, tuple(zip(*columns, strict=True)), float(heel), float(safe_fill))
    return out


def _quantiles(row: Any) -> tuple[float, ...]:
    return tuple(float(row[f"p{round(100 * share):02d}"]) for share in QUANTILES)
