# %% [markdown]
# # An outage, the order, its proof · 停输、调整令与推演验证
#
# After an outage the plan of the month cannot be met. The seller may not change a directive plan: what can be done is to draft the
# adjustment order to ask for, with the reason of every line and its proof by simulation.
#
# The scenario is the small one that ships with chainsim, so that this takes a second; put your own in its place.

# %%
import chainsim

study = chainsim.starter().with_({"disruptions.trunk repair.days": 12}, name="no order")
before = study.simulate()
before

# %%
before.causes()[["cause_text", "asset_text", "shortfall_t", "share"]]

# %% [markdown]
# ## The draft · 调整令草案
#
# From the first day of the outage on. `freeze=["hill_refinery/light/2025-03"]` would keep a line of the plan as it is.

# %%
proposal = study.optimize(as_of="2025-02-10")
proposal

# %%
proposal.plot.order()

# %% [markdown]
# Every line says which lost tonnes it makes up and what keeps it from more:

# %%
proposal.order[["customer", "grade", "month", "change_t", "why_en", "why_zh"]]

# %% [markdown]
# The objective is lexicographic: safety first, then completion by class, evenness among equals, few lines, little change, cost.

# %%
proposal.levels[["level", "value", "unit"]]

# %% [markdown]
# ## Its proof · 推演验证
#
# What counts is not what the optimizer believes but what the simulation does with the order approved.

# %%
proposal.proof[["customer", "completion_before", "completion_after", "completion_promised"]]

# %%
proposal.plot.proof()

# %% [markdown]
# `apply()` gives the study in which the order is in force. An order raises the plan of whom it helps, so that completion is to be
# compared against the original plan.

# %%
after = proposal.apply().named("with order").simulate()
comparison = before.compare(after)
worth = comparison.completion(against="original")
assert (worth["with order"] >= worth["no order"]).all()
worth

# %%
comparison.plot.completion(against="original")
