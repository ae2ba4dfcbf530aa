"""Laws that hold in every run, checked on random scenarios from the logs alone, by other means than the engine's own.

The fast lane draws few examples, the slow one many; both draw the same ones every time.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.simulation.strategies import scenarios

from chainsim.model import Customer, Grade, Pipeline, Profile, Scenario, Supplier, TankFarm
from chainsim.model.checks import check
from chainsim.model.plan import courses, months_of
from chainsim.records import CAUSES, EVENT_KINDS, AccountRecord, FlowLog, RunLog
from chainsim.simulation import resume, simulate
from chainsim.simulation.engine import Engine
from chainsim.simulation.routing import routes

Law = Callable[[Scenario, RunLog], None]
FAST = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,  # a busy machine fails nothing
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # a breach is told at once; the slow lane makes it small
)
SLOW = settings(FAST, max_examples=600, phases=tuple(Phase))
LIMIT_T = 1e-3
"""A kilogram: what a stock may be off a limit by rounding."""


# ---- reading the logs by themselves --------------------------------------------------------------------------------


class Integral:
    """The running integral of a step function given by its breakpoints, exact at every instant."""

    def __init__(self, days: Iterable[float], values: Iterable[float], end: float) -> None:
        self.days = [*days, end]
        self.values = list(values)
        self.sums = [0.0]
        for a, b, v in zip(self.days, self.days[1:], self.values, strict=False):
            self.sums.append(self.sums[-1] + v * (b - a))

    def to(self, day: float) -> float:
        """The integral from the beginning to ``day``."""
        i = bisect_right(self.days, day) - 1
        if i < 0 or not self.values:
            return 0.0
        if i >= len(self.values):
            return self.sums[-1]
        return self.sums[i] + self.values[i] * (day - self.days[i])


def part(log: RunLog, flow: FlowLog, grade: str, end: str) -> Integral:
    """Tonnes of ``grade`` at the entrance (``end`` = "into") or before loss at the exit ("out_of") of ``flow``."""
    mixtures = getattr(flow, end)
    shares = [dict(log.mixtures[m]).get(grade, 0.0) if m >= 0 else 0.0 for m in mixtures]
    return Integral(flow.days, [r * x for r, x in zip(flow.rate, shares, strict=True)], log.end_day)


def at(days: tuple[float, ...], values: tuple[float, ...], day: float) -> float:
    return values[max(0, bisect_right(days, day) - 1)]


def remaining(scenario: Scenario, asset: str, day: float, *, cash: bool = False) -> float:
    """What the disruptions leave of ``asset``: the smallest of those that run."""
    return min(
        (
            d.remaining
            for d in scenario.disruptions
            if d.asset == asset and d.start <= day < d.end and (d.cause == "customer_cash") == cash
        ),
        default=1.0,
    )


def grades_of(scenario: Scenario) -> list[str]:
    return [g.name for g in scenario.grades]


def scale_of(scenario: Scenario, log: RunLog) -> float:
    return 1.0 + sum(b.opening_stock_t + b.opening_line_fill_t + b.supplied_t for b in log.balance)


# ---- the laws ------------------------------------------------------------------------------------------------------


def grades_are_conserved(scenario: Scenario, log: RunLog) -> None:
    """The engine's own balance closes, and so does the one made of flows, trains and stocks alone."""
    end = log.end_day
    for balance in log.balance:
        grade = balance.grade
        scale = 1.0 + balance.opening_stock_t + balance.opening_line_fill_t + balance.supplied_t
        assert abs(balance.residual_t) <= 1e-6 * scale, balance
        total = 0.0
        for flow in log.flows:
            if flow.kind == "supply":
                total += part(log, flow, grade, "into").to(end)
            elif flow.kind == "runs":
                total -= part(log, flow, grade, "into").to(end)
            elif flow.kind == "line":
                total -= flow.loss_fraction * part(log, flow, grade, "out_of").to(end)
        loss = {(r.name, x.customer): x.loss_fraction for r in scenario.railways for x in r.routes}
        for train in log.trains:
            if train.grade == grade and train.unloaded_day is not None:
                total -= train.loaded_t * loss[train.railway, train.customer]
                assert train.arrived_t == pytest.approx(train.loaded_t * (1 - loss[train.railway, train.customer]))
        total -= sum(c.tonnes[-1] - c.tonnes[0] for c in log.cells if c.grade == grade)
        total -= sum(x.closing_t.get(grade, 0.0) - x.opening_t.get(grade, 0.0) for x in log.lines)
        loaded = sum(part(log, f, grade, "into").to(end) for f in log.flows if f.kind == "loading")
        arrived = sum(t.loaded_t for t in log.trains if t.grade == grade and t.unloaded_day is not None)
        assert balance.closing_in_trains_t == pytest.approx(loaded - arrived, abs=1e-6 * scale)
        total -= loaded - arrived
        assert abs(total) <= 1e-6 * scale, (grade, total, balance)


def every_stock_is_the_sum_of_its_flows(scenario: Scenario, log: RunLog) -> None:
    """At every breakpoint of every stock, and between two of them."""
    scale = scale_of(scenario, log)
    coming: dict[tuple[str, str], list[tuple[float, Integral]]] = {}
    for flow in log.flows:
        for grade in grades_of(scenario):
            if flow.kind in ("line", "runs", "loading"):
                coming.setdefault((flow.origin, grade), []).append((-1.0, part(log, flow, grade, "into")))
            if flow.kind in ("line", "supply"):
                kept = 1.0 - flow.loss_fraction
                coming.setdefault((flow.destination, grade), []).append((kept, part(log, flow, grade, "out_of")))
    for cell in log.cells:
        own = coming.get((cell.holder, cell.grade), [])
        jumps = [
            (t.unloaded_day, t.arrived_t)
            for t in log.trains
            if t.unloaded_day is not None and (t.customer, t.grade) == (cell.holder, cell.grade)
        ]
        assert list(cell.days) == sorted(cell.days)
        for i, (day, level) in enumerate(zip(cell.days, cell.tonnes, strict=True)):
            places = [(day, level)]
            if i + 1 < len(cell.days) and cell.days[i + 1] > day:
                places.append((0.5 * (day + cell.days[i + 1]), 0.5 * (level + cell.tonnes[i + 1])))
            for when, there in places:
                expected = cell.tonnes[0] + sum(sign * x.to(when) for sign, x in own)
                before = expected + sum(t for d, t in jumps if d < when)
                after = expected + sum(t for d, t in jumps if d <= when)
                low, high = min(before, after), max(before, after)
                assert low - 1e-6 * scale <= there <= high + 1e-6 * scale, (cell.holder, cell.grade, when, there, low)


def stocks_stay_within_their_limits(scenario: Scenario, log: RunLog) -> None:
    """No less than the heel; no more than safe fill, unless safe fill itself was cut: then at least never rising."""
    biggest = max((r.train_t for r in scenario.railways), default=0.0)
    for holder in (*scenario.farms, *scenario.customers):
        cells = [c for c in log.cells if c.holder == holder.name]
        if not cells:
            continue
        days = sorted({d for c in cells for d in c.days})
        is_farm = isinstance(holder, TankFarm)
        before, limit = float("inf"), 0.0
        for day in days:
            earlier = limit
            levels = {c.grade: _level(c.days, c.tonnes, day) for c in cells}
            working = remaining(scenario, holder.name, day) if is_farm else 1.0
            limit = holder.safe_fill_t.at(day) * working if holder.storage != "junction" else 0.0
            if not is_farm and biggest > limit:
                limit = float("inf")  # a train that no tank holds is unloaded all the same
            for grade, tonnes in levels.items():
                assert tonnes >= -LIMIT_T, (holder.name, grade, day, tonnes)
                if holder.storage not in ("blended", "junction"):
                    heel = min(holder.heel_t.get(grade, 0.0), holder.opening_t.get(grade, 0.0))
                    assert tonnes >= heel - LIMIT_T, (holder.name, grade, day, tonnes, heel)
                whole = working == 1.0 and not any(d.asset == holder.name for d in scenario.disruptions)
                steady = len(holder.safe_fill_t.values) == 1 and (is_farm or not biggest)
                if holder.storage == "own" and whole and steady:
                    assert tonnes <= holder.grade_safe_fill_t.get(grade, limit) + LIMIT_T, (holder.name, grade)
            total = sum(levels.values())
            if holder.storage == "blended":
                assert total >= min(holder.heel_t.get("", 0.0), sum(holder.opening_t.values())) - LIMIT_T
            if holder.storage != "own":
                assert total <= max(limit, earlier, before) + LIMIT_T, (holder.name, day, total, limit, before)
            before = total


def _level(days: tuple[float, ...], tonnes: tuple[float, ...], day: float) -> float:
    i = bisect_right(days, day) - 1
    if i + 1 >= len(days):
        return tonnes[-1]
    a, b = days[i], days[i + 1]
    return tonnes[i] + (tonnes[i + 1] - tonnes[i]) * (day - a) / (b - a) if b > a else tonnes[i]


def nothing_flows_beyond_request_or_capacity(scenario: Scenario, log: RunLog) -> None:
    """At every breakpoint, for every line, supplier, refinery and rack."""
    by_asset: dict[str, list[FlowLog]] = {}
    for flow in log.flows:
        assert list(flow.days) == sorted(set(flow.days))
        assert all(r <= q * (1 + 1e-9) + 1e-9 for r, q in zip(flow.rate, flow.request, strict=True)), flow.asset
        assert all(r >= 0.0 for r in flow.rate), flow.asset
        by_asset.setdefault(flow.asset, []).append(flow)
    capacities: dict[str, Callable[[float], float]] = {}
    for line in scenario.pipelines:
        capacities[line.name] = lambda d, x=line: x.capacity_t_per_day.at(d) * remaining(scenario, x.name, d)  # type: ignore[misc]
    for supplier in scenario.suppliers:
        capacities[supplier.name] = lambda d, x=supplier: x.production_t_per_day.at(d) * remaining(scenario, x.name, d)  # type: ignore[misc]
    for customer in scenario.customers:
        if customer.runs_t_per_day is not None:
            capacities[customer.name] = lambda d, x=customer: x.runs_t_per_day.at(d) * remaining(scenario, x.name, d)  # type: ignore[misc]
    for railway in scenario.railways:
        capacities[f"{railway.name}.rack"] = lambda d, x=railway: (  # type: ignore[misc]
            x.spots
            * x.train_t
            * 24.0
            / x.hours_per_train
            * min(remaining(scenario, f"{x.name}.rack", d), remaining(scenario, x.name, d))
        )
    for asset, found in by_asset.items():
        limit = capacities.get(asset)
        if limit is None:
            continue
        for day in sorted({d for f in found for d in f.days if d < log.end_day}):
            rate = sum(at(f.days, f.rate, day) for f in found if f.days and f.days[0] <= day)
            assert rate <= limit(day) * (1 + 1e-9) + 1e-9, (asset, day, rate, limit(day))


def causes_add_up(scenario: Scenario, log: RunLog) -> None:
    """Every tonne short has one cause from the list, on an asset that exists; none is negative."""
    assets = {
        a.name
        for group in (scenario.suppliers, scenario.farms, scenario.pipelines, scenario.railways, scenario.customers)
        for a in group
    }
    for account in log.accounts:
        short = max(0.0, account.plan_t - account.delivered_t)
        assert sum(t for _, t in account.causes) == pytest.approx(short, abs=1e-6), account
        for (code, asset), tonnes in account.causes:
            assert code in CAUSES, (code, account)
            assert tonnes >= 0.0, account
            assert asset.split(".")[0] in assets, (asset, account)


def accounts_are_what_the_plan_and_the_flows_say(scenario: Scenario, log: RunLog) -> None:
    """The plan is the plan in force at the month's end; what was delivered is what the logs carried."""
    months = months_of(scenario)
    ways = routes(scenario)
    lines = {p.name: p for p in scenario.pipelines}
    points = {c.name: c.delivery_point for c in scenario.customers}
    in_force = [courses(scenario, end - 1e-9) for _, end, _ in months]
    scale = scale_of(scenario, log)
    for account in log.accounts:
        start, end = months[account.month][0], min(months[account.month][1], log.end_day)
        assert (account.start_day, account.end_day) == months[account.month][:2]
        key = (account.customer, account.grade)
        if end == months[account.month][1] and scenario.as_of_day == 0:
            planned = sum(s.tonnes for s in in_force[account.month].get(key, ()) if s.month == account.month)
            assert account.plan_t == pytest.approx(planned, abs=1e-6, rel=1e-9), account
        way = ways.get(key)
        if way is None or scenario.as_of_day > 0:
            continue
        if way.delivering in lines:
            flows = [f for f in log.flows if f.asset == way.delivering]
            out = sum((x := part(log, f, key[1], "out_of")).to(end) - x.to(start) for f in flows)
            kept = 1.0 - lines[way.delivering].loss_fraction
            counted = 1.0 if points[key[0]] == "loading" else kept
            assert account.arrived_t == pytest.approx(out * kept, abs=1e-9 * scale + 1e-7), account
            assert account.delivered_t == pytest.approx(out * counted, abs=1e-9 * scale + 1e-7), account
        else:
            mine = [t for t in log.trains if (t.customer, t.grade, t.railway) == (*key, way.delivering)]
            loaded = sum(t.loaded_t for t in mine if t.loading_end_day is not None and start <= t.loading_end_day < end)
            arrived = sum(t.arrived_t for t in mine if t.unloaded_day is not None and start <= t.unloaded_day < end)
            edges = [d for t in mine for d in (t.loading_end_day, t.unloaded_day) if d is not None]
            if not any(
                abs(d - edge) < 1e-6 for d in edges for edge in (start, end)
            ):  # on midnight either month may count it
                assert account.loaded_t == pytest.approx(loaded), account
                assert account.arrived_t == pytest.approx(arrived), account
                assert account.delivered_t == pytest.approx(loaded if points[key[0]] == "loading" else arrived), account


def trains_keep_their_order(scenario: Scenario, log: RunLog) -> None:
    """Due, loading, path, arrival, unloading, wagons back; never two on a path, never more than spots and wagons."""
    for railway in scenario.railways:
        trains = [t for t in log.trains if t.railway == railway.name]
        routes_ = {r.customer: r for r in railway.routes}
        for t in trains:
            days = [
                t.loading_start_day,
                t.loading_end_day,
                t.departure_day,
                t.arrival_day,
                t.unloaded_day,
                t.wagons_back_day,
            ]
            known = [d for d in days if d is not None]
            assert known == sorted(known), t
            assert t.due_day <= t.loading_start_day + 1e-9, t
            if t.arrival_day is not None and t.departure_day is not None:
                assert t.arrival_day - t.departure_day == pytest.approx(routes_[t.customer].transit_days, abs=1e-9)
        slots = sorted(t.departure_day for t in trains if t.departure_day is not None)
        assert len(set(slots)) == len(slots), slots
        for t in trains:
            day = t.loading_start_day
            inf = float("inf")
            loading = [u for u in trains if u.loading_start_day <= day < (u.loading_end_day or inf)]
            assert len(loading) <= railway.spots
            out = [
                u
                for u in trains
                if u.loading_start_day <= day < (inf if u.wagons_back_day is None else u.wagons_back_day)
            ]
            assert sum(u.wagons for u in out) <= railway.wagons, (day, out)


def batches_leave_in_the_order_they_came(scenario: Scenario, log: RunLog) -> None:
    """FIFO: no batch overtakes another, and what is pumped is what the flow carried."""
    for line in scenario.pipelines:
        mine = [b for b in log.batches if b.pipeline == line.name]
        for one, other in zip(mine, mine[1:], strict=False):
            for a, b in (
                (one.entry_start_day, other.entry_start_day),
                (one.entry_end_day, other.entry_start_day),
                (one.exit_start_day, other.exit_start_day),
                (one.exit_end_day, other.exit_start_day),
            ):
                assert a is None or b is None or a <= b + 1e-9, (one, other)
        entered = [b for b in mine if b.entry_start_day is not None]
        if line.mode == "batch" and entered:
            flow = next(f for f in log.flows if f.asset == line.name)
            moved = Integral(flow.days, flow.rate, log.end_day).to(log.end_day)
            assert sum(b.pumped_t for b in entered) == pytest.approx(moved, abs=1e-3 + 1e-6 * len(entered)), line.name


def money_is_counted(scenario: Scenario, log: RunLog) -> None:
    """A balance never falls below zero (but by a cent)."""
    for cash in log.cash:
        assert list(cash.days) == sorted(cash.days)
        assert min(cash.yuan) >= -0.02 - 1e-9 * max(cash.yuan), (cash.customer, min(cash.yuan))


def records_are_well_formed(scenario: Scenario, log: RunLog) -> None:
    """Times lie within the run, kinds are declared, mixtures sum to one."""
    assert all(e.kind in EVENT_KINDS and log.begin_day <= e.day <= log.end_day for e in log.events)
    assert [e.day for e in log.events] == sorted(e.day for e in log.events)
    for mixture in log.mixtures:
        assert sum(x for _, x in mixture) == pytest.approx(1.0), mixture
    for line in log.lines:
        for content in (line.opening_t, line.closing_t):
            assert sum(content.values()) == pytest.approx(line.line_fill_t, abs=1e-3), line
            assert all(t >= -1e-6 for t in content.values()), line


LAWS: tuple[Law, ...] = (
    grades_are_conserved,
    every_stock_is_the_sum_of_its_flows,
    stocks_stay_within_their_limits,
    nothing_flows_beyond_request_or_capacity,
    causes_add_up,
    accounts_are_what_the_plan_and_the_flows_say,
    trains_keep_their_order,
    batches_leave_in_the_order_they_came,
    money_is_counted,
    records_are_well_formed,
)


def obey(scenario: Scenario) -> None:
    """Run a scenario and hold the log against every law."""
    log = simulate(scenario)
    for law in LAWS:
        law(scenario, log)


# ---- one run against another ---------------------------------------------------------------------------------------


def books_balance(scenario: Scenario, days: Iterable[float]) -> None:
    """The ledger's books of every account sum to what is due less what was served, at any instant, unscaled.

    Causes are scaled to the shortfall when a month is closed; this asks whether there was anything to scale.
    """
    engine = Engine(scenario)
    engine.start()
    for day in sorted(days):
        engine.run(day)
        engine.post_all_accounts()
        for account in engine.accounts.values():
            owed = account.due - account.served
            held = sum(account.books.values())
            assert held == pytest.approx(owed, abs=1e-6 + 1e-9 * (abs(account.due) + abs(account.served))), (
                account.customer,
                account.grade,
                day,
                owed,
                account.books,
            )


def split_runs_agree(scenario: Scenario, *days: float) -> None:
    """Stopping at any instants and going on is the same run, to the byte."""
    whole = simulate(scenario)
    log = simulate(scenario, until=days[0])
    for day in days[1:]:
        log = resume(log, until=day) if log.state is not None else log
    if log.state is not None:
        log = resume(log)
    for field in fields(RunLog):
        if field.name != "state":
            assert getattr(log, field.name) == getattr(whole, field.name), field.name


def relabelled(value: Any, names: dict[str, str]) -> Any:
    """``value`` with every name in it replaced, in keys, fields and the parts of dotted names."""
    if isinstance(value, str):
        head, dot, tail = value.partition(".")
        return names.get(head, head) + (dot + names.get(tail, tail) if dot else "")
    if isinstance(value, dict):
        return {relabelled(k, names): relabelled(v, names) for k, v in value.items()}
    if isinstance(value, tuple):
        return tuple(relabelled(v, names) for v in value)
    if is_dataclass(value) and not isinstance(value, type):
        skip = {
            "kind",
            "mode",
            "dispatch",
            "storage",
            "level",
            "state",
            "cause",
            "customer_class",
            "delivery_point",
            "offtake",
            "label",
        }
        return replace(
            value, **{f.name: relabelled(getattr(value, f.name), names) for f in fields(value) if f.name not in skip}
        )
    return value


def names_mean_nothing(scenario: Scenario) -> None:
    """Other names, sorting the other way round, in the same order: the same run."""
    groups = (
        scenario.grades,
        scenario.suppliers,
        scenario.farms,
        scenario.pipelines,
        scenario.railways,
        scenario.customers,
    )
    names = [a.name for group in groups for a in group]
    forth = {name: f"n{1000 - i}" for i, name in enumerate(names)}
    log = relabelled(replace(simulate(scenario), state=None), forth)
    other = simulate(relabelled(scenario, forth))
    for field in fields(RunLog):
        one, two = getattr(log, field.name), getattr(other, field.name)
        if field.name == "accounts":
            one, two = _by_cause(one), _by_cause(two)
        if field.name != "state":
            assert one == two, field.name


def _by_cause(accounts: tuple[AccountRecord, ...]) -> list[AccountRecord]:
    return [replace(a, causes=tuple(sorted(a.causes))) for a in accounts]


def bystanders_change_nothing(scenario: Scenario) -> None:
    """An island with its own oil and customer beside the network leaves everyone else's accounts as they were."""
    island = replace(
        scenario,
        grades=(*scenario.grades, Grade(name="w", density_kg_per_m3=800.0)),
        farms=(*scenario.farms, TankFarm(name="isle", storage="shared", safe_fill_t=Profile.constant(50.0))),
        suppliers=(
            *scenario.suppliers,
            Supplier(name="well", grade="w", farm="isle", production_t_per_day=Profile.constant(7.0)),
        ),
        pipelines=(
            *scenario.pipelines,
            Pipeline(
                name="pipe", origin="isle", destination="hut", capacity_t_per_day=Profile.constant(9.0), grades=("w",)
            ),
        ),
        customers=(
            *scenario.customers,
            Customer(name="hut", customer_class="local", grades=("w",), safe_fill_t=Profile.constant(20.0)),
        ),
    )
    before = list(simulate(scenario).accounts)
    after = [a for a in simulate(island).accounts if a.customer != "hut"]
    assert after == before


def bytes_of(scenario: Scenario) -> str:
    """A digest of the whole log."""
    return hashlib.sha256(pickle.dumps(simulate(scenario), protocol=4)).hexdigest()


def scaled(scenario: Scenario, factor: float) -> Scenario:
    """The same scenario with every tonne, and every yuan, ``factor`` times as big."""

    def times(value: Any) -> Any:
        if isinstance(value, Profile):
            return Profile(value.days, tuple(v * factor for v in value.values))
        if isinstance(value, dict):
            return {k: v * factor for k, v in value.items()}
        if isinstance(value, tuple):
            return tuple((g, t * factor) for g, t in value)
        return value * factor

    amounts = {
        "production_t_per_day",
        "safe_fill_t",
        "grade_safe_fill_t",
        "heel_t",
        "opening_t",
        "capacity_t_per_day",
        "minimum_t_per_day",
        "minimum_batch_t",
        "line_fill_t",
        "contents_t",
        "schedule",
        "tonnes_per_wagon",
        "runs_t_per_day",
        "cash_yuan",
        "income_yuan_per_day",
        "tonnes",
        "yuan",
    }

    def grow(item: Any) -> Any:
        changes = {
            f.name: times(getattr(item, f.name))
            for f in fields(item)
            if f.name in amounts and getattr(item, f.name) is not None
        }
        if hasattr(item, "number"):
            changes["lines"] = tuple(grow(x) for x in item.lines)
        return replace(item, **changes)

    groups = ("suppliers", "farms", "pipelines", "railways", "customers", "plan", "purchases", "orders", "receipts")
    return replace(scenario, **{g: tuple(grow(x) for x in getattr(scenario, g)) for g in groups})


def size_means_nothing(scenario: Scenario) -> None:
    """1,024 times as big a network falls short by 1,024 times as much."""
    small, big = simulate(scenario), simulate(scaled(scenario, 1024.0))
    for one, two in zip(small.accounts, big.accounts, strict=True):
        bound = 1e-3 + 1e-6 * one.plan_t
        assert two.plan_t / 1024 == pytest.approx(one.plan_t, abs=bound)
        assert two.delivered_t / 1024 == pytest.approx(one.delivered_t, abs=bound), (one, two)


# ---- the tests -----------------------------------------------------------------------------------------------------


@FAST
@given(scenarios())
def test_every_run_obeys_the_laws(scenario: Scenario) -> None:
    obey(scenario)


@pytest.mark.slow
@SLOW
@given(scenarios())
def test_every_run_obeys_the_laws_at_length(scenario: Scenario) -> None:
    obey(scenario)


DAYS = st.floats(0.0, 100.0, allow_nan=False).map(lambda d: round(d, 4))


@settings(FAST, max_examples=50)
@given(scenarios(), DAYS, DAYS)
def test_splitting_a_run_changes_nothing(scenario: Scenario, one: float, other: float) -> None:
    split_runs_agree(scenario, *sorted(min(d, scenario.end_day) for d in (one, other)))


@pytest.mark.slow
@settings(SLOW, max_examples=500)
@given(scenarios(), DAYS, DAYS)
def test_splitting_a_run_changes_nothing_at_length(scenario: Scenario, one: float, other: float) -> None:
    split_runs_agree(scenario, *sorted(min(d, scenario.end_day) for d in (one, other)))


@settings(FAST, max_examples=50)
@given(scenarios())
def test_names_mean_nothing(scenario: Scenario) -> None:
    names_mean_nothing(scenario)


@pytest.mark.slow
@settings(SLOW, max_examples=500)
@given(scenarios())
def test_names_mean_nothing_at_length(scenario: Scenario) -> None:
    names_mean_nothing(scenario)


@settings(FAST, max_examples=50)
@given(scenarios(), st.lists(DAYS, min_size=1, max_size=4))
def test_the_books_of_every_account_balance_at_any_instant(scenario: Scenario, days: list[float]) -> None:
    books_balance(scenario, [min(d, scenario.end_day) for d in days])


@pytest.mark.slow
@settings(SLOW, max_examples=500)
@given(scenarios(), st.lists(DAYS, min_size=1, max_size=4))
def test_the_books_of_every_account_balance_at_length(scenario: Scenario, days: list[float]) -> None:
    books_balance(scenario, [min(d, scenario.end_day) for d in days])


@settings(FAST, max_examples=50)
@given(scenarios())
def test_bystanders_change_nothing(scenario: Scenario) -> None:
    bystanders_change_nothing(scenario)


@settings(FAST, max_examples=50)
@given(scenarios(rail=False, mixed_lines=False, cash=False))
def test_size_means_nothing(scenario: Scenario) -> None:
    size_means_nothing(scenario)


def test_equal_input_gives_equal_bytes_in_another_process(tmp_path: Path) -> None:
    found: list[Scenario] = []

    @settings(FAST, max_examples=20)
    @given(scenarios(most_days=40))
    def collect(scenario: Scenario) -> None:
        found.append(scenario)

    collect()
    here = [bytes_of(s) for s in found]
    assert here == [bytes_of(s) for s in found]
    store = tmp_path / "scenarios.pickle"
    store.write_bytes(pickle.dumps(found))
    code = (
        "import pickle, sys; from pathlib import Path; from tests.simulation.test_laws import bytes_of;"
        "print(*map(bytes_of, pickle.loads(Path(sys.argv[1]).read_bytes())))"
    )
    root = Path(__file__).parents[2]
    for seed in ("1", "4711"):
        path = os.pathsep.join([str(root), str(root / "src"), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [sys.executable, "-c", code, str(store)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == here


@FAST
@given(scenarios())
def test_what_is_drawn_is_valid(scenario: Scenario) -> None:
    assert not check(scenario)
