"""Parts of rule files and experiments, as the docs show them: completed to whole files, and read as such."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import yaml
from tests.documentation.listings import ROOT, Listing

from chainsim import workflow_experiments
from chainsim.rules import load_rules
from chainsim.rules.rule_tests import run_test

EXPERIMENT = {"base": "../scenarios/western", "factors": {"seed": {"set": "seed", "levels": [1, 2]}}, "replications": 2}
"""What a part of an experiment is laid into."""
RULE = {"id": "listing", "table": "customer_months", "when": "completion < 90%", "severity": "info"}
MESSAGE = {"en": "{plan_t}", "zh": "{plan_t}"}
GROUP_MESSAGE = {"en": "found", "zh": "发现"}
TEST = {
    "name": "listing", "rule": "listing", "rows": [{"customer": "a", "month": "2008-06", "completion": "80%"}],
    "expect": [{"subject": "a", "since": "2008-06"}],
}  # fmt: skip
"""Completed rules and tests; what the listing states stands before it."""


def check_part(listing: Listing, content: Any) -> None:
    """Read a listing that is no whole file: a rule, keys of a rule or of a test, measures, keys of an experiment."""
    if isinstance(content, dict) and "noise" in content:
        _check_experiment(content)
    else:
        _check_rules(listing, content)


def _check_experiment(content: dict[str, Any]) -> None:
    folder = Path("listing-experiment")
    folder.mkdir(exist_ok=True)
    file = folder / "listing.yaml"
    file.write_text(yaml.safe_dump({**EXPERIMENT, **content}, allow_unicode=True), encoding="utf-8")
    workflow_experiments.check_experiment(file)


def _check_rules(listing: Listing, content: Any) -> None:
    folder = Path("listing-rules")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "rules", folder)
    whole: dict[str, Any] = {"rules": []}
    if isinstance(content, list):
        whole["rules"] = [_completed(rule) for rule in content]
    elif "measures" in content and "table" not in content:
        whole["measures"] = {f"listing_{name}": said for name, said in content["measures"].items()}
    elif set(content) <= {"tables", "flags", "rows", "expect"}:
        rule = {**RULE, "message": MESSAGE, "when": "customer.offtake = 'plan' and flag.low_completion"}
        whole |= {"rules": [rule], "tests": [{**TEST, **content}]}
    else:
        whole["rules"] = [_completed(content)]
    (folder / "listing.yaml").write_text(yaml.safe_dump(whole, allow_unicode=True, sort_keys=False), encoding="utf-8")
    book = load_rules(folder)
    failed = [told for test in book.tests if test.rule.id == "listing" and (told := run_test(test))]
    assert not failed, f"{listing}: {failed}"


def _completed(rule: dict[str, Any]) -> dict[str, Any]:
    grouped = "by" in rule
    full = {**RULE, "message": GROUP_MESSAGE if grouped else MESSAGE, "action": {"en": "See.", "zh": "查看。"}, **rule}
    return {**full, "id": re.sub(r"\W", "_", f"listing_{rule.get('id', '')}").strip("_")}
