"""The constraints of pipelines; see ``chainsim.optimization.formulation`` for the sets and variables."""

from __future__ import annotations

from chainsim.optimization.case import Line
from chainsim.optimization.program import EQ, GE, LE, Formulation, Terms


def line_capacities(program: Formulation) -> None:
    """Σ_g x[a,g,b] <= ∫ capacity"""
    for line in program.case.lines:
        for b, capacity in enumerate(line.capacity_t):
            program.require(_entering(program, line, b), LE, capacity, "capacity", line.spec.name, b)


def minimum_throughputs(program: Formulation) -> None:
    """Σ_g x[a,g,b] + u[a,b] >= minimum safe throughput, as far as the line can run"""
    for line in program.case.lines:
        for b, least in enumerate(line.minimum_t):
            if least > 0:
                below = program.of("u")[line.spec.name, b]
                program.require([*_entering(program, line, b), (below, 1.0)], GE, least, "minimum", line.spec.name, b)


def line_exits(program: Formulation) -> None:
    """y[a,g,b] = O[g,b] + Σ_b' φ[b',b]·x[a,g,b'] + κ[g,b]·(Σ_g x[a,g,b] − ΣO − Σ_b' φ[b',b]·Σ_g x[a,g,b']) + w+ − w−"""
    for line in program.case.lines:
        if line.exits is None:
            continue
        name = line.spec.name
        for b in range(len(program.case.grid.buckets)):
            opening, passed, mix = line.exits.opening_t[b], line.exits.passed[b], line.exits.mix[b]
            before = sum(opening.values())
            for grade in line.grades:
                share = mix.get(grade, 0.0)
                terms = [(program.of("y")[name, grade, b], 1.0)]
                terms += [(program.of("x")[name, grade, entry], -part) for entry, part in passed]
                if share > 0:
                    terms += [(variable, -share) for variable, _ in _entering(program, line, b)]
                    terms += [
                        (variable, share * part)
                        for entry, part in passed
                        for variable, _ in _entering(program, line, entry)
                    ]
                terms += [(program.of("w+")[name, grade, b], -1.0), (program.of("w-")[name, grade, b], 1.0)]
                program.require(terms, EQ, opening.get(grade, 0.0) - share * before, "exit", name, grade, b)


def compositions(program: Formulation) -> None:
    """Σ_g w+[a,g,b] = Σ_g w−[a,g,b]: what leaves unexpectedly of one grade is missing of another"""
    for line in program.case.lines:
        if line.exits is not None:
            for b in range(len(program.case.grid.buckets)):
                terms = [(program.of("w+")[line.spec.name, g, b], 1.0) for g in line.grades]
                terms += [(program.of("w-")[line.spec.name, g, b], -1.0) for g in line.grades]
                program.require(terms, EQ, 0.0, "composition", line.spec.name, b)


def line_contents(program: Formulation) -> None:
    """k[a,g,b] = k[a,g,b-1] + x[a,g,b] − y[a,g,b] >= 0: no more of a grade leaves than lies in the line and enters"""
    for line in program.case.lines:
        if line.exits is None:
            continue
        name, opening = line.spec.name, dict.fromkeys(line.grades, 0.0)
        for grade, tonnes in program.case.opening.contents_t.get(name, ()):
            opening[grade] = opening.get(grade, 0.0) + tonnes
        for grade in line.grades:
            for b in range(len(program.case.grid.buckets)):
                terms = [
                    (program.of("k")[name, grade, b], 1.0),
                    (program.of("x")[name, grade, b], -1.0),
                    (program.of("y")[name, grade, b], 1.0),
                ]
                if b:
                    terms.append((program.of("k")[name, grade, b - 1], -1.0))
                program.require(terms, EQ, 0.0 if b else opening[grade], "contents", name, grade, b)


def _entering(program: Formulation, line: Line, b: int) -> Terms:
    return [(program.of("x")[line.spec.name, grade, b], 1.0) for grade in line.grades]
