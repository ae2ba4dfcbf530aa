"""The resilience scan against hand reckoning, against brute force over every duration, and its laws."""

from __future__ import annotations

from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path
from signal import SIGINT
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulation.networks import ALWAYS, START, customer, farm, line, month, scenario, supplier
from tests.simulation.strategies import scenarios

from chainsim.errors import FlowCycleError, InputError
from chainsim.experiments.resilience import Exposure, Terms, assets_of, resilience_tables, scan, terms_asked
from chainsim.experiments.resilience.harm import Performance, Subject, Undisturbed
from chainsim.experiments.resilience.searching import ANY, Search
from chainsim.model import RailRoute, Railway, Scenario
from chainsim.model.plan import months_of
from chainsim.results.catalogue_resilience import RESILIENCE, RESILIENCE_CUSTOMERS
from chainsim.results.declarations import check_frame
from chainsim.simulation import simulate
from chainsim.simulation.branching import grow, with_outage

FEBRUARY = START.replace(month=2)
MARCH = START.replace(month=3)


def chain(*, stock: float = 50.0, at_works: float = 0.0, limit: float = 1e6, **more: Any) -> Scenario:
    """field → tank → spur → works, 10 t/d of everything, over January to March."""
    return scenario(
        farm("tank", limit, g=stock),
        supplier("field", "tank", 10.0),
        line("spur", "tank", "works", 10.0),
        customer("works", opening_t={"g": at_works}),
        *(month("works", 10.0 * days, when=when) for when, days in ((START, 31), (FEBRUARY, 28), (MARCH, 31))),
        days=90.0,
        **more,
    )


def exposure(subject: Scenario, asset: str, start: float = 0.0, **terms: Any) -> Exposure:
    chosen = tuple(a for a in assets_of(subject) if a.name == asset)
    terms = {"tolerance_hours": 0.0, **terms}
    (found,) = scan(subject, Terms(assets=chosen, starts=(start,), **terms)).exposures
    return found


# --- by hand


@pytest.mark.parametrize(("stock", "days"), [(50.0, 5.0), (54.0, 5.0), (59.9, 5.0), (60.0, 6.0), (0.0, 0.0)])
def test_a_source_is_survived_as_long_as_the_tank_behind_it_lasts(stock: float, days: float) -> None:
    found = exposure(chain(stock=stock), "field")
    assert (found.plan.days, found.plan.first) == (days, "works")
    assert (found.runs.days, found.runs.first) == (days, "works")
    assert found.tank is None, "what is out overfills nothing"
    assert found.unrepaired_day("runs") == pytest.approx(stock / 10.0, abs=1e-3)


def test_fractions_of_days_are_as_exact() -> None:
    assert exposure(chain(stock=54.0), "field", precision_days=0.25).runs.days == pytest.approx(5.25)
    assert exposure(chain(stock=54.0), "field", 3.5, precision_days=0.1).runs.days == pytest.approx(5.4)


def test_a_cut_line_is_survived_on_the_works_own_tanks_and_until_the_farm_is_full() -> None:
    found = exposure(chain(stock=20.0, at_works=40.0, limit=105.0), "spur")
    assert found.runs.days == 4.0, "40 t at 10 t/d"
    assert found.plan.days == 0.0, "the line has no capacity to spare: what it does not carry is lost"
    assert (found.tank.days, found.tank.first) == (8.0, "tank"), "85 t of room at 10 t/d"
    assert found.unrepaired_day("tank") == pytest.approx(8.5, abs=1e-3)
    brim = exposure(chain(stock=20.0, at_works=40.0, limit=100.0), "spur")
    assert brim.tank.days == 7.0, (
        "after eight days it is full to the brim, and stays so: the line takes no more than comes"
    )


def test_a_line_with_capacity_to_spare_makes_up_within_the_month() -> None:
    wide = chain()
    wide = replace(wide, pipelines=(replace(wide.pipelines[0], capacity_t_per_day=ALWAYS(20.0)),))
    # From day 0 the line has 31 days for 310 t: 15.5 days at 20 t/d, so it may stand for 15.
    assert exposure(wide, "spur").plan.days == 15.0
    assert exposure(wide, "spur", 21.0).plan.days == 5.0, "ten days before the month's end it may stand for five"


def test_a_field_without_a_tank_is_curtailed_at_once() -> None:
    bare = chain(stock=0.0)
    bare = replace(bare, farms=(farm("tank", storage="junction"),))
    found = exposure(bare, "spur")
    assert (found.tank.days, found.tank.first) == (0.0, "field")
    assert exposure(bare, "field").tank is None


def test_a_bypass_makes_a_line_harmless() -> None:
    one = chain()
    two = replace(
        one,
        farms=(*one.farms, farm("hub")),
        pipelines=(
            replace(one.pipelines[0], destination="hub", dispatch="push"),
            line("bypass", "tank", "hub", 10.0, dispatch="push"),
            line("last", "hub", "works", 10.0),
        ),
    )
    for name in ("spur", "bypass"):
        found = exposure(two, name)
        assert found.plan is None and found.runs is None and found.tank is None
        assert found.impact.short_t == 0.0
    assert exposure(two, "last").plan.days == 0.0


def test_rail_that_is_cut_is_survived_on_the_customer_s_tanks() -> None:
    rail = Railway(
        name="rail", terminal="depot", spots=1, hours_per_train=6.0, paths_per_day=ALWAYS(4.0), wagons=1000,
        wagons_per_train=10, tonnes_per_wagon=10.0, routes=(RailRoute(customer="far", transit_days=2.0, cycle_days=5.0),),
    )  # fmt: skip
    subject = scenario(
        farm("depot", g=5000.0),
        rail,
        customer("far", runs_t_per_day=ALWAYS(50.0), opening_t={"g": 1000.0}, delivery_point="loading"),
        *(month("far", 50.0 * days, when=when) for when, days in ((START, 31), (FEBRUARY, 28), (MARCH, 31))),
        days=90.0,
    )
    start = 31.0
    log = simulate(subject)
    under_way = sum(t.arrived_t for t in log.trains if t.loading_end_day < start and t.arrival_day >= start)
    stock = next(c for c in log.cells if c.holder == "far")
    there = next(t for d, t in reversed(list(zip(stock.days, stock.tonnes, strict=True))) if d <= start)
    lasts = (there + under_way) / 50.0
    found = exposure(subject, "rail", start)
    assert found.unrepaired_day("runs") - start == pytest.approx(lasts, abs=1.0)
    # Repaired a day too late it still takes six hours to load and two days to come.
    assert found.runs.days < found.unrepaired_day("runs") - start
    assert found.plan.days > 0.0, "paths to spare: a month's trains may wait"


def test_a_refinery_that_is_down_is_not_its_own_victim() -> None:
    found = exposure(chain(stock=20.0, limit=100.0), "works")
    assert found.runs is None
    roomy = chain(stock=20.0, limit=105.0)
    tight = replace(roomy, customers=(replace(roomy.customers[0], safe_fill_t=ALWAYS(30.0)),))
    found = exposure(tight, "works")
    assert found.plan.days == 3.0, "its tanks take three days' deliveries"
    assert (found.tank.days, found.tank.first) == (11.0, "tank"), (
        "then the farm's take eight days' more, with 5 t to spare"
    )


def test_farms_out_of_service_are_not_their_own_victims_but_make_fields_wait() -> None:
    subject = chain(stock=20.0, limit=100.0)
    assert exposure(subject, "tank").tank is None, "all that comes in goes out"
    slow = replace(subject, pipelines=(replace(subject.pipelines[0], capacity_t_per_day=ALWAYS(8.0)),))
    assert exposure(slow, "tank").tank.first == "field"


def test_costs_and_recovery_of_an_outage() -> None:
    wide = chain(stock=30.0)
    wide = replace(wide, pipelines=(replace(wide.pipelines[0], capacity_t_per_day=ALWAYS(20.0)),))
    found = exposure(wide, "field", 10.0, outage_days=7.0).impact
    # 70 t do not come; the tank has 30: 40 t are short in January and never made up, for the field gives 10 t/d only.
    assert found.short_t == pytest.approx(40.0)
    assert found.costs["works"].lost_t == pytest.approx(40.0)
    assert found.costs["works"].runs_lost_t == pytest.approx(40.0)
    assert found.backlog.last == "works"
    assert found.backlog.days == 31.0 + 1.0 - 17.0, "the open account is even again on the first midnight of February"
    assert found.stocks.days == 0.0, "30 t of a million are within the band"
    assert found.curtailed_t == 0.0


def test_costs_are_those_of_the_scenario_with_the_outage() -> None:
    subject = chain(stock=30.0, at_works=20.0, limit=90.0)
    for asset in assets_of(subject):
        found = exposure(subject, asset.name, 12.0, outage_days=9.0).impact
        base, other = simulate(subject), simulate(with_outage(subject, asset.outage(12.0, 21.0)))
        lost = sum(a.delivered_t for a in base.accounts) - sum(a.delivered_t for a in other.accounts)
        curtailed = sum(b.curtailed_t for b in other.balance) - sum(b.curtailed_t for b in base.balance)
        assert found.costs["works"].lost_t == pytest.approx(lost, abs=2e-3)
        assert found.curtailed_t == pytest.approx(curtailed, abs=2e-3)


def test_a_stock_that_nobody_fills_again_never_recovers() -> None:
    found = exposure(chain(stock=500.0, limit=1000.0), "field", outage_days=30.0).impact
    assert found.short_t == 0.0
    assert (found.stocks.days, found.stocks.last) == (float("inf"), "tank")
    assert (found.backlog.days, found.backlog.last) == (0.0, "")


def test_what_the_undisturbed_run_lacks_is_not_the_outage_s() -> None:
    poor = chain(stock=0.0)
    poor = replace(poor, suppliers=(replace(poor.suppliers[0], production_t_per_day=ALWAYS(5.0)),))
    idle = replace(poor, suppliers=(*poor.suppliers, supplier("dry", "tank", 0.0)))
    found = exposure(idle, "dry")
    assert found.plan is None and found.runs is None
    assert found.impact.short_t == 0.0


def test_an_outage_that_begins_near_the_end_is_cut_there() -> None:
    found = exposure(chain(stock=50.0), "field", 88.0)
    assert found.plan is None, "two days are left and five are in stock"
    assert exposure(chain(stock=0.0), "field", 88.0).plan.days == 0.0


# --- brute force: every duration simulated from the first day, without branches, probes or early ends


def by_brute_force(subject: Scenario, asset: str, start: float, step: float, most: int) -> dict[Subject, int]:
    """Subject → steps of the longest outage before the first that harms it."""
    (out,) = (a for a in assets_of(subject) if a.name == asset)
    undisturbed = Undisturbed(Performance(subject, simulate(subject)), 1.0)
    closes = [end for _, end, _ in months_of(subject) if end > start]
    first: dict[Subject, int] = {}
    for steps in range(1, most + 1):
        repaired = min(start + steps * step, subject.end_day)
        disturbed = with_outage(subject, out.outage(start, repaired))
        later = [close for close in closes if close > repaired - 1e-9]
        last = later[1] if len(later) > 1 else subject.end_day
        harms = undisturbed.harms(Performance(disturbed, simulate(disturbed)), but_for=asset)
        for harmed, harm in harms.items():
            if harm.day <= last:
                first.setdefault(harmed if harmed.kind == "plan" else Subject(harmed.kind, ANY), steps - 1)
    return first


@st.composite
def questions(draw: st.DrawFn) -> tuple[Scenario, str, float]:
    subject = draw(scenarios(most_days=70, most_farms=3, most_customers=3))
    asset = draw(st.sampled_from([a.name for a in assets_of(subject)]))
    return subject, asset, draw(st.sampled_from((0.0, 1.0, 12.0)))


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(questions())
def test_thorough_is_brute_force_and_halving_finds_an_edge(question: tuple[Scenario, str, float]) -> None:
    compare_with_brute_force(*question)


@settings(deadline=None, max_examples=6, derandomize=True)
@given(questions())
def test_some_networks_against_brute_force(question: tuple[Scenario, str, float]) -> None:
    compare_with_brute_force(*question)


def compare_with_brute_force(subject: Scenario, asset: str, start: float) -> None:
    step, longest = 2.0, 20.0
    (out,) = (a for a in assets_of(subject) if a.name == asset)
    terms = Terms(assets=(out,), starts=(start,), precision_days=step, longest_days=longest, tolerance_hours=1.0)
    try:
        undisturbed = Undisturbed(Performance(subject, simulate(subject)), 1.0)
        trunk = grow(subject, start)
        expected = by_brute_force(subject, asset, start, step, round(longest / step))
        thorough = Search(trunk, undisturbed, out, replace(terms, thorough=True)).survivals()
        halving = Search(trunk, undisturbed, out, terms)
        found = halving.survivals()
    except (
        FlowCycleError,
        AssertionError,
    ):  # what single runs must not do is asked in ``tests/simulation/test_laws.py``
        return
    room = subject.end_day - start
    known = {s: steps for s, steps in expected.items() if s in thorough}
    assert {s: round(v.days / step) for s, v in thorough.items()} == known
    for missed in set(expected) - set(thorough):
        # Harmed by a shorter outage, and not by the longest: there more of an outage does less harm.
        assert expected[missed] + 1 < round(min(longest, room) / step + 0.5)
    for harmed, survival in found.items():
        edge = round(survival.days / step)
        assert edge >= expected[harmed]
        assert harmed in halving.harmed_by(edge + 1)
        assert edge == 0 or harmed not in halving.harmed_by(edge)


# --- laws


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from((0.0, 15.0, 40.0, 77.7, 200.0)),
    st.sampled_from((0.0, 10.0, 33.3)),
    st.sampled_from(("field", "spur")),
    st.sampled_from((0.0, 5.0, 30.0)),
)
def test_more_opening_stock_never_shortens_survival(stock: float, more: float, asset: str, start: float) -> None:
    poor = exposure(chain(stock=stock, at_works=stock / 2), asset, start)
    rich = exposure(chain(stock=stock + more, at_works=stock / 2 + more), asset, start)
    for kind in ("plan", "runs"):
        before, after = getattr(poor, kind), getattr(rich, kind)
        assert after is None or (before is not None and after.days >= before.days)


def test_a_coarser_tolerance_never_shortens_survival() -> None:
    strict = exposure(chain(), "field", tolerance_hours=0.0)
    lax = exposure(chain(), "field", tolerance_hours=30.0)
    assert (strict.runs.days, lax.runs.days) == (5.0, 6.0), "the sixth day is within 30 hours"
    assert lax.plan.days >= strict.plan.days


def test_the_instant_of_harm_is_its_onset_whatever_the_tolerance() -> None:
    for hours in (0.0, 12.0, 30.0):
        found = exposure(chain(stock=54.0, at_works=40.0, limit=105.0), "spur", 3.0, tolerance_hours=hours)
        assert found.unrepaired_day("runs") == pytest.approx(7.0, abs=1e-3)
        assert found.unrepaired_day("tank") == pytest.approx(8.1, abs=1e-3)


def test_halving_and_thorough_agree_where_more_of_an_outage_does_more_harm() -> None:
    for name in ("field", "spur", "tank", "works"):
        quick = exposure(chain(limit=90.0, at_works=30.0), name)
        assert quick == exposure(chain(limit=90.0, at_works=30.0), name, thorough=True)


# --- the whole scan


def small() -> tuple[Scenario, Terms]:
    subject = chain(stock=50.0, at_works=30.0, limit=120.0)
    return subject, terms_asked(subject, starts=[START.replace(day=11), FEBRUARY])


def test_workers_change_nothing() -> None:
    subject, terms = small()
    alone, shared = scan(subject, terms, workers=1), scan(subject, terms, workers=2)
    assert alone.exposures == shared.exposures
    for name, frame in resilience_tables(alone).items():
        assert frame.equals(resilience_tables(shared)[name])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux what a process ignores")
def test_ctrl_c_is_the_parent_s_to_answer() -> None:
    """A terminal sends it to all: a worker that answered it would print its own traceback."""
    subject, terms = small()
    ignored: set[bool] = set()

    def look(done: int, of: int) -> None:
        for process in active_children():
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            masks = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("SigBlk", "SigIgn"))]
            ignored.add(any(mask >> (SIGINT - 1) & 1 for mask in masks))

    scan(subject, terms, workers=2, done=look)
    assert ignored == {True}


def test_progress_counts_every_asset_of_every_start() -> None:
    subject, terms = small()
    told: list[tuple[int, int]] = []
    scan(subject, terms, done=lambda done, of: told.append((done, of)))
    assert told == [(n, 8) for n in range(9)]


def test_tables_are_as_declared_ranked_and_complete() -> None:
    subject, terms = small()
    found = scan(subject, terms)
    tables = resilience_tables(found)
    check_frame(RESILIENCE, tables["resilience"])
    check_frame(RESILIENCE_CUSTOMERS, tables["resilience_customers"])
    frame = tables["resilience"]
    assert list(frame["rank"]) == [1, 2, 3, 4] * 2
    assert not frame.duplicated(["start", "asset"]).any()
    assert frame.groupby("start")["exposure"].max().tolist() == [1.0, 1.0]
    assert frame["exposure"].between(0.0, 1.0).all()
    by_customer = tables["resilience_customers"].groupby(["start", "asset"], observed=True)["short_t"].sum()
    for row in frame.itertuples():
        assert by_customer.get((row.start, row.asset), 0.0) == pytest.approx(row.short_t)


def test_an_outage_without_stable_rates_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainsim.experiments.resilience import scanning

    subject, terms = small()
    real = scanning._exposure

    def stuck(ground: Any, trunk: Any, asset: Any) -> Exposure:
        if asset.name == "spur":
            raise FlowCycleError(3.0, ["spur"])
        return real(ground, trunk, asset)

    monkeypatch.setattr(scanning, "_exposure", stuck)
    found = scan(subject, terms)
    assert [one.asset.name for one in found.unsettled] == ["spur", "spur"]
    assert len(found.exposures) == 6
    assert len(resilience_tables(found)["resilience"]) == 6


# --- what is asked


def test_defaults_are_every_asset_from_the_second_month_or_the_as_of_date() -> None:
    subject = chain()
    terms = terms_asked(subject)
    assert [asset.name for asset in terms.assets] == ["field", "tank", "spur", "works"]
    assert terms.starts == (31.0,)
    assert terms_asked(replace(subject, as_of_day=12.0)).starts == (12.0,)
    assert terms_asked(replace(subject, end_day=20.0)).starts == (0.0,)


def test_junctions_cannot_be_out_and_railways_have_parts() -> None:
    subject = chain()
    assert "tank" not in [a.name for a in assets_of(replace(subject, farms=(farm("tank", storage="junction"),)))]


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as told:
        terms_asked(
            chain(), starts=[START.replace(year=2020)], assets=["spurr", "nonsense"], outage_days=0.0, band=-1.0
        )
    problems = told.value.problems
    assert [p.path for p in problems] == ["--from", "--asset", "--asset", "--days", "--band"]
    assert problems[1].nearest == "spur"
    assert not problems[1].accepted and "customer: works" in problems[2].accepted, "the list stands once"
    assert problems[0].accepted == "2026-01-01 … 2026-03-31"
    assert all(p.message_zh and p.found for p in problems)
