"""What a spreadsheet program asks of a workbook before it opens it without offering a repair, as far as files can tell."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from chainsim.sheets import cell_range

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_CELL_LIKE = re.compile(r"[A-Za-z]{1,3}\d+|[rcRC]|[rcRC]\d+[rcRC]\d+")


def broken_rules(path: Path) -> list[str]:
    """Every rule that the workbook breaks; empty for a sound one."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        out = [f"part twice: {name}" for name in set(names) if names.count(name) > 1]
        parts = [name for name in names if name.endswith((".xml", ".rels"))]
        xml = {name: ElementTree.fromstring(archive.read(name)) for name in parts}  # noqa: S314 - our own file
    out += _untyped(xml["[Content_Types].xml"], names)
    for name, root in xml.items():
        if name.endswith(".rels"):
            out += _dangling(name, root, names)
    sheets = [sheet.attrib["name"] for sheet in xml["xl/workbook.xml"].iter(f"{_MAIN}sheet")]
    out += _bad_sheets(sheets)
    out += _bad_defined_names(xml["xl/workbook.xml"], sheets)
    shared = xml.get("xl/sharedStrings.xml", ElementTree.Element("none")).iter(f"{_MAIN}si")
    strings = ["".join(t.text or "" for t in si.iter(f"{_MAIN}t")) for si in shared]
    formats = len(list(xml["xl/styles.xml"].find(f"{_MAIN}cellXfs") or ()))
    tables = {name: root for name, root in xml.items() if name.startswith("xl/tables/")}
    out += _bad_tables(tables)
    for name, root in xml.items():
        if name.startswith("xl/worksheets/sheet"):
            out += [f"{name}: {words}" for words in _bad_cells(root, formats, len(strings))]
            relations = xml.get(name.replace("worksheets/", "worksheets/_rels/") + ".rels")
            out += [f"{name}: {words}" for words in _bad_ranges(root, relations, tables, strings)]
    return out


def _untyped(types: ElementTree.Element, names: list[str]) -> list[str]:
    defaults = {node.attrib["Extension"] for node in types.iter(f"{_TYPES}Default")}
    parts = {node.attrib["PartName"].lstrip("/") for node in types.iter(f"{_TYPES}Override")}
    out = [f"no content type: {n}" for n in names if n not in parts and n.rpartition(".")[2] not in defaults]
    return out + [f"typed but missing: {part}" for part in parts - set(names)]


def _dangling(name: str, root: ElementTree.Element, names: list[str]) -> list[str]:
    folder = Path(name).parent.parent
    out = []
    for node in root.iter(f"{_PACKAGE}Relationship"):
        if node.attrib.get("TargetMode") == "External":
            out.append(f"{name}: external {node.attrib['Target']}")
            continue
        target = node.attrib["Target"]
        if target.startswith("#"):
            continue
        parts: list[str] = []
        for part in (target.lstrip("/") if target.startswith("/") else f"{folder.as_posix()}/{target}").split("/"):
            parts = parts[:-1] if part == ".." else [*parts, *([part] if part not in ("", ".") else [])]
        if "/".join(parts) not in names:
            out.append(f"{name}: leads to {target}")
    return out


def _bad_sheets(sheets: list[str]) -> list[str]:
    folded = [name.casefold() for name in sheets]
    out = [f"sheet twice: {name}" for name in sheets if folded.count(name.casefold()) > 1]
    for name in sheets:
        if not 0 < len(name) <= 31 or re.search(r"[\[\]:*?/\\]", name) or name[0] == "'" or name[-1] == "'":
            out.append(f"bad name of a sheet: {name}")
    return out


def _bad_defined_names(workbook: ElementTree.Element, sheets: list[str]) -> list[str]:
    seen: set[tuple[str, str]] = set()
    out = []
    for node in workbook.iter(f"{_MAIN}definedName"):
        key = (node.attrib["name"].casefold(), node.attrib.get("localSheetId", ""))
        if key in seen:
            out.append(f"defined twice: {key}")
        seen.add(key)
        sheet = (node.text or "").rpartition("!")[0].strip("'").replace("''", "'")
        if sheet not in sheets:
            out.append(f"defined name leads to {node.text}")
    return out


def _bad_tables(tables: dict[str, ElementTree.Element]) -> list[str]:
    out = []
    ids = [root.attrib["id"] for root in tables.values()]
    names = [root.attrib["displayName"].casefold() for root in tables.values()]
    for name, root in tables.items():
        called = root.attrib["displayName"]
        if ids.count(root.attrib["id"]) > 1 or names.count(called.casefold()) > 1:
            out.append(f"{name}: table twice: {called}")
        if not re.fullmatch(r"[\w\\][\w.\\]{0,254}", called) or called[0].isdigit() or _CELL_LIKE.fullmatch(called):
            out.append(f"{name}: bad name of a table: {called}")
        columns = [column.attrib["name"] for column in root.iter(f"{_MAIN}tableColumn")]
        if len({column.casefold() for column in columns}) < len(columns) or not all(0 < len(c) <= 255 for c in columns):
            out.append(f"{name}: bad columns {columns}")
        first, last, left, right = cell_range(root.attrib["ref"])
        if right - left + 1 != len(columns) or last <= first:
            out.append(f"{name}: {root.attrib['ref']} is not as wide as {len(columns)} columns, or has no row")
        wanted = root.find(f"{_MAIN}autoFilter")
        if wanted is not None and wanted.attrib["ref"] != root.attrib["ref"]:
            out.append(f"{name}: filter over {wanted.attrib['ref']}")
    return out


def _bad_cells(root: ElementTree.Element, formats: int, strings: int) -> list[str]:
    out = []
    rows = 0
    for row in root.iter(f"{_MAIN}row"):
        number = int(row.attrib["r"])
        if number <= rows or number > 1_048_576:
            out.append(f"row {number} after {rows}")
        rows = number
        column = -1
        for cell in row.iter(f"{_MAIN}c"):
            at = cell_range(cell.attrib["r"])
            if at[0] != number or at[2] <= column or at[2] > 16_383:
                out.append(f"cell {cell.attrib['r']} in row {number}")
            column = at[2]
            value = cell.find(f"{_MAIN}v")
            text = value.text if value is not None and value.text is not None else ""
            if int(cell.attrib.get("s", 0)) >= formats:
                out.append(f"cell {cell.attrib['r']} has no format")
            match cell.attrib.get("t", "n"):
                case "s":
                    if not 0 <= int(text) < strings:
                        out.append(f"cell {cell.attrib['r']} has no text")
                case "n":
                    if text and not abs(float(text)) < float("inf"):
                        out.append(f"cell {cell.attrib['r']} holds {text}")
                case "inlineStr":
                    if sum(len(t.text or "") for t in cell.iter(f"{_MAIN}t")) > 32_767:
                        out.append(f"cell {cell.attrib['r']} is too long")
                case "b":
                    if text not in ("0", "1"):
                        out.append(f"cell {cell.attrib['r']} holds {text}")
                case other:
                    out.append(f"cell {cell.attrib['r']} of kind {other}")
            if cell.find(f"{_MAIN}f") is not None:
                out.append(f"cell {cell.attrib['r']} is a formula")
    return out


def _bad_ranges(
    root: ElementTree.Element,
    relations: ElementTree.Element | None,
    tables: dict[str, ElementTree.Element],
    strings: list[str],
) -> list[str]:
    """Tables, merged cells and the sheet's own filter may not overlap; a table's headings are the cells of its first row."""
    out: list[str] = []
    boxes = [("merged", node.attrib["ref"]) for node in root.iter(f"{_MAIN}mergeCell")]
    boxes += [("filter", node.attrib["ref"]) for node in root.iter(f"{_MAIN}autoFilter")]
    links = relations.iter(f"{_PACKAGE}Relationship") if relations is not None else ()
    targets = {link.attrib["Id"]: link.attrib["Target"] for link in links}
    for part in root.iter(f"{_MAIN}tablePart"):
        table = tables[targets[part.attrib[f"{_RELATION}id"]].replace("../", "xl/")]
        boxes.append(("table", table.attrib["ref"]))
        first, _, left, _ = cell_range(table.attrib["ref"])
        heads = [column.attrib["name"] for column in table.iter(f"{_MAIN}tableColumn")]
        row = next(row for row in root.iter(f"{_MAIN}row") if row.attrib["r"] == str(first))
        shown = [_text(cell, strings) for cell in row.iter(f"{_MAIN}c")][left : left + len(heads)]
        if shown != heads:
            out.append(f"table {table.attrib['displayName']} is headed {shown}, not {heads}")
    for i, (kind, ref) in enumerate(boxes):
        for other, ref2 in boxes[i + 1 :]:
            a, b = cell_range(ref), cell_range(ref2)
            if a[0] <= b[1] and b[0] <= a[1] and a[2] <= b[3] and b[2] <= a[3]:
                out.append(f"{kind} {ref} overlaps {other} {ref2}")
    for node in root.iter(f"{_MAIN}dataValidation"):
        rule = node.findtext(f"{_MAIN}formula1") or ""
        if len(rule) > 255 + 2:
            out.append(f"choices of {len(rule)} signs at {node.attrib['sqref']}")
    return out


def _text(cell: ElementTree.Element, strings: list[str]) -> str:
    if cell.attrib.get("t") == "s":
        return strings[int(cell.findtext(f"{_MAIN}v") or 0)]
    return "".join(t.text or "" for t in cell.iter(f"{_MAIN}t"))
