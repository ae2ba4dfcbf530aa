"""The longer questions as a planner asks them, in headless Chromium: an order approved and taken back, variants compared."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from tests.web.browser import Tab, chromium, needs_browser, served
from tests.web.conftest import SMALL

pytestmark = needs_browser
DAYS = '[data-names*="trunk repair"] input[type=text][data-key=days]'


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory, downloads: Path) -> Iterator[Tab]:
    folder = tmp_path_factory.mktemp("scenarios")
    shutil.copytree(SMALL, folder / "small")
    with served(folder, "--lang", "en") as (address, _), chromium(downloads=downloads) as driver:
        tab = Tab(driver, address)
        yield tab
        assert [c for c in tab.complaints() if "422" not in c] == []


def answer(tab: Tab, kind: str) -> str:
    """Ask, and what is answered."""
    tab.click(f"#tab-{kind}")
    tab.click(f"#ask-{kind} button.main")
    tab.find(f"#answer-{kind} [data-job=done]")
    return tab.text(f"#answer-{kind}")


def test_an_order_is_drafted_approved_and_taken_back(tab: Tab, downloads: Path) -> None:
    tab.write(DAYS, "20")
    before = tab.figure("completion")
    told = answer(tab, "order")
    assert "Draft order 2008-02-10-D1" in told
    assert "Approved, the order becomes part of the what-if" in told
    assert tab.find("#answer-order svg, #answer-order canvas")
    tab.click('#answer-order a[href$="/yaml"]')
    tab.until(lambda: any(f.suffix == ".yaml" for f in downloads.iterdir()), "the file")
    file = next(f for f in downloads.iterdir() if f.suffix == ".yaml")
    assert file.name == "order-2008-02-10-D1.yaml"
    assert "state: draft" in file.read_text(encoding="utf-8")
    tab.click("[data-approve]")
    tab.until(lambda: "order 2008-02-10-D1" in tab.text("#answer-order"), "the order to be in force")
    tab.settled()
    assert "2008-02-10-D1" in tab.text("#levers .changes")
    after = tab.figure("completion")
    assert after != before
    tab.click("#undo")
    tab.until(lambda: tab.figure("completion") == before, "the plan as it was")
    tab.until(lambda: "Draft order" in tab.text("#answer-order"), "the draft, which was kept")
    tab.click("#redo")
    tab.until(lambda: tab.figure("completion") == after, "the order again")
    tab.click("#as-filed")


def test_variants_are_remembered_compared_and_opened_again(tab: Tab, downloads: Path) -> None:
    filed = tab.figure("completion")
    tab.click("#tab-compare")
    tab.put("#remember input", "Plan A")
    tab.click("#remember button")
    tab.write(DAYS, "25")
    longer = tab.figure("completion")
    tab.until(lambda: longer in tab.text("#answer-compare"), "the comparison")
    told = tab.text("#answer-compare")
    assert filed in told
    assert "Plan A" in tab.text("#variants")
    assert "now" in tab.text("#variants")
    assert "pipeline outage" in tab.text("#compare-causes")
    tab.click("#answer-compare [data-keep]")
    tab.until(lambda: (downloads / "comparison.xlsx").is_file(), "the workbook")
    tab.put("#remember input", "Plan <b>B</b>")
    tab.click("#remember button")
    tab.until(lambda: "Plan <b>B</b>" in tab.text("#answer-compare"), "the name as text")
    tab.driver.refresh()
    tab.settled()
    tab.until(lambda: "Plan <b>B</b>" in tab.text("#answer-compare"), "the variants after a reload")
    tab.click("#variants [data-open]")
    tab.until(lambda: tab.figure("completion") == filed, "Plan A on the page")
    tab.click("#undo")
    tab.until(lambda: tab.figure("completion") == longer, "Plan B again")
    tab.click("#as-filed")


def test_a_tipping_point_from_its_slider_in_both_languages_and_a_wrong_threshold(tab: Tab) -> None:
    tab.click('[data-cell="works/"]')
    tab.click('[data-tipping="disruptions.trunk repair.days"]')
    tab.find("#answer-tipping [data-job=done]")
    told = tab.text("#answer-tipping [data-tip]")
    assert told.startswith("Works stays at 90% or above up to")
    assert tab.text(".tip") == told
    tab.put('#ask-tipping [name="threshold"]', "ninety", "change")
    tab.click("#ask-tipping button.main")
    tab.until(lambda: "found: ninety" in tab.text("#answer-tipping"), "the mistake told")
    assert tab.find('#ask-tipping [name="threshold"]').get_dom_attribute("aria-invalid") == "true"
    tab.put('#ask-tipping [name="threshold"]', "90", "change")
    tab.click("#language")
    tab.settled()
    tab.driver.find_element(By.ID, "tipping-lever")
    tab.put("#tipping-lever", "disruptions.trunk repair.days", "change")
    tab.until(lambda: "炼厂不低于 90%" in tab.text("#answer-tipping"), "the answer that was kept")
    tab.click("#language")


def test_a_job_shows_its_progress_and_can_be_cancelled(tab: Tab) -> None:
    tab.click("#tab-chance")
    tab.put('#ask-chance [name="runs"]', "1500")
    tab.click("#ask-chance button.main")
    tab.find("#answer-chance [data-job=running] progress")
    tab.until(lambda: "/ 1,500" in tab.text("#answer-chance"), "progress")
    tab.write(DAYS, "6")  # the page itself goes on
    tab.click("#undo")
    tab.find("#answer-chance [data-job=running]")
    tab.click("#answer-chance button")
    tab.until(lambda: "Cancelled" in tab.text("#answer-chance"), "the end of it")


def test_cancelling_in_one_tab_is_nothing_to_another(tab: Tab) -> None:
    driver, url = tab.driver, tab.driver.current_url
    first = driver.current_window_handle
    handles = [first]
    for _ in range(2):
        driver.switch_to.new_window("tab")
        Tab(driver, url)
        handles.append(driver.current_window_handle)

    def turn(handle: str) -> Tab:
        driver.switch_to.window(handle)
        return tab

    for handle in handles[:2]:
        turn(handle).click("#tab-chance")
        tab.put('#ask-chance [name="runs"]', "1900")
        tab.click("#ask-chance button.main")
        tab.find("#answer-chance [data-job=running]")
    turn(handles[2]).click("#tab-chance")
    tab.put('#ask-chance [name="runs"]', "1900", "change")
    tab.settled()
    assert tab.text("#answer-chance") == "", "a tab that did not ask"
    turn(handles[1]).driver.refresh()
    tab.settled()
    tab.put('#ask-chance [name="runs"]', "1900", "change")
    tab.find("#answer-chance [data-job=running]")
    turn(first).click("#answer-chance button")
    tab.until(lambda: "Cancelled" in tab.text("#answer-chance"), "the end of it here")
    turn(handles[1])
    tab.until(lambda: "/ 1,900" in tab.text("#answer-chance"), "it to go on there, also after a reload")
    tab.click("#answer-chance button")
    tab.until(lambda: "Cancelled" in tab.text("#answer-chance"), "the end of it there")
    for handle in handles[1:]:
        turn(handle).driver.close()
    turn(first)
