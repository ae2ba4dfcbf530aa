"""The program handed to HiGHS once and solved level by level, each from the solution of the one before.

A level is fixed by complementary slackness: columns with a reduced cost stay at their bound and rows with a price stay active in
*every* solution that is as good, so fixing them keeps the level's value exactly, without a dense row per level. This holds for
linear programs only: where columns must be whole numbers, a level is kept by its own dense row instead. So it is where a level
after the first finds no solution: there is one, that of the level before, and only the roundings of many fixed bounds exclude it.

The first solution comes from an interior point with crossover, without presolve (after whose end the simplex would begin anew: at
60 arcs that is five times the time), or from the dual simplex where the program is small. A program that hardly differs from one
solved before starts at that one's first vertex. Every level after it starts from a solution that is feasible and only asks for
something else, which is the primal simplex's case: on the western year it takes 350 pivots where the dual takes 4,500.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pulp

Array = np.ndarray[Any, np.dtype[np.float64]]
_PRICE_TOLERANCE = 1e-7
"""HiGHS's own dual feasibility tolerance: the sign of a smaller price is not known."""
_DRIFT = 1e-8
"""By what part of itself (of 1, if it is smaller) a level that is kept may get worse before it is held by a row of its own."""
_WHOLE_DRIFT = 1e-6
"""The same for whole numbers, which HiGHS takes for whole within 1e-6."""
_ROUGH_GAP, _WHOLE_GAP = 1e-2, 1e-3
"""Whole numbers: how far the best known answer may be from the bound, as a part of it; the first need only be a start."""
_DUAL, _PRIMAL = 1, 4
"""HiGHS's ``simplex_strategy``."""
_CHOOSE, _DEVEX = -1, 1
"""Its ``simplex_dual_edge_weight_strategy``: for a few pivots, exact weights take longer to find than the pivots."""
_LARGE = 4_000
"""Columns from which on an interior point finds the first vertex sooner than the dual simplex: measured at 7,000 and 21,000."""


_NEAR = 0.2
"""A start is near if it takes fewer pivots than this part of the rows; none at all takes more than one for each row."""


class Infeasible(Exception):  # noqa: N818 - an answer, not a mistake
    """The program has no solution."""


class OutOfTime(Exception):  # noqa: N818 - an answer, not a mistake
    """The time limit came before the solution."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Values of the columns, prices of the rows, and the level's value."""

    objective: float
    columns: Array
    prices: Array
    reduced: Array
    seconds: float
    iterations: int


@dataclass(frozen=True, slots=True)
class Basis:
    """A vertex: HiGHS's status of every column and row, in the session's order; ``whole`` if every status is known."""

    columns: Sequence[Any]
    rows: Sequence[Any]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _Kept:
    """A level that later ones may not make worse: its costs by column, and its value."""

    cost: Array
    value: float
    drift: float

    @property
    def most(self) -> float:
        """The worst value that counts as kept."""
        return self.value + self.drift * max(1.0, abs(self.value))


def _solution(cost: Array, found: Any, seconds: float, iterations: int) -> Solution:
    """HiGHS's solution as ours."""
    columns = np.array(found.col_value)
    return Solution(
        float(cost @ columns), columns, np.array(found.row_dual), np.array(found.col_dual), seconds, iterations
    )


class Session:
    """One program in HiGHS, kept warm between levels.

    ``time_limit``, in seconds within HiGHS, is for all levels together. Without ``whole``, columns that must be whole numbers may
    be parts. ``first`` is the vertex that the first solution lies at.
    """

    def __init__(
        self,
        problem: pulp.LpProblem,
        rows: Sequence[pulp.LpConstraint],
        *,
        time_limit: float | None = None,
        whole: bool = True,
    ) -> None:
        import highspy

        self._highspy = highspy
        self._problem = problem
        self.variables = problem.variables()
        self.index = {variable: i for i, variable in enumerate(self.variables)}
        self.rows = list(rows)
        self.row_index = {id(row): i for i, row in enumerate(self.rows)}
        self._whole = [i for i, v in enumerate(self.variables) if whole and v.cat == pulp.LpInteger]
        self._kept: list[_Kept] = []
        self._in_rows = False
        self._feasible = False
        self._highs = quiet_highs()
        # Same input, same answer: one thread, one seed, one algorithm, whatever HiGHS may choose by default one day.
        self._set(parallel="off", random_seed=0, solver="choose" if self._whole else "simplex", mip_rel_gap=_ROUGH_GAP)
        infinity = highspy.kHighsInf
        self._columns: tuple[Array, Array] = (
            np.array([-infinity if v.lowBound is None else v.lowBound for v in self.variables], dtype=float),
            np.array([infinity if v.upBound is None else v.upBound for v in self.variables], dtype=float),
        )
        self._free_columns = self._columns[0].copy(), self._columns[1].copy()
        """The columns' bounds now, and as they were before any level was fixed; likewise the rows'."""
        self._bounds: list[tuple[float, float]] = []
        self._free_bounds: list[tuple[float, float]] = []
        self._highs.passModel(self._model())
        self.time_limit = time_limit
        self.seconds = 0.0
        self.first: Basis | None = None
        self.interior: Solution | None = None
        """Where there is a time limit: the first answer of an interior point, before its vertex was found."""
        self.incumbent: Solution | None = None
        """Of whole numbers: the best answer of a search that time ended."""
        self._start: Basis | None = None
        self._latest: list[float] = []
        self._begun = False

    @property
    def whole(self) -> tuple[pulp.LpVariable, ...]:
        """The columns that must be whole numbers."""
        return tuple(self.variables[i] for i in self._whole)

    def relaxed(self, held: Mapping[pulp.LpVariable, float] | None = None) -> Session:
        """The program as it was at first, in which everything may be parts but what is ``held``; its clock goes on from here."""
        out = Session(self._problem, self.rows, time_limit=self.time_limit, whole=False)
        out.seconds = self.seconds
        if held:
            out.narrow({variable: (value, value) for variable, value in held.items()})
        if self._start is not None:
            out.begin_at(self._start)
        return out

    def begin_at(self, start: Basis) -> None:
        """Let the first solve start at ``start``, which need not be a vertex of this program; of whole numbers, the program in
        parts."""
        self._start = start
        if not self._whole:
            basis = self._highspy.HighsBasis()
            basis.col_status, basis.row_status = list(start.columns), list(start.rows)
            basis.valid, basis.alien = True, not start.whole
            status = self._highs.setBasis(basis)
            assert status == self._highspy.HighsStatus.kOk
            self._begun = True

    def minimise(self, cost: Mapping[pulp.LpVariable, float]) -> Solution:
        """The best solution for ``cost`` that keeps the levels fixed before, from where the last one left off.

        Raises ``Infeasible`` if there is none, ``OutOfTime`` if the limit comes first.
        """
        count = len(self.variables)
        values = self._by_column(cost)
        self._highs.changeColsCost(count, np.arange(count, dtype=np.int32), values)
        try:
            found = self._run(values)
        except Infeasible:
            if not self._kept:
                raise
            self._hold_in_rows()
            found = self._run(values)
        while lost := [level for level in self._kept if float(level.cost @ found.columns) > level.most]:
            # Prices too small to be told from none add up over thousands of tonnes: hold the level in so many words.
            for level in lost:
                self._hold(level)
            self._kept = [level for level in self._kept if all(level is not other for other in lost)]
            found = self._run(values)
        return found

    def fix(self, solution: Solution, cost: Mapping[pulp.LpVariable, float]) -> None:
        """Keep the value of the level that ``solution`` solves for ``cost``."""
        if self._whole or self._in_rows:
            drift = _WHOLE_DRIFT if self._whole else _DRIFT
            self._hold(_Kept(self._by_column(cost), solution.objective, drift))
            return
        self._kept.append(_Kept(self._by_column(cost), solution.objective, _DRIFT))
        highs = self._highs
        held = np.flatnonzero(np.abs(solution.reduced) > _PRICE_TOLERANCE).astype(np.int32)
        at = solution.columns[held]
        highs.changeColsBounds(len(held), held, at, at)
        for bounds in self._columns:
            bounds[held] = at
        for row in np.flatnonzero(np.abs(solution.prices[: len(self.rows)]) > _PRICE_TOLERANCE).tolist():
            lower, upper = self._bounds[row]
            bound = lower if solution.prices[row] > 0 else upper
            if np.isfinite(bound) and lower < upper:
                highs.changeRowBounds(row, bound, bound)
                self._bounds[row] = (bound, bound)

    def whole_in(self, solution: Solution) -> dict[pulp.LpVariable, float]:
        """The whole numbers of a solution, free of rounding."""
        return {self.variables[i]: float(round(solution.columns[i])) for i in self._whole}

    def narrow(self, bounds: Mapping[pulp.LpVariable, tuple[float, float]]) -> None:
        """Keep these columns within ``bounds`` (low, high) from the first level on."""
        at = np.array([self.index[variable] for variable in bounds], dtype=np.int32)
        low, high = (np.array([pair[end] for pair in bounds.values()], dtype=float) for end in (0, 1))
        for lower, upper in (self._columns, self._free_columns):
            lower[at], upper[at] = low, high
        self._highs.changeColsBounds(len(at), at, low, high)

    def cap(self, values: Mapping[pulp.LpVariable, float]) -> None:
        """These columns, which are never below 0, stay at most at ``values``, those of a solution that keeps all levels."""
        at = np.array([self.index[variable] for variable in values], dtype=np.int32)
        most = np.maximum(np.array(list(values.values()), dtype=float), 0.0)
        for _, upper in (self._columns, self._free_columns):
            upper[at] = np.minimum(upper[at], most)
        self._highs.changeColsBounds(len(at), at, self._columns[0][at], self._columns[1][at])

    def release(self, row: pulp.LpConstraint, ceiling: pulp.LpVariable, value: float) -> None:
        """A row that was held under ``ceiling`` is from now on held under ``value`` itself."""
        at = self.row_index[id(row)]
        most = value + _DRIFT * max(1.0, abs(value))
        self._highs.changeCoeff(at, self.index[ceiling], 0.0)
        self._highs.changeRowBounds(at, -self._highspy.kHighsInf, most)
        self._bounds[at] = self._free_bounds[at] = (-self._highspy.kHighsInf, most)

    def _by_column(self, cost: Mapping[pulp.LpVariable, float]) -> Array:
        values = np.zeros(len(self.variables))
        for variable, price in cost.items():
            if variable in self.index:  # else it stands in no row (tanks that nothing comes to) and stays 0
                values[self.index[variable]] = price
        return values

    def _run(self, cost: Array) -> Solution:
        highs, statuses = self._highs, self._highspy.HighsModelStatus
        before = highs.getRunTime()
        self.incumbent = None
        if self.time_limit is not None:
            if self.seconds >= self.time_limit:
                raise OutOfTime
            self._set(time_limit=before + self.time_limit - self.seconds)  # HiGHS counts from the session's first run
        status = self._optimise(cost)
        seconds = highs.getRunTime() - before
        self.seconds += seconds
        if status in (statuses.kInfeasible, statuses.kUnboundedOrInfeasible):
            raise Infeasible
        if status == statuses.kTimeLimit:
            feasible = int(self._highspy.SolutionStatus.kSolutionStatusFeasible)
            if self._whole and highs.getInfo().primal_solution_status == feasible:
                self.incumbent = _solution(cost, highs.getSolution(), seconds, 0)
            raise OutOfTime
        assert status == statuses.kOptimal, highs.modelStatusToString(status)
        self._feasible = self._begun = True
        if self.first is None and not self._whole:
            vertex = highs.getBasis()
            self.first = Basis(vertex.col_status, vertex.row_status)
        return _solution(cost, highs.getSolution(), seconds, max(0, int(highs.getInfo().simplex_iteration_count)))

    def _optimise(self, cost: Array) -> Any:
        """HiGHS's status after a run, by the way that suits; if it loses its way numerically, by the next."""
        highs, lost = self._highs, self._highspy.HighsModelStatus.kUnknown
        if self._whole:
            return self._search()
        if self.first is None and self._begun:
            if self._is_near():
                return highs.getModelStatus()
            highs.clearSolver()
            self._begun = False
        if self._feasible:
            self._set(solver="simplex", simplex_strategy=_PRIMAL)
        elif self._begun or len(self.variables) < _LARGE:
            self._set(solver="simplex", simplex_strategy=_DUAL)
        elif self.time_limit is not None and self.first is None:
            found = self._go_inside(cost)
            self._set(solver="simplex", simplex_strategy=_PRIMAL if found else _DUAL)
        else:
            self._set(solver="ipm", presolve="off")
        highs.run()
        self._set(presolve="choose")
        if highs.getModelStatus() == lost:
            # The dual simplex starts where the one before stopped.
            self._set(solver="simplex", simplex_strategy=_DUAL)
            highs.run()
        if highs.getModelStatus() == lost:
            highs.clearSolver()
            self._set(solver="ipm")
            highs.run()
        return highs.getModelStatus()

    def _search(self) -> Any:
        """HiGHS's status after a search among whole numbers, from the latest answer on."""
        highs = self._highs
        if self._latest:
            known = self._highspy.HighsSolution()
            known.col_value = self._latest
            highs.setSolution(known)
        highs.run()
        status = highs.getModelStatus()
        if status == self._highspy.HighsModelStatus.kOptimal:
            self._latest = list(highs.getSolution().col_value)
            self._set(mip_rel_gap=_WHOLE_GAP)
        return status

    def _go_inside(self, cost: Array) -> bool:
        """An interior point's own answer is kept, if it has one: to find a vertex near it may take longer than there is time."""
        highs = self._highs
        self._set(solver="ipm", presolve="off", run_crossover="off")
        highs.run()
        self._set(presolve="choose", run_crossover="on")
        if highs.getModelStatus() != self._highspy.HighsModelStatus.kOptimal:
            return False
        inside = highs.getSolution()
        self.interior = _solution(cost, inside, highs.getRunTime(), 0)
        self._go_outside(inside)
        return True

    def _go_outside(self, inside: Any) -> None:
        """To a vertex near ``inside``."""
        self._highs.crossover(inside)

    def _is_near(self) -> bool:
        """Solve from the start that was given: whether it led to an answer in few pivots; a bad one may take more than none."""
        statuses = self._highspy.HighsModelStatus
        few = int(_NEAR * len(self.rows))
        self._set(
            solver="simplex",
            simplex_strategy=_DUAL,
            simplex_iteration_limit=few,
            simplex_dual_edge_weight_strategy=_DEVEX,
        )
        self._highs.run()
        self._set(simplex_iteration_limit=self._highspy.kHighsIInf, simplex_dual_edge_weight_strategy=_CHOOSE)
        return self._highs.getModelStatus() not in (statuses.kIterationLimit, statuses.kUnknown)

    def _hold_in_rows(self) -> None:
        """Every level so far by a row of its own, and the bounds as they were before any was fixed."""
        highs, count = self._highs, len(self.variables)
        highs.changeColsBounds(count, np.arange(count, dtype=np.int32), *self._free_columns)
        for at, bounds in enumerate(self._free_bounds):
            if bounds != self._bounds[at]:
                highs.changeRowBounds(at, *bounds)
        self._bounds = list(self._free_bounds)
        self._columns = self._free_columns[0].copy(), self._free_columns[1].copy()
        for level in self._kept:
            self._hold(level)
        self._kept, self._in_rows = [], True

    def _hold(self, level: _Kept) -> None:
        """cost · columns <= the level's value, as a row."""
        columns = np.flatnonzero(level.cost).astype(np.int32)
        self._highs.addRow(-self._highspy.kHighsInf, level.most, len(columns), columns, level.cost[columns])
        self._feasible = False

    def _set(self, **options: Any) -> None:
        for name, value in options.items():
            status = self._highs.setOptionValue(name, value)
            assert status == self._highspy.HighsStatus.kOk, name

    def _model(self) -> Any:
        highspy = self._highspy
        model = highspy.HighsLp()
        count, rows = len(self.variables), len(self.rows)
        infinity = highspy.kHighsInf
        model.num_col_, model.num_row_ = count, rows
        model.col_cost_ = np.zeros(count)
        model.col_lower_, model.col_upper_ = self._columns
        starts = np.zeros(rows + 1, dtype=np.int32)
        columns: list[int] = []
        factors: list[float] = []
        lower, upper = np.empty(rows), np.empty(rows)
        # PuLP's variables count their hash in Python; asked for at every term, that is half of the hand-over.
        index = {variable.hash: i for variable, i in self.index.items()}
        for i, row in enumerate(self.rows):
            columns += [index[variable.hash] for variable in row]
            factors += row.values()
            starts[i + 1] = len(columns)
            bound = -row.constant
            lower[i] = -infinity if row.sense == pulp.LpConstraintLE else bound
            upper[i] = infinity if row.sense == pulp.LpConstraintGE else bound
        model.row_lower_, model.row_upper_ = lower, upper
        self._bounds[:] = self._free_bounds[:] = list(zip(lower.tolist(), upper.tolist(), strict=True))
        matrix = model.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        values = np.array(factors, dtype=float)
        given = values != 0.0
        matrix.start_ = np.concatenate(([0], np.cumsum(given)))[starts].astype(np.int32)
        matrix.index_ = np.array(columns, dtype=np.int32)[given]
        matrix.value_ = values[given]
        if self._whole:
            kinds = highspy.HighsVarType
            whole = set(self._whole)
            model.integrality_ = [kinds.kInteger if i in whole else kinds.kContinuous for i in range(count)]
        return model


def quiet_highs() -> Any:
    """HiGHS without a word on stdout: turning its callbacks on, which nobody needs, writes a banner before any option counts."""
    import highspy

    class Quiet(highspy.Highs):
        def enableCallbacks(self) -> None:  # noqa: N802 - HiGHS's own name
            """Left off."""

    make: Any = Quiet
    highs = make()
    highs.silent()
    return highs
