"""The analyses' answers against direct simulations and the command line's own answers; their addresses against strangers."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.web.conftest import OWN, SMALL

from chainsim import workflow
from chainsim.charts.palette import SERIES
from chainsim.errors import InputError, Problem
from chainsim.files import load_scenario
from chainsim.files.overlays import Changes
from chainsim.model import Scenario
from chainsim.results import build_tables
from chainsim.simulation import simulate
from chainsim.web import analyses_chance, analyses_levers, analyses_orders
from chainsim.web.analyses import Analyses, read_comparing, read_question
from chainsim.web.analyses_compare import Named, side_by_side
from chainsim.web.analyses_levers import COARSE, Stretch, stretches_of
from chainsim.web.analyses_views import progress, tipping_told
from chainsim.web.answering import Page, changed
from chainsim.web.asking import BadQuestionError
from chainsim.web.guarding import Guard
from chainsim.web.jobs import Runner, Seen, Standing, Work, Wrong
from chainsim.web.links import packed, unpacked
from chainsim.web.shelf import MOST_VARIANTS, Shelf
from chainsim.workflow_compare import compared, side_of, workbook_of
from chainsim.workflow_experiments import answers_of, run_experiment
from chainsim.workflow_orders import approve, optimize
from chainsim.workflow_whatif import Base, Variant, base_of, save_whatif, scenario_with, simulated

LONGER: Changes = {
    "disruptions": [
        {"name": "trunk repair", "asset": "trunk", "from": "2008-02-10 08:00", "to": "2008-03-01 08:00", "remaining": "0",
         "cause": "pipeline"}
    ]
}  # fmt: skip


def quietly(standing: Any) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def base() -> Base:
    return base_of(SMALL)


def completion(base: Base, changes: Changes, customer: str) -> float | None:
    """Of one customer, by the table of figures of assets: another way than the page's."""
    try:
        scenario = scenario_with(base, changes)
    except InputError:
        return None
    figures = build_tables(scenario, simulate(scenario))["asset_figures"]
    own = figures[(figures["figure"] == "completion") & (figures["subject"].astype("str") == customer)]
    return float(own["value"].iloc[0])


# --- tornado and tipping point


def test_every_bar_is_a_run_of_its_own(base: Base) -> None:
    asked = {"customer": "north", "month": "", "swing": "10"}
    answer = analyses_levers.tornado(Work("", base, LONGER, asked), quietly)
    assert answer.value == pytest.approx(completion(base, LONGER, "north") or 0.0)
    for bar in answer.bars[:8] + answer.bars[-2:]:
        for end, (_, change) in ((bar.low, bar.lever.low), (bar.high, bar.lever.high)):
            alone = completion(base, changed(base, LONGER, change)[0], "north")
            assert end == (alone if alone is None else pytest.approx(alone))
    swings = [bar.swing(answer.value) for bar in answer.bars]
    assert swings == sorted(swings, reverse=True)
    assert swings[0] > 0.01
    paths = [bar.lever.path for bar in answer.bars]
    assert len(set(paths)) == len(paths)
    assert {
        "pipelines.trunk.capacity_per_year",
        "disruptions.trunk repair.days",
        "orders.2008-02",
        "scale.prices.grade.tarim",
    } <= {*paths}


def test_the_tipping_point_is_that_of_all_positions_tried_one_by_one(base: Base) -> None:
    asked = {"customer": "works", "month": "", "lever": "disruptions.trunk repair.days", "threshold": "90"}
    answer = analyses_levers.tipping(Work("", base, {}, asked), quietly)
    slider = answer.slider
    sides = [
        None if value is None else value >= 0.9
        for value in (completion(base, changed(base, {}, change)[0], "works") for change in slider.changes)
    ]
    assert answer.stretches == tuple(by_hand(sides))
    assert {True, False} <= set(sides)
    assert len(answer.tried) < len(sides) / 3


def by_hand(sides: list[bool | None]) -> Iterator[Stretch]:
    first = 0
    for position in range(1, len(sides) + 1):
        if position == len(sides) or sides[position] is not sides[first]:
            yield Stretch(first, position - 1, sides[first])
            first = position


@given(st.integers(1, 400), st.data())
def test_one_change_of_side_is_found_wherever_it_is(last: int, data: st.DataObject) -> None:
    tip, at, rising = (
        data.draw(st.integers(0, last + 1)),
        data.draw(st.integers(-5, last + 5)),
        data.draw(st.booleans()),
    )
    asked: list[int] = []

    def holds(position: int) -> bool:
        asked.append(position)
        return (position >= tip) is rising

    assert stretches_of(holds, last, at) == tuple(by_hand([(p >= tip) is rising for p in range(last + 1)]))
    assert len(asked) == len(set(asked)) <= COARSE + 1 + 9


@given(st.lists(st.sampled_from([True, False, None]), min_size=2, max_size=80))
def test_whatever_the_course_stretches_cover_the_slider_and_say_what_was_seen(sides: list[bool | None]) -> None:
    seen: dict[int, bool | None] = {}

    def holds(position: int) -> bool | None:
        seen[position] = sides[position]
        return sides[position]

    found = stretches_of(holds, len(sides) - 1, 0)
    assert [s.first for s in found] == [0, *(s.last + 1 for s in found[:-1])]
    assert found[-1].last == len(sides) - 1
    for stretch in found:
        for position in range(stretch.first, stretch.last + 1):
            assert seen.get(position, stretch.held) is stretch.held


@pytest.mark.parametrize(
    ("sides", "english", "chinese"),
    [
        ([True] * 8 + [False] * 3, "Works stays at 90% or above up to 7 d (outage); from 8 d on it is below.", "自 8 天起跌破"),
        ([False] * 4 + [True] * 3, "Works is at 90% or above from 4 d on (outage); up to 3 d it is below.", "达到 4 天后"),
        ([True] * 3, "on the whole slider: outage 0 d … 2 d", "均不低于 90%"),
        ([False] * 3, "Works is below 90% on the whole slider", "均低于 90%"),
        ([True, False, False, True], "crosses 90% more than once (outage): at or above at 0, 3 d; below at 1…2 d", "多次穿越"),
        ([None, True, False], "up to 1 d (outage); from 2 d on it is below. Cannot be at 0 d.", "不可行的位置：0 天"),
        ([None, None], "No position of the slider can be simulated.", "都不可行"),
    ],
)  # fmt: skip
def test_where_it_tips_is_told_honestly(sides: list[bool | None], english: str, chinese: str) -> None:
    texts = tuple(map(str, range(len(sides))))
    slider = analyses_levers.Slider("x", ("outage", "停输"), ("d", "天"), 0, texts, ({},) * len(sides))
    answer = analyses_levers.Tipping(slider, 0.9, tuple(by_hand(sides)), {})
    assert english in tipping_told(answer, "Works", "en")
    assert chinese in tipping_told(answer, "炼厂", "zh")


# --- chance and order: the command's answers


def test_chance_says_what_the_command_says_of_the_file_that_it_offers(base: Base, tmp_path: Path) -> None:
    without = {**LONGER}
    for own in (True, False):
        place = tmp_path / str(own)
        place.mkdir()
        varied = base if own else base_of(_without_random_outages(place))
        asked = {"runs": "12", "threshold": "95", "outages": "on", "noise": "on", "extends": "small"}
        scratch = place / "scratch"
        scratch.mkdir()
        answer = analyses_chance.spread(Work("", varied, without, asked, scratch), quietly)
        assert answer.runs == 12
        assert answer.outages == (1 if own else 0)
        beside = place / "served"
        beside.mkdir()
        (beside / "small").symlink_to(varied.path.resolve())
        for name, content in answer.files.items():
            (beside / name).write_text(content, encoding="utf-8")
        run_experiment(beside / "experiment.yaml", beside / "runs", workers=0)
        told = answers_of(beside / "runs", write=False)
        kpi = told.tables["answer_kpis"].iloc[0]
        assert answer.completion == (kpi["mean"], kpi["low"], kpi["high"], kpi["sd"])
        rows = told.tables["answer_customers"]
        assert [(c.name, c.mean, c.missed) for c in answer.customers] == list(
            zip(rows["customer"].astype("str"), rows["completion"], rows["probability"], strict=True)
        )
        for customer in answer.customers:
            assert list(customer.quantiles) == sorted(customer.quantiles)
        stocks = told.tables["answer_stocks"]
        own_rows = stocks[stocks["holder"].astype("str") == "head"]
        assert [row[2] for row in answer.fans["head"].quantiles] == pytest.approx(own_rows["p50_t"].tolist(), abs=0.06)


def _without_random_outages(place: Path) -> Path:
    import shutil

    folder = place / "plain"
    shutil.copytree(SMALL, folder)
    head = folder / "scenario.yaml"
    content = head.read_text(encoding="utf-8")
    head.write_text(re.sub(r"random_disruptions:\n(?:  .*\n)+", "", content), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def draft(base: Base) -> analyses_orders.Draft:
    return analyses_orders.draft(Work("", base, LONGER, {"as_of": "", "extends": "small"}), quietly)


def test_the_draft_is_the_commands_and_its_file_holds_the_whatif_too(
    base: Base, draft: analyses_orders.Draft, tmp_path: Path
) -> None:
    (tmp_path / "small").symlink_to(SMALL)
    save_whatif(base_of(tmp_path / "small"), LONGER, tmp_path / "saved.yaml")
    outcome = optimize(tmp_path / "saved.yaml")
    order = outcome.order("en")
    assert order is not None
    assert draft.number == order.number
    told = draft.told("en")
    assert [row.after for row in told.proof] == [f"{p.completion[1]:.1%}" for p in outcome.proof]
    assert len(told.lines) == len(order.lines)
    name, content = told.files["yaml"]
    (tmp_path / name).write_bytes(content)
    filed = load_scenario(tmp_path / name).scenario
    saved = load_scenario(tmp_path / "saved.yaml").scenario
    assert filed.disruptions == saved.disruptions
    own = next(o for o in filed.orders if o.number == draft.number)
    assert (own.state, own.lines) == ("draft", order.lines)
    approved = scenario_with(base, told.approved)
    mine = next(o for o in approved.orders if o.number == draft.number)
    assert (mine.state, mine.lines, mine.effective_day) == ("approved", order.lines, order.effective_day)
    assert unpacked(packed(told.approved)) == told.approved
    approve(tmp_path / name)
    commanded = simulated(load_scenario(tmp_path / name).scenario).tables["customer_months"]
    assert simulated(approved).tables["customer_months"]["delivered_t"].tolist() == commanded["delivered_t"].tolist()
    assert told.files["docx"][1].startswith(b"PK")


def test_a_draft_over_another_order_of_the_whatif_keeps_both(draft: analyses_orders.Draft) -> None:
    earlier = {
        "number": "A-1", "issued": "2008-01-05", "effective": "2008-01-10", "state": "approved", "reason": "x: y",
        "lines": [{"customer": "works", "grade": "tarim", "period": "2008-03", "amount": "20000"}],
    }  # fmt: skip
    content = draft.told("en").files["yaml"][1].decode()
    plain = re.sub(r"disruptions:\n  - .*\n", "", content)
    both = analyses_orders.with_changes(plain, {**LONGER, "orders": [earlier]})
    assert both.count("\norders:\n") == 1
    assert both.count("- number: ") == 2
    assert both.index("disruptions:") < both.index("orders:")


def test_no_order_is_told_with_what_holds_back(asker: Any) -> None:
    late = {"as_of": "2008-03-31"}
    english, chinese = (asker("order", form=late, lang=lang) for lang in ("en", "zh"))
    assert "No order does better than none." in english
    assert "data-approve" not in english
    assert "371 can come" in english
    assert "没有比现行计划更好的调整令" in chinese


# --- side by side


def test_causes_of_the_difference_add_up_to_it(base: Base) -> None:
    runs = [simulated(scenario_with(base, changes)) for changes in ({}, LONGER)]
    found = side_by_side([Named("filed", runs[0]), Named("longer", runs[1])], "", "en")
    delivered = [run.tables["customer_months"]["delivered_t"].sum() for run in runs]
    assert found.total is not None

    def number(words: str) -> float:
        return float(words.replace("−", "-").replace(",", "").replace("–", "0"))

    assert number(found.total.cells[0].figure) == pytest.approx(delivered[1] - delivered[0], abs=0.51)
    assert sum(number(row.cells[0].figure) for row in found.causes) == pytest.approx(delivered[1] - delivered[0], abs=8)
    works = next(row for row in found.customers if row.title == "Works")
    assert works.cells[1].figure == f"{completion(base, LONGER, 'works'):.1%}"
    assert works.cells[1].way == "worse"
    assert any("trunk repair" in row.title for row in found.inputs)


def test_an_order_is_measured_by_the_plan_before_it(base: Base, draft: analyses_orders.Draft) -> None:
    runs = [simulated(scenario_with(base, changes)) for changes in (LONGER, draft.told("en").approved)]
    found = side_by_side([Named("without", runs[0]), Named("with", runs[1])], "", "en")
    assert found.original
    for row in found.customers:
        name = next(c.name for c in runs[0].scenario.customers if runs[0].labels.asset("en", c.name) == row.title)
        for cell, run in zip(row.cells, runs, strict=True):
            own = run.tables["customer_months"]
            own = own[own["customer"].astype("str") == name]
            assert cell.figure == f"{own['delivered_t'].sum() / own['original_plan_t'].sum():.1%}"
    assert "better" in {row.cells[1].way for row in found.customers}
    assert not side_by_side([Named("a", runs[1]), Named("b", runs[1])], "", "en").original


def test_a_run_beside_itself_differs_in_nothing(base: Base) -> None:
    run = simulated(scenario_with(base, {}))
    for lang in ("en", "zh"):
        found = side_by_side([Named("a", run), Named("b", run)], "works", lang)
        assert found.total is None
        assert not found.causes
        assert not found.inputs
        assert all(cell.change == "" for row in (*found.kpis, *found.customers) for cell in row.cells)


# --- addresses


def test_comparing_as_many_as_fit_again_and_again_simulates_nothing_twice(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Any] = []

    def counted(scenario: Scenario) -> Variant:
        runs.append(scenario)
        return simulated(scenario)

    monkeypatch.setattr("chainsim.web.shelf.simulated", counted)
    shelf = Shelf(folder)
    now, *variants = [{"pipelines": {"local": {"capacity": f"{500 + n}"}}} for n in range(MOST_VARIANTS + 1)]
    for _ in range(3):
        for changes in (now, {}, *variants):
            shelf.run("small", changes)
    assert len(runs) == MOST_VARIANTS + 2


@pytest.fixture
def asker(folder: Path) -> Iterator[Callable[..., Any]]:
    """Posts to an analysis, and its answer as HTML once the job has ended."""
    runner = Runner()
    app = Guard(Starlette(routes=Analyses(Page(folder), runner).routes()))
    client = TestClient(app, base_url=OWN, headers={"origin": OWN}, client=("127.0.0.1", 50000))

    def ask(kind: str, status: int = 200, wait: bool = True, **more: Any) -> str:
        question = {"scenario": "small", "token": "", "lang": "en", "cell": "", "action": "begin", "form": {}, **more}
        response = client.post(f"/analyses/{kind}", json=question)
        while wait and 'data-job="running"' in response.text:
            time.sleep(0.05)
            response = client.post(f"/analyses/{kind}", json={**question, "action": "ask"})
        assert response.status_code == status, response.text
        return response.text

    ask.client = client  # type: ignore[attr-defined]
    yield ask
    runner.close()


TIP = {"lever": "disruptions.trunk repair.days", "threshold": "90"}


def test_a_job_by_its_addresses_in_both_languages_with_its_files(asker: Any) -> None:
    question = {"cell": "works/", "form": TIP}
    assert asker("tipping", action="ask", **question).strip() == ""
    english = asker("tipping", **question)
    assert "Works stays at 90% or above up to" in english
    assert "data-chart=" in english
    chinese = asker("tipping", lang="zh", action="ask", **question)
    assert "炼厂不低于 90%" in chinese
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"data-chart=\"[^\"]*\"", "", english))
    other = asker("tipping", action="ask", cell="south/", form=TIP)
    assert other.strip() == ""
    spread = asker("chance", form={"runs": "6", "threshold": "90", "noise": "on"}, tank="terminal", lang="zh")
    assert '<option value="terminal" selected>' in spread
    link = re.search(r'href="(/analyses/file/[0-9a-f]{64}/zh/experiment.yaml)"', spread)
    assert link
    file = asker.client.get(link[1])
    assert file.text.startswith("base: whatif.yaml")
    assert "attachment" in file.headers["content-disposition"]
    for address in (
        link[1].replace("experiment", "passwd"),
        link[1].replace("/zh/", "/fr/"),
        "/analyses/file/x/en/yaml",
    ):
        assert asker.client.get(address).status_code == 404
    running = asker("tornado", wait=False, form={"swing": "50"})
    assert 'data-job="running"' in running
    assert "Cancelled" in asker("tornado", action="cancel", form={"swing": "50"})
    assert "Cancelled" in asker("tornado", action="ask", form={"swing": "50"})


def test_wrong_fields_are_told_all_at_once_and_nothing_is_begun(asker: Any) -> None:
    wrong = asker("chance", 422, form={"runs": "a lot", "threshold": "-3"})
    assert 'data-for="runs"' in wrong
    assert 'data-for="threshold"' in wrong
    assert "found: a lot" in wrong
    assert "1 … 200" in wrong
    assert 'data-for="lever"' in asker("tipping", 422, form={"lever": "pipelines.nothing.capacity", "threshold": "90"})
    assert "不是日期" in asker("order", 422, lang="zh", form={"as_of": "10.2.2008"})
    early = asker("order", form={"as_of": "1999-01-01"})
    assert "There is no answer" in early
    asker("tornado", 400, form={"swing": "99"})
    asker("tornado", 400, cell="works/2008-19", form={"swing": "10"})
    asker("tornado", 400, cell=f"{201 * 'x'}/", form={"swing": "10"})
    asker("tornado", 404, scenario="../../etc", form={"swing": "10"})
    broken = "AAAA"
    asker("tornado", 400, token=broken, form={"swing": "10"})
    wrong_whatif = packed({"pipelines": {"local": {"capacity": "many"}}})
    assert "many" in asker("tornado", token=wrong_whatif, form={"swing": "10"})


def test_how_far_a_job_is_is_told_in_both_languages() -> None:
    seen = Seen("running", Standing("levers", 10, 40), seconds=20.4)
    assert progress(seen, "en") == {
        "words": "moving levers 10 / 40",
        "told": "20 s, about 61 s left",
        "done": 10,
        "of": 40,
    }
    assert progress(seen, "zh")["told"] == "20 秒，约剩 61 秒"
    assert (
        progress(Seen("running", Standing("solve", part="completion 2")), "en")["words"]
        == "optimizing · completion, class 2"
    )
    assert progress(Seen("waiting", ahead=2), "en")["words"] == "waiting, 2 before it"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (Wrong(reasons=(("no oil <b>", "没有油"),)), "no oil &lt;b&gt;"),
        (Wrong(problems=(Problem(code="x", message="no good", path="as_of"),)), 'data-for="as_of"'),
        (Wrong(), "chainsim itself failed"),
    ],
)
def test_why_there_is_no_answer_is_told(folder: Path, wrong: Wrong, told: str) -> None:
    class Failing(Runner):
        def ask(self, key: str, asker: str = "") -> Seen | None:
            return Seen("wrong", wrong=wrong)

    analyses = Analyses(Page(folder), Failing())
    question = read_question("order", {"scenario": "small", "lang": "en"})
    assert told in bytes(analyses.job(question).body).decode()


@pytest.mark.parametrize(
    "body",
    [[], {}, {"action": "eval"}, {"form": []}, {"form": {"a": 1}}, {"cell": "a/2008-1"}, {"lang": "fr"}, {"scenario": 3},
     {"token": 3}, {"form": {"a": "x" * 501}}, {"tank": 5}, {"form": {str(i): "" for i in range(30)}}],
)  # fmt: skip
def test_what_is_no_question_is_refused(asker: Any, body: Any) -> None:
    question = {"scenario": "small", "token": "", "lang": "en", "cell": "", "action": "ask", "form": {}}
    content = {**question, **body} if body else body
    for kind in ("order", "chance", "tornado", "tipping"):
        assert asker.client.post(f"/analyses/{kind}", json=content).status_code == 400
    assert asker.client.post("/analyses/secrets", json=question).status_code == 404


def test_variants_are_compared_by_their_address(asker: Any) -> None:
    evil = "<img src=x onerror=alert(1)>"
    variants = [
        {"name": "filed", "scenario": "small", "token": ""},
        {"name": evil, "scenario": "small", "token": packed(LONGER)},
    ]
    for lang in ("en", "zh"):
        page = asker("compare", variants=variants, lang=lang, cell="works/")
        assert "<img" not in page
        assert "&lt;img" in page
    assert "Works" in asker("compare", variants=[*variants, {**variants[0], "scenario": "stop.yaml"}])
    asker("compare", 404, variants=[*variants, {**variants[0], "scenario": "nowhere"}])
    for few in ([], variants[:1], variants * 4, "all", [1, 2]):
        with pytest.raises(BadQuestionError):
            read_comparing({"lang": "en", "variants": few})


def test_the_workbook_of_variants_is_the_commands_in_the_pages_colours(asker: Any, folder: Path) -> None:
    variants = [
        {"name": "=filed", "scenario": "small", "token": ""},
        {"name": "=filed", "scenario": "stop.yaml", "token": ""},
        {"name": "当前", "scenario": "small", "token": packed(LONGER)},
    ]
    answer = asker.client.post("/analyses/compare/workbook", json={"lang": "zh", "cell": "", "variants": variants})
    assert answer.status_code == 200
    assert "filename*=UTF-8''%E6%96%B9%E6%A1%88" in answer.headers["content-disposition"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    page = book.get_sheet_by_index(0).to_python()
    assert next(row for row in page if "=filed" in row)[2:5] == ["=filed", "=filed (2)", "当前"]
    sides = [side_of(workflow.run(folder / name), folder) for name in ("small", "stop.yaml")]
    expected = compared([replace(side, name=name) for side, name in zip(sides, ("=filed", "=filed (2)"), strict=True)])
    two = asker.client.post("/analyses/compare/workbook", json={"lang": "zh", "cell": "", "variants": variants[:2]})
    assert two.content == workbook_of(expected, "zh", SERIES)
    assert asker.client.post("/analyses/compare/workbook", json={"lang": "zh", "variants": []}).status_code == 400


@pytest.mark.parametrize("kind", ["order", "chance", "tornado", "tipping", "compare", "compare/workbook"])
def test_strangers_are_refused_before_anything_is_asked(
    folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: Any) -> None:
        raise AssertionError("it was asked")

    for name in ("job", "compare", "file"):
        monkeypatch.setattr(Analyses, name, asked)
    from chainsim.web import make_app

    stranger = TestClient(make_app(folder), base_url=OWN)
    question = {"scenario": "small", "token": "", "lang": "en", "action": "begin", "form": {}, "variants": []}
    where = f"/analyses/{kind}"
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {}, {"sec-fetch-site": "cross-site"}):
        assert stranger.post(where, json=question, headers=headers).status_code == 403
    assert stranger.post(where, json=question, headers={"host": "evil.example", "origin": OWN}).status_code == 421
    for kind_of_form in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        headers = {"origin": OWN, "content-type": kind_of_form}
        assert stranger.post(where, content=json.dumps(question), headers=headers).status_code == 415
    assert stranger.get(where, headers={"origin": OWN}).status_code == 405
    file = f"/analyses/file/{'0' * 64}/en/yaml"
    for headers in ({"sec-fetch-site": "cross-site"}, {"host": "evil.example"}, {"origin": "https://evil.example"}):
        assert stranger.get(file, headers=headers).status_code in (403, 421)
