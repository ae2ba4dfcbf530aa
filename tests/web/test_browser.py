"""The page as a planner uses it, in headless Chromium: change, undo, share, switch language, lose the connection."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from tests.web.browser import Tab, chromium, needs_browser, served
from tests.web.conftest import SMALL

pytestmark = needs_browser
DAYS = '[data-names*="trunk repair"] input[type=text][data-key=days]'
SLIDER = '[data-names*="trunk repair"] input[type=range][data-key=days]'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("scenarios")
    shutil.copytree(SMALL, place / "small")
    title = "{zh: 停输, en: Stop in a winter that was longer than anybody had thought}"
    wide = "extends: small\ncustomers:\n  north: {grades: [tarim, tuha]}\n  nearby: {grades: [tarim, tuha]}\n"
    wide += "pipelines:\n  local: {grades: [tarim]}\n"
    (place / "wide.yaml").write_text(wide, encoding="utf-8")
    (place / "stop.yaml").write_text(f"extends: small\ntitle: {title}\n", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with served(folder, "--lang", "en") as (address, _):
        yield address


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def driver(downloads: Path) -> Iterator[webdriver.Chrome]:
    with chromium(downloads=downloads) as browser:
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
    tab.click("#plan-room summary")
    driver.execute_script("document.getElementById('tipping-lever').append(new Option('a lever '.repeat(30)))")
    for kind in ("compare", "chance", "tornado", "tipping"):
        tab.click(f"#tab-{kind}")
        lengths = "const e = document.documentElement; return e.scrollWidth - e.clientWidth"
        assert driver.execute_script(lengths) <= 0, kind
    wide, room = driver.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= room
    assert tab.find("#headline").is_displayed()


def sheets_of(printed: dict[str, str], folder: Path) -> list[str]:
    """The texts of the sheets of what the browser printed."""
    (folder / "page.pdf").write_bytes(base64.b64decode(printed["data"]))
    command = ["pdftotext", "-layout", str(folder / "page.pdf"), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\f")[:-1]


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="no poppler here")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_on_paper_stands_what_came_of_it_on_few_full_sheets_without_controls(
    driver: webdriver.Chrome, url: str, tmp_path: Path, lang: str
) -> None:
    tab = Tab(driver, f"{url}?s=small&lang={lang}")
    tab.write(DAYS, "21")
    before = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})  # what is not drawn yet is left out
    driver.execute_script("window.print = () => { window.printed = true; }; window.scrollTo(0, 0)")
    tab.click("#print")
    tab.until(
        lambda: driver.execute_script("return window.printed"), "everything to be drawn, also what nobody has seen"
    )
    assert tab.find("#trains-chart svg")
    tab.click("#tab-order")
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    sheets = sheets_of(printed, tmp_path)
    moves = tab.text("#moves-title")
    assert moves in "".join(sheets) and moves not in "".join(sheets_of(before, tmp_path))
    assert 2 <= len(sheets) <= 4
    assert all(len(sheet.split()) > 40 for sheet in sheets), "no sheet is nearly empty"
    assert sheets[0].index(tab.text("#headline .lead")[:12]) < sheets[0].index(tab.text("#levers .changes span")[:6])
    whole = "\n".join(sheets)
    for control in ("#undo", "#save", "#play", "#add-outage", ".check:has(#by-grade)", "#analyses-title"):
        assert not re.search(rf"(^|\s){re.escape(tab.text(control))}(\s|$)", whole), control
    assert driver.execute_script("return document.querySelectorAll('.chart svg[viewBox]').length") == 0


PASTE = """
const [input, words] = arguments, data = new DataTransfer();
data.setData("text/plain", words);
input.focus();
input.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
"""


def opened_plan(tab: Tab) -> None:
    tab.click("#plan-room summary")
    tab.find('[data-plan="plan.works.tarim.2008-02"]')
    tab.settled()


def test_cells_from_a_spreadsheet_are_answered_one_by_one(tab: Tab, driver: webdriver.Chrome) -> None:
    opened_plan(tab)
    first = tab.find('[data-plan="plan.works.tarim.2008-01"]')
    driver.execute_script(PASTE, first, "２１，０００\tabc\t2万\t7\r\n")
    tab.until(lambda: "2 cells accepted" in tab.text("#plan-told"), "the answer")
    tab.settled()
    assert "1 cells lie outside" in tab.text("#plan-told")
    values = [tab.find(f'[data-plan="plan.works.tarim.2008-0{m}"]').get_property("value") for m in (1, 2, 3)]
    assert values == ["21,000", "abc", "20,000"]
    wrong = tab.find('[data-plan="plan.works.tarim.2008-02"]')
    assert wrong.get_attribute("aria-invalid") == "true"
    assert "found: abc" in str(wrong.get_attribute("title"))
    tab.write('[data-plan="plan.works.tarim.2008-02"]', "19000")
    tab.until(lambda: not driver.find_elements("css selector", "#plan [aria-invalid]"), "the cell to be mended")
    tab.click("#undo").click("#undo")
    tab.until(lambda: not driver.find_elements("css selector", "#plan .changed"), "the plan as it was")


def test_a_table_that_is_pasted_with_its_headings_goes_where_they_say(tab: Tab, driver: webdriver.Chrome) -> None:
    opened_plan(tab)
    table = "客户\t品种\t2008年3月\t2008-01\n北区\t塔里木原油\t5,100\t5,200\nWorks\tTarim\t20000\t21000\n"
    names = {row.get_attribute("data-customers") for row in driver.find_elements("css selector", "#plan tbody tr")}
    north = next(
        n for name in names for n in json.loads(str(name)) if "north" in json.loads(str(name)) and not n.isascii()
    )
    driver.execute_script(PASTE, tab.find("[data-plan]"), table.replace("北区", north))
    tab.until(lambda: "4 cells accepted" in tab.text("#plan-told"), "the answer")
    tab.settled()
    for path, value in (
        ("north.tarim.2008-03", "5,100"),
        ("north.tarim.2008-01", "5,200"),
        ("works.tarim.2008-01", "21,000"),
    ):
        assert tab.find(f'[data-plan="plan.{path}"]').get_property("value") == value


def test_a_line_that_the_plan_lacks_is_added_filled_and_taken_back(
    driver: webdriver.Chrome, url: str, tab: Tab
) -> None:
    tab = Tab(driver, f"{url}?s=wide.yaml")
    opened_plan(tab)
    tab.put("#plan-add [name=customer]", "north", "change")
    assert [o.text for o in tab.find("#plan-add [name=grade]").find_elements("css selector", "option")] == ["Tuha"]
    tab.put("#plan-add [name=month]", "2008-02", "change")
    tab.click("#plan-add button")
    assert "an amount belongs here" in tab.text("#plan-told")
    tab.put("#plan-add [name=amount]", "many", "input")
    tab.click("#plan-add button")
    tab.until(lambda: "not an amount" in tab.text("#plan-told"), "the mistake")
    tab.settled()
    amount = tab.find("#plan-add [name=amount]")
    assert (amount.get_property("value"), amount.get_attribute("aria-invalid")) == ("many", "true")
    assert tab.find("#plan-add [name=month]").get_property("value") == "2008-02"
    tab.put("#plan-add [name=amount]", "1.5 kt", "input")
    tab.click("#plan-add button")
    cell = '[data-plan="plan.north.tuha.2008-02"]'
    tab.until(lambda: driver.switch_to.active_element == tab.find(cell), "the new line, ready to be filled")
    assert tab.find(cell).get_property("value") == "1,500"
    assert tab.text("#plan-told") == ""
    assert not driver.find_elements("css selector", "#plan-add"), "nothing else can be added"
    tab.write('[data-plan="plan.north.tuha.2008-03"]', "900")
    assert "North refinery · Tuha plan: 2008-02 1500; 2008-03 900" in tab.text("#levers .changes")
    driver.refresh()
    tab.settled()
    opened_plan(tab)
    assert tab.find(cell).get_property("value") == "1,500"
    tab.click("#undo").click("#undo")
    tab.until(lambda: not driver.find_elements("css selector", cell), "the plan as it was")


def test_pasted_lines_that_the_plan_lacks_are_added_or_told(driver: webdriver.Chrome, url: str, tab: Tab) -> None:
    tab = Tab(driver, f"{url}?s=wide.yaml&lang=zh")
    opened_plan(tab)
    table = "客户\t品种\t2008-02\t2008-03\nnorth\t吐哈原油\t1500\t900\nNearby\tTuha\t1\t2\nnorth\t柴.油\t5\t\n合计\t\t9\t9\n"
    filed = tab.find('[data-plan="plan.nearby.tarim.2008-02"]').get_property("value")
    driver.execute_script(PASTE, tab.find("[data-plan]"), table)
    tab.until(lambda: "3 格未接受" in tab.text("#plan-told"), "the answer")
    tab.settled()
    told = tab.text("#plan-told")
    assert tab.find('[data-plan="plan.north.tuha.2008-03"]').get_property("value") == "900"
    assert "north, 柴·油, 2008-02 没有这个品种" in told
    assert "2 格超出计划表范围" in told, "a line that is neither customer nor grade"
    assert tab.find('[data-plan="plan.nearby.tarim.2008-02"]').get_property("value") == filed, "another grade's line"
    assert "nearby, tuha, 2008-03 没有管道或铁路" in told


def test_a_what_if_is_saved_and_kept(tab: Tab, driver: webdriver.Chrome, folder: Path, downloads: Path) -> None:
    tab.write(DAYS, "20")
    tab.find("#save").click()
    tab.put("#save-name", "../yours")
    tab.find("#save-do").click()
    tab.until(lambda: driver.find_elements("css selector", "#saving p.error"), "what is wrong with the name")
    assert not list(folder.parent.glob("yours*"))
    tab.put("#save-name", "yours")
    tab.put("#save-title", "Mine")
    tab.find("#save-do").click()
    tab.until(lambda: "saved as yours.yaml" in tab.text("#status"), "the file")
    assert "2008-03-01 08:00" in (folder / "yours.yaml").read_text(encoding="utf-8")
    figure = tab.figure("completion")
    tab.find('[data-export="workbook"]').click()
    tab.until(lambda: (downloads / "small-what-if.xlsx").is_file(), "the workbook")
    tab.find('[data-export="report"]').click()
    tab.until(lambda: (downloads / "small-what-if.html").is_file(), "the report")
    tab.put("#scenario", "yours.yaml", "change")
    tab.settled()
    tab.until(lambda: tab.figure("completion") == figure, "the same number from the file")


def test_a_finding_is_explained(tab: Tab, driver: webdriver.Chrome) -> None:
    tab.click("#findings [data-rule]")
    tab.until(lambda: tab.find("#explaining").is_displayed(), "the explanation")
    assert tab.find("#explained .tree code").text
    tab.find("#explaining button").click()
    assert not tab.find("#explaining").is_displayed()


def test_a_server_that_ends_is_told_and_found_again(folder: Path, driver: webdriver.Chrome) -> None:
    driver.switch_to.new_window("tab")
    with served(folder, "--lang", "en") as (address, _):
        tab = Tab(driver, address)
        filed = tab.figure("completion")
    port = address.rsplit(":", 1)[1].strip("/")
    tab.put(DAYS, "20", "change")
    tab.until(lambda: tab.find("#offline").is_displayed(), "the page to say that it is alone")
    assert tab.figure("completion") == filed
    with served(folder, "--lang", "en", port=port):
        tab.until(lambda: tab.figure("completion") != filed, "the answer")
        assert not tab.find("#offline").is_displayed()
    driver.close()
    driver.switch_to.window(driver.window_handles[0])
