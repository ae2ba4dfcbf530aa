"""Bytes from disk, within limits, remembered with their hash; and text out of bytes."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from chainsim.files.tree import Place, Report

LARGEST_BYTES = {".yaml": 4_000_000, ".yml": 4_000_000, ".csv": 16_000_000, ".xlsx": 32_000_000}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(slots=True)
class Sources:
    """The files read so far. ``base`` is the folder that names are told relative to."""

    base: Path
    inputs: list[tuple[str, str]] = field(default_factory=list)

    def read(self, path: Path, shown: str, layer: int, report: Report) -> bytes | None:
        """The bytes of ``path`` (named ``shown`` to the user), or None with a problem told."""
        place = Place(shown, layer=layer)
        limit = LARGEST_BYTES.get(path.suffix.lower(), 4_000_000)
        try:
            with path.open("rb") as stream:
                data = stream.read(limit + 1)
            size = path.stat().st_size
        except OSError as error:
            report.add("cannot_read", place, reason=error.strerror or type(error).__name__)
            return None
        if len(data) > limit:
            report.add("file_too_large", place, size=max(size, len(data)), limit=limit)
            return None
        name = Path(os.path.relpath(path, self.base)).as_posix()
        self.inputs.append((name, hashlib.sha256(data).hexdigest()))
        return data


def text_of(data: bytes, place: Place, report: Report, *, allow_gb18030: bool) -> str | None:
    """``data`` as text: UTF-8 with or without BOM; for tables also GB18030, with a warning."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        report.add("utf16", place)
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = ""
        if allow_gb18030 and b"\0" not in data:
            try:
                text = data.decode("gb18030")
            except UnicodeDecodeError:
                text = ""
        if not text:
            line = data.count(b"\n", 0, error.start) + 1
            column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
            found = " ".join(f"{byte:02x}" for byte in data[error.start : error.start + 4])
            report.add("wrong_encoding", place._replace(line=line, column=column), found=found)
            return None
        report.warn("read_as_gb18030", place)
    bad = _CONTROL.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - text.rfind("\n", 0, bad.start())
        report.add("control_character", place._replace(line=line, column=column), found=f"U+{ord(bad[0]):04X}")
        return None
    return text
