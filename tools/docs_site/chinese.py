"""The theme's own words on Chinese pages.

Sphinx translates a whole site into one language, and Furo has no translations; here pages of two languages stand in one site, so
that links and search lead from one to the other. So each Chinese page is written with words of its own.
"""

from __future__ import annotations

import gettext
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sphinx.locale

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WORDS = {
    "Next": "下一页",
    "Previous": "上一页",
    "Home": "首页",
    "Search": "搜索",
    "On this page": "本页目录",
    "Back to top": "回到顶部",
    "Skip to content": "跳到正文",
    "Made with ": "制作：",
    '<a href="https://www.sphinx-doc.org/">Sphinx</a> and ': '<a href="https://www.sphinx-doc.org/">Sphinx</a> 与 ',
}
"""What the theme has translated where it can; all else comes from Sphinx's own Chinese."""
MARKUP = {
    'aria-label="Toggle site navigation sidebar"': 'aria-label="显示或隐藏导航栏"',
    'aria-label="Toggle table of contents sidebar"': 'aria-label="显示或隐藏本页目录"',
    'aria-label="Toggle Light / Dark / Auto color theme"': 'aria-label="切换浅色、深色或自动主题"',
    'title="Link to this heading"': 'title="链接到此标题"',
    "Toggle navigation of ": "展开或收起：",
    "<title>Contents</title>": "<title>目录</title>",
    "<title>Menu</title>": "<title>菜单</title>",
    "<title>Expand</title>": "<title>展开</title>",
    "<title>Light mode</title>": "<title>浅色</title>",
    "<title>Dark mode</title>": "<title>深色</title>",
    "<title>Auto light/dark, in light mode</title>": "<title>自动，当前浅色</title>",
    "<title>Auto light/dark, in dark mode</title>": "<title>自动，当前深色</title>",
    '<input type="hidden" name="area" value="default">': (
        '<input type="hidden" name="area" value="default"><input type="hidden" name="lang" value="zh">'
    ),
}
"""What it writes as it stands: markup → markup."""
_CATALOGUE = Path(sphinx.locale.__file__).parent
_SEARCHING = """
if (new URLSearchParams(location.search).get("lang") === "zh") {
  %s
  Documentation.addTranslations({messages: %s, locale: "zh_CN", plural_expr: "0"});
  document.documentElement.lang = "zh-CN";
  document.title = "搜索 - chainsim";
  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll(".sidebar-search-container")) {
      const input = form.elements.q;
      input.placeholder = "搜索";
      input.setAttribute("aria-label", "搜索");
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "lang", value: "zh" }));
    }
    for (const [words, own] of Object.entries(%s)) {
      for (const found of document.querySelectorAll(`[aria-label="${words}"]`)) found.setAttribute("aria-label", own);
    }
  });
}
"""
_LABELS = {key[12:-1]: value.split('"')[1] for key, value in MARKUP.items() if key.startswith('aria-label="')}
_RESULTS = {
    "Search finished, found one page matching the search query.": ["找到 ${resultCount} 页。"],
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've "
    "selected enough categories.": "没有找到。请检查用词，或换一个词。",
}


def is_chinese(page: str) -> bool:
    """Whether the page ``howto/order.zh`` is."""
    return page.endswith("zh")


def translate(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """The theme's words as its template for ``page`` asks for them; on the search page by where one comes from."""
    if page == "search":
        script = (_CATALOGUE / "zh_CN" / "LC_MESSAGES" / "sphinx.js").read_text(encoding="utf-8")
        own = json.dumps(_RESULTS, ensure_ascii=False)
        app.add_js_file(None, body=_SEARCHING % (script, own, json.dumps(_LABELS, ensure_ascii=False)))
    if not is_chinese(page):
        return
    catalogue = gettext.translation("sphinx", _CATALOGUE, languages=["zh_CN"])

    def said(words: str) -> str:
        return WORDS.get(words.strip("\n"), WORDS.get(words.strip(), "")) or catalogue.gettext(words)

    context["_"] = context["gettext"] = said


def translate_markup(app: Sphinx, error: Exception | None) -> None:
    """The words that the theme does not have translated, in the pages that were written."""
    if error is not None:
        return
    for file in Path(app.outdir).rglob("*zh.html"):
        page = file.read_text(encoding="utf-8")
        for words, own in MARKUP.items():
            page = page.replace(words, own)
        file.write_text(page, encoding="utf-8")
