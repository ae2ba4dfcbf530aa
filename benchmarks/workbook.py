"""Writing a million rows into a workbook: seconds of CPU as a ratio to writing them as Parquet and CSV, and the peak of memory.

``python -m benchmarks.workbook [ROWS]``. Each writer runs in a process of its own, so that peaks do not mix; what the frame
itself takes is measured in a process that only makes it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

ROWS = 1_000_000
WAYS = ("frame", "results", "workbook")


def main() -> int:
    """Print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    measured = {}
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.workbook", "--one", way, str(rows)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        measured[way] = json.loads(done.stdout)
    base = measured["results"]["seconds"]
    print(f"{rows:,} rows of the table deliveries (11 columns)")
    for way in WAYS[1:]:
        peak = measured[way]["peak_mb"] - measured["frame"]["peak_mb"]
        told = f"{measured[way]['seconds']:.1f} s of CPU, {measured[way]['seconds'] / base:.1f} × Parquet and CSV"
        print(f"{way}: {told}; {peak:.0f} MB above the frame; {measured[way]['file_mb']:.0f} MB written")
    return 0


def one(way: str, rows: int) -> None:
    """Measure one writer and print what was measured as JSON."""
    from chainsim import workflow
    from chainsim.reports.export import write_results
    from chainsim.reports.tidy import tidy_sheets
    from chainsim.reports.workbook import written_workbook
    from chainsim.results import TABLES

    outcome = workflow.run(Path(__file__).parents[1] / "scenarios" / "western")
    frame = repeated(outcome.tables["deliveries"], rows)
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        size = 0
        if way == "results":
            write_results(Path(folder, "out"), {"deliveries": frame}, {})
            size = sum(file.stat().st_size for file in Path(folder, "out").iterdir())
        elif way == "workbook":
            file = Path(folder, "x.xlsx")
            table = TABLES["deliveries"]
            fill = partial(tidy_sheets, name="每日交付", table=table, frame=frame)
            written_workbook(file, "benchmark", outcome.scenario.start, outcome.labels, "zh", fill)
            size = file.stat().st_size
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "file_mb": size / 1e6}))


def repeated(frame, rows: int):  # type: ignore[no-untyped-def]  # pandas is heavy to import for a signature
    """``frame`` over and over until it has ``rows`` rows."""
    import pandas as pd

    times = -(-rows // len(frame))
    return pd.concat([frame] * times, ignore_index=True).iloc[:rows]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main())
