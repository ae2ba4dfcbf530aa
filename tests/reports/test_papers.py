"""Documents: what stands in them, the same bytes for the same input, names escaped, and Word files that other programs open."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook
from tests.files.test_exporting import SCENARIOS
from tests.reports.workbook_rules import broken_rules
from tests.results.hand_made import log, scenario

from chainsim import workflow_papers
from chainsim.cli.document_command import document_command
from chainsim.errors import InputError
from chainsim.model import Label
from chainsim.reports.papers.docx import docx_bytes
from chainsim.reports.papers.feedback import feedback_paper
from chainsim.reports.papers.html import html_text
from chainsim.reports.papers.paper import Box, FormPart, Paper, Paragraph, TablePart
from chainsim.reports.papers.texts import PAPER_TEXTS
from chainsim.results import build_tables, labels_of

WESTERN = SCENARIOS / "western"
ORDER = """\
extends: {base}
orders:
  - number: 2008-T1
    issued: 2008-04-12
    effective: 2008-05-01
    state: draft
    reason: 干线停输后补量
    lines:
      # 63,500 → 70,000 t (+6,500): 补4月管线停输欠量
      - {{customer: yumen, grade: tarim, period: 2008-05, amount: 70000}}
      - {{customer: lanzhou, grade: tuha, period: 2008-06, change: -500, note: 均衡}}
"""


def words_of(data: bytes) -> str:
    """All text of a .docx, paragraphs and cells on lines of their own."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = ElementTree.fromstring(archive.read("word/document.xml"))  # noqa: S314 - our own file
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    return "\n".join("".join(t.text or "" for t in p.iter(f"{space}t")) for p in root.iter(f"{space}p"))


@pytest.fixture
def order_file(tmp_path: Path) -> Path:
    file = tmp_path / "order.yaml"
    file.write_text(ORDER.format(base=WESTERN.as_posix()), encoding="utf-8")
    return file


def asked(**values: object) -> workflow_papers.Asked:
    return workflow_papers.Asked(issuer="西部管道原油销售分公司", **values)  # type: ignore[arg-type]


def test_the_order_has_its_lines_before_and_after_with_reasons(order_file: Path) -> None:
    written = workflow_papers.document("order", order_file, asked())
    assert written.name == "调整令-2008-T1.docx"
    text = words_of(written.content)
    told = ["西部管道原油销售分公司", "调整令 2008-T1 号", "草稿，批准后执行", "原油调运计划调整令", "自2008年5月1日起"]
    told += [
        "干线停输后补量。",
        "63,500",
        "70,000",
        "+6,500",
        "补4月管线停输欠量",
        "-500",
        "均衡",
        "签发：",
        "2008年4月12日",
        "抄送：",
    ]
    for words in told:
        assert words in text, words
    approved = order_file.with_name("approved.yaml")
    approved.write_text(order_file.read_text("utf-8").replace("draft", "approved"), encoding="utf-8")
    again = words_of(workflow_papers.document("order", approved, asked()).content)
    assert "草稿" not in again
    assert "63,500" in again  # before is the plan without the order, also once it is in force


def test_the_order_of_a_scenario_with_several_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        workflow_papers.document("order", WESTERN, asked(number="2008-调99"))
    (problem,) = caught.value.problems
    assert problem.nearest.startswith("2008-调")
    assert workflow_papers.document("order", WESTERN, asked(number="2008-调03")).name == "调整令-2008-调03.docx"
    assert workflow_papers.document("order", WESTERN, asked()).name == "调整令-2008-调12.docx"  # the only draft


def test_the_bulletin_tells_plan_causes_stock_prices_and_outages() -> None:
    hanlu = asked(customer="汉麓石化（虚构）", month=date(2008, 6, 1))
    text = words_of(workflow_papers.document("bulletin", WESTERN, hanlu).content)
    for words in ("2008年6月原油运销情况通报", "汉麓石化（虚构）：", "本月计划 6,750 吨，完成 2,250 吨，完成率 33.3%", "客户资金",
                  "铁路装车 1 列", "月末库存", "元/吨", "五、下月计划", "2008年7月1日"):  # fmt: skip
        assert words in text, words
    quake = workflow_papers.document(
        "bulletin", SCENARIOS / "quake.yaml", asked(customer="local_hanlu", month=date(2008, 5, 1))
    )
    assert "2008-05-12 14:30至2008-05-20 14:30，剩余能力 0%（铁路" in words_of(quake.content)


def test_the_feedback_form_and_its_annual_summary() -> None:
    text = words_of(workflow_papers.document("feedback", WESTERN, asked(number="2008-意01")).content)
    for words in ("顾客意见反馈处理表", "玉门炼厂", "来油含水偏高", "☑质量", "□服务", "2008年1月25日", "复检合格"):
        assert words in text, words
    blank = words_of(workflow_papers.document("feedback", WESTERN, asked()).content)
    assert "☑" not in blank
    assert "意见内容" in blank
    summary = words_of(workflow_papers.document("feedback-summary", WESTERN, asked()).content)
    for words in ("2008年共接收 10 家客户意见 10 项", "已答复 8 项", "2009年纠正和预防措施", "2008-意10"):
        assert words in summary, words
    none = words_of(workflow_papers.document("feedback-summary", WESTERN, asked(year=2007)).content)
    assert "2007年未接收顾客意见" in none


def test_visits_are_planned_and_reported_on() -> None:
    plan = words_of(workflow_papers.document("visit-plan", WESTERN, asked()).content)
    assert "2008年客户走访计划" in plan
    assert plan.count("经理甲") >= 4
    report = workflow_papers.document("visit-report", WESTERN, asked(customer="yumen"))
    assert re.fullmatch(r"走访报告-yumen-2008-\d\d-\d\d\.docx", report.name)
    assert "完成率" in words_of(report.content)
    with pytest.raises(InputError):
        workflow_papers.document("visit-report", WESTERN, asked(customer="yumen", month=date(2008, 1, 1)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_four_reports_are_a_sound_workbook(lang: str, tmp_path: Path) -> None:
    written = workflow_papers.document("reports", WESTERN, asked(), lang=lang)
    file = tmp_path / "x.xlsx"
    file.write_bytes(written.content)
    assert broken_rules(file) == []
    book = CalamineWorkbook.from_path(str(file))
    assert book.sheet_names == [
        PAPER_TEXTS[f"four.{key}"][lang == "zh"] for key in ("financial", "credit", "dynamics", "complaints")
    ]
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python()
        assert len(rows) == 3 + 11 + 1
    money = book.get_sheet_by_name(book.sheet_names[0]).to_python()
    assert money[-1][3] == pytest.approx(sum(row[3] for row in money[3:-1]))
    grades = {row[-1] for row in book.get_sheet_by_name(book.sheet_names[1]).to_python()[3:-1]}
    assert grades <= {"A", "B", "C", "D", ""}
    assert len(grades) > 1


@pytest.mark.parametrize("kind", [kind for kind in workflow_papers.KINDS if kind != "reports"])
def test_equal_input_gives_equal_bytes(kind: str, order_file: Path) -> None:
    path = order_file if kind == "order" else WESTERN
    words = asked(customer="yumen") if kind in ("bulletin", "visit-report") else asked()
    for suffix in (".docx", ".html"):
        one, two = (workflow_papers.document(kind, path, words, suffix=suffix).content for _ in range(2))
        assert one == two


def test_the_command_line_knows_every_kind() -> None:
    assert tuple(document_command("en").params[0].type.choices) == workflow_papers.KINDS  # type: ignore[attr-defined]


HOSTILE = '<script>alert(1)</script>&"\'=HYPERLINK("x")\x01 {PAGE}'


def hostile_paper() -> Paper:
    return Paper(
        title=HOSTILE,
        issuer=HOSTILE,
        number=HOSTILE,
        recipients=HOSTILE,
        parts=[
            Paragraph(HOSTILE, "heading"),
            TablePart(headings=[HOSTILE, "b"], rows=[[HOSTILE, "x\ny"]], total=[HOSTILE, ""], caption=HOSTILE),
            FormPart(2, [[Box(HOSTILE, label=True), Box(HOSTILE)]]),
        ],
        on=date(2008, 1, 1),
        approvals=[HOSTILE],
        copies=HOSTILE,
        mark=HOSTILE,
    )


def test_names_are_escaped() -> None:
    text = html_text(hostile_paper())
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "<br>" in text
    words = words_of(docx_bytes(hostile_paper()))
    assert "<script>alert(1)</script>" in words
    assert "\x01" not in words
    with zipfile.ZipFile(io.BytesIO(docx_bytes(hostile_paper()))) as archive:
        document = archive.read("word/document.xml").decode()
        assert "hyperlink" not in document.lower().replace("=hyperlink", "")
        assert not [name for name in archive.namelist() if "vba" in name.lower() or "embed" in name.lower()]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_hostile_labels_reach_a_document_as_text() -> None:
    changed = replace(
        scenario(), customers=tuple(replace(c, label=Label(HOSTILE, HOSTILE)) for c in scenario().customers)
    )
    tables = build_tables(changed, log())
    row = {"number": "1", "customer": changed.customers[0].name, "kind": "quality", "state": "open", "text": HOSTILE}
    paper = feedback_paper(row, labels_of(changed), date(2008, 1, 1), issuer="", lang="zh")
    assert "<script" not in html_text(paper)
    assert len(tables["customers"])


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not here (tools/install_system_packages.sh)"
)
def test_libreoffice_opens_a_document_on_one_page(tmp_path: Path) -> None:
    file = tmp_path / "x.docx"
    file.write_bytes(workflow_papers.document("feedback", WESTERN, asked(number="2008-意01")).content)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    command = ["pdftotext", "-layout", str(tmp_path / "x.pdf"), "-"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "顾客意见反馈处理表" in told
    assert told.count("\f") == 1


@pytest.mark.parametrize("key", PAPER_TEXTS)
def test_a_text_says_the_same_in_both_languages(key: str) -> None:
    english, chinese = (set(re.findall(r"\{(\w+)", text)) for text in PAPER_TEXTS[key])
    assert english == chinese
    assert not re.search(r"[\u4e00-\u9fff]", PAPER_TEXTS[key][0])
