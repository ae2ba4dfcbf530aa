"""What several commands have in common: their options, and how they speak to programs and warn people."""

from __future__ import annotations

import io
import shlex
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from chainsim.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from chainsim.errors import Problem


class _ScenarioPath(click.Path):
    """A path that exists; behind ``#`` it may name a case: ``western.xlsx#dry``."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        from chainsim.files.cases import split_case

        path, case = split_case(Path(value))
        found = super().convert(path, parameter, context)
        return Path(f"{found!s}#{case}") if case else found


class Day(click.DateTime):
    """A day as ``2008-03-01``, a month as ``2008-03``: a ``date``, of a month its first."""

    def __init__(self, lang: str, *, month: bool = False) -> None:
        self._lang, self._month = lang, month
        self._form = "%Y-%m" if month else "%Y-%m-%d"
        super().__init__([self._form])

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        if isinstance(value, date):
            return value
        found = _day_in(value, self._form)
        if found is not None:
            return found
        told = text(self._lang, "error.month" if self._month else "error.day", found=value)
        meant = next((day for form in _OTHERWISE if (day := _day_in(value, form)) is not None), None)
        if meant is not None:
            told += text(self._lang, "error.meant", meant=f"{meant:{self._form}}")
        return self.fail(told, parameter, context)


def _day_in(value: str, form: str) -> date | None:
    try:
        return datetime.strptime(value, form).date()
    except ValueError:
        return None


SCENARIO = _ScenarioPath(exists=True, path_type=Path)
XLSX = click.Path(dir_okay=False, path_type=Path)
FORMATS = click.Choice(["text", "json", "github", "junit", "markdown"])
FLOORS = click.Choice(["info", "warning", "error", "never"])
_OTHERWISE = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%d.%m.%Y", "%Y-%m", "%Y/%m", "%Y.%m", "%Y%m", "%Y年%m月",
)  # fmt: skip
"""How people write days and months; told as what they may have meant, not taken, for some read them otherwise."""
_Command = TypeVar("_Command", bound="Callable[..., Any]")


def add_common(lang: str) -> Callable[[_Command], _Command]:
    """The options every command has."""

    def add(function: _Command) -> _Command:
        function = click.option("--debug", is_flag=True, expose_value=False, help=text(lang, "help.debug"))(function)
        return click.option(
            "--lang", type=click.Choice(["en", "zh"]), default=lang, expose_value=False, help=text(lang, "help.lang")
        )(function)

    return add


def add_rules(lang: str) -> Callable[[_Command], _Command]:
    """The option of commands that apply rules."""

    def add(function: _Command) -> _Command:
        return click.option(
            "--rules",
            "rules_folder",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            metavar="DIR",
            help=text(lang, "help.rules"),
        )(function)

    return add


def add_case(lang: str) -> Callable[[_Command], _Command]:
    """The option of commands that take one scenario, perhaps under one of its cases."""

    def add(function: _Command) -> _Command:
        return click.option("--case", metavar="NAME", help=text(lang, "help.case"))(function)

    return add


def case_of(scenario: Path, case: str | None) -> Path:
    """The scenario's path under ``case``, if one was asked for."""
    return Path(f"{scenario}#{case}") if case else scenario


def named_xlsx(lang: str) -> Callable[[click.Context, click.Parameter, Path | None], Path | None]:
    """A workbook under another name opens with a warning, or in another program."""

    def check(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
        if path is not None and path.suffix.lower() != ".xlsx":
            raise click.BadParameter(text(lang, "error.xlsx", path=path), context, parameter)
        return path

    return check


def words_again(context: click.Context, lang: str, *, less: Collection[str] = (), more: Sequence[str] = ()) -> str:
    """The command that was given, for a shell: its arguments and options without those named ``less``, with ``more``."""
    words = context.command_path.split()
    for parameter in context.command.params:
        name = parameter.name or ""
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE or name in less:
            continue
        value = context.params.get(name, lang if name == "lang" else None)
        if isinstance(parameter, click.Option):
            words.append(parameter.opts[0])
            if parameter.is_flag:
                continue
        words.append(value.as_posix() if isinstance(value, Path) else str(value))
    return shlex.join([*words, *more])


def in_utf8() -> None:
    """What programs read is UTF-8, whatever the terminal speaks: JSON asks for it and the XML says so."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def warn(problem: Problem, lang: str) -> None:
    """Tell a problem that stops nothing."""
    from chainsim.files import render_problem

    click.echo(text(lang, "warning", text=render_problem(problem, lang)), err=True)


def write_text(path: Path, content: str) -> None:
    """A text file in UTF-8, whole or not at all."""
    from chainsim.reports import whole_file

    with whole_file(path) as temporary:
        temporary.write_text(content, encoding="utf-8")
