"""Tables about customer service: what was known at the end of the run's last day.

A record dated later has not happened yet: a visit made after it counts as not made, a complaint received after it is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import ceil, nan
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from chainsim.model import Complaint, Invoice, SurveyScore, Visit, WorkOrderStep
from chainsim.results.deliveries import Deliveries
from chainsim.results.frames import frame, ratio
from chainsim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

DAYS_PER_MONTH = 365.25 / 12
_Record = TypeVar("_Record", Visit, Complaint, SurveyScore, Invoice)


def visits_frame(run: Run) -> pd.DataFrame:
    """The table ``visits``."""
    today, visits = last_day(run), run.scenario.visits
    visited = [_known(v.visited, today) for v in visits]
    reported = [_known(v.report, today) for v in visits]
    return frame(
        "visits",
        run.domains,
        {
            "customer": run.domains.codes("customer", (v.customer for v in visits)),
            "planned_on": _dates(v.planned for v in visits),
            "visited_on": _dates(visited),
            "report_on": _dates(reported),
            "state": run.domains.codes("visit_state", (_visit_state(v, today) for v in visits)),
            "overdue_days": [0.0 if made else _days(v.planned, today) for v, made in zip(visits, visited, strict=True)],
            "report_overdue_days": [
                0.0 if made is None or report else _days(made, today)
                for made, report in zip(visited, reported, strict=True)
            ],
            "purpose": [v.purpose for v in visits],
            "visitor": [v.visitor for v in visits],
        },
    )


def complaints_frame(run: Run) -> pd.DataFrame:
    """The table ``complaints``."""
    today = last_day(run)
    complaints = _complaints(run, today)
    answered = [_known(c.answered, today) for c in complaints]
    closed = [_known(c.closed, today) for c in complaints]
    results = [_result(c, today) for c in complaints]
    return frame(
        "complaints",
        run.domains,
        {
            "number": [c.number for c in complaints],
            "customer": run.domains.codes("customer", (c.customer for c in complaints)),
            "received_on": _dates(c.received for c in complaints),
            "kind": run.domains.codes("complaint_kind", (c.kind for c in complaints)),
            "text": [c.text for c in complaints],
            "unit": [c.unit for c in complaints],
            "answered_on": _dates(answered),
            "result": results,
            "closed_on": _dates(closed),
            "state": run.domains.codes("complaint_state", (_complaint_state(c, today) for c in complaints)),
            "has_result": [result != "" for result in results],
            "answer_days": [_days(c.received, day or today) for c, day in zip(complaints, answered, strict=True)],
            "open_days": [_days(c.received, day or today) for c, day in zip(complaints, closed, strict=True)],
        },
    )


def surveys_frame(run: Run) -> pd.DataFrame:
    """The table ``surveys``."""
    today = last_day(run)
    surveys = _surveys(run, today)
    latest = _latest(surveys)
    return frame(
        "surveys",
        run.domains,
        {
            "customer": run.domains.codes("customer", (s.customer for s in surveys)),
            "surveyed_on": _dates(s.on for s in surveys),
            "dimension": run.domains.codes("survey_dimension", (s.dimension for s in surveys)),
            "score": [s.score for s in surveys],
            "latest": [latest[s.customer, s.dimension] is s for s in surveys],
            "age_days": [_days(s.on, today) for s in surveys],
        },
    )


def invoices_frame(run: Run) -> pd.DataFrame:
    """The table ``invoices``."""
    today, invoices = last_day(run), run.scenario.invoices
    paid = [_known(i.paid, today) for i in invoices]
    return frame(
        "invoices",
        run.domains,
        {
            "number": [i.number for i in invoices],
            "customer": run.domains.codes("customer", (i.customer for i in invoices)),
            "due_on": _dates(i.due for i in invoices),
            "amount_yuan": [i.yuan for i in invoices],
            "paid_on": _dates(paid),
            "paid": [day is not None for day in paid],
            "state": run.domains.codes("invoice_state", (_invoice_state(i, today) for i in invoices)),
            "late_days": [_late_days(i, today) for i in invoices],
        },
    )


def work_order_log_frame(run: Run) -> pd.DataFrame:
    """The table ``work_order_log``."""
    today = last_day(run)
    steps: list[WorkOrderStep] = [s for s in run.scenario.work_order_log if s.on <= today]
    return frame(
        "work_order_log",
        run.domains,
        {
            "work_order": [s.work_order for s in steps],
            "step": run.domains.codes("work_order_step", (s.step for s in steps)),
            "done_on": _dates(s.on for s in steps),
            "by": [s.by for s in steps],
            "text": [s.text for s in steps],
            "age_days": [_days(s.on, today) for s in steps],
        },
    )


def customer_service_frame(deliveries: Deliveries) -> pd.DataFrame:
    """The table ``customer_service``."""
    run = deliveries.run
    today = last_day(run)
    names = [c.name for c in run.scenario.customers]
    visits = _by_customer(names, run.scenario.visits)
    made = [[day for v in of if (day := _known(v.visited, today))] for of in visits]
    last_visits = [max(days, default=None) for days in made]
    states = [[_visit_state(v, today) for v in of] for of in visits]
    complaints = _by_customer(names, _complaints(run, today))
    scores = _by_customer(names, list(_latest(_surveys(run, today)).values()))
    invoices = [
        [i for i in of if _invoice_state(i, today) != "not_due"] for of in _by_customer(names, run.scenario.invoices)
    ]
    late = [[days for i in of if (days := _late_days(i, today)) > 0] for of in invoices]
    return frame(
        "customer_service",
        run.domains,
        {
            "customer": np.arange(len(names)),
            "last_visit_on": _dates(last_visits),
            "months_since_visit": [nan if day is None else _days(day, today) / DAYS_PER_MONTH for day in last_visits],
            "visits_planned": [sum(v.planned <= today for v in of) for of in visits],
            "visits_made": [len(days) for days in made],
            "overdue_visits": [of.count("overdue") for of in states],
            "missing_reports": [of.count("visited") for of in states],
            "complaints": [len(of) for of in complaints],
            "open_complaints": [sum(_complaint_state(c, today) != "closed" for c in of) for of in complaints],
            "surveyed_on": _dates(max((s.on for s in of), default=None) for of in scores),
            "survey_score": [_mean([s.score for s in of]) for of in scores],
            "invoices": [len(of) for of in invoices],
            "late_invoices": [len(days) for days in late],
            "late_share": [len(days) / len(of) if of else nan for days, of in zip(late, invoices, strict=True)],
            "mean_late_days": [_mean(days) for days in late],
            "overdue_yuan": [sum(i.yuan for i in of if _invoice_state(i, today) == "overdue") for of in invoices],
            "coverage_share": _coverage(deliveries, names),
        },
    )


def last_day(run: Run) -> date:
    """The day with which the run ends: that of the horizon, or the one on which it was stopped."""
    return run.scenario.start + timedelta(days=max(0, ceil(run.log.end_day) - 1))


def _visit_state(visit: Visit, today: date) -> str:
    if _known(visit.visited, today):
        return "reported" if _known(visit.report, today) else "visited"
    return "overdue" if visit.planned < today else "planned"


def _complaint_state(complaint: Complaint, today: date) -> str:
    if _known(complaint.closed, today):
        return "closed"
    return "answered" if _known(complaint.answered, today) else "open"


def _result(complaint: Complaint, today: date) -> str:
    """What came of it; nothing yet before the day it was closed on, or else answered on."""
    stated_on = complaint.closed or complaint.answered
    return complaint.result if stated_on is None or stated_on <= today else ""


def _invoice_state(invoice: Invoice, today: date) -> str:
    late = _late_days(invoice, today) > 0
    if _known(invoice.paid, today):
        return "paid_late" if late else "paid"
    return "overdue" if late else "not_due"


def _late_days(invoice: Invoice, today: date) -> float:
    return _days(invoice.due, _known(invoice.paid, today) or today)


def _complaints(run: Run, today: date) -> list[Complaint]:
    return [c for c in run.scenario.complaints if c.received <= today]


def _surveys(run: Run, today: date) -> list[SurveyScore]:
    return [s for s in run.scenario.surveys if s.on <= today]


def _latest(surveys: Iterable[SurveyScore]) -> dict[tuple[str, str], SurveyScore]:
    """(customer, dimension) → its latest score."""
    latest: dict[tuple[str, str], SurveyScore] = {}
    for survey in surveys:
        key = survey.customer, survey.dimension
        if key not in latest or survey.on > latest[key].on:
            latest[key] = survey
    return latest


def _by_customer(names: Sequence[str], records: Iterable[_Record]) -> list[list[_Record]]:
    grouped: dict[str, list[_Record]] = {name: [] for name in names}
    for record in records:
        grouped[record.customer].append(record)
    return list(grouped.values())


def _coverage(deliveries: Deliveries, names: Sequence[str]) -> NDArray[np.float64]:
    """Per customer: measured over actual tonnes of the whole run."""
    actual, measured = np.zeros(len(names)), np.zeros(len(names))
    position = {name: i for i, name in enumerate(names)}
    for row, (customer, _) in enumerate(deliveries.pairs):
        actual[position[customer]] += deliveries.actual[row, -1]
        measured[position[customer]] += deliveries.measured[row, -1]
    return ratio(measured, actual)


def _known(day: date | None, today: date) -> date | None:
    """``day``, unless it lies after ``today``."""
    return day if day is not None and day <= today else None


def _days(since: date, until: date) -> float:
    """Whole days, 0 where ``until`` is not after ``since``."""
    return float(max(0, (until - since).days))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else nan


def _dates(days: Iterable[date | None]) -> NDArray[np.datetime64]:
    return np.array([np.datetime64("NaT") if d is None else np.datetime64(d) for d in days], dtype="datetime64[us]")
