"""What goes with a dataset so that it can be read without the files it came from: names in both languages, units, questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chainsim.experiments.designs import listed_levels
from chainsim.experiments.experiment import DRAWN, Experiment, Variant
from chainsim.model import Customer, Label, Scenario, TankFarm
from chainsim.results import KPIS, Labels, labels_of
from chainsim.texts import text

FORMAT = 2
"""Of a dataset: what its tables are. Another one's answers cannot be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """``limits``: heel and safe fill (t) of farms and customers on the first day, in the scenario as it is. ``pooled``: the
    variants are draws of one design, and the answers are about all of them together."""

    name: str
    label: Label
    description: str
    start: date
    labels: Labels
    limits: Mapping[str, tuple[float, float]]
    factors: Mapping[str, Label]
    units: Mapping[str, str]
    design: str
    pooled: bool
    baseline: int
    confidence: float
    thresholds: tuple[float, ...]
    against: str
    tornado: tuple[str, ...]

    @property
    def completion_column(self) -> str:
        """The column of ``run_customers`` with the completion that is asked about."""
        return "completion" if self.against == "plan" else "completion_original"

    def figure(self, lang: str, name: str) -> str:
        """A key figure's name for a reader; a customer's name stands for its completion."""
        for kpi in KPIS:
            if kpi.name == name:
                return kpi.header_zh if lang == "zh" else kpi.header_en
        return text(lang, "answers.completion_of", customer=self.labels.asset(lang, name))

    def factor(self, lang: str, name: str) -> str:
        """A factor's label, with its unit."""
        unit = self.units.get(name, "")
        told = self.factors[name].text(lang, name) if name in self.factors else name
        return f"{told} ({unit})" if unit else told

    def variant(self, lang: str, name: str) -> str:
        """A variant's name with its factors' labels: ``outage=5; order=with`` as ``停输天数=5; 调整令=with``."""
        parts = [part.partition("=") for part in name.split("; ")]
        return "; ".join(
            f"{self.factors[factor].text(lang, factor)}={level}" if factor in self.factors else factor + sign + level
            for factor, sign, level in parts
        )


def baseline_of(experiment: Experiment, variants: Sequence[Variant]) -> int | None:
    """The number of the variant that others are compared with: the one asked for, else the first; None where none is as asked."""
    asked = experiment.questions.baseline
    if asked is None:
        return 0
    wanted = listed_levels(experiment.factors, asked)
    for variant in variants:
        if all(own is level for own, level in zip(variant.levels, wanted, strict=True) if level is not None):
            return variant.number
    return None


def about_json(experiment: Experiment, scenario: Scenario, variants: Sequence[Variant]) -> dict[str, Any]:
    """As ``about_from`` reads it."""

    def both(label: Label) -> list[str]:
        return [label.en, label.zh]

    labels = labels_of(scenario)
    owners: tuple[TankFarm | Customer, ...] = (*scenario.farms, *scenario.customers)
    questions = experiment.questions
    return {
        "format": FORMAT,
        "name": experiment.name,
        "title": both(experiment.label),
        "description": experiment.description,
        "start": scenario.start.isoformat(),
        "assets": {name: both(label) for name, label in labels.assets.items()},
        "grades": {name: both(label) for name, label in labels.grades.items()},
        "limits": {o.name: [sum(o.heel_t.values()), o.safe_fill_t.at(0.0)] for o in owners},
        "factors": {factor.name: both(factor.label) for factor in experiment.factors},
        "units": {factor.name: factor.unit for factor in experiment.factors},
        "design": experiment.design.kind,
        "baseline": baseline_of(experiment, variants) or 0,
        "confidence": questions.confidence,
        "thresholds": list(questions.thresholds),
        "against": questions.against,
        "tornado": list(questions.tornado),
    }


def about_from(given: Mapping[str, Any]) -> About:
    """The inverse of ``about_json``. Raises ``KeyError`` for what another version has written."""
    if given["format"] != FORMAT:
        raise KeyError(given["format"])

    def labelled(names: Mapping[str, Sequence[str]]) -> dict[str, Label]:
        return {name: Label(en=en, zh=zh) for name, (en, zh) in names.items()}

    return About(
        name=given["name"],
        label=Label(en=given["title"][0], zh=given["title"][1]),
        description=given["description"],
        start=date.fromisoformat(given["start"]),
        labels=Labels(assets=labelled(given["assets"]), grades=labelled(given["grades"])),
        limits={name: (heel, safe_fill) for name, (heel, safe_fill) in given["limits"].items()},
        factors=labelled(given["factors"]),
        units=given["units"],
        design=given["design"],
        pooled=given["design"] in DRAWN and bool(given["factors"]),
        baseline=given["baseline"],
        confidence=given["confidence"],
        thresholds=tuple(given["thresholds"]),
        against=given["against"],
        tornado=tuple(given["tornado"]),
    )
