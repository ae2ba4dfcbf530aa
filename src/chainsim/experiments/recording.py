"""What is kept of a run: rows collected run by run, one Arrow table per declared table at the end of a chunk."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from chainsim.experiments.catalogue import RUN_CAUSES, RUN_CUSTOMERS, RUN_KPIS, RUN_STOCKS, RUNS, recorded_table
from chainsim.experiments.experiment import Recording, StockStep
from chainsim.model import Scenario
from chainsim.model.plan import months_of
from chainsim.records import RunLog
from chainsim.results import Figure, Run, Table, key_figures, tables_of

if TYPE_CHECKING:
    import pyarrow as pa


def kept_tables(recording: Recording) -> dict[str, Table]:
    """The tables of an experiment's dataset, by name."""
    tables = [RUNS, RUN_KPIS, RUN_CUSTOMERS, RUN_CAUSES]
    if recording.stocks != "none":
        tables.append(RUN_STOCKS)
    tables += [recorded_table(name) for name in recording.tables]
    return {table.name: table for table in tables}


class Record:
    """The rows of a chunk's runs, as lists by table and column, until they are taken away as Arrow tables."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._tables = kept_tables(recording)
        self._rows: dict[str, dict[str, list[Any]]] = {
            name: {column.name: [] for column in table.columns} for name, table in self._tables.items()
        }
        self._whole: dict[str, list[pa.Table]] = {name: [] for name in self._tables}

    def add_run(
        self, variant: int, replication: int, seed: int, status: str, *, plans: tuple[int, int] | None = None,
        error: tuple[str, str] = ("", ""),
    ) -> None:  # fmt: skip
        """The run itself, and how it went; ``plans`` are its ``plan_marks``, ``error`` what was wrong in both languages."""
        plan, original = plans or (None, None)
        self._add("runs", variant, replication, seed=[seed], status=[status], plan_id=[plan], original_id=[original],
                  error_en=[error[0]], error_zh=[error[1]])  # fmt: skip

    def add_outcome(self, variant: int, replication: int, scenario: Scenario, log: RunLog) -> Mapping[str, Figure]:
        """All that is kept of a run's outcome; returns its key figures by name."""
        run = Run(scenario, log)
        names = self._recording.kpis
        figures = key_figures(run, names)
        self._add("run_kpis", variant, replication, kpi=names, value=[figures[n].value for n in names],
                  subject=[figures[n].subject for n in names])  # fmt: skip
        totals = run.customer_totals
        books = totals.values()
        self._add("run_customers", variant, replication, customer=totals, plan_t=[b.plan_t for b in books],
                  delivered_t=[b.delivered_t for b in books], shortfall_t=[b.shortfall_t for b in books],
                  completion=[b.completion if b.plan_t > 0 else None for b in books],
                  completion_original=[b.delivered_t / b.original_t if b.original_t > 0 else None for b in books])  # fmt: skip
        self._add_causes(variant, replication, log)
        if self._recording.stocks != "none":
            self._add_stocks(variant, replication, run)
        if self._recording.tables:
            tables = tables_of(run)
            for name in self._recording.tables:
                self._whole[f"runs_{name}"].append(_with_run(variant, replication, recorded_table(name), tables[name]))
        return figures

    def take(self) -> dict[str, pa.Table]:
        """The collected rows as Arrow tables by name; the record is empty again."""
        import pyarrow as pa

        out = {}
        for name, table in self._tables.items():
            schema = schema_of(table)
            rows = pa.table(self._rows[name], schema=schema)
            out[name] = pa.concat_tables([rows, *self._whole[name]]) if self._whole[name] else rows
        self.__init__(self._recording)  # type: ignore[misc]
        return out

    def _add(self, table: str, variant: int, replication: int, **columns: Collection[Any]) -> None:
        rows = self._rows[table]
        count = len(next(iter(columns.values())))
        rows["variant"] += [variant] * count
        rows["replication"] += [replication] * count
        for name, values in columns.items():
            rows[name] += values

    def _add_causes(self, variant: int, replication: int, log: RunLog) -> None:
        tonnes: dict[tuple[str, str, str], float] = {}
        for account in log.accounts:
            for (cause, asset), amount in account.causes:
                key = account.customer, cause, asset
                tonnes[key] = tonnes.get(key, 0.0) + amount
        self._add("run_causes", variant, replication, customer=[k[0] for k in tonnes], cause=[k[1] for k in tonnes],
                  asset=[k[2] for k in tonnes], shortfall_t=list(tonnes.values()))  # fmt: skip

    def _add_stocks(self, variant: int, replication: int, run: Run) -> None:
        scenario, log = run.scenario, run.log
        days = stock_days(scenario, self._recording.stocks, log.begin_day, log.end_day)
        totals: dict[str, Any] = {}
        for (holder, _), stock in run.stocks.items():
            at = stock.at(days)
            totals[holder] = totals[holder] + at if holder in totals else at
        dates = [scenario.instant(day) for day in days.tolist()]
        self._add("run_stocks", variant, replication, holder=[name for name in totals for _ in dates],
                  day=dates * len(totals), stock_t=[value for at in totals.values() for value in at.tolist()])  # fmt: skip


def plan_marks(log: RunLog) -> tuple[int, int]:
    """A number of the plan in force and one of the original: plans equal to the kilogram have equal ones, others hardly ever.

    A plan in force is added up from one event of the run to the next, so that its last digits are the run's.
    """
    plan = array("d", [round(a.plan_t, 3) for a in log.accounts])
    original = array("d", [round(a.original_t, 3) for a in log.accounts])
    return crc32(plan), crc32(original)


def stock_days(scenario: Scenario, step: StockStep, begin: float, end: float) -> Any:
    """The midnights at which stocks are kept, the first and the last of the run among them."""
    if step == "month":
        inside = [start for start, _, _ in months_of(scenario) if begin < start < end]
    else:
        stride = 7.0 if step == "week" else 1.0
        inside = np.arange(np.floor(begin) + stride, end, stride).tolist()
    return np.array([begin, *inside, end])


def _with_run(variant: int, replication: int, table: Table, frame: Any) -> pa.Table:
    """A table of one run with the columns that say of which."""
    import pyarrow as pa

    schema = schema_of(table)
    count = len(frame)
    own = pa.Table.from_pandas(frame, preserve_index=False)
    columns: Mapping[str, Any] = {"variant": [variant] * count, "replication": [replication] * count}
    arrays = [
        pa.array(columns[f.name], f.type) if f.name in columns else own.column(f.name).cast(f.type) for f in schema
    ]
    return pa.table(arrays, schema=schema)


def schema_of(table: Table) -> pa.Schema:
    """The Arrow schema of a declared table; units and meanings travel with the columns."""
    import pyarrow as pa

    kinds = {
        "date": pa.timestamp("us"),
        "instant": pa.timestamp("us"),
        "name": pa.string(),
        "text": pa.string(),
        "number": pa.float64(),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
    }
    return pa.schema(
        [
            pa.field(
                c.name, kinds[c.type],
                metadata={"unit": c.unit, "meaning_en": c.meaning_en, "meaning_zh": c.meaning_zh},
            )
            for c in table.columns
        ]
    )  # fmt: skip
