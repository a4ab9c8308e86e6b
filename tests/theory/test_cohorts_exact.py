"""Cohorts, spacing, windows, reviews, committees and slots against exact answers; most have no randomness at all."""

from __future__ import annotations

from math import ceil, exp, sqrt
from typing import Any

import pytest
from scipy.stats import gamma, poisson

from tests.support.exact import (
    MANY,
    MONTH,
    build,
    group,
    histories,
    infused,
    infusion_days,
    mean_is,
    once,
    outcomes,
    sd_is,
    shares_are,
)
from tests.support.three_plus_three import enumerate_trial

READY = [0.0] * 10
SPACED: dict[str, Any] = {
    "levels": ["1 mg", "2 mg"],
    "cohort_size": 5,
    "sentinel": "10 days",
    "stagger": "10 days",
    "observation": "10 days",
    "review": "14 days",
    "rule": "ladder",
}
FOLLOW_UP = {"duration": "365 days"}


def last_visit(history: Any) -> float:
    return max(person.last_visit_day or 0.0 for person in infused(history))


def primary_completion(history: Any) -> float:
    return max(person.outcome_known_day or 0.0 for person in infused(history))


def test_two_cohorts_of_five_always_ready() -> None:
    history = once(build(10, READY, dosing=SPACED, follow_up=FOLLOW_UP))
    assert infusion_days(history) == [0, 10, 20, 30, 40, 64, 74, 84, 94, 104]
    assert (primary_completion(history), last_visit(history), history.end_day) == (114, 469, 114)
    assert (history.end_cause, history.recommended_level, history.cohorts) == ("completed", 2, 2)


def test_two_cohorts_of_five_once_a_week() -> None:
    infusion = {"weekdays": ["Monday"]}
    history = once(build(10, READY, dosing=SPACED, follow_up=FOLLOW_UP, infusion=infusion))
    assert infusion_days(history) == [0, 14, 28, 42, 56, 84, 98, 112, 126, 140]
    assert (primary_completion(history), last_visit(history)) == (150, 505)


@pytest.mark.slow
@pytest.mark.parametrize("gate", [{"observation": "2 months"}, {"review": "2 months"}], ids=["window", "review"])
def test_a_gate_after_the_fifth_infusion(gate: dict[str, str]) -> None:
    # turning away: 10 gaps and the gate; queueing: those who came meanwhile are infused at its end
    dosing = group(cohort_size=5, **gate)
    shortfall = sum((5 - n) * poisson(2).pmf(n) for n in range(5))
    for while_closed, exact in (("turn_away", 12.0), ("queue", 10.022488)):
        assert exact == pytest.approx(12 if while_closed == "turn_away" else 7 + shortfall, abs=1e-6)
        recruitment = {"sites": [{"name": "A", "rate": "1 per month"}], "while_closed": while_closed}
        ended = histories(build(10, recruitment, dosing=dosing), 500)
        months = [infusion_days(history)[9] / MONTH for history in ended]
        mean_is(months, exact, sd=sqrt(10) if while_closed == "turn_away" else None)


@pytest.mark.slow
def test_those_turned_away_at_a_gate_are_poisson() -> None:
    # one cohort of two, then a window of 50 days; nobody is screened meanwhile
    recruitment = {"sites": [{"name": "A", "rate": "0.1 per day"}], "while_closed": "turn_away"}
    dosing = group(cohort_size=2, observation="50 days")
    away = [outcomes(history).count("turned_away") for history in histories(build(4, recruitment, dosing=dosing), 800)]
    # the gate after the first cohort and the one before the end: 100 days
    mean_is(away, 10, sd=sqrt(10))
    sd_is(away, sqrt(10))


@pytest.mark.parametrize(
    ("while_closed", "days", "end"),
    [("turn_away", [1, 2, 3, 13, 14, 15], 25), ("queue", [1, 2, 3, 13, 13, 13], 23)],
)
def test_three_plus_three_with_arrivals_daily(while_closed: str, days: list[int], end: int) -> None:
    recruitment = {
        "sites": [{"name": "A", "arrival_days": list(range(1, 60))}],
        "while_closed": while_closed,
    }
    dosing = {"levels": ["1 mg", "2 mg"], "observation": "10 days", "rule": "three_plus_three"}
    history = once(build(12, recruitment, dosing=dosing))
    assert infusion_days(history) == days
    assert (history.end_day, history.end_cause, history.recommended_level) == (end, "completed", 2)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_duration_of_a_cohort_rule_that_turns_away(rate: float) -> None:
    # each cohort takes m gaps and a window: E D = E C (m/λ + W), Var D = E C m/λ² + Var C (m/λ + W)²
    p = (0.1, 0.2, 0.3)
    exact = enumerate_trial(p)
    assert exact.mean_cohorts() == pytest.approx(3.422378, abs=1e-6)
    recruitment = {"sites": [{"name": "A", "rate": f"{rate} per day"}], "while_closed": "turn_away"}
    dosing = {
        "levels": ["1 mg", "2 mg", "3 mg"],
        "observation": "28 days",
        "rule": "three_plus_three",
        "stop_cohort_early": False,
        "dlt_resolves": False,
    }
    ended = histories(build(18, recruitment, dosing=dosing, truth={"dlt_probability": list(p)}), 800)
    each = 3 / rate + 28
    variance = exact.mean_cohorts() * 3 / rate**2 + exact.var_cohorts() * each**2
    mean_is((history.end_day for history in ended), exact.mean_cohorts() * each, sd=sqrt(variance))
    sd_is((history.end_day for history in ended), sqrt(variance))


def test_sentinel_then_stagger() -> None:
    dosing = group(cohort_size=4, sentinel="14 days", stagger="3 days")
    assert infusion_days(once(build(8, [0.0] * 8, dosing=dosing))) == [0, 14, 17, 20, 23, 37, 40, 43]


def test_the_gap_counts_from_the_latest_infusion_and_not_from_today() -> None:
    dosing = group(cohort_size=4, sentinel="14 days", stagger="3 days")
    assert infusion_days(once(build(4, [0, 5, 30, 31], dosing=dosing))) == [0, 14, 30, 33]
    history = once(build(4, [0, 5, 30, 31], dosing=dosing))
    assert [person.spacing_day for person in history.participants] == [0, 14, 30, 33]


def test_spacing_of_poisson_arrivals_is_a_queue() -> None:
    # a sentinel gap of 10 days for the second of two: E T2 = E max(A2, A1 + 10) = 1/λ + 10 + exp(-10 λ)/λ
    dosing = group(cohort_size=2, sentinel="10 days")
    ended = histories(build(2, "0.1 per day", dosing=dosing), 1000)
    mean_is((infusion_days(history)[1] for history in ended), 10 + 10 + 10 * exp(-1))


def test_a_window_of_outcomes_and_a_random_review() -> None:
    # each of two reviews is gamma with mean 20, sd 10; three cohorts of one, windows of 5 days
    dosing = group(cohort_size=1, observation="5 days", review={"gamma": {"mean": "20 days", "sd": "10 days"}})
    ends = [history.end_day for history in histories(build(3, [0.0] * 3, dosing=dosing), 800)]
    mean_is(ends, 3 * 5 + 2 * 20, sd=10 * sqrt(2))
    share = gamma(8, scale=5).cdf(40)
    mean_is((day <= 55 for day in ends), share, sd=sqrt(share * (1 - share)))


@pytest.mark.parametrize(
    ("window", "review", "place"),
    [
        (20, "0 days", 30),  # before the meeting of day 30
        (30, "0 days", 30),  # handed in on the day itself
        (25, "5.5 days", 30.5),  # still on the day: in time, whatever the hour
        (25, "5.999 days", 30.999),
        (25, "6 days", 60),  # a day late
        (30, "1 day", 60),
        (59, "0 days", 60),
    ],
)
def test_committee_meetings(window: int, review: str, place: float) -> None:
    dosing = group(cohort_size=1, observation=f"{window} days", review=review, committee_every="30 days")
    history = once(build(2, [0.0, 0.0], dosing=dosing))
    assert infusion_days(history) == [0, pytest.approx(place, abs=1e-6)]


def test_the_first_cohort_and_a_stop_need_no_committee() -> None:
    dosing = group(cohort_size=1, observation="7 days", committee_every="30 days", rule="ladder")
    history = once(build(9, [3, 4], dosing=dosing, truth={"dlt_probability": [1.0], "dlt_onset": 0.5}))
    assert (infusion_days(history), history.end_day, history.end_cause) == ([3], 6.5, "safety")


def test_committee_of_months() -> None:
    # meetings on days 0, 30.4375, 60.875, …: the date of the second is day 30
    dosing = group(cohort_size=1, observation="10 days", committee_every="1 month")
    first, second, third = infusion_days(once(build(3, [0.0] * 3, dosing=dosing)))
    assert (first, floor_day(second), floor_day(third)) == (0, 30, 60)


def floor_day(day: float) -> int:
    return int(day // 1)


def test_each_cohort_of_one_waits_for_the_next_meeting() -> None:
    # arrival at a Poisson moment, then a meeting every 20 days: infusion at the first meeting day from then on
    dosing = group(cohort_size=1, committee_every="20 days")
    ended = histories(build(2, "0.01 per day", dosing=dosing), 400)
    for history in ended:
        first, second = infusion_days(history)
        arrived = history.participants[1].arrival_day
        place = first if first // 1 % 20 == 0 else 20 * ceil(first / 20)
        assert second == max(place, arrived)


def test_days_of_a_place() -> None:
    # one place: its holder's eligibility expires on day 10, and the place counts as open all the time; of two places
    # the other has been free
    waiting = {"eligibility_valid": "10 days"}
    one = build(1, [0, 2], waiting=waiting, infusion={"notice": "50 days"}, stopping={"time_limit": "11 days"})
    assert [person.place_open_day for person in once(one).participants] == [0, 0]
    two = build(2, [0, 15], waiting=waiting, infusion={"notice": "50 days"}, stopping={"time_limit": "20 days"})
    assert [person.place_open_day for person in once(two).participants] == [0, 0]
    # after a review: the second cohort's places, for somebody who comes later too
    history = once(build(4, [0, 0, 0, 40], dosing=group(cohort_size=2, observation="10 days", review="5 days")))
    assert [person.place_open_day for person in history.participants] == [0, 0, 15, 15]
    assert [person.enrolment_day for person in history.participants] == [0, 0, 15, 40]
    # a place of a cohort, given back by somebody whose eligibility has expired
    given_back = once(
        build(
            2,
            [0, 0, 12],
            waiting=waiting,
            dosing=group(cohort_size=2, sentinel="20 days"),
            stopping={"time_limit": "13 days"},
        )
    )
    assert [person.place_open_day for person in given_back.participants] == [0, 0, 0]
    assert [person.enrolment_day for person in given_back.participants] == [0, 0, 12]


@pytest.mark.parametrize(
    ("early", "days", "levels"),
    [
        (True, [0, 0, 20, 40, 40, 60, 60, 80], [1, 1, 1, 2, 2, 1, 1, 1]),
        (False, [0, 0, 20, 40, 40, 60, 80, 80, 100], [1, 1, 1, 2, 2, 2, 1, 1, 1]),
    ],
)
def test_who_is_left_of_a_cohort_that_ends_early(early: bool, days: list[int], levels: list[int]) -> None:
    # level 2 always harms; a gap of 20 days follows whoever is not a cohort's first. Two are infused at level 2 on day
    # 40, and both DLTs are known on day 50. The third, booked for day 60, then heads the queue for three more at
    # level 1; if cohorts are always filled, the third is infused all the same
    dosing = {
        "levels": ["1 mg", "2 mg"],
        "stagger": "20 days",
        "observation": "10 days",
        "rule": {"three_plus_three": {"mtd": "six_at_mtd"}},
        "stop_cohort_early": early,
    }
    truth = {"dlt_probability": [0.0, 1.0], "dlt_onset": 1.0}
    history = once(build(12, [0.0] * 9, dosing=dosing, truth=truth))
    people = infused(history)
    assert infusion_days(history) == days
    assert [person.level for person in people] == levels
    assert [person.participant for person in people] == list(range(1, len(days) + 1))
    assert (history.end_day, history.recommended_level, history.cohorts) == (days[-1] + 10, 1, 3)


@pytest.mark.parametrize(
    ("early", "most", "days"),
    [
        (True, 10, [0, 0, 20, 40, 60, 60, 80, 80, 100, 120]),
        (False, 11, [0, 0, 20, 40, 60, 60, 80, 100, 100, 120, 140]),
    ],
)
def test_nobody_gets_a_level_that_has_been_eliminated_since(early: bool, most: int, days: list[int]) -> None:
    # as above with BOIN and cohorts of four: level 2 is left after 2 DLTs of 2 (day 70) or, where cohorts are always
    # filled, eliminated after 3 of 3 (day 90), before the fourth is infused
    dosing = {
        "levels": ["1 mg", "2 mg"],
        "cohort_size": 4,
        "stagger": "20 days",
        "observation": "10 days",
        "rule": {"boin": {"target": 0.3}},
        "stop_cohort_early": early,
    }
    truth = {"dlt_probability": [0.0, 1.0], "dlt_onset": 1.0}
    history = once(build(most, [0.0] * most, dosing=dosing, truth=truth))
    assert infusion_days(history) == days
    assert [person.level for person in infused(history)] == [1] * 4 + [2] * (most - 8) + [1] * 4


# The infusion unit


def weekly(per_day: int) -> dict[str, Any]:
    return {"weekdays": ["Monday"], "per_day": per_day}


def check_weekly_slot(replications: int, weeks: int) -> None:
    """Poisson .5 a week, one slot a week: D/(2(1 - λD)) days on average.

    The arrivals of a week wait for its end, half a week on average, and the queue at week ends adds the rest.
    """
    mean = 7 / (2 * (1 - 0.5))
    scenario = build(MANY, "0.5 per week", infusion=weekly(1), stopping={"time_limit": f"{40 + weeks + 60} weeks"})
    waits = [
        [
            person.infusion_day - person.arrival_day
            for person in history.participants
            if person.infusion_day and 280 <= person.arrival_day < 280 + 7 * weeks
        ]
        for history in histories(scenario, replications)
    ]
    mean_is((sum(each) - mean * len(each) for each in waits), 0)


def test_one_weekly_slot_for_one() -> None:
    check_weekly_slot(80, 150)


@pytest.mark.slow
def test_one_weekly_slot_for_one_for_long() -> None:
    check_weekly_slot(400, 1000)


@pytest.mark.parametrize(
    ("infusion", "days"),
    [
        ({}, [1, 1, 1, 4]),
        ({"per_day": 1}, [1, 2, 3, 4]),
        ({"per_day": 2}, [1, 1, 2, 4]),
        ({"notice": "3 days"}, [4, 4, 4, 7]),
        ({"notice": "3 days", "per_day": 1}, [4, 5, 6, 7]),
        ({"weekdays": ["Tuesday", "Thursday"]}, [1, 1, 1, 8]),  # day 0 is a Monday; day 1 a Tuesday, day 3 a Thursday
        ({"weekdays": ["Tuesday", "Thursday"], "per_day": 1}, [1, 3, 8, 10]),
        ({"weekdays": ["Tuesday", "Thursday"], "per_day": 1, "notice": "1 day"}, [3, 8, 10, 15]),
        ({"closures": [{"from": "2024-01-02", "until": "2024-01-04"}]}, [3, 3, 3, 4]),  # days 1 and 2
        ({"weekdays": ["Sunday"], "closures": [{"from": "2024-01-07", "until": "2024-01-08"}]}, [13, 13, 13, 13]),
    ],
)
def test_the_calendar_of_the_unit(infusion: dict[str, Any], days: list[int]) -> None:
    history = once(build(4, [0.5, 0.5, 1, 3.25], infusion=infusion))
    assert infusion_days(history) == days


def test_a_freed_slot_serves_the_next_to_book() -> None:
    # weekly slots for one, two places: the second has the slot of day 7; the third, from day 5, gets it if the second
    # withdraws before day 7 and the third stays for those 2 days
    hazard = 0.1
    scenario = build(
        2,
        [0, 0, 5],
        infusion=weekly(1),
        waiting={"withdrawal": f"{hazard} per day"},
        stopping={"time_limit": "8 days"},
    )
    third = [history.participants[2].infusion_day for history in histories(scenario, 1000)]
    shares_are(third, {7: (probability := (1 - exp(-7 * hazard)) * exp(-2 * hazard)), None: 1 - probability})
