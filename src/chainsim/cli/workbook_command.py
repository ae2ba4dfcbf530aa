"""``chainsim export-input``: the whole scenario as a workbook to edit and run."""

from __future__ import annotations

from pathlib import Path

import click

from chainsim.cli.options import SCENARIO, XLSX, add_case, add_common, case_of, named_xlsx, warn
from chainsim.texts import text


def export_input_command(lang: str) -> click.Command:
    """The command, its help in ``lang``."""

    @click.command("export-input", help=text(lang, "help.export_input"))
    @click.argument("scenario", type=SCENARIO)
    @click.option(
        "--xlsx",
        type=XLSX,
        metavar="FILE",
        callback=named_xlsx(lang),
        help=text(lang, "help.input_xlsx"),
    )
    @click.option("--replace", is_flag=True, help=text(lang, "help.replace"))
    @add_case(lang)
    @add_common(lang)
    def command(scenario: Path, xlsx: Path | None, replace: bool, case: str | None) -> None:
        from chainsim import workflow_workbook

        written = workflow_workbook.export_input(case_of(scenario, case), xlsx, lang=lang, replace=replace)
        for problem in written.warnings:
            warn(problem, lang)
        click.echo(text(lang, "input.written", path=written.path.as_posix(), sheets=written.sheets, rows=written.rows))
        if written.cases:
            click.echo(text(lang, "input.cases", names=", ".join(written.cases)))

    return command
