"""Findings: one for each episode in which a rule held, in words, with its cause.

A finding lives like an alert: it fires from ``since`` on, while the rule holds in the run's last period, and is resolved on
the first day after the last period in which it held. Its id names rule, subject and beginning, none of which change as time
goes on: the same fault has the same id in a later run over a longer horizon. A rule with ``keep_for`` may take up a resolved
finding again; it then fires anew under its id.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chainsim.results import Column, Labels, Table
from chainsim.rules.ledger import Cause, Ledger
from chainsim.rules.periods import last_day, later, period_text
from chainsim.rules.rule import SEVERITIES, Rule
from chainsim.rules.running.database import RUN
from chainsim.rules.running.episodes import PERIOD, Positions
from chainsim.rules.running.evaluating import Flagged
from chainsim.rules.wording import Shown, because_of, messages_of, values_texts

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

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
STATES: dict[str, tuple[str, str]] = {"firing": ("firing", "持续"), "resolved": ("resolved", "已解除")}
"""Whether the rule still held in the last period of its rows."""


def _text(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "text", "", header_en, header_zh, meaning_en, meaning_zh)


def _date(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "date", "", header_en, header_zh, meaning_en, meaning_zh)


FINDINGS = Table(
    "findings", "Findings", "预警", "One episode in which one rule held for one subject", "某规则对某对象的一次触发",
    (
        Column(
            "finding", "text", "", "Finding no.", "预警号", "Rule, subject and first period: the same in every run that finds it",
            "规则/对象/首次触发；各次运行中不变", key=True,
        ),
        _text("rule", "Rule", "规则", "The rule's name", "规则代号"),
        _text("subject", "Subject", "对象", "Whom or what it is about", "预警对象"),
        _text("grade", "Grade", "品种", "Which crude, if the rule looks at grades", "相关品种"),
        _text(
            "detail", "Detail", "细目", "The rule's other keys, such as a cause, a number, a dimension",
            "规则的其他键，如原因、编号、维度",
        ),
        _date(
            "since", "Since", "自",
            "First period in which the rule held; without periods the day the rule's since says, else null",
            "首次触发；不按周期的规则取 since 所指日期，否则为空",
        ),
        _date("until", "Until", "至", "Last period in which it held", "末次触发"),
        Column("periods", "integer", "", "Periods", "期数", "Number of periods in which it held", "触发期数"),
        _text("period", "Period", "周期", "What is counted: month, ten_days, day or nothing", "计期单位"),
        Column(
            "state", "name", "", "State", "状态", "firing: the rule holds in the run's last period; else resolved",
            "运行的最后一期仍成立为持续，否则为已解除", domain="finding_state", values=STATES,
        ),
        _date(
            "resolved_on", "Resolved on", "解除日期", "First day after the last period in which it held; null while firing",
            "末次触发周期之后的第一天；持续中为空",
        ),
        Column(
            "severity", "name", "", "Severity", "级别", "info, warning or error", "预警级别", domain="severity",
            values=SEVERITIES,
        ),
        _text("subject_kind", "Kind", "对象类型", "The column that names the subject", "对象类型"),
        _text("customer", "Customer", "客户", "The customer, where it is about one", "相关客户"),
        _text("members", "Members", "涉及对象", "Whom it concerns in any period, if several", "各期涉及的多个对象"),
        _date("shown_at", "Shown at", "取值期", "The period whose values are shown", "取值所在期"),
        _text("values", "Values", "触发值", "What the condition read there", "条件所用数值"),
        _text(
            "cause", "Cause", "原因", "Main cause of the customer's shortfall in the episode, or the cause the rule is about",
            "欠量主因，或规则所针对的原因",
        ),
        _text("cause_asset", "Asset", "设施", "Where that cause lies", "主因所在设施"),
        Column("cause_t", "number", "t", "Tonnes", "数量", "Shortfall from that cause in the episode", "主因欠量"),
        _text("message_en", "Finding", "英文说明", "In words, English", "英文说明"),
        _text("message_zh", "Finding (zh)", "说明", "In words, Chinese", "中文说明"),
        _text("action_en", "Action", "英文措施", "What to do, English", "英文措施"),
        _text("action_zh", "Action (zh)", "措施", "What to do, Chinese", "中文措施"),
        _text("source", "Defined in", "规则出处", "The rule's file and line", "规则文件与行号"),
    ),
)  # fmt: skip

RUN_COLUMN = Column("run", "text", "", "Run", "运行", "The folder the run's tables are in", "结果所在文件夹", key=True)

Finding = dict[str, Any]
"""One row of ``FINDINGS`` (and ``run``)."""


def findings_of(flagged: Flagged, ledger: Ledger, labels: Labels) -> list[Finding]:
    """The findings of one rule's flags, as they stand in its rows."""
    rule, episodes = flagged.rule, flagged.episodes
    if not len(episodes.starts):
        return []
    held = episodes.held
    shown = Shown(rule, episodes, labels)
    since = _since(rule, held, episodes.first())
    until, shown_at = (_periods(rule, held, at) for at in (episodes.last(), episodes.shown))
    runs = _texts(held, RUN, episodes.shown)
    subjects, kind = _subjects(rule, shown)
    none = [""] * len(runs)
    grades = shown.raw("grade") if "grade" in rule.subject_keys and kind != "grade" else none
    customers = shown.raw("customer") if "customer" in rule.subject_keys else none
    rest = [key for key in rule.subject_keys if key not in {kind, "grade"}]
    details = ["; ".join(parts) for parts in zip(*(shown.raw(key) for key in rest), strict=True)] if rest else none
    counts = episodes.counts.tolist()
    causes: list[Cause | None] = [None] * len(runs)
    if "customer" in rule.subject_keys and rule.period:
        causes = [
            ledger.main_cause(run, customer, grade, first, last)
            for run, customer, grade, first, last in zip(runs, customers, grades, since, until, strict=True)
        ]
    spans = _spans(rule, since, until, counts)
    messages = _messages(rule, shown, spans, causes, customers, labels)
    ids = _ids(rule, shown, kind, spans["since"])
    told = _causes(rule, shown, causes, [ledger.caused(*of) for of in _caused_by(rule, shown, runs, since, until)])
    firing = _firing(flagged, runs)
    resolved = [
        None if on or last is None else later(last, rule.period) for on, last in zip(firing, until, strict=True)
    ]
    values = values_texts(rule, shown)
    return [
        {
            "run": runs[i],
            "finding": ids[i],
            "rule": rule.id,
            "subject": subjects[i],
            "grade": grades[i],
            "detail": details[i],
            "since": since[i],
            "until": until[i],
            "periods": counts[i],
            "period": rule.period,
            "state": "firing" if firing[i] else "resolved",
            "resolved_on": resolved[i],
            "severity": rule.severity,
            "subject_kind": kind,
            "customer": customers[i],
            "members": shown.members[i],
            "shown_at": shown_at[i],
            "values": values[i],
            "cause": told[i][0],
            "cause_asset": told[i][1],
            "cause_t": told[i][2],
            "message_en": messages["en"][i],
            "message_zh": messages["zh"][i],
            "action_en": rule.action.text_en,
            "action_zh": rule.action.text_zh,
            "source": rule.source,
        }
        for i in range(len(runs))
    ]


def gathered(findings: Iterable[Finding], rules: Sequence[Rule]) -> list[Finding]:
    """All rules' findings together: counted (``warn_if``, ``error_if``), those told by a common one taken out, gravest first."""
    by_rule: dict[str, list[Finding]] = {rule.id: [] for rule in rules}
    for finding in findings:
        by_rule[finding["rule"]].append(finding)
    for rule in rules:
        _counted(rule, by_rule[rule.id])
    _replace(by_rule, rules)
    rank = {severity: number for number, severity in enumerate(SEVERITIES)}
    everything = [finding for rule in rules for finding in by_rule[rule.id]]
    return sorted(everything, key=lambda finding: -rank[finding["severity"]])


def is_told_by(part: Finding, whole: Finding) -> bool:
    """Whether a finding of a common cause, ``whole``, tells ``part``, so that ``gathered`` takes it out."""
    return _cause_of(part) == _cause_of(whole) and _tells(whole, part)


def findings_frame(findings: Sequence[Finding], *, several: bool = False) -> pd.DataFrame:
    """``findings`` as the declared table; ``several`` runs have the column ``run`` in front."""
    return frame_of((RUN_COLUMN, *FINDINGS.columns) if several else FINDINGS.columns, findings)


def frame_of(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """``rows`` as a frame of declared ``columns``; what else a row has is left out."""
    import pandas as pd

    data = {}
    for column in columns:
        values = [row[column.name] for row in rows]
        if column.type == "name":
            data[column.name] = pd.Series(pd.Categorical(values, categories=list(column.values)))
        else:
            data[column.name] = pd.Series(values, dtype=column.dtype)
    return pd.DataFrame(data)


def grave(findings: pd.DataFrame, floor: str) -> bool:
    """Whether any finding is of severity ``floor`` or graver."""
    grades = list(SEVERITIES)
    return bool(findings["severity"].isin(grades[grades.index(floor) :]).any())


def _spans(
    rule: Rule, since: Sequence[datetime | None], until: Sequence[datetime | None], counts: Sequence[int]
) -> dict[str, list[str]]:
    """What messages say of each episode's time."""
    spans = {
        "since": [period_text(day, rule.period) for day in since],
        "until": [period_text(day, rule.period) for day in until],
    }
    spans["periods"] = [str(count) for count in counts]
    spans["span"] = [
        first if count == 1 else f"{first} … {last}"
        for first, last, count in zip(spans["since"], spans["until"], counts, strict=True)
    ]
    return spans


def _messages(
    rule: Rule,
    shown: Shown,
    spans: Mapping[str, list[str]],
    causes: Sequence[Cause | None],
    customers: Sequence[str],
    labels: Labels,
) -> dict[str, list[str]]:
    """Language → each finding's message."""
    messages = {}
    for lang, template in (("en", rule.message_en), ("zh", rule.message_zh)):
        because = [because_of(cause, customer, labels, lang) for cause, customer in zip(causes, customers, strict=True)]
        messages[lang] = messages_of(template, shown, {**spans, "because": because}, lang)
    return messages


def _counted(rule: Rule, findings: list[Finding]) -> None:
    """A rule with limits on its number of findings: all of a run's findings are as grave as their number says."""
    if rule.warn_if is None and rule.error_if is None:
        return
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding["run"]] = counts.get(finding["run"], 0) + 1
    for finding in findings:
        count = counts[finding["run"]]
        if rule.error_if is not None and rule.error_if.holds(count):
            finding["severity"] = "error"
        elif rule.warn_if is not None and rule.warn_if.holds(count) and rule.severity == "info":
            finding["severity"] = "warning"


def _replace(by_rule: dict[str, list[Finding]], rules: Sequence[Rule]) -> None:
    """Take out what a finding of a rule with ``replaces`` tells: about a member, same cause at the same asset, within its time.

    What began earlier, lasts longer or has another main cause is a story of its own and stays. Who tells is as grave as what
    is told.
    """
    rank = list(SEVERITIES)
    told: dict[str, set[int]] = {}
    for rule in rules:
        common: dict[tuple[str, ...], list[Finding]] = {}
        for whole in by_rule[rule.id] if rule.replaces else ():
            common.setdefault(_cause_of(whole), []).append(whole)
        for other in rule.replaces:
            for number, part in enumerate(by_rule.get(other, ())):
                for whole in common.get(_cause_of(part), ()):
                    if _tells(whole, part):
                        whole["severity"] = max(whole["severity"], part["severity"], key=rank.index)
                        told.setdefault(other, set()).add(number)
    for other, numbers in told.items():
        by_rule[other] = [part for number, part in enumerate(by_rule[other]) if number not in numbers]


def _cause_of(finding: Finding) -> tuple[str, ...]:
    return finding["run"], finding["cause"], finding["cause_asset"]


def _tells(whole: Finding, part: Finding) -> bool:
    """Whether ``part``, of the same cause, is about a member of ``whole`` and lies within its time; their periods may differ."""
    if not part["customer"] or part["customer"] not in whole["members"].split("; "):
        return False
    if whole["grade"] not in {"", part["grade"]} or None in (whole["until"], part["until"]):
        return False
    ends = [last_day(finding["until"], finding["period"]) for finding in (part, whole)]
    return bool(whole["since"] <= part["since"] and ends[0] <= ends[1])


def _subjects(rule: Rule, shown: Shown) -> tuple[list[str], str]:
    """Each finding's subject, and the column that names it."""
    kind = next((key for key in SUBJECTS if key in rule.subject_keys), "")
    return (shown.raw(kind) if kind else [""] * shown.count), kind


def _ids(rule: Rule, shown: Shown, kind: str, since: Sequence[str]) -> list[str]:
    """``rule/subject/…/since``: every key has its place, so that no two findings of a run share an id."""
    first = [key for key in (kind, "grade") if key in rule.subject_keys]
    keys = [*dict.fromkeys(first), *(key for key in rule.subject_keys if key not in first)]
    parts = [[_id_part(value) for value in shown.raw(key)] for key in keys]
    if rule.period:
        parts.append(list(since))
    return ["/".join((rule.id, *named)) for named in zip(*parts, strict=True)] if parts else [rule.id] * shown.count


def _id_part(value: str) -> str:
    """A key within an id, where slashes part keys, and in a list of ids, where semicolons part these; "-" for none."""
    return value.replace("%", "%25").replace("/", "%2F").replace(";", "%3B") or "-"


def _firing(flagged: Flagged, runs: Sequence[str]) -> list[bool]:
    """Whether each episode reaches into the run's last period; without periods all do."""
    if not flagged.rule.period:
        return [True] * len(runs)
    last: list[int] = flagged.episodes.held[PERIOD].to_numpy()[flagged.episodes.last()].tolist()
    return [number >= flagged.last_periods.get(run, 0) for run, number in zip(runs, last, strict=True)]


def _caused_by(
    rule: Rule, shown: Shown, runs: Sequence[str], since: Sequence[datetime | None], until: Sequence[datetime | None]
) -> Iterable[tuple[str, str, str, datetime | None, datetime | None]]:
    """(run, cause, asset, since, until) of findings that are about a cause at an asset; nothing for other rules."""
    if "customer" in rule.subject_keys or not {"cause", "asset"} <= set(rule.subject_keys):
        return ()
    return zip(runs, shown.raw("cause"), shown.raw("asset"), since, until, strict=True)


def _causes(
    rule: Rule, shown: Shown, causes: Sequence[Cause | None], caused_t: Sequence[float]
) -> list[tuple[str, str, float]]:
    """(cause, asset, tonnes) of each finding: from the ledger, or what the rule itself is about."""
    if caused_t:
        return list(zip(shown.raw("cause"), shown.raw("asset"), caused_t, strict=True))
    return [("", "", math.nan) if cause is None else (cause.cause, cause.asset, cause.tonnes) for cause in causes]


def _periods(rule: Rule, held: pa.Table, at: Positions) -> list[datetime | None]:
    if not rule.period:
        return [None] * len(at)
    out: list[datetime | None] = held[rule.period].take(at).to_pylist()
    return out


def _since(rule: Rule, held: pa.Table, at: Positions) -> list[datetime | None]:
    """When an episode began: with its first period, or, without periods, on the day that the rule's ``since`` says."""
    if rule.period or not rule.since:
        return _periods(rule, held, at)
    days: list[datetime | None] = held[rule.since].take(at).to_pylist()
    return [None if day is None else day.replace(hour=0, minute=0, second=0, microsecond=0) for day in days]


def _texts(held: pa.Table, name: str, at: Positions) -> list[str]:
    if name not in held.column_names:
        return [""] * len(at)
    out: list[str] = held[name].take(at).to_pylist()
    return out
