"""Rules applied to tables: to the frames of one run (``apply``), or to the Parquet files of many (``apply_to_runs``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chainsim.results import Column, Labels, Table
from chainsim.rules.findings import Finding, findings_frame, findings_of, gathered
from chainsim.rules.ledger import Ledger, ledger_of
from chainsim.rules.loading import SHORTFALLS, in_all, ledger_in, tables_to_load
from chainsim.rules.rule import Rule
from chainsim.rules.running.database import Database
from chainsim.rules.running.evaluating import evaluate

if TYPE_CHECKING:
    import pandas as pd

RULE_RESULTS = Table(
    "rule_results", "Rules", "规则执行", "What one rule found, and where it could not tell", "一条规则的结果与无法判断之处",
    (
        Column("rule", "text", "", "Rule", "规则", "The rule's name", "规则代号", key=True),
        Column("findings", "integer", "", "Findings", "预警数", "Findings it made", "产生的预警数"),
        Column("true_rows", "integer", "", "True", "成立行数", "Rows in which its condition was true", "条件成立的行数"),
        Column(
            "unknown_rows", "integer", "", "Unknown", "未知行数",
            "Rows in which it was neither true nor false, for a value is missing", "因缺数据而无法判断的行数",
        ),
        Column("source", "text", "", "Defined in", "规则出处", "The rule's file and line", "规则文件与行号"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What rules found: ``findings`` (declared as ``FINDINGS``) and ``results`` (as ``RULE_RESULTS``)."""

    findings: pd.DataFrame
    results: pd.DataFrame


def apply(
    rules: Sequence[Rule],
    tables: Mapping[str, pd.DataFrame],
    labels: Labels | None = None,
    *,
    flags: Mapping[str, pd.DataFrame] | None = None,
) -> Outcome:
    """``rules`` over the tables of one run. ``shortfalls``, where it is there, gives causes.

    Without ``labels`` messages use names.

    ``flags`` says what rules that are not among ``rules`` have flagged (their keys), where ``rules`` read it.
    """
    if not rules:
        return _outcome([], {}, [], several=False)
    with Database() as database:
        database.add_frames(tables, tables_to_load(rules, tables.__contains__))
        for rule_id, keys in (flags or {}).items():
            database.put_flags(rule_id, keys)
        database.lock()
        ledger = _ledger(tables[SHORTFALLS]) if SHORTFALLS in tables else Ledger()
        return _applied(rules, database, ledger, labels or Labels({}, {}), lambda rule_id: None)


def apply_to_runs(
    rules: Sequence[Rule],
    runs: Sequence[Path],
    labels: Labels | None = None,
    *,
    threads: int = 2,
    done: Callable[[str], None] = lambda rule_id: None,
) -> Outcome:
    """``rules`` over the tables of many runs at once, from ``RUN/TABLE.parquet``. ``done`` hears of each finished rule."""
    with Database(threads=threads) as database:
        database.add_parquet(runs, tables_to_load(rules, lambda name: in_all(runs, name)))
        database.lock()
        return _applied(rules, database, _LazyLedger(database), labels or Labels({}, {}), done)


def _applied(
    rules: Sequence[Rule], database: Database, ledger: Ledger | _LazyLedger, labels: Labels, done: Callable[[str], None]
) -> Outcome:
    findings: list[Finding] = []
    rows: dict[str, tuple[int, int]] = {}
    for flagged in evaluate(rules, database, done):
        known = ledger if isinstance(ledger, Ledger) else ledger.ledger(flagged.rule, len(flagged.episodes.starts))
        findings += findings_of(flagged, known, labels)
        rows[flagged.rule.id] = flagged.true_rows, flagged.unknown_rows
    return _outcome(gathered(findings, rules), rows, rules, several=database.several)


class _LazyLedger:
    """The shortfalls of many runs, read when the first finding asks for a cause."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ledger: Ledger | None = None

    def ledger(self, rule: Rule, count: int) -> Ledger:
        """The ledger, or an empty one for findings that have no cause."""
        about_causes = "customer" in rule.subject_keys or {"cause", "asset"} <= set(rule.subject_keys)
        if not count or not about_causes or not rule.period:
            return Ledger()
        if self._ledger is None:
            self._ledger = ledger_in(self._database)
        return self._ledger


def _ledger(frame: pd.DataFrame) -> Ledger:
    texts = [frame[name].tolist() for name in ("grade", "cause", "asset")]
    months: Iterable[datetime] = frame["month"].tolist()
    return ledger_of(
        zip([""] * len(frame), frame["customer"].tolist(), months, *texts, frame["shortfall_t"].tolist(), strict=True)
    )


def _outcome(
    findings: Sequence[Finding], rows: Mapping[str, tuple[int, int]], rules: Sequence[Rule], *, several: bool
) -> Outcome:
    import pandas as pd

    count: dict[str, int] = {}
    for finding in findings:
        count[finding["rule"]] = count.get(finding["rule"], 0) + 1
    data = {
        "rule": [rule.id for rule in rules],
        "findings": [count.get(rule.id, 0) for rule in rules],
        "true_rows": [rows[rule.id][0] for rule in rules],
        "unknown_rows": [rows[rule.id][1] for rule in rules],
        "source": [rule.source for rule in rules],
    }
    columns = {c.name: pd.Series(data[c.name], dtype=c.dtype) for c in RULE_RESULTS.columns}
    return Outcome(findings_frame(findings, several=several), pd.DataFrame(columns))
