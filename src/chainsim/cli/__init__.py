"""The command line. ``main`` is the entry point; exit codes:

0 done · 1 a finding at or above ``--fail-on`` · 2 usage or input · 3 no feasible answer · 4 chainsim's own mistake · 130
interrupted · 141 the reader of our output went away. Results go to stdout, progress and problems to stderr.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
from collections.abc import Sequence

import click

from chainsim.cli.commands import commands
from chainsim.cli.wording import speak
from chainsim.errors import ChainsimError, InputError, NoFeasibleAnswerError, StoppedError
from chainsim.texts import preferred_language, text

_ALLOCATIONS_BETWEEN_COLLECTIONS = 100_000
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""Of files these come as problems; where no file is named, stdout went to the full disk."""
FINDINGS, USAGE, INFEASIBLE, INTERNAL, INTERRUPTED, BROKEN_PIPE = 1, 2, 3, 4, 130, 141


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``chainsim`` with ``arguments`` (default: the process's) and exit."""
    # What a run makes lives to its end: looking for garbage at Python's usual pace costs a tenth of the time and finds none.
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a sign shows "?": no reason to fail
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_exit_code(words))


def _exit_code(words: list[str]) -> int:
    lang = _language(words)
    speak(lang)
    try:
        code = commands(lang).main(words, prog_name="chainsim", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        _say(text(lang, "error.interrupted"))
        return INTERRUPTED
    except InputError as error:
        return _tell_problems(error, lang)
    except NoFeasibleAnswerError as error:
        _say(text(lang, "error.infeasible", reason=error.said(lang)))
        return INFEASIBLE
    except ChainsimError as error:
        _say(str(error))
        return USAGE
    except BrokenPipeError:
        _abandon_stdout()
        return BROKEN_PIPE
    except OSError as error:
        if error.filename is None and error.errno in _FULL:
            _abandon_stdout()
            _say(text(lang, "error.stdout", reason=error.strerror))
            return USAGE
        if error.filename is None:
            return _tell_own_mistake(error, words, lang)
        _say(text(lang, "error.file", path=error.filename, reason=error.strerror))
        return USAGE
    except Exception as error:  # noqa: BLE001 - the last resort of a program that must not show a planner a traceback
        return _tell_own_mistake(error, words, lang)
    return code if isinstance(code, int) else 0


def _abandon_stdout() -> None:
    """Python would complain once more when it flushes stdout on the way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell_problems(error: InputError, lang: str) -> int:
    from chainsim.files import render_problem

    for problem in error.problems:
        _say(render_problem(problem, lang) + _excerpt(problem.file, problem.line, problem.column))
    codes = {problem.code for problem in error.problems}
    if isinstance(error, StoppedError):
        _say(error.way_on(lang))
    elif all(code.startswith("output-") for code in codes):
        _say(text(lang, "problems.output"))
    elif codes != {"explain"}:
        _say(text(lang, "problems", count=len(error.problems)))
    return USAGE


def _excerpt(file: str, line: int, column: int) -> str:
    """The line a problem points at, with a caret below the place; nothing where the file cannot show it."""
    if not (file and line and column) or not os.path.isfile(file):  # noqa: PTH113 - pathlib costs start-up time
        return ""
    with open(file, "rb") as lines:  # noqa: PTH123 - as above
        data = next((row for number, row in enumerate(lines, start=1) if number == line), b"")
    try:
        shown = data.decode("utf-8-sig").rstrip()
    except UnicodeDecodeError:  # as Chinese Excel writes CSV
        shown = data.decode("gb18030", errors="replace").rstrip()
    if not shown or len(shown) > 200 or column > len(shown) + 1:
        return ""
    # Control characters of a file have no business on a terminal.
    shown = "".join(c if c.isprintable() or c in "\t\u3000" else "·" for c in shown)
    # A Chinese character is two columns wide on a terminal; a full-width space keeps the caret below its place.
    lead = "".join("　" if ord(c) > 0x2E7F else " " for c in shown[: column - 1])
    return f"\n    {shown}\n    {lead}^"


def _tell_own_mistake(error: Exception, words: list[str], lang: str) -> int:
    if "--debug" in words:
        import traceback

        traceback.print_exc()
    _say(text(lang, "error.internal", reason=f"{type(error).__name__}: {error}"))
    return INTERNAL


def _language(words: list[str]) -> str:
    """The language asked for, read before Click so that help and errors speak it too."""
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == "--lang" and following in {"en", "zh"}:
            return following
        if word in {"--lang=en", "--lang=zh"}:
            return word[-2:]
    return preferred_language()


def _say(message: str) -> None:
    click.echo(message, err=True)
