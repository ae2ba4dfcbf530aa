"""Tonnes loaded for, arrived at and counted for each customer and grade, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chainsim.results.frames import frame, ratio
from chainsim.results.integrals import Floats
from chainsim.results.plans import MonthGrid, Pair, month_grid, month_plans, ten_day_plans
from chainsim.results.run import Run, clipped_midnights

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Deliveries:
    """Cumulative tonnes since the scenario's start, by (pair, midnight): ``pairs`` are (customer, grade).

    ``counted`` is what the plan counts: loaded or arrived by the customer's delivery point, plus the actuals from before
    the as-of date. ``edges`` are the midnights of the whole horizon, also those before the as-of date.
    """

    run: Run

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Every customer and grade with a plan or a delivery, in the scenario's order."""
        run = self.run
        named = {(a.customer, a.grade) for a in run.log.accounts}
        named.update(run.trains_of)
        named.update((a.customer, a.grade) for a in run.scenario.actual_deliveries)
        customers = run.domains.positions["customer"]
        for flow in run.flows:
            if flow.log.kind == "line" and flow.log.destination in customers:
                moving = flow.rate > 0
                present = np.concatenate([flow.entering[moving], flow.leaving[moving]]).sum(axis=0) > 0
                named.update((flow.log.destination, g) for g, on in zip(run.grades, present, strict=True) if on)
        grades = run.domains.positions["grade"]
        return tuple(sorted(named, key=lambda pair: (customers[pair[0]], grades[pair[1]])))

    @cached_property
    def edges(self) -> Floats:
        """The midnights of the horizon."""
        return clipped_midnights(0.0, self.run.log.end_day)

    @cached_property
    def grid(self) -> MonthGrid:
        """Where the days of the horizon lie in its months."""
        return month_grid(self.run, self.edges)

    @cached_property
    def ten_day_plans(self) -> Floats:
        """Plan in force by (pair, month, ten-day period)."""
        return ten_day_plans(self.run, self.pairs)

    @cached_property
    def moved(self) -> tuple[Floats, Floats]:
        """(loaded, arrived) at the midnights. Loaded: entered the last line, or on a train; arrived: losses taken off."""
        return self.moved_at(self.edges)

    @cached_property
    def actual(self) -> Floats:
        """The actuals from before the as-of date."""
        return self._actuals(measured_only=False)

    @cached_property
    def measured(self) -> Floats:
        """The measured part of ``actual``."""
        return self._actuals(measured_only=True)

    @cached_property
    def counts_loading(self) -> NDArray[np.bool_]:
        """Per pair: whether the plan counts at loading."""
        points = {c.name: c.delivery_point for c in self.run.scenario.customers}
        return np.array([points[customer] == "loading" for customer, _ in self.pairs], dtype=bool)

    @cached_property
    def counted(self) -> Floats:
        """What counts against the plan."""
        return np.where(self.counts_loading[:, None], *self.moved) + self.actual

    def counted_at(self, when: Floats) -> Floats:
        """``counted`` at any instants; actuals count from their day's midnight."""
        loaded, arrived = self.moved_at(when)
        index = np.clip(np.searchsorted(self.edges, when, side="left"), 0, len(self.edges) - 1)
        return np.where(self.counts_loading[:, None], loaded, arrived) + self.actual[:, index]

    def moved_at(self, when: Floats) -> tuple[Floats, Floats]:
        """(loaded, arrived) by pair up to each of ``when``; a train at that very instant is not yet counted."""
        run = self.run
        end = run.log.end_day
        loaded = np.zeros((len(self.pairs), len(when)))
        arrived = np.zeros_like(loaded)
        position = {pair: i for i, pair in enumerate(self.pairs)}
        customers = run.domains.positions["customer"]
        for flow in run.flows:
            log = flow.log
            if log.kind != "line" or log.destination not in customers:
                continue
            entered = flow.entered_at(when, end)
            pushed = entered if log.into == log.out_of else flow.pushed_at(when, end)
            for g, grade in enumerate(run.grades):
                row = position.get((log.destination, grade))
                if row is not None:
                    loaded[row] += entered[:, g]
                    arrived[row] += pushed[:, g] * (1.0 - log.loss_fraction)
        for pair, trains in run.trains_of.items():
            row = position[pair]
            loaded[row] += _stairs([(t.loading_end_day, t.loaded_t) for t in trains], when)
            arrived[row] += _stairs([(t.unloaded_day, t.arrived_t) for t in trains], when)
        return loaded, arrived

    def _actuals(self, *, measured_only: bool) -> Floats:
        total = np.zeros((len(self.pairs), len(self.edges)))
        position = {pair: i for i, pair in enumerate(self.pairs)}
        for actual in self.run.scenario.actual_deliveries:
            day = int(np.floor(actual.day))
            counts = 0 <= day < len(self.edges) - 1 and actual.day < self.run.log.begin_day
            if counts and (actual.measured or not measured_only):
                total[position[actual.customer, actual.grade], day + 1] += actual.tonnes
        return np.cumsum(total, axis=1)


def _stairs(steps: list[tuple[float | None, float]], when: Floats) -> Floats:
    """The sum of the steps strictly before each of ``when``."""
    known = sorted((day, tonnes) for day, tonnes in steps if day is not None)
    total = np.concatenate([[0.0], np.cumsum([tonnes for _, tonnes in known])])
    return total[np.searchsorted(np.array([day for day, _ in known]), when, side="left")]


def deliveries_frame(deliveries: Deliveries) -> pd.DataFrame:
    """The table ``deliveries``."""
    run, pairs = deliveries.run, deliveries.pairs
    grid = deliveries.grid
    days = len(grid.dates)
    to_date = deliveries.counted[:, 1:] - deliveries.counted[:, grid.first_edge[grid.month]]
    completion = ratio(to_date, month_plans(run, pairs)[:, grid.month])
    progress = np.tile(grid.progress, len(pairs))
    return frame(
        "deliveries",
        run.domains,
        {
            "day": np.tile(grid.dates, len(pairs)),
            "customer": np.repeat(run.domains.codes("customer", (c for c, _ in pairs)), days),
            "grade": np.repeat(run.domains.codes("grade", (g for _, g in pairs)), days),
            "loaded_t": np.diff(deliveries.moved[0]).ravel(),
            "arrived_t": np.diff(deliveries.moved[1]).ravel(),
            "delivered_t": np.diff(deliveries.counted).ravel(),
            "actual_t": np.diff(deliveries.actual).ravel(),
            "month_to_date_t": to_date.ravel(),
            "completion_to_date": completion.ravel(),
            "time_progress": progress,
            "pace": completion.ravel() - progress,
        },
    )
