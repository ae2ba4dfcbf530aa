"""What changed since another run, and how a run was made: the report's last two sections."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chainsim.reports.grid import NOTHING, Cell, Grid, signed
from chainsim.reports.report_sections import Reported, Section, figures_of, missing, span_of
from chainsim.reports.sheets import records
from chainsim.results.catalogue_difference import EFFECTS
from chainsim.results.differences import READS, difference, effects
from chainsim.rules import SEVERITIES, changed_lines, counted_changes, finding_changes
from chainsim.rules.finding_changes import CHANGES
from chainsim.texts import text

if TYPE_CHECKING:
    from collections.abc import Sequence

NEEDED = READS
"""The tables that both runs need."""
MOST_FIGURES, MOST_EFFECTS, MOST_INPUTS, MOST_FINDINGS = 10, 12, 20, 10
_LEAST_POINTS = 0.0005
_LEAST_T = 0.5


def changes_section(before: Reported, after: Reported, lang: str) -> Section:
    """Key figures, customers, causes, findings and inputs in which ``after`` differs from ``before``."""
    found = difference(before.tables, after.tables)
    title = text(lang, "report.section.changes", name=before.name)
    figures = records(found.figures)
    judged = all("findings" in run.tables for run in (before, after))
    grids = [
        _figures(after, lang, "report.changes.figures", [f for f in figures if not f["subject"]][:MOST_FIGURES]),
        _figures(after, lang, "report.changes.customers", _customers(figures)),
        *_effects(after, lang, found.causes),
        *([_findings(before, after, lang)] if judged else []),
        *_inputs(lang, records(found.inputs)),
    ]
    grids = [grid for grid in grids if grid.rows]
    words = text(lang, "report.changes.none")
    if grids:
        was, now = figures_of(before), figures_of(after)
        words = text(
            lang, "report.changes.books", delivered=now["delivered"], shortfall=now["shortfall"],
            delivered_before=was["delivered"], shortfall_before=was["shortfall"],
        )  # fmt: skip
    lacking = [] if judged else [missing(lang, ["findings"])]
    return Section("changes", title, (words, *lacking), grids=tuple(grids))


def _customers(figures: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Customers whose completion differs by more than what a table shows."""
    of = [f for f in figures if f["figure"] == "completion" and f["kind"] == "customer"]
    return [f for f in of if f["change"] is None or abs(f["change"]) >= _LEAST_POINTS]


def _figures(run: Reported, lang: str, caption: str, figures: Sequence[dict[str, Any]]) -> Grid:
    about = "column.customer" if caption == "report.changes.customers" else "report.changes.figure"
    heads = (about, "report.changes.before", "report.changes.after", "report.changes.change")
    rows = tuple(
        (
            Cell(run.labels.asset(lang, figure["subject"]) if figure["subject"] else figure[f"header_{lang}"]),
            Cell(_amount(figure["before"], figure["unit"])),
            Cell(_amount(figure["after"], figure["unit"])),
            _change(figure["change"], figure["unit"], lang),
        )
        for figure in figures
    )
    return Grid(text(lang, caption), tuple(text(lang, key) for key in heads), (False, True, True, True), rows)


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return NOTHING
    if unit == "1":
        return f"{value:.1%}"
    digits = 0 if abs(value) >= 100 or float(value).is_integer() else 1
    return f"{value:,.{digits}f}{'' if not unit else f' {unit}'}".replace("-", "−")


def _change(value: float | None, unit: str, lang: str) -> Cell:
    if value is None:
        return Cell(NOTHING)
    if unit == "1":
        points = text(lang, "points")
        return signed(100 * value, 1, points if lang == "zh" else f" {points}")
    digits = 0 if abs(value) >= 100 or float(value).is_integer() else 1
    return signed(value, digits, f" {unit}" if unit else "")


def _effects(run: Reported, lang: str, causes: Any) -> list[Grid]:
    """The largest effects on deliveries; all of them add up to the foot."""
    sums = records(effects(causes, "customer", "cause", "asset"))
    total = math.fsum(line["delivered_change_t"] for line in sums)
    shown = [line for line in sums if abs(line["delivered_change_t"]) >= _LEAST_T][:MOST_EFFECTS]
    rows = []
    for line in shown:
        asset = "" if line["asset"] == line["customer"] else line["asset"]
        rows.append((
            Cell(run.labels.asset(lang, line["customer"])), Cell(EFFECTS[line["cause"]][lang == "zh"]),
            Cell(run.labels.asset(lang, asset) if asset else ""), signed(line["delivered_change_t"]),
        ))  # fmt: skip
    if not rows:
        return []
    heads = ("column.customer", "column.cause", "column.asset", "report.changes.effect")
    foot = (Cell(text(lang, "report.changes.total")), Cell(""), Cell(""), signed(total))
    caption = text(lang, "report.changes.effects")
    return [Grid(caption, tuple(text(lang, key) for key in heads), (False, False, False, True), tuple(rows), foot)]


def _findings(before: Reported, after: Reported, lang: str) -> Grid:
    """Findings that are new, graver or gone, by name: of each kind the gravest lines, and how many there are in all."""
    sides = [(run.tables["findings"], run.labels) for run in (before, after)]
    changes = finding_changes(sides[0][0], sides[1][0])
    rows: list[tuple[Cell, ...]] = []
    zh = lang == "zh"
    for change, lines in changed_lines(changes, sides, lang).items():
        rows += [
            (
                Cell(CHANGES[change][zh], "whole"),
                Cell(SEVERITIES[line.severity][zh], f"severity-{line.severity}"),
                Cell(line.words),
                Cell(line.rule, "whole"),
            )
            for line in lines[:MOST_FINDINGS]
        ]
        if (left := len(lines) - MOST_FINDINGS) > 0:
            more = text(lang, "report.changes.more_findings", count=left)
            rows.append((Cell(CHANGES[change][zh], "whole"), Cell(""), Cell(more), Cell("")))
    caption = text(lang, "report.changes.findings", counts=counted_changes(changes, lang))
    heads = ("compare.change", "column.severity", "column.finding", "column.rule")
    return Grid(caption, tuple(text(lang, key) for key in heads), (False,) * 4, tuple(rows))


def _inputs(lang: str, changes: Sequence[dict[str, Any]]) -> list[Grid]:
    if not changes:
        return []
    heads = ("report.changes.input", "report.changes.before", "report.changes.after")
    rows = [(Cell(c["path"]), Cell(c["before"] or NOTHING), Cell(c["after"] or NOTHING)) for c in changes[:MOST_INPUTS]]
    if left := len(changes) - len(rows):
        rows.append((Cell(text(lang, "report.changes.more_inputs", count=left)), Cell(""), Cell("")))
    caption = text(lang, "report.changes.inputs", count=len(changes))
    return [Grid(caption, tuple(text(lang, key) for key in heads), (False, False, False), tuple(rows))]


def appendix_section(run: Reported, lang: str) -> Section:
    """What the run depends on: enough to get it again, and to see that it is the same."""
    manifest = run.manifest
    since, until = span_of(run)
    libraries = " · ".join(f"{name} {version}" for name, version in dict(manifest.get("libraries", {})).items())
    items = (
        ("report.made.scenario", manifest.get("scenario", run.name)),
        ("report.made.path", manifest.get("scenario_path", "")),
        ("report.made.sha256", manifest.get("scenario_sha256", "")),
        ("report.made.period", period_of(since, until, lang)),
        ("report.made.as_of", manifest.get("as_of")),
        ("report.made.seed", manifest.get("seed")),
        ("report.made.command", manifest.get("command")),
        (
            "report.made.version",
            f"chainsim {manifest.get('chainsim', '')} · Python {manifest.get('python', '')} · {libraries}",
        ),
    )
    rows = tuple((Cell(text(lang, key)), Cell(str(value))) for key, value in items if value not in (None, ""))
    heads = (text(lang, "report.made.item"), text(lang, "report.made.value"))
    grids = [Grid(text(lang, "report.made.caption"), heads, (False, False), rows)]
    files = {
        **dict(manifest.get("inputs", {})),
        **{f"rules/{n}": sha for n, sha in dict(manifest.get("rules", {})).items()},
    }
    if files:
        heads = (text(lang, "report.made.file"), "SHA-256")
        listed = tuple((Cell(name), Cell(sha, "hash")) for name, sha in files.items())
        grids.append(Grid(text(lang, "report.made.files"), heads, (False, False), listed))
    return Section("appendix", text(lang, "report.section.appendix"), grids=tuple(grids))


def period_of(since: Any, until: Any, lang: str) -> str:
    """From the first day to the last."""
    from datetime import timedelta

    last = until - timedelta(days=1)
    return text(lang, "report.period", since=f"{since:%Y-%m-%d}", until=f"{last:%Y-%m-%d}")
