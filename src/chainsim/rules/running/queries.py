"""Rows, references and conditions as queries.

Every reference becomes one ``LEFT JOIN`` of a sub-query that gives the wanted columns under the keys it is found by; group
measures and flags are kept as tables of their own, because many rules read them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from chainsim.rules.language.sql import Parameters, Printer, may_be_nothing, period_number, period_start, quoted
from chainsim.rules.language.tree import (
    Arithmetic,
    Bool,
    Call,
    Compare,
    Date,
    IsUnknown,
    Logic,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
    children,
    names,
)
from chainsim.rules.rows import WHOLE, Reference, Rows
from chainsim.rules.running.database import ROW, RUN, flag_table

UNKNOWN = "unknown#"
"""A column that says whether a condition is unknown."""
_LONG_TEXT = 300
PLACE = "place"
"""A column of ``numbers_query`` that says which condition it is."""


@dataclass(slots=True)
class Query:
    """SQL and the texts it speaks of."""

    text: str
    parameters: Parameters = field(default_factory=Parameters)


@dataclass(frozen=True, slots=True)
class _Joined:
    """A FROM clause and what every name is within it."""

    source: str
    columns: Mapping[str, str]


def flagged_query(
    rows: Rows, references: Mapping[str, Reference], when: Node, wanted: Iterable[str], *, several: bool
) -> Query:
    """``ROW``, ``RUN`` and ``wanted`` values of the rows where ``when`` is true or unknown; ``UNKNOWN`` says which."""
    asked = _Asked(rows, references, when, wanted, Parameters(), several)
    condition = asked.printer.text(when)
    return asked.query(
        f"{asked.wanted}, ({condition}) IS NULL AS {quoted(UNKNOWN)}", _possible(when, asked.printer, ())
    )


def true_query(
    rows: Rows, references: Mapping[str, Reference], when: Node, wanted: Iterable[str], *, several: bool
) -> Query:
    """As ``flagged_query``, without the unknown rows, which may be too many to fetch."""
    asked = _Asked(rows, references, when, wanted, Parameters(), several)
    return asked.query(asked.wanted, asked.printer.text(when))


def unknown_query(rows: Rows, references: Mapping[str, Reference], when: Node, *, several: bool) -> Query:
    """The number of rows of known periods in which ``when`` is unknown."""
    asked = _Asked(rows, references, when, (), Parameters(), several)
    period = f" AND {asked.columns[rows.period]} IS NOT NULL" if rows.period else ""
    query = asked.query("1", f"({asked.printer.text(when)}) IS NULL{period}")
    return Query(f"SELECT count(*) AS count FROM ({query.text})", query.parameters)


def numbers_query(asked: Iterable[tuple[Rows, Mapping[str, Reference], Node, Collection[str]]]) -> Query:
    """For many conditions at once: (``PLACE``, ``ROW``, ``UNKNOWN``) of the rows where each is true or unknown.

    Names in the last of the four are taken to have a value everywhere: rows that could only be unknown otherwise are left out.
    To start a query takes longer than to answer one over a small table.
    """
    parameters = Parameters()
    parts: list[str] = []
    for place, (rows, references, when, known) in enumerate(asked):
        one = _Asked(rows, references, when, (), parameters, several=False)
        unknown = "FALSE" if is_known(when, known) else f"({one.printer.text(when)}) IS NULL"
        chosen = f"{place} AS {PLACE}, {one.columns[ROW]} AS {quoted(ROW)}, {unknown} AS {quoted(UNKNOWN)}"
        parts.append(one.query(chosen, _possible(when, one.printer, known)).text)
    return Query(" UNION ALL ".join(parts), parameters)


def values_query(
    rows: Rows, references: Mapping[str, Reference], nodes: Mapping[str, Node], *, several: bool, where: str = "TRUE"
) -> Query:
    """Keys and the values of ``nodes`` (by name) for every row; ``where`` filters the finished rows by their key columns."""
    query = Query("")
    read = {name for node in nodes.values() for name in names(node)}
    joined = _joined(rows, {name: r for name, r in references.items() if name in read}, query.parameters, several)
    printer = _printer(rows, joined.columns, query.parameters, several)
    chosen = _chosen(rows, joined.columns, (), several) | {name: printer.text(node) for name, node in nodes.items()}
    query.text = f"SELECT * FROM (SELECT {_list(chosen)} FROM {joined.source}) WHERE {where}"
    return query


def group_query(rows: Rows, *, several: bool) -> Query:
    """The groups of ``rows``: their keys and measures."""
    query = Query("")
    query.text = _groups(rows, query.parameters, several)
    return query


def measure_table(reference: Reference) -> str:
    """The name under which the groups of a measure are kept."""
    return f"measure#{reference.target}"


class _Asked:
    """Rows with all that a condition and ``wanted`` read joined to them."""

    def __init__(
        self,
        rows: Rows,
        references: Mapping[str, Reference],
        when: Node,
        wanted: Iterable[str],
        parameters: Parameters,
        several: bool,
    ) -> None:
        read = {*names(when), *wanted}
        joined = _joined(rows, {name: r for name, r in references.items() if name in read}, parameters, several)
        self.columns = joined.columns
        self.printer = _printer(rows, joined.columns, parameters, several)
        chosen = dict.fromkeys((*wanted, ROW, *((RUN,) if several else ())))
        self.wanted = _list({name: joined.columns[name] for name in chosen})
        self.joins = " JOIN " in joined.source
        self._source = joined.source
        self._parameters = parameters

    def query(self, chosen: str, where: str) -> Query:
        """``chosen`` of the rows for which ``where`` holds; the printer has printed what is in it."""
        clause = "QUALIFY" if self.printer.windowed else "WHERE"
        return Query(f"SELECT {chosen} FROM {self._source} {clause} {where}", self._parameters)


def _possible(node: Node, printer: Printer, known: Collection[str]) -> str:
    """SQL for "true or unknown", by parts: a part that is false spares the others. ``node`` itself where it cannot be unknown."""
    text = printer.text(node)
    if is_known(node, known):
        return text
    match node:
        case Logic():
            return f"({f' {node.operator.upper()} '.join(_possible(term, printer, known) for term in node.terms)})"
        case Compare():
            sides = [side for side in (node.left, node.right) if not is_known(side, known)]
            if all(isinstance(side, Name) for side in sides):  # quicker than to ask about the comparison
                return f"({text} OR {' OR '.join(f'{printer.text(side)} IS NULL' for side in sides)})"
    return f"({text} IS NOT FALSE)"


def is_known(node: Node, known: Collection[str]) -> bool:
    """Whether ``node`` surely has a value wherever the names in ``known`` have one."""
    match node:
        case Name():
            return node.name in known
        case Number() | Text() | Date() | Bool() | IsUnknown():
            return True
        case Negative() | Not():
            return is_known(node.operand, known)
        case Member():
            return is_known(node.operand, known)
        case Compare():
            return is_known(node.left, known) and is_known(node.right, known)
        case Logic():
            return all(is_known(term, known) for term in node.terms)
        case Arithmetic():
            return not may_be_nothing(node) and is_known(node.left, known) and is_known(node.right, known)
        case Call(function="abs" | "min" | "max" | "month" | "year", window=None):
            return all(is_known(argument, known) for argument in node.arguments)
    return False


def hangs_on(node: Node, name: str, known: Collection[str]) -> bool:
    """Whether ``node`` is unknown exactly where ``name`` is; names in ``known`` always have a value."""
    match node:
        case Logic():
            return all(hangs_on(term, name, known) for term in node.terms)
        case Not():
            return hangs_on(node.operand, name, known)
        case Compare() | Member() | Name():
            # Comparisons and what they are made of are unknown as soon as one part is, unless a part can do without a value.
            return name in names(node) and is_known(node, {name, *known}) and not _is_lenient(node)
    return False


def _is_lenient(node: Node) -> bool:
    """Whether ``node`` may have a value though something in it has none."""
    return isinstance(node, Logic | IsUnknown) or any(map(_is_lenient, children(node)))


def _chosen(rows: Rows, columns: Mapping[str, str], wanted: Iterable[str], several: bool) -> dict[str, str]:
    chosen = {name: columns[name] for name in dict.fromkeys((*rows.keys, *wanted))}
    chosen[ROW] = columns[ROW]
    if several:
        chosen[RUN] = columns[RUN]
    return chosen


def _printer(rows: Rows, columns: Mapping[str, str], parameters: Parameters, several: bool) -> Printer:
    subject = [columns[key] for key in rows.subject_keys] + ([columns[RUN]] if several else [])
    period = period_number(columns[rows.period], rows.period) if rows.period else ""
    return Printer(columns, parameters, subject, period)


def _joined(rows: Rows, references: Mapping[str, Reference], parameters: Parameters, several: bool) -> _Joined:
    """``rows`` as alias ``t`` and what ``references`` lead to; measures of single rows computed."""
    base = f"({_groups(rows, parameters, several)})" if rows.by else quoted(rows.table.name)
    computed = {column.name: node for column, node in rows.measures} if not rows.by else {}
    own = {name: f"t.{quoted(name)}" for name in rows.columns if name not in computed}
    own[ROW] = f"t.{quoted(ROW)}"
    if several:
        own[RUN] = f"t.{quoted(RUN)}"
    if computed:
        read = {name for node in computed.values() for name in names(node)}
        references = {n: r for n, r in rows.inner.items() if n in read} | dict(references)
    joined = _with_references(f"{base} AS t", own, references, parameters, several)
    printer = _printer(rows, joined.columns, parameters, several)
    columns = {**joined.columns, **{name: printer.text(node) for name, node in computed.items()}}
    settle = printer.windowed or any(len(columns[name]) > _LONG_TEXT for name in computed)
    return _settled(joined.source, columns) if settle else _Joined(joined.source, columns)


def _with_references(
    source: str, own: Mapping[str, str], references: Mapping[str, Reference], parameters: Parameters, several: bool
) -> _Joined:
    columns = dict(own)
    for name, reference in references.items():
        if reference.node is not None and not reference.links:
            continue
        alias = f"j{source.count(' JOIN ')}"
        value, sub = _source(name, reference, parameters, several)
        on = [f"{_cut(own[link.own], link.period)} = {alias}.{quoted(link.theirs)}" for link in reference.links]
        if several:
            on.append(f"{own[RUN]} = {alias}.{quoted(RUN)}")
        source += f" LEFT JOIN {sub} AS {alias} ON {' AND '.join(on) or 'TRUE'}"
        there = f"{alias}.{quoted(value)}"
        columns[name] = f"({there} IS NOT NULL)" if reference.kind == "flag" else there
    joined = _Joined(source, columns)
    for name, reference in references.items():
        if reference.node is None or reference.links:
            continue
        # The same row: what the reference's own tree reaches is joined here as well, and all that was found so far is kept.
        assert reference.rows is not None
        read = {n: r for n, r in reference.rows.inner.items() if n in names(reference.node)}
        inner = _with_references(joined.source, joined.columns, read, parameters, several)
        printer = _printer(reference.rows, inner.columns, parameters, several)
        found = {n: inner.columns[n] for n in joined.columns} | {name: printer.text(reference.node)}
        settle = printer.windowed or len(found[name]) > _LONG_TEXT
        joined = _settled(inner.source, found) if settle else _Joined(inner.source, found)
    return joined


def _settled(source: str, columns: Mapping[str, str]) -> _Joined:
    """As a sub-query: what looks at other rows (a trailing window) must be done before anything else looks at it, and what is
    long (a decision table) is written once, however often it is read: DuckDB would take longer to read than to compute."""
    return _Joined(f"(SELECT {_list(columns)} FROM {source}) AS t", {name: f"t.{quoted(name)}" for name in columns})


def _source(name: str, reference: Reference, parameters: Parameters, several: bool) -> tuple[str, str]:
    """The column a reference's value is in, and the table or sub-query that has it."""
    rows = reference.rows
    assert rows is not None
    if reference.kind == "flag":
        keys = {link.theirs: _cut(quoted(link.theirs), link.period) for link in reference.links}
        if several:
            keys[RUN] = quoted(RUN)
        keys["raised#"] = "TRUE"
        return "raised#", f"(SELECT DISTINCT {_list(keys)} FROM {quoted(flag_table(reference.target))})"
    if reference.node is None:
        table = measure_table(reference) if reference.kind == "measure" else rows.table.name
        return reference.target, quoted(table)
    read = {n: r for n, r in rows.inner.items() if n in names(reference.node)}
    joined = _joined(Rows(table=rows.table), read, parameters, several)
    printer = _printer(rows, joined.columns, parameters, several)
    chosen = _chosen(rows, joined.columns, (), several)
    chosen[name] = printer.text(reference.node)
    return name, f"(SELECT {_list(chosen)} FROM {joined.source})"


def _groups(rows: Rows, parameters: Parameters, several: bool) -> str:
    plain = Rows(table=rows.table)
    read = {name for _, node in rows.measures for name in names(node)}
    if rows.where is not None:
        read |= set(names(rows.where))
    joined = _joined(plain, {n: r for n, r in rows.inner.items() if n in read}, parameters, several)
    printer = _printer(plain, joined.columns, parameters, several)
    keys = {
        key.column.name: "''" if key.column.name == WHOLE and not key.of else _cut(joined.columns[key.of], key.period)
        for key in rows.by
    }
    if several:
        keys[RUN] = joined.columns[RUN]
    chosen = keys | {column.name: printer.text(node) for column, node in rows.measures}
    chosen[ROW] = f"min({joined.columns[ROW]})"
    where = f" WHERE {printer.text(rows.where)}" if rows.where is not None else ""
    return f"SELECT {_list(chosen)} FROM {joined.source}{where} GROUP BY {', '.join(keys.values())}"


def _cut(column: str, period: str) -> str:
    return period_start(column, period) if period else column


def _list(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
