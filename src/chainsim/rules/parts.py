"""The values that occur in several parts of a rule file: choices, expressions, keys of groups, durations, texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

import yaml

from chainsim.model.messages import name_list, nearest_name
from chainsim.results.declarations import Column, Table
from chainsim.rules.language.checking import Kind, Scope, Typed, check
from chainsim.rules.language.parsing import parse
from chainsim.rules.language.tree import ExpressionError
from chainsim.rules.resolving import UnsoundError
from chainsim.rules.rows import PERIOD_TEXTS, WHOLE, GroupKey, is_coarser
from chainsim.rules.yaml_nodes import MOST_CHARACTERS, Reader, shape_of

DURATION = re.compile(r"(\d{1,4})\s+(months?|ten-days|days?)")
_PERIODS_OF = {"month": "month", "ten-day": "ten_days", "ten-days": "ten_days", "day": "day"}
_HEADING = re.compile(r"[^\W\da-zA-Z_]+")
_BY = re.compile(r"(month|ten_days|day)\s+of\s+([A-Za-z_][A-Za-z0-9_]*)")
_HEADERS = {"month": ("Month", "月份"), "ten_days": ("Ten days", "旬"), "day": ("Day", "日期")}


def one_of(reader: Reader, node: yaml.Node | None, path: str, accepted: tuple[str, ...]) -> str:
    """A text that must be one of ``accepted``; "" for ``None``."""
    if node is not None and not isinstance(node, yaml.ScalarNode):
        reader.fail(
            node, "rule-shape", "a single value is needed here", "此处应为单个值", path=path, found=shape_of(node),
            accepted=name_list(accepted, 30),
        )  # fmt: skip
        return ""
    value = reader.text(node, path)
    if node is not None and value not in accepted:
        reader.fail(
            node, "rule-value", f"'{value}' is not known", f"没有“{value}”", path=path, found=value,
            accepted=name_list(accepted, 30), nearest=nearest_name(value, accepted),
        )  # fmt: skip
    return value


def typed(reader: Reader, node: yaml.Node | None, path: str, scope: Scope, *, kind: Kind | None) -> Typed | None:
    """An expression over ``scope``, of ``kind`` where one is given; ``None`` for ``None`` or with problems told."""
    if node is None:
        return None
    if not isinstance(node, yaml.ScalarNode):
        reader.fail(
            node, "rule-shape", "an expression is one text", "表达式应为一行文本", path=path, found=shape_of(node),
            accepted="quotes around a text that holds {, [ or ': '", accepted_zh="含 {、[ 或“: ”的文本须加引号",
        )  # fmt: skip
        return None
    if not reader.is_plain(node, path):
        return None
    reader.allowance.characters -= len(node.value)
    if reader.allowance.characters < 0:
        if reader.allowance.characters + len(node.value) >= 0:
            most = f"{MOST_CHARACTERS:,}"
            reader.fail(
                node, "rule-expression", f"the conditions of the folder are together longer than {most} characters",
                f"规则目录中的条件合计超过 {most} 个字符", path=path,
            )  # fmt: skip
        return None
    value, errors = typed_text(node.value, scope, kind)
    report(reader, node, errors, "rule-expression", path)
    return value


def typed_text(text: str, scope: Scope, kind: Kind | None) -> tuple[Typed | None, list[ExpressionError]]:
    """``text`` parsed and typed, or what is wrong with it."""
    try:
        value, errors = check(parse(text), scope)
    except ExpressionError as error:
        return None, [_with_column(error, text, scope)]
    if value is not None and not errors and kind is not None and value.kind != kind:
        if kind == "boolean":
            message, message_zh = f"a {value.kind}, where a condition is needed", "此处需要条件"
            accepted, accepted_zh = "a comparison: completion < 95%", "比较式，如 completion < 95%"
        else:
            found = "condition" if value.kind == "boolean" else value.kind
            message, message_zh = f"a {found}, where a number is needed", "此处需要数值"
            accepted = accepted_zh = "sum(plan_t), count(x > 5)"
        errors = [ExpressionError(0, message, message_zh, accepted=accepted, accepted_zh=accepted_zh)]
    return (None if errors else value), errors


def _with_column(error: ExpressionError, text: str, scope: Scope) -> ExpressionError:
    """``error`` with the name of the column whose Chinese heading stands where it points."""
    heading = _HEADING.match(text, error.at)
    column = next((c for c in scope.columns.values() if heading and c.header_zh == heading[0]), None)
    if column is not None:
        error.nearest = column.name
    return error


def report(reader: Reader, node: yaml.Node, errors: Iterable[ExpressionError], code: str, path: str) -> None:
    """Tell ``errors`` at their characters of ``node``'s text; not that something else has problems, which are told there."""
    for error in errors:
        if isinstance(error, UnsoundError):
            continue
        reader.fail(
            node, code, error.message, error.message_zh, path=path, accepted=error.accepted,
            accepted_zh=error.accepted_zh, nearest=error.nearest, offset=error.at,
        )  # fmt: skip


def by_keys(reader: Reader, node: yaml.Node | None, path: str, table: Table) -> tuple[GroupKey, ...]:
    """The keys of groups: a column, a period the table's own is cut down to (``month``), ``month of due_at``, ``all``."""
    out: list[GroupKey] = []
    for at, item in reader.items(node, path):
        text = reader.text(item, at)
        key, error = _group_key(text, table)
        if key is None:
            assert error is not None
            report(reader, item, [error], "rule-value", at)
        elif any(other.column.name == key.column.name for other in out):
            reader.fail(item, "rule-value", f"'{text}' is given twice", f"“{text}”重复", path=at, found=text)
        else:
            out.append(key)
    return tuple(out)


def _group_key(text: str, table: Table) -> tuple[GroupKey | None, ExpressionError | None]:
    columns = {c.name: c for c in table.columns}
    if (column := columns.get(text)) is not None and column.type != "number":
        return GroupKey(column, text), None
    if text == WHOLE:
        return GroupKey(Column(WHOLE, "text", "", "All", "全部", "", "", key=True), ""), None
    period, of = text, next((name for name in ("day", "month") if name in table.keys), "")
    if match := _BY.fullmatch(text):
        period, of = match[1], match[2]
    dates = [c.name for c in table.columns if c.type in {"date", "instant"}]
    if period in _HEADERS and of in dates and (of not in _HEADERS or is_coarser(period, of)):
        return GroupKey(Column(period, "date", "", *_HEADERS[period], "", "", key=True), of, period), None
    known = [WHOLE, *(c.name for c in table.columns if c.type != "number")]
    known += [f"month of {name}" for name in dates if name not in _HEADERS]
    known += [period for period in ("month", "ten_days") if "day" in table.keys]
    return None, ExpressionError(
        0, f"'{text}' is no key for groups of '{table.name}'", f"“{text}”不能作为表“{table.name}”的分组键",
        accepted=name_list(known, 30), nearest=nearest_name(text, known),
    )  # fmt: skip


def duration(reader: Reader, node: yaml.Node | None, path: str, period: str, *, default: int) -> int:
    """``2 months``, ``3 ten-days``, ``5 days`` as a number of the rows' own ``period``."""
    if node is None:
        return default
    value = reader.text(node, path)
    match = DURATION.fullmatch(value)
    if match is None or int(match[1]) == 0:
        reader.fail(
            node, "rule-value", f"'{value}' is no duration", f"“{value}”不是时长", path=path, found=value,
            accepted="1 month, 2 months, 2 ten-days, 3 days …",
        )  # fmt: skip
        return default
    word = match[2] if match[2] == "ten-days" else match[2].removesuffix("s")
    if _PERIODS_OF[word] != period:
        own = {"month": "months", "ten_days": "ten-days", "day": "days"}.get(period, "")
        reader.fail(
            node, "rule-value", f"the rows here count {own or 'no periods'}, not '{match[2]}'",
            f"此处的行{'按' + PERIOD_TEXTS[period][1] if period else '不按周期'}计，而不是“{match[2]}”", path=path,
            found=value, accepted=f"N {own}" if own else "",
        )  # fmt: skip
        return default
    return int(match[1])


def bilingual(reader: Reader, node: yaml.Node | None, path: str) -> tuple[str, str]:
    """``{en: …, zh: …}``; two empty texts for ``None``."""
    if node is None:
        return "", ""
    fields = reader.fields(node, path, required=("en", "zh"))
    return reader.text(fields.get("en"), f"{path}.en"), reader.text(fields.get("zh"), f"{path}.zh")


def labels(reader: Reader, node: yaml.Node | None, path: str) -> dict[str, str]:
    """Any keys with texts."""
    if node is None:
        return {}
    fields = reader.fields(node, path, optional=None)
    return {key: reader.text(value, f"{path}.{key}") for key, value in fields.items()}


def output_specs(reader: Reader, node: yaml.Node | None, path: str) -> dict[str, str | dict[str, tuple[str, str]]]:
    """What a rule file says of a decision table's outputs: a unit, a list of texts, or texts with their names."""
    if node is None:
        return {}
    out: dict[str, str | dict[str, tuple[str, str]]] = {}
    for name, part in reader.fields(node, path, optional=None).items():
        at = f"{path}.{name}"
        if isinstance(part, yaml.MappingNode):
            texts = reader.fields(part, at, optional=None)
            out[name] = {value: bilingual(reader, text, f"{at}.{value}") for value, text in texts.items()}
        elif isinstance(part, yaml.SequenceNode):
            values = [reader.text(item, where) for where, item in reader.items(part, at)]
            out[name] = {value: (value, value) for value in values}
        else:
            out[name] = reader.text(part, at)
    return out
