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
an empty list says that nothing may fire.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from chainsim.model.messages import name_list, nearest_name
from chainsim.results.declarations import Column, Table
from chainsim.rules.findings import FINDINGS, find
from chainsim.rules.rule import Rule, RuleTest
from chainsim.rules.yaml_nodes import Reader

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?(%?)")
_EMPTY: dict[str, object] = {
    "date": None,
    "instant": None,
    "name": None,
    "text": None,
    "number": math.nan,
    "integer": 0,
    "boolean": False,
}


def read_tests(reader: Reader, node: yaml.Node | None, rules: Mapping[str, Rule], *, complete: bool) -> list[RuleTest]:
    """The tests of a file over its ``rules``; ``complete`` is false where rules were dropped for problems of their own."""
    out = []
    for path, item in reader.items(node, "tests"):
        before = len(reader.problems)
        fields = reader.fields(item, path, required=("name", "rule", "rows", "expect"))
        rule_id = reader.text(fields.get("rule"), f"{path}.rule")
        rule = rules.get(rule_id)
        if rule is None:
            if complete and "rule" in fields:
                reader.fail(
                    fields["rule"], "rule-value", f"no rule '{rule_id}' in this file", f"本文件没有规则“{rule_id}”",
                    path=f"{path}.rule", found=rule_id, accepted=name_list(rules), nearest=nearest_name(rule_id, rules),
                )  # fmt: skip
            continue
        rows = [_row(reader, row, at, rule.table) for at, row in reader.items(fields.get("rows"), f"{path}.rows")]
        expected = [_expected(reader, row, at) for at, row in reader.items(fields.get("expect"), f"{path}.expect")]
        if len(reader.problems) == before:
            name = reader.text(fields.get("name"), f"{path}.name")
            source = f"{Path(reader.source.file).name}:{item.start_mark.line + 1}"
            out.append(RuleTest(name=name, rule=rule, rows=tuple(rows), expected=tuple(expected), source=source))
    return out


def run_test(test: RuleTest) -> str:
    """What is wrong with a test's outcome, in words; "" if it passes."""
    frame = _frame(test.rule.table, test.rows)
    findings = find([test.rule], {test.rule.table.name: frame})
    found = [
        {column: _shown(row[column], str(row["period"])) for column in findings.columns}
        for row in findings.to_dict("records")
    ]
    missing = []
    for wanted in test.expected:
        match = next((f for f in found if all(f[column] == value for column, value in wanted.items())), None)
        if match is None:
            missing.append(", ".join(f"{k}: {v}" for k, v in wanted.items()))
        else:
            found.remove(match)
    said = [f"expected, not found: {{{text}}}" for text in missing]
    said += [f"found, not expected: {f['subject']} since {f['since']}: {f['message_en']}" for f in found]
    return "; ".join(said)


def _row(reader: Reader, node: yaml.Node, path: str, table: Table) -> dict[str, object]:
    columns = {c.name: c for c in table.columns}
    fields = reader.fields(node, path, optional=tuple(columns))
    row: dict[str, object] = {}
    for name, value_node in fields.items():
        text = reader.text(value_node, f"{path}.{name}")
        try:
            row[name] = _value(columns[name], text)
        except ValueError:
            reader.fail(
                value_node, "rule-value", f"'{text}' is no {columns[name].type}", f"“{text}”不符合该列类型",
                path=f"{path}.{name}", found=text,
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
            return datetime.fromisoformat(f"{text}-01" if len(text) == 7 else text)
        case "number" | "integer":
            match = _NUMBER.fullmatch(text)
            if match is None:
                raise ValueError(text)
            number = float(text.removesuffix("%"))
            return number / 100.0 if match[4] else number
        case "boolean":
            if text not in {"true", "false"}:
                raise ValueError(text)
            return text == "true"
        case _:
            if column.values and text not in column.values:
                raise ValueError(text)
            return text


def _frame(table: Table, rows: tuple[dict[str, object], ...]) -> pd.DataFrame:
    import pandas as pd

    data = {c.name: pd.Series([row.get(c.name, _EMPTY[c.type]) for row in rows], dtype=c.dtype) for c in table.columns}
    return pd.DataFrame(data)


def _shown(value: object, period: str) -> str:
    if isinstance(value, date):
        return value.strftime("%Y-%m" if period == "month" else "%Y-%m-%d") if value == value else ""
    return "" if value is None or value != value else str(value)
