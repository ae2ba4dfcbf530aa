"""A question of the page, read from JSON: checked as what comes from outside is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

PARTS = (
    "headline", "completion", "why", "tanks", "map", "findings", "levers", "plan", "batches", "trains", "explained",
)  # fmt: skip
_MOST_CELLS = 20_000
MONTH = re.compile(r"(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])")


class BadQuestionError(Exception):
    """Not a question of this page."""


@dataclass(frozen=True)
class Question:
    """What a tab wants to know: the parts of the page for ``token`` under ``change``."""

    scenario: str
    token: str
    lang: str
    change: dict[str, Any] | None
    passing: bool
    """The change is still being made, a slider is moving."""
    parts: tuple[str, ...]
    cell: tuple[str, str]
    tank: str
    month: str
    rule: tuple[str, str]
    """The rule to explain, and the subject; empty: none."""
    day: int
    by_grade: bool
    width: int


def read_question(given: Any) -> Question:
    """The question in a JSON value; raises ``BadQuestionError``."""
    if not isinstance(given, dict):
        raise BadQuestionError
    change = given.get("change")
    if change is not None and not isinstance(change, dict):
        raise BadQuestionError
    parts = given.get("parts", [])
    if not isinstance(parts, list) or not all(part in PARTS for part in parts):
        raise BadQuestionError
    return Question(
        scenario=optional_text(given, "scenario"),
        token=optional_text(given, "token"),
        lang=lang_in(given),
        change=change,
        passing=given.get("passing") is True,
        parts=tuple(parts),
        cell=cell_in(given),
        tank=optional_text(given, "tank"),
        month=optional_text(given, "month"),
        rule=(optional_text(given, "rule"), optional_text(given, "subject")),
        day=_whole(given, "day"),
        by_grade=given.get("by_grade") is True,
        width=_whole(given, "width"),
    )


def lang_in(given: dict[str, Any]) -> str:
    """The language of a question, which must be there."""
    lang = given.get("lang")
    if lang not in ("en", "zh"):
        raise BadQuestionError
    return str(lang)


def cell_in(given: dict[str, Any], longest: int | None = None) -> tuple[str, str]:
    """The cell that is selected: a customer, of so many signs at most, and a month (``2008-04``); empty: all."""
    customer, _, month = optional_text(given, "cell").partition("/")
    if (month and not MONTH.fullmatch(month)) or (longest is not None and len(customer) > longest):
        raise BadQuestionError
    return customer, month


def text_in(change: dict[str, Any], key: str, default: str | None = None) -> str:
    """A text of a change, which must be there where nothing else is taken instead."""
    value = change.get(key, default)
    if not isinstance(value, str) or len(value) > 2000:
        raise BadQuestionError
    return value.strip()


def parts_in(change: dict[str, Any], key: str, count: int) -> list[str]:
    """A path of a change in so many parts; the last may hold dots."""
    parts = text_in(change, key).split(".", count - 1)
    if len(parts) != count:
        raise BadQuestionError
    return parts


def texts_in(change: dict[str, Any], key: str) -> list[str]:
    """A list of texts of a change, which must be there."""
    value = change.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(v, str) and len(v) <= 2000 for v in value):
        raise BadQuestionError
    return list(value)


def table_in(change: dict[str, Any], key: str) -> dict[str, str]:
    """A mapping of texts of a change, which must be there."""
    value = change.get(key)
    if not isinstance(value, dict) or len(value) > _MOST_CELLS:
        raise BadQuestionError
    if not all(isinstance(words, str) and len(words) <= 2000 for words in value.values()):
        raise BadQuestionError
    return dict(value)


def optional_text(given: dict[str, Any], key: str) -> str:
    """A text of a question, empty where there is none. It may be as long as the question: tokens are."""
    value = given.get(key, "")
    if not isinstance(value, str):
        raise BadQuestionError
    return value


def _whole(given: dict[str, Any], key: str) -> int:
    value = given.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 1_000_000:
        raise BadQuestionError
    return value
