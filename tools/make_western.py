"""Write the CSV tables of ``scenarios/western`` and ``scenarios/new-dushanzi`` from the annual balance stated below.

Run from anywhere: ``python tools/make_western.py [SCENARIOS_FOLDER]``. The result is committed; equal input gives
equal bytes. Every number here is listed, with its source or as an assumption, in ``scenarios/western/facts.csv``.

How the plan is made 综合平衡: purchases are given; each refinery but Lanzhou has its annual tonnes by grade; the
Lanzhou refinery, which also has other crude, takes what is left of each grade after transport losses. Months follow
their days and a modest shape per refinery. Pipeline customers are planned in 100 t, rail customers in whole trains, by
rounding the running total, so months, quarters and the year reconcile exactly.
"""

from __future__ import annotations

import calendar
import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

YEAR = 2008
TRAIN_T = 2250

PURCHASES_T = {
    "wangjiagou_intake": 3_500_000,
    "lunnan_intake": 5_000_000,
    "tuha_intake": 1_600_000,
    "alashankou_intake": 6_000_000,
}
SUPPLIER_OF = {
    "xinjiang": "wangjiagou_intake",
    "tarim": "lunnan_intake",
    "tuha": "tuha_intake",
    "kazakh": "alashankou_intake",
}

# Annual tonnes of the customers that do not balance; rail customers in trains of 2,250 t.
PIPELINE_PLAN_T = {
    ("dushanzi", "kazakh"): 5_500_000,
    ("urumqi", "xinjiang"): 2_900_000,
    ("urumqi", "kazakh"): 100_000,
    ("yumen", "tarim"): 750_000,
    ("yumen", "tuha"): 450_000,
}
RAIL_PLAN_TRAINS = {
    ("luoyang", "tarim"): 178,
    ("xian", "tarim"): 89,
    ("local_weiquan", "tarim"): 61,
    ("local_weiquan", "tuha"): 50,
    ("local_shuoyuan", "tarim"): 89,
    ("local_xiaoling", "tarim"): 40,
    ("local_xiaoling", "xinjiang"): 27,
    ("local_daibei", "tuha"): 44,
    ("local_hanlu", "tarim"): 28,
    ("local_hanlu", "tuha"): 17,
}
BALANCING_CUSTOMER = "lanzhou"
GRADES = ("tarim", "tuha", "xinjiang", "kazakh")

# Losses on the way to Shanshan, then Shanshan–Yumen, then Yumen–Lanzhou (as in scenario.yaml).
LOSS_TO_SHANSHAN = {
    "tarim": 1 - (1 - 0.0006) * (1 - 0.0014),
    "tuha": 0.002,
    "xinjiang": 0.002,
    "kazakh": 0.002,
}
LOSS_ALASHANKOU_DUSHANZI = 0.002
LOSS_DUSHANZI_WANGJIAGOU = 0.002
LOSS_TRUNK_HALF = 0.001

# Modest shapes of the year, January to December, multiplied by the days of the month.
FLAT = (1.0,) * 12
SUPPLY_SHAPE = {
    "xinjiang": FLAT,
    "tarim": (1.00, 1.00, 1.00, 1.00, 0.99, 0.99, 1.00, 1.00, 1.00, 1.01, 1.01, 1.00),
    "tuha": (1.01, 1.01, 1.00, 1.00, 1.00, 0.99, 0.99, 0.99, 1.00, 1.00, 1.00, 1.01),
    "kazakh": (0.98, 0.98, 1.00, 1.00, 1.01, 1.01, 1.01, 1.01, 1.00, 1.00, 1.00, 1.00),
}
DEMAND_SHAPE = {
    "dushanzi": (0.985, 0.985, 1.00, 1.00, 1.01, 1.00, 1.01, 1.01, 1.00, 1.00, 1.00, 1.00),
    "urumqi": (1.01, 1.01, 1.01, 0.97, 0.97, 1.00, 1.01, 1.01, 1.01, 1.00, 1.00, 1.00),
    "yumen": (1.00, 1.00, 1.01, 1.01, 1.00, 0.97, 0.98, 1.01, 1.01, 1.01, 1.00, 1.00),
    "lanzhou": (1.00, 1.00, 1.00, 1.00, 0.98, 0.98, 1.01, 1.01, 1.01, 1.01, 1.00, 1.00),
}
# Ten-day lines: shares of the month, for months whose course the directive fixes more closely.
TEN_DAY_SHARES = {
    ("lanzhou", "tarim", 6): (0.30, 0.34, 0.36),
    ("dushanzi", "kazakh", 10): (0.31, 0.33, 0.36),
    ("urumqi", "xinjiang", 5): (0.36, 0.33, 0.31),
}

# What the fields really deliver, as a share of the purchase plan, month by month.
PRODUCTION_SHARE = {
    "xinjiang": (1.000, 0.990, 1.000, 1.005, 1.005, 1.000, 0.995, 0.995, 1.000, 1.000, 0.990, 0.985),
    "tarim": (0.985, 0.980, 0.990, 1.000, 1.005, 1.000, 0.985, 0.990, 0.990, 1.000, 0.995, 0.990),
    "tuha": (0.970, 0.980, 1.000, 0.990, 0.980, 0.970, 0.960, 0.970, 0.980, 0.980, 0.970, 0.960),
    "kazakh": (0.940, 0.950, 1.005, 1.015, 1.015, 1.010, 1.005, 1.010, 1.000, 1.000, 0.995, 0.990),
}

# Dushanzi's new unit: 10 Mt/a from 28 August 2009, all of it Kazakh crude; the plan follows from September.
NEW_UNIT_FROM = "2009-08-28"
NEW_UNIT_FIRST_MONTH = 9
NEW_UNIT_T_PER_DAY = 27_397

BENCHMARK_YUAN_PER_T = (
    ("2008-01-01", 4900, ""),
    ("2008-02-01", 5000, ""),
    ("2008-03-01", 5300, ""),
    ("2008-04-01", 5700, ""),
    ("2008-05-01", 6300, ""),
    ("2008-06-01", 6600, ""),
    ("2008-06-20", 6900, "月中特殊调整 mid-month change"),
    ("2008-07-01", 6900, ""),
    ("2008-08-01", 6200, ""),
    ("2008-09-01", 5400, ""),
    ("2008-10-01", 4200, ""),
    ("2008-11-01", 3000, ""),
    ("2008-12-01", 2300, ""),
)
BENCHMARK_2009_YUAN_PER_T = (2000, 2050, 2150, 2450, 2750, 3250, 3450, 3500, 3500, 3600, 3800, 3850)
PREMIUM_YUAN_PER_T = {"xinjiang": 0, "tarim": -80, "tuha": 120, "kazakh": -40}


def main(scenarios: Path) -> None:
    """Write plan, purchases, production and prices of both scenarios under ``scenarios``."""
    western = scenarios / "western"
    _write(western / "plan.csv", plan_rows(monthly_plan(YEAR), YEAR, TEN_DAY_SHARES))
    _write(western / "purchases.csv", purchase_rows(monthly_purchases(YEAR), YEAR))
    _write(western / "production.csv", production_rows())
    _write(western / "prices.csv", price_rows(BENCHMARK_YUAN_PER_T))

    new_dushanzi = scenarios / "new-dushanzi"
    year = YEAR + 1
    plan, purchases = monthly_plan(year), monthly_purchases(year)
    for month in range(NEW_UNIT_FIRST_MONTH, 13):
        tonnes = round(NEW_UNIT_T_PER_DAY * calendar.monthrange(year, month)[1], -2)
        plan["dushanzi", "kazakh"][month - 1] = tonnes
        purchases["alashankou_intake"][month - 1] = tonnes
    production = [["supplier", "from", "rate"]]
    for supplier, tonnes in PURCHASES_T.items():
        production.append([supplier, f"{year}-01-01", str(round(tonnes / 365))])
    production.append(["alashankou_intake", NEW_UNIT_FROM, str(NEW_UNIT_T_PER_DAY)])
    benchmark = [(f"{year}-{m:02d}-01", price, "") for m, price in enumerate(BENCHMARK_2009_YUAN_PER_T, start=1)]
    _write(new_dushanzi / "plan.csv", plan_rows(plan, year, {}))
    _write(new_dushanzi / "purchases.csv", purchase_rows(purchases, year))
    _write(new_dushanzi / "production.csv", production)
    _write(new_dushanzi / "prices.csv", price_rows(benchmark))


def monthly_plan(year: int) -> dict[tuple[str, str], list[int]]:
    """(customer, grade) → twelve months in tonnes, in the order of the directive."""
    plan: dict[tuple[str, str], list[int]] = {}
    for (customer, grade), tonnes in PIPELINE_PLAN_T.items():
        plan[customer, grade] = share_out(tonnes, _weights(DEMAND_SHAPE[customer], year), 100)
    for grade, tonnes in left_for_balancing_customer().items():
        plan[BALANCING_CUSTOMER, grade] = share_out(tonnes, _weights(DEMAND_SHAPE[BALANCING_CUSTOMER], year), 100)
    for (customer, grade), trains in RAIL_PLAN_TRAINS.items():
        plan[customer, grade] = share_out(trains * TRAIN_T, _weights(FLAT, year), TRAIN_T)
    return plan


def monthly_purchases(year: int) -> dict[str, list[int]]:
    """Supplier → twelve months in tonnes."""
    return {
        supplier: share_out(PURCHASES_T[supplier], _weights(SUPPLY_SHAPE[grade], year), 100)
        for grade, supplier in SUPPLIER_OF.items()
    }


def left_for_balancing_customer() -> dict[str, int]:
    """Tonnes of each grade, in whole hundreds, that reach Lanzhou in the year and are planned for nobody else."""
    left = {}
    for grade in GRADES:
        tonnes = float(PURCHASES_T[SUPPLIER_OF[grade]])
        if grade == "kazakh":
            tonnes = tonnes * (1 - LOSS_ALASHANKOU_DUSHANZI) - PIPELINE_PLAN_T["dushanzi", "kazakh"]
            tonnes *= 1 - LOSS_DUSHANZI_WANGJIAGOU
        tonnes -= PIPELINE_PLAN_T.get(("urumqi", grade), 0)
        tonnes *= (1 - LOSS_TO_SHANSHAN[grade]) * (1 - LOSS_TRUNK_HALF)
        tonnes -= PIPELINE_PLAN_T.get(("yumen", grade), 0)
        tonnes *= 1 - LOSS_TRUNK_HALF
        tonnes -= sum(trains * TRAIN_T for (_, g), trains in RAIL_PLAN_TRAINS.items() if g == grade)
        left[grade] = int(tonnes) // 100 * 100
    return left


def plan_rows(
    plan: Mapping[tuple[str, str], Sequence[int]],
    year: int,
    ten_day_shares: Mapping[tuple[str, str, int], Sequence[float]],
) -> list[list[str]]:
    """The plan in the wide shape: year, quarters, months and the few ten-day periods; a row per customer and grade."""
    ten_day_months = {month for _, _, month in ten_day_shares}
    head = ["customer", "grade", str(year)]
    for month in range(1, 13):
        if month % 3 == 1:
            head.append(f"{year}Q{month // 3 + 1}")
        head.append(f"{year}-{month:02d}")
        if month in ten_day_months:
            head.extend(f"{year}-{month:02d}-{period}" for period in (1, 2, 3))
    rows = [head]
    for (customer, grade), months in plan.items():
        row = [customer, grade, str(sum(months))]
        for month in range(1, 13):
            if month % 3 == 1:
                row.append(str(sum(months[month - 1 : month + 2])))
            row.append(str(months[month - 1]))
            if month in ten_day_months:
                shares = ten_day_shares.get((customer, grade, month))
                row.extend(map(str, share_out(months[month - 1], shares, 100)) if shares else ("", "", ""))
        rows.append(row)
    return rows


def purchase_rows(purchases: Mapping[str, Sequence[int]], year: int) -> list[list[str]]:
    """The purchase plan in the wide shape."""
    rows = [["supplier", str(year), *(f"{year}-{month:02d}" for month in range(1, 13))]]
    rows += [[supplier, str(sum(months)), *map(str, months)] for supplier, months in purchases.items()]
    return rows


def production_rows() -> list[list[str]]:
    """What the fields can deliver in 2008, t/d from the first of each month."""
    purchases = monthly_purchases(YEAR)
    rows = [["supplier", "from", "rate"]]
    for grade, supplier in SUPPLIER_OF.items():
        for month, share in enumerate(PRODUCTION_SHARE[grade], start=1):
            rate = purchases[supplier][month - 1] / calendar.monthrange(YEAR, month)[1] * share
            rows.append([supplier, f"{YEAR}-{month:02d}-01", str(round(rate))])
    return rows


def price_rows(benchmark: Sequence[tuple[str, int, str]]) -> list[list[str]]:
    """Benchmark plus the grade's premium, by effective date."""
    rows = [["grade", "from", "price", "reason"]]
    for grade, premium in PREMIUM_YUAN_PER_T.items():
        rows += [[grade, day, str(price + premium), reason] for day, price, reason in benchmark]
    return rows


def share_out(tonnes: int, weights: Sequence[float], quantum: int) -> list[int]:
    """``tonnes``, a multiple of ``quantum``, shared by ``weights`` in multiples of ``quantum``; the sum is exact.

    The running total is rounded, not each part, so what one month rounds away the next gets back.
    """
    assert tonnes % quantum == 0
    total = sum(weights)
    parts = []
    given, running = 0, 0.0
    for weight in weights:
        running += tonnes * weight / total
        part = round(running / quantum) * quantum - given
        parts.append(part)
        given += part
    return parts


def _weights(shape: Sequence[float], year: int) -> list[float]:
    return [calendar.monthrange(year, month)[1] * factor for month, factor in enumerate(shape, start=1)]


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    default = Path(__file__).resolve().parent.parent / "scenarios"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
