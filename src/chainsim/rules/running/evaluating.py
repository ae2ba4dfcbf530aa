"""Rules over a database: what each flags, those first whose flags others read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from chainsim.errors import InputError, Problem
from chainsim.results.declarations import Table
from chainsim.rules.language.sql import period_number, quoted
from chainsim.rules.language.tree import names
from chainsim.rules.resolving import flags_of
from chainsim.rules.rows import Reference, Rows
from chainsim.rules.rule import Rule
from chainsim.rules.running.database import ROW, RUN, Database, RuleTooHeavyError, flag_table
from chainsim.rules.running.episodes import PERIOD, Episodes, Positions, episodes_of, period_numbers
from chainsim.rules.running.queries import (
    PLACE,
    UNKNOWN,
    flagged_query,
    group_query,
    hangs_on,
    is_known,
    measure_table,
    numbers_query,
    true_query,
    unknown_query,
)

if TYPE_CHECKING:
    import pyarrow as pa

CALENDARS = {
    "month": ("customer_months", "month"),
    "ten_days": ("inventory_totals", "day"),
    "day": ("inventory_totals", "day"),
}
"""Table and column that have every period of a run, and so its last: other tables may have rows only where there is something."""
_AT_ONCE = 16
"""Rules in one query: enough to make its start not count, few enough for what they hold in to fit into memory."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """What a rule flagged: its episodes, and in how many rows its condition was true and unknown."""

    rule: Rule
    episodes: Episodes
    true_rows: int
    unknown_rows: int
    last_periods: Mapping[str, int]
    """By run ("" for the only one): the number of the run's last period; where no calendar tells it, that of the rule's rows."""


def tables_of(rules: Iterable[Rule]) -> tuple[Table, ...]:
    """The tables that ``rules`` read, each once."""
    found: dict[str, Table] = {}
    for rule in rules:
        found[rule.rows.table.name] = rule.rows.table
        for reference in _references_of(rule):
            if reference.rows is not None and reference.kind != "flag":
                found[reference.rows.table.name] = reference.rows.table
    return tuple(found.values())


def columns_read(rules: Iterable[Rule]) -> tuple[Table, ...]:
    """``tables_of`` with those columns only that ``rules`` read or tell: a table is loaded no wider than it is looked at."""
    found: dict[str, set[str]] = {}
    for rule in rules:
        _read(rule.rows, rule.references, {*names(rule.when), *_wanted(rule)}, found)
    tables = {table.name: table for table in tables_of(rules)}
    return tuple(
        replace(table, columns=tuple(column for column in table.columns if column.key or column.name in found[name]))
        for name, table in tables.items()
    )


def _read(rows: Rows, references: Mapping[str, Reference], read: Iterable[str], found: dict[str, set[str]]) -> None:
    """Add to ``found`` (by table) what is read where ``read`` and all ``references`` are; names of no column do no harm."""
    own = found.setdefault(rows.table.name, set())
    own |= {*read, *(key.of for key in rows.by)}
    own.update(name for _, node in rows.measures for name in names(node))
    if rows.where is not None:
        own.update(names(rows.where))
    for reference in (*rows.inner.values(), *references.values()):
        own.update(link.own for link in reference.links)
        if reference.rows is not None and reference.kind != "flag":
            theirs = {reference.target, *(link.theirs for link in reference.links)}
            if reference.node is not None:
                theirs.update(names(reference.node))
            _read(reference.rows, {}, theirs, found)


def evaluate(
    rules: Iterable[Rule], database: Database, done: Callable[[str], None] = lambda rule_id: None
) -> Iterator[Flagged]:
    """Each rule's flags, by levels; ``done`` is called after each. Flags that nobody raised are empty."""
    kept: set[str] = set()
    last: dict[tuple[str, str], Mapping[str, int]] = {}
    pending = list(rules)
    periods = _Periods(database)
    known = {rule.id for rule in pending} | database.flags
    read_by_others = {flag for rule in pending for flag in _flags_read(rule)}
    for rule, level in _in_order(pending):
        if level:
            for one in level:
                with _telling(one):
                    for reference in _references_of(one):
                        _keep(reference, database, kept, known)
            numbers = _numbers(level, database)
        with _telling(rule):
            held, unknown_rows = _held(rule, database, numbers.get(rule.id), periods.of(rule))
        episodes = episodes_of(rule, held)
        if rule.id in numbers:
            episodes = replace(episodes, frame=database.frame(rule.rows.table.name))
        if rule.id in read_by_others:
            keys = [*rule.keys, RUN] if database.several else list(rule.keys)
            database.put(flag_table(rule.id), held.select(keys).take(episodes.order))
            kept.add(flag_table(rule.id))
        yield Flagged(rule, episodes, held.num_rows, unknown_rows, _last_periods(rule, database, last))
        done(rule.id)


_Numbers = tuple["pa.Array", int]
"""The numbers of the rows in which a condition is true, and how many there are in which it is unknown."""


def _numbers(rules: Sequence[Rule], database: Database) -> dict[str, _Numbers]:
    """For those rules whose rows and all that is told of them are in a frame: what they hold in, many at once."""
    found: dict[str, _Numbers] = {}
    asked: list[tuple[Rule, set[str], int | None]] = []
    for rule in rules:
        frame = _frame(rule, database)
        if frame is not None and set(_wanted(rule)) <= set(frame.column_names):
            known = {name for name in frame.column_names if not frame[name].null_count}
            asked.append((rule, known, _counted_unknown(rule, frame, known)))
    for part in (asked[start : start + _AT_ONCE] for start in range(0, len(asked), _AT_ONCE)):
        # What is counted already need not be found.
        query = numbers_query(
            (rule.rows, rule.references, rule.when, known if count is None else {*known, *names(rule.when)})
            for rule, known, count in part
        )
        try:
            rows = database.select(query.text, query.parameters.values)
        except RuleTooHeavyError:
            continue  # each is asked for by itself, to tell which it was
        numbers = rows[ROW].combine_chunks()
        places, unknown = rows[PLACE].to_numpy(), rows[UNKNOWN].to_numpy()
        order = np.argsort(places, kind="stable")
        ends = np.cumsum(np.bincount(places, minlength=len(part)))
        for (rule, _, count), mine in zip(part, np.split(order, ends[:-1]), strict=True):
            true = mine[~unknown[mine]]
            found[rule.id] = numbers.take(true), len(mine) - len(true) if count is None else count
    return found


def _held(rule: Rule, database: Database, numbers: _Numbers | None, periods: Positions | None) -> tuple[pa.Table, int]:
    """The rows in which a rule held, with the keys and whatever is told of them, and the number of unknown rows."""
    import pyarrow as pa

    wanted = _wanted(rule)
    if numbers is not None:
        frame = database.frame(rule.rows.table.name)
        assert frame is not None
        # The rest is taken from the frame for those rows only that are told.
        needed = [name for name in wanted if name in {*rule.keys, rule.show.column, rule.since}]
        rows = pa.table({name: frame[name].take(numbers[0]) for name in needed} | {ROW: numbers[0]})
        return _of_known_period(rule, rows, periods), numbers[1]
    one = (rule.rows, rule.references, rule.when)
    if database.several and not rule.rows.by:
        query = true_query(*one, wanted, several=True)
        rows = database.select(query.text, query.parameters.values)
        query = unknown_query(*one, several=True)
        return _of_known_period(rule, rows), database.select(query.text, query.parameters.values)["count"][0].as_py()
    query = flagged_query(*one, wanted, several=database.several)
    rows = _of_known_period(rule, database.select(query.text, query.parameters.values))
    unknown = rows[UNKNOWN].to_numpy()
    rows = rows.drop_columns(UNKNOWN)
    return (rows.filter(~unknown) if unknown.any() else rows), int(unknown.sum())


def _counted_unknown(rule: Rule, frame: pa.Table, known: set[str]) -> int | None:
    """In how many rows a condition is unknown, where the numbers of nulls tell it; ``None`` where rows must be looked at."""
    if is_known(rule.when, known):
        return 0
    doubtful = [name for name in names(rule.when) if name not in known]
    if len(doubtful) != 1 or rule.period not in {"", *known} or doubtful[0] not in frame.column_names:
        return None
    return frame[doubtful[0]].null_count if hangs_on(rule.when, doubtful[0], known) else None


def _frame(rule: Rule, database: Database) -> pa.Table | None:
    return None if rule.rows.by else database.frame(rule.rows.table.name)


def _wanted(rule: Rule) -> list[str]:
    """The keys, and what the condition reads and the message shows."""
    shown = (*names(rule.when), *rule.message_en.names, *rule.message_zh.names, rule.show.column, rule.since)
    columns = rule.columns
    members = ("members",) if rule.rows.members else ()
    return [name for name in dict.fromkeys((*rule.keys, *shown, *members)) if name in columns]


def _of_known_period(rule: Rule, rows: pa.Table, of_frame: Positions | None = None) -> pa.Table:
    """The rows with the numbers of their periods, by row in ``of_frame``; a row of no known period is in none."""
    import pyarrow as pa

    if not rule.period:
        return rows
    if rows[rule.period].null_count:
        rows = rows.filter(rows[rule.period].is_valid())
    if of_frame is None:
        numbers = period_numbers(rows[rule.period].to_numpy(), rule.period)
    else:
        numbers = of_frame[rows[ROW].to_numpy()]
    return rows.append_column(PERIOD, pa.array(numbers))


class _Periods:
    """The numbers of the periods of frames' rows, computed once for all rules."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[str, str], Positions] = {}

    def of(self, rule: Rule) -> Positions | None:
        """By row; ``None`` where the rule's rows are in no frame."""
        frame = _frame(rule, self._database)
        if frame is None or not rule.period:
            return None
        key = rule.rows.table.name, rule.period
        if key not in self._known:
            self._known[key] = period_numbers(frame[rule.period].to_numpy(), rule.period)
        return self._known[key]


@contextmanager
def _telling(rule: Rule) -> Iterator[None]:
    """Says whose query it was that took too long or too much."""
    try:
        yield
    except RuleTooHeavyError as error:
        problem = Problem(
            code="rule-too-heavy", message=f"the rule cannot be computed: {error}",
            message_zh=f"规则无法计算：{error.message_zh}",
            file=rule.source, path=f"rules.{rule.id}",
        )  # fmt: skip
        raise InputError([problem]) from error


def _in_order(rules: list[Rule]) -> Iterator[tuple[Rule, list[Rule]]]:
    """Rules after all whose flags they read, otherwise as they stand; the first of a level with all of it."""
    waiting = {rule.id: rule for rule in rules}
    while waiting:
        ready = [rule for rule in waiting.values() if not any(flag in waiting for flag in _flags_read(rule))]
        assert ready, "circles are refused when rules are read"
        for rule in ready:
            del waiting[rule.id]
        yield from zip(ready, [ready, *([] for _ in ready[1:])], strict=True)


def _flags_read(rule: Rule) -> set[str]:
    return flags_of(rule.references) | flags_of(rule.rows.inner)


def _references_of(rule: Rule) -> Iterator[Reference]:
    """All references of a rule, those first that others are made of."""
    for references in (rule.rows.inner, rule.references):
        yield from _deep(references)


def _deep(references: Mapping[str, Reference]) -> Iterator[Reference]:
    for reference in references.values():
        if reference.rows is not None and reference.kind != "flag":
            yield from _deep(reference.rows.inner)
        yield reference


def _keep(reference: Reference, database: Database, kept: set[str], known: set[str]) -> None:
    """Compute a group measure, or an empty flag for a rule that is not evaluated, for queries to join."""
    assert reference.rows is not None
    if reference.kind == "lookup" and database.several:
        _require_one_row(reference.rows.table, database, kept)
    if reference.kind == "measure" and reference.node is None:
        name = measure_table(reference)
        if name not in kept:
            query = group_query(reference.rows, several=database.several)
            database.keep(name, query.text, query.parameters.values)
            kept.add(name)
    elif reference.kind == "flag" and reference.target not in known:
        name = flag_table(reference.target)
        if name not in kept:
            database.keep(name, _no_flags(reference, several=database.several), {})
            kept.add(name)


def _require_one_row(table: Table, database: Database, kept: set[str]) -> None:
    """``InputError`` where files from elsewhere have two rows of one key: a lookup would multiply the rows that ask for it."""
    name = f"unique#{table.name}"
    if name in kept:
        return
    kept.add(name)
    keys = ", ".join(quoted(key) for key in (RUN, *table.keys))
    twice = database.select(f"SELECT {keys} FROM {quoted(table.name)} GROUP BY ALL HAVING count(*) > 1 LIMIT 1", {})
    for row in twice.to_pylist():
        key = ", ".join(f"{row[key]}" for key in table.keys)
        raise InputError(
            [
                Problem(
                    code="rule-tables", message=f"table '{table.name}' has two rows of the same key",
                    message_zh=f"表“{table.name}”有两行的键相同", file=row[RUN], found=key,
                )
            ]
        )  # fmt: skip


def _no_flags(reference: Reference, *, several: bool) -> str:
    assert reference.rows is not None
    types = {"number": "DOUBLE", "integer": "BIGINT", "date": "TIMESTAMP", "instant": "TIMESTAMP", "boolean": "BOOLEAN"}
    columns = [
        f"CAST(NULL AS {types.get(reference.rows.columns[key].type, 'VARCHAR')}) AS {quoted(key)}"
        for key in reference.rows.keys
    ]
    if several:
        columns.append(f"'' AS {quoted(RUN)}")
    return f"SELECT {', '.join(columns)} WHERE FALSE"


def _last_periods(rule: Rule, database: Database, known: dict[tuple[str, str], Mapping[str, int]]) -> Mapping[str, int]:
    if not rule.period:
        return {}
    of = next((key.of for key in rule.rows.by if key.column.name == rule.period), rule.period)
    last: dict[str, int] = {}
    for table, column in ((rule.rows.table.name, of), CALENDARS[rule.period]):
        if table in database.tables:
            key = table, f"{rule.period} {column}"
            if key not in known:
                known[key] = _last_period(database, table, column, rule.period)
            last |= known[key]
    return last


def _last_period(database: Database, table: str, column: str, period: str) -> Mapping[str, int]:
    if (frame := database.frame(table)) is not None:
        import pyarrow.compute as pc

        last = pc.max(frame[column]).as_py()
        return {} if last is None else {"": int(period_numbers(np.array([last], dtype="datetime64[us]"), period)[0])}
    number, run = period_number(quoted(column), period), quoted(RUN)
    rows = database.select(f"SELECT {run} AS run, max({number}) AS last FROM {quoted(table)} GROUP BY ALL", {})
    pairs = zip(rows["run"].to_pylist(), rows["last"].to_pylist(), strict=True)
    return {run: int(last) for run, last in pairs if last is not None}
