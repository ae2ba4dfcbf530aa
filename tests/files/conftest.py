"""Paths that the tests of reading files share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

SMALL = Path(__file__).resolve().parents[1] / "scenarios" / "small"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the small scenario that a test may change."""
    return Path(shutil.copytree(SMALL, tmp_path / "small"))
