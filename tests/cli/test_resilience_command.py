"""``chainsim resilience``: what it prints and writes, and what it says to wrong questions."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from tests.cli.conftest import Chainsim

SMALL = str(Path(__file__).resolve().parents[1] / "scenarios" / "small")
FEW = ("--asset", "spur", "--asset", "trunk", "--asset", "South refinery", "--longest", "20")


@pytest.mark.parametrize(("lang", "said"), [("en", "Hurts most: spur; 7 days out"), ("zh", "损失最重：")])
def test_a_headline_and_the_gravest_first(chainsim: Chainsim, lang: str, said: str) -> None:
    done = chainsim("resilience", SMALL, *FEW, "--lang", lang)
    assert done.code == 0
    assert said in done.out
    rows = [line for line in done.out.splitlines() if line.strip()[:1].isdigit()]
    assert len(rows) == 3
    assert rows[0].split()[0] == "1.00"
    assert ">20" in done.out


def test_quiet_is_the_headline_only(chainsim: Chainsim) -> None:
    done = chainsim("resilience", SMALL, "--asset", "spur", "--longest", "10", "--quiet")
    assert len(done.out.strip().splitlines()) == 3
    assert not done.err


def test_files_and_json(chainsim: Chainsim) -> None:
    folder, book = Path("out"), Path("out.xlsx")
    done = chainsim("resilience", SMALL, *FEW, "--from", "2008-01-10", "--from", "2008-02-10", "--days", "5",
                 "--out", "out", "--xlsx", "out.xlsx", "--json")  # fmt: skip
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["manifest"]["resilience"]["starts"] == ["2008-01-10", "2008-02-10"]
    assert told["manifest"]["resilience"]["outage_days"] == 5.0
    assert len(told["resilience"]) == 6
    assert told["outputs"]["workbook"] == book.as_posix()
    for name in ("resilience", "resilience_customers"):
        parquet = pd.read_parquet(folder / f"{name}.parquet")
        assert len(parquet) == len(told[name])
        assert len((folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()) == len(parquet) + 1
    assert told["outputs"]["maps"] == ["out/map-2008-01-10.svg", "out/map-2008-02-10.svg"]
    picture = (folder / "map-2008-01-10.svg").read_text(encoding="utf-8")
    assert picture.startswith("<svg")
    assert "Risk exposure, 5 days out from 2008-01-10" in picture
    sheets = pd.read_excel(book, sheet_name=None, header=2, engine="calamine")
    assert list(sheets) == ["Resilience", "By customer", "Data dictionary", "Run"]
    assert len(sheets["Resilience"]) == 6


def test_the_same_bytes_with_one_process_or_two(chainsim: Chainsim) -> None:
    for workers in ("1", "2"):
        done = chainsim("resilience", SMALL, *FEW, "--workers", workers, "--out", workers, "--xlsx", f"{workers}.xlsx")
        assert done.code == 0, done.err
    for path in Path("1").iterdir():
        assert path.read_bytes() == (Path("2") / path.name).read_bytes(), path.name
    assert Path("1.xlsx").read_bytes() == Path("2.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--asset", "spurr"),
            ("there is no such asset", "did you mean spur?", "; pipeline: ", "; customer: works, nearby, north, south"),
        ),
        (("--from", "2008/1/9"), ("'2008/1/9' is not a date (accepted: 2008-03-01); did you mean 2008-01-09?",)),
        (("--from", "2011-01-01"), ("lies outside the run", "accepted: 2008-01-01 …")),
        (("--days", "0"), ("--days: is too small", "found: 0")),
        (("--precision", "-1"), ("--precision: is too small",)),
        (("--longest", "nan"), ("--longest: is too small",)),
        (("--days", "week"), ("week",)),
        (("--from", "soon"), ("'soon' is not a date (accepted: 2008-03-01)\n",)),
        (("--workers", "0"), ("--workers",)),
        (("--xlsx", "x.csv"), ("does not end in .xlsx",)),
    ],
)
def test_wrong_questions(chainsim: Chainsim, words: tuple[str, ...], said: tuple[str, ...]) -> None:
    done = chainsim("resilience", SMALL, *words)
    assert done.code == 2
    for part in said:
        assert part in done.err
    assert "Traceback" not in done.err


def test_wrong_questions_in_chinese_all_at_once(chainsim: Chainsim) -> None:
    done = chainsim("resilience", SMALL, "--asset", "nonsense", "--days", "0", "--from", "2011-01-01", "--lang", "zh")
    assert done.code == 2
    assert "没有此可停运设施" in done.err and "管线：" in done.err
    assert "数值过小" in done.err
    assert "不在模拟期内" in done.err


def test_a_foreign_folder_is_refused_before_anything_runs(chainsim: Chainsim) -> None:
    Path("mine").mkdir()
    Path("mine/own.txt").write_text("x", encoding="utf-8")
    done = chainsim("resilience", SMALL, "--out", "mine")
    assert done.code == 2
    assert "holds no chainsim results" in done.err
