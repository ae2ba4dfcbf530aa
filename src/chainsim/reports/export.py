"""The tables as Parquet and CSV, with a manifest: a folder that appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from chainsim.optimization.catalogue import ORDER_TABLES
from chainsim.reports.whole import refuse_foreign, whole_file, whole_folder
from chainsim.results import TABLES, Column, Table
from chainsim.results.catalogue_difference import DIFFERENCE_TABLES
from chainsim.results.catalogue_resilience import RESILIENCE_TABLES
from chainsim.rules import FINDING_CHANGES, FINDINGS, RULE_RESULTS, RUN_COLUMN, WORK_ORDERS

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["parquet", "csv"]
MANIFEST = "manifest.json"
RULE_TABLES: dict[str, Table] = {table.name: table for table in (FINDINGS, WORK_ORDERS, RULE_RESULTS)}
"""What rules make of the tables of a run."""
COMPARISON_TABLES: dict[str, Table] = {
    name: replace(table, columns=(RUN_COLUMN, *table.columns))
    for name, table in {**DIFFERENCE_TABLES, FINDING_CHANGES.name: FINDING_CHANGES}.items()
}
"""What several runs differ in from the first, with the other run's name in front."""
DECLARED: dict[str, Table] = {**TABLES, **RULE_TABLES, **ORDER_TABLES, **COMPARISON_TABLES, **RESILIENCE_TABLES}
"""Everything that can be written."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the beginning of a formula (OWASP, CSV injection); full-width signs in East Asia."""
_WRITERS = 2


def write_results(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, Any],
    formats: Sequence[Format] = ("parquet", "csv"),
    extra: Mapping[str, Callable[[Path], object]] | None = None,
    declared: Mapping[str, Table] | None = None,
) -> Path:
    """Write every table to ``folder`` in each format, and ``manifest.json`` with row counts and hashes; return ``folder``.

    ``extra`` maps further file names to their writers, called with the path to write, so that a workbook appears with the
    tables or not at all. ``declared`` has the declarations of tables that are not in ``DECLARED``. Equal input gives equal bytes.
    Earlier results in ``folder`` are replaced; files there that chainsim did not write stay. Raises ``InputError`` if ``folder``
    holds something else or cannot be written.
    """
    from concurrent.futures import ThreadPoolExecutor

    known = DECLARED if declared is None else declared
    with whole_folder(folder, _holds_results, _foreign_entries) as temporary:
        # Arrow compresses and formats outside Python's lock: two threads write while this one makes the next table.
        with ThreadPoolExecutor(max_workers=_WRITERS) as writers:
            jobs = []
            for name, frame in tables.items():
                arrow = _arrow(known[name], frame)
                for kind in formats:
                    write = _write_parquet if kind == "parquet" else _write_csv
                    jobs.append(writers.submit(write, temporary / f"{name}.{kind}", known[name], arrow))
            for job in jobs:
                job.result()
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


def write_table(path: Path, table: Table, frame: pd.DataFrame) -> None:
    """One table as Parquet or CSV, as ``path`` ends; whole or not at all. Raises ``InputError`` where it cannot be written."""
    write = _write_csv if path.suffix.lower() == ".csv" else _write_parquet
    with whole_file(path) as temporary:
        write(temporary, table, _arrow(table, frame))


def refuse_foreign_folder(folder: Path) -> None:
    """Raise ``InputError`` if ``write_results`` would refuse ``folder`` for what it holds: better told before a long run."""
    refuse_foreign(folder, _holds_results)


def remove_results(folder: Path) -> None:
    """Remove what ``write_results`` wrote to ``folder``; files there that chainsim did not write stay."""
    if not (manifest := manifest_in(folder)):
        return
    for name in (*manifest.get("files", ()), MANIFEST):
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def safe_text(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula.

    >>> safe_text("=HYPERLINK(1)"), safe_text("兰州")
    ("'=HYPERLINK(1)", '兰州')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _arrow(table: Table, frame: pd.DataFrame) -> Any:
    """The frame as an Arrow table whose columns carry their declarations."""
    import pyarrow as pa

    arrow = pa.Table.from_pandas(frame, preserve_index=False, nthreads=1)  # starting threads costs more than they save
    fields = [arrow.schema.field(column.name).with_metadata(_described(column)) for column in table.columns]
    return arrow.cast(pa.schema(fields, metadata=arrow.schema.metadata))


def _described(column: Column) -> dict[str, str]:
    """The column's declaration, to travel with the file."""
    return {"unit": column.unit, "meaning_en": column.meaning_en, "meaning_zh": column.meaning_zh}


def _write_parquet(path: Path, table: Table, arrow: Any) -> None:
    import pyarrow.parquet as pq

    pq.write_table(arrow, path, compression="zstd")


def _write_csv(path: Path, table: Table, arrow: Any) -> None:
    """UTF-8 with a byte order mark, for Excel; ISO dates; null is empty."""
    import pyarrow as pa
    import pyarrow.csv as pc

    names = [column.name for column in table.columns]
    columns = pa.Table.from_arrays(
        [_for_csv(column, arrow.column(column.name)) for column in table.columns], names=names
    )
    with path.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf" + ",".join(names).encode() + b"\n")
        pc.write_csv(columns, stream, pc.WriteOptions(include_header=False, quoting_style="needed"))


def _for_csv(column: Column, values: Any) -> Any:
    """A column as CSV writes it: days as ``2008-01-31``, moments as ``2008-01-31 13:45:00``, texts that are no formulas."""
    import pyarrow as pa
    import pyarrow.compute as pc

    match column.type:
        case "date":
            return values.cast(pa.date32())
        case "instant":
            return values.cast(pa.timestamp("s"))
        case "name":
            codes = values.combine_chunks()
            return pa.array([safe_text(name) for name in codes.dictionary.to_pylist()], pa.string()).take(codes.indices)
        case "text":
            texts = values.cast(pa.string())
            if pc.any(pc.match_substring_regex(texts, f"^[{re.escape(''.join(_FORMULA_STARTS))}]")).as_py():
                return pa.array([safe_text(text) for text in texts.to_pylist()], pa.string())
            return texts
        case _:
            return values


def _holds_results(folder: Path) -> bool:
    return bool(manifest_in(folder))


def _foreign_entries(folder: Path) -> set[str]:
    """What in ``folder`` an earlier run did not write."""
    ours = {MANIFEST, *manifest_in(folder).get("files", ())}
    return {entry.name for entry in folder.iterdir()} - ours


def manifest_in(folder: Path) -> dict[str, Any]:
    """A folder's manifest, or nothing where there is none that is ours."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) and "chainsim" in manifest else {}
