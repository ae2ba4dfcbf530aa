"""Whatever is written, a condition ends in a tree or an ``ExpressionError``, and a rule file in rules or an ``InputError``.

Texts are drawn from seeds, so that a failure can be repeated: its number is in the message.
"""

from __future__ import annotations

import random
import shutil
import string
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from chainsim.cli import _excerpt
from chainsim.errors import Problem
from chainsim.files import render_problem
from chainsim.results.catalogue import TABLES
from chainsim.rules import read_rules, run_test, shipped_rules_folder
from chainsim.rules.language.checking import Scope, Typed, check, table_scope
from chainsim.rules.language.parsing import parse
from chainsim.rules.language.sql import Parameters, Printer
from chainsim.rules.language.tree import ExpressionError

TOKENS = [
    *("and", "or", "not", "in", "between", "is", "unknown", "true", "false", "<", "<=", ">", ">=", "=", "!=", "<>"),
    *("==", "≤", "≠", "+", "-", "*", "/", "%", "(", ")", ",", ".", "'", '"', "''", "'a'", "'works'", '"b"', "["),
    *("]", "{", "}", ":", ";", "$p0", "0", "1", "5", "95%", "1e15", "1e999", "0.5", ".5", "5.", "1,000", "5 t"),
    *("5 kt", "3 months", "2 ten-days", "1 d", "7 h", "2008-01", "2008-02-30", "2008-07-01", "9999-12-31"),
    *("completion", "plan_t", "customer", "month", "band", "flag.x", "a.b.c", "customer.capacity_t", "sum("),
    *("count(", "mean(", "previous(", "default(", "abs(", "min(", "max(", "month(", "distinct(", "\n", "\t"),
    *("\u3000", "≥", "（", "‘", "且", "９５", "\x00", "\u202e", "\ufeff", "🛢", "__class__", "{0}", "--", "/*", "\\"),
]  # fmt: skip
SOUND = [
    "completion < 95% and completion >= 90%",
    "own_shortfall_t > 5% * plan_t and own_shortfall_t >= supply_shortfall_t",
    "not (plan_t - delivered_t > 5 kt or completion is unknown)",
    "customer in ('a', 'b') and month between 2008-01 and 2008-07-01",
    "sum(delivered_t, 3 months) / sum(plan_t, 3 months) < 0.9",
    "abs(plan_t - previous(plan_t)) > 10% * default(previous(plan_t), 0 t)",
    "min(plan_t, delivered_t, 1 wt) > 5 t and customer != 'x'",
    "pace_worst_on - month > 10 d or year(month) = 2008",
]
SCOPE = table_scope(TABLES["customer_months"])
GROUPS = Scope(SCOPE.columns, SCOPE.described, by=frozenset({"customer"}))


def text_of(draw: random.Random) -> str:
    """Tokens in any order, a sound condition with some of it replaced, or characters of any kind."""
    kind = draw.random()
    if kind < 0.45:
        glue = draw.choice(["", " ", " ", " "])
        return glue.join(draw.choice(TOKENS) for _ in range(draw.randint(1, draw.choice([4, 12, 60]))))
    if kind < 0.85:
        text = draw.choice(SOUND)
        for _ in range(draw.randint(1, 4)):
            at, length = draw.randrange(len(text) + 1), draw.choice([0, 0, 1, 2, 8])
            text = text[:at] + draw.choice([*TOKENS, "", draw.choice(string.printable)]) + text[at + length :]
        return text
    return "".join(
        chr(draw.choice([draw.randrange(0x80), draw.randrange(0x110000)])) for _ in range(draw.randint(0, 40))
    )


def attempt(text: str) -> bool:
    """Whether ``text`` is a sound condition; anything but ``ExpressionError`` is a failure."""
    sound = False
    for scope in (SCOPE, GROUPS):
        typed, errors = read(text, scope)
        for found in errors:
            assert 0 <= found.at <= len(text), found
            assert found.message
            assert found.message_zh
        if errors:
            continue
        assert typed is not None
        sound = True
        columns = {name: f'"{name}"' for name in scope.columns}
        printed = Printer(columns, Parameters(), ['"customer"'], '"month"').text(typed.node)
        assert not any(word in printed for word in ("works", "--", "/*", ";")), printed
    return sound


def read(text: str, scope: Scope) -> tuple[Typed | None, list[ExpressionError]]:
    try:
        return check(parse(text), scope)
    except ExpressionError as error:
        return None, [error]


@pytest.mark.parametrize(
    ("first", "count"), [(0, 2_000), pytest.param(1_000_000, 25_000, marks=pytest.mark.slow)], ids=["fast", "slow"]
)
def test_conditions(first: int, count: int) -> None:
    sound = 0
    for seed in range(first, first + count):
        text = text_of(random.Random(seed))
        try:
            sound += attempt(text)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {text!r}") from error
    assert sound > count / 100  # the fuzzer reaches what lies behind the parser


YAML_TOKENS = [
    *("{", "}", "[", "]", ":", ": ", ",", "-", "- ", "|", ">", "&a ", "*a", "!!int ", "!x ", "? ", "#", "'", '"'),
    *("\n", "\t", "\r", "  ", "~", "null", ".inf", "1e999", "-1", "0", "2008-02-30", "%", ";", "=", "\x00"),
    *("\ufeff", "é", "<<: ", "true", "no", "on:", "0x1", "1:30", "\u2028", "\x85", "\u202e", "‘", "（", "rules"),
    *("when", "- id: x\n", "by: [customer]", "month", "customer", "plan_t", "flag.low_completion", "not "),
    *("previous(", "sum(", "|\n", ">\n", "\n      ", "\\", "\\x00", "$p0", "{0}", "measures:\n", "tests:\n"),
    *("decisions:\n", "for: 2 months", "{customer:%}", "e1", "9", "99999999999", "\ud800"),
]  # fmt: skip


@cache
def shipped() -> tuple[str, ...]:
    return tuple(path.read_text("utf-8") for path in sorted(shipped_rules_folder().glob("*.yaml")))


def file_of(draw: random.Random) -> str:
    """A shipped rule file with a few changes."""
    text = draw.choice(shipped())
    if draw.random() < 0.7:  # a part of a file keeps more rules sound, and is read sooner
        parts = text.split("\n  - ")
        kept = sorted(draw.sample(range(1, len(parts)), min(len(parts) - 1, draw.randint(1, 4))))
        text = "\n  - ".join([parts[0], *(parts[number] for number in kept)])
    for _ in range(draw.choice([1, 1, 1, 2, 4])):
        at, kind = draw.randrange(len(text) + 1), draw.random()
        if kind < 0.4:
            text = text[:at] + draw.choice(YAML_TOKENS) + text[at:]
        elif kind < 0.6:
            text = text[:at] + text[at + draw.randint(1, 10) :]
        elif kind < 0.8:
            text = text[:at] + draw.choice(YAML_TOKENS) + text[at + draw.randint(1, 6) :]
        else:
            lines = text.split("\n")
            lines.insert(draw.randrange(len(lines)), draw.choice(lines))
            text = "\n".join(lines)
    return text


def attempt_file(folder: Path, text: str, draw: random.Random) -> None:
    """Read a rule file, and run one of its tests where it is sound."""
    (folder / "rules.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    book, problems, warnings = read_rules(folder)
    for problem in (*problems, *warnings):
        _require_legible(problem)
    if not problems:
        for test in draw.sample(book.tests, min(1, len(book.tests))):
            run_test(test)


def _require_legible(problem: Problem) -> None:
    assert problem.message
    assert problem.message_zh
    assert problem.file
    whole_file = problem.code in {"rule-file", "decision-file"}
    assert whole_file or problem.line or problem.cell, problem
    for lang in ("en", "zh"):
        text = render_problem(problem, lang)
        assert all(sign.isprintable() or sign == "\n" or unicodedata.category(sign) == "Zs" for sign in text), text
    _excerpt(problem.file, problem.line, problem.column)


@pytest.mark.parametrize(
    ("first", "count"), [(0, 500), pytest.param(1_000_000, 6_000, marks=pytest.mark.slow)], ids=["fast", "slow"]
)
def test_rule_files(first: int, count: int, tmp_path: Path) -> None:
    for sheet in shipped_rules_folder().glob("*.[cx][sl][vs]*"):
        shutil.copy(sheet, tmp_path)
    for seed in range(first, first + count):
        draw = random.Random(seed)
        text = file_of(draw)
        try:
            attempt_file(tmp_path, text, draw)
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
