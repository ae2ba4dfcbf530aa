"""What cannot be, sentence by sentence in both languages, each from a case made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.optimization.networks import case_at_start, solve
from tests.simulation.networks import customer, farm, grade, line, month, outage, scenario, supplier

from chainsim.model import Label, Price, Profile, RailRoute, Railway, Scenario
from chainsim.optimization.case import Case, Settings
from chainsim.optimization.diagnosis import diagnose, shortfalls_in_words
from chainsim.optimization.findings import Finding
from chainsim.optimization.overplanning import over_planned
from chainsim.optimization.replanning import Answer
from chainsim.optimization.solving import Infeasible


def said(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """Both languages."""
    return [(finding.en, finding.zh) for finding in findings]


def only(findings: tuple[Finding, ...]) -> Finding:
    (finding,) = findings
    return finding


def answered(case: Case) -> Answer:
    found = solve(case)
    return Answer(found.program, found.solved, found.promise)


def one_line(*more: Any, capacity: float = 500.0, rate: float = 200.0, tonnes: float = 3100.0, **of: Any) -> Scenario:
    """A field, a line, a refinery and one month's plan."""
    return scenario(
        farm("f", **of.pop("tank", {})),
        supplier("s", "f", rate),
        customer("c", **of),
        line("pipe", "f", "c", capacity),
        month("c", tonnes),
        *more,
    )


# --- planned beyond what is there, without any outage


def lanzhou(**more: Any) -> Scenario:
    """Tarim by rail beyond Lanzhou; the plan is 155 kt in the month, 5.0 kt/d."""
    ample: dict[str, Any] = {
        "spots": 100,
        "hours_per_train": 24.0,
        "paths_per_day": Profile.constant(100.0),
        "wagons": 100_000,
    }
    railway = Railway(
        name="rail",
        terminal="lz",
        wagons_per_train=50,
        tonnes_per_wagon=38.0,
        routes=(RailRoute(customer="yumen", transit_days=2.0, cycle_days=5.0),),
        label=Label(en="Lanzhou railway", zh="兰州铁路"),
        **{**ample, **more},
    )
    return scenario(
        replace(grade("tarim"), label=Label(en="Tarim", zh="塔里木油")),
        replace(farm("lz"), label=Label(en="Lanzhou", zh="兰州")),
        supplier("s", "lz", 9000.0, "tarim"),
        customer("yumen", grades=("tarim",)),
        railway,
        month("yumen", 155_000.0, "tarim"),
    )


def test_beyond_the_rack() -> None:
    finding = only(over_planned(lanzhou(spots=2)))
    assert finding.en == "January: 5.0 kt/d of Tarim planned beyond Lanzhou, rack carries 3.8"
    assert finding.zh == "1月：兰州以远计划塔里木油 5.0 千吨/日，装车能力 3.8 千吨/日"
    assert (finding.kind, finding.asset, finding.month, finding.unit) == ("rack", "rail", 0, "kt/d")
    assert (finding.wanted, finding.possible) == (pytest.approx(5.0), pytest.approx(3.8))
    assert (finding.customers, finding.grades) == (("yumen",), ("tarim",))


def test_beyond_paths_and_wagons() -> None:
    assert said(over_planned(lanzhou(paths_per_day=Profile.constant(1.0)))) == [
        (
            "January: 5.0 kt/d of Tarim planned beyond Lanzhou, train paths carry 1.9",
            "1月：兰州以远计划塔里木油 5.0 千吨/日，运行线可运 1.9 千吨/日",
        )
    ]
    # 10 trains of 1.9 kt, each away for 5 days: two a day.
    assert said(over_planned(lanzhou(wagons=500))) == [
        (
            "January: 5.0 kt/d of Tarim planned beyond Lanzhou, wagons carry 3.8",
            "1月：兰州以远计划塔里木油 5.0 千吨/日，车皮可运 3.8 千吨/日",
        )
    ]


def test_beyond_a_line_a_field_the_runs_and_the_income() -> None:
    assert said(over_planned(one_line(capacity=50.0))) == [
        (
            "January: 100 t/d of g planned through pipe, the line carries 50",
            "1月：pipe计划输g 100 吨/日，输油能力 50 吨/日",
        )
    ]
    assert said(over_planned(one_line(rate=80.0))) == [
        ("January: 100 t/d of g planned, fields give 80", "1月：计划g 100 吨/日，油源 80 吨/日")
    ]
    runs = one_line(runs_t_per_day=Profile.constant(70.0))
    assert said(over_planned(runs)) == [
        ("January: 100 t/d of g planned for c, its runs take 70", "1月：c计划g 100 吨/日，加工量 70 吨/日")
    ]
    slate = one_line(runs_t_per_day=Profile.constant(120.0), slate={"g": 0.5})
    assert only(over_planned(slate)).possible == pytest.approx(60.0)
    prices = (Price(grade="g", day=0.0, yuan_per_t=100.0),)
    paying = replace(one_line(offtake="cash", income_yuan_per_day=Profile.constant(2500.0)), prices=prices)
    assert said(over_planned(paying)) == [
        ("January: 100 t/d of g planned for c, its income pays for 25", "1月：c计划g 100 吨/日，收入可付 25 吨/日")
    ]


def test_beyond_all_ways_together() -> None:
    # Two lines side by side: neither is the only way, and both together do not do.
    subject = one_line(line("other", "f", "c", 30.0), capacity=50.0)
    assert said(over_planned(subject)) == [
        (
            "January: 100 t/d of g planned, all ways together carry 80; held back by pipe, other",
            "1月：计划g 100 吨/日，各路合计可运 80 吨/日，受限于pipe、other",
        )
    ]


def test_outages_and_what_is_hardly_beyond_are_left_out() -> None:
    assert over_planned(one_line(outage("pipe", 0.0, 31.0, "pipeline"), capacity=100.0)) == ()
    assert over_planned(one_line(capacity=99.5)) == ()


def test_months_in_order_the_worst_limit_first() -> None:
    subject = one_line(month("c", 5600.0, when=month("c", 1).end), capacity=90.0, rate=80.0)
    findings = over_planned(replace(subject, end_day=59.0))
    assert [(f.month, f.kind) for f in findings] == [(0, "supply"), (0, "capacity"), (1, "supply"), (1, "capacity")]


# --- what the best plan cannot deliver


def test_late_for_the_dearest_limit() -> None:
    finding = only(shortfalls_in_words(answered(case_at_start(one_line(capacity=50.0)))))
    assert (finding.kind, finding.asset, finding.customers) == ("capacity", "pipe", ("c",))
    assert finding.en == "January: 100 t/d of g planned for c, 50 can come: pipe is full 1–31 January"
    assert finding.zh == "1月：c计划g 100 吨/日，可到 50 吨/日：1月1日至31日pipe输油能力已用足"


def test_late_for_an_outage() -> None:
    stopped = one_line(outage("pipe", 0.0, 31.0, "pipeline"), tank={"limit": 1e9})
    finding = only(shortfalls_in_words(answered(case_at_start(stopped))))
    assert finding.en == "January: 100 t/d of g planned for c, 0 can come: pipe stands still 1–31 January"
    assert finding.zh == "1月：c计划g 100 吨/日，可到 0 吨/日：1月1日至31日pipe停输"


def test_shut_in_where_tanks_are_full() -> None:
    subject = one_line(capacity=100.0, rate=150.0, tank={"limit": 310.0})
    finding = only(shortfalls_in_words(answered(case_at_start(subject))))
    assert (finding.kind, finding.asset) == ("shut_in", "s")
    # The line takes 100 t/d, the refinery's plan no more; 10 t/d go into the tank.
    assert finding.en == "January: s can give 150 t/d of g, 110 can be taken"
    assert finding.zh == "1月：s可供g 150 吨/日，可接 110 吨/日"


def test_above_safe_fill() -> None:
    subject = one_line(rate=0.0, tonnes=100.0, tank={"limit": 2000.0, "g": 2500.0})
    finding = only(shortfalls_in_words(answered(case_at_start(subject))))
    assert finding.kind == "safe_fill"
    assert finding.en == "January: 2.4 kt must lie in f, safe fill is 2.0"
    assert finding.zh == "1月：f须存 2.4 千吨，安全库容 2.0 千吨"


def test_below_the_minimum_throughput() -> None:
    subject = scenario(
        farm("f"),
        supplier("s", "f", 100.0),
        customer("c"),
        line("pipe", "f", "c", 500.0, minimum_t_per_day=150.0),
        month("c", 3100.0),
    )
    finding = only(shortfalls_in_words(answered(case_at_start(subject))))
    assert finding.en == "January: pipe needs 150 t/d to run safely, 100 can be pumped"
    assert finding.zh == "1月：pipe最低安全输量 150 吨/日，可输 100 吨/日"


def test_a_plan_that_can_be_met_has_no_shortfalls() -> None:
    assert shortfalls_in_words(answered(case_at_start(one_line(rate=100.0)))) == ()


# --- why there is no plan at all


def without_plan(case: Case) -> Finding:
    """The diagnosis of a case of which the optimizer itself says that there is none."""
    with pytest.raises(Infeasible):
        solve(case)
    return only(diagnose(case))


def test_a_case_with_a_plan_has_no_diagnosis() -> None:
    assert diagnose(case_at_start(one_line(capacity=1.0))) == ()


def test_an_account_below_zero() -> None:
    paying = replace(one_line(offtake="cash"), prices=(Price(grade="g", day=0.0, yuan_per_t=100.0),))
    case = case_at_start(paying)
    finding = without_plan(replace(case, opening=replace(case.opening, yuan={"c": -2_500_000.0})))
    assert finding.en == "January: the account of c stands at -2.500 million yuan, and it cannot be below 0"
    assert finding.zh == "1月：c账户余额 -2.500 百万元，不得低于 0"


def test_a_junction_holds_more_than_can_leave() -> None:
    subject = scenario(
        farm("j", storage="junction"),
        supplier("s", "j", 10.0),
        customer("c"),
        line("pipe", "j", "c", 50.0),
        month("c", 3100.0),
    )
    case = case_at_start(subject)
    finding = without_plan(replace(case, opening=_stocked(case, ("j", "g"), 4000.0), farms=_filled(case, "j", 4000.0)))
    assert finding.kind == "junction"
    assert finding.en == "January: 4.0 kt of g lie in j, which has no tanks; 1.6 can leave"
    assert finding.zh == "1月：j无储罐，内有g 4.0 千吨，可外输 1.6 千吨"


@pytest.mark.parametrize("frozen", [frozenset(), frozenset({("c", "g", 0)})])
def test_what_is_delivered_already_is_no_obstacle(frozen: frozenset[tuple[str, str, int]]) -> None:
    case = case_at_start(one_line(), settings=Settings(frozen=frozen))
    ahead = replace(case, opening=replace(case.opening, delivered_t={("c", "g"): 4000.0}))
    assert solve(ahead).promise.delivered_t["c", "g", 0] == pytest.approx(4000.0)


def _stocked(case: Case, key: tuple[str, str], tonnes: float) -> Any:
    return replace(case.opening, stock_t={**case.opening.stock_t, key: tonnes})


def _filled(case: Case, name: str, tonnes: float) -> Any:
    return tuple(replace(h, opening_t={"g": tonnes}) if h.spec.name == name else h for h in case.farms)
