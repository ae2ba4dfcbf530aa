"""Why a rule fired, or did not: the tree of its condition with the value of everything that was read.

``explain`` asks the same queries that the rules run on, so what it shows is what the rules saw. Besides the tree
(``explained_steps``) it tells of each row (``explained_rows``) whether it is part of an episode or how many periods are short of
one, which finding came of it, and for a customer why it fell short.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.model.messages import name_list, nearest_name
from chainsim.records import CAUSES
from chainsim.results import Labels, Table
from chainsim.rules.explained_rows import Wanted, chosen_rows, refused, subject_rows
from chainsim.rules.explained_steps import Explaining, Spot, Step
from chainsim.rules.explained_values import key_text, name_texts
from chainsim.rules.findings import Finding, findings_of, gathered, is_told_by
from chainsim.rules.language.reckoning import Value
from chainsim.rules.language.writing import written
from chainsim.rules.ledger import Ledger
from chainsim.rules.loading import in_all, ledger_in, tables_to_load
from chainsim.rules.periods import later, period_text
from chainsim.rules.resolving import flags_of
from chainsim.rules.rule import Rule, RuleBook
from chainsim.rules.running.database import ROW, Database
from chainsim.rules.running.evaluating import Flagged, evaluate, tables_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The finding that a row is part of. ``bridged``: the condition does not hold here, but the episode goes on (``keep_for``).

    ``told_by`` names the rule whose finding about a common cause tells this one, which is then in no list of its own.
    """

    since: str
    until: str
    periods: int
    state: str
    severity: str
    message_en: str
    message_zh: str
    action_en: str
    action_zh: str
    bridged: bool
    told_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseShare:
    """A part of a customer's shortfall in the row's period."""

    cause: str
    asset: str
    cause_texts: tuple[str, str]
    asset_texts: tuple[str, str]
    tonnes: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRow:
    """One row: its keys as written and as labelled, whether the condition held there (None: unknown), and why.

    ``in_a_row`` counts the consecutive periods, this one among them, in which it held; ``lacking`` how many more ``for`` asks.
    """

    keys: tuple[tuple[str, str], ...]
    title: tuple[str, str]
    holds: bool | None
    tree: Step
    in_a_row: int
    lacking: int
    finding: Told | None
    causes: tuple[CauseShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a rule asks, and the rows that were asked for; ``left_out`` more are like them."""

    rule: str
    severity: str
    source: str
    condition: str
    table: str
    by: tuple[str, ...]
    where: str
    period: str
    periods: int
    rows: tuple[ExplainedRow, ...]
    left_out: int


def explain(
    book: RuleBook,
    rule_id: str,
    tables: Mapping[str, pd.DataFrame] | Path,
    wanted: Wanted | None = None,
    labels: Labels | None = None,
) -> Explanation:
    """How ``rule_id`` came to its answers over ``tables``, those of one run or a folder that has them as Parquet.

    Raises ``InputError`` for a rule, a name or a period that is not there, telling the nearest or those that are.
    """
    rule = rule_called(book, rule_id)
    involved = _involved(book, rule)
    labels = labels or Labels({}, {})
    with Database() as database:
        _add_tables(database, tables, involved)
        flagged = {part.rule.id: part for part in evaluate(involved, database)}
        ledger = ledger_in(database)
        explaining = Explaining(database, {table.id: table for table in book.decisions}, labels)
        rows = subject_rows(explaining, rule, wanted or Wanted(), labels)
        episodes = _Episodes(rule, flagged, involved, ledger, labels)
        chosen, left_out = chosen_rows(rule, rows, (wanted or Wanted()).period, episodes.shown)
        explained = tuple(_row(explaining, rule, row, rows, episodes, ledger, labels) for row in chosen)
    return Explanation(
        rule=rule.id,
        severity=rule.severity,
        source=rule.source,
        condition=rule.text,
        table=rule.rows.table.name,
        by=rule.keys if rule.rows.by else (),
        where=written(rule.rows.where) if rule.rows.where is not None else "",
        period=rule.period,
        periods=rule.periods,
        rows=explained,
        left_out=left_out,
    )


def rule_called(book: RuleBook, rule_id: str) -> Rule:
    """The rule called so; ``InputError`` with the nearest name if there is none."""
    try:
        return book.rule(rule_id)
    except KeyError:
        known = [rule.id for rule in book.rules]
        raise refused(
            f"there is no rule '{rule_id}'", f"没有规则“{rule_id}”", name_list(known, 60), nearest_name(rule_id, known)
        ) from None


def _involved(book: RuleBook, rule: Rule) -> list[Rule]:
    """The rule, those whose findings about a common cause may tell its own, and all whose flags these read."""
    found: dict[str, Rule] = {}
    waiting = [rule, *(other for other in book.rules if rule.id in other.replaces)]
    while waiting:
        one = waiting.pop()
        if one.id not in found:
            found[one.id] = one
            read = flags_of(one.references) | flags_of(one.rows.inner)
            waiting += [other for other in book.rules if other.id in read]
    return [other for other in book.rules if other.id in found]


def _add_tables(database: Database, tables: Mapping[str, pd.DataFrame] | Path, rules: Sequence[Rule]) -> None:
    if isinstance(tables, Path):
        from chainsim.rules.run_folders import require_tables

        require_tables(rules, [tables])
        database.add_parquet([tables], _whole(rules, lambda name: in_all([tables], name)))
    else:
        database.add_frames(tables, _whole(rules, tables.__contains__))
    database.lock()


def _whole(rules: Sequence[Rule], is_there: Callable[[str], bool]) -> tuple[Table, ...]:
    """As ``tables_to_load``, with all columns of what the rules read: an explanation shows more of a row than they do."""
    whole = {table.name: table for table in tables_of(rules)}
    return tuple(whole.get(table.name, table) for table in tables_to_load(rules, is_there))


def _row(
    explaining: Explaining,
    rule: Rule,
    row: Mapping[str, Value],
    rows: Sequence[Mapping[str, Value]],
    episodes: _Episodes,
    ledger: Ledger,
    labels: Labels,
) -> ExplainedRow:
    keys = {key: row[key] for key in (*rule.subject_keys, *(key for key in rule.keys if key not in rule.subject_keys))}
    explaining.told.clear()
    tree = explaining.tree(rule.when, Spot(rule.rows, rule.references, keys))
    holds = row[written(rule.when)]
    in_a_row = _in_a_row(rule, row, rows) if holds is True else 0
    finding = episodes.told(row)
    texts = tuple((key, key_text(value, key)) for key, value in keys.items())
    return ExplainedRow(
        keys=texts,
        title=tuple(_title(rule, keys, dict(texts), labels, index) for index in (0, 1)),  # type: ignore[arg-type]
        holds=holds if isinstance(holds, bool) else None,
        tree=tree,
        in_a_row=in_a_row,
        lacking=max(0, rule.periods - in_a_row) if holds is True and finding is None else 0,
        finding=finding,
        causes=_causes(rule, keys, ledger, labels),
    )


def _title(rule: Rule, keys: Mapping[str, Value], texts: Mapping[str, str], labels: Labels, index: int) -> str:
    parts = []
    for key, value in keys.items():
        column = rule.columns[key]
        named = isinstance(value, str) and bool(column.domain or column.values)
        parts.append(name_texts(str(value), column, labels)[index] if named else texts[key])
    return " · ".join(part for part in parts if part)


def _in_a_row(rule: Rule, row: Mapping[str, Value], rows: Sequence[Mapping[str, Value]]) -> int:
    """The number of consecutive periods around ``row`` in which the condition held for the same subject."""
    at = row.get(rule.period)
    if not isinstance(at, datetime):
        return 1
    held = written(rule.when)
    same = [other for other in rows if all(other[key] == row[key] for key in rule.subject_keys)]
    true = {other[rule.period] for other in same if other[held] is True}
    count = 1
    for step in (-1, 1):
        there = later(at, rule.period, step)
        while there in true:
            count += 1
            there = later(there, rule.period, step)
    return count


def _causes(rule: Rule, keys: Mapping[str, Value], ledger: Ledger, labels: Labels) -> tuple[CauseShare, ...]:
    """Why the customer fell short in the row's period, the largest part first."""
    at, customer = keys.get(rule.period), keys.get("customer")
    if not isinstance(at, datetime) or not isinstance(customer, str):
        return ()
    grade = keys.get("grade") or ""
    runs = {run for run, _ in ledger.postings} or {""}
    assert len(runs) == 1
    causes = ledger.causes(runs.pop(), customer, str(grade), at, at)
    total = sum(causes.values())
    return tuple(
        CauseShare(
            cause=cause,
            asset=asset,
            cause_texts=CAUSES.get(cause, (cause, cause)),
            asset_texts=(labels.asset("en", asset), labels.asset("zh", asset)),
            tonnes=tonnes,
            share=tonnes / total,
        )
        for (cause, asset), tonnes in sorted(causes.items(), key=lambda item: -item[1])
        if tonnes > 0
    )


class _Episodes:
    """A rule's episodes and the findings that came of them."""

    def __init__(
        self, rule: Rule, flagged: Mapping[str, Flagged], involved: Sequence[Rule], ledger: Ledger, labels: Labels
    ) -> None:
        self._rule = rule
        mine = flagged[rule.id]
        episodes = mine.episodes
        self._findings = findings_of(mine, ledger, labels)
        several = [other for other in involved if rule.id in other.replaces]
        self._common = [part for other in several for part in findings_of(flagged[other.id], ledger, labels)]
        left = gathered([*self._findings, *self._common], [rule, *several])
        self._left = {id(finding) for finding in left}
        numbers = episodes.held[ROW].to_pylist()
        self.shown = {numbers[at] for at in episodes.shown.tolist()}
        ends = (episodes.starts + episodes.counts).tolist()
        order = episodes.order.tolist()
        self._of_row: dict[int, int] = {}
        self._spans: list[tuple[tuple[Any, ...], Finding]] = []
        columns = [episodes.held[key].to_pylist() for key in rule.subject_keys]
        for number, (start, end) in enumerate(zip(episodes.starts.tolist(), ends, strict=True)):
            self._of_row.update((numbers[at], number) for at in order[start:end])
            subject = tuple(column[order[start]] for column in columns)
            self._spans.append((subject, self._findings[number]))

    def told(self, row: Mapping[str, Value]) -> Told | None:
        """The finding that ``row`` is part of."""
        number = row[ROW]
        assert isinstance(number, int | float)
        if int(number) in self._of_row:
            return self._told(self._findings[self._of_row[int(number)]], bridged=False)
        at, subject = row.get(self._rule.period), tuple(row[key] for key in self._rule.subject_keys)
        if isinstance(at, datetime):
            for whose, finding in self._spans:
                if whose == subject and finding["since"] < at < finding["until"]:
                    return self._told(finding, bridged=True)
        return None

    def _told(self, finding: Finding, *, bridged: bool) -> Told:
        told_by = ""
        if id(finding) not in self._left:
            whole = next(whole for whole in self._common if is_told_by(finding, whole))
            told_by = whole["rule"]
        period = finding["period"]
        return Told(
            since=period_text(finding["since"], period) if period else "",
            until=period_text(finding["until"], period) if period else "",
            bridged=bridged,
            told_by=told_by,
            **{
                key: finding[key]
                for key in ("periods", "state", "severity", "message_en", "message_zh", "action_en", "action_zh")
            },
        )
