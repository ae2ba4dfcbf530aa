"""``chainsim compare``: scenarios and earlier runs side by side."""

from __future__ import annotations

from pathlib import Path

import click

from chainsim.cli.options import SCENARIO, XLSX, add_common, add_rules, case_of, in_utf8, named_xlsx, warn
from chainsim.cli.progress import Stages
from chainsim.texts import text

_FORMATS = click.Choice(["text", "json", "markdown"])


def compare_command(lang: str) -> click.Command:
    """The command ``compare``, its help in ``lang``."""

    @click.command("compare", help=text(lang, "help.compare"))
    @click.argument("scenarios", type=SCENARIO, nargs=-1, required=True, metavar="SCENARIO...")
    @click.option(
        "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help=text(lang, "help.compare.out")
    )
    @click.option("--xlsx", type=XLSX, metavar="FILE", callback=named_xlsx(lang), help=text(lang, "help.xlsx"))
    @click.option("--case", "cases", metavar="NAME", multiple=True, help=text(lang, "help.compare_case"))
    @click.option("--all-cases", is_flag=True, help=text(lang, "help.all_cases"))
    @click.option("--json", "as_json", is_flag=True, help=text(lang, "help.json"))
    @click.option("--format", "style", type=_FORMATS, default="text", help=text(lang, "help.format"))
    @click.option("--quiet", is_flag=True, help=text(lang, "help.no_progress"))
    @add_rules(lang)
    @add_common(lang)
    def command(
        scenarios: tuple[Path, ...],
        out: Path | None,
        xlsx: Path | None,
        cases: tuple[str, ...],
        all_cases: bool,
        as_json: bool,
        style: str,
        quiet: bool,
        rules_folder: Path | None,
    ) -> None:
        from chainsim import workflow, workflow_compare

        if (cases or all_cases) and len(scenarios) > 1:
            raise click.UsageError(text(lang, "error.one_scenario"))
        if all_cases:
            cases = workflow.cases_of(scenarios[0])
        scenarios += tuple(case_of(scenarios[0], case) for case in cases)
        if len(scenarios) < 2:
            raise click.UsageError(text(lang, "compare.two"))
        if out is not None:
            workflow.refuse_foreign_folder(out)
        with Stages(lang, quiet=quiet) as stages:
            comparison = workflow_compare.compare(scenarios, rules_folder=rules_folder, progress=stages.begin)
            workflow_compare.write_comparison(comparison, out, xlsx, lang, stages.begin)
        first, *others = comparison.runs
        for problem in (
            *first.warnings,
            *(p for run in others for p in (*run.warnings, *workflow_compare.remarks(first, run))),
        ):
            warn(problem, lang)
        if as_json or style == "json":
            from chainsim.cli.machine import comparison_json

            in_utf8()
            click.echo(comparison_json(comparison))
        elif style == "markdown":
            from chainsim.cli.markdown import comparison_markdown

            in_utf8()
            click.echo(comparison_markdown(comparison, lang), nl=False)
        else:
            from chainsim.cli.comparison import show_comparison

            show_comparison(comparison, lang)
            for key, place in (("compare.written", out), ("workbook", xlsx)):
                if place is not None:
                    click.echo(text(lang, key, folder=place, file=place))

    return command
