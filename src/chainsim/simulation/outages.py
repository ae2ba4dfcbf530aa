"""When each asset works at less than itself, given or drawn, and why."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from random import Random

from chainsim.model import Disruption, Distribution, Scenario


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start`` on the asset works at ``remaining``; ``cause`` is (code, asset), or ``None`` when it is whole."""

    start: float
    remaining: float
    cause: tuple[str, str] | None


def stretches(scenario: Scenario) -> dict[tuple[str, str], tuple[Stretch, ...]]:
    """(asset, aspect) → its stretches in time order; the aspect is ``cash`` for customers' money, else ``""``.

    Where windows overlap the smallest remainder holds; among equals the one that began first, then the one declared
    first, is the cause.
    """
    windows: dict[tuple[str, str], list[Disruption]] = {}
    for disruption in (*scenario.disruptions, *drawn(scenario)):
        aspect = "cash" if disruption.cause == "customer_cash" else ""
        windows.setdefault((disruption.asset, aspect), []).append(disruption)
    return {key: _overlay(group) for key, group in windows.items()}


def drawn(scenario: Scenario) -> tuple[Disruption, ...]:
    """The random disruptions of this seed: alternating up and down times per entry, each from a stream of its own.

    A stream depends on (seed, asset, name) alone, so that a new asset never shifts another's draws.
    """
    out = []
    for random in scenario.random_disruptions:
        stream = stream_of(scenario.seed, "disruption", f"{random.asset}/{random.name}")
        day, count = 0.0, 0
        while True:
            day += draw(random.time_to_failure_days, stream)
            if day >= scenario.end_day:
                break
            end = day + draw(random.time_to_repair_days, stream)
            count += 1
            if end > day:
                out.append(
                    Disruption(
                        name=f"{random.name} {count}",
                        asset=random.asset,
                        start=day,
                        end=end,
                        remaining=random.remaining,
                        cause=random.cause,
                    )
                )
            else:
                end = day + 1e-6  # both durations drawn as nothing: time must go on
            day = end
    return tuple(out)


def stream_of(seed: int, kind: str, name: str) -> Random:
    """The random stream of (seed, kind, name): independent of every other and the same on every machine."""
    digest = hashlib.sha256(f"{seed}\x00{kind}\x00{name}".encode()).digest()
    return Random(int.from_bytes(digest[:16], "big"))


def draw(distribution: Distribution, stream: Random) -> float:
    """One duration in days, never negative."""
    p = distribution.parameters
    match distribution.kind:
        case "constant":
            value = p[0]
        case "uniform":
            value = stream.uniform(p[0], p[1])
        case "exponential":
            value = stream.expovariate(1.0 / p[0]) if p[0] > 0 else 0.0
        case "lognormal":
            value = p[0] * math.exp(p[1] * stream.gauss(0.0, 1.0))
        case "weibull":
            value = stream.weibullvariate(p[0], p[1])
        case "triangular":
            value = stream.triangular(p[0], p[2], p[1])
    return max(0.0, value)


def _overlay(windows: list[Disruption]) -> tuple[Stretch, ...]:
    edges = sorted({w.start for w in windows} | {w.end for w in windows})
    out: list[Stretch] = []
    for edge in edges:
        running = [(w.remaining, w.start, i, w) for i, w in enumerate(windows) if w.start <= edge < w.end]
        if running:
            worst = min(running)[3]
            stretch = Stretch(edge, worst.remaining, (worst.cause, worst.asset))
        else:
            stretch = Stretch(edge, 1.0, None)
        if not out or (out[-1].remaining, out[-1].cause) != (stretch.remaining, stretch.cause):
            out.append(stretch)
    return tuple(out)


class Condition:
    """The run's cursor over one asset's stretches."""

    __slots__ = ("_next", "_stretches", "cause", "remaining")

    def __init__(self, stretches: tuple[Stretch, ...]) -> None:
        self._stretches = stretches
        self._next = 0
        self.remaining = 1.0
        self.cause: tuple[str, str] | None = None

    def edges(self) -> tuple[float, ...]:
        """The days at which the condition changes."""
        return tuple(s.start for s in self._stretches)

    def at(self, day: float) -> tuple[float, tuple[str, str] | None]:
        """(remaining, cause) at any day, without moving the cursor."""
        index = bisect_right(self._stretches, day, key=lambda s: s.start)
        if index == 0:
            return 1.0, None
        stretch = self._stretches[index - 1]
        return stretch.remaining, stretch.cause

    def take_over(self, stretches: tuple[Stretch, ...], day: float) -> None:
        """From ``day`` on go by these stretches, of which those that began before it are over or running."""
        self._stretches = stretches
        self._next = bisect_left(stretches, day, key=lambda s: s.start)
        if self._next:
            self.remaining, self.cause = stretches[self._next - 1].remaining, stretches[self._next - 1].cause

    def advance(self, day: float) -> None:
        """Move to what holds at ``day``."""
        while self._next < len(self._stretches) and self._stretches[self._next].start <= day:
            stretch = self._stretches[self._next]
            self.remaining, self.cause = stretch.remaining, stretch.cause
            self._next += 1
