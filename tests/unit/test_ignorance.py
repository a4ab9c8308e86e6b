"""Luck and ignorance are told apart as exact answers say."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest
from scipy.stats import beta

from tests.support.exact import build
from trialsim import load
from trialsim.analysis.facts import facts_of
from trialsim.analysis.ignorance import FEWEST, Shares, ignorance, risk, shares
from trialsim.report.terminal import render
from trialsim.results.run import Results, simulate
from trialsim.scenario import Scenario

MEAN, SD = "0.175 per month", f"{0.175 / sqrt(1.2)!r} per month"
FIVE = [{"name": f"S{number}", "rate": MEAN} for number in range(5)]
UNKNOWN: dict[str, Any] = {
    f"recruitment.sites.S{number}.rate": {"gamma": {"mean": MEAN, "sd": SD}} for number in range(5)
}


def twice(scenario: Scenario, number: int) -> Results:
    return simulate(scenario, number, engine="simpy", ignorance=True)


def test_shares_of_a_poisson_gamma_mixture() -> None:
    """Given a total rate of r, the time of the tenth has mean 10/r and variance 10/r²; r is gamma of shape 6.

    With E r⁻¹ = b/5 and E r⁻² = b²/20, the variance of the mean is 100 (b²/20 − b²/25) = b², the mean of the variance
    10 b²/20 = b²/2: two thirds and one third.
    """
    found = twice(build(10, FIVE, uncertain=UNKNOWN), 500).summary()["ignorance"]["milestones"]["settled"]
    assert found["pairs"] == 500
    error = (found["high"] - found["low"]) / 4
    assert 0 < error < 0.05 and found["ignorance"] == pytest.approx(2 / 3, abs=4 * error)
    assert found["luck_sd"] ** 2 + found["ignorance_sd"] ** 2 == pytest.approx(found["sd"] ** 2)


def test_the_risk_is_spread_as_the_probability_is() -> None:
    """One site that never opens with a probability that is beta: that is the risk of ending early."""
    site = {"name": "A", "rate": "1 per day", "never_active_probability": 0.3}
    unknown = {"recruitment.sites.A.never_active_probability": {"beta": {"mean": 0.3, "sd": 0.2}}}
    scenario = build(1, [site], uncertain=unknown, stopping={"time_limit": "1 year"})
    found = twice(scenario, 700).summary()["ignorance"]["early_termination"]
    total = 0.3 * 0.7 / 0.04 - 1
    exact = beta(0.3 * total, 0.7 * total)
    for name, probability in (("p10", 0.1), ("p90", 0.9)):
        error = (found[f"{name}_high"] - found[f"{name}_low"]) / 4
        assert found[name] == pytest.approx(exact.ppf(probability), abs=max(4 * error, 0.02))
    assert found["sd"] == pytest.approx(0.2, abs=0.04)


def test_known_inputs_leave_luck_alone() -> None:
    rng = np.random.default_rng(1)
    alone = shares(rng.exponential(size=2000), rng.exponential(size=2000))
    assert alone.ignorance is not None and alone.ignorance < 0.1 and alone.low == 0
    same = rng.exponential(size=200)
    assert shares(same, same).ignorance == pytest.approx(1) and shares(same, same).luck_sd == pytest.approx(0)


def test_intervals_hold_what_they_should() -> None:
    """Of 200 estimates from 500 pairs, about 190; the tails are heavy."""
    rng = np.random.default_rng(2)
    hits = np.zeros(3)
    distribution = beta(1.2, 3)
    for _ in range(200):
        rates = rng.gamma(6, size=500)
        found = shares(rng.gamma(10, 1 / rates), rng.gamma(10, 1 / rates))
        p = distribution.rvs(500, random_state=rng)
        of_risk = risk(*((rng.random(500) < p).astype(float) for _ in range(2)))
        ends = (found.low, found.high), (of_risk.p10_low, of_risk.p10_high), (of_risk.p90_low, of_risk.p90_high)
        truths = 2 / 3, *distribution.ppf([0.1, 0.9])
        hits += [low <= truth <= high for (low, high), truth in zip(ends, truths, strict=True)]
    assert (hits >= 180).all(), hits


def test_too_few_pairs_say_nothing() -> None:
    few = np.arange(FEWEST - 1.0)
    assert shares(few, few) == Shares(FEWEST - 1, None, None, None, None, None, None)
    assert risk(few * 0, few * 0).p10 is None
    constant = np.ones(100)
    assert shares(constant, constant).ignorance is None
    results = twice(build(10, FIVE, uncertain=UNKNOWN), 5)
    assert "too few to tell luck from ignorance" in " ".join(
        render(results.summary(), facts_of(results.scenario)).split()
    )


def test_an_input_without_effect_changes_nothing() -> None:
    """To the last bit: neither the trials, nor their twins."""
    more = UNKNOWN | {"recruitment.sites.S9.rate": {"gamma": {"mean": MEAN, "sd": SD}}}
    closed = [*FIVE, {"name": "S9", "rate": MEAN, "max_candidates": 0}]
    one, other = (twice(build(10, closed, uncertain=each), 30) for each in (UNKNOWN, more))
    assert one.replications.equals(other.replications)
    assert one.twins is not None and other.twins is not None and one.twins.equals(other.twins)
    assert not one.replications["end_day"].equals(one.twins["end_day"])


def test_twins_share_the_inputs_and_nothing_else() -> None:
    results = twice(build(10, FIVE, uncertain=UNKNOWN), 60)
    assert list(results.tables()) == ["replications", "courses", "draws", "twins"]
    assert results.draws()["replication"].nunique() == 60 and len(results.draws()) == 300
    assert results.draws()["unit"].unique().tolist() == ["per day"]
    assert simulate(results.scenario, 3, engine="simpy").twins is None
    assert twice(build(10, FIVE), 3).summary()["ignorance"] is None
    assert ignorance(results.replications, results.replications)["milestones"]["settled"]["ignorance"] == 1


def test_the_report_says_it_in_words() -> None:
    results = twice(build(10, FIVE, uncertain=UNKNOWN, stopping={"time_limit": "15 months"}), 100)
    for width in (60, 80, 120):
        text = " ".join(render(results.summary(), facts_of(results.scenario), width=width).split())
        assert "5 values of the scenario are not known" in text
        assert "is ignorance, the rest luck" in text and "The risk of ending early lies from" in text


def test_the_uncertain_reference_is_the_plan_and_what_is_not_known() -> None:
    plan, unknown = (load(name).to_document() for name in ("msc-sle-plan", "msc-sle-uncertain"))
    assert unknown.pop("uncertain") and unknown.pop("correlations")
    for document in (plan, unknown):
        document["trial"] = {key: each for key, each in document["trial"].items() if key not in ("name", "title")}
        document.pop("uncertain", None)
        document.pop("correlations", None)
    assert plan == unknown
    assert all(entry["reason"] for entry in load("msc-sle-uncertain").uncertain.values())
