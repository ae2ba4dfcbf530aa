"""A scenario written as a workbook and read back is the same scenario, whatever it holds and in either language."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.files.conftest import SMALL
from tests.files.document_of import document_of
from tests.simulation.strategies import scenarios

from chainsim import workflow
from chainsim.errors import InputError
from chainsim.files import documents as doc
from chainsim.files import input_forms, load_scenario, load_statements
from chainsim.files.columns import COLUMNS, SETTINGS, SHEET_MEANINGS, SHEET_NAMES
from chainsim.files.tables import KNOWN_TABLES, SECTIONS, TABLES
from chainsim.model import Scenario
from chainsim.reports.input_workbook import input_workbook_bytes

SCENARIOS = SMALL.parents[2] / "scenarios"
NAMED = sorted(path for path in SCENARIOS.iterdir() if path.suffix == ".yaml" or (path / "scenario.yaml").is_file())
OVERLAYS = [path for path in NAMED if path.suffix == ".yaml"]


def exported(path: Path, target: Path, lang: str = "zh") -> Path:
    """The scenario at ``path`` as a workbook at ``target``."""
    target.write_bytes(input_workbook_bytes(input_forms(load_statements(path), lang)))
    return target


def returned(path: Path, lang: str = "zh") -> Scenario:
    """The scenario at ``path`` after its way through a workbook."""
    with tempfile.TemporaryDirectory() as folder:
        return load_scenario(exported(path, Path(folder) / "x.xlsx", lang)).scenario


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", [*NAMED, SMALL], ids=lambda path: path.stem)
def test_every_named_scenario_comes_back(path: Path, lang: str, tmp_path: Path) -> None:
    loaded = load_scenario(exported(path, tmp_path / "x.xlsx", lang))
    assert loaded.scenario == load_scenario(path).scenario
    assert loaded.warnings == ()
    assert loaded.amount_unit == load_scenario(path).amount_unit


def written(path: Path, folder: Path) -> dict[str, bytes]:
    """The bytes of every table of a run."""
    workflow.write(workflow.run(path), folder)
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "manifest.json"}


SLOW = [pytest.param(p, id=p.stem, marks=pytest.mark.slow) for p in NAMED if p.stem not in ("mid-july", "crisis")]


@pytest.mark.parametrize(
    "path", [SMALL, SCENARIOS / "mid-july", SCENARIOS / "crisis.yaml", *SLOW], ids=lambda p: p.stem
)
def test_the_workbook_gives_the_folder_s_results_byte_for_byte(path: Path, tmp_path: Path) -> None:
    workbook = exported(path, tmp_path / "x.xlsx")
    folder = written(path, tmp_path / "one")
    assert len(folder) > 20
    assert written(workbook, tmp_path / "two") == folder


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    assert exported(SMALL, tmp_path / "1.xlsx").read_bytes() == exported(SMALL, tmp_path / "2.xlsx").read_bytes()


def test_a_workbook_comes_back_from_a_workbook_with_its_notes(small: Path, tmp_path: Path) -> None:
    document = yaml.load(small.joinpath("scenario.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - text only
    document["farms"]["head"] |= {"note": "实测 measured", "source": "手册第 3 页"}
    document["customers"]["works"]["archive"] = {"owner": "国有", "class": "A 类", "数量": "12 台", "note": "x"}
    small.joinpath("scenario.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    once = exported(small, tmp_path / "1.xlsx")
    assert load_scenario(once).scenario == load_scenario(small).scenario
    assert load_scenario(once).scenario.customers[0].archive["class"] == "A 类"
    again = exported(once, tmp_path / "2.xlsx")
    assert again.read_bytes() == once.read_bytes()
    stated = load_statements(again).tree["farms"]["head"]
    assert (stated["note"], stated["source"]) == ("实测 measured", "手册第 3 页")


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.stem)
def test_overlays_over_the_workbook_are_those_over_the_folder(path: Path, tmp_path: Path) -> None:
    exported(SCENARIOS / "western", tmp_path / "western.xlsx")
    text = path.read_text(encoding="utf-8")
    assert "extends: western\n" in text
    tmp_path.joinpath(path.name).write_text(
        text.replace("extends: western\n", "extends: western.xlsx\n"), encoding="utf-8"
    )
    assert load_scenario(tmp_path / path.name).scenario == load_scenario(path).scenario


def changed_small(folder: Path, **changes: Any) -> Path:
    """A copy of the small scenario with records of every kind, and these keys of its document changed."""
    copy = Path(shutil.copytree(SMALL, folder / "small"))
    document = yaml.load(SMALL.joinpath("scenario.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - text only
    document |= RECORDS | changes
    copy.joinpath("scenario.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return copy


RECORDS: dict[str, Any] = {
    "visits": [{"customer": "works", "planned": "2008-01-02", "visited": "2008-01-03", "note": "第一次"}],
    "complaints": [{"number": "007", "customer": "works", "received": "2007-12-30", "kind": "safety", "text": "leak"}],
    "surveys": [{"customer": "works", "date": "2008/1/2", "dimension": "quality", "score": "87.5"}],
    "invoices": [{"number": "1", "customer": "works", "due": "2008-01-02", "yuan": "1e6", "paid": "2008-01-09"}],
    "work_order_log": [{"work_order": "w 1", "step": "reply", "date": "2008-01-02", "by": "Li"}],
}


def sound(path: Path) -> bool:
    """Whether there is a scenario at ``path``."""
    try:
        load_scenario(path)
    except InputError:
        return False
    return True


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(scenario=scenarios(most_days=70), lang=st.sampled_from(["en", "zh"]))
def test_random_scenarios_come_back(scenario: Scenario, lang: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "random.yaml"
        file.write_text(json.dumps(document_of(scenario)), encoding="utf-8")
        assume(sound(file))
        assert returned(file, lang) == load_scenario(file).scenario


AWKWARD = st.sampled_from([0.1, 1 / 3, 1e-7, 54794.520547945205, 12345678.875, 0.30000000000000004, 1e16 / 3, 5e-324])


@settings(max_examples=20, deadline=None)
@given(amounts=st.lists(AWKWARD | st.floats(0, 1e9), min_size=3, max_size=3), lang=st.sampled_from(["en", "zh"]))
def test_numbers_come_back_to_the_last_bit(amounts: list[float], lang: str) -> None:
    receipts = [{"customer": "north", "date": f"2008-02-1{i} 07:13:59", "yuan": a} for i, a in enumerate(amounts)]
    steps = [{"value": amounts[0]}, {"from": "2008-02-03", "value": amounts[1]}]
    with tempfile.TemporaryDirectory() as folder:
        changed = changed_small(Path(folder), receipts=receipts)
        document = json.loads(changed.joinpath("scenario.yaml").read_text("utf-8"))
        document["pipelines"]["spur"] |= {"tariff": amounts[2], "capacity": steps}
        changed.joinpath("scenario.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        before = load_scenario(changed).scenario
        assert before.receipts[0].yuan == amounts[0]
        assert returned(changed, lang) == before


ODD_TEXTS = [
    *("=1+1", '=HYPERLINK("http://example.org")', "+1", "-1", "@SUM(A1)", "'quoted", "_x0041_", "a\nb", "1e3"),
    *("2008-07-12", "007", "TRUE", "http://example.org", "<b>&amp;</b>", "名称；（吨）"),
]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30) | st.sampled_from(ODD_TEXTS)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(TEXTS, min_size=5, max_size=5), lang=st.sampled_from(["en", "zh"]))
def test_texts_come_back_as_they_are(texts: list[str], lang: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        complaint = {**RECORDS["complaints"][0], "text": texts[3], "unit": texts[4]}
        title = {"zh": texts[1], "en": texts[2]}
        changed = changed_small(Path(folder), description=texts[0], title=title, complaints=[complaint])
        document = json.loads(changed.joinpath("scenario.yaml").read_text("utf-8"))
        document["customers"]["works"]["archive"] = {"owner": texts[3], "内容": texts[4]}
        changed.joinpath("scenario.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        assume(sound(changed))  # blank text is told as missing
        assert returned(changed, lang) == load_scenario(changed).scenario


UNITS: list[dict[str, Any]] = [{"amount": "t"}, {"amount": "kt"}, {"amount": "wt"}, {"amount": "m3", "density": 861.3}]
SCALES = st.fixed_dictionaries(
    {
        "table": st.sampled_from(["plan", "purchases", "production", "prices", "receipts"]),
        "factor": st.sampled_from([0.9, 1 / 3, 1.1, "70%"]),
    },
    optional={
        "from": st.sampled_from(["2008-01-01", "2008-02", "2008-02-15"]),
        "to": st.sampled_from(["2008-03", "2008-04"]),
    },
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(units=st.sampled_from(UNITS), scales=st.lists(SCALES, max_size=3), lang=st.sampled_from(["en", "zh"]))
def test_units_and_scales_come_back(units: dict[str, Any], scales: list[dict[str, Any]], lang: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        small = changed_small(Path(folder), units=units)
        document = json.loads(small.joinpath("scenario.yaml").read_text("utf-8"))
        del document["pipelines"]["trunk"]["contents"]  # two densities: they would not add up in m3
        small.joinpath("scenario.yaml").write_text(json.dumps(document), encoding="utf-8")
        top = Path(folder) / "top.yaml"
        extra = {"customer": "works", "grade": "tarim", "period": "2008-03", "amount": 25_000}
        top.write_text(json.dumps({"extends": "small", "scale": scales, "plan": [extra]}), encoding="utf-8")
        assume(sound(top))  # a window may hold no row, or leave finer lines that do not add up
        before = load_scenario(top)
        file = exported(top, Path(folder) / "x.xlsx", lang)
        assert load_scenario(file).scenario == before.scenario
        assert load_scenario(file).amount_unit == ("t" if scales else before.amount_unit)


def test_a_scale_worked_in_needs_no_scale(tmp_path: Path) -> None:
    """The random test above lets windows go by that hold nothing; these hold something."""
    changed_small(tmp_path, units={"amount": "kt"})
    top = tmp_path / "top.yaml"
    scales = [{"table": table, "factor": 1 / 3} for table in ("purchases", "production", "prices", "receipts")]
    top.write_text(json.dumps({"extends": "small", "scale": scales}), encoding="utf-8")
    assert returned(top) == load_scenario(top).scenario != load_scenario(tmp_path / "small").scenario


def test_amounts_keep_their_unit_and_what_is_open_stays_open(small: Path, tmp_path: Path) -> None:
    """Doubling an opening stock in the workbook does what it does in the files, where contents follow from it."""
    document = yaml.load(small.joinpath("scenario.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - text only
    del document["pipelines"]["trunk"]["contents"]
    small.joinpath("scenario.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    book = input_forms(load_statements(small), "zh")
    sheet = next(form for form in book.forms if form.sheet == "期初库存")
    rows = [
        [*row[:3], 2 * row[3] if row[0] == "head" and row[2] == "tarim" else row[3], *row[4:]] for row in sheet.rows
    ]  # type: ignore[operator]
    forms = tuple(replace(form, rows=rows) if form is sheet else form for form in book.forms)
    file = tmp_path / "x.xlsx"
    file.write_bytes(input_workbook_bytes(replace(book, forms=forms)))
    document["farms"]["head"]["opening"]["tarim"] = str(2 * float(document["farms"]["head"]["opening"]["tarim"]))
    small.joinpath("scenario.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    assert load_scenario(file).scenario == load_scenario(small).scenario


def test_a_text_longer_than_a_cell_is_told(small: Path) -> None:
    head = small / "scenario.yaml"
    head.write_text(
        head.read_text("utf-8").replace("description: ", f"description: {'长' * 40_000} "), encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        input_forms(load_statements(small), "zh")
    assert [(p.code, p.path) for p in caught.value.problems] == [("longer_than_a_cell", "description")]


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not here (tools/install_system_packages.sh)"
)
def test_libreoffice_saves_the_very_scenario(tmp_path: Path) -> None:
    """Opened and saved by another program, a workbook still says the same to the last bit."""
    file = exported(SCENARIOS / "crisis.yaml", tmp_path / "x.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    loaded = load_scenario(tmp_path / "out" / "x.xlsx")
    assert loaded.scenario == load_scenario(SCENARIOS / "crisis.yaml").scenario
    assert loaded.warnings == ()


# ------------------------------------------------------------------------------------------ the dictionary of columns


DOCUMENTS: dict[str, type[doc.Document]] = {
    "grades": doc.GradeDocument,
    "farms": doc.FarmDocument,
    "suppliers": doc.SupplierDocument,
    "pipelines": doc.PipelineDocument,
    "railways": doc.RailwayDocument,
    "routes": doc.RouteDocument,
    "customers": doc.CustomerDocument,
}


@pytest.mark.parametrize("table", [*SECTIONS, "routes"])
def test_every_key_of_an_asset_has_its_column(table: str) -> None:
    keys = {field.alias or name for name, field in DOCUMENTS[table].model_fields.items()}
    required = {f.alias or n for n, f in DOCUMENTS[table].model_fields.items() if f.is_required()} - {"routes"}
    named = {column.name for column in COLUMNS[table] if not column.name.startswith("title_")}
    assert keys - {"title", "archive", "routes"} <= named
    assert required <= {column.name for column in COLUMNS[table] if column.required}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_a_table_is_declared(table: str) -> None:
    named = {column.name: column for column in COLUMNS[table]}
    assert set(named) == set(TABLES[table].columns) - ({"source"} if table == "scale" else set())
    assert {name for name, column in named.items() if column.required} == set(TABLES[table].required)


def test_headings_are_unique_and_every_sheet_has_names() -> None:
    for table, columns in COLUMNS.items():
        for lang in ("en", "zh"):
            headings = [column.heading(lang).casefold() for column in columns]
            assert len(headings) == len(set(headings)), (table, lang)
    assert set(SHEET_NAMES) == set(SHEET_MEANINGS) == {"scenario", *KNOWN_TABLES}
    names = [name.casefold() for pair in SHEET_NAMES.values() for name in pair]
    assert len(names) == len(set(names))
    assert all(0 < len(name) <= 31 for name in names)


def test_settings_are_the_keys_of_the_document() -> None:
    keys = {setting.name.partition(".")[0] for setting in SETTINGS}
    fields = {field.alias or name for name, field in doc.ScenarioDocument.model_fields.items()}
    assert keys - {"extends"} == fields - set(KNOWN_TABLES)


def test_choices_are_those_of_the_schema() -> None:
    for table in SECTIONS:
        properties = DOCUMENTS[table].model_json_schema(by_alias=True)["properties"]
        for column in COLUMNS[table]:
            if column.name in properties and "enum" in properties[column.name]:
                assert set(column.choices) == set(properties[column.name]["enum"]), (table, column.name)
