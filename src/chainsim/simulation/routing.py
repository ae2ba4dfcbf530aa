"""Which way each plan line goes, and the rate the plan itself wants through every link.

The nominal rates are the plan's own flows: what every link would carry if nothing ever failed. The engine measures
each flow's deficit against them; `check` reads the balance from them. Plan-dispatched links carry the plan lines routed over
them, grossed up for the losses further down. Push links carry on what a farm gets (purchases, inflows) and nothing else asks for.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from chainsim.model import Pipeline, Railway, Scenario

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """The pipelines from a supplier's farm to the delivering link, in flow order; ``delivering`` is the last link."""

    customer: str
    grade: str
    delivering: str
    pipelines: tuple[str, ...]
    loss_fraction: float
    """Of the delivering link."""
    origin: str
    """The farm that the delivering link leaves."""


def routes(scenario: Scenario) -> dict[Key, Route]:
    """(customer, grade) → the cheapest route by tariff, fewest links then declaration order breaking ties.

    A plan line's ``via`` fixes the delivering link. Pairs that no supplier's oil can reach are absent.
    """
    links = _links_by_end(scenario)
    origins: dict[str, dict[str, tuple[float, tuple[str, ...]]]] = {}
    via = {(p.customer, p.grade): p.via for p in scenario.plan if p.via}
    wanted = dict.fromkeys(
        [(p.customer, p.grade) for p in scenario.plan]
        + [(o.customer, o.grade) for order in scenario.orders for o in order.lines]
    )
    out = {}
    for customer, grade in wanted:
        if grade not in origins:
            origins[grade] = _cheapest(scenario, grade)
        best: tuple[float, int, int, Route] | None = None
        for rank, (link, origin, tariff, loss) in enumerate(links.get(customer, ())):
            if isinstance(link, Pipeline) and link.grades and grade not in link.grades:
                continue
            chosen = via.get((customer, grade))
            if (chosen and chosen != link.name) or origin not in origins[grade]:
                continue
            cost, path = origins[grade][origin]
            pipelines = (*path, link.name) if isinstance(link, Pipeline) else path
            route = Route(customer, grade, link.name, pipelines, loss, origin)
            candidate = (cost + tariff, len(path), rank, route)
            if best is None or candidate[:3] < best[:3]:
                best = candidate
        if best is not None:
            out[customer, grade] = best[3]
    return out


def _links_by_end(scenario: Scenario) -> dict[str, list[tuple[Pipeline | Railway, str, float, float]]]:
    """Customer → delivering links as (link, origin farm, tariff, loss)."""
    customers = {c.name for c in scenario.customers}
    out: dict[str, list[tuple[Pipeline | Railway, str, float, float]]] = {}
    for line in scenario.pipelines:
        if line.destination in customers:
            entry = (line, line.origin, line.tariff_yuan_per_t, line.loss_fraction)
            out.setdefault(line.destination, []).append(entry)
    for railway in scenario.railways:
        for route in railway.routes:
            rail = (railway, railway.terminal, route.tariff_yuan_per_t, route.loss_fraction)
            out.setdefault(route.customer, []).append(rail)
    return out


def _cheapest(scenario: Scenario, grade: str) -> dict[str, tuple[float, tuple[str, ...]]]:
    """Farm → (tariff, pipelines) of the cheapest way for ``grade`` from any of its suppliers (Dijkstra).

    Farms that no supplier reaches are served from what lies in a farm or a line at the start.
    """
    leaving: dict[str, list[tuple[int, Pipeline]]] = {}
    farms = {f.name for f in scenario.farms}
    for rank, line in enumerate(scenario.pipelines):
        if line.destination in farms and (not line.grades or grade in line.grades):
            leaving.setdefault(line.origin, []).append((rank, line))
    heap: list[tuple[float, int, tuple[int, ...], str, tuple[str, ...]]] = [
        (0.0, 0, (rank,), s.farm, ()) for rank, s in enumerate(scenario.suppliers) if s.grade == grade
    ]
    found: dict[str, tuple[float, tuple[str, ...]]] = {}
    _search(heap, leaving, found)
    stocked = [f.name for f in scenario.farms if f.opening_t.get(grade, 0.0) > 0.0]
    stocked += [p.destination for p in scenario.pipelines if p.destination in farms and grade in dict(p.contents_t)]
    stocked += [s.asset for s in scenario.actual_stocks if s.grade == grade and s.asset in farms]
    _search([(0.0, 0, (rank,), farm, ()) for rank, farm in enumerate(stocked) if farm not in found], leaving, found)
    return found


def _search(
    heap: list[tuple[float, int, tuple[int, ...], str, tuple[str, ...]]],
    leaving: dict[str, list[tuple[int, Pipeline]]],
    found: dict[str, tuple[float, tuple[str, ...]]],
) -> None:
    """Extend ``found`` by everything reachable from the entries of ``heap``, cheapest first."""
    heapq.heapify(heap)
    while heap:
        cost, hops, ranks, farm, path = heapq.heappop(heap)
        if farm in found:
            continue
        found[farm] = (cost, path)
        for rank, line in leaving.get(farm, ()):
            if line.destination not in found:
                step = (cost + line.tariff_yuan_per_t, hops + 1, (*ranks, rank), line.destination, (*path, line.name))
                heapq.heappush(heap, step)


class NominalFlows:
    """Computes the plan's own rates through all pipelines of a scenario; see the module's text."""

    def __init__(self, scenario: Scenario, ways: dict[Key, Route]) -> None:
        self._lines = {p.name: p for p in scenario.pipelines}
        self._ways = ways
        self._supplies = [(s.name, s.farm, s.grade) for s in scenario.suppliers]
        self._order = push_order(scenario)
        self._push_out: dict[str, list[Pipeline]] = {}
        for line in scenario.pipelines:
            if line.dispatch == "push":
                self._push_out.setdefault(line.origin, []).append(line)

    def at(self, plan: dict[Key, float], purchases: dict[str, float], day: float) -> dict[Key, float]:
        """(pipeline, grade) → t/d at its entrance, for the plan rates (customer, grade) → t/d counted on delivery
        and purchase rates supplier → t/d."""
        rates: dict[Key, float] = {}
        farms: dict[str, dict[str, float]] = {}  # farm → grade → what is left for push lines
        for name, farm, grade in self._supplies:
            _add(farms, farm, grade, purchases.get(name, 0.0))
        for key, rate in plan.items():
            way = self._ways.get(key)
            if way is None or rate <= 0.0:
                continue
            self._carry(way, key[1], rate, rates, farms)
        for farm in self._order:
            out = self._push_out.get(farm)
            if not out:
                continue
            for grade, rest in farms.get(farm, {}).items():
                takers = [p for p in out if not p.grades or grade in p.grades]
                capacity = sum(p.capacity_t_per_day.at(day) for p in takers)
                if rest <= 0.0 or capacity <= 0.0:
                    continue
                for line in takers:
                    share = rest * line.capacity_t_per_day.at(day) / capacity
                    rates[line.name, grade] = rates.get((line.name, grade), 0.0) + share
                    _add(farms, line.destination, grade, share * (1.0 - line.loss_fraction))
        return rates

    def _carry(
        self, way: Route, grade: str, rate: float, rates: dict[Key, float], farms: dict[str, dict[str, float]]
    ) -> None:
        """Add a plan line's rate to the links it needs, from the last one up, as far as plan dispatch reaches."""
        need = rate
        pipelines = list(way.pipelines)
        if not pipelines or pipelines[-1] != way.delivering:  # by rail: the farm must have it
            _add(farms, way.origin, grade, -need)
        while pipelines:
            line = self._lines[pipelines.pop()]
            if line.dispatch == "push" and line.name != way.delivering:
                return
            need = need / (1.0 - line.loss_fraction)
            rates[line.name, grade] = rates.get((line.name, grade), 0.0) + need
            if line.name != way.delivering:
                _add(farms, line.destination, grade, need * (1.0 - line.loss_fraction))
            _add(farms, line.origin, grade, -need)


def _add(farms: dict[str, dict[str, float]], farm: str, grade: str, rate: float) -> None:
    grades = farms.setdefault(farm, {})
    grades[grade] = grades.get(grade, 0.0) + rate


def push_order(scenario: Scenario) -> tuple[str, ...]:
    """Farms so that push lines lead only forward; farms on a circle of push lines come last, in declared order."""
    entering = {f.name: 0 for f in scenario.farms}
    leaving: dict[str, list[str]] = {}
    for line in scenario.pipelines:
        if line.dispatch == "push" and line.destination in entering and line.origin in entering:
            entering[line.destination] += 1
            leaving.setdefault(line.origin, []).append(line.destination)
    ready = [name for name, count in entering.items() if count == 0]
    out = []
    while ready:
        farm = ready.pop(0)
        out.append(farm)
        for after in leaving.get(farm, ()):
            entering[after] -= 1
            if entering[after] == 0:
                ready.append(after)
    return (*out, *(f.name for f in scenario.farms if f.name not in out))
