"""The plan in force: coarse lines spread over months, ten-day shapes, orders, and horizons that cut a month."""

from __future__ import annotations

from datetime import date
from math import inf

import pytest

from chainsim.files.quantities import read_period
from chainsim.model import AdjustmentOrder, OrderLine, PlanLine, Scenario
from chainsim.model.plan import courses, courses_at, period_bounds

START = date(2025, 1, 1)


def line(period: str, tonnes: float) -> PlanLine:
    level, start, end = read_period(period)
    return PlanLine(customer="a", grade="x", level=level, start=start, end=end, tonnes=tonnes)


def order(number: str, effective: float, *lines: tuple[str, float], state: str = "approved") -> AdjustmentOrder:
    changed = []
    for period, tonnes in lines:
        level, start, end = read_period(period)
        changed.append(OrderLine(customer="a", grade="x", level=level, start=start, end=end, tonnes=tonnes))
    return AdjustmentOrder(
        number=number,
        issued=START,
        effective_day=effective,
        state=state,  # type: ignore[arg-type]
        lines=tuple(changed),
    )


def scenario(lines: tuple[PlanLine, ...], orders: tuple[AdjustmentOrder, ...] = (), days: float = 365.0) -> Scenario:
    """Nothing but a plan: its courses need no network."""
    return Scenario(
        name="s",
        start=START,
        end_day=days,
        grades=(),
        suppliers=(),
        farms=(),
        pipelines=(),
        customers=(),
        plan=lines,
        orders=orders,
    )


def months(
    *lines: PlanLine, orders: tuple[AdjustmentOrder, ...] = (), known_at: float = inf, days: float = 365.0
) -> list[float]:
    """Tonnes by month of the year."""
    out = [0.0] * 12
    for segment in courses(scenario(lines, orders, days), known_at).get(("a", "x"), ()):
        out[segment.month] += segment.tonnes
    return out


def test_a_year_alone_is_spread_by_days() -> None:
    got = months(line("2025", 365.0))
    assert got == pytest.approx([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def test_a_quarter_leaves_the_rest_of_the_year_to_the_others() -> None:
    got = months(line("2025", 1000.0), line("2025Q1", 100.0))
    assert sum(got[:3]) == pytest.approx(100.0)
    assert got[0] == pytest.approx(100.0 * 31 / 90)
    assert got[3] == pytest.approx(900.0 * 30 / 275)
    assert sum(got) == pytest.approx(1000.0)


def test_months_inside_a_quarter_are_not_taken_off_the_year_twice() -> None:
    got = months(line("2025", 1000.0), line("2025Q1", 100.0), line("2025-02", 40.0))
    assert got[:3] == pytest.approx([60 * 31 / 62, 40, 60 * 31 / 62])
    assert sum(got) == pytest.approx(1000.0)


def test_a_month_with_some_ten_day_lines_counts_whole() -> None:
    # January is 100 t of which 40 t are told by ten days; February to December share 1100, not 1160.
    got = months(line("2025", 1200.0), line("2025-01", 100.0), line("2025-01-1", 40.0))
    assert got[0] == pytest.approx(100.0)
    assert sum(got) == pytest.approx(1200.0)


def test_ten_days_without_a_month_line_are_the_month() -> None:
    got = months(line("2025Q1", 90.0), line("2025-01-1", 10.0), line("2025-01-3", 5.0))
    assert got[:3] == pytest.approx([15.0, 75 * 28 / 59, 75 * 31 / 59])


def test_a_plan_without_any_line_for_the_period_is_nothing() -> None:
    assert months(line("2025-03", 31.0)) == [0, 0, 31, *[0] * 9]


def test_finer_lines_beyond_the_quarter_leave_nothing() -> None:
    assert months(line("2025Q1", 90.0), line("2025-01", 95.0))[:3] == [95.0, 0.0, 0.0]


def test_an_order_for_a_ten_day_period_gives_the_month_a_shape() -> None:
    segments = courses(scenario((line("2025-01", 310.0),), (order("1", 0.0, ("2025-01-2", 40.0)),)), inf)["a", "x"]
    assert [(s.start_day, s.end_day, s.tonnes) for s in segments[:3]] == [(0, 10, 100), (10, 20, 40), (20, 31, 110)]


def test_an_order_for_a_quarter_keeps_the_shape_within() -> None:
    got = months(
        line("2025-01", 10.0),
        line("2025-02", 20.0),
        line("2025-03", 30.0),
        orders=(order("1", 0.0, ("2025Q1", 120.0)),),
    )
    assert got[:3] == pytest.approx([20, 40, 60])


def test_an_order_where_nothing_was_planned_is_spread_by_days() -> None:
    assert months(orders=(order("1", 0.0, ("2025Q1", 90.0)),))[:3] == pytest.approx([31, 28, 31])


def test_the_later_order_rules_and_drafts_do_not() -> None:
    orders = (
        order("2", 20.0, ("2025-03", 5.0)),
        order("1", 10.0, ("2025-03", 7.0)),
        order("3", 5.0, ("2025-03", 9.0), state="draft"),
    )
    plan = line("2025-03", 1.0)
    assert months(plan, orders=orders, known_at=-inf)[2] == 1.0
    assert months(plan, orders=orders, known_at=5.0)[2] == 1.0
    assert months(plan, orders=orders, known_at=10.0)[2] == 7.0
    assert months(plan, orders=orders, known_at=20.0)[2] == 5.0


def test_a_month_that_the_horizon_cuts_keeps_its_part() -> None:
    assert months(line("2025-01", 31.0), line("2025-02", 28.0), days=38.0)[:2] == pytest.approx([31.0, 7.0])


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [(date(2024, 2, 10), 1, 11), (date(2024, 2, 11), 11, 21), (date(2024, 2, 20), 11, 21), (date(2024, 2, 29), 21, 1)],
)
def test_ten_day_periods(day: date, start: int, end: int) -> None:
    first, after = period_bounds("ten_day", day)
    assert (first.day, after.day) == (start, end)


def test_the_plan_on_several_days_is_that_of_each() -> None:
    lines = (line("2025-01", 310.0), line("2025-02", 280.0), line("2025Q3", 900.0))
    orders = (
        order("3", 40.0, ("2025-02", 140.0)),
        order("1", 0.0, ("2025-01-2", 40.0)),
        order("2", 20.0, ("2025-01-2", 80.0), ("2025-02-1", 10.0)),
        order("4", 40.0, ("2025-02", 70.0)),
    )
    case = scenario(lines, orders)
    days = (30.0, -inf, 0.0, 19.9, 20.0, inf, 40.0)
    together = courses_at(case, days)
    assert list(together) == sorted(days)
    assert together == {day: courses(case, day) for day in days}
    by_hand = {-inf: 280.0, 0.0: 280.0, 20.0: 10.0 + 280.0 * 18 / 28, 40.0: 70.0}
    for day, wanted in by_hand.items():
        assert sum(s.tonnes for s in together[day]["a", "x"] if s.month == 1) == pytest.approx(wanted)
