"""A run as an analyst asks of it: tables, findings, causes, pictures, files, and what another run does differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from chainsim.analysis.display import card, grid
from chainsim.analysis.frames import Frames, Lazily
from chainsim.analysis.pictures import Day, Plots, first_of_month, known
from chainsim.errors import told_in
from chainsim.records import CAUSES
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim import workflow
    from chainsim.analysis.comparisons import Comparison
    from chainsim.analysis.studies import Study
    from chainsim.results import Labels, Tables

MOST_ROWS = 24


@dataclass(frozen=True)
class Run:
    """One rehearsal of a study. Tables are made, and rules applied, when they are first asked for."""

    study: Study
    _results: Tables = field(repr=False)

    @cached_property
    def tables(self) -> Frames:
        """The declared tables, pandas frames: ``run.tables.completion``, ``run.tables["inventory"]``."""
        from chainsim.results import TABLES
        from chainsim.rules import FINDINGS, RULE_RESULTS, WORK_ORDERS

        told = {table.name: table for table in (FINDINGS, WORK_ORDERS, RULE_RESULTS)}
        makers = {name: _of(self._results, name) for name in TABLES} | {name: self._told(name) for name in told}
        return Frames(Lazily(makers), {**TABLES, **told}, self.study.lang)

    @property
    def findings(self) -> pd.DataFrame:
        """What the rules found, the gravest first: the table ``findings``."""
        return self.outcome.findings

    @cached_property
    def kpis(self) -> pd.Series:
        """The key figures by name; units and meanings are in ``run.tables.kpis``."""
        frame = self._results["kpis"]
        figures = frame.set_index(frame["name"].astype("str"))["value"].astype("float64")
        return figures.rename_axis("kpi").rename(self.study.name)

    def causes(
        self, customer: str | None = None, *, month: Day | None = None, grade: str | None = None
    ) -> pd.DataFrame:
        """Why a customer (or all of them) fell short: ``cause``, ``asset``, ``shortfall_t`` and its ``share``, largest first.

        They add up to the shortfall of the same customer, month and grade in ``completion``. ``cause_text`` and ``asset_text``
        are for readers, in the study's language.
        """
        lang = self.study.lang
        rows = self._results["shortfalls"]
        with told_in(lang):
            for column, wanted in (("customer", customer), ("grade", grade)):
                if wanted is not None:
                    known(column, wanted, self._results["completion"][column].cat.categories)
                    rows = rows[rows[column] == wanted]
            first = first_of_month("month", month)
            if first is not None:
                rows = rows[rows["month"] == f"{first}"]
        keys = [rows["cause"].astype("str").rename("cause"), rows["asset"].astype("str").fillna("").rename("asset")]
        sums = (
            rows["shortfall_t"]
            .groupby(keys, sort=False)
            .sum()
            .sort_values(ascending=False, kind="stable")
            .reset_index()
        )
        labels = self.labels
        sums["share"] = sums["shortfall_t"] / sums["shortfall_t"].sum()
        sums["cause_text"] = [CAUSES[cause][lang == "zh"] for cause in sums["cause"]]
        sums["asset_text"] = [labels.asset(lang, asset) if asset else "" for asset in sums["asset"]]
        return sums

    @cached_property
    def plot(self) -> Plots:
        """Pictures: ``run.plot.stocks("lanzhou_depot")``, ``run.plot.waterfall("yumen")``."""
        return Plots(self._results, self.labels, self.study.lang)

    @cached_property
    def labels(self) -> Labels:
        """Names for readers in both languages."""
        from chainsim.results import labels_of

        return labels_of(self.study.scenario)

    @cached_property
    def outcome(self) -> workflow.Run:
        """As ``chainsim.workflow.run`` gives it, rules applied."""
        from chainsim import workflow

        study = self.study
        with told_in(study.lang):
            outcome = workflow.judged(study.path, study.loaded, self._results, study._rules.book, study._rules.folder)
        if study.changes:
            outcome.manifest["changes"] = [f"{path} {value}" for path, value in study.changes]
        return outcome

    def compare(self, *others: Run) -> Comparison:
        """What ``others`` differ in from this run, and because of what."""
        from chainsim.analysis.comparisons import Comparison

        return Comparison((self, *others))

    def write(self, folder: str | Path) -> Path:
        """The results folder that ``chainsim run`` writes: Parquet, CSV and a manifest; whole or not at all."""
        from chainsim import workflow

        with told_in(self.study.lang):
            workflow.write(self.outcome, Path(folder))
        return Path(folder)

    def to_excel(self, path: str | Path, *, lang: str = "") -> Path:
        """The workbook that ``chainsim run --xlsx`` writes."""
        from chainsim.reports.workbook import write_workbook

        outcome, language = self.outcome, lang or self.study.lang
        with told_in(self.study.lang):
            return write_workbook(
                Path(path), outcome.scenario, outcome.tables, outcome.told, outcome.manifest, language
            )

    def report(self, path: str | Path, *, since: Run | None = None, lang: str = "") -> Path:
        """The page that ``chainsim report`` writes; ``since``: an earlier run to tell the changes from."""
        from chainsim.reports.report import report_html
        from chainsim.workflow_report import reported, write_report

        earlier = None if since is None else reported(since.outcome, since.study.name)
        page = report_html(reported(self.outcome), lang or self.study.lang, earlier)
        with told_in(self.study.lang):
            write_report(page, Path(path))
        return Path(path)

    def _told(self, name: str) -> Callable[[], pd.DataFrame]:
        return lambda: self.outcome.told[name]

    def __repr__(self) -> str:
        return f"<Run of {self.study.name}: {self.kpis['completion']:.1%} of {self.kpis['plan']:,.0f} t>"

    def _repr_html_(self) -> str:
        from chainsim.reports.report_sections import Reported, because, customers_of, headline

        lang = self.study.lang
        told = Reported(self.study.name, self._results, self.labels, {})
        heads = tuple(
            text(lang, f"analysis.head.{key}")
            for key in ("customer", "plan_t", "delivered_t", "completion", "main_cause")
        )
        rows = []
        for sums in customers_of(told)[:MOST_ROWS]:
            cause = because(self.labels, lang, *sums.causes[0][:2], sums.customer) if sums.causes else ""
            rows.append(
                (
                    self.labels.asset(lang, sums.customer),
                    f"{sums.plan_t:,.0f}",
                    f"{sums.delivered_t:,.0f}",
                    f"{sums.completion:.1%}" if sums.plan_t > 0 else "–",
                    cause,
                )
            )
        table = grid(heads, rows, lang, numbers=(1, 2, 3))
        return card(self.study.own_name or self.study.title, headline(told, lang), lang, table)


def _of(tables: Mapping[str, pd.DataFrame], name: str) -> Callable[[], pd.DataFrame]:
    return lambda: tables[name]
