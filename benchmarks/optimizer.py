"""How long re-plans take: a drawn year of 60 arcs beside HiGHS's own time, western beside its simulation, and 500 arcs.

``python -m benchmarks.optimizer 500 10 900`` measures one network by itself, with a time limit in seconds.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from math import inf
from pathlib import Path
from statistics import median

from benchmarks.optimizer_networks import network
from chainsim.files import load_scenario
from chainsim.model import Scenario
from chainsim.optimization.case import Case, case_of
from chainsim.optimization.formulation import formulate
from chainsim.optimization.grid import variable_grid
from chainsim.optimization.levels import Level, prepare_evenness, solve_levels
from chainsim.optimization.opening import opening_of
from chainsim.optimization.outcome import promised
from chainsim.optimization.replanning import Answer, replan, solve
from chainsim.optimization.solving import Session
from chainsim.simulation import resume, simulate
from chainsim.simulation.run import collector_paused

ROOT = Path(__file__).resolve().parents[1]
STRESSED = ROOT / "scenarios" / "trunk-outage.yaml"
"""Western with its trunk standing still for 21 days from day 100."""
RE_PLAN_DAYS = (105, 193)
"""In the outage, and in the middle of July."""
LARGE = (500, 10)
"""Arcs and grades."""
LARGE_LIMIT_SECONDS = 900.0
GIB = 2**30


@dataclass(frozen=True)
class Built:
    """Seconds of one re-plan's program: what we do, and what HiGHS does."""

    columns: int
    rows: int
    formulate: float
    hand_over: float
    extract: float
    solver: float

    @property
    def ours(self) -> float:
        """Building, handing over, extracting."""
        return self.formulate + self.hand_over + self.extract

    @property
    def part(self) -> float:
        """Ours, of HiGHS's own time."""
        return self.ours / self.solver


@dataclass(frozen=True)
class Western:
    """A re-plan of western on ``day``: seconds from the state to all levels, and what that is in simulations and first solves."""

    day: int
    solve: float
    simulations: float
    again: float
    """After a small change, as a part of the first: the worse of one capacity and one plan line."""
    replan: float
    """Seconds of ``replan`` as a whole, with the simulations that prove its order."""
    replan_simulations: float


@dataclass(frozen=True)
class Large:
    """A large network, solved in a process of its own."""

    arcs: int
    columns: int
    rows: int
    levels: int
    complete: bool
    build: float
    solver: float
    seconds: float
    """From the case to the last level; the simulation before it is not in it."""
    peak_gib: float


def built(arcs: int = 60, grades: int = 4, rounds: int = 3) -> Built:
    """The re-plan of a drawn year on its first day; the round in which our part is least counts."""
    case = case_on(network(arcs, grades), 0.0)
    return min((_built(case) for _ in range(rounds)), key=lambda one: one.part)


def western(days: Sequence[int] = RE_PLAN_DAYS, scenario_file: Path = STRESSED, rounds: int = 3) -> list[Western]:
    """Re-plans of western, each beside one simulation in the same round; medians of the ratios, least of the seconds."""
    scenario = load_scenario(scenario_file).scenario
    return [_western(scenario, day, rounds) for day in days]


def large(arcs: int = LARGE[0], grades: int = LARGE[1], limit: float = LARGE_LIMIT_SECONDS) -> Large:
    """One network in a new process, whose peak memory is its own."""
    words = [sys.executable, "-m", "benchmarks.optimizer", str(arcs), str(grades), str(limit)]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Large(**json.loads(done.stdout))


def measured(year: Built, re_plans: Sequence[Western], network_of_500: Large | None) -> dict[str, float]:
    """What the limits are about, by their keys; without ``network_of_500`` it was not measured."""
    out = {
        "optimizer_build": year.part,
        "optimizer_build_seconds": year.ours,
        "optimizer_western": max(one.simulations for one in re_plans),
        "optimizer_western_seconds": max(one.solve for one in re_plans),
        "optimizer_again": max(one.again for one in re_plans),
    }
    if network_of_500 is not None:
        # One that was cut short has not kept the promise, however short it was.
        out["optimizer_large"] = network_of_500.seconds / 60 if network_of_500.complete else inf
        out["optimizer_large_memory"] = network_of_500.peak_gib
    return out


def words(year: Built, re_plans: Sequence[Western], network_of_500: Large | None) -> str:
    """What the figures are made of, in one line."""
    parts = [
        (
            f"60 arcs: {year.columns:,} columns, {year.rows:,} rows, formulated in {year.formulate:.2f} s, handed over in"
            f" {year.hand_over:.2f} s, HiGHS {year.solver:.1f} s"
        )
    ]
    parts += [
        f"western on day {one.day}: all levels {one.solve:.2f} s, {one.again:.2f} of that after a small change,"
        f" replan with its proofs {one.replan:.1f} s = {one.replan_simulations:.0f} simulations"
        for one in re_plans
    ]
    if network_of_500 is not None:
        told = network_of_500
        state = "all levels" if told.complete else f"{told.levels} levels, then out of time"
        parts.append(
            f"{told.arcs} arcs: {told.columns:,} columns, {told.rows:,} rows, built in {told.build:.1f} s,"
            f" HiGHS {told.solver:.0f} s, {state}"
        )
    return "; ".join(parts)


def case_on(scenario: Scenario, day: float) -> Case:
    """The numbers of a re-plan on ``day``, as ``replan`` makes them."""
    stopped = simulate(scenario, until=day)
    return case_of(scenario, opening_of(scenario, stopped, resume(stopped)), variable_grid(scenario, day))


def small_changes(case: Case) -> tuple[Case, Case]:
    """The largest pipeline's capacity a twentieth smaller, and the largest plan line a twentieth larger."""
    widest = max(case.lines, key=lambda line: sum(line.capacity_t))
    narrower = replace(widest, capacity_t=tuple(0.95 * tonnes for tonnes in widest.capacity_t))
    key = max(case.plan_t, key=lambda known: case.plan_t[known])
    return (
        replace(case, lines=tuple(narrower if line is widest else line for line in case.lines)),
        replace(case, plan_t={**case.plan_t, key: 1.05 * case.plan_t[key]}),
    )


def same_levels(one: Answer, other: Answer, within: float = 1e-6) -> bool:
    """Whether both reached the same values, level by level, down to the few lines: those are looked for, not proved fewest, and
    who starts elsewhere may find others."""
    pairs = takewhile(lambda pair: pair[0].name != "lines", zip(one.solved.levels, other.solved.levels, strict=True))
    return all(a.name == b.name and abs(a.value - b.value) <= within * max(1.0, abs(a.value)) for a, b in pairs)


def _built(case: Case) -> Built:
    began = time.perf_counter()
    with collector_paused():
        program = formulate(case)
        prepare_evenness(program)
        formulated = time.perf_counter()
        session = Session(program.problem, list(program.rows.values()))
        handed = time.perf_counter()
    solved = solve_levels(program, session)
    reached = time.perf_counter()
    promised(program, solved)
    extracted = time.perf_counter()
    return Built(
        columns=len(session.variables),
        rows=len(session.rows),
        formulate=formulated - began,
        hand_over=handed - formulated,
        extract=extracted - reached,
        solver=session.seconds,
    )


def _western(scenario: Scenario, day: int, rounds: int) -> Western:
    case = case_on(scenario, day)
    simulations, solves, agains = [], [], []
    for _ in range(rounds):
        began = time.perf_counter()
        simulate(scenario)
        simulated = time.perf_counter()
        first = solve(case)
        solved = time.perf_counter()
        simulations.append(simulated - began)
        solves.append(solved - simulated)
        for changed in small_changes(case):
            began = time.perf_counter()
            again = solve(changed, start=first)
            agains.append((time.perf_counter() - began) / solves[-1])
            assert same_levels(again, solve(changed)), "a warm start changed a level"
    began = time.perf_counter()
    replan(scenario, day)
    whole = time.perf_counter() - began
    return Western(
        day=day,
        solve=min(solves),
        simulations=median(s / one for s, one in zip(solves, simulations, strict=True)),
        again=max(median(agains[::2]), median(agains[1::2])),
        replan=whole,
        replan_simulations=whole / median(simulations),
    )


def _large(arcs: int, grades: int, limit: float) -> Large:
    case = case_on(network(arcs, grades), 0.0)

    def told(level: Level) -> None:
        print(f"  {level.name}: {level.value:,.6g} {level.unit}", file=sys.stderr, flush=True)

    began = time.perf_counter()
    answer = solve(case, time_limit=limit, told=told)
    seconds = time.perf_counter() - began
    session = answer.solved.session
    unit = 1 if sys.platform == "darwin" else 1024
    return Large(
        arcs=arcs,
        columns=len(session.variables),
        rows=len(session.rows),
        levels=len(answer.solved.levels),
        complete=answer.complete,
        build=seconds - session.seconds,
        solver=session.seconds,
        seconds=seconds,
        peak_gib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / GIB,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_large(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))))
