"""Write the actuals of ``scenarios/mid-july`` by letting the base year run to 12 July with what really happened in it.

Run from anywhere, with chainsim installed: ``python tools/make_mid_july.py``. The result is committed. What differs from the
base case until then is stated in ``REALITY``: it is invented, as are all disruptions of the base case.

Deliveries of finished months stand as one row on the month's last day, July's day by day. Stocks are those at midnight; of a
line the content stands from the exit back to the entrance.
"""

from __future__ import annotations

import csv
from collections import deque
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from chainsim.files import load_scenario
from chainsim.model import Disruption, Scenario
from chainsim.records import FlowLog, RunLog
from chainsim.simulation import simulate

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
AS_OF = date(2008, 7, 12)
NEGLIGIBLE_T = 0.5

REALITY = (
    ("Tarim field power failure", "lunnan_intake", date(2008, 6, 24), date(2008, 7, 8), 0.85, "source"),
    ("pump trip on the trunk", "trunk_west", date(2008, 7, 3), date(2008, 7, 5), 0.0, "pipeline"),
)
"""(name, asset, from, to, remaining, cause) on top of the base case."""


def main() -> None:
    """Write actual_deliveries.csv and actual_stocks.csv."""
    scenario = load_scenario(SCENARIOS / "western").scenario
    end_day = scenario.day_of(AS_OF)
    events = tuple(
        Disruption(
            name=name,
            asset=asset,
            start=scenario.day_of(start),
            end=scenario.day_of(end),
            remaining=remaining,
            cause=cause,  # type: ignore[arg-type]
        )
        for name, asset, start, end, remaining, cause in REALITY
    )
    log = simulate(replace(scenario, end_day=end_day, disruptions=(*scenario.disruptions, *events)))
    folder = SCENARIOS / "mid-july"
    _write(folder / "actual_deliveries.csv", delivery_rows(scenario, log))
    _write(folder / "actual_stocks.csv", stock_rows(scenario, log))


def delivery_rows(scenario: Scenario, log: RunLog) -> list[list[str]]:
    """Finished months from the accounts; the current month by day from the flows into refineries and the trains."""
    rows = [["date", "customer", "grade", "amount", "measured"]]
    current = max(account.month for account in log.accounts)
    for account in log.accounts:
        if account.month < current and account.delivered_t > NEGLIGIBLE_T:
            last = scenario.calendar_date(account.end_day) - timedelta(days=1)
            rows.append([str(last), account.customer, account.grade, f"{account.delivered_t:.1f}", "true"])
    first = scenario.calendar_date(min(a.start_day for a in log.accounts if a.month == current))
    day = first
    while day < AS_OF:
        start = scenario.day_of(day)
        amounts: dict[tuple[str, str], float] = {}
        customers = {customer.name for customer in scenario.customers}
        for flow in log.flows:
            if flow.kind == "line" and flow.destination in customers:
                for grade, tonnes in _delivered(flow, log, start, start + 1.0).items():
                    key = (flow.destination, grade)
                    amounts[key] = amounts.get(key, 0.0) + tonnes
        for train in log.trains:
            if train.loading_end_day is not None and start <= train.loading_end_day < start + 1.0:
                key = (train.customer, train.grade)
                amounts[key] = amounts.get(key, 0.0) + train.loaded_t
        rows += [
            [str(day), customer, grade, f"{tonnes:.1f}", "true"]
            for (customer, grade), tonnes in amounts.items()
            if tonnes > NEGLIGIBLE_T
        ]
        day += timedelta(days=1)
    return rows


def stock_rows(scenario: Scenario, log: RunLog) -> list[list[str]]:
    """Farms and customers by grade, then every line that holds oil, from its exit back."""
    rows = [["asset", "grade", "amount"]]
    rows += [
        [cell.holder, cell.grade, f"{cell.tonnes[-1]:.1f}"] for cell in log.cells if cell.tonnes[-1] > NEGLIGIBLE_T
    ]
    for line in scenario.pipelines:
        if line.line_fill_t <= 0.0:
            continue
        parcels = line_content(log, line.name, line.line_fill_t, line.contents_t)
        amounts = [round(tonnes, 1) for _, tonnes in parcels]
        amounts[-1] = round(line.line_fill_t - sum(amounts[:-1]), 1)
        rows += [[line.name, grade, f"{tonnes:.1f}"] for (grade, _), tonnes in zip(parcels, amounts, strict=True)]
    return rows


def line_content(
    log: RunLog, name: str, line_fill_t: float, opening: tuple[tuple[str, float], ...]
) -> list[tuple[str, float]]:
    """(grade, tonnes) from the exit back: the last ``line_fill_t`` tonnes that entered."""
    batches = [batch for batch in log.batches if batch.pipeline == name and batch.entry_start_day is not None]
    if not batches:
        (line,) = (line for line in log.lines if line.pipeline == name)
        return [(grade, tonnes) for grade, tonnes in line.closing_t.items() if tonnes > NEGLIGIBLE_T]
    content: deque[tuple[str, float]] = deque()
    missing = line_fill_t
    entered = [*opening, *((batch.grade, batch.pumped_t) for batch in sorted(batches, key=lambda b: b.number))]
    for grade, tonnes in reversed(entered):
        part = min(tonnes, missing)
        if part > NEGLIGIBLE_T:
            content.appendleft((grade, part))
            missing -= part
    return list(content)


def _delivered(flow: FlowLog, log: RunLog, start: float, end: float) -> dict[str, float]:
    """Tonnes by grade that left ``flow`` during [start, end)."""
    out: dict[str, float] = {}
    edges = [*flow.days, end]
    for i, rate in enumerate(flow.rate):
        days = min(end, edges[i + 1]) - max(start, edges[i])
        if days > 0.0 and rate > 0.0:
            for grade, share in log.mixtures[flow.out_of[i]]:
                out[grade] = out.get(grade, 0.0) + rate * share * days * (1.0 - flow.loss_fraction)
    return out


def _write(path: Path, rows: list[list[str]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
