"""The plan grid: a month that is changed takes the lines above and below it along; each cell is answered by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.web.conftest import SMALL, Ask

from chainsim.files.quantities import read_period
from chainsim.web.links import unpacked
from chainsim.web.views_plan import _called
from chainsim.workflow_plan import plan_grid, plannable, with_cells
from chainsim.workflow_whatif import Base, base_of, save_whatif, scenario_with

WESTERN = Path(__file__).resolve().parents[2] / "scenarios" / "western"
CELL = ("works", "tarim", "2008-02")


@pytest.fixture(scope="module")
def western() -> Base:
    return base_of(WESTERN)


def amounts(base: Base, changes: dict[str, Any]) -> dict[tuple[str, str, str], float]:
    grid = plan_grid(base, changes, scenario_with(base, changes))
    return {
        (row.customer, row.grade, month): amount
        for row in grid.rows
        for month, amount in zip(grid.months, row.amounts, strict=True)
    }


@settings(deadline=None, max_examples=12)
@given(data=st.data())
def test_whatever_is_planned_adds_up_and_stands_in_the_grid(western: Base, data: st.DataObject) -> None:
    filed = amounts(western, {})
    cells = data.draw(st.dictionaries(st.sampled_from(sorted(filed)), st.integers(0, 900_000), min_size=1, max_size=12))
    changes, problems = with_cells(western, {}, {cell: f"{amount:,}" for cell, amount in cells.items()})
    refused = {tuple(problem.file.split(".")[1:]) for problem in problems}
    taken = {cell: amount for cell, amount in cells.items() if cell not in refused}
    assert amounts(western, changes) == pytest.approx(filed | taken)  # scenario_with has checked that levels add up
    back, _ = with_cells(western, changes, {cell: str(filed[cell]) for cell in taken})
    assert amounts(western, back) == pytest.approx(filed)


def test_a_month_that_an_order_would_make_negative_is_told_at_its_cell_alone(western: Base) -> None:
    order = next(
        line for order in western.tree["orders"] for line in order["lines"] if str(line.get("change")).startswith("-")
    )
    cell = (str(order["customer"]), str(order["grade"]), str(order["period"])[:7])
    other = ("dushanzi", "kazakh", "2008-03")
    changes, problems = with_cells(western, {}, {other: "400000", cell: "5"})
    assert [problem.file for problem in problems] == ["plan." + ".".join(cell)]
    assert "negative" in problems[0].message
    assert amounts(western, changes) == amounts(western, {}) | {other: 400_000}


def test_what_a_hand_would_restate_is_restated(western: Base) -> None:
    changes, _ = with_cells(western, {}, {("urumqi", "xinjiang", "2008-05"): "190,640"})
    stated = {row["period"]: float(row["amount"]) for row in changes["plan"]}
    assert stated == {
        "2008": 2_900_000 - 47_660, "2008Q2": 706_600 - 47_660, "2008-05": 190_640,
        "2008-05-1": 68_640, "2008-05-2": 62_880, "2008-05-3": 59_120,
    }  # fmt: skip
    assert [read_period(row["period"]).level for row in changes["plan"]] == [
        "annual",
        "quarter",
        "month",
        *["ten_day"] * 3,
    ]


def test_back_to_what_the_files_say_is_no_change(western: Base) -> None:
    changes, _ = with_cells(western, {}, {("urumqi", "xinjiang", "2008-05"): "190640"})
    assert with_cells(western, changes, {("urumqi", "xinjiang", "2008-05"): "238300"})[0] == {}


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("21000", 21000), ("21,000", 21000), ("21 000", 21000), ("２１０００", 21000), ("２１，０００", 21000), ("2.1万", 21000),
        ("2.1 万吨", 21000), ("21kt", 21000), ("两万一千", 21000), ("0", 0), ("-", 0), ("—", 0), (" 21000\u00a0", 21000),
    ],
)  # fmt: skip
def test_how_people_write_numbers_is_understood(words: str, amount: float) -> None:
    base = base_of(SMALL)
    changes, problems = with_cells(base, {}, {CELL: words})
    assert problems == []
    assert amounts(base, changes)[CELL] == amount


@pytest.mark.parametrize("words", ["abc", "1.2.3", "-5", "#N/A", "1e400", "nan", "12/3", "1O0", "=1+1", "2008-01-01"])
def test_what_is_no_amount_is_told_at_its_cell_and_the_others_count(words: str) -> None:
    base = base_of(SMALL)
    changes, problems = with_cells(base, {}, {CELL: words, ("works", "tarim", "2008-03"): "18000"})
    assert [problem.file for problem in problems] == ["plan.works.tarim.2008-02"]
    assert problems[0].found == words
    assert [row["period"] for row in changes["plan"]] == ["2008-03"]


NEW = ("nearby", "tuha", "2008-02")


def test_a_line_that_the_plan_lacks_is_added_as_a_hand_would_and_goes_when_it_is_nought(
    folder: Path, ask: Ask, tmp_path: Path
) -> None:
    """North takes two grades once its own file says so, and has one line."""
    (folder / "wide.yaml").write_text(
        "extends: small\ncustomers:\n  north: {grades: [tarim, tuha]}\n", encoding="utf-8"
    )
    base = base_of(folder / "wide.yaml")
    grid = plan_grid(base, {}, scenario_with(base, {}))
    assert grid.free == {"north": ("tuha",)}
    cells = {("north", "tuha", "2008-02"): "1,500", ("north", "tuha", "2008-03"): "2 kt"}
    changes, problems = with_cells(base, {}, cells)
    assert problems == []
    file = folder / "more.yaml"
    save_whatif(base, changes, file)
    assert file.read_text(encoding="utf-8") == (
        "extends: wide.yaml\nplan:\n"
        "  - {customer: north, grade: tuha, period: 2008-02, amount: 1500}\n"
        "  - {customer: north, grade: tuha, period: 2008-03, amount: 2000}\n"
    )
    grid = plan_grid(base, changes, scenario_with(base, changes))
    assert grid.free == {}
    rows = [(row.customer, row.grade, row.amounts) for row in grid.rows]
    assert rows.index(("north", "tuha", (0.0, 1500.0, 2000.0))) == 1 + [row[:2] for row in rows].index(
        ("north", "tarim")
    )
    by_hand = base_of(file)
    assert scenario_with(by_hand, {}).plan == scenario_with(base, changes).plan
    back, _ = with_cells(base, changes, dict.fromkeys(cells, "-"))
    assert back == {}
    # In the page: the link holds it, the grid shows it, and what is left to add is offered.
    answer = ask("wide.yaml", change={"kind": "plan", "cells": {"plan.north.tuha.2008-02": "1500"}}, parts=["plan"])
    assert unpacked(answer["token"]) == {"plan": [changes["plan"][0]]}
    assert 'data-plan="plan.north.tuha.2008-03"' in answer["html"]["plan"]
    assert 'id="plan-add"' not in answer["html"]["plan"]
    assert 'id="plan-add"' in ask("wide.yaml", parts=["plan"])["html"]["plan"]


@pytest.mark.parametrize(
    ("cell", "english", "chinese", "accepted"),
    [
        (NEW, "does not take", "不接收", ("Tarim", "塔里木原油")),
        (("works", "tarin", "2008-02"), "no grade of this name", "没有这个品种", ("Tarim, Tuha", "塔里木原油、吐哈原油")),
        (("work", "tarim", "2008-02"), "no customer of this name", "没有这个客户", None),
        (("works", "kerosene", "2008-02"), "no grade", "没有这个品种", ("Tarim, Tuha", "塔里木原油、吐哈原油")),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_told_at_each_of_its_cells_and_the_others_count(
    cell: tuple[str, str, str], english: str, chinese: str, accepted: tuple[str, str] | None
) -> None:
    base = base_of(SMALL)
    months = [(*cell[:2], month) for month in ("2008-01", "2008-02", "2008-03")]
    changes, problems = with_cells(base, {}, {**dict.fromkeys(months, "5"), CELL: "18000"})
    assert [problem.file for problem in problems] == ["plan." + ".".join(month) for month in months]
    assert all(english in problem.message and chinese in problem.message_zh for problem in problems)
    if accepted:
        assert (problems[0].accepted, problems[0].accepted_zh) == accepted
    assert problems[0].nearest == {"tarin": "tarim", "work": "works"}.get(
        cell[1] if cell[0] == "works" else cell[0], ""
    )
    assert [row["amount"] for row in changes["plan"]] == ["18000"]


def test_a_grade_that_nothing_brings_is_not_offered(folder: Path) -> None:
    (folder / "cut.yaml").write_text("extends: small\npipelines:\n  spur: {grades: [tarim]}\nplan:\n" + "".join(
        f"  - {{customer: works, grade: tuha, period: 2008-0{m}, amount: 0}}\n" for m in (1, 2, 3)
    ), encoding="utf-8")  # fmt: skip
    base = base_of(folder / "cut.yaml")
    assert plannable(scenario_with(base, {}))["works"] == ("tarim",)


def test_a_thousand_lines_that_cannot_be_are_told_at_once() -> None:
    base = base_of(SMALL)
    cells = {("nearby", f"grade {number}", "2008-02"): "5" for number in range(2000)}
    changes, problems = with_cells(base, {}, cells)
    assert changes == {}
    assert len(problems) == 2000


def test_what_is_not_planned_and_empty_cells_are_left(ask: Ask) -> None:
    cells = {"plan.works.nobody.2008-02": "5", "plan.works.tarim.2008-02": " "}
    for lang, words in (("en", "no grade of this name"), ("zh", "没有这个品种")):
        answer = ask(lang=lang, change={"kind": "plan", "cells": cells})
        assert [problem["field"] for problem in answer["problems"]] == ["plan.works.nobody.2008-02"]
        assert words in answer["problems"][0]["words"]
        assert answer["token"] == ""


def test_the_grid_shows_what_was_pasted_and_what_was_filed(ask: Ask) -> None:
    cells = {"plan.works.tarim.2008-02": "１８，０００", "plan.works.tarim.2008-03": "x"}
    answer = ask(change={"kind": "plan", "cells": cells}, parts=["plan", "levers", "headline"])
    grid = answer["html"]["plan"]
    assert 'data-plan="plan.works.tarim.2008-02" aria-label="Works, Tarim, 2008-02" value="18,000"' in grid
    assert grid.count('class="changed"') == 1
    assert "2008-02 18000" in answer["html"]["levers"]
    assert unpacked(answer["token"])["plan"][0]["amount"] == "18000"
    paths = [f"plan.works.tarim.{row['period']}" for row in unpacked(answer["token"])["plan"]]
    assert ask(token=answer["token"], change={"kind": "without", "paths": paths})["token"] == ""


@pytest.mark.parametrize(
    "cells",
    [None, [], {"plan.works.tarim": "1"}, {"plan.works.tarim.2008-13": "1"}, {"farms.head.opening.tarim": "1"},
     {"plan.works.tarim.2008-02": 5}],
)  # fmt: skip
def test_what_is_no_cell_is_refused(ask: Ask, cells: Any) -> None:
    ask(status=400, change={"kind": "plan", "cells": cells})


def test_a_title_that_two_have_or_that_is_another_s_name_means_nobody_else() -> None:
    titles = {"a": "b", "b": "厂", "c": "厂", "d": "四厂"}
    known = _called(titles, lambda lang, name: titles[name])
    assert known == {"四厂": "d", "a": "a", "b": "b", "c": "c", "d": "d"}
