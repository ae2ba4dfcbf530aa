"""Intervals of confidence: of a mean by Student's t, of a probability after Wilson."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist


@lru_cache(maxsize=4096)
def t_quantile(confidence: float, degrees: int) -> float:
    """The factor by which the standard error gives the half-width of a two-sided interval of a mean.

    >>> round(t_quantile(0.95, 9), 3)
    2.262
    """
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + confidence / 2.0))


def wilson(hits: int, trials: int, confidence: float) -> tuple[float, float]:
    """The score interval of a probability of which ``hits`` of ``trials`` were seen.

    Source: Wilson, J. Am. Stat. Assoc. 22 (1927), equation for the limits of p.

    >>> [round(limit, 4) for limit in wilson(0, 20, 0.95)]
    [0.0, 0.1611]
    """
    assert 0 <= hits <= trials and trials > 0
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    share = hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return max(0.0, middle - half), min(1.0, middle + half)
