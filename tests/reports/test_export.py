"""Result folders: whole or not at all, equal bytes for equal input, safe to open in a spreadsheet."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest
from tests.results.hand_made import log, scenario

from chainsim.errors import InputError
from chainsim.reports import write_results
from chainsim.reports.export import safe_text
from chainsim.results import TABLES, build_tables

T = build_tables(scenario(), log())
MANIFEST = {"chainsim": "0.1.0", "scenario": "hand", "seed": 0}


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_parquet_comes_back_as_it_went(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "out", T, MANIFEST, ("parquet",))
    for name in TABLES:
        pd.testing.assert_frame_equal(pd.read_parquet(folder / f"{name}.parquet"), T[name])


def test_parquet_carries_the_declaration(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    folder = write_results(tmp_path / "out", T, MANIFEST, ("parquet",))
    metadata = pq.read_schema(folder / "completion.parquet").field("plan_t").metadata
    assert metadata[b"unit"] == b"t"
    assert metadata[b"meaning_zh"].decode() == "月末执行中的计划量"


def test_csv_is_for_excel(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "out", T, MANIFEST, ("csv",))
    for name, table in TABLES.items():
        data = (folder / f"{name}.csv").read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        back = pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig")
        assert list(back.columns) == [c.name for c in table.columns]
        assert len(back) == len(T[name])
        for column in table.columns:
            if column.type == "number":
                pd.testing.assert_series_equal(back[column.name].astype("float64"), T[name][column.name])
    events = (folder / "events.csv").read_text(encoding="utf-8-sig").splitlines()
    assert events[2] == '2,2008-01-21 00:00:00,"tank_full","hub",,5000,"Hub: tank full","枢纽油库：罐满"'
    first = (folder / "completion.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert first.startswith('2008-01-01,"alpha","tarim","petrochina",15500,')


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"])
def test_text_is_never_a_formula(text: str) -> None:
    assert safe_text(text) == f"'{text}"


def test_csv_texts_are_never_formulas(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "out", T, MANIFEST, ("csv",))
    assert '"alpha","owner","\'=cmd()"' in (folder / "customer_archive.csv").read_text(encoding="utf-8-sig")


def test_the_manifest_counts_and_hashes(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "out", T, MANIFEST)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"] == "hand"
    assert manifest["tables"]["completion"] == 6
    assert set(manifest["files"]) == names(folder) - {"manifest.json"}
    for name, sha in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    one = write_results(tmp_path / "one", T, MANIFEST)
    two = write_results(tmp_path / "two", build_tables(scenario(), log()), MANIFEST)
    assert names(one) == names(two)
    for name in names(one):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_earlier_results_are_replaced_and_other_files_stay(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "out", T, MANIFEST, ("parquet", "csv"))
    (folder / "notes.txt").write_text("mine")
    write_results(folder, T, MANIFEST, ("csv",))
    assert "completion.parquet" not in names(folder)
    assert (folder / "notes.txt").read_text() == "mine"
    assert names(tmp_path) == {"out"}


def test_an_extra_file_appears_with_the_tables(tmp_path: Path) -> None:
    folder = write_results(
        tmp_path / "out", T, MANIFEST, ("csv",), {"hello.txt": lambda path: path.write_text("hello")}
    )
    assert (folder / "hello.txt").read_text() == "hello"
    assert "hello.txt" in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]


@pytest.mark.parametrize("before", [False, True], ids=["nothing before", "results before"])
def test_a_failure_leaves_what_was_there(tmp_path: Path, before: bool) -> None:
    folder = tmp_path / "out"
    if before:
        write_results(folder, T, MANIFEST, ("csv",))
    was = {entry.name: entry.read_bytes() for entry in folder.iterdir()} if before else None

    def fail(path: Path) -> None:
        path.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_results(folder, T, MANIFEST, extra={"report.xlsx": fail})
    assert ({entry.name: entry.read_bytes() for entry in folder.iterdir()} if before else None) == was
    assert names(tmp_path) == ({"out"} if before else set())


def test_a_failed_rename_puts_the_earlier_results_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_results(tmp_path / "out", T, MANIFEST, ("csv",))
    was = names(folder)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.suffix == ".part":
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(InputError) as caught:
        write_results(folder, T, MANIFEST)
    assert caught.value.problems[0].code == "output-not-writable"
    assert names(folder) == was
    assert names(tmp_path) == {"out"}


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(InputError) as caught:
        write_results(tmp_path, T, MANIFEST)
    (problem,) = caught.value.problems
    assert problem.code == "output-folder-not-ours"
    assert problem.message_zh
    assert names(tmp_path) == {"thesis.docx"}


@pytest.mark.parametrize("content", ["not json", "[]", '{"name": "something else"}'])
def test_a_foreign_manifest_does_not_make_a_folder_ours(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(InputError):
        write_results(tmp_path, T, MANIFEST)
    assert names(tmp_path) == {"manifest.json"}


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError) as caught:
        write_results(tmp_path / "out", T, MANIFEST)
    assert caught.value.problems[0].code == "output-not-writable"
    assert (tmp_path / "out").read_text() == "a file"
