# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     notebook_metadata_filter: -jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A trial, from end to end
#
# A clinical trial has a plan for its science, and a calendar that nobody planned: candidates come when they come, half
# of them are not eligible, a cohort is watched for a month before the next one may begin, a lot of cells fails its
# tests. In this notebook a small trial grows **one layer at a time**, and after each layer we look at what it did to
# the calendar. Where pencil and paper know the answer, we put it beside the simulation.
#
# It runs in less than half a minute. Change the numbers and run it again; that is what it is for.

# %%
import numpy as np
import pandas as pd
import seaborn as sns
from scipy import stats

import trialsim

MONTH = 30.4375  # days, everywhere in trialsim
REPLICATIONS = 400  # histories of each trial; more of them make the estimates sharper, not the trial more certain

whole = trialsim.load("teaching-minimal")
print(f"{whole.trial.title}, with at most {whole.trial.max_participants} participants")

# %% [markdown]
# ## Layer 1: people come
#
# `teaching-minimal` is a 3+3 with twelve participants at most. We take everything away but the people: three candidates
# a month arrive at random, each is eligible at once and treated at once, and the twelfth ends the trial.
#
# One of its possible histories, day by day:

# %%
people = whole.changed({"screening": None, "dosing": None, "truth": None})
print(trialsim.trace(people, replication=1).diary()[:900], "…")

# %% [markdown]
# That was one history. The next one would be another, so we simulate four hundred.

# %%
simulated_people = trialsim.simulate(people, REPLICATIONS, jobs=1)
simulated_people.figure("duration")

# %% [markdown]
# Is that right? Arrivals at random, three a month, are a Poisson process, and the waiting time for its twelfth event
# has a *gamma distribution* with mean 12/3 = 4 months. A simulated mean of 400 histories should differ from it by no
# more than a few *standard errors*; four are generous.


# %%
def beside_formula(results, formula):
    """Months to the end of the trial: as simulated, and as the formula has them."""
    months = results.replications["end_day"] / MONTH
    error = months.std() / np.sqrt(len(months))
    assert abs(months.mean() - formula.mean()) < 4 * error, "the simulation and the formula disagree"
    shares = [0.1, 0.5, 0.9]
    table = {
        "simulated": [months.mean(), months.std(), *months.quantile(shares)],
        "formula": [formula.mean(), formula.std(), *formula.ppf(shares)],
    }
    print(f"standard error of the mean: {error:.2f} months")
    return pd.DataFrame(table, index=["mean", "sd", "P10", "median", "P90"]).round(2)


beside_formula(simulated_people, stats.gamma(12, scale=1 / 3))

# %% [markdown]
# Look at the spread. Nothing went wrong in any of these trials, and still the unlucky tenth took twice as long as the
# lucky tenth. A plan that says "four months" has left that out.
#
# ## Layer 2: screening
#
# Screening takes two weeks, and half of the candidates pass. Those who *will* pass come at random too, at 1.5 a month,
# so the twelfth of them comes after 8 months on average, and is treated two weeks later.

# %%
screened = whole.changed({"dosing": None, "truth": None})
simulated_screened = trialsim.simulate(screened, REPLICATIONS, jobs=1)
beside_formula(simulated_screened, stats.gamma(12, scale=1 / 1.5, loc=14 / MONTH))

# %% [markdown]
# The duration has doubled; two weeks of it are the screening visits, and all the rest is the people who did not pass.
#
# How many have to be screened? 24 until twelve have passed, and then come those who arrive while the last one is still
# being screened, 3 a month for two weeks: 25.4 in all.

# %%
print(f"simulated {simulated_screened.replications['screened'].mean():.1f}, formula {24 + 3 * 14 / MONTH:.1f}")

# %% [markdown]
# ## Layer 3: cohorts and their safety windows
#
# Now the twelve are treated three at a time. Each is watched for 28 days, then a committee takes 7 days to open the
# next cohort. What becomes of candidates who come in between? If they are **turned away**, the formula is simple. It
# takes the same 8 months to find twelve people, and the four windows and three reviews are added to them: 4 × 28 + 3 ×
# 7 = 133 days. (For the formula we let screening take no time.)

# %%
turned_away = whole.changed(
    {
        "recruitment.while_closed": "turn_away",
        "screening.duration": "0 days",
        "dosing.rule": "fixed",  # everybody at one dose, for now
        "dosing.cohort_size": 3,
        "truth": None,
    }
)
simulated_turned_away = trialsim.simulate(turned_away, REPLICATIONS, jobs=1)
beside_formula(simulated_turned_away, stats.gamma(12, scale=1 / 1.5, loc=133 / MONTH))

# %% [markdown]
# If they are screened and **queue** instead, there is no simple formula: the queue fills part of the next cohort at
# once, but only part of it, and only sometimes. That is what a simulation is for.
#
# Both trials can be simulated *with the same luck*: the third candidate of the clinic comes on the same day and passes
# or fails in both. So they can be compared history by history.

# %%
doors = trialsim.compare(
    [turned_away, turned_away.changed({"recruitment.while_closed": "queue"})],
    REPLICATIONS,
    jobs=1,
    names=["turned away", "queue"],
)
months = doors.replications.pivot(index="replication", columns="name", values="end_day") / MONTH
print(f"queueing saves {(months['turned away'] - months['queue']).mean():.1f} months on average")
print(f"and is never slower: {(months['queue'] <= months['turned away']).all()}")

# %% [markdown]
# ## Layer 4: a dose rule
#
# Back to the whole of `teaching-minimal`: three doses, and a 3+3 that decides after each cohort whether to go up, stay,
# or stop. From here on it is not even settled how many people are treated: the trial ends when the rule knows enough.

# %%
simulated_whole = trialsim.simulate(whole, REPLICATIONS, jobs=1)
print(simulated_whole.replications["infused"].value_counts().sort_index().to_string())
simulated_whole.figure("attribution")

# %% [markdown]
# The figure shares out the days of the trial among what it waited for. Two in five went into watching and deciding, and
# no recruitment campaign will shorten those.
#
# ## Layer 5: the product has to be made
#
# Let the doses be cells. One run takes six weeks, four in five pass their tests, and a run holds five of the smallest
# doses but only one of the largest.

# %%
made = whole.changed(
    {
        "dosing.levels": ["5e7 cells", "1e8 cells", "2e8 cells"],
        "product": {
            "policy": "to_stock",
            "target_doses": 2,
            "suites": 1,
            "expansion": "6 weeks",
            "release_probability": 0.8,
            "cells_per_lot": 2.5e8,
        },
    }
)
simulated_made = trialsim.simulate(made, REPLICATIONS, jobs=1, detail=True)
simulated_made.figure("gantt")

# %% [markdown]
# Each row above the line is a participant, each row below it a run. Dark grey is somebody who has a place and no cells:
# at the highest dose every infusion takes a run of its own, and a failed run costs everybody another six weeks.
#
# When is the first good lot there? After one run with probability 0.8, after two with 0.2 × 0.8, and so on: 7.5 weeks
# on average, and every 25th trial waits for 18 weeks or more.

# %%
first_lot = simulated_made.lots.groupby("replication")["available_day"].min() / 7
runs = np.arange(1, 4)
pd.DataFrame(
    {
        "simulated": [(first_lot == 6 * run).mean() for run in runs],
        "formula": stats.geom.pmf(runs, 0.8),
    },
    index=[f"week {6 * run}" for run in runs],
).round(3)

# %% [markdown]
# ## Layer 6: a slot for the infusion
#
# The unit infuses on Tuesdays, one person a day, with three days' notice. Somebody who is ready on any day of the week
# would wait half a week for a Tuesday, and a little more for the notice. But people of one cohort are often ready
# together, and the second and third of them wait for the next Tuesdays.

# %%
slots = made.changed({"infusion": {"weekdays": ["Tuesday"], "per_day": 1, "notice": "3 days"}})
simulated_slots = trialsim.simulate(slots, REPLICATIONS, jobs=1, detail=True)
infused = simulated_slots.participants.dropna(subset="infusion_day")
waited = infused["infusion_day"] - infused["ready_day"]
print(f"from dose to infusion: {waited.mean():.1f} days on average, more than ten for {(waited > 10).mean():.0%}")

# %% [markdown]
# ## Layer 7: people leave, and money runs out
#
# While they wait, people withdraw, one in ten each month. And the trial is funded for 15 months.

# %%
limited = slots.changed({"waiting": {"withdrawal": "0.1 per month"}, "stopping": {"time_limit": "15 months"}})
simulated_limited = trialsim.simulate(limited, REPLICATIONS, jobs=1)
simulated_limited.figure("end_causes")

# %% [markdown]
# Most of the trials that the limit stops needed only a few months more, and no single layer is to blame.
#
# ## All layers, side by side
#
# All these trials had the same luck: the same seed means the same candidates, the same failed runs, the same DLTs, as
# far as a trial lived to see them. So what differs between two rows is the layer, not chance.

# %%
cohorts = turned_away.changed({"recruitment.while_closed": "queue", "screening.duration": "2 weeks"})
layers = {
    "people": simulated_people,
    "and screening": simulated_screened,
    "and cohorts": trialsim.simulate(cohorts, REPLICATIONS, jobs=1),
    "and a dose rule": simulated_whole,
    "and cells": simulated_made,
    "and slots": simulated_slots,
    "and a time limit": simulated_limited,
}
rows: dict[str, dict[str, float]] = {}
for name, results in layers.items():
    summary = results.summary()
    rows[name] = {share: summary["duration"][share]["value"] / MONTH for share in ("p10", "p50", "p90")}
    rows[name]["ends early"] = summary["early_termination"]["probability"]
pd.DataFrame(rows).T.round(2)

# %%
months = pd.concat({name: results.replications["end_day"] / MONTH for name, results in layers.items()}, names=["layer"])
axes = sns.pointplot(
    months.reset_index(), x="end_day", y="layer", estimator="median", errorbar=("pi", 80), linestyle="none"
)
axes.set(xlabel="Months: median, and eight trials of ten", ylabel="", xlim=(0, None))
axes.set_title("What each layer does to the calendar")
sns.despine()

# %% [markdown]
# Most layers move the trial to the right and make it wider, since each brings chance of its own. The dose rule moves it
# to the left: it often knows enough before the twelfth participant. The time limit cuts the right end off, and only the
# table tells the price: a trial that was stopped looks like a short one. That is why the risk of ending early belongs
# beside every duration.
#
# ## To go on
#
# - Which layer would you remove if you could remove one? Guess first. Then change it (two suites, three infusions a
#   day, a review of one day) and compare with the same luck.
# - What does the attribution figure say, and does it agree with your comparison? It tells what the end
#   would move with at first; a large remedy may find another cause right behind.
# - In `02-recruitment-and-ending-early` the trial is a real one.
