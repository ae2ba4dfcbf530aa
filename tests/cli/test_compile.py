"""``chainsim compile``, without the minute that compiling takes: that is in tests/simulation/test_compiled.py."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Chainsim

from chainsim import compiled


@pytest.mark.parametrize(("lang", "words"), [("en", "is compiled and is used"), ("zh", "计算引擎已编译")])
def test_it_says_what_it_did(chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch, lang: str, words: str) -> None:
    monkeypatch.setattr(compiled, "compile_engine", lambda: None)
    done = chainsim("compile", "--lang", lang)
    assert done.code == 0
    assert words in done.out


@pytest.mark.parametrize(("lang", "words"), [("en", "gcc python3-dev"), ("zh", "计算引擎未能编译")])
def test_without_a_compiler_it_says_what_is_missing(
    chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    def fail() -> None:
        raise compiled.NotCompiledError("\n".join(f"line {number}" for number in range(100)))

    monkeypatch.setattr(compiled, "compile_engine", fail)
    done = chainsim("compile", "--lang", lang)
    assert done.code == 2
    assert words in done.err
    assert "line 99" in done.err
    assert "line 80" not in done.err


@pytest.mark.parametrize(("lang", "words"), [("en", "chainsim[compile]"), ("zh", "需要安装扩展")])
def test_without_the_extra_it_says_how_to_get_it(
    chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    monkeypatch.setattr(compiled, "can_compile", lambda: False)
    done = chainsim("compile", "--lang", lang)
    assert done.code == 2
    assert words in done.err


def test_removing_it(chainsim: Chainsim, monkeypatch: pytest.MonkeyPatch) -> None:
    there = iter([True, False])
    monkeypatch.setattr(compiled, "remove", lambda: next(there))
    assert "is removed" in chainsim("compile", "--remove").out
    assert "there is no compiled engine" in chainsim("compile", "--remove").out
