"""Why an order changes a line: the line's note, or the comment that stands above it in the file."""

from __future__ import annotations

import re
from pathlib import Path

from chainsim.files.load import Statements
from chainsim.files.tables import name_in
from chainsim.files.tree import Block, Items

_CHANGE = re.compile(r"^[\d,.]+ → [\d,.]+ \S+ \([+-]?[\d,.]+\)[:：]\s*")
"""How ``chainsim optimize --order`` begins the comment on a line: before → after t (change)."""


def order_reasons(statements: Statements, number: str) -> tuple[str, ...]:
    """A reason for each line of the order, "" where none is given."""
    order = next(order for order in statements.tree["orders"] if name_in(order["number"]) == number)
    lines = order["lines"]
    return tuple(_reason(line, lines.place_of(i).file, lines.place_of(i).line) for i, line in enumerate(lines))


def own_orders(statements: Statements) -> tuple[str, ...]:
    """Numbers of the orders that stand in the file asked for itself, not in what it extends."""
    orders = statements.tree.get("orders")
    if not isinstance(orders, Items):
        return ()
    return tuple(name_in(order["number"]) for i, order in enumerate(orders) if orders.place_of(i).layer == 0)


def _reason(line: Block, file: str, number: int) -> str:
    note = line.get("note")
    if note is not None:
        return name_in(note)
    if not file.lower().endswith((".yaml", ".yml")):
        return ""
    texts = Path(file).read_text(encoding="utf-8-sig").splitlines()
    above = texts[number - 2].strip() if 2 <= number <= len(texts) else ""
    return _CHANGE.sub("", above.lstrip("# ").strip()) if above.startswith("#") and "---" not in above[:6] else ""
