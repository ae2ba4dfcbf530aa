"""The re-plan as a linear program: a multi-commodity flow over time with stocks, line fill, losses, rail and cash.

Sets: buckets b (in months m), lines a, lanes r (rail routes), farms f, customers c, suppliers i, grades g.

Variables, tonnes per bucket unless said otherwise:
    s[i,b]      bought                          x[a,g,b]   entering a line            y[a,g,b]   leaving it, before loss
    l[r,g,b]    loaded onto trains              z[h,g,b]   stock at the end of b      q[c,g,b]   processed
    o[h,b]      above safe fill                 u[a,b]     below minimum throughput   w±[a,g,b]  composition not as expected
    up, down[c,g,m]  change of the month's plan               back[c,g,m]  behind the cumulative plan at the month's end
    yuan[c,b]   a cash customer's balance       k[a,g,b]   in a line at the end of b

Deliveries d[c,g,b] are what the plan counts of x, y or l. All constraints are written as functions below, each under its formula.

Lines are always full, so tonnes pass at once and grades later. What leaves when depends on how much is pumped, which is the
product of two unknowns; it is linearised around the pumping the simulation expects (``case.Exits``): what entered in b' leaves in
the shares of the expected pumping, and any tonnes beyond leave at the composition expected at the exit. Exact where
the line runs as expected; the plan is proved by simulation and, if need be, solved again around that.
"""

from __future__ import annotations

import pulp

from chainsim.model import Customer, TankFarm
from chainsim.optimization.blending import blended_draws, blended_heels, declare_blending
from chainsim.optimization.case import Case, Holder, Lane, Line, MonthKey
from chainsim.optimization.formulation_lines import (
    compositions,
    line_capacities,
    line_contents,
    line_exits,
    minimum_throughputs,
)
from chainsim.optimization.lots import whole_batches, whole_trains
from chainsim.optimization.program import EQ as EQ
from chainsim.optimization.program import GE as GE
from chainsim.optimization.program import LE as LE
from chainsim.optimization.program import Formulation as Formulation
from chainsim.optimization.program import Terms


def formulate(case: Case) -> Formulation:
    """The whole program, without an objective."""
    program = Formulation(case, pulp.LpProblem("order", pulp.LpMinimize))
    declare(program)
    for state in (
        farm_balances, customer_balances, safe_fills, line_capacities, minimum_throughputs, line_exits, compositions,
        line_contents,
        racks_and_paths, wagons, runs, cash, courses_of_delivery, monthly_changes, proofs, backlogs, advances,
        blended_draws, blended_heels, whole_trains, whole_batches,
    ):  # fmt: skip
        state(program)
    return program


def declare(program: Formulation) -> None:
    """All variables with their bounds."""
    case = program.case
    buckets = range(len(case.grid.buckets))
    for supplier, available in case.supply_t.items():
        for b in buckets:
            program.add("s", supplier, b, high=available[b])
    for line in case.lines:
        for b in buckets:
            for grade in line.grades:
                program.add("x", line.spec.name, grade, b)
                if line.exits is not None:
                    program.add("y", line.spec.name, grade, b)
                    program.add("w+", line.spec.name, grade, b)
                    program.add("w-", line.spec.name, grade, b)
                    program.add("k", line.spec.name, grade, b)
            if line.minimum_t[b] > 0:
                program.add("u", line.spec.name, b)
    for lane in case.lanes:
        for b in buckets:
            for grade in lane.grades:
                program.add("l", lane.railway.name, lane.route.customer, grade, b)
    for holder in (*case.farms, *case.customers):
        for b in buckets:
            junction = isinstance(holder.spec, TankFarm) and holder.spec.storage == "junction"
            program.add("o", holder.spec.name, b)
            for grade in holder.grades:
                heel = holder.heel_t.get(grade, 0.0)
                program.add("z", holder.spec.name, grade, b, low=heel, high=0.0 if junction else None)
    declare_blending(program)
    for holder in case.customers:
        for b in buckets:
            for grade in holder.grades:
                program.add("q", holder.spec.name, grade, b)
            if holder.spec.name in case.income_yuan:
                program.add("yuan", holder.spec.name, b)
    for key, tonnes in case.plan_t.items():
        frozen = key in case.settings.frozen
        ahead = max(0.0, certain_t(case, *key) - tonnes)  # a frozen line may stand above its plan already
        program.add("up", *key, high=ahead if frozen else None)
        program.add("down", *key, high=tonnes)
        program.add("back", *key)


def farm_balances(program: Formulation) -> None:
    """z[f,g,b] = z[f,g,b-1] + Σ s + Σ kept·y(into f) − Σ x(out of f) − Σ l(loaded at f)"""
    case = program.case
    for farm in case.farms:
        name = farm.spec.name
        for grade in farm.grades:
            for b in range(len(case.grid.buckets)):
                terms = _stock_terms(program, farm, grade, b)
                terms += [
                    (program.of("s")[s.name, b], -1.0)
                    for s in case.scenario.suppliers
                    if s.farm == name and s.grade == grade
                ]
                for line in case.lines:
                    if grade in line.grades:
                        if line.spec.destination == name:
                            terms.append((leaving(program, line, grade, b), -line.kept))
                        if line.spec.origin == name:
                            terms.append((program.of("x")[line.spec.name, grade, b], 1.0))
                for lane in case.lanes:
                    if lane.railway.terminal == name and grade in lane.grades:
                        terms.append((_loaded(program, lane, grade, b), 1.0))
                program.require(terms, EQ, _opening_stock(farm, grade, b), "balance", name, grade, b)


def customer_balances(program: Formulation) -> None:
    """z[c,g,b] = z[c,g,b-1] + Σ kept·y(into c) + Σ arriving trains − q[c,g,b]"""
    case = program.case
    for holder in case.customers:
        name = holder.spec.name
        for grade in holder.grades:
            for b in range(len(case.grid.buckets)):
                terms = _stock_terms(program, holder, grade, b)
                terms.append((program.of("q")[name, grade, b], 1.0))
                for line in case.lines:
                    if line.spec.destination == name and grade in line.grades:
                        terms.append((leaving(program, line, grade, b), -line.kept))
                for lane in case.lanes:
                    if lane.route.customer == name and grade in lane.grades:
                        terms += [(v, -f) for v, f in _arriving(program, lane, grade, b)]
                start = _opening_stock(holder, grade, b) + holder.arriving_t.get((grade, b), 0.0)
                program.require(terms, EQ, start, "balance", name, grade, b)


def safe_fills(program: Formulation) -> None:
    """Σ_g z[h,g,b] <= safe fill[h,b] + o[h,b], and by grade where tanks are a grade's own"""
    for holder in (*program.case.farms, *program.case.customers):
        spec = holder.spec
        for b, limit in enumerate(holder.safe_fill_t):
            over = (program.of("o")[spec.name, b], -1.0)
            stock = [(program.of("z")[spec.name, grade, b], 1.0) for grade in holder.grades]
            if spec.storage == "own":
                for (variable, _), grade in zip(stock, holder.grades, strict=True):
                    own = spec.grade_safe_fill_t.get(grade, limit)
                    program.require([(variable, 1.0), over], LE, own, "safe_fill", spec.name, b, grade)
            elif stock:
                program.require([*stock, over], LE, limit, "safe_fill", spec.name, b)


def racks_and_paths(program: Formulation) -> None:
    """Σ_r Σ_g l <= tonnes of the trains the rack can load, and of those the paths can take; a closed route takes none"""
    case = program.case
    for rack in case.racks:
        lanes = [lane for lane in case.lanes if lane.railway.name == rack.railway.name]
        for b, bucket in enumerate(case.grid.buckets):
            terms = [(_loaded(program, lane, g, b), 1.0) for lane in lanes for g in lane.grades]
            if terms:
                train = rack.railway.train_t
                program.require(terms, LE, rack.rack_trains[b] * train, "rack", rack.railway.name, b)
                program.require(terms, LE, rack.path_trains[b] * train, "paths", rack.railway.name, b)
            for lane in lanes:
                if lane.open_days[b] < bucket.days:
                    own = [(_loaded(program, lane, g, b), 1.0) for g in lane.grades]
                    most = rack.path_trains[b] * rack.railway.train_t * lane.open_days[b] / bucket.days
                    program.require(own, LE, most, "route", rack.railway.name, lane.route.customer, b)


def wagons(program: Formulation) -> None:
    """trains out at the end of b: Σ_r Σ_b' (part of b' within the route's cycle) · l / train <= fleet"""
    case = program.case
    for rack in case.racks:
        lanes = [lane for lane in case.lanes if lane.railway.name == rack.railway.name]
        fleet = rack.railway.wagons // rack.railway.wagons_per_train
        for b, bucket in enumerate(case.grid.buckets):
            terms: Terms = []
            for lane in lanes:
                for entry, other in enumerate(case.grid.buckets[: b + 1]):
                    part = min(other.end, bucket.end) - max(other.start, bucket.end - lane.route.cycle_days)
                    if part > 0:
                        factor = part / other.days / rack.railway.train_t
                        terms += [(_loaded(program, lane, g, entry), factor) for g in lane.grades]
            if terms:
                program.require(terms, LE, max(0.0, fleet - rack.out[b]), "wagons", rack.railway.name, b)


def runs(program: Formulation) -> None:
    """q[c,g,b] <= slate share of the given runs; or, where runs follow the plan, of the plan in force and its change"""
    case = program.case
    for holder in case.customers:
        customer = holder.spec
        assert isinstance(customer, Customer)
        parts = {(g, m): _parts(case, (customer.name, g, m)) for g in holder.grades for m in case.grid.months}
        for b, bucket in enumerate(case.grid.buckets):
            processed = {grade: program.of("q")[customer.name, grade, b] for grade in holder.grades}
            if customer.name in case.runs_t:
                most = case.runs_t[customer.name][b]
                if customer.slate and customer.storage != "blended":
                    for grade, variable in processed.items():
                        program.require(
                            [(variable, 1.0)],
                            LE,
                            customer.slate.get(grade, 0.0) * most,
                            "runs",
                            customer.name,
                            grade,
                            b,
                        )
                elif processed:
                    program.require([(v, 1.0) for v in processed.values()], LE, most, "runs", customer.name, "", b)
                continue
            left = case.runs_left[customer.name][b]
            mixture: Terms = []
            together = 0.0
            for grade, variable in processed.items():
                key = customer.name, grade, bucket.month
                due = case.due_t.get((customer.name, grade, b), 0.0)
                terms = [(variable, 1.0)]
                more = program.get("up", *key)
                if more is not None and left >= 1.0:  # A cut is not undone by planning more.
                    terms.append((more, -parts[grade, bucket.month][b]))
                if customer.storage == "blended":  # It processes what is in the tank, whatever the plan's grades.
                    mixture += terms
                    together += left * due
                else:
                    program.require(terms, LE, left * due, "runs", customer.name, grade, b)
            if mixture:
                program.require(mixture, LE, together, "runs", customer.name, "", b)


def cash(program: Formulation) -> None:
    """yuan[c,b] = yuan[c,b-1] + income − Σ_g price·(l[r,g,b] + counted y[a,g,b]) >= 0: trains are paid for at the rack"""
    case = program.case
    for customer, income in case.income_yuan.items():
        lanes = [lane for lane in case.lanes if lane.route.customer == customer]
        lines = [line for line in case.lines if line.spec.destination == customer]
        spec = next(h.spec for h in case.customers if h.spec.name == customer)
        assert isinstance(spec, Customer)
        for b in range(len(case.grid.buckets)):
            terms = [(program.of("yuan")[customer, b], 1.0)]
            start = income[b]
            if b:
                terms.append((program.of("yuan")[customer, b - 1], -1.0))
            else:
                start += case.opening.yuan.get(customer, 0.0)
            for lane in lanes:
                terms += [(_loaded(program, lane, g, b), case.price_yuan_per_t[g][b]) for g in lane.grades]
            for line in lines:
                counted = 1.0 if spec.delivery_point == "loading" else line.kept
                terms += [(leaving(program, line, g, b), counted * case.price_yuan_per_t[g][b]) for g in line.grades]
            program.require(terms, EQ, start, "cash", customer, b)


def courses_of_delivery(program: Formulation) -> None:
    """Σ_{b'<=b, b' in m} d[c,g,b'] <= what the month's plan makes due by then and is not yet delivered + its part of up[c,g,m]

    Nobody is given oil ahead of the plan's own course within the month; what is behind may be made up 补量.
    """
    case = program.case
    for customer, grade, month in case.plan_t:
        before = _delivered_before(case, customer, grade, month)
        passed = case.plan_t[customer, grade, month] - sum(
            case.due_t.get((customer, grade, b), 0.0) for b in case.grid.of_month(month)
        )
        terms: Terms = []
        part = 0.0
        parts = _parts(case, (customer, grade, month))
        more = program.of("up")[customer, grade, month]
        for b, counted in delivered(program, customer, grade, month).items():
            passed += case.due_t.get((customer, grade, b), 0.0)
            before += case.under_way_t.get((customer, grade, b), 0.0)
            part += parts[b]
            terms += counted
            program.require([*terms, (more, -part)], LE, max(0.0, passed - before), "course", customer, grade, b)


def monthly_changes(program: Formulation) -> None:
    """Σ_{b in m} d[c,g,b] + delivered before = plan[c,g,m] + up[c,g,m] − down[c,g,m]"""
    case = program.case
    for (customer, grade, month), tonnes in case.plan_t.items():
        terms = [term for counted in delivered(program, customer, grade, month).values() for term in counted]
        terms.append((program.of("up")[customer, grade, month], -1.0))
        terms.append((program.of("down")[customer, grade, month], 1.0))
        program.require(terms, EQ, tonnes - certain_t(case, customer, grade, month), "month", customer, grade, month)


def proofs(program: Formulation) -> None:
    """up[c,g,m] − down[c,g,m] <= reached − plan[c,g,m], where a simulation has shown that no more comes"""
    case = program.case
    for key, tonnes in case.reached_t.items():
        terms = [(program.of("up")[key], 1.0), (program.of("down")[key], -1.0)]
        program.require(terms, LE, tonnes - case.plan_t[key], "reached", *key)


def backlogs(program: Formulation) -> None:
    """back[c,g,m] >= owed[c,g,m] + Σ_{m'<=m} (down − up)[c,g,m']"""
    for customer, grade, month in program.case.plan_t:
        terms = [(program.of("back")[customer, grade, month], 1.0)]
        terms += _behind(program, (customer, grade, month), -1.0)
        program.require(terms, GE, program.case.owed_t[customer, grade, month], "back", customer, grade, month)


def advances(program: Formulation) -> None:
    """Σ_{m'<=m} (up − down)[c,g,m'] <= owed[c,g,m] + over-lift band · plan[c,g,m], or what is certain already"""
    case = program.case
    for (customer, grade, month), tonnes in case.plan_t.items():
        most = case.settings.over_lift * tonnes + max(0.0, case.owed_t[customer, grade, month])
        so_far = [m for m in case.grid.months if m <= month and (customer, grade, m) in case.plan_t]
        most = max(most, sum(certain_t(case, customer, grade, m) - case.plan_t[customer, grade, m] for m in so_far))
        program.require(_behind(program, (customer, grade, month), -1.0), LE, most, "advance", customer, grade, month)


def leaving(program: Formulation, line: Line, grade: str, b: int) -> pulp.LpVariable:
    """What leaves a line of a grade: y where grades follow one another, else what enters."""
    return program.of("x" if line.exits is None else "y")[line.spec.name, grade, b]


def delivered(program: Formulation, customer: str, grade: str, month: int) -> dict[int, Terms]:
    """d[c,g,b] of each bucket b of a month: what the plan counts, at loading or on arrival."""
    case = program.case
    spec = next(h.spec for h in case.customers if h.spec.name == customer)
    assert isinstance(spec, Customer)
    at_loading = spec.delivery_point == "loading"
    lines = [line for line in case.lines if line.spec.destination == customer and grade in line.grades]
    lanes = [lane for lane in case.lanes if lane.route.customer == customer and grade in lane.grades]
    out: dict[int, Terms] = {}
    for b in case.grid.of_month(month):
        if at_loading:
            terms = [(program.of("x")[line.spec.name, grade, b], 1.0) for line in lines]
            terms += [(_loaded(program, lane, grade, b), 1.0) for lane in lanes]
        else:
            terms = [(leaving(program, line, grade, b), line.kept) for line in lines]
            terms += [term for lane in lanes for term in _arriving(program, lane, grade, b)]
        out[b] = terms
    return out


def _behind(program: Formulation, key: MonthKey, sign: float) -> Terms:
    """sign · Σ_{m'<=m} (down − up)."""
    customer, grade, month = key
    terms: Terms = []
    for m in program.case.grid.months:
        if m <= month and (customer, grade, m) in program.case.plan_t:
            terms.append((program.of("down")[customer, grade, m], sign))
            terms.append((program.of("up")[customer, grade, m], -sign))
    return terms


def _delivered_before(case: Case, customer: str, grade: str, month: int) -> float:
    """What the plan has counted of the current month before the re-plan."""
    return case.opening.delivered_t.get((customer, grade), 0.0) if month == case.grid.months[0] else 0.0


def certain_t(case: Case, customer: str, grade: str, month: int) -> float:
    """What the plan counts of the month whatever is decided: delivered before, and on trains under way."""
    under_way = sum(case.under_way_t.get((customer, grade, b), 0.0) for b in case.grid.of_month(month))
    return _delivered_before(case, customer, grade, month) + under_way


def _parts(case: Case, key: MonthKey) -> dict[int, float]:
    """The part of a change of the month's plan that falls due in each bucket: as the rest of the plan, else by days."""
    customer, grade, month = key
    dues = {b: case.due_t.get((customer, grade, b), 0.0) for b in case.grid.of_month(month)}
    if sum(dues.values()) <= 0:
        dues = {b: case.grid.buckets[b].days for b in dues}
    rest = sum(dues.values())
    return {b: due / rest for b, due in dues.items()}


def _stock_terms(program: Formulation, holder: Holder, grade: str, b: int) -> Terms:
    terms: Terms = [(program.of("z")[holder.spec.name, grade, b], 1.0)]
    if b:
        terms.append((program.of("z")[holder.spec.name, grade, b - 1], -1.0))
    return terms


def _opening_stock(holder: Holder, grade: str, b: int) -> float:
    return 0.0 if b else holder.opening_t[grade]


def _loaded(program: Formulation, lane: Lane, grade: str, b: int) -> pulp.LpVariable:
    return program.of("l")[lane.railway.name, lane.route.customer, grade, b]


def _arriving(program: Formulation, lane: Lane, grade: str, b: int) -> Terms:
    return [(_loaded(program, lane, grade, entry), lane.kept * part) for entry, part in lane.arrivals[b]]
