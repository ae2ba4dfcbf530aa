"""What a process is: chainsim, its source, Python, and the libraries that results depend on. Equal ones give equal results."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import chainsim
from chainsim import __version__

LIBRARIES = ("numpy", "pandas", "pyarrow", "scipy", "simpy")
"""Those whose versions the dataset may depend on."""
SOURCE = "chainsim's source"
_PACKAGES = ("model", "network", "simulation", "results", "files", "experiments")
_MODULES = ("records.py", "errors.py")


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Versions by name; of our own source a hash, so that two checkouts of one version are told apart."""
    return {
        "chainsim": __version__,
        SOURCE: _source_digest(),
        "Python": platform.python_version(),
        **{name: metadata.version(name) for name in LIBRARIES},
    }


def differences(ours: dict[str, str], theirs: dict[str, str]) -> list[str]:
    """What differs between two sets of versions, as ``name theirs → ours``; a hash is not for reading."""
    return [
        name if name == SOURCE else f"{name} {theirs.get(name, '–')} → {ours[name]}"
        for name in ours
        if ours[name] != theirs.get(name) and (name != SOURCE or ours["chainsim"] == theirs.get("chainsim"))
    ]


def _source_digest() -> str:
    """SHA-256 over the Python files that runs depend on, by name and content."""
    root = Path(chainsim.__file__).parent
    paths = [path for folder in _PACKAGES for path in sorted((root / folder).rglob("*.py"))]
    digest = hashlib.sha256()
    for path in (*paths, *(root / name for name in _MODULES)):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
