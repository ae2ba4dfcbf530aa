"""Draws docs/run.svg, the README's picture: what ``chainsim run scenarios/western`` prints, from a real run."""

from __future__ import annotations

import io
import re
from pathlib import Path

from chainsim import workflow
from chainsim.cli.terminal import plain_console, show_run

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "run.svg"
WIDTH = 132


def picture() -> str:
    """The SVG of the western run's output."""
    scenario = Path("scenarios/western")
    outcome = workflow.run(ROOT / scenario)
    outcome.manifest["command"] = f"chainsim run {scenario.as_posix()}"
    console = plain_console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    show_run(
        outcome, "en", folder=Path("results/western"), workbook=None, quiet=False, console=console, most_findings=8
    )
    svg = console.export_svg(title="chainsim run scenarios/western", unique_id="run")
    # Rich asks for its font from a server; the reader's own monospaced font will do.
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
