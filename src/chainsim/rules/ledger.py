"""The shortfall ledger as findings ask it: why did this customer fall short in these months?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

Posting = tuple[int, str, str, str, float]
"""Month's number, grade, cause, asset, tonnes."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The main cause of a shortfall, at ``asset``: ``tonnes`` of ``total``."""

    cause: str
    asset: str
    tonnes: float
    total: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """The postings of each (run, customer)."""

    postings: Mapping[tuple[str, str], tuple[Posting, ...]] = field(default_factory=dict)
    by_cause: Mapping[tuple[str, str, str], tuple[tuple[int, float], ...]] = field(default_factory=dict)
    """All customers' (month's number, tonnes) of each (run, cause, asset)."""

    def causes(
        self, run: str, customer: str, grade: str, since: datetime | None, until: datetime | None
    ) -> dict[tuple[str, str], float]:
        """(cause, asset) → tonnes of a customer's shortfall in the months of [since, until], of ``grade`` or ("") all."""
        out: dict[tuple[str, str], list[float]] = {}
        if since is None or until is None:
            return {}
        first, last = month_number(since), month_number(until)
        for month, of_grade, cause, asset, tonnes in self.postings.get((run, customer), ()):
            if first <= month <= last and grade in {"", of_grade}:
                out.setdefault((cause, asset), []).append(tonnes)
        # Rows come in no certain order, and the sum must not depend on it.
        return {pair: math.fsum(tonnes) for pair, tonnes in out.items()}

    def main_cause(
        self, run: str, customer: str, grade: str, since: datetime | None, until: datetime | None
    ) -> Cause | None:
        """The largest of ``causes``, the first by name among equals; ``None`` where nothing fell short."""
        causes = self.causes(run, customer, grade, since, until)
        total = math.fsum(causes.values())
        if total <= 0:
            return None
        cause, asset = min(causes, key=lambda pair: (-causes[pair], pair))
        return Cause(cause, asset, causes[cause, asset], total)

    def caused(self, run: str, cause: str, asset: str, since: datetime | None, until: datetime | None) -> float:
        """Tonnes that all customers fell short by for ``cause`` at ``asset`` in the months of [since, until]; NaN for none."""
        if since is None or until is None:
            return math.nan
        first, last = month_number(since), month_number(until)
        entries = self.by_cause.get((run, cause, asset), ())
        total = math.fsum(tonnes for month, tonnes in entries if first <= month <= last)
        return total or math.nan


def ledger_of(rows: Iterable[tuple[str, str, datetime, str, str, str, float]]) -> Ledger:
    """The ledger of (run, customer, month, grade, cause, asset, tonnes)."""
    postings: dict[tuple[str, str], list[Posting]] = {}
    by_cause: dict[tuple[str, str, str], list[tuple[int, float]]] = {}
    for run, customer, month, grade, cause, asset, tonnes in rows:
        number = month_number(month)
        postings.setdefault((run, customer), []).append((number, grade, cause, asset, tonnes))
        by_cause.setdefault((run, cause, asset), []).append((number, tonnes))
    return Ledger(
        {key: tuple(entries) for key, entries in postings.items()},
        {key: tuple(entries) for key, entries in by_cause.items()},
    )


def month_number(day: datetime) -> int:
    """Consecutive months as consecutive numbers."""
    return day.year * 12 + day.month
