"""What a scenario leaves unsaid: grades of a line, its first contents, the heel by grade. All follow from the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from chainsim.model import Customer, Pipeline, Supplier, TankFarm
from chainsim.model.checks_network import reachable_grades
from chainsim.model.scenario import Scenario

Tanks = TypeVar("Tanks", TankFarm, Customer)


def with_defaults(scenario: Scenario, contents_given: set[str], heels: Mapping[tuple[str, str], float]) -> Scenario:
    """``scenario`` with its lines' grades and contents and its tanks' heels filled in.

    ``contents_given`` names the lines whose contents the file states; ``heels`` holds heels given as one number, by
    (section, asset), in tonnes.
    """
    order = [grade.name for grade in scenario.grades]
    reached = reachable_grades(scenario)
    accepted = {c.name: set(c.grades) for c in scenario.customers}
    farms = {farm.name: farm for farm in scenario.farms}
    suppliers = _suppliers_by_farm(scenario.suppliers)
    lines = []
    for line in scenario.pipelines:
        if not line.grades:
            carried = [
                g for g in order if g in reached.get(line.origin, ()) and g in accepted.get(line.destination, {g})
            ]
            line = replace(line, grades=tuple(carried))
        if line.name not in contents_given and line.line_fill_t > 0:
            line = replace(
                line, contents_t=_first_contents(line, farms.get(line.origin), suppliers, scenario.suppliers)
            )
        lines.append(line)
    return replace(
        scenario,
        pipelines=tuple(lines),
        farms=tuple(
            _with_heel(farm, heels.get(("farms", farm.name)), [g for g in order if g in reached.get(farm.name, ())])
            for farm in scenario.farms
        ),
        customers=tuple(_with_heel(c, heels.get(("customers", c.name)), c.grades) for c in scenario.customers),
    )


def share_out(total: float, weights: Mapping[str, float]) -> dict[str, float]:
    """``total`` in proportion to ``weights`` (equally where they are all 0); the parts sum to it but for rounding.

    >>> share_out(10.0, {"a": 1.0, "b": 3.0})
    {'a': 2.5, 'b': 7.5}
    """
    whole = sum(weights.values())
    if not weights:
        return {}
    if not whole > 0:
        return {name: total / len(weights) for name in weights}
    return {name: total * weight / whole for name, weight in weights.items() if weight > 0}


def _with_heel(tanks: Tanks, heel_t: float | None, grades: Sequence[str]) -> Tanks:
    if tanks.storage == "blended":
        total = sum(tanks.heel_t.values()) if heel_t is None else heel_t
        return replace(tanks, heel_t={"": total} if total else {})
    if heel_t is None or heel_t == 0:
        return tanks
    opening = {grade: tonnes for grade, tonnes in tanks.opening_t.items() if tonnes > 0}
    return replace(tanks, heel_t=share_out(heel_t, opening or dict.fromkeys(grades, 1.0)))


def _suppliers_by_farm(suppliers: Iterable[Supplier]) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {}
    for supplier in suppliers:
        rates = out.setdefault(supplier.farm, {})
        rates[supplier.grade] = rates.get(supplier.grade, 0.0) + supplier.production_t_per_day.at(0.0)
    return out


def _first_contents(
    line: Pipeline, origin: TankFarm | None, at_farm: Mapping[str, Mapping[str, float]], suppliers: Sequence[Supplier]
) -> tuple[tuple[str, float], ...]:
    """By the origin's opening mix; else by its suppliers' rates; else by the rates of all suppliers of its grades."""
    everywhere: dict[str, float] = {}
    for supplier in suppliers:
        rate = supplier.production_t_per_day.at(0.0)
        everywhere[supplier.grade] = everywhere.get(supplier.grade, 0.0) + rate
    opening = origin.opening_t if origin is not None else {}
    for mix in (opening, at_farm.get(line.origin, {}), everywhere):
        weights = {grade: mix[grade] for grade in line.grades if mix.get(grade, 0.0) > 0}
        if weights:
            return tuple(share_out(line.line_fill_t, weights).items())
    return tuple(share_out(line.line_fill_t, dict.fromkeys(line.grades, 1.0)).items())
