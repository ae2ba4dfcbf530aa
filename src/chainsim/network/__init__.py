"""What the network itself allows, whatever the run: who can be reached, by how many ways, and how much can flow at all.

Four questions over a scenario alone, each answered on the graph of ``graph_of`` by algorithms of networkx, flows and cuts by
``cuts.py``:

- ``unreached``: plan lines that no oil can reach, and the nearest obstacle on the way;
- ``dependencies``: the assets that every way to a customer passes;
- ``bottlenecks``: month by month the most of the plan that can flow, and the assets that hold the rest back;
- ``carriers``: the fewest assets that carry all the oil of a group of customers.
"""

from chainsim.network.flows import Bottleneck, bottlenecks
from chainsim.network.graph import graph_of
from chainsim.network.messages import unreached_problems
from chainsim.network.reach import Obstacle, Unreached, unreached
from chainsim.network.ways import Carriers, Dependency, carriers, dependencies

__all__ = [
    "Bottleneck",
    "Carriers",
    "Dependency",
    "Obstacle",
    "Unreached",
    "bottlenecks",
    "carriers",
    "dependencies",
    "graph_of",
    "unreached",
    "unreached_problems",
]
