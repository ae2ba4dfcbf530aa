"""Rules over tables: one finding for each episode in which a rule held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.records import CAUSES
from chainsim.results import Column, Labels, Table
from chainsim.rules.checking import KINDS
from chainsim.rules.evaluation import Groups, Rows
from chainsim.rules.expressions import names
from chainsim.rules.rule import PERIODS, SEVERITIES, Rule
from chainsim.rules.templates import Field, Template, format_number
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

SUBJECTS: dict[str, tuple[str, str]] = {
    "customer": ("customer", "客户"),
    "holder": ("place of stock", "库存地点"),
    "asset": ("asset", "设施"),
    "supplier": ("supplier", "油源"),
    "pipeline": ("pipeline", "管线"),
    "railway": ("railway", "铁路"),
    "grade": ("grade", "品种"),
    "": ("the whole network", "全网"),
}
"""What a finding can be about: the key columns that name it, the first of them that a rule's keys have."""

FINDINGS = Table(
    "findings", "Findings", "预警", "One episode in which one rule held for one subject", "某规则对某对象的一次触发",
    (
        Column("rule", "text", "", "Rule", "规则", "The rule's name", "规则代号", key=True),
        Column("subject", "text", "", "Subject", "对象", "Whom or what it is about", "预警对象", key=True),
        Column("grade", "text", "", "Grade", "品种", "Which crude, if the rule looks at grades", "相关品种", key=True),
        Column("since", "date", "", "Since", "自", "First period in which the rule held; null: no period", "首次触发", key=True),
        Column("until", "date", "", "Until", "至", "Last period in which it held", "末次触发"),
        Column("periods", "integer", "", "Periods", "期数", "Number of periods in which it held", "触发期数"),
        Column("period", "text", "", "Period", "周期", "What is counted: month, day or nothing", "计期单位"),
        Column(
            "severity", "name", "", "Severity", "级别", "info, warning or error", "预警级别", domain="severity",
            values=SEVERITIES,
        ),
        Column("subject_kind", "text", "", "Kind", "对象类型", "The column that names the subject", "对象类型"),
        Column("customer", "text", "", "Customer", "客户", "The customer, where it is about one", "相关客户"),
        Column("shown_at", "date", "", "Shown at", "取值期", "The period whose values are shown", "取值所在期"),
        Column("values", "text", "", "Values", "触发值", "What the condition read there", "条件所用数值"),
        Column("cause", "text", "", "Cause", "原因", "Main cause of the customer's shortfall in the episode", "欠量主因"),
        Column("cause_asset", "text", "", "Asset", "设施", "Where that cause lies", "主因所在设施"),
        Column("cause_t", "number", "t", "Tonnes", "数量", "Shortfall from that cause in the episode", "主因欠量"),
        Column("message_en", "text", "", "Finding", "英文说明", "In words, English", "英文说明"),
        Column("message_zh", "text", "", "Finding (zh)", "说明", "In words, Chinese", "中文说明"),
        Column("action_en", "text", "", "Action", "英文措施", "What to do, English", "英文措施"),
        Column("action_zh", "text", "", "Action (zh)", "措施", "What to do, Chinese", "中文措施"),
        Column("source", "text", "", "Defined in", "规则出处", "The rule's file and line", "规则文件与行号"),
    ),
)  # fmt: skip


def find(rules: Iterable[Rule], tables: Mapping[str, pd.DataFrame], labels: Labels | None = None) -> pd.DataFrame:
    """The findings of ``rules`` over ``tables`` (declared as ``FINDINGS``), gravest first, then as the rules stand.

    A rule reads its own table; ``shortfalls``, where it is there, gives the causes. Without ``labels`` messages use names.
    """
    import pandas as pd

    context = _Context(tables, labels or Labels(assets={}, grades={}))
    rows: list[dict[str, object]] = []
    for rule in rules:
        rows += [_finding(episode, context) for episode in _episodes(rule, tables[rule.table.name])]
    rank = {severity: number for number, severity in enumerate(SEVERITIES)}
    rows.sort(key=lambda row: -rank[str(row["severity"])])
    columns = {c.name: [row[c.name] for row in rows] for c in FINDINGS.columns}
    data = {}
    for column in FINDINGS.columns:
        if column.name == "severity":
            data[column.name] = pd.Series(pd.Categorical(columns["severity"], categories=list(SEVERITIES)))
        else:
            data[column.name] = pd.Series(columns[column.name], dtype=column.dtype)
    return pd.DataFrame(data)


def grave(findings: pd.DataFrame, floor: str) -> bool:
    """Whether any finding is of severity ``floor`` or graver."""
    grades = list(SEVERITIES)
    return bool(findings["severity"].isin(grades[grades.index(floor) :]).any())


@dataclass(frozen=True, slots=True)
class _Episode:
    """A stretch of ``periods`` in which a rule held, and the ``shown`` row's values by column."""

    rule: Rule
    periods: int
    since: Any
    until: Any
    shown: Mapping[str, Any]


def _episodes(rule: Rule, frame: pd.DataFrame) -> Iterator[_Episode]:
    """The rule's episodes over ``frame``, in order of the subjects' first appearance, then time."""
    rows = _rows_of(rule, frame)
    true = np.flatnonzero(rows.condition(rule.when).true)
    if not len(true):
        return
    read = {*rule.keys, *names(rule.when), *rule.message_en.names, *rule.message_zh.names, rule.show.column}
    columns = {name: rows.frame[name].array[true] for name in rule.columns if name in read}
    for members in _stretches(rule, columns):
        times = columns[rule.period] if rule.period else None
        at = members[_shown(rule, columns, members)]
        yield _Episode(
            rule,
            len(members),
            None if times is None else times[members[0]],
            None if times is None else times[members[-1]],
            {name: values[at] for name, values in columns.items()},
        )


def _rows_of(rule: Rule, frame: pd.DataFrame) -> Rows:
    """The rows (or groups) the condition is asked of, measures as further columns."""
    rows = Groups(frame, rule.by) if rule.by else Rows(frame)
    if not rule.measures:
        return rows
    return Rows(rows.frame.assign(**{column.name: rows.value(node) for column, node in rule.measures}))  # type: ignore[arg-type]


def _stretches(rule: Rule, held: Mapping[str, Any]) -> list[np.ndarray[Any, np.dtype[np.intp]]]:
    """Positions in ``held`` of each episode: consecutive periods of one subject (gaps and islands)."""
    if rule.period is None:
        return [np.array([i]) for i in range(len(held[rule.keys[0]]))]
    number = _period_numbers(held[rule.period], rule.period)
    subject = np.zeros(len(number), dtype=np.int64)
    for key in rule.subject_keys:
        codes, members = _codes(held[key])
        subject = subject * (members + 1) + codes
    subject = _codes(subject)[0]
    order = np.lexsort((number, subject))
    number, subject = number[order], subject[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(subject) != 0) | (np.diff(number) > 1)])
    ends = np.r_[starts[1:], len(order)]
    out: list[tuple[int, int]] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - start < rule.periods:
            continue
        if out:
            first, last = out[-1]
            if subject[first] == subject[start] and number[start] - number[last - 1] - 1 <= rule.keep_periods:
                out[-1] = (first, end)
                continue
        out.append((start, end))
    return [order[start:end] for start, end in out]


def _codes(values: Any) -> tuple[np.ndarray[Any, np.dtype[np.int64]], int]:
    """Each value's number in order of first appearance, and how many there are."""
    import pandas as pd

    codes, members = pd.factorize(values, use_na_sentinel=False)
    return codes.astype(np.int64), len(members)


def _period_numbers(dates: Any, period: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Consecutive periods as consecutive integers."""
    unit = "datetime64[M]" if period == "month" else "datetime64[D]"
    return np.asarray(dates, dtype="datetime64[us]").astype(unit).astype(np.int64)


def _shown(rule: Rule, held: Mapping[str, Any], members: np.ndarray[Any, np.dtype[np.intp]]) -> int:
    """Which of the episode's rows its values are taken from; the first among equals."""
    if rule.show.pick == "first":
        return 0
    if rule.show.pick == "last":
        return len(members) - 1
    values = np.asarray(held[rule.show.column], dtype=float)[members]
    if np.isnan(values).all():
        return len(members) - 1
    return int(np.nanargmin(values) if rule.show.pick == "lowest" else np.nanargmax(values))


class _Context:
    """What findings are explained with: labels, and the shortfall ledger."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], labels: Labels) -> None:
        self._tables = tables
        self.labels = labels

    @cached_property
    def _ledger(self) -> dict[str, list[tuple[int, str, tuple[str, str], float]]]:
        """customer → (month's number, grade, (cause, asset), tonnes)."""
        out: dict[str, list[tuple[int, str, tuple[str, str], float]]] = {}
        if "shortfalls" in self._tables:
            frame = self._tables["shortfalls"]
            months = _period_numbers(frame["month"].array, "month").tolist()
            texts = [frame[name].tolist() for name in ("customer", "grade", "cause", "asset")]
            for month, customer, grade, cause, asset, tonnes in zip(
                months, *texts, frame["shortfall_t"].tolist(), strict=True
            ):
                out.setdefault(customer, []).append((month, grade, (cause, asset), tonnes))
        return out

    def main_cause(self, customer: str, grade: str, first: Any, last: Any) -> tuple[str, str, float, float] | None:
        """(cause, asset, its tonnes, all tonnes) of a customer's shortfall over the months of [first, last]."""
        begin, end = _period_numbers([first, last], "month").tolist()
        sums: dict[tuple[str, str], float] = {}
        for month, of_grade, cause, tonnes in self._ledger.get(customer, ()):
            if begin <= month <= end and grade in {"", of_grade}:
                sums[cause] = sums.get(cause, 0.0) + tonnes
        total = sum(sums.values())
        if total <= 0:
            return None
        code, asset = max(sums, key=lambda cause: sums[cause])
        return code, asset, sums[code, asset], total


def _finding(episode: _Episode, context: _Context) -> dict[str, object]:
    rule, shown, since, until = episode.rule, episode.shown, episode.since, episode.until
    kind = next((key for key in SUBJECTS if key in rule.subject_keys), "")
    grade = str(shown["grade"]) if "grade" in rule.subject_keys and kind != "grade" else ""
    customer = str(shown["customer"]) if "customer" in rule.subject_keys else ""
    cause = context.main_cause(customer, grade, since, until) if customer and rule.period else None
    episode_texts = {
        "since": _date_text(since, rule.period),
        "until": _date_text(until, rule.period),
        "periods": str(episode.periods),
    }
    episode_texts["span"] = (
        episode_texts["since"] if episode.periods == 1 else f"{episode_texts['since']} … {episode_texts['until']}"
    )

    def message(template: Template, lang: str) -> str:
        texts = {**episode_texts, "because": _because(cause, customer, context, lang)}
        return template.render(lambda field: _text(field, rule, shown, texts, context, lang))

    return {
        "rule": rule.id,
        "subject": str(shown[kind]) if kind else "",
        "grade": grade,
        "since": since,
        "until": until,
        "periods": episode.periods,
        "period": rule.period or "",
        "severity": rule.severity,
        "subject_kind": kind,
        "customer": customer,
        "shown_at": shown[rule.period] if rule.period else None,
        "values": _values_text(rule, shown),
        "cause": cause[0] if cause else "",
        "cause_asset": cause[1] if cause else "",
        "cause_t": cause[2] if cause else float("nan"),
        "message_en": message(rule.message_en, "en"),
        "message_zh": message(rule.message_zh, "zh"),
        "action_en": rule.action_en,
        "action_zh": rule.action_zh,
        "source": rule.source,
    }


def _because(cause: tuple[str, str, float, float] | None, customer: str, context: _Context, lang: str) -> str:
    """The clause on the main cause, or nothing."""
    if cause is None:
        return ""
    code, asset, tonnes, total = cause
    name, share = CAUSES[code][lang == "zh"], tonnes / total
    if asset == customer:
        return text(lang, "because.own", cause=name, share=share, total=total)
    return text(lang, "because", cause=name, asset=context.labels.asset(lang, asset), share=share, total=total)


def _text(
    field: Field, rule: Rule, shown: Mapping[str, Any], episode: Mapping[str, str], context: _Context, lang: str
) -> str:
    column = rule.columns.get(field.name)
    if column is None:
        return episode[field.name]
    value = shown[field.name]
    if column.type in {"number", "integer"}:
        return format_number(float(value), field.format)
    if value is None or value != value:
        return "?"
    if KINDS[column.type] == "date":
        return _date_text(value, "month" if field.name == "month" else "day")
    name = str(value)
    if column.values:
        return column.value_text(lang, name)
    if column.domain == "grade":
        return context.labels.grade(lang, name)
    return context.labels.asset(lang, name) if column.domain else name


def _values_text(rule: Rule, shown: Mapping[str, Any]) -> str:
    """``column=value`` for what the condition read, the keys aside."""
    read: Sequence[str] = [name for name in names(rule.when) if name not in {*rule.subject_keys, *PERIODS}]
    columns = rule.columns
    parts = []
    for name in read:
        value = shown[name]
        if columns[name].type in {"number", "integer"}:
            parts.append(f"{name}={format_number(float(value), '')}")
        else:
            parts.append(f"{name}={_date_text(value, 'day') if KINDS[columns[name].type] == 'date' else value}")
    return "; ".join(parts)


def _date_text(value: Any, period: str | None) -> str:
    """``2008-03`` for a month, ``2008-03-05`` for a day, "?" for none."""
    if value is None or value != value:
        return "?"
    return str(value.strftime("%Y-%m" if period == "month" else "%Y-%m-%d"))
