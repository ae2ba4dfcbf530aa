"""A scenario as an analyst holds it: read once, changed by value, simulated as often as wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.analysis.display import card
from chainsim.analysis.pictures import Day, moment
from chainsim.errors import InputError, told_in
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.analysis.changing import Changed
    from chainsim.analysis.proposals import Proposal
    from chainsim.analysis.runs import Run
    from chainsim.files import LoadedScenario
    from chainsim.files.variants import ScenarioTree
    from chainsim.model import Scenario
    from chainsim.rules import RuleBook

MOST_SHOWN = 60
"""Characters of a name that is put together from changes."""


def load(path: str | Path, *, lang: str = "en", rules: str | Path | None = None) -> Study:
    """The scenario in the folder, YAML file or workbook at ``path``, in English or Chinese (``lang="zh"``).

    ``western.xlsx#dry`` is the scenario under its case ``dry``. ``rules`` is a folder of rules to apply instead of those shipped.
    Raises ``InputError`` with every problem of both.
    """
    from chainsim.files.variants import read_scenario_tree, scenario_of

    path = Path(path)
    language = "zh" if lang == "zh" else "en"
    shelf = RulesShelf(None if rules is None else Path(rules))
    with told_in(language):
        read = read_scenario_tree(path)
        scenario = scenario_of(read.tree)
        if rules is not None:
            assert shelf.book is not None
    return Study(path=path, scenario=scenario, lang=language, _read=read, _rules=shelf)


def starter(*, lang: str = "en") -> Study:
    """The small scenario that ``chainsim new`` writes, to try things on.

    >>> import chainsim
    >>> study = chainsim.starter().with_({"disruptions.trunk repair.days": 12})
    >>> study.changes
    (('disruptions.trunk repair.days', '= 12'),)
    >>> run = study.simulate()
    >>> run.causes("city_refinery")[["cause", "asset"]].values.tolist()[0]
    ['pipeline', 'trunk']
    """
    from chainsim.workflow import STARTER

    return load(STARTER, lang=lang)


def new(folder: str | Path, *, lang: str = "en") -> Study:
    """Write the small scenario to ``folder``, which must not exist, as ``chainsim new`` does, and load it from there."""
    from chainsim import workflow

    with told_in(lang):
        workflow.new(Path(folder))
    return load(folder, lang=lang)


@dataclass(frozen=True)
class RulesShelf:
    """The rules that a study's runs are judged by: read when first asked for, shared by all that is made of the study."""

    folder: Path | None

    @cached_property
    def book(self) -> RuleBook:
        """The rules; raises ``InputError`` with all their problems."""
        from chainsim.rules import load_rules

        return load_rules(self.folder)


@dataclass(frozen=True, kw_only=True)
class Study:
    """A scenario and what was changed in it. A value: every change gives another study.

    ``scenario`` is what will be simulated (``chainsim.model.Scenario``); ``changes`` tells by path what was changed since it was
    read. Studies are made by ``chainsim.load``.
    """

    path: Path
    scenario: Scenario = field(repr=False)
    lang: str = "en"
    changes: tuple[tuple[str, str], ...] = ()
    own_name: str = ""
    _read: ScenarioTree = field(repr=False, compare=False)
    _rules: RulesShelf = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """What it is called where several are compared: as ``named``, else the scenario's name and what was changed."""
        if self.own_name:
            return self.own_name
        told = "; ".join(f"{path} {value}".strip() for path, value in self.changes)
        name = f"{self.scenario.name}: {told}" if told else self.scenario.name
        return name if len(name) <= MOST_SHOWN else name[: MOST_SHOWN - 1] + "…"

    @property
    def title(self) -> str:
        """The scenario's title in the study's language."""
        return self.scenario.label.text(self.lang, self.scenario.name)

    def named(self, name: str) -> Study:
        """The same under another name, for legends and comparisons."""
        return replace(self, own_name=name)

    def with_(self, values: Mapping[str, Any], *, name: str = "") -> Study:
        """With a value at each path: ``study.with_({"disruptions.trunk east outage.days": 30, "seed": 7})``.

        Paths are those of messages and experiments: ``pipelines.trunk_east.capacity``, ``plan.yumen.tarim.2008-07``; ``*`` and
        ``?`` stand for any name. Values are what the scenario format takes there, numbers in its units. The scenario as a whole
        is checked; raises ``InputError`` with every problem.
        """
        from chainsim.analysis.changing import with_values

        told = tuple((path, f"= {_short(value)}") for path, value in values.items())
        with told_in(self.lang):
            return self._changed(with_values(self._read.tree, values, self._layer), told, name)

    def scaled(self, factors: Mapping[str, float], *, since: str = "", until: str = "", name: str = "") -> Study:
        """With what each path names multiplied: ``study.scaled({"plan.local_*": 1.1, "pipelines.trunk_east.capacity": 0.9})``.

        Rows of ``plan``, ``purchases``, ``production``, ``prices`` and ``receipts`` are scaled within [since, until) alone.
        """
        from chainsim.analysis.changing import with_factors

        told = tuple((path, f"× {factor:g}") for path, factor in factors.items())
        with told_in(self.lang):
            changed = with_factors(self._read.tree, factors, (since, until), self._layer)
            return self._changed(changed, told, name)

    def with_overlay(self, overlay: str | Path | Mapping[str, Any], *, name: str = "") -> Study:
        """With an overlay on top: a file, which extends this scenario or one below it, or its statements as plain values.

        ``study.with_overlay({"disruptions": [{"asset": "trunk_east", "from": "2008-04-10", "to": "2008-05-01",
        "remaining": 0, "cause": "pipeline"}]})``
        """
        from chainsim.analysis.changing import with_file, with_statements

        with told_in(self.lang):
            if isinstance(overlay, Mapping):
                changed = with_statements(self._read.tree, overlay, self._layer)
                return self._changed(changed, (("+", ", ".join(overlay)),), name)
            path = Path(overlay)
            changed, inputs = with_file(self._read.tree, self.path, path, self._layer)
            read = replace(self._read, inputs=tuple(dict((*self._read.inputs, *inputs)).items()))
            return replace(self, _read=read)._changed(changed, (("+", path.as_posix()),), name)

    def simulate(self) -> Run:
        """Rehearse it; tables, findings and pictures hang on the run. Raises ``NoFeasibleAnswerError``."""
        from chainsim.analysis.runs import Run
        from chainsim.results import build_tables
        from chainsim.simulation import simulate

        with told_in(self.lang):
            return Run(self, build_tables(self.scenario, simulate(self.scenario)))

    def optimize(
        self,
        as_of: Day | None = None,
        *,
        freeze: Sequence[str] = (),
        whole: Sequence[str] = (),
        prices: bool = False,
        time_limit: float | None = None,
    ) -> Proposal:
        """Draft the adjustment order that mends the plan from ``as_of`` on (default: the scenario's as-of date, else its first
        outage), with reasons and with its proof by simulation.

        ``freeze`` names plan lines that may not change (``"yumen/tarim/2008-05"``); ``whole`` what to plan in whole lots
        (``"trains"``, ``"batches"``), which takes minutes; ``prices`` also asks what more capacity is
        worth; ``time_limit`` bounds the solver's seconds. Raises ``InputError``, and ``NoPlanError`` where no plan keeps to all
        limits.
        """
        from chainsim.analysis.proposals import Proposal
        from chainsim.workflow_orders import optimize

        with told_in(self.lang):
            day = moment("as_of", as_of)
            outcome = optimize(
                self.path,
                self.loaded,
                as_of=None if day is None else day.date(),
                freeze=freeze,
                whole=whole,
                prices=prices,
                time_limit=time_limit,
            )
        return Proposal(self, outcome)

    @property
    def loaded(self) -> LoadedScenario:
        """As ``chainsim.workflow`` takes it."""
        return self._read.loaded(self.scenario)

    def with_order(self, row: Mapping[str, Any]) -> Study:
        """With one more order, or another of its number: ``row`` as an overlay's ``orders`` would state it."""
        from chainsim.analysis.changing import with_statements

        changed = with_statements(self._read.tree, {"orders": [row]}, self._layer)
        return self._changed(changed, ((f"orders.{row['number']}", str(row["state"])),), "")

    def _changed(self, changed: Changed, told: tuple[tuple[str, str], ...], name: str) -> Study:
        """The study of the changed tree. Raises ``InputError`` with what could not be changed and what is wrong now."""
        from chainsim.files.load import in_order
        from chainsim.files.variants import scenario_of

        tree, problems = changed
        scenario = self.scenario
        try:
            scenario = scenario_of(tree)
        except InputError as error:
            problems = in_order([*problems, *error.problems])
        if problems:
            raise InputError(problems)
        return replace(
            self,
            scenario=scenario,
            changes=(*self.changes, *told),
            own_name=name,
            _read=replace(self._read, tree=tree),
        )

    @property
    def _layer(self) -> int:
        """Above all that was laid on before."""
        from chainsim.analysis.changing import FIRST_LAYER

        return FIRST_LAYER + len(self.changes)

    def _repr_html_(self) -> str:
        scenario, lang = self.scenario, self.lang
        last = scenario.calendar_date(scenario.end_day - 1)
        counts = [
            (len(scenario.customers), "analysis.customers"), (len(scenario.farms), "analysis.farms"),
            (len(scenario.pipelines), "analysis.pipelines"), (len(scenario.railways), "analysis.railways"),
            (len(scenario.disruptions), "analysis.disruptions"), (len(scenario.orders), "analysis.orders"),
        ]  # fmt: skip
        lines = [
            text(lang, "analysis.period", start=scenario.start, end=last, path=self.path.as_posix()),
            " · ".join(text(lang, key, count=count) for count, key in counts if count),
            *(f"{path} {value}" for path, value in self.changes),
        ]
        return card(self.own_name or self.title, lines, lang)


def _short(value: object) -> str:
    told = str(value)
    return told if len(told) <= MOST_SHOWN else told[: MOST_SHOWN - 1] + "…"
