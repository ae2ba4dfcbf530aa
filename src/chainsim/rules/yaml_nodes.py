"""Rule files as YAML nodes: every value with its place, nothing interpreted, nothing that can grow.

PyYAML's own values would read ``on`` as true, drop duplicate keys and forget the lines; nodes keep all three.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from chainsim.errors import Problem
from chainsim.model.messages import name_list, nearest_name

MAX_BYTES = 1_000_000
MAX_NODES = 100_000
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text: its name as the user knows it, and its lines."""

    file: str
    lines: tuple[str, ...]


class Reader:
    """Walks one file's nodes and collects its problems."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

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
        nearest: str = "",
        offset: int | None = None,
    ) -> None:
        """Note a problem at ``node``, or ``offset`` characters into its text."""
        line, column = self.place(node, offset)
        self.problems.append(
            Problem(
                code=code,
                message=message,
                message_zh=message_zh,
                file=self.source.file,
                line=line,
                column=column,
                path=path,
                found=found,
                accepted=accepted,
                accepted_zh=accepted,
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
        if node.style in {"|", ">"}:
            line, column = line + 1, len(self.source.lines[line + 1]) - len(self.source.lines[line + 1].lstrip())
        elif node.style in {"'", '"'}:
            column += 1
        while line < node.end_mark.line:
            length = len(self.source.lines[line].rstrip()) - column
            if offset <= length or line + 1 >= len(self.source.lines):
                break
            offset -= length + 1
            line += 1
            column = len(self.source.lines[line]) - len(self.source.lines[line].lstrip())
        return line + 1, column + offset + 1

    def fields(
        self, node: yaml.Node, path: str, *, required: tuple[str, ...] = (), optional: tuple[str, ...] | None = ()
    ) -> dict[str, yaml.Node]:
        """A mapping's values by key; ``optional=None`` takes any key. Unknown, missing and repeated keys are problems."""
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, "rule-shape", "a mapping (key: value) is needed here", "此处应为“键: 值”", path=path)
            return {}
        out: dict[str, yaml.Node] = {}
        known = None if optional is None else (*required, *optional)
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
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
                self.fail(node, "rule-missing-key", f"'{key}' is missing", f"缺少“{key}”", path=path)
        return out

    def items(self, node: yaml.Node | None, path: str) -> Iterator[tuple[str, yaml.Node]]:
        """The (path, node) of a list's items; nothing for ``None``."""
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode):
            self.fail(node, "rule-shape", "a list is needed here", "此处应为列表", path=path)
            return
        for number, item in enumerate(node.value):
            yield f"{path}[{number + 1}]", item

    def text(self, node: yaml.Node | None, path: str, default: str = "") -> str:
        """A scalar's text as written; ``default`` where it is absent or no scalar."""
        if node is None:
            return default
        if not isinstance(node, yaml.ScalarNode):
            self.fail(node, "rule-shape", "a single value is needed here", "此处应为单个值", path=path)
            return default
        return str(node.value).strip()


def read_nodes(path: Path, shown_as: str) -> tuple[Reader, yaml.Node | None]:
    """The root node of a rule file (``None`` if it cannot be had) and the reader that holds its problems."""
    place = Reader(Source(shown_as, ()))
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        return _refused(place, f"cannot be read: {error.strerror}", "无法读取")
    except UnicodeDecodeError as error:
        return _refused(place, f"is not UTF-8 (byte {error.start + 1})", f"不是 UTF-8 编码(第 {error.start + 1} 字节)")
    if len(raw) > MAX_BYTES:
        return _refused(place, f"is larger than {MAX_BYTES:,} bytes", f"超过 {MAX_BYTES:,} 字节")
    reader = Reader(Source(shown_as, tuple(text.split("\n"))))
    try:
        if not _is_bounded(text, reader):
            return reader, None
        return reader, yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = error.problem or "not YAML"
        reader.problems.append(
            Problem(
                code="rule-yaml",
                message=f"not YAML: {what}",
                message_zh=f"不是有效的 YAML:{what}",
                file=shown_as,
                line=mark.line + 1 if mark else 0,
                column=mark.column + 1 if mark else 0,
            )
        )
    except yaml.YAMLError as error:  # a control character: the reader has no mark, only a position
        return _refused(reader, f"not YAML: {error}", f"不是有效的 YAML:{error}")
    return reader, None


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
        documents += isinstance(event, yaml.DocumentStartEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        reason = ""
        if isinstance(event, yaml.AliasEvent):
            reason, reason_zh = "aliases (*name) are not used in rule files", "规则文件中不能用别名(*名)"
        elif depth > MAX_DEPTH:
            reason, reason_zh = f"nested deeper than {MAX_DEPTH}", f"嵌套超过 {MAX_DEPTH} 层"
        elif count > MAX_NODES:
            reason, reason_zh = f"more than {MAX_NODES:,} values", f"超过 {MAX_NODES:,} 个值"
        elif documents > 1:
            reason, reason_zh = "a second document (---) in the file", "文件中有第二个文档(---)"
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
