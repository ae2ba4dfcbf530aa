"""Tiny cases against every delivery plan on a lattice: two refineries, one or two grades, two months.

A plan says what each refinery receives of each grade in each month. A grade is bought as early as there is room for it, which
no other way of buying beats; so a plan alone decides whether it is feasible, what is shut in, how late everybody is, how
evenly, and what changes. Cases are such that the best plan lies on the lattice; elsewhere the program must be no worse.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import numpy as np
import pytest
from tests.optimization.networks import case_at_start, solve
from tests.simulation.networks import customer, farm, grade, line, month, scenario

from chainsim.model import Profile, Scenario, Supplier
from chainsim.optimization.case import Settings

OVER_LIFT = 0.5
WHEN = (date(2026, 1, 1), date(2026, 2, 1))
DAYS = (31.0, 28.0)
Line = tuple[str, str]
"""(refinery, grade)."""


@dataclass(frozen=True)
class Tiny:
    """Tonnes by month: what fields can deliver by grade, what the trunk and each refinery's own line carry, what is planned.

    Each grade has tanks of its own for ``room`` tonnes. ``classes`` are the refineries' priorities.
    """

    supply: dict[str, tuple[float, float]]
    trunk: tuple[float, float]
    own: dict[str, tuple[float, float]]
    plan: dict[Line, tuple[float, float]]
    classes: dict[str, int]
    room: float = 0.0
    step: float = 10.0

    def scenario(self) -> Scenario:
        """The case as the optimizer reads it."""
        return scenario(
            *(grade(g) for g in self.supply),
            *(Supplier(name=f"s{g}", grade=g, farm="f", production_t_per_day=_rates(t)) for g, t in self.supply.items()),
            replace(farm("f", storage="own"), grade_safe_fill_t=dict.fromkeys(self.supply, self.room)),
            farm("j", storage="junction"),
            line("trunk", "f", "j", _rates(self.trunk)),
            *(line(f"l{c}", "j", c, _rates(most)) for c, most in self.own.items()),
            *(customer(c, grades=tuple(self.supply), priority=self.classes[c]) for c in self.own),
            *(month(c, t, g, when) for (c, g), tonnes in self.plan.items() for when, t in zip(WHEN, tonnes, strict=True)),
            days=59.0,
        )  # fmt: skip


def _rates(tonnes: tuple[float, float]) -> Profile:
    return Profile((0.0, DAYS[0]), tuple(t / d for t, d in zip(tonnes, DAYS, strict=True)))


def best_plan(tiny: Tiny) -> tuple[float, ...]:
    """The best figures of any plan on the lattice: shut in; late by class; lags by class, the worst first; changed."""
    keys = list(tiny.plan)
    grid = []
    for key in keys:
        most = (1.0 + OVER_LIFT) * max(tiny.plan[key]) + tiny.plan[key][0]
        grid += [np.arange(0.0, min(max(tiny.own[key[0]]), most) + tiny.step / 2, tiny.step)] * 2
    plans = np.array(list(product(*grid))).reshape(-1, len(keys), 2)
    good = np.ones(len(plans), dtype=bool)
    planned = np.array([tiny.plan[key] for key in keys])
    ahead = np.cumsum(plans, axis=2) - np.cumsum(planned, axis=1)
    good &= (ahead <= OVER_LIFT * planned + 1e-9).all(axis=(1, 2))
    good &= (plans.sum(axis=1) <= np.array(tiny.trunk) + 1e-9).all(axis=1)
    for c, most in tiny.own.items():
        mine = [i for i, key in enumerate(keys) if key[0] == c]
        good &= (plans[:, mine].sum(axis=1) <= np.array(most) + 1e-9).all(axis=1)
    shut_in = np.zeros(len(plans))
    for g, supply in tiny.supply.items():
        out = plans[:, [i for i, key in enumerate(keys) if key[1] == g]].sum(axis=1)
        stock = np.zeros(len(plans))
        for m in range(2):
            bought = np.minimum(supply[m], tiny.room - stock + out[:, m])
            stock = stock + bought - out[:, m]
            good &= stock >= -1e-9
            shut_in += supply[m] - bought
    late = np.maximum(0.0, -ahead).sum(axis=2)
    figures = [shut_in]
    for rank in sorted(set(tiny.classes.values())):
        figures.append(late[:, [i for i, (c, _) in enumerate(keys) if tiny.classes[c] == rank]].sum(axis=1))
    for rank in sorted(set(tiny.classes.values())):
        mine = [i for i, (c, _) in enumerate(keys) if tiny.classes[c] == rank]
        lags = late[:, mine] / planned.mean(axis=1)[mine]
        figures += list(-np.sort(-lags, axis=1).T)
    figures.append(np.abs(plans - planned).sum(axis=(1, 2)))
    table = np.round(np.array(figures)[:, good], 9)
    assert table.shape[1]
    return tuple(float(x) for x in table[:, np.lexsort(table[::-1])[0]])


def found_plan(tiny: Tiny) -> tuple[float, ...]:
    """The same figures of the optimizer's plan."""
    found = solve(case_at_start(tiny.scenario(), settings=Settings(over_lift=OVER_LIFT)))
    figures = [found.levels["safety"]]
    ranks = sorted(set(tiny.classes.values()))
    figures += [found.levels[f"completion {rank}"] for rank in ranks]
    lags = found.lags()
    for rank in ranks:
        own = sorted((lag for (c, _), lag in lags.items() if tiny.classes[c] == rank), reverse=True)
        assert found.levels[f"evenness {rank}"] == pytest.approx(own[0], abs=1e-6)
        figures += own
    figures.append(sum(abs(tonnes) for tonnes in found.changes.values()))
    assert figures[-1] == pytest.approx(found.levels["change"], abs=1e-6)
    return tuple(figures)


AB = {"a": (1e3, 1e3), "b": (1e3, 1e3)}
TINY = {
    "enough": Tiny({"g": (60, 60)}, (100, 100), AB, {("a", "g"): (30, 30), ("b", "g"): (30, 30)}, {"a": 1, "b": 1}),
    "short for all": Tiny({"g": (40, 40)}, (100, 100), AB, {("a", "g"): (40, 40), ("b", "g"): (40, 40)}, {"a": 1, "b": 1}),
    "short by class": Tiny({"g": (40, 60)}, (100, 100), AB, {("a", "g"): (40, 40), ("b", "g"): (40, 40)}, {"a": 2, "b": 1}),
    "one to two": Tiny({"g": (60, 60)}, (60, 60), AB, {("a", "g"): (30, 30), ("b", "g"): (60, 60)}, {"a": 1, "b": 1}),
    "own line": Tiny({"g": (90, 90)}, (90, 90), {"a": (10, 10), "b": (90, 90)},
                     {("a", "g"): (50, 50), ("b", "g"): (70, 70)}, {"a": 1, "b": 1}),
    "too much comes": Tiny({"g": (90, 20)}, (100, 100), AB, {("a", "g"): (30, 30), ("b", "g"): (30, 30)},
                           {"a": 1, "b": 2}, room=10),
    "made up late": Tiny({"g": (20, 100)}, (100, 100), AB, {("a", "g"): (40, 20), ("b", "g"): (20, 40)},
                         {"a": 1, "b": 1}, room=20),
    "two grades": Tiny({"g": (40, 40), "h": (20, 20)}, (40, 60), AB,
                       {("a", "g"): (20, 20), ("b", "g"): (20, 20), ("b", "h"): (20, 20)}, {"a": 1, "b": 1},
                       room=20, step=20 / 3),
    "two grades by class": Tiny({"g": (40, 40), "h": (40, 20)}, (40, 60), AB,
                                {("a", "g"): (20, 20), ("a", "h"): (20, 20), ("b", "g"): (20, 20)}, {"a": 2, "b": 1},
                                room=40),
}  # fmt: skip


@pytest.mark.parametrize("name", TINY)
def test_as_good_as_the_best_of_all_plans(name: str) -> None:
    assert found_plan(TINY[name]) == pytest.approx(best_plan(TINY[name]), abs=1e-5)


@pytest.mark.parametrize("seed", range(30))
def test_no_worse_than_any_plan_on_the_lattice(seed: int) -> None:
    """Drawn amounts, for which the best plan may lie between the lattice's points: the first figure that differs is better."""
    drawn = np.random.default_rng(seed)

    def tonnes(most: int) -> tuple[float, float]:
        a, b = 10.0 * drawn.integers(1, most + 1, size=2)
        return float(a), float(b)

    tiny = Tiny(
        {"g": tonnes(8)}, tonnes(9), {"a": tonnes(6), "b": tonnes(6)}, {("a", "g"): tonnes(5), ("b", "g"): tonnes(5)},
        {"a": 1, "b": int(drawn.integers(1, 3))}, room=float(drawn.choice([0, 10, 30])), step=5.0,
    )  # fmt: skip
    ours, best = found_plan(tiny), best_plan(tiny)
    differing = next(((a, b) for a, b in zip(ours, best, strict=True) if abs(a - b) > 1e-5), (0.0, 0.0))
    assert differing[0] <= differing[1], (ours, best)
