"""What the rules find, and why: findings in few lines, an explanation as a tree of what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainsim.rules import SEVERITIES, Wanted, digest_lines, explain, rule_called
from chainsim.texts import text
from chainsim.web.views import Shown

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.rules import RuleBook
    from chainsim.rules.explained_steps import Step
    from chainsim.rules.explaining import ExplainedRow

_MOST_ROWS = 3
_LEAST_SHOWN_T = 0.5
_HOLDS = {True: ("✓", "explain.holds"), False: ("✗", "explain.holds_not"), None: ("?", "explain.unknown")}


def findings_part(shown: Shown, findings: pd.DataFrame) -> dict[str, Any]:
    """The gravest findings in few lines."""
    return {"lines": digest_lines(findings, shown.run.labels, shown.lang), "count": len(findings)}


def explained_part(shown: Shown, book: RuleBook, asked: tuple[str, str]) -> dict[str, Any]:
    """Why a rule fired: its condition with every value that it read, at a subject or (without one) where it fired."""
    lang, (name, subject) = shown.lang, asked
    rule = rule_called(book, name)
    key = next((key for key in rule.subject_keys if key != "grade"), "")
    wanted = Wanted()
    if subject and key:
        wanted = Wanted(customer=subject) if key in ("customer", "holder", "asset") else Wanted(asset=subject)
    told = explain(book, name, shown.run.tables, wanted, shown.run.labels)
    rows = [_row(row, lang) for row in told.rows[:_MOST_ROWS]]
    left_out = told.left_out + max(len(told.rows) - _MOST_ROWS, 0)
    return {
        "rule": told.rule, "severity": SEVERITIES[told.severity][lang == "zh"], "source": told.source,
        "condition": told.condition, "rows": rows,
        "left_out": text(lang, "explain.left_out", count=left_out) if left_out else "",
    }  # fmt: skip


def _row(row: ExplainedRow, lang: str) -> dict[str, Any]:
    index = int(lang == "zh")
    mark, holds = _HOLDS[row.holds]
    told = row.finding
    return {
        "title": row.title[index] or text(lang, "explain.whole"), "mark": mark, "holds": text(lang, holds),
        "tree": _step(row.tree, index), "words": "" if told is None else (told.message_zh if index else told.message_en),
        "action": "" if told is None else (told.action_zh if index else told.action_en),
        "causes": [(c.cause_texts[index], c.asset_texts[index], f"{c.tonnes:,.0f}", f"{c.share:.1%}")
                   for c in row.causes if c.tonnes >= _LEAST_SHOWN_T],
    }  # fmt: skip


def _step(step: Step, index: int) -> dict[str, Any]:
    """A part of the condition: its words, what it came to, what was meant, and the parts inside."""
    mark = _HOLDS[step.value if isinstance(step.value, bool) else None][0] if step.kind == "condition" else ""
    inner = [] if step.kind == "window" else [_step(part, index) for part in step.steps]
    return {
        "mark": mark, "words": step.text, "value": "" if mark else step.shown[index],
        "about": " · ".join(note for note in (step.meaning[index], step.keys) if note), "steps": inner,
    }  # fmt: skip
