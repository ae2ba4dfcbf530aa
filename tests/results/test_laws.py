"""Laws that every run's tables keep: nothing is counted twice, nothing gets lost between two tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.results.hand_made import log, scenario

from chainsim.model import ActualDelivery, ActualStock, Customer, Profile, RandomDisruption, Scenario
from chainsim.model.scenario import Distribution
from chainsim.results import TABLES, Tables, build_tables
from chainsim.simulation import simulate

MONTHLY = ["month", "customer", "grade"]


def with_enough_cash(base: Scenario) -> Scenario:
    alpha, beta = base.customers
    return replace(base, customers=(alpha, replace(beta, cash_yuan=1e9, delivery_point="loading")))


def with_failures(base: Scenario) -> Scenario:
    failures = RandomDisruption(
        name="pump",
        asset="trunk",
        remaining=0.0,
        cause="pipeline",
        time_to_failure_days=Distribution(kind="exponential", parameters=(6.0,)),
        time_to_repair_days=Distribution(kind="uniform", parameters=(0.5, 2.0)),
    )
    rack = replace(failures, name="rack", asset="rail.rack", cause="loading", remaining=0.5)
    return replace(base, random_disruptions=(failures, rack), seed=7)


def with_own_tanks(base: Scenario) -> Scenario:
    hub = replace(base.farms[0], storage="own", grade_safe_fill_t={"tarim": 3000.0, "kazakh": 500.0})
    return replace(base, farms=(hub, base.farms[1]))


def with_blended_depot(base: Scenario) -> Scenario:
    return replace(base, farms=(base.farms[0], replace(base.farms[1], storage="blended")))


def from_the_twelfth(base: Scenario) -> Scenario:
    actuals = tuple(
        ActualDelivery(day=float(d), customer="alpha", grade="tarim", tonnes=480.0, measured=d % 4 > 0)
        for d in range(11)
    )
    stocks = (
        ActualStock(asset="hub", grade="tarim", tonnes=2500.0),
        ActualStock(asset="depot", grade="tarim", tonnes=2000.0),
        ActualStock(asset="alpha", grade="tarim", tonnes=900.0),
        ActualStock(asset="beta", grade="tarim", tonnes=900.0),
        ActualStock(asset="trunk", grade="tarim", tonnes=1000.0),
    )
    return replace(base, as_of_day=11.0, actual_deliveries=actuals, actual_stocks=stocks)


def half_a_day_short(base: Scenario) -> Scenario:
    return replace(base, end_day=38.5)


def with_nothing_to_carry(base: Scenario) -> Scenario:
    """No train is ever loaded."""
    return replace(base, plan=tuple(replace(line, tonnes=0.0) for line in base.plan))


VARIANTS: dict[str, Callable[[Scenario], Scenario]] = {
    "as it is": lambda base: base,
    "enough cash, counted at loading": with_enough_cash,
    "random failures": with_failures,
    "own tanks": with_own_tanks,
    "blended depot": with_blended_depot,
    "from the twelfth": from_the_twelfth,
    "half a day short": half_a_day_short,
    "nothing to carry": with_nothing_to_carry,
}


def simple() -> Scenario:
    """The hand-made network, with a refinery that runs as its plan goes."""
    base = scenario()
    beta: Customer = replace(base.customers[1], runs_t_per_day=None, income_yuan_per_day=Profile.constant(600_000.0))
    return replace(base, customers=(base.customers[0], beta))


RUNS = {"by hand": build_tables(scenario(), log())}
for _name, _change in VARIANTS.items():
    _scenario = _change(simple())
    RUNS[_name] = build_tables(_scenario, simulate(_scenario))


@pytest.fixture(params=RUNS, name="tables")
def any_run(request: pytest.FixtureRequest) -> Tables:
    return RUNS[request.param]


def monthly(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    months = frame.assign(month=frame["day"].dt.to_period("M").dt.to_timestamp())
    return months.groupby(MONTHLY, observed=True)[columns].sum()


def test_deliveries_add_up_to_completion(tables: Tables) -> None:
    columns = ["loaded_t", "arrived_t", "delivered_t", "actual_t"]
    books = tables.completion.set_index(MONTHLY)[columns]
    days = monthly(tables.deliveries, columns).reindex(books.index)
    moved = ["delivered_t", "actual_t"] if books["actual_t"].any() else columns
    assert (days - books)[moved].abs().max().max() < 1e-6


def test_causes_add_up_to_the_shortfall(tables: Tables) -> None:
    books = tables.completion.set_index(MONTHLY)["shortfall_t"]
    causes = tables.shortfalls.groupby(MONTHLY, observed=True)["shortfall_t"].sum().reindex(books.index).fillna(0.0)
    assert (books - causes).abs().max() < 1e-6
    shares = tables.shortfalls.groupby(MONTHLY, observed=True)["share"].sum()
    assert np.allclose(shares, 1.0)


def test_customer_months_are_the_sum_of_their_grades(tables: Tables) -> None:
    columns = ["plan_t", "delivered_t", "shortfall_t", "over_lift_t", "unplanned_t"]
    by_grade = tables.completion.groupby(["month", "customer"], observed=True)[columns].sum()
    whole = tables.customer_months.set_index(["month", "customer"])
    assert np.allclose(by_grade, whole.loc[by_grade.index, columns], atol=1e-6)
    parts = whole["own_shortfall_t"] + whole["supply_shortfall_t"]
    assert np.allclose(parts, whole["shortfall_t"], atol=1e-6)


def test_settlement_knows_the_tonnes_of_completion(tables: Tables) -> None:
    books = tables.completion.set_index(MONTHLY)["delivered_t"]
    settled = tables.settlement.set_index(MONTHLY)["delivered_t"].reindex(books.index).fillna(0.0)
    assert np.allclose(books, settled, atol=1e-6)


def test_a_day_opens_as_the_last_one_closed(tables: Tables) -> None:
    for name, keys in (("inventory", ["holder", "grade"]), ("inventory_totals", ["holder"])):
        for _, rows in tables[name].groupby(keys, observed=True):
            assert np.allclose(rows["opening_t"].to_numpy()[1:], rows["closing_t"].to_numpy()[:-1], atol=1e-6)


def test_totals_are_the_sum_of_grades(tables: Tables) -> None:
    tanks = tables.inventory[tables.inventory["holder_kind"].isin(["farm", "customer"])]
    by_holder = tanks.groupby(["holder", "day"], observed=True)["closing_t"].sum()
    whole = tables.inventory_totals.set_index(["holder", "day"])["closing_t"]
    assert np.allclose(by_holder.reindex(whole.index), whole, atol=1e-6)
    flows = tables.flows.groupby(["asset", "day"], observed=True)[["entered_t", "left_t", "lost_t"]].sum()
    totals = tables.flow_totals.set_index(["asset", "day"])[["entered_t", "left_t", "lost_t"]]
    assert np.allclose(flows.reindex(totals.index).fillna(0.0), totals, atol=1e-6)


def test_the_tables_conserve_every_grade(tables: Tables) -> None:
    """Supplied = processed + lost + change of stock, line fill and trains, from the daily rows alone."""
    flows, stock = tables.flows, tables.inventory
    supplied = flows[flows["kind"] == "supply"].groupby("grade", observed=False)["entered_t"].sum()
    processed = flows[flows["kind"] == "runs"].groupby("grade", observed=False)["entered_t"].sum()
    lost = flows.groupby("grade", observed=False)["lost_t"].sum()
    unloaded = tables.trains.dropna(subset=["unloaded_at"])
    lost = lost + (unloaded["loaded_t"] - unloaded["arrived_t"]).groupby(unloaded["grade"], observed=False).sum()
    opening = stock[stock["day"] == stock["day"].min()].groupby("grade", observed=False)["opening_t"].sum()
    closing = stock[stock["day"] == stock["day"].max()].groupby("grade", observed=False)["closing_t"].sum()
    residual = opening + supplied - processed - lost - closing
    assert residual.abs().max() < 1e-6
    books = tables.balance.set_index("grade")
    produced = tables.curtailment.groupby("grade", observed=False)[["could_t", "curtailed_t"]].sum()
    assert np.allclose(produced["could_t"] - produced["curtailed_t"], supplied, atol=1e-6)
    assert np.allclose(books["produced_t"], produced["could_t"].reindex(books.index), atol=1e-6)
    assert np.allclose(books["lost_t"], lost.reindex(books.index), atol=1e-6)


def test_nothing_exceeds_its_limits(tables: Tables) -> None:
    totals = tables.inventory_totals
    assert (totals["lowest_t"] <= totals["closing_t"] + 1e-6).all()
    assert (totals["closing_t"] <= totals["highest_t"] + 1e-6).all()
    lines = tables.flow_totals[tables.flow_totals["kind"].isin(["line", "supply", "loading"])]
    assert (lines["entered_t"] <= lines["capacity_t"] + 1e-6).all()
    hours = tables.flow_totals["hours_stopped"]
    assert ((hours >= 0) & (hours <= 24 + 1e-9)).all()


def test_equal_input_gives_equal_tables() -> None:
    changed = with_failures(simple())
    again = build_tables(changed, simulate(changed))
    for name in TABLES:
        pd.testing.assert_frame_equal(RUNS["random failures"][name], again[name])


def test_measured_share_of_the_actuals() -> None:
    tables = RUNS["from the twelfth"]
    january = tables.completion[tables.completion["customer"] == "alpha"].iloc[0]
    assert january["actual_t"] == pytest.approx(11 * 480.0)
    assert january["measured_share"] == pytest.approx(8 / 11)
    assert tables.kpis.set_index("name")["value"]["data_coverage"] == pytest.approx(8 / 11)
    assert tables.inventory_totals["day"].min() == pd.Timestamp("2008-01-12")
    assert tables.deliveries["day"].min() == pd.Timestamp("2008-01-01")


def test_a_run_may_end_at_noon() -> None:
    tables = RUNS["half a day short"]
    assert tables.deliveries["time_progress"].max() == pytest.approx(1.0)
    last = tables.flow_totals[tables.flow_totals["asset"] == "lunnan"].iloc[-1]
    assert last["requested_t"] <= 500.0 + 1e-6
