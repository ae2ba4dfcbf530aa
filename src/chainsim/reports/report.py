"""The report: one self-contained HTML page for whoever reads one page.

Nothing in it is fetched: style and pictures stand inside, there is no script, and a content policy forbids both. What comes from
a scenario is text and escaped; pictures are our own (``chainsim.charts``). Equal runs give equal bytes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chainsim.charts import svg
from chainsim.charts.palette import BAND_COLOURS, FONTS, SEVERITY_COLOURS, scenario_colour
from chainsim.reports.grid import NOTHING
from chainsim.reports.report_changes import appendix_section, changes_section, period_of
from chainsim.reports.report_orders import orders_section
from chainsim.reports.report_sections import (
    Reported,
    causes_section,
    completion_section,
    findings_section,
    headline,
    map_section,
    span_of,
    stocks_section,
)
from chainsim.reports.sheets import records
from chainsim.texts import text

if TYPE_CHECKING:
    from jinja2 import Template

TILES = ("completion", "shortfall", "lowest_completion", "farms_ever_full", "curtailed", "outlet_clear_days")
"""Key figures on top of the page."""


def report_html(run: Reported, lang: str, since: Reported | None = None) -> str:
    """The page in ``lang`` ("en" or "zh"); ``since``: an earlier run to compare with."""
    sections = [
        completion_section(run, lang),
        causes_section(run, lang),
        stocks_section(run, lang),
        findings_section(run, lang),
        orders_section(run, lang),
        *([changes_section(since, run, lang)] if since is not None else []),
        map_section(run, lang),
        appendix_section(run, lang),
    ]
    begin, end = span_of(run)
    manifest = run.manifest
    title = dict(manifest.get("title", {})).get(lang) or str(manifest.get("scenario", run.name))
    shown = []
    for number, section in enumerate(sections, start=1):
        pictures = [
            {"svg": svg(plot.chart, prefix=f"s{number}p{i}"), "caption": plot.caption, "small": plot.chart.width < 600}
            for i, plot in enumerate(section.plots, start=1)
        ]
        shown.append({"section": section, "plots": pictures})
    return _template().render(
        lang="zh-CN" if lang == "zh" else "en",
        title=title,
        kind=text(lang, "report.title"),
        colour=scenario_colour(str(manifest.get("scenario", run.name)), str(manifest.get("color", ""))),
        period=period_of(begin, end, lang),
        as_of=text(lang, "report.as_of", day=manifest["as_of"]) if manifest.get("as_of") else "",
        headline=headline(run, lang),
        tiles=_tiles(run, lang),
        contents=text(lang, "report.contents"),
        scrolls=lambda name: text(lang, "report.scroll", name=name),
        sections=shown,
        bands=BAND_COLOURS,
        severities=SEVERITY_COLOURS,
        fonts=FONTS,
    )


def _tiles(run: Reported, lang: str) -> list[dict[str, str]]:
    """Name, figure and what it is about."""
    known = {kpi["name"]: kpi for kpi in records(run.tables["kpis"])}
    tiles = []
    for name in TILES:
        kpi = known[name]
        value = kpi["value"]
        figure = (
            NOTHING
            if value is None
            else f"{value:.1%}"
            if kpi["unit"] == "1"
            else f"{value:,.0f} {kpi['unit']}".strip()
        )
        about = run.labels.asset(lang, kpi["subject"]) if kpi["subject"] else ""
        tiles.append({"name": kpi[f"header_{lang}"], "figure": figure, "about": about})
    return tiles


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("chainsim.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html.j2")
