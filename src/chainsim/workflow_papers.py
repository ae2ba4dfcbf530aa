"""The use cases of documents: an order, a bulletin, forms and reports. Beside ``chainsim.workflow``, and of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.errors import InputError, Problem
from chainsim.mistakes import mistake
from chainsim.model import AdjustmentOrder, Scenario
from chainsim.model.messages import name_list, nearest_name

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.reports.papers.order import Effect
    from chainsim.reports.papers.paper import Paper
    from chainsim.results import Labels

KINDS = ("order", "bulletin", "feedback", "feedback-summary", "visit-plan", "visit-report", "reports")
"""Documents that can be asked for; ``reports`` is a workbook, the others are ``.docx`` or ``.html``."""
_MOVED = 0.0005
"""A completion that rounds to another tenth of a percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a document is to be about; what is left out is chosen where there is one choice only."""

    customer: str = ""
    month: date | None = None
    number: str = ""
    year: int | None = None
    issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A document as bytes, and how its file is called if nobody says otherwise."""

    content: bytes
    name: str
    warnings: tuple[Problem, ...]


def document(kind: str, path: Path, asked: Asked, *, suffix: str = "", lang: str = "zh") -> Written:
    """The document ``kind`` of the scenario at ``path``, in the format of ``suffix`` (default: .docx; .xlsx for ``reports``).

    Raises ``InputError`` with all problems of the scenario, or where what was asked for is not there.
    """
    from chainsim.files import load_statements
    from chainsim.reports.papers.texts import say
    from chainsim.results import build_tables, labels_of
    from chainsim.simulation import simulate

    statements = load_statements(path)
    loaded = statements.loaded
    scenario, labels = loaded.scenario, labels_of(loaded.scenario)
    if kind == "order":
        from chainsim.files import own_orders

        order = _order(path, scenario, own_orders(statements), asked.number)
        written = order_document(scenario, order, suffix=suffix, issuer=asked.issuer, lang=lang)
        return replace(written, warnings=loaded.warnings)
    tables = build_tables(scenario, simulate(scenario))
    if kind == "reports":
        from chainsim.reports.papers.four_reports import four_reports_bytes

        content = four_reports_bytes(scenario, tables, lang)
        return Written(
            content=content, name=f"{say(lang, 'file.reports', name=scenario.name)}.xlsx", warnings=loaded.warnings
        )
    paper, name = _paper(kind, path, scenario, tables, labels, asked, lang)
    suffix = suffix or ".docx"
    content = _rendered(paper, suffix)
    return Written(content=content, name=f"{say(lang, f'file.{kind}', name=name)}{suffix}", warnings=loaded.warnings)


def order_document(
    scenario: Scenario,
    order: AdjustmentOrder,
    *,
    suffix: str = "",
    issuer: str = "",
    lang: str = "zh",
) -> Written:
    """The document of one order over a scenario that need not be in a file."""
    from chainsim.reports.papers.order import order_paper
    from chainsim.reports.papers.texts import say
    from chainsim.results import labels_of

    effects, labels = _effects(scenario, order), labels_of(scenario)
    paper = order_paper(scenario, order, effects, labels, issuer=issuer, lang=lang)
    suffix = suffix or ".docx"
    name = f"{say(lang, 'file.order', name=order.number)}{suffix}"
    return Written(content=_rendered(paper, suffix), name=name, warnings=())


def write_document(written: Written, target: Path, *, replace: bool = False) -> None:
    """The document into ``target``, whole or not at all; an existing file, perhaps filled in by hand, only with ``replace``."""
    from chainsim.reports import whole_file

    if target.exists() and not replace:
        raise InputError([mistake("output-document-exists", "error.workbook_exists", file=target.as_posix())])
    with whole_file(target) as temporary:
        temporary.write_bytes(written.content)


def _rendered(paper: Paper, suffix: str) -> bytes:
    if suffix == ".html":
        from chainsim.reports.papers.html import html_text

        return html_text(paper).encode("utf-8")
    from chainsim.reports.papers.docx import docx_bytes

    return docx_bytes(paper)


def _effects(scenario: Scenario, order: AdjustmentOrder) -> list[Effect]:
    """Delivered tonnes, also over the plan without the order, of the customers it moves: as simulated without it and with it."""
    from chainsim.reports.papers.order import Effect

    others = tuple(other for other in scenario.orders if other.number != order.number)
    without, with_it = (
        _customer_sums(replace(scenario, orders=orders))
        for orders in (others, (*others, replace(order, state="approved")))
    )
    out = []
    for customer in scenario.customers:
        (plan, before), (_, after) = without[customer.name], with_it[customer.name]
        if plan > 0 and abs(after - before) / plan >= _MOVED:
            out.append(Effect(customer.name, (before, after), (before / plan, after / plan)))
    return out


def _customer_sums(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Customer → plan in force and delivered over the run, in tonnes."""
    from chainsim.results import build_tables
    from chainsim.simulation import simulate

    months = build_tables(scenario, simulate(scenario))["customer_months"]
    sums = months.groupby("customer", observed=False)[["plan_t", "delivered_t"]].sum()
    return {str(name): (float(row["plan_t"]), float(row["delivered_t"])) for name, row in sums.iterrows()}


def _paper(
    kind: str,
    path: Path,
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    labels: Labels,
    asked: Asked,
    lang: str,
) -> tuple[Paper, str]:
    """The document and what its file is called after."""
    from chainsim.reports.papers import bulletin, feedback, visits
    from chainsim.reports.sheets import records

    last = scenario.calendar_date(scenario.end_day) - timedelta(days=1)
    year = asked.year or last.year
    common: dict[str, Any] = {"issuer": asked.issuer, "lang": lang}
    match kind:
        case "bulletin":
            customer = _customer(path, scenario, labels, asked.customer)
            months = bulletin.months_of_run(tables)
            month = asked.month or bulletin.last_full_month(scenario, months)
            if month not in months:
                raise _wrong("document.month", path, f"{month:%Y-%m}", [f"{m:%Y-%m}" for m in months])
            return bulletin.bulletin_paper(
                scenario, tables, labels, customer, month, **common
            ), f"{customer}-{month:%Y-%m}"
        case "feedback":
            rows = {str(row["number"]): row for row in records(tables["complaints"])}
            if asked.number and asked.number not in rows:
                raise _wrong("document.complaint", path, asked.number, list(rows))
            row = rows.get(asked.number)
            return feedback.feedback_paper(row, labels, last, **common), asked.number or "blank"
        case "feedback-summary":
            return feedback.summary_paper(tables, labels, year, last, **common), str(year)
        case "visit-plan":
            return visits.plan_paper(scenario, tables, labels, year, last, **common), str(year)
        case _:
            customer = _customer(path, scenario, labels, asked.customer)
            mine = [row for row in records(tables["visits"]) if row["customer"] == customer]
            wanted = [
                row for row in mine if asked.month is None or row["planned_on"].date().replace(day=1) == asked.month
            ]
            if not wanted:
                raise _wrong("document.visit", path, customer, [f"{row['planned_on']:%Y-%m}" for row in mine])
            visit = wanted[-1]
            name = f"{customer}-{visit['planned_on']:%Y-%m-%d}"
            return visits.report_paper(tables, labels, visit, last, **common), name


def _order(path: Path, scenario: Scenario, own: Sequence[str], number: str) -> AdjustmentOrder:
    """The order of that number; without one the only order of the file itself, the only draft, or the only one."""
    orders = {order.number: order for order in scenario.orders}
    drafts = [order for order in scenario.orders if order.state == "draft"]
    if number:
        if number not in orders:
            raise _wrong("document.order", path, number, list(orders))
        return orders[number]
    for candidates in ([orders[name] for name in own if name in orders], drafts, list(scenario.orders)):
        if len(candidates) == 1:
            return candidates[0]
    raise _wrong("document.which_order" if orders else "document.no_order", path, "", list(orders))


def _customer(path: Path, scenario: Scenario, labels: Labels, asked: str) -> str:
    """The customer of that name or label."""
    names = [customer.name for customer in scenario.customers]
    for name in names:
        if asked in (name, labels.asset("en", name), labels.asset("zh", name)):
            return name
    raise _wrong("document.customer", path, asked, names)


def _wrong(key: str, path: Path, found: str, names: Sequence[str]) -> InputError:
    accepted, near = name_list(names, 40), nearest_name(found, names) if found else ""
    return InputError([mistake("document", key, file=path.as_posix(), found=found, accepted=accepted, nearest=near)])
