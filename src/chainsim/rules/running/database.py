"""DuckDB as the rules' engine: tables in, queries over them, nothing else.

Rule text never becomes SQL (``language.sql``); as a second wall the database itself is locked before the first query: no file but
the Parquet files it was given, no network, no extension, no Python variable as a table, a limit on memory and on time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from chainsim.errors import ChainsimError
from chainsim.results.declarations import Column, Table
from chainsim.rules.language.sql import quoted
from chainsim.rules.language.tree import LARGEST_RESULT

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

ROW = "row#"
"""A column that numbers rows as they were given; no declared name has the sign."""
RUN = "run#"
"""A column that names the run (folder) a row comes from, where there are several."""
MEMORY_LIMIT = "800MB"
SECONDS_PER_QUERY = 300.0
_LOADING = "loading#"
_RUNS = "runs#"
_LONG = 50_000
"""Rows from which on it pays to prepare a table."""
_CELLS_IN_MEMORY = 2_000_000
"""Values of a table of many runs up to which it is read once and kept, at some 20 bytes each: fifteen such tables fit into
``MEMORY_LIMIT`` and leave a quarter of it to the queries. Longer ones are read from their files by every query."""
_SQL_TYPES = {
    "date": "TIMESTAMP",
    "instant": "TIMESTAMP",
    "name": "VARCHAR",
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}


def flag_table(rule_id: str) -> str:
    """The name under which what a rule flagged is kept."""
    return f"flag#{rule_id}"


class RuleTooHeavyError(ChainsimError):
    """A query took longer than ``SECONDS_PER_QUERY``, or more memory than ``MEMORY_LIMIT``."""

    def __init__(self, message: str, message_zh: str) -> None:
        self.message_zh = message_zh
        super().__init__(message)


class Database:
    """Tables by name; ``with Database(...) as database``. ``several`` runs at once have a column ``RUN``."""

    def __init__(self, *, threads: int = 1, seconds: float = SECONDS_PER_QUERY) -> None:
        import duckdb

        self._watchdog = _Watchdog(seconds, self._interrupt)
        self._frames: dict[str, pa.Table] = {}
        self._long = True
        """Whether results may be long: then they are handed over as they are, column by column."""
        self.several = False
        self.tables: set[str] = set()
        self.flags: set[str] = set()
        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(
            ":memory:",
            config={
                "threads": threads,
                "memory_limit": MEMORY_LIMIT,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
                # What does not fit into memory is refused: nothing is written beside the user's files.
                "temp_directory": "",
            },
        )

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchdog.stop()
        self._connection.close()

    def add_frames(self, tables: Mapping[str, pd.DataFrame], declared: Sequence[Table]) -> None:
        """The frames of one run, as far as their columns are in ``declared``."""
        for table in declared:
            self._frames[table.name] = _arrow(table, tables[table.name])
        self._long = any(len(frame) >= _LONG for frame in self._frames.values())
        sets = self._sets(declared) if self._long else {}
        if not self._long:
            self._connection.execute("SET disabled_optimizers = $names", {"names": ",".join(self._idle_optimizers())})
        for table in declared:
            chosen = [quoted(ROW)]
            for column in table.columns:
                name, kind = quoted(column.name), sets.get(_set(column), _SQL_TYPES[column.type])
                chosen.append(f"CAST({name} AS {kind}) AS {name}")
            query = f"SELECT {', '.join(chosen)} FROM {quoted(_LOADING)}"
            self._connection.register(_LOADING, self._frames[table.name])
            self._connection.execute(f"CREATE TABLE {quoted(table.name)} AS {query}")
            self._connection.unregister(_LOADING)
            self.tables.add(table.name)

    def _idle_optimizers(self) -> tuple[str, ...]:
        """DuckDB's optimizers that take longer than they save over short tables; filters and columns are always pushed down."""
        rows = self._connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()
        return tuple(name for (name,) in rows if name not in {"filter_pushdown", "unused_columns", "join_order"})

    def _sets(self, declared: Sequence[Table]) -> Mapping[str, str]:
        """Types for the known sets of names: numbers are compared and grouped faster than texts.

        In order of the texts, which is then also that of the numbers; one for all tables, for them to be joined by it.
        """
        values: dict[str, set[str]] = {}
        for table in declared:
            for column in table.columns:
                if column.type == "name":
                    found = values.setdefault(_set(column), set())
                    for chunk in self._frames[table.name][column.name].chunks:
                        found.update(chunk.dictionary.to_pylist())
        types = {}
        for name, texts in values.items():
            if texts:
                types[name] = quoted(f"set#{name}")
                self._new_set(types[name], sorted(texts))
        return types

    def _new_set(self, name: str, texts: Sequence[str]) -> None:
        import pyarrow as pa

        self._connection.register(_LOADING, pa.table({"text": texts}))
        self._connection.execute(f"CREATE TYPE {name} AS ENUM (SELECT text FROM {quoted(_LOADING)})")
        self._connection.unregister(_LOADING)

    def frame(self, name: str) -> pa.Table | None:
        """The table ``name`` as it was given to ``add_frames``: its ``ROW`` counts from 0, texts and names are dictionaries."""
        return self._frames.get(name)

    def add_parquet(self, runs: Sequence[Path], declared: Sequence[Table]) -> None:
        """The tables of many runs, each in its folder as ``TABLE.parquet``. A run's name in ``RUN`` is its folder's path.

        Raises DuckDB's own errors where a file cannot be read as declared.
        """
        self.several = True
        allowed = [(run / f"{table.name}.parquet").as_posix() for table in declared for run in runs]
        self._connection.execute("SET allowed_paths = $paths", {"paths": allowed})
        self._new_set(quoted(_RUNS), sorted({run.as_posix() for run in runs}))
        for table in declared:
            name = f"{table.name}.parquet"
            files = [(run / name).as_posix() for run in runs]
            columns = ", ".join(_cleaned(column) for column in table.columns)
            run = f"CAST(left(filename, length(filename) - {len(name) + 1}) AS {quoted(_RUNS)})"
            source = f"read_parquet({_list_text(files)}, filename = true, file_row_number = true, union_by_name = true)"
            query = f"SELECT {columns}, file_row_number AS {quoted(ROW)}, {run} AS {quoted(RUN)} FROM {source}"
            if self._rows_in(files) * len(table.columns) > _CELLS_IN_MEMORY or not self._load(table.name, query):
                self._connection.execute(f"CREATE VIEW {quoted(table.name)} AS {query}")
            self.tables.add(table.name)

    def lock(self) -> None:
        """From here on nothing outside can be reached and no setting changed."""
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def keep(self, name: str, query: str, parameters: Mapping[str, str]) -> None:
        """Compute ``query`` once, for other queries to read as ``name``."""
        with self._limited():
            self._connection.execute(f"CREATE TEMP TABLE {quoted(name)} AS {query}", dict(parameters))

    def select(self, query: str, parameters: Mapping[str, str]) -> pa.Table:
        """The rows of ``query``; ``RuleTooHeavyError`` if it takes too long or too much."""
        with self._limited():
            if self._long:
                return self._connection.sql(query, params=dict(parameters)).to_arrow_table()
            # A query over short tables is read and planned for longer than it is answered; this way that is done once.
            self._connection.execute(query, dict(parameters))
            return _table(self._connection.description or [], self._connection.fetchall())

    def put(self, name: str, rows: pa.Table) -> None:
        """``rows`` as a table that other queries can read."""
        self._connection.register(name, rows)

    def put_flags(self, rule_id: str, keys: pd.DataFrame) -> None:
        """What a rule that is not evaluated has flagged."""
        import pyarrow as pa

        self.put(flag_table(rule_id), pa.Table.from_pandas(keys, preserve_index=False))
        self.flags.add(rule_id)

    def _load(self, name: str, query: str) -> bool:
        """Read short files once: to open them takes longer than to read them, and every query would open them again."""
        import duckdb

        try:
            self._connection.execute(f"CREATE TABLE {quoted(name)} AS {query}")
        except duckdb.OutOfMemoryException:  # long texts
            return False
        return True

    def _rows_in(self, files: Sequence[str]) -> int:
        """How many rows Parquet files have in all, by what they say of themselves."""
        query = f"SELECT sum(num_rows) FROM parquet_file_metadata({_list_text(files)})"
        found = self._connection.execute(query).fetchone()
        return int(found[0] or 0) if found else 0

    @contextmanager
    def _limited(self) -> Iterator[None]:
        import duckdb

        try:
            with self._watchdog.watching():
                yield
        except duckdb.InterruptException as error:
            seconds = self._watchdog.seconds
            raise RuleTooHeavyError(f"it takes longer than {seconds:g} s", f"计算超过 {seconds:g} 秒") from error
        except duckdb.OutOfMemoryException as error:
            raise RuleTooHeavyError(
                f"it takes more memory than {MEMORY_LIMIT}", f"占用内存超过 {MEMORY_LIMIT}"
            ) from error

    def _interrupt(self) -> None:
        self._connection.interrupt()


class _Watchdog:
    """Calls ``bark`` when what is watched takes longer than ``seconds`` (and up to a twentieth more).

    One thread looks at the clock now and then: a timer for each query would cost more than a small query does.
    """

    def __init__(self, seconds: float, bark: Callable[[], None]) -> None:
        self.seconds = seconds
        self._bark = bark
        self._deadline = math.inf
        self._guard = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, daemon=True)
            self._thread.start()
        self._deadline = time.monotonic() + self.seconds
        try:
            yield
        finally:
            with self._guard:  # a bark meant for this query must not hit the next
                self._deadline = math.inf

    def stop(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._stopped.wait(min(self.seconds / 20, 1.0)):
            with self._guard:
                if time.monotonic() > self._deadline:
                    self._bark()


def _arrow(table: Table, frame: pd.DataFrame) -> pa.Table:
    """The declared columns of a frame as Arrow: unknown values as nulls, names and texts as dictionaries, rows numbered."""
    import numpy as np
    import pyarrow as pa

    names = [column.name for column in table.columns]
    columns = [_arrow_column(column, frame[column.name]) for column in table.columns]
    return pa.table([*columns, pa.array(np.arange(len(frame)))], names=[*names, ROW])


def _arrow_column(column: Column, values: pd.Series) -> pa.Array:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    if column.type not in {"name", "text"}:
        plain = isinstance(values.dtype, np.dtype) and values.dtype != object
        # Without the frame's own wrapping where there is nothing to it: that takes longer than a short column itself.
        return pa.array(values.to_numpy() if plain else values, from_pandas=True)
    if isinstance(values.dtype, pd.CategoricalDtype) and len(values.cat.categories):
        codes = values.cat.codes.to_numpy().astype(np.int32)
        texts = pa.array(values.cat.categories, pa.large_string())
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), texts)
    found = pa.array(values, from_pandas=True)
    if pa.types.is_dictionary(found.type):
        found = found.dictionary_decode()
    found = found.cast(pa.large_string())
    return (found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found).dictionary_encode()


def _table(described: Sequence[Sequence[object]], rows: Sequence[Sequence[object]]) -> pa.Table:
    """Fetched rows as Arrow; ``described`` is what the connection says of the columns."""
    import pyarrow as pa

    types = {
        "BIGINT": pa.int64(), "BOOLEAN": pa.bool_(), "DATE": pa.date32(), "DOUBLE": pa.float64(), "INTEGER": pa.int32(),
        "TIMESTAMP": pa.timestamp("us"), "VARCHAR": pa.large_string(),
    }  # fmt: skip
    columns = zip(*rows, strict=True) if rows else ((),) * len(described)
    arrays = [pa.array(values, types[str(one[1])]) for values, one in zip(columns, described, strict=True)]
    return pa.table(arrays, names=[str(one[0]) for one in described])


def _set(column: Column) -> str:
    """Which set a column's names are of; "" for what are no names."""
    return column.domain or column.name if column.type == "name" else ""


def _cleaned(column: Column) -> str:
    """A column of a file from elsewhere: of the declared type, without NaN, which SQL takes for a large number, and without what
    is out of all proportion (``LARGEST_RESULT``)."""
    name = quoted(column.name)
    value = f"CAST({name} AS {_SQL_TYPES[column.type]})"
    if column.type == "number":
        value = f"CASE WHEN abs({value}) <= {LARGEST_RESULT!r} THEN {value} END"
    return f"{value} AS {name}"


def _list_text(files: Sequence[str]) -> str:
    return "[" + ", ".join("'" + file.replace("'", "''") + "'" for file in files) + "]"
