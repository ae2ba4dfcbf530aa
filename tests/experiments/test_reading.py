"""Experiment files: what they may say, and what is told of those that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.experiments.tiny import write_tiny

from chainsim.errors import InputError, Problem
from chainsim.experiments.designs import variants
from chainsim.experiments.reading import ReadExperiment, read_experiment
from chainsim.experiments.varying import scenario_under
from chainsim.files import load_scenario, render_problem
from chainsim.model import Scenario
from chainsim.workflow_experiments import read_experiment as read_allowed


def read(folder: Path, text: str) -> ReadExperiment:
    return read_experiment(write_tiny(folder, "base: tiny.yaml\n" + text))


def problems(folder: Path, text: str) -> dict[str, Problem]:
    with pytest.raises(InputError) as caught:
        read(folder, text)
    for problem in caught.value.problems:
        assert problem.file.endswith("noisy.yaml") and problem.line, problem
        assert "{" not in render_problem(problem, "en").replace("{name: file}", "")
        assert render_problem(problem, "zh")
    return {problem.code: problem for problem in caught.value.problems}


def varied(folder: Path, factor: str, design: str = "") -> list[Scenario]:
    experiment = read(folder, f"factors:\n  it: {factor}\n{design}").experiment
    return [scenario_under(experiment, variant) for variant in variants(experiment)]


# --- what a factor reaches


def test_without_factors_the_variant_is_the_scenario(tmp_path: Path) -> None:
    experiment = read(tmp_path, "").experiment
    assert scenario_under(experiment, variants(experiment)[0]) == load_scenario(tmp_path / "tiny.yaml").scenario


def test_a_path_reaches_a_value(tmp_path: Path) -> None:
    made = varied(tmp_path, "{set: pipelines.spur.capacity, levels: [80, 120]}")
    assert [next(p for p in s.pipelines if p.name == "spur").capacity_t_per_day.at(0) for s in made] == [80, 120]


def test_what_is_not_stated_can_be_set(tmp_path: Path) -> None:
    made = varied(tmp_path, "{set: pipelines.spur.loss, levels: [0.1%, 0.2%]}")
    assert [s.pipelines[0].loss_fraction for s in made] == [0.001, 0.002]


def test_several_paths_take_one_value(tmp_path: Path) -> None:
    (made,) = varied(tmp_path, "{set: [pipelines.spur.capacity, pipelines.branch.capacity], levels: [70]}")
    assert [p.capacity_t_per_day.at(0) for p in made.pipelines] == [70, 70]


@pytest.mark.parametrize("name", ["spur stop", "spur"])
def test_an_outage_lasts_as_long_as_asked(tmp_path: Path, name: str) -> None:
    made = varied(tmp_path, f"{{set: disruptions.{name}.days, levels: [0.5, 12]}}")
    assert [(s.disruptions[0].start, s.disruptions[0].end) for s in made] == [
        (9 + 8 / 24, 9 + 20 / 24),
        (9 + 8 / 24, 21 + 8 / 24),
    ]


def test_an_outage_comes_later(tmp_path: Path) -> None:
    (made,) = varied(tmp_path, "{set: disruptions.spur stop.shift_days, levels: [7]}")
    assert (made.disruptions[0].start, made.disruptions[0].end) == (16 + 8 / 24, 20 + 8 / 24)


def test_a_random_outage_s_distribution_is_set(tmp_path: Path) -> None:
    (made,) = varied(
        tmp_path, "{set: random_disruptions.spur fault.time_to_failure, levels: {often: exponential(mean=5)}}"
    )
    assert made.random_disruptions[0].time_to_failure_days.parameters == (5.0,)


def test_scaling_a_value_steps_and_amounts_by_grade(tmp_path: Path) -> None:
    base = load_scenario(write_tiny(tmp_path).with_name("tiny.yaml")).scenario
    (made,) = varied(tmp_path, "{scale: farms.depot.opening, levels: [0.5]}")
    assert made.farms[0].opening_t == {"light": 1000.0, "heavy": 750.0}
    (made,) = varied(tmp_path, "{scale: suppliers.*.production, levels: [1.1]}")
    rates = [s.production_t_per_day.at(0) for s in base.suppliers]
    assert [s.production_t_per_day.at(0) for s in made.suppliers] == pytest.approx([1.1 * rate for rate in rates])


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("plan", [3300, 3080, 990, 935, 990, 935]),
        ("plan.mill", [3000, 2800, 900, 850, 990, 935]),
        ("plan.*.heavy", [3000, 2800, 990, 935, 990, 935]),
        ("plan.works.light.2026-02", [3000, 3080, 900, 850, 900, 850]),
    ],
)
def test_scaling_rows_goes_by_the_overlays_scale(tmp_path: Path, path: str, changed: list[float]) -> None:
    (made,) = varied(tmp_path, f"{{scale: {path}, levels: [1.1]}}")
    assert [line.tonnes for line in made.plan] == pytest.approx(changed)


def test_scaling_within_a_window(tmp_path: Path) -> None:
    (made,) = varied(tmp_path, "{scale: prices.heavy, from: 2026-02, levels: [2]}")
    assert [p.yuan_per_t for p in made.prices if p.grade == "heavy"] == [1800, 3800]


def test_levels_may_be_overlays(tmp_path: Path) -> None:
    (tmp_path / "low.yaml").write_text("extends: tiny.yaml\npipelines: {spur: {capacity: 90}}\n", encoding="utf-8")
    row = "{customer: mill, grade: heavy, period: 2026-02, amount: 1}"
    made = varied(tmp_path, f"{{overlays: {{none: null, low: low.yaml, both: [low.yaml, {{plan: [{row}]}}]}}}}")
    assert [s.pipelines[0].capacity_t_per_day.at(0) for s in made] == [140, 90, 90]
    assert [s.plan[-1].tonnes for s in made] == [850, 850, 1]
    assert {s.name for s in made} == {"tiny"}


def test_an_own_overlay_lies_under_all_variants(tmp_path: Path) -> None:
    experiment = read(
        tmp_path,
        "overlay: {pipelines: {spur: {capacity: 50}}}\nfactors:\n  it: {scale: pipelines.spur.capacity, levels: [2]}",
    ).experiment
    assert scenario_under(experiment, variants(experiment)[0]).pipelines[0].capacity_t_per_day.at(0) == 100


def test_later_factors_see_what_earlier_ones_left(tmp_path: Path) -> None:
    text = "factors:\n  a: {set: pipelines.spur.capacity, levels: [50]}\n  b: {scale: pipelines.spur.capacity, levels: [3]}"
    experiment = read(tmp_path, text).experiment
    assert scenario_under(experiment, variants(experiment)[0]).pipelines[0].capacity_t_per_day.at(0) == 150


# --- what is told

RANGED = "{a: {set: pipelines.spur.capacity, low: 50, high: 60}}"
LISTED = "{a: {set: pipelines.spur.capacity, levels: [7]}}"


@pytest.mark.parametrize(
    ("text", "code", "found", "nearest"),
    [
        ("factor: 1", "unknown_key", "factor", "factors"),
        ("factors: {a: {set: pipelines.spurr.capacity, levels: [1]}}", "names_nothing", "spurr", "spur"),
        ("factors: {a: {set: pipelines.spur.capcity, levels: [1]}}", "names_nothing", "capcity", "capacity"),
        ("factors: {a: {set: pipeline.spur.capacity, levels: [1]}}", "names_nothing", "pipeline", "pipelines"),
        ("factors: {a: {set: disruptions.spur stp.days, levels: [1]}}", "names_nothing", "spur stp", "spur stop"),
        ("factors: {a: {set: disruptions.spur stop.dys, levels: [1]}}", "names_nothing", "dys", "days"),
        ("factors: {a: {scale: plan.mil, levels: [1]}}", "names_nothing", "mil", "mill"),
        ("factors: {a: {scale: pipelines.spur.mode, levels: [1]}}", "nothing_to_scale", "", ""),
        ("factors: {a: {set: pipelines.spur.capacity, levels: [12x]}}", "not_a_number", "12x", ""),
        ("factors: {a: {set: pipelines.spur.capacity, levels: [-3]}}", "negative", "-3", ""),
        ("factors: {a: {set: pipelines.spur.capacity, low: 5, high: 2}}", "distribution_parameters", "5", ""),
        ("factors: {a: {set: pipelines.spur.capacity, low: -5, high: 2}}", "negative", "", ""),
        ("factors: {a: {set: pipelines.spur.capacity}}", "no_levels", "", ""),
        ("factors: {a: {set: pipelines.spur.capacity, levels: [1], low: 2, high: 3}}", "levels_twice", "", ""),
        ("factors: {a: {set: a, scale: b, levels: [1]}}", "one_of_three", "set, scale", ""),
        ("factors: {a: {set: pipelines.spur.capacity, levels: [7, 7]}}", "level_twice", "7", ""),
        ("factors: {a: {set: pipelines.spur.capacity, distribution: norml(mean=1)}}\ndesign: {kind: sobol, points: 8}",
         "bad_distribution", "norml(mean=1)", "normal(mean=…; sd=…)"),
        ("noise: {prices: {factor: normal(mean=1, sd=2)}}", "bad_distribution", "normal(mean=1", "normal(mean=…; sd=…)"),
        ("factors: {a: {set: pipelines.spur.capacity, distribution: normal(mean=100; sd=1)}}", "levels_needed", "", ""),
        (f"factors: {RANGED}\ndesign: {{kind: sobol, points: 10}}", "sobol_points", "10", ""),
        (f"factors: {RANGED}\ndesign: latin_hypercube", "no_points", "", ""),
        ("design: gird", "not_a_choice", "gird", "grid"),
        ("replications: 5\noverlay: {random_disruptions: null}", "no_chance", "", ""),
        ("noise: {production: {names: [fild], factor: constant(value=1)}}", "unknown_name", "fild", "field"),
        ("noise: {demand: {factor: constant(value=1)}}", "missing_key", "", ""),
        ("record: {kpis: [completon]}", "unknown_name", "completon", "completion"),
        ("record: {stocks: dayly}", "not_a_choice", "dayly", "day"),
        ("until: {kpi: completion, half_width: 1%, at_most: 50}\nreplications: 9", "until_and_replications", "9", ""),
        ("until: {kpi: completion, half_width: 0, at_most: 50}", "above_zero", "0", ""),
        ("until: {kpi: completion, half_width: 120%, at_most: 50}", "share_range", "120%", ""),
        ("answers: {miss_below: [98%, 950%]}", "threshold_range", "950%", ""),
        ("answers: {miss_below: -5%}", "threshold_range", "-5%", ""),
        ("answers: {baseline: {nothing: 1}}", "unknown_name", "nothing", ""),
        (f"factors: {LISTED}\nanswers: {{baseline: {{a: 8}}}}", "unknown_level", "8", ""),
        (f"factors: {LISTED}\ndesign: {{kind: list, points: [{{a: 9}}]}}", "unknown_level", "9", ""),
    ],
)  # fmt: skip
def test_mistakes_are_told_at_their_place(tmp_path: Path, text: str, code: str, found: str, nearest: str) -> None:
    told = problems(tmp_path, text)
    assert code in told, {name: render_problem(p) for name, p in told.items()}
    assert found in told[code].found
    assert told[code].nearest == nearest


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    factors = "{a: {set: pipelines.spurr.capacity, levels: [1]}, b: {scale: plan.mil, levels: [1]}}"
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"seed: x\nfactors: {factors}\nrecord: {{stocks: no}}")
    assert [p.line for p in caught.value.problems] == [2, 3, 3, 4]


def test_what_the_schema_tells_of_a_level_stands_at_the_level(tmp_path: Path) -> None:
    text = "factors:\n  a:\n    set: pipelines.spur.capacity\n    levels:\n      - 100\n      - -3\n"
    assert problems(tmp_path, text)["negative"].line == 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "replications: -3\nuntil: {kpi: completion, half_width: 1%, at_most: 50}",
            [("at_least", "replications", "-3"), ("until_and_replications", "replications", "-3")],
        ),
        (
            "replications: 9\noverlay: {random_disruptions: null}\nnoise: {production: {factor: norml(mean=1)}}",
            [("bad_distribution", "noise.production.factor", "norml(mean=1)")],
        ),
        (
            "until: {kpi: completion, half_width: 1%}",
            [("missing_key", "until", "")],
        ),
        ("noise: {demand: {of: prices}}", [("missing_key", "noise.demand", "")]),
        ("answers: {miss_below: [98%, 950%]}", [("threshold_range", "answers.miss_below", "950%")]),
    ],
)
def test_a_mistake_brings_no_misleading_others(tmp_path: Path, text: str, told: list[tuple[str, str, str]]) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert [(p.code, p.path, p.found) for p in caught.value.problems] == told


def test_a_missing_base_is_told(tmp_path: Path) -> None:
    path = write_tiny(tmp_path, "base: tny.yaml\n")
    with pytest.raises(InputError) as caught:
        read_experiment(path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.line, problem.nearest) == ("no_such_file", 1, "tiny.yaml")


def test_an_overlay_of_something_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("extends: elsewhere.yaml\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(tmp_path, "factors: {a: {overlays: {x: other.yaml}}}")
    assert [p.code for p in caught.value.problems] == ["overlay_of_another"]
    assert caught.value.problems[0].file.endswith("other.yaml")


def test_a_design_of_a_million_runs_is_explained_before_anything_starts(tmp_path: Path) -> None:
    levels = ", ".join(str(50 + i) for i in range(100))
    text = f"""base: tiny.yaml
factors:
  a: {{set: pipelines.spur.capacity, levels: [{levels}]}}
  b: {{set: pipelines.branch.capacity, levels: [{levels}]}}
design: grid
replications: 100
"""
    path = write_tiny(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_allowed(path)
    (problem,) = caught.value.problems
    assert "1,000,000 runs" in problem.message
    assert "a 100 × b 100 × 100 replications" in problem.message
    assert "--most-runs 1000000" in problem.accepted
    assert problem.line == 5
    assert read_allowed(path, most_runs=1_000_000)


SHIPPED = sorted((Path(__file__).resolve().parents[2] / "scenarios" / "experiments").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_what_ships_is_in_order(path: Path) -> None:
    read = read_allowed(path)
    assert not read.warnings
    assert read.experiment.label.zh and read.experiment.label.en
