"""What a resilience scan is asked: which assets, from which days, how long an outage, how finely, and what counts as harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from chainsim.errors import InputError, Problem
from chainsim.mistakes import mistake
from chainsim.model import Disruption, Scenario
from chainsim.model.checks import asset_names
from chainsim.model.messages import name_list, nearest_name
from chainsim.model.plan import months_of
from chainsim.model.scenario import CauseCode
from chainsim.results import Labels, labels_of
from chainsim.results.catalogue_network import ASSET_KINDS

Kind = Literal["supplier", "farm", "pipeline", "railway", "customer"]

OUTAGE_DAYS = 7.0
PRECISION_DAYS = 1.0
LONGEST_DAYS = 60.0
TOLERANCE_HOURS = 24.0
"""A day's plan is 3.3 % of a month, less than the ±5 % customary. Nominations are renewed at midnight, trains and batches are
whole: any outage shifts somebody's deliveries by hours, and by a batch across the end of a month."""
BAND = 0.05
"""Share of a tank's working room (safe fill less heel) within which its stock counts as what it would have been."""
LEAST_PRECISION_DAYS = 1 / 24
MOST_NAMES = 12
"""Assets of one kind that are listed for whoever asked for one there is not."""


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that can be out altogether, and the cause its outage is given."""

    name: str
    kind: Kind
    cause: CauseCode

    def outage(self, start: float, end: float) -> Disruption:
        """It is out from ``start`` to ``end``."""
        return Disruption(name="resilience", asset=self.name, start=start, end=end, remaining=0.0, cause=self.cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The whole question. Days count from the scenario's start; ``outage_days`` is the outage that recovery is asked of."""

    assets: tuple[Asset, ...]
    starts: tuple[float, ...]
    outage_days: float = OUTAGE_DAYS
    precision_days: float = PRECISION_DAYS
    tolerance_hours: float = TOLERANCE_HOURS
    band: float = BAND
    longest_days: float = LONGEST_DAYS
    """Outages longer than this are not tried."""
    thorough: bool = False
    """Try every duration from the shortest up instead of halving."""


def assets_of(scenario: Scenario) -> tuple[Asset, ...]:
    """Everything that can be out: every asset, and the parts of railways. A farm without tanks has nothing that could be."""
    tanks = [farm for farm in scenario.farms if farm.storage != "junction"]
    groups: tuple[tuple[Kind, CauseCode, Sequence[Any]], ...] = (
        ("supplier", "source", scenario.suppliers),
        ("farm", "tank", tanks),
        ("pipeline", "pipeline", scenario.pipelines),
        ("railway", "railway", scenario.railways),
        ("customer", "customer_runs", scenario.customers),
    )
    own = {asset.name: Asset(asset.name, kind, cause) for kind, cause, group in groups for asset in group}
    out: dict[str, Asset] = {}
    for name in asset_names(scenario):
        whole, _, part = name.rpartition(".")
        if name in own:
            out[name] = own[name]
        elif whole in own:
            out[name] = Asset(name, "railway", "loading" if part == "rack" else "railway")
    kinds = [kind for kind, _, _ in groups]
    return tuple(sorted(out.values(), key=lambda asset: kinds.index(asset.kind)))


def terms_asked(
    scenario: Scenario,
    *,
    starts: Sequence[date] = (),
    assets: Sequence[str] = (),
    outage_days: float = OUTAGE_DAYS,
    precision_days: float = PRECISION_DAYS,
    tolerance_hours: float = TOLERANCE_HOURS,
    band: float = BAND,
    longest_days: float = LONGEST_DAYS,
    thorough: bool = False,
) -> Terms:
    """The terms; without ``starts`` the as-of date, else the start of the second month; without ``assets`` all of them.

    Assets go by name or label. Raises ``InputError`` with all problems.
    """
    problems: list[Problem] = []
    days = []
    for start in dict.fromkeys(starts):
        day = scenario.day_of(start)
        if scenario.as_of_day <= day < scenario.end_day:
            days.append(day)
        else:
            problems.append(_outside(scenario, start))
    chosen = _chosen(scenario, assets, problems)
    for option, value, least in (
        ("--days", outage_days, LEAST_PRECISION_DAYS),
        ("--precision", precision_days, LEAST_PRECISION_DAYS),
        ("--longest", longest_days, LEAST_PRECISION_DAYS),
        ("--tolerance", tolerance_hours, 0.0),
        ("--band", 100.0 * band, 0.0),
    ):
        if not least <= value < float("inf"):
            problems.append(
                mistake(
                    "resilience-amount",
                    "resilience.ask.amount",
                    path=option,
                    found=f"{value:g}",
                    accepted=f"≥ {least:.3g}",
                )
            )
    if problems:
        raise InputError(problems)
    return Terms(
        assets=chosen,
        starts=tuple(sorted(days)) or (default_start(scenario),),
        outage_days=outage_days,
        precision_days=precision_days,
        tolerance_hours=tolerance_hours,
        band=band,
        longest_days=longest_days,
        thorough=thorough,
    )


def default_start(scenario: Scenario) -> float:
    """The as-of date; without one the start of the second month, when stocks and lines have settled; else the first day."""
    if scenario.as_of_day > 0.0:
        return scenario.as_of_day
    months = months_of(scenario)
    return months[1][0] if len(months) > 1 else 0.0


def _chosen(scenario: Scenario, asked: Sequence[str], problems: list[Problem]) -> tuple[Asset, ...]:
    every = assets_of(scenario)
    if not asked:
        return every
    labels = labels_of(scenario)
    known = {asset.name: asset for asset in every}
    for asset in every:
        for lang in ("en", "zh"):
            known.setdefault(labels.asset(lang, asset.name), asset)
    unknown = [name for name in asked if name not in known]
    for name in unknown:
        accepted = _listed(every, labels) if name is unknown[-1] else ""  # a long list: once is enough
        near = nearest_name(name, known)
        problems.append(
            mistake(
                "resilience-asset",
                "resilience.ask.unknown",
                path="--asset",
                found=name,
                accepted=accepted,
                nearest=near,
            )
        )
    wanted = {known[name] for name in asked if name in known}
    return tuple(asset for asset in every if asset in wanted)


def _listed(assets: Sequence[Asset], labels: Labels) -> tuple[str, str]:
    """What can be out, kind by kind: in English by name, in Chinese by label."""
    kinds = {kind: [a for a in assets if a.kind == kind] for kind in dict.fromkeys(asset.kind for asset in assets)}
    english = [f"{ASSET_KINDS[kind][0]}: {name_list((a.name for a in own), MOST_NAMES)}" for kind, own in kinds.items()]
    chinese = []
    for kind, own in kinds.items():
        names = "、".join(labels.asset("zh", a.name) for a in own[:MOST_NAMES]) + (
            "……" if len(own) > MOST_NAMES else ""
        )
        chinese.append(f"{ASSET_KINDS[kind][1]}：{names}")
    return "; ".join(english), "；".join(chinese)


def _outside(scenario: Scenario, start: date) -> Problem:
    first = scenario.calendar_date(scenario.as_of_day)
    last = scenario.calendar_date(scenario.end_day - 1.0)
    return mistake(
        "resilience-start", "resilience.ask.outside", path="--from", found=f"{start}", accepted=f"{first} … {last}"
    )
