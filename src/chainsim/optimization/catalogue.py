"""The tables of a re-plan, declared: the draft order with its reasons, its proof, and what binds."""

from __future__ import annotations

from typing import Any

from chainsim.records import CAUSES
from chainsim.results import Column, Table

KINDS: dict[str, tuple[str, str]] = {
    "capacity": ("line capacity", "输油能力"),
    "minimum": ("minimum throughput", "最低安全输量"),
    "rack": ("loading rack", "装车能力"),
    "paths": ("train paths", "运行线"),
    "wagons": ("wagons", "车皮"),
    "route": ("route limit", "限装"),
    "safe_fill": ("tanks", "库容"),
    "runs": ("crude runs", "加工量"),
    "cash": ("cash", "资金"),
    "supply": ("supply", "油源"),
    "advance": ("over-lift band", "超前限额"),
}
"""What can bind, with its texts: rows of the program, and the oil itself."""


def _name(
    name: str, header: tuple[str, str], meaning: tuple[str, str], domain: str, *, key: bool = False, **more: Any
) -> Column:
    return Column(name, "name", "", *header, *meaning, key=key, domain=domain, **more)


def _number(name: str, unit: str, header: tuple[str, str], meaning: tuple[str, str]) -> Column:
    return Column(name, "number", unit, *header, *meaning)


def _text(name: str, header: tuple[str, str], meaning: tuple[str, str], *, key: bool = False) -> Column:
    return Column(name, "text", "", *header, *meaning, key=key)


_CUSTOMER = _name("customer", ("Customer", "客户"), ("The customer's name", "客户代号"), "customer", key=True)
_GRADE = _name("grade", ("Grade", "品种"), ("The crude's name", "原油品种"), "grade", key=True)
_MONTH = Column("month", "date", "", "Month", "月份", "The month's first day", "当月首日", key=True)
_KIND = _name("kind", ("Limit", "限制"), ("What limits the asset", "限制类型"), "binding_kind", key=True, values=KINDS)

DRAFT_ORDER = Table(
    "draft_order", "Draft order", "调整令草稿", "One changed plan line of the draft order, and why",
    "调整令草稿的一行及其理由",
    (
        _CUSTOMER,
        _GRADE,
        _MONTH,
        _number("before_t", "t", ("Before", "调整前"), ("The plan in force", "现行计划")),
        _number("after_t", "t", ("After", "调整后"), ("The plan under the order", "调整后计划")),
        _number("change_t", "t", ("Change", "增减"), ("After less before", "调整后−调整前")),
        _text("why_en", ("Why (English)", "理由（英文）"), ("The reason in English", "英文理由")),
        _text("why_zh", ("Why (Chinese)", "理由（中文）"), ("The reason in Chinese", "中文理由")),
        _name("mends_cause", ("Cause mended", "所补原因"),
              ("Main cause of what an increase makes up, or a cut could not bring, as simulated without the order",
               "增量所补（或减量无法到达）部分的主要原因，按无调整令模拟"), "cause", values=CAUSES),
        _name("mends_asset", ("At", "所在设施"), ("Where that cause lies", "原因所在设施"), "asset"),
        _number("mends_t", "t", ("Of it", "所补量"), ("Tonnes of that cause", "该原因的吨数")),
        _name("binding_kind", ("Limit", "限制"), ("What binds on the way up to this month", "至当月途中的限制"),
              "binding_kind", values=KINDS),
        _name("binding_asset", ("Limit at", "限制所在"), ("The asset that binds", "起限制作用的设施"), "asset"),
        _number("price", "month", ("Price", "价格"),
                ("Months of delay that one more tonne there saves", "该处每增 1 t 可少滞后的月数")),
    ),
)  # fmt: skip


def _three(stem: str, unit: str, header: tuple[str, str], meaning: tuple[str, str]) -> tuple[Column, ...]:
    """One figure without the order, with it as simulated, and as the program promises."""
    suffix = {"t": "_t", "t·month": "_t_months"}.get(unit, "")
    when = {
        "before": (("before", "调整前"), ("simulated without the order", "无调整令，模拟")),
        "after": (("after", "调整后"), ("simulated with the order", "有调整令，模拟")),
        "promised": (("promised", "承诺"), ("as the optimizer believes", "优化器的承诺")),
    }
    return tuple(
        _number(
            f"{stem}_{name}{suffix}", unit, (f"{header[0]} {head[0]}", f"{header[1]}（{head[1]}）"),
            (f"{meaning[0]}, {said[0]}", f"{meaning[1]}（{said[1]}）"),
        )
        for name, (head, said) in when.items()
    )  # fmt: skip


ORDER_PROOF = Table(
    "order_proof", "Proof by simulation", "模拟验证",
    "One customer over the months from the re-plan on, against the plan in force before the order",
    "一个客户自调整之日所在月起，对照调整前的计划",
    (
        _CUSTOMER,
        _number("plan_t", "t", ("Plan", "计划量"),
                ("The plan before the order, and what was owed by then", "调整前计划及此前欠量")),
        *_three("delivered", "t", ("Delivered", "完成量"), ("Tonnes delivered", "完成量")),
        *_three("completion", "1", ("Completion", "完成率"),
                ("Σ by grade min(delivered, plan) / plan", "Σ按品种 min（完成量，计划量）/计划量")),
        *_three("lateness", "t·month", ("Lateness", "滞后量"),
                ("Sum of the backlogs at all months' ends", "各月末累计欠量之和")),
        _number("promise_gap", "1", ("Promise less proof", "承诺与验证之差"),
                ("Completion promised less completion simulated with the order", "承诺完成率−有调整令模拟完成率")),
        _text("gap_why_en", ("Why (English)", "差异原因（英文）"),
              ("Why they differ, where by more than 1 %", "相差 1% 以上时的原因，英文")),
        _text("gap_why_zh", ("Why (Chinese)", "差异原因（中文）"),
              ("The same in Chinese", "相差 1% 以上时的原因，中文")),
    ),
)  # fmt: skip

ORDER_CAUSES = Table(
    "order_causes", "Shortfall before and after", "调整前后欠量原因",
    "One cause of one customer's shortfall from the re-plan on, as simulated; each against its own plan in force",
    "一个客户一种欠量原因（自调整之日所在月起，模拟）；各对照其执行计划",
    (
        _CUSTOMER,
        _name("cause", ("Cause", "原因"), ("Why it fell short", "欠量原因"), "cause", key=True, values=CAUSES),
        _name("asset", ("Asset", "设施"), ("Where the cause lies", "原因所在设施"), "asset", key=True),
        _number("before_t", "t", ("Before", "调整前"), ("Shortfall without the order", "无调整令欠量")),
        _number("after_t", "t", ("After", "调整后"),
                ("Shortfall with the order, against the plan it sets", "有调整令欠量，对照调整后计划")),
    ),
)  # fmt: skip

ORDER_LEVELS = Table(
    "order_levels", "Levels of the objective", "目标层次",
    "One level of the objective, each reached without giving up any before it", "目标的一层，不损害其前各层",
    (
        _text("level", ("Level", "层次"),
              ("Safety, completion, evenness by class, lines, change, cost", "安全、分级完成、均衡、行数、变动、费用"),
              key=True),
        _number("value", "", ("Value", "数值"), ("What was reached; less is better", "所达数值，越小越好")),
        _text("unit", ("Unit", "单位"), ("The value's unit", "数值单位")),
        _number("seconds", "s", ("Solved in", "求解时间"), ("Time of the solver", "求解器用时")),
    ),
)  # fmt: skip

ASSET_PRICES = Table(
    "asset_prices", "Prices of capacity", "能力价格", "What more of an asset is worth in one month", "某设施某月增加能力的价值",
    (
        _name("asset", ("Asset", "设施"), ("The asset that binds", "起限制作用的设施"), "asset", key=True),
        _KIND,
        _MONTH,
        _name("grade", ("Grade", "品种"), ("Where the limit is a grade's own", "仅限某品种时"), "grade", key=True),
        _number("tonne_price", "month", ("A tonne", "每吨"),
                ("Months of delay that one more tonne there saves at best", "该处每增 1 t 最多可少滞后的月数")),
        _text("unit", ("Unit", "单位"), ("The limit's natural unit", "能力单位")),
        _number("completion_t", "t", ("A unit: completion", "每单位：完成量"),
                ("Tonnes that one more unit all month delivers by the end", "全月增加一个单位至期末多完成的量")),
        _number("lateness_t_months", "t·month", ("A unit: lateness", "每单位：滞后量"),
                ("Tonne-months that one more unit all month saves", "全月增加一个单位少滞后的吨·月")),
        _number("verified_t", "t", ("Verified", "复算完成量"),
                ("The same, solved again with one unit more; of the dearest", "增加一个单位后重新求解；仅限价格最高者")),
        _number("verified_t_months", "t·month", ("Verified lateness", "复算滞后量"),
                ("As verified, of lateness", "复算的滞后量")),
    ),
)  # fmt: skip

ORDER_TABLES: dict[str, Table] = {
    table.name: table for table in (DRAFT_ORDER, ORDER_PROOF, ORDER_CAUSES, ORDER_LEVELS, ASSET_PRICES)
}
"""Name → declaration, in the order in which they are read."""
