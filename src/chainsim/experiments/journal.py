"""What is finished, in SQLite: which runs, in which files, with their hashes. What it does not vouch for is done again.

A chunk's files are written under temporary names and renamed, then their hashes are committed here: whatever is killed in between
leaves files that nobody vouches for, and these are written anew. The journal is held by one process at a time.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainsim.errors import InputError, Problem
from chainsim.experiments.work import Chunk, Span

JOURNAL = "journal.sqlite"
PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Part:
    """A finished chunk: its runs, and the file below the folder that holds its tables, each from a byte on, so many bytes."""

    number: int
    chunk: Chunk
    file: str
    sha256: str
    tables: dict[str, tuple[int, int]]
    failed: int
    crashed: bool


class Journal:
    """The journal of the experiment in ``folder``."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection

    @classmethod
    def open(cls, folder: Path, *, anew: bool = False) -> Journal:
        """Open the journal in ``folder``, made if need be; with ``anew`` also in place of one that is damaged.

        Raises ``InputError`` where it cannot, or another process holds it.
        """
        with as_problem(folder):
            (folder / PARTS).mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(folder / JOURNAL, timeout=0.5, isolation_level=None)
            try:
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute(
                    "PRAGMA journal_mode = WAL"
                )  # a commit waits for no disk; a power cut costs the last few
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute("CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS parts (number INTEGER PRIMARY KEY, chunk TEXT NOT NULL, file TEXT NOT NULL,"
                    " sha256 TEXT NOT NULL, tables TEXT NOT NULL, failed INTEGER NOT NULL, crashed INTEGER NOT NULL,"
                    " seconds REAL NOT NULL)"
                )
                connection.execute("COMMIT")
            except BaseException as error:
                connection.close()
                damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
                if not (anew and damaged):
                    raise
                for file in folder.glob(f"{JOURNAL}*"):
                    file.unlink()
                return cls.open(folder)
        return cls(folder, connection)

    def close(self) -> None:
        """Let go of the journal."""
        self._connection.close()

    def about(self, key: str) -> Any:
        """What was noted under ``key``; None if nothing was."""
        with as_problem(self.folder):
            row = self._connection.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def note(self, key: str, value: Any) -> None:
        """Note something that can be JSON."""
        with as_problem(self.folder):
            self._connection.execute(
                "INSERT OR REPLACE INTO about VALUES (?, ?)", (key, json.dumps(value, ensure_ascii=False))
            )

    def add(self, chunk: Chunk, tables: Mapping[str, bytes], *, failed: int, crashed: bool, seconds: float) -> Part:
        """Keep a chunk's tables: files first, then the word that vouches for them."""
        with as_problem(self.folder):
            number = int(self._connection.execute("SELECT COALESCE(MAX(number), -1) + 1 FROM parts").fetchone()[0])
            name = f"{PARTS}/{number:06d}.arrow"
            offsets: dict[str, tuple[int, int]] = {}
            for table, data in tables.items():
                begin = sum(size for _, size in offsets.values())
                offsets[table] = begin, len(data)
            whole = b"".join(tables.values())
            digest = hashlib.sha256(whole).hexdigest()
            _write(self.folder / name, whole)
            spans = [[span.variant, span.first, span.last] for span in chunk]
            self._connection.execute(
                "INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (number, json.dumps(spans), name, digest, json.dumps(offsets), failed, int(crashed), seconds),
            )
        return Part(number, chunk, name, digest, offsets, failed, crashed)

    def parts(self) -> Iterator[Part]:
        """Every finished chunk, in the order of finishing."""
        with as_problem(self.folder):
            rows = self._connection.execute(
                "SELECT number, chunk, file, sha256, tables, failed, crashed FROM parts ORDER BY number"
            ).fetchall()
        for number, chunk, file, digest, tables, failed, crashed in rows:
            spans = tuple(Span(*span) for span in json.loads(chunk))
            offsets = {table: (begin, size) for table, (begin, size) in json.loads(tables).items()}
            yield Part(number, spans, file, digest, offsets, failed, bool(crashed))

    def forget(self, part: Part) -> None:
        """Its runs are to be done again."""
        with as_problem(self.folder):
            self._connection.execute("DELETE FROM parts WHERE number = ?", (part.number,))
            (self.folder / part.file).unlink(missing_ok=True)

    def forget_all(self) -> None:
        """Begin anew."""
        with as_problem(self.folder):
            self._connection.execute("BEGIN")
            self._connection.execute("DELETE FROM parts")
            self._connection.execute("DELETE FROM about")
            self._connection.execute("COMMIT")
            self._clear_parts()

    def forget_parts(self) -> None:
        """The chunks' files go: what they held is in the dataset. How they went stays in the journal."""
        with as_problem(self.folder):
            self._clear_parts()

    def _clear_parts(self) -> None:
        for path in (self.folder / PARTS).iterdir():
            path.unlink()

    def sound(self, part: Part) -> bool:
        """Whether the file of ``part`` is what the journal says."""
        try:
            data = (self.folder / part.file).read_bytes()
        except OSError:
            return False
        return hashlib.sha256(data).hexdigest() == part.sha256


def _write(path: Path, data: bytes) -> None:
    """``path`` holds all of ``data``, or is not there."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def as_problem(folder: Path) -> Iterator[None]:
    """What disk or database refuse is the user's to mend."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise InputError([_held(folder)]) from error
        raise InputError([_not_writable(folder, str(error))]) from error
    except sqlite3.DatabaseError as error:
        raise InputError([_not_writable(folder / JOURNAL, str(error))]) from error
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise InputError([_not_writable(Path(error.filename or folder), why)]) from error


def _not_writable(path: Path, why: str) -> Problem:
    return Problem(
        code="output-not-writable",
        message=f"cannot be written: {why}",
        message_zh=f"无法写入：{why}",
        file=str(path),
    )


def _held(folder: Path) -> Problem:
    return Problem(
        code="experiment-held",
        message="another process is at work on the experiment in this folder",
        message_zh="另一进程正在运行此文件夹中的试验",
        file=str(folder),
    )
