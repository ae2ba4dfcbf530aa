"""``chainsim serve``."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from chainsim.cli.options import add_common, add_rules
from chainsim.texts import text

PORT = 8765


def serve_command(lang: str) -> click.Command:
    """Show a folder's scenarios as a page on this machine."""

    @click.command("serve", help=text(lang, "help.serve"))
    @click.argument("folder", type=click.Path(exists=True, path_type=Path), default=Path())
    @click.option(
        "--port", type=click.IntRange(0, 65535), default=PORT, metavar="N", help=text(lang, "help.serve.port")
    )
    @click.option("--open", "opens", is_flag=True, help=text(lang, "help.serve.open"))
    @add_rules(lang)
    @add_common(lang)
    def command(folder: Path, port: int, opens: bool, rules_folder: Path | None) -> None:
        if not (find_spec("starlette") and find_spec("uvicorn")):
            raise click.UsageError(text(lang, "serve.not_installed"))
        from chainsim.web import serve

        def ready(url: str) -> None:
            click.echo(text(lang, "serve.ready", folder=folder, url=url))
            if opens:
                click.launch(url)

        serve(folder, port=port, lang=lang, rules_folder=rules_folder, ready=ready)

    return command
