"""The numbers of one re-plan: sets and parameters of the formulation, in its own terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from chainsim.model import Customer, Pipeline, RailRoute, Railway, Scenario, TankFarm
from chainsim.model.plan import months_of
from chainsim.optimization.carrying import grades_carried
from chainsim.optimization.grid import Grid, Steps, product_of
from chainsim.optimization.opening import Key as Key
from chainsim.optimization.opening import MonthKey as MonthKey
from chainsim.optimization.opening import Opening, Pumped
from chainsim.optimization.planned import arrears, counted_under_way, ordered_later, plan_of
from chainsim.simulation.outages import Stretch, stretches


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a planner may ask of a re-plan.

    ``over_lift`` is how far ahead of the cumulative plan a month may run, as a part of the month's plan. ``frozen`` plan lines
    may not change. ``whole_trains`` makes a month's trains of each customer and grade a whole number (the rest of a plan that is
    none may go as a shorter one), ``whole_batches`` makes a grade's month in a batched line nothing or at least the line's
    smallest batch; both cost time, and without them an order is rounded afterwards. ``few_lines`` puts few changed lines before
    few tonnes. ``holding_yuan_per_t_day`` values stock in the last level.
    """

    over_lift: float = 0.05
    frozen: frozenset[MonthKey] = frozenset()
    whole_trains: bool = False
    whole_batches: bool = False
    few_lines: bool = True
    holding_yuan_per_t_day: float = 0.5


@dataclass(frozen=True, slots=True)
class Exits:
    """How a line in which grades follow one another lets them out, bucket by bucket, if it runs as expected.

    ``opening_t[b][g]`` of what lies in it now leaves in b; ``passed[b]`` lists (b', part of what enters in b' that leaves in b);
    ``mix[b][g]`` is the composition at the exit in b, at which any tonnes beyond the expected ones leave.
    """

    opening_t: tuple[Mapping[str, float], ...]
    passed: tuple[tuple[tuple[int, float], ...], ...]
    mix: tuple[Mapping[str, float], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A pipeline on the grid; ``exits`` is ``None`` where a grade that enters pushes out the same grade."""

    spec: Pipeline
    grades: tuple[str, ...]
    capacity_t: tuple[float, ...]
    minimum_t: tuple[float, ...]
    exits: Exits | None
    drawn: tuple[Mapping[str, float], ...] = ()
    """What of a tonne that enters is of each grade, bucket by bucket, if the line leaves a blended farm; else empty."""

    @property
    def kept(self) -> float:
        """What of a tonne at the entrance arrives."""
        return 1.0 - self.spec.loss_fraction


@dataclass(frozen=True, slots=True)
class Lane:
    """A rail route on the grid: ``arrivals[b]`` lists (b', part of what is loaded in b' that arrives in b)."""

    railway: Railway
    route: RailRoute
    grades: tuple[str, ...]
    open_days: tuple[float, ...]
    arrivals: tuple[tuple[tuple[int, float], ...], ...]

    @property
    def kept(self) -> float:
        """What of a tonne loaded arrives."""
        return 1.0 - self.route.loss_fraction


@dataclass(frozen=True, slots=True)
class Rack:
    """A railway's own limits on the grid, in trains; ``out[b]`` are trains from before that are still out when b ends."""

    railway: Railway
    rack_trains: tuple[float, ...]
    path_trains: tuple[float, ...]
    out: tuple[float, ...]
    factor: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """A farm or a customer's tanks on the grid."""

    spec: TankFarm | Customer
    grades: tuple[str, ...]
    safe_fill_t: tuple[float, ...]
    heel_t: Mapping[str, float]
    opening_t: Mapping[str, float]
    arriving_t: Mapping[tuple[str, int], float] = field(default_factory=dict)
    """(grade, bucket) → tonnes from trains under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything the formulation reads."""

    scenario: Scenario
    settings: Settings
    grid: Grid
    opening: Opening
    lines: tuple[Line, ...]
    lanes: tuple[Lane, ...]
    racks: tuple[Rack, ...]
    farms: tuple[Holder, ...]
    customers: tuple[Holder, ...]
    supply_t: Mapping[str, tuple[float, ...]]
    runs_left: Mapping[str, tuple[float, ...]]
    """Customer → what of its runs is left in each bucket (1: all)."""
    runs_t: Mapping[str, tuple[float, ...]]
    """Customer with given runs → the most it processes in each bucket."""
    income_yuan: Mapping[str, tuple[float, ...]]
    price_yuan_per_t: Mapping[str, tuple[float, ...]]
    plan_t: Mapping[MonthKey, float]
    due_t: Mapping[tuple[str, str, int], float]
    """(customer, grade, bucket) → the plan's tonnes within the bucket."""
    owed_t: Mapping[MonthKey, float]
    """How far behind the plan of reference each line is at the month's end if the plan in force is met from now on."""
    under_way_t: Mapping[tuple[str, str, int], float]
    """(customer, grade, bucket) → what the plan counts there of trains that are under way or being loaded."""
    reached_t: Mapping[MonthKey, float] = field(default_factory=dict)
    """The most that a simulation found to be delivered in a month for which more was ordered."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """The (customer, grade) pairs that have a plan."""
        return tuple(dict.fromkeys((customer, grade) for customer, grade, _ in self.plan_t))


def case_of(
    scenario: Scenario,
    opening: Opening,
    grid: Grid,
    settings: Settings | None = None,
    reference: Mapping[MonthKey, float] | None = None,
) -> Case:
    """The numbers of a re-plan of ``scenario`` from ``opening`` on; ``reference`` as in ``opening_of``."""
    outages = stretches(scenario)
    plan, due = plan_of(scenario, opening, grid)
    carried = grades_carried(scenario, opening, plan)
    blended = {farm.name for farm in scenario.farms if farm.storage == "blended"}
    settings = settings or Settings()
    settings = replace(settings, frozen=settings.frozen | ordered_later(scenario, opening.day))
    wagons = [_rack(scenario, railway, opening, grid, outages) for railway in scenario.railways]
    return Case(
        scenario=scenario,
        settings=settings,
        grid=grid,
        opening=opening,
        lines=tuple(
            _line(spec, carried[spec.name], opening, grid, outages, blended=spec.origin in blended)
            for spec in scenario.pipelines
            if carried.get(spec.name)
        ),
        lanes=tuple(
            _lane(railway, route, grades, grid, outages)
            for railway in scenario.railways
            for route in railway.routes
            if (grades := tuple(carried.get(f"{railway.name}.{route.customer}", ())))
        ),
        racks=tuple(wagons),
        farms=tuple(_holder(farm, scenario, opening, grid, outages) for farm in scenario.farms),
        customers=tuple(_holder(customer, scenario, opening, grid, outages) for customer in scenario.customers),
        supply_t={
            s.name: _integrals(grid, product_of(s.production_t_per_day, _left(outages, s.name)))
            for s in scenario.suppliers
        },
        runs_left={
            c.name: tuple(
                x / b.days for x, b in zip(_integrals(grid, _remaining(outages, c.name)), grid.buckets, strict=True)
            )
            for c in scenario.customers
        },
        runs_t={
            c.name: _integrals(grid, product_of(c.runs_t_per_day, _left(outages, c.name)))
            for c in scenario.customers
            if c.runs_t_per_day is not None
        },
        income_yuan={c.name: _income(scenario, c, grid, outages) for c in scenario.customers if c.offtake == "cash"},
        price_yuan_per_t={g.name: _prices(scenario, g.name, grid) for g in scenario.grades},
        plan_t=plan,
        due_t=due,
        owed_t=arrears(plan, opening, reference or {}),
        under_way_t=counted_under_way(scenario, opening, grid),
    )


def _line(
    spec: Pipeline,
    grades: tuple[str, ...],
    opening: Opening,
    grid: Grid,
    outages: Mapping[Key, tuple[Stretch, ...]],
    *,
    blended: bool = False,
) -> Line:
    capacity = _integrals(grid, product_of(spec.capacity_t_per_day, _left(outages, spec.name)))
    least = [min(spec.minimum_t_per_day * b.days, c) for b, c in zip(grid.buckets, capacity, strict=True)]
    mixed = spec.mode != "parallel" and len(grades) > 1
    exits = _exits(spec, grades, opening, grid) if mixed else None
    drawn = _drawn(spec, grades, opening, grid) if blended and mixed else ()
    return Line(spec, grades, capacity, tuple(least), exits, drawn)


def _exits(spec: Pipeline, grades: tuple[str, ...], opening: Opening, grid: Grid) -> Exits:
    """Exits in the coordinate of tonnes pumped: what enters at c leaves when c + line fill have been pumped."""
    pumped = opening.pumped[spec.name]
    contents = opening.contents_t.get(spec.name, ())
    fill = sum(tonnes for _, tonnes in contents)
    at = [pumped.at(b.start) for b in grid.buckets] + [pumped.at(grid.buckets[-1].end)]
    opens, passed, mixes = [], [], []
    last: dict[str, float] = _shares(contents) or {grades[0]: 1.0}
    for b in range(len(grid.buckets)):
        low, high = at[b] - fill, at[b + 1] - fill  # coordinates of what leaves; below 0: what lies in the line now
        leaving: dict[str, float] = {}
        position = -fill
        for grade, tonnes in contents:
            part = min(position + tonnes, high) - max(position, low)
            if part > 0:
                leaving[grade] = leaving.get(grade, 0.0) + part
            position += tonnes
        opens.append(dict(leaving))
        parts = []
        for entry in range(b + 1):
            width = at[entry + 1] - at[entry]
            part = min(at[entry + 1], high) - max(at[entry], low)
            if part > 0 and width > 0:
                parts.append((entry, part / width))
                for grade in grades:
                    tonnes = _entered(opening, spec.name, grade, grid, entry) * part / width
                    if tonnes > 0:
                        leaving[grade] = leaving.get(grade, 0.0) + tonnes
        passed.append(tuple(parts))
        last = _shares(leaving.items()) or last
        mixes.append(last)
    return Exits(tuple(opens), tuple(passed), tuple(mixes))


def _drawn(spec: Pipeline, grades: tuple[str, ...], opening: Opening, grid: Grid) -> tuple[Mapping[str, float], ...]:
    """The composition that the simulation expects to enter; where nothing does, that of before (at first: the tank)."""
    last = _shares((g, opening.stock_t.get((spec.origin, g), 0.0)) for g in grades) or dict.fromkeys(
        grades, 1.0 / len(grades)
    )
    out = []
    for b in range(len(grid.buckets)):
        last = _shares((g, _entered(opening, spec.name, g, grid, b)) for g in grades) or last
        out.append(last)
    return tuple(out)


def _entered(opening: Opening, pipeline: str, grade: str, grid: Grid, b: int) -> float:
    course: Pumped | None = opening.entered.get((pipeline, grade))
    return 0.0 if course is None else course.at(grid.buckets[b].end) - course.at(grid.buckets[b].start)


def _shares(tonnes: Iterable[tuple[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for grade, amount in tonnes:
        sums[grade] = sums.get(grade, 0.0) + amount
    total = sum(sums.values())
    return {grade: amount / total for grade, amount in sums.items()} if total > 0 else {}


def _lane(
    railway: Railway,
    route: RailRoute,
    grades: tuple[str, ...],
    grid: Grid,
    outages: Mapping[Key, tuple[Stretch, ...]],
) -> Lane:
    remaining = _remaining(outages, f"{railway.name}.{route.customer}")
    arrivals: list[list[tuple[int, float]]] = [[] for _ in grid.buckets]
    for b, bucket in enumerate(grid.buckets):
        low, high = bucket.start + route.transit_days, bucket.end + route.transit_days
        for later in range(b, len(grid.buckets)):
            other = grid.buckets[later]
            part = min(high, other.end) - max(low, other.start)
            if part > 0:
                arrivals[later].append((b, part / bucket.days))
    return Lane(railway, route, grades, _integrals(grid, remaining), tuple(tuple(parts) for parts in arrivals))


def _rack(
    scenario: Scenario,
    railway: Railway,
    opening: Opening,
    grid: Grid,
    outages: Mapping[Key, tuple[Stretch, ...]],
) -> Rack:
    whole = _integrals(grid, _remaining(outages, railway.name))
    days = [bucket.days for bucket in grid.buckets]
    rack = _integrals(grid, _remaining(outages, f"{railway.name}.rack"))
    paths = _integrals(grid, product_of(railway.paths_per_day, _left(outages, f"{railway.name}.paths")))
    per_day = railway.spots * 24.0 / railway.hours_per_train
    busy = [0.0] * len(days)
    for train in opening.trains:
        if train.railway == railway.name and train.to_load_t > 0.0:
            busy[grid.at(min(train.loaded_day, grid.buckets[-1].end))] += train.to_load_t / railway.train_t
    out = [
        sum(1.0 for t in opening.trains if t.railway == railway.name and t.back_day > bucket.end)
        for bucket in grid.buckets
    ]
    return Rack(
        railway,
        tuple(max(0.0, per_day * min(r, w) - t) for r, w, t in zip(rack, whole, busy, strict=True)),
        tuple(p * w / d for p, w, d in zip(paths, whole, days, strict=True)),
        tuple(out),
        tuple(w / d for w, d in zip(whole, days, strict=True)),
    )


def _holder(
    spec: TankFarm | Customer,
    scenario: Scenario,
    opening: Opening,
    grid: Grid,
    outages: Mapping[Key, tuple[Stretch, ...]],
) -> Holder:
    stock = {grade: tonnes for (holder, grade), tonnes in opening.stock_t.items() if holder == spec.name}
    terminals = {railway.name: railway.terminal for railway in scenario.railways}
    for train in opening.trains:
        if terminals[train.railway] == spec.name:
            stock[train.grade] = max(0.0, stock[train.grade] - train.to_load_t)
    # Outages of a customer are of its runs or its cash, not of its tanks.
    left = _left(outages, spec.name) if isinstance(spec, TankFarm) else ()
    limits = product_of(spec.safe_fill_t, left)
    arriving: dict[tuple[str, int], float] = {}
    for train in opening.trains:
        if train.customer == spec.name and train.tonnes > 0 and train.arrival_day < grid.buckets[-1].end:
            at = train.grade, grid.at(train.arrival_day)
            arriving[at] = arriving.get(at, 0.0) + train.tonnes
    return Holder(
        spec,
        tuple(stock),
        tuple(limits.lowest(bucket.start, bucket.end) for bucket in grid.buckets),
        {grade: min(spec.heel_t.get(grade, 0.0), tonnes) for grade, tonnes in stock.items()},
        stock,
        arriving,
    )


def _income(
    scenario: Scenario, customer: Customer, grid: Grid, outages: Mapping[Key, tuple[Stretch, ...]]
) -> tuple[float, ...]:
    left = tuple((s.start, s.remaining) for s in outages.get((customer.name, "cash"), ()))
    steady = _integrals(grid, product_of(customer.income_yuan_per_day, left))
    remaining = Steps(tuple(d for d, _ in left), tuple(v for _, v in left)) if left else None
    out = list(steady)
    for receipt in scenario.receipts:
        if receipt.customer == customer.name and grid.buckets[0].start <= receipt.day < grid.buckets[-1].end:
            factor = remaining.pieces(receipt.day, receipt.day + 1e-9)[0][2] if remaining else 1.0
            out[grid.at(receipt.day)] += receipt.yuan * factor
    return tuple(out)


def _prices(scenario: Scenario, grade: str, grid: Grid) -> tuple[float, ...]:
    """The mean price within each bucket."""
    steps = sorted((p.day, p.yuan_per_t) for p in scenario.prices if p.grade == grade)
    if not steps:
        return tuple(0.0 for _ in grid.buckets)
    course = Steps(tuple(day for day, _ in steps), tuple(value for _, value in steps))
    return tuple(course.integral(b.start, b.end) / b.days for b in grid.buckets)


def _left(outages: Mapping[Key, tuple[Stretch, ...]], asset: str) -> tuple[tuple[float, float], ...]:
    return tuple((s.start, s.remaining) for s in outages.get((asset, ""), ()))


def _remaining(outages: Mapping[Key, tuple[Stretch, ...]], asset: str) -> Steps:
    steps = ((float("-inf"), 1.0), *_left(outages, asset))
    return Steps(tuple(day for day, _ in steps), tuple(value for _, value in steps))


def _integrals(grid: Grid, steps: Steps) -> tuple[float, ...]:
    return tuple(steps.integral(bucket.start, bucket.end) for bucket in grid.buckets)


def month_bounds(scenario: Scenario, month: int) -> tuple[float, float]:
    """The days of an accounting month."""
    start, end, _ = months_of(scenario)[month]
    return start, end
