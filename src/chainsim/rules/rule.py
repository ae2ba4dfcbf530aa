"""What a rule is: a named fault, the condition that shows it, and what to say and do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from chainsim.results.declarations import Column
from chainsim.rules.decisions.table import DecisionTable
from chainsim.rules.language.tree import Node, names
from chainsim.rules.rows import Reference, Rows, weight_of
from chainsim.rules.templates import Template

Severity = Literal["info", "warning", "error"]
SEVERITIES: dict[str, tuple[str, str]] = {
    "info": ("info", "提示"),
    "warning": ("warning", "警告"),
    "error": ("error", "严重"),
}
"""From mild to grave, with their texts (English, Chinese)."""


@dataclass(frozen=True, slots=True)
class Show:
    """Which row of an episode gives the message its values: ``first``, ``last``, or where ``column`` is extreme."""

    pick: Literal["first", "last", "lowest", "highest"] = "last"
    column: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What a finding asks for: a work order of ``kind`` for ``owner`` (a role), due ``within_days`` of the finding.

    Without a kind it is advice only. ``kind`` and ``owner`` are texts (English, Chinese).
    """

    text_en: str = ""
    text_zh: str = ""
    kind: tuple[str, str] = ("", "")
    owner: tuple[str, str] = ("", "")
    within_days: float = 0.0


@dataclass(frozen=True, slots=True)
class CountLimit:
    """``>= 3``: when as many findings of a rule make all of them graver."""

    operator: str
    count: int

    def holds(self, count: int) -> bool:
        """Whether ``count`` findings meet it."""
        return count >= self.count if self.operator == ">=" else count > self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A checked rule; ``load_rules`` makes them.

    The rule fires where ``when`` (over ``rows`` and ``references``) is true for at least ``periods`` consecutive periods of the
    same subject; episodes no further apart than ``keep_periods`` are one. ``replaces`` names rules whose findings about the
    ``members`` with the same cause are told by this rule's finding. ``source`` is the rule's place, ``file:line``, without the
    folder, which may differ from machine to machine.
    """

    id: str
    rows: Rows
    when: Node
    references: Mapping[str, Reference]
    periods: int
    keep_periods: int
    severity: Severity
    message_en: Template
    message_zh: Template
    action: Action = Action()
    show: Show = Show()
    warn_if: CountLimit | None = None
    error_if: CountLimit | None = None
    replaces: tuple[str, ...] = ()
    since: str = ""
    """For rows without a period: the column that says since when the fault is there."""
    labels: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    text: str = ""
    """The condition as it was written."""

    @property
    def columns(self) -> dict[str, Column]:
        """What the condition, the message and ``show`` can read, by name."""
        return {**self.rows.columns, **{name: reference.column for name, reference in self.references.items()}}

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name what is flagged, the period among them."""
        return self.rows.keys

    @property
    def period(self) -> str:
        """The key that counts time, "" if there is none."""
        return self.rows.period

    @property
    def weight(self) -> int:
        """What the rule comes to in a query (``rows.weight_of``)."""
        told = [reference.weight for name, reference in self.references.items() if name not in names(self.when)]
        return self.rows.weight + weight_of(self.when, self.references) + sum(told)

    @property
    def subject_keys(self) -> tuple[str, ...]:
        """The keys without the period: one alarm for each of their values."""
        return self.rows.subject_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """Rows for one rule and the findings they must give: ``expected`` lists, for each, the columns that matter.

    ``tables`` holds the rows of the rule's own table under its name, and of other tables it reads; ``flags`` what earlier rules
    would have raised.
    """

    name: str
    rule: Rule
    tables: Mapping[str, tuple[Mapping[str, object], ...]]
    flags: Mapping[str, tuple[Mapping[str, object], ...]]
    expected: tuple[Mapping[str, str], ...]
    source: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of a folder in order of file and line, their tests and decision tables.

    ``levels`` are the rules' ids, those whose flags others read first.
    """

    rules: tuple[Rule, ...] = ()
    tests: tuple[RuleTest, ...] = ()
    decisions: tuple[DecisionTable, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()
    measures: tuple[str, ...] = ()
    """The names of the measures that files define for all rules."""
    files: tuple[str, ...] = ()
    """Every file that was read, decision tables among them, by name."""

    def rule(self, rule_id: str) -> Rule:
        """The rule called so; ``KeyError`` if there is none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
