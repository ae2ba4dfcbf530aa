"""The lexicographic chain against a naive one: every level a program of its own, the levels before it as dense rows.

The naive chain shares the formulation's rows and the levels' definitions with the optimizer, and nothing else: no warm start,
no complementary slackness, and for evenness a water-filling that tries, line by line, which lag can still be less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any

import highspy
import numpy as np
import pulp
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from tests.optimization.networks import Found, case_at_start, matrix_of, programmed, session_of, solve
from tests.simulation.networks import customer, farm, grade, line, month, scenario, supplier
from tests.simulation.strategies import scenarios

from chainsim.errors import FlowCycleError
from chainsim.model import Profile, RailRoute, Railway, Scenario
from chainsim.optimization import solving
from chainsim.optimization.case import Case, Settings, case_of
from chainsim.optimization.formulation import GE, Formulation, formulate
from chainsim.optimization.grid import variable_grid
from chainsim.optimization.levels import (
    change,
    completions,
    cost,
    lag_weights,
    priority_of,
    safety,
    solve_levels,
)
from chainsim.optimization.opening import opening_of
from chainsim.optimization.solving import Infeasible, OutOfTime, Session, quiet_highs
from chainsim.simulation import resume, simulate

FEW = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # making a breach small takes minutes here
)
MANY = settings(FEW, max_examples=400)
SAME = 1e-4
"""How near the two chains come, as a part of the level (of a tonne): the slacks before it, times what they are worth to it."""

LEAST_TONNES = Settings(few_lines=False)
"""The naive chain knows linear levels only; the fewest lines have a test of their own."""

Row = tuple[np.ndarray, float]
"""(factors, most): factors · columns <= most."""


class TooTight(Exception):  # noqa: N818
    """HiGHS does not see its way between the naive chain's dense rows: no verdict."""


@dataclass
class Naive:
    """Solves one program from scratch at each call."""

    program: Formulation
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.matrix = matrix_of(self.program)

    def dense(self, weights: Mapping[Any, float]) -> np.ndarray:
        """Weights by variable as a full row."""
        out = np.zeros(len(self.matrix.lower))
        for variable, weight in weights.items():
            if variable in self.matrix.column:  # else it stands in no row
                out[self.matrix.column[variable]] += weight
        return out

    def least(self, row: np.ndarray, *more: Row) -> float | None:
        """The least ``row`` · columns under all rows kept and ``more``; ``None`` if there is no solution.

        HiGHS may find so little slack too little: then it gets more, up to its own tolerance.
        """
        return next(
            (found for ease in (0.0, 1e-8, 1e-7, 1e-6) if (found := self._least(row, more, ease)) is not None), None
        )

    def best(self, row: np.ndarray, *more: Row) -> float:
        """``least`` where there is a solution."""
        found = self.least(row, *more)
        if found is None:
            raise TooTight
        return found

    def _least(self, row: np.ndarray, more: Sequence[Row], ease: float) -> float | None:
        highs = quiet_highs()
        matrix, infinity = self.matrix, highspy.kHighsInf
        model = highspy.HighsLp()
        extra = [*self.rows, *more]
        factors = np.vstack([matrix.factors, *(f for f, _ in extra)]) if extra else matrix.factors
        model.num_row_, model.num_col_ = factors.shape
        model.col_cost_ = row
        model.col_lower_, model.col_upper_ = _finite(matrix.lower, infinity), _finite(matrix.upper, infinity)
        model.row_lower_ = _finite(np.concatenate([matrix.row_lower, np.full(len(extra), -np.inf)]), infinity)
        model.row_upper_ = _finite(np.concatenate([matrix.row_upper, np.array([m + ease for _, m in extra])]), infinity)
        found = np.nonzero(factors)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.searchsorted(found[0], np.arange(len(factors) + 1)).astype(np.int32)
        model.a_matrix_.index_ = found[1].astype(np.int32)
        model.a_matrix_.value_ = factors[found]
        highs.passModel(model)
        highs.run()
        status = highs.getModelStatus()
        none = highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible
        if status in none or status == highspy.HighsModelStatus.kUnknown:
            return None
        assert status == highspy.HighsModelStatus.kOptimal, highs.modelStatusToString(status)
        return float(row @ np.array(highs.getSolution().col_value))

    def keep(self, row: np.ndarray, value: float) -> None:
        """From now on ``row`` · columns may be no more than ``value``."""
        self.rows.append((row, value + slack_of(value)))


def slack_of(value: float) -> float:
    """What a dense row leaves: hardly anything, for a later level may gain a thousand times what an earlier one gives up."""
    return 1e-9 + 1e-13 * abs(value)


def _finite(values: np.ndarray, infinity: float) -> np.ndarray:
    return np.clip(values, -infinity, infinity)


def chain(program: Formulation) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """The values of all levels, and the lag of every plan line, the naive way."""
    naive, values, lags = Naive(program), {}, {}
    for objective in (safety(program), *completions(program)):
        row = naive.dense(objective.cost)
        best = naive.best(row)
        naive.keep(row, best)
        values[objective.name] = best + objective.constant
    for priority in sorted({priority_of(program, c) for c, _ in lag_weights(program)}):
        own = water_filling(naive, priority)
        lags |= own
        values[f"evenness {priority}"] = max(own.values())
    for objective in (change(program), cost(program)):
        row = naive.dense(objective.cost)
        best = naive.best(row)
        naive.keep(row, best)
        values[objective.name] = best + objective.constant
    return values, lags


def water_filling(naive: Naive, priority: int) -> dict[tuple[str, str], float]:
    """The worst lag as small as can be; lines that cannot do better stay at it; the rest go on."""
    program = naive.program
    back = program.of("back")
    rows = {
        key: naive.dense({back[*key, m]: weight for m, weight in weights.items()})
        for key, weights in lag_weights(program).items()
        if priority_of(program, key[0]) == priority
    }
    ceiling = naive.dense({program.of("worst")[()]: 1.0})
    out: dict[tuple[str, str], float] = {}
    while rows:
        level = naive.best(ceiling, *((row - ceiling, 0.0) for row in rows.values()))
        most = level + slack_of(level)
        stuck = []
        for key, row in rows.items():
            least = naive.best(row, *((other, most) for other in rows.values()))
            if least >= level - 1e-6 * max(1.0, level):
                stuck.append(key)
        assert stuck
        for key in stuck:
            out[key] = level
            naive.keep(rows.pop(key), level)
    return out


def check(case: Case) -> Found | None:
    """Our chain's values and lags are the naive chain's; ``None`` where neither finds any plan."""
    program = formulate(case)
    program.require([(program.add("worst"), 1.0)], GE, 0.0, "worst")
    if Naive(program).least(Naive(program).dense({})) is None:
        with pytest.raises(Infeasible):
            solve(case)
        return None
    try:
        values, lags = chain(program)
    except TooTight:
        reject()
    found = solve(case)
    got = found.levels
    assert list(got) == list(values)
    for name, value in values.items():
        if not name.startswith("evenness"):
            assert abs(got[name] - value) <= SAME * max(1.0, abs(value)), (name, got[name], value)
    ours = found.lags()
    for key, lag in lags.items():
        month_t = 1.0 / next(iter(lag_weights(program)[key].values()))
        late_t = lag * month_t
        assert abs(ours[key] * month_t - late_t) <= SAME * max(1.0, late_t), (key, ours[key], lag, month_t)
    for priority in {priority_of(program, c) for c, _ in lags}:
        worst = max(ours[key] for key in lags if priority_of(program, key[0]) == priority)
        assert got[f"evenness {priority}"] == pytest.approx(worst, abs=1e-6, rel=1e-6)
    return found


def mid_run(subject: Scenario, day: float) -> Case:
    """The re-plan on ``day``, from the simulation's state."""
    try:
        stopped = simulate(subject, until=day)
        expected = resume(stopped) if stopped.state is not None else stopped
    except FlowCycleError:  # an answer of the engine's, not this test's subject
        reject()
    grid = variable_grid(subject, day, daily_days=4, ten_day_days=20)
    return case_of(subject, opening_of(subject, stopped, expected), grid, LEAST_TONNES)


@FEW
@given(scenarios(most_days=70, most_farms=3, most_customers=4, mixed_lines=False), st.sampled_from([10.0, 5.5, 15.0]))
def test_random_scenarios(subject: Scenario, day: float) -> None:
    check(mid_run(subject, day))


@pytest.mark.slow
@MANY
@given(scenarios(most_days=100, mixed_lines=False), st.sampled_from([10.0, 5.5, 15.0]))
def test_many_random_scenarios(subject: Scenario, day: float) -> None:
    check(mid_run(subject, day))


@FEW
@given(scenarios(most_days=70, most_farms=3, most_customers=4), st.sampled_from([10.0, 5.5, 15.0]))
def test_random_scenarios_with_mixed_lines(subject: Scenario, day: float) -> None:
    """Where grades follow one another a millionth of a tonne of composition can be worth a tonne to somebody, so that the levels
    after completion hang on HiGHS's own tolerances: they must be no worse than the naive chain's."""
    case = mid_run(subject, day)
    program = formulate(case)
    program.require([(program.add("worst"), 1.0)], GE, 0.0, "worst")
    naive = Naive(program)
    if naive.least(naive.dense({})) is None:
        with pytest.raises(Infeasible):
            solve(case)
        return
    got = solve(case).levels
    try:
        for objective in (safety(program), *completions(program)):
            row = naive.dense(objective.cost)
            best = naive.best(row)
            assert abs(got[objective.name] - best - objective.constant) <= SAME * max(1.0, abs(best))
            naive.keep(row, best)
        for priority in sorted({priority_of(program, c) for c, _ in lag_weights(program)})[:1]:
            worst = max(water_filling(naive, priority).values())
            assert got[f"evenness {priority}"] <= worst + SAME
    except TooTight:
        reject()


SHORT = scenario(
    supplier("s", "f", 100.0), supplier("t", "f", 30.0, "h"), grade("g"), grade("h"),
    farm("f", 900.0, g=100.0, h=50.0), farm("j", storage="junction"),
    line("trunk", "f", "j", 90.0), line("la", "j", "a", 60.0, tariff_yuan_per_t=3.0), line("lb", "j", "b", 50.0),
    line("direct", "f", "c", 25.0, tariff_yuan_per_t=7.0),
    customer("a", grades=("g", "h")), customer("b", grades=("g", "h")), customer("c", priority=2),
    *(month(c, t, g, when) for when in (date(2026, 1, 1), date(2026, 2, 1))
      for c, g, t in (("a", "g", 1500.0), ("a", "h", 400.0), ("b", "g", 1200.0), ("b", "h", 500.0), ("c", "g", 900.0))),
    days=59.0,
)  # fmt: skip
"""A trunk too small for two refineries with two grades, and a third of the next class beside it."""


def test_each_level_is_as_good_as_can_be() -> None:
    """With the levels before it kept, a level a little better is infeasible, and as good as it is it is feasible."""
    case = case_at_start(SHORT, settings=LEAST_TONNES)
    got = solve(case).levels
    program = formulate(case)
    program.require([(program.add("worst"), 1.0)], GE, 0.0, "worst")
    naive = Naive(program)
    nothing = naive.dense({})
    tried = 0
    for objective in (safety(program), *completions(program)):
        row, value = naive.dense(objective.cost), got[objective.name] - objective.constant
        assert naive.least(nothing, (row, value - 1e-3)) is None, objective.name
        assert naive.least(nothing, (row, value + 1e-6)) is not None, objective.name
        naive.keep(row, value)
        tried += 1
    for priority in (1, 2):
        back = program.of("back")
        lags = [
            naive.dense({back[*key, m]: weight for m, weight in weights.items()})
            for key, weights in lag_weights(program).items()
            if priority_of(program, key[0]) == priority
        ]
        value = got[f"evenness {priority}"]
        assert value > 0.01
        assert naive.least(nothing, *((lag, value - 1e-5) for lag in lags)) is None
        assert naive.least(nothing, *((lag, value + 1e-7) for lag in lags)) is not None
        for key, lag in water_filling(naive, priority).items():
            assert solve(case).lags()[key] == pytest.approx(lag, abs=1e-6)
        tried += 1
    for objective in (change(program), cost(program)):
        row, value = naive.dense(objective.cost), got[objective.name] - objective.constant
        assert naive.least(nothing, (row, value - 1e-3 * max(1.0, abs(value)))) is None, objective.name
        assert naive.least(nothing, (row, value + 1e-5 * max(1.0, abs(value)))) is not None, objective.name
        naive.keep(row, value)
        tried += 1
    assert tried == len(got)


def test_the_fewest_lines() -> None:
    """Of all choices of lines that may change, the smallest with which the levels before hold is as large as ours."""
    found = solve(case_at_start(SHORT))
    program = formulate(case_at_start(SHORT))
    program.require([(program.add("worst"), 1.0)], GE, 0.0, "worst")
    naive = Naive(program)
    for objective in (safety(program), *completions(program)):
        row = naive.dense(objective.cost)
        naive.keep(row, naive.best(row) + 1e-6)
    for priority in (1, 2):
        water_filling(naive, priority)
    changes = [naive.dense({program.of(kind)[key]: 1.0 for kind in ("up", "down")}) for key in program.case.plan_t]
    nothing = naive.dense({})

    def suffices(chosen: Sequence[int]) -> bool:
        return naive.least(nothing, *((row, 1e-3) for i, row in enumerate(changes) if i not in chosen)) is not None

    fewest = next(n for n in range(len(changes) + 1) if any(suffices(c) for c in combinations(range(len(changes)), n)))
    assert 0 < fewest < len(changes)
    assert found.levels["lines"] == fewest
    assert found.levels["change"] >= solve(case_at_start(SHORT, settings=LEAST_TONNES)).levels["change"] - 1e-3


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 12)), min_size=1, max_size=6), st.integers(0, 40))
@settings(FEW, max_examples=80)
def test_one_bottleneck_is_shared_by_water_filling(refineries: list[tuple[int, int]], trunk: int) -> None:
    """lag[c] = max(1 − own line / plan, θ), with the one θ at which the trunk is full: closed form, one month, one class."""
    plans = [100.0 * plan for plan, _ in refineries]
    own = [3_100.0 * line / 62 for _, line in refineries]
    subject = scenario(
        supplier("s", "f", 1e4), farm("f", 1e9), farm("j", storage="junction"), line("trunk", "f", "j", 100.0 * trunk / 31),
        *(customer(f"c{i}") for i in range(len(plans))),
        *(line(f"l{i}", "j", f"c{i}", most / 31) for i, most in enumerate(own)),
        *(month(f"c{i}", plan) for i, plan in enumerate(plans)),
    )  # fmt: skip
    floor = [max(0.0, 1.0 - most / plan) for plan, most in zip(plans, own, strict=True)]

    def needed(theta: float) -> float:
        return sum(plan * (1.0 - max(least, theta)) for plan, least in zip(plans, floor, strict=True))

    low, high = 0.0, 1.0
    if needed(0.0) <= 100.0 * trunk:
        high = 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if needed(middle) > 100.0 * trunk else (low, middle)
    lags = solve(case_at_start(subject)).lags()
    for i, least in enumerate(floor):
        assert lags[f"c{i}", "g"] == pytest.approx(max(least, high), abs=1e-6)


def test_three_classes_of_lag_within_a_class() -> None:
    """Own lines hold two refineries at different lags; the third has what the trunk leaves."""
    subject = scenario(
        supplier("s", "f", 1e3), farm("f"), farm("j", storage="junction"), line("trunk", "f", "j", 60.0),
        *(customer(c) for c in "abc"),
        line("la", "j", "a", 5.0), line("lb", "j", "b", 10.0), line("lc", "j", "c", 100.0),
        *(month(c, 1_550.0) for c in "abc"),
    )  # fmt: skip
    lags = solve(case_at_start(subject)).lags()
    assert [lags[c, "g"] for c in "abc"] == pytest.approx([0.9, 0.8, 0.1])


def test_trains_that_must_be_whole() -> None:
    """120 t in trains of 50 t, three of which are too many for the rack: two come, unless trains may be cut."""
    problem = pulp.LpProblem("trains", pulp.LpMinimize)
    trains = problem.add_variable("trains", 0, 9, pulp.LpInteger)
    late = problem.add_variable("late", 0)
    given_up = problem.add_variable("given_up", 0)
    rows = [
        pulp.LpConstraint(50 * trains + late - given_up, pulp.LpConstraintEQ, None, 120),
        pulp.LpConstraint(pulp.LpAffineExpression({trains: 50.0}), pulp.LpConstraintLE, None, 130),
    ]
    for i, row in enumerate(rows):
        problem.addConstraint(row, f"r{i}")
    session = Session(problem, rows)
    assert session.whole == (trains,)
    found = session.minimise({late: 1.0})
    assert found.objective == pytest.approx(20.0)
    session.fix(found, {late: 1.0})
    found = session.minimise({trains: -1.0, given_up: 1.0})
    assert found.columns[session.index[trains]] == pytest.approx(2.0)
    settled = session.relaxed(session.whole_in(found))
    assert not settled.whole
    assert settled.minimise({trains: 1.0}).objective == pytest.approx(2.0)
    assert settled.minimise({late: 1.0}).objective == pytest.approx(20.0)
    assert session.relaxed().minimise({late: 1.0}).objective == pytest.approx(0.0)


def _by_rail() -> Scenario:
    """Two customers by rail in trains of 30 t, more planned than there is, and rests that are no train."""
    railway = Railway(
        name="r", terminal="f", spots=1, hours_per_train=12.0, paths_per_day=Profile.constant(9.0), wagons=100,
        wagons_per_train=1, tonnes_per_wagon=30.0,
        routes=tuple(RailRoute(customer=c, transit_days=1.0, cycle_days=2.0) for c in "ab"),
    )  # fmt: skip
    customers = (customer(c, delivery_point="loading") for c in "ab")
    return scenario(farm("f", g=200.0), *customers, railway, month("a", 100.0), month("b", 130.0), days=31.0)


@pytest.mark.parametrize("few", [0, 1000])
def test_whole_trains_are_found_near_those_in_parts_and_by_a_search_of_all(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chainsim.optimization.levels._FEW_WHOLE", few)
    found = solve(case_at_start(_by_rail(), settings=Settings(whole_trains=True)))
    loaded = found.program.of("l").items()
    loads = {name: sum(found.solved.value(v) for (_, c, *_), v in loaded if c == name) for name in "ab"}
    trains = {str(index[1]): found.solved.value(v) for index, v in found.program.of("n").items()}
    assert found.solved.complete
    assert all(count == round(count) for count in trains.values())
    for name, planned in (("a", 100.0), ("b", 130.0)):
        rest = loads[name] - 30.0 * trains[name]
        assert -1e-6 <= rest <= planned % 30.0 + 1e-6
    # 200 t are six trains and the rests of 10 t each: nothing need be left behind.
    assert sum(loads.values()) == pytest.approx(200.0)
    assert [level.name for level in found.solved.levels][:2] == ["safety", "completion 1"]


def test_where_none_near_the_parts_are_possible_all_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    def impossible(program: Formulation, value: object) -> dict[pulp.LpVariable, tuple[float, float]]:
        return dict.fromkeys(program.of("n").values(), (1000.0, 1000.0))

    monkeypatch.setattr("chainsim.optimization.levels._FEW_WHOLE", 0)
    monkeypatch.setattr("chainsim.optimization.levels.lots_near", impossible)
    found = solve(case_at_start(_by_rail(), settings=Settings(whole_trains=True)))
    assert found.solved.complete
    assert sum(found.solved.value(v) for v in found.program.of("l").values()) == pytest.approx(200.0)


def test_time_that_ends_in_the_search_leaves_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stops the search at its first answer, at a later one, or before any: whole, whole, and in parts."""
    case = case_at_start(_by_rail(), settings=Settings(whole_trains=True))
    search = Session._search
    for stop, whole in ((1, True), (3, True), (0, False)):
        count = 0

        def stopped(session: Session, stop: int = stop) -> Any:
            nonlocal count
            count += 1
            status = search(session)
            if count < max(stop, 1):
                return status
            if not stop:
                session._highs.clearSolver()
            return session._highspy.HighsModelStatus.kTimeLimit

        monkeypatch.setattr(Session, "_search", stopped)
        found = solve(case)
        counts = [found.solved.value(v) for v in found.program.of("n").values()]
        assert not found.solved.complete
        assert whole == all(abs(n - round(n)) < 1e-9 for n in counts)
        assert sum(found.solved.value(v) for v in found.program.of("l").values()) == pytest.approx(200.0)


def test_a_level_that_drifts_is_held_by_a_row() -> None:
    """A price below HiGHS's tolerance is not seen by complementary slackness; over enough tonnes it would cost the level dear."""
    problem = pulp.LpProblem("drift", pulp.LpMinimize)
    much, little = problem.add_variable("much", 0, 1e9), problem.add_variable("little", 0, 10)
    row = pulp.LpConstraint(pulp.LpAffineExpression({much: 1.0, little: 1.0}), pulp.LpConstraintGE, None, 1.0)
    problem.addConstraint(row, "r0")
    session = Session(problem, [row])
    first = {much: 5e-8, little: 1e-8}
    session.fix(session.minimise(first), first)
    session.minimise({much: -1.0})
    columns = session.minimise({much: -1.0}).columns
    assert 5e-8 * columns[session.index[much]] + 1e-8 * columns[session.index[little]] <= 3e-8


def test_no_time_at_all() -> None:
    program = programmed(case_at_start(SHORT))
    session = Session(program.problem, list(program.rows.values()), time_limit=0.0)
    with pytest.raises(OutOfTime):
        solve_levels(program, session)


def test_a_limit_that_comes_late_leaves_the_levels_reached() -> None:
    """The best order so far: what the level before found."""
    program = programmed(case_at_start(SHORT))
    session = session_of(program)
    whole = solve(case_at_start(SHORT))
    run, runs = session._run, []

    def few(cost: Any) -> Any:
        runs.append(cost)
        if len(runs) > 4:  # the start, safety, and the two classes' completion
            raise OutOfTime
        return run(cost)

    session._run = few  # type: ignore[method-assign]
    solved = solve_levels(program, session)
    assert not solved.complete
    assert [level.name for level in solved.levels] == ["safety", "completion 1", "completion 2"]
    assert Found(program, solved).promise.lateness() is not None
    assert sum(Found(program, solved).promise.lateness().values()) == pytest.approx(
        whole.levels["completion 1"] + whole.levels["completion 2"]
    )


@pytest.mark.parametrize("limit", [None, 60.0])
def test_an_interior_point_finds_what_the_simplex_finds(limit: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = solve(case_at_start(SHORT))
    monkeypatch.setattr(solving, "_LARGE", 0)
    program = programmed(case_at_start(SHORT))
    session = Session(program.problem, list(program.rows.values()), time_limit=limit)
    solved = solve_levels(program, session)
    assert (session.interior is None) is (limit is None), "kept where time may run out"
    found = {level.name: level.value for level in solved.levels}
    exact = [name for name in found if name.startswith(("safety", "completion", "evenness"))]
    assert len(exact) == 5
    assert [found[name] for name in exact] == pytest.approx([whole.levels[name] for name in exact], abs=1e-5)


def test_out_of_time_before_the_first_vertex_leaves_the_interior_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "_LARGE", 0)
    monkeypatch.setattr(Session, "_go_outside", lambda self, inside: self._set(time_limit=0.0))
    program = programmed(case_at_start(SHORT))
    solved = solve_levels(program, Session(program.problem, list(program.rows.values()), time_limit=60.0))
    assert not solved.complete and not solved.levels
    whole = solve(case_at_start(SHORT))
    late = sum(Found(program, solved).promise.lateness().values())
    assert late == pytest.approx(whole.levels["completion 1"] + whole.levels["completion 2"], rel=0.2), (
        "weighed, not level by level"
    )
