"""What the tables have in common: one run's breakpoints as arrays, on one grid of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from chainsim.model import Railway, Scenario
from chainsim.model.plan import months_of
from chainsim.records import RunLog, TrainRecord
from chainsim.results.frames import Domains, domains_of
from chainsim.results.integrals import Floats, Flow, Steps, Stock, flow_of, mixture_fractions
from chainsim.results.totals import CustomerTotals, customer_totals
from chainsim.simulation.outages import stretches


@dataclass(frozen=True)
class Run:
    """A scenario and its log, prepared once for all tables."""

    scenario: Scenario
    log: RunLog

    @cached_property
    def domains(self) -> Domains:
        """The sets of names."""
        return domains_of(self.scenario, self.log)

    @cached_property
    def grades(self) -> tuple[str, ...]:
        """Grade names in the scenario's order: the columns of every composition."""
        return tuple(g.name for g in self.scenario.grades)

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Every flow as arrays."""
        fractions = mixture_fractions(self.log.mixtures, self.grades)
        return tuple(flow_of(log, fractions) for log in self.log.flows)

    @cached_property
    def stocks(self) -> dict[tuple[str, str], Stock]:
        """(holder, grade) → stock."""
        return {(c.holder, c.grade): Stock(np.array(c.days), np.array(c.tonnes)) for c in self.log.cells}

    @cached_property
    def edges(self) -> Floats:
        """The midnights of the run, cut to its begin and end: day ``i`` of the daily tables is edges[i]…edges[i + 1]."""
        return clipped_midnights(self.log.begin_day, self.log.end_day)

    @cached_property
    def dates(self) -> NDArray[np.datetime64]:
        """The calendar days of the run."""
        first = int(np.floor(self.log.begin_day))
        start = np.datetime64(self.scenario.start, "D") + first
        days: NDArray[np.datetime64] = (start + np.arange(len(self.edges) - 1)).astype("datetime64[us]")
        return days

    @cached_property
    def months(self) -> tuple[tuple[float, float, date], ...]:
        """The accounting months: (start_day, end_day, first of the month)."""
        return months_of(self.scenario)

    @cached_property
    def month_dates(self) -> NDArray[np.datetime64]:
        """The first days of the accounting months."""
        return np.array([first for _, _, first in self.months], dtype="datetime64[us]")

    @cached_property
    def remaining(self) -> dict[tuple[str, str], Steps]:
        """(asset, aspect) → the part of itself that given and drawn disruptions leave."""
        return {
            key: Steps(np.array([s.start for s in parts]), np.array([s.remaining for s in parts]))
            for key, parts in stretches(self.scenario).items()
            if parts
        }

    @cached_property
    def trains_of(self) -> dict[tuple[str, str], tuple[TrainRecord, ...]]:
        """(customer, grade) → its trains."""
        grouped: dict[tuple[str, str], list[TrainRecord]] = {}
        for train in self.log.trains:
            grouped.setdefault((train.customer, train.grade), []).append(train)
        return {key: tuple(trains) for key, trains in grouped.items()}

    @cached_property
    def customer_totals(self) -> dict[str, CustomerTotals]:
        """Every customer's accounts over the run, in the scenario's order."""
        return customer_totals(self.scenario, self.log)

    @cached_property
    def racks(self) -> dict[str, Railway]:
        """Asset name of a loading flow → its railway."""
        return {name: r for r in self.scenario.railways for name in (r.name, f"{r.name}.rack")}

    @cached_property
    def entered(self) -> tuple[Floats, ...]:
        """Per flow: tonnes by (edge, grade) that entered since the begin."""
        return tuple(f.entered_at(self.edges, self.log.end_day) for f in self.flows)

    @cached_property
    def pushed(self) -> tuple[Floats, ...]:
        """Per flow: tonnes by (edge, grade) pushed out since the begin, before the loss."""
        return tuple(
            entered if flow.log.into == flow.log.out_of else flow.pushed_at(self.edges, self.log.end_day)
            for flow, entered in zip(self.flows, self.entered, strict=True)
        )


def clipped_midnights(begin: float, end: float) -> Floats:
    """``begin``, the midnights between, ``end``."""
    return np.clip(np.arange(np.floor(begin), np.ceil(end) + 1.0), begin, end)
