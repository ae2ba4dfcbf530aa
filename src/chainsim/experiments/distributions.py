"""How a number varies, by its quantile function: one uniform draw gives one value, and more luck never gives less.

Kinds and parameters are those of the scenarios' distributions, with the normal beside them:
``constant`` (value), ``uniform`` (low, high), ``triangular`` (low, mode, high), ``normal`` (mean, sd), ``lognormal`` (median,
sigma of the logarithm), ``exponential`` (mean), ``weibull`` (scale, shape).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

PARAMETERS: dict[str, tuple[str, ...]] = {
    "constant": ("value",),
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "normal": ("mean", "sd"),
    "lognormal": ("median", "sigma"),
    "exponential": ("mean",),
    "weibull": ("scale", "shape"),
}
_inverse_normal = NormalDist().inv_cdf
_EDGE = 1e-12
"""Quantiles are told within this of 0 and 1, where unbounded distributions have none."""


def _triangular(share: float, low: float, mode: float, high: float) -> float:
    if high == low:
        return low
    if share <= (mode - low) / (high - low):
        return low + math.sqrt(share * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - share) * (high - low) * (high - mode))


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution of ``kind`` with its ``parameters`` in the order of ``PARAMETERS``."""

    kind: str
    parameters: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """The value below which ``share`` (0…1) of all draws lie.

        >>> Spread("uniform", (2.0, 4.0)).quantile(0.25), Spread("triangular", (0.0, 1.0, 2.0)).quantile(0.5)
        (2.5, 1.0)
        """
        return self.quantiles((min(max(share, _EDGE), 1.0 - _EDGE),))[0]

    def quantiles(self, shares: Iterable[float]) -> list[float]:
        """As ``quantile``, of many; each within (0, 1), for unbounded distributions have no ends."""
        p = self.parameters
        match self.kind:
            case "constant":
                return [p[0] for _ in shares]
            case "uniform":
                return [p[0] + share * (p[1] - p[0]) for share in shares]
            case "triangular":
                return [_triangular(share, *p) for share in shares]
            case "normal":
                return [p[0] + p[1] * _inverse_normal(share) for share in shares]
            case "lognormal":
                return [p[0] * math.exp(p[1] * _inverse_normal(share)) for share in shares]
            case "exponential":
                return [-p[0] * math.log1p(-share) for share in shares]
            case _:
                assert self.kind == "weibull", self.kind
                return [p[0] * (-math.log1p(-share)) ** (1.0 / p[1]) for share in shares]

    def problem(self) -> str:
        """The parameter that cannot be, as a condition it must meet; "" where all is well."""
        p = self.parameters
        if not all(math.isfinite(value) for value in p):
            return "finite"
        match self.kind:
            case "uniform":
                return "" if p[0] <= p[1] else "low ≤ high"
            case "triangular":
                return "" if p[0] <= p[1] <= p[2] else "low ≤ mode ≤ high"
            case "normal":
                return "" if p[1] >= 0 else "sd ≥ 0"
            case "lognormal":
                return "" if p[0] > 0 and p[1] >= 0 else "median > 0, sigma ≥ 0"
            case "exponential":
                return "" if p[0] > 0 else "mean > 0"
            case "weibull":
                return "" if p[0] > 0 and p[1] > 0 else "scale > 0, shape > 0"
            case _:
                return ""

    def text(self) -> str:
        """As it is written in a file: ``normal(mean=1; sd=0.05)``."""
        pairs = zip(PARAMETERS[self.kind], self.parameters, strict=True)
        return f"{self.kind}({'; '.join(f'{name}={value:g}' for name, value in pairs)})"
