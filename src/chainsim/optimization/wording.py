"""The reasons of an order in words, as a planner writes them in the remarks column 备注."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chainsim.model import Scenario
from chainsim.model.plan import months_of
from chainsim.optimization.gaps import Gap
from chainsim.optimization.reasons import Binding, Loss, Why, main_loss
from chainsim.optimization.replanning import Replanned
from chainsim.records import CAUSES
from chainsim.results import Labels
from chainsim.simulation.outages import Stretch, stretches
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.optimization.tables import Proven

_MOST_CAUSES = 2
_ACTUALS = "before_as_of"
_INSIDE_DAYS = 1.0 / 1440.0
"""A minute: dates are rounded to the second, and a span ends before its end."""


@dataclass(frozen=True)
class Words:
    """How one scenario is spoken of in one language."""

    scenario: Scenario
    labels: Labels
    lang: str

    def months(self, months: Sequence[int]) -> str:
        """``April and May`` / ``4、5月``; with the year where the run covers a month's name twice."""
        dates = [months_of(self.scenario)[month][2] for month in sorted(set(months))]
        twice = self.scenario.end_day > 366
        if self.lang == "zh":
            if twice:
                return "、".join(f"{d.year}年{d.month}月" for d in dates)
            return "、".join(str(d.month) for d in dates) + "月"
        names = [calendar.month_name[d.month] + (f" {d.year}" if twice else "") for d in dates]
        return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]

    def span(self, start_day: float, end_day: float) -> str:
        """``10–30 April``, ``28 April to 3 May`` / ``4月10日至30日``: the first and the last day touched."""
        first, last = self.scenario.calendar_date(start_day), self.scenario.calendar_date(end_day - _INSIDE_DAYS)
        same_month = (first.year, first.month) == (last.year, last.month)
        years = ("", "") if first.year == last.year and self.scenario.end_day <= 366 else (first.year, last.year)
        if self.lang == "zh":
            day = f"{years[0]}年" if years[0] else ""
            begin = f"{day}{first.month}月{first.day}日"
            if first == last:
                return begin
            end = "" if same_month else f"{years[1]}年{last.month}月" if years[1] else f"{last.month}月"
            return f"{begin}至{end}{last.day}日"
        names = [
            f"{calendar.month_name[d.month]}{f' {y}' if y else ''}" for d, y in zip((first, last), years, strict=True)
        ]
        if first == last:
            return f"on {first.day} {names[0]}"
        if same_month:
            return f"{first.day}–{last.day} {names[0]}"
        return f"{first.day} {names[0]} to {last.day} {names[1]}"

    def customers(self, names: Iterable[str]) -> str:
        """Their labels in a row."""
        return ("、" if self.lang == "zh" else ", ").join(self.labels.asset(self.lang, name) for name in names)

    def cause(self, cause: str, asset: str, customer: str = "") -> str:
        """``pipeline outage (West trunk)`` / ``西干线管线停输``; a cause that lies with ``customer`` itself needs no place."""
        named, place = self._cause(cause), "" if cause == _ACTUALS else self.place(asset, customer)
        return f"{place}{named}" if self.lang == "zh" else f"{named}{place}"

    def place(self, asset: str, customer: str = "") -> str:
        """The asset as part of a cause, or nothing."""
        if not asset or asset == customer:
            return ""
        label = self.labels.asset(self.lang, asset)
        return label if self.lang == "zh" else f" ({label})"

    def binding(self, binding: Binding) -> str:
        """What binds, when, and what a tonne more there is worth."""
        span = self.span(binding.start_day, binding.end_day)
        return text(self.lang, "why.binds", what=self.limit(binding), span=span, price=f"{binding.price:,.2f}")

    def limit(self, binding: Binding) -> str:
        """What binds, in a few words."""
        return text(self.lang, f"bind.{self._kind(binding)}", asset=self.labels.asset(self.lang, binding.asset))

    def why(self, why: Why, *, brief: bool = False) -> str:
        """One line's reason; ``brief`` leaves out what binds."""
        parts = [self._purpose(why)]
        cut = why.change.tonnes < 0
        if cut and why.purpose != "trains":
            to = [month for month in why.shifted if month > why.change.month] or list(why.shifted)
            parts.append(text(self.lang, "why.moved", months=self.months(to)) if to else text(self.lang, "why.dropped"))
        if why.binds is not None and why.purpose != "trains" and not brief:
            told = self.binding(why.binds)
            if not cut:
                ended = why.binds.end_day <= months_of(self.scenario)[why.change.month][0]
                told = text(self.lang, "why.not_before" if ended else "why.no_more", binding=told)
            parts.append(told)
        return ("；" if self.lang == "zh" else "; ").join(parts)

    def order(self, replanned: Replanned, whys: Sequence[Why]) -> str:
        """The reason of the whole order: what it makes up, and how much sooner plans are met."""
        before, after = (sum(outcome.lateness().values()) for outcome in (replanned.before, replanned.after))
        made_up = [why.mends for why in whys if why.mends is not None and why.change.tonnes > 0]
        if not made_up:
            tonnes = sum(max(0.0, why.change.tonnes) for why in whys)
            return text(self.lang, "why.order.shifts", tonnes=tonnes, before=before, after=after)
        causes = [self.cause(loss.cause, loss.asset) for loss in _largest(made_up)]
        joined = ("、" if self.lang == "zh" else " and ").join(causes)
        tonnes = sum(loss.tonnes for loss in made_up)
        return text(self.lang, "why.order", causes=joined, tonnes=tonnes, before=before, after=after)

    def loss(self, loss: Loss, customer: str, key: str = "why.cannot_come") -> str:
        """A loss in a sentence."""
        return text(
            self.lang,
            key,
            tonnes=loss.tonnes,
            months=self.months(loss.months),
            cause=self._cause(loss.cause),
            place="" if loss.cause == _ACTUALS else self.place(loss.asset, customer),
        )

    def worst(self, proof: Sequence[Proven]) -> str:
        """The customer that was worst off, before and after, and who is then, if another."""
        worst, then = (min(proof, key=lambda p: p.completion[when]) for when in (0, 1))
        told = f"{self.labels.asset(self.lang, worst.customer)} {worst.completion[0]:.1%} → {worst.completion[1]:.1%}"
        if then.completion[1] >= worst.completion[1]:
            return told
        other = f"{self.labels.asset(self.lang, then.customer)} {then.completion[1]:.1%}"
        return text(self.lang, "optimize.then", worst=told, other=other)

    def gap(self, gap: Gap) -> str:
        """Why the proof differs from the promise."""
        if abs(gap.trains) == 1:
            return text(self.lang, "gap.train", tonnes=abs(gap.tonnes), part=abs(gap.part))
        if gap.trains and gap.pays:
            return text(self.lang, "gap.paid", trains=abs(gap.trains))
        if gap.trains:
            return text(self.lang, "gap.trains", trains=abs(gap.trains))
        if gap.tonnes > 0.0 or gap.loss is None:
            return text(self.lang, "gap.more", tonnes=abs(gap.tonnes))
        cause = self.cause(gap.loss.cause, gap.loss.asset, gap.customer)
        return text(self.lang, "gap.cause", tonnes=-gap.tonnes, cause=cause)

    def _cause(self, cause: str) -> str:
        """A cause as what a shortfall is due to; before the as-of date the actuals are all that is known."""
        return text(self.lang, "why.actuals") if cause == _ACTUALS else CAUSES[cause][self.lang == "zh"]

    def _purpose(self, why: Why) -> str:
        match why.purpose:
            case "makes_up" | "ahead" | "cannot_come":
                assert why.mends is not None
                return self.loss(why.mends, why.change.customer, f"why.{why.purpose}")
            case "takes_over":
                return text(self.lang, "why.takes_over", months=self.months(why.shifted))
            case "makes_room" if why.room_for == (why.change.customer,):
                return text(self.lang, "why.own_room")
            case "makes_room":
                return text(self.lang, "why.makes_room", customers=self.customers(why.room_for))
            case _:
                return text(self.lang, f"why.{why.purpose}")

    def _kind(self, binding: Binding) -> str:
        """The row's kind; a line that an outage stops altogether stands still."""
        middle = (binding.start_day + binding.end_day) / 2
        begun = [stretch for stretch in self._outages.get((binding.asset, ""), ()) if stretch.start <= middle]
        return "stopped" if binding.kind == "capacity" and begun and begun[-1].remaining == 0.0 else binding.kind

    @cached_property
    def _outages(self) -> dict[tuple[str, str], tuple[Stretch, ...]]:
        return stretches(self.scenario)


def level_in_words(name: str, lang: str) -> str:
    """A level's name, e.g. ``completion 2``, as it is told."""
    kind, _, priority = name.partition(" ")
    return text(lang, f"level.{kind}", priority=priority)


def _largest(losses: Sequence[Loss]) -> list[Loss]:
    """The causes that an order makes up most of, by all assets together."""
    out: list[Loss] = []
    rest = list(losses)
    while rest and len(out) < _MOST_CAUSES:
        main = main_loss(rest)
        assert main is not None
        out.append(main)
        rest = [loss for loss in rest if loss.cause != main.cause]
    return out
