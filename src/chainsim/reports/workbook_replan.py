"""The workbook of a re-plan: the draft order, its proof, and what binds, a sheet each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chainsim.model import Scenario
from chainsim.optimization.catalogue import ORDER_TABLES
from chainsim.reports.sheets import Book, list_sheet
from chainsim.reports.workbook import dictionary_sheet, made_workbook, metadata_sheet

if TYPE_CHECKING:
    import pandas as pd


def replan_workbook_bytes(
    scenario: Scenario, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any], lang: str
) -> bytes:
    """The workbook in ``lang`` ("en" or "zh"); ``tables`` are those of a re-plan."""

    def fill(book: Book) -> None:
        other = "en" if lang == "zh" else "zh"
        for name, table in ORDER_TABLES.items():
            columns = [column.name for column in table.columns if column.name != f"why_{other}"]
            wraps = {f"why_{lang}": 70.0} if name == "draft_order" else {}
            shown = tables[name]
            list_sheet(book, book.text(f"replan.{name}"), table, shown, columns, wraps=wraps)
        dictionary_sheet(book, ORDER_TABLES.values())
        metadata_sheet(book, scenario, manifest)

    return made_workbook(scenario, lang, fill)
