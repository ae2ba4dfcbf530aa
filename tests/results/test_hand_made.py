"""The hand-made run's tables, figure by figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.results.hand_made import log, scenario

from chainsim.results import Bands, build_tables
from chainsim.results.catalogue import BANDS

T = build_tables(scenario(), log())


def row(frame: pd.DataFrame, **keys: object) -> pd.Series:
    for name, value in keys.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def near(value: float) -> object:
    return pytest.approx(value, abs=1e-9)


def test_completion_of_a_refinery_short_by_the_trunk() -> None:
    january = row(T.completion, month="2008-01-01", customer="alpha", grade="tarim")
    assert january["plan_t"] == 15_500.0
    assert january["delivered_t"] == near(13_950.0)
    assert january["completion"] == near(0.9)
    assert january["band"] == "low"
    assert january["evenness"] == near(0.95)
    assert january["pace_worst"] == near(-0.1)
    assert january["pace_worst_on"] == pd.Timestamp("2008-01-31")


def test_zero_plan_with_a_delivery_is_unplanned() -> None:
    february = row(T.completion, month="2008-02-01", customer="alpha", grade="tarim")
    assert np.isnan(february["completion"])
    assert february["band"] == "unplanned"
    assert (february["unplanned_t"], february["over_lift_t"], february["shortfall_t"]) == (4050.0, 0.0, 0.0)
    assert february["cumulative_completion"] == near(18_000 / 15_500)


def test_pace_and_evenness_follow_the_ten_day_plan_and_the_order() -> None:
    # Trains of 990 t arrive on the 9th, 14th, 19th, 24th and 29th; the order cut the last ten days from 2000 t to 1000 t.
    january = row(T.customer_months, month="2008-01-01", customer="beta")
    assert january["plan_t"] == 6000.0
    assert january["original_plan_t"] == 7000.0
    assert january["completion_original"] == near(4950 / 7000)
    assert january["evenness"] == near(1 - (abs(990 - 3000) + abs(1980 - 2000) + abs(1980 - 1000)) / 12_000)
    assert january["pace_worst"] == near(990 / 6000 - 13 / 31)
    assert january["pace_worst_on"] == pd.Timestamp("2008-01-13")
    assert (january["own_shortfall_t"], january["supply_shortfall_t"]) == (near(60.0), near(990.0))
    assert (january["main_cause"], january["main_asset"]) == ("in_transit", "rail.beta")
    assert january["main_share"] == near(990 / 1050)


def test_a_swap_of_grades_cannot_hide() -> None:
    january = row(T.customer_months, month="2008-01-01", customer="alpha")
    assert january["completion"] == near(1.0)
    assert january["completion_by_grade"] == near(0.9)
    assert january["shortfall_t"] == near(1550.0)


def test_daily_deliveries() -> None:
    day = row(T.deliveries, day="2008-01-09", customer="beta", grade="tarim")
    assert (day["loaded_t"], day["arrived_t"], day["delivered_t"]) == (0.0, 990.0, 990.0)
    assert day["time_progress"] == near(9 / 31)
    assert day["pace"] == near(990 / 6000 - 9 / 31)
    assert row(T.deliveries, day="2008-02-01", customer="beta", grade="tarim")["month_to_date_t"] == 0.0


def test_inventory_hours_to_full_are_exact() -> None:
    day = row(T.inventory_totals, day="2008-01-01", holder="hub")
    assert (day["opening_t"], day["closing_t"], day["ullage_t"]) == (1000.0, 1200.0, 3800.0)
    assert day["utilisation"] == near(700 / 4500)
    assert day["hours_to_full"] == near(19 * 24.0)
    assert day["hours_to_full_at_pace"] == near(19 * 24.0)
    assert np.isnan(day["hours_to_dry"]) and np.isnan(day["hours_to_dry_at_pace"])
    assert day["days_of_stock"] == near(700 / 800)
    full = row(T.inventory_totals, day="2008-01-25", holder="hub")
    assert (full["hours_full"], full["hours_to_full"], full["ullage_t"]) == (24.0, 0.0, 0.0)
    assert row(T.inventory_totals, day="2008-01-20", holder="hub")["hours_full"] == 0.0


def test_a_days_extremes_see_the_train_unloaded_within_it() -> None:
    day = row(T.inventory_totals, day="2008-01-09", holder="beta")
    before = 1500.0 - 150.0 * 8.75
    assert day["lowest_t"] == near(before)
    assert day["highest_t"] == near(before + 990.0)
    assert day["closing_t"] == near(before + 990.0 - 37.5)
    assert day["outflow_t"] == near(150.0)


def test_flows_and_their_limits() -> None:
    day = row(T.flow_totals, day="2008-01-21", asset="trunk")
    assert (day["entered_t"], day["left_t"], day["lost_t"]) == (near(600.0), near(594.0), near(6.0))
    assert (day["capacity_t"], day["utilisation"]) == (near(600.0), near(1.0))
    assert day["hours_below_minimum"] == near(24.0)
    assert day["hours_stopped"] == 0.0
    assert day["tariff_yuan"] == near(1200.0)
    rack = row(T.flow_totals, day="2008-01-06", asset="rail.rack")
    assert (rack["entered_t"], rack["capacity_t"], rack["hours_stopped"]) == (near(1000.0), near(2000.0), near(12.0))
    assert rack["tariff_yuan"] == near(30_000.0)
    assert np.isnan(rack["hours_below_minimum"])
    assert np.isnan(row(T.flow_totals, day="2008-01-06", asset="alpha")["capacity_t"])


def test_curtailment_begins_when_the_tank_is_full() -> None:
    assert row(T.curtailment, day="2008-01-20", supplier="lunnan")["curtailed_t"] == 0.0
    day = row(T.curtailment, day="2008-01-21", supplier="lunnan")
    assert (day["plan_t"], day["could_t"], day["supplied_t"], day["curtailed_t"]) == (1000.0, 1000.0, 600.0, 400.0)


def test_trains_and_batches() -> None:
    train = row(T.trains, number=1)
    assert (train["wait_days"], train["delay_days"], train["cycle_days"]) == (near(1.0), near(1.25), near(7.75))
    assert pd.isna(row(T.trains, number=7)["wagons_back_at"])
    assert row(T.batches, number=1)["transit_days"] == near(1.25)
    assert pd.isna(row(T.batches, number=2)["entry_ended_at"])


def test_each_tonne_is_settled_at_its_own_price() -> None:
    line = row(T.settlement, month="2008-01-01", customer="alpha", grade="tarim")
    assert line["amount_yuan"] == near(450 * (10.5 * 4000 + 20.5 * 5000))
    assert line["tariff_yuan"] == near(139_500.0)
    assert np.isnan(row(T.settlement, month="2008-01-01", customer="alpha", grade="kazakh")["amount_yuan"])
    # The train of 9 January is paid at the old price; the four others at the new.
    assert row(T.settlement, month="2008-01-01", customer="beta", grade="tarim")["price_yuan_per_t"] == near(4800.0)


def test_cash_balances() -> None:
    january = row(T.cash, month="2008-01-01")
    assert (january["opening_yuan"], january["income_yuan"], january["closing_yuan"]) == (
        1e6,
        near(15.5e6),
        near(1.5e6),
    )
    february = row(T.cash, month="2008-02-01")
    assert february["income_yuan"] == near(9 * 500_000 + 2_000_000)
    assert february["paid_yuan"] == near(1.5e6 + 6.5e6 - 4e6)


def test_events_in_words() -> None:
    assert list(T.events["text_zh"]) == ["干线：停运开始（cut）", "枢纽油库：罐满", "轮南（塔里木原油）：限产关井"]
    assert T.events["text_en"][1] == "Hub: tank full"


def test_key_figures() -> None:
    value = dict(zip(T.kpis["name"], T.kpis["value"], strict=True))
    assert value["shortfall"] == near(2600.0)
    assert value["completion_local"] == near(6930 / 7980)
    assert value["outlet_clear_days"] == 20.0
    assert value["curtailed"] == near(8000.0)
    assert value["largest_arc_share"] == near(28_000 / 32_000)
    full = row(T.kpis, name="first_full")
    assert (full["value"], full["subject"], full["at"]) == (20.0, "hub", pd.Timestamp("2008-01-21"))
    assert row(T.kpis, name="main_cause")["subject"] == "pipeline"
    assert np.isnan(value["completion_sinopec"]) and np.isnan(value["data_coverage"])


@pytest.mark.parametrize(
    ("plan", "delivered", "band"),
    [
        (100.0, 98.0, "green"),
        (100.0, 105.0, "green"),
        (100.0, 97.999, "watch"),
        (100.0, 95.0, "watch"),
        (100.0, 94.999, "low"),
        (100.0, 90.0, "low"),
        (100.0, 89.999, "severe"),
        (100.0, 0.0, "severe"),
        (100.0, 105.001, "over_lift"),
        (0.0, 1.0, "unplanned"),
        (0.0, 0.0, "no_plan"),
        (0.0, 1e-9, "no_plan"),
    ],
)
def test_bands(plan: float, delivered: float, band: str) -> None:
    assert list(BANDS)[Bands().of(np.array([plan]), np.array([delivered]))[0]] == band


def test_bands_are_a_parameter() -> None:
    tables = build_tables(scenario(), log(), Bands(low=0.8))
    assert row(tables.completion, month="2008-01-01", customer="beta", grade="tarim")["band"] == "low"
