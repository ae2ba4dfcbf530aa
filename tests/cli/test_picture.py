"""The README's picture is of the program as it is."""

from __future__ import annotations

import pytest

from tools.make_picture import PICTURE, picture


@pytest.mark.slow
def test_picture_is_what_a_run_prints() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "run: .venv/bin/python -m tools.make_picture"
