"""Episodes: the consecutive periods in which a rule held for one subject (gaps and islands over the true rows only)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.rules.rule import Rule
from chainsim.rules.running.database import ROW, RUN

if TYPE_CHECKING:
    import pyarrow as pa

PERIOD = "period#"
"""A column with the number of the row's period."""
Positions = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Episodes:
    """A rule's episodes over ``held``, the rows in which it held.

    ``order`` lists the positions in ``held`` that are in episodes, episode by episode and within it in time; episode i is
    ``order[starts[i] : starts[i] + counts[i]]``. ``shown`` is the position each one's values are taken from. What ``held``
    leaves out of its rows is in ``frame``, by their numbers.
    """

    held: pa.Table
    order: Positions
    starts: Positions
    counts: Positions
    shown: Positions
    frame: pa.Table | None = None

    def shown_values(self, column: str) -> pa.ChunkedArray:
        """Each episode's value of ``column``."""
        if self.frame is None or column in self.held.column_names:
            return self.held[column].take(self.shown)
        return self.frame[column].take(self.held[ROW].take(self.shown))

    def first(self) -> Positions:
        """The position of each episode's first row."""
        return self.order[self.starts]

    def last(self) -> Positions:
        """The position of each episode's last row."""
        last: Positions = self.order[self.starts + self.counts - 1]
        return last


_NONE = np.zeros(0, dtype=np.int64)


def episodes_of(rule: Rule, held: pa.Table) -> Episodes:
    """The episodes of ``rule`` over its true rows: at least ``rule.periods`` long, gaps up to ``keep_periods`` bridged.

    In order of the subjects' first appearance in the table, then time.
    """
    rows = _numbers(held, ROW)
    if not rule.period:
        order = np.lexsort((rows, _codes(held, RUN))) if RUN in held.column_names else np.argsort(rows, kind="stable")
        ones = np.ones(len(order), dtype=np.int64)
        return Episodes(held, order, np.arange(len(order)), ones, order)
    period = _numbers(held, PERIOD)
    subject = _subjects(rule, held, rows)
    order = _sorted(subject, period)
    if not len(order):
        return Episodes(held, order, _NONE, _NONE, _NONE)
    subject, period = subject[order], period[order]
    ends_run = np.r_[(np.diff(subject) != 0) | (np.diff(period) > 1), True]
    run = np.cumsum(np.r_[0, ends_run[:-1]])
    long = np.bincount(run)[run] >= rule.periods
    order, subject, period = order[long], subject[long], period[long]
    if not len(order):
        return Episodes(held, order, _NONE, _NONE, _NONE)
    # Runs that are near enough to the one before are the same episode; what lies between did not hold.
    begins = np.r_[True, (np.diff(subject) != 0) | (np.diff(period) - 1 > rule.keep_periods)]
    starts = np.flatnonzero(begins)
    counts = np.diff(np.r_[starts, len(order)])
    return Episodes(held, order, starts, counts, _shown(rule, held, order, starts, counts))


def _sorted(subject: Positions, period: Positions) -> Positions:
    """By subject, then period. Most tables come so: to see it takes a fraction of sorting."""
    if not len(period):
        return _NONE
    first = int(period.min())
    key = subject * (int(period.max()) - first + 1) + (period - first)
    return np.arange(len(key)) if (key[1:] >= key[:-1]).all() else np.argsort(key, kind="stable")


def period_numbers(dates: np.ndarray[Any, np.dtype[np.datetime64]], period: str) -> Positions:
    """Consecutive periods as consecutive whole numbers, as ``language.sql.period_number`` numbers them."""
    days = dates.astype("datetime64[D]")
    if period == "day":
        return days.astype(np.int64)
    months = days.astype("datetime64[M]")
    if period == "month":
        return months.astype(np.int64)
    parts: Positions = np.minimum((days - months).astype(np.int64) // 10, 2)
    return months.astype(np.int64) * 3 + parts


def _subjects(rule: Rule, held: pa.Table, rows: Positions) -> Positions:
    """Each row's subject as a number, in order of first appearance."""
    subject = np.zeros(len(rows), dtype=np.int64)
    for number, key in enumerate((RUN, *rule.subject_keys) if RUN in held.column_names else rule.subject_keys):
        codes = _numbered(held, key)
        subject = subject * (int(codes.max(initial=0)) + 1) + codes
        if number:
            subject = np.unique(subject, return_inverse=True)[1]
    first = np.full(int(subject.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, subject, rows)
    runs = np.zeros(len(first), dtype=np.int64)
    if RUN in held.column_names:
        runs[subject] = _codes(held, RUN)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.lexsort((first, runs))] = np.arange(len(first))
    ranked: Positions = rank[subject]
    return ranked


def _shown(rule: Rule, held: pa.Table, order: Positions, starts: Positions, counts: Positions) -> Positions:
    """Which row of each episode its values are taken from; the first among equals, the last where none is known."""
    if rule.show.pick == "first":
        return order[starts]
    last: Positions = order[starts + counts - 1]
    if rule.show.pick == "last" or not len(starts):
        return last
    values = held[rule.show.column].to_numpy().astype(float)[order]
    if rule.show.pick == "highest":
        values = -values
    values = np.where(np.isnan(values), np.inf, values)
    least = np.minimum.reduceat(values, starts)
    number = np.repeat(np.arange(len(starts)), counts)
    found = np.flatnonzero(values == least[number])
    at = found[np.r_[0, 1 + np.flatnonzero(np.diff(number[found]))]]
    return np.where(np.isinf(least), last, order[at])


def _codes(held: pa.Table, name: str) -> Positions:
    """Each value's number in order of the values, 0 for unknown."""
    coded = held[name].combine_chunks().dictionary_encode()
    values = coded.dictionary.to_pylist()
    rank = np.empty(len(values), dtype=np.int64)
    rank[sorted(range(len(values)), key=values.__getitem__)] = np.arange(1, len(values) + 1)
    codes = _indices(coded)
    ranked: Positions = np.r_[rank, 0][codes]
    return ranked


def _numbered(held: pa.Table, name: str) -> Positions:
    """Each value's number in any order of the values, 0 for unknown."""
    numbers: Positions = _indices(held[name].combine_chunks().dictionary_encode()) + 1
    return numbers


def _indices(coded: pa.DictionaryArray) -> Positions:
    """Positions in the dictionary, -1 for unknown. DuckDB's own dictionaries have unsigned indices."""
    import pyarrow as pa

    indices = coded.indices
    if indices.null_count:
        indices = indices.cast(pa.int64()).fill_null(-1)
    positions: Positions = indices.to_numpy().astype(np.int64)
    return positions


def _numbers(held: pa.Table, name: str) -> Positions:
    values: Positions = held[name].to_numpy().astype(np.int64)
    return values
