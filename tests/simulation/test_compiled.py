"""The compiled engine gives what its sources give, and only as long as they are the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import chainsim
from chainsim import compiled

ROOT = Path(__file__).resolve().parents[2]
COMPILER = shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0])

_ASKED = """
import hashlib, json, pickle, sys
from dataclasses import replace
from pathlib import Path
from chainsim import compiled
from chainsim.files import load_scenario
from chainsim.model import Disruption
from chainsim.simulation import resume, simulate
from chainsim.simulation.branching import Branch, grow

def told(log):
    return hashlib.sha256(repr(replace(log, state=None)).encode()).hexdigest()

out = {"compiled": compiled.in_use()}
for path in sorted(Path("scenarios").glob("*.yaml")):
    out[path.name] = told(simulate(load_scenario(path).scenario))
western = load_scenario(Path("scenarios/western")).scenario
out["whole"] = told(simulate(western))
out["stopped"] = told(resume(pickle.loads(pickle.dumps(simulate(western, 100.0)))))
trunk = pickle.loads(pickle.dumps(grow(western, 100.0)))
for days in (5, 20):
    outage = Disruption(name="what if", asset="trunk_east", start=100.0, end=100.0 + days, remaining=0.0, cause="pipeline")
    for causes in (True, False):
        out[f"{days} {causes}"] = told(Branch(trunk, outage, causes=causes).finish())
print(json.dumps(out))
"""


def digests(source: Path, **more: str) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name != "CHAINSIM_INTERPRETED"}
    done = subprocess.run(
        [sys.executable, "-c", _ASKED], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**environment, "PYTHONPATH": str(source), **more},
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def added(source: Path, words: str) -> None:
    source.write_text(source.read_text(encoding="utf-8") + words, encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A package of its own, to be compiled and changed."""
    home = Path(chainsim.__file__).parent
    shutil.copytree(home, tmp_path / "chainsim", ignore=shutil.ignore_patterns("__pycache__", "compiled"))
    return tmp_path / "chainsim"


@pytest.mark.skipif(COMPILER is None and "CI" not in os.environ, reason="no C compiler: the engine cannot be compiled")
def test_the_compiled_engine_gives_what_the_sources_give(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAINSIM_INTERPRETED", raising=False)
    compiled.compile_engine(copy)
    machine = digests(copy.parent)
    sources = digests(copy.parent, CHAINSIM_INTERPRETED="1")
    assert (machine.pop("compiled"), sources.pop("compiled")) == (True, False)
    assert machine == sources
    assert machine["whole"] == machine["stopped"]
    added(copy / "simulation" / "rates.py", "# another source\n")
    assert not compiled.modules(copy)
    assert compiled.remove(copy)
    assert not compiled.remove(copy)


def test_half_a_compiled_engine_is_not_used(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAINSIM_INTERPRETED", raising=False)
    place = compiled.folder(copy)
    place.mkdir(parents=True)
    assert not compiled.modules(copy)
    (place / "made-from").write_bytes(b"\xff damaged")
    assert not compiled.modules(copy)
    (place / "made-from").write_text(compiled.stamp(copy), encoding="ascii")
    assert not compiled.modules(copy)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    (place / f"{compiled.GROUP}__mypyc{suffix}").write_bytes(b"of another machine")
    assert not compiled.modules(copy)


def test_what_the_compiler_refuses_changes_nothing(copy: Path) -> None:
    added(copy / "simulation" / "rates.py", "wrong: int = 'a text'\n")
    with pytest.raises(compiled.NotCompiledError, match=r"rates\.py"):
        compiled.compile_engine(copy)
    assert not compiled.folder(copy).exists()
