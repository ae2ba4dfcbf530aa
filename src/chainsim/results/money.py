"""Settlement and customers' cash as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainsim.model import Scenario
from chainsim.results.deliveries import Deliveries
from chainsim.results.frames import frame, ratio
from chainsim.results.integrals import Floats, Steps, Stock, bounded, steps_of
from chainsim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd


def settlement_frame(deliveries: Deliveries) -> pd.DataFrame:
    """The table ``settlement``: each tonne at the price in force at the instant it counts."""
    run, pairs = deliveries.run, deliveries.pairs
    prices = _prices(run.scenario)
    starts = np.array([start for start, _, _ in run.months])
    changes = np.concatenate([steps.days for steps in prices.values()]) if prices else np.empty(0)
    when = np.unique(np.concatenate([starts, changes, [run.log.end_day]]))
    when = when[(when >= 0.0) & (when <= run.log.end_day)]
    tonnes = np.diff(deliveries.counted_at(when))
    month = np.searchsorted(starts, when[:-1], side="right") - 1
    delivered = np.zeros((len(pairs), len(starts)))
    amount = np.full((len(pairs), len(starts)), np.nan)
    for row, (_, grade) in enumerate(pairs):
        np.add.at(delivered[row], month, tonnes[row])
        if grade in prices:
            amount[row] = 0.0
            np.add.at(amount[row], month, tonnes[row] * prices[grade].at(when[:-1]))
    accounts = {(a.customer, a.grade, a.month) for a in run.log.accounts}
    keep = [
        (row, m)
        for row, (customer, grade) in enumerate(pairs)
        for m in range(len(starts))
        if (customer, grade, m) in accounts or delivered[row, m] > 0
    ]
    at = (np.array([r for r, _ in keep], dtype=np.intp), np.array([m for _, m in keep], dtype=np.intp))
    return frame(
        "settlement",
        run.domains,
        {
            "month": run.month_dates[at[1]],
            "customer": run.domains.codes("customer", (pairs[r][0] for r, _ in keep)),
            "grade": run.domains.codes("grade", (pairs[r][1] for r, _ in keep)),
            "delivered_t": delivered[at],
            "price_yuan_per_t": ratio(amount, delivered)[at],
            "amount_yuan": amount[at],
            "tariff_yuan": _tariffs(deliveries)[at],
        },
    )


def cash_frame(run: Run) -> pd.DataFrame:
    """The table ``cash``: a row per cash customer and month of the run."""
    customers = {c.name: c for c in run.scenario.customers}
    rows: list[tuple[str, int, float, float, float]] = []
    for log in run.log.cash:
        balance = Stock(np.array(log.days), np.array(log.yuan))
        left = run.remaining.get((log.customer, "cash"))
        rate = bounded(steps_of(customers[log.customer].income_yuan_per_day, left), run.log.begin_day)
        for month, (month_start, month_end, _) in enumerate(run.months):
            begin, end = max(month_start, run.log.begin_day), min(month_end, run.log.end_day)
            if begin >= end:
                continue
            span = np.array([begin, end])
            opening, closing = (float(v) for v in balance.at(span))
            earned = float(np.diff(rate.integral_at(span, run.log.end_day))[0])
            received = sum(
                r.yuan * (1.0 if left is None or r.day < left.days[0] else float(left.at(np.array([r.day]))[0]))
                for r in run.scenario.receipts
                if r.customer == log.customer and begin <= r.day < end
            )
            rows.append((log.customer, month, opening, earned + received, closing))
    opening_yuan, income, closing_yuan = (np.array([r[i] for r in rows], dtype=np.float64) for i in (2, 3, 4))
    return frame(
        "cash",
        run.domains,
        {
            "month": run.month_dates[np.array([r[1] for r in rows], dtype=np.intp)],
            "customer": run.domains.codes("customer", (r[0] for r in rows)),
            "opening_yuan": opening_yuan,
            "income_yuan": income,
            "paid_yuan": opening_yuan + income - closing_yuan,
            "closing_yuan": closing_yuan,
        },
    )


def _prices(scenario: Scenario) -> dict[str, Steps]:
    """Price by grade over time; of two prices from one instant the later declared holds."""
    by_grade: dict[str, dict[float, float]] = {}
    for price in scenario.prices:
        by_grade.setdefault(price.grade, {})[price.day] = price.yuan_per_t
    return {
        grade: Steps(np.array(sorted(known)), np.array([known[day] for day in sorted(known)]))
        for grade, known in by_grade.items()
    }


def _tariffs(deliveries: Deliveries) -> Floats:
    """Carriage on the last leg by (pair, month), on tonnes loaded there."""
    run = deliveries.run
    position = {pair: i for i, pair in enumerate(deliveries.pairs)}
    starts = np.array([start for start, _, _ in run.months])
    bounds = np.append(starts, run.log.end_day)
    out = np.zeros((len(deliveries.pairs), len(starts)))
    tariffs = {p.name: p.tariff_yuan_per_t for p in run.scenario.pipelines}
    customers = run.domains.positions["customer"]
    for flow in run.flows:
        if flow.log.kind == "line" and flow.log.destination in customers and tariffs[flow.log.asset] > 0:
            entered = np.diff(flow.entered_at(bounds, run.log.end_day), axis=0)
            for g, grade in enumerate(run.grades):
                row = position.get((flow.log.destination, grade))
                if row is not None:
                    out[row] += entered[:, g] * tariffs[flow.log.asset]
    routes = {(r.name, route.customer): route.tariff_yuan_per_t for r in run.scenario.railways for route in r.routes}
    for train in run.log.trains:
        if train.loading_end_day is not None:
            month = int(np.searchsorted(starts, train.loading_end_day, side="right")) - 1
            out[position[train.customer, train.grade], month] += train.loaded_t * routes[train.railway, train.customer]
    return out
