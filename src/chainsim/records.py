"""What happened: frozen records of one run, exact and untabulated.

Times are days since the scenario's start, amounts tonnes. Stocks and flows are kept as their breakpoints: stocks are
linear, flows constant between two of them, so every table is an exact integral of these and nothing is sampled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from chainsim.model import Scenario

CAUSES: dict[str, tuple[str, str]] = {
    "pipeline": ("pipeline outage", "管线停输"),
    "railway": ("railway outage or limit", "铁路停限"),
    "loading": ("loading rack outage or limit", "装车受限"),
    "source": ("field or border supply outage", "油源中断"),
    "quality": ("off-spec crude refused", "质量不合格"),
    "tank": ("tanks out of service", "油罐停用"),
    "customer_cash": ("customer's cash", "客户资金"),
    "customer_runs": ("customer's run cut", "客户降负荷"),
    "supply_below_plan": ("production below purchase plan", "产量低于购油计划"),
    "line_capacity": ("pipeline capacity below plan", "管输能力不足"),
    "rack_capacity": ("loading rack busy", "装车能力不足"),
    "path_capacity": ("train paths used up", "铁路运力不足"),
    "wagons": ("no wagons at the rack", "车皮不足"),
    "customer_room": ("customer's tanks full", "客户库容不足"),
    "batching": ("other grades in the line", "批次顺序"),
    "in_transit": ("loaded, not yet arrived", "在途未到"),
    "whole_trains": ("rest smaller than a train", "整列余量"),
    "plan_unbalanced": ("plan never balanced", "计划不平衡"),
    "before_as_of": ("before the as-of date", "截止日前"),
}
"""Cause code → (English, Chinese). The first eight may be given by a disruption; the engine finds the others itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellLog:
    """The stock of one grade in one farm or at one customer: linear between breakpoints, a jump is two at one time."""

    holder: str
    holder_kind: Literal["farm", "customer"]
    grade: str
    days: tuple[float, ...]
    tonnes: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLog:
    """One flow: ``rate[i]`` and ``request[i]`` (t/d, measured at the entrance) hold from ``days[i]`` to the next.

    ``kind``: supply (supplier → farm), line (a pipeline; one flow per grade if parallel), loading (rack spot), runs
    (customer's processing). ``into[i]`` and ``out_of[i]`` index ``RunLog.mixtures``: the composition entering, leaving.
    ``loss_fraction`` is lost on leaving. ``nominal`` is the plan's own rate for the flow over the same intervals.
    """

    asset: str
    kind: Literal["supply", "line", "loading", "runs"]
    origin: str
    destination: str
    loss_fraction: float
    days: tuple[float, ...]
    rate: tuple[float, ...]
    request: tuple[float, ...]
    nominal: tuple[float, ...]
    into: tuple[int, ...]
    out_of: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLog:
    """Total content of a pipeline is constant; this gives its composition at the start and at the end of the run.

    ``closing_contents`` lists (grade, tonnes) at the end from the exit back to the entrance.
    """

    pipeline: str
    line_fill_t: float
    opening_t: dict[str, float]
    closing_t: dict[str, float]
    closing_contents: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord:
    """A batch 批次 in a line; times are ``None`` where the run ended before."""

    pipeline: str
    number: int
    grade: str
    scheduled_t: float
    pumped_t: float
    entry_start_day: float | None
    entry_end_day: float | None
    exit_start_day: float | None
    exit_end_day: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRecord:
    """A train from due to wagons back; times are ``None`` where the run ended before."""

    railway: str
    number: int
    customer: str
    grade: str
    wagons: int
    loaded_t: float
    arrived_t: float
    due_day: float
    loading_start_day: float
    loading_end_day: float | None
    departure_day: float | None
    arrival_day: float | None
    unloaded_day: float | None
    wagons_back_day: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """One customer × grade × month: the books of its plan. Tonnes; ``delivered_t`` is counted at ``delivery_point``.

    ``causes`` maps (cause code, asset) to tonnes and sums to ``max(0, plan_t - delivered_t)``. ``plan_t`` is the plan in
    force at the month's end, ``original_t`` that before any order.
    """

    customer: str
    grade: str
    month: int
    start_day: float
    end_day: float
    plan_t: float
    original_t: float
    loaded_t: float
    arrived_t: float
    delivered_t: float
    actual_t: float
    """The part of ``delivered_t`` that was an actual from before the as-of date."""
    causes: tuple[tuple[tuple[str, str], float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CashLog:
    """A cash customer's balance in yuan, linear between breakpoints."""

    customer: str
    days: tuple[float, ...]
    yuan: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """Something worth telling: kind is one of ``EVENT_KINDS``."""

    day: float
    kind: str
    asset: str
    grade: str = ""
    detail: str = ""
    value: float = 0.0


EVENT_KINDS: dict[str, tuple[str, str]] = {
    "tank_full": ("tank full", "罐满"),
    "tank_at_heel": ("tank at heel", "到底油"),
    "curtailed": ("intake curtailed", "限产关井"),
    "curtailment_ended": ("intake restored", "恢复交油"),
    "run_cut": ("runs cut", "降负荷"),
    "runs_restored": ("runs restored", "恢复加工"),
    "outage_began": ("outage began", "停运开始"),
    "outage_ended": ("outage ended", "停运结束"),
    "order_effective": ("order in force", "调整令生效"),
    "line_below_minimum": ("line below minimum safe throughput", "低于最低安全输量"),
    "line_minimum_restored": ("line above minimum again", "恢复安全输量"),
    "line_stopped": ("line stopped", "管线停输"),
    "line_restarted": ("line restarted", "管线再启"),
    "cash_exhausted": ("cash used up", "资金用尽"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeBalance:
    """Conservation of one grade over the run: ``residual_t`` is 0 but for rounding."""

    grade: str
    opening_stock_t: float
    opening_line_fill_t: float
    opening_in_trains_t: float
    supplied_t: float
    processed_t: float
    lost_t: float
    closing_stock_t: float
    closing_line_fill_t: float
    closing_in_trains_t: float
    curtailed_t: float
    produced_t: float
    """What the fields could have delivered: supplied + curtailed."""

    @property
    def residual_t(self) -> float:
        """Opening + supplied − processed − lost − closing."""
        opening = self.opening_stock_t + self.opening_line_fill_t + self.opening_in_trains_t
        closing = self.closing_stock_t + self.closing_line_fill_t + self.closing_in_trains_t
        return opening + self.supplied_t - self.processed_t - self.lost_t - closing


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLog:
    """All that one run produced."""

    begin_day: float
    end_day: float
    mixtures: tuple[tuple[tuple[str, float], ...], ...]
    """Compositions by index: (grade, fraction) pairs that sum to 1."""
    cells: tuple[CellLog, ...]
    flows: tuple[FlowLog, ...]
    lines: tuple[LineLog, ...]
    batches: tuple[BatchRecord, ...]
    trains: tuple[TrainRecord, ...]
    accounts: tuple[AccountRecord, ...]
    cash: tuple[CashLog, ...]
    events: tuple[EventRecord, ...]
    balance: tuple[GradeBalance, ...]
    event_count: int
    """How many instants the engine acted at (for benchmarks)."""
    state: Any = field(compare=False, default=None)
    """The engine's own checkpoint, from which ``simulate`` continues; opaque to everyone else."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """The run of ``scenario`` up to ``day``, whose events are still to come; ``state`` is opaque, and never goes to disk."""

    scenario: Scenario
    day: float
    state: bytes
