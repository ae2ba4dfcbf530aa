"""Records of customer service in the model's terms.

They keep their calendar dates, and unlike plans and disruptions they stay where an overlay moves the horizon: a visit or
an unpaid invoice from before it is as true as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainsim.model import Complaint, Invoice, SurveyScore, Visit, WorkOrderStep

if TYPE_CHECKING:
    from chainsim.files import documents as doc


def read_visits(document: doc.ScenarioDocument) -> tuple[Visit, ...]:
    """The table ``visits``."""
    return tuple(
        Visit(
            customer=row.customer,
            planned=row.planned,
            visited=row.visited,
            report=row.report,
            purpose=row.purpose,
            visitor=row.visitor,
        )
        for row in document.visits
    )


def read_complaints(document: doc.ScenarioDocument) -> tuple[Complaint, ...]:
    """The table ``complaints``."""
    return tuple(
        Complaint(
            number=row.number,
            customer=row.customer,
            received=row.received,
            kind=row.kind,
            text=row.text,
            unit=row.unit,
            answered=row.answered,
            result=row.result,
            closed=row.closed,
        )
        for row in document.complaints
    )


def read_surveys(document: doc.ScenarioDocument) -> tuple[SurveyScore, ...]:
    """The table ``surveys``."""
    return tuple(
        SurveyScore(customer=row.customer, on=row.date, dimension=row.dimension, score=row.score)
        for row in document.surveys
    )


def read_invoices(document: doc.ScenarioDocument) -> tuple[Invoice, ...]:
    """The table ``invoices``."""
    return tuple(
        Invoice(number=row.number, customer=row.customer, due=row.due, yuan=row.yuan, paid=row.paid)
        for row in document.invoices
    )


def read_work_orders(document: doc.ScenarioDocument) -> tuple[WorkOrderStep, ...]:
    """The table ``work_order_log``."""
    return tuple(
        WorkOrderStep(work_order=row.work_order, step=row.step, on=row.date, by=row.by, text=row.text)
        for row in document.work_order_log
    )
