"""A linear program under construction: its variables by kind and index, its rows by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pulp

from chainsim.optimization.case import Case

Terms = list[tuple[pulp.LpVariable, float]]
Variables = dict[tuple[object, ...], pulp.LpVariable]


@dataclass(slots=True)
class Formulation:
    """The program of one case: ``problem`` and its variables by kind and index."""

    case: Case
    problem: pulp.LpProblem
    variables: dict[str, Variables] = field(default_factory=dict)
    rows: dict[tuple[object, ...], pulp.LpConstraint] = field(default_factory=dict)
    """Constraints by (kind, *index), for their prices."""

    def add(
        self, kind: str, *index: object, low: float | None = 0.0, high: float | None = None, whole: bool = False
    ) -> pulp.LpVariable:
        """A variable ``kind[index]``."""
        known = self.variables.setdefault(kind, {})
        name = f"{kind}_{len(known)}"
        known[index] = self.problem.add_variable(name, low, high, pulp.LpInteger if whole else pulp.LpContinuous)
        return known[index]

    def of(self, kind: str) -> Variables:
        """All variables of a kind, by index."""
        return self.variables.setdefault(kind, {})

    def get(self, kind: str, *index: object) -> pulp.LpVariable | None:
        """One variable, if there is one."""
        return self.variables.get(kind, {}).get(index)

    def require(self, terms: Iterable[tuple[pulp.LpVariable, float]], sense: int, bound: float, *name: object) -> None:
        """The row Σ terms (<=, =, >=) bound, remembered under ``name``. Terms of one variable are added up."""
        listed = list(terms)
        expression = pulp.LpAffineExpression(listed)
        if len(expression) < len(listed):
            sums = dict.fromkeys(expression, 0.0)
            for variable, factor in listed:
                sums[variable] += factor
            expression = pulp.LpAffineExpression(sums)
        row = pulp.LpConstraint(expression, sense, None, bound)
        self.problem.addConstraint(row, f"r{len(self.rows)}")
        self.rows[name] = row


LE, EQ, GE = pulp.LpConstraintLE, pulp.LpConstraintEQ, pulp.LpConstraintGE
