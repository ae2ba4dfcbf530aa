"""A re-plan as the tables that ``catalogue`` declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chainsim.model.plan import months_of
from chainsim.optimization.catalogue import KINDS, ORDER_TABLES
from chainsim.optimization.gaps import gaps_of
from chainsim.optimization.pricing import tonne_prices
from chainsim.optimization.reasons import Why
from chainsim.optimization.replanning import Replanned
from chainsim.optimization.wording import Words
from chainsim.records import CAUSES, RunLog
from chainsim.results import Labels
from chainsim.results.frames import frame_of_rows

if TYPE_CHECKING:
    import pandas as pd


def order_tables(replanned: Replanned, whys: Sequence[Why], labels: Labels) -> OrderTables:
    """All tables of a re-plan; each frame is made when it is first asked for."""
    return OrderTables(replanned, whys, labels)


class OrderTables(Mapping[str, "pd.DataFrame"]):
    """The tables by name."""

    def __init__(self, replanned: Replanned, whys: Sequence[Why], labels: Labels) -> None:
        self._replanned = replanned
        self._makers: dict[str, Callable[[], Sequence[Mapping[str, Any]]]] = {
            "draft_order": lambda: _draft_order(replanned, whys, labels),
            "order_proof": lambda: _proof(replanned, labels),
            "order_causes": lambda: _causes(replanned),
            "order_levels": lambda: _levels(replanned),
            "asset_prices": lambda: _prices(replanned),
        }
        self._built: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._built:
            self._built[name] = frame_of_rows(ORDER_TABLES[name], self._makers[name](), _members(self._replanned))
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(ORDER_TABLES)

    def __len__(self) -> int:
        return len(ORDER_TABLES)


def _draft_order(replanned: Replanned, whys: Sequence[Why], labels: Labels) -> list[dict[str, Any]]:
    words = {lang: Words(replanned.scenario, labels, lang) for lang in ("en", "zh")}
    months = months_of(replanned.scenario)
    return [
        {
            "customer": why.change.customer,
            "grade": why.change.grade,
            "month": months[why.change.month][2],
            "before_t": why.change.before_t,
            "after_t": why.change.after_t,
            "change_t": why.change.tonnes,
            "why_en": words["en"].why(why),
            "why_zh": words["zh"].why(why),
            "mends_cause": why.mends.cause if why.mends else None,
            "mends_asset": (why.mends.asset or None) if why.mends else None,
            "mends_t": why.mends.tonnes if why.mends else None,
            "binding_kind": why.binds.kind if why.binds else None,
            "binding_asset": why.binds.asset if why.binds else None,
            "price": why.binds.price if why.binds else None,
        }
        for why in whys
    ]


@dataclass(frozen=True, slots=True)
class Proven:
    """One customer's figures without the order, with it, and as promised: (before, after, promised)."""

    customer: str
    plan_t: float
    delivered_t: tuple[float, float, float]
    completion: tuple[float, float, float]
    lateness_t_months: tuple[float, float, float]


def proof_of(replanned: Replanned) -> tuple[Proven, ...]:
    """The proof, customer by customer, in the scenario's order."""
    outcomes = replanned.before, replanned.after, replanned.promise
    completions = [outcome.completion() for outcome in outcomes]
    lateness = [outcome.lateness() for outcome in outcomes]
    last = {key[:2]: key for key in sorted(outcomes[0].plan_t, key=lambda key: key[2])}
    arrears = {key: outcomes[0].owed_t.get(key, 0.0) for key in last.values()}

    def total(tonnes: Mapping[tuple[str, str, int], float], customer: str) -> float:
        return sum(amount for key, amount in tonnes.items() if key[0] == customer)

    def three(values: Sequence[float]) -> tuple[float, float, float]:
        before, after, promised = values
        return before, after, promised

    return tuple(
        Proven(
            customer,
            total(outcomes[0].plan_t, customer) + total(arrears, customer),
            three([total(outcome.delivered_t, customer) for outcome in outcomes]),
            three([completion[customer] for completion in completions]),
            three([late[customer] for late in lateness]),
        )
        for customer in (c.name for c in replanned.scenario.customers)
        if customer in completions[0]
    )


def _proof(replanned: Replanned, labels: Labels) -> list[dict[str, Any]]:
    words = {lang: Words(replanned.scenario, labels, lang) for lang in ("en", "zh")}
    gaps = gaps_of(replanned)
    rows = []
    for proven in proof_of(replanned):
        row: dict[str, Any] = {"customer": proven.customer, "plan_t": proven.plan_t}
        for i, when in enumerate(("before", "after", "promised")):
            row[f"delivered_{when}_t"] = proven.delivered_t[i]
            row[f"completion_{when}"] = proven.completion[i]
            row[f"lateness_{when}_t_months"] = proven.lateness_t_months[i]
        row["promise_gap"] = proven.completion[2] - proven.completion[1]
        gap = gaps.get(proven.customer)
        for lang, told in words.items():
            row[f"gap_why_{lang}"] = told.gap(gap) if gap is not None else ""
        rows.append(row)
    return rows


def shortfalls_of(log: RunLog, months: Sequence[int]) -> dict[tuple[str, str, str], float]:
    """(customer, cause, asset) → tonnes short in ``months``, against the plan in force in that run."""
    out: dict[tuple[str, str, str], float] = {}
    for account in log.accounts:
        if account.month in months:
            for (cause, asset), tonnes in account.causes:
                key = account.customer, cause, asset
                out[key] = out.get(key, 0.0) + tonnes
    return out


def _causes(replanned: Replanned) -> list[dict[str, Any]]:
    months = replanned.case.grid.months
    before, after = (shortfalls_of(log, months) for log in (replanned.log_before, replanned.log_after))
    order = {c.name: i for i, c in enumerate(replanned.scenario.customers)}
    keys = sorted({*before, *after}, key=lambda key: (order[key[0]], -before.get(key, 0.0), -after.get(key, 0.0), key))
    return [
        {
            "customer": customer, "cause": cause, "asset": asset or None,
            "before_t": before.get((customer, cause, asset), 0.0), "after_t": after.get((customer, cause, asset), 0.0),
        }
        for customer, cause, asset in keys
    ]  # fmt: skip


def _levels(replanned: Replanned) -> list[dict[str, Any]]:
    return [
        {"level": level.name, "value": level.value, "unit": level.unit, "seconds": level.seconds}
        for level in replanned.answer.solved.levels
    ]


def _prices(replanned: Replanned) -> list[dict[str, Any]]:
    from chainsim.optimization.questions import asset_prices

    # Of the first program: later ones hold what the simulation could not deliver, and more of nothing would help there.
    first = replanned.first
    case = first.program.case
    months = months_of(replanned.scenario)
    tonnes: dict[tuple[str, str, int], float] = {}
    for (kind, asset, _), course in tonne_prices(case, first.solved).items():
        for b, price in course.items():
            at = kind, asset, case.grid.buckets[b].month
            tonnes[at] = max(tonnes.get(at, 0.0), price)
    return [
        {
            "asset": price.place.asset, "kind": price.place.kind, "month": months[price.place.month][2],
            "grade": price.place.grade or None,
            "tonne_price": tonnes.get((price.place.kind, price.place.asset, price.place.month), 0.0),
            "unit": price.unit, "completion_t": price.completion_t, "lateness_t_months": price.lateness_t_months,
            "verified_t": price.verified_t, "verified_t_months": price.verified_t_months,
        }
        for price in asset_prices(case, verify=0)
    ]  # fmt: skip


def _members(replanned: Replanned) -> dict[str, list[str]]:
    """The sets that name columns are drawn from, in the scenario's order."""
    scenario = replanned.scenario
    groups: tuple[Sequence[Any], ...] = (
        scenario.suppliers, scenario.farms, scenario.pipelines, scenario.railways, scenario.customers,
    )  # fmt: skip
    assets = dict.fromkeys(asset.name for group in groups for asset in group)
    assets |= {f"{railway.name}.{route.customer}": None for railway in scenario.railways for route in railway.routes}
    for log in (replanned.log_before, replanned.log_after):
        assets |= {asset: None for account in log.accounts for (_, asset), _ in account.causes if asset}
    return {
        "customer": [c.name for c in scenario.customers],
        "grade": [g.name for g in scenario.grades],
        "asset": list(assets),
        "cause": list(CAUSES),
        "binding_kind": list(KINDS),
    }
