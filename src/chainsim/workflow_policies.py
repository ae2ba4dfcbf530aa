"""The use case of comparing policies: the optimizer asked at events, as they happen. Beside ``workflow_orders``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.model import Scenario
from chainsim.workflow import LIBRARIES, Progress, manifest_of

if TYPE_CHECKING:
    from chainsim.errors import Problem
    from chainsim.optimization.policy import Policy, PolicyRow, PolicyRun
    from chainsim.results import Labels


@dataclass(frozen=True)
class PolicyComparison:
    """The runs of the policies and the table ``policy_comparison`` as ``rows``."""

    path: Path
    scenario: Scenario
    runs: tuple[PolicyRun, ...]
    rows: tuple[PolicyRow, ...]
    labels: Labels
    warnings: tuple[Problem, ...]
    manifest: dict[str, Any]


def compare_policies(
    path: Path, policies: Sequence[Policy] | None = None, *, progress: Progress = lambda stage: None
) -> PolicyComparison:
    """Run the scenario at ``path`` under each policy (default: no order, order after 3 days, perfect foresight).

    Raises ``InputError`` with all problems of the scenario.
    """
    from chainsim.files import load_scenario
    from chainsim.optimization import policy
    from chainsim.results import labels_of

    progress("read")
    loaded = load_scenario(path)
    progress("policies")
    runs = policy.compare_policies(loaded.scenario, policies or policy.STANDARD)
    return PolicyComparison(
        path=path,
        scenario=loaded.scenario,
        runs=runs,
        rows=policy.comparison_rows(runs),
        labels=labels_of(loaded.scenario),
        warnings=loaded.warnings,
        manifest=manifest_of(path, loaded.scenario, loaded.inputs, Path(), (), (*LIBRARIES, "highspy", "pulp")),
    )
