"""Paired differences against worked answers, and how often their intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from trialsim.analysis.pairs import difference


def test_against_the_paired_t_test() -> None:
    luck = np.random.default_rng(1)
    one, other = luck.normal(3, 2, 50), luck.normal(1, 1, 50)
    found = difference(one, other)
    known = stats.ttest_rel(one, other).confidence_interval(0.95)
    assert found.mean == pytest.approx(np.mean(one) - np.mean(other))
    assert (found.low, found.high) == pytest.approx((known.low, known.high))
    assert found.correlation == pytest.approx(stats.pearsonr(one, other).statistic)


def test_no_difference_anywhere_is_exactly_none() -> None:
    days = [10.0, 0.1, 365.25]
    found = difference(days, days)
    assert (found.mean, found.standard_error, found.low, found.high) == (0, 0, 0, 0)
    assert found.variance_factor is None
    assert found.correlation == pytest.approx(1)


def test_a_shift_by_a_constant_has_no_error() -> None:
    found = difference([12.0, 13.0, 20.0], [2.0, 3.0, 10.0])
    assert (found.mean, found.low, found.high) == (10, 10, 10)


def test_the_variance_factor_by_hand() -> None:
    # differences 1, 2, 0 (variance 1); sides 2, 4, 3 and 1, 2, 3 (variance 1 each)
    found = difference([2.0, 4.0, 3.0], [1.0, 2.0, 3.0])
    assert found.variance_factor == pytest.approx(2)
    assert found.correlation == pytest.approx(0.5)


def test_a_side_that_does_not_vary_has_no_correlation() -> None:
    found = difference([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])
    assert found.correlation is None
    assert found.variance_factor == pytest.approx(1)


def test_one_pair_has_no_interval() -> None:
    found = difference([2.0], [1.0])
    assert (found.mean, found.low, found.high, found.replications) == (1, None, None, 1)


@pytest.mark.parametrize("pair", [([], []), ([1.0], [1.0, 2.0])])
def test_what_cannot_be_paired(pair: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="equally long"):
        difference(*pair)
