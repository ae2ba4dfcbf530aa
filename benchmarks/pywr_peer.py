"""The common workload W in pywr 2, whose Rust core solves a linear program each day.

pywr has a venv of its own, which ``with_pywr.sh`` makes; there, ``python -m benchmarks.pywr_peer BLOCKS DAYS REPEATS`` prints
one JSON object. pywr has no plan that remembers what it still owes, so each branch is held to its plan's daily mean instead of
catching up, and what is scarce goes by cost order instead of pro rata. Delays are whole days, as in the plain loop.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.plain import (
    BRANCH_CAPACITY,
    BRANCH_DAYS,
    HUB_LINE_CAPACITY,
    HUB_LINE_DAYS,
    LOSS,
    PLAN_FACTOR,
    PRODUCTION,
    RUNS,
    SHUT,
    SOURCE_LIMIT,
    SOURCE_OPENING,
    START,
    TRUNK_CAPACITY,
    TRUNK_DAYS,
    Yardstick,
)

Json = dict[str, Any]
CAPACITIES = "capacities.csv"
SOLVER = "clp"
"""The fastest of those pywr brings, here."""


def main() -> None:
    """Measure what the command line asks for and print it."""
    blocks, days, repeats = (int(word) for word in sys.argv[1:4])
    json.dump(measure(blocks, days, repeats), sys.stdout)


def measure(blocks: int, days: int, repeats: int) -> Json:
    """One size of W: ``ratio`` is a run's CPU time in plain loops of this process, ``building`` that of making the model
    beforehand, ``shipped`` kt by refinery of the first block, ``version`` pywr's.
    """
    import pywr  # type: ignore[import-not-found]  # only its own venv has it

    text = json.dumps(document(blocks, days))
    yardstick = Yardstick()
    made: list[Any] = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / CAPACITIES).write_text(capacities(days), encoding="utf-8")
        building = yardstick.ratio(
            lambda: made.append(pywr.ModelSchema.from_json_string(text).build(data_path=folder)), 1
        )
        ratio = yardstick.ratio(lambda: made.append(made[0].run(SOLVER, solver_kwargs={"threads": 1})), repeats)
    rows = made[-1].network_result.to_record_batch("out").to_pydict()
    shipped = dict.fromkeys((f"0 branch {r}" for r in range(len(RUNS))), 0.0)
    for name, value in zip(rows["name"], rows["value"], strict=True):
        if name in shipped:
            shipped[name] += value
    return {"version": metadata.version("pywr"), "ratio": ratio, "building": building, "shipped": [*shipped.values()]}


def document(blocks: int, days: int) -> Json:
    """W as a pywr model document; it reads ``CAPACITIES`` beside it."""
    series = {"type": "Polars", "time_col": "time", "path": CAPACITIES, "kwargs": {"try_parse_dates": True}}
    network: Json = {"nodes": [], "edges": [], "time_series": [{"meta": {"name": "capacities"}, **series}]}
    metrics = []
    for block in range(blocks):
        _add_block(network, block)
        metrics += [{"type": "Node", "name": f"{block} branch {r}", "attribute": "Inflow"} for r in range(len(RUNS))]
    network["metric_sets"] = [{"meta": {"name": "all"}, "metrics": metrics}]
    network["outputs"] = [{"meta": {"name": "out"}, "type": "Memory", "metric_set": "all"}]
    return {
        "metadata": {"title": "W", "minimum_version": "2.0"},
        "time": {
            "start": START.isoformat(),
            "end": (START + timedelta(days - 1)).isoformat(),
            "timestep": {"type": "Days", "days": 1},
        },
        "network": network,
    }


def capacities(days: int) -> str:
    """The file of daily capacities that the document names: trunk 0 is shut once."""
    rows = [
        f"{(START + timedelta(day)).isoformat()},{0.0 if SHUT[0] <= day < SHUT[1] else TRUNK_CAPACITY[0]}"
        for day in range(days)
    ]
    return "\n".join(["time,trunk 0", *rows, ""])


def _add_block(network: Json, block: int) -> None:
    def node(name: str, kind: str, **attributes: object) -> None:
        network["nodes"].append({"meta": {"name": f"{block} {name}"}, "type": kind, **attributes})

    def path(*names: str) -> None:
        for one, next_ in zip(names, names[1:], strict=False):
            network["edges"].append({"from_node": f"{block} {one}", "to_node": f"{block} {next_}"})

    def tank(name: str, limit: float, opening: float) -> None:
        level = {"type": "Absolute", "volume": opening}
        node(name, "Storage", max_volume=_fixed(limit), initial_volume=level, cost=_fixed(0))

    def delay(name: str, days: int) -> None:
        node(name, "Delay", delay={"type": "Literal", "value": days}, initial_value=_fixed(0))

    for hub, limit, opening in (("A", 600.0, 150.0), ("B", 200.0, 60.0)):
        tank(hub, limit, opening)
        node(f"{hub} spill", "Output", cost=_fixed(500))
        path(hub, f"{hub} spill")
    for i, (produced, capacity) in enumerate(zip(PRODUCTION, TRUNK_CAPACITY, strict=True)):
        node(f"field {i}", "Input", max_flow=_fixed(produced), cost=_fixed(-1))
        tank(f"tank {i}", SOURCE_LIMIT[i], SOURCE_OPENING[i])
        rate = _fixed(capacity)
        if i == 0:
            rate = {"type": "TimeSeries", "name": "capacities", "columns": {"type": "Column", "name": "trunk 0"}}
        node(f"trunk {i}", "Link", max_flow=rate, cost=_fixed(-5))
        node(f"loss {i}", "LossLink", loss_factor={"type": "Gross", "factor": _fixed(LOSS)})
        delay(f"way {i}", TRUNK_DAYS[i])
        path(f"field {i}", f"tank {i}", f"trunk {i}", f"loss {i}", f"way {i}", "A")
    rates = [runs * factor for runs, factor in zip(RUNS, PLAN_FACTOR, strict=True)]
    node("line", "Link", max_flow=_fixed(min(sum(rates[7:]), HUB_LINE_CAPACITY)), cost=_fixed(-10))
    delay("line way", HUB_LINE_DAYS)
    path("A", "line", "line way", "B")
    for r, planned in enumerate(rates):
        rate = _fixed(min(planned, BRANCH_CAPACITY[r]))
        node(f"branch {r}", "Link", max_flow=rate, cost=_fixed(-10 - 0.01 * (10 - r)))
        delay(f"branch way {r}", BRANCH_DAYS[r])
        tank(f"refinery {r}", RUNS[r] * 15, RUNS[r] * 7)
        node(f"runs {r}", "Output", max_flow=_fixed(RUNS[r]), cost=_fixed(-100))
        node(f"spill {r}", "Output", cost=_fixed(500))
        path("A" if r < 7 else "B", f"branch {r}", f"branch way {r}", f"refinery {r}", f"runs {r}")
        path(f"refinery {r}", f"spill {r}")


def _fixed(value: float) -> Json:
    return {"type": "Literal", "value": float(value)}


if __name__ == "__main__":
    main()
