"""Where a time counts from day 0, a date will do: it is the same moment, and stays at its date when day 0 moves."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from pandas.testing import assert_frame_equal

import trialsim
from trialsim.scenario import Scenario, ScenarioError
from trialsim.scenario.levers import levers_of
from trialsim.scenario.values.distributions import Constant

DATES: dict[str, Any] = {
    "trial": {"name": "dated", "start_date": "2020-01-01", "max_participants": 3},
    "recruitment": {
        "site_defaults": {"activation": "2020-02-01"},
        "sites": [
            {"name": "A", "rate": "1 per month", "activation": "2020-03-01"},
            {"name": "B", "arrival_days": [5, "2020-02-01"]},
            {"name": "C", "people": [{"arrival": "2020-01-11"}]},
            {"name": "D", "rate": "1 per month"},
        ],
    },
    "dosing": {"levels": ["1e6 cells"], "observation": "28 days", "rule": "fixed", "cohort_size": 3},
    "product": {"policy": "to_order", "cells_per_lot": 1e8, "first_start": "2020-01-15"},
    "stopping": {"time_limit": "2022-01-01", "accrual_looks": [{"at": "2021-01-01", "minimum_infused": 1}]},
}
DAYS = {
    "recruitment.site_defaults.activation": "31 days",
    "recruitment.sites.A.activation": "60 days",  # 2020 is a leap year
    "recruitment.sites.B.arrival_days": [5, 31],
    "recruitment.sites.C.people": [{"arrival": "10 days"}],
    "product.first_start": "14 days",
    "stopping.time_limit": "731 days",
    "stopping.accrual_looks": [{"at": "366 days", "minimum_infused": 1}],
}


@pytest.fixture(scope="module")
def dated() -> Scenario:
    return Scenario.from_document(DATES)


def test_a_date_is_the_days_from_the_start_until_it_begins(dated: Scenario) -> None:
    a, b, c, d = dated.sites
    assert (a.activation, b.arrival_days, c.arrival_days, d.activation) == (
        Constant(60.0),
        (5.0, 31.0),
        (10.0,),
        Constant(31.0),
    )
    assert dated.product is not None and dated.stopping is not None
    assert (dated.product.first_start, dated.time_limit, dated.stopping.accrual_looks[0].at) == (14.0, 731.0, 366.0)
    in_days = dated.changed(DAYS)
    assert in_days.recruitment == dated.recruitment and in_days.stopping == dated.stopping
    one, other = (trialsim.simulate(each, 20, engine="simpy") for each in (dated, in_days))
    assert_frame_equal(one.replications, other.replications, check_exact=True)


def test_dates_stay_when_the_start_moves(dated: Scenario) -> None:
    later = dated.changed({"trial.start_date": "2020-01-03"})
    assert later.time_limit == 729.0 and later.sites[0].activation == Constant(58.0)
    assert later.sites[1].arrival_days == (5.0, 29.0), "what was given in days counts from the new start"
    assert later.to_document()["stopping"]["time_limit"] == "2022-01-01"


def test_they_are_written_as_dates_and_travel(dated: Scenario) -> None:
    document = dated.to_document()
    assert document["recruitment"]["sites"][1]["arrival_days"] == [5.0, "2020-02-01"]
    assert document["product"]["first_start"] == "2020-01-15"
    for other in (Scenario.from_document(document), pickle.loads(pickle.dumps(dated)), copy.deepcopy(dated)):
        assert other == dated and other.to_document() == document


def test_levers_take_a_quarter_of_the_days(dated: Scenario) -> None:
    (sooner,) = (lever for lever in levers_of(dated) if lever.name == "sites open a quarter sooner")
    assert sooner.scenario.sites[0].activation == Constant(45.0)
    assert sooner.scenario.sites[3].activation == Constant(23.25)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "stopping.time_limit",
            "2019-12-31",
            "2019-12-31 is before the trial starts, on 2020-01-01; write a later date",
        ),
        ("stopping.time_limit", "2020-01-01", "this must be longer than 0"),
        ("stopping.time_limit", "2022-1-1", '"2022-1-1" is not a date; write it as year-month-day: 2022-01-01'),
        ("stopping.time_limit", "soon", 'write a duration such as "28 days" (days, weeks, months or years), or a date'),
        ("recruitment.sites.A.activation", "01/02/2020", "or a date such as 2026-03-01"),
        ("product.first_start", "2020-02-30", '"2020-02-30" is not in the calendar'),
        ("recruitment.sites.A.activation", "2020-13-01", "is not in the calendar"),
        ("recruitment.sites.A.activation", {"exponential": {"mean": "2020-05-01"}}, "is not a number with a unit"),
        ("recruitment.sites.B.arrival_days", [-1], "a day is a number from 0 to 1,000,000"),
        ("recruitment.sites.B.arrival_days", [True], "a day is a number from 0 to 1,000,000"),
        ("recruitment.sites.C.people", [{"arrival": "2019-05-01"}], "2019-05-01 is before the trial starts"),
        ("trial.start_date", "2020-01-12", "2020-01-11 is before the trial starts, on 2020-01-12"),
    ],
)
def test_what_is_no_date_or_too_early_is_said(dated: Scenario, key: str, value: Any, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        dated.changed({key: value}, "--set")
    (problem,) = caught.value.problems
    assert message in problem.message


def test_a_start_that_is_no_date_is_the_only_problem() -> None:
    trial = {**DATES["trial"], "start_date": "soon"}
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_document({**DATES, "trial": trial})
    (problem,) = caught.value.problems
    assert problem.key == "trial.start_date"


def test_a_limit_that_was_a_date_may_be_unknown_in_days(dated: Scenario) -> None:
    unsure = {**DATES, "uncertain": {"stopping.time_limit": {"uniform": {"min": "700 days", "max": "900 days"}}}}
    found = trialsim.simulate(Scenario.from_document(unsure), 20, engine="simpy")
    assert len(found.draws()) == 20
