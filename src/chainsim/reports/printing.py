"""A page as a PDF, through a browser that the machine has; nothing here needs one otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chainsim.errors import InputError
from chainsim.mistakes import mistake

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
"""As they are called on a path."""
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
"""Where they stand on systems that have none on the path."""
FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions",
)  # fmt: skip
"""A browser that only prints: no window, no talk with anybody."""
_MOST_SECONDS = 120


def find_browser(environment: Mapping[str, str] = os.environ) -> str:
    """The program to print with; ``CHAINSIM_BROWSER`` names another. Raises ``InputError`` where there is none."""
    wanted = environment.get("CHAINSIM_BROWSER")
    names = (wanted,) if wanted else (*BROWSERS, *_PLACES)
    for name in names:
        if found := shutil.which(name, path=environment.get("PATH")):
            return found
    raise InputError([mistake("output-no-browser", "error.no_browser", file=wanted or "")])


def print_pdf(page: Path, pdf: Path, browser: str) -> None:
    """Print the HTML file ``page`` to ``pdf``. Raises ``InputError`` if the browser cannot."""
    with tempfile.TemporaryDirectory(prefix="chainsim-print-") as profile:
        words = [
            browser,
            *FLAGS,
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={pdf.resolve()}",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            words.append("--no-sandbox")  # Chromium refuses to run as root with one
        try:
            done = subprocess.run(  # noqa: S603 - a browser from the path, with words of our own
                [*words, page.resolve().as_uri()], capture_output=True, timeout=_MOST_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(
                [mistake("output-pdf", "error.browser_failed", browser=browser, reason=str(error))]
            ) from error
    if done.returncode or not pdf.is_file() or not pdf.read_bytes().startswith(b"%PDF"):
        said = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
        reason = said[-1][:200] if said else f"exit code {done.returncode}"
        raise InputError([mistake("output-pdf", "error.browser_failed", browser=browser, reason=reason)])
