"""Several runs side by side, as a planner reads them on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from chainsim.cli.comparison_sections import Section, sections
from chainsim.cli.terminal import console_here, identity_of, plain_table
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.workflow_compare import Comparison


def show_comparison(comparison: Comparison, lang: str, *, console: Console | None = None) -> None:
    """Print what differs between runs, and what gives each of them again."""
    console = console or console_here()
    found = sections(comparison, lang)
    for section in found:
        show_section(console, section)
    if not found:
        console.print(text(lang, "compare.no_differences") + "\n")
    for run in comparison.runs:
        if run.manifest:
            console.print(f"{run.name}: {identity_of(run, lang)}", style="dim", soft_wrap=True)


def show_section(console: Console, section: Section) -> None:
    """One section: its title, its table, its notes."""
    table = plain_table("")
    table.title = None
    table.padding = (0, 1, 0, 0)
    last = len(section.head) - 1
    for number, head in enumerate(section.head):
        is_text = number < section.names or (section.reasons and number == last)
        table.add_column(head, justify="left" if is_text else "right", overflow="fold")
    for number, cells in enumerate(section.rows, start=1):
        style = "bold" if section.total and number == len(section.rows) else ""
        table.add_row(*cells, style=style)
    console.print(section.title, style="bold", soft_wrap=True)
    console.print(table)
    for note in section.notes:
        console.print(note, style="dim", soft_wrap=True)
    console.print()
