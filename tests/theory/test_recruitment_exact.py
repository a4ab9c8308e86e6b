"""Recruitment against exact answers: Poisson processes, gamma rates, ramps, closures, and how many come."""

from __future__ import annotations

from math import exp, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.stats import betaprime, gamma, nbinom, poisson

from tests.support.exact import MANY, MONTH, build, histories, mean_is, once, quantiles_are, sd_is, share_is, shares_are
from tests.support.poisson_times import NthArrival
from trialsim.model import History
from trialsim.scenario import Scenario

PASS = 8 / 29


@pytest.fixture(scope="module")
def eight_enrolled() -> list[History]:
    scenario = build(8, "0.020833333333333332 per day", screening={"pass_probability": PASS})
    return histories(scenario, 1200)


def test_screened_until_eight_pass(eight_enrolled: list[History]) -> None:
    # failures before the 8th success: negative binomial
    exact = nbinom(8, PASS, loc=8)
    assert exact.mean() == pytest.approx(29) and exact.std() == pytest.approx(8.72496, abs=1e-5)
    assert exact.cdf(29) == pytest.approx(0.570092, abs=1e-6)
    assert list(exact.ppf([0.05, 0.5, 0.95])) == [17, 28, 45]
    screened = [len(history.participants) for history in eight_enrolled]
    mean_is(screened, 29, sd=8.72496)
    sd_is(screened, 8.72496)
    for number in (17, 28, 29, 45):
        share_is((n <= number for n in screened), float(exact.cdf(number)))


def test_time_of_the_eighth_enrolment(eight_enrolled: list[History]) -> None:
    # thinning: enrolments are Poisson with rate PASS/48 a day
    exact = gamma(8, scale=174)
    days = [history.end_day for history in eight_enrolled]
    assert exact.std() == pytest.approx(492.146, abs=1e-3)
    mean_is(days, 1392, sd=492.146)
    sd_is(days, 492.146)
    quantiles_are(days, {0.05: 692.66, 0.5: 1334.45, 0.95: 2287.77})
    assert exact.ppf([0.05, 0.5, 0.95]) == pytest.approx([692.66, 1334.45, 2287.77], abs=0.005)


def test_enrolled_by_a_day_with_screening_of_constant_length() -> None:
    scenario = build(
        MANY,
        "0.020833333333333332 per day",
        screening={"pass_probability": PASS, "duration": "28 days"},
        stopping={"time_limit": "1392 days"},
    )
    expected = (1392 - 28) / 174
    assert expected == pytest.approx(7.83908, abs=1e-5)
    ended = histories(scenario, 800)
    enrolled = [sum(person.enrolment_day is not None for person in history.participants) for history in ended]
    mean_is(enrolled, expected, sd=sqrt(expected))
    sd_is(enrolled, sqrt(expected))
    share_is((n <= 5 for n in enrolled), float(poisson(expected).cdf(5)))
    assert {history.end_cause for history in ended} == {"time_limit"}


@pytest.mark.slow
def test_sixty_from_ten_sites_with_gamma_rates() -> None:
    # the sum of ten gamma rates (shape 2, mean .5) is gamma (shape 20): time = Gamma(60)/Gamma(20), scaled
    site = {"name": "S", "count": 10, "rate": "0.5 per month", "rate_cv": sqrt(0.5)}
    months = [history.end_day / MONTH for history in histories(build(60, [site]), 400)]
    exact = betaprime(60, 20, scale=4)
    assert (exact.mean(), exact.std()) == pytest.approx((12.631579, 3.416326), abs=1e-6)
    mean_is(months, 12.631579, sd=3.416326)
    sd_is(months, 3.416326)
    quantiles_are(months, {0.05: 8.02567, 0.5: 12.13499, 0.95: 18.91932})


def five_sites(known: bool) -> Scenario:
    """Five sites whose rates are gamma of shape 1.2: by nature, or because nobody knows them."""
    mean, sd = "0.175 per month", f"{0.175 / sqrt(1.2)!r} per month"
    sites: list[dict[str, Any]] = [{"name": f"S{number}", "rate": mean} for number in range(5)]
    if known:
        return build(10, [{**site, "rate_cv": 1 / sqrt(1.2)} for site in sites])
    unknown = {f"recruitment.sites.{site['name']}.rate": {"gamma": {"mean": mean, "sd": sd}} for site in sites}
    return build(10, sites, uncertain=unknown)


@pytest.mark.parametrize("known", [True, False])
def test_five_sites_with_gamma_rates_by_nature_or_unknown(known: bool) -> None:
    # the sum of the rates is gamma (shape 6, mean .875 a month): time = Gamma(10)/Gamma(6), scaled
    exact = betaprime(10, 6, scale=1.2 / 0.175)
    assert exact.mean() == pytest.approx(13.714286, abs=1e-6)
    months = [history.end_day / MONTH for history in histories(five_sites(known), 600)]
    mean_is(months, 13.714286, sd=float(exact.std()))
    quantiles_are(months, {q: float(exact.ppf(q)) for q in (0.1, 0.5, 0.9)})


@pytest.mark.slow
def test_sites_that_open_one_after_another() -> None:
    sites = [{"name": f"S{k}", "rate": "1 per month", "activation": f"{2 * k} months"} for k in range(3)]
    exact = NthArrival(10, lambda t: t + max(0.0, t - 2) + max(0.0, t - 4), 30, [2, 4])
    assert exact.mean() == pytest.approx(5.320439, abs=1e-6) and exact.sd() == pytest.approx(1.077768, abs=1e-6)
    months = [history.end_day / MONTH for history in histories(build(10, sites), 1500)]
    mean_is(months, 5.320439, sd=1.077768)
    sd_is(months, 1.077768)
    quantiles_are(months, {0.05: 3.71270, 0.5: 5.22290, 0.95: 7.23507})
    assert [exact.quantile(q) for q in (0.05, 0.5, 0.95)] == pytest.approx([3.71270, 5.22290, 7.23507], abs=1e-5)


@pytest.mark.slow
def test_ramp() -> None:
    site = {"name": "A", "rate": "1 per month", "ramp_up": "6 months"}
    exact = NthArrival(10, lambda t: t * t / 12 if t < 6 else t - 3, 60, [6])
    assert exact.mean() == pytest.approx(12.999977, abs=1e-6)
    assert exact.quantile(0.5) == pytest.approx(12.668715, abs=1e-6)
    months = [history.end_day / MONTH for history in histories(build(10, [site]), 1500)]
    mean_is(months, 12.999977, sd=exact.sd())
    quantiles_are(months, {0.5: 12.668715, 0.412592: 12.0})


def test_first_on_the_ramp_comes_by_the_square_root() -> None:
    # while the ramp lasts, the cumulative intensity is t²/(2·ramp): P(first after t) = exp(-t²/(2·ramp)) with rate 1
    site = {"name": "A", "rate": "1 per day", "ramp_up": "200 days", "activation": "7 days"}
    days = [history.end_day - 7 for history in histories(build(1, [site]), 1000)]
    quantiles_are(days, {1 - exp(-(t**2) / 400): t for t in (5.0, 15.0, 30.0)})


# Calendar dates are whole days, so these two use months of 30 days.


@pytest.mark.slow
def test_closed_from_month_10_to_14() -> None:
    period = {"from": "2024-10-27", "until": "2025-02-24", "factor": 0}  # days 300 to 420
    recruitment = {"sites": [{"name": "A", "rate": "0.016666666666666666 per day"}], "periods": [period]}
    exact = NthArrival(10, lambda t: 0.5 * (min(t, 10) + max(0.0, t - 14)), 120, [10, 14])
    assert exact.mean() == pytest.approx(23.872688, abs=1e-6)
    ended = histories(build(10, recruitment), 1500)
    months = [history.end_day / 30 for history in ended]
    mean_is(months, 23.872688, sd=exact.sd())
    assert not any(300 < person.arrival_day < 420 for history in ended for person in history.participants)
    share_is((month <= 10 for month in months), exact.cdf(10))


@pytest.mark.slow
def test_factors_of_overlapping_periods_multiply() -> None:
    recruitment = {
        "sites": [{"name": "A", "rate": "0.1 per day"}, {"name": "B", "rate": "0.1 per day"}],
        "periods": [
            {"from": "2023-12-01", "until": "2024-03-11", "factor": 0.5},  # days before 0 to 70
            {"from": "2024-02-20", "until": "2024-04-10", "factor": 4},  # days 50 to 100
            {"from": "2024-03-01", "until": "2024-04-10", "factor": 0.25, "sites": ["B"]},  # days 60 to 100
        ],
    }
    edges = (0, 50, 60, 70, 100, 150)
    factors = {"A": (0.5, 2, 2, 4, 1), "B": (0.5, 2, 0.5, 1, 1)}
    ended = histories(build(MANY, recruitment, stopping={"time_limit": "150 days"}), 600)
    for site, by_piece in factors.items():
        for low, high, factor in zip(edges, edges[1:], by_piece, strict=False):
            expected = 0.1 * factor * (high - low)
            counts = [
                sum(p.site == site and low <= p.arrival_day < high for p in history.participants) for history in ended
            ]
            mean_is(counts, expected, sd=sqrt(expected))
            sd_is(counts, sqrt(expected))


def test_a_period_during_the_ramp() -> None:
    # ramp of 100 days from day 20; the rate is 3 times as high from day 50 to 80
    period = {"from": "2024-02-20", "until": "2024-03-21", "factor": 3}
    site = {"name": "A", "rate": "0.2 per day", "ramp_up": "100 days", "activation": "20 days"}

    def cumulative(t: float) -> float:
        def ramp(s: float) -> float:
            return 0.2 * (s * s / 200 if s < 100 else s - 50)

        return ramp(max(0.0, t - 20)) + 2 * (ramp(max(30.0, min(t, 80) - 20)) - ramp(30.0))

    exact = NthArrival(5, cumulative, 600, [20, 50, 80, 120])
    days = [history.end_day for history in histories(build(5, {"sites": [site], "periods": [period]}), 1000)]
    mean_is(days, exact.mean(), sd=exact.sd())
    quantiles_are(days, {exact.cdf(t): t for t in (50, 65, 80, 100, 130)})


@pytest.mark.slow
def test_constant_rate_sites_share_the_places() -> None:
    # each place goes to a site with its share of the rate: multinomial
    sites = [{"name": name, "rate": f"{rate} per week"} for name, rate in (("A", 0.2), ("B", 0.3), ("C", 0.5))]
    ended = histories(build(10, sites), 1500)
    for site, share, sd in (("A", 0.2, 1.264911), ("B", 0.3, 1.449138), ("C", 0.5, 1.581139)):
        assert sqrt(10 * share * (1 - share)) == pytest.approx(sd, abs=1e-6)
        counts = [sum(person.site == site for person in history.participants) for history in ended]
        mean_is(counts, 10 * share, sd=sd)
        sd_is(counts, sd)


def test_gamma_rate_of_one_site_makes_counts_negative_binomial() -> None:
    # Poisson mixed over Gamma(shape 1/cv²): variance m + m²cv²
    cv, mean = 0.8, 6.0
    site = {"name": "A", "rate": "0.06 per day", "rate_cv": cv}
    scenario = build(MANY, [site], stopping={"time_limit": "100 days"})
    counts = [len(history.participants) for history in histories(scenario, 1500)]
    shape = 1 / cv**2
    exact = nbinom(shape, shape / (shape + mean))
    assert exact.var() == pytest.approx(mean + (mean * cv) ** 2)
    mean_is(counts, mean, sd=float(exact.std()))
    sd_is(counts, float(exact.std()))
    for number in (0, 3, 10):
        share_is((n <= number for n in counts), float(exact.cdf(number)))


@pytest.mark.slow
def test_a_shared_shock_moves_all_sites_together() -> None:
    # N_j | Z ~ Poisson(m Z), E Z = 1, Var Z = cv²: Var N_j = m + m²cv², Cov(N_1, N_2) = m²cv²
    cv, mean = 0.5, 10.0
    recruitment = {
        "sites": [{"name": "A", "rate": "0.1 per day"}, {"name": "B", "rate": "0.1 per day"}],
        "shared_rate_cv": cv,
    }
    ended = histories(build(MANY, recruitment, stopping={"time_limit": "100 days"}), 1500)
    a, b = (np.array([sum(p.site == site for p in history.participants) for history in ended]) for site in "AB")
    mean_is(a, mean, sd=sqrt(mean + (mean * cv) ** 2))
    sd_is(a, sqrt(mean + (mean * cv) ** 2))
    mean_is((a - mean) * (b - mean), (mean * cv) ** 2)
    sd_is(a - b, sqrt(2 * mean))  # the shock cancels in the variance of the difference: 2m


@pytest.mark.slow
def test_sites_that_never_open_are_binomial() -> None:
    # each open site sends exactly one candidate within the first day (but for exp(-100))
    site = {"name": "S", "count": 12, "rate": "100 per day", "never_active_probability": 0.3, "max_candidates": 1}
    ended = histories(build(MANY, [site], stopping={"time_limit": "1 day"}), 1500)
    opened = [len(history.participants) for history in ended]
    mean_is(opened, 8.4, sd=sqrt(12 * 0.3 * 0.7))
    sd_is(opened, sqrt(12 * 0.3 * 0.7))


@pytest.mark.slow
def test_random_activation() -> None:
    # opens after an exponential with mean a: E N(t) = rate (t - a (1 - exp(-t/a))); the first of three opens after a/3
    site = {"name": "S", "count": 3, "rate": "0.1 per day", "activation": {"exponential": {"mean": "40 days"}}}
    ended = histories(build(MANY, [site], stopping={"time_limit": "100 days"}), 1200)
    mean_is((len(h.participants) for h in ended), 3 * 0.1 * (100 - 40 * (1 - exp(-2.5))))
    # not open by day 100: exp(-7.5)
    opened = [day for history in ended if (day := history.first_site_open_day) is not None]
    quantiles_are(opened, {(1 - exp(-3 * t / 40)) / (1 - exp(-7.5)): t for t in (5.0, 13.0, 40.0)})
    assert all(p.arrival_day > (h.first_site_open_day or 0) for h in ended for p in h.participants)


def test_the_multiplier_scales_every_site() -> None:
    recruitment = {"sites": [{"name": "A", "rate": "1 per week"}, {"name": "B", "rate": "2 per week"}]}
    slow, fast = (histories(build(10, recruitment | {"rate_multiplier": factor}), 300) for factor in (1, 2))
    mean_is((h.end_day for h in fast), 70 / 6, sd=7 / 6 * sqrt(10))
    # the same people come, twice as fast (but for the rounding of times)
    for one, other in zip(slow, fast, strict=True):
        assert other.end_day == pytest.approx(one.end_day / 2, abs=2**-19)


def test_a_site_sends_no_more_than_its_candidates() -> None:
    sites = [{"name": "A", "rate": "5 per day", "max_candidates": 3}, {"name": "B", "rate": "5 per day"}]
    ended = histories(build(40, sites), 100)
    assert all(sum(p.site == "A" for p in history.participants) == 3 for history in ended)
    # the 37 of B: Gamma(37)
    mean_is((history.end_day for history in ended), 37 / 5, sd=sqrt(37) / 5)
    few = once(build(5, [{"name": "A", "arrival_days": [1, 2, 3, 4], "max_candidates": 2}]))
    assert [person.arrival_day for person in few.participants] == [1, 2] and few.end_cause == "time_limit"


def test_nobody_comes_at_a_rate_of_zero() -> None:
    history = once(build(1, "0 per month"))
    assert (history.participants, history.end_cause, history.end_day) == ([], "time_limit", 36525)
    assert history.first_site_open_day == 0
    closed = build(1, {"sites": [{"name": "A", "rate": "1 per day"}], "rate_multiplier": 0})
    assert once(closed).participants == []


def test_nobody_comes_after_a_closure_without_end() -> None:
    period = {"from": "2024-01-11", "until": "2150-01-01", "factor": 0}
    recruitment = {"sites": [{"name": "A", "rate": "0.2 per day"}], "periods": [period]}
    ended = histories(build(MANY, recruitment), 500)
    shares_are(
        (min(len(history.participants), 3) for history in ended),
        {n: float(poisson(2).pmf(n)) for n in range(3)} | {3: float(poisson(2).sf(2))},
    )
    assert {history.end_day for history in ended} == {36525}
