"""The visit plan 走访计划 of a year, and the form of a visit's report 走访报告, filled in as far as the run knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from chainsim.model import Scenario
from chainsim.records import CAUSES
from chainsim.reports.papers.paper import (
    Box,
    FormPart,
    Paper,
    Paragraph,
    Part,
    TablePart,
    day_text,
    month_text,
    share_text,
    tonnes_text,
)
from chainsim.reports.papers.texts import say
from chainsim.reports.sheets import records
from chainsim.results import TABLES, Labels

if TYPE_CHECKING:
    import pandas as pd


def plan_paper(
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    year: int,
    on: date,
    *,
    issuer: str,
    lang: str,
) -> Paper:
    """The visits planned in ``year``, and what to speak about with each customer."""
    visits = sorted(
        (row for row in records(tables["visits"]) if row["planned_on"].year == year), key=lambda row: row["planned_on"]
    )
    classes = {row["customer"]: row["customer_class"] for row in records(tables["customers"])}
    table = TABLES["visits"]
    rows = [
        [
            str(number),
            labels.asset(lang, visit["customer"]),
            TABLES["customers"].column("customer_class").value_text(lang, classes[visit["customer"]]),
            f"{visit['planned_on']:%Y-%m-%d}",
            visit["purpose"] or "",
            visit["visitor"] or "",
            say(lang, "stop").join(_open_questions(tables, visit["customer"], lang)),
            table.column("state").value_text(lang, visit["state"]),
        ]
        for number, visit in enumerate(visits, 1)
    ]
    keys = ("no", "customer", "plan.class", "plan.planned", "plan.purpose", "plan.visitor", "plan.ask", "plan.state")
    parts: list[Part] = [Paragraph(say(lang, "plan.none", year=year))]
    if rows:
        count = len({visit["customer"] for visit in visits})
        parts = [
            Paragraph(say(lang, "plan.text", count=len(rows), customers=count, on=day_text(on, lang))),
            TablePart(
                headings=[say(lang, key) for key in keys],
                rows=rows,
                widths=(5, 16, 9, 11, 20, 11, 20, 8),
                aligns=("center", "left", "center", "center", "left", "left", "left", "center"),
            ),
        ]
    return Paper(
        title=say(lang, "plan.title", year=year),
        issuer=issuer,
        parts=parts,
        on=on,
        approvals=[say(lang, key) for key in ("approved", "checked", "drafted")],
        landscape=True,
        lang=lang,
    )


def report_paper(
    tables: Mapping[str, pd.DataFrame], labels: Labels, visit: Mapping[str, Any], on: date, *, issuer: str, lang: str
) -> Paper:
    """The form of the report on ``visit``, a row of the table ``visits``; what is written by hand is left blank."""

    def label(key: str, lines: int = 1) -> Box:
        return Box(say(lang, key), 1, label=True, lines=lines)

    def on_day(value: Any) -> str:
        return day_text(value.date(), lang) if value is not None else ""

    customer = visit["customer"]
    rows = [
        [
            label("customer"),
            Box(labels.asset(lang, customer), 2),
            label("plan.planned"),
            Box(on_day(visit["planned_on"]), 2),
        ],
        [
            label("visit.visited"),
            Box(on_day(visit["visited_on"]), 2),
            label("visit.reported"),
            Box(on_day(visit["report_on"]), 2),
        ],
        [label("plan.visitor"), Box(visit["visitor"] or "", 2), label("visit.met"), Box("", 2)],
        [label("plan.purpose", 2), Box(visit["purpose"] or "", 5, lines=2)],
        [label("visit.facts", 3), Box(_facts(tables, customer, visit, lang), 5, lines=3)],
        [
            label("visit.open", 2),
            Box(say(lang, "stop").join(_open_questions(tables, customer, lang)) or say(lang, "none"), 5, lines=2),
        ],
        [label("visit.talked", 8), Box("", 5, lines=8)],
        [label("visit.wishes", 6), Box("", 5, lines=6)],
        [label("visit.advice", 6), Box("", 5, lines=6)],
        [label("visit.reviewed", 4), Box("\n\n\n" + say(lang, "feedback.date_blank"), 5, lines=4)],
    ]
    return Paper(
        title=say(lang, "visit.title"), issuer=issuer, parts=[FormPart(6, rows)], on=on, signed=False, lang=lang
    )


def _facts(tables: Mapping[str, pd.DataFrame], customer: str, visit: Mapping[str, Any], lang: str) -> str:
    """How the plan went up to the month before the visit (or the run's last)."""
    months = [row for row in records(tables["customer_months"]) if row["customer"] == customer]
    until = visit["visited_on"] or visit["planned_on"]
    past = [row for row in months if row["month"] < until.replace(day=1)] or months[:1]
    causes: dict[str, float] = {}
    for row in records(tables["shortfalls"]):
        if row["customer"] == customer and row["month"] <= past[-1]["month"]:
            causes[row["cause"]] = causes.get(row["cause"], 0.0) + row["shortfall_t"]
    plan, delivered = (sum(row[name] for row in past) for name in ("plan_t", "delivered_t"))
    cause = CAUSES[max(causes, key=lambda name: causes[name])][lang == "zh"] if causes else say(lang, "none")
    return say(
        lang,
        "visit.facts_text",
        month=month_text(past[-1]["month"].date(), lang),
        plan=tonnes_text(plan),
        delivered=tonnes_text(delivered),
        completion=share_text(delivered / plan if plan > 0 else None),
        cause=cause,
    )


def _open_questions(tables: Mapping[str, pd.DataFrame], customer: str, lang: str) -> list[str]:
    months = [row for row in records(tables["customer_months"]) if row["customer"] == customer]
    service = next(row for row in records(tables["customer_service"]) if row["customer"] == customer)
    out = []
    if months and (completion := months[-1]["cumulative_completion"]) is not None:
        out.append(say(lang, "plan.completion", completion=share_text(completion)))
    if service["open_complaints"]:
        out.append(say(lang, "plan.complaints", count=service["open_complaints"]))
    if service["overdue_yuan"]:
        out.append(say(lang, "plan.overdue", yuan=f"{service['overdue_yuan']:,.0f}"))
    return out
