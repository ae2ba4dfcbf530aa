"""The order against the simulation: pro-rata orders by hand, and western's scenarios measured as in docs/optimizer.md."""

from __future__ import annotations

import pytest
from tests.optimization.test_formulation_truth import on_day
from tests.simulation.networks import START, customer, farm, line, month, outage, scenario

from chainsim.model.plan import next_month
from chainsim.optimization.case import Settings
from chainsim.optimization.gaps import targets_of
from chainsim.optimization.outcome import simulated
from chainsim.optimization.pro_rata import pro_rata_changes
from chainsim.simulation import simulate
from tools.make_optimizer_table import CASES, measured

FEBRUARY = next_month(START)
MARCH = next_month(FEBRUARY)
LONG = {"new-dushanzi"}
"""Two years; its promise is told in the docs as what it is."""


def test_losses_are_added_to_the_next_month_or_spread_over_the_rest() -> None:
    plan = [month("c", 100.0 * days, when=when) for days, when in ((31, START), (28, FEBRUARY), (31, MARCH))]
    subject = scenario(
        farm("f", g=1e6), customer("c"), line("p", "f", "c", 100.0), *plan, outage("p", 10.0, 20.0, "pipeline"), days=90.0
    )  # fmt: skip
    case = on_day(subject, 12.0)
    before = simulated(case, simulate(subject))
    assert [(c.month, c.before_t, c.after_t) for c in pro_rata_changes(case, before)] == [(1, 2800.0, 3800.0)]
    rest = {c.month: c.tonnes for c in pro_rata_changes(case, before, "rest")}
    assert rest == {1: pytest.approx(1000.0 * 28 / 59, abs=0.1), 2: pytest.approx(1000.0 * 31 / 59, abs=0.1)}
    frozen = on_day(subject, 12.0, asked=Settings(frozen=frozenset({("c", "g", 1)})))
    assert pro_rata_changes(frozen, before) == ()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "day"), [case for case in CASES if case[0] not in LONG])
def test_promise_and_proof_differ_by_a_hundredth_or_two_trains(name: str, day: object) -> None:
    found = measured(name, day).replanned  # type: ignore[arg-type]
    promise, proof, target = found.promise.completion(), found.after.completion(), targets_of(found.before)
    trains = {lane.route.customer: lane.railway.train_t for lane in found.case.lanes}
    for customer_, part in proof.items():
        gap = abs(part - promise[customer_])
        assert gap <= 0.01 or gap * target[customer_] <= 2.0 * trains.get(customer_, 0.0) * 1.001, customer_
