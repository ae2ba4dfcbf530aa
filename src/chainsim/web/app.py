"""The page's addresses: the page itself, its files, and one question with one answer, ``/view``.

A question holds everything: the scenario, the what-if, the change to it, what is selected, which parts are wanted. So the server
remembers nothing of a tab, and equal questions have equal answers.
"""

from __future__ import annotations

import json
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from chainsim import __version__
from chainsim.errors import InputError, NoFeasibleAnswerError
from chainsim.texts import text
from chainsim.web.answering import Page, problem_of
from chainsim.web.asking import BadQuestionError, read_question
from chainsim.web.guarding import Guard
from chainsim.web.links import BadLinkError, unpacked
from chainsim.web.shelf import NoSuchScenarioError
from chainsim.web.templates import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

_FILES = {
    "page.css": ("web/static", "text/css"),
    "page.js": ("web/static", "text/javascript"),
    "echarts.js": ("assets", "text/javascript"),
}
_LANGUAGES = {"en": "English", "zh": "中文"}
SCRIPT_TEXTS = ("page.busy", "page.ready", "page.offline", "page.stale", "page.map.play", "page.map.pause")
"""What the script says by itself."""


def make_app(folder: Path, lang: str = "en", rules_folder: Path | None = None) -> Guard:
    """The page over the scenarios of ``folder`` as an ASGI application, guarded."""
    page = Page(folder, rules_folder)

    async def shell(request: Request) -> Response:
        return await run_in_threadpool(_shell, page, request, lang)

    async def view(request: Request) -> Response:
        return await _answered(request, page.view)

    routes = [
        Route("/", shell, methods=["GET"]),
        Route("/view", view, methods=["POST"]),
        *(Route(f"/{__version__}/{name}", partial(_file, name), methods=["GET"]) for name in _FILES),
    ]
    return Guard(Starlette(routes=routes))


async def _answered(request: Request, answer: Callable[[Any], dict[str, Any]]) -> Response:
    """The answer to a question that is JSON; what is wrong with it as problems, never as a traceback."""
    lang = "en"
    try:
        question = read_question(json.loads(await request.body()))
        lang = question.lang
        return JSONResponse(await run_in_threadpool(answer, question))
    except (BadQuestionError, UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return JSONResponse({"problems": []}, status_code=400)
    except InputError as error:
        return JSONResponse({"problems": [problem_of(p, lang) for p in error.problems]}, status_code=422)
    except NoFeasibleAnswerError as error:
        words = text(lang, "error.infeasible", reason=error.said(lang))
        return JSONResponse({"problems": [{"field": "", "words": words}]}, status_code=422)
    except NoSuchScenarioError:
        return JSONResponse({"problems": [{"field": "", "words": text(lang, "page.no_scenario")}]}, status_code=404)
    except BadLinkError:
        return JSONResponse({"problems": [{"field": "", "words": text(lang, "page.bad_link")}]}, status_code=400)


def _shell(page: Page, request: Request, default: str) -> HTMLResponse:
    """The page without its results, which it asks for; a link that cannot be read shows the scenario as filed, and says so."""
    asked = request.query_params
    lang = asked.get("lang", default)
    lang = lang if lang in _LANGUAGES else default
    titles = page.shelf.titles()
    names = list(titles)
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
    script = {"texts": {key: text(lang, key) for key in SCRIPT_TEXTS}, "scenario": name, "token": token, "lang": lang}
    values = {
        "names": [(n, _called(n, titles[n], lang)) for n in names], "name": name, "notes": notes, "other": other,
        "version": __version__, "languages": _LANGUAGES, "script": script, "changed": bool(token),
    }  # fmt: skip
    return HTMLResponse(render("page.html.j2", lang, **values))


def _called(name: str, titles: dict[str, str], lang: str) -> str:
    """A scenario in the list: its title, and its file."""
    title, file = titles.get(lang, ""), name.removesuffix(".yaml")
    return f"{title} · {file}" if title else file


async def _file(name: str, request: Request) -> Response:
    folder, kind = _FILES[name]
    content = await run_in_threadpool(_content, folder, name)
    return Response(content, media_type=kind, headers={"cache-control": "max-age=31536000, immutable"})


def _content(folder: str, name: str) -> bytes:
    return (resources.files("chainsim") / folder / name).read_bytes()
