"""What the names in an expression reach beyond the rows' own columns: measures, other tables, decision tables, flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from chainsim.model.messages import name_list, nearest_name
from chainsim.results.declarations import Column, Table
from chainsim.rules.decisions.cells import Interval
from chainsim.rules.decisions.table import DecisionTable, output_node
from chainsim.rules.language.checking import Scope
from chainsim.rules.language.tree import PERIODS, ExpressionError
from chainsim.rules.rows import WHOLE, Link, Reference, Rows, is_coarser, weight_of

FLAG = "flag"


class UnsoundError(ExpressionError):
    """A name stands for something that has problems of its own; these are told, not this."""


class Shelf(Protocol):
    """Where the other parts of a rule book are found; each is read when first asked for."""

    tables: Mapping[str, Table]

    def measure(self, name: str) -> Reference | None:
        """A measure without its links, or ``None`` where there is none (or none that is sound)."""

    def decision(self, name: str) -> tuple[DecisionTable, Rows] | None:
        """A decision table and the rows it speaks of (its input expressions' references inside)."""

    def flagged_rows(self, rule_id: str) -> Rows | None:
        """What a rule flags."""

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The names of all ``measures``, ``decisions`` and ``rules``, sound or not."""


class Reaching:
    """Resolves names for expressions over ``rows`` and keeps what it found."""

    def __init__(self, rows: Rows, shelf: Shelf, found: dict[str, Reference]) -> None:
        self._rows = rows
        self._shelf = shelf
        self.found = found

    def __call__(self, name: str) -> Column:
        """The column that ``name`` stands for; ``ExpressionError`` if nothing does."""
        if name not in self.found:
            self.found[name] = self._dotted(name) if "." in name else self._measure(name)
        return self.found[name].column

    def _measure(self, name: str) -> Reference:
        measure = self._shelf.measure(name)
        if measure is None or measure.rows is None:
            own, others = self._rows.columns, self._shelf.names()
            if name in others["measures"]:
                raise _unsound(name)
            hints = [f"{FLAG}.{name}"] if name in others["rules"] else []
            if name.lower() in {"unknown", "null", "none", "nan"}:
                hints = ["is unknown"]
            table = self._rows.table.name
            known = [*own, *others["measures"]]
            raise ExpressionError(
                0, f"table '{table}' has no column '{name}'", f"表“{table}”没有列“{name}”", accepted=name_list(known),
                nearest=hints[0] if hints else nearest_name(name, known),
            )  # fmt: skip
        if not measure.rows.by and self._is_own(measure.rows.table):
            return measure
        return replace(measure, links=self._links(name, measure.rows))

    def _dotted(self, name: str) -> Reference:
        first, _, rest = name.partition(".")
        if "." in rest:
            at = len(first) + 1 + rest.index(".")
            raise ExpressionError(
                at,
                f"'{name}' has one dot too many",
                f"“{name}”多了一个点",
                accepted="customer.capacity_t, tiering.tier, flag.low_completion",
            )
        if first == FLAG:
            return self._flag(rest)
        names = self._shelf.names()
        if first in names["decisions"]:
            return self._decision(first, rest)
        table = self._shelf.tables.get(first) or self._archive(first)
        if table is None:
            known = [FLAG, *names["decisions"], *self._archives(), *self._shelf.tables]
            raise ExpressionError(
                0, f"nothing is called '{first}'", f"没有名为“{first}”的对象", accepted=name_list(known, 40),
                nearest=nearest_name(first, known),
            )  # fmt: skip
        column = next((c for c in table.columns if c.name == rest), None)
        if column is None:
            known = [c.name for c in table.columns]
            raise ExpressionError(
                len(first) + 1, f"table '{table.name}' has no column '{rest}'", f"表“{table.name}”没有列“{rest}”",
                accepted=name_list(known), nearest=nearest_name(rest, known),
            )  # fmt: skip
        rows = Rows(table=table)
        if self._is_own(table):
            raise ExpressionError(
                0, f"'{first}' is the table the rule reads anyway", f"“{first}”就是本规则所读的表", nearest=rest
            )
        return Reference("lookup", column, rest, rows, links=self._links(name, rows))

    def _flag(self, rule_id: str) -> Reference:
        rows = self._shelf.flagged_rows(rule_id)
        known = self._shelf.names()["rules"]
        if rows is None:
            at = len(FLAG) + 1
            if rule_id in known:
                raise _unsound(rule_id, at)
            raise ExpressionError(
                at, f"there is no rule '{rule_id}'", f"没有规则“{rule_id}”", accepted=name_list(known, 40),
                nearest=nearest_name(rule_id, known),
            )  # fmt: skip
        column = Column(f"{FLAG}.{rule_id}", "boolean", "", rule_id, rule_id, "", "")
        links = tuple(link for key in rows.keys if (link := self._flag_link(rows, key)) is not None)
        if set(rows.subject_keys) - {WHOLE} and not any(link.theirs in rows.subject_keys for link in links):
            keys = ", ".join(rows.subject_keys)
            raise ExpressionError(
                len(FLAG) + 1, f"'{rule_id}' flags {keys}, which the rows here do not have",
                f"规则“{rule_id}”针对 {keys}，此处的行没有这些列", accepted=keys,
            )  # fmt: skip
        return Reference("flag", column, rule_id, rows, links=links)

    def _decision(self, name: str, output: str) -> Reference:
        entry = self._shelf.decision(name)
        if entry is None:
            raise _unsound(name)
        table, rows = entry
        known = [o.name for o in table.outputs]
        if output not in known:
            raise ExpressionError(
                len(name) + 1, f"decision table '{name}' gives no '{output}'", f"决策表“{name}”没有输出“{output}”",
                accepted=name_list(known), nearest=nearest_name(output, known),
            )  # fmt: skip
        chosen = table.outputs[known.index(output)]
        column = Column(
            f"{name}.{output}", "name" if chosen.values else chosen.kind, chosen.unit, output, output, "", "",
            values=chosen.values,
        )  # fmt: skip
        links = () if self._is_own(rows.table) else self._links(name, rows)
        node, weight = output_node(table, chosen), decision_weight(table, rows)
        return Reference("decision", column, output, rows, node, links, weight)

    def _archive(self, key: str) -> Table | None:
        """``customer`` stands for the table ``customers`` that describes what the key names."""
        table = self._shelf.tables.get(f"{key}s")
        return table if table is not None and table.keys == (key,) else None

    def _archives(self) -> list[str]:
        return [table.keys[0] for table in self._shelf.tables.values() if table.name == f"{table.keys[0]}s"]

    def _is_own(self, table: Table) -> bool:
        return not self._rows.by and table.name == self._rows.table.name

    def _links(self, name: str, theirs: Rows) -> tuple[Link, ...]:
        """How a row here leads to the one row there; ``ExpressionError`` if its grain is finer than the rows'."""
        keys_there = [key for key in theirs.keys if key != WHOLE]
        links = [self._link(theirs, key) for key in keys_there]
        missing = [key for key, link in zip(keys_there, links, strict=True) if link is None]
        if missing:
            keys = ", ".join(missing)
            raise ExpressionError(
                0, f"'{name}' goes by {keys}, which the rows here do not have", f"“{name}”按 {keys} 区分，此处的行没有这些列",
                accepted=f"measures with by: [{', '.join(self._rows.keys)}]",
                accepted_zh=f"带 by: [{', '.join(self._rows.keys)}] 的指标",
            )  # fmt: skip
        return tuple(link for link in links if link is not None)

    def _link(self, theirs: Rows, key: str) -> Link | None:
        own = self._rows.columns
        if key in PERIODS:
            period = self._rows.period
            return Link(period, key, "" if key == period else key) if period and is_coarser(key, period) else None
        if key in own:
            return Link(key, key)
        domain = theirs.columns[key].domain
        alike = [c.name for c in own.values() if domain and c.domain == domain]
        return Link(alike[0], key) if len(alike) == 1 else None

    def _flag_link(self, theirs: Rows, key: str) -> Link | None:
        """As ``_link``, but a flag of a finer period or of parts (a grade, a day) counts for the whole."""
        if key in PERIODS:
            period = self._rows.period
            if not period:
                return None
            return Link(period, key, key if is_coarser(key, period) else period)
        return self._link(theirs, key)


def scope_of(rows: Rows, reach: Callable[[str], Column] | None, *, grouped: bool = False) -> Scope:
    """What a condition over ``rows`` can read; ``grouped``: what their measures can, which speak of the table's rows."""
    name = rows.table.name
    if grouped:
        by = frozenset(key.of for key in rows.by if not key.period)
        columns = {c.name: c for c in rows.table.columns}
        return Scope(columns, (f"table '{name}'", f"表“{name}”"), by=by, reach=reach)
    if rows.by:
        keys = ", ".join(rows.keys)
        described = (f"a group of '{name}' by {keys}", f"“{name}”按 {keys} 的分组")
    else:
        described = (f"table '{name}'", f"表“{name}”")
    return Scope(rows.columns, described, period=rows.period, reach=reach)


def decision_weight(table: DecisionTable, rows: Rows) -> int:
    """What one output of ``table`` comes to in a query (``weight_of``)."""
    weights = [weight_of(column.operand.node, rows.inner) + 2 for column in table.inputs]
    return sum(
        weight * sum(2 if isinstance(part, Interval) else 1 for part in cell.parts)
        for row in table.rows
        for weight, cell in zip(weights, row.cells, strict=True)
        if cell is not None
    )


def flags_of(references: Mapping[str, Reference]) -> set[str]:
    """The rules whose flags an expression reads, through whatever it reaches."""
    out: set[str] = set()
    for reference in references.values():
        if reference.kind == "flag":
            out.add(reference.target)
        elif reference.rows is not None:
            out |= flags_of(reference.rows.inner)
    return out


def _unsound(name: str, at: int = 0) -> UnsoundError:
    return UnsoundError(at, f"'{name}' has problems of its own", f"“{name}”自身有误")
