"""A branch is the run of the scenario that has the outage, and looking at it on its way changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from tests.simulation.networks import START, customer, farm, line, month, scenario, stock, supplier
from tests.simulation.strategies import scenarios

from chainsim.errors import FlowCycleError
from chainsim.model import Disruption, Scenario
from chainsim.model.checks import asset_names
from chainsim.model.plan import AdjustmentOrder, OrderLine, months_of, next_month
from chainsim.records import RunLog
from chainsim.simulation import simulate
from chainsim.simulation.branching import Branch, grow, with_outage


def physical(log: RunLog) -> tuple[object, ...]:
    """Everything but the causes (the branch's trains did not know of the outage while they waited) and the mixtures' numbers."""
    accounts = tuple(replace(account, causes=()) for account in log.accounts)
    mixtures = dict(enumerate(log.mixtures))
    flows = tuple(
        (
            replace(flow, into=(), out_of=()),
            [(mixtures.get(a), mixtures.get(b)) for a, b in zip(flow.into, flow.out_of, strict=True)],
        )
        for flow in log.flows
    )
    return log.cells, flows, log.lines, log.batches, log.trains, accounts, log.cash, log.balance


NO_RUN = (FlowCycleError, AssertionError)
"""Where the run from the beginning fails there is nothing to compare with; that it does not is asked in ``test_laws``."""


@st.composite
def outages(draw: st.DrawFn) -> tuple[Scenario, Disruption]:
    subject = draw(scenarios(most_days=70))
    asset = draw(st.sampled_from(asset_names(subject)))
    day = draw(st.sampled_from((0.0, 0.5, 1.0, 3.0, 10.0, 17.25)))
    length = draw(st.sampled_from((1.0, 0.25, 5.0, 12.0, 1000.0)))
    runs = any(c.name == asset for c in subject.customers)
    cause = "customer_runs" if runs else "pipeline"
    end = min(day + length, subject.end_day)
    return subject, Disruption(name="trial", asset=asset, start=day, end=end, remaining=0.0, cause=cause)


@settings(deadline=None, max_examples=30)
@given(outages(), st.lists(st.floats(0.0, 70.0), max_size=3))
def test_a_branch_is_the_run_that_knew_of_the_outage_from_the_beginning(
    case: tuple[Scenario, Disruption], stops: list[float]
) -> None:
    subject, outage = case
    try:
        whole = simulate(with_outage(subject, outage))
    except NO_RUN:
        return
    branch = Branch(grow(subject, outage.start), outage)
    for stop in sorted(stops):
        if stop > branch.day:
            branch.run(stop)
            branch.so_far()
    log = branch.finish()
    assert physical(log) == physical(whole)


@settings(deadline=None, max_examples=30)
@given(scenarios(most_days=40), st.sampled_from((0.0, 1.0, 7.5, 20.0)))
def test_a_branch_without_an_outage_is_the_undisturbed_run(subject: Scenario, day: float) -> None:
    if day >= subject.end_day:
        return
    try:
        whole = simulate(subject)
    except NO_RUN:
        return
    log = Branch(grow(subject, day)).finish()
    assert physical(log) == physical(whole)


@settings(deadline=None, max_examples=30, derandomize=True)  # a kilogram may make a train late: not in these networks
@given(outages())
def test_a_branch_that_asks_for_no_causes_moves_the_same_but_for_kilograms(case: tuple[Scenario, Disruption]) -> None:
    subject, outage = case
    try:
        asked = simulate(with_outage(subject, outage))
    except NO_RUN:
        return
    unasked = Branch(grow(subject, outage.start), outage, causes=False).finish()
    for one, other in zip(asked.accounts, unasked.accounts, strict=True):
        assert (one.customer, one.grade, one.month) == (other.customer, other.grade, other.month)
        assert (one.plan_t, one.delivered_t) == pytest.approx((other.plan_t, other.delivered_t), abs=0.1)
    for cell, same in zip(asked.cells, unasked.cells, strict=True):
        assert cell.tonnes[-1] == pytest.approx(same.tonnes[-1], abs=0.1)
    assert [t.departure_day for t in asked.trains] == pytest.approx([t.departure_day for t in unasked.trains])


def test_what_a_branch_shows_on_its_way() -> None:
    subject = scenario(
        farm("hub", 100.0, g=50.0), supplier("field", "hub", 10.0), line("spur", "hub", "works"), customer("works"),
        month("works", 310.0),
    )  # fmt: skip
    outage = Disruption(name="x", asset="spur", start=2.0, end=20.0, remaining=0.0, cause="pipeline")
    branch = Branch(grow(subject, 2.0), outage)
    branch.run(9.0)
    assert branch.day == pytest.approx(9.0)
    assert not branch.ended
    seen = branch.so_far()
    assert stock(seen, "hub", 9.0) == pytest.approx(100.0), "full on day 7"
    field, works = seen.flows
    assert (field.days[-1], field.rate[-1], field.request[-1]) == (pytest.approx(7.0), 0.0, 10.0), "curtailed since"
    assert works.rate[-1] == pytest.approx(0.0), "without tankage of its own it stops when nothing comes"
    assert seen.accounts == ()
    assert branch.finish().end_day == subject.end_day
    assert branch.ended


def test_a_trunk_ends_within_the_run() -> None:
    subject = scenario(farm("hub", g=1.0), customer("works"), line("spur", "hub", "works"), as_of_day=3.0)
    assert subject.start == START
    with pytest.raises(AssertionError):
        grow(subject, 2.0)
    with pytest.raises(AssertionError):
        grow(subject, 31.0)


@st.composite
def orders(draw: st.DrawFn) -> tuple[Scenario, AdjustmentOrder]:
    subject = draw(scenarios(most_days=70))
    if not subject.plan:
        reject()
    day = draw(st.sampled_from((0.5, 1.0, 3.0, 10.0, 31.0, 40.0)))
    if not subject.as_of_day < day < subject.end_day:
        reject()
    left = [first for _, end, first in months_of(subject) if end > day]
    keys = st.sampled_from(sorted({(p.customer, p.grade) for p in subject.plan}))
    lines = []
    for customer_name, grade in draw(st.lists(keys, min_size=1, max_size=3, unique=True)):
        first, tonnes = draw(st.sampled_from(left)), draw(st.sampled_from((0.0, 500.0, 9000.0)))
        end = next_month(first)
        lines.append(OrderLine(customer=customer_name, grade=grade, level="month", start=first, end=end, tonnes=tonnes))
    issued = subject.calendar_date(day)
    order = AdjustmentOrder(number="trial", issued=issued, state="approved", effective_day=day, lines=tuple(lines))
    return subject, order


@settings(deadline=None, max_examples=40)
@given(orders())
def test_a_branch_with_an_order_is_the_run_that_had_it(case: tuple[Scenario, AdjustmentOrder]) -> None:
    subject, order = case
    ordered = replace(subject, orders=(*subject.orders, order))
    try:
        whole = simulate(ordered)
    except NO_RUN:
        return
    trunk = grow(replace(subject, orders=(*subject.orders, replace(order, lines=()))), order.effective_day)
    log = Branch(trunk, ordered=ordered).finish()
    assert physical(log) == physical(whole)
    assert log.accounts == whole.accounts, "nothing before the order knew of it, causes neither"
