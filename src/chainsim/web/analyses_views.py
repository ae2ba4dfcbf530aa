"""The answers of jobs as values for their templates, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainsim.charts import Chart, Interval, Lever, fan_chart, intervals_chart, lever_chart, tornado_chart
from chainsim.model import Customer, Scenario, TankFarm
from chainsim.results import Labels, labels_of
from chainsim.texts import text
from chainsim.web import analyses_chance, views
from chainsim.web.analyses_chance import QUANTILES, Spread
from chainsim.web.analyses_levers import Bar, Ends, Slider, Stretch, Tipping, Tornado
from chainsim.web.jobs import Seen

MOST_BARS = 12
_FEWEST_DONE = 3
"""Parts of a job from which the time that is left can be told."""
_LEAST_SWING = 0.0005
"""A lever that moves completion less does nothing to be seen."""


def progress(seen: Seen, lang: str) -> dict[str, Any]:
    """How far a job is, in words and as a share."""
    from chainsim.optimization.wording import level_in_words

    standing = seen.standing
    if seen.state == "waiting":
        words = text(lang, "analyses.waiting", count=seen.ahead) if seen.ahead else text(lang, "analyses.starting")
    elif not standing.stage:
        words = text(lang, "analyses.starting")
    else:
        words = text(lang, f"stage.{standing.stage}")
        if standing.part:
            words += f" · {level_in_words(standing.part, lang)}"
        if standing.of:
            words += f" {standing.done:,} / {standing.of:,}"
    left = ""
    if standing.of and standing.done >= _FEWEST_DONE:
        seconds = seen.seconds / standing.done * (standing.of - standing.done)
        left = text(lang, "analyses.left", seconds=f"{seconds:.0f}")
    told = text(lang, "analyses.seconds", seconds=f"{seen.seconds:.0f}") if seen.state == "running" else ""
    return {"words": words, "told": f"{told}{left}", "done": standing.done, "of": standing.of}


def tornado(answer: Tornado, scenario: Scenario, lang: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """The widest bars as a chart, what helps most in words, and what cannot be."""
    who = subject(labels_of(scenario), lang, asked)
    moving = [bar for bar in answer.bars if bar.swing(answer.value) >= _LEAST_SWING]
    shown = moving[:MOST_BARS]
    chart = None
    if shown:
        chart = tornado_chart(
            [_lever(bar, answer.value, lang) for bar in shown], answer.value, lang,
            name=text(lang, "page.completion"), unit="1", ratio=True,
        )  # fmt: skip
    best = max(((end, bar) for bar in moving for end in (bar.low, bar.high) if end is not None), key=lambda e: e[0],
               default=None)  # fmt: skip
    told = text(lang, "analyses.tornado.nothing", who=who, value=answer.value)
    if best is not None and best[0] - answer.value >= _LEAST_SWING:
        end, bar = best
        to = bar.lever.high[0] if end == bar.high else bar.lever.low[0]
        told = text(
            lang, "analyses.tornado.best", who=who, value=answer.value, lever=bar.lever.name[lang == "zh"],
            before=end_text(bar.lever, bar.lever.now, lang), after=end_text(bar.lever, to, lang), reached=end,
        )  # fmt: skip
    elif moving:
        told = text(lang, "analyses.tornado.none_helps", who=who, value=answer.value)
    impossible = [
        f"{bar.lever.name[lang == 'zh']} {end_text(bar.lever, words, lang)}"
        for bar in answer.bars
        for value, words in ((bar.low, bar.lever.low[0]), (bar.high, bar.lever.high[0]))
        if value is None
    ]
    return {
        "told": told, "chart": drawn(chart), "still": len(answer.bars) - len(moving), "more": len(moving) - len(shown),
        "impossible": impossible, "rows": [_row(bar, answer.value, lang) for bar in moving],
    }  # fmt: skip


def _lever(bar: Bar, value: float, lang: str) -> Lever:
    low, high = (value if end is None else end for end in (bar.low, bar.high))
    words = [
        text(lang, "analyses.impossible") if end is None else end_text(bar.lever, told, lang)
        for end, (told, _) in ((bar.low, bar.lever.low), (bar.high, bar.lever.high))
    ]
    return Lever(bar.lever.name[lang == "zh"], low, high, *words)


def _row(bar: Bar, value: float, lang: str) -> dict[str, str]:
    def cell(end: float | None) -> str:
        return "–" if end is None else f"{end:.1%} ({(end - value) * 100:+.1f})".replace("-", "−")

    lever = bar.lever
    return {
        "name": lever.name[lang == "zh"], "now": end_text(lever, lever.now, lang),
        "low_text": end_text(lever, lever.low[0], lang), "high_text": end_text(lever, lever.high[0], lang),
        "low": cell(bar.low), "high": cell(bar.high),
    }  # fmt: skip


def end_text(lever: Ends, words: str, lang: str) -> str:
    """A lever's value as it is told: with its unit; an order's state by name."""
    if words in ("draft", "approved"):
        return text(lang, f"analyses.state.{words}")
    return f"{_grouped(words)} {lever.unit[lang == 'zh']}".strip()


def tipping(answer: Tipping, scenario: Scenario, lang: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """Where it tips in a sentence, with the course of completion along the lever."""
    who = subject(labels_of(scenario), lang, asked)
    slider = answer.slider
    points = [(slider.texts[i], value) for i, value in answer.tried.items() if value is not None]
    at = min(max(slider.at, 0), len(slider.texts) - 1)
    place = [i for i, value in answer.tried.items() if value is not None]
    chart = None
    if at in place and len(points) > 1:
        lever = f"{slider.name[lang == 'zh']} ({slider.unit[lang == 'zh']})"
        chart = lever_chart(
            points, place.index(at), answer.threshold, lang, lever=lever, name=text(lang, "page.completion")
        )
    return {
        "told": tipping_told(answer, who, lang),
        "lever": slider.path,
        "chart": drawn(chart),
        "tried": text(lang, "analyses.tipping.tried", tried=len(answer.tried), count=len(slider.texts)),
    }


def tipping_told(answer: Tipping, who: str, lang: str) -> str:
    """The sentence: ``Yumen stays above 90 % up to 7 d`` where it tips once, all stretches where it tips more often."""
    slider, stretches = answer.slider, answer.stretches
    possible = [s for s in stretches if s.held is not None]
    values: dict[str, Any] = {
        "who": who, "threshold": f"{100 * answer.threshold:g}%", "lever": slider.name[lang == "zh"],
        "least": _position(slider, possible[0].first, lang) if possible else "",
        "most": _position(slider, possible[-1].last, lang) if possible else "",
    }  # fmt: skip
    held = [s.held for s in possible]
    if not possible:
        told = text(lang, "analyses.tipping.impossible", **values)
    elif held == [True]:
        told = text(lang, "analyses.tipping.always", **values)
    elif held == [False]:
        told = text(lang, "analyses.tipping.never", **values)
    elif held == [True, False]:
        last, first = _position(slider, possible[0].last, lang), _position(slider, possible[1].first, lang)
        told = text(lang, "analyses.tipping.up_to", last=last, first=first, **values)
    elif held == [False, True]:
        last, first = _position(slider, possible[0].last, lang), _position(slider, possible[1].first, lang)
        told = text(lang, "analyses.tipping.from", last=last, first=first, **values)
    else:
        told = text(lang, "analyses.tipping.several", above=_spans(slider, possible, True, lang),
                    below=_spans(slider, possible, False, lang), **values)  # fmt: skip
    if possible and len(possible) < len(stretches):
        told += text(lang, "analyses.tipping.not_all", spans=_spans(slider, stretches, None, lang))
    return told


def _spans(slider: Slider, stretches: Any, held: bool | None, lang: str) -> str:
    own: list[Stretch] = [s for s in stretches if s.held is held]
    ends = [(slider.texts[s.first], slider.texts[s.last]) for s in own]
    told = [_grouped(a) if a == b else f"{_grouped(a)}…{_grouped(b)}" for a, b in ends]
    return f"{('、' if lang == 'zh' else ', ').join(told)} {slider.unit[lang == 'zh']}"


def _position(slider: Slider, at: int, lang: str) -> str:
    return f"{_grouped(slider.texts[at])} {slider.unit[lang == 'zh']}".strip()


def chance(
    answer: Spread, scenario: Scenario, lang: str, tank: str, asked: Mapping[str, str], customer: str
) -> dict[str, Any]:
    """Completion by customer as intervals, chances to miss, and the fan of the tank asked for."""
    labels = labels_of(scenario)
    threshold = float(asked["threshold"]) / 100.0
    mean, low, high, _ = answer.completion
    holders = list(answer.fans)
    farms = [farm.name for farm in scenario.farms]
    chosen = tank if tank in holders else next((name for name in farms if name in holders), "")
    rows = [
        {
            "name": labels.asset(lang, c.name), "mean": f"{c.mean:.1%}",
            "interval": f"{c.quantiles[0]:.1%} … {c.quantiles[-1]:.1%}",
            "missed": f"{c.missed:.0%}", "missed_interval": f"{c.missed_low:.0%}–{c.missed_high:.0%}",
            "chosen": c.name == customer,
        }
        for c in answer.customers
    ]  # fmt: skip
    intervals = [Interval(labels.asset(lang, c.name), _five(c.quantiles)) for c in answer.customers]
    name = text(lang, "page.completion")
    return {
        "told": text(lang, "analyses.chance.told", runs=answer.runs, mean=mean, low=low, high=high,
                     p05=answer.quantiles[0], p95=answer.quantiles[-1]),
        "failed": text(lang, "analyses.chance.failed", count=answer.failed) if answer.failed else "",
        "assumed": assumed(answer, scenario, lang, asked),
        "rows": rows,
        "threshold": f"{100 * threshold:g}%",
        "chart": drawn(intervals_chart(intervals, threshold, lang, name=name)),
        "fan": drawn(_fan(answer, chosen, scenario, labels, lang)) if chosen else None,
        "holders": [(holder, labels.asset(lang, holder)) for holder in holders],
        "chosen": chosen,
    }  # fmt: skip


def assumed(answer: Spread, scenario: Scenario, lang: str, asked: Mapping[str, str]) -> list[str]:
    """What was left to chance, in sentences: the scenario's own, and what the page assumed."""
    out = []
    if answer.outages:
        out.append(text(lang, "analyses.chance.own", count=answer.outages))
    elif asked["outages"]:
        out.append(
            text(lang, "analyses.chance.assumed", failure=analyses_chance.LINE_FAILURE_DAYS,
                 repair=analyses_chance.LINE_REPAIR_DAYS, rail_failure=analyses_chance.PATHS_FAILURE_DAYS,
                 rail_repair=analyses_chance.PATHS_REPAIR_DAYS)
        )  # fmt: skip
    if asked["noise"]:
        cash = any(customer.offtake == "cash" for customer in scenario.customers)
        key = "analyses.chance.noise_cash" if cash else "analyses.chance.noise"
        out.append(text(lang, key, production=analyses_chance.PRODUCTION_SIGMA, cash=analyses_chance.CASH_SIGMA))
    return out


def subject(labels: Labels, lang: str, asked: Mapping[str, str]) -> str:
    """Whose completion it is, and in which month if in one."""
    customer, month = asked["customer"], asked["month"]
    who = labels.asset(lang, customer) if customer else text(lang, "page.why.all")
    return text(lang, "page.why.of", customer=who, month=month) if month else who


def _fan(answer: Spread, holder: str, scenario: Scenario, labels: Labels, lang: str) -> Chart:
    """The fan with its tanks' limits; a safe fill that changes over the run is no level line."""
    fan = answer.fans[holder]
    owners: tuple[TankFarm | Customer, ...] = (*scenario.farms, *scenario.customers)
    owner = next(o for o in owners if o.name == holder)
    quantiles = {share: [row[i] for row in fan.quantiles] for i, share in enumerate(QUANTILES)}
    limits = (
        {text(lang, "answers.safe_fill"): fan.safe_fill_t}
        if fan.safe_fill_t and len(owner.safe_fill_t.days) == 1
        else {}
    )
    if fan.heel_t:
        limits[text(lang, "answers.heel")] = fan.heel_t
    return fan_chart(fan.days, quantiles, lang, name=labels.asset(lang, holder), unit="t", limits=limits)


def _five(quantiles: tuple[float, ...]) -> tuple[float, float, float, float, float]:
    a, b, c, d, e = quantiles
    return a, b, c, d, e


def drawn(chart: Chart | None) -> dict[str, Any] | None:
    """A chart, if there is one, as the page's scripts draw it."""
    return None if chart is None else views.drawn(chart)


def _grouped(words: str) -> str:
    """A number with its thousands apart, as the page's figures have them."""
    try:
        value = float(words)
    except ValueError:
        return words
    return f"{value:,.10g}"
