"""What moves when: batches in the lines and trains on the railway, a month at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chainsim.charts import Chart, batches_chart, trains_chart
from chainsim.model.plan import month_starts, next_month
from chainsim.reports.report_sections import span_of
from chainsim.web.views import Shown, reported

WHOLE = "all"
"""In place of a month: the whole run."""


def batches_part(shown: Shown) -> tuple[dict[str, Any], Chart | None]:
    """The batches of every line that runs in batches, in the chosen month."""
    months, month, since, until = _span(shown)
    run = shown.run
    there = not run.tables["batches"].empty
    chart = batches_chart(run.tables, run.labels, shown.lang, since=since, until=until) if there else None
    return {"months": months, "month": month, "there": there}, chart


def trains_part(shown: Shown) -> tuple[dict[str, Any], Chart | None]:
    """The trains on their way in the chosen month."""
    _, _, since, until = _span(shown)
    run = shown.run
    there = not run.tables["trains"].empty
    chart = trains_chart(run.tables, run.labels, shown.lang, since=since, until=until) if there else None
    return {"there": there}, chart


def _span(shown: Shown) -> tuple[list[str], str, datetime, datetime]:
    """The months there are, the one that is shown, and its span; without a choice, the chosen cell's or the first."""
    begin, end = span_of(reported(shown.run))
    firsts = {f"{first:%Y-%m}": first for first in month_starts(begin.date(), end.date())}
    month = next((m for m in (shown.month, shown.cell[1]) if m in firsts or m == WHOLE), next(iter(firsts)))
    if month == WHOLE:
        return list(firsts), month, begin, end
    first, after = (datetime(day.year, day.month, 1) for day in (firsts[month], next_month(firsts[month])))
    return list(firsts), month, max(first, begin), min(after, end)
