"""Pipelines in a run: capacity, its causes, and lines whose grades do not queue behind one another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from chainsim.model import Pipeline
from chainsim.simulation.ledger import FlowBooks
from chainsim.simulation.outages import Condition
from chainsim.simulation.rates import Constraint, Flow

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine


class Line(ABC):
    """What parallel and mixed lines share: capacity now, its cause, and requests towards what is due."""

    def __init__(self, spec: Pipeline, condition: Condition) -> None:
        self.spec = spec
        self.condition = condition
        self.flows: list[Flow] = []
        self.capacity: Constraint | None = None
        self.below_minimum = False
        self.stopped = False

    @abstractmethod
    def begin_stretch(self, engine: Engine) -> None:
        """Take over a new stretch's nominal rates and ask anew."""

    @abstractmethod
    def request(self, engine: Engine) -> None:
        """Set the requests for now."""

    def remix(self, engine: Engine) -> None:  # noqa: B027 (only mixed lines have anything to do)
        """Renew the composition at the entrance."""

    def available(self, day: float) -> float:
        """Capacity now, t/d."""
        return self.spec.capacity_t_per_day.at(day) * self.condition.remaining

    def capacity_cause(self, nominal: float, day: float) -> tuple[str, str]:
        """Why the line cannot carry more: its outage, if whole it could carry the plan, else its size."""
        cause = self.condition.cause
        if cause is not None and self.condition.remaining < 1.0:
            return cause
        return ("line_capacity", self.spec.name)


class ParallelLine(Line):
    """One flow per grade, sharing the capacity."""

    def __init__(self, spec: Pipeline, condition: Condition) -> None:
        super().__init__(spec, condition)
        self.targets: dict[Flow, float] = {}
        """For lines between farms: tonnes due at the entrance by the stretch's end, on the flow's own counter."""

    def request(self, engine: Engine) -> None:
        """Set every flow's request for now."""
        day = engine.now
        available = self.available(day)
        asked = 0.0
        before = [(flow.request, flow.nomination) for flow in self.flows]
        for flow in self.flows:
            engine.ledger.post(flow, day)
            books = flow.ledger
            if self.spec.dispatch == "push":
                want = available
                flow.nomination = books.total if books.total > 0.0 else available
            else:
                want = flow.nomination = self._wanted(engine, flow, books)
            books.own_cause = None
            flow.capacity_bound = want > available
            if want > available or books.total > available:
                want = min(want, available)
                books.own_cause = self.capacity_cause(books.total, day)
            flow.request = want
            asked += want
        floor = min(self.spec.minimum_t_per_day, available)
        if 0.0 < asked < floor:
            for flow in self.flows:
                flow.request *= floor / asked
                flow.nomination = flow.request
        if self.capacity is not None:
            if self.capacity.room != available:
                self.capacity.room = available
                engine.dirty_constraints[self.capacity] = None
            if asked > available:
                cause = self.capacity_cause(0.0, day)
                for flow in self.flows:
                    flow.ledger.own_cause = flow.ledger.own_cause or cause
        for flow, (request, nomination) in zip(self.flows, before, strict=True):
            if flow.request != request or flow.nomination != nomination:
                engine.dirty_flows[flow] = None

    def _wanted(self, engine: Engine, flow: Flow, books: FlowBooks) -> float:
        """The rate that meets what is due by the end of the current period."""
        day = engine.now
        if books.accounts:
            (grade,) = books.accounts
            account = books.accounts[grade]
            due = engine.stretch.due.get((account.customer, account.grade))
            if due is None:
                return 0.0
            open_t = due.target_t - account.served
            days = due.by_day - day
            if days <= 0.0:
                return 0.0
            want = open_t / days / books.counted
            near = books.total
            return near if abs(want - near) <= 1e-9 * near else max(0.0, want)
        days = engine.stretch.end_day - day
        if days <= 0.0:
            return 0.0
        want = (self.targets.get(flow, 0.0) - books.moved) / days
        return books.total if abs(want - books.total) <= 1e-9 * books.total else max(0.0, want)

    def begin_stretch(self, engine: Engine) -> None:
        """Take over the stretch's nominal rates; farm-to-farm targets accumulate over the month."""
        stretch = engine.stretch
        for flow in self.flows:
            engine.ledger.post(flow, engine.now)
            books = flow.ledger
            (grade,) = books.origins
            nominal = stretch.pipelines.get((self.spec.name, grade), 0.0)
            if books.accounts:  # a push line may bring more than the plan; the books are the plan's
                nominal = books.accounts[grade].rate / books.counted
            engine.set_nominal(flow, {grade: nominal})
            if not books.accounts:
                if (stretch.opens_month and not self.spec.carry_over) or flow not in self.targets:
                    self.targets[flow] = books.moved
                self.targets[flow] += nominal * (stretch.end_day - stretch.start_day)
        self.request(engine)
