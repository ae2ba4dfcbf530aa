"""The command line run inside this process, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from chainsim import workflow
from chainsim.cli import _exit_code


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Chainsim = Callable[..., Outcome]


@pytest.fixture
def chainsim(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Chainsim:
    """Runs the command line in an empty folder that holds the starter scenario as ``first``."""
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    workflow.new(Path("first"))

    def run(*words: str) -> Outcome:
        code = _exit_code(list(words))
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run
