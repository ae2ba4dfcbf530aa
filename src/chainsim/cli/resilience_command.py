"""``chainsim resilience``: its options; what it does is in ``chainsim.workflow_resilience``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from chainsim.cli.options import SCENARIO, XLSX, Day, add_common, in_utf8, named_xlsx, warn
from chainsim.cli.progress import Stages
from chainsim.texts import text

_FOLDER = click.Path(file_okay=False, path_type=Path)


def resilience_command(lang: str) -> click.Command:
    """The command, its help in ``lang``."""

    def words(option: str) -> str:
        return text(lang, f"help.resilience.{option}")

    @click.command("resilience", help=text(lang, "help.resilience"))
    @click.argument("scenario", type=SCENARIO)
    @click.option("--from", "starts", type=Day(lang), multiple=True, metavar="DATE", help=words("from"))
    @click.option("--days", type=float, default=7.0, metavar="DAYS", help=words("days"))
    @click.option("--asset", "assets", multiple=True, metavar="ASSET", help=words("asset"))
    @click.option("--longest", type=float, default=60.0, metavar="DAYS", help=words("longest"))
    @click.option("--precision", type=float, default=1.0, metavar="DAYS", help=words("precision"))
    @click.option("--tolerance", type=float, default=24.0, metavar="HOURS", help=words("tolerance"))
    @click.option("--band", type=float, default=5.0, metavar="PERCENT", help=words("band"))
    @click.option("--thorough", is_flag=True, help=words("thorough"))
    @click.option("--workers", type=click.IntRange(min=1), metavar="N", help=words("workers"))
    @click.option("--out", type=_FOLDER, metavar="DIR", help=words("out"))
    @click.option("--xlsx", type=XLSX, metavar="FILE", callback=named_xlsx(lang), help=text(lang, "help.xlsx"))
    @click.option("--json", "as_json", is_flag=True, help=text(lang, "help.as_json"))
    @click.option("--quiet", is_flag=True, help=words("quiet"))
    @add_common(lang)
    def command(
        scenario: Path,
        starts: tuple[date, ...],
        days: float,
        assets: tuple[str, ...],
        longest: float,
        precision: float,
        tolerance: float,
        band: float,
        thorough: bool,
        workers: int | None,
        out: Path | None,
        xlsx: Path | None,
        as_json: bool,
        quiet: bool,
    ) -> None:
        from chainsim import workflow, workflow_resilience

        if out is not None:
            workflow.refuse_foreign_folder(out)
        with Stages(lang, quiet=quiet) as stages:
            outcome = workflow_resilience.resilience(
                scenario,
                workers=workers,
                progress=stages.begin,
                done=stages.count,
                starts=starts,
                assets=assets,
                outage_days=days,
                longest_days=longest,
                precision_days=precision,
                tolerance_hours=tolerance,
                band=band / 100.0,
                thorough=thorough,
            )
            drawn: tuple[Path, ...] = ()
            if out is not None or xlsx is not None:
                drawn = workflow_resilience.write_resilience(
                    outcome, out, workbook=xlsx, lang=lang, progress=stages.begin
                )
        for problem in outcome.warnings:
            warn(problem, lang)
        files = {"folder": out, "workbook": xlsx}
        if as_json:
            from chainsim.cli.machine import resilience_json

            in_utf8()
            click.echo(resilience_json(outcome, files, drawn))
        else:
            from chainsim.cli.resilience_terminal import show_resilience

            show_resilience(outcome, lang, files=files, maps=drawn, quiet=quiet)

    return command
