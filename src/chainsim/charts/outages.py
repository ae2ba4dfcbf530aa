"""Outages as charts and reports tell them: which asset, from when to when, how much was left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chainsim.charts.chart import lines_of
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.results import Labels


@dataclass(frozen=True, slots=True)
class Outage:
    """``asset`` worked at ``remaining`` (0…1) of itself from ``began`` to ``ended``; ``None``: still at the run's end."""

    asset: str
    began: datetime
    ended: datetime | None
    remaining: float

    def during(self, since: datetime, until: datetime) -> bool:
        """Whether some of it lies within [since, until)."""
        return self.began < until and (self.ended is None or self.ended > since)

    def span(self, lang: str) -> str:
        """From when to when, days only: ``04-10…05-01``."""
        ended = text(lang, "chart.until_end") if self.ended is None else f"{self.ended:%m-%d}"
        return f"{self.began:%m-%d}…{ended}"

    def told(self, labels: Labels, lang: str) -> str:
        """Asset and what was left of it."""
        key = "chart.limited" if self.remaining > 0 else "chart.stopped"
        return text(lang, key, asset=labels.asset(lang, self.asset), remaining=self.remaining)


def outages_of(tables: Mapping[str, pd.DataFrame]) -> tuple[Outage, ...]:
    """Every outage of a run in order of time, from the table ``events``."""
    open_: dict[str, Outage] = {}
    found: list[Outage] = []
    events = tables["events"]
    for row in lines_of(events[events["kind"].isin(("outage_began", "outage_ended"))]):
        asset = str(row.asset)
        before = open_.pop(asset, None)
        at = row.at.to_pydatetime()
        if before is not None:  # it ends, or another remainder holds from here on
            found.append(Outage(asset, before.began, at, before.remaining))
        if row.kind == "outage_began":
            open_[asset] = Outage(asset, at, None, float(row.value))
    found += open_.values()
    order = {name: i for i, name in enumerate(dict.fromkeys(o.asset for o in found))}
    return tuple(sorted(found, key=lambda o: (o.began, order[o.asset])))
