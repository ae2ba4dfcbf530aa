"""Tidy sheets: every table re-read equal, facts that add up to the tables, rows beyond a sheet's end on the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from tests.reports.test_workbook import MANIFEST, TOLD, S, T
from tests.reports.workbook_rules import broken_rules
from tests.results.hand_made import log

from chainsim.model import Label
from chainsim.reports.facts import FACTS, facts_of
from chainsim.reports.sheets import Book, headings_of, sheet_name
from chainsim.reports.tidy import columns_in, tidy_sheets
from chainsim.reports.workbook import made_workbook, workbook_bytes
from chainsim.reports.workbook_texts import TEXTS
from chainsim.results import TABLES, Table, build_tables, labels_of

LABELS = labels_of(S)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tidy") / "x.xlsx"
    file.write_bytes(workbook_bytes(S, T, TOLD, MANIFEST, "zh", daily=True))
    return file


def rows_of(path: Path, sheet: str, heading: str) -> list[list[Any]]:
    """The rows below the headings, cells as they are read."""
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()
    assert rows[2][0] == heading
    return rows[3:]


def shown(table: Table, name: str, value: Any) -> Any:
    """A value of a table as a cell of the Chinese workbook gives it back."""
    column = table.column(name)
    if value is None or value is pd.NaT or value != value:
        return ""
    if column.type in ("date", "instant"):
        moment = pd.Timestamp(value).round("1s").to_pydatetime()
        return moment.date() if moment.time() == dt.time() else moment
    if column.type == "name":
        if column.values:
            return column.value_text("zh", value)
        return LABELS.grade("zh", value) if column.domain == "grade" else LABELS.asset("zh", value)
    return value


def read(value: Any) -> Any:
    return value.replace(microsecond=0) if isinstance(value, dt.datetime) else value


@pytest.mark.parametrize("name", [name for name in TABLES if name not in ("kpis", "shortfalls", "batches", "trains")])
def test_every_table_is_read_again_equal(path: Path, name: str) -> None:
    table, frame = TABLES[name], T[name]
    own = f"tidy.{name}"
    columns = columns_in(table, "zh")
    found = rows_of(path, TEXTS[own][1] if own in TEXTS else table.title_zh, headings_of(columns, "zh")[0])
    if frame.empty:
        assert found == [["（无）"] + [""] * (len(found[0]) - 1)]
        return
    assert len(found) == len(frame)
    for index, column in enumerate(columns):
        wanted = [shown(table, column.name, value) for value in frame[column.name].tolist()]
        got = [read(row[index]) for row in found]
        if column.type == "number":
            blank = [value == "" for value in wanted]
            assert [value == "" for value in got] == blank
            numbers = [(a, b) for a, b, none in zip(got, wanted, blank, strict=True) if not none]
            assert all(a == pytest.approx(b, rel=1e-14, abs=1e-300) for a, b in numbers), column.name
        elif column.type in ("date", "instant"):
            assert [v and pd.Timestamp(v).round("1s") for v in got] == [v and pd.Timestamp(v) for v in wanted], (
                column.name
            )
        else:
            assert got == wanted, column.name


def test_a_program_opens_it_without_a_repair(path: Path) -> None:
    assert broken_rules(path) == []


def test_facts_add_up_to_the_tables(path: Path) -> None:
    facts = facts_of("hand", T, "zh")
    assert list(facts.columns) == [column.name for column in FACTS.columns]
    assert set(facts["scenario"]) == {"hand"}

    def total(measure: str) -> float:
        return float(facts.loc[facts["measure"] == measure, "value"].sum())

    completion = TABLES["completion"]
    for column in ("plan_t", "delivered_t", "shortfall_t"):
        assert total(completion.column(column).header_zh) == pytest.approx(T["completion"][column].sum())
    by_cause = facts[facts["cause"].notna()]
    assert by_cause["value"].sum() == pytest.approx(T["shortfalls"]["shortfall_t"].sum())
    assert by_cause["adds_up"].all()
    stocks = facts[~facts["adds_up"]]
    assert set(stocks["measure"]) >= {"分品种库存：日末库存"}
    assert not facts[["period", "measure", "customer", "grade", "asset", "cause"]].duplicated().any()
    assert len(rows_of(path, "事实表", "情景")) == len(facts)


def test_rows_beyond_a_sheet_go_on_to_the_next(tmp_path: Path) -> None:
    table, frame = TABLES["deliveries"], T["deliveries"]

    def fill(book: Book) -> None:
        tidy_sheets(book, "每日交付", table, frame, most_rows=30)

    file = tmp_path / "x.xlsx"
    file.write_bytes(made_workbook(S, "zh", fill))
    names = CalamineWorkbook.from_path(str(file)).sheet_names
    assert names[:3] == ["每日交付", "每日交付 2", "每日交付 3"]
    heading = table.columns[0].header_zh
    parts = [rows_of(file, name, heading) for name in names]
    assert [len(part) for part in parts[:-1]] == [27] * (len(parts) - 1)
    assert sum(len(part) for part in parts) == len(frame)
    assert broken_rules(file) == []


def test_hostile_names_come_out_as_text(tmp_path: Path) -> None:
    hostile = [
        "=1+1",
        '=HYPERLINK("http://example.org")',
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "=cmd|'/c'!A0",
        "http://a.org",
    ]
    labels_given = [Label(text, text) for text in hostile]
    customers = tuple(replace(c, label=label) for c, label in zip(S.customers, labels_given, strict=False))
    changed = replace(S, customers=customers, label=Label("=1", "=1"))
    file = tmp_path / "x.xlsx"
    file.write_bytes(workbook_bytes(changed, build_tables(changed, log()), None, {"x": "=1+1"}, "en", daily=True))
    assert broken_rules(file) == []  # a formula would be told
    labels = {row[1] for row in rows_of(file, TABLES["customer_months"].title_en, "Month")}
    assert labels == {customer.label.en for customer in customers}


@pytest.mark.parametrize(
    ("text", "name"), [("流量/能力", "流量·能力"), ("'x'", "x"), ("名" * 40, "名" * 31), ("[:]", "·"), ("", "·")]
)
def test_names_of_sheets(text: str, name: str) -> None:
    assert sheet_name(text) == name


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_headings_of_a_table_are_unique(lang: str) -> None:
    for table in (*TABLES.values(), FACTS):
        headings = [text.casefold() for text in headings_of(columns_in(table, lang), lang)]
        assert len(headings) == len(set(headings)), table.name
