"""Settling an instant: the rates around everything that was touched, and what follows from them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainsim.simulation import blends
from chainsim.simulation.batches import MixedLine
from chainsim.simulation.cash import CENT
from chainsim.simulation.milestones import cell_day, tank_day
from chainsim.simulation.rates import (
    INFINITY,
    RATE_TOLERANCE_T_PER_DAY,
    STOCK_TOLERANCE_T,
    Cell,
    Constraint,
    Flow,
    Tank,
)
from chainsim.simulation.telling import tell

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine

_MOST_ROUNDS = 1_000


def settle(engine: Engine) -> None:
    """Solve the rates around everything that was touched, until nothing more happens at this instant."""
    engine.event_count += 1
    for _ in range(_MOST_ROUNDS):
        _dispatch_rails(engine)
        _activate(engine)
        if not (
            engine.dirty_flows
            or engine.dirty_constraints
            or engine.dirty_cells
            or engine.dirty_purses
            or engine.renewed
        ):
            break
        _rates(engine)
        if not _follow_up(engine):
            break
    else:
        raise AssertionError(f"the rates on day {engine.now} do not settle")
    tell(engine)
    engine.await_midnight()


def _dispatch_rails(engine: Engine) -> None:
    """Let the called railways start what trains they can."""
    while engine.called_rails:
        index = min(engine.called_rails)
        del engine.called_rails[index]
        rail = engine.rails[index]
        rail.dispatch(engine)
        engine.rail_due_timers[index].set(rail.next_due(engine.now))
        engine.rail_move_timers[index].set(rail.next_move())


def _activate(engine: Engine) -> None:
    """Make the constraints of touched stocks and purses active where they are at their limits, inactive elsewhere."""
    day = engine.now
    tanks: dict[Tank, None] = {}
    for cell in engine.dirty_cells:
        tank = cell.tank
        tanks[tank] = None
        level = cell.level + cell.net * (day - cell.since)
        if tank.storage != "blended":
            at_heel = level <= cell.heel + STOCK_TOLERANCE_T
            if cell.dry.active != at_heel:
                _toggle(engine, cell.dry, at_heel)
        if cell.full.tank is None:
            is_full = level >= cell.limit - STOCK_TOLERANCE_T
            if cell.full.active != is_full:
                _toggle(engine, cell.full, is_full)
    for tank in tanks:
        if tank.dry is not None:
            _toggle(engine, tank.dry, tank.total_at(day) <= tank.heel + STOCK_TOLERANCE_T)
        if tank.full is not None:
            is_full = tank.total_at(day) >= tank.limit - STOCK_TOLERANCE_T
            if tank.full.active != is_full:
                _toggle(engine, tank.full, is_full)
    for purse in engine.dirty_purses:
        if purse.limit.members:
            was = purse.limit.active
            _toggle(engine, purse.limit, purse.at(day) <= CENT)
            if purse.limit.active and not was:
                engine.note("cash_exhausted", purse.customer.name)


def _toggle(engine: Engine, constraint: Constraint, active: bool) -> None:
    if constraint.active != active:
        constraint.active = active
        if active or constraint.shares:
            engine.dirty_constraints[constraint] = None


def _rates(engine: Engine) -> None:
    """Solve, then post and log what changed, and move on the stocks it touches."""
    day, cells, renewed = engine.now, engine.dirty_cells, engine.renewed
    touched: dict[Flow, float] = {}
    changed: list[Flow] = []
    held: list[Flow] = []
    if engine.dirty_flows or engine.dirty_constraints:
        touched = engine.solver.solve(engine.dirty_flows, engine.dirty_constraints, day)
        engine.dirty_flows.clear()
        engine.dirty_constraints.clear()
        moved = [(flow, before, flow.rate) for flow, before in touched.items() if flow.rate != before]
        if moved:
            _move(engine, moved)
        for flow, before in touched.items():
            if flow.rate != before or flow in renewed:
                changed.append(flow)
            elif flow.bound_by is not None or flow.ledger.total > flow.rate or flow.ledger.vector:
                held.append(flow)
            _log(engine, flow)
    for flow in renewed:
        if flow not in touched:
            changed.append(flow)
            _log(engine, flow)
    renewed.clear()
    for cell, others in cells.items():
        if others:
            _renew_net(cell, day)
    if changed or held:
        engine.ledger.refresh(changed, held, day)
        for flow in changed:
            _watch_flow(engine, flow)
        for flow in held:
            _watch_flow(engine, flow)
    if touched and engine.purse_of:
        for flow in touched:
            if flow in engine.purse_of:
                engine.dirty_purses[engine.purse_of[flow]] = None
    for purse in engine.dirty_purses:
        purse.settle(engine)
    engine.touched = touched


def _move(engine: Engine, moved: list[tuple[Flow, float, float]]) -> None:
    """Post the flows of ``moved`` (with their rates before and after) at their old rates; their stocks get new ones."""
    for flow, before, _ in moved:  # all at their old rates first: posting one may post its neighbours
        flow.rate = before
    for flow, _, _ in moved:
        engine.ledger.post(flow, engine.now)
    cells = engine.dirty_cells
    for flow, _, after in moved:
        flow.rate = after
        for cell, _ in flow.draws:
            cells[cell] = True
        for cell, _ in flow.gives:
            cells[cell] = True


def _renew_net(cell: Cell, day: float) -> None:
    net = 0.0
    for flow, weight in cell.inflows.items():
        net += weight * flow.rate
    for flow, weight in cell.outflows.items():
        net -= weight * flow.rate
    if -RATE_TOLERANCE_T_PER_DAY < net < RATE_TOLERANCE_T_PER_DAY:
        net = 0.0
    if net != cell.net:
        cell.advance(day)
        cell.log_days.append(day)
        cell.log_tonnes.append(cell.level)
        cell.net = net


def _log(engine: Engine, flow: Flow) -> None:
    """Append to the flow's log where anything it shows has changed."""
    log, books = engine.flow_logs[flow], flow.ledger
    entry = (engine.now, flow.rate, flow.request, books.total, *books.mixtures)
    if not log:
        log.append(entry)
        return
    last = log[-1]
    if last[0] == entry[0]:
        log[-1] = entry
    elif last[1:] != entry[1:]:
        log.append(entry)


def _watch_flow(engine: Engine, flow: Flow) -> None:
    """Remember who fell behind, who is curtailed, whose runs are cut, whose line is slow; set the flow's timer."""
    kind = flow.kind
    if kind == "line":
        line = engine.line_of[flow]
        if line.spec.dispatch == "plan" and flow.rate < flow.nomination * (1 - 1e-12):
            engine.behind[flow] = None
        if isinstance(line, MixedLine):
            _set_line_timer(engine, line)
        engine.to_tell[flow] = None
    elif kind in ("supply", "runs"):
        engine.to_tell[flow] = None
    elif kind == "loading":
        _, spot = engine.spot_of[flow]
        if spot.train is None or flow.rate <= 0.0:
            engine.flow_timers[flow].set(INFINITY)
        else:
            left = spot.train.tonnes - (engine.moved(flow) - spot.loaded_base)
            engine.flow_timers[flow].set(engine.now + max(0.0, left) / flow.rate)


def _set_line_timer(engine: Engine, line: MixedLine) -> None:
    flow = line.flow
    moved = engine.moved(flow)
    if flow.rate <= 0.0:
        engine.flow_timers[flow].set(INFINITY)
    else:
        left = line.next_coordinate() - moved
        engine.flow_timers[flow].set(engine.now + max(0.0, left) / flow.rate)


def _follow_up(engine: Engine) -> bool:
    """Schedule what the touched stocks and purses do next; whether more must be solved at this very instant."""
    again = False
    now = engine.now
    if engine.silent:
        again = _let_speak(engine)
    cells = list(engine.dirty_cells)
    engine.dirty_cells.clear()
    tanks: dict[Tank, None] = {}
    for cell in cells:
        tanks[cell.tank] = None
        net = cell.net
        if net == 0.0:
            day = INFINITY
        else:
            if (cell.dry if net > 0.0 else cell.full).active:
                _leave_limits(engine, cell)
            day = cell_day(cell, now)
        if day != cell.timer.due:
            cell.timer.set(day)
    for tank in tanks:
        if tank.storage == "blended" and blends.is_off(engine, tank):
            blends.renew(engine, tank)
            again = True
        day = tank_day(tank, now)
        if day != tank.timer.due:
            tank.timer.set(day)
    if engine.dirty_purses:
        purses = list(engine.dirty_purses)
        engine.dirty_purses.clear()
        for purse in purses:
            engine.purse_timers[purse].set(purse.next_day(now))
    for flow in engine.touched:
        if flow.bound_by is not None and flow.bound_by.kind == "dry" and flow.kind == "line":
            line = engine.line_of[flow]
            if isinstance(line, MixedLine) and line.starved(engine):
                engine.ledger.post(flow, now)
                line.interrupt(engine)
                again = True
    return again or bool(engine.dirty_flows or engine.dirty_constraints or engine.called_rails)


def _let_speak(engine: Engine) -> bool:
    """Let flows nominate that were released, or have to share from now on."""
    spoke = False
    for flow in engine.touched:
        if flow in engine.silent and (flow.bound_by is None or len(flow.bound_by.shares) != 1):
            del engine.silent[flow]
            line = engine.line_of[flow]
            line.request(engine)
            spoke = True
    return spoke


def _leave_limits(engine: Engine, cell: Cell) -> None:
    """A stock that rises from its heel, or sinks from its limit, holds nobody back any more."""
    tank = cell.tank
    if tank.storage == "junction":
        return
    if cell.net > 0.0:
        dry = cell.dry
        if dry.active and not dry.shares and (dry.tank is None or tank.net > RATE_TOLERANCE_T_PER_DAY):
            _toggle(engine, dry, active=False)
    else:
        full = cell.full
        if full.active and not full.shares and (full.tank is None or tank.net < -RATE_TOLERANCE_T_PER_DAY):
            _toggle(engine, full, active=False)
