"""Decision tables as planners write them: what is read, what is refused and how it is told, what the shipped ones say.

After a change of wording: ``CHAINSIM_REGENERATE=1 pytest tests/rules/test_decisions.py`` rewrites the expected texts in
``decisions_invalid``; read the difference.
"""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from chainsim.files import render_problem
from chainsim.model.messages import nearest_name
from chainsim.model.service import ATTRACTIVENESS, POTENTIALS, RELATIONSHIPS
from chainsim.rules.decisions import (
    DecisionReading,
    DecisionSpec,
    Hit,
    Operand,
    OutputSpec,
    hit_policy,
    output_node,
    read_decision,
)
from chainsim.rules.decisions.cell_reading import cell_condition, read_cell
from chainsim.rules.language.reckoning import reckon
from chainsim.rules.language.tree import (
    Bool,
    Case,
    Compare,
    Date,
    ExpressionError,
    IsUnknown,
    Logic,
    Member,
    Name,
    Not,
    Number,
    Text,
)

INVALID = Path(__file__).parent / "decisions_invalid"
RULES = Path(__file__).resolve().parents[2] / "rules"
CLASSES = ("petrochina", "sinopec", "local")
INPUTS: dict[str, Operand] = {
    "completion": Operand(Name(0, "completion"), "number", "1"),
    "stock_t": Operand(Name(0, "stock_t"), "number", "t"),
    "days": Operand(Name(0, "days"), "number", "d"),
    "class": Operand(Name(0, "class"), "text", "", CLASSES),
    "city": Operand(Name(0, "city"), "text"),
    "day": Operand(Name(0, "day"), "date"),
    "by_rail": Operand(Name(0, "by_rail"), "boolean"),
    "attractiveness": Operand(Name(0, "attractiveness"), "text", "", frozenset(ATTRACTIVENESS)),
    "potential": Operand(Name(0, "potential"), "text", "", frozenset(POTENTIALS)),
    "relationship": Operand(Name(0, "relationship"), "text", "", frozenset(RELATIONSHIPS)),
    "recent_plan_t": Operand(Name(0, "recent_plan_t"), "number", "t"),
    "recent_completion": Operand(Name(0, "recent_completion"), "number", "1"),
    "completion_trend": Operand(Name(0, "completion_trend"), "number", "1"),
}
TIERS: dict[str, tuple[str, str]] = {
    "key": ("Key account", "重点客户"),
    "ordinary": ("Ordinary", "普通客户"),
    "prospect": ("Prospect", "潜在客户"),
}


def check(text: str) -> Operand | list[ExpressionError]:
    """The columns above; nothing else is an expression here."""
    known = INPUTS.get(text)
    if known is not None:
        return known
    return [ExpressionError(0, f"no column '{text}'", f"没有列“{text}”", nearest=nearest_name(text, INPUTS))]


def read(
    folder: Path,
    file: str = "table.csv",
    *,
    hit: Hit = "unique",
    outputs: Mapping[str, OutputSpec] | None = None,
    sheet: str = "",
) -> DecisionReading:
    spec = DecisionSpec(id="tiering", table="customers", hit=hit, outputs=outputs or {})
    return read_decision(folder, file, spec, check, sheet=sheet)


def read_text(folder: Path, text: str | bytes, **rest: Any) -> DecisionReading:
    folder.joinpath("table.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(folder, **rest)


def workbook(
    *sheets: tuple[str, list[list[Any]]], merged: str = "", formula: tuple[str, str, Any] | None = None
) -> bytes:
    """The bytes of an .xlsx with these sheets; dates are real dates."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets:
            page = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, value in enumerate(row):
                    page.write(i, j, value)
            if merged:
                page.merge_range(merged, "local")
            if formula is not None:
                page.write_formula(formula[0], formula[1], None, formula[2] or 0)
    return out.getvalue() if formula is None or formula[2] else without_values(out.getvalue())


def without_values(book: bytes) -> bytes:
    """A workbook as a program leaves it that writes formulas and computes none."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.namelist():
            target.writestr(part, source.read(part).replace(b"</f><v>0</v>", b"</f>"))
    return out.getvalue()


# --- cells

NUMBER = INPUTS["completion"]
COMPLETION = Name(0, "completion")


def compared(operator: str, value: float) -> Compare:
    return Compare(0, operator, COMPLETION, Number(0, value, "1"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-", None),
        ("", None),
        ("——", None),
        (">= 80%", compared(">=", 0.8)),
        ("≥８０％", compared(">=", 0.8)),
        ("0.8", compared("=", 0.8)),
        ("<> 0.8", compared("!=", 0.8)),
        ("0.8, 0.9", Member(0, COMPLETION, (Number(0, 0.8, "1"), Number(5, 0.9, "1")))),
        ("未知", IsUnknown(0, COMPLETION)),
        ("not unknown", Not(0, IsUnknown(0, COMPLETION))),
        ("[80%..90%)", Logic(0, "and", (compared(">=", 0.8), compared("<", 0.9)))),
        ("]80%…90%[", Logic(0, "and", (compared(">", 0.8), compared("<", 0.9)))),
        ("【80%..90%】", Logic(0, "and", (compared(">=", 0.8), compared("<=", 0.9)))),
    ],
)
def test_a_cell_is_a_condition(text: str, expected: object) -> None:
    assert cell_condition(text, NUMBER) == expected


@pytest.mark.parametrize(
    ("found", "name", "value"),
    [
        ("7 d", "days", 7.0),
        ("48 h", "days", 2.0),
        ("2 wt", "stock_t", 20_000.0),
        (0.8, "completion", 0.8),
        (7, "days", 7.0),
        ("“local”", "class", "local"),
        ("= local", "class", "local"),
        ("ｌｏｃａｌ", "class", "local"),
        ("兰州（西固）", "city", "兰州（西固）"),
        ("'兰州, 西固'", "city", "兰州, 西固"),
        ("2008-07", "day", date(2008, 7, 1)),
        ("2008/7/15", "day", date(2008, 7, 15)),
        ("2008年7月", "day", date(2008, 7, 1)),
        (date(2008, 7, 15), "day", date(2008, 7, 15)),
        ("TRUE", "by_rail", True),
        (False, "by_rail", False),
    ],
)
def test_values_in_all_their_spellings(found: object, name: str, value: object) -> None:
    if found == "兰州（西固）":  # brackets in a text want quotes
        with pytest.raises(ExpressionError):
            read_cell(found, INPUTS[name])
        found = f"“{found}”"
    condition = cell_condition(found, INPUTS[name])
    assert isinstance(condition, Compare)
    assert condition.operator == "="
    assert isinstance(condition.right, (Number, Text, Date, Bool))
    assert condition.right.value == value


@pytest.mark.parametrize(
    ("text", "name", "at", "message"),
    [
        ("local", "completion", 0, "'local' stands where a number is needed"),
        ("7 t", "days", 2, "'t' and the column's unit 'd' do not measure the same"),
        ("7 dd", "days", 2, "'dd' is no unit"),
        ("7 天", "days", 2, "'天' is no unit"),
        ("7, loca", "days", 3, "'loca' stands where a number is needed"),
        ("petrochina, locla", "class", 12, "'locla' is not among the column's values"),
        ("> local", "class", 0, "a text has no order: list the values, or use = or !="),
        ("[a..b]", "class", 0, "a text has no order: list the values, or use = or !="),
        ("5", "city", 0, "a number stands where a text is needed"),
        ("'local", "class", 0, "the quotation mark has no partner"),
        ("not local", "city", None, ""),
        ("not(local", "class", 9, "the bracket is not closed"),
        ("[5..7", "days", 5, "the range is not closed"),
        ("[7..5]", "days", 0, "nothing lies in this range: its first end must be the smaller"),
        ("(5..5]", "days", 0, "nothing lies in this range: its first end must be the smaller"),
        ("[5,7]", "days", 2, "a range has two ends with '..' between them"),
        ("5..7", "days", 0, "a range says in brackets whether its ends belong to it"),
        ("5-7", "days", 0, "a range says in brackets whether its ends belong to it"),
        ("5至7", "days", 0, "a range says in brackets whether its ends belong to it"),
        (">= 5 and < 7", "days", 5, "a cell cannot join comparisons with 'and'"),
        (">= 5 < 7", "days", 5, "a cell cannot join comparisons"),
        ("5; 7", "days", 1, "values are separated by commas"),
        ("5 or 7", "days", 2, "values are separated by commas"),
        ("5月7日", "days", 0, "the spreadsheet has turned this cell into the date 5月7日"),
        ("7-May", "days", 0, "the spreadsheet has turned this cell into the date 7-May"),
        ("1,000", "stock_t", 1, "a comma in a number: thousands, or a list?"),
        ("1e16", "stock_t", 0, "1e16 is larger than any figure here"),
        ("1e999", "stock_t", 0, "1e999 is larger than any figure here"),
        ("= unknown", "days", 0, "a comparison with unknown is never true"),
        (">=", "days", 2, "a value is missing"),
        ("5,", "days", 2, "a value is missing"),
        ("2008-02-30", "day", 0, "2008-02-30 is no date"),
        ("soon", "day", 0, "'soon' stands where a date is needed"),
        ("yes", "by_rail", 0, "'yes' stands where a boolean is needed"),
        ("#N/A", "days", 0, "the cell holds the error #N/A"),
        (datetime(2008, 5, 7, 12), "day", 0, "a whole day is expected here, without a time"),
        (date(2008, 5, 7), "days", 0, "the spreadsheet has turned this cell into the date 2008-05-07"),
        ("x" * 2001, "city", 0, "longer than 2000 characters"),
        (", ".join("1" * 300), "days", 599, "more than 200 values in one cell"),
    ],
)
def test_a_wrong_cell_is_told_at_its_character(text: object, name: str, at: int | None, message: str) -> None:
    if at is None:  # a text may begin with 'not'
        assert read_cell(text, INPUTS[name]) is not None
        return
    with pytest.raises(ExpressionError) as caught:
        read_cell(text, INPUTS[name])
    assert (caught.value.message, caught.value.at) == (message, at)
    assert caught.value.message_zh


@pytest.mark.parametrize(("text", "nearest"), [("7 天", "d"), ("7 dd", "d"), ("5..7", "[5..7]")])
def test_what_was_meant_is_named(text: str, nearest: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_cell(text, INPUTS["days"])
    assert caught.value.nearest == nearest


def test_what_excel_made_of_a_range_is_told_with_what_to_write() -> None:
    with pytest.raises(ExpressionError) as caught:
        read_cell(date(2008, 5, 7), INPUTS["days"])
    assert "[5..7]" in caught.value.accepted


# --- tables

SOUND = "completion,class,-> tier\n>= 95%,-,key\n< 95%,local,prospect\n< 95%,not(local),ordinary\n"


@pytest.mark.parametrize(
    "data",
    [
        SOUND.encode(),
        b"\xef\xbb\xbf" + SOUND.encode(),
        SOUND.replace(",", ";").replace("\n", "\r\n").encode(),
        SOUND.replace(",", "\t").replace("->", "→").encode(),
        SOUND.replace("tier\n", "tier,note\n").replace("key\n", "key,重点\n").encode("gb18030"),
        SOUND.replace(">=", "≥").replace("<", "＜").replace("%", "％").replace("(", "（").replace(")", "）").encode(),
        b"\n,,\n" + SOUND.encode(),
    ],
    ids=["plain", "bom", "semicolons", "tabs", "gb18030", "full-width", "blank lines"],
)
def test_every_spelling_of_a_table_says_the_same(tmp_path: Path, data: bytes) -> None:
    if data.startswith(b"\n"):
        data = data[4:]  # only a blank first line: a line of commas is told by its missing header
    reading = read_text(tmp_path, data)
    assert reading.problems == ()
    assert reading.table is not None
    plain = read_text(tmp_path, SOUND).table
    assert plain is not None
    assert [w.code for w in reading.warnings] == (["decision-encoding"] if b"\xd6" in data else [])
    node = output_node(reading.table, reading.table.outputs[0])
    assert isinstance(node, Case)
    assert [then for _, then in node.branches] == [Text(0, "key"), Text(0, "prospect"), Text(0, "ordinary")]
    assert reading.table.outputs[0].values == {
        "key": ("key", "key"),
        "prospect": ("prospect",) * 2,
        "ordinary": ("ordinary",) * 2,
    }
    assert [r.values for r in reading.table.rows] == [r.values for r in plain.rows]


def test_a_workbook_says_what_a_csv_says(tmp_path: Path) -> None:
    rows = [line.split(",") for line in SOUND.splitlines()]
    tmp_path.joinpath("t.xlsx").write_bytes(workbook(("notes", [["x"]]), ("tiers", rows)))
    from_book = read(tmp_path, "t.xlsx", sheet="tiers")
    from_text = read_text(tmp_path, SOUND)
    assert from_book.problems == from_book.warnings == ()
    assert from_book.table is not None and from_text.table is not None
    assert [(r.cells, r.values) for r in from_book.table.rows] == [(r.cells, r.values) for r in from_text.table.rows]
    assert from_book.table.sheet == "tiers"


def test_outputs_take_their_kind_from_the_rule_file_or_from_their_cells(tmp_path: Path) -> None:
    text = (
        "class,-> tier,→ share,=> wait,-> open,-> since,-> source_t,备注\n"
        "local,key,20%,7 d,true,2008-07,5,x\n"
        "-,unknown,0.3,48 h,false,2008-08,unknown,\n"
    )
    table = read_text(tmp_path, text, hit="first", outputs={"tier": TIERS, "source_t": "t"}).table
    assert table is not None
    assert [(o.name, o.kind, o.unit) for o in table.outputs] == [
        ("tier", "text", ""),
        ("share", "number", "1"),
        ("wait", "number", "d"),
        ("open", "boolean", ""),
        ("since", "date", ""),
        ("source_t", "number", "t"),
    ]
    assert table.output("tier").values == TIERS
    assert table.rows[0].values == ("key", 0.2, 7.0, True, date(2008, 7, 1), 5.0)
    assert table.rows[1].values == (None, 0.3, 2.0, False, date(2008, 8, 1), None)


def test_a_table_may_say_unknown_throughout(tmp_path: Path) -> None:
    for hit in ("unique", "output order", "rule order"):
        table = read_text(tmp_path, "class,-> tier\n-,unknown\n", hit=hit, outputs={"tier": TIERS}).table
        assert table is not None
        assert reckon(output_node(table, table.outputs[0]), {"class": "local"}) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("class,-> tier,→ tier\n-,key,key\n", "the output 'tier' is there twice"),
        ("class,-> tier,note\n,,only a remark\n", "the table has no rows"),
    ],
)
def test_odd_sheets(tmp_path: Path, text: str, message: str) -> None:
    assert [p.message for p in read_text(tmp_path, text).problems] == [message]


def test_a_label_in_place_of_a_value_is_told_with_the_value(tmp_path: Path) -> None:
    (problem,) = read_text(tmp_path, "class,-> tier\n-,重点客户\n", outputs={"tier": TIERS}).problems
    assert (problem.code, problem.found, problem.nearest, problem.line, problem.column) == (
        "decision-output",
        "重点客户",
        "key",
        2,
        3,
    )


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("U", "unique"),
        ("Output  Order", "output order"),
        ("collect_sum", "collect sum"),
        ("C#", "collect count"),
        ("C", None),
    ],
)
def test_hit_policies_have_dmns_letters(text: str, hit: str | None) -> None:
    assert hit_policy(text) == hit


def test_one_row_decides_all_outputs(tmp_path: Path) -> None:
    text = (
        "completion,-> tier,-> stage\n< 90%,unknown,late\n< 80%,ordinary,late\n< 70%,ordinary,early\n< 60%,key,late\n"
    )
    stages = {"early": ("early", "早"), "late": ("late", "晚")}
    table = read_text(tmp_path, text, hit="priority", outputs={"tier": TIERS, "stage": stages}).table
    assert table is not None
    assert [row.line for row in table.ranked_rows] == [5, 4, 3, 2]
    said = [
        tuple(reckon(output_node(table, output), {"completion": share}) for output in table.outputs)
        for share in (0.55, 0.65, 0.75, 0.85, 0.95, None)
    ]
    late = (None, "late")
    assert said == [("key", "late"), ("ordinary", "early"), ("ordinary", "late"), late, (None, None), (None, None)]


def test_several_hits_are_told_in_the_declared_order_of_each_output(tmp_path: Path) -> None:
    text = "completion,-> tier,-> stage\n< 90%,ordinary,b\n< 80%,key,a\n< 70%,ordinary,b\n"
    table = read_text(tmp_path, text, hit="output order", outputs={"tier": TIERS}).table
    assert table is not None
    nodes = [output_node(table, output) for output in table.outputs]
    assert [reckon(node, {"completion": 0.6}) for node in nodes] == ["key; ordinary", "b; a"]
    assert table.outputs[0].values == {}  # joined texts are none of the texts


# --- mistakes, told exactly

HEADER = ["completion", "class", "-> tier"]
BOOKS: dict[str, Callable[[], bytes]] = {
    "dates_for_ranges": lambda: workbook(
        ("t", [HEADER, [date(2008, 5, 7), "local", "key"], ["< 5", date(2008, 7, 8), "key"]])
    ),
    "merged_cells": lambda: workbook(("t", [HEADER, [0.9, "local", "key"], [0.8, "", "key"]]), merged="B2:B3"),
    "error_cell": lambda: workbook(("t", [HEADER, [0.9, "local", "key"]]), formula=("A3", "=1/0", "#DIV/0!")),
    "formula_never_computed": lambda: workbook(("t", [HEADER, [0.9, "local", "key"]]), formula=("C3", "=A2", None)),
    "sheet_not_named": lambda: workbook(("tiers", [HEADER]), ("lists", [["x"]])),
    "sheet_misspelt": lambda: workbook(("tiers", [HEADER]), ("lists", [["x"]])),
    "misspelt_in_a_sheet": lambda: workbook(("t", [HEADER, [">= 95%", "locla", "key"], [True, "local", "ordinery"]])),
    "far_cell": lambda: workbook(("t", [HEADER, *([[]] * 70_000), [""] * 30 + ["x"]])),
}
SPECS: dict[str, dict[str, Any]] = {
    "outputs_not_declared": {"outputs": {"tier": TIERS, "shere": "1", "share": "parsec"}},
    "priority_without_order": {"hit": "priority"},
    "sum_of_texts": {"hit": "collect sum"},
    "joined_numbers": {"hit": "output order"},
    "overlap_any": {"hit": "any"},
    "sheet_misspelt": {"sheet": "tier"},
    "sheet_of_a_csv": {"sheet": "tiers"},
    "misspelt_in_a_sheet": {"outputs": {"tier": TIERS}},
}
NAMES = sorted({*BOOKS, *(folder.name for folder in INVALID.iterdir() if folder.joinpath("table.csv").exists())})


def test_there_are_enough_mistakes() -> None:
    assert len(NAMES) >= 20


@pytest.mark.parametrize("name", NAMES)
def test_mistakes_are_told_exactly(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in BOOKS:
        tmp_path.joinpath("table.xlsx").write_bytes(BOOKS[name]())
    else:
        tmp_path.joinpath("table.csv").write_bytes((INVALID / name / "table.csv").read_bytes())
    monkeypatch.chdir(tmp_path)
    reading = read(Path(), "table.xlsx" if name in BOOKS else "table.csv", **SPECS.get(name, {}))
    assert reading.table is None
    assert reading.problems
    told = "".join(f"{render_problem(p, lang)}\n" for lang in ("en", "zh") for p in reading.problems)
    expected = INVALID / name / "expected.txt"
    if os.environ.get("CHAINSIM_REGENERATE"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")


# --- what is worth telling


def warnings(folder: Path, text: str, hit: Hit = "unique", **rest: Any) -> list[str]:
    reading = read_text(folder, text, hit=hit, **rest)
    assert reading.problems == ()
    assert all(w.message_zh and w.file for w in reading.warnings)
    return [w.message for w in reading.warnings]


def test_gaps_are_told_with_an_example(tmp_path: Path) -> None:
    text = 'completion,class,-> tier\n> 95%,local,key\n< 95%,local,prospect\n-,"petrochina, sinopec",ordinary\n'
    assert warnings(tmp_path, text) == ["no row covers completion = 95%, class = local"]


def test_unknown_is_a_value_where_a_cell_names_it(tmp_path: Path) -> None:
    assert warnings(tmp_path, "class,by_rail,-> tier\nnot unknown,true,key\n-,false,key\n") == [
        "no row covers class = unknown, by_rail = true"
    ]
    assert warnings(tmp_path, "class,by_rail,-> tier\nunknown,true,key\n-,false,key\n") == [
        "no row covers class = petrochina, by_rail = true"
    ]
    assert (
        warnings(tmp_path, "class,by_rail,-> tier\n-,false,a\nlocal,true,b\nnot(local),true,c\nunknown,true,d\n") == []
    )


def test_between_days_there_is_nothing(tmp_path: Path) -> None:
    assert warnings(tmp_path, "day,-> season\n<= 2008-03-31,winter\n>= 2008-04-01,summer\n") == []
    assert warnings(tmp_path, "completion,-> x\n<= 1,a\n>= 2,b\n") == ["no row covers completion = 150%"]


def test_rows_that_never_decide_are_told(tmp_path: Path) -> None:
    text = "completion,-> tier\n>= 90%,key\n< 90%,ordinary\n< 50%,prospect\n"
    assert warnings(tmp_path, text, "first") == ["line 4 can never decide: others always win"]
    assert warnings(tmp_path, text, "priority", outputs={"tier": dict(reversed(TIERS.items()))}) == []


def test_a_count_needs_no_else(tmp_path: Path) -> None:
    assert warnings(tmp_path, "completion,-> x\n< 90%,a\n< 80%,b\n", "collect count") == []


@pytest.mark.parametrize("name", ["tiering", "lifecycle"])
def test_shipped_tables_are_complete_and_free_of_overlaps(name: str) -> None:
    reading = read(RULES, f"{name}.csv")
    assert reading.problems == reading.warnings == ()
    assert reading.table is not None
    said = {row.values[0] for row in reading.table.rows}
    stages = {"breakthrough", "consolidation", "growth", "harvest", "defence", "hibernation", "suspension"}
    assert said == (set(TIERS) if name == "tiering" else stages)


# --- files that must not be read, or not for long


@pytest.mark.parametrize(
    "file",
    ["../table.csv", "/etc/passwd", "sub/table.csv", "..", ".", "", "a\\b.csv", "a\0.csv", "C:table.csv", "~/table.csv", "*.csv",
     "a\n.csv", "x" * 300 + ".csv"],
)  # fmt: skip
def test_only_a_plain_name_beside_the_rules_is_read(tmp_path: Path, file: str) -> None:
    tmp_path.joinpath("table.csv").write_text(SOUND, encoding="utf-8")
    folder = tmp_path / "rules"
    folder.mkdir()
    reading = read(folder, file)
    assert reading.table is None
    assert [p.code for p in reading.problems] == ["decision-file"]


def test_links_do_not_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    tmp_path.joinpath("outside.csv").write_text(SOUND, encoding="utf-8")
    folder.joinpath("inside.csv").write_text(SOUND, encoding="utf-8")
    folder.joinpath("out.csv").symlink_to(tmp_path / "outside.csv")
    folder.joinpath("in.csv").symlink_to(folder / "inside.csv")
    folder.joinpath("round.csv").symlink_to(folder / "round.csv")
    folder.joinpath("device.csv").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.csv")
    folder.joinpath("dir.csv").mkdir()
    assert read(folder, "in.csv").table is not None
    for name in ("out.csv", "round.csv", "device.csv", "pipe.csv", "dir.csv", "none.csv"):
        assert [p.code for p in read(folder, name).problems] == ["decision-file"], name


def big_book() -> bytes:
    return workbook(("t", [HEADER, *([0.5, "local", "key"] for _ in range(30_000))]))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "rows.csv": lambda: b"completion,class,-> tier\n" + b"0.5,local,key\n" * 100_000,
    "short_rows.csv": lambda: b"completion,-> x\n" + b"1,a\n" * 50_000,
    "columns.csv": lambda: b",".join([b"completion"] * 5_000) + b"\n",
    "one_cell.csv": lambda: b"completion,-> x\n" + b"9" * 900_000 + b",a\n",
    "brackets.csv": lambda: b"completion,-> x\n" + b"(" * 1_900 + b",a\n",
    "spaces.csv": lambda: b"city,-> x\n" + b"a " * 950 + b"(,a\n",
    "lists.csv": lambda: (
        b"days,city,-> x\n" + b"".join(b'"%s",c%d,a\n' % (b", ".join([b"%d" % i] * 150), i) for i in range(1_900))
    ),
    "bounds.csv": lambda: (
        b",".join([b"days", b"stock_t", b"completion", b"-> x"])
        + b"\n"
        + b"".join(b"< %d,!= %d,>= %d,a\n" % (i * 7919 % 2003, i * 31 % 1999, i * 17 % 2011) for i in range(1_990))
    ),
    "rows.xlsx": big_book,
    "not_a_book.xlsx": lambda: b"PK\x03\x04" + b"x" * 1000,
    "a_book.csv": lambda: workbook(("t", [HEADER])),
    "nul.csv": lambda: b"completion,-> x\n\0,a\n",
    "utf16.csv": lambda: SOUND.encode("utf-16"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("hit", ["unique", "first"])
def test_hostile_tables_end_soon(tmp_path: Path, name: str, hit: Hit) -> None:
    tmp_path.joinpath(name).write_bytes(HOSTILE[name]())
    begun = time.process_time()
    reading = read(tmp_path, name, hit=hit)
    assert time.process_time() - begun < 2.0
    assert reading.problems or (name == "bounds.csv" and reading.warnings)
    assert len(reading.problems) <= 51 and len(reading.warnings) <= 51
    for problem in (*reading.problems, *reading.warnings):
        assert render_problem(problem, "en") and render_problem(problem, "zh") and problem.message_zh
