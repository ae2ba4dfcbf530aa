"""What findings say: values, causes, members, severities. (Which rows are in which episode: ``test_episodes.py``.)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from chainsim.model import Label
from chainsim.results import Labels, check_frame
from chainsim.results.catalogue import TABLES
from chainsim.rules import FINDINGS, RULE_RESULTS, Rule, apply, grave, load_rules

LOW = """  - id: low
    table: customer_months
    when: completion < 90%
    keep_for: 1 month
    severity: error
    show: lowest completion
    message: {en: "{customer} {completion:%} {span}{because}", zh: "{customer} {completion:%} {span}{because}"}
"""
EMPTY: dict[str, object] = {"number": None, "integer": 0, "boolean": False, "text": None, "name": None}


def frame(table: str, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Rows of a declared table that state the columns that matter."""
    rows = list(rows)
    columns = {}
    for c in TABLES[table].columns:
        values = [row.get(c.name, EMPTY.get(c.type)) for row in rows]
        if c.type in {"date", "instant"}:
            columns[c.name] = pd.Series(pd.to_datetime(pd.Series(values, dtype="object"))).astype(c.dtype)
        else:
            columns[c.name] = pd.Series(values, dtype=c.dtype)
    return pd.DataFrame(columns)


def months(completions: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """customer → month → completion."""
    rows = [{"month": m, "customer": c, "completion": v} for c, by in completions.items() for m, v in by.items()]
    return frame("customer_months", rows)


def rules_of(folder: Path, text: str = LOW) -> tuple[Rule, ...]:
    """The rules of ``text``, entries of ``rules:``."""
    (folder / "r.yaml").write_text(f"rules:\n{text}", encoding="utf-8")
    return load_rules(folder).rules


def test_episode_takes_its_values_from_the_worst_month(tmp_path: Path) -> None:
    tables = {"customer_months": months({"a": {"2008-11": 0.8, "2008-12": 0.7, "2009-01": 0.85, "2009-05": 0.1}})}
    outcome = apply(rules_of(tmp_path), tables)
    check_frame(FINDINGS, outcome.findings)
    check_frame(RULE_RESULTS, outcome.results)
    assert outcome.findings["message_en"].tolist() == ["a 70.0% 2008-11 … 2009-01", "a 10.0% 2009-05"]
    assert outcome.findings["values"].tolist() == ["completion=0.7", "completion=0.1"]
    assert outcome.findings["shown_at"].tolist() == [pd.Timestamp("2008-12-01"), pd.Timestamp("2009-05-01")]
    assert outcome.findings["state"].tolist() == ["resolved", "firing"]


def test_main_cause_is_summed_over_the_episode_and_labelled(tmp_path: Path) -> None:
    shortfalls = frame(
        "shortfalls",
        (
            {"month": m, "customer": "a", "grade": g, "cause": c, "asset": a, "shortfall_t": t}
            for m, g, c, a, t in (
                ("2008-01", "x", "pipeline", "trunk", 60.0),
                ("2008-01", "x", "loading", "rail.rack", 30.0),
                ("2008-02", "y", "loading", "rail.rack", 50.0),
                ("2008-03", "x", "pipeline", "trunk", 1000.0),  # after the episode
            )
        ),
    )
    tables = {"customer_months": months({"a": {"2008-01": 0.8, "2008-02": 0.7}}), "shortfalls": shortfalls}
    labels = Labels(assets={"a": Label("Alpha", "甲厂"), "rail": Label("Railway", "铁路")}, grades={})
    row = apply(rules_of(tmp_path), tables, labels).findings.iloc[0]
    assert (row["cause"], row["cause_asset"], row["cause_t"]) == ("loading", "rail.rack", 80.0)
    assert row["message_en"] == (
        "Alpha 70.0% 2008-01 … 2008-02; mainly loading rack outage or limit (Railway rack), 57% of 140 t short"
    )
    assert row["message_zh"] == "甲厂 70.0% 2008-01 … 2008-02；主要原因：装车受限（铁路栈桥），占欠量 140 t 的 57%"


def test_nothing_fires_on_nothing(tmp_path: Path) -> None:
    rules = rules_of(tmp_path)
    for table in (months({"a": {"2008-01": 1.0}}), months({})):
        outcome = apply(rules, {"customer_months": table})
        check_frame(FINDINGS, outcome.findings)
        assert outcome.findings.empty
        assert not grave(outcome.findings, "info")
        assert outcome.results["findings"].tolist() == [0]


def test_unknown_is_counted_not_found(tmp_path: Path) -> None:
    table = months({"a": {"2008-01": 0.5, "2008-02": float("nan"), "2008-03": 1.0}})
    (result,) = apply(rules_of(tmp_path), {"customer_months": table}).results.to_dict("records")
    assert (result["true_rows"], result["unknown_rows"], result["findings"]) == (1, 1, 1)


def test_grave_counts_from_the_floor_up(tmp_path: Path) -> None:
    low = LOW.replace("severity: error", "severity: warning")
    findings = apply(rules_of(tmp_path, low), {"customer_months": months({"a": {"2008-01": 0.5}})}).findings
    assert {floor: grave(findings, floor) for floor in ("info", "warning", "error")} == {
        "info": True, "warning": True, "error": False,
    }  # fmt: skip


@pytest.mark.parametrize(("customers", "severity"), [(1, "info"), (2, "warning"), (3, "error"), (4, "error")])
def test_many_findings_make_all_of_them_graver(tmp_path: Path, customers: int, severity: str) -> None:
    limits = LOW.replace("severity: error", "severity: info\n    warn_if: '>= 2'\n    error_if: '> 2'")
    table = months({f"c{i}": {"2008-01": 0.5} for i in range(customers)})
    assert set(apply(rules_of(tmp_path, limits), {"customer_months": table}).findings["severity"]) == {severity}


COMMON = """  - id: common
    table: shortfalls
    by: [asset, cause, month]
    measures: {customers: distinct(customer), gone: sum(shortfall_t)}
    members: customer
    when: customers >= 2
    severity: warning
    replaces: [low]
    message: {en: "{asset} {members} {gone:,} t {span}", zh: "{asset} {members}"}
"""


def test_what_several_share_is_told_once(tmp_path: Path) -> None:
    rows = [("a", "trunk"), ("b", "trunk"), ("c", "rail")]
    shortfalls = frame(
        "shortfalls",
        (
            {"month": "2008-01", "customer": c, "grade": "x", "cause": "pipeline", "asset": a, "shortfall_t": 700.0}
            for c, a in rows
        ),
    )
    tables = {"customer_months": months({c: {"2008-01": 0.5} for c, _ in rows}), "shortfalls": shortfalls}
    labels = Labels(assets={"a": Label("Alpha", "甲厂"), "b": Label("Beta", "乙厂")}, grades={})
    findings = apply(rules_of(tmp_path, LOW + COMMON), tables, labels).findings
    told = [(row.rule, row.subject, row.members, row.severity) for row in findings.itertuples()]
    assert sorted(told) == [("common", "trunk", "a; b", "error"), ("low", "c", "", "error")]
    (common,) = findings[findings["rule"] == "common"].to_dict("records")
    assert common["detail"] == "pipeline"
    assert common["message_en"] == "trunk Alpha, Beta 1,400 t 2008-01"
    assert common["message_zh"] == "trunk 甲厂、乙厂"


def test_a_later_cause_is_told_for_itself(tmp_path: Path) -> None:
    """What the common finding replaces lies within its periods."""
    shortfalls = frame(
        "shortfalls",
        (
            {"month": m, "customer": c, "grade": "x", "cause": "pipeline", "asset": "trunk", "shortfall_t": 1.0}
            for m, c in (("2008-01", "a"), ("2008-01", "b"), ("2008-06", "a"))
        ),
    )
    table = months({"a": {"2008-01": 0.5, "2008-06": 0.5}, "b": {"2008-01": 0.5}})
    findings = apply(rules_of(tmp_path, LOW + COMMON), {"customer_months": table, "shortfalls": shortfalls}).findings
    told = sorted((row.rule, row.subject, row.since.strftime("%Y-%m")) for row in findings.itertuples())
    assert told == [("common", "trunk", "2008-01"), ("low", "a", "2008-06")]


VALUES = """  - id: all
    table: customer_months
    when: month > 2007-12-31 and (completion < 90% or plan_t is unknown) and customer != 'b' and pace_worst_on is unknown
    severity: info
    message: {en: "{plan_t:,} {pace_worst_on} {month}", zh: "{plan_t:,}"}
"""


def test_values_are_told_in_words_and_unknown_ones_as_such(tmp_path: Path) -> None:
    table = months({"a": {"2008-01": 0.5}, "b": {"2008-01": 0.5}})
    (row,) = apply(rules_of(tmp_path, VALUES), {"customer_months": table}).findings.to_dict("records")
    assert row["values"] == "completion=0.5; plan_t=?; pace_worst_on=?"
    assert row["message_en"] == "? ? 2008-01"


def test_flags_of_rules_that_are_not_run_are_taken_from_the_caller(tmp_path: Path) -> None:
    after = LOW.replace("id: low", "id: after").replace("when: completion < 90%", "when: flag.low")
    rules = {rule.id: rule for rule in rules_of(tmp_path, LOW + after)}
    tables = {"customer_months": months({"a": {"2008-01": 0.5, "2008-02": 0.5}})}
    flags = {"low": pd.DataFrame({"customer": ["a"], "month": pd.to_datetime(["2008-02-01"]).astype("datetime64[us]")})}
    alone = apply([rules["after"]], tables)
    given = apply([rules["after"]], tables, flags=flags)
    both = apply(list(rules.values()), tables)
    assert alone.findings.empty
    assert given.findings["since"].tolist() == [pd.Timestamp("2008-02-01")]
    assert both.findings["periods"].tolist() == [2, 2]


def shortfalls(months_short: Iterable[str], cause: str = "customer_cash") -> pd.DataFrame:
    rows = [
        {"customer": "a", "month": month, "grade": "mid", "cause": cause, "asset": "a", "shortfall_t": 5.0}
        for month in months_short
    ]
    return frame("shortfalls", rows)


SPARSE = """  - id: short
    table: shortfalls
    by: [customer, month]
    measures: {t: sum(shortfall_t)}
    when: t > 1 t
    severity: info
    message: {en: "{t:.0}", zh: "{t:.0}"}
"""


def test_state_is_that_of_the_run_s_last_period_where_the_table_has_rows_only_of_trouble(tmp_path: Path) -> None:
    """Nothing fell short in December, so shortfalls end in November; the run does not."""
    rules = rules_of(tmp_path, SPARSE)
    run = {"customer_months": months({"a": {"2008-10": 0.5, "2008-11": 0.5, "2008-12": 1.0}})}
    for last, state in (("2008-11", "resolved"), ("2008-12", "firing")):
        table = shortfalls(["2008-10", "2008-11", last][: 2 if last == "2008-11" else 3])
        assert apply(rules, {**run, "shortfalls": table}).findings["state"].tolist() == [state]
    alone = apply(rules, {"shortfalls": shortfalls(["2008-10", "2008-11"])}).findings
    assert alone["state"].tolist() == ["firing"], "without a calendar the rule's own rows tell"


def test_cause_of_a_table_from_elsewhere_is_told_by_its_name(tmp_path: Path) -> None:
    tables = {"customer_months": months({"a": {"2008-11": 0.5}}), "shortfalls": shortfalls(["2008-11"], "strike")}
    told = apply(rules_of(tmp_path), tables).findings.iloc[0]
    assert told["cause"] == "strike"
    assert "strike" in told["message_en"]
    assert "strike" in told["message_zh"]


def test_causes_do_not_hang_on_the_order_of_rows(tmp_path: Path) -> None:
    """Of two causes alike the first by name; the sum of many to the last bit."""
    parts = [{"cause": cause, "asset": "a", "shortfall_t": t} for cause in ("wagons", "tank") for t in (0.1, 0.2, 0.3)]
    table = frame("shortfalls", [{"customer": "a", "month": "2008-11", "grade": "mid", **part} for part in parts])
    rules, low = rules_of(tmp_path), months({"a": {"2008-11": 0.5}})
    for shuffled in (table, table[::-1], table.sample(frac=1.0, random_state=3)):
        found = apply(rules, {"customer_months": low, "shortfalls": shuffled.reset_index(drop=True)}).findings.iloc[0]
        assert (found["cause"], found["cause_t"]) == ("tank", 0.6)
