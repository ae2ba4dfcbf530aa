"""One customer in a re-plan: its plan, what it loses when and why, what the order gives back, what still lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainsim.optimization.pricing import tonne_prices
from chainsim.optimization.reasons import Binding, Loss, Why, bindings_on, losses_of, main_loss, way_of
from chainsim.optimization.replanning import Replanned

_MOST_BINDINGS = 4
_LEAST_T = 0.5


@dataclass(frozen=True, slots=True)
class MonthOf:
    """One month of one grade; ``behind`` is the backlog against the plan before the order, at the month's end.

    ``lost`` is the main cause of the month's shortfall without the order, ``lacks`` with it, against the plan it sets.
    """

    grade: str
    month: int
    plan_t: float
    before_t: float
    ordered_t: float
    after_t: float
    promised_t: float
    behind_before_t: float
    behind_after_t: float
    lost: Loss | None
    lacks: Loss | None


@dataclass(frozen=True, slots=True)
class Story:
    """One customer: its months, the order's lines for it, and what binds on its ways to the end, the dearest first."""

    customer: str
    months: tuple[MonthOf, ...]
    whys: tuple[Why, ...]
    bindings: tuple[Binding, ...]


def story_of(replanned: Replanned, whys: Sequence[Why], customer: str) -> Story:
    """The story of ``customer``; without months if it has no plan from the re-plan on."""
    case = replanned.case
    prices = tonne_prices(case, replanned.answer.solved)
    behind_before, behind_after = replanned.before.backlog_t(), replanned.after.backlog_t()
    ordered = {change.key: change.after_t for change in replanned.changes}
    months: list[MonthOf] = []
    bindings: dict[tuple[str, str], Binding] = {}
    for key in (key for key in case.keys if key[0] == customer):
        lost = losses_of(replanned.log_before, key, case.grid.months)
        lacks = losses_of(replanned.log_after, key, case.grid.months)
        for month in case.grid.months:
            line = (*key, month)
            if line not in case.plan_t:
                continue
            months.append(
                MonthOf(
                    grade=key[1],
                    month=month,
                    plan_t=case.plan_t[line],
                    before_t=replanned.before.delivered_t.get(line, 0.0),
                    ordered_t=ordered.get(line, case.plan_t[line]),
                    after_t=replanned.after.delivered_t.get(line, 0.0),
                    promised_t=replanned.promise.delivered_t.get(line, 0.0),
                    behind_before_t=behind_before[line],
                    behind_after_t=behind_after[line],
                    lost=main_loss(loss for loss in lost if loss.months == (month,)),
                    lacks=main_loss(loss for loss in lacks if loss.months == (month,)),
                )
            )
        for binding in bindings_on(case, prices, way_of(case, key), *key, until=case.grid.months[-1]):
            at = binding.kind, binding.asset
            if at not in bindings or bindings[at].price < binding.price:
                bindings[at] = binding
    dearest = sorted(bindings.values(), key=lambda binding: -binding.price)[:_MOST_BINDINGS]
    return Story(customer, tuple(months), tuple(w for w in whys if w.change.customer == customer), tuple(dearest))


def matters(month: MonthOf) -> bool:
    """Whether anything but the plan happens in a month: it is changed, or falls short with or without the order."""
    return abs(month.ordered_t - month.plan_t) > _LEAST_T or month.lost is not None or month.lacks is not None
