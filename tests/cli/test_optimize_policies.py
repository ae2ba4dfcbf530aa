"""``chainsim optimize --compare-policies``."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Chainsim
from tests.optimization.stopped_line import write_stopped_line


def test_policies_are_compared_in_both_languages(chainsim: Chainsim, tmp_path: Path) -> None:
    file = write_stopped_line(tmp_path / "stopped.yaml")
    outcome = chainsim("optimize", str(file), "--compare-policies")
    assert outcome.code == 0
    assert "A stopped line · policies compared" in outcome.out
    assert "order after 3 days" in outcome.out
    assert "outage begins: Main line" in outcome.out
    chinese = chainsim("optimize", str(file), "--compare-policies", "--lang", "zh", "--quiet")
    assert "完全预知" in chinese.out
    assert "停运开始" not in chinese.out


def test_programs_read_policies_as_json(chainsim: Chainsim, tmp_path: Path) -> None:
    file = write_stopped_line(tmp_path / "stopped.yaml")
    told = json.loads(chainsim("optimize", str(file), "--compare-policies", "--json").out)
    rows = {(row["policy"], row["customer"]): row for row in told["policy_comparison"]}
    late = [rows[name, ""]["lateness_t_months"] for name in ("no order", "order after 3 days")]
    assert late[1] < late[0]
    assert rows["order after 3 days", "works"]["completion"] > rows["no order", "works"]["completion"]
    assert [asking["day"] for asking in told["askings"] if asking["policy"] == "order after 3 days"] == [
        "2026-01-11",
        "2026-01-21",
    ]


def test_policies_are_compared_alone(chainsim: Chainsim, tmp_path: Path) -> None:
    file = write_stopped_line(tmp_path / "stopped.yaml")
    outcome = chainsim("optimize", str(file), "--compare-policies", "--order", str(tmp_path / "o.yaml"))
    assert outcome.code == 2
    assert "--json and --quiet only" in outcome.err
