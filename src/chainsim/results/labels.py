"""How names are written for a reader: assets, grades and parts of a railway, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainsim.model import Label, Scenario
from chainsim.results.catalogue_limits import ALL, CLASSES_OR_ALL

_PARTS: dict[str, tuple[str, str]] = {"rack": ("rack", "栈桥"), "paths": ("paths", "运行线")}


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels by name; grades apart, for a grade may be called like the supplier it comes from."""

    assets: Mapping[str, Label]
    grades: Mapping[str, Label]

    def asset(self, lang: str, name: str) -> str:
        """An asset's label; of ``rail.rack`` the railway's and the part's, of ``rail.customer`` both ends'."""
        if name in self.assets:
            return self.assets[name].text(lang, name)
        whole, _, part = name.rpartition(".")
        if whole not in self.assets:
            return name
        if part in _PARTS:
            return f"{self.asset(lang, whole)}{'' if lang == 'zh' else ' '}{_PARTS[part][lang == 'zh']}"
        return f"{self.asset(lang, whole)} → {self.asset(lang, part)}"

    def grade(self, lang: str, name: str) -> str:
        """A grade's label, or the word for all of them."""
        if name in self.grades:
            return self.grades[name].text(lang, name)
        return CLASSES_OR_ALL[ALL][lang == "zh"] if name == ALL else name


def labels_of(scenario: Scenario) -> Labels:
    """The labels of a scenario."""
    groups = (scenario.suppliers, scenario.farms, scenario.pipelines, scenario.railways, scenario.customers)
    assets: dict[str, Label] = {}
    for group in groups:
        assets.update((asset.name, asset.label) for asset in group)
    return Labels(assets=assets, grades={g.name: g.label for g in scenario.grades})
