"""Markdown from values: tables and cells, escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

HEADS = {
    "option": ("option", "选项"), "meaning": ("meaning", "含义"), "default": ("default", "默认"), "accepts": ("accepts", "可填"),
    "column": ("column", "列"), "heading": ("heading", "列名"), "type": ("type", "类型"), "unit": ("unit", "单位"),
    "key": ("key", "键"), "value": ("value", "取值"), "code": ("exit code", "退出码"), "name": ("name", "名称"),
    "arguments": ("arguments", "参数个数"), "measures": ("measures", "量"), "size": ("size", "换算"),
    "table": ("table", "表"),
}  # fmt: skip
"""Heading of a column of the tables on these pages, in English and Chinese."""


KEY = ("key", "主键")
REQUIRED = ("required", "必填")


def of(lang: str, pair: Sequence[str]) -> str:
    """The English or the Chinese of a pair."""
    return pair[lang == "zh"]


def cell(text: object) -> str:
    """``text`` as a table's cell: on one line, with nothing that Markdown would read.

    >>> cell("a | b <c> *d* [e]")
    'a \\\\| b &lt;c> \\\\*d\\\\* \\\\[e]'
    """
    said = " ".join(str(text).split()).replace("\\", "\\\\").replace("<", "&lt;")
    for sign in "|*_[$`":
        said = said.replace(sign, f"\\{sign}")
    return said


def code(text: object) -> str:
    """``text`` as code within a cell."""
    said = str(text).replace("|", "\\|")
    return f"`` {said} ``" if "`" in said else f"`{said}`"


def marked(name: str, mark: tuple[str, str] | None, lang: str) -> str:
    """A name as code, with what it is behind it."""
    return code(name) if mark is None else f"{code(name)} *{of(lang, mark)}*"


def table(lang: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; ``heads`` are keys of ``HEADS``, the cells Markdown. A column that says nothing in any row is left out."""
    rows = [list(row) for row in rows]
    kept = [i for i in range(len(heads)) if any(row[i] for row in rows)]
    lines = [[of(lang, HEADS[heads[i]]) for i in kept], ["---"] * len(kept), *([row[i] for i in kept] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
