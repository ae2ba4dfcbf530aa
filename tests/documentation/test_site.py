"""The site is built strictly, says all that the code declares, needs no network, and is searched in both languages."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import quickjs
from tests.documentation.listings import PAGES, ROOT

from chainsim.cli.commands import commands
from chainsim.results import KPIS, TABLES
from chainsim.rules.language.tree import AGGREGATES, FUNCTIONS
from tools.docs_site.reference import PARTS
from tools.docs_site.searching import terms


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as ``python -m tools.make_site`` builds it."""
    folder = tmp_path_factory.mktemp("build") / "site"
    built = python("-m", "tools.make_site", str(folder))
    assert built.returncode == 0, built.stderr
    return folder


def python(*words: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own: Sphinx changes much of the process that it runs in."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return subprocess.run([sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.xdist_group("docs")
def test_every_page_is_there_in_its_language(site: Path) -> None:
    for page in PAGES:
        if page.name == "README.md":
            continue
        built = (site / page.relative_to(ROOT / "docs")).with_suffix(".html").read_text(encoding="utf-8")
        assert f'lang="{"zh" if page.stem.endswith("zh") else "en"}"' in built[:300], page
        assert "generated:" not in built, f"{page} asks for a part that nobody makes"
    assert "Shanshan head station" in (site / "western.html").read_text(encoding="utf-8"), "the network is not drawn"


@pytest.mark.xdist_group("docs")
def test_the_themes_own_words_are_in_the_language_of_the_page(site: Path) -> None:
    """All that is English beside the text of a Chinese page are names of English pages and of programs."""
    english = (site / "tutorial" / "western.html").read_text(encoding="utf-8")
    assert all(words in english for words in ("Next", "On this page", "Back to top"))
    titles = {
        title
        for page in site.rglob("*.html")
        if not page.stem.endswith("zh")
        for title in re.findall(r"<h1>(.*?)<a", page.read_text(encoding="utf-8"))
    }
    allowed = {re.sub(r"<[^>]+>", "", title) for title in titles} | {"chainsim", "Sphinx", "Furo", "@pradyunsg", "'s"}
    allowed |= set(
        re.findall(r"^:caption: (.+)$", (ROOT / "docs" / "index.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    pages = list(site.rglob("*zh.html"))
    assert len(pages) >= 10
    for page in pages:
        text = re.sub(
            r"<article.*?</article>|<div class=.toc-tree.>.*?</aside>|<script.*?</script>|<style.*?</style>",
            "",
            page.read_text(encoding="utf-8"),
            flags=re.S,
        )
        said = {words.strip() for words in re.findall(r">([^<]+)<", text)}
        said |= set(re.findall(r'(?:aria-label|title|placeholder)="([^"]*)"', text.partition("<body")[2]))
        said = {html.unescape(words) for words in said if re.search(r"[A-Za-z]{3}", words) and words.isascii()}
        assert said <= allowed, page.name
    assert 'title="Link to this heading"' not in pages[0].read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium here")
@pytest.mark.xdist_group("docs")
@pytest.mark.parametrize(("lang", "found"), [("zh", "找到 "), ("", "Search finished")])
def test_the_search_page_speaks_the_language_of_the_page_that_one_comes_from(site: Path, lang: str, found: str) -> None:
    chromium = shutil.which("chromium")
    assert chromium
    url = f"{(site / 'search.html').as_uri()}?q=%E8%B0%83%E6%95%B4%E4%BB%A4&lang={lang}"
    flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--dump-dom")
    shown = subprocess.run([chromium, *flags, url], capture_output=True, text=True, check=True, timeout=90).stdout
    assert found in shown
    assert ("搜索结果" in shown) == (lang == "zh")
    assert 'name="lang" value="zh"' in (site / "howto" / "order.zh.html").read_text(encoding="utf-8")


@pytest.mark.xdist_group("docs")
def test_nothing_is_fetched(site: Path) -> None:
    for file in site.rglob("*.html"):
        page = file.read_text(encoding="utf-8")
        fetched = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="((?:https?:)?//[^"]+)"', page)
        assert not fetched, (file.name, fetched)
    for sheet in site.rglob("*.css"):
        assert not re.search(r"@import|url\((?!['\"]?data:)['\"]?(?:https?:)?//", sheet.read_text(encoding="utf-8")), (
            sheet
        )


@pytest.mark.xdist_group("docs")
@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("调整令", "tutorial/western.zh"),
        ("完成率", "reference/tables.zh"),
        ("sensitivity apportionment", ""),
        ("adjustment order", "optimizer"),
    ],
)
def test_the_index_finds(site: Path, query: str, page: str) -> None:
    script = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(script.removeprefix("Search.setIndex(").removesuffix(")"))
    found = [set(_pages(index, term)) for term in terms(query)]
    names = {index["docnames"][number] for number in set.intersection(*found)}
    assert page in names if page else not names


@pytest.mark.xdist_group("docs")
def test_the_page_splits_a_query_as_the_index_was_split(site: Path) -> None:
    page = quickjs.Context()
    page.eval("var window = globalThis")
    page.eval((site / "_static" / "language_data.js").read_text(encoding="utf-8"))
    for query in ("调运计划 plan 油", "western 2008Q3", "ten_days"):
        assert json.loads(page.eval(f"JSON.stringify(splitQuery({json.dumps(query)}))")) == terms(query)
    assert page.eval("new Stemmer().stemWord('refineries')") == "refineri"


def _pages(index: dict[str, dict[str, int | list[int]]], term: str) -> list[int]:
    from snowballstemmer import stemmer

    word = stemmer("porter").stemWord(term.lower())
    numbers = [index[where].get(word, []) for where in ("terms", "titleterms")]
    return [number for some in numbers for number in (some if isinstance(some, list) else [some])]


def test_a_broken_link_stops_the_build(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Here\n\n[there](there.md#part)\n", encoding="utf-8")
    script = f"from pathlib import Path; from tools import make_site as m; m.DOCS = Path({str(docs)!r})"
    script += f"; exit(m.main(Path({str(tmp_path / 'site')!r})))"
    built = python("-c", script)
    assert built.returncode == 1 and "there.md" in built.stderr


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_reference_leaves_nothing_out(lang: str) -> None:
    parts = {name: make(lang) for name, make in PARTS.items()}
    for name, command in commands(lang).commands.items():
        section = parts["commands"].split(f"## chainsim {name}\n")[1].split("\n## chainsim")[0]
        for option in command.params:
            assert not isinstance(option, click.Option) or f"`{option.opts[-1]}" in section, (name, option.opts)
    for table in TABLES.values():
        section = parts["tables"].split(f"### {table.name}\n")[1].split("\n### ")[0]
        for column in table.columns:
            assert f"`{column.name}`" in section, (table.name, column.name)
    assert all(f"`{kpi.name}`" in parts["figures"] for kpi in KPIS)
    assert all(f"`{name}`" in parts["grammar"] for name in [*FUNCTIONS, *AGGREGATES])
