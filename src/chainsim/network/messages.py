"""Plan lines that no oil can reach, told as problems: what is in the way, in English and Chinese."""

from __future__ import annotations

from chainsim.errors import Problem
from chainsim.model import Scenario
from chainsim.model.messages import Template, problem_from
from chainsim.network.reach import Reason, Unreached, unreached

OBSTACLES: dict[Reason, tuple[str, str]] = {
    "no_source": ("no supplier delivers {asset} and none is in stock", "没有油源供应 {asset}，也没有库存"),
    "no_way": (
        "no pipeline or railway leads from any supplier or stock to {asset}",
        "没有管线或铁路从油源或库存通往 {asset}",
    ),
    "other_grades": (
        "it comes as far as {before}; {asset} carries other grades",
        "可到 {before}；{asset} 只输其他油种",
    ),
    "not_accepted": (
        "it comes as far as {before}; {asset} does not take this grade",
        "可到 {before}；{asset} 不接这个油种",
    ),
    "closed": ("it comes as far as {before}; {asset} is closed all that time", "可到 {before}；{asset} 在此期间关闭"),
}
_CLOSED_AT_ONCE = ("{asset} delivers nothing all that time", "{asset} 在此期间不供油")
_TEMPLATES: dict[str, Template] = {
    "plan_unreached": (
        "no oil can reach this plan line: {obstacle}{more}",
        "没有油能完成这条计划：{obstacle_zh}{more_zh}",
        "",
        "",
    ),
}


def unreached_problems(scenario: Scenario) -> tuple[Problem, ...]:
    """One problem for each customer, grade and obstacle, at the first plan line it hits; in plan order."""
    groups: dict[tuple[object, ...], list[Unreached]] = {}
    for found in unreached(scenario):
        key = found.line.customer, found.line.grade, found.line.via, found.obstacle
        groups.setdefault(key, []).append(found)
    return tuple(_problem(group) for group in groups.values())


def _problem(group: list[Unreached]) -> Problem:
    first, others = group[0], len(group) - 1
    obstacle, obstacle_zh = obstacle_texts(first)
    values = {
        "obstacle": obstacle,
        "obstacle_zh": obstacle_zh,
        "more": f" (likewise {others} more of its lines)" if others else "",
        "more_zh": f"（另有 {others} 条相同）" if others else "",
    }
    line = first.line
    found = f"{line.customer}, {line.grade}, {line.start:%Y-%m-%d}"
    return problem_from(_TEMPLATES, "plan_unreached", values, path=f"plan[{first.index}]", found=found)


def obstacle_texts(found: Unreached) -> tuple[str, str]:
    """What is in the way, in English and Chinese, assets by their names in the scenario file."""
    obstacle = found.obstacle
    at_once = obstacle.reason == "closed" and not obstacle.before
    english, chinese = _CLOSED_AT_ONCE if at_once else OBSTACLES[obstacle.reason]
    values = {"asset": obstacle.asset, "before": obstacle.before}
    return english.format_map(values), chinese.format_map(values)
