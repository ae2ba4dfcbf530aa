"""The command line as Click knows it: usage, arguments, options, defaults and help of every command."""

from __future__ import annotations

from collections.abc import Iterator

import click

from chainsim import cli
from chainsim.cli.commands import commands
from tools.docs_site.writing import cell, code, of, table

EXIT_CODES = {
    0: ("done", "完成"),
    cli.FINDINGS: (
        "a finding is as grave as `--fail-on` says; in a batch also: worse than the baseline allows; of `rules test`: one fails",
        "有预警达到或超过 `--fail-on` 的级别；批量运行中还包括：比基准差且超出允许范围；`rules test`：有测试不通过",
    ),
    cli.USAGE: (
        "wrong usage or input (all problems are told at once, nothing was run or written), or an output that cannot be written",
        "用法或输入有误（一次列出全部问题，未运行、未写文件），或输出无法写入",
    ),
    cli.INFEASIBLE: (
        "the question has no feasible answer (flows that cannot settle; no plan that keeps to all limits)",
        "无可行解（流量无法稳定；没有满足全部限制的计划）",
    ),
    cli.INTERNAL: ("a mistake of chainsim's own", "chainsim 自身的错误"),
    cli.INTERRUPTED: (
        "interrupted with Ctrl-C; files are whole or not there",
        "被 Ctrl-C 中断；文件要么完整，要么没有",
    ),
    cli.BROKEN_PIPE: ("the reader of the output went away", "输出的读取方已关闭"),
}
"""Exit code → what it says."""


def exit_codes(lang: str) -> str:
    """Every exit code of the program."""
    return table(
        lang, ("code", "meaning"), ((str(number), of(lang, words)) for number, words in sorted(EXIT_CODES.items()))
    )


def command_pages(lang: str) -> str:
    """A section for each command, in the order of ``chainsim --help``."""
    return "\n".join(_section(name, command, lang) for name, command in _all("chainsim", commands(lang)))


def _all(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    if name != "chainsim":
        yield name, command
    for inner in command.commands:
        yield from _all(f"{name} {inner}", command.commands[inner])


def _section(name: str, command: click.Command, lang: str) -> str:
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    parts = [f"## {name}\n", f"{cell(command.help)}\n", f"```text\n{usage}\n```\n"]
    options = [p for p in command.params if isinstance(p, click.Option)]
    if options:
        parts.append(table(lang, ("option", "meaning", "default"), (_row(option, context) for option in options)))
    return "\n".join(parts)


def _row(option: click.Option, context: click.Context) -> tuple[str, str, str]:
    taken = "" if option.is_flag else " " + option.make_metavar(context)
    names = ", ".join(code(name + taken) for name in option.opts)
    default = option.default
    shown = "" if option.is_flag or not isinstance(default, (str, int, float)) else code(default)
    return names, cell(option.help) + (" ×n" if option.multiple else ""), shown
