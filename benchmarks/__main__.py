"""Measures chainsim beside its peers and against its promises, and prints the tables of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata

from benchmarks import optimizer
from benchmarks.experiments import Noisy, memory_growth, noisy, speed_up
from benchmarks.limits import PLAIN, Verdict, verdicts
from benchmarks.page import page_measured, page_text, western_page
from benchmarks.plain import Yardstick
from benchmarks.resilience import WesternScan, western_scan
from benchmarks.rules.measuring import Fifty, FromParquet, WesternRules, fifty, from_parquet, western_rules
from benchmarks.sizes import SIZES, Row, chainsim_row, event_counts, peer_rows
from benchmarks.western import WESTERN, ColdStart, WesternYear, cold_start, western_year

Cells = list[list[str]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 only with ``--strict`` where a promise did not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="SimPy only at k = 1, no Parquet, no 500 arcs, fewer rounds: a fraction of the time",
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a limit is not met")
    parser.add_argument(
        "--only", nargs="+", choices=tuple(SUBJECTS), metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}"
    )
    options = parser.parse_args(arguments)

    table = markdown if options.markdown else plain_text
    yardstick = Yardstick()
    figures: dict[str, float] = {}
    lines: list[str] = []
    tables: list[Cells] = []
    for subject in options.only or SUBJECTS:
        _tell(subject)
        told = SUBJECTS[subject](yardstick, options.quick)
        figures |= told.figures
        lines += told.lines
        tables += told.tables
    judged = verdicts(figures)
    print(f"{_machine()}; plain loop {1000 * yardstick.seconds:.2f} ms")
    print("\n".join(lines) + "\n")
    for cells in (*tables, verdict_cells(judged if options.only is None else _tried(judged))):
        print(table(cells) + "\n")
    return 1 if options.strict and any(verdict.met is False for verdict in judged) else 0


@dataclass(frozen=True)
class Told:
    """What came of a subject: figures by the limits' keys, what they are made of in lines, tables of its own."""

    figures: dict[str, float]
    lines: tuple[str, ...] = ()
    tables: tuple[Cells, ...] = ()


def _w(yardstick: Yardstick, quick: bool) -> Told:
    own = chainsim_row(yardstick)
    peers = peer_rows(yardstick, largest=1 if quick else 100, tell=_tell)
    return Told(w_measured(own), tables=(size_cells(own, event_counts(), peers),))


def _western(yardstick: Yardstick, quick: bool) -> Told:
    year = western_year(yardstick, repeats=3 if quick else 7)
    return Told(western_measured(year), (f"western year: {year.log.event_count} events",))


def _cold(yardstick: Yardstick, quick: bool) -> Told:
    cold = cold_start(rounds=3 if quick else 9)
    return Told(cold_measured(cold), (f"import pandas, simpy: {cold.import_seconds:.2f} s",))


def _rules(yardstick: Yardstick, quick: bool) -> Told:
    over_table = fifty(rounds=3 if quick else 7)
    over_runs = None if quick else from_parquet()
    shipped = western_rules(WESTERN, rounds=3 if quick else 9)
    return Told(rules_measured(over_table, over_runs, shipped), (rules_text(over_table, over_runs, shipped),))


def _experiments(yardstick: Yardstick, quick: bool) -> Told:
    many = noisy(yardstick)
    ratio = None if quick else 1 / speed_up()
    peaks = None if quick else memory_growth()
    return Told(experiments_measured(many, ratio, peaks), (experiments_text(many, peaks),))


def _resilience(yardstick: Yardstick, quick: bool) -> Told:
    found = western_scan()
    line = f"resilience scan: {found.assets} assets in {found.seconds:.0f} s of processor time"
    return Told(scan_measured(found), (line,))


def _optimizer(yardstick: Yardstick, quick: bool) -> Told:
    year = optimizer.built(rounds=1 if quick else 2)
    re_plans = optimizer.western(rounds=2 if quick else 5)
    largest = None if quick else optimizer.large()
    return Told(optimizer.measured(year, re_plans, largest), (optimizer.words(year, re_plans, largest),))


def _page(yardstick: Yardstick, quick: bool) -> Told:
    found = western_page(yardstick, moves=20 if quick else 40, starts=3 if quick else 5)
    if found is None:
        return Told({}, ("page: not measured, there is no Chromium with its driver",))
    return Told(page_measured(found), (page_text(found),))


SUBJECTS: dict[str, Callable[[Yardstick, bool], Told]] = {
    "w": _w,
    "western": _western,
    "cold": _cold,
    "rules": _rules,
    "experiments": _experiments,
    "resilience": _resilience,
    "optimizer": _optimizer,
    "page": _page,
}
"""What can be measured by itself, in the limits' order."""


def w_measured(own: Row) -> dict[str, float]:
    """What the limits are about, by their keys; ``own`` has the ratios of ``SIZES``."""
    year, _, hundred, decade = own.ratios
    assert year is not None and hundred is not None and decade is not None
    return {"w_year": year, "w_hundred": hundred / year, "w_decade": decade / year}


def western_measured(western: WesternYear) -> dict[str, float]:
    """As ``w_measured``, for the western year."""
    return {"western_engine": western.engine, "western_tables": western.with_tables}


def cold_measured(cold: ColdStart) -> dict[str, float]:
    """As ``w_measured``, for whole commands."""
    return {"cold_run": cold.run, "cold_workbook": cold.run_with_workbook}


def rules_measured(over_table: Fifty, over_runs: FromParquet | None, shipped: WesternRules) -> dict[str, float]:
    """As ``w_measured``, for the rules; without ``over_runs`` memory was not measured."""
    out = {"rules_duckdb": over_table.to_duckdb, "rules_numpy": over_table.to_numpy}
    if over_runs is not None:
        out["rules_parquet"] = over_runs.peak_gib
    return out | {"rules_western": 1000 * shipped.apply_seconds}


def scan_measured(resilience: WesternScan) -> dict[str, float]:
    """As ``w_measured``, for the resilience scan."""
    return {"western_resilience": resilience.runs}


def rules_text(over_table: Fifty, over_runs: FromParquet | None, shipped: WesternRules) -> str:
    """What the rules' ratios are made of, in one line."""
    by = ", ".join(f"{who} {seconds:.2f} s" for who, seconds in over_table.seconds.items())
    parts = [f"fifty rules over {over_table.rows:,} rows: {by}"]
    if over_runs is not None:
        parts.append(
            f"over {over_runs.rows:,} rows of Parquet: {over_runs.seconds:.0f} s, {over_runs.flagged:,} rows flagged"
        )
    parts.append(f"the {shipped.rules} shipped rules: {1000 * shipped.load_seconds:.0f} ms to read")
    return "; ".join(parts)


def experiments_measured(
    many: Noisy, ratio: float | None = None, peaks: tuple[float, float] | None = None
) -> dict[str, float]:
    """As ``w_measured``, for experiments; processes and memory where they were measured."""
    out = {
        "experiment_noisy": many.whole,
        "experiment_overhead": 100 * many.overhead,
        "experiment_run": many.milliseconds,
    }
    if ratio is not None:
        out["experiment_two"] = ratio
    if peaks is not None:
        out["experiment_memory"] = peaks[1] / peaks[0]
    return out


def experiments_text(many: Noisy, peaks: tuple[float, float] | None) -> str:
    """What the experiments' ratios are made of, in one line."""
    told = f"experiments: {many.milliseconds:.2f} ms a run beside the engine"
    return told if peaks is None else f"{told}; at most {peaks[0]:.0f} MiB for 200 runs, {peaks[1]:.0f} MiB for 20,000"


def size_cells(own: Row, events: Sequence[int], peers: Sequence[Row]) -> Cells:
    """W by program and size, in plain loops."""
    cells = [[f"W, in {PLAIN}", *(size.name for size in SIZES), "ships otherwise by"]]
    for row in (own, *peers):
        deviation = f"{100 * row.deviation:.1f} %"
        cells.append([row.name, *("–" if ratio is None else _figure(ratio) for ratio in row.ratios), deviation])
    cells.insert(2, ["chainsim's events", *(f"{count:,}" for count in events), ""])
    return cells


def verdict_cells(judged: Sequence[Verdict]) -> Cells:
    """The limits beside what was measured."""
    cells = [["Limit", "measured", "at most", "in multiples of", ""]]
    for verdict in judged:
        limit = verdict.limit
        value = "–" if verdict.value is None else _figure(verdict.value)
        at_most = f"{limit.at_most:g}" + (f" (aim {limit.aim:g})" if limit.aim is not None else "")
        cells.append([limit.name, value, at_most, limit.unit, verdict.words])
    return cells


def markdown(cells: Cells) -> str:
    """``cells`` as a Markdown table; the first row is its head, the first column text, the others figures."""
    head, *rows = cells
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def plain_text(cells: Cells) -> str:
    """``cells`` in columns."""
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = []
    for row in cells:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join([row[0].ljust(len(first)), *others]).rstrip())
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _tried(judged: Sequence[Verdict]) -> list[Verdict]:
    return [verdict for verdict in judged if verdict.value is not None]


def _machine() -> str:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("simpy", "pandas", "numpy", "duckdb"))
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {versions}"


def _tell(stage: str) -> None:
    print(f"measuring {stage} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    assert WESTERN.is_dir(), "run this from a checkout: the western scenario is not in the package"
    sys.exit(main())
