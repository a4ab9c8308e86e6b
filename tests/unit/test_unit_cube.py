"""Latin hypercubes and Sobol points, and the values of inputs at them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import lognorm, qmc, spearmanr

from trialsim import load
from trialsim.scenario import Scenario
from trialsim.scenario.unit_cube import correlated, latin_hypercube, sobol, values_at

RATE = "recruitment.sites.Saint-Louis.rate"
PASS = "screening.pass_probability"
UNKNOWN: dict[str, Any] = {
    PASS: {"uniform": {"min": 0.2, "max": 0.4}},
    RATE: {"lognormal": {"mean": "0.65 per month", "sd": "0.6 per month"}},
    "dosing.review": {"p10": "7 days", "p50": "14 days", "p90": "42 days"},
}


def made(**more: Any) -> Scenario:
    return Scenario.from_document({**load("msc-sle").to_document(), "uncertain": UNKNOWN, **more})


def strata(values: Any, edges: Any) -> list[int]:
    """How many values lie between neighbouring edges."""
    return [int(each) for each in np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)]


@given(st.integers(1, 60), st.integers(1, 6), st.integers(0, 2**64 - 1))
def test_every_stratum_of_every_axis_has_one_point(points: int, axes: int, seed: int) -> None:
    u = latin_hypercube(points, axes, seed)
    assert u.shape == (points, axes)
    assert (u > 0).all() and (u < 1).all()
    for column in u.T:
        assert strata(column, np.arange(1, points) / points) == [1] * points


def test_strata_are_of_equal_probability_whatever_the_distribution() -> None:
    inputs, points = made().inputs, 37
    values = values_at(latin_hypercube(points, 3, 5), inputs)
    inner = np.arange(1, points) / points
    assert strata(values[:, 0], 0.2 + 0.2 * inner) == [1] * points
    # a lognormal by its mean and sd, worked out here
    mean, cv = 0.65 / 30.4375, 0.6 / 0.65
    sigma = np.sqrt(np.log1p(cv**2))
    edges = lognorm.ppf(inner, sigma, scale=mean * np.exp(-(sigma**2) / 2))
    assert strata(values[:, 1], edges) == [1] * points
    # the quantiles that were stated: 10 %, half and 90 % of the points are below
    values = values_at(latin_hypercube(40, 3, 5), inputs)
    assert strata(values[:, 2], [7, 14, 42]) == [4, 16, 16, 4]


def test_points_are_those_of_scipy() -> None:
    for points, axes, seed in ((1, 1, 0), (64, 5, 2**64 - 1), (256, 40, 3)):
        rng = np.random.default_rng(seed)
        np.testing.assert_array_equal(sobol(points, axes, seed), qmc.Sobol(axes, rng=rng).random(points))
        rng = np.random.default_rng(seed)
        expected = qmc.LatinHypercube(axes, rng=rng).random(points)
        np.testing.assert_array_equal(latin_hypercube(points, axes, seed), expected)
    assert not np.array_equal(sobol(4, 2, 1), sobol(4, 2, 2))


def test_sobol_points_are_a_power_of_two() -> None:
    with pytest.raises(ValueError, match="power of two: 64 or 128, not 100"):
        sobol(100, 2, 1)


def test_points_have_the_correlations_of_draws() -> None:
    scenario = made(correlations=[{"between": [PASS, RATE], "rank": -0.6}])
    u = sobol(2**12, 3, 1)
    together = correlated(u, scenario.inputs, scenario.correlations)
    np.testing.assert_array_equal(together[:, [0, 2]], u[:, [0, 2]])
    assert spearmanr(together[:, 0], together[:, 1]).statistic == pytest.approx(-0.6, abs=0.01)
    assert correlated(u, scenario.inputs, ()) is u
