"""A document as a plain value: what stands in it, from the letterhead to the signature, whatever file it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text: ``body`` begins indented, ``heading`` stands out, ``plain`` begins at the margin, ``note`` is small."""

    text: str
    style: Literal["body", "heading", "plain", "note"] = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePart:
    """A table with lines: headings, rows of text, a last row that sums up; ``widths`` are shares of the page's width."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()
    widths: Sequence[float] = ()
    aligns: Sequence[Align] = ()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A cell of a form: a label, or what is filled in; ``lines`` is its least height in lines of writing."""

    text: str
    span: int = 1
    label: bool = False
    lines: int = 1


@dataclass(frozen=True, slots=True)
class FormPart:
    """A form: rows of boxes, each row ``columns`` wide."""

    columns: int
    rows: Sequence[Sequence[Box]]


Part = Paragraph | TablePart | FormPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One document.

    ``issuer`` makes the letterhead and the signature, ``number`` stands below the letterhead, ``recipients`` before the text.
    ``mark`` tells what the document is not yet (a draft), ``approvals`` names the lines to sign on, ``copies`` who also gets it.
    """

    title: str
    issuer: str
    number: str = ""
    recipients: str = ""
    parts: Sequence[Part]
    on: date
    signed: bool = True
    approvals: Sequence[str] = ()
    copies: str = ""
    mark: str = ""
    landscape: bool = False
    lang: str = "zh"


def day_text(day: date, lang: str) -> str:
    """A date as a document writes it.

    >>> day_text(date(2008, 4, 10), "zh"), day_text(date(2008, 4, 10), "en")
    ('2008年4月10日', '10 April 2008')
    """
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {day:%B %Y}"


def month_text(day: date, lang: str) -> str:
    """A month as a document writes it.

    >>> month_text(date(2008, 4, 1), "zh"), month_text(date(2008, 4, 1), "en")
    ('2008年4月', 'April 2008')
    """
    return f"{day.year}年{day.month}月" if lang == "zh" else f"{day:%B %Y}"


def tonnes_text(tonnes: float, *, signed: bool = False) -> str:
    """Whole tonnes with separators; a change with its sign.

    >>> tonnes_text(63500.4), tonnes_text(-3500, signed=True), tonnes_text(0, signed=True)
    ('63,500', '-3,500', '0')
    """
    whole = round(tonnes)
    return f"{whole:+,}" if signed and whole else f"{whole:,}"


def share_text(share: float | None) -> str:
    """A share in percent with one decimal; a dash where there is none."""
    return "–" if share is None or share != share else f"{share:.1%}"
