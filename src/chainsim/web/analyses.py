"""The page's longer questions: a draft order, chance, a tornado, a tipping point as jobs, and variants side by side.

A question holds everything here too: scenario, what-if, what is selected and what the form says. So nobody keeps a job's number:
whoever asks the same question is told how its job stands, or its answer, after a reload and in the other language as well. Only
while a job runs it is its tab's own affair: another tab that asks the same shares the work, and each cancels for itself.
Answers are parts of the page in HTML, which htmx puts in their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from chainsim.charts.palette import SERIES
from chainsim.errors import InputError, Problem
from chainsim.files.overlays import Changes
from chainsim.mistakes import mistake
from chainsim.texts import text
from chainsim.web import analyses_chance, analyses_orders, analyses_views
from chainsim.web.analyses_compare import Named, side_by_side
from chainsim.web.analyses_levers import all_sliders
from chainsim.web.analyses_views import drawn
from chainsim.web.answering import Page, problem_of
from chainsim.web.asking import BadQuestionError, cell_in, lang_in, optional_text, text_in
from chainsim.web.jobs import Runner, Seen, Work
from chainsim.web.links import packed, unpacked
from chainsim.web.replying import XLSX, answered, file_of
from chainsim.web.shelf import MOST_VARIANTS
from chainsim.web.templates import render
from chainsim.workflow_compare import Compared, apart, compared, workbook_of
from chainsim.workflow_whatif import Base, scenario_with

if TYPE_CHECKING:
    from starlette.requests import Request

ACTIONS = ("begin", "ask", "cancel")
_LONGEST_CUSTOMER = 200
_KEY = re.compile(r"[0-9a-f]{64}")
_TAB = re.compile(r"[0-9a-f-]{0,36}")
MOST_RUNS = 2000
SWINGS = ("10", "25", "50")


@dataclass(frozen=True)
class Question:
    """What a tab wants to know of a job: ``form`` is what its fields say, as text; ``tab`` tells it from other tabs."""

    kind: str
    action: str
    tab: str
    scenario: str
    token: str
    lang: str
    customer: str
    month: str
    tank: str
    form: Mapping[str, str]


@dataclass(frozen=True)
class Comparing:
    """Variants to show side by side: (name, scenario, token), and the customer whose causes are told."""

    lang: str
    customer: str
    variants: tuple[tuple[str, str, str], ...]


@dataclass
class Analyses:
    """The analyses of one page."""

    page: Page
    runner: Runner = field(default_factory=Runner)

    def routes(self) -> list[Route]:
        """Their addresses."""

        def asking(kind: str) -> Route:
            async def ask(request: Request) -> Response:
                return await answered(request, partial(read_question, kind), self.job)

            return Route(f"/analyses/{kind}", ask, methods=["POST"])

        async def compare(request: Request) -> Response:
            return await answered(request, read_comparing, self.compare)

        async def workbook(request: Request) -> Response:
            return await answered(request, read_comparing, self.workbook)

        async def file(request: Request) -> Response:
            return await run_in_threadpool(self.file, **request.path_params)

        return [
            *(asking(kind) for kind in KINDS),
            Route("/analyses/compare", compare, methods=["POST"]),
            Route("/analyses/compare/workbook", workbook, methods=["POST"]),
            Route("/analyses/file/{key}/{lang}/{name}", file, methods=["GET"]),
        ]

    def job(self, question: Question) -> Response:
        """How the job stands, or its answer; begun or cancelled first where that is asked."""
        kind = KINDS[question.kind]
        base = self.page.shelf.base(question.scenario)
        changes = unpacked(question.token)
        try:
            asked = kind.asked(base, changes, question)
        except InputError as error:
            if question.action == "begin":
                return _fragment(question.lang, "problems", 422, problems=told_problems(error.problems, question.lang))
            return self._nothing(question, base, changes)
        work = Work(kind.task, base, changes, asked)
        match question.action:
            case "begin":
                seen: Seen | None = self.runner.begin(work, question.tab)
            case "cancel":
                seen = self.runner.cancel(work.key, question.tab)
            case _:
                seen = self.runner.ask(work.key, question.tab)
        if seen is None:
            return self._nothing(question, base, changes)
        return self._shown(question, kind, work, seen)

    def compare(self, question: Comparing) -> Response:
        """Several variants side by side; each is simulated unless it is at hand."""
        variants = [
            Named(name, self.page.shelf.run(scenario, unpacked(token))) for name, scenario, token in _named(question)
        ]
        known = {customer.name for customer in variants[0].run.scenario.customers}
        found = side_by_side(variants, question.customer if question.customer in known else "", question.lang)
        return _fragment(question.lang, "compare", 200, found=found, chart=drawn(found.chart))

    def workbook(self, question: Comparing) -> Response:
        """The comparison as ``chainsim compare --xlsx`` writes it, each variant in its colour of the page."""
        sides = []
        for name, scenario, token in _named(question):
            with self.page.shelf.lock:
                place = self.page.shelf.base(scenario).path
                run = self.page.shelf.run(scenario, unpacked(token))
                sides.append(Compared(name, place, run.tables, self.page.told(run), run.labels, manifest={}))
        content = workbook_of(compared(sides), question.lang, SERIES)
        return file_of(content, XLSX, f"{text(question.lang, 'analyses.compare.file')}.xlsx")

    def file(self, key: str, lang: str, name: str) -> Response:
        """A file of an answer that is kept: nothing is computed here."""
        seen = self.runner.ask(key) if _KEY.fullmatch(key) else None
        files = files_of(seen.answer, lang) if seen is not None and lang in ("en", "zh") else {}
        if name not in files:
            return PlainTextResponse("no such file", status_code=404)
        called, content = files[name]
        return file_of(content, analyses_orders.FORMATS.get(name, "application/yaml"), called)

    def _shown(self, question: Question, kind: Kind, work: Work, seen: Seen) -> Response:
        lang = question.lang
        match seen.state:
            case "waiting" | "running":
                told = analyses_views.progress(seen, lang)
                return _fragment(lang, "running", 200, kind=question.kind, form=f"ask-{question.kind}", **told)
            case "done":
                values = kind.values(self, question, work, seen.answer)
                return _fragment(lang, question.kind, 200, key=work.key, packed=packed, **values)
            case "wrong":
                assert seen.wrong is not None
                problems = told_problems(seen.wrong.problems, lang)
                reasons = [reason[lang == "zh"] for reason in seen.wrong.reasons]
                return _fragment(lang, "wrong", 200, problems=problems, reasons=reasons)
            case "refused":
                return _fragment(lang, "note", 200, note=text(lang, "analyses.refused"))
            case _:
                return _fragment(lang, "note", 200, note=text(lang, "analyses.cancelled"))

    def _nothing(self, question: Question, base: Base, changes: Changes) -> Response:
        """Nothing was asked for this what-if yet."""
        note = ""
        if question.kind == "order":
            standing = analyses_orders.standing_orders(base, changes)
            if standing:
                joint = "、" if question.lang == "zh" else ", "
                note = text(question.lang, "analyses.order.in_force", numbers=joint.join(standing))
        return _fragment(question.lang, "note", 200, note=note)


def routes(page: Page) -> list[Route]:
    """The addresses of the analyses over ``page``."""
    return Analyses(page).routes()


@dataclass(frozen=True)
class Kind:
    """A kind of job: its task, what it asks (``InputError`` with what is wrong with the form), and its answer for a template."""

    task: str
    asked: Callable[[Base, Changes, Question], dict[str, str]]
    values: Callable[[Analyses, Question, Work, Any], dict[str, Any]]


def _order_asked(base: Base, changes: Changes, question: Question) -> dict[str, str]:
    as_of = question.form.get("as_of", "").strip()
    analyses_orders.day_of(as_of)
    return {"as_of": as_of, "extends": question.scenario}


def _order_values(analyses: Analyses, question: Question, work: Work, answer: Any) -> dict[str, Any]:
    told = answer.told(question.lang)
    return {"draft": answer, "told": told, "chart": drawn(told.chart)}


def _chance_asked(base: Base, changes: Changes, question: Question) -> dict[str, str]:
    form = question.form
    problems: list[Problem] = []
    runs = _number(form, "runs", 5, MOST_RUNS, problems)
    threshold = _number(form, "threshold", 1, 200, problems)
    asked = {
        "runs": f"{runs:.0f}", "threshold": f"{threshold:g}", "extends": question.scenario,
        "outages": form.get("outages", ""), "noise": form.get("noise", ""),
    }  # fmt: skip
    if not problems and not analyses_chance.varies(scenario_with(base, changes), asked):
        problems.append(_problem("noise", "", "analyses.chance.nothing_varies"))
    if problems:
        raise InputError(problems)
    return asked


def _chance_values(analyses: Analyses, question: Question, work: Work, answer: Any) -> dict[str, Any]:
    scenario = scenario_with(work.base, work.changes)
    return analyses_views.chance(answer, scenario, question.lang, question.tank, work.asked, question.customer)


def _tornado_asked(base: Base, changes: Changes, question: Question) -> dict[str, str]:
    swing = question.form.get("swing", SWINGS[0])
    if swing not in SWINGS:
        raise BadQuestionError
    return {"customer": question.customer, "month": question.month, "swing": swing}


def _tornado_values(analyses: Analyses, question: Question, work: Work, answer: Any) -> dict[str, Any]:
    scenario = scenario_with(work.base, work.changes)
    return analyses_views.tornado(answer, scenario, question.lang, work.asked)


def _tipping_asked(base: Base, changes: Changes, question: Question) -> dict[str, str]:
    problems: list[Problem] = []
    lever = question.form.get("lever", "")
    threshold = _number(question.form, "threshold", 1, 200, problems)
    if lever not in {slider.path for slider in all_sliders(base, changes)}:
        problems.append(_problem("lever", lever, "analyses.tipping.no_lever"))
    if problems:
        raise InputError(problems)
    return {"customer": question.customer, "month": question.month, "lever": lever, "threshold": f"{threshold:g}"}


def _tipping_values(analyses: Analyses, question: Question, work: Work, answer: Any) -> dict[str, Any]:
    scenario = scenario_with(work.base, work.changes)
    return analyses_views.tipping(answer, scenario, question.lang, work.asked)


KINDS: dict[str, Kind] = {
    "order": Kind("chainsim.web.analyses_orders:draft", _order_asked, _order_values),
    "chance": Kind("chainsim.web.analyses_chance:spread", _chance_asked, _chance_values),
    "tornado": Kind("chainsim.web.analyses_levers:tornado", _tornado_asked, _tornado_values),
    "tipping": Kind("chainsim.web.analyses_levers:tipping", _tipping_asked, _tipping_values),
}


def read_question(kind: str, given: Any) -> Question:
    """The question in a JSON value; raises ``BadQuestionError``."""
    if not isinstance(given, dict) or len(given) > 40:
        raise BadQuestionError
    action, form = given.get("action", "ask"), given.get("form", {})
    if action not in ACTIONS or not isinstance(form, dict) or len(form) > 20:
        raise BadQuestionError
    if not all(isinstance(value, str) and len(value) <= 500 for value in form.values()):
        raise BadQuestionError
    tab = text_in(given, "tab", "")
    if not _TAB.fullmatch(tab):
        raise BadQuestionError
    customer, month = cell_in(given, _LONGEST_CUSTOMER)
    return Question(
        kind=kind, action=action, tab=tab, scenario=text_in(given, "scenario"), token=optional_text(given, "token"),
        lang=lang_in(given), customer=customer, month=month, tank=text_in(given, "tank", ""), form=form,
    )  # fmt: skip


def read_comparing(given: Any) -> Comparing:
    """The variants in a JSON value; raises ``BadQuestionError``."""
    if not isinstance(given, dict):
        raise BadQuestionError
    variants = given.get("variants")
    if not isinstance(variants, list) or not 2 <= len(variants) <= MOST_VARIANTS:
        raise BadQuestionError
    if not all(isinstance(variant, dict) for variant in variants):
        raise BadQuestionError
    return Comparing(
        lang=lang_in(given),
        customer=cell_in(given, _LONGEST_CUSTOMER)[0],
        variants=tuple(
            (text_in(v, "name")[:80] or "–", text_in(v, "scenario"), optional_text(v, "token")) for v in variants
        ),
    )


def _named(question: Comparing) -> Iterator[tuple[str, str, str]]:
    """The variants, no two of one name."""
    names = apart([name for name, _, _ in question.variants])
    return ((name, scenario, token) for name, (_, scenario, token) in zip(names, question.variants, strict=True))


def told_problems(problems: Any, lang: str) -> list[dict[str, str]]:
    """Problems with the field of the form that each is about, if any."""
    return [{**problem_of(problem, lang), "field": problem.path} for problem in problems]


def files_of(answer: Any, lang: str) -> dict[str, tuple[str, bytes]]:
    """The files that go with an answer: format or name → what it is called, and its content."""
    if isinstance(answer, analyses_orders.Draft):
        return answer.told(lang).files
    if isinstance(answer, analyses_chance.Spread):
        return {name: (name, content.encode("utf-8")) for name, content in answer.files.items()}
    return {}


def _fragment(lang: str, name: str, status: int, **values: Any) -> HTMLResponse:
    return HTMLResponse(render(f"analyses_{name}.html.j2", lang, **values), status_code=status)


def _number(form: Mapping[str, str], key: str, least: int, most: int, problems: list[Problem]) -> float:
    """A number of the form between limits; what is wrong goes to ``problems``."""
    words = form.get(key, "").strip().removesuffix("%").strip()
    try:
        value = float(words)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        problems.append(_problem(key, words, "analyses.not_a_number", accepted=f"{least} … {most}"))
        return float(least)
    return value


def _problem(path: str, found: str, key: str, accepted: str = "") -> Problem:
    return mistake("page-form", key, path=path, found=found, accepted=accepted)
