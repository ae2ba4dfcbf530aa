"""One grade, no transit, no loss: the levels against networkx's min-cost flow on the time-expanded graph, in integers.

The graph has a node for every farm and month and, for every customer, a chain of months with demand nodes: a tonne early runs
forward along the chain as far as the over-lift band lets it, a tonne late runs backward at the price of one tonne·month a month,
and what never comes enters at the end of the last month. Levels are digits of one integer price, so that a single
min-cost flow is lexicographic. Every customer is a class of its own, so that evenness has nothing to decide.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.optimization.networks import Found, case_at_start, solve
from tests.simulation.networks import START, customer, farm, line, month, scenario, supplier
from tests.simulation.strategies import Dice

from chainsim.model import Scenario
from chainsim.model.plan import next_month
from chainsim.optimization.case import Case, Settings

FEW = settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=1_000)
OVER_LIFT = 0.5
ASKED = Settings(over_lift=OVER_LIFT, holding_yuan_per_t_day=1.0, few_lines=False)
DIGIT = 10**12
"""No level of these cases comes near it."""
MONTHS = (START, next_month(START), next_month(next_month(START)))
DAYS = (31, 28, 31)


def best_levels(case: Case) -> dict[str, float]:
    """The levels by min-cost flow. Amounts must be whole tonnes."""
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    customers = [holder.spec for holder in case.customers]
    names = [
        "safety",
        *(f"completion {c.priority}" for c in sorted(customers, key=lambda c: c.priority)),
        "change",
        "cost",
    ]
    digit = {name: DIGIT ** (len(names) - 1 - i) for i, name in enumerate(names)}
    prices: dict[tuple[Any, Any, int], dict[str, int]] = {}
    months = range(len(case.grid.buckets))
    constant: Counter[str] = Counter()

    def arc(tail: Any, head: Any, most: float | None, **price: int) -> None:
        named = {name.replace("_", " "): amount for name, amount in price.items()}
        limit = {} if most is None else {"capacity": whole(most)}
        key = graph.add_edge(tail, head, weight=sum(digit[n] * amount for n, amount in named.items()), **limit)
        prices[tail, head, key] = named

    for supplied in case.scenario.suppliers:
        for b in months:
            arc("source", (supplied.farm, b), case.supply_t[supplied.name][b], safety=-2)
            constant["safety"] += 2 * whole(case.supply_t[supplied.name][b])
    for holder in case.farms:
        name, heel = holder.spec.name, holder.heel_t.get("g", 0.0)
        graph.add_node((name, 0), demand=-whole(holder.opening_t["g"] - heel))
        for b in months:
            days = whole(case.grid.buckets[b].days)
            arc((name, b), (name, b + 1) if b + 1 in months else "sink", holder.safe_fill_t[b] - heel, cost=days)
            constant["cost"] += whole(heel) * days
    for pipe in case.lines:
        for b in months:
            least, most = pipe.minimum_t[b], pipe.capacity_t[b]
            tariff = whole(pipe.spec.tariff_yuan_per_t)
            arc((pipe.spec.origin, b), (pipe.spec.destination, b), least, safety=-1, cost=tariff)
            arc((pipe.spec.origin, b), (pipe.spec.destination, b), most - least, cost=tariff)
            constant["safety"] += whole(least)
    for c in customers:
        late = {f"completion_{c.priority}": 1}
        for b in months:
            plan = case.plan_t[c.name, "g", b]
            arc((c.name, b), (c.name, "plan", b), plan, change=-1)
            arc((c.name, b), (c.name, "plan", b), None, change=1)
            constant["change"] += whole(plan)
            graph.nodes[c.name, "plan", b]["demand"] = whole(plan)
            if b + 1 in months:
                arc((c.name, "plan", b), (c.name, "plan", b + 1), OVER_LIFT * plan)
                arc((c.name, "plan", b + 1), (c.name, "plan", b), None, **late)
            else:
                arc((c.name, "plan", b), "sink", OVER_LIFT * plan)
                arc("source", (c.name, "plan", b), None, **late)
    forced = sum(data.get("demand", 0) for _, data in graph.nodes(data=True))
    enough = 10**9
    graph.nodes["source"]["demand"] = -enough
    graph.add_node("sink", demand=enough - forced)
    graph.add_edge("source", "sink", weight=0)
    flow = nx.network_simplex(graph)[1]
    value = Counter(constant)
    for (tail, head, key), price in prices.items():
        for name, amount in price.items():
            value[name] += amount * flow[tail][head][key]
    return {name: value[name] / 2 if name == "safety" else float(value[name]) for name in names}


def whole(amount: float) -> int:
    """``amount`` as the integer it is."""
    assert abs(amount - round(amount)) < 1e-6, amount
    return round(amount)


def check(subject: Scenario) -> Found:
    """The optimizer's levels equal the oracle's."""
    case = case_at_start(subject, settings=ASKED)
    found = solve(case)
    expected = best_levels(case)
    got = {name: value for name, value in found.levels.items() if not name.startswith("evenness")}
    assert got == pytest.approx(expected, rel=1e-7, abs=1e-3)
    return found


def plans(name: str, *tonnes: float) -> list[Any]:
    return [month(name, amount, when=when) for amount, when in zip(tonnes, MONTHS, strict=False)]


def refinery(name: str, priority: int) -> Any:
    return customer(name, priority=priority, runs_t_per_day=None)


def test_a_line_that_is_too_small() -> None:
    subject = scenario(
        supplier("s", "f", 100), farm("f"), line("l", "f", "c", 60, tariff_yuan_per_t=3), refinery("c", 1),
        *plans("c", 3100),
    )  # fmt: skip
    found = check(subject)
    assert found.levels["completion 1"] == pytest.approx(3100 - 31 * 60)


def test_parallel_lines_the_cheap_one_first() -> None:
    subject = scenario(
        supplier("s", "f", 100), farm("f"), line("dear", "f", "c", 60, tariff_yuan_per_t=5),
        line("cheap", "f", "c", 50, tariff_yuan_per_t=3), refinery("c", 1), *plans("c", 3100),
    )  # fmt: skip
    found = check(subject)
    assert found.solved.value(found.program.of("x")["cheap", "g", 0]) == pytest.approx(31 * 50)


def test_farms_in_a_row_and_a_full_tank() -> None:
    subject = scenario(
        supplier("s", "a", 100), supplier("t", "b", 20), farm("a", 500), farm("b", 300), line("ab", "a", "b", 40),
        line("bc", "b", "c", 45), line("bd", "b", "d", 10, minimum_t_per_day=5), refinery("c", 2), refinery("d", 1),
        *plans("c", 2000, 2000, 2000), *plans("d", 300, 300, 300), days=90.0,
    )  # fmt: skip
    check(subject)


def test_a_late_month_is_made_up_and_a_rich_one_runs_ahead() -> None:
    more = replace(supplier("s", "f", 0), production_t_per_day=_steps((0, 20), (31, 100), (59, 10)))
    subject = scenario(
        more, farm("f", 400), line("l", "f", "c", 200), refinery("c", 1), *plans("c", 1000, 1000, 1000), days=90.0
    )
    found = check(subject)
    assert found.levels["completion 1"] > 0 < found.levels["change"]


def _steps(*steps: tuple[float, float]) -> Any:
    from chainsim.model import Profile

    return Profile(tuple(float(day) for day, _ in steps), tuple(float(value) for _, value in steps))


@st.composite
def networks(draw: Any) -> Scenario:
    """Farms from which oil flows to later ones, lines side by side, customers each in its class; whole tonnes throughout."""
    dice = Dice(draw)
    farms, customers, months = dice.upto(3, 1), dice.upto(3, 1), dice.upto(3, 1)
    rates = (20, 10, 5, 40, 0, 7)
    parts: list[Any] = []
    for i in range(farms):
        limit = dice.one((100_000, 100, 300, 1_000))
        opening = dice.one((0, 50, 100))
        heel = dice.one((0, 0, 50)) if opening else 0
        parts.append(farm(f"f{i}", float(limit), heel=float(heel), g=float(opening)))
    for i in range(dice.upto(3, 1)):
        steps = {0: dice.one(rates)} | ({31: dice.one(rates)} if dice.chance(40) else {})
        parts.append(
            replace(supplier(f"s{i}", f"f{dice.upto(farms - 1)}", 0), production_t_per_day=_steps(*steps.items()))
        )
    count = 0
    ends = [(i, f"f{j}") for j in range(1, farms) for i in range(j) if i == j - 1 or dice.chance(30)]
    ends += [(i, f"c{j}") for j in range(customers) for i in range(farms) if i == farms - 1 or dice.chance(30)]
    for origin, end in ends:
        for _ in range(2 if dice.chance(25) else 1):
            capacity = dice.one((30, 10, 5, 1_000, 0))
            least = dice.one((0, 0, 3, 8))
            tariff = dice.one((0, 3, 5, 20))
            parts.append(
                line(
                    f"l{count}", f"f{origin}", end, capacity,
                    minimum_t_per_day=float(min(least, capacity)), tariff_yuan_per_t=float(tariff),
                )
            )  # fmt: skip
            count += 1
    ranks = draw(st.permutations(range(1, customers + 1)))
    for j in range(customers):
        parts.append(refinery(f"c{j}", ranks[j]))
        parts += plans(f"c{j}", *(float(dice.one((400, 100, 800, 1_200))) for _ in range(months)))
    return scenario(*parts, days=float(sum(DAYS[:months])))


@FEW
@given(networks())
def test_random_networks(subject: Scenario) -> None:
    check(subject)


@pytest.mark.slow
@MANY
@given(networks())
def test_many_random_networks(subject: Scenario) -> None:
    check(subject)
