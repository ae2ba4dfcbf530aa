"""Rules + tables → findings.

``load_rules`` reads and checks rule files before any run; ``apply`` computes them over the tables of one run, ``apply_to_runs``
over the Parquet files of many.
"""

from chainsim.rules.applying import RULE_RESULTS, Outcome, apply, apply_to_runs
from chainsim.rules.explained_rows import Wanted
from chainsim.rules.explaining import Explanation, explain, rule_called
from chainsim.rules.finding_changes import FINDING_CHANGES, finding_changes
from chainsim.rules.findings import FINDINGS, RUN_COLUMN, grave
from chainsim.rules.reading import load_rules, read_rules, shipped_rules_folder
from chainsim.rules.rule import SEVERITIES, Rule, RuleBook, RuleTest
from chainsim.rules.rule_tests import Tested, outcome_of, run_test
from chainsim.rules.run_folders import Evaluation, apply_to_folders, labels_of_run
from chainsim.rules.summary import changed_lines, counted_changes, digest, digest_lines
from chainsim.rules.work_orders import WORK_ORDERS, log_warnings, work_orders

__all__ = [
    "FINDINGS",
    "FINDING_CHANGES",
    "RULE_RESULTS",
    "RUN_COLUMN",
    "SEVERITIES",
    "WORK_ORDERS",
    "Evaluation",
    "Explanation",
    "Outcome",
    "Rule",
    "RuleBook",
    "RuleTest",
    "Tested",
    "Wanted",
    "apply",
    "apply_to_folders",
    "apply_to_runs",
    "changed_lines",
    "counted_changes",
    "digest",
    "digest_lines",
    "explain",
    "finding_changes",
    "grave",
    "labels_of_run",
    "load_rules",
    "log_warnings",
    "outcome_of",
    "read_rules",
    "rule_called",
    "run_test",
    "shipped_rules_folder",
    "work_orders",
]
