"""The workbook: what a planner opens first, in Chinese or English."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.charts.palette import scenario_colour
from chainsim.model import Scenario
from chainsim.reports.export import RULE_TABLES
from chainsim.reports.facts import FACTS, facts_of
from chainsim.reports.sheets import INSTANT, Book, list_sheet, put_figure, records
from chainsim.reports.tidy import tidy_sheets
from chainsim.reports.whole import whole_file
from chainsim.reports.workbook_network import curtailment_sheet, inventory_data_sheet, inventory_sheet
from chainsim.reports.workbook_orders import orders_sheet
from chainsim.reports.workbook_summary import completion_sheet, shortfall_matrix_sheet, summary_sheet
from chainsim.reports.workbook_texts import TEXTS
from chainsim.results import TABLES, Labels, Table, labels_of
from chainsim.rules import FINDINGS, RULE_RESULTS, WORK_ORDERS

if TYPE_CHECKING:
    import pandas as pd


_LISTED = ("shortfalls", "batches", "trains", "kpis")
"""Tables that have a page of their own."""
_FONTS = {"en": "Calibri", "zh": "Microsoft YaHei"}


def write_workbook(
    path: Path,
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    told: Mapping[str, pd.DataFrame] | None,
    manifest: Mapping[str, Any],
    lang: str,
    *,
    daily: bool = False,
) -> Path:
    """Write the workbook in ``lang`` ("en" or "zh") and return ``path``; the file appears whole or not at all.

    Raises ``InputError`` if ``path`` cannot be written. For the rest see ``workbook_bytes``.
    """
    with whole_file(path) as temporary:
        temporary.write_bytes(workbook_bytes(scenario, tables, told, manifest, lang, daily=daily))
    return path


def workbook_bytes(
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    told: Mapping[str, pd.DataFrame] | None,
    manifest: Mapping[str, Any],
    lang: str,
    *,
    daily: bool = False,
) -> bytes:
    """The workbook in ``lang`` ("en" or "zh"). Equal input gives equal bytes.

    ``told`` are the tables that rules make (``RULE_TABLES``), or ``None`` where no rules were run. Tables with a row per day stay
    in Parquet and CSV unless ``daily`` (but for what the charts draw). The rows pass through temporary files; raises ``OSError``
    if these cannot be written.
    """
    return made_workbook(scenario, lang, lambda book: _fill(book, scenario, tables, told, manifest, daily))


def made_workbook(scenario: Scenario, lang: str, fill: Callable[[Book], None]) -> bytes:
    """The workbook about ``scenario`` that ``fill`` writes: see ``filled_workbook``."""
    title = scenario.label.text(lang, scenario.name)
    return filled_workbook(title, scenario.start, labels_of(scenario), lang, fill)


def filled_workbook(title: str, created: date, labels: Labels, lang: str, fill: Callable[[Book], None]) -> bytes:
    """The workbook that ``fill`` writes. Equal input gives equal bytes; ``OSError`` if the temporary files cannot be written.

    ``created`` stands for the date of creation: with the real one equal input would not give equal bytes.
    """
    out = io.BytesIO()
    written_workbook(out, title, created, labels, lang, fill)
    return out.getvalue()


def written_workbook(
    target: Path | io.BytesIO, title: str, created: date, labels: Labels, lang: str, fill: Callable[[Book], None]
) -> None:
    """As ``filled_workbook``, straight to a file: rows go to disk as they are written, so memory does not grow with them."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    with tempfile.TemporaryDirectory(prefix="chainsim-", ignore_cleanup_errors=True) as folder:
        options = {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "nan_inf_to_errors": False,
        }
        try:
            with xlsxwriter.Workbook(target, options) as workbook:
                midnight = datetime(created.year, created.month, created.day)
                workbook.set_properties({"title": title, "author": "chainsim", "created": midnight})
                fill(Book(workbook, lang, labels, _FONTS[lang]))
        except FileCreateError as error:  # what the disk refused, told like any other refusal
            raise error.args[0] from error


def _fill(
    book: Book,
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    told: Mapping[str, pd.DataFrame] | None,
    manifest: Mapping[str, Any],
    daily: bool,
) -> None:
    """All sheets, in order: pages to read, then tables to work with."""
    book = replace(book, tab=scenario_colour(scenario.name, scenario.color))
    findings = None if told is None else told[FINDINGS.name]
    summary_sheet(book, scenario, tables, findings)
    completion_sheet(book, tables["customer_months"])
    shortfall_matrix_sheet(book, tables["shortfalls"])
    _list(book, "shortfalls", tables)
    inventory_sheet(book, tables["inventory_totals"])
    for name in ("batches", "trains"):
        _list(book, name, tables)
    curtailment_sheet(book, tables["curtailment"])
    if told is not None:
        _findings(book, told[FINDINGS.name])
        orders_sheet(book, told[WORK_ORDERS.name])
        _rules(book, told[RULE_RESULTS.name])
    _key_figures(book, tables["kpis"])
    inventory_data_sheet(book, tables["inventory_totals"])
    rule_tables = RULE_TABLES if told is not None else {}
    tidy_sheets(book, book.text("sheet.facts"), FACTS, facts_of(scenario.name, tables, book.lang))
    for name, table in TABLES.items():
        if name not in _LISTED and (daily or "day" not in table.keys):
            tidy_sheets(book, _sheet_of(book, table), table, tables[name])
    dictionary_sheet(book, (FACTS, *TABLES.values(), *rule_tables.values()))
    metadata_sheet(book, scenario, manifest)


def _sheet_of(book: Book, table: Table) -> str:
    """The sheet of a tidy table: its title, unless a page is already called so."""
    own = f"tidy.{table.name}"
    return book.text(own) if own in TEXTS else table.title(book.lang)


def _list(book: Book, name: str, tables: Mapping[str, pd.DataFrame]) -> None:
    list_sheet(book, book.text(f"sheet.{name}"), TABLES[name], tables[name])


def _findings(book: Book, findings: pd.DataFrame) -> None:
    names = ["severity", "rule", "subject", "grade", "since", "until", "periods", "state", f"message_{book.lang}",
             f"action_{book.lang}", "cause", "cause_asset", "cause_t", "source"]  # fmt: skip
    shown = findings.copy()
    shown["subject"] = [book.labels.asset(book.lang, str(s)) for s in findings["subject"]]
    shown["grade"] = [book.labels.grade(book.lang, str(g)) for g in findings["grade"]]
    shown["cause"] = [book.subject(str(c)) for c in findings["cause"]]
    shown["cause_asset"] = [book.labels.asset(book.lang, str(a)) if a else "" for a in findings["cause_asset"]]
    wraps = {f"message_{book.lang}": 62.0, f"action_{book.lang}": 50.0}
    list_sheet(book, book.text("sheet.findings"), FINDINGS, shown, names, wraps=wraps)


def _rules(book: Book, results: pd.DataFrame) -> None:
    """Every rule, those first that found most: what it found, and where it could not tell."""
    shown = results.sort_values(["findings", "unknown_rows"], ascending=False, kind="stable")
    list_sheet(book, book.text("sheet.rules"), RULE_RESULTS, shown)


def _key_figures(book: Book, kpis: pd.DataFrame) -> None:
    sheet = book.sheet(book.text("sheet.kpis"))
    table = TABLES["kpis"]
    top = sheet.title(table.title(book.lang), table.meaning(book.lang)) - 1
    names = (f"header_{book.lang}", "value", "unit", "subject", "at", f"meaning_{book.lang}", "name")
    row = first = sheet.headings(top, [book.text(f"kpis.{n.removesuffix('_' + book.lang)}") for n in names])
    for kpi in records(kpis):
        sheet.put(row, 0, kpi[names[0]], book.format())
        put_figure(sheet, row, 1, kpi, bold=True)
        sheet.put(row, 3, book.subject(kpi["subject"]), book.format())
        sheet.put(row, 4, kpi["at"], book.format(num_format=INSTANT, align="center"))
        sheet.put(row, 5, kpi[names[5]], book.format(text_wrap=True))
        sheet.put(row, 6, kpi["name"], book.format(font_color="#666666"))
        row += 1
    sheet.worksheet.freeze_panes(first, 1)
    sheet.fit({5: 70.0})


def dictionary_sheet(book: Book, tables: Iterable[Table]) -> None:
    """Every column of every table in this language."""
    sheet = book.sheet(book.text("sheet.dictionary"))
    top = sheet.title(book.text("dictionary.title"), book.text("dictionary.note")) - 1
    heads = ("table", "table_title", "column", "header", "type", "unit", "key", "meaning")
    row = first = sheet.headings(top, [book.text(f"dictionary.{h}") for h in heads])
    plain, wrapped = book.format(valign="top"), book.format(text_wrap=True, valign="top")
    for table in tables:
        for column in table.columns:
            cells = (
                table.name,
                table.title(book.lang),
                column.name,
                column.header(book.lang),
                book.text(f"type.{column.type}"),
                column.unit,
                "●" if column.key else "",
                column.meaning(book.lang),
            )
            for index, cell in enumerate(cells):
                sheet.put(row, index, cell, wrapped if index == len(cells) - 1 else plain)
            row += 1
    sheet.worksheet.freeze_panes(first, 3)
    sheet.worksheet.autofilter(top, 0, row - 1, len(heads) - 1)
    sheet.worksheet.repeat_rows(top)
    sheet.fit({7: 80.0})


def metadata_sheet(book: Book, scenario: Scenario, manifest: Mapping[str, Any]) -> None:
    """What the run was made from."""
    provenance_sheet(book, scenario.description, manifest)


def provenance_sheet(book: Book, description: str, manifest: Mapping[str, Any]) -> None:
    """What a workbook's figures were made from, one line for each entry of the manifest."""
    sheet = book.sheet(book.text("sheet.metadata"), landscape=False)
    row = sheet.title(book.text("metadata.title"), description)
    for name, value in _flat(manifest):
        sheet.put(row, 0, name, book.format(bold=True))
        sheet.put(row, 1, value, book.format())
        row += 1
    sheet.fit({1: 70.0})


def _flat(manifest: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """A nested mapping as (dotted name, text)."""
    out: list[tuple[str, str]] = []
    for key, value in manifest.items():
        if isinstance(value, Mapping):
            out += _flat(value, f"{prefix}{key}.")
        else:
            out.append((f"{prefix}{key}", "" if value is None else str(value)))
    return out
