"""How values look in a notebook: short pieces of HTML, everything from a scenario escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_CELL = "text-align:{};padding:2px 10px;vertical-align:top"


def card(title: str, lines: Iterable[str], lang: str, *parts: str) -> str:
    """A heading, lines of words, and ``parts`` that are HTML already."""
    said = "".join(f"<div>{escape(line)}</div>" for line in lines)
    return f'<div lang="{tag(lang)}"><strong>{escape(title)}</strong>{said}{"".join(parts)}</div>'


def grid(heads: Sequence[str], rows: Iterable[Sequence[str]], lang: str, *, numbers: Iterable[int] = ()) -> str:
    """A table; the columns ``numbers`` are set to the right."""
    right = set(numbers)
    sides = [_CELL.format("right" if i in right else "left") for i in range(len(heads))]

    def line(cells: Sequence[str], kind: str) -> str:
        return "".join(f'<{kind} style="{s}">{escape(c)}</{kind}>' for s, c in zip(sides, cells, strict=True))

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return f'<table lang="{tag(lang)}"><thead><tr>{line(heads, "th")}</tr></thead><tbody>{body}</tbody></table>'


def tag(lang: str) -> str:
    """The language as HTML names it, so that Chinese is set in Chinese forms."""
    return "zh-CN" if lang == "zh" else "en"
