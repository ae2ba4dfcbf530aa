"""The run's key figures, each declared with its definition in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chainsim.results.completion import differences
from chainsim.results.deliveries import Deliveries
from chainsim.results.frames import frame, instants
from chainsim.results.integrals import Floats
from chainsim.results.run import Run
from chainsim.results.stocks import Tanks

if TYPE_CHECKING:
    import pandas as pd

CURTAILED_T = 1e-6
"""A day counts as curtailed above this: rounding is not a shut-in."""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure's declaration."""

    name: str
    unit: str
    header_en: str
    header_zh: str
    meaning_en: str
    meaning_zh: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure's value; ``day`` since the start, for extremes."""

    value: float
    subject: str = ""
    day: float | None = None


KPIS: tuple[Kpi, ...] = (
    Kpi("completion", "1", "Plan completion", "计划完成率", "Σ delivered / Σ plan in force", "Σ完成量/Σ执行计划"),
    Kpi("completion_by_grade", "1", "Completion by grade", "分品种完成率",
        "Σ min(delivered, plan) / Σ plan over customer, grade and month", "Σmin(完成,计划)/Σ计划，按客户、品种、月份"),
    Kpi("completion_original", "1", "Completion of original plan", "原计划完成率",
        "Σ delivered / Σ plan before orders", "Σ完成量/Σ原计划"),
    Kpi("completion_petrochina", "1", "Completion, PetroChina", "完成率（中国石油）",
        "Completion of the PetroChina refineries", "中国石油炼厂完成率"),
    Kpi("completion_sinopec", "1", "Completion, Sinopec", "完成率（中国石化）",
        "Completion of the Sinopec refineries", "中国石化炼厂完成率"),
    Kpi("completion_local", "1", "Completion, local", "完成率（地方炼厂）",
        "Completion of the local refineries", "地方炼厂完成率"),
    Kpi("lowest_completion", "1", "Lowest completion", "最低完成率",
        "The customer with the lowest completion over the run", "全期完成率最低的客户"),
    Kpi("completion_spread", "1", "Spread of completion", "完成率差距",
        "Highest less lowest completion among customers with a plan", "有计划客户完成率的最高与最低之差"),
    Kpi("jain_fairness", "1", "Fairness (Jain)", "公平度（Jain）",
        "(Σx)² / (n Σx²) of the customers' completion; 1 is equal, below 0.95 unfair",
        "各客户完成率的Jain指数，1为均等，低于0.95为不公"),
    Kpi("jain_fairness_local", "1", "Fairness among local", "公平度（地方炼厂）",
        "Jain index of completion among the local refineries", "地方炼厂完成率的Jain指数"),
    Kpi("plan", "t", "Plan", "计划量", "Plan in force of all customers", "全部客户执行计划"),
    Kpi("delivered", "t", "Delivered", "完成量", "Counted against the plan", "计入完成的数量"),
    Kpi("shortfall", "t", "Shortfall", "欠量", "Σ max(0, plan − delivered) by customer, grade and month",
        "Σmax(0,计划−完成)，按客户、品种、月份"),
    Kpi("over_lift", "t", "Over-lift", "超量", "Σ delivered above a plan", "超计划完成量"),
    Kpi("unplanned", "t", "Unplanned", "计划外", "Delivered where the plan is zero", "计划为零的完成量"),
    Kpi("main_cause", "t", "Main cause of shortfall", "主要欠量原因",
        "The cause code with most tonnes of shortfall", "欠量最大的原因"),
    Kpi("main_asset", "t", "Main asset of shortfall", "主要欠量设施",
        "The asset with most tonnes of shortfall", "欠量最大的设施"),
    Kpi("produced", "t", "Could supply", "可供量", "What the fields could deliver", "油源可供量"),
    Kpi("supplied", "t", "Supplied", "交油量", "Taken in", "实际交油量"),
    Kpi("curtailed", "t", "Curtailed", "限产量", "Shut in because tanks were full", "因胀库限产量"),
    Kpi("outlet_clear_days", "d", "Outlet kept clear", "后路畅通天数", "Days on which no supplier was curtailed",
        "无限产的天数"),
    Kpi("lost", "t", "Transport loss", "运输损耗", "Lost in pipelines and trains", "管输与铁路损耗"),
    Kpi("highest_utilisation", "1", "Highest tank utilisation", "最高库容利用率",
        "Highest (stock − heel) / (safe fill − heel) of any farm, and when first", "油库最高库容利用率及首次时间"),
    Kpi("first_full", "d", "First farm full", "首个胀库",
        "Days from the start until the first farm is full; null if none ever is", "自起始日至首个油库胀库的天数；无则为空"),
    Kpi("farms_ever_full", "", "Farms ever full", "胀库油库数", "Number of farms that were full at some time",
        "曾胀库的油库数"),
    Kpi("busiest_line", "1", "Busiest line", "最繁忙管线", "Highest mean utilisation of a pipeline over the run",
        "管线全期平均利用率最高值"),
    Kpi("largest_arc_share", "1", "Largest share through one arc", "单一通道最大占比",
        "Largest throughput of one line or rack over all that was supplied", "单一管线或装车站输量/交油量的最大值"),
    Kpi("herfindahl", "1", "Concentration (Herfindahl)", "集中度（HHI）",
        "Σ of the customers' squared shares in deliveries", "客户完成量占比平方和"),
    Kpi("trains", "", "Trains departed", "发车列数", "Trains that departed within the run", "期内发车列数"),
    Kpi("train_delay", "d", "Mean train delay", "列车平均晚点", "Mean of departure less due and loading time",
        "发车时间−应装时间−装车时间的平均"),
    Kpi("data_coverage", "1", "Measured share", "计量占比",
        "Measured share of the actuals; below 0.9 completion is provisional; null without actuals",
        "实绩中计量数据占比，低于0.9为暂估；无实绩为空"),
)  # fmt: skip
"""Every key figure, in the order of the table."""

_CLASSES = ("petrochina", "sinopec", "local")


def kpis_frame(deliveries: Deliveries, tanks: tuple[Tanks, ...], table: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    """The table ``kpis``; ``table`` gives the other tables by name, of which these are sums."""
    run = deliveries.run
    figures: dict[str, Figure] = {
        **_plan_figures(run),
        **_cause_figures(run),
        **_network_figures(run, table("curtailment"), table("flow_totals")),
        **_tank_figures(tanks),
        **_train_figures(table("trains")),
        "data_coverage": Figure(_over(float(deliveries.measured[:, -1].sum()), float(deliveries.actual[:, -1].sum()))),
    }
    return _frame(run, figures)


def jain(values: Floats) -> float:
    """Jain's fairness index (Σx)² / (n Σx²); NaN without values.

    Source: Jain, Chiu, Hawe, DEC-TR-301 (1984).

    >>> jain(np.array([1.0, 1.0, 0.0, 0.0]))
    0.5
    """
    squares = float((values**2).sum())
    return float(values.sum()) ** 2 / (len(values) * squares) if squares > 0 else float("nan")


def _frame(run: Run, figures: Mapping[str, Figure]) -> pd.DataFrame:
    rows = [(kpi, figures[kpi.name]) for kpi in KPIS]
    assert len(figures) == len(rows), set(figures) - {k.name for k in KPIS}
    texts = ("name", "unit", "header_en", "header_zh", "meaning_en", "meaning_zh")
    return frame(
        "kpis",
        run.domains,
        {
            **{name: [getattr(kpi, name) for kpi, _ in rows] for name in texts},
            "value": [f.value for _, f in rows],
            "subject": [f.subject for _, f in rows],
            "at": instants(run.scenario, (f.day for _, f in rows)),
        },
    )


def _over(amount: float, base: float) -> float:
    return amount / base if base > 0 else float("nan")


def _plan_figures(run: Run) -> dict[str, Figure]:
    accounts = run.log.accounts
    names = run.domains.members["customer"]
    who = run.domains.codes("customer", (a.customer for a in accounts))
    plan, original, delivered = (
        np.array([getattr(a, name) for a in accounts], dtype=np.float64)
        for name in ("plan_t", "original_t", "delivered_t")
    )
    gaps = differences(plan, delivered)
    plans = np.bincount(who, plan, len(names))
    done = np.bincount(who, delivered, len(names))
    planned = plans > 0
    completion = np.where(planned, done / np.where(planned, plans, 1.0), np.nan)
    classes = np.array([c.customer_class for c in run.scenario.customers])
    total, total_plan = float(delivered.sum()), float(plan.sum())
    out = {
        "completion": Figure(_over(total, total_plan)),
        "completion_by_grade": Figure(_over(float(np.minimum(plan, delivered).sum()), total_plan)),
        "completion_original": Figure(_over(total, float(original.sum()))),
        "plan": Figure(total_plan),
        "delivered": Figure(total),
        "shortfall": Figure(float(gaps["shortfall_t"].sum())),
        "over_lift": Figure(float(gaps["over_lift_t"].sum())),
        "unplanned": Figure(float(gaps["unplanned_t"].sum())),
        "jain_fairness": Figure(jain(completion[planned])),
        "jain_fairness_local": Figure(jain(completion[planned & (classes == "local")])),
        "herfindahl": Figure(float(((done / total) ** 2).sum()) if total > 0 else float("nan")),
        "lowest_completion": Figure(float("nan")),
        "completion_spread": Figure(float("nan")),
    }
    for name in _CLASSES:
        mine = classes == name
        out[f"completion_{name}"] = Figure(_over(float(done[mine].sum()), float(plans[mine].sum())))
    if planned.any():
        worst = int(np.nanargmin(completion))
        lowest = float(completion[worst])
        out["lowest_completion"] = Figure(lowest, names[worst])
        out["completion_spread"] = Figure(float(np.nanmax(completion)) - lowest)
    return out


def _cause_figures(run: Run) -> dict[str, Figure]:
    causes: dict[str, float] = {}
    assets: dict[str, float] = {}
    for account in run.log.accounts:
        for (cause, asset), tonnes in account.causes:
            causes[cause] = causes.get(cause, 0.0) + tonnes
            if asset:
                assets[asset] = assets.get(asset, 0.0) + tonnes
    return {"main_cause": _largest(causes), "main_asset": _largest(assets)}


def _largest(tonnes: Mapping[str, float]) -> Figure:
    name, amount = min(tonnes.items(), key=lambda item: (-item[1], item[0]), default=("", 0.0))
    return Figure(amount, name) if amount > 0 else Figure(0.0)


def _network_figures(run: Run, curtailment: pd.DataFrame, totals: pd.DataFrame) -> dict[str, Figure]:
    supplied = float(curtailment["supplied_t"].sum())
    by_day = curtailment["curtailed_t"].to_numpy().reshape(-1, len(run.dates)).sum(axis=0)
    figures = {
        "produced": Figure(float(curtailment["could_t"].sum())),
        "supplied": Figure(supplied),
        "curtailed": Figure(float(curtailment["curtailed_t"].sum())),
        "outlet_clear_days": Figure(float((by_day <= CURTAILED_T).sum())),
        "lost": Figure(float(sum(r.lost_t for r in run.log.balance))),
        "busiest_line": Figure(float("nan")),
        "largest_arc_share": Figure(float("nan")),
    }
    days = len(run.dates)
    assets = run.domains.members["asset"]
    codes = totals["asset"].cat.codes.to_numpy()[::days]
    kinds = totals["kind"].astype("object").to_numpy()[::days]
    entered = totals["entered_t"].to_numpy().reshape(-1, days).sum(axis=1)
    capacity = totals["capacity_t"].to_numpy().reshape(-1, days).sum(axis=1)
    lines = [i for i in range(len(codes)) if kinds[i] == "line" and capacity[i] > 0]
    arcs = [i for i in range(len(codes)) if kinds[i] in ("line", "loading")]
    if lines:
        busiest = max(lines, key=lambda i: entered[i] / capacity[i])
        figures["busiest_line"] = Figure(float(entered[busiest] / capacity[busiest]), assets[codes[busiest]])
    if arcs and supplied > 0:
        widest = max(arcs, key=lambda i: entered[i])
        figures["largest_arc_share"] = Figure(float(entered[widest] / supplied), assets[codes[widest]])
    return figures


def _tank_figures(tanks: tuple[Tanks, ...]) -> dict[str, Figure]:
    farms = [t for t in tanks if t.kind == "farm"]
    highest, first = Figure(float("nan")), Figure(float("nan"))
    full = 0
    for farm in farms:
        utilisation = np.round(farm.utilisation, 9)  # two full farms are equally full, whatever their rounding
        if not np.isnan(utilisation).all():
            peak = int(np.nanargmax(utilisation))
            here = Figure(float(utilisation[peak]), farm.holder.name, float(farm.total.days[peak]))
            if highest.day is None or (-here.value, here.day or 0.0) < (-highest.value, highest.day):
                highest = here
        if farm.full.any():
            full += 1
            day = float(farm.total.days[int(np.argmax(farm.full))])
            if not day >= first.value:
                first = Figure(day, farm.holder.name, day)
    return {"highest_utilisation": highest, "first_full": first, "farms_ever_full": Figure(float(full))}


def _train_figures(trains: pd.DataFrame) -> dict[str, Figure]:
    delays = trains["delay_days"].dropna()
    return {
        "trains": Figure(float(trains["departed_at"].notna().sum())),
        "train_delay": Figure(float(delays.mean()) if len(delays) else float("nan")),
    }
