"""The tables of answers, declared: what the runs of an experiment say together."""

from __future__ import annotations

from typing import Any

from chainsim.experiments.catalogue import ERROR, REPLICATION, STATUS, VARIANT
from chainsim.records import CAUSES
from chainsim.results import Column, Table

QUANTILES: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The quantiles that are told, of figures and of stocks."""


def _column(kind: Any, name: str, unit: str, header: tuple[str, str], meaning: tuple[str, str], **more: Any) -> Column:
    return Column(name, kind, unit, *header, *meaning, **more)


def _number(name: str, unit: str, header: tuple[str, str], meaning: tuple[str, str]) -> Column:
    return _column("number", name, unit, header, meaning)


def _quantiles(unit: str) -> tuple[Column, ...]:
    ends = {0.05: ("5 %", "5% 分位"), 0.25: ("25 %", "25% 分位"), 0.5: ("Median", "中位数"), 0.75: ("75 %", "75% 分位"),
            0.95: ("95 %", "95% 分位")}  # fmt: skip
    return tuple(
        _number(
            f"p{round(100 * share):02d}",
            unit,
            header,
            (f"{share:.0%} of the runs lie below", f"{share:.0%} 的运行低于此值"),
        )
        for share, header in ends.items()
    )


_NAME = _column("text", "name", "", ("Name", "名称"), ("All levels of the variant", "该方案的全部取值"))
_KPI = _column("text", "kpi", "", ("Key figure", "指标"), ("The figure's stable name", "指标代号"), key=True)
_UNIT = _column("text", "unit", "", ("Unit", "单位"), ("Unit of the figure; 1 is a ratio", "指标单位；1为比率"))
_RUNS = _column("integer", "runs", "", ("Runs", "运行数"), ("Runs that have a value", "有数值的运行次数"))
_LOW = _number("low", "", ("From", "下限"), ("Lower end of the mean's interval of confidence; null for one run",
                                             "均值置信区间下限；仅一次运行时为空"))  # fmt: skip
_HIGH = _number("high", "", ("To", "上限"), ("Upper end of the mean's interval of confidence", "均值置信区间上限"))

ANSWER_KPIS = Table(
    "answer_kpis", "Key figures by variant", "分方案指标", "One key figure of one variant over all its replications",
    "一个方案一项指标在全部重复中的分布",
    (
        VARIANT, _NAME, _KPI, _UNIT, _RUNS,
        _number("mean", "", ("Mean", "均值"), ("Mean of the runs", "各次运行的均值")),
        _LOW, _HIGH,
        _number("sd", "", ("Standard deviation", "标准差"), ("Of the runs", "各次运行的标准差")),
        _number("least", "", ("Least", "最小"), ("Of the runs", "最小值")),
        *_quantiles(""),
        _number("most", "", ("Most", "最大"), ("Of the runs", "最大值")),
    ),
)  # fmt: skip

ANSWER_FAILURES = Table(
    "answer_failures", "Failed runs", "失败的运行",
    "One run that could not be, or whose process died", "一次未能完成或进程崩溃的运行",
    (VARIANT, _NAME, REPLICATION, STATUS, *ERROR),
)  # fmt: skip

ANSWER_CUSTOMERS = Table(
    "answer_customers", "Chances of missing", "未达标概率",
    "How likely one customer's completion stays below a threshold", "一个客户完成率低于门槛的概率",
    (
        VARIANT, _NAME,
        _column("name", "customer", "", ("Customer", "客户"), ("The customer's name", "客户代号"), domain="asset", key=True),
        _column("number", "threshold", "1", ("Threshold", "门槛"), ("Completion below this is a miss", "完成率低于此值即未达标"),
                key=True),
        _RUNS,
        _column("integer", "misses", "", ("Misses", "未达标次数"), ("Runs below the threshold", "低于门槛的运行次数")),
        _number("probability", "1", ("Probability", "概率"), ("Misses over runs", "未达标次数/运行次数")),
        _number("low", "1", ("From", "下限"), ("Lower end of its interval of confidence (Wilson)", "概率置信区间下限（Wilson）")),
        _number("high", "1", ("To", "上限"), ("Upper end of its interval of confidence (Wilson)", "概率置信区间上限（Wilson）")),
        _number("completion", "1", ("Mean completion", "平均完成率"), ("Mean of the runs", "各次运行的均值")),
    ),
)  # fmt: skip

ANSWER_DIFFERENCES = Table(
    "answer_differences", "Difference to the baseline", "与基准之差",
    "One key figure of one variant less the baseline's, replication by replication",
    "一个方案一项指标与基准方案之差（按重复号配对）",
    (
        VARIANT, _NAME, _KPI, _UNIT,
        _column("integer", "pairs", "", ("Pairs", "配对数"), ("Replications that both have", "两方案共有的重复次数")),
        _number("baseline", "", ("Baseline", "基准"), ("Mean of the baseline in these", "基准方案均值")),
        _number("difference", "", ("Difference", "差值"), ("Mean of the differences", "差值均值")),
        _LOW, _HIGH,
        _column("boolean", "comparable", "", ("Like with like", "可比"),
                ("Whether both are held against the same plan in every pair: otherwise the difference is partly the plans'",
                 "各配对所对照的计划是否相同；否则差值部分来自计划不同")),
        _number("share_higher", "1", ("Higher in", "高于基准占比"), ("Share of the pairs in which the variant is higher",
                                                                      "方案高于基准的配对占比")),
    ),
)  # fmt: skip

ANSWER_CAUSES = Table(
    "answer_causes", "Causes against the baseline", "欠量原因变化",
    "Shortfall by one cause at one asset in one variant, and how it differs from the baseline, per run",
    "一个方案某设施某原因的平均欠量及与基准之差",
    (
        VARIANT, _NAME,
        _column("name", "cause", "", ("Cause", "原因"), ("Why it was not delivered", "欠量原因"), domain="cause",
                values=CAUSES, key=True),
        _column("name", "asset", "", ("Asset", "设施"), ("Where the cause lies", "原因所在设施"), domain="asset", key=True),
        _number("baseline_t", "t", ("Baseline", "基准"), ("Mean of the baseline", "基准方案均值")),
        _number("shortfall_t", "t", ("Shortfall", "欠量"), ("Mean of the variant", "本方案均值")),
        _number("change_t", "t", ("Change", "增减"), ("Mean of the differences, replication by replication", "配对差值的均值")),
        _number("low_t", "t", ("From", "下限"), ("Lower end of its interval of confidence", "置信区间下限")),
        _number("high_t", "t", ("To", "上限"), ("Upper end of its interval of confidence", "置信区间上限")),
    ),
)  # fmt: skip

ANSWER_STOCKS = Table(
    "answer_stocks", "Fans of stocks", "库存分布", "How the stock of one farm or customer spreads over the runs on one day",
    "某日零时某油库或客户库存在各次运行中的分布",
    (
        VARIANT, _NAME,
        _column("name", "holder", "", ("Tanks of", "油罐所属"), ("The tank farm or customer", "油库或客户"), domain="asset",
                key=True),
        _column("date", "day", "", ("Day", "日期"), ("The midnight with which the day begins", "当日零时"), key=True),
        _RUNS,
        _number("mean_t", "t", ("Mean", "均值"), ("Mean of the runs", "各次运行的均值")),
        *(Column(f"{c.name}_t", c.type, c.unit, c.header_en, c.header_zh, c.meaning_en, c.meaning_zh) for c in _quantiles("t")),
    ),
)  # fmt: skip

ANSWER_TORNADO = Table(
    "answer_tornado", "Tornado of factors", "因素影响",
    "What one factor does to one key figure: means over the runs at its levels, all else as the design has it",
    "一个因素对一项指标的影响：按取值平均，其余随设计",
    (
        _KPI,
        _column("text", "factor", "", ("Factor", "因素"), ("The factor's name", "因素代号"), key=True),
        _UNIT,
        _column("text", "low_level", "", ("Lowest level", "最低取值"),
                ("Its lowest level; of a drawn factor its lowest quarter", "最低取值；抽样因素为最低四分之一")),
        _column("text", "high_level", "", ("Highest level", "最高取值"),
                ("Its highest level; of a drawn factor its highest quarter", "最高取值；抽样因素为最高四分之一")),
        _number("at_low", "", ("There", "最低处"), ("Mean of the figure at the lowest level", "最低取值处的指标均值")),
        _number("at_high", "", ("There", "最高处"), ("Mean of the figure at the highest level", "最高取值处的指标均值")),
        _number("swing", "", ("Swing", "摆幅"), ("Highest less lowest mean of all its levels", "各取值均值的最大差")),
        _number("correlation", "1", ("Correlation", "相关系数"),
                ("Spearman's rank correlation over the variants; of drawn factors", "各方案的 Spearman 秩相关；仅抽样因素")),
    ),
)  # fmt: skip

ANSWER_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ANSWER_KPIS,
        ANSWER_FAILURES,
        ANSWER_CUSTOMERS,
        ANSWER_DIFFERENCES,
        ANSWER_CAUSES,
        ANSWER_TORNADO,
        ANSWER_STOCKS,
    )
}
"""Name → declaration, in the order in which they are read."""
