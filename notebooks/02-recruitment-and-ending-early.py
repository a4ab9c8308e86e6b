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
# # Recruitment, and ending early
#
# In May 2019 a hospital in Paris screened the first candidate for a phase 1 trial of stromal cells in severe lupus. Ten
# participants were planned. Almost four years and 29 screened candidates later, eight had been treated, and enrolment
# was ended. Nothing severe had happened to anyone. (NCT03562065, doi 10.1016/S2665-9913(24)00298-4.)
#
# Was that bad luck, or was it to be expected? And **how many candidates a month would it have taken?**
#
# The scenario `msc-sle` holds what is known of the trial and what must be assumed. Why enrolment ended was not
# published; the scenario assumes a limit of 48 months.

# %%
import pandas as pd
from scipy import stats

import trialsim

MONTH = 30.4375  # days, everywhere in trialsim
REPLICATIONS = 200

trial = trialsim.load("msc-sle")
rate = trial.sites[0].rate
passes = trial.screening.pass_probability
print(f"{rate * MONTH:.2f} candidates a month, of whom {passes:.0%} are eligible")
print(f"{trial.trial.max_participants} participants wanted in {trial.stopping.time_limit / MONTH:.0f} months")

# %% [markdown]
# ## First, on the back of an envelope
#
# Leave out everything but the people. Screening takes four weeks, so whoever is to be found eligible in time must come
# four weeks before the limit; and the lockdown of spring 2020 kept 74 % of the candidates away for 55 days. The
# eligible people who come in what is left are a Poisson number, and the trial is too short if there are fewer than ten.

# %%
days = trial.stopping.time_limit - 28 - 0.74 * 55
expected = rate * passes * days
too_few = stats.poisson.cdf(9, expected)
print(f"{expected:.1f} eligible people expected; fewer than ten with probability {too_few:.0%}")

# %% [markdown]
# So the plan was in trouble before a single cell had been grown.
#
# ## Then, with everything in it
#
# The simulation adds what the envelope left out: people who withdraw or whose screening results expire, cords and
# failed lots, infusions on Tuesdays and Thursdays, two cohorts of five with their spacing and a review between them.

# %%
results = trialsim.simulate(trial, REPLICATIONS, jobs=1)
bare = trial.changed({"product": None, "infusion": None, "waiting": None})
without = trialsim.simulate(bare, REPLICATIONS, jobs=1)
for name, each in (("with everything", results), ("without product, slots and withdrawals", without)):
    early = each.summary()["early_termination"]
    print(f"{name}: ends early in {early['probability']:.0%} ({early['low']:.0%} to {early['high']:.0%})")

# %%
results.figure("enrolment")

# %% [markdown]
# Most of the risk is recruitment; making and giving the product adds some. The range in brackets is the uncertainty of
# 200 histories. It shrinks with more of them, the risk does not.
#
# Does the model look like the real trial? `place` is the share of simulated trials below what was observed, with half
# of those equal to it: near 0.5 is unremarkable, near 0 or 1 would be a warning.

# %%
observed = pd.DataFrame(results.summary()["observed"])
observed = observed[observed["compared_with"] == "whole_trial"]
observed[["quantity", "value", "place", "at_most", "at_least"]].round(2)

# %% [markdown]
# A word of caution: the rate of candidates and their chance to pass were *computed* from the 29 screened and 8
# enrolled. That these two fit proves nothing. Others, such as the participants at each dose, the one under-dose and the
# first infusion, were not used, and are a test of the model, if a mild one.
#
# ## The question: which rate?
#
# `recruitment-rates` multiplies the rate of candidates by 0.5 to 4 and leaves everything else alone. All points have
# the same luck: someone who comes at the observed rate comes at twice the rate too, only sooner.

# %%
asked = ["settled", "early_termination"]
sweep = trialsim.sweep("recruitment-rates", replications=REPLICATIONS, jobs=1, measures=asked)
sweep.figure("sweep_early_termination")

# %% [markdown]
# The risk does not fall in proportion. It stays near certain, then falls steeply, then there is little left to gain.
# The trial of 2019 stood at the top of the steep part, where a little more recruitment buys a lot.

# %%
sweep.figure("sweep_settled")

# %% [markdown]
# Beware of this figure's left side. At the observed rate the median is 48 months, which is not how long the trial
# *takes* but when it was *stopped*. Wherever many trials end early, read the risk first.
#
# On the right side the months stop falling in proportion: at four times the rate the trial is not four times as fast.
# What does it wait for then?

# %%
crowded = trialsim.simulate(trial.changed({"recruitment.rate_multiplier": 4}), REPLICATIONS, jobs=1)
crowded.figure("attribution")

# %% [markdown]
# For candidates still, on three days in five. But one day in three it waits for cells now, where it was one in forty.
# And some of the days lost with people who left (`replacement`) are the laboratory's too: their screening results
# expired while they waited for cells. Bottlenecks move: the more people come, the more the laboratory decides, and the
# next euro belongs there. Which is no reason to start there, as a comparison with the same luck shows:

# %%
remedies = trialsim.compare(
    [
        trial,
        trial.changed({"product.suites": 2, "product.target_doses": 4}),
        trial.changed({"recruitment.rate_multiplier": 2}),
    ],
    REPLICATIONS,
    jobs=1,
    names=["as it was", "two suites, more stock", "twice the candidates"],
)
difference = "early_termination_difference"
remedies.points.set_index("name")[["early_termination", difference, f"{difference}_low", f"{difference}_high"]].round(2)

# %% [markdown]
# ## Your turn
#
# The sponsor accepts a risk of ending early of **one in five**. What is the smallest multiple of the observed rate, in
# steps of a quarter, that keeps it? Read it off the figure of the risk, write it below and run the cell.

# %%
answer = None  # a multiple of the observed rate


def risk_at(multiple):
    """The share of trials that end early at a multiple of the observed rate."""
    faster = trial.changed({"recruitment.rate_multiplier": multiple})
    return trialsim.simulate(faster, REPLICATIONS, jobs=1).summary()["early_termination"]["probability"]


def check(answer):
    """Say whether the answer is right, and if not, where to look."""
    if not isinstance(answer, int | float) or not 0.5 <= answer <= 8 or answer % 0.25:
        return "Set `answer` to a multiple from 0.5 to 8 in steps of a quarter, such as 1.25, and run this cell again."
    if (risk := risk_at(answer)) > 0.2:
        return f"Not yet: at {answer} times the rate {risk:.0%} still end early. Follow the 20 % line to the right."
    if (cheaper := risk_at(answer - 0.25)) <= 0.2:
        return f"Safe, but more than it takes: at {answer - 0.25} times the rate the risk is {cheaper:.0%} already."
    return f"Yes! At {answer} times the rate the risk is {risk:.0%}; a quarter less would leave it at {cheaper:.0%}."


print(check(answer))

# %% [markdown]
# ## To go on
#
# - What would the envelope have answered? Find the number of eligible people to be expected for which fewer than ten
#   come in one case of five, and compare. Where does the difference come from?
# - The limit of 48 months is an assumption. Try `trial.changed({"stopping.time_limit": "5 years"})`: is a fifth year
#   worth as much as a second hospital?
# - `msc-sle-plan` is the same trial as its sponsor might have imagined it. Which of its assumptions did the damage?
