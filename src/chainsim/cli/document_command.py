"""``chainsim document``: an order, a bulletin, forms and reports as files to print, sign and send."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from chainsim.cli.options import SCENARIO, Day, add_common, warn
from chainsim.texts import text

_KINDS = ("order", "bulletin", "feedback", "feedback-summary", "visit-plan", "visit-report", "reports")


def document_command(lang: str) -> click.Command:
    """The command, its help in ``lang``."""

    @click.command("document", help=text(lang, "help.document"))
    @click.argument("kind", type=click.Choice(_KINDS))
    @click.argument("scenario", type=SCENARIO)
    @click.option(
        "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help=text(lang, "help.document_out")
    )
    @click.option("--replace", is_flag=True, help=text(lang, "help.replace"))
    @click.option("--number", default="", metavar="NUMBER", help=text(lang, "help.document_number"))
    @click.option("--customer", default="", metavar="NAME", help=text(lang, "help.document_customer"))
    @click.option("--month", type=Day(lang, month=True), metavar="MONTH", help=text(lang, "help.document_month"))
    @click.option("--year", type=click.IntRange(1900, 2199), metavar="YEAR", help=text(lang, "help.document_year"))
    @click.option("--issuer", default="", metavar="NAME", help=text(lang, "help.issuer"))
    @add_common(lang)
    def command(
        kind: str,
        scenario: Path,
        out: Path | None,
        replace: bool,
        number: str,
        customer: str,
        month: date | None,
        year: int | None,
        issuer: str,
    ) -> None:
        from chainsim import workflow_papers

        accepted = (".xlsx",) if kind == "reports" else (".docx", ".html")
        suffix = out.suffix.lower() if out is not None else ""
        if out is not None and suffix not in accepted:
            raise click.UsageError(text(lang, "error.document_suffix", path=out, accepted=", ".join(accepted)))
        asked = workflow_papers.Asked(customer=customer, month=month, number=number, year=year, issuer=issuer)
        written = workflow_papers.document(kind, scenario, asked, suffix=suffix, lang=lang)
        target = out or Path(written.name)
        workflow_papers.write_document(written, target, replace=replace)
        for problem in written.warnings:
            warn(problem, lang)
        click.echo(text(lang, "document.written", path=target.as_posix()))

    return command
