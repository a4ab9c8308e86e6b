"""Making against exact answers: serial lots, base stock, yields, shelf life, suites, failures."""

from __future__ import annotations

from math import exp, floor, log, sqrt
from typing import Any

import pytest
from scipy.stats import gamma, lognorm, nbinom, poisson

from tests.support.exact import MANY, build, group, histories, mean_is, once, quantiles_are, sd_is, share_is, shares_are

NOT_YET = {"first_start": "50 years"}
"""Nothing is made: there is only what was in stock."""


def product(**changes: Any) -> dict[str, Any]:
    """Lots of one cell each, which is one dose of `group`."""
    return {"policy": "to_order", "cells_per_lot": 1, **changes}


def per_kg(millions: float) -> dict[str, Any]:
    return group(levels=[f"{millions}e6 cells per kg"])


# How long it takes


def test_serial_lots_until_the_first_good_one() -> None:
    # geometric number of lots of 6 weeks: mean L/s, SD L sqrt(1-s)/s
    made = product(suites=1, expansion="6 weeks", release_probability=0.8)
    weeks = [h.end_day / 7 for h in histories(build(1, [0.0], dosing=group(), product=made), 1500)]
    assert (6 / 0.8, 6 * sqrt(0.2) / 0.8) == pytest.approx((7.5, 3.354102), abs=1e-6)
    mean_is(weeks, 7.5, sd=3.354102)
    sd_is(weeks, 3.354102)
    shares_are((min(round(week / 6), 3) for week in weeks), {1: 0.8, 2: 0.16, 3: 0.04})


@pytest.mark.slow
def test_lots_for_five_participants_are_negative_binomial() -> None:
    made = product(suites=1, expansion="10 days", release_probability=0.7)
    ended = histories(build(5, [0.0] * 5, dosing=group(), product=made), 800)
    exact = nbinom(5, 0.7, loc=5)
    lots = [len(history.lots) for history in ended]
    mean_is(lots, float(exact.mean()), sd=float(exact.std()))
    share_is((n <= 6 for n in lots), float(exact.cdf(6)))
    assert all(history.end_day == 10 * len(history.lots) for history in ended)


def test_every_step_of_making_takes_its_time() -> None:
    # sums of independent steps: means and variances add
    made = product(
        donation={"exponential": {"mean": "20 days"}},
        expansion={"triangular": {"min": "4 weeks", "mode": "5 weeks", "max": "7 weeks"}},
        release_testing={"uniform": {"min": "14 days", "max": "35 days"}},
        shipping={"gamma": {"mean": "3 days", "sd": "1 day"}},
        first_start="5 days",
    )
    ended = histories(build(1, [0.0], dosing=group(), product=made), 1000)
    low, mode, high = 28, 35, 49
    triangular = (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18
    sd = sqrt(400 + triangular + 21**2 / 12 + 1)
    mean_is((history.end_day for history in ended), 5 + 20 + 112 / 3 + 24.5 + 3, sd=sd)
    sd_is((history.end_day for history in ended), sd)


def test_days_of_a_lot_exactly() -> None:
    made = product(
        donation="1 day",
        expansion="2 days",
        release_testing="4 days",
        shipping="8 days",
        first_start="16 days",
        shelf_life="32 days",
    )
    history = once(build(1, [3], dosing=group(), product=made))
    (lot,) = history.lots
    assert (lot.start_day, lot.expansion_start_day, lot.expansion_end_day) == (16, 17, 19)
    assert (lot.release_day, lot.available_day, lot.expiry_day) == (23, 31, 55)
    assert (history.end_day, lot.outcome, lot.cells_infused, lot.cells_wasted) == (31, "used", 1, 0)


@pytest.mark.parametrize(("suites", "ready"), [(1, [6, 11, 16, 21]), (2, [6, 6, 11, 11]), (3, [6, 6, 6, 11])])
def test_suites_are_servers(suites: int, ready: list[int]) -> None:
    # a suite is busy for the 5 days of expansion, not for the day of testing
    made = product(suites=suites, expansion="5 days", release_testing="1 day")
    history = once(build(4, [0.0] * 4, dosing=group(), product=made))
    assert [person.ready_day for person in history.participants] == ready


def test_a_suite_is_taken_while_the_cord_is_sought() -> None:
    made = product(suites=1, donation="3 days", expansion="5 days")
    history = once(build(2, [0.0] * 2, dosing=group(), product=made))
    assert [(lot.start_day, lot.expansion_start_day) for lot in history.lots] == [(0, 3), (8, 11)]


@pytest.mark.slow
def test_one_suite_to_order_is_a_single_server_queue() -> None:
    # exponential expansion (rate 1) that succeeds with .8: M/M/1 with service rate .8; the time in it is Exp(.8 - .4)
    made = product(suites=1, expansion={"exponential": {"mean": "1 day"}}, release_probability=0.8)
    scenario = build(MANY, "0.4 per day", dosing=group(), product=made, stopping={"time_limit": "340 days"})
    waits = [
        [p.ready_day - p.arrival_day for p in history.participants if p.ready_day and 60 <= p.arrival_day < 260]
        for history in histories(scenario, 40)
    ]
    mean_is((sum(each) - 2.5 * len(each) for each in waits), 0)
    mean_is((sum(wait > 3 for wait in each) - exp(-1.2) * len(each) for each in waits), 0)


# Stock

LEAD = 0.525
"""Demand during the lead time of one lot."""


@pytest.mark.parametrize(("stock", "exact"), [(1, 0.591555), (2, 0.902122), (3, 0.983646)])
@pytest.mark.parametrize("expansion", ["10 days", {"exponential": {"mean": "10 days"}}], ids=["constant", "random"])
def test_base_stock(stock: int, exact: float, expansion: dict[str, Any] | str) -> None:
    # lots in process are Poisson(.525), whatever the distribution of the lead time (Palm); arrivals see the average
    assert poisson(LEAD).cdf(stock - 1) == pytest.approx(exact, abs=1e-6)
    made = product(policy="to_stock", target_doses=stock, lots_in_stock_at_start=stock, expansion=expansion)
    scenario = build(MANY, "0.0525 per day", dosing=group(), product=made, stopping={"time_limit": "1200 days"})
    served = [
        [person.ready_day == person.enrolment_day for person in history.participants if person.arrival_day > 200]
        for history in histories(scenario, 60)
    ]
    mean_is((sum(each) - exact * len(each) for each in served), 0)


def test_one_dose_and_its_shelf_life() -> None:
    # wasted unless somebody comes within 24 months: exp(-.175 * 24)
    exact = exp(-0.175 * 24)
    assert exact == pytest.approx(0.014996, abs=1e-6)
    made = product(lots_in_stock_at_start=1, shelf_life="24 months", expansion="1 year")
    ended = histories(build(1, "0.175 per month", dosing=group(), product=made), 3000)
    waste = [sum(lot.cells_wasted for lot in history.lots) for history in ended]
    share_is((cells == 1 for cells in waste), exact)
    assert [history.lots[0].outcome == "expired" for history in ended] == [cells == 1 for cells in waste]


@pytest.mark.parametrize(("opens", "lot"), [(10, 1), (11, 2)])
def test_a_dose_that_would_be_expired_on_the_day_is_not_used(opens: int, lot: int) -> None:
    # the stock is valid up to day 10; another lot would come on day 9, valid up to day 19
    made = product(lots_in_stock_at_start=1, shelf_life="10 days", expansion="9 days")
    closed = {"closures": [{"from": "2024-01-01", "until": f"2024-01-{1 + opens}"}]}
    history = once(build(1, [0.0], dosing=group(), product=made, infusion=closed))
    (person,) = history.participants
    assert (person.lot, person.infusion_day) == (lot, opens)
    assert (len(history.lots), person.ready_day) == (lot, 0 if lot == 1 else 9)


def test_the_lot_that_expires_first_is_used_first() -> None:
    # two doses a lot; lot 1 from the start, lot 2 in addition from day 5
    made = product(
        policy="to_stock",
        target_doses=4,
        lots_in_stock_at_start=1,
        cells_per_lot=2,
        expansion="5 days",
        shelf_life="1 year",
    )
    history = once(build(4, [6, 7, 8, 9], dosing=group(), product=made))
    assert [person.lot for person in history.participants] == [1, 1, 2, 2]


def test_making_stops_when_the_trial_needs_no_more() -> None:
    made = product(policy="to_stock", target_doses=2, suites=1, expansion="1 day")
    history = once(build(3, [0, 10, 20], dosing=group(), product=made))
    # position: at day 0 one wants a dose; made: 1 (for them), 2 and 3 (stock), then one more for the second
    assert [lot.start_day for lot in history.lots] == [0, 1, 2, 10]
    assert [lot.outcome for lot in history.lots] == ["used", "used", "used", "in_stock"]


def test_stock_counts_what_a_lot_is_expected_to_give() -> None:
    # a lot in process counts for 3 doses: two lots for a target of 5
    made = product(policy="to_stock", target_doses=5, cells_per_lot=3.5, expansion="4 days")
    history = once(build(MANY, [], dosing=group(), product=made, stopping={"time_limit": "30 days"}))
    assert [lot.start_day for lot in history.lots] == [0, 0]


# Yields

YIELD = {"uniform": {"min": 1.03e8, "max": 3.78e8}}


@pytest.mark.parametrize(("millions", "exact"), [(1, 0.0), (2, 0.134545), (4, 0.643636)])
def test_lots_too_small_for_a_dose(millions: int, exact: float) -> None:
    assert max(0.0, (millions * 0.7e8 - 1.03e8) / 2.75e8) == pytest.approx(exact, abs=1e-6)
    made = product(cells_per_lot=YIELD, lots_in_stock_at_start=1, **NOT_YET)
    scenario = build(
        1,
        [0.0],
        participants={"weight_kg": 70},
        dosing=per_kg(millions),
        product=made,
        stopping={"time_limit": "1 day"},
    )
    share_is((history.end_cause == "time_limit" for history in histories(scenario, 1500)), exact)


def test_under_doses() -> None:
    # 2.8e8 cells asked; at least 70 % of it will do: 1.96e8
    made = product(cells_per_lot=YIELD, lots_in_stock_at_start=1, minimum_dose_fraction=0.7, **NOT_YET)
    limit = {"time_limit": "1 day"}
    scenario = build(1, [0.0], participants={"weight_kg": 70}, dosing=per_kg(4), product=made, stopping=limit)
    people = [history.participants[0] for history in histories(scenario, 1500)]
    shares_are(
        ("none" if p.infusion_day is None else "under" if p.under_dosed else "full" for p in people),
        {"none": (1.96 - 1.03) / 2.75, "under": (2.8 - 1.96) / 2.75, "full": (3.78 - 2.8) / 2.75},
    )
    under = [p.dose_cells for p in people if p.under_dosed and p.dose_cells is not None]
    mean_is(under, (1.96e8 + 2.8e8) / 2, sd=0.84e8 / sqrt(12))
    assert all(p.dose_cells == 2.8e8 for p in people if p.infusion_day is not None and not p.under_dosed)


def test_an_under_dose_comes_from_the_fullest_lot() -> None:
    # the largest of three uniform yields
    made = product(
        cells_per_lot={"uniform": {"min": 0.7, "max": 1}},
        lots_in_stock_at_start=3,
        minimum_dose_fraction=0.7,
        **NOT_YET,
    )
    ended = histories(build(1, [0.0], dosing=group(), product=made), 800)
    given = [history.participants[0].dose_cells or 0.0 for history in ended]
    quantiles_are(given, {q: 0.7 + 0.3 * q ** (1 / 3) for q in (0.1, 0.5, 0.9)})


def test_one_lot_several_doses() -> None:
    # whole doses in a lot of U(1, 5) cells: 1, 2, 3 or 4 with probability 1/4; the rest is not pooled with a second lot
    made = product(cells_per_lot={"uniform": {"min": 1, "max": 5}}, lots_in_stock_at_start=2, **NOT_YET)
    scenario = build(10, [0.0] * 10, dosing=group(), product=made, stopping={"time_limit": "1 day"})
    ended = histories(scenario, 600)
    counts = [sum(person.infusion_day is not None for person in history.participants) for history in ended]
    shares_are(counts, {n: (4 - abs(n - 5)) / 16 for n in range(2, 9)})
    assert all(n == sum(floor(lot.cells or 0.0) for lot in h.lots) for n, h in zip(counts, ended, strict=True))


def test_the_dose_goes_by_body_weight() -> None:
    # one lot of 1.5e8 cells serves whoever weighs at most 75 kg
    made = product(cells_per_lot=1.5e8, lots_in_stock_at_start=1, **NOT_YET)
    weight = {"lognormal": {"mean": 65, "sd": 12}}
    limit = {"time_limit": "1 day"}
    scenario = build(1, [0.0], participants={"weight_kg": weight}, dosing=per_kg(2), product=made, stopping=limit)
    sigma = sqrt(log(1 + (12 / 65) ** 2))
    exact = float(lognorm(sigma, scale=65 * exp(-(sigma**2) / 2)).cdf(75))
    share_is((history.end_cause == "completed" for history in histories(scenario, 1500)), exact)


def test_somebody_too_heavy_does_not_hold_up_the_next() -> None:
    # 100 cells, a cell a kilogram, weights of 50 or 150 kg: two, one or none of two are served
    made = product(cells_per_lot=100, lots_in_stock_at_start=1, **NOT_YET)
    weight = {"empirical": {"values": [50, 150]}}
    scenario = build(
        2,
        [0.0] * 2,
        participants={"weight_kg": weight},
        dosing=group(levels=["1 cells per kg"]),
        product=made,
        stopping={"time_limit": "1 day"},
    )
    served = [sum(p.infusion_day is not None for p in history.participants) for history in histories(scenario, 800)]
    shares_are(served, {0: 0.25, 1: 0.5, 2: 0.25})


# Failures


@pytest.mark.parametrize(("failures", "p"), [(1, 0.2), (2, 0.5), (3, 0.6)])
def test_lots_until_a_run_of_failures(failures: int, p: float) -> None:
    # the mean number of trials until k failures in a row of probability p: (p^-k - 1)/(1 - p)
    made = product(
        policy="to_stock",
        target_doses=MANY,
        suites=1,
        expansion="1 day",
        release_probability=1 - p,
        max_consecutive_failed_lots=failures,
    )
    ended = histories(build(MANY, [], dosing=group(), product=made), 400)
    assert {history.end_cause for history in ended} == {"product"}
    mean_is((history.end_day for history in ended), (p**-failures - 1) / (1 - p))


def test_a_failed_lot_is_known_when_its_testing_ends() -> None:
    made = product(
        suites=1, expansion="2 days", release_testing="3 days", release_probability=0, max_consecutive_failed_lots=2
    )
    history = once(build(1, [0.0], dosing=group(), product=made))
    assert (history.end_cause, history.end_day) == ("product", 10)
    first, second, *_ = history.lots
    assert (first.start_day, first.release_day, first.outcome) == (0, 5, "failed")
    assert (second.start_day, second.release_day, second.outcome) == (5, 10, "failed")


def test_autologous_lots_until_one_is_good() -> None:
    # good: released (.8) and large enough (U(1, 5) at least 2: .75); 30 days each, side by side without suites
    made = product(
        kind="autologous",
        donation="5 days",
        expansion="20 days",
        release_testing="5 days",
        release_probability=0.8,
        cells_per_lot={"uniform": {"min": 1, "max": 5}},
    )
    good = 0.8 * 0.75
    ended = histories(build(3, [0.0] * 3, dosing=group(levels=["2 cells"]), product=made), 400)
    waits = [person.ready_day or 0.0 for history in ended for person in history.participants]
    mean_is(waits, 30 / good, sd=30 * sqrt(1 - good) / good)
    sd_is(waits, 30 * sqrt(1 - good) / good)
    assert all(
        sum(lot.outcome == "used" for lot in history.lots) == 3
        and history.end_day == max(lot.available_day or 0 for lot in history.lots)
        for history in ended
    )


def test_autologous_suites_serve_in_order_of_enrolment() -> None:
    made = product(kind="autologous", suites=1, expansion="10 days")
    history = once(build(3, [0, 1, 2], dosing=group(), product=made))
    assert [person.ready_day for person in history.participants] == [10, 20, 30]
    assert [person.lot for person in history.participants] == [1, 2, 3]


def test_an_autologous_lot_whose_participant_has_gone_serves_nobody() -> None:
    # the first participant's eligibility expires on day 10, with the lot on its way; the second gets a lot of their own
    made = product(kind="autologous", expansion="12 days")
    waiting = {"eligibility_valid": "10 days"}
    scenario = build(1, [0, 5], dosing=group(), product=made, waiting=waiting, stopping={"time_limit": "14 days"})
    first, second = once(scenario).lots
    assert (first.available_day, first.outcome, first.cells_wasted) == (12, "expired", 1)
    assert (second.start_day, second.outcome) == (10, "in_process")


@pytest.mark.slow
def test_time_to_the_third_good_lot_is_gamma() -> None:
    # serial exponential lots of which a share s is good: good lots are Poisson
    made = product(suites=1, expansion={"exponential": {"mean": "10 days"}}, release_probability=0.5)
    days = [h.end_day for h in histories(build(3, [0.0] * 3, dosing=group(), product=made), 800)]
    quantiles_are(days, {gamma(3, scale=20).cdf(t): t for t in (25.0, 55.0, 100.0)})
