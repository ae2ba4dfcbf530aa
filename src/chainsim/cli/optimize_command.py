"""``chainsim optimize`` and ``chainsim order``: their options; what they do is in ``chainsim.workflow_orders``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chainsim.cli.options import SCENARIO, Day, add_common, in_utf8, warn
from chainsim.cli.progress import Stages
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.optimization.levels import Level

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


def optimize_command(lang: str) -> click.Command:
    """The command ``optimize``, its help in ``lang``."""

    def ending(*suffixes: str, key: str) -> Callable[[click.Context, click.Parameter, Path | None], Path | None]:
        def check(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
            if path is not None and path.suffix.lower() not in suffixes:
                raise click.BadParameter(text(lang, key, path=path), context, parameter)
            return path

        return check

    @click.command("optimize", help=text(lang, "help.optimize"))
    @click.argument("scenario", type=SCENARIO)
    @click.option(
        "--order",
        "order_file",
        type=_FILE,
        metavar="FILE",
        help=text(lang, "help.order.file"),
        callback=ending(".yaml", ".yml", key="error.yaml"),
    )
    @click.option("--as-of", type=Day(lang), metavar="DATE", help=text(lang, "help.optimize.as_of"))
    @click.option("--freeze", multiple=True, metavar="LINES", help=text(lang, "help.freeze"))
    @click.option("--whole", multiple=True, metavar="trains|batches", help=text(lang, "help.optimize.whole"))
    @click.option("--explain", metavar="CUSTOMER", default="", help=text(lang, "help.optimize.explain"))
    @click.option("--prices", is_flag=True, help=text(lang, "help.optimize.prices"))
    @click.option("--reach", metavar="CUSTOMER=COMPLETION", default="", help=text(lang, "help.optimize.reach"))
    @click.option(
        "--time-limit", type=click.FloatRange(min=0.1), metavar="SECONDS", help=text(lang, "help.optimize.time_limit")
    )
    @click.option("--compare-policies", is_flag=True, help=text(lang, "help.optimize.policies"))
    @click.option("--out", type=_FOLDER, metavar="DIR", help=text(lang, "help.optimize.out"))
    @click.option(
        "--xlsx", type=_FILE, metavar="FILE", help=text(lang, "help.xlsx"), callback=ending(".xlsx", key="error.xlsx")
    )
    @click.option("--json", "as_json", is_flag=True, help=text(lang, "help.as_json"))
    @click.option("--quiet", is_flag=True, help=text(lang, "help.optimize.quiet"))
    @add_common(lang)
    def command(
        scenario: Path,
        order_file: Path | None,
        as_of: date | None,
        freeze: tuple[str, ...],
        whole: tuple[str, ...],
        explain: str,
        prices: bool,
        reach: str,
        time_limit: float | None,
        compare_policies: bool,
        out: Path | None,
        xlsx: Path | None,
        as_json: bool,
        quiet: bool,
    ) -> None:
        if compare_policies:
            if any((order_file, as_of, freeze, whole, explain, prices, reach, time_limit, out, xlsx)):
                raise click.UsageError(text(lang, "error.policies_alone"))
            _compare(scenario, lang, as_json=as_json, quiet=quiet)
            return
        from chainsim import workflow, workflow_orders

        if out is not None:
            workflow.refuse_foreign_folder(out)
        if order_file is not None:
            workflow_orders.refuse_other_file(order_file)

        def told(level: Level) -> None:
            from chainsim.optimization.wording import level_in_words

            stages.part(f" · {level_in_words(level.name, lang)}")

        with Stages(lang, quiet=quiet) as stages:
            outcome = workflow_orders.optimize(
                scenario,
                as_of=as_of,
                freeze=freeze,
                whole=whole,
                explain=explain,
                prices=prices,
                reach=reach,
                time_limit=time_limit,
                progress=stages.begin,
                told=told,
            )
            if out is not None or xlsx is not None:
                workflow_orders.write_replan(outcome, out, workbook=xlsx, lang=lang, progress=stages.begin)
            if order_file is not None and outcome.replanned.order is not None:
                workflow_orders.write_order(outcome, order_file, lang)
        for problem in outcome.warnings:
            warn(problem, lang)
        files = {"order": order_file, "folder": out, "workbook": xlsx}
        if as_json:
            from chainsim.cli.machine import replan_json

            in_utf8()
            click.echo(replan_json(outcome, files))
        else:
            from chainsim.cli.optimize_terminal import show_replan

            show_replan(outcome, lang, files=files, quiet=quiet)

    return command  # fmt: skip


def _compare(scenario: Path, lang: str, *, as_json: bool, quiet: bool) -> None:
    """The policies side by side."""
    from chainsim import workflow_policies
    from chainsim.cli.optimize_policies import policies_json, show_policies

    with Stages(lang, quiet=quiet) as stages:
        outcome = workflow_policies.compare_policies(scenario, progress=stages.begin)
    for problem in outcome.warnings:
        warn(problem, lang)
    if as_json:
        in_utf8()
        click.echo(policies_json(outcome))
    else:
        show_policies(outcome, lang, quiet=quiet)


def order_group(lang: str) -> click.Group:
    """The group ``order``, its help in ``lang``."""
    group = click.Group("order", help=text(lang, "help.group.order"), no_args_is_help=True)
    group.add_command(_approve(lang))
    return group


def _approve(lang: str) -> click.Command:
    @click.command("approve", help=text(lang, "help.order.approve"))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--number", metavar="NUMBER", default="", help=text(lang, "help.number"))
    @add_common(lang)
    def command(file: Path, number: str) -> None:
        from chainsim import workflow_orders

        approved = workflow_orders.approve(file, number)
        click.echo(text(lang, "order.approved", file=file, number=approved))

    return command
