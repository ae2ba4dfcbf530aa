"""What leaves the page: an overlay saved into the served folder, a workbook or a report to keep."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from chainsim.errors import InputError, Problem
from chainsim.files.discovery import overlays_in
from chainsim.mistakes import mistake
from chainsim.texts import both
from chainsim.web.answering import Page
from chainsim.web.asking import BadQuestionError, lang_in, optional_text, text_in
from chainsim.web.links import unpacked
from chainsim.web.replying import XLSX, answered, file_of
from chainsim.workflow_whatif import files_under, outcome_of, save_whatif

if TYPE_CHECKING:
    from starlette.requests import Request

_NAME = re.compile(r"\w(?:[\w -]{0,58}\w)?")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|scenario)", re.IGNORECASE)
"""Names that some systems keep for themselves, and the head of a scenario's folder."""
_KINDS = {
    "workbook": ("xlsx", XLSX),
    "report": ("html", "text/html; charset=utf-8"),
}


@dataclass(frozen=True)
class Wish:
    """What is to leave the page: ``kind`` is ``overlay``, ``workbook`` or ``report``."""

    kind: str
    scenario: str
    token: str
    lang: str
    name: str = ""
    title: str = ""
    color: str = ""
    replaces: bool = False


def routes(page: Page) -> list[Route]:
    """The addresses of saving and of exports."""

    async def save(request: Request) -> Response:
        return await answered(request, _read_save, lambda wish: _saved(page, wish))

    async def export(request: Request) -> Response:
        return await answered(request, _read_export, lambda wish: _exported(page, wish))

    return [Route("/save", save, methods=["POST"]), Route("/export", export, methods=["POST"])]


def _read_save(given: Any) -> Wish:
    wish = _read(given)
    title = text_in(given, "title")
    if not title.isprintable() or len(title) > 200:
        raise BadQuestionError
    color = text_in(given, "color", "")
    if color and not _COLOR.fullmatch(color):
        raise BadQuestionError
    return replace(wish, name=text_in(given, "name"), title=title, color=color, replaces=given.get("replace") is True)


def _read_export(given: Any) -> Wish:
    wish = _read(given)
    kind = text_in(given, "kind")
    if kind not in _KINDS:
        raise BadQuestionError
    return replace(wish, kind=kind)


def _read(given: Any) -> Wish:
    if not isinstance(given, dict) or "token" not in given:
        raise BadQuestionError
    return Wish("overlay", text_in(given, "scenario"), optional_text(given, "token"), lang_in(given))


def _saved(page: Page, wish: Wish) -> dict[str, Any]:
    """Write the overlay into the served folder; ``InputError`` with what is wrong, at the field of the form."""
    changes = unpacked(wish.token)
    base = page.shelf.base(wish.scenario)
    name = wish.name.removesuffix(".yaml").removesuffix(".yml").strip()
    if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
        raise InputError([_wrong("save.bad_name", name, "save.accepted")])
    file = page.shelf.place / f"{name}.yaml"
    if file.exists() or file.is_symlink():
        if file.resolve() in files_under(base):
            raise InputError([_wrong("save.own", file.name)])
        if file.is_symlink() or file.resolve() not in {path.resolve() for path in overlays_in(page.shelf.place)}:
            raise InputError([_wrong("save.no_overlay", file.name)])
        if not wish.replaces:
            raise InputError([_wrong("save.exists", file.name)])
    try:
        save_whatif(base, changes, file, wish.title, wish.color)
    except OSError as error:
        raise InputError([_wrong("save.refused", file.name, reason=error.strerror or "")]) from error
    return {"saved": file.name, "listed": file.name in page.shelf.faces()}


def _exported(page: Page, wish: Wish) -> Response:
    """The workbook or the report of the what-if, as ``chainsim run`` and ``chainsim report`` make them."""
    from chainsim.reports.report import report_html
    from chainsim.reports.workbook import workbook_bytes
    from chainsim.workflow_report import reported

    changes = unpacked(wish.token)
    with page.shelf.lock:
        base = page.shelf.base(wish.scenario)
        run = page.shelf.run(wish.scenario, changes)
        outcome = outcome_of(base, changes, run, page.rules_folder)
        if wish.kind == "workbook":
            content = workbook_bytes(outcome.scenario, outcome.tables, outcome.told, outcome.manifest, wish.lang)
        else:
            filed = page.shelf.run(wish.scenario, {})
            earlier = reported(outcome_of(base, {}, filed, page.rules_folder)) if changes else None
            content = report_html(reported(outcome), wish.lang, earlier).encode()
    ending, kind = _KINDS[wish.kind]
    name = f"{outcome.scenario.name}{'-what-if' if changes else ''}.{ending}"
    return file_of(content, kind, name)


def _wrong(key: str, found: str, accepted: str = "", **values: str) -> Problem:
    return mistake(key, key, file="save.name", found=found, accepted=both(accepted) if accepted else "", **values)
