"""The page in a real browser: Chromium and its driver as the system has them; nothing is downloaded."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

PATIENCE_S = 90
"""What waits for something gives up after this: a busy machine fails nothing."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no Chromium with its driver here: tools/install_system_packages.sh installs them (Debian: chromium, chromium-driver)",
)


@contextmanager
def served(
    folder: Path, *more: str, port: str = "0", environment: Mapping[str, str] | None = None
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``chainsim serve`` on a free port, or on ``port``: its address, and the process."""
    command = [sys.executable, "-m", "chainsim", "serve", str(folder), "--port", port, *more]
    own = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=own)
    try:
        assert server.stdout
        address = re.search(r"http://[\d.:]+/", server.stdout.readline())
        assert address, "the page does not say where it is"
        yield address[0], server
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE_S)


@contextmanager
def chromium(width: int = 1280, height: int = 900, downloads: Path | None = None) -> Iterator[webdriver.Chrome]:
    """A browser of its own, without a window."""
    options = Options()
    assert CHROMIUM
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
                     f"--window-size={width},{height}"):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if downloads is not None:
        # A click by script is nobody's hand, and Chromium asks before it takes a second file from a page that nobody touched.
        allowed = {"profile.default_content_setting_values.automatic_downloads": 1}
        options.add_experimental_option("prefs", {"download.default_directory": str(downloads), **allowed})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


class Tab:
    """The page in one tab, waited for instead of slept over."""

    def __init__(self, driver: webdriver.Chrome, url: str = "") -> None:
        self.driver = driver
        if url:
            driver.get(url)
            self.settled()

    def settled(self) -> Tab:
        """Wait until the page has shown what it was asked for."""
        script = (
            "const r = document.getElementById('results'); return r && r.dataset.drawn && r.getAttribute('aria-busy')"
        )
        self.until(lambda: self.driver.execute_script(script) == "false", "the page to settle")
        return self

    def until(self, holds: Callable[[], Any], what: str) -> None:
        """Wait until ``holds``."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                if holds():
                    return
            except WebDriverException:
                pass
            time.sleep(0.05)
        raise AssertionError(f"waited in vain for {what}")

    def find(self, selector: str) -> WebElement:
        """The element at a CSS selector, waited for."""
        self.until(lambda: self.driver.find_elements(By.CSS_SELECTOR, selector), selector)
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """What is written there, seen or not."""
        return str(self.find(selector).get_property("textContent")).strip()

    def figure(self, name: str) -> str:
        """A key figure's tile."""
        return self.text(f'[data-kpi="{name}"]')

    def click(self, selector: str) -> Tab:
        """Click, wherever on the page it is, and wait for what follows."""
        self.driver.execute_script(
            "arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", self.find(selector)
        )
        return self.settled()

    def write(self, selector: str, words: str) -> Tab:
        """Write into a field and leave it."""
        self.put(selector, words, "change")
        return self.settled()

    def put(self, selector: str, words: str, *events: str) -> None:
        """Set a field and tell the page of it."""
        script = (
            "const [field, words, events] = arguments; field.value = words;"
            "for (const name of events) field.dispatchEvent(new Event(name, {bubbles: true}))"
        )
        self.driver.execute_script(script, self.find(selector), words, events)

    def complaints(self) -> list[str]:
        """What the browser's console holds against the page."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
