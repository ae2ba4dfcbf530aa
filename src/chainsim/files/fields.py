"""The kinds of values a document holds: each scalar goes through a reader of ``chainsim.files.quantities``.

A value that was found wrong is replaced by ``BAD`` and read again as something harmless, so that the checks that do not need it
still run and all problems are told at once. This module and ``documents`` are the only home of pydantic.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

from chainsim.files.quantities import (
    BadValueError,
    Period,
    read_choice,
    read_color,
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
from chainsim.model.service import COMPLAINT_KINDS, SURVEY_DIMENSIONS, WORK_ORDER_STEPS

NAN = float("nan")
BAD = object()
"""Stands for a value already told to be wrong."""


def _reading(read: Callable[[Any], Any], harmless: Any) -> PlainValidator:
    return PlainValidator(lambda value: harmless if value is BAD else read(value))


def one_of(*choices: str) -> PlainValidator:
    return _reading(lambda value: read_choice(value, choices), choices[0])


def _text_schema(description: str, pattern: str | None = None) -> WithJsonSchema:
    schema: dict[str, Any] = {"type": ["string", "number"], "description": description}
    return WithJsonSchema(schema | ({"pattern": pattern} if pattern else {}))


def enum_schema(*choices: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(choices)})


_SHARE_SCHEMA = {
    "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": r"^\d+(\.\d*)?%$"}]
}
_DAY_PATTERN = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}$"
_INSTANT_PATTERN = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2})?)?$"
_PERIOD_PATTERN = r"^\d{4}(Q[1-4]|-\d{2}(-[123])?)?$"

Text = Annotated[str, _reading(read_text, ""), WithJsonSchema({"type": ["string", "number"]})]
Number = Annotated[float, _reading(read_number, NAN), WithJsonSchema({"type": "number"})]
Count = Annotated[int, _reading(read_count, 1), WithJsonSchema({"type": "integer"})]
Share = Annotated[float, _reading(read_share, NAN), WithJsonSchema(_SHARE_SCHEMA)]
Color = Annotated[str, _reading(read_color, ""), WithJsonSchema({"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"})]
Flag = Annotated[bool, _reading(read_flag, False), WithJsonSchema({"type": "boolean"})]
Day = Annotated[date, _reading(read_day, date(2000, 1, 1)), _text_schema("a day, 2008-07-12", _DAY_PATTERN)]
Instant = Annotated[
    datetime,
    _reading(read_instant, datetime(2000, 1, 1)),
    _text_schema("2008-04-10 or 2008-04-10 08:00", _INSTANT_PATTERN),
]
PeriodValue = Annotated[
    Period,
    _reading(read_period, Period("annual", date(2000, 1, 1), date(2001, 1, 1))),
    _text_schema("2008, 2008Q3, 2008-07, or 2008-07-1 / -2 / -3 (ten-day period)", _PERIOD_PATTERN),
]
Edge = Annotated[
    date, _reading(read_edge, date(2000, 1, 1)), _text_schema("a day or a period, whose first day is meant")
]
CAUSES = ("pipeline", "railway", "loading", "source", "tank", "customer_cash", "customer_runs", "quality")
Cause = Annotated[str, one_of(*CAUSES), enum_schema(*CAUSES)]
ComplaintKind = Annotated[str, one_of(*COMPLAINT_KINDS), enum_schema(*COMPLAINT_KINDS)]
SurveyDimension = Annotated[str, one_of(*SURVEY_DIMENSIONS), enum_schema(*SURVEY_DIMENSIONS)]
WorkOrderStepName = Annotated[str, one_of(*WORK_ORDER_STEPS), enum_schema(*WORK_ORDER_STEPS)]

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


def read_amounts(value: Any) -> Any:
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
        raise BadValueError("coordinates")
    return value


def _distribution(value: Any) -> Any:
    """``exponential(mean=200)`` in one cell is ``{exponential: {mean: 200}}``."""
    if value is BAD:
        return {"constant": {"value": 0}}
    if isinstance(value, str) and value.rstrip().endswith(")"):
        kind, _, inside = value.strip()[:-1].partition("(")
        value = {kind.strip(): dict(split_compact(inside.replace(",", ";")))}
    if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in DISTRIBUTIONS:
        raise BadValueError("one_kind_expected")
    kind, given = next(iter(value.items()))
    if not isinstance(given, dict) or set(given) != set(DISTRIBUTIONS[kind]):
        raise BadValueError("distribution_keys", kind=kind, names=", ".join(DISTRIBUTIONS[kind]))
    return value


class Document(BaseModel):
    """A mapping with declared keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, hide_input_in_errors=True)


class Step(Document):
    """A value from a day on."""

    origin: Day | None = Field(None, alias="from")
    value: Number


class Parcel(Document):
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
        {
            "type": "object",
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
            "additionalProperties": False,
        },
    ],
    "description": "how it is called on a page, in Chinese and English",
}

Steps = Annotated[list[Step], BeforeValidator(_steps), WithJsonSchema(_STEP_SCHEMA)]
Runs = Annotated[
    list[Step],
    BeforeValidator(_runs),
    WithJsonSchema({"anyOf": [{"const": "plan"}, *_STEP_SCHEMA["anyOf"]]}),
]
ByGrade = Annotated[dict[str, Number], BeforeValidator(read_amounts), WithJsonSchema(_BY_GRADE_SCHEMA)]
Heel = Annotated[
    dict[str, Number],
    BeforeValidator(_heel),
    WithJsonSchema({"anyOf": [{"type": "number"}, _BY_GRADE_SCHEMA], "description": "dead stock, in all or by grade"}),
]
Shares = Annotated[
    dict[str, Share],
    BeforeValidator(read_amounts),
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
Tanks = Annotated[str, one_of("shared", "own", "blended"), enum_schema("shared", "own", "blended")]
FarmTanks = Annotated[
    str, one_of("shared", "own", "blended", "junction"), enum_schema("shared", "own", "blended", "junction")
]
