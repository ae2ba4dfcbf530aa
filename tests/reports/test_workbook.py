"""The workbook, read again: what a planner sees, in both languages, and nothing read as a formula."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from tests.reports.workbook_rules import broken_rules
from tests.results.hand_made import log, scenario

from chainsim.errors import InputError
from chainsim.model import Label
from chainsim.records import CAUSES
from chainsim.reports.export import RULE_TABLES
from chainsim.reports.sheets import text_width
from chainsim.reports.workbook import write_workbook
from chainsim.reports.workbook_summary import BAND_COLOURS
from chainsim.reports.workbook_texts import TEXTS
from chainsim.results import TABLES, build_tables, labels_of
from chainsim.results.catalogue import BANDS
from chainsim.rules import apply, load_rules, work_orders

S = scenario()
T = build_tables(S, log())
RULES = load_rules().rules
OUTCOME = apply(RULES, T, labels_of(S))
FINDINGS = OUTCOME.findings
TOLD = {
    "findings": FINDINGS,
    "work_orders": work_orders(FINDINGS, RULES, T.work_order_log, T.last_day),
    "rule_results": OUTCOME.results,
}
MANIFEST = {"chainsim": "0.1.0", "seed": 0, "as_of": None, "inputs": {"plan.csv": "ab" * 32}}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("books")
    return {lang: write_workbook(folder / f"{lang}.xlsx", S, T, TOLD, MANIFEST, lang) for lang in ("en", "zh")}


def cells(path: Path, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()


def test_every_page_is_there_in_both_languages(books: dict[str, Path]) -> None:
    pages = [name for name in TEXTS if name.startswith("sheet.")]
    for index, lang in enumerate(("en", "zh")):
        found = CalamineWorkbook.from_path(str(books[lang])).sheet_names
        assert {TEXTS[name][index] for name in pages} <= set(found)
        assert found[0] == TEXTS["sheet.summary"][index]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_program_opens_it_without_a_repair(books: dict[str, Path], lang: str) -> None:
    assert broken_rules(books[lang]) == []


def test_a_broken_workbook_is_known_as_one(books: dict[str, Path], tmp_path: Path) -> None:
    """The rules of the test above can be broken: a column called twice, a table over another, a dangling relation."""
    for old, new, told in (
        (b'displayName="findings"', b'displayName="facts"', "table twice"),
        (b'name="Railway"', b'name="Number"', "bad columns"),
        (b'Target="../tables/table1.xml"', b'Target="../tables/table99.xml"', "leads to"),
    ):
        path = tmp_path / "broken.xlsx"
        with zipfile.ZipFile(books["en"]) as sound, zipfile.ZipFile(path, "w") as broken:
            for name in sound.namelist():
                broken.writestr(name, sound.read(name).replace(old, new))
        try:
            found = broken_rules(path)
        except KeyError as error:  # a part that is not there
            found = [f"leads to {error}"]
        assert any(told in words for words in found), told


def test_the_summary_says_who_is_short_and_why(books: dict[str, Path]) -> None:
    rows = cells(books["en"], "Summary")
    assert rows[0][0] == "Hand-made"
    text = "\n".join(str(cell) for row in rows for cell in row if cell != "")
    assert "Hub  2008-01-21 00:00" in text
    customers = next(i for i, row in enumerate(rows) if row[0] == "Customer")
    assert rows[customers + 1][:2] == ["Beta refinery", "loaded, not yet arrived"]
    causes = next(i for i, row in enumerate(rows) if row[0] == "Cause")
    assert rows[causes + 1][:3] == ["pipeline outage", "Trunk", 1550.0]
    assert rows[causes + 1][3] == pytest.approx(1550 / 2600)


def test_the_heat_map_has_every_customer_and_month(books: dict[str, Path]) -> None:
    rows = cells(books["zh"], "完成率")
    head = next(row for row in rows if row[0] == "客户")
    assert head[:5] == ["客户", "类别", "2008-01", "2008-02", "合计"]
    alpha = next(row for row in rows if row[0] == "甲炼厂")
    assert alpha[1:4] == ["中国石油", 1.0, "计划外"]
    total = next(row for row in rows if row[0] == "全部客户")
    assert total[4] == pytest.approx(26_930 / 23_480)


def test_the_matrix_of_causes_adds_up(books: dict[str, Path]) -> None:
    rows = cells(books["en"], "Shortfall causes")
    head = next(i for i, row in enumerate(rows) if row[0] == "Customer")
    total = next(row for row in rows if row[0] == "Total")
    names = rows[head][1:]
    assert names[0] == CAUSES["pipeline"][0]
    assert total[1 : len(names) + 1][-1] == pytest.approx(2600.0)
    assert sum(total[1 : len(names)]) == pytest.approx(2600.0)


@pytest.mark.parametrize(("lang", "sheet", "name"), [("en", "Trains", "trains"), ("zh", "批次", "batches")])
def test_lists_have_every_row_and_declared_headers(books: dict[str, Path], lang: str, sheet: str, name: str) -> None:
    rows = cells(books[lang], sheet)
    head = next(i for i, row in enumerate(rows) if row[0] == TABLES[name].columns[0].header(lang))
    assert len(rows[head]) == len(TABLES[name].columns)
    assert len(rows) - head - 1 == len(T[name])


def test_inventory_has_a_native_chart_per_farm_with_its_limits(books: dict[str, Path]) -> None:
    with zipfile.ZipFile(books["en"]) as archive:
        charts = [archive.read(n).decode() for n in archive.namelist() if re.match(r"xl/charts/chart\d+\.xml", n)]
    lines = [chart for chart in charts if "<c:lineChart>" in chart]
    assert len(lines) == 2
    for chart in lines:
        assert chart.count("<c:ser>") == 3
        assert all(word in chart for word in ("safe fill", "heel", "'Inventory data'"))
    rows = cells(books["en"], "Inventory data")
    assert rows[3][1:4] == [1200.0, 5000.0, 500.0]
    assert len(rows) == 3 + 40


def test_findings_and_run_are_told(books: dict[str, Path]) -> None:
    assert len(cells(books["zh"], "预警")) == 3 + len(FINDINGS)
    run = {row[0]: row[1] for row in cells(books["en"], "Run")}
    assert run["inputs.plan.csv"] == "ab" * 32
    assert run["as_of"] == ""


def test_every_rule_says_what_it_found_and_where_it_could_not_tell(books: dict[str, Path]) -> None:
    rows = cells(books["zh"], "规则")
    head = next(i for i, row in enumerate(rows) if row[0] == "规则")
    assert rows[head][:4] == ["规则", "预警数", "成立行数", "未知行数"]
    told = {row[0]: row[1:4] for row in rows[head + 1 :]}
    assert set(told) == {rule.id for rule in RULES}
    assert sum(found for found, _, _ in told.values()) == len(FINDINGS)
    assert max(unknown for _, _, unknown in told.values()) > 0
    assert [row[1] for row in rows[head + 1 :]] == sorted((row[1] for row in rows[head + 1 :]), reverse=True)


def test_the_dictionary_explains_every_column(books: dict[str, Path]) -> None:
    rows = cells(books["zh"], "数据字典")
    told = {(row[0], row[2]) for row in rows}
    assert {(t.name, c.name) for t in (*TABLES.values(), *RULE_TABLES.values()) for c in t.columns} <= told


def test_text_is_never_a_formula_or_a_link(tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://example.org")'
    changed = replace(
        S,
        label=Label(hostile, hostile),
        customers=tuple(replace(c, label=Label(f"={c.name}", f"@{c.name}")) for c in S.customers),
    )
    tables = build_tables(changed, log())
    path = write_workbook(tmp_path / "hostile.xlsx", changed, tables, None, {"x": "http://example.org"}, "en")
    assert cells(path, "Summary")[0][0] == hostile
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name)
                assert b"<hyperlink" not in archive.read(name)


def test_a_run_without_findings_or_shortfalls_has_its_workbook(tmp_path: Path) -> None:
    quiet = replace(
        log(),
        accounts=tuple(replace(a, causes=(), plan_t=a.delivered_t) for a in log().accounts),
        trains=(),
        batches=(),
    )
    nothing = {name: table.head(0) for name, table in TOLD.items()}
    path = write_workbook(tmp_path / "quiet.xlsx", S, build_tables(S, quiet), nothing, {}, "zh")
    assert cells(path, "欠量原因汇总")[-1][0] == "无"
    assert cells(path, "预警")[-1][0] == "（无）"
    path = write_workbook(tmp_path / "none.xlsx", S, T, None, {}, "en")
    assert "Findings" not in CalamineWorkbook.from_path(str(path)).sheet_names


def test_equal_input_gives_equal_bytes(books: dict[str, Path], tmp_path: Path) -> None:
    again = write_workbook(tmp_path / "again.xlsx", S, build_tables(S, log()), TOLD, MANIFEST, "en")
    assert again.read_bytes() == books["en"].read_bytes()


def test_a_failure_leaves_the_earlier_workbook(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"before")
    with pytest.raises(KeyError):
        write_workbook(path, S, {}, None, {}, "en")
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["book.xlsx"]


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_workbook(tmp_path, S, T, None, {}, "en")
    assert caught.value.problems[0].code == "output-not-writable"


def test_every_band_has_its_colour() -> None:
    assert set(BAND_COLOURS) == set(BANDS)


def test_chinese_letters_are_twice_as_wide() -> None:
    assert text_width("兰州 A") == 6.0


def test_texts_are_in_both_languages() -> None:
    assert all(en and not zh.isascii() for en, zh in TEXTS.values())


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")), reason="no LibreOffice or poppler here"
)
def test_another_program_can_open_and_print_it(books: dict[str, Path], tmp_path: Path) -> None:
    soffice, pdftotext = shutil.which("soffice"), shutil.which("pdftotext")
    assert soffice and pdftotext
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(books["zh"])]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    printed = subprocess.run([pdftotext, str(tmp_path / "zh.pdf"), "-"], check=True, capture_output=True, timeout=60)
    text = printed.stdout.decode()
    assert "分客户分月计划完成率" in text
    assert "安全库容" in text
    assert "###" not in text
