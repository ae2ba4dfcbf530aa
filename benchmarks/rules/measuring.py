"""The fifty rules measured: chainsim's engine beside the same rules by hand, many runs straight from Parquet, the western run."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.rules import by_hand
from benchmarks.rules.data import TABLES, frames, write_runs
from chainsim.files import load_scenario
from chainsim.results import build_tables
from chainsim.rules import load_rules
from chainsim.rules.applying import apply
from chainsim.rules.rule import Rule
from chainsim.rules.running.database import ROW, Database
from chainsim.rules.running.evaluating import Flagged, evaluate, tables_of
from chainsim.simulation import simulate

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
GIB = 1024.0**3


@dataclass(frozen=True)
class Fifty:
    """Medians of the rounds: ``seconds`` by who, and chainsim's ratios to those by hand."""

    rows: int
    seconds: Mapping[str, float]
    to_duckdb: float
    to_numpy: float


@dataclass(frozen=True)
class FromParquet:
    """What a process of its own needed for the rules over many runs: GiB at its peak, and seconds."""

    rows: int
    peak_gib: float
    seconds: float
    flagged: int


@dataclass(frozen=True)
class WesternRules:
    """All shipped rules over the western run: seconds to read the rules (again, in the same process) and to apply them."""

    rules: int
    load_seconds: float
    apply_seconds: float


def fifty_rules() -> tuple[Rule, ...]:
    """The rules of ``fifty.yaml``, checked."""
    return load_rules(FOLDER, TABLES).rules


def fifty(rows: int = 1_000_000, rounds: int = 7) -> Fifty:
    """Each round: chainsim, by hand in DuckDB, by hand in numpy, over tables that are loaded already; the rounds' ratios count.

    Flags must be the same, or nothing is told. All have one thread.
    """
    import duckdb

    rules, tables = fifty_rules(), frames(rows)
    columns, queries, functions = by_hand.columns(tables), by_hand.queries(), by_hand.in_numpy()
    with Database() as database, duckdb.connect(":memory:", config={"threads": 1}) as connection:
        database.add_frames(tables, tables_of(rules))
        database.lock()
        by_hand.load(connection, tables)
        subjects: dict[str, Callable[[], Mapping[str, Any]]] = {
            "chainsim": lambda: {flagged.rule.id: flagged for flagged in evaluate(rules, database)},
            "DuckDB": lambda: {name: connection.sql(query).to_arrow_table() for name, query in queries.items()},
            "numpy": lambda: {name: function(columns) for name, function in functions.items()},
        }
        outcomes = {who: subject() for who, subject in subjects.items()}
        check(outcomes["chainsim"], outcomes["DuckDB"], outcomes["numpy"])
        del outcomes
        spent = [{who: _seconds(subject) for who, subject in subjects.items()} for _ in range(rounds)]
    return Fifty(
        rows,
        {who: median(one[who] for one in spent) for who in subjects},
        median(one["chainsim"] / one["DuckDB"] for one in spent),
        median(one["chainsim"] / one["numpy"] for one in spent),
    )


def check(ours: Mapping[str, Flagged], in_sql: Mapping[str, Any], in_numpy: Mapping[str, Any]) -> None:
    """Assert that all three flag the same rows, groups and episodes."""
    assert set(ours) == set(in_sql) == set(in_numpy), "not the same rules"
    for name, flagged in ours.items():
        sql, array = in_sql[name], in_numpy[name]
        if "rowid" in sql.column_names:
            mine = np.sort(flagged.episodes.held[ROW].to_numpy())
            assert np.array_equal(mine, np.sort(sql["rowid"].to_numpy())), f"{name}: other rows than in DuckDB"
            assert np.array_equal(mine, array), f"{name}: other rows than in numpy"
        elif "months" in sql.column_names:
            episodes = sorted(_episodes(flagged))
            theirs = zip(*(sql[column].to_pylist() for column in ("customer", "first", "months")), strict=True)
            assert episodes == sorted(theirs), f"{name}: other episodes than in DuckDB"
            assert sorted(count for *_, count in episodes) == sorted(array[:, 2]), (
                f"{name}: other episodes than in numpy"
            )
        else:
            keys = [flagged.episodes.held[key].to_pylist() for key in sql.column_names]
            theirs = zip(*(column.to_pylist() for column in sql.columns), strict=True)
            assert set(zip(*keys, strict=True)) == set(theirs), f"{name}: other groups than in DuckDB"
            assert flagged.true_rows == len(array), f"{name}: other groups than in numpy"


def from_parquet(runs: int = 10, rows_of_each: int = 1_000_000) -> FromParquet:
    """Run folders written one by one, then the fifty rules over all of them at once in a process of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        write_runs(Path(temporary), runs, rows_of_each)
        words = [sys.executable, "-m", "benchmarks.rules.measuring", temporary]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the rules over Parquet failed:\n{done.stderr[-2000:]}"
    answer = json.loads(done.stdout)
    return FromParquet(runs * rows_of_each, answer["peak_gib"], answer["seconds"], answer["flagged"])


def western_rules(scenario_folder: Path, rounds: int = 7) -> WesternRules:
    """The shipped rules over a run's tables; simulating and making tables are in neither figure. The medians count."""
    scenario = load_scenario(scenario_folder).scenario
    made = build_tables(scenario, simulate(scenario))
    tables: dict[str, pd.DataFrame] = {name: made[name] for name in made}
    rules = load_rules().rules
    apply(rules, tables)
    return WesternRules(
        len(rules),
        median(_seconds(load_rules) for _ in range(rounds)),
        median(_seconds(lambda: apply(rules, tables)) for _ in range(rounds)),
    )


def heavy_imports() -> list[str]:
    """Those of the rules' libraries that importing ``chainsim.rules`` brings in before any rule is read or run."""
    script = "import chainsim.rules, sys; print(*sorted({'duckdb', 'lark', 'pandas', 'pyarrow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def _episodes(flagged: Flagged) -> Iterable[tuple[str, int, int]]:
    """(customer, number of the first month, months held)."""
    held, episodes = flagged.episodes.held, flagged.episodes
    customers = held["customer"].take(episodes.first()).to_pylist()
    months = held["month"].take(episodes.first()).to_pylist()
    for customer, month, count in zip(customers, months, episodes.counts.tolist(), strict=True):
        yield customer, (month.year - 1970) * 12 + month.month - 1, count


def _seconds(subject: Callable[[], object]) -> float:
    started = time.perf_counter()
    subject()
    return time.perf_counter() - started


def _over_runs(folder: Path) -> dict[str, float]:
    """What ``apply_to_runs`` does before it puts findings into words, and what this process needed for it."""
    started = time.perf_counter()
    rules = fifty_rules()
    with Database(threads=2) as database:
        database.add_parquet(sorted(folder.iterdir()), tables_of(rules))
        database.lock()
        flagged = sum(one.true_rows for one in evaluate(rules, database))
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / GIB
    return {"peak_gib": peak, "seconds": time.perf_counter() - started, "flagged": flagged}


if __name__ == "__main__":
    print(json.dumps(_over_runs(Path(sys.argv[1]))))
