"""A batch's outcome as sections of text cells, and its regressions in words, which every kind of output says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chainsim.cli.comparison_sections import Section, amount_text, difference_text
from chainsim.records import CAUSES
from chainsim.results import KPIS, Labels
from chainsim.results.catalogue_difference import EFFECTS
from chainsim.rules import SEVERITIES, digest, grave
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.rules.regressions import Part, Regression
    from chainsim.workflow_batch import Batch, Item

MOST_INPUTS = 12
MOST_MESSAGES = 3
MOST_FINDINGS = 6
_FIGURES = (("completion", "1"), ("shortfall", "t"), ("curtailed", "t"))
"""Key figures in the overview, and their units."""
_NOBODY = Labels({}, {})


def batch_sections(batch: Batch, lang: str, fail_on: str) -> list[Section]:
    """The overview; what failed and why; what is worse, with the inputs that changed; findings as grave as ``fail_on``."""
    worse = [item for item in batch.items if item.judged is not None and item.judged.regressions]
    parts = [
        _overview(batch, lang, fail_on),
        _failures(batch, lang),
        _regressions(batch, lang),
        *(_inputs(item, lang) for item in worse),
        *(_findings(item, lang, fail_on) for item in batch.items),
    ]
    return [part for part in parts if part.rows]


def is_grave(item: Item, fail_on: str) -> bool:
    """Whether the scenario has a finding as grave as ``fail_on``."""
    return fail_on != "never" and item.findings is not None and grave(item.findings, fail_on)


def regression_text(regression: Regression, labels: Labels, lang: str) -> str:
    """``Yumen: completion 96.0% → 91.2% (-4.8 points, 0.5 allowed): +14,200 t lost to pipeline outage (Trunk)``."""
    why = regression_why(regression, labels, lang)
    return f"{regression_what(regression, labels, lang)}{': ' if lang == 'en' else ':'}{why}".rstrip(": ")


def regression_what(regression: Regression, labels: Labels, lang: str) -> str:
    """What is worse, by how much, and how much is allowed."""
    scale = 100.0 if regression.measure == "completion_points" else 1.0
    return text(
        lang,
        f"batch.worse.{regression.measure}",
        subject=labels.asset(lang, regression.subject) if regression.subject else text(lang, "batch.whole"),
        before=regression.before,
        after=regression.after,
        change=(regression.after - regression.before) * scale,
        tolerance=regression.tolerance,
    )


def regression_why(regression: Regression, labels: Labels, lang: str) -> str:
    """The causes that grew, or the new findings."""
    told = [_part_text(part, regression, labels, lang) for part in regression.parts]
    messages = [message[lang == "zh"] for message in regression.messages]
    told += messages[:MOST_MESSAGES]
    if len(messages) > MOST_MESSAGES:
        told.append(text(lang, "more.lines", count=len(messages) - MOST_MESSAGES))
    return ("; " if lang == "en" else "；").join(told)


def _part_text(part: Part, regression: Regression, labels: Labels, lang: str) -> str:
    asset = labels.asset(lang, part.asset)
    if not part.cause:
        return text(lang, "batch.at", tonnes=part.change_t, asset=asset)
    cause = EFFECTS[part.cause][lang == "zh"]
    if part.cause not in CAUSES:  # the plan, over-lift or unplanned tonnes: less of them is less delivered
        told = text(lang, "compare.part.own", tonnes=part.change_t, cause=cause)
    elif part.asset in ("", regression.subject):
        told = text(lang, "batch.lost.own", tonnes=part.change_t, cause=cause)
    else:
        told = text(lang, "batch.lost", tonnes=part.change_t, cause=cause, asset=asset)
    # Tanks and curtailment have no ledger of causes: what deliveries lost at the same time is the best there is to say.
    return told if regression.measure == "completion_points" else text(lang, "batch.meanwhile", told=told)


def _overview(batch: Batch, lang: str, fail_on: str) -> Section:
    """A row per scenario: result, key figures with their change, findings by severity."""
    head = [text(lang, "column.scenario"), text(lang, "batch.result")]
    headers = {kpi.name: (kpi.header_en, kpi.header_zh) for kpi in KPIS}
    head += [headers[name][lang == "zh"] for name, _ in _FIGURES]
    head += [SEVERITIES[name][lang == "zh"] for name in reversed(SEVERITIES)]
    rows = tuple((item.name, _result(batch, item, lang, fail_on), *_figure_cells(item, lang)) for item in batch.items)
    title = text(lang, "batch.title", count=len(batch.items))
    return Section(title, tuple(head), rows, tuple(baseline_notes(batch, lang)), names=2)


def _result(batch: Batch, item: Item, lang: str, fail_on: str) -> str:
    if item.failure is not None:
        return text(lang, "batch.failed")
    if item.judged is not None and item.judged.regressions:
        return text(lang, "batch.worse", count=len(item.judged.regressions))
    if is_grave(item, fail_on):
        return text(lang, "batch.findings")
    return text(lang, "batch.new" if item.name in batch.new else "batch.ok")


def _figure_cells(item: Item, lang: str) -> Iterator[str]:
    if item.tables is None or item.findings is None:
        yield from ["–"] * (len(_FIGURES) + len(SEVERITIES))
        return
    kpis = dict(zip(item.tables["kpis"]["name"], item.tables["kpis"]["value"].astype(float), strict=True))
    changes: dict[str, float] = {}
    if item.judged is not None:
        rows: list[Any] = list(item.judged.difference.figures.itertuples())
        changes = {row.figure: row.change for row in rows if not row.subject}
    for name, unit in _FIGURES:
        yield amount_text(kpis[name], unit) + difference_text(changes.get(name, 0.0), unit, lang)
    counts = item.findings["severity"].value_counts()
    for severity in reversed(SEVERITIES):
        yield f"{int(counts.get(severity, 0)):,}"


def _failures(batch: Batch, lang: str) -> Section:
    rows = tuple(
        (item.name, item.failure.said[lang == "zh"]) for item in batch.items if item.failure is not None
    )  # fmt: skip
    head = (text(lang, "column.scenario"), text(lang, "batch.why"))
    return Section(text(lang, "batch.failures"), head, rows, names=2)


def _regressions(batch: Batch, lang: str) -> Section:
    rows = tuple(
        (item.name, regression_what(found, labels_of(item), lang), regression_why(found, labels_of(item), lang))
        for item in batch.items
        if item.judged is not None
        for found in item.judged.regressions
    )
    head = tuple(text(lang, key) for key in ("column.scenario", "batch.what", "batch.why"))
    return Section(text(lang, "batch.regressions"), head, rows, names=3)


def _inputs(item: Item, lang: str) -> Section:
    """What of a scenario's inputs is not as in the baseline."""
    assert item.judged is not None
    changed = item.judged.difference.inputs
    none = text(lang, "compare.absent")
    paths: list[Any] = list(changed.head(MOST_INPUTS).itertuples())
    rows = tuple((row.path, row.before or none, row.after or none) for row in paths)
    left = len(changed) - len(rows)
    notes = (text(lang, "more.lines", count=left),) if left else ()
    head = tuple(text(lang, key) for key in ("compare.value", "batch.baseline", "batch.now"))
    return Section(text(lang, "batch.inputs", name=item.name), head, rows, notes, names=3)


def _findings(item: Item, lang: str, fail_on: str) -> Section:
    """The findings as grave as ``fail_on``, in few lines."""
    lines: list[tuple[str, str]] = []
    if item.findings is not None and fail_on != "never":
        grades = list(SEVERITIES)
        graver = item.findings[item.findings["severity"].isin(grades[grades.index(fail_on) :])]
        lines = digest(graver, labels_of(item), lang)
    rows = tuple((SEVERITIES[grade][lang == "zh"], said) for grade, said in lines[:MOST_FINDINGS])
    left = len(lines) - len(rows)
    notes = (text(lang, "more.lines", count=left),) if left else ()
    head = (text(lang, "column.severity"), text(lang, "column.finding"))
    return Section(text(lang, "batch.told", name=item.name), head, rows, notes, names=2)


def baseline_notes(batch: Batch, lang: str) -> list[str]:
    """One line for each scenario that only one of batch and baseline has, and for each remark on a comparison."""
    return [
        *(text(lang, "batch.is_new", name=name) for name in batch.new),
        *(text(lang, "batch.is_gone", name=name) for name in batch.gone),
        *(
            f"{item.name}: {remark.message_zh if lang == 'zh' else remark.message}"
            for item in batch.items
            if item.judged is not None
            for remark in item.judged.remarks
        ),
    ]


def labels_of(item: Item) -> Labels:
    """How the scenario's assets are called."""
    return item.labels or _NOBODY
