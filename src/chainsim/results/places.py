"""The table ``network``: the scenario's places and links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from chainsim.results.frames import frame
from chainsim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd


def network_frame(run: Run) -> pd.DataFrame:
    """The table ``network``, in order of declaration; a railway's routes follow it."""
    rows = list(_rows(run))
    return frame(
        "network",
        run.domains,
        {
            "asset": [row[0] for row in rows],
            "kind": run.domains.codes("place_kind", (row[1] for row in rows)),
            "origin": [row[2] for row in rows],
            "destination": [row[3] for row in rows],
            "latitude": [np.nan if row[4] is None else row[4] for row in rows],
            "longitude": [np.nan if row[5] is None else row[5] for row in rows],
        },
    )


def _rows(run: Run) -> Iterator[tuple[str, str, str, str, float | None, float | None]]:
    scenario = run.scenario
    for supplier in scenario.suppliers:
        yield supplier.name, "supplier", "", supplier.farm, None, None
    for farm in scenario.farms:
        yield farm.name, "farm", "", "", farm.latitude, farm.longitude
    for line in scenario.pipelines:
        yield line.name, "pipeline", line.origin, line.destination, None, None
    for railway in scenario.railways:
        yield railway.name, "railway", railway.terminal, "", None, None
        for route in railway.routes:
            yield f"{railway.name}.{route.customer}", "route", railway.name, route.customer, None, None
    for customer in scenario.customers:
        yield customer.name, "customer", "", "", customer.latitude, customer.longitude
