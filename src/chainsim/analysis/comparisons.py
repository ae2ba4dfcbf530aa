"""Runs side by side: what differs, and which causes the difference is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from chainsim.analysis.display import card, grid
from chainsim.analysis.frames import Frames
from chainsim.analysis.pictures import Picture, known
from chainsim.errors import told_in
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim import workflow_compare
    from chainsim.analysis.runs import Run
    from chainsim.results import Difference

Against = Literal["plan", "original"]
"""The plan in force, or the one before orders."""
MOST_ROWS = 8
LEAST_SHOWN_T = 0.5
"""Less would print as 0 t."""


@dataclass(frozen=True)
class Comparison:
    """Runs and what each but the first differs in from the first."""

    runs: tuple[Run, ...]

    @property
    def lang(self) -> str:
        """The language of the first."""
        return self.runs[0].study.lang

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the runs are called: no two alike."""
        from chainsim.workflow_compare import apart

        return apart(run.study.name for run in self.runs)

    @cached_property
    def tables(self) -> Frames:
        """``differences``, ``difference_causes``, ``input_changes`` and ``finding_changes``, with the column ``run`` in front."""
        from chainsim.results.catalogue_difference import DIFFERENCE_TABLES
        from chainsim.rules import FINDING_CHANGES, RUN_COLUMN

        declared = {
            t.name: replace(t, columns=(RUN_COLUMN, *t.columns)) for t in (*DIFFERENCE_TABLES.values(), FINDING_CHANGES)
        }
        return Frames(self.outcome.tables(), declared, self.lang)

    def causes(self, customer: str | None = None) -> pd.DataFrame:
        """Why deliveries differ, by ``run``, ``cause`` and ``asset``: ``delivered_change_t`` adds up to the difference.

        Of one customer ``completion_change`` adds up to the difference of its completion too. The largest come first.
        """
        import pandas as pd

        from chainsim.results import effects

        with told_in(self.lang):
            if customer is not None:
                known("customer", customer, self.runs[0].tables.completion["customer"].cat.categories)
        parts = []
        for name, found in zip(self.names[1:], self.differences, strict=True):
            rows = found.causes if customer is None else found.causes[found.causes["customer"] == customer]
            own = effects(rows, "cause", "asset")
            own.insert(0, "run", name)
            parts.append(own)
        return pd.concat(parts, ignore_index=True)

    def completion(self, *, against: Against = "plan") -> pd.DataFrame:
        """Completion over the run by customer, a column for each run; ``against="original"``: the plan before orders.

        An order raises the plan of whom it helps: what it is worth shows against the original plan.
        """
        import pandas as pd

        return pd.DataFrame(
            {name: _completions(run, against) for name, run in zip(self.names, self.runs, strict=True)}
        ).rename_axis("customer")

    @property
    def plot(self) -> ComparisonPlots:
        """Pictures of the runs side by side."""
        return ComparisonPlots(self)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Each run's from the first."""
        from chainsim.results import difference

        first, *others = self.runs
        return tuple(difference(first.tables, other.tables) for other in others)

    @cached_property
    def outcome(self) -> workflow_compare.Comparison:
        """As ``chainsim.workflow_compare`` gives it, with what the rules found."""
        from chainsim.rules import finding_changes
        from chainsim.workflow_compare import Comparison, side_of

        sides = [
            replace(side_of(run.outcome, run.study.path), name=name)
            for name, run in zip(self.names, self.runs, strict=True)
        ]
        changes = tuple(finding_changes(sides[0].findings, other.findings) for other in sides[1:])
        return Comparison(tuple(sides), self.differences, changes)

    def write(self, folder: str | Path) -> Path:
        """The tables of differences as Parquet and CSV, as ``chainsim compare --out`` writes them."""
        from chainsim.workflow_compare import write_comparison

        with told_in(self.lang):
            write_comparison(self.outcome, Path(folder), None, self.lang)
        return Path(folder)

    def to_excel(self, path: str | Path) -> Path:
        """The workbook that ``chainsim compare --xlsx`` writes."""
        from chainsim.workflow_compare import write_comparison

        with told_in(self.lang):
            write_comparison(self.outcome, None, Path(path), self.lang)
        return Path(path)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.names)}>"

    def _repr_html_(self) -> str:
        from chainsim.charts.chart import lines_of
        from chainsim.results.catalogue_difference import EFFECTS

        lang, labels = self.lang, self.runs[0].labels
        figures = [run.kpis for run in self.runs]
        lines = [
            text(
                lang,
                "analysis.against",
                run=name,
                first=self.names[0],
                change=own["delivered"] - figures[0]["delivered"],
                before=figures[0]["completion"],
                after=own["completion"],
            )
            for name, own in zip(self.names[1:], figures[1:], strict=True)
        ]
        heads = tuple(text(lang, f"analysis.head.{key}") for key in ("run", "cause", "asset", "change_t"))
        causes = self.causes()
        causes = causes[causes["delivered_change_t"].abs() >= LEAST_SHOWN_T]
        rows = [
            (
                row.run,
                EFFECTS[row.cause][lang == "zh"],
                labels.asset(lang, row.asset),
                f"{row.delivered_change_t:+,.0f}",
            )
            for _, own in causes.groupby("run", sort=False)
            for row in lines_of(own.head(MOST_ROWS))
        ]
        return card(text(lang, "analysis.comparison"), lines, lang, grid(heads, rows, lang, numbers=(3,)))


@dataclass(frozen=True)
class ComparisonPlots:
    """A comparison's charts."""

    comparison: Comparison

    def completion(self, *, against: Against = "plan") -> Picture:
        """Every customer's completion in every run, against the plan in force or the original one."""
        from chainsim.charts import variants_chart

        lang, labels = self.comparison.lang, self.comparison.runs[0].labels
        variants = {
            name: {
                labels.asset(lang, customer): value
                for customer, value in _completions(run, against).items()
                if value == value
            }
            for name, run in zip(self.comparison.names, self.comparison.runs, strict=True)
        }
        return Picture(variants_chart(variants, lang, name=text(lang, "analysis.head.completion"), ratio=True), lang)


def _completions(run: Run, against: Against) -> dict[str, float]:
    """Customer → delivered over plan."""
    rows = run.tables.customer_months
    columns = ["delivered_t", "plan_t" if against == "plan" else "original_plan_t"]
    sums = rows.groupby("customer", observed=True, sort=False)[columns].sum()
    return {
        str(name): float(delivered / plan) if plan > 0 else float("nan")
        for name, (delivered, plan) in zip(sums.index, sums.to_numpy(), strict=True)
    }
