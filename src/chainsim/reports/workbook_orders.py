"""The workbook's page of work orders: who has to do what until when, and what is overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chainsim.reports.sheets import Book, Mark, list_sheet
from chainsim.rules import WORK_ORDERS

if TYPE_CHECKING:
    import pandas as pd

_OVERDUE: Mark = ("#F4A6A0", "#7A0C04")
_TO_FOLLOW_UP: Mark = ("#FFD3A6", "#7A3A00")
_CLOSED: Mark = ("#FFFFFF", "#808080")
_SEVERE: Mark = ("#FFFFFF", "#B42318")


def orders_sheet(book: Book, orders: pd.DataFrame) -> None:
    """The work orders, the most urgent first: overdue in red, to be followed up in orange, closed in grey."""
    lang = book.lang
    names = ["severity", "state", "overdue_days", "follow_up_due", f"kind_{lang}", f"owner_{lang}", "subject",
             f"message_{lang}", f"action_{lang}", "received_on", "due_on", "dispatched_on", "followed_up_on", "replied_on",
             "reply", "fault", "cause", "work_order"]  # fmt: skip
    shown = orders.copy()
    about = zip(orders["subject"], orders["grade"], strict=True)
    shown["subject"] = [_named(book.labels.asset(lang, str(s)), book.labels.grade(lang, str(g))) for s, g in about]
    causes = zip(orders["cause"], orders["cause_asset"], strict=True)
    shown["cause"] = [_named(book.subject(str(c)), book.labels.asset(lang, str(a))) for c, a in causes]
    shown["overdue_days"] = orders["overdue_days"].where(orders["overdue"])
    shown["follow_up_due"] = ["●" if due else "" for due in orders["follow_up_due"]]
    wraps = {f"kind_{lang}": 14.0, f"owner_{lang}": 14.0, "subject": 24.0, f"message_{lang}": 44.0, f"action_{lang}": 36.0,
             "reply": 28.0, "cause": 24.0, "work_order": 32.0}  # fmt: skip
    marks = _marks(orders, names)
    list_sheet(book, book.text("sheet.work_orders"), WORK_ORDERS, shown, names, wraps=wraps, marks=marks)


def _named(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _marks(orders: pd.DataFrame, names: Sequence[str]) -> Mapping[str, Sequence[Mark | None]]:
    """Column → the colours of its cells: closed orders recede, what is late or to be followed up stands out."""
    closed = [state == "replied" for state in orders["state"]]
    marks: dict[str, list[Mark | None]] = {name: [_CLOSED if done else None for done in closed] for name in names}

    def mark(columns: Sequence[str], where: Sequence[Any], colours: Mark) -> None:
        for name in columns:
            marks[name] = [colours if hit else own for hit, own in zip(where, marks[name], strict=True)]

    mark(("follow_up_due",), orders["follow_up_due"].tolist(), _TO_FOLLOW_UP)
    mark(("state", "overdue_days", "due_on"), orders["overdue"].tolist(), _OVERDUE)
    grave = [severity == "error" and not done for severity, done in zip(orders["severity"], closed, strict=True)]
    mark(("severity",), grave, _SEVERE)
    return marks
