"""Message templates: text with ``{column}`` and ``{column:format}``, and nothing else.

Formats: ``%`` (a ratio as a percentage with one decimal), ``pp`` (a difference of ratios in points), ``,`` (thousands, no
decimals), ``.0`` … ``.3`` (decimals). A template can read a value and round it; it is not ``str.format`` and cannot reach an
attribute or an index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chainsim.model.messages import name_list, nearest_name
from chainsim.rules.expressions import ExpressionError

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


def parse_template(text: str, names: Iterable[str]) -> tuple[Template, list[ExpressionError]]:
    """The template of ``text``, whose fields may be ``names`` or ``EPISODE_NAMES``; and everything wrong with it."""
    known = [*names, *EPISODE_NAMES]
    errors: list[ExpressionError] = []
    parts: list[str | Field] = []
    end = 0
    for match in _FIELD.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        name, _, style = match[1].partition(":")
        at = match.start() + 1
        if name not in known:
            errors.append(
                ExpressionError(
                    at, f"the message names '{name}', which is no column here", f"消息中的“{name}”不是可用的列",
                    accepted=name_list(known), nearest=nearest_name(name, known),
                )
            )  # fmt: skip
        elif style and style not in FORMATS:
            errors.append(
                ExpressionError(
                    at + len(name) + 1, f"'{style}' is no format", f"“{style}”不是格式", accepted=" ".join(FORMATS)
                )
            )
        parts.append(Field(name, style))
    parts.append(text[end:])
    if any(isinstance(part, str) and ("{" in part or "}" in part) for part in parts):
        errors.append(ExpressionError(0, "a brace without its partner", "花括号不成对"))
    return Template(tuple(part for part in parts if part)), errors


def format_number(value: float, style: str) -> str:
    """``value`` as ``style`` says; "?" where it is unknown.

    >>> format_number(0.8315, "%"), format_number(12345.6, ","), format_number(float("nan"), "")
    ('83.2%', '12,346', '?')
    """
    if value != value:
        return "?"
    if style == "%":
        return f"{value:.1%}"
    if style == "pp":
        return f"{value * 100:+.1f}"
    if style == ",":
        return f"{value:,.0f}"
    if style:
        return f"{value:,.{style[1:]}f}"
    return f"{value:g}"
