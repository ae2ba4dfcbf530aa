"""Short-hand for the optimizer's tests: a scenario made of few parts as a ``Case``, without a simulation before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from chainsim.model import Scenario
from chainsim.model.plan import months_of
from chainsim.optimization.case import Case, Settings, case_of
from chainsim.optimization.formulation import Formulation, formulate
from chainsim.optimization.grid import Bucket, Grid
from chainsim.optimization.levels import Solved, lag_weights, prepare_evenness, solve_levels
from chainsim.optimization.opening import Key, MonthKey, Opening
from chainsim.optimization.outcome import Outcome, promised
from chainsim.optimization.solving import Session


@dataclass(frozen=True)
class Found:
    """A solved case."""

    program: Formulation
    solved: Solved

    @property
    def levels(self) -> dict[str, float]:
        """Level → value."""
        return {level.name: level.value for level in self.solved.levels}

    @property
    def promise(self) -> Outcome:
        """What the program believes."""
        return promised(self.program, self.solved)

    @property
    def changes(self) -> dict[MonthKey, float]:
        """Plan line → tonnes above (below, negative) the plan in force."""
        value = self.solved.value
        up, down = self.program.of("up"), self.program.of("down")
        return {key: value(up[key]) - value(down[key]) for key in self.program.case.plan_t}

    def lags(self) -> dict[Key, float]:
        """Plan line → its lag in months of plan, from the backlogs found."""
        back = self.program.of("back")
        return {
            key: sum(weight * self.solved.value(back[*key, month]) for month, weight in weights.items())
            for key, weights in lag_weights(self.program).items()
        }


def by_months(scenario: Scenario) -> Grid:
    """One bucket for each month."""
    return Grid(tuple(Bucket(start, end, month) for month, (start, end, _) in enumerate(months_of(scenario))))


def by_parts(scenario: Scenario, parts: int) -> Grid:
    """Each month in equal parts."""
    return Grid(
        tuple(
            Bucket(start + (end - start) * i / parts, start + (end - start) * (i + 1) / parts, month)
            for month, (start, end, _) in enumerate(months_of(scenario))
            for i in range(parts)
        )
    )


def opening_at_start(scenario: Scenario) -> Opening:
    """The scenario's own opening on day 0: nothing under way, nothing delivered, no pumping expected."""
    names = [g.name for g in scenario.grades]
    stock = {(f.name, g): f.opening_t.get(g, 0.0) for f in scenario.farms for g in names}
    stock |= {(c.name, g): c.opening_t.get(g, 0.0) for c in scenario.customers for g in c.grades}
    return Opening(
        day=0.0,
        stock_t=stock,
        contents_t={p.name: p.contents_t for p in scenario.pipelines},
        trains=(),
        delivered_t={},
        yuan={c.name: c.cash_yuan for c in scenario.customers if c.offtake == "cash"},
        pumped={},
        entered={},
    )


def case_at_start(scenario: Scenario, grid: Grid | None = None, settings: Settings | None = None) -> Case:
    """The re-plan of ``scenario`` on day 0, by months unless said otherwise."""
    return case_of(scenario, opening_at_start(scenario), grid or by_months(scenario), settings)


def solve(case: Case) -> Found:
    """All levels."""
    program = programmed(case)
    return Found(program, solve_levels(program, session_of(program)))


def programmed(case: Case) -> Formulation:
    """The program as the levels need it."""
    program = formulate(case)
    prepare_evenness(program)
    return program


def session_of(program: Formulation) -> Session:
    """The program in HiGHS."""
    return Session(program.problem, list(program.rows.values()))


@dataclass(frozen=True)
class Matrix:
    """A program as plain arrays, for solvers that share no code with ours: rows lower <= A x <= upper."""

    factors: np.ndarray
    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    column: Mapping[object, int]
    row: Mapping[tuple[object, ...], int]


def matrix_of(program: Formulation) -> Matrix:
    """``program`` written down once more, straight from its rows."""
    columns = {variable: i for i, variable in enumerate(program.problem.variables())}
    factors = np.zeros((len(program.rows), len(columns)))
    row_lower = np.full(len(program.rows), -np.inf)
    row_upper = np.full(len(program.rows), np.inf)
    for i, row in enumerate(program.rows.values()):
        for variable, factor in row.items():
            factors[i, columns[variable]] += factor
        if row.sense >= 0:
            row_lower[i] = -row.constant
        if row.sense <= 0:
            row_upper[i] = -row.constant
    return Matrix(
        factors,
        row_lower,
        row_upper,
        np.array([-np.inf if v.lowBound is None else v.lowBound for v in columns]),
        np.array([np.inf if v.upBound is None else v.upBound for v in columns]),
        columns,
        {name: i for i, name in enumerate(program.rows)},
    )
