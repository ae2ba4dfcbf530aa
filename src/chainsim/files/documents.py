"""The document schema: what a scenario file may say, section by section."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from chainsim.files.fields import (
    BAD,
    DISTRIBUTIONS,
    ByGrade,
    Cause,
    Color,
    ComplaintKind,
    Coordinates,
    Count,
    Day,
    DistributionValue,
    Document,
    Edge,
    FarmTanks,
    Flag,
    Heel,
    Instant,
    Names,
    Number,
    Parcels,
    PeriodValue,
    Runs,
    Share,
    Shares,
    Step,
    Steps,
    SurveyDimension,
    Tanks,
    Text,
    Title,
    WorkOrderStepName,
    enum_schema,
    one_of,
    read_amounts,
)

__all__ = ["BAD", "DISTRIBUTIONS", "ScenarioDocument", "Step", "accepted_keys", "read_document"]


class GradeDocument(Document):
    """A crude by its origin."""

    title: Title | None = None
    density: Number = Field(description="kg/m³")
    note: Text | None = None
    source: Text | None = None


class FarmDocument(Document):
    """Tanks at one place."""

    title: Title | None = None
    storage: FarmTanks = Field("shared", description="how grades share the tanks; a junction has none")
    safe_fill: Steps | None = Field(None, description="largest total content")
    grade_safe_fill: ByGrade | None = Field(None, description="largest content by grade, with storage: own")
    heel: Heel | None = Field(None, description="dead stock that cannot be pumped; part of opening")
    opening: ByGrade | None = Field(None, description="content at the start, by grade, heel included")
    at: Coordinates | None = Field(None, description="[latitude, longitude]")
    note: Text | None = None
    source: Text | None = None


class SupplierDocument(Document):
    """A fixed intake point where one grade is bought."""

    title: Title | None = None
    grade: Text
    farm: Text = Field(description="the tank farm it delivers into")
    production: Steps | None = Field(None, description="what the field can deliver, per day; or rows in production.csv")
    production_per_year: Steps | None = None
    note: Text | None = None
    source: Text | None = None


class PipelineDocument(Document):
    """A line from a farm to a farm or a customer, always full."""

    title: Title | None = None
    origin: Text = Field(alias="from", description="a tank farm")
    destination: Text = Field(alias="to", description="a tank farm or a customer")
    capacity: Steps | None = Field(None, description="largest flow, per day")
    capacity_per_year: Steps | None = None
    mode: Annotated[str, one_of("parallel", "batch", "blend"), enum_schema("parallel", "batch", "blend")] = "parallel"
    dispatch: Annotated[str, one_of("plan", "push"), enum_schema("plan", "push")] = "plan"
    carry_over: Flag = Field(False, description="tonnes a month failed to pump stay due in the next")
    grades: Names | None = Field(None, description="default: every grade that can reach it")
    minimum: Number | None = Field(None, description="minimum safe throughput, per day")
    minimum_per_year: Number | None = None
    minimum_batch: Number = 0.0
    line_fill: Number = 0.0
    contents: Parcels | None = Field(None, description="from the exit back to the entrance")
    schedule: Parcels | None = Field(None, description="a given batch schedule, repeated")
    loss: Share = Field(0.0, description="lost at the exit: 0.002 or 0.2%")
    tariff: Number = Field(0.0, description="yuan/t")
    priority: Count | None = Field(None, description="class in apportionment, 1 first")
    length_km: Number | None = None
    carrier: Text = ""
    note: Text | None = None
    source: Text | None = None


class RouteDocument(Document):
    """One destination served from a railway's rack."""

    transit_days: Number
    cycle_days: Number = Field(description="from departure until the wagons are back at the rack")
    loss: Share = 0.0
    tariff: Number = Field(0.0, description="yuan/t")
    note: Text | None = None
    source: Text | None = None


class RailwayDocument(Document):
    """A loading rack at a farm, with its daily paths and its wagons."""

    title: Title | None = None
    origin: Text = Field(alias="from", description="the tank farm of the rack")
    spots: Count = Field(description="trains that can be loaded at once")
    hours_per_train: Number
    paths_per_day: Steps
    wagons: Count
    wagons_per_train: Count
    tonnes_per_wagon: Number
    routes: dict[str, RouteDocument] = Field(description="by customer")
    carrier: Text = ""
    note: Text | None = None
    source: Text | None = None


class CustomerDocument(Document):
    """A refinery with its tankage, runs and way of taking oil."""

    title: Title | None = None
    customer_class: Annotated[
        str, one_of("petrochina", "sinopec", "local"), enum_schema("petrochina", "sinopec", "local")
    ] = Field(alias="class")
    grades: Names = Field(description="the grades it accepts")
    storage: Tanks = "shared"
    safe_fill: Steps | None = None
    grade_safe_fill: ByGrade | None = None
    heel: Heel | None = None
    opening: ByGrade | None = None
    runs: Runs | None = Field(None, description="what it processes per day; plan: at the rate of its plan")
    runs_per_year: Steps | None = None
    slate: Shares | None = None
    offtake: Annotated[str, one_of("plan", "cash"), enum_schema("plan", "cash")] = "plan"
    cash: Number = Field(0.0, description="opening balance, yuan")
    income_per_day: Steps | None = Field(None, description="yuan/d")
    priority: Count = 1
    delivery_point: Annotated[str, one_of("arrival", "loading"), enum_schema("arrival", "loading")] = "arrival"
    settlement: Text = ""
    at: Coordinates | None = None
    archive: dict[str, Text] | None = Field(None, description="further facts, for rules to read")
    note: Text | None = None
    source: Text | None = None


class DisruptionDocument(Document):
    """An asset works at ``remaining`` of itself from a moment to another."""

    name: Text = ""
    asset: Text
    start: Instant = Field(alias="from")
    end: Instant = Field(alias="to")
    remaining: Share = Field(description="0 (stopped) … 1")
    cause: Cause
    note: Text = ""
    source: Text | None = None


class RandomDisruptionDocument(Document):
    """Failures drawn from the scenario's seed."""

    name: Text = ""
    asset: Text
    remaining: Share
    cause: Cause
    time_to_failure: DistributionValue
    time_to_repair: DistributionValue
    note: Text | None = None
    source: Text | None = None


class OrderLineDocument(Document):
    """The period's new total, or a change to it."""

    customer: Text
    grade: Text
    period: PeriodValue
    amount: Number | None = None
    change: Number | None = None
    note: Text | None = None
    source: Text | None = None


class OrderDocument(Document):
    """An adjustment order."""

    number: Text
    issued: Day
    effective: Instant
    state: Annotated[str, one_of("approved", "draft"), enum_schema("approved", "draft")] = "approved"
    reason: Text = ""
    lines: list[OrderLineDocument]


class _Row(Document):
    note: Text | None = None
    source: Text | None = None


class PlanRow(_Row):
    """Tonnes of a grade for a customer in a period."""

    customer: Text
    grade: Text
    period: PeriodValue
    amount: Number
    via: Text = ""


class PurchaseRow(_Row):
    """Tonnes to be bought from a supplier in a period."""

    supplier: Text
    period: PeriodValue
    amount: Number


class ProductionRow(_Row):
    """What a field can deliver per day, from a day on."""

    supplier: Text
    origin: Day = Field(alias="from")
    rate: Number


class PriceRow(_Row):
    """yuan/t, from a day on."""

    grade: Text
    origin: Day = Field(alias="from")
    price: Number
    reason: Text = ""


class ReceiptRow(_Row):
    """Money that reaches a customer."""

    customer: Text
    date: Instant
    yuan: Number


class DeliveryRow(_Row):
    """Really delivered on a day."""

    date: Day
    customer: Text
    grade: Text
    amount: Number
    measured: Flag = True


class StockRow(_Row):
    """Really there on the as-of date."""

    asset: Text
    grade: Text
    amount: Number


class VisitRow(_Row):
    """A planned visit to a customer, and what came of it."""

    customer: Text
    planned: Day
    visited: Day | None = None
    report: Day | None = Field(None, description="date of the written report")
    purpose: Text = ""
    visitor: Text = ""


class ComplaintRow(_Row):
    """A customer's complaint; closed only with an answer and a result."""

    number: Text
    customer: Text
    received: Day
    kind: ComplaintKind
    text: Text
    unit: Text = Field("", description="the responsible unit")
    answered: Day | None = None
    result: Text = ""
    closed: Day | None = None


class SurveyRow(_Row):
    """A customer's score for one dimension of a satisfaction survey."""

    customer: Text
    date: Day
    dimension: SurveyDimension
    score: Number = Field(description="0 … 100")


class InvoiceRow(_Row):
    """Money due from a customer."""

    number: Text
    customer: Text
    due: Day
    yuan: Number
    paid: Day | None = None


class WorkOrderRow(_Row):
    """What was reported on a work order."""

    work_order: Text
    step: WorkOrderStepName
    date: Day
    by: Text = ""
    text: Text = ""


class ScaleDocument(Document):
    """A factor on a set of rows."""

    table: Annotated[
        str,
        one_of("plan", "purchases", "production", "prices", "receipts"),
        enum_schema("plan", "purchases", "production", "prices", "receipts"),
    ]
    where: Annotated[dict[str, Text], BeforeValidator(read_amounts)] = Field(
        {}, description="column → name or pattern with *"
    )
    start: Edge | None = Field(None, alias="from")
    end: Edge | None = Field(None, alias="to")
    factor: Share
    note: Text | None = None


class UnitsDocument(Document):
    """The unit of amounts in this scenario's files."""

    amount: Annotated[str, one_of("t", "kt", "wt", "m3"), enum_schema("t", "kt", "wt", "m3")] = "t"
    density: Number | None = Field(None, description="kg/m³ of mixed grades, with m3")


class ScenarioDocument(Document):
    """A chainsim scenario."""

    scenario: Text | None = Field(None, description="its name; default: the name of the folder or file")
    title: Title | None = None
    description: Text = ""
    color: Color = Field("", description="marks the scenario on page, workbook and report; default: one by its name")
    start: Day = Field(description="first day")
    end: Day = Field(description="first day after the horizon")
    as_of: Instant | None = Field(None, description="the run begins here, from the actuals")
    seed: Count = 0
    units: UnitsDocument = UnitsDocument.model_construct(amount="t", density=None)
    grades: dict[str, GradeDocument]
    farms: dict[str, FarmDocument]
    suppliers: dict[str, SupplierDocument] = Field(default_factory=dict)
    pipelines: dict[str, PipelineDocument] = Field(default_factory=dict)
    railways: dict[str, RailwayDocument] = Field(default_factory=dict)
    customers: dict[str, CustomerDocument]
    disruptions: list[DisruptionDocument] = Field(default_factory=list)
    random_disruptions: list[RandomDisruptionDocument] = Field(default_factory=list)
    orders: list[OrderDocument] = Field(default_factory=list)
    plan: list[PlanRow] = Field(default_factory=list)
    purchases: list[PurchaseRow] = Field(default_factory=list)
    production: list[ProductionRow] = Field(default_factory=list)
    prices: list[PriceRow] = Field(default_factory=list)
    receipts: list[ReceiptRow] = Field(default_factory=list)
    actual_deliveries: list[DeliveryRow] = Field(default_factory=list)
    actual_stocks: list[StockRow] = Field(default_factory=list)
    scale: list[ScaleDocument] = Field(default_factory=list)
    visits: list[VisitRow] = Field(default_factory=list)
    complaints: list[ComplaintRow] = Field(default_factory=list)
    surveys: list[SurveyRow] = Field(default_factory=list)
    invoices: list[InvoiceRow] = Field(default_factory=list)
    work_order_log: list[WorkOrderRow] = Field(default_factory=list)


def read_document(tree: Any) -> ScenarioDocument | list[dict[str, Any]]:
    """The document in ``tree``, or pydantic's errors (``loc``, ``type``, ``ctx``)."""
    try:
        return ScenarioDocument.model_validate(tree)
    except ValidationError as error:
        return [dict(e) for e in error.errors(include_url=False)]


def accepted_keys(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys accepted in the mapping at ``path`` of a document; empty where any name is."""
    kind: Any = ScenarioDocument
    for step in path:
        kind = _member(kind, step)
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return tuple(field.alias or name for name, field in kind.model_fields.items())
    if get_origin(kind) is dict and get_origin(get_args(kind)[0]) is Literal:
        return tuple(get_args(get_args(kind)[0]))
    return ()


def _member(kind: Any, step: str | int) -> Any:
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if (field.alias or name) == step:
                return field.annotation
        return Any
    arguments = get_args(kind)
    return arguments[-1] if get_origin(kind) in (dict, list) and arguments else Any


def _bare(kind: Any) -> Any:
    """``kind`` without ``Annotated`` and ``| None``."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    arguments = [a for a in get_args(kind) if a is not type(None)]
    if len(arguments) == 1 and type(None) in get_args(kind):
        return _bare(arguments[0])
    return kind
