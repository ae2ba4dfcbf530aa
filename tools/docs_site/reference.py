"""The parts of pages that are made from the code when the site is built, so that they cannot be out of date.

A page asks for one with ``<!-- generated: NAME LANG -->`` on a line of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tools.docs_site.commands import command_pages, exit_codes
from tools.docs_site.languages import grammar, rule_keys, scenario_keys
from tools.docs_site.tables import input_tables, key_figures, result_tables

PARTS: Mapping[str, Callable[[str], str]] = {
    "commands": command_pages,
    "exit_codes": exit_codes,
    "figures": key_figures,
    "grammar": grammar,
    "inputs": input_tables,
    "rule_keys": rule_keys,
    "scenario_keys": scenario_keys,
    "tables": result_tables,
}
"""Name → what makes the part in a language: ``PARTS["commands"]("zh")``."""
