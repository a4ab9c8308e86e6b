"""Which end is meant: follow-up moves the last visit and the lock, and nothing that comes before."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from trialsim import load, simulate
from trialsim.vocabulary import MONTH, Milestone

CART = load("autologous-car-t")
FOLLOWED = (Milestone.LAST_VISIT, Milestone.DATABASE_LOCK)


def test_the_last_visit_moves_by_just_as_much_as_follow_up_and_the_settled_day_by_nothing() -> None:
    short, long = (
        simulate(
            CART.changed({"follow_up.duration": f"{months} months", "follow_up.loss": None}), 8, engine="simpy"
        ).replications
        for months in (3, 24)
    )
    for milestone in Milestone:
        moved = long[milestone.column] - short[milestone.column]
        assert np.array_equal(moved, np.full(8, 21 * MONTH if milestone in FOLLOWED else 0.0)), milestone


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
