"""The books themselves: tonnes by cause, how deficits and make-ups are entered, and a customer's monthly account."""

from __future__ import annotations

Cause = tuple[str, str]
Books = dict[Cause, float]
Vector = tuple[tuple[Cause, float], ...]

AHEAD: Cause = ("ahead", "")
"""Not a cause but a credit: tonnes moved ahead of the plan (entered negative where they arrived)."""
WHOLE_TRAINS = "whole_trains"
BATCHING = "batching"
NOTHING_T = 1e-9
"""Tonnes below which an entry is rounding."""


def post_deficit(books: Books, vector: list[tuple[Cause, float]]) -> list[tuple[Cause, float]]:
    """Enter tonnes by cause; a credit of tonnes ahead is used up first. Returns what was really entered, by cause."""
    credit = -books.get(AHEAD, 0.0)
    if credit <= 0.0:
        for cause, tonnes in vector:
            books[cause] = books.get(cause, 0.0) + tonnes
        return vector
    entered = []
    for cause, tonnes in vector:
        if credit > 0.0:
            used = min(credit, tonnes)
            credit -= used
            books[AHEAD] = books.get(AHEAD, 0.0) + used
            entered.append((AHEAD, used))
            tonnes -= used
            if tonnes <= 0.0:
                continue
        books[cause] = books.get(cause, 0.0) + tonnes
        entered.append((cause, tonnes))
    return entered


def post_make_up(books: Books, tonnes: float) -> list[tuple[Cause, float]]:
    """Take made-up tonnes out of what is missing, in proportion (the rest of a train first); what exceeds it is ahead.

    Returns the tonnes taken out, by cause.
    """
    taken: list[tuple[Cause, float]] = []
    first: list[tuple[Cause, float]] = []
    then: list[tuple[Cause, float]] = []
    for entry in books.items():
        if entry[1] > 0.0:
            (first if entry[0][0] == WHOLE_TRAINS else then).append(entry)
    for group in (first, then):
        if not group or tonnes <= 0.0:
            continue
        missing = 0.0
        for _, held in group:
            missing += held
        if tonnes < missing:
            part = tonnes / missing
            for cause, held in group:
                amount = held * part
                taken.append((cause, amount))
                books[cause] = held - amount
            tonnes = 0.0
        else:
            for cause, _ in group:
                del books[cause]
            taken += group
            tonnes -= missing
    if tonnes > 0.0:
        books[AHEAD] = books.get(AHEAD, 0.0) - tonnes
        taken.append((AHEAD, tonnes))
    return taken


class Account:
    """The books of one customer and grade for the current month. ``due`` is what the plan has made due so far."""

    __slots__ = ("actual", "arrived", "books", "customer", "due", "grade", "index", "loaded", "rate", "served")

    def __init__(self, index: int, customer: str, grade: str) -> None:
        self.index = index
        self.customer = customer
        self.grade = grade
        self.rate = 0.0  # the plan's rate now, counted at the delivery point
        self.books: Books = {}
        self.open()

    def open(self) -> None:
        """Begin a month."""
        self.books.clear()
        self.due = 0.0
        self.served = 0.0
        self.loaded = 0.0
        self.arrived = 0.0
        self.actual = 0.0

    def causes(self) -> tuple[tuple[Cause, float], ...]:
        """The shortfall by cause: positive tonnes that sum to max(0, due − served).

        Tonnes ahead and the rest of a train are set off against the real causes in proportion; a rest that nothing else
        explains stays itself.
        """
        short = max(0.0, self.due - self.served)
        if short <= NOTHING_T:
            return ()
        real = {c: t for c, t in self.books.items() if t > NOTHING_T and c[0] != WHOLE_TRAINS and c != AHEAD}
        if not real:
            real = {c: t for c, t in self.books.items() if t > NOTHING_T and c != AHEAD}
        total = sum(real.values())
        if total <= 0.0:
            return ((("plan_unbalanced", self.customer), short),)
        scaled = [(c, t * short / total) for c, t in sorted(real.items())]
        return tuple(scaled)
