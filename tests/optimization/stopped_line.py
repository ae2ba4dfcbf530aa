"""A small scenario as a planner writes it: one line to two refineries stands still for ten days, with room to make up later."""

from __future__ import annotations

from pathlib import Path

STOPPED_LINE = """\
scenario: stopped-line
title: {en: A stopped line, zh: 停输演练}
start: 2026-01-01
end: 2026-04-01
UNITS
grades:
  light: {density: 850}
suppliers:
  field: {grade: light, farm: tank, production: RATE}
farms:
  tank: {safe_fill: TANK}
pipelines:
  pipe: {from: tank, to: works, capacity: PIPE, line_fill: 1, title: {en: Main line, zh: 干线}}
  branch: {from: tank, to: depot, capacity: PIPE, line_fill: 1}
customers:
  works: {class: petrochina, grades: [light], safe_fill: TANK, title: {en: The works, zh: 石化厂}}
  depot: {class: petrochina, grades: [light], safe_fill: TANK}
disruptions:
  - {name: valve, asset: pipe, from: 2026-01-11, to: 2026-01-21, remaining: 0, cause: pipeline}
plan:
  - {customer: works, grade: light, period: 2026-01, amount: 31}
  - {customer: works, grade: light, period: 2026-02, amount: 28}
  - {customer: works, grade: light, period: 2026-03, amount: 31}
  - {customer: depot, grade: light, period: 2026-01, amount: 15.5}
  - {customer: depot, grade: light, period: 2026-02, amount: 14}
  - {customer: depot, grade: light, period: 2026-03, amount: 15.5}
"""


def write_stopped_line(path: Path) -> Path:
    """The scenario at ``path``, its amounts in kt."""
    words = {"UNITS": "units: {amount: kt}", "RATE": "1.5", "TANK": "60", "PIPE": "1.5"}
    content = STOPPED_LINE
    for name, value in words.items():
        content = content.replace(name, value)
    path.write_text(content, encoding="utf-8")
    return path
