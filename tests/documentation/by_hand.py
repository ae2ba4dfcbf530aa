"""What people do in Excel between two commands: one cell of a workbook gets another value."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
EDIT = re.compile(r"(?P<file>[^[]+)\[(?P<sheet>[^!]+)!(?P<cell>[A-Z]+\d+)\]=(?P<value>.*)")


def edit(said: str) -> None:
    """``western.xlsx[计划!E5]=1200``: the cell must be there, as it is where a person would change it."""
    found = EDIT.fullmatch(said)
    assert found, said
    file = Path(found["file"])
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = _part_of(parts, found["sheet"])
    sheet = ElementTree.fromstring(parts[part])  # noqa: S314 - our own workbook
    cell = next(one for one in sheet.iter(f"{MAIN}c") if one.get("r") == found["cell"])
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)
    if re.fullmatch(r"-?\d+(\.\d+)?", found["value"]):
        ElementTree.SubElement(cell, f"{MAIN}v").text = found["value"]
    else:
        cell.set("t", "inlineStr")
        text = ElementTree.SubElement(ElementTree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t")
        text.text = found["value"]
    parts[part] = ElementTree.tostring(sheet, encoding="utf-8", xml_declaration=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _part_of(parts: dict[str, bytes], sheet: str) -> str:
    """The member of the archive that holds the sheet called ``sheet``."""
    book = ElementTree.fromstring(parts["xl/workbook.xml"])  # noqa: S314 - our own workbook
    relation = next(one.get(RELATION) for one in book.iter(f"{MAIN}sheet") if one.get("name") == sheet)
    targets = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314 - our own workbook
    target = next(str(one.get("Target")) for one in targets if one.get("Id") == relation)
    return f"xl/{target.removeprefix('/xl/')}"
