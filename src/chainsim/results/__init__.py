"""A run's log as declared tables: ``build_tables(scenario, log)``, and what each column of them means."""

from chainsim.results.catalogue import TABLES
from chainsim.results.completion import Bands
from chainsim.results.declarations import Column, ColumnType, Table, check_frame
from chainsim.results.kpis import KPIS, Kpi
from chainsim.results.labels import Labels, labels_of
from chainsim.results.tables import Tables, build_tables, data_dictionary

__all__ = [
    "KPIS",
    "TABLES",
    "Bands",
    "Column",
    "ColumnType",
    "Kpi",
    "Labels",
    "Table",
    "Tables",
    "build_tables",
    "check_frame",
    "data_dictionary",
    "labels_of",
]
