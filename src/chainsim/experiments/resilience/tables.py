"""A scan as the tables that ``chainsim.results.catalogue_resilience`` declares."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chainsim.experiments.resilience.harm import Subject
from chainsim.experiments.resilience.recovery import Recovered
from chainsim.experiments.resilience.scanning import Exposure, Scan
from chainsim.experiments.resilience.searching import Survival
from chainsim.model import Scenario
from chainsim.model.checks import asset_names
from chainsim.results.catalogue_network import ASSET_KINDS
from chainsim.results.catalogue_resilience import RESILIENCE, RESILIENCE_CUSTOMERS
from chainsim.results.frames import frame_of_rows

if TYPE_CHECKING:
    import pandas as pd


def resilience_tables(scan: Scan) -> dict[str, pd.DataFrame]:
    """Both tables, by name: by start, then ranked."""
    scenario = scan.scenario
    members = {
        "asset": asset_names(scenario),
        "customer": [customer.name for customer in scenario.customers],
        "asset_kind": list(ASSET_KINDS),
    }
    ranked = [(rank, e) for start in scan.terms.starts for rank, e in enumerate(scan.ranked(start), start=1)]
    rows = [_row(scan, rank, exposure) for rank, exposure in ranked]
    customers = [row for _, exposure in ranked for row in _customer_rows(scenario, exposure)]
    return {
        RESILIENCE.name: frame_of_rows(RESILIENCE, rows, members),
        RESILIENCE_CUSTOMERS.name: frame_of_rows(RESILIENCE_CUSTOMERS, customers, members),
    }


def _row(scan: Scan, rank: int, exposure: Exposure) -> dict[str, Any]:
    scenario, impact = scan.scenario, exposure.impact
    return {
        **_key(scenario, exposure),
        "kind": exposure.asset.kind,
        "rank": rank,
        "exposure": scan.index_of(exposure),
        **_survival("tts_plan_days", "first_customer", exposure.plan),
        **_survival("tts_runs_days", "first_refinery", exposure.runs),
        **_survival("tts_tank_days", "first_tank", exposure.tank),
        "unrepaired_cut_at": _instant(scenario, exposure.unrepaired_day("runs")),
        "unrepaired_full_at": _instant(scenario, exposure.unrepaired_day("tank")),
        "outage_days": min(scan.terms.outage_days, scenario.end_day - exposure.start),
        "short_t": impact.short_t,
        "lost_t": sum(cost.lost_t for cost in impact.costs.values()),
        "runs_lost_t": sum(cost.runs_lost_t for cost in impact.costs.values()),
        "curtailed_t": impact.curtailed_t,
        **_recovered("ttr_backlog_days", "last_customer", impact.backlog),
        **_recovered("ttr_stock_days", "last_stock", impact.stocks),
    }


def _customer_rows(scenario: Scenario, exposure: Exposure) -> list[dict[str, Any]]:
    rows = []
    for customer, cost in exposure.impact.costs.items():
        plan = exposure.plans.get(customer)
        cut = exposure.unrepaired.get(Subject("runs", customer))
        if plan is None and cut is None and not any((cost.short_t, cost.lost_t, cost.runs_lost_t)):
            continue
        rows.append(
            {
                **_key(scenario, exposure),
                "customer": customer,
                "tts_plan_days": None if plan is None else plan.days,
                "unrepaired_cut_at": _instant(scenario, cut),
                "short_t": cost.short_t,
                "lost_t": cost.lost_t,
                "runs_lost_t": cost.runs_lost_t,
            }
        )
    return rows


def _key(scenario: Scenario, exposure: Exposure) -> dict[str, Any]:
    return {"start": scenario.calendar_date(exposure.start), "asset": exposure.asset.name}


def _survival(days: str, first: str, survival: Survival | None) -> Mapping[str, Any]:
    return {days: None, first: None} if survival is None else {days: survival.days, first: survival.first}


def _recovered(days: str, last: str, recovered: Recovered) -> Mapping[str, Any]:
    return {days: recovered.days if math.isfinite(recovered.days) else None, last: recovered.last or None}


def _instant(scenario: Scenario, day: float | None) -> datetime | None:
    return None if day is None else scenario.instant(day)
