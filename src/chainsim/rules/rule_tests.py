"""The ``tests:`` of a rule file, read into rows and run.

    tests:
      - name: two short months fire once
        rule: low_completion
        rows:
          - {customer: a, month: 2008-01, completion: 93%}
          - {customer: a, month: 2008-02, completion: 94%}
        expect:
          - {subject: a, since: 2008-01, periods: 2}

A row states the columns that matter; the others are unknown. ``expect`` lists the findings, each with the columns to compare;
an empty list says that nothing may fire. Rows of other tables that the rule reads stand under ``tables``, what earlier rules have
flagged under ``flags``:

        tables: {customers: [{customer: a, capacity_t: 5000}]}
        flags: {line_stopped: [{asset: trunk, day: 2008-01-05}]}
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from chainsim.model.messages import name_list, nearest_name
from chainsim.results.catalogue import TABLES
from chainsim.results.declarations import Column, Table
from chainsim.rules.findings import FINDINGS
from chainsim.rules.language.tree import LARGEST_NUMBER
from chainsim.rules.resolving import flags_of
from chainsim.rules.rule import Rule, RuleTest
from chainsim.rules.running.evaluating import tables_of
from chainsim.rules.yaml_nodes import Reader

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?(%?)")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_KINDS = {
    "date": ("date", "日期", "2008-01, 2008-01-31"),
    "instant": ("date or time", "日期或时刻", "2008-01-31, 2008-01-31T06:00"),
    "name": ("value of this column", "该列的取值", ""),
    "text": ("value of this column", "该列的取值", ""),
    "number": ("number", "数", "12.5, 80%, unknown"),
    "integer": ("whole number", "整数", "12"),
    "boolean": ("truth value", "真假值", "true, false"),
}
_EMPTY: dict[str, object] = {
    "date": None,
    "instant": None,
    "name": None,
    "text": None,
    "number": math.nan,
    "integer": 0,
    "boolean": False,
}


def read_tests(
    reader: Reader, node: yaml.Node | None, rules: Mapping[str, Rule], tables: Mapping[str, Table], *, complete: bool
) -> list[RuleTest]:
    """The tests of a file over the book's ``rules``; ``complete`` is false where rules were dropped for problems of their own."""
    out = []
    for path, item in reader.items(node, "tests"):
        before = len(reader.problems)
        fields = reader.fields(item, path, required=("name", "rule", "rows", "expect"), optional=("tables", "flags"))
        rule = _rule(reader, fields.get("rule"), f"{path}.rule", rules, complete=complete)
        if rule is None:
            continue
        rows = {rule.rows.table.name: _rows(reader, fields.get("rows"), f"{path}.rows", rule.rows.table.columns)}
        for name, part in _named(reader, fields.get("tables"), f"{path}.tables", tuple(tables)):
            rows[name] = _rows(reader, part, f"{path}.tables.{name}", tables[name].columns)
        read = flags_of(rule.references) | flags_of(rule.rows.inner)
        flags = {
            name: _rows(reader, part, f"{path}.flags.{name}", _key_columns(rules[name]))
            for name, part in _named(reader, fields.get("flags"), f"{path}.flags", tuple(sorted(read & set(rules))))
        }
        expected = tuple(_expected(reader, row, at) for at, row in reader.items(fields.get("expect"), f"{path}.expect"))
        if len(reader.problems) == before:
            name = reader.text(fields.get("name"), f"{path}.name")
            source = f"{Path(reader.source.file).name}:{item.start_mark.line + 1}"
            out.append(RuleTest(name=name, rule=rule, tables=rows, flags=flags, expected=expected, source=source))
    return out


@dataclass(frozen=True, slots=True)
class Tested:
    """How a test went: the findings it expected and did not get, and those it got and did not expect (as texts by column)."""

    missing: tuple[Mapping[str, str], ...]
    unexpected: tuple[Mapping[str, str], ...]

    @property
    def passed(self) -> bool:
        """Whether the findings were those expected."""
        return not self.missing and not self.unexpected


def run_test(test: RuleTest) -> str:
    """What is wrong with a test's outcome, in words; "" if it passes."""
    outcome = outcome_of(test)
    said = [
        f"expected, not found: {{{', '.join(f'{k}: {v}' for k, v in wanted.items())}}}" for wanted in outcome.missing
    ]
    said += [f"found, not expected: {f['subject']} since {f['since']}: {f['message_en']}" for f in outcome.unexpected]
    return "; ".join(said)


def outcome_of(test: RuleTest) -> Tested:
    """The test's rule applied to its rows, held against what it expects."""
    from chainsim.rules.applying import apply

    needed = tables_of([test.rule])
    frames = {table.name: _frame(table.columns, test.tables.get(table.name, ())) for table in needed}
    if "shortfalls" in test.tables:
        frames["shortfalls"] = _frame(TABLES["shortfalls"].columns, test.tables["shortfalls"])
    flags = {rule_id: _frame(_flag_columns(test.rule, rule_id), rows) for rule_id, rows in test.flags.items()}
    findings = apply([test.rule], frames, flags=flags).findings
    found = [
        {column: _shown(row[column], str(row["period"])) for column in findings.columns}
        for row in findings.to_dict("records")
    ]
    missing = []
    for wanted in test.expected:
        match = next((f for f in found if all(f[column] == value for column, value in wanted.items())), None)
        if match is None:
            missing.append(wanted)
        else:
            found.remove(match)
    return Tested(tuple(missing), tuple(found))


def _rule(
    reader: Reader, node: yaml.Node | None, path: str, rules: Mapping[str, Rule], *, complete: bool
) -> Rule | None:
    rule_id = reader.text(node, path)
    if rule_id not in rules and complete and node is not None:
        reader.fail(
            node, "rule-value", f"there is no rule '{rule_id}'", f"没有规则“{rule_id}”", path=path, found=rule_id,
            accepted=name_list(rules), nearest=nearest_name(rule_id, rules),
        )  # fmt: skip
    return rules.get(rule_id)


def _named(
    reader: Reader, node: yaml.Node | None, path: str, known: tuple[str, ...]
) -> Iterator[tuple[str, yaml.Node]]:
    if node is not None:
        yield from reader.fields(node, path, optional=known).items()


def _key_columns(rule: Rule) -> tuple[Column, ...]:
    return tuple(rule.columns[key] for key in rule.keys)


def _flag_columns(rule: Rule, flag: str) -> tuple[Column, ...]:
    for references in (rule.references, rule.rows.inner):
        for reference in references.values():
            if reference.kind == "flag" and reference.target == flag and reference.rows is not None:
                return tuple(reference.rows.columns[key] for key in reference.rows.keys)
    raise AssertionError(f"{flag} is not read by {rule.id}")


def _rows(
    reader: Reader, node: yaml.Node | None, path: str, columns: Sequence[Column]
) -> tuple[dict[str, object], ...]:
    return tuple(_row(reader, row, at, columns) for at, row in reader.items(node, path))


def _row(reader: Reader, node: yaml.Node, path: str, known: Sequence[Column]) -> dict[str, object]:
    columns = {c.name: c for c in known}
    fields = reader.fields(node, path, optional=tuple(columns))
    row: dict[str, object] = {}
    for name, value_node in fields.items():
        text = reader.text(value_node, f"{path}.{name}")
        try:
            row[name] = _value(columns[name], text)
        except ValueError:
            column = columns[name]
            what, what_zh, accepted = _KINDS[column.type]
            reader.fail(
                value_node, "rule-value", f"'{text}' is no {what}", f"“{text}”不是{what_zh}", path=f"{path}.{name}",
                found=text, accepted=name_list(column.values, 30) or accepted, nearest=nearest_name(text, column.values),
            )  # fmt: skip
    return row


def _expected(reader: Reader, node: yaml.Node, path: str) -> dict[str, str]:
    fields = reader.fields(node, path, optional=tuple(c.name for c in FINDINGS.columns))
    return {name: reader.text(value, f"{path}.{name}") for name, value in fields.items()}


def _value(column: Column, text: str) -> object:
    if text in {"", "unknown"}:
        return _EMPTY[column.type]
    match column.type:
        case "date" | "instant":
            day = datetime.fromisoformat(f"{text}-01" if len(text) == 7 else text)
            if not _FIRST_YEAR <= day.year <= _LAST_YEAR or day.tzinfo is not None:
                raise ValueError(text)
            return day
        case "number" | "integer":
            match = _NUMBER.fullmatch(text)
            if match is None:
                raise ValueError(text)
            number = float(text.removesuffix("%"))
            if abs(number) > LARGEST_NUMBER or (column.type == "integer" and number != int(number)):
                raise ValueError(text)
            return number / 100.0 if match[4] else number
        case "boolean":
            if text not in {"true", "false"}:
                raise ValueError(text)
            return text == "true"
        case _:
            if column.values and text not in column.values:
                raise ValueError(text)
            return text


def _frame(columns: Sequence[Column], rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {c.name: pd.Series([row.get(c.name, _EMPTY[c.type]) for row in rows], dtype=c.dtype) for c in columns}
    )


def _shown(value: object, period: str) -> str:
    if isinstance(value, date):
        return value.strftime("%Y-%m" if period == "month" else "%Y-%m-%d") if value == value else ""
    return "" if value is None or value != value else str(value)
