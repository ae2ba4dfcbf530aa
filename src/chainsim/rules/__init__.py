"""Rules + tables → findings.

``load_rules`` reads and checks rule files before any run; ``find`` computes them over the tables of one.
"""

from chainsim.rules.findings import FINDINGS, find, grave
from chainsim.rules.reading import load_rules, shipped_rules_folder
from chainsim.rules.rule import SEVERITIES, Rule, RuleBook, RuleTest
from chainsim.rules.rule_tests import run_test
from chainsim.rules.summary import digest

__all__ = [
    "FINDINGS",
    "SEVERITIES",
    "Rule",
    "RuleBook",
    "RuleTest",
    "digest",
    "find",
    "grave",
    "load_rules",
    "run_test",
    "shipped_rules_folder",
]
