"""Every format a person edits: scenario folders, overlays and workbooks, read into a ``chainsim.model.Scenario``."""

from chainsim.files.load import LoadedScenario, load_scenario
from chainsim.files.render import render_problem
from chainsim.files.schema import scenario_schema

__all__ = ["LoadedScenario", "load_scenario", "render_problem", "scenario_schema"]
