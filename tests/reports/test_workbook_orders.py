"""The workbook's page of work orders, read again."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from chainsim.model import Label
from chainsim.reports.sheets import Book
from chainsim.reports.workbook_orders import orders_sheet
from chainsim.results import Labels
from chainsim.rules import WORK_ORDERS

EMPTY = {"date": pd.NaT, "name": None, "text": "", "number": float("nan"), "integer": 0, "boolean": False}
OVERDUE = {
    "work_order": "low/a/2008-01", "severity": "error", "state": "dispatched", "subject": "a", "grade": "x",
    "overdue": True, "overdue_days": 12, "follow_up_due": True,
    "kind_en": "Inquiry", "kind_zh": "问询", "owner_en": "Dispatcher", "owner_zh": "调度",
    "received_on": datetime(2008, 1, 31), "due_on": datetime(2008, 2, 3), "dispatched_on": datetime(2008, 2, 1),
    "message_en": "=low", "message_zh": "低", "cause": "pipeline", "cause_asset": "trunk", "fault": "firing",
}  # fmt: skip
CLOSED = {
    "work_order": "low/b/2008-01",
    "severity": "warning",
    "state": "replied",
    "subject": "b",
    "fault": "resolved",
    "reply": "done",
}
LABELS = Labels({"a": Label("Alpha", "甲厂"), "trunk": Label("Trunk", "干线")}, {"x": Label("Light", "轻质")})


def workbook(lang: str, *rows: dict[str, Any]) -> bytes:
    """A workbook of this page alone."""
    columns = {c.name: [row.get(c.name, EMPTY[c.type]) for row in rows] for c in WORK_ORDERS.columns}
    orders = pd.DataFrame({c.name: pd.Series(columns[c.name], dtype=c.dtype) for c in WORK_ORDERS.columns})
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False}) as book:
        orders_sheet(Book(book, lang, LABELS, "Calibri"), orders)
    return out.getvalue()


@pytest.mark.parametrize(
    ("lang", "sheet", "shown"),
    [
        ("en", "Work orders", ["error", "dispatched", 12, "●", "Inquiry", "Dispatcher", "Alpha · Light", "=low"]),
        ("zh", "工单", ["严重", "已派发", 12, "●", "问询", "调度", "甲厂 · 轻质", "低"]),
    ],
)
def test_an_order_is_told_in_both_languages(lang: str, sheet: str, shown: list[object]) -> None:
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(workbook(lang, OVERDUE, CLOSED))).get_sheet_by_name(sheet).to_python()
    )
    first, second = rows[3], rows[4]
    assert first[: len(shown)] == shown
    assert date(2008, 2, 3) in first
    assert first[-2] == ("pipeline outage · Trunk" if lang == "en" else "管线停输 · 干线")
    assert first[-1] == "low/a/2008-01"
    assert second[2:4] == ["", ""], "who is not late has no number of days"


def test_late_orders_stand_out_and_closed_ones_recede() -> None:
    def inks(*rows: dict[str, Any]) -> set[str]:
        with zipfile.ZipFile(io.BytesIO(workbook("en", *rows))) as archive:
            styles = archive.read("xl/styles.xml").decode()
        return {ink for ink in ("7A0C04", "7A3A00", "808080") if ink in styles}

    assert inks(OVERDUE) == {"7A0C04", "7A3A00"}
    assert inks(CLOSED) == {"808080"}


def test_a_run_without_orders_has_its_page() -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook("en"))).get_sheet_by_name("Work orders").to_python()
    assert rows[-1][0] == "(none)"


def test_equal_orders_give_equal_cells() -> None:
    def parts(content: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist() if "core.xml" not in name}

    assert parts(workbook("zh", OVERDUE, CLOSED)) == parts(workbook("zh", OVERDUE, CLOSED))
