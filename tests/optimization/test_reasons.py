"""Why each line of an order changes: what it mends, what binds and what that is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.simulation.networks import customer, farm, line, month, outage, scenario, supplier

from chainsim.model import Label, Scenario
from chainsim.optimization.drafting import Change
from chainsim.optimization.explaining import matters, story_of
from chainsim.optimization.pricing import tonne_prices
from chainsim.optimization.reasons import Why, bindings_on, reasons_of, way_of
from chainsim.optimization.replanning import Replanned, replan, solve
from chainsim.optimization.wording import Words
from chainsim.results import labels_of

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
STOP, BEGUN = 10.0, 20.0


def stopped(**more: Any) -> Scenario:
    """One line, 1,500 t/d for 1,000 t/d of plan, that stands still for ten days of January; a second customer beside it."""
    remaining = more.pop("remaining", 0.0)
    return scenario(
        supplier("field", "tank", 1_500.0),
        farm("tank", 90_000.0),
        line("pipe", "tank", "works", 1_500.0),
        line("branch", "tank", "depot", 1_500.0),
        customer("works", label=Label(en="The works", zh="石化厂")),
        customer("depot"),
        *(
            month("works", days * 1_000.0, when=when)
            for days, when in ((31, date(2026, 1, 1)), (28, FEBRUARY), (31, MARCH))
        ),
        *(
            month("depot", days * 400.0, when=when)
            for days, when in ((31, date(2026, 1, 1)), (28, FEBRUARY), (31, MARCH))
        ),
        outage("pipe", STOP, BEGUN, "pipeline", remaining),
        days=90.0,
        **more,
    )


@pytest.fixture(scope="module")
def replanned() -> Replanned:
    return replan(stopped(), STOP)


def words(replanned: Replanned, lang: str) -> Words:
    return Words(replanned.scenario, labels_of(replanned.scenario), lang)


def changed(replanned: Replanned, *changes: Change) -> tuple[Why, ...]:
    """The reasons of other changes than those that were found."""
    return reasons_of(replace(replanned, changes=changes))


def test_an_increase_makes_up_what_an_outage_cost(replanned: Replanned) -> None:
    (why,) = reasons_of(replanned)
    assert why.change.key == ("works", "g", 1)
    assert why.purpose == "makes_up"
    assert why.mends is not None
    assert (why.mends.cause, why.mends.asset, why.mends.months) == ("pipeline", "pipe", (0,))
    assert why.mends.tonnes == pytest.approx(4_500.0)
    assert words(replanned, "en").why(why) == (
        "makes up 4,500 t lost in January to pipeline outage (pipe); "
        "not before: pipe is full 11–31 January (a tonne more there saves 1.00 t·month)"
    )
    assert words(replanned, "zh").why(why, brief=True) == "补1月pipe管线停输欠量 4,500 t"


def test_a_cut_of_what_would_not_come_is_no_loss(replanned: Replanned) -> None:
    cut, more = Change("works", "g", 0, 31_000.0, 27_000.0), Change("works", "g", 1, 28_000.0, 32_000.0)
    first, second = changed(replanned, cut, more)
    assert (first.purpose, first.shifted) == ("cannot_come", (1,))
    assert (second.purpose, second.shifted) == ("makes_up", (0,))
    told = words(replanned, "en").why(first, brief=True)
    assert told == "4,000 t cannot come in January because of pipeline outage (pipe); moved to February"


def test_what_was_made_up_is_not_made_up_twice(replanned: Replanned) -> None:
    february, march = Change("works", "g", 1, 28_000.0, 31_000.0), Change("works", "g", 2, 31_000.0, 35_000.0)
    mended = [why.mends.tonnes for why in changed(replanned, february, march) if why.mends]
    assert mended == pytest.approx([3_000.0, 1_500.0])


def test_a_cut_without_a_loss_makes_room_for_who_shares_the_bottleneck() -> None:
    parts = stopped()
    shared = replace(
        parts, pipelines=(line("trunk", "tank", "end", 1_500.0), *(replace(p, origin="end") for p in parts.pipelines)),
        farms=(*parts.farms, farm("end", 90_000.0)), disruptions=(outage("trunk", STOP, BEGUN, "pipeline"),),
    )  # fmt: skip
    replanned = replan(shared, STOP)
    cut, more = Change("depot", "g", 2, 12_400.0, 10_000.0), Change("works", "g", 2, 31_000.0, 33_400.0)
    why, _ = changed(replanned, cut, more)
    assert (why.purpose, why.room_for) == ("makes_room", ("works",))
    assert words(replanned, "zh").why(why).startswith("为石化厂让出能力；以后不再补；")


def test_an_increase_before_its_loss_is_ahead() -> None:
    replanned = replan(stopped(), 0.0)
    late = replace(replanned, log_before=replanned.log_before)
    (why,) = changed(late, Change("depot", "g", 0, 12_400.0, 12_500.0))
    assert why.purpose == "evens"  # the depot loses nothing
    (why,) = changed(late, Change("works", "g", 0, 31_000.0, 31_500.0))
    assert why.purpose == "makes_up"
    accounts = tuple(replace(a, month=a.month + 1) for a in late.log_before.accounts)
    (why,) = changed(replace(late, log_before=replace(late.log_before, accounts=accounts)), why.change)
    assert why.purpose == "ahead"


def test_only_what_lies_on_the_way_binds(replanned: Replanned) -> None:
    case = replanned.case
    prices = tonne_prices(case, replanned.answer.solved)
    assert {"pipe"} == way_of(case, ("works", "g")).lines
    assert {b.asset for b in bindings_on(case, prices, way_of(case, ("works", "g")), "works", "g", until=2)} == {"pipe"}
    assert not bindings_on(case, prices, way_of(case, ("depot", "g")), "depot", "g", until=2)


def test_a_price_is_what_a_little_more_capacity_saves(replanned: Replanned) -> None:
    # Two parts in a hundred of the line during the stop: 1,500 t/d × 10 d × 0.02 = 300 t more.
    def late(answer: Any) -> float:
        return float(next(level.value for level in answer.solved.levels if level.name == "completion 1"))

    more = replan(stopped(remaining=0.02), STOP)
    saved = late(solve(replanned.case)) - late(solve(more.case))
    price = tonne_prices(replanned.case, replanned.answer.solved)["capacity", "pipe", ""]
    assert saved == pytest.approx(300.0 * max(price.values()), rel=1e-3)


def test_the_story_of_one_customer(replanned: Replanned) -> None:
    story = story_of(replanned, reasons_of(replanned), "works")
    assert [m.month for m in story.months if matters(m)] == [0, 1]
    assert [m.behind_after_t for m in story.months] == pytest.approx([4_500.0, 0.0, 0.0])
    assert [m.behind_before_t for m in story.months] == pytest.approx([4_500.0] * 3)
    assert [binding.asset for binding in story.bindings] == ["pipe"]
    assert not any(matters(m) for m in story_of(replanned, reasons_of(replanned), "depot").months)


@pytest.mark.parametrize(
    ("start", "end", "english", "chinese"),
    [
        (0.0, 1.0, "on 1 January", "1月1日"),
        (9.0, 20.0, "10–20 January", "1月10日至20日"),
        (27.5, 33.0, "28 January to 2 February", "1月28日至2月2日"),
    ],
)
def test_spans_in_words(replanned: Replanned, start: float, end: float, english: str, chinese: str) -> None:
    assert words(replanned, "en").span(start, end) == english
    assert words(replanned, "zh").span(start, end) == chinese


def test_months_in_words(replanned: Replanned) -> None:
    assert words(replanned, "en").months([2, 0, 1]) == "January, February and March"
    assert words(replanned, "zh").months([0, 2]) == "1、3月"
    long = replace(stopped(), end_day=400.0)
    assert Words(long, labels_of(long), "en").months([0, 12]) == "January 2026 and January 2027"
    assert Words(long, labels_of(long), "zh").span(360.0, 370.0) == "2026年12月27日至2027年1月5日"
