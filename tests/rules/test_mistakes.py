"""Every broken rule folder in ``tests/rules_invalid`` is told exactly as its ``expected.txt`` says, excerpt and caret included.

After a change of wording: ``CHAINSIM_REGENERATE=1 pytest tests/rules/test_mistakes.py`` rewrites them; read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chainsim.cli import _excerpt
from chainsim.errors import InputError, Problem
from chainsim.files import render_problem
from chainsim.rules import load_rules

INVALID = Path(__file__).resolve().parents[1] / "rules_invalid"
NAMES = sorted(folder.name for folder in INVALID.iterdir() if folder.is_dir())


def shown(problem: Problem, lang: str) -> str:
    """A problem as the command line shows it."""
    return render_problem(problem, lang) + _excerpt(problem.file, problem.line, problem.column)


def problems(name: str) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        load_rules(Path(name))
    assert caught.value.problems
    return caught.value.problems


def test_there_are_enough_kinds() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_problems_are_told_exactly(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(INVALID)
    text = "\n".join(shown(problem, lang) for lang in ("en", "zh") for problem in problems(name)) + "\n"
    expected = INVALID / name / "expected.txt"
    if os.environ.get("CHAINSIM_REGENERATE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_problems_are_in_chinese_and_have_places(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(INVALID)
    for problem in problems(name):
        assert any("\u4e00" <= sign <= "\u9fff" for sign in problem.message_zh), problem
        assert problem.file
        whole_file = problem.code in {"rule-file", "decision-file"}
        assert whole_file or problem.line or problem.cell, problem
