"""Rule files as YAML nodes: every value with its place, nothing interpreted, nothing that can grow.

PyYAML's own values would read ``on`` as true, drop duplicate keys and forget the lines; nodes keep all three.
"""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chainsim.errors import Problem
from chainsim.model.messages import name_list, nearest_name

MAX_BYTES = 1_000_000
MAX_NODES = 100_000
MAX_DEPTH = 12
MOST_PROBLEMS = 200
"""Problems told of one folder; who has more has one mistake many times."""
MOST_CHARACTERS = 100_000
"""Characters of all expressions of one folder: they are read within two seconds."""
MOST_SHEETS = 300_000
"""Bytes of all decision tables of one folder."""

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What ends a line for YAML."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text: its name as the user knows it, and its lines."""

    file: str
    lines: tuple[str, ...]


@dataclass(slots=True)
class Allowance:
    """What is left of the bounds on one folder: more than a reader would look at, less than keeps a machine busy."""

    bytes: int = MAX_BYTES
    problems: int = MOST_PROBLEMS
    characters: int = MOST_CHARACTERS
    sheets: int = MOST_SHEETS


class Reader:
    """Walks one file's nodes and collects its problems, as far as the folder's ``allowance`` goes."""

    def __init__(self, source: Source, allowance: Allowance | None = None) -> None:
        self.source = source
        self.allowance = Allowance() if allowance is None else allowance
        self.problems: list[Problem] = []

    @property
    def is_full(self) -> bool:
        """Whether no further problem is told, so that nothing more need be read."""
        return self.allowance.problems <= 0

    def fail(
        self,
        node: yaml.Node,
        code: str,
        message: str,
        message_zh: str,
        *,
        path: str = "",
        found: str = "",
        accepted: str = "",
        accepted_zh: str = "",
        nearest: str = "",
        offset: int | None = None,
    ) -> None:
        """Note a problem at ``node``, or ``offset`` characters into its text."""
        if self.is_full:
            return
        line, column = self.place(node, offset)
        self.allowance.problems -= 1
        if self.allowance.problems == 0:
            code, message, message_zh = "rule-more", "and more problems from here on", "此后还有其他问题"
            found = accepted = accepted_zh = nearest = ""
        self.problems.append(
            Problem(
                code=code,
                message=visible(message, 4 * _LONGEST_SHOWN),
                message_zh=visible(message_zh, 4 * _LONGEST_SHOWN),
                file=self.source.file,
                line=line,
                column=column,
                path=visible(path),
                found=visible(found),
                accepted=accepted,
                accepted_zh=accepted_zh or accepted,
                nearest=nearest,
            )
        )

    def place(self, node: yaml.Node, offset: int | None = None) -> tuple[int, int]:
        """Line and column, from 1, of a node, or of a character of a scalar's text.

        A scalar over several lines is its lines stripped and joined by one character each, which is how YAML folds.
        """
        line, column = node.start_mark.line, node.start_mark.column
        if offset is None or not isinstance(node, yaml.ScalarNode):
            return line + 1, column + 1
        lines = self.source.lines
        last = min(node.end_mark.line, len(lines) - 1)
        if node.style in {"|", ">"}:
            if line >= last:
                return line + 1, column + 1
            line, column = line + 1, _indent(lines[line + 1])
        elif node.style in {"'", '"'}:
            column += 1
        while line < last:
            length = len(lines[line].rstrip()) - column
            if offset <= length:
                break
            offset -= length + 1
            line += 1
            column = _indent(lines[line])
        return line + 1, min(column + offset, len(lines[line])) + 1

    def fields(
        self, node: yaml.Node, path: str, *, required: tuple[str, ...] = (), optional: tuple[str, ...] | None = ()
    ) -> dict[str, yaml.Node]:
        """A mapping's values by key; ``optional=None`` takes any key. Unknown, missing and repeated keys are problems."""
        if not isinstance(node, yaml.MappingNode):
            found = node.value if isinstance(node, yaml.ScalarNode) else shape_of(node)
            self.fail(
                node, "rule-shape", "'key: value' is needed here", "此处应为“键: 值”", path=path, found=found,
                accepted=name_list((*required, *(optional or ())), 20),
            )  # fmt: skip
            return {}
        out: dict[str, yaml.Node] = {}
        known = None if optional is None else (*required, *optional)
        for key_node, value in node.value:
            if self.is_full:
                return out
            key = self.text(key_node, path)
            if not isinstance(key_node, yaml.ScalarNode):
                continue
            if key in out:
                self.fail(key_node, "rule-duplicate-key", f"'{key}' is given twice", f"“{key}”重复", path=path)
            elif known is not None and key not in known:
                self.fail(
                    key_node, "rule-unknown-key", f"'{key}' means nothing here", f"此处没有“{key}”这一项",
                    path=path, found=key, accepted=name_list(known, 20), nearest=nearest_name(key, known),
                )  # fmt: skip
            else:
                out[key] = value
        for key in required:
            if key not in out:
                self.fail(
                    node, "rule-missing-key", f"'{key}' is missing", f"缺少“{key}”", path=path,
                    accepted=name_list(required, 20),
                )  # fmt: skip
        return out

    def items(self, node: yaml.Node | None, path: str) -> Iterator[tuple[str, yaml.Node]]:
        """The (path, node) of a list's items; nothing for ``None``."""
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode):
            found = node.value if isinstance(node, yaml.ScalarNode) else shape_of(node)
            self.fail(
                node,
                "rule-shape",
                "a list is needed here",
                "此处应为列表",
                path=path,
                found=found,
                accepted="[a, b], or lines that begin with '- '",
                accepted_zh="[a, b]，或以“- ”开头的各行",
            )
            return
        for number, item in enumerate(node.value):
            if self.is_full:
                return
            yield f"{path}[{number + 1}]", item

    def text(self, node: yaml.Node | None, path: str, default: str = "") -> str:
        """A scalar's text as written; ``default`` where it is absent or no scalar."""
        if node is None:
            return default
        if not isinstance(node, yaml.ScalarNode):
            self.fail(
                node, "rule-shape", "a single value is needed here", "此处应为单个值", path=path, found=shape_of(node),
                accepted="quotes around a text that holds {, [ or ': '", accepted_zh="含 {、[ 或“: ”的文本须加引号",
            )  # fmt: skip
            return default
        self.is_plain(node, path)
        return str(node.value).strip()

    def is_plain(self, node: yaml.ScalarNode, path: str) -> bool:
        """Whether every character of a text can be seen; one that cannot is a problem: it could turn the line round, or steer the
        terminal that shows it."""
        if node.value.isprintable():  # nearly every text; line breaks and tabs are looked at one by one
            return True
        hidden = next((c for c in node.value if c not in "\n\t" and unicodedata.category(c) in _HIDDEN), "")
        if hidden:
            sign = f"U+{ord(hidden):04X}"
            self.fail(
                node, "rule-character", f"the text holds a character that cannot be seen ({sign})",
                f"文本中有不可见字符（{sign}）", path=path, found=node.value, offset=node.value.index(hidden),
            )  # fmt: skip
        return not hidden


def visible(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """``text`` as a message can show it: no line breaks or signs that cannot be seen, without its middle where it is longer
    than ``longest`` characters.

    >>> visible("a\\x1b[2J")
    'a\\\\x1b[2J'
    """
    half = longest // 2
    cut = text if len(text) <= longest else f"{text[:half]} … {text[-half:]}"
    return "".join(repr(c)[1:-1] if unicodedata.category(c) in _HIDDEN else c for c in cut)


def shape_of(node: yaml.Node) -> str:
    """What YAML took a value for that should be one text."""
    if isinstance(node, yaml.MappingNode):
        return "{…}" if node.flow_style else "key: …"
    assert isinstance(node, yaml.SequenceNode)
    return "[…]" if node.flow_style else "- …"


def read_nodes(path: Path, shown_as: str, allowance: Allowance | None = None) -> tuple[Reader, yaml.Node | None]:
    """The root node of a rule file (``None`` if it cannot be had) and the reader that holds its problems."""
    place = Reader(Source(shown_as, ()), allowance)
    most = place.allowance.bytes
    try:
        real = path.resolve(strict=True)
        if real.parent != path.parent.resolve():
            return _refused(place, "is a link that leaves the folder of the rules", "是指向规则目录之外的链接")
        if not stat.S_ISREG(real.stat().st_mode):  # a pipe would be waited for, a device never ends
            return _refused(place, "is no regular file", "不是普通文件")
        with real.open("rb") as file:
            raw = file.read(most + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        return _refused(place, f"cannot be read: {error.strerror}", f"无法读取：{error.strerror}")
    except RuntimeError:  # links in a circle
        return _refused(place, "is a link to itself", "是指向自身的链接")
    except UnicodeDecodeError as error:
        return _refused(
            place, f"is not UTF-8 (byte {error.start + 1}): save it as UTF-8",
            f"不是 UTF-8 编码（第 {error.start + 1} 字节）：请另存为 UTF-8",
        )  # fmt: skip
    if len(raw) > most:
        of = f"larger than {MAX_BYTES:,} bytes", f"超过 {MAX_BYTES:,} 字节"
        if most < MAX_BYTES:
            return _refused(place, f"makes the rule files together {of[0]}", f"使规则文件合计{of[1]}")
        return _refused(place, f"is {of[0]}", of[1])
    place.allowance.bytes -= len(raw)
    reader = Reader(Source(shown_as, tuple(_BREAK.split(text))), allowance)
    try:
        if not _is_bounded(text, reader):
            return reader, None
        return reader, yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        reader.problems.append(_not_yaml(error, reader.source))
    except yaml.YAMLError as error:  # a control character: the reader has no mark, only a position
        what = visible(" ".join(str(error).split()))
        return _refused(reader, f"is not YAML: {what}", f"不是有效的 YAML：{what}")
    return reader, None


def _not_yaml(error: yaml.MarkedYAMLError, source: Source) -> Problem:
    """What YAML stumbled over, in words that say what to do about it."""
    mark = error.problem_mark or error.context_mark
    reason = error.problem or ""
    if reason == _PARSER_TOO_DEEP:
        return _too_deep(source, mark)
    if "block scalar" in (error.context or ""):
        mark = error.context_mark
    said = f"{error.context or ''} {reason}"
    what, what_zh = next((texts for part, texts in _REASONS.items() if part in said), (reason, reason))
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    here = _rest(source, line, column)
    if "cannot start any token" in reason:
        if here.startswith("\t"):
            what, what_zh = "a tab: indent with spaces", "此处是制表符：请用空格缩进"
        else:
            what, what_zh = f"a text that begins with {here[:1]} needs quotes", f"以 {here[:1]} 开头的文本须加引号"
    if not here.strip() and error.context_mark is not None:
        # What is open began earlier: that is where to look.
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
        here = _rest(source, line, column)
    for number, text in enumerate(source.lines[:line], start=1):
        if (colon := _WIDE_COLON.match(text)) is not None:
            # Read as part of a text, it makes mistakes of what follows.
            what, what_zh = "a full-width colon: write ': '", "此处是全角冒号：请写半角冒号加空格“: ”"
            line, column = number, colon.end()
            here = _rest(source, line, column)
            break
    if line > len(source.lines):
        line, column = len(source.lines), len(source.lines[-1]) + 1
    return Problem(
        code="rule-yaml", message=f"not YAML: {what}", message_zh=f"不是有效的 YAML：{what_zh}", file=source.file, line=line,
        column=column, found=visible(here),
    )  # fmt: skip


_WIDE_COLON = re.compile(r"\s*(?:- +)?[A-Za-z_]+\s*：")
"""After what looks like a key."""
_PARSER_TOO_DEEP = "exceeded maximum nesting depth"
"""What newer parsers say of nesting so deep that they stop before its first bracket becomes an event."""
_REASONS: dict[str, tuple[str, str]] = {
    "mapping values are not allowed": (
        "a second ': ' in this line: put the text in quotes, or correct the indentation",
        "同一行出现第二个“: ”：请给文本加引号，或检查缩进",
    ),
    "a tab character": ("a tab: indent with spaces", "此处是制表符：请用空格缩进"),
    "quoted scalar": ("the quotation mark has no partner", "引号不成对"),
    "flow sequence did not find": ("the bracket [ is not closed, or a comma is missing", "方括号 [ 未闭合，或缺少逗号"),
    "flow mapping did not find": ("the brace { is not closed, or a comma is missing", "花括号 { 未闭合，或缺少逗号"),
    "did not find expected key": (
        "the indentation does not fit what stands above, or text follows a closing quote",
        "缩进与上文不符，或引号之后还有文字",
    ),
    "did not find expected '-'": ("the indentation does not fit the list above", "缩进与上面的列表不符"),
    "could not find expected ':'": ("a line of its own needs 'key: value'", "单独一行须写成“键: 值”"),
    "block scalar": ("a text that begins with > or | needs quotes", "以 > 或 | 开头的文本须加引号"),
    "undefined alias": ("a text that begins with * needs quotes", "以 * 开头的文本须加引号"),
    "undefined tag": ("a text that begins with ! needs quotes", "以 ! 开头的文本须加引号"),
    "scanning a tag": ("a text that begins with ! needs quotes", "以 ! 开头的文本须加引号"),
    "scanning an anchor": ("a text that begins with & needs quotes", "以 & 开头的文本须加引号"),
    "scanning an alias": ("a text that begins with * needs quotes", "以 * 开头的文本须加引号"),
}
"""Part of what libyaml says, and what it means for whoever wrote the file."""


def _rest(source: Source, line: int, column: int) -> str:
    return source.lines[line - 1][column - 1 :] if 0 < line <= len(source.lines) else ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _refused(reader: Reader, message: str, message_zh: str) -> tuple[Reader, None]:
    reader.problems.append(
        Problem(
            code="rule-file", message=f"the file {message}", message_zh=f"文件{message_zh}", file=reader.source.file
        )
    )
    return reader, None


def _is_bounded(text: str, reader: Reader) -> bool:
    """No aliases (a few lines of them can stand for billions of nodes), one document, bounded depth and number."""
    depth = documents = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader), start=1):
        if count <= MAX_NODES and type(event) is yaml.ScalarEvent:
            continue
        documents += isinstance(event, yaml.DocumentStartEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        reason = ""
        if isinstance(event, yaml.AliasEvent):
            reason, reason_zh = "aliases (*name) are not used in rule files", "规则文件中不能用别名（*名）"
        elif depth > MAX_DEPTH:
            reader.problems.append(_too_deep(reader.source, event.start_mark))
            return False
        elif count > MAX_NODES:
            reason, reason_zh = f"more than {MAX_NODES:,} values", f"超过 {MAX_NODES:,} 个值"
        elif documents > 1:
            reason, reason_zh = "a second document (---) in the file", "文件中有第二个文档（---）"
        if reason:
            mark = event.start_mark
            assert mark is not None
            reader.problems.append(
                Problem(
                    code="rule-yaml", message=reason, message_zh=reason_zh, file=reader.source.file,
                    line=mark.line + 1, column=mark.column + 1,
                )
            )  # fmt: skip
            return False
    return True


def _too_deep(source: Source, mark: Any) -> Problem:
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return Problem(
        code="rule-yaml", message=f"nested deeper than {MAX_DEPTH}", message_zh=f"嵌套超过 {MAX_DEPTH} 层",
        file=source.file, line=line, column=column,
    )  # fmt: skip
