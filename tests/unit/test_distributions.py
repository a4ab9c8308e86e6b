"""Inverse distribution functions against scipy.stats, and closed-form means and medians against them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from trialsim.scenario.messages.errors import InvalidValue
from trialsim.scenario.values import written_distributions as written
from trialsim.scenario.values.distributions import Constant, Distribution

U = np.concatenate([[2.0**-53, 1e-9], np.linspace(0.001, 0.999, 401), [1 - 2.0**-53]])


def amount(value: Any) -> Distribution:
    return written.read(value, written.AMOUNT)


def fraction(value: Any) -> Distribution:
    return written.read(value, written.FRACTION)


S = math.sqrt(math.log(1 + (10 / 28) ** 2))
CASES = [
    (amount({"exponential": {"mean": 20}}), stats.expon(scale=20)),
    (amount({"gamma": {"mean": 6, "sd": 2}}), stats.gamma(9, scale=6 / 9)),
    (amount({"gamma": {"mean": 1, "sd": 4}}), stats.gamma(1 / 16, scale=16)),
    (amount({"lognormal": {"mean": 28, "sd": 10}}), stats.lognorm(S, scale=28 * math.exp(-(S**2) / 2))),
    (amount({"lognormal": {"median": 5, "p90": 12}}), stats.lognorm(math.log(12 / 5) / stats.norm.ppf(0.9), scale=5)),
    (amount({"weibull": {"shape": 1.5, "scale": 30}}), stats.weibull_min(1.5, scale=30)),
    (amount({"uniform": {"min": 1.03e8, "max": 3.78e8}}), stats.uniform(1.03e8, 2.75e8)),
    (amount({"triangular": {"min": 28, "mode": 35, "max": 49}}), stats.triang(7 / 21, loc=28, scale=21)),
    (amount({"triangular": {"min": 0, "mode": 0, "max": 4}}), stats.triang(0, loc=0, scale=4)),
    (amount({"triangular": {"min": 0, "mode": 4, "max": 4}}), stats.triang(1, loc=0, scale=4)),
    (amount({"pert": {"min": 2, "mode": 3, "max": 10}}), stats.beta(1.5, 4.5, loc=2, scale=8)),
    (fraction({"beta": {"mean": 0.3, "sd": 0.1}}), stats.beta(0.3 * 20, 0.7 * 20)),
]


@pytest.mark.parametrize(("ours", "theirs"), CASES, ids=lambda case: type(case).__name__)
def test_quantiles_mean_and_median(ours: Distribution, theirs: Any) -> None:
    values = ours.quantile(U)
    np.testing.assert_allclose(values, theirs.ppf(U), rtol=1e-9, atol=1e-12)
    assert np.all(np.diff(values[1:-1]) >= 0)
    assert np.all(values >= 0)
    assert ours.mean() == pytest.approx(theirs.mean(), rel=1e-12)
    assert ours.median() == pytest.approx(theirs.median(), rel=1e-9)
    assert ours.quantile(np.full((2, 3), 0.5)).shape == (2, 3)
    top = theirs.support()[1]
    assert ours.upper() == pytest.approx(top)


def test_percentiles_are_what_was_asked_for() -> None:
    ours = amount({"lognormal": {"median": 5, "p90": 12}})
    np.testing.assert_allclose(ours.quantile(np.array([0.5, 0.9])), [5, 12], rtol=1e-14)


def test_empirical() -> None:
    ours = amount({"empirical": {"values": [30, 10, 20], "weights": [1, 2, 1]}})
    assert ours.quantile(np.array([0.01, 0.5, 0.5001, 0.75, 0.7501, 0.999])).tolist() == [10, 10, 20, 20, 30, 30]
    assert (ours.mean(), ours.median(), ours.upper()) == (17.5, 10, 30)
    assert amount({"empirical": {"values": [1, 2, 4, 9]}}).mean() == 4
    never = amount({"empirical": {"values": [1, 2], "weights": [0, 3]}})
    assert set(never.quantile(U)) == {2.0}


@pytest.mark.parametrize(
    "value",
    [
        {"gamma": {"mean": 4, "sd": 0}},
        {"lognormal": {"mean": 4, "sd": 0}},
        {"lognormal": {"median": 4, "p90": 4}},
        {"uniform": {"min": 4, "max": 4}},
        {"triangular": {"min": 4, "mode": 4, "max": 4}},
        {"pert": {"min": 4, "mode": 4, "max": 4}},
        4,
    ],
)
def test_without_spread_it_is_a_constant(value: Any) -> None:
    ours = amount(value)
    assert ours == Constant(4.0)
    assert ours.quantile(U).tolist() == [4.0] * len(U)
    assert (ours.mean(), ours.median(), ours.upper()) == (4.0, 4.0, 4.0)


@pytest.mark.parametrize("value", [written.write(case, written.AMOUNT) for case, _ in CASES[:-1]])
def test_what_is_written_reads_back(value: Any) -> None:
    assert written.write(amount(value), written.AMOUNT) == value


def test_durations_carry_units_inside() -> None:
    ours = written.read({"weibull": {"shape": 2, "scale": "2 weeks"}}, written.DURATION)
    assert ours.median() == pytest.approx(14 * math.sqrt(math.log(2)))
    assert written.read({"empirical": {"values": ["1 day", "1 week"]}}, written.DURATION).mean() == 4
    again = written.read(written.write(ours, written.DURATION), written.DURATION)
    assert again == ours


@pytest.mark.parametrize(
    "value",
    [
        {"lognormal": {"mean": 1, "sd": 5000}},
        {"lognormal": {"median": 0, "p90": 1}},
        {"lognormal": {"median": 2, "p90": 1}},
        {"weibull": {"shape": 1e-9, "scale": 1}},
        {"gamma": {"mean": 1, "sd": -1}},
        {"empirical": {"values": [1, 2], "weights": [0, 0]}},
        {"exponential": {}},
        {},
        True,
        float("nan"),
        -1,
    ],
)
def test_impossible(value: Any) -> None:
    with pytest.raises(InvalidValue):
        amount(value)


@pytest.mark.parametrize("value", [{"mean": 0.5, "sd": 0.5}, {"mean": 0, "sd": 0.1}, {"mean": 1.2, "sd": 0}])
def test_impossible_betas(value: Any) -> None:
    with pytest.raises(InvalidValue):
        fraction({"beta": value})
