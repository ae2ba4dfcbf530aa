"""Plan months that exceed what the network carries when nothing is disturbed.

What is planned for customers to whom every way of a crude leads through one asset (a dominator in the network's graph: K. D.
Cooper, T. J. Harvey, K. Kennedy, "A simple, fast dominance algorithm", 2001) is set against what the asset carries; a crude's
plan against its fields, a customer's against its runs and income. Without stocks, losses and outages. Where no single asset is
exceeded but all together are, the network's minimum cut says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import networkx as nx

from chainsim.model import Railway, Scenario
from chainsim.model.plan import courses, months_of
from chainsim.network import bottlenecks, graph_of
from chainsim.network.graph import SOURCE, mean_over
from chainsim.optimization.findings import Demand, Finding, Speaker
from chainsim.optimization.opening import Key

_BEYOND = 0.01
"""A plan this little beyond a limit, as a part of it, is within it: stocks and the months' lengths make that up."""
_LEAST_T = 50.0
"""Less is not worth a sentence."""


def over_planned(scenario: Scenario) -> tuple[Finding, ...]:
    """Plan months that exceed what an asset carries when nothing is disturbed; by month, the largest excess first."""
    scenario = replace(scenario, disruptions=(), random_disruptions=())
    speaker = Speaker(scenario)
    plan = _plan_by_month(scenario)
    together = {
        b.month: b
        for b in bottlenecks(scenario)
        if not b.customer_class and not b.grade and b.limiting and b.flow_t > 0.0
    }
    order = [asset.name for group in (scenario.suppliers, scenario.pipelines, scenario.railways) for asset in group]

    def order_of(asset: str) -> int:
        return order.index(asset.partition(".")[0])

    out: list[Finding] = []
    for month, (start, end, first) in enumerate(months_of(scenario)):
        if end <= scenario.as_of_day or month not in plan:
            continue
        demands = [
            *_beyond_assets(scenario, plan[month], start, end),
            *_beyond_fields(scenario, plan[month], start, end),
            *_beyond_customers(scenario, plan[month], start, end),
        ]
        found = [
            speaker.beyond(demand, month, end - start)
            for demand in demands
            if demand.wanted_t > demand.possible_t * (1.0 + _BEYOND) and demand.wanted_t - demand.possible_t > _LEAST_T
        ]
        short = together.get(first)
        if not found and short is not None and short.missing_t > max(_LEAST_T, _BEYOND * short.plan_t):
            keys = list(plan[month])
            demand = Demand(
                "together", ",".join(sorted(short.limiting, key=order_of)), short.plan_t, short.flow_t, keys
            )
            found = [speaker.beyond(demand, month, end - start)]
        out += sorted(found, key=lambda f: (f.possible / f.wanted, f.kind, f.asset))
    return tuple(out)


def _plan_by_month(scenario: Scenario) -> dict[int, dict[Key, float]]:
    out: dict[int, dict[Key, float]] = {}
    for key, segments in courses(scenario, scenario.end_day).items():
        for segment in segments:
            if segment.tonnes > 0.0:
                month = out.setdefault(segment.month, {})
                month[key] = month.get(key, 0.0) + segment.tonnes
    return out


def _beyond_assets(scenario: Scenario, plan: Mapping[Key, float], start: float, end: float) -> list[Demand]:
    """Every line, rack, path, fleet and route with the plan that has no way around it."""
    captive: dict[str, list[Key]] = {}
    for grade in dict.fromkeys(grade for _, grade in plan):
        graph = graph_of(scenario, grade, (start, end))
        above = nx.immediate_dominators(graph, SOURCE)
        for customer in (customer for customer, of in plan if of == grade):
            node = customer
            while node in above and node not in (SOURCE, above[node]):
                node = above[node]
                captive.setdefault(node, []).append((customer, grade))
    whole = graph_of(scenario, None, (start, end))
    railways = {railway.name: railway for railway in scenario.railways}
    out = []
    for node, keys in captive.items():
        wanted = sum(plan[key] for key in keys)
        name, _, part = node.partition(".")
        capacity = _entrance(whole, node)
        if whole.nodes[node].get("kind") == "pipeline" and capacity is not None:
            out.append(Demand("capacity", node, wanted, capacity * (end - start), keys))
        elif name in railways and not part:
            out.append(_fleet(railways[name], plan, keys, end - start))
        elif name in railways and part in ("rack", "paths") and capacity is not None:
            out.append(Demand(part, name, wanted, capacity * (end - start), keys))
    return out


def _fleet(railway: Railway, plan: Mapping[Key, float], keys: Sequence[Key], days: float) -> Demand:
    """The plan by rail and the part of it that the wagons carry, each train being out for its route's cycle."""
    cycles = {route.customer: route.cycle_days for route in railway.routes}
    wanted = sum(plan[key] for key in keys)
    out = sum(plan[key] / railway.train_t * cycles[key[0]] for key in keys if key[0] in cycles) / days
    fleet = railway.wagons // railway.wagons_per_train
    return Demand("wagons", railway.name, wanted, wanted * min(1.0, fleet / out) if out > 0.0 else wanted, keys)


def _entrance(graph: nx.DiGraph[str], node: str) -> float | None:
    """The capacity of what enters a node, t/d."""
    limits = (graph.edges[edge].get("capacity_t_per_day") for edge in graph.in_edges(node))
    return next((float(limit) for limit in limits if limit is not None), None)


def _beyond_fields(scenario: Scenario, plan: Mapping[Key, float], start: float, end: float) -> list[Demand]:
    out = []
    for grade in dict.fromkeys(grade for _, grade in plan):
        keys = [key for key in plan if key[1] == grade]
        sources = [s for s in scenario.suppliers if s.grade == grade]
        given = sum(mean_over(s.production_t_per_day, [], start, end) for s in sources) * (end - start)
        name = sources[0].name if len(sources) == 1 else ""
        out.append(Demand("supply", name, sum(plan[key] for key in keys), given, keys))
    return out


def _beyond_customers(scenario: Scenario, plan: Mapping[Key, float], start: float, end: float) -> list[Demand]:
    """Given runs, by the slate where there is one; and what a month's income pays for, at the month's mean prices."""
    days = end - start
    out = []
    for customer in scenario.customers:
        keys = [key for key in plan if key[0] == customer.name]
        wanted = sum(plan[key] for key in keys)
        if wanted > 0.0 and customer.runs_t_per_day is not None:
            runs = mean_over(customer.runs_t_per_day, [], start, end) * days
            if customer.slate:
                out += [
                    Demand("runs", customer.name, plan[key], customer.slate.get(key[1], 0.0) * runs, [key])
                    for key in keys
                ]
            else:
                out.append(Demand("runs", customer.name, wanted, runs, keys))
        if wanted > 0.0 and customer.offtake == "cash":
            income = mean_over(customer.income_yuan_per_day, [], start, end) * days
            income += sum(r.yuan for r in scenario.receipts if r.customer == customer.name and start <= r.day < end)
            yuan = sum(plan[key] * _price(scenario, key[1], start, end) for key in keys)
            if yuan > 0.0:
                out.append(Demand("cash", customer.name, wanted, wanted * min(1.0, income / yuan), keys))
    return out


def _price(scenario: Scenario, grade: str, start: float, end: float) -> float:
    """The mean of a grade's price over a month, yuan/t."""
    steps = sorted((p.day, p.yuan_per_t) for p in scenario.prices if p.grade == grade)
    total = 0.0
    for i, (day, yuan) in enumerate(steps):
        after = steps[i + 1][0] if i + 1 < len(steps) else end
        begin = start if i == 0 else max(day, start)
        total += yuan * max(0.0, min(after, end) - begin)
    return total / (end - start)
