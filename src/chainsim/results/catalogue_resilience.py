"""The tables of a resilience scan, declared: one asset's outage from one day, and what it does to each customer."""

from __future__ import annotations

from chainsim.results.catalogue_network import ASSET_KINDS, CUSTOMER, tonnes
from chainsim.results.declarations import Column, Table


def _days(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "number", "d", header_en, header_zh, meaning_en, meaning_zh)


def _instant(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "instant", "", header_en, header_zh, meaning_en, meaning_zh)


def _asset(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str, *, key: bool = False) -> Column:
    return Column(name, "name", "", header_en, header_zh, meaning_en, meaning_zh, key=key, domain="asset")


_START = Column(
    "start", "date", "", "Out from", "停运起始", "The day on which the outage begins", "停运开始日期", key=True
)
_OUT = _asset("asset", "Asset", "设施", "What is out altogether", "全部停运的设施", key=True)

RESILIENCE = Table(
    "resilience", "Resilience", "抗风险能力",
    "One asset out altogether from a day on: how long all go on as without it, and what an outage of the length asked for costs",
    "某设施自某日起全停：可支撑天数，以及给定停运天数的损失与恢复时间",
    (
        _START,
        _OUT,
        Column(
            "kind", "name", "", "Kind", "类型", "What it is", "设施类型", domain="asset_kind", values=ASSET_KINDS
        ),
        Column(
            "rank", "integer", "", "Rank", "排名",
            "1 is the gravest from that day: by exposure, then by the time to survive, then by tonnes curtailed",
            "同一起始日由重到轻：依次按风险指数、可支撑天数、限产量",
        ),
        Column(
            "exposure", "number", "1", "Risk exposure index", "风险暴露指数",
            "Tonnes short of plan over those of the gravest asset from the same day", "欠量/同一起始日最重设施的欠量",
        ),
        _days(
            "tts_plan_days", "Survives: plans", "计划可支撑天数",
            "The longest outage by which no customer's month closes shorter of plan than without it; null: longer than any tried",
            "各客户月度计划不因停运而欠量的最长停运天数；空为超过所试最长天数",
        ),
        _asset("first_customer", "First short", "首个欠量客户", "The customer that is short first", "最先欠量的客户"),
        _days(
            "tts_runs_days", "Survives: runs", "加工可支撑天数",
            "The longest outage by which no refinery's runs are cut; null: longer than any tried",
            "各炼厂不因停运而降量的最长停运天数；空为超过所试最长天数",
        ),
        _asset("first_refinery", "First cut", "首个降量炼厂", "The refinery whose runs are cut first", "最先降量的炼厂"),
        _days(
            "tts_tank_days", "Survives: tanks", "库容可支撑天数",
            "The longest outage by which no farm stands full and no field is curtailed; null: longer than any tried",
            "油库不胀库、油田不限产的最长停运天数；空为超过所试最长天数",
        ),
        _asset(
            "first_tank", "First full", "首个胀库或限产",
            "The farm that is full, or field that is curtailed, first", "最先胀库的油库或限产的油源",
        ),
        _instant(
            "unrepaired_cut_at", "Runs cut, unrepaired", "不修复时降量时间",
            "When the first refinery's runs are cut if the outage goes on; null: not within the longest outage tried",
            "停运持续时首个炼厂降量的时间；空为所试最长停运期内不发生",
        ),
        _instant(
            "unrepaired_full_at", "Tanks full, unrepaired", "不修复时胀库时间",
            "When the first farm is full or field curtailed if the outage goes on; null: not within the longest outage tried",
            "停运持续时首次胀库或限产的时间；空为所试最长停运期内不发生",
        ),
        _days(
            "outage_days", "Outage", "停运天数",
            "Length of the outage that the columns below are about", "以下各列所指的停运天数",
        ),
        tonnes(
            "short_t", "Short of plan", "欠量",
            "Tonnes of all customers short at their months' ends, more than without the outage",
            "各客户月末欠量合计（较无停运增加）",
        ),
        tonnes(
            "lost_t", "Not delivered", "少交量", "Tonnes not delivered by the horizon, that would have been without the outage",
            "至期末较无停运少交的数量",
        ),
        tonnes("runs_lost_t", "Not processed", "少加工量", "Tonnes not processed by the horizon", "至期末少加工的数量"),
        tonnes(
            "curtailed_t", "Curtailed", "限产量",
            "Tonnes curtailed by the horizon, more than without the outage", "至期末增加的限产量",
        ),
        _days(
            "ttr_backlog_days", "Recovers: backlog", "欠交恢复天数",
            "From the repair until no customer lags more in its month than without the outage; null: not within the horizon",
            "修复后至各客户当月进度与无停运一致的天数；空为期内未恢复",
        ),
        _asset("last_customer", "Last customer", "最后恢复客户", "The customer that lags longest", "最后恢复的客户"),
        _days(
            "ttr_stock_days", "Recovers: stocks", "库存恢复天数",
            "From the repair until every farm's stock is within a band of what it would have been; null: not within the horizon",
            "修复后至各油库库存回到无停运水平允差内的天数；空为期内未恢复",
        ),
        _asset(
            "last_stock", "Last stock", "最后恢复库存",
            "The farm whose stock is back last", "库存最后恢复的油库",
        ),
    ),
)  # fmt: skip

RESILIENCE_CUSTOMERS = Table(
    "resilience_customers", "Resilience by customer", "分客户抗风险能力",
    "One customer in one asset's outage from one day on; customers that it does nothing to are left out",
    "某设施停运对某客户的影响；不受影响的客户不列",
    (
        _START,
        _OUT,
        CUSTOMER,
        _days(
            "tts_plan_days", "Survives: plan", "计划可支撑天数",
            "The longest outage by which none of its months closes shorter of plan than without it; null: longer than any tried",
            "月度计划不因停运而欠量的最长停运天数；空为超过所试最长天数",
        ),
        _instant(
            "unrepaired_cut_at", "Runs cut, unrepaired", "不修复时降量时间",
            "When its runs are cut if the outage goes on; null: not within the longest outage tried",
            "停运持续时降量的时间；空为所试最长停运期内不发生",
        ),
        tonnes(
            "short_t", "Short of plan", "欠量",
            "Tonnes short at its months' ends, more than without the outage", "月末欠量（较无停运增加）",
        ),
        tonnes("lost_t", "Not delivered", "少交量", "Tonnes not delivered by the horizon", "至期末少交的数量"),
        tonnes("runs_lost_t", "Not processed", "少加工量", "Tonnes not processed by the horizon", "至期末少加工的数量"),
    ),
)  # fmt: skip

RESILIENCE_TABLES: dict[str, Table] = {table.name: table for table in (RESILIENCE, RESILIENCE_CUSTOMERS)}
"""Both, by name."""
