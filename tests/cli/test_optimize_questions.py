"""``chainsim optimize --prices --reach``, and what it says where there is no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Chainsim
from tests.optimization.stopped_line import STOPPED_LINE, write_stopped_line


def test_the_command_tells_prices_and_reaches_a_completion(chainsim: Chainsim, tmp_path: Path) -> None:
    file = write_stopped_line(tmp_path / "stopped.yaml")
    outcome = chainsim("optimize", str(file), "--prices", "--reach", "works=100%")
    assert outcome.code == 0
    assert "1 t/d of capacity of Main line" in outcome.out
    assert "The works to 100.0%: the least change, t" in outcome.out
    assert "It costs nobody else anything at the end." in outcome.out
    chinese = chainsim("optimize", str(file), "--prices", "--reach", "works=100%", "--lang", "zh", "--quiet")
    assert "增加一个单位能力的价值" in chinese.out
    assert "石化厂达到 100.0% 的最小变动" in chinese.out


def test_programs_read_prices_and_reached_as_json(chainsim: Chainsim, tmp_path: Path) -> None:
    file = write_stopped_line(tmp_path / "stopped.yaml")
    told = json.loads(chainsim("optimize", str(file), "--prices", "--reach", "works=100%", "--json").out)
    assert {price["kind"] for price in told["prices"]} >= {"capacity"}
    assert told["prices"][0]["verified_t_months"] is not None
    assert told["reached"]["customer"] == "works"
    assert told["reached"]["completion"]["works"] == pytest.approx(1.0, abs=1e-5)


def test_a_completion_out_of_reach_ends_with_3_and_writes_nothing(chainsim: Chainsim, tmp_path: Path) -> None:
    file = tmp_path / "much.yaml"
    write_stopped_line(file)
    content = file.read_text(encoding="utf-8")
    assert "period: 2026-03, amount: 31}" in STOPPED_LINE
    file.write_text(content.replace("period: 2026-03, amount: 31}", "period: 2026-03, amount: 80}"), encoding="utf-8")
    order = tmp_path / "order.yaml"
    outcome = chainsim(
        "optimize", str(file), "--reach", "works=100%", "--order", str(order), "--out", str(tmp_path / "o")
    )
    assert outcome.code == 3
    assert "The works cannot come to 100.0% of its plan" in outcome.err
    assert "held back by: Main line" in outcome.err
    assert not order.exists() and not (tmp_path / "o").exists()
    chinese = chainsim("optimize", str(file), "--reach", "works=100%", "--lang", "zh")
    assert chinese.code == 3
    assert "石化厂完成率达不到 100.0%" in chinese.err


@pytest.mark.parametrize("asked", ["works", "works=", "works=0", "works=120%", "=98%", "works=-5%"])
def test_what_is_no_completion_is_refused(chainsim: Chainsim, tmp_path: Path, asked: str) -> None:
    file = write_stopped_line(tmp_path / "stopped.yaml")
    outcome = chainsim("optimize", str(file), "--reach", asked)
    assert outcome.code == 2
    assert "--reach" in outcome.err


CUT_BELOW = """\
orders:
  - number: A1
    issued: 2026-01-24
    effective: 2026-01-24
    state: approved
    lines:
      - {customer: works, grade: light, period: 2026-01, amount: 5}
"""


def test_an_order_that_cut_below_what_had_come_is_no_obstacle(chainsim: Chainsim, tmp_path: Path) -> None:
    file = write_stopped_line(tmp_path / "cut.yaml")
    file.write_text(file.read_text(encoding="utf-8") + CUT_BELOW, encoding="utf-8")
    order = tmp_path / "order.yaml"
    outcome = chainsim("optimize", str(file), "--as-of", "2026-01-25", "--order", str(order), "--lang", "en")
    assert outcome.code == 0
    assert "No order does better than none." in outcome.out
    assert not order.exists()
