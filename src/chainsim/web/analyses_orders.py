"""An adjustment order asked for on the page: drafted, proven, and told in both languages, with the files that say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from chainsim.charts import Chart, order_chart
from chainsim.errors import InputError
from chainsim.files.overlays import Changes, overlay_text
from chainsim.mistakes import mistake
from chainsim.model.plan import months_of
from chainsim.texts import text
from chainsim.web.jobs import Standing, Told, Work
from chainsim.workflow_orders import Optimized, optimize
from chainsim.workflow_papers import order_document
from chainsim.workflow_whatif import Base, loaded_with, with_new_order

if TYPE_CHECKING:
    from chainsim.model import AdjustmentOrder
    from chainsim.optimization.levels import Level
    from chainsim.optimization.reasons import Binding
    from chainsim.optimization.wording import Words

FORMATS = {
    "yaml": "application/yaml",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""What can be taken home, and its kind."""
MOST_BARS = 12
_MOST_LIMITS = 6
_MOST_SHORTFALLS = 10
_MOVED = 0.0005
"""A completion that rounds to another tenth of a percent."""


@dataclass(frozen=True, slots=True)
class Line:
    """A changed plan line as it is shown."""

    customer: str
    grade: str
    month: str
    before: str
    after: str
    change: str
    why: str
    raised: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A customer's completion before and after, as simulated, and as promised."""

    customer: str
    plan: str
    before: str
    after: str
    promised: str
    way: str
    """``better``, ``worse`` or nothing."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """The draft in one language; ``approved`` is the what-if with it in force, ``files`` by format: name and content."""

    sentences: tuple[str, ...]
    lines: tuple[Line, ...]
    proof: tuple[Proof, ...]
    gaps: str
    limits: tuple[str, ...]
    shortfalls: tuple[str, ...]
    chart: Chart | None
    approved: Changes
    files: dict[str, tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Draft:
    """The order asked for: ``number`` is empty where none does better than none."""

    number: str
    day: str
    by_lang: dict[str, DraftText]

    def told(self, lang: str) -> DraftText:
        """It in ``lang``."""
        return self.by_lang[lang]


def draft(work: Work, told: Told) -> Draft:
    """The job: the order that mends the plan from ``asked["as_of"]`` on (empty: what ``chainsim optimize`` chooses).

    ``asked["extends"]`` is the scenario as a file beside it names it.
    """
    as_of = day_of(work.asked["as_of"])
    loaded = loaded_with(work.base, work.changes)

    def progress(stage: str) -> None:
        told(Standing(stage))

    def level(reached: Level) -> None:
        told(Standing("solve", part=reached.name))

    outcome = optimize(work.base.path, loaded, as_of=as_of, progress=progress, told=level)
    told(Standing("write"))
    order = outcome.replanned.order
    return Draft(
        number="" if order is None else order.number,
        day=f"{outcome.scenario.calendar_date(outcome.replanned.day)}",
        by_lang={lang: _told(outcome, work, lang) for lang in ("en", "zh")},
    )


def day_of(words: str) -> date | None:
    """The date written, or ``None`` for nothing; raises ``InputError``."""
    if not words:
        return None
    try:
        return datetime.strptime(words, "%Y-%m-%d").date()
    except ValueError:
        raise InputError(
            [mistake("page-date", "analyses.order.no_date", path="as_of", found=words, accepted="2008-04-10")]
        ) from None


def _told(outcome: Optimized, work: Work, lang: str) -> DraftText:
    from chainsim.optimization.diagnosis import shortfalls_in_words
    from chainsim.optimization.gaps import gaps_of
    from chainsim.optimization.reasons import limits_of_the_late
    from chainsim.optimization.wording import Words

    words = Words(outcome.scenario, outcome.labels, lang)
    replanned, order = outcome.replanned, outcome.order(lang)
    parts = [
        text(lang, "optimize.gap.of", customer=words.labels.asset(lang, g.customer), part=g.part, why=words.gap(g))
        for g in gaps_of(replanned).values()
    ]
    limits = [why.binds for why in outcome.whys if why.binds is not None and why.purpose != "trains"]
    shortfalls: list[str] = []
    if replanned.order is None:
        limits = limits_of_the_late(replanned)
        found = shortfalls_in_words(replanned.first)[:_MOST_SHORTFALLS]
        shortfalls = [finding.zh if lang == "zh" else finding.en for finding in found]
    return DraftText(
        sentences=_sentences(outcome, order, words),
        lines=tuple(_lines(outcome, words)),
        proof=tuple(_proof(outcome, words)),
        gaps=text(lang, "optimize.gap", parts=" · ".join(parts)) if parts else "",
        limits=tuple(_limits(limits, words)),
        shortfalls=tuple(shortfalls),
        chart=_chart(outcome, words),
        approved=_approved(outcome, order, work),
        files=_files(outcome, order, work, words),
    )


def _sentences(outcome: Optimized, order: AdjustmentOrder | None, words: Words) -> tuple[str, ...]:
    """What the order does as a whole, or why there is none: as ``chainsim optimize`` says it."""
    from chainsim.optimization.reasons import LEAST_LATE_T_MONTHS

    lang, replanned = words.lang, outcome.replanned
    if order is None:
        late = max(replanned.before.lateness().values(), default=0.0)
        why = "optimize.none.well" if late < LEAST_LATE_T_MONTHS else "analyses.order.tried"
        return text(lang, "optimize.none"), text(lang, why)
    up = sum(change.tonnes for change in replanned.changes if change.tonnes > 0)
    cut = -sum(change.tonnes for change in replanned.changes if change.tonnes < 0)
    plan = sum(p.plan_t for p in outcome.proof)
    before, after = (sum(p.completion[when] * p.plan_t for p in outcome.proof) / plan for when in (0, 1))
    return (
        text(lang, "optimize.order", number=order.number, lines=len(order.lines), tonnes=up, cut=cut),
        order.reason,
        text(lang, "optimize.worst", worst=words.worst(outcome.proof), before=before, after=after),
    )


def _lines(outcome: Optimized, words: Words) -> Iterable[Line]:
    months = months_of(outcome.scenario)
    for why in outcome.whys:
        change = why.change
        yield Line(
            words.labels.asset(words.lang, change.customer), words.labels.grade(words.lang, change.grade),
            f"{months[change.month][2]:%Y-%m}", f"{change.before_t:,.0f}", f"{change.after_t:,.0f}",
            f"{change.tonnes:+,.0f}".replace("-", "−"), words.why(why, brief=True), change.tonnes > 0,
        )  # fmt: skip


def _proof(outcome: Optimized, words: Words) -> Iterable[Proof]:
    for proven in outcome.proof:
        before, after, promised = proven.completion
        way = "" if abs(after - before) < _MOVED else "better" if after > before else "worse"
        yield Proof(
            words.labels.asset(words.lang, proven.customer), f"{proven.plan_t:,.0f}", f"{before:.1%}", f"{after:.1%}",
            f"{promised:.1%}", way,
        )  # fmt: skip


def _limits(limits: list[Binding], words: Words) -> Iterable[str]:
    """What binds on the way, the one that holds back most plan lines first."""
    from chainsim.optimization.reasons import once_each

    for binding, count in once_each(limits)[:_MOST_LIMITS]:
        span = words.span(binding.start_day, binding.end_day)
        yield text(words.lang, "analyses.order.limit", what=words.limit(binding), span=span, count=count)


def _chart(outcome: Optimized, words: Words) -> Chart | None:
    months, labels, lang = months_of(outcome.scenario), words.labels, words.lang
    changes = sorted((why.change for why in outcome.whys), key=lambda change: -abs(change.tonnes))[:MOST_BARS]
    bars = [
        (
            " ".join((labels.asset(lang, c.customer), labels.grade(lang, c.grade), f"{months[c.month][2]:%Y-%m}")),
            c.before_t,
            c.after_t,
        )
        for c in changes
    ]
    return order_chart(bars, words.lang) if bars else None


def _approved(outcome: Optimized, order: AdjustmentOrder | None, work: Work) -> Changes:
    from chainsim.optimization.writing import order_row

    if order is None:
        return {}
    row = order_row(replace(order, state="approved"), outcome.scenario, outcome.amount_unit)
    return with_new_order(work.base, work.changes, row)


def _files(outcome: Optimized, order: AdjustmentOrder | None, work: Work, words: Words) -> dict[str, tuple[str, bytes]]:
    """The draft as an overlay that ``run`` accepts, and as the document."""
    from chainsim.optimization.writing import order_text

    if order is None:
        return {}
    name = f"order-{order.number}.yaml"
    extends = work.asked["extends"]
    content = order_text(
        order, outcome.whys, outcome.proof, words, extends=extends, file=name, unit=outcome.amount_unit
    )
    paper = order_document(outcome.scenario, order, lang=words.lang)
    return {
        "yaml": (name, with_changes(content, work.changes).encode("utf-8")),
        "docx": (paper.name, paper.content),
    }


def with_changes(content: str, changes: Changes) -> str:
    """The overlay of a draft over a what-if's changes: what the order was proven over goes into the same file."""
    others = overlay_text({key: value for key, value in changes.items() if key != "orders"}, extends="x")
    earlier = overlay_text({"orders": changes.get("orders", [])}, extends="x").splitlines(keepends=True)[2:]
    head, orders, tail = content.partition("\norders:\n")
    assert orders
    return head + "\n" + others.partition("\n")[2] + "orders:\n" + "".join(earlier) + tail


def standing_orders(base: Base, changes: Changes) -> list[str]:
    """The numbers of approved orders that the what-if adds."""
    filed = {str(row.get("number")) for row in base.tree.get("orders") or ()}
    own = [row for row in changes.get("orders", ()) if str(row.get("number")) not in filed]
    return [str(row.get("number")) for row in own if row.get("state") == "approved"]
