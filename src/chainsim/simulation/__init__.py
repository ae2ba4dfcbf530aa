"""From a scenario to what happens: the discrete-rate engine. The only home of SimPy; pure and deterministic."""

from chainsim import compiled

__path__[:0] = compiled.modules()  # before any of them is imported

from chainsim.simulation.run import resume, simulate  # noqa: E402

__all__ = ["resume", "simulate"]
