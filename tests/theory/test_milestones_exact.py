"""Which end is meant: follow-up moves the last visit and the lock, and nothing that comes before."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from trialsim import load, simulate, sweep
from trialsim.scenario.sweep import load_sweep
from trialsim.vocabulary import MONTH, Milestone

CART = load("autologous-car-t")
FOLLOWED = (Milestone.LAST_VISIT, Milestone.DATABASE_LOCK)


def test_the_last_visit_moves_by_just_as_much_as_follow_up_and_the_settled_day_by_nothing() -> None:
    vary = ["follow_up.duration=3 months,24 months"]
    results = sweep(load_sweep("autologous-car-t", vary, ["follow_up.loss=null"]), 8, engine="simpy")
    of_points = {
        length: table.reset_index(drop=True) for length, table in results.replications.groupby("follow_up.duration")
    }
    short = results.points[results.points["follow_up.duration"] == "3 months"].iloc[0]
    for milestone in Milestone:
        moved = of_points["24 months"][milestone.column] - of_points["3 months"][milestone.column]
        by = 21 * MONTH if milestone in FOLLOWED else 0.0
        assert np.array_equal(moved, np.full(8, by)), milestone
        assert short[f"{milestone}_difference"] == -by


def test_a_date_alone_is_planned_for_the_last_visit_and_the_other_milestones_stand_beside_it() -> None:
    results = simulate(CART.changed({"trial.planned_end": "2027-01-31"}), 30, engine="simpy")
    (planned, *_) = results.summary()["targets"]
    assert (planned["milestone"], planned["date"]) == ("last_visit", "2027-01-31")
    table = results.replications
    day = results.scenario.day_of(datetime.date(2027, 1, 31)) + 1
    for milestone in Milestone:
        assert planned["milestones"][milestone]["count"] == (table[milestone.column] < day).sum()
    assert planned["probability"] <= planned["milestones"]["last_visit"]["probability"] < 0.1
    assert planned["milestones"]["settled"]["probability"] > 0.5


@pytest.mark.slow
def test_the_chance_of_the_last_visit_by_then_is_a_fifth_of_a_per_cent() -> None:
    planned, *_ = simulate(CART.changed({"trial.planned_end": "2027-01-31"}), 1000).summary()["targets"]
    last_visit, settled = (planned["milestones"][name] for name in ("last_visit", "settled"))
    assert last_visit["low"] <= 0.002 <= last_visit["high"]
    assert planned["probability"] <= last_visit["probability"]
    assert settled["low"] <= 0.72 <= settled["high"]
