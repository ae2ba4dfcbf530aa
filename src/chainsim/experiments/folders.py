"""An experiment's folder: what is in it, whether it may be used so, and what must go before another session begins.

Nothing that is finished is lost unasked: what is there is gone on with, or given up, because somebody said so.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chainsim.errors import InputError
from chainsim.experiments.dataset import sound
from chainsim.experiments.identity import differences, versions
from chainsim.experiments.journal import JOURNAL, Journal, as_problem
from chainsim.experiments.reading import ReadExperiment, identity_of
from chainsim.experiments.work import runs_in
from chainsim.mistakes import mistake
from chainsim.texts import both

MANIFEST = "manifest.json"
ANSWERS = "answers"
"""The folder of the answers' tables inside an experiment's."""


def is_ours(folder: Path) -> bool:
    """Whether an experiment was begun in ``folder``."""
    return (folder / JOURNAL).is_file()


def refuse_folder(folder: Path, *, resume: bool) -> None:
    """Raise ``InputError`` if ``folder`` is foreign, or holds nothing that could be gone on with."""
    ours = is_ours(folder)
    if (folder.exists() and not folder.is_dir()) or (folder.is_dir() and not ours and any(folder.iterdir())):
        raise _refusal(folder, "output-folder-not-ours", "experiment.folder")
    if resume and not ours:
        raise _refusal(folder, "experiment-resume", "experiment.nothing_to_resume")


def is_finished(read: ReadExperiment, folder: Path) -> bool:
    """Whether ``folder`` holds just this experiment, finished, its files as they were written."""
    if not is_ours(folder):
        return False
    journal = Journal.open(folder)
    try:
        before, complete = journal.about("identity"), journal.about("complete")
    finally:
        journal.close()
    return bool(before and complete) and _is_same(before, identity(read)) and sound(folder, complete["files"])


def identity(read: ReadExperiment) -> dict[str, Any]:
    """What the dataset depends on: files, versions, and our own source."""
    return {
        "experiment": read.experiment.name,
        "experiment_sha256": identity_of(read),
        "inputs": dict(read.inputs),
        "versions": versions(),
    }


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two identities, in the words of a user: files and versions."""
    files = dict(before["inputs"]), dict(now["inputs"])
    changed = [name for name in sorted({*files[0], *files[1]}) if files[0].get(name) != files[1].get(name)]
    return changed + differences(now["versions"], before["versions"])


def prepare(journal: Journal, read: ReadExperiment, ready: Callable[[], object], *, resume: bool, restart: bool) -> int:
    """Begin anew, or make sure that the same is gone on with; returns the number of runs that must be done again.

    ``ready`` is called before anything is given up: what cannot work raises there.
    """
    now, before, complete = identity(read), journal.about("identity"), journal.about("complete")
    if before is None and not restart and (written := manifest_of(journal.folder)) is not None:
        _refuse_others(journal.folder, written, now)  # finished, and its journal is lost
    if not resume and not restart:
        _refuse_loss(journal, now)
    if not resume or before is None:
        _begin_anew(journal, now, ready)
        return 0
    _refuse_others(journal.folder, before, now)
    if complete is not None and not sound(journal.folder, complete["files"]):
        _begin_anew(journal, now, ready)
        return int(complete["runs"])
    redone = 0
    if complete is None:
        for part in list(journal.parts()):
            if part.crashed or not journal.sound(part):
                redone += 0 if part.crashed else runs_in(part.chunk)
                journal.forget(part)
    return redone


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """What is told about the finished experiment in ``folder``; None where nothing is, or it cannot be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and {"experiment", "inputs", "versions"} <= manifest.keys() else None


def _is_same(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return bool(before["experiment"] == now["experiment"]) and not changes(before, now)


def _refuse_loss(journal: Journal, now: Mapping[str, Any]) -> None:
    """Raise ``InputError`` if something is finished in the journal's folder that nobody said to resume or give up."""
    folder, before, complete = journal.folder, journal.about("identity"), journal.about("complete")
    if before is None and (folder / MANIFEST).is_file():  # finished, and its journal is lost
        raise _refusal(folder, "experiment-unfinished", "experiment.unfinished")
    if before is None or (complete is None and not any(journal.parts())):
        return
    _refuse_others(folder, before, now)
    if complete is not None and sound(folder, complete["files"]):
        raise _refusal(folder, "experiment-finished", "experiment.finished", folder=shlex.quote(folder.as_posix()))
    raise _refusal(folder, "experiment-unfinished", "experiment.unfinished")


def _refuse_others(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise ``InputError`` if what was begun in ``folder`` is not what is to be run now."""
    if before["experiment"] != now["experiment"]:
        accepted = both("experiment.another.accepted", name=now["experiment"])
        raise _refusal(
            folder, "experiment-another", "experiment.another", found=before["experiment"], accepted=accepted
        )
    if changed := changes(before, now):
        raise _refusal(folder, "experiment-changed", "experiment.changed", changes=", ".join(changed))


def _refusal(where: Path, code: str, key: str, **more: Any) -> InputError:
    return InputError([mistake(code, key, file=str(where), **more)])


def _begin_anew(journal: Journal, now: Mapping[str, Any], ready: Callable[[], object]) -> None:
    """Nothing that was here before may be taken for an answer of what is run now."""
    from chainsim.reports import remove_results

    ready()
    folder = journal.folder
    with as_problem(folder):
        (folder / MANIFEST).unlink(missing_ok=True)
        for path in (*folder.glob("run*.parquet"), folder / "variants.parquet"):
            path.unlink(missing_ok=True)
    remove_results(folder / ANSWERS)
    journal.forget_all()
    journal.note("identity", now)
