"""The parts of a rule folder, each read when something first needs it: measures, decision tables, rules.

Parts may speak of one another across files and in any order; a part that comes to need itself is told with the files and lines
of the whole circle.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import yaml

from chainsim.errors import Problem
from chainsim.model.messages import nearest_name
from chainsim.results.declarations import Column, Table
from chainsim.rules.decisions.cells import Operand
from chainsim.rules.decisions.grid import LARGEST_BYTES
from chainsim.rules.decisions.table import HITS, DecisionTable
from chainsim.rules.language.tree import UNITS, ExpressionError
from chainsim.rules.resolving import Reaching, decision_weight, scope_of
from chainsim.rules.rows import Reference, Rows, weight_of
from chainsim.rules.rule import Rule
from chainsim.rules.yaml_nodes import MOST_SHEETS, Reader

_T = TypeVar("_T")

DEEPEST_CHAIN = 20
"""Parts that build on one another; more cannot be followed by a reader."""
HEAVIEST = 10_000
"""Operands that one part may come to when every name in it is written out."""
HEAVIEST_BOOK = 20_000
"""... and all rules together: what is computed within two seconds."""
ID = re.compile(r"[a-z][a-z0-9_]{0,59}")
_COLUMN_TYPES = {"number": "number", "boolean": "boolean", "text": "text", "date": "date"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a part is defined."""

    reader: Reader
    node: yaml.Node
    path: str
    """The place inside the document."""
    file: Path

    @property
    def source(self) -> str:
        """``file:line``, without the folder."""
        return f"{self.file.name}:{self.node.start_mark.line + 1}"


class BookShelf:
    """All parts of a folder. ``problems`` are those of no single place in a rule file (decision tables'); the others are kept
    by the readers of the files."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.files: list[str] = []
        self._entries: dict[str, dict[str, Entry]] = {"measures": {}, "decisions": {}, "rules": {}}
        self._nameless: list[Entry] = []
        self._measures: dict[str, Reference | None] = {}
        self._decisions: dict[str, tuple[DecisionTable, Rows] | None] = {}
        self._rules: dict[str, Rule | None] = {}
        self._open: list[tuple[str, str]] = []

    def declare(self, kind: str, name: str, entry: Entry) -> None:
        """Note that ``entry`` defines ``name``; a second definition is a problem."""
        entries = self._entries[kind]
        if not ID.fullmatch(name):
            self._nameless.append(entry)
            if name or kind == "measures":
                plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
                entry.reader.fail(
                    _id_node(entry.node), "rule-id", f"'{name}' cannot be a name", f"“{name}”不能作名称", path=entry.path,
                    found=name, accepted="a-z 0-9 _ (low_completion)", nearest=plain if ID.fullmatch(plain) else "",
                )  # fmt: skip
            elif isinstance(entry.node, yaml.MappingNode):
                entry.reader.fail(
                    entry.node,
                    "rule-missing-key",
                    "'id' is missing",
                    "缺少“id”",
                    path=entry.path,
                    accepted="id: low_completion",
                )
            else:
                entry.reader.fields(entry.node, entry.path, required=("id", "table"))
            return
        if kind != "rules" and (clash := self._clash(name)):
            entry.reader.fail(
                entry.node,
                "rule-id",
                f"'{name}' is taken: {clash}",
                f"“{name}”已被占用：{clash}",
                path=entry.path,
                found=name,
            )
        elif name in entries:
            first = entries[name].source
            what, what_zh = _KINDS[kind]
            entry.reader.fail(
                entry.node, "rule-duplicate", f"the {what} '{name}' is already defined in {first}",
                f"{what_zh}“{name}”已在 {first} 定义", path=entry.path,
            )  # fmt: skip
        else:
            entries[name] = entry

    def read_all(self) -> tuple[Rule, ...]:
        """Every sound rule, in order of file and line."""
        for name in self._entries["measures"]:
            self.measure(name)
        for name in self._entries["decisions"]:
            self.decision(name)
        rules = tuple(rule for name in self._entries["rules"] if (rule := self.rule(name)) is not None)
        weight = 0
        for rule in rules:
            weight += rule.weight
            if weight > HEAVIEST_BOOK:
                _too_heavy(self._entries["rules"][rule.id], HEAVIEST_BOOK)
                break
        return rules

    def decisions_read(self) -> tuple[DecisionTable, ...]:
        """Every sound decision table."""
        return tuple(entry[0] for entry in self._decisions.values() if entry is not None)

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The names of all parts by kind."""
        return {kind: tuple(entries) for kind, entries in self._entries.items()}

    def measure(self, name: str) -> Reference | None:
        """The measure called ``name``, without links."""
        return self._once("measures", name, self._measures, _read_measure)

    def decision(self, name: str) -> tuple[DecisionTable, Rows] | None:
        """The decision table called ``name``, and its rows."""
        return self._once("decisions", name, self._decisions, _read_decision)

    def rule(self, name: str) -> Rule | None:
        """The rule called ``name``."""
        return self._once("rules", name, self._rules, _read_rule)

    def flagged_rows(self, rule_id: str) -> Rows | None:
        """What the rule called ``rule_id`` flags."""
        rule = self.rule(rule_id)
        return None if rule is None else rule.rows

    def _once(
        self, kind: str, name: str, done: dict[str, _T | None], read: Callable[[BookShelf, Entry, str], _T | None]
    ) -> _T | None:
        if name in done or name not in self._entries[kind]:
            return done.get(name)
        entry = self._entries[kind][name]
        if entry.reader.is_full:
            return None
        if (kind, name) in self._open:
            circle = [*self._open[self._open.index((kind, name)) :], (kind, name)]
            text = " → ".join(f"{part} ({self._entries[of][part].source})" for of, part in circle)
            raise ExpressionError(0, f"a circle: {text}", f"循环引用：{text}")
        if len(self._open) >= DEEPEST_CHAIN:
            raise ExpressionError(
                0, f"more than {DEEPEST_CHAIN} parts build on one another", f"逐级引用超过 {DEEPEST_CHAIN} 层"
            )
        self._open.append((kind, name))
        try:
            found = read(self, entry, name)
            # What is wrong with it may have gone untold.
            done[name] = found if entry.reader.allowance.problems > 0 else None
        finally:
            self._open.pop()
        return done[name]

    def _clash(self, name: str) -> str:
        """What else a bare or leading name would mean."""
        for table in self.tables.values():
            if name == table.name or any(c.name == name for c in table.columns):
                return f"{table.name}.{name}" if name != table.name else table.name
        for kind in ("measures", "decisions"):
            if name in self._entries[kind]:
                return self._entries[kind][name].source
        return name if name == "flag" else ""


def _id_node(node: yaml.Node) -> yaml.Node:
    """The node of the name in an entry, for problems to point at."""
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == "id"), node)
    return node


_KINDS = {"measures": ("measure", "指标"), "decisions": ("decision table", "决策表"), "rules": ("rule", "规则")}


def _read_measure(shelf: BookShelf, entry: Entry, name: str) -> Reference | None:
    from chainsim.rules.parts import by_keys, one_of, typed

    reader, path = entry.reader, entry.path
    before = len(reader.problems)
    fields = reader.fields(entry.node, path, required=("table", "value"), optional=("where", "by", "unit", "title"))
    table = shelf.tables.get(one_of(reader, fields.get("table"), f"{path}.table", tuple(shelf.tables)))
    if table is None:
        return None
    by = by_keys(reader, fields.get("by"), f"{path}.by", table)
    inner: dict[str, Reference] = {}
    base = Rows(table=table)
    reach = Reaching(base, shelf, inner)
    where = typed(
        reader, fields.get("where"), f"{path}.where", replace(scope_of(base, reach), period=""), kind="boolean"
    )
    rows = replace(base, by=by)
    scope = scope_of(rows, reach, grouped=bool(by))
    value = typed(reader, fields.get("value"), f"{path}.value", scope, kind=None)
    unit = one_of(reader, fields.get("unit"), f"{path}.unit", tuple(u for u in UNITS if u != "%"))
    titles = reader.fields(fields["title"], f"{path}.title", required=("en", "zh")) if "title" in fields else {}
    title_en, title_zh = (reader.text(titles.get(lang), f"{path}.title.{lang}", name) for lang in ("en", "zh"))
    if len(reader.problems) > before or value is None:
        return None
    if where is not None and not by:
        reader.fail(fields["where"], "rule-value", "'where' goes with 'by'", "where 须与 by 同用", path=f"{path}.where")
        return None
    column = Column(name, _COLUMN_TYPES[value.kind], unit or value.unit, title_en, title_zh, "", "")  # type: ignore[arg-type]
    if by:
        rows = replace(rows, where=None if where is None else where.node, measures=((column, value.node),), inner=inner)
        measure = Reference("measure", column, name, rows, weight=rows.weight)
    else:
        weight = weight_of(value.node, inner)
        measure = Reference("measure", column, name, replace(base, inner=inner), value.node, weight=weight)
    if measure.weight > HEAVIEST:
        _too_heavy(entry)
        return None
    return measure


def _read_decision(shelf: BookShelf, entry: Entry, name: str) -> tuple[DecisionTable, Rows] | None:
    from chainsim.rules.decisions.reading import DecisionSpec, hit_policy, read_decision
    from chainsim.rules.parts import one_of, output_specs, typed_text

    reader, path = entry.reader, entry.path
    before = len(reader.problems)
    fields = reader.fields(entry.node, path, required=("id", "table", "file", "hit"), optional=("sheet", "outputs"))
    table = shelf.tables.get(one_of(reader, fields.get("table"), f"{path}.table", tuple(shelf.tables)))
    hit_text = reader.text(fields.get("hit"), f"{path}.hit")
    hit = hit_policy(hit_text)
    if "hit" in fields and hit is None:
        reader.fail(
            fields["hit"], "rule-value", f"'{hit_text}' is no hit policy", f"没有命中策略“{hit_text}”", path=f"{path}.hit",
            found=hit_text, accepted=", ".join(HITS), nearest=nearest_name(hit_text, HITS),
        )  # fmt: skip
    outputs = output_specs(reader, fields.get("outputs"), f"{path}.outputs")
    if table is None or hit is None or len(reader.problems) > before:
        return None
    inner: dict[str, Reference] = {}
    base = Rows(table=table)
    scope = scope_of(base, Reaching(base, shelf, inner))

    def check(text: str) -> Operand | list[ExpressionError]:
        value, errors = typed_text(text, scope, None)
        if value is None:
            return errors
        return Operand(value.node, value.kind, value.unit, value.values)

    spec = DecisionSpec(id=name, table=table.name, hit=hit, outputs=outputs)
    file, sheet = (reader.text(fields.get(key), f"{path}.{key}") for key in ("file", "sheet"))
    if len(reader.problems) > before:
        return None
    if reader.allowance.sheets <= 0:
        reader.fail(
            fields["file"], "decision-file", "the decision tables of the folder are together too large",
            "规则目录中的决策表合计过大", path=f"{path}.file", found=file, accepted=f"{MOST_SHEETS:,} bytes",
        )  # fmt: skip
        return None
    reader.allowance.sheets -= _effort(entry.file.parent, file)
    reading = read_decision(entry.file.parent, file, spec, check, sheet=sheet)
    shelf.problems += reading.problems
    shelf.warnings += reading.warnings
    if reading.table is None:
        return None
    shelf.files.append(file)
    rows = replace(base, inner=inner)
    if decision_weight(reading.table, rows) > HEAVIEST:
        reader.fail(
            fields["file"], "decision-file", f"the table comes to more than {HEAVIEST:,} operands",
            f"决策表合计超过 {HEAVIEST:,} 个运算项", path=f"{path}.file", found=file,
            accepted="fewer rows; figures by the thousand belong in a table of the scenario",
            accepted_zh="减少行数；成千的数据应放在情景的数据表中",
        )  # fmt: skip
        return None
    return reading.table, rows


def _effort(folder: Path, file: str) -> int:
    """Bytes that reading a decision table comes to; a workbook is packed, and is more work in itself."""
    try:
        size = (folder / file).stat().st_size
    except (OSError, ValueError):  # told when it is read
        return 0
    if size > LARGEST_BYTES:  # refused when it is read
        return 0
    return 2 * size + 5_000 if file.lower().endswith(".xlsx") else size


def _too_heavy(entry: Entry, most: int = HEAVIEST) -> None:
    what, what_zh = ("it builds on", "所引用的内容") if most == HEAVIEST else ("the rules before it", "之前的规则")
    entry.reader.fail(
        entry.node, "rule-value", f"with all {what}, this comes to more than {most:,} operands",
        f"连同{what_zh}，合计超过 {most:,} 个运算项", path=entry.path,
    )  # fmt: skip


def _read_rule(shelf: BookShelf, entry: Entry, name: str) -> Rule | None:
    from chainsim.rules.rule_reading import read_rule

    return read_rule(shelf, entry, name)
