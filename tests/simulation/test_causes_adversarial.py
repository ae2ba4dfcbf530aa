"""Scenarios made to break the engine, and outages whose every tonne must be charged to them.

Each run has a time limit: a run that hangs (events crowding before an instant, or at it) fails instead of holding up the suite.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.simulation import networks as n
from tests.simulation.strategies import scenarios
from tests.simulation.test_laws import LAWS, books_balance, obey

from chainsim.model import (
    ActualDelivery,
    ActualStock,
    AdjustmentOrder,
    CashReceipt,
    Distribution,
    OrderLine,
    Price,
    Profile,
    RailRoute,
    Railway,
    RandomDisruption,
    Scenario,
)
from chainsim.model.checks import asset_names
from chainsim.model.plan import next_month
from chainsim.records import RunLog
from chainsim.simulation import simulate

FAST = settings(
    max_examples=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # a breach is told at once; the slow lane makes it small
)
FEBRUARY = date(2026, 2, 1)


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Fail when the block takes longer (only where signals can: in the main thread of a Unix)."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: Any) -> None:
        raise AssertionError(f"the run hangs: more than {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def lawful(*parts: Any, seconds: int = 5, **more: Any) -> RunLog:
    """Simulate within the time limit and hold the log against every law."""
    scenario = n.scenario(*parts, **more)
    with within(seconds):
        log = simulate(scenario)
    for law in LAWS:
        law(scenario, log)
    books_balance(scenario, [0.3 * scenario.end_day, 0.8 * scenario.end_day])
    return log


def railway(*customers: str, **more: Any) -> Railway:
    fields: dict[str, Any] = {
        "name": "rail",
        "terminal": "a",
        "spots": 1,
        "hours_per_train": 6.0,
        "paths_per_day": Profile.constant(4.0),
        "wagons": 100,
        "wagons_per_train": 10,
        "tonnes_per_wagon": 10.0,
        "routes": tuple(RailRoute(customer=c, transit_days=2.0, cycle_days=5.0) for c in customers),
    }
    return Railway(**{**fields, **more})


def order(number: str, day: float, *lines: tuple[str, float], start: date = n.START) -> AdjustmentOrder:
    return AdjustmentOrder(
        number=number,
        issued=date(2025, 12, 31),
        effective_day=day,
        state="approved",
        lines=tuple(
            OrderLine(customer=c, grade="g", level="month", start=start, end=next_month(start), tonnes=t)
            for c, t in lines
        ),
    )


def plain(*more: Any, limit: float = 1e9, opening: float = 100.0) -> list[Any]:
    """One field of 10 t/d, one farm, one line, one customer that wants 10 t/d."""
    return [
        n.farm("a", limit, g=opening),
        n.supplier("f", "a", 10.0),
        n.line("l", "a", "c", grades=("g",)),
        n.customer("c"),
        n.month("c", 310.0),
        *more,
    ]


# ---- edges ---------------------------------------------------------------------------------------------------------


def test_a_line_of_no_capacity() -> None:
    log = lawful(
        n.farm("a", g=100.0),
        n.supplier("f", "a", 10.0),
        n.line("l", "a", "c", 0.0, grades=("g",)),
        n.customer("c"),
        n.month("c", 310.0),
    )
    assert n.causes(log, "c") == {("line_capacity", "l"): pytest.approx(310.0)}


@pytest.mark.parametrize("mode", ["parallel", "batch", "blend"])
def test_nothing_anywhere(mode: str) -> None:
    line = n.line("l", "a", "c", 0.0, mode=mode, grades=("g",))
    log = lawful(n.farm("a", 0.0), n.supplier("f", "a", 0.0), line, n.customer("c", 0.0), n.month("c", 0.0))
    assert n.account(log, "c").plan_t == 0.0
    assert n.causes(log, "c") == {}


def test_a_railway_of_no_paths() -> None:
    log = lawful(
        n.farm("a", g=1000.0),
        n.supplier("f", "a", 10.0),
        railway("c", paths_per_day=Profile.constant(0.0)),
        n.customer("c"),
        n.month("c", 310.0),
    )
    assert n.account(log, "c").delivered_t == 0.0
    assert sum(n.causes(log, "c").values()) == pytest.approx(310.0)


def test_a_month_without_plan_between_two_with() -> None:
    log = lawful(*plain(n.month("c", 0.0, when=FEBRUARY), n.month("c", 310.0, when=date(2026, 3, 1))), days=90.0)
    assert [n.account(log, "c", m).delivered_t for m in range(3)] == [pytest.approx(310.0), 0.0, pytest.approx(310.0)]


@pytest.mark.parametrize("storage", ["shared", "own", "blended"])
@pytest.mark.parametrize("opening", [5.0, 100.0])
def test_opening_exactly_at_the_heel_or_at_safe_fill(storage: str, opening: float) -> None:
    farm = replace(
        n.farm("a", 100.0, storage, g=opening),
        heel_t={"" if storage == "blended" else "g": 5.0},
        grade_safe_fill_t={"g": 100.0} if storage == "own" else {},
    )
    mode = "blend" if storage == "blended" else "parallel"
    log = lawful(
        farm,
        n.supplier("f", "a", 10.0),
        n.line("l", "a", "c", grades=("g",), mode=mode),
        n.customer("c"),
        n.month("c", 310.0),
        n.outage("l", 4.0, 6.0, "pipeline"),
        n.outage("f", 20.0, 22.0, "source"),
    )
    assert n.account(log, "c").plan_t == pytest.approx(310.0)


def test_trains_bigger_than_the_stock_that_ever_is() -> None:
    """The tank holds 60 t, a train needs 100: nothing ever goes, and the field is shut in."""
    log = lawful(
        n.farm("a", 60.0, g=0.0), n.supplier("f", "a", 10.0), railway("c"), n.customer("c"), n.month("c", 310.0)
    )
    assert n.account(log, "c").delivered_t == 0.0
    assert sum(n.causes(log, "c").values()) == pytest.approx(310.0)
    assert log.balance[0].curtailed_t == pytest.approx(250.0)


def test_an_outage_from_the_first_instant_to_the_last() -> None:
    log = lawful(*plain(n.outage("l", 0.0, 31.0, "pipeline")))
    assert n.causes(log, "c") == {("pipeline", "l"): pytest.approx(310.0)}
    assert n.account(log, "c").delivered_t == 0.0


def test_an_outage_that_began_before_the_run_and_one_that_ends_after_it() -> None:
    log = lawful(*plain(n.outage("l", -5.0, 2.0, "pipeline"), n.outage("f", 30.0, 99.0, "source"), opening=0.0))
    # the line's 20 t wait in the farm; it catches up over the month, and on the last day the farm still holds them
    assert n.account(log, "c").delivered_t <= 310.0 + 1e-9


def test_outages_that_touch_one_another() -> None:
    log = lawful(*plain(*(n.outage("l", d, d + 1.0, "pipeline") for d in range(31))))
    assert n.causes(log, "c") == {("pipeline", "l"): pytest.approx(310.0)}


def test_two_orders_on_one_day_both_count() -> None:
    """The second order is for a customer without any plan before."""
    log = lawful(
        *plain(opening=5000.0),
        n.customer("d"),
        n.line("m", "a", "d", grades=("g",)),
        order("1", 5.0, ("d", 260.0)),
        order("2", 5.0, ("c", 620.0)),
    )
    assert n.account(log, "d").plan_t == pytest.approx(260.0)
    assert n.account(log, "d").delivered_t == pytest.approx(260.0)
    assert n.account(log, "c").plan_t == pytest.approx(620.0)


@pytest.mark.parametrize("day", [0.0, 15.5, 30.999, 31.0])
def test_an_order_that_cancels_the_month(day: float) -> None:
    log = lawful(*plain(order("1", day, ("c", 0.0))), days=45.0)
    account = n.account(log, "c")
    assert account.plan_t == pytest.approx(0.0 if day < 31.0 else 310.0, abs=1e-9)
    assert account.delivered_t == pytest.approx(10.0 * min(day, 31.0))
    assert account.causes == ()


def test_as_of_in_the_middle_of_the_month() -> None:
    """120 t planned by the 12th, 100 delivered: 20 t behind; the rest of the month makes them up."""
    scenario = n.scenario(
        *plain(limit=1000.0),
        as_of_day=12.0,
        actual_deliveries=tuple(
            ActualDelivery(day=float(d), customer="c", grade="g", tonnes=100.0 / 12) for d in range(12)
        ),
        actual_stocks=(ActualStock(asset="a", grade="g", tonnes=50.0), ActualStock(asset="c", grade="g", tonnes=0.0)),
    )
    log = simulate(scenario)
    account = n.account(log, "c")
    assert account.plan_t == pytest.approx(310.0)
    assert account.delivered_t == pytest.approx(310.0)
    assert account.actual_t == pytest.approx(100.0)
    assert account.causes == ()
    broken = replace(scenario, disruptions=(n.outage("l", 12.0, 31.0, "pipeline"),))
    assert n.causes(simulate(broken), "c") == {
        ("before_as_of", "c"): pytest.approx(20.0),
        ("pipeline", "l"): pytest.approx(190.0),
    }


def test_a_blended_tank_with_a_trickle_through_it() -> None:
    """A thousand tonnes of x, a gram of y a day: the mixture hardly changes and the run must not either."""
    log = lawful(
        n.grade("x"),
        n.grade("y"),
        n.farm("a", 2000.0, "blended", x=1000.0),
        n.supplier("f", "a", 1e-6, "y"),
        n.supplier("s", "a", 1e-3, "x"),
        n.line("l", "a", "c", mode="blend", grades=("x", "y")),
        n.customer("c", grades=("x", "y"), storage="blended"),
        n.month("c", 0.031, "x"),
        days=100.0,
    )
    assert log.event_count < 1_000


def test_a_tiny_blended_tank_with_a_torrent_through_it() -> None:
    """A tenth of a tonne of room, a million tonnes a day through it."""
    log = lawful(
        n.grade("x"),
        n.grade("y"),
        n.farm("a", 0.1, "blended", x=0.05, y=0.05),
        n.supplier("f", "a", 1e6, "y"),
        n.supplier("s", "a", 5e5, "x"),
        n.line("l", "a", "c", 2e6, mode="blend", grades=("x", "y"), dispatch="push"),
        n.customer("c", grades=("x", "y")),
        n.month("c", 31e6, "x"),
        n.month("c", 15e6, "y"),
        n.outage("f", 10.0, 12.0, "source"),
    )
    assert log.event_count < 5_000


def test_a_pull_circle_of_two_farms() -> None:
    """a and b each pull from the other; only a has a field."""
    log = lawful(
        n.farm("a", 100.0, g=50.0),
        n.farm("b", 100.0, g=50.0),
        n.supplier("f", "a", 10.0),
        n.line("ab", "a", "b", 20.0, grades=("g",)),
        n.line("ba", "b", "a", 20.0, grades=("g",)),
        n.line("l", "b", "c", 20.0, grades=("g",)),
        n.line("m", "a", "d", 20.0, grades=("g",)),
        n.customer("c"),
        n.customer("d"),
        n.month("c", 310.0),
        n.month("d", 310.0),
        n.outage("ab", 5.0, 9.0, "pipeline"),
        n.outage("f", 12.0, 15.0, "source"),
    )
    assert sum(n.account(log, c).delivered_t for c in "cd") <= 410.0 + 1e-6


def test_a_chain_of_sixty_farms() -> None:
    parts: list[Any] = [
        n.supplier("f", "f0", 10.0),
        n.customer("c"),
        n.month("c", 310.0),
        n.month("c", 280.0, when=FEBRUARY),
    ]
    for i in range(60):
        parts.append(n.farm(f"f{i}", 15.0, g=5.0))
        parts.append(
            n.line(f"l{i}", f"f{i}", f"f{i + 1}" if i < 59 else "c", 12.0, grades=("g",), loss_fraction=0.0001)
        )
    parts += [
        n.outage("l30", 5.0, 12.0, "pipeline"),
        n.outage("l59", 20.0, 25.0, "pipeline"),
        n.outage("f", 40.0, 45.0, "source"),
    ]
    log = lawful(*parts, days=59.0, seconds=20)
    assert log.event_count < 5_000


def test_four_hundred_disruptions() -> None:
    dice = Random(7)
    base = n.scenario(
        n.grade("x"),
        n.grade("y"),
        n.farm("a", 200.0, x=50.0, y=50.0),
        n.farm("b", 150.0, x=20.0, y=20.0),
        n.supplier("fx", "a", 20.0, "x"),
        n.supplier("fy", "a", 20.0, "y"),
        n.line(
            "t",
            "a",
            "b",
            50.0,
            mode="batch",
            grades=("x", "y"),
            minimum_batch_t=20.0,
            line_fill_t=100.0,
            contents_t=(("x", 50.0), ("y", 50.0)),
        ),
        n.line("l", "b", "c", 30.0, grades=("x", "y")),
        railway("d", terminal="b", tonnes_per_wagon=2.0),
        n.customer("c", 100.0, grades=("x", "y")),
        n.customer("d", 100.0, grades=("x",)),
        *(
            n.month(c, 10.0 * 28, g, when=date(2026, m, 1))
            for m in range(1, 7)
            for c, g in (("c", "x"), ("c", "y"), ("d", "x"))
        ),
        days=180.0,
    )
    found = []
    for i in range(400):
        asset = dice.choice(asset_names(base))
        start = dice.choice((dice.uniform(0, 180), float(dice.randrange(180))))
        cause = dice.choice(("customer_runs", "customer_cash")) if asset in "cd" else "pipeline"
        found.append(
            replace(
                n.outage(asset, start, start + dice.uniform(0.01, 4.0), cause, dice.choice((0.0, 0.3, 0.9))),
                name=f"o{i}",
            )
        )
    with within(20):
        obey(replace(base, disruptions=tuple(found)))


def test_random_disruptions_that_never_last_and_always_come() -> None:
    nothing = Distribution(kind="constant", parameters=(0.0,))
    short = Distribution(kind="exponential", parameters=(0.05,))
    for failure, repair in ((short, nothing), (short, short)):
        random = RandomDisruption(
            name="r",
            asset="l",
            remaining=0.0,
            cause="pipeline",
            time_to_failure_days=failure,
            time_to_repair_days=repair,
        )
        lawful(*plain(), random_disruptions=(random,), seconds=20)


def test_cash_to_the_last_fen_on_the_last_instant() -> None:
    log = lawful(
        n.farm("a", g=1000.0),
        n.supplier("f", "a", 10.0),
        n.line("l", "a", "c", grades=("g",)),
        n.customer("c", offtake="cash", cash_yuan=31_000.0),
        n.month("c", 310.0),
        Price(grade="g", day=0.0, yuan_per_t=100.0),
        CashReceipt(customer="c", day=30.999999, yuan=0.01),
    )
    assert n.account(log, "c").delivered_t == pytest.approx(310.0, abs=1e-3)


def test_a_prepaying_customer_of_two_grades_at_two_prices() -> None:
    """Two grades in batches through one line: each tonne costs the price of its own grade."""
    log = lawful(
        n.grade("x"),
        n.grade("y"),
        n.farm("a", x=1000.0, y=1000.0),
        n.supplier("f", "a", 5.0, "x"),
        n.supplier("s", "a", 5.0, "y"),
        n.line("l", "a", "c", 20.0, mode="batch", grades=("x", "y"), minimum_batch_t=10.0),
        n.customer("c", grades=("x", "y"), offtake="cash", cash_yuan=1e6),
        n.month("c", 155.0, "x"),
        n.month("c", 155.0, "y"),
        Price(grade="x", day=0.0, yuan_per_t=100.0),
        Price(grade="y", day=0.0, yuan_per_t=300.0),
    )
    got = {a.grade: a.delivered_t for a in log.accounts}
    assert log.cash[0].yuan[-1] == pytest.approx(1e6 - 100.0 * got["x"] - 300.0 * got["y"], abs=1.0)


# ---- plausible causes ----------------------------------------------------------------------------------------------

OUTAGES = (
    ("f", "source"),
    ("t", "pipeline"),
    ("l", "pipeline"),
)


def balanced(mode: str, *more: Any) -> Scenario:
    """A field, two farms, a trunk and a last line, all balanced at 10 t/d with little stock and no spare capacity."""
    trunk: dict[str, Any] = {"mode": mode, "grades": ("g",)}
    if mode != "parallel":
        trunk |= {"line_fill_t": 50.0, "contents_t": (("g", 50.0),), "minimum_batch_t": 5.0 if mode == "batch" else 0.0}
    return n.scenario(
        n.farm("a", 60.0, g=20.0),
        n.farm("b", 60.0, g=20.0),
        n.supplier("f", "a", 10.0),
        n.line("t", "a", "b", 10.0, carry_over=False, **trunk),
        n.line("l", "b", "c", 10.0, grades=("g",)),
        n.customer("c"),
        n.month("c", 310.0),
        n.month("c", 280.0, when=FEBRUARY),
        n.month("c", 310.0, when=date(2026, 3, 1)),
        *more,
        days=90.0,
    )


@FAST
@given(
    st.sampled_from(OUTAGES),
    st.floats(0.0, 60.0).map(lambda d: round(d, 2)),
    st.floats(0.5, 25.0).map(lambda d: round(d, 2)),
    st.sampled_from((0.0, 0.5, 0.2)),
)
def test_one_outage_in_a_balanced_plan_is_the_whole_cause(
    what: tuple[str, str], start: float, length: float, left: float
) -> None:
    asset, cause = what
    log = simulate(balanced("parallel", n.outage(asset, start, start + length, cause, left)))
    for account in log.accounts:
        wrong = {c: t for c, t in account.causes if c != (cause, asset) and t > 1e-6}
        assert not wrong, (account.month, account.causes)


@FAST
@given(
    st.sampled_from(OUTAGES),
    st.floats(0.0, 40.0).map(lambda d: round(d, 2)),
    st.floats(5.0, 25.0).map(lambda d: round(d, 2)),
    st.sampled_from(("batch", "blend")),
)
def test_one_outage_through_a_mixed_line_is_by_far_the_most(
    what: tuple[str, str], start: float, length: float, mode: str
) -> None:
    asset, cause = what
    log = simulate(balanced(mode, n.outage(asset, start, start + length, cause)))
    total = sum(t for a in log.accounts for _, t in a.causes)
    mine = sum(t for a in log.accounts for c, t in a.causes if c == (cause, asset))
    assert mine >= 0.9 * total - 5.0, [a.causes for a in log.accounts]


def test_without_any_outage_a_balanced_plan_is_met() -> None:
    for mode in ("parallel", "batch", "blend"):
        log = simulate(balanced(mode))
        assert sum(t for a in log.accounts for _, t in a.causes) == pytest.approx(0.0, abs=1e-6), mode


@pytest.mark.slow
@settings(FAST, max_examples=500, phases=tuple(Phase))
@given(scenarios(most_days=100))
def test_no_random_run_hangs(scenario: Scenario) -> None:
    with within(5):
        log = simulate(scenario)
    assets = sum(
        map(len, (scenario.suppliers, scenario.farms, scenario.pipelines, scenario.railways, scenario.customers))
    )
    assert log.event_count <= 60 * scenario.end_day * (assets + 1), log.event_count
