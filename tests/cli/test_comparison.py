"""What ``compare`` prints and writes: what differs, why, and only that."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from rich.cells import cell_len
from tests.cli.conftest import Chainsim

from chainsim import workflow
from chainsim.charts.palette import LINE, contrast
from chainsim.cli.comparison import show_comparison
from chainsim.cli.markdown import comparison_markdown
from chainsim.cli.terminal import plain_console
from chainsim.errors import InputError
from chainsim.reports import write_results
from chainsim.workflow_compare import Comparison, compare, compared, remarks, side_of, workbook_of

POOR = "extends: first\nscenario: poor\ncustomers:\n  hill_refinery: {income_per_day: 2000000}\n"
CUT = (
    "extends: first\nscenario: cut\ndisruptions:\n"
    "  - {name: burst, asset: branch, from: 2025-02-01, to: 2025-02-25, remaining: 0, cause: pipeline}\n"
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter, one with a poorer customer, one with a line's outage; and the starter's results."""
    folder = tmp_path_factory.mktemp("compare")
    workflow.new(folder / "first")
    (folder / "poor.yaml").write_text(POOR, encoding="utf-8")
    (folder / "cut.yaml").write_text(CUT, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def outcomes(runs: Path) -> dict[str, workflow.Run]:
    """Each of the three, run once for all tests."""
    return {name: workflow.run(runs / name) for name in ("first", "poor.yaml", "cut.yaml")}


@pytest.fixture(scope="module")
def stored(runs: Path, outcomes: dict[str, workflow.Run]) -> Path:
    """The starter's results as ``run`` writes them."""
    workflow.write(outcomes["first"], runs / "results" / "first")
    return runs / "results" / "first"


def comparison_of(outcomes: dict[str, workflow.Run], *names: str) -> Comparison:
    return compared([side_of(outcomes[name], Path(name)) for name in names])


def shown(comparison: Comparison, lang: str = "en", width: int = 160) -> str:
    stream = io.StringIO()
    show_comparison(comparison, lang, console=plain_console(file=stream, width=width))
    return stream.getvalue()


def test_differences_have_their_unit_and_causes_are_named(outcomes: dict[str, workflow.Run]) -> None:
    out = shown(comparison_of(outcomes, "first", "poor.yaml"))
    assert re.search(r"Plan completion +98\.5% +90\.7% \(-7\.7 pp\)", out)
    assert re.search(r"Shortfall +13,592 t +82,558 t \(\+68,966 t\)", out)
    assert re.search(r"customer's cash +Hill refinery +4,423 +78,063 +-73,640", out)
    assert re.search(r"Hill refinery +89\.6% +36\.7% \(-52\.8 pp\) \+73,640 t customer's cash", out)
    assert "income_yuan_per_day 5200000 2000000" in re.sub(" +", " ", out)


def test_the_causes_shown_add_up_to_the_change_shown(outcomes: dict[str, workflow.Run]) -> None:
    out = shown(comparison_of(outcomes, "first", "poor.yaml"))
    table = out[out.index("Why deliveries changed") : out.index("Completion by customer")]
    effects = [
        int(line.split()[-1].replace(",", "")) for line in table.splitlines()[2:] if re.search(r"[+-][\d,]+ *$", line)
    ]
    *parts, total = effects
    assert len(parts) == 3
    assert sum(parts) == pytest.approx(total, abs=len(parts))
    change = re.search(r"Delivered +\S+ t +\S+ t \((\S+) t\)", out)
    assert change and int(change[1].replace(",", "")) == total


def test_an_outage_shows_as_a_new_cause_with_its_findings_and_inputs(outcomes: dict[str, workflow.Run]) -> None:
    out = shown(comparison_of(outcomes, "first", "cut.yaml"))
    assert re.search(r"pipeline outage +City branch +0 +192,000 +-192,000", out)
    assert re.search(r"City refinery +100\.0% +74\.8% \(-25\.2 pp\) \+192,000 t pipeline outage \(City branch\)", out)
    assert re.search(r"Days full +City depot +0 d +35\.2 d \(\+35\.2 d\)", out)
    assert re.search(r"new +error +City refinery: completion only 18\.6%", out)
    assert re.search(r"disruptions\.burst\.end +none +2025-02-25", out)


def test_the_largest_difference_comes_first(outcomes: dict[str, workflow.Run]) -> None:
    out = shown(comparison_of(outcomes, "first", "cut.yaml", "poor.yaml"))
    customers = out[out.index("Completion by customer") :]
    assert customers.index("Hill refinery") < customers.index("City refinery")


def test_equal_runs_say_so(outcomes: dict[str, workflow.Run]) -> None:
    out = shown(comparison_of(outcomes, "first", "first"))
    assert out.startswith("nothing differs\n")
    assert "pp)" not in out
    assert "nothing differs" in comparison_markdown(comparison_of(outcomes, "first", "first"), "en")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("names", [("first", "cut.yaml"), ("first", "cut.yaml", "poor.yaml", "cut.yaml")])
def test_it_fits(outcomes: dict[str, workflow.Run], names: tuple[str, ...], lang: str, width: int) -> None:
    out = shown(comparison_of(outcomes, *names), lang, width)
    assert all(cell_len(line) <= width for line in out.splitlines() if "sha256" not in line)
    assert ("(-25.2 pp)" if lang == "en" else "-25.2") in out or "74.8%" in out
    if lang == "zh":
        for words in ("关键指标", "管线停输", "城市炼厂", "胀库天数", "不同的输入", "新增"):
            assert words in out


# --- earlier runs


def test_an_earlier_run_differs_in_nothing_from_the_same_run_of_now(
    runs: Path, stored: Path, outcomes: dict[str, workflow.Run]
) -> None:
    comparison = compare([stored, runs / "first"])
    assert comparison.names == (stored.as_posix(), (runs / "first").as_posix())
    assert [len(table) for table in comparison.tables().values()] == [0, 0, 0, 0]


def test_earlier_runs_compare_like_runs_of_now(
    runs: Path, stored: Path, outcomes: dict[str, workflow.Run], tmp_path: Path
) -> None:
    workflow.write(outcomes["cut.yaml"], tmp_path / "cut")
    now = comparison_of(outcomes, "first", "cut.yaml")
    then = compare([stored, tmp_path / "cut"])
    for name, table in now.tables().items():
        pd.testing.assert_frame_equal(table, then.tables()[name], check_categorical=False)
    assert shown(now, "zh") == shown(then, "zh")


def test_other_rules_and_versions_are_told(outcomes: dict[str, workflow.Run]) -> None:
    comparison = comparison_of(outcomes, "first", "cut.yaml")
    first, other = comparison.runs
    assert list(remarks(first, other)) == []
    older = side_of(outcomes["first"], Path("old"))
    older.manifest["chainsim"] = "0.0.1"  # type: ignore[index]
    try:
        (told,) = remarks(older, other)
    finally:
        older.manifest["chainsim"] = other.manifest["chainsim"]  # type: ignore[index]
    assert "made by chainsim" in told.message and "0.0.1" in told.message


def test_what_is_neither_scenario_nor_run_is_told_with_the_rest(runs: Path, stored: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "bad.yaml").write_text("extends: nowhere\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        compare([runs / "first", empty, tmp_path / "bad.yaml"])
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["compare-neither", "extends_missing"]


def test_a_run_of_another_version_is_told_with_the_table_it_lacks(stored: Path, tmp_path: Path) -> None:
    older = tmp_path / "older"
    older.mkdir()
    for path in stored.glob("*.parquet"):
        if path.stem != "asset_figures":
            (older / path.name).write_bytes(path.read_bytes())
    (older / "inputs.parquet").write_bytes(b"PAR1 not really")
    pd.DataFrame({"name": ["x"]}).to_parquet(older / "kpis.parquet")
    with pytest.raises(InputError) as caught:
        compare([stored, older])
    told = {Path(problem.file).stem: problem.message for problem in caught.value.problems}
    assert set(told) == {"asset_figures", "inputs", "kpis"}
    assert "run the scenario again" in told["asset_figures"] and "run the scenario again" in told["kpis"]
    assert "cannot be read" in told["inputs"]


# --- files and formats


def test_differences_are_written_and_printed(chainsim: Chainsim, stored: Path) -> None:
    Path("cut.yaml").write_text(CUT, encoding="utf-8")
    outcome = chainsim("compare", str(stored), "cut.yaml", "--out", "diff", "--xlsx", "c.xlsx", "--json", "--quiet")
    assert outcome.code == 0
    told = json.loads(outcome.out)
    assert [run["name"] for run in told["runs"]] == ["first", "cut"]
    causes = pd.read_parquet("diff/difference_causes.parquet")
    delivered = next(row for row in told["differences"] if row["figure"] == "delivered" and row["subject"] == "")
    assert causes["delivered_change_t"].sum() == pytest.approx(delivered["change"], abs=1e-3)
    assert len(told["difference_causes"]) == len(causes)
    assert set(causes["run"]) == {"cut"}
    assert Path("c.xlsx").stat().st_size > 5000
    first = Path("c.xlsx").read_bytes(), Path("diff/manifest.json").read_bytes()
    again = chainsim("compare", str(stored), "cut.yaml", "--out", "diff", "--xlsx", "c.xlsx", "--format", "markdown")
    assert (Path("c.xlsx").read_bytes(), Path("diff/manifest.json").read_bytes()) == first
    assert "| pipeline outage | City branch |" in again.out


def painted(path: Path, sheet: int) -> dict[str, tuple[str, str, str]]:
    """Of a workbook's ``sheet`` (from 1): cell → text, background and ink (RRGGBB)."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))  # noqa: S314 - our own file
        rows = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))  # noqa: S314

    def colours(kind: str, inner: str) -> list[str]:
        found = (one.find(f".//{main}{inner}") for one in styles.iter(f"{main}{kind}"))
        return ["" if colour is None else colour.get("rgb", "")[2:] for colour in found]

    fills, inks = colours("fill", "fgColor"), colours("font", "color")
    formats = [
        (int(xf.get("fillId", 0)), int(xf.get("fontId", 0))) for xf in styles.iterfind(f".//{main}cellXfs/{main}xf")
    ]
    out = {}
    for cell in rows.iter(f"{main}c"):
        fill, font = formats[int(cell.get("s", 0))]
        out[str(cell.get("r"))] = ("".join(cell.itertext()), fills[fill], inks[font])
    tab = rows.find(f".//{main}tabColor")
    assert tab is not None
    out["tab"] = ("", tab.get("rgb", "")[2:], "")
    return out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_run_has_its_colour_throughout_the_workbook(
    outcomes: dict[str, workflow.Run], tmp_path: Path, lang: str
) -> None:
    comparison = comparison_of(outcomes, "first", "poor.yaml", "cut.yaml")
    runs = (comparison.runs[0], *(replace(run, manifest={"color": "#c0392b"}) for run in comparison.runs[1:]))
    two = replace(
        comparison,
        runs=runs[:2],
        differences=comparison.differences[:1],
        finding_changes=comparison.finding_changes[:1],
    )
    book = tmp_path / "c.xlsx"
    book.write_bytes(workbook_of(replace(comparison, runs=runs), lang))
    page = painted(book, 1)
    heads = {text: (ground, ink) for text, ground, ink in page.values() if ground and ink and text in comparison.names}
    assert heads["poor"][0] == "C0392B"
    assert len({ground for ground, _ in heads.values()}) == 3, "a colour that two state is not shown twice"
    assert all(contrast(f"#{ground}", f"#{ink}") >= 4.5 for ground, ink in heads.values())
    causes = painted(book, 3)
    own = {text: ground for text, ground, _ in causes.values() if text in comparison.names}
    assert own == {name: heads[name][0] for name in ("poor", "cut")}
    assert page["tab"] == causes["tab"] == ("", LINE[1:], "")
    book.write_bytes(workbook_of(two, lang))
    assert painted(book, 2)["tab"][1] == "C0392B", "of two runs the lists are about the second"


def test_usage(chainsim: Chainsim) -> None:
    assert chainsim("compare", "first").code == 2
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("keep", encoding="utf-8")
    outcome = chainsim("compare", "first", "first", "--out", "mine")
    assert outcome.code == 2
    assert "holds no chainsim results" in outcome.err
    assert chainsim("compare", "first", "first", "--xlsx", "c.csv").code == 2


def test_a_folder_of_differences_is_no_run(
    chainsim: Chainsim, outcomes: dict[str, workflow.Run], tmp_path: Path
) -> None:
    comparison = comparison_of(outcomes, "first", "cut.yaml")
    write_results(tmp_path / "diff", comparison.tables(), {"chainsim": "x"})
    with pytest.raises(InputError) as caught:
        compare([tmp_path / "diff", tmp_path / "diff"])
    assert all("not there" in problem.message or "neither" in problem.message for problem in caught.value.problems)
