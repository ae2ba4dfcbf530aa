"""Tables about what the network itself allows: single-route dependency and bottlenecks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainsim.network import bottlenecks, carriers, dependencies
from chainsim.results.catalogue_limits import ALL
from chainsim.results.frames import frame, ratio
from chainsim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd


def dependencies_frame(run: Run) -> pd.DataFrame:
    """The table ``dependencies``."""
    found, domains = dependencies(run.scenario), run.domains
    return frame(
        "dependencies",
        domains,
        {
            "customer": domains.codes("customer", (d.customer for d in found)),
            "grade": domains.codes("grade", (d.grade for d in found)),
            "asset": domains.codes("asset", (d.asset for d in found)),
            "kind": domains.codes("asset_kind", (d.kind for d in found)),
            "position": [d.position for d in found],
            "routes": [d.routes for d in found],
            "plan_t": [d.plan_t for d in found],
            "plan_share": [d.share for d in found],
            "customer_share": [d.customer_share for d in found],
        },
    )


def bottlenecks_frame(run: Run) -> pd.DataFrame:
    """The table ``bottlenecks``."""
    found, domains = bottlenecks(run.scenario), run.domains
    groups = dict.fromkeys((b.customer_class, b.grade) for b in found)
    carried = {
        (name, grade): carriers(
            run.scenario, (c for c in run.scenario.customers if name in ("", c.customer_class)), grade or None
        )
        for name, grade in groups
    }
    plan = np.array([b.plan_t for b in found])
    flow = np.array([b.flow_t for b in found])
    capacity = np.array([b.capacity_t for b in found])
    return frame(
        "bottlenecks",
        domains,
        {
            "month": np.array([b.month for b in found], dtype="datetime64[us]"),
            "customer_class": domains.codes("class_or_all", (b.customer_class or ALL for b in found)),
            "grade": domains.codes("grade_or_all", (b.grade or ALL for b in found)),
            "plan_t": plan,
            "flow_t": flow,
            "missing_t": plan - flow,
            "flow_share": ratio(flow, plan),
            "limiting": [", ".join(b.limiting) for b in found],
            "capacity_t": capacity,
            "plan_load": ratio(plan, capacity),
            "narrowest": [", ".join(b.narrowest) for b in found],
            "ways": [carried[b.customer_class, b.grade].ways for b in found],
            "carriers": [", ".join(carried[b.customer_class, b.grade].assets) for b in found],
        },
    )
