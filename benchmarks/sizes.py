"""W in chainsim and in its peers, at several sizes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.plain import Yardstick, plain_loop
from benchmarks.simpy_peers import lean, naive
from benchmarks.workload import scenario
from chainsim.records import RunLog
from chainsim.simulation import simulate

PYWR_PYTHON = "CHAINSIM_PYWR_PYTHON"
"""The environment variable with the interpreter that has pywr; ``with_pywr.sh`` sets it."""
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Size:
    """``repeats`` is for the fast ones; slow ones are run once."""

    name: str
    blocks: int
    days: int
    repeats: int


@dataclass(frozen=True)
class Row:
    """One program's ratios to the plain loop, by size; none where it was not run."""

    name: str
    ratios: tuple[float | None, ...]
    deviation: float
    """Of what it ships in the first size's days, from the plain loop: the refinery that differs most."""


SIZES = (
    Size("one year, k = 1", 1, 365, 9),
    Size("one year, k = 10", 10, 365, 3),
    Size("one year, k = 100", 100, 365, 2),
    Size("ten years, k = 1", 1, 3650, 3),
)


def chainsim_row(yardstick: Yardstick, sizes: Sequence[Size] = SIZES) -> Row:
    """The engine on scenarios made beforehand."""
    ratios = []
    for size in sizes:
        made = scenario(size.blocks, size.days)
        ratios.append(yardstick.ratio(lambda made=made: simulate(made), size.repeats))  # type: ignore[misc]
    made = scenario(1, sizes[0].days)
    return Row("chainsim", tuple(ratios), _deviation(shipped(simulate(made)), sizes[0].days))


def event_counts(sizes: Sequence[Size] = SIZES) -> list[int]:
    """At how many instants chainsim's engine acted."""
    return [simulate(scenario(size.blocks, size.days)).event_count for size in sizes]


def peer_rows(
    yardstick: Yardstick, sizes: Sequence[Size] = SIZES, *, largest: int = 100, tell: Callable[[str], None] = print
) -> list[Row]:
    """The peers that are here; SimPy's only up to ``largest`` blocks."""
    rows = []
    python = os.environ.get(PYWR_PYTHON)
    if python:
        tell("pywr 2")
        rows.append(_pywr_row(python, sizes))
    for name, peer in (("SimPy, lean", lean), ("SimPy, naive", naive)):
        tell(name)
        ratios = [_simpy_ratio(yardstick, peer, size) if size.blocks <= largest else None for size in sizes]
        rows.append(Row(name, tuple(ratios), _deviation(peer(1, sizes[0].days), sizes[0].days)))
    return rows


def shipped(log: RunLog, block: int = 0) -> list[float]:
    """What chainsim's run of W sent to each refinery of ``block``, kt: the integral of its branch line's rate."""
    flows = {flow.asset: flow for flow in log.flows}
    sent = []
    for r in range(10):
        flow = flows[f"{block}L{r}"]
        ends = (*flow.days[1:], log.end_day)
        sent.append(sum(rate * (end - day) for rate, day, end in zip(flow.rate, flow.days, ends, strict=True)))
    return sent


def _simpy_ratio(yardstick: Yardstick, peer: Callable[[int, int], object], size: Size) -> float:
    slow = size.blocks * size.days > 3650
    return yardstick.ratio(lambda: peer(size.blocks, size.days), 1 if slow else min(3, size.repeats))


def _pywr_row(python: str, sizes: Sequence[Size]) -> Row:
    """Each size in a process of its own, which times the plain loop too."""
    answers = []
    for size in sizes:
        words = [python, "-m", "benchmarks.pywr_peer", str(size.blocks), str(size.days), str(min(3, size.repeats))]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"pywr failed:\n{done.stderr[-2000:]}"
        answers.append(json.loads(done.stdout))
    deviation = _deviation(answers[0]["shipped"], sizes[0].days)
    return Row(f"pywr {answers[0]['version']}", tuple(answer["ratio"] for answer in answers), deviation)


def _deviation(sent: Sequence[float], days: int) -> float:
    return max(abs(one / other - 1) for one, other in zip(sent, plain_loop(days), strict=False))
