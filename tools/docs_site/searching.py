"""Search in both languages at once: English by word stems, Chinese by pairs of characters.

Chinese is written without spaces. Pairs (调运计划 → 调运, 运计, 计划) find any part of a text that is at least two characters
long and need no dictionary; the page asks for all pairs of a query, so what is found nearly always holds the words as typed.
"""

from __future__ import annotations

import re

from sphinx.search.en import SearchEnglish

WORDS = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")
"""Runs of Chinese characters, and runs of other letters and digits."""


def terms(text: str) -> list[str]:
    """What ``text`` is found by.

    >>> terms("调运计划 plan 油")
    ['调运', '运计', '计划', 'plan', '油']
    """
    found: list[str] = []
    for word in WORDS.findall(text):
        if word[0] < "\u3400" or word[0] > "\u9fff" or len(word) == 1:
            found.append(word)
        else:
            found += [word[i : i + 2] for i in range(len(word) - 1)]
    return found


class SearchBoth(SearchEnglish):
    """Sphinx's English search, with Chinese by pairs of characters."""

    lang = "both"
    language_name = "English"
    """Names the stemmer in the page's script."""
    js_splitter_code = r"""
var splitQuery = (query) =>
  (query.match(/[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[\p{L}\p{N}_])+/gu) || []).flatMap((word) =>
    /^[\u3400-\u9fff]{2,}$/.test(word) ? [...word].slice(1).map((sign, i) => [...word][i] + sign) : [word]);
"""

    def split(self, input: str) -> list[str]:  # noqa: A002 - Sphinx's name
        """The terms of a page's text."""
        return terms(input)
