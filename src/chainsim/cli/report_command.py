"""``chainsim report``."""

from __future__ import annotations

from pathlib import Path

import click

from chainsim.cli.options import SCENARIO, add_common, add_rules
from chainsim.cli.progress import Stages
from chainsim.texts import text


def report_command(lang: str) -> click.Command:
    """Write a page about a run."""

    def named_html(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
        if path is not None and path.suffix.lower() not in (".html", ".htm"):
            raise click.BadParameter(text(lang, "error.html", path=path), context, parameter)
        return path

    @click.command("report", help=text(lang, "help.report"))
    @click.argument("run", type=SCENARIO)
    @click.option(
        "--out",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        callback=named_html,
        help=text(lang, "help.report.out"),
    )
    @click.option("--since", type=SCENARIO, metavar="RUN", help=text(lang, "help.report.since"))
    @click.option("--pdf", is_flag=True, help=text(lang, "help.report.pdf"))
    @click.option("--quiet", is_flag=True, help=text(lang, "help.quiet"))
    @add_rules(lang)
    @add_common(lang)
    def command(
        run: Path, out: Path | None, since: Path | None, pdf: bool, quiet: bool, rules_folder: Path | None
    ) -> None:
        from chainsim import workflow_report
        from chainsim.reports.printing import find_browser

        browser = find_browser() if pdf else ""  # better told before a run than after it
        with Stages(lang, quiet=quiet) as stages:
            name, page = workflow_report.report(
                run, since=since, lang=lang, rules_folder=rules_folder, progress=stages.begin
            )
            file = out or Path(f"{name}-report.html")
            workflow_report.write_report(page, file, browser=browser)
        for written in (file, *([file.with_suffix(".pdf")] if browser else [])):
            click.echo(text(lang, "report.written", file=written))

    return command
