"""Message templates: text with ``{column}`` and ``{column:format}``, and nothing else.

Formats: ``%`` (a ratio as a percentage with one decimal), ``pp`` (a difference of ratios in points), ``,`` (thousands, no
decimals), ``.0`` … ``.3`` (decimals). A template can read a value and round it; it is not ``str.format`` and cannot reach an
attribute or an index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chainsim.model.messages import name_list, nearest_name
from chainsim.results.declarations import Column
from chainsim.rules.language.tree import MAX_LENGTH, ExpressionError

FORMATS = ("%", "pp", ",", ".0", ".1", ".2", ".3")
EPISODE_NAMES = ("since", "until", "span", "periods", "because")
"""Besides the columns of its rows a message can name: first and last period, both as one text, their number, and the clause on
the main cause of the customer's shortfall in the episode (empty where there is none)."""


@dataclass(frozen=True, slots=True)
class Field:
    """A value to fill in."""

    name: str
    format: str


@dataclass(frozen=True, slots=True)
class Template:
    """Fixed texts and fields in order."""

    parts: tuple[str | Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names its fields read."""
        return tuple(part.name for part in self.parts if isinstance(part, Field))

    def render(self, text_of: Callable[[Field], str]) -> str:
        """The message, each field as ``text_of`` gives it."""
        return "".join(part if isinstance(part, str) else text_of(part) for part in self.parts)


_FIELD = re.compile(r"\{([^{}]*)\}")
_LONE = re.compile(r"[{}]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")


def parse_template(
    text: str, columns: Mapping[str, Column], reach: Callable[[str], Column] | None = None
) -> tuple[Template, list[ExpressionError]]:
    """The template of ``text``, whose fields may be ``columns``, what ``reach`` finds, or ``EPISODE_NAMES``; and everything wrong
    with it."""
    if len(text) > MAX_LENGTH:
        return Template(()), [ExpressionError(0, f"longer than {MAX_LENGTH} characters", f"超过 {MAX_LENGTH} 个字符")]
    errors: list[ExpressionError] = []
    parts: list[str | Field] = []
    end = 0
    for match in _FIELD.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        name, _, style = match[1].partition(":")
        try:
            column = _column(name, columns, reach)
            _require_format(style, name, column)
        except ExpressionError as error:
            error.at += match.start() + 1
            errors.append(error)
        parts.append(Field(name, style))
    parts.append(text[end:])
    lone = _LONE.search(_FIELD.sub(lambda match: "_" * len(match[0]), text))
    if lone is not None:
        brace, brace_zh = (
            ("'{' without '}'", "“{”没有对应的“}”") if lone[0] == "{" else ("'}' without '{'", "“}”没有对应的“{”")
        )
        errors.append(ExpressionError(lone.start(), brace, brace_zh, accepted="{column}, {column:%}"))
    return Template(tuple(part for part in parts if part)), errors


def _column(name: str, columns: Mapping[str, Column], reach: Callable[[str], Column] | None) -> Column | None:
    """What a field reads; ``None`` for what is known of the episode."""
    if name in columns or name in EPISODE_NAMES:
        return columns.get(name)
    if reach is not None and _NAME.fullmatch(name):
        try:
            return reach(name)
        except ExpressionError:
            if "." in name:
                raise
    known = [*columns, *EPISODE_NAMES]
    heads = {column.header_zh: column.name for column in columns.values()}
    raise ExpressionError(
        0, f"the message names '{name}', which is no column here", f"消息中的“{name}”不是可用的列",
        accepted=name_list(known, 40), nearest=heads.get(name) or nearest_name(name, known),
    )  # fmt: skip


def _require_format(style: str, name: str, column: Column | None) -> None:
    """``ExpressionError`` for a format that there is not, or that is not for this column."""
    if not style:
        return
    at = len(name) + 1
    if style not in FORMATS:
        raise ExpressionError(
            at,
            f"'{style}' is no format",
            f"没有格式“{style}”",
            accepted="  ".join(FORMATS),
            nearest=nearest_format(style),
        )
    if column is None or column.type not in {"number", "integer"}:
        raise ExpressionError(
            at, f"'{name}' is no number to format", f"“{name}”不是数，不能设格式", accepted=f"{{{name}}}"
        )


def nearest_format(style: str) -> str:
    """The format that ``style`` means elsewhere, "" if none.

    >>> nearest_format(".2f"), nearest_format(".1%"), nearest_format(",.0f")
    ('.2', '%', ',')
    """
    if style.endswith("%"):
        return "%"
    if style.startswith(","):
        return ","
    return style[:2] if style[:2] in FORMATS else ""


def format_number(value: float, style: str) -> str:
    """``value`` as ``style`` says; "?" where it is unknown.

    >>> format_number(0.8315, "%"), format_number(12345.6, ","), format_number(float("nan"), "")
    ('83.2%', '12,346', '?')
    """
    if value != value:
        return "?"
    if style == "%":
        return f"{value:z.1%}"
    if style == "pp":
        return f"{value * 100:+z.1f}"
    if style == ",":
        return f"{value:z,.0f}"
    if style:
        return f"{value:z,.{style[1:]}f}"
    return f"{value:g}"
