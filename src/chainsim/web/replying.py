"""From a request to a response: the question read, its answer given, mistakes told."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from chainsim.errors import InputError, NoFeasibleAnswerError
from chainsim.texts import text
from chainsim.web.answering import problem_of
from chainsim.web.asking import BadQuestionError
from chainsim.web.links import BadLinkError
from chainsim.web.shelf import NoSuchScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _InALanguage(Protocol):
    @property
    def lang(self) -> str: ...


Asked = TypeVar("Asked", bound=_InALanguage)


def file_of(content: bytes, kind: str, name: str) -> Response:
    """A file to keep, called ``name`` in whatever script."""
    return Response(
        content, media_type=kind, headers={"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )


async def answered(request: Request, read: Callable[[Any], Asked], answer: Callable[[Asked], Any]) -> Response:
    """The answer to a question that is JSON; what is wrong with it as problems, never as a traceback.

    ``answer`` gives what can be said in JSON, or a response of its own.
    """
    lang = "en"
    try:
        question = read(json.loads(await request.body()))
        lang = question.lang
        given = await run_in_threadpool(answer, question)
        # A simulation's parts refer to one another: what is left of it is cleared away while the browser draws.
        return given if isinstance(given, Response) else JSONResponse(given, background=BackgroundTask(gc.collect, 0))
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
