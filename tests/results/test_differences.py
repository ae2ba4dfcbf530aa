"""The difference of two runs: its causes add up to it, a run does not differ from itself, and swapped runs swap signs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from tests.results.hand_made import scenario
from tests.simulation.strategies import scenarios

from chainsim.errors import NoFeasibleAnswerError
from chainsim.model import PlanLine, Profile, Scenario
from chainsim.model.scenario import Disruption
from chainsim.model.values import values_of
from chainsim.results import Difference, Tables, build_tables, check_frame, difference, effects
from chainsim.results.catalogue_difference import DIFFERENCE_TABLES
from chainsim.simulation import simulate

FEW = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
DUST_T = 1e-5
"""A month's causes add up to its shortfall to a gram or so."""


def tables_of(given: Scenario) -> Tables:
    try:
        return build_tables(given, simulate(given))
    except NoFeasibleAnswerError:
        assume(False)
        raise


def without_trouble(given: Scenario) -> Scenario:
    return replace(given, disruptions=(), random_disruptions=())


def with_outage(given: Scenario) -> Scenario:
    outage = Disruption(name="burst", asset="trunk", start=8.0, end=14.5, remaining=0.0, cause="pipeline")
    return replace(given, disruptions=(*given.disruptions, outage))


@pytest.fixture(scope="module")
def pair() -> tuple[Tables, Tables]:
    return tables_of(scenario()), tables_of(with_outage(scenario()))


def assert_adds_up(before: Tables, after: Tables, found: Difference) -> None:
    """The laws of the causes, for every customer, grade and month."""
    keys = ["month", "customer", "grade"]
    books = []
    for tables in (before, after):
        frame = tables.completion
        frame = frame.assign(**{key: frame[key].astype(object) for key in keys[1:]}).set_index(keys)
        books.append(frame[["delivered_t", "shortfall_t", "plan_t"]].astype(float))
    change = books[1].sub(books[0], fill_value=0.0)
    by_account = found.causes.groupby(keys)["delivered_change_t"].sum()
    told = by_account.reindex(change.index, fill_value=0.0)
    assert np.allclose(told, change["delivered_t"], atol=DUST_T, rtol=0)
    assert len(by_account.index.difference(change.index)) == 0
    short = found.causes[~found.causes["cause"].isin(["plan", "over_lift", "unplanned"])]
    told = short.groupby(keys)["change_t"].sum().reindex(change.index, fill_value=0.0)
    assert np.allclose(told, change["shortfall_t"], atol=DUST_T, rtol=0)
    # completion of each customer over the run
    completions = []
    for frame in books:
        sums = frame.groupby("customer").sum()
        completions.append((sums["delivered_t"] / sums["plan_t"]).where(sums["plan_t"] > 0))
    for customer, share in completions[1].sub(completions[0]).dropna().items():
        rows = found.causes[found.causes["customer"] == customer]
        assert rows["completion_change"].sum() == pytest.approx(share, abs=1e-9 + DUST_T)
    # and the figures are those of the tables
    figures = found.figures.set_index(["figure", "subject"])["change"]
    whole = change["delivered_t"].sum()
    assert figures.get(("delivered", ""), 0.0) == pytest.approx(whole, abs=1e-3)


@given(scenarios(most_days=30, most_farms=3, most_customers=3))
@FEW
def test_causes_of_the_change_add_up_to_it(given: Scenario) -> None:
    before, after = tables_of(without_trouble(given)), tables_of(given)
    found = difference(before, after)
    assert_adds_up(before, after, found)


@given(scenarios(most_days=30, most_farms=3, most_customers=3), scenarios(most_days=30, most_farms=3, most_customers=3))
@FEW
def test_causes_add_up_between_networks_that_share_little(one: Scenario, other: Scenario) -> None:
    before, after = tables_of(one), tables_of(other)
    assert_adds_up(before, after, difference(before, after))


@given(scenarios(most_days=30, most_farms=3, most_customers=3))
@FEW
def test_a_run_does_not_differ_from_itself(given: Scenario) -> None:
    one, again = tables_of(given), tables_of(given)
    assert [len(table) for table in difference(one, again).tables.values()] == [0, 0, 0]


@given(scenarios(most_days=30, most_farms=3, most_customers=3))
@FEW
def test_swapped_runs_swap_the_signs(given: Scenario) -> None:
    one, other = tables_of(without_trouble(given)), tables_of(given)
    there, back = difference(one, other), difference(other, one)
    keys = {"figures": ["figure", "subject"], "causes": ["month", "customer", "grade", "cause", "asset"]}
    for name, key in keys.items():
        first, second = (getattr(found, name).set_index(key).sort_index() for found in (there, back))
        assert list(first.index) == list(second.index)
        for column in ("change", "change_t", "delivered_change_t", "completion_change"):
            if column in first:
                assert np.allclose(first[column], -second[column], equal_nan=True, rtol=0, atol=1e-9)
    assert there.inputs["before"].tolist() == back.inputs["after"].tolist() or set(there.inputs["path"]) == set(
        back.inputs["path"]
    )


def test_tables_are_as_declared(pair: tuple[Tables, Tables]) -> None:
    for name, frame in difference(*pair).tables.items():
        check_frame(DIFFERENCE_TABLES[name], frame)
        assert len(frame), name
        assert not frame.duplicated(list(DIFFERENCE_TABLES[name].keys)).any()


def test_the_largest_come_first(pair: tuple[Tables, Tables]) -> None:
    found = difference(*pair)
    assert found.figures["weight"].is_monotonic_decreasing
    assert found.causes["change_t"].abs().is_monotonic_decreasing
    summed = effects(found.causes, "cause", "asset")
    assert ("pipeline", "trunk") in zip(summed["cause"], summed["asset"], strict=True)
    assert summed["delivered_change_t"].sum() == pytest.approx(found.causes["delivered_change_t"].sum())


def test_changed_inputs_are_named(pair: tuple[Tables, Tables]) -> None:
    changed = difference(*pair).inputs.set_index("path")
    assert changed.loc["disruptions.burst.asset"].tolist() == ["", "trunk"]
    assert changed.loc["disruptions.burst.end"].tolist() == ["", "2008-01-15 12:00"]
    assert not changed.index.str.contains("alpha").any()


def test_a_changed_plan_is_a_cause_of_its_own() -> None:
    base = scenario()
    first = base.plan[0]
    more = replace(base, plan=(replace(first, tonnes=first.tonnes + 700.0), *base.plan[1:]))
    before, after = tables_of(base), tables_of(more)
    found = difference(before, after)
    assert_adds_up(before, after, found)
    planned = found.causes[found.causes["cause"] == "plan"]
    assert planned["change_t"].tolist() == [pytest.approx(700.0)]
    assert planned["completion_change"].tolist() == [0.0]
    (path,) = [path for path in found.inputs["path"] if path.startswith("plan.")]
    assert path == f"plan.{first.customer}.{first.grade}.2008-01.tonnes"


def test_only_the_step_that_changed_is_named() -> None:
    base = scenario()
    trunk = next(line for line in base.pipelines if line.name == "trunk")
    stepped = Profile((0.0, 5.0, 9.25), (1000.0, 800.0, 1000.0))
    one = replace(
        base, pipelines=tuple(replace(p, capacity_t_per_day=stepped) if p is trunk else p for p in base.pipelines)
    )
    other_profile = Profile((0.0, 5.0, 9.25), (1000.0, 600.0, 1000.0))
    other = replace(
        base, pipelines=tuple(replace(p, capacity_t_per_day=other_profile) if p is trunk else p for p in base.pipelines)
    )
    first, second = values_of(one), values_of(other)
    changed = {path for path in first if first[path] != second[path]}
    assert changed == {"pipelines.trunk.capacity_t_per_day.2008-01-06"}
    assert "pipelines.trunk.capacity_t_per_day.2008-01-10 06:00" in first


def test_every_value_has_a_path_of_its_own() -> None:
    base = scenario()
    twice = replace(base, plan=(*base.plan, PlanLine(**{f: getattr(base.plan[0], f) for f in base.plan[0].__slots__})))
    assert len(values_of(twice)) == len(values_of(base)) + 1
    assert isinstance(difference(tables_of(base), tables_of(base)).figures, pd.DataFrame)
