"""A draft adjustment order: its lines with their reasons, its proof by simulation, and the study in which it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from chainsim.analysis.display import card, grid
from chainsim.analysis.frames import Frames
from chainsim.analysis.pictures import Picture
from chainsim.errors import InputError, told_in
from chainsim.mistakes import mistake
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.analysis.studies import Study
    from chainsim.model import AdjustmentOrder
    from chainsim.workflow_orders import Optimized

MOST_LINES = 12


@dataclass(frozen=True)
class Proposal:
    """What ``study.optimize`` proposes. The seller may not change the plan: this is a draft to ask for."""

    study: Study
    outcome: Optimized

    @cached_property
    def document(self) -> AdjustmentOrder | None:
        """The order as a value, its reason in the study's language; ``None`` where no order does better than none."""
        return self.outcome.order(self.study.lang)

    @property
    def order(self) -> pd.DataFrame:
        """Its lines: tonnes before and after, why, what they mend and what binds. Empty where no order does better."""
        return self.tables.draft_order

    @property
    def proof(self) -> pd.DataFrame:
        """Every customer's figures without the order, with it as simulated, and as promised."""
        return self.tables.order_proof

    @property
    def causes(self) -> pd.DataFrame:
        """The causes of every customer's shortfall before and after."""
        return self.tables.order_causes

    @property
    def levels(self) -> pd.DataFrame:
        """What each level of the objective reached, in their order."""
        return self.tables.order_levels

    @cached_property
    def tables(self) -> Frames:
        """All its tables."""
        from chainsim.optimization.catalogue import ORDER_TABLES

        return Frames(self.outcome.tables, ORDER_TABLES, self.study.lang)

    @property
    def plot(self) -> ProposalPlots:
        """Pictures of the order."""
        return ProposalPlots(self)

    def apply(self) -> Study:
        """The study with the order approved; the study itself where there is none."""
        from chainsim.optimization.writing import order_row

        order, outcome = self.document, self.outcome
        if order is None:
            return self.study
        row = order_row(replace(order, state="approved"), outcome.scenario, outcome.amount_unit)
        with told_in(self.study.lang):
            return self.study.with_order(row)

    def save(self, path: str | Path) -> Path:
        """The draft as an overlay that ``chainsim run`` accepts, as ``chainsim optimize --order`` writes it.

        Only of a study that is as its files say: the overlay extends them.
        """
        from chainsim.workflow_orders import refuse_other_file, write_order

        path = Path(path)
        with told_in(self.study.lang):
            if self.study.changes:
                raise InputError(
                    [mistake("analysis-changed", "analysis.changed", file=path.as_posix(), found=self.study.name)]
                )
            if self.document is None:
                raise InputError([mistake("analysis-no_order", "analysis.no_order", file=path.as_posix())])
            refuse_other_file(path)
            write_order(self.outcome, path, self.study.lang)
        return path

    def __repr__(self) -> str:
        number = "no order" if self.document is None else self.document.number
        return f"<Proposal for {self.study.name}: {number}>"

    def _repr_html_(self) -> str:
        from chainsim.charts.chart import lines_of

        lang, labels, order = self.study.lang, self.outcome.labels, self.document
        if order is None:
            return card(text(lang, "analysis.proposal"), [text(lang, "analysis.no_order")], lang)
        heads = tuple(
            text(lang, f"analysis.head.{key}") for key in ("customer", "grade", "month", "before_t", "after_t", "why")
        )
        rows = [
            (
                labels.asset(lang, row.customer),
                labels.grade(lang, row.grade),
                f"{row.month:%Y-%m}",
                f"{row.before_t:,.0f}",
                f"{row.after_t:,.0f}",
                row.why_zh if lang == "zh" else row.why_en,
            )
            for row in lines_of(self.order.head(MOST_LINES))
        ]
        left = len(self.order) - len(rows)
        more = [text(lang, "analysis.more_lines", count=left)] if left > 0 else []
        proof = self.proof
        moved = proof[(proof["completion_after"] - proof["completion_before"]).abs() >= 0.0005]
        joint = "、" if lang == "zh" else ", "
        proven = joint.join(
            f"{labels.asset(lang, row.customer)} {row.completion_before:.1%} → {row.completion_after:.1%}"
            for row in lines_of(moved)
        )
        title = text(lang, "analysis.proposal_of", number=order.number)
        lines = [order.reason, *([text(lang, "analysis.proven", customers=proven)] if proven else []), *more]
        return card(title, lines, lang, grid(heads, rows, lang, numbers=(3, 4)))


@dataclass(frozen=True)
class ProposalPlots:
    """A proposal's charts."""

    proposal: Proposal

    def order(self) -> Picture:
        """The order's lines, tonnes before and after."""
        from chainsim.charts import order_chart
        from chainsim.charts.chart import lines_of

        lang, labels = self.proposal.study.lang, self.proposal.outcome.labels
        lines = [
            (
                f"{labels.asset(lang, row.customer)} {labels.grade(lang, row.grade)} {row.month:%Y-%m}",
                row.before_t,
                row.after_t,
            )
            for row in lines_of(self.proposal.order)
        ]
        return Picture(order_chart(lines, lang), lang)

    def proof(self) -> Picture:
        """Every customer's completion without the order and with it, as simulated."""
        from chainsim.charts import variants_chart

        lang, labels = self.proposal.study.lang, self.proposal.outcome.labels
        proof = self.proposal.proof
        names = [labels.asset(lang, customer) for customer in proof["customer"]]
        variants = {
            text(lang, f"analysis.head.{when}"): dict(zip(names, proof[f"completion_{column}"].tolist(), strict=True))
            for when, column in (("without", "before"), ("with", "after"))
        }
        return Picture(variants_chart(variants, lang, name=text(lang, "analysis.head.completion"), ratio=True), lang)
