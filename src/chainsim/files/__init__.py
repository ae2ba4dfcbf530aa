"""Every format a person edits: scenario folders, overlays and workbooks, read into a ``chainsim.model.Scenario``."""

from chainsim.errors import render_problem
from chainsim.files.cases import split_case
from chainsim.files.exporting import input_forms
from chainsim.files.load import LoadedScenario, Statements, load_scenario, load_statements
from chainsim.files.reasons import own_orders
from chainsim.files.schema import scenario_schema

__all__ = [
    "LoadedScenario",
    "Statements",
    "input_forms",
    "load_scenario",
    "load_statements",
    "own_orders",
    "render_problem",
    "scenario_schema",
    "split_case",
]
