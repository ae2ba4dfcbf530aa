"""One cell of a decision table: what it asks of its input, as a value and as a condition.

    cell     = "" | "-" | "not" "unknown" | "not" "(" list ")" | list
    list     = element { "," element }                        any of them
    element  = "unknown" | ("<" | "<=" | ">" | ">=" | "=" | "!=") value | range | value
    range    = ("[" | "(" | "]") value ".." value ("]" | ")" | "[")

The input's kind decides what a value is: a number with a unit, a date, ``true`` or ``false``, a text with or without quotes.
Signs that a Chinese keyboard or a spreadsheet produces are read as what they stand for.
"""

from __future__ import annotations

import re
from datetime import date

from chainsim.model.messages import name_list, nearest_name
from chainsim.rules.decisions.cells import KINDS_ZH, Cell, Choice, Interval, Operand, Value, condition
from chainsim.rules.decisions.mishaps import explain_shape, value_or_text
from chainsim.rules.language.tree import LARGEST_NUMBER, MAX_LENGTH, UNITS, ExpressionError, Node

MOST_VALUES = 200
"""In the list of one cell."""
UNKNOWN_WORDS = ("unknown", "未知")

_SIGNS = dict(zip("“”„‘’、≤≥≠【】〔〕　\u00a0−–—～", '"""\'\',≤≥≠[][]  ---~', strict=True))
_WIDE = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_PLAIN = str.maketrans(_WIDE | _SIGNS)
"""Full-width and look-alike signs and what they stand for, one character each, so that places stay."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?")
_UNIT = re.compile(r"\s*(%|[^\W\d_]+(?:/[^\W\d_]+)?)")
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?(?![\w-])")
_SPREADSHEET_DAY = re.compile(r"(\d{4})[/年](\d{1,2})(?:(?:/|月)(\d{1,2})日?|月)?(?![\w/-])")
_NOT = re.compile(r"(?:not|NOT|Not|非|不是)(?:(?=\s*\()|\s+(?=(?:unknown|未知)\s*$))|(?:非|不是)(?=未知\s*$)")
_SIGN = re.compile(r"<=|>=|!=|<>|==|[<>=≤≥≠]")
_BARE = re.compile(r"[^,()\[\]\"<>=]*")
_SAME_SIGN = {"≤": "<=", "≥": ">=", "≠": "!=", "<>": "!=", "==": "="}
_DOTS = re.compile(r"\s*(?:\.{2,3}|…{1,2})\s*")
_UNIT_WORDS = {"days": "d", "day": "d"}
_UNITS_ZH = {
    "吨": "t", "千吨": "kt", "万吨": "wt", "小时": "h", "时": "h", "天": "d", "日": "d", "元": "yuan", "元/吨": "yuan/t",
    "吨/天": "t/d", "吨/日": "t/d",
}  # fmt: skip
_TRUTHS = {
    "yes": "true",
    "no": "false",
    "是": "true",
    "否": "false",
    "真": "true",
    "假": "false",
    "1": "true",
    "0": "false",
}


def read_cell(found: object, operand: Operand) -> Cell | None:
    """The meaning of a cell (its text, or the value of a workbook's cell); None: anything will do.

    ``ExpressionError`` at the first character that cannot be read.
    """
    if found is None:
        return None
    text = value_or_text(found, operand)
    if isinstance(text, Cell):
        return text
    if len(text) > MAX_LENGTH:
        raise ExpressionError(0, f"longer than {MAX_LENGTH} characters", f"超过 {MAX_LENGTH} 个字符")
    plain = text.translate(_PLAIN).strip()
    if not plain or not plain.strip("-"):
        return None
    return _CellReader(text, operand).cell()


def cell_condition(found: object, operand: Operand) -> Node | None:
    """``found`` as a condition on ``operand``; None where anything will do."""
    cell = read_cell(found, operand)
    return None if cell is None else condition(cell, operand)


def read_value(found: object, operand: Operand) -> Value | None:
    """The single value of an output's cell; None for ``unknown``."""
    text = value_or_text(found, operand)
    if isinstance(text, Cell):
        (only,) = text.parts
        assert isinstance(only, Choice)
        return only.value
    return _CellReader(text, operand).single()


def unit_of(text: str) -> str:
    """The unit that a number is written with, "" for none.

    >>> unit_of("20 %"), unit_of("7"), unit_of("３ d")
    ('1', '', 'd')
    """
    plain = text.translate(_PLAIN).strip()
    number = _NUMBER.match(plain)
    unit = _UNIT.match(plain, number.end()) if number is not None else None
    word = _UNIT_WORDS.get(unit[1], unit[1]) if unit is not None else ""
    return "1" if word == "%" else word if word in UNITS else ""


class _CellReader:
    """Reads one text from left to right; ``plain`` has the same length as ``raw``."""

    def __init__(self, raw: str, operand: Operand) -> None:
        self.raw = raw
        self.plain = raw.translate(_PLAIN)
        self.operand = operand
        self.at = 0

    def cell(self) -> Cell:
        explain_shape(self.plain, self.operand.kind)
        negated = self._negation()
        if negated and self._unknown_word():
            self._require_end()
            return Cell(self.raw.strip(), (), True, True)
        if negated:
            if not self._sign("("):
                raise self._wrong("'not' is followed by brackets", "not 后应为括号", "not(a, b), not unknown")
            parts, unknown = self._elements()
            if not self._sign(")"):
                raise self._wrong("the bracket is not closed", "括号没有闭合", ")")
        else:
            parts, unknown = self._elements()
        self._require_end()
        return Cell(self.raw.strip(), tuple(parts), unknown, negated)

    def single(self) -> Value | None:
        explain_shape(self.plain, self.operand.kind)
        self._space()
        if self._unknown_word():
            value = None
        else:
            value = self._value()
        self._space()
        if self.at < len(self.plain):
            raise ExpressionError(self.at, "an output is one value", "输出只能是一个值")
        return value

    def _elements(self) -> tuple[list[Choice | Interval], bool]:
        parts: list[Choice | Interval] = []
        unknown = False
        while True:
            if self._unknown_word():
                unknown = True
            else:
                parts.append(self._element())
            if not self._sign(","):
                return parts, unknown
            if len(parts) >= MOST_VALUES:
                raise ExpressionError(
                    self.at, f"more than {MOST_VALUES} values in one cell", f"一个单元格中超过 {MOST_VALUES} 个取值"
                )

    def _element(self) -> Choice | Interval:
        self._space()
        at = self.at
        sign = _SIGN.match(self.plain, at)
        if sign is not None:
            return self._comparison(at, sign)
        bracket = self.plain[at : at + 1]
        if bracket and bracket in "[(]":
            return self._range(at, bracket)
        return Choice(at, self._value())

    def _comparison(self, at: int, sign: re.Match[str]) -> Choice | Interval:
        self.at = sign.end()
        operator = _SAME_SIGN.get(sign[0], sign[0])
        self._space()
        if self._unknown_word():
            raise ExpressionError(
                at, "a comparison with unknown is never true", "与“未知”比较永不成立", accepted="unknown, not unknown"
            )
        value = self._value()
        if operator in ("=", "!="):
            return Choice(at, value, operator == "=")
        end = self._ordered(at, value)
        if operator in ("<", "<="):
            return Interval(at, None, end, False, operator == "<=")
        return Interval(at, end, None, operator == ">=", False)

    def _range(self, at: int, bracket: str) -> Interval:
        self._require_order(at)
        self.at = at + 1
        low = self._ordered(at, self._value())
        dots = _DOTS.match(self.plain, self.at)
        if dots is None:
            raise self._wrong("a range has two ends with '..' between them", "区间应为两端之间加“..”", "[5..7), (5..7]")
        self.at = dots.end()
        high = self._ordered(at, self._value())
        self._space()
        closing = self.plain[self.at : self.at + 1]
        if not closing or closing not in "])[":
            raise self._wrong(
                "the range is not closed", "区间没有闭合", "']' with its end, ')' without", "含端点用 ]，不含用 )"
            )
        self.at += 1
        if low > high or (low == high and (bracket != "[" or closing != "]")):  # type: ignore[operator]
            raise ExpressionError(
                at, "nothing lies in this range: its first end must be the smaller", "区间为空：前端应小于后端",
                accepted="[low..high]",
            )  # fmt: skip
        return Interval(at, low, high, bracket == "[", closing == "]")

    def _ordered(self, at: int, value: Value) -> float | date:
        self._require_order(at)
        assert not isinstance(value, (str, bool))
        return value

    def _require_order(self, at: int) -> None:
        kind = self.operand.kind
        if kind in ("text", "boolean"):
            raise ExpressionError(
                at, f"a {kind} has no order: list the values, or use = or !=",
                f"{KINDS_ZH[kind]}没有大小：请列出取值，或用 = 或 !=",
            )  # fmt: skip

    def _value(self) -> Value:
        self._space()
        if self.at >= len(self.plain):
            raise ExpressionError(len(self.raw.rstrip()), "a value is missing", "缺少值", accepted=self._example())
        match self.operand.kind:
            case "number":
                return self._number()
            case "date":
                return self._date()
            case "boolean":
                return self._truth()
        return self._text()

    def _number(self) -> float:
        at = self.at
        match = _NUMBER.match(self.plain, at)
        if match is None:
            raise self._not_of_kind()
        value = float(match[0])
        if not abs(value) <= LARGEST_NUMBER:
            raise ExpressionError(
                at, f"{match[0][:20]} is larger than any figure here", f"{match[0][:20]} 超出合理范围",
                accepted=f"<= {LARGEST_NUMBER:g}",
            )  # fmt: skip
        self.at = match.end()
        unit = _UNIT.match(self.plain, self.at)
        if unit is None:
            return value
        self.at = unit.end()
        return self._in_own_unit(value, unit[1], unit.start(1))

    def _in_own_unit(self, value: float, unit: str, at: int) -> float:
        word = _UNIT_WORDS.get(unit, unit)
        own = self.operand.unit
        if word == own:
            return value
        if word not in UNITS:
            known = [name for name in UNITS if name != "1"]
            raise ExpressionError(
                at, f"'{unit[:40]}' is no unit", f"“{unit[:40]}”不是单位", accepted=", ".join(known),
                nearest=_UNITS_ZH.get(unit) or nearest_name(unit, known),
            )  # fmt: skip
        if not own:
            return value / 100.0 if word == "%" else value
        measure, size = UNITS[word]
        own_measure, own_size = UNITS.get(own, (own, 1.0))
        if measure != own_measure:
            raise ExpressionError(
                at, f"'{word}' and the column's unit '{own}' do not measure the same",
                f"“{word}”与该列单位“{own}”不是同一种量", accepted=own,
            )  # fmt: skip
        return value / 100.0 if word == "%" else value * (size / own_size)

    def _date(self) -> date:
        at = self.at
        match = _DAY.match(self.plain, at) or _SPREADSHEET_DAY.match(self.plain, at)
        if match is None:
            raise self._not_of_kind()
        self.at = match.end()
        try:
            return date(int(match[1]), int(match[2]), int(match[3] or 1))
        except ValueError:
            raise ExpressionError(at, f"{match[0]} is no date", f"{match[0]} 不是日期") from None

    def _truth(self) -> bool:
        found = self._bare()
        if found.casefold() in ("true", "false"):
            self.at += len(found)
            return found.casefold() == "true"
        raise self._not_of_kind(nearest=_TRUTHS.get(found.casefold(), ""))

    def _text(self) -> str:
        at = self.at
        mark = self.plain[at]
        if mark in "\"'":
            end = self.plain.find(mark, at + 1)
            if end < 0:
                raise ExpressionError(at, "the quotation mark has no partner", "引号不成对")
            self.at = end + 1
            return self._known(at + 1, self.raw[at + 1 : end])
        word = self._bare()
        if not word:
            raise self._wrong(f"'{mark}' cannot stand here", f"此处不能用“{mark}”", self._example())
        self.at += len(word)
        raw = self.raw[at : self.at].rstrip()
        values = self.operand.known_values
        plain = word.rstrip()
        if values is None:
            if _NUMBER.fullmatch(plain):
                raise ExpressionError(
                    at,
                    "a number stands where a text is needed",
                    "此处需要文本，而不是数",
                    accepted=f"'{plain}' in quotes",
                    accepted_zh=f"加引号：'{plain}'",
                )
            return raw
        return self._known(at, plain if raw not in values and plain in values else raw)

    def _known(self, at: int, text: str) -> str:
        values = self.operand.known_values
        if values is not None and text not in values:
            raise ExpressionError(
                at, f"'{text[:60]}' is not among the column's values", f"“{text[:60]}”不是该列的取值",
                accepted=name_list(values), nearest=nearest_name(text, values),
            )  # fmt: skip
        return text

    def _bare(self) -> str:
        """The text up to the next sign, without moving."""
        match = _BARE.match(self.plain, self.at)
        assert match is not None
        return match[0].rstrip()

    def _not_of_kind(self, nearest: str = "") -> ExpressionError:
        kind = self.operand.kind
        found = self._bare().rstrip() or self.plain[self.at]
        what, what_zh = f"'{found[:40]}'", f"“{found[:40]}”"
        return ExpressionError(
            self.at, f"{what} stands where a {kind} is needed", f"此处需要{KINDS_ZH[kind]}，而不是{what_zh}",
            accepted=self._example(), nearest=nearest,
        )  # fmt: skip

    def _example(self) -> str:
        match self.operand.kind:
            case "number":
                return "5, >= 7, < 80%, [5..7), not(5, 6), unknown, -"
            case "date":
                return "2008-07-01, >= 2008-07, [2008-07..2008-10), unknown, -"
            case "boolean":
                return "true, false, unknown, -"
        values = self.operand.known_values
        return name_list(values) if values is not None else "a text, a, b, not(a), unknown, -"

    def _wrong(self, message: str, message_zh: str, accepted: str, accepted_zh: str = "") -> ExpressionError:
        return ExpressionError(
            min(self.at, len(self.raw)), message, message_zh, accepted=accepted, accepted_zh=accepted_zh
        )

    def _negation(self) -> bool:
        """Whether the cell begins with a ``not`` that rules the rest; moves behind it."""
        self._space()
        match = _NOT.match(self.plain, self.at)
        if match is None:
            return False
        self.at = match.end()
        return True

    def _unknown_word(self) -> bool:
        return any(self._word(word) for word in UNKNOWN_WORDS)

    def _word(self, word: str) -> bool:
        """Whether ``word`` stands here as a word of its own; moves behind it."""
        self._space()
        end = self.at + len(word)
        if self.plain[self.at : end] != word:
            return False
        if self.plain[end:].lstrip()[:1] not in ("", ",", ")"):
            return False
        self.at = end
        return True

    def _sign(self, sign: str) -> bool:
        self._space()
        if self.plain[self.at : self.at + 1] != sign:
            return False
        self.at += 1
        return True

    def _space(self) -> None:
        while self.at < len(self.plain) and self.plain[self.at].isspace():
            self.at += 1

    def _require_end(self) -> None:
        self._space()
        if self.at >= len(self.plain):
            return
        found = self.plain[self.at]
        if found in ";|":
            raise self._wrong("values are separated by commas", "取值之间用逗号分隔", "a, b")
        if _SIGN.match(self.plain, self.at):
            raise self._wrong(
                "a cell cannot join comparisons", "单元格内不能连写比较", "a range such as [5..7)", "区间，如 [5..7)"
            )
        raise self._wrong(
            f"'{self.plain[self.at : self.at + 20]}' follows a complete cell", "单元格内容已完整，其后多余", "a comma"
        )
