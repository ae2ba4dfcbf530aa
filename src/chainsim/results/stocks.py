"""Inventory: what is where at each midnight, and when tanks are full or down to their heel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chainsim.model import Customer, TankFarm
from chainsim.results.frames import frame, ratio
from chainsim.results.integrals import Floats, Steps, Stock, bounded, steps_of, total_stock
from chainsim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

OUTFLOW_DAYS = 30
"""Days over which the outflow is averaged for days of stock."""
TOUCH_T = 1e-6
"""A stock this near to its limit is at it: the engine stops flows within rounding of the limit."""


@dataclass(frozen=True)
class Tanks:
    """One farm's or customer's tanks over the run: the total stock at every breakpoint, and its limits there."""

    run: Run
    holder: TankFarm | Customer

    @property
    def kind(self) -> str:
        """The holder's kind."""
        return "customer" if isinstance(self.holder, Customer) else "farm"

    @cached_property
    def cells(self) -> dict[str, Stock]:
        """Stock by grade."""
        return {grade: stock for (name, grade), stock in self.run.stocks.items() if name == self.holder.name}

    @cached_property
    def safe_fill(self) -> Steps:
        """The safe fill in force: the profile times what disruptions leave, no more than the grades' own limits."""
        remaining = None
        if isinstance(self.holder, TankFarm):
            remaining = self.run.remaining.get((self.holder.name, ""))
        steps = bounded(steps_of(self.holder.safe_fill_t, remaining), self.run.log.begin_day)
        if self.holder.storage == "own" and self.holder.grade_safe_fill_t:
            return Steps(steps.days, np.minimum(steps.values, sum(self.holder.grade_safe_fill_t.values())))
        return steps

    @property
    def heel_t(self) -> float:
        """Dead stock of all grades."""
        return sum(self.holder.heel_t.values())

    @cached_property
    def total(self) -> Stock:
        """Total stock at every breakpoint, midnight and change of the limit."""
        run = self.run
        steps = self.safe_fill.days
        inside = steps[(steps > run.log.begin_day) & (steps < run.log.end_day)]
        return total_stock(self.cells.values(), np.concatenate([run.edges, inside]))

    @cached_property
    def full(self) -> NDArray[np.bool_]:
        """Per breakpoint: no room (for one grade, where grades have their own tanks)."""
        full: NDArray[np.bool_] = self.total.tonnes >= self.safe_fill.at(self.total.days) - TOUCH_T
        if self.holder.storage == "own":
            for grade, limit in self.holder.grade_safe_fill_t.items():
                if grade in self.cells:
                    full = full | (_on(self.cells[grade], self.total.days) >= limit - TOUCH_T)
        return full

    @cached_property
    def dry(self) -> NDArray[np.bool_]:
        """Per breakpoint: nothing above the heel."""
        dry: NDArray[np.bool_] = self.total.tonnes <= self.heel_t + TOUCH_T
        return dry

    @property
    def room(self) -> bool:
        """Whether there is ever any above the heel."""
        return not np.isnan(self.utilisation).all()

    @cached_property
    def utilisation(self) -> Floats:
        """Per breakpoint: (stock − heel) / (safe fill − heel)."""
        return ratio(self.total.tonnes - self.heel_t, self.safe_fill.at(self.total.days) - self.heel_t)


def all_tanks(run: Run) -> tuple[Tanks, ...]:
    """Every farm and customer that holds anything."""
    holders = {holder for holder, _ in run.stocks}
    farms = [f for f in run.scenario.farms if f.storage != "junction"]
    owners: tuple[TankFarm | Customer, ...] = (*farms, *run.scenario.customers)
    return tuple(Tanks(run, owner) for owner in owners if owner.name in holders)


def inventory_totals_frame(run: Run, tanks: tuple[Tanks, ...]) -> pd.DataFrame:
    """The table ``inventory_totals``."""
    if not tanks:
        parts: list[dict[str, Any]] = []
    else:
        outflows = _outflows(run)
        parts = [_totals(t, outflows.get(t.holder.name)) for t in tanks]
    days = len(run.dates)
    names = ("opening_t", "closing_t", "highest_t", "lowest_t", "safe_fill_t", "heel_t", "ullage_t", "utilisation",
             "outflow_t", "days_of_stock", "net_t_per_day", "hours_to_full", "hours_to_dry", "hours_to_full_at_pace",
             "hours_to_dry_at_pace", "hours_full", "hours_dry")  # fmt: skip
    return frame(
        "inventory_totals",
        run.domains,
        {
            "day": np.tile(run.dates, len(tanks)),
            "holder": np.repeat(run.domains.codes("asset", (t.holder.name for t in tanks)), days),
            "holder_kind": np.repeat(run.domains.codes("holder_kind", (t.kind for t in tanks)), days),
            **{name: _stacked([part[name] for part in parts]) for name in names},
        },
    )


def inventory_frame(run: Run) -> pd.DataFrame:
    """The table ``inventory``: tanks by grade, line fill, and what is on the rails."""
    rows: list[tuple[str, str, str, Floats, float]] = []
    owners: tuple[TankFarm | Customer, ...] = (*run.scenario.farms, *run.scenario.customers)
    own = {owner.name: owner.grade_safe_fill_t for owner in owners if owner.storage == "own"}
    for cell in run.log.cells:
        limit = own.get(cell.holder, {}).get(cell.grade, np.nan)
        rows.append(
            (cell.holder, cell.grade, cell.holder_kind, run.stocks[cell.holder, cell.grade].at(run.edges), limit)
        )
    rows.extend((name, grade, "line", stock, np.nan) for (name, grade), stock in _line_fill(run).items())
    rows.extend((name, grade, "railway", stock, np.nan) for (name, grade), stock in _in_trains(run).items())
    days = len(run.dates)
    return frame(
        "inventory",
        run.domains,
        {
            "day": np.tile(run.dates, len(rows)),
            "holder": np.repeat(run.domains.codes("asset", (r[0] for r in rows)), days),
            "grade": np.repeat(run.domains.codes("grade", (r[1] for r in rows)), days),
            "holder_kind": np.repeat(run.domains.codes("holder_kind", (r[2] for r in rows)), days),
            "opening_t": _stacked([r[3][:-1] for r in rows]),
            "closing_t": _stacked([r[3][1:] for r in rows]),
            "grade_safe_fill_t": np.repeat(np.array([r[4] for r in rows], dtype=np.float64), days),
        },
    )


def _stacked(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.empty(0)


def _on(stock: Stock, doubled_days: Floats) -> Floats:
    """``stock`` on a total's breakpoints, where each time stands twice: before and after a jump."""
    out = np.empty(len(doubled_days))
    out[0::2] = stock.at(doubled_days[0::2], "left")
    out[1::2] = stock.at(doubled_days[1::2], "right")
    return out


def _totals(tanks: Tanks, outflow: Floats | None) -> dict[str, Floats]:
    """One holder's columns, a value per day."""
    edges = tanks.run.edges
    total, heel = tanks.total, tanks.heel_t
    at_edges = total.at(edges)
    opening, closing = at_edges[:-1], at_edges[1:]
    widths = np.diff(edges)
    safe = tanks.safe_fill.at(np.nextafter(edges[1:], -np.inf))
    out = np.zeros(len(widths)) if outflow is None else np.diff(outflow)
    net = (closing - opening) / widths
    working, ullage = closing - heel, safe - closing
    # A day's extremes are among its breakpoints; each midnight stands twice, its second entry opens the next day.
    first = np.searchsorted(total.days, edges[:-1], side="left") + 1
    return {
        "opening_t": opening,
        "closing_t": closing,
        "highest_t": np.maximum(np.maximum.reduceat(total.tonnes[:-1], first), closing),
        "lowest_t": np.minimum(np.minimum.reduceat(total.tonnes[:-1], first), closing),
        "safe_fill_t": safe,
        "heel_t": np.full(len(widths), heel),
        "ullage_t": ullage,
        "utilisation": ratio(working, safe - heel),
        "outflow_t": out,
        "days_of_stock": ratio(working, _trailing_mean(out, widths)),
        "net_t_per_day": net,
        "hours_to_full": _hours_until(tanks.full, total.days, edges[1:]),
        "hours_to_dry": _hours_until(tanks.dry, total.days, edges[1:]),
        "hours_to_full_at_pace": 24.0 * ratio(np.maximum(ullage, 0.0), net),
        "hours_to_dry_at_pace": 24.0 * ratio(np.maximum(working, 0.0), -net),
        "hours_full": _hours_within(tanks.full, total.days, edges),
        "hours_dry": _hours_within(tanks.dry, total.days, edges),
    }


def _trailing_mean(amounts: Floats, widths: Floats) -> Floats:
    """The mean per day of the last ``OUTFLOW_DAYS`` days (fewer at the run's beginning)."""
    total = np.concatenate([[0.0], np.cumsum(amounts)])
    time = np.concatenate([[0.0], np.cumsum(widths)])
    last = np.arange(1, len(total))
    first = np.maximum(0, last - OUTFLOW_DAYS)
    mean: Floats = (total[last] - total[first]) / (time[last] - time[first])
    return mean


def _hours_until(flags: NDArray[np.bool_], days: Floats, when: Floats) -> Floats:
    """Hours from each of ``when`` to the next breakpoint that is flagged; null if there is none."""
    flagged = np.append(days[flags], np.nan)
    index = np.searchsorted(flagged[:-1], when, side="left")
    return (flagged[index] - when) * 24.0


def _hours_within(flags: NDArray[np.bool_], days: Floats, edges: Floats) -> Floats:
    """Hours of each day during which both ends of a linear piece are flagged."""
    during = (flags[:-1] & flags[1:]).astype(np.float64)
    total = np.concatenate([[0.0], np.cumsum(during * np.diff(days))])
    index = np.searchsorted(days, edges, side="left")
    hours: Floats = np.diff(total[index]) * 24.0
    return hours


def _outflows(run: Run) -> dict[str, Floats]:
    """Per holder: cumulative tonnes that left its tanks, at the edges."""
    out: dict[str, Floats] = {}
    for flow, entered in zip(run.flows, run.entered, strict=True):
        if flow.log.kind == "supply":
            continue
        holder = flow.log.asset if flow.log.kind == "runs" else flow.log.origin
        total = entered.sum(axis=1)
        out[holder] = out[holder] + total if holder in out else total
    return out


def _line_fill(run: Run) -> dict[tuple[str, str], Floats]:
    """(pipeline, grade) → its content at the edges: opening + entered − pushed out."""
    out: dict[tuple[str, str], Floats] = {}
    for line in run.log.lines:
        if line.line_fill_t <= 0:
            continue
        mine = [i for i, f in enumerate(run.flows) if f.log.kind == "line" and f.log.asset == line.pipeline]
        for g, grade in enumerate(run.grades):
            stock = np.full(len(run.edges), line.opening_t.get(grade, 0.0))
            for i in mine:
                stock += run.entered[i][:, g] - run.pushed[i][:, g]
            if stock.any():
                out[line.pipeline, grade] = stock
    return out


def _in_trains(run: Run) -> dict[tuple[str, str], Floats]:
    """(railway, grade) → tonnes loaded and not yet unloaded (losses still aboard), at the edges."""
    out: dict[tuple[str, str], Floats] = {}
    for railway in run.scenario.railways:
        mine = [i for i, f in enumerate(run.flows) if f.log.kind == "loading" and run.racks[f.log.asset] is railway]
        trains = [t for t in run.log.trains if t.railway == railway.name and t.unloaded_day is not None]
        for g, grade in enumerate(run.grades):
            stock = np.zeros(len(run.edges))
            for i in mine:
                stock += run.entered[i][:, g]
            gone = sorted((t.unloaded_day or 0.0, t.loaded_t) for t in trains if t.grade == grade)
            total = np.concatenate([[0.0], np.cumsum([t for _, t in gone])])
            stock -= total[np.searchsorted(np.array([d for d, _ in gone]), run.edges, side="left")]
            if np.abs(stock).max(initial=0.0) > TOUCH_T:
                out[railway.name, grade] = np.where(np.abs(stock) > TOUCH_T, stock, 0.0)
    return out
