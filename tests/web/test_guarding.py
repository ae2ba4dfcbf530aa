"""What other sites and other machines try, and that nothing comes of it: no answer, nothing computed, nothing written."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.web.conftest import OWN, Ask

from chainsim.web import app, guarding, make_app
from chainsim.web.links import BadLinkError, packed, unpacked

QUESTION = {"scenario": "small", "token": "", "lang": "en", "parts": ["headline"]}


def files_in(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder.parent).as_posix(): p.read_bytes() for p in folder.parent.rglob("*") if p.is_file()}


@pytest.fixture
def stranger(folder: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A client whose every request must be refused before the page sees it."""

    def asked(*_: Any) -> None:
        raise AssertionError("the page was asked")

    monkeypatch.setattr(app.Page, "view", asked)
    monkeypatch.setattr(app, "_shell", asked)
    return TestClient(make_app(folder), base_url=OWN)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "127.0.0.1.evil.example:8765", "127.0.0.1:9999", "127.0.0.1", "localhost",
     "localhost:80", "0.0.0.0:8765", "[::]:8765", "", "127.0.0.1:8765@evil.example", "evil.example#127.0.0.1:8765"],
)  # fmt: skip
def test_a_foreign_name_for_this_machine_is_refused(stranger: TestClient, host: str) -> None:
    # DNS rebinding: the name is the attacker's, the address ours.
    for response in (
        stranger.get("/", headers={"host": host}),
        stranger.post("/view", json=QUESTION, headers={"host": host}),
    ):
        assert response.status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765", "[::1]:8765"])
def test_our_own_names_are_served(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host, "origin": f"http://{host}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://localhost:8765"},  # another origin than the one asked, loopback or not
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": OWN, "sec-fetch-site": "cross-site"},
        {},  # no page at all
        {"sec-fetch-site": "none"},
    ],
)
def test_posts_of_others_are_refused(stranger: TestClient, headers: dict[str, str]) -> None:
    assert stranger.post("/view", json=QUESTION, headers=headers).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_can_send_is_refused(stranger: TestClient, kind: str) -> None:
    response = stranger.post("/view", content=json.dumps(QUESTION), headers={"origin": OWN, "content-type": kind})
    assert response.status_code == 415


def test_another_site_may_link_to_the_page_and_do_nothing_else(client: TestClient) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    picture = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert client.get("/", headers=link).status_code == 200
    assert client.get("/", headers=picture).status_code == 403
    assert client.get("/0.1.0/page.js", headers=picture).status_code == 403
    assert client.post("/view", json=QUESTION, headers=link).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(stranger: TestClient, method: str) -> None:
    assert stranger.request(method, "/view", headers={"origin": OWN}).status_code == 405


def test_nothing_is_asked_by_an_address(client: TestClient) -> None:
    assert client.get("/view").status_code == 405


@pytest.mark.parametrize(
    "name",
    ["../small", "/etc/passwd", "..", ".", "small/../small", "small/", "small\0", "SMALL", "small/plan.csv", "~", "",
     "file:///etc/passwd", "\\\\host\\share", "stop.yaml/../../secret.yaml"],
)  # fmt: skip
def test_scenarios_are_those_of_the_folder_by_name(ask: Ask, folder: Path, name: str) -> None:
    (folder.parent / "secret.yaml").write_text("extends: served/small\n", encoding="utf-8")
    before = files_in(folder)
    answer = ask(name, status=404, parts=["headline"])
    assert set(answer) == {"problems"}
    assert files_in(folder) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"extends": "../../secret"},
        {"farms": [{"x": "1"}]},
        {"plan": {"x": "1"}},
        {"nonsense": {}},
        {"plan": ["x"]},
        {"farms": {"head": {"opening": {"tarim": 1}}}},
        {"farms": {"head": True}},
        {"pipelines": "x"},
        [],
        "x",
        None,
    ],
)
def test_a_link_holds_changes_and_nothing_else(ask: Ask, changes: Any) -> None:
    token = base64.urlsafe_b64encode(zlib.compress(json.dumps(changes).encode())).decode().rstrip("=")
    with pytest.raises(BadLinkError):
        unpacked(token)
    ask(token=token, status=400)


@pytest.mark.parametrize("token", ["x", "!!!!", "AAAA", "eJw", "é", "=" * 10, "a" * 100_001])
def test_a_broken_link_is_refused(ask: Ask, token: str) -> None:
    ask(token=token, status=400)


def test_a_link_that_unpacks_without_end_is_refused(ask: Ask) -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b'{"farms": {"' + b"a" * 50_000_000 + b'": {}}}')).decode()
    assert len(bomb) < 100_000
    ask(token=bomb, status=400)


def test_a_deep_link_is_refused(ask: Ask) -> None:
    deep: Any = "x"
    for _ in range(40_000):
        deep = [deep]
    token = base64.urlsafe_b64encode(zlib.compress(b'{"farms":{"a":' + b"[" * 40_000 + b"]" * 40_000 + b"}}")).decode()
    ask(token=token, status=400)


def test_a_broken_link_shows_the_scenario_as_filed_and_says_so(client: TestClient) -> None:
    page = client.get("/", params={"s": "small", "w": "AAAA"}).text
    assert "This link holds no what-if" in page
    assert '"token": ""' in page


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"scenario": 1}', b'{"scenario": "small", "lang": "fr", "parts": []}',
     b'{"scenario": "small", "lang": "en", "parts": ["secrets"]}', b"[" * 100_000,
     b'{"scenario": "small", "lang": "en", "parts": [], "cell": "works/2008-13-13"}',
     b'{"scenario": "small", "lang": "en", "parts": [], "change": {"kind": "eval"}}',
     b'{"scenario": "small", "lang": "en", "parts": [], "change": {"kind": "set", "path": 3}}',
     b'{"scenario": "small", "lang": "en", "parts": [], "change": {"kind": "scale", "path": "scale", "value": "1"}}',
     b'{"scenario": "small", "lang": "en", "parts": [], "change": []}',
     b'{"scenario": "small", "lang": "en", "parts": [], "day": 1e400}'],
)  # fmt: skip
def test_what_is_no_question_is_refused_without_a_traceback(client: TestClient, body: bytes) -> None:
    response = client.post("/view", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert set(response.json()) == {"problems"}


def test_large_bodies_are_refused_by_their_length_and_as_they_come(stranger: TestClient, client: TestClient) -> None:
    head = {"origin": OWN, "content-type": "application/json"}
    large = b" " * (guarding.LARGEST_BODY + 1)
    assert stranger.post("/view", content=large, headers=head).status_code == 413

    def streamed() -> Any:
        yield from (b" " * 65_536 for _ in range(guarding.LARGEST_BODY // 65_536 + 1))

    assert client.post("/view", content=streamed(), headers=head).status_code == 413


def test_every_answer_binds_the_browser(client: TestClient) -> None:
    for response in (client.get("/"), client.get("/nowhere"), client.get("/", headers={"host": "evil.example"})):
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cross-origin-resource-policy"] == "same-origin"
    page = client.get("/").text
    assert "<style" not in page
    assert " style=" not in page
    assert "onclick" not in page


def test_names_are_text_wherever_they_stand(client: TestClient, ask: Ask, folder: Path) -> None:
    evil = "<img src=x onerror=alert(1)>\"'&{{7*7}}"
    head = folder / "small" / "scenario.yaml"
    text = head.read_text(encoding="utf-8").replace("{zh: 炼厂, en: Works}", "TITLE").replace("TITLE", json.dumps(evil))
    head.write_text(text.replace("{zh: 首站, en: Head station}", json.dumps(evil)), encoding="utf-8")
    (folder / "stop.yaml").write_text(f"extends: small\ntitle: {json.dumps(evil)}\n", encoding="utf-8")
    parts = ["headline", "completion", "why", "tanks", "map", "findings", "levers"]
    pages = [client.get("/").text, *ask(parts=parts, cell="works/2008-02")["html"].values()]
    assert any("&lt;img" in page for page in pages)
    for page in pages:
        assert "<img" not in page
        assert "49" not in page.replace("2,49", "") or "{{7*7}}" in page


def test_links_are_short() -> None:
    rows = [
        {"customer": "yumen", "grade": "tarim", "period": f"2008-{m:02}", "amount": str(60000 + 317 * m)}
        for m in range(1, 13)
    ]
    assert len(packed({"plan": rows})) < 400
    assert unpacked(packed({"plan": rows})) == {"plan": rows}
