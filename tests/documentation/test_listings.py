"""Every command and every listing in the docs is run, page by page, from top to bottom as a reader would."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.documentation.listings import PAGES, ROOT, Listing, listings
from tests.documentation.reader import Reader, remember

NOT_RUN = {
    "README.md: ./check": "the tests would run themselves",
    "README.md: ./go compile": "a minute of compiling",
    "docs/cli.md: chainsim compile": "a minute of compiling",
    "README.md: .venv/bin/python -m tools.make_site": "tests/documentation/test_site.py builds the site",
    "docs/batch.md: name: chainsim": "tests/cli/test_batch.py runs its steps",
    "docs/batch.md: #!/bin/sh": "tests/cli/test_batch.py runs it",
    "docs/benchmarks.md: .venv/bin/python -m benchmarks": "minutes; tests/test_benchmarks.py runs every program once",
    "docs/experiments.md: dask scheduler --host 127.0.0.1 --port 8786 --no-dashboard &": (
        "starts a cluster that stays; tests/experiments runs on one"
    ),
}
"""Where a block that is not run begins → its reason, as both stand in the docs: the list is short, and stays so."""


@pytest.mark.xdist_group("docs")
@pytest.mark.parametrize(
    "page", [page for page in PAGES if listings(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_what_a_page_shows_is_so(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    remember(monkeypatch)
    reader = Reader(page, "".join(one.file + one.text for one in listings(page)), capsys)
    for listing in listings(page):
        if listing.no_run is None:
            reader.follow(listing)
    reader.finish()


def test_what_is_not_run_says_why() -> None:
    not_run = {first_line(one): one.no_run for page in PAGES for one in listings(page) if one.no_run is not None}
    assert not_run == NOT_RUN


def first_line(listing: Listing) -> str:
    """Page and first line of a block."""
    return f"{listing.page.relative_to(ROOT)}: {listing.text.splitlines()[0].partition('  #')[0].strip()}"
