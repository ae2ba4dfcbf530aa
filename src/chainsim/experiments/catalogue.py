"""The tables of an experiment, declared: what is kept of every run, and what the runs say together."""

from __future__ import annotations

from typing import Any

from chainsim.records import CAUSES
from chainsim.results import TABLES, Column, Table

STATUSES: dict[str, tuple[str, str]] = {
    "done": ("done", "完成"),
    "failed": ("failed", "失败"),
    "crashed": ("crashed", "崩溃"),
}


def _column(kind: Any, name: str, unit: str, header: tuple[str, str], meaning: tuple[str, str], **more: Any) -> Column:
    return Column(name, kind, unit, *header, *meaning, **more)


VARIANT = _column("integer", "variant", "", ("Variant", "方案号"), ("Number of the variant", "方案编号"), key=True)
REPLICATION = _column(
    "integer", "replication", "", ("Replication", "重复号"),
    ("Number of the fate: the same draws of all that is random, for every variant", "随机序号：各方案的随机抽样相同"), key=True,
)  # fmt: skip
_CUSTOMER = _column(
    "name", "customer", "", ("Customer", "客户"), ("The customer's name", "客户代号"), domain="customer", key=True
)
_KPI = _column("text", "kpi", "", ("Key figure", "指标"), ("The figure's stable name", "指标代号"), key=True)
_CAUSE = _column("name", "cause", "", ("Cause", "原因"), ("Why it was not delivered", "欠量原因"), domain="cause", values=CAUSES,
                 key=True)  # fmt: skip
_ASSET = _column(
    "name", "asset", "", ("Asset", "设施"), ("Where the cause lies", "原因所在设施"), domain="asset", key=True
)
_HOLDER = _column(
    "name",
    "holder",
    "",
    ("Tanks of", "油罐所属"),
    ("The tank farm or customer", "油库或客户"),
    domain="asset",
    key=True,
)

ERROR = (
    _column(
        "text", "error_en", "", ("Error (en)", "错误说明（英文）"), ("What was wrong with it, English", "英文错误说明")
    ),
    _column("text", "error_zh", "", ("Error (zh)", "错误说明"), ("What was wrong with it, Chinese", "中文错误说明")),
)
STATUS = _column(
    "name", "status", "", ("State", "状态"), ("Done; failed with an error; or its process died", "完成、出错，或进程崩溃"),
    domain="run_status", values=STATUSES,
)  # fmt: skip

RUNS = Table(
    "runs", "Runs", "运行", "One run: a variant under one replication", "一次运行：一个方案的一次重复",
    (
        VARIANT,
        REPLICATION,
        _column("integer", "seed", "", ("Seed", "种子"), ("Seed of the run's random disruptions", "随机扰动的种子")),
        STATUS,
        _column("integer", "plan_id", "", ("Plan's mark", "计划标记"),
                ("Equal where the plan in force is the same; null where the run failed", "执行计划完全相同则相等；失败为空")),
        _column("integer", "original_id", "", ("Original's mark", "原计划标记"),
                ("The same of the plan before any adjustment order", "调整令之前的计划，同上")),
        *ERROR,
    ),
)  # fmt: skip

VARIANTS = Table(
    "variants", "Variants", "方案", "One factor's level in one variant", "一个方案中一个因素的取值",
    (
        VARIANT,
        _column("text", "factor", "", ("Factor", "因素"), ("The factor's name", "因素代号"), key=True),
        _column("text", "level", "", ("Level", "取值"), ("The level's name; empty: as it is", "取值名称；空为原值")),
        _column("number", "value", "", ("Value", "数值"),
                ("Its place on the factor's axis, in the factor's unit", "在因素坐标上的数值，单位随因素")),
        _column("text", "name", "", ("Name", "名称"), ("All levels of the variant", "该方案的全部取值")),
    ),
)  # fmt: skip

RUN_KPIS = Table(
    "run_kpis", "Key figures of runs", "各次运行指标", "One key figure of one run", "一次运行的一项指标",
    (
        VARIANT,
        REPLICATION,
        _KPI,
        _column("number", "value", "", ("Value", "数值"), ("In the figure's own unit", "单位随指标")),
        _column("text", "subject", "", ("Subject", "对象"), ("The asset, customer or cause it is about", "所指设施、客户或原因")),
    ),
)  # fmt: skip

RUN_CUSTOMERS = Table(
    "run_customers", "Customers of runs", "各次运行客户", "One customer over one run", "一次运行的一个客户",
    (
        VARIANT,
        REPLICATION,
        _CUSTOMER,
        _column("number", "plan_t", "t", ("Plan", "计划量"), ("Plan in force over the run", "全期执行计划")),
        _column("number", "delivered_t", "t", ("Delivered", "完成量"), ("Tonnes counted against the plan", "计入计划完成的数量")),
        _column("number", "shortfall_t", "t", ("Shortfall", "欠量"),
                ("Σ max(0, plan − delivered) by grade and month", "Σmax（0，计划−完成），按品种、月份")),
        _column("number", "completion", "1", ("Completion", "完成率"),
                ("Delivered over plan; null without a plan", "完成量/计划量；无计划为空")),
        _column("number", "completion_original", "1", ("Completion of original", "原计划完成率"),
                ("Delivered over the plan before any adjustment order; null without one", "完成量/调整令之前的计划；无计划为空")),
    ),
)  # fmt: skip

RUN_CAUSES = Table(
    "run_causes", "Causes of runs", "各次运行欠量原因", "The part of one customer's shortfall in one run that one cause explains",
    "一次运行中某客户某原因的欠量",
    (
        VARIANT,
        REPLICATION,
        _CUSTOMER,
        _CAUSE,
        _ASSET,
        _column("number", "shortfall_t", "t", ("Shortfall", "欠量"), ("Tonnes of the shortfall", "欠量")),
    ),
)  # fmt: skip

RUN_STOCKS = Table(
    "run_stocks", "Stocks of runs", "各次运行库存", "What lies in one farm's or customer's tanks on one midnight of one run",
    "一次运行中某日零时某油库或客户的库存",
    (
        VARIANT,
        REPLICATION,
        _HOLDER,
        _column("date", "day", "", ("Day", "日期"), ("The midnight with which the day begins", "当日零时"), key=True),
        _column("number", "stock_t", "t", ("Stock", "库存"),
                ("Content of all grades together, heel included", "各品种合计，含底油")),
    ),
)  # fmt: skip

RUN_TABLES: dict[str, Table] = {table.name: table for table in (RUNS, RUN_KPIS, RUN_CUSTOMERS, RUN_CAUSES, RUN_STOCKS)}
"""What is kept of runs; ``run_stocks`` where asked for."""


def recorded_table(name: str) -> Table:
    """A table of single runs as it is kept for many: its columns after those that say of which run."""
    table = TABLES[name]
    return Table(
        f"runs_{name}",
        table.title_en,
        table.title_zh,
        table.meaning_en,
        table.meaning_zh,
        (VARIANT, REPLICATION, *table.columns),
    )
