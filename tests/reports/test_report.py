"""The report says what the tables say, in one file that needs nothing else, whatever the names are."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from tests.results.hand_made import log, scenario

from chainsim import workflow, workflow_report
from chainsim.errors import InputError
from chainsim.model import Label
from chainsim.model.plan import next_month
from chainsim.reports.printing import FLAGS, find_browser, print_pdf
from chainsim.reports.report import report_html
from chainsim.reports.report_changes import changes_section
from chainsim.reports.report_orders import orders_section
from chainsim.reports.report_sections import NEEDED, Reported, customers_of, figures_of
from chainsim.results import build_tables, labels_of
from chainsim.rules import apply, finding_changes, load_rules
from chainsim.workflow_workbook import export_input

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = {
    "scenario": "hand",
    "scenario_sha256": "ab" * 32,
    "seed": 7,
    "chainsim": "0.1.0",
    "inputs": {"a.csv": "cd" * 32},
}
HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=HYPERLINK(A1)", "{{ 7*7 }}", "a & b", "{b}")


class Page(HTMLParser):
    """What a browser would make of the page, as far as tests ask."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._in_style = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def made(**changes: object) -> Reported:
    """The run made by hand, with its findings; ``changes`` are fields of the scenario."""
    changed = replace(scenario(), **changes)  # type: ignore[arg-type]
    tables, labels = build_tables(changed, log()), labels_of(changed)
    told = apply(load_rules(None).rules, tables, labels)
    orders = pd.DataFrame({"state": []})
    return Reported("hand", {**tables, "findings": told.findings, "work_orders": orders}, labels, MANIFEST)


@pytest.fixture(scope="module")
def outage() -> workflow.Run:
    return workflow.run(ROOT / "scenarios" / "trunk-outage.yaml")


@pytest.fixture(scope="module")
def western() -> workflow.Run:
    return workflow.run(ROOT / "scenarios" / "western")


@pytest.fixture(scope="module", params=["en", "zh"])
def page(request: pytest.FixtureRequest, outage: workflow.Run, western: workflow.Run) -> tuple[str, str]:
    """Language and page of the outage, against the base."""
    lang = str(request.param)
    return lang, report_html(workflow_report.reported(outage), lang, workflow_report.reported(western))


def test_the_headline_is_the_kpis(page: tuple[str, str], outage: workflow.Run) -> None:
    lang, html = page
    kpis = figures_of(workflow_report.reported(outage))
    text = Page(html).text
    for name in ("plan", "delivered", "shortfall"):
        assert f"{kpis[name]:,.0f} t" in text
    assert f"{kpis['completion']:.1%}" in text
    shortfalls = outage.tables["shortfalls"].groupby(["cause", "asset"], observed=True)["shortfall_t"].sum()
    assert f"{shortfalls.max():,.0f} t" in text
    assert ("西部原油干线 玉门—兰州" if lang == "zh" else "Western trunk Yumen–Lanzhou") in text


def test_every_customer_is_there_with_causes_that_add_up(page: tuple[str, str], outage: workflow.Run) -> None:
    lang, html = page
    text = Page(html).text
    months = outage.tables["customer_months"]
    for sums in customers_of(workflow_report.reported(outage)):
        mine = months[months["customer"] == sums.customer]
        assert sums.plan_t == pytest.approx(mine["plan_t"].sum())
        assert sums.delivered_t == pytest.approx(mine["delivered_t"].sum())
        assert sum(t for *_, t in sums.causes) == pytest.approx(sums.shortfall_t)
        row = f"{outage.labels.asset(lang, sums.customer)}"
        assert row in text
        assert f"{sums.shortfall_t:,.0f}" in text
        assert f"{sums.completion:.1%}" in text


def test_what_changed_adds_up_to_the_change(page: tuple[str, str], outage: workflow.Run, western: workflow.Run) -> None:
    text = Page(page[1]).text
    change = (
        figures_of(workflow_report.reported(outage))["delivered"]
        - figures_of(workflow_report.reported(western))["delivered"]
    )
    assert f"{change:+,.0f}".replace("-", "−") in text
    assert "disruptions.trunk west outage.remaining" in text


def test_findings_drafts_and_hashes_are_there(page: tuple[str, str], outage: workflow.Run) -> None:
    lang, html = page
    text = Page(html).text
    grades = outage.findings["severity"].value_counts()
    assert f"{grades['error']}" in text
    assert "2008-调12" in text
    assert "−2,250" in text
    assert str(outage.manifest["scenario_sha256"]) in text
    assert all(sha in text for sha in outage.manifest["rules"].values())
    assert ("工单" if lang == "zh" else "work orders") in text


def test_findings_that_are_new_and_gone_are_told_by_name(
    page: tuple[str, str], outage: workflow.Run, western: workflow.Run
) -> None:
    lang, html = page
    section = html[html.index('<section id="changes"') :]
    text = Page(section[: section.index("</section>")]).text
    changes = finding_changes(western.findings, outage.findings)
    for change, words in (("new", ("new", "新增")), ("gone", ("gone", "消失"))):
        count = int((changes["change"] == change).sum())
        assert count > 0
        assert (f"{words[1]} {count} 条" if lang == "zh" else f"{count} {words[0]}") in text
        rules = set(changes.loc[(changes["change"] == change) & changes["after"].ne("info"), "rule"])
        assert any(rule in text for rule in rules)
    worst = changes[(changes["change"] == "new") & (changes["rule"] == "common_cause")]
    assert str(worst[f"message_{lang}"].iloc[0]) in text


def test_without_findings_of_both_the_changes_say_so(outage: workflow.Run) -> None:
    run = workflow_report.reported(outage)
    bare = replace(run, tables={name: table for name, table in run.tables.items() if name != "findings"})
    assert any("Not in these results" in words for words in changes_section(bare, run, "en").words)


ORDER = """\
extends: {western}
orders:
  - number: X-1
    issued: 2008-06-01
    effective: 2008-06-02
    state: {state}
    lines:
      # --- Lanzhou
      # 75,300 → 76,300 t (+1,000): <b>mends</b> the outage
      - {{customer: lanzhou, grade: tuha, period: 2008-08, change: 1000}}
      - {{customer: lanzhou, grade: tuha, period: 2008-09, change: -500, note: "均衡 {{{{ 7*7 }}}}"}}
      #
      - {{customer: yumen, grade: tuha, period: 2008-09, change: -500}}
      # - {{customer: yumen, grade: tuha, period: 2008-11, change: 700}}
      - {{customer: yumen, grade: tuha, period: 2008-10, change: 500}}
"""


@pytest.mark.parametrize("state", ["draft", "approved"])
def test_each_line_of_an_order_has_its_reason(tmp_path: Path, state: str) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(ORDER.format(western=(ROOT / "scenarios" / "western").as_posix(), state=state), encoding="utf-8")
    run = workflow.run(file)
    mine = run.tables["orders"][run.tables["orders"]["number"] == "X-1"]
    assert list(mine["line_reason"]) == ["<b>mends</b> the outage", "均衡 {{ 7*7 }}", "", ""]
    html = report_html(workflow_report.reported(run), "zh")
    assert "<b>mends" not in html
    text = Page(html).text
    assert "<b>mends</b> the outage" in text and "均衡 {{ 7*7 }}" in text
    # What a spreadsheet makes of it says the same, and nothing else has become different by it.
    book = tmp_path / "order.xlsx"
    export_input(file, book, lang="zh")
    again = workflow.run(book).tables
    for name in ("orders", "completion", "inputs"):
        pd.testing.assert_frame_equal(again[name], run.tables[name])
    # A folder that an earlier version wrote has no such column: the report says so and stands.
    folder = tmp_path / "results"
    workflow.write(run, folder)
    pd.read_parquet(folder / "orders.parquet").drop(columns="line_reason").to_parquet(folder / "orders.parquet")
    assert "Not in these results: Adjustment orders." in Page(workflow_report.report(folder)[1]).text


def test_a_long_draft_shows_its_largest_changes_and_the_sum_of_all() -> None:
    base = scenario()
    line = base.orders[0].lines[0]
    months = [date(2008, 1, 1), date(2008, 2, 1)]
    lines = tuple(
        replace(
            line,
            customer=c.name,
            grade=grade,
            start=start,
            end=next_month(start),
            level="month",
            tonnes=1000.0 * (i + 1),
        )
        for i, (c, start, grade) in enumerate(product(base.customers, months, ("tarim", "kazakh")))
    )
    run = made(orders=(replace(base.orders[0], number="D9", state="draft", lines=lines * 4),))
    grid = orders_section(run, "en").grids[0]
    books = run.tables["completion"]
    assert len(grid.rows) == 20 < 4 * len(lines)
    assert grid.caption.endswith(f"the 20 largest changes of {4 * len(lines)}")
    assert grid.foot[4].text == f"{4 * sum(x.tonnes for x in lines):,.0f}"
    known = {(row.customer, row.grade, row.month.date()): row.plan_t for row in books.itertuples()}
    for customer, grade, _, before, after, change in grid.rows:
        if before.text != "–":
            figures = [float(c.text.replace(",", "").replace("−", "-")) for c in (before, after, change)]
            assert figures[2] == pytest.approx(figures[1] - figures[0], abs=1)
            assert any(round(plan) == figures[0] for plan in known.values()), (customer, grade)


def test_the_page_is_small_and_needs_nothing_else(page: tuple[str, str]) -> None:
    html = page[1]
    assert len(html.encode()) < 2_000_000
    tags = Page(html).tags
    assert not {"script", "link", "img", "iframe", "object", "embed", "image", "base", "form"} & {
        tag for tag, _ in tags
    }
    for tag, attributes in tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in {"href", "src", "xlink:href", "action", "poster", "data"}:
                assert str(value).startswith("#"), (tag, name, value)
    assert not re.search(r"@import|url\((?!#)", html)
    assert "default-src 'none'" in html
    links = {str(a["href"])[1:] for tag, a in tags if tag == "a"}
    ids = [str(a["id"]) for _, a in tags if "id" in a]
    assert links <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_page_is_proper_html(page: tuple[str, str]) -> None:
    lang, html = page
    tags = Page(html).tags
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert dict(tags)["html"]["lang"] == ("zh-CN" if lang == "zh" else "en")
    assert sum(tag == "h1" for tag, _ in tags) == 1
    assert sum(tag == "h2" for tag, _ in tags) == sum(tag == "section" for tag, _ in tags) >= 7
    assert all(a.get("scope") in {"col", "row"} for tag, a in tags if tag == "th")
    assert sum(tag == "table" for tag, _ in tags) == sum(tag == "caption" for tag, _ in tags)
    for tag, attributes in tags:
        if tag == "svg":
            assert attributes["role"] == "img" and attributes["aria-labelledby"]
    assert not re.search(r"\{[a-z_.]+[:!}]", Page(html).text)  # a text whose values were not filled in
    chinese = len(re.findall(r"[\u4e00-\u9fff]", Page(html).text))
    assert chinese > 1500 if lang == "zh" else chinese < 200  # scenario names of orders stay as they are


def test_equal_runs_give_equal_bytes() -> None:
    assert report_html(made(), "zh") == report_html(made(), "zh")


def test_a_folder_gives_the_page_of_its_run(outage: workflow.Run, tmp_path: Path) -> None:
    workflow.write(outage, tmp_path / "run")
    name, html = workflow_report.report(tmp_path / "run", lang="zh")
    assert name == "trunk-outage"
    assert html == report_html(workflow_report.reported(outage), "zh")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_names_are_escaped_everywhere(lang: str) -> None:
    name = " ".join(HOSTILE)
    label = Label(name, name)
    base = scenario()
    run = made(
        name=name,
        customers=tuple(replace(c, label=label) for c in base.customers),
        farms=tuple(replace(f, label=label) for f in base.farms),
        pipelines=tuple(replace(p, label=label) for p in base.pipelines),
        grades=tuple(replace(g, label=label) for g in base.grades),
        suppliers=tuple(replace(s, label=label) for s in base.suppliers),
        orders=tuple(replace(o, number=f"{o.number} {name}", reason=name, state="draft") for o in base.orders),
    )
    run = replace(
        run, name=name, manifest={**MANIFEST, "scenario": name, "title": {"en": name, "zh": name}, "command": name}
    )
    html = report_html(run, lang, run)
    page = Page(html)
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)
    assert name in page.text
    assert "49" not in {word.strip() for word in page.words}


def test_a_run_without_plan_shortfall_or_tables_says_so() -> None:
    run = made(plan=(), orders=())
    text = Page(report_html(run, "en")).text
    assert "No order, and no draft." in text
    fewer = replace(run, tables={name: run.tables[name] for name in NEEDED})
    text = Page(report_html(fewer, "en")).text
    assert "Not in these results: Network, Trains." in text
    assert "Not in these results: findings." in text
    assert "Not in these results: Adjustment orders." in text


def test_a_run_against_itself_has_not_changed() -> None:
    assert "Nothing changed." in Page(report_html(made(), "en", made())).text


# --- folders that are not in order


@pytest.fixture
def folder(outage: workflow.Run, tmp_path: Path) -> Path:
    workflow.write(outage, tmp_path / "run")
    return tmp_path / "run"


def told(folder: Path, **words: Path) -> dict[str, str]:
    with pytest.raises(InputError) as error:
        workflow_report.report(folder, **words)
    return {Path(p.file).name: p.message for p in error.value.problems}


def test_everything_wrong_with_a_folder_is_told_at_once(folder: Path) -> None:
    (folder / "kpis.parquet").unlink()
    (folder / "events.parquet").write_text("hello")
    shutil.copy(folder / "completion.parquet", folder / "shortfalls.parquet")
    problems = told(folder)
    assert "is not there" in problems["kpis.parquet"]
    assert "cannot be read" in problems["events.parquet"]
    assert "lacks cause" in problems["shortfalls.parquet"]


def test_both_runs_problems_are_told(folder: Path, tmp_path: Path) -> None:
    (folder / "kpis.parquet").unlink()
    (tmp_path / "empty").mkdir()
    problems = told(folder, since=tmp_path / "empty")
    assert {"kpis.parquet", "empty"} <= set(problems)


def test_an_earlier_version_s_folder_gives_a_page_without_the_map(folder: Path) -> None:
    (folder / "network.parquet").unlink()
    text = Page(workflow_report.report(folder)[1]).text
    assert "Not in these results: Network." in text
    assert "full 04-14 19:03" in text


def test_a_folder_is_read_only_as_far_as_asked(folder: Path) -> None:
    (folder / "deliveries.parquet").write_text("broken, and of no interest")
    (folder / "manifest.json").unlink()
    name, page = workflow_report.report(folder)
    assert name == "run"
    assert "<h1>run</h1>" in page


# --- printing


def browser() -> str:
    try:
        return find_browser()
    except InputError:
        return ""


@pytest.mark.skipif(not browser(), reason="needs Chromium, Chrome or Edge: tools/install_system_packages.sh")
@pytest.mark.parametrize("lang", [pytest.param("en", marks=pytest.mark.slow), "zh"])
def test_a_browser_prints_and_shows_the_page(lang: str, tmp_path: Path) -> None:
    page = report_html(made(), lang)
    workflow_report.write_report(page, tmp_path / "page.html", browser=browser())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["page.html", "page.pdf"]
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    wide = "[...document.querySelectorAll('figure svg')].filter(s => s.getBoundingClientRect().width > 300).length"
    fits = "document.documentElement.scrollWidth <= innerWidth"
    probe = f"<script>document.title = `${{{wide}}} ${{{fits}}}`</script>"
    shown = page.replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'").replace(
        "</body>", f"{probe}</body>"
    )
    (tmp_path / "probe.html").write_text(shown, encoding="utf-8")
    for width in (1280, 500):  # a headless window is no narrower than 500
        words = [
            browser(),
            *FLAGS,
            "--no-sandbox",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--window-size={width},900",
            "--dump-dom",
        ]
        dom = subprocess.run(
            [*words, (tmp_path / "probe.html").as_uri()], capture_output=True, timeout=120, check=True
        ).stdout.decode()
        figures, fitting = re.search(r"<title>(\d+) (\w+)</title>", dom).groups()  # type: ignore[union-attr]
        assert int(figures) == page.count("<figure>")
        assert fitting == "true", f"the page is wider than {width} pixels"


def test_a_browser_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        find_browser({"PATH": str(tmp_path)})
    assert "Chromium" in error.value.problems[0].message
    with pytest.raises(InputError):
        find_browser({"PATH": str(tmp_path), "CHAINSIM_BROWSER": "nobody"})


def test_a_browser_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did not print"):
        workflow_report.write_report("<html></html>", tmp_path / "page.html", browser=shutil.which("false") or "false")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError) as error:
        print_pdf(tmp_path / "page.html", tmp_path / "page.pdf", str(tmp_path / "nothing"))
    assert error.value.problems[0].code == "output-pdf"
