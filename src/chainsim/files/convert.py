"""From the document to the model: tonnes, days from the start, and one Scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chainsim.files.conversion import Conversion
from chainsim.files.defaults import with_defaults
from chainsim.files.orders import read_orders
from chainsim.files.rows import read_deliveries, read_disruptions, read_plan, read_prices, read_purchases, read_receipts
from chainsim.files.scaling import Scale, StepRow, scale_steps
from chainsim.files.service_rows import (
    read_complaints,
    read_invoices,
    read_surveys,
    read_visits,
    read_work_orders,
)
from chainsim.files.tree import Block, Report, locate, written
from chainsim.model import (
    ActualStock,
    Customer,
    Distribution,
    Grade,
    Label,
    Pipeline,
    Profile,
    RailRoute,
    Railway,
    RandomDisruption,
    Scenario,
    Supplier,
    TankFarm,
)
from chainsim.model.messages import name_list, nearest_name

if TYPE_CHECKING:
    from chainsim.files import documents as doc

DAYS_PER_YEAR = 365.0
ALWAYS = float("-inf")


def to_scenario(document: doc.ScenarioDocument, tree: Block, report: Report) -> Scenario:
    """The scenario in ``document``; problems of conversion go to ``report``. ``tree`` is kept in step with its rows."""
    context = _context(document, tree, report)
    steps = _production_rows(context, document)
    scales = _scales(context, document)
    suppliers = _suppliers(context, document, steps, scales)
    customers, heels = _customers(context, document)
    farms, farm_heels = _farms(context, document)
    plan = read_plan(context, document, scales)
    purchases = read_purchases(context, document, scales)
    title = document.title or {}
    scenario = Scenario(
        name=document.scenario or "",
        start=document.start,
        end_day=context.end_day,
        grades=tuple(
            Grade(name=name, density_kg_per_m3=g.density, label=_label(g.title)) for name, g in document.grades.items()
        ),
        suppliers=suppliers,
        farms=farms,
        pipelines=tuple(_pipeline(context, name, p) for name, p in document.pipelines.items()),
        railways=tuple(_railway(context, name, r) for name, r in document.railways.items()),
        customers=customers,
        plan=plan,
        purchases=purchases,
        prices=read_prices(context, document, scales),
        receipts=read_receipts(context, document, scales),
        disruptions=read_disruptions(context, document),
        random_disruptions=tuple(_random(i, r) for i, r in enumerate(document.random_disruptions)),
        seed=document.seed,
        as_of_day=0.0 if document.as_of is None else context.day(document.as_of),
        actual_deliveries=read_deliveries(context, document),
        actual_stocks=tuple(
            ActualStock(asset=s.asset, grade=s.grade, tonnes=context.tonnes(s.amount, s.grade))
            for s in document.actual_stocks
        ),
        label=Label(en=title.get("en", ""), zh=title.get("zh", "")),
        description=document.description,
        color=document.color,
        visits=read_visits(document),
        complaints=read_complaints(document),
        surveys=read_surveys(document),
        invoices=read_invoices(document),
        work_order_log=read_work_orders(document),
    )
    given = {name for name, p in document.pipelines.items() if p.contents is not None}
    scenario = with_defaults(scenario, given, heels | farm_heels)
    for scale in scales:
        if not scale.matched:
            context.problem("scale_matches_nothing", ("scale", scale.index), found=scale.found, table=scale.table)
    return read_orders(context, document, scenario)


def _context(document: doc.ScenarioDocument, tree: Block, report: Report) -> Conversion:
    densities = {name: g.density for name, g in document.grades.items()}
    if document.units.density is not None:
        densities[""] = document.units.density
    elif len(set(densities.values())) == 1:
        densities[""] = next(iter(densities.values()))
    end_day = float((document.end - document.start).days)
    layer = max(tree.place_of("start").layer, tree.place_of("end").layer)
    context = Conversion(tree, report, document.start, end_day, layer, document.units.amount, densities)
    if context.unit == "m3" and "" not in densities:
        context.problem("density_needed", ("units",))
    return context


def _label(title: Any) -> Label:
    return Label(en=title.get("en", ""), zh=title.get("zh", "")) if title else Label()


def profile_of(context: Conversion, path: tuple[str | int, ...], steps: list[doc.Step], factor: float = 1.0) -> Profile:
    """Steps as a profile. The first may have no ``from``; if it has, it must not lie after the start."""
    days = [ALWAYS if s.origin is None else context.day(s.origin) for s in steps]
    if not steps:
        context.problem("empty_value", path)
        return Profile.constant(float("nan"))
    if any(s.origin is None for s in steps[1:]):
        context.problem("step_without_from", path)
        return Profile.constant(steps[0].value * factor)
    for i in range(1, len(days)):
        if not days[i - 1] < days[i]:
            code = "two_steps_one_day" if days[i - 1] == days[i] else "steps_out_of_order"
            context.problem(code, (*path, i), found=str(steps[i].origin))
            return Profile.constant(steps[0].value * factor)
    if days[0] > 0:
        context.problem("first_step_late", path, found=str(steps[0].origin), start=context.start)
    return Profile((ALWAYS, *days[1:]), tuple(s.value * factor for s in steps))


def _rate_profile(
    context: Conversion, path: tuple[str | int, ...], key: str, daily: Any, yearly: Any, grade: str = ""
) -> Profile | None:
    """A rate stated per day or ``_per_year``, in tonnes per day; None where neither is."""
    if daily is not None and yearly is not None:
        context.problem("two_units_of_one", (*path, key), found=key, key=key)
    unit = context.tonnes(1.0, grade)
    if daily is not None:
        return profile_of(context, (*path, key), daily, unit)
    if yearly is None:
        return None
    profile = profile_of(context, (*path, f"{key}_per_year"), yearly)
    return Profile(profile.days, tuple(value * unit / DAYS_PER_YEAR for value in profile.values))


def _tank_values(
    context: Conversion, section: str, name: str, tanks: doc.FarmDocument | doc.CustomerDocument
) -> tuple[dict[str, Any], float | None]:
    """Keyword values that farms and customers share, and the heel if given as one number (tonnes)."""
    path = (section, name)
    own = {g: context.tonnes(a, g) for g, a in (tanks.grade_safe_fill or {}).items()}
    if tanks.safe_fill is not None:
        safe_fill = profile_of(context, (*path, "safe_fill"), tanks.safe_fill, context.tonnes(1.0))
    elif tanks.storage == "own" and own:
        safe_fill = Profile.constant(sum(own.values()))
    elif tanks.storage == "junction":
        safe_fill = Profile.constant(0.0)
    else:
        context.problem("no_safe_fill", path)
        safe_fill = Profile.constant(float("nan"))
    heel = dict(tanks.heel or {})
    total = heel.pop("", None)
    values: dict[str, Any] = {
        "storage": tanks.storage,
        "safe_fill_t": safe_fill,
        "grade_safe_fill_t": own,
        "heel_t": {g: context.tonnes(a, g) for g, a in heel.items()},
        "opening_t": {g: context.tonnes(a, g) for g, a in (tanks.opening or {}).items()},
        "label": _label(tanks.title),
        "latitude": tanks.at[0] if tanks.at else None,
        "longitude": tanks.at[1] if tanks.at else None,
    }
    return values, None if total is None else context.tonnes(total)


def _farms(
    context: Conversion, document: doc.ScenarioDocument
) -> tuple[tuple[TankFarm, ...], dict[tuple[str, str], float]]:
    farms, heels = [], {}
    for name, farm in document.farms.items():
        values, heel = _tank_values(context, "farms", name, farm)
        farms.append(TankFarm(name=name, **values))
        if heel is not None:
            heels["farms", name] = heel
    return tuple(farms), heels


def _customers(
    context: Conversion, document: doc.ScenarioDocument
) -> tuple[tuple[Customer, ...], dict[tuple[str, str], float]]:
    customers, heels = [], {}
    # One order of attributes for all customers, as a table has one order of columns.
    attributes = dict.fromkeys(key for c in document.customers.values() for key in c.archive or ())
    for name, c in document.customers.items():
        values, heel = _tank_values(context, "customers", name, c)
        path = ("customers", name)
        runs = _rate_profile(context, path, "runs", c.runs or None, c.runs_per_year)
        income = profile_of(context, (*path, "income_per_day"), c.income_per_day) if c.income_per_day else None
        customer = Customer(
            name=name,
            customer_class=cast(Any, c.customer_class),
            grades=tuple(c.grades),
            runs_t_per_day=runs,
            slate=dict(c.slate or {}),
            offtake=cast(Any, c.offtake),
            cash_yuan=c.cash,
            income_yuan_per_day=income or Profile.constant(0.0),
            priority=c.priority,
            delivery_point=cast(Any, c.delivery_point),
            settlement=c.settlement,
            archive={key: c.archive[key] for key in attributes if key in c.archive} if c.archive else {},
            **values,
        )
        customers.append(customer)
        if heel is not None:
            heels["customers", name] = heel
    return tuple(customers), heels


def _pipeline(context: Conversion, name: str, p: doc.PipelineDocument) -> Pipeline:
    path = ("pipelines", name)
    capacity = _rate_profile(context, path, "capacity", p.capacity, p.capacity_per_year)
    if capacity is None:
        context.problem("missing_key", (*path, "capacity"), accepted="capacity, capacity_per_year")
        capacity = Profile.constant(float("nan"))
    if p.minimum is not None and p.minimum_per_year is not None:
        context.problem("two_units_of_one", (*path, "minimum"), found="minimum", key="minimum")
    unit = context.tonnes(1.0)
    minimum = p.minimum * unit if p.minimum is not None else (p.minimum_per_year or 0.0) * unit / DAYS_PER_YEAR
    return Pipeline(
        name=name,
        origin=p.origin,
        destination=p.destination,
        capacity_t_per_day=capacity,
        mode=cast(Any, p.mode),
        dispatch=cast(Any, p.dispatch),
        grades=tuple(p.grades or ()),
        carry_over=p.carry_over,
        minimum_t_per_day=minimum,
        minimum_batch_t=p.minimum_batch * unit,
        line_fill_t=p.line_fill * unit,
        contents_t=tuple((c.grade, context.tonnes(c.amount, c.grade)) for c in p.contents or ()),
        schedule=tuple((c.grade, context.tonnes(c.amount, c.grade)) for c in p.schedule or ()),
        loss_fraction=p.loss,
        tariff_yuan_per_t=p.tariff,
        priority=p.priority,
        length_km=p.length_km,
        carrier=p.carrier,
        label=_label(p.title),
    )


def _railway(context: Conversion, name: str, r: doc.RailwayDocument) -> Railway:
    return Railway(
        name=name,
        terminal=r.origin,
        spots=r.spots,
        hours_per_train=r.hours_per_train,
        paths_per_day=profile_of(context, ("railways", name, "paths_per_day"), r.paths_per_day),
        wagons=r.wagons,
        wagons_per_train=r.wagons_per_train,
        tonnes_per_wagon=r.tonnes_per_wagon,
        routes=tuple(
            RailRoute(
                customer=customer,
                transit_days=route.transit_days,
                cycle_days=route.cycle_days,
                loss_fraction=route.loss,
                tariff_yuan_per_t=route.tariff,
            )
            for customer, route in r.routes.items()
        ),
        carrier=r.carrier,
        label=_label(r.title),
    )


def _production_rows(context: Conversion, document: doc.ScenarioDocument) -> dict[str, list[StepRow]]:
    """Supplier → its rows in the production table, by day; duplicates told and dropped."""
    out: dict[str, list[StepRow]] = {}
    names = list(document.suppliers)
    for i, row in enumerate(document.production):
        place = context.tree["production"].place_of(i)
        if row.supplier not in document.suppliers:
            near = nearest_name(row.supplier, names)
            values = {"found": written(row.supplier), "nearest": near, "names": name_list(names)}
            context.problem("production_of_nobody", ("production", i, "supplier"), **values)
            continue
        steps = out.setdefault(row.supplier, [])
        day = context.day(row.origin)
        if any(step.day == day for step in steps[-3:]) or (
            steps and day <= steps[-1].day and any(s.day == day for s in steps)
        ):
            context.problem("two_steps_one_day", ("production", i), found=f"{row.supplier}, {row.origin}")
            continue
        steps.append(StepRow(day, row.rate, place))
    return {name: sorted(steps, key=lambda step: step.day) for name, steps in out.items()}


def _suppliers(
    context: Conversion, document: doc.ScenarioDocument, rows: dict[str, list[StepRow]], scales: list[Scale]
) -> tuple[Supplier, ...]:
    out = []
    for name, s in document.suppliers.items():
        path = ("suppliers", name)
        profile = _rate_profile(context, path, "production", s.production, s.production_per_year, s.grade)
        steps = rows.get(name)
        if profile is not None and steps:
            other = steps[0].place
            values = {"found": written(context.tree["suppliers"][name].get("production", ""))}
            context.problem("stated_twice", (*path, "production"), other=f"{other.file}:{other.line}", **values)
        if profile is not None:
            place = locate(context.tree, (*path, "production"))
            steps = [StepRow(day, value, place) for day, value in zip(profile.days, profile.values, strict=True)]
        elif steps:
            if steps[0].day > 0:
                place = steps[0].place
                first = min(row.origin for row in document.production if row.supplier == name)
                context.report.add("first_step_late", place, path="production", found=str(first), start=context.start)
            unit = context.tonnes(1.0, s.grade)
            steps = [StepRow(step.day, step.value * unit, step.place) for step in steps]
        else:
            context.problem("no_production", path)
            steps = [StepRow(ALWAYS, float("nan"), context.tree.place)]
        steps = scale_steps(steps, scales, "production", {"supplier": name})
        days = (ALWAYS if steps[0].day > 0 else steps[0].day, *(step.day for step in steps[1:]))
        out.append(
            Supplier(
                name=name,
                grade=s.grade,
                farm=s.farm,
                production_t_per_day=Profile(days, tuple(step.value for step in steps)),
                label=_label(s.title),
            )
        )
    return tuple(out)


def _scales(context: Conversion, document: doc.ScenarioDocument) -> list[Scale]:
    columns = {
        "plan": ("customer", "grade", "via"),
        "purchases": ("supplier",),
        "production": ("supplier",),
        "prices": ("grade",),
        "receipts": ("customer",),
    }
    out = []
    for i, s in enumerate(document.scale):
        accepted = columns[s.table]
        for column in s.where:
            if column not in accepted:
                path = ("scale", i, "where", column)
                near = nearest_name(column, accepted)
                values = {"found": column, "nearest": near, "names": name_list(accepted), "table": s.table}
                context.problem("scale_where", path, **values)
        start = ALWAYS if s.start is None else context.day(s.start)
        end = float("inf") if s.end is None else context.day(s.end)
        layer = locate(context.tree, ("scale", i)).layer
        found = ", ".join(f"{k}: {v}" for k, v in s.where.items())
        known = {k: v for k, v in s.where.items() if k in accepted}
        out.append(Scale(i, s.table, known, start, end, s.factor, layer, found, matched=known != s.where))
    return out


def _random(index: int, r: doc.RandomDisruptionDocument) -> RandomDisruption:
    return RandomDisruption(
        name=r.name or f"{r.asset} {index + 1}",
        asset=r.asset,
        remaining=r.remaining,
        cause=cast(Any, r.cause),
        time_to_failure_days=_distribution(r.time_to_failure),
        time_to_repair_days=_distribution(r.time_to_repair),
    )


def _distribution(given: dict[str, dict[str, float]]) -> Distribution:
    from chainsim.files.documents import DISTRIBUTIONS

    kind, values = next(iter(given.items()))
    return Distribution(kind=cast(Any, kind), parameters=tuple(values[name] for name in DISTRIBUTIONS[kind]))
