"""What drives the answer: exact answers for whole trials, one input at a time and together."""

from __future__ import annotations

from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import trialsim
from tests.support.exact import build, within
from tests.support.overlaps import unreadable
from trialsim import ScenarioError
from trialsim.inventory import Findings, look_at
from trialsim.report.sensitivity import render
from trialsim.results.exchanging import DUMMY, Work, groups, label, simulations
from trialsim.results.reading import read_results
from trialsim.results.sensitivity import NotReached, SensitivityResults, sensitivity
from trialsim.scenario import Scenario
from trialsim.scenario.copula import drawn
from trialsim.storage import Refused

PLACES = 3
LOW, HIGH, LONGEST = 0.05, 0.2, 20.0
RATE, FOLLOW_UP = "recruitment.sites.A.rate", "follow_up.duration"
UNKNOWN: dict[str, Any] = {
    RATE: {"uniform": {"min": f"{LOW} per day", "max": f"{HIGH} per day"}},
    FOLLOW_UP: {"uniform": {"min": "0 days", "max": f"{LONGEST} days"}},
}
ENDS, POINTS = 300, 300
OF_RATE = PLACES**2 * (1 / (LOW * HIGH) - (log(HIGH / LOW) / (HIGH - LOW)) ** 2)
OF_FOLLOW_UP = LONGEST**2 / 12
"""The last visit is expected after places / rate and the follow-up: variances over what is not known of either."""


def poisson(**more: Any) -> Scenario:
    """Places that go to whoever comes, each then followed up as long: additive in what is not known."""
    sections = {"uncertain": UNKNOWN} | more
    return build(PLACES, "0.1 per day", follow_up={"duration": "10 days"}, **sections)


@pytest.fixture(scope="module")
def found() -> SensitivityResults:
    return sensitivity(poisson(), ENDS, POINTS, engine="simpy", measures=["last_visit", "last_visit_p80", "infused"])


def row(table: pd.DataFrame | None, name: str, of: str) -> dict[str, Any]:
    assert table is not None
    (one,) = table[(table["input"] == name) & (table.iloc[:, 0] == of)].to_dict("records")
    return {str(key): value for key, value in one.items()}


def words(summary: dict[str, Any]) -> str:
    """The report in one line."""
    return " ".join(render(summary).split())


def test_an_input_at_its_ends_is_exact(found: SensitivityResults) -> None:
    """At a rate r and a follow-up d the mean is places / r + d, and all places have the luck of the base."""
    rate, days = (row(found.tornado, name, "last_visit") for name in (RATE, FOLLOW_UP))
    rates = [LOW + share * (HIGH - LOW) for share in (0.1, 0.5, 0.9)]
    assert [rate[name] for name in ("p10", "p50", "p90")] == pytest.approx(rates)
    for name, one in zip(("at_p10", "at_p50", "at_p90"), rates, strict=True):
        within(rate[name], PLACES / one + LONGEST / 2, PLACES**0.5 / one / ENDS**0.5)
    swing = PLACES / rates[2] - PLACES / rates[0]
    assert rate["swing_low"] <= swing <= rate["swing_high"]
    half = 1.966 * PLACES**0.5 * (1 / rates[0] - 1 / rates[2]) / ENDS**0.5
    assert (rate["swing_high"] - rate["swing_low"]) / 2 == pytest.approx(half, rel=0.15)
    assert days["swing"] == pytest.approx(0.8 * LONGEST) and np.isnan(days["swing_low"])  # alike in every pair
    late = row(found.tornado, FOLLOW_UP, "last_visit_p80")
    assert late["swing"] == pytest.approx(0.8 * LONGEST)


def test_the_dummy_moves_nothing_and_comes_last(found: SensitivityResults) -> None:
    assert found.tornado is not None
    of_visit = found.tornado[found.tornado["answer"] == "last_visit"]
    assert list(of_visit["input"]) == [RATE, FOLLOW_UP, DUMMY] and list(of_visit["is_dummy"]) == [False, False, True]
    dummies = found.tornado[found.tornado["is_dummy"]]
    assert (dummies[["to_p10", "to_p90", "swing"]] == 0).all(axis=None)
    assert found.summary()["dummy_moves"] == []


def test_shares_of_an_additive_trial_are_exact(found: SensitivityResults) -> None:
    """Each input's share is that of its variance, alone and in all: there is nothing that both do only together."""
    for name, exact in ((RATE, OF_RATE), (FOLLOW_UP, OF_FOLLOW_UP), (DUMMY, 0.0)):
        one = row(found.indices, name, "last_visit")
        for index in ("first", "total"):
            assert one[f"{index}_low"] <= exact / (OF_RATE + OF_FOLLOW_UP) <= one[f"{index}_high"], (name, index)
    shares = found.spread["last_visit"]
    luck = PLACES / (LOW * HIGH)
    exact = (OF_RATE + OF_FOLLOW_UP) / (OF_RATE + OF_FOLLOW_UP + luck)
    assert shares["low"] <= exact <= shares["high"]


def test_a_measure_that_nothing_moves_is_not_shared_out(found: SensitivityResults) -> None:
    assert np.isnan(row(found.indices, RATE, "infused")["total"])
    assert np.isnan(row(found.rank_correlations, RATE, "infused")["correlation"])
    text = render(found.summary(), width=80)
    assert "Infused: too few trials have it, or all are the same." not in text  # they are called treated here
    assert "Treated: too few trials have it, or all are the same." in text and "Too little ignorance" in text


def test_ranks_have_the_signs_of_the_inputs(found: SensitivityResults) -> None:
    rate, days, dummy = (row(found.rank_correlations, name, "last_visit") for name in (RATE, FOLLOW_UP, DUMMY))
    assert rate["correlation_high"] < 0 < days["correlation_low"]
    assert dummy["correlation_low"] <= 0 <= dummy["correlation_high"]
    assert rate["replications"] == POINTS


def test_the_points_are_those_of_a_run_and_exchanges_take_what_they_say() -> None:
    pair = {"between": [RATE, FOLLOW_UP], "rank": -0.5}
    trial = poisson(
        uncertain={**UNKNOWN, "stopping.time_limit": {"uniform": {"min": "60 days", "max": "90 days"}}},
        correlations=[pair],
        stopping={"time_limit": "80 days"},
    )
    assert [label(group) for group in groups(trial)] == [f"{RATE} + {FOLLOW_UP}", "stopping.time_limit"]
    tables = Work(trial, 7, 1, None, "simpy", None).points(20)
    run = trialsim.simulate(trial, 20, 7, engine="simpy", ignorance=True)
    assert tables.sample[0].equals(run.replications) and run.twins is not None and tables.sample[1].equals(run.twins)
    assert list(tables.exchanged) == [f"{RATE} + {FOLLOW_UP}", "stopping.time_limit", DUMMY]
    one, other = drawn(trial, 7, 1, 20), drawn(trial, 8, 1, 20)
    mixed = drawn(trial, {RATE: 8, FOLLOW_UP: 8, "stopping.time_limit": 7}, 1, 20)
    assert all((mixed[key] == other[key]).all() for key in (RATE, FOLLOW_UP))
    assert (mixed["stopping.time_limit"] == one["stopping.time_limit"]).all()
    assert simulations(trial, 0, 20, True) == 2 * (2 + 3) * 20


def test_correlated_values_are_one_input_of_shares_and_two_of_the_others() -> None:
    pair = {"between": [RATE, FOLLOW_UP], "rank": 0.8}
    found = sensitivity(poisson(correlations=[pair]), 20, 100, only=["indices", "ranks"], engine="simpy")
    assert found.tornado is None and found.indices is not None and found.rank_correlations is not None
    assert list(found.indices["input"].unique()) == [f"{RATE} + {FOLLOW_UP}", DUMMY]
    together = row(found.indices, f"{RATE} + {FOLLOW_UP}", "last_visit")
    assert together["total_low"] <= 1 <= together["total_high"]
    assert set(found.rank_correlations["input"]) == {RATE, FOLLOW_UP, DUMMY}
    assert "Correlated values are taken together" in render(found.summary(), width=80)


def test_keys_of_one_list_have_a_short_label() -> None:
    trial = trialsim.load("msc-sle-uncertain")
    assert [label(group) for group in groups(trial)] == [
        "recruitment.sites.Saint-Louis.rate + screening.pass_probability",
        "waiting.withdrawal",
        "product.donation.exponential.mean",
        "product.release_probability",
        "dosing.review",
        "truth.dlt_probability.1 + .2 + .3",
    ]


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(ScenarioError, match="uncertain: nothing is unknown here; name keys under uncertain, or give"):
        sensitivity("teaching-minimal")
    always = {RATE: {"p10": "1 per day", "p50": "2 per day", "p90": "4 per day", "at_least": "2 per day"}}
    always[RATE] |= {"at_most": "2 per day"}
    with pytest.raises(ScenarioError, match="this is always the same, so that it cannot vary"):
        sensitivity(poisson(uncertain=always))
    with pytest.raises(NotReached, match="no trial reached first_enrolment, so that nothing can drive it"):
        never = poisson(stopping={"time_limit": "0.01 days"})
        sensitivity(never, 20, 100, measures=["first_enrolment"], engine="simpy")
    with pytest.raises(ValueError, match='"last_visitt" is not a measure; did you mean "last_visit"'):
        sensitivity(poisson(), measures=["last_visitt"])
    wrong: list[dict[str, Any]] = [{"only": ["magic"]}, {"only": []}, {"points": 99}, {"replications": 19}]
    for each in [*wrong, {"points": 100_001}]:
        with pytest.raises(ValueError, match=next(iter(each))):
            sensitivity(poisson(), **each)


def test_a_dummy_that_moves_is_told(found: SensitivityResults) -> None:
    summary = found.summary() | {
        "dummy_moves": [
            {
                "table": "indices",
                "answer": "last_visit",
                "estimate": "total",
                "low": 0.01,
                "high": 0.05,
                "by_chance": True,
            }
        ]
    }
    assert "does not come out inert: 1 of its 6 intervals misses 0 (last visit, share in all: 0.01 to 0.05)." in words(
        summary
    )
    broken = SensitivityResults(**{**vars(found), "tornado": found.tornado.assign(to_p10=1.0)})  # type: ignore[union-attr]
    moves = broken.summary()["dummy_moves"]
    assert {each["table"] for each in moves} == {"tornado"} and len(moves) == 3
    assert "THE DUMMY IS NOT INERT" in words(broken.summary())
    assert broken.figure("tornado").get_suptitle().startswith("The dummy is not inert")
    likely = found.indices.assign(total=0.03, total_low=0.01, total_high=0.05)  # type: ignore[union-attr]
    (chance, _) = SensitivityResults(**{**vars(found), "indices": likely}).summary()["dummy_moves"]
    assert chance["by_chance"] and chance["estimate"] == "total"


def test_results_are_saved_whole_and_drawn(found: SensitivityResults, tmp_path: Path) -> None:
    found.save(tmp_path / "out", figures=False, export=["csv"])
    assert look_at(tmp_path / "out") == Findings()
    with pytest.raises(Refused, match="holds a sensitivity analysis: give the results of a run"):
        read_results(tmp_path / "out")
    back = pd.read_parquet(tmp_path / "out" / "indices.parquet")
    assert list(back) == list(found.tables()["indices"].columns)
    assert found.figures() == ["tornado", "indices", "rank_correlations"]
    for name in found.figures():
        figure = found.figure(name)
        assert unreadable(figure) == []
        assert RATE in figure.alt and "Last visit" in figure.alt
    assert all(len(line) <= 80 for line in render(found.summary(), width=80).splitlines())


def test_ranges_from_outside_are_inputs_too() -> None:
    trial = build(PLACES, "0.1 per day")
    found = sensitivity(trial, 20, vary=[f"{RATE}=0.05:0.2 per day"], only=["tornado"], engine="simpy")
    assert found.indices is None and found.points == 0 and found.spread == {}
    assert found.summary()["inputs"][0]["written"]["p10"] == "0.065 per day"
    again = sensitivity(poisson(), 20, vary=[f"{RATE}=0.05:0.2 per day"], only=["tornado"], engine="simpy")
    assert row(again.tornado, RATE, "last_visit")["p10"] == pytest.approx(0.065)
