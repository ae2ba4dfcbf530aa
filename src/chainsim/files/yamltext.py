"""YAML as the tree of ``chainsim.files.tree``: text scalars with line and column, and none of YAML's surprises.

Events, not nodes: nesting is limited as it is read, so that no file can exhaust the stack; anchors, aliases, tags and second
documents are refused. Scalars stay text, so YAML 1.1's ``no``, ``017``, ``1e3`` and ``1:30`` are judged by the schema.
"""

from __future__ import annotations

from typing import Any

from chainsim.files.tree import Block, Items, Place, Report, written

DEEPEST = 20
_PARSER_TOO_DEEP = "exceeded maximum nesting depth"
"""What newer parsers say of nesting so deep that they stop before its first bracket becomes an event."""
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))

_REASONS_ZH = {
    "did not find expected ',' or '}'": "缺少 “,” 或 “}”",
    "did not find expected ',' or ']'": "缺少 “,” 或 “]”",
    "did not find expected key": "缩进不对，或缺少键",
    "could not find expected ':'": "键后缺少冒号",
    "mapping values are not allowed in this context": "此处不能写“键: 值”（检查缩进和冒号后的空格）",
    "found unexpected end of stream": "文件在引号内结束",
    "did not find expected '-' indicator": "列表项应以 “-” 开头",
    "block sequence entries are not allowed in this context": "此处不能以 “-” 开始列表",
    "did not find expected node content": "此处缺少值",
    "found character that cannot start any token": "此字符不能作为值的开头（需加引号）",
    "found unknown escape character": "引号内有不认识的转义字符",
    "did not find expected <document start>": "文档在此处应已结束（检查缩进）",
}
"""The parser's own words, in Chinese; others are told as they are."""


def read_yaml(text: str, file: str, layer: int, report: Report) -> Block | None:
    """The document in ``text`` as a tree, or None if its problems (in ``report``) leave nothing to go on with."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reader = _Reader(file, layer, report)
    try:
        for event in yaml.parse(text, Loader=loader):
            if not reader.take(event):
                return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1, layer=layer) if mark else Place(file, layer=layer)
        line = text.split("\n")[mark.line] if mark and mark.line < text.count("\n") + 1 else ""
        if error.problem == _PARSER_TOO_DEEP:
            report.add("yaml_depth", place, limit=DEEPEST)
        elif "\\t" in str(error.problem) or "\t" in line[: len(line) - len(line.lstrip())]:
            report.add("yaml_tab", place)
        else:
            found = line.strip()
            reason = error.problem or error.context or ""
            report.add(
                "yaml_syntax", place, reason=reason, reason_zh=_REASONS_ZH.get(reason, reason), found=written(found)
            )
        return None
    except yaml.YAMLError as error:
        report.add("yaml_syntax", Place(file, layer=layer), reason=str(error).splitlines()[0], reason_zh="")
        return None
    root = reader.root
    if root is None:
        report.add("empty_file", Place(file, layer=layer))
        return None
    if not isinstance(root, Block):
        report.add("expected_mapping", Place(file, 1, 1, layer=layer), found=written(root))
        return None
    return root


class _Reader:
    """Builds the tree from events; the state of one reading."""

    def __init__(self, file: str, layer: int, report: Report) -> None:
        self.file, self.layer, self.report = file, layer, report
        self.root: Any = None
        self.open: list[Block | Items] = []
        self.keys: list[tuple[str, Place] | None] = []
        self.documents = 0

    def take(self, event: Any) -> bool:
        """Take the next event; False where reading on makes no sense."""
        kind = type(event).__name__
        if kind in ("StreamStartEvent", "StreamEndEvent", "DocumentEndEvent"):
            return True
        place = Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1, layer=self.layer)
        if kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self.report.add("yaml_documents", place)
            return self.documents == 1
        if kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.open.pop()
            self.keys.pop()
            return True
        if kind == "AliasEvent":
            self.report.add("yaml_alias", place, found=f"*{event.anchor}")
            return False
        if event.anchor is not None:
            self.report.add("yaml_alias", place, found=f"&{event.anchor}")
            return False
        if event.tag is not None and event.tag != "!":
            self.report.add("yaml_tag", place, found=written(event.tag))
            return False
        if kind == "ScalarEvent":
            return self._scalar(event, place)
        if len(self.open) >= DEEPEST:
            self.report.add("yaml_depth", place, limit=DEEPEST)
            return False
        if self._expects_key():
            self.report.add("yaml_key", place)
            return False
        made = Block(place=place, places={}) if kind == "MappingStartEvent" else Items(place=place)
        self._put(made, place)
        self.open.append(made)
        self.keys.append(None)
        return True

    def _expects_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1], Block) and self.keys[-1] is None

    def _scalar(self, event: Any, place: Place) -> bool:
        plain = event.implicit[0]
        if self._expects_key():
            if event.value == "<<" and plain:
                self.report.add("yaml_alias", place, found="<<")
                return False
            self.keys[-1] = (event.value, place)
            return True
        self._put(None if plain and event.value in _NULLS else event.value, place)
        return True

    def _put(self, value: Any, place: Place) -> None:
        if not self.open:
            self.root = value
            return
        holder = self.open[-1]
        if isinstance(holder, Items):
            holder.append(value)
            holder.places.append(place)
            return
        entry = self.keys[-1]
        assert entry is not None and isinstance(holder.places, dict)
        key, key_place = entry
        self.keys[-1] = None
        if key in holder:
            self.report.add("duplicate_key", key_place, found=written(key), first=holder.places[key].line)
            return
        holder[key] = value
        # an empty value stands nowhere: point at its key
        holder.places[key] = key_place if value is None or isinstance(value, (Block, Items)) else place
