# %% [markdown]
# # A quarter under chance · 随机扰动下的一个季度
#
# One run is an anecdote. The trunk fails at random, the field produces more or less than planned: what completion is likely, who is
# likely to miss 95 %, and what is a fuller depot worth on the first day?
#
# An experiment is a file that the command line runs as well (`chainsim experiment run luck.yaml`). This one varies the small scenario
# that ships with chainsim.

# %%
from pathlib import Path

import chainsim

chainsim.new("first")
Path("luck.yaml").write_text(
    """
title: {zh: 随机扰动, en: A quarter under chance}
base: first
seed: 11
replications: 16
overlay:
  random_disruptions:
    - {name: trunk fault, asset: trunk, remaining: 0, cause: pipeline, time_to_failure: exponential(mean=40),
       time_to_repair: lognormal(median=3; sigma=0.6)}
factors:
  stock:
    title: {zh: 末站期初库存, en: opening stock at the depot}
    scale: farms.depot.opening
    levels: {as it is: 1, half as much more: 1.5}
noise:
  production: {factor: lognormal(median=1; sigma=0.05)}
record: {kpis: all, stocks: day}
answers:
  miss_below: [95%, 90%]
""",
    encoding="utf-8",
)
experiment = chainsim.experiment("luck.yaml")
experiment

# %% [markdown]
# Every variant meets the same fates, so that a difference between variants is theirs and not luck's. `workers=0` works in this
# process; leave it out for one process per CPU.

# %%
answers = experiment.run("results/luck", workers=0)
answers

# %% [markdown]
# ## What to expect · 预期
#
# Means with their confidence intervals, and quantiles:

# %%
kpis = answers.tables.answer_kpis
kpis[kpis["kpi"].isin(["completion", "shortfall"])][["name", "kpi", "mean", "low", "high", "p05", "p50", "p95"]]

# %% [markdown]
# ## Who is likely to miss · 谁可能欠量
#
# The chance of a completion below 95 % and 90 %, with its interval (Wilson):

# %%
answers.tables.answer_customers[["name", "customer", "threshold", "probability", "low", "high"]]

# %% [markdown]
# ## What a fuller depot is worth · 期初多存的价值
#
# Paired differences: the same fates with and without. The causes of the difference add up to it.

# %%
differences = answers.tables.answer_differences
differences[differences["kpi"] == "completion"][["name", "difference", "low", "high", "share_higher"]]

# %%
causes = answers.tables.answer_causes
causes[causes["variant"] == 1][["name", "cause", "asset", "baseline_t", "shortfall_t", "change_t"]]
