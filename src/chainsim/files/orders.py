"""Adjustment orders: lines that state a new total, and lines that state a change to the plan then in force."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from chainsim.files.tree import Items
from chainsim.model import AdjustmentOrder, OrderLine, Scenario
from chainsim.model.plan import tonnes_in_force

if TYPE_CHECKING:
    from chainsim.files import documents as doc
    from chainsim.files.conversion import Conversion


def read_orders(context: Conversion, document: doc.ScenarioDocument, scenario: Scenario) -> Scenario:
    """``scenario`` with its orders, in the file's order; changes are worked out in the order of taking effect."""
    days = [context.day(order.effective) for order in document.orders]
    made: dict[int, AdjustmentOrder] = {}
    kept: dict[int, list[int]] = {}
    for i in sorted(range(len(days)), key=lambda i: days[i]):
        order = document.orders[i]
        before = replace(scenario, orders=tuple(made.values()))
        lines = []
        kept[i] = []
        for j, line in enumerate(order.lines):
            place = context.tree["orders"][i]["lines"].place_of(j)
            if context.inherited_outside(place, context.day(line.period.start), context.day(line.period.end)):
                continue
            kept[i].append(j)
            lines.append(
                OrderLine(
                    customer=line.customer,
                    grade=line.grade,
                    level=line.period.level,
                    start=line.period.start,
                    end=line.period.end,
                    tonnes=_new_total(context, ("orders", i, "lines", j), line, before, days[i]),
                    note=line.note or "",
                )
            )
        if lines or not order.lines:
            made[i] = AdjustmentOrder(
                number=order.number,
                issued=order.issued,
                effective_day=days[i],
                state=cast(Any, order.state),
                lines=tuple(lines),
                reason=order.reason,
            )
    if document.orders:
        _keep(context, sorted(made), kept)
    return replace(scenario, orders=tuple(made[i] for i in sorted(made)))


def _keep(context: Conversion, orders: list[int], lines: dict[int, list[int]]) -> None:
    """Leave in the tree only what became part of the model, so that places are still found by index."""
    stated = context.tree["orders"]
    for i in orders:
        rows = stated[i]["lines"]
        stated[i]["lines"] = Items(
            [rows[j] for j in lines[i]], place=rows.place, places=[rows.place_of(j) for j in lines[i]]
        )
    context.tree["orders"] = Items(
        [stated[i] for i in orders], place=stated.place, places=[stated.place_of(i) for i in orders]
    )


def _new_total(
    context: Conversion,
    path: tuple[str | int, ...],
    line: doc.OrderLineDocument,
    before: Scenario,
    effective_day: float,
) -> float:
    """The line's new total in tonnes."""
    if (line.amount is None) == (line.change is None):
        context.problem("change_and_amount", path)
        return float("nan")
    if line.amount is not None:
        return context.tonnes(line.amount, line.grade)
    assert line.change is not None
    start, end = context.day(line.period.start), context.day(line.period.end)
    if start < 0 or end > context.end_day:
        context.problem("change_outside", (*path, "change"), found=f"{line.change:g}")
        return float("nan")
    in_force = tonnes_in_force(before, effective_day, line.customer, line.grade, start, end)
    total = in_force + context.tonnes(line.change, line.grade)
    if total < -1e-6:
        least = -in_force / context.tonnes(1.0, line.grade)
        words = {"found": f"{line.change:g}", "tonnes": f"{in_force:.6g}", "least": f"{least:.6g}"}
        context.problem("change_below_zero", (*path, "change"), **words)
        return float("nan")
    return max(0.0, total)
