"""From arrays to declared frames: categories, dates and the check against the declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chainsim.model import Scenario
from chainsim.records import RunLog
from chainsim.results.catalogue import TABLES
from chainsim.results.catalogue_limits import ALL
from chainsim.results.declarations import Table, check_frame

if TYPE_CHECKING:
    import pandas as pd

Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Domains:
    """The sets that ``name`` columns are drawn from, in the scenario's order, so that equal names compare equal."""

    members: Mapping[str, tuple[str, ...]]
    positions: Mapping[str, Mapping[str, int]]
    dtypes: Mapping[str, pd.CategoricalDtype]

    def codes(self, domain: str, names: Iterable[str]) -> Codes:
        """Positions of ``names`` in ``domain``; −1 (null) for the empty name."""
        position = self.positions[domain]
        return np.array([position[n] if n else -1 for n in names], dtype=np.intp)


class _Dtypes(dict[str, "pd.CategoricalDtype"]):
    """Domain → dtype, made when first asked for: who wants one table pays for its own domains only."""

    def __init__(self, members: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__()
        self._members = members

    def __missing__(self, domain: str) -> pd.CategoricalDtype:
        import pandas as pd

        dtype = self[domain] = pd.CategoricalDtype(list(self._members[domain]))
        return dtype


def domains_of(scenario: Scenario, log: RunLog) -> Domains:
    """The domains of a run: its own names, and the fixed sets of the declarations."""
    members: dict[str, tuple[str, ...]] = {
        "customer": tuple(c.name for c in scenario.customers),
        "grade": tuple(g.name for g in scenario.grades),
        "asset": _asset_names(scenario, log),
        "grade_or_all": tuple(dict.fromkeys([*(g.name for g in scenario.grades), ALL])),
    }
    for table in TABLES.values():
        for column in table.columns:
            if column.values:
                members.setdefault(column.domain, tuple(column.values))
    return Domains(
        members=members,
        positions={d: {name: i for i, name in enumerate(names)} for d, names in members.items()},
        dtypes=_Dtypes(members),
    )


def _asset_names(scenario: Scenario, log: RunLog) -> tuple[str, ...]:
    """Every asset of the scenario, then what else the log names (a rack, the paths, one route)."""
    groups: tuple[Sequence[Any], ...] = (
        scenario.suppliers,
        scenario.farms,
        scenario.pipelines,
        scenario.railways,
        scenario.customers,
    )
    names = dict.fromkeys(asset.name for group in groups for asset in group)
    for account in log.accounts:
        names.update(dict.fromkeys(asset for (_, asset), _ in account.causes if asset))
    names.update(dict.fromkeys(event.asset for event in log.events if event.asset))
    names.update(dict.fromkeys(flow.asset for flow in log.flows))
    return tuple(names)


def frame(name: str, domains: Domains, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The declared table ``name`` from its columns: codes for names, ``datetime64`` for dates, else plain arrays."""
    import pandas as pd

    table = TABLES[name]
    built: dict[str, Any] = {}
    for column in table.columns:
        value = columns[column.name]
        match column.type:
            case "name":
                built[column.name] = pd.Categorical.from_codes(
                    value, dtype=domains.dtypes[column.domain], validate=False
                )
            case "text":
                built[column.name] = pd.array(list(value), dtype="str")
            case "date" | "instant":
                built[column.name] = np.asarray(value, dtype="datetime64[us]")
            case _:
                built[column.name] = np.asarray(value, dtype=column.dtype)
    out = pd.DataFrame(built, copy=False)
    assert set(columns) == {c.name for c in table.columns}, (
        f"{name}: {set(columns) ^ set(built)} not declared or missing"
    )
    check_frame(table, out)
    return out


def frame_of_rows(
    table: Table, rows: Sequence[Mapping[str, Any]], members: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """A declared table from its rows; ``members`` are the sets that its name columns are drawn from, by domain."""
    import pandas as pd

    built: dict[str, Any] = {}
    for column in table.columns:
        values = [row[column.name] for row in rows]
        match column.type:
            case "name":
                built[column.name] = pd.Categorical(values, categories=list(members[column.domain]))
            case "text":
                built[column.name] = pd.array(values, dtype="str")
            case "date" | "instant":
                built[column.name] = np.array(values, dtype="datetime64[us]")
            case _:
                built[column.name] = np.array(
                    [np.nan if value is None else value for value in values], dtype=column.dtype
                )
    out = pd.DataFrame(built)
    check_frame(table, out)
    return out


def instants(scenario: Scenario, days: Iterable[float | None]) -> NDArray[np.datetime64]:
    """Days since the start as moments to the nearest second; ``None`` and NaN become null."""
    values = np.array([np.nan if d is None else d for d in days], dtype=np.float64)
    missing = np.isnan(values)
    seconds = np.rint(np.where(missing, 0.0, values) * 86_400).astype("timedelta64[s]")
    out: NDArray[np.datetime64] = (np.datetime64(scenario.start, "us") + seconds).astype("datetime64[us]")
    out[missing] = np.datetime64("NaT")
    return out


def ratio(over: NDArray[np.float64], under: NDArray[np.float64]) -> NDArray[np.float64]:
    """``over / under``, null where ``under`` is not positive."""
    positive = under > 0
    return np.where(positive, over / np.where(positive, under, 1.0), np.nan)
