"""Rules over tables: one finding for each episode in which a rule held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    """A stretch of periods in which a rule held: its ``rows`` in order of time and the one shown."""

    rule: Rule
    rows: pd.DataFrame
    shown: int


def _episodes(rule: Rule, frame: pd.DataFrame) -> Iterator[_Episode]:
    """The rule's episodes over ``frame``, in order of the subjects' first appearance, then time."""
    rows = _rows_of(rule, frame)
    true = np.flatnonzero(rows.condition(rule.when).true)
    if not len(true):
        return
    held = rows.frame.iloc[true]
    for members in _stretches(rule, held):
        yield _Episode(rule, held.iloc[members], _shown(rule, held, members))


def _rows_of(rule: Rule, frame: pd.DataFrame) -> Rows:
    """The rows (or groups) the condition is asked of, measures as further columns."""
    rows = Groups(frame, rule.by) if rule.by else Rows(frame)
    if not rule.measures:
        return rows
    return Rows(rows.frame.assign(**{column.name: rows.value(node) for column, node in rule.measures}))  # type: ignore[arg-type]


def _stretches(rule: Rule, held: pd.DataFrame) -> list[np.ndarray[Any, np.dtype[np.intp]]]:
    """Positions in ``held`` of each episode: consecutive periods of one subject (gaps and islands)."""
    subjects = list(rule.subject_keys)
    if rule.period is None:
        return [np.array([i]) for i in range(len(held))]
    number = _period_numbers(held[rule.period], rule.period)
    subject = (
        held.groupby(subjects, sort=False, observed=True, dropna=False).ngroup().to_numpy()
        if subjects
        else np.zeros(len(held), dtype=np.intp)
    )
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


def _period_numbers(dates: pd.Series[Any], period: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Consecutive periods as consecutive integers."""
    return dates.to_numpy(dtype="datetime64[M]" if period == "month" else "datetime64[D]").astype(np.int64)


def _shown(rule: Rule, held: pd.DataFrame, members: np.ndarray[Any, np.dtype[np.intp]]) -> int:
    """Which of the episode's rows its values are taken from; the first among equals."""
    if rule.show.pick == "first":
        return 0
    if rule.show.pick == "last":
        return len(members) - 1
    values = held[rule.show.column].to_numpy(dtype=float)[members]
    if np.isnan(values).all():
        return len(members) - 1
    return int(np.nanargmin(values) if rule.show.pick == "lowest" else np.nanargmax(values))


class _Context:
    """What findings are explained with: labels, and the shortfall ledger."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], labels: Labels) -> None:
        self._shortfalls = tables.get("shortfalls")
        self.labels = labels

    def main_cause(self, customer: str, grade: str, first: Any, last: Any) -> tuple[str, str, float, float] | None:
        """(cause, asset, its tonnes, all tonnes) of a customer's shortfall over the months of [first, last]."""
        if self._shortfalls is None or not len(self._shortfalls):
            return None
        frame = self._shortfalls
        months = frame["month"].to_numpy(dtype="datetime64[M]")
        inside = (months >= np.datetime64(first, "M")) & (months <= np.datetime64(last, "M"))
        mine = inside & (frame["customer"] == customer).to_numpy()
        if grade:
            mine = mine & (frame["grade"] == grade).to_numpy()
        if not mine.any():
            return None
        sums = frame[mine].groupby(["cause", "asset"], observed=True)["shortfall_t"].sum()
        total = float(sums.sum())
        if total <= 0:
            return None
        cause, asset = sums.index[int(sums.to_numpy().argmax())]
        return str(cause), str(asset), float(sums.max()), total


def _finding(episode: _Episode, context: _Context) -> dict[str, object]:
    rule, rows = episode.rule, episode.rows
    shown = rows.iloc[episode.shown]
    kind = next((key for key in SUBJECTS if key in rule.subject_keys), "")
    grade = str(shown["grade"]) if "grade" in rule.subject_keys and kind != "grade" else ""
    customer = str(shown["customer"]) if "customer" in rows and shown["customer"] == shown["customer"] else ""
    since = rows[rule.period].iloc[0] if rule.period else None
    until = rows[rule.period].iloc[-1] if rule.period else None
    cause = context.main_cause(customer, grade, since, until) if customer and rule.period else None
    episode_texts = {
        "since": _date_text(since, rule.period),
        "until": _date_text(until, rule.period),
        "periods": str(len(rows)),
    }
    episode_texts["span"] = (
        episode_texts["since"] if len(rows) == 1 else f"{episode_texts['since']} … {episode_texts['until']}"
    )

    def message(template: Template, lang: str) -> str:
        texts = {**episode_texts, "because": _because(cause, context, lang)}
        return template.render(lambda field: _text(field, rule, shown, texts, context, lang))

    return {
        "rule": rule.id,
        "subject": str(shown[kind]) if kind else "",
        "grade": grade,
        "since": since,
        "until": until,
        "periods": len(rows),
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


def _because(cause: tuple[str, str, float, float] | None, context: _Context, lang: str) -> str:
    """The clause on the main cause, or nothing."""
    if cause is None:
        return ""
    code, asset, tonnes, total = cause
    name = CAUSES[code][lang == "zh"]
    return text(lang, "because", cause=name, asset=context.labels.asset(lang, asset), share=tonnes / total, total=total)


def _text(
    field: Field, rule: Rule, shown: pd.Series[Any], episode: Mapping[str, str], context: _Context, lang: str
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


def _values_text(rule: Rule, shown: pd.Series[Any]) -> str:
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
