"""``chainsim batch``: every scenario of a folder run and judged, for CI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chainsim.cli.options import FLOORS, FORMATS, add_common, add_rules, in_utf8, warn, write_text
from chainsim.cli.progress import Stages
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.workflow_batch import Batch

_FOLDER = click.Path(file_okay=False, path_type=Path)
_BASELINE = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_GRAVEST_FIRST = (("internal", 4), ("infeasible", 3), ("input", 2))
"""Why a scenario gave no result → the exit code that says so."""


def batch_command(lang: str) -> click.Command:
    """The command ``batch``, its help in ``lang``."""

    @click.command("batch", help=text(lang, "help.batch"))
    @click.argument("places", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FOLDER...")
    @click.option("--out", type=_FOLDER, metavar="DIR", help=text(lang, "help.batch.out"))
    @click.option("--junit", type=_FILE, metavar="FILE", help=text(lang, "help.batch.junit"))
    @click.option("--summary", type=_FILE, metavar="FILE", help=text(lang, "help.batch.summary"))
    @click.option("--baseline", type=_BASELINE, metavar="DIR", help=text(lang, "help.batch.baseline"))
    @click.option("--save-baseline", type=_FOLDER, metavar="DIR", help=text(lang, "help.batch.save"))
    @click.option("--tolerances", type=_FILE, metavar="FILE", help=text(lang, "help.batch.tolerances"))
    @click.option("--format", "style", type=FORMATS, default="text", help=text(lang, "help.format"))
    @click.option("--fail-on", type=FLOORS, default="never", help=text(lang, "help.fail_on"))
    @click.option("--workers", type=click.IntRange(min=1), metavar="N", help=text(lang, "help.batch.workers"))
    @click.option("--keep-going", is_flag=True, help=text(lang, "help.batch.keep_going"))
    @click.option("--quiet", is_flag=True, help=text(lang, "help.no_progress"))
    @add_rules(lang)
    @add_common(lang)
    def command(
        places: tuple[Path, ...],
        out: Path | None,
        junit: Path | None,
        summary: Path | None,
        baseline: Path | None,
        save_baseline: Path | None,
        tolerances: Path | None,
        style: str,
        fail_on: str,
        workers: int | None,
        keep_going: bool,
        quiet: bool,
        rules_folder: Path | None,
    ) -> int:
        from chainsim import workflow_batch
        from chainsim.cli import batch_machine

        if save_baseline is not None:
            workflow_batch.refuse_foreign_baseline(save_baseline)
        with Stages(lang, quiet=quiet) as stages:
            outcome = workflow_batch.batch(
                places,
                rules_folder=rules_folder,
                baseline=baseline,
                tolerances=tolerances,
                out=out,
                workers=workers or 0,
                keep_going=keep_going,
                progress=stages.begin,
                done=stages.count,
            )
            stages.begin("write")
            if junit is not None:
                write_text(junit, batch_machine.batch_junit(outcome, lang, fail_on))
            if summary is not None:
                write_text(summary, batch_machine.batch_markdown(outcome, lang, fail_on))
            if save_baseline is not None and not outcome.failures:
                workflow_batch.save_baseline(outcome, save_baseline)
        _tell_aside(outcome, lang)
        _show(outcome, style, lang, fail_on)
        if save_baseline is not None:
            key = "batch.not_saved" if outcome.failures else "batch.saved"
            told = text(lang, key, count=len(outcome.failures), folder=save_baseline)
            click.echo(told, err=style != "text" or bool(outcome.failures))
        return _exit_code(outcome, fail_on)

    return command


def _tell_aside(outcome: Batch, lang: str) -> None:
    """Warnings on stderr: of the scenarios' inputs, each once, and of files passed over."""
    from chainsim.errors import Problem

    messages = [text(told, "batch.passed_over") for told in ("en", "zh")]
    for path in outcome.passed_over:
        warn(Problem(code="batch-passed-over", message=messages[0], message_zh=messages[1], file=path.as_posix()), lang)
    for problem in dict.fromkeys(problem for item in outcome.items for problem in item.warnings):
        warn(problem, lang)


def _show(outcome: Batch, style: str, lang: str, fail_on: str) -> None:
    from chainsim.cli import batch_machine

    if style == "text":
        from chainsim.cli.batch_sections import batch_sections
        from chainsim.cli.comparison import show_section
        from chainsim.cli.terminal import console_here

        console = console_here()
        for section in batch_sections(outcome, lang, fail_on):
            show_section(console, section)
        return
    in_utf8()
    match style:
        case "json":
            click.echo(batch_machine.batch_json(outcome))
        case "github":
            click.echo(batch_machine.batch_github(outcome, lang, fail_on), nl=False)
        case "junit":
            click.echo(batch_machine.batch_junit(outcome, lang, fail_on), nl=False)
        case _:
            click.echo(batch_machine.batch_markdown(outcome, lang, fail_on), nl=False)


def _exit_code(outcome: Batch, fail_on: str) -> int:
    """That of the worst scenario; 1 for findings and regressions."""
    from chainsim.cli.batch_sections import is_grave

    kinds = {item.failure.kind for item in outcome.failures if item.failure is not None}
    for kind, code in _GRAVEST_FIRST:
        if kind in kinds:
            return code
    return int(outcome.regressions > 0 or any(is_grave(item, fail_on) for item in outcome.items))
