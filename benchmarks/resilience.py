"""The resilience scan of the western year against single runs of it, in processor time of one process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.western import WESTERN
from chainsim.experiments.resilience import scan, terms_asked
from chainsim.files import load_scenario
from chainsim.simulation import simulate


@dataclass(frozen=True)
class WesternScan:
    """``runs``: what the scan took, in single runs measured before, between and after its assets."""

    assets: int
    runs: float
    seconds: float


def western_scan(folder: Path = WESTERN, rounds: int = 9, assets: tuple[str, ...] = ()) -> WesternScan:
    """Every asset (or those named) from the default start with one-day precision; reading files and tables are in neither."""
    scenario = load_scenario(folder).scenario
    terms = terms_asked(scenario, assets=assets)
    every = max(1, len(terms.assets) // rounds)
    single: list[float] = []
    spent = 0.0

    def clock(done: int, of: int) -> None:
        """Single runs are strewn over the scan: so both see the same machine."""
        nonlocal spent
        if done % every == 0:
            began = time.process_time()
            simulate(scenario)
            single.append(time.process_time() - began)
            spent += single[-1]

    simulate(scenario)
    began = time.process_time()
    scan(scenario, terms, workers=1, done=clock)
    seconds = time.process_time() - began - spent
    return WesternScan(len(terms.assets), seconds / median(single), seconds)
