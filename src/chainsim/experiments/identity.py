"""A hash of our own source: two processes with the same one run the same experiment."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import chainsim


@lru_cache(maxsize=1)
def source_digest() -> str:
    """SHA-256 over the Python files of the package that runs depend on, by name and content."""
    root = Path(chainsim.__file__).parent
    digest = hashlib.sha256()
    for folder in ("model", "network", "simulation", "results", "files", "experiments"):
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    for name in ("records.py", "errors.py"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()
