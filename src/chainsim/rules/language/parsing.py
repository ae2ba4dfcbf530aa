"""Texts of the condition language as trees; the grammar is in ``grammar.lark``."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from chainsim.model.messages import nearest_name
from chainsim.rules.language.tree import (
    AGGREGATES,
    LARGEST_NUMBER,
    MAX_DEPTH,
    MAX_LENGTH,
    UNITS,
    Arithmetic,
    Bool,
    Call,
    Compare,
    Date,
    ExpressionError,
    IsUnknown,
    Logic,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
    Window,
    children,
)

if TYPE_CHECKING:
    from lark import Lark, Token
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

PERIOD_UNITS = {"month": "month", "months": "month", "ten-days": "ten_days", "day": "day", "days": "day", "d": "day"}
"""Units of a window's length, and the period they count."""

_QUANTITY = re.compile(r"([\d.]+(?:[eE][+-]?\d+)?)\s*(.*)", re.DOTALL)
_SIGNS = {"<>": "!=", "==": "=", "≤": "<=", "≥": ">=", "≠": "!="}
_LOOKALIKES = dict(zip("‘’“”（），＜＞＝＋－×÷％：", "''\"\"(),<>=+-*/%:", strict=True))
_LOOKALIKES |= {
    "&": "and",
    "|": "or",
    "!": "not",
    "且": "and",
    "和": "and",
    "与": "and",
    "或": "or",
    "非": "not",
    "不": "not",
}
_LOOKALIKES |= {"≥": ">=", "≤": "<=", "～": "between", "、": ",", "。": ".", "“": "'", "”": "'"}
_FOREIGN_NAME = re.compile(r"(?=[\w.]*[^\W\d_a-zA-Z])[^\W\d][\w.]*")
"""A word with letters that names do not have."""
_KEYWORDS = ("and", "or", "not", "is", "in", "between", "unknown", "true", "false")
_UNIT_WORDS = {
    "ton": "t", "tons": "t", "tonne": "t", "tonnes": "t", "吨": "t", "千吨": "kt", "万吨": "wt", "percent": "%", "hour": "h",
    "hours": "h", "小时": "h", "天": "d", "日": "d", "元": "yuan", "rmb": "yuan", "吨/天": "t/d", "元/吨": "yuan/t",
}  # fmt: skip
_UNIT_WORD = re.compile(r"[\u4e00-\u9fff]+(?:/[\u4e00-\u9fff]+)?")
_OPERAND = "a column, a number, a 'text', a date, '('"
_OPERAND_ZH = "列名、数、'文本'、日期、'('"
_ELSEWHERE = dict.fromkeys(("null", "NULL", "None", "nan", "NaN"), "is unknown")
_ELSEWHERE |= {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}
"""Words of other languages, and what they are here."""
_ACCEPTED = {
    "QUANTITY": _OPERAND,
    "LPAR": "'('",
    "RPAR": "')'",
    "COMMA": "','",
    "UNKNOWN": "'unknown'",
    "IN": "'in', 'between'",
    "AND": "'and'",
}


def parse(text: str) -> Node:
    """The tree of ``text``; ``ExpressionError`` at the first thing that is not the language."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

    if len(text) > MAX_LENGTH:
        raise ExpressionError(0, f"longer than {MAX_LENGTH} characters", f"超过 {MAX_LENGTH} 个字符")
    if not text.strip():
        raise ExpressionError(0, "an empty condition", "条件为空")
    try:
        node: Node = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedCharacters as error:
        raise _foreign_character(error, text) from None
    except UnexpectedToken as error:
        raise _misplaced(error, text) from None
    except VisitError as error:
        if isinstance(error.orig_exc, ExpressionError):
            raise error.orig_exc from None
        raise
    _require_shallow(node)
    return node


@cache
def _parser() -> Lark:
    from lark import Lark, Transformer, v_args

    builder: Any = type("Builder", (Transformer,), {name: v_args(inline=True)(build) for name, build in _BUILD.items()})
    grammar = resources.files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=builder(), maybe_placeholders=False)


def _at(token: Token) -> int:
    assert token.start_pos is not None
    return token.start_pos


def _number(_self: object, token: Token) -> Node:
    match = _QUANTITY.fullmatch(str(token))
    assert match is not None
    value, unit = float(match[1]), match[2]
    if value > LARGEST_NUMBER:
        raise ExpressionError(
            _at(token), f"{match[1]} is larger than any figure here", f"{match[1]} 超出合理范围",
            accepted=f"<= {LARGEST_NUMBER:g}",
        )  # fmt: skip
    return Number(
        _at(token), value, {"hours": "h", "hour": "h", "days": "d", "day": "d", "months": "month"}.get(unit, unit)
    )


def _date(_self: object, token: Token) -> Node:
    text = str(token)
    try:
        return Date(_at(token), date.fromisoformat(text if len(text) == 10 else f"{text}-01"))
    except ValueError:
        raise ExpressionError(
            _at(token), f"{text} is no date", f"{text} 不是日期", accepted="2008-07-01, 2008-07"
        ) from None


def _minus_number(_self: object, minus: Token, token: Token) -> Node:
    number = _number(_self, token)
    assert isinstance(number, Number)
    return Number(_at(minus), -number.value, number.unit)


def _name(_self: object, token: Token) -> Node:
    name = str(token)
    if name in _ELSEWHERE:
        raise ExpressionError(
            _at(token), f"'{name}' is not of this language", f"本语言中没有“{name}”", nearest=_ELSEWHERE[name]
        )
    return Name(_at(token), name)


def _call(_self: object, name: Token, *arguments: Node) -> Node:
    function = str(name)
    last = arguments[-1]
    if function in AGGREGATES and len(arguments) == 2 and isinstance(last, Number) and last.unit in PERIOD_UNITS:
        if last.value != int(last.value) or not 1 <= last.value <= 400:
            raise ExpressionError(
                last.at, f"{last.value:g} is no number of periods", f"{last.value:g} 不是期数", accepted="1 … 400"
            )
        return Call(_at(name), function, arguments[:1], Window(last.at, int(last.value), PERIOD_UNITS[last.unit]))
    return Call(_at(name), function, arguments)


def _logic(_self: object, *parts: Any) -> Node:
    return Logic(_at(parts[1]), str(parts[1]), tuple(parts[::2]))


def _compare(_self: object, left: Node, sign: Token, right: Node) -> Node:
    return Compare(_at(sign), _SIGNS.get(str(sign), str(sign)), left, right)


def _between(_self: object, value: Node, word: Token, low: Node, _and: Token, high: Node) -> Node:
    return Logic(_at(word), "and", (Compare(_at(word), ">=", value, low), Compare(_at(word), "<=", value, high)))


_BUILD: dict[str, Any] = {
    "start": lambda _s, node: node,
    "logic": _logic,
    "negated": lambda _s, word, node: Not(_at(word), node),
    "compare": _compare,
    "is_unknown": lambda _s, node, word, _u: IsUnknown(_at(word), node),
    "is_known": lambda _s, node, word, _n, _u: Not(_at(word), IsUnknown(_at(word), node)),
    "member": lambda _s, node, word, *values: Member(_at(word), node, values),
    "not_member": lambda _s, node, no, word, *values: Not(_at(no), Member(_at(word), node, values)),
    "between": _between,
    "not_between": lambda _s, node, no, *rest: Not(_at(no), _between(_s, node, *rest)),
    "arithmetic": lambda _s, left, sign, right: Arithmetic(_at(sign), str(sign), left, right),
    "negative": lambda _s, sign, node: Negative(_at(sign), node),
    "number": _number,
    "minus_number": _minus_number,
    "text": lambda _s, token: Text(_at(token), str(token)[1:-1]),
    "date": _date,
    "truth": lambda _s, token: Bool(_at(token), str(token) == "true"),
    "name": _name,
    "call": _call,
}


def _foreign_character(error: UnexpectedCharacters, text: str) -> ExpressionError:
    at: Any = error.pos_in_stream  # declared as None in lark
    char = text[at]
    if char in "'\"":
        return ExpressionError(at, "the quotation mark has no partner", "引号不成对")
    if (unit := _UNIT_WORD.match(text, at)) is not None and _QUANTITY_BEFORE.search(text[:at]):
        return _no_unit(at, unit[0])
    if (name := _FOREIGN_NAME.match(text, _word_start(text, at))) is not None and char not in _LOOKALIKES:
        return ExpressionError(
            name.start(), f"'{name[0]}' is no name: names have the letters a-z, digits and _", f"“{name[0]}”不能作名称",
            accepted="a-z 0-9 _; texts stand in quotes: 'text'", accepted_zh="a-z 0-9 _；文本须加引号：'文本'",
        )  # fmt: skip
    return ExpressionError(
        at, f"the character {char!r} means nothing here", f"此处不能用字符 {char!r}", nearest=_LOOKALIKES.get(char, "")
    )


def _word_start(text: str, at: int) -> int:
    """Where the name that ``at`` is in begins."""
    while at and (text[at - 1].isalnum() or text[at - 1] in "._"):
        at -= 1
    return at


def _no_unit(at: int, word: str) -> ExpressionError:
    units = [unit for unit in UNITS if unit != "1"]
    nearest = f"{word} /" if word in units else _UNIT_WORDS.get(word.lower(), "") or nearest_name(word, units)
    return ExpressionError(at, f"'{word}' is no unit", f"“{word}”不是单位", accepted=", ".join(units), nearest=nearest)


def _misplaced(error: UnexpectedToken, text: str) -> ExpressionError:
    token, wanted = error.token, _next(error)
    accepted = _accepted(wanted)
    accepted_zh = _OPERAND_ZH if accepted == _OPERAND else accepted
    if token.type == "$END":
        return ExpressionError(
            len(text.rstrip()), "the condition ends too early", "条件不完整", accepted=accepted, accepted_zh=accepted_zh
        )
    at, word = _at(token), str(token)
    if (slip := _slip(at, word, text)) is not None:
        return slip
    if token.type == "COMPARISON":
        accepted, accepted_zh = "and, or; for a range: between … and …", "and, or；区间写作 between … and …"
    elif "$END" in wanted and "COMPARISON" in wanted and token.type in {"NAME", "QUANTITY", "TEXT", "DATE", "LPAR"}:
        signs = "<, <=, >, >=, =, !=, +, -, *, /, and, or"
        return ExpressionError(at, f"a sign is missing before '{word}'", f"“{word}”之前缺少运算符", accepted=signs)
    elif "$END" in wanted:
        return ExpressionError(
            at, f"'{word}' follows a complete condition", f"条件已完整，其后的“{word}”多余", accepted="and, or"
        )
    elif "QUANTITY" in wanted and "NAME" not in wanted:
        return ExpressionError(
            at, "'in' takes a list of values only", "in 后只能是值的列表", accepted="('a', 'b'), (90%, 95%)"
        )
    return ExpressionError(
        at, f"'{word}' cannot stand here", f"此处不能用“{word}”", accepted=accepted, accepted_zh=accepted_zh,
        nearest="unknown" if "UNKNOWN" in wanted and word in _ELSEWHERE else "",
    )  # fmt: skip


def _slip(at: int, word: str, text: str) -> ExpressionError | None:
    """What habits from elsewhere lead to, told better than by what the grammar expected."""
    before = _WORD_BEFORE.search(text[:at])
    for place, found in ((at, word), *([(before.start(1), before[1])] if before is not None else [])):
        if found.lower() not in _KEYWORDS:
            continue
        if found != found.lower():
            return ExpressionError(
                place, f"'{found}' is written in lower case", f"“{found}”须小写", nearest=found.lower()
            )
        # A keyword where an operand belongs was taken for a name, and what follows it was refused.
        if place < at and _OPERAND_NEXT.search(text[:place]) is not None:
            return ExpressionError(
                place,
                f"'{found}' cannot stand here",
                f"此处不能用“{found}”",
                accepted=_OPERAND,
                accepted_zh=_OPERAND_ZH,
            )
    if word in {"<", ">"} and text[at - 1 : at] == "=":
        return ExpressionError(
            at - 1, f"'={word}' is not of this language", f"本语言中没有“={word}”", nearest=f"{word}="
        )
    if (figure := _QUANTITY_BEFORE.search(text[:at])) is None:
        return None
    if thousands := _THOUSANDS.match(text, at):
        whole = f"{figure[1].strip()}{thousands[1]}"
        return ExpressionError(
            at, "a number has no thousands separator", "数字中不用千位分隔符", accepted=whole, nearest=whole
        )
    return _no_unit(at, word) if word[0].isalpha() else None


_THOUSANDS = re.compile(r"[, ]?(\d{3})(?![\d.])")
_OPERAND_NEXT = re.compile(r"(?:^|[(,<>=+*/-])\s*$")
_WORD_BEFORE = re.compile(r"(?<![\w.])([A-Za-z]+)\s+$")
_QUANTITY_BEFORE = re.compile(r"(?:^|[^\w.'\"])((?:\d+(?:\.\d+)?|\.\d+)\s*)$")


def _next(error: UnexpectedToken) -> set[str]:
    """The terminals that could have stood there."""
    found: set[str] = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    return found


def _accepted(terminals: set[str]) -> str:
    wanted = [text for terminal, text in _ACCEPTED.items() if terminal in terminals]
    return wanted[0] if wanted else ""


def _require_shallow(node: Node) -> None:
    level = [node]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in children(parent)]
        if not level:
            return
    raise ExpressionError(level[0].at, f"nested deeper than {MAX_DEPTH}", f"嵌套超过 {MAX_DEPTH} 层")
