"""What Sphinx does for this site beyond its own: parts made from the code, search in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pygments.lexers.special import TextLexer
from sphinx.search import languages

from tools.docs_site.chinese import is_chinese, translate, translate_markup
from tools.docs_site.pictures import network_picture
from tools.docs_site.reference import PARTS
from tools.docs_site.searching import SearchBoth

if TYPE_CHECKING:
    from sphinx.application import Sphinx

GENERATED = re.compile(r"^<!-- generated: (\w+) (en|zh) -->$", re.MULTILINE)
"""Where a page takes what is made from the code."""
DRAWING = re.compile(r"^```mermaid\n.*?^```$", re.MULTILINE | re.DOTALL)
"""GitHub draws these; the site shows the network as chainsim itself draws it, with no library from elsewhere."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    languages[SearchBoth.lang] = SearchBoth
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", _complete)
    app.connect("html-page-context", _language_of_page)
    app.connect("html-page-context", translate)
    app.connect("build-finished", translate_markup)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _complete(app: Sphinx, page: str, content: list[str]) -> None:
    text = GENERATED.sub(lambda found: PARTS[found[1]](found[2]), content[0])
    content[0] = DRAWING.sub(lambda found: network_picture(), text)


def _language_of_page(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """A reader's screen reader, fonts and hyphenation go by it."""
    context["language"] = "zh" if is_chinese(page) else "en"
