"""Rows of the tables in the model's terms; rows that an overlay's horizon leaves outside are dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chainsim.files.conversion import Conversion
from chainsim.files.scaling import Scale, ScaledLine, StepRow, scale_amounts, scale_lines, scale_steps
from chainsim.files.tree import Block, Items
from chainsim.model import ActualDelivery, CashReceipt, Disruption, PlanLine, Price, PurchaseLine

if TYPE_CHECKING:
    from chainsim.files import documents as doc


def read_plan(context: Conversion, document: doc.ScenarioDocument, scales: list[Scale]) -> tuple[PlanLine, ...]:
    lines, nodes = [], []
    for i, row in enumerate(document.plan):
        place = context.tree["plan"].place_of(i)
        a, b = context.day(row.period.start), context.day(row.period.end)
        if context.inherited_outside(place, a, b):
            continue
        lines.append(
            ScaledLine(
                {"customer": row.customer, "grade": row.grade, "via": row.via},
                a,
                b,
                context.tonnes(row.amount, row.grade),
                place.layer,
                row,
            )
        )
        nodes.append(context.tree["plan"][i])
    if nodes or document.plan:
        context.tree["plan"] = Items(nodes, place=context.tree["plan"].place)
    scale_lines(lines, scales, "plan", ("customer", "grade"))
    return tuple(
        PlanLine(
            customer=line.row.customer,
            grade=line.row.grade,
            level=line.row.period.level,
            start=line.row.period.start,
            end=line.row.period.end,
            tonnes=line.tonnes,
            via=line.row.via,
        )
        for line in lines
    )


def read_purchases(
    context: Conversion, document: doc.ScenarioDocument, scales: list[Scale]
) -> tuple[PurchaseLine, ...]:
    grade_of = {name: s.grade for name, s in document.suppliers.items()}
    lines, nodes = [], []
    for i, row in enumerate(document.purchases):
        place = context.tree["purchases"].place_of(i)
        a, b = context.day(row.period.start), context.day(row.period.end)
        if context.inherited_outside(place, a, b):
            continue
        tonnes = context.tonnes(row.amount, grade_of.get(row.supplier, ""))
        lines.append(ScaledLine({"supplier": row.supplier}, a, b, tonnes, place.layer, row))
        nodes.append(context.tree["purchases"][i])
    if document.purchases:
        context.tree["purchases"] = Items(nodes, place=context.tree["purchases"].place)
    scale_lines(lines, scales, "purchases", ("supplier",))
    return tuple(
        PurchaseLine(
            supplier=line.row.supplier,
            level=line.row.period.level,
            start=line.row.period.start,
            end=line.row.period.end,
            tonnes=line.tonnes,
        )
        for line in lines
    )


def read_prices(context: Conversion, document: doc.ScenarioDocument, scales: list[Scale]) -> tuple[Price, ...]:
    by_grade: dict[str, list[StepRow]] = {}
    for i, row in enumerate(document.prices):
        place = context.tree["prices"].place_of(i)
        by_grade.setdefault(row.grade, []).append(StepRow(context.day(row.origin), row.price, place, row.reason))
    out, nodes = [], []
    for grade, steps in by_grade.items():
        for step in scale_steps(sorted(steps, key=lambda s: s.day), scales, "prices", {"grade": grade}):
            out.append(Price(grade=grade, day=step.day, yuan_per_t=step.value, reason=step.note))
            nodes.append(Block(place=step.place))
    if document.prices:
        context.tree["prices"] = Items(nodes, place=context.tree["prices"].place)
    return tuple(out)


def read_receipts(context: Conversion, document: doc.ScenarioDocument, scales: list[Scale]) -> tuple[CashReceipt, ...]:
    out = []
    for i, row in enumerate(document.receipts):
        day, place = context.day(row.date), context.tree["receipts"].place_of(i)
        yuan = scale_amounts(row.yuan, day, place.layer, scales, "receipts", {"customer": row.customer})
        out.append(CashReceipt(customer=row.customer, day=day, yuan=yuan))
    return tuple(out)


def read_disruptions(context: Conversion, document: doc.ScenarioDocument) -> tuple[Disruption, ...]:
    out, nodes = [], []
    for i, d in enumerate(document.disruptions):
        start, end = context.day(d.start), context.day(d.end)
        place = context.tree["disruptions"].place_of(i)
        if context.inherited_outside(place, start, end):
            continue
        nodes.append(context.tree["disruptions"][i])
        out.append(
            Disruption(
                name=d.name or f"{d.asset} {d.start:%Y-%m-%d}",
                asset=d.asset,
                start=start,
                end=end,
                remaining=d.remaining,
                cause=cast(Any, d.cause),
                note=d.note,
            )
        )
    if document.disruptions:
        context.tree["disruptions"] = Items(nodes, place=context.tree["disruptions"].place)
    return tuple(out)


def read_deliveries(context: Conversion, document: doc.ScenarioDocument) -> tuple[ActualDelivery, ...]:
    as_of = 0.0 if document.as_of is None else context.day(document.as_of)
    layer = context.tree.place_of("as_of").layer
    out, nodes = [], []
    for i, row in enumerate(document.actual_deliveries):
        day = context.day(row.date)
        if context.tree["actual_deliveries"].place_of(i).layer < layer and day >= as_of:
            continue  # an overlay moved the as-of date back
        nodes.append(context.tree["actual_deliveries"][i])
        tonnes = context.tonnes(row.amount, row.grade)
        out.append(
            ActualDelivery(day=day, customer=row.customer, grade=row.grade, tonnes=tonnes, measured=row.measured)
        )
    if document.actual_deliveries:
        context.tree["actual_deliveries"] = Items(nodes, place=context.tree["actual_deliveries"].place)
    return tuple(out)
