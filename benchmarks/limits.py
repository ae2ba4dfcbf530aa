"""What chainsim promises about its speed, and whether it held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """``at_most`` is the promise; ``unit`` says multiples of what."""

    key: str
    name: str
    unit: str
    at_most: float
    aim: float | None = None


@dataclass(frozen=True)
class Verdict:
    """A limit beside what was measured; no value where it was left out of the run."""

    limit: Limit
    value: float | None

    @property
    def met(self) -> bool | None:
        """Whether the promise held, where it was tried."""
        return None if self.value is None else self.value <= self.limit.at_most

    @property
    def words(self) -> str:
        """``met``, ``not met`` or ``not measured``, and whether the aim was reached."""
        if self.value is None:
            return "not measured"
        if not self.met:
            return "not met"
        return "met, aim too" if self.limit.aim is not None and self.value <= self.limit.aim else "met"


PLAIN = "plain loops"
LIMITS = (
    Limit("w_year", "W, one year", PLAIN, 3.4, aim=1.5),
    Limit("w_hundred", "W, k = 100", "W, k = 1", 110.0),
    Limit("w_decade", "W, ten years", "W, one year", 11.0),
    Limit("western_engine", "western year, engine alone", PLAIN, 30.0),
    Limit("western_tables", "western year, engine and all tables", PLAIN, 80.0),
    Limit("cold_run", "cold chainsim run scenarios/western", "import pandas, simpy", 4.0),
    Limit("cold_workbook", "the same with --xlsx", "import pandas, simpy", 12.0),
    Limit("rules_duckdb", "fifty rules, 10⁶ rows", "by hand in DuckDB", 1.5),
    Limit("rules_numpy", "the same beside numpy", "by hand in numpy", 1.0),
    Limit("rules_parquet", "fifty rules, 10⁷ rows of Parquet, memory", "GiB", 1.0),
    Limit("rules_western", "all shipped rules over the western run", "milliseconds", 60.0),
    Limit("experiment_noisy", "200 noisy replications of W, one process", PLAIN, 700.0),
    Limit("experiment_overhead", "what of it is not the engine's", "per cent of the engine's", 5.0),
    Limit("experiment_run", "the same, per run", "milliseconds", 1.0),
    Limit("experiment_two", "time with two processes", "time with one", 1 / 1.7),
    Limit("experiment_memory", "memory of 20,000 runs", "that of 200", 1.2),
    Limit("western_resilience", "resilience scan of the western network", "single runs", 250.0),
    Limit("optimizer_build", "a re-plan's program of 60 arcs, made, handed over, read", "HiGHS's own time", 0.2),
    Limit("optimizer_build_seconds", "the same in seconds", "seconds", 0.5),
    Limit("optimizer_western", "all levels of a re-plan of western", "single runs", 40.0),
    Limit("optimizer_western_seconds", "the same, in seconds", "seconds", 1.0),
    Limit("optimizer_again", "the same after a small change", "the first time", 0.3),
    Limit("optimizer_large", "a year of 500 arcs and 10 grades, all levels", "minutes", 15.0),
    Limit("optimizer_large_memory", "its memory", "GiB", 4.0),
    Limit("page_redraw", "page over western, slider to redraw, 95 of 100", "milliseconds", 200.0),
    Limit("page_weight", "what the page loads", "MB", 1.2),
    Limit("page_start", "chainsim serve, from command to address", "seconds", 1.5),
    Limit("page_memory", "its memory with six tabs", "MB", 200.0),
)


def verdicts(measured: Mapping[str, float]) -> list[Verdict]:
    """Every limit, in order; ``measured`` is by the limits' keys."""
    assert set(measured) <= {limit.key for limit in LIMITS}, "measured something nobody promised"
    return [Verdict(limit, measured.get(limit.key)) for limit in LIMITS]
