"""From a question to its answer: the change made, the what-if simulated, the parts that are wanted rendered."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from chainsim.charts import Chart
from chainsim.errors import Problem
from chainsim.files.overlays import Changes
from chainsim.texts import text
from chainsim.web import levers, views, views_moves, views_plan, views_rules
from chainsim.web.asking import MONTH, BadQuestionError, Question, parts_in, table_in, text_in, texts_in
from chainsim.web.links import packed, unpacked
from chainsim.web.shelf import Shelf
from chainsim.web.templates import render
from chainsim.workflow_plan import Cell, with_cells
from chainsim.workflow_whatif import (
    Base,
    Variant,
    stated,
    with_new_outage,
    with_order,
    with_outage,
    with_scale,
    with_value,
    without,
)

if TYPE_CHECKING:
    from chainsim.rules import RuleBook


@dataclass
class Page:
    """The page over a folder; its memory is only what could be computed again."""

    folder: Path
    rules_folder: Path | None = None
    shelf: Shelf = field(init=False)
    _findings: WeakKeyDictionary[Variant, Any] = field(default_factory=WeakKeyDictionary)
    """A run that nobody holds is not kept for its findings."""
    _rules: tuple[Any, RuleBook] | None = None

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.folder)

    def view(self, question: Question) -> dict[str, Any]:
        """The parts that are wanted, the token of the what-if after the change, and how long it took (ms)."""
        from chainsim.simulation.run import collector_paused

        began = time.perf_counter()
        with self.shelf.lock, collector_paused():
            base = self.shelf.base(question.scenario)
            before = unpacked(question.token)
            changes, problems = changed(base, before, question.change)
            dragged = _dragged(question)
            run = (
                self.shelf.glimpse(question.scenario, changes, dragged)
                if dragged
                else self.shelf.run(question.scenario, changes)
            )
            filed = self.shelf.run(question.scenario, {})
            shown = views.Shown(
                run, filed, question.lang, question.cell, question.tank, question.day, question.month, question.by_grade,
                question.width,
            )  # fmt: skip
            answer = self._parts(base, changes, shown, question)
        answer["problems"] = [problem_of(problem, question.lang) for problem in problems]
        answer["token"] = packed(changes)
        answer["changed"] = bool(changes)
        answer["ms"] = round((time.perf_counter() - began) * 1000, 1)
        return answer

    def _parts(self, base: Base, changes: Changes, shown: views.Shown, question: Question) -> dict[str, Any]:
        html: dict[str, str] = {}
        charts: dict[str, Any] = {}
        for part in question.parts:
            values: dict[str, Any]
            chart: Chart | None = None
            match part:
                case "headline":
                    values = views.headline_part(shown)
                case "completion":
                    values = views.completion_part(shown)
                case "why":
                    values, chart = views.why_part(shown)
                case "tanks":
                    values, chart = views.tanks_part(shown)
                case "map":
                    values, chart = views.map_part(shown)
                case "plan":
                    values = views_plan.plan_part(base, changes, shown)
                case "batches":
                    values, chart = views_moves.batches_part(shown)
                case "trains":
                    values, chart = views_moves.trains_part(shown)
                case "findings":
                    values = views_rules.findings_part(shown, self.told(shown.run))
                case "explained":
                    values = views_rules.explained_part(shown, self._book(), question.rule)
                case _:
                    values = _levers(base, changes, shown)
            html[part] = render(f"{part}.html.j2", shown.lang, **values)
            if chart is not None:
                charts[part] = views.drawn(chart)
        return {"html": html, "charts": charts}

    def _book(self) -> RuleBook:
        """The rules as they now stand in their files."""
        from chainsim.rules import load_rules, shipped_rules_folder

        files = sorted(file for file in (self.rules_folder or shipped_rules_folder()).rglob("*") if file.is_file())
        stamp = tuple((file.as_posix(), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
        if self._rules is None or self._rules[0] != stamp:
            self._rules = (stamp, load_rules(self.rules_folder))
            self._findings.clear()
        return self._rules[1]

    def told(self, run: Variant) -> Any:
        """The findings of a run: asked once, then remembered."""
        from chainsim.rules import apply

        book = self._book()
        if run not in self._findings:
            self._findings[run] = apply(book.rules, run.tables, run.labels).findings
        return self._findings[run]


def _dragged(question: Question) -> str:
    """The outage whose length or remainder is being dragged, empty where it is another change or one that is done."""
    change = question.change or {}
    if not question.passing or change.get("kind") != "outage" or "begin" in change:
        return ""
    names = texts_in(change, "names")
    return names[0] if len(names) == 1 else ""


def changed(base: Base, changes: Changes, change: dict[str, Any] | None) -> tuple[Changes, list[Problem]]:
    """``changes`` after one more of the page's changes, and what of it is not accepted where it is made of many.

    Raises ``InputError`` and ``BadQuestionError``.
    """
    if change is None:
        return changes, []
    if change.get("kind") == "plan":
        cells = table_in(change, "cells")
        return with_cells(base, changes, {_cell_in(path): words for path, words in cells.items()})
    return _changed(base, changes, change), []


def _cell_in(path: str) -> Cell:
    """The cell at a path of the plan grid."""
    match path.split("."):
        case ["plan", customer, grade, month] if MONTH.fullmatch(month):
            return customer, grade, month
    raise BadQuestionError


def _changed(base: Base, changes: Changes, change: dict[str, Any]) -> Changes:
    match change.get("kind"):
        case "set":
            return with_value(base, changes, text_in(change, "path"), text_in(change, "value"))
        case "scale":
            _, table, column, name = parts_in(change, "path", 4)
            value = text_in(change, "value")
            return with_scale(changes, table, {column: name}, value if value.endswith("%") else f"{value}%")
        case "outage":
            columns = {key: text_in(change, key) for key in ("remaining",) if key in change}
            moved = {key: text_in(change, key) for key in ("begin", "days") if key in change}
            for name in texts_in(change, "names"):
                changes = with_outage(base, changes, name, **moved, **columns)
            return changes
        case "new_outage":
            asset, begin, days, cause = (text_in(change, key) for key in ("asset", "begin", "days", "cause"))
            return with_new_outage(base, changes, asset, begin, days, cause)[0]
        case "order":
            return with_order(base, changes, text_in(change, "number"), text_in(change, "state"))
        case "without":
            for path in texts_in(change, "paths"):
                changes = without(changes, path)
            return changes
        case "as_filed":
            return {}
    raise BadQuestionError


def problem_of(problem: Problem, lang: str) -> dict[str, str]:
    """What is wrong, and the field it is wrong in: a change's problem has its path in place of a file."""
    zh = lang == "zh"
    words = (problem.message_zh if zh else "") or problem.message
    accepted = (problem.accepted_zh if zh else "") or problem.accepted
    more = [text(lang, "page.found", value=problem.found)] if problem.found else []
    more += [text(lang, "page.accepted", values=accepted)] if accepted else []
    more += [text(lang, "page.nearest", name=problem.nearest)] if problem.nearest else []
    field_path = problem.file if not problem.line else ""
    place = "" if field_path else problem.place
    joint = "；" if zh else "; "
    return {"code": problem.code, "field": field_path, "place": place, "words": joint.join([words, *more])}


def _levers(base: Base, changes: Changes, shown: views.Shown) -> dict[str, Any]:
    standing = levers.Standing(base, stated(base, changes), changes, shown.run.labels, shown.lang)
    return {
        "outages": levers.outages(standing),
        "assets": levers.assets(standing),
        "groups": levers.groups(standing),
        "orders": levers.orders(standing),
        "changes": levers.told_changes(changes, shown.run.labels, shown.lang),
        "start": str(standing.tree.get("start")),
        "begin": _a_begin(shown.run),
    }


def _a_begin(run: Variant) -> str:
    """Where a new outage begins until it is moved: a quarter into what is simulated."""
    scenario = run.scenario
    day = scenario.as_of_day + (scenario.end_day - scenario.as_of_day) // 4
    return f"{scenario.calendar_date(day):%Y-%m-%d}"
