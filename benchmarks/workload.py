"""The common workload W (see ``benchmarks.plain``) as a chainsim scenario: the yardstick of every speed figure here.

k blocks are independent copies. The peers step by days and delay what moves by whole days; here lines are always full, so a line
passes on at once what enters it, and its transit time is its line fill over its flow.
"""

from __future__ import annotations

from benchmarks.plain import (
    BRANCH_CAPACITY,
    BRANCH_DAYS,
    HUB_LINE_CAPACITY,
    HUB_LINE_DAYS,
    LOSS,
    PLAN_FACTOR,
    PRODUCTION,
    RUNS,
    SHUT,
    SOURCE_LIMIT,
    SOURCE_OPENING,
    START,
    TRUNK_CAPACITY,
    TRUNK_DAYS,
    Yardstick,
    months,
    plain_loop,
)
from chainsim.model import Customer, Disruption, Grade, Pipeline, PlanLine, Profile, Scenario, Supplier, TankFarm
from chainsim.model.plan import next_month

__all__ = ["Yardstick", "months", "plain_loop", "scenario"]


def scenario(blocks: int = 1, days: int = 365) -> Scenario:
    """W with ``blocks`` copies over ``days`` days; amounts in kt (the engine does not mind)."""
    farms, suppliers, lines, customers, plan, disruptions = [], [], [], [], [], []
    steady = Profile.constant
    for b in range(blocks):
        farms.append(TankFarm(name=f"{b}A", storage="shared", safe_fill_t=steady(600.0), opening_t={"crude": 150.0}))
        farms.append(TankFarm(name=f"{b}B", storage="shared", safe_fill_t=steady(200.0), opening_t={"crude": 60.0}))
        for i in range(4):
            opening = {"crude": SOURCE_OPENING[i]}
            farms.append(
                TankFarm(name=f"{b}S{i}", storage="shared", safe_fill_t=steady(SOURCE_LIMIT[i]), opening_t=opening)
            )
            suppliers.append(
                Supplier(name=f"{b}F{i}", grade="crude", farm=f"{b}S{i}", production_t_per_day=steady(PRODUCTION[i]))
            )
            lines.append(_line(f"{b}T{i}", f"{b}S{i}", f"{b}A", TRUNK_CAPACITY[i], TRUNK_DAYS[i], "push", LOSS))
        lines.append(_line(f"{b}H", f"{b}A", f"{b}B", HUB_LINE_CAPACITY, HUB_LINE_DAYS, "plan"))
        for r in range(10):
            name = f"{b}R{r}"
            customers.append(
                Customer(
                    name=name,
                    customer_class="petrochina",
                    grades=("crude",),
                    safe_fill_t=steady(RUNS[r] * 15),
                    opening_t={"crude": RUNS[r] * 7},
                    runs_t_per_day=steady(RUNS[r]),
                )
            )
            hub = f"{b}A" if r < 7 else f"{b}B"
            lines.append(_line(f"{b}L{r}", hub, name, BRANCH_CAPACITY[r], BRANCH_DAYS[r], "plan"))
            for first, length in months(days):
                tonnes = RUNS[r] * length * PLAN_FACTOR[r]
                plan.append(
                    PlanLine(
                        customer=name, grade="crude", level="month", start=first, end=next_month(first), tonnes=tonnes
                    )
                )
        disruptions.append(
            Disruption(name=f"{b}shut", asset=f"{b}T0", start=SHUT[0], end=SHUT[1], remaining=0.0, cause="pipeline")
        )
    return Scenario(
        name="W",
        start=START,
        end_day=float(days),
        grades=(Grade(name="crude", density_kg_per_m3=850.0),),
        suppliers=tuple(suppliers),
        farms=tuple(farms),
        pipelines=tuple(lines),
        customers=tuple(customers),
        plan=tuple(plan),
        disruptions=tuple(disruptions),
    )


def _line(
    name: str, origin: str, destination: str, capacity: float, days: int, dispatch: str, loss: float = 0.0
) -> Pipeline:
    return Pipeline(
        name=name,
        origin=origin,
        destination=destination,
        grades=("crude",),
        capacity_t_per_day=Profile.constant(capacity),
        dispatch=dispatch,  # type: ignore[arg-type]
        line_fill_t=capacity * days,
        contents_t=(("crude", capacity * days),),
        loss_fraction=loss,
    )
