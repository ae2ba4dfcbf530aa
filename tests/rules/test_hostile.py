"""Rule folders written to harm: each ends soon in a clear error or in nothing, and reads, writes and reaches nothing.

The folders of ``tests/hostile_rules`` say in their first line what becomes of them (``# refused: words of the error`` or
``# harmless: why``); ``hostile_made`` makes those that are too large or too odd to keep. All run in one process under an audit
hook (``hostile_worker``). Time is processor time, in multiples of reading the shipped rules in the same process, so that a busy
or a slow machine fails nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.rules.hostile_made import MADE, rules

from chainsim.errors import InputError, Problem
from chainsim.files import render_problem
from chainsim.results.catalogue import TABLES
from chainsim.rules import load_rules
from chainsim.rules.run_folders import apply_to_folders
from chainsim.rules.running.database import Database, RuleTooHeavyError

HOSTILE = Path(__file__).resolve().parents[1] / "hostile_rules"
FOLDERS = sorted(folder.name for folder in HOSTILE.iterdir() if folder.is_dir())
CANARY = "canary-7f3a"
MOST_TIMES = 15.0
"""What a hostile folder may cost, beside the shipped rules: some three seconds where those take 0.2."""
MOST_MEGABYTES = 900
WALL_SECONDS = 400
"""A folder that waits for ever uses no processor time; this ends it."""

Outcome = dict[str, Any]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What became of every folder, by name."""
    root = tmp_path_factory.mktemp("hostile")
    folders, work = root / "folders", root / "work"
    work.mkdir()
    canary = root / "canary.csv"
    canary.write_text(f"completion,-> tier\n-,{CANARY}\n# {CANARY}\n", encoding="utf-8")
    shutil.copytree(HOSTILE, folders)
    shutil.copy(canary, folders / "secret.csv")
    (folders / "warm_up").mkdir()
    (folders / "warm_up" / "rules.yaml").write_text(rules(), encoding="utf-8")
    for name, (_, make) in MADE.items():
        (folders / name).mkdir()
        make(folders / name, canary)
    before = _listing(folders)
    worker = Path(__file__).with_name("hostile_worker.py")
    ran = subprocess.run(
        [sys.executable, "-P", str(worker), str(folders)],
        cwd=work, capture_output=True, text=True, timeout=WALL_SECONDS, check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0, f"{lines[-1:]}\n{ran.stderr[-3000:]}"
    assert list(work.iterdir()) == []
    assert _listing(folders) == before
    assert CANARY not in ran.stdout
    unit = next(line["shipped_seconds"] for line in lines if "shipped_seconds" in line)
    return {line["name"]: line | {"times": line["seconds"] / unit} for line in lines if "name" in line}


def _listing(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*"))


def test_there_are_enough_folders() -> None:
    assert len(FOLDERS) >= 100
    assert len(MADE) >= 60


@pytest.mark.parametrize("name", [*FOLDERS, *MADE])
def test_ends_soon_and_clearly(name: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[name]
    assert outcome["attempts"] == []
    assert outcome["times"] < MOST_TIMES
    assert outcome["megabytes"] < MOST_MEGABYTES
    told = "\n".join(outcome["told"])
    if name in MADE:
        assert MADE[name][0] in told
    else:
        kind, _, words = (
            (HOSTILE / name / "rules.yaml").read_text("utf-8").splitlines()[0].removeprefix("# ").partition(": ")
        )
        assert kind in {"refused", "harmless"}
        assert words in told if kind == "refused" else not told
    assert len(told) < 300_000
    assert all(sign.isprintable() or sign in "\n\t\u3000" for sign in _rendered(outcome["told"]))


def _rendered(told: list[str]) -> str:
    """What was said about the file, without the line of the file itself."""
    return "\n".join(line for text in told for line in text.splitlines() if not line.startswith("    "))


ENDLESS = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
REFUSED_BY_THE_LOCK = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_parquet('https://example.org/x.parquet')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/*')",
    "COPY (SELECT 1) TO 'out.csv'",
    "EXPORT DATABASE 'out'",
    "IMPORT DATABASE 'out'",
    "ATTACH 'out.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CREATE SECRET s (TYPE S3)",
    "SET memory_limit = '10GB'",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "SET temp_directory = '/tmp'",
    "SET python_enable_replacements = true",
    "PRAGMA threads = 8",
    "SELECT getenv('HOME')",
    "SELECT * FROM variable_of_python",
]


@pytest.mark.parametrize("query", REFUSED_BY_THE_LOCK)
def test_the_second_wall_holds(query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb
    import pyarrow as pa

    monkeypatch.chdir(tmp_path)
    variable_of_python = pa.table({"x": [1]})
    with Database() as database:
        database.lock()
        with pytest.raises(duckdb.Error):
            database.select(query, {})
    assert list(tmp_path.iterdir()) == []
    assert variable_of_python.num_rows == 1


def test_an_endless_query_is_ended() -> None:
    with Database(seconds=0.2) as database:
        database.lock()
        with pytest.raises(RuleTooHeavyError, match=r"longer than 0\.2 s") as caught:
            database.select(ENDLESS, {})
        assert "超过" in caught.value.message_zh
        assert database.select("SELECT 1 AS x", {}).to_pylist() == [{"x": 1}]


def test_a_query_that_takes_all_memory_is_ended_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("chainsim.rules.running.database.MEMORY_LIMIT", "30MB")
    with Database() as database:
        database.lock()
        with pytest.raises(RuleTooHeavyError, match="more memory than 30MB") as caught:
            database.select("SELECT DISTINCT hash(range) AS x FROM range(20000000)", {})
        assert "内存" in caught.value.message_zh
    assert list(tmp_path.iterdir()) == []


def test_the_rule_that_is_too_heavy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _parquet_run(tmp_path / "run")
    (tmp_path / "rules.yaml").write_text(rules(), encoding="utf-8")

    def select(self: Database, query: str, parameters: object) -> None:
        raise RuleTooHeavyError("it takes longer than 1 s", "计算超过 1 秒")

    monkeypatch.setattr(Database, "select", select)
    (problem,) = _problems_of_runs(tmp_path, tmp_path / "run")
    assert problem.path == "rules.low"
    assert problem.file == "rules.yaml:2"
    assert "longer than 1 s" in problem.message
    assert "规则无法计算" in problem.message_zh


def _parquet_run(folder: Path, **columns: object) -> None:
    """A run whose ``customer_months`` has other ``columns`` than declared; ``None`` leaves one out."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    table = TABLES["customer_months"]
    rows: dict[str, object] = {}
    for column in table.columns:
        by_type: dict[str, object] = {"number": [0.5, 0.9], "integer": [1, 2], "boolean": [True, False]}
        dates = pa.array([datetime(2008, 1, 1), datetime(2008, 2, 1)])
        rows[column.name] = dates if column.type in {"date", "instant"} else by_type.get(column.type, ["a", "b"])
    folder.mkdir(exist_ok=True)
    given = {name: value for name, value in (rows | columns).items() if value is not None}
    pq.write_table(pa.table(given), folder / "customer_months.parquet")


def _problems_of_runs(rules_folder: Path, run: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        apply_to_folders(load_rules(rules_folder).rules, [run])
    for problem in caught.value.problems:
        assert render_problem(problem, "en")
        assert render_problem(problem, "zh")
    return caught.value.problems


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"completion": None}, "lacks completion"),
        ({"customer": None, "month": None}, "lacks month, customer"),
        ({"completion": ["much", "'; DROP TABLE x; --"]}, "'completion' is no number"),
        ({"completion": [{"a": 1}, {"a": 2}]}, "'completion' is no number"),
        ({"completion": [[0.5], [0.9]]}, "'completion' is no number"),
        ({"completion": [True, False]}, "'completion' is no number"),
        ({"customer": [1, 2]}, "'customer' is no"),
        ({"customer": [b"a", b"\xff"]}, "'customer' is no"),
        ({"month": ["2008-01", "2008-02"]}, "'month' is no date"),
    ],
    ids=str,
)
def test_tables_of_another_shape_are_told(columns: dict[str, object], words: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(rules(), encoding="utf-8")
    _parquet_run(tmp_path / "run", **columns)
    (problem,) = _problems_of_runs(tmp_path, tmp_path / "run")
    assert words in problem.message
    assert problem.file.endswith("customer_months.parquet")


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "middle", "pipe"])
def test_damaged_tables_are_told(damage: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(rules(), encoding="utf-8")
    _parquet_run(tmp_path / "run")
    file = tmp_path / "run" / "customer_months.parquet"
    data = bytearray(file.read_bytes())
    match damage:
        case "empty":
            data = bytearray()
        case "text":
            data = bytearray(b"PAR1 customer,month\n" * 100)
        case "cut":
            del data[len(data) // 2 :]
        case "middle":
            data[4 : len(data) // 3] = bytes(len(data) // 3 - 4)
    file.unlink()
    if damage == "pipe":
        os.mkfifo(file)
    else:
        file.write_bytes(data)
    assert _problems_of_runs(tmp_path, tmp_path / "run")


def test_values_that_are_no_numbers_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(rules(), encoding="utf-8")
    _parquet_run(tmp_path / "run", completion=[float("nan"), float("-inf")])
    found = apply_to_folders(load_rules(tmp_path).rules, [tmp_path / "run"]).outcome
    assert found.findings.empty
    assert found.results["unknown_rows"].tolist() == [2]


def test_texts_in_tables_are_only_texts(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(rules(), encoding="utf-8")
    hostile = ["'; DROP TABLE customer_months; --", "{0.__class__} %s $p0"]
    _parquet_run(tmp_path / "run", customer=hostile)
    found = apply_to_folders(load_rules(tmp_path).rules, [tmp_path / "run"]).outcome.findings
    assert sorted(found["subject"]) == sorted(hostile)
    assert all(text.startswith(tuple(hostile)) for text in found["message_en"])


@pytest.mark.parametrize("name", ["a'b", "a;b --", "[a]", "*", "a b{x}", "$p0", "%2e"])
def test_names_of_runs_are_only_names(name: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(rules(), encoding="utf-8")
    _parquet_run(tmp_path / name)
    found = apply_to_folders(load_rules(tmp_path).rules, [tmp_path / name]).outcome.findings
    assert {Path(run).name for run in found["run"]} == {name}


def test_lookups_do_not_multiply_rows(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet as pq

    (tmp_path / "rules.yaml").write_text(rules("customer.capacity_t >= 0 t or plan_t >= 0 t"), encoding="utf-8")
    _parquet_run(tmp_path / "run")
    rows = [_customer_row() | {"customer": "a"}] * 10_000
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "run" / "customers.parquet")
    (problem,) = _problems_of_runs(tmp_path, tmp_path / "run")
    assert "two rows of the same key" in problem.message
    assert problem.found == "a"


def _customer_row() -> dict[str, object]:
    values: dict[str, object] = {"number": 1.0, "integer": 1, "boolean": True}
    day = datetime(2008, 1, 1)
    return {
        column.name: day if column.type in {"date", "instant"} else values.get(column.type, "a")
        for column in TABLES["customers"].columns
    }
