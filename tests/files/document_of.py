"""A scenario value as the document that a hand could have written, for tests: every key stated, tonnes and days."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from chainsim.model import Customer, Profile, Scenario, TankFarm


def document_of(scenario: Scenario) -> dict[str, Any]:
    """Plain values for ``json.dumps``. The horizon ends at a midnight, steps begin at midnights, moments are to the second."""
    days = math.ceil(scenario.end_day)

    def moment(day: float) -> str:
        return f"{scenario.instant(day):%Y-%m-%d %H:%M:%S}"

    def steps(profile: Profile) -> Any:
        values = dict(
            zip(
                (max(0, math.floor(day)) if day > -math.inf else 0 for day in profile.days), profile.values, strict=True
            )
        )
        if len(values) == 1:
            return next(iter(values.values()))
        return [{"from": str(scenario.start + timedelta(days=day)), "value": value} for day, value in values.items()]

    def tanks(holder: TankFarm | Customer) -> dict[str, Any]:
        heel: Any = holder.heel_t
        return {
            "storage": holder.storage,
            "safe_fill": steps(holder.safe_fill_t),
            "grade_safe_fill": holder.grade_safe_fill_t,
            "heel": heel.get("", heel),
            "opening": holder.opening_t,
        }

    return {
        "scenario": scenario.name,
        "start": str(scenario.start),
        "end": str(scenario.start + timedelta(days=days)),
        "seed": scenario.seed,
        "grades": {g.name: {"density": g.density_kg_per_m3} for g in scenario.grades},
        "farms": {farm.name: tanks(farm) for farm in scenario.farms},
        "suppliers": {
            s.name: {"grade": s.grade, "farm": s.farm, "production": steps(s.production_t_per_day)} for s in scenario.suppliers
        },
        "pipelines": {
            line.name: {
                "from": line.origin,
                "to": line.destination,
                "capacity": steps(line.capacity_t_per_day),
                "mode": line.mode,
                "dispatch": line.dispatch,
                "carry_over": line.carry_over,
                "grades": list(line.grades),
                "minimum": line.minimum_t_per_day,
                "minimum_batch": line.minimum_batch_t,
                "line_fill": line.line_fill_t,
                "contents": [{"grade": g, "amount": a} for g, a in line.contents_t],
                "schedule": [{"amount": a, "grade": g} for g, a in line.schedule],
                "loss": line.loss_fraction,
                "tariff": line.tariff_yuan_per_t,
                **({} if line.priority is None else {"priority": line.priority}),
            }
            for line in scenario.pipelines
        },
        "railways": {
            r.name: {
                "from": r.terminal,
                "spots": r.spots,
                "hours_per_train": r.hours_per_train,
                "paths_per_day": steps(r.paths_per_day),
                "wagons": r.wagons,
                "wagons_per_train": r.wagons_per_train,
                "tonnes_per_wagon": r.tonnes_per_wagon,
                "routes": {
                    route.customer: {
                        "transit_days": route.transit_days,
                        "cycle_days": route.cycle_days,
                        "loss": route.loss_fraction,
                        "tariff": route.tariff_yuan_per_t,
                    }
                    for route in r.routes
                },
            }
            for r in scenario.railways
        },
        "customers": {
            c.name: {
                "class": c.customer_class,
                "grades": list(c.grades),
                **tanks(c),
                "runs": "plan" if c.runs_t_per_day is None else steps(c.runs_t_per_day),
                "slate": c.slate,
                "offtake": c.offtake,
                "cash": c.cash_yuan,
                "income_per_day": steps(c.income_yuan_per_day),
                "priority": c.priority,
                "delivery_point": c.delivery_point,
            }
            for c in scenario.customers
        },
        "plan": [
            {"customer": p.customer, "grade": p.grade, "period": _period(p), "amount": p.tonnes}
            | ({"via": p.via} if p.via else {})
            for p in scenario.plan
        ],
        "purchases": [{"supplier": p.supplier, "period": _period(p), "amount": p.tonnes} for p in scenario.purchases],
        "prices": [
            {"grade": p.grade, "from": str(scenario.calendar_date(p.day)), "price": p.yuan_per_t} for p in scenario.prices
        ],
        "receipts": [{"customer": r.customer, "date": moment(r.day), "yuan": r.yuan} for r in scenario.receipts],
        "disruptions": [
            {"name": d.name, "asset": d.asset, "from": moment(d.start), "to": moment(d.end)}
            | {"remaining": d.remaining, "cause": d.cause}
            for d in scenario.disruptions
        ],
        "orders": [
            {
                "number": order.number,
                "issued": str(order.issued),
                "effective": moment(order.effective_day),
                "state": order.state,
                "lines": [
                    {"customer": line.customer, "grade": line.grade, "period": _period(line), "amount": line.tonnes}
                    for line in order.lines
                ],
            }
            for order in scenario.orders
        ],
    }  # fmt: skip


def _period(line: Any) -> str:
    match line.level:
        case "annual":
            return f"{line.start:%Y}"
        case "quarter":
            return f"{line.start:%Y}Q{(line.start.month + 2) // 3}"
        case "month":
            return f"{line.start:%Y-%m}"
        case _:
            return f"{line.start:%Y-%m}-{(line.start.day + 9) // 10}"
