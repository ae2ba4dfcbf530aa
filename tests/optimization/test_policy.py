"""Policies: when the optimizer is asked, what it is told, and what comes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.simulation.networks import START, customer, farm, line, month, outage, scenario, supplier

from chainsim.model import Scenario
from chainsim.model.plan import next_month
from chainsim.optimization import policy as policies
from chainsim.optimization.policy import (
    AFTER_3_DAYS,
    NO_ORDER,
    PERFECT_FORESIGHT,
    Policy,
    compare_policies,
    comparison_rows,
    plan_of_reference,
    run_policy,
)
from chainsim.simulation import simulate

FEBRUARY = next_month(START)
MARCH = next_month(FEBRUARY)


def stopped(*more: object, days: float = 90.0) -> Scenario:
    """Three months of 100 t/d through a line of 150 t/d that stands still from day 10 to 20."""
    plan = [month("c", 100.0 * n, when=when) for n, when in ((31, START), (28, FEBRUARY), (31, MARCH))]
    return scenario(
        farm("f", 5000.0, g=1000.0), supplier("s", "f", 100.0), customer("c"), line("p", "f", "c", 150.0), *plan,
        outage("p", 10.0, 20.0, "pipeline"), *more, days=days,
    )  # fmt: skip


def test_without_askings_nothing_is_ordered() -> None:
    run = run_policy(stopped(), NO_ORDER)
    assert (run.askings, run.orders, run.scenario) == ((), (), stopped())
    assert run.log.accounts == simulate(stopped()).accounts


def test_an_order_takes_effect_after_its_approval() -> None:
    run = run_policy(stopped(), AFTER_3_DAYS)
    assert [(a.day, a.event, a.asset, a.effective_day) for a in run.askings] == [
        (10.0, "outage_begins", "p", 13.0),
        (20.0, "outage_ends", "p", 23.0),
    ]
    assert run.orders
    assert all(order.effective_day in (13.0, 23.0) and order in run.scenario.orders for order in run.orders[1:])
    assert {order.state for order in run.scenario.orders} == {"approved"}


def test_policies_compare_on_the_same_plan() -> None:
    none, after, perfect = compare_policies(stopped())
    assert none.outcome.plan_t == after.outcome.plan_t == perfect.outcome.plan_t == plan_of_reference(stopped())
    assert none.outcome.completion()["c"] == pytest.approx(0.95)
    assert after.outcome.completion()["c"] == pytest.approx(1.0, abs=1e-6)
    assert perfect.outcome.completion()["c"] == pytest.approx(1.0, abs=1e-6)
    late = [sum(run.outcome.lateness().values()) for run in (none, after, perfect)]
    assert late[0] > late[1] >= late[2] - 1.0


def test_only_outages_that_have_begun_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[float, list[float]]] = []

    def asked(known: Scenario, day: float, *_: object) -> None:
        told.append((day, [d.start for d in known.disruptions]))

    monkeypatch.setattr(policies, "_asked", asked)
    subject = stopped(outage("p", 40.0, 41.0, "pipeline"))
    run_policy(subject, AFTER_3_DAYS)
    assert told == [(13.0, [10.0]), (23.0, [10.0]), (43.0, [10.0, 40.0]), (44.0, [10.0, 40.0])]
    told.clear()
    run_policy(subject, replace(PERFECT_FORESIGHT, asks=("start",)))
    assert told == [(0.0, [10.0, 40.0])]


def test_short_outages_are_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "_asked", lambda *_: None)
    subject = stopped(outage("p", 40.0, 41.0, "pipeline"))
    run = run_policy(subject, replace(AFTER_3_DAYS, shortest_outage_days=2.0))
    assert [asking.day for asking in run.askings] == [10.0, 20.0]


def test_ten_day_periods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "_asked", lambda *_: None)
    run = run_policy(stopped(days=45.0), Policy(name="every ten days", asks=("ten_day",), approval_days=1.0))
    assert [asking.day for asking in run.askings] == [10.0, 20.0, 31.0, 41.0]


def test_a_stock_that_rises_through_a_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 1,000 t on day 10 by 100 t/d: 1,500 t, three tenths of the safe fill, are there on day 15."""
    monkeypatch.setattr(policies, "_asked", lambda *_: None)
    run = run_policy(stopped(), Policy(name="stock", asks=("stock",), fill=0.3))
    assert [(asking.event, asking.asset) for asking in run.askings] == [("stock", "f")]
    assert run.askings[0].day == pytest.approx(15.0, abs=1e-6)


def test_the_table_has_a_row_for_all_and_for_each() -> None:
    rows = comparison_rows(compare_policies(stopped(), (NO_ORDER, AFTER_3_DAYS)))
    assert [(row.policy, row.customer) for row in rows] == [
        ("no order", ""), ("no order", "c"), ("order after 3 days", ""), ("order after 3 days", "c"),
    ]  # fmt: skip
    assert (rows[0].worst_customer, rows[0].asked, rows[0].orders, rows[2].asked) == ("c", 0, 0, 2)
    assert rows[0].completion == pytest.approx(rows[1].completion)
    assert rows[1].asked is None
