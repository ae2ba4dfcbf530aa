"""What the network itself allows: by hand, and against brute force and a linear program on random networks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import highspy
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.results.hand_made import log
from tests.results.hand_made import scenario as hand_made
from tests.simulation.networks import ALWAYS, customer, farm, grade, line, month, outage, scenario, supplier
from tests.simulation.strategies import scenarios

from chainsim import workflow
from chainsim.cli.network import network_lines
from chainsim.files import load_scenario
from chainsim.model import Profile, RailRoute, Railway, Scenario
from chainsim.model.plan import courses, months_of
from chainsim.network import (
    Obstacle,
    bottlenecks,
    carriers,
    dependencies,
    graph_of,
    unreached,
    unreached_problems,
)
from chainsim.network.graph import SOURCE, mean_over
from chainsim.network.messages import OBSTACLES, obstacle_texts
from chainsim.results import build_tables
from chainsim.workflow import Checked

RANDOM = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
THOROUGH = settings(RANDOM, max_examples=600, phases=tuple(Phase))
GRAMS_T = 1e-3
"""Rounding to whole grams, a few at each link, and the linear program's own tolerance."""
FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
WESTERN = Path(__file__).resolve().parents[1] / "scenarios" / "western"


def rail(terminal: str, *customers: str, paths: float = 4.0, **more: object) -> Railway:
    """Trains of 100 t; the rack loads two a day, the fleet has ten."""
    routes = tuple(RailRoute(customer=c, transit_days=2.0, cycle_days=5.0) for c in customers)
    return Railway(
        name="rail",
        terminal=terminal,
        spots=1,
        hours_per_train=12.0,
        paths_per_day=ALWAYS(paths),
        wagons=105,
        wagons_per_train=10,
        tonnes_per_wagon=10.0,
        routes=routes,
        **more,  # type: ignore[arg-type]
    )


# --- the graph


def test_capacities_are_means_net_of_outages() -> None:
    trunk = line("trunk", "hub", "a", Profile((0.0, 10.0), (100.0, 50.0)))
    parts = supplier("s", "hub", 70.0), farm("hub"), trunk, customer("a")
    case = scenario(*parts, outage("trunk", 15.0, 20.0, "pipeline"), outage("s", 0.0, 2.0, "source", 0.5), days=20.0)
    graph = graph_of(case, "g")
    assert graph.edges["hub", "trunk"]["capacity_t_per_day"] == (10 * 100 + 5 * 50) / 20
    assert graph.edges[SOURCE, "s"]["capacity_t_per_day"] == (70 * 18 + 35 * 2) / 20
    assert graph_of(case, "g", outages=False).edges["hub", "trunk"]["capacity_t_per_day"] == 75.0
    assert graph_of(case, "g", (5.0, 10.0)).edges["hub", "trunk"]["capacity_t_per_day"] == 100.0
    assert "capacity_t_per_day" not in graph.edges["trunk", "a"]


def test_a_railway_s_limits_stand_once_for_all_its_customers() -> None:
    case = scenario(
        supplier("s", "hub", 1e4), farm("hub"), rail("hub", "a", "b"), customer("a"), customer("b"),
        outage("rail.rack", 0.0, 10.0, "loading", 0.5), outage("rail", 5.0, 15.0, "railway", 0.25),
        outage("rail.a", 0.0, 10.0, "railway"), days=20.0,
    )  # fmt: skip
    graph = graph_of(case, "g")
    assert graph.edges["hub", "rail"]["capacity_t_per_day"] == 10 * 100 / 5
    assert graph.edges["rail", "rail.rack"]["capacity_t_per_day"] == 200 * (5 * 0.5 + 10 * 0.25 + 5) / 20
    assert graph.edges["rail.rack", "rail.paths"]["capacity_t_per_day"] == 400 * (5 + 10 * 0.25 + 5) / 20
    assert graph.edges["rail.paths", "rail.a"]["capacity_t_per_day"] == 100.0
    assert graph.edges["rail.paths", "rail.b"]["capacity_t_per_day"] == 200.0
    assert {graph.nodes[n]["asset"] for n in ("rail", "rail.rack", "rail.paths", "rail.a")} == {"rail"}


def test_only_what_carries_the_grade_is_in_its_graph() -> None:
    case = scenario(
        grade("g"), grade("h"), supplier("s", "hub", 1.0), supplier("t", "hub", 1.0, "h"), farm("hub"),
        line("to_a", "hub", "a", grades=("g",)), line("to_b", "hub", "b"), customer("a"), customer("b", grades=("h",)),
    )  # fmt: skip
    assert {"s", "to_a"} <= set(graph_of(case, "g")) and not {"t", "to_b"} & set(graph_of(case, "g"))
    assert {"t", "to_b"} <= set(graph_of(case, "h")) and not {"s", "to_a"} & set(graph_of(case, "h"))
    assert {"s", "t", "to_a", "to_b"} <= set(graph_of(case, None))


@RANDOM
@given(st.data())
def test_a_mean_is_that_of_many_samples(data: st.DataObject) -> None:
    quarter = st.integers(0, 40).map(lambda n: n / 4)
    days = sorted(data.draw(st.sets(quarter, min_size=1, max_size=4)))
    profile = Profile(tuple(days), tuple(data.draw(st.sampled_from((0.0, 1.0, 7.5))) for _ in days))
    windows = [(*sorted(pair), data.draw(st.sampled_from((0.0, 0.5, 0.9)))) for pair in data.draw(st.lists(st.tuples(quarter, quarter), max_size=3))]  # fmt: skip # noqa: E501
    start, end = data.draw(st.tuples(quarter, quarter).filter(lambda p: p[0] < p[1]))
    samples = np.arange(start + 0.125, end, 0.25)
    values = [profile.at(d) * min((r for a, b, r in windows if a <= d < b), default=1.0) for d in samples]
    assert mean_over(profile, windows, start, end) == pytest.approx(np.mean(values))


# --- plan lines that no oil can reach


def obstacles(case: Scenario) -> list[Obstacle]:
    return [found.obstacle for found in unreached(case)]


def test_what_is_in_the_way_is_named() -> None:
    parts = grade("g"), grade("h"), supplier("s", "hub", 10.0), farm("hub"), farm("depot"), customer("a", grades=("g",))
    to_depot, to_a = line("trunk", "hub", "depot", grades=("g",)), line("spur", "depot", "a", grades=("g",))
    assert obstacles(scenario(*parts, to_depot, to_a, month("a", 10.0))) == []
    assert obstacles(scenario(*parts, to_depot, month("a", 10.0))) == [Obstacle("no_way", "a")]
    assert obstacles(scenario(*parts, to_depot, to_a, month("a", 10.0, "h"))) == [Obstacle("no_source", "h")]
    other = line("trunk", "hub", "depot", grades=("h",))
    assert obstacles(scenario(*parts, other, to_a, month("a", 10.0))) == [Obstacle("other_grades", "trunk", "hub")]
    closed = line("spur", "depot", "a", 0.0)
    assert obstacles(scenario(*parts, to_depot, closed, month("a", 10.0))) == [Obstacle("closed", "spur", "depot")]
    stopped = outage("s", -1.0, 40.0, "source")
    assert obstacles(scenario(*parts, to_depot, to_a, month("a", 10.0), stopped)) == [Obstacle("closed", "s")]
    foreign = customer("a", grades=("h",))
    case = scenario(*parts[:-1], foreign, to_depot, line("spur", "depot", "a"), month("a", 10.0))
    assert obstacles(case) == [Obstacle("not_accepted", "a", "spur")]


def test_the_way_with_the_fewest_obstacles_counts_and_its_first() -> None:
    parts = supplier("s", "hub", 10.0), farm("hub"), farm("near"), farm("far"), customer("a"), month("a", 1.0)
    two = line("l1", "hub", "far", 0.0), line("l2", "far", "a", 0.0)
    one = line("l3", "hub", "near"), line("l4", "near", "a", 0.0)
    assert obstacles(scenario(*parts, *two)) == [Obstacle("closed", "l1", "hub")]
    assert obstacles(scenario(*parts, *two, *one)) == [Obstacle("closed", "l4", "near")]


def test_a_link_must_be_open_in_time() -> None:
    opens = line("l", "hub", "a", Profile((0.0, 31.0), (0.0, 5.0)))
    case = scenario(supplier("s", "hub", 1.0), farm("hub"), opens, customer("a"), month("a", 1.0), month("a", 1.0, when=FEBRUARY), days=59.0)  # fmt: skip # noqa: E501
    assert [found.index for found in unreached(case)] == [0]
    # What came to the depot in January may go on in February.
    early = line("trunk", "hub", "depot", Profile((0.0, 31.0), (5.0, 0.0)))
    later = scenario(supplier("s", "hub", 1.0), farm("hub"), farm("depot"), early, line("l", "depot", "a"), customer("a"), month("a", 1.0, when=FEBRUARY), days=59.0)  # fmt: skip # noqa: E501
    assert unreached(later) == ()
    # A train that left in January arrives in February.
    stopped = outage("rail.a", 31.0, 59.0, "railway")
    trains = scenario(supplier("s", "hub", 1.0), farm("hub"), rail("hub", "a"), customer("a"), month("a", 1.0, when=FEBRUARY), stopped, days=59.0)  # fmt: skip # noqa: E501
    assert unreached(trains) == ()


def test_stock_and_line_fill_reach_too_and_via_binds() -> None:
    stocked = scenario(farm("hub", g=50.0), line("l", "hub", "a"), customer("a"), month("a", 1.0))
    assert unreached(stocked) == ()
    filled = line("l", "hub", "a", line_fill_t=5.0, contents_t=(("g", 5.0),))
    assert unreached(scenario(farm("hub"), filled, customer("a"), month("a", 1.0))) == ()
    shut = replace(filled, capacity_t_per_day=ALWAYS(0.0))
    assert obstacles(scenario(farm("hub"), shut, customer("a"), month("a", 1.0))) == [Obstacle("closed", "l")]
    parts = supplier("s", "hub", 1.0), farm("hub"), line("l", "hub", "a"), line("m", "hub", "a", 0.0), customer("a")
    via = replace(month("a", 1.0), via="m")
    assert obstacles(scenario(*parts, via)) == [Obstacle("closed", "m", "hub")]


def test_an_obstacle_is_told_once_in_both_languages() -> None:
    lines = [month("a", 1.0), month("a", 1.0, when=FEBRUARY)]
    case = scenario(
        supplier("s", "hub", 1.0), farm("hub"), line("l", "hub", "a", 0.0), customer("a"), *lines, days=59.0
    )
    (problem,) = unreached_problems(case)
    assert problem.path == "plan[0]"
    assert problem.message == (
        "no oil can reach this plan line: it comes as far as hub; l is closed all that time (likewise 1 more of its lines)"
    )
    assert problem.message_zh == "没有油能完成这条计划：可到 hub；l 在此期间关闭（另有 1 条相同）"
    first = unreached(case)[0]
    for reason in OBSTACLES:
        english, chinese = obstacle_texts(replace(first, obstacle=Obstacle(reason, "x", "y")))
        assert english.isascii() and not chinese.isascii()
    assert obstacle_texts(replace(first, obstacle=Obstacle("closed", "s")))[0] == "s delivers nothing all that time"


def open_at_some_time(case: Scenario, profile: Profile, asset: str, start: float, end: float) -> bool:
    """Whether anything passes within [start, end), looked at between all changes."""
    days = {start, *profile.days, *(d for w in case.disruptions for d in (w.start, w.end))}
    return any(
        profile.at(d) > 0
        and all(w.remaining > 0 for w in case.disruptions if w.asset == asset and w.start <= d < w.end)
        for d in days
        if start <= d < end
    )


def reached_by_search(case: Scenario, index: int) -> bool:
    """Whether a plan line's oil can come, by spreading from place to place until nothing changes."""
    wanted = case.plan[index]
    start, end = max(0.0, case.day_of(wanted.start)), min(case.end_day, case.day_of(wanted.end))
    taker = next(c for c in case.customers if c.name == wanted.customer)
    if wanted.grade not in taker.grades:
        return False

    def passes(name: str, profile: Profile, since: float) -> bool:
        return open_at_some_time(case, profile, name, since, end)

    at = {f.name for f in case.farms if f.opening_t.get(wanted.grade, 0.0) > 0}
    at |= {s.farm for s in case.suppliers if s.grade == wanted.grade and passes(s.name, s.production_t_per_day, 0.0)}
    while True:
        more = set()
        for p in case.pipelines:
            since = start if p.destination == wanted.customer else 0.0
            filled = any(g == wanted.grade and t > 0 for g, t in p.contents_t)
            brings = p.origin in at and wanted.grade in (p.grades or (wanted.grade,))
            if (brings or filled) and passes(p.name, p.capacity_t_per_day, since):
                more.add(p.destination)
        for r in case.railways:
            if r.terminal in at:
                rack = open_parts(case, [r.name, f"{r.name}.rack"], ALWAYS(1.0), end)
                if rack and open_parts(case, [r.name, f"{r.name}.paths"], r.paths_per_day, end):
                    more |= {
                        q.customer
                        for q in r.routes
                        if passes(f"{r.name}.{q.customer}", ALWAYS(1.0), max(0.0, start - q.transit_days))
                    }
        if more <= at:
            return wanted.customer in at
        at |= more


def open_parts(case: Scenario, assets: Iterable[str], profile: Profile, end: float) -> bool:
    """As ``open_at_some_time`` for a part of a railway, which the whole's disruptions stop too."""
    joined = [replace(w, asset="part") for w in case.disruptions if w.asset in set(assets)]
    return open_at_some_time(replace(case, disruptions=tuple(joined)), profile, "part", 0.0, end)


def check_reach(case: Scenario) -> None:
    found = {u.index for u in unreached(case)}
    asked = [i for i, p in enumerate(case.plan) if p.tonnes > 0 and case.day_of(p.start) < case.end_day]
    assert found == {i for i in asked if not reached_by_search(case, i)}


def with_closed_links(case: Scenario, share: int) -> Scenario:
    """Every ``share``-th pipeline shut for good: strategies close few."""
    shut = tuple(
        replace(p, capacity_t_per_day=ALWAYS(0.0)) if i % share == 0 else p for i, p in enumerate(case.pipelines)
    )
    return replace(case, pipelines=shut)


@RANDOM
@given(scenarios(), st.integers(1, 4))
def test_unreached_lines_are_those_of_a_plain_search(case: Scenario, share: int) -> None:
    check_reach(case)
    check_reach(with_closed_links(case, share))


@pytest.mark.slow
@THOROUGH
@given(scenarios(), st.integers(1, 4))
def test_unreached_lines_are_those_of_a_plain_search_thoroughly(case: Scenario, share: int) -> None:
    check_reach(case)
    check_reach(with_closed_links(case, share))


# --- what every way passes


def test_a_diamond_hangs_on_its_ends() -> None:
    case = scenario(
        supplier("s", "hub", 10.0), farm("hub"), farm("up"), farm("down"), farm("depot"),
        line("u1", "hub", "up"), line("u2", "up", "depot"), line("d1", "hub", "down"), line("d2", "down", "depot"),
        line("spur", "depot", "a"), line("spur_b", "depot", "b"), rail("hub", "b"), customer("a"), customer("b"),
        month("a", 30.0), month("b", 10.0),
    )  # fmt: skip
    found = dependencies(case)
    assert [(d.customer, d.asset, d.kind, d.position) for d in found] == [
        ("a", "s", "supplier", 1),
        ("a", "hub", "farm", 2),
        ("a", "depot", "farm", 3),
        ("a", "spur", "pipeline", 4),
        ("b", "s", "supplier", 1),
        ("b", "hub", "farm", 2),
    ]
    assert [d.routes for d in found] == [1, 1, 1, 1, 2, 2]
    assert carriers(case, case.customers[:1]).assets == ("spur",)
    assert carriers(case, case.customers[1:]).assets == ("s",)
    assert carriers(case, ()).assets == ()


def test_shares_are_of_the_customer_s_plan() -> None:
    case = scenario(
        grade("g"), grade("h"), supplier("s", "hub", 1.0), supplier("t", "hub", 1.0, "h"), farm("hub"),
        line("both", "hub", "a"), line("only_h", "hub", "a", grades=("h",)), customer("a", grades=("g", "h")),
        month("a", 30.0), month("a", 10.0, "h"),
    )  # fmt: skip
    shares = {(d.grade, d.asset): (d.share, d.customer_share) for d in dependencies(case)}
    assert shares == {
        ("g", "s"): (0.75, 0.75),
        ("g", "hub"): (0.75, 1.0),
        ("g", "both"): (0.75, 0.75),
        ("h", "t"): (0.25, 0.25),
        ("h", "hub"): (0.25, 1.0),
    }


def ways_without(case: Scenario, of: str, gone: set[str]) -> set[str]:
    """The customers that suppliers' oil of a grade still comes to without some assets."""
    at = {
        s.farm for s in case.suppliers if s.grade == of and s.name not in gone and any(s.production_t_per_day.values)
    } - gone
    takers = {c.name for c in case.customers if of in c.grades} | {f.name for f in case.farms}
    while True:
        more = {
            p.destination
            for p in case.pipelines
            if p.origin in at and p.name not in gone and of in (p.grades or (of,)) and any(p.capacity_t_per_day.values)
        }
        for r in case.railways:
            if r.terminal in at and r.name not in gone and any(r.paths_per_day.values):
                more |= {q.customer for q in r.routes}
        more = (more & takers) - gone
        if more <= at:
            return at
        at |= more


def check_dependencies(case: Scenario) -> None:
    found = dependencies(case)
    links = [p.name for p in case.pipelines] + [r.name for r in case.railways]
    assets = [s.name for s in case.suppliers] + [f.name for f in case.farms] + links
    plan: dict[tuple[str, str], float] = {}
    for key, segments in courses(case, 1e9).items():
        if (tonnes := sum(s.tonnes for s in segments)) > 0:
            plan[key] = tonnes
    told = {(d.customer, d.grade, d.asset) for d in found}
    expected = set()
    for name, of in plan:
        if name in ways_without(case, of, set()):
            expected |= {(name, of, a) for a in assets if name not in ways_without(case, of, {a})}
    assert told == expected
    for (name, of), routes in {(d.customer, d.grade): d.routes for d in found}.items():
        cut = next(
            n
            for n in range(1, len(links) + 1)
            if any(name not in ways_without(case, of, set(group)) for group in combinations(links, n))
        )
        assert routes == cut
    for d in found:
        whole = sum(t for (name, _), t in plan.items() if name == d.customer)
        hanging = {of for name, of, asset in told if (name, asset) == (d.customer, d.asset)}
        assert d.customer_share == pytest.approx(sum(plan[d.customer, of] for of in hanging) / whole)


@RANDOM
@given(scenarios())
def test_dependencies_are_what_cannot_be_taken_away(case: Scenario) -> None:
    check_dependencies(case)


@pytest.mark.slow
@THOROUGH
@given(scenarios())
def test_dependencies_are_what_cannot_be_taken_away_thoroughly(case: Scenario) -> None:
    check_dependencies(case)


# --- how much can flow


def test_two_refineries_share_a_trunk() -> None:
    case = scenario(
        supplier("s", "hub", 100.0), farm("hub"), farm("depot"), line("trunk", "hub", "depot", 60.0),
        line("to_a", "depot", "a", 20.0), line("to_b", "depot", "b"), customer("a"),
        customer("b", customer_class="local"), month("a", 31 * 30.0), month("b", 31 * 30.0),
    )  # fmt: skip
    found = {(b.customer_class, b.grade): b for b in bottlenecks(case)}
    whole = found["", "g"]
    assert (whole.plan_t, whole.flow_t, whole.missing_t) == (31 * 60.0, 31 * 50.0, 31 * 10.0)
    assert whole.limiting == ("to_a",)
    assert (whole.capacity_t, whole.narrowest) == (31 * 60.0, ("trunk",))
    assert (found["petrochina", ""].limiting, found["petrochina", "g"].capacity_t) == (("to_a",), 31 * 20.0)
    assert found["local", ""].flow_t == 31 * 30.0 and found["local", ""].limiting == ()
    assert found["", ""].limiting == ("to_a",)


def test_an_outage_makes_a_bottleneck_of_its_month() -> None:
    lines = [month("a", 310.0), month("a", 280.0, when=FEBRUARY)]
    case = scenario(
        supplier("s", "hub", 10.0), farm("hub"), line("l", "hub", "a", 10.0), customer("a"), *lines,
        outage("l", 31.0, 45.0, "pipeline"), days=59.0,
    )  # fmt: skip
    months = [b for b in bottlenecks(case) if not b.customer_class and not b.grade]
    assert [(b.month, b.flow_t, b.limiting) for b in months] == [
        (date(2026, 1, 1), 310.0, ()),
        (FEBRUARY, 140.0, ("l",)),
    ]
    assert {b.month for b in bottlenecks(replace(case, as_of_day=31.0))} == {FEBRUARY}


def test_one_grade_s_surplus_does_not_stand_in_for_another() -> None:
    case = scenario(
        grade("g"), grade("h"), supplier("s", "hub", 5.0), supplier("t", "hub", 100.0, "h"), farm("hub"),
        line("l", "hub", "a"), customer("a", grades=("g", "h")), month("a", 310.0), month("a", 310.0, "h"),
    )  # fmt: skip
    whole = bottlenecks(case)[0]
    assert (whole.flow_t, whole.limiting) == (155.0 + 310.0, ("s",))


def test_without_a_way_nothing_flows_and_nothing_limits() -> None:
    case = scenario(supplier("s", "hub", 5.0), farm("hub"), farm("depot", g=9.0), line("l", "depot", "a"), customer("a"), month("a", 1.0))  # fmt: skip # noqa: E501
    assert [(b.flow_t, b.limiting, b.capacity_t) for b in bottlenecks(case)] == [(0.0, (), 0.0)] * 4


def linear_program(case: Scenario, span: tuple[float, float], plan: dict[tuple[str, str], float]) -> float:
    """The most of ``plan`` that flows in t, grades apart, by a linear program over the scenario's own assets."""
    days = span[1] - span[0]
    columns: list[tuple[float, float]] = []  # upper bound, gain
    rows: dict[tuple[str, ...], tuple[dict[int, float], float, float]] = {}

    def column(upper: float, gain: float = 0.0) -> int:
        columns.append((upper, gain))
        return len(columns) - 1

    def put(row: tuple[str, ...], at: int, weight: float, low: float = 0.0, high: float = 0.0) -> None:
        rows.setdefault(row, ({}, low, high))[0][at] = weight

    def left(profile: Profile, *assets: str) -> float:
        return days * mean_over(profile, [(d.start, d.end, d.remaining) for d in case.disruptions if d.asset in assets], *span)  # fmt: skip # noqa: E501

    never = -highspy.kHighsInf
    alone = len({of for _, of in plan}) == 1
    for of in dict.fromkeys(g for _, g in plan):
        for s in case.suppliers:
            if s.grade == of:
                put(("at", s.farm, of), column(left(s.production_t_per_day, s.name)), 1.0)
        takers = {c.name for c in case.customers if of in c.grades} | {f.name for f in case.farms}
        for p in case.pipelines:
            if of in (p.grades or (of,)) and p.destination in takers:
                x = column(highspy.kHighsInf)
                put(("line", p.name), x, 1.0, never, left(p.capacity_t_per_day, p.name))
                put(("at", p.origin, of), x, -1.0)
                put(("at", p.destination, of), x, 1.0)
        for r in case.railways:
            fleet = days * (r.wagons // r.wagons_per_train) * r.train_t
            taken = [q for q in r.routes if q.customer in takers]
            for q in taken:
                x = column(highspy.kHighsInf)
                on_route = left(ALWAYS(1.0), f"{r.name}.{q.customer}") / days * fleet / q.cycle_days
                put(("route", r.name, q.customer), x, 1.0, never, on_route)
                per_day = ALWAYS(r.spots * 24 / r.hours_per_train)
                put(("rack", r.name), x, 1.0, never, r.train_t * left(per_day, r.name, f"{r.name}.rack"))
                put(("paths", r.name), x, 1.0, never, r.train_t * left(r.paths_per_day, r.name, f"{r.name}.paths"))
                put(("fleet", r.name), x, 1.0, never, fleet / min(q.cycle_days for q in (taken if alone else r.routes)))
                put(("at", r.terminal, of), x, -1.0)
                put(("at", q.customer, of), x, 1.0)
    for (name, of), tonnes in plan.items():
        put(("at", name, of), column(tonnes, 1.0), -1.0)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    for upper, gain in columns:
        solver.addCol(-gain, 0.0, upper, 0, np.array([], dtype=np.int32), np.array([]))
    for members, low, high in rows.values():
        solver.addRow(
            low, high, len(members), np.array(list(members), dtype=np.int32), np.array(list(members.values()))
        )
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -float(solver.getInfo().objective_function_value)


def check_flows(case: Scenario) -> None:
    months = {first: (index, (start, end)) for index, (start, end, first) in enumerate(months_of(case))}
    plans: dict[int, dict[tuple[str, str], float]] = {}
    for key, segments in courses(case, 1e9).items():
        for s in segments:
            plans.setdefault(s.month, {}).setdefault(key, 0.0)
            plans[s.month][key] += s.tonnes
    class_of = {c.name: c.customer_class for c in case.customers}
    for b in bottlenecks(case):
        index, span = months[b.month]
        plan = {
            (name, of): tonnes
            for (name, of), tonnes in plans[index].items()
            if b.grade in ("", of) and b.customer_class in ("", class_of[name])
        }
        assert b.plan_t == pytest.approx(sum(plan.values()))
        exact = linear_program(case, span, plan)
        near = pytest.approx(exact, rel=1e-7, abs=GRAMS_T)
        assert (
            b.flow_t == near
            if b.grade or len({of for _, of in plan}) == 1
            else b.flow_t >= exact - 1e-7 * exact - GRAMS_T
        )
        assert b.flow_t <= b.plan_t
        assert b.flow_t <= b.capacity_t + GRAMS_T
        if b.flow_t < b.plan_t - GRAMS_T:
            check_limits(case, b.customer_class, b.grade, b.month, b.flow_t, b.limiting)
        else:
            assert b.limiting == ()


def check_limits(case: Scenario, name: str, of: str, when: date, flow_t: float, limiting: tuple[str, ...]) -> None:
    """Each pipeline or supplier that limits takes some of the flow with it when it is stopped, unless it carries none."""
    for asset in limiting:
        owners = [*case.pipelines, *case.suppliers]
        if of and asset in {o.name for o in owners}:
            stopped = replace(case, disruptions=(*case.disruptions, outage(asset, -1.0, 1e6, "pipeline")))
            after = next(b for b in bottlenecks(stopped) if (b.customer_class, b.grade, b.month) == (name, of, when))
            carried = graph_of(case, of, next((a, b) for a, b, first in months_of(case) if first == when))
            edge = next(iter(carried.in_edges(asset, data="capacity_t_per_day")))
            assert (after.flow_t < flow_t) == (edge[2] > 0)


@RANDOM
@given(scenarios(most_days=60))
def test_flows_are_those_of_a_linear_program(case: Scenario) -> None:
    check_flows(case)


@pytest.mark.slow
@THOROUGH
@given(scenarios(most_days=60))
def test_flows_are_those_of_a_linear_program_thoroughly(case: Scenario) -> None:
    check_flows(case)


# --- the tables


def test_the_tables_of_the_run_by_hand() -> None:
    tables = build_tables(hand_made(), log())
    found = tables.dependencies
    assert found[found["customer"] == "beta"]["asset"].tolist() == ["lunnan", "hub", "trunk", "depot", "rail"]
    assert (found["routes"] == 1).all() and (found["customer_share"] == 1.0).all()
    narrow = tables.bottlenecks.set_index(["month", "customer_class", "grade"])
    january = narrow.loc[("2008-01-01", "all", "tarim")]
    assert (january["plan_t"], january["flow_t"], january["limiting"]) == (21_500.0, 21_500.0, "")
    assert january["capacity_t"] == pytest.approx(800 * 20 + 600 * 11)
    assert (january["narrowest"], january["carriers"], january["ways"]) == ("trunk", "trunk", 1)
    assert january["plan_load"] == pytest.approx(21_500 / 22_600)
    assert narrow.loc[("2008-01-01", "local", "all"), "carriers"] == "rail"


def test_three_lines_carry_what_petrochina_gets() -> None:
    western = load_scenario(WESTERN).scenario
    own = [c for c in western.customers if c.customer_class == "petrochina"]
    assert set(carriers(western, own).assets) == {"dushanzi_feed", "urumqi_feed", "trunk_west"}
    assert unreached(western) == ()
    assert {d.routes for d in dependencies(western)} == {1}
    suppliers = {s.name for s in western.suppliers}
    assert {asset for b in bottlenecks(western) for asset in b.limiting} <= suppliers


# --- what check tells


@pytest.fixture(scope="module")
def checked() -> Checked:
    return workflow.check(WESTERN)


def test_check_is_short_on_western(checked: Checked) -> None:
    english, chinese = (list(network_lines(checked, lang)) for lang in ("en", "zh"))
    assert len(english) == len(chinese) <= 8
    assert english[0].startswith("2008-01: without drawing on stocks 97.1% of the plan can flow (39,338 t cannot)")
    assert "held back by Kazakh imports at Alashankou, " in english[0]
    assert english[-1] == (
        "one way only: Luoyang refinery (Sinopec), Xi'an refinery (Sinopec), Weiquan Petrochemical (fictitious) and 4 more, over "
        "Western trunk Shanshan–Yumen → Western trunk Yumen–Lanzhou → Lanzhou rail dispatch"
    )
    assert chinese[-2] == "唯一通道：兰州石化，经 西部原油干线 鄯善—玉门 → 西部原油干线 玉门—兰州 → 兰州进厂线"


def test_check_counts_what_it_leaves_out(checked: Checked) -> None:
    month = checked.short_months[0]
    others = [replace(d, customer=f"c{i}", asset=f"l{i}", kind="pipeline", customer_share=1.0) for i, d in enumerate(checked.dependencies[:7])]  # fmt: skip # noqa: E501
    months = [replace(month, month=date(2008, m, 1), flow_t=m * 1e4, limiting=()) for m in range(1, 6)]
    worse = replace(checked, short_months=tuple(months), dependencies=tuple(others))
    lines = list(network_lines(worse, "en"))
    assert lines[0].startswith("2008-01: ") and lines[0].endswith("no way leads to the other 1,343,800 t")
    assert lines[3] == "… and 2 more months with less than 98%"
    assert lines[4] == "one way only: c0, over l0"
    assert lines[-1] == "… and 2 more."


def test_check_warns_of_plan_lines_without_a_way(tmp_path: Path) -> None:
    workflow.new(tmp_path / "first")
    overlay = tmp_path / "shut.yaml"
    overlay.write_text("extends: first\nscenario: shut\npipelines:\n  branch: {capacity: 0}\n", encoding="utf-8")
    checked = workflow.check(overlay)
    assert {w.code for w in checked.warnings} == {"plan_unreached"}
    warning = checked.warnings[0]
    assert warning.file.endswith("plan.csv") and warning.line > 1
    assert warning.message.startswith("no oil can reach this plan line: it comes as far as depot; branch is closed")
    assert workflow.check(tmp_path / "first").warnings == ()
