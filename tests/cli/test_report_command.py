"""``chainsim report`` from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Chainsim


def test_a_scenario_is_run_and_reported(chainsim: Chainsim) -> None:
    outcome = chainsim("report", "first")
    assert outcome.code == 0
    assert outcome.out == "report: first-report.html\n"
    page = Path("first-report.html").read_text(encoding="utf-8")
    assert "Hill refinery" in page
    assert not Path("results").exists()


def test_a_folder_in_chinese_against_an_earlier_one(chainsim: Chainsim) -> None:
    assert chainsim("run", "first", "--out", "one").code == 0
    outcome = chainsim("report", "one", "--since", "first", "--out", "sub/page.html", "--lang", "zh")
    assert outcome.code == 0
    assert outcome.out == f"简报：{Path('sub/page.html')}\n"
    assert "无变化" in Path("sub/page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "does not exist"),
        (["first", "--out", "page.pdf"], "does not end in .html"),
        (["first", "--since", "nowhere"], "does not exist"),
        (["first", "--rules", "nowhere"], "does not exist"),
        ([], "Missing argument"),
    ],
)
def test_wrong_words_are_told(chainsim: Chainsim, words: list[str], said: str) -> None:
    outcome = chainsim("report", *words)
    assert outcome.code == 2
    assert said in outcome.err
    assert not list(Path().glob("*.html"))


def test_without_a_browser_nothing_is_run(chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINSIM_BROWSER", "nobody-has-this")
    outcome = chainsim("report", "first", "--pdf", "--lang", "zh")
    assert outcome.code == 2
    assert "Chromium" in outcome.err
    assert not Path("first-report.html").exists()


def test_an_unwritable_place_is_told(chainsim: Chainsim) -> None:
    Path("page.html").mkdir()
    outcome = chainsim("report", "first", "--out", "page.html")
    assert outcome.code == 2
    assert "page.html" in outcome.err
