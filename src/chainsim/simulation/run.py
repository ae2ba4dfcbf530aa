"""Running a scenario from beginning to end, in one go or in pieces, and freezing what happened."""

from __future__ import annotations

import gc
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from chainsim.model import Scenario
from chainsim.records import (
    CashLog,
    CellLog,
    FlowLog,
    GradeBalance,
    LineLog,
    RunLog,
    TrainRecord,
)
from chainsim.simulation.batches import MixedLine
from chainsim.simulation.closing import close
from chainsim.simulation.engine import Engine
from chainsim.simulation.freezing import pickled
from chainsim.simulation.rates import Flow

_BALANCE_TOLERANCE = 1e-9
"""Conservation must hold to this part of what moved: a thousand roundings per event in a year of events."""
_LIMIT_TOLERANCE_T = 1e-3
"""A stock may pass a limit by rounding only; a kilogram is a thousand times the tolerance at which it counts as reached."""


def simulate(scenario: Scenario, until: float | None = None) -> RunLog:
    """Simulate ``scenario`` from its as-of date to its end.

    With ``until`` (days), stop there: ``state`` of the result then holds all that ``resume`` needs, and resuming changes
    nothing. Raises ``FlowCycleError`` where rates have no stable solution. Equal input gives equal output to the byte.
    """
    with collector_paused():
        engine = Engine(scenario)
        engine.start()
        if until is not None and until < scenario.end_day:
            engine.run(max(until, scenario.as_of_day))
            return log_of(engine, freeze(engine))
        engine.run(scenario.end_day)
        return log_of(engine)


def resume(log: RunLog, until: float | None = None) -> RunLog:
    """Go on from where ``log`` stopped; the result covers the run from its very beginning."""
    assert isinstance(log.state, bytes), "the run was not stopped: nothing to resume"
    engine = thaw(log.state)
    if until is not None and until < engine.end_day:
        engine.run(until)
        return log_of(engine, freeze(engine))
    engine.run(engine.end_day)
    return log_of(engine)


@contextmanager
def collector_paused() -> Iterator[None]:
    """A run makes many small objects and drops few: looking for garbage among them costs a tenth of a large one."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def freeze(engine: Engine) -> bytes:
    """The engine as bytes. Flows and stocks refer to one another, so the pickle goes as deep as the network is long."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 200 * (len(engine.flows) + len(engine.cells)) + 10_000))
    try:
        return pickled(engine)
    finally:
        sys.setrecursionlimit(limit)


def thaw(state: bytes) -> Engine:
    """The engine that ``freeze`` saw."""
    engine = pickle.loads(state)  # noqa: S301 (bytes that this process or its parent made, never a file's)
    assert isinstance(engine, Engine)
    return engine


def log_of(engine: Engine, state: bytes | None = None) -> RunLog:
    """The run so far. An engine that was frozen first is not used again, so its accounts may be closed."""
    day = engine.now
    engine.post_all_accounts()
    for flow in engine.flows:
        engine.ledger.post(flow, day)
    records = [*engine.account_records, *close(engine, engine.stretch.month)]
    records.sort(key=lambda r: r.month)
    balance = _balance(engine)
    _assert_laws(engine, balance)
    trains = [_until(t, day) for rail in engine.rails for t in rail.records()]
    flows = tuple(flow_log(engine, f) for f in engine.flows)  # may name further mixtures, so before them
    return RunLog(
        begin_day=engine.begin_day,
        end_day=day,
        mixtures=tuple(engine.mixtures),
        cells=cell_logs(engine),
        flows=flows,
        lines=_line_logs(engine),
        batches=tuple(b for line in engine.lines if isinstance(line, MixedLine) for b in line.batch_records(engine)),
        trains=tuple(trains),
        accounts=tuple(records),
        cash=tuple(
            CashLog(
                customer=name,
                days=(*purse.log_days, day),
                yuan=(*purse.log_yuan, purse.at(day)),
            )
            for name, purse in engine.purses.items()
        ),
        events=tuple(engine.events),
        balance=balance,
        event_count=engine.event_count,
        state=state,
    )


def _until(train: TrainRecord, day: float) -> TrainRecord:
    """Leave out what lies after the run's end."""
    late = {
        name: None
        for name in ("departure_day", "arrival_day", "wagons_back_day")
        if (when := getattr(train, name)) is not None and when > day
    }
    return replace(train, **late) if late else train  # type: ignore[arg-type]


def cell_logs(engine: Engine) -> tuple[CellLog, ...]:
    """Every stock up to now."""
    return tuple(
        CellLog(
            holder=cell.tank.name,
            holder_kind="customer" if cell.tank.is_customer else "farm",
            grade=cell.grade,
            days=(*cell.log_days, engine.now),
            tonnes=(*cell.log_tonnes, cell.at(engine.now)),
        )
        for cell in engine.cells
    )


def flow_log(engine: Engine, flow: Flow) -> FlowLog:
    """One flow up to now."""
    # A rack from which no train was loaded did nothing from the begin on.
    log = engine.flow_logs[flow] or [(engine.begin_day, 0.0, 0.0, 0.0, -1, -1)]
    days, rates, requests, nominals, into, out = zip(*log, strict=True)
    line = engine.line_of.get(flow)
    books = flow.ledger
    if flow.kind != "loading" and not books.entering:
        grade = next(iter({**books.origins, **books.destinations}))
        only = engine.mixture({grade: 1.0})
        into = out = (only,) * len(days)
    origin = flow.draws[0][0].tank.name if flow.draws else flow.name
    destination = flow.gives[0][0].tank.name if flow.gives else flow.name
    if line is not None:
        origin, destination = line.spec.origin, line.spec.destination
    kind = flow.kind
    assert kind in ("supply", "line", "loading", "runs")
    return FlowLog(
        asset=flow.name,
        kind=kind,  # type: ignore[arg-type]
        origin=origin,
        destination=destination,
        loss_fraction=1.0 - books.kept,
        days=days,
        rate=rates,
        request=requests,
        nominal=nominals,
        into=into,
        out_of=out,
    )


def _line_logs(engine: Engine) -> tuple[LineLog, ...]:
    out = []
    for line in engine.lines:
        opening = _opening_fill(line.spec.contents_t, engine, line.spec.name)
        contents = line.contents(engine) if isinstance(line, MixedLine) else tuple(opening.items())
        closing: dict[str, float] = {}
        for grade, tonnes in contents:
            closing[grade] = closing.get(grade, 0.0) + tonnes
        out.append(
            LineLog(
                pipeline=line.spec.name,
                line_fill_t=line.spec.line_fill_t,
                opening_t=opening,
                closing_t=closing,
                closing_contents=contents,
            )
        )
    return tuple(out)


def _opening_fill(contents: tuple[tuple[str, float], ...], engine: Engine, name: str) -> dict[str, float]:
    if engine.scenario.as_of_day > 0:
        actual = tuple((s.grade, s.tonnes) for s in engine.scenario.actual_stocks if s.asset == name)
        contents = actual or contents
    out: dict[str, float] = {}
    for grade, tonnes in contents:
        out[grade] = out.get(grade, 0.0) + tonnes
    return out


def _balance(engine: Engine) -> tuple[GradeBalance, ...]:
    """Per grade: what there was, came, was processed, lost and is there."""
    grades = list(engine.grade_rank)
    zero = dict.fromkeys(grades, 0.0)
    opening, closing = dict(zero), dict(zero)
    supplied, could, processed, lost = dict(zero), dict(zero), dict(zero), dict(zero)
    fill_open, fill_close, riding = dict(zero), dict(zero), dict(zero)
    for cell in engine.cells:
        opening[cell.grade] += cell.log_tonnes[0]
        closing[cell.grade] += cell.at(engine.now)
    for supply in engine.supplies:
        grade = supply.spec.grade
        supplied[grade] += supply.flow.ledger.moved
        log = engine.flow_logs[supply.flow]
        ends = [*(entry[0] for entry in log[1:]), engine.now]
        lacking = sum((entry[2] - entry[1]) * (end - entry[0]) for entry, end in zip(log, ends, strict=True))
        could[grade] += supply.flow.ledger.moved + lacking
    for runs in engine.runs:
        for flow in runs.flows:
            books = flow.ledger
            if books.entering:
                for grade, tonnes in books.left.items():
                    processed[grade] += tonnes
            else:
                processed[flow.draws[0][0].grade] += books.moved
    for line_log, line in zip(_line_logs(engine), engine.lines, strict=True):
        for grade, tonnes in line_log.opening_t.items():
            fill_open[grade] += tonnes
        for grade, tonnes in line_log.closing_t.items():
            fill_close[grade] += tonnes
        for flow in line.flows:
            books = flow.ledger
            out = books.left if isinstance(line, MixedLine) else {next(iter(books.origins)): books.moved}
            for grade, tonnes in out.items():
                lost[grade] += tonnes * line.spec.loss_fraction
    for rail in engine.rails:
        for lane in rail.lanes:
            riding[lane.grade] += lane.in_transit
        for train in rail.trains:
            if train.unloaded is not None:
                lost[train.lane.grade] += train.tonnes - train.arriving_t
        for spot in rail.spots:
            if spot.train is not None:
                riding[spot.train.lane.grade] += spot.flow.ledger.moved - spot.loaded_base
    return tuple(
        GradeBalance(
            grade=g,
            opening_stock_t=opening[g],
            opening_line_fill_t=fill_open[g],
            opening_in_trains_t=0.0,
            supplied_t=supplied[g],
            processed_t=processed[g],
            lost_t=lost[g],
            closing_stock_t=closing[g],
            closing_line_fill_t=fill_close[g],
            closing_in_trains_t=riding[g],
            curtailed_t=could[g] - supplied[g],
            produced_t=could[g],
        )
        for g in grades
    )


def _assert_laws(engine: Engine, balance: tuple[GradeBalance, ...]) -> None:
    """Conservation per grade, and no stock beyond its limits: a breach is our mistake, never the user's."""
    for grade in balance:
        scale = 1.0 + grade.opening_stock_t + grade.opening_line_fill_t + grade.supplied_t
        assert abs(grade.residual_t) <= max(1e-6, _BALANCE_TOLERANCE * scale), f"conservation of {grade}"
    for cell in engine.cells:
        assert cell.at(engine.now) >= min(cell.heel, cell.log_tonnes[0]) - _LIMIT_TOLERANCE_T, (
            f"{cell.tank.name}/{cell.grade} at {cell.at(engine.now)} t is below its heel"
        )
