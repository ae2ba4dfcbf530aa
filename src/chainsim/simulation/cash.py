"""A prepaying customer's money: a stock of yuan, linear between events, that limits what it can take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainsim.model import Customer
from chainsim.simulation.outages import Condition
from chainsim.simulation.rates import INFINITY, Constraint, Flow

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine

CENT = 0.01
"""A balance this small is none."""


class Purse:
    """Balance in yuan: income less what flows and trains cost; at zero its flows share the income (constraint ``limit``)."""

    __slots__ = (
        "balance",
        "condition",
        "customer",
        "limit",
        "log_days",
        "log_yuan",
        "net",
        "since",
        "spending",
        "wake_balance",
    )

    def __init__(self, customer: Customer, condition: Condition, limit: Constraint, since: float) -> None:
        self.customer = customer
        self.condition = condition
        self.limit = limit
        self.balance = customer.cash_yuan
        self.net = 0.0
        self.since = since
        self.spending: list[Flow] = []
        self.wake_balance = INFINITY
        self.log_days: list[float] = [since]
        self.log_yuan: list[float] = [self.balance]

    def at(self, day: float) -> float:
        """The balance at ``day``."""
        return self.balance + self.net * (day - self.since)

    def income(self, day: float) -> float:
        """Yuan per day now."""
        return self.customer.income_yuan_per_day.at(day) * self.condition.remaining

    def advance(self, day: float) -> None:
        """Bring the balance up to ``day``."""
        if day != self.since:
            self.balance += self.net * (day - self.since)
            self.since = day

    def pay(self, engine: Engine, yuan: float) -> None:
        """A train is paid for (a receipt is a negative payment)."""
        self.advance(engine.now)
        self._log()
        self.balance -= yuan
        self._log()
        engine.dirty_purses[self] = None

    def reprice(self, engine: Engine) -> None:
        """Prices or income changed: set what each flow costs and what is left to spend at zero balance."""
        self.limit.members = {f: _cost(engine, f) for f in self.spending}
        self.limit.room = self.income(engine.now)
        engine.dirty_constraints[self.limit] = None
        engine.dirty_purses[self] = None

    def wake_at_balance(self, engine: Engine, yuan: float) -> None:
        """Ask to be woken when the balance reaches ``yuan``."""
        if yuan < self.wake_balance:
            self.wake_balance = yuan
            engine.purse_timers[self].set(self.next_day(engine.now))

    def settle(self, engine: Engine) -> None:
        """Take over the new spending rate."""
        day = engine.now
        spent = sum(cost * f.rate for f, cost in self.limit.members.items())
        net = self.income(day) - spent
        if self.limit.active and abs(net) <= CENT:
            net = 0.0
        if net != self.net:
            self.advance(day)
            self._log()
            self.net = net

    def next_day(self, day: float) -> float:
        """When the balance reaches zero or the awaited sum."""
        now = self.at(day)
        if self.net < 0.0 and not self.limit.active and self.limit.members:
            return day + max(0.0, now) / -self.net
        if self.net > 0.0 and now < self.wake_balance < INFINITY:
            return day + (self.wake_balance - now) / self.net
        return INFINITY

    def _log(self) -> None:
        self.log_days.append(self.since)
        self.log_yuan.append(self.balance)


def _cost(engine: Engine, flow: Flow) -> float:
    """Yuan per tonne of ``flow``'s rate: the price of what the plan counts of it, by what leaves it now."""
    books = flow.ledger
    leaving = books.leaving or dict.fromkeys(books.origins, 1.0)
    return books.counted * sum(share * engine.price(grade) for grade, share in leaving.items())
