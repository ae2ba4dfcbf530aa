"""``export-input`` and cases at the command line, as a planner uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Chainsim

from chainsim.files import load_scenario


def add_cases(folder: str) -> None:
    Path(folder, "cases.csv").write_text("case,path,value\ndry,seed,3\nwet,seed,4\n", encoding="utf-8")


@pytest.mark.parametrize(("lang", "told"), [("en", "26 sheets"), ("zh", "26 个工作表")])
def test_a_workbook_is_written_and_runs_as_the_folder_does(chainsim: Chainsim, lang: str, told: str) -> None:
    outcome = chainsim("export-input", "first", "--lang", lang)
    assert (outcome.code, outcome.err) == (0, "")
    assert told in outcome.out
    assert load_scenario(Path("first.xlsx")).scenario == load_scenario(Path("first")).scenario
    assert chainsim("run", "first", "--out", "one").code == chainsim("run", "first.xlsx", "--out", "two").code == 0
    for file in Path("one").glob("*.parquet"):
        assert file.read_bytes() == Path("two", file.name).read_bytes(), file.name


def test_a_workbook_with_edits_is_not_written_over(chainsim: Chainsim) -> None:
    Path("book.xlsx").write_bytes(b"hours of work")
    refused = chainsim("export-input", "first", "--xlsx", "book.xlsx")
    assert (refused.code, Path("book.xlsx").read_bytes()) == (2, b"hours of work")
    assert "--replace" in refused.err
    assert "--replace" in chainsim("export-input", "first", "--xlsx", "book.xlsx", "--lang", "zh").err
    assert chainsim("export-input", "first", "--xlsx", "book.xlsx", "--replace").code == 0
    assert load_scenario(Path("book.xlsx")).scenario.name == "first"
    assert chainsim("export-input", "first", "--xlsx", "book.xls").code == 2


def test_cases_are_run_checked_and_compared(chainsim: Chainsim) -> None:
    add_cases("first")
    assert "cases: dry, wet" in chainsim("check", "first").out
    assert "案例：dry, wet" in chainsim("export-input", "first", "--lang", "zh").out
    ran = chainsim("run", "first.xlsx", "--case", "dry", "--json")
    assert ran.code == 0
    assert "first-dry" in ran.out
    assert Path("results/first-dry/completion.csv").is_file()
    assert (
        json.loads(Path("results/first-dry/manifest.json").read_text("utf-8"))["command"]
        == "chainsim run 'first.xlsx#dry'"
    )
    named = chainsim("compare", "first.xlsx", "--case", "dry", "--case", "wet")
    assert named.code == 0
    assert named.out == chainsim("compare", "first.xlsx", "first.xlsx#dry", "first.xlsx#wet").out
    assert named.out == chainsim("compare", "first.xlsx", "--all-cases").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "first", "--case", "dyr"), "did you mean dry?"),
        (("run", "first#dyr"), "did you mean dry?"),
        (("run", "frist#dry"), "frist"),
        (("compare", "first", "first", "--case", "dry"), "one SCENARIO"),
        (("compare", "second", "--all-cases"), "no cases"),
    ],
)
def test_wrong_cases_are_told(chainsim: Chainsim, words: tuple[str, ...], told: str) -> None:
    add_cases("first")
    chainsim("new", "second")
    outcome = chainsim(*words)
    assert outcome.code == 2
    assert told in outcome.err
    assert not Path("results").exists()


def test_documents_are_written_and_not_written_over(chainsim: Chainsim) -> None:
    written = chainsim("document", "feedback", "first", "--lang", "zh")
    assert (written.code, written.out) == (0, "已写出：意见反馈处理表-blank.docx\n")
    assert chainsim("document", "feedback", "first", "--lang", "zh").code == 2
    assert chainsim("document", "feedback", "first", "--lang", "zh", "--replace").code == 0
    assert chainsim("document", "reports", "first", "--out", "four.xlsx").code == 0
    page = chainsim("document", "bulletin", "first", "--customer", "hill", "--out", "b.html", "--issuer", "A & B")
    assert (page.code, page.err) == (0, "") or "hill" in page.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("order", "first"), "no adjustment order"),
        (("bulletin", "first"), "names no customer"),
        (("bulletin", "first", "--customer", "nobody"), "names no customer"),
        (("feedback", "first", "--number", "1"), "no complaint"),
        (("reports", "first", "--out", "x.docx"), ".xlsx"),
        (("feedback", "first", "--out", "x.pdf"), ".docx, .html"),
    ],
)
def test_wrong_documents_are_told(chainsim: Chainsim, words: tuple[str, ...], told: str) -> None:
    outcome = chainsim("document", *words)
    assert outcome.code == 2
    assert told in outcome.err
    assert not list(Path.cwd().glob("*.docx"))
