"""Charts as values: shown in a notebook, saved as SVG or PNG, or handed to a page as an ECharts option."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.errors import InputError, told_in
from chainsim.mistakes import mistake
from chainsim.model.messages import name_list, nearest_name

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.charts import Chart
    from chainsim.results import Labels

Day = str | date | datetime
"""A day or a moment: ``"2008-04-10"``, ``"2008-04-10 08:00"``, or what ``datetime`` and pandas make of it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart. A notebook shows it as SVG; nothing is fetched, no browser is needed."""

    chart: Chart
    lang: str

    @property
    def option(self) -> dict[str, Any]:
        """The ECharts option: plain JSON, for any page with ECharts."""
        return self.chart.option

    @property
    def alt(self) -> str:
        """What the chart shows, in words."""
        return self.chart.alt

    def svg(self) -> str:
        """The chart as one SVG element; equal charts give equal text."""
        from chainsim.charts import svg

        words = json.dumps(self.chart.option, ensure_ascii=False)
        return svg(self.chart, prefix="c" + hashlib.sha256(words.encode()).hexdigest()[:8])

    def save(self, path: str | Path) -> Path:
        """Write it to ``path``, which ends in ``.svg`` or ``.png``; the path. Whole or not at all."""
        from chainsim.charts import font_note, png
        from chainsim.reports import whole_file

        path = Path(path)
        with told_in(self.lang):
            if path.suffix.lower() not in (".svg", ".png"):
                raise InputError(
                    [
                        mistake(
                            "analysis-picture_file",
                            "analysis.picture_file",
                            file=path.as_posix(),
                            accepted="*.svg, *.png",
                        )
                    ]
                )
            with whole_file(path) as temporary:
                if path.suffix.lower() == ".svg":
                    temporary.write_text(self.svg() + "\n", encoding="utf-8")
                else:
                    temporary.write_bytes(png(self.chart))
        if path.suffix.lower() == ".png" and (note := font_note(self.lang)):
            warnings.warn(note, stacklevel=2)
        return path

    def _repr_html_(self) -> str:
        return f'<div style="max-width:{self.chart.width}px">{self.svg()}</div>'

    def __repr__(self) -> str:
        return f"<Picture: {self.alt}>"


class Plots:
    """A run's charts: ``run.plot.stocks("lanzhou_depot")``."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], labels: Labels, lang: str) -> None:
        self._given = tables, labels, lang
        self._tables, self._labels, self._lang = tables, labels, lang

    def stocks(self, holder: str, *, since: Day | None = None, until: Day | None = None) -> Picture:
        """The stock of a farm or a customer between heel and safe fill, and when it is full."""
        from chainsim.charts import stock_chart

        with told_in(self._lang):
            known("holder", holder, self._names("inventory_totals", "holder"))
            begin, end = moment("since", since), moment("until", until)
            return self._shown(stock_chart(*self._given, holder, since=begin, until=end))

    def completion(self, *, by_grade: bool = False, customer: str | None = None) -> Picture:
        """Customer × month, each cell its completion on its band's colour."""
        from chainsim.charts import completion_chart

        with told_in(self._lang):
            self._customer(customer)
            return self._shown(completion_chart(*self._given, by_grade=by_grade, customer=customer))

    def waterfall(self, customer: str | None = None, *, month: Day | None = None, grade: str | None = None) -> Picture:
        """From plan to deliveries by cause: the changes add up. Without a customer, of all of them."""
        from chainsim.charts import waterfall_chart

        with told_in(self._lang):
            self._customer(customer)
            if grade is not None:
                known("grade", grade, self._names("completion", "grade"))
            of = first_of_month("month", month)
            return self._shown(waterfall_chart(*self._given, customer=customer, month=of, grade=grade))

    def network(self, *, since: Day | None = None, until: Day | None = None) -> Picture:
        """The network over [since, until): mean flows as widths, levels at the end, completion, outages."""
        from chainsim.charts import network_chart

        with told_in(self._lang):
            begin, end = moment("since", since), moment("until", until)
            return self._shown(network_chart(*self._given, since=begin, until=end))

    def batches(
        self, pipelines: str | Sequence[str] | None = None, *, since: Day | None = None, until: Day | None = None
    ) -> Picture:
        """The batches of lines as they travel. Without names, of all lines that run in batches."""
        from chainsim.charts import batches_chart

        with told_in(self._lang):
            wanted = [pipelines] if isinstance(pipelines, str) else pipelines
            for name in wanted or ():
                known("pipelines", name, self._names("batches", "pipeline"))
            begin, end = moment("since", since), moment("until", until)
            return self._shown(batches_chart(*self._given, pipelines=wanted, since=begin, until=end))

    def trains(self, railway: str | None = None, *, since: Day | None = None, until: Day | None = None) -> Picture:
        """Every train from its loading to its arrival; late ones stand out."""
        from chainsim.charts import trains_chart

        with told_in(self._lang):
            if railway is not None:
                known("railway", railway, self._names("trains", "railway"))
            begin, end = moment("since", since), moment("until", until)
            return self._shown(trains_chart(*self._given, railway=railway, since=begin, until=end))

    def _shown(self, chart: Chart) -> Picture:
        return Picture(chart, self._lang)

    def _names(self, table: str, column: str) -> list[str]:
        return list(dict.fromkeys(self._tables[table][column].dropna().astype("str")))

    def _customer(self, name: str | None) -> None:
        if name is not None:
            known("customer", name, self._names("completion", "customer"))


def known(argument: str, name: str, names: Iterable[str]) -> None:
    """Raise ``InputError`` if ``name`` is none of ``names``."""
    there = list(names)
    if name not in there:
        raise InputError(
            [
                mistake("analysis-unknown", "analysis.unknown", path=argument, found=str(name), accepted=name_list(there, 20),
                        nearest=nearest_name(str(name), there))
            ]
        )  # fmt: skip


def moment(argument: str, when: Day | None) -> datetime | None:
    """What a person wrote as a moment; raises ``InputError`` where it is none."""
    from chainsim.files.quantities import BadValueError, read_instant

    if when is None:
        return None
    try:
        return read_instant(when)
    except BadValueError:
        raise InputError(
            [mistake("analysis-no_day", "analysis.no_day", path=argument, found=str(when), accepted="2008-04-10")]
        ) from None


def first_of_month(argument: str, when: Day | None) -> date | None:
    """The first of the month of a day, or of ``"2008-04"``."""
    day = moment(argument, f"{when}-01" if isinstance(when, str) and len(when) == 7 else when)
    return None if day is None else day.date().replace(day=1)
