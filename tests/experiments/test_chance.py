"""Chance against what is known in closed form, and the laws of common random numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.experiments.tiny import write_tiny
from tests.simulation import networks as net

from chainsim.experiments.chance import factors_of, fate_seed, under_fate
from chainsim.experiments.distributions import Spread
from chainsim.experiments.experiment import Experiment, Noise
from chainsim.experiments.intervals import t_quantile, wilson
from chainsim.experiments.reading import read_experiment
from chainsim.model import CashReceipt, Distribution, Price, RandomDisruption, Scenario
from chainsim.simulation import simulate

REPLICATIONS = 400


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    """An experiment with replications and nothing else."""
    folder = tmp_path_factory.mktemp("plain")
    return read_experiment(write_tiny(folder, "base: tiny.yaml\nreplications: 2\n")).experiment


def noise(of: str, names: tuple[str, ...], spread: Spread, every: str = "run", *, together: bool = False) -> Noise:
    return Noise(name=of, of=of, names=names, every=every, together=together, factor=spread)  # type: ignore[arg-type]


# --- closed forms


def test_availability_of_an_alternating_renewal(plain: Experiment) -> None:
    """Up exp(mean 1/λ), down exp(mean 1/μ), up at 0: the mean availability over [0, T] is
    μ/(λ+μ) + λ/((λ+μ)² T) (1 − exp(−(λ+μ)T)). Source: Ross, Introduction to Probability Models, 6.4 (two-state chain).
    """
    up, down, horizon = 10.0, 3.0, 60.0
    fault = RandomDisruption(
        name="fault", asset="spur", remaining=0.0, cause="pipeline",
        time_to_failure_days=Distribution(kind="exponential", parameters=(up,)),
        time_to_repair_days=Distribution(kind="exponential", parameters=(down,)),
    )  # fmt: skip
    # A line that carries all it may, into tanks without end: what it carried over what it could is its availability.
    base = net.scenario(
        net.farm("depot", 1e9, g=1e8), net.customer("works", 1e9), net.line("spur", "depot", "works", 100.0, dispatch="push"),
        days=horizon, random_disruptions=(fault,),
    )  # fmt: skip
    shares = []
    for replication in range(REPLICATIONS):
        log = simulate(under_fate(base, plain, replication))
        flow = next(f for f in log.flows if f.asset == "spur")
        ends = (*flow.days[1:], log.end_day)
        carried = sum(rate * (end - day) for rate, day, end in zip(flow.rate, flow.days, ends, strict=True))
        shares.append(carried / (100.0 * horizon))
    fails, mends = 1 / up, 1 / down
    both = fails + mends
    expected = mends / both + fails / (both**2 * horizon) * (1 - math.exp(-both * horizon))
    half = t_quantile(0.99, REPLICATIONS - 1) * float(np.std(shares, ddof=1)) / math.sqrt(REPLICATIONS)
    assert abs(float(np.mean(shares)) - expected) < half
    assert half < 0.02, "an interval as wide as this says nothing"


def test_probability_of_running_out_as_of_a_newsvendor(plain: Experiment) -> None:
    """A month's plan against a month's uncertain supply: it falls short with the probability that supply is below the plan."""
    mean, sd, plan = 100.0, 0.15, 31 * 110.0
    base = net.scenario(
        net.farm("depot", 1e9), net.supplier("field", "depot", mean), net.customer("works", 1e9),
        net.line("spur", "depot", "works", 1e6), net.month("works", plan),
    )  # fmt: skip
    experiment = replace(plain, noise=(noise("production", ("field",), Spread("normal", (1.0, sd))),))
    short = 0
    for replication in range(REPLICATIONS):
        account = net.account(simulate(under_fate(base, experiment, replication)), "works")
        short += account.delivered_t < plan - 1e-6
    expected = 0.5 * (1 + math.erf((plan / (31 * mean) - 1) / sd / math.sqrt(2)))
    low, high = wilson(short, REPLICATIONS, 0.99)
    assert low < expected < high
    assert high - low < 0.15


# --- laws


def test_the_seed_of_a_run_without_replications_is_the_scenario_s_own(plain: Experiment) -> None:
    assert fate_seed(replace(plain, replications=None), 0, 77) == 77
    assert fate_seed(plain, 0, 77) != 77
    assert fate_seed(plain, 0, 77) == fate_seed(plain, 0, 78)
    assert len({fate_seed(plain, r, 0) for r in range(1000)}) == 1000
    assert all(0 <= fate_seed(plain, r, 0) < 2**63 for r in range(1000))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**62), every=st.sampled_from(["run", "month", "day"]))
def test_another_asset_shifts_no_draw(seed: int, every: str) -> None:
    one = noise("production", ("a",), Spread("uniform", (0.5, 1.5)), every)
    two = replace(one, names=("b", "a"))
    assert factors_of(one, seed, "a", 12) == factors_of(two, seed, "a", 12)
    assert factors_of(two, seed, "a", 12) != factors_of(two, seed, "b", 12)
    common = replace(two, together=True)
    assert factors_of(common, seed, "a", 12) == factors_of(common, seed, "b", 12)


def test_a_longer_horizon_shifts_no_draw() -> None:
    one = noise("production", ("a",), Spread("normal", (1.0, 0.2)))
    assert factors_of(one, 3, "a", 24)[:12] == factors_of(one, 3, "a", 12)


def test_factors_are_never_negative() -> None:
    assert min(factors_of(noise("cash", ("a",), Spread("normal", (0.0, 1.0))), 1, "a", 100)) == 0.0


def base_scenario(*more: object) -> Scenario:
    return net.scenario(
        net.farm("depot", 1e9), net.supplier("field", "depot", 100.0), net.supplier("other", "depot", 50.0),
        net.customer("mill", 1e9, offtake="cash", income_yuan_per_day=net.ALWAYS(10.0)), net.line("spur", "depot", "mill"),
        *more, days=59.0,
    )  # fmt: skip


def test_noise_on_production_holds_for_its_month(plain: Experiment) -> None:
    entry = noise("production", ("field",), Spread("uniform", (0.5, 1.5)), "month")
    noisy = under_fate(base_scenario(), replace(plain, noise=(entry,)), 0)
    first, second = factors_of(entry, noisy.seed, "field", 2)
    profile = noisy.suppliers[0].production_t_per_day
    assert [profile.at(day) for day in (0.0, 30.9, 31.0, 58.0)] == [
        100 * first,
        100 * first,
        100 * second,
        100 * second,
    ]
    assert noisy.suppliers[1] == base_scenario().suppliers[1]


def test_noise_on_cash_moves_income_and_receipts_alike(plain: Experiment) -> None:
    receipts = (CashReceipt(customer="mill", day=3.0, yuan=70.0), CashReceipt(customer="mill", day=40.0, yuan=90.0))
    entry = noise("cash", ("mill",), Spread("uniform", (0.5, 1.5)), "month")
    noisy = under_fate(base_scenario(*receipts), replace(plain, noise=(entry,)), 1)
    first, second = factors_of(entry, noisy.seed, "mill", 2)
    assert noisy.customers[0].income_yuan_per_day.at(5.0) == 10 * first
    assert [r.yuan for r in noisy.receipts] == [70 * first, 90 * second]


def test_noise_on_prices_changes_them_when_it_changes(plain: Experiment) -> None:
    prices = (Price(grade="g", day=-5.0, yuan_per_t=100.0), Price(grade="g", day=40.0, yuan_per_t=200.0))
    entry = noise("prices", ("g",), Spread("uniform", (0.5, 1.5)), "month")
    noisy = under_fate(base_scenario(*prices), replace(plain, noise=(entry,)), 1)
    first, second = factors_of(entry, noisy.seed, "g", 2)
    assert [(p.day, p.yuan_per_t) for p in noisy.prices] == [
        (-5.0, 100 * first),
        (31.0, 100 * second),
        (40.0, 200 * second),
    ]


def test_intervals_of_a_probability_cover_it_as_often_as_they_say() -> None:
    """Wilson's interval for n = 50 and p = 0.1, over the binomial distribution itself: no draws."""
    n, p = 50, 0.1
    covered = sum(
        math.comb(n, k) * p**k * (1 - p) ** (n - k)
        for k in range(n + 1)
        if wilson(k, n, 0.95)[0] <= p <= wilson(k, n, 0.95)[1]
    )
    assert 0.93 < covered < 0.99


def test_the_experiment_file_s_noise_is_what_it_says(tmp_path: Path) -> None:
    text = (
        "base: tiny.yaml\nnoise:\n  fields: {of: production, names: [bor*], every: day, factor: constant(value=0.5)}\n"
    )
    read = read_experiment(write_tiny(tmp_path, text))
    noisy = under_fate(read.scenario, read.experiment, 0)
    assert [s.production_t_per_day.at(17.0) for s in noisy.suppliers] == [100.0, 30.0]
