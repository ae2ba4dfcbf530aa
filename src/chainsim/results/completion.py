"""Plan completion by customer, grade and month, and the causes of its shortfalls.

The definitions are the field's practice: completion 计划完成率, pace 进度差 (completion to date less time progress), evenness
均衡率 over the ten-day periods 旬. The bands are its usual limits, and a parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chainsim.records import AccountRecord
from chainsim.results.catalogue import BANDS
from chainsim.results.deliveries import Deliveries
from chainsim.results.frames import Codes, frame, ratio
from chainsim.results.integrals import Floats
from chainsim.results.plans import MonthGrid, ten_day_edges
from chainsim.results.run import Run
from chainsim.results.totals import DUST_T

if TYPE_CHECKING:
    import pandas as pd

OWN_CAUSES = frozenset({"customer_cash", "customer_runs", "customer_room"})
"""Causes that lie with the customer: who lags because of the line must not be taken for one that refused oil."""
PACE_AFTER_DAY = 10
"""Pace says little before the first ten-day period is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Limits of completion, as ratios: below ``green`` is watch, below ``watch`` low, below ``low`` severe."""

    green: float = 0.98
    watch: float = 0.95
    low: float = 0.90
    over_lift: float = 1.05

    def of(self, plan_t: Floats, delivered_t: Floats) -> Codes:
        """The band of each pair of amounts, as positions in ``BANDS``."""
        names = list(BANDS)
        completion = np.round(ratio(delivered_t, plan_t), 9)
        limits = (
            ("green", (completion >= self.green) & (completion <= self.over_lift)),
            ("watch", (completion >= self.watch) & (completion < self.green)),
            ("low", (completion >= self.low) & (completion < self.watch)),
            ("severe", completion < self.low),
            ("over_lift", completion > self.over_lift),
            ("unplanned", (plan_t <= 0) & (delivered_t > DUST_T)),
        )
        codes = np.full(len(plan_t), names.index("no_plan"), dtype=np.intp)
        for name, where in limits:
            codes[where] = names.index(name)
        return codes


@dataclass(frozen=True, slots=True)
class _Books:
    """Amounts by (row, month); a row is a customer and grade, or a customer."""

    plan: Floats
    original: Floats
    loaded: Floats
    arrived: Floats
    delivered: Floats
    actual: Floats


def completion_frame(deliveries: Deliveries, bands: Bands) -> pd.DataFrame:
    """The table ``completion``: a row per account."""
    run, pairs = deliveries.run, deliveries.pairs
    order = {pair: i for i, pair in enumerate(pairs)}
    accounts = sorted(run.log.accounts, key=lambda a: (order[a.customer, a.grade], a.month))
    rows = np.array([order[a.customer, a.grade] for a in accounts], dtype=np.intp)
    months = np.array([a.month for a in accounts], dtype=np.intp)
    books = _books(run, accounts, rows, len(pairs))
    points = {c.name: c.delivery_point for c in run.scenario.customers}
    columns = _columns(
        run, deliveries.grid, books, deliveries.counted, _measured(deliveries), deliveries.ten_day_plans, bands
    )
    codes = _names(run, [a.customer for a in accounts])
    taken = {name: values[rows, months] for name, values in columns.items()}
    return frame(
        "completion",
        run.domains,
        {
            "month": run.month_dates[months],
            **codes,
            "grade": run.domains.codes("grade", (a.grade for a in accounts)),
            "counted_at": run.domains.codes("point", (points[a.customer] for a in accounts)),
            **taken,
        },
    )


def customer_months_frame(deliveries: Deliveries, bands: Bands) -> pd.DataFrame:
    """The table ``customer_months``: the grades of each customer together."""
    run, pairs = deliveries.run, deliveries.pairs
    order = {name: i for i, name in enumerate(run.domains.members["customer"])}
    accounts = sorted(run.log.accounts, key=lambda a: (order[a.customer], a.month))
    seen = list(dict.fromkeys((order[a.customer], a.month) for a in accounts))
    rows = np.array([row for row, _ in seen], dtype=np.intp)
    months = np.array([month for _, month in seen], dtype=np.intp)
    all_rows = np.array([order[a.customer] for a in accounts], dtype=np.intp)
    books = _books(run, accounts, all_rows, len(order))
    member = np.zeros((len(order), len(pairs)))
    for column, (customer, _) in enumerate(pairs):
        member[order[customer], column] = 1.0
    actual, measured = _measured(deliveries)
    columns = _columns(
        run,
        deliveries.grid,
        books,
        member @ deliveries.counted,
        (member @ actual, member @ measured),
        np.einsum("cp,pmx->cmx", member, deliveries.ten_day_plans),
        bands,
    )
    # What is short, over or unplanned is so by grade: grades do not make up for one another.
    each = _books(run, accounts, np.arange(len(accounts)), len(accounts))
    for name, values in differences(each.plan, each.delivered).items():
        columns[name] = _summed(values.sum(axis=1), all_rows, accounts, columns["plan_t"].shape)
    matched = _summed(np.minimum(each.plan, each.delivered).sum(axis=1), all_rows, accounts, columns["plan_t"].shape)
    taken = {name: values[rows, months] for name, values in columns.items()}
    return frame(
        "customer_months",
        run.domains,
        {
            "month": run.month_dates[months],
            **_names(run, [run.domains.members["customer"][row] for row in rows]),
            **taken,
            "completion_by_grade": ratio(matched[rows, months], taken["plan_t"]),
            **_causes(run, accounts, [(run.domains.members["customer"][r], m) for r, m in seen]),
        },
    )


def shortfalls_frame(run: Run) -> pd.DataFrame:
    """The table ``shortfalls``: a row per account, cause and asset, the largest first within an account."""
    rows = [
        (account, cause, asset, tonnes)
        for account in sorted(
            run.log.accounts,
            key=lambda a: (
                a.month,
                run.domains.positions["customer"][a.customer],
                run.domains.positions["grade"][a.grade],
            ),
        )
        for (cause, asset), tonnes in sorted(account.causes, key=lambda item: (-item[1], item[0]))
        if tonnes != 0.0
    ]
    tonnes = np.array([t for *_, t in rows], dtype=np.float64)
    short = np.array([max(0.0, a.plan_t - a.delivered_t) for a, *_ in rows], dtype=np.float64)
    return frame(
        "shortfalls",
        run.domains,
        {
            "month": run.month_dates[np.array([a.month for a, *_ in rows], dtype=np.intp)],
            "customer": run.domains.codes("customer", (a.customer for a, *_ in rows)),
            "grade": run.domains.codes("grade", (a.grade for a, *_ in rows)),
            "cause": run.domains.codes("cause", (cause for _, cause, _, _ in rows)),
            "asset": run.domains.codes("asset", (asset for _, _, asset, _ in rows)),
            "shortfall_t": tonnes,
            "share": ratio(tonnes, short),
        },
    )


def _books(run: Run, accounts: Sequence[AccountRecord], rows: Codes, count: int) -> _Books:
    """The accounts' amounts added up by (row, month)."""
    at = (rows, np.array([a.month for a in accounts], dtype=np.intp))
    sums = []
    for name in ("plan_t", "original_t", "loaded_t", "arrived_t", "delivered_t", "actual_t"):
        total = np.zeros((count, len(run.months)))
        np.add.at(total, at, np.array([getattr(a, name) for a in accounts]))
        sums.append(total)
    return _Books(*sums)


def _summed(values: Floats, rows: Codes, accounts: Sequence[AccountRecord], shape: tuple[int, ...]) -> Floats:
    total = np.zeros(shape)
    np.add.at(total, (rows, np.array([a.month for a in accounts], dtype=np.intp)), values)
    return total


def _measured(deliveries: Deliveries) -> tuple[Floats, Floats]:
    """Actual and measured tonnes by (pair, month)."""
    first, last = deliveries.grid.first_edge, deliveries.grid.last_edge
    actual, measured = (total[:, last] - total[:, first] for total in (deliveries.actual, deliveries.measured))
    return actual, measured


def differences(plan: Floats, delivered: Floats) -> dict[str, Floats]:
    """Shortfall, over-lift and unplanned tonnes."""
    gap = np.where(np.abs(delivered - plan) > DUST_T, delivered - plan, 0.0)
    return {
        "shortfall_t": np.maximum(0.0, -gap),
        "over_lift_t": np.where(plan > 0, np.maximum(0.0, gap), 0.0),
        "unplanned_t": np.where(plan > 0, 0.0, gap),
    }


def _columns(
    run: Run,
    grid: MonthGrid,
    books: _Books,
    counted: Floats,
    measured: tuple[Floats, Floats],
    tens: Floats,
    bands: Bands,
) -> dict[str, Any]:
    """The columns that ``completion`` and ``customer_months`` share, each by (row, month)."""
    cumulative_plan, cumulative_delivered = _this_year(run, books.plan), _this_year(run, books.delivered)
    pace, pace_on = _worst_pace(counted, books.plan, grid)
    shape = books.plan.shape
    return {
        "plan_t": books.plan,
        "original_plan_t": books.original,
        "loaded_t": books.loaded,
        "arrived_t": books.arrived,
        "delivered_t": books.delivered,
        "actual_t": books.actual,
        **differences(books.plan, books.delivered),
        "completion": ratio(books.delivered, books.plan),
        "completion_original": ratio(books.delivered, books.original),
        "cumulative_plan_t": cumulative_plan,
        "cumulative_delivered_t": cumulative_delivered,
        "cumulative_completion": ratio(cumulative_delivered, cumulative_plan),
        "pace_worst": pace,
        "pace_worst_on": pace_on,
        "evenness": _evenness(run, counted, tens),
        "measured_share": ratio(measured[1], measured[0]),
        "band": bands.of(books.plan.ravel(), books.delivered.ravel()).reshape(shape),
    }


def _this_year(run: Run, amounts: Floats) -> Floats:
    """Running sums over the months that start again with each calendar year."""
    total = np.cumsum(amounts, axis=1)
    years = [first.year for _, _, first in run.months]
    began = [years.index(year) for year in years]
    before = np.concatenate([np.zeros((len(amounts), 1)), total], axis=1)
    running: Floats = total - before[:, began]
    return running


def _worst_pace(counted: Floats, plan: Floats, grid: MonthGrid) -> tuple[Floats, NDArray[np.datetime64]]:
    """The lowest completion to date less time progress after the tenth, and its day, by (row, month)."""
    to_date = counted[:, 1:] - counted[:, grid.first_edge[grid.month]]
    pace = ratio(to_date, plan[:, grid.month]) - grid.progress
    lowest = np.full(plan.shape, np.nan)
    on = np.full(plan.shape, np.datetime64("NaT"), dtype="datetime64[us]")
    for month in range(plan.shape[1]):
        days = np.flatnonzero((grid.month == month) & (grid.day_of_month > PACE_AFTER_DAY))
        if not len(days):
            continue
        planned = plan[:, month] > 0
        worst = days[np.argmin(pace[:, days], axis=1)]
        lowest[planned, month] = pace[np.arange(len(plan)), worst][planned]
        on[planned, month] = grid.dates[worst][planned]
    return lowest, on


def _evenness(run: Run, counted: Floats, tens: Floats) -> Floats:
    """1 − Σ|a − p| / (2 Σ p) over the ten-day periods, by (row, month); null without a plan."""
    out = np.full(tens.shape[:2], np.nan)
    for month, (_, _, first) in enumerate(run.months):
        edges = np.array(ten_day_edges(run, first))
        at = np.ceil(edges).astype(np.intp)
        delivered = counted[:, at[:, 1]] - counted[:, at[:, 0]]
        plan = tens[:, month]
        out[:, month] = 1.0 - ratio(np.abs(delivered - plan).sum(axis=1), 2.0 * plan.sum(axis=1))
    return out


def _names(run: Run, customers: Sequence[str]) -> dict[str, Codes]:
    classes = {c.name: c.customer_class for c in run.scenario.customers}
    return {
        "customer": run.domains.codes("customer", customers),
        "customer_class": run.domains.codes("class", (str(classes[name]) for name in customers)),
    }


def _causes(run: Run, accounts: Sequence[AccountRecord], keys: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """Whose fault each customer-month's shortfall is, and the largest single cause."""
    tonnes: dict[tuple[str, int], dict[tuple[str, str], float]] = {key: {} for key in keys}
    for account in accounts:
        books = tonnes[account.customer, account.month]
        for cause, amount in account.causes:
            books[cause] = books.get(cause, 0.0) + amount
    own = np.array([sum(t for (c, _), t in tonnes[key].items() if c in OWN_CAUSES) for key in keys], dtype=float)
    total = np.array([sum(tonnes[key].values()) for key in keys], dtype=float)
    main = [min(tonnes[key].items(), key=lambda item: (-item[1], item[0]), default=(("", ""), 0.0)) for key in keys]
    main = [entry if entry[1] > 0 else (("", ""), 0.0) for entry in main]
    return {
        "own_shortfall_t": own,
        "supply_shortfall_t": total - own,
        "main_cause": run.domains.codes("cause", (cause for (cause, _), _ in main)),
        "main_asset": run.domains.codes("asset", (asset for (_, asset), _ in main)),
        "main_share": ratio(np.array([t for _, t in main], dtype=float), total),
    }
