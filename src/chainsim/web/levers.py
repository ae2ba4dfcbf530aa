"""What a planner can change, as values for the page: each with its path, what it is now and what the files state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chainsim.experiments.addressing import stated_steps
from chainsim.files.layers import row_name
from chainsim.files.overlays import Changes, plain, row_path
from chainsim.files.quantities import BadValueError, read_instant, read_number, read_share
from chainsim.files.tree import Block, Items, value_at
from chainsim.results import Labels
from chainsim.texts import text
from chainsim.workflow_whatif import Base, statements

UNITS: dict[str, tuple[str, str]] = {
    "t": ("t", "吨"), "kt": ("kt", "千吨"), "wt": ("10⁴ t", "万吨"), "m3": ("m³", "方"),
}  # fmt: skip
_LONGEST_DAYS = 90
_MOST_MONTHS = 3
_MONTH = re.compile(r"\d{4}-\d{2}")
_CAUSES = {
    "suppliers": "source",
    "farms": "tank",
    "pipelines": "pipeline",
    "railways": "railway",
    "customers": "customer_runs",
}
_SECTIONS = ("pipelines", "railways", "suppliers", "farms", "customers")


@dataclass(frozen=True)
class Standing:
    """A what-if as it stands: the scenario's files, the tree under its changes, and how names are written."""

    base: Base
    tree: Block
    changes: Changes
    labels: Labels
    lang: str

    def title(self, asset: str) -> str:
        """An asset's title."""
        return self.labels.asset(self.lang, asset)

    def text(self, key: str) -> str:
        """A text of the page."""
        return text(self.lang, key)


@dataclass(frozen=True)
class Number:
    """One number: ``value`` as it stands, ``filed`` as the files state it; a slider up to ``most`` where it is one number.

    ``kind`` is ``set`` (a value at ``path``) or ``scale`` (a factor in per cent on rows of a table).
    """

    kind: str
    path: str
    title: str
    what: str
    unit: str
    value: str
    filed: str
    most: float
    step: float

    @property
    def changed(self) -> bool:
        """Whether it is not as filed."""
        return self.value != self.filed

    @property
    def at(self) -> str:
        """Where a slider stands; empty where there is none."""
        try:
            return f"{read_number(self.value):.10g}" if self.most else ""
        except BadValueError:
            return ""


def outages(at: Standing) -> list[dict[str, Any]]:
    """The outages: those with the same window and remainder are one, as they are changed together."""
    base, tree = at.base, at.tree
    own = {row_name("disruptions", Block(row, place=tree.place)) for row in at.changes.get("disruptions", ())}
    filed = {row_name("disruptions", row) for row in base.tree.get("disruptions") or ()}
    groups: dict[tuple[Any, ...], list[tuple[str, Block]]] = {}
    own_layer = {row_name("disruptions", row) for row in base.tree.get("disruptions") or () if row.place.layer == 0}
    inherits = filed - own_layer
    rows = sorted(tree.get("disruptions") or (), key=lambda row: _begin(row.get("from")))
    for row in rows:
        name = row_name("disruptions", row)
        key = tuple(str(row.get(k)) for k in ("from", "to", "remaining", "cause"))
        groups.setdefault((*key, name in filed), []).append((name, row))
    start = read_instant(tree["start"])
    horizon = (read_instant(tree["end"]) - start).days
    out = []
    for members in groups.values():
        row = plain(members[0][1])
        begin, days, place = row.get("from"), "", ""
        try:
            first = read_instant(begin)
            place = str((first - start).days)
            days = f"{(read_instant(row.get('to')) - first) / timedelta(days=1):.10g}"
        except BadValueError:
            pass
        names = [name for name, _ in members]
        assets = [at.title(str(r.get("asset"))) for _, r in members]
        out.append({
            "names": names, "title": (" + " if at.lang == "en" else "、").join(dict.fromkeys(assets)),
            "begin": begin, "at": place,
            "horizon": horizon, "days": days, "longest": max(_LONGEST_DAYS, _rounded_up(days)),
            "remaining": _per_cent(row.get("remaining")), "on": _per_cent(row.get("remaining")) != "100",
            "open": bool(own & set(names)) or bool(inherits and own_layer & set(names)),
            "changed": bool(own & set(names)), "added": not filed & set(names), "paths": [f"disruptions.{n}" for n in names],
        })  # fmt: skip
    return sorted(out, key=lambda outage: not outage["open"])


def assets(at: Standing) -> list[dict[str, Any]]:
    """What an outage can hit, by kind: (name, title, cause that is told)."""
    out = []
    for section in _SECTIONS:
        options = []
        for name, asset in _section(at.tree, section):
            cause = _CAUSES[section]
            if section == "customers" and str(asset.get("offtake")) == "cash":
                cause = "customer_cash"
            options.append((name, at.title(name), cause))
            if section == "railways":
                options.append((f"{name}.rack", at.title(f"{name}.rack"), "loading"))
                options.append((f"{name}.paths", at.title(f"{name}.paths"), "railway"))
        if options:
            out.append({"kind": at.text(f"page.kind.{section}"), "options": options})
    return out


def groups(at: Standing) -> list[dict[str, Any]]:
    """Numbers by group, in the order of the page; a group is marked where something in it is changed."""
    made = {"capacity": _capacities(at), "stock": _stocks(at), "money": _money(at)}
    out = []
    for key, numbers in made.items():
        found = list(numbers)
        if found:
            changed = sum(number.changed for number in found)
            out.append({"key": key, "title": at.text(f"page.group.{key}"), "numbers": found, "changed": changed})
    return out


def orders(at: Standing) -> list[dict[str, Any]]:
    """Adjustment orders and whether they are in force."""
    filed = {row_name("orders", row) for row in at.base.tree.get("orders") or ()}
    out = []
    for row in at.tree.get("orders") or ():
        number, state = row_name("orders", row), str(row.get("state") or "approved")
        out.append({
            "number": number, "on": state == "approved", "added": number not in filed,
            "effective": str(plain(row.get("effective"))), "path": f"orders.{number}", "lines": len(row.get("lines") or ()),
        })  # fmt: skip
    return out


def told_changes(changes: Changes, labels: Labels, lang: str) -> list[dict[str, Any]]:
    """Every change in words, with the paths that take it back; the lines of one plan go together, as they must add up."""
    plans: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    out: list[dict[str, Any]] = []
    for path, value in statements(changes):
        if not path.startswith("plan."):
            out.append({"paths": [path], "words": _words(path, value, labels, lang)})
            continue
        key = (str(value.get("customer")), str(value.get("grade")))
        if key not in plans:
            plans[key] = []
            out.append({"paths": [], "plan": key})
        plans[key].append(value)
    for entry in out:
        key = entry.pop("plan", None)
        if key is not None:
            entry["paths"] = [row_path("plan", row) for row in plans[key]]
            entry["words"] = _plan_words(key, plans[key], labels, lang)
    return out


def _plan_words(key: tuple[str, str], rows: list[Mapping[str, Any]], labels: Labels, lang: str) -> str:
    """The months of a plan that are changed; where none is, whatever is."""
    months = [row for row in rows if _MONTH.fullmatch(str(row.get("period")))] or rows
    told = [f"{row.get('period')} {row.get('amount')}" for row in months[:_MOST_MONTHS]]
    more = [f"… +{len(months) - _MOST_MONTHS}"] if len(months) > _MOST_MONTHS else []
    customer, grade = labels.asset(lang, key[0]), labels.grade(lang, key[1])
    return text(lang, "page.plan.changed", customer=customer, grade=grade, months="; ".join(told + more))


def _words(path: str, value: Any, labels: Labels, lang: str) -> str:
    section, _, rest = path.partition(".")
    if section == "disruptions":
        left = _per_cent(value.get("remaining"))
        span = f"{value.get('from')} … {value.get('to')}"
        return f"{labels.asset(lang, str(value.get('asset')))} {left}% {span}"
    if section == "orders":
        state = text(lang, "page.order.on" if value.get("state") == "approved" else "page.order.off")
        return text(lang, "page.order.told", number=value.get("number"), state=state)
    if section == "scale":
        names = [
            labels.grade(lang, n) if k == "grade" else labels.asset(lang, n)
            for k, n in (value.get("where") or {}).items()
        ]
        what = text(lang, f"page.scale.{value['table']}")
        return f"{' '.join([*names, what])} × {value['factor']}"
    asset, _, key = rest.partition(".")
    head, _, grade = key.partition(".")
    title = labels.asset(lang, asset)
    named = f"{title} · {labels.grade(lang, grade)}" if grade else title
    return f"{named} {_what(head, lang)}: {value if not isinstance(value, Mapping) else '…'}"


def _what(key: str, lang: str) -> str:
    known = {
        "capacity": "page.what.capacity", "capacity_per_year": "page.what.capacity", "paths_per_day": "page.what.paths",
        "wagons": "page.what.wagons", "opening": "page.what.opening", "cash": "page.what.cash",
        "income_per_day": "page.what.income", "safe_fill": "page.what.safe_fill",
    }  # fmt: skip
    return text(lang, known[key]) if key in known else key


def _section(tree: Block, section: str) -> list[tuple[str, Block]]:
    stated = tree.get(section)
    return (
        [(name, asset) for name, asset in stated.items() if isinstance(asset, Block)]
        if isinstance(stated, Block)
        else []
    )


def _capacities(at: Standing) -> Iterator[Number]:
    amount = UNITS[at.base.amount_unit][at.lang == "zh"]
    rate = f"{amount}/{at.text('page.days_unit')}"
    for name, _ in _section(at.tree, "pipelines"):
        yield _number(at, ("pipelines", name, "capacity"), at.title(name), "page.what.capacity", rate)
    for name, _ in _section(at.tree, "railways"):
        paths = at.text("page.unit.paths")
        yield _number(at, ("railways", name, "paths_per_day"), at.title(name), "page.what.paths", paths)
        yield _number(at, ("railways", name, "wagons"), at.title(name), "page.what.wagons", at.text("page.unit.wagons"))
    for name, _ in _section(at.tree, "suppliers"):
        yield _scale(at, f"production.supplier.{name}", at.title(name), "page.scale.production")


def _stocks(at: Standing) -> Iterator[Number]:
    amount = UNITS[at.base.amount_unit][at.lang == "zh"]
    for section in ("farms", "customers"):
        for name, asset in _section(at.tree, section):
            opening = asset.get("opening")
            for grade in opening if isinstance(opening, Block) else ():
                title = f"{at.title(name)} · {at.labels.grade(at.lang, grade)}"
                yield _number(at, (section, name, "opening", grade), title, "page.what.opening", amount)


def _money(at: Standing) -> Iterator[Number]:
    if at.tree.get("prices"):
        for name, _ in _section(at.tree, "grades"):
            yield _scale(at, f"prices.grade.{name}", at.labels.grade(at.lang, name), "page.scale.prices")
    for name, customer in _section(at.tree, "customers"):
        if str(customer.get("offtake")) == "cash":
            yield _number(at, ("customers", name, "cash"), at.title(name), "page.what.cash", at.text("page.unit.yuan"))
            income = at.text("page.unit.yuan_day")
            yield _number(at, ("customers", name, "income_per_day"), at.title(name), "page.what.income", income)


def _number(at: Standing, steps: tuple[str, ...], title: str, what: str, unit: str) -> Number:
    own = stated_steps(at.tree, steps)
    if own != steps:
        unit = unit.replace("/d", "/a").replace("/天", "/年")
    value, filed = (_shown(value_at(side, own)) for side in (at.tree, at.base.tree))
    most, step = 0.0, 1.0
    try:
        number = read_number(filed)
        step = _step(number)
        most = max(2 * number, step * 10)
    except BadValueError:
        pass
    return Number("set", ".".join(own), title, at.text(what), unit, value, filed, most, step)


def _scale(at: Standing, path: str, title: str, what: str) -> Number:
    factors = {row_path("scale", row): row["factor"] for row in at.changes.get("scale", ())}
    value = _per_cent(factors.get(f"scale.{path}", "100%"))
    return Number("scale", f"scale.{path}", title, at.text(what), "%", value, "100", 200.0, 1.0)


def _shown(value: Any) -> str:
    """A value in one line: steps as in one cell of a table."""
    if isinstance(value, Items):
        return "; ".join(
            f"{plain(v.get('from'))}={plain(v.get('value'))}" if isinstance(v, Block) else str(plain(v)) for v in value
        )
    return "" if value is None else str(plain(value))


def _per_cent(value: Any) -> str:
    try:
        return f"{read_share(value) * 100:.10g}"
    except BadValueError:
        return str(value).removesuffix("%")


def _step(number: float) -> float:
    """A hundredth of ``number``, rounded to 1, 2 or 5 times a power of ten.

    >>> _step(27397), _step(3)
    (200.0, 0.02)
    """
    size = abs(number) / 100 or 1.0
    ten = 1.0
    while ten > size:
        ten /= 10
    while ten * 10 <= size:
        ten *= 10
    return float(f"{max(f * ten for f in (1, 2, 5) if f * ten <= size):.6g}")


def _begin(value: Any) -> datetime:
    try:
        return read_instant(value)
    except BadValueError:
        return datetime.max


def _rounded_up(days: str) -> int:
    try:
        return int(-(-read_number(days) // 10) * 10)
    except BadValueError:
        return 0
