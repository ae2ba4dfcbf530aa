"""The workbook of a resilience scan: the assets, the gravest first, and what each does to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chainsim.model import Scenario
from chainsim.reports.sheets import Book, Mark, list_sheet
from chainsim.reports.workbook import dictionary_sheet, made_workbook, metadata_sheet
from chainsim.results.catalogue_resilience import RESILIENCE, RESILIENCE_CUSTOMERS, RESILIENCE_TABLES

if TYPE_CHECKING:
    import pandas as pd

_GRAVE: Mark = ("#F4A6A0", "#7A0C04")
_NEAR: Mark = ("#FFD3A6", "#7A3A00")
_NEAR_TIMES = 2.0
"""What survives less than the outage asked for is red; less than twice that, orange."""


def resilience_workbook_bytes(
    scenario: Scenario, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any], lang: str
) -> bytes:
    """The workbook in ``lang`` ("en" or "zh"); ``tables`` are those of a scan."""

    def fill(book: Book) -> None:
        assets, customers = tables[RESILIENCE.name], tables[RESILIENCE_CUSTOMERS.name]
        days = {}
        for name in ("tts_plan_days", "tts_runs_days", "tts_tank_days"):
            days[name] = _marks(assets[name].tolist(), assets["outage_days"].tolist())
        list_sheet(book, book.text("resilience.assets"), RESILIENCE, assets, marks=days)
        list_sheet(book, book.text("resilience.customers"), RESILIENCE_CUSTOMERS, customers)
        dictionary_sheet(book, RESILIENCE_TABLES.values())
        metadata_sheet(book, scenario, manifest)

    return made_workbook(scenario, lang, fill)


def _marks(survived: Sequence[float], asked: Sequence[float]) -> list[Mark | None]:
    return [
        _GRAVE if days < outage else _NEAR if days < _NEAR_TIMES * outage else None
        for days, outage in zip(survived, asked, strict=True)
    ]
