"""The tables that chainsim writes and those it reads, from their declarations."""

from __future__ import annotations

from collections.abc import Iterable

from chainsim.experiments.answers_catalogue import ANSWER_TABLES
from chainsim.experiments.catalogue import RUN_TABLES, VARIANTS
from chainsim.files.column import Column as InputColumn
from chainsim.files.columns import COLUMNS, SETTINGS, SHEET_NAMES
from chainsim.optimization.catalogue import ORDER_TABLES
from chainsim.reports.export import COMPARISON_TABLES, RULE_TABLES
from chainsim.reports.facts import FACTS
from chainsim.results import KPIS, TABLES
from chainsim.results.catalogue_resilience import RESILIENCE_TABLES
from chainsim.results.declarations import Column, Table
from tools.docs_site.writing import KEY, REQUIRED, cell, code, marked, of, table

FAMILIES: tuple[tuple[str, str, tuple[Table, ...]], ...] = (
    ("Of a run", "运行结果", tuple(TABLES.values())),
    ("Of the rules", "规则结果", tuple(RULE_TABLES.values())),
    ("Of a comparison", "方案对比", tuple(COMPARISON_TABLES.values())),
    ("Of an order", "调整令", tuple(ORDER_TABLES.values())),
    ("Of a resilience scan", "韧性扫描", tuple(RESILIENCE_TABLES.values())),
    ("Of an experiment", "实验数据集", (VARIANTS, *RUN_TABLES.values())),
    ("Of an experiment's answers", "实验结论", tuple(ANSWER_TABLES.values())),
    ("Of the workbook", "工作簿", (FACTS,)),
)
"""English and Chinese heading, and the tables below it."""

TYPES = {
    "date": ("date", "日期"),
    "instant": ("moment", "时刻"),
    "name": ("name", "名称"),
    "text": ("text", "文本"),
    "number": ("number", "数"),
    "integer": ("whole number", "整数"),
    "boolean": ("yes or no", "是否"),
}
KINDS = {
    "name": ("a name", "名称"),
    "text": ("text", "文本"),
    "number": ("a number", "数"),
    "count": ("a whole number", "整数"),
    "share": ("a fraction or percentage", "小数或百分数"),
    "flag": ("true or false", "true 或 false"),
    "day": ("a date", "日期"),
    "instant": ("a date, perhaps with a time", "日期或时刻"),
    "period": ("a period", "时段"),
    "edge": ("a date", "日期"),
    "choice": ("a choice", "选项"),
    "steps": ("a number, or steps", "数，或分段值"),
    "heel": ("a number, or by grade", "数，或按油种"),
    "by_grade": ("numbers by grade", "按油种的数"),
    "shares": ("shares by grade", "按油种的比例"),
    "parcels": ("grade=amount in order", "依次的 油种=数量"),
    "names": ("names", "若干名称"),
    "place": ("latitude; longitude", "纬度; 经度"),
    "distribution": ("a distribution", "分布"),
    "any": ("a value", "值"),
}
AMOUNTS = {"amount": ("t *", "t *"), "amount/d": ("t/d *", "t/d *"), "amount/a": ("t/a *", "t/a *")}
"""The unit that the scenario states; tonnes if it states none."""


def result_tables(lang: str) -> str:
    """Every declared table of results, with its columns."""
    parts = []
    for english, chinese, tables in FAMILIES:
        parts.append(f"## {of(lang, (english, chinese))}\n")
        parts += [_declared(one, lang) for one in tables]
    return "\n".join(parts)


def _declared(one: Table, lang: str) -> str:
    rows = (
        (
            marked(column.name, KEY if column.key else None, lang),
            cell(column.header(lang)),
            of(lang, TYPES[column.type]),
            cell("" if column.unit == "1" else column.unit),
            cell(column.meaning(lang)) + _values(column, lang),
        )
        for column in one.columns
    )
    head = f"### {one.name}\n\n**{cell(one.title(lang))}** · {cell(one.meaning(lang))}\n"
    return f"{head}\n{table(lang, ('column', 'heading', 'type', 'unit', 'meaning'), rows)}"


def _values(column: Column, lang: str) -> str:
    if not column.values or len(column.values) > 12:
        return ""
    return ": " + _choices(column.values, lang)


def _choices(values: Iterable[str] | dict[str, tuple[str, str]], lang: str) -> str:
    comma, gap = of(lang, (", ", "、")), of(lang, (" ", " "))
    texts = dict(values)  # type: ignore[arg-type]
    return comma.join(f"{code(name)}{gap}{cell(of(lang, words))}" for name, words in texts.items())


def key_figures(lang: str) -> str:
    """Every key figure, with its definition."""
    rows = (
        (code(k.name), cell(of(lang, (k.header_en, k.header_zh))), cell("" if k.unit == "1" else k.unit),
         cell(of(lang, (k.meaning_en, k.meaning_zh))))
        for k in KPIS
    )  # fmt: skip
    return table(lang, ("name", "heading", "unit", "meaning"), rows)


def input_tables(lang: str) -> str:
    """Every table of a scenario, as a file, a sheet or a section, with its columns."""
    parts = []
    for name, columns in {"scenario": SETTINGS, **COLUMNS}.items():
        title = of(lang, SHEET_NAMES[name]) if name in SHEET_NAMES else name
        parts.append(f"## {name}\n\n**{cell(title)}**\n")
        parts.append(
            table(lang, ("column", "heading", "accepts", "unit", "meaning"), (_input_row(c, lang) for c in columns))
        )
    return "\n".join(parts)


def _input_row(column: InputColumn, lang: str) -> tuple[str, str, str, str, str]:
    accepts = _choices(column.choices, lang) if column.choices else of(lang, KINDS[column.kind])
    unit = of(lang, AMOUNTS.get(column.unit, (column.unit, column.unit)))
    name = marked(column.name, REQUIRED if column.required else None, lang)
    return name, cell(column.heading(lang)), accepts, unit.replace("*", "\\*"), cell(column.meaning(lang))
