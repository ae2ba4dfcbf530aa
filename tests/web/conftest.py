"""A folder of two scenarios that a test may change, and its page asked without a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from chainsim.web import make_app

SMALL = Path(__file__).resolve().parents[1] / "scenarios" / "small"
OWN = "http://127.0.0.1:8765"
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "served"
    shutil.copytree(SMALL, place / "small")
    (place / "stop.yaml").write_text(
        "extends: small\ntitle: {zh: 停输, en: Stop}\ndisruptions:\n"
        "  - {name: stop, asset: trunk, from: 2008-03-01, to: 2008-03-06, remaining: 0, cause: pipeline}\n",
        encoding="utf-8",
    )
    return place


@pytest.fixture
def client(folder: Path) -> TestClient:
    return TestClient(make_app(folder), base_url=OWN, headers={"origin": OWN}, client=("127.0.0.1", 50000))


@pytest.fixture
def ask(client: TestClient) -> Ask:
    """The answer to a question, which must be one."""

    def asked(scenario: str = "small", status: int = 200, **more: Any) -> dict[str, Any]:
        question = {"scenario": scenario, "token": "", "lang": "en", "parts": [], **more}
        response = client.post("/view", json=question)
        assert response.status_code == status, response.text
        return dict(response.json())

    return asked
