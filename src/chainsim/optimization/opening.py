"""What a re-plan starts from: the state on the day, and how the lines run if nothing is changed.

Both come from the simulation, so that the optimizer and the engine agree on what lies in every tank, line and train.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from chainsim.model import RailRoute, Railway, Scenario
from chainsim.model.plan import months_of
from chainsim.records import CellLog, FlowLog, RunLog, TrainRecord

Key = tuple[str, str]
MonthKey = tuple[str, str, int]
"""(customer, grade, month)."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A train that is being loaded, or not yet unloaded, or whose wagons are not yet back."""

    railway: str
    customer: str
    grade: str
    tonnes: float
    """Still to arrive, the loss taken off; 0 once unloaded."""
    arrival_day: float
    back_day: float
    loading_t: float = 0.0
    """Its whole load, if it stands at the rack on the day: counted at ``loaded_day`` where the plan counts at loading."""
    loaded_day: float = 0.0
    to_load_t: float = 0.0
    """What of that still has to be drawn from the terminal's stock."""


@dataclass(frozen=True, slots=True)
class Pumped:
    """A line's cumulative tonnes at its entrance: linear between ``days``."""

    days: tuple[float, ...]
    tonnes: tuple[float, ...]

    def at(self, day: float) -> float:
        """Tonnes pumped up to ``day``, since the first of ``days``."""
        i = max(0, bisect_right(self.days, day) - 1)
        if i + 1 >= len(self.days):
            return self.tonnes[-1]
        a, b = self.days[i], self.days[i + 1]
        share = (day - a) / (b - a) if b > a else 0.0
        return self.tonnes[i] + share * (self.tonnes[i + 1] - self.tonnes[i])


@dataclass(frozen=True, slots=True)
class Opening:
    """The state on ``day``.

    ``stock_t`` by (holder, grade); ``contents_t`` by pipeline, (grade, tonnes) from the exit back to the entrance;
    ``delivered_t`` by (customer, grade): what the plan counts of the current month before ``day``; ``owed_t`` likewise: how far
    earlier months are behind the plan that was in force then, to be made up 补量; ``yuan`` by cash customer.
    ``pumped`` is each pipeline's expected pumping from ``day`` on, ``entered_t`` by (pipeline, grade) likewise.
    """

    day: float
    stock_t: Mapping[Key, float]
    contents_t: Mapping[str, tuple[tuple[str, float], ...]]
    trains: tuple[UnderWay, ...]
    delivered_t: Mapping[Key, float]
    yuan: Mapping[str, float]
    pumped: Mapping[str, Pumped]
    entered: Mapping[Key, Pumped]
    owed_t: Mapping[Key, float] = field(default_factory=dict)
    curtailed_t: float = 0.0
    """What fields have shut in before ``day``."""


def opening_of(
    scenario: Scenario, before: RunLog, expected: RunLog, reference: Mapping[MonthKey, float] | None = None
) -> Opening:
    """The state at the end of ``before``, a run that was stopped; ``expected`` is the same run carried to the end.

    ``reference`` holds the months' plans by which arrears count, where orders since are not to change them.
    """
    day = before.end_day
    railways = {r.name: r for r in scenario.railways}
    known = {(t.railway, t.number): t for t in expected.trains}
    trains = []
    for train in before.trains:
        later = known[train.railway, train.number]
        route = next(r for r in railways[train.railway].routes if r.customer == train.customer)
        if train.loading_end_day is None or train.loading_end_day > day:
            trains.append(_at_the_rack(later, route, railways[train.railway], day))
            continue
        departed = later.departure_day if later.departure_day is not None else day
        arrival = later.arrival_day if later.arrival_day is not None else departed + route.transit_days
        back = later.wagons_back_day if later.wagons_back_day is not None else departed + route.cycle_days
        unloaded = train.unloaded_day is not None and train.unloaded_day <= day
        if not unloaded or back > day:
            rest = 0.0 if unloaded else train.loaded_t * (1.0 - route.loss_fraction)
            trains.append(UnderWay(train.railway, train.customer, train.grade, rest, max(arrival, day), back))
    month = next(m for m, (start, end, _) in enumerate(months_of(scenario)) if start <= day < end)
    mixtures = expected.mixtures
    return Opening(
        day=day,
        stock_t={(cell.holder, cell.grade): _last(cell) for cell in before.cells},
        contents_t={line.pipeline: line.closing_contents for line in before.lines},
        trains=tuple(trains),
        delivered_t={(a.customer, a.grade): a.delivered_t for a in before.accounts if a.month == month},
        yuan={log.customer: log.yuan[-1] for log in before.cash},
        pumped={line.pipeline: _pumped(expected, line.pipeline, day) for line in expected.lines},
        entered={
            (line.pipeline, grade): _pumped(expected, line.pipeline, day, grade, mixtures)
            for line in expected.lines
            for grade in dict.fromkeys(
                g for f in expected.flows if f.asset == line.pipeline for g in _grades(f, mixtures)
            )
        },
        owed_t=_owed(before, month, reference or {}),
        curtailed_t=sum(balance.curtailed_t for balance in before.balance),
    )


def _owed(before: RunLog, month: int, reference: Mapping[MonthKey, float]) -> dict[Key, float]:
    """What each plan line is behind at the end of the last whole month; a month's surplus makes up for earlier ones."""
    out: dict[Key, float] = {}
    for account in before.accounts:
        if account.month < month:
            key = account.customer, account.grade
            plan = reference.get((*key, account.month), account.plan_t)
            out[key] = max(0.0, out.get(key, 0.0) + plan - account.delivered_t)
    return out


def _at_the_rack(train: TrainRecord, route: RailRoute, railway: Railway, day: float) -> UnderWay:
    """A train that is being loaded: its load is bound to go, what is not yet drawn of it included."""
    load = train.loaded_t or train.wagons * railway.tonnes_per_wagon
    loaded = train.loading_end_day if train.loading_end_day is not None else day + railway.hours_per_train / 24.0
    span = loaded - train.loading_start_day
    departed = train.departure_day if train.departure_day is not None else loaded
    return UnderWay(
        train.railway,
        train.customer,
        train.grade,
        load * (1.0 - route.loss_fraction),
        train.arrival_day if train.arrival_day is not None else departed + route.transit_days,
        train.wagons_back_day if train.wagons_back_day is not None else departed + route.cycle_days,
        load,
        loaded,
        load * min(1.0, (loaded - day) / span) if span > 0 else 0.0,
    )


def _last(cell: CellLog) -> float:
    return cell.tonnes[-1]


def _grades(flow: FlowLog, mixtures: tuple[tuple[tuple[str, float], ...], ...]) -> list[str]:
    return [grade for index in dict.fromkeys(flow.into) for grade, _ in mixtures[index]]


def _pumped(
    log: RunLog,
    pipeline: str,
    day: float,
    grade: str = "",
    mixtures: tuple[tuple[tuple[str, float], ...], ...] = (),
) -> Pumped:
    """Cumulative tonnes entering ``pipeline`` from ``day`` on, of one grade or all."""
    flows = [flow for flow in log.flows if flow.asset == pipeline and flow.kind == "line"]
    days = sorted({day, log.end_day, *(d for flow in flows for d in flow.days if d > day)})
    rates = [0.0] * (len(days) - 1)
    for flow in flows:
        shares = {
            index: (dict(mixtures[index]).get(grade, 0.0) if grade else 1.0) for index in dict.fromkeys(flow.into)
        }
        for i, start in enumerate(days[:-1]):
            at = bisect_right(flow.days, start) - 1
            if at >= 0:
                rates[i] += flow.rate[at] * shares[flow.into[at]]
    total, tonnes = 0.0, [0.0]
    for i, rate in enumerate(rates):
        total += rate * (days[i + 1] - days[i])
        tonnes.append(total)
    return Pumped(tuple(days), tuple(tonnes))
