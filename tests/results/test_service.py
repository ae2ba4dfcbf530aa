"""Customer service at the end of 9 February 2008, the hand-made run's last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import isnan

import pandas as pd
import pytest
from tests.results.hand_made import log, scenario

from chainsim.model import ActualDelivery
from chainsim.results import build_tables
from chainsim.results.service import DAYS_PER_MONTH

T = build_tables(scenario(), log())


def column(table: str, name: str) -> list[object]:
    """A column as plain values, null as None."""
    series = T[table][name]
    return [None if missing else value for value, missing in zip(series.tolist(), series.isna(), strict=True)]


def test_visits_are_told_as_known_on_the_last_day() -> None:
    assert column("visits", "state") == ["reported", "visited", "overdue", "planned"]
    assert column("visits", "visited_on")[2] is None  # made on 20 February
    assert column("visits", "overdue_days") == [0, 0, 20, 0]
    assert column("visits", "report_overdue_days") == [0, 10, 0, 0]


def test_complaints_need_answer_and_result() -> None:
    assert column("complaints", "number") == ["1", "2", "3"]  # the fourth came in a day later
    assert column("complaints", "state") == ["closed", "answered", "open"]
    assert column("complaints", "has_result") == [True, False, False]  # the second was closed on 15 February
    assert column("complaints", "answer_days") == [3, 2, 8]
    assert column("complaints", "open_days") == [10, 30, 8]


def test_the_latest_score_of_each_dimension_counts() -> None:
    assert column("surveys", "latest") == [True, False, True]
    assert column("customer_service", "survey_score") == [85.0, None]
    assert column("customer_service", "surveyed_on")[0] == pd.Timestamp(2008, 1, 25)


def test_invoices_are_late_until_they_are_paid() -> None:
    assert column("invoices", "state") == ["paid_late", "paid", "overdue", "not_due"]
    assert column("invoices", "late_days") == [10, 0, 4, 0]
    assert column("invoices", "paid") == [True, True, False, False]


def test_one_row_for_each_customer() -> None:
    beta = T.customer_service.iloc[1]
    assert (beta["visits_planned"], beta["visits_made"], beta["overdue_visits"]) == (1, 0, 1)
    assert pd.isna(beta["last_visit_on"])
    assert isnan(beta["months_since_visit"])
    assert (beta["complaints"], beta["open_complaints"]) == (2, 2)
    assert (beta["invoices"], beta["late_invoices"], beta["overdue_yuan"]) == (3, 2, 300.0)
    assert beta["late_share"] == pytest.approx(2 / 3)
    assert beta["mean_late_days"] == 7.0
    alpha = T.customer_service.iloc[0]
    assert alpha["months_since_visit"] == pytest.approx(10 / DAYS_PER_MONTH)
    assert alpha["missing_reports"] == 1
    assert isnan(alpha["late_share"])
    assert isnan(alpha["coverage_share"])


def test_coverage_is_the_measured_share_of_actuals() -> None:
    measured = ActualDelivery(day=0.0, customer="beta", grade="tarim", tonnes=300.0)
    estimated = replace(measured, day=1.0, tonnes=100.0, measured=False)
    changed = replace(scenario(), as_of_day=3.0, actual_deliveries=(measured, estimated))
    tables = build_tables(changed, replace(log(), begin_day=3.0))
    coverage = tables.customer_service["coverage_share"]
    assert isnan(coverage[0])
    assert coverage[1] == 0.75


def test_a_stopped_run_knows_less() -> None:
    tables = build_tables(scenario(), replace(log(), end_day=10.5))  # within 11 January
    assert tables.visits["state"].tolist() == ["reported", "planned", "planned", "planned"]
    assert tables.complaints["open_days"].tolist() == [10, 1]
    assert tables.work_order_log.empty
    assert tables.surveys["latest"].tolist() == [True, True]


def test_known_attributes_are_typed_and_stay_in_the_archive() -> None:
    alpha, beta = T.customers.iloc[0], T.customers.iloc[1]
    assert (alpha["capacity_t"], beta["capacity_t"]) == (6500.0, 4000.0)  # beta's safe fill
    assert alpha["relationship"] == "firm"
    assert pd.isna(beta["relationship"])
    assert isnan(alpha["processing_capacity_t_per_year"])
    assert (alpha["region_en"], alpha["region_zh"]) == ("Gansu", "Gansu")
    assert column("customer_archive", "attribute") == ["owner", "capacity_t", "relationship", "region"]


def test_service_changes_nothing_else() -> None:
    bare = replace(scenario(), visits=(), complaints=(), surveys=(), invoices=(), work_order_log=())
    tables = build_tables(bare, log())
    assert tables.customer_months.equals(T.customer_months)
    assert tables.visits.empty
    assert tables.visits.dtypes.equals(T.visits.dtypes)
    assert tables.customer_service["visits_made"].tolist() == [0, 0]
    assert date(2008, 2, 9) not in tables.customer_service["last_visit_on"].tolist()
