"""Rows, references and conditions as queries.

Every reference becomes one ``LEFT JOIN`` of a sub-query that gives the wanted columns under the keys it is found by; group
measures and flags are kept as tables of their own, because many rules read them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chainsim.rules.language.sql import (
    Parameters,
    Printer,
    looks_at_other_rows,
    may_be_nothing,
    period_number,
    period_start,
    quoted,
)
from chainsim.rules.language.tree import (
    AGGREGATES,
    MEMBERS_OF,
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
_HELD = "held#"
_LONG_MEASURES = 600
"""Characters of a group's measures from which on it pays to aggregate apart from reckoning."""
_LONG_TEXT = 80
"""Characters of SQL from which on what has a name is written once."""
PLACE = "place"
"""A column of ``numbers_query`` that says which condition it is."""


@dataclass(slots=True)
class Query:
    """SQL and the texts it speaks of."""

    text: str
    parameters: Parameters = field(default_factory=Parameters)


def flagged_query(
    rows: Rows, references: Mapping[str, Reference], when: Node, wanted: Iterable[str], *, several: bool
) -> Query:
    """``ROW``, ``RUN`` and ``wanted`` values of the rows where ``when`` is true or unknown; ``UNKNOWN`` says which."""
    asked = _Asked(rows, references, when, wanted, Parameters(), several)
    condition = asked.printer.text(when)
    if rows.by:  # groups are few: they are quicker asked than the question is read twice
        held = f"SELECT {_list(asked.wanted)}, {condition} AS {quoted(_HELD)} FROM {asked.source}"
        told = f"{', '.join(map(quoted, asked.wanted))}, {quoted(_HELD)} IS NULL AS {quoted(UNKNOWN)}"
        return Query(f"SELECT {told} FROM ({held}) WHERE {quoted(_HELD)} IS NOT FALSE", asked.parameters)
    chosen = f"{_list(asked.wanted)}, ({condition}) IS NULL AS {quoted(UNKNOWN)}"
    return asked.query(chosen, _possible(when, asked.printer, ()))


def true_query(
    rows: Rows, references: Mapping[str, Reference], when: Node, wanted: Iterable[str], *, several: bool
) -> Query:
    """As ``flagged_query``, without the unknown rows, which may be too many to fetch."""
    asked = _Asked(rows, references, when, wanted, Parameters(), several)
    return asked.query(_list(asked.wanted), asked.printer.text(when))


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
    joined = _joined(rows, references, tuple(nodes.values()), (), query.parameters, several)
    printer = joined.printer()
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
        wanted = tuple(wanted)
        joined = _joined(rows, references, (when,), wanted, parameters, several)
        self.columns = joined.columns
        self.printer = joined.printer()
        self.parameters = parameters
        self.source = joined.source
        chosen = dict.fromkeys((*wanted, ROW, *((RUN,) if several else ())))
        self.wanted = {name: joined.columns[name] for name in chosen}
        """What is asked for besides, as SQL by name."""

    def query(self, chosen: str, where: str) -> Query:
        """``chosen`` of the rows for which ``where`` holds; the printer has printed what is in it."""
        clause = "QUALIFY" if self.printer.windowed else "WHERE"
        return Query(f"SELECT {chosen} FROM {self.source} {clause} {where}", self.parameters)


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


def _joined(
    rows: Rows,
    references: Mapping[str, Reference],
    nodes: Collection[Node],
    wanted: Collection[str],
    parameters: Parameters,
    several: bool,
) -> _Joining:
    """``rows`` with all that ``nodes`` and ``wanted`` read: references joined, measures of single rows computed."""
    read = {*wanted, *(name for node in nodes for name in names(node))}
    references = {name: reference for name, reference in references.items() if name in read}
    computed = {column.name: node for column, node in rows.measures if column.name in read} if not rows.by else {}
    inner = {name for node in computed.values() for name in names(node)}
    references = {name: r for name, r in rows.inner.items() if name in inner} | references
    within = list(_same_row(references))
    looking = [*nodes, *computed.values(), *(r.node for r in within if r.node is not None)]
    links = {
        link.own
        for r in (*references.values(), *(r for one in within for r in _inner(one).values()))
        for link in r.links
    }
    read |= {name for node in looking for name in names(node)} | links | set(rows.keys)
    base = f"({_groups(rows, parameters, several)})" if rows.by else quoted(rows.table.name)
    own = {column.name for column, _ in rows.measures} if not rows.by else set()
    joined = _Joining(rows, f"{base} AS t", (n for n in rows.columns if n in read - own), parameters, several)
    joined.look_around(looking)
    joined.add(references)
    joined.compute(computed)
    return joined


def _same_row(references: Mapping[str, Reference]) -> Iterator[Reference]:
    """Those of ``references``, and of what they are made of, that are computed in the rows' own row."""
    for reference in references.values():
        if reference.node is not None and not reference.links:
            yield reference
            yield from _same_row(_inner(reference))


def _inner(reference: Reference) -> dict[str, Reference]:
    """What the tree of a computed reference reaches."""
    assert reference.rows is not None
    assert reference.node is not None
    read = names(reference.node)
    return {name: inner for name, inner in reference.rows.inner.items() if name in read}


class _Joining:
    """Rows as alias ``t`` with what references lead to: a FROM clause that grows, and what every name is within it."""

    def __init__(self, rows: Rows, source: str, own: Iterable[str], parameters: Parameters, several: bool) -> None:
        self.source = source
        self.columns = {name: _own(name) for name in (*own, ROW, *((RUN,) if several else ()))}
        self._rows = rows
        self._parameters = parameters
        self._several = several
        self._found: dict[str, Reference] = {}
        self._windows: dict[str, str] = {}
        """The columns that hold windows, by the windows' SQL."""

    def printer(self, made: Mapping[str, str] | None = None) -> Printer:
        """Prints what is read here; ``made`` are aggregates that are columns already."""
        columns, rows = self.columns, self._rows
        subject = [columns[key] for key in rows.subject_keys] + ([columns[RUN]] if self._several else [])
        period = period_number(columns[rows.period], rows.period) if rows.period else ""
        made = {sql: columns[name] for sql, name in self._windows.items()} | dict(made or {})
        return Printer(columns, self._parameters, subject, period, made=made)

    def look_around(self, nodes: Iterable[Node]) -> None:
        """Compute the windows that ``nodes`` have over the rows' own columns: each once, before anything is made of them."""
        calls = [call for node in nodes for call in _windows(node) if self.columns.keys() >= set(names(call))]
        if calls:
            printer = self.printer()
            texts = dict.fromkeys(map(printer.text, calls))
            self._windows = {text: f"window#{number}" for number, text in enumerate(texts)}
            self._settle({name: text for text, name in self._windows.items()})

    def add(self, references: Mapping[str, Reference]) -> None:
        """Join or compute what ``references`` lead to. What was found before, for another's sake, is not found again."""
        missing = {name: r for name, r in references.items() if self._found.get(name) != r}
        computed = {name: r for name, r in missing.items() if r.node is not None and not r.links}
        for name, reference in missing.items():
            if name not in computed:
                self._join(name, reference)
        for name, reference in computed.items():
            self.add(_inner(reference))
            if self._found.get(name) != reference:
                assert reference.node is not None
                self.compute({name: reference.node})
                self._found[name] = reference

    def compute(self, nodes: Mapping[str, Node]) -> None:
        """The values of ``nodes`` as columns."""
        printer = self.printer()
        found = {name: printer.text(node) for name, node in nodes.items()}
        # What looks at other rows must be done before anything else looks at it, and what is long (a decision table) is written
        # once, however often it is read: DuckDB would take longer to read than to compute.
        if printer.windowed or any(len(text) > _LONG_TEXT for text in found.values()):
            self._settle(found)
        else:
            self.columns.update(found)

    def _settle(self, found: Mapping[str, str]) -> None:
        """All columns, and ``found``, as those of a sub-query."""
        columns = {**self.columns, **found}
        self.source = f"(SELECT {_list(columns)} FROM {self.source}) AS t"
        self.columns = {name: _own(name) for name in columns}

    def _join(self, name: str, reference: Reference) -> None:
        alias = f"j{self.source.count(' JOIN ')}"
        value, sub = _source(name, reference, self._parameters, self._several)
        own = self.columns
        on = [f"{_cut(own[link.own], link.period)} = {alias}.{quoted(link.theirs)}" for link in reference.links]
        if self._several:
            on.append(f"{own[RUN]} = {alias}.{quoted(RUN)}")
        self.source += f" LEFT JOIN {sub} AS {alias} ON {' AND '.join(on) or 'TRUE'}"
        there = f"{alias}.{quoted(value)}"
        self.columns[name] = f"({there} IS NOT NULL)" if reference.kind == "flag" else there
        self._found[name] = reference


def _windows(node: Node) -> Iterator[Node]:
    """The parts of ``node`` that look at other rows."""
    if looks_at_other_rows(node):
        yield node
    else:
        for child in children(node):
            yield from _windows(child)


def _own(name: str) -> str:
    return f"t.{quoted(name)}"


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
    joined = _joined(Rows(table=rows.table), rows.inner, (reference.node,), (), parameters, several)
    chosen = _chosen(rows, joined.columns, (), several)
    chosen[name] = joined.printer().text(reference.node)
    return name, f"(SELECT {_list(chosen)} FROM {joined.source})"


def _groups(rows: Rows, parameters: Parameters, several: bool) -> str:
    plain = Rows(table=rows.table)
    nodes = [*(node for _, node in rows.measures), *(() if rows.where is None else (rows.where,))]
    joined = _joined(plain, rows.inner, nodes, [key.of for key in rows.by if key.of], parameters, several)
    printer = joined.printer()
    keys = {
        key.column.name: "''" if key.column.name == WHOLE and not key.of else _cut(joined.columns[key.of], key.period)
        for key in rows.by
    }
    if several:
        keys[RUN] = joined.columns[RUN]
    measures = {column.name: printer.text(node) for column, node in rows.measures}
    row = {ROW: f"min({joined.columns[ROW]})"}
    where = f" WHERE {printer.text(rows.where)}" if rows.where is not None else ""
    source = f"FROM {joined.source}{where} GROUP BY {', '.join(keys.values())}"
    if sum(map(len, measures.values())) < _LONG_MEASURES:
        return f"SELECT {_list(keys | measures | row)} {source}"
    # What measures are made of has columns of its own, however often it is read.
    made = {printer.text(part): f"part#{n}" for n, part in enumerate(_aggregates(node for _, node in rows.measures))}
    parts = {name: sql for sql, name in made.items()}
    above = joined.printer(made={sql: _own(name) for sql, name in made.items()})
    measures = {column.name: above.text(node) for column, node in rows.measures}
    kept = {name: _own(name) for name in (*keys, *row)}
    return f"SELECT {_list(kept | measures)} FROM (SELECT {_list(keys | parts | row)} {source}) AS t"


def _aggregates(nodes: Iterable[Node]) -> Iterator[Node]:
    """The aggregates in measures of groups."""
    for node in nodes:
        if isinstance(node, Call) and (node.function in AGGREGATES or node.function == MEMBERS_OF):
            yield node
        else:
            yield from _aggregates(children(node))


def _cut(column: str, period: str) -> str:
    return period_start(column, period) if period else column


def _list(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
