"""The tables of an earlier run, read back from the folder that ``write_results`` made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.errors import InputError, Problem
from chainsim.reports.export import DECLARED, manifest_in
from chainsim.results import Labels, Table
from chainsim.rules import FINDINGS, labels_of_run
from chainsim.rules.run_folders import misfit

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class StoredRun:
    """An earlier run. ``tables`` are read when first asked for; ``manifest`` is empty where the folder has none of ours."""

    folder: Path
    tables: Mapping[str, pd.DataFrame]
    labels: Labels
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The scenario that was run."""
        return str(self.manifest.get("scenario") or self.folder.name)

    @property
    def findings(self) -> pd.DataFrame:
        """What rules found in it."""
        return self.tables[FINDINGS.name]


def holds_run(folder: Path) -> bool:
    """Whether ``folder`` itself holds result tables."""
    try:
        return any(path.suffix == ".parquet" and path.stem in DECLARED for path in folder.iterdir())
    except OSError:
        return False


def stored_run(folder: Path, needed: Sequence[str]) -> StoredRun:
    """The run in ``folder``. Raises ``InputError`` where a table of ``needed`` is not there or is not as declared."""
    from pyarrow import ArrowException
    from pyarrow import parquet as pq

    problems = []
    for name in needed:
        path = folder / f"{name}.parquet"
        try:
            found = misfit(DECLARED[name], pq.read_schema(path), path)
        except FileNotFoundError:
            found = Problem(
                code="run-tables",
                message="this table of the run is not there: run the scenario again with this version of chainsim",
                message_zh="缺少此结果表：请用当前版本重新运行情景", file=str(path),
            )  # fmt: skip
        except (OSError, ArrowException) as error:
            found = _unreadable(path, error)
        if found is not None:
            problems.append(found)
    if problems:
        raise InputError(problems)
    return StoredRun(folder, _StoredTables(folder), labels_of_run(folder), manifest_in(folder))


class _StoredTables(Mapping[str, "pd.DataFrame"]):
    """Tables of one folder, each as declared and read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            self._read[name] = _table(self._folder / f"{name}.parquet", DECLARED[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name in DECLARED if (self._folder / f"{name}.parquet").is_file())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _table(path: Path, table: Table) -> pd.DataFrame:
    from pyarrow import ArrowException
    from pyarrow import parquet as pq

    try:
        file = pq.ParquetFile(path)
        if found := misfit(table, file.schema_arrow, path):
            raise InputError([found])
        frame: pd.DataFrame = file.read(columns=[c.name for c in table.columns]).to_pandas(ignore_metadata=True)
    except (OSError, ArrowException) as error:
        raise InputError([_unreadable(path, error)]) from error
    texts = {column.name: "" for column in table.columns if column.type == "text"}
    dtypes = {column.name: column.dtype for column in table.columns}
    return frame.fillna(texts).astype(dtypes)[list(dtypes)]


def _unreadable(path: Path, error: Exception) -> Problem:
    reason = str(error).splitlines()[0]
    return Problem(
        code="run-tables", message=f"the table cannot be read: {reason}", message_zh=f"结果表无法读取：{reason}", file=str(path)
    )  # fmt: skip
