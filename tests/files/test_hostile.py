"""Whatever the bytes, a load ends in a scenario or an InputError: never in another exception, a hang or a flood."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.files.conftest import SMALL
from tests.files.workbook_of import workbook_of

from chainsim.errors import InputError
from chainsim.files import load_scenario, render_problem

FILES = sorted(p.name for p in SMALL.iterdir() if p.suffix in (".yaml", ".csv"))
TOKENS = [
    *(
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "-",
        "|",
        ">",
        "&a",
        "*a",
        "!!int",
        "?",
        "#",
        "'",
        '"',
        "\n",
        "\t",
        "\r",
        "  ",
        "~",
    ),
    *(
        "null",
        "nan",
        ".inf",
        "1e999",
        "-1",
        "0",
        "2008Q1",
        "2008-02-30",
        "１２",
        "一千",
        "%",
        ";",
        "=",
        "\x00",
        "\ufeff",
        "é",
    ),
    *("<<", "extends: .", "scale", "plan", "orders", "true", "no", "99999999999999999999", "0x1", "1:30", "#REF!"),
]


def attempt(path: Path) -> None:
    """Load; an InputError must have problems that can be rendered."""
    try:
        load_scenario(path)
    except InputError as error:
        check_problems(error)


def check_problems(error: InputError) -> None:
    assert error.problems
    for problem in error.problems:
        assert render_problem(problem, "en")
        assert render_problem(problem, "zh")
        assert problem.message_zh


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
                        body[at : at + draw.randint(0, 3)] = draw.choice(
                            [b"<", b">", b"9", b'"', b"", b"t", b"\xff", b"-"]
                        )
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


ODD_VALUES: list[Any] = [
    *(None, [], {}, "", "x", 0, -1, 1.5, True, [None], [[]], [{}], {"": None}, {"a": None}, {"a": {}}, ["a", "b"]),
    *("2008-01-01", "2008-07", "tarim=1", "plan", [{"from": "2008-01-01", "value": 1}], [{"value": []}], "50%"),
]


def spots(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a document."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(spot for key, child in children for spot in spots(child, (*path, key)))]


@cache
def small_document() -> str:
    """The small scenario in one document, with every table and an overlay's scale."""
    document = yaml.load(SMALL.joinpath("scenario.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - text only
    rows = {
        "plan": {"customer": "works", "grade": "tarim", "period": "2008-01", "amount": "5", "via": "spur"},
        "purchases": {"supplier": "field_a", "period": "2008Q1", "amount": "5"},
        "production": {"supplier": "field_a", "from": "2008-01-01", "rate": "5"},
        "prices": {"grade": "tarim", "from": "2008-01-01", "price": "5"},
        "receipts": {"customer": "works", "date": "2008-01-05", "yuan": "5"},
        "actual_deliveries": {"date": "2008-01-02", "customer": "works", "grade": "tarim", "amount": "5"},
        "actual_stocks": {"asset": "head", "grade": "tarim", "amount": "5000"},
        "visits": {"customer": "works", "planned": "2008-01-02", "visited": "2008-01-03", "report": "2008-01-04"},
        "complaints": {"number": "1", "customer": "works", "received": "2008-01-02", "kind": "safety", "text": "leak"},
        "surveys": {"customer": "works", "date": "2008-01-02", "dimension": "quality", "score": "80"},
        "invoices": {"number": "1", "customer": "works", "due": "2008-01-02", "yuan": "5", "paid": "2008-01-02"},
        "work_order_log": {"work_order": "1", "step": "reply", "date": "2008-01-02", "by": "Li"},
        "scale": {"table": "plan", "where": {"customer": "*"}, "from": "2008-01", "factor": "0.5"},
        "orders": {
            "number": "1",
            "issued": "2008-01-01",
            "effective": "2008-01-15",
            "lines": [{"customer": "works", "grade": "tarim", "period": "2008-02", "change": "5"}],
        },
    }
    return json.dumps(document | {table: [row] for table, row in rows.items()} | {"units": {"amount": "kt"}})


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), as_overlay=st.booleans(), on_top=st.booleans())
def test_any_value_anywhere_is_told_or_loaded(seed: int, as_overlay: bool, on_top: bool) -> None:
    """A document with some values replaced by ones of another kind: alone, under an overlay, and as an overlay."""
    draw = random.Random(seed)
    document = json.loads(small_document())
    for _ in range(draw.randint(1, 3)):
        path = draw.choice(spots(document)[1:])
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = draw.choice(ODD_VALUES)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base.yaml"
        base.write_text(json.dumps(document), encoding="utf-8")
        top = Path(folder) / "top.yaml"
        if as_overlay:
            kept = {k: v for k, v in document.items() if draw.random() < 0.5}
            parent = os.path.relpath(SMALL, folder)
            top.write_text(json.dumps(kept | {"extends": parent}), encoding="utf-8")
        elif on_top:
            sound = json.loads(small_document())
            kept = {k: v for k, v in sound.items() if draw.random() < 0.5}
            top.write_text(json.dumps(kept | {"extends": "base.yaml"}), encoding="utf-8")
        attempt(top if as_overlay or on_top else base)


def codes_of(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    return [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize("parent", ['"a\\0b"', "x" * 5000, "/dev/zero", "''", "[a]", "../../../../../../nowhere"])
def test_odd_parents(tmp_path: Path, parent: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(f"extends: {parent}\n", encoding="utf-8")
    assert codes_of(file) == ["extends_missing"]


def test_a_circle_of_links(tmp_path: Path) -> None:
    tmp_path.joinpath("a.yaml").symlink_to(tmp_path / "b.yaml")
    tmp_path.joinpath("b.yaml").symlink_to(tmp_path / "a.yaml")
    assert codes_of(tmp_path / "a.yaml") == ["no_such_file"]


def test_a_long_chain_is_refused(tmp_path: Path) -> None:
    for i in range(12):
        tmp_path.joinpath(f"{i}.yaml").write_text(f"extends: {i + 1}.yaml\n", encoding="utf-8")
    assert codes_of(tmp_path / "0.yaml") == ["extends_too_deep"]


def test_nesting_beyond_the_parser_s_own_limit_is_told_as_nesting(tmp_path: Path) -> None:
    tmp_path.joinpath("0.yaml").write_text("grades: " + "[" * 5000 + "]" * 5000 + "\n", encoding="utf-8")
    assert codes_of(tmp_path / "0.yaml") == ["yaml_depth"]


def test_a_flood_of_problems_is_cut(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(SMALL, tmp_path / "small"))
    rows = "".join(f"works{i},tarim,2008-01,5\n" for i in range(3000))
    copy.joinpath("plan.csv").write_text("customer,grade,period,amount\n" + rows, encoding="utf-8")
    codes = codes_of(copy)
    assert len(codes) == 1001
    assert codes[-1] == "more_problems"
