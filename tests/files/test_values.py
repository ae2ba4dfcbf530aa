"""Readers of single values, the schema, the rendering, and the tables of messages."""

from __future__ import annotations

import doctest
import json
import re
import string
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainsim.files as files
from chainsim.errors import Problem
from chainsim.files import defaults, quantities, render_problem, scenario_schema, tree, workbook
from chainsim.files.messages import FILE_TEMPLATES
from chainsim.files.quantities import BadValueError, read_number, read_period
from chainsim.model import checks_network, checks_plan, messages
from chainsim.model.messages import CHECK_TEMPLATES
from chainsim.model.plan import period_bounds


@pytest.mark.parametrize("module", [quantities, tree, workbook, defaults, checks_network, checks_plan, messages])
def test_examples_in_docstrings(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("text", ["0", "1e3", "+5", "-2.50", ".5", "7.", " 12 ", "1E-3"])
def test_plain_numbers_are_read(text: str) -> None:
    assert read_number(text) == float(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back(number: float) -> None:
    assert read_number(repr(number)) == number
    assert read_number(number) == number


@given(st.text(max_size=12))
def test_a_number_or_a_message(text: str) -> None:
    try:
        read_number(text)
    except BadValueError as bad:
        check_refusal(bad)


def check_refusal(bad: BadValueError) -> None:
    assert bad.code in FILE_TEMPLATES
    if bad.nearest:
        read_number(bad.nearest)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("017", "leading_zero"),
        ("1:30", "base_sixty"),
        ("0x1F", "number_base"),
        (".nan", "number_not_finite"),
        ("1,300", "thousands_separator"),
        ("１２００", "full_width"),
        ("一千二", "number_in_words"),
        ("三万五千", "number_in_words"),
        ("1.2.3", "not_a_number"),
        ("#REF!", "error_cell"),
        ("", "empty_value"),
    ],
)
def test_what_is_no_plain_number(text: str, code: str) -> None:
    with pytest.raises(BadValueError) as caught:
        read_number(text)
    assert caught.value.code == code


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["annual", "quarter", "month", "ten_day"]))
def test_periods_read_back(day: date, level: Any) -> None:
    start, end = period_bounds(level, day)
    assert read_period(checks_plan.period_text(level, start)) == (level, start, end)


def test_instants() -> None:
    assert quantities.read_instant("2008/4/1 8:30") == datetime(2008, 4, 1, 8, 30)
    assert quantities.read_instant("2008-04-10T24:00") == datetime(2008, 4, 11)
    assert quantities.read_edge("2008-10") == date(2008, 10, 1)
    assert quantities.read_share("0.2%") == 0.002


def test_schema_offers_completion_with_descriptions() -> None:
    schema = scenario_schema()
    json.dumps(schema)
    defs = schema["$defs"]
    assert defs["PipelineDocument"]["properties"]["from"]["description"] == "a tank farm"
    assert "class" in defs["CustomerDocument"]["required"]
    assert "required" not in defs["OverlayCustomerDocument"]
    assert {"start", "end", "grades"} <= set(defs["Scenario"]["required"])
    assert defs["Overlay"]["required"] == ["extends"]
    references = re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema))
    assert set(references) <= set(defs)


def test_rendering_in_both_languages() -> None:
    problem = Problem(
        code="unknown_farm",
        message="there is no tank farm of this name",
        message_zh="没有这个油库",
        file="a.yaml",
        line=3,
        column=4,
        path="pipelines.trunk.to",
        found="lanzho",
        accepted="lanzhou",
        nearest="lanzhou",
    )
    assert render_problem(problem) == (
        "a.yaml:3:4: pipelines.trunk.to: there is no tank farm of this name\n"
        "  found: lanzho\n  accepted: lanzhou\n  did you mean lanzhou?"
    )
    assert render_problem(problem, "zh").splitlines()[0] == "a.yaml:3:4: pipelines.trunk.to：没有这个油库"


@pytest.mark.parametrize("templates", [FILE_TEMPLATES, CHECK_TEMPLATES])
def test_messages_say_the_same_in_both_languages(templates: dict[str, messages.Template]) -> None:
    def names(text: str) -> set[str]:
        found = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        return {name.removesuffix("_zh") for name in found}

    for code, (en, zh, accepted, accepted_zh) in templates.items():
        assert en, code
        assert zh, code
        assert names(en) == names(zh), code
        assert names(accepted) == names(accepted_zh), code


def test_every_message_is_used() -> None:
    """No code without a place that tells it."""
    package = Path(files.__file__).parent
    sources = [*package.glob("*.py"), *package.parent.joinpath("model").glob("*.py"), package.parent / "sheets.py"]
    source = "".join(p.read_text("utf-8") for p in sources)
    for code in (*FILE_TEMPLATES, *CHECK_TEMPLATES):
        stem = code.removeprefix("unknown_")
        assert source.count(f'"{code}"') > 1 or (code.startswith("unknown_") and f'"{stem}"' in source), code
