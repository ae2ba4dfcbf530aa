"""The data dictionary of inputs: what every column of a scenario's tables is called, means and accepts, in both languages.

The workbook that planners fill in takes its headings, comments, units and lists of choices from here; the readers of tables take
from here which headings mean which column. What a value must be is the schema's business (``documents``): a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Mapping

from chainsim.files.column import Column, Texts, declared
from chainsim.files.columns_assets import ASSET_COLUMNS
from chainsim.files.columns_records import RECORD_COLUMNS

COLUMNS: Mapping[str, tuple[Column, ...]] = {**ASSET_COLUMNS, **RECORD_COLUMNS}
"""Table → its columns, in the order of a new workbook. Further columns of ``customers`` are their archive."""

SHEET_NAMES: Mapping[str, tuple[str, str]] = {
    "scenario": ("Settings", "设置"),
    "grades": ("Grades", "油种"),
    "farms": ("Tank farms", "油库"),
    "suppliers": ("Suppliers", "油源"),
    "pipelines": ("Pipelines", "管道"),
    "railways": ("Railways", "铁路"),
    "routes": ("Rail routes", "铁路流向"),
    "customers": ("Customers", "客户"),
    "stocks": ("Opening stocks", "期初库存"),
    "steps": ("Steps", "分段值"),
    "plan": ("Plan", "计划"),
    "purchases": ("Purchases", "收购计划"),
    "production": ("Production", "产量"),
    "prices": ("Prices", "价格"),
    "receipts": ("Receipts", "到款"),
    "disruptions": ("Outages", "停输与限制"),
    "random_disruptions": ("Random outages", "随机故障"),
    "orders": ("Adjustment orders", "调整令"),
    "actual_deliveries": ("Actual deliveries", "实际交油"),
    "actual_stocks": ("Actual stocks", "实际库存"),
    "visits": ("Visits", "走访"),
    "complaints": ("Complaints", "意见反馈"),
    "surveys": ("Surveys", "满意度调查"),
    "invoices": ("Invoices", "结算"),
    "work_order_log": ("Work order log", "工单进展"),
    "scale": ("Scale", "系数"),
    "cases": ("Cases", "案例"),
}
"""Sheet or table → its name on a workbook's tab, in English and Chinese."""

SETTINGS: tuple[Column, ...] = (
    declared(
        "scenario",
        ("Name", "情景名"),
        "text",
        "",
        ("its name; results go to results/NAME", "结果写入 results/名称"),
    ),
    declared("title.zh", ("Title (Chinese)", "中文标题"), "text"),
    declared("title.en", ("Title (English)", "英文标题"), "text"),
    declared("description", ("Description", "说明"), "text"),
    declared(
        "color",
        ("Colour", "颜色"),
        "text",
        "",
        ("of the scenario, #c0392b; empty: one by its name", "情景标识色，如 #c0392b；空：按名称选定"),
    ),
    declared("start", ("Start", "开始"), "day", "", ("first day", "第一天"), required=True),
    declared("end", ("End", "结束"), "day", "", ("first day after the horizon", "推演结束后的第一天"), required=True),
    declared(
        "as_of",
        ("As of", "截至时点"),
        "instant",
        "",
        ("the run begins here, from the actuals; empty: at the start", "由实际数据从此刻起推演；空：从开始日"),
    ),
    declared("seed", ("Seed", "随机种子"), "count", "", ("of the random outages", "用于随机故障")),
    declared(
        "units.amount",
        ("Unit of amounts", "数量单位"),
        "choice",
        "",
        ("of all amounts in this workbook", "本工作簿所有数量的单位"),
        choices={"t": ("t", "t"), "kt": ("kt", "kt"), "wt": ("10⁴ t", "万吨"), "m3": ("m³", "m³")},
    ),
    declared(
        "units.density",
        ("Density of mixed grades", "混合密度"),
        "number",
        "kg/m³",
        ("only with m³", "仅在单位为 m³ 时"),
        usual=False,
    ),
    declared(
        "extends",
        ("Extends", "继承"),
        "text",
        "",
        ("another scenario that this one changes", "本情景所改动的原情景"),
        usual=False,
    ),
)
"""The keys of the sheet of settings."""


UNIT_TEXTS: Mapping[str, tuple[str, str]] = {
    "t": ("t", "吨"),
    "kt": ("kt", "千吨"),
    "wt": ("10⁴ t", "万吨"),
    "m3": ("m³", "方"),
    "t/d": ("t/d", "吨/日"),
    "kt/d": ("kt/d", "千吨/日"),
    "10⁴ t/d": ("10⁴ t/d", "万吨/日"),
    "m³/d": ("m³/d", "方/日"),
    "t/a": ("t/a", "吨/年"),
    "kt/a": ("kt/a", "千吨/年"),
    "10⁴ t/a": ("10⁴ t/a", "万吨/年"),
    "m³/a": ("m³/a", "方/年"),
    "yuan": ("yuan", "元"),
    "yuan/t": ("yuan/t", "元/吨"),
    "yuan/d": ("yuan/d", "元/日"),
    "1/d": ("per day", "列/日"),
    "d": ("d", "天"),
    "h": ("h", "小时"),
    "months": ("months", "月"),
}
"""Unit → as shown in English and Chinese."""

SHEET_MEANINGS: Mapping[str, tuple[str, str]] = {
    "scenario": ("name, horizon and units", "情景名称、推演时段、单位"),
    "grades": ("crudes by origin", "按产地区分的原油"),
    "farms": ("tank farms and their limits", "油库及其库容"),
    "suppliers": ("where crude is bought", "原油收购交接点"),
    "pipelines": ("lines, always full", "管道（始终充满）"),
    "railways": ("loading racks, paths and wagons", "装车栈桥、车次与罐车"),
    "routes": ("who is served from which railway", "各铁路发往的客户"),
    "customers": (
        "refineries, their tanks and ways of taking oil; further columns are the archive",
        "炼厂及其库容、提油方式；其余列为客户档案",
    ),
    "stocks": ("what is in the tanks and lines at the start, by grade", "开始时各油库、客户、管道内的油品"),
    "steps": ("capacities, limits and incomes that change over time", "随时间变化的能力、限额、收入"),
    "plan": ("the directive plan: tonnes by customer, grade and period", "指令性计划：客户 × 油种 × 期间"),
    "purchases": ("the purchase plan by supplier and period", "收购计划：油源 × 期间"),
    "production": ("what the fields can deliver, from a day on", "油田可交量，自某日起"),
    "prices": ("the unified prices, from a day on", "统一价格，自某日起"),
    "receipts": ("money that reaches customers", "客户到账资金"),
    "disruptions": ("known outages and limits", "已知的停输、检修与限制"),
    "random_disruptions": ("failures drawn at random", "随机抽取的故障"),
    "orders": ("adjustment orders to the plan, a row per line", "对计划的调整令，每行一个调整项"),
    "actual_deliveries": ("what was really delivered before the as-of date", "截至时点前的实际交油量"),
    "actual_stocks": ("what is really there on the as-of date", "截至时点的实际库存"),
    "visits": ("visits to customers, planned and made", "客户走访计划与记录"),
    "complaints": ("customers’ complaints and what came of them", "顾客意见反馈及处理"),
    "surveys": ("satisfaction scores", "满意度得分"),
    "invoices": ("money due and paid", "应收与付款"),
    "work_order_log": ("what was reported on work orders", "工单的派发、督办与回复"),
    "scale": ("factors on rows", "整批系数"),
    "cases": ("what-ifs: overrides only, run with --case", "假设案例：只写改动，用 --case 运行"),
}
"""Sheet or table → what it holds, in English and Chinese."""


def choices_of(table: str, column: str) -> Texts:
    """The closed choice that a column of a table (or a setting such as ``units``, ``amount``) is; empty where it is none."""
    columns = {declared_column.name: declared_column for declared_column in COLUMNS.get(table, ())}
    settings = {setting.name: setting for setting in SETTINGS}
    found = columns.get(column) or settings.get(f"{table}.{column}")
    return found.choices if found else {}
