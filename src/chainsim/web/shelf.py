"""The scenarios of the served folder, and what came of what-ifs over them: all that the server remembers."""

from __future__ import annotations

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.errors import InputError
from chainsim.files.discovery import Face, face_of, overlays_in, scenarios_in
from chainsim.files.overlays import Changes
from chainsim.workflow_whatif import (
    Base,
    Variant,
    base_of,
    scenario_with,
    simulated,
    simulated_from,
    with_outages,
    without,
)

if TYPE_CHECKING:
    from chainsim.model import Scenario
    from chainsim.records import Trunk

MOST_VARIANTS = 6
"""Variants compared at a time: more neither fit beside one another nor are told apart."""
_KEPT = MOST_VARIANTS + 2
"""Runs at hand: all that are compared, what stands on the page and the scenario as filed, so that no question drops what the next
one asks for. One of a year takes some 5 MB with its tables."""


class NoSuchScenarioError(Exception):
    """No scenario of the folder is called so."""


@dataclass(frozen=True)
class _Contents:
    """The folder as it was at ``stamp``: its scenarios by name, with their titles."""

    stamp: tuple[Any, ...]
    paths: dict[str, Path]


@dataclass
class Shelf:
    """What is in ``folder``, and the latest runs. One run is computed at a time: two would take twice as long each.

    Whoever waits is served in turn; a page asks for its next run only when it has its last, so no tab waits for more than one
    run of each other tab.
    """

    folder: Path
    _contents: _Contents | None = None
    _bases: dict[str, Base] = field(default_factory=dict)
    _runs: OrderedDict[tuple[str, str], Variant] = field(default_factory=OrderedDict)
    _trunk: Trunk | None = None
    _dragged: tuple[str, Scenario] | None = None
    """What stood beside the outage that was dragged last, and the scenario of that look."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def place(self) -> Path:
        """The folder that what-ifs are saved into."""
        return self.folder if self.folder.is_dir() else self.folder.parent

    def faces(self) -> dict[str, Face]:
        """The scenarios by their paths inside the folder, in order (``western``, ``trunk-outage.yaml``)."""
        return {name: face_of(path) for name, path in self._here().items()}

    def base(self, name: str) -> Base:
        """The scenario ``name``, read again when a file of the folder has changed. Raises ``InputError``."""
        with self.lock:
            path = self._here().get(name)
            if path is None:
                raise NoSuchScenarioError(name)
            if name not in self._bases:
                self._bases[name] = base_of(path)
            return self._bases[name]

    def run(self, name: str, changes: Mapping[str, Any]) -> Variant:
        """What comes of ``changes``; from memory where it is known. Raises ``InputError``, ``NoFeasibleAnswerError``."""
        with self.lock:
            base = self.base(name)
            key = (name, json.dumps(changes, sort_keys=True))
            if key not in self._runs:
                self._runs[key] = simulated(scenario_with(base, changes))
                while len(self._runs) > _KEPT:
                    self._runs.popitem(last=False)
            self._runs.move_to_end(key)
            return self._runs[key]

    def glimpse(self, name: str, changes: Changes, outage: str) -> Variant:
        """As ``run`` while the length or the remainder of ``outage`` is being dragged: only what comes after it is new."""
        with self.lock:
            base = self.base(name)
            besides = json.dumps([name, without(changes, f"disruptions.{outage}")], sort_keys=True)
            if self._dragged is not None and self._dragged[0] == besides:
                scenario = with_outages(base, changes, self._dragged[1])
            else:
                scenario = scenario_with(base, changes)
            variant, self._trunk = simulated_from(self._trunk, scenario, outage)
            self._dragged = besides, scenario
            return variant

    def forget(self) -> None:
        """Drop all that can be computed again."""
        with self.lock:
            self._contents = None
            self._trunk = self._dragged = None
            self._bases.clear()
            self._runs.clear()

    def _here(self) -> dict[str, Path]:
        """The scenarios of the folder; where a file of it has changed, nothing that was known counts any longer."""
        with self.lock:
            stamp = self._stamp()
            if self._contents is None or self._contents.stamp != stamp:
                self.forget()
                self._contents = _Contents(stamp, self._paths())
            return self._contents.paths

    def _paths(self) -> dict[str, Path]:
        try:
            found = scenarios_in([self.folder]).scenarios
        except InputError:
            return {}
        if len(found) == 1 and found[0] == self.folder:  # the scenario itself is served, with what was saved beside it
            saved = overlays_in(self.place)
            return {self.folder.resolve().name: self.folder} | {path.name: path for path in saved}
        return {path.relative_to(self.folder).as_posix(): path for path in found}

    def _stamp(self) -> tuple[Any, ...]:
        """What changes when somebody edits a file of the folder."""
        out = []
        for root, folders, files in os.walk(self.place):
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            for name in sorted(files):
                if name.endswith((".yaml", ".yml", ".csv", ".xlsx")) and not name.startswith("."):
                    try:
                        state = os.stat(os.path.join(root, name))  # noqa: PTH116, PTH118 - many files for each request
                    except OSError:  # gone meanwhile, or a link that leads nowhere
                        continue
                    out.append((root, name, state.st_mtime_ns, state.st_size))
        return tuple(out)
