"""What would help: which levers a scenario has, what they change, and what they are said to buy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import trialsim
from tests.support.exact import build, within
from tests.support.overlaps import unreadable
from trialsim.analysis.facts import facts_of
from trialsim.analysis.levers import levers_table
from trialsim.figures import draw_levers
from trialsim.report.levers import in_a_line, render
from trialsim.results.levers import levers
from trialsim.scenario import ScenarioError
from trialsim.scenario.levers import levers_of, stretched
from trialsim.scenario.scenario import Scenario

RATE, PLACES = 0.1, 10


def poisson() -> Scenario:
    """Places that go to whoever comes: the last is filled at the tenth event of a Poisson process."""
    return build(PLACES, f"{RATE} per day")


def test_a_scenario_has_the_levers_of_its_layers() -> None:
    assert [lever.name for lever in levers_of(poisson())] == ["a quarter more candidates", "one site more"]
    names = {name: {lever.name for lever in levers_of(trialsim.load(name))} for name in ("msc-sle", "autologous-car-t")}
    assert "sites open a quarter sooner" in names["autologous-car-t"] - names["msc-sle"]
    assert "people queue, none is turned away" in names["autologous-car-t"] - names["msc-sle"]
    assert {"one suite more", "making a quarter shorter", "one weekday more"} < names["msc-sle"]
    assert not any("lot" in lever.name for lever in levers_of(trialsim.load("multicentre-phase-2")))


def test_a_lever_changes_what_it_says_and_nothing_else() -> None:
    planned = trialsim.load("autologous-car-t")
    moved = {lever.name: lever.scenario for lever in levers_of(planned)}
    assert moved["a quarter more candidates"].recruitment.rate_multiplier == 1.25
    more = moved["a quarter more pass screening"].screening
    assert more is not None and planned.screening is not None
    assert more.overall == pytest.approx(1.25 * planned.screening.overall)
    assert more.duration == planned.screening.duration
    another = moved["one site more"]
    assert [site.name for site in another.sites][:-1] == [site.name for site in planned.sites]
    assert another.sites[-1].rate == sorted(site.rate or 0.0 for site in planned.sites)[1]
    days = moved["one weekday more"].infusion
    assert days is not None and days.weekdays == (0, 1, 2, 3)


@pytest.mark.parametrize(
    "duration",
    [
        "8 days",
        {"gamma": {"mean": "20 days", "sd": "8 days"}},
        {"lognormal": {"median": "20 days", "p90": "40 days"}},
        {"triangular": {"min": "1 week", "mode": "2 weeks", "max": "1 month"}},
        {"empirical": {"values": ["4 days", "8 days"], "weights": [1, 3]}},
    ],
)
def test_every_draw_of_a_stretched_distribution_is_stretched(duration: Any) -> None:
    def draws(of: Any) -> Any:
        scenario = build(1, [0], screening={"pass_probability": 1.0, "duration": of})
        assert scenario.screening is not None
        return scenario.screening.duration.quantile(np.linspace(0.01, 0.99, 50))

    assert draws(stretched(duration, 0.75)) == pytest.approx(0.75 * draws(duration), abs=2**-18)


def test_a_step_of_ones_own() -> None:
    found = levers(poisson(), 30, steps=["trial.max_participants=5"])
    assert list(found.changes)[-1] == "trial.max_participants=5"
    first = found.levers.iloc[0]
    assert first["lever"] == "trial.max_participants=5" and first["difference"] < 0
    with pytest.raises(ScenarioError, match=r"--step trial\.places=5"):
        levers_of(poisson(), ["trial.places=5"])
    with pytest.raises(ScenarioError, match="--step nonsense"):
        levers_of(poisson(), ["nonsense"])


def test_what_a_quarter_more_candidates_buys_is_exact() -> None:
    """The tenth event of a Poisson process comes at 100 days in the mean, and at 80 with a quarter more of them."""
    found = levers(poisson(), 400, measures=["settled"])
    (row,) = found.levers[found.levers["lever"] == "a quarter more candidates"].to_dict("records")
    spread = 0.2 * np.sqrt(PLACES) / RATE
    within(row["difference"], -0.2 * PLACES / RATE, spread / 20)
    assert row["difference_high"] - row["difference_low"] == pytest.approx(2 * 1.966 * spread / 20, rel=0.15)
    assert row["pairs"] == 400


@pytest.mark.slow
def test_intervals_hold_what_a_lever_truly_buys() -> None:
    """In 95 of 100 sets of histories, whichever."""
    sets, pairs = 1000, 25
    quarter = next(lever.scenario for lever in levers_of(poisson()) if lever.name == "a quarter more candidates")
    tables = [trialsim.simulate(each, sets * pairs).replications for each in (poisson(), quarter)]
    held = 0
    for first in range(0, sets * pairs, pairs):
        planned, moved = (table.iloc[first : first + pairs] for table in tables)
        row = levers_table({"more": moved}, planned, ["settled"]).iloc[0]
        held += row["difference_low"] <= -0.2 * PLACES / RATE <= row["difference_high"]
    assert 930 <= held <= 970


def ends(days: list[float], causes: list[str]) -> pd.DataFrame:
    """Replications that ended so."""
    return pd.DataFrame({"end_day": days, "end_cause": causes, "infused": 1})


def test_days_are_compared_where_a_trial_completes_both_ways() -> None:
    planned = ends([100, 200, 50, 60], ["completed", "completed", "time_limit", "completed"])
    moved = ends([90, 180, 300, 40], ["completed", "completed", "completed", "time_limit"])
    days, risk = levers_table({"one": moved}, planned, ["settled", "early_termination"]).itertuples()
    assert (days.difference, days.pairs) == (-15, 2)
    assert (risk.difference, risk.pairs) == (0, 4)
    never = levers_table({"one": ends([1], ["safety"])}, ends([2], ["completed"]), ["settled"]).iloc[0]
    assert np.isnan(never["difference"]) and never["pairs"] == 0


def test_what_surely_helps_comes_first_and_what_harms_comes_last() -> None:
    base = [100.0 + day for day in range(40)]
    planned = ends(base, ["completed"] * 30 + ["safety"] * 10)
    noise = [(-1.0) ** day for day in range(40)]

    def with_days(shift: float, spread: float = 1.0) -> pd.DataFrame:
        return ends(
            [day + shift + spread * each for day, each in zip(base, noise, strict=True)], list(planned["end_cause"])
        )

    moved = {
        "harms": with_days(5),
        "perhaps": with_days(-2, spread=50),
        "safer": ends(base, ["completed"] * 40),
        "helps a little": with_days(-1),
        "helps": with_days(-9),
    }
    found = levers_table(moved, planned, ["settled", "early_termination"])
    assert list(dict.fromkeys(found["lever"])) == ["helps", "helps a little", "safer", "perhaps", "harms"]


def test_the_report_says_what_helps_and_what_may_be_nothing() -> None:
    found = levers("msc-sle", 20, measures=["settled", "infused", "early_termination"])
    summary = found.summary()
    text = render(summary, width=200)
    assert all(lever["lever"] in text for lever in summary["levers"])
    assert " ?" in text and "What would help (20 trials)" in text
    best = in_a_line(summary)
    assert best is not None and "fewer of 100" in best and "months sooner" in best
    assert summary["levers"][0]["set"]


def test_no_lever_surely_helps() -> None:
    nothing = {"difference": -1.0, "difference_low": -3.0, "difference_high": 1.0, "pairs": 40}
    harm = {"difference": 2.0, "difference_low": 1.0, "difference_high": 3.0, "pairs": 40}
    for found in (nothing, harm):
        assert in_a_line({"measures": ["settled"], "levers": [{"lever": "one", "settled": found}]}) is None


@pytest.mark.parametrize(
    ("measure", "better", "words"),
    [
        ("infused", 2.0, "2.0 (1.0 to 3.0) more infused"),
        ("dlts", -2.0, "2.0 (1.0 to 3.0) fewer DLTs"),
        ("lots_failed", -2.0, "2.0 (1.0 to 3.0) fewer lots failed"),
        ("completed", 0.2, "completed in 20 (10 to 30) more of 100"),
        ("safety", -0.2, "stopped for safety in 20 (10 to 30) fewer of 100"),
        ("settled", -60.875, "fate settled 2.0 (1.0 to 3.0) months sooner"),
    ],
)
def test_more_is_not_always_better(measure: str, better: float, words: str) -> None:
    for sign in (1, -1):
        ends = sorted((sign * better / 2, sign * better * 1.5))
        found = {"difference": sign * better, "difference_low": ends[0], "difference_high": ends[1], "pairs": 9}
        line = in_a_line({"measures": [measure], "levers": [{"lever": "one", measure: found}]})
        assert line == (f"one: {words}" if sign > 0 else None)


def test_a_figure_calls_no_lever_helpful_that_harms() -> None:
    planned = ends([100.0 + day for day in range(40)], ["completed"] * 40)
    for shift, title in ((9, "None of the levers surely helps"), (-9, "What would help most: one")):
        moved = ends([100.0 + day + shift for day in range(40)], ["completed"] * 40)
        table = levers_table({"one": moved}, planned, ["settled", "early_termination"])
        assert draw_levers(table, facts_of(poisson()), 40).get_suptitle() == title


def test_few_pairs_that_are_alike_tell_nothing() -> None:
    for pairs, sure in ((1, False), (19, False), (20, True), (40, True)):
        planned, moved = (ends([day] * pairs, ["completed"] * pairs) for day in (100.0, 91.0))
        table = levers_table({"one": moved}, planned, ["settled"])
        assert np.isnan(table["difference_low"].iloc[0])
        figure = draw_levers(table, facts_of(poisson()), pairs)
        assert figure.get_suptitle() == ("What would help most: one" if sure else "None of the levers surely helps")
        found = {"difference": -9.0, "difference_low": None, "difference_high": None, "pairs": pairs}
        summary = {"measures": ["settled"], "levers": [{"lever": "one", "settled": found}]}
        assert (in_a_line(summary) is not None) == sure


def test_a_figure_says_where_there_is_nothing_to_compare() -> None:
    early = ends([10.0] * 40, ["safety"] * 40).assign(last_visit_day=np.nan)
    figure = draw_levers(
        levers_table({"one": early}, early, ["last_visit", "early_termination"]), facts_of(poisson()), 40
    )
    first, second = figure.axes
    assert [text.get_text() for text in first.texts] == ["no pair of trials\nto compare"] and not list(second.texts)
    assert unreadable(figure) == []
    title, caption = figure.texts
    assert title.get_text().startswith("None of the levers") and caption.get_text().startswith("exact: ")
    assert title.get_window_extent().x0 == pytest.approx(caption.get_window_extent().x0, abs=3)
    assert first.get_window_extent().y1 < caption.get_window_extent().y0


def test_what_is_the_same_in_every_pair_has_no_interval() -> None:
    shorter = {"difference": -91.3125, "difference_low": None, "difference_high": None, "pairs": 40}
    summary = {"measures": ["last_visit"], "levers": [{"lever": "follow-up a quarter shorter", "last_visit": shorter}]}
    assert in_a_line(summary) == "follow-up a quarter shorter: last visit 3.0 months sooner"


def test_a_run_finds_out_what_would_help_unless_it_is_not_asked_to() -> None:
    found = trialsim.simulate(poisson(), 25, levers=True)
    assert found.levers is not None and found.levers.replications == 25
    assert "levers" in found.tables() and "levers" in found.figures()
    assert found.summary()["levers"]["levers"][0]["lever"] in ("a quarter more candidates", "one site more")
    assert found.figure("levers").axes
    without = trialsim.simulate(poisson(), 25)
    assert without.levers is None and without.summary()["levers"] is None and "levers" not in without.figures()
    few = trialsim.simulate(poisson(), 5, levers=True)
    assert few.levers is None


def test_levers_of_ones_own_rule() -> None:
    class Always:
        cohorts = False

        def decide(self, view: Any) -> Any:
            from trialsim.rules.base import Assign

            return Assign(1)

        def recommend(self, view: Any) -> int:
            return 1

    scenario = build(3, "1 per day", dosing={"levels": ["1 mg", "2 mg"], "rule": "ladder", "cohort_size": 1})
    found = trialsim.simulate(scenario, 20, rule=Always(), levers=True)
    assert found.levers is not None and found.levers.rule is found.rule
