"""What conditions are asked of: the rows of a table or groups of them, and what else their names may reach.

A *name* in a condition is a column of the rows themselves, or a ``Reference`` to something computed elsewhere: a lookup in
another table at a matching grain, a measure, an output of a decision table, the flag of an earlier rule. References know which
of the rows' own columns lead to it, so that everything compiles into joins (``running.queries``) and nothing into loops.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from chainsim.results.declarations import Column, Table
from chainsim.rules.language.tree import PERIODS, Name, Node, children

WHOLE = "all"
"""The key of a single group of all rows: empty in every row."""

PERIOD_TEXTS: dict[str, tuple[str, str]] = {
    "month": ("month", "月"),
    "ten_days": ("ten days", "旬"),
    "day": ("day", "天"),
}


@dataclass(frozen=True, slots=True)
class GroupKey:
    """A key of groups: column ``of`` of the table (none for ``WHOLE``), cut to the start of its ``period`` if one is given."""

    column: Column
    of: str
    period: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One column of the rows that leads to key ``theirs`` of another source, cut down to ``period`` where one is given."""

    own: str
    theirs: str
    period: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a name that is no column of the rows stands for.

    ``kind`` says how it is had: ``lookup`` (``column`` of ``rows``' table), ``measure`` and ``decision`` (the tree ``node`` over
    ``rows``; a group measure: the measure ``target`` of ``rows``), ``flag`` (of the rule ``target``). Empty ``links`` mean the
    rows' own row. ``weight`` is what it comes to in a query (``weight_of``).
    """

    kind: Literal["lookup", "measure", "decision", "flag"]
    column: Column
    target: str
    rows: Rows | None = None
    node: Node | None = None
    links: tuple[Link, ...] = ()
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of ``table`` for which ``where`` is true; with ``by`` their groups, described by ``measures``.

    ``inner`` are the references of ``where`` and the measures, which speak of the table's rows; ``members`` names a column whose
    different values within a group are told. Expressions over these rows bring references of their own.
    """

    table: Table
    where: Node | None = None
    by: tuple[GroupKey, ...] = ()
    measures: tuple[tuple[Column, Node], ...] = ()
    members: str = ""
    inner: Mapping[str, Reference] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, Column]:
        """What can be read of a row by its plain name."""
        if not self.by:
            return {c.name: c for c in (*self.table.columns, *(column for column, _ in self.measures))}
        return {c.name: c for c in (*(key.column for key in self.by), *(column for column, _ in self.measures))}

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name a row, the period among them."""
        return tuple(key.column.name for key in self.by) or self.table.keys

    @property
    def period(self) -> str:
        """The key that counts time, "" if there is none."""
        return period_of(self.keys)

    @property
    def weight(self) -> int:
        """What these rows come to in a query (``weight_of``)."""
        nodes = [node for _, node in self.measures]
        return sum(weight_of(node, self.inner) for node in (nodes if self.where is None else [self.where, *nodes]))

    @property
    def subject_keys(self) -> tuple[str, ...]:
        """The keys without the period."""
        return tuple(key for key in self.keys if key not in PERIODS)


def weight_of(node: Node, references: Mapping[str, Reference]) -> int:
    """How many nodes a tree has when every name in it is written out: a few lines that double one another come to billions."""
    total, stack = 0, [node]
    while stack:
        top = stack.pop()
        reference = references.get(top.name) if isinstance(top, Name) else None
        total += 1 if reference is None else reference.weight
        stack.extend(children(top))
    return total


def period_of(keys: Iterable[str]) -> str:
    """The finest period among ``keys``."""
    own = set(keys)
    return next((period for period in reversed(PERIODS) if period in own), "")


def is_coarser(period: str, than: str) -> bool:
    """Whether every ``than`` lies in one ``period``."""
    return PERIODS.index(period) <= PERIODS.index(than)
