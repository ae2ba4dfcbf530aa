"""JSON Schema of rule files, for completion and checks in an editor.

What only the reader can tell (whether a name is a column, a unit fits, a circle closes) stays with ``chainsim rules check``.
"""

from __future__ import annotations

from typing import Any

from chainsim.results.catalogue import TABLES
from chainsim.rules.decisions.table import HITS
from chainsim.rules.findings import FINDINGS
from chainsim.rules.language.tree import UNITS
from chainsim.rules.parts import DURATION
from chainsim.rules.rule import SEVERITIES
from chainsim.rules.rule_reading import COUNT, MEASURE, OPTIONAL, REQUIRED, SHOW, WITHIN
from chainsim.rules.shelf import ID

Schema = dict[str, Any]


def rules_schema() -> Schema:
    """The schema of a file in a rule folder: ``measures``, ``decisions``, ``rules``, ``tests``."""
    top = {
        "measures": {
            **_described("Named expressions that any rule can read", "指标：可供各规则引用的表达式"),
            "type": "object",
            "propertyNames": {"pattern": _whole(ID.pattern)},
            "additionalProperties": _measure(),
        },
        "decisions": _list(_decision(), "Decision tables in CSV or XLSX", "决策表（CSV 或 XLSX）"),
        "rules": _list(_rule(), "What is a fault, and what to do about it", "规则：何为异常，如何处置"),
        "tests": _list(_test(), "Rows, and the findings they must give", "测试：给定行及应有的预警"),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "chainsim rules",
        **_object(top, required=("rules",)),
    }


def _rule() -> Schema:
    properties = {
        "id": _name("The fault's name", "规则代号"),
        "table": _table(),
        "where": _condition("Which rows of the table count", "参与的行"),
        "by": _texts("Keys of groups; the condition then speaks of groups", "分组键"),
        "measures": {
            **_described("Named expressions, over the groups where there is by", "本规则的指标"),
            "type": "object",
            "propertyNames": {"pattern": _whole(MEASURE.pattern)},
            "additionalProperties": _scalar(),
        },
        "members": _text("The column whose values in a group the finding lists", "预警中列出的组内成员列"),
        "when": _condition("The condition: true where the fault is there", "条件"),
        "since": _text("The column whose date is when the fault began", "故障起始日期所在列"),
        "for": _text("For how many consecutive periods it must hold", "须连续成立的期数", DURATION.pattern),
        "keep_for": _text("Episodes no further apart than this are one", "间隔不超过此期数的合并", DURATION.pattern),
        "severity": {**_described("How grave it is", "级别"), "enum": list(SEVERITIES)},
        "warn_if": _text("From how many findings on all are warnings", "达到该数量时升为警告", COUNT.pattern),
        "error_if": _text("From how many findings on all are errors", "达到该数量时升为严重", COUNT.pattern),
        "replaces": _texts("Rules whose findings of the same cause this one tells", "由本规则合并说明的规则"),
        "show": _text("The row whose values the message takes", "消息取值的行", SHOW.pattern),
        "message": _bilingual("What the finding says; {column:format} is filled in", "预警说明，可用 {列:格式}"),
        "action": _object(
            {
                "en": _text("What to do, in English", "英文措施"),
                "zh": _text("What to do, in Chinese", "中文措施"),
                "kind": _bilingual("The kind of work order", "工单类型"),
                "owner": _bilingual("The role that has to do it", "责任岗位"),
                "within": _text("By when", "办理时限", WITHIN.pattern),
            },
            required=("en", "zh"),
        ),
        "labels": {
            **_described("Any keys with texts, for sorting and filtering", "标签"),
            "type": "object",
            "additionalProperties": _scalar(),
        },
    }
    assert set(properties) == {*REQUIRED, *OPTIONAL}
    return _object(properties, required=REQUIRED)


def _measure() -> Schema:
    properties = {
        "table": _table(),
        "value": _condition("The expression", "表达式"),
        "where": _condition("Which rows count (with by)", "参与的行（与 by 同用）"),
        "by": _texts("Keys of groups", "分组键"),
        "unit": {
            **_described("The value's unit, where it cannot be told", "单位"),
            "enum": [u for u in UNITS if u != "%"],
        },
        "title": _bilingual("Its name for readers", "名称"),
    }
    return _object(properties, required=("table", "value"))


def _decision() -> Schema:
    names = {"type": "object", "additionalProperties": _bilingual("A value's name for readers", "取值名称")}
    properties = {
        "id": _name("The table's name; NAME.OUTPUT is read in conditions", "决策表代号"),
        "table": _table(),
        "file": _text("The sheet, beside this file: .csv or .xlsx", "与本文件同目录的 .csv 或 .xlsx"),
        "sheet": _text("The sheet of a workbook", "工作表"),
        "hit": {
            **_described("Which of several matching rows counts (DMN)", "命中策略"),
            "examples": list(HITS),
            "type": "string",
        },
        "outputs": {
            **_described("Units, or texts from the highest priority down", "输出的单位或取值（优先级由高到低）"),
            "type": "object",
            "additionalProperties": {"anyOf": [_scalar(), {"type": "array", "items": _scalar()}, names]},
        },
    }
    return _object(properties, required=("id", "table", "file", "hit"))


def _test() -> Schema:
    row = {"type": "object", "additionalProperties": _scalar()}
    finding = _object({column.name: _scalar() for column in FINDINGS.columns})
    rows = {"type": "array", "items": row}
    properties = {
        "name": _text("What the test shows", "测试说明"),
        "rule": _name("The rule it is about", "所测规则"),
        "rows": {
            **_described("Rows of the rule's table; columns left out are unknown", "规则所读表的行，缺列为未知"),
            **rows,
        },
        "tables": _object({name: {"type": "array", "items": _row_of(name)} for name in TABLES}),
        "flags": {
            **_described("What earlier rules have flagged", "其他规则已触发的行"),
            "type": "object",
            "additionalProperties": rows,
        },
        "expect": {
            **_described("The findings, each with the columns to compare; [] for none", "应有的预警；[] 表示不应触发"),
            "type": "array",
            "items": finding,
        },
    }
    return _object(properties, required=("name", "rule", "rows", "expect"))


def _row_of(table: str) -> Schema:
    return _object({column.name: _scalar() for column in TABLES[table].columns})


def _object(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    out: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**out, "required": list(required)} if required else out


def _list(items: Schema, english: str, chinese: str) -> Schema:
    return {**_described(english, chinese), "type": "array", "items": items}


def _table() -> Schema:
    return {**_described("The result table it reads", "所读结果表"), "enum": list(TABLES)}


def _name(english: str, chinese: str) -> Schema:
    return _text(english, chinese, ID.pattern)


def _text(english: str, chinese: str, pattern: str = "") -> Schema:
    out: Schema = {**_described(english, chinese), "type": "string"}
    return {**out, "pattern": _whole(pattern)} if pattern else out


def _texts(english: str, chinese: str) -> Schema:
    return {**_described(english, chinese), "type": "array", "items": {"type": "string"}}


def _condition(english: str, chinese: str) -> Schema:
    return {**_described(english, chinese), **_scalar()}


def _bilingual(english: str, chinese: str) -> Schema:
    return {**_described(english, chinese), **_object({"en": _scalar(), "zh": _scalar()}, required=("en", "zh"))}


def _scalar() -> Schema:
    """One value: rule files are read as texts, but an editor takes ``93`` for a number and ``true`` for a boolean."""
    return {"type": ["string", "number", "boolean", "null"]}


def _described(english: str, chinese: str) -> Schema:
    return {"description": f"{english} · {chinese}"}


def _whole(pattern: str) -> str:
    return f"^({pattern})$"
