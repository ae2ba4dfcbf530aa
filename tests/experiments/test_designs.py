"""Laws of designs: how many points, where they lie, and that a factor more moves no other."""

from __future__ import annotations

from math import floor, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from chainsim.experiments.designs import variant_count, variants
from chainsim.experiments.distributions import Spread
from chainsim.experiments.experiment import DRAWN, NOWHERE, Design, Experiment, Factor, Level, Questions, Recording
from chainsim.files.tree import Block
from chainsim.model import Label

DRAWN_KINDS = st.sampled_from(DRAWN)


def factor(name: str, levels: int = 0) -> Factor:
    listed = tuple(Level(name=f"{i}", given=float(i), number=float(i)) for i in range(levels))
    spread = None if levels else Spread("uniform", (0.0, 1.0))
    return Factor(name=name, label=Label(), unit="", kind="scale", paths=("x",), levels=listed, spread=spread, whole=False,
                  window=("", ""), place=NOWHERE)  # fmt: skip


def experiment(factors: tuple[Factor, ...], design: Design, seed: int = 0) -> Experiment:
    return Experiment(name="", label=Label(), description="", base=Block(place=NOWHERE), base_path="", factors=factors,
                      design=design, noise=(), replications=None, seed=seed, recording=Recording(kpis=()),
                      questions=Questions(), until=None, most_runs=10_000)  # fmt: skip


def drawn(names: tuple[str, ...], kind: str, points: int, seed: int = 0) -> dict[str, list[float]]:
    made = experiment(tuple(factor(n) for n in names), Design(kind=kind, points=points), seed)  # type: ignore[arg-type]
    found = variants(made)
    assert len(found) == variant_count(made) == points
    return {name: [v.levels[i].number for v in found] for i, name in enumerate(names)}  # type: ignore[union-attr, misc]


@settings(deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_a_grid_has_the_product_of_its_levels_each_once(sizes: list[int]) -> None:
    made = experiment(tuple(factor(f"f{i}", n) for i, n in enumerate(sizes)), Design(kind="grid"))
    found = variants(made)
    assert len(found) == variant_count(made) == prod(sizes)
    assert len({v.levels for v in found}) == len(found)
    assert [v.number for v in found] == list(range(len(found)))


@settings(deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_one_at_a_time_moves_one_factor_at_most(sizes: list[int]) -> None:
    made = experiment(tuple(factor(f"f{i}", n) for i, n in enumerate(sizes)), Design(kind="one_at_a_time"))
    found = variants(made)
    assert len(found) == variant_count(made) == 1 + sum(sizes)
    assert all(level is None for level in found[0].levels)
    assert all(sum(level is not None for level in v.levels) == 1 for v in found[1:])


@settings(deadline=None)
@given(points=st.integers(1, 60), seed=st.integers(0, 99))
def test_a_latin_hypercube_hits_each_stratum_once(points: int, seed: int) -> None:
    for values in drawn(("a", "b", "c"), "latin_hypercube", points, seed).values():
        assert sorted(floor(v * points) for v in values) == list(range(points))


@settings(deadline=None)
@given(power=st.integers(0, 7), seed=st.integers(0, 20))
def test_a_sobol_design_of_a_power_of_two_hits_each_stratum_once(power: int, seed: int) -> None:
    points = 2**power
    made = drawn(("a", "b", "c"), "sobol", points, seed)
    for values in made.values():
        assert sorted(floor(v * points) for v in values) == list(range(points))
    if power >= 2:  # and every pair of the first two dimensions each quarter as often
        quarters = [(floor(a * 2), floor(b * 2)) for a, b in zip(made["a"], made["b"], strict=True)]
        assert {quarters.count(q) for q in set(quarters)} == {points // 4}


@settings(deadline=None)
@given(kind=DRAWN_KINDS, seed=st.integers(0, 99))
def test_the_same_seed_gives_the_same_design_and_another_another(kind: str, seed: int) -> None:
    assert drawn(("a", "b"), kind, 16, seed) == drawn(("a", "b"), kind, 16, seed)
    assert drawn(("a", "b"), kind, 16, seed) != drawn(("a", "b"), kind, 16, seed + 1)


@settings(deadline=None)
@given(kind=DRAWN_KINDS, seed=st.integers(0, 99))
def test_a_factor_more_moves_no_other(kind: str, seed: int) -> None:
    before = drawn(("a", "b"), kind, 16, seed)
    after = drawn(("a", "b", "new"), kind, 16, seed)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("kind", ["latin_hypercube", "monte_carlo"])
def test_a_factor_may_stand_anywhere(kind: str) -> None:
    assert drawn(("new", "b", "a"), kind, 16)["a"] == drawn(("a",), kind, 16)["a"]


@settings(deadline=None)
@given(share=st.floats(0, 1), other=st.floats(0, 1))
def test_quantiles_grow(share: float, other: float) -> None:
    low, high = sorted((share, other))
    for kind, parameters in (
        ("constant", (3.0,)),
        ("uniform", (1.0, 2.0)),
        ("triangular", (0.0, 1.0, 4.0)),
        ("normal", (1.0, 0.2)),
        ("lognormal", (1.0, 0.5)),
        ("exponential", (2.0,)),
        ("weibull", (2.0, 1.5)),
    ):
        spread = Spread(kind, parameters)
        assert not spread.problem()
        assert spread.quantile(low) <= spread.quantile(high)


def test_quantiles_are_those_of_scipy() -> None:
    for spread, other in (
        (Spread("triangular", (1.0, 2.0, 5.0)), stats.triang(0.25, 1.0, 4.0)),
        (Spread("normal", (1.0, 0.2)), stats.norm(1.0, 0.2)),
        (Spread("lognormal", (3.0, 0.5)), stats.lognorm(0.5, scale=3.0)),
        (Spread("exponential", (2.0,)), stats.expon(scale=2.0)),
        (Spread("weibull", (2.0, 1.5)), stats.weibull_min(1.5, scale=2.0)),
    ):
        for share in (0.001, 0.2, 0.5, 0.77, 0.999):
            assert spread.quantile(share) == pytest.approx(other.ppf(share), rel=1e-9)


def test_listed_levels_are_drawn_equally_often() -> None:
    made = experiment((factor("a", 4),), Design(kind="latin_hypercube", points=20))
    names = [v.levels[0].name for v in variants(made)]  # type: ignore[union-attr]
    assert {names.count(name) for name in names} == {5}
