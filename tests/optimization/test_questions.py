"""What capacity is worth, against capacity truly larger; the cheapest change, against every change there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.optimization.networks import case_at_start, solve
from tests.simulation.networks import customer, farm, line, month, scenario, supplier

from chainsim.model import Price, Profile, RailRoute, Railway, Scenario
from chainsim.optimization.asking import completion_asked
from chainsim.optimization.diagnosis import beyond_reach
from chainsim.optimization.findings import Speaker, extra_in_words, price_in_words
from chainsim.optimization.loosening import Place
from chainsim.optimization.questions import (
    AssetPrice,
    OutOfReach,
    Reached,
    asset_prices,
    cheapest_change,
    lacking,
    planned,
)

FEW = settings(
    max_examples=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
FEBRUARY = month("c", 1).end


def one_line(capacity: Any, *plan: float, days: float = 59.0, rate: float = 200.0, **more: Any) -> Scenario:
    """A field of ``rate`` t/d, a line and a refinery with its months' plans."""
    firsts = [month("c", 1).start, FEBRUARY]
    lines = [month("c", tonnes, when=when) for tonnes, when in zip(plan, firsts, strict=False)]
    return scenario(
        farm("f"), supplier("s", "f", rate), customer("c", **more), line("pipe", "f", "c", capacity), *lines, days=days
    )


def price_of(prices: tuple[AssetPrice, ...], kind: str, asset: str, in_month: int = 0) -> AssetPrice:
    return next(p for p in prices if p.place == Place(kind, asset, in_month))


# --- what capacity is worth


def test_a_line_that_is_too_small_all_through() -> None:
    prices = asset_prices(case_at_start(one_line(50.0, 3100.0, days=31.0)))
    price = price_of(prices, "capacity", "pipe")
    assert price.unit == "t/d"
    assert price.completion_t == pytest.approx(31.0)
    assert price.lateness_t_months == pytest.approx(31.0)
    assert price.verified_t == pytest.approx(31.0)
    assert price.verified_t_months == pytest.approx(31.0)
    assert [p.place.kind for p in prices] == ["capacity"]


def test_what_is_made_up_later_is_worth_time_and_no_completion() -> None:
    # Short by 31 × 50 t in January, and made up in February, where the line is wide.
    subject = one_line(Profile((0.0, 31.0), (50.0, 500.0)), 3100.0, 2800.0)
    (price,) = asset_prices(case_at_start(subject))
    assert price.place == Place("capacity", "pipe", 0)
    assert price.completion_t == 0.0
    assert price.lateness_t_months == pytest.approx(31.0)
    assert price.verified_t_months == pytest.approx(31.0)
    assert price.verified_t == pytest.approx(0.0)


def test_a_price_holds_for_a_small_change_only_and_the_verification_says_so() -> None:
    # Only half a tonne a day lacks: the first half of a unit is worth its price, the second nothing.
    prices = asset_prices(case_at_start(one_line(50.0, 50.5 * 31, days=31.0)))
    price = price_of(prices, "capacity", "pipe")
    assert price.completion_t == pytest.approx(31.0)
    assert price.verified_t == pytest.approx(15.5)


def test_a_tonne_late_in_a_later_class_counts_after_the_first_class() -> None:
    # Both classes want 100 t/d of a line of 150: the first has all, what more there is goes to the second.
    parts = [customer("first", priority=1), customer("second", priority=2)]
    pipes = [line("pipe", "f", "hub", 150.0), line("p1", "hub", "first"), line("p2", "hub", "second")]
    subject = scenario(
        farm("f"),
        farm("hub"),
        supplier("s", "f", 300.0),
        *parts,
        *pipes,
        month("first", 3100.0),
        month("second", 3100.0),
    )
    price = price_of(asset_prices(case_at_start(subject)), "capacity", "pipe")
    assert (price.completion_t, price.verified_t) == (pytest.approx(31.0), pytest.approx(31.0))


def railway(**more: Any) -> Railway:
    """Trains of 100 t over one route, ample unless said otherwise."""
    values: dict[str, Any] = {
        "spots": 10,
        "hours_per_train": 24.0,
        "paths_per_day": Profile.constant(100.0),
        "wagons": 10_000,
    }
    route = RailRoute(customer="c", transit_days=0.0, cycle_days=10.0)
    return Railway(
        name="rail", terminal="f", wagons_per_train=10, tonnes_per_wagon=10.0, routes=(route,), **{**values, **more}
    )


def by_rail(tonnes: float, **more: Any) -> Scenario:
    return scenario(
        farm("f"),
        supplier("s", "f", 1000.0),
        customer("c", delivery_point="loading"),
        railway(**more),
        month("c", tonnes),
    )


@pytest.mark.parametrize(
    ("kind", "unit", "more", "worth_t"),
    [
        ("rack", "spot", {"spots": 2}, 31 * 100.0),
        ("paths", "path/d", {"paths_per_day": Profile.constant(2.0)}, 31 * 100.0),
        # Out for 10 days, a train comes 3.1 times a month.
        ("wagons", "train set", {"wagons": 100}, 310.0),
    ],
)
def test_a_railway_in_its_own_units(kind: str, unit: str, more: dict[str, Any], worth_t: float) -> None:
    prices = asset_prices(case_at_start(by_rail(31 * 900.0, **more)), verify=9)
    price = price_of(prices, kind, "rail")
    assert price.unit == unit
    assert price.verified_t == pytest.approx(price.completion_t)
    assert price.completion_t == pytest.approx(worth_t)


def test_a_field_a_tank_and_an_account() -> None:
    field = asset_prices(case_at_start(one_line(500.0, 3100.0, days=31.0, rate=50.0)))
    assert price_of(field, "supply", "s").completion_t == pytest.approx(31.0)

    # The refinery takes nothing in February, for its runs are over: what comes must lie in its tanks.
    runs = Profile((0.0, 31.0), (100.0, 0.0))
    tanks = case_at_start(one_line(500.0, 3100.0, 2800.0, limit=1000.0, runs_t_per_day=runs))
    tank = price_of(asset_prices(tanks, verify=9), "safe_fill", "c", 1)
    assert (tank.unit, tank.completion_t) == ("kt", pytest.approx(1000.0))
    assert tank.verified_t == pytest.approx(1000.0)

    paying = one_line(500.0, 3100.0, days=31.0, offtake="cash", cash_yuan=1e5)
    paying = replace(paying, prices=(Price(grade="g", day=0.0, yuan_per_t=100.0),))
    account = price_of(asset_prices(case_at_start(paying)), "cash", "c")
    assert account.unit == "10⁴ yuan/d"
    assert account.completion_t == pytest.approx(31 * 100.0)
    # 1 000 t are paid for; 2 100 t lack, and that is all a unit can bring.
    assert account.verified_t == pytest.approx(2100.0)


def test_nothing_binds_nothing_is_worth_anything() -> None:
    assert asset_prices(case_at_start(one_line(500.0, 3100.0, days=31.0))) == ()


@st.composite
def trees(draw: Any) -> Scenario:
    """A field, a hub and up to three refineries of one class over two months, with whole numbers everywhere."""
    few = st.integers(0, 8).map(lambda i: 25.0 * i)
    parts: list[Any] = [farm("f"), farm("hub", limit=draw(few) * 10 + 100.0), supplier("s", "f", draw(few) + 50.0)]
    parts.append(line("trunk", "f", "hub", Profile((0.0, 31.0), (draw(few), draw(few)))))
    for name in ("a", "b", "c")[: draw(st.integers(1, 3))]:
        parts += [customer(name), line(f"to_{name}", "hub", name, Profile((0.0, 31.0), (draw(few), draw(few))))]
        parts += [month(name, 31 * draw(few) + 31.0), month(name, 28 * draw(few) + 28.0, when=FEBRUARY)]
    return scenario(*parts, days=59.0)


@FEW
@given(subject=trees())
def test_prices_are_what_larger_capacities_bring(subject: Scenario) -> None:
    """Against another program: the line in the scenario itself wider by a little, and by one unit."""
    case = case_at_start(subject)
    late = sum(value for name, value in solve(case).levels.items() if name.startswith("completion"))
    prices = asset_prices(case, verify=2)
    for price in prices:
        if price.place.kind == "capacity":
            tiny, unit = (late - lateness_with(subject, price.place, more) for more in (1e-3, 1.0))
            assert unit <= price.lateness_t_months + 1e-4
            assert tiny / 1e-3 <= price.lateness_t_months + 1e-2
            if price.verified_t_months is not None:
                assert price.verified_t_months == pytest.approx(unit, abs=1e-4)
    bound = {price.place for price in prices}
    for pipe in subject.pipelines:
        for at in (0, 1):
            if Place("capacity", pipe.name, at) not in bound:
                assert late - lateness_with(subject, Place("capacity", pipe.name, at), 1.0) == pytest.approx(
                    0.0, abs=1e-4
                )


def lateness_with(subject: Scenario, place: Place, more: float) -> float:
    """The completion levels if the line carried ``more`` t/d in that month."""
    pipes = []
    for pipe in subject.pipelines:
        if pipe.name == place.asset:
            course = pipe.capacity_t_per_day
            rates = tuple(course.at(day) + (more if at == place.month else 0.0) for at, day in enumerate((0.0, 31.0)))
            pipe = replace(pipe, capacity_t_per_day=Profile((0.0, 31.0), rates))
        pipes.append(pipe)
    found = solve(case_at_start(replace(subject, pipelines=tuple(pipes))))
    return sum(value for name, value in found.levels.items() if name.startswith("completion"))


def test_prices_in_words() -> None:
    subject = one_line(50.0, 3100.0, days=31.0)
    words = Speaker(subject).words
    price = price_of(asset_prices(case_at_start(subject)), "capacity", "pipe")
    assert price_in_words(words["en"], price) == (
        "January: 1 t/d of capacity of pipe more is worth 31 t of completion and 31 t·month of lateness "
        "(solved again: 31 t, 31 t·month)"
    )
    assert price_in_words(words["zh"], replace(price, verified_t=None)) == (
        "1月：增加pipe输油能力 1 吨/日，完成量增 31 t，滞后量减 31 t·月"
    )


# --- the cheapest change


def shared(plan_a: float, plan_b: float, capacity: float = 50.0) -> Scenario:
    """Two refineries behind one line that is too small for both."""
    pipes = [line("trunk", "f", "hub", capacity), line("to_a", "hub", "a"), line("to_b", "hub", "b")]
    customers = [customer("a"), customer("b")]
    plans = [month("a", plan_a), month("b", plan_b)]
    return scenario(farm("f"), farm("hub"), supplier("s", "f", 200.0), *pipes, *customers, *plans)


@pytest.mark.parametrize("target", [0.8, 0.9, 1.0])
@pytest.mark.parametrize("expected", [(800.0, 750.0), (400.0, 1000.0), (1000.0, 500.0), (700.0, 600.0)])
def test_it_is_the_cheapest_of_all_changes(target: float, expected: tuple[float, float]) -> None:
    case = case_at_start(shared(1000.0, 1000.0))
    comes = {("a", "g", 0): expected[0], ("b", "g", 0): expected[1]}
    answer = cheapest_change(case, "a", target, expected=comes)
    assert isinstance(answer, Reached)
    # Every pair of deliveries in steps of 50 t that the line carries and that keeps to the plan's band.
    steps = [50.0 * i for i in range(22)]
    possible = [(a, b) for a, b in product(steps, steps) if a + b <= 1550.0 and a >= 1000.0 * target - 1e-6]
    cheapest = min(abs(a - expected[0]) + abs(b - expected[1]) for a, b in possible)
    moved = sum(abs(answer.promise.delivered_t[key] - tonnes) for key, tonnes in comes.items())
    assert moved == pytest.approx(cheapest, abs=0.01)
    assert answer.promise.completion()["a"] >= target - 1e-5
    assert answer.without.delivered_t == pytest.approx(comes)
    lost = max(0.0, expected[1] - answer.promise.delivered_t["b", "g", 0])
    assert sum(answer.costs.values()) == pytest.approx(lost, abs=0.51)


def test_changes_name_the_customer_first_and_who_pays() -> None:
    case = case_at_start(shared(1000.0, 1000.0))
    answer = cheapest_change(case, "b", 1.0, expected={("a", "g", 0): 800.0, ("b", "g", 0): 750.0})
    assert isinstance(answer, Reached)
    assert [(c.customer, c.before_t, c.after_t) for c in answer.changes] == [("b", 750.0, 1000.0), ("a", 800.0, 550.0)]
    assert answer.costs == {"a": pytest.approx(250.0, abs=0.01)}


def test_without_expectation_the_plan_in_force_is_what_changes_least() -> None:
    answer = cheapest_change(case_at_start(shared(1000.0, 500.0)), "a", 1.0)
    assert isinstance(answer, Reached)
    assert (answer.changes, answer.costs, answer.extra) == ((), {}, ())


def test_out_of_reach_what_holds_back_and_what_it_would_take() -> None:
    case = case_at_start(shared(2000.0, 1000.0))
    answer = cheapest_change(case, "a", 1.0)
    assert isinstance(answer, OutOfReach)
    assert answer.possible == pytest.approx(0.775)
    assert answer.binds == (Place("capacity", "trunk", 0),)
    assert answer.extra is not None
    (extra,) = answer.extra
    assert (extra.place, extra.unit) == (Place("capacity", "trunk", 0), "t/d")
    assert extra.amount == pytest.approx((2000.0 - 1550.0) / 31.0, rel=1e-3)
    finding = beyond_reach(case, answer)
    assert finding.en == (
        "January: a cannot come to 100.0% of its plan; 77.5% at most; held back by: trunk is full in January; "
        "it would take January: 14.52 t/d of capacity of trunk"
    )
    assert (
        finding.zh
        == "1月：a完成率达不到 100.0%，最多 77.5%；受限于：1月trunk输油能力已用足；需增加：1月trunk输油能力 14.52 吨/日"
    )
    words = Speaker(case.scenario).words
    assert extra_in_words(words["zh"], extra) == "1月trunk输油能力 14.52 吨/日"


def test_with_capacity_it_is_reached() -> None:
    answer = cheapest_change(case_at_start(shared(2000.0, 100.0)), "a", 0.9, with_capacity=True)
    assert isinstance(answer, Reached)
    assert answer.promise.completion()["a"] == pytest.approx(0.9, abs=1e-5)
    assert sum(extra.amount for extra in answer.extra) == pytest.approx((1800.0 - 1550.0) / 31.0, rel=1e-3)


def test_no_capacity_brings_what_there_is_no_way_for() -> None:
    subject = scenario(farm("f"), supplier("s", "f", 50.0), customer("a"), customer("b"), line("p", "f", "a"),
                       month("a", 100.0), month("b", 100.0))  # fmt: skip
    answer = cheapest_change(case_at_start(subject), "b", 0.5)
    assert isinstance(answer, OutOfReach)
    assert (answer.possible, answer.extra) == (0.0, None)
    assert (
        beyond_reach(case_at_start(subject), answer).en == "January: b cannot come to 50.0% of its plan; 0.0% at most"
    )


def test_no_tank_is_overfilled_for_a_target() -> None:
    # The runs are over after January: in February the tanks hold 1 000 t, and 1 800 t more are asked for.
    runs = Profile((0.0, 31.0), (100.0, 0.0))
    case = case_at_start(one_line(500.0, 3100.0, 2800.0, limit=1000.0, runs_t_per_day=runs))
    answer = cheapest_change(case, "c", 1.0)
    assert isinstance(answer, OutOfReach)
    assert answer.possible == pytest.approx(4100.0 / 5900.0)
    assert answer.binds[0].kind in ("safe_fill", "runs")
    assert answer.extra is not None
    assert sum(extra.amount for extra in answer.extra) > 0.0


def test_arrears_are_part_of_the_plan() -> None:
    case = case_at_start(shared(1000.0, 100.0))
    behind = replace(case, owed_t={key: 200.0 if key[0] == "a" else 0.0 for key in case.plan_t})
    assert planned(behind, "a") == pytest.approx(1200.0)
    answer = cheapest_change(behind, "a", 1.0)
    assert isinstance(answer, Reached)
    assert answer.promise.delivered_t["a", "g", 0] == pytest.approx(1200.0, abs=0.01)
    assert lacking(answer.promise)["a"] == pytest.approx(0.0, abs=0.01)


# --- as a planner asks


def test_a_completion_is_asked_in_percent_or_as_a_part() -> None:
    subject = shared(1.0, 1.0)
    assert completion_asked(subject, "a=98%") == ("a", 0.98)
    assert completion_asked(subject, "b = 0.5") == ("b", 0.5)
