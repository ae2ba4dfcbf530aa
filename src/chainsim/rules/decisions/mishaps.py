"""What spreadsheets make of the cells of decision tables, and what people write for ranges: told with what to write instead."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from chainsim.rules.decisions.cells import Cell, Choice, Kind, Operand
from chainsim.rules.language.tree import LARGEST_NUMBER, ExpressionError

_BARE_RANGE = re.compile(r"([^\s,\[\]()]+?)\s*(?:\.{2,3}|…{1,2}|~|至|到)\s*([^\s,\[\]()]+)")
_DASH_RANGE = re.compile(r"(\d+(?:\.\d+)?%?)\s*-\s*(\d+(?:\.\d+)?%?)")
_MADE_DATE = re.compile(
    r"\d{4}[-/]\d{1,2}(?:[-/]\d{1,2})?|\d{1,2}月\d{1,2}日?|\d{4}年\d{1,2}月(?:\d{1,2}日)?"
    r"|\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{1,2}-[A-Z][a-z]{2}(?:-\d{2,4})?|[A-Z][a-z]{2}-\d{2,4}"
)
_EXCEL_ERROR = re.compile(r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")
_THOUSANDS = re.compile(r"\d,\d{3}(?![\d.])")
_TEXT_MODE_ZH = "先把单元格格式设为文本"
_TEXT_MODE = "format the cell as text first"


def value_or_text(found: object, operand: Operand) -> str | Cell:
    """The text of a cell, or its meaning where a workbook gives a value that the input can have."""
    kind = operand.kind
    match found:
        case str():
            if _EXCEL_ERROR.fullmatch(found.strip()):
                raise ExpressionError(
                    0, f"the cell holds the error {found.strip()}", f"单元格是错误值 {found.strip()}",
                    accepted="a value; correct the formula", accepted_zh="一个值；请改正公式",
                )  # fmt: skip
            return found
        case bool():
            if kind == "boolean":
                return Cell(str(found).lower(), (Choice(0, found),))
            return str(found).lower()
        case int() | float():
            if kind == "number" and abs(found) <= LARGEST_NUMBER:
                return Cell(f"{found:.15g}", (Choice(0, float(found)),))
            return f"{found:.15g}"
        case datetime():
            if kind == "date":
                raise ExpressionError(
                    0, "a whole day is expected here, without a time", "此处应为整日，不带时刻", accepted="2008-07-01"
                )
            raise _made_date(f"{found:%Y-%m-%d %H:%M}", found.month, found.day)
        case date():
            if kind == "date":
                return Cell(found.isoformat(), (Choice(0, found),))
            raise _made_date(found.isoformat(), found.month, found.day)
        case time() | timedelta():
            raise ExpressionError(
                0, f"the spreadsheet has turned this cell into the time {found}", f"单元格已被表格软件转换为时间 {found}",
                accepted=f"what was meant; {_TEXT_MODE}", accepted_zh=f"原来的内容；{_TEXT_MODE_ZH}",
            )  # fmt: skip
    return str(found)


def explain_shape(plain: str, kind: Kind) -> None:
    """``ExpressionError`` for a text whose shape tells what was meant: a date made of a range, a range without brackets, ``and``,
    thousands."""
    text = plain.strip()
    start = len(plain) - len(plain.lstrip())
    if kind in ("number", "date"):
        if kind == "number" and _MADE_DATE.fullmatch(text):
            raise _made_date(text)
        bare = _BARE_RANGE.fullmatch(text) or (_DASH_RANGE.fullmatch(text) if kind == "number" else None)
        if bare is not None and text[0] not in "<>=!":
            low, high = bare[1], bare[2]
            raise ExpressionError(
                start, "a range says in brackets whether its ends belong to it", "区间须用括号说明是否包括两端",
                accepted=f"[{low}..{high}] with both, [{low}..{high}) without the last",
                accepted_zh=f"[{low}..{high}] 含两端，[{low}..{high}) 不含末端", nearest=f"[{low}..{high}]",
            )  # fmt: skip
        joined = re.search(r"\band\b|&|且|并且|同时", text)
        if joined is not None:
            raise ExpressionError(
                start + joined.start(), "a cell cannot join comparisons with 'and'", "单元格内不能用“且”连接比较",
                accepted="a range such as [5..7)", accepted_zh="区间，如 [5..7)",
            )  # fmt: skip
        either = re.search(r"\bor\b|或", text)
        if either is not None:
            raise ExpressionError(
                start + either.start(), "values are separated by commas", "取值之间用逗号分隔", accepted="a, b"
            )
    if kind == "number" and (comma := _THOUSANDS.search(plain)) is not None:
        raise ExpressionError(
            comma.start() + 1, "a comma in a number: thousands, or a list?", "数字中有逗号：是千位分隔还是列表？",
            accepted="1000, or a list with spaces: 1, 000", accepted_zh="1000；列表则逗号后加空格：1, 000",
        )  # fmt: skip


def _made_date(found: str, first: int = 0, second: int = 0) -> ExpressionError:
    """What Excel makes of ``5-7`` and the like, and what to write instead."""
    example = f"[{min(first, second)}..{max(first, second)}]" if first and second and first != second else "[5..7]"
    return ExpressionError(
        0, f"the spreadsheet has turned this cell into the date {found}", f"单元格已被表格软件转换为日期 {found}",
        accepted=f"a range such as {example}, a value or a comparison; {_TEXT_MODE}",
        accepted_zh=f"区间（如 {example}）、数值或比较；{_TEXT_MODE_ZH}",
    )  # fmt: skip
