"""The workbook of an experiment's answers, a sheet each; figures in their own units, as they differ from row to row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.experiments.answers import Answers, baseline_note
from chainsim.experiments.answers_catalogue import ANSWER_TABLES
from chainsim.reports import whole_file
from chainsim.reports.sheets import Book, Mark, column_format, heading_of, list_sheet, number_format, records
from chainsim.reports.tidy import columns_in
from chainsim.reports.workbook import dictionary_sheet, filled_workbook, provenance_sheet
from chainsim.results import Table
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

_MISSES = ((0.5, ("#C0392B", "#FFFFFF")), (0.2, ("#F5B56B", "#402000")), (0.05, ("#F5E08A", "#3D3200")))
"""From this probability on a cell has these colours (background, ink): those of completion's bands."""
_WRAPS = {"error_en": 90.0, "error_zh": 90.0}


def answers_workbook(answers: Answers, lang: str) -> bytes:
    """The workbook in ``lang`` ("en" or "zh"). Equal answers give equal bytes."""
    about = answers.about

    def fill(book: Book) -> None:
        for name, frame in answers.tables.items():
            table = ANSWER_TABLES[name]
            if name == "answer_failures" and frame.empty:
                continue
            title = text(lang, f"answers.sheet.{name}")
            shown = _named(answers, frame, lang)
            if "unit" in frame.columns:
                note = baseline_note(answers, lang) if name == "answer_differences" else ""
                _figures_sheet(book, title, table, shown, note)
            else:
                marks = (
                    {"probability": [_mark(p) for p in frame["probability"]]} if name == "answer_customers" else None
                )
                columns = [column.name for column in columns_in(table, lang)]
                wraps = {name: width for name, width in _WRAPS.items() if name in columns}
                list_sheet(book, title, table, shown, columns, marks=marks, wraps=wraps)
        dictionary_sheet(book, (ANSWER_TABLES[name] for name in answers.tables))
        told = {key: value for key, value in answers.manifest.items() if key not in ("about", "files")}
        provenance_sheet(book, about.description, told)

    return filled_workbook(about.label.text(lang, about.name), about.start, about.labels, lang, fill)


def write_answers(path: Path, answers: Answers, lang: str) -> None:
    """Write the workbook in ``lang`` to ``path``, whole or not at all; raises ``InputError`` where it cannot be written."""
    with whole_file(path) as temporary:
        temporary.write_bytes(answers_workbook(answers, lang))


def _named(answers: Answers, frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Figures, factors and variants by their labels."""
    shown = frame.copy()
    if "name" in shown:
        shown["name"] = [answers.about.variant(lang, name) for name in shown["name"]]
    if "kpi" in shown:
        shown["kpi"] = [answers.about.figure(lang, name) for name in shown["kpi"]]
    if "factor" in shown:
        shown["factor"] = [answers.about.factor(lang, name) for name in shown["factor"]]
    return shown


def _figures_sheet(book: Book, name: str, table: Table, frame: pd.DataFrame, note: str = "") -> None:
    """A list whose figures are each in the unit of their row; a ``note`` takes the place of what the table means."""
    sheet = book.sheet(name)
    top = sheet.title(table.title(book.lang), note or table.meaning(book.lang)) - 1
    row = first = sheet.headings(top, [heading_of(c, book.lang) for c in table.columns])
    formats: dict[str, Any] = {}
    for record in records(frame):
        unit = str(record["unit"])
        for index, column in enumerate(table.columns):
            own = column.unit or unit
            if column.type == "number":
                if own not in formats:
                    formats[own] = book.format(num_format=number_format(own))
                sheet.put(row, index, record[column.name], formats[own])
            else:
                sheet.put(row, index, book.shown(column, record[column.name]), column_format(book, column))
        row += 1
    sheet.worksheet.freeze_panes(first, 2)
    sheet.worksheet.autofilter(top, 0, max(row - 1, first), len(table.columns) - 1)
    sheet.worksheet.repeat_rows(top)
    sheet.fit()


def _mark(probability: float) -> Mark | None:
    return next((mark for least, mark in _MISSES if probability >= least), None)
