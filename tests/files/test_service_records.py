"""Records of customer service: read from CSV, YAML and workbooks, laid over by key, kept where the horizon moves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.files.workbook_of import workbook_of

from chainsim.files import load_scenario
from chainsim.files.schema import scenario_schema
from chainsim.model import Complaint, Invoice, Scenario, SurveyScore, Visit, WorkOrderStep
from chainsim.model.service import (
    ATTRACTIVENESS,
    COMPLAINT_KINDS,
    POTENTIALS,
    RELATIONSHIPS,
    SURVEY_DIMENSIONS,
    WORK_ORDER_STEPS,
    CustomerAttributes,
    attributes_of,
)

CSV = {
    "visits": "customer,planned,visited,report,purpose,visitor\nnorth,2008-01-10,2008-01-11,,plan,Li\nsouth,2007-11-05,,,,\n",
    "complaints": "number,customer,received,kind,text,unit,answered,result,closed\n"
    "7,north,2008-01-10,quality,water,lab,2008-01-12,retested,2008-01-20\n8,works,2008-02-01,safety,leak,,,,\n",
    "surveys": "customer,date,dimension,score\nnorth,2008-01-20,quality,87.5\nsouth,2008-01-20,safety,90\n",
    "invoices": "number,customer,due,yuan,paid\n12,north,2008-02-15,120000,\n13,south,2008-02-15,80000,2008-02-10\n",
    "work_order_log": "work_order,step,date,by,text\n101,dispatch,2008-02-01,Wang,to the lab\n101,reply,2008-02-03,,\n",
}
VISITS = (
    Visit(customer="north", planned=date(2008, 1, 10), visited=date(2008, 1, 11), purpose="plan", visitor="Li"),
    Visit(customer="south", planned=date(2007, 11, 5)),
)


@pytest.fixture
def served(small: Path) -> Path:
    """The small scenario with two rows in each table."""
    for name, text in CSV.items():
        small.joinpath(f"{name}.csv").write_text(text, encoding="utf-8")
    return small


def overlay(folder: Path, text: str) -> Scenario:
    """The scenario of an overlay with ``text``."""
    file = folder.parent / "what-if.yaml"
    file.write_text(f"extends: {folder.name}\n{text}", encoding="utf-8")
    return load_scenario(file).scenario


def test_tables_become_values(served: Path) -> None:
    loaded = load_scenario(served)
    scenario = loaded.scenario
    assert loaded.warnings == ()
    assert scenario.visits == VISITS
    assert scenario.complaints[0] == Complaint(
        number="7", customer="north", received=date(2008, 1, 10), kind="quality", text="water", unit="lab",
        answered=date(2008, 1, 12), result="retested", closed=date(2008, 1, 20),
    )  # fmt: skip
    assert scenario.complaints[1].closed is None
    assert scenario.surveys[0] == SurveyScore(customer="north", on=date(2008, 1, 20), dimension="quality", score=87.5)
    assert scenario.invoices[1] == Invoice(
        number="13", customer="south", due=date(2008, 2, 15), yuan=80_000.0, paid=date(2008, 2, 10)
    )
    assert scenario.work_order_log[1] == WorkOrderStep(work_order="101", step="reply", on=date(2008, 2, 3))


def test_a_workbook_says_the_same(served: Path, tmp_path: Path) -> None:
    file = tmp_path / "small.xlsx"
    file.write_bytes(workbook_of(served))
    assert load_scenario(file).scenario == load_scenario(served).scenario


def test_chinese_headings_mean_the_columns(served: Path) -> None:
    tables = {
        "visits": "客户,计划日期,走访日期,报告日期,走访目的,走访人",
        "complaints": "编号,客户,接收日期,类别,内容,责任单位,答复日期,处理结果,办结日期",
        "surveys": "客户,日期,调查项目,得分",
        "invoices": "编号,客户,到期日,金额,付款日期",
        "work_order_log": "工单号,环节,日期,经办人,内容",
    }
    expected = load_scenario(served).scenario
    for name, heads in tables.items():
        _, _, rows = CSV[name].partition("\n")
        served.joinpath(f"{name}.csv").write_text(f"{heads}\n{rows}", encoding="utf-8")
    assert load_scenario(served).scenario == expected


def test_a_heading_keeps_its_own_name_where_the_table_has_no_such_column(small: Path) -> None:
    customers = small / "customers.csv"
    text = customers.read_text("utf-8").replace("owner", "内容")  # a column of complaints, not of customers
    customers.write_text(text, encoding="utf-8")
    assert load_scenario(small).scenario.customers[2].archive == {"内容": "private"}


def test_an_overlay_restates_by_key_and_adds(served: Path) -> None:
    scenario = overlay(
        served,
        """
visits:
  - {customer: south, planned: 2007/11/5, visited: 2008-01-05}
  - {customer: south, planned: 2008-03-05}
complaints:
  - {number: 8, customer: works, received: 2008-02-01, kind: safety, text: leak, answered: 2008-02-02}
surveys:
  - {customer: south, date: 2008-01-20, dimension: safety, score: 60}
invoices:
  - {number: 12, customer: north, due: 2008-02-15, yuan: 120000, paid: 2008-02-20}
work_order_log:
  - {work_order: 101, step: reply, date: 2008-02-03, by: Zhao}
  - {work_order: 101, step: follow_up, date: 2008-02-02}
""",
    )
    assert [v.visited for v in scenario.visits] == [date(2008, 1, 11), date(2008, 1, 5), None]
    assert [c.answered for c in scenario.complaints] == [date(2008, 1, 12), date(2008, 2, 2)]
    assert [s.score for s in scenario.surveys] == [87.5, 60.0]
    assert [i.paid for i in scenario.invoices] == [date(2008, 2, 20), date(2008, 2, 10)]
    assert [(s.step, s.by) for s in scenario.work_order_log] == [
        ("dispatch", "Wang"),
        ("reply", "Zhao"),
        ("follow_up", ""),
    ]


def test_a_workbook_number_is_the_same_key_as_its_text(served: Path, tmp_path: Path) -> None:
    """An Excel cell holds 12.0 where a CSV says 12."""
    file = tmp_path / "small.xlsx"
    file.write_bytes(workbook_of(served))
    over = tmp_path / "over.yaml"
    over.write_text(
        "extends: small.xlsx\nwork_order_log:\n  - {work_order: '101', step: reply, date: 2008-02-03, by: Zhao}\n",
        encoding="utf-8",
    )
    assert [s.by for s in load_scenario(over).scenario.work_order_log] == ["Wang", "Zhao"]


def test_records_outlive_a_moved_horizon(served: Path) -> None:
    scenario = overlay(
        served, "start: 2008-02-01\nend: 2008-03-01\nproduction: null\nsuppliers: {field_a: {production: 1800}}\n"
    )
    assert scenario.start == date(2008, 2, 1)
    assert scenario.visits == VISITS
    assert len(scenario.surveys) == 2


def test_a_removed_customer_takes_its_records_with_it(served: Path) -> None:
    scenario = overlay(served, "customers: {south: null}\n")
    assert [v.customer for v in scenario.visits] == ["north"]
    assert [s.customer for s in scenario.surveys] == ["north"]
    assert [i.customer for i in scenario.invoices] == ["north"]


def test_known_attributes_of_the_archive(small: Path) -> None:
    customers = small / "customers.csv"
    lines = customers.read_text("utf-8").splitlines()
    more = (
        ",储存能力,加工能力,吸引力,潜力,相互关系,客户经理,走访间隔月数,地区",
        ",7000,250000,fairly,low,good,Li,3,甘肃",
        "," * 8,
    )
    customers.write_text("\n".join(line + tail for line, tail in zip(lines, more, strict=True)), encoding="utf-8")
    loaded = load_scenario(small)
    assert loaded.warnings == ()
    north, south = loaded.scenario.customers[2:4]
    assert attributes_of(north.archive) == CustomerAttributes(
        capacity_t=7000.0, processing_capacity_t_per_year=250_000.0, visit_every_months=3.0, attractiveness="fairly",
        potential="low", relationship="good", customer_manager="Li", region_en="甘肃", region_zh="甘肃",
    )  # fmt: skip
    assert attributes_of(south.archive) == CustomerAttributes()
    assert north.archive["owner"] == "private"


def test_a_slip_in_an_attribute_name_is_warned_of(small: Path) -> None:
    customers = small / "customers.csv"
    customers.write_text(customers.read_text("utf-8").replace("owner", "atractiveness"), encoding="utf-8")
    assert [(w.code, w.nearest) for w in load_scenario(small).warnings] == [("archive_column", "attractiveness")]


def test_the_schema_knows_the_tables() -> None:
    properties = scenario_schema()["$defs"]["Scenario"]["properties"]
    assert {"visits", "complaints", "surveys", "invoices", "work_order_log"} <= set(properties)
    kinds = scenario_schema()["$defs"]["ComplaintRow"]["properties"]["kind"]
    assert kinds["enum"] == list(COMPLAINT_KINDS)


def test_the_format_description_names_every_choice() -> None:
    text = Path(__file__).resolve().parents[2].joinpath("docs", "scenario-format.md").read_text("utf-8")
    sets = (ATTRACTIVENESS, COMPLAINT_KINDS, POTENTIALS, RELATIONSHIPS, SURVEY_DIMENSIONS, WORK_ORDER_STEPS)
    for choices in sets:
        assert ", ".join(f"`{code}`" for code in choices) in text, list(choices)
