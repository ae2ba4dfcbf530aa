"""What an experiment *is*: a base scenario, factors that vary it, a design that says how, chance, and what is kept of each run.

A *variant* is one setting of all factors, a *replication* one fate: the same draws of every random thing for every variant
(common random numbers), so that a difference between two variants is theirs and not luck's. A *run* is one variant under one
replication.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from chainsim.experiments.distributions import Spread
from chainsim.files.tree import Block, Place
from chainsim.model import Label

FactorKind = Literal["set", "scale", "overlay"]
NOWHERE = Place("")
DesignKind = Literal["list", "grid", "one_at_a_time", "latin_hypercube", "sobol", "monte_carlo"]
NoiseKind = Literal["production", "cash", "prices"]
NoiseStep = Literal["run", "month", "day"]
StockStep = Literal["none", "month", "week", "day"]

DRAWN: tuple[DesignKind, ...] = ("latin_hypercube", "sobol", "monte_carlo")
"""Designs that draw their points instead of listing them."""
STOCK_STEPS: tuple[StockStep, ...] = ("none", "month", "week", "day")
NOISE_STEPS: tuple[NoiseStep, ...] = ("run", "month", "day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One value of a factor. ``given`` is what goes into the scenario: a tree's value (``set``), a number (``scale``), or the
    overlays' trees, laid one over the other (``overlay``). ``number`` is its place on an axis, where it has one; ``place`` where
    it stands in the file, if it does."""

    name: str
    given: Any
    number: float | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """Something that is varied: ``paths`` in the scenario document for ``set`` and ``scale``, overlays for ``overlay``.

    ``levels`` are its listed values; ``spread`` how it is drawn where the design draws; ``window`` limits a ``scale`` of table
    rows to [from, to).
    """

    name: str
    label: Label
    unit: str
    kind: FactorKind
    paths: tuple[str, ...]
    levels: tuple[Level, ...]
    spread: Spread | None
    whole: bool
    window: tuple[str, str]
    place: Place

    def level_at(self, share: float) -> Level:
        """The level at ``share`` (0…1) of the factor's distribution; of listed levels, each has an equal part."""
        if self.spread is None:
            return self.levels[min(int(share * len(self.levels)), len(self.levels) - 1)]
        value = self.spread.quantile(share)
        if self.whole:
            value = float(round(value))
        return Level(name=f"{value:.6g}", given=value, number=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """``points`` counts the points of a drawn design, ``listed`` gives those of a list: factor → level's position."""

    kind: DesignKind
    points: int = 0
    listed: tuple[tuple[tuple[str, int], ...], ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Chance that no disruption describes: ``factor`` is drawn for each of ``names`` and each ``every``, or once for all."""

    name: str
    of: NoiseKind
    names: tuple[str, ...]
    every: NoiseStep
    together: bool
    factor: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What is kept of each run besides the customers' completion and the causes of shortfall."""

    kpis: tuple[str, ...]
    stocks: StockStep = "none"
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """Replications go on, ``every`` at a time, until the mean of ``kpi`` is known to ± ``half_width``; ``at_most`` of them."""

    kpi: str
    half_width: float
    at_most: int
    every: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What the answers are about: ``baseline`` sets the variant that others are compared with; ``against`` says which plan a
    customer's completion is held against."""

    confidence: float = 0.95
    thresholds: tuple[float, ...] = (0.95,)
    against: Literal["plan", "original"] = "plan"
    baseline: tuple[tuple[str, int], ...] | None = None
    tornado: tuple[str, ...] = ("completion",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """Everything an experiment depends on; ``base`` is the scenario's tree with the experiment's own overlay on it.

    Without ``replications`` every run keeps the scenario's own seed, so that a variant gives what ``chainsim run`` gives.
    """

    name: str
    label: Label
    description: str
    base: Block = field(repr=False)
    base_path: str
    factors: tuple[Factor, ...]
    design: Design
    noise: tuple[Noise, ...]
    replications: int | None
    seed: int
    recording: Recording
    questions: Questions
    until: Until | None
    most_runs: int

    @property
    def fates(self) -> int:
        """Replications per variant: the most there can be, where they end when the answer is narrow enough."""
        if self.until is not None:
            return self.until.at_most
        return 1 if self.replications is None else self.replications


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One setting of the factors: the level of each, in the factors' order; ``None`` leaves the scenario as it is."""

    number: int
    levels: tuple[Level | None, ...]

    def name(self, experiment: Experiment) -> str:
        """``outage=5; order=with``; ``base`` where everything is as it is."""
        pairs = zip(experiment.factors, self.levels, strict=True)
        return "; ".join(f"{factor.name}={level.name}" for factor, level in pairs if level is not None) or "base"
