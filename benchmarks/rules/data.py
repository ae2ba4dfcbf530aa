"""The tables of the fifty rules, drawn from a seed: as frames for one run, as Parquet in chunks for many.

Customer-months as a large simulation would give them: mostly on plan, 3 % of the months without a plan, ratios unknown where
there is nothing to divide, measures that not every customer reports, columns that are zero in most rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chainsim.results import Column, Table

MONTHS = 100
REGIONS = ("centre", "east", "north", "northeast", "northwest", "south", "southwest", "west")
KINDS = ("local", "petrochina", "sinopec")


def _column(name: str, kind: str, unit: str = "", *, key: bool = False, values: tuple[str, ...] = ()) -> Column:
    texts = {value: (value, value) for value in values}
    return Column(name, kind, unit, name, name, "", "", key=key, domain=name if values else "", values=texts)  # type: ignore[arg-type]


CUSTOMER_MONTHS = Table(
    "customer_months", "Customer-months", "客户月度", "", "",
    (
        _column("customer", "name", key=True),
        _column("month", "date", key=True),
        _column("region", "name", values=REGIONS),
        _column("kind", "name", values=KINDS),
        _column("plan_t", "number", "t"),
        _column("delivered_t", "number", "t"),
        _column("completion", "number", "1"),
        _column("evenness", "number", "1"),
        _column("pace_worst", "number", "1"),
        _column("supply_shortfall_t", "number", "t"),
        _column("own_shortfall_t", "number", "t"),
        _column("stock_t", "number", "t"),
        _column("hours_to_full", "number", "h"),
        _column("trains", "integer"),
        _column("late_trains", "integer"),
        _column("balance_yuan", "number", "yuan"),
    ),
)  # fmt: skip
CUSTOMERS = Table(
    "customers",
    "Customers",
    "客户",
    "",
    "",
    (_column("customer", "name", key=True), _column("capacity_t", "number", "t")),
)
PRICES = Table(
    "prices", "Prices", "价格", "", "",
    (
        _column("region", "name", key=True, values=REGIONS),
        _column("month", "date", key=True),
        _column("price_yuan_per_t", "number", "yuan/t"),
    ),
)  # fmt: skip
TABLES = {table.name: table for table in (CUSTOMER_MONTHS, CUSTOMERS, PRICES)}


def frames(rows: int, seed: int = 0) -> dict[str, pd.DataFrame]:
    """The tables of one run; ``rows`` counts customer-months, a multiple of ``MONTHS``."""
    assert rows % MONTHS == 0, f"{rows} is no whole number of customers"
    generator = np.random.default_rng(seed)
    count = rows // MONTHS
    capacity = generator.lognormal(11.0, 0.4, count)
    names = np.array([f"customer-{number:06}" for number in range(count)], dtype=object)
    months = pd.date_range("2010-01-01", periods=MONTHS, freq="MS", unit="us")
    customers = pd.DataFrame({"customer": pd.Categorical(names, categories=names), "capacity_t": capacity})
    customers.loc[generator.random(count) < 0.02, "capacity_t"] = np.nan
    prices = pd.DataFrame(
        {
            "region": pd.Categorical(np.repeat(REGIONS, MONTHS), categories=REGIONS),
            "month": np.tile(months.to_numpy(), len(REGIONS)),
            "price_yuan_per_t": generator.normal(4_000.0, 500.0, len(REGIONS) * MONTHS),
        }
    )
    return {
        "customer_months": _customer_months(generator, names, months, capacity),
        "customers": customers,
        "prices": prices,
    }


def write_runs(folder: Path, runs: int, rows_of_each: int, seed: int = 0) -> list[Path]:
    """Run folders with the tables as Parquet, made one after the other: all of them need not fit into memory."""
    return list(_written(folder, runs, rows_of_each, seed))


def _written(folder: Path, runs: int, rows_of_each: int, seed: int) -> Iterator[Path]:
    for number in range(runs):
        run = folder / f"run-{number:03}"
        run.mkdir(parents=True)
        for name, frame in frames(rows_of_each, seed + number).items():
            table = pa.Table.from_pandas(frame, preserve_index=False)
            pq.write_table(table, run / f"{name}.parquet", row_group_size=122_880)
        yield run


def _customer_months(
    generator: np.random.Generator, names: np.ndarray, months: pd.DatetimeIndex, capacity: np.ndarray
) -> pd.DataFrame:
    count = len(names)
    rows = count * MONTHS
    normal, uniform = generator.normal, generator.random

    def unknown(values: np.ndarray, share: float) -> np.ndarray:
        return np.where(uniform(rows) < share, np.nan, values)

    plan = np.where(uniform(rows) < 0.03, 0.0, generator.lognormal(9.8, 0.5, rows))
    ratio = np.maximum(normal(1.0, 0.03, rows), 0.0)
    ratio = np.where(uniform(rows) < 0.03, ratio * generator.uniform(0.3, 0.95, rows), ratio)
    unplanned = np.where(uniform(rows) < 0.4, generator.uniform(0.0, 500.0, rows), 0.0)
    delivered = np.where(plan > 0, plan * ratio, unplanned)
    shortfall = np.maximum(plan - delivered, 0.0)
    own_share = generator.beta(0.4, 1.2, rows)
    trains = generator.poisson(6.0, rows)
    stock = np.repeat(capacity, MONTHS) * generator.beta(4.0, 4.0, rows)
    return pd.DataFrame(
        {
            "customer": pd.Categorical.from_codes(np.repeat(np.arange(count), MONTHS), names),
            "month": np.tile(months.to_numpy(), count),
            "region": pd.Categorical.from_codes(np.repeat(generator.integers(0, len(REGIONS), count), MONTHS), REGIONS),
            "kind": pd.Categorical.from_codes(np.repeat(generator.integers(0, len(KINDS), count), MONTHS), KINDS),
            "plan_t": plan,
            "delivered_t": delivered,
            "completion": np.divide(delivered, plan, out=np.full(rows, np.nan), where=plan > 0),
            "evenness": unknown(np.clip(normal(0.95, 0.03, rows), 0.0, 1.0), 0.05),
            "pace_worst": unknown(normal(-0.01, 0.03, rows), 0.05),
            "supply_shortfall_t": shortfall * (1.0 - own_share),
            "own_shortfall_t": shortfall * own_share,
            "stock_t": unknown(stock, 0.02),
            "hours_to_full": unknown(generator.gamma(3.0, 60.0, rows), 0.4),
            "trains": trains,
            "late_trains": generator.binomial(trains, 0.05),
            "balance_yuan": unknown(normal(1.0e8, 4.0e7, rows), 0.05),
        }
    )
