"""Why an order changes a line: the line's note, or the comment that stands above it in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chainsim.files.tables import name_in
from chainsim.files.tree import Block, Items

if TYPE_CHECKING:
    from chainsim.files.load import Statements

_CHANGE = re.compile(r"^[\d,.]+ → [\d,.]+ \S+ \([+-]?[\d,.]+\)[:：]\s*")
"""How ``chainsim optimize --order`` begins the comment on a line: before → after t (change)."""


def with_notes(tree: Block, text: str) -> Block:
    """``tree``, read from the YAML ``text``, where a comment above an order's line is its note, unless it has one."""
    rows = text.splitlines()
    orders = tree.get("orders")
    for order in orders if isinstance(orders, Items) else ():
        lines = order.get("lines") if isinstance(order, Block) else None
        if not isinstance(lines, Items):
            continue
        for index, line in enumerate(lines):
            if not isinstance(line, Block) or line.get("note") is not None:
                continue
            number = lines.place_of(index).line
            above = rows[number - 2].strip() if 2 <= number <= len(rows) else ""
            words = _CHANGE.sub("", above.lstrip("# ").strip()).strip() if above.startswith("#") else ""
            if words and not words.startswith("-"):  # a rule, or a line that somebody struck out
                line["note"] = words
    return tree


def own_orders(statements: Statements) -> tuple[str, ...]:
    """Numbers of the orders that stand in the file asked for itself, not in what it extends."""
    orders = statements.tree.get("orders")
    if not isinstance(orders, Items):
        return ()
    return tuple(name_in(order["number"]) for i, order in enumerate(orders) if orders.place_of(i).layer == 0)
