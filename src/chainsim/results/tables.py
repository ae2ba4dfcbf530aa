"""From a scenario and its log to the declared tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from chainsim.model import Scenario
from chainsim.records import RunLog
from chainsim.results.catalogue import TABLES
from chainsim.results.completion import Bands, completion_frame, customer_months_frame, shortfalls_frame
from chainsim.results.declarations import dictionary_rows
from chainsim.results.deliveries import Deliveries, deliveries_frame
from chainsim.results.figures import asset_figures_frame
from chainsim.results.kpis import kpis_frame
from chainsim.results.limits import bottlenecks_frame, dependencies_frame
from chainsim.results.money import cash_frame, settlement_frame
from chainsim.results.moves import batches_frame, curtailment_frame, flow_totals_frame, flows_frame, trains_frame
from chainsim.results.places import network_frame
from chainsim.results.reference import (
    archive_frame,
    assets_frame,
    balance_frame,
    customers_frame,
    events_frame,
    inputs_frame,
    orders_frame,
    plan_frame,
)
from chainsim.results.run import Run
from chainsim.results.service import (
    complaints_frame,
    customer_service_frame,
    invoices_frame,
    last_day,
    surveys_frame,
    visits_frame,
    work_order_log_frame,
)
from chainsim.results.stocks import Tanks, all_tanks, inventory_frame, inventory_totals_frame

if TYPE_CHECKING:
    import pandas as pd


def build_tables(scenario: Scenario, log: RunLog, bands: Bands | None = None) -> Tables:
    """All tables of a run; each frame is made when it is first asked for."""
    return tables_of(Run(scenario, log), bands)


def tables_of(run: Run, bands: Bands | None = None) -> Tables:
    """As ``build_tables``, of a run that is prepared already."""
    return Tables(run, bands or Bands())


class Tables(Mapping[str, "pd.DataFrame"]):
    """The tables by name, or as attributes: ``tables["completion"]`` is ``tables.completion``.

    Equal scenarios and logs give equal tables. The frames are shared: copy one before changing it.
    """

    def __init__(self, run: Run, bands: Bands) -> None:
        self._run = run
        self._bands = bands
        self._built: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._built:
            self._built[name] = _MAKERS[name](self)
        return self._built[name]

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name not in TABLES:
            raise AttributeError(name)
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The first midnight of the tables' days, and the midnight after the last."""
        first, last = (day.astype("datetime64[us]").item() for day in (self._run.dates[0], self._run.dates[-1]))
        return first, last + timedelta(days=1)

    @property
    def farms(self) -> list[str]:
        """The farms that have tanks, in order of declaration."""
        return [tanks.holder.name for tanks in self._tanks if tanks.kind == "farm" and tanks.room]

    @property
    def last_day(self) -> date:
        """The day with which the run ends; what the tables tell was known at its end."""
        return last_day(self._run)

    @cached_property
    def _deliveries(self) -> Deliveries:
        return Deliveries(self._run)

    @cached_property
    def _tanks(self) -> tuple[Tanks, ...]:
        return all_tanks(self._run)


def data_dictionary() -> pd.DataFrame:
    """One row per column of each table: type, unit, headers and meanings in both languages."""
    import pandas as pd

    return pd.DataFrame(dictionary_rows(TABLES))


_MAKERS: dict[str, Callable[[Tables], pd.DataFrame]] = {
    "kpis": lambda t: kpis_frame(t._run, t._tanks),
    "customer_months": lambda t: customer_months_frame(t._deliveries, t._bands),
    "completion": lambda t: completion_frame(t._deliveries, t._bands),
    "shortfalls": lambda t: shortfalls_frame(t._run),
    "deliveries": lambda t: deliveries_frame(t._deliveries),
    "inventory_totals": lambda t: inventory_totals_frame(t._run, t._tanks),
    "inventory": lambda t: inventory_frame(t._run),
    "flow_totals": lambda t: flow_totals_frame(t._run),
    "flows": lambda t: flows_frame(t._run),
    "curtailment": lambda t: curtailment_frame(t._run),
    "batches": lambda t: batches_frame(t._run),
    "trains": lambda t: trains_frame(t._run),
    "events": lambda t: events_frame(t._run),
    "balance": lambda t: balance_frame(t._run),
    "assets": lambda t: assets_frame(t._run),
    "network": lambda t: network_frame(t._run),
    "settlement": lambda t: settlement_frame(t._deliveries),
    "cash": lambda t: cash_frame(t._run),
    "plan": lambda t: plan_frame(t._run),
    "orders": lambda t: orders_frame(t._run),
    "customers": lambda t: customers_frame(t._run),
    "customer_archive": lambda t: archive_frame(t._run),
    "customer_service": lambda t: customer_service_frame(t._deliveries),
    "visits": lambda t: visits_frame(t._run),
    "complaints": lambda t: complaints_frame(t._run),
    "surveys": lambda t: surveys_frame(t._run),
    "invoices": lambda t: invoices_frame(t._run),
    "work_order_log": lambda t: work_order_log_frame(t._run),
    "dependencies": lambda t: dependencies_frame(t._run),
    "bottlenecks": lambda t: bottlenecks_frame(t._run),
    "asset_figures": lambda t: asset_figures_frame(t._run, t.__getitem__),
    "inputs": lambda t: inputs_frame(t._run),
}
assert set(_MAKERS) == set(TABLES), set(_MAKERS) ^ set(TABLES)
