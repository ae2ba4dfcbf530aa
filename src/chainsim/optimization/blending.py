"""Blended tanks: what leaves one has the composition of what is in it.

Composition times flow is a product of two unknowns. As for lines it is linearised around the simulation: a line that leaves a
blended farm draws at the composition that the simulation expects to enter it in the bucket; what differs from that is a variable
of its own, never worth a curtailed tonne. Exact where the farm runs as expected.
"""

from __future__ import annotations

import pulp

from chainsim.optimization.program import EQ, GE, Formulation, Terms


def declare_blending(program: Formulation) -> None:
    """w±["drawn", a,g,b]: drawn of a grade more (less) than the expected composition says."""
    for line in program.case.lines:
        for b in range(len(line.drawn)):
            for grade in line.grades:
                program.add("w+", "drawn", line.spec.name, grade, b)
                program.add("w-", "drawn", line.spec.name, grade, b)


def blended_draws(program: Formulation) -> None:
    """x[a,g,b] = κ[a,g,b] · Σ_g x[a,g,b] + w+ − w−, and Σ_g w+ = Σ_g w− follows, as Σ_g κ = 1"""
    for line in program.case.lines:
        for b, shares in enumerate(line.drawn):
            entering = {grade: program.of("x")[line.spec.name, grade, b] for grade in line.grades}
            for grade, variable in entering.items():
                terms: Terms = [(variable, 1.0)]
                terms += [(other, -shares.get(grade, 0.0)) for other in entering.values()]
                terms += _drift(program, line.spec.name, grade, b)
                program.require(terms, EQ, 0.0, "drawn", line.spec.name, grade, b)


def blended_heels(program: Formulation) -> None:
    """Σ_g z[h,g,b] >= heel[h]: dead stock of a mixture has no grade of its own"""
    for holder in (*program.case.farms, *program.case.customers):
        heel = min(holder.spec.heel_t.get("", 0.0), sum(holder.opening_t.values()))
        if holder.spec.storage == "blended" and heel > 0.0:
            for b in range(len(program.case.grid.buckets)):
                stock = [(program.of("z")[holder.spec.name, grade, b], 1.0) for grade in holder.grades]
                program.require(stock, GE, heel, "heel", holder.spec.name, b)


def _drift(program: Formulation, line: str, grade: str, b: int) -> list[tuple[pulp.LpVariable, float]]:
    more, less = program.of("w+")["drawn", line, grade, b], program.of("w-")["drawn", line, grade, b]
    return [(more, -1.0), (less, 1.0)]
