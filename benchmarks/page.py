"""The what-if page as a browser sees it: from a slider to what is redrawn, weight, start, memory with six tabs.

``python -m benchmarks.page``. Wants Chromium and its driver as the browser tests do, and says so where they are not there.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    """Milliseconds from a slider's move to two frames later (all, and the server's part), bytes, seconds, bytes."""

    redraws_ms: tuple[float, ...]
    server_ms: tuple[float, ...]
    weight: float
    start_seconds: float
    memory: float
    plain_ms: float

    @property
    def p95_ms(self) -> float:
        """Of twenty moves, the slowest but one."""
        return statistics.quantiles(self.redraws_ms, n=20)[-1]


def western_page(moves: int = 40, starts: int = 3) -> WesternPage | None:
    """The page over the western scenario, the slider of a trunk outage moved day by day; None where there is no browser."""
    from tests.web.browser import CHROMIUM, DRIVER, Tab, chromium, served

    if not (CHROMIUM and DRIVER):
        return None
    yardstick = Yardstick()
    begins = []
    for _ in range(starts):
        began = time.perf_counter()
        with served(WESTERN):
            begins.append(time.perf_counter() - began)
    with served(WESTERN) as (address, server), chromium() as driver:
        driver.set_script_timeout(120)
        tab = Tab(driver, address)
        weight = float(driver.execute_script(_WEIGHT))
        moved = [driver.execute_async_script(_MOVE, OUTAGE, str(1 + move % 30)) for move in range(moves + 3)][3:]
        tab.settled()
        memory = _with_tabs(driver, address, server.pid)
    return WesternPage(
        redraws_ms=tuple(redraw for redraw, _ in moved),
        server_ms=tuple(own for _, own in moved),
        weight=weight,
        start_seconds=statistics.median(begins),
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


def page_text(page: WesternPage) -> str:
    """What the page's figures are made of, in one line."""
    both = (statistics.median(page.redraws_ms), statistics.median(page.server_ms))
    return (
        f"page: {both[0]:.0f} ms from slider to redraw at the median, {both[1]:.0f} of them the server's "
        f"({both[1] / page.plain_ms:.0f} plain loops)"
    )


def page_measured(page: WesternPage | None) -> dict[str, float]:
    """What the limits are about, by their keys; nothing where there was no browser."""
    if page is None:
        return {}
    return {
        "page_redraw": page.p95_ms, "page_weight": page.weight / 1e6, "page_start": page.start_seconds,
        "page_memory": page.memory / 1e6,
    }  # fmt: skip


def main() -> int:
    """Print the figures beside their limits."""
    from benchmarks.limits import verdicts

    page = western_page()
    if page is None:
        print("no Chromium with its driver here: tools/install_system_packages.sh installs them", file=sys.stderr)
        return 2
    print(page_text(page))
    figures: dict[str, Any] = page_measured(page)
    for verdict in verdicts(figures):
        if verdict.value is not None:
            limit = verdict.limit
            print(f"{limit.name}: {verdict.value:.2f} (at most {limit.at_most:g} {limit.unit}): {verdict.words}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
