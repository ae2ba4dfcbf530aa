"""The tables about what the network itself allows, declared. They depend on the scenario alone."""

from __future__ import annotations

from dataclasses import replace

from chainsim.results.catalogue_network import ASSET_KINDS, CUSTOMER, GRADE, MONTH, tonnes
from chainsim.results.declarations import Column, Table

ALL = "all"
"""Stands for all classes or all grades."""
CLASSES_OR_ALL: dict[str, tuple[str, str]] = {
    ALL: ("all", "全部"),
    "petrochina": ("PetroChina", "中国石油"),
    "sinopec": ("Sinopec", "中国石化"),
    "local": ("local", "地方炼厂"),
}


def _ratio(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "number", "1", header_en, header_zh, meaning_en, meaning_zh)


def _count(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "integer", "", header_en, header_zh, meaning_en, meaning_zh)


def _assets(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "text", "", header_en, header_zh, meaning_en, meaning_zh)


_DEPENDENCIES = Table(
    "dependencies", "Single-route dependency", "单一通道依赖",
    "An asset that every way of a grade to a customer passes; pairs of customer and grade with a plan",
    "某品种到某客户的所有通道都必经的设施（有计划的客户与品种）",
    (
        CUSTOMER,
        GRADE,
        Column(
            "asset", "name", "", "Asset", "设施", "The asset that cannot be gone round; a railway with its rack and paths",
            "绕不开的设施；铁路含栈桥与运行线", key=True, domain="asset",
        ),
        Column(
            "kind", "name", "", "Kind", "类型", "Supplier, farm, pipeline or railway", "油源、油库、管线或铁路",
            domain="asset_kind", values=ASSET_KINDS,
        ),
        _count("position", "Position", "顺序", "1 for the first from the source", "自油源起的顺序，首个为1"),
        _count(
            "routes", "Separate ways", "独立通道数", "Ways of the grade to the customer that share no pipeline and no railway",
            "该品种到该客户互不共用管线与铁路的通道数",
        ),
        tonnes(
            "plan_t", "Plan", "计划量", "Plan of customer and grade over the run's horizon, approved orders included",
            "该客户该品种全期计划量（含已批准调整令）",
        ),
        _ratio("plan_share", "Share of plan", "占客户计划", "plan_t over the customer's plan", "plan_t占该客户计划的比例"),
        _ratio(
            "customer_share", "Customer's dependency", "客户依赖度",
            "The part of the customer's plan, all its grades, that cannot go round the asset",
            "该客户全部计划中绕不开此设施的比例",
        ),
    ),
)  # fmt: skip

_BOTTLENECKS = Table(
    "bottlenecks", "Bottlenecks", "瓶颈",
    "What the network can carry of a month's plan, without drawing on stocks; before losses, net of dated disruptions",
    "不动用库存时网络当月可完成的计划量（未计损耗，已扣除既定停运）",
    (
        MONTH,
        Column(
            "customer_class", "name", "", "Class", "类别", "The customers' class, or all", "客户类别或全部", key=True,
            domain="class_or_all", values=CLASSES_OR_ALL,
        ),
        replace(GRADE, meaning_en="The crude's name, or all", meaning_zh="原油品种或全部", domain="grade_or_all"),
        tonnes("plan_t", "Plan", "计划量", "Plan of the month, approved orders included", "当月计划量（含已批准调整令）"),
        tonnes(
            "flow_t", "Can flow", "可完成量",
            "The most of the plan that can flow (maximum flow); for all grades together an upper bound",
            "可流动的最大计划量（最大流）；全部品种合计为上界",
        ),
        tonnes("missing_t", "Cannot flow", "不可完成量", "plan_t − flow_t", "计划量−可完成量"),
        _ratio("flow_share", "Can flow, share", "可完成率", "flow_t / plan_t", "可完成量/计划量"),
        _assets(
            "limiting", "Held back by", "制约设施",
            "The assets that hold the rest back (minimum cut); empty: all can flow, or no way leads there",
            "制约其余计划量的设施（最小割）；全部可完成或无通道时为空",
        ),
        tonnes(
            "capacity_t", "Capacity", "通道能力", "What could flow if these customers took all and nobody else took any",
            "仅这些客户接油且不限量时的最大流量",
        ),
        _ratio(
            "plan_load", "Load", "通道负荷", "plan_t / capacity_t; null where nothing can flow", "计划量/通道能力；无能力为空"
        ),
        _assets(
            "narrowest", "Narrowest at", "最窄处", "The assets that limit capacity_t (minimum cut)",
            "限制通道能力的设施（最小割）",
        ),
        _count("ways", "Separate ways", "独立通道数", "How many assets carriers lists", "所列必经设施的个数"),
        _assets(
            "carriers", "Carried by", "承运设施",
            "The fewest suppliers, pipelines and railways that carry all of it, over the whole horizon",
            "全期内承担其全部油量的最少油源、管线与铁路",
        ),
    ),
)  # fmt: skip

LIMIT_TABLES: tuple[Table, ...] = (_DEPENDENCIES, _BOTTLENECKS)
