"""A scenario of a few milliseconds with everything that experiments vary: production, cash, prices, outages given and drawn."""

from __future__ import annotations

from pathlib import Path

TINY = """\
scenario: tiny
title: {zh: 小例, en: Tiny}
start: 2026-01-01
end: 2026-03-02
seed: 5
grades:
  light: {density: 850}
  heavy: {density: 900}
farms:
  depot: {safe_fill: 6000, heel: {light: 100}, opening: {light: 2000, heavy: 1500}}
suppliers:
  field: {grade: light, farm: depot, production: 100}
  border: {grade: heavy, farm: depot, production: 60}
pipelines:
  spur: {from: depot, to: works, capacity: 140, tariff: 5}
  branch: {from: depot, to: mill, capacity: 60}
customers:
  works: {class: petrochina, grades: [light, heavy], safe_fill: 3000, opening: {light: 200, heavy: 100}}
  mill: {class: local, grades: [heavy], safe_fill: 900, opening: {heavy: 100}, offtake: cash, cash: 200000,
         income_per_day: 60000, priority: 2}
disruptions:
  - {name: spur stop, asset: spur, from: 2026-01-10 08:00, to: 2026-01-14 08:00, remaining: 0, cause: pipeline}
random_disruptions:
  - {name: spur fault, asset: spur, remaining: 0, cause: pipeline, time_to_failure: exponential(mean=20),
     time_to_repair: uniform(low=1; high=4)}
plan:
  - {customer: works, grade: light, period: 2026-01, amount: 3000}
  - {customer: works, grade: light, period: 2026-02, amount: 2800}
  - {customer: works, grade: heavy, period: 2026-01, amount: 900}
  - {customer: works, grade: heavy, period: 2026-02, amount: 850}
  - {customer: mill, grade: heavy, period: 2026-01, amount: 900}
  - {customer: mill, grade: heavy, period: 2026-02, amount: 850}
prices:
  - {grade: light, from: 2026-01-01, price: 2000}
  - {grade: heavy, from: 2026-01-01, price: 1800}
  - {grade: heavy, from: 2026-02-01, price: 1900}
receipts:
  - {customer: mill, date: 2026-01-20, yuan: 50000}
"""

NOISY = """\
experiment: noisy
base: tiny.yaml
seed: 11
replications: 30
factors:
  outage: {set: disruptions.spur stop.days, levels: [0.5, 4, 12]}
noise:
  production: {factor: lognormal(median=1; sigma=0.1)}
  cash: {factor: uniform(low=0.6; high=1.2)}
  prices: {every: run, together: true, factor: normal(mean=1; sd=0.1)}
record: {stocks: week, tables: [customer_months]}
"""

FAILING = """\
experiment: failing
base: tiny.yaml
replications: 8
factors:
  opening: {scale: farms.depot.opening, levels: [1, 1.6]}
  tanks: {set: farms.depot.safe_fill, levels: [6000, 4000]}
answers: {baseline: {opening: 1.6, tanks: 4000}}
"""
"""Each level is possible; the two last together are not, more than the tanks hold: and just these are the baseline."""

ORDERS = """\
experiment: orders
base: tiny.yaml
factors:
  outage: {set: disruptions.spur stop.days, levels: [0.5, 12]}
  order:
    overlays:
      without: null
      with:
        orders:
          - number: O-1
            issued: 2026-01-12
            effective: 2026-01-14
            state: approved
            reason: outage
            lines: [{customer: works, grade: light, period: 2026-01, amount: 2000}]
answers: {against: plan}
"""
"""An outage, with and without an order that takes from the plan what the outage does."""


def write_tiny(folder: Path, experiment: str = NOISY, name: str = "noisy.yaml") -> Path:
    """The tiny scenario and an experiment on it, in ``folder``; returns the experiment's path."""
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    path = folder / name
    path.write_text(experiment, encoding="utf-8")
    return path
