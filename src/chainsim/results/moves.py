"""Flows, curtailment, batches and trains as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chainsim.model import Railway
from chainsim.results.frames import frame, instants, ratio
from chainsim.results.integrals import Floats, Flow, Steps, added, bounded, steps_of
from chainsim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

STILL_T_PER_DAY = 1e-9
"""Below this a flow stands still: rounding of the engine's sums, not oil."""


def flows_frame(run: Run) -> pd.DataFrame:
    """The table ``flows``: assets by grade, for every grade that ever moved through them."""
    rows: list[tuple[str, str, str, Floats, Floats]] = []
    for asset, kind, members in _assets(run):
        entered = np.diff(np.sum([run.entered[i] for i in members], axis=0), axis=0)
        pushed = np.diff(np.sum([run.pushed[i] for i in members], axis=0), axis=0)
        for g, grade in enumerate(run.grades):
            if entered[:, g].any() or pushed[:, g].any():
                rows.append((asset, grade, kind, entered[:, g], pushed[:, g]))
    loss = {flow.log.asset: flow.log.loss_fraction for flow in run.flows}
    days = len(run.dates)
    return frame(
        "flows",
        run.domains,
        {
            "day": np.tile(run.dates, len(rows)),
            "asset": np.repeat(run.domains.codes("asset", (r[0] for r in rows)), days),
            "grade": np.repeat(run.domains.codes("grade", (r[1] for r in rows)), days),
            "kind": np.repeat(run.domains.codes("flow_kind", (r[2] for r in rows)), days),
            "entered_t": _joined([r[3] for r in rows]),
            "left_t": _joined([r[4] * (1.0 - loss[r[0]]) for r in rows]),
            "lost_t": _joined([r[4] * loss[r[0]] for r in rows]),
        },
    )


def flow_totals_frame(run: Run) -> pd.DataFrame:
    """The table ``flow_totals``."""
    assets = _assets(run)
    parts = [_totals(run, asset, kind, members) for asset, kind, members in assets]
    days = len(run.dates)
    names = ("entered_t", "left_t", "lost_t", "requested_t", "nominal_t", "capacity_t", "utilisation",
             "minimum_t", "hours_below_minimum", "hours_stopped", "tariff_yuan")  # fmt: skip
    return frame(
        "flow_totals",
        run.domains,
        {
            "day": np.tile(run.dates, len(assets)),
            "asset": np.repeat(run.domains.codes("asset", (a for a, _, _ in assets)), days),
            "kind": np.repeat(run.domains.codes("flow_kind", (k for _, k, _ in assets)), days),
            **{name: _joined([part[name] for part in parts]) for name in names},
        },
    )


@dataclass(frozen=True, slots=True)
class Intake:
    """One supplier's tonnes by day: what its field could deliver, what was taken in, and the rest."""

    flow: Flow
    could_t: Floats
    supplied_t: Floats
    curtailed_t: Floats


def intakes(run: Run) -> tuple[Intake, ...]:
    """Every supplier's, in the log's order."""
    out = []
    for flow in run.flows:
        if flow.log.kind == "supply":
            could = np.diff(_integral(run, flow, flow.log.request))
            supplied = np.diff(_integral(run, flow, flow.log.rate))
            out.append(Intake(flow, could, supplied, np.maximum(0.0, could - supplied)))
    return tuple(out)


def curtailment_frame(run: Run) -> pd.DataFrame:
    """The table ``curtailment``."""
    grade_of = {s.name: s.grade for s in run.scenario.suppliers}
    supplies = intakes(run)
    names = [i.flow.log.asset for i in supplies]
    days = len(run.dates)
    return frame(
        "curtailment",
        run.domains,
        {
            "day": np.tile(run.dates, len(supplies)),
            "supplier": np.repeat(run.domains.codes("asset", names), days),
            "grade": np.repeat(run.domains.codes("grade", (grade_of[name] for name in names)), days),
            "plan_t": _joined([np.diff(_integral(run, i.flow, i.flow.log.nominal)) for i in supplies]),
            "could_t": _joined([i.could_t for i in supplies]),
            "supplied_t": _joined([i.supplied_t for i in supplies]),
            "curtailed_t": _joined([i.curtailed_t for i in supplies]),
        },
    )


@dataclass(frozen=True, slots=True)
class Throughput:
    """What entered a line or was loaded at a rack over the whole run, and what could have been; NaN where nothing limits it."""

    asset: str
    kind: str
    entered_t: float
    capacity_t: float


def throughputs(run: Run) -> tuple[Throughput, ...]:
    """Of every line and rack, in the log's order."""
    end = run.log.end_day
    out = []
    for asset, kind, members in _assets(run):
        if kind not in ("line", "loading"):
            continue
        entered = sum(_whole(Steps(run.flows[i].days, run.flows[i].rate), end) for i in members)
        capacity, _ = _limits(run, asset, kind)
        out.append(Throughput(asset, kind, entered, _whole(capacity, end) if capacity else float("nan")))
    return tuple(out)


def _whole(steps: Steps, end: float) -> float:
    """The integral up to ``end``."""
    days = np.minimum(np.append(steps.days, end), end)
    return float((steps.values * np.diff(days)).sum())


def batches_frame(run: Run) -> pd.DataFrame:
    """The table ``batches``."""
    batches = run.log.batches
    entry = instants(run.scenario, (b.entry_start_day for b in batches))
    leaving = instants(run.scenario, (b.exit_start_day for b in batches))
    return frame(
        "batches",
        run.domains,
        {
            "pipeline": run.domains.codes("asset", (b.pipeline for b in batches)),
            "number": [b.number for b in batches],
            "grade": run.domains.codes("grade", (b.grade for b in batches)),
            "scheduled_t": [b.scheduled_t for b in batches],
            "pumped_t": [b.pumped_t for b in batches],
            "entry_started_at": entry,
            "entry_ended_at": instants(run.scenario, (b.entry_end_day for b in batches)),
            "exit_started_at": leaving,
            "exit_ended_at": instants(run.scenario, (b.exit_end_day for b in batches)),
            "transit_days": _gap([b.entry_start_day for b in batches], [b.exit_start_day for b in batches]),
        },
    )


def trains_frame(run: Run) -> pd.DataFrame:
    """The table ``trains``."""
    trains = run.log.trains
    hours = {r.name: r.hours_per_train for r in run.scenario.railways}
    due = [t.due_day for t in trains]
    began = [t.loading_start_day for t in trains]
    ready: list[float | None] = [t.due_day + hours[t.railway] / 24.0 for t in trains]
    return frame(
        "trains",
        run.domains,
        {
            "railway": run.domains.codes("asset", (t.railway for t in trains)),
            "number": [t.number for t in trains],
            "customer": run.domains.codes("customer", (t.customer for t in trains)),
            "grade": run.domains.codes("grade", (t.grade for t in trains)),
            "wagons": [t.wagons for t in trains],
            "loaded_t": [t.loaded_t for t in trains],
            "arrived_t": [t.arrived_t for t in trains],
            "due_at": instants(run.scenario, due),
            "loading_started_at": instants(run.scenario, began),
            "loading_ended_at": instants(run.scenario, (t.loading_end_day for t in trains)),
            "departed_at": instants(run.scenario, (t.departure_day for t in trains)),
            "arrived_at": instants(run.scenario, (t.arrival_day for t in trains)),
            "unloaded_at": instants(run.scenario, (t.unloaded_day for t in trains)),
            "wagons_back_at": instants(run.scenario, (t.wagons_back_day for t in trains)),
            "wait_days": _gap(due, began),
            "delay_days": _gap(ready, [t.departure_day for t in trains]),
            "cycle_days": _gap(began, [t.wagons_back_day for t in trains]),
        },
    )


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.empty(0)


def _gap(earlier: Any, later: Any) -> NDArray[np.float64]:
    """Days between two lists of times; null where either is unknown."""
    first = np.array([np.nan if d is None else d for d in earlier], dtype=np.float64)
    second = np.array([np.nan if d is None else d for d in later], dtype=np.float64)
    return second - first


def _assets(run: Run) -> list[tuple[str, str, list[int]]]:
    """(asset, kind, indices of its flows), in the log's order."""
    grouped: dict[tuple[str, str], list[int]] = {}
    for i, flow in enumerate(run.flows):
        grouped.setdefault((flow.log.asset, flow.log.kind), []).append(i)
    return [(asset, kind, members) for (asset, kind), members in grouped.items()]


def _integral(run: Run, flow: Flow, rates: tuple[float, ...]) -> Floats:
    return Steps(flow.days, np.array(rates)).integral_at(run.edges, run.log.end_day)


def _totals(run: Run, asset: str, kind: str, members: list[int]) -> dict[str, Floats]:
    """One asset's columns, a value per day."""
    flows = [run.flows[i] for i in members]
    entered = np.diff(np.sum([run.entered[i].sum(axis=1) for i in members], axis=0))
    pushed = [np.diff(run.pushed[i].sum(axis=1)) for i in members]
    lost = np.sum([p * f.log.loss_fraction for p, f in zip(pushed, flows, strict=True)], axis=0)
    rate = added(Steps(f.days, f.rate) for f in flows)
    capacity, minimum = _limits(run, asset, kind)
    could = np.diff(capacity.integral_at(run.edges, run.log.end_day)) if capacity else np.full(len(entered), np.nan)
    below = _hours_below(run, rate, minimum) if minimum > 0 else np.full(len(entered), np.nan)
    return {
        "entered_t": entered,
        "left_t": np.sum(pushed, axis=0) - lost,
        "lost_t": lost,
        "requested_t": np.diff(np.sum([_integral(run, f, f.log.request) for f in flows], axis=0)),
        "nominal_t": np.diff(np.sum([_integral(run, f, f.log.nominal) for f in flows], axis=0)),
        "capacity_t": could,
        "utilisation": ratio(entered, could),
        "minimum_t": np.full(len(entered), minimum if minimum > 0 else np.nan),
        "hours_below_minimum": below,
        "hours_stopped": _hours_below(run, rate, STILL_T_PER_DAY),
        "tariff_yuan": _tariff(run, asset, kind, members),
    }


def _hours_below(run: Run, rate: Steps, limit: float) -> Floats:
    """Hours of each day with a rate below ``limit``, but for rounding."""
    below = Steps(rate.days, (rate.values < limit * (1.0 - 1e-9)).astype(np.float64))
    hours: Floats = np.diff(below.integral_at(run.edges, run.log.end_day)) * 24.0
    return hours


def _limits(run: Run, asset: str, kind: str) -> tuple[Steps | None, float]:
    """(capacity in t/d with outages taken off, or ``None`` for unlimited; minimum safe throughput in t/d)."""
    begin, remaining = run.log.begin_day, run.remaining.get((asset, ""))
    for pipeline in run.scenario.pipelines:
        if kind == "line" and pipeline.name == asset:
            return bounded(steps_of(pipeline.capacity_t_per_day, remaining), begin), pipeline.minimum_t_per_day
    for supplier in run.scenario.suppliers:
        if kind == "supply" and supplier.name == asset:
            return bounded(steps_of(supplier.production_t_per_day, remaining), begin), 0.0
    for customer in run.scenario.customers:
        if kind == "runs" and customer.name == asset and customer.runs_t_per_day is not None:
            return bounded(steps_of(customer.runs_t_per_day, remaining), begin), 0.0
    if kind == "loading":
        return _rack_capacity(run, run.racks[asset]), 0.0
    return None, 0.0


def _rack_capacity(run: Run, railway: Railway) -> Steps:
    """Full trains back to back on every spot, times what outages of the railway or its rack leave."""
    full = railway.spots * 24.0 / railway.hours_per_train * railway.train_t
    rack = Steps(np.array([run.log.begin_day]), np.array([full]))
    for name in (railway.name, f"{railway.name}.rack"):
        left = run.remaining.get((name, ""))
        if left is not None:
            days = np.unique(np.concatenate([rack.days, left.days[left.days > run.log.begin_day]]))
            rack = Steps(days, rack.at(days) * np.where(days < left.days[0], 1.0, left.at(days)))
    return rack


def _tariff(run: Run, asset: str, kind: str, members: list[int]) -> Floats:
    """What carriage costs each day: a line's tonnes entered, or a railway's trains by route as they depart."""
    days = len(run.dates)
    if kind == "line":
        tariff = next(p.tariff_yuan_per_t for p in run.scenario.pipelines if p.name == asset)
        cost: Floats = np.diff(np.sum([run.entered[i].sum(axis=1) for i in members], axis=0)) * tariff
        return cost
    out = np.zeros(days)
    if kind == "loading":
        railway = run.racks[asset]
        by_customer = {route.customer: route.tariff_yuan_per_t for route in railway.routes}
        first = int(np.floor(run.log.begin_day))
        for train in run.log.trains:
            if train.railway == railway.name and train.departure_day is not None:
                day = min(int(np.floor(train.departure_day)) - first, days - 1)
                out[max(day, 0)] += train.loaded_t * by_customer[train.customer]
    return out
