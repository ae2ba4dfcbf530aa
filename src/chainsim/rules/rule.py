"""What a rule is: a named fault, the condition that shows it, and what to say and do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from chainsim.results.declarations import Column, Table
from chainsim.rules.expressions import Node
from chainsim.rules.templates import Template

Severity = Literal["info", "warning", "error"]
SEVERITIES: dict[str, tuple[str, str]] = {
    "info": ("info", "提示"),
    "warning": ("warning", "警告"),
    "error": ("error", "严重"),
}
"""From mild to grave, with their texts (English, Chinese)."""

Period = Literal["month", "day"]
PERIODS: tuple[Period, ...] = ("month", "day")


@dataclass(frozen=True, slots=True)
class Show:
    """Which row of an episode gives the message its values: ``first``, ``last``, or where ``column`` is extreme."""

    pick: Literal["first", "last", "lowest", "highest"] = "last"
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A checked rule; ``load_rules`` makes them.

    ``measures`` are named expressions over the rows of ``table``, or, with ``by``, over its groups by these columns; ``when``
    reads them and the columns (with ``by``: the group's own). The rule fires where it is true for at least ``periods``
    consecutive periods of the same keys; episodes less than ``keep_periods`` + 1 apart are one. ``source`` is the
    rule's place, ``file:line``, without the folder, which may differ from machine to machine.
    """

    id: str
    table: Table
    by: tuple[str, ...]
    measures: tuple[tuple[Column, Node], ...]
    when: Node
    periods: int
    keep_periods: int
    severity: Severity
    message_en: Template
    message_zh: Template
    action_en: str
    action_zh: str
    show: Show = Show()
    labels: dict[str, str] = field(default_factory=dict)
    source: str = ""

    @property
    def columns(self) -> dict[str, Column]:
        """What the condition, the message and ``show`` can read, by name."""
        own = [c for c in self.table.columns if not self.by or c.name in self.by]
        return {c.name: c for c in (*own, *(column for column, _ in self.measures))}

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name what is flagged, the period among them."""
        return self.by or self.table.keys

    @property
    def period(self) -> Period | None:
        """The key that counts time, if the rule's keys have one."""
        return period_of(self.keys)

    @property
    def subject_keys(self) -> tuple[str, ...]:
        """The keys without the period: one alarm for each of their values."""
        return tuple(key for key in self.keys if key not in PERIODS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """Rows for one rule and the findings they must give: ``expected`` lists, for each, the columns that matter."""

    name: str
    rule: Rule
    rows: tuple[dict[str, object], ...]
    expected: tuple[dict[str, str], ...]
    source: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of a folder, in order of file and line, and their tests."""

    rules: tuple[Rule, ...]
    tests: tuple[RuleTest, ...]


def period_of(keys: tuple[str, ...]) -> Period | None:
    """The key among ``keys`` that counts time."""
    for period in PERIODS:
        if period in keys:
            return period
    return None
