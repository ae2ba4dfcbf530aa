"""The resilience scan: how long the network survives each asset's outage, how long it takes to recover, and what it costs.

After Simchi-Levi et al., "Identifying Risks and Mitigating Disruptions in the Automotive Supply Chain", Interfaces 45(5), 2015:
the time to survive (TTS) is the longest disruption of a node through which the system performs as without it; its performance
impact (PI) is what a disruption of the node's own length costs; the Risk Exposure Index is PI over the greatest PI of all nodes.
There a linear program answers; here the simulation does, with its stocks, line fill, trains and plan.
"""

from chainsim.experiments.resilience.recovery import Cost, Impact, Recovered
from chainsim.experiments.resilience.scanning import Exposure, Scan, Unsettled, scan
from chainsim.experiments.resilience.searching import Survival
from chainsim.experiments.resilience.tables import resilience_tables
from chainsim.experiments.resilience.terms import Asset, Terms, assets_of, default_start, terms_asked

__all__ = [
    "Asset",
    "Cost",
    "Exposure",
    "Impact",
    "Recovered",
    "Scan",
    "Survival",
    "Terms",
    "Unsettled",
    "assets_of",
    "default_start",
    "resilience_tables",
    "scan",
    "terms_asked",
]
