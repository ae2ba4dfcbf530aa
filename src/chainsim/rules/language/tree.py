"""The condition language of rules as trees: what an expression can be made of.

Boolean SQL in spirit, closed in fact: columns, literals, comparisons, ``and / or / not``, arithmetic, ``in``, ``between``,
``is [not] unknown`` and the functions listed here. Nothing in it can name a file, a module or an attribute, loop or grow.
``grammar.lark`` says how it is written, ``parsing.parse`` makes trees of texts, ``checking.check`` types them, ``sql.Printer``
prints them for DuckDB, ``reckoning.reckon`` computes them for one row and ``writing.written`` prints them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

MAX_LENGTH = 2_000
"""Characters in one expression; far above what anybody can read."""
MAX_DEPTH = 40
"""Levels of a tree; keeps every walk over it off Python's own limit."""
LARGEST_NUMBER = 1e15
"""What a literal may be: products of a few stay finite."""
LARGEST_RESULT = 1e200
"""What a product or quotient of two computed numbers may be: anything above is unknown, and sums of what is left stay finite. The
numbers of tables do not come near it."""

FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "abs": (1, 1),
    "min": (2, 9),
    "max": (2, 9),
    "default": (2, 2),
    "month": (1, 1),
    "year": (1, 1),
    "previous": (1, 1),
}
"""Functions of a row and their fewest and most arguments. ``default(x, y)`` is y where x is unknown; ``month`` and ``year`` of a
date are numbers; ``previous(x)`` is x one period earlier for the same subject, unknown if that period has no row."""
AGGREGATES = frozenset({"sum", "mean", "lowest", "highest", "count", "distinct"})
"""Functions over many rows: of a group in measures with ``by:``, or with a second argument such as ``3 months`` over the rows of
the same subject in the periods up to and with this one. Unknown values are passed over; over none at all the result is
unknown, except that ``count(condition)`` (where it is true) and ``distinct(x)`` (different values) are 0."""
MEMBERS_OF = "members"
"""Not written in rules: all different values of a group's column, as one text."""
PERIODS: tuple[str, ...] = ("month", "ten_days", "day")
"""Names of columns that count time, coarse to fine. A ten-day period 旬 is 1-10, 11-20, 21-end."""

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
PER = " per "
"""In the unit of a factor that the check has put in to change units: ``1000`` in ``t per kt``."""


class ExpressionError(Exception):
    """Something wrong at character ``at`` of an expression; ``nearest`` is the closest name that would do.

    ``accepted_zh`` is ``accepted`` unless that is prose.
    """

    def __init__(
        self, at: int, message: str, message_zh: str, *, accepted: str = "", accepted_zh: str = "", nearest: str = ""
    ) -> None:
        self.at = at
        self.accepted_zh = accepted_zh or accepted
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
    """A column, a measure, or what a dotted name reaches: ``customer.capacity_t``, ``tiering.tier``, ``flag.low_completion``."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Negative:
    """``-operand``."""

    at: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left operator right`` with one of ``+ - * /``.

    Unknown: a division by zero, a product or quotient of two computed numbers above ``LARGEST_RESULT``, and whatever is no finite
    number.
    """

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
    """A function of ``FUNCTIONS`` or ``AGGREGATES``; ``window`` is the second argument of a trailing aggregate."""

    at: int
    function: str
    arguments: tuple[Node, ...]
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """``periods`` consecutive periods up to and with the row's own: ``3 months``."""

    at: int
    periods: int
    period: str


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first branch whose condition is true, else unknown. Not written in rules: decision tables become these."""

    at: int
    branches: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Collect:
    """The ``sum``, ``min`` or ``max`` of its terms, the unknown ones passed over; unknown if all are. Not written in rules:
    collecting decision tables become these."""

    at: int
    function: str
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """The known ones of its texts, in order, with ``separator`` between them; unknown if all are. Not written in rules: decision
    tables that tell several hits become these."""

    at: int
    separator: str
    terms: tuple[Node, ...]


Node = (
    Number | Text | Date | Bool | Name | Negative | Arithmetic | Compare | Member | IsUnknown | Logic | Not | Call
    | Case | Collect | Joined
)  # fmt: skip


_LEAVES = frozenset({Number, Text, Date, Bool, Name})


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    if type(node) in _LEAVES:
        return ()
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
        case Case():
            return tuple(part for branch in node.branches for part in branch)
        case Collect() | Joined():
            return node.terms
    return ()


def is_change_of_units(node: Node) -> bool:
    """Whether the check has put ``node`` around its left operand to bring it to another unit."""
    return isinstance(node, Arithmetic) and isinstance(node.right, Number) and PER in node.right.unit


def is_checked_product(node: Arithmetic) -> bool:
    """Whether ``node`` multiplies or divides two computed numbers, whose result may be out of all proportion."""
    if node.operator == "*":
        return not isinstance(node.left, Number) and not isinstance(node.right, Number)
    return node.operator == "/" and not isinstance(node.right, Number)


def names(node: Node) -> tuple[str, ...]:
    """The names a tree reads, in order of appearance, each once."""
    found: dict[str, None] = {}
    stack = [node]
    while stack:
        top = stack.pop()
        if isinstance(top, Name):
            found[top.name] = None
        else:
            stack += children(top)[::-1]
    return tuple(found)
