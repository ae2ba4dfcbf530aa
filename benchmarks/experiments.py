"""Experiments beside the bare engine: what many runs cost beyond the runs themselves, in time and in memory.

The subject is W (see ``benchmarks.plain``) as a scenario file, under noise: production of every source anew each month
(lognormal, σ = 5 %). All goes the way of ``chainsim experiment run``: seeds, noise, simulation, what is kept, journal, dataset.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from unittest.mock import patch

import chainsim
from benchmarks.plain import (
    BRANCH_CAPACITY,
    BRANCH_DAYS,
    HUB_LINE_CAPACITY,
    HUB_LINE_DAYS,
    LOSS,
    PLAN_FACTOR,
    PRODUCTION,
    RUNS,
    SHUT,
    SOURCE_LIMIT,
    SOURCE_OPENING,
    START,
    TRUNK_CAPACITY,
    TRUNK_DAYS,
    Yardstick,
    months,
)
from chainsim.experiments import work
from chainsim.experiments.backends import Backend, Here, Processes
from chainsim.experiments.reading import ReadExperiment, read_experiment
from chainsim.experiments.running import Standing, run_experiment
from chainsim.experiments.work import Plan
from chainsim.model import Scenario
from chainsim.records import RunLog
from chainsim.simulation import simulate

REPLICATIONS = 200
MANY = 20_000
MIB = 1024.0


@dataclass(frozen=True)
class Noisy:
    """Ratios to the plain loop: ``replications`` of W in one process, all told; ``overhead`` beyond the engine alone, a share."""

    whole: float
    overhead: float
    milliseconds: float
    """Of overhead, per run."""


def w_files(folder: Path, replications: int = REPLICATIONS, every: str = "month") -> Path:
    """W and an experiment on it as files in ``folder``; returns the experiment's."""
    (folder / "w.yaml").write_text("\n".join(_w_lines()) + "\n", encoding="utf-8")
    path = folder / "noisy.yaml"
    path.write_text(
        f"base: w.yaml\nreplications: {replications}\nmost_runs: 1000000\n"
        f"noise: {{production: {{every: {every}, factor: lognormal(median=1; sigma=0.05)}}}}\n",
        encoding="utf-8",
    )
    return path


def _w_lines(days: int = 365) -> list[str]:
    """W, k = 1, as a scenario file; amounts are written in t and meant as kt (the engine does not mind)."""
    lines = ["scenario: w", f"start: {START}", f"end: {START.replace(year=START.year + days // 365)}"]
    lines += ["grades: {crude: {density: 860}}", "farms:"]
    lines += [f"  {name}: {{safe_fill: {limit}, opening: {{crude: {stock}}}}}" for name, limit, stock in _farms()]
    lines.append("suppliers:")
    lines += [f"  F{i}: {{grade: crude, farm: S{i}, production: {PRODUCTION[i]}}}" for i in range(4)]
    lines.append("pipelines:")
    for i in range(4):
        lines.append(_line(f"T{i}", f"S{i}", "A", TRUNK_CAPACITY[i], TRUNK_DAYS[i], f", dispatch: push, loss: {LOSS}"))
    lines.append(_line("H", "A", "B", HUB_LINE_CAPACITY, HUB_LINE_DAYS))
    for r in range(10):
        lines.append(_line(f"L{r}", "A" if r < 7 else "B", f"R{r}", BRANCH_CAPACITY[r], BRANCH_DAYS[r]))
    lines.append("customers:")
    for r, runs in enumerate(RUNS):
        tanks = f"safe_fill: {runs * 15}, opening: {{crude: {runs * 7}}}, runs: {runs}"
        lines.append(f"  R{r}: {{class: petrochina, grades: [crude], {tanks}}}")
    lines.append("plan:")
    for r, runs in enumerate(RUNS):
        for first, length in months(days):
            amount = runs * length * PLAN_FACTOR[r]
            lines.append(f"  - {{customer: R{r}, grade: crude, period: {first:%Y-%m}, amount: {amount!r}}}")
    day = [START.fromordinal(START.toordinal() + edge).isoformat() for edge in SHUT]
    lines.append("disruptions:")
    lines.append(f"  - {{name: shut, asset: T0, from: {day[0]}, to: {day[1]}, remaining: 0, cause: pipeline}}")
    return lines


def _farms() -> list[tuple[str, float, float]]:
    own = [(f"S{i}", SOURCE_LIMIT[i], SOURCE_OPENING[i]) for i in range(4)]
    return [("A", 600.0, 150.0), ("B", 200.0, 60.0), *own]


def _line(name: str, origin: str, destination: str, capacity: float, days: float, more: str = "") -> str:
    fill = capacity * days
    ends = f"from: {origin}, to: {destination}, capacity: {capacity}"
    return f"  {name}: {{{ends}, line_fill: {fill}, contents: [{{grade: crude, amount: {fill}}}]{more}}}"


def noisy(yardstick: Yardstick, replications: int = REPLICATIONS, every: str = "month", rounds: int = 3) -> Noisy:
    """The whole experiment in this process; what of it is not the engine's is overhead, told apart within the same run."""
    in_engine = in_all = 0.0

    def simulated(scenario: Scenario) -> RunLog:
        nonlocal in_engine
        started = time.process_time()
        log = simulate(scenario)
        in_engine += time.process_time() - started
        return log

    with tempfile.TemporaryDirectory() as temporary, patch.object(work, "simulate", simulated):
        folder = Path(temporary)
        read = read_experiment(w_files(folder, replications, every))
        run_experiment(read, folder / "warm", Here)  # libraries are loaded on first use

        def whole() -> None:
            nonlocal in_all
            started = time.process_time()
            run_experiment(read, folder / "out", Here, restart=True)
            in_all = time.process_time() - started

        ratios, shares, spent = [], [], []
        for _ in range(rounds):
            in_engine = 0.0
            ratios.append(yardstick.ratio(whole, 1))
            overhead = in_all - in_engine
            shares.append(overhead / in_engine)
            spent.append(overhead)
    return Noisy(median(ratios), median(shares), 1000 * median(spent) / replications)


def speed_up(seconds: float = 20.0) -> float:
    """Runs per second with two processes over those with one, once they are at work. Means something on idle cores only."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        read = read_experiment(w_files(folder, MANY))
        rates = [_rate(read, folder / str(workers), workers, seconds) for workers in (1, 2)]
    return rates[1] / rates[0]


def _rate(read: ReadExperiment, folder: Path, workers: int, seconds: float) -> float:
    """Runs per second between the first results and ``seconds`` later."""
    marks: list[tuple[float, int]] = []

    def told(standing: Standing) -> None:
        marks.append((time.monotonic(), standing.done))
        working = [mark for mark in marks if mark[1] > 10 * workers]
        if working and marks[-1][0] - working[0][0] > seconds:
            raise KeyboardInterrupt

    def backend(plan: Plan) -> Backend:
        return Processes(plan, workers)

    gc.collect()
    with suppress(KeyboardInterrupt):
        run_experiment(read, folder, backend, told=told)
    (began, first), (ended, last) = next(m for m in marks if m[1] > 10 * workers), marks[-1]
    return (last - first) / (ended - began)


_MEASURED = """
import json, resource, sys
from pathlib import Path
from chainsim.experiments.backends import Processes
from chainsim.experiments.reading import read_experiment
from chainsim.experiments.running import run_experiment
if __name__ == "__main__":
    finished = run_experiment(read_experiment(Path("noisy.yaml")), Path("out"), lambda plan: Processes(plan, 1))
    assert finished.failed == 0
    print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
"""
_SMALL = """\
start: 2026-01-01
end: 2026-02-01
grades: {crude: {density: 860}}
farms: {depot: {safe_fill: 900, opening: {crude: 100}}}
suppliers: {field: {grade: crude, farm: depot, production: 10}}
pipelines: {spur: {from: depot, to: works, capacity: 20}}
customers: {works: {class: petrochina, grades: [crude], safe_fill: 900, opening: {crude: 50}}}
plan: [{customer: works, grade: crude, period: 2026-01, amount: 300}]
"""


def memory_growth(few: int = REPLICATIONS, many: int = MANY) -> tuple[float, float]:
    """Peak memory (MiB) of the process that leads an experiment of ``few`` and of ``many`` small runs."""
    with tempfile.TemporaryDirectory() as temporary:
        peaks = [_peak(Path(temporary) / str(count), count) for count in (few, many)]
    return peaks[0], peaks[1]


def _peak(folder: Path, count: int) -> float:
    folder.mkdir()
    w_files(folder, count)
    (folder / "w.yaml").write_text(_SMALL, encoding="utf-8")
    (folder / "measured.py").write_text(_MEASURED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(chainsim.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "measured.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return float(json.loads(done.stdout)) / MIB
