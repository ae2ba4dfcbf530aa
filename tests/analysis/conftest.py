"""One study, its run, a longer outage and an order, shared by the tests that only look."""

from __future__ import annotations

import pytest

import chainsim
from chainsim.analysis.proposals import Proposal
from chainsim.analysis.runs import Run


@pytest.fixture(scope="session")
def study() -> chainsim.Study:
    return chainsim.starter()


@pytest.fixture(scope="session")
def run(study: chainsim.Study) -> Run:
    return study.simulate()


@pytest.fixture(scope="session")
def longer(study: chainsim.Study) -> chainsim.Study:
    return study.with_({"disruptions.trunk repair.days": 12}, name="12 days")


@pytest.fixture(scope="session")
def proposal(longer: chainsim.Study) -> Proposal:
    return longer.optimize()
