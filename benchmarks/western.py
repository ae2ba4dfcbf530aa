"""The western year as the yardstick's subject, and a cold start of the command line against importing its two libraries."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import chainsim
from benchmarks.plain import Yardstick
from chainsim.files import load_scenario
from chainsim.records import RunLog
from chainsim.results import build_tables
from chainsim.simulation import simulate

WESTERN = Path(__file__).resolve().parents[1] / "scenarios" / "western"


@dataclass(frozen=True)
class WesternYear:
    """Ratios to the plain loop, and what the run consisted of."""

    engine: float
    with_tables: float
    log: RunLog


@dataclass(frozen=True)
class ColdStart:
    """Wall time of a new process, in multiples of ``python -c "import pandas, simpy"``, which takes ``import_seconds``."""

    run: float
    run_with_workbook: float
    import_seconds: float


def western_year(yardstick: Yardstick, folder: Path = WESTERN, repeats: int = 5) -> WesternYear:
    """The engine alone, and the engine with every declared table; reading files is not in either."""
    scenario = load_scenario(folder).scenario

    def with_tables() -> None:
        tables = build_tables(scenario, simulate(scenario))
        for name in tables:
            tables[name]  # a table is made when it is asked for

    with_tables()  # pandas imports and compiles on first use
    return WesternYear(
        engine=yardstick.ratio(lambda: simulate(scenario), repeats),
        with_tables=yardstick.ratio(with_tables, repeats),
        log=simulate(scenario),
    )


def cold_start(folder: Path = WESTERN, rounds: int = 7) -> ColdStart:
    """Each round starts three processes one after the other; the medians of the rounds' ratios count.

    All run with the same bytecode cache, filled by a round that does not count: without it Python would compile chainsim
    anew wherever the environment forbids it to write beside the sources, but never pandas.
    """
    with tempfile.TemporaryDirectory() as temporary:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(Path(temporary) / "bytecode")
        environment["PYTHONPATH"] = str(Path(chainsim.__file__).parents[1])

        def seconds(*words: str) -> float:
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, *words], env=environment, cwd=temporary, capture_output=True, check=False
            )
            spent = time.perf_counter() - started
            # A run that fails at once would be the fastest of all.
            assert done.returncode == 0, f"{words} failed:\n{done.stderr.decode(errors='replace')[-2000:]}"
            return spent

        measured = _rounds(seconds, str(folder.resolve()), rounds)
    return ColdStart(
        run=median(run / imports for imports, run, _ in measured),
        run_with_workbook=median(workbook / imports for imports, _, workbook in measured),
        import_seconds=median(imports for imports, _, _ in measured),
    )


def _rounds(seconds: Callable[..., float], folder: str, rounds: int) -> list[tuple[float, float, float]]:
    """(importing, running, running with a workbook) by round; the one before the first fills caches."""
    run = ("-m", "chainsim", "run", folder, "--out", "results")
    measured = [
        (seconds("-c", "import pandas, simpy"), seconds(*run), seconds(*run, "--xlsx", "western.xlsx"))
        for _ in range(rounds + 1)
    ]
    return measured[1:]
