"""Checks on the shape of the network: what reaches where, and circles that cannot flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chainsim.errors import Problem
from chainsim.model.messages import CHECK_TEMPLATES, problem_from
from chainsim.model.scenario import Scenario


def check_network(scenario: Scenario) -> Iterator[Problem]:
    """Lines no grade can reach; circles of pushing lines; circles of junctions."""
    for line in scenario.pipelines:
        if not line.grades and line.origin in {f.name for f in scenario.farms}:
            path = f"pipelines.{line.name}.from"
            yield problem_from(CHECK_TEMPLATES, "no_grade_reaches", {"farm": line.origin}, path=path, found=line.origin)
    pushing: dict[str, list[tuple[str, str]]] = {}
    for line in scenario.pipelines:
        if line.dispatch == "push" and line.origin != line.destination:
            pushing.setdefault(line.origin, []).append((line.destination, line.name))
    for circle in find_circles(pushing):
        names = " → ".join([*circle, circle[0]])
        path = f"pipelines.{circle[0]}.dispatch"
        yield problem_from(CHECK_TEMPLATES, "push_cycle", {"cycle": names}, path=path, found="push")
    junctions = {farm.name for farm in scenario.farms if farm.storage == "junction"}
    between: dict[str, list[tuple[str, str]]] = {}
    for line in scenario.pipelines:
        if line.origin in junctions and line.destination in junctions and line.origin != line.destination:
            between.setdefault(line.origin, []).append((line.destination, line.name))
    for circle in find_circles(between):
        names = " → ".join([*circle, circle[0]])
        yield problem_from(CHECK_TEMPLATES, "junction_cycle", {"cycle": names}, path=f"pipelines.{circle[0]}")


def find_circles(edges: Mapping[str, Iterable[tuple[str, str]]]) -> list[tuple[str, ...]]:
    """One circle of edge names for every back edge of a depth-first search (none: the graph has no circle).

    ``edges`` maps a place to (next place, edge name). Iterative, so that a chain of any length is safe.

    >>> find_circles({"a": [("b", "x")], "b": [("a", "y")]})
    [('x', 'y')]
    """
    circles = []
    done: set[str] = set()
    for root in edges:
        if root in done:
            continue
        trail: list[str] = []
        depth = {root: 0}
        stack = [(root, iter(edges.get(root, ())))]
        while stack:
            place, following = stack[-1]
            for target, name in following:
                if target in depth:
                    circles.append((*trail[depth[target] :], name))
                elif target not in done:
                    depth[target] = len(stack)
                    trail.append(name)
                    stack.append((target, iter(edges.get(target, ()))))
                    break
            else:
                stack.pop()
                del depth[place]
                done.add(place)
                if trail:
                    trail.pop()
    return circles


def reachable_grades(scenario: Scenario) -> dict[str, dict[str, set[str]]]:
    """Place → grade → the lines and railways that can bring it there ("" for a supplier or an opening stock).

    A pipeline without ``grades`` is taken to carry all. A customer gets only grades it accepts.
    """
    accepted = {customer.name: set(customer.grades) for customer in scenario.customers}
    brought: dict[str, dict[str, set[str]]] = {}
    for farm in scenario.farms:
        for grade, tonnes in farm.opening_t.items():
            if tonnes > 0:
                brought.setdefault(farm.name, {}).setdefault(grade, set()).add("")
    for supplier in scenario.suppliers:
        brought.setdefault(supplier.farm, {}).setdefault(supplier.grade, set()).add("")
    outgoing: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    for line in scenario.pipelines:
        outgoing.setdefault(line.origin, []).append((line.destination, line.name, line.grades))
        for grade, tonnes in line.contents_t:
            if tonnes > 0 and grade in accepted.get(line.destination, {grade}):
                brought.setdefault(line.destination, {}).setdefault(grade, set()).add(line.name)
    for railway in scenario.railways:
        for route in railway.routes:
            outgoing.setdefault(railway.terminal, []).append((route.customer, railway.name, ()))
    waiting = list(brought)
    while waiting:
        place = waiting.pop()
        for target, name, carried in outgoing.get(place, ()):
            at_target = brought.setdefault(target, {})
            for grade in brought[place]:
                if (carried and grade not in carried) or grade not in accepted.get(target, {grade}):
                    continue
                ways = at_target.get(grade)
                if ways is None:
                    at_target[grade] = {name}
                    waiting.append(target)
                else:
                    ways.add(name)
    return brought
