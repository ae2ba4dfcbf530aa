"""What two runs differ in, and because of what: ``difference(before, after)``.

Delivered tonnes are an identity of each customer, grade and month: plan in force, less the shortfall's causes, plus over-lift
and unplanned tonnes. The difference of two runs' identities, term by term, therefore adds up to the change in deliveries; and
with each term divided by its own run's plan, to the change in the customer's completion: ``1 − completion`` is the sum of the
causes' shares of the plan less those of over-lift and unplanned tonnes, whatever the plans are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.model.plan import next_month
from chainsim.results.catalogue_difference import (
    DIFFERENCE_CAUSES,
    DIFFERENCES,
    FIGURES,
    INPUT_CHANGES,
    OVER_LIFT,
    PLAN,
    UNPLANNED,
)
from chainsim.results.declarations import Table, check_frame
from chainsim.results.kpis import KPIS

if TYPE_CHECKING:
    import pandas as pd

READS = ("kpis", "asset_figures", "completion", "shortfalls", "inputs")
"""The tables of a run that ``difference`` reads."""
_CAUSE_KEYS = ["month", "customer", "grade", "cause", "asset"]
_OF_CHANGING_SUBJECTS = ("main_cause", "main_asset")
"""Key figures whose tonnes are those of another cause or asset in each run; ``difference_causes`` tells of these."""
_POSITIVE = (PLAN, OVER_LIFT, UNPLANNED)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two runs' differences as declared tables: ``DIFFERENCES``, ``DIFFERENCE_CAUSES`` and ``INPUT_CHANGES``.

    Every table is empty for a run and itself; with the runs swapped, every change has the other sign.
    """

    figures: pd.DataFrame
    causes: pd.DataFrame
    inputs: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The three by their names."""
        return {
            DIFFERENCES.name: self.figures,
            DIFFERENCE_CAUSES.name: self.causes,
            INPUT_CHANGES.name: self.inputs,
        }


def difference(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> Difference:
    """``after`` less ``before``: two runs' tables by name, of which ``READS`` are read."""
    return Difference(
        figures=_figures(before, after),
        causes=difference_causes(before, after),
        inputs=_inputs(before, after),
    )


def difference_causes(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The table ``difference_causes``; reads ``completion`` and ``shortfalls`` only. The largest effects come first."""
    merged = _terms(before).merge(
        _terms(after), on=_CAUSE_KEYS, how="outer", suffixes=("_before", "_after"), sort=False
    )
    merged = merged.fillna({"t_before": 0.0, "t_after": 0.0})
    first, second = merged["t_before"].to_numpy(), merged["t_after"].to_numpy()
    sign = np.where(merged["cause"].isin(_POSITIVE), 1.0, -1.0)
    plans = [_plans(tables) for tables in (before, after)]
    shares = [
        np.divide(t, plan, out=np.full(len(t), np.nan), where=plan > 0)
        for t, plan in (
            (t, merged["customer"].map(plan).fillna(0.0).to_numpy(dtype=np.float64))
            for t, plan in zip((first, second), plans, strict=True)
        )
    ]
    completion = sign * (shares[1] - shares[0])
    # The plan is the measure itself: its own share is 1 in either run.
    completion[(merged["cause"] == PLAN).to_numpy() & ~np.isnan(completion)] = 0.0
    columns = {
        **{key: merged[key] for key in _CAUSE_KEYS},
        "before_t": first,
        "after_t": second,
        "change_t": second - first,
        "delivered_change_t": sign * (second - first),
        "completion_change": completion,
    }
    keep = (second != first) | (np.nan_to_num(completion) != 0)
    weight = np.abs(second - first)
    return _declared(DIFFERENCE_CAUSES, columns, keep, [-weight, *(merged[key] for key in _CAUSE_KEYS)])


def effects(causes: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """A table ``difference_causes`` added up by ``keys`` (say ``"customer", "cause", "asset"``), the largest effects first.

    Columns: the keys, ``before_t``, ``after_t``, ``change_t``, ``delivered_change_t``, ``completion_change``.
    """
    columns = ["before_t", "after_t", "change_t", "delivered_change_t", "completion_change"]
    sums = causes.groupby(list(keys), observed=True, sort=False)[columns].sum().reset_index()
    order = np.argsort(-sums["delivered_change_t"].abs().to_numpy(), kind="stable")
    return sums.iloc[order].reset_index(drop=True)


def _terms(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The identity of delivered tonnes, a row per term that is not zero: ``_CAUSE_KEYS`` and ``t``."""
    import pandas as pd

    short, books = tables["shortfalls"], tables["completion"]
    parts = [
        pd.DataFrame(
            {
                "month": short["month"],
                **{key: short[key].astype("str").fillna("") for key in _CAUSE_KEYS[1:]},
                "t": short["shortfall_t"],
            }
        )
    ]
    keys = {"month": books["month"], **{key: books[key].astype("str") for key in ("customer", "grade")}}
    for cause in _POSITIVE:
        part = pd.DataFrame({**keys, "cause": cause, "asset": "", "t": books[f"{cause}_t"]})
        parts.append(part[part["t"] != 0])
    return pd.concat(parts, ignore_index=True).astype(dict.fromkeys(_CAUSE_KEYS[1:], "str"))


def _plans(tables: Mapping[str, pd.DataFrame]) -> Mapping[str, float]:
    """Customer → tonnes of its plan over the run."""
    books = tables["completion"]
    sums = books.groupby(books["customer"].astype("str"))["plan_t"].sum()
    return {str(name): float(tonnes) for name, tonnes in sums.items()}


def _figures(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The table ``differences``: key figures of the whole, then figures of the assets, merged and weighed."""
    merged = _values(before).merge(
        _values(after), on=["figure", "subject"], how="outer", suffixes=("", "_after"), sort=False
    )
    for name in ("kind", "unit"):
        merged[name] = merged[name].fillna(merged[f"{name}_after"])
    first, second = merged["value"].to_numpy(), merged["value_after"].to_numpy()
    whole = {unit: max(_whole(tables, unit) for tables in (before, after)) for unit in ("t", "d")}
    scale = merged["unit"].map(whole).fillna(1.0).to_numpy(dtype=np.float64, copy=True)
    counted = (merged["unit"] == "").to_numpy()
    scale[counted] = np.fmax(np.fmax(np.abs(first), np.abs(second)), 1.0)[counted]
    change = second - first
    weight = np.round(np.nan_to_num(np.abs(change) / scale), 9)  # equal shares are equal, whatever their rounding
    headers = _headers()
    columns = {
        **{name: merged[name] for name in ("figure", "subject", "kind", "unit")},
        "before": first,
        "after": second,
        "change": change,
        "weight": weight,
        "header_en": merged["figure"].map({name: texts[0] for name, texts in headers.items()}),
        "header_zh": merged["figure"].map({name: texts[1] for name, texts in headers.items()}),
    }
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    return _declared(DIFFERENCES, columns, ~same, [-weight, merged["kind"], merged["figure"], merged["subject"]])


def _headers() -> dict[str, tuple[str, str]]:
    """Figure → its name in both languages; a figure of assets that is also a key figure is called like it."""
    return {
        **{name: (en, zh) for name, (_, en, zh) in FIGURES.items()},
        **{kpi.name: (kpi.header_en, kpi.header_zh) for kpi in KPIS if kpi.name not in FIGURES},
    }


def _values(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Figure, subject, kind, unit, value: of the whole, and of every asset."""
    import pandas as pd

    kpis, assets = tables["kpis"], tables["asset_figures"]
    kpis = kpis[~kpis["name"].isin(_OF_CHANGING_SUBJECTS)]
    whole = pd.DataFrame(
        {"figure": kpis["name"], "subject": "", "kind": "", "unit": kpis["unit"], "value": kpis["value"]}
    )
    parts = pd.DataFrame(
        {
            **{name: assets[name].astype("str") for name in ("figure", "subject", "kind", "unit")},
            "value": assets["value"],
        }
    )
    return pd.concat([whole, parts], ignore_index=True).astype(
        dict.fromkeys(("figure", "subject", "kind", "unit"), "str")
    )


def _whole(tables: Mapping[str, pd.DataFrame], unit: str) -> float:
    """What a change in ``unit`` is weighed by: the run's plan or, without one, what could be supplied; its days."""
    if unit == "t":
        kpis = dict(zip(tables["kpis"]["name"], tables["kpis"]["value"].astype(float), strict=True))
        return max(float(kpis["plan"] or kpis["produced"]), 1.0)
    months = tables["completion"]["month"]
    if months.empty:
        return 1.0
    return float((next_month(months.max().date()) - months.min().date()).days)


def _inputs(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The table ``input_changes``, in the order of the scenario."""
    first, second = (
        dict(zip(tables["inputs"]["path"], tables["inputs"]["value"], strict=True)) for tables in (before, after)
    )
    rows = [
        (path, first.get(path, ""), second.get(path, ""))
        for path in dict.fromkeys((*first, *second))
        if first.get(path) != second.get(path)
    ]
    columns = {name: [row[index] for row in rows] for index, name in enumerate(("path", "before", "after"))}
    return _declared(INPUT_CHANGES, columns, np.ones(len(rows), dtype=bool), [])


def _declared(table: Table, columns: Mapping[str, Any], keep: Any, order: list[Any]) -> pd.DataFrame:
    """The declared table of ``columns``, those rows that ``keep`` says, sorted by ``order``."""
    import pandas as pd

    frame: pd.DataFrame = pd.DataFrame({column.name: columns[column.name] for column in table.columns})
    if order:
        keys = pd.DataFrame({f"k{number}": np.asarray(key) for number, key in enumerate(order)})
        frame = frame.iloc[keys.sort_values(list(keys.columns), kind="stable").index]
        keep = np.asarray(keep)[frame.index]
    frame = frame[keep].reset_index(drop=True)
    for column in table.columns:
        if column.type == "name":
            frame[column.name] = pd.Categorical(frame[column.name], categories=list(column.values))
    frame = frame.astype({column.name: column.dtype for column in table.columns if column.type != "name"})
    check_frame(table, frame)
    return frame
