"""The page's answers, asked without a browser: what changes when something is changed, and in whose words."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import Ask

from chainsim.files import load_scenario
from chainsim.web.answering import Page
from chainsim.web.asking import read_question
from chainsim.web.links import packed, unpacked
from chainsim.workflow_whatif import base_of, save_whatif, scenario_with

LONGER = {"kind": "outage", "names": ["trunk repair"], "days": "12"}


def figure(html: str, name: str) -> str:
    match = re.search(rf'data-kpi="{name}">([^<]*)<', html)
    assert match
    return match[1]


def test_the_page_names_the_scenarios_in_both_languages(client: TestClient) -> None:
    english, chinese = (client.get("/", params={"lang": lang}).text for lang in ("en", "zh"))
    assert "Stop · stop" in english
    assert "停输 · stop" in chinese
    assert '<html lang="zh-CN">' in chinese


def test_a_longer_outage_costs_completion_and_is_told_beside_the_scenario_as_filed(ask: Ask) -> None:
    filed = ask(parts=["headline"])
    answer = ask(change=LONGER, parts=["headline", "completion", "levers"])
    before, after = (figure(a["html"]["headline"], "completion") for a in (filed, answer))
    assert float(after[:-1]) < float(before[:-1])
    assert f"as filed {before}" in answer["html"]["headline"]
    assert "−" in answer["html"]["completion"]
    assert "2008-02-22 08:00" in answer["html"]["levers"]
    assert unpacked(answer["token"]) == {
        "disruptions": [
            {"name": "trunk repair", "asset": "trunk", "from": "2008-02-10 08:00", "to": "2008-02-22 08:00", "remaining": "0",
             "cause": "pipeline"}
        ]
    }  # fmt: skip


def test_what_goes_back_to_what_the_files_say_is_no_change(ask: Ask) -> None:
    token = ask(change=LONGER)["token"]
    back = ask(token=token, change={**LONGER, "days": "3.520833333"})
    assert ask(token=token, change={"kind": "without", "paths": ["disruptions.trunk repair"]})["token"] == ""
    assert ask(token=token, change={"kind": "as_filed"})["token"] == ""
    token = ask(change={"kind": "set", "path": "pipelines.local.capacity", "value": "500"})["token"]
    assert token
    assert ask(token=token, change={"kind": "set", "path": "pipelines.local.capacity", "value": "800.0"})["token"] == ""
    token = ask(change={"kind": "scale", "path": "scale.prices.grade.tarim", "value": "90"})["token"]
    assert ask(token=token, change={"kind": "scale", "path": "scale.prices.grade.tarim", "value": "100"})["token"] == ""
    assert back["token"]


@pytest.mark.parametrize("days", ["12", "１２", "12 天", "十二天", "12 d", "12.0"])
def test_days_are_understood_as_people_write_them(ask: Ask, days: str) -> None:
    token = ask(change={**LONGER, "days": days})["token"]
    assert unpacked(token)["disruptions"][0]["to"] == "2008-02-22 08:00"


def test_moving_an_outage_keeps_its_length(ask: Ask) -> None:
    token = ask(change={"kind": "outage", "names": ["trunk repair"], "begin": "2008-03-01"})["token"]
    row = unpacked(token)["disruptions"][0]
    assert (row["from"], row["to"]) == ("2008-03-01", "2008-03-04 12:30")


def test_outages_are_added_and_taken_back(ask: Ask) -> None:
    new = {"kind": "new_outage", "asset": "local", "begin": "2008-02-01", "days": "10", "cause": "pipeline"}
    first = ask(change=new)
    second = ask(token=first["token"], change=new, parts=["levers"])
    rows = unpacked(second["token"])["disruptions"]
    assert [row["name"] for row in rows] == ["local 1", "local 2"]
    assert rows[0]["to"] == "2008-02-11"
    gone = ask(token=second["token"], change={"kind": "without", "paths": ["disruptions.local 1"]})
    assert [row["name"] for row in unpacked(gone["token"])["disruptions"]] == ["local 2"]


def test_an_order_is_approved_and_made_a_draft_again(ask: Ask) -> None:
    token = ask(change={"kind": "order", "number": "2008-02", "state": "approved"})["token"]
    order = unpacked(token)["orders"][0]
    assert (order["number"], order["state"], order["lines"][0]["amount"]) == ("2008-02", "approved", "7000")
    assert ask(token=token, change={"kind": "order", "number": "2008-02", "state": "draft"})["token"] == ""


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"kind": "set", "path": "pipelines.local.capacity", "value": "1,300"}, "pipelines.local.capacity", "1300"),
        ({"kind": "set", "path": "pipelines.local.capacity", "value": "-5"}, "pipelines.local.capacity", "-5"),
        ({"kind": "set", "path": "farms.head.opening.tarim", "value": "90000"}, "farms.head.opening.tarim", ""),
        (
            {"kind": "outage", "names": ["trunk repair"], "begin": "10.2.2008"},
            "disruptions.trunk repair.from",
            "10.2.2008",
        ),
        (
            {"kind": "outage", "names": ["trunk repair"], "days": "many"},
            "disruptions.trunk repair.to",
            "a number of days",
        ),
        ({"kind": "outage", "names": ["trunk repair"], "remaining": "300%"}, "disruptions.trunk repair.remaining", ""),
        ({"kind": "outage", "names": ["trunk repair"], "days": "-3"}, "disruptions.trunk repair", ""),
        (
            {"kind": "set", "path": "plan.works.tarim.2008-02", "value": "a lot"},
            "plan.works.tarim.2008-02.amount",
            "a lot",
        ),
        (
            {"kind": "scale", "path": "scale.production.supplier.nobody", "value": "50"},
            "scale.production.supplier.nobody",
            "",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field_in_both_languages(
    ask: Ask, change: dict[str, Any], field: str, words: str
) -> None:
    english, chinese = (ask(change=change, lang=lang, status=422)["problems"] for lang in ("en", "zh"))
    told = english[0]["field"]
    assert told.startswith(field) or field.startswith(f"{told}.")
    assert words in english[0]["words"]
    assert not re.search(r"[\u4e00-\u9fff]", english[0]["words"])
    assert re.search(r"[\u4e00-\u9fff]", chinese[0]["words"])


def test_paths_that_name_nothing_are_told(ask: Ask) -> None:
    answer = ask(change={"kind": "set", "path": "pipelines.trunkk.capacity", "value": "1"}, status=422)
    assert "did you mean trunk?" in answer["problems"][0]["words"]
    ask(change={"kind": "outage", "names": ["nothing"], "days": "1"}, status=422)
    ask(change={"kind": "order", "number": "nothing", "state": "draft"}, status=422)


@pytest.mark.parametrize(
    "row",
    [
        {"table": "plan", "where": "x", "factor": "90%"},
        {"table": "plan", "where": ["x"], "factor": "90%"},
        {"factor": "1"},
    ],
)
@pytest.mark.parametrize("change", [None, {"kind": "scale", "path": "scale.prices.grade.tarim", "value": "90"}])
def test_a_link_made_by_hand_is_told_what_is_wrong_with_it(
    ask: Ask, row: dict[str, Any], change: dict[str, Any] | None
) -> None:
    answer = ask(token=packed({"scale": [row]}), change=change, parts=["levers"], status=422)
    assert answer["problems"]
    assert all(problem["field"].startswith("scale") for problem in answer["problems"])


@pytest.mark.parametrize("month", ["0000-01", "9999-12", "２０２５-02", "2008-13"])
def test_a_month_that_is_none_is_no_question(ask: Ask, month: str) -> None:
    ask(change={"kind": "plan", "cells": {f"plan.works.tarim.{month}": "5"}}, status=400)


def test_an_edited_file_is_read_again(ask: Ask, folder: Path) -> None:
    before = ask("stop.yaml", parts=["headline"])["html"]["headline"]
    file = folder / "stop.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("2008-03-06", "2008-03-20"), encoding="utf-8")
    assert ask("stop.yaml", parts=["headline"])["html"]["headline"] != before


def test_a_file_that_is_wrong_says_where(ask: Ask, folder: Path) -> None:
    (folder / "stop.yaml").write_text("extends: small\npipelines:\n  trunk: {capacty: 5}\n", encoding="utf-8")
    problem = ask("stop.yaml", status=422)["problems"][0]
    assert problem["place"].endswith("stop.yaml:3:20")
    assert "capacity" in problem["words"]


def test_equal_questions_have_equal_answers_whatever_was_asked_before(ask: Ask) -> None:
    question = {
        "change": LONGER,
        "parts": ["headline", "completion", "why", "tanks", "map", "levers"],
        "cell": "works/2008-02",
    }
    first = ask(**question)
    ask(change={"kind": "set", "path": "pipelines.local.capacity", "value": "100"}, parts=["headline"])
    again = ask(**question)
    for answer in (first, again):
        del answer["ms"]
    assert first == again


def test_all_parts_in_both_languages(ask: Ask) -> None:
    parts = ["headline", "completion", "why", "tanks", "map", "findings", "levers"]
    for lang in ("en", "zh"):
        for more in ({}, {"by_grade": True, "cell": "south/2008-01", "tank": "terminal", "day": 40, "change": LONGER}):
            answer = ask(lang=lang, parts=parts, **more)
            assert set(answer["html"]) == set(parts)
            assert set(answer["charts"]) == {"why", "tanks", "map"}
            if lang == "en":
                assert not re.search(r"[\u4e00-\u9fff]", "".join(answer["html"].values()))


def test_what_is_saved_is_what_was_simulated(ask: Ask, folder: Path) -> None:
    token = ""
    for change in (
        LONGER,
        {"kind": "set", "path": "pipelines.local.capacity", "value": "500"},
        {"kind": "set", "path": "plan.works.tarim.2008-03", "value": "21000"},
        {"kind": "set", "path": "farms.head.opening.tuha", "value": "9000"},
        {"kind": "scale", "path": "scale.production.supplier.field_a", "value": "95"},
        {"kind": "order", "number": "2008-02", "state": "approved"},
    ):
        token = ask(token=token, change=change)["token"]
    base, changes = base_of(folder / "small"), unpacked(token)
    file = folder / "saved.yaml"
    save_whatif(base, changes, file, "推演: a")
    saved = load_scenario(file).scenario
    ours = scenario_with(base, changes)
    for field in (
        "plan",
        "orders",
        "farms",
        "suppliers",
        "pipelines",
        "railways",
        "customers",
        "disruptions",
        "prices",
    ):
        assert getattr(saved, field) == getattr(ours, field)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("extends: small\ntitle: ")
    assert "  local: {capacity: 500}" in text
    assert "  - {table: production, where: {supplier: field_a}, factor: 95%}" in text
    assert "  - {customer: works, grade: tarim, period: 2008-03, amount: 21000}" in text
    assert packed(unpacked(token)) == token


@pytest.mark.parametrize(
    "change", [{"days": "12"}, {"days": "1"}, {"remaining": "40%"}, {"remaining": "100%"}, {"days": "500"}]
)
def test_what_a_moving_slider_shows_is_what_is_there_when_it_is_let_go(ask: Ask, change: dict[str, str]) -> None:
    change = {"kind": "outage", "names": ["trunk repair"], **change}
    parts = ["headline", "completion", "tanks", "map"]
    passing, done = (ask(change=change, parts=parts, passing=passing) for passing in (True, False))
    again = ask(change=change, parts=parts, passing=True)  # now from the trunk that is known
    for answer in (passing, done, again):
        del answer["ms"]
    assert passing == again
    assert passing == done


def test_a_slider_that_moves_on_shows_each_of_its_places(ask: Ask) -> None:
    """Looks that build on one another, with what stands beside the outage changed on the way, and wrong places among them."""
    besides = [
        packed({}),
        packed({"scale": [{"table": "plan", "where": {"grade": "tarim"}, "factor": "90%"}]}),
        packed({"disruptions": [{"name": "late", "asset": "trunk", "from": "2008-03-10", "to": "2008-03-12", "remaining": "0",
                                 "cause": "pipeline"}]}),
    ]  # fmt: skip
    parts = ["headline", "completion", "tanks"]
    for token in (*besides, besides[0]):
        for days, status in (("2", 200), ("9", 200), ("many", 422), ("5", 200), ("-3", 422)):
            asked = {"token": token, "change": {"kind": "outage", "names": ["trunk repair"], "days": days}}
            look, there = (ask(**asked, parts=parts, passing=passing, status=status) for passing in (True, False))
            look.pop("ms", None)
            there.pop("ms", None)
            assert look == there


def test_edited_rules_are_read_again(folder: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(Path(__file__).resolve().parents[2] / "rules", rules)
    page = Page(folder, rules)
    question = read_question({"scenario": "small", "lang": "en", "parts": ["findings"]})
    first = page.view(question)["html"]["findings"]
    assert page.view(question)["html"]["findings"] == first
    for file in rules.glob("*.yaml"):
        file.write_text(
            file.read_text(encoding="utf-8").replace("severity: warning", "severity: error"), encoding="utf-8"
        )
    assert page.view(question)["html"]["findings"] != first
