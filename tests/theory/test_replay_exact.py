"""Exact calendars, to the day, of people who are listed: what a replay says, against what was worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.exact import MANY, build
from trialsim import Replay, load, replay

DAILY = [{"arrival": "1 day", "count": 60, "every": "1 day"}]
READY = [{"arrival": "0 days", "count": 10}]
TWO_LEVELS: dict[str, Any] = {"levels": ["1 mg", "2 mg"], "observation": "10 days", "rule": "three_plus_three"}


def listed(people: list[dict[str, Any]], while_closed: str = "queue") -> dict[str, Any]:
    return {"while_closed": while_closed, "sites": [{"name": "A", "people": people}]}


def days(done: Replay, rule: str | None = None) -> list[float]:
    """When people were infused, in order of time."""
    table = done.calendar if rule is None else done.calendar[done.calendar["rule"] == rule]
    return sorted(table["infusion_day"].dropna().tolist())


def end(done: Replay, *columns: str, rule: str | None = None) -> Any:
    """Some columns of how it ended, under one rule."""
    table = done.ends if rule is None else done.ends[done.ends["rule"] == rule]
    (row,) = table[list(columns)].itertuples(index=False)
    return row[0] if len(row) == 1 else tuple(row)


@pytest.mark.parametrize(
    ("while_closed", "rule", "infusions", "last"),
    [
        ("turn_away", "three_plus_three", [1, 2, 3, 13, 14, 15], 25),
        ("queue", "three_plus_three", [1, 2, 3, 13, 13, 13], 23),
        ("turn_away", "rolling_six", [*range(1, 7), *range(15, 21)], 30),
        ("turn_away", {"rolling_six": {"strict": True}}, [*range(1, 7), *range(16, 22)], 31),
        ("queue", "rolling_six", [*range(1, 7), *[15] * 6], 25),
        ("queue", {"rolling_six": {"strict": True}}, [*range(1, 7), *[16] * 6], 26),
    ],
)
def test_two_levels_with_arrivals_daily(while_closed: str, rule: Any, infusions: list[float], last: float) -> None:
    done = replay(build(12, listed(DAILY, while_closed), dosing=TWO_LEVELS), {"it": rule})
    assert days(done) == infusions
    assert end(done, "primary_completion_day", "end_cause", "recommended_level") == (last, "completed", 2)
    assert end(done, "end_day") == last


def test_the_scenario_that_ships_compares_two_rules_on_the_same_people() -> None:
    both = {"classic": "three_plus_three", "rolling": "rolling_six"}
    queueing = replay("replay-two-levels", both)
    assert [end(queueing, "end_day", rule=rule) for rule in both] == [23, 25]
    turning_away = replay(load("replay-two-levels", set=["recruitment.while_closed=turn_away"]), both)
    assert days(turning_away, "classic") == [1, 2, 3, 13, 14, 15]
    assert days(turning_away, "rolling") == [*range(1, 7), *range(15, 21)]
    assert [end(turning_away, "end_day", rule=rule) for rule in both] == [25, 30]
    # until day 25 (30): all but the 6 (12) treated
    assert [end(turning_away, "turned_away", rule=rule) for rule in both] == [19, 18]


@pytest.mark.parametrize(
    ("infusion", "first", "second", "completion", "last_visit"),
    [
        (None, [0, 10, 20, 30, 40], [64, 74, 84, 94, 104], 114, 469),
        ({"weekdays": ["Monday"]}, [0, 14, 28, 42, 56], [84, 98, 112, 126, 140], 150, 505),
    ],
    ids=["any day", "once a week"],
)
def test_spacing_window_and_review(
    infusion: Any, first: list[float], second: list[float], completion: float, last_visit: float
) -> None:
    dosing = {
        "levels": ["1 mg", "2 mg"],
        "cohort_size": 5,
        "sentinel": "10 days",
        "stagger": "10 days",
        "observation": "10 days",
        "review": "14 days",
        "rule": "ladder",
    }
    layers = {"infusion": infusion} if infusion else {}
    done = replay(build(10, listed(READY), dosing=dosing, follow_up={"duration": "365 days"}, **layers))
    assert days(done) == first + second
    assert end(done, "primary_completion_day", "last_visit_day", "cohorts") == (completion, last_visit, 2)


@pytest.mark.parametrize(
    ("person", "resolves", "outcome", "dlt_day", "known"),
    [
        ({}, True, "observed", None, 110),
        ({"dlt": ["10 days"]}, True, "dlt", 110, 110),  # the last instant is in the window
        ({"dlt": ["10.5 days"]}, True, "observed", None, 110),
        ({"dlt": ["0 days"]}, True, "dlt", 100, 100),
        ({"dlt": [None]}, True, "observed", None, 110),
        ({"dlt": ["6 days"]}, True, "dlt", 106, 106),
        ({"dlt": ["6 days"]}, False, "dlt", 106, 110),
        ({"lost": "6 days"}, True, "non_evaluable", None, 106),
        ({"lost": "6 days"}, False, "non_evaluable", None, 106),
        ({"lost": "9.5 days"}, True, "non_evaluable", None, 109.5),
        ({"lost": "10 days"}, True, "observed", None, 110),  # seen to the end
        ({"lost": "6 days", "dlt": ["6 days"]}, True, "dlt", 106, 106),  # at the moment of the loss
        ({"lost": "6 days", "dlt": ["5 days"]}, True, "dlt", 105, 105),
        ({"lost": "6 days", "dlt": ["7 days"]}, True, "non_evaluable", None, 106),
        ({"lost": "6 days", "dlt": ["12 days"]}, True, "non_evaluable", None, 106),
        ({"lost": "12 days", "dlt": ["11 days"]}, True, "observed", None, 110),
        ({"lost": "10 days", "dlt": ["10 days"]}, True, "dlt", 110, 110),
    ],
)
def test_the_edges_of_a_window(
    person: dict[str, Any], resolves: bool, outcome: str, dlt_day: float | None, known: float
) -> None:
    dosing = {
        "levels": ["1 mg"],
        "cohort_size": 1,
        "observation": "10 days",
        "rule": "fixed",
        "dlt_resolves": resolves,
        "replace_non_evaluable": False,
    }
    done = replay(build(1, listed([{"arrival": "100 days", **person}]), dosing=dosing))
    (row,) = done.to_document()["rules"][0]["participants"]
    assert (row["outcome"], row["dlt_day"], row["outcome_known_day"]) == (outcome, dlt_day, known)
    assert (row["infusion_day"], row["window_end_day"]) == (100, 110)
    assert end(done, "end_day", "dlts") == (known, outcome == "dlt")


@pytest.mark.parametrize(
    ("early", "resolves", "last"),
    [(True, True, 16), (False, True, 22), (True, False, 22), (False, False, 22)],
)
def test_a_cohort_whose_outcome_is_settled(early: bool, resolves: bool, last: float) -> None:
    # Level 1 is cleared on day 2 + 10, and the next three have been waiting. One of them has a DLT on day 14, another
    # on day 16: level 2 is exceeded, whatever the third does until day 22
    people: list[dict[str, Any]] = [
        {"arrival": "0 days", "count": 3, "every": "1 day"},
        {"arrival": "3 days", "dlt": [None, "2 days"]},
        {"arrival": "4 days", "dlt": [None, "4 days"]},
        {"arrival": "5 days"},
    ]
    dosing = {**TWO_LEVELS, "stop_cohort_early": early, "dlt_resolves": resolves}
    done = replay(build(12, listed(people), dosing=dosing))
    assert days(done) == [0, 1, 2, 12, 12, 12]
    assert end(done, "end_day", "primary_completion_day", "recommended_level", "cohorts") == (last, 22, 1, 2)


@pytest.mark.parametrize(
    ("early", "infusions", "levels"),
    [
        (True, [0, 0, 20, 40, 40, 60, 60, 80], [1, 1, 1, 2, 2, 1, 1, 1]),
        (False, [0, 0, 20, 40, 40, 60, 80, 80, 100], [1, 1, 1, 2, 2, 2, 1, 1, 1]),
    ],
)
def test_who_is_left_of_a_cohort_that_ends_early(early: bool, infusions: list[float], levels: list[int]) -> None:
    # a gap of 20 days follows whoever is not a cohort's first; both DLTs of level 2 come on day 50, and the third,
    # booked for day 60, gets level 1 then
    people: list[dict[str, Any]] = [{"arrival": "0 days", "count": 9, "dlt": [None, "10 days"]}]
    dosing = {
        **TWO_LEVELS,
        "stagger": "20 days",
        "rule": {"three_plus_three": {"mtd": "six_at_mtd"}},
        "stop_cohort_early": early,
    }
    done = replay(build(12, listed(people), dosing=dosing))
    infused = done.calendar.dropna(subset="infusion_day").sort_values(["infusion_day", "participant"])
    assert infused["infusion_day"].tolist() == infusions
    assert infused["level"].tolist() == levels
    assert end(done, "end_day", "recommended_level", "cohorts") == (infusions[-1] + 10, 1, 3)


@pytest.mark.parametrize(("replaces", "infusions", "last"), [(True, [0, 1, 2, 5], 15), (False, [0, 1, 2], 12)])
def test_somebody_is_lost(replaces: bool, infusions: list[float], last: float) -> None:
    # the second is lost on day 1 + 4; whoever comes on day 3 may take the place
    people: list[dict[str, Any]] = [
        {"arrival": "0 days"},
        {"arrival": "1 day", "lost": "4 days"},
        {"arrival": "2 days", "count": 5, "every": "1 day"},
    ]
    dosing = {**TWO_LEVELS, "levels": ["1 mg"], "replace_non_evaluable": replaces}
    done = replay(build(12, listed(people), dosing=dosing))
    assert days(done) == infusions
    assert end(done, "end_day", "recommended_level", "dlts") == (last, 1, 0)


def test_boin_and_three_plus_three_by_hand() -> None:
    """Somebody every 5 days, windows of 28 days, reviews of 7; two or three of the first nine cannot bear level 2.

    BOIN, target 0.3, goes up at a rate of DLTs up to .236, down from .359 on.
    1. Level 1, days 0, 5, 10: no DLT until day 38, so up. Review until day 45.
    2. Level 2, numbers 4 to 6, who have waited, on day 45. Number 5 has a DLT on day 54. 1/3 on day 73: stay; day 80.
    3. Level 2, numbers 7 to 9 on day 80. Number 7 has a DLT on day 83; 2 of then 4, but it could be 2/6 = .333 in the
       end, so nothing is settled. Number 9 has one on day 108, the last of the window: 3/6, down; day 115.
    4. Level 1, numbers 10 to 12 on day 115, until day 143: twelve have been treated. The rates are 0/6 and 3/6, and
       the second is nearer to 0.3; 3 of 6 is not enough to eliminate a level.

    3+3 goes the same way until day 83, when level 2 has its second DLT: it stops there, for level 1.
    """
    people: list[dict[str, Any]] = [
        {"arrival": "0 days", "count": 4, "every": "5 days"},
        {"arrival": "20 days", "dlt": [None, "9 days", "2 days"]},
        {"arrival": "25 days"},
        {"arrival": "30 days", "dlt": [None, "3 days", "3 days"]},
        {"arrival": "35 days", "dlt": ["29 days", "29 days", "1 day"]},
        {"arrival": "40 days", "dlt": [None, "28 days", "9 days"]},
        {"arrival": "45 days", "count": 30, "every": "5 days"},
    ]
    dosing = {
        "levels": ["1 mg", "2 mg", "3 mg"],
        "cohort_size": 3,
        "observation": "28 days",
        "review": "7 days",
        "rule": "fixed",
    }
    rules = {"boin": {"boin": {"target": 0.3}}, "3+3": "three_plus_three"}
    done = replay(build(12, listed(people), dosing=dosing), rules)
    assert days(done, "boin") == [0, 5, 10, 45, 45, 45, 80, 80, 80, 115, 115, 115]
    assert days(done, "3+3") == [0, 5, 10, 45, 45, 45, 80, 80, 80]
    boin = done.calendar[done.calendar["rule"] == "boin"].set_index("participant")
    assert boin["level"][:12].tolist() == [1] * 3 + [2] * 6 + [1] * 3
    assert boin["dlt_day"].dropna().to_dict() == {5: 54, 7: 83, 9: 108}
    columns = ("end_cause", "end_day", "primary_completion_day", "recommended_level", "cohorts", "infused", "dlts")
    assert end(done, *columns, rule="boin") == ("completed", 143, 143, 2, 4, 12, 3)
    # number 9 has the DLT after the trial, which never learns of it
    assert end(done, *columns, rule="3+3") == ("completed", 83, 108, 1, 3, 9, 2)
    waits = 30 + 25 + 20 + 50 + 45 + 40
    assert end(done, "days_waited", "mean_days_waited", rule="3+3") == (waits, waits / 9)
    waits += 70 + 65 + 60
    assert end(done, "days_waited", "mean_days_waited", rule="boin") == (waits, waits / 12)


def test_what_is_certain_without_listed_people() -> None:
    # fixed days of arrival, and a truth that leaves nothing open: level 2 always harms, halfway through the window
    truth = {"dlt_probability": [0, 1], "dlt_onset": 0.5}
    done = replay(build(12, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], dosing=TWO_LEVELS, truth=truth))
    assert days(done) == [0, 1, 2, 12, 12, 12]
    assert end(done, "end_day", "recommended_level") == (17, 1)


def test_a_trial_without_dose_levels() -> None:
    done = replay(build(3, listed(DAILY), infusion={"weekdays": ["Monday"]}))
    assert days(done) == [7, 7, 7]
    assert done.ends["rule"].tolist() == ["no dose rule"]
    assert end(done, "end_day", "days_waited") == (7, 6 + 5 + 4)


def test_nobody_is_infused() -> None:
    done = replay(build(MANY, listed([]), stopping={"time_limit": "30 days"}))
    assert end(done, "end_cause", "end_day", "days_waited") == ("time_limit", 30, 0)
    assert done.calendar.empty
    assert done.to_document()["rules"][0]["mean_days_waited"] is None
