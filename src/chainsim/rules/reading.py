"""Rule files read and checked: ``load_rules``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from chainsim.errors import InputError, Problem
from chainsim.results.catalogue import TABLES
from chainsim.results.declarations import Table
from chainsim.rules.resolving import flags_of
from chainsim.rules.rule import Rule, RuleBook, RuleTest
from chainsim.rules.rule_tests import read_tests
from chainsim.rules.shelf import BookShelf, Entry
from chainsim.rules.yaml_nodes import Allowance, Reader, read_nodes

MOST_FILES = 200
MOST_PARTS = 300
"""Rules, measures and decision tables of a folder: they are read and computed within two seconds."""


def shipped_rules_folder() -> Path:
    """The rules that come with chainsim: ``rules/`` of a checkout, or what the installed package carries."""
    installed = Path(__file__).parent / "shipped"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "rules"


def load_rules(folder: Path | None = None, tables: Mapping[str, Table] = TABLES) -> RuleBook:
    """The rules of ``folder/*.yaml`` (default: those shipped), checked against the declared tables.

    Raises ``InputError`` with every problem of every file.
    """
    book, problems, _ = read_rules(folder, tables)
    if problems:
        raise InputError(problems)
    return book


def read_rules(
    folder: Path | None = None, tables: Mapping[str, Table] = TABLES
) -> tuple[RuleBook, tuple[Problem, ...], tuple[Problem, ...]]:
    """The sound rules of a folder, everything wrong with it, and warnings (gaps in decision tables)."""
    folder = shipped_rules_folder() if folder is None else folder
    paths = sorted(folder.glob("*.yaml"), key=lambda path: path.name)
    if not paths or len(paths) > MOST_FILES:
        text, text_zh = "the folder holds no rule file (*.yaml)", "文件夹中没有规则文件（*.yaml）"
        if paths:
            text, text_zh = f"the folder holds more than {MOST_FILES} rule files", f"规则文件超过 {MOST_FILES} 个"
        return RuleBook(), (Problem(code="rule-file", message=text, message_zh=text_zh, file=str(folder)),), ()
    readers: list[Reader] = []
    tests: list[tuple[Reader, yaml.Node]] = []
    shelf = BookShelf(tables)
    allowance = Allowance()
    for path in paths:
        reader, root = read_nodes(path, str(path), allowance)
        readers.append(reader)
        if root is not None:
            _declare(reader, root, path, shelf, tests)
        elif not reader.problems:
            reader.problems.append(
                Problem(code="rule-file", message="the file is empty", message_zh="文件为空", file=str(path))
            )
    parts = sum(len(names) for names in shelf.names().values())
    if parts > MOST_PARTS:
        text, text_zh = (
            f"the folder defines more than {MOST_PARTS} rules and measures",
            f"规则与指标超过 {MOST_PARTS} 个",
        )
        return RuleBook(), (Problem(code="rule-file", message=text, message_zh=text_zh, file=str(folder)),), ()
    rules = shelf.read_all()
    problems = [problem for reader in readers for problem in reader.problems]
    complete = not problems
    rule_tests: list[RuleTest] = []
    for reader, node in tests:
        before = len(reader.problems)
        rule_tests += read_tests(reader, node, {rule.id: rule for rule in rules}, tables, complete=complete)
        problems += reader.problems[before:]
    problems += shelf.problems
    levels = _levels(rules)
    book = RuleBook(
        rules=rules,
        tests=tuple(rule_tests),
        decisions=shelf.decisions_read(),
        levels=levels,
        measures=shelf.names()["measures"],
        files=tuple(sorted({*(path.name for path in paths), *shelf.files})),
    )
    return book, tuple(problems), tuple(shelf.warnings)


def _declare(
    reader: Reader, root: yaml.Node, path: Path, shelf: BookShelf, tests: list[tuple[Reader, yaml.Node]]
) -> None:
    """Notes what a file defines, so that other files may speak of it in any order."""
    top = reader.fields(root, "", required=("rules",), optional=("measures", "decisions", "tests"))
    if "measures" in top:
        for name, node in reader.fields(top["measures"], "measures", optional=None).items():
            shelf.declare("measures", name, Entry(reader, node, f"measures.{name}", path))
    for kind in ("decisions", "rules"):
        for at, node in reader.items(top.get(kind), kind):
            name = _id_of(node)
            shelf.declare(kind, name, Entry(reader, node, f"{kind}.{name}" if name else at, path))
    if "tests" in top:
        tests.append((reader, top["tests"]))


def _id_of(node: yaml.Node) -> str:
    """The ``id`` of an entry, "" if it has none that can be one."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "id" and isinstance(value, yaml.ScalarNode):
                return str(value.value).strip()
    return ""


def _levels(rules: Sequence[Rule]) -> tuple[tuple[str, ...], ...]:
    """Rule ids by level: a rule comes after every rule whose flag it reads. (The shelf has refused circles.)"""
    by_id = {rule.id: rule for rule in rules}
    level: dict[str, int] = {}

    def level_of(rule_id: str) -> int:
        if rule_id not in level:
            rule = by_id[rule_id]
            before = flags_of(rule.references) | flags_of(rule.rows.inner)
            level[rule_id] = 1 + max((level_of(other) for other in before), default=-1)
        return level[rule_id]

    for rule in rules:
        level_of(rule.id)
    depth = max(level.values(), default=-1) + 1
    return tuple(tuple(rule.id for rule in rules if level[rule.id] == number) for number in range(depth))
