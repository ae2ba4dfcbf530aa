"""What an experiment says, as a planner reads it on a terminal, and as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from chainsim.cli.terminal import console_here, plain_table
from chainsim.records import CAUSES
from chainsim.results import KPIS
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.experiments.answers import Answers

MAIN_FIGURES = ("completion", "completion_original", "lowest_completion", "delivered", "shortfall")
MOST_VARIANTS = 24
MOST_COLUMNS = 8
MOST_CAUSES = 3
LEAST_T = 0.5
"""Less would print as 0 t."""
LEAST_SHARE = 0.01
"""Of the largest change of all: what is less is no answer to why."""
BAR = 16
"""Characters of the longest bar."""


def show_answers(answers: Answers, lang: str, *, quiet: bool = False, console: Console | None = None) -> None:
    """Print what the runs say together; ``quiet`` leaves out the tables."""
    console = console or console_here()
    about = answers.about
    variants = 1 if about.pooled else answers.manifest["variants"]
    title = about.label.text(lang, about.name)
    head = {"title": title, "runs": answers.runs, "variants": variants, "confidence": about.confidence}
    console.print(text(lang, "answers.head", **head), soft_wrap=True)
    if quiet:
        return
    console.print()
    _variants(console, answers, lang)
    _misses(console, answers, lang)
    _changes(console, answers, lang)
    _tornado(console, answers, lang)


def _variants(console: Console, answers: Answers, lang: str) -> None:
    """Mean, interval and spread of the figures that matter most, a row for each variant."""
    kpis = answers.tables["answer_kpis"]
    several = bool((kpis["runs"] > 1).any())
    table = plain_table(text(lang, "answers.variants" if several else "answers.variants.single"))
    table.add_column(text(lang, "column.variant"), no_wrap=True, overflow="ellipsis")
    shown = [kpi for kpi in KPIS if kpi.name in MAIN_FIGURES and (kpis["kpi"] == kpi.name).any()]
    for kpi in shown:
        table.add_column(kpi.header_zh if lang == "zh" else kpi.header_en, justify="right")
    for number, name in _names(answers, lang)[:MOST_VARIANTS]:
        cells = []
        for kpi in shown:
            rows = kpis[(kpis["variant"] == number) & (kpis["kpi"] == kpi.name)]
            cells.append("–" if rows.empty else _figure(rows.iloc[0], kpi.unit, several=several))
        table.add_row(name, *cells)
    console.print(table)
    _say_more(console, answers, lang)


def _figure(row: Any, unit: str, *, several: bool) -> str:
    if not several:
        return amount(row["mean"], unit)
    half = (row["high"] - row["low"]) / 2
    return (
        f"{amount(row['mean'], unit)} ± {amount(half, unit)}\n{amount(row['p05'], unit)} … {amount(row['p95'], unit)}"
    )


def _misses(console: Console, answers: Answers, lang: str) -> None:
    """The chance that a customer misses a threshold, a column for each of those most at risk."""
    misses = answers.tables["answer_customers"]
    single = bool((misses["runs"] == 1).all())
    names = _names(answers, lang)[:MOST_VARIANTS]
    for threshold in answers.about.thresholds:
        own = misses[misses["threshold"] == threshold]
        risks = own.groupby("customer", sort=False, observed=True)["probability"].max()
        worst = set(risks[risks > 0].sort_values(ascending=False, kind="stable").index[:MOST_COLUMNS])
        customers = [customer for customer in risks.index if customer in worst]
        if not customers:
            continue
        key = "answers.misses.single" if single else "answers.misses"
        table = plain_table(text(lang, key, threshold=100 * threshold))
        table.add_column(text(lang, "column.variant"), no_wrap=True, overflow="ellipsis")
        for customer in customers:
            label = answers.about.labels.asset(lang, str(customer))
            table.add_column(label, justify="center" if single else "right", overflow="fold")
        for number, name in names:
            rows = own[own["variant"] == number].set_index("customer")
            table.add_row(name, *(_chance(rows.loc[c]) if c in rows.index else "–" for c in customers))
        console.print(table)
        left = int((risks > 0).sum()) - len(customers)
        if left > 0:
            console.print(text(lang, "answers.more_customers", count=left), style="bright_black")
        console.print()


def _chance(row: Any) -> str:
    if row["runs"] == 1:
        return "×" if row["misses"] else "·"
    return f"{row['probability']:.0%} ({row['low']:.0%}–{row['high']:.0%})"


def _changes(console: Console, answers: Answers, lang: str) -> None:
    """The shortfall of each variant less the baseline's, with the causes that changed most."""
    differences = answers.tables["answer_differences"]
    own = differences[differences["kpi"] == "shortfall"]
    if own.empty:
        return
    names = dict(_names(answers, lang))
    table = plain_table(text(lang, "answers.changes"))
    table.add_column(text(lang, "column.variant"), no_wrap=True, overflow="ellipsis")
    table.add_column(text(lang, "column.difference"), justify="right")
    table.add_column(text(lang, "column.interval"), justify="right")
    table.add_column(text(lang, "column.causes"), overflow="fold")
    causes = answers.tables["answer_causes"]
    least = max(LEAST_T, LEAST_SHARE * float(causes["change_t"].abs().max()) if len(causes) else 0.0)
    for row in _rows(own.head(MOST_VARIANTS)):
        mine = causes[(causes["variant"] == row.variant) & (causes["change_t"].abs() >= least)].head(MOST_CAUSES)
        told = [
            f"{c.change_t:+,.0f} {CAUSES[str(c.cause)][lang == 'zh']}" + _place(answers, lang, c.asset)
            for c in _rows(mine)
        ]
        interval = "–" if row.low != row.low else f"{row.low:+,.0f} … {row.high:+,.0f}"
        table.add_row(names[int(row.variant)], f"{row.difference:+,.0f}", interval, "\n".join(told) or "–")
    console.print(table)
    baseline = names.get(answers.about.baseline, "")
    console.print(text(lang, "answers.baseline", name=baseline), style="bright_black")
    console.print()


def _place(answers: Answers, lang: str, asset: Any) -> str:
    if not isinstance(asset, str):
        return ""
    label = answers.about.labels.asset(lang, asset)
    return f"({label})" if lang == "zh" else f" ({label})"


def _tornado(console: Console, answers: Answers, lang: str) -> None:
    """What each factor does to the figures asked about, the widest first."""
    tornado = answers.tables["answer_tornado"]
    for name in answers.about.tornado:
        own = tornado[tornado["kpi"] == name]
        if own.empty:
            continue
        unit = str(own["unit"].iloc[0])
        table = plain_table(text(lang, "answers.tornado", kpi=answers.about.figure(lang, name)))
        table.add_column(text(lang, "column.factor"), overflow="fold")
        for key in ("column.at_low", "column.at_high", "column.swing"):
            table.add_column(text(lang, key), justify="right")
        drawn = bool(own["correlation"].notna().any())
        if drawn:
            table.add_column(text(lang, "column.correlation"), justify="right")
        widest = float(own["swing"].max())
        for row in _rows(own.head(MOST_VARIANTS)):
            bar = "█" * round(BAR * row.swing / widest) if widest > 0 else ""
            cells = [
                f"{amount(row.at_low, unit)} [{row.low_level}]",
                f"{amount(row.at_high, unit)} [{row.high_level}]",
                f"{bar} {amount(row.swing, unit)}",
            ]
            correlation = [f"{row.correlation:+.2f}" if row.correlation == row.correlation else "–"] if drawn else []
            table.add_row(
                Text(answers.about.factor(lang, str(row.factor))), *(Text(cell) for cell in (*cells, *correlation))
            )
        console.print(table)
        console.print()


def _names(answers: Answers, lang: str) -> list[tuple[int, str]]:
    """The variants by number; where they are draws, all of them are one."""
    kpis = answers.tables["answer_kpis"]
    found = dict(zip(kpis["variant"], kpis["name"], strict=True))
    told = {
        n: answers.about.variant(lang, str(name)) if name else text(lang, "answers.pooled") for n, name in found.items()
    }
    return [(int(n), told[n]) for n in sorted(told)]


def _say_more(console: Console, answers: Answers, lang: str) -> None:
    count = len(_names(answers, lang)) - MOST_VARIANTS
    if count > 0:
        console.print(text(lang, "answers.more", count=count), style="bright_black")
    console.print()


def answers_json(answers: Answers) -> str:
    """One JSON object: the manifest, and every table of answers but the stocks as rows."""
    tables = {
        name: json.loads(frame.to_json(orient="records", date_format="iso"))
        for name, frame in answers.tables.items()
        if name != "answer_stocks"
    }
    told = {key: value for key, value in answers.manifest.items() if key != "about"}
    return json.dumps({**told, "baseline": answers.about.baseline, **tables}, ensure_ascii=False, indent=2)


def amount(value: float, unit: str) -> str:
    """A figure in its unit, as it is read: shares in per cent."""
    if value != value:
        return "–"
    return f"{value:.1%}" if unit == "1" else f"{value:,.0f}" if abs(value) >= 100 or unit == "t" else f"{value:,.4g}"


def _rows(frame: pd.DataFrame) -> Iterable[Any]:
    """A frame's rows with their columns as attributes."""
    return frame.itertuples()
