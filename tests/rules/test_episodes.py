"""What rules find in random small tables, against plain Python that goes through the rows one by one.

Episodes (``for``, ``keep_for``, ``show``, missing periods, several runs), trailing windows, group measures, lookups and flags.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainsim.results.declarations import Column, Table
from chainsim.rules import Outcome, Rule, apply, apply_to_runs, load_rules


def column(name: str, kind: Any, unit: str = "", *, key: bool = False) -> Column:
    """A column without words."""
    return Column(name, kind, unit, "", "", "", "", key=key)


def table(name: str, *columns: Column) -> Table:
    """A table without words."""
    return Table(name, "", "", "", "", columns)


_CUSTOMER = column("customer", "text", key=True)
TABLES = {
    t.name: t
    for t in (
        table("customers", _CUSTOMER, column("capacity_t", "number", "t")),
        table("plans", _CUSTOMER, column("month", "date", key=True),
              column("plan_t", "number", "t"), column("done_t", "number", "t")),
        table("flows", _CUSTOMER, column("grade", "text", key=True), column("day", "date", key=True),
              column("out_t", "number", "t"), column("clear", "boolean")),
    )
}  # fmt: skip

PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
Row = Mapping[str, Any]
Truth = bool | None


def frame(name: str, rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as the declared table."""
    rows = list(rows)
    return pd.DataFrame({c.name: pd.Series([r[c.name] for r in rows], dtype=c.dtype) for c in TABLES[name].columns})


def rule_text(rule_id: str, on: str, when: str, more: str = "") -> str:
    """One entry of ``rules:``."""
    return f"""  - id: {rule_id}
    table: {on}
    when: {when}
    severity: warning
    message: {{en: x, zh: x}}
{more}"""


class Loaded:
    """Rules; no dataclass, for hypothesis prints the arguments of a failing test, and these would fill pages."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules

    def of(self, start: str) -> tuple[Rule, ...]:
        """The rules whose names start so."""
        return tuple(rule for rule in self.rules if rule.id.startswith(start))


def month_number(day: datetime) -> int:
    return day.year * 12 + day.month - 1


def month_start(number: int) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1)


def ten_days_number(day: datetime) -> int:
    return month_number(day) * 3 + min((day.day - 1) // 10, 2)


def ten_days_start(number: int) -> datetime:
    return month_start(number // 3) + timedelta(days=10 * (number % 3))


def day_number(day: datetime) -> int:
    return (day - datetime(1970, 1, 1)).days


PERIODS: dict[str, tuple[Callable[[datetime], int], Callable[[int], datetime]]] = {
    "month": (month_number, month_start),
    "ten_days": (ten_days_number, ten_days_start),
    "day": (day_number, lambda number: datetime(1970, 1, 1) + timedelta(days=number)),
}

# ------------------------------------------------------------------------------------------------------------ episodes

SHAPES = [(1, 0), (1, 2), (2, 0), (2, 1), (3, 0), (3, 4)]
"""(``for``, ``keep_for``)."""
SHOWS = ("first", "last", "lowest", "highest")
_UNITS = {"month": "months", "ten_days": "ten-days", "day": "days"}
_BY = {"month": "by: [customer, month]", "ten_days": "by: [customer, ten_days]", "day": "by: [customer, day]"}


@pytest.fixture(scope="module")
def shaped(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Rules on grouped flows of every shape and period."""
    entries = []
    for period, unit in _UNITS.items():
        for length, keep in SHAPES:
            for show in SHOWS:
                more = [_BY[period], "measures: {level: mean(out_t)}", f"for: {length} {unit}", f"show: {show}"]
                more += [f"keep_for: {keep} {unit}"] if keep else []
                more[3] += " level" if show in {"lowest", "highest"} else ""
                text = "".join(f"    {line}\n" for line in more)
                entries.append(rule_text(f"{period}_{length}_{keep}_{show}", "flows", "level < 5 t", text))
    folder = tmp_path_factory.mktemp("rules")
    (folder / "r.yaml").write_text("rules:\n" + "".join(entries), encoding="utf-8")
    return Loaded(load_rules(folder, TABLES).rules)


@dataclass(frozen=True)
class Episode:
    """What a finding says, in numbers of periods."""

    first: int
    last: int
    held: int
    shown: int
    firing: bool


def brute_force(levels: Mapping[int, float | None], length: int, keep: int, show: str, end: int) -> list[Episode]:
    """The episodes of one subject, period by period; ``end`` is the last period of any subject."""
    runs: list[list[int]] = []
    for period in range(min(levels, default=0), max(levels, default=-1) + 1):
        level = levels.get(period)
        if level is None or not level < 5.0:
            continue
        if runs and runs[-1][-1] == period - 1:
            runs[-1].append(period)
        else:
            runs.append([period])
    episodes: list[list[int]] = []
    for run in (run for run in runs if len(run) >= length):
        if episodes and run[0] - episodes[-1][-1] - 1 <= keep:
            episodes[-1] += run
        else:
            episodes.append(list(run))
    out = []
    for held in episodes:
        shown = held[0] if show == "first" else held[-1]
        if show in {"lowest", "highest"}:
            best = (min if show == "lowest" else max)(levels[p] or 0.0 for p in held)
            shown = next(p for p in held if levels[p] == best)
        out.append(Episode(held[0], held[-1], len(held), shown, held[-1] >= end))
    return out


LEVELS = st.lists(st.sampled_from(["absent", None, 1.0, 2.0, 4.0, 4.0, 9.0]), max_size=16)


def flows_of(period: str, held: Mapping[str, list[Any]]) -> list[Row]:
    """One row for each subject and period, from a start that crosses a year."""
    number, start = PERIODS[period]
    begin = number(datetime(2008, 10, 25) if period == "day" else datetime(2008, 9, 1))
    return [
        {"customer": customer, "grade": "x", "day": start(begin + i), "out_t": level, "clear": True}
        for customer, levels in held.items()
        for i, level in enumerate(levels)
        if level != "absent"
    ]


def expected(period: str, rows: Iterable[Row], length: int, keep: int, show: str) -> list[tuple[object, ...]]:
    """What must be found, as ``told`` gives it."""
    number, start = PERIODS[period]
    rows = list(rows)
    end = max((number(row["day"]) for row in rows), default=0)
    out: list[tuple[object, ...]] = []
    for customer in {row["customer"] for row in rows}:
        levels = {number(row["day"]): row["out_t"] for row in rows if row["customer"] == customer}
        for e in brute_force(levels, length, keep, show, end):
            state = "firing" if e.firing else "resolved"
            out.append((customer, start(e.first), start(e.last), e.held, start(e.shown), state))
    return sorted(out, key=repr)


def told(findings: pd.DataFrame) -> list[tuple[object, ...]]:
    """Subject, first, last, number held, shown, state of every finding."""
    rows = findings.to_dict("records")
    return sorted(
        (
            (r["subject"], *(pd.Timestamp(r[c]).to_pydatetime() for c in ("since", "until")), r["periods"],
             pd.Timestamp(r["shown_at"]).to_pydatetime(), r["state"])
            for r in rows
        ),
        key=repr,
    )  # fmt: skip


HELD = st.fixed_dictionaries({"a": LEVELS, "b": LEVELS, "c": LEVELS})


@settings(max_examples=100, **PATIENT)
@given(
    st.sampled_from(list(_UNITS)),
    st.sampled_from(SHAPES),
    st.sampled_from(SHOWS),
    HELD,
    st.randoms(use_true_random=False),
)
def test_episodes_agree_with_brute_force(
    shaped: Loaded,
    period: str,
    shape: tuple[int, int],
    show: str,
    held: dict[str, list[Any]],
    shuffle: random.Random,
) -> None:
    rows = flows_of(period, held)
    shuffle.shuffle(rows)
    rules = shaped.of(f"{period}_{shape[0]}_{shape[1]}_{show}")
    found = apply(rules, {"flows": frame("flows", rows)}).findings
    assert told(found) == expected(period, rows, *shape, show)


@settings(max_examples=12, **PATIENT)
@given(st.sampled_from(list(_UNITS)), st.sampled_from(SHAPES), st.lists(HELD, min_size=1, max_size=3))
def test_many_runs_are_each_as_if_alone(
    shaped: Loaded,
    tmp_path_factory: pytest.TempPathFactory,
    period: str,
    shape: tuple[int, int],
    runs: list[dict[str, list[Any]]],
) -> None:
    rules = shaped.of(f"{period}_{shape[0]}_{shape[1]}_")
    folder = tmp_path_factory.mktemp("runs")
    alone: dict[str, list[tuple[object, ...]]] = {}
    true_rows = 0
    for number, held in enumerate(runs):
        run = folder / f"run {number}"
        run.mkdir()
        flows = frame("flows", flows_of(period, held))
        flows.to_parquet(run / "flows.parquet")
        outcome = apply(rules, {"flows": flows})
        alone[run.as_posix()] = told(outcome.findings)
        true_rows += int(outcome.results["true_rows"].sum())
    together = apply_to_runs(rules, [Path(run) for run in alone])
    assert {run: told(rows) for run, rows in together.findings.groupby("run")} == {r: a for r, a in alone.items() if a}
    assert int(together.results["true_rows"].sum()) == true_rows


# ------------------------------------------------------------------------------------- windows, measures, lookups, flags

MEASURES = """measures:
  out_by_month: {table: flows, by: [customer, month], value: sum(out_t)}
  busy_days: {table: flows, by: [customer, month], where: clear, value: count(out_t > 2 t)}
  grades_seen: {table: flows, by: [customer], value: distinct(grade)}
  smooth: {table: plans, value: "mean(done_t, 3 months)"}
  share: {table: plans, value: done_t / plan_t}
"""


@dataclass
class World:
    """Random tables as lists of rows."""

    plans: list[Row]
    flows: list[Row]
    customers: list[Row]
    flagged: dict[str, set[tuple[object, ...]]] = field(default_factory=dict)

    def capacity(self, customer: str) -> float | None:
        return next((row["capacity_t"] for row in self.customers if row["customer"] == customer), None)

    def plan(self, customer: str, month: int) -> Row | None:
        return next((r for r in self.plans if r["customer"] == customer and month_number(r["month"]) == month), None)

    def done(self, row: Row, periods: int) -> list[float]:
        """Known ``done_t`` of the row's customer in so many months up to the row's."""
        return [v for v in (r["done_t"] for r in self.last(row, periods)) if v is not None]

    def last(self, row: Row, periods: int) -> list[Row]:
        month = month_number(row["month"])
        found = [self.plan(row["customer"], m) for m in range(month - periods + 1, month + 1)]
        return [r for r in found if r is not None]

    def month_flows(self, customer: str, month: int) -> list[Row]:
        return [r for r in self.flows if r["customer"] == customer and month_number(r["day"]) == month]


def world(draw: random.Random) -> World:
    """Three customers (one without master data), four months, flows on a few days of them."""
    some = [None, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 8.0]
    names = ["a", "b", "c"]
    plans = [
        {"customer": c, "month": month_start(2008 * 12 + 10 + m), "plan_t": draw.choice(some), "done_t": draw.choice(some)}
        for c in names for m in range(6) if draw.random() < 0.8
    ]  # fmt: skip
    days = [datetime(2008, 11, d) for d in (1, 9, 10, 11, 12, 20, 30)] + [datetime(2008, 12, d) for d in (1, 2, 21, 31)]
    days += [datetime(2009, 1, 1), datetime(2009, 2, 28)]
    flows = [
        {"customer": c, "grade": g, "day": d, "out_t": draw.choice(some), "clear": draw.random() < 0.6}
        for c in names for g in ("x", "y") for d in days if draw.random() < 0.5
    ]  # fmt: skip
    draw.shuffle(plans)
    draw.shuffle(flows)
    return World(plans, flows, [{"customer": c, "capacity_t": draw.choice(some)} for c in names[:2]])


def compared(left: float | None, operator: str, right: float | None) -> Truth:
    if left is None or right is None:
        return None
    return {"<": left < right, ">": left > right, ">=": left >= right, "=": left == right}[operator]


def both(left: Truth, right: Truth) -> Truth:
    return False if False in (left, right) else None if None in (left, right) else True


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def total(values: Iterable[float | None]) -> float | None:
    found = [v for v in values if v is not None]
    return sum(found) if found else None


def ratio(row: Row) -> float | None:
    plan, done = row["plan_t"], row["done_t"]
    return None if plan is None or done is None or plan == 0 else float(done / plan)


def before(w: World, row: Row) -> Row | None:
    return w.plan(row["customer"], month_number(row["month"]) - 1)


def smoothed(w: World, row: Row | None) -> float | None:
    return None if row is None else mean(w.done(row, 3))


Condition = Callable[[World, Row], Truth]
PLAN_RULES: dict[str, tuple[str, Condition]] = {
    "window_mean": ("mean(done_t, 3 months) < 4 t", lambda w, r: compared(mean(w.done(r, 3)), "<", 4)),
    "window_sum": ("sum(done_t, 2 months) >= 0.009 kt", lambda w, r: compared(total(w.done(r, 2)), ">=", 9)),
    "window_lowest": ("lowest(done_t, 4 months) = 0", lambda w, r: compared(min(w.done(r, 4), default=None), "=", 0)),
    "window_highest": ("highest(done_t, 4 months) > 4", lambda w, r: compared(max(w.done(r, 4), default=None), ">", 4)),
    "window_count": (
        "count(done_t < plan_t, 3 months) >= 2",
        lambda w, r: sum(compared(p["done_t"], "<", p["plan_t"]) is True for p in w.last(r, 3)) >= 2,
    ),
    "window_distinct": (
        "distinct(plan_t, 3 months) = 1",
        lambda w, r: len({p["plan_t"] for p in w.last(r, 3)} - {None}) == 1,
    ),
    "falling": ("done_t < previous(done_t)", lambda w, r: compared(r["done_t"], "<", (before(w, r) or {}).get("done_t"))),
    "first_row": ("previous(done_t) is unknown", lambda w, r: (before(w, r) or {}).get("done_t") is None),
    "smoother": ("previous(smooth) > smooth", lambda w, r: compared(smoothed(w, before(w, r)), ">", smoothed(w, r))),
    "lookup": ("done_t > customer.capacity_t", lambda w, r: compared(r["done_t"], ">", w.capacity(r["customer"]))),
    "by_month": (
        "out_by_month > done_t",
        lambda w, r: compared(
            total(f["out_t"] for f in w.month_flows(r["customer"], month_number(r["month"]))), ">", r["done_t"]
        ),
    ),
    "busy": (
        "default(busy_days, 0) >= 2",
        lambda w, r: sum(
            f["clear"] and compared(f["out_t"], ">", 2) is True
            for f in w.month_flows(r["customer"], month_number(r["month"]))
        ) >= 2,
    ),
    "grades": (
        "grades_seen > 1",
        lambda w, r: compared(
            len({f["grade"] for f in w.flows if f["customer"] == r["customer"]}) or None, ">", 1  # no group without rows
        ),
    ),
    "low_share": ("share < 80%", lambda w, r: compared(ratio(r), "<", 0.8)),
    "flags": (
        "flag.lookup and not flag.low_share",
        lambda w, r: _key(r) in w.flagged["lookup"] and _key(r) not in w.flagged["low_share"],
    ),
    "flag_of_days": (
        "flag.big",
        lambda w, r: any((r["customer"], month_number(r["month"])) == (k[0], month_number(k[2])) for k in w.flagged["big"]),
    ),
    "flag_of_groups": ("flag.grouped", lambda w, r: (r["customer"], r["month"]) in w.flagged["grouped"]),
}  # fmt: skip
FLOW_RULES: dict[str, tuple[str, Condition]] = {
    "big": ("out_t > 6 t", lambda w, r: compared(r["out_t"], ">", 6)),
    "beside_plan": (
        "plans.done_t > 4 t and out_t > 3 t",
        lambda w, r: both(
            compared((w.plan(r["customer"], month_number(r["day"])) or {}).get("done_t"), ">", 4),
            compared(r["out_t"], ">", 3),
        ),
    ),
    "in_month": (
        "flag.window_mean and clear",
        lambda w, r: r["clear"] and (r["customer"], month_start(month_number(r["day"]))) in w.flagged["window_mean"],
    ),
}


def _key(row: Row) -> tuple[object, ...]:
    return (row["customer"], row["month"]) if "month" in row else (row["customer"], row["grade"], row["day"])


def group_truths(w: World) -> Iterator[tuple[str, dict[tuple[object, ...], Truth]]]:
    """The rules over groups of flows, all groups' truths."""
    months = {(f["customer"], month_number(f["day"])) for f in w.flows}
    totals = {key: total(f["out_t"] for f in w.month_flows(*key)) for key in months}
    blanks = {key: sum(f["out_t"] is None for f in w.month_flows(*key)) for key in months}
    started = {key: (key[0], month_start(key[1])) for key in months}
    big = {key: compared(totals[key], ">", 10) for key in months}
    yield "grouped", {started[k]: True if big[k] or blanks[k] >= 2 else big[k] for k in months}
    yield "group_window", {
        started[k]: compared(
            mean([t for key in ((k[0], k[1] - 1), k) if (t := totals.get(key)) is not None]), ">", 6
        )
        for k in months
    }  # fmt: skip
    tops = {
        g: max((f["out_t"] for f in w.flows if f["grade"] == g and f["out_t"] is not None), default=None) for g in "xy"
    }
    seen = {f["grade"] for f in w.flows}
    yield "by_grade", {(g,): compared(top, ">", 5) for g, top in tops.items() if g in seen}
    tens: dict[tuple[str, datetime], list[float | None]] = {}
    for f in w.flows:
        if f["clear"]:
            tens.setdefault((f["customer"], ten_days_start(ten_days_number(f["day"]))), []).append(f["out_t"])
    yield "by_ten_days", {key: compared(total(out), ">", 4) for key, out in tens.items()}


GROUP_RULES = (
    rule_text("grouped", "flows", "total > 10 t or blanks >= 2",
              "    by: [customer, month]\n    measures: {total: sum(out_t), blanks: count(out_t is unknown)}\n")
    + rule_text("group_window", "flows", "mean(total, 2 months) > 6 t",
                "    by: [customer, month]\n    measures: {total: sum(out_t)}\n")
    + rule_text("by_grade", "flows", "top > 5 t", "    by: [grade]\n    measures: {top: highest(out_t)}\n")
    + rule_text("by_ten_days", "flows", "total > 4 t",
                "    by: [customer, ten_days]\n    where: clear\n    measures: {total: sum(out_t)}\n")
)  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """All rules on the random world."""
    folder = tmp_path_factory.mktemp("rules")
    entries = [rule_text(name, "plans", f'"{when}"') for name, (when, _) in PLAN_RULES.items()]
    entries += [rule_text(name, "flows", when) for name, (when, _) in FLOW_RULES.items()]
    (folder / "r.yaml").write_text(MEASURES + "rules:\n" + "".join(entries) + GROUP_RULES, encoding="utf-8")
    return Loaded(load_rules(folder, TABLES).rules)


def rows_told(findings: pd.DataFrame, rule: Rule) -> set[tuple[object, ...]]:
    """The keys of every row in a rule's episodes (which are unbroken: no ``keep_for``)."""
    out: set[tuple[object, ...]] = set()
    for finding in findings[findings["rule"] == rule.id].to_dict("records"):
        subject = [
            finding[key if key == "grade" and rule.subject_keys != ("grade",) else "subject"]
            for key in rule.subject_keys
        ]
        if not rule.period:
            out.add(tuple(subject))
            continue
        number, start = PERIODS[rule.period]
        first, last = (number(pd.Timestamp(finding[c]).to_pydatetime()) for c in ("since", "until"))
        assert finding["periods"] == last - first + 1
        out |= {(*subject, start(n)) for n in range(first, last + 1)}
    return out


def truths_of(w: World) -> dict[str, dict[tuple[object, ...], Truth]]:
    """Every rule's truth in every row; rules after those whose flags they read."""
    truths: dict[str, dict[tuple[object, ...], Truth]] = {}
    row_rules = [(name, condition, w.plans) for name, (_, condition) in PLAN_RULES.items()]
    row_rules += [(name, condition, w.flows) for name, (_, condition) in FLOW_RULES.items()]
    row_rules.sort(key=lambda entry: entry[0].startswith("flag") or entry[0] == "in_month")
    for name, of in group_truths(w):
        truths[name] = of
        w.flagged[name] = {key for key, truth in of.items() if truth}
    for name, condition, rows in row_rules:
        truths[name] = {_key(row): condition(w, row) for row in rows}
        w.flagged[name] = {key for key, truth in truths[name].items() if truth}
    return truths


def agree(outcome: Outcome, rules: tuple[Rule, ...], w: World) -> None:
    """Flagged rows, and numbers of true and unknown rows, are those of plain Python."""
    truths = truths_of(w)
    results = outcome.results.set_index("rule")
    for rule in rules:
        of = truths[rule.id]
        assert rows_told(outcome.findings, rule) == {key for key, truth in of.items() if truth}, rule.text
        assert results.loc[rule.id, "true_rows"] == sum(truth is True for truth in of.values()), rule.text
        assert results.loc[rule.id, "unknown_rows"] == sum(truth is None for truth in of.values()), rule.text


@settings(max_examples=25, **PATIENT)
@given(st.integers(0, 2**32))
def test_rules_find_what_plain_python_finds(book: Loaded, seed: int) -> None:
    w = world(random.Random(seed))
    frames = {name: frame(name, getattr(w, name)) for name in TABLES}
    agree(apply(book.rules, frames), book.rules, w)


def test_each_of_many_runs_finds_what_plain_python_finds(book: Loaded, tmp_path: Path) -> None:
    """Windows, measures, lookups and flags stay within their own run."""
    worlds = {}
    for seed in range(4):
        run = tmp_path / str(seed)
        run.mkdir()
        worlds[run.as_posix()] = world(random.Random(seed))
        for name in TABLES:
            frame(name, getattr(worlds[run.as_posix()], name)).to_parquet(run / f"{name}.parquet")
    together = apply_to_runs(book.rules, [Path(run) for run in worlds])
    for run, w in worlds.items():
        frames = {name: frame(name, getattr(w, name)) for name in TABLES}
        alone = apply(book.rules, frames)
        agree(alone, book.rules, w)
        of_run = together.findings[together.findings["run"] == run]
        for rule in book.rules:
            assert rows_told(of_run, rule) == rows_told(alone.findings, rule), rule.text
