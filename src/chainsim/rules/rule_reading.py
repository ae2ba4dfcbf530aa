"""One entry of ``rules:`` read and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import yaml

from chainsim.model.messages import name_list, nearest_name
from chainsim.results.declarations import Column, Table
from chainsim.rules.language.checking import KINDS
from chainsim.rules.language.tree import MEMBERS_OF, Call, ExpressionError, Name, Node
from chainsim.rules.parts import bilingual, by_keys, duration, labels, one_of, report, typed
from chainsim.rules.resolving import Reaching, scope_of
from chainsim.rules.rows import Reference, Rows
from chainsim.rules.rule import SEVERITIES, Action, CountLimit, Rule, Severity, Show
from chainsim.rules.templates import Template, parse_template
from chainsim.rules.yaml_nodes import Reader

if TYPE_CHECKING:
    from chainsim.rules.shelf import BookShelf, Entry

REQUIRED = ("id", "table", "when", "severity", "message")
OPTIONAL = (
    "where", "by", "measures", "members", "replaces", "since", "for", "keep_for", "warn_if", "error_if", "show", "action",
    "labels",
)  # fmt: skip
MEMBERS = Column("members", "text", "", "Members", "涉及对象", "", "")
SHOW = re.compile(r"(first|last)|(lowest|highest)\s+([A-Za-z_][A-Za-z0-9_.]*)")
COUNT = re.compile(r"(>=?)\s*(\d{1,6})")
WITHIN = re.compile(r"(\d{1,4})\s+(hours?|days?)")
MEASURE = re.compile(r"[a-z][a-z0-9_]{0,59}")


def read_rule(shelf: BookShelf, entry: Entry, name: str) -> Rule | None:
    """The rule of ``entry``, or ``None`` with its problems told."""
    reader, path = entry.reader, entry.path
    before = len(reader.problems)
    fields = reader.fields(entry.node, path, required=REQUIRED, optional=OPTIONAL)
    severity = one_of(reader, fields.get("severity"), f"{path}.severity", tuple(SEVERITIES))
    tags = labels(reader, fields.get("labels"), f"{path}.labels")
    action = _action(reader, fields.get("action"), f"{path}.action")
    limits = [_count(reader, fields.get(key), f"{path}.{key}") for key in ("warn_if", "error_if")]
    replaces = _replaces(reader, fields.get("replaces"), f"{path}.replaces", shelf, name)
    table = shelf.tables.get(one_of(reader, fields.get("table"), f"{path}.table", tuple(shelf.tables)))
    if table is None:
        return None
    told = len(reader.problems)
    rows = _rows(reader, fields, path, table, shelf)
    if len(reader.problems) > told:  # what speaks of these groups would only be told as well
        return None
    references: dict[str, Reference] = {}
    reach = Reaching(rows, shelf, references)
    when = typed(reader, fields.get("when"), f"{path}.when", scope_of(rows, reach), kind="boolean")
    message_en, message_zh = _message(reader, fields.get("message"), f"{path}.message", rows.columns, reach)
    show = _show(reader, fields.get("show"), f"{path}.show", rows.columns, reach)
    since = _since(reader, fields.get("since"), f"{path}.since", rows)
    periods = duration(reader, fields.get("for"), f"{path}.for", rows.period, default=1)
    keep = duration(reader, fields.get("keep_for"), f"{path}.keep_for", rows.period, default=0)
    if replaces and not {"asset", "cause"} <= set(rows.keys):
        reader.fail(
            fields["replaces"], "rule-value", "'replaces' needs by: [asset, cause, …], to know which findings it tells",
            "replaces 须与 by: [asset, cause, …] 同用", path=f"{path}.replaces",
        )  # fmt: skip
    if len(reader.problems) > before or when is None:
        return None
    condition = fields["when"]
    assert isinstance(condition, yaml.ScalarNode)
    return Rule(
        id=name,
        rows=rows,
        when=when.node,
        references=references,
        periods=periods,
        keep_periods=keep,
        severity=cast("Severity", severity),
        message_en=message_en,
        message_zh=message_zh,
        action=action,
        show=show,
        warn_if=limits[0],
        error_if=limits[1],
        replaces=replaces,
        since=since,
        labels=tags,
        source=entry.source,
        text=" ".join(condition.value.split()),
    )


def _rows(reader: Reader, fields: Mapping[str, yaml.Node], path: str, table: Table, shelf: BookShelf) -> Rows:
    """What the condition is asked of: the table's rows, or with ``by`` their groups."""
    base = Rows(table=table)
    inner: dict[str, Reference] = {}
    reach = Reaching(base, shelf, inner)
    by = by_keys(reader, fields.get("by"), f"{path}.by", table)
    rows = replace(base, by=by, inner=inner)
    if "by" in fields and not by:  # told already; measures of no groups would only be told as well
        return rows
    scope = replace(scope_of(base, reach), period="")
    where = typed(reader, fields.get("where"), f"{path}.where", scope, kind="boolean")
    measures = _measures(reader, fields.get("measures"), f"{path}.measures", rows, reach)
    members = one_of(
        reader,
        fields.get("members"),
        f"{path}.members",
        tuple(c.name for c in table.columns if KINDS[c.type] == "text"),
    )
    if where is not None and not by:
        reader.fail(
            fields["where"], "rule-value", "'where' goes with 'by': single rows are chosen in 'when'",
            "where 须与 by 同用：逐行条件请写入 when", path=f"{path}.where",
        )  # fmt: skip
    if members and not by:
        reader.fail(
            fields["members"], "rule-value", "'members' goes with 'by'", "members 须与 by 同用", path=f"{path}.members"
        )
    if members in {c.name for c in table.columns}:
        column = table.column(members)
        measures = (
            *measures,
            (replace(MEMBERS, domain=column.domain, values=column.values), Call(0, MEMBERS_OF, (Name(0, members),))),
        )
    return replace(rows, where=None if where is None else where.node, measures=measures, members=members)


def _measures(
    reader: Reader, node: yaml.Node | None, path: str, rows: Rows, reach: Callable[[str], Column]
) -> tuple[tuple[Column, Node], ...]:
    if node is None:
        return ()
    scope = scope_of(rows, reach, grouped=bool(rows.by))
    taken = {c.name for c in rows.table.columns} | {"members"}
    out = []
    for name, part in reader.fields(node, path, optional=None).items():
        at = f"{path}.{name}"
        if not MEASURE.fullmatch(name) or name in taken:
            reader.fail(
                part, "rule-id", f"'{name}' is no free name for a measure", f"“{name}”不能作指标名", path=at, found=name,
                accepted="a-z 0-9 _",
            )  # fmt: skip
            continue
        value = typed(reader, part, at, scope, kind="number")
        if value is not None:
            out.append((Column(name, "number", value.unit, name, name, "", ""), value.node))
    return tuple(out)


def _message(
    reader: Reader, node: yaml.Node | None, path: str, columns: Mapping[str, Column], reach: Callable[[str], Column]
) -> tuple[Template, Template]:
    fields = reader.fields(node, path, required=("en", "zh")) if node is not None else {}
    out = []
    for language in ("en", "zh"):
        part = fields.get(language)
        template, errors = parse_template(reader.text(part, f"{path}.{language}"), columns, reach)
        if part is not None:
            report(reader, part, errors, "rule-message", f"{path}.{language}")
        out.append(template)
    return out[0], out[1]


def _action(reader: Reader, node: yaml.Node | None, path: str) -> Action:
    if node is None:
        return Action()
    fields = reader.fields(node, path, required=("en", "zh"), optional=("kind", "owner", "within"))
    texts = [reader.text(fields.get(lang), f"{path}.{lang}") for lang in ("en", "zh")]
    kind = bilingual(reader, fields.get("kind"), f"{path}.kind")
    owner = bilingual(reader, fields.get("owner"), f"{path}.owner")
    days = 0.0
    if "within" in fields:
        value = reader.text(fields["within"], f"{path}.within")
        match = WITHIN.fullmatch(value)
        if match is None:
            reader.fail(
                fields["within"], "rule-value", f"'{value}' is no time limit", f"“{value}”不是时限", path=f"{path}.within",
                found=value, accepted="24 hours, 3 days …",
            )  # fmt: skip
        else:
            days = int(match[1]) / (24.0 if match[2].startswith("hour") else 1.0)
    given = [key for key in ("kind", "owner", "within") if key in fields]
    if given and len(given) < 3:
        missing = ", ".join(key for key in ("kind", "owner", "within") if key not in fields)
        reader.fail(
            node, "rule-missing-key", f"a work order needs kind, owner and within: {missing} missing",
            f"工单须有 kind、owner、within：缺少 {missing}", path=path,
        )  # fmt: skip
    return Action(texts[0], texts[1], kind, owner, days)


def _count(reader: Reader, node: yaml.Node | None, path: str) -> CountLimit | None:
    if node is None:
        return None
    value = reader.text(node, path)
    match = COUNT.fullmatch(value)
    if match is None:
        reader.fail(
            node, "rule-value", f"'{value}' is no limit on the number of findings", f"“{value}”不是预警数量的限值", path=path,
            found=value, accepted="'>= 3', '> 0'",
        )  # fmt: skip
        return None
    return CountLimit(match[1], int(match[2]))


def _replaces(reader: Reader, node: yaml.Node | None, path: str, shelf: BookShelf, own: str) -> tuple[str, ...]:
    known = tuple(name for name in shelf.names()["rules"] if name != own)
    return tuple(one_of(reader, item, at, known) for at, item in reader.items(node, path))


def _since(reader: Reader, node: yaml.Node | None, path: str, rows: Rows) -> str:
    if node is None:
        return ""
    name = one_of(reader, node, path, tuple(c.name for c in rows.columns.values() if KINDS[c.type] == "date"))
    if rows.period:
        reader.fail(
            node, "rule-value", "'since' is for rows without a period: here the periods say it",
            "since 只用于不按周期计的行", path=path,
        )  # fmt: skip
    return name


def _show(
    reader: Reader, node: yaml.Node | None, path: str, columns: Mapping[str, Column], reach: Callable[[str], Column]
) -> Show:
    value = reader.text(node, path)
    if node is None:
        return Show()
    match = SHOW.fullmatch(value)
    if match is None:
        reader.fail(
            node, "rule-value", f"'{value}' does not say which row to show", f"“{value}”未说明显示哪一行", path=path,
            found=value, accepted="first, last, lowest COLUMN, highest COLUMN",
        )  # fmt: skip
        return Show()
    if match[1]:
        return Show("first" if match[1] == "first" else "last")
    column = columns.get(match[3])
    if column is None:
        try:
            column = reach(match[3])
        except ExpressionError:
            column = None
    if column is None or KINDS[column.type] != "number":
        numbers = [c.name for c in columns.values() if KINDS[c.type] == "number"]
        reader.fail(
            node, "rule-value", f"'{match[3]}' is no number here",
            f"“{match[3]}”不是此处的数值列", path=path, found=match[3], accepted=name_list(numbers, 30),
            nearest=nearest_name(match[3], numbers), offset=match.start(3),
        )  # fmt: skip
    return Show("lowest" if match[2] == "lowest" else "highest", match[3])
