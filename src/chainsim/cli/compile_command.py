"""``chainsim compile``: the engine as machine code."""

from __future__ import annotations

import click

from chainsim.cli.options import add_common
from chainsim.texts import text

_LAST_LINES = 12


def compile_command(lang: str) -> click.Command:
    """The command, its help in ``lang``."""

    @click.command("compile", help=text(lang, "help.compile"))
    @click.option("--remove", is_flag=True, help=text(lang, "help.compile.remove"))
    @add_common(lang)
    def command(remove: bool) -> None:
        from chainsim import compiled

        if remove:
            click.echo(text(lang, "compile.removed" if compiled.remove() else "compile.none"))
            return
        if not compiled.can_compile():
            raise click.UsageError(text(lang, "compile.not_installed"))
        click.echo(text(lang, "compile.begun"), err=True)
        try:
            compiled.compile_engine()
        except compiled.NotCompiledError as error:
            click.echo("\n".join(error.told.splitlines()[-_LAST_LINES:]), err=True)
            raise click.ClickException(text(lang, "compile.failed")) from None
        click.echo(text(lang, "compile.done"))

    return command
