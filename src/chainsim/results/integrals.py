"""Exact integrals and values of a run's breakpoints, as arrays.

Between two breakpoints flows are constant and stocks linear, so a day's tonnes are a difference of one cumulative sum
interpolated at its midnights: no sampling. An event exactly at midnight belongs to the day that begins then, so stocks
at a midnight are taken just before it (``side="left"``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from chainsim.model import Profile
from chainsim.records import FlowLog

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Steps:
    """A step function: ``values[i]`` (one number, or a row of them) holds from ``days[i]``; before it, nothing."""

    days: Floats
    values: Floats

    def integral_at(self, when: Floats, end: float) -> Floats:
        """The integral from the first day to each of ``when``, in which nothing happens after ``end``."""
        days = np.append(self.days, max(end, self.days[-1]))
        widths = np.diff(days)
        shape = (-1,) + (1,) * (self.values.ndim - 1)
        grown = np.cumsum(self.values * widths.reshape(shape), axis=0)
        total = np.concatenate([np.zeros_like(grown[:1]), grown])
        clipped = np.minimum(np.maximum(when, days[0]), days[-1])
        index = np.minimum(np.maximum(np.searchsorted(days, clipped, side="right") - 1, 0), len(widths) - 1)
        integral: Floats = total[index] + self.values[index] * (clipped - days[index]).reshape(shape)
        return integral

    def at(self, when: Floats) -> Floats:
        """The value in force at each of ``when`` (the first value before the first day)."""
        return self.values[np.maximum(np.searchsorted(self.days, when, side="right") - 1, 0)]


def steps_of(profile: Profile, remaining: Steps | None = None) -> Steps:
    """A profile as steps, times what disruptions leave of it."""
    own = Steps(np.array(profile.days), np.array(profile.values))
    if remaining is None:
        return own
    days = np.unique(np.concatenate([own.days, remaining.days]))
    left = np.where(days < remaining.days[0], 1.0, remaining.at(days))
    return Steps(days, own.at(days) * left)


def bounded(steps: Steps, begin: float) -> Steps:
    """The same function from ``begin`` on, without the infinite past of a constant profile."""
    later = steps.days > begin
    return Steps(
        np.concatenate([[begin], steps.days[later]]),
        np.concatenate([steps.at(np.array([begin])), steps.values[later]]),
    )


def added(parts: Iterable[Steps]) -> Steps:
    """The sum of step functions; each is zero before its first day."""
    listed = list(parts)
    if len(listed) == 1:
        return listed[0]
    days = np.unique(np.concatenate([p.days for p in listed]))
    total = np.zeros((len(days), *listed[0].values.shape[1:]))
    for part in listed:
        first = int(np.searchsorted(days, part.days[0]))
        total[first:] += part.at(days[first:])
    return Steps(days, total)


@dataclass(frozen=True, slots=True)
class Stock:
    """A piecewise-linear stock: ``tonnes`` at ``days``; a jump is two of them at one time."""

    days: Floats
    tonnes: Floats

    def at(self, when: Floats, side: Literal["left", "right"] = "left") -> Floats:
        """The stock at each of ``when``, before (``left``) or after (``right``) a jump at that very instant."""
        index = np.minimum(np.maximum(np.searchsorted(self.days, when, side=side) - 1, 0), len(self.days) - 1)
        after = np.minimum(index + 1, len(self.days) - 1)
        width = self.days[after] - self.days[index]
        share = np.where(width > 0, (when - self.days[index]) / np.where(width > 0, width, 1.0), 0.0)
        tonnes: Floats = self.tonnes[index] + (self.tonnes[after] - self.tonnes[index]) * np.minimum(
            np.maximum(share, 0.0), 1.0
        )
        return tonnes


def total_stock(stocks: Iterable[Stock], extra_days: Floats) -> Stock:
    """The sum of stocks at every breakpoint of any of them and at ``extra_days``, each twice: before and after a jump."""
    listed = list(stocks)
    days = np.unique(np.concatenate([*(s.days for s in listed), extra_days]))
    before = np.zeros(len(days))
    after = np.zeros(len(days))
    for stock in listed:
        before += stock.at(days, "left")
        after += stock.at(days, "right")
    return Stock(np.repeat(days, 2), np.stack([before, after], axis=1).ravel())


@dataclass(frozen=True, slots=True)
class Flow:
    """One ``FlowLog`` as arrays; the composition is a row of fractions over the run's grades."""

    log: FlowLog
    days: Floats
    rate: Floats
    entering: Floats
    leaving: Floats

    def entered_at(self, when: Floats, end: float) -> Floats:
        """Tonnes by grade that entered up to each of ``when``: shape (times, grades)."""
        return Steps(self.days, self.rate[:, None] * self.entering).integral_at(when, end)

    def pushed_at(self, when: Floats, end: float) -> Floats:
        """Tonnes by grade pushed out up to each of ``when``, before the loss."""
        return Steps(self.days, self.rate[:, None] * self.leaving).integral_at(when, end)


def flow_of(log: FlowLog, fractions: Floats) -> Flow:
    """``log`` with its compositions looked up; ``fractions`` has a row per mixture and a last row of zeros."""
    assert max(*log.into, *log.out_of) < len(fractions) - 1, f"{log.asset} names a mixture that the log lacks"
    return Flow(
        log=log,
        days=np.array(log.days),
        rate=np.array(log.rate),
        entering=fractions[np.array(log.into, dtype=np.intp)],
        leaving=fractions[np.array(log.out_of, dtype=np.intp)],
    )


def mixture_fractions(mixtures: tuple[tuple[tuple[str, float], ...], ...], grades: tuple[str, ...]) -> Floats:
    """Fractions by (mixture, grade), with a last row of zeros for an index of −1 (nothing flows)."""
    position = {grade: i for i, grade in enumerate(grades)}
    fractions = np.zeros((len(mixtures) + 1, len(grades)))
    for row, mixture in enumerate(mixtures):
        for grade, fraction in mixture:
            fractions[row, position[grade]] = fraction
    return fractions
