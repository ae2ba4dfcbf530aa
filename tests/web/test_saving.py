"""What leaves the page: the file is what a hand would have written and gives the same tables; nothing else is ever written."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from starlette.testclient import TestClient
from tests.web.conftest import OWN, SMALL, Ask
from tests.web.test_guarding import files_in

from chainsim import workflow
from chainsim.web import make_app
from chainsim.web.links import unpacked
from chainsim.workflow_whatif import base_of, outcome_of, scenario_with, simulated

CHANGES = (
    {"kind": "outage", "names": ["trunk repair"], "days": "12"},
    {"kind": "new_outage", "asset": "local", "begin": "2008-02-01", "days": "10", "cause": "pipeline"},
    {"kind": "set", "path": "pipelines.local.capacity", "value": "500"},
    {"kind": "set", "path": "farms.head.opening.tuha", "value": "9000"},
    {"kind": "scale", "path": "scale.production.supplier.field_a", "value": "95"},
    {"kind": "plan", "cells": {"plan.works.tarim.2008-03": "21,000"}},
    {"kind": "order", "number": "2008-02", "state": "approved"},
)


@pytest.fixture
def token(ask: Ask) -> str:
    made = ""
    for change in CHANGES:
        made = ask(token=made, change=change)["token"]
    return made


def saved(client: TestClient, token: str, status: int = 200, **more: Any) -> dict[str, Any]:
    wish = {"scenario": "small", "token": token, "lang": "en", "name": "mine", "title": "Mine: a test", **more}
    response = client.post("/save", json=wish)
    assert response.status_code == status, response.text
    return dict(response.json())


def tables_of(outcome: workflow.Run, folder: Path) -> dict[str, bytes]:
    workflow.write(outcome, folder)
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.suffix in (".csv", ".parquet")}


def test_the_saved_file_gives_the_same_tables_byte_for_byte(
    client: TestClient, token: str, folder: Path, tmp_path: Path
) -> None:
    assert saved(client, token) == {"saved": "mine.yaml", "listed": True}
    base, changes = base_of(folder / "small"), unpacked(token)
    own = outcome_of(base, changes, simulated(scenario_with(base, changes)), None)
    again = workflow.run(folder / "mine.yaml")
    pages, files = tables_of(own, tmp_path / "page"), tables_of(again, tmp_path / "file")
    assert len(pages) > 20
    assert pages == files
    assert again.scenario.label.text("en", "") == "Mine: a test"


def test_the_saved_file_is_served_and_can_be_gone_on_with(client: TestClient, ask: Ask, token: str) -> None:
    saved(client, token)
    assert "Mine: a test · mine" in client.get("/").text
    of_file, of_page = (
        ask("mine.yaml", parts=["completion"])["html"]["completion"],
        ask(token=token, parts=["completion"])["html"]["completion"],
    )
    assert of_file.count("<td") <= of_page.count("<td")
    further = ask("mine.yaml", change={"kind": "set", "path": "pipelines.local.capacity", "value": "450"})
    assert saved(client, further["token"], scenario="mine.yaml", name="mine 2")["saved"] == "mine 2.yaml"
    assert ask("mine 2.yaml", parts=["headline"])["html"]["headline"]


def test_a_file_is_replaced_only_when_that_is_wished(client: TestClient, token: str, folder: Path) -> None:
    saved(client, token)
    before = (folder / "mine.yaml").read_bytes()
    told = saved(client, "", 422)["problems"][0]
    assert (told["code"], told["field"]) == ("save.exists", "save.name")
    assert (folder / "mine.yaml").read_bytes() == before
    saved(client, "", replace=True)
    assert (folder / "mine.yaml").read_text(encoding="utf-8") == 'extends: small\ntitle: "Mine: a test"\n'


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../mine", "/etc/mine", "a/b", "a\\b", ".hidden", "mine\0", "CON", "nul.yaml", "scenario",
     "scenario.yaml", "x" * 80, "C:mine", "mine.csv", "~", " ", "$HOME", "%2e%2e", "mine.yaml/.."],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused_and_nothing_is_written(
    client: TestClient, token: str, folder: Path, name: str
) -> None:
    before = files_in(folder)
    for lang in ("en", "zh"):
        told = saved(client, token, 422, name=name, lang=lang)["problems"][0]
        assert told["field"] == "save.name"
    assert files_in(folder) == before


def test_nothing_is_replaced_that_is_not_an_overlay_of_its_own(client: TestClient, token: str, folder: Path) -> None:
    (folder / "notes.yaml").write_text("shopping: [milk]\n", encoding="utf-8")
    (folder / "elsewhere.yaml").symlink_to(folder.parent / "outside.yaml")
    before = files_in(folder)
    for name, code in (("notes", "save.no_overlay"), ("elsewhere", "save.no_overlay"), ("stop", "save.own")):
        told = saved(client, token, 422, name=name, replace=True, scenario="stop.yaml" if name == "stop" else "small")
        assert told["problems"][0]["code"] == code
    assert files_in(folder) == before


def test_what_cannot_be_simulated_is_not_saved(client: TestClient, folder: Path, ask: Ask) -> None:
    from chainsim.web.links import packed

    before = files_in(folder)
    saved(client, packed({"pipelines": {"local": {"capacity": "-5"}}}), 422)
    saved(client, "AAAA", 400)
    saved(client, "", 404, scenario="../small")
    assert files_in(folder) == before


def test_others_can_neither_save_nor_export(folder: Path) -> None:
    before = files_in(folder)
    stranger = TestClient(make_app(folder), base_url=OWN)
    wish = {"scenario": "small", "token": "", "lang": "en", "name": "mine", "title": "", "kind": "report"}
    for path in ("/save", "/export"):
        for headers in ({"origin": "https://evil.example"}, {}, {"sec-fetch-site": "cross-site"}):
            assert stranger.post(path, json=wish, headers=headers).status_code == 403
        assert stranger.post(path, json=wish, headers={"origin": OWN, "host": "evil.example"}).status_code == 421
        assert stranger.post(path, data=wish, headers={"origin": OWN}).status_code == 415
        assert stranger.get(path).status_code == 405
        large = b" " * 2_000_000
        head = {"origin": OWN, "content-type": "application/json"}
        assert stranger.post(path, content=large, headers=head).status_code == 413
    assert files_in(folder) == before


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"kind": "passwd"}', b"x", b'{"name": 1}'])
@pytest.mark.parametrize("path", ["/save", "/export"])
def test_what_is_no_wish_is_refused(client: TestClient, path: str, body: bytes) -> None:
    assert client.post(path, content=body, headers={"content-type": "application/json"}).status_code == 400


def test_the_workbook_and_the_report_are_those_of_the_what_if(client: TestClient, ask: Ask, token: str) -> None:
    wish = {"scenario": "small", "token": token, "lang": "zh"}
    answer = client.post("/export", json={**wish, "kind": "workbook"})
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''small-what-if.xlsx"
    book = python_calamine.load_workbook(BytesIO(answer.content))
    assert len(book.sheet_names) > 5
    report = client.post("/export", json={**wish, "kind": "report"})
    assert report.headers["content-type"].startswith("text/html")
    assert '<html lang="zh' in report.text
    filed = client.post("/export", json={**wish, "token": "", "kind": "report"})
    assert filed.headers["content-disposition"].endswith("small.html")
    assert filed.text != report.text


def test_a_colour_marks_the_scenario_on_page_workbook_and_report(client: TestClient, folder: Path) -> None:
    saved(client, "", color="#c0392b", name="red")
    assert 'color: "#c0392b"' in (folder / "red.yaml").read_text(encoding="utf-8")
    page = client.get("/").text
    assert '<option value="red.yaml" data-colour="#c0392b"' in page
    colours = {line.split('data-colour="')[1].split('"')[0] for line in page.splitlines() if "data-colour" in line}
    assert len(colours) > 1
    assert page.count('data-colour=""') == 0
    wish = {"scenario": "red.yaml", "token": "", "lang": "en"}
    assert "--scenario: #c0392b" in client.post("/export", json={**wish, "kind": "report"}).text
    book = client.post("/export", json={**wish, "kind": "workbook"}).content
    with zipfile.ZipFile(BytesIO(book)) as sheets:
        assert b'<tabColor rgb="FFC0392B"/>' in sheets.read("xl/worksheets/sheet1.xml")
    assert client.post("/save", json={**wish, "name": "x", "title": "", "color": "red; }"}).status_code == 400


def test_a_scenario_that_is_served_alone_keeps_what_is_saved_beside_it(tmp_path: Path) -> None:
    import shutil

    alone = tmp_path / "alone"
    shutil.copytree(SMALL, alone)
    client = TestClient(make_app(alone), base_url=OWN, headers={"origin": OWN})
    answer = saved(client, "", scenario="alone")
    assert answer == {"saved": "mine.yaml", "listed": True}
    assert (alone / "mine.yaml").read_text(encoding="utf-8").startswith("extends: .\n")
    assert workflow.run(alone / "mine.yaml").scenario.name == "mine"
    assert "Mine: a test" in client.get("/").text
