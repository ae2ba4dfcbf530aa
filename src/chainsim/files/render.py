"""A problem as a person reads it."""

from __future__ import annotations

from typing import Literal

from chainsim.errors import Problem

_WORDS = {
    "en": ("found: {}", "accepted: {}", "did you mean {}?", ": "),
    "zh": ("写的是：{}", "可接受：{}", "是否想写 {}？", "："),
}


def render_problem(problem: Problem, lang: Literal["en", "zh"] | str = "en") -> str:
    """Plain text on several lines: place, path and message; then what was found, what is accepted, the nearest name."""
    found, accepted, nearest, colon = _WORDS["zh" if lang == "zh" else "en"]
    message = (problem.message_zh if lang == "zh" else "") or problem.message
    allowed = (problem.accepted_zh if lang == "zh" else "") or problem.accepted
    head = ": ".join(part for part in (problem.place, problem.path) if part)
    lines = [f"{head}{colon}{message}" if head else message]
    if problem.found:
        lines.append("  " + found.format(problem.found))
    if allowed:
        lines.append("  " + accepted.format(allowed))
    if problem.nearest:
        lines.append("  " + nearest.format(problem.nearest))
    return "\n".join(lines)
