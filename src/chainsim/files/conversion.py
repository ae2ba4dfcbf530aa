"""What every part of a conversion needs: places, the report, the start, the units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chainsim.files.tables import TABLES
from chainsim.files.tree import Block, Place, Report, locate, path_text
from chainsim.model.plan import TONNES_PER


@dataclass(slots=True)
class Conversion:
    """What every part of a conversion needs: the tree for places, the report, the start, the units."""

    tree: Block
    report: Report
    start: date
    end_day: float
    horizon_layer: int
    unit: str
    densities: dict[str, float]
    """kg/m³ by grade; under "" that of mixed grades."""

    def day(self, when: date | datetime) -> float:
        """Days from the start."""
        if not isinstance(when, datetime):
            return float((when - self.start).days)
        delta = when - datetime(self.start.year, self.start.month, self.start.day)
        return delta.days + delta.seconds / 86_400 + delta.microseconds / 86_400e6

    def tonnes(self, amount: float, grade: str = "") -> float:
        """An amount of a grade ("" = of mixed grades) in tonnes."""
        if self.unit != "m3":
            return amount * TONNES_PER[self.unit]
        return amount * self.densities.get(grade, self.densities.get("", float("nan"))) / 1e3

    def problem(self, code: str, path: tuple[str | int, ...], **values: Any) -> None:
        """Tell a problem at a place inside the document."""
        place = locate(self.tree, path)
        if place.sheet or place.file.endswith(".csv"):
            path = tuple(step for step in path if isinstance(step, str)) if path[0] in TABLES else path
        self.report.add(code, place, path=path_text(path), **values)

    def inherited_outside(self, place: Place, start_day: float, end_day: float) -> bool:
        """Whether a row of a lower layer lies outside a horizon that a higher layer restated: then it is left out."""
        return place.layer < self.horizon_layer and (end_day <= 0 or start_day >= self.end_day)
