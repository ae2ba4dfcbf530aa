"""Checks on what is recorded about customers: visits, complaints, surveys, invoices, work orders, their archive."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from math import isfinite

from chainsim.errors import Problem
from chainsim.model.messages import nearest_name
from chainsim.model.problems import problem, unknown
from chainsim.model.scenario import Scenario
from chainsim.model.service import CHOICE_ATTRIBUTES, NUMBER_ATTRIBUTES, Texts, attribute_number

HIGHEST_SCORE = 100.0
_EXAMPLES = {"capacity_t": "30000", "processing_capacity_t_per_year": "2500000", "visit_every_months": "3"}


def check_service(scenario: Scenario) -> Iterator[Problem]:
    """Problems of the records of customer service and of the archive's known attributes."""
    yield from _archives(scenario)
    for table, customers in (
        ("visits", [visit.customer for visit in scenario.visits]),
        ("complaints", [complaint.customer for complaint in scenario.complaints]),
        ("surveys", [survey.customer for survey in scenario.surveys]),
        ("invoices", [invoice.customer for invoice in scenario.invoices]),
    ):
        yield from _customers(table, customers, [c.name for c in scenario.customers])
    yield from _visits(scenario)
    yield from _complaints(scenario)
    yield from _surveys(scenario)
    yield from _invoices(scenario)
    yield from _work_orders(scenario)


def _archives(scenario: Scenario) -> Iterator[Problem]:
    for customer in scenario.customers:
        path = f"customers.{customer.name}.archive"
        for name in NUMBER_ATTRIBUTES:
            text = customer.archive.get(name)
            if text is not None and attribute_number(text) is None:
                yield problem("attribute_not_a_number", f"{path}.{name}", text, example=_EXAMPLES[name])
        for name, choices in CHOICE_ATTRIBUTES.items():
            text = customer.archive.get(name)
            if text is not None and text not in choices:
                yield _not_a_choice(f"{path}.{name}", text, choices)


def _not_a_choice(path: str, text: str, choices: Texts) -> Problem:
    """With the code whose Chinese or English text was written instead, if it is one."""
    meant = [code for code, texts in choices.items() if text in texts]
    values = {
        "choices": ", ".join(choices),
        "choices_zh": "、".join(f"{code}（{zh}）" for code, (_, zh) in choices.items()),
    }
    nearest = meant[0] if meant else nearest_name(text, choices)
    return replace(problem("attribute_not_a_choice", path, text, **values), nearest=nearest)


def _customers(table: str, named: list[str], customers: list[str]) -> Iterator[Problem]:
    known = set(customers)
    for i, name in enumerate(named):
        if name not in known:
            yield unknown("customer", f"{table}[{i}].customer", name, customers)


def _visits(scenario: Scenario) -> Iterator[Problem]:
    yield from _twice("visits", ((v.customer, v.planned) for v in scenario.visits))
    for i, visit in enumerate(scenario.visits):
        if visit.visited is None and visit.report is not None:
            yield problem("report_without_visit", f"visits[{i}].report", visit.report)
        yield from _in_order(f"visits[{i}]", ("visited", "走访日期", visit.visited), ("report", "", visit.report))


def _complaints(scenario: Scenario) -> Iterator[Problem]:
    yield from _twice("complaints", ((c.number,) for c in scenario.complaints))
    for i, complaint in enumerate(scenario.complaints):
        path = f"complaints[{i}]"
        missing = [name for name in ("answered", "result") if not getattr(complaint, name)]
        if complaint.closed is not None and missing:
            yield problem("closed_without_answer", f"{path}.closed", complaint.closed, missing=", ".join(missing))
        received = ("received", "接收日期", complaint.received)
        yield from _in_order(
            path, received, ("answered", "答复日期", complaint.answered), ("closed", "", complaint.closed)
        )


def _surveys(scenario: Scenario) -> Iterator[Problem]:
    yield from _twice("surveys", ((s.customer, s.on, s.dimension) for s in scenario.surveys))
    for i, survey in enumerate(scenario.surveys):
        if not isfinite(survey.score):
            yield problem("not_finite", f"surveys[{i}].score", survey.score)
        elif not 0 <= survey.score <= HIGHEST_SCORE:
            yield problem("score_out_of_range", f"surveys[{i}].score", survey.score)


def _invoices(scenario: Scenario) -> Iterator[Problem]:
    yield from _twice("invoices", ((invoice.number,) for invoice in scenario.invoices))
    for i, invoice in enumerate(scenario.invoices):
        if not isfinite(invoice.yuan):
            yield problem("not_finite", f"invoices[{i}].yuan", invoice.yuan)
        elif invoice.yuan < 0:
            yield problem("negative", f"invoices[{i}].yuan", invoice.yuan)


def _work_orders(scenario: Scenario) -> Iterator[Problem]:
    """Each step once a day, and none before the order was dispatched, where that was reported."""
    log = scenario.work_order_log
    yield from _twice("work_order_log", ((step.work_order, step.step, step.on) for step in log))
    dispatched: dict[str, date] = {}
    for step in log:
        if step.step == "dispatch":
            dispatched[step.work_order] = min(step.on, dispatched.get(step.work_order, step.on))
    for i, step in enumerate(log):
        first = dispatched.get(step.work_order, step.on)
        if step.on < first:
            words = {"first": "the dispatch", "first_zh": "派发日期", "day": first}
            yield problem("before_its_beginning", f"work_order_log[{i}].date", step.on, **words)


def _in_order(path: str, *dates: tuple[str, str, date | None]) -> Iterator[Problem]:
    """(column, its name in Chinese, date): each known date not before the last known one."""
    before: tuple[str, str, date] | None = None
    for column, column_zh, day in dates:
        if day is None:
            continue
        if before is not None and day < before[2]:
            words = {"first": before[0], "first_zh": before[1], "day": before[2]}
            yield problem("before_its_beginning", f"{path}.{column}", day, **words)
        before = (column, column_zh, day)


def _twice(table: str, keys: Iterable[tuple[Hashable, ...]]) -> Iterator[Problem]:
    seen = set()
    for i, key in enumerate(keys):
        if key in seen:
            yield problem("service_row_twice", f"{table}[{i}]", ", ".join(map(str, key)))
        seen.add(key)
