"""Build what the package ships for charts and the page: an ECharts subset and htmx, with their licences.

    .venv/bin/python tools/make_assets.py

needs npm and its registry; users need neither. Versions are pinned here; ``src/chainsim/assets/assets.json`` records them
with the hashes of what was built, and a test compares.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENTRY = ROOT / "tools" / "assets" / "echarts_entry.js"
ASSETS = ROOT / "src" / "chainsim" / "assets"
VERSIONS = {"echarts": "6.1.0", "htmx.org": "4.0.1"}
BUILDER = {"esbuild": "0.28.2"}


def main() -> None:
    """Install the pinned packages in a temporary folder, bundle, copy the licences, record versions and hashes."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to build the assets")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = [f"{package}@{version}" for package, version in {**VERSIONS, **BUILDER}.items()]
        (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
        subprocess.run([npm, "install", "--no-audit", "--no-fund", *packages], cwd=folder, check=True)
        modules = folder / "node_modules"
        shutil.copy(ENTRY, folder / ENTRY.name)
        built = folder / "echarts.js"
        bundle = [
            str(modules / ".bin" / "esbuild"),
            str(folder / ENTRY.name),
            "--bundle",
            "--minify",
            "--format=iife",
            "--global-name=echarts",
            "--target=es2020",
            "--legal-comments=none",
            "--banner:js=/*! Apache ECharts subset, built by tools/make_assets.py; LICENSE-echarts.txt */",
            f"--outfile={built}",
        ]
        subprocess.run(bundle, cwd=folder, check=True)
        ASSETS.mkdir(exist_ok=True)
        copies = {
            built: "echarts.js",
            modules / "echarts" / "LICENSE": "LICENSE-echarts.txt",
            modules / "echarts" / "NOTICE": "NOTICE-echarts.txt",
            modules / "echarts" / "licenses" / "LICENSE-d3": "LICENSE-d3.txt",
            modules / "zrender" / "LICENSE": "LICENSE-zrender.txt",
            modules / "tslib" / "LICENSE.txt": "LICENSE-tslib.txt",
            modules / "htmx.org" / "dist" / "htmx.min.js": "htmx.js",
            modules / "htmx.org" / "LICENSE": "LICENSE-htmx.txt",
        }
        for source, target in copies.items():
            shutil.copy(source, ASSETS / target)
    record = {
        "versions": {**VERSIONS, **BUILDER},
        "entry_sha256": _sha256(ENTRY),
        "files": {name: _sha256(ASSETS / name) for name in sorted(copies.values())},
    }
    (ASSETS / "assets.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    for name in ("echarts.js", "htmx.js"):
        print(f"{name}: {(ASSETS / name).stat().st_size:,} bytes")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
