"""Click's own words in Chinese: complete for what chainsim can make it say, and gone when English is asked for."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from chainsim import workflow
from chainsim.cli import _exit_code
from chainsim.cli.wording import CHINESE

WRONG = [
    ["run"],
    ["run", "nowhere"],
    ["run", "first", "second"],
    ["run", "first", "--seed", "x"],
    ["run", "first", "--seed", "-1"],
    ["run", "first", "--seed"],
    ["run", "first", "--quiet=yes"],
    ["run", "first", "--as-of", "tomorrow"],
    ["run", "first", "--as-of", "2008年3月1日"],
    ["document", "bulletin", "first", "--month", "2008-13"],
    ["run", "first", "--format", "pdf"],
    ["run", "first", "--out", "first/scenario.yaml"],
    ["run", "first", "--xlsx", "first"],
    ["run", "first", "--xlsx", "report.xls"],
    ["run", "first", "--sede", "1"],
    ["compare"],
    ["fly"],
]


@pytest.mark.parametrize("english", CHINESE)
def test_fields_are_the_same(english: str) -> None:
    fields = {name for _, name, _, _ in Formatter().parse(english) if name}
    assert {name for _, name, _, _ in Formatter().parse(CHINESE[english]) if name} <= fields
    assert re.search(r"[\u4e00-\u9fff]", CHINESE[english])


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_usage_errors_are_chinese(
    words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    workflow.new(Path("first"))
    assert _exit_code(words) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    # What the planner typed, and the names of options, are what is left in Latin letters.
    assert not re.search(r"[a-z]{2,}", re.sub(r"'[^']*'|“[^”]*”|\(.*?\)|（.*?）|x>=0|\.xlsx", "", last)), last
    assert _exit_code([*words, "--lang", "en"]) == 2
    assert re.search(r"^Error: ", capsys.readouterr().err, re.M)


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert _exit_code([]) == 2
    shown = "".join(capsys.readouterr())
    assert "Usage: chainsim" in shown
    assert "compare" in shown
