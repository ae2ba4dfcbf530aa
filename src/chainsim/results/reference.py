"""Tables that repeat what was given, or the log line by line: plan, orders, customers, assets, events, balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainsim.model import AdjustmentOrder
from chainsim.model.service import attributes_of
from chainsim.model.values import values_of
from chainsim.records import CAUSES, EVENT_KINDS, EventRecord
from chainsim.results.frames import frame, instants
from chainsim.results.labels import Labels, labels_of
from chainsim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd


def events_frame(run: Run) -> pd.DataFrame:
    """The table ``events``."""
    events = run.log.events
    labels = labels_of(run.scenario)
    return frame(
        "events",
        run.domains,
        {
            "number": np.arange(1, len(events) + 1),
            "at": instants(run.scenario, (e.day for e in events)),
            "kind": run.domains.codes("event_kind", (e.kind for e in events)),
            "asset": run.domains.codes("asset", (e.asset for e in events)),
            "grade": run.domains.codes("grade", (e.grade for e in events)),
            "value": [e.value for e in events],
            "text_en": [event_text(e, labels, "en") for e in events],
            "text_zh": [event_text(e, labels, "zh") for e in events],
        },
    )


def event_text(event: EventRecord, labels: Labels, lang: str) -> str:
    """One event in words.

    >>> event_text(EventRecord(day=0.0, kind="tank_full", asset="shanshan"), Labels({}, {}), "en")
    'shanshan: tank full'
    """
    what = EVENT_KINDS[event.kind][lang == "zh"]
    place = labels.asset(lang, event.asset)
    if event.grade:
        grade = labels.grade(lang, event.grade)
        place = f"{place}（{grade}）" if lang == "zh" else f"{place} ({grade})"
    head = (f"{place}：{what}" if lang == "zh" else f"{place}: {what}") if place else what
    if not event.detail:
        return head
    detail = CAUSES[event.detail][lang == "zh"] if event.detail in CAUSES else event.detail
    return f"{head}（{detail}）" if lang == "zh" else f"{head} ({detail})"


def balance_frame(run: Run) -> pd.DataFrame:
    """The table ``balance``."""
    rows = run.log.balance
    names = ("opening_stock_t", "opening_line_fill_t", "opening_in_trains_t", "produced_t", "curtailed_t", "supplied_t",
             "processed_t", "lost_t", "closing_stock_t", "closing_line_fill_t", "closing_in_trains_t",
             "residual_t")  # fmt: skip
    return frame(
        "balance",
        run.domains,
        {
            "grade": run.domains.codes("grade", (r.grade for r in rows)),
            **{name: [getattr(r, name) for r in rows] for name in names},
        },
    )


def inputs_frame(run: Run) -> pd.DataFrame:
    """The table ``inputs``: every value of the scenario by its path."""
    values = values_of(run.scenario)
    return frame("inputs", run.domains, {"path": list(values), "value": list(values.values())})


def assets_frame(run: Run) -> pd.DataFrame:
    """The table ``assets``: every name with its labels; grades and suppliers may share a name."""
    scenario = run.scenario
    rows = [
        (item.name, kind, item.label)
        for kind, group in (
            ("supplier", scenario.suppliers),
            ("farm", scenario.farms),
            ("pipeline", scenario.pipelines),
            ("railway", scenario.railways),
            ("customer", scenario.customers),
            ("grade", scenario.grades),
        )
        for item in group
    ]
    return frame(
        "assets",
        run.domains,
        {
            "asset": [name for name, _, _ in rows],
            "kind": run.domains.codes("asset_kind", (kind for _, kind, _ in rows)),
            "label_en": [label.text("en", name) for name, _, label in rows],
            "label_zh": [label.text("zh", name) for name, _, label in rows],
        },
    )


def customers_frame(run: Run) -> pd.DataFrame:
    """The table ``customers``."""
    customers = run.scenario.customers
    stated = [attributes_of(c.archive) for c in customers]
    safe_fill = [c.safe_fill_t.at(0.0) for c in customers]
    return frame(
        "customers",
        run.domains,
        {
            "customer": run.domains.codes("customer", (c.name for c in customers)),
            "label_en": [c.label.text("en", c.name) for c in customers],
            "label_zh": [c.label.text("zh", c.name) for c in customers],
            "customer_class": run.domains.codes("class", (str(c.customer_class) for c in customers)),
            "grades": ["; ".join(c.grades) for c in customers],
            "offtake": run.domains.codes("offtake", (str(c.offtake) for c in customers)),
            "counted_at": run.domains.codes("point", (str(c.delivery_point) for c in customers)),
            "priority": [c.priority for c in customers],
            "settlement": [c.settlement for c in customers],
            "safe_fill_t": safe_fill,
            "heel_t": [sum(c.heel_t.values()) for c in customers],
            "latitude": [np.nan if c.latitude is None else c.latitude for c in customers],
            "longitude": [np.nan if c.longitude is None else c.longitude for c in customers],
            "capacity_t": [a.capacity_t or tonnes for a, tonnes in zip(stated, safe_fill, strict=True)],
            "processing_capacity_t_per_year": [a.processing_capacity_t_per_year or np.nan for a in stated],
            "attractiveness": run.domains.codes("attractiveness", (a.attractiveness for a in stated)),
            "potential": run.domains.codes("potential", (a.potential for a in stated)),
            "relationship": run.domains.codes("relationship", (a.relationship for a in stated)),
            "customer_manager": [a.customer_manager for a in stated],
            "visit_every_months": [a.visit_every_months or np.nan for a in stated],
            "region_en": [a.region_en for a in stated],
            "region_zh": [a.region_zh for a in stated],
        },
    )


def archive_frame(run: Run) -> pd.DataFrame:
    """The table ``customer_archive``."""
    rows = [(c.name, attribute, value) for c in run.scenario.customers for attribute, value in c.archive.items()]
    return frame(
        "customer_archive",
        run.domains,
        {
            "customer": run.domains.codes("customer", (name for name, _, _ in rows)),
            "attribute": [attribute for _, attribute, _ in rows],
            "value": [value for _, _, value in rows],
        },
    )


def plan_frame(run: Run) -> pd.DataFrame:
    """The table ``plan``."""
    lines = run.scenario.plan
    return frame(
        "plan",
        run.domains,
        {
            "customer": run.domains.codes("customer", (line.customer for line in lines)),
            "grade": run.domains.codes("grade", (line.grade for line in lines)),
            "level": run.domains.codes("level", (str(line.level) for line in lines)),
            "start": np.array([line.start for line in lines], dtype="datetime64[us]"),
            "end": np.array([line.end for line in lines], dtype="datetime64[us]"),
            "plan_t": [line.tonnes for line in lines],
            "via": [line.via for line in lines],
        },
    )


def orders_frame(run: Run) -> pd.DataFrame:
    """The table ``orders``."""
    lines = [(order, line) for order in run.scenario.orders for line in order.lines]
    return frame(
        "orders",
        run.domains,
        {
            "number": [order.number for order, _ in lines],
            "customer": run.domains.codes("customer", (line.customer for _, line in lines)),
            "grade": run.domains.codes("grade", (line.grade for _, line in lines)),
            "level": run.domains.codes("level", (str(line.level) for _, line in lines)),
            "start": np.array([line.start for _, line in lines], dtype="datetime64[us]"),
            "end": np.array([line.end for _, line in lines], dtype="datetime64[us]"),
            "plan_t": [line.tonnes for _, line in lines],
            "issued_on": np.array([order.issued for order, _ in lines], dtype="datetime64[us]"),
            "effective_at": instants(run.scenario, (order.effective_day for order, _ in lines)),
            "state": run.domains.codes("order_state", (_state(run, order) for order, _ in lines)),
            "reason": [order.reason for order, _ in lines],
            "line_reason": [line.note for _, line in lines],
        },
    )


def _state(run: Run, order: AdjustmentOrder) -> str:
    """An approved order that takes effect within the run is applied."""
    return "applied" if order.state == "approved" and order.effective_day < run.log.end_day else str(order.state)
