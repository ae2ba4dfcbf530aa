"""The run's key figures, each declared with its definition in both languages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chainsim.results.frames import frame, instants
from chainsim.results.moves import intakes, throughputs
from chainsim.results.run import Run
from chainsim.results.stocks import Tanks, all_tanks

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
        "Σ min(delivered, plan) / Σ plan over customer, grade and month", "Σmin（完成，计划）/Σ计划，按客户、品种、月份"),
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
        "Σmax（0，计划−完成），按客户、品种、月份"),
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
KPI_UNITS = {kpi.name: kpi.unit for kpi in KPIS}

_CLASSES = ("petrochina", "sinopec", "local")


def kpis_frame(run: Run, tanks: tuple[Tanks, ...]) -> pd.DataFrame:
    """The table ``kpis``."""
    return _frame(run, key_figures(run, tanks=tanks))


def key_figures(
    run: Run, names: Collection[str] | None = None, tanks: tuple[Tanks, ...] | None = None
) -> dict[str, Figure]:
    """Key figures by name (all, or at least ``names``), from the records themselves: who looks at many runs needs no table."""
    groups: dict[str, Callable[[], dict[str, Figure]]] = {
        "completion": lambda: _plan_figures(run),
        "main_cause": lambda: _cause_figures(run),
        "lost": lambda: {"lost": Figure(float(sum(r.lost_t for r in run.log.balance)))},
        "supplied": lambda: _network_figures(run),
        "first_full": lambda: _tank_figures(all_tanks(run) if tanks is None else tanks),
        "trains": lambda: _train_figures(run),
        "data_coverage": lambda: {"data_coverage": _coverage(run)},
    }
    figures: dict[str, Figure] = {}
    for first, make in groups.items():
        if names is None or not _IN_GROUP[first].isdisjoint(names):
            figures |= make()
    return figures


def jain(values: Iterable[float]) -> float:
    """Jain's fairness index (Σx)² / (n Σx²); NaN without values.

    Source: Jain, Chiu, Hawe, DEC-TR-301 (1984).

    >>> jain([1.0, 1.0, 0.0, 0.0])
    0.5
    """
    listed = list(values)
    squares = sum(value**2 for value in listed)
    return sum(listed) ** 2 / (len(listed) * squares) if squares > 0 else float("nan")


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


_IN_GROUP: dict[str, frozenset[str]] = {
    "main_cause": frozenset({"main_cause", "main_asset"}),
    "lost": frozenset({"lost"}),
    "supplied": frozenset(
        {"produced", "supplied", "curtailed", "outlet_clear_days", "busiest_line", "largest_arc_share"}
    ),
    "first_full": frozenset({"highest_utilisation", "first_full", "farms_ever_full"}),
    "trains": frozenset({"trains", "train_delay"}),
    "data_coverage": frozenset({"data_coverage"}),
}
"""The figures that are made together, by one of them; all others go by the plan's accounts."""
_IN_GROUP["completion"] = frozenset(kpi.name for kpi in KPIS).difference(*_IN_GROUP.values())
PLAN_FIGURES = tuple(kpi.name for kpi in KPIS if kpi.name in _IN_GROUP["completion"] | _IN_GROUP["main_cause"])
"""What the accounts alone tell, at next to no cost."""


def _over(amount: float, base: float) -> float:
    return amount / base if base > 0 else float("nan")


def _plan_figures(run: Run) -> dict[str, Figure]:
    customers = run.customer_totals
    books = list(customers.values())
    plan, delivered = sum(b.plan_t for b in books), sum(b.delivered_t for b in books)
    classes = {customer.name: customer.customer_class for customer in run.scenario.customers}
    completion = {name: totals.completion for name, totals in customers.items() if totals.plan_t > 0}
    out = {
        "completion": Figure(_over(delivered, plan)),
        "completion_by_grade": Figure(_over(sum(b.within_t for b in books), plan)),
        "completion_original": Figure(_over(delivered, sum(b.original_t for b in books))),
        "plan": Figure(plan),
        "delivered": Figure(delivered),
        "shortfall": Figure(sum(b.shortfall_t for b in books)),
        "over_lift": Figure(sum(b.over_lift_t for b in books)),
        "unplanned": Figure(sum(b.unplanned_t for b in books)),
        "jain_fairness": Figure(jain(completion.values())),
        "jain_fairness_local": Figure(jain(x for name, x in completion.items() if classes[name] == "local")),
        "herfindahl": Figure(_over(sum(b.delivered_t**2 for b in books), delivered**2)),
        "lowest_completion": Figure(float("nan")),
        "completion_spread": Figure(float("nan")),
    }
    for name in _CLASSES:
        mine = [totals for customer, totals in customers.items() if classes[customer] == name]
        out[f"completion_{name}"] = Figure(_over(sum(b.delivered_t for b in mine), sum(b.plan_t for b in mine)))
    if completion:
        worst = min(completion, key=completion.__getitem__)
        out["lowest_completion"] = Figure(completion[worst], worst)
        out["completion_spread"] = Figure(max(completion.values()) - completion[worst])
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


def _network_figures(run: Run) -> dict[str, Figure]:
    intake = intakes(run)
    supplied = float(sum(i.supplied_t.sum() for i in intake))
    by_day = sum((i.curtailed_t for i in intake), np.zeros(len(run.dates)))
    figures = {
        "produced": Figure(float(sum(i.could_t.sum() for i in intake))),
        "supplied": Figure(supplied),
        "curtailed": Figure(float(by_day.sum())),
        "outlet_clear_days": Figure(float((by_day <= CURTAILED_T).sum())),
        "busiest_line": Figure(float("nan")),
        "largest_arc_share": Figure(float("nan")),
    }
    carried = throughputs(run)
    lines = [c for c in carried if c.kind == "line" and c.capacity_t > 0]
    if lines:
        busiest = max(lines, key=lambda c: c.entered_t / c.capacity_t)
        figures["busiest_line"] = Figure(busiest.entered_t / busiest.capacity_t, busiest.asset)
    if carried and supplied > 0:
        widest = max(carried, key=lambda c: c.entered_t)
        figures["largest_arc_share"] = Figure(widest.entered_t / supplied, widest.asset)
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


def _train_figures(run: Run) -> dict[str, Figure]:
    hours = {r.name: r.hours_per_train for r in run.scenario.railways}
    departed = [t for t in run.log.trains if t.departure_day is not None]
    delays = [t.departure_day - (t.due_day + hours[t.railway] / 24.0) for t in departed if t.departure_day is not None]
    return {
        "trains": Figure(float(len(departed))),
        "train_delay": Figure(sum(delays) / len(delays) if delays else float("nan")),
    }


def _coverage(run: Run) -> Figure:
    """The measured share of the actuals that count."""
    before = min(run.log.begin_day, run.log.end_day)
    counted = [a for a in run.scenario.actual_deliveries if 0 <= a.day < before]
    measured = sum(a.tonnes for a in counted if a.measured)
    return Figure(_over(float(measured), float(sum(a.tonnes for a in counted))))
