"""The fifty rules as an expert would write them for DuckDB, one query each, and for numpy.

A rule gives the positions of the rows it flags; one that must last gives its episodes, as customer, first month and months held
(customers and months as numbers in numpy); one over groups gives the groups' keys. Rows of which nobody can tell are not
counted, and what lasts a month or longer is no episode unless the rule asks for it: less than the engine does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.rules.data import KINDS, MONTHS, REGIONS

if TYPE_CHECKING:
    import duckdb

Array = np.ndarray[Any, Any]
LOCAL = KINDS.index("local")
WESTERN = [REGIONS.index(name) for name in ("west", "northwest", "southwest")]
LATER = np.datetime64("2015-01-01", "us")


ROW_CONDITIONS: dict[str, tuple[str, Callable[[Columns], Array]]] = {
    "severe_completion": (
        "completion < 0.9",
        lambda t: t.completion < 0.9,
    ),
    "low_completion": (
        "completion >= 0.9 AND completion < 0.94",
        lambda t: (t.completion >= 0.9) & (t.completion < 0.94),
    ),
    "over_lift": (
        "completion > 1.06",
        lambda t: t.completion > 1.06,
    ),
    "far_over_lift": (
        "delivered_t > 1.07 * plan_t AND plan_t > 0",
        lambda t: (t.delivered_t > 1.07 * t.plan_t) & (t.plan_t > 0),
    ),
    "unplanned_delivery": (
        "plan_t = 0 AND delivered_t > 50",
        lambda t: (t.plan_t == 0) & (t.delivered_t > 50),
    ),
    "no_delivery": (
        "plan_t = 0 AND delivered_t = 0",
        lambda t: (t.plan_t == 0) & (t.delivered_t == 0),
    ),
    "uneven": (
        "evenness < 0.89",
        lambda t: t.evenness < 0.89,
    ),
    "uneven_on_plan": (
        "evenness < 0.9 AND completion >= 0.95",
        lambda t: (t.evenness < 0.9) & (t.completion >= 0.95),
    ),
    "pace_behind": (
        "pace_worst < -0.07",
        lambda t: t.pace_worst < -0.07,
    ),
    "pace_made_up": (
        "pace_worst < -0.06 AND completion >= 0.98",
        lambda t: (t.pace_worst < -0.06) & (t.completion >= 0.98),
    ),
    "pace_ahead": (
        "pace_worst > 0.05",
        lambda t: t.pace_worst > 0.05,
    ),
    "supply_short": (
        "supply_shortfall_t > 0.1 * plan_t",
        lambda t: t.supply_shortfall_t > 0.1 * t.plan_t,
    ),
    "supply_short_much": (
        "supply_shortfall_t > 2000",
        lambda t: t.supply_shortfall_t > 2000,
    ),
    "own_short": (
        "own_shortfall_t > 0.05 * plan_t AND own_shortfall_t >= supply_shortfall_t",
        lambda t: (t.own_shortfall_t > 0.05 * t.plan_t) & (t.own_shortfall_t >= t.supply_shortfall_t),
    ),
    "own_short_share": (
        "own_shortfall_t / nullif(plan_t, 0) > 0.03",
        lambda t: ratio(t.own_shortfall_t, t.plan_t) > 0.03,
    ),
    "both_short": (
        "least(own_shortfall_t, supply_shortfall_t) > 400",
        lambda t: np.minimum(t.own_shortfall_t, t.supply_shortfall_t) > 400,
    ),
    "either_short": (
        "greatest(own_shortfall_t, supply_shortfall_t) > 3000",
        lambda t: np.maximum(t.own_shortfall_t, t.supply_shortfall_t) > 3000,
    ),
    "short_in_sum": (
        "own_shortfall_t + supply_shortfall_t > 3500",
        lambda t: t.own_shortfall_t + t.supply_shortfall_t > 3500,
    ),
    "low_stock": (
        "stock_t < 12000",
        lambda t: t.stock_t < 12000,
    ),
    "high_stock": (
        "stock_t > 75000",
        lambda t: t.stock_t > 75000,
    ),
    "stock_days_few": (
        "stock_t / nullif(plan_t / 30, 0) < 15",
        lambda t: ratio(t.stock_t, t.plan_t / 30) < 15,
    ),
    "stock_days_many": (
        "plan_t > 0 AND stock_t / nullif(plan_t, 0) > 7",
        lambda t: (t.plan_t > 0) & (ratio(t.stock_t, t.plan_t) > 7),
    ),
    "full_in_a_day": (
        "hours_to_full < 24",
        lambda t: t.hours_to_full < 24,
    ),
    "full_soon_and_full": (
        "hours_to_full < 72 AND stock_t > 50000",
        lambda t: (t.hours_to_full < 72) & (t.stock_t > 50000),
    ),
    "stock_unknown": (
        "stock_t IS NULL",
        lambda t: np.isnan(t.stock_t),
    ),
    "evenness_unknown_and_late": (
        "evenness IS NULL AND late_trains > 0",
        lambda t: np.isnan(t.evenness) & (t.late_trains > 0),
    ),
    "two_late": (
        "late_trains >= 2 AND trains < 6",
        lambda t: (t.late_trains >= 2) & (t.trains < 6),
    ),
    "three_late": (
        "late_trains >= 3",
        lambda t: t.late_trains >= 3,
    ),
    "late_share": (
        "late_trains / nullif(trains::DOUBLE, 0) > 0.35",
        lambda t: ratio(t.late_trains, t.trains) > 0.35,
    ),
    "few_trains": (
        "trains BETWEEN 1 AND 2 AND delivered_t > 15000",
        lambda t: (t.trains >= 1) & (t.trains <= 2) & (t.delivered_t > 15000),
    ),
    "no_trains": (
        "trains = 0 AND plan_t > 0",
        lambda t: (t.trains == 0) & (t.plan_t > 0),
    ),
    "in_debt": (
        "balance_yuan < 20 * 1000000 AND kind = 'local'",
        lambda t: (t.balance_yuan < 20e6) & (t.kind == LOCAL),
    ),
    "poor_locals_short": (
        "kind = 'local' AND completion < 0.95 AND balance_yuan < 100000000",
        lambda t: (t.kind == LOCAL) & (t.completion < 0.95) & (t.balance_yuan < 1e8),
    ),
    "rich_and_short": (
        "balance_yuan > 120000000 AND completion < 0.95",
        lambda t: (t.balance_yuan > 1.2e8) & (t.completion < 0.95),
    ),
    "west_short": (
        "region IN ('west', 'northwest', 'southwest') AND completion < 0.95",
        lambda t: np.isin(t.region, WESTERN) & (t.completion < 0.95),
    ),
    "majors_short": (
        "kind <> 'local' AND own_shortfall_t > 1000",
        lambda t: (t.kind != LOCAL) & (t.own_shortfall_t > 1000),
    ),
    "winter_slow": (
        "month(month) IN (1, 2, 12) AND pace_worst < -0.04",
        lambda t: np.isin(t.calendar_month, (1, 2, 12)) & (t.pace_worst < -0.04),
    ),
    "later_short": (
        "month >= TIMESTAMP '2015-01-01' AND completion < 0.95",
        lambda t: (t.month >= LATER) & (t.completion < 0.95),
    ),
    "not_on_plan": (
        "NOT (completion >= 0.945) AND plan_t > 0",
        lambda t: ~(t.completion >= 0.945) & (t.plan_t > 0),
    ),
    "off_either_way": (
        "abs(completion - 1) > 0.065",
        lambda t: np.abs(t.completion - 1) > 0.065,
    ),
    "three_signs": (
        "completion < 0.95 AND evenness < 0.95 OR late_trains > 3 OR hours_to_full < 12",
        lambda t: (t.completion < 0.95) & (t.evenness < 0.95) | (t.late_trains > 3) | (t.hours_to_full < 12),
    ),
    "five_signs": (
        "completion < 0.98 AND evenness < 0.96 AND pace_worst < 0 AND late_trains > 0 AND stock_t < 60000",
        lambda t: (
            (t.completion < 0.98) & (t.evenness < 0.96) & (t.pace_worst < 0) & (t.late_trains > 0) & (t.stock_t < 60000)
        ),
    ),
}


def queries() -> dict[str, str]:
    """Rule → SQL over tables named and filled as the frames are."""
    out = {
        name: f"SELECT rowid FROM customer_months WHERE {condition}" for name, (condition, _) in ROW_CONDITIONS.items()
    }
    out["low_for_two_months"] = _islands("completion < 0.96", 2)
    out["uneven_for_three_months"] = _merged(_islands("evenness < 0.92", 3))
    out["late_for_two_months"] = _islands("late_trains > 0 AND trains < 5", 2)
    out["region_month_short"] = (
        "SELECT region, month FROM customer_months GROUP BY region, month"
        " HAVING sum(delivered_t) / nullif(sum(plan_t), 0) < 0.985"
    )
    out["customer_often_short"] = (
        "SELECT customer FROM customer_months WHERE completion < 0.96 GROUP BY customer HAVING count(*) > 17"
    )
    out["kind_month_uneven"] = (
        "SELECT kind, month FROM customer_months GROUP BY kind, month HAVING avg(evenness) < 0.9487"
    )
    out["tanks_nearly_full"] = (
        "SELECT t.rowid FROM customer_months t JOIN customers c USING (customer) WHERE t.stock_t > 0.82 * c.capacity_t"
    )
    out["cannot_pay"] = (
        "SELECT t.rowid FROM customer_months t JOIN prices p USING (region, month)"
        " WHERE t.plan_t > 0 AND t.balance_yuan < 0.3 * t.plan_t * p.price_yuan_per_t"
    )
    return out


def load(connection: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame]) -> None:
    """The frames as DuckDB's own tables, in the order of their rows."""
    for name, frame in tables.items():
        connection.register("frame", frame)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
        connection.unregister("frame")


@dataclass(frozen=True)
class Columns:
    """The columns as numpy likes them: names as numbers, what is unknown as NaN."""

    customer: Array
    month: Array
    month_number: Array
    calendar_month: Array
    region: Array
    kind: Array
    plan_t: Array
    delivered_t: Array
    completion: Array
    evenness: Array
    pace_worst: Array
    supply_shortfall_t: Array
    own_shortfall_t: Array
    stock_t: Array
    hours_to_full: Array
    trains: Array
    late_trains: Array
    balance_yuan: Array
    capacity_t: Array
    """By customer."""
    price_yuan_per_t: Array
    """By region and month."""


def columns(tables: dict[str, pd.DataFrame]) -> Columns:
    """Made once, before anything is timed."""
    table = tables["customer_months"]
    own = {name: table[name].to_numpy() for name in table if name not in {"customer", "region", "kind"}}
    rows = np.arange(len(table))
    return Columns(
        **own,
        customer=rows // MONTHS,
        month_number=rows % MONTHS,
        calendar_month=table["month"].dt.month.to_numpy(),
        region=table["region"].cat.codes.to_numpy(),
        kind=table["kind"].cat.codes.to_numpy(),
        capacity_t=tables["customers"]["capacity_t"].to_numpy(),
        price_yuan_per_t=tables["prices"]["price_yuan_per_t"].to_numpy(),
    )


def in_numpy() -> dict[str, Callable[[Columns], Array]]:
    """Rule → what it flags: positions of rows; episodes (one per row of the array); keys of groups."""
    out: dict[str, Callable[[Columns], Array]] = {
        name: lambda t, mask=mask: np.flatnonzero(mask(t))  # type: ignore[misc]
        for name, (_, mask) in ROW_CONDITIONS.items()
    }
    out["low_for_two_months"] = lambda t: episodes(t, t.completion < 0.96, 2, 0)
    out["uneven_for_three_months"] = lambda t: episodes(t, t.evenness < 0.92, 3, 1)
    out["late_for_two_months"] = lambda t: episodes(t, (t.late_trains > 0) & (t.trains < 5), 2, 0)
    out["region_month_short"] = _region_month_short
    out["customer_often_short"] = lambda t: np.flatnonzero(np.bincount(t.customer, t.completion < 0.96) > 17)
    out["kind_month_uneven"] = _kind_month_uneven
    out["tanks_nearly_full"] = lambda t: np.flatnonzero(t.stock_t > 0.82 * t.capacity_t[t.customer])
    out["cannot_pay"] = lambda t: np.flatnonzero(
        (t.plan_t > 0)
        & (t.balance_yuan < 0.3 * t.plan_t * t.price_yuan_per_t[t.region.astype(np.int64) * MONTHS + t.month_number])
    )
    return out


def ratio(above: Array, below: Array) -> Array:
    """Unknown where there is nothing to divide by."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below != 0)


def episodes(t: Columns, held: Array, at_least: int, keep: int) -> Array:
    """(customer, first month, months held) of every run of ``at_least`` months, those no more than ``keep`` apart joined."""
    rows = np.flatnonzero(held)
    customer, month = t.customer[rows], t.month_number[rows]
    begins = np.r_[True, (np.diff(customer) != 0) | (np.diff(month) > 1)]
    run = np.cumsum(begins) - 1
    long = np.bincount(run)[run] >= at_least
    customer, month = customer[long], month[long]
    starts = np.flatnonzero(np.r_[True, (np.diff(customer) != 0) | (np.diff(month) - 1 > keep)])
    return np.column_stack([customer[starts], month[starts], np.diff(np.r_[starts, len(customer)])])


def _region_month_short(t: Columns) -> Array:
    group = t.region.astype(np.int64) * MONTHS + t.month_number
    return np.flatnonzero(ratio(np.bincount(group, t.delivered_t), np.bincount(group, t.plan_t)) < 0.985)


def _kind_month_uneven(t: Columns) -> Array:
    known = ~np.isnan(t.evenness)
    group = t.kind[known].astype(np.int64) * MONTHS + t.month_number[known]
    return np.flatnonzero(ratio(np.bincount(group, t.evenness[known]), np.bincount(group)) < 0.9487)


def _islands(condition: str, at_least: int) -> str:
    """Gaps and islands over the true rows only."""
    return (
        "WITH held AS (SELECT customer, (year(month) - 1970) * 12 + month(month) - 1 AS m"
        f" FROM customer_months WHERE {condition}),"
        " numbered AS (SELECT customer, m, m - row_number() OVER (PARTITION BY customer ORDER BY m) AS island FROM held)"
        " SELECT customer, min(m) AS first, max(m) AS last, count(*) AS months FROM numbered GROUP BY customer, island"
        f" HAVING count(*) >= {at_least}"
    )


def _merged(islands: str) -> str:
    """Islands with a gap of one month between them as one."""
    return (
        f"WITH island AS ({islands}),"
        " marked AS (SELECT *, first - lag(last) OVER (PARTITION BY customer ORDER BY first) AS apart FROM island),"
        " numbered AS (SELECT *, sum(CASE WHEN apart <= 2 THEN 0 ELSE 1 END)"
        " OVER (PARTITION BY customer ORDER BY first) AS number FROM marked)"
        " SELECT customer, min(first) AS first, max(last) AS last, CAST(sum(months) AS BIGINT) AS months FROM numbered"
        " GROUP BY customer, number"
    )
