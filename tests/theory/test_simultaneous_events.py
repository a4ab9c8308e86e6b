"""The order of things that happen at the same instant, one pair of phases at a time; nothing here is random.

1 lots, 2 screenings end, 3 infusions, 4 outcomes, 5 departures, 6 committees, 7 arrivals, 8 places, doses, slots and
lots, 9 stopping.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.exact import MANY, build, group, infusion_days, once, outcomes

PASS = {"pass_probability": 1.0}
DLT = {"dlt_probability": [1.0], "dlt_onset": 1.0}


def made(**changes: Any) -> dict[str, Any]:
    return {"policy": "to_order", "cells_per_lot": 1, **changes}


def turning_away(arrivals: list[float]) -> dict[str, Any]:
    return {"sites": [{"name": "A", "arrival_days": arrivals}], "while_closed": "turn_away"}


# 1 lots before everything else


def test_a_lot_is_there_for_somebody_eligible_at_that_instant() -> None:
    # the lot of day 0 arrives on day 10, as the only participant's screening ends
    product = made(policy="to_stock", target_doses=1, expansion="10 days")
    scenario = build(1, [0], screening=PASS | {"duration": "10 days"}, dosing=group(), product=product)
    history = once(scenario)
    assert (infusion_days(history), len(history.lots)) == ([10], 1)


def test_a_lot_arrives_before_the_shelf_life_of_another_ends() -> None:
    # stock valid through day 10; at that instant lot 2 arrives and both could serve; the older one is in time
    product = made(
        policy="to_stock", target_doses=2, lots_in_stock_at_start=1, shelf_life="10 days", expansion="10 days"
    )
    history = once(build(1, [10], dosing=group(), product=product))
    # expiry (5) comes before places (8): the participant of day 10 gets the fresh lot
    assert history.participants[0].lot == 2
    assert history.lots[0].outcome == "expired"


def test_a_dose_reserved_before_is_used_at_the_instant_of_its_expiry() -> None:
    product = made(lots_in_stock_at_start=1, shelf_life="10 days", expansion="1 year")
    history = once(build(1, [0], dosing=group(), product=product, infusion={"notice": "10 days"}))
    assert (infusion_days(history), history.lots[0].outcome) == ([10], "used")


def test_a_suite_freed_at_an_instant_takes_the_next_lot_at_once() -> None:
    history = once(build(2, [0, 5], dosing=group(), product=made(suites=1, expansion="5 days")))
    assert [lot.start_day for lot in history.lots] == [0, 5]


def test_the_last_of_a_run_of_failures_ends_the_trial_on_that_day() -> None:
    product = made(suites=1, expansion="3 days", release_probability=0, max_consecutive_failed_lots=2)
    history = once(build(1, [0], dosing=group(), product=product, stopping={"time_limit": "6 days"}))
    assert (history.end_cause, history.end_day) == ("product", 6)


# 2 screenings end before arrivals


def test_whoever_becomes_eligible_counts_as_waiting_for_whoever_arrives() -> None:
    # day 5: the second's screening ends, there is no place, so the third is turned away
    recruitment = {"sites": [{"name": "A", "arrival_days": [0, 0, 5]}], "max_waiting": 1}
    scenario = build(1, recruitment, screening=PASS | {"duration": "5 days"}, infusion={"notice": "50 days"})
    # at the instant both are eligible; no place has been given yet (8), so two wait
    assert outcomes(once(scenario)) == ["observed", "waiting", "turned_away"]


def test_a_screening_place_freed_at_an_instant_is_taken_at_once() -> None:
    scenario = build(2, [0, 5], screening=PASS | {"capacity": 1, "duration": "5 days"})
    assert [person.screening_start_day for person in once(scenario).participants] == [0, 5]


# 3 infusions before outcomes and departures


def test_an_infusion_at_the_instant_of_expiry_is_in_time() -> None:
    scenario = build(
        1,
        [0],
        waiting={"eligibility_valid": "10 days"},
        infusion={"notice": "10 days"},
        stopping={"time_limit": "1 year"},
    )
    assert (outcomes(once(scenario)), infusion_days(once(scenario))) == (["observed"], [10])
    late = scenario.changed({"infusion.notice": "11 days"})
    assert outcomes(once(late)) == ["eligibility_expired"]


def test_an_infusion_at_the_time_limit_is_in_time() -> None:
    history = once(build(1, [0], infusion={"notice": "10 days"}, stopping={"time_limit": "10 days"}))
    assert (history.end_cause, history.end_day) == ("completed", 10)


def test_an_infusion_comes_before_an_outcome_that_would_have_sent_it_back() -> None:
    # 3+3: two DLTs at day 10 exceed the level; the third of the cohort is infused at that very instant, so no return
    dosing = {"levels": ["1 mg"], "observation": "10 days", "rule": "three_plus_three"}
    history = once(build(6, [0, 0, 10], dosing=dosing, truth=DLT, infusion={}))
    assert (infusion_days(history), history.end_day) == ([0, 0], 10)  # arrivals (7) come after the committee (6)
    booked = build(6, [0, 0, 0], dosing=dosing | {"stagger": "10 days"}, truth=DLT)
    # infusions on days 0, 0 (no sentinel gap), then 10: given before the second DLT of day 10 is known
    assert infusion_days(once(booked)) == [0, 0, 10]


# 4 and 5 before 7: outcomes and departures free places for whoever arrives


@pytest.mark.parametrize(("arrives", "outcome"), [(10, "observed"), (9.75, "turned_away")])
def test_a_window_that_ends_as_a_candidate_arrives_has_made_a_place(arrives: float, outcome: str) -> None:
    dosing = group(cohort_size=1, observation="10 days")
    assert outcomes(once(build(2, turning_away([0, arrives]), dosing=dosing)))[1] == outcome


def test_a_place_given_back_as_a_candidate_arrives_is_free() -> None:
    # the only holder's eligibility expires on day 10
    scenario = build(
        1,
        turning_away([0, 9, 10]),
        waiting={"eligibility_valid": "10 days"},
        infusion={"notice": "11 days"},
        stopping={"time_limit": "15 days"},
    )
    assert outcomes(once(scenario)) == ["eligibility_expired", "turned_away", "released"]


def test_whoever_expires_at_an_instant_does_not_get_the_place_freed_then() -> None:
    # day 10: the first's window ends, and the second's eligibility; departures (5) come before places (8)
    scenario = build(
        2, [0, 0], dosing=group(cohort_size=1, observation="10 days"), waiting={"eligibility_valid": "10 days"}
    )
    assert outcomes(once(scenario)) == ["observed", "eligibility_expired"]
    longer = scenario.changed({"waiting.eligibility_valid": "10.5 days"})
    assert outcomes(once(longer)) == ["observed", "observed"]


# 6 before 7: a committee's decision is there for whoever arrives


def test_a_review_that_ends_as_a_candidate_arrives() -> None:
    dosing = group(cohort_size=1, observation="10 days", review="5 days")
    assert outcomes(once(build(2, turning_away([0, 15]), dosing=dosing))) == ["observed", "observed"]
    assert outcomes(once(build(2, turning_away([0, 14.5]), dosing=dosing)))[1] == "turned_away"


def test_the_committee_hears_of_all_outcomes_of_an_instant() -> None:
    # three DLTs at the same instant: one decision, and no place in between
    dosing = {"levels": ["1 mg"], "observation": "10 days", "rule": "three_plus_three"}
    history = once(build(6, [0, 0, 0, 10], dosing=dosing, truth=DLT))
    assert (history.end_cause, history.end_day, infusion_days(history)) == ("safety", 10, [0, 0, 0])


# 7 before 8: of those who arrive at one instant, the first of the file is the first in the queue


def test_arrivals_in_the_order_of_the_file() -> None:
    sites = [{"name": "Z", "arrival_days": [1, 1]}, {"name": "A", "arrival_days": [1]}]
    history = once(build(2, sites, stopping={"time_limit": "5 days"}))
    assert [(p.site, p.site_candidate) for p in history.participants if p.infusion_day == 1] == [("Z", 1), ("Z", 2)]
    turned = once(build(2, {"sites": sites[::-1], "while_closed": "turn_away"}))
    assert [(p.site, p.site_candidate) for p in turned.participants if p.infusion_day == 1] == [("A", 1), ("Z", 1)]


def test_a_place_is_taken_at_enrolment_not_at_the_door() -> None:
    # two candidates in screening for one place: the second waits, even if candidates are turned away
    scenario = build(
        1, turning_away([0, 0, 4]), screening=PASS | {"duration": "5 days"}, infusion={"notice": "20 days"}
    )
    assert outcomes(once(scenario)) == ["observed", "waiting", "waiting"]
    # somebody who comes once the place has gone is turned away
    late = build(1, turning_away([0, 0, 6]), screening=PASS | {"duration": "5 days"}, infusion={"notice": "20 days"})
    assert outcomes(once(late)) == ["observed", "waiting", "turned_away"]


# 8: places in order of the queue, doses in order of enrolment


def test_the_queue_is_in_order_of_eligibility() -> None:
    # a window frees one place on day 20; the second waits longer than the third, by address or by time
    dosing = group(cohort_size=1, observation="20 days")
    sites = [{"name": "A", "arrival_days": [0, 3]}, {"name": "B", "arrival_days": [2]}]
    history = once(build(3, sites, dosing=dosing))
    infused = sorted(history.participants, key=lambda p: p.infusion_day or 0)
    assert [(p.site, p.infusion_day) for p in infused] == [("A", 0), ("B", 20), ("A", 40)]


def test_whoever_is_screened_again_stands_at_the_end() -> None:
    # eligible on day 0 and expired on day 10; again eligible on day 10, after the one of day 5
    dosing = group(cohort_size=1, observation="12 days")
    waiting = {"eligibility_valid": "10 days", "rescreen_probability": 1.0}
    history = once(build(3, [0, 0, 5], dosing=dosing, waiting=waiting))
    assert [(p.infusion_day, p.screenings) for p in history.participants] == [(0, 1), (24, 3), (12, 1)]


# 9 after everything else


def test_an_accrual_look_counts_the_infusions_of_its_day() -> None:
    look = {"accrual_looks": [{"at": "10 days", "minimum_infused": 1}]}
    assert once(build(1, [10], stopping=look)).end_cause == "completed"
    assert once(build(2, [10, 20], stopping=look)).end_cause == "completed"
    assert once(build(1, [10.5], stopping=look)).end_cause == "slow_accrual"


@pytest.mark.parametrize(
    ("dosing", "cause"),
    [(group(observation="10 days", rule="ladder", cohort_size=1), "safety"), (group(), "completed")],
)
def test_the_better_reason_wins_at_one_instant(dosing: dict[str, Any], cause: str) -> None:
    # on day 10: a DLT or the last window, a look that fails, the time limit
    stopping = {"time_limit": "10 days", "accrual_looks": [{"at": "10 days", "minimum_infused": 3}]}
    arrivals = [0] if cause == "safety" else [10]
    truth = DLT if cause == "safety" else {"dlt_probability": [0.0]}
    history = once(build(1, arrivals, dosing=dosing, truth=truth, stopping=stopping))
    assert (history.end_cause, history.end_day) == (cause, 10)


def test_a_look_that_fails_at_the_time_limit() -> None:
    stopping = {"time_limit": "10 days", "accrual_looks": [{"at": "10 days", "minimum_infused": 3}]}
    assert once(build(3, [0], stopping=stopping)).end_cause == "slow_accrual"


def test_candidates_of_the_last_instant_are_counted() -> None:
    # the trial is completed on day 5 (9), after the arrivals of day 5 (7)
    history = once(build(1, [5, 5, 5.5]))
    assert outcomes(history) == ["observed", "waiting"]


def test_a_lot_is_started_before_the_trial_ends_on_the_same_instant() -> None:
    # day 5: a participant enrols and a lot is started (8); the time limit (9) comes after
    product = made(expansion="1 day")
    history = once(build(MANY, [5], dosing=group(), product=product, stopping={"time_limit": "5 days"}))
    assert [lot.start_day for lot in history.lots] == [5]
