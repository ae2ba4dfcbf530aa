"""The bulletin 运销情况通报 to one customer for one month: plan, transport, stock, prices, next month, outages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chainsim.model import Scenario
from chainsim.model.plan import next_month
from chainsim.records import CAUSES
from chainsim.reports.papers.paper import Paper, Paragraph, Part, TablePart, month_text, share_text, tonnes_text
from chainsim.reports.papers.texts import say
from chainsim.reports.sheets import records
from chainsim.results import Labels

if TYPE_CHECKING:
    import pandas as pd

_SMALL_T = 0.5


def bulletin_paper(
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    customer: str,
    month: date,
    *,
    issuer: str,
    lang: str,
) -> Paper:
    """The bulletin of ``month`` (its first day) to ``customer``, from a run's tables."""
    about = _About(scenario, tables, labels, customer, month, lang)
    parts: list[Part] = []
    for heading, content in (
        ("plan", about.plan()),
        ("transport", about.transport()),
        ("stock", about.stock()),
        ("prices", about.prices()),
        ("next", about.next_plan()),
        ("events", about.outages()),
    ):
        parts += [Paragraph(say(lang, f"bulletin.{heading}"), "heading"), *content]
    last = scenario.calendar_date(scenario.end_day)
    return Paper(
        title=say(lang, "bulletin.title", month=month_text(month, lang)),
        issuer=issuer,
        number=say(lang, "bulletin.number", year=month.year, month=month.month),
        recipients=say(lang, "to", names=labels.asset(lang, customer)),
        parts=parts,
        on=min(next_month(month), last),
        lang=lang,
    )


class _About:
    """One customer's month."""

    def __init__(
        self,
        scenario: Scenario,
        tables: Mapping[str, pd.DataFrame],
        labels: Labels,
        customer: str,
        month: date,
        lang: str,
    ) -> None:
        self.scenario, self.tables, self.labels, self.lang = scenario, tables, labels, lang
        self.customer, self.month = customer, month

    def say(self, key: str, **values: object) -> str:
        return say(self.lang, key, **values)

    def rows(self, table: str, **wanted: object) -> list[dict[str, Any]]:
        """Rows of a table with these values; a month or day within this month counts as it."""
        frame = self.tables[table]
        return [row for row in records(frame) if all(row[name] == value for name, value in wanted.items())]

    def of_month(self, table: str, month: date) -> list[dict[str, Any]]:
        start = datetime(month.year, month.month, 1)
        return self.rows(table, customer=self.customer, month=start)

    def plan(self) -> Sequence[Part]:
        """Completion, together and by grade, and why it is short."""
        lines = self.of_month("completion", self.month)
        whole = self.of_month("customer_months", self.month)[0]
        told = self.say(
            "bulletin.plan_text",
            plan=tonnes_text(whole["plan_t"]),
            delivered=tonnes_text(whole["delivered_t"]),
            completion=share_text(whole["completion"]),
            cumulative=share_text(whole["cumulative_completion"]),
        )
        rows = [
            [
                self.labels.grade(self.lang, line["grade"]),
                tonnes_text(line["plan_t"]),
                tonnes_text(line["delivered_t"]),
                share_text(line["completion"]),
                share_text(line["cumulative_completion"]),
            ]
            for line in lines
        ]
        keys = ("grade", "bulletin.plan_t", "bulletin.delivered_t", "bulletin.completion", "bulletin.cumulative")
        table = TablePart(
            headings=[self.say(key) for key in keys],
            rows=rows,
            total=[
                self.say("total"), tonnes_text(whole["plan_t"]), tonnes_text(whole["delivered_t"]),
                share_text(whole["completion"]), share_text(whole["cumulative_completion"]),
            ],
            aligns=("left", "right", "right", "right", "right"),
        )  # fmt: skip
        return [Paragraph(told), table, Paragraph(self._why())]

    def _why(self) -> str:
        sums: dict[tuple[str, str], float] = {}
        for row in self.of_month("shortfalls", self.month):
            key = (row["cause"], row["asset"] or "")
            sums[key] = sums.get(key, 0.0) + row["shortfall_t"]
        told = [
            self.say(
                "bulletin.cause",
                cause=CAUSES[cause][self.lang == "zh"],
                tonnes=tonnes_text(tonnes),
                asset=self.labels.asset(self.lang, asset) if asset else "–",
            )
            for (cause, asset), tonnes in sorted(sums.items(), key=lambda item: -item[1])
            if tonnes > _SMALL_T
        ]
        return (
            self.say("bulletin.short", causes=self.say("stop").join(told)) if told else self.say("bulletin.not_short")
        )

    def transport(self) -> Sequence[Part]:
        """What came by rail and by pipeline, and in which part of the month."""
        told = []
        after = next_month(self.month)
        trains = [
            row
            for row in self.rows("trains", customer=self.customer)
            if row["loading_ended_at"] and self.month <= row["loading_ended_at"].date() < after
        ]
        if trains:
            late = [row["delay_days"] for row in trains if row["delay_days"] is not None]
            told.append(
                self.say(
                    "bulletin.trains",
                    count=len(trains),
                    tonnes=tonnes_text(sum(row["loaded_t"] for row in trains)),
                    days=f"{sum(late) / len(late):.1f}" if late else "0.0",
                )
            )
        days = [
            row for row in self.rows("deliveries", customer=self.customer) if self.month <= row["day"].date() < after
        ]
        by_rail = {railway.name for railway in self.scenario.railways}
        lines = [
            line.name
            for line in self.scenario.pipelines
            if line.destination == self.customer and line.name not in by_rail
        ]
        if lines:
            told.append(self.say("bulletin.line", tonnes=tonnes_text(sum(row["arrived_t"] or 0.0 for row in days))))
        tens = [0.0, 0.0, 0.0]
        for row in days:
            tens[min((row["day"].day - 1) // 10, 2)] += row["delivered_t"] or 0.0
        told.append(self.say("bulletin.tens", tens=self.say("comma").join(tonnes_text(tonnes) for tonnes in tens)))
        return [Paragraph("".join(told) if self.lang == "zh" else " ".join(told))]

    def stock(self) -> Sequence[Part]:
        """What is in the customer's tanks on the last day of the month."""
        days = [
            row
            for row in self.rows("inventory_totals", holder=self.customer)
            if row["day"].date() < next_month(self.month)
        ]
        last = days[-1]
        left = last["days_of_stock"]
        share = last["closing_t"] / last["safe_fill_t"] if last["safe_fill_t"] else None
        told = self.say(
            "bulletin.stock_text",
            stock=tonnes_text(last["closing_t"]),
            share=share_text(share),
            days="" if left is None else self.say("bulletin.stock_days", days=left),
        )
        return [Paragraph(told)]

    def prices(self) -> Sequence[Part]:
        """The unified price of each grade at the end of the month, and its change against the month before."""
        end = self.scenario.day_of(next_month(self.month)) - 1.0
        before = self.scenario.day_of(self.month) - 1.0
        told = []
        for grade in dict.fromkeys(row["grade"] for row in self.of_month("completion", self.month)):
            now, was = self._price(grade, end), self._price(grade, before)
            if now is None:
                continue
            same = was is None or now == was
            moved = "" if same else f"{now - (was or 0.0):+,.0f}"
            change = self.say("bulletin.price_same") if same else self.say("bulletin.price_moved", change=moved)
            name = self.labels.grade(self.lang, grade)
            told.append(self.say("bulletin.price", grade=name, price=f"{now:,.0f}", change=change))
        return [Paragraph((self.say("stop").join(told) or self.say("none")) + ("。" if self.lang == "zh" else "."))]

    def _price(self, grade: str, day: float) -> float | None:
        steps = [price for price in self.scenario.prices if price.grade == grade and price.day <= max(day, 0.0)]
        return max(steps, key=lambda price: price.day).yuan_per_t if steps else None

    def next_plan(self) -> Sequence[Part]:
        """The plan of the month after."""
        lines = self.of_month("completion", next_month(self.month))
        if not lines:
            return [Paragraph(self.say("bulletin.next_none"))]
        rows = [[self.labels.grade(self.lang, line["grade"]), tonnes_text(line["plan_t"])] for line in lines]
        total = [self.say("total"), tonnes_text(sum(line["plan_t"] for line in lines))]
        headings = [self.say("grade"), self.say("bulletin.plan_t")]
        return [TablePart(headings=headings, rows=rows, total=total, aligns=("left", "right"))]

    def outages(self) -> Sequence[Part]:
        """Known outages on the ways of this month and the next."""
        start, end = self.scenario.day_of(self.month), self.scenario.day_of(next_month(next_month(self.month)))
        others = {customer.name for customer in self.scenario.customers} - {self.customer}
        told = []
        for outage in self.scenario.disruptions:
            asset, _, part = outage.asset.partition(".")
            if outage.end <= start or outage.start >= end or asset in others or part in others:
                continue
            first, last = (f"{self.scenario.instant(day):%Y-%m-%d %H:%M}" for day in (outage.start, outage.end))
            told.append(
                self.say(
                    "bulletin.event",
                    asset=self.labels.asset(self.lang, outage.asset),
                    start=first,
                    end=last,
                    remaining=f"{outage.remaining:.0%}",
                    cause=CAUSES[outage.cause][self.lang == "zh"],
                )
            )
        stop = "。" if self.lang == "zh" else "."
        return [Paragraph(self.say("stop").join(told) + stop if told else self.say("bulletin.events_none"))]


def months_of_run(tables: Mapping[str, pd.DataFrame]) -> list[date]:
    """The months that a bulletin can be about, in order."""
    return [stamp.date() for stamp in sorted(tables["customer_months"]["month"].unique())]


def last_full_month(scenario: Scenario, months: Sequence[date]) -> date:
    """The last month that ends before the as-of date, else the run's last."""
    known = scenario.calendar_date(scenario.as_of_day) if scenario.as_of_day > 0 else None
    past = [month for month in months if known and next_month(month) <= known + timedelta(days=0)]
    return past[-1] if past else months[-1]
