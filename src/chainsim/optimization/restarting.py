"""Solving again what has hardly changed: the vertex of one program as the start of another.

A capacity, a plan line, what a simulation has taught: the program keeps its columns and rows, only numbers in it differ, and the
vertex that was best for the old numbers is a few pivots from the one for the new. Columns and rows are matched by what they mean,
so that programs may also differ in some of them; the levels' values are those of a fresh start, as each is solved to its end.
"""

from __future__ import annotations

from typing import Any

from chainsim.optimization.levels import Solved
from chainsim.optimization.program import Formulation
from chainsim.optimization.solving import Basis, Session


def start_from(session: Session, program: Formulation, known: Formulation, solved: Solved) -> None:
    """Let ``session``, which holds ``program``, start at the first vertex of ``solved``, the answer to ``known``."""
    vertex = solved.session.first
    if vertex is None:
        return
    columns, rows = _resting(session)
    left = len(columns) + len(rows)
    for kind, variables in program.variables.items():
        before = known.of(kind)
        for index, variable in variables.items():
            if index in before and (old := solved.session.index.get(before[index])) is not None:
                at = session.index.get(variable)
                if at is not None:
                    columns[at] = vertex.columns[old]
                    left -= 1
    for name, row in program.rows.items():
        if name in known.rows and (old := solved.session.row_index.get(id(known.rows[name]))) is not None:
            rows[session.row_index[id(row)]] = vertex.rows[old]
            left -= 1
    same = left == 0 and len(columns) == len(vertex.columns) and len(rows) == len(vertex.rows)
    session.begin_at(Basis(columns, rows, whole=same))


def _resting(session: Session) -> tuple[list[Any], list[Any]]:
    """Every column at its lower bound, every row free: what a column or row is that the known program did not have."""
    from highspy import HighsBasisStatus

    return [HighsBasisStatus.kLower] * len(session.variables), [HighsBasisStatus.kBasic] * len(session.rows)
