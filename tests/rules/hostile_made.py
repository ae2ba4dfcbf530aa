"""Hostile rule folders that are too large, too binary or too odd to lie in the repository: each is made where it is wanted.

A maker writes into an empty folder; ``canary`` is a file outside that nobody may read. Beside it stands what must be told, or ""
where the folder is harmless.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

RULE = """  - id: low
    table: customer_months
    when: completion < 95%
    severity: warning
    message: {en: "{customer}: {completion:%}", zh: "{customer}:{completion:%}"}
"""
DECISION = "decisions:\n  - {id: tiering, table: customer_months, file: FILE, hit: HIT}\n"
Maker = Callable[[Path, Path], None]


def rules(when: str = "completion < 95%", before: str = "") -> str:
    return f"{before}rules:\n{RULE.replace('completion < 95%', when)}"


def text(content: str | bytes, **sheets: str | bytes) -> Maker:
    """One rule file, and sheets (``name_csv``) beside it."""

    def make(folder: Path, canary: Path) -> None:
        _write(folder / "rules.yaml", content)
        for name, sheet in sheets.items():
            _write(folder / ".".join(name.rsplit("_", 1)), sheet)

    return make


def sheet(content: str | bytes, name: str = "tiering.csv", hit: str = "first") -> Maker:
    """A sound rule with a hostile decision table."""

    def make(folder: Path, canary: Path) -> None:
        _write(folder / "rules.yaml", rules(before=DECISION.replace("FILE", name).replace("HIT", hit)))
        _write(folder / name, content)

    return make


def linked(name: str, target: str) -> Maker:
    """``name`` is a link: to the canary, to itself, to a device."""

    def make(folder: Path, canary: Path) -> None:
        if name != "rules.yaml":
            _write(folder / "rules.yaml", rules(before=DECISION.replace("FILE", name).replace("HIT", "first")))
        (folder / name).symlink_to({"canary": str(canary), "itself": name}.get(target, target))

    return make


def odd(name: str, kind: str) -> Maker:
    """``name`` is a pipe that nobody writes to, a folder, or a file of five gigabytes without content."""

    def make(folder: Path, canary: Path) -> None:
        if name != "rules.yaml":
            _write(folder / "rules.yaml", rules(before=DECISION.replace("FILE", name).replace("HIT", "first")))
        if kind == "pipe":
            os.mkfifo(folder / name)
        elif kind == "folder":
            (folder / name).mkdir()
        else:
            with (folder / name).open("wb") as file:
                file.truncate(5_000_000_000)

    return make


def many_files(folder: Path, canary: Path) -> None:
    for number in range(1_000):
        _write(folder / f"{number}.yaml", rules().replace("id: low", f"id: low{number}"))


def full_files(folder: Path, canary: Path) -> None:
    """Two hundred files, each just below the largest that may be."""
    for number in range(200):
        _write(
            folder / f"{number:03}.yaml", "# " + "x" * 900_000 + "\n" + rules().replace("id: low", f"id: low{number}")
        )


def many_sheets(folder: Path, canary: Path) -> None:
    rows = "plan_t,loaded_t,-> tier\n" + "".join(f"[{i}..{i + 1}),>= {i % 7},a\n" for i in range(1_900))
    _write(folder / "tiering.csv", rows)
    tables = "".join(f"  - {{id: d{i}, table: customer_months, file: tiering.csv, hit: first}}\n" for i in range(250))
    _write(folder / "rules.yaml", rules(before=f"decisions:\n{tables}"))


def many_workbooks(folder: Path, canary: Path) -> None:
    """Each unpacks to just below what one may."""
    _write(folder / "tiering.xlsx", workbook(cell(b"x" * 15_000_000)))
    tables = "".join(f"  - {{id: d{i}, table: customer_months, file: tiering.xlsx, hit: first}}\n" for i in range(250))
    _write(folder / "rules.yaml", rules(before=f"decisions:\n{tables}"))


def many(of: str, count: int) -> str:
    """``count`` copies of a rule, numbered."""
    return "rules:\n" + "".join(of.replace("id: low", f"id: low{i}").replace("NUMBER", str(i)) for i in range(count))


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATED = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(sheet_xml: bytes, before: bytes = b"") -> bytes:
    """The smallest workbook around one sheet; ``before`` stands in front of it, where document types do."""
    types = b"application/vnd.openxmlformats-officedocument.spreadsheetml"
    packaged = b"http://schemas.openxmlformats.org/package/2006"
    return zipped(
        {
            "[Content_Types].xml": _XML
            + b'<Types xmlns="%b/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            b'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="%b.sheet.main+xml"/><Override PartName='
            b'"/xl/worksheets/sheet1.xml" ContentType="%b.worksheet+xml"/></Types>' % (packaged, types, types),
            "_rels/.rels": _XML
            + b'<Relationships xmlns="%b/relationships"><Relationship Id="r1" Type="%b/officeDocument" Target="xl/workbook.xml"/>'
            b"</Relationships>" % (packaged, _RELATED),
            "xl/workbook.xml": _XML
            + b'<workbook %b xmlns:r="%b"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
            % (_MAIN, _RELATED),
            "xl/_rels/workbook.xml.rels": _XML
            + b'<Relationships xmlns="%b/relationships"><Relationship Id="r1" Type="%b/worksheet" '
            b'Target="worksheets/sheet1.xml"/></Relationships>' % (packaged, _RELATED),
            "xl/worksheets/sheet1.xml": _XML + before + b"<worksheet %b>%b</worksheet>" % (_MAIN, sheet_xml),
        }
    )


def cell(content: bytes, at: bytes = b"A1") -> bytes:
    return b'<sheetData><row r="1"><c r="%b" t="inlineStr"><is><t>%b</t></is></c></row></sheetData>' % (at, content)


def entity_bomb() -> bytes:
    declared = b'<!ENTITY a "xxxxxxxxxx">' + b"".join(
        b'<!ENTITY %c "%b">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)
    )
    return workbook(cell(b"&j;"), b"<!DOCTYPE t [" + declared + b"]>")


def outside_entity(folder: Path, canary: Path) -> None:
    declared = f'<!DOCTYPE t [<!ENTITY a SYSTEM "{canary.as_uri()}">]>'.encode()
    sheet(workbook(cell(b"&a;"), declared), "tiering.xlsx")(folder, canary)


def _write(path: Path, content: str | bytes) -> None:
    path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)


_TERMS = "completion < 95%"
_WIDE = ",".join(f"plan_t + {i} t" for i in range(40)) + ",-> tier\n"

MADE: dict[str, tuple[str, Maker]] = {
    # the folder
    "files_by_the_thousand": ("more than 200 rule files", many_files),
    "files_full_to_the_brim": ("together larger", full_files),
    "file_is_a_pipe": ("no regular file", odd("rules.yaml", "pipe")),
    "file_is_a_folder": ("no regular file", odd("rules.yaml", "folder")),
    "file_of_five_gigabytes": ("larger than", odd("rules.yaml", "sparse")),
    "file_links_outside": ("leaves the folder", linked("rules.yaml", "canary")),
    "file_links_to_itself": ("", linked("rules.yaml", "itself")),
    "file_links_to_a_device": ("leaves the folder", linked("rules.yaml", "/dev/zero")),
    "file_links_nowhere": ("cannot be read", linked("rules.yaml", "nowhere.yaml")),
    # bytes
    "bytes_not_utf8": ("not UTF-8", text(b"\xff\xfe\xfd rules: []")),
    "bytes_utf16": ("not UTF-8", text(rules().encode("utf-16"))),
    "bytes_utf32": ("", text(rules().encode("utf-32"))),
    "bytes_overlong": ("not UTF-8", text(b"rules: \xc0\xaf")),
    "bytes_surrogates": ("not UTF-8", text(b"rules: \xed\xa0\x80")),
    "bytes_nul": ("not YAML", text(b"rules: [\x00]")),
    "bytes_nothing_but_nul": ("", text(b"\x00" * 900_000)),
    "bytes_random": ("", text(bytes(range(256)) * 3_000)),
    "bytes_only_a_mark": ("empty", text(b"\xef\xbb\xbf")),
    "bytes_of_a_workbook": ("not UTF-8", text(workbook(cell(b"a")))),
    # growth
    "yaml_deep_lists": ("nested deeper", text("[" * 400_000)),
    "yaml_deep_mappings": ("nested deeper", text("{a: " * 200_000)),
    "yaml_deep_blocks": ("nested deeper", text("".join(" " * i + "a:\n" for i in range(1_000)))),
    "yaml_many_values": ("more than", text("rules: [" + "1," * 300_000 + "1]")),
    "yaml_many_keys": ("more problems", text("rules: []\n" + "".join(f"k{i}: 1\n" for i in range(45_000)))),
    "yaml_many_labels": ("", text(rules() + "    labels:\n" + "".join(f"      k{i}: v\n" for i in range(45_000)))),
    "yaml_many_lines": ("larger than", text(rules("\n".join(["completion < 5% and"] + ["      x and"] * 90_000)))),
    "yaml_one_long_line": ("larger than", text("rules: '" + "x" * 3_000_000 + "'")),
    "yaml_long_key": ("means nothing", text("x" * 1_000 + ": 1\n" + rules())),
    "yaml_comment": ("larger than", text("# " + "x" * 5_000_000)),
    "terms_200_000": ("longer than", text(rules(" or ".join([_TERMS] * 45_000)))),
    "terms_in_a_list": ("longer than", text(rules("plan_t in (" + ", ".join(["1"] * 200_000) + ")"))),
    "brackets_100_000": ("longer than", text(rules("(" * 100_000 + "plan_t > 5" + ")" * 100_000))),
    "not_100_000": ("longer than", text(rules("not " * 100_000 + "plan_t > 5"))),
    "minus_100_000": ("longer than", text(rules("'" + "-" * 100_000 + "plan_t > 5'"))),
    "spaces_100_000": ("longer than", text(rules("'plan_t" + " " * 100_000 + "> 5'"))),
    "digits_100_000": ("longer than", text(rules("plan_t > " + "9" * 100_000))),
    "quotes_100_000": ("longer than", text(rules("plan_t > " + "\"'" * 50_000))),
    "conditions_long_and_many": ("together longer", text(many(RULE.replace(_TERMS, " or ".join([_TERMS] * 104)), 290))),
    "rules_by_the_thousand": ("more than 300", text(many(RULE, 3_000))),
    "rules_all_mistaken": ("more problems", text(many(RULE.replace("completion <", "completoinNUMBER <"), 290))),
    "rules_as_many_as_may_be": ("", text(many(RULE, 300))),
    "rules_with_many_measures": (
        "together longer",
        text(
            many(
                RULE.replace(
                    "    when",
                    "    by: [customer]\n    measures: {"
                    + ", ".join(f"m{i}: sum(plan_t) + {i} t" for i in range(200))
                    + "}\n    when",
                )
                .replace("completion < 95%", "m1 > 5 t")
                .replace("{completion:%}", ""),
                100,
            )
        ),
    ),
    "rules_of_one_name": ("already defined", text("rules:\n" + RULE * 2_000)),
    "fields_50_000": ("larger than", text(rules().replace("{completion:%}", "{completion:%}" * 50_000))),
    "fields_unknown": (
        "is no column here",
        text(rules().replace("{completion:%}", "".join(f"{{a{i}}}" for i in range(300)))),
    ),
    "windows_many": (
        "",
        text(rules("'" + " and ".join(f"sum(plan_t + {i} t, {i + 1} months) > 5 t" for i in range(40)) + "'")),
    ),
    "references_many": (
        "",
        text(
            rules(
                " or ".join(f"m{i} > 5 t" for i in range(100)),
                "measures:\n"
                + "".join(f"  m{i}: {{table: customers, value: capacity_t + {i} t}}\n" for i in range(100)),
            )
        ),
    ),
    "tests_10_000_rows": (
        "",
        text(
            rules()
            + "tests:\n  - name: a\n    rule: low\n    expect: []\n    rows:\n"
            + "      - {customer: a, month: 2008-01, completion: 1%}\n" * 10_000
        ),
    ),
    # decision tables
    "sheet_links_outside": ("leaves the folder", linked("tiering.csv", "canary")),
    "sheet_links_to_itself": ("no such file", linked("tiering.csv", "itself")),
    "sheet_links_to_a_device": ("leaves the folder", linked("tiering.csv", "/dev/zero")),
    "sheet_is_a_pipe": ("no file", odd("tiering.csv", "pipe")),
    "sheet_is_a_folder": ("no file", odd("tiering.xlsx", "folder")),
    "sheet_of_five_gigabytes": ("more than", odd("tiering.csv", "sparse")),
    "sheet_of_100_000_rows": (
        "more than 2000 rows",
        sheet("plan_t,-> tier\n" + "".join(f"{i},a\n" for i in range(100_000))),
    ),
    "sheet_of_2_000_rows": (
        "operands",
        sheet("plan_t,-> tier\n" + "".join(f"[{i}..{i + 1}),a\n" for i in range(2_000)), hit="unique"),
    ),
    "sheet_full": (
        "operands",
        sheet(
            _WIDE + "".join(",".join(f">= {(i * 7 + k * 3) % 11}" for k in range(40)) + ",a\n" for i in range(1_990))
        ),
    ),
    "sheet_that_overlaps_everywhere": (
        "both match",
        sheet("plan_t,loaded_t,-> tier\n" + "".join(f">= {i % 7},>= {i % 11},a\n" for i in range(1_900)), hit="unique"),
    ),
    "sheet_of_40_000_columns": (
        "more than 50 columns",
        sheet(",".join(f"plan_{i}" for i in range(40_000)) + "\n1,2\n"),
    ),
    "sheet_with_a_wide_cell": (
        "cannot be read",
        sheet('plan_t,-> tier\n"' + ", ".join(map(str, range(90_000))) + '",a\n'),
    ),
    "sheet_of_mistakes": (
        "more problems",
        sheet("plan_t,-> tier\n" + "".join(f"about {i},a\n" for i in range(1_900))),
    ),
    "sheet_of_quotes": ("", sheet('"' * 900_000)),
    "sheet_of_commas": ("", sheet("," * 900_000)),
    "sheet_of_nul": ("", sheet(b"\x00" * 900_000)),
    "sheet_of_random_bytes": ("", sheet(bytes(range(256)) * 3_000)),
    "sheets_by_the_hundred": ("together too large", many_sheets),
    "workbook_zip_bomb": ("", sheet(workbook(cell(b"x" * 300_000_000)), "tiering.xlsx")),
    "workbook_zip_bomb_of_cells": (
        "",
        sheet(
            workbook(b"<sheetData>" + b'<row><c t="str"><v>1</v></c></row>' * 3_000_000 + b"</sheetData>"),
            "tiering.xlsx",
        ),
    ),
    "workbook_far_cell": ("", sheet(workbook(cell(b"x", b"XFD1048576")), "tiering.xlsx")),
    "workbook_entity_bomb": ("", sheet(entity_bomb(), "tiering.xlsx")),
    "workbook_outside_entity": ("", outside_entity),
    "workbook_is_no_zip": ("", sheet(b"PK\x03\x04" + b"x" * 10_000, "tiering.xlsx")),
    "workbook_with_paths": (
        "",
        sheet(zipped({"../../x": b"x", "/etc/passwd": b"x", "xl/workbook.xml": b"<"}), "tiering.xlsx"),
    ),
    "workbooks_by_the_hundred": ("together too large", many_workbooks),
    "workbook_many_parts": ("", sheet(zipped({f"xl/{i}.xml": b"" for i in range(20_000)}), "tiering.xlsx")),
}
