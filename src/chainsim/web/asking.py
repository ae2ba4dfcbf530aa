"""A question of the page, read from JSON: checked as what comes from outside is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

PARTS = (
    "headline", "completion", "why", "tanks", "map", "findings", "levers", "plan", "batches", "trains", "explained",
)  # fmt: skip
_MOST_CELLS = 20_000
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


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
    lang = given.get("lang")
    customer, _, month = _text(given, "cell").partition("/")
    parts = given.get("parts", [])
    if lang not in ("en", "zh") or not isinstance(parts, list) or not all(part in PARTS for part in parts):
        raise BadQuestionError
    if month and not MONTH.fullmatch(month):
        raise BadQuestionError
    return Question(
        scenario=_text(given, "scenario"),
        token=_text(given, "token"),
        lang=lang,
        change=change,
        passing=given.get("passing") is True,
        parts=tuple(parts),
        cell=(customer, month),
        tank=_text(given, "tank"),
        month=_text(given, "month"),
        rule=(_text(given, "rule"), _text(given, "subject")),
        day=_whole(given, "day"),
        by_grade=given.get("by_grade") is True,
        width=_whole(given, "width"),
    )


def text_in(change: dict[str, Any], key: str) -> str:
    """A text of a change, which must be there."""
    value = change.get(key)
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


def _text(given: dict[str, Any], key: str) -> str:
    value = given.get(key, "")
    if not isinstance(value, str):
        raise BadQuestionError
    return value


def _whole(given: dict[str, Any], key: str) -> int:
    value = given.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 1_000_000:
        raise BadQuestionError
    return value
