"""What an experiment says, as a planner reads it on a terminal, and as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console

from chainsim.cli.terminal import NARROW, console_here, plain_table
from chainsim.experiments.answers import baseline_note, least_seen
from chainsim.records import CAUSES
from chainsim.results import KPIS
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.experiments.answers import Answers

MAIN_FIGURES = ("completion", "completion_original", "lowest_completion", "delivered", "shortfall")
MOST_VARIANTS = 24
MOST_COLUMNS = 8
NAME_WIDTH = 20
MARK_WIDTH, CHANCE_WIDTH = 11, 16
"""Columns of a customer: of a name in two lines; of ``95% (76%–99%)``."""
MOST_CAUSES = 3
MOST_FAILURES = 8
"""Lines of failed runs, those that failed alike being one."""
MOST_FATES = 6
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
    _failures(console, answers, lang)
    _variants(console, answers, lang)
    _misses(console, answers, lang)
    _changes(console, answers, lang)
    _tornado(console, answers, lang)


def _variants(console: Console, answers: Answers, lang: str) -> None:
    """Mean, interval and spread of the figures that matter most, a row for each variant; as many figures as the width holds."""
    kpis = answers.tables["answer_kpis"]
    several = bool((kpis["runs"] > 1).any())
    names = _names(answers, lang)[:MOST_VARIANTS]
    table = plain_table(text(lang, "answers.variants" if several else "answers.variants.single"))
    table.add_column(text(lang, "column.variant"), overflow="fold")
    rows = [[name] for _, name in names]
    room = console.width - 2 - _name_width(names)
    left = 0
    for kpi in KPIS:
        own = kpis[kpis["kpi"] == kpi.name].set_index("variant")
        if kpi.name not in MAIN_FIGURES or own.empty:
            continue
        cells = [_figure(own.loc[n], kpi.unit, several=several) if n in own.index else "–" for n, _ in names]
        width = max(len(line) for cell in cells for line in cell.splitlines())
        room -= width + 2
        if left or (room < 0 and len(table.columns) > 1):
            left += 1
            continue
        header = kpi.header_zh if lang == "zh" else kpi.header_en
        table.add_column(
            header if kpi.unit == "1" else f"{header} ({kpi.unit})", justify="right", overflow="fold", min_width=width
        )
        for row, cell in zip(rows, cells, strict=True):
            row.append(cell)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    if left:
        console.print(text(lang, "answers.more_figures", count=left), style="bright_black", soft_wrap=True)
    _say_more(console, answers, lang)


def _name_width(names: list[tuple[int, str]]) -> int:
    """Columns that variants' names have at least where a table is too wide: what is longer is folded."""
    return min(max((cell_len(name) for _, name in names), default=0), NAME_WIDTH)


def _failures(console: Console, answers: Answers, lang: str) -> None:
    """The runs that could not be, alike ones in one line: which, how many, and why."""
    failures = answers.tables["answer_failures"]
    if failures.empty:
        return
    table = plain_table(text(lang, "answers.failures", failed=len(failures), runs=answers.runs))
    table.add_column(text(lang, "column.variant"), overflow="fold")
    table.add_column(text(lang, "column.failures"), justify="right")
    table.add_column(text(lang, "column.replications"), overflow="fold")
    table.add_column(text(lang, "column.error"), overflow="fold")
    shown = 0
    for (_, error), alike in list(failures.groupby(["variant", f"error_{lang}"], sort=False))[:MOST_FAILURES]:
        fates = [str(fate) for fate in alike["replication"]]
        which = ", ".join(fates if len(fates) <= MOST_FATES else [*fates[:MOST_FATES], "…"])
        name = answers.about.variant(lang, str(alike["name"].iloc[0]))
        table.add_row(name, str(len(alike)), which, str(error))
        shown += len(alike)
    console.print(table)
    if shown < len(failures):
        left = len(failures) - shown
        console.print(text(lang, "answers.more_failures", count=left), style="bright_black", soft_wrap=True)
    console.print()


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
    room = console.width - 2 - _name_width(names)
    most = min(MOST_COLUMNS, max(1, room // (MARK_WIDTH if single else CHANCE_WIDTH)))
    for threshold in answers.about.thresholds:
        own = misses[misses["threshold"] == threshold]
        risks = own.groupby("customer", sort=False, observed=True)["probability"].max()
        worst = set(risks[risks > 0].sort_values(ascending=False, kind="stable").index[:most])
        customers = [customer for customer in risks.index if customer in worst]
        if not customers:
            continue
        key = "answers.misses.single" if single else "answers.misses"
        table = plain_table(text(lang, key, threshold=100 * threshold))
        table.add_column(text(lang, "column.variant"), overflow="fold")
        for customer in customers:
            label = answers.about.labels.asset(lang, str(customer)).replace("（", "\n（")  # where a reader breaks it
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
    """What each variant changes against the baseline, with the causes that changed most.

    Held against the plan in force that is the shortfall; held against the original plan, what was delivered and the completion of
    that plan. What two different plans are subtracted in is marked.
    """
    original = answers.about.against == "original"
    by_kpi = answers.tables["answer_differences"].groupby("kpi", sort=False)
    found = {str(kpi): frame.set_index("variant") for kpi, frame in by_kpi}
    told = found.get("delivered" if original else "shortfall")
    if told is None:
        _say_of_baseline(console, answers, lang)
        return
    names = dict(_names(answers, lang))
    beside = found.get("completion_original" if original else "delivered")
    held = found.get("shortfall")
    other_plan = set() if held is None else set(held.index[~held["comparable"]])
    mixed = set() if beside is None else set(beside.index[~beside["comparable"]])
    marked = mixed if original else other_plan
    table = plain_table(text(lang, "answers.deliveries" if original else "answers.changes"))
    table.add_column(text(lang, "column.variant"), overflow="fold")
    table.add_column(text(lang, "column.difference"), justify="right", no_wrap=True)
    table.add_column(text(lang, "column.interval"), justify="right", no_wrap=True)
    shown_beside = beside is not None and (original or bool(other_plan))
    if shown_beside:
        key = "column.original_change" if original else "column.delivered_change"
        table.add_column(text(lang, key), justify="right", min_width=10)
    table.add_column(text(lang, "column.causes"), overflow="fold")
    for row in _rows(told.head(MOST_VARIANTS).reset_index()):
        variant = int(row.variant)
        sign = " †" if variant in marked else ""
        cells = [f"{row.difference:+,.0f}", _interval(row)]
        if not original:
            cells[0] += sign
        if shown_beside and beside is not None:
            change = beside["difference"].get(variant, float("nan"))
            cells.append(f"{100 * change:+.1f} %{sign}" if original else f"{change:+,.0f}")
        causes = _causes(answers, variant, lang)
        if original and variant in other_plan:
            causes = text(lang, "answers.other_plan")
        table.add_row(names[variant], *cells, causes)
    console.print(table)
    if marked:
        console.print(text(lang, "answers.mixed_original" if original else "answers.mixed"), style="bright_black")
    console.print(text(lang, "answers.baseline", name=names.get(answers.about.baseline, "")), style="bright_black")
    console.print()
    _say_of_baseline(console, answers, lang)


def _interval(row: Any) -> str:
    return "–" if row.low != row.low else f"{row.low:+,.0f} … {row.high:+,.0f}"


def _causes(answers: Answers, variant: int, lang: str) -> str:
    """The causes of shortfall that changed most, a line each."""
    causes = answers.tables["answer_causes"]
    least = max(LEAST_T, LEAST_SHARE * float(causes["change_t"].abs().max()) if len(causes) else 0.0)
    own = causes[(causes["variant"] == variant) & (causes["change_t"].abs() >= least)].head(MOST_CAUSES)
    told = [
        f"{c.change_t:+,.0f} {CAUSES[str(c.cause)][lang == 'zh']}" + _place(answers, lang, c.asset) for c in _rows(own)
    ]
    return "\n".join(told) or "–"


def _say_of_baseline(console: Console, answers: Answers, lang: str) -> None:
    note = baseline_note(answers, lang)
    if note:
        console.print(note, style="yellow", soft_wrap=True)
        console.print()


def _place(answers: Answers, lang: str, asset: Any) -> str:
    if not isinstance(asset, str):
        return ""
    label = answers.about.labels.asset(lang, asset)
    return f"（{label}）" if lang == "zh" else f" ({label})"


def _tornado(console: Console, answers: Answers, lang: str) -> None:
    """What each factor does to the figures asked about, the widest first."""
    tornado = answers.tables["answer_tornado"]
    for name in answers.about.tornado:
        own = tornado[tornado["kpi"] == name]
        if own.empty:
            continue
        unit = str(own["unit"].iloc[0])
        figure = answers.about.figure(lang, name) + (f" ({unit})" if unit not in ("", "1") else "")
        table = plain_table(text(lang, "answers.tornado", kpi=figure))
        table.add_column(text(lang, "column.factor"), overflow="fold")
        for key in ("column.at_low", "column.at_high", "column.swing"):
            table.add_column(text(lang, key), justify="right", no_wrap=True)
        drawn = bool(own["correlation"].notna().any())
        if drawn:
            table.add_column(text(lang, "column.correlation"), justify="right")
        widest = float(own["swing"].max())
        longest = BAR if console.width >= NARROW else BAR // 2
        for row in _rows(own.head(MOST_VARIANTS)):
            bar = "█" * round(longest * row.swing / widest) if row.swing >= least_seen(unit) else ""
            cells = [
                f"{amount(row.at_low, unit)} [{row.low_level}]",
                f"{amount(row.at_high, unit)} [{row.high_level}]",
                f"{bar} {amount(row.swing, unit)}",
            ]
            correlation = [f"{row.correlation:+.2f}" if row.correlation == row.correlation else "–"] if drawn else []
            table.add_row(answers.about.factor(lang, str(row.factor)), *cells, *correlation)
        console.print(table)
        if widest < least_seen(unit):
            console.print(text(lang, "answers.nothing_moves"), style="bright_black")
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
