"""The invented records of customer service of the western base case: complete, in step with the plan, worth looking at."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from chainsim.files import load_scenario
from chainsim.model import Scenario
from chainsim.model.service import CHOICE_ATTRIBUTES, SURVEY_DIMENSIONS
from chainsim.results import Tables, build_tables
from chainsim.simulation import simulate

WESTERN = Path(__file__).resolve().parent.parent / "scenarios" / "western"


@pytest.fixture(scope="module")
def western() -> Scenario:
    return load_scenario(WESTERN).scenario


@pytest.fixture(scope="module")
def tables(western: Scenario) -> Tables:
    return build_tables(western, simulate(western))


def test_every_kind_of_record_is_called_an_assumption() -> None:
    with WESTERN.joinpath("facts.csv").open(encoding="utf-8", newline="") as stream:
        status = {row["path"]: row["status"] for row in csv.DictReader(stream)}
    for name in ("visits.csv", "complaints.csv", "surveys.csv", "invoices.csv"):
        assert status[name] == "assumption"
    for attribute in (*CHOICE_ATTRIBUTES, "customer_manager", "visit_every_months"):
        assert status[f"customers.csv.{attribute}"] == "assumption"


def test_every_customer_is_described_and_surveyed_in_all_dimensions(western: Scenario, tables: Tables) -> None:
    for attribute in (*CHOICE_ATTRIBUTES, "visit_every_months", "region_zh"):
        assert tables.customers[attribute].notna().all()
    latest = tables.surveys[tables.surveys["latest"]]
    assert len(latest) == len(western.customers) * len(SURVEY_DIMENSIONS)


def test_invoices_are_the_carriage_of_the_plan(western: Scenario) -> None:
    """Planned tonnes of the month (Sinopec: the quarter) that ended before the due date, in 10,000 yuan."""
    tariffs = {route.customer: route.tariff_yuan_per_t for route in western.railways[0].routes}
    for invoice in western.invoices:
        billed = (invoice.due.month - 2) % 12 + 1
        months = {billed} if invoice.customer.startswith("local_") else {billed - 2, billed - 1, billed}
        tonnes = sum(
            line.tonnes
            for line in western.plan
            if line.customer == invoice.customer and line.level == "month" and line.start.month in months
        )
        assert invoice.yuan == pytest.approx(tonnes * tariffs[invoice.customer], abs=5_000), invoice.number


def test_a_planner_sees_what_is_overdue(tables: Tables) -> None:
    visits, complaints, invoices = tables.visits, tables.complaints, tables.invoices
    assert visits["state"].value_counts().to_dict() == {"reported": 22, "overdue": 4, "visited": 2, "planned": 1}
    assert set(visits.loc[visits["state"] == "visited", "planned_on"].dt.month) == {7}  # around the Olympics
    unsettled = complaints[complaints["state"] != "closed"]
    assert unsettled[["number", "state", "has_result"]].to_numpy().tolist() == [
        ["2008-意06", "answered", False],
        ["2008-意09", "open", False],
        ["2008-意10", "open", False],
    ]
    late = invoices[invoices["late_days"] > 0]
    assert late["customer"].astype(str).str.startswith("local_").all()
    assert (late["due_on"].dt.month >= 10).mean() > 0.7
