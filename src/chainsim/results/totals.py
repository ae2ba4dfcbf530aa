"""What the accounts of a run come to, customer by customer: of these are the tables' sums and the key figures made."""

from __future__ import annotations

from dataclasses import dataclass

from chainsim.model import Scenario
from chainsim.records import RunLog

DUST_T = 1e-6
"""Less than a gram is rounding: neither a shortfall nor an over-lift. Completion is compared with limits as loosely."""


@dataclass(slots=True)
class CustomerTotals:
    """One customer's accounts over the run, tonnes; ``within_t``: Σ min(delivered, plan) by account."""

    plan_t: float = 0.0
    original_t: float = 0.0
    delivered_t: float = 0.0
    shortfall_t: float = 0.0
    over_lift_t: float = 0.0
    unplanned_t: float = 0.0
    within_t: float = 0.0

    @property
    def completion(self) -> float:
        """Delivered over plan; NaN without a plan."""
        return self.delivered_t / self.plan_t if self.plan_t > 0 else float("nan")


def customer_totals(scenario: Scenario, log: RunLog) -> dict[str, CustomerTotals]:
    """Every customer's totals, in the scenario's order. In floats: a run has a hundred accounts, and there are many runs."""
    out = {customer.name: CustomerTotals() for customer in scenario.customers}
    for account in log.accounts:
        totals = out[account.customer]
        plan, delivered = account.plan_t, account.delivered_t
        totals.plan_t += plan
        totals.original_t += account.original_t
        totals.delivered_t += delivered
        totals.within_t += plan if plan < delivered else delivered
        gap = delivered - plan
        if gap < -DUST_T:
            totals.shortfall_t -= gap
        elif gap > DUST_T:
            if plan > 0:
                totals.over_lift_t += gap
            else:
                totals.unplanned_t += gap
    return out
