"""The what-if page as a browser sees it: from a slider to what is redrawn, weight, start, memory with six tabs.

Wants Chromium and its driver, as the browser tests do.
"""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.plain import Yardstick
from benchmarks.western import WESTERN

if TYPE_CHECKING:
    from selenium import webdriver

TABS = 6
_MOVE = """
const [name, value, done] = arguments;
const sets = [...document.querySelectorAll("[data-names]")].filter((set) => JSON.parse(set.dataset.names).includes(name));
const slider = sets[0].querySelector("input[type=range][data-key=days]");
const begun = performance.now();
document.addEventListener("chainsim:answered", () => {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    done([performance.now() - begun, Number(document.getElementById("results").dataset.ms)]);
  }));
}, {once: true});
slider.value = value;
slider.dispatchEvent(new Event("input", {bubbles: true}));
"""
_WEIGHT = """
const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
return entries.reduce((sum, entry) => sum + entry.transferSize, 0);
"""
OUTAGE = "trunk valve repair"
"""Of the western scenario; the slider makes it longer day by day."""


@dataclass(frozen=True)
class WesternPage:
    """Milliseconds from each move of a slider to two frames later, and the server's part of them; sizes in bytes."""

    redraws_ms: tuple[float, ...]
    server_ms: tuple[float, ...]
    processor_ms: float
    """What the server worked for one move; beside ``server_ms`` it tells how busy the machine was with other things."""
    weight: float
    start_seconds: float
    start_processor_seconds: float
    memory: float
    plain_ms: float

    @property
    def p95_ms(self) -> float:
        """Of twenty moves, the slowest but one."""
        return statistics.quantiles(self.redraws_ms, n=20)[-1]


def western_page(yardstick: Yardstick, moves: int = 40, starts: int = 5) -> WesternPage | None:
    """The page over the western scenario, the slider of a trunk outage moved day by day; None where there is no browser."""
    from tests.web.browser import CHROMIUM, DRIVER, Tab, chromium, served

    if not (CHROMIUM and DRIVER):
        return None
    begins: list[float] = []
    worked: list[float] = []
    with tempfile.TemporaryDirectory() as bytecode:
        # As for whoever starts it the second time.
        warm = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": bytecode}
        for _ in range(1 + starts):
            began = time.perf_counter()
            with served(WESTERN, environment=warm) as (_, server):
                begins.append(time.perf_counter() - began)
                worked.append(_processor_seconds(server.pid))
    with served(WESTERN) as (address, server), chromium() as driver:
        driver.set_script_timeout(120)
        tab = Tab(driver, address)
        weight = float(driver.execute_script(_WEIGHT))
        driver.execute_async_script(_MOVE, OUTAGE, "30")
        spent = _processor_seconds(server.pid)
        moved = [driver.execute_async_script(_MOVE, OUTAGE, str(1 + move % 30)) for move in range(moves)]
        spent = _processor_seconds(server.pid) - spent
        tab.settled()
        memory = _with_tabs(driver, address, server.pid)
    return WesternPage(
        redraws_ms=tuple(redraw for redraw, _ in moved),
        server_ms=tuple(own for _, own in moved),
        processor_ms=1000 * spent / moves,
        weight=weight,
        start_seconds=statistics.median(begins[1:]),
        start_processor_seconds=statistics.median(worked[1:]),
        memory=memory,
        plain_ms=1000 * yardstick.seconds,
    )


def _with_tabs(driver: webdriver.Chrome, address: str, process: int) -> float:
    """What the server holds (bytes) once six tabs each have their own what-if."""
    from tests.web.browser import Tab

    for number in range(TABS - 1):
        driver.switch_to.new_window("tab")
        tab = Tab(driver, address)
        selector = "document.querySelector('[data-names] input[type=text][data-key=days]')"
        driver.execute_script(
            f"const field = {selector}; field.value = arguments[0]; field.dispatchEvent(new Event('change', {{bubbles: true}}))",
            str(3 + number),
        )
        time.sleep(0.1)
        tab.settled()
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return 1024 * int(found[1])


def _processor_seconds(process: int) -> float:
    """What a process has worked so far, all its threads together (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def page_text(page: WesternPage) -> str:
    """What the page's figures are made of, in one line."""
    both = (statistics.median(page.redraws_ms), statistics.median(page.server_ms))
    return (
        f"page: {both[0]:.0f} ms from slider to redraw at the median, {both[1]:.0f} of them the server's "
        f"(processor time: {page.processor_ms:.0f} ms, {page.processor_ms / page.plain_ms:.0f} plain loops); "
        f"start: {page.start_processor_seconds:.2f} s of processor time"
    )


def page_measured(page: WesternPage | None) -> dict[str, float]:
    """What the limits are about, by their keys; nothing where there was no browser."""
    if page is None:
        return {}
    return {
        "page_redraw": page.p95_ms, "page_weight": page.weight / 1e6, "page_start": page.start_seconds,
        "page_memory": page.memory / 1e6,
    }  # fmt: skip
