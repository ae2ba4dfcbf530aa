"""The tables as Parquet and CSV, with a manifest: a folder that appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from chainsim.reports.whole import whole_folder
from chainsim.results import TABLES, Column, Table
from chainsim.rules.findings import FINDINGS

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["parquet", "csv"]
MANIFEST = "manifest.json"
DECLARED: dict[str, Table] = {**TABLES, FINDINGS.name: FINDINGS}
"""Everything that can be written."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the beginning of a formula (OWASP, CSV injection); full-width signs in East Asia."""


def write_results(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, Any],
    formats: Sequence[Format] = ("parquet", "csv"),
    extra: Mapping[str, Callable[[Path], object]] | None = None,
) -> Path:
    """Write every table to ``folder`` in each format, and ``manifest.json`` with row counts and hashes; return ``folder``.

    ``extra`` maps further file names to their writers, called with the path to write, so that a workbook appears with the
    tables or not at all. Equal input gives equal bytes. Earlier results in ``folder`` are replaced; files there that
    chainsim did not write stay. Raises ``InputError`` if ``folder`` holds something else or cannot be written.
    """
    with whole_folder(folder, _holds_results, _foreign_entries) as temporary:
        for name, table in tables.items():
            for kind in formats:
                target = temporary / f"{name}.{kind}"
                (_write_parquet if kind == "parquet" else _write_csv)(target, DECLARED[name], table)
        for name, writer in (extra or {}).items():
            writer(temporary / name)
        complete = {
            **manifest,
            "tables": {name: len(table) for name, table in tables.items()},
            "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(temporary.iterdir())},
        }
        text = json.dumps(complete, ensure_ascii=False, indent=2)
        (temporary / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return folder


def safe_text(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula.

    >>> safe_text("=HYPERLINK(1)"), safe_text("兰州")
    ("'=HYPERLINK(1)", '兰州')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _write_parquet(path: Path, table: Table, frame: pd.DataFrame) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    for index, column in enumerate(table.columns):
        arrow_field = arrow.schema.field(index).with_metadata(_described(column))
        arrow = arrow.set_column(index, arrow_field, arrow.column(index))
    pq.write_table(arrow, path, compression="zstd")


def _described(column: Column) -> dict[str, str]:
    """The column's declaration, to travel with the file."""
    return {"unit": column.unit, "meaning_en": column.meaning_en, "meaning_zh": column.meaning_zh}


def _write_csv(path: Path, table: Table, frame: pd.DataFrame) -> None:
    """UTF-8 with a byte order mark, for Excel; ISO dates; null is empty."""
    import pyarrow as pa
    import pyarrow.csv as pc

    columns = [_for_csv(column, frame[column.name]) for column in table.columns]
    arrow = pa.Table.from_arrays(columns, names=[c.name for c in table.columns])
    with path.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf" + ",".join(c.name for c in table.columns).encode() + b"\n")
        pc.write_csv(arrow, stream, pc.WriteOptions(include_header=False, quoting_style="needed"))


def _for_csv(column: Column, values: pd.Series[Any]) -> Any:
    """A column as CSV writes it: days as ``2008-01-31``, moments as ``2008-01-31 13:45:00``."""
    import pyarrow as pa

    match column.type:
        case "date":
            return pa.array(values.to_numpy().astype("datetime64[D]"))
        case "instant":
            return pa.array(values.to_numpy().astype("datetime64[s]"))
        case "name":
            members = [safe_text(str(member)) for member in values.cat.categories]
            codes = pa.array(values.cat.codes.to_numpy(), mask=(values.cat.codes < 0).to_numpy())
            return pa.array(members, type=pa.string()).take(codes)
        case "text":
            return pa.array([safe_text(str(text)) for text in values], type=pa.string())
        case _:
            return pa.array(values.to_numpy(), from_pandas=True)


def _holds_results(folder: Path) -> bool:
    return bool(_manifest(folder))


def _foreign_entries(folder: Path) -> set[str]:
    """What in ``folder`` an earlier run did not write."""
    ours = {MANIFEST, *_manifest(folder).get("files", ())}
    return {entry.name for entry in folder.iterdir()} - ours


def _manifest(folder: Path) -> dict[str, Any]:
    """The folder's manifest, or nothing where there is none that is ours."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) and "chainsim" in manifest else {}
