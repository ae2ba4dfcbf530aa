"""The western base case: its figures have sources, its plan balances, and its run tells the seed's story."""

from __future__ import annotations

import ast
import calendar
import csv
import operator
from bisect import bisect_right
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from chainsim.files import load_scenario
from chainsim.model import Scenario
from chainsim.records import RunLog
from chainsim.simulation import simulate
from tools.make_results_table import PAGE, results_table

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
WESTERN = SCENARIOS / "western"
MONTHS = [f"2008-{month:02d}" for month in range(1, 13)]
GRADE_OF = {
    "wangjiagou_intake": "xinjiang",
    "lunnan_intake": "tarim",
    "tuha_intake": "tuha",
    "alashankou_intake": "kazakh",
}


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, as text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def structure() -> dict[str, Any]:
    """``scenario.yaml`` as plain values."""
    document: dict[str, Any] = yaml.safe_load((WESTERN / "scenario.yaml").read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def plan() -> list[dict[str, str]]:
    return read_table(WESTERN / "plan.csv")


@pytest.fixture(scope="module")
def facts() -> list[dict[str, str]]:
    return read_table(WESTERN / "facts.csv")


# --- figures and their sources ---------------------------------------------------------------------------------


def test_every_fact_is_sourced_or_called_an_assumption(facts: list[dict[str, str]]) -> None:
    for row in facts:
        assert None not in row, row
        assert row["status"] in {"source", "assumption"}, row
        if row["status"] == "source":
            assert row["source"], row
        else:
            assert row["note"] or row["source"] or row["computed_from"], row
    paths = [row["path"] for row in facts]
    assert len(paths) == len(set(paths))


def test_every_number_of_the_network_is_its_fact(structure: dict[str, Any], facts: list[dict[str, str]]) -> None:
    """The first row of facts.csv whose path matches a number is its fact, and states its value unless several share it."""
    sections = ("grades", "farms", "suppliers", "pipelines", "railways", "customers")
    for section in sections:
        for path, number in numbers(structure[section], section):
            rows = [row for row in facts if fnmatchcase(path, row["path"])]
            assert rows, f"{path} has no source"
            if rows[0]["value"]:
                assert number == pytest.approx(float(rows[0]["value"])), path


def test_facts_follow_from_their_arithmetic(facts: list[dict[str, str]]) -> None:
    for row in facts:
        if row["computed_from"]:
            rounded_figure = pytest.approx(float(row["value"]), rel=0.025)
            assert arithmetic(row["computed_from"]) == rounded_figure, row["path"]


def test_every_overlay_has_a_fact(facts: list[dict[str, str]]) -> None:
    named = {row["path"].removeprefix("overlays.") for row in facts if row["path"].startswith("overlays.")}
    overlays = {path.stem for path in SCENARIOS.glob("*.yaml")}
    overlays |= {path.parent.name for path in SCENARIOS.glob("*/scenario.yaml")} - {"western"}
    sized = {"trunk-outage-5d", "trunk-outage-10d", "trunk-outage-20d"}
    assert overlays - sized == named


# --- the plan reconciles and balances ---------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "year"), [("western", 2008), ("new-dushanzi", 2009)])
def test_plan_levels_sum_to_their_parent(folder: str, year: int) -> None:
    for row in read_table(SCENARIOS / folder / "plan.csv"):
        months = [float(row[f"{year}-{month:02d}"]) for month in range(1, 13)]
        assert sum(months) == float(row[str(year)])
        for quarter in range(4):
            assert sum(months[3 * quarter : 3 * quarter + 3]) == float(row[f"{year}Q{quarter + 1}"])
        for month in range(1, 13):
            tens = [row.get(f"{year}-{month:02d}-{period}") for period in (1, 2, 3)]
            if all(tens):
                assert sum(float(value or 0) for value in tens) == months[month - 1]
    for row in read_table(SCENARIOS / folder / "purchases.csv"):
        assert sum(float(row[f"{year}-{month:02d}"]) for month in range(1, 13)) == float(row[str(year)])


def test_annual_totals_are_those_of_the_balance(plan: list[dict[str, str]]) -> None:
    purchases = {row["supplier"]: float(row["2008"]) / 1e6 for row in read_table(WESTERN / "purchases.csv")}
    assert purchases == {
        "wangjiagou_intake": 3.5,
        "lunnan_intake": 5.0,
        "tuha_intake": 1.6,
        "alashankou_intake": 6.0,
    }
    totals: dict[str, float] = {}
    for row in plan:
        sink = "local" if row["customer"].startswith("local_") else row["customer"]
        sink = "sinopec" if sink in {"luoyang", "xian"} else sink
        totals[sink] = totals.get(sink, 0.0) + float(row["2008"]) / 1e6
    assert {sink: round(total, 2) for sink, total in totals.items()} == {
        "dushanzi": 5.5,
        "urumqi": 3.0,
        "yumen": 1.2,
        "lanzhou": 4.96,  # 5.0 less the losses of the whole network
        "sinopec": 0.6,
        "local": 0.8,
    }


def test_rail_customers_are_planned_in_whole_trains(structure: dict[str, Any], plan: list[dict[str, str]]) -> None:
    rail = structure["railways"]["lanzhou_rail"]
    train_t = rail["wagons_per_train"] * rail["tonnes_per_wagon"]
    by_rail = [row for row in plan if row["customer"] in rail["routes"]]
    assert len(by_rail) == 10
    for row in by_rail:
        assert all(float(row[month]) % train_t == 0 for month in MONTHS)


def test_plan_balances_per_month_and_grade(structure: dict[str, Any], plan: list[dict[str, str]]) -> None:
    """Purchases = deliveries + losses + planned stock change; stocks move little and close the year where they began."""
    for grade, changes in planned_stock_changes(structure, plan).items():
        total = 0.0
        for month, change in zip(MONTHS, changes, strict=True):
            total += change
            assert abs(change) < 12_000, (grade, month, change)
            assert abs(total) < 20_000, (grade, month, total)
        assert abs(total) < 1_000, (grade, total)


def test_trunk_plan_is_that_of_the_balance(plan: list[dict[str, str]]) -> None:
    east = sum(float(row["2008"]) for row in plan if row["customer"] not in {"dushanzi", "urumqi"})
    assert east == pytest.approx(7.6e6, rel=0.01)


def planned_stock_changes(structure: dict[str, Any], plan: list[dict[str, str]]) -> dict[str, list[float]]:
    """Tonnes by grade and month: purchases less what the plan draws from the intake points, losses on the way included."""
    loss = {name: float(str(line.get("loss", "0%")).rstrip("%")) / 100 for name, line in structure["pipelines"].items()}

    def needed(tonnes: float, *lines: str) -> float:
        for line in lines:
            tonnes /= 1 - loss[line]
        return tonnes

    to_shanshan = {
        "tarim": ("korla_shanshan", "lunnan_korla"),
        "tuha": ("tuha_shanshan",),
        "xinjiang": ("wangjiagou_shanshan",),
        "kazakh": ("wangjiagou_shanshan", "dushanzi_wangjiagou", "alashankou_dushanzi"),
    }
    purchases = {GRADE_OF[row["supplier"]]: row for row in read_table(WESTERN / "purchases.csv")}
    changes = {}
    for grade in structure["grades"]:
        months = []
        for month in MONTHS:
            drawn = 0.0
            for row in plan:
                if row["grade"] != grade:
                    continue
                tonnes = float(row[month])
                match row["customer"]:
                    case "dushanzi":
                        drawn += needed(tonnes, "alashankou_dushanzi")
                    case "urumqi":
                        drawn += needed(tonnes, *to_shanshan[grade][1:])
                    case "yumen":
                        drawn += needed(tonnes, "trunk_west", *to_shanshan[grade])
                    case _:
                        drawn += needed(tonnes, "trunk_east", "trunk_west", *to_shanshan[grade])
            months.append(float(purchases[grade][month]) - drawn)
        changes[grade] = months
    return changes


# --- the tables are what the tool writes ------------------------------------------------------------------------


def test_tables_are_what_the_tool_writes(tmp_path: Path) -> None:
    import importlib.util

    source = SCENARIOS.parent / "tools" / "make_western.py"
    spec = importlib.util.spec_from_file_location("make_western", source)
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    (tmp_path / "western").mkdir()
    (tmp_path / "new-dushanzi").mkdir()
    tool.main(tmp_path)
    written = sorted(tmp_path.glob("*/*.csv"))
    assert len(written) == 8
    for path in written:
        assert path.read_bytes() == (SCENARIOS / path.relative_to(tmp_path)).read_bytes(), path.name


def test_production_stays_near_the_purchase_plan() -> None:
    purchases = {row["supplier"]: row for row in read_table(WESTERN / "purchases.csv")}
    totals: dict[str, float] = {}
    for row in read_table(WESTERN / "production.csv"):
        year, month, _ = map(int, row["from"].split("-"))
        tonnes = float(row["rate"]) * calendar.monthrange(year, month)[1]
        assert 0.9 < tonnes / float(purchases[row["supplier"]][row["from"][:7]]) < 1.02
        totals[row["supplier"]] = totals.get(row["supplier"], 0.0) + tonnes
    for supplier, total in totals.items():
        assert 0.95 < total / float(purchases[supplier]["2008"]) <= 1.0


# --- what the run shows -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def western() -> Scenario:
    return load_scenario(WESTERN).scenario


@pytest.fixture(scope="module")
def base(western: Scenario) -> RunLog:
    return simulate(western)


def test_completion_differs_most_among_local_refineries(western: Scenario, base: RunLog) -> None:
    done = completions(base)
    by_class: dict[str, list[float]] = {}
    for customer in western.customers:
        by_class.setdefault(customer.customer_class, []).append(done[customer.name])
    assert min(by_class["petrochina"]) > 0.97
    assert max(by_class["petrochina"]) <= 1.0 + 1e-9
    assert min(by_class["sinopec"]) > 0.93
    assert 0.55 < min(by_class["local"]) < 0.70
    assert max(by_class["local"]) > 0.95
    spread = {name: max(values) - min(values) for name, values in by_class.items()}
    assert spread["local"] > 4 * max(spread["petrochina"], spread["sinopec"])


def test_local_shortfalls_are_mostly_cash(base: RunLog) -> None:
    tonnes: dict[str, float] = {}
    for account in base.accounts:
        if account.customer.startswith("local_"):
            for (cause, _), amount in account.causes:
                tonnes[cause] = tonnes.get(cause, 0.0) + amount
    assert tonnes["customer_cash"] > 0.6 * sum(tonnes.values())


def test_causes_add_up_and_mass_is_conserved(base: RunLog) -> None:
    for account in base.accounts:
        shortfall = max(0.0, account.plan_t - account.delivered_t)
        assert sum(tonnes for _, tonnes in account.causes) == pytest.approx(shortfall, abs=1e-6)
    for balance in base.balance:
        assert balance.residual_t == pytest.approx(0.0, abs=1e-3)


def test_no_farm_stays_full_or_dry(western: Scenario, base: RunLog) -> None:
    """No farm's total is within 2 % of its limits for over a tenth of the year.

    Farms that a push line empties are meant to stand at their heel: the outlet is clear 后路畅通.
    """
    emptied = {line.origin for line in western.pipelines if line.dispatch == "push"}
    for farm in western.farms:
        if farm.name in emptied:
            continue
        heel = sum(farm.heel_t.values())
        room = farm.safe_fill_t.at(0.0) - heel
        shares = [(total - heel) / room for total in daily_totals(base, farm.name)]
        at_limit = sum(share < 0.02 or share > 0.98 for share in shares)
        assert at_limit <= len(shares) / 10, farm.name


def test_trunk_carries_what_the_balance_says(base: RunLog) -> None:
    assert moved(base, "trunk_west") == pytest.approx(7.6e6, rel=0.02)
    days = 302_200 / (moved(base, "trunk_west") / 366) + 337_800 / (moved(base, "trunk_east") / 366)
    assert 29 < days < 36


def test_outage_downstream_fills_upstream_and_curtails_intake(western: Scenario, base: RunLog) -> None:
    outage = simulate(load_scenario(SCENARIOS / "trunk-outage.yaml").scenario)
    window = slice(100, 121)
    shanshan = daily_totals(outage, "shanshan")[window]
    assert max(shanshan) > 0.98 * western.farms[6].safe_fill_t.at(0.0)
    assert max(shanshan) > max(daily_totals(base, "shanshan")[window])
    assert curtailed(outage) > curtailed(base) + 15_000
    assert completions(outage)["lanzhou"] < completions(base)["lanzhou"] - 0.01
    assert completions(outage)["dushanzi"] == pytest.approx(completions(base)["dushanzi"], abs=0.01)


@pytest.mark.parametrize(
    "name", sorted([path.stem for path in SCENARIOS.glob("*.yaml")] + ["new-dushanzi", "mid-july"])
)
def test_overlays_run(name: str) -> None:
    folder = SCENARIOS / name
    log = simulate(load_scenario(folder if folder.is_dir() else SCENARIOS / f"{name}.yaml").scenario)
    assert all(abs(balance.residual_t) < 1e-3 for balance in log.balance)
    assert log.accounts


def completions(log: RunLog) -> dict[str, float]:
    """Customer → delivered over plan in force, grade by grade so that a swap cannot hide."""
    plan: dict[str, float] = {}
    done: dict[str, float] = {}
    for account in log.accounts:
        plan[account.customer] = plan.get(account.customer, 0.0) + account.plan_t
        done[account.customer] = done.get(account.customer, 0.0) + min(account.plan_t, account.delivered_t)
    return {customer: done[customer] / plan[customer] for customer in plan}


def daily_totals(log: RunLog, holder: str) -> list[float]:
    """The content of a farm at each midnight, t."""
    totals = []
    cells = [cell for cell in log.cells if cell.holder == holder]
    for day in range(int(log.begin_day), int(log.end_day) + 1):
        total = 0.0
        for cell in cells:
            i = min(max(bisect_right(cell.days, day), 1), len(cell.days) - 1)
            (a, b), (x, y) = cell.days[i - 1 : i + 1], cell.tonnes[i - 1 : i + 1]
            total += y if b <= a else x + (y - x) * min(1.0, max(0.0, (day - a) / (b - a)))
        totals.append(total)
    return totals


def moved(log: RunLog, asset: str) -> float:
    """Tonnes that entered a line in the run."""
    total = 0.0
    for flow in log.flows:
        if flow.asset == asset:
            edges = [*flow.days, log.end_day]
            total += sum(rate * (b - a) for rate, a, b in zip(flow.rate, edges, edges[1:], strict=False))
    return total


def curtailed(log: RunLog) -> float:
    """Tonnes the fields had to shut in."""
    return sum(balance.curtailed_t for balance in log.balance)


@pytest.mark.slow
def test_page_shows_what_a_run_gives() -> None:
    assert results_table() in PAGE.read_text(encoding="utf-8"), "run: .venv/bin/python -m tools.make_results_table"


# --- helpers ----------------------------------------------------------------------------------------------------


def numbers(value: Any, path: str) -> Iterator[tuple[str, float]]:
    """Every number, and every percentage, under ``value`` with its dotted path; list items by their position."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from numbers(item, f"{path}.{index}")
    elif isinstance(value, str) and value.endswith("%"):
        yield path, float(value[:-1])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, float(value)


_OPERATORS: dict[type[ast.operator], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def arithmetic(text: str) -> float:
    """The value of an expression of numbers and + − × ÷ and powers."""

    def value(node: ast.expr) -> float:
        if isinstance(node, ast.BinOp):
            return float(_OPERATORS[type(node.op)](value(node.left), value(node.right)))
        assert isinstance(node, ast.Constant) and isinstance(node.value, int | float)
        return float(node.value)

    return value(ast.parse(text, mode="eval").body)
