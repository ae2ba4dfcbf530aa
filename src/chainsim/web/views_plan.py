"""The plan grid as values for its template."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chainsim.files.overlays import Changes
from chainsim.texts import text
from chainsim.web.levers import UNITS
from chainsim.web.views import Shown
from chainsim.workflow_plan import plan_grid
from chainsim.workflow_whatif import Base


def plan_part(base: Base, changes: Changes, shown: Shown) -> dict[str, Any]:
    """Rows of customer and grade, a cell for each month with its path; what differs from the files is marked.

    ``free`` are the lines that could be added; ``customers`` and ``grades`` lead from what people call them to their names.
    """
    grid = plan_grid(base, changes, shown.run.scenario)
    lang, labels = shown.lang, shown.run.labels
    rows = []
    for row in grid.rows:
        customer, grade = labels.asset(lang, row.customer), labels.grade(lang, row.grade)
        cells = [
            {
                "path": f"plan.{row.customer}.{row.grade}.{month}",
                "value": _figure(amount),
                "filed": _figure(filed) if amount != filed else "",
                "told": text(lang, "page.plan.cell", customer=customer, grade=grade, month=month),
            }
            for month, amount, filed in zip(grid.months, row.amounts, row.filed, strict=True)
        ]
        names = [row.customer, customer, *(labels.asset(other, row.customer) for other in ("en", "zh"))]
        grades = [row.grade, grade, *(labels.grade(other, row.grade) for other in ("en", "zh"))]
        rows.append({
            "customer": customer, "grade": grade, "cells": cells, "whole": _figure(sum(row.amounts)),
            "names": list(dict.fromkeys(names)), "grades": list(dict.fromkeys(grades)),
        })  # fmt: skip
    free = [
        (name, labels.asset(lang, name), [(grade, labels.grade(lang, grade)) for grade in grades])
        for name, grades in grid.free.items()
    ]
    return {
        "months": grid.months, "rows": rows, "unit": UNITS[base.amount_unit][lang == "zh"], "free": free,
        "customers": _called([customer.name for customer in shown.run.scenario.customers], labels.asset),
        "grades": _called([grade.name for grade in shown.run.scenario.grades], labels.grade),
    }  # fmt: skip


def _called(names: Iterable[str], label: Callable[[str, str], str]) -> dict[str, str]:
    """What people call them, in either language → their names. A title of several, or that is another's name, means none."""
    own = set(names)
    titles: dict[str, set[str]] = {}
    for name in own:
        for words in (label("zh", name), label("en", name)):
            titles.setdefault(words, set()).add(name)
    known = {words: next(iter(named)) for words, named in titles.items() if len(named) == 1 and words not in own}
    return dict(sorted(known.items())) | {name: name for name in sorted(own)}


def _figure(amount: float) -> str:
    return f"{amount:,.3f}".rstrip("0").rstrip(".")
