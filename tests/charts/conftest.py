"""One real run for all charts: the western network with its trunk standing still for 21 days."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainsim import workflow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def outage() -> workflow.Run:
    return workflow.run(ROOT / "scenarios" / "trunk-outage.yaml")
