"""``chainsim optimize --compare-policies`` on a terminal and for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console

from chainsim.cli.terminal import console_here, plain_table
from chainsim.texts import TEXTS, text

if TYPE_CHECKING:
    from chainsim.optimization.policy import PolicyRow
    from chainsim.workflow_policies import PolicyComparison


def show_policies(outcome: PolicyComparison, lang: str, *, quiet: bool, console: Console | None = None) -> None:
    """Print all policies side by side, then (unless ``quiet``) every customer's completion and each asking."""
    console = console or console_here()
    title = outcome.scenario.label.text(lang, outcome.scenario.name)
    console.print(text(lang, "policies.headline", title=title), style="bold", soft_wrap=True)
    table = plain_table("")
    table.add_column(text(lang, "column.policy"))
    for column in ("asked", "orders", "completion", "lateness", "curtailed"):
        table.add_column(text(lang, f"column.policies_{column}"), justify="right")
    table.add_column(text(lang, "policies.worst"))
    for row in outcome.rows:
        if not row.customer:
            worst = outcome.labels.asset(lang, row.worst_customer)
            table.add_row(
                policy_name(lang, row.policy),
                f"{row.asked}",
                f"{row.orders}",
                f"{row.completion:.2%}",
                f"{row.lateness_t_months:,.0f}",
                f"{row.curtailed_t:,.0f}",
                f"{worst} {row.worst_completion:.1%}",
            )
    console.print(table)
    if not quiet:
        _customers(console, outcome, lang)
        _askings(console, outcome, lang)


def policies_json(outcome: PolicyComparison) -> str:
    """The table ``policy_comparison``, each policy's askings with their orders, and what it was computed from."""
    date_of = outcome.scenario.calendar_date
    askings = [
        {
            "policy": run.policy.name,
            "day": date_of(asking.day).isoformat(),
            "event": asking.event,
            "asset": asking.asset,
            "effective": date_of(asking.effective_day).isoformat(),
            "order": None if asking.order is None else asking.order.number,
            "lines": 0 if asking.order is None else len(asking.order.lines),
        }
        for run in outcome.runs
        for asking in run.askings
    ]
    told = {
        "manifest": outcome.manifest,
        "policy_comparison": [asdict(row) for row in outcome.rows],
        "askings": askings,
    }
    return json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False)


def policy_name(lang: str, name: str) -> str:
    """A standard policy's name in ``lang``; any other as it is."""
    key = f"policy.{name}"
    return text(lang, key) if key in TEXTS else name


def _customers(console: Console, outcome: PolicyComparison, lang: str) -> None:
    by: dict[str, list[PolicyRow]] = {}
    for row in outcome.rows:
        if row.customer:
            by.setdefault(row.customer, []).append(row)
    table = plain_table(text(lang, "policies.by_customer"))
    table.add_column(text(lang, "column.customer"))
    for run in outcome.runs:
        table.add_column(policy_name(lang, run.policy.name), justify="right")
    for customer, rows in by.items():
        table.add_row(outcome.labels.asset(lang, customer), *(f"{row.completion:.1%}" for row in rows))
    console.print()
    console.print(table)


def _askings(console: Console, outcome: PolicyComparison, lang: str) -> None:
    date_of = outcome.scenario.calendar_date
    table = plain_table(text(lang, "policies.askings"))
    for column in ("policy", "day", "event", "effective", "order"):
        table.add_column(text(lang, f"column.{column}"))
    for run in outcome.runs:
        for asking in run.askings:
            asset = outcome.labels.asset(lang, asking.asset) if asking.asset else ""
            table.add_row(
                policy_name(lang, run.policy.name),
                f"{date_of(asking.day)}",
                text(lang, f"event.{asking.event}", asset=asset),
                f"{date_of(asking.effective_day)}",
                text(lang, "policies.none") if asking.order is None else asking.order.number,
            )
    if table.row_count:
        console.print()
        console.print(table)
