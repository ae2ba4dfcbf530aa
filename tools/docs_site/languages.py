"""The languages people write in: conditions of rules, rule files, scenario files; from the grammar and the schemas."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from chainsim.files.schema import scenario_schema
from chainsim.rules.language.tree import AGGREGATES, FUNCTIONS, MAX_LENGTH, UNITS
from chainsim.rules.schema import rules_schema
from tools.docs_site.writing import REQUIRED, cell, code, marked, of, table

MEANINGS = {
    "abs": ("without its sign", "绝对值"),
    "min": ("the least of its arguments", "最小者"),
    "max": ("the greatest of its arguments", "最大者"),
    "default": ("the second where the first is unknown", "首个未知时取次个"),
    "month": ("a date's month, 1 to 12", "日期的月份，1 至 12"),
    "year": ("a date's year", "日期的年份"),
    "previous": ("its value one period earlier, of the same subject", "同一对象上一期的值"),
    "sum": ("the sum", "合计"),
    "mean": ("the mean", "平均"),
    "lowest": ("the lowest value", "最低值"),
    "highest": ("the highest value", "最高值"),
    "count": ("in how many rows the condition is true", "条件成立的行数"),
    "distinct": ("how many different values", "不同取值的个数"),
}
"""Function → what it gives. A function without an entry stops the build."""
QUANTITIES = {
    "mass": ("mass, in t", "质量（t）"),
    "time": ("time, in days", "时间（日）"),
    "ratio": ("a ratio", "比值"),
    "rate": ("rate, in t/d", "流量（t/d）"),
    "money": ("money, in yuan", "金额（元）"),
    "price": ("price, in yuan/t", "单价（元/t）"),
}


def grammar(lang: str) -> str:
    """The grammar as the parser reads it, the functions and the units."""
    text = files("chainsim.rules.language").joinpath("grammar.lark").read_text(encoding="utf-8").strip()
    several = of(lang, ("1, or 2 with a span such as `3 months`", "1 个；或 2 个，后者为跨度，如 `3 months`"))
    rows = [
        (code(name), str(least) if least == most else f"{least}–{most}", of(lang, MEANINGS[name]))
        for name, (least, most) in FUNCTIONS.items()
    ]
    rows += [(code(name), several, of(lang, MEANINGS[name])) for name in sorted(AGGREGATES)]
    units = [(code(unit), of(lang, QUANTITIES[kind]), f"{size:,g}") for unit, (kind, size) in UNITS.items()]
    heads = [of(lang, pair) for pair in (("Functions", "函数"), ("Units", "单位"), ("Grammar", "文法"))]
    length = of(lang, (f"An expression has at most {MAX_LENGTH:,} signs.", f"一个表达式最多 {MAX_LENGTH:,} 个字符。"))
    return (
        f"## {heads[0]}\n\n{table(lang, ('name', 'arguments', 'meaning'), rows)}\n"
        f"## {heads[1]}\n\n{table(lang, ('unit', 'measures', 'size'), units)}\n"
        f"## {heads[2]}\n\n{length}\n\n```text\n{text}\n```\n"
    )


def rule_keys(lang: str) -> str:
    """The keys of a rule file, from its schema."""
    schema = rules_schema()
    parts = []
    for section, body in schema["properties"].items():
        inner = body.get("items") or body["additionalProperties"]
        parts.append(f"### {section}\n\n{cell(_said(body, lang))}\n\n{_keys(inner, lang)}")
    return "\n".join(parts)


def scenario_keys(lang: str) -> str:
    """The keys of ``scenario.yaml`` and of everything in it, from its schema."""
    definitions = scenario_schema()["$defs"]
    parts = [f"## scenario.yaml\n\n{_keys(definitions['Scenario'], lang)}"]
    for name, body in definitions.items():
        if name.endswith("Document") and not name.startswith("Overlay"):
            parts.append(
                f"## {name.removesuffix('Document')}\n\n{cell(body.get('description', ''))}\n\n{_keys(body, lang)}"
            )
    return "\n".join(parts)


def _keys(body: dict[str, Any], lang: str) -> str:
    required = set(body.get("required", ()))
    rows = []
    for key, one in body.get("properties", {}).items():
        default = one.get("default")
        shown = (
            ""
            if default in (None, "") or isinstance(default, (list, dict))
            else code(str(default).lower() if isinstance(default, bool) else default)
        )
        rows.append(
            (
                marked(key, REQUIRED if key in required else None, lang),
                cell(_accepts(one, lang)),
                shown,
                cell(_said(one, lang)),
            )
        )
    return table(lang, ("key", "accepts", "default", "meaning"), rows)


def _said(body: dict[str, Any], lang: str) -> str:
    """The description; "English · 中文" where it is in both."""
    said = str(body.get("description", ""))
    if not said:
        said = next((str(one["description"]) for one in body.get("anyOf", ()) if "description" in one), "")
    parts = said.split(" · ")
    return parts[lang == "zh"] if len(parts) == 2 else said


def _accepts(body: dict[str, Any], lang: str) -> str:
    if "enum" in body:
        words = [str(value) for value in body["enum"]]
        return ", ".join(words) if len(words) <= 8 else of(lang, ("one of a closed set", "固定选项"))
    if "anyOf" in body:
        kinds = [_accepts(one, lang) for one in body["anyOf"] if one.get("type") != "null"]
        return of(lang, (" or ", "或")).join(dict.fromkeys(kinds))
    if "$ref" in body:
        return body["$ref"].rpartition("/")[2].removesuffix("Document").removesuffix("Row")
    kind = body.get("type")
    kinds = [kind] if isinstance(kind, str) else list(kind or ())
    if kinds == ["array"]:
        inner = _accepts(body.get("items", {}), lang)
        return of(lang, (f"list of {inner}", f"{inner}的列表"))
    if kinds == ["object"] and isinstance(body.get("additionalProperties"), dict):
        inner = _accepts(body["additionalProperties"], lang)
        return of(lang, (f"name → {inner}", f"名称 → {inner}"))
    names = {
        "string": ("text", "文本"),
        "number": ("number", "数"),
        "integer": ("whole number", "整数"),
        "boolean": ("true or false", "true 或 false"),
        "object": ("mapping", "映射"),
    }
    if set(kinds) >= {"string", "number"}:
        kinds = ["string"]
    return of(lang, (" or ", "或")).join(of(lang, names[one]) for one in kinds if one in names)
