"""The house itself: layers, texts, what the docs claim, and nothing of the machine it was built on."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import click
import pytest
import yaml

from chainsim.cli.commands import commands
from chainsim.texts import TEXTS, preferred_language, text

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
OWN_FOLDERS = ("src", "tests", "tools", "rules", "scenarios", "docs", "benchmarks", ".ci")
OWN_FILES = ("README.md", "CHANGELOG.md", "pyproject.toml", "go", "check", ".gitignore")


def every_file() -> list[Path]:
    """The files of the project that are text."""
    found = [ROOT / name for name in OWN_FILES]
    for folder in OWN_FOLDERS:
        found += [p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    return [p for p in found if p.suffix not in {".xlsx", ".parquet", ".png", ".bin", ".so", ".pyd"}]


def test_layers_hold() -> None:
    # The import linter is also a step of ./check; here a plain pytest run tells too.
    linter = Path(sys.executable).parent / "lint-imports"
    outcome = subprocess.run([str(linter)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout[-3000:]


# --- texts


FAMILIES = {
    "stage.",
    "column.",
    "why.",
    "bind.",
    "level.",
    "unit.",
    "optimize.day.",
    "beyond.",
    "worth.",
    "quantity.",
    "policy.",
    "event.",
    "experiment.every.",
    "experiment.of.",
    "answers.sheet.",
    "batch.worse.",
    "forms.",
    "forms.how_",
    "forms.kind.",
    "help.resilience.",
    "resilience.soonest.",
    "column.resilience_",
    "analysis.head.",
    "page.kind.",
    "page.group.",
    "page.scale.",
}
"""Beginnings of keys that are put together from a name."""


def used_keys() -> set[str]:
    """Every text literal in the sources that could be a key, and the families that are put together from parts."""
    found = set()
    for template in (ROOT / "src").rglob("*.j2"):
        content = template.read_text(encoding="utf-8")
        found |= set(re.findall(r't\("([a-z_.]+)"', content))
        families = set(re.findall(r't\("([a-z_.]+\.)" ~', content))
        found |= {key for key in TEXTS if key.startswith(tuple(families) or "-")}
    for path in SOURCES:
        if path.parent.name == "chainsim" and path.name.startswith("texts"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                prefix = str(node.values[0].value)
                found |= {key for key in TEXTS if prefix in FAMILIES and key.startswith(prefix)}
    return found


def test_every_text_is_used() -> None:
    assert set(TEXTS) - used_keys() == set()


@pytest.mark.parametrize("key", TEXTS)
def test_text_says_the_same_in_both_languages(key: str) -> None:
    english, chinese = TEXTS[key]
    fields = [sorted(name for _, name, _, _ in Formatter().parse(t) if name) for t in (english, chinese)]
    assert fields[0] == fields[1]
    assert english
    assert re.search(r"[\u4e00-\u9fff]", chinese), "not Chinese"
    assert not re.search(r"[\u4e00-\u9fff]", english), "not English"


def test_language_of_the_environment() -> None:
    assert preferred_language({}) == "en"
    assert preferred_language({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert preferred_language({"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "en_US"}) == "zh"
    assert preferred_language({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}) == "en"


# --- Chinese

HAN = r"[\u3400-\u9fff]"
TYPED = ("键: 值", "纬度; 经度", "[纬度, 经度]", "油种=数量; 油种=数量", "油种=比例; 油种=比例",
         "{}()", "{}(x, 3 months)", "[{}..{})")  # fmt: skip
"""What is typed in files and cells, or is code, keeps the punctuation it is typed with."""


def sayings(path: Path) -> Iterator[str]:
    """The strings of a module, f-strings whole with ``{}`` for their fields; not its docstrings and regular expressions."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    apart = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    apart |= {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            yield from () if "\\" in node.value else (node.value,)


def half_width(told: str) -> list[str]:
    """Where punctuation stands directly beside a Han character, or a field, that is not Chinese punctuation."""
    if not re.search(HAN, told):
        return []
    for typed in TYPED:
        told = told.replace(typed, " ")
    told = re.sub(r"\{[^{}]*\}", "字", told)
    return re.findall(f"{HAN}[,:;?()]|[,:;?()]{HAN}", told)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_chinese_has_chinese_punctuation(path: Path) -> None:
    assert {told: found for told in sayings(path) if (found := half_width(told))} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("**/*.yaml")), ids=lambda path: path.stem)
def test_chinese_of_shipped_rules_has_chinese_punctuation(path: Path) -> None:
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [told for told in strings(tree) if half_width(told)] == []


def strings(tree: object) -> Iterator[str]:
    """Every text in a YAML tree."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict | list):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from strings(part)


# --- docs


@pytest.mark.parametrize("path", [p for p in SOURCES if ">>>" in p.read_text(encoding="utf-8")], ids=lambda p: p.stem)
def test_examples_in_docstrings_are_true(path: Path) -> None:
    name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def options() -> list[tuple[str, str]]:
    """(command, option) for everything the command line takes."""
    group = commands("en")
    return [
        (name, opt)
        for name, command in group.commands.items()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for opt in parameter.opts
    ]


def section(command: str) -> str:
    """The part of docs/cli.md about one command."""
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    match = re.search(rf"^## chainsim {command}\b(.*?)(?=^## |\Z)", page, re.M | re.S)
    assert match, f"docs/cli.md has no section on {command}"
    return match[1]


@pytest.mark.parametrize(("command", "option"), options())
def test_every_option_is_documented(command: str, option: str) -> None:
    assert re.search(rf"`{option}\b", section(command))


@pytest.mark.parametrize("command", commands("en").commands)
def test_docs_name_no_option_that_is_not_there(command: str) -> None:
    real = {option for name, option in options() if name == command}
    assert set(re.findall(r"`(--[a-z][a-z-]*)", section(command))) <= real


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_option_has_help(lang: str) -> None:
    for command in commands(lang).commands.values():
        assert command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, parameter.name


def test_readme_has_the_two_commands_and_ci_runs_the_second() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh[^\n]*\n(.*?)```", readme, re.S)
    assert "./go\n" in blocks[0]
    assert "./check\n" in blocks[1]
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("exec ./check")


def test_links_in_the_docs_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith("https://"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_rule_files_are_described() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "rules").glob("*.yaml")):
        for rule in re.findall(r"^  - id: (\w+)$", path.read_text(encoding="utf-8"), re.M):
            assert f"`{rule}`" in page, rule


# --- nothing of the machine


def test_no_paths_of_a_machine_and_no_registry_hosts() -> None:
    # Written apart so that this file does not find itself.
    forbidden = [
        "/" + "work/",
        "/" + "root/",
        "/" + "home/",
        "pypi" + ".org",
        "files.python" + "hosted",
        "index" + "-url",
    ]
    for path in every_file():
        content = path.read_text(encoding="utf-8", errors="replace")
        for word in forbidden:
            assert word not in content, f"{path.relative_to(ROOT)}: {word}"


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|raise NotImplemented" + "Error")
    for path in SOURCES:
        assert not marks.search(path.read_text(encoding="utf-8")), path


def test_dependencies_are_bounded() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in project["dependencies"]:
        assert re.search(r">=.*,<", requirement), requirement


def test_text_fills_in_values() -> None:
    assert text("en", "more", count=3, place="x") == "… and 3 more in x"
