"""The page as a planner uses it, in headless Chromium: change, undo, share, switch language, lose the connection."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from selenium import webdriver
from tests.web.browser import Tab, chromium, needs_browser, served
from tests.web.conftest import SMALL

pytestmark = needs_browser
DAYS = '[data-names*="trunk repair"] input[type=text][data-key=days]'
SLIDER = '[data-names*="trunk repair"] input[type=range][data-key=days]'


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("scenarios")
    shutil.copytree(SMALL, folder / "small")
    (folder / "stop.yaml").write_text("extends: small\ntitle: {zh: 停输, en: Stop}\n", encoding="utf-8")
    with served(folder, "--lang", "en") as (address, _):
        yield address


@pytest.fixture(scope="module")
def driver() -> Iterator[webdriver.Chrome]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def tab(driver: webdriver.Chrome, url: str) -> Iterator[Tab]:
    driver.switch_to.new_window("tab")
    tab = Tab(driver, url)
    yield tab
    complaints = [
        c for c in tab.complaints() if "ERR_CONNECTION" not in c and "ERR_INTERNET" not in c and "422" not in c
    ]
    driver.close()
    driver.switch_to.window(driver.window_handles[0])
    assert complaints == []


def test_a_longer_outage_changes_the_number_and_undo_and_redo_bring_it_back_and_forth(tab: Tab) -> None:
    filed = tab.figure("completion")
    assert not tab.find("#undo").is_enabled()
    tab.write(DAYS, "20")
    longer = tab.figure("completion")
    assert float(longer[:-1]) < float(filed[:-1])
    assert f"as filed {filed}" in tab.text("#headline")
    tab.click("#undo")
    tab.until(lambda: tab.figure("completion") == filed, "the number as it was")
    assert tab.find(DAYS).get_property("value") != "20"
    tab.click("#redo")
    tab.until(lambda: tab.figure("completion") == longer, "the number as it had become")
    assert not tab.find("#redo").is_enabled()


def test_a_slider_redraws_while_it_moves_and_counts_as_one_change(tab: Tab) -> None:
    filed = tab.figure("completion")
    for days in ("6", "9", "14", "20"):
        tab.put(SLIDER, days, "input")
    tab.until(lambda: tab.figure("completion") != filed, "a number while the slider moves")
    assert tab.find(DAYS).get_property("value") == "20"
    tab.put(SLIDER, "20", "change")
    tab.settled()
    tab.click("#undo")
    tab.until(lambda: tab.figure("completion") == filed, "the number as it was")
    assert not tab.find("#undo").is_enabled()


def test_the_address_holds_it_all(tab: Tab, driver: webdriver.Chrome) -> None:
    tab.write(DAYS, "20").click('[data-cell="works/2008-02"]').click('[data-tank="terminal"]')
    told = (tab.text("#headline"), tab.text("#why"), tab.text("#tank-name"))
    address = driver.current_url
    driver.switch_to.new_window("tab")
    other = Tab(driver, address)
    other.until(
        lambda: (other.text("#headline"), other.text("#why"), other.text("#tank-name")) == told, "the same page"
    )
    driver.refresh()
    other.settled()
    other.until(
        lambda: (other.text("#headline"), other.text("#why"), other.text("#tank-name")) == told, "the same page"
    )
    driver.close()
    driver.switch_to.window(driver.window_handles[-1])


def test_the_language_changes_and_nothing_else(tab: Tab, driver: webdriver.Chrome) -> None:
    tab.write(DAYS, "20").click('[data-cell="works/2008-02"]')
    figure = tab.figure("completion")
    tab.click("#language")
    tab.until(lambda: driver.find_element("tag name", "html").get_attribute("lang") == "zh-CN", "Chinese")
    tab.settled()
    tab.until(lambda: "炼厂" in tab.text("#why"), "the cell that was chosen")
    assert tab.figure("completion") == figure
    assert tab.find(DAYS).get_property("value") == "20"
    assert tab.find("#undo").is_enabled()
    tab.click("#undo")
    tab.until(lambda: tab.figure("completion") != figure, "the number as it was")
    assert driver.find_element("tag name", "html").get_attribute("lang") == "zh-CN"


def test_wrong_input_is_told_at_its_field_and_the_last_answer_stays(tab: Tab) -> None:
    filed = tab.figure("completion")
    tab.write(DAYS, "some")
    error = tab.find('[data-names*="trunk repair"] p.error')
    assert "some" in error.text
    assert tab.find(DAYS).get_attribute("aria-invalid") == "true"
    assert tab.figure("completion") == filed
    assert not tab.find("#undo").is_enabled()
    tab.write(DAYS, "5")
    tab.until(lambda: not tab.driver.find_elements("css selector", "p.error"), "the error to go")
    tab.write('[id="f-pipelines.local.capacity"]', "1,300")
    assert "1300" in tab.text('[data-field="pipelines.local.capacity"] p.error')


def test_two_tabs_have_their_own_what_ifs(tab: Tab, driver: webdriver.Chrome, url: str) -> None:
    first = driver.current_window_handle
    filed = tab.figure("completion")
    driver.switch_to.new_window("tab")
    second = driver.current_window_handle
    other = Tab(driver, url)
    other.write(DAYS, "25")
    changed = other.figure("completion")
    driver.switch_to.window(first)
    assert tab.figure("completion") == filed
    tab.write(DAYS, "16")
    between = tab.figure("completion")
    assert between not in (filed, changed)
    driver.switch_to.window(second)
    assert other.figure("completion") == changed
    driver.close()
    driver.switch_to.window(first)


def test_a_lost_connection_is_told_and_what_was_asked_is_answered_when_it_is_back(
    tab: Tab, driver: webdriver.Chrome
) -> None:
    filed = tab.figure("completion")
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    tab.put(DAYS, "20", "change")
    tab.until(lambda: tab.find("#offline").is_displayed(), "the page to say that it is alone")
    assert tab.figure("completion") == filed
    back = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", back)
    tab.until(lambda: tab.figure("completion") != filed, "the answer")
    assert not tab.find("#offline").is_displayed()


def test_an_outage_is_added_by_hand_and_taken_back(tab: Tab) -> None:
    filed = tab.figure("completion")
    tab.find(f'#new-asset option[value="{"spur"}"]').click()
    tab.click("#add-outage")
    tab.until(lambda: tab.figure("completion") != filed, "the new outage to be felt")
    tab.click("#levers .changes [data-without]")
    tab.until(lambda: tab.figure("completion") == filed, "the number as it was")


def test_an_order_is_put_in_force(tab: Tab) -> None:
    plan = tab.text('[data-cell="north/2008-03"]')
    tab.click('[data-number="2008-02"]')
    tab.until(lambda: "Order 2008-02: in force" in tab.text("#levers"), "the order among the changes")
    tab.until(lambda: tab.find('[data-cell="north/2008-03"]').get_attribute("title"), "the table")
    assert "7,000" in str(tab.find('[data-cell="north/2008-03"]').get_attribute("title"))
    assert plan


def test_the_keyboard_alone_does(tab: Tab, driver: webdriver.Chrome) -> None:
    driver.execute_script("document.querySelector('[data-cell=\"works/2008-01\"]').focus()")
    driver.switch_to.active_element.send_keys("\ue014")  # right
    assert driver.switch_to.active_element.get_attribute("data-cell") == "works/2008-02"
    driver.switch_to.active_element.send_keys("\ue007")  # enter
    tab.until(lambda: "Works, 2008-02" in tab.text("#why"), "why")
    tab.write(DAYS, "20")
    figure = tab.figure("completion")
    driver.switch_to.active_element.send_keys("\ue009", "z")  # Ctrl+Z
    tab.until(lambda: tab.figure("completion") != figure, "undo")


def test_another_scenario(tab: Tab, driver: webdriver.Chrome) -> None:
    tab.put("#scenario", "stop.yaml", "change")
    tab.settled()
    assert "s=stop.yaml" in driver.current_url
    tab.click("#undo")
    tab.until(lambda: "s=small" in driver.current_url, "the first scenario")


@pytest.mark.parametrize(("width", "zoom"), [(1280, 1), (390, 1), (1280, 4)])
def test_no_part_is_wider_than_the_page(tab: Tab, driver: webdriver.Chrome, width: int, zoom: int) -> None:
    # Zooming to 400 % is a page a quarter as wide (WCAG 2.2, 1.4.10).
    shown = {"width": width // zoom, "height": 900, "deviceScaleFactor": zoom, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shown)
    wide, room = driver.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= room
    assert tab.find("#headline").is_displayed()
