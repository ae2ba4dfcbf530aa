"""A run's log as declared tables: ``build_tables(scenario, log)``, and what each column of them means."""

from chainsim.results.catalogue import TABLES
from chainsim.results.completion import Bands
from chainsim.results.declarations import Column, ColumnType, Table, check_frame
from chainsim.results.differences import Difference, difference, difference_causes, effects
from chainsim.results.kpis import KPI_UNITS, KPIS, PLAN_FIGURES, Figure, Kpi, key_figures
from chainsim.results.labels import Labels, labels_of
from chainsim.results.run import Run
from chainsim.results.tables import Tables, build_tables, data_dictionary, tables_of

__all__ = [
    "KPIS",
    "KPI_UNITS",
    "PLAN_FIGURES",
    "TABLES",
    "Bands",
    "Column",
    "ColumnType",
    "Difference",
    "Figure",
    "Kpi",
    "Labels",
    "Run",
    "Table",
    "Tables",
    "build_tables",
    "check_frame",
    "data_dictionary",
    "difference",
    "difference_causes",
    "effects",
    "key_figures",
    "labels_of",
    "tables_of",
]
