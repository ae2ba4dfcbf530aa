"""The page's addresses: the page itself, its files, and one question with one answer, ``/view``.

A question holds everything: the scenario, the what-if, the change to it, what is selected, which parts are wanted. So the server
remembers nothing of a tab, and equal questions have equal answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from chainsim import __version__
from chainsim.charts.palette import SCENARIO_COLOURS, scenario_colour
from chainsim.files.discovery import Face
from chainsim.texts import text
from chainsim.web import analyses, saving
from chainsim.web.answering import Page
from chainsim.web.asking import read_question
from chainsim.web.guarding import Guard
from chainsim.web.links import BadLinkError, unpacked
from chainsim.web.replying import answered
from chainsim.web.shelf import MOST_VARIANTS
from chainsim.web.templates import render

if TYPE_CHECKING:
    from starlette.requests import Request

_SCRIPTS = ("page.js", "asking.js", "drawing.js", "fields.js", "leaving.js", "moving.js", "plan.js",
            "printing.js", "state.js")  # fmt: skip
"""Modules, the one that begins first."""
_FILES = {
    "page.css": ("web/static", "text/css"),
    **dict.fromkeys(_SCRIPTS, ("web/static", "text/javascript")),
    "analyses.css": ("web/static", "text/css"),
    "analyses.js": ("web/static", "text/javascript"),
    "echarts.js": ("assets", "text/javascript"),
    "htmx.js": ("assets", "text/javascript"),
}
_ROOMS: tuple[Callable[[Page], list[Route]], ...] = (saving.routes, analyses.routes)
"""Further rooms of the page: each gives its addresses over the one ``Page``."""
_LANGUAGES = {"en": "English", "zh": "中文"}
SCRIPT_TEXTS = (
    "page.busy", "page.ready", "page.stale", "page.map.play", "page.map.pause", "page.map.whole", "page.saved",
    "page.plan.accepted", "page.plan.refused", "page.plan.outside", "page.plan.nothing",
    "page.plan.needs_amount",
)  # fmt: skip
"""What the script says by itself."""


def make_app(folder: Path, lang: str = "en", rules_folder: Path | None = None) -> Guard:
    """The page over the scenarios of ``folder`` as an ASGI application, guarded."""
    page = Page(folder, rules_folder)

    async def shell(request: Request) -> Response:
        return await run_in_threadpool(_shell, page, request, lang)

    async def view(request: Request) -> Response:
        return await answered(request, read_question, page.view)

    routes = [
        Route("/", shell, methods=["GET"]),
        Route("/view", view, methods=["POST"]),
        *(route for room in _ROOMS for route in room(page)),
        *(Route(f"/{_stamp()}/{name}", partial(_file, name), methods=["GET"]) for name in _FILES),
    ]
    return Guard(Starlette(routes=routes))


def _shell(page: Page, request: Request, default: str) -> HTMLResponse:
    """The page without its results, which it asks for; a link that cannot be read shows the scenario as filed, and says so."""
    asked = request.query_params
    lang = asked.get("lang", default)
    lang = lang if lang in _LANGUAGES else default
    faces = page.shelf.faces()
    names = list(faces)
    name = asked.get("s", "")
    notes = []
    if name and name not in names:
        notes.append(text(lang, "page.no_scenario"))
    if name not in names:
        name = names[0] if names else ""
    token = asked.get("w", "")
    try:
        unpacked(token)
    except BadLinkError:
        token = ""
        notes.append(text(lang, "page.bad_link"))
    other = "en" if lang == "zh" else "zh"
    script = {"texts": {key: text(lang, key) for key in SCRIPT_TEXTS}, "scenario": name, "token": token, "lang": lang,
              "colours": SCENARIO_COLOURS}  # fmt: skip
    options = [(n, _called(n, face, lang), scenario_colour(face.name, face.color)) for n, face in faces.items()]
    values = {
        "names": options, "name": name, "notes": notes, "other": other, "version": _stamp(), "scripts": _SCRIPTS,
        "languages": _LANGUAGES, "script": script, "changed": bool(token), "most": MOST_VARIANTS,
    }  # fmt: skip
    return HTMLResponse(render("page.html.j2", lang, **values))


def _called(name: str, face: Face, lang: str) -> str:
    """A scenario in the list: its title, and its file."""
    title, file = face.title.get(lang, ""), name.removesuffix(".yaml")
    return f"{title} · {file}" if title else file


async def _file(name: str, request: Request) -> Response:
    folder, kind = _FILES[name]
    content = await run_in_threadpool(_content, folder, name)
    return Response(content, media_type=kind, headers={"cache-control": "max-age=31536000, immutable"})


@cache
def _stamp() -> str:
    """In the addresses of the page's files, which browsers keep: another one for other files."""
    files = hashlib.sha256(b"".join(_content(folder, name) for name, (folder, _) in sorted(_FILES.items())))
    return f"{__version__}-{files.hexdigest()[:12]}"


def _content(folder: str, name: str) -> bytes:
    return (resources.files("chainsim") / folder / name).read_bytes()
