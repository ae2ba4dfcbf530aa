"""The exception tree: what a user can get wrong, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

_WORDS = {
    "en": ("found: {}", "accepted: {}", "did you mean {}?", ": ", "what is finished is kept; go on with: {}"),
    "zh": ("写的是：{}", "可接受：{}", "是否想写 {}？", "：", "已完成的部分保留；继续：{}"),
}


class ChainsimError(Exception):
    """Any mistake of the user's. Ours crash with an assertion instead. ``lang`` is what ``str`` tells it in."""

    lang = "en"

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the mistake as the command line tells it, not the way through our code (IPython's hook)."""
        return f"{type(self).__name__}: {self}".splitlines()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the input, with its place.

    ``file`` is as the user named it; ``line`` and ``column`` count from 1 (0: not known); for workbooks ``sheet`` and
    ``cell``. ``path`` is the place inside the document (``pipelines.trunk.capacity``). ``found`` and ``accepted`` complete the
    sentence; ``nearest`` is the closest accepted name, if any. ``code`` is stable, for scripts.
    """

    code: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    sheet: str = ""
    cell: str = ""
    path: str = ""
    found: str = ""
    accepted: str = ""
    nearest: str = ""
    message_zh: str = ""
    accepted_zh: str = ""

    @property
    def place(self) -> str:
        """``file:line:column`` or ``file[sheet!cell]``."""
        if self.sheet:
            return f"{self.file}[{self.sheet}!{self.cell}]" if self.cell else f"{self.file}[{self.sheet}]"
        if self.line:
            return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"
        return self.file


def render_problem(problem: Problem, lang: str = "en") -> str:
    """Plain text on several lines: place, path and message; then what was found, what is accepted, the nearest name."""
    found, accepted, nearest, colon, _ = _WORDS["zh" if lang == "zh" else "en"]
    message = (problem.message_zh if lang == "zh" else "") or problem.message
    allowed = (problem.accepted_zh if lang == "zh" else "") or problem.accepted
    head = ": ".join(part for part in (problem.place, problem.path) if part)
    lines = [f"{head}{colon}{message}" if head else message]
    if problem.found:
        lines.append("  " + found.format(problem.found))
    if allowed:
        lines.append("  " + accepted.format(allowed))
    if problem.nearest:
        lines.append("  " + nearest.format(problem.nearest))
    return "\n".join(lines)


class InputError(ChainsimError):
    """A scenario or rule file with problems: all of them at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problem(s) in the input")

    def __str__(self) -> str:
        """Every problem, as the command line tells it."""
        return "\n".join(render_problem(problem, self.lang) for problem in self.problems)


class StoppedError(InputError):
    """Work that was under way could not go on. What is finished of it is kept; ``again`` is what goes on: a command, a call."""

    def __init__(self, problems: Sequence[Problem], again: str = "") -> None:
        self.again = again
        super().__init__(problems)

    def __str__(self) -> str:
        """The problems, and how to go on."""
        return "\n".join([super().__str__(), *([self.way_on(self.lang)] if self.again else [])])

    def way_on(self, lang: str) -> str:
        """That what is finished is kept, and ``again``."""
        return _WORDS["zh" if lang == "zh" else "en"][-1].format(self.again)


class NoFeasibleAnswerError(ChainsimError):
    """The question has no answer (exit code 3)."""

    def said(self, lang: str) -> str:
        """Why not, in ``lang`` where it is known in both languages."""
        return str(self)


class NoPlanError(NoFeasibleAnswerError):
    """No plan keeps to all limits; ``reasons`` say why, each as (English, Chinese)."""

    def __init__(self, reasons: Sequence[tuple[str, str]]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(english for english, _ in self.reasons))

    def __str__(self) -> str:
        """The reasons, in the language of whoever asked."""
        return "; ".join(reason[self.lang == "zh"] for reason in self.reasons)

    def said(self, lang: str) -> str:
        """The reasons, one a line."""
        return "\n  ".join(reason[lang == "zh"] for reason in self.reasons)


class FlowCycleError(NoFeasibleAnswerError):
    """Rates at an instant have no solution; ``cycle`` names the assets around it."""

    def __init__(self, day: float, cycle: Sequence[str]) -> None:
        self.day = day
        self.cycle = tuple(cycle)
        super().__init__(f"on day {day:g} the flows through {' → '.join(self.cycle)} have no stable solution")


@contextmanager
def told_in(lang: str) -> Iterator[None]:
    """Mistakes that come out of this block are told in ``lang``."""
    try:
        yield
    except ChainsimError as error:
        error.lang = lang
        raise
