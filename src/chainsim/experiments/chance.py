"""What chance decides of a run: the seed of its random disruptions, and noise on production, cash and prices.

Every draw comes from a stream named by (seed, replication, noise, asset): replication r is the same fate for every variant, and
a new asset never shifts another's draws.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise

from chainsim.experiments.experiment import Experiment, Noise
from chainsim.model import Customer, Profile, Scenario
from chainsim.model.plan import months_of
from chainsim.simulation.outages import stream_of

_ALWAYS = float("-inf")
_SEED_BITS = 63
"""Seeds of replications fit a signed 64-bit column."""


def fate_seed(experiment: Experiment, replication: int, own: int) -> int:
    """The seed of ``replication``; ``own``, the scenario's, where the experiment replicates nothing."""
    if experiment.replications is None and experiment.until is None and not experiment.noise:
        return own
    digest = hashlib.sha256(f"{experiment.seed}\x00replication\x00{replication}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _SEED_BITS)


def under_fate(scenario: Scenario, experiment: Experiment, replication: int) -> Scenario:
    """``scenario`` with the seed of ``replication`` and its noise."""
    seed = fate_seed(experiment, replication, scenario.seed)
    scenario = replace(scenario, seed=seed)
    for noise in experiment.noise:
        scenario = _NOISY[noise.of](scenario, noise, seed)
    return scenario


def factors_of(noise: Noise, seed: int, name: str, count: int) -> list[float]:
    """The factors drawn for ``name``, one per period; never negative."""
    stream = stream_of(seed, "noise", noise.name if noise.together else f"{noise.name}/{name}")
    # A draw is below 1 and may be 0, which an unbounded distribution has no value for: 2⁻⁶⁰ stands in for it.
    shares = [stream.random() or 2.0**-60 for _ in range(count)]
    return [value if value > 0.0 else 0.0 for value in noise.factor.quantiles(shares)]


def _edges(scenario: Scenario, noise: Noise) -> tuple[float, ...]:
    """The days on which a new factor begins to hold; the first holds since ever."""
    if noise.every == "run":
        return (_ALWAYS,)
    if noise.every == "day":
        return (_ALWAYS, *(float(day) for day in range(1, int(scenario.end_day))))
    return (_ALWAYS, *(start for start, _, _ in months_of(scenario)[1:]))


def _noisy_profile(profile: Profile, edges: tuple[float, ...], factors: list[float]) -> Profile:
    """``profile`` times a step function."""
    if len(edges) == 1:
        return Profile(profile.days, tuple(value * factors[0] for value in profile.values))
    if len(profile.days) == 1:
        return Profile(edges, tuple(profile.values[0] * factor for factor in factors))
    days = sorted({*profile.days, *edges})
    steps = Profile(edges, tuple(factors))
    return Profile(tuple(days), tuple(profile.at(day) * steps.at(day) for day in days))


def _production(scenario: Scenario, noise: Noise, seed: int) -> Scenario:
    edges = _edges(scenario, noise)
    return replace(
        scenario,
        suppliers=tuple(
            replace(s, production_t_per_day=_noisy_profile(s.production_t_per_day, edges,
                                                           factors_of(noise, seed, s.name, len(edges))))
            if s.name in noise.names else s
            for s in scenario.suppliers
        ),
    )  # fmt: skip


def _cash(scenario: Scenario, noise: Noise, seed: int) -> Scenario:
    """What customers earn, and what reaches them at an instant, by the factor of its period."""
    edges = _edges(scenario, noise)
    steps = {name: Profile(edges, tuple(factors_of(noise, seed, name, len(edges)))) for name in noise.names}

    def richer(customer: Customer) -> Customer:
        factors = list(steps[customer.name].values)
        return replace(customer, income_yuan_per_day=_noisy_profile(customer.income_yuan_per_day, edges, factors))

    return replace(
        scenario,
        customers=tuple(richer(c) if c.name in steps else c for c in scenario.customers),
        receipts=tuple(
            replace(r, yuan=r.yuan * steps[r.customer].at(r.day)) if r.customer in steps else r
            for r in scenario.receipts
        ),
    )


def _prices(scenario: Scenario, noise: Noise, seed: int) -> Scenario:
    """Prices by the factor in force: a price that holds over several periods changes with each."""
    edges = _edges(scenario, noise)
    out = []
    for grade in noise.names:
        own = sorted((p for p in scenario.prices if p.grade == grade), key=lambda price: price.day)
        steps = Profile(edges, tuple(factors_of(noise, seed, grade, len(edges))))
        ends = [later.day for _, later in pairwise(own)] + [float("inf")]
        for price, end in zip(own, ends, strict=True):
            days = [price.day, *(edge for edge in edges if price.day < edge < end)]
            out += [replace(price, day=day, yuan_per_t=price.yuan_per_t * steps.at(day)) for day in days]
    kept = [price for price in scenario.prices if price.grade not in noise.names]
    return replace(scenario, prices=(*kept, *out))


_NOISY = {"production": _production, "cash": _cash, "prices": _prices}
