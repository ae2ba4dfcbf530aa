"""The condition language of rules: what can be written, and its tree.

Boolean SQL in spirit, closed in fact: columns, literals, comparisons, ``and / or / not``, arithmetic, ``in``, ``between``,
``is [not] unknown`` and the functions of ``FUNCTIONS`` and ``AGGREGATES``. Nothing in it can name a file, a module or an
attribute, loop or grow: hostile text ends as an ``ExpressionError``.

    condition  = conjunct { "or" conjunct }
    conjunct   = negation { "and" negation }
    negation   = "not" negation | predicate
    predicate  = sum [ ("<" | "<=" | ">" | ">=" | "=" | "!=") sum
                     | ["not"] "in" "(" literal { "," literal } ")"
                     | ["not"] "between" sum "and" sum
                     | "is" ["not"] "unknown" ]
    sum        = product { ("+" | "-") product }
    product    = sign { ("*" | "/") sign }
    sign       = "-" sign | atom
    atom       = number [ "%" | unit ] | 'text' | date | "true" | "false" | name
               | function "(" condition { "," condition } ")" | "(" condition ")"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

MAX_LENGTH = 2_000
"""Characters in one expression; far above what anybody can read."""
MAX_DEPTH = 40
"""Nested brackets, signs and negations; keeps the recursive descent off Python's own limit."""

FUNCTIONS = {"abs": 1, "min": 2, "max": 2}
"""Row functions and their number of arguments."""
AGGREGATES = frozenset({"sum", "mean", "lowest", "highest", "count"})
"""Functions over the rows of a group; only in rules with ``by:``. ``count(condition)`` counts where it is true."""

UNITS: dict[str, tuple[str, float]] = {
    "t": ("mass", 1.0),
    "kt": ("mass", 1_000.0),
    "wt": ("mass", 10_000.0),
    "h": ("time", 1.0 / 24.0),
    "d": ("time", 1.0),
    "1": ("ratio", 1.0),
    "%": ("ratio", 0.01),
    "t/d": ("rate", 1.0),
    "kt/d": ("rate", 1_000.0),
    "yuan": ("money", 1.0),
    "yuan/t": ("price", 1.0),
}
"""Unit → (what it measures, its size in tonnes, days, yuan). ``wt`` is 10⁴ t 万吨."""


class ExpressionError(Exception):
    """Something wrong at character ``at`` of an expression; ``nearest`` is the closest name that would do."""

    def __init__(self, at: int, message: str, message_zh: str, *, accepted: str = "", nearest: str = "") -> None:
        self.at = at
        self.message = message
        self.message_zh = message_zh
        self.accepted = accepted
        self.nearest = nearest
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Number:
    """A literal with the unit it was written with ("" for none)."""

    at: int
    value: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A literal text or member of a known set."""

    at: int
    value: str


@dataclass(frozen=True, slots=True)
class Date:
    """A literal date, ``2008-07-01``; a month ``2008-07`` is its first day."""

    at: int
    value: date


@dataclass(frozen=True, slots=True)
class Bool:
    """``true`` or ``false``."""

    at: int
    value: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A column."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Negative:
    """``-operand``."""

    at: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left operator right`` with one of ``+ - * /``; a division by zero is unknown."""

    at: int
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare:
    """``left operator right`` with one of ``< <= > >= = !=``; unknown if either side is."""

    at: int
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Member:
    """``operand in (literals)``."""

    at: int
    operand: Node
    literals: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class IsUnknown:
    """``operand is unknown``: the one predicate that is never unknown itself."""

    at: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Logic:
    """``and`` or ``or`` over two or more terms."""

    at: int
    operator: str
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``not operand``; unknown stays unknown."""

    at: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function of ``FUNCTIONS`` or ``AGGREGATES``."""

    at: int
    function: str
    arguments: tuple[Node, ...]


Node = Number | Text | Date | Bool | Name | Negative | Arithmetic | Compare | Member | IsUnknown | Logic | Not | Call


def parse(text: str) -> Node:
    """The tree of ``text``; ``ExpressionError`` at the first thing that is not the language."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(0, f"longer than {MAX_LENGTH} characters", f"超过 {MAX_LENGTH} 个字符")
    tokens = [*_tokens(text), _Token("end", "", len(text.rstrip()))]
    if len(tokens) == 1:
        raise ExpressionError(0, "an empty condition", "条件为空")
    parser = _Parser(tokens)
    node = parser.condition()
    parser.expect_end()
    return node


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Negative() | IsUnknown() | Not():
            return (node.operand,)
        case Arithmetic() | Compare():
            return (node.left, node.right)
        case Member():
            return (node.operand, *node.literals)
        case Logic():
            return node.terms
        case Call():
            return node.arguments
    return ()


def names(node: Node) -> tuple[str, ...]:
    """The columns a tree reads, in order of appearance, each once."""
    found: dict[str, None] = {}
    stack = [node]
    while stack:
        top = stack.pop()
        if isinstance(top, Name):
            found[top.name] = None
        stack.extend(reversed(children(top)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


_UNIT_WORDS = "|".join(sorted((re.escape(u) for u in UNITS if u not in {"1", "%"}), key=len, reverse=True))
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<date>\d{{4}}-\d{{2}}(?:-\d{{2}})?(?![\w-]))
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)(?:\s*(?P<unit>%|(?:{_UNIT_WORDS})(?![\w/])))?
    |(?P<text>'[^']*'|"[^"]*")
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign><=|>=|!=|<>|==|[-<>=+*/(),])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = frozenset({"and", "or", "not", "in", "between", "is", "unknown", "true", "false"})
_SIGNS = {"<>": "!=", "==": "="}


def _tokens(text: str) -> Iterator[_Token]:
    end = 0
    while end < len(text):
        match = _TOKEN.match(text, end)
        assert match is not None, "the last alternative takes any character"
        at, end = match.start(), match.end()
        if match["space"]:
            continue
        if match["number"]:
            if end < len(text) and re.match(r"\w", text[end]):
                word = re.match(r"\w+", text[end:])
                assert word is not None
                raise ExpressionError(
                    end,
                    f"'{word[0]}' is no unit",
                    f"“{word[0]}”不是单位",
                    accepted=", ".join(u for u in UNITS if u != "1"),
                )
            yield _Token("number", match["number"], at)
            if match["unit"]:
                yield _Token("unit", match["unit"], match.start("unit"))
        elif match["name"]:
            word_text = match["name"]
            yield _Token("word" if word_text in _WORDS else "name", word_text, at)
        elif match["sign"]:
            yield _Token("sign", _SIGNS.get(match["sign"], match["sign"]), at)
        elif match["other"]:
            raise ExpressionError(
                at, f"the character {match['other']!r} means nothing here", f"此处不能用字符 {match['other']!r}"
            )
        else:
            yield _Token("date" if match["date"] else "text", match[0], at)


_Part = Callable[[], Node]


class _Parser:
    """Recursive descent over the tokens; one method per line of the grammar."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def condition(self) -> Node:
        return self._logic("or", lambda: self._logic("and", self._negation))

    def expect_end(self) -> None:
        token = self._peek
        if token.kind != "end":
            raise ExpressionError(
                token.at,
                f"'{token.text}' follows a complete condition",
                f"条件已完整,其后的“{token.text}”多余",
                accepted="and, or",
            )

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, kind: str, *texts: str) -> _Token | None:
        token = self._peek
        if token.kind == kind and (not texts or token.text in texts):
            self._next += 1
            return token
        return None

    def _require(self, kind: str, text: str) -> _Token:
        token = self._take(kind, text)
        if token is None:
            raise self._unexpected(f"'{text}'")
        return token

    def _unexpected(self, accepted: str) -> ExpressionError:
        token = self._peek
        if token.kind == "end":
            return ExpressionError(token.at, "the condition ends too early", "条件不完整", accepted=accepted)
        return ExpressionError(
            token.at, f"'{token.text}' cannot stand here", f"此处不能用“{token.text}”", accepted=accepted
        )

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(self._peek.at, f"nested deeper than {MAX_DEPTH}", f"嵌套超过 {MAX_DEPTH} 层")

    def _logic(self, operator: str, part: _Part) -> Node:
        first = part()
        terms = [first]
        at = first.at
        while token := self._take("word", operator):
            at = token.at if len(terms) == 1 else at
            terms.append(part())
        return first if len(terms) == 1 else Logic(at, operator, tuple(terms))

    def _negation(self) -> Node:
        if token := self._take("word", "not"):
            self._deeper()
            node = Not(token.at, self._negation())
            self._depth -= 1
            return node
        return self._predicate()

    def _predicate(self) -> Node:
        left = self._sum()
        if token := self._take("sign", "<", "<=", ">", ">=", "=", "!="):
            node: Node = Compare(token.at, token.text, left, self._sum())
            if self._peek.kind == "sign" and self._peek.text in {"<", "<=", ">", ">=", "=", "!="}:
                raise self._unexpected("and, or; for a range: between … and …")
            return node
        if token := self._take("word", "is"):
            negated = self._take("word", "not") is not None
            self._require("word", "unknown")
            node = IsUnknown(token.at, left)
            return Not(token.at, node) if negated else node
        negation = self._take("word", "not")
        if token := self._take("word", "in"):
            node = Member(token.at, left, self._literals())
        elif token := self._take("word", "between"):
            low = self._sum()
            self._require("word", "and")
            node = Logic(
                token.at, "and", (Compare(token.at, ">=", left, low), Compare(token.at, "<=", left, self._sum()))
            )
        elif negation:
            raise self._unexpected("'in', 'between'")
        else:
            return left
        return Not(negation.at, node) if negation else node

    def _literals(self) -> tuple[Node, ...]:
        self._require("sign", "(")
        values = [self._literal()]
        while self._take("sign", ","):
            values.append(self._literal())
        self._require("sign", ")")
        return tuple(values)

    def _literal(self) -> Node:
        minus = self._take("sign", "-")
        node = self._atom()
        if not isinstance(node, Number | Text | Date) or (minus and not isinstance(node, Number)):
            raise ExpressionError(node.at, "'in' takes a list of values only", "in 后只能是值的列表")
        return Number(node.at, -node.value, node.unit) if minus and isinstance(node, Number) else node

    def _sum(self) -> Node:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/"), self._signed))

    def _chain(self, operators: tuple[str, ...], part: _Part) -> Node:
        node = part()
        terms = 1
        while token := self._take("sign", *operators):
            terms += 1
            if terms > MAX_DEPTH:  # a chain leans left: each term is one level of the tree
                raise ExpressionError(token.at, f"more than {MAX_DEPTH} terms in a row", f"连续超过 {MAX_DEPTH} 项")
            node = Arithmetic(token.at, token.text, node, part())
        return node

    def _signed(self) -> Node:
        if token := self._take("sign", "-"):
            self._deeper()
            node = Negative(token.at, self._signed())
            self._depth -= 1
            return node
        return self._atom()

    def _atom(self) -> Node:
        if token := self._take("number"):
            unit = self._take("unit")
            return Number(token.at, float(token.text), unit.text if unit else "")
        if token := self._take("text"):
            return Text(token.at, token.text[1:-1])
        if token := self._take("date"):
            return Date(token.at, _date(token))
        if token := self._take("word", "true", "false"):
            return Bool(token.at, token.text == "true")
        if token := self._take("name"):
            return self._call(token) if self._take("sign", "(") else Name(token.at, token.text)
        if self._take("sign", "("):
            self._deeper()
            node = self.condition()
            self._depth -= 1
            self._require("sign", ")")
            return node
        raise self._unexpected("a column, a number, a 'text', a date, '('")

    def _call(self, name: _Token) -> Node:
        self._deeper()
        arguments = [self.condition()]
        while self._take("sign", ","):
            arguments.append(self.condition())
        self._depth -= 1
        self._require("sign", ")")
        return Call(name.at, name.text, tuple(arguments))


def _date(token: _Token) -> date:
    try:
        return date.fromisoformat(token.text if len(token.text) == 10 else f"{token.text}-01")
    except ValueError:
        raise ExpressionError(token.at, f"{token.text} is no date", f"{token.text} 不是日期") from None
