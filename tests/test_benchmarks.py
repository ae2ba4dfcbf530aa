"""The benchmarks measure what they say: the same W everywhere, every promise told, and nothing timed here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import optimizer
from benchmarks.__main__ import (
    SUBJECTS,
    Told,
    cold_measured,
    experiments_measured,
    experiments_text,
    main,
    markdown,
    plain_text,
    rules_measured,
    rules_text,
    scan_measured,
    size_cells,
    verdict_cells,
    w_measured,
    western_measured,
)
from benchmarks.experiments import Noisy, memory_growth, noisy, speed_up, w_files
from benchmarks.limits import LIMITS, verdicts
from benchmarks.page import WesternPage, page_measured, page_text
from benchmarks.plain import LOSS, PRODUCTION, RUNS, TRUNK_DAYS, Yardstick, plain_loop
from benchmarks.pywr_peer import capacities, document
from benchmarks.resilience import WesternScan, western_scan
from benchmarks.rules import by_hand
from benchmarks.rules.data import CUSTOMER_MONTHS, TABLES, frames
from benchmarks.rules.measuring import (
    Fifty,
    FromParquet,
    WesternRules,
    fifty,
    fifty_rules,
    from_parquet,
    heavy_imports,
    western_rules,
)
from benchmarks.simpy_peers import lean, naive
from benchmarks.sizes import SIZES, Row, Size, chainsim_row, event_counts, peer_rows, shipped
from benchmarks.western import ColdStart, WesternYear, cold_start, western_year
from benchmarks.workload import scenario
from chainsim.files import load_scenario
from chainsim.model.checks import check
from chainsim.results.declarations import check_frame
from chainsim.simulation import simulate

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "tests" / "scenarios" / "small"
THROUGH_THE_SHUTDOWN = 100


# --- one W


@pytest.mark.parametrize("peer", [naive, lean])
def test_simpy_ships_what_the_plain_loop_ships(peer: Callable[[int, int], list[float]]) -> None:
    assert peer(1, THROUGH_THE_SHUTDOWN) == pytest.approx(plain_loop(THROUGH_THE_SHUTDOWN), rel=1e-12)


@pytest.mark.parametrize("peer", [lambda days, blocks: naive(blocks, days), plain_loop])
def test_blocks_are_copies(peer: Callable[[int, int], list[float]]) -> None:
    assert peer(40, 3) == peer(40, 1) * 3


def test_scenario_is_sound() -> None:
    assert not check(scenario(2, 100))


def test_chainsim_ships_what_the_plain_loop_ships_but_for_the_line_fill() -> None:
    # A full line delivers at once what enters it, the daily loop's trunks are empty for their first days: what they would have
    # delivered by then is all that chainsim's hubs have more to give.
    head_start_kt = sum(rate * days for rate, days in zip(PRODUCTION, TRUNK_DAYS, strict=True)) * (1 - LOSS)
    sent, plain = shipped(simulate(scenario(1, 365))), plain_loop(365)
    assert 0.9 * head_start_kt < sum(sent) - sum(plain) < 1.1 * head_start_kt
    assert sent == pytest.approx(plain, rel=0.03)


def test_chainsim_holds_back_what_the_plain_loop_spills() -> None:
    # Refineries 1, 4 and 8 are planned 2–3 % more than they process. Over the years their tanks fill: then the loop spills what
    # arrives, while chainsim's full tank stops the line.
    sent, plain = shipped(simulate(scenario(1, 3650))), plain_loop(3650)
    assert [r for r in range(len(RUNS)) if sent[r] < 0.99 * plain[r]] == [1, 4, 8]
    assert sent == pytest.approx(plain, rel=0.03)
    for r in (1, 4, 8):
        assert sent[r] <= (3650 + 15) * RUNS[r], "no more than it can process or store"


def test_chainsim_s_blocks_are_copies() -> None:
    log = simulate(scenario(2, 40))
    assert shipped(log, block=1) == pytest.approx(shipped(log, block=0), rel=1e-9)
    assert shipped(log) == pytest.approx(shipped(simulate(scenario(1, 40))), rel=1e-9)


def test_pywr_s_document_has_every_node_of_w() -> None:
    network = document(2, 40)["network"]
    names = [node["meta"]["name"] for node in network["nodes"]]
    assert len(names) == len(set(names))
    for block in range(2):
        for r in range(len(RUNS)):
            assert f"{block} branch {r}" in names
    ends = {edge[side] for edge in network["edges"] for side in ("from_node", "to_node")}
    assert ends == set(names)
    assert network["time_series"][0]["path"] == "capacities.csv"
    json.dumps(document(1, 40))


def test_pywr_s_trunk_is_shut_for_ten_days() -> None:
    rates = [line.split(",")[1] for line in capacities(365).splitlines()[1:]]
    assert len(rates) == 365
    assert [day for day, rate in enumerate(rates) if rate == "0.0"] == list(range(64, 74))


def test_pywr_peer_needs_nothing_of_chainsim() -> None:
    # It runs in a venv where chainsim is not.
    script = (
        "import benchmarks.pywr_peer, sys; assert not {'chainsim', 'simpy', 'numpy'} & set(sys.modules), sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


# --- measuring, on sizes that take no time


def test_rows_of_tiny_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAINSIM_PYWR_PYTHON", raising=False)
    sizes = (Size("ten days", 1, 10, 1), Size("ten days, two blocks", 2, 10, 1))
    told: list[str] = []
    own = chainsim_row(Yardstick(), sizes)
    slim, plump = peer_rows(Yardstick(), sizes, largest=1, tell=told.append)
    assert all(ratio is not None and ratio > 0 for ratio in own.ratios)
    assert [row.name for row in (slim, plump)] == told == ["SimPy, lean", "SimPy, naive"]
    assert slim.ratios[0] is not None
    assert slim.ratios[1] is None, "two blocks were not asked for"
    assert slim.deviation == pytest.approx(0.0, abs=1e-12)
    assert all(count > 0 for count in event_counts(sizes))


def test_western_year_of_a_small_scenario() -> None:
    year = western_year(Yardstick(), SMALL, repeats=1)
    assert year.engine > 0
    assert year.with_tables > 0
    assert year.log.event_count > 0


@pytest.mark.slow
def test_cold_start_of_a_small_scenario() -> None:
    cold = cold_start(SMALL, rounds=1)
    assert cold.run > 0
    assert cold.run_with_workbook > 0


def test_cold_start_tells_when_the_run_fails(tmp_path: Path) -> None:
    # Otherwise a broken checkout would be the fastest.
    with pytest.raises(AssertionError, match="failed"):
        cold_start(tmp_path / "nowhere", rounds=0)


# --- the fifty rules


def test_fifty_rules_of_the_kinds_that_were_promised() -> None:
    rules = fifty_rules()
    assert len(rules) == 50
    assert len(CUSTOMER_MONTHS.columns) == 16
    lasting = [rule for rule in rules if rule.periods > 1]
    groups = [rule for rule in rules if rule.rows.by]
    joins = [rule for rule in rules if rule.references]
    assert [len(lasting), len(groups), len(joins)] == [3, 3, 2]
    assert set(by_hand.queries()) == set(by_hand.in_numpy()) == {rule.id for rule in rules}


def test_tables_of_the_fifty_rules_are_as_declared_and_the_same_every_time() -> None:
    made, again, other = frames(3_000, seed=1), frames(3_000, seed=1), frames(3_000, seed=2)
    for name, table in TABLES.items():
        check_frame(table, made[name])
        assert made[name].equals(again[name])
    assert not made["customer_months"].equals(other["customer_months"])


def test_all_three_flag_the_same() -> None:
    # ``fifty`` asserts it before it measures.
    measured_here = fifty(60_000, rounds=1)
    assert set(measured_here.seconds) == {"chainsim", "DuckDB", "numpy"}
    assert measured_here.to_duckdb > 0
    assert measured_here.to_numpy > 0


def test_rules_over_parquet_flag_what_they_flag_over_frames() -> None:
    from chainsim.rules.running.database import Database
    from chainsim.rules.running.evaluating import evaluate, tables_of

    rules = fifty_rules()
    with Database() as database:
        database.add_frames(frames(2_000), tables_of(rules))
        flagged = sum(one.true_rows for one in evaluate(rules, database))
    over_runs = from_parquet(runs=1, rows_of_each=2_000)
    assert over_runs.flagged == flagged > 0
    assert over_runs.peak_gib > 0  # of the whole test process: the benchmark proper measures a process of its own


def test_rules_over_a_small_run() -> None:
    shipped = western_rules(SMALL, rounds=1)
    assert shipped.rules > 0
    assert shipped.load_seconds > 0
    assert shipped.apply_seconds > 0


def test_resilience_scan_of_a_small_scenario() -> None:
    found = western_scan(SMALL, assets=("spur", "rail"))
    assert found.assets == 2
    assert found.runs > 2.0, "each asset takes a whole run with its outage, and then some"
    assert found.seconds > 0.0


def test_the_rules_libraries_are_imported_when_rules_are_read_and_run() -> None:
    assert heavy_imports() == []


# --- the optimizer


def test_program_of_a_small_network() -> None:
    year = optimizer.built(12, 2, rounds=1)
    assert year.columns > 0 and year.rows > 0
    assert year.ours > 0.0
    assert year.part == pytest.approx(year.ours / year.solver)


def test_re_plan_of_a_small_scenario() -> None:
    (told,) = optimizer.western(days=(5,), scenario_file=SMALL, rounds=1)
    assert min(told.solve, told.simulations, told.again, told.replan, told.replan_simulations) > 0.0


# --- experiments


def test_w_of_the_experiments_is_w(tmp_path: Path) -> None:
    w_files(tmp_path)
    made, own = load_scenario(tmp_path / "w.yaml").scenario, scenario()
    assert len(made.plan) == len(own.plan) and [line.tonnes for line in made.plan] == [line.tonnes for line in own.plan]
    assert [p.capacity_t_per_day for p in made.pipelines] == [p.capacity_t_per_day for p in own.pipelines]
    logs = simulate(made), simulate(own)
    sent = [
        [sum(a.delivered_t for a in log.accounts if a.customer.endswith(f"R{r}")) for r in range(10)] for log in logs
    ]
    assert sent[0] == pytest.approx(sent[1], rel=1e-12)


def test_overhead_of_a_few_noisy_runs() -> None:
    many = noisy(Yardstick(), replications=3, rounds=1)
    assert many.whole > 0
    assert many.overhead > 0
    assert many.milliseconds > 0


@pytest.mark.slow
def test_memory_and_processes_of_a_few_runs() -> None:
    few, more = memory_growth(3, 6)
    assert 20 < few < 1000 and more < 1.5 * few
    assert speed_up(0.1) > 0


# --- telling


def example() -> dict[str, float]:
    log = simulate(scenario(1, 10))
    own = Row("chainsim", (1.4, 14.0, 170.0, 10.0), 0.01)
    western = western_measured(WesternYear(engine=20.0, with_tables=81.0, log=log))
    run = w_measured(own) | western | cold_measured(ColdStart(2.0, 6.0, 0.4))
    many = experiments_measured(Noisy(690.0, 0.042, 0.4), 1 / 1.8, (150.0, 151.0))
    orders = optimizer.measured(BUILT, RE_PLANS, LARGE)
    scan = scan_measured(WesternScan(46, 167.0, 42.0))
    return run | rules_measured(*RULES) | many | scan | orders | page_measured(PAGE)


BUILT = optimizer.Built(columns=21_000, rows=18_000, formulate=0.3, hand_over=0.1, extract=0.01, solver=20.0)
RE_PLANS = (
    optimizer.Western(105, solve=1.9, simulations=3.0, again=0.4, replan=20.0, replan_simulations=36.0),
    optimizer.Western(193, solve=2.1, simulations=3.5, again=0.3, replan=25.0, replan_simulations=50.0),
)
LARGE = optimizer.Large(500, 200_000, 180_000, 7, True, build=9.0, solver=591.0, seconds=600.0, peak_gib=2.5)
PAGE = WesternPage(
    redraws_ms=(150.0,) * 19 + (400.0,),
    server_ms=(120.0,) * 20,
    processor_ms=118.0,
    weight=1.03e6,
    start_seconds=1.2,
    start_processor_seconds=1.1,
    memory=230e6,
    plain_ms=2.0,
)
RULES = (
    Fifty(1_000_000, {"chainsim": 0.6, "DuckDB": 0.5, "numpy": 0.7}, 1.2, 0.9),
    FromParquet(10_000_000, 0.7, 14.2, 15_000_000),
    WesternRules(50, 0.04, 0.055),
)


def test_every_limit_is_measured_and_judged() -> None:
    judged = {verdict.limit.key: verdict for verdict in verdicts(example())}
    assert list(judged) == [limit.key for limit in LIMITS] == list(example())
    assert judged["w_year"].words == "met, aim too"
    assert judged["w_hundred"].words == "not met", "170 / 1.4 is more than 110"
    assert judged["western_engine"].words == "met"
    assert judged["western_tables"].met is False
    assert judged["rules_western"].words == "met", "55 ms"
    assert all(judged[f"experiment_{name}"].met for name in ("noisy", "overhead", "run", "two", "memory"))
    assert judged["optimizer_build"].value == pytest.approx(0.41 / 20.0)
    assert judged["optimizer_western_seconds"].value == 2.1, "the worse of two days"
    assert judged["optimizer_again"].met is False
    assert judged["optimizer_large"].value == 10.0, "minutes"
    cut_short = optimizer.measured(BUILT, RE_PLANS, replace(LARGE, complete=False))
    assert {v.limit.key: v for v in verdicts(cut_short)}["optimizer_large"].words == "not met"
    assert judged["page_weight"].met and judged["page_start"].met
    assert judged["page_memory"].met is False
    assert verdicts({})[0].words == "not measured"


def test_rules_in_words_with_and_without_parquet() -> None:
    over_table, over_runs, shipped = RULES
    assert "rules_parquet" not in rules_measured(over_table, None, shipped)
    assert rules_text(over_table, over_runs, shipped) == (
        "fifty rules over 1,000,000 rows: chainsim 0.60 s, DuckDB 0.50 s, numpy 0.70 s; "
        "over 10,000,000 rows of Parquet: 14 s, 15,000,000 rows flagged; the 50 shipped rules: 40 ms to read"
    )
    assert "Parquet" not in rules_text(over_table, None, shipped)


def test_experiments_in_words_with_and_without_memory() -> None:
    many = Noisy(690.0, 0.042, 0.4)
    assert set(experiments_measured(many)) == {"experiment_noisy", "experiment_overhead", "experiment_run"}
    assert experiments_text(many, None) == "experiments: 0.40 ms a run beside the engine"
    assert experiments_text(many, (150.0, 151.0)).endswith("at most 150 MiB for 200 runs, 151 MiB for 20,000")


def test_the_page_in_words_and_where_there_is_no_browser() -> None:
    assert page_text(PAGE) == (
        "page: 150 ms from slider to redraw at the median, 120 of them the server's "
        "(processor time: 118 ms, 59 plain loops); start: 1.10 s of processor time"
    )
    assert PAGE.p95_ms > 200
    assert page_measured(None) == {}


def test_optimizer_in_words_with_and_without_the_large_network() -> None:
    told = optimizer.words(BUILT, RE_PLANS, LARGE)
    assert told.startswith(
        "60 arcs: 21,000 columns, 18,000 rows, formulated in 0.30 s, handed over in 0.10 s, HiGHS 20.0 s; "
    )
    assert (
        "western on day 193: all levels 2.10 s, 0.30 of that after a small change, replan with its proofs 25.0 s"
        in told
    )
    assert told.endswith("500 arcs: 200,000 columns, 180,000 rows, built in 9.0 s, HiGHS 591 s, all levels")
    assert "500 arcs" not in optimizer.words(BUILT, RE_PLANS, None)
    assert "optimizer_large" not in optimizer.measured(BUILT, RE_PLANS, None)


def test_one_subject_by_itself(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        SUBJECTS, "cold", lambda yardstick, quick: Told(cold_measured(ColdStart(2.0, 16.0, 0.4)), ("told",))
    )
    assert main(["--only", "cold"]) == 0
    shown = capsys.readouterr().out
    assert "told" in shown and "cold chainsim run" in shown and "plain loops" not in shown
    assert main(["--only", "cold", "--strict"]) == 1


def test_tables_in_text_and_markdown() -> None:
    row = Row("SimPy, lean", (9.7, 104.0, None, 78.0), 0.0)
    cells = size_cells(Row("chainsim", (1.4, 14.0, 1234.5, 10.0), 0.0239), [374, 374, 374, 3740], [row])
    assert [len(line) for line in cells] == [len(SIZES) + 2] * 4
    assert markdown(cells).splitlines()[2] == "| chainsim | 1.40 | 14.0 | 1,234 | 10.0 | 2.4 % |"
    assert markdown(cells).splitlines()[4] == "| SimPy, lean | 9.70 | 104 | – | 78.0 | 0.0 % |"
    text = plain_text(cells).splitlines()
    assert text[0].startswith("W, in plain loops")
    assert text[1].startswith("───")
    assert len({len(line) for line in text[:2]}) == 1


def test_docs_tell_every_promise_as_it_is() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \| [^|]+ \| ([^|]+?) \|", page, re.MULTILINE))
    for name, _, at_most, *_ in verdict_cells(verdicts({}))[1:]:
        assert rows.get(name) == at_most, f"docs/benchmarks.md on {name}: run `python -m benchmarks --markdown`"


def test_options_are_in_the_docs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for option in ("--markdown", "--quick", "--strict", "--only"):
        assert option in done.stdout
        assert option in (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
