"""The workbook of a comparison: runs side by side on one page, then every difference as lists."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from chainsim.charts.palette import LINE, ink_on
from chainsim.reports.export import COMPARISON_TABLES
from chainsim.reports.sheets import Book, Mark, Sheet, list_sheet, number_format
from chainsim.reports.workbook import dictionary_sheet, filled_workbook
from chainsim.results import KPIS, Labels, effects
from chainsim.results.catalogue_difference import EFFECTS, FIGURE_TEXTS, FIGURES

if TYPE_CHECKING:
    import pandas as pd

_CREATED = date(2008, 1, 1)
"""A fixed date of creation, or equal input would not give equal bytes."""
_WORSE: Mark = ("#F4A6A0", "#7A0C04")
_BETTER: Mark = ("#C6E7CE", "#0B5A1E")
_GOOD_WHEN_MORE = frozenset({
    "completion", "completion_by_grade", "completion_original", "completion_petrochina", "completion_sinopec",
    "completion_local", "lowest_completion", "jain_fairness", "jain_fairness_local", "delivered", "supplied",
    "outlet_clear_days",
})  # fmt: skip
_BAD_WHEN_MORE = frozenset({
    "shortfall", "curtailed", "days_full", "days_curtailed", "farms_ever_full", "completion_spread",
    "train_delay", "lost",
})  # fmt: skip
"""Figures of which a change can be called good or bad, whatever the question; others are left uncoloured."""
_STOCKS = ("days_full", "days_dry", "curtailed", "days_curtailed")
_Key = tuple[str, str]
_SIGNED_T = "+#,##0;-#,##0;0"
_LEAST_T = 0.5
_LEAST_SHOWN = {"t": _LEAST_T, "d": 0.05, "1": 0.0005, "": 0.5}
"""Smaller changes print as 0."""
_LEAST = 5e-4
"""A share of the whole below which a change is not on the first page; the lists have all."""


@dataclass(frozen=True, slots=True)
class Side:
    """One run: what it is called, its tables ``kpis`` and ``asset_figures``, how its assets are called, its colour (#RRGGBB)."""

    name: str
    tables: Mapping[str, pd.DataFrame]
    labels: Labels
    colour: str

    @property
    def mark(self) -> Mark:
        """Its colour, and a text's on it."""
        return self.colour, ink_on(self.colour)


def comparison_workbook_bytes(sides: Sequence[Side], tables: Mapping[str, pd.DataFrame], lang: str) -> bytes:
    """The workbook in ``lang`` ("en" or "zh"); ``tables`` are ``COMPARISON_TABLES``, of every run but the first."""
    labels = Labels(
        {name: label for side in reversed(sides) for name, label in side.labels.assets.items()},
        {name: label for side in reversed(sides) for name, label in side.labels.grades.items()},
    )

    marks = {side.name: side.mark for side in sides}
    # Of two runs all lists are about the second: its tabs. Of more, each list is about several, told apart by their cells.
    tab = sides[1].colour if len(sides) == 2 else LINE

    def fill(book: Book) -> None:
        common = replace(book, tab=LINE)
        book = replace(book, tab=tab)
        _side_by_side(common, sides, tables)
        for name, table in COMPARISON_TABLES.items():
            other = "en" if lang == "zh" else "zh"
            columns = [c.name for c in table.columns if not c.name.endswith(f"_{other}") and c.name not in _LAST]
            columns = sorted(columns, key=lambda name: name not in ("run", f"header_{lang}"))
            columns += [c.name for c in table.columns if c.name in _LAST]
            wraps = {name: width for name, width in _WRAPS.items() if name in columns}
            frame = _labelled(book, tables[name])
            runs = {"run": [marks[str(run)] for run in frame["run"]]}
            list_sheet(book, book.text(f"compare.{name}"), table, frame, columns, wraps=wraps, marks=runs)
        dictionary_sheet(common, COMPARISON_TABLES.values())

    return filled_workbook(" · ".join(side.name for side in sides), _CREATED, labels, lang, fill)


_LAST = ("figure", "detail")
"""Columns for programs, at the end."""
_WRAPS = {"message_en": 62.0, "message_zh": 62.0, "path": 46.0, "before": 24.0, "after": 24.0}


def _labelled(book: Book, frame: pd.DataFrame) -> pd.DataFrame:
    """Names as a reader knows them."""
    shown = frame.copy()
    for column in ("subject", "customer", "asset", "cause_asset"):
        if column in shown:
            shown[column] = [book.labels.asset(book.lang, str(name)) if name else "" for name in shown[column]]
    if "grade" in shown:
        shown["grade"] = [book.labels.grade(book.lang, str(name)) if name else "" for name in shown["grade"]]
    if "cause" in shown and str(shown["cause"].dtype) != "category":
        shown["cause"] = [book.subject(str(name)) if name else "" for name in shown["cause"]]
    return shown


def _side_by_side(book: Book, sides: Sequence[Side], tables: Mapping[str, pd.DataFrame]) -> None:
    sheet = book.sheet(book.text("compare.side_by_side"))
    row = sheet.title(book.text("compare.title"), book.text("compare.note").format(name=sides[0].name))
    weights = _weights(tables["differences"])
    zh = book.lang == "zh"
    lines = [
        _Line(weights[kpi.name, ""], kpi.header_zh if zh else kpi.header_en, "", kpi.unit, (kpi.name, ""))
        for kpi in KPIS
        if weights.get((kpi.name, ""), 0.0) >= _LEAST
    ]
    row = _section(sheet, row, "compare.figures", sides, lines, [_figures(side) for side in sides])
    row = _causes(sheet, row + 1, sides, tables["difference_causes"])
    assets = [_assets(side) for side in sides]
    for title, chosen in (("compare.customers", ("completion",)), ("compare.stocks", _STOCKS)):
        lines = [
            _Line(weight, FIGURE_TEXTS[key[0]][zh], book.labels.asset(book.lang, key[1]), FIGURES[key[0]][0], key)
            for key, weight in weights.items()
            if key[0] in chosen and key[1] and weight >= _LEAST
        ]
        row = _section(sheet, row + 1, title, sides, lines, assets)
    sheet.worksheet.freeze_panes(3, 2)
    sheet.fit({0: 34.0, 1: 40.0})


@dataclass(frozen=True, slots=True)
class _Line:
    """A figure to show; ``key`` is (figure, subject)."""

    weight: float
    header: str
    subject: str
    unit: str
    key: _Key


def _section(
    sheet: Sheet,
    row: int,
    title: str,
    sides: Sequence[Side],
    lines: Sequence[_Line],
    values: Sequence[Mapping[_Key, float]],
) -> int:
    """A table of figures, the heaviest first: each run's value, then each other run's change. Returns the next free row."""
    book = sheet.book
    row = sheet.section(row, book.text(title))
    names = [side.name for side in sides]
    heads = [book.text("compare.figure"), book.text("compare.subject"), *names]
    heads += [book.text("compare.change").format(name=name) for name in names[1:]]
    marks = dict(enumerate((side.mark for side in (*sides, *sides[1:])), start=2))
    row = sheet.headings(row, heads, marks=marks)
    if not lines:
        sheet.put(row, 0, book.text("none"), book.format(font_color="#666666"))
        return row + 1
    for line in sorted(lines, key=lambda line: -line.weight):
        unit = line.unit
        style = number_format(unit) + ("" if unit in ("1", "") else f'" {unit}"')
        sheet.put(row, 0, line.header, book.format())
        sheet.put(row, 1, line.subject, book.format())
        amounts = [found.get(line.key, math.nan) for found in values]
        for column, amount in enumerate(amounts, start=2):
            sheet.put(row, column, _known(amount), book.format(num_format=style))
        for column, amount in enumerate(amounts[1:], start=2 + len(amounts)):
            change = amount - amounts[0]
            signed = f"+{style};-{style};0"
            sheet.put(
                row, column, _known(change), book.format(num_format=signed, **_colours(line.key[0], unit, change))
            )
        row += 1
    return row


def _causes(sheet: Sheet, row: int, sides: Sequence[Side], causes: pd.DataFrame) -> int:
    """Cause and asset by run: tonnes of deliveries more or less, and their sum."""
    book = sheet.book
    row = sheet.section(row, book.text("compare.causes"))
    names = [side.name for side in sides[1:]]
    marks = dict(enumerate((side.mark for side in sides[1:]), start=2))
    row = sheet.headings(row, [book.text("compare.cause"), book.text("compare.asset"), *names], marks=marks)
    sums: dict[str, dict[_Key, float]] = {}
    for name in names:
        found: list[Any] = list(effects(causes[causes["run"] == name], "cause", "asset").itertuples())
        sums[name] = {(str(line.cause), str(line.asset)): line.delivered_change_t for line in found}
    keys = dict.fromkeys(key for changes in sums.values() for key in changes)
    largest = {key: max(abs(changes.get(key, 0.0)) for changes in sums.values()) for key in keys}
    for key in sorted((key for key in keys if largest[key] >= _LEAST_T), key=lambda key: -largest[key]):
        sheet.put(row, 0, EFFECTS[key[0]][book.lang == "zh"], book.format())
        sheet.put(row, 1, book.labels.asset(book.lang, key[1]) if key[1] else "", book.format())
        for column, name in enumerate(names, start=2):
            sheet.put(row, column, round(sums[name].get(key, 0.0)), book.format(num_format=_SIGNED_T))
        row += 1
    total = {"bold": True, "top": 1}
    sheet.put(row, 0, book.text("compare.deliveries"), book.format(**total))
    sheet.put(row, 1, None, book.format(**total))
    for column, name in enumerate(names, start=2):
        sheet.put(row, column, sum(sums[name].values()), book.format(num_format=_SIGNED_T, **total))
    return row + 1


def _known(amount: float) -> float | None:
    return None if math.isnan(amount) else amount


def _colours(figure: str, unit: str, change: float) -> dict[str, str]:
    good = change > 0 if figure in _GOOD_WHEN_MORE else change < 0 if figure in _BAD_WHEN_MORE else None
    if good is None or math.isnan(change) or abs(change) < _LEAST_SHOWN[unit]:
        return {}
    background, ink = _BETTER if good else _WORSE
    return {"bg_color": background, "font_color": ink}


def _weights(differences: pd.DataFrame) -> dict[_Key, float]:
    """(figure, subject) → its largest weight in any run."""
    out: dict[_Key, float] = {}
    for figure, subject, weight in zip(*(differences[c] for c in ("figure", "subject", "weight")), strict=True):
        out[figure, subject] = max(out.get((figure, subject), 0.0), weight)
    return out


def _figures(side: Side) -> dict[_Key, float]:
    """The run's key figures."""
    kpis = side.tables["kpis"]
    return {(str(name), ""): float(value) for name, value in zip(kpis["name"], kpis["value"], strict=True)}


def _assets(side: Side) -> dict[_Key, float]:
    """The figures of its assets."""
    frame = side.tables["asset_figures"]
    rows = zip(frame["figure"], frame["subject"], frame["value"], strict=True)
    return {(str(figure), str(subject)): float(value) for figure, subject, value in rows}
