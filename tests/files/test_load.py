"""Loading what is right: folders, workbooks, overlays, defaults, units."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.files.workbook_of import workbook_of

from chainsim.errors import InputError
from chainsim.files import load_scenario
from chainsim.files.headings import HEADINGS_ZH
from chainsim.files.tables import SECTIONS, TABLES
from chainsim.model import Profile, Scenario
from chainsim.model.checks import check


def overlay(folder: Path, text: str) -> Scenario:
    """The scenario of an overlay with ``text`` on the scenario in ``folder``."""
    file = folder.parent / "what-if.yaml"
    file.write_text(f"extends: {folder.name}\n{text}", encoding="utf-8")
    return load_scenario(file).scenario


def problems_of(path: Path) -> list[tuple[str, str]]:
    """(code, path) of every problem."""
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    return [(p.code, p.path) for p in caught.value.problems]


def tonnes(scenario: Scenario, customer: str, grade: str, month: int) -> float:
    return next(
        line.tonnes
        for line in scenario.plan
        if (line.customer, line.grade, line.level, line.start.month) == (customer, grade, "month", month)
    )


def test_folder_loads_with_hashes(small: Path) -> None:
    loaded = load_scenario(small)
    assert loaded.warnings == ()
    assert [name for name, _ in loaded.inputs][:2] == ["scenario.yaml", "customers.csv"]
    assert all(len(digest) == 64 for _, digest in loaded.inputs)
    scenario = loaded.scenario
    assert (scenario.name, scenario.start, scenario.end_day) == ("small", date(2008, 1, 1), 91.0)
    assert len(scenario.plan) == 18
    assert scenario.disruptions[0].start == pytest.approx(40 + 8 / 24)
    assert scenario.pipelines[0].capacity_t_per_day == Profile.constant(4000.0)
    assert scenario.customers[2].archive == {"owner": "private"}
    assert check(scenario) == ()


def test_workbook_says_the_same(small: Path, tmp_path: Path) -> None:
    file = tmp_path / "small.xlsx"
    file.write_bytes(workbook_of(small))
    loaded = load_scenario(file)
    assert loaded.scenario == load_scenario(small).scenario
    assert [name for name, _ in loaded.inputs] == ["small.xlsx"]


def test_change_of_an_order_is_resolved_against_the_plan_in_force(small: Path) -> None:
    orders = load_scenario(small).scenario.orders
    assert [line.tonnes for line in orders[0].lines] == [20_000.0, 6_500.0]
    text = """
orders:
  - number: A
    issued: 2008-02-01
    effective: 2008-02-10
    lines: [{customer: south, grade: tarim, period: 2008-02, change: +300}]
  - number: B
    issued: 2008-01-02
    effective: 2008-01-05
    lines: [{customer: south, grade: tarim, period: 2008-02, change: -100}]
"""
    changed = overlay(small, text).orders
    assert [order.number for order in changed] == ["2008-01", "2008-02", "A", "B"]
    assert changed[3].lines[0].tonnes == pytest.approx(6_900)  # 7000 - 100
    assert changed[0].lines[1].tonnes == pytest.approx(6_400)  # on 1 February: 6900 - 500
    assert changed[2].lines[0].tonnes == pytest.approx(6_700)  # on 10 February: 6400 + 300


def test_heel_grades_and_contents_follow_from_the_network(small: Path) -> None:
    head = small / "scenario.yaml"
    text = head.read_text("utf-8")
    text = text.replace("    contents: [{grade: tuha, amount: 8000}, {grade: tarim, amount: 16000}]\n", "")
    head.write_text(text, encoding="utf-8")
    scenario = load_scenario(small).scenario
    farm, trunk = scenario.farms[0], scenario.pipelines[0]
    assert farm.heel_t == {"tarim": 2000.0, "tuha": 1000.0}
    assert trunk.grades == ("tarim", "tuha")
    assert dict(trunk.contents_t) == {"tarim": 16_000.0, "tuha": 8_000.0}
    assert scenario.pipelines[2].grades == ("tarim",)  # nearby accepts no tuha
    head.write_text(
        text.replace("    opening: {tarim: 20000, tuha: 10000}\n", "").replace("heel: 3000", "heel: 0"),
        encoding="utf-8",
    )
    contents = dict(load_scenario(small).scenario.pipelines[0].contents_t)
    assert contents["tarim"] == pytest.approx(24_000 * 2400 / 3400)


def test_overlay_merges_and_removes(small: Path) -> None:
    scenario = overlay(
        small,
        """
pipelines:
  trunk: {capacity: 3000}
  local: null
customers: {nearby: null, south: null}
plan:
  - {customer: works, grade: tarim, period: 2008-02, amount: 1000}
""",
    )
    assert scenario.name == "what-if"
    assert scenario.label.zh == ""
    assert scenario.pipelines[0].capacity_t_per_day == Profile.constant(3000.0)
    assert scenario.pipelines[0].loss_fraction == 0.002
    assert [c.name for c in scenario.customers] == ["works", "north"]
    assert len(scenario.plan) == 9  # the rows of the removed customers went with them
    assert [len(order.lines) for order in scenario.orders] == [1, 1]
    assert [route.customer for route in scenario.railways[0].routes] == ["north"]
    assert tonnes(scenario, "works", "tarim", 2) == 1000
    assert tonnes(scenario, "works", "tarim", 3) == 25_000


def test_overlays_stack_and_units_are_inherited(small: Path) -> None:
    first = small.parent / "first.yaml"
    first.write_text("extends: small\nscale: [{table: plan, factor: 50%}]\n", encoding="utf-8")
    second = small.parent / "second"
    second.mkdir()
    second.joinpath("scenario.yaml").write_text("extends: ../first.yaml\n", encoding="utf-8")
    second.joinpath("plan.csv").write_text("customer,grade,period,amount\nworks,tarim,2008-01,700\n", encoding="utf-8")
    loaded = load_scenario(second)
    assert tonnes(loaded.scenario, "works", "tarim", 1) == 700  # stated above the scale: stands as written
    assert tonnes(loaded.scenario, "works", "tarim", 2) == 11_000
    assert ("../first.yaml") in [name for name, _ in loaded.inputs]
    assert ("../small/plan.csv") in [name for name, _ in loaded.inputs]


def test_scale_chooses_by_pattern_and_window(small: Path) -> None:
    text = "scale: [{table: plan, where: {customer: '[ns]*th'}, from: 2008-02, to: 2008-03, factor: 0.5}]\n"
    scenario = overlay(small, text)
    assert tonnes(scenario, "north", "tarim", 1) == 6000
    assert tonnes(scenario, "north", "tarim", 2) == 3000
    assert tonnes(scenario, "south", "tuha", 2) == 2000
    assert tonnes(scenario, "works", "tarim", 2) == 22_000


def test_scale_of_a_month_changes_the_quarter_around_it(small: Path) -> None:
    small.joinpath("plan.csv").write_text(
        "customer,grade,period,amount\nworks,tarim,2008Q1,71000\nworks,tarim,2008-01,24000\n"
        "works,tarim,2008-02,22000\nworks,tarim,2008-03,25000\nworks,tarim,2008-02-1,8000\nsouth,tarim,2008-02,7000\n",
        encoding="utf-8",
    )
    scenario = overlay(small, "scale: [{table: plan, from: 2008-02, to: 2008-03, factor: 0.5}]\n")
    quarter = next(line for line in scenario.plan if line.level == "quarter")
    assert quarter.tonnes == 60_000
    assert [line.tonnes for line in scenario.plan if line.level == "ten_day"] == [4000]


def test_scale_splits_steps_of_production_and_prices(small: Path) -> None:
    text = """
scale:
  - {table: production, where: {supplier: field_a}, from: 2008-02-01, to: 2008-03-01, factor: 0.5}
  - {table: prices, where: {grade: tuha}, from: 2008-02, factor: 2}
  - {table: receipts, factor: 0}
"""
    scenario = overlay(small, text)
    assert scenario.suppliers[0].production_t_per_day == Profile(
        (0.0, 31.0, 45.0, 60.0), (2400.0, 1200.0, 1300.0, 2600.0)
    )
    assert [(p.day, p.yuan_per_t) for p in scenario.prices if p.grade == "tuha"] == [(0.0, 5350.0), (31.0, 10_700.0)]
    assert scenario.receipts[0].yuan == 0


def test_overlay_restates_production_in_the_other_way(small: Path) -> None:
    scenario = overlay(
        small,
        "suppliers: {field_a: {production: 2000}}\nproduction: [{supplier: field_b, from: 2008-01-01, rate: 500}]\n",
    )
    assert scenario.suppliers[0].production_t_per_day == Profile.constant(2000.0)
    assert scenario.suppliers[1].production_t_per_day == Profile((0.0,), (500.0,))


def test_a_shorter_horizon_leaves_out_what_lies_beyond(small: Path) -> None:
    scenario = overlay(small, "end: 2008-02-01\nscenario: january\n")
    assert scenario.name == "january"
    assert {line.start.month for line in scenario.plan} == {1}
    assert scenario.disruptions == ()
    assert scenario.orders == ()


def test_units_and_per_year(tmp_path: Path) -> None:
    text = """
start: 2008-01-01
end: 2008-02-01
units: {amount: %s}
grades: {tarim: {density: 800}}
farms: {depot: {safe_fill: 5, opening: {tarim: 2}}}
suppliers: {field: {grade: tarim, farm: depot, production_per_year: 36.5}}
pipelines: {spur: {from: depot, to: works, capacity: 0.2, loss: 0.2%%}}
customers: {works: {class: local, grades: [tarim], safe_fill: 2, at: [40, 90]}}
plan: [{customer: works, grade: tarim, period: 2008-01, amount: 3}]
"""
    for unit, factor in (("t", 1.0), ("kt", 1e3), ("wt", 1e4), ("m3", 0.8)):
        file = tmp_path / f"{unit}.yaml"
        file.write_text(text % unit, encoding="utf-8")
        scenario = load_scenario(file).scenario
        assert scenario.farms[0].safe_fill_t.at(0) == pytest.approx(5 * factor)
        assert scenario.suppliers[0].production_t_per_day.at(0) == pytest.approx(0.1 * factor)
        assert scenario.pipelines[0].capacity_t_per_day.at(0) == pytest.approx(0.2 * factor)
        assert scenario.pipelines[0].loss_fraction == 0.002
        assert scenario.plan[0].tonnes == pytest.approx(3 * factor)


def test_chinese_tables_in_gb18030_are_read_with_a_warning(small: Path) -> None:
    text = small.joinpath("plan.csv").read_text("utf-8").replace("customer,grade", "客户,油种")
    small.joinpath("plan.csv").write_bytes(text.encode("gb18030"))
    loaded = load_scenario(small)
    assert [w.code for w in loaded.warnings] == ["read_as_gb18030"]
    assert len(loaded.scenario.plan) == 18
    small.joinpath("plan.csv").write_bytes(text.encode("utf-8-sig").replace(b"\n", b"\r\n"))
    assert load_scenario(small).warnings == ()


def test_near_misses_of_file_and_column_names_are_warned_of(small: Path) -> None:
    small.joinpath("plans.csv").write_text("a,b\n", encoding="utf-8")
    small.joinpath("remarks.csv").write_text("a,b\n", encoding="utf-8")
    customers = small / "customers.csv"
    customers.write_text(customers.read_text("utf-8").replace("owner", "setlement"), encoding="utf-8")
    assert [(w.code, w.nearest) for w in load_scenario(small).warnings] == [
        ("unused_table", "plan.csv"),
        ("archive_column", "settlement"),
    ]


def test_as_of_with_actuals(small: Path) -> None:
    rows = [(a, g) for a in ("head", "terminal", "works", "south") for g in ("tarim", "tuha")]
    rows += [("nearby", "tarim"), ("north", "tarim")]
    stocks = "".join(f"{asset},{grade},3000\n" for asset, grade in rows)
    small.joinpath("actual_stocks.csv").write_text(
        "asset,grade,amount\n" + stocks + "trunk,tuha,9000\ntrunk,tarim,6000\ntrunk,tuha,9000\n"
    )
    small.joinpath("actual_deliveries.csv").write_text(
        "date,customer,grade,amount,measured\n2008/1/5,works,tarim,700,false\n"
    )
    scenario = overlay(small, "as_of: 2008-01-12\n")
    assert scenario.as_of_day == 11
    assert scenario.actual_deliveries[0].day == 4
    assert not scenario.actual_deliveries[0].measured
    assert [s.tonnes for s in scenario.actual_stocks if s.asset == "trunk"] == [9000, 6000, 9000]


def test_checks_need_no_file(small: Path) -> None:
    scenario = load_scenario(small).scenario
    line = replace(scenario.pipelines[0], capacity_t_per_day=Profile.constant(float("nan")), tariff_yuan_per_t=-1.0)
    found = check(replace(scenario, pipelines=(line, *scenario.pipelines[1:])))
    assert [(p.code, p.path) for p in found] == [
        ("not_finite", "pipelines.trunk.capacity"),
        ("negative", "pipelines.trunk.tariff"),
    ]
    off_calendar = replace(scenario.plan[0], end=date(2008, 1, 30))
    assert [p.code for p in check(replace(scenario, plan=(off_calendar,)))] == ["period_not_calendar"]


def test_a_large_yaml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    file.write_bytes(b"#" * 4_000_001)
    assert problems_of(file) == [("file_too_large", "")]
    assert problems_of(tmp_path / "none.yaml")[0][0] == "no_such_file"


def test_a_year_of_the_west_loads_in_little_more_than_its_rows_take(small: Path) -> None:
    """20 assets, 800 plan rows and a year of daily rates, beside Python's plain reading of the same rows (measured: 15 times)."""
    text = small.joinpath("scenario.yaml").read_text("utf-8").replace("end: 2008-04-01", "end: 2009-01-01")
    extra = "".join(
        f"  c{i}: {{class: local, grades: [tarim, tuha], safe_fill: 9000, opening: {{tarim: 1000}}}}\n"
        for i in range(16)
    )
    lines = "".join(f"  l{i}: {{from: terminal, to: c{i}, capacity: 900}}\n" for i in range(16))
    text = text.replace("customers:\n", "customers:\n" + extra).replace("railways:\n", lines + "railways:\n")
    small.joinpath("scenario.yaml").write_text(text, encoding="utf-8")
    plan = "".join(
        f"c{i},{grade},2008-{month:02}-{ten},{100 + i}\n"
        for i in range(16)
        for grade in ("tarim", "tuha")
        for month in range(1, 10)
        for ten in (1, 2, 3)
    )
    small.joinpath("plan.csv").write_text("customer,grade,period,amount\n" + plan, encoding="utf-8")
    days = [date.fromordinal(date(2008, 1, 1).toordinal() + i) for i in range(366)]
    for name, head, row in (
        ("production", "supplier,from,rate", "field_a,{},2400"),
        ("prices", "grade,from,price", "tarim,{},5200"),
        ("receipts", "customer,date,yuan", "north,{},100000"),
    ):
        body = "\n".join([head, *(row.format(day) for day in days)]) + "\n"
        small.joinpath(f"{name}.csv").write_text(body, encoding="utf-8")
    small.joinpath("orders.csv").unlink()
    with small.joinpath("prices.csv").open("a", encoding="utf-8") as stream:
        stream.write("tuha,2008-01-01,5000\n")
    assert len(load_scenario(small).scenario.plan) == 864
    times = [(_seconds(load_scenario, small), _seconds(_read_plainly, small)) for _ in range(5)]
    assert min(ours / plain for ours, plain in times) < 60.0


def _seconds(read: Callable[[Path], object], path: Path) -> float:
    """Processor time, so that a busy machine fails nothing."""
    begin = time.process_time()
    read(path)
    return time.process_time() - begin


def _read_plainly(folder: Path) -> object:
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.csv"))]
    return [[cell.strip() for cell in row] for text in texts for row in csv.reader(text.splitlines())]


def test_the_format_description_names_every_key_and_table() -> None:
    """The description is the contract: no key, column or Chinese heading without a word on it."""
    text = Path(__file__).resolve().parents[2].joinpath("docs", "scenario-format.md").read_text("utf-8")
    for section, (_, keys) in SECTIONS.items():
        assert section in text
        for key in keys:
            assert f"{key}:" in text or key in text, key
    for table in TABLES.values():
        for column in table.columns:
            assert column in text, (table.name, column)
    for heading in HEADINGS_ZH:
        assert heading in text, heading


def test_western_as_a_workbook_says_the_same(tmp_path: Path) -> None:
    western = Path(__file__).parents[2] / "scenarios" / "western"
    file = tmp_path / "western.xlsx"
    file.write_bytes(workbook_of(western))
    folder, workbook = load_scenario(western).scenario, load_scenario(file).scenario

    def in_order(scenario: Scenario) -> Scenario:
        return replace(scenario, plan=tuple(sorted(scenario.plan, key=lambda x: (x.customer, x.grade, x.start, x.end))))

    # The workbook's columns stand in the order in which rows first use them, and the plan's lines follow the columns.
    assert in_order(workbook) == in_order(folder)


def test_the_file_in_a_folder_means_the_folder(small: Path) -> None:
    assert load_scenario(small / "scenario.yaml") == load_scenario(small)
