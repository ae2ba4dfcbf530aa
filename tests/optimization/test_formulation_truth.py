"""The formulation's constraints, each on a tiny network whose answer is known by hand; and laws that hold on random ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.optimization.networks import Found, case_at_start, solve
from tests.simulation.networks import (
    ALWAYS,
    START,
    customer,
    farm,
    grade,
    line,
    month,
    outage,
    scenario,
    supplier,
)
from tests.simulation.strategies import scenarios

from chainsim.model import Customer, Price, RailRoute, Railway, Scenario, TankFarm
from chainsim.model.plan import next_month
from chainsim.optimization.case import Case, Settings, case_of
from chainsim.optimization.grid import Grid, variable_grid
from chainsim.optimization.opening import opening_of
from chainsim.optimization.outcome import Outcome, in_whole_trains
from chainsim.optimization.replanning import replan
from chainsim.optimization.solving import Infeasible
from chainsim.simulation import resume, simulate

SETTINGS = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
GRAM = 1e-6
AB = (grade("a"), grade("b"))


def near(tonnes: float) -> Any:
    return pytest.approx(tonnes, abs=1e-4)


def given_to(found: Found, name: str = "c", of: str = "g", month_: int = 0) -> float:
    return found.promise.delivered_t[name, of, month_]


def at_start(*parts: Any, days: float = 31.0, asked: Settings | None = None, **more: Any) -> Found:
    return solve(case_at_start(scenario(*parts, days=days, **more), settings=asked))


def on_day(subject: Scenario, day: float, grid: Grid | None = None, asked: Settings | None = None) -> Case:
    """The re-plan on ``day`` with the state that the simulation comes to."""
    stopped = simulate(subject, until=day)
    opening = opening_of(subject, stopped, resume(stopped))
    return case_of(subject, opening, grid or variable_grid(subject, day), asked)


def rail(**more: Any) -> Railway:
    """One spot, 24 h and 10 t a train, wagons and paths enough; to ``c``, a day away."""
    route = RailRoute(customer="c", transit_days=more.pop("transit", 1.0), cycle_days=more.pop("cycle", 2.0))
    fields: dict[str, Any] = {
        "name": "r", "terminal": "f", "spots": 1, "hours_per_train": 24.0, "paths_per_day": ALWAYS(9.0), "wagons": 100,
        "wagons_per_train": 1, "tonnes_per_wagon": 10.0, "routes": (route,),
    }  # fmt: skip
    return Railway(**{**fields, **more})


def by_rail(plan: float, *more: Any, stock: float = 1e6, days: float = 31.0, **railway: Any) -> Found:
    return at_start(
        farm("f", g=stock), customer("c", delivery_point="loading"), rail(**railway), month("c", plan), *more, days=days
    )


# ---- tanks, lines, customers -----------------------------------------------------------------------------------


def test_a_line_carries_its_capacity() -> None:
    found = at_start(farm("f", g=1e6), customer("c"), line("p", "f", "c", 50.0), month("c", 31 * 60.0))
    assert given_to(found) == near(31 * 50.0)


def test_an_outage_takes_its_days_of_capacity() -> None:
    found = at_start(
        farm("f", g=1e6),
        customer("c"),
        line("p", "f", "c", 50.0),
        month("c", 31 * 50.0),
        outage("p", 3.0, 7.5, "pipeline"),
    )
    assert given_to(found) == near((31 - 4.5) * 50.0)


def test_losses_are_taken_off_at_the_exit() -> None:
    found = at_start(farm("f", g=1000.0), customer("c"), line("p", "f", "c", loss_fraction=0.1), month("c", 1000.0))
    assert given_to(found) == near(900.0)


def test_dead_stock_stays() -> None:
    found = at_start(farm("f", heel=200.0, g=500.0), customer("c"), line("p", "f", "c"), month("c", 1000.0))
    assert given_to(found) == near(300.0)


def test_what_finds_no_room_is_curtailed_not_overfilled() -> None:
    found = at_start(farm("f", 100.0), supplier("s", "f", 10.0), customer("c"), line("p", "f", "c"), month("c", 0.0))
    assert found.promise.curtailed_t == near(310.0 - 100.0)
    assert all(found.solved.value(v) == near(0.0) for v in found.program.of("o").values())


def test_own_tanks_are_not_lent() -> None:
    own = replace(farm("f", 1000.0, "own", a=0.0, b=0.0), grade_safe_fill_t={"a": 40.0, "b": 960.0})
    found = at_start(
        *AB,
        own,
        supplier("s", "f", 10.0, "a"),
        customer("c", grades=("a", "b")),
        line("p", "f", "c"),
        month("c", 0.0, "a"),
    )
    assert found.promise.curtailed_t == near(310.0 - 40.0)


def test_a_junction_keeps_nothing() -> None:
    found = at_start(
        farm("f", 0.0, "junction"), supplier("s", "f", 10.0), customer("c"), line("p", "f", "c", 4.0), month("c", 310.0)
    )
    assert (given_to(found), found.promise.curtailed_t) == (near(124.0), near(186.0))


def test_a_customer_takes_what_its_tank_and_its_runs_hold() -> None:
    works = customer("c", 100.0, runs_t_per_day=ALWAYS(2.0))
    assert given_to(at_start(farm("f", g=1e6), works, line("p", "f", "c"), month("c", 1000.0))) == near(100.0 + 62.0)


def test_a_slate_draws_every_grade_by_its_share() -> None:
    works = customer(
        "c",
        0.0,
        grades=("a", "b"),
        runs_t_per_day=ALWAYS(10.0),
        slate={"a": 0.75, "b": 0.25},
    )
    found = at_start(
        *AB, farm("f", a=1e6, b=1e6), works, line("p", "f", "c"), month("c", 310.0, "a"), month("c", 310.0, "b")
    )
    assert (given_to(found, of="a"), given_to(found, of="b")) == (near(232.5), near(77.5))


def test_a_run_cut_is_not_undone_by_planning_more() -> None:
    works = customer("c", 0.0)
    parts = (
        farm("f", g=1e6),
        works,
        line("p", "f", "c"),
        month("c", 310.0),
        outage("c", 0.0, 31.0, "customer_runs", 0.6),
    )
    assert given_to(at_start(*parts)) == near(186.0)


def test_minimum_throughput_is_kept_where_there_is_oil() -> None:
    parts = (farm("f", g=1000.0), farm("h"), customer("c"), line("q", "h", "c"), month("c", 0.0))
    found = at_start(*parts, line("p", "f", "h", 50.0, minimum_t_per_day=10.0, tariff_yuan_per_t=1.0))
    assert sum(found.solved.value(v) for (a, *_), v in found.program.of("x").items() if a == "p") == near(310.0)


def test_arrears_are_made_up_and_no_more_than_the_band() -> None:
    subject = scenario(
        farm("f", g=1e6), customer("c"), line("p", "f", "c", 50.0), month("c", 310.0), month("c", 280.0, when=next_month(START)),
        outage("p", 0.0, 31.0, "pipeline"), days=59.0,
    )  # fmt: skip
    case = on_day(subject, 31.0)
    assert case.owed_t["c", "g", 1] == near(310.0)
    found = solve(case)
    assert given_to(found, month_=1) == near(590.0)
    assert found.promise.completion()["c"] == pytest.approx(1.0)


# ---- grades in lines and tanks ---------------------------------------------------------------------------------


def two_grades(**more: Any) -> Scenario:
    """A batched line full of ``a`` (100 t) that takes in 10 t/d of ``b`` alone."""
    pipe = line("p", "f", "c", 10.0, mode="batch", line_fill_t=100.0, contents_t=(("a", 100.0),), **more)
    return scenario(
        *AB, farm("f", a=0.0, b=1e5), customer("c", grades=("a", "b")), pipe,
        supplier("s", "f", 0.0, "a"), supplier("t", "f", 0.0, "b"), month("c", 310.0, "b"), month("c", 310.0, "a"), days=31.0,
    )  # fmt: skip


def test_a_line_gives_first_what_lies_in_it() -> None:
    subject = two_grades(dispatch="push")
    found = solve(on_day(subject, 0.5))
    assert given_to(found, of="a") == near(100.0)
    assert given_to(found, of="b") == pytest.approx(210.0, abs=0.5)


def test_no_grade_leaves_that_never_entered() -> None:
    found = solve(on_day(two_grades(dispatch="push"), 0.5))
    value, program = found.solved.value, found.program
    for name in ("a", "b"):
        out = sum(value(v) for (_, g, _), v in program.of("y").items() if g == name)
        into = sum(value(v) for (_, g, _), v in program.of("x").items() if g == name)
        lying = sum(t for g, t in program.case.opening.contents_t["p"] if g == name)
        assert out <= lying + into + 1e-6


def test_a_blended_tank_gives_what_is_in_it() -> None:
    subject = scenario(
        *AB, farm("f", 1e6, "blended", a=3000.0, b=1000.0), customer("c", grades=("a", "b")),
        line("p", "f", "c", 20.0, mode="blend", line_fill_t=4.0, contents_t=(("a", 3.0), ("b", 1.0))),
        month("c", 310.0, "a"), month("c", 310.0, "b"),
    )  # fmt: skip
    found = solve(on_day(subject, 1.0))
    entering = {g: sum(found.solved.value(v) for (_, h, _), v in found.program.of("x").items() if h == g) for g in "ab"}
    assert entering["a"] == pytest.approx(3.0 * entering["b"], rel=1e-6)


def test_dead_stock_of_a_mixture_stays() -> None:
    mixed = replace(farm("f", 1e6, "blended", a=300.0, b=100.0), heel_t={"": 200.0})
    found = at_start(*AB, mixed, customer("c", grades=("a", "b")), line("p", "f", "c"), month("c", 900.0, "a"))
    left = sum(found.solved.value(v) for (h, *_), v in found.program.of("z").items() if h == "f")
    assert left >= 200.0 - 1e-6


# ---- rail ------------------------------------------------------------------------------------------------------


def test_the_rack_loads_its_trains() -> None:
    assert given_to(by_rail(1000.0)) == near(310.0)


def test_paths_limit_the_trains() -> None:
    assert given_to(by_rail(1000.0, paths_per_day=ALWAYS(0.5))) == near(155.0)


def test_wagons_come_back_after_their_cycle() -> None:
    found = by_rail(1000.0, wagons=1, cycle=3.1)
    assert given_to(found) == near(100.0)


def test_what_is_under_way_at_the_end_has_not_arrived() -> None:
    parts = (farm("f", g=1e6), customer("c"), rail(transit=3.1, cycle=4.0), month("c", 1000.0))
    assert given_to(at_start(*parts)) == near(279.0)


def test_a_train_being_loaded_is_bound_to_go() -> None:
    """Half loaded at noon of the second day, it is counted whole, and only the rest leaves the tank."""
    subject = scenario(
        farm("f", g=310.0), customer("c", delivery_point="loading"), rail(hours_per_train=24.0), month("c", 310.0)
    )
    stopped = simulate(subject, until=1.0)
    opening = opening_of(subject, stopped, resume(stopped))
    (train,) = opening.trains
    assert (train.loading_t, train.loaded_day, train.to_load_t) == (near(10.0), near(1.5), near(5.0))
    case = case_of(subject, opening, variable_grid(subject, 1.0))
    assert case.farms[0].opening_t["g"] == near(300.0)
    found = solve(case)
    assert given_to(found) + opening.delivered_t.get(("c", "g"), 0.0) <= 310.0 + 1e-6


def test_whole_trains_where_asked() -> None:
    asked = Settings(whole_trains=True)
    parts = (customer("c", delivery_point="loading"), rail(tonnes_per_wagon=30.0), month("c", 90.0))
    assert given_to(at_start(farm("f", g=70.0), *parts)) == near(70.0)
    assert given_to(at_start(farm("f", g=70.0), *parts, asked=asked)) == near(60.0)


def test_the_rest_of_a_plan_may_go_as_a_shorter_train() -> None:
    parts = (customer("c", delivery_point="loading"), rail(tonnes_per_wagon=30.0), month("c", 100.0))
    assert given_to(at_start(farm("f", g=1e6), *parts, asked=Settings(whole_trains=True))) == near(100.0)


def test_whole_batches_where_asked() -> None:
    parts = (
        *AB, farm("f", a=300.0, b=1000.0), customer("c", grades=("a", "b")), month("c", 300.0, "a"), month("c", 1000.0, "b"),
        line("p", "f", "c", 1e3, mode="batch", minimum_batch_t=400.0, line_fill_t=1.0, contents_t=(("a", 1.0),)),
    )  # fmt: skip
    subject = scenario(*parts, days=31.0)
    loose = solve(on_day(subject, 0.5))
    whole = solve(on_day(subject, 0.5, asked=Settings(whole_batches=True)))
    entered = [sum(f.solved.value(v) for (_, g, _), v in f.program.of("x").items() if g == "a") for f in (loose, whole)]
    assert entered[0] > 200.0
    assert entered[1] == near(0.0)


def test_a_promise_changes_the_plan_by_whole_trains() -> None:
    found = by_rail(100.0, stock=73.0)
    assert given_to(found) == near(73.0)
    assert in_whole_trains(found.program.case, found.promise).delivered_t["c", "g", 0] == near(70.0)


def test_a_month_held_by_a_simulation_promises_no_more() -> None:
    case = case_at_start(scenario(farm("f", g=1e6), customer("c"), line("p", "f", "c"), month("c", 100.0)))
    assert given_to(solve(replace(case, reached_t={("c", "g", 0): 42.0}))) == near(42.0)


# ---- money and frozen lines ------------------------------------------------------------------------------------


def test_who_prepays_takes_what_its_money_buys() -> None:
    payer = customer("c", offtake="cash", cash_yuan=500.0)
    price = Price(grade="g", day=0.0, yuan_per_t=10.0)
    found = at_start(farm("f", g=1e6), payer, line("p", "f", "c"), month("c", 310.0), price)
    assert given_to(found) == near(50.0)


def test_a_train_is_paid_for_at_the_rack() -> None:
    """All 31 trains are loaded and paid within the month, though those of the last 3.1 days do not arrive in it."""
    payer = customer("c", offtake="cash", cash_yuan=2000.0)
    price = Price(grade="g", day=0.0, yuan_per_t=10.0)
    found = at_start(farm("f", g=1e6), payer, rail(transit=3.1, cycle=4.0), month("c", 1000.0), price)
    assert given_to(found) == near(0.9 * 200.0)


def test_a_frozen_line_is_not_raised() -> None:
    february = next_month(START)
    parts = (
        farm("f", g=1e6), customer("c"), line("p", "f", "c", 20.0), month("c", 310.0), month("c", 280.0, when=february),
        outage("p", 0.0, 31.0, "pipeline"),
    )  # fmt: skip
    free = at_start(*parts, days=59.0)
    held = at_start(*parts, days=59.0, asked=Settings(frozen=frozenset({("c", "g", 1)})))
    assert (given_to(free, month_=1), given_to(held, month_=1)) == (near(560.0), near(280.0))


# ---- laws ------------------------------------------------------------------------------------------------------


def levels_of(case: Case) -> tuple[float, float]:
    levels = solve(case).solved.levels
    return levels[0].value, levels[1].value


@settings(SETTINGS, max_examples=15)
@given(scenarios(most_days=50, most_farms=3, most_customers=3), st.sampled_from([0.0, 5.5, 10.0]))
def test_more_capacity_never_lowers_the_first_levels(subject: Scenario, day: float) -> None:
    case = on_day(subject, day, variable_grid(subject, day, daily_days=3, ten_day_days=20))
    wider = tuple(replace(a, capacity_t=tuple(1.5 * t for t in a.capacity_t)) for a in case.lines)
    racks = tuple(
        replace(r, rack_trains=tuple(2 * t for t in r.rack_trains), path_trains=tuple(2 * t for t in r.path_trains))
        for r in case.racks
    )
    if not case.plan_t:
        return
    try:
        safe, late = levels_of(case)
    except Infeasible:
        return
    safer, earlier = levels_of(replace(case, lines=wider, racks=racks))
    slack = GRAM * max(1.0, safe, late) * 100
    assert safer <= safe + slack
    assert safer < safe - slack or earlier <= late + slack


@settings(SETTINGS, max_examples=10)
@given(scenarios(most_days=70, most_farms=3, most_customers=3), st.sampled_from([5.5, 10.0]))
def test_an_order_never_overfills_a_tank_nor_harms_the_worst(subject: Scenario, day: float) -> None:
    try:
        found = replan(subject, day, rounds=2)
    except Infeasible:
        return
    check_stocks(subject, found.log_after)
    assert worst(found.after) >= worst(found.before) - 1e-6


def worst(outcome: Outcome) -> float:
    return min(outcome.completion().values(), default=1.0)


def check_stocks(subject: Scenario, log: Any) -> None:
    """Every tank within its safe fill; where that fell below what lies there, no fuller than it was."""
    holders: tuple[TankFarm | Customer, ...] = (*subject.farms, *subject.customers)
    for holder in holders:
        cells = [cell for cell in log.cells if cell.holder == holder.name]
        before = sum(cell.tonnes[0] for cell in cells)
        for at in sorted({day for cell in cells for day in cell.days}):
            content = sum(level(cell, at) for cell in cells)
            limit = lowest_fill(subject, holder, at)
            # Where tanks are taken out at this very instant, the limit up to now is the one that held.
            allowed = max(limit, lowest_fill(subject, holder, at - 1e-6), before)
            assert content <= allowed + 1e-2, (holder.name, at, content, limit)
            before = content


def lowest_fill(subject: Scenario, holder: TankFarm | Customer, day: float) -> float:
    left = [d.remaining for d in subject.disruptions if d.asset == holder.name and d.start <= day < d.end]
    limit = holder.safe_fill_t.at(day)
    return limit * min(left, default=1.0) if isinstance(holder, TankFarm) else limit


def level(cell: Any, day: float) -> float:
    before = max(i for i, d in enumerate(cell.days) if d <= day)
    if before + 1 >= len(cell.days) or cell.days[before + 1] <= cell.days[before]:
        return float(cell.tonnes[before])
    share = (day - cell.days[before]) / (cell.days[before + 1] - cell.days[before])
    return float(cell.tonnes[before] + share * (cell.tonnes[before + 1] - cell.tonnes[before]))
