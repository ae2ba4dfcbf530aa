"""What an instant changed for good, as events worth telling: lines stopped, fields curtailed, runs cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainsim.simulation.lines import Line
from chainsim.simulation.rates import RATE_TOLERANCE_T_PER_DAY, Flow

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine


def tell(engine: Engine) -> None:
    """Note what this instant changed for good: lines, curtailment, runs."""
    for flow in engine.to_tell:
        if flow.kind == "line":
            _note_line(engine, engine.line_of[flow])
        elif flow.kind == "supply":
            _note_change(engine, flow, engine.curtailed, "curtailed", "curtailment_ended")
        else:
            _note_change(engine, flow, engine.starved_runs, "run_cut", "runs_restored")
    engine.to_tell.clear()


def _note_change(engine: Engine, flow: Flow, members: set[Flow], began: str, ended: str) -> None:
    short = flow.rate < flow.request * (1 - 1e-9) - RATE_TOLERANCE_T_PER_DAY
    grade = flow.draws[0][0].grade if flow.draws else flow.gives[0][0].grade if flow.gives else ""
    if short and flow not in members:
        members.add(flow)
        engine.note(began, flow.name, grade, value=flow.request - flow.rate)
    elif not short and flow in members:
        members.discard(flow)
        engine.note(ended, flow.name, grade)


def _note_line(engine: Engine, line: Line) -> None:
    rate = sum(f.rate for f in line.flows)
    minimum = line.spec.minimum_t_per_day
    stopped = rate <= RATE_TOLERANCE_T_PER_DAY and line.spec.line_fill_t > 0.0
    if stopped != line.stopped:
        line.stopped = stopped
        engine.note("line_stopped" if stopped else "line_restarted", line.spec.name)
    if minimum > 0.0:
        below = rate < minimum * (1 - 1e-9)
        if below != line.below_minimum:
            line.below_minimum = below
            kind = "line_below_minimum" if below else "line_minimum_restored"
            engine.note(kind, line.spec.name, value=rate)
