"""Why an order's proof differs from its promise, customer by customer.

The program sees averages: parts of trains, money as it comes in, lines that run as expected, oil that goes where it is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainsim.optimization.opening import Key
from chainsim.optimization.outcome import Outcome
from chainsim.optimization.reasons import Loss, losses_of, main_loss
from chainsim.optimization.replanning import Replanned

TOLD_GAP = 0.01
"""A smaller gap in completion needs no reason."""
_ROUNDING = 1e-3


@dataclass(frozen=True, slots=True)
class Gap:
    """One customer's difference, simulated less promised; ``part`` of its plan and arrears.

    ``trains`` is the difference in whole trains, for a customer served by rail; ``pays`` if it pays for each in advance; ``loss``
    the main cause for which it still falls short in the simulation of the order.
    """

    customer: str
    tonnes: float
    part: float
    trains: int
    pays: bool
    loss: Loss | None


def gaps_of(replanned: Replanned) -> dict[str, Gap]:
    """The gaps that are worth a word, by customer, in the scenario's order."""
    promise, proof = replanned.promise.completion(), replanned.after.completion()
    target = targets_of(replanned.before)
    case = replanned.case
    train_t = {lane.route.customer: lane.railway.train_t for lane in case.lanes}
    out = {}
    for customer in (c.name for c in replanned.scenario.customers if c.name in proof):
        part = proof[customer] - promise[customer]
        if abs(part) <= TOLD_GAP:
            continue
        tonnes = part * target[customer]
        own: list[Key] = [key for key in case.keys if key[0] == customer]
        losses = [loss for key in own for loss in losses_of(replanned.log_after, key, case.grid.months)]
        trains = tonnes / train_t[customer] if customer in train_t else 0.0
        whole = round(trains) if abs(trains - round(trains)) <= _ROUNDING * max(1.0, abs(trains)) else 0
        out[customer] = Gap(customer, tonnes, part, whole, customer in case.income_yuan, main_loss(losses))
    return out


def targets_of(before: Outcome) -> Mapping[str, float]:
    """Customer → tonnes of plan and arrears that its completion is a part of."""
    out: dict[str, float] = {}
    last = {key[:2]: key for key in sorted(before.plan_t, key=lambda key: key[2])}
    for (customer, _, _), tonnes in before.plan_t.items():
        out[customer] = out.get(customer, 0.0) + tonnes
    for (customer, _), key in last.items():
        out[customer] += before.owed_t.get(key, 0.0)
    return out
