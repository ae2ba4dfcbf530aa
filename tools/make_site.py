"""Builds the documentation site from docs/ into build/site: ``python -m tools.make_site [FOLDER]``.

Strict: a broken link, a missing anchor, an orphaned page or anything else that Sphinx warns of ends it with exit code 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def main(folder: Path = ROOT / "build" / "site") -> int:
    """Build the site in ``folder``; the exit code is Sphinx's."""
    from sphinx.cmd.build import build_main

    words = ["-b", "html", "-c", str(ROOT / "tools" / "docs_site"), "-d", str(folder.parent / "doctrees")]
    words += ["-W", "--keep-going", "-n", "-j", "auto", "-q"]
    code = int(build_main([*words, str(DOCS), str(folder)]))
    if code == 0:
        print(f"open {folder / 'index.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main(*(Path(word) for word in sys.argv[1:2])))
