"""Every broken scenario in ``tests/invalid`` is told exactly as its ``expected.txt`` says.

After a change of wording: ``CHAINSIM_REGENERATE=1 pytest tests/files/test_invalid.py`` rewrites them; read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chainsim.errors import InputError
from chainsim.files import load_scenario, render_problem

INVALID = Path(__file__).resolve().parents[1] / "invalid"
NAMES = sorted(folder.name for folder in INVALID.iterdir() if folder.is_dir())


def input_of(name: str) -> Path:
    """What to load in a fixture's folder: ``input.*`` if there is one, else the folder itself."""
    single = sorted((INVALID / name).glob("input.*"))
    return Path(name) / single[0].name if single else Path(name)


def told(name: str) -> str:
    """All problems of a fixture, in English and then in Chinese."""
    with pytest.raises(InputError) as caught:
        load_scenario(input_of(name))
    problems = caught.value.problems
    assert problems
    blocks = [render_problem(problem, lang) for lang in ("en", "zh") for problem in problems]
    return "\n".join(blocks) + "\n"


def test_there_are_enough_kinds() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_problems_are_told_exactly(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(INVALID)
    text = told(name)
    expected = INVALID / name / "expected.txt"
    if os.environ.get("CHAINSIM_REGENERATE"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
