"""By how many ways oil can come, and what every way passes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainsim.model import Customer, Scenario
from chainsim.model.plan import courses
from chainsim.network.cuts import Edge, minimum_cut
from chainsim.network.graph import SINK, SOURCE, Ways, open_part, ways_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """An asset that every way of a grade to a customer passes."""

    customer: str
    grade: str
    asset: str
    kind: str
    """supplier, farm, pipeline or railway."""
    position: int
    """1 for the first such asset on the way from the source."""
    routes: int
    """How many ways there are that share no pipeline and no railway."""
    plan_t: float
    """The plan of customer and grade over the horizon."""
    share: float
    """``plan_t`` as a part of the customer's plan."""
    customer_share: float
    """The part of the customer's plan, all grades together, that passes the asset whatever happens."""


@dataclass(frozen=True, slots=True)
class Carriers:
    """The fewest suppliers, pipelines and railways that carry all the oil of a group; their number is that of separate ways."""

    assets: tuple[str, ...]

    @property
    def ways(self) -> int:
        """How many ways there are that share no supplier, pipeline or railway."""
        return len(self.assets)


def dependencies(scenario: Scenario) -> tuple[Dependency, ...]:
    """What every way passes, for each customer and grade with a plan; in plan order, from the source on.

    Such assets are the dominators of the customer in the graph of its grade (K. D. Cooper, T. J. Harvey, K. Kennedy, "A simple,
    fast dominance algorithm", 2001). Links closed over the whole horizon are no way; a plan line's ``via`` binds nobody here, for
    its pipeline is a choice and not a lack of ways.
    """
    plan = planned(scenario)
    total: dict[str, float] = {}
    for (customer, _), tonnes in plan.items():
        total[customer] = total.get(customer, 0.0) + tonnes
    graphs = {grade: open_part(ways_of(scenario, grade, outages=False)) for grade in dict.fromkeys(g for _, g in plan)}
    above = {grade: _dominators(graph) for grade, graph in graphs.items()}
    passed = {(c, g): _passed(graphs[g], above[g], c) for c, g in plan if c in above[g]}
    hanging: dict[tuple[str, str], float] = {}
    for key, assets in passed.items():
        for asset in assets:
            hanging[key[0], asset] = hanging.get((key[0], asset), 0.0) + plan[key]
    out = []
    for (customer, grade), assets in passed.items():
        routes = len(_narrowest(graphs[grade], [customer], with_suppliers=False))
        for position, (asset, kind) in enumerate(assets.items(), start=1):
            out.append(
                Dependency(
                    customer=customer,
                    grade=grade,
                    asset=asset,
                    kind=kind,
                    position=position,
                    routes=routes,
                    plan_t=plan[customer, grade],
                    share=plan[customer, grade] / total[customer],
                    customer_share=hanging[customer, asset] / total[customer],
                )
            )
    return tuple(out)


def carriers(scenario: Scenario, customers: Iterable[Customer], grade: str | None = None) -> Carriers:
    """The fewest suppliers, pipelines and railways without which none of ``customers`` gets any oil (of ``grade``).

    As many as there are ways apart from one another (K. Menger, "Zur allgemeinen Kurventheorie", Fundamenta Mathematicae 10,
    1927): a minimum cut of unit capacities. Of several such sets it is the one nearest to the customers.
    """
    graph = open_part(ways_of(scenario, grade, outages=False))
    wanted = [c.name for c in customers if grade is None or grade in c.grades]
    return Carriers(_narrowest(graph, wanted, with_suppliers=True))


def planned(scenario: Scenario) -> dict[tuple[str, str], float]:
    """(customer, grade) → tonnes of the plan with all approved orders over the horizon, where there are any."""
    sums = {key: sum(s.tonnes for s in segments) for key, segments in courses(scenario, math.inf).items()}
    return {key: tonnes for key, tonnes in sums.items() if tonnes > 0.0}


def _dominators(graph: Ways) -> dict[str, str]:
    """Node → its immediate dominator, for what oil can come to but the source: by Cooper, Harvey and Kennedy's figure 3."""
    order = _postorder(graph)
    number = {node: i for i, node in enumerate(order)}
    above = {SOURCE: SOURCE}
    before: dict[str, list[str]] = {node: [] for node in order}
    for node in order:
        for head in graph.leaving.get(node, ()):
            before[head].append(node)
    changed = True
    while changed:
        changed = False
        for node in reversed(order[:-1]):
            known = [tail for tail in before[node] if tail in above]
            nearest = known[0]
            for other in known[1:]:
                while nearest != other:
                    if number[nearest] < number[other]:
                        nearest = above[nearest]
                    else:
                        other = above[other]
            if above.get(node) != nearest:
                above[node] = nearest
                changed = True
    del above[SOURCE]
    return above


def _postorder(graph: Ways) -> list[str]:
    """What oil can come to, each node after all that is first found from it; the source last."""
    out: list[str] = []
    seen = {SOURCE}
    stack = [(SOURCE, iter(graph.leaving.get(SOURCE, ())))]
    while stack:
        node, heads = stack[-1]
        head = next((head for head in heads if head not in seen), None)
        if head is None:
            stack.pop()
            out.append(node)
        else:
            seen.add(head)
            stack.append((head, iter(graph.leaving[head])))
    return out


def _passed(graph: Ways, above: Mapping[str, str], customer: str) -> dict[str, str]:
    """Asset → kind of all that every way to ``customer`` passes, from the source on; a railway once for its parts."""
    chain = []
    node = above[customer]
    while node != SOURCE:
        chain.append(node)
        node = above[node]
    return dict(graph.of[node] for node in reversed(chain))


def _narrowest(graph: Ways, customers: Iterable[str], *, with_suppliers: bool) -> tuple[str, ...]:
    """The assets of a smallest set of links (and suppliers) between the source and ``customers``, in the order of the graph.

    Every link counts 1, a railway once for all its customers: its own edges are in a row, so the first carries the count.
    """
    units: dict[Edge, int | None] = {}
    counted = {"pipeline", "railway", "supplier"} if with_suppliers else {"pipeline", "railway"}
    for tail, heads in graph.leaving.items():
        for head in heads:
            asset, kind = graph.of[head]
            units[tail, head] = 1 if head == asset != tail and kind in counted else None
    units |= dict.fromkeys(((customer, SINK) for customer in customers if customer in graph.leaving), None)
    cut = {head for _, head in minimum_cut(units)[1]}
    return tuple(node for node in graph.leaving if node in cut)
