"""The fenced blocks of the docs: what language, what is asked of them, what stands in them.

The info string says what a test is to do with a block; a reader of the page sees only the language:

* ``yaml file=NAME``  the reader saves it under this name;
* ``sh exit=N``       it ends with this exit code (default 0);
* ``text``            what the block before it prints; ``…`` stands for what may vary: part of a line, or whole lines;
* ``text printed-by: COMMAND``  as ``text``, of a command that stands in the words around it;
* ``LANG edit=FILE[SHEET!CELL]=VALUE``  before it, the reader changes a cell in Excel, as the words around it say;
* ``LANG no-run: why``  it is not run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
ASKED = re.compile(r"(file|exit|edit)=(\S+)")


@dataclass(frozen=True)
class Listing:
    """One fenced block: ``line`` is where its text begins."""

    page: Path
    line: int
    language: str
    text: str
    file: str = ""
    exit: int = 0
    edit: str = ""
    printed_by: str = ""
    no_run: str | None = None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def listings(page: Path) -> list[Listing]:
    """All blocks of a page, but those that only lay out the site (``{toctree}``)."""
    found = []
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type != "fence" or token.info.startswith("{"):
            continue
        words, marked, why = token.info.partition("no-run:")
        words, _, printed_by = words.partition("printed-by:")
        language, _, rest = words.strip().partition(" ")
        asked = dict(ASKED.findall(rest))
        unknown = ASKED.sub("", rest).strip()
        assert not unknown, f"{page}: {token.info!r} asks for {unknown!r}"
        assert token.map is not None
        found.append(
            Listing(
                page=page, line=token.map[0] + 2, language=language, text=token.content, file=asked.get("file", ""),
                exit=int(asked.get("exit", 0)), edit=asked.get("edit", ""), printed_by=printed_by.strip(),
                no_run=why.strip() if marked else None,
            )
        )  # fmt: skip
    return found


def matches(shown: str, printed: str) -> bool:
    """Whether ``printed`` is what the docs show. How many blanks stand in a row, at the ends of lines and how many empty lines
    around, does not count: columns are as wide as the rows that the docs leave out.

    >>> matches("a … c\\n…\\nz", "a b c\\n1\\n2\\nz\\n"), matches("a …", "b c")
    (True, False)
    """
    wanted, there = _lines(shown), _lines(printed)
    begin, gap = 0, False
    for number, line in enumerate(wanted):
        if line == "…":
            gap = True
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("…")))
        if gap:
            begin = next((at for at in range(begin, len(there)) if _fits(wanted[number:], there[at:])), len(there))
        if begin == len(there) or not pattern.fullmatch(there[begin]):
            return False
        begin, gap = begin + 1, False
    return gap or begin == len(there)


def _fits(wanted: list[str], there: list[str]) -> bool:
    """Whether the lines up to the next gap stand at the beginning of ``there``; the first such place will do."""
    run = list(takewhile(lambda line: line != "…", wanted))
    last = len(run) == len(wanted)
    return (len(run) == len(there) if last else len(run) <= len(there)) and all(
        re.fullmatch(".*".join(re.escape(part) for part in line.split("…")), row)
        for line, row in zip(run, there, strict=False)
    )


def _lines(text: str) -> list[str]:
    return [re.sub(r" +", " ", line.strip()) for line in text.strip("\n").splitlines()]
