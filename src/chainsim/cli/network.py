"""What ``check`` tells of the network itself: months that it cannot carry, customers that only one way leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.network import Dependency
    from chainsim.workflow import Checked

MOST_MONTHS = 3
MOST_GROUPS = 5
MOST_NAMES = 3
"""Names in a list; the tables ``bottlenecks`` and ``dependencies`` of a run have them all."""


def network_lines(checked: Checked, lang: str) -> Iterator[str]:
    """A line for each of the worst months, in their order, and for each group of customers that hang on the same link."""

    def named(assets: Iterable[str]) -> str:
        return _listed([checked.labels.asset(lang, asset) for asset in assets], lang)

    months = checked.short_months
    worst = sorted(months, key=lambda b: b.flow_t / b.plan_t)[:MOST_MONTHS]
    for month in sorted(worst, key=lambda b: b.month):
        figures = {"month": f"{month.month:%Y-%m}", "share": month.flow_t / month.plan_t, "missing": month.missing_t}
        if month.limiting:
            yield text(lang, "check.short", **figures, assets=named(month.limiting))
        else:
            yield text(lang, "check.short.no_way", **figures)
    if len(months) > MOST_MONTHS:
        yield text(lang, "check.short.more", count=len(months) - MOST_MONTHS, floor=checked.floor)
    groups = only_ways(checked.dependencies)
    for links, customers in groups[:MOST_GROUPS]:
        yield text(lang, "check.only_way", customers=named(customers), assets=_way(links, checked.labels.asset, lang))
    if len(groups) > MOST_GROUPS:
        yield text(lang, "more.lines", count=len(groups) - MOST_GROUPS)


def only_ways(dependencies: Iterable[Dependency]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """(links, customers): customers whose whole plan hangs on the same last link, and every link on which all of it hangs."""
    links_of: dict[str, dict[str, None]] = {}
    for d in dependencies:
        if d.kind in ("pipeline", "railway") and d.customer_share > 1.0 - 1e-9:  # a sum of shares, in floats
            links_of.setdefault(d.customer, {})[d.asset] = None
    groups: dict[str, list[str]] = {}
    for customer, links in links_of.items():
        groups.setdefault(list(links)[-1], []).append(customer)
    out = []
    for customers in groups.values():
        shared = [link for link in links_of[customers[0]] if all(link in links_of[c] for c in customers)]
        out.append((tuple(shared), tuple(customers)))
    return out


def _way(links: Sequence[str], label: Callable[[str, str], str], lang: str) -> str:
    return " → ".join(label(lang, link) for link in links)


def _listed(names: Sequence[str], lang: str) -> str:
    """``names`` in a row, the rest of a long one counted."""
    joined = ("、" if lang == "zh" else ", ").join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return joined + (text(lang, "check.and_more", count=more) if more > 0 else "")
