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

    def causes(
        self, run: str, customer: str, grade: str, since: datetime | None, until: datetime | None
    ) -> dict[tuple[str, str], float]:
        """(cause, asset) → tonnes of a customer's shortfall in the months of [since, until], of ``grade`` or ("") all."""
        out: dict[tuple[str, str], float] = {}
        if since is None or until is None:
            return out
        first, last = month_number(since), month_number(until)
        for month, of_grade, cause, asset, tonnes in self.postings.get((run, customer), ()):
            if first <= month <= last and grade in {"", of_grade}:
                out[cause, asset] = out.get((cause, asset), 0.0) + tonnes
        return out

    def main_cause(
        self, run: str, customer: str, grade: str, since: datetime | None, until: datetime | None
    ) -> Cause | None:
        """The largest of ``causes``; ``None`` where nothing fell short."""
        causes = self.causes(run, customer, grade, since, until)
        total = sum(causes.values())
        if total <= 0:
            return None
        cause, asset = max(causes, key=lambda pair: causes[pair])
        return Cause(cause, asset, causes[cause, asset], total)


    def caused(self, run: str, cause: str, asset: str, since: datetime | None, until: datetime | None) -> float:
        """Tonnes that all customers fell short by for ``cause`` at ``asset`` in the months of [since, until]; NaN for none."""
        if since is None or until is None:
            return math.nan
        first, last = month_number(since), month_number(until)
        total = sum(
            tonnes
            for (of_run, _), entries in self.postings.items()
            if of_run == run
            for month, _, code, place, tonnes in entries
            if first <= month <= last and (code, place) == (cause, asset)
        )
        return total or math.nan


def ledger_of(rows: Iterable[tuple[str, str, datetime, str, str, str, float]]) -> Ledger:
    """The ledger of (run, customer, month, grade, cause, asset, tonnes)."""
    postings: dict[tuple[str, str], list[Posting]] = {}
    for run, customer, month, grade, cause, asset, tonnes in rows:
        postings.setdefault((run, customer), []).append((month_number(month), grade, cause, asset, tonnes))
    return Ledger({key: tuple(entries) for key, entries in postings.items()})


def month_number(day: datetime) -> int:
    """Consecutive months as consecutive numbers."""
    return day.year * 12 + day.month
