"""Suppliers and refineries in a run: what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainsim.model import Customer, Scenario, Supplier, TankFarm
from chainsim.simulation.outages import Condition
from chainsim.simulation.rates import Cell, Flow

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine


@dataclass(slots=True, eq=False)
class Supply:
    """A supplier in the run."""

    spec: Supplier
    condition: Condition
    flow: Flow

    def request(self, engine: Engine) -> None:
        """Ask to give what the field can produce now."""
        rate = self.spec.production_t_per_day.at(engine.now) * self.condition.remaining
        self.flow.request = self.flow.nomination = rate
        books = self.flow.ledger
        limited = self.condition.cause if self.condition.remaining < 1.0 else None
        books.own_cause = limited or ("supply_below_plan", self.spec.name)
        if engine.event_count == 0:
            self.flow.rate = rate  # the first batches are chosen before the first rates are solved
        engine.dirty_flows[self.flow] = None
        engine.renewed[self.flow] = None


@dataclass(slots=True, eq=False)
class Runs:
    """A refinery's processing in the run: one flow per grade, or one for a blended tank."""

    spec: Customer
    condition: Condition
    flows: list[Flow]
    cells: dict[str, Cell]
    arriving: dict[str, float]
    """Grade → tonnes that arrive per tonne the plan counts (below 1 where it counts at loading)."""
    shares: dict[str, float]

    def begin_stretch(self, engine: Engine) -> None:
        """Take over the stretch's planned runs."""
        day = engine.now
        due = {
            g: d.rate * self.arriving.get(g, 1.0)
            for g in self.cells
            if (d := engine.stretch.due.get((self.spec.name, g))) is not None and d.rate > 0.0
        }
        if self.spec.runs_t_per_day is None:
            rates = due
        else:
            runs = self.spec.runs_t_per_day.at(day)
            planned = sum(due.values())
            if self.spec.slate:
                self.shares = self.spec.slate
            elif planned > 0.0:
                self.shares = {g: r / planned for g, r in due.items()}
            rates = {g: runs * x for g, x in self.shares.items()}
        if self.spec.storage == "blended":
            total = sum(rates.values())
            engine.set_nominal(self.flows[0], {"": total})
        else:
            for flow in self.flows:
                grade = flow.draws[0][0].grade
                engine.set_nominal(flow, {grade: rates.get(grade, 0.0)})
        self.request(engine)

    def request(self, engine: Engine) -> None:
        """Ask for the planned runs, as far as the refinery works."""
        for flow in self.flows:
            books = flow.ledger
            flow.request = flow.nomination = books.total * self.condition.remaining
            books.own_cause = self.condition.cause if self.condition.remaining < 1.0 else None
            engine.dirty_flows[flow] = None
            engine.renewed[flow] = None


def holders(scenario: Scenario) -> tuple[TankFarm | Customer, ...]:
    """Everything with tanks, farms first."""
    return (*scenario.farms, *scenario.customers)
