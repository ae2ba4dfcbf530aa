"""``chainsim optimize`` and ``chainsim order`` as a planner meets them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Chainsim
from tests.optimization.stopped_line import write_stopped_line

from chainsim.optimization import replanning
from chainsim.optimization.case import Case
from chainsim.optimization.catalogue import ORDER_TABLES
from chainsim.optimization.solving import Infeasible, OutOfTime


@pytest.fixture
def planner(chainsim: Chainsim) -> Chainsim:
    """The command line, in a folder that holds the scenario ``stopped.yaml``."""
    write_stopped_line(Path("stopped.yaml"))
    return chainsim


def test_it_says_what_the_order_does_and_why(planner: Chainsim) -> None:
    outcome = planner("optimize", "stopped.yaml")
    assert outcome.code == 0
    for words in (
        "A stopped line · re-planned from 2026-01-11, when the first outage begins",
        "Draft order 2026-01-11-D1: 1 line(s), 4,500 t added, 0 t taken away",
        "Worst customer: The works 95.0% → 100.0%",
        "makes up 4,500 t lost in January to pipeline outage (Main line)",
        "What binds on the way",
        "Proof: completion",
        "--order FILE writes the order",
    ):
        assert words in outcome.out
    assert not list(Path().glob("results/*"))


def test_it_speaks_chinese(planner: Chainsim) -> None:
    outcome = planner("optimize", "stopped.yaml", "--lang", "zh", "--explain", "石化厂")
    for words in (
        "停输演练 · 自首次停运之日",
        "补1月干线管线停输欠量 4,500 t",
        "石化厂：完成率 无令 95.0%",
        "用 --order FILE 写出调整令",
    ):
        assert words in outcome.out
    # Names, units and options stay as they are.
    own = re.sub(r"--\w+ FILE|works|depot|light|t·月|2026-01-11-D1|\bt\b", "", outcome.out)
    assert not re.search(r"[A-Za-z]{2,}", own), own


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_the_terminal(planner: Chainsim, monkeypatch: pytest.MonkeyPatch, lang: str, width: int) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", str(width))
    out = planner("optimize", "stopped.yaml", "--lang", lang, "--explain", "works").out
    tables = [line for line in out.splitlines() if line.endswith(" ")]  # what is not in a table wraps by itself
    assert tables
    assert max(cell_len(line) for line in tables) <= width
    assert "…" not in out


def test_the_order_is_written_approved_and_run(planner: Chainsim) -> None:
    outcome = planner("optimize", "stopped.yaml", "--order", "orders/first.yaml", "--lang", "en")
    assert (
        "order: orders/first.yaml (a draft; approve it with: chainsim order approve orders/first.yaml)" in outcome.out
    )
    assert "# 28,000 → 32,500 t (+4,500): makes up 4,500 t" in Path("orders/first.yaml").read_text(encoding="utf-8")
    assert planner("check", "orders/first.yaml").code == 0
    approved = planner("order", "approve", "orders/first.yaml")
    assert (approved.code, approved.out) == (0, "orders/first.yaml: order 2026-01-11-D1 is approved\n")
    assert planner("run", "orders/first.yaml", "--quiet", "--out", "after").code == 0
    with Path("after/orders.csv").open(encoding="utf-8-sig", newline="") as rows:
        assert [row["state"] for row in csv.DictReader(rows)] == ["applied"]
    with Path("after/completion.csv").open(encoding="utf-8-sig", newline="") as rows:
        february = next(r for r in csv.DictReader(rows) if (r["customer"], r["month"]) == ("works", "2026-02-01"))
    assert float(february["delivered_t"]) == pytest.approx(32_500.0)


def test_tables_and_workbook(planner: Chainsim) -> None:
    outcome = planner("optimize", "stopped.yaml", "--out", "tables", "--xlsx", "order.xlsx", "--lang", "zh")
    assert outcome.code == 0
    names = {path.name for path in Path("tables").iterdir()}
    assert names == {"manifest.json", *(f"{name}.{kind}" for name in ORDER_TABLES for kind in ("csv", "parquet"))}
    manifest = json.loads(Path("tables/manifest.json").read_text(encoding="utf-8"))
    assert manifest["optimized_from"] == "2026-01-11"
    assert "highspy" in manifest["libraries"]
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path("order.xlsx")
    assert book.sheet_names[:2] == ["调整令草稿", "模拟验证"]
    assert {"数据字典", "运行信息"} <= set(book.sheet_names)
    rows = book.get_sheet_by_name("调整令草稿").to_python()
    assert any("补1月干线管线停输欠量" in str(cell) for row in rows for cell in row)
    assert not any("makes up" in str(cell) for row in rows for cell in row)


def test_json_is_one_object_on_stdout(planner: Chainsim) -> None:
    data = json.loads(planner("optimize", "stopped.yaml", "--json", "--explain", "works", "--order", "o.yaml").out)
    assert (data["from"], data["chosen_by"]) == ("2026-01-11", "outage")
    (line,) = data["order"]["lines"]
    assert (line["customer"], line["month"], line["change_t"]) == ("works", "2026-02-01", 4500.0)
    assert line["why_zh"].startswith("补1月")
    assert data["explained"]["customer"] == "works"
    assert data["outputs"] == {"order": "o.yaml", "folder": None, "workbook": None}


def test_no_order_where_none_does_better(planner: Chainsim) -> None:
    outcome = planner("optimize", "stopped.yaml", "--freeze", "works", "--order", "none.yaml", "--out", "tables")
    assert outcome.code == 0
    for words in ("No order does better than none.", "3 plan line(s) were kept as asked", "Main line"):
        assert words in outcome.out
    assert "none.yaml is not written" in outcome.out
    assert not Path("none.yaml").exists()
    fine = planner("optimize", "stopped.yaml", "--as-of", "2026-03-01", "--freeze", "2026-03")
    assert fine.code == 0


def test_quiet_leaves_out_the_tables(planner: Chainsim) -> None:
    out = planner("optimize", "stopped.yaml", "--quiet").out
    assert "Draft order" in out
    assert "Changed plan lines" not in out


def test_everything_wrong_is_told_at_once(planner: Chainsim) -> None:
    outcome = planner("optimize", "stopped.yaml", "--as-of", "2027-01-01", "--freeze", "wroks", "--explain", "dpot")
    assert outcome.code == 2
    for words in (
        "--as-of: ",
        "--freeze: ",
        "did you mean works?",
        "--explain: ",
        "did you mean depot?",
        "problems: 3",
    ):
        assert words in outcome.err
    assert outcome.out == ""


def test_files_that_are_not_ours_are_kept(planner: Chainsim) -> None:
    before = Path("stopped.yaml").read_bytes()
    outcome = planner("optimize", "stopped.yaml", "--order", "stopped.yaml")
    assert outcome.code == 2
    assert "is no draft order" in outcome.err
    assert Path("stopped.yaml").read_bytes() == before
    assert planner("optimize", "stopped.yaml", "--order", "order.txt").code == 2
    assert planner("optimize", "stopped.yaml", "--out", ".").code == 2


def test_infeasible_is_exit_3_in_words(planner: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        raise Infeasible

    monkeypatch.setattr("chainsim.optimization.replanning.replan", none)
    outcome = planner("optimize", "stopped.yaml", "--order", "order.yaml", "--lang", "zh")
    assert outcome.code == 3
    assert outcome.err.startswith("无可行解：")
    assert not Path("order.yaml").exists()


def test_without_time_for_days_months_will_do(planner: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that runs out of time gives way to a coarser one, and the planner is told."""
    solve, tried = replanning.solve, []

    def slow_by_the_day(case: Case, **asked: Any) -> replanning.Answer:
        tried.append(asked["time_limit"])
        if min(bucket.days for bucket in case.grid.buckets) <= 1.0:
            raise OutOfTime
        return solve(case, **asked)

    monkeypatch.setattr(replanning, "solve", slow_by_the_day)
    outcome = planner("optimize", "stopped.yaml", "--time-limit", "10")
    assert outcome.code == 0
    assert tried[:2] == pytest.approx([7.0, 3.0])
    assert "Draft order 2026-01-11-D1" in outcome.out
    assert "The time limit left out some levels" in outcome.out


def test_no_plan_in_time_is_exit_3(planner: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(case: Case, **asked: Any) -> replanning.Answer:
        raise OutOfTime

    monkeypatch.setattr(replanning, "solve", never)
    outcome = planner("optimize", "stopped.yaml", "--time-limit", "2", "--order", "order.yaml", "--lang", "zh")
    assert outcome.code == 3
    assert "2 秒内未找到方案" in outcome.err
    assert not Path("order.yaml").exists()


def test_approving_what_is_no_draft(planner: Chainsim) -> None:
    outcome = planner("order", "approve", "stopped.yaml")
    assert outcome.code == 2
    assert "there is no draft order in this file" in outcome.err
