"""The commands and their options; what they do is in ``chainsim.workflow``, how it looks in the modules beside this."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chainsim import __version__
from chainsim.cli.batch_command import batch_command
from chainsim.cli.compare_command import compare_command
from chainsim.cli.compile_command import compile_command
from chainsim.cli.document_command import document_command
from chainsim.cli.experiment_command import experiment_group
from chainsim.cli.network import network_lines
from chainsim.cli.optimize_command import optimize_command, order_group
from chainsim.cli.options import (
    FLOORS,
    FORMATS,
    SCENARIO,
    XLSX,
    Day,
    add_case,
    add_common,
    add_rules,
    case_of,
    in_utf8,
    named_xlsx,
    warn,
)
from chainsim.cli.progress import Stages
from chainsim.cli.report_command import report_command
from chainsim.cli.resilience_command import resilience_command
from chainsim.cli.rules_commands import rules_group
from chainsim.cli.serve_command import serve_command
from chainsim.cli.workbook_command import export_input_command
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.workflow import Run


def commands(lang: str) -> click.Group:
    """The whole command line, its help in ``lang``."""
    group = click.Group("chainsim", help=text(lang, "help.chainsim"), no_args_is_help=True)
    group = click.version_option(__version__, prog_name="chainsim")(group)
    for command in (
        _run(lang), _check(lang), compare_command(lang), batch_command(lang), optimize_command(lang), order_group(lang),
        experiment_group(lang), resilience_command(lang), report_command(lang), serve_command(lang), _new(lang),
        rules_group(lang), export_input_command(lang), document_command(lang), _schema(lang),
        compile_command(lang),
    ):  # fmt: skip
        group.add_command(command)
    return group


def _run(lang: str) -> click.Command:
    @click.command("run", help=text(lang, "help.run"))
    @click.argument("scenario", type=SCENARIO)
    @click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help=text(lang, "help.out"))
    @click.option("--xlsx", type=XLSX, metavar="FILE", callback=named_xlsx(lang), help=text(lang, "help.xlsx"))
    @click.option("--daily", is_flag=True, help=text(lang, "help.daily"))
    @click.option("--json", "as_json", is_flag=True, help=text(lang, "help.json"))
    @click.option("--format", "style", type=FORMATS, default="text", help=text(lang, "help.format"))
    @click.option("--fail-on", type=FLOORS, default="never", help=text(lang, "help.fail_on"))
    @click.option("--seed", type=click.IntRange(min=0), metavar="N", help=text(lang, "help.seed"))
    @click.option("--as-of", type=Day(lang), metavar="DATE", help=text(lang, "help.as_of"))
    @click.option("--quiet", is_flag=True, help=text(lang, "help.quiet"))
    @add_case(lang)
    @add_rules(lang)
    @add_common(lang)
    def command(
        scenario: Path,
        out: Path | None,
        xlsx: Path | None,
        daily: bool,
        as_json: bool,
        style: str,
        fail_on: str,
        seed: int | None,
        as_of: date | None,
        quiet: bool,
        case: str | None,
        rules_folder: Path | None,
    ) -> int:
        from chainsim import workflow
        from chainsim.rules import grave

        scenario = case_of(scenario, case)
        if out is not None:
            workflow.refuse_foreign_folder(out)
        with Stages(lang, quiet=quiet) as stages:
            outcome = workflow.run(
                scenario,
                seed=seed,
                as_of=as_of,
                rules_folder=rules_folder,
                progress=stages.begin,
            )
            folder = out or Path("results") / outcome.scenario.name
            again = _again(scenario, seed, as_of, rules_folder)
            outcome.manifest["command"] = again
            workflow.write(outcome, folder, workbook=xlsx, daily=daily, lang=lang, progress=stages.begin)
        for problem in outcome.warnings:
            warn(problem, lang)
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

    in_utf8()
    match style:
        case "json":
            click.echo(machine.json_text(outcome, folder, workbook))
        case "github":
            click.echo(machine.github_text(outcome.findings, outcome.rules_folder, lang), nl=False)
        case "junit":
            title = f"chainsim {outcome.scenario.name}"
            told = machine.findings_junit(outcome.findings, outcome.rule_results, title, lang, fail_on)
            click.echo(told, nl=False)
        case _:
            from chainsim.cli.markdown import run_markdown

            click.echo(run_markdown(outcome, lang), nl=False)


def _check(lang: str) -> click.Command:
    @click.command("check", help=text(lang, "help.check"))
    @click.argument("scenario", type=SCENARIO)
    @add_rules(lang)
    @add_common(lang)
    def command(scenario: Path, rules_folder: Path | None) -> None:
        from chainsim import workflow

        checked = workflow.check(scenario, rules_folder=rules_folder)
        for problem in checked.warnings:
            warn(problem, lang)
        parts = checked.scenario
        assets = len(parts.suppliers) + len(parts.farms) + len(parts.pipelines) + len(parts.railways)
        click.echo(
            text(lang, "check.ok", path=scenario, customers=len(parts.customers), assets=assets, rules=checked.rules)
        )
        if checked.cases:
            click.echo(text(lang, "input.cases", names=", ".join(checked.cases)))
        for line in network_lines(checked, lang):
            click.echo(line)

    return command


def _new(lang: str) -> click.Command:
    @click.command("new", help=text(lang, "help.new"))
    @click.argument("directory", type=click.Path(path_type=Path))
    @add_common(lang)
    def command(directory: Path) -> None:
        from chainsim import workflow

        workflow.new(directory)
        click.echo(text(lang, "new.written", folder=directory))

    return command


def _schema(lang: str) -> click.Command:
    @click.command("schema", help=text(lang, "help.schema"))
    @add_common(lang)
    def command() -> None:
        import json

        from chainsim.files import scenario_schema

        in_utf8()
        click.echo(json.dumps(scenario_schema(), ensure_ascii=False, indent=2))

    return command


def _again(scenario: Path, seed: int | None, as_of: date | None, rules_folder: Path | None) -> str:
    """The command that gives the same results again (where to and how shown do not matter)."""
    words = ["chainsim", "run", scenario.as_posix()]
    if seed is not None:
        words += ["--seed", str(seed)]
    if as_of is not None:
        words += ["--as-of", f"{as_of:%Y-%m-%d}"]
    if rules_folder is not None:
        words += ["--rules", rules_folder.as_posix()]
    return shlex.join(words)
