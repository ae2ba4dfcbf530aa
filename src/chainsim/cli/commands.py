"""The commands and their options; what they do is in ``chainsim.workflow``, how it looks in the modules beside this."""

from __future__ import annotations

import io
import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chainsim import __version__
from chainsim.cli.progress import Stages
from chainsim.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from chainsim.workflow import Run

_SCENARIO = click.Path(exists=True, path_type=Path)
_FORMATS = click.Choice(["text", "json", "github", "junit"])
_FLOORS = click.Choice(["info", "warning", "error", "never"])
_Command = TypeVar("_Command", bound="Callable[..., Any]")


def commands(lang: str) -> click.Group:
    """The whole command line, its help in ``lang``."""
    group = click.Group("chainsim", help=text(lang, "help.chainsim"), no_args_is_help=True)
    group = click.version_option(__version__, prog_name="chainsim")(group)
    for command in (_run(lang), _check(lang), _compare(lang), _new(lang), _schema(lang)):
        group.add_command(command)
    return group


def _common(lang: str, *, rules: bool = True) -> Callable[[_Command], _Command]:
    """The options every command has."""

    def add(function: _Command) -> _Command:
        function = click.option("--debug", is_flag=True, expose_value=False, help=text(lang, "help.debug"))(function)
        function = click.option(
            "--lang", type=click.Choice(["en", "zh"]), default=lang, expose_value=False, help=text(lang, "help.lang")
        )(function)
        if rules:
            function = click.option(
                "--rules",
                "rules_folder",
                type=click.Path(exists=True, file_okay=False, path_type=Path),
                metavar="DIR",
                help=text(lang, "help.rules"),
            )(function)
        return function

    return add


def _run(lang: str) -> click.Command:
    def named_xlsx(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
        # A workbook under another name opens with a warning, or in another program.
        if path is not None and path.suffix.lower() != ".xlsx":
            raise click.BadParameter(text(lang, "error.xlsx", path=path), context, parameter)
        return path

    @click.command("run", help=text(lang, "help.run"))
    @click.argument("scenario", type=_SCENARIO)
    @click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help=text(lang, "help.out"))
    @click.option(
        "--xlsx",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        callback=named_xlsx,
        help=text(lang, "help.xlsx"),
    )
    @click.option("--json", "as_json", is_flag=True, help=text(lang, "help.json"))
    @click.option("--format", "style", type=_FORMATS, default="text", help=text(lang, "help.format"))
    @click.option("--fail-on", type=_FLOORS, default="never", help=text(lang, "help.fail_on"))
    @click.option("--seed", type=click.IntRange(min=0), metavar="N", help=text(lang, "help.seed"))
    @click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=text(lang, "help.as_of"))
    @click.option("--quiet", is_flag=True, help=text(lang, "help.quiet"))
    @_common(lang)
    def command(
        scenario: Path,
        out: Path | None,
        xlsx: Path | None,
        as_json: bool,
        style: str,
        fail_on: str,
        seed: int | None,
        as_of: datetime | None,
        quiet: bool,
        rules_folder: Path | None,
    ) -> int:
        from chainsim import workflow
        from chainsim.rules import grave

        if out is not None:
            workflow.refuse_foreign_folder(out)
        with Stages(lang, quiet=quiet) as stages:
            outcome = workflow.run(
                scenario,
                seed=seed,
                as_of=as_of.date() if as_of else None,
                rules_folder=rules_folder,
                progress=stages.begin,
            )
            folder = out or Path("results") / outcome.scenario.name
            again = _again(scenario, seed, as_of, rules_folder)
            outcome.manifest["command"] = again
            workflow.write(outcome, folder, workbook=xlsx, lang=lang, progress=stages.begin)
        for problem in outcome.warnings:
            _warn(problem, lang)
        _show(outcome, "json" if as_json else style, lang, folder=folder, workbook=xlsx, fail_on=fail_on, quiet=quiet)
        return int(fail_on != "never" and grave(outcome.findings, fail_on))

    return command


def _show(
    outcome: Run, style: str, lang: str, *, folder: Path, workbook: Path | None, fail_on: str, quiet: bool
) -> None:
    if style == "text":
        from chainsim.cli.terminal import show_run

        show_run(outcome, lang, folder=folder, workbook=workbook, quiet=quiet)
        return
    from chainsim.cli import machine

    _in_utf8()
    if style == "json":
        click.echo(machine.json_text(outcome, folder, workbook))
    elif style == "github":
        click.echo(machine.github_text(outcome, lang), nl=False)
    else:
        click.echo(machine.junit_text(outcome, lang, fail_on), nl=False)


def _check(lang: str) -> click.Command:
    @click.command("check", help=text(lang, "help.check"))
    @click.argument("scenario", type=_SCENARIO)
    @_common(lang)
    def command(scenario: Path, rules_folder: Path | None) -> None:
        from chainsim import workflow

        checked = workflow.check(scenario, rules_folder=rules_folder)
        for problem in checked.warnings:
            _warn(problem, lang)
        parts = checked.scenario
        assets = len(parts.suppliers) + len(parts.farms) + len(parts.pipelines) + len(parts.railways)
        click.echo(
            text(lang, "check.ok", path=scenario, customers=len(parts.customers), assets=assets, rules=checked.rules)
        )

    return command


def _compare(lang: str) -> click.Command:
    @click.command("compare", help=text(lang, "help.compare"))
    @click.argument("scenarios", type=_SCENARIO, nargs=-1, required=True)
    @click.option("--json", "as_json", is_flag=True, help=text(lang, "help.json"))
    @click.option("--quiet", is_flag=True, help=text(lang, "help.quiet"))
    @_common(lang)
    def command(scenarios: tuple[Path, ...], as_json: bool, quiet: bool, rules_folder: Path | None) -> None:
        from chainsim import workflow

        with Stages(lang, quiet=quiet) as stages:
            comparison = workflow.compare(scenarios, rules_folder=rules_folder, progress=stages.begin)
        if as_json:
            from chainsim.cli.machine import comparison_json

            _in_utf8()
            click.echo(comparison_json(comparison))
        else:
            from chainsim.cli.comparison import show_comparison

            show_comparison(comparison, lang)

    return command


def _new(lang: str) -> click.Command:
    @click.command("new", help=text(lang, "help.new"))
    @click.argument("directory", type=click.Path(path_type=Path))
    @_common(lang, rules=False)
    def command(directory: Path) -> None:
        from chainsim import workflow

        workflow.new(directory)
        click.echo(text(lang, "new.written", folder=directory))

    return command


def _schema(lang: str) -> click.Command:
    @click.command("schema", help=text(lang, "help.schema"))
    @_common(lang, rules=False)
    def command() -> None:
        import json

        from chainsim.files import scenario_schema

        _in_utf8()
        click.echo(json.dumps(scenario_schema(), ensure_ascii=False, indent=2))

    return command


def _in_utf8() -> None:
    """What programs read is UTF-8, whatever the terminal speaks: JSON asks for it and the XML says so."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def _again(scenario: Path, seed: int | None, as_of: datetime | None, rules_folder: Path | None) -> str:
    """The command that gives the same results again (where to and how shown do not matter)."""
    words = ["chainsim", "run", scenario.as_posix()]
    if seed is not None:
        words += ["--seed", str(seed)]
    if as_of is not None:
        words += ["--as-of", f"{as_of:%Y-%m-%d}"]
    if rules_folder is not None:
        words += ["--rules", rules_folder.as_posix()]
    return shlex.join(words)


def _warn(problem: Any, lang: str) -> None:
    from chainsim.files import render_problem

    click.echo(text(lang, "warning", text=render_problem(problem, lang)), err=True)
