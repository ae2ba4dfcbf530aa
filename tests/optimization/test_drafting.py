"""The draft order as a file: what `run` makes of it is what the proof says, once it is approved and not before."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.optimization.stopped_line import write_stopped_line

from chainsim import workflow, workflow_orders
from chainsim.errors import InputError, NoPlanError
from chainsim.files import load_scenario
from chainsim.files.approving import approved_text
from chainsim.optimization.asking import day_asked, frozen_lines
from chainsim.optimization.catalogue import ORDER_TABLES
from chainsim.optimization.drafting import changes_of
from chainsim.optimization.outcome import simulated
from chainsim.results import check_frame
from chainsim.simulation import simulate
from chainsim.workflow_orders import Optimized, optimize

WESTERN = Path(__file__).resolve().parents[2] / "scenarios"


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    return write_stopped_line(tmp_path / "stopped.yaml")


def assert_the_file_does_what_was_proved(outcome: Optimized, file: Path) -> None:
    """As a draft it changes nothing; approved it gives exactly the deliveries that the proof shows."""
    replanned = outcome.replanned
    workflow_orders.write_order(outcome, file)
    draft = load_scenario(file).scenario
    assert simulated(replanned.case, simulate(draft)) == replanned.before
    assert workflow_orders.approve(file) == replanned.order.number if replanned.order else False
    approved = load_scenario(file).scenario
    after = simulated(replanned.case, simulate(approved))
    assert after.delivered_t == pytest.approx(replanned.after.delivered_t, abs=1e-6)
    assert after.curtailed_t == pytest.approx(replanned.after.curtailed_t, abs=1e-6)


def test_the_file_does_what_was_proved(stopped: Path, tmp_path: Path) -> None:
    outcome = optimize(stopped)
    assert outcome.chosen_by == "outage"
    assert_the_file_does_what_was_proved(outcome, tmp_path / "orders" / "first.yaml")


@pytest.mark.slow
def test_the_file_of_a_western_order_does_what_was_proved(tmp_path: Path) -> None:
    outcome = optimize(WESTERN / "trunk-outage.yaml", as_of=date(2008, 4, 10))
    assert outcome.replanned.order is not None
    before, after = (sum(o.lateness().values()) for o in (outcome.replanned.before, outcome.replanned.after))
    assert after < before
    assert all(why.mends is not None for why in outcome.whys if why.purpose in ("makes_up", "cannot_come"))
    assert_the_file_does_what_was_proved(outcome, tmp_path / "trunk.yaml")


@pytest.mark.parametrize(("unit", "factor"), [("t", 1_000.0), ("kt", 1.0), ("wt", 0.1)])
def test_amounts_are_in_the_scenario_s_unit(stopped: Path, tmp_path: Path, unit: str, factor: float) -> None:
    content = stopped.read_text(encoding="utf-8").replace("amount: kt", f"amount: {unit}")
    for kilotonnes in ("1.5", "60", "31", "28", "15.5", "14"):
        for key in ("amount: ", "production: ", "capacity: ", "safe_fill: "):
            for end in (",", "}"):
                new = f"{float(kilotonnes) * factor:g}"
                content = content.replace(f"{key}{kilotonnes}{end}", f"{key}<{new}>{end}")
    stopped.write_text(content.replace("<", "").replace(">", ""), encoding="utf-8")
    file = tmp_path / "order.yaml"
    workflow_orders.write_order(optimize(stopped), file)
    assert f"amount: {32.5 * factor:g}}}" in file.read_text(encoding="utf-8")


def test_in_cubic_metres_too(stopped: Path, tmp_path: Path) -> None:
    content = stopped.read_text(encoding="utf-8").replace("amount: kt}", "amount: m3, density: 850}")
    stopped.write_text(content, encoding="utf-8")  # now a network a thousand times smaller
    outcome = optimize(stopped, as_of=date(2026, 1, 11))
    if outcome.replanned.order is not None:
        assert_the_file_does_what_was_proved(outcome, tmp_path / "order.yaml")


def test_approving_changes_one_word(stopped: Path, tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    workflow_orders.write_order(optimize(stopped), file, "zh")
    draft = file.read_bytes()
    workflow_orders.approve(file)
    assert file.read_bytes() == draft.replace(b"    state: draft\n", b"    state: approved\n")
    with pytest.raises(InputError) as refused:
        workflow_orders.approve(file)
    assert refused.value.problems[0].message == "there is no draft order in this file"


def test_of_several_drafts_one_is_approved_by_number(stopped: Path, tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    workflow_orders.write_order(optimize(stopped), file)
    content = file.read_text(encoding="utf-8")
    second = content[content.index("  - number") :].replace("-D1", "-D2").replace("state: draft", 'state: "draft"')
    file.write_text(content + second, encoding="utf-8")
    for number in ("", "2026-01-11-D3"):
        with pytest.raises(InputError) as refused:
            approved_text(file, number)
        assert refused.value.problems[0].accepted == "2026-01-11-D1, 2026-01-11-D2"
    changed, number = approved_text(file, "2026-01-11-D2")
    assert number == "2026-01-11-D2"
    assert changed == content + second.replace('state: "draft"', 'state: "approved"')


def test_an_order_that_cannot_run_is_not_approved(stopped: Path, tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    workflow_orders.write_order(optimize(stopped), file)
    file.write_text(file.read_text(encoding="utf-8").replace("customer: works", "customer: wroks"), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        workflow_orders.approve(file)
    assert refused.value.problems[0].nearest == "works"


def test_an_approved_order_is_applied_in_the_orders_table(stopped: Path, tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    workflow_orders.write_order(optimize(stopped), file)
    assert list(workflow.run(file).tables["orders"]["state"]) == ["draft"]
    workflow_orders.approve(file)
    assert list(workflow.run(file).tables["orders"]["state"]) == ["applied"]


def test_a_draft_replaces_only_a_draft(stopped: Path, tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    workflow_orders.refuse_other_file(file)
    workflow_orders.write_order(optimize(stopped), file)
    workflow_orders.refuse_other_file(file)
    workflow_orders.approve(file)
    for kept in (file, stopped):
        with pytest.raises(InputError):
            workflow_orders.refuse_other_file(kept)


def test_frozen_lines_stay_as_they_are(stopped: Path) -> None:
    outcome = optimize(stopped, freeze=["works/2026-02"])
    assert ("works", "light", 1) not in {change.key for change in outcome.replanned.changes}
    case = outcome.replanned.case
    assert not [c for c in changes_of(case, outcome.replanned.answer.promise) if c.key in case.settings.frozen]
    assert optimize(stopped, freeze=["works"]).replanned.order is None


def test_whole_lots_are_planned_where_asked(stopped: Path) -> None:
    outcome = optimize(stopped, whole=["batches", "trains"])
    settings = outcome.replanned.case.settings
    assert (settings.whole_trains, settings.whole_batches) == (True, True)
    assert outcome.manifest["whole"] == ["trains", "batches"]
    assert optimize(stopped).manifest["whole"] == []


@pytest.mark.parametrize(
    ("asked", "count"),
    [(["works"], 3), (["The works"], 3), (["石化厂/light"], 3), (["2026-02"], 2), (["light/2026-03", "depot"], 4)],
)
def test_lines_are_named_by_their_parts(stopped: Path, asked: list[str], count: int) -> None:
    assert len(frozen_lines(load_scenario(stopped).scenario, 10.0, asked)) == count


def test_everything_wrong_with_a_question_is_told_at_once(stopped: Path) -> None:
    with pytest.raises(InputError) as refused:
        optimize(
            stopped, as_of=date(2027, 1, 1), freeze=["wroks", "depot/2025-12"], whole=["train"], explain="The work"
        )
    told = [(p.path, p.found, p.nearest) for p in refused.value.problems]
    assert told == [
        ("--as-of", "2027-01-01", ""),
        ("--freeze", "wroks", "works"),
        ("--freeze", "2025-12", ""),
        ("--whole", "train", "trains"),
        ("--explain", "The work", "The works"),
    ]
    assert all(p.message_zh for p in refused.value.problems)


def test_a_frozen_set_that_names_nothing_is_a_mistake(stopped: Path) -> None:
    scenario = load_scenario(stopped).scenario
    with pytest.raises(InputError) as refused:
        frozen_lines(scenario, 60.0, ["2026-01", "works/depot"])
    assert [p.found for p in refused.value.problems] == ["2026-01", "depot"]


def test_the_day_is_asked_for_where_nothing_tells_it(stopped: Path) -> None:
    content = stopped.read_text(encoding="utf-8")
    begin, end = content.index("disruptions:"), content.index("plan:")
    stopped.write_text(content[:begin] + content[end:], encoding="utf-8")
    scenario = load_scenario(stopped).scenario
    with pytest.raises(InputError) as refused:
        day_asked(scenario, None)
    assert "say from which day" in refused.value.problems[0].message
    assert day_asked(scenario, date(2026, 2, 1)) == (31.0, "asked")
    assert optimize(stopped, as_of=date(2026, 2, 1)).replanned.order is None  # nobody falls short


def test_tables_are_as_declared(stopped: Path) -> None:
    tables = optimize(stopped).tables
    assert list(tables) == list(ORDER_TABLES)
    for name, table in ORDER_TABLES.items():
        check_frame(table, tables[name])
    (row,) = tables["draft_order"].to_dict("records")
    assert (row["before_t"], row["after_t"], row["change_t"]) == pytest.approx((28_000.0, 32_500.0, 4_500.0))
    assert (row["mends_cause"], row["mends_asset"], row["binding_kind"], row["binding_asset"]) == (
        "pipeline", "pipe", "capacity", "pipe",
    )  # fmt: skip
    proof = tables["order_proof"].set_index("customer")
    assert proof.loc["works", "completion_before"] == pytest.approx(0.95)
    assert proof.loc["works", "completion_after"] == pytest.approx(1.0)
    prices = tables["asset_prices"].set_index(["asset", "month"])
    assert prices.loc[("pipe", "2026-01-01"), "tonne_price"] == pytest.approx(1.0)
    assert prices.loc[("pipe", "2026-01-01"), "unit"] == "t/d"
    causes = tables["order_causes"]
    assert causes["before_t"].sum() == pytest.approx(4_500.0)


def test_no_plan_is_told_in_both_languages() -> None:
    error = NoPlanError([("the tank is too small", "罐太小"), ("and the line", "管线也是")])
    assert error.said("en") == "the tank is too small\n  and the line"
    assert error.said("zh") == "罐太小\n  管线也是"
