# %% [markdown]
# # A what-if and its causes · 假如停输再长九天
#
# The western trunk stands still for 21 days in April. What if it were 30? Who falls short then, by how much, and because of
# what? Run this from the folder that holds `scenarios`.

# %%
import chainsim

outage = chainsim.load("scenarios/trunk-outage.yaml").named("21 days")
outage

# %% [markdown]
# A change is a path and a value: the paths are those of messages and experiments, the values those of the scenario's files. A
# changed study is another value; nothing is changed in place, and the scenario is checked as a whole before anything runs.

# %%
longer = outage.with_(
    {"disruptions.trunk west outage.days": 30, "disruptions.trunk east outage.days": 30},
    name="30 days",
)
run, other = outage.simulate(), longer.simulate()
run

# %% [markdown]
# ## Who falls short · 谁欠量
#
# Tables are pandas frames, made when first asked for. `run.tables` lists them; `run.tables.about("completion")` tells what each
# column means and its unit.

# %%
run.plot.completion()

# %%
months = run.tables.customer_months
months[months["customer"] == "yumen"][["month", "plan_t", "delivered_t", "completion", "main_cause", "main_asset"]]

# %% [markdown]
# ## Because of what · 因何而欠
#
# The causes of a shortfall add up to it, to the gram, whoever is asked about and whenever.

# %%
causes = run.causes("yumen", month="2008-04")
april = months[(months["customer"] == "yumen") & (months["month"] == "2008-04-01")]
assert abs(causes["shortfall_t"].sum() - april["shortfall_t"].sum()) < 1e-6
causes[["cause_text", "asset_text", "shortfall_t", "share"]]

# %%
run.plot.waterfall("yumen", month="2008-04")

# %% [markdown]
# ## What nine days more would do · 再停九天
#
# A difference of two runs is made of causes too, and they add up to the change in deliveries.

# %%
comparison = run.compare(other)
comparison

# %%
effects = comparison.causes("yumen")
now, then = (r.tables.customer_months.groupby("customer", observed=True)["delivered_t"].sum() for r in (run, other))
assert abs(effects["delivered_change_t"].sum() - (then["yumen"] - now["yumen"])) < 1e-5
effects[["cause", "asset", "delivered_change_t", "completion_change"]]

# %%
comparison.plot.completion()

# %% [markdown]
# ## Where the oil stands meanwhile · 油在何处
#
# Lanzhou runs dry behind the stopped line; upstream of it tanks fill. Pictures are values: `picture.save("lanzhou.png")`,
# `picture.option` is the ECharts option for a page of your own.

# %%
other.plot.stocks("lanzhou_depot", since="2008-03-15", until="2008-07-01")

# %%
other.plot.network(since="2008-04-10", until="2008-05-10")
