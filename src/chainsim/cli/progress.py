"""What a waiting planner sees: the stage and its seconds, on stderr, once a run has taken more than a second."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

from chainsim.texts import text

PATIENCE_S = 1.0
"""Nothing is shown before this: a fast run has no progress to tell."""
LOG_EVERY_S = 60.0
"""Where there is no terminal, a stage that tells how far it is says so this often."""


class Stages:
    """A context in which ``begin(stage)`` names what is being done; leaves no trace on a terminal."""

    def __init__(self, lang: str, *, quiet: bool = False) -> None:
        self._lang = lang
        self._quiet = quiet
        self._stage = ""
        self._part = ""
        self._began = time.monotonic()
        self._done = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Stages:
        if not self._quiet:
            self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if not self._quiet:
            self._ticker.join()

    def begin(self, stage: str) -> None:
        """``stage`` is a key of the texts, without its ``stage.``"""
        self._stage, self._part = stage, ""

    def count(self, done: int, of: int) -> None:
        """``done`` parts ``of`` the stage are finished."""
        self._part = f" {done}/{of}"

    def part(self, told: str) -> None:
        """How far the stage is, in words."""
        self._part = told

    def _tick(self) -> None:
        """A terminal gets one line that is rewritten every half second; a log one line per stage that lasts, and per minute."""
        live = sys.stderr.isatty()
        told, told_at = "", 0.0
        while not self._done.wait(PATIENCE_S if not told else 0.5):
            stage, now = self._stage, time.monotonic()
            lasting = bool(self._part) and now - told_at > LOG_EVERY_S
            if not stage or (stage == told and not live and not lasting):
                continue
            told, told_at = stage, now
            doing = text(self._lang, f"stage.{stage}") + self._part
            line = text(self._lang, "progress", stage=doing, seconds=time.monotonic() - self._began)
            sys.stderr.write(f"\r\033[2K{line}" if live else f"{line}\n")
            sys.stderr.flush()
        if live and told:
            sys.stderr.write("\r\033[2K")
            sys.stderr.flush()
