"""How trials end, windows, losses and follow-up against exact answers."""

from __future__ import annotations

from math import exp, sqrt
from typing import Any

import pytest
from scipy.stats import binom, expon, nbinom, poisson

from tests.support.exact import (
    MANY,
    YEAR,
    build,
    group,
    histories,
    infused,
    infusion_days,
    mean_is,
    once,
    outcomes,
    quantiles_are,
    sd_is,
    share_is,
    shares_are,
)


def causes(ended: list[Any]) -> list[str]:
    return [history.end_cause for history in ended]


# Causes


def test_external_stop() -> None:
    # before the third arrival: 1 - (λ/(λ+h))³
    rate, hazard = 0.05, 0.02
    ended = histories(build(3, f"{rate} per day", stopping={"external_stop": f"{hazard} per day"}), 1200)
    completed = (rate / (rate + hazard)) ** 3
    shares_are(causes(ended), {"completed": completed, "external": 1 - completed})
    # given nobody ever comes, it is exponential
    alone = histories(build(1, "0 per day", stopping={"external_stop": "0.5 per year"}), 800)
    quantiles_are((history.end_day for history in alone), {q: expon(scale=2 * YEAR).ppf(q) for q in (0.1, 0.5, 0.9)})


def test_accrual_look() -> None:
    # fewer than 4 infused by day 100: Poisson
    stopping = {"accrual_looks": [{"at": "100 days", "minimum_infused": 4}]}
    ended = histories(build(10, "0.05 per day", stopping=stopping), 1000)
    too_few = float(poisson(5).cdf(3))
    shares_are(causes(ended), {"slow_accrual": too_few, "completed": 1 - too_few})
    assert all(history.end_day == 100 for history in ended if history.end_cause == "slow_accrual")


def test_the_first_look_that_fails_ends_it() -> None:
    stopping = {"accrual_looks": [{"at": f"{day} days", "minimum_infused": n} for day, n in ((50, 1), (100, 3))]}
    ended = histories(build(3, "0.03 per day", stopping=stopping), 1000)
    nobody = exp(-1.5)
    # one or two by day 50 (three complete it), and fewer than three in all by day 100
    late = sum(poisson(1.5).pmf(n) * poisson(1.5).cdf(2 - n) for n in (1, 2))
    share_is((history.end_day == 50 and history.end_cause == "slow_accrual" for history in ended), nobody)
    share_is((history.end_day == 100 and history.end_cause == "slow_accrual" for history in ended), late)


def test_time_limit() -> None:
    # the fifth by day 100
    ended = histories(build(5, "0.05 per day", stopping={"time_limit": "100 days"}), 1000)
    completed = float(poisson(5).sf(4))
    shares_are(causes(ended), {"completed": completed, "time_limit": 1 - completed})


@pytest.mark.parametrize(
    ("arrivals", "loss", "cause", "end"),
    [
        ([0, 10], 0.0, "completed", 30),  # the second is infused before the limit of day 15: windows settle it
        ([0, 15], 0.0, "completed", 35),  # on the very day
        ([0, 16], 0.0, "time_limit", 15),
        ([0], 0.0, "time_limit", 15),
    ],
)
def test_a_time_limit_is_settled_by_the_windows(arrivals: list[int], loss: float, cause: str, end: int) -> None:
    dosing = group(observation="20 days")
    truth = {"dlt_probability": [0.0], "loss_in_window_probability": loss}
    history = once(build(2, arrivals, dosing=dosing, truth=truth, stopping={"time_limit": "15 days"}))
    assert (history.end_cause, history.end_day) == (cause, end)


def test_a_time_limit_when_someone_is_lost_after_it() -> None:
    # two infused on day 0 with windows of 20 days, each lost with probability q at a uniform time; limit on day 10
    q = 0.4
    scenario = build(
        2,
        [0, 0],
        dosing=group(observation="20 days"),
        truth={"dlt_probability": [0.0], "loss_in_window_probability": q},
        stopping={"time_limit": "10 days"},
    )
    ended = histories(scenario, 800)
    shares_are(causes(ended), {"completed": (1 - q) ** 2, "time_limit": 1 - (1 - q) ** 2})
    # lost before the limit: it ends at the limit. Only lost after it: when the last window is over
    early = 1 - (1 - q / 2) ** 2
    share_is((history.end_day == 10 for history in ended), early)
    kept = [history.end_day for history in ended if history.end_cause == "completed"]
    assert set(kept) == {20}
    both_late = [
        history.end_day for history in ended if history.end_cause == "time_limit" and 10 < history.end_day < 20
    ]
    assert len(both_late) / len(ended) == pytest.approx((q / 2) ** 2, abs=4 * sqrt(0.04 * 0.96 / len(ended)))
    # without replacement nobody is missed
    kept_anyway = scenario.changed({"dosing.replace_non_evaluable": False})
    assert set(causes(histories(kept_anyway, 100))) == {"completed"}


def test_a_booked_infusion_after_the_limit_never_happens() -> None:
    scenario = build(2, [0, 0], infusion={"per_day": 1}, stopping={"time_limit": "0.5 days"})
    history = once(scenario)
    assert (outcomes(history), history.end_cause) == (["observed", "released"], "time_limit")


@pytest.mark.parametrize(
    ("limit", "cause"), [("5 days", "completed"), ("4.999 days", "time_limit")], ids=["that day", "before"]
)
def test_an_infusion_on_the_last_day_is_in_time(limit: str, cause: str) -> None:
    assert once(build(1, [5], stopping={"time_limit": limit})).end_cause == cause


# Windows


def test_day_of_a_dlt() -> None:
    # every outcome is a DLT; resolved at once its day is uniform in the window, otherwise the window's end
    dosing = {"levels": ["1 mg"], "cohort_size": MANY, "observation": "28 days", "rule": "fixed"}
    truth = {"dlt_probability": [1.0]}
    people = [p for h in histories(build(20, [0.0] * 20, dosing=dosing, truth=truth), 60) for p in h.participants]
    quantiles_are((p.outcome_known_day or 0 for p in people), {q: 28 * q for q in (0.05, 0.25, 0.5, 0.9)})
    assert all(p.outcome_known_day == p.dlt_day for p in people)
    late = once(build(5, [0.0] * 5, dosing=dosing | {"dlt_resolves": False}, truth=truth))
    assert {p.outcome_known_day for p in late.participants} == {28} and late.end_day == 28
    assert all(0 < (p.dlt_day or 0) < 28 for p in late.participants)


def test_mean_outcome_day_with_dlts_early_in_the_window() -> None:
    # triangular onset on (0, .5), mode .2: mean .7/3 of the window; no DLT: its end
    p = 0.4
    dosing = group(observation="30 days")
    truth = {"dlt_probability": [p], "dlt_onset": {"triangular": {"min": 0, "mode": 0.2, "max": 0.5}}}
    people = [q for h in histories(build(20, [0.0] * 20, dosing=dosing, truth=truth), 60) for q in h.participants]
    mean_is((person.outcome_known_day or 0 for person in people), p * 30 * 0.7 / 3 + (1 - p) * 30)
    mean_is((person.dlt_day for person in people if person.dlt_day is not None), 7)


def test_a_dlt_before_a_loss_counts() -> None:
    # both luck: a DLT at a uniform time (p) and a loss at a uniform time (q); the first one is what happens
    p, q = 0.5, 0.6
    dosing = group(observation="28 days", replace_non_evaluable=False)
    truth = {"dlt_probability": [p], "loss_in_window_probability": q}
    people = [x for h in histories(build(20, [0.0] * 20, dosing=dosing, truth=truth), 80) for x in h.participants]
    shares_are(
        (person.outcome for person in people),
        {"dlt": p * (1 - q / 2), "non_evaluable": q * (1 - p / 2), "observed": (1 - p) * (1 - q)},
    )
    lost = [person.last_visit_day for person in people if person.outcome == "non_evaluable"]
    # density of a loss that comes first: (1 - p t) for t in (0, 1)
    mean_is((day or 0 for day in lost), 28 * (1 / 2 - p / 3) / (1 - p / 2))


@pytest.mark.slow
def test_infused_until_enough_are_evaluable() -> None:
    # with replacement: negative binomial; nobody waits for anything else
    q = 0.3
    truth = {"dlt_probability": [0.0], "loss_in_window_probability": q}
    scenario = build(6, "5 per day", dosing=group(observation="1 day"), truth=truth)
    ended = histories(scenario, 800)
    exact = nbinom(6, 1 - q, loc=6)
    numbers = [len(infused(history)) for history in ended]
    mean_is(numbers, float(exact.mean()), sd=float(exact.std()))
    sd_is(numbers, float(exact.std()))
    share_is((n <= 7 for n in numbers), float(exact.cdf(7)))
    assert all(outcomes(history).count("observed") == 6 for history in ended)


@pytest.mark.slow
def test_losses_without_replacement_are_binomial() -> None:
    q = 0.3
    truth = {"dlt_probability": [0.0], "loss_in_window_probability": q}
    dosing = group(observation="10 days", replace_non_evaluable=False)
    ended = histories(build(6, [0.0] * 12, dosing=dosing, truth=truth), 800)
    lost = [outcomes(history).count("non_evaluable") for history in ended]
    exact = binom(6, q)
    shares_are(lost, {n: float(exact.pmf(n)) for n in range(7)})
    assert {len(infused(history)) for history in ended} == {6}


@pytest.mark.slow
def test_losses_in_a_cohort_rule_are_replaced_before_the_next_level() -> None:
    # the number infused at level 1 before its three are evaluable
    q = 0.25
    truth = {"dlt_probability": [0.0, 0.0], "loss_in_window_probability": q}
    dosing = {"levels": ["1 mg", "2 mg"], "observation": "2 days", "rule": "three_plus_three"}
    ended = histories(build(6, "4 per day", dosing=dosing, truth=truth), 500)
    at_one = [sum(person.level == 1 for person in infused(history)) for history in ended]
    mean_is(at_one, 3 / (1 - q), sd=sqrt(3 * q) / (1 - q))
    assert {history.cohorts for history in ended} == {2}


# Follow-up


def test_last_visit_with_losses_to_follow_up() -> None:
    # window 30 days, follow-up to day 365: E = 30 + (1 - exp(-335 h))/h; the share seen to the end is exp(-335 h)
    hazard = 0.8 / YEAR
    dosing = group(observation="30 days")
    follow_up = {"duration": "365 days", "loss": "0.8 per year"}
    people = [
        p for h in histories(build(20, [0.0] * 20, dosing=dosing, follow_up=follow_up), 60) for p in h.participants
    ]
    mean_is((person.last_visit_day or 0 for person in people), 30 + (1 - exp(-335 * hazard)) / hazard)
    share_is((person.last_visit_day == 365 for person in people), exp(-335 * hazard))
    assert min(person.last_visit_day or 0 for person in people) > 30


def test_follow_up_goes_on_after_the_end_and_never_ends_before_the_window() -> None:
    history = once(build(2, [1, 4], dosing=group(observation="10 days"), follow_up={"duration": "5 days"}))
    assert (history.end_day, [p.last_visit_day for p in history.participants]) == (14, [11, 14])
    assert infusion_days(history) == [1, 4]
    longer = once(build(2, [1, 4], dosing=group(observation="10 days"), follow_up={"duration": "2 weeks"}))
    assert (longer.end_day, [p.last_visit_day for p in longer.participants]) == (14, [15, 18])
