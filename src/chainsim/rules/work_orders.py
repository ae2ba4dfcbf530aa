"""Work orders 工单: what findings ask of people, received 接收, dispatched 派发, followed up 督办, replied to 回复.

A finding of a rule whose action names a kind, an owner and a time limit is a work order. The chain and its clock:

* *Received* on the last day of the period that completed the finding (a month's shortfall is known when the month is over), or
  on the run's last day if that comes first. A rule without periods cannot tell when its fault began: its order is received
  with the first step reported on it, else on the run's last day.
* *Due* when the time limit is over, begun days counted whole: received at the end of the 31st with 24 hours' time, an order is
  due on the 1st. *Overdue*: past that day without a reply.
* *To be followed up* when overdue, or when half of the limit has gone without a dispatch; again when another time limit has gone
  since the last follow-up. An order of ten days is thus chased from the fifth day on if nobody was charged with it.
* The *reply* closes the order, whether the fault is gone or not. Until then further findings of the same rule about the same
  subject belong to it; one that becomes known after the reply makes a new order, which names the one before.

Its number is the id of its first finding, so that the log of steps finds it again in every run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from chainsim.errors import Problem
from chainsim.model.messages import name_list, nearest_name
from chainsim.results import Column, Table
from chainsim.rules.findings import FINDINGS, STATES, Finding, frame_of
from chainsim.rules.periods import last_day, later
from chainsim.rules.rule import SEVERITIES, Rule

if TYPE_CHECKING:
    import pandas as pd

ORDER_STATES: dict[str, tuple[str, str]] = {
    "received": ("received", "已接收"),
    "dispatched": ("dispatched", "已派发"),
    "followed_up": ("followed up", "已督办"),
    "replied": ("replied", "已回复"),
}
_STATE_AFTER = {"dispatch": "dispatched", "follow_up": "followed_up", "reply": "replied"}
_RANK = {step: number for number, step in enumerate(_STATE_AFTER)}
LOG = "work_order_log"
"""The table of steps that people report."""


def _of_finding(name: str, meaning_en: str = "", meaning_zh: str = "") -> Column:
    """A column that says of an order what ``FINDINGS`` says of a finding."""
    of = FINDINGS.column(name)
    return replace(of, key=False, meaning_en=meaning_en or of.meaning_en, meaning_zh=meaning_zh or of.meaning_zh)


def _text(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "text", "", header_en, header_zh, meaning_en, meaning_zh)


def _date(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "date", "", header_en, header_zh, meaning_en, meaning_zh)


WORK_ORDERS = Table(
    "work_orders", "Work orders", "工单", "What findings of one fault ask somebody to do, as known on the run's last day",
    "由预警派生的工单，同一问题未结期间只有一张（截至推演最后一日）",
    (
        replace(
            _text(
                "work_order", "Work order", "工单号", "The id of its first finding; steps are reported under it",
                "首项预警的编号；办理记录以此登记",
            ),
            key=True,
        ),
        _of_finding("severity", "The gravest of its findings", "其各项预警中的最高级别"),
        Column(
            "state", "name", "", "State", "状态", "The last step: received, dispatched, followed_up; replied is the end",
            "最近环节：接收、派发、督办；回复即办结", domain="work_order_state", values=ORDER_STATES,
        ),
        Column("overdue", "boolean", "", "Overdue", "逾期", "Past due without a reply", "超过时限仍未回复"),
        Column(
            "overdue_days", "integer", "d", "Overdue by", "逾期天数", "Days past due without a reply; else 0",
            "超过时限未回复的天数；否则为0",
        ),
        Column(
            "follow_up_due", "boolean", "", "Follow up", "应督办",
            "To be followed up: overdue, or half of the limit gone without dispatch, and not followed up within a limit's time",
            "逾期，或时限过半仍未派发，且最近一个时限内未督办",
        ),
        _of_finding("rule"),
        _of_finding("subject"),
        _of_finding("grade"),
        _of_finding("detail"),
        _of_finding("customer"),
        _of_finding("members"),
        _text("kind_en", "Kind", "英文工单类型", "What sort of work, English", "英文工单类型"),
        _text("kind_zh", "Kind (zh)", "工单类型", "What sort of work, Chinese", "中文工单类型"),
        _text("owner_en", "Owner", "英文承办岗位", "The role that has to act, English", "英文承办岗位"),
        _text("owner_zh", "Owner (zh)", "承办岗位", "The role that has to act, Chinese", "中文承办岗位"),
        _date("received_on", "Received", "接收日期", "The day the finding could first be known", "预警最早可知之日"),
        Column("limit_days", "number", "d", "Time limit", "承诺时限", "From receipt to the reply", "接收到回复的时限"),
        _date("due_on", "Due", "应回复日期", "The last day for the reply", "回复期限"),
        _date("dispatched_on", "Dispatched", "派发日期", "First dispatch; null: none", "首次派发日期；未派发为空"),
        _date("followed_up_on", "Followed up", "督办日期", "Last follow-up; null: none", "最近督办日期；未督办为空"),
        _date("replied_on", "Replied", "回复日期", "The reply, which closes it; null: none", "回复（办结）日期；未回复为空"),
        _text("by", "By", "经办人", "Who reported the last step", "最近环节的经办人"),
        _text("reply", "Reply", "回复内容", "In words", "回复内容"),
        Column(
            "open_days", "integer", "d", "Open", "历时", "Days from receipt to the reply, or so far without one",
            "接收到回复的天数；未回复则计到最后一日",
        ),
        Column(
            "fault", "name", "", "Fault", "问题", "Whether its last finding is still firing or resolved", "末项预警持续或已解除",
            domain="finding_state", values=STATES,
        ),
        _of_finding("resolved_on"),
        _text("findings", "Findings", "包含预警", "The ids of its findings, in time", "所含各项预警的编号"),
        _date(
            "reopened_on", "Again on", "复发日期",
            "The day on which the fault, gone in between, was last found again while the order was open; null: never",
            "工单未结期间问题解除后再次触发的最近日期；无则为空",
        ),
        _text("previous", "Previous", "前次工单", "The order on this fault before this one", "同一问题此前已回复的工单"),
        _of_finding("message_en", "Its last finding, English", "末项预警的英文说明"),
        _of_finding("message_zh", "Its last finding, Chinese", "末项预警的中文说明"),
        _of_finding("action_en"),
        _of_finding("action_zh"),
        _of_finding("cause"),
        _of_finding("cause_asset"),
        _of_finding("source"),
    ),
)  # fmt: skip

_Known = tuple[datetime, Rule, Finding]
"""A finding that asks for an order, with the day it became known."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One row of the log."""

    on: datetime
    step: str
    by: str
    text: str


@dataclass(slots=True)
class _Order:
    """An order in the making: its findings with the days they became known, and its steps."""

    rule: Rule
    received: datetime
    steps: list[_Step]
    previous: str = ""
    findings: list[tuple[datetime, Finding]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.findings[0][1]["finding"])

    @property
    def replied(self) -> _Step | None:
        """The step that closes it."""
        return next((step for step in self.steps if step.step == "reply"), None)


def work_orders(findings: pd.DataFrame, rules: Sequence[Rule], log: pd.DataFrame, today: date) -> pd.DataFrame:
    """The work orders (declared as ``WORK_ORDERS``) of one run's ``findings``, the unanswered first, by the day they are due.

    ``log`` has the steps people reported (the table ``work_order_log``); ``today`` is the last day that the tables know:
    findings and steps after it do not exist yet. Steps before an order's receipt or after its reply do not count;
    ``log_warnings`` tells of them.
    """
    assert "run" not in findings.columns, "orders are those of one run"
    now = datetime.combine(today, time())
    asking = {rule.id: rule for rule in rules if rule.action.kind != ("", "")}
    steps = _steps(log, now)
    known: list[_Known] = []
    for finding in _records(findings):
        rule = asking.get(finding["rule"])
        if rule is None:
            continue
        received = _received_on(finding, rule, steps.get(finding["finding"], ()), now)
        if received is not None:
            known.append((received, rule, finding))
    known.sort(key=lambda asked: asked[0])
    orders = [order for same in _by_subject(known) for order in _orders(same, steps)]
    rows = [_row(order, now) for order in orders]
    rows.sort(key=lambda row: (row["state"] == "replied", row["due_on"]))
    return frame_of(WORK_ORDERS.columns, rows)


def log_warnings(orders: pd.DataFrame, log: pd.DataFrame) -> tuple[Problem, ...]:
    """What in ``log`` does not go with ``orders``: unknown numbers, steps too early or too late, replies undispatched.

    ``log`` is the one that ``orders`` were made with, without steps that have not happened yet.
    """
    by_name = {order["work_order"]: order for order in _records(orders)}
    order_of = {finding: name for name, order in by_name.items() for finding in order["findings"].split("; ")}
    lines = _records(log)
    named = dict.fromkeys(str(line["work_order"]) for line in lines)
    warnings = [_unknown(name, order_of, list(by_name)) for name in named if name not in by_name]
    for line in lines:
        order = by_name.get(str(line["work_order"]))
        if order is not None and (code := _misplaced(line, order)):
            warnings.append(_misstep(code, line, order))
    return tuple(warnings)


def _by_subject(known: Iterable[_Known]) -> Iterable[list[_Known]]:
    """Findings of one rule about the same subject together, in time."""
    out: dict[str, list[_Known]] = {}
    for received, rule, finding in known:
        name: str = finding["finding"]
        fault = name if finding["since"] is None else name.rpartition("/")[0]  # an id without its beginning
        out.setdefault(fault, []).append((received, rule, finding))
    return out.values()


def _orders(same: Iterable[_Known], steps: Mapping[str, Sequence[_Step]]) -> list[_Order]:
    """The orders of findings about the same subject: one at a time, the next when the one before has its reply."""
    orders: list[_Order] = []
    for received, rule, finding in same:
        last = orders[-1] if orders else None
        if last is not None and (last.replied is None or last.replied.on > received):
            last.findings.append((received, finding))
            continue
        own = _counting(steps.get(finding["finding"], ()), received)
        orders.append(_Order(rule, received, own, last.name if last else "", [(received, finding)]))
    return orders


def _received_on(finding: Finding, rule: Rule, steps: Sequence[_Step], today: datetime) -> datetime | None:
    """The first day on which the finding could be known; ``None`` if that lies after ``today``.

    The run's end may cut the last period short: what its tables say then is all there will be, and is known on its last day.
    """
    since = finding["since"]
    if since is None:
        return min([step.on for step in steps], default=today)
    if not rule.period:
        return None if since > today else since
    if later(since, rule.period, rule.periods - 1) > today:
        return None
    return min(last_day(since, rule.period, rule.periods), today)


def _counting(steps: Iterable[_Step], received: datetime) -> list[_Step]:
    """The steps that count, in time: from receipt to the reply."""
    out: list[_Step] = []
    for step in sorted((step for step in steps if step.on >= received), key=lambda step: (step.on, _RANK[step.step])):
        out.append(step)
        if step.step == "reply":
            break
    return out


def _row(order: _Order, today: datetime) -> dict[str, Any]:
    rule, (last_known, latest) = order.rule, order.findings[-1]
    findings = [finding for _, finding in order.findings]
    limit = rule.action.within_days
    due = order.received + timedelta(days=math.ceil(limit))
    reply, last_step = order.replied, order.steps[-1] if order.steps else None
    dispatched = [step.on for step in order.steps if step.step == "dispatch"]
    followed_up = [step.on for step in order.steps if step.step == "follow_up"]
    overdue = reply is None and due < today
    return {
        **{name: latest[name] for name in _FROM_LATEST},
        "work_order": order.name,
        "severity": max((finding["severity"] for finding in findings), key=list(SEVERITIES).index),
        "state": _STATE_AFTER[last_step.step] if last_step else "received",
        "overdue": overdue,
        "overdue_days": (today - due).days if overdue else 0,
        "follow_up_due": reply is None and _follow_up_from(order.received, due, dispatched, followed_up) <= today,
        "kind_en": rule.action.kind[0],
        "kind_zh": rule.action.kind[1],
        "owner_en": rule.action.owner[0],
        "owner_zh": rule.action.owner[1],
        "received_on": order.received,
        "limit_days": limit,
        "due_on": due,
        "dispatched_on": min(dispatched, default=None),
        "followed_up_on": max(followed_up, default=None),
        "replied_on": reply.on if reply else None,
        "by": last_step.by if last_step else "",
        "reply": reply.text if reply else "",
        "open_days": ((reply.on if reply else today) - order.received).days,
        "fault": latest["state"],
        "findings": "; ".join(finding["finding"] for finding in findings),
        "reopened_on": last_known if len(findings) > 1 else None,
        "previous": order.previous,
    }


_FROM_LATEST = (
    "rule", "subject", "grade", "detail", "customer", "members", "resolved_on", "message_en", "message_zh",
    "action_en", "action_zh", "cause", "cause_asset", "source",
)  # fmt: skip
"""What an order takes from its latest finding as it is."""


def _follow_up_from(
    received: datetime, due: datetime, dispatched: Sequence[datetime], followed_up: Sequence[datetime]
) -> datetime:
    """The day from which an order without a reply is to be followed up."""
    limit, day = due - received, timedelta(days=1)
    overdue_from = due + day
    ask_from = overdue_from if dispatched else min(received + (limit + day) // (2 * day) * day, overdue_from)
    last = max(followed_up, default=None)
    return ask_from if last is None or last < ask_from else last + max(limit, day)


def _steps(log: pd.DataFrame, today: datetime) -> dict[str, list[_Step]]:
    """What was reported up to ``today``, by work order."""
    out: dict[str, list[_Step]] = {}
    for line in _records(log):
        if line["done_on"] <= today:
            step = _Step(line["done_on"], str(line["step"]), str(line["by"]), str(line["text"]))
            out.setdefault(str(line["work_order"]), []).append(step)
    return out


def _misplaced(line: Mapping[str, Any], order: Mapping[str, Any]) -> str:
    """Why a reported step does not fit its order; "" if it does."""
    on = line["done_on"]
    if on < order["received_on"]:
        return "work_order_not_received"
    if order["replied_on"] is not None and on > order["replied_on"]:
        return "work_order_closed"
    if line["step"] == "reply" and (order["dispatched_on"] is None or on < order["dispatched_on"]):
        return "work_order_not_dispatched"
    return ""


_MISSTEPS: dict[str, tuple[str, str]] = {
    "work_order_not_received": (
        "before the work order was received ({received}); the step does not count",
        "早于工单的接收日期（{received}）；该记录不计",
    ),
    "work_order_closed": (
        "after the reply, which closed the work order ({replied}); the step does not count",
        "晚于工单的回复日期（{replied}），工单已办结；该记录不计",
    ),
    "work_order_not_dispatched": (
        "a reply to a work order that had not been dispatched; it counts", "工单尚未派发即有回复；该记录有效",
    ),
}  # fmt: skip


def _misstep(code: str, line: Mapping[str, Any], order: Mapping[str, Any]) -> Problem:
    days = {"received": f"{order['received_on']:%Y-%m-%d}"}
    days["replied"] = f"{order['replied_on']:%Y-%m-%d}" if order["replied_on"] else ""
    message, message_zh = (text.format(**days) for text in _MISSTEPS[code])
    found = f"{line['step']} {line['done_on']:%Y-%m-%d}"
    return Problem(
        code=code, message=message, message_zh=message_zh, path=f"{LOG}.{order['work_order']}", found=found
    )  # fmt: skip


def _unknown(name: str, order_of: Mapping[str, str], known: Sequence[str]) -> Problem:
    """A number that is no work order's, or that of a finding which belongs to another one's."""
    if name in order_of:
        message = f"this finding belongs to work order '{order_of[name]}', which was open when it came"
        message_zh = f"该预警发生时工单“{order_of[name]}”未办结，归入该工单"
    else:
        message, message_zh = "there is no work order of this number in this run", "本次运行没有此编号的工单"
    return Problem(
        code="work_order_unknown", message=message, message_zh=message_zh, path=LOG, found=name, accepted=name_list(known, 3),
        nearest=order_of.get(name) or nearest_name(name, known),
    )  # fmt: skip


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows as plain values; no date is ``None``."""
    columns = {}
    for name in frame.columns:
        series = frame[name]
        is_date = str(series.dtype).startswith("datetime64")
        values = series.dt.to_pydatetime().tolist() if is_date else series.tolist()
        columns[str(name)] = [
            None if none else value for value, none in zip(values, series.isna().tolist(), strict=True)
        ]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
