"""Approving a draft order in its file: one word changes, every other character stays."""

from __future__ import annotations

from pathlib import Path

from chainsim.errors import InputError
from chainsim.files.load import load_scenario
from chainsim.files.tree import Block, Items, Place, Report
from chainsim.files.yamltext import read_yaml
from chainsim.mistakes import mistake
from chainsim.model.messages import name_list, nearest_name

_DRAFT = ("draft", "'draft'", '"draft"')


def approved_text(path: Path, number: str = "") -> tuple[str, str]:
    """The YAML file at ``path`` with its draft order approved, and the order's number.

    ``number`` says which where there are several. Raises ``InputError`` if the file cannot be read as a scenario, or holds no
    such draft.
    """
    load_scenario(path)  # an order that cannot run is not approved
    content = path.read_bytes().decode("utf-8")
    report = Report()
    tree = read_yaml(content.removeprefix("\ufeff"), path.as_posix(), 0, report)
    drafts = {} if tree is None else _drafts(tree)
    wanted = number or (next(iter(drafts)) if len(drafts) == 1 else "")
    if wanted not in drafts:
        key = "approve.none" if not drafts else "approve.which" if not number else "approve.unknown"
        names, near = name_list(drafts), nearest_name(number, drafts) if number else ""
        wrong = mistake(
            "order-approve", key, file=path.as_posix(), path="orders", found=number, accepted=names, nearest=near
        )
        raise InputError([wrong])
    place = drafts[wanted]
    lines = content.split("\n")
    at = place.column - 1 + (len(content) - len(content.removeprefix("\ufeff")) if place.line == 1 else 0)
    line = lines[place.line - 1]
    word = next(word for word in _DRAFT if line.startswith(word, at))
    lines[place.line - 1] = line[:at] + word.replace("draft", "approved") + line[at + len(word) :]
    return "\n".join(lines), wanted


def _drafts(tree: Block) -> dict[str, Place]:
    """Number → where the word ``draft`` stands."""
    orders = tree.get("orders")
    if not isinstance(orders, Items):
        return {}
    return {
        str(order.get("number")): order.place_of("state")
        for order in orders
        if isinstance(order, Block) and order.get("state") == "draft"
    }
