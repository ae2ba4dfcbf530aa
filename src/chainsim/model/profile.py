"""A quantity that changes in steps over time."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """A right-continuous step function of time: ``values[i]`` holds from ``days[i]`` until ``days[i + 1]``.

    ``days`` are days since the scenario's start, strictly increasing, the first at or before 0 (use ``-inf`` for
    "always"). ``values`` has the same length.
    """

    days: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        assert self.days and len(self.days) == len(self.values)
        assert all(a < b for a, b in zip(self.days, self.days[1:], strict=False))

    @classmethod
    def constant(cls, value: float) -> Profile:
        """The profile that is ``value`` at all times."""
        return cls((float("-inf"),), (value,))

    def at(self, day: float) -> float:
        """The value in force at ``day`` (the first value before the first step)."""
        return self.values[max(0, bisect_right(self.days, day) - 1)]

    def changes(self, after: float, before: float) -> tuple[tuple[float, float], ...]:
        """The steps ``(day, value)`` with ``after < day < before``."""
        return tuple((d, v) for d, v in zip(self.days, self.values, strict=True) if after < d < before)
