"""The order a planner would draft without an optimizer: what a month loses is asked for again later, for everybody alike.

It is the measure an optimized order is held against: no route, tank, rack or purse is looked at.
"""

from __future__ import annotations

from typing import Literal

from chainsim.optimization.case import Case
from chainsim.optimization.drafting import LEAST_CHANGE_T, Change
from chainsim.optimization.outcome import Outcome

Spread = Literal["next_month", "rest"]


def pro_rata_changes(case: Case, before: Outcome, spread: Spread = "next_month") -> tuple[Change, ...]:
    """Every plan line's losses, as simulated without an order (``before``), added to the next month or, in proportion to the
    months' plans, to all that remain; by rail in whole trains, nearest. Arrears of earlier months are lost at the first."""
    trains = {lane.route.customer: lane.railway.train_t for lane in case.lanes}
    out: list[Change] = []
    for key in case.keys:
        months = [month for month in case.grid.months if (*key, month) in case.plan_t]
        added = dict.fromkeys(months, 0.0)
        for i, month in enumerate(months):
            line = (*key, month)
            lost = max(0.0, case.plan_t[line] - before.delivered_t.get(line, 0.0))
            if i == 0:
                lost += case.opening.owed_t.get(key, 0.0)
            later = months[i + 1 : i + 2] if spread == "next_month" else months[i + 1 :]
            whole = sum(case.plan_t[*key, m] for m in later)
            for m in later:
                added[m] += lost * (case.plan_t[*key, m] / whole if whole > 0 else 1.0 / len(later))
        left, train = 0.0, trains.get(key[0], 0.0)
        for month in months:
            more = added[month] + left
            given = round(more / train) * train if train > 0 else more
            left = more - given
            if given > LEAST_CHANGE_T and (*key, month) not in case.settings.frozen:
                plan = case.plan_t[*key, month]
                out.append(Change(*key, month, plan, round(plan + given, 1)))
    return tuple(out)
