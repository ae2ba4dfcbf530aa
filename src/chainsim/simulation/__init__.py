"""From a scenario to what happens: the discrete-rate engine. The only home of SimPy; pure and deterministic."""

from chainsim.simulation.run import resume, simulate

__all__ = ["resume", "simulate"]
