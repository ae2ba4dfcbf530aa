"""``scale``: a factor on the rows of a table, chosen by name patterns and a window of time.

A scale changes what its own layer and those below it state; a row stated above it stands as written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from chainsim.files.tree import Place


@dataclass(slots=True)
class Scale:
    """A factor on ``table`` where columns match, for [start, end) in days; ``matched`` once it changed anything."""

    index: int
    table: str
    where: Mapping[str, str]
    start: float
    end: float
    factor: float
    layer: int
    found: str
    matched: bool = False

    def applies(self, table: str, keys: Mapping[str, str], layer: int) -> bool:
        """Whether rows of ``table`` with these keys, stated in ``layer``, are meant."""
        if table != self.table or layer > self.layer:
            return False
        return all(fnmatchcase(keys.get(column, ""), pattern) for column, pattern in self.where.items())


@dataclass(frozen=True, slots=True)
class StepRow:
    """A value from a day on."""

    day: float
    value: float
    place: Place
    note: str = ""


@dataclass(slots=True)
class ScaledLine:
    """A plan or purchase line on its way to the model."""

    keys: Mapping[str, str]
    start: float
    end: float
    tonnes: float
    layer: int
    row: Any


def scale_steps(steps: list[StepRow], scales: Sequence[Scale], table: str, keys: Mapping[str, str]) -> list[StepRow]:
    """A step function scaled within the windows: new steps stand where a window begins and ends."""
    for scale in scales:
        if not scale.applies(table, keys, min(step.place.layer for step in steps)):
            continue
        out: list[StepRow] = []
        ends = [step.day for step in steps[1:]] + [float("inf")]
        for step, until in zip(steps, ends, strict=True):
            if step.place.layer > scale.layer or until <= scale.start or step.day >= scale.end:
                out.append(step)
                continue
            scale.matched = True
            if step.day < scale.start:
                out.append(step)
            out.append(replace(step, day=max(step.day, scale.start), value=step.value * scale.factor))
            if scale.end < until:
                out.append(replace(step, day=scale.end))
        steps = out
    return steps


def scale_amounts(
    amount: float, day: float, layer: int, scales: Sequence[Scale], table: str, keys: Mapping[str, str]
) -> float:
    """An amount on a day, scaled by every scale whose window holds the day."""
    for scale in scales:
        if scale.start <= day < scale.end and scale.applies(table, keys, layer):
            scale.matched = True
            amount *= scale.factor
    return amount


def scale_lines(lines: list[ScaledLine], scales: Sequence[Scale], table: str, key: tuple[str, ...]) -> None:
    """Scale the lines whose period lies within a window; a coarser line around them changes by as much as they do."""
    for scale in scales:
        if scale.table != table:
            continue
        groups: dict[tuple[str, ...], list[ScaledLine]] = {}
        for line in lines:
            groups.setdefault(tuple(line.keys[k] for k in key), []).append(line)
        for group in groups.values():
            chosen = [
                line
                for line in group
                if scale.start <= line.start and line.end <= scale.end and scale.applies(table, line.keys, line.layer)
            ]
            if not chosen:
                continue
            scale.matched = True
            outermost = [a for a in chosen if not any(b is not a and _within(a, b) for b in chosen)]
            for line in group:
                if line not in chosen:
                    line.tonnes += sum(a.tonnes * (scale.factor - 1) for a in outermost if _within(a, line))
            for line in chosen:
                line.tonnes *= scale.factor


def _within(inner: ScaledLine, outer: ScaledLine) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end and inner.end - inner.start < outer.end - outer.start
