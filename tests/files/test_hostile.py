"""Whatever the bytes, a load ends in a scenario or an InputError: never in another exception, a hang or a flood."""

from __future__ import annotations

import io
import random
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainsim.errors import InputError
from chainsim.files import load_scenario, render_problem
from tests.files.conftest import SMALL
from tests.files.workbook_of import workbook_of

FILES = sorted(p.name for p in SMALL.iterdir() if p.suffix in (".yaml", ".csv"))
TOKENS = [
    *("{", "}", "[", "]", ":", ",", "-", "|", ">", "&a", "*a", "!!int", "?", "#", "'", '"', "\n", "\t", "\r", "  ", "~"),
    *("null", "nan", ".inf", "1e999", "-1", "0", "2008Q1", "2008-02-30", "１２", "一千", "%", ";", "=", "\x00", "\ufeff", "é"),
    *("<<", "extends: .", "scale", "plan", "orders", "true", "no", "99999999999999999999", "0x1", "1:30", "#REF!"),
]


def attempt(path: Path) -> None:
    """Load; an InputError must have problems that can be rendered."""
    try:
        load_scenario(path)
    except InputError as error:
        assert error.problems
        for problem in error.problems:
            assert render_problem(problem, "en")
            assert render_problem(problem, "zh")
            assert problem.message_zh
            assert "{" not in problem.message.replace("{exponential", "")


mutations = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["insert", "delete", "replace", "swap", "double"]),
        st.integers(1, 12),
        st.sampled_from(TOKENS),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, changes: list[tuple[float, str, int, str]]) -> bytes:
    out = bytearray(data)
    for where, kind, length, token in changes:
        at = int(where * len(out))
        if kind == "insert":
            out[at:at] = token.encode()
        elif kind == "delete":
            del out[at : at + length]
        elif kind == "replace":
            out[at : at + length] = token.encode()
        elif kind == "swap":
            out[at : at + 2 * length] = out[at + length : at + 2 * length] + out[at : at + length]
        else:
            lines = bytes(out).split(b"\n")
            row = int(where * len(lines))
            out = bytearray(b"\n".join([*lines[:row], lines[row], *lines[row:]]))
    return bytes(out)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(FILES), changes=mutations)
def test_mutated_files_are_told_or_loaded(name: str, changes: list[tuple[float, str, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(SMALL, Path(folder) / "small"))
        file = copy / name
        file.write_bytes(mutated(file.read_bytes(), changes))
        attempt(copy)


@settings(max_examples=40, deadline=None)
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda t: t.encode("utf-8", "surrogatepass"))))
def test_random_bytes_are_told(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".yaml", ".xlsx"):
            file = Path(folder) / f"x{suffix}"
            file.write_bytes(data)
            with pytest.raises(InputError):
                load_scenario(file)


@cache
def small_workbook() -> bytes:
    return workbook_of(SMALL)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), deep=st.booleans())
def test_mutated_workbooks_are_told_or_loaded(seed: int, deep: bool) -> None:
    """Bytes of the archive, or (deep) of one part inside a sound archive."""
    draw = random.Random(seed)
    data = small_workbook()
    if deep:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            victim = draw.choice([n for n in source.namelist() if "sheet" in n or "shared" in n or "workbook" in n])
            for part in source.namelist():
                body = bytearray(source.read(part))
                if part == victim:
                    for _ in range(draw.randint(1, 4)):
                        at = draw.randrange(len(body))
                        body[at : at + draw.randint(0, 3)] = draw.choice([b"<", b">", b"9", b'"', b"", b"t", b"\xff", b"-"])
                target.writestr(part, bytes(body))
        data = out.getvalue()
    else:
        body = bytearray(data)
        for _ in range(draw.randint(1, 8)):
            body[draw.randrange(len(body))] = draw.randrange(256)
        data = bytes(body)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.xlsx"
        file.write_bytes(data)
        attempt(file)
