"""Runs that take their process down: noise that kills whoever asks for one certain draw."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from dataclasses import replace

from chainsim.experiments.chance import fate_seed
from chainsim.experiments.distributions import Spread
from chainsim.experiments.reading import ReadExperiment
from chainsim.simulation.outages import stream_of


class PoisonedSpread(Spread):
    """Kills its process at the draw ``parameters[-1]``."""

    __slots__ = ()

    def quantiles(self, shares: Iterable[float]) -> list[float]:
        if self.parameters[-1] in shares:
            os.kill(os.getpid(), signal.SIGKILL)
        return [1.0 for _ in shares]


def poisoned(read: ReadExperiment, replication: int) -> ReadExperiment:
    """``read`` with a fate that no process survives: the first noise's first draw of ``replication``."""
    experiment = read.experiment
    noise = experiment.noise[0]
    seed = fate_seed(experiment, replication, 0)
    draw = stream_of(seed, "noise", f"{noise.name}/{noise.names[0]}").random()
    poison = replace(noise, factor=PoisonedSpread("constant", (1.0, draw)))
    return replace(read, experiment=replace(experiment, noise=(poison, *experiment.noise[1:])))
