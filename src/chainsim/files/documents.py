"""The document schema: what a scenario file may say. The only home of pydantic.

Every scalar goes through a reader of ``chainsim.files.quantities``. A value that was found wrong is replaced by ``BAD`` and read
again as something harmless, so that the checks that do not need it still run and all problems are told at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError, WithJsonSchema

from chainsim.files.quantities import (
    BadValue,
    Period,
    read_choice,
    read_count,
    read_day,
    read_edge,
    read_flag,
    read_instant,
    read_number,
    read_period,
    read_share,
    read_text,
    split_compact,
    split_names,
)

NAN = float("nan")
BAD = object()
"""Stands for a value already told to be wrong."""


def _reading(read: Callable[[Any], Any], harmless: Any) -> PlainValidator:
    return PlainValidator(lambda value: harmless if value is BAD else read(value))


def _choice(*choices: str) -> PlainValidator:
    return _reading(lambda value: read_choice(value, choices), choices[0])


def _text_schema(description: str, pattern: str | None = None) -> WithJsonSchema:
    schema: dict[str, Any] = {"type": ["string", "number"], "description": description}
    return WithJsonSchema(schema | ({"pattern": pattern} if pattern else {}))


def _enum_schema(*choices: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(choices)})


_SHARE_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": r"^\d+(\.\d*)?%$"}]}
_DAY_PATTERN = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}$"
_INSTANT_PATTERN = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2})?)?$"
_PERIOD_PATTERN = r"^\d{4}(Q[1-4]|-\d{2}(-[123])?)?$"

Text = Annotated[str, _reading(read_text, ""), WithJsonSchema({"type": ["string", "number"]})]
Number = Annotated[float, _reading(read_number, NAN), WithJsonSchema({"type": "number"})]
Count = Annotated[int, _reading(read_count, 1), WithJsonSchema({"type": "integer"})]
Share = Annotated[float, _reading(read_share, NAN), WithJsonSchema(_SHARE_SCHEMA)]
Flag = Annotated[bool, _reading(read_flag, False), WithJsonSchema({"type": "boolean"})]
Day = Annotated[date, _reading(read_day, date(2000, 1, 1)), _text_schema("a day, 2008-07-12", _DAY_PATTERN)]
Instant = Annotated[
    datetime, _reading(read_instant, datetime(2000, 1, 1)), _text_schema("2008-04-10 or 2008-04-10 08:00", _INSTANT_PATTERN)
]
PeriodValue = Annotated[
    Period,
    _reading(read_period, Period("annual", date(2000, 1, 1), date(2001, 1, 1))),
    _text_schema("2008, 2008Q3, 2008-07, or 2008-07-1 / -2 / -3 (ten-day period)", _PERIOD_PATTERN),
]
Edge = Annotated[date, _reading(read_edge, date(2000, 1, 1)), _text_schema("a day or a period, whose first day is meant")]
CAUSES = ("pipeline", "railway", "loading", "source", "tank", "customer_cash", "customer_runs", "quality")
Cause = Annotated[str, _choice(*CAUSES), _enum_schema(*CAUSES)]

DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "constant": ("value",),
    "uniform": ("low", "high"),
    "exponential": ("mean",),
    "lognormal": ("median", "sigma"),
    "weibull": ("scale", "shape"),
    "triangular": ("low", "mode", "high"),
}


def _steps(value: Any) -> Any:
    """A number is one step without a day; a cell may hold ``2008-01-01=100; 2008-12-01=200``."""
    if isinstance(value, str) and "=" in value:
        return [{"from": day, "value": amount} for day, amount in split_compact(value)]
    if isinstance(value, dict) or value is None:
        return value
    return value if isinstance(value, list) else [{"value": value}]


def _amounts(value: Any) -> Any:
    return dict(split_compact(value)) if isinstance(value, str) else value


def _parcels(value: Any) -> Any:
    return [{"grade": g, "amount": a} for g, a in split_compact(value)] if isinstance(value, str) else value


def _names(value: Any) -> Any:
    return split_names(value) if isinstance(value, str) else value


def _heel(value: Any) -> Any:
    """A number is the heel of all grades together, under ""."""
    if isinstance(value, str) and "=" in value:
        return dict(split_compact(value))
    return value if isinstance(value, (dict, list)) or value is None else {"": value}


def _runs(value: Any) -> Any:
    return [] if isinstance(value, str) and value.strip().lower() == "plan" else _steps(value)


def _title(value: Any) -> Any:
    return value if isinstance(value, (dict, list)) or value is None else {"zh": value, "en": value}


def _place(value: Any) -> Any:
    if isinstance(value, str):
        value = [part.strip() for part in value.replace("；", ";").split(";")]
    if isinstance(value, list) and len(value) != 2:
        raise BadValue("coordinates")
    return value


def _distribution(value: Any) -> Any:
    """``exponential(mean=200)`` in one cell is ``{exponential: {mean: 200}}``."""
    if value is BAD:
        return {"constant": {"value": 0}}
    if isinstance(value, str) and value.rstrip().endswith(")"):
        kind, _, inside = value.strip()[:-1].partition("(")
        value = {kind.strip(): dict(split_compact(inside.replace(",", ";")))}
    if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in DISTRIBUTIONS:
        raise BadValue("one_kind_expected")
    kind, given = next(iter(value.items()))
    if not isinstance(given, dict) or set(given) != set(DISTRIBUTIONS[kind]):
        raise BadValue("distribution_keys", kind=kind, names=", ".join(DISTRIBUTIONS[kind]))
    return value


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, hide_input_in_errors=True)


class Step(_Document):
    """A value from a day on."""

    origin: Day | None = Field(None, alias="from")
    value: Number


class Parcel(_Document):
    """Some of one grade."""

    grade: Text
    amount: Number


_STEP_SCHEMA = {
    "anyOf": [
        {"type": "number"},
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"from": {"type": "string"}, "value": {"type": "number"}},
                "required": ["value"],
                "additionalProperties": False,
            },
        },
    ],
    "description": "a number, or steps: [{from: 2008-01-01, value: …}, …]",
}
_BY_GRADE_SCHEMA = {"type": "object", "additionalProperties": {"type": "number"}, "description": "by grade"}
_PARCELS_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"grade": {"type": "string"}, "amount": {"type": "number"}},
        "required": ["grade", "amount"],
        "additionalProperties": False,
    },
}
_TITLE_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {"type": "object", "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}, "additionalProperties": False},
    ],
    "description": "how it is called on a page, in Chinese and English",
}

Steps = Annotated[list[Step], BeforeValidator(_steps), WithJsonSchema(_STEP_SCHEMA)]
Runs = Annotated[
    list[Step],
    BeforeValidator(_runs),
    WithJsonSchema({"anyOf": [{"const": "plan"}, *_STEP_SCHEMA["anyOf"]]}),  # type: ignore[misc]
]
ByGrade = Annotated[dict[str, Number], BeforeValidator(_amounts), WithJsonSchema(_BY_GRADE_SCHEMA)]
Heel = Annotated[
    dict[str, Number],
    BeforeValidator(_heel),
    WithJsonSchema({"anyOf": [{"type": "number"}, _BY_GRADE_SCHEMA], "description": "dead stock, in all or by grade"}),
]
Shares = Annotated[
    dict[str, Share],
    BeforeValidator(_amounts),
    WithJsonSchema({"type": "object", "additionalProperties": _SHARE_SCHEMA, "description": "shares that add up to 1"}),
]
Parcels = Annotated[list[Parcel], BeforeValidator(_parcels), WithJsonSchema(_PARCELS_SCHEMA)]
Names = Annotated[list[Text], BeforeValidator(_names)]
Coordinates = Annotated[list[Number], BeforeValidator(_place)]
Title = Annotated[dict[Literal["zh", "en"], Text], BeforeValidator(_title), WithJsonSchema(_TITLE_SCHEMA)]
DistributionValue = Annotated[
    dict[str, dict[str, Number]],
    BeforeValidator(_distribution),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": {
                kind: {
                    "type": "object",
                    "properties": {name: {"type": "number"} for name in names},
                    "required": list(names),
                    "additionalProperties": False,
                }
                for kind, names in DISTRIBUTIONS.items()
            },
            "description": "days",
        }
    ),
]
Tanks = Annotated[str, _choice("shared", "own", "blended"), _enum_schema("shared", "own", "blended")]
FarmTanks = Annotated[
    str, _choice("shared", "own", "blended", "junction"), _enum_schema("shared", "own", "blended", "junction")
]


class GradeDocument(_Document):
    """A crude by its origin."""

    title: Title | None = None
    density: Number = Field(description="kg/m³")
    note: Text | None = None


class FarmDocument(_Document):
    """Tanks at one place."""

    title: Title | None = None
    storage: FarmTanks = Field("shared", description="how grades share the tanks; a junction has none")
    safe_fill: Steps | None = Field(None, description="largest total content")
    grade_safe_fill: ByGrade | None = Field(None, description="largest content by grade, with storage: own")
    heel: Heel | None = Field(None, description="dead stock that cannot be pumped; part of opening")
    opening: ByGrade | None = Field(None, description="content at the start, by grade, heel included")
    at: Coordinates | None = Field(None, description="[latitude, longitude]")
    note: Text | None = None


class SupplierDocument(_Document):
    """A fixed intake point where one grade is bought."""

    title: Title | None = None
    grade: Text
    farm: Text = Field(description="the tank farm it delivers into")
    production: Steps | None = Field(None, description="what the field can deliver, per day; or rows in production.csv")
    production_per_year: Steps | None = None
    note: Text | None = None


class PipelineDocument(_Document):
    """A line from a farm to a farm or a customer, always full."""

    title: Title | None = None
    origin: Text = Field(alias="from", description="a tank farm")
    destination: Text = Field(alias="to", description="a tank farm or a customer")
    capacity: Steps | None = Field(None, description="largest flow, per day")
    capacity_per_year: Steps | None = None
    mode: Annotated[str, _choice("parallel", "batch", "blend"), _enum_schema("parallel", "batch", "blend")] = "parallel"
    dispatch: Annotated[str, _choice("plan", "push"), _enum_schema("plan", "push")] = "plan"
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


class RouteDocument(_Document):
    """One destination served from a railway's rack."""

    transit_days: Number
    cycle_days: Number = Field(description="from departure until the wagons are back at the rack")
    loss: Share = 0.0
    tariff: Number = Field(0.0, description="yuan/t")
    note: Text | None = None


class RailwayDocument(_Document):
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


class CustomerDocument(_Document):
    """A refinery with its tankage, runs and way of taking oil."""

    title: Title | None = None
    customer_class: Annotated[
        str, _choice("petrochina", "sinopec", "local"), _enum_schema("petrochina", "sinopec", "local")
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
    offtake: Annotated[str, _choice("plan", "cash"), _enum_schema("plan", "cash")] = "plan"
    cash: Number = Field(0.0, description="opening balance, yuan")
    income_per_day: Steps | None = Field(None, description="yuan/d")
    priority: Count = 1
    delivery_point: Annotated[str, _choice("arrival", "loading"), _enum_schema("arrival", "loading")] = "arrival"
    settlement: Text = ""
    at: Coordinates | None = None
    archive: dict[str, Text] | None = Field(None, description="further facts, for rules to read")
    note: Text | None = None


class DisruptionDocument(_Document):
    """An asset works at ``remaining`` of itself from a moment to another."""

    name: Text = ""
    asset: Text
    start: Instant = Field(alias="from")
    end: Instant = Field(alias="to")
    remaining: Share = Field(description="0 (stopped) … 1")
    cause: Cause
    note: Text = ""
    source: Text | None = None


class RandomDisruptionDocument(_Document):
    """Failures drawn from the scenario's seed."""

    name: Text = ""
    asset: Text
    remaining: Share
    cause: Cause
    time_to_failure: DistributionValue
    time_to_repair: DistributionValue
    note: Text | None = None
    source: Text | None = None


class OrderLineDocument(_Document):
    """The period's new total, or a change to it."""

    customer: Text
    grade: Text
    period: PeriodValue
    amount: Number | None = None
    change: Number | None = None
    note: Text | None = None
    source: Text | None = None


class OrderDocument(_Document):
    """An adjustment order."""

    number: Text
    issued: Day
    effective: Instant
    state: Annotated[str, _choice("approved", "draft"), _enum_schema("approved", "draft")] = "approved"
    reason: Text = ""
    lines: list[OrderLineDocument]


class _Row(_Document):
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


class ScaleDocument(_Document):
    """A factor on a set of rows."""

    table: Annotated[
        str,
        _choice("plan", "purchases", "production", "prices", "receipts"),
        _enum_schema("plan", "purchases", "production", "prices", "receipts"),
    ]
    where: Annotated[dict[str, Text], BeforeValidator(_amounts)] = Field({}, description="column → name or pattern with *")
    start: Edge | None = Field(None, alias="from")
    end: Edge | None = Field(None, alias="to")
    factor: Share
    note: Text | None = None


class UnitsDocument(_Document):
    """The unit of amounts in this scenario's files."""

    amount: Annotated[str, _choice("t", "kt", "wt", "m3"), _enum_schema("t", "kt", "wt", "m3")] = "t"
    density: Number | None = Field(None, description="kg/m³ of mixed grades, with m3")


class ScenarioDocument(_Document):
    """A chainsim scenario."""

    scenario: Text | None = Field(None, description="its name; default: the name of the folder or file")
    title: Title | None = None
    description: Text = ""
    start: Day = Field(description="first day")
    end: Day = Field(description="first day after the horizon")
    as_of: Instant | None = Field(None, description="the run begins here, from the actuals")
    seed: Count = 0
    units: UnitsDocument = UnitsDocument.model_construct(amount="t", density=None)
    grades: dict[str, GradeDocument]
    farms: dict[str, FarmDocument]
    suppliers: dict[str, SupplierDocument] = {}
    pipelines: dict[str, PipelineDocument] = {}
    railways: dict[str, RailwayDocument] = {}
    customers: dict[str, CustomerDocument]
    disruptions: list[DisruptionDocument] = []
    random_disruptions: list[RandomDisruptionDocument] = []
    orders: list[OrderDocument] = []
    plan: list[PlanRow] = []
    purchases: list[PurchaseRow] = []
    production: list[ProductionRow] = []
    prices: list[PriceRow] = []
    receipts: list[ReceiptRow] = []
    actual_deliveries: list[DeliveryRow] = []
    actual_stocks: list[StockRow] = []
    scale: list[ScaleDocument] = []


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
