"""Problems that the checks on a scenario tell, from the table of messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chainsim.errors import Problem
from chainsim.model.messages import CHECK_TEMPLATES, name_list, nearest_name, problem_from


def problem(code: str, path: str, found: object = "", **values: object) -> Problem:
    """The problem ``code`` at ``path`` of the document; ``values`` fill its texts."""
    text = f"{found:.15g}" if isinstance(found, float) else str(found)
    return problem_from(CHECK_TEMPLATES, code, values, path=path, found=text)


def unknown(kind: str, path: str, name: str, names: Iterable[str]) -> Problem:
    """A ``kind`` (``customer``, ``grade``, …) that is none of ``names``, with the nearest of them."""
    known = list(names)
    return replace(problem(f"unknown_{kind}", path, name, names=name_list(known)), nearest=nearest_name(name, known))
