"""The scan: every asset from every day, on one process or several, always with the same result in the same order."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from chainsim.errors import FlowCycleError
from chainsim.experiments.processes import interrupts_ignored
from chainsim.experiments.resilience.harm import HarmKind, Performance, Subject, Undisturbed
from chainsim.experiments.resilience.recovery import Impact, impact_of
from chainsim.experiments.resilience.searching import ANY, Search, Survival
from chainsim.experiments.resilience.terms import Asset, Terms
from chainsim.model import Scenario
from chainsim.records import RunLog, Trunk
from chainsim.simulation import simulate
from chainsim.simulation.branching import grow


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What one asset's outage from one day on does. Where no outage in question does a kind of harm, its survival is ``None``."""

    asset: Asset
    start: float
    plans: Mapping[str, Survival]
    """By customer whose plan an outage in question makes short."""
    runs: Survival | None
    tank: Survival | None
    unrepaired: Mapping[Subject, float]
    """When who is harmed if the outage goes on."""
    impact: Impact

    @property
    def plan(self) -> Survival | None:
        """The survival of the customer whose plan is short first."""
        return min(self.plans.values(), key=lambda survival: survival.days, default=None)

    @property
    def survived_days(self) -> float:
        """The longest outage that does no harm of any kind; infinite if none in question does."""
        return min((s.days for s in (self.plan, self.runs, self.tank) if s is not None), default=float("inf"))

    def unrepaired_day(self, kind: HarmKind) -> float | None:
        """When the first harm of this kind comes if the outage goes on; ``None``: not within the outages in question."""
        return min((when for subject, when in self.unrepaired.items() if subject.kind == kind), default=None)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An outage under which the network's rates have no stable solution."""

    asset: Asset
    start: float
    error: FlowCycleError


@dataclass(frozen=True, slots=True)
class Scan:
    """The answers, by start and then in the assets' order."""

    scenario: Scenario
    terms: Terms
    undisturbed: RunLog
    exposures: tuple[Exposure, ...]
    unsettled: tuple[Unsettled, ...]

    def index_of(self, exposure: Exposure) -> float:
        """The Risk Exposure Index: its impact over the greatest of all assets from the same day, 0…1."""
        greatest = max(e.impact.short_t for e in self.exposures if e.start == exposure.start)
        return max(0.0, exposure.impact.short_t) / greatest if greatest > 0.0 else 0.0

    def ranked(self, start: float) -> tuple[Exposure, ...]:
        """The exposures from ``start``, the gravest first: by index, then by the time to survive, then by tonnes curtailed."""
        own = [e for e in self.exposures if e.start == start]

        def grave(exposure: Exposure) -> tuple[float, float, float]:
            return -self.index_of(exposure), exposure.survived_days, -exposure.impact.curtailed_t

        return tuple(sorted(own, key=grave))


@dataclass(frozen=True)
class _Ground:
    """What every task starts from; made once per process that works."""

    terms: Terms
    trunks: tuple[Trunk, ...]
    undisturbed: Undisturbed


Task = tuple[int, int]
"""Index of the start, index of the asset."""


def scan(
    scenario: Scenario, terms: Terms, *, workers: int = 1, done: Callable[[int, int], None] = lambda done, of: None
) -> Scan:
    """Ask of every asset and start; ``workers`` processes share the work, and ``done`` hears how far they are.

    Raises ``FlowCycleError`` where the undisturbed run itself has no stable rates; outages that have none are in ``unsettled``.
    """
    performance = Performance(scenario, simulate(scenario))
    trunks = tuple(grow(scenario, start) for start in terms.starts)
    ground = _Ground(terms, trunks, Undisturbed(performance, terms.tolerance_hours))
    tasks = [(s, a) for s in range(len(terms.starts)) for a in range(len(terms.assets))]
    found: dict[Task, Exposure | Unsettled] = {}
    done(0, len(tasks))
    for task, answer in _answers(ground, tasks, min(workers, len(tasks))):
        found[task] = answer
        done(len(found), len(tasks))
    answers = [found[task] for task in tasks]
    return Scan(
        scenario,
        terms,
        performance.log,
        tuple(a for a in answers if isinstance(a, Exposure)),
        tuple(a for a in answers if isinstance(a, Unsettled)),
    )


def _answers(ground: _Ground, tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, Exposure | Unsettled]]:
    """The answers as they come. Where a worker dies, this process does what is left."""
    left = dict.fromkeys(tasks)
    if workers > 1:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(ground,))
        try:
            with interrupts_ignored():
                futures = {pool.submit(_work, task): task for task in tasks}
            for future in as_completed(futures):
                answer = future.result()
                del left[futures[future]]
                yield futures[future], answer
        except BrokenProcessPool:
            pass
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    for task in left:
        yield task, _answer(ground, task)


_ground: _Ground | None = None
"""A worker process's own; it does nothing else in its life."""


def _begin(ground: _Ground) -> None:
    global _ground  # noqa: PLW0603 - the pool's way of giving a process what all its tasks need
    _ground = ground


def _work(task: Task) -> Exposure | Unsettled:
    assert _ground is not None
    return _answer(_ground, task)


def _answer(ground: _Ground, task: Task) -> Exposure | Unsettled:
    trunk, asset = ground.trunks[task[0]], ground.terms.assets[task[1]]
    try:
        return _exposure(ground, trunk, asset)
    except FlowCycleError as error:
        return Unsettled(asset, trunk.day, error)


def _exposure(ground: _Ground, trunk: Trunk, asset: Asset) -> Exposure:
    terms, undisturbed = ground.terms, ground.undisturbed
    search = Search(trunk, undisturbed, asset, terms)
    asked = search.whole(terms.outage_days)
    assert asked.performance is not None
    survivals = search.survivals()
    return Exposure(
        asset=asset,
        start=trunk.day,
        plans={subject.name: s for subject, s in survivals.items() if subject.kind == "plan"},
        runs=survivals.get(Subject("runs", ANY)),
        tank=survivals.get(Subject("tank", ANY)),
        unrepaired=search.unrepaired(),
        impact=impact_of(undisturbed, asked.performance, asked.repaired, band=terms.band),
    )
