"""Which lever saves a customer: every lever of the page moved alone (a tornado), or one along its whole slider (a tipping point).

A lever is moved by the page's own change, so that each bar and each position is what the page shows when a hand moves it there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chainsim.errors import InputError, NoFeasibleAnswerError
from chainsim.files.overlays import Changes
from chainsim.files.quantities import BadValueError, read_instant, read_number
from chainsim.model.plan import months_of
from chainsim.results import labels_of
from chainsim.texts import both
from chainsim.web import levers
from chainsim.web.answering import changed
from chainsim.web.jobs import Standing, Told, Work
from chainsim.workflow_whatif import Base, scenario_with, stated

Both = tuple[str, str]
"""A text in English and Chinese."""
Change = dict[str, Any]
"""What the page posts when a hand moves a lever."""
COARSE = 13
"""Positions that are always tried, evenly over the slider: what changes sides twice between two of them is not seen."""


@dataclass(frozen=True, slots=True)
class Ends:
    """A lever with its two ends: ``now`` as it stands; ``low`` and ``high`` in words, with the change that leads there."""

    path: str
    name: Both
    unit: Both
    now: str
    low: tuple[str, Change]
    high: tuple[str, Change]


@dataclass(frozen=True, slots=True)
class Slider:
    """A lever with all positions of its slider: position ``i`` is worth ``texts[i]`` and is reached by ``changes[i]``."""

    path: str
    name: Both
    unit: Both
    at: int
    texts: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """What the completion becomes at a lever's ends; ``None`` where the scenario cannot be."""

    lever: Ends
    low: float | None
    high: float | None

    def swing(self, value: float) -> float:
        """How far it moves from ``value``."""
        return max(abs(end - value) for end in (self.low, self.high, value) if end is not None)


@dataclass(frozen=True, slots=True)
class Tornado:
    """The bars about ``value``, the widest first."""

    value: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Positions ``first`` to ``last`` of a slider, all ``held`` (at or above the threshold), all below, or all impossible."""

    first: int
    last: int
    held: bool | None


@dataclass(frozen=True, slots=True)
class Tipping:
    """Where a completion falls below ``threshold`` along a slider; ``tried`` has the completion at the positions tried."""

    slider: Slider
    threshold: float
    stretches: tuple[Stretch, ...]
    tried: Mapping[int, float | None]


def tornado(work: Work, told: Told) -> Tornado:
    """The job: all levers by ``asked["swing"]`` per cent, for ``asked["customer"]`` in ``asked["month"]`` (empty: all)."""
    asked = work.asked
    measure = completion_of(work.base, asked["customer"], asked["month"])
    ends = list(all_ends(work.base, work.changes, float(asked["swing"]) / 100.0))
    value = measure(work.changes)
    assert value is not None
    bars = []
    for number, lever in enumerate(ends):
        told(Standing("levers", number, len(ends)))
        bars.append(Bar(lever, *(measure(work.changes, change) for _, change in (lever.low, lever.high))))
    return Tornado(value, tuple(sorted(bars, key=lambda bar: -bar.swing(value))))


def tipping(work: Work, told: Told) -> Tipping:
    """The job: along the lever ``asked["lever"]``, where the completion falls below ``asked["threshold"]`` per cent."""
    asked = work.asked
    measure = completion_of(work.base, asked["customer"], asked["month"])
    slider = next(s for s in all_sliders(work.base, work.changes) if s.path == asked["lever"])
    threshold = float(asked["threshold"]) / 100.0
    known: dict[int, float | None] = {}

    def holds(position: int) -> bool | None:
        told(Standing("levers", len(known), 0))
        known[position] = measure(work.changes, slider.changes[position])
        value = known[position]
        return None if value is None else at_least(value, threshold)

    stretches = stretches_of(holds, len(slider.texts) - 1, slider.at)
    return Tipping(slider, threshold, stretches, dict(sorted(known.items())))


def at_least(value: float, threshold: float) -> bool:
    """Whether a completion is at the threshold or above, rounding apart."""
    return value >= threshold - 1e-9


def stretches_of(holds: Callable[[int], bool | None], last: int, at: int) -> tuple[Stretch, ...]:
    """The positions 0…``last`` in stretches of one side, each position asked at most once.

    Asks the ends, ``at`` and ``COARSE`` positions evenly between, then halves every gap whose ends lie on different sides: exact
    where no gap holds two changes of side.
    """
    known: dict[int, bool | None] = {}

    def side(position: int) -> bool | None:
        if position not in known:
            known[position] = holds(position)
        return known[position]

    wanted = {round(last * part / (COARSE - 1)) for part in range(COARSE)} | {min(max(at, 0), last)}
    grid = sorted(wanted)
    for position in grid:
        side(position)
    for low, high in zip(grid, grid[1:], strict=False):
        _halve(side, low, high)
    out: list[Stretch] = []
    for position in sorted(known):
        if out and out[-1].held is known[position]:
            out[-1] = Stretch(out[-1].first, position, out[-1].held)
        else:
            out.append(Stretch(position, position, known[position]))
    return tuple(out)


def _halve(side: Callable[[int], bool | None], low: int, high: int) -> None:
    if high - low <= 1 or side(low) is side(high):
        return
    middle = (low + high) // 2
    side(middle)
    _halve(side, low, middle)
    _halve(side, middle, high)


def completion_of(base: Base, customer: str, month: str) -> Callable[..., float | None]:
    """How the completion of a customer (empty: all) in a month (``2008-04``; empty: the run) follows from changes.

    The function takes the changes and one more change of the page; ``None`` where the scenario cannot be, or without a plan.
    """

    def measure(changes: Changes, change: Change | None = None) -> float | None:
        from chainsim.simulation import simulate

        try:
            scenario = scenario_with(base, changed(base, changes, change)[0])
            log = simulate(scenario)
        except (InputError, NoFeasibleAnswerError):
            return None
        months = [f"{first:%Y-%m}" for _, _, first in months_of(scenario)]
        books = [
            account
            for account in log.accounts
            if customer in ("", account.customer) and month in ("", months[account.month])
        ]
        plan = math.fsum(account.plan_t for account in books)
        return math.fsum(account.delivered_t for account in books) / plan if plan > 0 else None

    return measure


def all_ends(base: Base, changes: Changes, swing: float) -> Iterator[Ends]:
    """Every lever of the page that can be moved by the share ``swing`` down and up; orders off and on.

    Numbers and outages' lengths that are 0 stay so, and what is stated in steps over time has no one number to move.
    """
    standings = _standings(base, changes)
    for number, other in _numbers(standings):
        if not number.at or not read_number(number.at):
            continue
        value = read_number(number.at)
        texts = [f"{value * (1 + part):.10g}" for part in (-swing, swing)]
        low, high = ((told, {"kind": number.kind, "path": number.path, "value": told}) for told in texts)
        yield Ends(number.path, _names(number, other), (number.unit, other.unit), number.at, low, high)
    for outage, name in _outages(standings):
        try:
            days = read_number(outage["days"])
        except BadValueError:
            continue
        if not days or not outage["on"]:
            continue
        texts = [f"{days * (1 + part):.10g}" for part in (-swing, swing)]
        low, high = ((told, {"kind": "outage", "names": outage["names"], "days": told}) for told in texts)
        path = f"{outage['paths'][0]}.days"
        yield Ends(path, _of(name, both("analyses.lever.outage")), both("page.days_unit"), outage["days"], low, high)
    for order in levers.orders(standings[0]):
        off, on = (
            (state, {"kind": "order", "number": order["number"], "state": state}) for state in ("draft", "approved")
        )
        name = both("analyses.lever.order", number=order["number"])
        yield Ends(order["path"], name, ("", ""), "approved" if order["on"] else "draft", off, on)


def all_sliders(base: Base, changes: Changes) -> Iterator[Slider]:
    """Every slider of the page with all its positions."""
    standings = _standings(base, changes)
    for number, other in _numbers(standings):
        if not number.at:
            continue
        texts = tuple(f"{step * number.step:.10g}" for step in range(round(number.most / number.step) + 1))
        at = round(read_number(number.at) / number.step)
        changes_there = tuple({"kind": number.kind, "path": number.path, "value": told} for told in texts)
        yield Slider(number.path, _names(number, other), (number.unit, other.unit), at, texts, changes_there)
    for outage, name in _outages(standings):
        try:
            days, remaining = round(read_number(outage["days"])), round(read_number(outage["remaining"]))
        except BadValueError:
            continue
        lengths = tuple(str(day) for day in range(outage["longest"] + 1))
        shares = tuple(str(share) for share in range(101))
        yield _outage_slider(
            outage, name, "days", lengths, days, both("analyses.lever.length"), both("page.days_unit"), ""
        )
        yield _outage_slider(
            outage, name, "remaining", shares, remaining, both("page.outage.remaining"), ("%", "%"), "%"
        )


def _outage_slider(
    outage: dict[str, Any], name: Both, key: str, texts: tuple[str, ...], at: int, what: Both, unit: Both, sign: str
) -> Slider:
    made = tuple({"kind": "outage", "names": outage["names"], key: f"{told}{sign}"} for told in texts)
    return Slider(f"{outage['paths'][0]}.{key}", _of(name, what), unit, at, texts, made)


_Standings = tuple[levers.Standing, levers.Standing]
"""What stands, in English and Chinese."""


def _standings(base: Base, changes: Changes) -> _Standings:
    labels = labels_of(scenario_with(base, changes))
    tree = stated(base, changes)
    return (
        levers.Standing(base, tree, changes, labels, "en"),
        levers.Standing(base, tree, changes, labels, "zh"),
    )


def _numbers(standings: _Standings) -> Iterator[tuple[levers.Number, levers.Number]]:
    """The page's numbers, each in both languages."""
    english, chinese = ([n for group in levers.groups(at) for n in group["numbers"]] for at in standings)
    return zip(english, chinese, strict=True)


def _names(number: levers.Number, other: levers.Number) -> Both:
    return _of((number.title, other.title), (number.what, other.what))


def _of(name: Both, what: Both) -> Both:
    return f"{name[0]}, {what[0]}", f"{name[1]}{what[1]}"


def _outages(standings: _Standings) -> Iterator[tuple[dict[str, Any], Both]]:
    """The page's outages with what they are called: where and from when."""
    english, chinese = map(levers.outages, standings)
    for one, other in zip(english, chinese, strict=True):
        try:
            begin = f"{read_instant(one['begin']):%Y-%m-%d}"
        except BadValueError:
            continue
        yield one, (f"{one['title']} {begin}", f"{other['title']} {begin} ")
