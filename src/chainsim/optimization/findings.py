"""What cannot be, and what capacity is worth, as values and in a planner's words in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from chainsim.model import Scenario
from chainsim.model.plan import months_of
from chainsim.optimization.loosening import Place
from chainsim.optimization.opening import Key
from chainsim.optimization.questions import AssetPrice, Extra
from chainsim.optimization.reasons import Binding
from chainsim.optimization.wording import Words
from chainsim.results import labels_of
from chainsim.texts import text

_MOST_NAMES = 3
_KT = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that cannot be: in a ``month`` of the run ``wanted`` is planned (or there), ``possible`` can be, in ``unit``.

    ``kind`` names the limit, ``asset`` what it is of (several: joined by commas; "" for all fields of a grade); ``customers`` and
    ``grades`` are whose plan it is.
    """

    kind: str
    asset: str
    month: int
    wanted: float
    possible: float
    unit: str
    customers: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Demand:
    """Tonnes of a month that must pass a limit, and what it lets pass."""

    kind: str
    asset: str
    wanted_t: float
    possible_t: float
    keys: Sequence[Key]


@dataclass(frozen=True)
class Speaker:
    """Says findings of one scenario in both languages."""

    scenario: Scenario

    @cached_property
    def words(self) -> dict[str, Words]:
        """By language."""
        labels = labels_of(self.scenario)
        return {lang: Words(self.scenario, labels, lang) for lang in ("en", "zh")}

    def beyond(self, demand: Demand, month: int, days: float) -> Finding:
        """A plan beyond a limit."""
        key = f"beyond.{demand.kind}"
        return self.rate(key, demand.kind, demand.asset, month, demand.wanted_t, demand.possible_t, days, demand.keys)

    def late(
        self,
        month: int,
        kind: str,
        asset: str,
        wanted_t: float,
        possible_t: float,
        keys: Sequence[Key],
        binding: Binding | None,
    ) -> Finding:
        """A shortfall with what limits it."""
        start, end, _ = months_of(self.scenario)[month]
        key = "short.late" if binding is not None else "short.unknown"
        return self.rate(key, kind, asset, month, wanted_t, possible_t, end - start, keys, binding)

    def rate(
        self,
        key: str,
        kind: str,
        asset: str,
        month: int,
        wanted_t: float,
        possible_t: float,
        days: float,
        keys: Sequence[Key],
        binding: Binding | None = None,
    ) -> Finding:
        """Tonnes of a month as a rate a day."""
        in_kt = wanted_t / days >= _KT
        scale, unit = (days * _KT, "kt_d") if in_kt else (days, "t_d")
        return self._measured(key, kind, asset, month, wanted_t / scale, possible_t / scale, unit, keys, binding)

    def amount(
        self, key: str, kind: str, asset: str, month: int, wanted_t: float, possible_t: float, keys: Sequence[Key] = ()
    ) -> Finding:
        """Tonnes as such."""
        scale, unit = (_KT, "kt") if wanted_t >= _KT else (1.0, "t")
        return self._measured(key, kind, asset, month, wanted_t / scale, possible_t / scale, unit, keys, None)

    def said(
        self,
        key: str,
        kind: str,
        asset: str,
        month: int,
        wanted: float,
        possible: float,
        unit: str,
        *,
        possible_text: str,
    ) -> Finding:
        """A finding without a unit of its own."""
        sentences = {
            lang: text(
                lang, key, month=words.months([month]), asset=words.labels.asset(lang, asset), possible=possible_text
            )
            for lang, words in self.words.items()
        }
        return Finding(
            kind=kind, asset=asset, month=month, wanted=wanted, possible=possible, unit=unit, customers=(asset,),
            en=sentences["en"], zh=sentences["zh"],
        )  # fmt: skip

    def _measured(
        self,
        key: str,
        kind: str,
        asset: str,
        month: int,
        wanted: float,
        possible: float,
        unit: str,
        keys: Sequence[Key],
        binding: Binding | None,
    ) -> Finding:
        least = 1 if unit.startswith("kt") else 0
        digits = next((d for d in (least, least + 1) if f"{wanted:,.{d}f}" != f"{possible:,.{d}f}"), least + 2)
        customers = tuple(dict.fromkeys(customer for customer, _ in keys if customer))
        grades = tuple(dict.fromkeys(grade for _, grade in keys))
        terminals = {railway.name: railway.terminal for railway in self.scenario.railways}
        sentences = {}
        for lang, words in self.words.items():
            limit, of = "", text(lang, f"quantity.{unit}")
            if binding is not None:
                span = words.span(binding.start_day, binding.end_day)
                limit = f"{span}{words.limit(binding)}" if lang == "zh" else f"{words.limit(binding)} {span}"
            sentences[lang] = text(
                lang,
                key,
                month=words.months([month]),
                wanted=f"{wanted:,.{digits}f} {of}",
                # English names the unit once.
                possible=f"{possible:,.{digits}f}" + (f" {of}" if lang == "zh" else ""),
                grades=_crudes(words, grades),
                customers=_names(words, customers),
                asset=_names(words, asset.split(",")) if asset else "",
                place=words.labels.asset(lang, terminals[asset]) if asset in terminals else "",
                limit=limit,
            )
        return Finding(
            kind=kind, asset=asset, month=month, wanted=wanted, possible=possible, unit=unit.replace("_", "/"),
            customers=customers, grades=grades, en=sentences["en"], zh=sentences["zh"],
        )  # fmt: skip


def price_in_words(words: Words, price: AssetPrice) -> str:
    """``July: 1 paths a day of the railway more is worth 1,140 t of completion and 0 t·month of lateness``."""
    lang = words.lang
    told = text(
        lang,
        "worth.one",
        month=words.months([price.place.month]),
        what=room_in_words(words, price.place, price.unit, 1.0),
        tonnes=price.completion_t,
        t_months=price.lateness_t_months,
    )
    if price.verified_t is None or price.verified_t_months is None:
        return told
    verified = {"tonnes": round(price.verified_t), "t_months": round(price.verified_t_months)}
    return text(lang, "worth.verified", sentence=told, **verified)


def extra_in_words(words: Words, extra: Extra) -> str:
    """``July: 2.4 train sets of the railway``."""
    what = room_in_words(words, extra.place, extra.unit, extra.amount)
    month = words.months([extra.place.month])
    return f"{month}{what}" if words.lang == "zh" else f"{month}: {what}"


def room_in_words(words: Words, place: Place, unit: str, amount: float) -> str:
    """``1 path(s) a day of the railway``."""
    lang = words.lang
    told = text(lang, f"worth.{unit}", amount=amount)
    what = text(lang, f"worth.{place.kind}", amount=told, asset=words.labels.asset(lang, place.asset))
    return text(lang, "worth.of_grade", what=what, grade=words.labels.grade(lang, place.grade)) if place.grade else what


def limit_in_words(words: Words, scenario: Scenario, kind: str, asset: str, months: Sequence[int]) -> str:
    """``the loading rack of the railway is full in July and August``."""
    start = months_of(scenario)[months[0]][0]
    limit = words.limit(Binding(kind, asset, start, start, 0.0))
    told = words.months(months)
    return f"{told}{limit}" if words.lang == "zh" else f"{limit} in {told}"


def _names(words: Words, names: Sequence[str]) -> str:
    """Labels in a row, the rest of a long one counted; 等 counts them all."""
    told = words.customers(names[:_MOST_NAMES])
    if len(names) <= _MOST_NAMES:
        return told
    count = len(names) if words.lang == "zh" else len(names) - _MOST_NAMES
    return text(words.lang, "quantity.and_more", names=told, count=count)


def _crudes(words: Words, grades: Sequence[str]) -> str:
    """Their labels, or simply crude where there are many."""
    if len(grades) > _MOST_NAMES:
        return text(words.lang, "quantity.crude")
    return joined(words.lang, (words.labels.grade(words.lang, grade) for grade in grades))


def joined(lang: str, parts: Iterable[str]) -> str:
    """In a row."""
    return ("、" if lang == "zh" else ", ").join(parts)
