"""The finished dataset: one Parquet file per table, runs in the order of variants and replications.

Built from the chunks' files as a stream, in row groups of a fixed number of rows: its bytes depend on the runs alone, not on
how they were cut into chunks, who worked on them, or in what order they came.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.experiments.catalogue import VARIANTS
from chainsim.experiments.experiment import Experiment, Variant
from chainsim.experiments.journal import Part
from chainsim.experiments.recording import kept_tables, schema_of
from chainsim.experiments.work import Span
from chainsim.results import Table

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_PER_GROUP = 16_384
_OPEN_PARTS = 4
_BUILDING = ".building"


def build_dataset(
    folder: Path, experiment: Experiment, variants: Sequence[Variant], parts: Sequence[Part]
) -> dict[str, str]:
    """Write every table of the dataset into ``folder``; returns file name → SHA-256. ``OSError`` where the disk refuses."""
    building = folder / _BUILDING
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    try:
        ordered = sorted(
            ((span, part) for part in parts for span in part.chunk), key=lambda pair: (pair[0].variant, pair[0].first)
        )
        with _memory_given_back():
            for name, table in kept_tables(experiment.recording).items():
                _write(building / f"{name}.parquet", table, _pieces(folder, name, ordered))
            _write(building / "variants.parquet", VARIANTS, iter([variants_table(experiment, variants)]))
        digests = {}
        for path in sorted(building.iterdir()):
            digests[path.name] = _digest(path)
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return digests


@contextmanager
def _memory_given_back() -> Iterator[None]:
    """Arrow's own allocator keeps what it was once given: with the system's, memory stays what one row group needs."""
    import pyarrow as pa

    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def variants_table(experiment: Experiment, variants: Sequence[Variant]) -> pa.Table:
    """The table ``variants``."""
    import pyarrow as pa

    rows: dict[str, list[Any]] = {column.name: [] for column in VARIANTS.columns}
    for variant in variants:
        name = variant.name(experiment)
        for factor, level in zip(experiment.factors, variant.levels, strict=True):
            rows["variant"].append(variant.number)
            rows["factor"].append(factor.name)
            rows["level"].append("" if level is None else level.name)
            rows["value"].append(None if level is None else level.number)
            rows["name"].append(name)
    return pa.table(rows, schema=schema_of(VARIANTS))


def sound(folder: Path, digests: Mapping[str, str]) -> bool:
    """Whether the finished files are what was written."""
    return all((folder / name).is_file() and _digest(folder / name) == digest for name, digest in digests.items())


def _pieces(folder: Path, name: str, ordered: Sequence[tuple[Span, Part]]) -> Iterator[pa.Table]:
    """The table's rows span by span, in the dataset's order."""
    opened: OrderedDict[int, tuple[pa.Table, Any]] = OrderedDict()
    for span, part in ordered:
        if part.number not in opened:
            table = read_part(folder, part, name)
            opened[part.number] = (table, _run_keys(table))
            if len(opened) > _OPEN_PARTS:
                opened.popitem(last=False)
        table, keys = opened[part.number]
        begin, end = np.searchsorted(keys, [_key(span.variant, span.first), _key(span.variant, span.last)])
        if begin < end:
            yield table.slice(begin, end - begin)


def read_part(folder: Path, part: Part, name: str) -> pa.Table:
    """One table of a finished chunk."""
    import pyarrow as pa

    begin, size = part.tables[name]
    with (folder / part.file).open("rb") as stream:
        stream.seek(begin)
        data = stream.read(size)
    with pa.ipc.open_stream(data, memory_pool=pa.default_memory_pool()) as reader:
        return reader.read_all()


def _run_keys(table: pa.Table) -> Any:
    """One number per row that grows with (variant, replication); a chunk's rows are in that order."""
    keys = _key(table.column("variant").to_numpy(), table.column("replication").to_numpy())
    assert bool(np.all(keys[1:] >= keys[:-1])), "a chunk's rows are out of order"
    return keys


def _key(variant: Any, replication: Any) -> Any:
    return variant * (1 << 32) + replication


def _write(path: Path, table: Table, pieces: Iterator[pa.Table]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = schema_of(table)
    waiting: list[pa.Table] = []
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd", memory_pool=pa.default_memory_pool()) as writer:

        def flush(count: int) -> None:
            nonlocal waiting, rows
            whole = pa.concat_tables(waiting) if waiting else schema.empty_table()
            writer.write_table(whole.slice(0, count).combine_chunks(), row_group_size=ROWS_PER_GROUP)
            waiting, rows = [whole.slice(count)], rows - count

        for piece in pieces:
            waiting.append(piece)
            rows += len(piece)
            while rows >= ROWS_PER_GROUP:
                flush(ROWS_PER_GROUP)
        if rows:
            flush(rows)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
