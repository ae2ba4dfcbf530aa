"""Which findings are new, gone, graver or milder in one run than in another.

Findings are matched by id first: rule, subject and beginning. Of those left over, what is of the same rule about the same
subject is the same fault begun on another day, in order of time; only what then has no counterpart is new or gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from chainsim.results import Column, Table
from chainsim.rules.findings import FINDINGS, frame_of
from chainsim.rules.rule import SEVERITIES

if TYPE_CHECKING:
    import pandas as pd

CHANGES: dict[str, tuple[str, str]] = {
    "new": ("new", "新增"),
    "graver": ("graver", "加重"),
    "moved": ("at another time", "时间变动"),
    "milder": ("milder", "减轻"),
    "gone": ("gone", "消失"),
}
"""How a finding can differ between two runs, the worst first. ``moved``: as grave as before, begun on another day."""


def _severity(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "name", "", header_en, header_zh, meaning_en, meaning_zh, domain="severity", values=SEVERITIES)


FINDING_CHANGES = Table(
    "finding_changes", "Findings new and gone", "预警变化", "One finding that is not the same in two runs",
    "两次运行中不同的一项预警",
    (
        FINDINGS.column("finding"),
        Column(
            "change", "name", "", "Change", "变化", "New, graver, at another time, milder or gone",
            "新增、加重、时间变动、减轻或消失",
            domain="finding_change", values=CHANGES,
        ),
        *(FINDINGS.column(name) for name in ("rule", "subject", "grade", "detail", "since")),
        _severity("before", "Before", "之前", "How grave it was; null if it is new", "之前的级别；新增为空"),
        _severity("after", "After", "之后", "How grave it is; null if it is gone", "之后的级别；消失为空"),
        *(FINDINGS.column(name) for name in ("cause", "cause_asset", "cause_t", "message_en", "message_zh", "source")),
    ),
)  # fmt: skip

_Row = dict[str, Any]


def finding_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The table ``FINDING_CHANGES`` of two runs' tables ``findings``: new ones first, and of these the gravest.

    What a finding says is told as in ``after``, of what is gone as in ``before``.
    """
    rank = list(SEVERITIES)
    order = list(CHANGES)
    rows = list(_changed(_rows(before), _rows(after)))
    rows.sort(key=lambda row: (order.index(row["change"]), -rank.index(row["after"] or row["before"])))
    return frame_of(FINDING_CHANGES.columns, rows)


def _rows(findings: pd.DataFrame) -> list[_Row]:
    names = ["severity", *(c.name for c in FINDING_CHANGES.columns if c.name in findings)]
    columns = [findings[name].astype(object).tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _changed(before: list[_Row], after: list[_Row]) -> Iterator[_Row]:
    first, second = ({row["finding"]: row for row in rows} for rows in (before, after))
    pairs = [(first[key], second[key]) for key in first if key in second]
    gone, new = (
        _by_subject(first[k] for k in first if k not in second),
        _by_subject(second[k] for k in second if k not in first),
    )
    for subject in dict.fromkeys((*gone, *new)):
        left, right = gone.get(subject, []), new.get(subject, [])
        pairs += zip(left, right, strict=False)
        yield from (_told(row, "gone", row["severity"], None) for row in left[len(right) :])
        yield from (_told(row, "new", None, row["severity"]) for row in right[len(left) :])
    rank = list(SEVERITIES)
    for was, now in pairs:
        step = rank.index(now["severity"]) - rank.index(was["severity"])
        if step or was["finding"] != now["finding"]:
            change = "graver" if step > 0 else "milder" if step < 0 else "moved"
            yield _told(now, change, was["severity"], now["severity"])


def _by_subject(rows: Iterable[_Row]) -> dict[tuple[str, ...], list[_Row]]:
    """Rule, subject, grade and detail → its findings, in order of time."""
    out: dict[tuple[str, ...], list[_Row]] = {}
    for row in rows:
        out.setdefault(tuple(str(row[name]) for name in ("rule", "subject", "grade", "detail")), []).append(row)
    for group in out.values():
        group.sort(key=lambda row: str(row["since"]))
    return out


def _told(row: _Row, change: str, before: str | None, after: str | None) -> _Row:
    return {**row, "change": change, "before": before, "after": after}
