"""What two runs are compared by: the figures and inputs of one run, and the differences between two, declared."""

from __future__ import annotations

from chainsim.records import CAUSES
from chainsim.results.catalogue_network import ASSET_KINDS, MONTH, tonnes
from chainsim.results.declarations import Column, Table

FIGURES: dict[str, tuple[str, str, str]] = {
    "plan": ("t", "Plan", "计划量"),
    "delivered": ("t", "Delivered", "完成量"),
    "completion": ("1", "Completion", "完成率"),
    "shortfall": ("t", "Shortfall", "欠量"),
    "days_full": ("d", "Days full", "胀库天数"),
    "days_dry": ("d", "Days at heel", "见底天数"),
    "highest_utilisation": ("1", "Highest utilisation", "最高库容利用率"),
    "supplied": ("t", "Supplied", "交油量"),
    "curtailed": ("t", "Curtailed", "限产量"),
    "days_curtailed": ("d", "Days curtailed", "限产天数"),
    "throughput": ("t", "Throughput", "输量"),
    "utilisation": ("1", "Utilisation", "利用率"),
}
"""Figure of an asset over a whole run → (unit, English, Chinese). Customers have the first four, farms the next three, …"""
FIGURE_TEXTS: dict[str, tuple[str, str]] = {name: (en, zh) for name, (_, en, zh) in FIGURES.items()}

PLAN, OVER_LIFT, UNPLANNED = "plan", "over_lift", "unplanned"
EFFECTS: dict[str, tuple[str, str]] = {
    **CAUSES,
    PLAN: ("plan in force", "执行计划"),
    OVER_LIFT: ("over-lift", "超量"),
    UNPLANNED: ("unplanned", "计划外"),
}
"""What tonnes delivered are made of: plan, less the shortfall's causes, and over-lift and unplanned on top."""

_VALUE = Column("value", "number", "", "Value", "数值", "In the row's unit", "按所列单位")
_UNIT = Column("unit", "text", "", "Unit", "单位", "Unit of the value; 1 is a ratio", "数值单位；1为比率")

ASSET_FIGURES = Table(
    "asset_figures", "Figures by asset", "分设施指标", "One figure of one customer, farm, supplier, line or rack over the run",
    "某客户、油库、油源、管线或装车站的全期指标",
    (
        Column(
            "figure", "name", "", "Figure", "指标", "What is told", "指标", key=True, domain="figure", values=FIGURE_TEXTS
        ),
        Column("subject", "name", "", "Subject", "对象", "Of which asset or customer", "设施或客户", key=True, domain="asset"),
        Column(
            "kind", "name", "", "Kind", "类型", "What the subject is", "对象类型", domain="asset_kind", values=ASSET_KINDS
        ),
        _VALUE,
        _UNIT,
    ),
)  # fmt: skip

INPUTS = Table(
    "inputs", "Inputs", "输入", "One value of the scenario that was run, in tonnes, days and yuan",
    "所运行情景的一项数值（t、天、元）",
    (
        Column(
            "path", "text", "", "Value", "项目", "Where it stands: pipelines.trunk.capacity_t_per_day", "所在位置",
            key=True,
        ),
        Column(
            "value", "text", "", "Is", "取值", "As text; a step in time has its day in the path",
            "文本；分段取值的起始日写在路径中",
        ),
    ),
)  # fmt: skip

FIGURE_TABLES: tuple[Table, ...] = (ASSET_FIGURES, INPUTS)
"""Made of every run; what ``chainsim.results.differences`` reads, beside ``kpis``, ``completion`` and ``shortfalls``."""


def _change(unit: str, before: str = "before", after: str = "after", change: str = "change") -> tuple[Column, ...]:
    return (
        Column(before, "number", unit, "Before", "之前", "In the first run; null where it has no meaning", "基准运行的值"),
        Column(after, "number", unit, "After", "之后", "In the other run", "对比运行的值"),
        Column(change, "number", unit, "Change", "变化", "After less before", "之后−之前"),
    )  # fmt: skip


DIFFERENCES = Table(
    "differences", "Differences", "差异", "One figure in which two runs differ, the largest difference first",
    "两次运行有差异的一项指标，差异大者在前",
    (
        Column("figure", "text", "", "Figure", "指标", "A key figure, or a figure of an asset", "关键指标或设施指标", key=True),
        Column(
            "subject", "text", "", "Subject", "对象", "The asset or customer; empty: the whole network", "设施或客户；空为全网",
            key=True,
        ),
        Column("kind", "text", "", "Kind", "类型", "What the subject is; empty: the whole network", "对象类型；空为全网"),
        _UNIT,
        *_change(""),
        Column(
            "weight", "number", "1", "Weight", "份量",
            "Size of the change as a share of the whole: of the plan for tonnes, of the run for days, itself for a ratio",
            "变化大小：数量占计划、天数占全期、比率取其本身",
        ),
        Column("header_en", "text", "", "Name", "英文名", "The figure in English", "英文名称"),
        Column("header_zh", "text", "", "Name (zh)", "中文名", "The figure in Chinese", "中文名称"),
    ),
)  # fmt: skip

DIFFERENCE_CAUSES = Table(
    "difference_causes", "Causes of the differences", "差异原因",
    "The part of a month's change in deliveries that one cause at one asset explains; the parts add up to the change",
    "某设施某原因造成的当月完成量变化；各部分之和等于总变化",
    (
        MONTH,
        Column("customer", "text", "", "Customer", "客户", "The customer's name", "客户代号", key=True),
        Column("grade", "text", "", "Grade", "品种", "The crude's name", "原油品种", key=True),
        Column(
            "cause", "name", "", "Cause", "原因", "A cause of shortfall; or the plan, over-lift, unplanned tonnes",
            "欠量原因；或计划、超量、计划外", key=True, domain="effect", values=EFFECTS,
        ),
        Column("asset", "text", "", "Asset", "设施", "Where the cause lies", "原因所在设施", key=True),
        *_change("t", "before_t", "after_t", "change_t"),
        tonnes(
            "delivered_change_t", "Effect on deliveries", "对完成量的影响",
            "change_t as it moves deliveries: more shortfall is less delivered", "对完成量的影响：欠量增加即完成减少",
        ),
        Column(
            "completion_change", "number", "1", "Effect on completion", "对完成率的影响",
            "Part of the change in the customer's completion over the run; null where either run has no plan for it",
            "客户全期完成率变化中的部分；任一运行无计划则为空",
        ),
    ),
)  # fmt: skip

INPUT_CHANGES = Table(
    "input_changes", "Changed inputs", "输入变化", "One value of the scenario that differs", "情景中取值不同的一项",
    (
        INPUTS.columns[0],
        Column("before", "text", "", "Before", "之前", "Empty: not there", "空为没有"),
        Column("after", "text", "", "After", "之后", "Empty: not there", "空为没有"),
    ),
)  # fmt: skip

DIFFERENCE_TABLES: dict[str, Table] = {t.name: t for t in (DIFFERENCES, DIFFERENCE_CAUSES, INPUT_CHANGES)}
"""What two runs differ in."""
