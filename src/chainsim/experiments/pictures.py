"""The answers drawn: a tornado for each figure asked about, a fan for each tank of the baseline, as SVG files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from chainsim.charts import Chart, Lever, fan_chart, svg, tornado_chart
from chainsim.experiments.answers import Answers, least_seen
from chainsim.experiments.answers_catalogue import QUANTILES
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

_LEVER = ("factor", "at_low", "at_high", "low_level", "high_level")
_LEAST_SWING = 0.005
"""Of the widest bar: a factor that moves less moves nothing to be seen."""
_FEWEST_RUNS = 3
"""Fewer runs have no spread to be drawn."""


def pictures(answers: Answers, lang: str) -> dict[str, Callable[[Path], object]]:
    """File name → what writes it. Equal answers give equal bytes."""
    return {name: _writer(chart) for name, chart in {**_tornados(answers, lang), **_fans(answers, lang)}.items()}


def _writer(chart: Chart) -> Callable[[Path], object]:
    return lambda path: path.write_text(svg(chart) + "\n", encoding="utf-8")


def _tornados(answers: Answers, lang: str) -> dict[str, Chart]:
    table, about = answers.tables["answer_tornado"], answers.about
    out = {}
    for figure in about.tornado:
        own = table[table["kpi"] == figure]
        if own.empty:
            continue
        unit = str(own["unit"].iloc[0])
        own = own[own["swing"] > max(least_seen(unit), _LEAST_SWING * own["swing"].max())]
        if own.empty:
            continue
        levers = [
            Lever(about.factor(lang, factor), *rest)
            for factor, *rest in zip(*(own[c].to_list() for c in _LEVER), strict=True)
        ]
        name = about.figure(lang, figure)
        chart = tornado_chart(levers, _middle(answers, figure), lang, name=name, unit=unit, ratio=unit == "1")
        out[f"tornado-{_file_name(figure)}.svg"] = chart
    return out


def _middle(answers: Answers, figure: str) -> float:
    """What the bars lie about: the figure in the baseline; of draws, their mean."""
    about = answers.about
    for table, column, value in (("answer_kpis", "kpi", "mean"), ("answer_customers", "customer", "completion")):
        frame = answers.tables[table]
        own = frame[(frame["variant"] == (0 if about.pooled else about.baseline)) & (frame[column] == figure)]
        if len(own):
            return float(own[value].iloc[0])
    return float("nan")


def _fans(answers: Answers, lang: str) -> dict[str, Chart]:
    if "answer_stocks" not in answers.tables:
        return {}
    about, stocks = answers.about, answers.tables["answer_stocks"]
    own = stocks[stocks["variant"] == (0 if about.pooled else about.baseline)]
    return {
        f"stock-{_file_name(str(holder))}.svg": _fan(answers, str(holder), rows, lang)
        for holder, rows in own.groupby("holder", sort=False, observed=True)
        if rows["runs"].max() >= _FEWEST_RUNS
    }


def _fan(answers: Answers, holder: str, rows: pd.DataFrame, lang: str) -> Chart:
    quantiles = {share: rows[f"p{round(100 * share):02d}_t"].to_list() for share in QUANTILES}
    heel, safe_fill = answers.about.limits.get(holder, (0.0, 0.0))
    limits = {text(lang, "answers.safe_fill"): safe_fill} if safe_fill else {}
    if heel:
        limits[text(lang, "answers.heel")] = heel
    name = answers.about.labels.asset(lang, holder)
    return fan_chart(rows["day"].dt.to_pydatetime().tolist(), quantiles, lang, name=name, unit="t", limits=limits)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name)
