"""What-ifs as part of an address: packed so that a link holds a whole what-if, unpacked with a limit."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from chainsim.files.documents import accepted_keys
from chainsim.files.overlays import Changes
from chainsim.files.tables import TABLES

LARGEST = 400_000
"""Bytes unpacked; what is larger is no what-if of a page."""
_DEEPEST = 6


class BadLinkError(Exception):
    """A link that this page did not make."""


def packed(changes: Changes) -> str:
    """``changes`` in the signs of an address; nothing for none.

    >>> unpacked(packed({"pipelines": {"trunk": {"capacity": "40000"}}}))
    {'pipelines': {'trunk': {'capacity': '40000'}}}
    """
    if not changes:
        return ""
    data = json.dumps(changes, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode().rstrip("=")


def unpacked(token: str) -> Changes:
    """The changes in ``token``; raises ``BadLinkError``."""
    if not token:
        return {}
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj()
        content = reader.decompress(data, LARGEST)
        if reader.unconsumed_tail or not reader.eof:
            raise BadLinkError
        changes = json.loads(content)
    except (ValueError, zlib.error, RecursionError) as error:
        raise BadLinkError from error
    if not isinstance(changes, dict) or not _is_well_formed(changes):
        raise BadLinkError
    return changes


def _is_well_formed(changes: dict[str, Any]) -> bool:
    """Known sections only, tables as lists of rows, sections as mappings, scalars as text."""
    known = {*accepted_keys(()), *TABLES}
    for key, value in changes.items():
        if key not in known or isinstance(value, list) != (key in TABLES):
            return False
        rows = value if isinstance(value, list) else [value]
        if not all(isinstance(row, dict) and _is_plain(row, _DEEPEST) for row in rows):
            return False
    return True


def _is_plain(value: Any, deep: int) -> bool:
    if isinstance(value, dict):
        return deep > 0 and all(_is_plain(inner, deep - 1) for inner in value.values())
    if isinstance(value, list):
        return deep > 0 and all(_is_plain(inner, deep - 1) for inner in value)
    return value is None or isinstance(value, str)
