"""Tasks that a test's worker process runs."""

from __future__ import annotations

import os
import time
from typing import Any

from chainsim.errors import InputError, NoPlanError, Problem
from chainsim.web.jobs import Standing, Told, Work


def told(work: Work, told: Told) -> dict[str, Any]:
    """What it was asked, at once."""
    told(Standing("levers", 1, 2))
    return {**work.asked, "process": os.getpid(), "nice": os.nice(0)}


def endless(work: Work, told: Told) -> None:
    """Never ends by itself; says where it is and which process it is by a file in its scratch."""
    (work.scratch / "half").write_text("half done", encoding="utf-8")
    while True:
        told(Standing("levers", os.getpid(), 0, str(work.scratch)))
        time.sleep(0.02)


def large(work: Work, told: Told) -> bytes:
    """A million bytes."""
    return b"x" * 1_000_000


def wrong(work: Work, told: Told) -> None:
    """What ``asked["how"]`` says goes wrong."""
    match work.asked["how"]:
        case "input":
            raise InputError([Problem(code="x", message="no good", message_zh="不好", path="as_of")])
        case "plan":
            raise NoPlanError([("no oil", "没有油")])
        case "death":
            os._exit(3)
        case _:
            raise KeyError("ours")
