"""Writes the table of results in docs/western.md from a real run of scenarios/western."""

from __future__ import annotations

from pathlib import Path

from chainsim import workflow
from chainsim.records import CAUSES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "western.md"
HEADING = "| customer 客户 | completion 完成率 | largest cause of the shortfall 欠量主因 |\n|---|---:|---|\n"
LEAST_SHARE = 0.0005
"""Shortfalls below this part of the plan have no cause worth telling."""


def results_table() -> str:
    """Heading and rows: each customer's completion of the year and where most of its shortfall comes from."""
    outcome = workflow.run(ROOT / "scenarios" / "western")
    sums = outcome.tables["customer_months"].groupby("customer", observed=True)[["plan_t", "delivered_t"]].sum()
    shortfalls = outcome.tables["shortfalls"]
    rows = []
    for name, (plan, delivered) in zip(sums.index, sums.to_numpy(), strict=True):
        customer = str(name)
        mine = (
            shortfalls[shortfalls["customer"] == customer]
            .groupby(["cause", "asset"], observed=True)["shortfall_t"]
            .sum()
        )
        told = ""
        if len(mine) and mine.max() >= LEAST_SHARE * plan:
            cause, asset = mine.idxmax()
            english, chinese = CAUSES[cause]
            told = f"{chinese} {english} `{asset}`"
        labels = [outcome.labels.asset(lang, customer) for lang in ("zh", "en")]
        rows.append(f"| {labels[0]} {labels[1]} | {delivered / plan * 100:.1f} % | {told} |\n")
    return HEADING + "".join(rows)


def page() -> str:
    """The page with its table made anew."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(HEADING)
    after = rest[rest.index("\n\n") + 1 :]
    return before + results_table() + after


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
