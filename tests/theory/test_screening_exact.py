"""Screening and waiting against exact answers: queues for a place, criteria, withdrawal, expiry and re-screening."""

from __future__ import annotations

from math import exp, factorial, sqrt

import pytest
from scipy.stats import expon, gamma

from tests.support.exact import (
    MANY,
    MONTH,
    build,
    histories,
    mean_is,
    once,
    outcomes,
    quantiles_are,
    share_is,
    shares_are,
)

FAIL = {"pass_probability": 0.0}


def erlang_c(servers: int, load: float) -> float:
    """The probability that all servers are busy in M/M/c with offered load a = arrival rate / service rate < c."""
    waiting = load**servers / factorial(servers) * servers / (servers - load)
    return waiting / (sum(load**k / factorial(k) for k in range(servers)) + waiting)


def check_mmc(servers: int, rate: float, exact: tuple[float, float, float], replications: int, length: float) -> None:
    """Check M/M/c with services of mean one day, after a warm-up of 300 days.

    Of the people who arrive in a window, the sum of f(wait) minus their number times E f(wait) has mean 0 (arrivals see
    time averages), and replications are independent.
    """
    p_wait, mean, p_long = erlang_c(servers, rate), 0.0, 0.0
    mean = p_wait / (servers - rate)
    p_long = p_wait * exp(-(servers - rate))
    assert (p_wait, mean, p_long) == pytest.approx(exact, abs=1e-6)
    scenario = build(
        MANY,
        f"{rate} per day",
        screening=FAIL | {"capacity": servers, "duration": {"exponential": {"mean": "1 day"}}},
        stopping={"time_limit": f"{400 + length} days"},
    )
    waits = [
        [
            person.screening_start_day - person.arrival_day
            for person in history.participants
            if 300 <= person.arrival_day < 300 + length and person.screening_start_day is not None
        ]
        for history in histories(scenario, replications)
    ]
    mean_is((sum(wait > 0 for wait in each) - p_wait * len(each) for each in waits), 0)
    mean_is((sum(each) - mean * len(each) for each in waits), 0)
    mean_is((sum(wait > 1 for wait in each) - p_long * len(each) for each in waits), 0)


def test_two_screening_places() -> None:
    check_mmc(2, 1.6, (0.711111, 1.777778, 0.476672), replications=60, length=200)


@pytest.mark.slow
def test_three_screening_places() -> None:
    check_mmc(3, 2.4, (0.647191, 1.078652, 0.355186), replications=40, length=200)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("servers", "rate", "exact"), [(2, 1.6, (0.711111, 1.777778, 0.476672)), (3, 2.4, (0.647191, 1.078652, 0.355186))]
)
def test_screening_places_for_long(servers: int, rate: float, exact: tuple[float, float, float]) -> None:
    check_mmc(servers, rate, exact, replications=200, length=1000)


def test_one_screening_place_is_first_come_first_served() -> None:
    scenario = build(9, [0, 0, 1, 10], screening={"pass_probability": 1.0, "capacity": 1, "duration": "4 days"})
    people = once(scenario).participants[:4]
    assert [person.screening_start_day for person in people] == [0, 4, 8, 12]
    assert [person.screening_end_day for person in people] == [4, 8, 12, 16]


def test_number_in_screening_without_a_capacity() -> None:
    # M/D/infinity in the steady state: the number in screening is Poisson(rate * duration)
    scenario = build(MANY, "0.3 per day", screening=FAIL | {"duration": "10 days"}, stopping={"time_limit": "50 days"})
    busy = [outcomes(history).count("in_screening") for history in histories(scenario, 1500)]
    mean_is(busy, 3, sd=sqrt(3))
    share_is((n == 0 for n in busy), exp(-3))


def test_criteria_are_checked_in_order() -> None:
    # the first criterion that fails is the reason
    criteria = [("age", 0.9), ("activity", 0.5), ("consent", 0.7)]
    scenario = build(
        MANY,
        "10 per day",
        screening={"criteria": [{"name": name, "pass_probability": p} for name, p in criteria]},
        stopping={"time_limit": "10 days"},
    )
    people = [person for history in histories(scenario, 60) for person in history.participants]
    shares_are(
        ((person.failure_reason or person.outcome) for person in people),
        {"age": 0.1, "activity": 0.9 * 0.5, "consent": 0.9 * 0.5 * 0.3, "observed": 0.9 * 0.5 * 0.7},
    )


def test_duration_and_verdict_are_independent() -> None:
    duration = {"lognormal": {"mean": "28 days", "sd": "10 days"}}
    scenario = build(
        MANY, [0.0] * 40, screening={"pass_probability": 0.4, "duration": duration}, stopping={"time_limit": "2 years"}
    )
    people = [person for history in histories(scenario, 80) for person in history.participants]
    passed = [p.screening_end_day for p in people if p.outcome == "observed" and p.screening_end_day is not None]
    failed = [p.screening_end_day for p in people if p.outcome != "observed" and p.screening_end_day is not None]
    share_is((person.outcome == "observed" for person in people), 0.4)
    mean_is(passed, 28)
    mean_is(failed, 28)


# Waiting. A unit that is closed until a given day, or wants long notice, makes everybody wait a known time.

CLOSED_100 = {"closures": [{"from": "2024-01-01", "until": "2024-04-10"}]}  # days 0 to 100
NEVER = {"notice": "1000 days"}


def test_withdrawal_against_a_known_wait() -> None:
    # exponential hazard over 100 days, with a place all the while
    scenario = build(
        40, [0.0] * 40, waiting={"withdrawal": "0.4 per month"}, infusion=CLOSED_100, stopping={"time_limit": "1 year"}
    )
    people = [person for history in histories(scenario, 60) for person in history.participants]
    stays = exp(-0.4 * 100 / MONTH)
    shares_are((person.outcome for person in people), {"observed": stays, "withdrawn": 1 - stays})
    days = [person.withdrawal_day for person in people if person.withdrawal_day is not None]
    quantiles_are(days, {expon(scale=MONTH / 0.4).cdf(t) / (1 - stays): t for t in (20.0, 50.0, 80.0)})


def test_withdrawal_in_the_queue_for_a_place() -> None:
    # one place, held by the first until the unit opens; the others wait without a place, and lose patience alike
    scenario = build(
        1, [0.0] * 30, waiting={"withdrawal": "0.02 per day"}, infusion=NEVER, stopping={"time_limit": "60 days"}
    )
    people = [person for history in histories(scenario, 60) for person in history.participants]
    share_is((person.outcome == "withdrawn" for person in people), 1 - exp(-0.02 * 60))


def test_someone_who_withdraws_gives_the_place_to_the_next() -> None:
    # a place is refilled at once from a queue that never ends: losses of the holder are Poisson until the unit opens
    scenario = build(
        1, [0.0] * 30, waiting={"withdrawal": "0.05 per day"}, infusion=NEVER, stopping={"time_limit": "40 days"}
    )
    lost = [
        sum(person.enrolment_day is not None and person.outcome == "withdrawn" for person in history.participants)
        for history in histories(scenario, 800)
    ]
    # the queue of 30 runs dry with a probability below 1e-9
    mean_is(lost, 0.05 * 40, sd=sqrt(0.05 * 40))


def test_eligibility_expires_and_screenings_repeat() -> None:
    # the unit is closed; each screening (10 d) holds for 30 d; after it another one begins with probability r
    r = 0.6
    scenario = build(
        40,
        [0.0] * 40,
        screening={"pass_probability": 1.0, "duration": "10 days"},
        waiting={"eligibility_valid": "30 days", "rescreen_probability": r},
        infusion=NEVER,
        stopping={"time_limit": "159 days"},  # day 160 would be the fourth expiry
    )
    people = [person for history in histories(scenario, 50) for person in history.participants]
    shares_are(
        ((person.screenings, person.outcome) for person in people),
        {
            (1, "eligibility_expired"): 1 - r,
            (2, "eligibility_expired"): r * (1 - r),
            (3, "eligibility_expired"): r**2 * (1 - r),
            (4, "released"): r**3,
        },
    )
    assert {person.screening_end_day for person in people if person.screenings == 4} == {130}


def test_a_fresh_attempt_has_its_own_verdict() -> None:
    # passes with p, expires, is re-screened with certainty, passes again with p …; at the end of the 3rd screening
    p = 0.5
    scenario = build(
        40,
        [0.0] * 40,
        screening={"pass_probability": p, "duration": "1 day"},
        waiting={"eligibility_valid": "9 days", "rescreen_probability": 1.0},
        infusion=NEVER,
        stopping={"time_limit": "25 days"},
    )
    people = [person for history in histories(scenario, 50) for person in history.participants]
    shares_are(
        ((person.screenings, person.outcome) for person in people),
        {
            (1, "screen_failure"): 1 - p,
            (2, "screen_failure"): p * (1 - p),
            (3, "screen_failure"): p**2 * (1 - p),
            (3, "released"): p**3,
        },
    )


def test_withdrawal_and_expiry_compete() -> None:
    # eligible for 30 days: withdraw first with probability 1 - exp(-30 h), else expire
    scenario = build(
        40,
        [0.0] * 40,
        waiting={"withdrawal": "0.03 per day", "eligibility_valid": "30 days"},
        infusion=CLOSED_100,
        stopping={"time_limit": "1 year"},
    )
    people = [person for history in histories(scenario, 50) for person in history.participants]
    shares_are((person.outcome for person in people), {"withdrawn": 1 - exp(-0.9), "eligibility_expired": exp(-0.9)})


def test_max_waiting_turns_away_at_the_door() -> None:
    # one place (held from day 0); two may wait
    scenario = build(1, [0, 1, 2, 3, 4], infusion=CLOSED_100)
    crowded = scenario.changed({"recruitment.max_waiting": 2})
    assert outcomes(once(scenario)) == ["observed", "waiting", "waiting", "waiting", "waiting"]
    assert outcomes(once(crowded)) == ["observed", "waiting", "waiting", "turned_away", "turned_away"]


def test_max_waiting_counts_the_eligible_only() -> None:
    scenario = build(
        1,
        {"sites": [{"name": "A", "arrival_days": [0, 1, 2, 3, 8]}], "max_waiting": 1},
        screening={"pass_probability": 1.0, "duration": "5 days"},
        infusion=CLOSED_100,
    )
    # at day 3 nobody is eligible yet; at day 8 three wait
    assert outcomes(once(scenario)) == ["observed", "waiting", "waiting", "waiting", "turned_away"]


def test_time_to_the_third_eligible_is_gamma() -> None:
    scenario = build(3, "1 per week", screening={"pass_probability": 0.5, "duration": "5 days"})
    days = [history.end_day - 5 for history in histories(scenario, 800)]
    quantiles_are(days, {gamma(3, scale=14).cdf(t): t for t in (20.0, 40.0, 70.0)})
