"""Work orders, and the life of the findings they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainsim.results import TABLES, Table, check_frame
from chainsim.rules import WORK_ORDERS, Rule, apply, load_rules, log_warnings, work_orders
from chainsim.rules.findings import FINDINGS, Finding, findings_frame, gathered
from chainsim.rules.periods import later

RULES = """rules:
  - id: low
    table: customer_months
    when: completion < 95%
    severity: warning
    message: {en: "{customer} low", zh: "{customer} 低"}
    action: {en: Ask., zh: 询问。, kind: {en: Inquiry, zh: 问询}, owner: {en: Dispatcher, zh: 调度}, within: 10 days}
  - id: low_twice
    table: customer_months
    when: completion < 90%
    for: 2 months
    keep_for: 1 month
    severity: error
    message: {en: "{customer} low twice", zh: "{customer} 连低"}
    action: {en: Ask., zh: 询问。, kind: {en: Inquiry, zh: 问询}, owner: {en: Dispatcher, zh: 调度}, within: 36 hours}
  - id: dry
    table: deliveries
    by: [customer, ten_days]
    measures: {got_t: sum(delivered_t)}
    when: got_t < 1 t
    severity: warning
    message: {en: dry, zh: 断供}
    action: {en: Ask., zh: 询问。, kind: {en: Inquiry, zh: 问询}, owner: {en: Dispatcher, zh: 调度}, within: 24 hours}
  - id: full
    table: inventory_totals
    when: utilisation > 90%
    for: 3 days
    severity: warning
    message: {en: full, zh: 胀库}
    action: {en: Clear., zh: 疏通。, kind: {en: Outlet, zh: 后路}, owner: {en: Dispatcher, zh: 调度}, within: 4 hours}
  - id: unpaid
    table: invoices
    when: late_days > 0 d
    severity: info
    message: {en: unpaid, zh: 未付}
    action: {en: Collect., zh: 催收。, kind: {en: Collection, zh: 清欠}, owner: {en: Accounts, zh: 结算}, within: 3 days}
  - id: advice
    table: customer_months
    when: completion > 105%
    severity: info
    message: {en: over, zh: 超}
    action: {en: Think., zh: 斟酌。}
  - id: common
    table: shortfalls
    by: [asset, cause, month]
    members: customer
    measures: {hit: distinct(customer)}
    when: hit >= 2
    severity: warning
    show: highest hit
    replaces: [low, low_twice]
    message: {en: "{asset}: {hit:.0}: {members}", zh: "{asset}:{hit:.0}:{members}"}
"""
EMPTY = {
    "date": pd.NaT,
    "instant": pd.NaT,
    "name": None,
    "text": "",
    "number": float("nan"),
    "integer": 0,
    "boolean": False,
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rule]:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    return {rule.id: rule for rule in load_rules(folder).rules}


def frame(table: Table, *rows: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of a declared table; what they leave out is empty."""
    columns = {c.name: [row.get(c.name, EMPTY[c.type]) for row in rows] for c in table.columns}
    return pd.DataFrame({c.name: pd.Series(columns[c.name], dtype=c.dtype) for c in table.columns})


def finding(rule: Rule, subject: str, since: datetime | None, periods: int = 1, **others: Any) -> Finding:
    """A finding as the engine makes it."""
    row = {c.name: EMPTY[c.type] for c in FINDINGS.columns}
    row |= {
        "run": "",
        "rule": rule.id,
        "subject": subject,
        "customer": subject,
        "severity": rule.severity,
        "state": "firing",
    }
    row |= {"period": rule.period, "since": since, "periods": periods, "resolved_on": None}
    row["until"] = since and later(since, rule.period, periods - 1)
    row["finding"] = "/".join((rule.id, subject, *([f"{since:%Y-%m-%d}"] if since else [])))
    return row | others


def log(*steps: tuple[str, str, date] | tuple[str, str, date, str]) -> pd.DataFrame:
    """The table of reported steps."""
    rows = [
        {"work_order": name, "step": step, "done_on": on, "by": "me", "text": "".join(words)}
        for name, step, on, *words in steps
    ]
    return frame(TABLES["work_order_log"], *rows)


def orders_of(
    rules: Mapping[str, Rule],
    findings: list[Finding],
    reported: pd.DataFrame | None = None,
    today: date = date(2008, 12, 31),
) -> list[dict[str, Any]]:
    """The work orders as rows, dates as ISO texts."""
    out = work_orders(findings_frame(findings), list(rules.values()), log() if reported is None else reported, today)
    check_frame(WORK_ORDERS, out)
    dates = [c.name for c in WORK_ORDERS.columns if c.type == "date"]
    return out.assign(**{name: out[name].dt.strftime("%Y-%m-%d").fillna("") for name in dates}).to_dict("records")


def low_months(completions: Mapping[str, list[float | None]]) -> dict[str, pd.DataFrame]:
    """``customer_months`` from January 2008 on; ``None``: no row."""
    rows = [
        {"customer": customer, "month": datetime(2008, month, 1), "completion": value}
        for customer, values in completions.items()
        for month, value in enumerate(values, start=1)
        if value is not None
    ]
    return {"customer_months": frame(TABLES["customer_months"], *rows)}


# ------------------------------------------------------------------------------------------------------- findings


def test_a_finding_fires_and_is_resolved_on_the_day_after_its_last_period(rules: dict[str, Rule]) -> None:
    found = apply([rules["low"]], low_months({"a": [0.9, 0.9, 1.0], "b": [1.0, 1.0, 0.9]})).findings
    assert found["finding"].tolist() == ["low/a/2008-01", "low/b/2008-03"]
    assert found["state"].tolist() == ["resolved", "firing"]
    assert found["resolved_on"].tolist() == [pd.Timestamp(2008, 3, 1), pd.NaT]


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.sampled_from([0.8, 0.92, 1.0, None]), min_size=2, max_size=10), cut=st.integers(1, 9))
def test_a_finding_keeps_its_id_as_time_goes_on(rules: dict[str, Rule], values: list[float | None], cut: int) -> None:
    asked = [rules["low"], rules["low_twice"]]
    early, late = (apply(asked, low_months({"a": part})).findings for part in (values[:cut], values))
    assert set(early["finding"]) <= set(late["finding"])
    assert late["finding"].is_unique
    kept = late.set_index("finding").loc[early["finding"]]
    assert (kept["since"].to_numpy() == early["since"].to_numpy()).all()
    resolved = early[early["state"] == "resolved"]
    # Resolved stays resolved, unless ``keep_for`` takes the finding up again.
    same = kept.loc[resolved.loc[resolved["rule"] == "low", "finding"]]
    assert (same["state"] == "resolved").all()


def test_every_key_has_its_place_in_the_id(rules: dict[str, Rule]) -> None:
    rows = [
        {"number": number, "customer": customer, "late_days": 3.0}
        for number, customer in (("8/1", "a"), ("8%2F1", "a"), ("9; 1", "b"))
    ]
    found = apply([rules["unpaid"]], {"invoices": frame(TABLES["invoices"], *rows)}).findings
    assert found["finding"].tolist() == ["unpaid/8%2F1", "unpaid/8%252F1", "unpaid/9%3B 1"]


# ----------------------------------------------------------------------------------------------- one finding, not five


def common(rules: dict[str, Rule], first: int, last: int, members: str, **others: Any) -> Finding:
    """A common cause in the months ``first`` to ``last`` of 2008."""
    about = {"customer": "", "members": members, "cause": "pipeline", "cause_asset": "trunk", "detail": "pipeline"}
    return finding(rules["common"], "trunk", datetime(2008, first, 1), last - first + 1, **(about | others))


def short(rules: dict[str, Rule], rule: str, customer: str, first: int, last: int, **others: Any) -> Finding:
    """A customer's finding that has the same cause."""
    about = {"cause": "pipeline", "cause_asset": "trunk"} | others
    return finding(rules[rule], customer, datetime(2008, first, 1), last - first + 1, **about)


def left(rules: dict[str, Rule], *findings: Finding) -> list[tuple[str, str]]:
    """(finding, severity) of what is told."""
    told = gathered([dict(f) for f in findings], list(rules.values()))
    return [(f["finding"], f["severity"]) for f in told]


def test_a_common_cause_tells_its_members_findings_and_is_as_grave(rules: dict[str, Rule]) -> None:
    parts = [short(rules, "low", "a", 4, 4), short(rules, "low_twice", "b", 4, 5), short(rules, "low", "c", 5, 5)]
    whole = common(rules, 4, 5, "a; b; c")
    assert left(rules, *parts, whole) == [("common/trunk/2008-04-01", "error")]


@pytest.mark.parametrize(
    ("first", "last", "others"),
    [
        (3, 4, {}),  # began earlier
        (5, 6, {}),  # lasted longer
        (4, 5, {"cause": "loading"}),
        (4, 5, {"cause_asset": "branch"}),
        (4, 5, {"customer": "d"}),  # no member
        (4, 5, {"run": "another"}),
    ],
)  # fmt: skip
def test_what_a_common_cause_does_not_tell_stays(rules: dict[str, Rule], first: int, last: int, others: Any) -> None:
    part = short(rules, "low", "a", first, last) | others
    assert (f"low/a/2008-0{first}-01", "warning") in left(rules, part, common(rules, 4, 5, "a; b"))


def test_each_of_several_common_causes_tells_its_own(rules: dict[str, Rule]) -> None:
    wholes = [
        common(rules, 1, 2, "a; b"),
        common(rules, 4, 5, "b; c"),
        common(rules, 4, 5, "a; b", cause_asset="branch", finding="common/branch"),
    ]
    parts = [
        short(rules, "low", "a", 2, 2),  # told by the first
        short(rules, "low_twice", "b", 4, 5),  # by the second
        short(rules, "low", "a", 4, 4),  # the second speaks of others, the third of another place
        short(rules, "low", "c", 4, 4, cause_asset="branch"),
    ]
    assert left(rules, *parts, *wholes) == [
        ("common/trunk/2008-04-01", "error"),
        ("low/a/2008-04-01", "warning"),
        ("low/c/2008-04-01", "warning"),
        ("common/trunk/2008-01-01", "warning"),
        ("common/branch", "warning"),
    ]


def test_periods_of_different_length_are_compared_by_their_days(rules: dict[str, Rule]) -> None:
    ten_days = finding(rules["dry"], "a", datetime(2008, 4, 21), cause="pipeline", cause_asset="trunk")
    months = {**rules, "common": replace(rules["common"], replaces=("dry",))}
    assert left(months, ten_days, common(rules, 4, 4, "a; b")) == [("common/trunk/2008-04-01", "warning")]
    later_one = finding(rules["dry"], "a", datetime(2008, 4, 21), 2, cause="pipeline", cause_asset="trunk")
    assert len(left(months, later_one, common(rules, 4, 4, "a; b"))) == 2


def test_members_of_all_periods_are_known_and_named(rules: dict[str, Rule]) -> None:
    rows = [
        {"month": datetime(2008, month, 1), "customer": c, "cause": "pipeline", "asset": "trunk", "shortfall_t": 9.0}
        for month, customers in ((4, "abc"), (5, "ad"))
        for c in customers
    ]
    shortfalls = frame(TABLES["shortfalls"], *rows)
    found = apply([rules["common"]], {"shortfalls": shortfalls}).findings.iloc[0]
    assert found["finding"] == "common/trunk/pipeline/2008-04"
    assert (found["members"], found["cause"], found["cause_asset"]) == ("a; b; c; d", "pipeline", "trunk")
    assert found["message_en"] == "trunk: 3: a, b, c (at other times also d)"
    assert found["message_zh"] == "trunk:3:a、b、c（其他时段另有d）"
    tables = {"shortfalls": shortfalls, **low_months({"d": [None, None, None, None, 0.9], "e": [0.9]})}
    told = apply([rules["low"], rules["common"]], tables).findings
    assert set(told["finding"]) == {"common/trunk/pipeline/2008-04", "low/e/2008-01"}


# -------------------------------------------------------------------------------------------------------- the clock


@pytest.mark.parametrize(
    ("rule", "since", "received", "due"),
    [
        ("low", datetime(2008, 2, 1), "2008-02-29", "2008-03-10"),
        ("low_twice", datetime(2008, 2, 1), "2008-03-31", "2008-04-02"),  # 36 hours: begun days count whole
        ("dry", datetime(2008, 2, 1), "2008-02-10", "2008-02-11"),
        ("dry", datetime(2008, 2, 21), "2008-02-29", "2008-03-01"),
        ("full", datetime(2008, 2, 28), "2008-03-01", "2008-03-02"),
        ("low", datetime(2008, 12, 1), "2008-12-31", "2009-01-10"),
        ("unpaid", None, "2008-12-31", "2009-01-03"),  # nobody knows since when
    ],
)
def test_an_order_is_received_when_its_finding_could_be_known(
    rules: dict[str, Rule], rule: str, since: datetime | None, received: str, due: str
) -> None:
    [order] = orders_of(rules, [finding(rules[rule], "a", since, rules[rule].periods)])
    assert (order["received_on"], order["due_on"]) == (received, due)
    assert order["overdue"] == (due < "2008-12-31")


def test_a_period_that_the_run_cuts_short_ends_with_the_run(rules: dict[str, Rule]) -> None:
    [order] = orders_of(rules, [finding(rules["low"], "a", datetime(2008, 7, 1))], today=date(2008, 7, 20))
    assert (order["received_on"], order["due_on"], order["state"]) == ("2008-07-20", "2008-07-30", "received")


def test_findings_after_today_do_not_exist(rules: dict[str, Rule]) -> None:
    findings = [
        finding(rules["low"], "a", datetime(2008, 8, 1)),
        finding(rules["low_twice"], "a", datetime(2008, 7, 1), 2),
    ]
    assert orders_of(rules, findings, today=date(2008, 7, 31)) == []


def test_only_an_action_with_kind_owner_and_limit_makes_an_order(rules: dict[str, Rule]) -> None:
    assert orders_of(rules, [finding(rules["advice"], "a", datetime(2008, 1, 1))]) == []


def test_an_order_without_periods_is_received_with_its_first_step(rules: dict[str, Rule]) -> None:
    reported = log(("unpaid/a", "reply", date(2008, 12, 9)), ("unpaid/a", "dispatch", date(2008, 12, 8)))
    [order] = orders_of(rules, [finding(rules["unpaid"], "a", None)], reported)
    assert (order["received_on"], order["due_on"], order["state"]) == ("2008-12-08", "2008-12-11", "replied")


LOW = "low/a/2008-01-01"
"""Received on 31 January, half of its limit gone on 5 February, due on the 10th."""


def low_order(rules: dict[str, Rule], today: date, *steps: tuple[str, date]) -> dict[str, Any]:
    reported = log(*((LOW, step, on, f"{step}!") for step, on in steps))
    [order] = orders_of(rules, [finding(rules["low"], "a", datetime(2008, 1, 1))], reported, today)
    assert order["work_order"] == LOW
    return order


def test_an_order_goes_through_its_states(rules: dict[str, Rule]) -> None:
    steps = [("dispatch", date(2008, 2, 1)), ("follow_up", date(2008, 2, 11)), ("reply", date(2008, 2, 12))]
    states = [low_order(rules, date(2008, 2, 12), *steps[:count])["state"] for count in range(4)]
    assert states == ["received", "dispatched", "followed_up", "replied"]
    order = low_order(rules, date(2008, 3, 31), *steps)
    assert [order[name] for name in ("dispatched_on", "followed_up_on", "replied_on")] == [f"{d}" for _, d in steps]
    assert (order["reply"], order["by"], order["open_days"]) == ("reply!", "me", 12)
    assert (order["overdue"], order["overdue_days"], order["follow_up_due"]) == (False, 0, False)
    assert (order["kind_zh"], order["owner_en"], order["limit_days"]) == ("问询", "Dispatcher", 10.0)


def test_steps_after_today_have_not_happened(rules: dict[str, Rule]) -> None:
    steps = [("dispatch", date(2008, 2, 1)), ("reply", date(2008, 2, 12))]
    order = low_order(rules, date(2008, 2, 11), *steps)
    assert (order["state"], order["overdue"], order["overdue_days"]) == ("dispatched", True, 1)


@pytest.mark.parametrize(
    ("today", "steps", "asked"),
    [
        (date(2008, 2, 4), [], False),
        (date(2008, 2, 5), [], True),  # half of the time gone, nobody charged
        (date(2008, 2, 5), [("dispatch", date(2008, 2, 5))], False),
        (date(2008, 2, 10), [("dispatch", date(2008, 2, 9))], False),
        (date(2008, 2, 11), [("dispatch", date(2008, 2, 9))], True),  # overdue
        (date(2008, 2, 11), [("follow_up", date(2008, 2, 5))], False),  # followed up already
        (date(2008, 2, 11), [("dispatch", date(2008, 2, 1)), ("follow_up", date(2008, 2, 5))], True),  # that was before
        (date(2008, 2, 20), [("dispatch", date(2008, 2, 1)), ("follow_up", date(2008, 2, 11))], False),
        (
            date(2008, 2, 21),
            [("dispatch", date(2008, 2, 1)), ("follow_up", date(2008, 2, 11))],
            True,
        ),  # another limit gone
        (date(2008, 2, 21), [("reply", date(2008, 2, 20))], False),
    ],
)
def test_follow_up_is_asked_for(rules: dict[str, Rule], today: date, steps: Any, asked: bool) -> None:
    assert low_order(rules, today, *steps)["follow_up_due"] is asked


# ------------------------------------------------------------------------------------------------ one order per fault


def test_findings_while_an_order_is_open_belong_to_it(rules: dict[str, Rule]) -> None:
    months = [finding(rules["low"], "a", datetime(2008, month, 1), state="resolved") for month in (1, 3)]
    graver = finding(rules["low"], "a", datetime(2008, 5, 1), severity="error", message_en="again")
    other = finding(rules["low"], "b", datetime(2008, 3, 1))
    first, second = orders_of(rules, [*months, graver, other])
    assert first["findings"] == "low/a/2008-01-01; low/a/2008-03-01; low/a/2008-05-01"
    assert (first["work_order"], first["due_on"], first["reopened_on"]) == (LOW, "2008-02-10", "2008-05-31")
    assert (first["severity"], first["fault"], first["message_en"]) == ("error", "firing", "again")
    assert (second["work_order"], second["reopened_on"], second["previous"]) == ("low/b/2008-03-01", "", "")


@pytest.mark.parametrize(("replied", "orders"), [(date(2008, 3, 31), 2), (date(2008, 4, 1), 1)])
def test_a_finding_after_the_reply_makes_a_new_order(rules: dict[str, Rule], replied: date, orders: int) -> None:
    """The second became known on the last of March."""
    findings = [finding(rules["low"], "a", datetime(2008, month, 1)) for month in (1, 3)]
    out = orders_of(rules, findings, log((LOW, "dispatch", date(2008, 2, 1)), (LOW, "reply", replied)))
    assert len(out) == orders
    if orders == 2:
        assert [order["work_order"] for order in out] == ["low/a/2008-03-01", LOW]  # the open one first
        assert out[0]["previous"] == LOW


# ------------------------------------------------------------------------------------------------------ the log's faults


def told(rules: dict[str, Rule], *steps: Any) -> list[tuple[str, str, str, str]]:
    findings = findings_frame([finding(rules["low"], "a", datetime(2008, month, 1)) for month in (1, 3)])
    reported = log(*steps)
    orders = work_orders(findings, list(rules.values()), reported, date(2008, 12, 31))
    warnings = log_warnings(orders, reported)
    assert all(p.message_zh for p in warnings)
    return [(p.code, p.path, p.found, p.nearest) for p in warnings]


def test_unknown_numbers_are_told_once_with_the_nearest(rules: dict[str, Rule]) -> None:
    steps = [("low/a/2008-01-10", step, date(2008, 2, 1)) for step in ("dispatch", "reply")]
    assert told(rules, *steps) == [("work_order_unknown", "work_order_log", "low/a/2008-01-10", LOW)]


def test_a_finding_that_belongs_to_an_open_order_has_no_number_of_its_own(rules: dict[str, Rule]) -> None:
    assert told(rules, ("low/a/2008-03-01", "reply", date(2008, 4, 2))) == [
        ("work_order_unknown", "work_order_log", "low/a/2008-03-01", LOW)
    ]


def test_steps_that_do_not_fit_are_told(rules: dict[str, Rule]) -> None:
    path = f"work_order_log.{LOW}"
    assert told(rules, (LOW, "dispatch", date(2008, 1, 30)), (LOW, "dispatch", date(2008, 2, 1))) == [
        ("work_order_not_received", path, "dispatch 2008-01-30", "")
    ]
    assert told(rules, (LOW, "reply", date(2008, 2, 1))) == [
        ("work_order_not_dispatched", path, "reply 2008-02-01", "")
    ]
    steps = [
        (LOW, "dispatch", date(2008, 2, 1)),
        (LOW, "reply", date(2008, 2, 2)),
        (LOW, "follow_up", date(2008, 2, 3)),
    ]
    assert told(rules, *steps) == [("work_order_closed", path, "follow_up 2008-02-03", "")]
    assert told(rules, *steps[:2]) == []


# ---------------------------------------------------------------------------------------------------------------- laws


@st.composite
def pasts(draw: st.DrawFn) -> tuple[list[tuple[str, int, int]], list[tuple[int, str, int]], int]:
    """Episodes (subject, first month, months), steps (on which finding, step, day of the year), today (day of the year)."""
    episodes = []
    for subject in "ab":
        month = draw(st.integers(1, 4))
        while month <= 12:
            length = draw(st.integers(1, 3))
            episodes.append((subject, month, min(length, 13 - month)))
            month += length + draw(st.integers(1, 6))
    step = st.tuples(
        st.integers(0, len(episodes) - 1), st.sampled_from(["dispatch", "follow_up", "reply"]), st.integers(0, 365)
    )
    steps = draw(st.lists(step, max_size=12, unique=True))
    return episodes, steps, draw(st.integers(0, 365))


@settings(max_examples=150, deadline=None)
@given(pasts(), st.sampled_from(["low", "low_twice"]))
def test_laws_of_work_orders(rules: dict[str, Rule], past: Any, rule_id: str) -> None:
    episodes, steps, day = past
    rule, start = rules[rule_id], date(2008, 1, 1)
    findings = [
        finding(rule, subject, datetime(2008, month, 1), length)
        for subject, month, length in episodes
        if length >= rule.periods
    ]
    names = [f["finding"] for f in findings]
    reported = log(*((names[i % len(names)], s, start + timedelta(days=d)) for i, s, d in steps if names))
    table, today = findings_frame(findings), start + timedelta(days=day)
    out = work_orders(table, [rule], reported, today)
    pd.testing.assert_frame_equal(out, work_orders(table, [rule], reported, today))
    log_warnings(out, reported)
    orders = out.to_dict("records")
    assert out["work_order"].is_unique
    # Every finding that is known has one order; those that are not known yet have none.
    covered = [name for order in orders for name in order["findings"].split("; ")]
    known = [f["finding"] for f in findings if later(f["since"], "month", rule.periods - 1).date() <= today]
    assert sorted(covered) == sorted(known)
    now = pd.Timestamp(today)
    for order in orders:
        unanswered = pd.isna(order["replied_on"])
        assert order["received_on"] <= now
        assert order["overdue"] == (unanswered and order["due_on"] < now) == (order["overdue_days"] > 0)
        assert (order["state"] == "replied") == (not unanswered)
        assert not (order["follow_up_due"] and not unanswered)
        for name in ("dispatched_on", "followed_up_on", "replied_on"):
            assert pd.isna(order[name]) or order["received_on"] <= order[name] <= now
    for subject in "ab":
        same = sorted((o for o in orders if o["subject"] == subject), key=lambda o: o["received_on"])
        for before, after in zip(same, same[1:], strict=False):
            assert before["replied_on"] <= after["received_on"], "a second order only after the reply"
            assert after["previous"] == before["work_order"]
