"""Which variants an experiment has: listed, crossed, one at a time, or drawn.

Whatever is drawn for a factor comes from a stream named after it, so that a factor more never shifts another's draws. Latin
hypercube: McKay, Beckman, Conover, Technometrics 21 (1979): each of n equal parts of a factor's distribution is hit once. Sobol:
Joe, Kuo, SIAM J. Sci. Comput. 30 (2008), a dimension per factor in the order of declaration, each moved by a random digital
shift (L'Ecuyer, Lemieux 2002), which keeps the balance of the sequence.
"""

from __future__ import annotations

from itertools import product
from math import prod

from chainsim.experiments.experiment import DRAWN, Experiment, Factor, Level, Variant
from chainsim.simulation.outages import stream_of

_SOBOL_BITS = 30
_Levels = tuple[Level | None, ...]


def variant_count(experiment: Experiment) -> int:
    """How many variants there are, without making them."""
    design, factors = experiment.design, experiment.factors
    match design.kind:
        case "list":
            return len(design.listed)
        case "grid":
            return prod(len(factor.levels) for factor in factors)
        case "one_at_a_time":
            return 1 + sum(len(factor.levels) for factor in factors)
        case _:
            return design.points


def variants(experiment: Experiment) -> tuple[Variant, ...]:
    """All variants, in the design's order; equal experiments have equal variants."""
    return tuple(Variant(number=i, levels=levels) for i, levels in enumerate(_settings(experiment)))


def _settings(experiment: Experiment) -> list[_Levels]:
    design, factors = experiment.design, experiment.factors
    if design.kind == "list":
        return [listed_levels(factors, point) for point in design.listed]
    if design.kind == "grid":
        return list(product(*(factor.levels for factor in factors)))
    if design.kind == "one_at_a_time":
        asis: _Levels = (None,) * len(factors)
        return [asis] + [
            (*asis[:i], level, *asis[i + 1 :]) for i, factor in enumerate(factors) for level in factor.levels
        ]
    assert design.kind in DRAWN
    drawn = [_shares(experiment, i, factor) for i, factor in enumerate(factors)]
    return [
        tuple(factor.level_at(shares[point]) for factor, shares in zip(factors, drawn, strict=True))
        for point in range(design.points)
    ]


def listed_levels(factors: tuple[Factor, ...], point: tuple[tuple[str, int], ...]) -> _Levels:
    """The levels of a point written out in the file."""
    chosen = dict(point)
    return tuple(factor.levels[chosen[factor.name]] if factor.name in chosen else None for factor in factors)


def _shares(experiment: Experiment, position: int, factor: Factor) -> list[float]:
    """Where in the factor's distribution each point lies, 0…1."""
    points = experiment.design.points
    stream = stream_of(experiment.seed, "design", factor.name)
    if experiment.design.kind == "monte_carlo":
        return [stream.random() for _ in range(points)]
    if experiment.design.kind == "latin_hypercube":
        strata = list(range(points))
        stream.shuffle(strata)
        return [(stratum + stream.random()) / points for stratum in strata]
    scale = 1 << _SOBOL_BITS
    shift = stream.getrandbits(_SOBOL_BITS)
    return [((number ^ shift) + 0.5) / scale for number in _sobol_numbers(position, points)]


def _sobol_numbers(dimension: int, points: int) -> list[int]:
    """The first ``points`` members of the Sobol sequence in one dimension, as whole numbers below 2 ** ``_SOBOL_BITS``."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(dimension + 1, scramble=False, bits=_SOBOL_BITS).random_base2(
        max(0, (points - 1).bit_length())
    )
    return [int(value * (1 << _SOBOL_BITS)) for value in sequence[:points, dimension]]
