"""Cross-checks on a scenario: everything that is wrong although each value by itself could be right.

Pure: no file format. A problem's ``path`` names the place in the words of the scenario file
(``pipelines.trunk.capacity``, ``plan[3].amount``), so that a reader can attach file and line.
Comparisons with NaN are false: a value that a reader could not read raises no second problem here.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from chainsim.errors import Problem
from chainsim.model.assets import Customer, Pipeline, Railway, TankFarm
from chainsim.model.checks_network import check_network
from chainsim.model.checks_plan import check_plan
from chainsim.model.checks_service import check_service
from chainsim.model.messages import name_list
from chainsim.model.problems import problem as _problem
from chainsim.model.problems import unknown as _unknown
from chainsim.model.profile import Profile
from chainsim.model.scenario import Distribution, Scenario

LONGEST_HORIZON_YEARS = 60
LARGEST_LOSS_FRACTION = 0.10
SUM_TOLERANCE_T = 0.5
SUM_TOLERANCE_RELATIVE = 1e-6
_NETWORK = ("suppliers", "pipelines", "railways", "customers")
_BROKEN_NETWORK = ("unknown_farm", "unknown_destination", "unknown_grade", "unknown_customer")
FORBIDDEN_IN_NAMES = set(" \t\r\n,.:;/\\[]{}()=*?\"'，；：。（）")


def check(scenario: Scenario) -> tuple[Problem, ...]:
    """All problems of ``scenario``, in the order of the document; empty if it can be simulated."""
    problems = [
        *_horizon(scenario),
        *_names(scenario),
        *_grades(scenario),
        *_farms(scenario),
        *_suppliers(scenario),
        *_pipelines(scenario),
        *_railways(scenario),
        *_customers(scenario),
        *check_network(scenario),
        *check_plan(scenario),
        *_disruptions(scenario),
        *_actuals(scenario),
        *check_service(scenario),
    ]
    misnamed = any(p.code in _BROKEN_NETWORK and p.path.partition(".")[0] in _NETWORK for p in problems)
    seen: set[tuple[str, str]] = set()
    out = []
    for problem in problems:
        if misnamed and problem.code in ("no_route_brings", "no_grade_reaches", "via_does_not_bring"):
            continue  # follows from the name that is wrong
        if (problem.code, problem.path) not in seen:
            seen.add((problem.code, problem.path))
            out.append(problem)
    return tuple(out)


def asset_names(scenario: Scenario) -> tuple[str, ...]:
    """What a disruption may name: every asset, and the parts of railways (``NAME.rack``, ``NAME.paths``, ``NAME.CUSTOMER``)."""
    groups = (scenario.suppliers, scenario.farms, scenario.pipelines, scenario.railways, scenario.customers)
    names = [asset.name for group in groups for asset in group]
    for railway in scenario.railways:
        names += [f"{railway.name}.rack", f"{railway.name}.paths"]
        names += [f"{railway.name}.{route.customer}" for route in railway.routes]
    return tuple(names)


def sums_agree(total: float, target: float) -> bool:
    """Whether two sums of tonnes are the same within 0.5 t (a planner's rounding) or 1e-6 of themselves (a float's)."""
    return not abs(total - target) > max(SUM_TOLERANCE_T, SUM_TOLERANCE_RELATIVE * abs(target))


def _range(path: str, *values: float, positive: bool = False) -> Iterator[Problem]:
    """Finite, and not negative (or more than 0). Only the first bad value of a profile is told."""
    for value in values:
        if not isfinite(value):
            yield _problem("not_finite", path, value)
            return
        if value < 0:
            yield _problem("negative", path, value)
            return
        if positive and value == 0:
            yield _problem("not_positive", path, value)
            return


def _profile(path: str, profile: Profile, *, positive: bool = False) -> Iterator[Problem]:
    yield from _range(path, *profile.values, positive=positive)


def _share(path: str, value: float) -> Iterator[Problem]:
    if not isfinite(value):
        yield _problem("not_finite", path, value)
    elif not 0 <= value <= 1:
        yield _problem("not_a_share", path, value)


def _loss(path: str, value: float) -> Iterator[Problem]:
    shared = list(_share(path, value))
    yield from shared
    if not shared and value > LARGEST_LOSS_FRACTION:
        yield _problem("loss_too_large", path, value, limit=f"{LARGEST_LOSS_FRACTION:.0%}")


def _horizon(scenario: Scenario) -> Iterator[Problem]:
    if not scenario.end_day > 0:
        yield _problem("horizon_empty", "end", scenario.calendar_date(scenario.end_day), start=scenario.start)
    elif scenario.end_day > LONGEST_HORIZON_YEARS * 366:
        last = scenario.calendar_date(scenario.end_day)
        yield _problem("horizon_too_long", "end", last, years=LONGEST_HORIZON_YEARS)
    elif not 0 <= scenario.as_of_day < scenario.end_day:
        first, last = scenario.start, scenario.calendar_date(scenario.end_day)
        yield _problem("as_of_outside", "as_of", _moment(scenario, scenario.as_of_day), start=first, end=last)
    for what, what_zh, group in (
        ("grades", "油种", scenario.grades),
        ("farms", "油库", scenario.farms),
        ("customers", "客户", scenario.customers),
    ):
        if not group:
            yield _problem("nothing_to_simulate", what, what=what, what_zh=what_zh)


def _names(scenario: Scenario) -> Iterator[Problem]:
    taken: dict[str, tuple[str, str]] = {}
    for kind, kind_zh, section, group in (
        ("supplier", "油源", "suppliers", scenario.suppliers),
        ("tank farm", "油库", "farms", scenario.farms),
        ("pipeline", "管线", "pipelines", scenario.pipelines),
        ("railway", "铁路", "railways", scenario.railways),
        ("customer", "客户", "customers", scenario.customers),
    ):
        for asset in group:
            path = f"{section}.{asset.name}"
            yield from _name(path, asset.name)
            if asset.name in taken:
                first, first_zh = taken[asset.name]
                labels = {"first": first, "second": kind, "first_zh": first_zh, "second_zh": kind_zh}
                yield _problem("name_used_twice", path, asset.name, **labels)
            taken[asset.name] = (kind, kind_zh)
    for grade in scenario.grades:
        yield from _name(f"grades.{grade.name}", grade.name)


def _name(path: str, name: str) -> Iterator[Problem]:
    if not name or FORBIDDEN_IN_NAMES & set(name) or not name.isprintable():
        yield _problem("bad_name", path, name)


def _grades(scenario: Scenario) -> Iterator[Problem]:
    for grade in scenario.grades:
        path = f"grades.{grade.name}.density"
        if not isfinite(grade.density_kg_per_m3):
            yield from _range(path, grade.density_kg_per_m3)
        elif not 600 <= grade.density_kg_per_m3 <= 1200:
            yield _problem("density_out_of_range", path, grade.density_kg_per_m3)


def _tanks(path: str, tanks: TankFarm | Customer, grades: set[str]) -> Iterator[Problem]:
    """What holds for the tanks of a farm and of a customer alike."""
    yield from _profile(f"{path}.safe_fill", tanks.safe_fill_t)
    for key, amounts in (
        ("grade_safe_fill", tanks.grade_safe_fill_t),
        ("heel", tanks.heel_t),
        ("opening", tanks.opening_t),
    ):
        for grade, tonnes in amounts.items():
            stated = key != "heel" or grade not in tanks.opening_t  # a heel given as one number follows the opening
            if grade and stated and grade not in grades:
                yield _unknown("grade", f"{path}.{key}.{grade}", grade, grades)
            yield from _range(f"{path}.{key}.{grade}" if grade else f"{path}.{key}", tonnes)
    opening, heel = sum(tanks.opening_t.values()), sum(tanks.heel_t.values())
    limit = tanks.safe_fill_t.at(0.0)
    if tanks.storage == "junction":
        if opening > 0 or heel > 0:
            key = "opening" if opening > 0 else "heel"
            yield _problem("stock_in_junction", f"{path}.{key}", opening or heel)
        return
    if opening > limit + SUM_TOLERANCE_RELATIVE * limit:
        yield _problem("opening_above_safe_fill", f"{path}.opening", opening, limit=_t(limit))
    smallest = min(tanks.safe_fill_t.values)
    if heel > 0 and heel >= smallest and not opening > limit:
        yield _problem("heel_above_safe_fill", f"{path}.heel", heel, limit=_t(smallest))
    if tanks.storage == "blended":
        if opening < heel * (1 - SUM_TOLERANCE_RELATIVE):
            yield _problem("opening_below_heel", f"{path}.opening", opening, limit=_t(heel))
    else:
        for grade, tonnes in tanks.heel_t.items():
            held = tanks.opening_t.get(grade, 0.0)
            if held < tonnes * (1 - SUM_TOLERANCE_RELATIVE):
                yield _problem("opening_below_heel", f"{path}.opening.{grade}", held, limit=_t(tonnes))
    if tanks.storage == "own":
        for grade, tonnes in tanks.opening_t.items():
            own = tanks.grade_safe_fill_t.get(grade)
            if own is None and tonnes > 0:
                yield _problem(
                    "own_limit_missing", f"{path}.grade_safe_fill", name_list(tanks.grade_safe_fill_t), grade=grade
                )
            elif own is not None and tonnes > own * (1 + SUM_TOLERANCE_RELATIVE):
                yield _problem("opening_above_safe_fill", f"{path}.opening.{grade}", tonnes, limit=_t(own))
    latitude, longitude = tanks.latitude or 0.0, tanks.longitude or 0.0
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        yield _problem("coordinates_out_of_range", f"{path}.at", f"{latitude:g}, {longitude:g}")


def _farms(scenario: Scenario) -> Iterator[Problem]:
    grades = {grade.name for grade in scenario.grades}
    for farm in scenario.farms:
        yield from _tanks(f"farms.{farm.name}", farm, grades)


def _suppliers(scenario: Scenario) -> Iterator[Problem]:
    grades, farms = [g.name for g in scenario.grades], [f.name for f in scenario.farms]
    for supplier in scenario.suppliers:
        path = f"suppliers.{supplier.name}"
        if supplier.grade not in grades:
            yield _unknown("grade", f"{path}.grade", supplier.grade, grades)
        if supplier.farm not in farms:
            yield _unknown("farm", f"{path}.farm", supplier.farm, farms)
        yield from _profile(f"{path}.production", supplier.production_t_per_day)


def _pipelines(scenario: Scenario) -> Iterator[Problem]:
    grades = [g.name for g in scenario.grades]
    farms = {f.name: f for f in scenario.farms}
    places = [*farms, *(c.name for c in scenario.customers)]
    for line in scenario.pipelines:
        path = f"pipelines.{line.name}"
        if line.origin not in farms:
            yield _unknown("farm", f"{path}.from", line.origin, farms)
        if line.destination not in places:
            yield _unknown("destination", f"{path}.to", line.destination, places)
        elif line.destination == line.origin:
            yield _problem("line_to_itself", f"{path}.to", line.destination)
        for i, grade in enumerate(line.grades):
            if grade not in grades:
                yield _unknown("grade", f"{path}.grades[{i}]", grade, grades)
        yield from _line_figures(path, line)
        yield from _line_contents(path, line, grades)
        origin = farms.get(line.origin)
        if origin is not None and origin.storage == "blended" and line.mode != "blend":
            yield _problem("line_from_a_blend", f"{path}.mode", line.mode, farm=line.origin)
        if origin is not None and origin.storage != "junction" and line.mode == "batch":
            limit = max(origin.safe_fill_t.values)
            if line.minimum_batch_t > limit:
                yield _problem("batch_larger_than_plan", f"{path}.minimum_batch", line.minimum_batch_t, limit=_t(limit))


def _line_figures(path: str, line: Pipeline) -> Iterator[Problem]:
    yield from _profile(f"{path}.capacity", line.capacity_t_per_day)
    for key, value in (
        ("minimum", line.minimum_t_per_day),
        ("minimum_batch", line.minimum_batch_t),
        ("line_fill", line.line_fill_t),
        ("tariff", line.tariff_yuan_per_t),
    ):
        yield from _range(f"{path}.{key}", value)
    yield from _loss(f"{path}.loss", line.loss_fraction)
    if line.length_km is not None:
        yield from _range(f"{path}.length_km", line.length_km, positive=True)
    if line.priority is not None:
        yield from _range(f"{path}.priority", line.priority, positive=True)
    limit = max(line.capacity_t_per_day.values)
    if line.minimum_t_per_day > limit >= 0:
        yield _problem("minimum_above_capacity", f"{path}.minimum", line.minimum_t_per_day, limit=_t(limit))


def _line_contents(path: str, line: Pipeline, grades: list[str]) -> Iterator[Problem]:
    for key, parcels in (("contents", line.contents_t), ("schedule", line.schedule)):
        for i, (grade, tonnes) in enumerate(parcels):
            place = f"{path}.{key}[{i}]"
            if grade not in grades:
                yield _unknown("grade", f"{place}.grade", grade, grades)
            elif line.grades and grade not in line.grades:
                yield _problem("contents_grade", f"{place}.grade", grade, grade=grade, names=name_list(line.grades))
            yield from _range(f"{place}.amount", tonnes, positive=key == "schedule")
    total = sum(tonnes for _, tonnes in line.contents_t)
    if (line.contents_t or line.line_fill_t > 0) and line.grades and not sums_agree(total, line.line_fill_t):
        yield _problem("contents_sum", f"{path}.contents", total, total=_t(total), limit=_t(line.line_fill_t))


def _railways(scenario: Scenario) -> Iterator[Problem]:
    farms = {f.name: f for f in scenario.farms}
    customers = {c.name: c for c in scenario.customers}
    for railway in scenario.railways:
        path = f"railways.{railway.name}"
        if railway.terminal not in farms:
            yield _unknown("farm", f"{path}.from", railway.terminal, farms)
        elif farms[railway.terminal].storage == "blended":
            yield _problem("rail_from_a_blend", f"{path}.from", railway.terminal, farm=railway.terminal)
        for key, value in (
            ("spots", railway.spots),
            ("hours_per_train", railway.hours_per_train),
            ("wagons", railway.wagons),
            ("wagons_per_train", railway.wagons_per_train),
            ("tonnes_per_wagon", railway.tonnes_per_wagon),
        ):
            yield from _range(f"{path}.{key}", value, positive=True)
        yield from _profile(f"{path}.paths_per_day", railway.paths_per_day)
        if 0 <= railway.wagons < railway.wagons_per_train:
            yield _problem("too_few_wagons", f"{path}.wagons", railway.wagons, limit=railway.wagons_per_train)
        if not railway.routes:
            yield _problem("no_routes", f"{path}.routes")
        terminal = farms.get(railway.terminal)
        if terminal is not None and terminal.storage != "junction":
            yield from _train_fits(f"{path}.wagons_per_train", railway, terminal)
        yield from _routes(path, railway, customers)


def _routes(path: str, railway: Railway, customers: dict[str, Customer]) -> Iterator[Problem]:
    seen = set()
    for route in railway.routes:
        place = f"{path}.routes.{route.customer}"
        if route.customer in seen:
            yield _problem("route_twice", place, route.customer)
        seen.add(route.customer)
        yield from _range(f"{place}.transit_days", route.transit_days)
        yield from _range(f"{place}.tariff", route.tariff_yuan_per_t)
        yield from _loss(f"{place}.loss", route.loss_fraction)
        if not isfinite(route.cycle_days):
            yield from _range(f"{place}.cycle_days", route.cycle_days)
        elif route.cycle_days <= route.transit_days:
            limit = f"{route.transit_days:g}"
            yield _problem("cycle_not_longer_than_transit", f"{place}.cycle_days", route.cycle_days, limit=limit)
        if route.customer not in customers:
            yield _unknown("customer", place, route.customer, customers)
        else:
            yield from _train_fits(place, railway, customers[route.customer])


def _train_fits(path: str, railway: Railway, tanks: TankFarm | Customer) -> Iterator[Problem]:
    room = max(tanks.safe_fill_t.values) - sum(tanks.heel_t.values())
    if railway.train_t > room > 0:
        values = {"train": _t(railway.train_t), "asset": tanks.name, "limit": _t(room)}
        yield _problem("train_larger_than_tanks", path, railway.train_t, **values)


def _customers(scenario: Scenario) -> Iterator[Problem]:
    grades = [g.name for g in scenario.grades]
    for customer in scenario.customers:
        path = f"customers.{customer.name}"
        for i, grade in enumerate(customer.grades):
            if grade not in grades:
                yield _unknown("grade", f"{path}.grades[{i}]", grade, grades)
        yield from _tanks(path, customer, set(grades))
        if customer.runs_t_per_day is not None:
            yield from _profile(f"{path}.runs", customer.runs_t_per_day)
        for grade, share in customer.slate.items():
            yield from _share(f"{path}.slate.{grade}", share)
            if grade not in customer.grades:
                values = {"customer": customer.name, "grade": grade, "names": name_list(customer.grades)}
                yield _problem("not_accepted", f"{path}.slate.{grade}", grade, **values)
        total = sum(customer.slate.values())
        if customer.slate and abs(total - 1) > 1e-6:
            yield _problem("slate_sum", f"{path}.slate", total, total=f"{total:.6g}")
        yield from _range(f"{path}.cash", customer.cash_yuan)
        yield from _profile(f"{path}.income_per_day", customer.income_yuan_per_day)
        yield from _range(f"{path}.priority", customer.priority, positive=True)


def _disruptions(scenario: Scenario) -> Iterator[Problem]:
    names = asset_names(scenario)
    customers = {c.name for c in scenario.customers}
    first, last = scenario.start, scenario.calendar_date(scenario.end_day)
    for i, event in enumerate(scenario.disruptions):
        path = f"disruptions[{i}]"
        if event.end <= event.start:
            began, ended = _moment(scenario, event.start), _moment(scenario, event.end)
            yield _problem("disruption_empty", f"{path}.to", ended, start=began)
        elif event.end <= 0 or event.start >= scenario.end_day:
            yield _problem("disruption_outside", f"{path}.from", _moment(scenario, event.start), start=first, end=last)
        yield from _disrupted(path, event.asset, event.remaining, event.cause, names, customers)
    for i, random in enumerate(scenario.random_disruptions):
        path = f"random_disruptions[{i}]"
        yield from _disrupted(path, random.asset, random.remaining, random.cause, names, customers)
        yield from _distribution(f"{path}.time_to_failure", random.time_to_failure_days)
        yield from _distribution(f"{path}.time_to_repair", random.time_to_repair_days)


def _disrupted(
    path: str, asset: str, remaining: float, cause: str, names: tuple[str, ...], customers: set[str]
) -> Iterator[Problem]:
    if asset not in names:
        yield _unknown("asset", f"{path}.asset", asset, names)
    elif asset in customers and not cause.startswith("customer_"):
        yield _problem("cause_for_customer", f"{path}.cause", cause)
    elif asset not in customers and cause.startswith("customer_"):
        yield _problem("cause_not_for_asset", f"{path}.cause", cause, asset=asset)
    yield from _share(f"{path}.remaining", remaining)


def _distribution(path: str, given: Distribution) -> Iterator[Problem]:
    numbers = given.parameters
    accepted = {
        "constant": ("value ≥ 0", all(n >= 0 for n in numbers)),
        "uniform": ("0 ≤ low ≤ high", list(numbers) == sorted(numbers) and min(numbers) >= 0),
        "exponential": ("mean > 0", all(n > 0 for n in numbers)),
        "lognormal": ("median > 0, sigma ≥ 0", numbers[0] > 0 and numbers[-1] >= 0),
        "weibull": ("scale > 0, shape > 0", all(n > 0 for n in numbers)),
        "triangular": (
            "0 ≤ low ≤ mode ≤ high, low < high",
            list(numbers) == sorted(numbers) and 0 <= numbers[0] < numbers[-1],
        ),
    }[given.kind]
    if not all(isfinite(n) for n in numbers):
        yield _problem("not_finite", path, ", ".join(f"{n:g}" for n in numbers))
    elif not accepted[1]:
        found = ", ".join(f"{n:g}" for n in numbers)
        yield _problem("distribution_parameters", path, found, kind=given.kind, accepted=accepted[0])


def _actuals(scenario: Scenario) -> Iterator[Problem]:
    grades = [g.name for g in scenario.grades]
    customers = [c.name for c in scenario.customers]
    holders = [f.name for f in scenario.farms if f.storage != "junction"] + customers
    lines = [p.name for p in scenario.pipelines]
    first, last = scenario.start, scenario.calendar_date(scenario.as_of_day)
    seen: dict[tuple[float, str, str], int] = {}
    for i, row in enumerate(scenario.actual_deliveries):
        path = f"actual_deliveries[{i}]"
        if row.customer not in customers:
            yield _unknown("customer", f"{path}.customer", row.customer, customers)
        if row.grade not in grades:
            yield _unknown("grade", f"{path}.grade", row.grade, grades)
        yield from _range(f"{path}.amount", row.tonnes)
        if not 0 <= row.day < scenario.as_of_day:
            yield _problem("actual_after_as_of", f"{path}.date", scenario.calendar_date(row.day), start=first, end=last)
        if seen.setdefault((row.day, row.customer, row.grade), i) != i:
            yield _problem("actual_twice", path, f"{row.customer}, {row.grade}")
    held: dict[str, dict[str, float]] = {}
    for i, stock in enumerate(scenario.actual_stocks):
        path = f"actual_stocks[{i}]"
        if stock.asset not in holders and stock.asset not in lines:
            yield _unknown("asset", f"{path}.asset", stock.asset, [*holders, *lines])
        if stock.grade not in grades:
            yield _unknown("grade", f"{path}.grade", stock.grade, grades)
        yield from _range(f"{path}.amount", stock.tonnes)
        content = held.setdefault(stock.asset, {})
        if stock.asset in holders and stock.grade in content:
            yield _problem("actual_twice", path, f"{stock.asset}, {stock.grade}")
        content[stock.grade] = content.get(stock.grade, 0.0) + stock.tonnes
    if 0 < scenario.as_of_day < scenario.end_day:
        yield from _actual_levels(scenario, held)


def _actual_levels(scenario: Scenario, held: dict[str, dict[str, float]]) -> Iterator[Problem]:
    rows = {stock.asset: f"actual_stocks[{i}].amount" for i, stock in enumerate(scenario.actual_stocks)}
    holders: tuple[TankFarm | Customer, ...] = (*scenario.farms, *scenario.customers)
    for tanks in holders:
        if tanks.storage == "junction":
            continue
        if tanks.name not in held:
            yield _problem("as_of_without_stocks", "actual_stocks", "", asset=tanks.name)
            continue
        total, limit = sum(held[tanks.name].values()), tanks.safe_fill_t.at(scenario.as_of_day)
        if total > limit * (1 + SUM_TOLERANCE_RELATIVE):
            yield _problem("opening_above_safe_fill", rows[tanks.name], total, limit=_t(limit))
        for grade, heel in tanks.heel_t.items():
            level = held[tanks.name].get(grade, 0.0) if grade else total
            if level < heel * (1 - SUM_TOLERANCE_RELATIVE):
                yield _problem("opening_below_heel", rows[tanks.name], level, limit=_t(heel))
    for line in scenario.pipelines:
        total = sum(held.get(line.name, {}).values())
        if line.name in held and not sums_agree(total, line.line_fill_t):
            yield _problem("contents_sum", rows[line.name], total, total=_t(total), limit=_t(line.line_fill_t))


def _moment(scenario: Scenario, day: float) -> str:
    """A day as a date, with the time of day if it has one."""
    when = scenario.instant(day)
    return f"{when:%Y-%m-%d}" if day == int(day) else f"{when:%Y-%m-%d %H:%M}"


def _t(tonnes: float) -> str:
    """A round figure for a message: 12345.6 → "12345.6", 1e6 → "1000000"."""
    return f"{tonnes:.3f}".rstrip("0").rstrip(".")
