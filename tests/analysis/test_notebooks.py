"""The notebooks in docs run from top to bottom, and experiments answer from Python as from the command line."""

from __future__ import annotations

import os
import re
import runpy
from errno import ENOSPC
from pathlib import Path

import pytest
from tests.experiments.tiny import write_tiny

import chainsim
from chainsim import InputError

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.py"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    monkeypatch.chdir(tmp_path)
    left = runpy.run_path(str(path))
    if path.stem != "luck":
        return
    answers = left["answers"]
    assert answers.outcome.failed == 0 and answers.outcome.runs == 32
    again = chainsim.answers("results/luck", lang="zh")
    assert again.tables.answer_kpis.equals(answers.tables.answer_kpis)
    assert "随机扰动" in again._repr_html_() and again.to_excel("luck.xlsx").stat().st_size
    with pytest.raises(InputError):
        chainsim.answers("results")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_in_cells_with_titles_in_both_languages(path: Path) -> None:
    cells = path.read_text(encoding="utf-8").split("# %%")
    assert cells[0] == "" and len(cells) > 8
    for title in re.findall(r"^# #+ (.*)$", path.read_text(encoding="utf-8"), re.M):
        assert re.search(r"[\u4e00-\u9fff]", title), title


def test_an_experiment_with_mistakes_tells_them_all(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("base: nowhere\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        chainsim.experiment(file, lang="zh")
    assert raised.value.lang == "zh" and "bad.yaml" in str(raised.value)


def test_a_cell_can_be_executed_twice(tmp_path: Path) -> None:
    experiment = chainsim.experiment(write_tiny(tmp_path, "base: tiny.yaml\n"))
    first = experiment.run(tmp_path / "out", workers=0)
    written = (tmp_path / "out" / "runs.parquet").stat().st_mtime_ns
    again = experiment.run(tmp_path / "out", workers=0)
    assert (tmp_path / "out" / "runs.parquet").stat().st_mtime_ns == written, "nothing was run again"
    assert again.tables.answer_kpis.equals(first.tables.answer_kpis)
    experiment.run(tmp_path / "out", workers=0, restart=True)
    assert (tmp_path / "out" / "runs.parquet").stat().st_mtime_ns > written


@pytest.mark.parametrize(("lang", "kept"), [("en", "what is finished is kept"), ("zh", "已完成的部分保留")])
def test_work_that_stops_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, kept: str
) -> None:
    from chainsim.experiments import dataset

    def full(*given: object) -> None:
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    experiment = chainsim.experiment(write_tiny(tmp_path, "base: tiny.yaml\n"), lang=lang)
    monkeypatch.chdir(tmp_path)
    for folder, call in ((None, "run(resume=True)"), ("out", "run('out', resume=True)")):
        with monkeypatch.context() as patched:
            patched.setattr(dataset, "_write", full)
            with pytest.raises(InputError) as raised:
                experiment.run(folder, workers=0)
        first, *_, last = str(raised.value).splitlines()
        assert os.strerror(ENOSPC) in first
        assert last.startswith(kept) and last.endswith(call)
        assert experiment.run(folder, workers=0, resume=True).outcome.runs == 1
