"""Facts to pivot: the months of one or more runs in one long table, a row per figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chainsim.records import CAUSES
from chainsim.results import TABLES, Column, Table
from chainsim.results.catalogue import CLASSES

if TYPE_CHECKING:
    import pandas as pd


def _column(name: str, kind: str, headers: tuple[str, str], meaning: tuple[str, str], **more: object) -> Column:
    return Column(name, kind, "", *headers, *meaning, **more)  # type: ignore[arg-type]


FACTS = Table(
    "facts", "Facts", "事实表", "One figure of one month, for pivot tables", "一个月的一个数，供数据透视表使用",
    (
        _column("scenario", "text", ("Scenario", "情景"), ("Which run", "所属情景"), key=True),
        _column("period", "date", ("Month", "月份"), ("First day of the month", "当月首日"), key=True),
        _column("measure", "text", ("Measure", "指标"), ("What is counted", "统计的内容"), key=True),
        _column(
            "customer", "name", ("Customer", "客户"), ("Empty where the figure is not a customer’s", "非客户指标为空"),
            key=True, domain="customer",
        ),
        _column(
            "customer_class", "name", ("Class", "类别"), ("Class of the customer", "客户类别"),
            domain="customer_class", values=CLASSES,
        ),
        _column("grade", "name", ("Grade", "品种"), ("Empty for all grades", "各品种合计为空"), key=True, domain="grade"),
        _column(
            "asset", "name", ("Asset", "设施"), ("Where, or what a shortfall is charged to", "所在设施，或欠量归属的设施"),
            key=True, domain="asset",
        ),
        _column("cause", "name", ("Cause", "原因"), ("Of a shortfall", "欠量的原因"), key=True, domain="cause", values=CAUSES),
        _column("value", "number", ("Value", "数值"), ("The figure", "数值")),
        _column("unit", "text", ("Unit", "单位"), ("Of the figure", "数值的单位")),
        _column(
            "adds_up", "boolean", ("Adds up", "可累加"),
            ("Whether it may be added over months; stocks and balances may not", "能否跨月相加；库存与余额不能"),
        ),
    ),
)  # fmt: skip
"""Names of measures are those of the tables’ columns, in the reader’s language."""

_MONTHLY: Mapping[str, tuple[str, ...]] = {
    "completion": (
        *(
            "plan_t",
            "original_plan_t",
            "loaded_t",
            "arrived_t",
            "delivered_t",
            "shortfall_t",
            "over_lift_t",
            "unplanned_t",
        ),
    ),
    "settlement": ("amount_yuan", "tariff_yuan"),
    "cash": ("income_yuan", "paid_yuan", "closing_yuan"),
}
_DAILY: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "curtailment": ("supplier", ("plan_t", "could_t", "supplied_t", "curtailed_t")),
    "flows": ("asset", ("entered_t", "left_t", "lost_t")),
    "inventory": ("holder", ("closing_t",)),
}
"""Table → the column of its asset, and the columns that become measures: sums of the days, of stocks the last day."""
_NAMES = ("customer", "grade", "asset", "cause", "customer_class")
_BALANCES = ("closing_t", "closing_yuan")


def facts_of(scenario: str, tables: Mapping[str, pd.DataFrame], lang: str) -> pd.DataFrame:
    """The facts of one run; measures are named in ``lang``."""
    import pandas as pd

    parts = [_melted(tables[name], name, measures, {}, lang) for name, measures in _MONTHLY.items()]
    causes = tables["shortfalls"].rename(columns={"shortfall_t": "by_cause"})
    parts.append(_melted(causes, "shortfalls", ("by_cause",), {"by_cause": "shortfall_t"}, lang))
    for name, (asset, measures) in _DAILY.items():
        parts.append(_melted(_by_month(tables[name], asset, measures), name, measures, {}, lang))
    facts = pd.concat([part.astype(dict.fromkeys(_NAMES, "object")) for part in parts])
    classes = dict(zip(tables["customers"]["customer"], tables["customers"]["customer_class"], strict=True))
    facts["customer_class"] = facts["customer"].map(classes)
    facts["scenario"] = scenario
    facts = facts[[column.name for column in FACTS.columns]].reset_index(drop=True)
    for column in FACTS.columns:
        if column.type == "name":
            facts[column.name] = facts[column.name].astype("category")
        elif column.type == "text":
            facts[column.name] = facts[column.name].astype("str")
    return facts


def _by_month(frame: pd.DataFrame, asset: str, measures: Sequence[str]) -> pd.DataFrame:
    keyed = frame.assign(month=frame["day"].dt.to_period("M").dt.to_timestamp())
    groups = keyed.groupby(["month", asset, "grade"], observed=True, sort=True)[list(measures)]
    monthly = groups.last() if measures == ("closing_t",) else groups.sum()
    return monthly.reset_index().rename(columns={asset: "asset"})


def _melted(
    frame: pd.DataFrame, table: str, measures: Sequence[str], called: Mapping[str, str], lang: str
) -> pd.DataFrame:
    """A row per measure, those of nothing left out."""
    keys = [name for name in ("customer", "grade", "asset", "cause") if name in frame.columns]
    long = frame.melt(id_vars=["month", *keys], value_vars=list(measures), var_name="measure", value_name="value")
    long = long[long["value"].notna() & (long["value"] != 0)].rename(columns={"month": "period"})
    declared = {measure: TABLES[table].column(called.get(measure, measure)) for measure in measures}
    texts = {m: _measure_text(table, column, m, lang) for m, column in declared.items()}
    long["unit"] = long["measure"].map({m: column.unit for m, column in declared.items()})
    long["adds_up"] = ~long["measure"].isin(_BALANCES)
    long["measure"] = long["measure"].map(texts)
    for name in _NAMES:
        if name not in long.columns:
            long[name] = None
    return long


def _measure_text(table: str, column: Column, measure: str, lang: str) -> str:
    """The column's header; the table's title before it, but for completion, as headers are unique in one table only."""
    header = column.header(lang)
    if table == "completion":
        return header
    return f"{TABLES[table].title(lang)}：{header}" if lang == "zh" else f"{TABLES[table].title(lang)}: {header}"
