"""``chainsim experiment …``: experiments checked and run; what they do is in ``chainsim.workflow_experiments``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chainsim.cli.options import add_common, in_utf8, named_xlsx, warn, words_again
from chainsim.cli.progress import Stages
from chainsim.errors import InputError, StoppedError
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.experiments.running import Standing

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_XLSX = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
INTERRUPTED = 130


def experiment_group(lang: str) -> click.Group:
    """The group ``experiment``, its help in ``lang``."""
    group = click.Group("experiment", help=text(lang, "help.group.experiment"), no_args_is_help=True)
    for command in (_check(lang), _run(lang), _show(lang)):
        group.add_command(command)
    return group


def _check(lang: str) -> click.Command:
    @click.command("check", help=text(lang, "help.experiment.check"))
    @click.argument("file", type=_FILE)
    @click.option("--most-runs", type=click.IntRange(min=1), metavar="N", help=text(lang, "help.experiment.most_runs"))
    @add_common(lang)
    def command(file: Path, most_runs: int | None) -> None:
        from chainsim import workflow_experiments
        from chainsim.cli.experiment_terminal import show_checked

        checked = workflow_experiments.check_experiment(file, most_runs=most_runs)
        for problem in checked.read.warnings:
            warn(problem, lang)
        show_checked(checked, file, lang)

    return command


def _run(lang: str) -> click.Command:
    @click.command("run", help=text(lang, "help.experiment.run"))
    @click.argument("file", type=_FILE)
    @click.option("--out", type=_FOLDER, metavar="DIR", help=text(lang, "help.experiment.out"))
    @click.option("--workers", type=click.IntRange(min=0), metavar="N", help=text(lang, "help.experiment.workers"))
    @click.option("--cluster", metavar="ADDRESS", default="", help=text(lang, "help.experiment.cluster"))
    @click.option("--allow-unencrypted", is_flag=True, help=text(lang, "help.experiment.allow_unencrypted"))
    @click.option("--resume", is_flag=True, help=text(lang, "help.experiment.resume"))
    @click.option("--restart", is_flag=True, help=text(lang, "help.experiment.restart"))
    @click.option("--most-runs", type=click.IntRange(min=1), metavar="N", help=text(lang, "help.experiment.most_runs"))
    @click.option("--charts", is_flag=True, help=text(lang, "help.experiment.charts"))
    @click.option("--xlsx", type=_XLSX, metavar="FILE", callback=named_xlsx(lang), help=text(lang, "help.xlsx"))
    @click.option("--quiet", is_flag=True, help=text(lang, "help.experiment.quiet"))
    @add_common(lang)
    def command(
        file: Path,
        out: Path | None,
        workers: int | None,
        cluster: str,
        allow_unencrypted: bool,
        resume: bool,
        restart: bool,
        most_runs: int | None,
        charts: bool,
        xlsx: Path | None,
        quiet: bool,
    ) -> int:
        from chainsim import workflow_experiments
        from chainsim.cli.experiment_answers import show_answers
        from chainsim.cli.experiment_terminal import progress_text, show_finished

        again = words_again(click.get_current_context(), lang, less=("resume", "restart"), more=("--resume",))
        last: list[Standing] = []

        def told(standing: Standing) -> None:
            last[:] = [standing]
            stages.part(progress_text(standing, lang))

        with Stages(lang, quiet=quiet) as stages:
            stages.begin("experiment")
            try:
                finished = workflow_experiments.run_experiment(
                    file, out, workers=workers, cluster=cluster, allow_unencrypted=allow_unencrypted, resume=resume,
                    restart=restart, most_runs=most_runs, told=told,
                )  # fmt: skip
            except KeyboardInterrupt:
                if not last:
                    raise
                click.echo(
                    text(lang, "experiment.interrupted", done=last[0].done, total=last[0].total, command=again),
                    err=True,
                )
                return INTERRUPTED
            except StoppedError as error:
                raise StoppedError(error.problems, again) from None
            stages.begin("answers")
            try:
                answers = workflow_experiments.answers_of(finished.folder, workbook=xlsx, charts=charts, lang=lang)
            except InputError as error:  # the runs are done, whatever keeps their answers from being written
                raise StoppedError(error.problems, again) from None
        show_finished(finished, lang)
        show_answers(answers, lang, quiet=quiet)
        _tell_files(finished.folder, xlsx, lang, charts=charts)
        return 0

    return command


def _show(lang: str) -> click.Command:
    @click.command("show", help=text(lang, "help.experiment.show"))
    @click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
    @click.option("--baseline", type=click.IntRange(min=0), metavar="N", help=text(lang, "help.experiment.baseline"))
    @click.option("--charts", is_flag=True, help=text(lang, "help.experiment.charts"))
    @click.option("--xlsx", type=_XLSX, metavar="FILE", callback=named_xlsx(lang), help=text(lang, "help.xlsx"))
    @click.option("--json", "as_json", is_flag=True, help=text(lang, "help.as_json"))
    @add_common(lang)
    def command(directory: Path, baseline: int | None, charts: bool, xlsx: Path | None, as_json: bool) -> None:
        from chainsim import workflow_experiments
        from chainsim.cli.experiment_answers import answers_json, show_answers

        with Stages(lang, quiet=as_json) as stages:
            stages.begin("answers")
            answers = workflow_experiments.answers_of(
                directory, baseline=baseline, write=False, workbook=xlsx, charts=charts, lang=lang
            )
        if as_json:
            in_utf8()
            click.echo(answers_json(answers))
            return
        show_answers(answers, lang)
        _tell_files(directory, xlsx, lang, charts=charts)

    return command


def _tell_files(folder: Path, workbook: Path | None, lang: str, *, charts: bool) -> None:
    """Where what was asked for beside the tables is."""
    from chainsim.experiments.folders import ANSWERS

    if charts:
        click.echo(text(lang, "answers.charts", folder=folder / ANSWERS))
    if workbook is not None:
        click.echo(text(lang, "workbook", file=workbook))
