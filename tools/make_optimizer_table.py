"""Writes the tables of "Against the simulation" in docs/optimizer.md from real re-plans of western and its variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from chainsim.files import load_scenario
from chainsim.optimization.drafting import order_of, with_order
from chainsim.optimization.gaps import targets_of
from chainsim.optimization.outcome import Outcome, simulated
from chainsim.optimization.policy import compare_policies, comparison_rows
from chainsim.optimization.pro_rata import Spread, pro_rata_changes
from chainsim.optimization.replanning import Replanned, replan
from chainsim.simulation import simulate

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "optimizer.md"
BEGIN, END = "<!-- tools/make_optimizer_table.py -->\n", "<!-- end -->\n"
BEGIN_POLICIES = "<!-- tools/make_optimizer_table.py: policies -->\n"
POLICIES_OF = "trunk-outage.yaml"
CASES = (
    ("western", date(2008, 1, 16)),
    ("trunk-outage.yaml", date(2008, 4, 15)),
    ("trunk-outage.yaml", date(2008, 5, 1)),
    ("quake.yaml", date(2008, 5, 12)),
    ("kazakh-offspec.yaml", date(2008, 6, 11)),
    ("mid-july", date(2008, 7, 12)),
    ("olympics.yaml", date(2008, 7, 14)),
    ("crisis.yaml", date(2008, 9, 27)),
    ("shanshan-tanks.yaml", date(2008, 1, 16)),
    ("legacy.yaml", date(2008, 1, 16)),
    ("new-dushanzi", date(2008, 1, 16)),
)
"""Scenario and the day of the re-plan: soon after the disruption begins (or ends), else the base case's first outage."""


@dataclass(frozen=True)
class Measured:
    """A case: its re-plan, and how the pro-rata orders do in the same simulation."""

    name: str
    replanned: Replanned
    pro_rata: tuple[Outcome, ...]


def measured(name: str, day: date) -> Measured:
    """Re-plan a scenario and simulate the orders it is held against."""
    scenario = load_scenario(ROOT / "scenarios" / name).scenario
    found = replan(scenario, scenario.day_of(day))
    spreads: tuple[Spread, ...] = ("next_month", "rest")
    outcomes = []
    for spread in spreads:
        changes = pro_rata_changes(found.case, found.before, spread)
        order = order_of(scenario, changes, number="pro rata", effective_day=found.day, reason="")
        outcomes.append(simulated(found.case, simulate(with_order(scenario, order))))
    return Measured(f"{name.removesuffix('.yaml')}, {day:%m-%d}", found, tuple(outcomes))


def tables(cases: Sequence[Measured]) -> str:
    """Both tables."""
    order = (
        "| scenario, day | lateness: no order | pro rata, next month | pro rata, rest of year | order | "
        "worst customer: no order | pro rata, next month | pro rata, rest of year | order |\n"
        "|---|" + "---:|" * 8 + "\n"
    )
    truth = (
        "| scenario, day | customers | within 1 % | within a train | largest gap | of whom | in trains | total, promised | "
        "total, simulated |\n|---|" + "---:|" * 4 + "---|" + "---:|" * 3 + "\n"
    )
    for case in cases:
        found = case.replanned
        outcomes = (found.before, *case.pro_rata, found.after)
        late = " | ".join(f"{sum(o.lateness().values()) / 1000:,.0f}" for o in outcomes)
        worst = " | ".join(f"{min(o.completion().values()) * 100:.1f} %" for o in outcomes)
        order += f"| {case.name} | {late} | {worst} |\n"
        truth += _truth(case.name, found)
    return order + "\n" + truth


def _truth(name: str, found: Replanned) -> str:
    promise, after = found.promise, found.after
    promised, got = promise.completion(), after.completion()
    gaps = {customer: got[customer] - promised[customer] for customer in got}
    trains = {lane.route.customer: lane.railway.train_t for lane in found.case.lanes}
    target = targets_of(found.before)
    near = [customer for customer, gap in gaps.items() if abs(gap) <= 0.01]
    a_train = [c for c, gap in gaps.items() if abs(gap) <= 0.01 or abs(gap) * target[c] <= trains.get(c, 0.0) * 1.001]
    worst = max(gaps, key=lambda customer: abs(gaps[customer]))
    gap_t = gaps[worst] * target[worst]
    in_trains = f"{gap_t / trains[worst]:+.1f}" if worst in trains else "—"
    total = sum(target.values())
    sums = [sum(part[c] * target[c] for c in part) / total * 100 for part in (promised, got)]
    return (
        f"| {name} | {len(gaps)} | {len(near)} | {len(a_train)} | {gaps[worst] * 100:+.1f} % | `{worst}` | {in_trains} | "
        f"{sums[0]:.2f} % | {sums[1]:.2f} % |\n"
    )


def policies() -> str:
    """The standard policies on one scenario."""
    runs = compare_policies(load_scenario(ROOT / "scenarios" / POLICIES_OF).scenario)
    out = "| policy | asked | orders | completion | worst customer | lateness, kt·month | curtailed, kt |\n"
    out += "|---|---:|---:|---:|---|---:|---:|\n"
    for row in comparison_rows(runs):
        if not row.customer:
            assert row.worst_completion is not None
            assert row.curtailed_t is not None
            out += (
                f"| {row.policy} | {row.asked} | {row.orders} | {row.completion * 100:.2f} % | "
                f"`{row.worst_customer}` {row.worst_completion * 100:.1f} % | {row.lateness_t_months / 1000:,.0f} | "
                f"{row.curtailed_t / 1000:,.1f} |\n"
            )
    return out


def page() -> str:
    """The page with its tables made anew."""
    text = PAGE.read_text(encoding="utf-8")
    for begin, content in ((BEGIN, tables([measured(*case) for case in CASES])), (BEGIN_POLICIES, policies())):
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(END)
        text = before + begin + content + END + after
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
