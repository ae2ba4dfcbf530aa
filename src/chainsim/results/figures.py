"""The figures of every asset over a whole run, in one tidy table: what runs are compared by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chainsim.results.catalogue_difference import FIGURES
from chainsim.results.frames import frame, ratio
from chainsim.results.integrals import Floats
from chainsim.results.kpis import CURTAILED_T
from chainsim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

HOURS_PER_DAY = 24.0
_Figure = tuple[str, str, str, float]
"""(figure, subject, kind, value)."""


def asset_figures_frame(run: Run, table: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    """The table ``asset_figures``: sums and extremes of the daily and monthly tables."""
    rows = [
        *_customers(table("customer_months")),
        *_stocks(table("inventory_totals")),
        *_suppliers(table("curtailment")),
        *_flows(table("flow_totals")),
    ]
    names = list(FIGURES)
    order = {name: number for number, name in enumerate(names)}
    places = run.domains.positions["asset"]
    rows.sort(key=lambda row: (order[row[0]], places[row[1]]))
    return frame(
        "asset_figures",
        run.domains,
        {
            "figure": run.domains.codes("figure", (figure for figure, _, _, _ in rows)),
            "subject": run.domains.codes("asset", (subject for _, subject, _, _ in rows)),
            "kind": run.domains.codes("asset_kind", (kind for _, _, kind, _ in rows)),
            "value": [value for _, _, _, value in rows],
            "unit": [FIGURES[figure][0] for figure, _, _, _ in rows],
        },
    )


def _customers(months: pd.DataFrame) -> Iterator[_Figure]:
    by = _Sums(months, "customer")
    plan, delivered = by("plan_t"), by("delivered_t")
    yield from by.each("plan", "customer", plan)
    yield from by.each("delivered", "customer", delivered)
    yield from by.each("completion", "customer", ratio(delivered, plan))
    yield from by.each("shortfall", "customer", by("shortfall_t"))


def _stocks(totals: pd.DataFrame) -> Iterator[_Figure]:
    for kind in ("farm", "customer"):
        by = _Sums(totals, "holder", (totals["holder_kind"] == kind).to_numpy())
        if kind == "farm":
            yield from by.each("days_full", kind, by("hours_full") / HOURS_PER_DAY)
            yield from by.each("highest_utilisation", kind, by.highest("utilisation"))
        yield from by.each("days_dry", kind, by("hours_dry") / HOURS_PER_DAY)


def _suppliers(curtailment: pd.DataFrame) -> Iterator[_Figure]:
    by = _Sums(curtailment, "supplier")
    yield from by.each("supplied", "supplier", by("supplied_t"))
    yield from by.each("curtailed", "supplier", by("curtailed_t"))
    days = np.where(curtailment["curtailed_t"].to_numpy() > CURTAILED_T, 1.0, 0.0)
    yield from by.each("days_curtailed", "supplier", by.of(days))


def _flows(totals: pd.DataFrame) -> Iterator[_Figure]:
    for flow, kind in (("line", "pipeline"), ("loading", "railway")):
        by = _Sums(totals, "asset", (totals["kind"] == flow).to_numpy())
        entered, capacity = by("entered_t"), by("capacity_t")
        yield from by.each("throughput", kind, entered)
        yield from by.each("utilisation", kind, ratio(entered, capacity))


class _Sums:
    """Rows of one table grouped by the names in ``key``: sums and maxima per name, in the order of the names' set."""

    def __init__(self, table: pd.DataFrame, key: str, where: NDArray[np.bool_] | None = None) -> None:
        self._table = table
        self._where = slice(None) if where is None else where
        names = table[key].cat
        self._codes = names.codes.to_numpy()[self._where].astype(np.intp)
        self._count = len(names.categories)
        self._found = np.unique(self._codes)
        self._names = [str(names.categories[code]) for code in self._found]

    def __call__(self, column: str) -> Floats:
        return self.of(self._table[column].to_numpy()[self._where])

    def of(self, values: Floats) -> Floats:
        """Sums of ``values``, one for each row; what is unknown or without limit counts nothing."""
        known = np.where(np.isfinite(values), values, 0.0)
        sums: Floats = np.bincount(self._codes, weights=known, minlength=self._count).astype(np.float64)
        return sums[self._found]

    def highest(self, column: str) -> Floats:
        """The highest value of each name; null where none is known."""
        out = np.full(self._count, np.nan)
        np.fmax.at(out, self._codes, self._table[column].to_numpy()[self._where])
        return out[self._found]

    def each(self, figure: str, kind: str, values: Floats) -> Iterator[_Figure]:
        """``values``, one for each name, as rows."""
        for subject, value in zip(self._names, values.tolist(), strict=True):
            yield figure, subject, kind, value
