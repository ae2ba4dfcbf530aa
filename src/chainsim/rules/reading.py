"""Rule files read and checked: ``load_rules``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import yaml

from chainsim.errors import InputError, Problem
from chainsim.model.messages import name_list, nearest_name
from chainsim.results.catalogue import TABLES
from chainsim.results.declarations import Column, Table
from chainsim.rules.checking import KINDS, Kind, Typed, check
from chainsim.rules.expressions import ExpressionError, Node, parse
from chainsim.rules.rule import SEVERITIES, Rule, RuleBook, RuleTest, Severity, Show, period_of
from chainsim.rules.rule_tests import read_tests
from chainsim.rules.templates import Template, parse_template
from chainsim.rules.yaml_nodes import Reader, read_nodes

_REQUIRED = ("id", "table", "when", "severity", "message")
_OPTIONAL = ("by", "measures", "for", "keep_for", "show", "action", "labels")
_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")
_DURATION = re.compile(r"(\d{1,4})\s+(month|months|day|days)")
_SHOW = re.compile(r"(first|last)|(lowest|highest)\s+([A-Za-z_][A-Za-z0-9_]*)")


def shipped_rules_folder() -> Path:
    """The rules that come with chainsim: ``rules/`` of a checkout, or what the installed package carries."""
    installed = Path(__file__).parent / "shipped"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "rules"


def load_rules(folder: Path | None = None, tables: Mapping[str, Table] = TABLES) -> RuleBook:
    """The rules of ``folder/*.yaml`` (default: those shipped), checked against the declared tables.

    Raises ``InputError`` with every problem of every file.
    """
    folder = shipped_rules_folder() if folder is None else folder
    paths = sorted(folder.glob("*.yaml"), key=lambda path: path.name)
    if not paths:
        text, text_zh = "the folder holds no rule file (*.yaml)", "文件夹中没有规则文件(*.yaml)"
        raise InputError([Problem(code="rule-file", message=text, message_zh=text_zh, file=str(folder))])
    problems: list[Problem] = []
    rules: dict[str, Rule] = {}
    tests: list[RuleTest] = []
    for path in paths:
        reader, root = read_nodes(path, str(path))
        if root is not None:
            _read_file(reader, root, tables, rules, tests)
        elif not reader.problems:
            reader.problems.append(
                Problem(code="rule-file", message="the file is empty", message_zh="文件为空", file=str(path))
            )
        problems += reader.problems
    if problems:
        raise InputError(problems)
    return RuleBook(tuple(rules.values()), tuple(tests))


def _read_file(
    reader: Reader, root: yaml.Node, tables: Mapping[str, Table], rules: dict[str, Rule], tests: list[RuleTest]
) -> None:
    top = reader.fields(root, "", required=("rules",), optional=("tests",))
    here: dict[str, Rule] = {}
    for path, node in reader.items(top.get("rules"), "rules"):
        rule = _read_rule(reader, node, path, tables)
        if rule is None:
            continue
        if rule.id in rules:
            first = rules[rule.id].source
            reader.fail(
                node, "rule-duplicate", f"the rule '{rule.id}' is already defined in {first}",
                f"规则“{rule.id}”已在 {first} 定义", path=path,
            )  # fmt: skip
            continue
        rules[rule.id] = here[rule.id] = rule
    tests += read_tests(reader, top.get("tests"), here, complete=not reader.problems)


def _read_rule(reader: Reader, node: yaml.Node, path: str, tables: Mapping[str, Table]) -> Rule | None:
    before = len(reader.problems)
    fields = reader.fields(node, path, required=_REQUIRED, optional=_OPTIONAL)
    rule_id = _choice_id(reader, fields, path)
    path = f"rules.{rule_id}" if rule_id else path
    severity = _one_of(reader, fields.get("severity"), f"{path}.severity", tuple(SEVERITIES))
    labels = _labels(reader, fields.get("labels"), f"{path}.labels")
    action_en, action_zh = _bilingual(reader, fields.get("action"), f"{path}.action")
    table_name = _one_of(reader, fields.get("table"), f"{path}.table", tuple(tables))
    table = tables.get(table_name)
    if table is None:
        return None
    by = _by(reader, fields.get("by"), f"{path}.by", table)
    keys = by or table.keys
    measures = _measures(reader, fields.get("measures"), f"{path}.measures", table, by)
    readable = {c.name: c for c in table.columns if not by or c.name in by} | {c.name: c for c, _ in measures}
    when = _condition(reader, fields.get("when"), f"{path}.when", readable, table.name)
    message = _message(reader, fields.get("message"), f"{path}.message", tuple(readable))
    show = _show(reader, fields.get("show"), f"{path}.show", readable)
    periods = _duration(reader, fields.get("for"), f"{path}.for", keys, default=1)
    keep = _duration(reader, fields.get("keep_for"), f"{path}.keep_for", keys, default=0)
    if len(reader.problems) > before or when is None:
        return None
    return Rule(
        id=rule_id,
        table=table,
        by=by,
        measures=measures,
        when=when,
        periods=periods,
        keep_periods=keep,
        severity=cast("Severity", severity),
        message_en=message[0],
        message_zh=message[1],
        action_en=action_en,
        action_zh=action_zh,
        show=show,
        labels=labels,
        source=f"{Path(reader.source.file).name}:{node.start_mark.line + 1}",
    )


def _choice_id(reader: Reader, fields: dict[str, yaml.Node], path: str) -> str:
    node = fields.get("id")
    rule_id = reader.text(node, f"{path}.id")
    if node is not None and not _ID.fullmatch(rule_id):
        reader.fail(
            node, "rule-id", f"'{rule_id}' is no rule name", f"“{rule_id}”不能作规则名", path=f"{path}.id", found=rule_id,
            accepted="a-z 0-9 _",
        )  # fmt: skip
    return rule_id


def _one_of(reader: Reader, node: yaml.Node | None, path: str, accepted: tuple[str, ...]) -> str:
    value = reader.text(node, path)
    if node is not None and value not in accepted:
        reader.fail(
            node, "rule-value", f"'{value}' is not known", f"没有“{value}”", path=path, found=value,
            accepted=name_list(accepted, 30), nearest=nearest_name(value, accepted),
        )  # fmt: skip
    return value


def _measures(
    reader: Reader, node: yaml.Node | None, path: str, table: Table, by: tuple[str, ...]
) -> tuple[tuple[Column, Node], ...]:
    if node is None:
        return ()
    columns = {c.name: c for c in table.columns}
    out = []
    for name, part in reader.fields(node, path, optional=None).items():
        at = f"{path}.{name}"
        if not _ID.fullmatch(name) or name in columns:
            reader.fail(
                part, "rule-id", f"'{name}' is no free name for a measure", f"“{name}”不能作指标名", path=at, found=name,
                accepted="a-z 0-9 _",
            )  # fmt: skip
            continue
        typed = _typed(reader, part, at, columns, table.name, by, kind="number")
        if typed is not None:
            out.append((Column(name, "number", typed.unit, name, name, "", ""), typed.node))
    return tuple(out)


def _condition(
    reader: Reader, node: yaml.Node | None, path: str, columns: Mapping[str, Column], table: str
) -> Node | None:
    if node is None:
        return None
    typed = _typed(reader, node, path, columns, table, (), kind="boolean")
    return None if typed is None else typed.node


def _typed(
    reader: Reader,
    node: yaml.Node,
    path: str,
    columns: Mapping[str, Column],
    table: str,
    by: tuple[str, ...],
    *,
    kind: Kind,
) -> Typed | None:
    if not isinstance(node, yaml.ScalarNode):
        reader.fail(node, "rule-shape", "an expression is one text", "表达式应为一行文本", path=path)
        return None
    try:
        typed, errors = check(parse(node.value), columns, table, by)
    except ExpressionError as error:
        typed, errors = None, [error]
    if typed is not None and typed.kind != kind and not errors:
        wanted_zh = "条件" if kind == "boolean" else "数值"
        errors = [ExpressionError(0, f"a {typed.kind}, where a {kind} is needed", f"此处需要{wanted_zh}")]
    _report(reader, node, errors, "rule-expression", path)
    return None if errors else typed


def _report(reader: Reader, node: yaml.Node, errors: list[ExpressionError], code: str, path: str) -> None:
    for error in errors:
        reader.fail(
            node, code, error.message, error.message_zh, path=path, accepted=error.accepted, nearest=error.nearest,
            offset=error.at,
        )  # fmt: skip


def _by(reader: Reader, node: yaml.Node | None, path: str, table: Table) -> tuple[str, ...]:
    out = []
    known = [c.name for c in table.columns if c.type != "number"]
    for at, item in reader.items(node, path):
        name = _one_of(reader, item, at, tuple(known))
        out.append(name)
    return tuple(out)


def _message(reader: Reader, node: yaml.Node | None, path: str, names: tuple[str, ...]) -> tuple[Template, Template]:
    fields = reader.fields(node, path, required=("en", "zh")) if node is not None else {}
    out = []
    for language in ("en", "zh"):
        part = fields.get(language)
        template, errors = parse_template(reader.text(part, f"{path}.{language}"), names)
        if part is not None:
            _report(reader, part, errors, "rule-message", f"{path}.{language}")
        out.append(template)
    return out[0], out[1]


def _bilingual(reader: Reader, node: yaml.Node | None, path: str) -> tuple[str, str]:
    if node is None:
        return "", ""
    fields = reader.fields(node, path, required=("en", "zh"))
    return reader.text(fields.get("en"), f"{path}.en"), reader.text(fields.get("zh"), f"{path}.zh")


def _labels(reader: Reader, node: yaml.Node | None, path: str) -> dict[str, str]:
    if node is None:
        return {}
    fields = reader.fields(node, path, optional=None)
    return {key: reader.text(value, f"{path}.{key}") for key, value in fields.items()}


def _show(reader: Reader, node: yaml.Node | None, path: str, columns: Mapping[str, Column]) -> Show:
    value = reader.text(node, path)
    if node is None:
        return Show()
    match = _SHOW.fullmatch(value)
    if match is None:
        reader.fail(
            node, "rule-value", f"'{value}' does not say which row to show", f"“{value}”未说明显示哪一行", path=path,
            found=value, accepted="first, last, lowest COLUMN, highest COLUMN",
        )  # fmt: skip
        return Show()
    if match[1]:
        return Show("first" if match[1] == "first" else "last")
    numbers = [c.name for c in columns.values() if KINDS[c.type] == "number"]
    if match[3] not in numbers:
        reader.fail(
            node, "rule-value", f"'{match[3]}' is no number here",
            f"“{match[3]}”不是此处的数值列", path=path, found=match[3], accepted=name_list(numbers, 30),
            nearest=nearest_name(match[3], numbers), offset=match.start(3),
        )  # fmt: skip
    return Show("lowest" if match[2] == "lowest" else "highest", match[3])


def _duration(reader: Reader, node: yaml.Node | None, path: str, keys: tuple[str, ...], *, default: int) -> int:
    if node is None:
        return default
    value = reader.text(node, path)
    match = _DURATION.fullmatch(value)
    period = period_of(keys)
    if match is None or int(match[1]) == 0:
        reader.fail(
            node, "rule-value", f"'{value}' is no duration", f"“{value}”不是时长", path=path, found=value,
            accepted="1 month, 2 months, 3 days …",
        )  # fmt: skip
        return default
    if period is None or not match[2].startswith(period):
        counted = f"{period}s" if period else "no periods"
        reader.fail(
            node, "rule-value", f"the rows here count {counted}, not '{match[2]}'", f"此处的行不按“{match[2]}”计",
            path=path, found=value, accepted=f"N {period}s" if period else "",
        )  # fmt: skip
        return default
    return int(match[1])
