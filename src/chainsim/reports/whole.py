"""Files and folders that appear whole or not at all.

They are made under a temporary name beside their place and renamed when complete, so that a crash, a full disk or Ctrl-C
leaves what was there before.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chainsim.errors import InputError, Problem


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path to write; it becomes ``path`` when the block ends without an error.

    Raises ``InputError`` where ``path`` cannot be written.
    """
    with _as_problem(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        with _as_problem(path):
            yield temporary
            temporary.chmod(0o666 & ~_umask())  # mkstemp's files are for their owner alone
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path, is_ours: Callable[[Path], bool], keeps: Callable[[Path], set[str]]) -> Iterator[Path]:
    """A temporary folder to fill; it takes ``folder``'s place when the block ends without an error.

    ``is_ours(folder)`` says whether an existing folder that is not empty may be replaced; ``keeps(folder)`` names the
    entries in it that are not ours and move along. Raises ``InputError`` where it may not, or cannot be written.
    """
    with _as_problem(folder):
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError
        refuse_foreign(folder, is_ours)
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        temporary.chmod(0o777 & ~_umask())
        with _as_problem(folder):
            yield temporary
            _put_in_place(temporary, folder, keeps)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def refuse_foreign(folder: Path, is_ours: Callable[[Path], bool]) -> None:
    """Raise ``InputError`` if ``folder`` holds something that is not ours to replace."""
    if folder.is_dir() and any(folder.iterdir()) and not is_ours(folder):
        raise InputError([_foreign(folder)])


def _put_in_place(temporary: Path, folder: Path, keeps: Callable[[Path], set[str]]) -> None:
    """Two renames; should the second fail, the first is undone."""
    if not folder.exists():
        temporary.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".old", dir=folder.parent)) / folder.name
    kept = keeps(folder)
    folder.rename(old)
    try:
        temporary.rename(folder)
    except OSError:
        old.rename(folder)
        old.parent.rmdir()
        raise
    for name in sorted(kept):
        if not (folder / name).exists():
            (old / name).rename(folder / name)
    shutil.rmtree(old.parent)


def _umask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _as_problem(path: Path) -> Iterator[None]:
    """What the system refuses is the user's to mend, so it is told like other wrong input."""
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
        raise InputError(
            [
                Problem(
                    code="output-not-writable",
                    message=f"cannot be written: {why}",
                    message_zh=f"无法写入：{why}",
                    file=str(path),
                )
            ]
        ) from error


def _foreign(folder: Path) -> Problem:
    return Problem(
        code="output-folder-not-ours",
        message="this folder is not empty and holds no chainsim results",
        message_zh="文件夹非空，且不是 chainsim 结果文件夹",
        file=str(folder),
        accepted="a new or empty folder, or one with earlier results",
        accepted_zh="新文件夹、空文件夹或已有结果的文件夹",
    )
