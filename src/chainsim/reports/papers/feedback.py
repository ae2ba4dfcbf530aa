"""The feedback handling form 顾客意见反馈处理表, and the annual summary that feeds corrective and preventive action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from chainsim.model.service import COMPLAINT_KINDS
from chainsim.reports.papers.paper import Box, FormPart, Paper, Paragraph, Part, TablePart, day_text
from chainsim.reports.papers.texts import say
from chainsim.reports.sheets import records
from chainsim.results import TABLES, Labels

if TYPE_CHECKING:
    import pandas as pd


def feedback_paper(complaint: Mapping[str, Any] | None, labels: Labels, on: date, *, issuer: str, lang: str) -> Paper:
    """The form of one complaint (a row of the table ``complaints``), or an empty one to fill in."""
    row = complaint or {}
    space = "　" if lang == "zh" else "  "
    kinds = space.join(
        f"{'☑' if row.get('kind') == kind else '□'}{texts[lang == 'zh']}" for kind, texts in COMPLAINT_KINDS.items()
    )
    state = TABLES["complaints"].column("state").value_text(lang, row["state"]) if row else ""

    def label(key: str, span: int = 1, lines: int = 1) -> Box:
        return Box(say(lang, key), span, label=True, lines=lines)

    def told(name: str, span: int, lines: int = 1) -> Box:
        value = row.get(name)
        text = "" if value is None else day_text(value.date(), lang) if hasattr(value, "date") else str(value)
        return Box(text, span, lines=lines)

    days = row.get("answer_days")
    blank = say(lang, "feedback.date_blank")
    rows = [
        [
            label("customer"),
            Box(labels.asset(lang, row["customer"]) if row else "", 2),
            label("feedback.number"),
            told("number", 2),
        ],
        [label("feedback.received"), told("received_on", 2), label("feedback.state"), Box(state, 2)],
        [label("feedback.channel"), Box(say(lang, "feedback.channels"), 5)],
        [label("feedback.kind"), Box(kinds, 5)],
        [label("feedback.text", lines=6), told("text", 5, 6)],
        [label("feedback.unit"), told("unit", 2), label("feedback.handled_by"), Box("", 2)],
        [label("feedback.why", lines=5), Box("", 5, lines=5)],
        [label("feedback.result", lines=6), told("result", 5, 6)],
        [
            label("feedback.answered"),
            told("answered_on", 2),
            label("feedback.days"),
            Box("" if days is None else f"{days:.0f}", 2),
        ],
        [label("feedback.prevent", lines=5), Box("", 5, lines=5)],
        [
            label("feedback.confirmed", lines=3),
            Box(blank, 2, lines=3),
            label("feedback.reviewed_by", lines=3),
            Box(blank, 2, lines=3),
        ],
        [label("feedback.closed"), told("closed_on", 5)],
    ]
    return Paper(
        title=say(lang, "feedback.title"),
        issuer=issuer,
        number=f"{say(lang, 'feedback.number')}：{row['number']}" if row and lang == "zh" else str(row.get("number", "")),
        parts=[FormPart(6, rows)],
        on=on,
        signed=False,
        lang=lang,
    )  # fmt: skip


def summary_paper(
    tables: Mapping[str, pd.DataFrame], labels: Labels, year: int, on: date, *, issuer: str, lang: str
) -> Paper:
    """All feedback received in ``year``, what came of it, and the form of next year's measures."""
    rows = [row for row in records(tables["complaints"]) if row["received_on"].year == year]
    parts: list[Part] = [Paragraph(say(lang, "summary.overview"), "heading")]
    if not rows:
        parts.append(Paragraph(say(lang, "summary.none", year=year)))
    else:
        parts += _overview(rows, labels, year, on, lang)
        parts += [Paragraph(say(lang, "summary.items"), "heading"), _items(rows, labels, lang)]
        parts += [Paragraph(say(lang, "summary.open"), "heading"), *_open(rows, labels, lang)]
        parts += [
            Paragraph(say(lang, "summary.measures", year=year + 1), "heading"),
            Paragraph(say(lang, "summary.measures_text")),
            _measures(rows, year, lang),
        ]
    return Paper(
        title=say(lang, "summary.title", year=year),
        issuer=issuer,
        parts=parts,
        on=on,
        approvals=[say(lang, key) for key in ("approved", "checked", "drafted")],
        lang=lang,
    )


def _overview(rows: Sequence[Mapping[str, Any]], labels: Labels, year: int, on: date, lang: str) -> list[Part]:
    counts = _counts(rows)
    told = say(
        lang,
        "summary.overview_text",
        year=year,
        count=counts[0],
        customers=len({row["customer"] for row in rows}),
        answered=counts[1],
        days=counts[4],
        closed=counts[2],
        open=counts[3],
        on=day_text(on, lang),
    )
    kinds = [
        (texts[lang == "zh"], [row for row in rows if row["kind"] == kind]) for kind, texts in COMPLAINT_KINDS.items()
    ]
    names = dict.fromkeys(row["customer"] for row in rows)
    customers = [(labels.asset(lang, name), [row for row in rows if row["customer"] == name]) for name in names]
    return [
        Paragraph(told),
        _counted("summary.by_kind", "feedback.kind", kinds, rows, lang),
        _counted("summary.by_customer", "customer", customers, rows, lang),
    ]


def _counted(
    caption: str,
    first: str,
    groups: Sequence[tuple[str, Sequence[Mapping[str, Any]]]],
    rows: Sequence[Mapping[str, Any]],
    lang: str,
) -> TablePart:
    keys = (first, "summary.received", "summary.answered", "summary.closed", "summary.open_count", "summary.days")
    return TablePart(
        caption=say(lang, caption),
        headings=[say(lang, key) for key in keys],
        rows=[[name, *(str(count) for count in _counts(group))] for name, group in groups if group],
        total=[say(lang, "total"), *(str(count) for count in _counts(rows))],
        aligns=("left", "right", "right", "right", "right", "right"),
        widths=(26, 12, 12, 12, 12, 26),
    )


def _counts(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int, int, int, str]:
    """Received, answered, closed, open, and the mean days to the answer as text."""
    answered = [row for row in rows if row["answered_on"] is not None]
    closed = sum(row["state"] == "closed" for row in rows)
    days = [row["answer_days"] for row in answered if row["answer_days"] is not None]
    mean = f"{sum(days) / len(days):.1f}" if days else "–"
    return len(rows), len(answered), closed, len(rows) - closed, mean


def _items(rows: Sequence[Mapping[str, Any]], labels: Labels, lang: str) -> TablePart:
    keys = (
        "feedback.number",
        "customer",
        "feedback.received",
        "feedback.kind",
        "feedback.text",
        "feedback.result",
        "feedback.closed",
    )
    return TablePart(
        headings=[say(lang, key) for key in keys],
        rows=[
            [
                row["number"],
                labels.asset(lang, row["customer"]),
                f"{row['received_on']:%Y-%m-%d}",
                COMPLAINT_KINDS[row["kind"]][lang == "zh"],
                row["text"],
                row["result"] or "",
                f"{row['closed_on']:%Y-%m-%d}" if row["closed_on"] else "",
            ]
            for row in rows
        ],
        widths=(11, 14, 12, 8, 24, 24, 12),
        aligns=("left", "left", "center", "center", "left", "left", "center"),
    )


def _open(rows: Sequence[Mapping[str, Any]], labels: Labels, lang: str) -> list[Part]:
    told = [
        say(
            lang,
            "summary.open_item",
            number=row["number"],
            customer=labels.asset(lang, row["customer"]),
            kind=COMPLAINT_KINDS[row["kind"]][lang == "zh"],
            text=row["text"],
            days=f"{row['open_days']:.0f}",
        )
        for row in rows
        if row["state"] != "closed"
    ]
    return [Paragraph(line) for line in told] or [Paragraph(say(lang, "summary.open_none"))]


def _measures(rows: Sequence[Mapping[str, Any]], year: int, lang: str) -> TablePart:
    kinds = dict.fromkeys(row["kind"] for row in rows)
    return TablePart(
        headings=[
            say(lang, "feedback.kind"), say(lang, "summary.found", year=year), say(lang, "summary.measure"),
            say(lang, "feedback.unit"), say(lang, "summary.due"),
        ],
        rows=[
            [
                COMPLAINT_KINDS[kind][lang == "zh"],
                say(lang, "summary.times", count=sum(row["kind"] == kind for row in rows)),
                "\n\n",
                say(lang, "stop").join(dict.fromkeys(row["unit"] for row in rows if row["kind"] == kind and row["unit"])),
                "",
            ]
            for kind in kinds
        ],
        widths=(12, 13, 40, 20, 15),
        aligns=("center", "center", "left", "left", "left"),
    )  # fmt: skip
