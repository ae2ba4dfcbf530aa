"""Pictures that chainsim draws for the site itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path

WESTERN = Path(__file__).resolve().parents[2] / "scenarios" / "western"


@cache
def network_picture() -> str:
    """The network of the western base case as simulated, as a figure in the page."""
    from chainsim import workflow
    from chainsim.charts import network_chart, svg

    run = workflow.run(WESTERN)
    chart = network_chart(run.tables, run.labels, "en")
    drawn = "\n".join(line for line in svg(chart).splitlines() if line.strip())
    return f'```{{raw}} html\n<figure class="network">\n{drawn}\n</figure>\n```'
