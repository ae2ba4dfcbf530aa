"""Builds the documentation site from docs/ into build/site: ``python -m tools.make_site [FOLDER]``.

Strict: a broken link, a missing anchor, an orphaned page or anything else that Sphinx warns of ends it with exit code 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(folder: Path = ROOT / "build" / "site", *, quiet: bool = False) -> int:
    """Build the site in ``folder``; the exit code is Sphinx's."""
    from sphinx.cmd.build import build_main

    settings = ROOT / "tools" / "site"
    words = ["-b", "html", "-c", str(settings), "-d", str(folder.parent / "doctrees"), "-W", "--keep-going", "-n", "-j", "auto"]
    if quiet:
        words.append("-q")
    code = int(build_main([*words, str(ROOT / "docs"), str(folder)]))
    if code == 0 and not quiet:
        print(f"open {folder / 'index.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main(*(Path(word) for word in sys.argv[1:2])))
