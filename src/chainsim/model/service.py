"""Customer service: what people record about customers beside the oil, and what a customer's archive may state for rules.

Visits 走访, complaints 意见反馈, satisfaction surveys 满意度调查, invoices 结算, and what was reported on work orders 工单.
None of it influences the simulation, and none of it need lie within the horizon: facts about people are older than a
plan. Hence calendar dates, not days since the start. Every fixed set has its texts (English, Chinese).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

Texts = Mapping[str, tuple[str, str]]

COMPLAINT_KINDS: Texts = {
    "quality": ("quality", "质量"),
    "service": ("service", "服务"),
    "safety": ("safety", "安全"),
    "environment": ("environment", "环境"),
    "quantity": ("quantity", "数量"),
}
SURVEY_DIMENSIONS: Texts = {
    "quantity": ("quantity", "数量"),
    "quality": ("quality", "质量"),
    "punctuality": ("punctuality", "及时性"),
    "coordination": ("coordination", "协调沟通"),
    "settlement": ("settlement", "结算"),
    "safety": ("safety", "安全环保"),
}
WORK_ORDER_STEPS: Texts = {
    "dispatch": ("dispatched", "派发"),
    "follow_up": ("followed up", "督办"),
    "reply": ("replied", "回复"),
}
ATTRACTIVENESS: Texts = {
    "very": ("very attractive", "很有"),
    "fairly": ("fairly attractive", "中等"),
    "little": ("little attractive", "不太"),
}
POTENTIALS: Texts = {"high": ("high", "高"), "medium": ("medium", "中"), "low": ("low", "低")}
RELATIONSHIPS: Texts = {
    "promising": ("potential to develop", "发展潜力"),
    "developing": ("developing", "发展中"),
    "good": ("good", "良好"),
    "firm": ("very firm", "非常牢固"),
    "limited": ("rather limited", "相当有限"),
    "defensive": ("on the defensive", "防守"),
    "declining": ("going backwards", "倒退"),
}

CHOICE_ATTRIBUTES: Mapping[str, Texts] = {
    "attractiveness": ATTRACTIVENESS,
    "potential": POTENTIALS,
    "relationship": RELATIONSHIPS,
}
NUMBER_ATTRIBUTES = ("capacity_t", "processing_capacity_t_per_year", "visit_every_months")
TEXT_ATTRIBUTES = ("customer_manager", "region", "region_zh", "region_en")
KNOWN_ATTRIBUTES = (*NUMBER_ATTRIBUTES, *CHOICE_ATTRIBUTES, *TEXT_ATTRIBUTES)
"""Attributes of a customer's archive that have a type; all others are text as the planner gave it."""

_PLAIN_NUMBER = re.compile(r"\d{1,15}(\.\d{0,15})?([eE][+-]?\d{1,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A planned visit; ``visited`` is the day it was made, ``report`` that of the written report on it."""

    customer: str
    planned: date
    visited: date | None = None
    report: date | None = None
    purpose: str = ""
    visitor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A line of the feedback handling form 《顾客意见反馈处理表》; ``unit`` is the responsible one.

    It is closed only with both an answer (``answered``) and a ``result``.
    """

    number: str
    customer: str
    received: date
    kind: str
    text: str
    unit: str = ""
    answered: date | None = None
    result: str = ""
    closed: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyScore:
    """What a customer gave for one dimension in a satisfaction survey, 0 to 100 points."""

    customer: str
    on: date
    dimension: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """Yuan due from a customer on a day, and the day on which they were paid."""

    number: str
    customer: str
    due: date
    yuan: float
    paid: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrderStep:
    """What somebody reported on a work order: dispatched, followed up or replied to."""

    work_order: str
    step: str
    on: date
    by: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAttributes:
    """The known attributes of a customer's archive; ``None`` or "" where it states none."""

    capacity_t: float | None = None
    processing_capacity_t_per_year: float | None = None
    visit_every_months: float | None = None
    attractiveness: str = ""
    potential: str = ""
    relationship: str = ""
    customer_manager: str = ""
    region_en: str = ""
    region_zh: str = ""


def attributes_of(archive: Mapping[str, str]) -> CustomerAttributes:
    """The known attributes in ``archive``, which has passed the checks; ``region`` stands for both languages."""
    numbers = {name: attribute_number(archive[name]) for name in NUMBER_ATTRIBUTES if name in archive}
    region = archive.get("region", "")
    return CustomerAttributes(
        capacity_t=numbers.get("capacity_t"),
        processing_capacity_t_per_year=numbers.get("processing_capacity_t_per_year"),
        visit_every_months=numbers.get("visit_every_months"),
        attractiveness=archive.get("attractiveness", ""),
        potential=archive.get("potential", ""),
        relationship=archive.get("relationship", ""),
        customer_manager=archive.get("customer_manager", ""),
        region_en=archive.get("region_en", region),
        region_zh=archive.get("region_zh", region),
    )


def attribute_number(text: str) -> float | None:
    """A plain number above 0, or ``None`` where ``text`` is none.

    >>> attribute_number("2500000"), attribute_number("2,500,000"), attribute_number("0")
    (2500000.0, None, None)
    """
    number = float(text) if _PLAIN_NUMBER.fullmatch(text) else 0.0
    return number if number > 0 else None
