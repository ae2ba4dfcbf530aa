"""What rules are given: the tables they read, and what their findings need beyond that, where it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from chainsim.results import Table
from chainsim.results.catalogue import TABLES
from chainsim.rules.ledger import Ledger, ledger_of
from chainsim.rules.rule import Rule
from chainsim.rules.running.database import RUN, Database
from chainsim.rules.running.evaluating import CALENDARS, columns_read

SHORTFALLS = "shortfalls"
"""The table that says why customers fell short."""


def tables_to_load(rules: Sequence[Rule], is_there: Callable[[str], bool]) -> tuple[Table, ...]:
    """What ``rules`` read, no wider than they read it; with it the shortfalls, for causes, and the calendars, for states."""
    needed = {table.name: table for table in columns_read(rules)}
    for name, column in {CALENDARS[rule.period] for rule in rules if rule.period}:
        if name not in needed and is_there(name):
            needed[name] = replace(TABLES[name], columns=(TABLES[name].column(column),))
    if is_there(SHORTFALLS):
        needed[SHORTFALLS] = TABLES[SHORTFALLS]
    return tuple(needed[name] for name in sorted(needed))


def in_all(runs: Sequence[Path], name: str) -> bool:
    """Whether every run's folder has the table ``name``."""
    return all((run / f"{name}.parquet").is_file() for run in runs)


def ledger_in(database: Database) -> Ledger:
    """The ledger of the shortfalls in ``database``, an empty one if they are not there. What bears no month is in no episode."""
    if SHORTFALLS not in database.tables:
        return Ledger()
    names = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in ("grade", "cause", "asset"))
    run = f'"{RUN}"' if database.several else "''"
    rows = database.select(
        f"SELECT {run}, customer, month, {names}, shortfall_t FROM {SHORTFALLS} "  # noqa: S608 - fixed names only
        "WHERE month IS NOT NULL AND shortfall_t IS NOT NULL",
        {},
    )
    return ledger_of(zip(*(column.to_pylist() for column in rows.columns), strict=True))
