"""The adjustment order 调整令: basis, lines before and after with their reasons, effect, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chainsim.model import AdjustmentOrder, OrderLine, Scenario
from chainsim.model.plan import tonnes_in_force
from chainsim.reports.papers.paper import (
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
from chainsim.results import Labels


@dataclass(frozen=True, slots=True)
class Effect:
    """What the simulation says of one customer, without the order and with it."""

    customer: str
    delivered_t: tuple[float, float]
    completion: tuple[float, float]


def order_paper(
    scenario: Scenario,
    order: AdjustmentOrder,
    effects: Sequence[Effect],
    labels: Labels,
    *,
    issuer: str,
    lang: str,
) -> Paper:
    """The document of ``order``; ``effects`` are the customers whose completion it moves."""
    before = [_before(scenario, order, line) for line in order.lines]
    after = [line.tonnes for line in order.lines]
    effective = day_text(scenario.calendar_date(order.effective_day), lang)
    last = scenario.calendar_date(scenario.end_day) - timedelta(days=1)
    span = {"start": month_text(scenario.start, lang), "end": month_text(last, lang)}
    customers = list(dict.fromkeys(line.customer for line in order.lines))
    named = [labels.asset(lang, customer) for customer in customers]
    sums = {
        "before": tonnes_text(sum(before)),
        "after": tonnes_text(sum(after)),
        "change": tonnes_text(sum(after) - sum(before), signed=True),
    }
    parts: list[Part] = [
        Paragraph(say(lang, "order.basis"), "heading"),
        Paragraph(
            say(lang, "order.basis_text", effective=effective, reason=_sentence(order.reason, lang), **span).strip()
        ),
        Paragraph(say(lang, "order.lines"), "heading"),
        Paragraph(
            say(lang, "order.lines_text", effective=effective, count=len(order.lines), customers=len(customers), **sums)
        ),
        _lines(order, before, labels, sums, lang),
        Paragraph(say(lang, "order.effect"), "heading"),
        Paragraph(say(lang, "order.effect_text", **span) if effects else say(lang, "order.no_effect")),
    ]
    if effects:
        parts.append(_effects(effects, labels, lang))
    parts += [Paragraph(say(lang, "order.demand"), "heading"), Paragraph(say(lang, "order.demand_text"))]
    return Paper(
        title=say(lang, "order.title"),
        issuer=issuer,
        number=say(lang, "order.number", number=order.number),
        recipients=say(lang, "to", names=say(lang, "comma").join(named)),
        parts=parts,
        on=order.issued,
        approvals=[say(lang, key) for key in ("approved", "checked", "drafted")],
        copies=_copies(scenario, lang),
        mark=say(lang, "order.draft") if order.state == "draft" else "",
        lang=lang,
    )


def _sentence(words: str, lang: str) -> str:
    """The order's own reason, ended as a sentence."""
    words = words.strip()
    return words if not words or words[-1] in "。.！!；;" else words + ("。" if lang == "zh" else ".")


def _before(scenario: Scenario, order: AdjustmentOrder, line: OrderLine) -> float:
    """Tonnes of the line's period in the plan in force at the order's moment, without the order."""
    start, end = scenario.day_of(line.start), scenario.day_of(line.end)
    return tonnes_in_force(scenario, order.effective_day, line.customer, line.grade, start, end, without=order.number)


def _lines(
    order: AdjustmentOrder,
    before: Sequence[float],
    labels: Labels,
    sums: dict[str, str],
    lang: str,
) -> TablePart:
    rows = [
        [
            str(number),
            labels.asset(lang, line.customer),
            labels.grade(lang, line.grade),
            _period(line, lang),
            tonnes_text(was),
            tonnes_text(line.tonnes),
            tonnes_text(line.tonnes - was, signed=True),
            line.note,
        ]
        for number, (line, was) in enumerate(zip(order.lines, before, strict=True), 1)
    ]
    keys = ("no", "customer", "grade", "period", "order.before", "order.after", "order.change", "order.why")
    return TablePart(
        headings=[say(lang, key) for key in keys],
        rows=rows,
        total=["", say(lang, "total"), "", "", sums["before"], sums["after"], sums["change"], ""],
        widths=(6, 14, 14, 13, 13, 13, 13, 26),
        aligns=("center", "left", "left", "center", "right", "right", "right", "left"),
    )


def _effects(effects: Sequence[Effect], labels: Labels, lang: str) -> TablePart:
    rows = [
        [
            labels.asset(lang, effect.customer),
            " → ".join(tonnes_text(tonnes) for tonnes in effect.delivered_t),
            " → ".join(share_text(share) for share in effect.completion),
        ]
        for effect in effects
    ]
    headings = [say(lang, key) for key in ("customer", "order.delivered", "order.completion")]
    return TablePart(headings=headings, rows=rows, widths=(30, 40, 30), aligns=("left", "center", "center"))


def _period(line: OrderLine, lang: str) -> str:
    """Short enough for a column: 2008, 2008-Q2, 2008-05, and of ten-day periods the part of the month."""
    year, month = line.start.year, line.start.month
    match line.level:
        case "annual":
            return str(year)
        case "quarter":
            return f"{year}-Q{(month + 2) // 3}"
        case "month":
            return f"{line.start:%Y-%m}"
        case _:
            ten = (line.start.day - 1) // 10
            return f"{line.start:%Y-%m} {'上中下'[ten] + '旬' if lang == 'zh' else f'({ten + 1}/3)'}"


def _copies(scenario: Scenario, lang: str) -> str:
    """Those who carry the oil."""
    names = (*(line.carrier for line in scenario.pipelines), *(railway.carrier for railway in scenario.railways))
    carriers = dict.fromkeys(name for name in names if name)
    return say(lang, "copies", names=say(lang, "comma").join(carriers)) if carriers else ""
